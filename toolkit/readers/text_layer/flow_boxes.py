"""Gather the cells of the picture 資金の流れ into the ministry's box and the boxes of the blocks.

A row of headings opens a group of blocks; arrows and methods (【補助金等交付】) stand above it, labels, amounts and
prose below. Within a group contents belong to the blocks in their order, unless the lists of recipients tell
otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from toolkit.readers.text_layer.document import Box, Span
from toolkit.readers.text_layer.flow_cells import (
    MINISTRY,
    PAYEE,
    Cell,
    Money,
    OwnCost,
    cells_of,
    heading_of,
    money_in,
    own_costs,
)  # fmt: skip
from toolkit.text import fold, unwrap

__all__ = ["Block", "Known", "Picture", "read_picture"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the lists of recipients say about a block: their names and amounts."""

    names: tuple[str, ...] = ()
    total: int = 0

    @property
    def complete(self) -> bool:
        """Lists end after ten recipients."""
        return 0 < len(self.names) < 10


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
    payer: str | None = None
    roles: list[str] = field(default_factory=list)
    certainty: str = "stated"


@dataclass(slots=True)
class Picture:
    """The ministry's amount with its own costs, and the blocks in printed order."""

    blocks: list[Block] = field(default_factory=list)
    money: Money | None = None
    ref: str = ""
    own: list[OwnCost] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    """A row of boxes: its blocks, what stood above, and what was printed after the headings."""

    blocks: list[Block] = field(default_factory=list)
    arrows: list[str | None] = field(default_factory=list)
    bys: list[str] = field(default_factory=list)
    contents: list[Cell] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)


def read_picture(boxes: Iterable[Box], known: Mapping[str, Known]) -> Picture:
    """Read the picture out of these boxes; ``known`` is what the lists of recipients say, by block."""
    picture = Picture()
    groups = [_Group()]
    above = _Group()  # arrows and methods printed since the last heading: they belong to the next row

    def group_for_heading() -> _Group:
        nonlocal above
        last = groups[-1]
        complete = all(block.money for block in last.blocks)
        if last.blocks and (last.contents or last.roles or (complete and (above.arrows or above.bys))):
            groups.append(_Group())
        groups[-1].arrows += above.arrows
        groups[-1].bys += above.bys
        above = _Group()
        return groups[-1]

    for box in boxes:
        spans = [line.span() for line in box.lines if line.span().is_open and fold(line.text)]
        if len(spans) > 1 and heading_of(spans[0].text) and any(money_in(span.text) for span in spans[1:]):
            group_for_heading().blocks.append(_whole(spans, len(groups)))
            continue
        if len(spans) > 1 and picture.money is None and any(cells_of(span)[0].kind == "money" for span in spans[1:3]):
            _ministry(picture, spans)
            continue
        prose = _prose(spans)
        if prose is not None:
            if groups[-1].blocks:
                groups[-1].roles.append(prose)
                _take(spans)
            continue
        for span in spans:
            for cell in cells_of(span):
                if cell.kind == "heading":
                    group_for_heading().blocks.append(_headed(cell, len(groups)))
                else:
                    _place(cell, picture, groups[-1], above)
    _resolve(picture, groups, known)
    return picture


def _take(spans: Iterable[Span]) -> None:
    for span in spans:
        span.take()


def _prose(spans: Sequence[Span]) -> str | None:
    """Several lines that only describe: what is done with the money."""
    if len(spans) < 2 or any(cell.kind not in ("text", "role") for span in spans for cell in cells_of(span)):
        return None
    return unwrap([span.text for span in spans])


def _whole(spans: Sequence[Span], group: int) -> Block:
    """A block whose box was printed in one piece."""
    block = _headed(Cell("heading", spans[0]), group)
    last = max(i for i, span in enumerate(spans) if i and money_in(span.text))
    block.money = money_in(spans[last].text)
    for number, span in enumerate(spans[1:], start=1):
        cell = cells_of(span)[0]
        if cell.kind == "count":
            block.count = cell.count
        elif number < last:
            block.texts.append(cell.text if cell.span == span else span.text.strip())
        elif number > last:
            block.roles.append(span.text.strip())
    _take(spans)
    return block


def _headed(cell: Cell, group: int) -> Block:
    letter, name = heading_of(cell.span.text) or ("", "")
    cell.span.take()
    return Block(letter, name.strip(" \u3000"), group, cell.span.ref)


def _ministry(picture: Picture, spans: Sequence[Span]) -> None:
    """The ministry's box: its name, its amount, and perhaps what it spends itself."""
    for span in spans[1:]:
        for cell in cells_of(span):
            if cell.kind == "money" and picture.money is None:
                picture.money, picture.ref = cell.money, cell.span.ref
            else:
                picture.own += own_costs(cell.span)
    _take(spans)


def _place(cell: Cell, picture: Picture, group: _Group, above: _Group) -> None:
    """Put a cell that stood in a row of its own kind where it belongs."""
    if cell.kind == "arrow":
        above.arrows.append(cell.payer)
    elif cell.kind == "by":
        above.bys.append(cell.text.strip("【】 \u3000"))
    elif cell.kind == "own":
        picture.own += own_costs(cell.span)
    elif cell.kind == "money" and picture.money is None and not group.blocks:
        picture.money, picture.ref = cell.money, cell.span.ref
    elif cell.kind == "text" and not group.blocks and picture.money is None and MINISTRY.fullmatch(fold(cell.text)):
        pass
    elif group.blocks and cell.kind == "role":
        group.roles.append(cell.text)
    elif group.blocks:
        group.contents.append(cell)
        return
    else:
        return
    cell.span.take()


# -- what belongs to which block


def _resolve(picture: Picture, groups: Sequence[_Group], known: Mapping[str, Known]) -> None:
    earlier: list[Block] = []
    for group in groups:
        blocks = group.blocks
        for values, name in ((group.arrows, "payer"), (group.bys, "by")):
            if len(values) == len(blocks) or (len(set(values)) == 1 and len(values) > len(blocks)):
                for block, value in zip(blocks, values, strict=False):
                    setattr(block, name, value)
        _contents(group, known)
        open_roles = [block for block in earlier if not block.roles][-3:] + blocks
        _roles(open_roles, blocks, group.roles)
        earlier += blocks
    picture.blocks = earlier


def _contents(group: _Group, known: Mapping[str, Known]) -> None:
    """Labels, numbers and amounts that were printed as cells of their own."""
    open_blocks = [block for block in group.blocks if block.money is None]
    if not open_blocks or not group.contents:
        return
    monies = [cell for cell in group.contents if cell.kind == "money"]
    order, certainty = _order(open_blocks, monies, known)
    for block, place in zip(open_blocks, order, strict=False):
        block.money, block.certainty = monies[place].money, certainty
        monies[place].span.take()
    counts = [cell for cell in group.contents if cell.kind == "count"]
    without = [block for block in open_blocks if block.money and block.money.count is None]
    for block in without:
        fitting = [cell for cell in counts if _fits(cell.count, known.get(block.letter))]
        if len(counts) == len(without):
            fitting = [counts[without.index(block)]]
        if fitting:
            block.count = fitting[0].count
            counts.remove(fitting[0]) if len(counts) != len(without) else None
            fitting[0].span.take()
    _labels(open_blocks, group.contents, known)


def _fits(count: int | None, known: Known | None) -> bool:
    return known is not None and count is not None and min(count, 10) == len(known.names)


def _order(blocks: Sequence[Block], monies: Sequence[Cell], known: Mapping[str, Known]) -> tuple[tuple[int, ...], str]:
    """Which amount is whose: printed order, unless the recipients' amounts tell otherwise."""
    if len(blocks) == 1 or not monies:
        return tuple(range(len(monies[:1]))), "stated"
    size = min(len(blocks), len(monies))
    if size > 5:
        return tuple(range(size)), "unsettled"
    ways = []
    for way in permutations(range(len(monies)), size):
        cost = 0.4 * sum(a > b for i, a in enumerate(way) for b in way[i + 1 :])
        cost += sum(_mismatch(monies[place].money, known.get(block.letter)) for block, place in zip(blocks, way, strict=False))
        ways.append((cost, way))
    ways.sort()
    one_line = len({cell.span.line.number for cell in monies}) == 1 and len(blocks) == len(monies)
    if one_line and ways[0][1] == tuple(range(size)):
        return ways[0][1], "stated"
    clear = len(blocks) == len(monies) and ways[1][0] - ways[0][0] > 0.9
    return ways[0][1], "solved" if clear else "unsettled"


def _mismatch(money: Money | None, known: Known | None) -> float:
    """How badly an amount suits what the block's recipients got."""
    if money is None or known is None or not known.names:
        return 0.0
    slack = money.step * max(1, len(known.names))
    cost = 0.0
    if known.total > money.amount + slack:
        cost += 3.0
    elif known.complete:
        cost += -1.0 if abs(known.total - money.amount) <= slack else 1.0
    if money.count is not None:
        cost += -0.5 if min(money.count, 10) == len(known.names) else 0.5
    return cost


def _labels(blocks: Sequence[Block], contents: Sequence[Cell], known: Mapping[str, Known]) -> None:
    """Who gets the money, in words: by name, else by order, column by column or row by row."""
    texts = [cell for cell in contents if cell.kind == "text"]
    if len(blocks) > 1 and len(texts) != len(blocks):
        for cell in texts:
            named = [b for b in blocks if any(fold(cell.text) in fold(name) for name in known.get(b.letter, Known()).names)]
            before = sum(one.kind == "money" for one in contents[: contents.index(cell)])
            block = named[0] if len(named) == 1 else blocks[min(before, len(blocks) - 1)]
            block.texts.append(cell.text)
    else:
        for number, cell in enumerate(texts):
            blocks[number % len(blocks)].texts.append(cell.text)
    _take(cell.span for cell in texts)


def _roles(candidates: Sequence[Block], blocks: Sequence[Block], roles: Sequence[str]) -> None:
    """Prose below a row of boxes: one for each in order, else to the block it shares most words with."""
    if not roles:
        return
    if len(roles) == len(blocks):
        for block, role in zip(blocks, roles, strict=True):
            block.roles.append(role)
        return
    late = candidates[-len(roles) :] if len(roles) > len(blocks) else []
    for number, role in enumerate(roles):
        shared = [_shared(role, " ".join([block.head, *block.texts])) for block in candidates]
        if late and len(late) == len(roles):
            late[number].roles.append(role)
        elif max(shared, default=0) > 3:
            candidates[shared.index(max(shared))].roles.append(role)
        elif blocks:
            free = [block for block in blocks if not block.roles]
            (free or blocks)[0].roles.append(role)


def _shared(one: str, other: str) -> int:
    """Length of the longest beginning of ``one`` that ``other`` contains."""
    first, second = re.sub("^[〔(]", "", fold(one)), fold(other)
    length = 0
    while length < len(first) and first[: length + 1] in second:
        length += 1
    return length


def label_and_name(block: Block, known: Known | None) -> tuple[str | None, str | None]:
    """The name of the block and whom it goes to, from the heading and the lines below it.

    Sheets print either first; names of recipients and words like 民間企業等 tell which is which.
    """
    parts = [part for part in (block.head, *block.texts) if part.strip(" \u3000")]
    names = {fold(name) for name in (known.names if known else ())}
    if len(parts) < 2:
        return (parts[0] if parts else None), None
    if _is_payee(parts[0], names) and not _is_payee(parts[-1], names):
        return unwrap(parts[1:]), parts[0]
    start = len(parts) - 1
    while start > 1 and (PAYEE.fullmatch(fold(parts[start - 1])) or fold("".join(parts[start - 1 :])) in names):
        start -= 1
    return unwrap(parts[:start]), "\n".join(parts[start:])


def _is_payee(text: str, names: set[str]) -> bool:
    return fold(text) in names or PAYEE.fullmatch(fold(text)) is not None
