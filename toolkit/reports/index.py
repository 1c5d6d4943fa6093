"""The page that lists all reports of a folder, rebuilt from the small JSON file beside each of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from toolkit.reports.page import templates
from toolkit.wording import check_language, format_rate, format_yen

__all__ = ["write_index"]

_SEVERITIES = ("error", "warning", "info")


def write_index(folder: Path, *, language: str = "ja") -> Path:
    """Write ``index.html`` for every report in ``folder`` that has its JSON file; gives its path.

    The page carries both languages and opens in ``language``. Raises UsageError for another language.
    """
    from jinja2 import Environment, FileSystemLoader

    check_language(language)
    environment = Environment(
        loader=FileSystemLoader(templates()), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.get_template("index.html.j2").render(rows=_rows(folder), language=language)
    return write_whole(folder / "index.html", page)


def write_whole(path: Path, text: str) -> Path:
    """Write under a temporary name, then rename: a reader never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
    return path


def _rows(folder: Path) -> list[dict[str, Any]]:
    rows = []
    for path in sorted(folder.glob("*.json")):
        page = path.with_suffix(".html")
        if not page.is_file():
            continue
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if not isinstance(about, dict) or "sheet_id" not in about:
            continue
        budget, rate = about.get("budget_jpy"), about.get("execution_rate")
        counts = about.get("findings") or {}
        rows.append(
            {
                "page": page.name,
                **{
                    name: about.get(name) or ""
                    for name in ("sheet_id", "name", "ministry", "review_year", "budget_year")
                },
                "budget": -1 if budget is None else budget,
                "budget_ja": "–" if budget is None else format_yen(budget, "ja"),
                "budget_en": "–" if budget is None else format_yen(budget, "en"),
                "rate": -1 if rate is None else rate,
                "rate_text": "–" if rate is None else format_rate(rate),
                "counts": {name: int(counts.get(name, 0)) for name in _SEVERITIES},
                "weight": sum(
                    int(counts.get(name, 0)) * step for name, step in zip(_SEVERITIES, (10**6, 10**3, 1), strict=True)
                ),
            }
        )
    return rows
