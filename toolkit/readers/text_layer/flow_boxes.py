"""Read the boxes of the picture 資金の流れ: what the ministry has, and who gets how much.

A box is printed as one box of lines where the sheet drew it as a text box or as one cell, and as single cells in
rows shared with its neighbours where the sheet wrote its lines into rows. Then the cells are gathered again: a
row of headings opens a band of blocks, and the labels, counts and amounts below belong to them in their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from toolkit.readers.text_layer.document import Box, Folded, Line, Span
from toolkit.text import fold, parse_amount, precision, unwrap

__all__ = ["Block", "Money", "OwnCost", "Picture", "read_picture"]

_UNIT = "百万円|千円|億円|円"
_COUNT = r"[(【\[〔]?全?(?P<{0}>\d+)(?:件|者|社|団体|機関|法人|自治体|名|人|箇所|か所)[)】\]〕]?[::、]?"
_MONEY = re.compile(
    rf"(?:{_COUNT.format('before')})?(?P<amount>[▲△-]?\d[\d,]*(?:\.\d+)?(?:{_UNIT}))(?:[((]全?(?P<after>\d+)(?:件|者|社)[))])?"
)
_COUNT_ALONE = re.compile(_COUNT.format("count"))
_HEADING = re.compile(r"(?:([A-Za-z])[.．、,]|【([A-Z])】)(.*)")
_ARROW = re.compile(r"[↓→↑←↘↙⇩⇒▼]+(?:[((]?(?P<payer>[^()]+?)(?:より|から)[))]?)?|[((](?P<alone>[^()]+?)(?:より|から)[))]")
_BY = re.compile(r"【(?P<by>[^】]+)】")
_OWN = re.compile(rf"(?P<item>[^\d、,()()]*?[^\d、,()()う])(?P<amount>\d[\d,]*(?:\.\d+)?(?:{_UNIT}))")
_MINISTRY = re.compile(r"[^\d]{2,12}(?:省|庁|府|官房|委員会|院|局|本部)")
#: whom a box may name below its heading
_PAYEE = re.compile(
    r".*(?:株式会社|有限会社|合同会社|\(株\)|法人|機構|協会|財団|大学|高等専門学校|学校|団体|企業|組合|機関|事業者|銀行|公庫|会議所|センター"
    r"|研究所|[都道府県市区町村省庁局署]|委員会|個人|者|会社|社|連盟|公社|事務局|基金|会)等?(?:[A-Zほか]*)"
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


@dataclass(slots=True)
class Block:
    """One box of the picture; ``band`` counts the rows of boxes from the top."""

    letter: str
    band: int
    ref: str
    head: str
    lines: list[str] = field(default_factory=list)
    money: Money | None = None
    count: int | None = None
    by: str | None = None
    payer: str | None = None
    roles: list[str] = field(default_factory=list)
    #: whether amount and heading stood in one box or alone in their row
    plain: bool = True


@dataclass(slots=True)
class Picture:
    """All that was read: the ministry's amount with its own costs, and the blocks in printed order."""

    blocks: list[Block] = field(default_factory=list)
    money: Money | None = None
    ref: str = ""
    own: list[OwnCost] = field(default_factory=list)


@dataclass(slots=True)
class _Cell:
    """A cell of the picture: what kind it is, its text, and where."""

    kind: str
    text: str
    span: Span
    match: re.Match[str] | None = None


def read_picture(boxes: Iterable[Box], letters: Sequence[str]) -> Picture:
    """Gather the boxes of the picture; ``letters`` are the blocks that other tables of the sheet know."""
    picture = Picture()
    gathering = _Bands(picture, letters)
    for box in boxes:
        lines = [line.span() for line in box.lines if line.span().is_open and fold(line.text)]
        if not lines:
            continue
        if len(lines) > 1 and _is_block(lines):
            gathering.box(lines)
        elif len(lines) > 1 and _is_ministry(lines) and picture.money is None:
            _read_ministry(picture, lines)
        elif len(lines) > 1 and not any(_cells(span)[0].kind != "text" for span in lines):
            gathering.role(lines)
        else:
            for span in lines:
                for cell in _cells(span):
                    gathering.cell(cell)
    gathering.close()
    return picture


def _is_block(lines: Sequence[Span]) -> bool:
    heading = _HEADING.match(fold(lines[0].text))
    return heading is not None and any(_MONEY.search(fold(span.text)) for span in lines[1:])


def _is_ministry(lines: Sequence[Span]) -> bool:
    return _HEADING.match(fold(lines[0].text)) is None and any(_MONEY.fullmatch(fold(span.text)) for span in lines[1:3])


def _read_ministry(picture: Picture, lines: Sequence[Span]) -> None:
    """The ministry's box: name, amount, and perhaps what it spends itself."""
    for span in lines[1:]:
        folded = fold(span.text)
        found = _MONEY.fullmatch(folded)
        if found and picture.money is None:
            picture.money, picture.ref = _money(found), span.ref
            span.take()
        else:
            _own_costs(picture, span)
    lines[0].take()


def _own_costs(picture: Picture, span: Span) -> bool:
    folded = fold(span.text)
    own = [
        OwnCost(re.sub(r"^(?:うち|内、?|\()+", "", found.group("item")), parse_amount(found.group("amount")) or 0, span.ref)
        for found in _OWN.finditer(folded)
    ]
    own = [cost for cost in own if cost.item and not _MINISTRY.fullmatch(cost.item)]
    picture.own += own
    if own:
        span.take()
    return bool(own)


def _money(found: re.Match[str]) -> Money:
    amount = found.group("amount")
    count = found.group("before") or found.group("after")
    return Money(parse_amount(amount) or 0, precision(amount) or 1, int(count) if count else None)


# -- cells


def _cells(span: Span) -> list[_Cell]:
    """A line as cells: whole where it says one thing, else cut at its spaces."""
    whole = _classify(span)
    if whole.kind != "text":
        return [whole]
    folded = Folded(span.text)
    for pattern, kind in ((_MONEY, "money"), (_BY, "by"), (_COUNT_ALONE, "count"), (_ARROW, "arrow")):
        found = list(pattern.finditer(folded.text))
        if len(found) > 1 and sum(len(match.group()) for match in found) == len(folded.text):
            return [_Cell(kind, match.group(), _part(span, folded, match), match) for match in found]
    if "を含む" in folded.text:
        return _with_own_costs(span, folded)
    pieces = [_classify(Span(span.line, span.start + m.start(), span.start + m.end())) for m in re.finditer("[^ ]+", span.text)]
    result: list[_Cell] = []
    for before, piece in pairwise([None, *pieces]):
        letter = before is not None and re.fullmatch(r"[A-Z][.．、]?|[.．]", fold(before.text))
        if result and piece.kind == "text" and (letter or result[-1].kind == "heading" and len(fold(result[-1].text)) < 3):
            joined = Span(span.line, result[-1].span.start, piece.span.end)
            result[-1] = _classify(joined)
        else:
            result.append(piece)
    return result


def _with_own_costs(span: Span, folded: Folded) -> list[_Cell]:
    """5,335百万円 職員旅費 1百万円 を含む: the amount of the box, then what is meant for the ministry itself."""
    first = _MONEY.match(folded.text)
    if first is None or first.end() == len(folded.text):
        return [_Cell("own", folded.text, span)]
    start = folded.origin[first.end()] + span.start
    return [
        _Cell("money", first.group(), Span(span.line, span.start, start), first),
        _Cell("own", folded.text[first.end() :], Span(span.line, start, span.end)),
    ]


def _part(span: Span, folded: Folded, match: re.Match[str]) -> Span:
    start, end = folded.raw_span(*match.span())
    return Span(span.line, span.start + start, span.start + end)


def _classify(span: Span) -> _Cell:
    folded = fold(span.text)
    for kind, pattern in (("money", _MONEY), ("count", _COUNT_ALONE), ("arrow", _ARROW), ("heading", _HEADING), ("by", _BY)):
        found = pattern.fullmatch(folded)
        if found:
            return _Cell(kind, span.text, span, found)
    if re.fullmatch(r"[〔\[((].*(?:[〕\]))]|。)", folded) or folded.endswith("。"):
        return _Cell("role", span.text, span)
    return _Cell("text", span.text, span)


# -- bands


class _Bands:
    """Gathers cells into blocks while the picture is read from top to bottom."""

    def __init__(self, picture: Picture, letters: Sequence[str]) -> None:
        self.picture = picture
        self.letters = set(letters)
        self.band = 0
        self.open: list[Block] = []
        self.contents: list[_Cell] = []
        self.spare: list[Span] = []
        self.arrows: list[str | None] = []
        self.bys: list[str] = []
        self.new_row = True

    def box(self, lines: Sequence[Span]) -> None:
        """A block in one box of lines."""
        block = self._start(lines[0])
        money = next(i for i, span in reversed(list(enumerate(lines))) if _MONEY.search(fold(span.text)))
        found = _MONEY.search(fold(lines[money].text))
        block.money = _money(found) if found else None
        for number, span in enumerate(lines[1:], start=1):
            count = _COUNT_ALONE.fullmatch(fold(span.text))
            if count:
                block.count = int(count.group("count"))
            elif number < money:
                block.lines.append(span.text)
            span.take()
        lines[0].take()
        block.count = block.count or (block.money.count if block.money else None)
        self.open.append(block)

    def _start(self, span: Span) -> Block:
        """A new block; what stood above its row of boxes says how it is paid."""
        if self.new_row and (self.arrows or self.bys or not self.open):
            self.close()
        self.new_row = False
        found = _HEADING.match(fold(span.text))
        letter = (found.group(1) or found.group(2)).upper() if found else "?"
        start = re.match(r"\s*(?:【\s*\S\s*】|\S\s*[.．、,])[\s\u3000]*", span.text)
        return Block(letter, self.band, span.ref, span.text[start.end() :] if start else span.text)

    def cell(self, cell: _Cell) -> None:
        if cell.kind in ("arrow", "by"):
            self.new_row = True
            if cell.kind == "arrow":
                self.arrows.append(cell.match.group("payer") or cell.match.group("alone") if cell.match else None)
            else:
                self.bys.append(cell.text.strip("【】 \u3000"))
            cell.span.take()
        elif cell.kind == "heading":
            if self.contents:
                self.new_row = True
                self.close()
            block = self._start(cell.span)
            block.plain = False
            self.open.append(block)
            cell.span.take()
        elif cell.kind == "own":
            _own_costs(self.picture, cell.span)
        elif cell.kind == "money" and self.picture.money is None and not self._wants_money():
            self.picture.money, self.picture.ref = _money(cell.match), cell.span.ref  # type: ignore[arg-type]
            cell.span.take()
        elif cell.kind == "text" and self.picture.money is None and not self.open and _MINISTRY.fullmatch(fold(cell.text)):
            cell.span.take()
        elif cell.kind == "money" and self.open or cell.kind in ("text", "role", "count") and self.open:
            self.contents.append(cell)

    def _wants_money(self) -> bool:
        return any(block.money is None for block in self.open)

    def role(self, lines: Sequence[Span]) -> None:
        """Prose of several lines."""
        if self.open:
            self.contents.append(_Cell("role", unwrap([span.text for span in lines]), lines[0]))
            self.spare += lines[1:]

    def close(self) -> None:
        """The row of boxes is complete: hand out arrows, methods and contents."""
        blocks, self.open = self.open, []
        contents, self.contents = self.contents, []
        arrows, self.arrows = self.arrows, []
        bys, self.bys = self.bys, []
        if not blocks:
            self.arrows, self.bys = arrows, bys
            return
        self.picture.blocks += blocks
        self.band += 1
