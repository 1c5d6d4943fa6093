"""The ○△× table of forms to 2022 and the projects named under it.

A row of the table is a question of the form, a mark and a remark. Marks and remarks that were printed away from their
question come back to it in their order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.form.vocabulary import CHECK_MARK, MINISTRIES
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.sequence import Element, Piece, elements
from toolkit.text import unwrap

__all__ = ["is_question", "read"]

_QUESTION = re.compile(r"[るいなのはた業当的]か(?:。(?:\([^()]*(?:\)|$))?)?$")
_NUMBER = re.compile(r"(?:20\d\d-[^\d-]{1,4}-)?(?:新?\d{2}-)?\d{3,4}(?:-\d{1,2})?")
#: remarks of the table are shorter than this, what follows the table is longer
_LONG = 60
_END = {"inspection", "check_result", "direction", "external_experts"}


@dataclass(slots=True)
class _Row:
    question: Piece
    mark: Piece | None = None
    text: Piece | None = None
    certainty: str = "stated"


def read(reading: Reading) -> None:
    if reading.first("check_item", "check_verdict", "check_text") is None:
        return
    _related(reading)
    rows, rest = _rows(_table(reading))
    for row in rows:
        parts = [piece.take() for piece in (row.question, row.mark, row.text) if piece is not None]
        mark = row.mark.folded if row.mark is not None and not row.mark.is_nothing else None
        said = row.text.joined if row.text is not None and not row.text.is_nothing else None
        item, ref = row.question.joined.replace("\n", ""), "; ".join(piece.ref for piece in parts)
        reading.draft.add("evaluations", section="self_check", item=item, verdict=mark, text=said, ref=ref, certainty=row.certainty)
    last = max((piece.spans[-1].line.number for row in rows for piece in (row.question, row.mark) if piece is not None), default=0)
    for piece in rest:  # which question it answers, the text does not say
        if piece.spans[0].line.number > last and len(piece.folded) > _LONG:
            continue  # what the bureau found, printed above its label
        reading.draft.add("evaluations", section="self_check", text=piece.take().joined, ref=piece.ref, certainty="unsettled")


def is_question(folded: str) -> bool:
    """Whether a text is one of the questions the form asks."""
    return bool(_QUESTION.search(folded))


# -- the table
def _table(reading: Reading) -> list[Element]:
    """Its questions, marks and texts in printed order, cut to one cell each."""
    hits = reading.find("check_item", "check_verdict", "check_text")
    boxes, offset = reading.document.boxes, reading.document.boxes[0].index
    first = min(hit.box.index for hit in hits)
    before = [hit.box.index for hit in reading.hits if hit.section not in ("check", "review") and hit.box.index < first]
    after = [hit.box.index for hit in reading.hits if hit.key in ("check_ministry", *_END) and hit.box.index > first]
    region = boxes[max(before, default=offset - 1) + 1 - offset : min(after, default=first + 1) - offset]
    found = elements(region, reading.hits, cuts=lambda folded: bool(CHECK_MARK.fullmatch(folded)))
    return [cell for one in found for cell in (_cells(one) if isinstance(one, Piece) else [one])]


def _cells(piece: Piece) -> list[Piece]:
    """Questions stacked in one box, taken apart; a line that no question ends with goes with the next one."""
    cuts = [at for at, line in enumerate(piece.lines, start=1) if _ends_question(piece.lines, at)]
    if not cuts or not _QUESTION.search(unwrap(piece.lines[: cuts[-1]]).replace("\n", "")) or CHECK_MARK.fullmatch(piece.folded):
        return [piece]
    starts = [0, *cuts]
    parts = [piece.spans[a:b] for a, b in zip(starts, [*cuts, len(piece.spans)], strict=True)]
    return [Piece(part, piece.box, piece.beside if not at else None) for at, part in enumerate(parts) if part]


def _ends_question(lines: Sequence[str], at: int) -> bool:
    """Whether a question ends with line ``at`` (from 1): か。, and no bracket opens in the next line."""
    line = lines[at - 1].translate(_HALF)
    if re.search(r"か。$", line):
        return at == len(lines) or not lines[at].translate(_HALF).startswith("(")
    return bool(re.search(r"か。\([^()]*\)$", line)) or (line.endswith(")") and "か。(" in "".join(lines[:at]).translate(_HALF).rpartition("か。(")[1])


_HALF = str.maketrans("（）？", "()?")


def _rows(sequence: Sequence[Element]) -> tuple[list[_Row], list[Piece]]:
    """The rows, and the remarks whose row stays open."""
    rows = [_Row(one) for one in sequence if isinstance(one, Piece) and is_question(one.folded)]
    by_question = {id(row.question): at for at, row in enumerate(rows)}
    asked = 0  # questions printed so far
    run: list[_Row] = []  # rows of the marks printed last, one after the other
    texts: list[Piece] = []  # remarks after them
    open_texts: list[Piece] = []
    for one in [*sequence, None]:
        if isinstance(one, Hit):
            continue
        is_mark = one is not None and bool(CHECK_MARK.fullmatch(one.folded))
        if texts and (one is None or is_mark or id(one) in by_question):
            open_texts += _place_texts(run, texts)
            run, texts = [], []
        if one is None:
            break
        if id(one) in by_question:
            asked, run = by_question[id(one)] + 1, []
        elif is_mark:
            row = _place_mark(rows, asked, one)
            run = [*run, row] if row else run
        elif not one.folded.strip("。、"):
            one.label()  # the end of a question, torn from it
        elif run or (asked and "。" in one.folded):
            texts.append(one)
    return rows, _place_rest(rows, open_texts)


def _place_texts(run: Sequence[_Row], texts: Sequence[Piece]) -> list[Piece]:
    """Remarks that follow marks: one for one, or all after a single mark; the others are given back."""
    line = texts[0].spans[0].line
    same = next((row for row in run if row.mark is not None and row.mark.spans[0].line is line), None)
    if same is not None:
        same.text = texts[0]
        return list(texts[1:])
    told = [row for row in run if row.mark is not None and not row.mark.is_nothing and row.text is None]
    if len(told) != len(texts):
        return list(texts)
    for row, piece in zip(told, texts, strict=True):
        row.text = piece
    return []


def _place_rest(rows: Sequence[_Row], texts: Sequence[Piece]) -> list[Piece]:
    """As many remarks left as marks without one: in their order."""
    told = [row for row in rows if row.mark is not None and not row.mark.is_nothing and row.text is None]
    if len(told) != len(texts):
        return list(texts)
    for row, piece in zip(told, texts, strict=True):
        row.text, row.certainty = piece, "unsettled"
    return []


def _place_mark(rows: list[_Row], asked: int, mark: Piece) -> _Row | None:
    """The first question printed without a mark, or the one on the same line."""
    same = next((row for row in rows if row.question.spans[-1].line is mark.spans[0].line and row.mark is None), None)
    row = same or next((row for row in rows[:asked] if row.mark is None), None)
    if row is None:
        mark.take()  # a dash in the column of remarks
        return None
    row.mark = mark
    return row


# -- the projects named under the table
def _related(reading: Reading) -> None:
    """所管府省名, 事業番号, 事業名: one row per project, or its columns one after the other."""
    head = reading.first("check_ministry")
    if head is None:
        return
    offset = reading.document.boxes[0].index
    boxes = reading.document.boxes[head.box.index - offset :]
    found = elements(boxes, reading.hits, cuts=lambda folded: folded in MINISTRIES or bool(_NUMBER.fullmatch(folded)))
    cells: list[Piece] = []
    for one in found:
        if isinstance(one, Hit):
            if one.key not in ("check_ministry", "project_number", "name") and one.line >= head.line:
                break
        elif one.spans[0].line.number >= head.line:
            cells.append(one)
    cells = [cell for cell in cells if not cell.is_nothing and not is_question(cell.folded) and "。" not in cell.folded]
    ministries = [cell for cell in cells if cell.folded in MINISTRIES]
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell.folded)]
    names = [cell for cell in cells if cell not in ministries and cell not in numbers]
    count = len(ministries) if ministries or len(numbers) != len(names) else len(numbers)
    for at in range(count):
        row = [column[at] if len(column) == count else None for column in (ministries, numbers, names)]
        texts = [piece.take().joined if piece else None for piece in row]
        ref = next(piece.ref for piece in row if piece is not None)
        reading.draft.add("related", kind="other", ministry=texts[0], number=texts[1], name=texts[2], ref=ref)
