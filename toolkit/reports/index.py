"""The page that lists all reports of a folder, rebuilt from the small JSON file beside each of them."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit import paths
from toolkit.dataset import Dataset
from toolkit.plain import plain, ratio, records
from toolkit.plots.budget import by_year
from toolkit.reports.page import templates
from toolkit.wording import ENGLISH, check_language

__all__ = ["summary", "write_index"]

_SEVERITIES = ("error", "warning", "info")
_ALIKE = ("sheet_id", "name", "ministry", "bureau", "division", "review_year", "budget_year", "budget_jpy", "execution_rate", "years",
          "team", "reflection", "recipients", "source_file")  # fmt: skip
_COLUMNS = (*_ALIKE, *_SEVERITIES, "page", "notebook", "source")
_NAMED = 5  # recipients that the search finds a project by


def summary(data: Dataset) -> dict[str, Any]:
    """What the index shows and searches of one sheet, as plain JSON; amounts in yen, rates as ratios, None for missing.

    ``budget_year``, ``budget_jpy`` and ``execution_rate`` are of the last closed year, else of the newest budget;
    ``years`` holds fiscal year, current budget and executed amount of every year with either; ``team`` and
    ``reflection`` are the verdicts of the review team and of the ministry's answer; ``recipients`` the largest by name.
    """
    sheet, years = data.rows("sheets")[0], records(by_year(data))
    for row in years:
        row["rate"] = ratio(row["executed_jpy"], row["current_jpy"])
        row["amount"] = row["requested_jpy"] if row["current_jpy"] is None else row["current_jpy"]
    best = (row for name in ("rate", "current_jpy", "amount") for row in reversed(years) if row[name] is not None)
    newest = next(best, None)
    shown = [[row[name] for name in ("fiscal_year", "current_jpy", "executed_jpy")] for row in years]
    counts = Counter(plain(data["findings"]["severity"]))
    texts = ("sheet_id", "name", "ministry", "bureau", "division", "source_file", "source_sha256")
    return {
        **{name: sheet[name] for name in texts},
        "review_year": sheet["review_year"],
        "budget_year": None if newest is None else newest["fiscal_year"],
        "budget_jpy": None if newest is None else newest["amount"],
        "execution_rate": None if newest is None or newest["rate"] is None else round(newest["rate"], 6),
        "years": [values for values in shown if values[1:] != [None, None]],
        "team": _verdict(data, "team"),
        "reflection": _verdict(data, "reflection"),
        "recipients": _largest(data.rows("recipients")),
        "findings": {name: counts[name] for name in _SEVERITIES},
    }


def _verdict(data: Dataset, section: str) -> str | None:
    verdicts = (row["verdict"] for row in data.rows("evaluations") if row["section"] == section and row["item"] is None)
    return next((verdict for verdict in verdicts if verdict is not None), None)


def _largest(recipients: list[dict[str, Any]]) -> list[str]:
    named = [row for row in recipients if row["name"] is not None and row["name_kind"] != "others"]
    named.sort(key=lambda row: (row["amount_jpy"] is None, -(row["amount_jpy"] or 0)))
    return list(dict.fromkeys(row["name"] for row in named))[:_NAMED]


def write_index(folder: Path, *, language: str = "ja") -> Path:
    """Write ``index.html`` for every report in ``folder`` that has its JSON file; gives its path.

    The page carries both languages and opens in ``language``. Raises UsageError for another language.
    """
    from jinja2 import Environment, FileSystemLoader

    check_language(language)
    environment = Environment(
        loader=FileSystemLoader(templates()), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    english = {ja: en.removeprefix("Ministry of ").removeprefix("the ") for ja, en in ENGLISH.items()}
    held = {"columns": _COLUMNS, "rows": _rows(folder), "english": english}
    overviews = [{**one, "english": ENGLISH.get(one["ministry"], one["ministry"])} for one in _overviews(folder)]
    page = environment.get_template("index/index.html.j2").render(data=held, overviews=overviews, language=language)
    return write_whole(folder / "index.html", page)


def write_whole(path: Path, text: str) -> Path:
    """Write under a temporary name, then rename: a reader never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
    return path


def _rows(folder: Path) -> list[list[Any]]:
    """One list per report, in the order of ``_COLUMNS``; a report without its page or its JSON is left out."""
    rows = []
    for path, about in _pages(folder):
        if "sheet_id" not in about:
            continue
        page = path.with_suffix(".html")
        counts = about.get("findings") or {}
        notebook = folder / "notebooks" / f"{path.stem}.ipynb"
        rows.append(
            [
                *(about.get(name) for name in _ALIKE),
                *(int(counts.get(name, 0)) for name in _SEVERITIES),
                page.name,
                f"notebooks/{notebook.name}" if notebook.is_file() else None,
                _link(folder, about.get("source_file")),
            ]
        )
    return rows


def _overviews(folder: Path) -> list[dict[str, Any]]:
    """The ministries' reports, newest review year first."""
    found = [
        {"page": path.with_suffix(".html").name, **about}
        for path, about in _pages(folder)
        if about.keys() == {"ministry", "review_year"}
    ]
    return sorted(found, key=lambda one: (-one["review_year"], one["ministry"]))


def _pages(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """What is said of every page that is there, with the file that says it."""
    for path in sorted(folder.glob("*.json")):
        if not path.with_suffix(".html").is_file():
            continue
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(about, dict):
            yield path, about


def _link(folder: Path, source: object) -> str | None:
    """Where the page finds its source, seen from ``folder``; only within the project, so that no machine's path is kept."""
    root = paths.project_root().resolve()
    file, here = root / str(source or ""), folder.resolve()
    if not source or not file.exists() or not (file.is_relative_to(root) and here.is_relative_to(root)):
        return None
    return Path(os.path.relpath(file, here)).as_posix()
