"""All readings of a table's values that some printed order allows, up to a price: a walk through its cells.

Each value takes a cell that comes after the last one in one of the orders still possible (``indicators_orders``);
the walk turns back where what the rest must cost at least is too dear.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from toolkit.readers.text_layer.indicators_orders import Cell, Orders, following, stands_lower
from toolkit.readers.text_layer.indicators_prices import FORBIDDEN, LOOSE, NEXT_BLANK, REPEATED, Grid, Prices, Token

__all__ = ["Walk"]

#: sums of the same prices may differ by so much
_ROUNDING = 1e-9


def _may(grid: Grid, tokens: Sequence[Token]) -> list[int]:
    """The cells in which each value may stand, as bits: those of one line stand in one row, from left to right.

    A row that needs all its cells for the values beside its label has none for others.
    """
    cols, row = grid.cols, (1 << grid.cols) - 1
    lines = [
        list(own)
        for _, own in groupby(range(len(tokens)), key=lambda i: (tokens[i].line, i if tokens[i].loose else -1))
    ]
    rows = [{tokens[i].row for i in own} - {-1} for own in lines]
    free = [cols] * grid.rows
    for own, labels in zip(lines, rows, strict=True):
        for label in labels:
            free[label] -= len(own)
    may = [0] * len(tokens)
    for own, labels in zip(lines, rows, strict=True):
        if len(labels) > 1:
            continue
        for one in labels or [one for one, room in enumerate(free) if room >= len(own)]:
            for place, i in enumerate(own):
                may[i] |= ((row << place) & (row >> len(own) - 1 - place)) << one * cols
    return may


class Walk:
    """Depth first along all printed orders at once; cells are numbered row by row and tried column by column.

    ``leaves``: every reading found, with the price of its cells and its whole price. ``nodes``: steps left to go;
    ``least``: no reading that was passed over costs less than this.
    """

    def __init__(self, grid: Grid, tokens: Sequence[Token], prices: Prices, orders: Orders, margin: float) -> None:
        self.grid, self.tokens, self.prices, self.orders, self.margin = grid, tokens, prices, orders, margin
        self.floor = prices.least_blanks(len(grid.cells) - len(tokens) - len(grid.optional))
        self.closed, self.counted = prices.bits(grid.closed), prices.bits(grid.counted)
        #: row and column of a cell, and whether the heading of its column comes late
        self.cells = [(row, col, grid.zones[col] == "final") for row, col in grid.cells]
        self.may = _may(grid, tokens)
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
        self._go(0, orders, -1, -1, price, 0, 0)

    def _go(self, i: int, orders: int, last: int, before: int, cost: float, filled: int, early: int) -> None:
        """Token ``i`` after cell ``last``; ``before`` is the cell of the token before, or -1.

        ``filled`` are the cells that hold a value and ``early`` the rows that hold a number they cannot hold, as bits.
        """
        if i == len(self.tokens):
            self._arrive(cost, filled)
            return
        self.nodes -= 1
        if self.nodes < 0:
            return
        live, ahead_of = following(self.orders, orders, last)
        needed, token = self.needed[i], self.tokens[i]
        if len(live) < needed:
            return
        # the cells that no order has any more stay blank
        blank = self.grid.blanks[filled | ahead_of] + NEXT_BLANK * max(
            (ahead_of & self.counted).bit_count() - needed, 0
        )
        ahead = max(blank, self.floor)
        # so many numbers have only cells that cannot hold one
        squeezed = self.numbers[i] > (ahead_of & ~self.closed).bit_count()
        least = cost + ahead + ((FORBIDDEN if not early else FORBIDDEN - REPEATED) if squeezed else 0.0)
        if least > self.room:
            self.least = min(self.least, least)
            return
        place, (down, across), held, closed = self.prices.place[i], self.steps[i], self.held, self.closed
        number, may, ratio, cols = token.number, self.may[i], self.grid.ratio, self.grid.cols
        last_row, last_col, _ = self.cells[before] if before >= 0 else (-1, -1, False)
        beside = before >= 0 and i > 0 and self.tokens[i - 1].line == token.line
        for cell, rest in live:
            if not may >> cell & 1:
                continue
            row, col, late = self.cells[cell]
            if beside and (row != last_row or col <= last_col):  # values of one line go from left to right
                continue
            price, rows = cost + place[cell], early
            if col == last_col:
                price += down
            elif row == last_row and before < cell and not late:
                price += across
            if number is not None:
                if closed >> cell & 1:  # a row that breaks the rule breaks it once
                    price -= REPEATED if early >> row & 1 else 0.0
                    rows |= 1 << row
                held[cell] = number
                if ratio:
                    actual, target, printed = held[col::cols]
                    if actual is not None and target is not None and printed is not None:
                        price += self.prices.wrong_ratio(actual, target, printed)
            if price + ahead <= self.room:
                self.taken.append(self.grid.cells[cell])
                self._go(i + 1, rest, cell, cell, price, filled | 1 << cell, rows)
                self.taken.pop()
            else:
                self.least = min(self.least, price + ahead)
            held[cell] = None
        if token.loose:
            self.taken.append(None)
            self._go(i + 1, orders, last, -1, cost + LOOSE, filled, early)
            self.taken.pop()

    def _arrive(self, cost: float, filled: int) -> None:
        """All values have a place: price what stayed blank and keep the reading."""
        cells = tuple(self.taken)
        if self.swapped and not stands_lower(cells):
            return
        cost += self.grid.blanks[filled]
        if cost > self.room:
            self.least = min(self.least, cost)
            return
        cols = self.grid.cols
        rows = [self.held[start : start + cols] for start in range(0, len(self.held), cols)]
        whole = cost + self.prices.arithmetic(rows, ratios_paid=True)[0] + self.prices.series(rows)
        if cells not in self.leaves or cost < self.leaves[cells][0]:
            self.leaves[cells] = (cost, whole)
        self.room = min(self.room, whole + self.margin - _ROUNDING)
