"""A filling of the recipients' tables as it is given out: the cells in their rows, and which of them are open to doubt."""

from __future__ import annotations

from dataclasses import dataclass, field

from toolkit.readers.text_layer.recipient_cells import AMOUNT, BIDDERS, METHOD, NAME, NUMBER, RANK, RATE, Cell, Piece
from toolkit.readers.text_layer.recipient_costs import Costs, Step

__all__ = ["MARGIN", "Event", "Grid", "doubt_beside_dropped", "doubt_displaced", "filled", "leave_shifted"]

#: fillings up to this much dearer than the best are taken for as good as the best
MARGIN = 2.5


@dataclass(slots=True)
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


def filled(ways: list[tuple[float, Step]]) -> Grid:
    """The grid as the cheapest of these ways fills it; what others nearly as cheap read differently is doubtful."""
    cheapest, best = ways[0]
    grid = Grid()
    path = _path(best)
    for step in path:
        if step.way is not None and step.row < 0:
            grid.empty_ranks.append(step.way.cells[0][1])
        elif step.way is not None:
            grid.cells |= {(step.row, column): cell for column, cell in step.way.cells}
    rivals = [(cost - cheapest, step) for cost, step in ways[1:]]
    rivals += [rival for step in path for rival in step.others or ()]
    shared = {id(step): at for at, step in enumerate(path)}
    for extra, rival in rivals:
        if extra <= MARGIN:
            other: list[Step] = []
            while id(rival) not in shared and rival.before is not None:  # back to where they part
                other.append(rival)
                rival = rival.before
            start = shared[id(rival)] + 1
            grid.doubtful |= _differ(_values(path[start : start + len(other)]), _values(other))
    return grid


#: what a value that fits nowhere throws doubt on
_DOUBTED = {"m": (METHOD, BIDDERS, RATE), "n": (NUMBER,), "a": (AMOUNT,), "p": (RATE,)}


def doubt_beside_dropped(grid: Grid, pieces: list[Piece], best: Step, costs: Costs) -> None:
    """Where a value was left over, those of its column in the tables printed around it may be one row off."""
    path = _path(best)[1:]
    for index, (piece, step) in enumerate(zip(pieces, path, strict=True)):
        if step.way is None:
            before = next((one.row for one in reversed(path[:index]) if one.row >= 0), 0)
            after = next((one.row for one in path[index:] if one.row >= 0), before)
            tables = {costs.table_of[before], costs.table_of[after]}
            columns = {column for kind in piece.kinds for column in _DOUBTED.get(kind, ())}
            grid.doubtful |= {
                (row, column) for row, column in grid.cells if column in columns and costs.table_of[row] in tables
            }


def doubt_displaced(grid: Grid, events: list[Event], costs: Costs) -> set[int]:
    """A name printed after those of later rows, or right below the label of another table, may be of any row there.

    So may those of a table whose label was printed among them: what stands above it is not in order with the rest.
    Returns the tables that are out of order for another reason than that.
    """
    at = {id(cell): place for place, cell in grid.cells.items() if place[1] in (RANK, NAME)}
    loose: list[int] = []
    lowest: dict[int, int] = {}
    tables: set[int] = set()
    early: set[int] = set()  # tables with a name above their label
    parted: set[int] = set()  # and with another below it
    labelled: set[int] = set()
    label, before = -1, (-1, -1)
    for event in events:
        if event.piece is None:
            label = event.table if event.column == NAME else label
            labelled |= {event.table} if event.column == NAME else set()
            continue
        for place in [at[id(cell)] for cell in event.piece.cells if id(cell) in at]:
            row, table = place[0], costs.table_of[place[0]]
            if place[1] == NAME and before != (row, RANK):  # no number right before it that would tell its row
                tables |= {table} if row < lowest.get(table, 0) else set()
                tables |= {table, label} if label not in (-1, table) else set()
                if table not in labelled:
                    early.add(table)
                elif table in early:
                    parted.add(table)
                loose.append(row)
            lowest[table] = max(row, lowest.get(table, 0)) if place[1] == NAME else lowest.get(table, 0)
            before = place
        label = -1
    grid.doubtful |= {(row, NAME) for row in loose if costs.table_of[row] in tables | parted}
    return tables


def leave_shifted(grid: Grid, tables: set[int], costs: Costs) -> None:
    """Names of a table out of order, most of which are open to doubt, are mostly one row off: they stay in the residue,
    as do numbers that go with them."""
    names = [place for place in grid.cells if place[1] == NAME]
    for table in tables & {costs.table_of[row] for row, _ in names}:
        own = {row for row, _ in names if costs.table_of[row] == table}
        open_ = {row for row in own if (row, NAME) in grid.doubtful}
        if 2 * len(open_) > len(own) > 1:
            for row in open_:
                del grid.cells[row, NAME]
                if (row, NUMBER) in grid.doubtful:
                    grid.cells.pop((row, NUMBER), None)


def _path(step: Step | None) -> list[Step]:
    found = []
    while step is not None:
        found.append(step)
        step = step.before
    return found[::-1]


def _values(path: list[Step]) -> dict[tuple[int, int], str]:
    return {
        (step.row, column): cell.folded
        for step in path
        if step.way is not None and step.row >= 0
        for column, cell in step.way.cells
    }


def _differ(ours: dict[tuple[int, int], str], theirs: dict[tuple[int, int], str]) -> set[tuple[int, int]]:
    """The places that read differently."""
    return {place for place in ours.keys() | theirs.keys() if ours.get(place) != theirs.get(place)}
