"""Tables of outputs printed without their row labels: the values of a page, column by column, back to their tables.

The extractor prints narrow cells downwards: the actual and the expected value of one year, then the next year; a
column that stands apart is printed for all tables below each other, then the next. So the numbers of a page are read
as a row of columns, and a beam search gives each column to a table: a table's columns come in order, a row is a
series, and what was expected is of the size of what came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from toolkit.readers.text_layer.beam import Beam
from toolkit.readers.text_layer.indicators_fill import Solved, grid_of
from toolkit.readers.text_layer.indicators_grid import Filled
from toolkit.readers.text_layer.indicators_orders import Cell
from toolkit.readers.text_layer.indicators_prices import Token, leap
from toolkit.readers.text_layer.indicators_scan import Value
from toolkit.readers.text_layer.indicators_tables import Body

__all__ = ["sort_columns"]

#: prices: a number left out (one of an output, one of another table), a dash left out, a cell without a value, a
#: value of a plan elsewhere, a column given to another table than it was printed with, an upward step, a line by rows
_LEFT, _LEFT_OTHER, _LEFT_DASH, _BLANK, _ZONE, _STRANGE, _UP, _BY_ROWS = 1.8, 0.3, 0.1, 0.6, 1.0, 0.25, 0.5, 0.3
_WIDTH = 150


@dataclass(frozen=True, slots=True)
class _Printed:
    """One value and the table (by number, -1 for none of these) among whose values it was printed."""

    value: Value
    home: int
    has_decimals: bool


class _State(NamedTuple):
    cost: float
    at: int
    columns: tuple[int, ...]
    last: tuple[tuple[float | None, float | None], ...]
    cells: tuple[tuple[int, Cell] | None, ...]
    table: int = 0


def sort_columns(bodies: Sequence[Body], review_year: int) -> dict[int, Solved]:
    """The best reading of every output table of these pages that has no labelled row, by the id of the table."""
    solved: dict[int, Solved] = {}
    for page in sorted({body.page for body in bodies}):
        on_page = [body for body in bodies if body.page == page]
        own = [body for body in on_page if body.kind == "output" and all(run.row is None for run in body.runs)]
        if any(body.has_numbers for body in own):
            solved |= _Page(on_page, own, review_year).solve()
    return solved


class _Page:
    def __init__(self, on_page: Sequence[Body], own: Sequence[Body], review_year: int) -> None:
        self.own = own
        self.grid, self.years = grid_of(own[0], review_year)
        places = {id(body): place for place, body in enumerate(own)}
        runs = [
            (run, places.get(id(body), -1)) for body in on_page for run in body.runs
            if run.row is None and (id(body) in places or body.kind == "policy")
        ]  # fmt: skip
        runs.sort(key=lambda pair: pair[0].line.number)
        self.printed = [_Printed(v, home, "." in v.span.text) for run, home in runs for v in run.values]

    def solve(self) -> dict[int, Solved]:
        count, end = len(self.own), len(self.printed)
        self.beams: list[Beam[_State]] = [*(Beam(_WIDTH) for _ in range(end)), Beam(1)]
        self._offer(_State(0.0, 0, (0,) * count, ((None, None),) * count, ()))
        for at in range(end):
            for state in self.beams[at].states():
                self._grow(state)
        (best,) = self.beams[end].states()
        return {id(body): self._solved(table, body, best) for table, body in enumerate(self.own)}

    def _offer(self, state: _State) -> None:
        if state.at == len(self.printed):
            state = state._replace(cost=state.cost + self._missing(state))
        self.beams[state.at].add(state.cost, state)

    def _grow(self, state: _State) -> None:
        """All that may be done with the next value, or the next few of them."""
        one = self.printed[state.at]
        left = _LEFT_DASH if one.value.number is None else _LEFT if one.home >= 0 else _LEFT_OTHER
        self._offer(state._replace(cost=state.cost + left, at=state.at + 1, cells=(*state.cells, None)))
        for table, col in enumerate(state.columns):
            for gap in (0, 1):
                if col + gap < self.grid.cols:
                    self._column(state, table, col + gap, gap)
            if col == 0:
                self._rows(state, table)

    def _column(self, state: _State, table: int, col: int, gap: int) -> None:
        """The next two values as one column of a table, or the next one as the only value of a column."""
        skipped = 2 * _BLANK * gap
        if self.grid.zones[col] == "year":
            self._put(state, table, ((1, col),), _BLANK + skipped)
            self._put(state, table, ((0, col),), _BLANK + skipped)
        else:
            self._put(state, table, ((1, col),), skipped)
            if self.printed[state.at].value.number is not None:
                return
        if state.at + 2 <= len(self.printed):
            self._put(state, table, ((0, col), (1, col)), skipped)

    def _rows(self, state: _State, table: int) -> None:
        """Wide values are printed row by row: two or three years of what came, then of what was expected."""
        for years in (2, 3):
            if state.at + 2 * years <= len(self.printed):
                self._put(state, table, [(row, col) for row in (0, 1) for col in range(years)], _BY_ROWS)

    def _put(self, state: _State, table: int, cells: Sequence[Cell], price: float) -> None:
        """The next values in these cells, unless that is dearer than what goes on anyway."""
        at, limit = state.at, self.beams[state.at + len(cells)].limit
        if len(cells) == 1 and self.printed[at].value.number is None:
            price += 0.1
        cost = state.cost + price + (_UP if table < state.table else 0.0)
        if cost >= limit:
            return
        held, taken = list(state.last[table]), self.printed[at : at + len(cells)]
        seen: dict[Cell, float] = {}
        for one, cell in zip(taken, cells, strict=True):
            row, col = cell
            number, zone = one.value.number, one.value.zone
            if one.home != table:
                cost += 4 * _STRANGE if one.home < 0 and col < 2 else _STRANGE
            if number is not None:
                if zone and not self.grid.zones[col].startswith(zone):
                    cost += _ZONE
                before = held[row]
                if before is not None:
                    cost += (0.9 if row else 0.6) * min(leap(before, number), 2.5)
                held[row] = seen[cell] = number
            if cost >= limit:
                return
        for (row, col), number in seen.items():
            if row == 0 and (1, col) in seen:
                cost += 0.4 * min(leap(number, seen[1, col]), 2.5)
        if cost >= limit:
            return
        last = (*state.last[:table], (held[0], held[1]), *state.last[table + 1 :])
        columns = (*state.columns[:table], cells[-1][1] + 1, *state.columns[table + 1 :])
        placed = (*state.cells, *((table, cell) for cell in cells))
        self._offer(_State(cost, at + len(cells), columns, last, placed, table))

    def _missing(self, state: _State) -> float:
        """What the tables lack in the end; a table may also be empty."""
        return sum(2 * _BLANK * (self.grid.cols - col) * (0.5 if col >= 3 else 1.0) for col in state.columns if col)

    def _solved(self, table: int, body: Body, state: _State) -> Solved:
        pairs = [
            (one.value, spot[1])
            for one, spot in zip(self.printed, state.cells, strict=True)
            if spot and spot[0] == table
        ]
        tokens = [Token(value.number, value.span.line.number) for value, _ in pairs]
        filled = Filled([cell for _, cell in pairs], {cell for _, cell in pairs}, cost=state.cost / len(self.own))
        return Solved(body, body.runs, self.grid, self.years, [value for value, _ in pairs], tokens, filled)
