"""The words of the part with the numbers of earlier sheets, and the rows they become."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from toolkit.form.vocabulary import MINISTRIES, ministry_of
from toolkit.readers.text_layer.document import FOLDS, Folded, Line, Span
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import fiscal_year

__all__ = ["Numbers", "Token", "is_four_part", "may_pair", "new_year", "plain", "tokens"]

#: the first review took place in 2010
_FIRST = 2010
#: 新22 to 新32 count the years of Heisei (平成22年度 = 2010), 新02 on those of Reiwa
_FIRST_HEISEI = 22
_SHORT = frozenset(MINISTRIES.values())
#: what such a line may open with, folded; nothing is what an invisible character leaves
_OPENS = frozenset([*"0123456789新平令-、,", "", *[name[0] for name in (*MINISTRIES, *_SHORT)]])
_WHOLE = r"20\d\d-[^\d-]{1,4}-新?\d{2}-\d{3,4}(?:-\d{1,2})?"
_YEAR = r"(?:平成|令和)(?:元|\d{1,2})年度?"
_NUMBER = r"(?:新\d{2}-)?\d{1,4}(?:-\d{1,2}(?!\d))?"
_CELL = re.compile(r"[^ \u3000]+")
_WORD = re.compile(rf"{_WHOLE}|{_YEAR}|{_NUMBER}|新\d{{2}}|-|[^\d\s、,-]+")
_IS_WHOLE, _IS_YEAR, _IS_NUMBER, _IS_REVIEW, _IS_SECTION = (
    re.compile(pattern).fullmatch for pattern in (_WHOLE, _YEAR, _NUMBER, r"20\d\d", r"新\d{2}")
)


@dataclass(eq=False, slots=True)
class Token:
    """One word: a ``year`` label, a ``whole`` number in four parts or its parts ``review``, ``short``, ``section``; a
    ``number``, a ``ministry`` or a ``dash``. ``year`` is that of a label or of the review in a four-part number.
    """

    kind: str
    text: str
    span: Span
    year: int | None = None
    done: bool = False

    def take(self) -> str:
        self.done = True
        self.span.take()
        return self.text


def tokens(line: Line, review_year: int) -> list[Token]:
    """The words of one open line, if years, ministries and numbers are all it holds; else nothing."""
    if line.marks.count(0) < len(line.marks) or FOLDS[ord(line.text.lstrip(" \u3000")[0])][:1] not in _OPENS:
        return []
    result: list[Token] = []
    for word in _CELL.finditer(line.text):
        folded = Folded(word.group())
        end = 0
        for found in _WORD.finditer(folded.text):
            kind, year = _kind(found.group(), review_year)
            if not kind and [token.kind for token in plain(result)] == ["review"] and len(found.group()) <= 4:
                kind = "short"  # a short name in its place, though not one of those known
            if not kind or folded.text[end : found.start()].strip("、,"):
                return []
            start, stop = folded.raw_span(*found.span())
            result.append(Token(kind, found.group(), line.span(word.start() + start, word.start() + stop), year))
            end = found.end()
        if folded.text[end:].strip("、,"):
            return []
    return result


def _kind(text: str, review_year: int) -> tuple[str, int | None]:
    if text[0] in "0123456789新平令":
        if _IS_WHOLE(text):
            return "whole", int(text[:4])
        if _IS_YEAR(text):
            year = fiscal_year(text)
            return ("year", year) if year is not None and _FIRST <= year < review_year else ("", None)
        if len(text) == 4 and _IS_REVIEW(text) and 2021 <= int(text) < review_year:
            return "review", int(text)
        if _IS_NUMBER(text):
            return "number", None
        if _IS_SECTION(text):
            return "section", None
    if text == "-":
        return "dash", None
    if text in _SHORT or (2 <= len(text) <= 4 and any(name.startswith(text) and name != text for name in MINISTRIES)):
        return "short", None
    return ("ministry", None) if text in MINISTRIES else ("", None)


def new_year(number: str) -> int | None:
    """The fiscal year in which a project marked 新 was new: 新28 is 平成28年度, 新02 令和2年度."""
    mark = re.match(r"新(\d{2})-", number)
    new = int(mark.group(1)) if mark else 0
    return (1988 + new if new >= _FIRST_HEISEI else 2018 + new) if mark else None


def may_pair(labels: Sequence[Token], numbers: Sequence[Token]) -> bool:
    """Whether these numbers may answer these years by their order: one marked 新 stands in the year it names."""
    return all(new_year(number.text) in (None, label.year) for label, number in zip(labels, numbers, strict=True))


def plain(words: Sequence[Token]) -> list[Token]:
    """Without dashes, which only separate boxes or stand for nothing."""
    return [token for token in words if token.kind != "dash"]


def is_four_part(words: Sequence[Token]) -> bool:
    kinds = [token.kind for token in words]
    return kinds[:2] == ["review", "short"] and len(kinds) in (4, 5) and set(kinds[2:]) <= {"number", "section"}


@dataclass(slots=True)
class Numbers:
    """The numbers found so far; ``write`` makes them rows, the earliest year first."""

    reading: Reading
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, words: Sequence[Token], *, label: Token | None = None, year: int | None = None, certainty: str = "stated"
    ) -> None:
        """Every number in ``words``; a ministry among them counts for all. ``label`` is the year beside them."""
        if label is not None:
            label.done, year = True, label.year
        if is_four_part(words):
            number = "-".join(token.take() for token in words)
            self._keep(words[0].year, ministry_of(words[1].text), number, words[-1], certainty)
            return
        ministry = next((token.take() for token in words if token.kind == "ministry"), None)
        for token in words:
            if token.kind == "whole":
                self._keep(token.year, ministry_of(token.text.split("-")[1]), token.take(), token, certainty)
            elif token.kind == "number":
                self._keep(year, ministry, token.take(), token, certainty)

    def _keep(self, year: int | None, ministry: str | None, number: str, last: Token, certainty: str) -> None:
        row = {
            "fiscal_year": year,
            "ministry": ministry,
            "number": number,
            "ref": last.span.ref,
            "certainty": certainty,
        }
        self.rows.append(row)

    def write(self) -> None:
        for row in sorted(self.rows, key=lambda row: row["fiscal_year"] or 0):
            self.reading.draft.add("related", kind="past_number", **row)
