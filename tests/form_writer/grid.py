"""One page-wide grid of merged boxes: what the workbook writer and the plain PDF writer both draw."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from openpyxl.utils import get_column_letter

from .layout import COLUMNS, Layout

__all__ = ["Box", "Cell", "Grid", "Painter", "Shape", "text_width", "wrapped_lines"]

#: height of a printed line over the font size: the CJK fonts at hand need this much
LINE = 1.5


@dataclass
class Box:
    """A merged cell: first row and column (from 1), spans, and the text as printed."""

    row: int
    column: int
    rows: int
    columns: int
    text: str = ""
    #: what the workbook stores: the text itself, or a number with a format
    value: str | int | float | None = None
    number_format: str = "General"
    align: str = "left"
    vertical: str = "center"
    size: float = 11.0
    bold: bool = False
    border: bool = True
    fill: str | None = None

    @property
    def at(self) -> str:
        """The workbook cell of its upper left corner."""
        return f"{get_column_letter(self.column)}{self.row}"


@dataclass
class Shape:
    """A text box or a connector over the cells from one corner to the other."""

    row: int
    column: int
    rows: int
    columns: int
    lines: list[str]
    border: bool = True
    kind: str = "text"  # text, connector (drawn downwards) or connector-left
    #: of a connector glued to its boxes: their places among the grid's shapes
    ends: tuple[int, int] | None = None
    align: str = "center"
    size: float = 11.0


@dataclass
class Cell:
    """A box to be placed on a line: logical columns from ``start`` to ``end``."""

    start: int
    end: int
    text: str = ""
    value: str | int | float | None = None
    number_format: str = "General"
    align: str = "left"
    vertical: str | None = None
    size: float | None = None
    bold: bool = False
    border: bool = True
    label: bool = False
    #: filled by ``Painter.line``
    box: Box | None = None


@dataclass
class Grid:
    """A worksheet: boxes, shapes, column widths (characters), row heights (points), page breaks."""

    title: str
    layout: Layout
    boxes: list[Box] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    #: outlines without a merged cell: first row, first column, last row, last column
    frames: list[tuple[int, int, int, int]] = field(default_factory=list)
    #: rows in the workbook that are neither shown nor printed
    hidden_rows: set[int] = field(default_factory=set)
    hidden: bool = False

    @property
    def last_row(self) -> int:
        return max(self.heights, default=1)

    @property
    def last_column(self) -> int:
        return max(self.widths, default=1)


def text_width(text: str, size: float) -> float:
    """Width in points: a wide character is as wide as the font is high, others a little over half."""
    wide = sum(unicodedata.east_asian_width(c) in "WFA" for c in text)
    return size * (wide + 0.56 * (len(text) - wide))


def wrapped_lines(text: str, size: float, width: float) -> int:
    """How many printed lines ``text`` takes in a box ``width`` points wide."""
    room = max(width - 6, size)
    return sum(max(1, math.ceil(text_width(line, size) * 1.04 / room)) for line in text.split("\n"))


class Painter:
    """Places lines of cells one below the other on a grid."""

    def __init__(self, layout: Layout, title: str):
        self.layout = layout
        self.grid = Grid(title, layout)
        self.row = layout.top_rows + 1
        for row in range(1, self.row):
            self.grid.heights[row] = 18.0
        self._rng = layout.rng("widths", title)
        for column in range(1, layout.left_columns + 1):
            self.grid.widths[column] = 1.6
        for logical in range(COLUMNS):
            stray = 1 + 0.04 * layout.jitter * self._rng.uniform(-1, 1)
            self.grid.widths[self.first(logical)] = layout.column_width * stray
        if layout.gap_at is not None:
            self.grid.widths[layout.left_columns + layout.gap_at + 1] = 0.8

    # -- logical columns (0 to 50) to grid columns (from 1)

    def first(self, logical: int) -> int:
        """Grid column of a box that starts at this boundary (after the gap, if it falls there)."""
        gap = self.layout.gap_at
        return self.layout.left_columns + logical + 1 + (1 if gap is not None and logical >= gap else 0)

    def last(self, logical: int) -> int:
        """Grid column of a box that ends at this boundary (before the gap, if it falls there)."""
        gap = self.layout.gap_at
        return self.layout.left_columns + logical + (1 if gap is not None and logical > gap else 0)

    def width(self, start: int, end: int) -> float:
        """Points between two boundaries; a character of column width is about 5.3 points, plus padding."""
        return sum(self.grid.widths[c] * 5.35 + 3.75 for c in range(self.first(start), self.last(end) + 1))

    def need(self, cell: Cell) -> float:
        """Height in points the cell's text needs."""
        size = cell.size or self.layout.size
        return wrapped_lines(cell.text, size, self.width(cell.start, cell.end)) * size * LINE + 4

    # -- drawing

    def line(self, *cells: Cell, height: float = 0.0) -> list[Cell]:
        """One line of boxes, as high as its tallest text; a tall one is several grid rows merged."""
        needed = max([height, self.layout.size * LINE + 4, *(self.need(c) for c in cells)]) * self.layout.slack
        parts = max(1, math.ceil(needed / self.layout.row_max))
        for part in range(parts):
            self.grid.heights[self.row + part] = round(min(needed / parts, 400.0), 1)
        for cell in cells:
            self.place(cell, self.row, parts)
        self.row += parts
        return list(cells)

    def place(self, cell: Cell, row: int, rows: int) -> Box:
        """A box at a given grid row."""
        first, last = self.first(cell.start), self.last(cell.end)
        size = cell.size or self.layout.size
        if (
            isinstance(cell.value, int | float)
            and text_width(cell.text, size) * 1.2 > self.width(cell.start, cell.end) - 6
        ):
            cell.value, cell.number_format = cell.text, "General"  # Excel prints ### where a number does not fit
        cell.box = Box(
            row, first, rows, last - first + 1,
            text=cell.text, value=cell.text if cell.value is None else cell.value, number_format=cell.number_format,
            align=cell.align, vertical=cell.vertical or "center", size=size, bold=cell.bold,
            border=cell.border, fill=self.layout.fill if cell.label else None,
        )  # fmt: skip
        self.grid.boxes.append(cell.box)
        return cell.box

    @contextmanager
    def side(self, *cells: Cell) -> Iterator[None]:
        """Boxes at the side that run down over every line drawn inside the block."""
        start = self.row
        yield
        rows = self.row - start
        if rows <= 0:
            return
        have = sum(self.grid.heights[r] for r in range(start, self.row))
        lack = max((self.need(c) for c in cells), default=0.0) - have
        if lack > 0:  # the label is taller than what stands beside it
            for row in range(start, self.row):
                self.grid.heights[row] = round(self.grid.heights[row] + lack / rows, 1)
        for cell in cells:
            self.place(replace(cell), start, rows)

    @contextmanager
    def frame(self, start: int, end: int) -> Iterator[None]:
        """An outline around everything drawn inside the block."""
        top = self.row
        yield
        if self.row > top:
            self.grid.frames.append((top, self.first(start), self.row - 1, self.last(end)))

    @contextmanager
    def hidden(self, *, really: bool = True) -> Iterator[None]:
        """Rows that stay in the workbook but are not shown."""
        top = self.row
        yield
        if really:
            self.grid.hidden_rows.update(range(top, self.row))

    def space(self, height: float = 12.0) -> None:
        """An empty row."""
        self.grid.heights[self.row] = height
        self.row += 1

    def page_break(self) -> None:
        """The next line starts a new page."""
        if self.row > self.layout.top_rows + 1:
            self.grid.breaks.append(self.row - 1)
