"""A row of a list of recipients as it was put together, and how sure it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from toolkit import text
from toolkit.readers.text_layer.recipient_cells import (
    AMOUNT,
    BIDDERS,
    COLUMNS,
    METHOD,
    NAME,
    NUMBER,
    RANK,
    RATE,
    REASON,
    WORK,
    Cell,
)
from toolkit.readers.text_layer.recipient_costs import Table
from toolkit.readers.text_layer.recipient_filling import Event, Grid

__all__ = ["Row", "mark", "rows_of"]


@dataclass(slots=True)
class Row:
    """One row: its number from 1, its cells by column, and the columns that could read differently.

    ``line`` is 2 and more for a further contract of the same recipient.
    """

    number: int
    cells: dict[int, Cell]
    doubtful: set[int] = field(default_factory=set)
    line: int = 1

    def words(self, column: int) -> str | None:
        """What is printed in a column; None where nothing is."""
        return self.cells[column].printed if column in self.cells else None

    @property
    def lines(self) -> set[int]:
        """Numbers of the printed lines it was put together from."""
        return {span.line.number for cell in self.cells.values() for span in cell.spans}

    def shares_line(self, column: int, other: int) -> bool:
        """True where two cells were printed on one line."""
        if column not in self.cells or other not in self.cells:
            return False
        return self.cells[column].spans[0].line is self.cells[other].spans[0].line

    def ref(self, *columns: int) -> str:
        """Where the cells of these columns stand, for ``source_ref``."""
        refs = [span.ref for column in columns if column in self.cells for span in self.cells[column].spans]
        return "; ".join(dict.fromkeys(refs))

    def certainty(self, *columns: int) -> str:
        """``stated`` where one line holds these cells, ``solved`` where the order of the whole list places them."""
        if self.doubtful & set(columns):
            return "unsettled"
        lines = {self.cells[column].spans[0].line.number for column in columns if column in self.cells}
        return "stated" if len(lines) == 1 else "solved"

    def contract(self) -> dict[str, Any]:
        """The columns of a contract, named as in the tables."""
        bidders, rate = text.parse_number(self.words(BIDDERS)), self.words(RATE)
        return {
            "work": self.words(WORK), "method": self.words(METHOD), "bidders": None if bidders is None else int(bidders),
            "award_rate": None if rate is None else text.parse_rate(rate), "single_bid_reason": self.words(REASON),
        }  # fmt: skip


def rows_of(grid: Grid, tables: list[Table]) -> list[list[Row]]:
    """The rows of every table, with the columns that could read differently."""
    found = []
    for table in tables:
        rows = []
        for at in range(table.first, table.end):
            cells = {column: grid.cells[at, column] for column in range(COLUMNS) if (at, column) in grid.cells}
            row = Row(
                at - table.first + 1, cells, {column for column in range(COLUMNS) if (at, column) in grid.doubtful}
            )
            row.doubtful |= {column for column in (NAME, AMOUNT, METHOD) if column not in cells}
            rows.append(row)
        found.append(rows)
    numbered = any(RANK in row.cells for rows in found for row in rows)
    missing = {str(row.number) for rows in found for row in rows if numbered and RANK not in row.cells}
    adrift = not _is_whole([int(cell.folded) for cell in grid.empty_ranks])
    for rows in found:
        _largest_first(rows)
        _contradictions(rows)
        _loose(rows, missing, adrift)
        _further_contracts(rows)
    return found


def _further_contracts(rows: list[Row]) -> None:
    """A row with neither number nor name is one more contract of the recipient printed before it."""
    named = [row for row in rows if RANK in row.cells and NAME in row.cells]
    for row in rows:
        if named and row.lines and not {RANK, NAME, NUMBER} & row.cells.keys():
            above = [one for one in named if min(one.lines) < min(row.lines)] or named[:1]
            host = max(above, key=lambda one: min(one.lines))
            row.number, row.line = (
                host.number,
                1 + max(one.line for one in rows if one.number == host.number and one is not row),
            )
            row.doubtful.add(METHOD)


def _largest_first(rows: list[Row]) -> None:
    """A list goes by amount: where the right-hand parts of rows were printed in another order, the amounts place them.

    Only parts that share no line with number or name are moved, together with what was printed beside the amount;
    a list may after all not be in order, so what was moved is not sure.
    """
    if not all(AMOUNT in row.cells for row in rows):
        return
    order = sorted(rows, key=lambda row: -row.cells[AMOUNT].amount)
    moved = [(row, source) for row, source in zip(rows, order, strict=True) if row is not source]
    if any(row.shares_line(AMOUNT, column) for row, _ in moved for column in (RANK, NAME, NUMBER)):
        return
    columns = [AMOUNT, METHOD, BIDDERS, RATE, REASON]
    if any(row.shares_line(AMOUNT, WORK) for row, _ in moved):
        columns.append(WORK)
    parts = [
        (row, {column: source.cells[column] for column in columns if column in source.cells}) for row, source in moved
    ]
    for row in rows if moved else []:
        row.doubtful.add(AMOUNT)
    for row, part in parts:
        row.cells = {column: cell for column, cell in row.cells.items() if column not in columns} | part
        row.doubtful |= set(columns)


def _contradictions(rows: list[Row]) -> None:
    """What contradicts itself is doubtful: amounts that rise, a contract without competition that has bidders."""
    amounts = [row.cells[AMOUNT].amount for row in rows if AMOUNT in row.cells]
    for row in rows:
        if amounts != sorted(amounts, reverse=True):
            row.doubtful.add(AMOUNT)
        mode = row.cells[METHOD].mode if METHOD in row.cells else ""
        if (mode == "open" and BIDDERS not in row.cells) or (mode == "closed" and BIDDERS in row.cells):
            row.doubtful.add(BIDDERS)


def _is_whole(ranks: list[int]) -> bool:
    """Whether the numbers of rows without recipients run on to the end of a list, which has 10 rows, 15, 30 …"""
    ends = [rank for at, rank in enumerate(ranks) if ranks[at + 1 : at + 2] != [rank + 1]]
    return all(end % 5 == 0 for end in ends)


def _loose(rows: list[Row], missing: set[str], adrift: bool) -> None:
    """Numbers that stood alone: corporate numbers of a list where one is missing, a bidder count that may be a row
    number, rates that are fewer than their rows. ``adrift`` where some number of a row seems to be none."""
    lines = Counter(
        span.line.number for row in rows for column, cell in row.cells.items() if column != RANK for span in cell.spans
    )
    alone = {
        column: [row for row in rows if column in row.cells and lines[row.cells[column].spans[0].line.number] == 1]
        for column in (NUMBER, AMOUNT, BIDDERS, RATE)
    }
    if any(AMOUNT not in row.cells for row in rows):
        for row in alone[AMOUNT]:
            row.doubtful.add(AMOUNT)
    if adrift:
        for row in alone[BIDDERS]:
            row.doubtful.add(BIDDERS)
    blank = [row for row in rows if NUMBER not in row.cells and not _is_person(row)]
    untied = [row for row in alone[NUMBER] if not _is_tied(row, rows)]
    if blank and untied:
        for row in blank + untied:
            row.doubtful.add(NUMBER)
    if any(row.cells[BIDDERS].folded in missing for row in alone[BIDDERS]):
        for row in rows:
            row.doubtful.add(BIDDERS)
    competed = [row for row in rows if METHOD not in row.cells or row.cells[METHOD].mode != "closed"]
    stray = any(row not in competed for row in alone[RATE])
    if stray or (alone[RATE] and sum(RATE in row.cells for row in competed) < len(competed)):
        for row in rows if stray else competed:
            row.doubtful.add(RATE)


def _is_tied(row: Row, rows: list[Row]) -> bool:
    """Whether a row's corporate number was printed right after its name, before the next name or number."""
    if NAME not in row.cells:
        return False
    name, number = (row.cells[column].spans[0].line.number for column in (NAME, NUMBER))
    others = (
        one.cells[column].spans[0].line.number
        for one in rows
        if one is not row
        for column in (NAME, NUMBER)
        if column in one.cells
    )
    return name <= number and not any(name < line < number for line in others)


def _is_person(row: Row) -> bool:
    return NAME in row.cells and row.cells[NAME].mode == "person"


def mark(events: list[Event], grid: Grid) -> None:
    """Book the characters: values that were placed, dashes and numbers of empty rows as the form's own words."""
    for event in events:
        cells = event.piece.cells if event.piece is not None else []
        for cell in cells:
            if cell.kind == "-" or (not grid.cells and len(cells) == 1 and cell.kind == "i"):
                cell.spans[0].label()
    for cell in grid.empty_ranks:
        cell.spans[0].label()
    for cell in grid.cells.values():
        for span in cell.spans:
            span.take()
