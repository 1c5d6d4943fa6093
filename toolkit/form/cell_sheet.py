"""From the cells of one or several sheets to their tables: the order of the sections, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from toolkit.dataset import Dataset
from toolkit.errors import UnknownFormError
from toolkit.form.cell_flow import read_flow
from toolkit.form.cell_indicators import read_indicators
from toolkit.form.cell_prose import read_header, read_past_numbers, read_reviews
from toolkit.form.cell_tables import read_budget, read_budget_lines, read_costs, read_multi_year, read_recipients
from toolkit.form.cells import Cell, Cells, recognise
from toolkit.form.draft import Draft
from toolkit.text import fiscal_year

__all__ = ["read_cells"]

_TITLE = re.compile(r"((?:令和|平成)(?:元|\d{1,2})年度)?行政事業レビューシート")
#: the form's small print that is neither label nor value
_SMALL = re.compile(r"[-↓↑→←()○〇]|年度|計|【別紙\d】|別紙\d|\d+(?:/\d+)?ページ")


def read_cells(pages: Iterable[list[Cell]], path: PurePath, form: str) -> Dataset:
    """Tables of every sheet on the pages (or tabs); a page that opens no sheet continues the one before.

    Raises UnknownFormError where no page opens a sheet.
    """
    sheets: list[list[Cell]] = []
    offset = 0.0
    for page in pages:
        recognise(page)
        keys = {cell.key for cell in page}
        if {"name", "bureau"} <= keys and len(keys & {"purpose", "accounts", "initial_jpy", "division", "start_year"}) >= 2:
            sheets.append([])
            offset = 0.0
        if not sheets:
            continue
        height = max((cell.y1 for cell in page), default=0.0)
        for cell in [*page, *(part for cell in page for part in cell.parts)]:
            cell.y0, cell.y1 = cell.y0 + offset, cell.y1 + offset
        sheets[-1] += page
        offset += height + 1
    if not sheets:
        raise UnknownFormError(
            path, "whole file", "no page with the form's labels (事業名, 担当部局庁 …)", "an administrative project review sheet",
            "Is it another document? The first page must be in the file.",
        )  # fmt: skip
    taken: set[str] = set()
    return Dataset.concat(_read_sheet(cells, path, form).dataset(taken) for cells in sheets)


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
    raise UnknownFormError(path, "first page", "no year in a title or a project number", "令和…年度行政事業レビューシート", "Is this the whole sheet?")


def _read_sheet(found: list[Cell], path: PurePath, form: str) -> Draft:
    year = _review_year(found, path)
    recognise(found, year)
    cells, draft = Cells(found), Draft()
    read_header(cells, year, draft)
    read_budget(cells, year, draft)
    read_budget_lines(cells, year, draft)
    read_indicators(cells, year, draft)
    read_past_numbers(cells, draft)
    read_recipients(cells, draft)
    read_multi_year(cells, draft)
    read_costs(cells, draft)
    read_flow(cells, draft)
    read_reviews(cells, draft)
    total = label = placed = 0
    for cell in cells:
        size = len(re.sub(r"\s", "", cell.text))
        total += size
        if cell.label or not cell.used and _SMALL.fullmatch(cell.folded):
            label += size
        elif cell.used:
            placed += size
        else:
            draft.add("residue", ref=cell.ref, page=cell.page, text=cell.text, reason="not placed")
    draft.sheet(review_year=year, form=f"{form}-{year}", chars_total=total, chars_label=label, chars_placed=placed)
    return draft
