"""Recipients and their contracts: 支出先上位１０者リスト, one table per block of the flow of funds, continued in 別紙3.

``recipient_parts`` finds the lists and the number of their rows, ``recipient_cells`` cuts what stands there into
cells, ``recipient_grid`` puts the cells back into rows.
"""

from __future__ import annotations

from toolkit import text
from toolkit.readers.text_layer import multi_year
from toolkit.readers.text_layer.reading import Reading
from toolkit.readers.text_layer.recipient_cells import AMOUNT, BIDDERS, METHOD, NAME, NUMBER, RATE, REASON, WORK
from toolkit.readers.text_layer.recipient_columns import place_bidders
from toolkit.readers.text_layer.recipient_costs import Table
from toolkit.readers.text_layer.recipient_grid import solve
from toolkit.readers.text_layer.recipient_parts import (
    drop_repeated_heads,
    events_of,
    headings,
    letters_for,
    recipient_parts,
    tables_of,
)
from toolkit.readers.text_layer.recipient_rows import Row, mark, rows_of

__all__ = ["read"]


def read(reading: Reading) -> None:
    """Read every list of recipients into ``recipients`` and ``contracts``, and contracts over several years."""
    multi_year.read(reading)
    parts = recipient_parts(reading)
    printed = [letter for part in parts for letter in headings(part)]
    drop_repeated_heads(parts, printed)
    columns = [column for part in parts for _, column in part.labels]
    count = max(columns.count(NAME), columns.count(METHOD))
    events = events_of(parts)
    tables = tables_of(events, letters_for(printed, count)) if count else []
    grid = solve(events, tables)
    place_bidders(events, grid, tables)
    mark(events, grid)
    for table, rows in zip(tables, rows_of(grid, tables), strict=True):
        for row in rows:
            _emit(reading, table, row)


def _emit(reading: Reading, table: Table, row: Row) -> None:
    if not any(row.words(column) for column in (NAME, AMOUNT, WORK)):
        return
    amount, number = row.words(AMOUNT), row.words(NUMBER)
    yen = None if amount is None else text.parse_amount(amount)
    if row.line == 1:
        reading.draft.put(
            "recipients", (table.block, row.number), ref=row.ref(NAME, NUMBER, AMOUNT), name=row.words(NAME),
            certainty=row.certainty(NAME, NUMBER, AMOUNT), corporate_number=text.fold(number) if number else None,
            amount_jpy=yen, precision_jpy=None if amount is None else text.precision(amount),
        )  # fmt: skip
    reading.draft.put(
        "contracts", (table.block, row.number, row.line), ref=row.ref(WORK, METHOD, BIDDERS, RATE, REASON), amount_jpy=yen,
        certainty=row.certainty(WORK, AMOUNT, METHOD, BIDDERS, RATE), **row.contract(),
    )  # fmt: skip
