"""Cost items: 費目・使途, two blocks side by side, continued in 別紙2.

The tables are found by their headings and labels, cut into fragments (``cost_cells``) and put together by order
and sums (``cost_grid``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.readers.text_layer.cost_cells import LABEL_KINDS, Fragment, fragments
from toolkit.readers.text_layer.cost_grid import Filled, solve
from toolkit.readers.text_layer.document import Box, Line, Span
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.text import fold, tidy

__all__ = ["read"]

_HEADING = re.compile(r"(?:(?<=^)|(?<= ))([A-Za-zＡ-Ｚａ-ｚ])[.．]")
_PICTURE = re.compile(r"百万円(?![)）])|^[↓→↑←⇒⇩]|^【")
#: the long labels of the flow of funds and of the cost tables, which page and box breaks tear
_SENTENCES = (
    "資金の流れ(資金の受け取り先が何を行っているかについて補足する)(単位:百万円)",
    "費目・使途(「資金の流れ」においてブロックごとに最大の金額が支出されている者について記載する。費目と使途の双方で実情が分かるように記載)",
)


@dataclass(frozen=True, slots=True)
class _Heading:
    """``A.`` over a cost table, with the payee it is about."""

    letter: str
    payee: str | None
    span: Span


def read(reading: Reading) -> None:
    """Read every cost table into ``cost_items``, its 計 and its payee into ``blocks``."""
    _label_torn(reading)
    for boxes, hits in _stretches(reading):
        headings = _headings(boxes)
        if not headings:
            continue
        count = max(sum(hit.key == "cost_item" for hit in hits), len(headings))
        halves = max(2, count + count % 2)
        pieces = _open_fragments(boxes, hits, headings)
        letters = [heading.letter for heading in headings][:halves]
        known = [_expected(reading, letter) for letter in letters] + [None] * (halves - len(letters))
        if len(pieces) > 250 or halves > 40:
            continue
        filled = solve(pieces, halves, known, 32)
        if not all(one.adds_up or not one.rows for one in filled):
            filled = solve(pieces, halves, known, 40 if len(pieces) * halves < 400 else 16)
        for heading, half in zip(headings, filled, strict=False):
            _emit(reading, heading, half)


def _label_torn(reading: Reading) -> None:
    """Mark what a page break left of the long labels beside the picture and the tables."""
    for box in reading.document.boxes:
        if box.is_open:
            folded = fold(box.text)
            if len(folded) > 2 and any(folded in sentence for sentence in _SENTENCES):
                for line in box.lines:
                    line.span().label()


def _stretches(reading: Reading) -> list[tuple[list[Box], list[Hit]]]:
    """The boxes that may hold cost tables, once for the main part of the sheet and once for each annex."""
    annexes = [hit.box.index for hit in reading.find("annex")]
    ends = sorted([*annexes, *(hit.box.index for hit in reading.find("recipients")), len(reading.document.boxes)])
    found: list[tuple[list[Box], list[Hit]]] = []
    for start in [0, *annexes]:
        stop = next((i for i in annexes if i > start), len(reading.document.boxes))
        hits = [hit for hit in reading.find(*LABEL_KINDS, "more_costs") if start <= hit.box.index < stop]
        tables = [hit for hit in hits if hit.key in ("cost_item", "cost_use")]
        if not tables:
            continue
        first = min(hit.box.index for hit in tables)
        end = next(i for i in ends if i > max(hit.box.index for hit in tables))
        first = max(_first_heading(reading.document.boxes, first), start)
        found.append((reading.document.boxes[first:end], hits))
    return found


def _first_heading(boxes: Sequence[Box], first: int) -> int:
    """Where the headings of the first pair stand: before its labels, though parts of the picture may come between."""
    start = first
    for index in range(first - 1, max(first - 40, -1), -1):
        box = boxes[index]
        if len(box.lines) == 1 and _PICTURE.search(box.text) and not box.text.startswith("【"):
            break
        if len(box.lines) == 1 and _HEADING.match(box.text):
            start = index
    return start


def _headings(boxes: Sequence[Box]) -> list[_Heading]:
    """Headings in the order of their letters; of two with one letter the first."""
    found: dict[str, _Heading] = {}
    for box in boxes:
        if len(box.lines) > 2 or _PICTURE.search(box.text):
            continue
        for line in box.lines:
            for heading in _headings_of(line):
                found.setdefault(heading.letter, heading)
    for heading in found.values():
        heading.span.take()
    return [found[letter] for letter in sorted(found)]


def _headings_of(line: Line) -> list[_Heading]:
    starts = [match for match in _HEADING.finditer(line.text)]
    if not starts or starts[0].start():
        return []
    ends = [match.start() - 1 for match in starts[1:]] + [len(line.text)]
    spans = [line.span(match.start(), end) for match, end in zip(starts, ends, strict=True)]
    return [
        _Heading(fold(match.group(1)).upper(), tidy(line.text[match.end() : span.end]), span)
        for match, span in zip(starts, spans, strict=True)
        if span.is_open
    ]


def _open_fragments(boxes: Sequence[Box], hits: Sequence[Hit], headings: Sequence[_Heading]) -> list[Fragment]:
    more = next((hit.line for hit in hits if hit.key == "more_costs"), None)
    last = more if more is not None else boxes[-1].lines[-1].number
    usable = [box for box in boxes if not _PICTURE.search(box.text)]
    found = fragments(usable, hits, [heading.span for heading in headings], last)
    return [one for one in found if not one.loose or one.kinds != "x" or one.cells[0].as_item < 0.5]


def _expected(reading: Reading, letter: str) -> int | None:
    """What a block's 計 should be: the cost items are those of its largest recipient."""
    amounts = [row["amount_jpy"] for row in reading.draft.rows("recipients") if row["block"] == letter and row.get("amount_jpy") is not None]
    return max(amounts, default=None)


def _emit(reading: Reading, heading: _Heading, half: Filled) -> None:
    draft = reading.draft
    if not half.rows:
        if half.total is not None:
            half.total.spans[0].label()
        return
    for (item, use, amount), plain, settled in zip(half.rows, half.plain, half.settled, strict=True):
        if item is None:
            continue
        certainty = "unsettled"
        if half.adds_up and settled and item is not None and amount is not None:
            certainty = "stated" if plain else "solved"
        cells = [cell for cell in (item, use, amount) if cell is not None]
        for cell in cells:
            for span in cell.spans:
                span.take()
        draft.add(
            "cost_items", block=heading.letter, recipient=heading.payee, item=item and tidy(item.text), use=use and tidy(use.text),
            amount_jpy=amount and amount.amount, ref=cells[0].spans[0].ref, certainty=certainty,
        )  # fmt: skip
    total = half.total
    if total is not None:
        total.spans[0].take()
    if half.adds_up and total is not None:
        draft.put("blocks", (heading.letter,), cost_total_jpy=total.amount, cost_recipient=heading.payee, ref=total.spans[0].ref)
