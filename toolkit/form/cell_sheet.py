"""From the cells of one or several sheets to their tables: the order of the sections, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath

from toolkit.dataset import Dataset
from toolkit.errors import UnknownFormError
from toolkit.form.cell_flow import read_flow
from toolkit.form.cell_indicators import read_indicators
from toolkit.form.cell_prose import read_header, read_past_numbers, read_reviews
from toolkit.form.cell_tables import read_budget, read_budget_lines, read_costs, read_multi_year, read_recipients
from toolkit.form.cells import Cell, Cells, recognise
from toolkit.form.draft import UNKNOWN_LABEL, Draft
from toolkit.text import fiscal_year

__all__ = ["place_cells", "read_cells"]

_TITLE = re.compile(r"((?:令和|平成)(?:元|\d{1,2})年度)?行政事業レビューシート")
#: the form's small print that is neither label nor value
_SMALL = re.compile(r"[-↓↑→←()○〇]|年度|計|【別紙\d】|別紙\d|\d+(?:/\d+)?ページ")


def read_cells(pages: Iterable[list[Cell]], path: PurePath, form: str) -> Dataset:
    """Tables of every sheet on the pages (or tabs); a page that opens no sheet continues the one before.

    Raises UnknownFormError where no page opens a sheet.
    """
    taken: set[str] = set()
    return Dataset.concat(draft.dataset(taken) for _, draft in place_cells(pages, path, form))


def place_cells(pages: Iterable[list[Cell]], path: PurePath, form: str) -> Iterator[tuple[Cells, Draft]]:
    """Every sheet's cells, each of them booked to a table, a label or nothing, with the rows they gave."""
    sheet: list[Cell] = []
    offset = 0.0
    for page in pages:
        recognise(page)
        keys = {cell.key for cell in page}
        if {"name", "bureau"} <= keys and len(
            keys & {"purpose", "accounts", "initial_jpy", "division", "start_year"}
        ) >= 2:
            if sheet:
                yield _read_sheet(sheet, path, form)
            sheet, offset = [], 0.0
        elif not sheet:
            continue
        height = max((cell.y1 for cell in page), default=0.0)
        for cell in [*page, *(part for whole in page for part in whole.parts)]:
            cell.y0, cell.y1, cell.offset = cell.y0 + offset, cell.y1 + offset, offset
        sheet += page
        offset += height + 1
    if not sheet:
        raise UnknownFormError(
            path, "whole file", "no page with the form's labels (事業名, 担当部局庁 …)", "an administrative project review sheet",
            "Is it another document? The first page must be in the file.",
        )  # fmt: skip
    yield _read_sheet(sheet, path, form)


def _review_year(cells: list[Cell], path: PurePath) -> int:
    ordered = sorted(cells, key=lambda c: (c.y0, c.x0))
    title = next((c for c in ordered if not c.label and _TITLE.match(c.folded)), None)
    if title:
        before = "".join(c.folded for c in ordered if c.beside(title) and c.x1 <= title.x0 + 0.1)
        year = fiscal_year(title.folded.partition("行政")[0] or before)
        if year:
            return year
    number = next((c for c in ordered if c.key == "project_number"), None)
    if number:
        row = "".join(c.folded for c in ordered if c.beside(number) and c.x0 >= number.x1 - 0.1)
        found = re.match(r"20\d\d", row)
        if found:
            return int(found.group())
    raise UnknownFormError(
        path,
        "first page",
        "no year in a title or a project number",
        "令和…年度行政事業レビューシート",
        "Is this the whole sheet?",
    )


#: in this order: what has the narrowest claim first
_SECTIONS: tuple[tuple[str, Callable[[Cells, int, Draft], None]], ...] = (
    ("sheets", read_header),
    ("budgets", read_budget),
    ("budget_lines", read_budget_lines),
    ("indicators", read_indicators),
    ("related", read_past_numbers),
    ("recipients", read_recipients),
    ("multi_year_contracts", read_multi_year),
    ("cost_items", read_costs),
    ("blocks", read_flow),
    ("evaluations", read_reviews),
)


def _read_sheet(found: list[Cell], path: PurePath, form: str) -> tuple[Cells, Draft]:
    year = _review_year(found, path)
    recognise(found, year)
    cells, draft = Cells(found), Draft()
    for table, read_section in _SECTIONS:
        with draft.section(table):
            read_section(cells, year, draft)
        for cell in cells:
            if cell.used and not cell.table:
                cell.table = table
    total = label = placed = 0
    left = [cell for cell in cells if not (cell.used or cell.label or _SMALL.fullmatch(cell.folded))]
    unknown = [cell for cell in left if _looks_like_label(cell, cells)]
    for cell in cells:
        size = len(re.sub(r"\s", "", cell.text))
        total += size
        if cell.label or (not cell.used and _SMALL.fullmatch(cell.folded)):
            label += size
            cell.table = "label"
        elif cell.used:
            placed += size
        else:
            draft.add("residue", ref=cell.ref, page=cell.page, text=cell.text, reason=_reason(cell, unknown))
    draft.sheet(review_year=year, form=f"{form}-{year}", chars_total=total, chars_label=label, chars_placed=placed)
    return cells, draft


def _looks_like_label(cell: Cell, cells: Cells) -> bool:
    """Words in a cell of the column where the form's labels stand, as wide as they are, with something beside them."""
    if not 1 < len(cell.folded) <= 40 or cell.folded.endswith("。") or not re.search(r"[ぁ-んァ-ヶ一-龠]", cell.folded):
        return False
    alike = [c for c in cells if c.label and abs(c.x0 - cell.x0) < 0.5 and abs(c.x1 - cell.x1) < 0.5]
    return len(alike) >= 3 and any(
        c is not cell and not c.label and c.x0 >= cell.x1 - 0.5 and c.beside(cell) for c in cells
    )


def _reason(cell: Cell, unknown: list[Cell]) -> str:
    """Why a text stayed over; what stands beside an unknown label is named with it."""
    if cell in unknown:
        return f"{UNKNOWN_LABEL}: {cell.folded}"
    beside = [c for c in unknown if c.x1 <= cell.x0 + 0.5 and cell.beside(c)]
    return f"beside the {UNKNOWN_LABEL}: {max(beside, key=lambda c: c.x1).folded}" if beside else "not placed"
