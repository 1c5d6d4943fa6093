"""Groups of numbers that can make up a year of the budget grid, wherever they were printed.

A year's A to E add up to its F, and its G is the printed part of that F. Such groups are few.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import combinations, pairwise, permutations

from toolkit.readers.text_layer.budget_rules import is_rate
from toolkit.readers.text_layer.grid import FROM, GAP, Layout, Place, Run

__all__ = ["Group", "Groups"]

_GRID = 0
_A, _B, _C, _D, _E, _F, _G, _RATE = range(8)
_ROWS, _YEARS = 8, 5

#: of each F in each year: ways to add up and executed amounts that are kept; of each year: groups that are tried
_WAYS, _EXECUTED, _GROUPS = 6, 5, 60

#: what speaks for a group of a closed year, of another one, and of one in which nothing is requested
_CLOSED, _RUNNING, _NOTHING = -5.0, -3.0, -1.0

#: a year without A is rare; few numbers are likelier than many
_NO_A, _EACH = 1.0, 0.3

#: the columns of each set of them, as bits
_BITS = [[col for col in range(_YEARS) if own >> col & 1] for own in range(1 << _YEARS)]

#: numbers in rows of a year, each as 8 * number + row (the numbers of a sheet are counted in printed order)
Group = tuple[int, ...]

#: what speaks against a group, and the columns it may stand in, as bits
Priced = tuple[float, int, Group]


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
        self._hops = _Hops(layout, self.spots)
        self._number(rates)

    def _number(self, rates: Sequence[Sequence[bool]]) -> None:
        """Count the numbers that may stand in the grid."""
        before = 0
        for index, run in enumerate(self._runs):
            size = len(run.values)
            prices = [[9.0] * _ROWS for _ in run.values]
            columns = [[0] * _ROWS for _ in run.values]
            for (table, row, col, *_), cost, _ in run.options:
                if table == _GRID and row < _ROWS:
                    share = cost / size
                    for at in range(size):
                        if share < prices[at][row]:
                            prices[at][row] = share
                        columns[at][row] |= 1 << col + at
            before += run.gap
            self.starts.append(before)
            for at, value in enumerate(run.values):
                if value is not None and any(columns[at]):
                    numbers = self._rates if rates[index][at] else self._amounts if value else self._zeros
                    numbers.append(len(self.values))
                    self.values.append(value)
                    self.spots.append((before + at, index, at))
                    self._prices += prices[at]
                    self._columns += columns[at]
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
                for executed, others, (g, rate) in spent.get(total, ()):
                    if own & others & 0b00111 and g >> 3 not in [one >> 3 for one in way]:
                        cost = price + executed - prices[8 * total + _F] + _CLOSED
                        closed.append((cost, own & others & 0b00111, (*way, g, rate)))
                own &= 0b11000 if len(way) < 3 else 0b01000
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
            return [printed for rate, printed in rates if is_rate(executed, whole, rate, self._step)]

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
        values, columns = self.values, self._columns
        units = [round(value / self._step) for value in values]
        changes = [one for one in self._amounts if any(columns[8 * one + _B : 8 * one + _F])]
        heads = [one for one in self._amounts if columns[8 * one + _A] and values[one] > 0]
        singles: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        pairs: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        for one in changes:
            singles[units[one]].append((one,))
        for one, other in combinations(changes, 2):
            pairs[units[one] + units[other]].append((one, other))
        sets = {summed: singles.get(summed, []) + pairs.get(summed, []) for summed in singles.keys() | pairs.keys()}
        ways: dict[int, list[Priced]] = {}
        for total in totals:
            rough: list[Priced] = []
            for some in sets.get(units[total], ()):
                self._rough((), some, total, rough)
            for head in heads if values[total] > 0 else ():
                if head == total or not columns[8 * head + _A] & columns[8 * total + _F]:
                    continue
                missing = units[total] - units[head]
                for near in (missing, missing - 1, missing + 1):
                    for some in sets.get(near, ()):
                        self._rough((8 * head + _A,), some, total, rough)
                if not missing:
                    self._rough((8 * head + _A,), (), total, rough)
                if total in spent:
                    for change, thirds in singles.items():
                        for some in pairs.get(missing - change, ()):
                            for third in thirds:
                                if some[1] < third[0]:
                                    self._rough((8 * head + _A,), some + third, total, rough)
            ways[total] = [
                (price - _EACH * len(group) - (0.0 if group[0] & 7 == _A else _NO_A), own, group)
                for _, price, own, group in self._cheapest(rough, _WAYS)
            ]
        return ways

    def _rough(self, head: Group, some: tuple[int, ...], total: int, found: list[Priced]) -> None:
        """Add the rows that these numbers may stand in, without the price of the steps between them."""
        if total in some or (head and head[0] >> 3 in some):
            return
        f = 8 * total + _F
        fixed, start = self._columns[f], self._prices[f] + _EACH * (1 + len(head) + len(some))
        if head:
            fixed &= self._columns[head[0]]
            start += self._prices[head[0]]
        else:
            start += _NO_A
        changes = self._changes.get(some)
        if changes is None:
            changes = self._changes[some] = self._change(some)
        for price, own, group in changes:
            if own & fixed:
                found.append((start + price, own & fixed, (*head, *group, f)))

    def _change(self, some: tuple[int, ...]) -> list[Priced]:
        """The rows that numbers may stand in together."""
        found: list[Priced] = []
        for rows in _rows(tuple([self.values[one] > 0 for one in some])):
            own, price = -1, 0.0
            group = tuple([8 * one + row for one, row in zip(some, rows, strict=True)])
            for one in group:
                own &= self._columns[one]
                price += self._prices[one]
            if own:
                found.append((price, own, group))
        return found

    def _cheapest(self, rough: list[Priced], count: int) -> list[tuple[float, float, int, Group]]:
        """The ``count`` cheapest groups of each column, with the price of the steps between their numbers and without."""
        rough.sort()
        union = 0
        for _, own, _ in rough:
            union |= own
        hops = self._hops
        priced: list[tuple[float, float, int, Group]] = []
        anywhere: list[float] = []  # prices of those that may stand in all of these columns
        for price, own, group in rough:
            if len(anywhere) >= count and price > anywhere[count - 1]:
                break
            cost = price + sum([hops[pair] for pair in pairwise(sorted(group))])
            priced.append((cost, price, own, group))
            if own == union:
                insort(anywhere, cost)
        priced.sort()
        left = [count] * _YEARS
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
    """What it costs to print one number of a group, in its row, right after another; ``spots`` are those of the numbers."""

    def __init__(self, layout: Layout, spots: list[tuple[int, int, int]]) -> None:
        super().__init__()
        self._steps, self._spots = layout.steps, spots
        self._rows = [layout.number(Place(_GRID, row, 0)) for row in range(_ROWS)]

    def __missing__(self, pair: tuple[int, int]) -> float:
        one, other = pair
        (before, run, _), (after, next_run, _) = self._spots[one >> 3], self._spots[other >> 3]
        hop = 0.0
        if run != next_run:
            hop = self._steps[after - before - 1 << GAP | self._rows[one & 7] << FROM | self._rows[other & 7]]
        self[pair] = hop
        return hop


@lru_cache(maxsize=64)
def _rows(signs: tuple[bool, ...]) -> list[tuple[int, ...]]:
    """The rows in which numbers that change A may stand, by which of them are positive: what is carried out is negative,
    what comes in is not."""
    return [
        rows
        for rows in permutations((_B, _C, _D, _E), len(signs))
        if all(row != _D if positive else row != _C for row, positive in zip(rows, signs, strict=True))
    ]
