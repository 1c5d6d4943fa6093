"""The budget grid filled year by year, by groups of numbers that agree.

What a search over single runs would try thousands of ways comes out in a handful.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from operator import itemgetter

from toolkit.readers.text_layer.budget_groups import Group, Groups
from toolkit.readers.text_layer.grid import Chosen, Values
from toolkit.readers.text_layer.grid_search import Search, State

__all__ = ["Years"]

_GRID = 0
_C, _D, _F = 2, 3, 5
_ROWS, _YEARS = 8, 5

#: what a cell that has no place yet will cost, about one step: only so can placements of more and of fewer runs be compared
_AHEAD = 0.8

#: groups that are tried for each placement that is kept
_TRIES = 4

#: what speaks for an amount that comes in as it was carried out, and against one that was not, or that is lost
_LINKED, _UNPAIRED = -2.0, 1.5

_PRICE = itemgetter(0)

#: runs and their options
Moves = Sequence[tuple[int, int]]


#: a group with its price less what its cells would cost elsewhere, the row that each of its numbers needs and the rows that
#: must be empty, as bits, and what comes in from the year before
Fill = tuple[float, int, float, Group]

#: of a placement in a year: the columns of its runs, what is ahead of it, and the groups that it leaves room for: their
#: price, what speaks against what they carry in, and their number
Open = tuple[tuple[int, ...], float, list[tuple[float, float, int]]]


class Years:
    """The years that the numbers of a sheet's runs can make up. ``rates`` tells which cells of each run are
    percentages."""

    def __init__(self, search: Search, rates: Sequence[Sequence[bool]], step: float) -> None:
        self.search, self.step = search, step
        self._known = Groups(search.layout, search.runs, rates, step)
        cells = sum([run.gap + len(run.values) for run in search.runs])
        self._row_bits = sum([1 << 8 * at + 8 for at in range(cells)])  # all numbers in the first row
        self._moves: dict[tuple[Group, int], list[tuple[int, int, int]]] = {}
        self._bars: dict[tuple[int, int, int], int] = {}
        self._opened: dict[tuple[Chosen, int], Open] = {}
        needed: dict[Group, tuple[int, float]] = {}
        self.groups: list[list[Fill]] = []
        self._amounts: list[set[float]] = []  # of each year: what may come in
        for of in self._known.by_year():
            fills: list[Fill] = []
            for price, group in of:
                known = needed.get(group)
                if known is None:
                    known = needed[group] = self._needs(group)
                fills.append((price - _AHEAD * len(group), *known, group))
            self.groups.append(fills)
            self._amounts.append({came for _, _, came, _ in fills})

    def fill(self, beam: list[State], width: int) -> list[State]:
        """Placements in which year after year is filled by numbers that agree, the likeliest first; ``beam`` among
        them."""
        beam = [self.search.priced(state) for state in beam]
        for col in range(_YEARS):
            beam = self._extend(beam, col, width)
        return beam

    def _needs(self, group: Group) -> tuple[int, float]:
        """As bits, the row that each number of a group needs and the rows that must be empty, lest another number among
        A to E break the sum; and what comes in."""
        needs, came, spots = (1 << _F) - 1, 0.0, self._known.spots
        for one in group:
            number, row = one >> 3, one & 7
            needs = needs & ~(1 << row) | 1 << 8 * spots[number][0] + 8 + row
            if row == _C:
                came = self._known.values[number]
        return needs, came

    def _moves_of(self, group: Group, col: int) -> list[tuple[int, int, int]]:
        """The runs of a group, their options in a year and the cells of these; nothing if they cannot stand there."""
        moves = self._moves.get((group, col))
        if moves is None:
            found: dict[int, tuple[int, int, int]] = {}
            for one in group:
                _, run, at = self._known.spots[one >> 3]
                option = self.search.at[run].get((_GRID, one & 7, col - at))
                if option is None or run in found:
                    found.clear()
                    break
                found[run] = run, option, self.search.masks[run][option]
            moves = self._moves[group, col] = list(found.values())
        return moves

    def _barred(self, index: int, option: int, col: int) -> int:
        """What a run on one of its places does not leave to a group of a year, as bits: rows in which it holds an amount,
        rows of its cells for other numbers, and of each of its own all rows but that, if it is in this year."""
        run, start = self.search.runs[index], 8 * self._known.starts[index] + 8
        (table, row, first, width, _), bars = run.options[option].place, (1 << 8 * len(run.values)) - 1 << start
        if table == _GRID and row < _ROWS and first <= col < first + width:
            own = 1 << start + 8 * (col - first) + row
            bars = (bars | self._row_bits << row) & ~own
            bars |= 1 << row if row < _F and run.values[col - first] else 0
        return bars

    def _extend(self, beam: list[State], col: int, width: int) -> list[State]:
        """The placements as they are and with the year filled in every way, cut to the likeliest."""
        search, groups = self.search, self.groups[col]
        tries: list[tuple[float, int]] = []
        # by the columns of the runs (which of two rows a change stands in is left to the end): price with and without what
        # is ahead, and origin
        grown: dict[tuple[int, ...], tuple[float, float, State, Moves]] = {}
        opened: list[Open] = []
        for at, state in enumerate(beam):
            known = self._opened.get((state.chosen, col))
            if known is None:
                known = self._opened[state.chosen, col] = self._open(state, col)
            opened.append(known)
            columns, ahead, fits = known
            whole, first = state.cost + ahead, at * len(groups)
            grown[columns] = whole, state.cost, state, ()
            tries += [(whole + price + link, first + number) for price, link, number in fits]
        heapq.heapify(tries)
        left = _TRIES * width
        while tries and left >= 0:
            at, number = divmod(heapq.heappop(tries)[1], len(groups))
            state = beam[at]
            moves = _free(state, self._moves_of(groups[number][3], col))
            if moves:
                left -= 1
                columns, ahead, _ = opened[at]
                cost, changed = state.cost - search.stood(state.chosen) + search.price(state, moves), list(columns)
                for run, option in moves:
                    changed[run] = search.columns[run][option]
                    ahead -= _AHEAD * search.sizes[run]
                key = tuple(changed)
                if key not in grown or cost < grown[key][1]:
                    grown[key] = cost + ahead, cost, state, moves
        best = []
        for _, cost, state, moves in sorted(grown.values(), key=_PRICE)[:width]:
            for run, option in moves:
                state = search.placed(state, run, option, cost)
            best.append(state)
        return best

    def _open(self, state: State, col: int) -> Open:
        search, groups = self.search, self.groups[col]
        bars, columns = 0, []
        for index, option in enumerate(state.chosen):
            if option < 0:
                columns.append(-1)
                continue
            columns.append(search.columns[index][option])
            own = self._bars.get((index, option, col))
            if own is None:
                own = self._bars[index, option, col] = self._barred(index, option, col)
            bars |= own
        linked = self._carried(state.values, col)
        fits = [
            (price, linked[came], number) for number, (price, needs, came, _) in enumerate(groups) if not needs & bars
        ]
        ahead = _AHEAD * sum([size for size, col in zip(search.sizes, columns, strict=True) if col < 0])
        return tuple(columns), ahead, fits

    def _carried(self, values: Values, col: int) -> dict[float, float]:
        """What speaks for or against each amount that may come in, by what the year before carried out."""
        cell, amounts = self.search.layout.cell, self._amounts[col]
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


def _free(state: State, moves: list[tuple[int, int, int]]) -> Moves:
    """What of these is to be placed; nothing if its cells are not free."""
    chosen, mask = state.chosen, state.mask
    free = []
    for run, option, own in moves:
        if chosen[run] < 0:
            if own & mask:
                return ()
            mask |= own
            free.append((run, option))
    return free
