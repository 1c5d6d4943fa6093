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
    rows = pd.concat([lines[lines["sheet_id"] == sheet_id], found.drop(columns="is_same_method")])
    rows = rows.assign(
        name=[
            either(language, f"（この事業）{name}", f"(this project) {name}") if n == 0 else name
            for n, name in enumerate(rows["name"])
        ],
        met=[f"{row['met']} / {row['rated']}" if pd.notna(row["rated"]) else None for row in records(rows)],
        team=[None if pd.isna(verdict) else official(verdict, language) for verdict in rows["team"]],
        **{name: [_rate(value, language) for value in rows[name]] for name in ("execution_rate", "top1")},
    )
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
    return None if pd.isna(value) else format_rate(value, language)


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
    sheets = project["sheets"].set_index("sheet_id", drop=False)
    money = figure(plots.plot_history(stated, language=language))
    closed = stated[stated["quantity"] == "execution_rate"]["fiscal_year"].nunique()
    rates = figure(plots.plot_history_rates(stated, language=language)) if closed > 1 else _NOTHING
    shown = (
        heading("history", language)
        + money
        + rates
        + _line(links, sheets, line, language)
        + _restated(stated, language)
    )
    return Fragment(shown.html, shown.plain, {**shown.about, "years": _ten_years(stated)})


def _line(links: pd.DataFrame, sheets: pd.DataFrame, line: list[str], language: str) -> Fragment:
    """The sheets of the project, each with what links it to the one before."""
    own = links[links["relation"].isin(["first", "continued"])].drop_duplicates("sheet_id").set_index("sheet_id")
    rows = sheets.loc[line].assign(certainty=[own["certainty"].get(one, "stated") for one in line])
    rows["link"] = [_link(own.loc[one], language) if one in own.index else None for one in line]
    if own["relation"].get(line[0]) == "first":  # that nothing comes before it is no doubt about the sheet
        rows.loc[line[0], "certainty"] = "stated"
    labels = {"link": either(language, "前のシートとのつながり", "Linked to the one before by")}
    title = either(language, f"この事業の{len(line)}枚のシート", f"The {len(line)} sheets of this project")
    return table(
        rows, ["review_year", "sheet_id", "ministry", "name", "link"], language, of="sheets", title=title, labels=labels
    )


def _link(row: pd.Series, language: str) -> str | None:
    if pd.isna(row["method"]):
        return None
    said = word(str(row["method"]), language)
    if pd.isna(row["compared"]) or not row["compared"]:
        return said
    agreed = either(
        language,
        f"重なる年度の金額{row['compared']}件中{row['agreed']}件が一致",
        f"{row['agreed']} of {row['compared']} shared amounts agree",
    )
    return said + either(language, "・", "; ") + agreed


def _restated(stated: pd.DataFrame, language: str) -> Fragment:
    """Amounts that sheets of the project state differently, beyond rounding."""
    keys = ["quantity", "fiscal_year"]
    money = stated[stated["unit"].eq("yen").fillna(False) & stated["item"].isna()]
    latest, before = money[money["is_preferred"]], money[money["is_restated"].fillna(False)]
    if before.empty:
        return note(
            either(
                language,
                "シートによって違う金額はない（表示単位の違いを除く）。",
                "No amount differs between the sheets, but for rounding.",
            )
        )
    rows = before.merge(latest[[*keys, "value", "stated_in"]], on=keys, suffixes=("", "_latest"))
    rows = rows.assign(
        quantity=[TABLES["budgets"][f"{name}_jpy"].label(language) for name in rows["quantity"]],
        value_jpy=rows["value"].round().astype("Int64"), latest_jpy=rows["value_latest"].round().astype("Int64"),
    )  # fmt: skip
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
    return table(rows[[*columns]], columns, language, of="budgets", title=title, labels=labels)


def _ten_years(stated: pd.DataFrame) -> list[list[int | None]]:
    """Fiscal year, current budget and executed amount of the last ten years, for the index."""
    chosen = stated[stated["is_preferred"] & stated["quantity"].isin(["current", "executed"])]
    wide = (
        chosen.pivot(index="fiscal_year", columns="quantity", values="value")
        .reindex(columns=["current", "executed"])
        .sort_index()
    )
    return [[int(year), *(None if pd.isna(v) else round(v) for v in row)] for year, *row in wide.tail(10).itertuples()]
