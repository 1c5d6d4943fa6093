"""Who pays whom: the tree of the flow picture, from tags, positions and amounts.

The picture is a drawing. What it prints in words (``↓（Aより）``) is certain; the rest follows from where a box stands
and from two facts of every flow: what the ministry pays directly, with its own costs, adds up to its amount, and no
block hands on more than it received.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

__all__ = ["MINISTRY", "FlowNode", "gap", "settle_parents"]

#: the tag of a block whose arrow names the ministry itself
MINISTRY = "府省"


@dataclass(slots=True)
class FlowNode:
    """A block of the picture. ``above`` lists the blocks it may hang from, the likeliest first; ``level`` counts rows."""

    block: str
    amount: int | None
    precision: int
    level: int
    tag: str | None = None
    above: list[str] = field(default_factory=list)


def settle_parents(
    nodes: Sequence[FlowNode], head: int | None, head_precision: int, own: int
) -> dict[str, tuple[str | None, str]]:
    """Parent (None = the ministry) and certainty of every block.

    ``head`` is the amount in the ministry's box, ``own`` what it spends itself, both in yen.
    """
    known = {node.block: node for node in nodes}
    result: dict[str, tuple[str | None, str]] = {}
    open_nodes = []
    for node in nodes:
        if node.tag in known and node.tag != node.block:
            result[node.block] = (node.tag, "stated")
        elif node.level == 0 or node.tag == MINISTRY:
            result[node.block] = (None, "stated")
        else:
            open_nodes.append(node)
    roots = _roots(
        open_nodes, [known[b] for b, (parent, _) in result.items() if parent is None], head, head_precision, own
    )
    if roots is None and any(node.tag == MINISTRY for node in nodes):
        roots = set()  # where the picture names the ministry at its arrows, a bare arrow comes from the block above
    left = {node.block: node.amount for node in nodes}
    for node in open_nodes:
        if roots is not None and node.block in roots:
            result[node.block] = (None, "solved")
            continue
        fitting = [b for b in node.above if _fits(node, known[b], left[b])] or node.above[
            : roots is not None and not roots
        ]
        if not fitting:
            result[node.block] = (None, "unsettled")
            continue
        parent = fitting[0]
        room = left[parent]
        if room is not None and node.amount is not None:
            left[parent] = room - node.amount
        result[node.block] = (
            parent,
            "solved"
            if roots is not None and len(fitting) == 1
            else "stated"
            if roots is not None and fitting[0] == node.above[0]
            else "unsettled",
        )
    return result


def gap(head: tuple[int, int], paid: Sequence[tuple[int, int]], own: int) -> tuple[int, bool]:
    """By how much what the ministry pays and spends itself (``own``) misses its amount, and whether rounding explains
    it. Amounts come with their precision, in yen."""
    difference = abs(sum(amount for amount, _ in paid) + own - head[0])
    return difference, 2 * difference <= head[1] + sum(precision for _, precision in paid)


def _fits(node: FlowNode, parent: FlowNode, left: int | None) -> bool:
    return left is None or node.amount is None or node.amount <= left + (node.precision + parent.precision) // 2


def _roots(
    open_nodes: list[FlowNode], sure: list[FlowNode], head: int | None, head_precision: int, own: int
) -> set[str] | None:
    """Which of the open blocks the ministry pays itself; None where its amount does not tell."""
    if head is None or not open_nodes or len(open_nodes) > 12 or any(n.amount is None for n in (*open_nodes, *sure)):
        return None
    found = []
    for size in range(len(open_nodes) + 1):
        for chosen in combinations(open_nodes, size):
            paid = [(node.amount or 0, node.precision) for node in (*sure, *chosen)]
            if gap((head, head_precision), paid, own)[1]:
                found.append({n.block for n in chosen})
        if found:
            break  # the fewest direct payments that explain the amount
    return found[0] if len(found) == 1 else None
