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

from toolkit.readers.text_layer.indicators_orders import Cell, Walk, stands_lower, walks
from toolkit.readers.text_layer.indicators_prices import LOOSE, Grid, Prices, Token

__all__ = ["Filled", "solve"]

#: least cost to the end, -values placed, serial, orders left, cells left, cells of the values, numbers by cell,
#: blanks by column, swapped, cost so far, of it for blanks
_State = tuple[
    float, int, int, Walk, int, tuple[Cell | None, ...], tuple[float | None, ...], tuple[int, ...], bool, float, float
]

#: a reading this much dearer than the best one still leaves a cell open
_MARGIN = 0.9
#: a table that can only be read at this price or more holds values of another one
_DOUBTFUL = 2.4
#: a column printed before the one left of it
_SWAP = 0.35
#: bounds of the two searches; beyond them the best reading so far is unsettled
_NODES, _WAYS = 2500, 80


@dataclass(slots=True)
class Filled:
    """The best reading: a cell per token (None = left over), open cells, and the columns its arithmetic confirms."""

    cells: list[Cell | None]
    unsettled: set[Cell] = field(default_factory=set)
    confirmed: set[int] = field(default_factory=set)
    cost: float = 0.0


def solve(grid: Grid, tokens: Sequence[Token], row_order: Sequence[int], limit: float = math.inf) -> Filled:
    """The best reading of ``tokens`` (in printed order). ``row_order`` is the order in which the row labels are printed.

    Where it costs more than ``limit`` the search may stop with another one that does, or with none.
    """
    if not any(token.number is not None for token in tokens):  # dashes only: any cells will do
        return Filled([*grid.cells, *[None] * len(tokens)][: len(tokens)])
    search = _Search(grid, tokens, limit)
    free = [i for i, token in enumerate(tokens) if token.row < 0 and not token.loose]
    fits = all(sum(token.row == row and not token.loose for token in tokens) <= grid.cols for row in range(grid.rows))
    if len(free) <= 2 and fits:
        search.by_rows(free)
        return search.result(by_label=not any(tokens[i].number is not None for i in free))
    search.by_order(row_order)
    return search.result(by_label=False)


class _Search:
    """All readings found so far, with their prices."""

    def __init__(self, grid: Grid, tokens: Sequence[Token], limit: float) -> None:
        self.grid, self.tokens, self.prices = grid, tokens, Prices(grid, tokens)
        self.found: dict[tuple[Cell | None, ...], float] = {}
        self.best, self.limit = math.inf, limit
        self.nodes, self.done, self.floor = _NODES, False, 0.0

    def _keep(self, cells: tuple[Cell | None, ...], cost: float, *, ratios_paid: bool = False) -> None:
        cost += self.prices.whole(cells, ratios_paid=ratios_paid, limit=self.best + _MARGIN - cost)
        if cost < self.found.get(cells, math.inf):
            self.found[cells] = cost
            self.best = min(self.best, cost)

    @property
    def bound(self) -> float:
        """Once nothing cheaper than this is left, the search is over: there is no further rival, or no best one."""
        return self.best + _MARGIN if self.best <= self.limit else min(self.best + _MARGIN, self.limit)

    # -- rows known from their labels
    def by_rows(self, free: list[int]) -> None:
        """Values that share a line with their label: only the columns are open, and the few free values."""
        rows = [
            [i for i, token in enumerate(self.tokens) if token.row == row][: self.grid.cols]
            for row in range(self.grid.rows)
        ]
        unpaid = [0] * self.grid.cols
        ways = []
        for parts in itertools.product(*(self._columns(row, members) for row, members in enumerate(rows))):
            taken = {(row, col) for row, (_, columns) in enumerate(parts) for col in columns}
            cost = sum([part[0] for part in parts])
            ways.append((cost + max(0.0, self.prices.blanks(taken, unpaid) - 1.2 * len(free)), cost, parts))
        ways.sort(key=lambda way: way[0])
        for least, cost, parts in ways[:_WAYS]:
            if least > self.bound:
                return
            cells: list[Cell | None] = [None] * len(self.tokens)
            for row, ((_, columns), members) in enumerate(zip(parts, rows, strict=True)):
                for i, col in zip(members, columns, strict=True):
                    cells[i] = (row, col)
            for filled in self._with_free(cells, free):
                price = cost + sum(self.prices.join(filled, i) for i in free)
                if price <= self.best + _MARGIN:
                    price += self.prices.blanks(set(filled), unpaid)
                    if price <= self.best + _MARGIN:
                        self._keep(tuple(filled), price)

    def _columns(self, row: int, members: list[int]) -> list[tuple[float, tuple[int, ...]]]:
        """Where the values of one row may stand, with the price; only the ways that are not hopeless."""
        joined = any(a.row == b.row == row and a.line == b.line for a, b in itertools.pairwise(self.tokens))
        found = []
        for columns in itertools.combinations(range(self.grid.cols), len(members)):
            cost = 0.0
            for place, (i, col) in enumerate(zip(members, columns, strict=True)):
                cost += self.prices.place[i][row, col]
                if place:
                    gap = col - columns[place - 1] - 1
                    same_line = self.tokens[members[place - 1]].line == self.tokens[i].line
                    cost += 0.3 * gap if same_line else 0.2 * (gap == 0 and joined)
            blank = sum(self.prices.blank((row, col), 0) for col in range(self.grid.cols) if col not in columns)
            found.append((cost + blank, cost, columns))
        found.sort()
        return [(cost, columns) for price, cost, columns in found[:8] if price <= found[0][0] + 1.6]

    def _with_free(self, cells: list[Cell | None], free: list[int]) -> Iterator[list[Cell | None]]:
        """Every way to put the free values into what the rows leave open."""
        places: list[Cell | None] = [*(cell for cell in self.grid.cells if cell not in cells), *[None] * len(free)]
        for choice in dict.fromkeys(itertools.permutations(places, len(free))):
            filled = cells.copy()
            for i, cell in zip(free, choice, strict=True):
                filled[i] = cell
            yield filled

    # -- rows known from the printed order
    def by_order(self, row_order: Sequence[int]) -> None:
        """Walk along all printed orders at once, cheapest reading first: each cell takes the next value or stays blank."""
        count, cols, size = len(self.tokens), self.grid.cols, self.grid.rows * self.grid.cols
        needed = [sum(not token.loose for token in self.tokens[i:]) for i in range(count + 1)]
        self.floor = self.prices.least_blanks(size - count - len(self.grid.optional))
        serial = itertools.count()
        plain, swapped = walks(self.grid.rows, cols, tuple(row_order))
        heap: list[_State] = [
            (0.0, 0, next(serial), plain, size, (), (None,) * size, (0,) * cols, False, 0.0, 0.0),
            (0.0, 0, next(serial), swapped, size, (), (None,) * size, (0,) * cols, True, _SWAP, 0.0),
        ]
        while heap and not self.done:
            state = heapq.heappop(heap)
            depth = -state[1]
            if state[0] > self.bound or self.nodes < (0 if self.found else -_NODES):
                break
            self.nodes -= 1
            if depth == count:
                self._arrive(state)
            else:
                limit = min(self.best, self.limit) + _MARGIN  # rivals of a best one yet to be found are needed too
                for child in self._children(state, depth, needed[depth], serial):
                    if child[0] <= limit:
                        heapq.heappush(heap, child)

    def _children(self, state: _State, i: int, needed: int, serial: Iterator[int]) -> Iterator[_State]:
        """The next value in one of the cells that may come next, or one of these cells blank.

        ``needed`` values from here on must have a cell.
        """
        _, depth, _, walk, left, cells, held, empty, swap, cost, paid = state
        token, ahead, places, optional = (
            self.tokens[i],
            max(0.0, self.floor - paid),
            self.prices.place[i],
            self.grid.optional,
        )
        last = cells[-1] if cells else None
        fixed = last if i and self.tokens[i - 1].line == token.line else None
        for cell, rest in walk.items():
            row, col = cell
            # values of one line stand in one row, from left to right
            if (token.row < 0 or token.row == row) and (fixed is None or (fixed[0] == row and fixed[1] < col)):
                price = cost + places[cell] + self.prices.step(i, last, cell)
                now = held
                if token.number is not None:
                    at = row * self.grid.cols + col
                    now = (*held[:at], token.number, *held[at + 1 :])
                    price += self.prices.wrong_ratio(now, col)
                done = (*cells, cell)
                yield price + ahead, depth - 1, next(serial), rest, left - 1, done, now, empty, swap, price, paid
            if needed < left:
                extra, seen = 0.0, empty
                if cell not in optional:
                    extra = self.prices.blank(cell, empty[col])
                    seen = (*empty[:col], empty[col] + 1, *empty[col + 1 :])
                price, owed = cost + extra, paid + extra
                least = price + max(0.0, self.floor - paid - extra)
                yield least, depth, next(serial), rest, left - 1, cells, held, seen, swap, price, owed
        if token.loose:
            price, done = cost + LOOSE, (*cells, None)
            yield price + ahead, depth - 1, next(serial), walk, left, done, held, empty, swap, price, paid

    def _arrive(self, state: _State) -> None:
        """All values have a place: price what stayed blank and keep the reading."""
        cells, empty, swap, cost = state[5], state[7], state[8], state[9]
        if swap and not stands_lower(cells):
            return
        cost += self.prices.blanks(set(cells), empty)
        if cost > self.best + _MARGIN:
            return
        self._keep(cells, cost, ratios_paid=True)
        if self.grid.ratio is not None and cost <= 0.5 and self.found[cells] <= 0.8:
            confirmed = self.prices.arithmetic(cells)[1]
            content = self._content(cells)
            columns = {tuple(content.get((row, col)) for row in range(self.grid.rows)) for col in confirmed}
            self.done = len(confirmed) >= 2 and len(columns) == len(confirmed)  # nothing else can agree so well

    # -- the outcome
    def result(self, *, by_label: bool) -> Filled:
        """The cheapest reading, and what others of about its price leave open."""
        if not self.found:
            return Filled([None] * len(self.tokens), cost=math.inf)
        best = min(self.found, key=lambda cells: self.found[cells])
        filled = Filled(list(best), cost=self.found[best], confirmed=self.prices.arithmetic(best)[1])
        content = self._content(best)
        for rival, cost in self.found.items():
            if rival != best and cost <= filled.cost + _MARGIN:
                filled.unsettled |= self._open(best, rival)
        for row in {cell[0] for cell in content if cell in self.grid.closed}:  # not a row as the form has it
            filled.unsettled |= self._row(row)
        if self.grid.ratio:  # an achievement of nothing may be the value of another row
            a, t, p = self.grid.ratio
            filled.unsettled |= {
                (p, col) for row, col in content if row == p and not {(a, col), (t, col)} <= content.keys()
            }
        blank = any(self.grid.zones[cell[1]] == "year" for cell in self.grid.cells if cell not in content)
        if self.nodes < 0 or (not by_label and (blank or filled.cost > _DOUBTFUL)):  # the order alone cannot tell which
            filled.unsettled |= set(content)
        return filled

    def _open(self, best: Sequence[Cell | None], rival: Sequence[Cell | None]) -> set[Cell]:
        """Cells that two readings fill differently; all of a row where its values stand in other columns."""
        content, other = self._content(best), self._content(rival)
        found = {cell for cell in content.keys() | other.keys() if content.get(cell) != other.get(cell)}
        for mine, theirs, token in zip(best, rival, self.tokens, strict=True):
            moved = mine and theirs and mine[0] == theirs[0] and mine != theirs and token.number is not None
            if mine and theirs and moved and (other.get(mine) != token.number or content.get(theirs) != token.number):
                found |= self._row(mine[0])
        return found

    def _row(self, row: int) -> set[Cell]:
        return {(row, col) for col in range(self.grid.cols)}

    def _content(self, cells: Sequence[Cell | None]) -> dict[Cell, float]:
        return {
            cell: token.number
            for cell, token in zip(cells, self.tokens, strict=True)
            if cell is not None and token.number is not None
        }
