"""Ruled lines of a page to the regions they enclose."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Region", "Rule", "Ruling", "torn_edges"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: horizontal (``y0 == y1``) or vertical (``x0 == x1``)."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(slots=True)
class Region:
    """An area enclosed by rules. ``is_cell`` is False for the open page and for areas that wrap around others."""

    x0: float
    y0: float
    x1: float
    y1: float
    is_cell: bool


def torn_edges(rules: list[Rule], snap: float = 1.6) -> tuple[list[Rule], list[Rule]]:
    """Where a page break cut through cells: upright rules reach the first or last height, but no level rule closes them.

    Two lists of the level rules that are missing there: at the top and at the bottom of the ruled area.
    """
    upright = [r for r in rules if r.x0 == r.x1]
    missing: tuple[list[Rule], list[Rule]] = ([], [])
    if not upright:
        return missing
    top, bottom = min(r.y0 for r in upright), max(r.y1 for r in upright)
    for edge, reached, found in (
        (top, [r.x0 for r in upright if r.y0 - top <= snap], missing[0]),
        (bottom, [r.x0 for r in upright if bottom - r.y1 <= snap], missing[1]),
    ):
        level = [r for r in rules if r.y0 == r.y1 and abs(r.y0 - edge) <= snap]
        places = sorted(set(reached))
        for left, right in pairwise(places):
            middle = (left + right) / 2
            if right - left > snap and not any(r.x0 <= middle <= r.x1 for r in level):
                found.append(Rule(left, edge, right, edge))
    return missing


class Ruling:
    """The rules of one page, snapped to a lattice; ``at`` tells in which region a point lies."""

    def __init__(self, rules: Iterable[Rule], width: float, height: float, snap: float = 1.6) -> None:
        rules = list(rules)
        upright = [r for r in rules if r.x0 == r.x1]
        level = [r for r in rules if r.y0 == r.y1]
        self._xs = _clusters([0.0, width, *(r.x0 for r in upright), *(x for r in level for x in (r.x0, r.x1))], snap)
        self._ys = _clusters([0.0, height, *(r.y0 for r in level), *(y for r in upright for y in (r.y0, r.y1))], snap)
        columns, rows = len(self._xs) - 1, len(self._ys) - 1
        walls: set[tuple[int, int]] = set()  # (row, column): a rule on the left side of this lattice field
        floors: set[tuple[int, int]] = set()  # a rule on its upper side
        for r in upright:
            x = _nearest(self._xs, r.x0)
            walls.update((y, x) for y in range(_nearest(self._ys, r.y0), _nearest(self._ys, r.y1)))
        for r in level:
            y = _nearest(self._ys, r.y0)
            floors.update((y, x) for x in range(_nearest(self._xs, r.x0), _nearest(self._xs, r.x1)))
        self._owner: list[list[int]] = [[-1] * columns for _ in range(rows)]
        self.regions: list[Region] = []
        for row in range(rows):
            for column in range(columns):
                if self._owner[row][column] < 0:
                    self._fill(row, column, walls, floors)

    def _fill(self, row: int, column: int, walls: set[tuple[int, int]], floors: set[tuple[int, int]]) -> None:
        """Flood one region from a lattice field."""
        name = len(self.regions)
        rows, columns = len(self._owner), len(self._owner[0])
        self._owner[row][column] = name
        queue, fields = [(row, column)], 0
        top, bottom, left, right = row, row, column, column
        while queue:
            y, x = queue.pop()
            fields += 1
            top, bottom, left, right = min(top, y), max(bottom, y), min(left, x), max(right, x)
            for ny, nx, is_open in (
                (y, x - 1, (y, x) not in walls),
                (y, x + 1, (y, x + 1) not in walls),
                (y - 1, x, (y, x) not in floors),
                (y + 1, x, (y + 1, x) not in floors),
            ):
                if is_open and 0 <= ny < rows and 0 <= nx < columns and self._owner[ny][nx] < 0:
                    self._owner[ny][nx] = name
                    queue.append((ny, nx))
        is_whole = fields == (bottom - top + 1) * (right - left + 1)
        is_inside = top > 0 and left > 0 and bottom < rows - 1 and right < columns - 1
        self.regions.append(
            Region(self._xs[left], self._ys[top], self._xs[right + 1], self._ys[bottom + 1], is_whole and is_inside)
        )

    def at(self, x: float, y: float) -> int:
        """Index into ``regions`` of the region that holds a point."""
        column = min(max(bisect_right(self._xs, x) - 1, 0), len(self._xs) - 2)
        row = min(max(bisect_right(self._ys, y) - 1, 0), len(self._ys) - 2)
        return self._owner[row][column]


def _clusters(values: list[float], snap: float) -> list[float]:
    """Sorted positions, those within ``snap`` of the one before merged into it."""
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > snap:
            result.append(value)
    return result if len(result) > 1 else [result[0], result[0] + 1.0]


def _nearest(positions: list[float], value: float) -> int:
    index = bisect_right(positions, value)
    if index == 0:
        return 0
    if index == len(positions):
        return index - 1
    return index if positions[index] - value < value - positions[index - 1] else index - 1
