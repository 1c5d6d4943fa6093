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
from toolkit.plain import plain, ratio, records
from toolkit.plots.achievement import indicator_name, level_name
from toolkit.plots.budget import by_year
from toolkit.plots.indicators import pages
from toolkit.plots.spending import block_totals
from toolkit.plots.style import either
from toolkit.readers import read
from toolkit.reports.beside import Others, history, open_others, other_income, place
from toolkit.reports.fragments import (
    ABOVE,
    Fragment,
    figure,
    heading,
    matrix_html,
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
_NONE = '<span class="none">–</span>'
_MEASURES = {"actual": 0, "target": 1, "expected": 2, "achievement": 3}
_RATES = {
    "current_jpy": ("執行率（対 歳出予算現額）", "Execution rate, of current budget"),
    "total_jpy": ("執行率（対 計(F)）", "Execution rate, of total (F)"),
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


def budget_table(data: Dataset, language: str) -> Fragment:
    """The budget laid out as on the sheet: an item a row, a fiscal year a column, then the place of every year's figures."""
    years, declared = records(by_year(data)), TABLES["budgets"]
    if not years:
        return note(either(language, "予算額の記載がない。", "The sheet states no budget."))
    unit = table_unit({name: [row[name] for row in years] for name in _BUDGET_ROWS}, list(_BUDGET_ROWS), language)
    shown: dict[str, tuple[str, list[str | None]]] = {}
    for name in _BUDGET_ROWS:
        cells = [None if row[name] is None else unit.number(row[name]) for row in years]
        shown[name] = declared[name].label(language), cells
    for name, names in _RATES.items():
        rates = [ratio(row["executed_jpy"], row[name]) for row in years]
        shown[f"rate {name}"] = (
            either(language, *names), [None if rate is None else format_rate(rate, language) for rate in rates]
        )  # fmt: skip
    refs = [row.get("source_ref") for row in years]
    shown["source_ref"] = (
        declared["source_ref"].label(language), [None if ref is None else short_refs(ref, language) for ref in refs]
    )  # fmt: skip
    rows = []
    for name, (label, cells) in shown.items():
        if any(cell is not None for cell in cells):
            kind = "text place" if name == "source_ref" else "number"
            rows.append(
                f'<tr><th scope="row" class="group">{escape(label)}</th>'
                + "".join(f'<td class="{kind}">{escape("–" if cell is None else cell)}</td>' for cell in cells)
                + "</tr>"
            )
    heads = ['<td class="group"></td>']
    for row in years:
        words = [
            word(value, language)
            for value in (row["stage"], row.get("certainty", row["stage"]))
            if value is not None and value not in ("closed", "stated", "solved")
        ]
        heads.append(
            f'<th scope="col" class="number">{format_year(row["fiscal_year"], language)}<small>{either(language, "・", ", ").join(words)}</small></th>'
        )
    title = declared.label(language) + either(language, f"（{unit.label}）", f" ({unit.label})")
    reasons = [
        f"{format_year(row['fiscal_year'], language)}: {row['note']}" for row in years if row.get("note") is not None
    ]
    said = (
        prose([f"{declared['note'].label(language)}　" + "\n".join(reasons)], language) if reasons else Fragment("", "")
    )
    return Fragment(matrix_html(heads, rows, title), title) + said


def recipient_table(data: Dataset, language: str) -> Fragment:
    """Every listed recipient in one row, with its share of the block, its corporate number and its contracts."""
    if data["recipients"].empty:
        return Fragment("", "")
    totals, contracts = block_totals(data), _contracts(data)
    rows = []
    for row in data.rows("recipients"):
        amount, total = row["amount_jpy"], totals.get(row["block"])
        share = (
            format_rate(amount / total, language) if amount is not None and total is not None and total > 0 else None
        )
        held = contracts.get((row["block"], row["rank"]), [])
        own = {name: _each([contract.get(name) for contract in held]) for name in ("work", "method", "bidders")}
        rates = [contract.get("award_rate") for contract in held]
        own["award_rate"] = _each([None if rate is None else format_rate(rate, language) for rate in rates])
        rows.append({**row, "share": share, **own})
    labels = {
        "share": either(language, "ブロック内の割合", "Share of block"),
        "work": TABLES["contracts"]["work"].label(language),
    }
    labels |= {name: TABLES["contracts"][name].label(language) for name in ("method", "bidders", "award_rate")}
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


def _each(values: list[Any]) -> Any:
    """One value per contract of a recipient; of several contracts each with its number, since the amount is that of all."""
    if len(values) < 2 or all(value is None for value in values):
        return values[0] if values else None
    return "\n".join(f"({n}) {'–' if value is None else value}" for n, value in enumerate(values, 1))


def _contracts(data: Dataset) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """The contracts of every recipient, by its block and rank."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in data.rows("contracts"):
        found.setdefault((row["block"], row["rank"]), []).append(row)
    return found


def indicator_figures(data: Dataset, language: str) -> Fragment:
    """The small multiples, on as many figures as a printed page each needs."""
    portions = pages(data, language)
    pictures = [figure(plots.plot_indicators(data, only=only, language=language)) for only in portions]
    return reduce(operator.add, pictures)


def indicator_table(data: Dataset, language: str) -> Fragment:
    """Every indicator with its values by year: one row per indicator and measure, years as columns."""
    values = data.rows("measurements")
    if not values:
        return note(either(language, "指標の値の記載がない。", "The sheet gives no values of indicators."))
    about = {row["indicator_id"]: row for row in data.rows("indicators")}
    order, final = {name: n for n, name in enumerate(about)}, either(language, "\n目標年度", "\ntarget year")

    def place(row: dict[str, Any]) -> tuple[bool, int, int]:
        return row["fiscal_year"] is None, row["fiscal_year"] or 0, {None: 2, True: 1, False: 0}[row["is_final_year"]]

    def column(row: dict[str, Any]) -> str:
        return f"{'' if row['fiscal_year'] is None else row['fiscal_year']}{final if row['is_final_year'] else ''}"

    columns = list(dict.fromkeys(column(row) for row in sorted(values, key=place)))
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in values:
        if row["indicator_id"] in about:
            groups.setdefault((row["indicator_id"], row["measure"]), []).append(row)
    rows: list[dict[str, Any]] = []
    before = None
    for (indicator, measure), group in sorted(
        groups.items(), key=lambda item: (order[item[0][0]], _MEASURES[item[0][1]])
    ):
        one = about[indicator]
        cells = {column(row): _measured(row["value"], row["value_text"], measure, language) for row in group}
        head = (
            {"level": level_name(one, language), "indicator": indicator_name(one) or indicator, "unit": one["unit"]}
            if indicator != before
            else dict.fromkeys(("level", "indicator", "unit"), ABOVE)
        )
        worst = "unsettled" if any(row["certainty"] == "unsettled" for row in group) else "stated"
        rows.append({**head, "measure": measure, **cells, "certainty": worst})
        before = indicator
    named = {"level": TABLES["indicators"]["level"].label(language), "indicator": TABLES["indicators"]["indicator"].label(language),
             "unit": TABLES["indicators"]["unit"].label(language), **{column: column or "–" for column in columns}}  # fmt: skip
    return table(rows, ["level", "indicator", "unit", "measure", *columns], language, of="measurements", labels=named)


def _measured(value: Any, printed: Any, measure: str, language: str) -> str:
    if pd.isna(value):
        return "" if pd.isna(printed) else str(printed)
    return format_rate(value, language) if measure == "achievement" else format_count(value, language)


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
        f'<td class="text place">{text_html(short_refs(place, language)) if place else _NONE}</td></tr>'
        for row, place in zip(data.rows("findings"), finding_refs(data), strict=True)
    ]
    heads = either(language, "重さ|見つかったこと|検算の規則|出典箇所", "Severity|What was found|Rule|Source").split(
        "|"
    )
    whole = table_html([f'<th scope="col">{name}</th>' for name in heads], cells, names=heads)
    return Fragment(whole, f"{len(rows)} findings")
