"""Tables whose cells a text layer printed as *runs*: shapes, places, and what it costs to print one run after another.

A text layer prints a table as runs: cells of one row that stood close share a line, the others stand alone, and the
order of the runs follows the page only roughly. ``grid_search`` puts the runs back; this module holds what it works on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Chosen", "Layout", "Option", "Place", "Rule", "Run", "Solution", "Values"]

#: what stands in the cells of all tables, by cell number
Values = list[float | None]

#: of each run: which of its options it takes
Chosen = tuple[int, ...]

#: prices of a step from one run to the next in printed order; only their proportions matter
_RIGHT, _DOWN, _RETURN, _NEXT_COLUMN, _UP, _JUMP, _OTHER_TABLE = 0.2, 0.2, 0.7, 0.9, 1.1, 2.0, 1.0
_BLANK, _SURPLUS = 0.35, 0.7

#: a placement with more flaws than this is no solution: nothing of it is settled
_SPOILED = 6.0

#: a step's key: the dashes between shifted by ``GAP``, the number of the place it starts from by ``FROM``, that of the other
FROM, GAP = 20, 40
_MANY = (1 << FROM) - 1


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
    """``penalty(values)`` looks at no cells but those it ``sees``. ``final`` rules are asked only when all is placed.

    ``gain``: the most that it may reward, as a positive number. A ``soft`` rule tells the likely from the unlikely;
    breaking it is no flaw, and neither does a ``wide`` one that is broken tell against any one cell.
    """

    sees: tuple[int, ...]
    penalty: Callable[[Values], float]
    final: bool = False
    soft: bool = False
    wide: bool = False
    gain: float = 0.0

    @property
    def cells(self) -> tuple[int, ...]:
        """The cells that the rule is about."""
        return () if self.wide else self.sees


@dataclass(slots=True)
class Solution:
    """A placement: which option each run takes. ``values`` holds the cells of all tables.

    ``flaws``: penalties of the broken final rules, and the price of what was left over; 0 for none. ``broken``: the cells
    these rules are about. ``settle`` fills in ``places``, parallel to the runs, and ``rivals``.
    """

    chosen: Chosen
    values: Values
    cost: float
    flaws: float = 0.0
    broken: frozenset[int] = frozenset()
    rivals: list[Values] = field(default_factory=list)
    places: tuple[Place | None, ...] = ()

    def settled(self) -> set[int]:
        """The cells about which no rule is broken and which no placement of nearly the same cost fills otherwise."""
        if self.flaws >= _SPOILED:
            return set()
        columns = zip(self.values, *self.rivals, strict=True)
        return {cell for cell, column in enumerate(columns) if column.count(column[0]) == len(column)} - self.broken


#: where a place lies: its table, its first row, its last, its first column, its last, and its cells as they are counted row
#: by row (the first, and the one after the last) and column by column (the same, down its first column)
_Spot = tuple[int, int, int, int, int, int, int, int, int]


class _Steps(dict[int, float]):
    """Prices of the steps between two places, by their numbers and the dashes between, reckoned once."""

    def __init__(self, spots: list[_Spot]) -> None:
        super().__init__()
        self._spots = spots

    def __missing__(self, key: int) -> float:
        """Price of printing one place right after another with ``gap`` dashes between them."""
        table, _, a_row, a_col, last, _, after_row, _, after_col = self._spots[key >> FROM & _MANY]
        other, b_row, _, b_col, b_last, by_row, _, by_col, _ = self._spots[key & _MANY]
        gap = key >> GAP
        if table != other:
            price = _OTHER_TABLE * (0.5 if other > table else 1.5) + 0.02 * (b_row + b_col)
            self[key] = price
            return price
        price = _JUMP + 0.15 * gap
        if b_row > a_row:
            blank = by_row - after_row - gap
            miss = 0.3 * (_BLANK * blank if blank >= 0 else -_SURPLUS * blank)
            step = _RETURN + (miss if miss < 1.5 else 1.5)
            if step < price:
                price = step
            if b_col <= last and a_col <= b_last:
                blank = b_row - a_row - 1
                if last > a_col or b_last > b_col:  # the dashes of broken rows between wider runs may be anywhere
                    skipped = 0.1 * blank
                else:
                    blank -= gap
                    skipped = _BLANK * blank if blank >= 0 else -_SURPLUS * blank
                step = _DOWN + (0.0 if b_col == a_col else 0.3) + skipped
                if step < price:
                    price = step
        elif b_row == a_row and b_col > last:
            blank = b_col - last - 1 - gap
            step = _RIGHT + (_BLANK * blank if blank >= 0 else -_SURPLUS * blank)
            if step < price:
                price = step
        if b_col > a_col:
            blank = by_col - after_col - gap
            miss = 0.5 * (_BLANK * blank if blank >= 0 else -_SURPLUS * blank)
            far = 0.3 * (b_col - last - 1) if b_col > last else 0.0
            step = _NEXT_COLUMN + far + (miss if miss < 1.5 else 1.5)
            if step < price:
                price = step
            if b_row < a_row:  # rows that were grouped, printed column by column
                step = _UP + far + 0.05 * (a_row - b_row) + 0.3 * gap
                if step < price:
                    price = step
        self[key] = price
        return price


class Layout:
    """Shapes of the tables: for each table the heights of its columns. Places are numbered as they are met; ``steps`` holds
    the price of each step by its key."""

    def __init__(self, tables: tuple[tuple[int, ...], ...]) -> None:
        self.tables = tables
        self._base: list[int] = []
        self.cells = 0
        for heights in tables:
            self._base.append(self.cells)
            self.cells += max(heights, default=0) * len(heights)
        self.places: list[Place] = []
        self.covered: list[tuple[int, tuple[int, ...]]] = []  # bit mask and numbers of the cells of each place
        self._numbers: dict[Place, int] = {}
        self._spots: list[_Spot] = []
        self.steps = _Steps(self._spots)

    @staticmethod
    @lru_cache(maxsize=64)
    def of(tables: tuple[tuple[int, ...], ...]) -> Layout:
        """The layout of these tables, shared so that its prices are reused for the next sheet."""
        return Layout(tables)

    def cell(self, table: int, row: int, col: int) -> int:
        """Number of a cell, counted through all tables."""
        return self._base[table] + row * len(self.tables[table]) + col

    def number(self, place: Place) -> int:
        """Number of a place."""
        number = self._numbers.get(place)
        if number is None:
            number = self._numbers[place] = len(self.places)
            spot, mask, cells = _ground(self.tables[place.table], self._base[place.table], place)
            self.places.append(place)
            self._spots.append(spot)
            self.covered.append((mask, cells))
        return number

    def entry(self, place: Place) -> float:
        """What it costs the first run of all to stand elsewhere than in the first cell."""
        return 0.5 * _BLANK * (place.row + place.col)


@lru_cache(maxsize=4096)
def _ground(heights: tuple[int, ...], base: int, place: Place) -> tuple[_Spot, int, tuple[int, ...]]:
    """Where a place lies in a table whose cells are counted from ``base``, with its cells as bits and by number."""
    table, row, col, width, below = place
    last_row, last_col = below[-1] if below else row, col + width - 1
    filled, left = _filled(heights), sum(heights[:col])
    after = filled[last_row + 1] - sum([last_row < height for height in heights[last_col + 1 :]])
    spot = table, row, last_row, col, last_col, filled[row] + col, after, left + row, left + last_row + 1
    first = base + row * len(heights) + col
    cells = tuple(range(first, first + width))
    if below:
        cells += tuple([first + (down - row) * len(heights) for down in below])
    return spot, sum([1 << cell for cell in cells]), cells


@lru_cache(maxsize=64)
def _filled(heights: tuple[int, ...]) -> list[int]:
    """The cells above each row of a table, and all of them."""
    return [sum([min(row, height) for height in heights]) for row in range(max(heights, default=0) + 1)]
