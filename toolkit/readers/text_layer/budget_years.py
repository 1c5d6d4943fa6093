"""Whole years of the budget grid, found by their arithmetic wherever their numbers were printed.

A year's A to E add up to its F, and its G is the printed part of that F. Such groups of numbers are few, so that the
grid can be filled year by year instead of number by number: what a search over single runs would try thousands of
ways comes out in a handful.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, permutations, product
from typing import NamedTuple

from toolkit.readers.text_layer.budget_rules import is_rate
from toolkit.readers.text_layer.grid import Place
from toolkit.readers.text_layer.grid_search import AHEAD, Search, State

__all__ = ["Years"]

_GRID = 0
_A, _B, _C, _D, _E, _F, _G, _RATE = range(8)
_YEARS, _RUNNING, _REQUEST = 5, 3, 4

#: of each F in each year: ways to add up and executed amounts that are kept; of each year: groups that are tried
_WAYS, _EXECUTED, _GROUPS = 6, 5, 60

#: a year without A is rare
_NO_A = 1.0


class Number(NamedTuple):
    """A printed number: the run it is in, at which of its cells, and how many cells were printed before it."""

    run: int
    at: int
    before: int
    value: float


#: rows of a column and the numbers that stand in them
Group = tuple[tuple[int, Number], ...]

#: what speaks against a group, and the columns it may stand in, as bits
Priced = tuple[float, int, Group]

#: the numbers of a group (run, at which of its cells, row), and what it needs, as bits
Fill = tuple[list[tuple[int, int, int]], int]

#: runs and where they are put
Moves = tuple[tuple[int, Place], ...]


class Years:
    """The years that the numbers of a sheet's runs can make up. ``rates`` tells which cells of each run are
    percentages."""

    def __init__(self, search: Search, rates: Sequence[Sequence[bool]], step: float) -> None:
        self.search, self.layout, self.step = search, search.layout, step
        self.amounts: list[Number] = []
        self.rates: list[Number] = []
        self.zeros: list[Number] = []
        self._places: dict[tuple[int, int, int, int], list[Place]] = defaultdict(list)
        self._fits: dict[tuple[int, int, int], tuple[float, int]] = {}  # price and columns of a cell in a row
        self._hops: dict[tuple[int, int, int], float] = {}  # from row to row, with so many dashes between
        self._ways_known: dict[tuple[int, tuple[tuple[int, int], ...], int], list[Place]] = {}
        self._before: list[int] = []  # of each run: how many cells were printed before it
        before = 0
        for index, run in enumerate(search.runs):
            for place, cost, _ in run.options:
                if place.table == _GRID:
                    for at, (row, col) in enumerate(place.cells):
                        self._places[index, at, row, col].append(place)
                        price, columns = self._fits.get((index, at, row), (9.0, 0))
                        self._fits[index, at, row] = min(price, cost / len(run.values)), columns | 1 << col
            before += run.gap
            self._before.append(before)
            for at, value in enumerate(run.values):
                if value is not None and any((index, at, row) in self._fits for row in range(_RATE + 1)):
                    numbers = self.rates if rates[index][at] else self.amounts if value else self.zeros
                    numbers.append(Number(index, at, before + at, value))
            before += len(run.values)
        self.groups = [[(price, self._fill(group)) for price, group in of] for of in self._groups()]

    def fill(self, beam: list[State], width: int) -> list[State]:
        """Placements in which year after year is filled by numbers that agree, the likeliest first; ``beam`` among
        them."""
        for col in range(_YEARS):
            beam = self._extend(beam, col, width)
        return beam

    def _fill(self, group: Group) -> Fill:
        """The numbers of a group and, as bits, the row that each needs and the rows that must be empty, lest another
        number among A to E break the sum."""
        rows = {row for row, _ in group}
        needs = sum([1 << row for row in range(_F) if row not in rows])
        for row, one in group:
            needs |= 1 << 8 * one.before + 8 + row
        return [(one.run, one.at, row) for row, one in group], needs

    def _bars(self, state: State, col: int) -> int:
        """What a group must not need, as bits: rows of the year that hold an amount, and of each number that has a place
        all rows but the one where it stands, if that is in this year."""
        values, layout = state.values, self.layout
        bars = sum([1 << row for row in range(_F) if values[layout.cell(_GRID, row, col)]])
        for place, before in zip(state.places, self._before, strict=True):
            if place is not None:
                for at, (row, own) in enumerate(place.cells, start=before + 1):
                    here = place.table == _GRID and own == col and row < 8
                    bars |= (0xFF ^ 1 << row if here else 0xFF) << 8 * at
        return bars

    def _groups(self) -> list[list[tuple[float, Group]]]:
        """For each year the groups that may fill it, the likeliest first."""
        spent = {total: self._spent(total) for total in self.amounts}
        ways = self._ways({total for total in self.amounts if spent[total]})
        closed: list[Priced] = []
        running: list[Priced] = []
        for total in self.amounts:
            for _, _, way in ways[total]:
                running += self._priced((*way, (_F, total)), 3.0, 0b11000 if len(way) < 2 else 0b01000)
                used = {one for _, one in way}
                for _, _, (*_, g, rate) in spent[total]:
                    if g[1] not in used:
                        closed += self._priced((*way, (_F, total), g, rate), 5.0, 0b00111)
        for first, total in combinations(self.zeros, 2):  # a project that ends: nothing is requested
            running += self._priced(((_A, first), (_F, total)), 1.0, 0b10000)
        kept = _cheapest(closed, _GROUPS) + _cheapest(running, _GROUPS)
        return [[(price, group) for price, columns, group in kept if columns >> col & 1] for col in range(_YEARS)]

    def _spent(self, total: Number) -> list[Priced]:
        """F with G and a rate that agree with it."""
        pairs: list[Priced] = []
        for spent in self.amounts:
            if spent is not total and 0 < spent.value <= 3 * total.value:
                for rate in self.rates:
                    if is_rate(spent.value, total.value, rate.value, self.step):
                        pairs += self._priced(((_F, total), (_G, spent), (_RATE, rate)))
        return _cheapest(pairs, _EXECUTED)

    def _ways(self, spent: set[Number]) -> dict[Number, list[Priced]]:
        """By F: A and what changes it. Three changes are looked for only where a rate confirms F."""
        units = {one: round(one.value / self.step) for one in self.amounts}
        sets: dict[int, list[tuple[Number, ...]]] = defaultdict(list)
        pairs: dict[int, list[tuple[Number, Number]]] = defaultdict(list)
        for one in self.amounts:
            sets[units[one]].append((one,))
        for one, other in combinations(self.amounts, 2):
            pairs[units[one] + units[other]].append((one, other))
        for summed, two in pairs.items():
            sets[summed] += two
        by_units = list(units.items())
        ways: dict[Number, list[Priced]] = {}
        for total in self.amounts:
            found: list[tuple[tuple[Number, ...], tuple[Number, ...]]] = []
            for first, unit in by_units if total.value > 0 else ():
                if first is total or first.value <= 0:
                    continue
                missing = units[total] - unit
                for near in (missing, missing - 1, missing + 1):
                    if near in sets:
                        found += [((first,), some) for some in sets[near]]
                if not missing:
                    found.append(((first,), ()))
                if total in spent:
                    for third, change in by_units:
                        if missing - change in pairs:
                            rest = pairs[missing - change]
                            found += [((first,), (*some, third)) for some in rest if some[1] < third]
            found += [((), some) for some in sets.get(units[total], ())]
            priced: list[Priced] = []
            for head, some in found:
                if total not in some and not (head and head[0] in some):
                    for rows in _rows(tuple(one.value > 0 for one in some)):
                        group: Group = (*((_A, one) for one in head), *zip(rows, some, strict=True), (_F, total))
                        priced += self._priced(group, -0.3 * len(group) - (0.0 if head else _NO_A))
            ways[total] = [(price, columns, group[:-1]) for price, columns, group in _cheapest(priced, _WAYS)]
        return ways

    def _priced(self, group: Group, reward: float = 0.0, columns: int = 0b11111) -> list[Priced]:
        """The group with what speaks against it, as far as that is its own matter; none where no column holds it."""
        cost, fits, hops = -reward, self._fits, self._hops
        order = []
        for row, (run, at, before, _) in group:
            price, own = fits.get((run, at, row), (0.0, 0))
            cost += price
            columns &= own
            if not columns:
                return []
            order.append((before, run, row))
        order.sort()
        last_before, last_run, last_row = order[0]
        for before, run, row in order:
            if run != last_run:
                key = last_row, row, before - last_before - 1
                hop = hops.get(key)
                if hop is None:
                    there = Place(_GRID, last_row, 0), Place(_GRID, row, 0)
                    hop = hops[key] = self.layout.step(*there, key[2])
                cost += hop
            last_before, last_run, last_row = before, run, row
        return [(cost, columns, group)]

    # -- filling

    def _extend(self, beam: list[State], col: int, width: int) -> list[State]:
        """The placements as they are and with the year filled in every way, cut to the likeliest."""
        search, groups = self.search, self.groups[col]
        prices = [(price - AHEAD * len(cells), needs, number) for number, (price, (cells, needs)) in enumerate(groups)]
        tries: list[tuple[float, int]] = []
        for at, state in enumerate(beam):
            ahead, bars, first = search.ahead(state), self._bars(state, col), at * len(groups)
            tries += [(ahead + price, first + number) for price, needs, number in prices if not needs & bars]
        heapq.heapify(tries)
        # by the columns of the runs (which of two rows a change stands in is left to the end): price and origin
        years = [tuple([-1 if place is None else place.col for place in state.places]) for state in beam]
        grown: dict[tuple[int, ...], tuple[float, State, Moves]] = {
            columns: (state.cost, state, ()) for columns, state in zip(years, beam, strict=True)
        }
        left = 4 * width
        while tries and left >= 0:
            at, number = divmod(heapq.heappop(tries)[1], len(groups))
            for moves in self._moves(beam[at], groups[number][1][0], col):
                left -= 1
                cost = search.price(beam[at], moves)
                columns = list(years[at])
                for run, place in moves:
                    columns[run] = place.col
                key = tuple(columns)
                if key not in grown or cost < grown[key][0]:
                    grown[key] = cost, beam[at], moves
        sizes = [len(run.values) for run in search.runs]
        best = heapq.nsmallest(width, grown.items(), key=lambda one: one[1][0] + AHEAD * _missing(sizes, one[0]))
        return [search.placed(state, moves, cost) if moves else state for _, (cost, state, moves) in best]

    def _moves(self, state: State, cells: list[tuple[int, int, int]], col: int) -> Iterator[Moves]:
        """The runs to place so that the year is filled, if its cells are free."""
        covered = self.layout.covered
        open_: dict[int, list[tuple[int, int]]] = {}
        for run, at, row in cells:
            if state.places[run] is None:
                open_.setdefault(run, []).append((at, row))
        if not open_:
            return
        for choice in product(*[self._ways_of(run, tuple(cells), col) for run, cells in open_.items()]):
            mask = state.mask
            for place in choice:
                own = covered(place)[0]
                if own & mask:
                    break
                mask |= own
            else:
                yield tuple(zip(open_, choice, strict=True))

    def _ways_of(self, run: int, cells: tuple[tuple[int, int], ...], col: int) -> list[Place]:
        """Places of a run that put these of its cells into these rows of a year."""
        key = (run, cells, col)
        ways = self._ways_known.get(key)
        if ways is None:
            first, *others = (self._places.get((run, at, row, col), []) for at, row in cells)
            ways = self._ways_known[key] = [place for place in first if all(place in other for other in others)]
        return ways


def _cheapest(groups: list[Priced], count: int) -> list[Priced]:
    """The ``count`` cheapest groups of each column."""
    left = [count] * _YEARS
    kept = []
    for group in sorted(groups):
        if not any(left):
            break
        mine = [col for col in range(_YEARS) if group[1] >> col & 1]
        if any(left[col] for col in mine):
            kept.append(group)
            for col in mine:
                left[col] = max(left[col] - 1, 0)
    return kept


def _missing(sizes: list[int], columns: tuple[int, ...]) -> int:
    """How many cells have no place yet."""
    return sum([size for size, col in zip(sizes, columns, strict=True) if col < 0])


@lru_cache(maxsize=64)
def _rows(signs: tuple[bool, ...]) -> list[tuple[int, ...]]:
    """The rows in which numbers that change A may stand, by which of them are positive: what is carried out is negative,
    what comes in is not."""
    return [
        rows
        for rows in permutations((_B, _C, _D, _E), len(signs))
        if all(row != _D if positive else row != _C for row, positive in zip(rows, signs, strict=True))
    ]
