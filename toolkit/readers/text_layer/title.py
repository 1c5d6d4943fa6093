"""The title of the sheet and what must be read before the tables: ministry, project number, years, main expense.

From review year 2021 on a number has the parts year, short name of the ministry, section (``22``, ``新23``), serial
and, for some, a branch; before that a serial with ``新30`` before it where the project was new. The parts of a number
look like amounts, the years of the project like the heads of the budget's columns, a main expense like one of its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from toolkit.form.cell_prose import header_text
from toolkit.form.vocabulary import END_UNDECIDED, MINISTRIES, YEAR
from toolkit.readers.text_layer.document import OPEN, Box, Line, Span
from toolkit.readers.text_layer.header_shapes import is_cell, is_expense
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.sequence import Element, Piece, elements
from toolkit.text import fiscal_year, fold

__all__ = ["head", "read"]

_TITLE = "行政事業レビューシート"
#: a state body that no list knows, in the brackets of the title
_BODY = re.compile(r".{2,12}(?:省|府|庁|院|委員会|官房|本部)")
_WORD = re.compile(r"[（(][^（）() \u3000]+[）)]|[^（）() \u3000]+|[（）()]")
_BRACKETS = re.compile(r"[()]{1,2}")
_MINISTRY = re.compile("|".join(map(re.escape, [_TITLE, *MINISTRIES])))
_NEW = re.compile(r"新\d{2}")
_OLD_NUMBER = re.compile(r"(?:(新\d{2})-?)?(\d{3,4})(?:-(\d{1,2}))?")
_PARTS = re.compile(r"(20\d\d)-([^\d-]{1,4})-*(新?\d{2})?-*(\d{4})(?:-(\d{1,2}))?")
_CELLS = ("name", "bureau", "purpose", "overview", "methods", "accounts", "division")
_BELOW = {
    "activity", "output", "outcome", "outcomes", "outputs", "reason", "recipients", "flow", "costs", "check_item", "kpi", "bureau_review",
    "inspection", "direction", "external_experts", "team", "reflection", "remarks",
}  # fmt: skip
#: how many open words around 事業番号 may hold the number's boxes
_REACH = 32
#: how far from its label, in labels and texts, a year may stand
_NEAR = 8


def read(reading: Reading) -> None:
    boxes = head(reading)
    label = _label(reading)
    _ministry(reading, boxes)
    _number(reading, boxes, label)
    sequence = elements(boxes, reading.labels, cuts=is_cell)
    _years(reading, sequence)
    _expense(reading, sequence)


def head(reading: Reading) -> list[Box]:
    """From the top to what follows the budget; on numbered pages, to the end of the page."""
    table = _table(reading)
    cells = [hit.box.index for hit in reading.hits if hit.key in _CELLS and hit.line <= table]
    if not cells:
        return []
    boxes, last = reading.document.boxes, max(cells)
    page = boxes[last - boxes[0].index].page
    below = (hit.box.index for hit in reading.hits if hit.key in _BELOW and hit.box.index > last)
    end = boxes[-1].index + 1 if reading.document.pages > 1 else next(below, boxes[-1].index + 1)
    return reading.document.between(0, min(end - 1, reading.document.page(page)[-1].index))


def _table(reading: Reading) -> float:
    """Line of the table of related projects, whose columns have the names of the head's cells (to 2022)."""
    hit = reading.first("check_item", "check_ministry")
    return hit.line if hit else float("inf")


def _label(reading: Reading) -> Hit | None:
    """事業番号 of the sheet itself; to 2022 the table of related projects has the same word."""
    hit = reading.first("project_number")
    table = reading.first("check_ministry", "check_related")
    return None if hit is None or (table is not None and hit.line >= table.line) else hit


def _ministry(reading: Reading, boxes: list[Box]) -> None:
    """The first name of a ministry in brackets, else near the title or the number."""
    titles = [box for box in boxes if _TITLE in box.folded.text]
    title = next((line.number for box in titles for line in box.lines if _TITLE in fold(line.text)), 1)
    best: tuple[float, Span] | None = None
    for line, span in _words(boxes, _MINISTRY):
        word = fold(span.text)
        name = word.strip("()")
        known = name in MINISTRIES
        if not known and _TITLE not in fold(line.text):
            continue
        bracket = line.text[: span.start].rstrip().endswith(("（", "(")) or word.startswith("(")
        if not known and not (bracket and _BODY.fullmatch(name)):
            continue
        owner = next(
            (hit for hit in reading.hits if hit.spans[-1].line is line and hit.spans[-1].end <= span.start), None
        )
        score = abs(line.number - title) - 1000 * bracket + 500 * (owner is not None and owner.key != "project_number")
        if best is None or score < best[0]:
            best = score, span
    if best is None:
        return
    span = best[1]
    reading.draft.sheet(ministry=re.sub(r"[（）()\s]", "", span.take().text), ref=span.ref)
    for box in boxes:
        alone = not box.folded.text.strip("()")
        if alone or box.index == span.line.box:
            for line, mark in _words([box], _BRACKETS):
                if _BRACKETS.fullmatch(fold(mark.text)) and (line is span.line or alone):
                    mark.label()


def _words(boxes: list[Box], pattern: re.Pattern[str]) -> Iterator[tuple[Line, Span]]:
    """Open words of the lines that have such a one; brackets are words of their own, unless they hold one word."""
    for box in boxes:
        for line in box.lines if pattern.search(box.folded.text) else ():
            for stretch in OPEN.finditer(line.marks) if pattern.search(fold(line.text)) else ():
                for part in _WORD.finditer(line.text, *stretch.span()):
                    yield line, line.span(*part.span())


# -- cells whose contents look like parts of the budget table
def _years(reading: Reading, sequence: Sequence[Element]) -> None:
    """Start and end of the project: the years next to their labels, the earlier one first.

    Read before the budget, whose columns are headed by years of the same look.
    """
    labels = [
        at
        for at, one in enumerate(sequence)
        if isinstance(one, Hit) and one.key in ("start_year", "end_year", "end_year_tail")
    ]
    if not labels:
        return
    found = [
        (min([abs(at - label) for label in labels]), one)
        for at, one in enumerate(sequence)
        if isinstance(one, Piece) and (YEAR.fullmatch(one.folded) or END_UNDECIDED.fullmatch(one.folded))
    ]
    found.sort(key=lambda pair: pair[0])
    ends = [piece for _, piece in found if END_UNDECIDED.fullmatch(piece.folded)][:1]
    near = [piece for far, piece in found if far <= _NEAR and YEAR.fullmatch(piece.folded)]
    years = [piece for piece in near if not _is_heading(piece, sequence)][: 2 - len(ends)]
    years.sort(key=lambda piece: fiscal_year(piece.folded) or 0)
    start = next((at for at, one in enumerate(sequence) if isinstance(one, Hit) and one.key == "start_year"), None)
    if len(years) == 1 and not ends and start is not None and _follows_end(sequence, years[0], start):
        ends, years = years, []
    keys = ("start_year", "end_year") if years else ("end_year",)
    for key, piece in zip(keys, [*years, *ends], strict=False):
        header_text(reading.draft, key, piece.take().text, piece.ref)


def _expense(reading: Reading, sequence: Sequence[Element]) -> None:
    """主要経費, which the budget's lines would take for one of their items: near its label, at least not below theirs."""
    label = next((at for at, one in enumerate(sequence) if isinstance(one, Hit) and one.key == "main_expense"), None)
    if label is None:
        return
    found: list[tuple[int, Piece]] = []
    section = ""
    for at, one in enumerate(sequence):
        if isinstance(one, Hit):
            section = one.section
        elif is_expense(one.folded) and (section != "lines" or abs(at - label) <= 2):
            found.append((abs(at - label), one))
    if found:
        piece = min(found, key=lambda pair: pair[0])[1]
        header_text(reading.draft, "main_expense", piece.take().text, piece.ref)


def _is_heading(piece: Piece, sequence: Sequence[Element]) -> bool:
    """One of several years on a line without a label: the head of the budget's columns."""
    line = piece.spans[0].line
    same = [
        one for one in sequence if isinstance(one, Piece) and one.spans[0].line is line and YEAR.fullmatch(one.folded)
    ]
    return len(same) > 1 and not any(isinstance(one, Hit) and one.spans[-1].line is line for one in sequence)


def _follows_end(sequence: Sequence[Element], piece: Piece, start: int) -> bool:
    """Whether a lone year stands right after 事業終了（予定）年度, and something else after 事業開始年度."""
    at = next(index for index, one in enumerate(sequence) if one is piece)
    before, after_start = sequence[at - 1] if at else None, sequence[start + 1 : start + 2]
    return (
        isinstance(before, Hit)
        and before.key in ("end_year", "end_year_tail")
        and any(isinstance(one, Piece) for one in after_start)
    )


# -- project number
def _number(reading: Reading, boxes: list[Box], label: Hit | None) -> None:
    if reading.review_year >= 2021:
        found = _one_line(reading, boxes) or _boxed(reading, boxes, label)
    else:
        found = _old(boxes, label)
    if not found:
        return
    parts, spans = found
    reading.draft.sheet(project_number="-".join(part for part in parts if part), ref=spans[0].ref)
    for span in spans:
        span.take()
    _dashes(boxes, spans, label)


def _dashes(boxes: list[Box], spans: list[Span], label: Hit | None) -> None:
    """The dashes between the number's boxes, wherever they were printed."""
    lines = {span.line.number for span in spans} | ({label.line} if label else set())
    low, high = min(lines), max(lines)
    for box in boxes:
        for line in box.lines:
            if low <= line.number <= high and (line.number in lines or fold(line.text) == "-"):
                for token in line.open_tokens:
                    if fold(token.text) == "-":
                        token.take()


def _one_line(reading: Reading, boxes: list[Box]) -> tuple[list[str], list[Span]] | None:
    """All parts on one line; the section may be missing there because its box is wrapped."""
    year = str(reading.review_year)
    for box in boxes:
        for line in box.lines if year in box.folded.text else ():
            if year not in fold(line.text):
                continue
            tokens = line.open_tokens
            text = "-".join(word for token in tokens if (word := fold(token.text).strip("-")))
            found = _PARTS.fullmatch(text)
            if not found or found.group(1) != year:
                continue
            parts = [group or "" for group in found.groups()]
            spans = list(tokens)
            if not parts[2]:
                section = _nearest(boxes, line, _NEW) or _nearest(boxes, line, re.compile(r"2\d"))
                if section:
                    parts[2] = fold(section.text)
                    spans.append(section)
            return parts, spans
    return None


def _nearest(boxes: list[Box], line: Line, pattern: re.Pattern[str]) -> Span | None:
    """The open word nearest to ``line`` that is all ``pattern``, at most a few lines away."""
    found = [
        (abs(other.number - line.number), token)
        for box in boxes for other in box.lines for token in other.open_tokens
        if abs(other.number - line.number) <= 6 and pattern.fullmatch(fold(token.text))
    ]  # fmt: skip
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _boxed(reading: Reading, boxes: list[Box], label: Hit | None) -> tuple[list[str], list[Span]] | None:
    """Each part in a box of its own, printed in their order after 事業番号 among dashes, brackets and other cells."""
    words = [token for box in boxes for line in box.lines for token in line.open_tokens]
    if label is not None:
        words = [token for token in words if token.line.number >= label.line - 4]
    ministry = str(reading.draft.sheet().get("ministry") or "")
    fits = (
        lambda text: text == str(reading.review_year),
        lambda text: text in MINISTRIES.values() or (len(text) > 1 and ministry.startswith(text)),
        lambda text: bool(re.fullmatch(r"新?\d{2}", text)),
        lambda text: bool(re.fullmatch(r"\d{4}", text)),
    )
    parts: list[Span] = []
    for at, token in enumerate(words[:_REACH]):
        if len(parts) < 4 and fits[len(parts)](fold(token.text)):
            parts.append(token)
        elif len(parts) == 4:
            if fold(token.text) == "-" and at + 1 < len(words) and re.fullmatch(r"\d{1,2}", fold(words[at + 1].text)):
                parts.append(words[at + 1])
            break
    return ([fold(span.text) for span in parts], parts) if len(parts) >= 4 else None


def _old(boxes: list[Box], label: Hit | None) -> tuple[list[str], list[Span]] | None:
    """A serial beside or right after 事業番号, with 新30 before it where the project was new."""
    if label is None:
        return None
    line = label.spans[-1].line
    words = [token for box in boxes for other in box.lines for token in other.open_tokens]
    after = [token for token in words if (token.line.number, token.start) >= (line.number, label.spans[-1].end)]
    for token in after[:6]:
        found = _OLD_NUMBER.fullmatch(fold(token.text))
        if not found:
            continue
        parts, spans = [group or "" for group in found.groups()], [token]
        if not parts[0]:
            mark = _nearest(boxes, token.line, _NEW)
            if mark:
                parts[0] = fold(mark.text)
                spans.append(mark)
        branch = [other for other in after if other.line is token.line and other.start > token.end]
        if (
            not parts[2]
            and [fold(other.text) for other in branch[:1]] == ["-"]
            and re.fullmatch(r"\d{1,2}", fold(branch[-1].text))
        ):
            parts[2] = fold(branch[-1].text)
            spans += branch
        return parts, spans
    return None
