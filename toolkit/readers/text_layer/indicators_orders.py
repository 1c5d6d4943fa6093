"""The orders in which a text extractor may print the cells of a small table.

The extractor joins neighbours, and joined parts again, so the order comes from cutting the table again and again,
across or down, and printing one part after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

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
    plain = _places(rows, cols)
    cells = np.arange(rows * cols)
    if len({*row_order}) == rows and list(row_order) != sorted(row_order):
        moved = np.argsort(row_order).repeat(cols) * cols + cells % cols  # the cell whose place a cell takes
        reaches = [plain[:, np.where(cells % cols < reach, moved, cells)] for reach in (0, 1, 2, 3, cols)]
        plain = np.concatenate(reaches)
    columns = [tuple(range(c, rows * cols, cols)) for c in range(cols)]
    swapped: set[tuple[int, ...]] = set()
    if rows == 2:
        last = columns[-2] + columns[-1]
        ends = [order[:-4] for order in _cut(cols, 0, rows, 0, cols) if order[-4:] == last]
        swapped |= {order + columns[-1] + columns[-2] for order in ends}
    for c in range(cols - 1):
        swapped.add(sum([*columns[:c], columns[c + 1], columns[c], *columns[c + 2 :]], ()))
    at = np.ascontiguousarray(np.concatenate([plain, np.argsort([*swapped])], dtype=np.int8).T)
    bits = np.packbits(at[:, None] < at, axis=2, bitorder="little")
    size, packed = bits.shape[2], bits.tobytes()
    orders = [int.from_bytes(packed[start : start + size], "little") for start in range(0, len(packed), size)]
    after = [tuple(orders[start : start + len(cells)]) for start in range(0, len(orders), len(cells))]
    everything = (1 << len(plain) + len(swapped)) - 1
    beginning = (everything,) * len(cells)
    return Orders(
        (*after, beginning), (1 << len(plain)) - 1, everything - (1 << len(plain)) + 1, tuple(sum(columns, ()))
    )


@lru_cache(maxsize=4096)
def following(table: Orders, orders: int, last: int) -> tuple[list[tuple[int, int]], int]:
    """The cells that some of these orders have after cell ``last``, each with those that do; and the cells as bits."""
    after = table.after[last]
    found = [(cell, rest) for cell in table.cells if (rest := orders & after[cell])]
    return found, sum([1 << cell for cell, _ in found])


@lru_cache(maxsize=16)
def _places(rows: int, cols: int) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Where each order of a whole table has each cell, one order below the other."""
    places = np.argsort([*_cut(cols, 0, rows, 0, cols)]).astype(np.int8)
    places.flags.writeable = False
    return places


@lru_cache(maxsize=512)
def _cut(cols: int, r0: int, r1: int, c0: int, c1: int) -> frozenset[tuple[int, ...]]:
    """All orders of a rectangle of cells, numbered as those of the whole table."""
    if r1 - r0 == 1 or c1 - c0 == 1:
        return frozenset([tuple([r * cols + c for r in range(r0, r1) for c in range(c0, c1)])])
    down = [(_cut(cols, r0, r1, c0, c), _cut(cols, r0, r1, c, c1)) for c in range(c0 + 1, c1)]
    across = [(_cut(cols, r0, r, c0, c1), _cut(cols, r, r1, c0, c1)) for r in range(r0 + 1, r1)]
    return frozenset([one + two for first, second in down + across for one in first for two in second])


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
