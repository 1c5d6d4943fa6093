"""Steps through the cost tables: which rows a fragment may go to, and how odd it is to go on there."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.readers.text_layer.cost_sums import TOTAL_ROW

__all__ = ["HEADING_ROW", "LABEL_ROW", "Words", "kinship", "rows_for", "step_price"]

HEADING_ROW, LABEL_ROW = -1, 0
#: the last item or use: its half and row, its telling characters, and those before it
Words = tuple[int, int, frozenset[str], "Words"] | None


def rows_for(
    filled: int, last: tuple[int, int, int], table: int, shifts: tuple[int, ...], full: int, size: int
) -> Iterable[int]:
    """Rows worth trying: the first that is free in all columns, the next in order, and the row worked on last."""
    if not size:
        return ()
    taken, top = 1, 1
    for shift in shifts:
        mask = filled >> shift & full
        taken |= mask
        length = mask.bit_length()
        top = length if length > top else top
    free = (~taken & taken + 1).bit_length() - 1
    here = last[1] if last[0] == table else TOTAL_ROW
    if free == top and (here == TOTAL_ROW or (here + 1 == top and (here < 1 or taken >> here & 1))):
        return (top,) if top <= size else ()  # all of them the same, as mostly
    rows = {free, top}
    if here != TOTAL_ROW:
        rows |= {here, here + 1}
    return [row for row in rows if 0 < row <= size and not taken >> row & 1]


def step_price(last: tuple[int, int, int], table: int, row: int, column: int) -> float:
    """What it costs to go on here after the cell filled last."""
    if table != last[0]:
        if row < 1:  # columns run on into the table below, and start over at the top of the next column
            if table == last[0] + 1 and last[1] == TOTAL_ROW and column // 3 == last[2] // 3:
                return 0.2
            if column > last[2]:
                return 0.6
        return 1.0
    if row == last[1]:
        return 0.5 * (column - last[2] - 1) if column > last[2] else 0.5
    if row == last[1] + 1 or TOTAL_ROW in (row, last[1]):
        return 0.2 if column <= last[2] or last[2] < 0 else 0.5
    return 0.4 if row < last[1] and row == 1 and column > last[2] else 0.6


def kinship(words: Words, half: int, row: int, chars: frozenset[str]) -> float:
    """An item and its use often share a word (旅費, 委員等旅費): five times as often as an item and another use."""
    while words is not None:
        other_half, other_row, known, words = words
        if other_row == row and other_half == half:
            return 0.1 if chars.isdisjoint(known) else -0.4
    return 0.1
