"""Put the fragments of the cost tables back into their rows.

Tables stand in pairs: item, use and amount of one block on the left, the same of the next block on the right, 計
below each. Which number is whose, and how many rows each half has, the sums have said (``cost_sums``). Where the
texts go the printed order tells: columns come from top to bottom, neighbours follow each other.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from functools import reduce
from math import inf
from operator import itemgetter, or_

from toolkit.readers.text_layer.cost_cells import Fragment
from toolkit.readers.text_layer.cost_places import Tables, Way
from toolkit.readers.text_layer.cost_rows import Filled, Row, filled
from toolkit.readers.text_layer.cost_steps import HEADING_ROW, LABEL_ROW, Words, kinship, rows_for, step_price
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


class _Step:
    """One fragment and its way, None where it was left out; ``others`` led to the same state and cost a little more."""

    __slots__ = ("before", "number", "others", "way")

    def __init__(self, before: _Step | None, number: int, way: Way | None) -> None:
        self.before, self.number, self.way = before, number, way
        self.others: tuple[tuple[float, _Step], ...] = ()


#: a state has its cost, a bit for every filled cell and one for every half table whose 計 was printed; table, row and
#: column filled last; the items and uses so far; and the last step to it
_State = tuple[float, int, int, tuple[int, int, int], Words, _Step | None]

_cost = itemgetter(0)


def solve(fragments: Sequence[Fragment], halves: int, known: Sequence[int | None]) -> list[Filled]:
    """The best placement of all fragments into ``halves`` half tables (an even number).

    ``known`` is each block's expected 計, where other parts of the sheet tell.
    """
    shared = books(fragments, halves, known)
    height = max(max(book.sizes) for book in shared) + 2
    ways: dict[tuple[object, ...], Way] = {}
    tables = {book.sizes: Tables(fragments, book.sizes, height, ways) for book in shared}
    searches = [_Texts(tables[book.sizes], known, book) for book in shared]
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
    found.sort(key=_cost)
    limit = found[0][0] + _MARGIN
    path = _path(found[0][1])
    rivals = [_path(step) for cost, step in found[1:] if cost <= limit]
    for at, one in enumerate(path, start=1):  # from where they met the rest of the best way is theirs too
        rivals += [_path(other) + path[at:] for extra, other in one.others if extra <= _MARGIN]
    readings = [_rows(rival, fragments, halves) for rival in rivals]
    odd = found[0][0] > _ODD * len(fragments)
    doubtful = found[0][0] > _IMPLAUSIBLE * cells or (halves > 2 and None in known and odd)
    return filled(_rows(path, fragments, halves), readings, known, doubtful, odd)


class _Texts:
    """The search for the places of the texts, for one book."""

    def __init__(self, tables: Tables, known: Sequence[int | None], book: Book) -> None:
        self.tables, self.known, self.fragments = tables, known, tables.fragments
        self.height, self.column = tables.height, tables.column
        #: where a fragment with numbers may go, and the price
        self.firm = {number: tables.firm(number, places) for number, places in book.places.items()}
        #: of every fragment with numbers the cells that it may need: all, and in each way; and these of all after it
        self.rooms: list[tuple[int, int, list[int]]] = []
        self.needed = [0] * len(self.fragments)
        union = 0
        for number in range(len(self.fragments) - 1, -1, -1):
            self.needed[number] = union
            masks = [way.mask for _, way in self.firm.get(number, ())]
            if masks:
                every = reduce(or_, masks)
                self.rooms.append((number, every, masks))
                union |= every
        #: how many fragments were placed before a search had to leave out states, and these
        self.uncut: tuple[int, list[_State]] = 0, [(book.wrong, 0, 0, (0, 0, -1), None, None)]
        self.is_cut = False

    def solve(self, width: int, limit: float) -> list[tuple[float, _Step | None]]:
        """The cheapest ways to place all fragments, none dearer than ``limit``."""
        start, uncut = self.uncut
        beam, self.is_cut = [state for state in uncut if state[0] <= limit], False
        for number in range(start, len(self.fragments)):
            beam = self._next(beam, number, width, limit)
            if not self.is_cut:
                self.uncut = number + 1, beam
        finals = sorted([(state[0] + self._unfinished(state[1]), at) for at, state in enumerate(beam)])
        return [(cost, beam[at][-1]) for cost, at in finals if cost <= limit]

    def _next(self, beam: list[_State], number: int, width: int, limit: float) -> list[_State]:
        """The best states after one more fragment, in the order of their costs."""
        fragment, firm, tables = self.fragments[number], self.firm.get(number), self.tables
        kinds = fragment.kinds
        if kinds == "H":  # its letter says where it stands
            table, side = divmod(fragment.cells[0].half, 2)
            last = (table, HEADING_ROW, 3 * side)
            return [(cost, filled, closed, last, texts, step) for cost, filled, closed, _, texts, step in beam]
        skip = self._skip(fragment, firm)
        lost, labels, total = firm is None and "n" in kinds, kinds.isupper(), "t" in kinds
        options = tables.options(number) if firm is None and not lost else []
        off = 0.4 if "x" in kinds else 1e-9  # that much a text and its like may take off the price
        best: dict[tuple[object, ...], _State] = {}
        costs: list[float] = []
        for state in beam:
            spent, filled, closed, last, texts, step = state
            if spent - 0.5 > limit:
                break
            found: list[_State | None] = []
            if spent + skip <= limit:
                found.append((spent + skip, filled, closed, last, texts, _Step(step, number, None)))
            room = limit - spent + off
            here = last[0]
            for price, (table, columns, shifts, size, above, ways) in options:
                if price > room:
                    break
                rows: Iterable[int]
                if labels:  # these come from one table down to the next
                    rows = (LABEL_ROW,) if filled & above == above else ()
                elif table != here and price + 1.0 > room:
                    continue
                else:
                    rows = rows_for(filled, last, table, shifts, self.column, size) if not total else (TOTAL_ROW,)
                for row in rows:
                    cost = price + step_price(last, table, row, columns[0])
                    if cost <= room:
                        if row not in ways:
                            ways[row] = tables.way(table, columns, (row,) * len(columns))
                        way = ways[row]
                        if not filled & way.mask:
                            found.append(self._place(state, number, way, spent + cost, limit))
            for price, way in firm or ():
                if not filled & way.mask:
                    cost = price + step_price(last, way.table, *way.first)
                    if cost <= room:
                        found.append(self._place(state, number, way, spent + cost, limit))
            for new in found:
                if new is None or new[0] > limit:
                    continue
                key = new[1:4]
                known = best.get(key)
                if known is None:
                    insort(costs, new[0])
                    if costs[0] + _SPREAD < limit:
                        limit = costs[0] + _SPREAD
                    if len(costs) >= width and costs[width - 1] < limit:
                        limit = costs[width - 1]
                    best[key] = new
                    continue
                kept, other = (new, known) if new[0] < known[0] else (known, new)
                gap, step, rival = other[0] - kept[0], kept[-1], other[-1]
                if gap <= _MARGIN and step is not None and rival is not None and step is not rival:
                    more = [(extra + gap, one) for extra, one in rival.others if extra + gap <= _MARGIN]
                    step.others += ((gap, rival), *more)
                best[key] = kept
        self.is_cut = self.is_cut or len(costs) >= width
        return sorted(best.values(), key=_cost)[:width]

    def _skip(self, fragment: Fragment, firm: list[tuple[float, Way]] | None) -> float:
        """The price of leaving a fragment out."""
        if firm is None and "n" in fragment.kinds:  # the book has paid for that
            return 0.0
        skip = sum([_LEFT_OUT[kind] for kind in fragment.kinds]) / (4 if fragment.loose else 1)
        if firm is not None:
            return skip + _BOOKED
        # cells on one line are of a row
        return 2 * skip if len(fragment.kinds) > 1 or fragment.cells[0].as_item < 0.5 else skip

    def _leaves_room(self, filled: int, own: int, number: int) -> bool:
        """Whether every fragment with numbers that is still to come has a place left beside its ``own`` cells."""
        for later, every, masks in self.rooms:
            if later <= number:
                break
            if own & every:
                for mask in masks:
                    if not filled & mask:
                        break
                else:
                    return False
        return True

    def _place(self, state: _State, number: int, way: Way, cost: float, limit: float) -> _State | None:
        """The state with one more fragment in its place; None where there is no cheap enough one, or no room for others."""
        _, filled, closed, _, texts, step = state
        full, cells = self.column, self.fragments[number].cells
        for cell, (row, half, kind, right, shift, items_at, bit) in zip(cells, way.spots, strict=False):
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
            texts = (half, row, cell.chars, texts)
        if cost > limit or (way.mask & self.needed[number] and not self._leaves_room(filled, way.mask, number)):
            return None
        return cost, filled, closed, way.last, texts, _Step(step, number, way)

    def _unfinished(self, filled: int) -> float:
        """What is still wrong once everything is placed."""
        cost = 0.0
        for half in range(len(self.tables.sizes)):
            rows = filled >> 3 * half * self.height
            items, uses, amounts = [(rows >> kind * self.height & self.column) >> 1 for kind in range(3)]
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
            for cell, (row, half, kind, *_) in zip(fragments[step.number].cells, step.way.spots, strict=True):
                if cell.kind in "xn":
                    rows[half].setdefault(row, [None, None, None])[kind] = step.number, cell
    return rows
