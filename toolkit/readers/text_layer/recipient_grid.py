"""The cells of the recipients' tables put back into rows: a search over the order in which they were printed.

The text layer prints a table in runs: cells of one row from left to right, or cells of one column from top to
bottom. Within a column the order is nearly always kept, the number of rows is known from the contract methods,
and a method tells whether bidders were counted. The search walks through the pieces in printed order and keeps
the cheapest ways to fill the grid; what other fillings nearly as good would read differently is not sure. A dash
says nothing by itself and is not placed; that it stood between two values is taken into account.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from toolkit.readers.text_layer.recipient_cells import (
    AMOUNT,
    BIDDERS,
    COLUMNS,
    METHOD,
    NAME,
    NUMBER,
    RANK,
    RATE,
    REASON,
    Way,
)  # fmt: skip
from toolkit.readers.text_layer.recipient_costs import LOOSE, Costs, Filling, Place, Rank, State, Step, Table
from toolkit.readers.text_layer.recipient_filling import (
    MARGIN,
    Event,
    Grid,
    doubt_beside_dropped,
    doubt_displaced,
    filled,
    leave_shifted,
)

__all__ = ["solve"]


class _Breadth(NamedTuple):
    """States kept after each piece: ``width`` at least within ``slack``, and up to ``most`` that cost no more than
    ``nearly`` more than the best; and in all, before the search goes on narrowly and is not sure."""

    width: int
    most: int
    nearly: float
    slack: float
    budget: int


#: a broader search is made where the best filling of the first costs more per cell than usual
_BREADTHS = (_Breadth(8, 64, 5.0, 12.0, 20_000), _Breadth(20, 140, 7.0, 14.0, 40_000))
_USUAL = 0.55
#: a filling that costs more per piece than this is not to be trusted anywhere
_IMPLAUSIBLE = 1.5
#: of fewer pieces than this each is much of a row, and the price of one tells nothing
_APART = 40

_price = itemgetter(0)

#: a way to place a piece, and by what tells the rows that it may go to
_Known = tuple[Way, dict[tuple[object, ...], list[Place]]]


class _Search:
    def __init__(self, tables: list[Table], breadth: _Breadth) -> None:
        self.tables = tables
        self.width, self.most, self.nearly, self.slack, self.budget = breadth
        self.costs = Costs(tables)
        self.rows = self.costs.rows
        self.every = self.costs.every
        self.firm = sum(self.every << column * self.rows for column in (NAME, AMOUNT, METHOD))
        #: one bit for each column of a way
        self.masks: dict[tuple[int, ...], int] = {}
        self.best: dict[tuple[object, ...], State] = {}
        self.prices: list[float] = []  # what the states of ``best`` cost when they were first reached, rising
        self.limit = 0.0

    def take(self, states: list[State], event: Event) -> list[State]:
        """All states after one more event, the cheapest first."""
        piece, costs = event.piece, self.costs
        if piece is None:
            costs.label(event.column, min(event.table, len(self.tables) - 1))
            return states
        if not piece.ways:
            costs.dashes += 1
            return [self._closed(state) for state in states] if costs.dashes == 1 else states
        self.best, self.prices = {}, []
        for way in piece.ways:
            if way.columns not in self.masks:
                self.masks[way.columns] = sum([1 << column * self.rows for column in way.columns])
        dropped = 9.0 + 2.0 * len(piece.cells)
        self.limit = states[0][0] + max(dropped, self.slack)
        ways: list[_Known] = [(way, {}) for way in piece.ways]
        lone = piece.cells[0] if len(piece.cells) == 1 else None
        number = int(lone.folded) if lone is not None and lone.kind == "i" else 0
        for state in states:
            cost = state[0]
            if cost > self.limit:
                break
            places = self._places(state, ways, number)
            if len(places) > 1:  # the cheapest first: what is dearer than they leave room for is never built
                places.sort(key=_price)
            for price, way, place in places:
                if price > self.limit:
                    break
                self._fill(state, way, price, place)
            if number and piece.ways[0].columns[0] == RANK:
                self._place_empty_rank(state, piece.ways[0], number)
            if cost + dropped <= self.limit:
                self._keep((cost + dropped, *state[1:-1]), state[-1], -1, None)
        costs.placed()
        self.budget -= len(states)
        kept = sorted([state for state in self.best.values() if state[0] <= self.limit], key=_price)
        if self.budget <= 0:
            return kept[:2]
        nearly = kept[0][0] + self.nearly
        while len(kept) > self.width and (len(kept) > self.most or kept[-1][0] > nearly):
            kept.pop()
        return kept

    @staticmethod
    def _closed(state: State) -> State:
        """A dash right after a method that does not tell: no bidders were counted in its row."""
        (opened, closed, persons), (at, _, last, start) = state[3], state[5]
        if last != METHOD or at != start or (opened | closed) >> at & 1:
            return state
        return (*state[:3], (opened, closed | 1 << at, persons), *state[4:])

    def _places(self, state: State, ways: Sequence[_Known], number: int) -> list[tuple[float, Way, Place]]:
        """The rows that a piece may go to, each with its price so far."""
        cost, filled, charged, modes, tops, place, _, rank, _ = state
        limit, costs, found = self.limit, self.costs, []
        empty = 2.5 if number and self._is_next_empty(rank, number) else 0.0
        beside = filled >> place[0] & costs.whole if place[0] >= 0 else 0
        for way, known in ways:
            base = cost + way.cost
            if base > limit:
                break
            left = way.columns[0]
            if left == RANK and number > costs.most:
                continue
            taken = filled >> left * self.rows & self.every
            # of the states kept after a piece many do not differ in what counts here; the first has the most room
            key = (place, taken, beside, tops[METHOD], rank if left == RANK else modes if left in LOOSE else None)
            steps = known.get(key)
            if steps is None:
                steps = known[key] = costs.steps(state, way, taken, limit - base + 1e-9)
            if left != RANK:
                base += empty
            for one in steps:
                row, near, far, extra, _ = one
                price = base + near + far
                # what was paid for before may be paid back
                if price + extra <= limit or (price <= limit and charged & self.masks[way.columns] << row):
                    found.append((price, way, one))
        return found

    def _fill(self, state: State, way: Way, cost: float, spot: Place) -> None:
        """Put the cells of a piece into a row where they have room."""
        columns, (row, near, _, lead, paid) = way.columns, spot
        _, before, charged, known, above, (at, first, _, start), amount, rank, step = state
        own = self.masks[columns] << row
        if before & own:
            return
        costs, height, limit, left, bit = self.costs, self.rows, self.limit, columns[0], 1 << row
        filled, modes, (opened, closed, persons), tops = before | own, known, known, list(above)
        for column, cell in way.cells:
            top = tops[column]
            if row < top:
                paid = charged & bit << column * height if charged else 0
                if paid and column not in (NUMBER, REASON):  # of these the price was capped
                    charged ^= paid
                    cost -= costs.blank(before, known, column, row)
                if near >= 0.1:  # above the last of its column
                    cost += 2.0 / len(columns) if column != RANK else 0.5
            else:
                tops[column] = row + 1
                if row > top and column != RANK:
                    extra, skipped = (
                        (lead, paid)
                        if paid and column == left
                        else costs.skip(before, known, column, top, row, len(columns) > 2 or left == RANK)
                    )
                    cost, charged = cost + extra, charged | skipped
            if column < AMOUNT:
                if column == NAME:
                    if cell.mode:
                        modes = (opened, closed, persons | bit)
                elif column == NUMBER:
                    cost += 4.0 if persons & bit else 0.0
                elif column == RANK:
                    cost += lead
                    # a two-digit number often stands apart: the row goes on as before
                    if not lead or row == costs.first_of[row]:
                        rank = costs.place_of[row]
            elif column == AMOUNT:
                cost += costs.fit_amount(amount, row, cell)
                amount = (row, cell.amount)
            elif column == METHOD:
                if cell.mode == "open":
                    modes = (opened | bit, closed, modes[2])
                elif cell.mode:
                    modes = (opened, closed | bit, modes[2])
                    cost += 3.0 if filled & bit << BIDDERS * height else 0.0
            elif column == BIDDERS:
                cost += costs.fit_bidders(known, row, cell, filled, near < 0.1)
            elif column == RATE:
                cost += 0.5 if closed & bit else 0.0
            if cost > limit and not charged & own:  # nothing more will be paid back
                return
        if left != first or not at < row <= at + 1 + costs.dashes:
            start = row if left != BIDDERS else self._start(closed, row)
        place = (row, left, columns[-1], start)
        self._keep((cost, filled, charged, modes, tuple(tops), place, amount, rank), step, row, way)

    def _start(self, closed: int, row: int) -> int:
        """The first row of a run: above a number of bidders, rows whose method has none may have been dashes."""
        dashes = self.costs.dashes
        while dashes and row > self.costs.first_of[row] and closed >> row - 1 & 1:
            row, dashes = row - 1, dashes - 1
        return row

    def _is_next_empty(self, rank: Rank, number: int) -> bool:
        """Whether this is the number that follows in a row of numbers without recipients."""
        last, before = rank
        size = self.tables[last].size
        return last >= 0 and number == before + 1 and size <= before < (10 if size <= 10 else 30)

    def _place_empty_rank(self, state: State, way: Way, rank: int) -> None:
        """The number of a row that has no recipient."""
        cost, filled, charged, modes, tops, place, amount, before, step = state
        last = before[0]
        if self._is_next_empty(before, rank):
            here = (last, rank)
        elif rank == 1 and last + 1 < len(self.tables) and not self.tables[last + 1].size:
            here = (last + 1, 1)
        else:
            return
        self._keep((cost + 0.1, filled, charged, modes, tops, place, amount, here), step, -1, way)

    def _keep(self, found: Filling, before: Step, row: int, way: Way | None) -> None:
        """Keep a filling that a step to ``row`` leads to, unless a cheaper one like it is known."""
        cost = found[0]
        if cost > self.limit:
            return
        key = (found[4][:REASON], found[5], found[7], found[1] & self.firm)
        step = Step(before, row, way)
        known = self.best.get(key)
        if known is None:
            self.best[key] = (*found, step)
            # what is dearer than the last to be kept, and no rival of it, need not be carried on
            prices, width = self.prices, self.width
            insort(prices, cost)
            least = prices[0]
            limit = least + self.slack
            if len(prices) >= width and prices[width - 1] < limit:
                limit, nearly = prices[width - 1], least + self.nearly
                limit = limit if limit > nearly else nearly
            if limit < self.limit:
                self.limit = limit
            return
        gap, other = known[0] - cost, known[-1]
        if gap < -MARGIN:
            return
        if gap <= 0:
            other.others = [*(other.others or ()), (-gap, step)]
            return
        if cost + self.slack < self.limit:
            self.limit = cost + self.slack
        if gap <= MARGIN:
            step.others = [(gap, other)] + [(extra + gap, one) for extra, one in other.others or ()]
        other.others = None
        self.best[key] = (*found, step)

    def run(self, events: list[Event]) -> list[tuple[float, Step]]:
        """The fillings of the whole grid, the cheapest first; what is left blank at the end counts too."""
        states: list[State] = [
            (0.0, 0, 0, (0, 0, 0), (0,) * COLUMNS, (-1, -1, -1, -1), (-1, 0), (-1, 0), Step(None, -1, None))
        ]
        for event in events:
            states = self.take(states, event)
        return sorted([(state[0] + self.costs.left_over(state), state[-1]) for state in states], key=_price)


def solve(events: list[Event], tables: list[Table]) -> Grid:
    """Fill the grid of ``tables`` from ``events``; an empty grid where no table has a row."""
    if not any(table.size for table in tables):
        return Grid()
    pieces = [event.piece for event in events if event.piece and event.piece.ways]
    apart = len(pieces) >= _APART
    search = _Search(tables, _BREADTHS[0])
    best = search.run(events)
    if apart and best[0][0] > _USUAL * sum(cell.kind != "-" for piece in pieces for cell in piece.cells):
        broader = _Search(tables, _BREADTHS[1])
        found = broader.run(events)
        if found[0][0] <= best[0][0]:  # one that went on narrowly may end up dearer
            search, best = broader, found
    grid = filled(best)
    doubt_beside_dropped(grid, pieces, best[0][1], search.costs)
    leave_shifted(grid, doubt_displaced(grid, events, search.costs), search.costs)
    if search.budget <= 0 or (apart and best[0][0] > _IMPLAUSIBLE * len(pieces)):
        grid.doubtful |= grid.cells.keys()
    return grid
