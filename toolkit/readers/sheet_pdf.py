"""PDF pages of individual sheets as cells: ruled rectangles, and the text that stands in them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdf

from toolkit.errors import DamagedFileError, LimitError, LockedFileError, NoTextError
from toolkit.form.cells import Cell
from toolkit.readers.ruling import Rule, Ruling, torn_edges

__all__ = ["pdf_cells"]

#: a ministry's volume of sheets has hundreds of pages; beyond this it is no review sheet
_MAX_PAGES = 1_500
#: drawn lines are thinner than this (points); thicker boxes are drawn by their outline
_THIN = 2.2


@dataclass(slots=True)
class _Run:
    """Characters of one line of one region, from left to right."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def size(self) -> float:
        return self.y1 - self.y0


def pdf_cells(content: bytes, path: Path) -> Iterator[list[Cell]]:
    """The cells of every page, page by page; ``ref`` is the page and the rectangle in points from its upper left corner.

    Raises LockedFileError, DamagedFileError, LimitError, or NoTextError for a scan without a text layer.
    """
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if "assword" in str(error):
            raise LockedFileError(
                path, "whole file", "an encrypted PDF", "an open one", "Save a copy without a password."
            ) from error
        raise DamagedFileError(
            path, "whole file", f"a PDF that does not open ({error})", "a whole one", "Download the file again."
        ) from error
    try:
        if len(document) > _MAX_PAGES:
            raise LimitError(
                path, "whole file", f"{len(document)} pages", f"at most {_MAX_PAGES}", "Split the volume into parts."
            )
        characters = 0
        waiting: list[Cell] = []  # a page is kept until the next shows which of its cells go on there
        for number in range(len(document)):
            try:
                page = document[number]
            except pdfium.PdfiumError as error:
                raise DamagedFileError(
                    path,
                    f"page {number + 1}",
                    f"a page that does not open ({error})",
                    "a whole PDF",
                    "Download it again.",
                ) from error
            cells, torn = _page(page, number + 1)
            _mend(waiting, torn, cells)
            page.close()
            characters += sum(len(cell.text) for cell in cells)
            if (number == 2 and characters == 0) or (number == len(document) - 1 and characters == 0):
                raise NoTextError(
                    path,
                    f"pages 1 to {number + 1}",
                    "pictures without a text layer",
                    "a PDF with text",
                    "It is a scan: run text recognition (OCR) on it first.",
                )
            if number:
                yield waiting
            waiting = cells
        yield waiting
    finally:
        document.close()


def _page(page: pdfium.PdfPage, number: int) -> tuple[list[Cell], list[Cell]]:
    """The cells of a page, and those of them that go on from the page before."""
    width, height = page.get_size()
    rules = list(_rules(page, height))
    above, below = torn_edges(rules)
    ruling = Ruling([*rules, *above, *below], width, height)
    runs: dict[int, list[_Run]] = {}
    for run in _runs(page, height, ruling):
        runs.setdefault(_home(run, ruling, above, below), []).append(run)
    cells: list[Cell] = []
    torn: list[Cell] = []
    for index, found in runs.items():
        region = ruling.regions[index]
        lines = _lines(found)
        parts = [_cell(run.text, run, number) for run in lines]
        if not region.is_cell:
            cells += parts
            continue
        cell = _cell(_paragraphs(lines, region.x1 - region.x0), region, number)
        cell.parts = parts
        cells.append(cell)
        if any(edge.x0 < (region.x0 + region.x1) / 2 < edge.x1 and abs(edge.y0 - region.y0) < 2 for edge in above):
            torn.append(cell)
    return cells, torn


def _home(run: _Run, ruling: Ruling, above: list[Rule], below: list[Rule]) -> int:
    """The region of a run; what the page break pushed over the edge of a torn cell still belongs to it."""
    x, y = (run.x0 + run.x1) / 2, (run.y0 + run.y1) / 2
    for edges, step in ((above, 1.0), (below, -1.0)):
        for edge in edges:
            if edge.x0 < x < edge.x1 and (y - edge.y0) * step < 0:
                return ruling.at(x, edge.y0 + 2 * step)
    return ruling.at(x, y)


def _mend(before: list[Cell], torn: list[Cell], cells: list[Cell]) -> None:
    """Join cells that a page break cut: their text is whole on either page, or goes on on the second."""
    for cell in torn:
        upper = max(
            (c for c in before if abs(c.x0 - cell.x0) < 2 and abs(c.x1 - cell.x1) < 2), key=lambda c: c.y1, default=None
        )
        if upper is None or any(c.y0 > upper.y1 - 2 and c.x0 < cell.x1 and c.x1 > cell.x0 for c in before):
            continue
        if upper.folded in cell.folded:
            upper.text = cell.text
        elif cell.folded not in upper.folded:
            upper.text += "\n" + cell.text
        upper.__post_init__()
        upper.parts += [part for part in cell.parts if part.folded not in upper.folded]
        cells.remove(cell)


def _cell(text: str, box: object, page: int) -> Cell:
    x0, y0, x1, y1 = (getattr(box, name) for name in ("x0", "y0", "x1", "y1"))
    return Cell(text, x0, y0, x1, y1, page, f"page {page} ({x0:.0f}, {y0:.0f}, {x1:.0f}, {y1:.0f})")


def _rules(page: pdfium.PdfPage, height: float) -> Iterator[Rule]:
    """Straight lines of the page: thin paths by their box, thicker stroked ones by its four sides."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    for item in page.get_objects(filter=[pdf.FPDF_PAGEOBJ_PATH], max_depth=4):
        left, bottom, right, top = item.get_bounds()
        y0, y1 = height - top, height - bottom
        if right - left <= _THIN and y1 - y0 <= _THIN:
            continue
        if right - left <= _THIN:
            yield Rule((left + right) / 2, y0, (left + right) / 2, y1)
        elif y1 - y0 <= _THIN:
            yield Rule(left, (y0 + y1) / 2, right, (y0 + y1) / 2)
        elif (
            pdf.FPDFPath_GetDrawMode(item.raw, fill, stroke)
            and stroke.value
            and 4 <= pdf.FPDFPath_CountSegments(item.raw) <= 6
        ):
            yield Rule(left, y0, right, y0)
            yield Rule(left, y1, right, y1)
            yield Rule(left, y0, left, y1)
            yield Rule(right, y0, right, y1)


def _runs(page: pdfium.PdfPage, height: float, ruling: Ruling) -> Iterator[_Run]:
    """Characters in the order they were printed, cut where the line, the cell or the closeness ends."""
    textpage = page.get_textpage()
    box = pdf.FS_RECTF()
    run: _Run | None = None
    home, gap = -1, ""
    for index in range(textpage.count_chars()):
        code = pdf.FPDFText_GetUnicode(textpage.raw, index)
        char = chr(code)
        if char.isspace() or code in (0, 0xFFFE, 0xFFFF):
            gap = gap or (char if char in " \u3000" else " ")
            continue
        if not pdf.FPDFText_GetLooseCharBox(textpage.raw, index, box):
            continue
        x0, x1, y0, y1 = box.left, box.right, height - box.top, height - box.bottom
        region = ruling.at((x0 + x1) / 2, (y0 + y1) / 2)
        size = y1 - y0
        if (
            run is not None
            and region == home
            and abs(y1 - run.y1) < 0.5 * min(size, run.size)
            and -0.5 * size < x0 - run.x1 < 1.2 * size
        ):
            run.text += (gap if x0 - run.x1 > 0.15 * size else "") + char
            run.x1, run.y0, run.y1 = max(run.x1, x1), min(run.y0, y0), max(run.y1, y1)
        else:
            if run is not None:
                yield run
            run, home = _Run(char, x0, y0, x1, y1), region
        gap = ""
    if run is not None:
        yield run
    textpage.close()


def _lines(runs: list[_Run]) -> list[_Run]:
    """Runs of one region as lines, from top to bottom; runs that stand close on one line are joined.

    The feet of characters tell a line: how high a box is drawn over them changes from one to the next.
    """
    ordered = sorted(runs, key=lambda r: r.y1)
    rows: list[list[_Run]] = []
    for run in ordered:
        if rows and run.y1 - rows[-1][0].y1 < 0.5 * min(run.size, rows[-1][0].size):
            rows[-1].append(run)
        else:
            rows.append([run])
    result: list[_Run] = []
    for row in rows:
        row.sort(key=lambda r: r.x0)
        result.append(row[0])
        for run in row[1:]:
            last = result[-1]
            if run.x0 - last.x1 < 1.2 * run.size:
                last.text += ("" if run.x0 - last.x1 < 0.6 * run.size else " ") + run.text
                last.x1 = run.x1
            else:
                result.append(run)
    return result


def _paragraphs(lines: list[_Run], width: float) -> str:
    """The text of a cell: a line that filled the cell runs on in the next, a shorter one ended there."""
    out = lines[0].text
    for before, line in pairwise(lines):
        if abs(line.y1 - before.y1) < 0.5 * min(line.size, before.size):
            out += " " + line.text  # two stretches on one line
        elif line.y0 - before.y1 > 0.8 * line.size or before.x1 - before.x0 + 2.2 * line.size < width:
            out += "\n" + line.text
        else:
            is_latin = (
                before.text[-1].isascii()
                and before.text[-1].isalpha()
                and line.text[0].isascii()
                and line.text[0].isalpha()
            )
            out += (" " if is_latin else "") + line.text
    return out
