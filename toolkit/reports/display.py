"""What the report notebook shows, cell by cell: each function takes the Dataset of one sheet and gives a Fragment."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from functools import reduce
from html import escape
from typing import Any

import pandas as pd

from toolkit import narrative, paths, plots
from toolkit.checks import RULES, check, in_japanese
from toolkit.dataset import Dataset
from toolkit.errors import UsageError
from toolkit.plain import plain
from toolkit.plots.indicators import pages
from toolkit.plots.style import either
from toolkit.readers import read
from toolkit.reports.beside import Others, history, open_others, other_income, place
from toolkit.reports.fragments import (
    NONE,
    Fragment,
    figure,
    heading,
    note,
    picture,
    prose,
    table,
    table_html,
    text_html,
)
from toolkit.reports.index import summary
from toolkit.reports.laid_out import budget_table, indicator_table, recipient_table
from toolkit.reports.parameters import refuse_unknown
from toolkit.reports.provenance import limits, source_lines, sources, unread
from toolkit.reports.references import finding_refs, short_refs
from toolkit.reports.words import word
from toolkit.store import load
from toolkit.tables import TABLES
from toolkit.wording import check_language, format_count, format_rate, format_year, format_yen, official

__all__ = [
    "Fragment",
    "Others",
    "about_project",
    "budget_table",
    "doubts",
    "figure",
    "findings",
    "heading",
    "history",
    "indicator_figures",
    "indicator_table",
    "key_figures",
    "limits",
    "note",
    "open_others",
    "open_sheet",
    "opening",
    "other_income",
    "picture",
    "place",
    "prose",
    "recipient_table",
    "reviews",
    "source_lines",
    "sources",
    "table",
    "unread",
]


#: tables with a row per block or more
_BY_BLOCK = tuple(name for name, table in TABLES.items() if "block" in table.names)


def open_sheet(source: str = "", *, store: str = "", sheet_id: str = "", language: str = "ja") -> Dataset:
    """The Dataset of one sheet with its findings, from a file or from a folder of parquet tables (``store``).

    Both are looked for from the project root. ``sheet_id`` chooses where there are several. Raises UsageError where
    it is left open or papermill was given a parameter that the notebook does not have, NotFoundError where the sheet
    is not there, and whatever ``toolkit.read`` raises.
    """
    refuse_unknown()
    check_language(language)
    data = load(store, sheet_ids=sheet_id or None) if store else read(paths.resolve(source))
    if sheet_id and not store:
        data = data.select(sheet_id)
    elif len(data.sheet_ids) != 1:
        named = ", ".join(data.sheet_ids[:5])
        raise UsageError(f"{store or source} holds {len(data.sheet_ids)} sheets; name one as sheet_id: {named} …")
    return _in_order(data)._with_findings(_findings(data, store, language))


def _findings(data: Dataset, store: str, language: str) -> pd.DataFrame:
    """What the checks find in the sheet; of a built store what they found then, its rules run again for their words."""
    if not store or not (paths.resolve(store) / "manifest.json").is_file():
        return check(data, language)
    stored = data["findings"]  # also what only a comparison with other sources of the sheet can tell
    if language == "en" or stored.empty:
        return stored
    rules = set(plain(stored["rule"]))
    again = in_japanese(data) if data.is_cut else check(data, language, rules=rules)
    again = again[again["rule"].isin(rules)].reset_index(drop=True)
    if rules - set(again["rule"]):
        again = check(load(store, sheet_ids=data.sheet_ids, editions="all"), language, rules=rules)
        again = again[again["sheet_id"].isin(data.sheet_ids)].reset_index(drop=True)
    return again


def _in_order(data: Dataset) -> Dataset:
    """The rows of blocks as the form orders them, A to Z before AA: sources that sort them as text put AA after A."""
    tables = {}
    for name in _BY_BLOCK:
        frame = data[name]
        if any(block is not pd.NA and len(block) > 1 for block in frame["block"].tolist()):
            within = [column for column in ("rank", "line") if column in frame]
            rows = frame.assign(length=frame["block"].str.len())
            order = rows.sort_values(["length", "block", *within], kind="stable").index
            tables[name] = frame.loc[order].reset_index(drop=True)
    return Dataset._trusted({**data, **tables}) if tables else data


def opening(data: Dataset, language: str) -> Fragment:
    """Name of the project as the page's title, and who is in charge; carries the line of the index beside it."""
    data.sheet()  # one, or a UsageError
    sheet = data.rows("sheets")[0]
    title = sheet["name"] or sheet["sheet_id"]
    ja = language == "ja"
    year = (
        f"{sheet['review_year']}年度行政事業レビュー"
        if ja
        else f"Administrative project review, FY{sheet['review_year']}"
    )
    ministry = None if sheet["ministry"] is None else official(sheet["ministry"], language)
    parts = [year, ministry, *(sheet[k] for k in ("agency", "bureau", "division")), sheet["sheet_id"]]
    line = (" ｜ " if ja else " | ").join(text_html(part) for part in parts if part is not None)
    return Fragment(f'<h1>{text_html(title)}</h1>\n<p class="kicker">{line}</p>', str(title), summary(data))


def key_figures(data: Dataset, language: str) -> Fragment:
    """The figures of ``narrative.key_figures`` that the sheet gives, each with year and note."""
    items = []
    for row in narrative.figures(data, language=language):
        if row["value"] is None:
            continue
        year = format_year(row["year"], language) if row["year"] is not None else None
        more = [text_html(part) for part in (year, row["note"]) if part is not None]
        tail = f'<dd class="more">{either(language, "・", ", ").join(more)}</dd>' if more else ""
        items.append(f"<div><dt>{escape(row['label'])}</dt><dd>{_figure_value(row, language)}</dd>{tail}</div>")
    return Fragment('<dl class="figures">' + "\n".join(items) + "</dl>", f"{len(items)} key figures")


def _figure_value(row: dict[str, Any], language: str) -> str:
    """A figure with its unit in small: the number is what is looked for."""
    formats = {"yen": format_yen, "ratio": format_rate, "count": format_count}
    number, unit = re.fullmatch(r"([-\d.,%]*)(.*)", formats[row["unit"]](row["value"], language)).groups()  # type: ignore[union-attr]
    return escape(number) + (f"<small>{escape(unit)}</small>" if unit else "")


def about_project(data: Dataset, language: str) -> Fragment:
    """Purpose, situation and overview as the sheet words them."""
    sheet, declared = data.sheet(), TABLES["sheets"]
    parts = [
        f"<h3>{declared[name].label(language)}</h3>\n<p>{text_html(sheet[name])}</p>"
        for name in ("purpose", "issues", "overview") if pd.notna(sheet[name])
    ]  # fmt: skip
    if not parts:
        return note(either(language, "目的・概要の記載がない。", "The sheet states neither purpose nor overview."))
    return Fragment("\n".join(parts), f"{len(parts)} texts")


def indicator_figures(data: Dataset, language: str) -> Fragment:
    """The small multiples, on as many figures as a printed page each needs."""
    portions = pages(data, language)
    pictures = [figure(plots.plot_indicators(data, only=only, language=language)) for only in portions]
    return reduce(operator.add, pictures)


def reviews(data: Dataset, language: str) -> Fragment:
    """What every box of the review says, in the form's order, verdict first; the ○△× table as a table."""
    rows = data.rows("evaluations")
    asked = [row for row in rows if row["section"] == "self_check" and row["item"] is not None]
    boxes: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if (row["text"] is not None or row["verdict"] is not None) and not (
            row["section"] == "self_check" and row["item"] is not None
        ):
            boxes.setdefault(row["section"], []).append(row)
    parts = []
    for section, group in boxes.items():
        body = []
        for row in group:
            body += [f'<p class="note">{text_html(row["item"])}</p>'] if row["item"] is not None else []
            body += (
                [f'<p><span class="verdict">{text_html(official(row["verdict"], language))}</span></p>']
                if row["verdict"] is not None
                else []
            )
            body += [f"<p>{text_html(row['text'])}</p>"] if row["text"] is not None else []
        parts.append(f'<h3>{word(str(section), language)}</h3>\n<div class="review">' + "\n".join(body) + "</div>")
    whole = Fragment("\n".join(parts), f"{len(parts)} boxes") + table(
        asked, ["item", "verdict", "text"], language, of="evaluations", title=word("self_check", language)
    )
    return (
        whole
        if len(parts) or len(asked)
        else note(either(language, "点検・所見の記載がない。", "The sheet holds no reviews."))
    )


def doubts(data: Dataset, tables: Sequence[str], language: str) -> Fragment:
    """Errors that the checks found in the rows of ``tables``, to be read before the figures drawn from them."""
    said = [row["message"] for row in data.rows("findings") if row["severity"] == "error" and row["table"] in tables]
    if not said:
        return Fragment("", " ")
    first = [text_html(message) for message in said[:3]]
    more = len(said) - len(first)
    rest = [either(language, f"ほか{more}件", f"{more} more")] if more else []
    items = "".join(f"<li>{one}</li>" for one in [*first, *rest])
    lead = either(
        language, "次の誤りを含む数値を、記載のまま示す。", "The figures below are as printed and contain these errors."
    )
    return Fragment(
        f'<div class="doubts" role="note"><p>{lead}</p><ul>{items}</ul></div>',
        f"{lead} {'; '.join(said[:3])}",
    )


def findings(data: Dataset, language: str) -> Fragment:
    """What the checks found, most severe first, each with the rule in words and where in the source it stands."""
    rows = data["findings"]
    if rows.empty:
        return note(either(language, "検算に合わない数値はなかった。", "Every figure passed the checks."))
    cells = [
        f'<tr><td class="severity {row["severity"]}">{word(row["severity"], language)}</td><td class="text">{text_html(row["message"])}</td>'
        f'<td class="text">{text_html(RULES[row["rule"]].label(language) if row["rule"] in RULES else row["rule"])}</td>'
        f'<td class="text place">{text_html(short_refs(place, language)) if place else NONE}</td></tr>'
        for row, place in zip(data.rows("findings"), finding_refs(data), strict=True)
    ]
    heads = either(language, "重さ|見つかったこと|検算の規則|出典箇所", "Severity|What was found|Rule|Source").split(
        "|"
    )
    whole = table_html([f'<th scope="col">{name}</th>' for name in heads], cells, names=heads)
    return Fragment(whole, f"{len(rows)} findings")
