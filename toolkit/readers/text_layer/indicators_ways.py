"""What the next values of a page may be: a column of a table, or two or three years printed by rows, each at a price.

For ``indicators_columns``, whose search gives every value of a page to a table.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from toolkit.readers.text_layer.indicators_orders import Cell
from toolkit.readers.text_layer.indicators_prices import EARLY, FORBIDDEN, Grid, decimals, is_ratio, leap
from toolkit.readers.text_layer.indicators_scan import Value

__all__ = ["BLANK", "Printed", "Way", "Ways", "agreement"]

#: prices: a cell without a value, a value whose heading names another column, a value given to a table above or below
#: the one it was printed with
BLANK, _ZONE, _STRANGE, _AHEAD = 0.6, 1.0, 0.25, 1.5
#: values by rows, by the width of the narrowest; by pairs of rows
_BY_ROWS, _BY_PAIRS = (0.6, 0.6, 0.6, 0.5, 0.3, 0.0), 0.15
_WRONG_RATIO, _NO_PARTS, _NO_RATIO, _WRONG_SIGN, _TORN, _DASHES, _BROKEN = 2.5, 0.8, 0.3, 1.2, 2.0, 0.1, 1.0


@dataclass(frozen=True, slots=True)
class Printed:
    """One value and the table (by number, -1 for none of these) among whose values it was printed, at what place."""

    value: Value
    number: float | None
    home: int
    place: float
    line: int
    width: int


class Way(NamedTuple):
    """What the next values may be: their cells, the price as such, the numbers of its series, what column comes then."""

    price: float
    series: tuple[tuple[int, float], ...]
    cells: tuple[Cell, ...]
    numbers: tuple[Cell, ...]
    end: int


_price = attrgetter("price")


class Ways:
    """The ways of all tables of a page, each worked out when it is first asked for.

    ``blank`` is the price of an empty column, by table and column; ``missing`` that of all from a column on.
    """

    def __init__(self, grids: Sequence[Grid], printed: Sequence[Printed], counts: Sequence[bool]) -> None:
        self.grids, self.printed, self._counts = grids, printed, counts
        homes = range(len(grids))
        self._signs = [any(one.home == home and one.value.is_rate for one in printed) for home in homes]
        self._late = [any(one.home == home and one.value.zone == "final" for one in printed) for home in homes]
        self._on_line = [False, *(a.line == b.line for a, b in itertools.pairwise(printed))]
        self._columns: dict[tuple[int, int, int], list[Way]] = {}
        self._blocks: dict[tuple[int, int, int], list[Way]] = {}
        self._prices: list[list[dict[Cell, float] | None]] = [[None] * len(printed) for _ in grids]
        self.blank = [
            [BLANK * sum((row, col) not in grid.optional for row in (0, 1)) for col in range(grid.cols)]
            for grid in grids
        ]
        self.missing = [
            [0.0, *(sum(price * (0.5 if late >= 3 else 1.0) for late, price in enumerate(blank) if late >= col)
                    for col in range(1, len(blank) + 1))]
            for blank in self.blank
        ]  # fmt: skip
        self._options = [[self._filled(grid, col) for col in range(grid.cols)] for grid in grids]

    def block(self, at: int, table: int, col: int) -> list[Way]:
        """The values from ``at`` on as one column, or as two or three years that are printed by rows; the cheapest first."""
        known = self._blocks.get((at, table, col))
        if known is None:
            known = [*self.column(at, table, col), *self._by_rows(at, table, col)]
            known.sort(key=_price)
            self._blocks[at, table, col] = known
        return known

    def column(self, at: int, table: int, col: int) -> list[Way]:
        """The values from ``at`` on as one column, some of whose cells may be blank."""
        known = self._columns.get((at, table, col))
        if known is None:
            known = self._columns[at, table, col] = []
            for price, cells in self._options[table][col]:
                values = self.printed[at : at + len(cells)]
                if len(values) == len(cells):
                    price += 0.0 if any(one.number is not None for one in values) else _DASHES
                    known.append(self._way(at, table, price, cells, col + 1))
            known.sort(key=_price)
        return known

    @staticmethod
    def _filled(grid: Grid, col: int) -> list[tuple[float, tuple[Cell, ...]]]:
        """The ways to fill a column, with the price of what stays blank."""
        found = []
        for size in range(1, grid.rows + 1):
            for rows in itertools.combinations(range(grid.rows), size):
                blank = sum(row not in rows and (row, col) not in grid.optional for row in (0, 1))
                found.append((BLANK * blank, tuple((row, col) for row in rows)))
        return found

    def _by_rows(self, at: int, table: int, col: int) -> Iterator[Way]:
        grid, left = self.grids[table], len(self.printed) - at
        for width in (2, 3):
            columns = range(col, col + width)
            if grid.zones[col : col + width] != ("year",) * width or grid.rows * width > left:
                continue
            narrow = min(one.width for one in self.printed[at : at + grid.rows * width])
            price = _BY_ROWS[min(narrow, 5)]
            for end in range(col + width, min(grid.cols, left + col + width - grid.rows * width) + 1):
                if end > col + width and grid.zones[end - 1] == "year":
                    break
                plans = [(1, c) for c in range(col, end)]  # with those of the years to come
                cells = [*((0, c) for c in columns), *plans, *((2, c) for c in columns if grid.rows == 3)]
                yield self._way(at, table, price, cells, end)
                whole = [(r, c) for r in range(grid.rows) for c in range(col, end)]  # a dash in each cell not yet due
                if len(cells) < len(whole) <= left:
                    yield self._way(at, table, price, whole, end)
            if grid.rows == 3:
                pairs = [(r, c) for c in columns for r in (0, 1)]
                yield self._way(at, table, _BY_PAIRS, [*pairs, *((2, c) for c in columns)], col + width)

    def _way(self, at: int, table: int, price: float, cells: Sequence[Cell], end: int) -> Way:
        """The values from ``at`` on in these cells."""
        grid, prices, printed, on_line = self.grids[table], self._prices[table], self.printed, self._on_line
        numbers: dict[Cell, float] = {}
        before: Cell | None = None
        for place, cell in enumerate(cells, start=at):
            price += (prices[place] or self._priced(place, table))[cell]
            if on_line[place] and before is not None and (cell[0] != before[0] or cell[1] <= before[1]):
                price += _TORN
            before = cell
            number = printed[place].number
            if number is not None:
                numbers[cell] = number
        for col in dict.fromkeys([col for _, col in numbers]):
            price += agreement(grid, numbers, col)[0]
            if (2, col) not in numbers and (0, col) in numbers and (1, col) in numbers and grid.ratio:
                price += _NO_RATIO
        series = tuple((row, numbers[row, col]) for row, col in sorted(numbers) if row < 2)
        return Way(price, series, tuple(cells), tuple(numbers), end)

    def _priced(self, place: int, table: int) -> dict[Cell, float]:
        """What a value costs in the cells of a table: strange are those printed with another table, or in a column
        that their heading does not name."""
        grid, one = self.grids[table], self.printed[place]
        # values of a table that is printed further down come with it
        strange = 0.0 if one.home == table else _AHEAD if one.place < table else _STRANGE
        prices = self._prices[table][place] = dict.fromkeys(grid.cells, strange)
        if one.number is None:
            return prices
        zone, broken = one.value.zone, self._counts[table] and decimals(one.number) > 0
        for cell in grid.cells:
            row, col = cell
            if not grid.zones[col].startswith(zone) if zone else self._late[table] and grid.zones[col] == "final":
                prices[cell] += _ZONE
            prices[cell] += FORBIDDEN if cell in grid.closed else EARLY if col < grid.before else 0.0
            prices[cell] += _BROKEN if broken and cell[0] < 2 else 0.0
            if self._signs[table] and one.value.is_rate != (row == 2):
                prices[cell] += _WRONG_SIGN
        return prices


def agreement(grid: Grid, numbers: dict[Cell, float], col: int) -> tuple[float, bool]:
    """What the numbers of a column say of each other, and whether its achievement follows from the two others."""
    a, t, p = numbers.get((0, col)), numbers.get((1, col)), numbers.get((2, col))
    if p is not None:
        if a is None or t is None:
            return _NO_PARTS, False
        fits = is_ratio(a, t, p, decimals(p))
        return (0.0 if fits else _WRONG_RATIO), fits and grid.ratio is not None
    return (0.0 if a is None or t is None else 0.4 * min(leap(a, t), 2.5)), False
