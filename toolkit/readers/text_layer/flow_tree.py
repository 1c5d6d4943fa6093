"""Who pays whom in the picture 資金の流れ: a drawing, of which the text layer keeps the boxes but not the lines.

What is left: a note at the arrow （Aより）, the order of the boxes (tier by tier, letters rising within a tier), and
the amounts: what the ministry pays and spends itself adds up to its amount, and no block passes on more than it
got.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from toolkit.readers.text_layer.flow_cells import Block
from toolkit.text import block_letter

__all__ = ["Edge", "tree"]

#: more blocks than this are not searched for the subset the ministry pays
_SEARCHED = 14


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` pays ``target``; None is the ministry."""

    source: str | None
    target: str
    certainty: str


def tree(blocks: Sequence[Block], available: int | None, step: int) -> list[Edge]:
    """A payer for every block. ``available`` is the ministry's amount less its own costs, printed to ``step`` yen."""
    tiers = _tiers(blocks)
    fixed = {i: _noted(block, blocks) for i, block in enumerate(blocks) if block.payer}
    roots, sums = _roots(blocks, tiers, fixed, available, step)
    edges, payers = [], {}
    for i, block in enumerate(blocks):
        if i in fixed:
            payers[i], certainty = fixed[i], "stated"
        elif i in roots:
            payers[i], certainty = None, "solved" if sums else "unsettled"
        else:
            payers[i], only = _payer(i, blocks, tiers, payers)
            certainty = "solved" if sums and only else "unsettled"
        source = payers[i]
        edges.append(Edge(None if source is None else blocks[source].letter, block.letter, certainty))
    return edges


def _noted(block: Block, blocks: Sequence[Block]) -> int | None:
    """The payer named at the arrow; anything but the letter of a block is the ministry."""
    letters = [one.letter for one in blocks]
    payer = block_letter(block.payer or "")
    return letters.index(payer) if payer in letters and payer != block.letter else None


def _tiers(blocks: Sequence[Block]) -> list[int]:
    """Number of the tier of each block: a new one begins where the letters start again."""
    tiers, tier, highest = [], 0, ""
    for before, block in zip([None, *blocks], blocks, strict=False):
        if before is not None and block.group != before.group and block.letter < highest:
            tier, highest = tier + 1, ""
        highest = max(highest, block.letter)
        tiers.append(tier)
    return tiers


def _amount(block: Block) -> int:
    return block.money.amount if block.money else 0


def _roots(blocks: Sequence[Block], tiers: Sequence[int], fixed: dict[int, int | None], available: int | None,
           step: int) -> tuple[set[int], bool]:  # fmt: skip
    """The blocks the ministry pays, and whether these and no others add up to what it had."""
    free = [i for i in range(len(blocks)) if i not in fixed]
    sure = {i for i, payer in fixed.items() if payer is None}
    likely = {i for i in free if tiers[i] == 0}
    if available is None or len(free) > _SEARCHED:
        return sure | (likely or set(free)), False
    best, cost, fitting = likely, 99.0, 0
    for size in range(len(free) + 1):
        for chosen in combinations(free, size):
            roots = sure | set(chosen)
            rest = _rest([blocks[i] for i in roots], available, step)
            fitting += rest < 4.0
            price = rest + sum(_unlikely(i, i in roots, blocks, tiers) for i in free)
            if price < cost:
                best, cost = set(chosen), price
    chosen_rest = _rest([blocks[i] for i in sure | best], available, step)
    return sure | best, fitting == 1 and chosen_rest < 4.0


def _rest(roots: Sequence[Block], available: int, step: int) -> float:
    """What speaks against just these blocks taking up the ministry's amount: nothing where they add up to it."""
    difference = abs(sum(_amount(block) for block in roots) - available)
    if 2 * difference < step:
        return 0.0 if difference == 0 else 0.3
    rounding = step + sum(block.money.step for block in roots if block.money)
    return 0.9 if 2 * difference < rounding else 4.0


def _unlikely(i: int, is_root: bool, blocks: Sequence[Block], tiers: Sequence[int]) -> float:
    """What speaks against a block being paid by the ministry, or not."""
    if is_root:
        return 0.0 if tiers[i] == 0 else 1.5
    able = any(j != i and _amount(blocks[j]) >= _amount(blocks[i]) and tiers[j] <= tiers[i] for j in range(len(blocks)))
    return (0.6 if tiers[i] == 0 else 0.0) + (0.0 if able and i else 5.0)


def _payer(
    i: int, blocks: Sequence[Block], tiers: Sequence[int], payers: dict[int, int | None]
) -> tuple[int | None, bool]:
    """The likeliest payer among the blocks printed before, and whether no other could pay.

    Blocks side by side stand below their payers as a rule. Else blocks that follow each other have the same payer,
    or the letter of the payer comes right before.
    """
    able = [j for j in range(i) if _amount(blocks[j]) >= _amount(blocks[i])]
    if not able:
        return None, False
    only = sum(j != i and _amount(blocks[j]) >= _amount(blocks[i]) for j in range(len(blocks))) == 1
    above, place, beside = _above(i, blocks, tiers, payers)
    able = [j for j in able if j in above] or able
    left = {j: _amount(blocks[j]) - sum(_amount(blocks[k]) for k, payer in payers.items() if payer == j) for j in able}
    paying = [j for j in able if left[j] >= _amount(blocks[i])] or able
    if beside and place < len(above) and above[place] in paying:
        return above[place], only
    before = max(
        (j for j in range(i) if blocks[j].letter < blocks[i].letter), key=lambda j: blocks[j].letter, default=None
    )
    if before is not None and payers.get(before) in paying:
        return payers[before], only
    smaller = [j for j in paying if blocks[j].letter < blocks[i].letter]
    return max(smaller or paying, key=lambda j: blocks[j].letter), only


def _above(i: int, blocks: Sequence[Block], tiers: Sequence[int],
           payers: dict[int, int | None]) -> tuple[list[int], int, bool]:  # fmt: skip
    """The blocks of the tier above (of the row above, where no tier is seen), the place of ``i`` in its own tier, and
    whether others stand beside it."""
    if tiers[i] and len({block.group for block in blocks}) < len(blocks):
        own = [j for j in range(len(blocks)) if tiers[j] == tiers[i]]
        return [j for j in range(i) if tiers[j] == tiers[i] - 1], own.index(i), len(own) > 1
    own = [j for j in range(len(blocks)) if blocks[j].group == blocks[i].group]
    before = list(range(own[0]))
    row = [j for j in before if blocks[j].group == blocks[own[0] - 1].group]
    beside = len(own) > 1
    if (
        len(row) == 1
    ):  # boxes printed one by one, though they may stand side by side: as many as the ministry pays first
        wide = len(own) if beside else next((j for j in before if payers.get(j) is not None), len(before))
        row, beside = before[-wide:], beside or len(blocks) >= 2 * wide
    return row, own.index(i), beside
