"""The cells of the recipients' tables put back into rows: a search over the order in which they were printed.

The text layer prints a table in runs: cells of one row from left to right, or cells of one column from top to
bottom. Within a column the order is nearly always kept, and the number of rows is known from the contract
methods. The search walks through the pieces in printed order and keeps the cheapest ways to fill the grid; what
other fillings nearly as good would read differently is not sure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate

from toolkit.readers.text_layer.recipient_cells import (
    AMOUNT, BIDDERS, BLANK, COLUMNS, NUMBER, RANK, RATE, REASON, WORK, Cell, Piece, Way, method_class,
)  # fmt: skip
from toolkit.text import parse_amount

__all__ = ["Event", "Grid", "Table", "solve"]

#: states kept after each piece; states this much dearer than the best are dropped
_WIDTH, _SLACK = 12, 8.0
#: fillings up to this much dearer than the best are taken for as good as the best
_MARGIN = 1.6


@dataclass(slots=True)
class Table:
    """One list of recipients; ``first`` is the number of its first row in the grid of all tables."""

    block: str
    size: int
    first: int
    #: True where the rows themselves were printed out of order
    shuffled: bool = False

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
    """A filling so far: which cells are filled, how far down each column, and where the last piece went."""

    __slots__ = ("amount", "cost", "dashed", "filled", "left", "rank", "right", "row", "start", "step", "tops")

    def __init__(self, cost: float, filled: int, dashed: int, tops: tuple[int, ...], place: tuple[int, int, int, int],
                 amount: tuple[int, int], rank: tuple[int, int], step: _Step) -> None:  # fmt: skip
        self.cost, self.filled, self.dashed, self.tops = cost, filled, dashed, tops
        self.row, self.left, self.right, self.start = place
        self.amount, self.rank, self.step = amount, rank, step


class _Search:
    def __init__(self, tables: list[Table], methods: dict[int, str], dashes: bool) -> None:
        self.tables = tables
        self.rows = tables[-1].end
        self.table_of = [index for index, table in enumerate(tables) for _ in range(table.size)]
        self.first_of = [table.first for table in tables for _ in range(table.size)]
        self.shuffled = [table.shuffled for table in tables for _ in range(table.size)]
        self.openness = [method_class(methods.get(row, "")) for row in range(self.rows)]
        self.blank = [self._blanks(column, dashes) for column in range(COLUMNS)]
        self.gap = [[0.0, *accumulate(costs)] for costs in self.blank]
        #: per column the table whose label was printed last
        self.seen = [-1] * COLUMNS
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
        at = state.row
        if at < 0:
            return 0.0
        if row == at:
            return 0.2 * (left - state.right - 1) if left > state.right else 1.2
        if row == at + 1:
            return 0.0 if left == state.left else 0.6 if left < state.left else 1.5
        if left > state.right and row == state.start:
            return 0.2 + 0.2 * (left - state.right)
        if row == state.tops[left]:
            return 0.6 if left > state.right else 1.2
        return 2.0

    def _fit(self, state: _State, row: int, column: int, cell: Cell) -> float:
        """What speaks against this cell in this row, by what else the row says."""
        if column == BIDDERS:
            openness = self.openness[row]
            if cell.kind == "-":
                return 3.5 if openness == "open" else 0.0
            return (2.0 if openness == "closed" else 0.0) + (0.0 if len(cell.folded) < 3 else 2.0)
        if column == AMOUNT and cell.kind != "-":
            at, other = state.amount
            if at >= self.first_of[row] and self.table_of[at] == self.table_of[row]:
                value = parse_amount(cell.folded) or 0
                return 5.0 if (value > other if at < row else value < other) else 0.0
        elif column == RATE and cell.kind == "p" and self.openness[row] == "closed":
            return 0.5
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

    def _skip(self, column: int, top: int, until: int) -> float:
        """What speaks against leaving the rows from ``top`` to ``until`` blank; whole lists have no corporate numbers."""
        cost = self.gap[column][until] - self.gap[column][top] if until > top else 0.0
        return min(cost, 3.0) if column in (NUMBER, REASON) else cost

    # -- steps
    def _rows_for(self, state: _State, way: Way) -> set[int]:
        column = way.columns[0]
        if column == RANK:
            return self._rows_by_rank(state, int(way.cells[0].folded))
        top = state.tops[column]
        rows = {top, state.row, state.row + 1, state.start}
        seen = self.seen[column]
        if seen >= 0:
            rows.add(self.tables[seen].first)
        if 0 <= state.row and self.shuffled[state.row]:
            table = self.tables[self.table_of[state.row]]
            free = [row for row in range(table.first, table.end) if not state.filled >> (row * COLUMNS + column) & 1]
            rows |= set(free[:1])
        return rows

    def _rows_by_rank(self, state: _State, rank: int) -> set[int]:
        last = max(state.rank[0], 0)
        return {t.first + rank - 1 for t in self.tables[last : last + 3] if 1 <= rank <= t.size}

    def place(self, state: _State, way: Way, piece: Piece) -> None:
        columns, cells = way.columns, way.cells
        left, right = columns[0], columns[-1]
        base = state.cost + way.cost
        if base > self.limit:
            return
        for row in self._rows_for(state, way):
            if not 0 <= row < self.rows:
                continue
            cost = base + self._near(state, row, left)
            if cost > self.limit:
                continue
            filled, dashed, tops, amount, rank = state.filled, state.dashed, list(state.tops), state.amount, state.rank
            shuffled = self.shuffled[row]
            for column, cell in zip(columns, cells, strict=True):
                bit = 1 << (row * COLUMNS + column)
                top = tops[column]
                if filled & bit:  # a dash here or there says the same: only a second value is impossible
                    if (cell.kind != "-" or len(columns) == 1) and not dashed & bit:
                        break
                    cost += 1.5
                    if cell.kind != "-":
                        dashed &= ~bit
                elif row < top:
                    cost += 0.0 if shuffled else (0.5 if column == RANK else 2.5 / len(columns)) - self.blank[column][row]
                else:
                    if row > top:
                        cost += self._skip(column, top, self.first_of[row] if shuffled else row)
                    tops[column] = row + 1
                filled |= bit
                if cell.kind == "-":
                    dashed |= bit
                cost += self._fit(state, row, column, cell)
                if column == AMOUNT and cell.kind != "-":
                    amount = (row, parse_amount(cell.folded) or 0)
            else:
                cost += max(self._reach(row, left), self._reach(row, right))
                if left == RANK:
                    here = (self.table_of[row], row - self.first_of[row] + 1)
                    cost += 0.0 if shuffled else self._rank_step(state.rank, here)
                    rank = here
                start = state.start if row == state.row + 1 and left == state.left else row
                self._keep(cost, filled, dashed, tuple(tops), (row, left, right, start), amount, rank, state, row, way, piece)

    def _rank_step(self, last: tuple[int, int], here: tuple[int, int]) -> float:
        if here == (last[0], last[1] + 1):
            return 0.0
        if here[1] == 1 and here[0] > last[0]:
            return 0.0 if all(not self.tables[t].size for t in range(last[0] + 1, here[0])) else 0.6
        return 1.0 if here[0] >= last[0] else 2.5

    def place_empty_rank(self, state: _State, way: Way, piece: Piece) -> None:
        """The number of a row that has no recipient."""
        rank = int(way.cells[0].folded)
        last, number = state.rank
        if rank == number + 1 and 0 <= last and rank > self.tables[last].size:
            here, extra = (last, rank), 0.0
        elif rank == 1 and last + 1 < len(self.tables) and not self.tables[last + 1].size:
            here, extra = (last + 1, 1), 0.0
        elif 1 < rank <= 30:  # torn off: some other table's
            here, extra = state.rank, 6.0
        else:
            return
        self._keep(state.cost + extra, state.filled, state.dashed, state.tops,
                   (state.row, state.left, state.right, state.start), state.amount, here, state, -1, way, piece)  # fmt: skip

    def _keep(self, cost: float, filled: int, dashed: int, tops: tuple[int, ...], place: tuple[int, int, int, int],
              amount: tuple[int, int], rank: tuple[int, int], before: _State, row: int, way: Way | None, piece: Piece) -> None:  # fmt: skip
        if cost > self.limit:
            return
        self.limit = min(self.limit, cost + _SLACK)
        key = (tops, place, rank, filled if place[0] >= 0 and self.shuffled[place[0]] else 0)
        known = self.best.get(key)
        if known is not None and cost - known.cost > _MARGIN:
            return
        step = _Step(before.step, row, way, piece)
        if known is None:
            self.best[key] = _State(cost, filled, dashed, tops, place, amount, rank, step)
        elif cost < known.cost:
            gap = known.cost - cost
            step.others = [(gap, known.step)] + [(extra + gap, one) for extra, one in known.step.others or ()]
            known.step.others = None
            self.best[key] = _State(cost, filled, dashed, tops, place, amount, rank, step)
        else:
            known.step.others = [*(known.step.others or ()), (cost - known.cost, step)]

    def take(self, states: list[_State], piece: Piece) -> list[_State]:
        """All states after one more piece, the cheapest first."""
        self.best = {}
        loose = any(table.shuffled for table in self.tables)
        dropped = 6.0 + len(piece.cells) if piece.kinds.strip("-") else 0.2 if loose else 2.5 * len(piece.cells)
        self.limit = states[0].cost + max(dropped, _SLACK)
        alone = piece.kinds == "i"
        for state in states:
            for way in piece.ways:
                self.place(state, way, piece)
                if alone and way.columns[0] == RANK:
                    self.place_empty_rank(state, way, piece)
        for state in states:
            self._keep(state.cost + dropped, state.filled, state.dashed, state.tops,
                       (state.row, state.left, state.right, state.start), state.amount, state.rank, state, -1, None, piece)  # fmt: skip
        return sorted((s for s in self.best.values() if s.cost <= self.limit), key=lambda one: one.cost)[:_WIDTH]

    def finish(self, states: list[_State]) -> list[_State]:
        """What is left blank at the end counts too."""
        for state in states:
            for column, top in enumerate(state.tops):
                state.cost += self.gap[column][self.rows] - self.gap[column][top]
            for row in range(self.rows):
                if self.shuffled[row]:
                    state.cost += sum(self.blank[c][row] for c in range(COLUMNS) if not state.filled >> (row * COLUMNS + c) & 1)
        return sorted(states, key=lambda one: one.cost)


def solve(events: list[Event], tables: list[Table], methods: dict[int, str]) -> Grid:
    """Fill the grid of ``tables`` from ``events``; ``methods`` gives the contract method per row, where known."""
    pieces = [event.piece for event in events if event.piece is not None]
    dashes = sum(piece.kinds.count("-") for piece in pieces)
    search = _Search(tables, methods, dashes * 6 > tables[-1].end)
    states = [_State(0.0, 0, 0, (0,) * COLUMNS, (-1, -1, -1, -1), (-1, 0), (-1, 0), _Step(None, -1, None, None))]
    for event in events:
        if event.piece is not None:
            states = search.take(states, event.piece)
        else:
            search.seen[event.column] = event.table
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
