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


class _Steps(dict[int, float]):
    """Prices of the steps between two places, by their numbers and the dashes between, reckoned once."""

    def __init__(self, price: Callable[[Place, Place, int], float], places: list[Place]) -> None:
        super().__init__()
        self._price, self._places = price, places

    def __missing__(self, key: int) -> float:
        places = self._places
        price = self[key] = self._price(places[key >> FROM & _MANY], places[key & _MANY], key >> GAP)
        return price


class Layout:
    """Shapes of the tables: for each table the heights of its columns. Places are numbered as they are met; ``steps`` holds
    the price of each step by its key."""

    def __init__(self, tables: tuple[tuple[int, ...], ...]) -> None:
        self.tables = tables
        self._base: list[int] = []
        self._filled: list[list[int]] = []  # cells above each row
        self._right: list[list[list[int]]] = []  # cells of each row to the right of each column
        cells = 0
        for heights in tables:
            self._base.append(cells)
            cells += max(heights, default=0) * len(heights)
            above = [0]
            for row in range(max(heights, default=0)):
                above.append(above[-1] + sum([row < height for height in heights]))
            self._filled.append(above)
            self._right.append(
                [
                    [sum([row < height for height in heights[col + 1 :]]) for col in range(len(heights))]
                    for row in range(max(heights, default=0))
                ]
            )
        self.cells = cells
        self.places: list[Place] = []
        self.covered: list[tuple[int, tuple[int, ...]]] = []  # bit mask and numbers of the cells of each place
        self._numbers: dict[Place, int] = {}
        self.steps = _Steps(self.step, self.places)

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
            self.places.append(place)
            cells = tuple([self.cell(place.table, row, col) for row, col in place.cells])
            self.covered.append((sum([1 << cell for cell in cells]), cells))
        return number

    def entry(self, place: Place) -> float:
        """What it costs the first run of all to stand elsewhere than in the first cell."""
        return 0.5 * _BLANK * (place.row + place.col)

    def step(self, a: Place, b: Place, gap: int) -> float:
        """Price of printing ``b`` right after ``a`` with ``gap`` dashes between them."""
        table, a_row, a_col, a_width, below = a
        other, b_row, b_col, b_width, _ = b
        if table != other:
            return _OTHER_TABLE * (0.5 if other > table else 1.5) + 0.02 * (b_row + b_col)
        last = a_col + a_width - 1
        if below:
            a_row = below[-1]
        prices = [_JUMP + 0.15 * gap]
        if b_row > a_row:
            above = self._filled[table]
            passed = above[b_row] - above[a_row + 1] + self._right[table][a_row][last] + b_col
            prices.append(_RETURN + min(1.5, 0.3 * _miscount(passed, gap)))
            if b_col <= last and a_col < b_col + b_width:
                rows = b_row - a_row - 1
                # the dashes of broken rows between wider runs may be anywhere
                skipped = 0.1 * rows if last > a_col or b_width > 1 else _miscount(rows, gap)
                prices.append(_DOWN + (0.0 if b_col == a_col else 0.3) + skipped)
        elif b_row == a_row and b_col > last:
            prices.append(_RIGHT + _miscount(b_col - last - 1, gap))
        if b_col > a_col:
            heights = self.tables[table]
            passed = heights[a_col] - 1 - a_row + b_row + sum(heights[a_col + 1 : b_col])
            far = 0.3 * max(b_col - last - 1, 0)
            prices.append(_NEXT_COLUMN + far + min(1.5, 0.5 * _miscount(passed, gap)))
            if b_row < a_row:  # rows that were grouped, printed column by column
                prices.append(_UP + far + 0.05 * (a_row - b_row) + 0.3 * gap)
        return min(prices)


def _miscount(cells: int, dashes: int) -> float:
    """Price of passing ``cells`` cells while ``dashes`` dashes were printed: blanks are cheap, surplus is not."""
    return _BLANK * (cells - dashes) if cells >= dashes else _SURPLUS * (dashes - cells)
