"""Numbers of bidders printed as columns of their own: the contract methods of a table say where its column has numbers.

Where a page prints cell by cell, the column of one table may come before that of another, and the search for rows
follows the order in which the tables stand. But such a column has a number or a dash for every row, so that mostly
one order of the tables alone fits their methods.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from toolkit.readers.text_layer.recipient_cells import BIDDERS, METHOD, Cell
from toolkit.readers.text_layer.recipient_costs import Table
from toolkit.readers.text_layer.recipient_filling import Event, Grid

__all__ = ["place_bidders"]

_Places = dict[tuple[int, int], Cell]


def place_bidders(events: Sequence[Event], grid: Grid, tables: Sequence[Table]) -> None:
    """Put runs of numbers and dashes into the order of tables that the methods allow, where the search found none."""
    for run in _runs(events, grid):
        own = {id(cell) for cell in run}
        found = {place: cell for place, cell in grid.cells.items() if id(cell) in own}
        taken = {row for row, column in grid.cells.keys() - found.keys() if column == BIDDERS}
        free = [table for table in tables if table.size and not taken & set(range(table.first, table.end))]
        if len(run) < 3 and len(found) == sum(cell.kind == "i" for cell in run):
            continue  # too short to be sure that it is a column
        ways = list(islice(_orders(grid, run, free), 4))
        if ways and found not in ways:
            for place in found:
                del grid.cells[place]
            grid.cells |= ways[0]
            grid.empty_ranks = [cell for cell in grid.empty_ranks if id(cell) not in own]
            grid.doubtful -= {(row, BIDDERS) for table in free for row in range(table.first, table.end)}
            grid.doubtful |= {place for way in ways[1:] for place in way.keys() ^ ways[0].keys()}
            grid.doubtful |= {
                place for way in ways[1:] for place, cell in way.items() if ways[0].get(place) is not cell
            }


def _runs(events: Sequence[Event], grid: Grid) -> Iterator[list[Cell]]:
    """Cells printed one below the other that are dashes or may be numbers of bidders."""
    columns = {id(cell): column for (_, column), cell in grid.cells.items()}
    ranks = [int(cell.folded) for cell in grid.empty_ranks]
    for at, cell in enumerate(grid.empty_ranks):  # the number of a row without recipient has neighbours
        if ranks[at] - 1 in ranks[max(at - 1, 0) : at] or ranks[at] + 1 in ranks[at + 1 : at + 2]:
            columns[id(cell)] = -1
    run: list[Cell] = []
    for event in events:
        if event.piece is None:
            continue
        cells = event.piece.cells
        if len(cells) == 1 and cells[0].kind in "i-" and columns.get(id(cells[0]), BIDDERS) == BIDDERS:
            run.append(cells[0])
            continue
        if any(cell.kind == "i" for cell in run):
            yield run
        run = []
    if any(cell.kind == "i" for cell in run):
        yield run


def _allows(grid: Grid, row: int, cell: Cell | None) -> bool:
    """Whether the method of a row goes with this cell of the column: a number, or a dash or nothing."""
    method = grid.cells.get((row, METHOD))
    counted = cell is not None and cell.kind == "i"
    return method is None or not method.mode or (method.mode == "open") == counted


def _orders(grid: Grid, run: Sequence[Cell], tables: Sequence[Table]) -> Iterator[_Places]:
    """The ways to read a run as whole columns of some of the tables; the others have no bidders."""
    if not any(cell.kind == "i" for cell in run):
        if all(_allows(grid, row, None) for table in tables for row in range(table.first, table.end)):
            yield {}
        return
    for table in tables:
        column = run[: table.size]
        rows = range(table.first, table.end)
        if len(column) == table.size and all(map(_allows, [grid] * table.size, rows, column)):
            own = {(row, BIDDERS): cell for row, cell in zip(rows, column, strict=True) if cell.kind == "i"}
            rest = [other for other in tables if other is not table]
            yield from (own | way for way in _orders(grid, run[table.size :], rest))
    if run[0].kind == "-":  # of the column before
        yield from _orders(grid, run[1:], tables)
