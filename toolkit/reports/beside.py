"""One project beside others and beside itself in other years: its history, its place, what its recipients get elsewhere.

These sections need the panel behind the sheet. Where a report is made from a single file there is none, and every
function here gives an empty Fragment, heading and all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from toolkit import comparison, kept, plots
from toolkit.dataset import Dataset
from toolkit.plain import records
from toolkit.plots.style import either
from toolkit.reports.fragments import Fragment, figure, heading, note, table
from toolkit.reports.words import word
from toolkit.store import load
from toolkit.tables import TABLES
from toolkit.wording import format_rate, official

__all__ = ["Others", "history", "open_others", "other_income", "place"]

_NOTHING = Fragment("", " ")


@dataclass(frozen=True, slots=True)
class Others:
    """The projects of one ministry and review year: a line of measures each, and what they list for this sheet's recipients."""

    lines: pd.DataFrame
    incomes: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Others: {len(self.lines)} projects of the same ministry and review year>"


def open_others(data: Dataset, folder: str) -> Others | None:
    """The other projects of the sheet's ministry and review year in a store; None without a store or a ministry."""
    sheet = data.sheet()
    if not folder or pd.isna(sheet["ministry"]):
        return None
    which: dict[str, Any] = {"review_year": int(sheet["review_year"]), "ministry": str(sheet["ministry"])}
    numbers = data["recipients"]["corporate_number"].dropna().unique()
    return Others(kept.lines(folder, **which), kept.incomes(folder, **which, numbers=numbers))


def place(data: Dataset, others: Others | None, language: str) -> Fragment:
    """Where the project lies among its ministry's, and those of similar kind as a table."""
    if others is None or len(others.lines) < 2:
        return _NOTHING
    sheet_id = str(data.sheet()["sheet_id"])
    strips = figure(plots.plot_places(others.lines, sheet_id, language=language))
    return heading("place", language) + strips + _peers(others.lines, sheet_id, language)


def _peers(lines: pd.DataFrame, sheet_id: str, language: str) -> Fragment:
    found = comparison.peers(lines, sheet_id)
    if found.empty:
        return note(either(language, "規模の近い事業はない。", "There is no project of similar size."))
    is_same = bool(found["is_same_method"].all())
    rows = []
    for n, row in enumerate([*records(lines[(lines["sheet_id"] == sheet_id).to_numpy(dtype=bool)]), *records(found)]):
        name = row["name"] if n else either(language, f"（この事業）{row['name']}", f"(this project) {row['name']}")
        rates = {key: _rate(row[key], language) for key in ("execution_rate", "top1")}
        met = None if row["rated"] is None else f"{row['met']} / {row['rated']}"
        team = None if row["team"] is None else official(row["team"], language)
        rows.append({**row, **rates, "name": name, "met": met, "team": team})
    labels = {
        "name": either(language, "事業", "Project"),
        "execution_rate": either(language, "執行率", "Execution rate"),
        "top1": either(language, "最大の支出先の割合", "Largest recipient"),
        "met": either(language, "達成した指標", "Indicators met"),
        "team": either(language, "推進チームの所見", "Team's verdict"),
    }
    title = either(language, "似た事業（規模の近い順）", "Projects of similar kind, nearest in size first")
    alike = either(
        language,
        "府省庁・レビュー年度" + "・実施方法" * is_same,
        "ministry, review year and means" if is_same else "ministry and review year",
    )
    rule = either(
        language,
        f"同じ{alike}で、歳出予算現額が3分の1から3倍のもののうち近い{len(found)}事業。事業の内容までは比べていない。",
        f"The {len(found)} nearest of the same {alike} whose current budget is a third to three times as large. What they do is not compared.",
    )
    shown = ["name", "current_jpy", "execution_rate", "top1", "met", "team"]
    return table(rows, shown, language, of="budgets", title=title, labels=labels) + note(rule)


def _rate(value: Any, language: str) -> str | None:
    return None if value is None else format_rate(value, language)


def other_income(data: Dataset, others: Others | None, language: str, *, most: int = 12) -> Fragment:
    """What the recipients of this sheet get from the same ministry's other projects, as far as these list it."""
    if others is None:
        return _NOTHING
    rows = comparison.other_income(others.incomes, str(data.sheet()["sheet_id"]))
    if rows.empty:
        return _NOTHING
    labels = {
        "amount_jpy": either(language, "この事業から", "From this project"),
        "others": either(language, "ほかの事業の数", "Other projects"),
        "others_jpy": either(language, "ほかの事業から", "From the others"),
        "largest": either(language, "うち最大の事業", "Largest of these"),
        "largest_jpy": either(language, "その額", "Amount"),
    }
    title = either(
        language,
        "支出先が同じ府省庁のほかの事業から受けた額",
        "What these recipients got from the ministry's other projects",
    )
    said = either(
        language,
        f"法人番号で突き合わせた{len(rows)}者" + (f"のうち上位{most}者" if len(rows) > most else "") + "。各事業が掲げるのはブロックごとに上位10者までなので、額は下限である。",
        f"{len(rows)} recipients matched by corporate number" + (f", the largest {most} shown" if len(rows) > most else "")
        + ". Sheets list at most ten recipients a block, so the amounts are lower bounds.",
    )  # fmt: skip
    shown = ["name", "amount_jpy", "others", "others_jpy", "largest", "largest_jpy"]
    return table(rows.head(most), shown, language, of="recipients", title=title, labels=labels) + note(said)


def history(data: Dataset, folder: str, language: str) -> Fragment:
    """The project over all review years of a store, across forms: money, rates, the sheets of its line, what was restated.

    Empty without a store, or where the store has no other sheet of the project. Gives the index its ten years.
    """
    sheet_id = str(data.sheet()["sheet_id"])
    keys = data["links"]["project_key"].tolist() if folder else []
    links = kept.links(folder, str(keys[0])) if keys else TABLES["links"].empty()
    line = links["sheet_id"].drop_duplicates().tolist()
    if len(line) < 2:
        return _NOTHING
    read = load(folder, sheet_ids=line, tables=["sheets", "budgets"])
    project = Dataset._trusted({**read, "links": links})
    stated = project.history(sheet_id, only="budget")
    statements = records(stated)
    money = figure(plots.plot_history(stated, language=language))
    closed = {row["fiscal_year"] for row in statements if row["quantity"] == "execution_rate"}
    rates = figure(plots.plot_history_rates(stated, language=language)) if len(closed) > 1 else _NOTHING
    sheets = {row["sheet_id"]: row for row in project.rows("sheets")}
    shown = (
        heading("history", language)
        + money
        + rates
        + _line(project.rows("links"), [sheets[one] for one in line], language)
        + _restated(statements, language)
    )
    return Fragment(shown.html, shown.plain, {**shown.about, "years": _ten_years(statements)})


def _line(links: list[dict[str, Any]], sheets: list[dict[str, Any]], language: str) -> Fragment:
    """The sheets of the project, each with what links it to the one before."""
    own: dict[str, dict[str, Any]] = {}
    for link in links:
        if link["relation"] in ("first", "continued"):
            own.setdefault(link["sheet_id"], link)
    rows = []
    for n, sheet in enumerate(sheets):
        one = own.get(sheet["sheet_id"])
        # that nothing comes before it is no doubt about the sheet
        is_sure = one is None or (n == 0 and one["relation"] == "first")
        certainty = "stated" if is_sure or one is None else one["certainty"]
        rows.append({**sheet, "certainty": certainty, "link": None if one is None else _link(one, language)})
    labels = {"link": either(language, "前のシートとのつながり", "Linked to the one before by")}
    title = either(language, f"この事業の{len(rows)}枚のシート", f"The {len(rows)} sheets of this project")
    return table(
        rows, ["review_year", "sheet_id", "ministry", "name", "link"], language, of="sheets", title=title, labels=labels
    )


def _link(row: dict[str, Any], language: str) -> str | None:
    if row["method"] is None:
        return None
    said = word(row["method"], language)
    if not row["compared"]:
        return said
    agreed = either(
        language,
        f"重なる年度の金額{row['compared']}件中{row['agreed']}件が一致",
        f"{row['agreed']} of {row['compared']} shared amounts agree",
    )
    return said + either(language, "・", "; ") + agreed


def _restated(statements: list[dict[str, Any]], language: str) -> Fragment:
    """Amounts that sheets of the project state differently, beyond rounding."""
    money = [row for row in statements if row["unit"] == "yen" and row["item"] is None]
    latest = {(row["quantity"], row["fiscal_year"]): row for row in money if row["is_preferred"]}
    rows = []
    for row in money:
        if row["is_restated"]:
            used = latest[row["quantity"], row["fiscal_year"]]
            rows.append(
                {
                    "fiscal_year": row["fiscal_year"], "quantity": TABLES["budgets"][f"{row['quantity']}_jpy"].label(language),
                    "stated_in": row["stated_in"], "value_jpy": round(row["value"]),
                    "stated_in_latest": used["stated_in"], "latest_jpy": round(used["value"]),
                }
            )  # fmt: skip
    if not rows:
        return note(
            either(
                language,
                "シートによって違う金額はない（表示単位の違いを除く）。",
                "No amount differs between the sheets, but for rounding.",
            )
        )
    labels = {
        "quantity": either(language, "項目", "Amount"), "stated_in": either(language, "採らないシート", "Other sheet"), "value_jpy": either(language, "そこでの額", "Stated there"),
        "stated_in_latest": either(language, "図に用いたシート", "Sheet used"), "latest_jpy": either(language, "用いた額", "Amount used"),
    }  # fmt: skip
    columns = ["fiscal_year", "quantity", "stated_in", "value_jpy", "stated_in_latest", "latest_jpy"]
    title = either(
        language,
        "シートによって違う金額（新しいシートを採る。空欄かもしれない0は採らない）",
        "Amounts that sheets state differently (the newest counts; a 0 that may be a blank does not)",
    )
    return table(rows, columns, language, of="budgets", title=title, labels=labels)


def _ten_years(statements: list[dict[str, Any]]) -> list[list[int | None]]:
    """Fiscal year, current budget and executed amount of the last ten years, for the index."""
    years: dict[int, dict[str, int]] = {}
    for row in statements:
        if row["is_preferred"] and row["quantity"] in ("current", "executed"):
            years.setdefault(row["fiscal_year"], {})[row["quantity"]] = round(row["value"])
    return [[year, found.get("current"), found.get("executed")] for year, found in sorted(years.items())][-10:]
