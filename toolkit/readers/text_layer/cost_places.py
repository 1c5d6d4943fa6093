"""Places in the cost tables: what a fragment fills that is put there, and which places its wording leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from toolkit.readers.text_layer.cost_cells import Fragment
from toolkit.readers.text_layer.cost_sums import TOTAL_ROW

__all__ = ["Tables", "Way"]


class Way(NamedTuple):
    """Places for the cells of a fragment: row and column (0 to 5) of the first, table, row and column of the last, and the
    cells of the grid it fills as bits.

    ``spots`` has for every cell its row and half table, the kind of its column, whether that is on the right, the
    shifts of the column and of that of the items beside it, and its bit.
    """

    table: int
    first: tuple[int, int]
    last: tuple[int, int, int]
    mask: int
    spots: tuple[tuple[int, int, int, bool, int, int, int], ...]


class _Area(NamedTuple):
    """Columns of a table that texts or labels may go to side by side: their shifts, the last row of all of them, the
    cells that labels there need above them, and the ways by row."""

    table: int
    columns: tuple[int, ...]
    shifts: tuple[int, ...]
    size: int
    above: int
    ways: dict[int, Way]


class Tables:
    """The ways to fill half tables of given sizes, which the searches for several books share. ``height`` and ``ways`` are
    common to all sizes: the bits for a column, which are those of the highest half table, and the ways made so far."""

    def __init__(
        self, fragments: Sequence[Fragment], sizes: tuple[int, ...], height: int, ways: dict[tuple[object, ...], Way]
    ) -> None:
        self.fragments, self.sizes = fragments, sizes
        self.height, self._ways = height, ways
        self.column = (1 << height) - 1
        self._firm: dict[tuple[int, tuple[tuple[int, int], ...]], list[tuple[float, Way]]] = {}
        self._options: dict[int, list[tuple[float, _Area]]] = {}
        self._areas: dict[tuple[int, ...], list[_Area]] = {}

    def firm(self, number: int, places: tuple[tuple[int, int], ...]) -> list[tuple[float, Way]]:
        """The ways to lay out a fragment whose numbers have their places, and their prices."""
        found = self._firm.get((number, places))
        if found is None:
            found = self._firm[number, places] = []
            table, kinds = places[0][0] // 2, self.fragments[number].kinds
            wanted = tuple([half - 2 * table for half, _ in places])
            own = iter([row for _, row in places])
            rows = tuple([next(own) if kind == "n" else places[0][1] for kind in kinds])
            for columns, price, sides in self.fragments[number].ways():
                if sides == wanted:
                    found.append((price, self.way(table, columns, rows)))
        return found

    def options(self, number: int) -> list[tuple[float, _Area]]:
        """Where texts and labels may go, and the prices."""
        found = self._options.get(number)
        if found is None:
            found = self._options[number] = []
            for columns, price, _ in self.fragments[number].ways():
                found += [(price, area) for area in self._areas.get(columns) or self._lay(columns)]
        return found

    def _lay(self, columns: tuple[int, ...]) -> list[_Area]:
        """These columns in every table."""
        found = self._areas[columns] = []
        above = 0
        for table in range(len(self.sizes) // 2):
            shifts = tuple([(6 * table + column) * self.height for column in columns])
            size = min([self.sizes[2 * table + column // 3] for column in columns])
            found.append(_Area(table, columns, shifts, size, above, {}))
            above |= 1 << shifts[0]
        return found

    def way(self, table: int, columns: tuple[int, ...], rows: tuple[int, ...]) -> Way:
        found = self._ways.get((table, columns, rows))
        if found is not None:
            return found
        spots, mask = [], 0
        for column, row in zip(columns, rows, strict=True):
            shift, kind = (6 * table + column) * self.height, column % 3
            bit = 0 if row == TOTAL_ROW else 1 << shift + row
            half = 2 * table + column // 3
            spots.append((row, half, kind, column > 2, shift, shift - kind * self.height, bit))
            mask |= bit
        first, last = (rows[0], columns[0]), (table, rows[-1], columns[-1])
        found = self._ways[table, columns, rows] = Way(table, first, last, mask, tuple(spots))
        return found
