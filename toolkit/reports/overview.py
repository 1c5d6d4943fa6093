"""A ministry's report: the notebook of its portfolio for one review year, as a page beside those of its projects."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from toolkit import paths
from toolkit.errors import NotFoundError, ReportError, UsageError
from toolkit.plots.style import either
from toolkit.reports.execute import execute
from toolkit.reports.index import write_index, write_whole
from toolkit.reports.make import file_name
from toolkit.reports.page import to_html
from toolkit.wording import check_language, official

__all__ = ["ministry_report"]

_NOTEBOOK = "03_ministry_portfolio.ipynb"


def ministry_report(
    ministries: str | Iterable[str] = (),
    *,
    store: str | os.PathLike[str] | None = None,
    review_year: int,
    language: str = "ja",
    output: str | os.PathLike[str] | None = None,
    timeout: float | None = 300.0,
) -> list[Path]:
    """Make the report of each ministry: ``<output>/ministry-<year>-<name>.html``; gives the pages' paths.

    Parameters
    ----------
    ministries : policy owners as in ``sheets``; none for all that the store has in that year
    store : folder that ``toolkit.build`` made, default ``data/processed``
    review_year : year of the review, not of the spending
    language : "ja" or "en"
    output : folder, default ``reports`` of the project; ``index.html`` in it is written anew and lists these pages
    timeout : seconds for one report, None for no limit

    Raises NotFoundError where the store has no sheet of a ministry in that year, ReportError where a cell of the
    notebook fails; the executed notebook then stays as ``<output>/notebooks/<name>.failed.ipynb``.
    """
    from toolkit.store import load

    check_language(language)
    named = [ministries] if isinstance(ministries, str) else list(ministries)
    tables = (paths.resolve(store) if store else paths.data_processed()).absolute()
    sheets = load(tables, review_years=review_year, ministries=named or None, tables=["sheets"])["sheets"]
    chosen = named or sorted(sheets["ministry"].dropna().unique())
    if not chosen:
        raise NotFoundError(f"{paths.shown(tables)}: no ministry has a sheet of review year {review_year}")
    folder = (Path(output) if output else paths.reports()).resolve()
    try:
        return [_make(tables, str(name), review_year, language, folder, timeout) for name in chosen]
    finally:
        write_index(folder, language=language)


def _make(store: Path, ministry: str, year: int, language: str, folder: Path, timeout: float | None) -> Path:
    import nbformat

    notebook, root = paths.notebooks() / _NOTEBOOK, paths.project_root()
    if not notebook.is_file():
        raise UsageError(f"{paths.shown(notebook)}: no such notebook; ministry reports need the project's notebooks")
    place = paths.shown(store) if store.is_relative_to(root) else str(store)
    told = {"ministry": ministry, "review_year": year, "store": place, "language": language}
    name = file_name(f"ministry-{year}-{ministry}")
    done = execute(notebook, told, folder=root, root=root, timeout=timeout)
    text = nbformat.writes(done.notebook) + "\n"
    failed = folder / "notebooks" / f"{name}.failed.ipynb"
    if done.error:
        write_whole(failed, text)
        raise ReportError(f"{ministry} {year}: {notebook.name}, {done.error}")
    failed.unlink(missing_ok=True)
    write_whole(folder / "notebooks" / f"{name}.ipynb", text)
    about = {"ministry": ministry, "review_year": year}
    write_whole(folder / f"{name}.json", json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    heading = either(
        language, f"{ministry}の事業 {year}年度レビュー", f"{official(ministry, language)}: projects reviewed in {year}"
    )
    page = to_html(done.notebook, language=language, parameters=told, heading=heading)
    return write_whole(folder / f"{name}.html", page)
