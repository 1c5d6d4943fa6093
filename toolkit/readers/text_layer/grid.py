"""Tables whose cells a text layer printed as *runs*: shapes, places, and what it costs to print one run after another.

A text layer prints a table as runs: cells of one row that stood close share a line, the others stand alone, and the
order of the runs follows the page only roughly. ``grid_search`` puts the runs back; this module holds what it works on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

__all__ = ["Layout", "Option", "Place", "Rule", "Run", "Values"]

_Key = TypeVar("_Key")
_Worth = TypeVar("_Worth")

#: what stands in the cells of all tables, by cell number
Values = list[float | None]

#: prices of a step from one run to the next in printed order; only their proportions matter
_RIGHT, _DOWN, _RETURN, _NEXT_COLUMN, _UP, _JUMP, _OTHER_TABLE = 0.2, 0.2, 0.7, 0.9, 1.1, 2.0, 1.0
_BLANK, _SURPLUS = 0.35, 0.7


class Place(NamedTuple):
    """``width`` cells side by side in ``table``, the first at ``row`` and ``col`` (all counted from 0).

    A run that goes down a column instead has ``width`` 1 and names the rows of its other cells in ``below``.
    """

    table: int
    row: int
    col: int
    width: int = 1
    below: tuple[int, ...] = ()

    @property
    def cells(self) -> list[tuple[int, int]]:
        """Row and column of each of its cells."""
        if self.below:
            return [(row, self.col) for row in (self.row, *self.below)]
        return [(self.row, self.col + at) for at in range(self.width)]


class Option(NamedTuple):
    """A place a run may take, and what speaks against it. ``hope``: what rules may give back, so that it is tried."""

    place: Place
    cost: float
    hope: float = 0.0


@dataclass(slots=True)
class Run:
    """Cells printed together. ``values``: None for a printed dash, which takes its cell but holds nothing.

    ``gap``: single dashes printed between the run before and this one; ``skip``: what it costs to leave the run out.
    """

    options: list[Option]
    values: tuple[float | None, ...]
    gap: int = 0
    skip: float = 4.0


@dataclass(slots=True)
class Rule:
    """``penalty(values)`` is asked whenever one of ``cells`` is filled; ``final`` rules only when all is placed.

    A ``soft`` rule tells the likely from the unlikely; breaking it is no flaw.
    """

    cells: tuple[int, ...]
    penalty: Callable[[Values], float]
    final: bool = False
    soft: bool = False


class _Known(dict[_Key, _Worth]):
    """What a function says of each key, asked once."""

    def __init__(self, find: Callable[[_Key], _Worth]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, key: _Key) -> _Worth:
        worth = self[key] = self._find(key)
        return worth


class Layout:
    """Shapes of the tables: for each table the heights of its columns. ``steps`` holds the price of each, reckoned once."""

    def __init__(self, tables: tuple[tuple[int, ...], ...]) -> None:
        self.tables = tables
        self._base: list[int] = []
        cells = 0
        for heights in tables:
            self._base.append(cells)
            cells += max(heights, default=0) * len(heights)
        self.cells = cells
        self.steps = _Known(self._step)
        self._covered = _Known(self._cover)

    @staticmethod
    @lru_cache(maxsize=64)
    def of(tables: tuple[tuple[int, ...], ...]) -> Layout:
        """The layout of these tables, shared so that its prices are reused for the next sheet."""
        return Layout(tables)

    def cell(self, table: int, row: int, col: int) -> int:
        """Number of a cell, counted through all tables."""
        return self._base[table] + row * len(self.tables[table]) + col

    def covered(self, place: Place) -> tuple[int, tuple[int, ...]]:
        """Bit mask and numbers of the cells of a place."""
        return self._covered[place]

    def _cover(self, place: Place) -> tuple[int, tuple[int, ...]]:
        cells = tuple(self.cell(place.table, row, col) for row, col in place.cells)
        return sum(1 << cell for cell in cells), cells

    def entry(self, place: Place) -> float:
        """What it costs the first run of all to stand elsewhere than in the first cell."""
        return 0.5 * _BLANK * (place.row + place.col)

    def step(self, a: Place, b: Place, gap: int) -> float:
        """Price of printing ``b`` right after ``a`` with ``gap`` dashes between them."""
        return self.steps[a, b, gap]

    def _step(self, key: tuple[Place, Place, int]) -> float:
        a, b, gap = key
        return self._price(Place(a.table, a.below[-1], a.col) if a.below else a, b, gap)

    def _price(self, a: Place, b: Place, gap: int) -> float:
        if a.table != b.table:
            return _OTHER_TABLE * (0.5 if b.table > a.table else 1.5) + 0.02 * (b.row + b.col)
        heights = self.tables[a.table]
        last = a.col + a.width - 1
        prices = [_JUMP + 0.15 * gap]
        if b.row == a.row and b.col > last:
            prices.append(_RIGHT + _miscount(b.col - last - 1, gap))
        if b.row > a.row:
            prices.append(_RETURN + min(1.5, 0.3 * _miscount(self._between_rows(a, b, last, heights), gap)))
            if b.col <= last and a.col < b.col + b.width:
                prices.append(_DOWN + (0.0 if b.col == a.col else 0.3) + self._skipped_rows(a, b, gap))
        if b.col > a.col:
            passed = heights[a.col] - 1 - a.row + b.row + sum(heights[a.col + 1 : b.col])
            far = 0.3 * max(b.col - last - 1, 0)
            prices.append(_NEXT_COLUMN + far + min(1.5, 0.5 * _miscount(passed, gap)))
            if b.row < a.row:  # rows that were grouped, printed column by column
                prices.append(_UP + far + 0.05 * (a.row - b.row) + 0.3 * gap)
        return min(prices)

    @staticmethod
    def _between_rows(a: Place, b: Place, last: int, heights: tuple[int, ...]) -> int:
        """Cells passed when the rows are read one after the other."""
        passed = sum(row < height for row in range(a.row + 1, b.row) for height in heights)
        return passed + sum(a.row < height for height in heights[last + 1 :]) + b.col

    @staticmethod
    def _skipped_rows(a: Place, b: Place, gap: int) -> float:
        rows = b.row - a.row - 1
        if max(a.width, b.width) > 1:  # the dashes of broken rows between them may be anywhere
            return 0.1 * rows
        return _miscount(rows, gap)


def _miscount(cells: int, dashes: int) -> float:
    """Price of passing ``cells`` cells while ``dashes`` dashes were printed: blanks are cheap, surplus is not."""
    return _BLANK * (cells - dashes) if cells >= dashes else _SURPLUS * (dashes - cells)
