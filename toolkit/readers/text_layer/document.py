"""The text layer as pages, boxes and lines, with a record of which characters have been understood.

Text extractors print a page as boxes: runs of lines that stood close together, separated by a blank line; three
or more newlines end a page. Within a box the lines go from top to bottom and a line from left to right; between
boxes the order is only roughly that of reading. Cells of one row that stood close share a line, separated by
a space.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

from toolkit.text import DASHES

__all__ = ["FOLDS", "OPEN", "PLAIN", "Box", "Document", "Folded", "Line", "Span", "fold_each", "parse"]

LABEL, VALUE, _BLANK = 1, 2, 255
_LABEL, _VALUE = bytes([LABEL]), bytes([VALUE])
_SPACES = " \u3000\t\xa0"
_SPACE = re.compile(f"[{_SPACES}]")
_TOKEN = re.compile(r"[^ \u3000]+")
#: a stretch of a line's marks that nobody has understood
OPEN = re.compile(rb"\x00+")


class _Folds(dict[int, str]):
    """The folded form of every character met so far, by its code; white space folds to nothing."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code))
        self[code] = "".join("-" if one in DASHES else one for one in folded if not one.isspace())
        return self[code]


#: code of a character -> its folded form, a table for ``str.translate``
FOLDS = _Folds()
#: the common characters that are their own folded form; a class for regular expressions
PLAIN = "!-~ぁ-ゖァ-ヺー・、。「」『』㐀-䶿一-鿿"
#: one, then more of them: that is searched for several times faster than the same with +
_OTHER = f"[^\0{PLAIN}]"
_OTHERS = re.compile(f"({_OTHER}{_OTHER}*)")


@lru_cache(maxsize=4096)
def _fold_others(run: str) -> str:
    return run.translate(FOLDS)


def fold_each(raw: str) -> str:
    """Each character folded by itself, so that one can tell where a folded one came from."""
    parts = _OTHERS.split(raw)
    parts[1::2] = map(_fold_others, parts[1::2])
    return "".join(parts)


class Folded:
    """A folded copy of some text (NFKC, no white space, one dash) that remembers where each character came from."""

    __slots__ = ("_origin", "raw", "text")

    def __init__(self, raw: str, text: str | None = None) -> None:
        self.raw, self.text = raw, fold_each(raw) if text is None else text
        self._origin: Sequence[int] | None = None

    @property
    def origin(self) -> Sequence[int]:
        """Where in the raw text each folded character came from; most texts are never asked."""
        if self._origin is None:
            if self.raw == self.text:
                self._origin = range(len(self.raw))
            else:
                self._origin = [index for index, char in enumerate(self.raw) for _ in FOLDS[ord(char)]]
        return self._origin

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded characters ``start:end`` stand in the raw text."""
        if start >= end:
            return (0, 0)
        return self.origin[start], self.origin[end - 1] + 1


class Pen:
    """What values are marked with: a number for each section, so that a drawing can tell them apart."""

    __slots__ = ("mark",)

    def __init__(self) -> None:
        self.mark = _VALUE


@dataclass(slots=True)
class Line:
    """One printed line. ``number`` counts from 1 in the file, ``page`` from 1; ``box`` is its box's index."""

    text: str
    number: int
    page: int
    box: int
    marks: bytearray = field(repr=False)
    #: what all lines of the document mark values with
    pen: Pen = field(repr=False, compare=False)
    _tokens: list[Span] | None = field(default=None, repr=False)

    @property
    def ref(self) -> str:
        return f"page {self.page} line {self.number}"

    @property
    def is_open(self) -> bool:
        """True while none of its characters has been understood."""
        return self.marks.count(0) == len(self.marks)

    @property
    def tokens(self) -> list[Span]:
        """Runs without a space: usually one cell each, though a cell may hold spaces of its own."""
        if self._tokens is None:
            self._tokens = [Span(self, *found.span()) for found in _TOKEN.finditer(self.text)]
        return self._tokens

    @property
    def open_tokens(self) -> list[Span]:
        """The tokens of which no character has been understood yet."""
        marks = self.marks
        free = marks.count(0)
        if not free:
            return []
        if free == len(marks):
            return self.tokens.copy()
        return [one for one in self.tokens if marks.count(0, one.start, one.end) == one.end - one.start]

    def span(self, start: int = 0, end: int | None = None) -> Span:
        return Span(self, start, len(self.text) if end is None else end)


@dataclass(slots=True, init=False)
class Span:
    """A stretch of one line."""

    line: Line
    start: int
    end: int
    text: str

    def __init__(self, line: Line, start: int, end: int) -> None:
        self.line, self.start, self.end = line, start, end
        self.text = line.text[start:end]

    @property
    def ref(self) -> str:
        return self.line.ref

    @property
    def is_open(self) -> bool:
        """True while none of its characters has been understood."""
        return self.line.marks.count(0, self.start, self.end) == self.end - self.start

    def take(self) -> Span:
        """Mark as a value that reached a table."""
        line, start, end = self.line, self.start, self.end
        line.marks[start:end] = line.pen.mark * (end - start)
        return self

    def label(self) -> Span:
        """Mark as the form's own words."""
        start, end = self.start, self.end
        self.line.marks[start:end] = _LABEL * (end - start)
        return self


@dataclass(slots=True)
class Box:
    """Lines that the extractor printed together; ``index`` counts from 0 through the document."""

    index: int
    page: int
    lines: list[Line]
    #: the whole box, folded
    folded: Folded = field(repr=False)

    @property
    def text(self) -> str:
        return self.folded.raw

    @property
    def is_open(self) -> bool:
        return all(line.is_open for line in self.lines)

    def find(self, pattern: re.Pattern[str]) -> tuple[re.Match[str], list[Span]] | None:
        """First match of ``pattern`` in the folded text of the whole box (line breaks ignored), with its spans."""
        found = pattern.search(self.folded.text)
        return None if found is None else (found, self.spans(*self.folded.raw_span(*found.span())))

    def find_all(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], list[Span]]]:
        folded = self.folded
        for found in pattern.finditer(folded.text):
            start, end = folded.raw_span(*found.span())
            yield found, self.spans(start, end)

    def spans(self, start: int, end: int) -> list[Span]:
        """The stretches of lines that ``text[start:end]`` covers."""
        if len(self.lines) == 1:
            return [Span(self.lines[0], start, end)] if end > start else []
        result, offset = [], 0
        for line in self.lines:
            if offset >= end:
                break
            length = len(line.text)
            if start < offset + length:
                result.append(Span(line, max(start - offset, 0), min(end - offset, length)))
            offset += length + 1
        return result


_page, _lines, _text, _marks = map(attrgetter, ("page", "lines", "text", "marks"))


@dataclass(slots=True)
class Document:
    """A whole text layer: ``boxes`` in printed order, over all pages."""

    boxes: list[Box]
    pen: Pen = field(default_factory=Pen)

    @property
    def lines(self) -> list[Line]:
        return [*chain.from_iterable(map(_lines, self.boxes))]

    @property
    def pages(self) -> int:
        return self.boxes[-1].page if self.boxes else 0

    @property
    def last_line(self) -> int:
        """The number of the last line."""
        return self.boxes[-1].lines[-1].number if self.boxes else 0

    def page(self, number: int) -> list[Box]:
        start = bisect_left(self.boxes, number, key=_page)
        return self.boxes[start : bisect_right(self.boxes, number, start, key=_page)]

    def between(self, first: int, last: int) -> list[Box]:
        """The boxes with an index from ``first`` to ``last``, this one included."""
        offset = self.boxes[0].index
        return self.boxes[max(first - offset, 0) : max(last + 1 - offset, 0)]

    def counts(self) -> dict[str, Any]:
        """Characters that are not white space: all, understood as labels, placed as values."""
        lines = self.lines
        text, marks = "".join(map(_text, lines)), bytearray().join(map(_marks, lines))
        for space in _SPACE.finditer(text):
            marks[space.start()] = _BLANK
        total, labels, open_ = len(marks) - marks.count(_BLANK), marks.count(LABEL), marks.count(0)
        return {"chars_total": total, "chars_label": labels, "chars_placed": total - labels - open_}

    def book(self, section: int) -> None:
        """Mark the values that are taken from now on as those of this section."""
        self.pen.mark = bytes([VALUE + 1 + section])

    def residue(self) -> Iterator[Span]:
        """Every stretch that is neither label nor value, in printed order."""
        for line in self.lines:
            for found in OPEN.finditer(line.marks) if 0 in line.marks else ():
                if line.text[found.start() : found.end()].strip(_SPACES):
                    yield Span(line, *found.span())


def parse(text: str) -> Document:
    """Split a text layer into pages, boxes and lines. A form feed, or three newlines or more, ends a page."""
    boxes: list[Box] = []
    unfolded = Folded("")
    texts: list[str] = []  # of all lines, with a \0 before each box; ``detect.decode`` refuses a text with a \0
    pen = Pen()
    page, empty, open_box, is_fed = 1, 0, False, "\f" in text
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if is_fed and "\f" in line:
            page, open_box, line = page + line.count("\f"), False, line.replace("\f", "")
        if not line:
            empty, open_box = empty + 1, False
            continue
        if empty >= 2 and boxes and boxes[-1].page == page:
            page += 1
        empty = 0
        if line.isspace():  # an empty cell that holds a space: nothing to read, but no page break either
            continue
        if not open_box:
            lines: list[Line] = []
            at = len(boxes)
            boxes.append(Box(at, page, lines, unfolded))
            texts.append("\0")
            open_box = True
        texts.append(line)
        lines.append(Line(line, number, page, at, bytearray(len(line)), pen))
    whole = "\n".join(texts)[2:].replace("\n\0\n", "\0")
    raws, folded = whole.split("\0"), fold_each(whole).split("\0")
    for box, raw, text in zip(boxes, raws, folded, strict=False):
        box.folded = Folded(raw, text)
    return Document(boxes, pen)
