"""Other placements that say the same sums: columns or rows changed places, one run moved to another free cell.

Arithmetic does not tell the columns of two years apart, nor the rows of two budget lines; only the printed order does.
These moves are what a solution is compared with before it is called settled.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from toolkit.readers.text_layer.grid import Layout, Place, Run
from toolkit.readers.text_layer.grid_prices import Chosen

__all__ = ["Moves"]

#: how many free places of a run are tried
_TRIES = 3


class Moves:
    """The neighbours of placements; only those in which every run stands on one of its options. ``numbers`` and ``masks``:
    the places and cells of these."""

    def __init__(
        self, layout: Layout, runs: Sequence[Run], numbers: Sequence[list[int]], masks: Sequence[list[int]]
    ) -> None:
        self._layout, self._runs, self._masks, self._numbers = layout, runs, masks, numbers
        self._options = [{number: option for option, number in enumerate(own)} for own in numbers]
        self._cheap: dict[tuple[int, int], list[int]] = {}

    def around(self, chosen: Chosen) -> Iterator[Chosen]:
        """All neighbours of a placement."""
        places: list[Place | None] = [
            run.options[option].place if option >= 0 else None for run, option in zip(self._runs, chosen, strict=True)
        ]
        yield from self._exchanges(chosen, places)
        yield from self._relocations(chosen, places)
        yield from self._swaps(chosen, places)

    def _exchanges(self, chosen: Chosen, places: list[Place | None]) -> Iterator[Chosen]:
        """Two columns of equal height, or two rows, exchanged, with columns moved into an empty one, and with one row
        moved to either end."""
        for table, heights in enumerate(self._layout.tables):
            own = [(index, place) for index, place in enumerate(places) if place and place.table == table]
            columns = {col for _, place in own for col in range(place.col, place.col + place.width)}
            pairs = itertools.combinations(range(len(heights)), 2)
            even = ({a: b, b: a} for a, b in pairs if heights[a] == heights[b] and (a in columns or b in columns))
            for new in itertools.chain(even, _shifts(columns, len(heights))):
                moved = self._columns(chosen, own, new)
                if moved:
                    yield moved
                    if len(self._layout.tables) > table + 1:  # two of these years may be those of the next table
                        below = [
                            (index, place) for index, place in enumerate(places) if place and place.table == table + 1
                        ]
                        both = self._columns(moved, below, {0: 1, 1: 0})
                        if both:
                            yield both
            rows = sorted({row for _, place in own for row in (place.row, *place.below)})
            moves = [{a: b, b: a} for a, b in itertools.pairwise(rows)]
            moves += [_rotation(rows, row, end) for row in rows for end in {rows[0], *rows[-2:]} - {row}]
            for new in moves:
                moved = self._rows(chosen, own, new)
                if moved:
                    yield moved

    def _columns(self, chosen: Chosen, own: list[tuple[int, Place]], new: dict[int, int]) -> Chosen | None:
        moved = list(chosen)
        for index, place in own:
            col, width = place.col, place.width
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
                option = self._option(index, place._replace(col=there))
                if option < 0:
                    return None
                moved[index] = option
        return tuple(moved) if tuple(moved) != chosen else None

    def _rows(self, chosen: Chosen, own: list[tuple[int, Place]], new: dict[int, int]) -> Chosen | None:
        moved = list(chosen)
        for index, place in own:
            if place.below:
                if any(row in new for row in (place.row, *place.below)):
                    return None
            elif place.row in new:
                option = self._option(index, place._replace(row=new[place.row]))
                if option < 0:
                    return None
                moved[index] = option
        return tuple(moved) if tuple(moved) != chosen else None

    def _option(self, index: int, place: Place) -> int:
        return self._options[index].get(self._layout.number(place), -1)

    def _swaps(self, chosen: Chosen, places: list[Place | None]) -> Iterator[Chosen]:
        """Two single cells of one column exchanged."""
        columns: dict[tuple[int, int], list[int]] = {}
        for index, place in enumerate(places):
            if place and place.width == 1 and not place.below:
                columns.setdefault((place.table, place.col), []).append(index)
        options, numbers = self._options, self._numbers
        for single in columns.values():
            for a, b in itertools.combinations(single, 2):
                one = options[a].get(numbers[b][chosen[b]], -1)
                other = options[b].get(numbers[a][chosen[a]], -1)
                if one >= 0 and other >= 0:
                    yield (*chosen[:a], one, *chosen[a + 1 : b], other, *chosen[b + 1 :])

    def _relocations(self, chosen: Chosen, places: list[Place | None]) -> Iterator[Chosen]:
        """One run at another of its places that is free, the cheapest of them first."""
        mask = sum([masks[option] for masks, option in zip(self._masks, chosen, strict=True) if option >= 0])
        for index, place in enumerate(places):
            masks, option = self._masks[index], chosen[index]
            taken = mask & ~masks[option] if option >= 0 else mask
            tries = _TRIES
            for other in self._by_cost(index, -1 if place is None else place.col):
                if other != option and not masks[other] & taken:
                    yield (*chosen[:index], other, *chosen[index + 1 :])
                    tries -= 1
                    if not tries:
                        break

    def _by_cost(self, index: int, col: int) -> list[int]:
        """The options of a run, those of its column first; ``col`` -1 for none."""
        known = self._cheap.get((index, col))
        if known is None:
            options = self._runs[index].options
            known = self._cheap[index, col] = sorted(
                range(len(options)), key=lambda at: (col >= 0 and options[at].place.col != col, options[at].cost)
            )
        return known


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
