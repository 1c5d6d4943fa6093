"""What speaks against a reading of an indicator's table: the form, the printed order, the arithmetic, the series.

All prices are in one currency: about 1 is what makes a reading unlikely, 2 and more what the sheet hardly does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from toolkit.readers.text_layer.indicators_orders import Cell

__all__ = [
    "EARLY",
    "FORBIDDEN",
    "LOOSE",
    "NEXT_BLANK",
    "REPEATED",
    "Grid",
    "Prices",
    "Token",
    "decimals",
    "is_ratio",
    "leap",
]

#: a number where there can be none yet
FORBIDDEN = 2.0
#: a number for a year in which the project had not begun
EARLY = 0.8
#: a dash that is left over
LOOSE = 0.15
#: one more blank cell in a column that has one
NEXT_BLANK = 0.2
#: what a row that holds a second such number does not pay again
REPEATED = FORBIDDEN - 0.3
_WRONG_RATIO, _NO_PARTS, _NO_RATIO, _WRONG_SIGN, _ZONE = 2.5, 0.8, 0.3, 1.2, 1.0
_WRONG_COLUMN = 5.0
_LEAP = 2.1  # logarithm of a leap from year to year that a series does not make


@dataclass(eq=False, slots=True)
class Token:
    """One printed value. ``row`` is -1 where no label shares its line, ``line`` tells which values share one.

    ``zone`` names the column whose late heading it follows, ``width`` is its number of characters,
    ``col`` its column where that is known. A ``loose`` dash
    may as well belong to a text cell nearby.
    """

    number: float | None
    line: int
    row: int = -1
    is_rate: bool = False
    zone: str = ""
    loose: bool = False
    width: int = 1
    col: int = -1


@dataclass(frozen=True)
class Grid:
    """Shape of a table. ``zones`` names its columns (year, plan0, plan1, interim, final); ``ratio`` the rows a, t, p with p = a / t.

    ``closed`` are the cells that cannot hold a number yet, ``optional`` those that may be blank at no price; in the
    first columns, as many as ``before``, the project had not begun. Cells are numbered row by row.
    """

    rows: int
    zones: tuple[str, ...]
    ratio: tuple[int, int, int] | None = None
    closed: frozenset[Cell] = frozenset()
    optional: frozenset[Cell] = frozenset()
    before: int = 0

    @cached_property
    def cols(self) -> int:
        return len(self.zones)

    @cached_property
    def cells(self) -> list[Cell]:
        return [(row, col) for row in range(self.rows) for col in range(self.cols)]

    @cached_property
    def counted(self) -> list[Cell]:
        """The cells that cost something when they are blank."""
        return [cell for cell in self.cells if cell not in self.optional]

    @cached_property
    def bit(self) -> dict[Cell | None, int]:
        """A bit for each cell; none for no cell."""
        bits: dict[Cell | None, int] = {cell: 1 << at for at, cell in enumerate(self.cells)}
        return bits | {None: 0}

    @cached_property
    def first_blank(self) -> list[float]:
        """The price of a blank cell, by column: plans, and the targets of the older forms, start late more often than
        they end early."""
        late = not (self.ratio and "interim" not in self.zones)
        return [0.55 + 0.16 * col if late else 0.7 for col in range(self.cols)]

    @cached_property
    def columns(self) -> list[int]:
        """The counted cells of each column, as bits."""
        return [sum(self.bit[cell] for cell in self.counted if cell[1] == col) for col in range(self.cols)]

    @cached_property
    def known(self) -> tuple[dict[int, float], dict[tuple[bool, bool | None, str, int, bool], list[float]]]:
        """What was worked out before: the prices of what stays blank, and of the cells for a kind of value."""
        return {}, {}


def is_ratio(actual: float, target: float, printed: float, decimals: int = 1) -> bool:
    """Whether ``printed`` per cent is what actual / target gives, rounded or cut off at its last digit."""
    return bool(target) and abs(actual / target * 100 - printed) <= 10.0**-decimals * 1.01


@lru_cache(maxsize=4096)
def leap(before: float, after: float) -> float:
    """How far two values of one series are apart: the logarithm of their ratio; 0 for equal ones."""
    return abs(math.log((abs(after) + 0.5) / (abs(before) + 0.5)))


@lru_cache(maxsize=4096)
def _unsteady(logs: tuple[float, ...], planned: bool) -> float:
    """The price of the steps of a series, given as logarithms; what was planned grows evenly."""
    steps = [abs(b - a) for a, b in pairwise(logs)]
    cost = (0.3 if planned else 0.15) * sum(5.0 if s >= _LEAP else min(s, 1.0) for s in steps) / max(len(steps), 2)
    if planned:
        bends = [min(1.0, abs(a - 2 * b + c)) for a, b, c in zip(logs, logs[1:], logs[2:], strict=False)]
        cost += 1.2 * sum(bends) / max(len(bends), 2)
    return cost


def decimals(number: float) -> int:
    return 0 if number == int(number) else 1 if abs(number * 10 - round(number * 10)) < 1e-6 else 2


class Prices:
    """The prices of one table and its printed values."""

    def __init__(self, grid: Grid, tokens: Sequence[Token]) -> None:
        self.grid, self.tokens = grid, tokens
        late = any(token.zone == "final" for token in tokens)
        signs = bool(grid.ratio) and any(token.is_rate for token in tokens)
        self._logs = [math.log(abs(token.number)) if token.number else None for token in tokens]
        self.first_blank = grid.first_blank
        self._blanks, places = grid.known
        #: what each value costs in each cell
        self.place: list[list[float]] = []
        for token in tokens:
            key = (token.number is not None, token.is_rate if signs else None, token.zone, token.col, late)
            if key not in places:
                places[key] = [self._place(*key, cell) for cell in grid.cells]
            self.place.append(places[key])

    def _place(self, counts: bool, is_rate: bool | None, zone: str, col: int, late: bool, cell: Cell) -> float:
        cost, ratio = 0.0 if col in (-1, cell[1]) else _WRONG_COLUMN, self.grid.ratio
        if counts:
            cost += FORBIDDEN if cell in self.grid.closed else EARLY if cell[1] < self.grid.before else 0.0
            if ratio and is_rate is not None and is_rate != (cell[0] == ratio[2]):
                cost += _WRONG_SIGN
        weight = _ZONE if counts else 0.3 * _ZONE
        if zone and not self.grid.zones[cell[1]].startswith(zone):
            cost += weight * (0.6 if zone.startswith("plan") else 1.0)
        elif not zone and self.grid.zones[cell[1]] == "final" and late:
            cost += weight
        return cost

    def blanks(self, taken: int) -> float:
        """All cells that are not taken (a bit each): the first of a column costs more than the next."""
        cost = self._blanks.get(taken)
        if cost is None:
            cost = 0.0
            for cells, first in zip(self.grid.columns, self.first_blank, strict=True):
                empty = (cells & ~taken).bit_count()
                if empty:
                    cost += first + NEXT_BLANK * (empty - 1)
            self._blanks[taken] = cost
        return cost

    def bits(self, cells: Iterable[Cell | None]) -> int:
        """These cells as bits."""
        return sum([self.grid.bit[cell] for cell in cells])

    def least_blanks(self, blanks: int) -> float:
        """The least that so many blank cells can cost."""
        whole, rest = divmod(max(blanks, 0), self.grid.rows)
        first = self.first_blank[0]
        return whole * (first + NEXT_BLANK * (self.grid.rows - 1)) + (first + NEXT_BLANK * (rest - 1) if rest else 0.0)

    def whole(self, cells: Sequence[Cell | None], limit: float = math.inf) -> float:
        """What can only be said of a reading as a whole: its arithmetic and how steady its series are.

        Once the price is above ``limit`` the rest is not looked at.
        """
        early = [
            cell[0]
            for cell, token in zip(cells, self.tokens, strict=True)
            if cell in self.grid.closed and cell and token.number is not None
        ]
        once = REPEATED * (len(early) - len(set(early)))  # a row that breaks the rule breaks it once
        cost = self.arithmetic(cells)[0] - once
        return cost if cost > limit else cost + self.series(cells)

    def arithmetic(self, cells: Sequence[Cell | None], ratios_paid: bool = False) -> tuple[float, set[int]]:
        """What the achievements say about a reading, and the columns they confirm."""
        if self.grid.ratio is None:
            return 0.0, set()
        at = {cell: token.number for cell, token in zip(cells, self.tokens, strict=True)}
        cost, confirmed = 0.0, set()
        actual, target, printed = self.grid.ratio
        for col in range(self.grid.cols):
            a, t, p = at.get((actual, col)), at.get((target, col)), at.get((printed, col))
            if p is None:
                cost += _NO_RATIO if a is not None and t else 0.0
            elif a is None or t is None:
                cost += _NO_PARTS
            elif is_ratio(a, t, p, decimals(p)):
                confirmed.add(col)
            elif not ratios_paid:
                cost += _WRONG_RATIO
        return cost, confirmed

    @staticmethod
    def wrong_ratio(actual: float | None, target: float | None, printed: float | None) -> float:
        """The price of a column whose three numbers do not agree."""
        if actual is None or target is None or printed is None or is_ratio(actual, target, printed, decimals(printed)):
            return 0.0
        return _WRONG_RATIO

    def series(self, cells: Sequence[Cell | None]) -> float:
        """A row is a series, and what was planned grows more evenly than what came: of equal readings the steadier wins."""
        rows: dict[int, dict[int, float]] = {}
        for cell, number in zip(cells, self._logs, strict=True):
            if cell is not None and number is not None:
                rows.setdefault(cell[0], {})[cell[1]] = number
        cost = 0.0
        for row, series in rows.items():
            if not self.grid.ratio or row != self.grid.ratio[2]:
                cost += _unsteady(tuple([series[col] for col in sorted(series)]), row == 1)
        years = [col for col, zone in enumerate(self.grid.zones) if zone == "year"]
        first, second = rows.get(0), rows.get(1)
        if first and second:  # a series of targets begins where that of the actual values does
            cost += (0.2 if self.grid.ratio else 0.4) * sum((col in first) != (col in second) for col in years)
        return cost

    def steps(self, i: int) -> tuple[float, float]:
        """From the value before, neither beside a label, to this one: down the column, and to the right.

        Narrow ones are joined downwards first, wide ones sideways.
        """
        last, token = self.tokens[i - 1], self.tokens[i]
        if not i or last.line == token.line or last.row >= 0:
            return 0.0, 0.0
        width = min(last.width, token.width)
        weight = 0.3 if self.grid.ratio else 1.0  # where the arithmetic speaks, the order need not
        across = 0.5 if width <= 2 else 0.25 if width == 3 else 0.1 if width == 4 else 0.0
        return 0.03 if width >= 5 else 0.0, weight * across

    def join(self, cells: Sequence[Cell | None], i: int) -> float:
        """One free value among labelled rows: a row goes on after a break, and from left to right."""
        cell, token = cells[i], self.tokens[i]
        if cell is None:
            return LOOSE if token.number is None else 1.9
        row, col = cell
        cost = self.place[i][row * self.grid.cols + col]
        before = cells[i - 1] if i else None
        cost += 0.3 if before is not None and before[0] != row else 0.0
        backwards = onwards = 0.0
        for place, other in enumerate(cells):
            if other is not None and other[0] == row:
                if place < i and other[1] > col:
                    backwards = 0.4
                elif place > i and other[1] < col:
                    onwards = 0.4
        return cost + backwards + onwards
