"""Whole years of the budget grid, found by their arithmetic wherever their numbers were printed.

A year's A to E add up to its F, and its G is the printed part of that F. Such groups of numbers are few, so that the
grid can be filled year by year instead of number by number: what a search over single runs would try thousands of
ways comes out in a handful.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import combinations, permutations, product

from toolkit.readers.text_layer.budget_rules import is_rate
from toolkit.readers.text_layer.grid import FROM, GAP, Place, Values
from toolkit.readers.text_layer.grid_search import AHEAD, Search, State

__all__ = ["Years"]

_GRID = 0
_A, _B, _C, _D, _E, _F, _G, _RATE = range(8)
_ROWS, _YEARS = 8, 5

#: of each F in each year: ways to add up and executed amounts that are kept; of each year: groups that are tried
_WAYS, _EXECUTED, _GROUPS = 6, 5, 60

#: what speaks for a group of a closed year, of another one, and of one in which nothing is requested
_CLOSED, _RUNNING, _NOTHING = -5.0, -3.0, -1.0

#: groups that are tried for each placement that is kept
_TRIES = 4

#: what speaks for an amount that comes in as it was carried out, and against one that was not, or that is lost
_LINKED, _UNPAIRED = -2.0, 1.5

#: a year without A is rare; few numbers are likelier than many
_NO_A, _EACH = 1.0, 0.3

#: numbers in rows of a year, each as 8 * number + row (the numbers of a sheet are counted in printed order)
Group = tuple[int, ...]

#: what speaks against a group, and the columns it may stand in, as bits
Priced = tuple[float, int, Group]

#: the numbers of a group (run, at which of its cells, row), what it needs, as bits, and what comes in from the year before
Fill = tuple[list[tuple[int, int, int]], int, float]

#: runs and their options
Moves = tuple[tuple[int, int], ...]


class Years:
    """The years that the numbers of a sheet's runs can make up. ``rates`` tells which cells of each run are
    percentages."""

    def __init__(self, search: Search, rates: Sequence[Sequence[bool]], step: float) -> None:
        self.search, self.step = search, step
        self.values: list[float] = []
        self._spots: list[
            tuple[int, int, int]
        ] = []  # of each number: how many cells came before, its run, at which cell
        self._prices: list[float] = []  # of each number in each row
        self._columns: list[int] = []  # where it may stand then, as bits
        self._amounts: list[int] = []
        self._rates: list[int] = []
        self._zeros: list[int] = []
        self._options: dict[tuple[int, int, int, int], list[int]] = defaultdict(list)
        self._ways_known: dict[tuple[int, tuple[tuple[int, int], ...], int], list[int]] = {}
        self._starts: list[int] = []  # of each run: how many cells were printed before it
        self._rows = [search.layout.number(Place(_GRID, row, 0)) for row in range(_ROWS)]
        self._hops: dict[int, float] = {}  # from one number in its row to another
        self._number(rates)
        self.groups = [[(price, self._fill(group)) for price, group in of] for of in self._groups()]

    def _number(self, rates: Sequence[Sequence[bool]]) -> None:
        """Count the numbers that may stand in the grid."""
        before = 0
        for index, run in enumerate(self.search.runs):
            size = len(run.values)
            prices = [[9.0] * _ROWS for _ in run.values]
            columns = [[0] * _ROWS for _ in run.values]
            for option, (place, cost, _) in enumerate(run.options):
                if place.table == _GRID:
                    for at, (row, col) in enumerate(place.cells):
                        if row < _ROWS:
                            self._options[index, at, row, col].append(option)
                            prices[at][row] = min(prices[at][row], cost / size)
                            columns[at][row] |= 1 << col
            before += run.gap
            self._starts.append(before)
            for at, value in enumerate(run.values):
                if value is not None and any(columns[at]):
                    numbers = self._rates if rates[index][at] else self._amounts if value else self._zeros
                    numbers.append(len(self.values))
                    self.values.append(value)
                    self._spots.append((before + at, index, at))
                    self._prices += prices[at]
                    self._columns += columns[at]
            before += size
        self._row_bits = sum([1 << 8 * at + 8 for at in range(before)])

    def fill(self, beam: list[State], width: int) -> list[State]:
        """Placements in which year after year is filled by numbers that agree, the likeliest first; ``beam`` among
        them."""
        beam = [self.search.priced(state) for state in beam]
        for col in range(_YEARS):
            beam = self._extend(beam, col, width)
        return beam

    def _fill(self, group: Group) -> Fill:
        """The numbers of a group and, as bits, the row that each needs and the rows that must be empty, lest another
        number among A to E break the sum."""
        rows = {one & 7 for one in group}
        needs = sum([1 << row for row in range(_F) if row not in rows])
        cells = []
        for one in group:
            before, run, at = self._spots[one >> 3]
            cells.append((run, at, one & 7))
            needs |= 1 << 8 * before + 8 + (one & 7)
        came = [self.values[one >> 3] for one in group if one & 7 == _C]
        return cells, needs, came[0] if came else 0.0

    def _barred(self, index: int, option: int, col: int) -> int:
        """What a run on one of its places does not leave to a group of a year, as bits: rows in which it holds an amount,
        rows of its cells for other numbers, and of each of its own all rows but that, if it is in this year."""
        run = self.search.runs[index]
        place, bars = run.options[option].place, 0
        for at, ((row, own), value) in enumerate(
            zip(place.cells, run.values, strict=True), start=self._starts[index] + 1
        ):
            here = place.table == _GRID and own == col and row < _ROWS
            bars |= (0xFF ^ 1 << row if here else 0xFF) << 8 * at
            if here:
                bars |= self._row_bits << row & ~(1 << 8 * at + row)
                bars |= 1 << row if row < _F and value else 0
        return bars

    def _groups(self) -> list[list[tuple[float, Group]]]:
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
            return [printed for rate, printed in rates if is_rate(executed, whole, rate, self.step)]

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
        units = [round(value / self.step) for value in values]
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
        values, columns, prices, f = self.values, self._columns, self._prices, 8 * total + _F
        fixed, start = columns[f], prices[f] + _EACH * (1 + len(head) + len(some))
        if head:
            fixed &= columns[head[0]]
            start += prices[head[0]]
        else:
            start += _NO_A
        for rows in _rows(tuple([values[one] > 0 for one in some])):
            own, price = fixed, start
            group = [8 * one + row for one, row in zip(some, rows, strict=True)]
            for one in group:
                own &= columns[one]
                price += prices[one]
            if own:
                found.append((price, own, (*head, *group, f)))

    def _cheapest(self, rough: list[Priced], count: int) -> list[tuple[float, float, int, Group]]:
        """The ``count`` cheapest groups of each column, with the price of the steps between their numbers and without."""
        rough.sort()
        union = 0
        for _, own, _ in rough:
            union |= own
        priced: list[tuple[float, float, int, Group]] = []
        anywhere: list[float] = []  # prices of those that may stand in all of these columns
        for price, own, group in rough:
            if len(anywhere) >= count and price > anywhere[count - 1]:
                break
            cost = price + self._stepping(group)
            priced.append((cost, price, own, group))
            if own == union:
                insort(anywhere, cost)
        priced.sort()
        left = [count] * _YEARS
        open_ = (1 << _YEARS) - 1
        kept = []
        for one in priced:
            if one[2] & open_:
                kept.append(one)
                for col in range(_YEARS):
                    if one[2] >> col & 1:
                        left[col] -= 1
                        if not left[col]:
                            open_ &= ~(1 << col)
        return kept

    def _stepping(self, group: Group) -> float:
        """What it costs to print the numbers of a group one after the other."""
        cost, last, hops = 0.0, -1, self._hops
        for one in sorted(group):
            if last >= 0:
                hop = hops.get(last << 16 | one)
                if hop is None:
                    hop = hops[last << 16 | one] = self._hop(last, one)
                cost += hop
            last = one
        return cost

    def _hop(self, one: int, other: int) -> float:
        (before, run, _), (after, next_run, _) = self._spots[one >> 3], self._spots[other >> 3]
        if run == next_run:
            return 0.0
        rows = self._rows
        return self.search.layout.steps[after - before - 1 << GAP | rows[one & 7] << FROM | rows[other & 7]]

    # -- filling

    def _extend(self, beam: list[State], col: int, width: int) -> list[State]:
        """The placements as they are and with the year filled in every way, cut to the likeliest."""
        search, groups = self.search, self.groups[col]
        prices = [
            (price - AHEAD * len(cells), needs, came, number)
            for number, (price, (cells, needs, came)) in enumerate(groups)
        ]
        amounts = {came for _, _, came, _ in prices}
        tries: list[tuple[float, int]] = []
        barred: dict[tuple[int, int], int] = {}
        # by the columns of the runs (which of two rows a change stands in is left to the end): price and origin
        grown: dict[tuple[int, ...], tuple[float, State, Moves]] = {}
        years: list[list[int]] = []
        ruled: list[float] = []
        for at, state in enumerate(beam):
            bars, columns = 0, []
            for index, option in enumerate(state.chosen):
                if option < 0:
                    columns.append(-1)
                    continue
                columns.append(search.columns[index][option])
                own = barred.get((index, option))
                if own is None:
                    own = barred[index, option] = self._barred(index, option, col)
                bars |= own
            years.append(columns)
            ruled.append(state.cost - search.standing(state.chosen, search.free))
            grown[tuple(columns)] = state.cost, state, ()
            linked = self._carried(state.values, col, amounts)
            ahead, first = state.cost + search.ahead(state.chosen), at * len(groups)
            tries += [
                (ahead + price + linked[came], first + number)
                for price, needs, came, number in prices
                if not needs & bars
            ]
        heapq.heapify(tries)
        left = _TRIES * width
        while tries and left >= 0:
            at, number = divmod(heapq.heappop(tries)[1], len(groups))
            cells = groups[number][1][0]
            for moves in self._moves(beam[at], cells, col):
                left -= 1
                cost = ruled[at] + search.price(beam[at], moves)
                columns = years[at].copy()
                for run, option in moves:
                    columns[run] = search.columns[run][option]
                key = tuple(columns)
                if key not in grown or cost < grown[key][0]:
                    grown[key] = cost, beam[at], moves
        ahead_of = search.ahead
        best = heapq.nsmallest(width, grown.items(), key=lambda one: one[1][0] + ahead_of(one[0]))
        return [search.placed(state, moves, cost) if moves else state for _, (cost, state, moves) in best]

    def _carried(self, values: Values, col: int, amounts: Iterable[float]) -> dict[float, float]:
        """What speaks for or against each amount that may come in, by what the year before carried out."""
        cell = self.search.layout.cell
        if not col or values[cell(_GRID, _F, col - 1)] is None:
            return dict.fromkeys(amounts, 0.0)
        went = abs(values[cell(_GRID, _D, col - 1)] or 0.0)
        return {
            came: 0.0
            if not came and not went
            else _UNPAIRED
            if not came or not went
            else _LINKED
            if abs(came - went) < 0.01 * self.step
            else -_LINKED
            for came in amounts
        }

    def _moves(self, state: State, cells: list[tuple[int, int, int]], col: int) -> Iterator[Moves]:
        """The runs to place so that the year is filled, if its cells are free."""
        open_: dict[int, list[tuple[int, int]]] = {}
        for run, at, row in cells:
            if state.chosen[run] < 0:
                open_.setdefault(run, []).append((at, row))
        if not open_:
            return
        masks = self.search.masks
        for choice in product(*[self._ways_of(run, tuple(cells), col) for run, cells in open_.items()]):
            mask = state.mask
            moves = tuple(zip(open_, choice, strict=True))
            for run, option in moves:
                own = masks[run][option]
                if own & mask:
                    break
                mask |= own
            else:
                yield moves

    def _ways_of(self, run: int, cells: tuple[tuple[int, int], ...], col: int) -> list[int]:
        """Options of a run that put these of its cells into these rows of a year."""
        key = (run, cells, col)
        ways = self._ways_known.get(key)
        if ways is None:
            first, *others = (self._options.get((run, at, row, col), []) for at, row in cells)
            ways = self._ways_known[key] = [option for option in first if all(option in other for other in others)]
        return ways


@lru_cache(maxsize=64)
def _rows(signs: tuple[bool, ...]) -> list[tuple[int, ...]]:
    """The rows in which numbers that change A may stand, by which of them are positive: what is carried out is negative,
    what comes in is not."""
    return [
        rows
        for rows in permutations((_B, _C, _D, _E), len(signs))
        if all(row != _D if positive else row != _C for row, positive in zip(rows, signs, strict=True))
    ]
