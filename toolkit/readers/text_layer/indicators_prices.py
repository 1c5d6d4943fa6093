"""What speaks against a reading of an indicator's table: the form, the printed order, the arithmetic, the series.

All prices are in one currency: about 1 is what makes a reading unlikely, 2 and more what the sheet hardly does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations, pairwise

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
    "columns_of",
    "decimals",
    "fillings_of",
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

    ``zone`` names the column whose late heading it follows, ``width`` is its number of characters, ``col`` its column
    where that is known. A ``loose`` dash may as well belong to a text cell nearby.
    """

    number: float | None
    line: int
    row: int = -1
    is_rate: bool = False
    zone: str = ""
    loose: bool = False
    width: int = 1
    col: int = -1


class _Blanks(dict[int, float]):
    """The price of what stays blank, by the cells that are taken, as bits: the first of a column costs more than the next."""

    def __init__(self, columns: Sequence[int], first: Sequence[float]) -> None:
        super().__init__()
        #: the cells of each column, and what so many blank ones cost
        self._columns = [
            (cells, [0.0, *[price + NEXT_BLANK * more for more in range(cells.bit_count())]])
            for cells, price in zip(columns, first, strict=True)
        ]

    def __missing__(self, taken: int) -> float:
        cost = 0.0
        for cells, prices in self._columns:
            cost += prices[(cells & ~taken).bit_count()]
        self[taken] = cost
        return cost


@dataclass(frozen=True, eq=False)
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
    def lines(self) -> list[list[Cell]]:
        """The cells of each row."""
        return [self.cells[start : start + self.cols] for start in range(0, len(self.cells), self.cols)]

    @cached_property
    def years(self) -> int:
        """How many columns are those of a year, the first ones."""
        return self.zones.count("year")

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
    def blanks(self) -> _Blanks:
        """The price of the cells that are not taken."""
        columns = [sum(self.bit[cell] for cell in self.counted if cell[1] == col) for col in range(self.cols)]
        return _Blanks(columns, self.first_blank)


def is_ratio(actual: float, target: float, printed: float, decimals: int = 1) -> bool:
    """Whether ``printed`` per cent is what actual / target gives, rounded or cut off at its last digit."""
    return bool(target) and abs(actual / target * 100 - printed) <= 10.0**-decimals * 1.01


@lru_cache(maxsize=4096)
def leap(before: float, after: float) -> float:
    """How far two values of one series are apart: the logarithm of their ratio; 0 for equal ones."""
    return abs(math.log((abs(after) + 0.5) / (abs(before) + 0.5)))


@lru_cache(maxsize=4096)
def _unsteady(numbers: tuple[float, ...], planned: bool) -> float:
    """The price of the steps of a series, by their logarithms; what was planned grows evenly."""
    logs = [math.log(abs(number)) for number in numbers]
    steps = [abs(b - a) for a, b in pairwise(logs)]
    cost = (0.3 if planned else 0.15) * sum(5.0 if s >= _LEAP else min(s, 1.0) for s in steps) / max(len(steps), 2)
    if planned:
        bends = [min(1.0, abs(a - 2 * b + c)) for a, b, c in zip(logs, logs[1:], logs[2:], strict=False)]
        cost += 1.2 * sum(bends) / max(len(bends), 2)
    return cost


def decimals(number: float) -> int:
    return 0 if number == int(number) else 1 if abs(number * 10 - round(number * 10)) < 1e-6 else 2


#: what the price of a value in a cell depends on: whether it is a number and a rate, its zone and its column, and
#: whether there are values after a late heading
Kind = tuple[bool, bool | None, str, int, bool]


@lru_cache(maxsize=1024)
def _places(grid: Grid, kind: Kind) -> list[float]:
    """What a value costs in each cell."""
    counts, is_rate, zone, only, late = kind
    weight = _ZONE if counts else 0.3 * _ZONE
    prices = []
    for row, col in grid.cells:
        cost = 0.0 if only in (-1, col) else _WRONG_COLUMN
        if counts:
            cost += FORBIDDEN if (row, col) in grid.closed else EARLY if col < grid.before else 0.0
            if grid.ratio and is_rate is not None and is_rate != (row == grid.ratio[2]):
                cost += _WRONG_SIGN
        if zone and not grid.zones[col].startswith(zone):
            cost += weight * (0.6 if zone.startswith("plan") else 1.0)
        elif not zone and grid.zones[col] == "final" and late:
            cost += weight
        prices.append(cost)
    return prices


@lru_cache(maxsize=1024)
def columns_of(
    grid: Grid, row: int, kinds: tuple[Kind, ...], beside: tuple[bool, ...], joined: bool
) -> list[tuple[float, tuple[int, ...], int]]:
    """Where the values of one labelled row may stand, with the price and as bits; only the ways that are not hopeless.

    ``beside`` says of each value but the first whether it shares the line of the one before it, ``joined`` whether
    any of the row do.
    """
    places = [_places(grid, kind)[row * grid.cols :] for kind in kinds]
    found = []
    for columns in combinations(range(grid.cols), len(kinds)):
        cost = 0.0
        for place, (prices, col) in enumerate(zip(places, columns, strict=True)):
            cost += prices[col]
            if place:
                gap = col - columns[place - 1] - 1
                cost += 0.3 * gap if beside[place - 1] else 0.2 * (gap == 0 and joined)
        blank = [col for col in range(grid.cols) if col not in columns and (row, col) not in grid.optional]
        found.append((cost + sum(grid.first_blank[col] for col in blank), cost, columns))
    found.sort()
    return [(cost, columns, sum([grid.bit[row, col] for col in columns]))
            for price, cost, columns in found[:8] if price <= found[0][0] + 1.6]  # fmt: skip


@lru_cache(maxsize=256)
def fillings_of(
    grid: Grid, kinds: tuple[Kind, ...], taken: int
) -> list[tuple[float, int, float, tuple[Cell | None, ...]]]:
    """Every way to put free values into the cells that are not ``taken`` (as bits), or into none; the cheapest first.

    Each with what it costs at least, its number in the order of the cells, and the part of the price for blank cells.
    """
    free = [at for at in range(len(grid.cells)) if not taken >> at & 1]
    ways: list[tuple[float, int, tuple[Cell | None, ...]]] = [(0.0, taken, ())]
    for kind in kinds:
        prices = _places(grid, kind)
        options = [*[(prices[at], 1 << at, grid.cells[at]) for at in free], (left_out(kind[0]), 0, None)]
        ways = [(floor + price, filled | bit, (*cells, cell)) for floor, filled, cells in ways
                for price, bit, cell in options if not filled & bit]  # fmt: skip
    blanks = grid.blanks
    return sorted([(floor + (blank := blanks[filled]), number, blank, cells)
                   for number, (floor, filled, cells) in enumerate(ways)])  # fmt: skip


def left_out(counts: bool) -> float:
    """The price of a free value that no cell is for."""
    return 1.9 if counts else LOOSE


#: the numbers of each row, None where there is none
Rows = Sequence[Sequence[float | None]]


class Prices:
    """The prices of one table and its printed values."""

    def __init__(self, grid: Grid, tokens: Sequence[Token]) -> None:
        self.grid, self.tokens = grid, tokens
        late = "final" in [token.zone for token in tokens]
        signs = bool(grid.ratio) and True in [token.is_rate for token in tokens]
        self.numbers = [token.number for token in tokens]
        self.kinds: list[Kind] = [
            (token.number is not None, token.is_rate if signs else None, token.zone, token.col, late)
            for token in tokens
        ]
        #: what each value costs in each cell
        self.place = [_places(grid, kind) for kind in self.kinds]

    def bits(self, cells: Iterable[Cell | None]) -> int:
        """These cells as bits."""
        return sum([self.grid.bit[cell] for cell in cells])

    def least_blanks(self, blanks: int) -> float:
        """The least that so many blank cells can cost."""
        whole, rest = divmod(max(blanks, 0), self.grid.rows)
        first = self.grid.first_blank[0]
        return whole * (first + NEXT_BLANK * (self.grid.rows - 1)) + (first + NEXT_BLANK * (rest - 1) if rest else 0.0)

    def rows(self, cells: Sequence[Cell | None]) -> Rows:
        """The numbers of a reading, row by row."""
        at = dict(zip(cells, self.numbers, strict=True))
        return [list(map(at.get, row)) for row in self.grid.lines]

    def whole(self, cells: Sequence[Cell | None], limit: float = math.inf) -> float:
        """What can only be said of a reading as a whole: its arithmetic and how steady its series are.

        Once the price is above ``limit`` the rest is not looked at.
        """
        rows = self.rows(cells)
        early = [row for row, col in self.grid.closed if rows[row][col] is not None]
        once = REPEATED * (len(early) - len(set(early)))  # a row that breaks the rule breaks it once
        cost = self.arithmetic(rows)[0] - once
        return cost if cost > limit else cost + self.series(rows)

    def arithmetic(self, rows: Rows, ratios_paid: bool = False) -> tuple[float, set[int]]:
        """What the achievements say about a reading, and the columns they confirm."""
        if self.grid.ratio is None:
            return 0.0, set()
        cost, confirmed = 0.0, set()
        for col, (a, t, p) in enumerate(zip(*[rows[row] for row in self.grid.ratio], strict=True)):
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
    def wrong_ratio(actual: float, target: float, printed: float) -> float:
        """The price of a column whose three numbers do not agree."""
        return 0.0 if is_ratio(actual, target, printed, decimals(printed)) else _WRONG_RATIO

    def series(self, rows: Rows) -> float:
        """A row is a series, and what was planned grows more evenly than what came: of equal readings the steadier wins."""
        actual, planned = tuple(filter(None, rows[0])), tuple(filter(None, rows[1]))
        cost = (_unsteady(actual, False) if actual else 0.0) + (_unsteady(planned, True) if planned else 0.0)
        if actual and planned:  # a series of targets begins where that of the actual values does
            weight = 0.2 if self.grid.ratio else 0.4
            cost += weight * sum(
                [(not a) != (not b) for a, b in zip(rows[0][: self.grid.years], rows[1], strict=False)]
            )
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
        cell = cells[i]
        if cell is None:
            return left_out(self.kinds[i][0])
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
