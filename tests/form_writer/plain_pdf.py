"""Prints grids to PDF without LibreOffice: ruled boxes and text, milliseconds a page.

The font is one of the Japanese CID fonts every reader knows by name, so nothing is embedded and nothing needs to
be installed; the text extracts with pdfminer and pypdfium2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from .grid import LINE, Box, Grid, Shape

__all__ = ["draw_pdf"]

FONT = "HeiseiKakuGo-W5"
#: points
MARGIN = 26.0


@cache
def _register() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def draw_pdf(grids: Grid | Sequence[Grid], path: Path | str) -> Path:
    """Print the visible grids (as ``draw`` returns them) to a PDF; returns its path.

    A grid is scaled to the width of the page and starts a new page at its page breaks and where a page is full.
    The bytes depend on the grids only.
    """
    _register()
    path = Path(path)
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    canvas.setTitle("")
    canvas.setAuthor("")
    for grid in [grids] if isinstance(grids, Grid) else grids:
        if not grid.hidden:
            _Printer(canvas, grid).print()
    canvas.save()
    return path


@dataclass
class _Page:
    first: int
    last: int


class _Printer:
    """One grid on as many pages as it takes."""

    def __init__(self, canvas: Canvas, grid: Grid):
        self.canvas, self.grid = canvas, grid
        self.size = landscape(A4) if grid.layout.landscape else A4
        points = {c: w * 5.35 + 3.75 for c, w in grid.widths.items()}
        self.scale = min(1.0, (self.size[0] - 2 * MARGIN) / sum(points.values()))
        self.left = [MARGIN] * (grid.last_column + 2)
        for column in range(1, grid.last_column + 1):
            self.left[column + 1] = self.left[column] + points.get(column, 0.0) * self.scale

    def height(self, row: int) -> float:
        return 0.0 if row in self.grid.hidden_rows else self.grid.heights.get(row, 15.0) * self.scale

    def pages(self) -> Iterator[_Page]:
        """Rows page by page."""
        room, first, used = self.size[1] - 2 * MARGIN, 1, 0.0
        for row in range(1, self.grid.last_row + 1):
            if row > first and (used + self.height(row) > room or row - 1 in self.grid.breaks):
                start = self.start(row, first)
                yield _Page(first, start - 1)
                first, used = start, sum(map(self.height, range(start, row)))
            used += self.height(row)
        yield _Page(first, self.grid.last_row)

    def start(self, row: int, first: int) -> int:
        """The row a page begins with, at the latest ``row``: no box is cut so short that its text would leave it."""
        while crowded := [
            box.row
            for box in self.grid.boxes
            if first < box.row < row < box.row + box.rows and self.is_crowded(box, row)
        ]:
            row = min(crowded)
        return row

    def is_crowded(self, box: Box, end: int) -> bool:
        width = self.left[min(box.column + box.columns, len(self.left) - 1)] - self.left[box.column] - 4 * self.scale
        lines = sum(len(list(wrap(line, box.size * self.scale, width))) for line in box.text.split("\n"))
        return sum(map(self.height, range(box.row, end))) < lines * box.size * self.scale * 1.05

    def print(self) -> None:
        for page in self.pages():
            self.canvas.setPageSize(self.size)
            self.canvas.setLineWidth(0.5)
            self.top = {page.first: self.size[1] - MARGIN}
            for row in range(page.first, page.last + 1):
                self.top[row + 1] = self.top[row] - self.height(row)
            for box in self.grid.boxes:
                self.box(box, page)
            for top, left, bottom, right in self.grid.frames:
                self.box(Box(top, left, bottom - top + 1, right - left + 1), page)
            for shape in self.grid.shapes:
                self.shape(shape, page)
            self.canvas.showPage()

    def area(self, item: Box | Shape, page: _Page) -> tuple[float, float, float, float] | None:
        """x, y, width and height of the part of a box that lies on the page."""
        first, last = max(item.row, page.first), min(item.row + item.rows - 1, page.last)
        if first > last:
            return None
        left, right = self.left[item.column], self.left[min(item.column + item.columns, len(self.left) - 1)]
        return left, self.top[last + 1], right - left, self.top[first] - self.top[last + 1]

    def box(self, box: Box, page: _Page) -> None:
        area = self.area(box, page)
        if area is None or area[3] <= 0:
            return
        if box.fill:
            self.canvas.setFillColor(f"#{box.fill}")
            self.canvas.rect(*area, stroke=0, fill=1)
            self.canvas.setFillColor("#000000")
        if box.border:
            self.canvas.rect(*area)
        if box.text and box.row >= page.first:
            self.text(box.text, area, box.size, box.align, box.vertical)

    def shape(self, shape: Shape, page: _Page) -> None:
        area = self.area(shape, page)
        if area is None or shape.row < page.first:
            return
        if shape.kind != "text":
            x, y, width, height = area
            start, end = (x + width, x) if shape.kind == "connector-left" else (x, x + width)
            self.canvas.line(start, y + height, end, y)
            return
        if shape.border:
            self.canvas.rect(*area)
        self.text("\n".join(shape.lines), area, shape.size, shape.align, "center")

    def text(self, text: str, area: tuple[float, float, float, float], size: float, align: str, vertical: str) -> None:
        """Wrapped text in a box, as a spreadsheet prints it."""
        x, y, width, height = area
        size *= self.scale
        pad = 2 * self.scale
        lines = [part for line in text.split("\n") for part in wrap(line, size, width - 2 * pad)]
        step = size * min(LINE * 0.85, max(1.05, height / max(len(lines), 1) / size))
        block = step * len(lines)
        at = y + height - (0 if vertical == "top" else (height - block) / 2) - size
        self.canvas.setFont(FONT, size)
        for line in lines:
            room = width - pdfmetrics.stringWidth(line, FONT, size)
            shift = {"left": pad, "center": room / 2, "right": room - pad}[align]
            if line.strip():
                self.canvas.drawString(x + shift, at, line)
            at -= step


def wrap(text: str, size: float, width: float) -> Iterator[str]:
    """Lines no wider than ``width``; a line may break after any character, as Japanese text does."""
    line, used = "", 0.0
    for character in text:
        step = pdfmetrics.stringWidth(character, FONT, size)
        if line and used + step > width:
            yield line
            line, used = "", 0.0
        line, used = line + character, used + step
    yield line
