"""The cells of the recipients' tables put back into rows: a search over the order in which they were printed.

The text layer prints a table in runs: cells of one row from left to right, or cells of one column from top to
bottom. Within a column the order is nearly always kept, and the number of rows is known from the contract
methods. The search walks through the pieces in printed order and keeps the cheapest ways to fill the grid; what
other fillings nearly as good would read differently is not sure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from toolkit.readers.text_layer.recipient_cells import (
    AMOUNT, BIDDERS, BLANK, COLUMNS, METHOD, NAME, NUMBER, RANK, RATE, REASON, WORK, Cell, Piece, Way, method_class,
)  # fmt: skip
from toolkit.text import parse_amount

__all__ = ["Event", "Grid", "Table", "solve"]

#: states kept after each piece; states this much dearer than the best are dropped
_WIDTH, _SLACK = 16, 8.0
#: fillings up to this much dearer than the best are taken for as good as the best
_MARGIN = 1.6


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
    """The filled grid: cells by row and column, which of them are open to doubt, numbers of empty rows, what is left."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    doubtful: set[tuple[int, int]] = field(default_factory=set)
    empty_ranks: list[Cell] = field(default_factory=list)
    dashes: list[Cell] = field(default_factory=list)


class _Step:
    """One decision on the way to a filling; ``others`` are ways to much the same state that cost a little more."""

    __slots__ = ("before", "others", "piece", "row", "way")

    def __init__(self, before: _Step | None, row: int, way: Way | None, piece: Piece | None) -> None:
        self.before, self.row, self.way, self.piece = before, row, way, piece
        self.others: list[tuple[float, _Step]] | None = None


class _State:
    """A filling so far: which cells are filled, how far down each column, and where the last piece went.

    ``filled``, ``dashed`` (filled with a dash) and ``charged`` (left blank, and paid for) have one bit per cell.
    """

    __slots__ = ("amount", "charged", "cost", "dashed", "filled", "place", "rank", "step", "tops")

    def __init__(self, cost: float, filled: int, dashed: int, charged: int, tops: tuple[int, ...], place: tuple[int, int, int, int],
                 amount: tuple[int, int], rank: tuple[int, int], step: _Step) -> None:  # fmt: skip
        self.cost, self.filled, self.dashed, self.charged, self.tops = cost, filled, dashed, charged, tops
        self.place, self.amount, self.rank, self.step = place, amount, rank, step


class _Search:
    def __init__(self, tables: list[Table], methods: dict[int, str], dashes: bool) -> None:
        self.tables = tables
        self.rows = tables[-1].end
        self.table_of = [index for index, table in enumerate(tables) for _ in range(table.size)]
        self.first_of = [table.first for table in tables for _ in range(table.size)]
        self.openness = [method_class(methods.get(row, "")) for row in range(self.rows)]
        self.blank = [self._blanks(column, dashes) for column in range(COLUMNS)]
        self.firm = sum(((1 << self.rows) - 1) << column * self.rows for column in (NAME, AMOUNT, METHOD))
        #: per column the table whose label was printed last; the label just before this piece
        self.seen = [-1] * COLUMNS
        self.fresh = -1
        self.best: dict[tuple[object, ...], _State] = {}
        self.limit = 0.0

    def _blanks(self, column: int, dashes: bool) -> list[float]:
        """What speaks against a blank cell, by row: bidders are counted where competition was open."""
        if column not in (BIDDERS, RATE):
            return [BLANK[column]] * self.rows
        closed, unknown, contested = (2.5, 2.5, 3.5) if dashes else (0.0, 0.5, 3.0 if column == BIDDERS else 0.8)
        return [contested if kind == "open" else closed if kind == "closed" else unknown for kind in self.openness]

    # -- what a placement costs
    def _near(self, state: _State, row: int, left: int) -> float:
        """What speaks against printing this cell right after the last one."""
        at, first, last, start = state.place
        if self.fresh == left and row == self.tables[self.seen[left]].first:
            return 0.1
        if at < 0:
            return 0.0
        if row == at:
            return 0.2 * (left - last - 1) if left > last else 1.2
        if row == at + 1 and left <= first:
            return 0.0 if left == first else 0.6
        if left > last and row == start:
            return 0.2 + 0.2 * (left - last)
        if row == state.tops[left]:
            return 0.6 if left > last else 1.8
        return 1.5 if row == at + 1 else 2.0

    def _fit(self, state: _State, row: int, column: int, cell: Cell, filled: int) -> float:
        """What speaks against this cell in this row, by what else the row says."""
        if column == BIDDERS:
            openness = self.openness[row]
            early = 0.0 if filled >> AMOUNT * self.rows + row & 1 else 1.0
            if cell.kind == "-":
                return early + (3.5 if openness == "open" else 0.0)
            many = 0.0 if len(cell.folded) < 2 or cell.folded < "20" else 1.5 if len(cell.folded) < 3 else 4.0
            return early + many + (2.0 if openness == "closed" else 0.0)
        if column == AMOUNT and cell.kind != "-":
            at, other = state.amount
            if at >= self.first_of[row] and self.table_of[at] == self.table_of[row]:
                value = parse_amount(cell.folded) or 0
                return 5.0 if (value > other if at < row else value < other) else 0.0
        elif column == RATE and cell.kind == "p" and self.openness[row] == "closed":
            return 0.5
        elif column == NUMBER and cell.kind == "-" and state.place[2] > NUMBER:
            return 1.0
        return 0.0

    def _reach(self, row: int, column: int) -> float:
        """What speaks against a cell printed before the label of its column, or after that of the next table."""
        ahead = self.table_of[row] - max(self.seen[column], 0)
        if ahead == 0 or column == RANK:
            return 0.0
        if ahead < 0:
            return 0.8 if ahead == -1 else 5.0
        if column < WORK:
            return 0.2
        return 1.0 if column == WORK else 9.0 if row == self.first_of[row] else 4.0

    def _rank_step(self, last: tuple[int, int], here: tuple[int, int]) -> float:
        if here == (last[0], last[1] + 1):
            return 0.0
        if here[1] == 1 and here[0] > last[0]:
            return 0.0 if all(not self.tables[t].size for t in range(last[0] + 1, here[0])) else 0.6
        return 1.0 if here[0] >= last[0] else 2.0

    # -- steps
    def _rows_for(self, state: _State, way: Way) -> set[int]:
        column = way.columns[0]
        if column == RANK:
            last, rank = max(state.rank[0], 0), int(way.cells[0].folded)
            return {t.first + rank - 1 for t in self.tables[max(last - 1, 0) : last + 3] if 1 <= rank <= t.size}
        at, _, _, start = state.place
        rows = {state.tops[column], at, at + 1, start}
        if self.seen[column] >= 0:
            rows.add(self.tables[self.seen[column]].first)
        if column in (NAME, WORK, AMOUNT, METHOD):
            mask = state.filled >> column * self.rows & (1 << self.rows) - 1
            rows.add((~mask & (mask + 1)).bit_length() - 1)
        return rows

    def place(self, state: _State, way: Way, piece: Piece) -> None:
        columns, cells, height = way.columns, way.cells, self.rows
        left, right = columns[0], columns[-1]
        base = state.cost + way.cost
        dash = piece.kinds == "-"
        for row in self._rows_for(state, way):
            if not 0 <= row < height:
                continue
            near = self._near(state, row, left)
            cost = base + near + max(self._reach(row, left), self._reach(row, right))
            if cost > self.limit or dash and near >= 1.5:
                continue
            filled, dashed, charged, tops = state.filled, state.dashed, state.charged, list(state.tops)
            amount, rank = state.amount, state.rank
            for column, cell in zip(columns, cells, strict=True):
                bit = 1 << column * height + row
                if filled & bit:  # a dash here or there says the same: only a second value is impossible
                    if (cell.kind != "-" or len(columns) == 1) and not dashed & bit:
                        break
                    cost += 1.5
                    if cell.kind != "-":
                        dashed &= ~bit
                elif row < tops[column]:
                    if charged & bit:
                        charged &= ~bit
                        cost -= self.blank[column][row]
                    cost += 0.5 if column == RANK else 2.5 / len(columns)
                else:
                    if row > tops[column]:
                        extra, charged = self._skip(state, column, tops[column], row, charged)
                        cost += extra
                    tops[column] = row + 1
                filled |= bit
                if cell.kind == "-":
                    dashed |= bit
                cost += self._fit(state, row, column, cell, filled)
                if column == AMOUNT and cell.kind != "-":
                    amount = (row, parse_amount(cell.folded) or 0)
            else:
                if left == RANK:
                    rank = (self.table_of[row], row - self.first_of[row] + 1)
                    cost += self._rank_step(state.rank, rank)
                at, first, _, start = state.place
                start = start if row == at + 1 and left == first else row
                after = _State(cost, filled, dashed, charged, tuple(tops), (row, left, right, start), amount, rank,
                               _Step(state.step, row, way, piece))  # fmt: skip
                self._keep(after)

    def _skip(self, state: _State, column: int, top: int, until: int, charged: int) -> tuple[float, int]:
        """What speaks against leaving rows blank. Rows whose number has not been printed may still follow."""
        if column == RANK:
            return 0.0, charged
        cost = 0.0
        for row in range(top, until):
            if column in (NUMBER, REASON) or state.filled >> row & 1:
                cost += self.blank[column][row]
                charged |= 1 << column * self.rows + row
            else:
                cost += 0.4
        return (min(cost, 3.0) if column in (NUMBER, REASON) else cost), charged

    def place_empty_rank(self, state: _State, way: Way, piece: Piece) -> None:
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
            _State(state.cost + extra, state.filled, state.dashed, state.charged, state.tops, state.place, state.amount, here,
                   _Step(state.step, -1, way, piece))
        )  # fmt: skip

    def drop(self, state: _State, piece: Piece, cost: float) -> None:
        """Leave the piece out: it belongs elsewhere, or says nothing."""
        self._keep(
            _State(state.cost + cost, state.filled, state.dashed, state.charged, state.tops, state.place, state.amount, state.rank,
                   _Step(state.step, -1, None, piece))
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

    def take(self, states: list[_State], piece: Piece) -> list[_State]:
        """All states after one more piece, the cheapest first."""
        self.best = {}
        dropped = 6.0 + len(piece.cells) if piece.kinds.strip("-") else 0.8 + 0.2 * len(piece.cells)
        self.limit = states[0].cost + max(dropped, _SLACK)
        alone = piece.kinds == "i"
        for state in states:
            for way in piece.ways:
                self.place(state, way, piece)
                if alone and way.columns[0] == RANK:
                    self.place_empty_rank(state, way, piece)
            self.drop(state, piece, dropped)
        self.fresh = -1
        return sorted((s for s in self.best.values() if s.cost <= self.limit), key=lambda one: one.cost)[:_WIDTH]

    def label(self, column: int, table: int) -> None:
        """The label of a column of a table."""
        self.seen[column] = min(table, len(self.tables) - 1)
        self.fresh = column

    def finish(self, states: list[_State]) -> list[_State]:
        """What is left blank at the end counts too."""
        for state in states:
            missing = ~(state.filled | state.charged)
            for table in self.tables:
                for column in range(COLUMNS):
                    blank = self.blank[column]
                    cost = sum(blank[row] for row in range(table.first, table.end) if missing >> column * self.rows + row & 1)
                    state.cost += min(cost, 3.0) if column in (NUMBER, REASON) else cost
        return sorted(states, key=lambda one: one.cost)


def solve(events: list[Event], tables: list[Table], methods: dict[int, str]) -> Grid:
    """Fill the grid of ``tables`` from ``events``; ``methods`` gives the contract method per row, where known."""
    pieces = [event.piece for event in events if event.piece is not None]
    dashes = sum(piece.kinds.count("-") for piece in pieces)
    search = _Search(tables, methods, dashes * 6 > tables[-1].end)
    states = [_State(0.0, 0, 0, 0, (0,) * COLUMNS, (-1, -1, -1, -1), (-1, 0), (-1, 0), _Step(None, -1, None, None))]
    for event in events:
        if event.piece is not None:
            states = search.take(states, event.piece)
        else:
            search.label(event.column, event.table)
    return _read(search.finish(states))


def _read(states: list[_State]) -> Grid:
    best = states[0]
    grid = Grid()
    path = _path(best.step)
    for step in path:
        if step.way is None:
            if step.piece is not None and not step.piece.kinds.strip("-"):
                grid.dashes += step.piece.cells
        elif step.row < 0:
            grid.empty_ranks.append(step.way.cells[0])
        else:
            for column, cell in zip(step.way.columns, step.way.cells, strict=True):
                known = grid.cells.get((step.row, column))
                if known is None or known.kind == "-":
                    grid.cells[(step.row, column)] = cell
                if known is not None:
                    grid.dashes.append(cell if known.kind != "-" else known)
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
        if cell.kind != "-"
    }


def _differ(ours: dict[tuple[int, int], str], theirs: dict[tuple[int, int], str]) -> set[tuple[int, int]]:
    """The places that read differently."""
    return {place for place in ours.keys() | theirs.keys() if ours.get(place) != theirs.get(place)}
