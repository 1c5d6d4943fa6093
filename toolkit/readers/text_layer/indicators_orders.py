"""The orders in which a text extractor may print the cells of a small table.

The extractor joins neighbours, and joined parts again, so the order comes from cutting the table again and again,
across or down, and printing one part after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

__all__ = ["Cell", "Walk", "stands_lower", "walks"]

#: row and column, from 0
Cell = tuple[int, int]
#: a tree of printed orders: the cells that may come next, each with what may follow it
Walk = dict[Cell, "Walk"]


@lru_cache(maxsize=64)
def walks(rows: int, cols: int, row_order: tuple[int, ...]) -> tuple[Walk, Walk]:
    """Every order in which a table can be printed, as a tree of cells; column by column comes first.

    Values printed with their row's label follow its place, in the first columns or in all of them: ``row_order`` is
    the order of the labels. The second tree has a column before the one left of it (see ``stands_lower``).
    """
    columns = [tuple((r, c) for r in range(rows)) for c in range(cols)]
    by_column = tuple(cell for column in columns for cell in column)
    orders = [by_column, *sorted(_cut(0, rows, 0, cols) - {by_column})]
    plain: Walk = {}
    reaches = (0, 1, 2, 3, cols) if len(row_order) == rows and list(row_order) != sorted(row_order) else (0,)
    for reach in reaches:
        for order in orders:
            _grow(plain, [(row_order[r], c) if c < reach else (r, c) for r, c in order])
    swapped: Walk = {}
    for order in orders:
        if rows == 2 and order[-2 * rows :] == columns[-2] + columns[-1]:
            _grow(swapped, order[: -2 * rows] + columns[-1] + columns[-2])
    for c in range(cols - 1):
        turned = [*columns[:c], columns[c + 1], columns[c], *columns[c + 2 :]]
        _grow(swapped, [cell for column in turned for cell in column])
    return plain, swapped


@lru_cache(maxsize=512)
def _cut(r0: int, r1: int, c0: int, c1: int) -> frozenset[tuple[Cell, ...]]:
    """All orders of a rectangle of cells."""
    if r1 - r0 == 1 or c1 - c0 == 1:
        return frozenset([tuple((r, c) for r in range(r0, r1) for c in range(c0, c1))])
    down = [
        first + second for k in range(c0 + 1, c1) for first in _cut(r0, r1, c0, k) for second in _cut(r0, r1, k, c1)
    ]
    across = [
        first + second for k in range(r0 + 1, r1) for first in _cut(r0, k, c0, c1) for second in _cut(k, r1, c0, c1)
    ]
    return frozenset(down + across)


def _grow(walk: Walk, order: Sequence[Cell]) -> None:
    for cell in order:
        walk = walk.setdefault(cell, {})


def stands_lower(cells: Sequence[Cell | None]) -> bool:
    """Whether each column printed after its right-hand neighbour has its values further down.

    That is why it came later: it has nothing in its upper cells.
    """
    rows: dict[int, list[int]] = {}
    for cell in cells:
        if cell is not None:
            rows.setdefault(cell[1], []).append(cell[0])
    printed = list(rows)
    for right, left in pairwise(printed):
        if left < right and sum(rows[left]) / len(rows[left]) < sum(rows[right]) / len(rows[right]) + 0.4:
            return False
    return printed != sorted(printed)
