"""Which number of the cost tables belongs to which block: the amounts of a block add up to its 計.

The sums say more than the printed order, and they need only the numbers: each is an amount or the 計 of some half
table, or of none. What is found here (a *book*) leaves to ``cost_grid`` where the texts go, with the number of
rows of every half table known.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import pairwise
from math import gcd, inf
from operator import attrgetter
from typing import NamedTuple

from toolkit.readers.text_layer.cost_cells import Fragment

__all__ = ["TOTAL_ROW", "Book", "books"]

TOTAL_ROW = 99
#: the price of leaving a number out; of a sum that is not the 計, or is it but for rounding
_LEFT_OUT, _OFF, _ROUNDED = 4.0, 5.0, 1.2
#: the price of a 計 that is not what the list of recipients says, and of a 計 that is not printed
_UNKNOWN, _NO_TOTAL = 1.5, 0.3
#: how many ways to keep in the search: one tells which are too dear; more, where the sums of what fewer found do not
#: hold
_WIDTHS = (1, 8, 60)
#: how much worse than the best a book may be to be tried
_SPREAD = 1.0
#: the same where the 計 of some block is not known from elsewhere: then no sum tells whose a column is
_OPEN = 3.0
#: sums beyond this many units are not looked up
_MOST = 1 << 18


class Book(NamedTuple):
    """One way to share out the numbers.

    ``places`` has, by number of the fragment, half table and row of each of its numbers; what is left out is
    missing. ``sizes`` counts the amounts of every half table.
    """

    wrong: float
    places: dict[int, tuple[tuple[int, int], ...]]
    sizes: tuple[int, ...]


class _Half(NamedTuple):
    """What is booked to a half table: sum and number of its amounts, the last of them, its 計."""

    spent: int = 0
    rows: int = 0
    last: int = -1
    total: int | None = None


class _State(NamedTuple):
    """``price`` without what is still missing, ``hops`` what of it the order accounts for; ``last`` is half table,
    fragment, and whether it was a 計."""

    cost: float
    price: float
    hops: float
    halves: tuple[_Half, ...]
    last: tuple[int, int, bool]
    key: int
    trail: tuple | None


class _Entry(NamedTuple):
    """The numbers of one fragment, the sides of a table they may stand on, and what may not be."""

    number: int
    values: tuple[int, ...]
    sides: tuple[tuple[int, ...], ...]
    amounts: bool
    totals: bool
    left_out: float


class _Option(NamedTuple):
    """Half tables for the numbers of a fragment, as amounts or as 計; what a state gains and where it then is."""

    values: tuple[tuple[int, int], ...]
    total: bool
    key: int
    placed: tuple[tuple[int, bool], ...]
    last: tuple[int, int, bool]


_cost = attrgetter("cost")


def books(fragments: Sequence[Fragment], halves: int, known: Sequence[int | None]) -> list[Book]:
    """The best ways to share out the numbers over the half tables, the best first."""
    entries = [_entry(number, fragment) for number, fragment in enumerate(fragments) if "n" in fragment.kinds]
    search = _Search(entries, halves, known)
    loose = sum(one is None for one in known[:halves])
    spread = _SPREAD if not loose else _OPEN
    states: list[_State] = []
    for width in _WIDTHS:
        states = search.run(width, states[0].cost + spread if states else inf) or states
        settled = states[0].cost - states[0].price < _NO_TOTAL and states[0].price < 0.5 * len(entries)
        if width > 1 and (settled or not search.is_cut):
            break
    found: dict[tuple, Book] = {}
    limit = states[0].cost + spread
    for state in [state for state in states if state.cost <= limit][: 4 if not loose else 12]:
        for book in search.booked(state):  # of those that differ in the 計 alone the best will do
            amounts = {number: places for number, places in book.places.items() if places[0][1] != TOTAL_ROW}
            found.setdefault((*sorted(amounts.items()),), book)
    return list(found.values())


def _entry(number: int, fragment: Fragment) -> _Entry:
    kinds, sides = fragment.kinds, {sides for _, _, sides in fragment.ways()}
    values = tuple([cell.amount or 0 for cell in fragment.cells if cell.kind == "n"])
    return _Entry(
        number, values, tuple(sorted(sides)), "t" not in kinds, "x" not in kinds,
        _LEFT_OUT * len(values) / (4 if fragment.loose else 1),
    )  # fmt: skip


class _Search:
    def __init__(self, entries: Sequence[_Entry], halves: int, known: Sequence[int | None]) -> None:
        self.entries, self.halves, self.known = entries, halves, known
        values = [value for entry in entries for value in entry.values]
        self.unit = reduce(gcd, values, 0) or 1
        self.step = next((unit for unit in (1_000_000, 100_000, 10_000, 1_000) if self.unit % unit == 0), 1)
        most = min(max([*values, *(one or 0 for one in known)], default=0) * 2 // self.unit, _MOST)
        self.mask = (1 << most + 1) - 1
        #: for every entry the sums that it and those after it can make, as bits
        self.sums = [1]
        for entry in reversed(entries):
            bits = self.sums[-1]
            for value in entry.values:
                bits |= bits << min(value // self.unit, most + 1) & self.mask
            self.sums.append(bits)
        self.sums.reverse()
        self.bounds: dict[tuple[int, int, _Half], float] = {}
        self.options = [self._options(entry) for entry in entries]
        #: how many entries were booked before a search had to leave out ways, and those to book them
        self.uncut = 0, [_State(0.0, 0.0, 0.0, (_Half(),) * halves, (0, -1, False), 0, None)]
        self.is_cut = False

    def run(self, width: int, most: float) -> list[_State]:
        """The cheapest ways to book all numbers, none dearer than ``most``."""
        start, uncut = self.uncut
        beam, self.is_cut = [state for state in uncut if state.cost <= most], False
        for index, entry in enumerate(self.entries[start:], start):
            best: dict[tuple[int, tuple[int, int, bool]], _State] = {}
            costs: list[float] = []
            limit = most
            options = self.options[index]
            for state in beam:
                for new in self._ways(state, index, entry, options, limit):
                    if new.cost > limit:
                        continue
                    key = (new.key, new.last)
                    other = best.get(key)
                    if other is None:
                        insort(costs, new.cost)
                        if len(costs) >= width and costs[width - 1] < limit:
                            limit = costs[width - 1]
                    if other is None or new.cost < other.cost:
                        best[key] = new
            beam = sorted(best.values(), key=_cost)[:width]
            self.is_cut = self.is_cut or len(costs) >= width
            if not self.is_cut:
                self.uncut = index + 1, beam
        return beam

    def _options(self, entry: _Entry) -> list[_Option]:
        """Where the numbers of a fragment may be booked."""
        found = []
        for table in range(self.halves // 2):
            for sides in entry.sides:
                values = tuple([(2 * table + side, entry.values[at]) for at, side in enumerate(sides)])
                for total in (False, True):
                    if entry.totals if total else entry.amounts:
                        key = sum([hash((half, value, total)) for half, value in values])
                        placed = tuple([(half, total) for half, _ in values])
                        found.append(_Option(values, total, key, placed, (values[-1][0], entry.number, total)))
        return found

    def _ways(
        self, state: _State, index: int, entry: _Entry, options: Sequence[_Option], limit: float
    ) -> Iterator[_State]:
        """Every way to book the numbers of one more fragment that costs no more than ``limit``."""
        _, price, hops, halves, _, key, trail = state
        missing = [self._bound(index + 1, number, half) for number, half in enumerate(halves)]
        rest = sum(missing)
        yield _State(
            price + entry.left_out + rest,
            price + entry.left_out,
            hops,
            halves,
            state.last,
            key,
            (trail, entry.number, ()),
        )
        for option in options:
            booked, extra, hop, rest_now = halves, 0.0, 0.0, rest
            for half, value in option.values:
                before = booked[half]
                new, cost = self._book(before, self.known[half], value, option.total)
                if new is None:
                    break
                hop += 0.5 if not option.total and before.rows and value > before.last else 0.0
                booked, extra = (*booked[:half], new, *booked[half + 1 :]), extra + cost
                rest_now += self._bound(index + 1, half, new) - missing[half]
            else:
                hop += self._hop(state, option.values[0][0], entry.number, option.total)
                spent = price + extra + hop
                if spent + rest_now <= limit:
                    yield _State(
                        spent + rest_now, spent, hops + hop, booked, option.last, key + option.key,
                        (trail, entry.number, option.placed),
                    )  # fmt: skip

    def _book(self, half: _Half, known: int | None, value: int, is_total: bool) -> tuple[_Half | None, float]:
        """The half table with one more number, and what speaks against that; None where it cannot be."""
        spent, rows, last, total = half
        slack = self.step * max(1, rows // 2)
        if is_total:
            if total is not None or (spent > value + slack) or (known is not None and known != value and not rows):
                return None, 0.0
            other = _UNKNOWN if known is not None and known != value else 0.0
            return _Half(spent, rows, last, value), other
        if total is not None and spent + value > total + slack:
            return None, 0.0
        return _Half(spent + value, rows + 1, value, total), 0.8 if known == 0 else 0.0

    def _hop(self, state: _State, half: int, number: int, is_total: bool) -> float:
        """How odd it is to print this number next: a column goes on to its 計, then another one begins."""
        last, before, was_total = state.last
        if half == last:
            return 0.0 if not was_total else 0.3
        if before < 0:
            return 0.1 * half
        if was_total:
            return 0.2 if not state.halves[half].rows and not is_total else 0.4
        return 0.9 if number == before + 1 else 0.5

    def _bound(self, index: int, number: int, half: _Half) -> float:
        """What the sum of a half table will cost at least, whatever the numbers from ``index`` on are taken for."""
        key = (index, number, half)
        if key in self.bounds:
            return self.bounds[key]
        spent, rows, _, total = half
        known = self.known[number]
        if total is not None:
            need = total - spent
            slack = self.step * max(1, rows // 2)
            cost = 0.0 if self._reach(index, need) and (rows or not total or need) else (
                _ROUNDED if any(self._reach(index, need + d) for d in range(-slack, slack + 1, self.step)) and rows
                else _OFF)  # fmt: skip
            if cost and rows and known and self._reach(index, known - spent):
                cost = 0.0  # they make what the list of recipients says: that the 計 does not has been paid for
        elif known is None:
            cost = 1.5 if rows and index == len(self.entries) else 0.0
        elif not known:
            cost = _UNKNOWN if rows else 0.0
        elif spent > known:
            cost = _UNKNOWN
        elif self._reach(index, known - spent + known):
            cost = 0.0
        elif self._reach(index, known - spent):
            cost = _NO_TOTAL
        else:
            cost = _UNKNOWN if rows or index < len(self.entries) else 2.0
        self.bounds[key] = cost
        return cost

    def _reach(self, index: int, need: int) -> bool:
        """Whether some of the numbers from ``index`` on add up to this."""
        units, rest = divmod(need, self.unit)
        return need >= 0 and not rest and (units > self.mask.bit_length() or bool(self.sums[index] >> units & 1))

    def booked(self, state: _State) -> Iterator[Book]:
        """The rows of the numbers: amounts fall from row to row, on nearly every sheet; else as they were printed."""
        found: list[tuple[int, int, int, int, bool]] = []  # fragment, place in it, half table, amount, 計
        trail = state.trail
        values = {entry.number: entry.values for entry in self.entries}
        while trail is not None:
            trail, number, placed = trail
            found += [(number, at, half, values[number][at], total) for at, (half, total) in enumerate(placed)]
        found.sort()
        partner: dict[tuple[int, int], int] = {}  # the other amount of a fragment that has two
        for one, two in pairwise(found):
            if one[0] == two[0]:
                partner[one[:2]], partner[two[:2]] = two[3], one[3]
        columns = [[one for one in found if one[2] == half and not one[4]] for half in range(self.halves)]
        falling = [sorted(column, key=lambda one: (-one[3], one[0])) for column in columns]
        paired = [sorted(column, key=lambda one: (-one[3], -partner.get(one[:2], -1), one[0])) for column in columns]
        rises = sum(one[3] < two[3] for column in columns for i, one in enumerate(column) for two in column[i:])
        wrong = state.cost - state.hops
        seen = []
        for order, cost in ((falling, 0.0), (paired, 0.0), (columns, 1.2 * rises)):
            rows = {one[:2]: row for column in order for row, one in enumerate(column, start=1)}
            places: dict[int, tuple[tuple[int, int], ...]] = {}
            for number, at, half, _, total in found:
                places[number] = (*places.get(number, ()), (half, TOTAL_ROW if total else rows[number, at]))
            if places in seen or any(len({row for _, row in place}) > 1 for place in places.values()):
                continue
            seen.append(places)
            yield Book(wrong + cost, places, tuple(half.rows for half in state.halves))
