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
from toolkit.checks import RULES, check
from toolkit.dataset import Dataset
from toolkit.errors import UsageError
from toolkit.metrics import execution_rate, execution_rate_sheet
from toolkit.plots.achievement import indicator_name, level_name
from toolkit.plots.budget import by_year
from toolkit.plots.indicators import pages
from toolkit.plots.spending import block_totals
from toolkit.plots.style import either, records
from toolkit.readers import read
from toolkit.reports.beside import Others, history, open_others, other_income, place
from toolkit.reports.fragments import (
    ABOVE,
    Fragment,
    figure,
    heading,
    note,
    picture,
    prose,
    table,
    table_html,
    table_unit,
    text_html,
)
from toolkit.reports.index import summary
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
_BUDGET_ROWS = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy", "current_jpy", "carried_out_jpy", "total_jpy", "executed_jpy",
                "requested_jpy")  # fmt: skip
_MEASURES = {"actual": 0, "target": 1, "expected": 2, "achievement": 3}
_RATES = {
    "rate_current": ("執行率（対 歳出予算現額）", "Execution rate, of current budget"),
    "rate_total": ("執行率（対 計(F)）", "Execution rate, of total (F)"),
}


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
    return _in_order(data).with_findings(_findings(data, store, language))


def _findings(data: Dataset, store: str, language: str) -> pd.DataFrame:
    """What the checks find in the sheet; of a built store what they found then, its rules run again for their words."""
    if not store or not (paths.resolve(store) / "manifest.json").is_file():
        return check(data, language)
    stored = data["findings"]  # also what only a comparison with other sources of the sheet can tell
    if language == "en" or stored.empty:
        return stored
    rules = set(stored["rule"])
    again = check(data, language, rules=rules)
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
    sheet = data.sheet()
    title = sheet["name"] if pd.notna(sheet["name"]) else sheet["sheet_id"]
    ja = language == "ja"
    year = (
        f"{sheet['review_year']}年度行政事業レビュー"
        if ja
        else f"Administrative project review, FY{sheet['review_year']}"
    )
    ministry = pd.NA if pd.isna(sheet["ministry"]) else official(sheet["ministry"], language)
    parts = [year, ministry, *(sheet[k] for k in ("agency", "bureau", "division")), sheet["sheet_id"]]
    line = (" ｜ " if ja else " | ").join(text_html(part) for part in parts if pd.notna(part))
    return Fragment(f'<h1>{text_html(title)}</h1>\n<p class="kicker">{line}</p>', str(title), summary(data))


def key_figures(data: Dataset, language: str) -> Fragment:
    """The figures of ``narrative.key_figures`` that the sheet gives, each with year and note."""
    frame = narrative.key_figures(data, language=language)
    items = []
    for row in records(frame[frame["value"].notna()]):
        year = format_year(row["year"], language) if pd.notna(row["year"]) else None
        more = [text_html(part) for part in (year, row["note"]) if part is not None and pd.notna(part)]
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


def budget_table(data: Dataset, language: str) -> Fragment:
    """The budget laid out as on the sheet: an item a row, a fiscal year a column, then the place of every year's figures."""
    years, declared = by_year(data), TABLES["budgets"]
    if years.empty:
        return note(either(language, "予算額の記載がない。", "The sheet states no budget."))
    unit = table_unit(years, list(_BUDGET_ROWS), language)
    years = years.assign(rate_current=execution_rate(years), rate_total=execution_rate_sheet(years))
    rows = []
    for name in (*_BUDGET_ROWS, "rate_current", "rate_total", "source_ref"):
        if years[name].notna().any():
            label = either(language, *_RATES[name]) if name in _RATES else declared[name].label(language)
            show = (
                format_rate
                if name in _RATES
                else short_refs
                if name == "source_ref"
                else lambda value, _: unit.number(value)
            )
            cells = ["–" if pd.isna(value) else show(value, language) for value in years[name].tolist()]
            kind = "text place" if name == "source_ref" else "number"
            rows.append(
                f'<tr><th scope="row">{escape(label)}</th>'
                + "".join(f'<td class="{kind}">{escape(cell)}</td>' for cell in cells)
                + "</tr>"
            )
    heads = ["<td></td>"]
    for year, stage, certainty in zip(
        years["fiscal_year"], years["stage"], years.get("certainty", years["stage"]), strict=True
    ):
        words = [
            word(value, language)
            for value in (stage, certainty)
            if pd.notna(value) and value not in ("closed", "stated", "solved")
        ]
        heads.append(
            f'<th scope="col" class="number">{format_year(year, language)}<small>{either(language, "・", ", ").join(words)}</small></th>'
        )
    title = declared.label(language) + either(language, f"（{unit.label}）", f" ({unit.label})")
    reasons = [
        f"{format_year(row['fiscal_year'], language)}: {row['note']}"
        for row in records(years)
        if pd.notna(row.get("note"))
    ]
    said = (
        prose([f"{declared['note'].label(language)}　" + "\n".join(reasons)], language) if reasons else Fragment("", "")
    )
    return Fragment(table_html(heads, rows, title), title) + said


def recipient_table(data: Dataset, language: str) -> Fragment:
    """Every listed recipient with its share of the block, its corporate number and its contracts."""
    recipients = data["recipients"]
    if recipients.empty:
        return Fragment("", "")
    total = recipients["block"].map(block_totals(data))
    share = recipients["amount_jpy"] / total.where((total > 0).fillna(False))
    contracts = data["contracts"].drop(columns=["sheet_id", "amount_jpy", "source_ref", "certainty"])
    rows = recipients.assign(share=share).merge(contracts, on=["block", "rank"], how="left")
    labels = {
        "share": either(language, "ブロック内の割合", "Share of block"),
        "work": TABLES["contracts"]["work"].label(language),
    }
    labels |= {name: TABLES["contracts"][name].label(language) for name in ("method", "bidders", "award_rate")}
    for name in ("share", "award_rate"):
        rows[name] = [None if pd.isna(value) else format_rate(value, language) for value in rows[name]]
    columns = [
        "block",
        "rank",
        "name",
        "corporate_number",
        "amount_jpy",
        "share",
        "work",
        "method",
        "bidders",
        "award_rate",
    ]
    return table(rows, columns, language, of="recipients", labels=labels)


def indicator_figures(data: Dataset, language: str) -> Fragment:
    """The small multiples, on as many figures as a printed page each needs."""
    portions = pages(data, language)
    pictures = [figure(plots.plot_indicators(data, only=only, language=language)) for only in portions]
    return reduce(operator.add, pictures)


def indicator_table(data: Dataset, language: str) -> Fragment:
    """Every indicator with its values by year: one row per indicator and measure, years as columns."""
    values, about = data["measurements"], data["indicators"].set_index("indicator_id")
    if values.empty:
        return note(either(language, "指標の値の記載がない。", "The sheet gives no values of indicators."))
    final = values["is_final_year"].fillna(False)
    year = values["fiscal_year"].astype("string").fillna("")
    order = {name: n for n, name in enumerate(data["indicators"]["indicator_id"])}
    values = values.assign(
        order=values["indicator_id"].map(order),
        rank=values["measure"].map(_MEASURES),
        column=year + final.map({True: either(language, "\n目標年度", "\ntarget year"), False: ""}),
    )
    columns = list(dict.fromkeys(values.sort_values(["fiscal_year", "is_final_year"])["column"]))
    rows: list[dict[str, Any]] = []
    before = None
    for (_, _, indicator, measure), group in values.groupby(["order", "rank", "indicator_id", "measure"]):
        row = about.loc[str(indicator)]
        name = indicator_name(row) or str(indicator)
        cells = {
            c: _measured(v, t, str(measure), language)
            for c, v, t in zip(group["column"], group["value"], group["value_text"], strict=True)
        }
        worst = "unsettled" if group["certainty"].eq("unsettled").any() else "stated"
        head = (
            {"level": level_name(row, language), "indicator": name, "unit": row["unit"]}
            if indicator != before
            else dict.fromkeys(("level", "indicator", "unit"), ABOVE)
        )
        rows.append({**head, "measure": measure, **cells, "certainty": worst})
        before = indicator
    frame = pd.DataFrame(rows)
    named = {"level": TABLES["indicators"]["level"].label(language), "indicator": TABLES["indicators"]["indicator"].label(language),
             "unit": TABLES["indicators"]["unit"].label(language), **{column: column or "–" for column in columns}}  # fmt: skip
    return table(frame, ["level", "indicator", "unit", "measure", *columns], language, of="measurements", labels=named)


def _measured(value: Any, printed: Any, measure: str, language: str) -> str:
    if pd.isna(value):
        return "" if pd.isna(printed) else str(printed)
    return format_rate(value, language) if measure == "achievement" else format_count(value, language)


def reviews(data: Dataset, language: str) -> Fragment:
    """What every box of the review says, in the form's order, verdict first; the ○△× table as a table."""
    rows = data["evaluations"]
    asked = rows[(rows["section"] == "self_check") & rows["item"].notna()]
    said = rows[(rows["text"].notna() | rows["verdict"].notna()) & ~rows.index.isin(asked.index)]
    parts = []
    for section, group in said.groupby("section", sort=False):
        body = []
        for row in records(group):
            body += [f'<p class="note">{text_html(row["item"])}</p>'] if pd.notna(row["item"]) else []
            body += (
                [f'<p><span class="verdict">{text_html(official(row["verdict"], language))}</span></p>']
                if pd.notna(row["verdict"])
                else []
            )
            body += [f"<p>{text_html(row['text'])}</p>"] if pd.notna(row["text"]) else []
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
    rows = data["findings"]
    rows = rows[(rows["severity"] == "error") & rows["table"].isin(tables)]
    if rows.empty:
        return Fragment("", " ")
    first = [text_html(message) for message in rows["message"].head(3)]
    more = len(rows) - len(first)
    rest = [either(language, f"ほか{more}件", f"{more} more")] if more else []
    items = "".join(f"<li>{said}</li>" for said in [*first, *rest])
    lead = either(
        language, "次の誤りを含む数値を、記載のまま示す。", "The figures below are as printed and contain these errors."
    )
    return Fragment(
        f'<div class="doubts" role="note"><p>{lead}</p><ul>{items}</ul></div>',
        f"{lead} {'; '.join(rows['message'].head(3))}",
    )


def findings(data: Dataset, language: str) -> Fragment:
    """What the checks found, most severe first, each with the rule in words and where in the source it stands."""
    rows = data["findings"]
    if rows.empty:
        return note(either(language, "検算に合わない数値はなかった。", "Every figure passed the checks."))
    cells = [
        f'<tr><td class="severity {row["severity"]}">{word(row["severity"], language)}</td><td class="text">{text_html(row["message"])}</td>'
        f'<td class="text">{text_html(RULES[row["rule"]].label(language) if row["rule"] in RULES else row["rule"])}</td>'
        f'<td class="text place">{text_html(short_refs(place, language)) if place else ""}</td></tr>'
        for row, place in zip(records(rows), finding_refs(data, rows), strict=True)
    ]
    heads = either(language, "重さ|見つかったこと|検算の規則|出典箇所", "Severity|What was found|Rule|Source").split(
        "|"
    )
    whole = table_html([f'<th scope="col">{name}</th>' for name in heads], cells)
    return Fragment(whole, f"{len(rows)} findings")
