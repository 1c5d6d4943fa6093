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
from operator import attrgetter, itemgetter
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
    WORK,
    Way,
)  # fmt: skip
from toolkit.readers.text_layer.recipient_costs import LOOSE, Costs, Fields, State, Step, Table
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

_price, _cost = itemgetter(0), attrgetter("cost")


class _Search:
    def __init__(self, tables: list[Table], breadth: _Breadth) -> None:
        self.tables = tables
        self.width, self.most, self.nearly, self.slack, self.budget = breadth
        self.costs = Costs(tables)
        self.rows = self.costs.rows
        self.every = (1 << self.rows) - 1
        self.firm = sum(self.every << column * self.rows for column in (NAME, AMOUNT, METHOD))
        #: one bit for each column of a way
        self.masks: dict[tuple[int, ...], int] = {}
        self.best: dict[tuple[object, ...], State] = {}
        self.prices: list[float] = []  # what the states of ``best`` cost when they were first reached, rising
        self.limit = 0.0
        #: the rows that the piece may go to, by what tells
        self.steps: dict[tuple[object, ...], list[tuple[int, float, float]]] = {}

    def take(self, states: list[State], event: Event) -> list[State]:
        """All states after one more event, the cheapest first."""
        piece, costs = event.piece, self.costs
        if piece is None:
            costs.label(event.column, min(event.table, len(self.tables) - 1))
            return states
        if not piece.ways:
            costs.dashes += 1
            return [self._closed(state) for state in states] if costs.dashes == 1 else states
        self.best, self.prices, self.steps = {}, [], {}
        for way in piece.ways:
            if way.columns not in self.masks:
                self.masks[way.columns] = sum([1 << column * self.rows for column in way.columns])
        dropped = 9.0 + 2.0 * len(piece.cells)
        self.limit = states[0].cost + max(dropped, self.slack)
        lone = piece.cells[0] if len(piece.cells) == 1 else None
        number = int(lone.folded) if lone is not None and lone.kind == "i" else 0
        for state in states:
            if state.cost > self.limit:
                break
            places = self._places(state, piece.ways, number)
            if len(places) > 1:  # the cheapest first: what is dearer than they leave room for is never built
                places.sort(key=_price)
            for price, near, row, way in places:
                if price > self.limit:
                    break
                self._fill(state, way, row, price, near)
            if number and piece.ways[0].columns[0] == RANK:
                self._place_empty_rank(state, piece.ways[0], number)
            if state.cost + dropped <= self.limit:
                self._keep(state.cost + dropped, state.fields, state.step, -1, None)
        costs.fresh, costs.dashes = -1, 0
        self.budget -= len(states)
        kept = sorted([state for state in self.best.values() if state.cost <= self.limit], key=_cost)
        if self.budget <= 0:
            return kept[:2]
        nearly = kept[0].cost + self.nearly
        while len(kept) > self.width and (len(kept) > self.most or kept[-1].cost > nearly):
            kept.pop()
        return kept

    def _closed(self, state: State) -> State:
        """A dash right after a method that does not tell: no bidders were counted in its row."""
        at, _, last, start = state.place
        opened, closed, persons = state.modes
        if last != METHOD or at != start or (opened | closed) >> at & 1:
            return state
        modes = (opened, closed | 1 << at, persons)
        fields = (state.filled, state.charged, modes, state.tops, state.place, state.amount, state.rank)
        return State(state.cost, fields, state.step)

    def _rows_for(self, state: State, way: Way) -> int:
        """The rows worth trying for the first cell of a piece, one bit each."""
        column, costs = way.columns[0], self.costs
        seen = costs.seen[column or NAME]
        if column == RANK:
            rows, last, rank = 0, max(state.rank[0], 0), int(way.cells[0][1].folded)
            for table in self.tables[max(last - 1, 0) : last + 3] + self.tables[max(seen, 0) : seen + 2]:
                if 1 <= rank <= table.size:
                    rows |= 1 << table.first + rank - 1
            return rows
        at, _, _, start = state.place
        top, above, dashes = state.tops[column], start if start > 0 else 0, costs.dashes
        table = self.tables[seen if seen > 0 else 0]
        rows = (
            1 << top | (2 << at | 1 << at if at >= 0 else 1) | 1 << above | 1 << table.first | 1 << costs.first_of[at]
        )
        if dashes:
            rows |= (1 << start + min(dashes, 4) + 1) - (1 << above) | (1 << at + min(dashes, 9) + 2) - (1 << at + 1)
        if column in (BIDDERS, RATE):
            for row in {top, at + 1, above}:
                rows |= state.next_rows(row)
            rows |= state.next_open(table.first)
            if state.tops[METHOD] <= table.first or len(way.cells) > 1:  # no method yet that would tell
                rows |= max((1 << table.end) - (1 << max(table.first, top, state.tops[METHOD])), 0)
        elif column == WORK and METHOD in way.columns:  # a further contract of a recipient: it has no rank of its own
            free = ((1 << table.end) - (1 << table.first)) & ~(state.filled >> column * self.rows)
            rows |= 1 << free.bit_length() - 1 if free else 0
        if column not in (NUMBER, BIDDERS, RATE):  # the first gap
            mask = state.filled >> column * self.rows & (1 << self.rows) - 1
            rows |= ~mask & (mask + 1)
        return rows

    def _places(self, state: State, ways: Sequence[Way], number: int) -> list[tuple[float, float, int, Way]]:
        """The rows that a piece may go to, each with its price so far and what of it is for the step from the last."""
        limit, found = self.limit, []
        empty = 2.5 if number and self._is_next_empty(state, number) else 0.0
        for way in ways:
            base = state.cost + way.cost
            if base > limit:
                break
            if way.columns[0] != RANK:
                base += empty
            for row, near, far in self._steps(state, way):
                price = base + near + far
                if price <= limit:
                    found.append((price, near, row, way))
        return found

    def _steps(self, state: State, way: Way) -> list[tuple[int, float, float]]:
        """The rows that a piece may go to this way, each with the price of the step from the last and of its labels.

        Of the states kept after a piece most do not differ in what counts here.
        """
        costs, columns, filled, place = self.costs, way.columns, state.filled, state.place
        left, right = columns[0], columns[-1]
        taken = filled >> left * self.rows & self.every
        beside = filled >> place[0] & costs.whole if place[0] >= 0 else 0
        more = state.modes if left in LOOSE else state.rank if left == RANK else None
        key = (columns, place, taken, beside, state.tops[METHOD], more)
        found = self.steps.get(key)
        if found is None:
            found = self.steps[key] = []
            ahead, behind = costs.ahead[left], costs.ahead[right]
            for row, near in costs.nears(state, left, self._rows_for(state, way) & (self.every ^ taken)):
                far = 0.0
                if ahead[row] or behind[row]:
                    far = costs.reach(row, left, near)
                    far = max(far, costs.reach(row, right, near)) if left != right else far
                found.append((row, near, far))
        return found

    def _fill(self, state: State, way: Way, row: int, cost: float, near: float) -> None:
        """Put the cells of a piece into a row where they have room."""
        costs, columns, height, bit = self.costs, way.columns, self.rows, 1 << row
        left, own = columns[0], self.masks[columns] << row
        if state.filled & own:
            return
        filled, charged, modes, amount, rank = state.filled | own, state.charged, state.modes, state.amount, state.rank
        opened, closed, persons = modes
        tops, wide, limit = list(state.tops), len(columns) > 2 or left == RANK, self.limit
        back = 2.0 / len(columns) if near >= 0.1 else 0.0  # for a cell above the last of its column
        for column, cell in way.cells:
            top = tops[column]
            if row < top:
                paid = charged & bit << column * height if charged else 0
                if paid and column not in (NUMBER, REASON):  # of these the price was capped
                    charged ^= paid
                    cost -= costs.blank(state, column, row)
                cost += back if column != RANK or not back else 0.5
            else:
                tops[column] = row + 1
                if row > top and column != RANK:
                    extra, charged = costs.skip(state, column, top, row, charged, wide)
                    cost += extra
            if column < AMOUNT:
                if column == NAME:
                    if cell.mode:
                        modes = (opened, closed, persons | bit)
                elif column == NUMBER:
                    cost += 4.0 if persons & bit else 0.0
                elif column == RANK:
                    jump = costs.next_rank(rank, costs.place_of[row])
                    cost += jump
                    # a two-digit number often stands apart: the row goes on as before
                    if not jump or row == costs.first_of[row]:
                        rank = costs.place_of[row]
            elif column == AMOUNT:
                cost += costs.fit_amount(state, row, cell)
                amount = (row, cell.amount)
            elif column == METHOD:
                if cell.mode == "open":
                    modes = (opened | bit, closed, modes[2])
                elif cell.mode:
                    modes = (opened, closed | bit, modes[2])
                    cost += 3.0 if filled & bit << BIDDERS * height else 0.0
            elif column == BIDDERS:
                cost += costs.fit_bidders(state, row, cell, filled, near < 0.1)
            elif column == RATE:
                cost += 0.5 if closed & bit else 0.0
            if cost > limit and not charged & own:  # nothing more will be paid back
                return
        at, first, _, start = state.place
        start = start if at < row <= at + 1 + costs.dashes and left == first else self._start(state, row, left)
        place = (row, left, columns[-1], start)
        self._keep(cost, (filled, charged, modes, tuple(tops), place, amount, rank), state.step, row, way)

    def _start(self, state: State, row: int, left: int) -> int:
        """The first row of a run: above a number of bidders, rows whose method has none may have been dashes."""
        dashes = self.costs.dashes if left == BIDDERS else 0
        while dashes and row > self.costs.first_of[row] and state.modes[1] >> row - 1 & 1:
            row, dashes = row - 1, dashes - 1
        return row

    def _is_next_empty(self, state: State, number: int) -> bool:
        """Whether this is the number that follows in a row of numbers without recipients."""
        last, before = state.rank
        size = self.tables[last].size
        return last >= 0 and number == before + 1 and size <= before < (10 if size <= 10 else 30)

    def _place_empty_rank(self, state: State, way: Way, rank: int) -> None:
        """The number of a row that has no recipient."""
        last = state.rank[0]
        if self._is_next_empty(state, rank):
            here = (last, rank)
        elif rank == 1 and last + 1 < len(self.tables) and not self.tables[last + 1].size:
            here = (last + 1, 1)
        else:
            return
        self._keep(state.cost + 0.1, (*state.fields[:-1], here), state.step, -1, way)

    def _keep(self, cost: float, fields: Fields, before: Step, row: int, way: Way | None) -> None:
        """Keep a state reached at ``cost`` by a step to ``row``, unless a cheaper one like it is known."""
        if cost > self.limit:
            return
        filled, _, _, tops, place, _, rank = fields
        key = (tops[:REASON], place, rank, filled & self.firm)
        known = self.best.get(key)
        if known is None:
            # what is dearer than the last to be kept, and no rival of it, need not be carried on
            prices = self.prices
            insort(prices, cost)
            limit, nearly = prices[0] + self.slack, prices[0] + self.nearly
            if len(prices) >= self.width and prices[self.width - 1] < limit:
                limit = prices[self.width - 1]
                limit = limit if limit > nearly else nearly
            if limit < self.limit:
                self.limit = limit
            self.best[key] = State(cost, fields, Step(before, row, way))
            return
        gap, step = known.cost - cost, Step(before, row, way)
        if gap < -MARGIN:
            return
        if gap <= 0:
            known.step.others = [*(known.step.others or ()), (-gap, step)]
            return
        if cost + self.slack < self.limit:
            self.limit = cost + self.slack
        if gap <= MARGIN:
            step.others = [(gap, known.step)] + [(extra + gap, one) for extra, one in known.step.others or ()]
        known.step.others = None
        self.best[key] = State(cost, fields, step)

    def run(self, events: list[Event]) -> list[State]:
        """The fillings of the whole grid, the cheapest first; what is left blank at the end counts too."""
        fields: Fields = (0, 0, (0, 0, 0), (0,) * COLUMNS, (-1, -1, -1, -1), (-1, 0), (-1, 0))
        states = [State(0.0, fields, Step(None, -1, None))]
        for event in events:
            states = self.take(states, event)
        for state in states:
            state.cost += self.costs.left_over(state)
        return sorted(states, key=lambda one: one.cost)


def solve(events: list[Event], tables: list[Table]) -> Grid:
    """Fill the grid of ``tables`` from ``events``; an empty grid where no table has a row."""
    if not any(table.size for table in tables):
        return Grid()
    pieces = [event.piece for event in events if event.piece and event.piece.ways]
    apart = len(pieces) >= _APART
    search = _Search(tables, _BREADTHS[0])
    best = search.run(events)
    if apart and best[0].cost > _USUAL * sum(cell.kind != "-" for piece in pieces for cell in piece.cells):
        broader = _Search(tables, _BREADTHS[1])
        found = broader.run(events)
        if found[0].cost <= best[0].cost:  # one that went on narrowly may end up dearer
            search, best = broader, found
    grid = filled([(state.cost, state.step) for state in best])
    doubt_beside_dropped(grid, pieces, best[0].step, search.costs)
    leave_shifted(grid, doubt_displaced(grid, events, search.costs), search.costs)
    if search.budget <= 0 or (apart and best[0].cost > _IMPLAUSIBLE * len(pieces)):
        grid.doubtful |= grid.cells.keys()
    return grid
