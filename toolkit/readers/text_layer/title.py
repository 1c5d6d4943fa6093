"""The title of the sheet: the ministry in its brackets and the project number, in one piece or in its boxes.

From review year 2021 on a number has the parts year, short name of the ministry, section (``22``, ``新23``), serial
and, for some, a branch; before that a serial with ``新30`` before it where the project was new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.form.vocabulary import MINISTRIES
from toolkit.readers.text_layer.document import Box, Line, Span
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.text import fold

__all__ = ["head", "read"]

_TITLE = "行政事業レビューシート"
_NEW = re.compile(r"新\d{2}")
_OLD_NUMBER = re.compile(r"(?:(新\d{2})-?)?(\d{3,4})(?:-(\d{1,2}))?")
_PARTS = re.compile(r"(20\d\d)-([^\d-]{1,4})-*(新?\d{2})?-*(\d{4})(?:-(\d{1,2}))?")
_CELLS = ("name", "bureau", "purpose", "overview", "methods", "accounts", "division")
_BELOW = {"activity", "output", "outcome", "outcomes", "outputs", "reason", "recipients", "flow", "costs", "check_item", "inspection"}
#: how many open words around 事業番号 may hold the number's boxes
_REACH = 24


def read(reading: Reading) -> None:
    boxes = head(reading)
    label = _label(reading)
    _number(reading, boxes, label)
    _ministry(reading, boxes)


def head(reading: Reading) -> list[Box]:
    """From the top to what follows the budget; on numbered pages, to the end of the page."""
    keys = [hit for hit in reading.hits if hit.key in _CELLS]
    if not keys:
        return []
    boxes = reading.document.boxes
    last = max(hit.box.index for hit in keys if hit.line <= _table(reading))
    below = (hit.box.index for hit in reading.hits if hit.key in _BELOW and hit.box.index > last)
    end = next(below, boxes[-1].index + 1)
    page = boxes[last - boxes[0].index].page
    return [box for box in boxes if box.index < end and box.page <= page]


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
    title = next((line.number for box in boxes for line in box.lines if _TITLE in fold(line.text)), 1)
    best: tuple[float, Span] | None = None
    for line, span in _words(boxes):
        name = fold(span.text).strip("()")
        if name not in MINISTRIES:
            continue
        bracket = bool(re.search(r"[（(]\s*$", line.text[: span.start]) or fold(span.text).startswith("("))
        owner = next((hit for hit in reading.hits if hit.spans[-1].line is line and hit.spans[-1].end <= span.start), None)
        score = abs(line.number - title) - 1000 * bracket + 500 * (owner is not None and owner.key != "project_number")
        if best is None or score < best[0]:
            best = score, span
    if best is None:
        return
    span = best[1]
    reading.draft.sheet(ministry=re.sub(r"[（）()\s]", "", span.take().text), ref=span.ref)
    for line, mark in _words(boxes):
        if re.fullmatch(r"[()]{1,2}", fold(mark.text)) and (line is span.line or not line.text.strip("（）() \u3000")):
            mark.label()


def _words(boxes: list[Box]) -> Iterator[tuple[Line, Span]]:
    for box in boxes:
        for line in box.lines:
            for token in line.open_tokens:
                for part in re.finditer(r"[（(][^（）()]+[）)]|[^（）()]+|[（）()]", token.text):
                    yield line, line.span(token.start + part.start(), token.start + part.end())


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
    for box in boxes:
        for line in box.lines:
            tokens = line.open_tokens
            text = "-".join(word for token in tokens if (word := fold(token.text).strip("-")))
            found = _PARTS.fullmatch(text)
            if not found or int(found.group(1)) != reading.review_year:
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
    """Each part in a box of its own, printed in their order after 事業番号 among dashes and brackets."""
    words = [token for box in boxes for line in box.lines for token in line.open_tokens]
    if label is not None:
        words = [token for token in words if token.line.number >= label.line - 4]
    shapes = [re.compile(str(reading.review_year)), re.compile(r"[^\d\s()-]{1,4}"), re.compile(r"新?\d{2}"), re.compile(r"\d{4}")]
    parts: list[Span] = []
    for token in words[:_REACH]:
        if len(parts) == 4:
            break
        if shapes[len(parts)].fullmatch(fold(token.text)):
            parts.append(token)
    if len(parts) < 4:
        return None
    values = [fold(span.text) for span in parts]
    if values[1] not in MINISTRIES.values():
        return None
    return values, parts


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
        if not parts[2] and [fold(other.text) for other in branch[:1]] == ["-"] and re.fullmatch(r"\d{1,2}", fold(branch[-1].text)):
            parts[2] = fold(branch[-1].text)
            spans += branch
        return parts, spans
    return None
