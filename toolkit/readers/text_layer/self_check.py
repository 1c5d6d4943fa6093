"""The ○△× table of forms to 2022 and the projects named under it.

A row of the table is a question of the form, a mark and a remark. Marks and remarks that were printed away from their
question come back to it in their order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from toolkit.form.vocabulary import CHECK_MARK, MINISTRIES, NOT_REVIEWED
from toolkit.readers.text_layer.document import Box
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.review_shapes import is_verdict, shape
from toolkit.readers.text_layer.self_check_rows import is_mark, is_question, rows
from toolkit.readers.text_layer.sequence import Piece, elements
from toolkit.text import fold, unwrap

__all__ = ["read"]

_NUMBER = re.compile(r"(?:20\d\d-[^\d-]{1,4}-)?(?:新?\d{2}-)?\d{3,4}(?:-\d{1,2})?")
_END = {"inspection", "check_result", "direction", "external_experts"}
#: remarks of the table are shorter than this, what follows the table is longer
_LONG = 60
#: boxes after the last question that may hold its mark and remark; texts among which the bureau's finding may be
_TAIL = 3
_HALF = str.maketrans("（）", "()")


def read(reading: Reading) -> None:
    if reading.first("check_item", "check_verdict", "check_text") is None:
        return
    _related(reading)
    table, rest = rows(_pieces(reading))
    for row in table:
        parts = [piece.take() for piece in (row.question, row.mark, row.text) if piece is not None]
        mark = row.mark.folded if row.mark is not None and row.is_told else None
        said = row.text.joined if row.text is not None and not row.text.is_nothing else None
        item, ref = row.question.joined.replace("\n", ""), "; ".join(piece.ref for piece in parts)
        reading.draft.add(
            "evaluations", section="self_check", item=item, verdict=mark, text=said, ref=ref, certainty=row.certainty
        )
    for piece in rest:  # which question it answers, the text does not say
        reading.draft.add(
            "evaluations", section="self_check", text=piece.take().joined, ref=piece.ref, certainty="unsettled"
        )


# -- the table
def _pieces(reading: Reading) -> list[Piece]:
    """Questions, marks and remarks in printed order, cut to one cell each."""
    found = elements(_boxes(reading), reading.labels, cuts=CHECK_MARK.fullmatch)
    pieces: list[Piece] = []
    for one in found:
        if isinstance(one, Hit):
            continue
        for piece in _cells(one):
            before = pieces[-1] if pieces else None
            if (
                before is not None
                and before.beside is not None
                and piece.box - before.box <= 1
                and _is_rest(before, piece)
            ):
                pieces[-1] = Piece([*before.spans, *piece.spans], piece.box)
            elif piece.folded.strip("。、"):
                pieces.append(piece)
            else:
                piece.label()  # the end of a question, torn from it
    asked = False
    result: list[Piece] = []
    for piece in pieces:
        asked = asked or is_question(piece.folded)
        if (
            is_question(piece.folded)
            or is_mark(piece)
            or (asked and ("。" in piece.folded or (result and is_mark(result[-1]))))
        ):
            result.append(piece)
    tail = range(max(0, len(result) - _TAIL), len(result))
    cut = next((at for at in tail if _is_finding(result[at]) and not _beside_mark(result[: at + 1])), len(result))
    return result[:cut]


def _is_finding(piece: Piece) -> bool:
    """Whether a text after the table is what the bureau found, printed above its label."""
    return (
        not is_question(piece.folded)
        and not is_mark(piece)
        and (len(piece.folded) > _LONG or shape("inspection", piece) > 2.0)
    )


def _beside_mark(pieces: Sequence[Piece]) -> bool:
    """Whether the last piece stands on the line of the mark before it."""
    return len(pieces) > 1 and is_mark(pieces[-2]) and pieces[-2].spans[0].line is pieces[-1].spans[0].line


def _is_rest(before: Piece, piece: Piece) -> bool:
    """Whether a question began beside a label of the form and goes on in the next line."""
    whole = before.folded + piece.folded
    return not is_question(before.folded) and not is_mark(before) and is_question(piece.folded) and is_question(whole)


def _boxes(reading: Reading) -> list[Box]:
    """From the head of the table to the projects under it, or to the last question."""
    boxes, offset = reading.document.boxes, reading.document.boxes[0].index
    first = min(hit.box.index for hit in reading.find("check_item", "check_verdict", "check_text"))
    before = [hit.box.index for hit in reading.hits if hit.section not in ("check", "review") and hit.box.index < first]
    start = max(before, default=offset - 1) + 1
    asked = [box.index for box in boxes[start - offset :] if any(is_question(fold(line.text)) for line in box.lines)]
    last = max(asked, default=first)
    ends = [hit.box.index for hit in reading.hits if hit.key in ("check_ministry", *_END) and hit.box.index > last]
    return boxes[start - offset : min(ends, default=last + 1 + _TAIL) - offset]


def _cells(piece: Piece) -> list[Piece]:
    """Questions stacked in one box, taken apart; a line that no question ends with goes with the next one."""
    cuts = [at for at in range(1, len(piece.spans) + 1) if _ends_question(piece.lines, at)]
    if not cuts or is_mark(piece) or not is_question(fold(unwrap(piece.lines[: cuts[-1]]))):
        return [piece]
    parts = [piece.spans[a:b] for a, b in zip([0, *cuts], [*cuts, len(piece.spans)], strict=True)]
    return [Piece(part, piece.box, None if at else piece.beside) for at, part in enumerate(parts) if part]


def _ends_question(lines: Sequence[str], at: int) -> bool:
    """Whether a question ends with line ``at`` (from 1): か。, and no bracket opens in the next line."""
    line = lines[at - 1].translate(_HALF)
    if line.endswith("か。"):
        return at == len(lines) or not lines[at].translate(_HALF).startswith("(")
    opened = "か。(" in "".join(lines[:at]).translate(_HALF)
    return bool(re.search(r"か。\([^()]*\)$", line)) or (line.endswith(")") and opened)


# -- the projects named under the table
def _is_review(piece: Piece) -> bool:
    """What the boxes further down print."""
    return "。" in piece.folded or is_verdict(piece.folded) or bool(NOT_REVIEWED.search(piece.folded))


def _is_cell(folded: str) -> bool:
    return folded in MINISTRIES or bool(_NUMBER.fullmatch(folded))


def _related(reading: Reading) -> None:
    """所管府省名, 事業番号, 事業名: one row per project, or its columns one after the other."""
    head = reading.first("check_ministry")
    if head is None:
        return
    offset = reading.document.boxes[0].index
    boxes = reading.document.boxes[head.box.index - offset :]
    found = elements(boxes, reading.labels, cuts=_is_cell)
    cells: list[Piece] = []
    for one in found:
        if isinstance(one, Hit):
            if one.key not in ("check_ministry", "project_number", "name") and one.line >= head.line:
                break
        elif one.spans[0].line.number >= head.line:
            cells.append(one)
    cells = [
        cell for cell in cells if not (cell.is_nothing or is_question(cell.folded) or is_mark(cell) or _is_review(cell))
    ]
    ministries = [cell for cell in cells if cell.folded in MINISTRIES]
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell.folded)]
    names = [cell for cell in cells if cell not in ministries and cell not in numbers]
    count = len(ministries) if ministries or len(numbers) != len(names) else len(numbers)
    for at in range(count):
        row = [column[at] if len(column) == count else None for column in (ministries, numbers, names)]
        texts = [piece.take().joined if piece else None for piece in row]
        ref = next(piece.ref for piece in row if piece is not None)
        reading.draft.add("related", kind="other", ministry=texts[0], number=texts[1], name=texts[2], ref=ref)
