"""Tables printed without their row labels: the values of a page, column by column, back to their tables.

The extractor prints narrow cells downwards: the actual and the expected value of one year, then the next year; a
column that stands apart is printed for all tables below each other, then the next. So the values of a page are read
as a row of columns, and a beam search gives each column to a table: a table's columns come in order, a row is a
series, what was expected is of the size of what came, and an achievement is actual / target.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from toolkit.readers.text_layer.beam import Beam
from toolkit.readers.text_layer.indicators_fill import Solved, grid_of
from toolkit.readers.text_layer.indicators_grid import Filled
from toolkit.readers.text_layer.indicators_orders import Cell
from toolkit.readers.text_layer.indicators_prices import EARLY, FORBIDDEN, Grid, Token, decimals, is_ratio, leap
from toolkit.readers.text_layer.indicators_scan import Value
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.text import fold

__all__ = ["sort_columns"]

#: prices: a number left out (one of these tables, one of another), a dash left out, a cell without a value, a value
#: whose heading names another column, a value given to a table above or below the one it was printed with, an upward step
_LEFT, _LEFT_OTHER, _LEFT_DASH, _BLANK, _ZONE, _STRANGE, _AHEAD, _UP = 1.8, 0.3, 0.1, 0.6, 1.0, 0.25, 1.5, 0.5
#: values by rows, by the width of the narrowest; a column printed after its right-hand neighbour
_BY_ROWS, _SWAP = (0.6, 0.6, 0.6, 0.5, 0.3, 0.0), 0.35
_WRONG_RATIO, _NO_PARTS, _NO_RATIO, _WRONG_SIGN, _TORN = 2.5, 0.8, 0.3, 1.2, 2.0
#: readings kept at each step: so many, and none that is so much dearer than the best
_WIDTH, _WINDOW = 40, 3.0
#: a reading no dearer than this is as good, without and with achievements
_TIE = (0.1, 0.3)
#: sums of the same prices may differ by so much
_ROUNDING = 1e-9
#: the cell of a value that has none
_NOWHERE = (-1, -1)
#: actual and expected value so far and the last step of the latter
_START: tuple[float | None, float | None, float | None] = (None, None, None)


@dataclass(frozen=True, slots=True)
class _Printed:
    """One value and the table (by number, -1 for none of these) among whose values it was printed, at what place."""

    value: Value
    home: int
    place: float
    line: int
    width: int

    @property
    def number(self) -> float | None:
        return self.value.number


class _Way(NamedTuple):
    """What the next values may be: their cells, the price as such, the numbers of its series, what is done then.

    ``end`` is the next column of the table, ``hole`` the one before that was left blank and may yet come.
    """

    price: float
    series: tuple[tuple[int, float], ...]
    cells: tuple[Cell, ...]
    numbers: tuple[Cell, ...]
    end: int
    hole: int


class _State(NamedTuple):
    cost: float
    at: int
    columns: tuple[tuple[int, int], ...]  # of every table: the next column and the hole
    last: tuple[tuple[float | None, float | None, float | None], ...]
    trail: Any  # the trail before, the table (-1 for none) and the cells of the values placed last
    table: int = 0
    content: int = 0  # which number stands where: states that differ in dashes only are one


def sort_columns(bodies: Sequence[Body], review_year: int, quotients: Sequence[float]) -> dict[int, Solved]:
    """The best reading of every table of these pages that has no labelled row, by the id of the table.

    ``quotients`` are what the printed formulas of unit costs give: values that are such costs belong to no table here.
    """
    solved: dict[int, Solved] = {}
    for page in sorted({body.page for body in bodies}):
        on_page = [body for body in bodies if body.page == page]
        own = [
            body
            for body in on_page
            if body.kind not in ("reform", "unit_cost") and all(run.row is None for run in body.runs)
        ]
        if any(body.has_numbers for body in own):
            solved |= _Page(on_page, own, review_year, quotients).solve()
    return solved


class _Page:
    def __init__(
        self, on_page: Sequence[Body], own: Sequence[Body], review_year: int, quotients: Sequence[float]
    ) -> None:
        self.own = own
        shapes = [grid_of(body, review_year) for body in own]
        self.grids, self.years = [grid for grid, _ in shapes], [years for _, years in shapes]
        places = {id(body): place for place, body in enumerate(own)}
        runs = [(run, body) for body in on_page for run in body.runs if run.row is None]
        runs.sort(key=lambda pair: pair[0].line.number)
        self.printed = []
        for run, body in runs:
            home = places.get(id(body), -1)
            place = home if home >= 0 else sum(other.start < body.start for other in own) - 0.5
            for value in run.values:
                if home >= 0 or not (value.number is None or any(_gives(one, value.number) for one in quotients)):
                    self.printed.append(_Printed(value, home, place, run.line.number, len(fold(value.span.text))))
        self.signs = [any(one.home == home and one.value.is_rate for one in self.printed) for home in range(len(own))]
        self.late = [
            any(one.home == home and one.value.zone == "final" for one in self.printed) for home in range(len(own))
        ]

    def solve(self) -> dict[int, Solved]:
        count, end = len(self.own), len(self.printed)
        self.beams: list[Beam[_State]] = [Beam(_WIDTH) for _ in range(end + 1)]
        self.known: dict[tuple[Any, ...], float] = {}
        self.ways: dict[tuple[int, int, int, int], list[_Way]] = {}
        self._offer(_State(0.0, 0, ((0, -1),) * count, (_START,) * count, None))
        for at in range(end):
            states = self.beams[at].states()
            dear = states[0].cost + _WINDOW
            for state in states:
                if state.cost <= min(dear, self.known[state.at, state.columns, state.content, state.table]):
                    self._grow(state)
        states = self.beams[end].states()
        return {id(body): self._solved(table, body, states) for table, body in enumerate(self.own)}

    def _offer(self, state: _State) -> None:
        if state.at == len(self.printed):
            state = state._replace(cost=state.cost + sum(map(self._missing, self.grids, state.columns)))
        key = (state.at, state.columns, state.content, state.table)
        if state.cost < self.known.get(key, math.inf):
            self.known[key] = state.cost
            self.beams[state.at].add(state.cost, state)

    def _grow(self, state: _State) -> None:
        """All that may be done with the next value, or the next few of them."""
        at, beams = state.at, self.beams
        one = self.printed[at]
        left = _LEFT_DASH if one.number is None else _LEFT if one.home >= 0 else _LEFT_OTHER
        self._offer(state._replace(cost=state.cost + left, at=at + 1, trail=(state.trail, -1, (_NOWHERE,)),
                                   content=state.content if one.number is None else hash((state.content, -1))))  # fmt: skip
        for table, (col, hole) in enumerate(state.columns):
            so_far = state.cost + (_UP if table < state.table else 0.0) - _ROUNDING
            for way in self._ways(at, table, col, hole):
                if so_far + way.price < beams[at + len(way.cells)].limit:
                    self._put(state, table, way)

    # -- what may come next
    def _ways(self, at: int, table: int, col: int, hole: int) -> list[_Way]:
        """The cells of a table that the values from ``at`` on may fill when its columns before ``col`` are done."""
        known = self.ways.get((at, table, col, hole))
        if known is None:
            grid = self.grids[table]
            known, skipped = [], 0.0
            for start in range(col, grid.cols):
                gone = hole if start == col else start - 1
                known += self._block(at, table, start, skipped, gone)
                skipped += self._blank(grid, start)
                if skipped > 2.5 * _BLANK:
                    break
            if hole >= 0:
                price = _SWAP - self._blank(grid, hole)
                known += [
                    self._way(at, table, price + more, cells, col, -1) for more, cells in self._column(at, grid, hole)
                ]
            known.sort()
            self.ways[at, table, col, hole] = known
        return known

    def _block(self, at: int, table: int, col: int, price: float, hole: int) -> Iterator[_Way]:
        """The next values as one column, or as two or three years that are printed by rows."""
        grid, left = self.grids[table], len(self.printed) - at
        for more, cells in self._column(at, grid, col):
            yield self._way(at, table, price + more, cells, col + 1, hole)
        for width in (2, 3):
            columns = range(col, col + width)
            if grid.zones[col : col + width] != ("year",) * width or grid.rows * width > left:
                continue
            narrow = min(one.width for one in self.printed[at : at + grid.rows * width])
            more = price + _BY_ROWS[min(narrow, 5)]
            for end in range(col + width, min(grid.cols, left + col + width - grid.rows * width) + 1):
                if end > col + width and grid.zones[end - 1] == "year":
                    break
                plans = [(1, c) for c in range(col, end)]  # with those of the years to come
                cells = [*((0, c) for c in columns), *plans, *((2, c) for c in columns if grid.rows == 3)]
                yield self._way(at, table, more, cells, end, hole)
            if grid.rows == 3:
                pairs = [(r, c) for c in columns for r in (0, 1)]
                yield self._way(at, table, price + 0.15, [*pairs, *((2, c) for c in columns)], col + width, hole)

    def _column(self, at: int, grid: Grid, col: int) -> Iterator[tuple[float, list[Cell]]]:
        """The next values as one column of a table, some of whose cells may be blank."""
        for size in range(1, min(grid.rows, len(self.printed) - at) + 1):
            numbers = [one.number for one in self.printed[at : at + size]]
            for rows in itertools.combinations(range(grid.rows), size):
                cells = [(row, col) for row in rows]
                blank = [row for row in range(grid.rows) if row not in rows and (row, col) not in grid.optional]
                price = _BLANK * sum(row < 2 for row in blank) + (
                    0.1 if not any(n is not None for n in numbers) else 0.0
                )
                yield price, cells

    def _way(self, at: int, table: int, price: float, cells: Sequence[Cell], end: int, hole: int) -> _Way:
        """The values from ``at`` on in these cells: strange are those printed with another table, or in a column
        that their heading does not name."""
        grid, before = self.grids[table], None
        numbers: dict[Cell, float] = {}
        for one, (row, col) in zip(self.printed[at:], cells, strict=False):
            if one.home != table:  # values of a table that is printed further down come with it
                price += _AHEAD if one.place < table else _STRANGE
            if before and before[0] == one.line and (row != before[1] or col <= before[2]):
                price += _TORN
            before = (one.line, row, col)
            if one.number is None:
                continue
            numbers[row, col] = one.number
            zone = one.value.zone
            if (zone and not grid.zones[col].startswith(zone)) or (
                not zone and self.late[table] and grid.zones[col] == "final"
            ):
                price += _ZONE
            price += FORBIDDEN if (row, col) in grid.closed else EARLY if col < grid.before else 0.0
            if self.signs[table] and one.value.is_rate != (row == 2):
                price += _WRONG_SIGN
        for col in {col for _, col in cells}:
            a, t, p = (numbers.get((row, col)) for row in range(3))
            if p is not None:
                price += (
                    _NO_PARTS if a is None or t is None else 0.0 if is_ratio(a, t, p, decimals(p)) else _WRONG_RATIO
                )
            elif a is not None and t is not None:
                price += (_NO_RATIO if grid.ratio else 0.0) + 0.4 * min(leap(a, t), 2.5)
        series = tuple((row, numbers[row, col]) for row, col in sorted(numbers) if row < 2)
        return _Way(price, series, tuple(cells), tuple(numbers), end, hole)

    def _put(self, state: _State, table: int, way: _Way) -> None:
        """The next values in these cells, unless that is dearer than what goes on anyway."""
        at = state.at + len(way.cells)
        limit = self.beams[at].limit
        cost = state.cost + way.price + (_UP if table < state.table else 0.0)
        more, last = _steps(state.last[table], way.series)
        cost += more
        if cost < limit:
            lasts = (*state.last[:table], last, *state.last[table + 1 :])
            columns = (*state.columns[:table], (way.end, way.hole), *state.columns[table + 1 :])
            content = hash((state.content, table, way.numbers)) if way.numbers else state.content
            self._offer(_State(cost, at, columns, lasts, (state.trail, table, way.cells), table, content))

    def _blank(self, grid: Grid, col: int) -> float:
        """A column with nothing in it."""
        return _BLANK * sum((row, col) not in grid.optional for row in (0, 1))

    def _missing(self, grid: Grid, done: tuple[int, int]) -> float:
        """What a table lacks in the end; it may also be empty."""
        col = done[0]
        return (
            sum(self._blank(grid, late) * (0.5 if late >= 3 else 1.0) for late in range(col, grid.cols)) if col else 0.0
        )

    # -- the outcome
    def _pairs(self, table: int, state: _State) -> tuple[list[tuple[Value, Cell]], int]:
        """The values of a table with their cells, and how many numbers printed with it were left out."""
        pairs: list[tuple[Value, Cell]] = []
        trail, end, lost = state.trail, len(self.printed), 0
        while trail:
            trail, owner, cells = trail
            end -= len(cells)
            if owner == table:
                values = [one.value for one in self.printed[end : end + len(cells)]]
                pairs[:0] = zip(values, cells, strict=True)
            elif owner < 0 and self.printed[end].home == table and self.printed[end].number is not None:
                lost += 1
        return pairs, lost

    def _solved(self, table: int, body: Body, states: Sequence[_State]) -> Solved:
        """What one table got, and what that costs: what is left out among its neighbours says nothing against it."""
        grid, best = self.grids[table], states[0]
        pairs, lost = self._pairs(table, best)
        held = {cell: value.number for value, cell in pairs if value.number is not None}
        cost = _LEFT * lost
        if pairs:
            cost += _BLANK * sum(cell not in held for cell in grid.counted if cell[0] < 2)
            cost += _steps(_START, tuple((row, held[row, col]) for row, col in sorted(held) if row < 2))[0]
        confirmed = set()
        for col in range(grid.cols):
            a, t, p = (held.get((row, col)) for row in range(3))
            if a is not None and t is not None and p is not None and grid.ratio:
                confirmed |= {col} if is_ratio(a, t, p, decimals(p)) else set()
                cost += 0.0 if is_ratio(a, t, p, decimals(p)) else _WRONG_RATIO
            elif p is not None:
                cost += _NO_PARTS
            elif a is not None and t is not None:
                cost += 0.4 * min(leap(a, t), 2.5)
        tied: set[Cell] = set()  # what another reading at about the same price fills differently
        for state in itertools.takewhile(lambda state: state.cost <= best.cost + _TIE[bool(grid.ratio)], states[1:]):
            other = {cell: value.number for value, cell in self._pairs(table, state)[0] if value.number is not None}
            tied |= {cell for cell, number in held.items() if other.get(cell) != number}
        pairs = [(value, cell) for value, cell in pairs if cell not in tied]
        tokens = [Token(value.number, value.span.line.number) for value, _ in pairs]
        filled = Filled([cell for _, cell in pairs], {cell for _, cell in pairs}, confirmed, cost)
        return Solved(body, body.runs, grid, self.years[table], [value for value, _ in pairs], tokens, filled)


def _steps(
    last: tuple[float | None, float | None, float | None], series: Sequence[tuple[int, float]]
) -> tuple[float, tuple[float | None, float | None, float | None]]:
    """The price of a few more numbers of the two series, and what then stands last: plans grow evenly."""
    cost, (actual, expected, step) = 0.0, last
    for row, number in series:
        if not row:
            if actual is not None:
                cost += 0.6 * min(leap(actual, number), 2.5)
            actual = number
        else:
            if expected is not None:
                size = leap(expected, number) * (1 if number >= expected else -1)
                cost += 0.9 * min(abs(size), 2.5)
                if step is not None:
                    cost += 0.6 * min(abs(size - step), 1.0)
                step = size
            expected = number
    return cost, (actual, expected, step)


def _gives(quotient: float, number: float) -> bool:
    """Whether a unit cost is this quotient, as far as it is printed."""
    return abs(quotient - number) <= 0.5 * 10.0 ** -decimals(number) + 1e-6
