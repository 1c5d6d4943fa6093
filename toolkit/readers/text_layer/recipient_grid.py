"""The cells of the recipients' tables put back into rows: a beam search over the order in which they were printed.

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
_WIDTH, _SLACK = 28, 14.0
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
    """What comes next in printed order: a piece, or the head of a table (``table``), or of one column of it."""

    piece: Piece | None = None
    table: int = -1
    column: int = -1


@dataclass(slots=True)
class Grid:
    """The filled grid: cells by row and column, which of them are open to doubt, numbers of empty rows, what is left."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    doubtful: set[tuple[int, int]] = field(default_factory=set)
    empty_ranks: list[Cell] = field(default_factory=list)
    cost: float = 0.0


@dataclass(slots=True)
class _Step:
    """One decision on the way to a filling; ``others`` are ways to the same state that cost a little more."""

    before: _Step | None
    row: int
    way: Way | None
    others: list[tuple[float, _Step]]


@dataclass(slots=True)
class _State:
    cost: float
    masks: tuple[int, ...]
    #: row, first and last column of the last piece, first row of the run it belongs to
    row: int
    left: int
    right: int
    start: int
    #: amounts of the last rows filled, with their rows
    amounts: tuple[tuple[int, int], ...]
    #: table and rank of the last number printed in the rank column
    rank: tuple[int, int]
    step: _Step

    @property
    def key(self) -> tuple[object, ...]:
        return (self.masks, self.row, self.left, self.right, self.start, self.rank)


class _Search:
    def __init__(self, tables: list[Table], methods: dict[int, str]) -> None:
        self.tables = tables
        self.rows = tables[-1].end if tables else 0
        self.table_of = [index for index, table in enumerate(tables) for _ in range(table.size)]
        self.shuffled = [table.shuffled for table in tables for _ in range(table.size)]
        self.openness = [method_class(methods.get(row, "")) for row in range(self.rows)]
        self.current = -1
        self.best: dict[tuple[object, ...], _State] = {}

    # -- what a placement costs
    def _near(self, state: _State, row: int, left: int) -> float:
        """What speaks against printing this cell right after the last one."""
        if state.row < 0:
            return 0.0
        if row == state.row:
            return (0.0 if left == state.right + 1 else 0.3) if left > state.right else 1.2
        if row == state.row + 1:
            return 0.0 if left == state.left else 0.6 if left < state.left else 1.5
        if left > state.right and row == state.start:
            return 0.4
        return 2.0

    def _fit(self, state: _State, row: int, column: int, cell: Cell) -> float:
        """What speaks against this cell in this row, by what else the row says."""
        if column == BIDDERS:
            openness = self.openness[row]
            if cell.kind == "-":
                return 2.5 if openness == "open" else 0.0
            return (2.0 if openness == "closed" else 0.0) + (0.0 if len(cell.folded) < 3 else 2.0)
        if column == AMOUNT and cell.kind != "-":
            return self._descends(state.amounts, row, parse_amount(cell.folded) or 0)
        elif column == RATE and cell.kind == "p" and self.openness[row] == "closed":
            return 0.5
        return 0.0

    def _descends(self, amounts: tuple[tuple[int, int], ...], row: int, value: int) -> float:
        """What speaks against an amount by the order within the list: the largest first."""
        table = self.table_of[row]
        for at, other in amounts:
            if self.table_of[at] == table and (value > other if at < row else value < other):
                return 5.0
        return 0.0

    def _reach(self, row: int, last_column: int) -> float:
        """What speaks against a row of a table whose head has not been printed, or lies two tables back."""
        ahead = self.table_of[row] - max(self.current, 0)
        if ahead <= 0:
            return 0.0 if ahead == 0 else 0.8
        return 0.2 if ahead == 1 and last_column <= NUMBER else 1.2 if ahead == 1 and last_column <= WORK else 9.0 * ahead

    # -- steps
    def _rows_for(self, state: _State, way: Way) -> list[int]:
        column = way.columns[0]
        if column == RANK:
            rank = int(way.cells[0].folded)
            low = max(self.current, 0)
            near = self.tables[max(low - 1, 0) : low + 2]
            return [table.first + rank - 1 for table in near if 1 <= rank <= table.size]
        mask = state.masks[column]
        rows = {mask.bit_length(), ((mask + 1) & ~mask).bit_length() - 1, state.row, state.row + 1, state.start}
        if self.current >= 0:
            rows.add(self.tables[self.current].first)
        return [row for row in rows if 0 <= row < self.rows]

    def place(self, state: _State, way: Way) -> None:
        columns = way.columns
        left, right = columns[0], columns[-1]
        for row in self._rows_for(state, way):
            bit = 1 << row
            if any(state.masks[column] & bit for column in columns):
                continue
            cost = state.cost + way.cost + self._near(state, row, left) + self._reach(row, right)
            masks = list(state.masks)
            shuffled = self.shuffled[row]
            for column in columns:
                mask = masks[column]
                top = mask.bit_length()
                if row < top:
                    cost += 0.0 if shuffled else 2.5 / len(columns) - BLANK[column]
                elif row > top:
                    cost += self._skipped(column, top, row)
                masks[column] = mask | bit
            amounts, rank = state.amounts, state.rank
            for column, cell in zip(columns, way.cells, strict=True):
                cost += self._fit(state, row, column, cell)
                if column == AMOUNT and cell.kind != "-":
                    amounts = (*amounts[-9:], (row, parse_amount(cell.folded) or 0))
            if left == RANK:
                here = (self.table_of[row], row - self.tables[self.table_of[row]].first + 1)
                cost += 0.0 if shuffled else self._rank_step(state.rank, here)
                rank = here
            start = state.start if row == state.row + 1 and left == state.left else row
            if cost <= self.limit:
                self._keep(_State(cost, tuple(masks), row, left, right, start, amounts, rank, _Step(state.step, row, way, [])))

    def _skipped(self, column: int, top: int, row: int) -> float:
        """What speaks against leaving the rows from ``top`` up to ``row`` blank; in a shuffled table they may follow."""
        if self.shuffled[row]:
            row = min(row, self.tables[self.table_of[row]].first)
        return BLANK[column] * max(row - top, 0)

    def _rank_step(self, last: tuple[int, int], here: tuple[int, int]) -> float:
        if here == (last[0], last[1] + 1):
            return 0.0
        return 0.0 if here[1] == 1 and here[0] == last[0] + 1 else 1.0 if here[0] >= last[0] else 2.5

    def place_empty_rank(self, state: _State, way: Way) -> None:
        """The number of a row that has no recipient."""
        rank = int(way.cells[0].folded)
        for index in range(max(self.current - 1, 0), min(max(self.current, 0) + 2, len(self.tables))):
            if rank > self.tables[index].size:
                here = (index, rank)
                cost = state.cost + self._rank_step(state.rank, here) + (0.3 if index > max(self.current, 0) else 0.0)
                empty = index == state.rank[0] + 1 and rank == 1
                cost += 0.0 if here == (state.rank[0], state.rank[1] + 1) or empty else 3.0
                if cost <= self.limit:
                    self._keep(
                        _State(cost, state.masks, state.row, state.left, state.right, state.start, state.amounts, here,
                               _Step(state.step, -1, way, []))
                    )  # fmt: skip

    def _keep(self, state: _State) -> None:
        known = self.best.get(state.key)
        if known is None:
            self.best[state.key] = state
        elif state.cost < known.cost:
            state.step.others = [(known.cost - state.cost, known.step)] + [
                (extra + known.cost - state.cost, step) for extra, step in known.step.others
            ]
            known.step.others = []
            self.best[state.key] = state
        elif state.cost - known.cost <= _MARGIN:
            known.step.others.append((state.cost - known.cost, state.step))

    def pieces(self, states: list[_State], piece: Piece) -> list[_State]:
        self.best = {}
        self.limit = states[0].cost + _SLACK
        loose = self.tables[max(self.current, 0)].shuffled
        dropped = 6.0 + len(piece.cells) if piece.kinds.strip("-") else 0.2 if loose else 2.5 * len(piece.cells)
        alone = piece.kinds == "i"
        for state in states:
            for way in piece.ways:
                self.place(state, way)
                if alone and way.columns[0] == RANK:
                    self.place_empty_rank(state, way)
            self._keep(
                _State(state.cost + dropped, state.masks, state.row, state.left, state.right, state.start, state.amounts,
                       state.rank, _Step(state.step, -1, None, []))
            )  # fmt: skip
        return sorted(self.best.values(), key=lambda one: one.cost)[:_WIDTH]

    def head(self, states: list[_State], table: int) -> list[_State]:
        """A table's head: the table before the last is finished."""
        self.current = table
        return self.close(states, self.tables[table - 1].first) if table > 0 else states

    def close(self, states: list[_State], end: int) -> list[_State]:
        self.best = {}
        for state in states:
            cost, masks = state.cost, []
            for column, mask in enumerate(state.masks):
                top = mask.bit_length()
                if top < end:
                    cost += BLANK[column] * (end - top)
                for table in self.tables:
                    if table.shuffled and table.end <= end:
                        gap = ((1 << min(top, table.end)) - 1) & ~((1 << table.first) - 1) & ~mask
                        cost += BLANK[column] * gap.bit_count()
                masks.append(mask | ((1 << end) - 1))
            state.cost, state.masks = cost, tuple(masks)
            self._keep(state)
        return sorted(self.best.values(), key=lambda one: one.cost)


def solve(events: list[Event], tables: list[Table], methods: dict[int, str]) -> Grid:
    """Fill the grid of ``tables`` from ``events``; ``methods`` gives the contract method per row, where known."""
    search = _Search(tables, methods)
    root = _Step(None, -1, None, [])
    states = [_State(0.0, (0,) * COLUMNS, -1, -1, -1, -1, (), (-1, 0), root)]
    for event in events:
        if event.piece is not None:
            states = search.pieces(states, event.piece)
        elif event.column < 0:
            states = search.head(states, event.table)
    states = search.close(states, search.rows)
    return _read(states)


def _read(states: list[_State]) -> Grid:
    best = states[0]
    grid = Grid(cost=best.cost)
    path = _path(best.step)
    for step in path:
        if step.way is None:
            continue
        if step.row < 0:
            grid.empty_ranks.append(step.way.cells[0])
            continue
        for column, cell in zip(step.way.columns, step.way.cells, strict=True):
            grid.cells[(step.row, column)] = cell
    values = _values(path)
    on_path = {id(step): index for index, step in enumerate(path)}
    rivals = [(state.cost - best.cost, state.step) for state in states[1:]]
    rivals += [rival for step in path for rival in step.others]
    for extra, step in rivals:
        if extra <= _MARGIN:
            other = _path(step)
            grid.doubtful |= _differ(values, path, other, on_path)
    return grid


def _path(step: _Step | None) -> list[_Step]:
    found = []
    while step is not None:
        found.append(step)
        step = step.before
    return found[::-1]


def _values(path: list[_Step]) -> dict[tuple[int, int], Cell]:
    return {
        (step.row, column): cell
        for step in path
        if step.way is not None and step.row >= 0
        for column, cell in zip(step.way.columns, step.way.cells, strict=True)
        if cell.kind != "-"
    }


def _differ(best: dict[tuple[int, int], Cell], path: list[_Step], other: list[_Step], on_path: dict[int, int]) -> set[tuple[int, int]]:
    """The places that read differently in a rival filling, as far as that filling goes."""
    theirs = _values(other)
    ours = _values(path[: len(other)])
    places = {place for place, cell in ours.items() if place not in theirs or theirs[place].folded != cell.folded}
    return places | {place for place in theirs if place not in ours}
