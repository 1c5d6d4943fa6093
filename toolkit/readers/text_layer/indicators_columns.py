"""Tables of outputs printed without their row labels: the values of a page, column by column, back to their tables.

The extractor prints narrow cells downwards: the actual and the expected value of one year, then the next year; a
column that stands apart is printed for all tables below each other, then the next. So the numbers of a page are read
as a row of columns, and a beam search gives each column to a table: a table's columns come in order, a row is a
series, and what was expected is of the size of what came.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
_WIDTH, _MARGIN = 150, 1.0


@dataclass(frozen=True, slots=True)
class _Printed:
    """One value and the table (by number, -1 for none of these) among whose values it was printed."""

    value: Value
    home: int
    has_decimals: bool


@dataclass(frozen=True, slots=True)
class _State:
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
        count = len(self.own)
        states = [_State(0.0, 0, (0,) * count, ((None, None),) * count, ())]
        ends: list[_State] = []
        waiting: dict[int, list[_State]] = {0: states}
        for at in range(len(self.printed)):
            for state in heapq.nsmallest(_WIDTH, waiting.pop(at, []), key=lambda one: one.cost):
                for child in self._children(state):
                    waiting.setdefault(child.at, []).append(child)
        ends = sorted(
            (replace(state, cost=state.cost + self._missing(state)) for state in waiting.get(len(self.printed), [])),
            key=lambda state: state.cost,
        )
        best = ends[0]
        return {id(body): self._solved(table, body, best) for table, body in enumerate(self.own)}

    def _children(self, state: _State) -> Iterator[_State]:
        one = self.printed[state.at]
        left = _LEFT_DASH if one.value.number is None else _LEFT if one.home >= 0 else _LEFT_OTHER
        yield replace(state, cost=state.cost + left, at=state.at + 1, cells=(*state.cells, None))
        for table, col in enumerate(state.columns):
            for gap in (0, 1):
                if col + gap < self.grid.cols:
                    yield from self._column(state, table, col + gap, gap)
            if col == 0:
                yield from self._rows(state, table)

    def _column(self, state: _State, table: int, col: int, gap: int) -> Iterator[_State]:
        """The next two values as one column of a table, or the next one as the only value of a column."""
        ahead = self.printed[state.at : state.at + 2]
        plan = self.grid.zones[col] != "year"
        ways: list[tuple[tuple[int, ...], float]] = [((1,), 0.0 if plan else _BLANK)]
        if not plan:
            ways.append(((0,), _BLANK))
        if len(ahead) == 2:
            ways.append(((0, 1), 0.0))
        for rows, price in ways:
            if plan and 0 in rows and ahead[0].value.number is not None:
                continue
            child = self._put(state, table, [(row, col) for row in rows], price + 2 * _BLANK * gap)
            if child is not None:
                yield child

    def _rows(self, state: _State, table: int) -> Iterator[_State]:
        """Wide values are printed row by row: two or three years of what came, then of what was expected."""
        for years in (2, 3):
            if state.at + 2 * years <= len(self.printed):
                child = self._put(state, table, [(row, col) for row in (0, 1) for col in range(years)], _BY_ROWS)
                if child is not None:
                    yield child

    def _put(self, state: _State, table: int, cells: Sequence[Cell], price: float) -> _State | None:
        held, taken = list(state.last[table]), self.printed[state.at : state.at + len(cells)]
        if all(one.value.number is None for one in taken) and len(cells) == 1:
            price += 0.1
        cost = state.cost + price + (_UP if table < state.table else 0.0)
        seen: dict[Cell, float] = {}
        for one, (row, col) in zip(taken, cells, strict=True):
            number, zone = one.value.number, one.value.zone
            cost += 0.0 if one.home == table else 4 * _STRANGE if one.home < 0 and col < 2 else _STRANGE
            if zone and number is not None and not self.grid.zones[col].startswith(zone):
                cost += _ZONE
            if number is not None:
                before = held[row]
                if before is not None:
                    cost += (0.9 if row else 0.6) * min(leap(before, number), 2.5)
                held[row] = seen[row, col] = number
        for (row, col), number in seen.items():
            if row == 0 and (1, col) in seen:
                cost += 0.4 * min(leap(number, seen[1, col]), 2.5)
        last = (*state.last[:table], (held[0], held[1]), *state.last[table + 1 :])
        columns = (*state.columns[:table], max(col for _, col in cells) + 1, *state.columns[table + 1 :])
        return _State(
            cost, state.at + len(cells), columns, last, (*state.cells, *((table, cell) for cell in cells)), table
        )

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
