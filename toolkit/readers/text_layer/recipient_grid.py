"""The cells of the recipients' tables put back into rows: a search over the order in which they were printed.

The text layer prints a table in runs: cells of one row from left to right, or cells of one column from top to
bottom. Within a column the order is nearly always kept, the number of rows is known from the contract methods,
and a method tells whether bidders were counted. The search walks through the pieces in printed order and keeps
the cheapest ways to fill the grid; what other fillings nearly as good would read differently is not sure. A dash
says nothing by itself and is not placed; that it stood between two values is taken into account.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from toolkit.readers.text_layer.recipient_cells import (
    AMOUNT, BIDDERS, BLANK, COLUMNS, METHOD, NAME, NUMBER, RANK, RATE, REASON, WORK, Cell, Piece, Way, is_person, method_class,
)  # fmt: skip
from toolkit.text import parse_amount

__all__ = ["Event", "Grid", "Table", "solve"]

#: states kept after each piece; states this much dearer than the best are dropped
_WIDTH, _SLACK = 200, 20.0
#: fillings up to this much dearer than the best are taken for as good as the best
_MARGIN = 2.5


@dataclass(slots=True)
class Table:
    """One list of recipients; ``first`` is the number of its first row in the grid of all tables."""

    block: str
    size: int
    first: int

    @property
    def end(self) -> int:
        return self.first + self.size


@dataclass(frozen=True, slots=True)
class Event:
    """What comes next in printed order: a piece, or the label of one column of a table."""

    piece: Piece | None = None
    table: int = -1
    column: int = -1


@dataclass(slots=True)
class Grid:
    """The filled grid: cells by row and column, which of them are open to doubt, and the numbers of empty rows."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    doubtful: set[tuple[int, int]] = field(default_factory=set)
    empty_ranks: list[Cell] = field(default_factory=list)


class _Step:
    """One decision on the way to a filling; ``others`` are ways to much the same state that cost a little more."""

    __slots__ = ("before", "others", "row", "way")

    def __init__(self, before: _Step | None, row: int, way: Way | None) -> None:
        self.before, self.row, self.way = before, row, way
        self.others: list[tuple[float, _Step]] | None = None


class _State:
    """A filling so far: which cells are filled, how far down each column, and where the last piece went.

    ``filled`` and ``charged`` (left blank, and paid for) have one bit per cell; ``opened`` and ``closed`` have one
    per row, by its contract method: bidders counted or not; ``persons`` the rows of private persons. ``place`` is the row of the last
    piece, its first and last column, and the first row of the run it belongs to.
    """

    __slots__ = ("amount", "charged", "closed", "cost", "filled", "opened", "persons", "place", "rank", "step", "tops")

    def __init__(self, cost: float, filled: int, charged: int, modes: tuple[int, int, int], tops: tuple[int, ...],
                 place: tuple[int, int, int, int], amount: tuple[int, int], rank: tuple[int, int], step: _Step) -> None:  # fmt: skip
        self.cost, self.filled, self.charged, self.tops = cost, filled, charged, tops
        self.opened, self.closed, self.persons = modes
        self.place, self.amount, self.rank, self.step = place, amount, rank, step

    @property
    def modes(self) -> tuple[int, int, int]:
        return self.opened, self.closed, self.persons

    def next_open(self, row: int) -> int:
        """The first row from ``row`` on whose method is not one without bidders."""
        while self.closed >> row & 1:
            row += 1
        return row


class _Search:
    def __init__(self, tables: list[Table]) -> None:
        self.tables = tables
        self.rows = tables[-1].end
        self.table_of = [index for index, table in enumerate(tables) for _ in range(table.size)]
        self.first_of = [table.first for table in tables for _ in range(table.size)]
        self.firm = sum(((1 << self.rows) - 1) << column * self.rows for column in (NAME, AMOUNT, METHOD))
        #: per column the table whose label was printed last; the column labelled just before this piece
        self.seen = [-1] * COLUMNS
        self.fresh = -1
        #: pieces of nothing but dashes since the last piece
        self.dashes = 0
        self.best: dict[tuple[object, ...], _State] = {}
        self.limit = 0.0

    # -- what a placement costs: about the logarithm of how rarely it is seen
    def _near(self, state: _State, row: int, left: int) -> float:
        """What speaks against printing this cell right after the last one."""
        at, first, last, start = state.place
        dashes = self.dashes
        if at < 0:
            return 0.0
        if self.fresh == left and 0 <= row - self.tables[self.seen[left]].first <= dashes:
            return 0.3
        loose = left in (BIDDERS, RATE, REASON, NUMBER)
        if row == at:
            return (0.2 if left == last + 1 else 0.8 + 0.4 * (left - last)) if left > last else 3.5
        if left == first and row > at:
            over = row - at - 1 - dashes
            if not over:
                return 0.0
            return 0.6 if loose and state.next_open(at + 1) == row else 0.8 if over < 0 else 3.5
        if row == at + 1 and left < first:
            return 1.0
        top = state.tops[left]
        if left > last:
            down = row - start
            if 0 <= down <= dashes or loose and state.next_open(start) == row:
                return 1.4 + 0.2 * (left - last) + (0.5 if down else 0.0)
            if 0 <= row - top <= dashes or loose and state.next_open(top) == row:
                return 2.2 + 0.1 * (left - last) + (0.5 if row > top else 0.0)
            return 4.5
        return 3.0 if row == top else 4.5

    def _fit(self, state: _State, row: int, column: int, cell: Cell, filled: int) -> float:
        """What speaks against this cell in this row, by what else the row says."""
        if column == BIDDERS:
            early = (0.0 if filled >> AMOUNT * self.rows + row & 1 else 2.0) + (0.0 if filled >> METHOD * self.rows + row & 1 else 1.0)
            many = 0.0 if len(cell.folded) < 2 or cell.folded < "20" else 2.0 if len(cell.folded) < 3 else 5.0
            return early + many + (3.0 if state.closed >> row & 1 else 0.0)
        if column == AMOUNT:
            at, other = state.amount
            if at >= self.first_of[row] and self.table_of[at] == self.table_of[row]:
                value = parse_amount(cell.folded) or 0
                return 6.0 if (value > other if at < row else value < other) else 0.0
        elif column == NUMBER:
            return 4.0 if state.persons >> row & 1 else 0.0
        elif column == RATE and state.closed >> row & 1:
            return 0.5
        return 0.0

    def _reach(self, row: int, column: int, near: float) -> float:
        """What speaks against a cell printed before the label of its column, or after that of the next table."""
        ahead = self.table_of[row] - max(self.seen[column], 0)
        if ahead == 0 or column == RANK:
            return 0.0
        if ahead < 0:
            return 0.0 if near < 0.3 else 2.0 if ahead == -1 else 6.0
        if column < WORK:
            return 0.3
        return 1.5 if column == WORK else 9.0 if row == self.first_of[row] else 5.0

    def _rank_step(self, last: tuple[int, int], here: tuple[int, int]) -> float:
        if here == (last[0], last[1] + 1):
            return 0.0
        if here[1] == 1 and here[0] > last[0]:
            return 0.0 if all(not self.tables[t].size for t in range(last[0] + 1, here[0])) else 1.5
        return 2.0 if here[0] >= last[0] else 3.5

    # -- steps
    def _rows_for(self, state: _State, way: Way) -> set[int]:
        column = way.columns[0]
        if column == RANK:
            last, rank = max(state.rank[0], 0), int(way.cells[0].folded)
            return {t.first + rank - 1 for t in self.tables[max(last - 1, 0) : last + 3] if 1 <= rank <= t.size}
        at, _, _, start = state.place
        top = state.tops[column]
        rows = {top, at, at + 1, start}
        if self.dashes:
            rows |= set(range(max(start, 0), start + min(self.dashes, 4) + 1)) | set(range(at + 1, at + min(self.dashes, 9) + 2))
        if self.seen[column] >= 0:
            rows.add(self.tables[self.seen[column]].first)
        if column in (BIDDERS, RATE):
            rows |= {state.next_open(row) for row in (top, at + 1, start, self.tables[max(self.seen[column], 0)].first) if row >= 0}
            table = self.tables[max(self.seen[column], 0)]
            if state.tops[METHOD] <= table.first:  # no method yet that would tell
                rows |= set(range(max(table.first, top), table.end))
        elif column != NUMBER:
            mask = state.filled >> column * self.rows & (1 << self.rows) - 1
            rows.add((~mask & (mask + 1)).bit_length() - 1)
        return rows

    def _blank(self, state: _State, column: int, row: int) -> float:
        """What speaks against a cell without a value."""
        if column == NUMBER:
            return 0.0 if state.persons >> row & 1 else 1.5 if state.filled >> NAME * self.rows + row & 1 else 0.7
        if column != BIDDERS:
            return BLANK[column]
        return 4.0 if state.opened >> row & 1 else 0.0 if state.closed >> row & 1 else 0.7

    def place(self, state: _State, way: Way) -> None:
        """Every way to put a piece into a row."""
        columns, cells, height = way.columns, way.cells, self.rows
        left, right = columns[0], columns[-1]
        base = state.cost + way.cost
        for row in self._rows_for(state, way):
            if not 0 <= row < height:
                continue
            near = self._near(state, row, left)
            if left == RANK and row == state.tops[RANK]:
                near = min(near, 1.0)
            cost = base + near + max(self._reach(row, left, near), self._reach(row, right, near))
            if cost > self.limit:
                continue
            filled, charged, tops = state.filled, state.charged, list(state.tops)
            amount, rank, modes = state.amount, state.rank, state.modes
            for column, cell in zip(columns, cells, strict=True):
                bit = 1 << column * height + row
                if filled & bit:
                    break
                if row < tops[column]:
                    if charged & bit:
                        charged &= ~bit
                        cost -= self._blank(state, column, row)
                    cost += 0.0 if near < 0.1 else 0.5 if column == RANK else 2.0 / len(columns)
                else:
                    if row > tops[column]:
                        extra, charged = self._skip(state, column, tops[column], row, charged, len(columns) > 2 or left == RANK)
                        cost += extra
                    tops[column] = row + 1
                filled |= bit
                cost += self._fit(state, row, column, cell, filled)
                if column == AMOUNT:
                    amount = (row, parse_amount(cell.folded) or 0)
                elif column == METHOD:
                    kind = method_class(cell.folded)
                    modes = (modes[0] | (kind == "open") << row, modes[1] | (kind == "closed") << row, modes[2])
                    cost += 3.0 if kind == "closed" and filled >> BIDDERS * height + row & 1 else 0.0
                elif column == NAME and is_person(cell.folded):
                    modes = (modes[0], modes[1], modes[2] | 1 << row)
            else:
                if left == RANK:
                    rank = (self.table_of[row], row - self.first_of[row] + 1)
                    cost += self._rank_step(state.rank, rank)
                at, first, _, start = state.place
                start = start if at < row <= at + 1 + self.dashes and left == first else row
                self._keep(
                    _State(cost, filled, charged, modes, tuple(tops), (row, left, right, start), amount, rank, _Step(state.step, row, way))
                )

    def _skip(self, state: _State, column: int, top: int, until: int, charged: int, wide: bool) -> tuple[float, int]:
        """What speaks against leaving rows blank.

        Rows whose number is missing while this one's was printed may still follow; and methods of several lines
        are printed after those that share a line with the rest of their row (``wide``).
        """
        if column == RANK:
            return 0.0, charged
        cost = 0.0
        loose = column in (NUMBER, REASON, RATE, BIDDERS)
        led = wide or state.filled >> until & 1
        for row in range(top, until):
            if not loose and (column == METHOD and wide or led and not state.filled >> row & 1):
                cost += 0.4
            else:
                cost += self._blank(state, column, row)
                charged |= 1 << column * self.rows + row
        return (min(cost, 4.0) if column in (NUMBER, REASON) else cost), charged

    def place_empty_rank(self, state: _State, way: Way) -> None:
        """The number of a row that has no recipient."""
        rank = int(way.cells[0].folded)
        last, number = state.rank
        if rank == number + 1 and 0 <= last and rank > self.tables[last].size:
            here, extra = (last, rank), 0.1
        elif rank == 1 and last + 1 < len(self.tables) and not self.tables[last + 1].size:
            here, extra = (last + 1, 1), 0.1
        else:
            return
        self._keep(
            _State(state.cost + extra, state.filled, state.charged, state.modes, state.tops, state.place, state.amount, here,
                   _Step(state.step, -1, way))
        )  # fmt: skip

    def _keep(self, state: _State) -> None:
        cost = state.cost
        if cost > self.limit:
            return
        self.limit = min(self.limit, cost + _SLACK)
        key = (state.tops[:REASON], state.place, state.rank, state.filled & self.firm)
        known = self.best.get(key)
        if known is None:
            self.best[key] = state
        elif cost < known.cost:
            gap = known.cost - cost
            if gap <= _MARGIN:
                state.step.others = [(gap, known.step)] + [(extra + gap, one) for extra, one in known.step.others or ()]
            known.step.others = None
            self.best[key] = state
        elif cost - known.cost <= _MARGIN:
            known.step.others = [*(known.step.others or ()), (cost - known.cost, state.step)]

    def take(self, states: list[_State], event: Event) -> list[_State]:
        """All states after one more event, the cheapest first."""
        piece = event.piece
        if piece is None:
            self.seen[event.column] = min(event.table, len(self.tables) - 1)
            self.fresh, self.dashes = event.column, 0
            return states
        if not piece.ways:
            self.dashes += 1
            return states
        self.best = {}
        dropped = 9.0 + 2.0 * len(piece.cells)
        self.limit = states[0].cost + max(dropped, _SLACK)
        alone = piece.kinds == "i"
        for state in states:
            for way in piece.ways:
                self.place(state, way)
                if alone and way.columns[0] == RANK:
                    self.place_empty_rank(state, way)
            self._keep(
                _State(state.cost + dropped, state.filled, state.charged, state.modes, state.tops, state.place, state.amount, state.rank,
                       _Step(state.step, -1, None))
            )  # fmt: skip
        self.fresh, self.dashes = -1, 0
        return sorted((s for s in self.best.values() if s.cost <= self.limit), key=lambda one: one.cost)[:_WIDTH]

    def finish(self, states: list[_State]) -> list[_State]:
        """What is left blank at the end counts too."""
        for state in states:
            missing = ~(state.filled | state.charged)
            for table in self.tables:
                for column in range(COLUMNS):
                    rows = (row for row in range(table.first, table.end) if missing >> column * self.rows + row & 1)
                    cost = sum(self._blank(state, column, row) for row in rows)
                    state.cost += min(cost, 4.0) if column in (NUMBER, REASON) else cost
        return sorted(states, key=lambda one: one.cost)


def solve(events: list[Event], tables: list[Table]) -> Grid:
    """Fill the grid of ``tables`` from ``events``."""
    search = _Search(tables)
    states = [_State(0.0, 0, 0, (0, 0, 0), (0,) * COLUMNS, (-1, -1, -1, -1), (-1, 0), (-1, 0), _Step(None, -1, None))]
    for event in events:
        states = search.take(states, event)
    return _read(search.finish(states))


def _read(states: list[_State]) -> Grid:
    best = states[0]
    grid = Grid()
    path = _path(best.step)
    for step in path:
        if step.way is not None:
            if step.row < 0:
                grid.empty_ranks.append(step.way.cells[0])
            grid.cells |= {(step.row, column): cell for column, cell in zip(step.way.columns, step.way.cells, strict=True) if step.row >= 0}
    rivals = [(state.cost - best.cost, state.step) for state in states[1:]]
    rivals += [rival for step in path for rival in step.others or ()]
    for extra, step in rivals:
        if extra <= _MARGIN:
            other = _path(step)
            grid.doubtful |= _differ(_values(path[: len(other)]), _values(other))
    return grid


def _path(step: _Step | None) -> list[_Step]:
    found = []
    while step is not None:
        found.append(step)
        step = step.before
    return found[::-1]


def _values(path: list[_Step]) -> dict[tuple[int, int], str]:
    return {
        (step.row, column): cell.folded
        for step in path
        if step.way is not None and step.row >= 0
        for column, cell in zip(step.way.columns, step.way.cells, strict=True)
    }


def _differ(ours: dict[tuple[int, int], str], theirs: dict[tuple[int, int], str]) -> set[tuple[int, int]]:
    """The places that read differently."""
    return {place for place in ours.keys() | theirs.keys() if ours.get(place) != theirs.get(place)}
