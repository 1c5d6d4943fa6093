"""Fill the cells of printed tables with runs of numbers whose place the text layer has lost.

A text layer prints a table as *runs*: cells of one row that stood close share a line, the others stand alone, and
the order of the runs follows the page only roughly. ``solve`` looks for the placement of all runs that fits best:
each run may offer several places (a row and a first column) at a cost of its own, neighbours in printed order like
to be neighbours in the table (``Layout.step``), and rules (sums, ratios) add a penalty while they are broken.

The search is a beam: at most ``width`` placements are kept at a time, so that time stays bounded. Where another
placement is nearly as good and fills a cell differently, that cell is not settled (``Solution.settled``).

How to use it::

    layout = Layout.of(((9, 9, 6), (3, 3)))          # two tables: heights of their columns
    runs = [Run((Option(Place(0, 2, 0, 3), 0.0), …), values=(1.0, None, 3.0), gap=2), …]   # in printed order
    rules = [Rule((layout.cell(0, 0, 0), layout.cell(0, 1, 0)), penalty)]   # penalty(values) -> float
    solution = solve(layout, runs, rules)
    solution.places[0]                               # Place of the first run, None = left over
    solution.settled(place, layout)                  # one bool per cell of the run

``values`` are floats, None stands for a printed dash (the cell is taken, but holds nothing).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Layout", "Option", "Place", "Rule", "Run", "Solution", "solve"]

Values = list[float | None]

#: prices of a step from one run to the next in printed order; only their proportions matter
_RIGHT, _DOWN, _RETURN, _NEXT_COLUMN, _JUMP, _OTHER_TABLE = 0.2, 0.2, 0.7, 0.9, 2.0, 1.0
_BLANK, _MISCOUNT = 0.35, 0.7


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
    """Cells printed side by side. ``gap``: single dashes printed between the run before and this one."""

    options: list[Option]
    values: tuple[float | None, ...]
    gap: int = 0
    skip: float = 4.0  # what it costs to leave the run out


@dataclass(slots=True)
class Rule:
    """``penalty(values)`` is asked whenever one of ``cells`` is filled; ``final`` rules only at the end."""

    cells: tuple[int, ...]
    penalty: Callable[[Values], float]
    final: bool = False


@dataclass(slots=True)
class Solution:
    """The best placement. ``places`` is parallel to the runs; ``values`` holds the cells of all tables."""

    places: tuple[Place | None, ...]
    values: Values
    cost: float
    flaws: float = 0.0  # penalties of the broken final rules, and the price of what was left over
    rivals: list[Values] = field(default_factory=list)

    def is_settled(self, cell: int) -> bool:
        """True where no placement of nearly the same cost fills the cell otherwise."""
        value = self.values[cell]
        return all(other[cell] == value for other in self.rivals)


class Layout:
    """Shapes of the tables: for each table the heights of its columns. Steps are priced once and remembered."""

    def __init__(self, tables: tuple[tuple[int, ...], ...]) -> None:
        self.tables = tables
        self._base: list[int] = []
        cells = 0
        for heights in tables:
            self._base.append(cells)
            cells += max(heights, default=0) * len(heights)
        self.cells = cells
        self._steps: dict[tuple[Place, Place, int], float] = {}
        self._masks: dict[Place, tuple[int, tuple[int, ...]]] = {}

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
        known = self._masks.get(place)
        if known is None:
            cells = tuple(self.cell(place.table, row, col) for row, col in place.cells)
            known = self._masks[place] = (sum(1 << cell for cell in cells), cells)
        return known

    def step(self, a: Place, b: Place, gap: int) -> float:
        """Price of printing ``b`` right after ``a`` with ``gap`` dashes between them."""
        key = (a, b, gap)
        price = self._steps.get(key)
        if price is None:
            leaving = Place(a.table, a.below[-1], a.col) if a.below else a
            price = self._steps[key] = self._price(leaving, b, gap)
        return price

    def _price(self, a: Place, b: Place, gap: int) -> float:
        if a.table != b.table:
            return _OTHER_TABLE * (0.5 if b.table > a.table else 1.5) + 0.02 * (b.row + b.col)
        heights = self.tables[a.table]
        last = a.col + a.width - 1
        prices = [_JUMP + 0.15 * gap]
        if b.row == a.row and b.col > last:
            prices.append(_RIGHT + _miscount(b.col - last - 1, gap))
        if b.row > a.row:
            passed = sum(row < height for row in range(a.row + 1, b.row) for height in heights)
            passed += sum(a.row < height for height in heights[last + 1 :]) + b.col
            prices.append(_RETURN + min(1.5, 0.3 * _miscount(passed, gap)))
            if b.col <= last and a.col < b.col + b.width:
                ragged = 0.0 if b.col == a.col else 0.3
                if max(a.width, b.width) > 1:  # the dashes of broken rows between them may be anywhere
                    prices.append(_DOWN + ragged + 0.1 * (b.row - a.row - 1))
                else:
                    prices.append(_DOWN + ragged + _miscount(b.row - a.row - 1, gap))
        if b.col > a.col:
            passed = heights[a.col] - 1 - a.row + b.row + sum(heights[a.col + 1 : b.col])
            far = 0.3 * max(b.col - last - 1, 0)
            prices.append(_NEXT_COLUMN + far + min(1.5, 0.5 * _miscount(passed, gap)))
        return min(prices)


def _miscount(cells: int, dashes: int) -> float:
    """Price of passing ``cells`` cells while ``dashes`` dashes were printed: blanks are cheap, surplus is not."""
    return _BLANK * (cells - dashes) if cells >= dashes else _MISCOUNT * (dashes - cells)


class _State(NamedTuple):
    cost: float
    serial: int
    mask: int
    values: Values
    places: tuple[Place | None, ...]
    broken: tuple[float, ...]


def solve(
    layout: Layout,
    runs: Sequence[Run],
    rules: Sequence[Rule] = (),
    *,
    order: Sequence[int] | None = None,
    width: int = 16,
    branch: int = 12,
    margin: float = 0.6,
) -> Solution:
    """The best placement of ``runs`` found.

    ``order``: in which order the runs are placed (printed order, if not given): what is sure should come first.
    ``width`` bounds the search, ``branch`` how many free places a run tries, ``margin``
    is how much worse a rival may be and still leave a cell unsettled.
    """
    of_cell: dict[int, list[int]] = {}
    for number, rule in enumerate(rules):
        if not rule.final:
            for cell in rule.cells:
                of_cell.setdefault(cell, []).append(number)
    start = _State(0.0, 0, 0, [None] * layout.cells, (None,) * len(runs), (0.0,) * len(rules))
    beam = [start]
    for index in range(len(runs)) if order is None else order:
        beam = _extend(layout, runs, rules, of_cell, beam, index, width, branch)
    closed = sorted(((_price(layout, runs, rules, state), state) for state in beam), key=lambda one: (one[0], one[1].serial))
    cost, best = closed[0]
    flaws = sum(rule.penalty(best.values) for rule in rules if rule.final)
    flaws += sum(run.skip for run, place in zip(runs, best.places, strict=True) if place is None)
    rivals = [state.values for price, state in closed[1:] if price <= cost + margin]
    return Solution(best.places, best.values, cost, flaws, rivals)


def _price(layout: Layout, runs: Sequence[Run], rules: Sequence[Rule], state: _State) -> float:
    """The price of a finished placement, whatever the order it was found in."""
    price = sum(rule.penalty(state.values) for rule in rules)
    before: Place | None = None
    gap = 0
    for run, place in zip(runs, state.places, strict=True):
        gap += run.gap
        if place is None:
            price += run.skip
            gap += len(run.values)
            continue
        price += next(option.cost for option in run.options if option.place == place)
        price += layout.step(before, place, gap) if before else _entry(place)
        before, gap = place, 0
    return price


def _entry(place: Place) -> float:
    """What it costs the first run of all to stand elsewhere than in the first cell."""
    return 0.5 * _BLANK * (place.row + place.col)


def _extend(
    layout: Layout,
    runs: Sequence[Run],
    rules: Sequence[Rule],
    of_cell: dict[int, list[int]],
    beam: list[_State],
    index: int,
    width: int,
    branch: int,
) -> list[_State]:
    """All placements of the beam with run ``index`` added, cut to the ``width`` best."""
    run = runs[index]
    moves: dict[tuple[Place | None, int, Place | None, int], list[tuple[float, Place]]] = {}
    grown: dict[tuple[object, ...], _State] = {}
    serial = 0
    for state in beam:
        key = (*_neighbour(runs, state.places, index, -1), *_neighbour(runs, state.places, index, 1))
        if key not in moves:
            moves[key] = _moves(layout, run, *key)
        serial += 1
        left_out = _State(state.cost + run.skip, serial, state.mask, state.values, state.places, state.broken)
        _keep(grown, left_out, None)
        left = branch
        for price, place in moves[key]:
            mask, cells = layout.covered(place)
            if mask & state.mask:
                continue
            if not left:
                break
            left -= 1
            values = state.values.copy()
            touched: set[int] = set()
            for cell, value in zip(cells, run.values, strict=True):
                if value is not None:
                    values[cell] = value
                    touched.update(of_cell.get(cell, ()))
            cost, broken = state.cost + price, state.broken
            if touched:
                changed = list(broken)
                for number in touched:
                    changed[number] = rules[number].penalty(values)
                    cost += changed[number] - broken[number]
                broken = tuple(changed)
            serial += 1
            places = (*state.places[:index], place, *state.places[index + 1 :])
            _keep(grown, _State(cost, serial, state.mask | mask, values, places, broken), place)
    return heapq.nsmallest(width, grown.values(), key=lambda state: (state.cost, state.serial))


def _keep(grown: dict[tuple[object, ...], _State], state: _State, place: Place | None) -> None:
    """Of placements that read the same and stand at the same point only the cheapest goes on."""
    key = (place, *state.values)
    known = grown.get(key)
    if known is None or state.cost < known.cost:
        grown[key] = state


def _neighbour(runs: Sequence[Run], places: tuple[Place | None, ...], index: int, way: int) -> tuple[Place | None, int]:
    """The nearest run that has a place, and how many cells were printed between it and run ``index``."""
    between = 0
    at = index
    while True:
        between += runs[at].gap if way < 0 else 0
        at += way
        if not 0 <= at < len(runs):
            return None, between
        between += runs[at].gap if way > 0 else 0
        place = places[at]
        if place is not None:
            return place, between
        between += len(runs[at].values)


def _moves(
    layout: Layout, run: Run, before: Place | None, gap: int, after: Place | None, gap_after: int
) -> list[tuple[float, Place]]:
    """Places for a run between two neighbours, cheapest first."""
    priced = []
    for place, cost, hope in run.options:
        price = cost
        if before is not None:
            price += layout.step(before, place, gap)
        else:
            price += _entry(place)
        if after is not None:
            price += layout.step(place, after, gap_after)
        priced.append((price - hope, price, place))
    priced.sort()
    return [(price, place) for _, price, place in priced]
