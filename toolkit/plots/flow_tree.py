"""The flow of funds as a tree: who stands below whom, and which small blocks are folded so that a picture stays readable.

A flow may have several parents for a block, and cycles. In the tree every block stands once, below the first block
it gets money from on the shortest way from the ministry; its other arrows are kept beside (``Tree.parents``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from toolkit.plain import records

__all__ = ["Tree", "fold_small", "grow"]


@dataclass(slots=True)
class Tree:
    """``parents`` holds per block the keys money comes from ("" is the ministry), each with whether the arrow is settled.

    ``depth`` is the distance from the ministry, 1 where no arrow leads to a block; ``children`` the tree, in the sheet's
    order; ``folded`` per parent the blocks that one card stands for, with all that hangs below them.
    """

    parents: dict[str, list[tuple[str, bool]]]
    depth: dict[str, int]
    children: dict[str, list[str]]
    folded: dict[str, list[str]] = field(default_factory=dict)

    def below(self, block: str) -> list[str]:
        """The block and all that hangs below it."""
        return [block, *(one for child in self.children.get(block, ()) for one in self.below(child))]

    def home(self, block: str) -> str | None:
        """The key it stands below; None where no arrow leads to it."""
        return (
            next((parent for parent, held in self.children.items() if block in held), None)
            if self.parents[block]
            else None
        )


def grow(blocks: pd.DataFrame, flows: pd.DataFrame) -> Tree:
    """The tree of one sheet's blocks and arrows; arrows from or to unknown blocks, and to a block itself, are no arrows."""
    known = set(blocks["block"])
    parents: dict[str, list[tuple[str, bool]]] = {block: [] for block in blocks["block"]}
    for row in records(flows):
        source = "" if pd.isna(row["from_block"]) else row["from_block"]
        if row["to_block"] in known and (source == "" or source in known) and source != row["to_block"]:
            parents[row["to_block"]].append((source, row["certainty"] != "unsettled"))
    depth = _depths(parents)
    children: dict[str, list[str]] = {}
    for block, sources in parents.items():
        above = [source for source, _ in sources if depth.get(source, 0) == depth[block] - 1]
        children.setdefault(above[0] if above else "", []).append(block)
    return Tree(parents, depth, children)


def _depths(parents: dict[str, list[tuple[str, bool]]]) -> dict[str, int]:
    depths = {
        block: 1 for block, sources in parents.items() if not sources or any(source == "" for source, _ in sources)
    }
    while True:
        more = {
            block: 1 + min(depths[source] for source, _ in sources if source in depths)
            for block, sources in parents.items()
            if block not in depths and any(source in depths for source, _ in sources)
        }
        if not more:  # what is left hangs together in a ring that nobody pays into
            return depths | {block: 1 for block in parents if block not in depths}
        depths |= more


def fold_small(tree: Tree, amounts: Mapping[str, float], most: int) -> Tree:
    """The tree with its ``most`` largest blocks and those above them; the others are folded, those of one parent into one card."""
    ranked = sorted(tree.parents, key=lambda block: -amounts.get(block, 0.0))
    kept = set(ranked[:most])
    for block in ranked[:most]:
        while (above := tree.home(block)) and above not in kept:
            kept.add(above)
            block = above
    children: dict[str, list[str]] = {}
    folded: dict[str, list[str]] = {}
    for parent, held in tree.children.items():
        if parent and parent not in kept:
            continue
        small = [block for block in held if block not in kept]
        if len(small) == 1 and len(tree.below(small[0])) == 1:  # a rest of one is no shorter than the block itself
            small = []
        children[parent] = [block for block in held if block not in small]
        if small:
            folded[parent] = small
    shown = {block for held in children.values() for block in held}
    parents = {
        block: [one for one in tree.parents[block] if one[0] in shown or not one[0]]
        for block in tree.parents
        if block in shown
    }
    return Tree(parents, {block: tree.depth[block] for block in shown}, children, folded)
