"""One cell model for workbooks and PDF pages: rectangles with text, and the questions form logic asks of them.

A sheet is a flat set of rectangles. Coordinates grow to the right and down; their unit is the source's own
(columns and rows, or points), so nothing here knows a column letter or a distance. Pages and tabs follow one
another downwards: a cell torn over a page break continues below.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from toolkit.form.labels import Label, by_first_character
from toolkit.text import fold

__all__ = ["Cell", "Cells", "recognise"]


@dataclass(slots=True, eq=False)
class Cell:
    """One rectangle. ``text`` as printed, ``number`` where the source stores one; ``shape`` for a drawing's text box.

    ``parts`` are the printed lines of a ruled cell, each with its own place (PDF only);
    ``sources`` the shapes that a drawing's connectors lead from to this one. ``table`` is the table it was booked to
    once a sheet is read ("label" for the form's words); ``offset`` what was added to its heights to line up the pages.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    page: int
    ref: str
    number: float | None = None
    shape: bool = False
    label: Label | None = None
    groups: dict[str, str] = field(default_factory=dict)
    parts: list[Cell] = field(default_factory=list)
    sources: list[Cell] = field(default_factory=list)
    used: bool = False
    table: str = ""
    offset: float = 0.0
    folded: str = ""

    def __post_init__(self) -> None:
        self.folded = fold(self.text)

    @property
    def key(self) -> str:
        """Key of the label it prints, else ""."""
        return self.label.key if self.label else ""

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def beside(self, other: Cell) -> bool:
        """Whether the two share a row: the middle of the lower one lies within the other's height."""
        small, large = (self, other) if self.y1 - self.y0 <= other.y1 - other.y0 else (other, self)
        return large.y0 <= small.middle[1] <= large.y1

    def above(self, other: Cell) -> bool:
        """Whether the two share a column: the middle of the narrower one lies within the other's width."""
        small, large = (self, other) if self.x1 - self.x0 <= other.x1 - other.x0 else (other, self)
        return large.x0 <= small.middle[0] <= large.x1

    def take(self) -> Cell:
        self.used = True
        return self


class Cells:
    """The cells of one sheet in reading order (downwards, then to the right), labels already recognised."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.all = sorted(cells, key=lambda cell: (cell.y0, cell.x0))
        self._tops = [cell.y0 for cell in self.all]
        self._bottoms = list(
            accumulate((cell.y1 for cell in self.all), max)
        )  # the lowest so far: grows, so can be searched

    def _reaching(self, y0: float, y1: float) -> list[Cell]:
        """A run of cells that holds all that reach into the band, in reading order."""
        return self.all[bisect_left(self._bottoms, y0) : bisect_right(self._tops, y1)]

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.all)

    def labels(self, *keys: str) -> list[Cell]:
        return [cell for cell in self.all if cell.label and cell.label.key in keys]

    def first(self, *keys: str) -> Cell | None:
        return next((cell for cell in self.all if cell.label and cell.label.key in keys), None)

    def within(self, y0: float, y1: float, x0: float = float("-inf"), x1: float = float("inf")) -> list[Cell]:
        """Cells whose middle lies in the band, in reading order."""
        return [c for c in self._reaching(y0, y1) if y0 <= c.middle[1] < y1 and x0 <= c.middle[0] < x1]

    def right(self, cell: Cell) -> list[Cell]:
        """Everything in the row of ``cell`` to its right, from left to right."""
        edge = cell.x1 - _slack(cell)
        row = [c for c in self._reaching(cell.y0, cell.y1) if c.x0 >= edge and c is not cell and c.beside(cell)]
        return sorted(row, key=lambda c: (c.x0, c.y0))

    def values_right(self, cell: Cell) -> list[Cell]:
        """The values a label owns in its row: what stands to its right, up to the next label."""
        result = []
        for other in self.right(cell):
            if other.label:
                break
            result.append(other)
        return result

    def value_right(self, cell: Cell | None) -> Cell | None:
        """The first value to the right of a label; None if the next thing there is another label."""
        return next(iter(self.values_right(cell)), None) if cell else None

    def below(self, cell: Cell, until: float = float("inf")) -> list[Cell]:
        """Everything in the column of ``cell`` beneath it, downwards, as far as ``until``."""
        beneath = self.all[bisect_left(self._tops, cell.y1 - _slack(cell)) : bisect_left(self._tops, until)]
        return [c for c in beneath if c is not cell and c.above(cell)]

    def value_below(self, cell: Cell | None, until: float = float("inf")) -> Cell | None:
        """The first value beneath a label; None if the next thing there is another label."""
        if cell is None:
            return None
        found = next(iter(self.below(cell, until)), None)
        return None if found is None or found.label else found

    def at(self, row: Cell, column: Cell) -> Cell | None:
        """The value where a row label's height crosses a column header's width."""
        x, y = column.middle[0], row.middle[1]
        crossing = [
            c
            for c in self._reaching(y, y)
            if c.x0 <= x <= c.x1 and c.y0 <= y <= c.y1 and not c.label and c is not row and c is not column
        ]
        return min(crossing, key=lambda c: (c.x1 - c.x0) * (c.y1 - c.y0), default=None)


def _slack(cell: Cell) -> float:
    """Ruled lines of a PDF overlap by a hair; cells of a workbook never do."""
    return min(cell.x1 - cell.x0, cell.y1 - cell.y0) * 0.1


_SENTENCE = 12


def recognise(cells: Iterable[Cell], review_year: int | None = None) -> None:
    """Give every cell that prints a label of the form that label, for one review year or for any.

    Where a page ends, the label of a section that begins there may have run over into the cell above: the first one counts.
    """
    index = by_first_character()
    for cell in cells:
        for label in index.get(cell.folded[:1], ()):
            if review_year is not None and not label.years[0] <= review_year <= label.years[1]:
                continue
            match = label.pattern.match(cell.folded)
            rest = cell.folded[match.end() :] if match else ""
            # short labels may open a text, a whole sentence of the form does not
            if match and (
                not rest
                or (match.end() > _SENTENCE and any(other.pattern.match(rest) for other in index.get(rest[0], ())))
            ):
                cell.label, cell.groups = label, {k: v for k, v in match.groupdict().items() if v}
                break
        else:
            cell.label, cell.groups = None, {}


YEAR = re.compile(
    r"(?:(?:令和|平成|昭和)(?:元|\d{1,2})|(?:20\d\d)|(?:元|\d{1,2}))年度?(?P<rest>要求|活動見込|当初予算)?"
)
