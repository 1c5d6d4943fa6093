"""Cut the picture 資金の流れ into cells: headings of blocks, amounts, numbers of recipients, arrows, methods, prose.

Sheets draw the picture as text boxes, as one cell per box, or as rows of cells; side by side, cells of several
boxes share a line. A line is taken whole where it says one thing, and is cut at its spaces otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from toolkit.readers.text_layer.document import Folded, Span
from toolkit.text import block_letter, fold, parse_amount, precision, unwrap

__all__ = [
    "MINISTRY",
    "PAYEE",
    "Block",
    "Cell",
    "Known",
    "Money",
    "OwnCost",
    "cells_of",
    "heading_of",
    "money_in",
    "own_costs",
]

_UNIT = "(?:百万円|千円|億円|円)"
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_WHO = "(?:件|者|社|団体|機関|法人|自治体|名|人|箇所|か所|校)"
_MONEY = re.compile(
    rf"(?:[(【\[〔]?全?(?P<before>\d+){_WHO}[)】\]〕]?[::、]?)?(?P<amount>{_NUMBER}{_UNIT})(?:\(全?(?P<after>\d+){_WHO}\))?"
)
_COUNT = re.compile(rf"[(【\[〔]?全?(?P<count>\d+){_WHO}[)】\]〕]?")
#: a letter with a full stop, or in brackets, and the name behind it
HEADING = re.compile(r"(?:([A-Za-z])[.．、,]|【([A-Z])】)(.*)")
_PAYER = r"(?P<payer{0}>[^()]+?)(?:より|から)"
_ARROW = re.compile(rf"[↓→↑←↘↙⇩⇒▼]+(?:\(?{_PAYER.format('')}\)?)?|\({_PAYER.format('_alone')}\)")
_BY = re.compile(r"【[^】]+】")
_OWN = re.compile(rf"(?:うち|内、?|\()*(?P<item>[^\d、,()]+?)(?P<amount>{_NUMBER}{_UNIT})")
_ROLE = re.compile(r"[〔\[(].+[〕\])]|.+。")
MINISTRY = re.compile(r"[^\d、。()]{1,12}(?:省|庁|府|官房|委員会|院|局|本部)")
#: what a box opens with as printed; a letter apart from its full stop or name, and what follows then; a heading or a text
#: after another
_HEAD = re.compile(r"[\s\u3000]*(?:【[\s\u3000]*\S[\s\u3000]*】|\S[\s\u3000]*[.．、,])[\s\u3000]*")
_LETTER, _AFTER_GAP = re.compile(r"[A-Z][.．、]?|【[A-Z]?"), re.compile(r"[A-ZＡ-Ｚ] ?[.．]|【")
_HEADING_AFTER, _TEXT_AFTER = re.compile(r"[ \u3000](?:[A-ZＡ-Ｚ][.．]|【[A-ZＡ-Ｚ]】)"), re.compile(r"[。〕】] +\S")
_GAP = re.compile(" +")
#: whom a box may name below its heading
PAYEE = re.compile(
    r".*(?:会社|法人|機構|協会|財団|大学|学校|団体|企業|組合|機関|事業者|銀行|公庫|会議所|センター|研究所|[都道府県市区町村省庁局署]"
    r"|委員会|個人|連盟|公社|事務局|基金|\(株\)|者)(?:等|ほか|[A-Z]|外\d+者)*|(?:株式会社|一般社団法人|独立行政法人|\(株\)|国立).*"
)


@dataclass(frozen=True, slots=True)
class Money:
    """A printed amount in yen with its precision, and how many recipients share it."""

    amount: int
    step: int
    count: int | None


@dataclass(frozen=True, slots=True)
class OwnCost:
    """What the ministry spends itself out of its box: 職員旅費 1百万円 を含む."""

    item: str
    amount: int
    ref: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the lists of recipients say about a block: their names and amounts, how many of these and how finely."""

    names: tuple[str, ...] = ()
    total: int = 0
    amounts: int = 0
    step: int = 1

    @property
    def complete(self) -> bool:
        """Lists end after ten recipients."""
        return 0 < len(self.names) < 10

    def exceeds(self, money: Money) -> bool:
        """Whether the recipients got more than this, however it was rounded."""
        return self.total > money.amount + money.step * len(self.names)

    def falls_short(self, money: Money, count: int) -> bool:
        """Whether ``count`` recipients, all of them in the list, got less than this, however that was rounded."""
        rounded = max(money.step, self.step) * (count + 1) // 2
        return len(self.names) == self.amounts == count and self.total < money.amount - rounded


@dataclass(slots=True)
class Block:
    """One box; ``group`` numbers the rows of boxes in printed order. ``texts`` stand between heading and amount."""

    letter: str
    head: str
    group: int
    ref: str
    texts: list[str] = field(default_factory=list)
    money: Money | None = None
    count: int | None = None
    by: str | None = None
    #: what the arrows printed since the box before name, and whether text was printed after that box
    arrows: list[str | None] = field(default_factory=list)
    after_text: bool = False
    roles: list[str] = field(default_factory=list)
    certainty: str = "stated"


@dataclass(slots=True)
class Cell:
    """``kind``: heading, money, count, arrow, by, role, own or text; the other fields as the kind has them.

    ``more`` are further lines of the same text.
    """

    kind: str
    span: Span
    money: Money | None = None
    count: int | None = None
    payer: str | None = None
    more: list[Span] = field(default_factory=list)

    @property
    def text(self) -> str:
        return unwrap([span.text.strip(" \u3000") for span in (self.span, *self.more)])

    def take(self) -> None:
        for span in (self.span, *self.more):
            span.take()


def heading_of(text: str) -> tuple[str, str] | None:
    """The letter (upper case) and the name behind it, if a box of the picture opens like this."""
    found = HEADING.match(fold(text))
    if found is None:
        return None
    head = _HEAD.match(text)
    return block_letter(found.group(1) or found.group(2)) or "", text[head.end() :] if head else ""


def money_in(text: str) -> Money | None:
    """The last amount in a text."""
    found = list(_MONEY.finditer(fold(text)))
    return _money(found[-1]) if found else None


def _money(found: re.Match[str]) -> Money:
    amount = found.group("amount")
    count = found.group("before") or found.group("after")
    return Money(parse_amount(amount) or 0, precision(amount) or 1, int(count) if count else None)


def own_costs(span: Span) -> list[OwnCost]:
    """The ministry's own costs that a line names, each an item and an amount."""
    folded = fold(span.text)
    found = _OWN.finditer(folded) if "円" in folded else ()
    return [OwnCost(one.group("item"), parse_amount(one.group("amount")) or 0, span.ref) for one in found]


def cells_of(span: Span) -> list[Cell]:
    """A line as cells."""
    folded = Folded(span.text)
    if "を含む" in folded.text and own_costs(span):
        return _with_own_costs(span, folded)
    whole = _classify(span)
    if whole.kind != "text":
        return [whole]
    for pattern in (_MONEY, _BY, _COUNT, _ARROW):
        found = list(pattern.finditer(folded.text)) if pattern.match(folded.text) else []
        if len(found) > 1 and sum(len(match.group()) for match in found) == len(folded.text):
            return [_classify(_part(span, folded, match)) for match in found]
    return list(_cut(span))


def _with_own_costs(span: Span, folded: Folded) -> list[Cell]:
    """5,335百万円 職員旅費 1百万円 を含む: the amount of the box, then what is meant for the ministry itself."""
    first = _MONEY.match(folded.text)
    if first is None or first.end() == len(folded.text):
        return [Cell("own", span)]
    start = folded.origin[first.end()] + span.start
    return [_classify(Span(span.line, span.start, start)), Cell("own", Span(span.line, start, span.end))]


def _cut(span: Span) -> Iterator[Cell]:
    """Cells at the spaces of a line.

    Not where a letter and its full stop, or a number and its text, were printed apart: extractors put a space
    between full-width and half-width characters of one text.
    """
    start = 0
    for gap in _GAP.finditer(span.text):
        before, after = span.text[start : gap.start()], span.text[gap.end() :]
        narrow = (before[-1:].isascii() or after[:1].isascii()) and not _AFTER_GAP.match(after)
        if before and after and not narrow and not _LETTER.fullmatch(fold(before)):
            yield _classify(Span(span.line, span.start + start, span.start + gap.start()))
            start = gap.end()
    yield _classify(Span(span.line, span.start + start, span.end))


def _part(span: Span, folded: Folded, match: re.Match[str]) -> Span:
    start, end = folded.raw_span(*match.span())
    return Span(span.line, span.start + start, span.start + end)


def _classify(span: Span) -> Cell:
    folded = fold(span.text)
    if found := _MONEY.fullmatch(folded):
        return Cell("money", span, money=_money(found))
    if found := _COUNT.fullmatch(folded):
        return Cell("count", span, count=int(found.group("count")))
    if found := _ARROW.fullmatch(folded):
        return Cell("arrow", span, payer=found.group("payer") or found.group("payer_alone"))
    if HEADING.fullmatch(folded):
        several = _HEADING_AFTER.search(span.text)
        return Cell("text" if several else "heading", span)
    for kind, pattern in (("by", _BY), ("role", _ROLE)):
        if pattern.fullmatch(folded) and not _TEXT_AFTER.search(span.text):  # texts of neighbours
            return Cell(kind, span)
    return Cell("text", span)
