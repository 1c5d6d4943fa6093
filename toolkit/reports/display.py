"""What the report notebook shows, cell by cell: each function takes the Dataset of one sheet and gives a Fragment."""

from __future__ import annotations

import pandas as pd

from toolkit import paths, plots
from toolkit.checks import RULES, check
from toolkit.dataset import Dataset
from toolkit.errors import UsageError
from toolkit.plots.indicators import level_name, pages
from toolkit.readers import read
from toolkit.reports.fragments import Fragment, escape, figure, heading, note, prose, table, text_html
from toolkit.reports.words import word
from toolkit.tables import SHEET_TABLES
from toolkit.wording import check_language, format_count, format_rate, format_year, format_yen

__all__ = [
    "Fragment",
    "figure",
    "findings",
    "heading",
    "indicators",
    "key_figures",
    "note",
    "open_sheet",
    "opening",
    "prose",
    "reviews",
    "sources",
    "table",
    "unread",
]


def open_sheet(source: str = "", *, store: str = "", sheet_id: str = "", language: str = "ja") -> Dataset:
    """The Dataset of one sheet with its findings, from a file or from a folder of parquet tables (``store``).

    Both are looked for from the project root. ``sheet_id`` chooses where there are several. Raises UsageError where
    it is left open, NotFoundError where it is not there, and whatever ``toolkit.read`` raises.
    """
    check_language(language)
    data = Dataset.read(paths.resolve(store)) if store else read(paths.resolve(source))
    if sheet_id:
        data = data.select(sheet_id)
    elif len(data.sheet_ids) != 1:
        named = ", ".join(data.sheet_ids[:5])
        raise UsageError(f"{store or source} holds {len(data.sheet_ids)} sheets; name one as sheet_id: {named} …")
    return data.with_findings(check(data, language))


def opening(data: Dataset, language: str) -> Fragment:
    """Name of the project as the page's title, and who is in charge; carries the line of the index beside it."""
    sheet = data.sheet()
    title = sheet["name"] if pd.notna(sheet["name"]) else sheet["sheet_id"]
    ja = language == "ja"
    year = f"{sheet['review_year']}年度行政事業レビュー" if ja else f"Administrative project review, FY{sheet['review_year']}"
    parts = [year, *(sheet[k] for k in ("ministry", "agency", "bureau", "division")), sheet["sheet_id"]]
    line = (" ｜ " if ja else " | ").join(text_html(part) for part in parts if pd.notna(part))
    return Fragment(f'<h1>{text_html(title)}</h1>\n<p class="kicker">{line}</p>', str(title), _about(data))


def _about(data: Dataset) -> dict[str, object]:
    """What the index shows of a sheet; plain JSON."""
    sheet = data.sheet()
    return {"sheet_id": sheet["sheet_id"]}
