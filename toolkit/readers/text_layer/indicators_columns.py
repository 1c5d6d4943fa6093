"""Tables printed without their row labels: the values of a page, column by column, back to their tables.

The extractor prints narrow cells downwards: the actual and the expected value of one year, then the next year; a
column that stands apart is printed for all tables below each other, then the next. So the values of a page are read
as a row of columns, and a beam search gives each column to a table: a table's columns come in order, a row is a
series, what was expected is of the size of what came, and an achievement is actual / target.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
_WIDTH, _WINDOW = 16, 3.0
#: a reading no dearer than this is as good, without and with achievements; of so many that is asked
_TIE, _RIVALS = (0.1, 0.3), 40
#: the cell of a value that has none
_NOWHERE = (-1, -1)


class _Table(NamedTuple):
    """How far a table is filled: its next column, the one before that was left blank and may yet come, and what stands
    last in its two series, with the last step of the expected values."""

    col: int = 0
    hole: int = -1
    actual: float | None = None
    expected: float | None = None
    step: float | None = None


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
    """What the next values may be: their cells, the price as such, the numbers of its series, what column comes then."""

    price: float
    series: tuple[tuple[int, float], ...]
    cells: tuple[Cell, ...]
    numbers: tuple[Cell, ...]
    end: int


class _Move(NamedTuple):
    """A way in which a table goes on, and how far it is filled then."""

    price: float
    size: int
    table: int
    way: _Way


@dataclass(eq=False, slots=True)
class _Trail:
    """The values placed last (-1: in no table), what was placed before, and the readings that go on in the same way.

    These ``twins`` are no more than a tie dearer (each by so much), and hold other numbers.
    """

    before: _Trail | None
    owner: int
    cells: tuple[Cell, ...]
    twins: list[tuple[float, _Trail]]


class _State(NamedTuple):
    cost: float
    at: int
    tables: tuple[int, ...]  # how far each table is filled
    table: int  # the last one
    content: int  # which number stands where
    trail: _Trail | None


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
        self.known: list[dict[tuple[tuple[int, ...], int], _State]] = [{} for _ in range(end + 1)]
        self.columns: dict[tuple[int, int, int], list[_Way]] = {}
        self.blocks: dict[tuple[int, int, int], list[_Way]] = {}
        self.moves: dict[tuple[int, int, int], list[_Move]] = {}
        self.tables: list[_Table] = []  # every filling of a table met so far, and its place in this list
        self.places: dict[_Table, int] = {}
        start = self._place(0, _Table())
        self.beams[0].add(0.0, _State(0.0, 0, (start,) * count, 0, 0, None))
        for at in range(end):
            states = self.beams[at].states()
            dear = states[0].cost + _WINDOW
            for state in states:
                if state.cost <= dear and (not at or self.known[at][state.tables, state.table] is state):
                    self._grow(state)
        readings = list(self._readings(self.beams[end].states()[0].trail))
        return {id(body): self._solved(table, body, readings) for table, body in enumerate(self.own)}

    def _grow(self, state: _State) -> None:
        """All that may be done with the next value, or the next few of them."""
        cost, at, tables, last, content, trail = state
        one = self.printed[at]
        left = _LEFT_DASH if one.number is None else _LEFT if one.home >= 0 else _LEFT_OTHER
        self._offer(cost + left, at + 1, tables, last, content if one.number is None else hash((content, -1)), trail, -1,
                    (_NOWHERE,))  # fmt: skip
        for table, place in enumerate(tables):
            so_far = cost + (_UP if table < last else 0.0)
            for price, size, filled, way in self._moves(at, table, place, cost):
                if so_far + price < self.beams[at + size].limit:
                    self._offer(so_far + price, at + size, (*tables[:table], filled, *tables[table + 1 :]), table,
                                hash((content, table, way.numbers)) if way.numbers else content, trail, table, way.cells)  # fmt: skip

    def _offer(self, cost: float, at: int, tables: tuple[int, ...], table: int, content: int,
               before: _Trail | None, owner: int, cells: tuple[Cell, ...]) -> None:  # fmt: skip
        """Keep a reading so far, unless another one that can go on in the same ways is cheaper: then as its twin."""
        if at == len(self.printed):
            cost += sum(map(self._missing, self.grids, tables))
            tables, table = (), 0
        known = self.known[at]
        twin = known.get((tables, table))
        if twin is not None and twin.cost <= cost:
            if cost - twin.cost <= _TIE[1] and content != twin.content and twin.trail is not None:
                twin.trail.twins.append((cost - twin.cost, _Trail(before, owner, cells, [])))
            return
        if cost >= self.beams[at].limit:
            return
        trail = _Trail(before, owner, cells, [])
        if twin is not None and twin.cost - cost <= _TIE[1] and twin.trail is not None and content != twin.content:
            trail.twins.append((twin.cost - cost, twin.trail))
        state = known[tables, table] = _State(cost, at, tables, table, content, trail)
        self.beams[at].add(cost, state)

    # -- what may come next
    def _place(self, table: int, filled: _Table) -> int:
        """The number of a filling; of a table that is done it does not matter what stands last."""
        if filled.col >= self.grids[table].cols and filled.hole < 0:
            filled = _Table(filled.col)
        place = self.places.get(filled)
        if place is None:
            place = self.places[filled] = len(self.tables)
            self.tables.append(filled)
        return place

    def _moves(self, at: int, table: int, place: int, cost: float) -> list[_Move]:
        """How a table may go on with the values from ``at`` on, but for what is too dear after a reading of this cost.

        Readings are grown cheapest first, so it is too dear after all others as well.
        """
        known = self.moves.get((at, table, place))
        if known is None:
            grid, filled = self.grids[table], self.tables[place]
            options, skipped = [], 0.0
            for start in range(filled.col, grid.cols):
                hole = filled.hole if start == filled.col else start - 1
                options += [(skipped, way, way.end, hole) for way in self._block(at, table, start)]
                skipped += self._blank(grid, start)
                if skipped > 2.5 * _BLANK:
                    break
            if filled.hole >= 0:
                price = _SWAP - self._blank(grid, filled.hole)
                options += [(price, way, filled.col, -1) for way in self._columns(at, table, filled.hole)]
            known = []
            for price, way, col, hole in options:
                size = len(way.cells)
                room = self.beams[at + size].limit - cost
                price += way.price
                if price < room:
                    more, actual, expected, step = _steps(filled.actual, filled.expected, filled.step, way.series)
                    if price + more < room:
                        then = self._place(table, _Table(col, hole, actual, expected, step))
                        known.append(_Move(price + more, size, then, way))
            known.sort()
            self.moves[at, table, place] = known
        return known

    def _block(self, at: int, table: int, col: int) -> list[_Way]:
        """The next values as one column, or as two or three years that are printed by rows."""
        known = self.blocks.get((at, table, col))
        if known is None:
            known = self.blocks[at, table, col] = [*self._columns(at, table, col), *self._by_rows(at, table, col)]
        return known

    def _columns(self, at: int, table: int, col: int) -> list[_Way]:
        known = self.columns.get((at, table, col))
        if known is None:
            ways = self._column(at, self.grids[table], col)
            known = [self._way(at, table, price, cells, col + 1) for price, cells in ways]
            self.columns[at, table, col] = known
        return known

    def _by_rows(self, at: int, table: int, col: int) -> Iterator[_Way]:
        grid, left = self.grids[table], len(self.printed) - at
        for width in (2, 3):
            columns = range(col, col + width)
            if grid.zones[col : col + width] != ("year",) * width or grid.rows * width > left:
                continue
            narrow = min(one.width for one in self.printed[at : at + grid.rows * width])
            price = _BY_ROWS[min(narrow, 5)]
            for end in range(col + width, min(grid.cols, left + col + width - grid.rows * width) + 1):
                if end > col + width and grid.zones[end - 1] == "year":
                    break
                plans = [(1, c) for c in range(col, end)]  # with those of the years to come
                cells = [*((0, c) for c in columns), *plans, *((2, c) for c in columns if grid.rows == 3)]
                yield self._way(at, table, price, cells, end)
            if grid.rows == 3:
                pairs = [(r, c) for c in columns for r in (0, 1)]
                yield self._way(at, table, 0.15, [*pairs, *((2, c) for c in columns)], col + width)

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

    def _way(self, at: int, table: int, price: float, cells: Sequence[Cell], end: int) -> _Way:
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
        return _Way(price, series, tuple(cells), tuple(numbers), end)

    def _blank(self, grid: Grid, col: int) -> float:
        """A column with nothing in it."""
        return _BLANK * sum((row, col) not in grid.optional for row in (0, 1))

    def _missing(self, grid: Grid, place: int) -> float:
        """What a table lacks in the end; it may also be empty."""
        col = self.tables[place].col
        return (
            sum(self._blank(grid, late) * (0.5 if late >= 3 else 1.0) for late in range(col, grid.cols)) if col else 0.0
        )

    # -- the outcome
    def _readings(self, best: _Trail | None) -> Iterator[tuple[float, list[_Trail]]]:
        """The best reading, then its twins, each with what it is dearer by: the values placed, in printed order."""
        serial = itertools.count()
        heap: list[tuple[float, int, _Trail | None, list[_Trail]]] = [(0.0, next(serial), best, [])]
        for _ in range(_RIVALS):
            if not heap:
                return
            gap, _, trail, after = heapq.heappop(heap)
            while trail is not None:
                for more, twin in trail.twins:
                    if gap + more <= _TIE[1]:
                        heapq.heappush(heap, (gap + more, next(serial), twin, after))
                after = [trail, *after]
                trail = trail.before
            yield gap, after

    def _pairs(self, table: int, reading: Sequence[_Trail]) -> tuple[list[tuple[Value, Cell]], int]:
        """The values of a table with their cells, and how many numbers printed with it were left out."""
        pairs: list[tuple[Value, Cell]] = []
        at = lost = 0
        for trail in reading:
            if trail.owner == table:
                values = [one.value for one in self.printed[at : at + len(trail.cells)]]
                pairs += zip(values, trail.cells, strict=True)
            elif trail.owner < 0 and self.printed[at].home == table and self.printed[at].number is not None:
                lost += 1
            at += len(trail.cells)
        return pairs, lost

    def _solved(self, table: int, body: Body, readings: Sequence[tuple[float, list[_Trail]]]) -> Solved:
        """What one table got, and what that costs: what is left out among its neighbours says nothing against it."""
        grid = self.grids[table]
        pairs, lost = self._pairs(table, readings[0][1])
        held = {cell: value.number for value, cell in pairs if value.number is not None}
        cost = _LEFT * lost
        if pairs:
            cost += _BLANK * sum(cell not in held for cell in grid.counted if cell[0] < 2)
            cost += _steps(None, None, None, tuple((row, held[row, col]) for row, col in sorted(held) if row < 2))[0]
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
        for gap, rival in readings[1:]:
            if gap > _TIE[grid.ratio is not None]:
                break
            other = {cell: value.number for value, cell in self._pairs(table, rival)[0] if value.number is not None}
            tied |= {cell for cell, number in held.items() if other.get(cell) != number}
        pairs = [(value, cell) for value, cell in pairs if cell not in tied]
        tokens = [Token(value.number, value.span.line.number) for value, _ in pairs]
        filled = Filled([cell for _, cell in pairs], {cell for _, cell in pairs}, confirmed, cost)
        return Solved(body, body.runs, grid, self.years[table], [value for value, _ in pairs], tokens, filled)


def _steps(
    actual: float | None, expected: float | None, step: float | None, series: Sequence[tuple[int, float]]
) -> tuple[float, float | None, float | None, float | None]:
    """The price of a few more numbers of the two series, and what then stands last: plans grow evenly."""
    cost = 0.0
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
    return cost, actual, expected, step


def _gives(quotient: float, number: float) -> bool:
    """Whether a unit cost is this quotient, as far as it is printed."""
    return abs(quotient - number) <= 0.5 * 10.0 ** -decimals(number) + 1e-6
