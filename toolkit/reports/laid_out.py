"""Tables of one sheet that are laid out anew: years as columns, a recipient with its contracts in one row."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from toolkit.dataset import Dataset
from toolkit.plain import ratio, records
from toolkit.plots.achievement import indicator_name, level_name
from toolkit.plots.budget import by_year
from toolkit.plots.spending import block_totals
from toolkit.plots.style import either
from toolkit.plots.units import Unit
from toolkit.reports.fragments import ABOVE, Fragment, matrix_html, note, prose, table, table_unit
from toolkit.reports.references import short_refs
from toolkit.reports.words import word
from toolkit.tables import TABLES
from toolkit.wording import format_count, format_rate, format_year

__all__ = ["budget_table", "indicator_table", "recipient_table"]

_BUDGET_ROWS = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy", "current_jpy", "carried_out_jpy", "total_jpy", "executed_jpy",
                "requested_jpy")  # fmt: skip
_RATES = {
    "current_jpy": ("執行率（対 歳出予算現額）", "Execution rate, of current budget"),
    "total_jpy": ("執行率（対 計(F)）", "Execution rate, of total (F)"),
}
_MEASURES = {"actual": 0, "target": 1, "expected": 2, "achievement": 3}


def budget_table(data: Dataset, language: str) -> Fragment:
    """The budget laid out as on the sheet: an item a row, a fiscal year a column, then the place of every year's figures."""
    years, declared = records(by_year(data)), TABLES["budgets"]
    if not years:
        return note(either(language, "予算額の記載がない。", "The sheet states no budget."))
    unit = table_unit({name: [row[name] for row in years] for name in _BUDGET_ROWS}, list(_BUDGET_ROWS), language)
    shown: dict[str, tuple[str, list[str | None]]] = {}
    for name in _BUDGET_ROWS:
        cells = [_number(row[name], unit) for row in years]
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
    unit = table_unit({"": [one["amount_jpy"] for held in contracts.values() for one in held]}, [""], language)
    rows = []
    for row in data.rows("recipients"):
        amount, total = row["amount_jpy"], totals.get(row["block"])
        share = (
            format_rate(amount / total, language) if amount is not None and total is not None and total > 0 else None
        )
        held = contracts.get((row["block"], row["rank"]), [])
        own = {name: _each([contract.get(name) for contract in held]) for name in ("work", "method", "bidders")}
        if len(held) > 1:  # else it is the amount of the recipient
            own["each"] = _each([_number(contract["amount_jpy"], unit) for contract in held])
        rates = [contract.get("award_rate") for contract in held]
        own["award_rate"] = _each([None if rate is None else format_rate(rate, language) for rate in rates])
        rows.append({**row, "share": share, **own})
    labels = {
        "share": either(language, "ブロック内の割合", "Share of block"),
        "work": TABLES["contracts"]["work"].label(language),
    }
    labels["each"] = either(language, f"契約ごとの額（{unit.label}）", f"Per contract ({unit.label})")
    labels |= {name: TABLES["contracts"][name].label(language) for name in ("method", "bidders", "award_rate")}
    columns = [
        "block",
        "rank",
        "name",
        "corporate_number",
        "amount_jpy",
        "share",
        "work",
        "each",
        "method",
        "bidders",
        "award_rate",
    ]
    return table(rows, columns, language, of="recipients", labels=labels)


def _number(amount: int | None, unit: Unit) -> str | None:
    return None if amount is None else unit.number(amount)


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
