"""Cost items: 費目・使途, two blocks side by side, continued in 別紙2.

The tables are found by their headings and labels, cut into fragments (``cost_cells``) and put together by order
and sums (``cost_grid``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.readers.text_layer.cost_cells import LABEL_KINDS, TOTAL, Fragment, fragments
from toolkit.readers.text_layer.cost_grid import solve
from toolkit.readers.text_layer.cost_rows import Filled
from toolkit.readers.text_layer.document import Box, Line, Span
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.text import block_letter, fold, tidy

__all__ = ["read"]

_HEADING = re.compile(r"(?:(?<=^)|(?<= ))([A-Za-zＡ-Ｚａ-ｚ])[.．]")
_MONEY = re.compile(r"百万円(?![)）])")
#: cost items that add up to something else than their recipient got, but for rounding (in yen), may be another's
_ROUNDED = 1_000_000
_PICTURE = re.compile(rf"{_MONEY.pattern}|^[↓→↑←⇒⇩]|^【")
#: whom the boxes of the picture name, where there are several
_PAYEES = re.compile(
    r"(?:民間|地方|公益|国立|公立|独立行政|地方支分|都道府|市区?|一般社団|一般財団)?"
    r"(?:企業|団体|公共団体|法人|大学(?:法人)?|研究機関|部局|県|町村|機関|事業者|個人|者)等?|[(【]全?\d+[者件社][)】]"
)
#: the long labels of the flow of funds and of the cost tables, which page and box breaks tear
_SENTENCES = "\n".join(
    (
        "資金の流れ(資金の受け取り先が何を行っているかについて補足する)(単位:百万円)",
        "費目・使途(「資金の流れ」においてブロックごとに最大の金額が支出されている者について記載する。費目と使途の双方で実情が分かるように記載)",
    )
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
    stretches = _stretches(reading)
    chosen: list[list[_Heading]] = []
    for boxes, _ in reversed(stretches):  # the picture may have a box for a block whose table is in an annex
        chosen.insert(0, _headings(reading, boxes, {one.letter for later in chosen for one in later}))
    for (boxes, hits), headings in zip(stretches, chosen, strict=True):
        if not headings:
            continue
        count = max(sum(hit.key == "cost_item" for hit in hits), len(headings))
        halves = max(2, count + count % 2)
        pieces = _open_fragments(boxes, hits, headings)
        known = [_expected(reading, heading) for heading in headings][:halves]
        known += [0 if all(heading.payee for heading in headings) else None] * (halves - len(known))
        if len(pieces) > 400 or halves > 40:
            continue
        filled = solve(pieces, halves, known)
        for piece in pieces:
            for cell in piece.cells:
                if cell.kind == TOTAL:
                    cell.spans[0].label()
        for half in filled[len(headings) :]:
            if half.total is not None and not half.rows:
                half.total.spans[0].label()
        for heading, half in zip(headings, filled, strict=False):
            _emit(reading, heading, half)


def _label_torn(reading: Reading) -> None:
    """Mark what a page break left of the long labels beside the picture and the tables."""
    for box in reading.document.boxes:
        folded = box.folded.text
        if folded in _SENTENCES and len(folded) > 3 and box.is_open:
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
        first = max(_first_heading(reading, first), start)
        found.append((reading.document.boxes[first:end], hits))
    return found


def _first_heading(reading: Reading, first: int) -> int:
    """Where the headings of the first pair stand: before its labels, though parts of the picture may come between."""
    start, boxes = first, reading.document.boxes
    for index in range(first - 1, max(first - 40, -1), -1):
        box = boxes[index]
        headings = _headings_of(box.lines[0]) if len(box.lines) == 1 else []
        if headings and not _opens_picture(boxes, index, headings):
            start = index
    return start


def _opens_picture(boxes: Sequence[Box], index: int, headings: Sequence[_Heading]) -> bool:
    """Whether these headings are of the picture 資金の流れ: names behind the letters, and soon below them the money."""
    if all(heading.payee is None for heading in headings):
        return False
    for box in boxes[index + 1 : index + 8]:
        if _MONEY.search(box.text):
            return len(box.lines) == 1 or _HEADING.match(box.text) is None
        if box.text.startswith(("↓", "【")) or any(_headings_of(line) for line in box.lines):
            continue
        own = box.folded.text.startswith("資金の流れ")  # the picture's label in the margin, sorted in between
        if not own and not any(span.is_open for line in box.lines for span in line.tokens):
            return False
    return False


def _is_known(reading: Reading, heading: _Heading) -> bool:
    """Whether the heading names a recipient of its block."""
    rows, payee = reading.draft.rows("recipients"), fold(heading.payee)
    return any(row["block"] == heading.letter and fold(row.get("name")) == payee for row in rows)


def _headings(reading: Reading, boxes: Sequence[Box], elsewhere: set[str]) -> list[_Heading]:
    """Headings in the order of their letters, without those of tables ``elsewhere``.

    The boxes of the picture open with a letter too: of two with one letter that which names a recipient of the
    block, else the first.
    """
    found: dict[str, list[_Heading]] = {}
    for index, box in enumerate(boxes):
        if len(box.lines) > 2 or _PICTURE.search(box.text):
            continue
        for line in box.lines:
            headings = _headings_of(line)
            for heading in headings if not _opens_picture(boxes, index, headings) else []:
                found.setdefault(heading.letter, []).append(heading)
    chosen = []
    for letter in sorted(found.keys() - elsewhere):
        known = [heading for heading in found[letter] if _is_known(reading, heading)]
        chosen.append((known or found[letter])[0])
        chosen[-1].span.take()
    return chosen


def _headings_of(line: Line) -> list[_Heading]:
    starts = list(_HEADING.finditer(line.text))
    if not starts or starts[0].start():
        return []
    ends = [match.start() - 1 for match in starts[1:]] + [len(line.text)]
    spans = [line.span(match.start(), end) for match, end in zip(starts, ends, strict=True)]
    return [
        _Heading(block_letter(match.group(1)) or fold(match.group(1)), tidy(line.text[match.end() : span.end]), span)
        for match, span in zip(starts, spans, strict=True)
        if span.is_open
    ]


def _open_fragments(boxes: Sequence[Box], hits: Sequence[Hit], headings: Sequence[_Heading]) -> list[Fragment]:
    lines = [hit.line for hit in hits if hit.key != "more_costs"]
    more = next((hit.line for hit in hits if hit.key == "more_costs"), boxes[-1].lines[-1].number)
    usable = [box for box in boxes if not _PICTURE.search(box.text)]
    found = fragments(usable, hits, [heading.span for heading in headings], (min(lines), more))
    return [one for one in found if one.kinds != "x" or not _is_foreign(one)]


def _is_foreign(fragment: Fragment) -> bool:
    """Whether a text that stands alone is rather a part of the picture."""
    text = fold(fragment.cells[0].text)
    return (fragment.loose and fragment.cells[0].as_item >= 0.5) or bool(
        _HEADING.match(text) or _PAYEES.fullmatch(text)
    )


def _expected(reading: Reading, heading: _Heading) -> int | None:
    """What a block's 計 should be: the cost items are those of its largest recipient; 0 for a block that has none."""
    rows = reading.draft.rows("recipients")
    amounts = [
        row["amount_jpy"] for row in rows if row["block"] == heading.letter and row.get("amount_jpy") is not None
    ]
    return max(amounts, default=0 if rows and not heading.payee else None)


def _emit(reading: Reading, heading: _Heading, half: Filled) -> None:
    draft = reading.draft
    if not half.rows:
        if half.total is not None:
            half.total.spans[0].label()
        return
    spent, due = sum((amount.amount or 0) for _, _, amount in half.rows if amount), _expected(reading, heading)
    sound = half.sound and (not due or abs(spent - due) <= _ROUNDED)
    for (item, use, amount), plain, settled in zip(half.rows, half.plain, half.settled, strict=True):
        if item is None:
            continue
        certainty = "unsettled"
        if sound and settled and amount is not None:
            certainty = "stated" if plain else "solved" if amount.amount else "unsettled"  # a zero adds up anywhere
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
        draft.put(
            "blocks",
            (heading.letter,),
            cost_total_jpy=total.amount,
            cost_recipient=heading.payee,
            ref=total.spans[0].ref,
        )
