"""Contracts over several years: 国庫債務負担行為等による契約先上位１０者リスト, one row per contract."""

from __future__ import annotations

from toolkit import text
from toolkit.readers.text_layer.reading import Reading
from toolkit.readers.text_layer.recipient_cells import AMOUNT, BIDDERS, METHOD, NAME, NUMBER, RATE, WORK
from toolkit.readers.text_layer.recipient_grid import solve
from toolkit.readers.text_layer.recipient_parts import contract_parts, events_of, letters_of, tables_of
from toolkit.readers.text_layer.recipient_rows import mark, rows_of

__all__ = ["read"]


def read(reading: Reading) -> None:
    """Read the list into ``multi_year_contracts``."""
    for part in contract_parts(reading)[:1]:
        letters = letters_of(part)
        events = events_of([part])
        tables = tables_of(events, [""])
        grid = solve(events, tables)
        mark(events, grid)
        rows = rows_of(grid, tables)[0]
        beside = {line: row.number for row in rows for line in row.lines}
        blocks = {beside[span.line.number]: letter for letter, span in letters if span.line.number in beside}
        alone = [letter for letter, span in letters if span.line.number not in beside]
        free = [row.number for row in rows if row.number not in blocks]
        blocks |= dict(zip(free, alone, strict=False))
        for row in rows:
            amount, number = row.words(AMOUNT), row.words(NUMBER)
            certainty = row.certainty(NAME, NUMBER, WORK, AMOUNT, METHOD, BIDDERS, RATE)
            reading.draft.add(
                "multi_year_contracts", ref=row.ref(*range(9)), block=blocks.get(row.number), contractor=row.words(NAME),
                certainty="unsettled" if alone and len(alone) != len(free) else certainty,
                corporate_number=text.fold(number) if number else None,
                amount_jpy=None if amount is None else text.parse_amount(amount), **row.contract(),
            )  # fmt: skip
