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
from toolkit.readers.text_layer.indicators_prices import Token, decimals, leap
from toolkit.readers.text_layer.indicators_scan import Value
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.indicators_ways import BLANK, Printed, Way, Ways, agreement
from toolkit.text import fold

__all__ = ["sort_columns"]

#: prices: a number left out (one of these tables, one of another), a dash left out, a step to a table further up, a
#: column printed after its right-hand neighbour
_LEFT, _LEFT_OTHER, _LEFT_DASH, _UP, _SWAP = 1.8, 0.3, 0.1, 0.5, 0.35
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


class _Move(NamedTuple):
    """A way in which a table goes on, and how far it is filled then."""

    price: float
    size: int
    table: int
    way: Way


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
        self.printed: list[Printed] = []
        for run, body in runs:
            home = places.get(id(body), -1)
            place = home if home >= 0 else sum(other.start < body.start for other in own) - 0.5
            for value in run.values:
                if home >= 0 or not (value.number is None or any(_gives(one, value.number) for one in quotients)):
                    self.printed.append(
                        Printed(value, value.number, home, place, run.line.number, len(fold(value.span.text)))
                    )
        self.ways = Ways(self.grids, self.printed, [body.counts for body in own])

    def solve(self) -> dict[int, Solved]:
        count, end = len(self.own), len(self.printed)
        self.longest = max(len(grid.cells) for grid in self.grids)
        self.beams: list[Beam[_State]] = [Beam(_WIDTH) for _ in range(end + 1)]
        self.known: list[dict[tuple[tuple[int, ...], int], _State]] = [{} for _ in range(end + 1)]
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
            cost += sum(
                missing[self.tables[place].col] for missing, place in zip(self.ways.missing, tables, strict=True)
            )
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
            filled, blank = self.tables[place], self.ways.blank[table]
            rooms = [beam.limit - cost for beam in self.beams[at : at + self.longest + 1]]
            most = max(rooms[1:])
            options, skipped = [], 0.0
            for start in range(filled.col, len(blank)):
                hole = filled.hole if start == filled.col else start - 1
                options.append((skipped, self.ways.block(at, table, start), -1, hole))
                skipped += blank[start]
                if skipped > 2.5 * BLANK:
                    break
            if filled.hole >= 0:
                options.append((_SWAP - blank[filled.hole], self.ways.column(at, table, filled.hole), filled.col, -1))
            known = []
            for extra, ways, col, hole in options:
                for way in ways:  # the cheapest first
                    price, size = extra + way.price, len(way.cells)
                    if price >= most:
                        break
                    if price < rooms[size]:
                        more, actual, expected, step = _steps(filled.actual, filled.expected, filled.step, way.series)
                        if price + more < rooms[size]:
                            then = _Table(way.end if col < 0 else col, hole, actual, expected, step)
                            known.append(_Move(price + more, size, self._place(table, then), way))
            known.sort()
            self.moves[at, table, place] = known
        return known

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
            cost += BLANK * sum(cell not in held for cell in grid.counted if cell[0] < 2)
            cost += _steps(None, None, None, tuple((row, held[row, col]) for row, col in sorted(held) if row < 2))[0]
        confirmed = set()
        for col in range(grid.cols):
            more, fits = agreement(grid, held, col)
            cost += more
            confirmed |= {col} if fits else set()
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
