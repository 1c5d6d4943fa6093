"""The budget grid filled year by year, by groups of numbers that agree.

What a search over single runs would try thousands of ways comes out in a handful.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from toolkit.readers.text_layer.budget_groups import Group, Groups
from toolkit.readers.text_layer.grid import Values
from toolkit.readers.text_layer.grid_search import AHEAD, Search, State

__all__ = ["Years"]

_GRID = 0
_C, _D, _F = 2, 3, 5
_ROWS, _YEARS = 8, 5

#: groups that are tried for each placement that is kept
_TRIES = 4

#: what speaks for an amount that comes in as it was carried out, and against one that was not, or that is lost
_LINKED, _UNPAIRED = -2.0, 1.5

#: the numbers of a group (run, at which of its cells, row), what it needs, as bits, and what comes in from the year before
Fill = tuple[list[tuple[int, int, int]], int, float]

#: runs and their options
Moves = tuple[tuple[int, int], ...]


class Years:
    """The years that the numbers of a sheet's runs can make up. ``rates`` tells which cells of each run are
    percentages."""

    def __init__(self, search: Search, rates: Sequence[Sequence[bool]], step: float) -> None:
        self.search, self.step = search, step
        self._known = Groups(search.layout, search.runs, rates, step)
        self._ways_known: dict[tuple[int, tuple[tuple[int, int], ...], int], list[int]] = {}
        cells = sum([run.gap + len(run.values) for run in search.runs])
        self._row_bits = sum([1 << 8 * at + 8 for at in range(cells)])  # all numbers in the first row
        self.groups = [[(price, self._fill(group)) for price, group in of] for of in self._known.by_year()]

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
            before, run, at = self._known.spots[one >> 3]
            cells.append((run, at, one & 7))
            needs |= 1 << 8 * before + 8 + (one & 7)
        came = [self._known.values[one >> 3] for one in group if one & 7 == _C]
        return cells, needs, came[0] if came else 0.0

    def _barred(self, index: int, option: int, col: int) -> int:
        """What a run on one of its places does not leave to a group of a year, as bits: rows in which it holds an amount,
        rows of its cells for other numbers, and of each of its own all rows but that, if it is in this year."""
        run = self.search.runs[index]
        place, bars = run.options[option].place, 0
        for at, ((row, own), value) in enumerate(
            zip(place.cells, run.values, strict=True), start=self._known.starts[index] + 1
        ):
            here = place.table == _GRID and own == col and row < _ROWS
            bars |= (0xFF ^ 1 << row if here else 0xFF) << 8 * at
            if here:
                bars |= self._row_bits << row & ~(1 << 8 * at + row)
                bars |= 1 << row if row < _F and value else 0
        return bars

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
            first, *others = (self._known.options.get((run, at, row, col), []) for at, row in cells)
            ways = self._ways_known[key] = [option for option in first if all(option in other for other in others)]
        return ways
