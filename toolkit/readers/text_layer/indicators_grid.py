"""Put the printed values of one indicator's table into its cells.

The table is a small known grid: rows are measures, columns fiscal years. Which of the possible printed orders it
was (``indicators_orders``), and which cells are blank, is decided by what the form allows (no actual value for a
year that is not over), by the labels that share a line with their values and by the arithmetic of the sheet
(achievement = actual / target); ``indicators_prices`` weighs them. What several readings of about the same price
fill differently is not settled.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from toolkit.readers.text_layer.indicators_orders import Cell, orders_of
from toolkit.readers.text_layer.indicators_prices import Grid, Prices, Token, columns_of, fillings_of
from toolkit.readers.text_layer.indicators_walk import Walk

__all__ = ["Filled", "solve"]

#: a reading this much dearer than the best one still leaves a cell open
_MARGIN = 0.9
#: a table that can only be read at this price or more holds values of another one
_DOUBTFUL = 2.4
#: a column printed before the one left of it
_SWAP = 0.35
#: bounds of the two searches; beyond them the best reading so far is unsettled
_NODES, _WAYS = 2500, 80
#: sums of the same prices may differ by so much
_ROUNDING = 1e-9
#: readings by order are searched up to this price first, then so much further
_FIRST_ROOM, _MORE_ROOM = 0.8, 0.8


@dataclass(slots=True)
class Filled:
    """The best reading: a cell per token (None = left over), open cells, and the columns its arithmetic confirms."""

    cells: list[Cell | None]
    unsettled: set[Cell] = field(default_factory=set)
    confirmed: set[int] = field(default_factory=set)
    cost: float = 0.0


def solve(grid: Grid, tokens: Sequence[Token], row_order: Sequence[int], limit: float = math.inf) -> Filled:
    """The best reading of ``tokens`` (in printed order). ``row_order`` is the order in which the row labels are printed.

    Where it costs more than ``limit`` the search may stop with another one that does, or with none; where there is
    none at all, its cost is infinite.
    """
    if not any(token.number is not None for token in tokens):  # dashes only: any cells will do
        return Filled([*grid.cells, *[None] * len(tokens)][: len(tokens)])
    rows = [token.row for token in tokens if not token.loose]
    beside = rows.count(-1) <= 2 and max(map(rows.count, range(grid.rows))) <= grid.cols
    if not beside and len(rows) > len(grid.cells):
        return Filled([None] * len(tokens), cost=math.inf)
    search = _Search(grid, tokens, limit)
    free = [i for i, token in enumerate(tokens) if token.row < 0 and not token.loose]
    by_label = beside and not any(tokens[i].number is not None for i in free)
    years = grid.years * grid.rows
    if not by_label and sum(token.number is not None for token in tokens) < years:
        search.margin = 0.0  # the order alone cannot tell which year is blank: rivals say no more
    if beside:
        search.by_rows(free)
    else:
        search.by_order(row_order)
    return search.result(by_label=by_label)


class _Search:
    """All readings found so far, with their prices."""

    def __init__(self, grid: Grid, tokens: Sequence[Token], limit: float) -> None:
        self.grid, self.tokens, self.prices = grid, tokens, Prices(grid, tokens)
        self.found: dict[tuple[Cell | None, ...], float] = {}
        self.best, self.limit = math.inf, limit
        self.nodes, self.done, self.is_whole = _NODES, False, True
        self.margin = _MARGIN

    @property
    def bound(self) -> float:
        """Once nothing cheaper than this is left, the search is over: there is no further rival, or no best one."""
        return self.best + self.margin if self.best <= self.limit else min(self.best + self.margin, self.limit)

    # -- rows known from their labels
    def by_rows(self, free: list[int]) -> None:
        """Values that share a line with their label: only the columns are open, and the few free values."""
        grid, tokens, prices = self.grid, self.tokens, self.prices
        rows = [[i for i, token in enumerate(tokens) if token.row == row][: grid.cols] for row in range(grid.rows)]
        joined = {a.row for a, b in itertools.pairwise(tokens) if a.row == b.row and a.line == b.line}
        ways: list[tuple[float, int, tuple[tuple[int, ...], ...]]] = [(0.0, 0, ())]
        for row, members in enumerate(rows):
            beside = tuple([tokens[a].line == tokens[b].line for a, b in itertools.pairwise(members)])
            options = columns_of(grid, row, tuple([prices.kinds[i] for i in members]), beside, row in joined)
            ways = [(cost + more, taken | cells, (*parts, columns))
                    for cost, taken, parts in ways for more, columns, cells in options]  # fmt: skip
        kinds = tuple([prices.kinds[i] for i in free])
        for least, cost, taken, parts in self._cheapest(ways, len(grid.counted) - sum(map(len, rows)), len(free)):
            if least > self.bound:
                self.is_whole = False
                return
            fillings = fillings_of(grid, kinds, taken)
            bound = self.bound
            if cost + fillings[0][0] > bound + _ROUNDING:
                continue
            cells: list[Cell | None] = [None] * len(tokens)
            for row, (columns, members) in enumerate(zip(parts, rows, strict=True)):
                for i, col in zip(members, columns, strict=True):
                    cells[i] = (row, col)
            kept: list[tuple[int, tuple[Cell | None, ...], float]] = []
            for floor, number, blank, choice in fillings:
                if cost + floor > bound + _ROUNDING:
                    break
                for i, cell in zip(free, choice, strict=True):
                    cells[i] = cell
                price = cost + blank + sum([prices.join(cells, i) for i in free])
                if price <= bound:
                    price += prices.whole(cells, limit=self.best + self.margin - price)
                    self.best = min(self.best, price)
                    kept.append((number, tuple(cells), price))
                    bound = self.bound
            # of equally good readings the first in the order of the cells counts
            self.found |= {reading: price for _, reading, price in sorted(kept)}

    def _cheapest(
        self, ways: list[tuple[float, int, tuple[tuple[int, ...], ...]]], blank: int, free: int
    ) -> Iterator[tuple[float, float, int, tuple[tuple[int, ...], ...]]]:
        """The first ways by what each will cost at least; what stays ``blank`` is priced only where it may matter."""
        gain = free * max(self.grid.first_blank)  # no value saves more than the one blank cell of a column
        floor = max(0.0, self.prices.least_blanks(blank) - gain) - _ROUNDING
        order = sorted(range(len(ways)), key=[cost for cost, _, _ in ways].__getitem__)
        heap: list[tuple[float, int]] = []
        at, blanks = 0, self.grid.blanks
        for _ in range(min(_WAYS, len(ways))):
            while at < len(order) and (not heap or ways[order[at]][0] + floor <= heap[0][0]):
                cost, taken, _ = ways[order[at]]
                heapq.heappush(heap, (cost + max(0.0, blanks[taken] - gain), order[at]))
                at += 1
            least, way = heapq.heappop(heap)
            cost, taken, parts = ways[way]
            yield least, cost, taken, parts

    # -- rows known from the printed order
    def by_order(self, row_order: Sequence[int]) -> None:
        """Values in cells one after the other, as long as some printed order has them so: what that skips is blank.

        Readings are searched up to a price that grows until the best one and its rivals must be among them.
        """
        orders = orders_of(self.grid.rows, self.grid.cols, tuple(row_order))
        walk = Walk(self.grid, self.tokens, self.prices, orders, self.margin)
        room = walk.floor + _FIRST_ROOM
        while True:
            walk.nodes = _NODES
            walk.run(orders.plain, min(room, self.bound))
            walk.run(orders.swapped, min(walk.room, self.bound), _SWAP)
            self.nodes = walk.nodes
            self._replay(walk.leaves)
            self.is_whole = walk.nodes >= 0 and walk.least == math.inf
            if self.done or max(room, walk.least - _ROUNDING) >= self.bound or walk.nodes < 0:
                return
            room = self.bound if self.found else max(room + _MORE_ROOM, walk.least)

    def _replay(self, leaves: dict[tuple[Cell | None, ...], tuple[float, float]]) -> None:
        """Readings in the order of what their cells cost: where the arithmetic confirms one, the dearer ones are no rivals."""
        for cells, (base, cost) in sorted(leaves.items(), key=lambda leaf: leaf[1]):
            if base > self.best + self.margin:
                return
            self.found[cells] = cost
            self.best = min(self.best, cost)
            if self.grid.ratio is not None and base <= 0.5 and cost <= 0.8:
                rows = self.prices.rows(cells)
                confirmed = self.prices.arithmetic(rows)[1]
                columns = {tuple([row[col] for row in rows]) for col in confirmed}
                if len(confirmed) >= 2 and len(columns) == len(confirmed):  # nothing else can agree so well
                    self.done = True
                    return

    # -- the outcome
    def result(self, *, by_label: bool) -> Filled:
        """The cheapest reading, and what others of about its price leave open."""
        if not self.found:
            return Filled([None] * len(self.tokens), cost=math.inf if self.is_whole else self.limit)
        best = min(self.found, key=lambda cells: self.found[cells])
        confirmed = self.prices.arithmetic(self.prices.rows(best))[1]
        filled = Filled(list(best), confirmed=confirmed, cost=self.found[best])
        content = self._content(best)
        for rival, cost in self.found.items():
            if rival != best and cost <= filled.cost + _MARGIN:
                filled.unsettled |= self._open(best, content, rival)
        for row in {cell[0] for cell in content if cell in self.grid.closed}:  # not a row as the form has it
            filled.unsettled |= self._row(row)
        if self.grid.ratio:  # an achievement of nothing may be the value of another row
            a, t, p = self.grid.ratio
            filled.unsettled |= {
                (p, col) for row, col in content if row == p and not {(a, col), (t, col)} <= content.keys()
            }
        blank = any(self.grid.zones[cell[1]] == "year" for cell in self.grid.cells if cell not in content)
        if self.nodes < 0 or (not by_label and (blank or filled.cost > _DOUBTFUL)):  # the order alone cannot tell which
            filled.unsettled |= {cell for cell in best if cell is not None}
        return filled

    def _open(self, best: Sequence[Cell | None], content: dict[Cell, float], rival: Sequence[Cell | None]) -> set[Cell]:
        """Cells that two readings fill differently; all of a row where its values stand in other columns."""
        other = self._content(rival)
        found = {cell for cell, _ in content.items() ^ other.items()}
        for mine, theirs, number in zip(best, rival, self.prices.numbers, strict=True):
            moved = mine != theirs and number is not None
            if (
                moved
                and mine
                and theirs
                and mine[0] == theirs[0]
                and not other.get(mine) == number == content.get(theirs)
            ):
                found |= self._row(mine[0])
        return found

    def _row(self, row: int) -> set[Cell]:
        return {(row, col) for col in range(self.grid.cols)}

    def _content(self, cells: Sequence[Cell | None]) -> dict[Cell, float]:
        return {
            cell: number
            for cell, number in zip(cells, self.prices.numbers, strict=True)
            if cell is not None and number is not None
        }
