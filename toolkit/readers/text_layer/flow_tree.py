"""Who pays whom in the picture 資金の流れ: a drawing, of which the text layer keeps the boxes but not the lines.

What is left: notes at the arrows （Aより）, the order in which boxes were printed, and the amounts: what the ministry
pays and spends itself adds up to its amount, and no block passes on more than it got. Every picture that could have
been printed like this is weighed; a payer that nearly all the weight agrees on is given, any other is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, count, groupby, islice, pairwise, product

from toolkit.form.flow_tree import gap
from toolkit.readers.text_layer.flow_cells import Block, Money
from toolkit.text import block_letter

__all__ = ["Edge", "tree"]

#: share of the weight that a payer needs
_CLEAR = 0.9
#: what speaks against a sum that only holds within the rounding of its amounts
_FITTING = 5.0
#: stands for the ministry among the places of the blocks
_MINISTRY = -1
#: boxes side by side at most, and pictures looked at before a sheet with many boxes is given up
_COLUMNS, _PICTURES = 3, 3000
#: more blocks than this are not searched for those the ministry pays
_SEARCHED = 10
#: what speaks against a box standing beside the one printed before it, below it, further left, or up in the next
#: column: after nothing but that box, after text below it, after several arrows, and where its own arrow was printed
#: before that box. Odds (natural logarithm) as measured on printed sheets.
_STEPS = {
    "box": {"beside": 1.0, "below": 0.8, "left": 3.5, "up": 2.0},
    "text": {"beside": 2.0, "below": 1.0, "left": 1.0, "up": 2.5},
    "early": {"beside": 0.3, "below": 2.5, "left": 2.5, "up": 2.5},
    "arrows": {"beside": 1.5, "below": 1.5, "left": 0.5, "up": 6.0},
}

#: a payer for each block in printed order: the place of a block, or the ministry
Payers = tuple[int, ...]
#: what the arrow of each block names: a payer, or None for a bare one
Notes = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` pays ``target``; None is the ministry."""

    source: str | None
    target: str
    certainty: str


def tree(blocks: Sequence[Block], head: Money | None, own: int) -> list[Edge]:
    """The payers that text and amounts settle; ``head`` is the ministry's amount, ``own`` what it spends itself."""
    readings = _readings(blocks)
    pictures: dict[Payers, float] = {}
    drawn = any(_MINISTRY in notes for _, notes in readings)  # then a bare arrow tells that the box above pays
    for way in (_drawn, _loose) if drawn else (_loose,):
        for cost, notes in readings:
            for more, payers in way(blocks, notes, _first_tier(blocks, notes, head, own)):
                pictures[payers] = pictures.get(payers, 0.0) + math.exp(-cost - more)
        if pictures:
            break
    weights: list[dict[int, float]] = [{} for _ in blocks]
    for payers, weight in pictures.items():
        weight *= math.exp(-_sums(blocks, payers, head, own))
        for at, payer in enumerate(payers):
            weights[at][payer] = weights[at].get(payer, 0.0) + weight
    edges = []
    best = tuple(max(found, key=found.__getitem__, default=_MINISTRY) for found in weights)
    exact = _rest(blocks, best, head, own) <= _FITTING
    for at, (block, payer) in enumerate(zip(blocks, best, strict=True)):
        if weights[at].get(payer, 0.0) < _CLEAR * sum(weights[at].values()):
            continue
        named = all(notes[at] == payer for _, notes in readings)
        only = payer == _MINISTRY or sum(_able(blocks, at, other) for other in range(len(blocks)) if other != at) == 1
        certainty = "stated" if named else "solved" if exact and only else "unsettled"
        edges.append(Edge(None if payer == _MINISTRY else blocks[payer].letter, block.letter, certainty))
    return edges


# -- what the arrows name


def _readings(blocks: Sequence[Block]) -> list[tuple[float, Notes]]:
    """Which arrow is whose, each way with what speaks against it.

    As many arrows as boxes come in the same order, but for two that may have changed places; where bare arrows
    were drawn and only notes printed, a note belongs to a box of the row printed after it.
    """
    letters = [block.letter for block in blocks]
    arrows = [(at, _named(payer, letters)) for at, block in enumerate(blocks) for payer in block.arrows]
    size = len(blocks)
    if len(arrows) == size:
        notes = [note for _, note in arrows]
        found: list[tuple[float, Notes]] = [(0.0, tuple(notes))]
        for at in range(size - 1):
            if arrows[at + 1][0] <= at and notes[at] != notes[at + 1]:
                swapped = (*notes[:at], notes[at + 1], notes[at], *notes[at + 2 :])
                found.append((2.0, swapped))
        return found
    rows = [
        [i for i in range(at, size) if blocks[i].group == blocks[at].group] for at, note in arrows if note is not None
    ]
    ways = [way for way in islice(product(*rows), 64) if all(a < b for a, b in pairwise(way))]
    named = [note for _, note in arrows if note is not None]
    return [(0.0, tuple(dict(zip(way, named, strict=True)).get(at) for at in range(size))) for way in ways or [()]]


def _named(payer: str | None, letters: Sequence[str]) -> int | None:
    """The place of the payer named at an arrow; anything but the letter of a block is the ministry."""
    letter = block_letter(payer or "")
    return None if payer is None else letters.index(letter) if letter in letters else _MINISTRY


# -- the pictures that could have been printed like this


def _drawn(blocks: Sequence[Block], notes: Notes, first: Sequence[set[int]]) -> Iterator[tuple[float, Payers]]:
    """Pictures in which every bare arrow comes from right above: tiers of boxes in columns, printed row by row or
    column by column. What the ministry pays stands in a lower tier only where those above are full."""
    rows = [list(group) for _, group in groupby(range(len(blocks)), key=lambda at: blocks[at].group)]
    beside = [list(combinations(range(_COLUMNS), len(row))) for row in rows]
    every = sum(len(block.arrows) for block in blocks) == len(blocks)
    odds = [_odds(blocks, row[0], every) for row in rows]
    paid = [at for at in range(len(blocks)) if any(at in one for one in first)]
    always = [at for at in range(len(blocks)) if all(at in one for one in first)]
    spots: dict[tuple[int, int], int] = {}  # tier and column, in the order of the boxes
    looked = count()

    def payer_at(at: int, tier: int, column: int) -> int | None:
        """Who pays a box that stands here; None where none of its kind can."""
        note, above = notes[at], spots.get((tier - 1, column))
        if tier == 0:
            return _MINISTRY if note is None and at in paid else None
        if note is None:
            return above if above is not None and at not in always and _able(blocks, at, above) else None
        return note if above is None or note != above else None

    def fill(row: int, depths: tuple[int, ...], cost: float, payers: Payers) -> Iterator[tuple[float, Payers]]:
        """``depths`` has the lowest tier of every column: what was printed before stands to the left, or above."""
        if next(looked) > _PICTURES:
            return
        if row == len(rows):
            yield cost + _gaps(list(spots), notes), payers
            return
        last = next(reversed(spots), (0, 0))
        for tier in range(depths[-1] + 1, max(depths) + 2):
            for columns in beside[row]:
                below, now = depths, payers
                for at, column in zip(rows[row], columns, strict=True):
                    payer = payer_at(at, tier, column) if max(below[column:]) < tier else None
                    if payer is None:
                        break
                    spots[tier, column] = at
                    below, now = (*below[:column], tier, *below[column + 1 :]), (*now, payer)
                else:
                    step = odds[row][_direction(last, tier, columns[0])] if row else 0.0
                    yield from fill(row + 1, below, cost + step, now)
                while spots and next(reversed(spots.values())) >= rows[row][0]:
                    spots.popitem()

    return fill(0, (-1,) * _COLUMNS, 0.0, ())


def _odds(blocks: Sequence[Block], at: int, every: bool) -> dict[str, float]:
    """What speaks against each step to the first box of a row; ``every`` box has an arrow of its own."""
    arrows, after = len(blocks[at].arrows), "text" if blocks[at].after_text else "box"
    return _STEPS["arrows" if arrows > 1 else "early" if every and not arrows else after]


def _direction(last: tuple[int, int], tier: int, column: int) -> str:
    return "beside" if tier == last[0] else "below" if column == last[1] else "left" if column < last[1] else "up"


def _gaps(places: Sequence[tuple[int, int]], notes: Notes) -> float:
    """What speaks against a picture that uses a lower tier before one above is full."""
    tiers = [tier for tier, _ in places]
    width = max(column for _, column in places) + 1
    lowest = max((tier for tier, note in zip(tiers, notes, strict=True) if note == _MINISTRY), default=0)
    full = [tiers.count(tier) for tier in range(max(tiers) + 1)]
    return 3.0 * sum(number < width for number in full[:lowest]) + 2.0 * (width > max(full))


def _loose(blocks: Sequence[Block], notes: Notes, first: Sequence[set[int]]) -> Iterator[tuple[float, Payers]]:
    """Pictures in which a bare arrow may come from the ministry or from any box printed in a row before.

    What the ministry pays stands in rows of its own, letters rising; where they start again a lower tier begins.
    """
    choices: list[list[tuple[float, int]]] = []
    groups = [block.group for block in blocks]
    wide = {group for group in groups if groups.count(group) > 1}
    for at, note in enumerate(notes):
        before = [i for i in range(at) if groups[i] != groups[at] and _able(blocks, at, i)]
        far = [4.0 * any(groups[i] < group < groups[at] for group in wide) for i in before]
        again = any(blocks[i].letter > blocks[at].letter for i in range(at) if groups[i] != groups[at])
        paid = [(2.5 * again, _MINISTRY)] if any(at in one for one in first) else []
        others = [] if all(at in one for one in first) else list(zip(far, before, strict=True))
        choices.append([(0.0, note)] if note is not None else paid + others or [(0.0, _MINISTRY)])
    for way in islice(product(*choices), _PICTURES):
        payers = tuple(payer for _, payer in way)
        torn = sum(len({payers[i] == _MINISTRY for i, one in enumerate(groups) if one == group}) > 1 for group in wide)
        yield sum(cost for cost, _ in way) + 2.5 * torn, payers


# -- what the amounts say


def _able(blocks: Sequence[Block], at: int, payer: int) -> bool:
    """Whether a block got as much as another did; an amount that was not read speaks against nothing."""
    one, other = blocks[at].money, blocks[payer].money
    return one is None or other is None or other.amount >= one.amount


def _first_tier(blocks: Sequence[Block], notes: Notes, head: Money | None, own: int) -> list[set[int]]:
    """The sets of blocks with a bare arrow that the ministry may pay: those that make its sum, if any do."""
    bare = [at for at, note in enumerate(notes) if note is None]
    every = [set(bare), set[int]()]
    if len(bare) > _SEARCHED:
        return every
    named = [_MINISTRY if note == _MINISTRY else 0 for note in notes]
    sets = [set(chosen) for size in range(len(bare) + 1) for chosen in combinations(bare, size)]
    rests = [
        _rest(blocks, [_MINISTRY if at in chosen else payer for at, payer in enumerate(named)], head, own)
        for chosen in sets
    ]
    best = min(rests)
    return [chosen for chosen, rest in zip(sets, rests, strict=True) if rest < best + 5.0] if best < 5.5 else every


def _sums(blocks: Sequence[Block], payers: Payers, head: Money | None, own: int) -> float:
    """What speaks against these payers: more passed on than got, letters before their payer's, and the ministry's sum."""
    cost = _rest(blocks, payers, head, own)
    for payer in set(payers) - {_MINISTRY}:
        paid = [block for block, one in zip(blocks, payers, strict=True) if one == payer]
        got, monies = blocks[payer].money, [block.money for block in paid if block.money]
        if got and 2 * (sum(money.amount for money in monies) - got.amount) > got.step + sum(m.step for m in monies):
            cost += 4.0
        cost += 3.0 * sum(block.letter < blocks[payer].letter for block in paid)
    return cost


def _rest(blocks: Sequence[Block], payers: Sequence[int], head: Money | None, own: int) -> float:
    """What speaks against just these blocks taking up the ministry's amount: nothing where they add up to it."""
    roots = [block.money for block, payer in zip(blocks, payers, strict=True) if payer == _MINISTRY]
    if head is None or None in roots:
        return 10.0
    difference, rounded = gap((head.amount, head.step), [(money.amount, money.step) for money in roots if money], own)
    if rounded:
        return _FITTING * (difference > 0)
    return 5.5 if 1000 * difference < head.amount else 7.0 if 100 * difference < head.amount else 10.0
