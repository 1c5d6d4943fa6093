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


class Walk:
    """Depth first along all printed orders at once; cells are numbered row by row and tried column by column.

    ``leaves``: every reading found, with the price of its cells and its whole price. ``nodes``: steps left to go;
    ``least``: no reading that was passed over costs less than this.
    """

    def __init__(
        self, grid: Grid, tokens: Sequence[Token], prices: Prices, after: tuple[tuple[int, ...], ...], margin: float
    ) -> None:
        self.grid, self.tokens, self.prices, self.after, self.margin = grid, tokens, prices, after, margin
        self.cells, self.cols, self.zones = grid.cells, grid.cols, grid.zones
        self.floor = prices.least_blanks(len(grid.cells) - len(tokens) - len(grid.optional))
        self.counted = [cell not in grid.optional for cell in grid.cells]
        self.closed = [cell in grid.closed for cell in grid.cells]
        self.place = prices.place
        self.steps = [prices.steps(i) for i in range(len(tokens))]
        rest = range(len(tokens) + 1)
        self.needed = [sum(not token.loose for token in tokens[i:]) for i in rest]
        self.numbers = [sum(token.number is not None for token in tokens[i:]) for i in rest]
        self.held: list[float | None] = [None] * len(grid.cells)
        self.taken: list[Cell | None] = []
        self.leaves: dict[tuple[Cell | None, ...], tuple[float, float]] = {}
        self.nodes, self.least, self.room, self.swapped = 0, math.inf, 0.0, False

    def run(self, orders: int, room: float, price: float = 0.0) -> None:
        """All readings in these orders that cost no more than ``room`` (and no more than the best and its rivals)."""
        self.room, self.swapped = room, price > 0.0
        if not self.swapped:
            self.least = math.inf
        rows, cols = self.grid.rows, self.cols
        self._go(0, orders, -1, -1, [row * cols + col for col in range(cols) for row in range(rows)], price, 0.0, 0, 0)

    def _go(self, i: int, orders: int, last: int, before: int, alive: Sequence[int], cost: float,
            blank: float, columns: int, early: int) -> None:  # fmt: skip
        """Token ``i`` after cell ``last``; ``before`` is the cell of the token before, or -1.

        ``blank`` is what the cells cost that no order has any more, ``columns`` are theirs and ``early`` the rows
        that hold a number they cannot hold, as bits.
        """
        if i == len(self.tokens):
            self._arrive(cost)
            return
        self.nodes -= 1
        if self.nodes < 0:
            return
        after, cols, closed, counted = self.after[last], self.cols, self.closed, self.counted
        live, spare, wanted = [], 0, 0
        for cell in alive:
            if cell == last:
                continue
            rest = orders & after[cell]
            if rest:
                live.append((cell, rest))
                spare += closed[cell]
                wanted += counted[cell]
            elif counted[cell]:
                column = 1 << cell % cols
                blank += NEXT_BLANK if columns & column else self.prices.first_blank[cell % cols]
                columns |= column
        if len(live) < self.needed[i]:
            return
        ahead = max(blank + NEXT_BLANK * max(wanted - self.needed[i], 0), self.floor)
        squeezed = self.numbers[i] - len(live) + spare  # so many numbers have only cells that cannot hold one
        least = cost + ahead + ((FORBIDDEN if not early else FORBIDDEN - REPEATED) if squeezed > 0 else 0.0)
        if least > self.room:
            self.least = min(self.least, least)
            return
        token, place, (down, across), held = self.tokens[i], self.place[i], self.steps[i], self.held
        beside = before if i and self.tokens[i - 1].line == token.line else -1
        free = [cell for cell, _ in live]
        for cell, rest in live:
            row, col = divmod(cell, cols)
            # values of one line stand in one row, from left to right
            if (token.row >= 0 and row != token.row) or (
                beside >= 0 and (row != beside // cols or col <= beside % cols)
            ):
                continue
            price, rows = cost + place[cell], early
            if before >= 0:
                if before % cols == col:
                    price += down
                elif before // cols == row and before < cell and self.zones[col] != "final":
                    price += across
            if token.number is not None:
                if closed[cell]:  # a row that breaks the rule breaks it once
                    price -= REPEATED if early >> row & 1 else 0.0
                    rows |= 1 << row
                held[cell] = token.number
                price += self.prices.wrong_ratio(held, col)
            if price + ahead <= self.room:
                self.taken.append(self.cells[cell])
                self._go(i + 1, rest, cell, cell, free, price, blank, columns, rows)
                self.taken.pop()
            else:
                self.least = min(self.least, price + ahead)
            held[cell] = None
        if token.loose:
            self.taken.append(None)
            self._go(i + 1, orders, last, -1, free, cost + LOOSE, blank, columns, early)
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
