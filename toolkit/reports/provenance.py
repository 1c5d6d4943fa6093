"""Where it all comes from, and what is missing: sources, places, unsettled values, text that found no place."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import pandas as pd

from toolkit import paths
from toolkit.dataset import Dataset
from toolkit.errors import UsageError
from toolkit.plain import plain
from toolkit.plots.style import either
from toolkit.readers.detect import decode
from toolkit.reports.fragments import Fragment, note, prose, table, table_html, text_html
from toolkit.reports.words import LIMITS, word
from toolkit.schema import Column
from toolkit.tables import SHEET_TABLES
from toolkit.wording import format_rate, format_year

__all__ = ["limits", "source_lines", "sources", "unread"]


def unread(data: Dataset, language: str) -> Fragment:
    """How much of the source was understood, which rows it does not settle, and the text that found no place."""
    coverage = data.coverage.iloc[0]
    if pd.isna(coverage):
        first = either(
            language,
            "項目名で読む形式なので、読み残しの割合はない。",
            "This source is read by named fields, so no share of it is left unread.",
        )
    else:
        rate = format_rate(coverage, language)
        first = either(
            language,
            f"原本の文字の{rate}を、様式の語か値として読み取った。",
            f"{rate} of the source's characters were understood as words of the form or as values.",
        )
    return note(first) + _unsettled(data, language) + _residue(data, language)


def _unsettled(data: Dataset, language: str) -> Fragment:
    rows = []
    for name, declared in SHEET_TABLES.items():
        if data[name].empty or "unsettled" not in plain(data[name]["certainty"]):
            continue
        for row in data.rows(name):
            if row["certainty"] != "unsettled":
                continue
            parts = [_key_part(declared[part], row[part], language) for part in declared.key[1:] if pd.notna(row[part])]
            key = either(language, "・", ", ").join(filter(None, parts))
            rows.append({"table": declared.label(language), "text": key, "source_ref": row["source_ref"]})
    if not rows:
        return note(either(language, "未確定の値はない。", "No value is left unsettled."))
    return table(
        rows, ["table", "text", "source_ref"], language, of="residue",
        title=either(language, f"原文だけでは確定できない{len(rows)}行（もっともよい読みを示した）", f"{len(rows)} rows that the source alone does not settle (the best reading is shown)"),
        labels={"table": either(language, "表", "Table"), "text": either(language, "行", "Row")},
    )  # fmt: skip


def _key_part(column: Column, value: Any, language: str) -> str:
    if column.unit == "fiscal year":
        return format_year(value, language)
    if column.dtype == "boolean":
        return column.label(language) if value else ""
    return word(str(value), language)


def _residue(data: Dataset, language: str) -> Fragment:
    rows = data["residue"]
    if rows.empty:
        return note(either(language, "読み残した文字はない。", "No text was left over."))
    title = either(
        language, f"どの欄にも置けなかった{len(rows)}か所の文字", f"{len(rows)} pieces of text that found no place"
    )
    return table(rows, ["text", "reason", "source_ref"], language, of="residue", title=title)


def sources(data: Dataset, language: str) -> Fragment:
    """The file with its hash, and for every table how many rows came from where and how surely."""
    sheet = data.sheet()
    named = {
        either(language, "ファイル", "File"): sheet["source_file"],
        "SHA-256": sheet["source_sha256"],
        either(language, "様式", "Form"): sheet["form"],
        either(language, "版", "Edition"): sheet["edition"],
    }
    items = [
        f'<tr><th scope="row">{escape(k)}</th><td class="text"><code>{text_html(v)}</code></td></tr>'
        for k, v in named.items()
        if pd.notna(v)
    ]
    head = Fragment(table_html([], items), str(sheet["source_file"]))
    certainty = data.certainties()
    rows = [
        {
            "table": SHEET_TABLES[name].label(language),
            "rows": len(data[name]),
            **certainty.loc[name].to_dict(),
            "source_ref": _places(data[name]),
        }
        for name in certainty.index
    ]
    labels = {
        "table": either(language, "表", "Table"),
        "rows": either(language, "行数", "Rows"),
        **{name: word(name, language) for name in ("stated", "solved", "unsettled")},
    }
    columns = ["table", "rows", "stated", "solved", "unsettled", "source_ref"]
    title = either(language, "表ごとの行数と、その出どころ", "Rows of every table and where they stand")
    return head + table(rows, columns, language, of="residue", title=title, labels=labels)


def _places(frame: pd.DataFrame) -> str:
    """Where a table's rows stand, in as few words as it takes."""
    return "; ".join(
        dict.fromkeys(ref for refs in plain(frame["source_ref"]) if refs is not None for ref in refs.split("; "))
    )


def source_lines(source: str, source_ref: str) -> pd.DataFrame:
    """The lines of a text layer that a ``source_ref`` names, quoted: columns page, line, text.

    ``source`` is looked for from the project root. Raises UsageError for a place that is not a line, as those of
    workbooks (cells) are.
    """
    lines = decode(paths.resolve(source), paths.resolve(source).read_bytes()).splitlines()
    rows = []
    for ref in source_ref.split("; "):
        found = re.fullmatch(r"page (\d+) lines? (\d+)(?:-(\d+))?", ref)
        if not found:
            raise UsageError(f"{ref!r} is not a line of a text; look it up in the file itself")
        page, first, last = (int(part) if part else 0 for part in found.groups())
        rows += [{"page": page, "line": n, "text": lines[n - 1]} for n in range(first, max(first, last) + 1)]
    return pd.DataFrame(rows).drop_duplicates().sort_values("line").reset_index(drop=True)


def limits(language: str) -> Fragment:
    """What a report of a sheet cannot show."""
    return prose([either(language, *pair) for pair in LIMITS], language)
