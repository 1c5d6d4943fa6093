"""All readings of a table's values that some printed order allows, up to a price: a walk through its cells.

Each value takes a cell that comes after the last one in one of the orders still possible (``indicators_orders``);
the walk turns back where what the rest must cost at least is too dear.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from toolkit.readers.text_layer.indicators_orders import Cell, stands_lower
from toolkit.readers.text_layer.indicators_prices import FORBIDDEN, LOOSE, NEXT_BLANK, REPEATED, Grid, Prices, Token

__all__ = ["Walk"]

#: sums of the same prices may differ by so much
_ROUNDING = 1e-9
#: cells that cannot hold a number and cells that must not stay blank are counted in one sum: this is one of the latter
_COUNTED = 64


class Walk:
    """Depth first along all printed orders at once; cells are numbered row by row and tried column by column.

    ``leaves``: every reading found, with the price of its cells and its whole price. ``nodes``: steps left to go;
    ``least``: no reading that was passed over costs less than this.
    """

    def __init__(
        self, grid: Grid, tokens: Sequence[Token], prices: Prices, after: tuple[tuple[int, ...], ...], margin: float
    ) -> None:
        self.grid, self.tokens, self.prices, self.after, self.margin = grid, tokens, prices, after, margin
        self.floor = prices.least_blanks(len(grid.cells) - len(tokens) - len(grid.optional))
        counted = [cell not in grid.optional for cell in grid.cells]
        self.closed = [cell in grid.closed for cell in grid.cells]
        #: row and column of a cell, and whether the heading of its column comes late
        self.cells = [(row, col, grid.zones[col] == "final") for row, col in grid.cells]
        #: a bit for the column of a cell, and what it costs there to stay blank; None where it may
        self.blank = [(1 << col, prices.first_blank[col]) if own else None
                      for (_, col), own in zip(grid.cells, counted, strict=True)]  # fmt: skip
        self.weight = [shut + _COUNTED * own for shut, own in zip(self.closed, counted, strict=True)]
        self.ratios = [
            tuple(row * grid.cols + col for row in grid.ratio) if grid.ratio else () for _, col in grid.cells
        ]
        self.place = prices.place
        self.steps = [prices.steps(i) for i in range(len(tokens))]
        #: how many values from each one on need a cell, and how many numbers there are
        self.needed, self.numbers = [0], [0]
        for token in reversed(tokens):
            self.needed.insert(0, self.needed[0] + (not token.loose))
            self.numbers.insert(0, self.numbers[0] + (token.number is not None))
        self.held: list[float | None] = [None] * len(grid.cells)
        self.taken: list[Cell | None] = []
        self.leaves: dict[tuple[Cell | None, ...], tuple[float, float]] = {}
        self.nodes, self.least, self.room, self.swapped = 0, math.inf, 0.0, False

    def run(self, orders: int, room: float, price: float = 0.0) -> None:
        """All readings in these orders that cost no more than ``room`` (and no more than the best and its rivals)."""
        self.room, self.swapped = room, price > 0.0
        if not self.swapped:
            self.least = math.inf
        cells = [(row * self.grid.cols + col, 0) for col in range(self.grid.cols) for row in range(self.grid.rows)]
        self._go(0, orders, -1, -1, cells, price, 0.0, 0, 0)

    def _go(self, i: int, orders: int, last: int, before: int, alive: Sequence[tuple[int, int]], cost: float,
            blank: float, columns: int, early: int) -> None:  # fmt: skip
        """Token ``i`` after cell ``last``; ``before`` is the cell of the token before, or -1.

        ``alive`` are the cells that some order has after that, each with these orders; ``blank`` is what the cells cost that no order has any more, ``columns`` are theirs and ``early`` the rows
        that hold a number they cannot hold, as bits.
        """
        if i == len(self.tokens):
            self._arrive(cost)
            return
        self.nodes -= 1
        if self.nodes < 0:
            return
        after, weight, live, weights = self.after[last], self.weight, [], 0
        for cell, _ in alive:
            rest = orders & after[cell]
            if rest:
                live.append((cell, rest))
                weights += weight[cell]
            elif cell != last and (empty := self.blank[cell]):
                blank += NEXT_BLANK if columns & empty[0] else empty[1]
                columns |= empty[0]
        needed, token = self.needed[i], self.tokens[i]
        if len(live) < needed:
            return
        ahead = max(blank + NEXT_BLANK * max(weights // _COUNTED - needed, 0), self.floor)
        # so many numbers have only cells that cannot hold one
        squeezed = self.numbers[i] > len(live) - weights % _COUNTED
        least = cost + ahead + ((FORBIDDEN if not early else FORBIDDEN - REPEATED) if squeezed else 0.0)
        if least > self.room:
            self.least = min(self.least, least)
            return
        place, (down, across), held, closed = self.place[i], self.steps[i], self.held, self.closed
        number, own_row = token.number, token.row
        last_row, last_col, _ = self.cells[before] if before >= 0 else (-1, -1, False)
        beside = before >= 0 and i > 0 and self.tokens[i - 1].line == token.line
        for cell, rest in live:
            row, col, late = self.cells[cell]
            # values of one line stand in one row, from left to right
            if (own_row >= 0 and row != own_row) or (beside and (row != last_row or col <= last_col)):
                continue
            price, rows = cost + place[cell], early
            if col == last_col:
                price += down
            elif row == last_row and before < cell and not late:
                price += across
            if number is not None:
                if closed[cell]:  # a row that breaks the rule breaks it once
                    price -= REPEATED if early >> row & 1 else 0.0
                    rows |= 1 << row
                held[cell] = number
                if ratio := self.ratios[cell]:
                    price += self.prices.wrong_ratio(*map(held.__getitem__, ratio))
            if price + ahead <= self.room:
                self.taken.append((row, col))
                self._go(i + 1, rest, cell, cell, live, price, blank, columns, rows)
                self.taken.pop()
            else:
                self.least = min(self.least, price + ahead)
            held[cell] = None
        if token.loose:
            self.taken.append(None)
            self._go(i + 1, orders, last, -1, live, cost + LOOSE, blank, columns, early)
            self.taken.pop()

    def _arrive(self, cost: float) -> None:
        """All values have a place: price what stayed blank and keep the reading."""
        cells = tuple(self.taken)
        if self.swapped and not stands_lower(cells):
            return
        cost += self.prices.blanks(self.prices.bits(cells))
        if cost > self.room:
            self.least = min(self.least, cost)
            return
        whole = cost + self.prices.arithmetic(cells, ratios_paid=True)[0] + self.prices.series(cells)
        if cells not in self.leaves or cost < self.leaves[cells][0]:
            self.leaves[cells] = (cost, whole)
        self.room = min(self.room, whole + self.margin - _ROUNDING)
