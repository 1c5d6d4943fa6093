"""Recipients and their contracts: 支出先上位１０者リスト, one table per block of the flow of funds, continued in 別紙3."""

from __future__ import annotations

import re
from collections import Counter

from toolkit import text
from toolkit.readers.text_layer.document import Box, Span
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.recipient_cells import (
    AMOUNT, BIDDERS, METHOD, NAME, NUMBER, RATE, REASON, WORK, Cell, Piece, add_ways, pieces_of,
)  # fmt: skip
from toolkit.readers.text_layer.recipient_grid import Event, Grid, Table, solve

__all__ = ["read"]

_HEADING = re.compile(r"([A-Z]{1,2})[.．]?")
_NAMED_HEADING = re.compile(r"([A-Z]{1,2})\.(?!.*(?:LTD|Ltd)).+")
#: words of the column heads that a line break or a neighbour tore out of their label
_TORN = re.compile(
    r"一者応札・一者応募又は|競争性のない随意契約となった|理由及び改善策|\((?:支出|契約)額10億円以上\)|\(?百万円\)?|支出額|入札者数?|数|\(?応募者数?\)?|\(応募者"
)
#: labels of the table's columns, in their order
_HEADS = {"recipient": NAME, "corporate_number": NUMBER, "work": WORK, "amount": AMOUNT, "method": METHOD, "bidders": BIDDERS,
          "award_rate": RATE, "single_bid_reason": REASON}  # fmt: skip


def read(reading: Reading) -> None:
    """Read every list of recipients into ``recipients`` and ``contracts``."""
    spans = _stretches(reading)
    if not spans:
        return
    boxes = [box for box in reading.document.boxes if any(first <= box.lines[0].number <= last for first, last in spans)]
    hits = [hit for hit in reading.hits if hit.key in _HEADS and any(first <= hit.line <= last for first, last in spans)]
    headings = _headings(boxes)
    events = _events(boxes, hits)
    count = Counter(hit.key for hit in hits)
    letters = _letters([letter for letter, _ in headings], max([count["recipient"], count["method"], 1]))
    tables = _tables(events, letters)
    if any(table.size for table in tables):
        _emit(reading, solve(events, tables), tables)
        _mark_dashes(events)


def _stretches(reading: Reading) -> list[tuple[int, int]]:
    """First and last line of the parts of the document that hold lists of recipients."""
    starts = reading.find("recipients") or reading.find("recipient")[:1]
    ends = [hit.line for hit in reading.hits if hit.key in ("more_recipients", "multi_year", "annex", "costs", "contractor")]
    last = max((line.number for line in reading.document.lines), default=0)
    return [
        (_first_line(reading.document.boxes, hit), min((line for line in ends if line > hit.line), default=last + 1) - 1) for hit in starts
    ]


def _first_line(boxes: list[Box], title: Hit) -> int:
    """Where the part begins: letters of blocks and numbers of rows may have been printed before the title."""
    lead: list[str] = []
    start = title.box.index
    for box in reversed(boxes[:start]):
        words = [text.fold(line.text) for line in box.lines]
        if box.page != title.box.page or not all(re.fullmatch(r"[A-Z]{1,2}\.?|[12]?\d|30", word) for word in words):
            break
        lead[:0] = words
        start = box.index
    ranks = [int(word) for word in lead if word.isdigit()]
    in_order = all(rank in (1, before + 1) for before, rank in zip([0, *ranks], ranks, strict=False))
    return boxes[start].lines[0].number if in_order and len(lead) > 1 else title.line


def _headings(boxes: list[Box]) -> list[tuple[str, Span]]:
    """The letters of the blocks, each on a line of its own, taken out of the way."""
    found = []
    for box in boxes:
        for line in box.lines:
            tokens = line.open_tokens
            if not tokens:
                continue
            whole = line.span(tokens[0].start, tokens[-1].end)
            folded = text.fold(whole.text)
            match = _HEADING.fullmatch(folded) or _NAMED_HEADING.fullmatch(folded)
            if match:
                found.append((match.group(1), whole.take()))
    return found


def _events(boxes: list[Box], hits: list[Hit]) -> list[Event]:
    """Pieces and column labels in printed order; the nth label of a column belongs to the nth table."""
    pieces: list[Piece] = []
    for box in boxes:
        for line in box.lines:
            for token in line.open_tokens:
                if _TORN.fullmatch(text.fold(token.text)):
                    token.label()
        pieces += pieces_of(box)
    add_ways(pieces)
    order: list[tuple[int, int, Event]] = [(piece.line, 1, Event(piece=piece)) for piece in pieces]
    for key, column in _HEADS.items():
        labels = [hit for hit in hits if hit.key == key]
        order += [(hit.line, 0, Event(table=index, column=column)) for index, hit in enumerate(labels)]
    return [event for _, _, event in sorted(order, key=lambda one: one[:2])]


def _tables(events: list[Event], letters: list[str]) -> list[Table]:
    """The tables with their numbers of rows: as many as contract methods were printed after their labels."""
    sizes = [0] * len(letters)
    ranks: list[int] = []
    current = 0
    for event in events:
        if event.piece is None:
            if event.column == METHOD:
                current = min(event.table, len(letters) - 1)
            continue
        if re.match("i[tn]", event.piece.kinds):
            ranks.append(int(event.piece.cells[0].folded))
        for index, cell in enumerate(event.piece.cells):
            if cell.kind == "m" or cell.kind == "o" and not _is_name(event.piece, index, ranks):
                sizes[current] += 1
    tables: list[Table] = []
    for block, size in zip(letters, sizes, strict=True):
        tables.append(Table(block, size, tables[-1].end if tables else 0))
    return tables


def _is_name(piece: Piece, index: int, ranks: list[int]) -> bool:
    """Whether その他 is the last recipient of a list rather than a contract method."""
    before, after = piece.kinds[:index], piece.kinds[index + 1 :]
    if "n" in after or "t" in after:
        return True
    return before == "i" and bool(ranks) and int(piece.cells[0].folded) == ranks[-1] + 1


def _letters(printed: list[str], count: int) -> list[str]:
    """One letter per table: from A on without a gap, unless what is printed goes further."""
    letters = ["A"]
    while len(letters) < count:
        letters.append(_next(letters[-1]))
    known = sorted(set(printed), key=lambda letter: (len(letter), letter))
    if set(known) <= set(letters):
        return letters
    while len(known) < count:
        known.append(_next(known[-1]))
    return known[:count]


def _next(letter: str) -> str:
    return "AA" if letter == "Z" else letter[:-1] + chr(ord(letter[-1]) + 1)


def _mark_dashes(events: list[Event]) -> None:
    """A dash in these tables says that there is nothing to say: none of them is left over."""
    for event in events:
        for cell in event.piece.cells if event.piece is not None else ():
            if cell.kind == "-":
                cell.spans[0].label()


def _emit(reading: Reading, grid: Grid, tables: list[Table]) -> None:
    for cell in grid.empty_ranks:
        for span in cell.spans:
            span.label()
    for cell in grid.cells.values():
        for span in cell.spans:
            span.take()
    for table in tables:
        for row in range(table.first, table.end):
            cells = {column: cell for (at, column), cell in grid.cells.items() if at == row}
            doubtful = {column for at, column in grid.doubtful if at == row}
            _emit_row(reading, (table.block, row - table.first + 1), cells, doubtful)


def _emit_row(reading: Reading, key: tuple[str, int], cells: dict[int, Cell], doubtful: set[int]) -> None:
    def words(column: int) -> str | None:
        cell = cells.get(column)
        return None if cell is None or cell.kind == "-" else cell.printed

    def certainty(*columns: int) -> str:
        if doubtful & set(columns):
            return "unsettled"
        boxes = {cells[column].spans[0].line.number for column in columns if column in cells}
        return "stated" if len(boxes) == 1 else "solved"

    number = words(NUMBER)
    amount = words(AMOUNT)
    rate = words(RATE)
    bidders = text.parse_number(words(BIDDERS))
    yen = None if amount is None else text.parse_amount(amount)
    if not any(words(column) for column in (NAME, AMOUNT, WORK)):
        return
    reading.draft.put(
        "recipients", key, ref=_ref(cells, NAME, NUMBER, AMOUNT), certainty=certainty(NAME, NUMBER, AMOUNT), name=words(NAME),
        corporate_number=text.fold(number) if number else None, amount_jpy=yen,
        precision_jpy=None if amount is None else text.precision(amount),
    )  # fmt: skip
    reading.draft.put(
        "contracts", (*key, 1), ref=_ref(cells, WORK, METHOD, BIDDERS, RATE, REASON),
        certainty=certainty(AMOUNT, METHOD, BIDDERS, RATE), work=words(WORK), amount_jpy=yen, method=words(METHOD),
        bidders=None if bidders is None else int(bidders), award_rate=None if rate is None else text.parse_rate(rate),
        single_bid_reason=words(REASON),
    )  # fmt: skip


def _ref(cells: dict[int, Cell], *columns: int) -> str:
    refs = [span.ref for column in columns if column in cells for span in cells[column].spans]
    return "; ".join(dict.fromkeys(refs))
