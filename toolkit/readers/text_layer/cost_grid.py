"""Put the fragments of the cost tables back into their rows.

Tables stand in pairs: item, use and amount of one block on the left, the same of the next block on the right, 計
below each. The printed order tells much (columns come from top to bottom, neighbours follow each other) but not
all, so a beam search keeps the best few placements and the sums decide: a block's amounts add up to its 計.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from toolkit.readers.text_layer.cost_cells import Cell, Fragment

__all__ = ["Filled", "solve"]

#: the price of leaving a fragment out
_LEFT_OUT = {"n": 4.0, "t": 2.5, "x": 1.3, "I": 1.5, "U": 1.0, "A": 1.0}
#: how much worse than the best a placement may be to stay in the search
_SPREAD = 5.0
_HEADING_ROW, _LABEL_ROW, _TOTAL_ROW = -1, 0, 99


class _Half(NamedTuple):
    """One block's half of a table while it fills: a bit per row and column, whether its 計 is printed, the total."""

    items: int = 0
    uses: int = 0
    sums: int = 0
    closed: bool = False
    total: int | None = None
    amounts: tuple[tuple[int, int], ...] = ()

    def filled(self, column: int) -> int:
        """The rows that are filled in a column, as bits."""
        return (self.items, self.uses, self.sums)[column % 3]

    @property
    def spent(self) -> int:
        return sum(amount for _, amount in self.amounts)


class _State(NamedTuple):
    cost: float
    halves: tuple[_Half, ...]
    #: table, row and column filled last
    last: tuple[int, int, int]
    trail: tuple | None
    #: tells what is filled, whatever the order it was filled in
    key: int
    #: telling characters of the items and uses, by half table and row
    texts: tuple[tuple[int, int, frozenset[str]], ...]


@dataclass(slots=True)
class Filled:
    """One solved half table: rows of (item, use, amount), its 計, and what is wrong with it (0 = nothing)."""

    rows: list[tuple[Cell | None, Cell | None, Cell | None]]
    total: Cell | None
    #: whether item and amount of the row stood on one line
    plain: list[bool]
    adds_up: bool
    #: one flag per row: no other placement that is nearly as good reads it differently
    settled: list[bool]

    @property
    def sound(self) -> bool:
        """Whether every row has its item and its amount, and the amounts add up to the 計."""
        return not self.rows or (self.adds_up and all(item and amount for item, _, amount in self.rows))


#: how many placements to keep in the search: more, where fewer found nothing that adds up
_WIDTHS = (8, 32, 100)
#: what an ordinary placement costs per fragment at most
_USUAL = 0.3
#: from what price per fragment on a wider search is no use
_HOPELESS = 1.5
#: bound on width times fragments times halves
_WORK = 15_000


def solve(fragments: Sequence[Fragment], halves: int, known: Sequence[int | None]) -> list[Filled]:
    """The best placement of all fragments into ``halves`` half tables (an even number).

    ``known`` is each block's expected 計, where other parts of the sheet tell. Tables too large to search are empty.
    """
    best, price = [], inf
    for width in _WIDTHS:
        width = max(1, min(width, _WORK // max(1, len(fragments) * halves)))
        filled, cost = _search(fragments, halves, known, width)
        if cost < price:
            best, price = filled, cost
        sound = all(half.sound for half in best)
        if sound and (price <= _USUAL * len(fragments) or width > _WIDTHS[0]):
            break
        if width > _WIDTHS[0] and price > _HOPELESS * len(fragments):
            break
    return best


def _search(
    fragments: Sequence[Fragment], halves: int, known: Sequence[int | None], width: int
) -> tuple[list[Filled], float]:
    """The best placement a search of this width finds, and its price."""
    beam = [_State(0.0, (_Half(),) * halves, (0, 0, -1), None, 0, ())]
    for number, fragment in enumerate(fragments):
        beam = _next_beam(beam, number, fragment, known, width)
    finals = sorted(((state.cost + _unfinished(state, known), i) for i, state in enumerate(beam)))
    readings = [_rows(beam[i], fragments, halves) for cost, i in finals if cost < finals[0][0] + 1.5][:6]
    return _filled(readings, beam[finals[0][1]]), finals[0][0]


def _next_beam(beam: list[_State], number: int, fragment: Fragment, known: Sequence[int | None], width: int,
               spread: float = _SPREAD) -> list[_State]:  # fmt: skip
    """The best ``width`` states after one more fragment; ``beam`` is in the order of its costs, and so is the result."""
    best: dict[tuple[int, tuple[int, int, int]], _State] = {}
    costs: list[float] = []
    for state in beam:
        limit = min(costs[width - 1] if len(costs) >= width else inf, beam[0].cost + spread)
        if state.cost - 0.5 > limit:
            break
        for new in _placements(state, number, fragment, known, limit):
            if new.cost > limit:
                continue
            key = (new.key, new.last)
            other = best.get(key)
            if other is None:
                insort(costs, new.cost)
            if other is None or new.cost < other.cost:
                best[key] = new
    if not best:
        return _next_beam(beam, number, fragment, known, width, inf)
    return heapq.nsmallest(width, best.values(), key=lambda one: one.cost)


def _placements(
    state: _State, number: int, fragment: Fragment, known: Sequence[int | None], limit: float
) -> Iterator[_State]:
    """Every way to go on from ``state`` that may cost no more than ``limit``."""
    kinds, cells = fragment.kinds, fragment.cells
    if kinds == "H":  # its letter says where it stands
        table, side = divmod(cells[0].half, 2)
        yield state._replace(last=(table, _HEADING_ROW, 3 * side))
        return
    skip = sum(_LEFT_OUT[kind] for kind in kinds) / (4 if fragment.loose else 1)
    if kinds == "x" and cells[0].as_item < 0.5:
        skip *= 2
    yield state._replace(cost=state.cost + skip)
    labels, sums, room = kinds.isupper(), not kinds.strip("nt"), limit - state.cost
    for columns, price in fragment.ways():
        if price > room:
            break
        for table in range(len(state.halves) // 2):
            if labels:
                rows: Iterable[int] = (_LABEL_ROW,)
            else:
                rows = _free_rows(state, table, columns) if "t" not in kinds else ()
            for row in rows:
                cost = price + _step(state.last, table, row, columns[0])
                if cost <= room:
                    new = _place(state, number, fragment, table, columns, row, state.cost + cost, known)
                    if new is not None:
                        yield new
            if sums:
                cost = price + _step(state.last, table, _TOTAL_ROW, columns[0])
                if cost <= room + 0.5:
                    new = _place_total(state, number, fragment, table, columns, state.cost + cost, known)
                    if new is not None:
                        yield new


def _free_rows(state: _State, table: int, columns: tuple[int, ...]) -> set[int]:
    """Rows worth trying: the first that is free in all columns, the next in order, and the row worked on last."""
    taken = top = 0
    for column in columns:
        mask = state.halves[2 * table + column // 3].filled(column)
        taken |= mask
        top = max(top, mask.bit_length())
    first = 1
    while taken >> first & 1:
        first += 1
    rows = {first, max(top, 1)}
    if state.last[0] == table and state.last[1] != _TOTAL_ROW:
        rows |= {state.last[1], state.last[1] + 1}
    return {row for row in rows if row > 0 and not taken >> row & 1}


def _step(last: tuple[int, int, int], table: int, row: int, column: int) -> float:
    """What it costs to go on here after the cell filled last."""
    if table != last[0]:
        if row < 1:  # columns run on into the table below, and start over at the top of the next column
            if table == last[0] + 1 and last[1] == _TOTAL_ROW and column // 3 == last[2] // 3:
                return 0.2
            if column > last[2]:
                return 0.6
        return 1.0
    if row == last[1]:
        return 0.5 * (column - last[2] - 1) if column > last[2] else 0.5
    if row == last[1] + 1 or _TOTAL_ROW in (row, last[1]):
        return 0.2 if column <= last[2] or last[2] < 0 else 0.5
    return 0.4 if row < last[1] and row == 1 and column > last[2] else 0.6


def _place(state: _State, number: int, fragment: Fragment, table: int, columns: tuple[int, ...], row: int,
           cost: float, known: Sequence[int | None]) -> _State | None:  # fmt: skip
    halves, key, texts = list(state.halves), state.key, state.texts
    for cell, column in zip(fragment.cells, columns, strict=True):
        place = 2 * table + column // 3
        half = halves[place]
        key ^= hash((place, column, row, cell.amount))
        items, uses, sums, closed, total, amounts = half
        mask = (items, uses, sums)[column % 3]
        if mask >> row & 1:
            return None
        if row:
            above = row - (mask | 1).bit_length()
            cost += 0.8 * above if above > 0 else 0.3 if above < 0 else 0.0
            cost += 0.0 if mask & 1 else 0.3
        elif column > 2 and not halves[place - 1].filled(column) & 1:
            cost += 0.3
        if column in (0, 3):
            if row:
                cost += 0.5 if closed and above >= 0 else 0.0
                cost += 0.8 if known[place] == 0 else 0.0
                cost += 0.15 if column and halves[place - 1].items < 2 else 0.0
            items |= 1 << row
            cost += _kinship(texts, place, row, cell.chars) if uses >> row & 1 else 0.0
            texts = (*texts, (place, row, cell.chars))
        elif column in (1, 4):
            if row:
                cost += _kinship(texts, place, row, cell.chars) if items >> row & 1 else 0.3
                texts = (*texts, (place, row, cell.chars))
            uses |= 1 << row
        else:
            if row:
                cost += 0.0 if items >> row & 1 else 0.5
                amount = cell.amount or 0
                amounts = (*amounts, (row, amount))
                cost += _order(half, row, amount) + _excess(amounts, total, known[place])
            sums |= 1 << row
        halves[place] = _Half(items, uses, sums, closed, total, amounts)
    trail = (state.trail, number, table, columns, row)
    return _State(cost, tuple(halves), (table, row, columns[-1]), trail, key, texts)


def _kinship(texts: tuple[tuple[int, int, frozenset[str]], ...], place: int, row: int, chars: frozenset[str]) -> float:
    """An item and its use often share a word (旅費, 委員等旅費): five times as often as an item and another use."""
    for other_place, other_row, known in reversed(texts):
        if other_row == row and other_place == place:
            return 0.1 if chars.isdisjoint(known) else -0.4
    return 0.1


def _order(half: _Half, row: int, amount: int) -> float:
    """Amounts fall from row to row on nearly every sheet."""
    return 1.2 * sum(1 for other, value in half.amounts if (value < amount if other < row else value > amount))


def _excess(amounts: tuple[tuple[int, int], ...], total: int | None, known: int | None) -> float:
    spent = sum(amount for _, amount in amounts)
    if total is not None and spent > total:
        return 5.0
    return 1.5 if known is not None and spent > known else 0.0


def _place_total(state: _State, number: int, fragment: Fragment, table: int, columns: tuple[int, ...], cost: float,
                 known: Sequence[int | None]) -> _State | None:  # fmt: skip
    halves, key = list(state.halves), state.key
    for cell, column in zip(fragment.cells, columns, strict=True):
        place = 2 * table + column // 3
        half = halves[place]
        key ^= hash((place, column, _TOTAL_ROW, cell.amount))
        if cell.kind == "t":
            if half.closed:
                return None
            halves[place] = half._replace(closed=True)
            items, uses = half.items >> 1, half.uses >> 1
            cost += 0.1 * (items & ~uses).bit_count() + 0.8 * (uses & ~items).bit_count() + (0.0 if items else 0.8)
            continue
        if half.total is not None:
            return None
        amount, spent = cell.amount or 0, half.spent
        halves[place] = half._replace(total=amount)
        cost += 0.2 if half.closed else 0.7
        if half.closed:
            cost += 0.8 * (half.items >> 1 ^ half.sums >> 1).bit_count()
        if spent > amount:
            cost += 5.0
        elif spent < amount or (not half.amounts and amount):
            cost += 0.8
        if known[place] is not None:
            cost += -0.5 if amount == known[place] else 1.0
    trail = (state.trail, number, table, columns, _TOTAL_ROW)
    return _State(cost, tuple(halves), (table, _TOTAL_ROW, columns[-1]), trail, key, state.texts)


def _unfinished(state: _State, known: Sequence[int | None]) -> float:
    """What is still wrong once everything is placed."""
    cost = 0.0
    for half, expected in zip(state.halves, known, strict=True):
        items, uses, amounts = half.items >> 1, half.uses >> 1, half.sums >> 1
        cost += (
            2.5 * (items ^ amounts).bit_count() + 0.6 * (items & ~uses).bit_count() + 1.3 * (uses & ~items).bit_count()
        )
        cost += 0.7 * (items.bit_length() - items.bit_count())
        if expected and not half.amounts:
            cost += 2.0
        if half.total is None:
            cost += (0.3 if expected == half.spent else 1.5) if half.amounts else 0.0
        elif half.total != half.spent:
            cost += 1.2 if _rounds_to(half) else 5.0
    return cost


def _rounds_to(half: _Half) -> bool:
    """Whether amounts and total differ by no more than their rounding explains."""
    digits = [value for _, value in half.amounts] + [half.total or 0]
    step = next((unit for unit in (1_000_000, 100_000, 10_000, 1_000) if all(value % unit == 0 for value in digits)), 1)
    return abs((half.total or 0) - half.spent) <= step * max(1, len(half.amounts) // 2)


_Rows = list[tuple[dict[int, list[tuple[int, Cell] | None]], Cell | None]]


def _rows(state: _State, fragments: Sequence[Fragment], halves: int) -> _Rows:
    """The cells of each half table by row, each with the number of its fragment, and the total."""
    rows: list[dict[int, list[tuple[int, Cell] | None]]] = [{} for _ in range(halves)]
    totals: list[Cell | None] = [None] * halves
    trail = state.trail
    while trail is not None:
        trail, number, table, columns, row = trail
        for cell, column in zip(fragments[number].cells, columns, strict=True):
            place = 2 * table + column // 3
            if row == _TOTAL_ROW and cell.kind == "n":
                totals[place] = cell
            elif cell.kind in "xn":
                rows[place].setdefault(row, [None, None, None])[column % 3] = (number, cell)
    return list(zip(rows, totals, strict=True))


def _filled(readings: list[_Rows], best: _State) -> list[Filled]:
    result = []
    for place, (rows, total) in enumerate(readings[0]):
        half = best.halves[place]
        filled = Filled([], total, [], half.total is not None and half.total == half.spent, [])
        for _, cells in sorted(rows.items()):
            item, use, amount = cells
            filled.rows.append((item and item[1], use and use[1], amount and amount[1]))
            filled.plain.append(item is not None and amount is not None and item[0] == amount[0])
            filled.settled.append(all(_has(other[place][0], item, amount) for other in readings[1:]))
        result.append(filled)
    return result


def _has(
    rows: dict[int, list[tuple[int, Cell] | None]], item: tuple[int, Cell] | None, amount: tuple[int, Cell] | None
) -> bool:
    """Whether another reading has a row that says the same."""
    want = (item and item[1].text, amount and amount[1].amount)
    return any((i and i[1].text, a and a[1].amount) == want for i, _, a in rows.values())
