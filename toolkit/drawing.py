"""Show what was read: a page with every placed value coloured by table and every unplaced text marked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from toolkit import paths
from toolkit.errors import NotFoundError, UsageError
from toolkit.plots.style import INK, style
from toolkit.readers import open_form
from toolkit.tables import TABLES
from toolkit.wording import check_language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from toolkit.form.cells import Cell
    from toolkit.readers.text_layer.reading import Reading

__all__ = ["draw"]

_COLOURS = {
    "sheets": "#9dbfe0", "budgets": "#f2c078", "budget_lines": "#e39b6d", "indicators": "#a8d5a2", "related": "#c9b8e0",
    "recipients": "#8fd0cf", "multi_year_contracts": "#6fb0a8", "cost_items": "#d8cf7a", "blocks": "#e7a6b8", "evaluations": "#b9c4ce",
}  # fmt: skip
_LABEL, _UNREAD = "#eef1f5", "#d62828"
#: which table the sections of the text reader fill, in its order
_TEXT_TABLES = {"title": "sheets", "budget": "budgets", "indicators": "indicators", "recipients": "recipients", "costs": "cost_items", "flow": "blocks",
                "past": "related", "header": "sheets", "reviews": "evaluations"}  # fmt: skip


def draw(path: str | os.PathLike[str], *, page: int = 1, language: str = "en") -> Figure:
    """A picture of one page (or tab of a workbook, or page of a text layer), what was understood marked in it.

    Values are coloured by the table they went to, the form's own words are pale, text that nothing was done with has
    a red frame. Returns a matplotlib Figure: shown by a notebook as it is, kept with ``figure.savefig``.

    Raises UsageError for a page that the file has not; SourceError as ``toolkit.read``.
    """
    check_language(language)
    file = paths.resolve(path)
    if not file.is_file():
        raise NotFoundError(f"{path}: no such file")
    form, content = open_form(file)
    if form == "text":
        from toolkit.readers.detect import decode
        from toolkit.readers.text_layer import place_text

        return _draw_text(place_text(decode(file, content), file), page, language)
    if form not in ("pdf", "xlsx", "xls"):
        raise UsageError(f"{path}: only individual sheets can be drawn, not a {form} file")
    from toolkit.form.cell_sheet import place_cells
    from toolkit.readers import cell_pages

    cells = [cell for found, _ in place_cells(cell_pages(form, content, file), file, form) for cell in found]
    wanted = [cell for cell in cells if cell.page == page]
    if not wanted:
        raise UsageError(
            f"{path}: no page {page}; there is text on {', '.join(str(p) for p in sorted({c.page for c in cells}))}"
        )
    return _draw_cells(wanted, _page_image(content, page) if form == "pdf" else None, language)


def _draw_cells(cells: list[Cell], image: tuple[Any, float, float] | None, language: str) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    width, height = image[1:] if image else (max(c.x1 for c in cells), max(c.y1 - c.offset for c in cells))
    row = 1.0 if image else 1.6  # a row of a workbook is taller than a column of this form is wide
    with style():
        figure = Figure(figsize=(10, 10 * height * row / width + 0.5), layout="constrained")
        axes = figure.subplots()
        if image:
            axes.imshow(image[0], extent=(0, width, height, 0), aspect="equal", interpolation="antialiased")
        for cell in cells:
            y0, y1 = cell.y0 - cell.offset, cell.y1 - cell.offset
            is_read = bool(cell.table) or cell.used
            face = _COLOURS.get(cell.table, _LABEL) if is_read else "none"
            axes.add_patch(Rectangle((cell.x0, y0), cell.x1 - cell.x0, y1 - y0, facecolor=face, alpha=0.55 if image else 0.9,
                                     edgecolor=INK if is_read else _UNREAD, linewidth=0.3 if is_read else 1.6))  # fmt: skip
            if not image:
                axes.text(
                    cell.x0 + 0.15,
                    (y0 + y1) / 2,
                    _fit(cell.text, cell.x1 - cell.x0, y1 - y0),
                    fontsize=4,
                    va="center",
                    color=INK,
                    clip_on=True,
                )
        axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal" if image else row)
        axes.set_axis_off()
        _key(figure, {cell.table for cell in cells}, any(not c.table and not c.used for c in cells), language)
    return figure


def _ems(char: str) -> float:
    """Width of a character in full-width ones."""
    return 1.0 if east_asian_width(char) in "WFA" else 0.55


def _fit(text: str, width: float, height: float) -> str:
    """As much of a cell's text as its rectangle shows at this size."""
    lines = [line for whole in text.split("\n") for line in _cut(whole, max(2, int(width * 3.4)))]
    most = max(1, int(height * 2.2))
    return "\n".join(lines[:most])


def _cut(line: str, width: int) -> Iterable[str]:
    out, used = "", 0.0
    for char in line:
        step = 2 * _ems(char)
        if used + step > width:
            yield out
            out, used = "", 0.0
        out, used = out + char, used + step
    yield out


def _draw_text(readings: Iterable[Reading], page: int, language: str) -> Figure:
    from matplotlib.figure import Figure

    from toolkit.readers.text_layer import SECTIONS

    documents = [reading.document for reading in readings]
    boxes = [box for document in documents for box in document.boxes if box.page == page]
    if not boxes:
        raise UsageError(f"no page {page}; the text has {max(d.pages for d in documents)} pages")
    height = sum(len(box.lines) + 0.6 for box in boxes)
    tables: set[str] = set()
    unread = False
    with style():
        figure = Figure(figsize=(10, height * 0.135 + 0.6), layout="constrained")
        axes = figure.subplots()
        y = 0.0
        for box in boxes:
            for line in box.lines:
                x, start = 0.0, 0
                for end in range(1, len(line.text) + 1):
                    if end < len(line.text) and line.marks[end] == line.marks[start]:
                        continue
                    mark, piece = line.marks[start], line.text[start:end]
                    table = _TEXT_TABLES[SECTIONS[mark - 3]] if mark >= 3 else "label" if mark else ""
                    if piece.strip():
                        tables.add(table)
                        unread |= not table
                        axes.text(x, y, piece, fontsize=6.5, va="center", color=INK, bbox={
                            "facecolor": _COLOURS.get(table, _LABEL) if table else "none", "edgecolor": "none" if table else _UNREAD, "pad": 0.6})  # fmt: skip
                    x += sum(_ems(char) for char in piece)
                    start = end
                y += 1
            y += 0.6
        axes.set(xlim=(0, 105), ylim=(y, -1))
        axes.set_axis_off()
        _key(figure, tables, unread, language)
    return figure


def _key(figure: Figure, tables: set[str], unread: bool, language: str) -> None:
    """What the colours mean, above the page."""
    from matplotlib.patches import Patch

    words = (
        {"label": "様式の文字", "unread": "未読"}
        if language == "ja"
        else {"label": "form's own words", "unread": "not placed"}
    )
    patches = [
        Patch(facecolor=colour, label=TABLES[name].label(language))
        for name, colour in _COLOURS.items()
        if name in tables
    ]
    patches.append(Patch(facecolor=_LABEL, edgecolor=INK, linewidth=0.3, label=words["label"]))
    if unread:
        patches.append(Patch(facecolor="none", edgecolor=_UNREAD, label=words["unread"]))
    figure.legend(handles=patches, loc="outside upper left", ncols=6, frameon=False, fontsize=8)


def _page_image(content: bytes, page: int) -> tuple[Any, float, float]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        sheet = document[page - 1]
        width, height = sheet.get_size()
        return sheet.render(scale=2).to_numpy(), width, height
    finally:
        document.close()
