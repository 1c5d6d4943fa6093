"""Put the printed values of one indicator's table into its cells.

The table is a small known grid: rows are measures, columns fiscal years. The extractor prints its cells in an
order that comes from cutting the grid again and again, across or down, and printing one part after the other;
``_walks`` knows them all. Which of them it was, and which cells are blank, is decided by what the form allows
(no actual value for a year that is not over), by the labels that share a line with their values and by the
arithmetic of the sheet (achievement = actual / target). What several readings of about the same price fill
differently is not settled.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, permutations, product

__all__ = ["Cell", "Filled", "Grid", "Token", "is_ratio", "solve"]

Cell = tuple[int, int]
#: a tree of printed orders: the cells that may come next, each with what may follow it
_Walk = dict[Cell, "_Walk"]
#: least cost to the end, -values placed, serial, orders left, cells left, cells of the values, numbers by cell,
#: blanks by column, swapped, cost so far, of it for blanks
_State = tuple[float, int, int, _Walk, int, tuple[Cell | None, ...], tuple[float | None, ...], tuple[int, ...], bool, float, float]

#: a reading this much dearer than the best one still leaves a cell open
_MARGIN = 0.9
#: a table that can only be read at this price or more holds values of another one
_DOUBTFUL = 2.4
_WRONG_RATIO, _NO_PARTS, _NO_RATIO, _FORBIDDEN, _ZONE, _SWAP = 2.5, 0.8, 0.3, 2.0, 1.0, 0.35
#: logarithm of a leap from year to year that a series does not make
_LEAP = 2.1
_BEND = 1.2
_WIDE_DOWN = 0.03
_NODES, _WAYS = 1500, 80


@dataclass(eq=False, slots=True)
class Token:
    """One printed value. ``row`` is -1 where no label shares its line, ``line`` tells which values share one."""

    number: float | None
    line: int
    row: int = -1
    is_rate: bool = False
    zone: str = ""
    loose: bool = False  # a dash that may as well belong to a text cell nearby
    width: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """Shape of a table. ``zones`` names its columns (year, plan0, plan1, interim, final); ``ratio`` the rows a, t, p with p = a / t.

    ``closed`` are the cells that cannot hold a number yet, ``optional`` those that may be blank at no price.
    """

    rows: int
    zones: tuple[str, ...]
    ratio: tuple[int, int, int] | None = None
    closed: frozenset[Cell] = frozenset()
    optional: frozenset[Cell] = frozenset()

    @property
    def cols(self) -> int:
        return len(self.zones)


@dataclass(slots=True)
class Filled:
    """The best reading: a cell per token (None = left over), open cells, and the columns its arithmetic confirms."""

    cells: list[Cell | None]
    unsettled: set[Cell] = field(default_factory=set)
    confirmed: set[int] = field(default_factory=set)
    cost: float = 0.0
    by_label: bool = False


def is_ratio(actual: float, target: float, printed: float, decimals: int = 1) -> bool:
    """Whether ``printed`` per cent is what actual / target gives, rounded or cut off at its last digit."""
    if not target:
        return False
    return abs(actual / target * 100 - printed) <= 10.0**-decimals * 1.01


def solve(grid: Grid, tokens: Sequence[Token], row_order: Sequence[int]) -> Filled:
    """The best reading of ``tokens`` (in printed order). ``row_order`` is the order in which the row labels are printed."""
    if not any(token.number is not None for token in tokens):
        return Filled(_first_come(grid, tokens))
    search = _Search(grid, tokens)
    free = [i for i, token in enumerate(tokens) if token.row < 0 and not token.loose]
    if len(free) <= 2 and _rows_fit(grid, tokens):
        search.by_rows(free)
        by_label = not any(tokens[i].number is not None for i in free)
    else:
        search.by_order(row_order)
        by_label = False
    return search.result(by_label)


def _first_come(grid: Grid, tokens: Sequence[Token]) -> list[Cell | None]:
    """Dashes only: any cells will do."""
    cells = iter([(r, c) for r in range(grid.rows) for c in range(grid.cols)])
    return [next(cells, None) for _ in tokens]


def _rows_fit(grid: Grid, tokens: Sequence[Token]) -> bool:
    return all(sum(token.row == row and not token.loose for token in tokens) <= grid.cols for row in range(grid.rows))


@lru_cache(maxsize=64)
def _walks(rows: int, cols: int, row_order: tuple[int, ...]) -> tuple[_Walk, _Walk]:
    """Every order in which a grid can be printed, as a tree of cells; column by column comes first.

    Values printed with their row's label follow its place, in the first columns or in all of them: ``row_order`` is
    the order of the labels. The second tree has a column before the one left of it, as happens where the latter has
    nothing in its upper cells and so stands lower.
    """

    @lru_cache(maxsize=None)
    def cut(r0: int, r1: int, c0: int, c1: int) -> frozenset[tuple[Cell, ...]]:
        if r1 - r0 == 1 or c1 - c0 == 1:
            return frozenset([tuple((r, c) for r in range(r0, r1) for c in range(c0, c1))])
        down = [first + second for k in range(c0 + 1, c1) for first in cut(r0, r1, c0, k) for second in cut(r0, r1, k, c1)]
        across = [first + second for k in range(r0 + 1, r1) for first in cut(r0, k, c0, c1) for second in cut(k, r1, c0, c1)]
        return frozenset(down + across)

    by_column = tuple((r, c) for c in range(cols) for r in range(rows))
    orders = [by_column, *sorted(cut(0, rows, 0, cols) - {by_column})]
    plain: _Walk = {}
    reaches = (0, 1, 2, 3, cols) if len(row_order) == rows and list(row_order) != sorted(row_order) else (0,)
    for reach in reaches:
        for order in orders:
            _grow(plain, [(row_order[r], c) if c < reach else (r, c) for r, c in order])
    swapped: _Walk = {}
    columns = [tuple((r, c) for r in range(rows)) for c in range(cols)]
    for order in orders:
        if rows == 2 and order[-2 * rows :] == columns[-2] + columns[-1]:
            _grow(swapped, order[: -2 * rows] + columns[-1] + columns[-2])
    for c in range(cols - 1):
        turned = [*columns[:c], columns[c + 1], columns[c], *columns[c + 2 :]]
        _grow(swapped, [cell for column in turned for cell in column])
    return plain, swapped


def _grow(walk: _Walk, order: Sequence[Cell]) -> None:
    for cell in order:
        walk = walk.setdefault(cell, {})


class _Search:
    """All readings found so far, with what speaks against each."""

    def __init__(self, grid: Grid, tokens: Sequence[Token]) -> None:
        self.grid, self.tokens = grid, tokens
        self.found: dict[tuple[Cell | None, ...], float] = {}
        self.best = math.inf
        self.nodes = _NODES
        self.done = False
        self.late_final = any(token.zone == "final" for token in tokens)
        self.floor = 0.0
        self.only_rates = any(t.is_rate for t in tokens)
        self.joins = {(t.row, s.row) for t, s in zip(tokens, tokens[1:], strict=False) if t.line == s.line}

    # -- one token in one cell
    def price(self, token: Token, cell: Cell) -> float:
        cost = 0.0
        if token.number is not None and cell in self.grid.closed:
            cost += _FORBIDDEN
        if token.is_rate and self.grid.ratio and cell[0] != self.grid.ratio[2]:
            cost += 1.2
        elif self.only_rates and token.number is not None and self.grid.ratio and cell[0] == self.grid.ratio[2] and not token.is_rate:
            cost += 1.2
        zone = self.grid.zones[cell[1]]
        weight = _ZONE if token.number is not None else 0.3 * _ZONE
        if token.zone and not zone.startswith(token.zone):
            cost += weight * (0.6 if token.zone.startswith("plan") else 1.0)
        elif not token.zone and zone == "final" and self.late_final:
            cost += weight
        return cost

    def _later(self, taken: Container[Cell | None], empty: Sequence[int]) -> float:
        """Price of the blank cells after the last value, given those before it."""
        cost, seen = 0.0, [0] * self.grid.cols
        for cell in self._cells():
            if cell not in taken and cell not in self.grid.optional:
                seen[cell[1]] += 1
                if seen[cell[1]] > empty[cell[1]]:
                    cost += 0.2 if seen[cell[1]] > 1 else 0.55 + 0.16 * cell[1]
        return cost

    def keep(self, cells: tuple[Cell | None, ...], cost: float, *, ordered: bool = False) -> None:
        cost += self.arithmetic(cells, ordered)[0] + self.smoothness(cells)
        early = [cell[0] for cell, token in zip(cells, self.tokens, strict=True) if cell in self.grid.closed and token.number is not None]
        cost -= (_FORBIDDEN - 0.3) * (len(early) - len(set(early)))  # a row that breaks the rule breaks it once
        if cost < self.found.get(cells, math.inf):
            self.found[cells] = cost
            self.best = min(self.best, cost)

    def arithmetic(self, cells: Sequence[Cell | None], ordered: bool = False) -> tuple[float, set[int]]:
        """What the achievements say about a reading, and the columns they confirm."""
        if self.grid.ratio is None:
            return 0.0, set()
        at = {cell: token for cell, token in zip(cells, self.tokens, strict=True) if cell is not None}
        cost, confirmed = 0.0, set()
        for col in range(self.grid.cols):
            a, t, p = ((at[row, col].number if (row, col) in at else None) for row in self.grid.ratio)
            if p is not None:
                if a is None or t is None:
                    cost += _NO_PARTS
                elif is_ratio(a, t, p, _decimals(p)):
                    confirmed.add(col)
                elif not ordered:
                    cost += _WRONG_RATIO
            elif a is not None and t:
                cost += _NO_RATIO
        return cost, confirmed

    def smoothness(self, cells: Sequence[Cell | None]) -> float:
        """A row is a series, and what was planned grows more evenly than what came: of equal readings the steadier wins."""
        rows: dict[int, list[tuple[int, float]]] = {}
        for cell, token in zip(cells, self.tokens, strict=True):
            if cell is not None and token.number:
                rows.setdefault(cell[0], []).append((cell[1], math.log(abs(token.number))))
        cost = 0.0
        for row, series in rows.items():
            if self.grid.ratio and row == self.grid.ratio[2]:
                continue
            series.sort()
            steps = [abs(b - a) if abs(b - a) < 1.0 else 1.0 if abs(b - a) < _LEAP else 5.0 for (_, a), (_, b) in zip(series, series[1:], strict=False)]
            cost += (0.3 if row == 1 else 0.15) * sum(steps) / max(len(steps), 2)
            if row == 1:
                bends = [min(1.0, abs(a - 2 * b + c)) for (_, a), (_, b), (_, c) in zip(series, series[1:], series[2:], strict=False)]
                cost += _BEND * sum(bends) / max(len(bends), 2)
        years = [col for col, zone in enumerate(self.grid.zones) if zone == "year"]
        first, second = ({col for col, _ in rows.get(row, ())} for row in (0, 1))
        if first and second:  # a series of targets begins where that of the actual values does
            cost += (0.2 if self.grid.ratio else 0.4) * sum((col in first) != (col in second) for col in years)
        return cost

    # -- rows known from their labels
    def by_rows(self, free: list[int]) -> None:
        """Values that share a line with their label: only the columns are open, and the few free values."""
        rows = [[i for i, token in enumerate(self.tokens) if token.row == row] for row in range(self.grid.rows)]
        choices = [self._columns(row, members) for row, members in enumerate(rows)]
        ways = []
        for parts in product(*choices):
            cells: list[Cell | None] = [None] * len(self.tokens)
            for (_, columns), members, row in zip(parts, rows, range(self.grid.rows), strict=True):
                for i, col in zip(members, columns, strict=False):
                    cells[i] = (row, col)
            cost = sum(part[0] for part in parts)
            blank = self._later(set(cells), [0] * self.grid.cols)
            ways.append((cost + max(0.0, blank - 1.2 * len(free)), cost, cells))
        ways.sort(key=lambda way: way[0])
        for least, cost, cells in ways[:_WAYS]:
            if least > self.best + _MARGIN:
                return
            for extra, filled in self._free(cells, free):
                price = cost + extra
                if price <= self.best + _MARGIN:
                    price += self._later(set(filled), [0] * self.grid.cols)
                    if price <= self.best + _MARGIN:
                        self.keep(tuple(filled), price)

    def _cells(self) -> Iterator[Cell]:
        return ((r, c) for r in range(self.grid.rows) for c in range(self.grid.cols))

    def _columns(self, row: int, members: list[int]) -> list[tuple[float, tuple[int, ...]]]:
        """Where the values of one row may stand, with the price; only the ways that are not hopeless."""
        members = members[: self.grid.cols]
        found = []
        for columns in combinations(range(self.grid.cols), len(members)):
            cost = 0.0
            for place, (i, col) in enumerate(zip(members, columns, strict=True)):
                cost += self.price(self.tokens[i], (row, col))
                if place:
                    gap = col - columns[place - 1] - 1
                    same_line = self.tokens[members[place - 1]].line == self.tokens[i].line
                    cost += 0.3 * gap if same_line else 0.2 * (gap == 0 and (row, row) in self.joins)
            blank = sum(0.55 + 0.16 * col for col in range(self.grid.cols) if col not in columns and (row, col) not in self.grid.optional)
            found.append((cost + blank, cost, columns))
        found.sort()
        return [(cost, columns) for price, cost, columns in found[:8] if price <= found[0][0] + 1.6]

    def _free(self, cells: list[Cell | None], free: list[int]) -> Iterator[tuple[float, list[Cell | None]]]:
        """Every way to put the free values into what the rows leave open."""
        if not free:
            yield 0.0, cells
            return
        open_cells = [cell for cell in self._cells() if cell not in cells]
        places: list[Cell | None] = [*open_cells, *[None] * len(free)]
        for choice in set(permutations(places, len(free))):
            filled = cells.copy()
            for i, cell in zip(free, choice, strict=True):
                filled[i] = cell
            yield sum(self._join(filled, i) for i in free), filled

    def _join(self, filled: list[Cell | None], i: int) -> float:
        """Price of one free value among the others: rows go on after a break, and from left to right."""
        cell, token = filled[i], self.tokens[i]
        if cell is None:
            return 0.15 if token.number is None else 2.0
        cost = self.price(token, cell)
        before = filled[i - 1] if i else None
        if before is not None and before[0] != cell[0]:
            cost += 0.3
        cost += 0.4 * any(other and other[0] == cell[0] and other[1] > cell[1] for other in filled[:i])
        return cost + 0.4 * any(other and other[0] == cell[0] and other[1] < cell[1] for other in filled[i + 1 :])

    # -- rows known from the printed order
    def by_order(self, row_order: Sequence[int]) -> None:
        """Walk along all printed orders at once, cheapest reading first: each cell takes the next value or stays blank."""
        tokens, count, cols = self.tokens, len(self.tokens), self.grid.cols
        needed = [0] * (count + 1)  # values from here on that must have a cell
        for i in range(count - 1, -1, -1):
            needed[i] = needed[i + 1] + (not tokens[i].loose)
        plain, swapped = _walks(self.grid.rows, cols, tuple(row_order))
        size, none = self.grid.rows * cols, (None,) * (self.grid.rows * cols)
        self.floor = self._floor(size - count - len(self.grid.optional))
        serial = itertools.count()
        heap: list[_State] = [(0.0, 0, next(serial), plain, size, (), none, (0,) * cols, False, 0.0, 0.0)]
        if swapped:
            heap.append((0.0, 0, next(serial), swapped, size, (), none, (0,) * cols, True, _SWAP, 0.0))
        while heap and not self.done:
            state = heapq.heappop(heap)
            depth = -state[1]
            if state[0] > self.best + _MARGIN or self.nodes < (0 if self.found else -_NODES):
                break
            self.nodes -= 1
            if depth == count:
                self._arrive(state)
            else:
                for child in self._children(state, depth, needed[depth], serial):
                    heapq.heappush(heap, child)

    def _children(self, state: _State, i: int, ahead: int, serial: Iterator[int]) -> Iterator[_State]:
        """The next value in one of the cells that may come next, or one of these cells blank."""
        _, _, _, walk, left, cells, held, empty, swap, cost, paid = state
        token, ahead_of = self.tokens[i], max(0.0, self.floor - paid)
        for cell, rest in walk.items():
            row, col = cell
            if (token.row < 0 or token.row == row) and self._same_line(i, cells, cell):
                price = cost + self.price(token, cell) + self._beside(i, cells, cell)
                now = held
                if token.number is not None:
                    at = row * self.grid.cols + col
                    now = (*held[:at], token.number, *held[at + 1 :])
                    price += self._wrong(now, col)
                yield price + ahead_of, -i - 1, next(serial), rest, left - 1, (*cells, cell), now, empty, swap, price, paid
            if ahead < left:
                extra, seen = 0.0, empty
                if cell not in self.grid.optional:
                    extra = 0.2 if empty[col] else 0.55 + 0.16 * col
                    seen = (*empty[:col], empty[col] + 1, *empty[col + 1 :])
                least = max(0.0, self.floor - paid - extra)
                yield cost + extra + least, -i, next(serial), rest, left - 1, cells, held, seen, swap, cost + extra, paid + extra
        if token.loose:
            yield cost + 0.15 + ahead_of, -i - 1, next(serial), walk, left, (*cells, None), held, empty, swap, cost + 0.15, paid

    def _floor(self, blanks: int) -> float:
        """The least that so many blank cells can cost."""
        whole, rest = divmod(max(blanks, 0), self.grid.rows)
        return whole * (0.55 + 0.2 * (self.grid.rows - 1)) + (0.55 + 0.2 * (rest - 1) if rest else 0.0)

    def _same_line(self, i: int, cells: tuple[Cell | None, ...], cell: Cell) -> bool:
        """Values of one line stand in one row, from left to right."""
        if not i or self.tokens[i - 1].line != self.tokens[i].line:
            return True
        before = cells[-1]
        return before is None or (before[0] == cell[0] and before[1] < cell[1])

    def _arrive(self, state: _State) -> None:
        """All values have a place: price what stayed blank and keep the reading."""
        cells, empty, swap, cost = state[5:6] + state[7:10]
        if swap and not self._stands_lower(cells):
            return
        cost += self._later(set(cells), empty)
        if cost > self.best + _MARGIN:
            return
        self.keep(cells, cost, ordered=True)
        if self.grid.ratio is not None and cost <= 0.5 and self.found[cells] <= 0.8:
            confirmed = self.arithmetic(cells)[1]
            self.done = len(confirmed) >= 2 and len({self._column(cells, col) for col in confirmed}) == len(confirmed)

    def _stands_lower(self, cells: Sequence[Cell | None]) -> bool:
        """Whether a column that was printed after its right-hand neighbour has its values further down."""
        rows: dict[int, list[int]] = {}
        for cell in cells:
            if cell is not None:
                rows.setdefault(cell[1], []).append(cell[0])
        printed = list(rows)
        for left, right in zip(printed[1:], printed, strict=False):
            if left < right and sum(rows[left]) / len(rows[left]) < sum(rows[right]) / len(rows[right]) + 0.4:
                return False
        return printed != sorted(printed)

    def _wrong(self, held: Sequence[float | None], col: int) -> float:
        """Price of a column whose three numbers do not agree; part of ``arithmetic``, asked early to end a bad walk."""
        if self.grid.ratio is None:
            return 0.0
        a, t, p = (held[row * self.grid.cols + col] for row in self.grid.ratio)
        if a is None or t is None or p is None or is_ratio(a, t, p, _decimals(p)):
            return 0.0
        return _WRONG_RATIO

    def _beside(self, i: int, cells: tuple[Cell | None, ...], cell: Cell) -> float:
        """Price of a step between two values that stand alone: narrow ones are joined downwards first, wide ones sideways."""
        before = cells[-1] if cells else None
        last, token = self.tokens[i - 1], self.tokens[i]
        if before is None or last.line == token.line or last.row >= 0:
            return 0.0
        width = min(last.width, token.width)
        if before[1] == cell[1]:
            return _WIDE_DOWN if width >= 5 else 0.0
        if before[0] != cell[0] or before[1] > cell[1] or self.grid.zones[cell[1]] == "final":
            return 0.0
        return 0.5 if width <= 2 else 0.25 if width == 3 else 0.1 if width == 4 else 0.0

    # -- the outcome
    def result(self, by_label: bool) -> Filled:
        if not self.found:
            return Filled([None] * len(self.tokens), cost=math.inf)
        best = min(self.found, key=lambda cells: self.found[cells])
        rivals = [cells for cells, cost in self.found.items() if cost <= self.found[best] + _MARGIN and cells != best]
        filled = Filled(list(best), cost=self.found[best], by_label=by_label)
        filled.confirmed = self.arithmetic(best)[1]
        content = self._content(best)
        for rival in rivals:
            other = self._content(rival)
            filled.unsettled |= {cell for cell in content.keys() | other.keys() if content.get(cell) != other.get(cell)}
            for mine, theirs, token in zip(best, rival, self.tokens, strict=True):
                if mine and theirs and mine[0] == theirs[0] and mine != theirs and token.number is not None:
                    if other.get(mine) != token.number or content.get(theirs) != token.number:  # the row stands elsewhere
                        filled.unsettled |= {(mine[0], col) for col in range(self.grid.cols)}
        for cell in [cell for cell in content if cell in self.grid.closed]:
            filled.unsettled |= {(cell[0], col) for col in range(self.grid.cols)}  # not a row as the form has it
        if self.nodes < 0 or (filled.cost > _DOUBTFUL and not by_label):
            filled.unsettled |= set(content)
        return filled

    def _column(self, cells: Sequence[Cell | None], col: int) -> tuple[tuple[int, float], ...]:
        return tuple(sorted((row, number) for (row, c), number in self._content(cells).items() if c == col))

    def _content(self, cells: Sequence[Cell | None]) -> dict[Cell, float]:
        return {cell: token.number for cell, token in zip(cells, self.tokens, strict=True) if cell is not None and token.number is not None}


def _decimals(number: float) -> int:
    return 0 if number == int(number) else 1 if abs(number * 10 - round(number * 10)) < 1e-6 else 2
