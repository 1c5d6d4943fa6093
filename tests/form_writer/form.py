"""Draws one sheet: chooses the form by its review year and gathers the pages and the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import sheet2023, sheet_old
from .facts import Facts
from .grid import Grid
from .hidden import choice_lists
from .layout import Layout
from .parts import Form
from .workbook import save

__all__ = ["draw", "truth", "write_workbook"]


def draw(tables: Mapping[str, Any], layout: Layout | None = None) -> tuple[list[Grid], dict[str, Any]]:
    """The worksheets of one sheet as grids, and what they show (in the format of the truth files).

    ``tables`` maps the table names to DataFrames or lists of dicts of ONE sheet. Money is in yen and printed
    in million yen; ratios are printed in per cent.
    """
    form = Form(Facts(tables), layout or Layout())
    (sheet2023 if form.facts.review_year >= 2023 else sheet_old).draw(form)
    grids = [page.grid for page in form.pages]
    if form.layout.hidden_lists:
        grids.append(choice_lists(form.layout))
    return grids, form.truth


def truth(tables: Mapping[str, Any], layout: Layout | None = None) -> dict[str, Any]:
    """What the form drawn from these tables shows: million yen, per cent, as printed in ``raw``."""
    return draw(tables, layout)[1]


def write_workbook(tables: Mapping[str, Any], path: Path | str, layout: Layout | None = None) -> dict[str, Any]:
    """Draw the form into an Excel file; returns its truth."""
    grids, shown = draw(tables, layout)
    save(grids, Path(path))
    return shown
