"""What stands in the indicator part of a sheet, in printed order: labels, year headings, runs of values, texts.

A *run* is the value cells of one row that share a line, with the row's label and unit where they share it too
(``目標値 件 12 14 14``); a text is a ``Piece`` as the prose readers know it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from toolkit.readers.text_layer.document import Box, Line, Span
from toolkit.readers.text_layer.reading import Hit, Labels, Reading
from toolkit.readers.text_layer.sequence import Piece
from toolkit.text import fold_text, is_nothing, parse_number

__all__ = ["ROWS", "Item", "Run", "Value", "as_value", "region", "scan"]

#: row labels of the tables: the measure that stands in the row
ROWS = {
    "output_actual": "actual", "output_expected": "expected", "outcome_actual": "actual", "outcome_target": "target",
    "outcome_achievement": "achievement", "policy_actual": "actual", "unit_cost_formula": "formula",
}  # fmt: skip

_ERA = r"(?:令和|平成|R|H)"
_YEAR = re.compile(rf"{_ERA}?(?:元|\d{{1,2}}|20\d\d)年度(?:活動見込み?)?")
_YEAR_OPEN = re.compile(rf"{_ERA}(?:元|\d{{1,2}})年?|(?:元|\d{{1,2}})年|{_ERA}")
_PLAN = re.compile(r"活動見込み?|活動見?|見?込み?")
_HEAD = re.compile(f"{_YEAR.pattern}|{_YEAR_OPEN.pattern}|{_PLAN.pattern}")
_NOT_YET = re.compile(
    r"(?:集計|調査|精査|算出|確認|検討|作成|実施|推計|分析)中|未(?:定|集計|公表|確定|実施|調査)|.{0,8}(?:公表|判明|集計)予定|…"
)
_NUMBER = re.compile(
    r"(?:約|延べ)?([▲△-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(%|[^\d\s.,%/年月()（）]{1,5})?(?:以上|程度|以下)?"
)


#: how a text ends that no line goes on with
_ENDED = ("。", ")", "）")
#: characters of Latin text, in which a space ends no cell
_LATIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789,(")
#: the end of a text that is no sentence, and a next one that ends it: a particle before it, or an ending to begin with
_UNFINISHED = re.compile(r"(?:[をにのがはとでへや、]\n.*|[^。)\n]\n[ぁ-ん].{0,30})。$")


#: a token, folded and as it stands in its line
_Word = tuple[str, Span]


@dataclass(eq=False, slots=True)
class Value:
    """One printed value cell. ``number`` is None for a dash and for words such as 集計中."""

    span: Span
    number: float | None
    is_rate: bool = False
    #: printed after a heading that came late: "final" or "plan"
    zone: str = ""
    #: the column it must stand in, if that is known
    col: int = -1

    @property
    def is_nothing(self) -> bool:
        return is_nothing(self.span.text)


@dataclass(eq=False, slots=True)
class Run:
    """Values side by side on one line. ``row`` is the label on the same line, ``unit`` the word between them."""

    values: list[Value]
    line: Line
    row: Hit | None = None
    unit: Span | None = None
    after_text: bool = False
    #: printed apart from its row (``indicators_rows``), and perhaps that of another one
    is_loose: bool = False
    is_doubtful: bool = False


@dataclass(eq=False, slots=True)
class Item:
    """One thing in printed order. ``kind``: hit, run, text, head (year headings), final (``5 年度``)."""

    kind: str
    box: Box
    hit: Hit | None = None
    run: Run | None = None
    piece: Piece | None = None
    heads: Sequence[str] = ()
    number: str = ""


def region(reading: Reading, own: tuple[str, ...]) -> list[Box]:
    """The boxes between the labels of the sections ``own``; a page with no other table goes in whole."""
    boxes: list[Box] = []
    for page in sorted({hit.box.page for hit in reading.hits if hit.section in own}):
        on_page = reading.document.page(page)
        hits = [hit for hit in reading.hits if hit.box.page == page]
        mine = [hit.box.index for hit in hits if hit.section in own]
        foreign = [hit.box.index for hit in hits if hit.section not in own]
        first = max((index for index in foreign if index < mine[0]), default=on_page[0].index - 1) + 1
        last = min((index for index in foreign if index > mine[-1]), default=on_page[-1].index + 1) - 1
        boxes += reading.document.between(first, last)
    return boxes


def scan(boxes: Iterable[Box], labels: Labels) -> list[Item]:
    """The items of these boxes in printed order; year headings and arrows are marked as labels on the way."""
    items: list[Item] = []
    for box in boxes:
        _Walk(box, labels, items).walk()
    return _rejoin(items)


@lru_cache(maxsize=4096)
def as_value(text: str) -> tuple[float | None, bool] | None:
    """Number and per-cent sign of a printed value; (None, False) for a dash or 集計中; None for other words."""
    folded = fold_text(text)
    if is_nothing(folded) or _NOT_YET.fullmatch(folded):
        return None, False
    found = _NUMBER.fullmatch(folded)
    if not found:
        return None
    number = parse_number(found[1])
    return None if number is None else (float(number), found[2] == "%")


def _rejoin(items: list[Item]) -> list[Item]:
    """A text whose end was printed in a box of its own is one again."""
    joined: list[Item] = []
    for item in items:
        last = joined[-1] if joined else None
        if last is None or last.piece is None or item.piece is None or item.box.page != last.box.page:
            joined.append(item)
        elif _goes_on(last.piece.folded, item.piece.folded):
            last.piece.spans += item.piece.spans
            last.piece.folded += item.piece.folded
        else:
            joined.append(item)
    return joined


def _goes_on(above: str, below: str) -> bool:
    """Whether a text is the rest of the one above: the end of its sentence, or of its brackets."""
    if below.endswith("。") and _UNFINISHED.match(f"{above}\n{below}", max(len(above) - 1, 0)):
        return True
    return any(above.count(a) > above.count(b) and below.count(a) < below.count(b) for a, b in ("()", "「」"))


def _start(part: tuple[int, object, object]) -> int:
    return part[0]


class _Walk:
    """One box, line by line."""

    def __init__(self, box: Box, labels: Labels, items: list[Item]) -> None:
        self.box, self.labels, self.items = box, labels, items
        self.open_texts: list[Piece] = []  # texts of the line before, which the next line may continue

    def walk(self) -> None:
        lines = [
            (line, [(fold_text(span.text), span) for span in line.open_tokens] if 0 in line.marks else [])
            for line in self.box.lines
        ]
        whole = self._heads([word for _, words in lines for word in words]) if len(lines) > 1 else []
        for line, words in lines:
            hits = self.labels.get(line.number, ())
            if words and (heads := whole or self._heads(words)):
                for _, span in words:
                    span.label()
                self._line(line, [], hits)
                if own := [text for text, first in heads if first.line is line]:
                    self.items.append(Item("head", self.box, heads=own))
            elif words:
                self._line(line, words, hits)
            else:  # labels alone, or nothing
                if len(hits) > 1:
                    hits = sorted(hits, key=_start)
                self.items += [Item("hit", self.box, hit=hit) for _, place, hit in hits if not place]
                self.open_texts = []

    @staticmethod
    def _heads(words: list[_Word]) -> list[_Word]:
        """The year headings these words are, a heading wrapped over two lines as one; empty if they are anything else."""
        heads: list[_Word] = []
        if not words or not _HEAD.fullmatch(words[0][0]):
            return heads
        for text, span in words:
            if heads and _YEAR_OPEN.fullmatch(heads[-1][0]) and _YEAR.fullmatch(heads[-1][0] + text):
                heads[-1] = (heads[-1][0] + text, heads[-1][1])
            elif _HEAD.fullmatch(text):
                heads.append((text, span))
            else:
                return []
        open_ended = [text for text, _ in heads if _YEAR_OPEN.fullmatch(text)]
        return [] if any(text[0] not in "令平" or len(text) < 3 for text in open_ended) else heads

    def _line(self, line: Line, words: list[_Word], hits: Sequence[tuple[int, int, Hit]]) -> None:
        parts: list[tuple[int, str, Span | Hit]] = [(span.start, word, span) for word, span in words]
        whole = bool(parts)
        if hits:
            parts = sorted([*[(start, "", hit) for start, place, hit in hits if not place], *parts], key=_start)
            labelled = min([start for start, _, _ in hits])
            whole = bool(parts) and isinstance(parts[0][2], Span) and parts[0][0] < labelled
        self._row: Hit | None = None
        self._run: Run | None = None
        rest: list[_Word] = []
        texts: list[Piece] = []
        torn = (
            len(parts) == 1
            and self.open_texts
            and not self.open_texts[-1].spans[-1].text.rstrip(" \u3000").endswith(_ENDED)
            and not is_nothing(line.text)
        )
        for start, word, part in parts:
            if isinstance(part, Hit):
                if rest:
                    texts += self._texts(rest)
                    rest = []
                self._row, self._run = (part, None) if part.key in ROWS else (None, None)
                self.items.append(Item("hit", self.box, hit=part))
            elif word == "年度":
                self._final(part)
            elif word in ("↓", "→", "⇒") or (word == "度" and start == 0):
                part.label()  # an arrow, or the end of a heading such as 平成25年度 that was wrapped
            elif torn or not self._value(word, part, rest):
                if self._row is not None and self._run is None and self._row.key != "unit_cost_formula":
                    self._run = Run([], line, self._row, part)
                    self.items.append(Item("run", self.box, run=self._run))
                elif self._run is not None and self._run.row is not None and not self._run.values and self._run.unit:
                    self._run.unit = line.span(self._run.unit.start, part.end)
                else:
                    self._run = None
                    rest.append((word, part))
        if rest:
            texts += self._texts(rest)
        self._merge(texts, whole)

    def _value(self, word: str, span: Span, rest: list[_Word]) -> bool:
        """Add a value cell to the run of this line, or say that it is none."""
        known = as_value(word)
        if known is None or (
            known[0] is None and self._run is None and self._row is None and rest and not is_nothing(word)
        ):
            return False
        if self._run is None:
            unit = None
            if self._row is None and rest and len(rest[-1][0]) <= 8:
                unit = rest.pop()[1]
            self._run = Run([], span.line, self._row, unit)
            self.items.append(Item("run", self.box, run=self._run))
        self._run.values.append(Value(span, *known))
        return True

    def _final(self, span: Span) -> None:
        """``年度`` on its own: the number before it is the target year, not a value."""
        span.label()
        last = self.items[-1] if self.items else None
        number = ""
        if last is not None and last.run is not None and last.run.values and last.run.row is None:
            value = last.run.values.pop()
            value.span.take()
            number = fold_text(value.span.text)
            if not last.run.values:
                self.items.pop()
        self._run = None
        self.items.append(Item("final", self.box, number=number))

    def _texts(self, words: list[_Word]) -> list[Piece]:
        """The words of one stretch as cells: split at a space, unless the line is prose or the space stands in Latin text."""
        line = words[0][1].line
        hits = self.labels.get(line.number, ())
        beside = next((hit for start, _, hit in reversed(hits) if start < words[0][1].start), None) if hits else None
        if len(words) == 1:
            return [Piece([words[0][1]], self.box.index, beside, words[0][0])]
        cells: list[list[Span]] = [[words[0][1]]]
        for (_, before), (_, span) in pairwise(words):
            latin = (
                line.text[before.end - 1] in _LATIN and line.text[span.start] in _LATIN and line.text[span.start] != ","
            )
            if latin or "\u3000" in line.text[before.end : span.start]:
                cells[-1].append(span)
            else:
                cells.append([span])
        if len(cells) > 2 or sum([len(word) for word, _ in words]) > 58:
            cells = [[span for _, span in words]]
        return [Piece([line.span(cell[0].start, cell[-1].end)], self.box.index, beside) for cell in cells]

    def _merge(self, texts: list[Piece], whole: bool) -> None:
        """Join the texts of a line to those of the line above it, cell by cell."""
        new = texts
        if whole and texts and self.open_texts:
            for above, piece in zip(self.open_texts, texts, strict=False):
                above.spans += piece.spans
                above.folded += piece.folded
            new = texts[len(self.open_texts) :]
            texts = [*self.open_texts, *new]
        if new:
            self.items += [Item("text", self.box, piece=piece) for piece in new]
        self.open_texts = texts
