"""The orders in which a text extractor may print the cells of a small table.

The extractor joins neighbours, and joined parts again, so the order comes from cutting the table again and again,
across or down, and printing one part after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

__all__ = ["Cell", "Orders", "following", "orders_of", "stands_lower"]

#: row and column, from 0
Cell = tuple[int, int]


@dataclass(frozen=True, eq=False, slots=True)
class Orders:
    """Every order in which a table can be printed, as one bit each.

    ``after[a][b]`` are the orders in which cell ``b`` comes after cell ``a`` (cells numbered row by row; the last
    ``a`` stands for the beginning). Values printed one after the other are in cells a, b, c if some order is in both
    ``after[a][b]`` and ``after[b][c]``; what it has between them was blank. In the orders ``swapped`` a column comes
    before the one left of it (see ``stands_lower``).
    """

    after: tuple[tuple[int, ...], ...]
    plain: int
    swapped: int
    #: the cells column by column
    cells: tuple[int, ...]


@lru_cache(maxsize=64)
def orders_of(rows: int, cols: int, row_order: tuple[int, ...]) -> Orders:
    """The orders of a table of this shape.

    Values printed with their row's label follow its place, in the first columns or in all of them: ``row_order`` is
    the order of the labels.
    """
    cut = _cut(0, rows, 0, cols)
    cells = [(r, c) for r in range(rows) for c in range(cols)]
    reaches = (0, 1, 2, 3, cols) if len(row_order) == rows and list(row_order) != sorted(row_order) else (0,)
    plain: set[tuple[int, ...]] = set()
    for reach in reaches:
        number = {(r, c): cols * (row_order[r] if c < reach else r) + c for r, c in cells}
        plain |= {tuple(map(number.__getitem__, order)) for order in cut}
    columns = [tuple(range(c, rows * cols, cols)) for c in range(cols)]
    swapped: set[tuple[int, ...]] = set()
    if rows == 2:
        number = {cell: at for at, cell in enumerate(cells)}
        last = tuple((r, c) for c in (cols - 2, cols - 1) for r in range(rows))
        ends = [tuple(map(number.__getitem__, order[: -2 * rows])) for order in cut if order[-2 * rows :] == last]
        swapped |= {order + columns[-1] + columns[-2] for order in ends}
    for c in range(cols - 1):
        swapped.add(sum([*columns[:c], columns[c + 1], columns[c], *columns[c + 2 :]], ()))
    at = np.argsort([*plain, *swapped], axis=1)  # of each order: where it has each cell
    bits = np.packbits(at[:, :, None] < at[:, None, :], axis=0, bitorder="little")
    after = [
        tuple([int.from_bytes(bits[:, a, b].tobytes(), "little") for b in range(len(cells))]) for a in range(len(cells))
    ]
    everything = (1 << len(plain) + len(swapped)) - 1
    start = (everything,) * len(cells)
    return Orders((*after, start), (1 << len(plain)) - 1, everything - (1 << len(plain)) + 1, tuple(sum(columns, ())))


@lru_cache(maxsize=4096)
def following(table: Orders, orders: int, last: int) -> tuple[list[tuple[int, int]], int]:
    """The cells that some of these orders have after cell ``last``, each with those that do; and the cells as bits."""
    after = table.after[last]
    found = [(cell, rest) for cell in table.cells if (rest := orders & after[cell])]
    return found, sum([1 << cell for cell, _ in found])


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


def stands_lower(cells: Iterable[Cell | None]) -> bool:
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
