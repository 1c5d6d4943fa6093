"""A row of a list of recipients as it was put together, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from toolkit import text
from toolkit.readers.text_layer.recipient_cells import AMOUNT, BIDDERS, COLUMNS, METHOD, NAME, RATE, REASON, WORK, Cell, method_class
from toolkit.readers.text_layer.recipient_costs import Table
from toolkit.readers.text_layer.recipient_grid import Event, Grid

__all__ = ["Row", "mark", "rows_of"]


@dataclass(slots=True)
class Row:
    """One row: its number from 1, its cells by column, and the columns that could read differently."""

    number: int
    cells: dict[int, Cell]
    doubtful: set[int] = field(default_factory=set)

    def words(self, column: int) -> str | None:
        """What is printed in a column; None where nothing is."""
        return self.cells[column].printed if column in self.cells else None

    @property
    def lines(self) -> set[int]:
        return {span.line.number for cell in self.cells.values() for span in cell.spans}

    def ref(self, *columns: int) -> str:
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


def rows_of(grid: Grid, table: Table) -> list[Row]:
    """The rows of one table. What contradicts itself is doubtful: amounts that rise, a closed contract with bidders."""
    rows = []
    for at in range(table.first, table.end):
        cells = {column: grid.cells[at, column] for column in range(COLUMNS) if (at, column) in grid.cells}
        row = Row(at - table.first + 1, cells, {column for column in range(COLUMNS) if (at, column) in grid.doubtful})
        row.doubtful |= {column for column in (NAME, AMOUNT, METHOD) if column not in cells}
        kind = method_class(cells[METHOD].folded) if METHOD in cells else ""
        if kind == "open" and BIDDERS not in cells or kind == "closed" and BIDDERS in cells:
            row.doubtful.add(BIDDERS)
        rows.append(row)
    amounts = [text.parse_amount(row.cells[AMOUNT].folded) or 0 for row in rows if AMOUNT in row.cells]
    if amounts != sorted(amounts, reverse=True):
        for row in rows:
            row.doubtful.add(AMOUNT)
    return rows


def mark(events: list[Event], grid: Grid) -> None:
    """Book the characters: values that were placed, numbers of empty rows and dashes as the form's own."""
    for event in events:
        for cell in event.piece.cells if event.piece is not None else ():
            if cell.kind == "-":
                cell.spans[0].label()
    for cell in grid.empty_ranks:
        cell.spans[0].label()
    for cell in grid.cells.values():
        for span in cell.spans:
            span.take()
