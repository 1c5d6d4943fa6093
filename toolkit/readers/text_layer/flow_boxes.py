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
    Block,
    Cell,
    Known,
    Money,
    OwnCost,
    cells_of,
    heading_of,
    money_in,
    own_costs,
)
from toolkit.readers.text_layer.flow_prose import hand_out_prose, ministry_prose
from toolkit.text import fold, fold_text

__all__ = ["Picture", "read_picture"]


@dataclass(slots=True)
class Picture:
    """The ministry's amount with its own costs and what it does, and the blocks in printed order."""

    blocks: list[Block] = field(default_factory=list)
    money: Money | None = None
    ref: str = ""
    own: list[OwnCost] = field(default_factory=list)
    does: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    """A row of boxes: its blocks, what stood above, and what was printed after the headings."""

    blocks: list[Block] = field(default_factory=list)
    arrows: list[str | None] = field(default_factory=list)
    bys: list[str] = field(default_factory=list)
    contents: list[Cell] = field(default_factory=list)


def read_picture(boxes: Iterable[Box], known: Mapping[str, Known]) -> Picture:
    """Read the picture out of these boxes; ``known`` is what the lists of recipients say, by block."""
    picture = Picture()
    groups = [_Group()]
    above = _Group()  # arrows and methods printed since the last heading: they belong to the next row
    for box in boxes:
        spans = [line.span() for line in box.lines if line.is_open and fold_text(line.text)]
        if len(spans) > 1 and _is_new(spans[0].text, groups) and any(money_in(span.text) for span in spans[1:]):
            above = _open(groups, above, _whole(spans))
        elif len(spans) > 1 and picture.money is None and any(cells_of(span)[0].kind == "money" for span in spans[1:3]):
            _ministry(picture, spans)
        else:
            for cell in _cells(spans):
                if cell.kind == "heading" and _is_new(cell.text, groups):
                    above = _open(groups, above, _headed(cell))
                else:
                    _place(cell, picture, groups[-1], above)
    _resolve(picture, groups, above, known)
    return picture


def _is_new(text: str, groups: Sequence[_Group]) -> bool:
    """Whether a heading names a block that has not been met."""
    found = heading_of(text)
    return found is not None and all(found[0] != block.letter for group in groups for block in group.blocks)


def _open(groups: list[_Group], above: _Group, block: Block) -> _Group:
    """Put a block into the picture, in a new row of boxes where the last is complete; nothing stands above the next yet."""
    last = groups[-1]
    complete = all(one.money for one in last.blocks)
    if last.blocks and (last.contents or (complete and (above.arrows or above.bys))):
        groups.append(_Group())
        monies = [at for at, cell in enumerate(last.contents) if cell.kind == "money"]
        below = last.contents[monies[0] + 1 :] if monies else last.contents
        block.after_text = any(cell.kind in ("role", "text") for cell in below)
    block.group, block.arrows = len(groups), above.arrows
    groups[-1].blocks.append(block)
    groups[-1].bys += above.bys
    return _Group()


def _cells(spans: Sequence[Span]) -> list[Cell]:
    """The cells of a box; lines that only describe are one."""
    cells = [cell for span in spans for cell in cells_of(span)]
    if len(spans) > 1 and all(cell.kind in ("text", "role") for cell in cells):
        return [Cell("role", spans[0], more=list(spans[1:]))]
    return cells


def _whole(spans: Sequence[Span]) -> Block:
    """A block whose box was printed in one piece."""
    block = _headed(Cell("heading", spans[0]))
    last = max(i for i, span in enumerate(spans) if i and money_in(span.text))
    block.money = money_in(spans[last].text)
    for number, span in enumerate(spans[1:], start=1):
        cell = cells_of(span)[0]
        if cell.kind == "count":
            block.count = cell.count
        elif number < last:
            block.texts.append(span.text.strip(" \u3000"))
        elif number > last:
            block.roles.append(span.text.strip(" \u3000"))
        span.take()
    return block


def _headed(cell: Cell) -> Block:
    letter, name = heading_of(cell.span.text) or ("", "")
    cell.take()
    return Block(letter, name.strip(" \u3000"), 0, cell.span.ref)


def _ministry(picture: Picture, spans: Sequence[Span]) -> None:
    """The ministry's box: its name, its amount, and perhaps what it spends itself."""
    for span in spans[1:]:
        for cell in cells_of(span):
            if cell.kind == "money" and picture.money is None:
                picture.money, picture.ref = cell.money, cell.span.ref
            else:
                picture.own += own_costs(cell.span)
    for span in spans:
        span.take()


def _place(cell: Cell, picture: Picture, group: _Group, above: _Group) -> None:
    """Put a cell that is no heading where it belongs."""
    if cell.kind == "arrow":
        above.arrows.append(cell.payer)
    elif cell.kind == "by":
        above.bys.append(cell.text.strip("【】 \u3000"))
    elif cell.kind == "own" or (not group.blocks and cell.kind == "text" and own_costs(cell.span)):
        picture.own += own_costs(cell.span)
    elif cell.kind == "money" and picture.money is None and not group.blocks:
        picture.money, picture.ref = cell.money, cell.span.ref
    elif group.blocks:
        group.contents.append(cell)
        return
    elif cell.kind == "role" or (picture.money is not None and cell.kind == "text"):
        picture.does.append(cell.text)
    elif cell.kind != "text" or not MINISTRY.fullmatch(fold(cell.text)):
        return
    cell.take()


# -- what belongs to which block


def _resolve(picture: Picture, groups: Sequence[_Group], after: _Group, known: Mapping[str, Known]) -> None:
    earlier: list[Block] = []
    for group in groups:
        _hand_out(group.blocks, group)
    prose = []
    waiting: list[Block] = []  # an amount may be printed with the next row, where columns were taken one by one
    for group in groups:
        prose.append(_contents(group, known, waiting))
        waiting = [block for block in (*waiting, *group.blocks) if block.money is None]
    if not picture.does and all(len(group.blocks) < 2 for group in groups):
        ministry, prose = ministry_prose(prose, sum(len(group.blocks) for group in groups))
        picture.does += ministry
    for group, cells in zip(groups, prose, strict=True):
        hand_out_prose(cells, group.blocks, [block for block in earlier if not block.roles])
        earlier += group.blocks
    picture.blocks = earlier
    _agree(groups, known)
    _hand_out([block for block in earlier if block.by is None], after)  # methods that were printed last of all


def _hand_out(blocks: Sequence[Block], group: _Group) -> None:
    if len(group.bys) == len(blocks) or (len(set(group.bys)) == 1 and len(group.bys) > len(blocks)):
        for block, by in zip(blocks, group.bys, strict=False):
            block.by = by


def _contents(group: _Group, known: Mapping[str, Known], waiting: Sequence[Block]) -> list[Cell]:
    """Hand out labels, numbers and amounts that were printed as cells of their own; returns what is prose."""
    blocks = [block for block in group.blocks if block.money is None]
    monies = [i for i, cell in enumerate(group.contents) if cell.kind == "money"]
    if len(monies) > len(blocks):
        blocks = [block for block in waiting if block.letter in known] + blocks
    monies = monies[: len(blocks)]
    end = max(monies, default=-1) + 1 if len(monies) == len(blocks) else len(group.contents)
    inside, prose = group.contents[:end], group.contents[end:]
    order, certainty = _order(blocks, [group.contents[i] for i in monies], known)
    for block, place in zip(blocks, order, strict=False):
        block.money, block.certainty = group.contents[monies[place]].money, certainty
        group.contents[monies[place]].take()
    _counts(blocks, [cell for cell in group.contents if cell.kind == "count"], known)
    _labels(blocks, inside, known)
    return [cell for cell in inside if cell.kind == "role"] + [cell for cell in prose if cell.kind in ("text", "role")]


def _agree(groups: Sequence[_Group], known: Mapping[str, Known]) -> None:
    """Amounts that contradict the lists of recipients go to the blocks whose lists add up to them, over all rows.

    What still contradicts its list is not settled.
    """
    own = {id(cell.money): cell for group in groups for cell in group.contents if cell.kind == "money"}
    doubted = [
        block
        for group in groups
        for block in group.blocks
        if block.money is None
        or (
            id(block.money) in own
            and (block.certainty == "unsettled" or _contradicts(block.money, known.get(block.letter)))
        )
    ]
    free = {id(cell.money): cell for cell in own.values() if cell.span.is_open}
    free |= {id(block.money): own[id(block.money)] for block in doubted if block.money is not None}
    pairs = [
        (block, cell) for block in doubted for cell in free.values() if _adds_up(cell.money, known.get(block.letter))
    ]
    for block, cell in pairs:
        if sum(one is block for one, _ in pairs) == sum(other is cell for _, other in pairs) == 1:
            for other in doubted:
                if other.money is cell.money:
                    other.money = None
            block.money, block.certainty = cell.money, "solved"
            cell.take()
    for block in doubted:
        if block.money is not None and _contradicts(block.money, known.get(block.letter)):
            block.certainty = "unsettled"


def _adds_up(money: Money | None, known: Known | None) -> bool:
    """Whether the recipients of a list got this amount, as far as it was rounded."""
    if money is None or known is None or not known.names:
        return False
    count = money.count is None or min(money.count, 10) == len(known.names)
    return count and abs(known.total - money.amount) <= money.step * max(1, len(known.names))


def _contradicts(money: Money, known: Known | None) -> bool:
    """Whether the recipients of a list got more than this, or all of them got something else."""
    if known is None or not known.names or not known.total or _adds_up(money, known):
        return False
    return known.complete or known.exceeds(money)


def _counts(blocks: Sequence[Block], counts: list[Cell], known: Mapping[str, Known]) -> None:
    """（全77者） as a cell of its own: in order if every block has one, else by the length of the lists."""
    without = [block for block in blocks if block.money and block.money.count is None]
    if len(counts) == len(without):
        pairs = list(zip(without, counts, strict=True))
    else:
        pairs = []
        for cell in counts:
            fitting = [block for block in without if block.count is None and _fits(cell.count, known.get(block.letter))]
            pairs += [(block, cell) for block in fitting[:1]]
    for block, cell in pairs:
        block.count = cell.count
        cell.take()


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
        cost += sum(
            _mismatch(monies[place].money, known.get(block.letter)) for block, place in zip(blocks, way, strict=False)
        )
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


def _labels(blocks: Sequence[Block], inside: Sequence[Cell], known: Mapping[str, Known]) -> None:
    """Who gets the money, in words: in order, row by row; where a row is not full by name or column by column."""
    texts = [cell for cell in inside if cell.kind == "text" and not re.fullmatch(r"[\d,.]+", fold(cell.text))]
    if not blocks:
        return
    for number, cell in enumerate(texts):
        block = blocks[number % len(blocks)]
        if len(texts) % len(blocks):
            named = [
                b for b in blocks if any(fold(cell.text) in fold(name) for name in known.get(b.letter, Known()).names)
            ]
            before = sum(one.kind == "money" for one in inside[: inside.index(cell)])
            block = named[0] if len(named) == 1 else blocks[min(before, len(blocks) - 1)]
        block.texts.append(cell.text)
        cell.take()
