"""Groups of numbers that can make up a year of the budget grid, wherever they were printed.

A year's A to E add up to its F, and its G is the printed part of that F. Such groups are few.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import combinations, pairwise, permutations
from operator import add

from toolkit.readers.text_layer.budget_rules import share_of
from toolkit.readers.text_layer.grid import FROM, GAP, Layout, Place, Run

__all__ = ["Group", "Groups"]

_GRID = 0
_A, _B, _C, _D, _E, _F, _G, _RATE = range(8)
_ROWS, _YEARS = 8, 5

#: of each F in each year: ways to add up and executed amounts that are kept; of each year: groups that are tried
_WAYS, _EXECUTED, _GROUPS = 6, 5, 60

#: so few ways to add up are all priced
_FEW = 4

#: what speaks for a group of a closed year, of another one, and of one in which nothing is requested
_CLOSED, _RUNNING, _NOTHING = -5.0, -3.0, -1.0

#: a year without A is rare; few numbers are likelier than many
_NO_A, _EACH = 1.0, 0.3

#: the years that are not closed, as bits
_OPEN = 0b11000

#: the columns of each set of them, as bits
_BITS = [[col for col in range(_YEARS) if own >> col & 1] for own in range(1 << _YEARS)]

#: numbers in rows of a year, each as 8 * number + row (the numbers of a sheet are counted in printed order)
Group = tuple[int, ...]

#: what speaks against a group, and the columns it may stand in, as bits
Priced = tuple[float, int, Group]

#: a group with the price of the steps between its numbers and without
Hopped = tuple[float, float, int, Group]

#: A, if there is one, and the sets of numbers that change it
Ways = tuple[int | None, list[tuple[int, ...]]]

#: more than anything costs, and less than any price matters
_NEVER, _ROUNDED = 1e9, 1e-9


class Groups:
    """The numbers of a sheet's runs, and what years they can make up. ``rates`` tells which cells of each run are
    percentages; ``step`` is the printed precision."""

    def __init__(self, layout: Layout, runs: Sequence[Run], rates: Sequence[Sequence[bool]], step: float) -> None:
        self._runs, self._step = runs, step
        self.values: list[float] = []
        #: of each number: how many cells were printed before it, its run, at which of its cells
        self.spots: list[tuple[int, int, int]] = []
        #: of each run: how many cells were printed before it
        self.starts: list[int] = []
        self._prices: list[float] = []  # of each number in each row
        self._columns: list[int] = []  # where it may stand then, as bits
        self._amounts: list[int] = []
        self._rates: list[int] = []
        self._zeros: list[int] = []
        self._changes: dict[
            tuple[int, ...], list[Priced]
        ] = {}  # numbers that change A, in the rows that they may stand in
        steps, least_steps = _steps(layout.tables[_GRID])
        self._hops, self._least_hops = _Hops(steps, self.spots), _Hops(least_steps, self.spots)
        self._number(rates)
        # of each number, in any row of what changes A: the least price and where it may stand
        self._least: list[tuple[float, int]] = []
        for at in range(0, _ROWS * len(self.values), _ROWS):
            _, b, c, d, e = self._columns[at : at + _F]
            self._least.append((min(self._prices[at + _B : at + _F]), b | c | d | e))

    def _number(self, rates: Sequence[Sequence[bool]]) -> None:
        """Count the numbers that may stand in the grid."""
        before = 0
        for index, run in enumerate(self._runs):
            size = len(run.values)
            # of each row: what the run costs there, and the columns that it may begin in, as bits
            costs, columns = [9.0 * size] * _ROWS, [0] * _ROWS
            for (table, row, col, _, _), cost, _ in run.options:
                if table == _GRID and row < _ROWS:
                    if cost < costs[row]:
                        costs[row] = cost
                    columns[row] |= 1 << col
            prices = [cost / size for cost in costs]
            before += run.gap
            self.starts.append(before)
            for at, value in enumerate(run.values if any(columns) else ()):
                if value is not None:
                    numbers = self._rates if rates[index][at] else self._amounts if value else self._zeros
                    numbers.append(len(self.values))
                    self.values.append(value)
                    self.spots.append((before + at, index, at))
                    self._prices += prices
                    self._columns += [own << at for own in columns]
            before += size

    def by_year(self) -> list[list[tuple[float, Group]]]:
        """For each year the groups that may fill it, the likeliest first."""
        columns, prices = self._columns, self._prices
        totals = [number for number in self._amounts if columns[8 * number + _F]]
        spent = self._spent(totals)
        closed: list[Priced] = []
        running: list[Priced] = []
        for total, ways in self._ways(totals, spent).items():
            for price, own, way in ways:
                numbers = [one >> 3 for one in way] if total in spent else []
                for executed, others, (g, rate) in spent.get(total, ()):
                    if own & others & 0b00111 and g >> 3 not in numbers:
                        cost = price + executed - prices[8 * total + _F] + _CLOSED
                        closed.append((cost, own & others & 0b00111, (*way, g, rate)))
                own &= _OPEN if len(way) < 3 else 0b01000
                if own:
                    running.append((price + _RUNNING, own, way))
        for first, total in combinations(self._zeros, 2):  # a project that ends: nothing is requested
            group = 8 * first + _A, 8 * total + _F
            if columns[group[0]] & columns[group[1]] & 0b10000:
                running.append((prices[group[0]] + prices[group[1]] + _NOTHING, 0b10000, group))
        kept = self._cheapest(closed, _GROUPS) + self._cheapest(running, _GROUPS)
        return [[(cost, group) for cost, _, own, group in kept if own >> col & 1] for col in range(_YEARS)]

    def _spent(self, totals: list[int]) -> dict[int, list[Priced]]:
        """By F: G and a rate that agree with it, with the price of all three."""
        values, columns, prices = self.values, self._columns, self._prices
        amounts = [(values[number], 8 * number + _G) for number in self._amounts if columns[8 * number + _G]]
        rates = [(values[number], 8 * number + _RATE) for number in self._rates]

        @cache
        def confirmed(executed: float, whole: float) -> list[int]:
            share, slack = share_of(executed, whole, self._step)
            return [printed for rate, printed in rates if abs(share - rate) <= slack]

        spent: dict[int, list[Priced]] = {}
        for total in totals:
            found: list[Priced] = []
            whole, f = values[total], 8 * total + _F
            for value, g in amounts:
                if g >> 3 == total or not 0 < value <= 3 * whole or not columns[f] & columns[g]:
                    continue
                for printed in confirmed(value, whole):
                    own = columns[f] & columns[g] & columns[printed]
                    if own:
                        found.append((prices[f] + prices[g] + prices[printed], own, (f, g, printed)))
            if found:
                kept = self._cheapest(found, _EXECUTED)
                spent[total] = [(price, own, group[1:]) for _, price, own, group in kept]
        return spent

    def _ways(self, totals: list[int], spent: Iterable[int]) -> dict[int, list[Priced]]:
        """By F: A, what changes it, and F. Three changes are looked for only where a rate confirms F."""
        values, columns, least = self.values, self._columns, self._least
        units = [round(value / self._step) for value in values]
        changes = [one for one in self._amounts if any(columns[8 * one + _B : 8 * one + _F])]
        heads = [one for one in self._amounts if columns[8 * one + _A] and values[one] > 0]
        singles: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        pairs: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        for one in changes:
            singles[units[one]].append((one,))
        for one, other in combinations(changes, 2):
            if least[one][1] & least[other][1]:
                pairs[units[one] + units[other]].append((one, other))
        sets = {summed: singles.get(summed, []) + pairs.get(summed, []) for summed in singles.keys() | pairs.keys()}
        reached = {summed + off for summed in sets for off in (-1, 0, 1)}

        @cache
        def adding_up(value: float, is_sure: bool) -> list[Ways]:
            goal = round(value / self._step)
            found: list[Ways] = [(None, sets[goal])] if goal in sets else []
            for head in heads if value > 0 else ():
                missing = goal - units[head]
                own: list[tuple[int, ...]] = [] if missing else [()]
                if missing in reached:
                    for near in (missing, missing - 1, missing + 1):
                        own += sets.get(near, ())
                for summed in pairs.keys() & map(missing.__sub__, singles) if is_sure else ():
                    for third in singles[missing - summed]:
                        own += [some + third for some in pairs[summed] if some[1] < third[0]]
                if own:
                    found.append((head, own))
            return found

        found = {}
        for total in totals:
            is_sure = total in spent
            years = columns[8 * total + _F] & (-1 if is_sure else _OPEN)  # without G it is no closed year
            if years:
                found[total] = [
                    (price - _EACH * len(group) - (0.0 if group[0] & 7 == _A else _NO_A), own, group)
                    for _, price, own, group in self._likeliest(adding_up(values[total], is_sure), total, years)
                ]
        return found

    def _likeliest(self, ways: list[Ways], total: int, years: int) -> list[Hopped]:
        """The ways to add up to a total that are kept, in their rows; ``years`` are the columns that it may stand in.

        What each of many costs at least, whatever its rows, is reckoned first: most are dearer than those that are kept.
        """
        f, columns, prices = 8 * total + _F, self._columns, self._prices
        hop, near, least = self._hops.__getitem__, self._least_hops.__getitem__, self._least
        ranked: list[tuple[float, float, int, Group, tuple[int, ...]]] = []
        for first, sets in ways:
            head: Group = () if first is None else (8 * first + _A,)
            there = years & columns[head[0]] if head else years
            if not there or first == total:
                continue
            more = prices[head[0]] if head else _NO_A
            for some in sets:
                if total in some or first in some:
                    continue
                bound = start = prices[f] + _EACH * (1 + len(head) + len(some)) + more
                fixed = there
                for one in some:
                    price, own = least[one]
                    fixed &= own
                    bound += price
                if fixed:
                    ranked.append((bound, start, fixed, head, some))
        if len(ranked) > _FEW:
            for at, (bound, start, fixed, head, some) in enumerate(ranked):
                hops = map(near, pairwise(sorted([*head, *[8 * one + _B for one in some], f])))
                ranked[at] = bound + sum(hops), start, fixed, head, some
            ranked.sort()
        best = [[_NEVER] * _WAYS for _ in range(_YEARS)]  # what the likeliest of each column cost
        priced: list[Hopped] = []
        for bound, start, fixed, head, some in ranked:
            if max([best[col][-1] for col in _BITS[fixed]]) < bound - _ROUNDED:
                continue
            changes = self._changes.get(some)
            if changes is None:
                changes = self._changes[some] = self._change(some)
            for price, own, rows in changes:
                own &= fixed
                if own:
                    price += start
                    group = (*head, *rows, f)
                    cost = price + sum(map(hop, pairwise(sorted(group))))
                    priced.append((cost, price, own, group))
                    for col in _BITS[own]:
                        if cost < best[col][-1]:
                            insort(best[col], cost)
                            best[col].pop()
        return _kept(priced, _WAYS)

    def _change(self, some: tuple[int, ...]) -> list[Priced]:
        """The rows that numbers may stand in together."""
        found: list[Priced] = []
        first, columns, price = [8 * one for one in some], self._columns, self._prices.__getitem__
        for rows in _rows(tuple([self.values[one] > 0 for one in some])):
            own, group = -1, tuple(map(add, first, rows))
            for one in group:
                own &= columns[one]
            if own:
                found.append((sum(map(price, group)), own, group))
        return found

    def _cheapest(self, rough: list[Priced], count: int) -> list[Hopped]:
        """The ``count`` cheapest groups of each column, with the price of the steps between their numbers and without."""
        hop = self._hops.__getitem__
        priced = [(price + sum(map(hop, pairwise(sorted(group)))), price, own, group) for price, own, group in rough]
        return _kept(priced, count)


def _kept(priced: list[Hopped], count: int) -> list[Hopped]:
    """The ``count`` cheapest groups of each column."""
    priced.sort()
    left = [count] * _YEARS
    union = (1 << _YEARS) - 1
    kept = []
    for one in priced:
        if one[2] & union:
            kept.append(one)
            for col in _BITS[one[2]]:
                left[col] -= 1
                if not left[col]:
                    union &= ~(1 << col)
            if not union:
                break
    return kept


class _Hops(dict[tuple[int, int], float]):
    """What it costs to print one number of a group, in its row, right after another; ``spots`` are those of the numbers,
    ``steps`` the prices between the rows by their keys."""

    def __init__(self, steps: Mapping[int, float], spots: list[tuple[int, int, int]]) -> None:
        super().__init__()
        self._steps, self._spots = steps, spots

    def __missing__(self, pair: tuple[int, int]) -> float:
        one, other = pair
        (before, run, _), (after, next_run, _) = self._spots[one >> 3], self._spots[other >> 3]
        key = after - before - 1 << GAP | (one & 7) << FROM | other & 7
        hop = self[pair] = 0.0 if run == next_run else self._steps[key]
        return hop


class _LeastSteps(dict[int, float]):
    """Prices of steps between rows where B stands for any row of what changes A."""

    def __init__(self, steps: Mapping[int, float]) -> None:
        super().__init__()
        self._steps = steps

    def __missing__(self, key: int) -> float:
        rows, others = [range(_B, _F) if one == _B else (one,) for one in (key >> FROM & 7, key & 7)]
        base, steps = key >> GAP << GAP, self._steps
        least = self[key] = min([steps[base | a << FROM | b] for a in rows for b in others if a != b])
        return least


@lru_cache(maxsize=8)
def _steps(heights: tuple[int, ...]) -> tuple[Mapping[int, float], Mapping[int, float]]:
    """Prices of steps down a year of the grid, by rows, and the least of them; shared by sheets with any budget lines."""
    layout = Layout((heights,))
    for row in range(_ROWS):  # in this order: the number of a place is its row
        layout.number(Place(_GRID, row, 0))
    return layout.steps, _LeastSteps(layout.steps)


@lru_cache(maxsize=64)
def _rows(signs: tuple[bool, ...]) -> list[tuple[int, ...]]:
    """The rows in which numbers that change A may stand, by which of them are positive: what is carried out is negative,
    what comes in is not."""
    return [
        rows
        for rows in permutations((_B, _C, _D, _E), len(signs))
        if all(row != _D if positive else row != _C for row, positive in zip(rows, signs, strict=True))
    ]
