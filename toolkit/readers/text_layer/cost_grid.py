"""Put the fragments of the cost tables back into their rows.

Tables stand in pairs: item, use and amount of one block on the left, the same of the next block on the right, 計
below each. Which number is whose, and how many rows each half has, the sums have said (``cost_sums``). Where the
texts go the printed order tells: columns come from top to bottom, neighbours follow each other.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from math import inf
from operator import attrgetter
from typing import NamedTuple

from toolkit.readers.text_layer.cost_cells import Cell, Fragment
from toolkit.readers.text_layer.cost_rows import Filled, Row, filled
from toolkit.readers.text_layer.cost_steps import HEADING_ROW, LABEL_ROW, kinship, rows_for, step_price
from toolkit.readers.text_layer.cost_sums import TOTAL_ROW, Book, books

__all__ = ["solve"]

#: the price of leaving a fragment out
_LEFT_OUT = {"n": 4.0, "t": 2.5, "x": 1.3, "I": 1.5, "U": 1.0, "A": 1.0}
#: the same for one whose numbers have their place, which then no longer add up
_BOOKED = 5.0
#: how many states to keep after each fragment: more, where fewer found nothing that costs no more per cell than
#: usual; and how much worse than the best they may be
_WIDTHS, _USUAL, _SPREAD = (6, 20), 0.2, 2.5
#: a placement that costs more per fragment than this is odd
_ODD = 0.19
#: a placement that costs more per cell than this is not to be trusted anywhere
_IMPLAUSIBLE = 0.5
#: a reading up to this much dearer than the best is taken for as good
_MARGIN = 1.5


class _Way(NamedTuple):
    """Places for the cells of a fragment: column (0 to 5) and row of each, and the cells of the grid it fills as bits.

    ``spots`` has for every cell its row and half table, the kind of its column, whether that is on the right, the
    shifts of the column and of that of the items beside it, and its bit.
    """

    table: int
    cells: tuple[tuple[int, int], ...]
    bits: tuple[int, ...]
    mask: int
    spots: tuple[tuple[int, int, int, bool, int, int, int], ...]


#: the ways of tables of one height, by table, columns and rows
_Ways = dict[tuple[int, tuple[int, ...], tuple[int, ...]], _Way]


class _Step:
    """One fragment and its way, None where it was left out; ``others`` led to the same state and cost a little more."""

    __slots__ = ("before", "number", "others", "way")

    def __init__(self, before: _Step | None, number: int, way: _Way | None) -> None:
        self.before, self.number, self.way = before, number, way
        self.others: list[tuple[float, _Step]] = []


class _State(NamedTuple):
    """``filled`` has a bit for every filled cell, ``closed`` one for every half table whose 計 was printed; ``last``
    is table, row and column filled last, ``texts`` has the telling characters of items and uses by half and row."""

    cost: float
    filled: int
    closed: int
    last: tuple[int, int, int]
    texts: tuple[tuple[int, int, frozenset[str]], ...]
    step: _Step | None


_cost = attrgetter("cost")


def solve(fragments: Sequence[Fragment], halves: int, known: Sequence[int | None]) -> list[Filled]:
    """The best placement of all fragments into ``halves`` half tables (an even number).

    ``known`` is each block's expected 計, where other parts of the sheet tell.
    """
    ways: dict[int, _Ways] = {}
    searches = [_Texts(fragments, halves, known, book, ways) for book in books(fragments, halves, known)]
    found: list[tuple[float, _Step | None]] = []
    cells = sum(len(fragment.cells) for fragment in fragments)
    for width in _WIDTHS:  # widely only for books of which something came out before
        best = min((cost for cost, _ in found), default=inf)
        results = []
        for search in searches:
            results.append(search.solve(width, best + _MARGIN))
            best = min([best, *(cost for cost, _ in results[-1])])
        searches = [search for search, result in zip(searches, results, strict=True) if result]
        found = [one for result in results for one in result] or found
        if best <= _USUAL * cells:
            break
    found.sort(key=lambda one: one[0])
    limit = found[0][0] + _MARGIN
    path = _path(found[0][1])
    rivals = [_path(step) for cost, step in found[1:] if cost <= limit]
    for at, one in enumerate(path, start=1):  # from where they met the rest of the best way is theirs too
        rivals += [_path(other) + path[at:] for extra, other in one.others if extra <= _MARGIN]
    readings = [_rows(rival, fragments, halves) for rival in rivals]
    odd = found[0][0] > _ODD * len(fragments)
    doubtful = found[0][0] > _IMPLAUSIBLE * cells or (halves > 2 and None in known and odd)
    return filled(_rows(path, fragments, halves), readings, known, doubtful)


class _Texts:
    """The search for the places of the texts, for one book."""

    def __init__(
        self,
        fragments: Sequence[Fragment],
        halves: int,
        known: Sequence[int | None],
        book: Book,
        known_ways: dict[int, _Ways],
    ) -> None:
        self.fragments, self.halves, self.known, self.book = fragments, halves, known, book
        self.height = max(book.sizes) + 2
        self.column = (1 << self.height) - 1
        self.known_ways: _Ways = known_ways.setdefault(self.height, {})
        #: where a fragment with numbers may go, and the price
        self.firm = {number: self._firm(fragments[number], places) for number, places in book.places.items()}
        #: the fragments with numbers that may need a cell
        self.needed: dict[int, list[int]] = {}
        for number, ways in self.firm.items():
            for bit in {bit for _, way in ways for bit in way.bits}:
                self.needed.setdefault(bit, []).append(number)

    def _firm(self, fragment: Fragment, places: tuple[tuple[int, int], ...]) -> list[tuple[float, _Way]]:
        """The ways to lay out a fragment whose numbers have their places."""
        found = []
        table = places[0][0] // 2
        for columns, price in fragment.ways():
            numbers = [column for column, kind in zip(columns, fragment.kinds, strict=True) if kind == "n"]
            if all(half == 2 * table + column // 3 for (half, _), column in zip(places, numbers, strict=True)):
                row = dict(zip(numbers, (row for _, row in places), strict=True))
                found.append((price, self._way(table, columns, tuple(row.get(one, places[0][1]) for one in columns))))
        return found

    def _way(self, table: int, columns: tuple[int, ...], rows: tuple[int, ...]) -> _Way:
        way = self.known_ways.get((table, columns, rows))
        if way is None:
            spots = []
            for column, row in zip(columns, rows, strict=True):
                shift, kind = (6 * table + column) * self.height, column % 3
                bit = 0 if row == TOTAL_ROW else 1 << shift + row
                half = 2 * table + column // 3
                spots.append((row, half, kind, column > 2, shift, shift - kind * self.height, bit))
            bits = tuple(spot[-1] for spot in spots if spot[-1])
            way = _Way(table, tuple(zip(columns, rows, strict=True)), bits, sum(bits), tuple(spots))
            self.known_ways[table, columns, rows] = way
        return way

    def solve(self, width: int, limit: float) -> list[tuple[float, _Step | None]]:
        """The cheapest ways to place all fragments, none dearer than ``limit``."""
        beam = [_State(self.book.wrong, 0, 0, (0, 0, -1), (), None)]
        for number in range(len(self.fragments)):
            beam = self._next(beam, number, width, limit)
        finals = sorted(((state.cost + self._unfinished(state), at) for at, state in enumerate(beam)))
        return [(cost, beam[at].step) for cost, at in finals if cost <= limit]

    def _next(self, beam: list[_State], number: int, width: int, limit: float) -> list[_State]:
        """The best states after one more fragment, in the order of their costs."""
        fragment, firm = self.fragments[number], self.firm.get(number)
        kinds, cells = fragment.kinds, fragment.cells
        if kinds == "H":  # its letter says where it stands
            table, side = divmod(cells[0].half, 2)
            last = (table, HEADING_ROW, 3 * side)
            return [_State(one.cost, one.filled, one.closed, last, one.texts, one.step) for one in beam]
        skip = self._skip(fragment, firm)
        lost, labels = firm is None and "n" in kinds, kinds.isupper()
        options = self._options(fragment) if firm is None and not lost else []
        best: dict[tuple[int, int, tuple[int, int, int]], _State] = {}
        costs: list[float] = []
        for state in beam:
            spent, filled, closed, last, texts, step = state
            if spent - 0.5 > limit:
                break
            found = (
                [_State(spent + skip, filled, closed, last, texts, _Step(step, number, None))]
                if spent + skip <= limit
                else []
            )
            room = limit - spent + 0.4  # that much a text and its like may take off the price
            here = last[0]
            for price, table, columns, shifts, size in options:
                if price > room:
                    break
                if table != here and not labels and price + 1.0 > room:
                    continue
                for row in (
                    rows_for(filled, last, kinds, table, shifts, self.column, size)
                    if not labels
                    else self._label_rows(filled, table, columns)
                ):
                    cost = price + step_price(last, table, row, columns[0])
                    if cost <= room:
                        way = self._way(table, columns, (row,) * len(columns))
                        new = self._place(state, number, cells, way, spent + cost, limit)
                        if new is not None:
                            found.append(new)
            for price, way in firm or ():
                cost = price + step_price(last, way.table, way.cells[0][1], way.cells[0][0])
                if cost <= room:
                    new = self._place(state, number, cells, way, spent + cost, limit)
                    if new is not None:
                        found.append(new)
            for new in found:
                if new.cost > limit:
                    continue
                key = (new.filled, new.closed, new.last)
                known = best.get(key)
                if known is None:
                    insort(costs, new.cost)
                    limit = min(limit, costs[0] + _SPREAD)
                    if len(costs) >= width:
                        limit = min(limit, costs[width - 1])
                    best[key] = new
                    continue
                kept, other = (new, known) if new.cost < known.cost else (known, new)
                gap = other.cost - kept.cost
                if gap <= _MARGIN and kept.step is not None and other.step is not None and kept.step is not other.step:
                    kept.step.others += [(gap, other.step)]
                    kept.step.others += [(more + gap, one) for more, one in other.step.others if more + gap <= _MARGIN]
                best[key] = kept
        return sorted(best.values(), key=_cost)[:width]

    def _skip(self, fragment: Fragment, firm: list[tuple[float, _Way]] | None) -> float:
        """The price of leaving a fragment out."""
        skip = sum(_LEFT_OUT[kind] for kind in fragment.kinds) / (4 if fragment.loose else 1)
        if firm is not None:
            return skip + _BOOKED
        if "n" in fragment.kinds:  # the book has paid for that
            return 0.0
        # cells on one line are of a row
        return 2 * skip if len(fragment.kinds) > 1 or fragment.cells[0].as_item < 0.5 else skip

    def _options(self, fragment: Fragment) -> list[tuple[float, int, tuple[int, ...], tuple[int, ...], int]]:
        """Where texts and labels may go: price, table, columns with their shifts, and the last row of all of them."""
        return [
            (
                price,
                table,
                columns,
                tuple((6 * table + column) * self.height for column in columns),
                min(self.book.sizes[2 * table + column // 3] for column in columns),
            )
            for columns, price in fragment.ways()
            for table in range(self.halves // 2)
        ]

    def _label_rows(self, filled: int, table: int, columns: tuple[int, ...]) -> Iterable[int]:
        """Labels come from one table down to the next."""
        above = [filled >> (6 * other + columns[0]) * self.height & 1 for other in range(table)]
        return (LABEL_ROW,) if all(above) else ()

    def _leaves_room(self, filled: int, way: _Way, number: int) -> bool:
        """Whether every fragment with numbers that is still to come has a place left."""
        for bit in way.bits:
            for later in self.needed.get(bit, ()):
                if later > number and all(filled & one.mask for _, one in self.firm[later]):
                    return False
        return True

    def _place(
        self, state: _State, number: int, cells: list[Cell], way: _Way, cost: float, limit: float
    ) -> _State | None:
        """The state with one more fragment in its place; None where there is no room, or no cheap enough one."""
        filled, closed, texts, full = state.filled, state.closed, state.texts, self.column
        if filled & way.mask:
            return None
        for cell, (row, half, kind, right, shift, items_at, bit) in zip(cells, way.spots, strict=True):
            if row == TOTAL_ROW:
                if cell.kind == "t":
                    if closed >> half & 1:
                        return None
                    items, uses = (filled >> shift & full) >> 1, (filled >> shift + self.height & full) >> 1
                    closed |= 1 << half
                    cost += 0.1 * (items & ~uses).bit_count() + 0.8 * (uses & ~items).bit_count()
                    cost += 0.0 if items else 0.8
                else:
                    cost += 0.2 if closed >> half & 1 else 0.7
                continue
            mask = filled >> shift & full
            filled |= bit
            if not row:
                cost += 0.3 if right and not filled >> shift - 3 * self.height & 1 else 0.0
                continue
            above = row - (mask | 1).bit_length()
            cost += 0.8 * above if above > 0 else 0.3 if above < 0 else 0.0
            cost += 0.0 if mask & 1 else 0.3
            if kind == 2:
                cost += 0.0 if filled >> items_at + row & 1 else 0.5
                continue
            if kind == 0:
                cost += 0.5 if closed >> half & 1 and above >= 0 else 0.0
                cost += 0.8 if self.known[half] == 0 else 0.0
                cost += kinship(texts, half, row, cell.chars) if filled >> shift + self.height + row & 1 else 0.0
            else:
                cost += kinship(texts, half, row, cell.chars) if filled >> items_at + row & 1 else 0.3
            texts = (*texts, (half, row, cell.chars))
        if cost > limit or not self._leaves_room(filled, way, number):
            return None
        last_column, last_row = way.cells[-1]
        return _State(cost, filled, closed, (way.table, last_row, last_column), texts, _Step(state.step, number, way))

    def _mask(self, filled: int, column: int) -> int:
        """The filled rows of a column (six to a table) as bits."""
        return filled >> column * self.height & self.column

    def _unfinished(self, state: _State) -> float:
        """What is still wrong once everything is placed."""
        cost = 0.0
        for half in range(self.halves):
            items, uses, amounts = (self._mask(state.filled, 3 * half + kind) >> 1 for kind in range(3))
            cost += 2.5 * (items ^ amounts).bit_count() + 0.6 * (items & ~uses).bit_count()
            cost += 1.3 * (uses & ~items).bit_count()
        return cost


def _path(step: _Step | None) -> list[_Step]:
    found = []
    while step is not None:
        found.append(step)
        step = step.before
    return found[::-1]


def _rows(path: Sequence[_Step], fragments: Sequence[Fragment], halves: int) -> list[dict[int, Row]]:
    """The cells of each half table by row, each with the number of its fragment; its 計 in the row of totals."""
    rows: list[dict[int, Row]] = [{} for _ in range(halves)]
    for step in path:
        if step.way is not None:
            for cell, (column, row) in zip(fragments[step.number].cells, step.way.cells, strict=True):
                if cell.kind in "xn":
                    half = rows[2 * step.way.table + column // 3]
                    half.setdefault(row, [None, None, None])[column % 3] = step.number, cell
    return rows
