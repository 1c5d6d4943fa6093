"""Other placements that say the same sums: columns or rows changed places, one run moved to another free cell.

Arithmetic does not tell the columns of two years apart, nor the rows of two budget lines; only the printed order does.
These moves are what a solution is compared with before it is called settled.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from toolkit.readers.text_layer.grid import Layout, Place, Run

__all__ = ["Moves", "Shift"]

#: how many free places of a run are tried
_TRIES = 3

#: the runs that move, and by the number of its option where each goes
Shift = dict[int, int]

#: table, row and column of the first cell of a run
Start = tuple[int, int, int]

#: runs and where they stand
Placed = list[tuple[int, Place]]


class Moves:
    """The neighbours of placements; only those in which every run stands on one of its options. ``masks``: the cells of
    these; ``at``: their numbers by table, row and column of the first cell."""

    def __init__(
        self, layout: Layout, runs: Sequence[Run], masks: Sequence[list[int]], at: Sequence[dict[Start, int]]
    ) -> None:
        self._tables, self._runs, self._masks, self._at = layout.tables, runs, masks, at

    def around(self, chosen: Sequence[int]) -> Iterator[Shift]:
        """What leads to each neighbour of a placement."""
        places = [
            run.options[option].place if option >= 0 else None for run, option in zip(self._runs, chosen, strict=True)
        ]
        yield from self._exchanges(places)
        yield from self._relocations(chosen, places)
        yield from self._swaps(places)

    def _exchanges(self, places: list[Place | None]) -> Iterator[Shift]:
        """Two columns of equal height, or two rows, exchanged, with columns moved into an empty one, and with one row
        moved to either end."""
        for table, heights in enumerate(self._tables):
            own, below = self._on(places, table), self._on(places, table + 1)
            columns = {col for _, place in own for col in range(place.col, place.col + place.width)}
            pairs = itertools.combinations(range(len(heights)), 2)
            even = ({a: b, b: a} for a, b in pairs if heights[a] == heights[b] and (a in columns or b in columns))
            for new in itertools.chain(even, _shifts(columns, len(heights))):
                moved = self._columns(own, new)
                if moved:
                    yield moved
                    both = self._columns(below, {0: 1, 1: 0})  # two of these years may be those of the next table
                    if both:
                        yield moved | both
            by_row: dict[int, Placed] = {}
            for one in own:
                for row in (one[1].row, *one[1].below):
                    by_row.setdefault(row, []).append(one)
            rows = sorted(by_row)
            moves = [{a: b, b: a} for a, b in itertools.pairwise(rows)]
            moves += [_rotation(rows, row, end) for row in rows for end in {rows[0], *rows[-2:]} - {row}]
            for new in moves:
                moved = self._rows(by_row, new)
                if moved:
                    yield moved

    @staticmethod
    def _on(places: list[Place | None], table: int) -> Placed:
        return [(index, place) for index, place in enumerate(places) if place and place.table == table]

    def _columns(self, own: Placed, new: dict[int, int]) -> Shift | None:
        moved = {}
        for index, (table, row, col, width, _) in own:
            if width == 1:
                there = new.get(col, col)
            else:
                there = new.get(col, -9)
                cols = [new.get(col + at, -9) for at in range(width)]
                if not any(one >= 0 for one in cols):
                    continue
                if cols != list(range(there, there + width)):
                    return None
            if there != col:
                option = self._at[index].get((table, row, there))
                if option is None:
                    return None
                moved[index] = option
        return moved

    def _rows(self, by_row: dict[int, Placed], new: dict[int, int]) -> Shift | None:
        moved = {}
        for row, there in new.items():
            for index, (table, _, col, _, below) in by_row[row]:
                option = None if below else self._at[index].get((table, there, col))
                if option is None:
                    return None
                moved[index] = option
        return moved

    def _swaps(self, places: list[Place | None]) -> Iterator[Shift]:
        """Two single cells of one column exchanged."""
        columns: dict[tuple[int, int], Placed] = {}
        for index, place in enumerate(places):
            if place and place.width == 1 and not place.below:
                columns.setdefault((place.table, place.col), []).append((index, place))
        for single in columns.values():
            for (a, from_a), (b, from_b) in itertools.combinations(single, 2):
                one, other = self._at[a].get(from_b[:3]), self._at[b].get(from_a[:3])
                if one is not None and other is not None:
                    yield {a: one, b: other}

    def _relocations(self, chosen: Sequence[int], places: list[Place | None]) -> Iterator[Shift]:
        """One run at another of its places that is free, those of its column first, the cheapest of them first."""
        mask = sum([masks[option] for masks, option in zip(self._masks, chosen, strict=True) if option >= 0])
        for index, place in enumerate(places):
            masks, options, option = self._masks[index], self._runs[index].options, chosen[index]
            taken = mask & ~masks[option] if option >= 0 else mask
            free = [at for at, own in enumerate(masks) if not own & taken and at != option]
            ranked = sorted(
                [(place is not None and options[at].place.col != place.col, options[at].cost, at) for at in free]
            )
            yield from [{index: at} for _, _, at in ranked[:_TRIES]]


def _shifts(used: set[int], columns: int) -> Iterator[dict[int, int]]:
    """Columns beside an empty one moved into it: a project's first or last year is blank, and which is not printed."""
    for empty in set(range(columns)) - used:
        for end in range(columns):
            if end != empty:
                span, step = (range(end, empty), 1) if end < empty else (range(empty + 1, end + 1), -1)
                yield {col: col + step for col in span}


def _rotation(rows: Sequence[int], row: int, end: int) -> dict[int, int]:
    """Where each row goes when ``row`` takes the place of ``end`` and those between move up."""
    a, b = rows.index(row), rows.index(end)
    if a < b:
        return {rows[a]: rows[b], **{rows[i]: rows[i - 1] for i in range(a + 1, b + 1)}}
    return {rows[a]: rows[b], **{rows[i]: rows[i + 1] for i in range(b, a)}}
