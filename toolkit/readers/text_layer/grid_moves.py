"""Other placements that say the same sums: columns or rows changed places, one run moved to another free cell.

Arithmetic does not tell the columns of two years apart, nor the rows of two budget lines; only the printed order does.
These moves are what a solution is compared with before it is called settled.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from toolkit.readers.text_layer.grid import Layout, Place, Run

__all__ = ["exchanges", "relocations", "swaps"]

Places = tuple[Place | None, ...]


def exchanges(layout: Layout, places: Places) -> Iterator[Places]:
    """The placement with two columns of equal height, or two rows, exchanged, with columns moved into an empty one, and
    with one row moved to either end."""
    for table, heights in enumerate(layout.tables):
        pairs = ({a: b, b: a} for a, b in itertools.combinations(range(len(heights)), 2) if heights[a] == heights[b])
        for new in itertools.chain(pairs, _shifts(places, table, len(heights))):
            moved = _map_columns(places, table, new)
            if moved:
                yield moved
                if len(layout.tables) > table + 1:  # two of these years may be those of the next table
                    both = _map_columns(moved, table + 1, {0: 1, 1: 0})
                    if both:
                        yield both
        used = sorted({row for place in places if place and place.table == table for row, _ in place.cells})
        moves = [{a: b, b: a} for a, b in itertools.pairwise(used)]
        moves += [_rotation(used, row, end) for row in used for end in {used[0], *used[-2:]} - {row}]
        for new in moves:
            moved = _map_rows(places, table, new)
            if moved:
                yield moved


def _shifts(places: Places, table: int, columns: int) -> Iterator[dict[int, int]]:
    """Columns beside an empty one moved into it: a project's first or last year is blank, and which is not printed."""
    used = {col for place in places if place and place.table == table for _, col in place.cells}
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


def _map_columns(places: Places, table: int, new: dict[int, int]) -> Places | None:
    moved: list[Place | None] = []
    for place in places:
        if place is None or place.table != table or not any(col in new for _, col in place.cells):
            moved.append(place)
        elif all(new.get(place.col + at) == new.get(place.col, -1) + at for at in range(place.width)):
            moved.append(place._replace(col=new[place.col]))
        else:
            return None
    return tuple(moved) if tuple(moved) != places else None


def _map_rows(places: Places, table: int, new: dict[int, int]) -> Places | None:
    moved: list[Place | None] = []
    for place in places:
        if place is None or place.table != table or not any(row in new for row, _ in place.cells):
            moved.append(place)
        elif not place.below:
            moved.append(place._replace(row=new[place.row]))
        else:
            return None
    return tuple(moved) if tuple(moved) != places else None


def swaps(places: Places) -> Iterator[Places]:
    """The placement with two single cells of one column exchanged."""
    single = [(index, place) for index, place in enumerate(places) if place and place.width == 1 and not place.below]
    for (a, one), (b, other) in itertools.combinations(single, 2):
        if one.table == other.table and one.col == other.col:
            yield (*places[:a], other, *places[a + 1 : b], one, *places[b + 1 :])


def relocations(layout: Layout, runs: Sequence[Run], places: Places, tries: int = 3) -> Iterator[Places]:
    """The placement with one run at another of its places that is free, the cheapest of them first."""
    mask = 0
    for place in places:
        mask |= layout.covered(place)[0] if place else 0
    for index, (run, place) in enumerate(zip(runs, places, strict=True)):
        own = layout.covered(place)[0] if place else 0
        taken = mask & ~own
        free = [one for one in run.options if one.place != place and not layout.covered(one.place)[0] & taken]
        free.sort(key=lambda option: (place is None or option.place.col != place.col, option.cost))
        for option in free[:tries]:
            yield (*places[:index], option.place, *places[index + 1 :])
