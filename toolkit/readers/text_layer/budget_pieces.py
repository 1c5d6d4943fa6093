"""What stands in the budget part of a sheet, in printed order: labels, year headings, runs of numbers, words.

A *run* is the number cells that share a line (``5,871 6,100 - ▲ 155``), a *word* the text of a cell that is no
number (a budget item's name, the reason for a change).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from toolkit.readers.text_layer.document import Box, Line, Span
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.text import fold, is_nothing, parse_number

__all__ = ["Item", "Token", "scan"]

_OWN = ("budget", "lines")
#: titles printed beside a table from top to bottom: they float in the printed order and tell nothing of what is near
_SIDE = ("budget", "budget_state", "lines")
#: where the budget's numbers may be printed: among its own labels and those of the header
_NEAR = (*_OWN, "request", "header", "")
_YEAR = re.compile(r"(令和|平成)?(元|\d{1,2})年度(当初予算|要求)?")
#: no amount: more million yen than any state spends, or a serial number with its leading zeros
_LARGEST = 10**9
_SERIAL = re.compile(r"0\d")
_TORN = re.compile(r",\d{0,2}$")
_WHOLE = re.compile(r"[▲△-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


@dataclass(slots=True)
class Token:
    """One printed cell: ``number`` None for a dash; ``is_rate`` for 97%."""

    spans: list[Span]
    printed: str
    number: Decimal | None
    is_rate: bool = False

    @property
    def value(self) -> float:
        """The number for arithmetic; 0 for a dash."""
        return float(self.number or 0)

    @property
    def is_negative(self) -> bool:
        """Printed with a minus sign, even if it is ▲ 0."""
        return self.number is not None and self.printed[:1] in ("▲", "△", "-")


@dataclass(slots=True)
class Item:
    """One thing in printed order. ``kind``: label, year, run, word.

    ``columns`` of a year heading are those of the grid. ``key`` is a label's key; for a run or word that of the label
    before it on the same line. ``before`` and ``after`` are the sections of the labels around it; ``is_led``: words
    follow the run on its line.
    """

    kind: str
    box: Box
    line: Line
    key: str = ""
    section: str = ""
    tokens: list[Token] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    before: str = ""
    after: str = ""
    is_led: bool = False

    @property
    def has_number(self) -> bool:
        return any(token.number is not None for token in self.tokens)


def scan(reading: Reading) -> list[Item]:
    """The items of the budget part, with the sections of their neighbours filled in."""
    by_line: dict[int, list[Hit]] = {}
    for hit in reading.hits:
        by_line.setdefault(hit.line, []).append(hit)
    items: list[Item] = []
    for box in _boxes(reading):
        for line in box.lines:
            hits = by_line.get(line.number, [])
            tokens = _tokens(line)
            if hits or tokens:
                items += _line_items(box, line, tokens, hits, reading.review_year)
    items = _join_numbers(_join_words(items))
    section = ""
    for item in items:
        item.before = section
        if item.kind != "year" or section in _NEAR:  # other tables have years of their own
            section = item.section or section
    section = ""
    for item in reversed(items):
        item.after = section
        section = item.section or section
    return [item for item in items if item.kind != "run" or item.key or item.before in (_OWN if item.is_led else _NEAR)]


def _boxes(reading: Reading) -> list[Box]:
    """The boxes between the labels of the budget part; a page without another table of numbers goes in whole."""
    boxes: list[Box] = []
    pages = sorted({hit.box.page for hit in reading.hits if hit.section in _OWN})
    for page in pages:
        hits = [hit for hit in reading.hits if hit.box.page == page]
        on_page = reading.document.page(page)
        if all(hit.section in (*_OWN, "header") for hit in hits):
            boxes += on_page
            continue
        own = [hit.box.index for hit in hits if hit.section in _OWN and hit.key not in _SIDE] or [hits[0].box.index]
        foreign = [hit.box.index for hit in hits if hit.section not in _OWN]
        first = max((index for index in foreign if index < own[0]), default=on_page[0].index - 1) + 1
        last = min((index for index in foreign if index > own[-1]), default=on_page[-1].index + 1) - 1
        boxes += [box for box in on_page if first <= box.index <= last]
    return boxes


def _line_items(box: Box, line: Line, tokens: list[Token], hits: list[Hit], review_year: int) -> Iterator[Item]:
    labels = [
        Item("label", box, line, hit.key, "" if hit.key in _SIDE else hit.section, spans=list(hit.spans))
        for hit in hits
    ]
    yield from labels
    if not tokens:
        return
    foreign = any(label.section not in (*_OWN, "") for label in labels)
    key = labels[-1].key if labels else ""
    if not labels and tokens[0].printed == "計":
        key = "sum"
        yield Item("label", box, line, key, "", spans=tokens.pop(0).spans)
    heading = _heading(box, line, tokens, review_year)
    if heading is not None:
        yield heading
    else:
        yield from _cells(box, line, tokens, key, bool(labels), foreign)


def _heading(box: Box, line: Line, tokens: list[Token], review_year: int) -> Item | None:
    """A line of nothing but fiscal years; that of the request stands over both tables."""
    known: list[int] = []
    for token in tokens:
        year = _year(token.printed, review_year)
        if year is None:
            return None
        known.append(year)
    if not known:
        return None
    section = "lines" if "当初予算" in fold(line.text) else "budget" if min(known) <= review_year else "request"
    columns = [year - review_year + 3 for year in known]
    spans = [span for token in tokens for span in token.spans]
    return Item("year", box, line, "", section, tokens, spans, columns)


def _cells(box: Box, line: Line, tokens: list[Token], key: str, has_labels: bool, foreign: bool) -> Iterator[Item]:
    """Words and numbers of a line: a budget line's name before its amounts, or amounts before a reason."""
    count = len(tokens)
    while count and _is_cell(tokens[count - 1]):
        count -= 1
    lead = next((at for at, token in enumerate(tokens) if not _is_cell(token)), 0) if count and not has_labels else 0
    if lead:
        yield Item("run", box, line, "", tokens=tokens[:lead], is_led=True)
    if count and not foreign:
        yield Item("word", box, line, key, spans=[span for token in tokens[lead:count] for span in token.spans])
        key = "name"
    if foreign or not tokens[count:] or any(_is_cell(token) for token in tokens[lead:count]):
        return  # numbers within a sentence
    yield Item("run", box, line, key, tokens=tokens[count:])


def _tokens(line: Line) -> list[Token]:
    """The open tokens of a line; a ▲ that stands apart belongs to the number after it."""
    tokens: list[Token] = []
    sign: list[Span] = []
    for span in line.open_tokens:
        printed = fold(span.text)
        if printed in ("▲", "△"):
            sign = [span]
            continue
        printed = "".join([fold(one.text) for one in sign]) + printed if sign else printed
        is_rate = printed.endswith("%")
        number = parse_number(printed.removesuffix("%"))
        if number is not None and (abs(number) >= _LARGEST or _SERIAL.match(printed)):
            number = None
        tokens.append(Token([*sign, span], printed, number, is_rate))
        sign = []
    return tokens


def _is_cell(token: Token) -> bool:
    return token.number is not None or is_nothing(token.printed)


def _year(printed: str, review_year: int) -> int | None:
    """The fiscal year a heading names; without an era the one that this sheet can mean."""
    found = _YEAR.fullmatch(printed)
    if not found:
        return None
    number = 1 if found[2] == "元" else int(found[2])
    span = range(review_year - 3, review_year + 2)
    bases = {"令和": (2018,), "平成": (1988,), None: (1988, 2018)}[found[1]]
    return next((base + number for base in bases if base + number in span), None)


def _join_numbers(items: list[Item]) -> list[Item]:
    """A number wrapped in a narrow cell (15,50 over 7) is one number: its last group of three goes on below."""
    joined: list[Item] = []
    for item in items:
        last = joined[-1] if joined else None
        if last is not None and last.kind == item.kind == "run" and last.box is item.box:
            head, tail = last.tokens[-1], item.tokens[0]
            whole = head.printed + tail.printed
            if len(last.tokens) == len(item.tokens) == 1 and _TORN.search(head.printed) and _WHOLE.fullmatch(whole):
                last.tokens = [Token(head.spans + tail.spans, whole, parse_number(whole))]
                continue
        joined.append(item)
    return joined


def _join_words(items: list[Item]) -> list[Item]:
    """Words on lines that follow each other in one box are one cell's text, wrapped."""
    joined: list[Item] = []
    for item in items:
        last = joined[-1] if joined else None
        if (
            item.kind == "word" and last is not None and last.kind == "word" and not item.key
            and last.box is item.box and last.spans[-1].line.number == item.line.number - 1
        ):  # fmt: skip
            last.spans += item.spans
            continue
        joined.append(item)
    return joined
