"""Tables of outputs printed without their row labels: the values of a page, column by column, back to their tables.

The extractor prints narrow cells downwards: the actual and the expected value of one year, then the next year; a
column that stands apart is printed for all tables below each other, then the next. So the numbers of a page are read
as a row of columns, and a beam search gives each column to a table: a table's columns come in order, a row is a
series, and what was expected is of the size of what came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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
#: sums of the same prices may differ by so much
_ROUNDING = 1e-9
#: the cell of a value that has none
_NOWHERE = (-1, -1)


@dataclass(frozen=True, slots=True)
class _Printed:
    """One value and the table (by number, -1 for none of these) among whose values it was printed."""

    value: Value
    home: int

    @property
    def number(self) -> float | None:
        return self.value.number


class _Way(NamedTuple):
    """What the next values may be: their cells, the price as such and the least it can be with what stands before.

    ``apart``: how far what came is from what was expected; ``steps``: row, number and strangeness of each value.
    """

    least: float
    price: float
    apart: float
    steps: list[tuple[int, float | None, float]]
    cells: tuple[Cell, ...]


class _State(NamedTuple):
    cost: float
    at: int
    columns: tuple[int, ...]
    last: tuple[tuple[float | None, float | None], ...]
    trail: Any  # the trail before, the table (-1 for none) and the cells of the values placed last
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
        self.printed = [_Printed(value, home) for run, home in runs for value in run.values]

    def solve(self) -> dict[int, Solved]:
        count, end = len(self.own), len(self.printed)
        self.beams: list[Beam[_State]] = [*(Beam(_WIDTH) for _ in range(end)), Beam(1)]
        self.ways: dict[tuple[int, int, int], list[_Way]] = {}
        self._offer(_State(0.0, 0, (0,) * count, ((None, None),) * count, None))
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
        at, beams = state.at, self.beams
        one = self.printed[at]
        left = _LEFT_DASH if one.number is None else _LEFT if one.home >= 0 else _LEFT_OTHER
        self._offer(state._replace(cost=state.cost + left, at=at + 1, trail=(state.trail, -1, (_NOWHERE,))))
        for table, col in enumerate(state.columns):
            so_far = state.cost + (_UP if table < state.table else 0.0) - _ROUNDING
            for way in self._ways(at, table, col):
                if so_far + way.least < beams[at + len(way.cells)].limit:
                    self._put(state, table, way)

    def _ways(self, at: int, table: int, col: int) -> list[_Way]:
        """The cells of a table that the values from ``at`` on may fill when its columns before ``col`` are done."""
        known = self.ways.get((at, table, col))
        if known is None:
            ways = [way for gap in (0, 1) if col + gap < self.grid.cols for way in self._column(at, col + gap, gap)]
            if col == 0:  # wide values are printed by rows: two or three years of what came, then of what was expected
                ways += [(_BY_ROWS, *((row, col) for row in (0, 1) for col in range(years))) for years in (2, 3)]
            left = len(self.printed) - at
            known = [self._way(at, table, price, cells) for price, *cells in ways if len(cells) <= left]
            self.ways[at, table, col] = known
        return known

    def _column(self, at: int, col: int, gap: int) -> Iterator[tuple[Any, ...]]:
        """The next two values as one column of a table, or the next one as the only value of a column."""
        skipped, plan, is_dash = 2 * _BLANK * gap, self.grid.zones[col] != "year", self.printed[at].number is None
        alone = (0.0 if plan else _BLANK) + skipped + (0.1 if is_dash else 0.0)
        yield alone, (1, col)
        if not plan:
            yield alone, (0, col)
        if not plan or is_dash:
            yield skipped, (0, col), (1, col)

    def _way(self, at: int, table: int, price: float, cells: Sequence[Cell]) -> _Way:
        """The values from ``at`` on in these cells: strange are those printed with another table, or in a column
        that their heading does not name."""
        steps = []
        for one, (row, col) in zip(self.printed[at:], cells, strict=False):
            strange = 0.0 if one.home == table else 4 * _STRANGE if one.home < 0 and col < 2 else _STRANGE
            zone = one.value.zone if one.number is not None else ""
            strange += _ZONE if zone and not self.grid.zones[col].startswith(zone) else 0.0
            steps.append((row, one.number, strange))
        numbers = {cell: number for cell, (_, number, _) in zip(cells, steps, strict=True) if number is not None}
        pairs = ((number, numbers[1, col]) for (row, col), number in numbers.items() if not row and (1, col) in numbers)
        apart = sum(0.4 * min(leap(actual, expected), 2.5) for actual, expected in pairs)
        least = price + apart + sum(strange for *_, strange in steps)
        return _Way(least, price, apart, steps, tuple(cells))

    def _put(self, state: _State, table: int, way: _Way) -> None:
        """The next values in these cells, unless that is dearer than what goes on anyway."""
        at, held = state.at + len(way.cells), list(state.last[table])
        limit = self.beams[at].limit
        cost = state.cost + way.price + (_UP if table < state.table else 0.0)
        for row, number, strange in way.steps:
            cost += strange
            if number is not None:
                before = held[row]
                if before is not None:
                    cost += (0.9 if row else 0.6) * min(leap(before, number), 2.5)
                    if cost >= limit:
                        return
                held[row] = number
        cost += way.apart
        if cost < limit:
            last = (*state.last[:table], (held[0], held[1]), *state.last[table + 1 :])
            columns = (*state.columns[:table], way.cells[-1][1] + 1, *state.columns[table + 1 :])
            self._offer(_State(cost, at, columns, last, (state.trail, table, way.cells), table))

    def _missing(self, state: _State) -> float:
        """What the tables lack in the end; a table may also be empty."""
        return sum(2 * _BLANK * (self.grid.cols - col) * (0.5 if col >= 3 else 1.0) for col in state.columns if col)

    def _solved(self, table: int, body: Body, state: _State) -> Solved:
        pairs: list[tuple[Value, Cell]] = []
        trail, end = state.trail, len(self.printed)
        while trail:
            trail, owner, cells = trail
            end -= len(cells)
            if owner == table:
                values = (one.value for one in self.printed[end : end + len(cells)])
                pairs[:0] = zip(values, cells, strict=True)
        tokens = [Token(value.number, value.span.line.number) for value, _ in pairs]
        filled = Filled([cell for _, cell in pairs], {cell for _, cell in pairs}, cost=state.cost / len(self.own))
        return Solved(body, body.runs, self.grid, self.years, [value for value, _ in pairs], tokens, filled)
