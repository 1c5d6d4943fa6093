"""One recipient over all projects and years: how much, from whom, for what, and how it was chosen.

Every plot takes the frame of ``toolkit.portfolio.received``; its title states the finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from toolkit.plots.ministry import rows_figure
from toolkit.plots.rows import Row
from toolkit.plots.spending import share_text
from toolkit.plots.style import AMBER, BLUE, RUST, SKY, either, nothing
from toolkit.plots.units import Unit, about, unit_for
from toolkit.portfolio import METHODS
from toolkit.wording import format_rate, format_year, official

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_methods", "plot_payers", "plot_projects", "plot_received"]

_ROUTES = {
    "direct": ("府省から直接", "from the ministry", BLUE),
    "passed on": ("ほかの支出先を経て", "passed on by another recipient", RUST),
    "unknown": ("経路は不明", "way unknown", SKY),
}


def _safe(payments: pd.DataFrame) -> pd.DataFrame:
    """Payments with an amount that is not suspected to be in another unit."""
    return payments[payments["amount_jpy"].notna() & ~payments["is_slip"]]


def plot_received(payments: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars per fiscal year, one for each way the money came; ways are not added up. Returns the Axes."""
    known = _safe(payments)
    if known.empty:
        return nothing(either(language, "金額の記載がない。", "No amount is stated."), ax)
    table = known.pivot_table(index="fiscal_year", columns="route", values="amount_jpy", aggfunc="sum")
    routes = [route for route in _ROUTES if route in table]
    unit = unit_for(table.stack(), language)
    rows = []
    for year, values in table.iterrows():
        here = [route for route in routes if pd.notna(values[route])]
        projects = known.loc[known["fiscal_year"] == year, "project"].nunique()
        rows.append(
            Row(
                format_year(year, language),
                either(language, f"{projects}事業", f"{projects} project{'s' if projects > 1 else ''}"),
                tuple(float(values[route]) for route in here),
                tuple(f"{unit.short(values[route])}\u3000{_ROUTES[route][language != 'ja']}" for route in here),
                tuple(_ROUTES[route][2] for route in here),
            )
        )
    title = _received_title(table, language)
    return rows_figure(
        rows,
        title,
        either(language, f"年度別の受取額（{unit.label}）", f"Received by year ({unit.label})"),
        language,
        ax,
    )


def _received_title(table: pd.DataFrame, language: str) -> str:
    latest, year = table.iloc[-1].dropna(), format_year(table.index[-1], language)
    ja = {"direct": "府省から直接{}", "passed on": "ほかの支出先を経て{}", "unknown": "経路不明で{}"}
    en = {"direct": "{} from ministries", "passed on": "{} through other recipients", "unknown": "{} in a way unknown"}
    parts = [
        (ja if language == "ja" else en)[way].format(about(latest[way], language)) for way in _ROUTES if way in latest
    ]
    return either(language, f"{year}は{'、'.join(parts)}を受け取った", f"Received in {year}: {', '.join(parts)}")


def plot_payers(payments: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars per ministry, all years together, without what was passed on. Returns the Axes."""
    known = _safe(payments)
    known = known[known["route"] != "passed on"]
    if known.empty:
        return nothing(either(language, "府省からの支出の記載がない。", "No payment of a ministry is stated."), ax)
    sums = known.groupby("ministry")["amount_jpy"].sum().sort_values(ascending=False, kind="stable")
    projects = known.groupby("ministry")["project"].nunique()
    unit = unit_for(sums, language)
    total = sums.sum()
    rows = [
        Row(
            official(ministry, language),
            either(
                language,
                f"{projects[ministry]}事業",
                f"{projects[ministry]} project{'s' if projects[ministry] > 1 else ''}",
            ),
            (float(amount),),
            (f"{unit.short(amount)} ({share_text(amount, total, language)})",),
        )
        for ministry, amount in sums.items()
    ]
    dash, first = either(language, "～", "–"), rows[0].text
    years = dash.join(dict.fromkeys([str(known["fiscal_year"].min()), str(known["fiscal_year"].max())]))
    share, whole = share_text(sums.iloc[0], total, language), about(total, language)
    if "unknown" in set(known["route"]):
        whole += either(language, "（経路不明の分は重複しうる）", " (money whose way is unknown may count twice)")
    title = either(
        language,
        f"{years}年度の計{whole}のうち{share}が{first}の事業から"
        if len(sums) > 1
        else f"{years}年度の計{whole}はすべて{first}の事業から",
        f"{share} of {whole} in FY{years} came from the {first}"
        if len(sums) > 1
        else f"All {whole} in FY{years} came from the {first}",
    )
    return rows_figure(
        rows, title, either(language, f"府省別（{unit.label}）", f"By ministry ({unit.label})"), language, ax
    )


def plot_projects(payments: pd.DataFrame, *, most: int = 12, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars of the largest projects of the latest year, with the recipient's share of its blocks. Returns the Axes."""
    known = _safe(payments)
    if known.empty:
        return nothing(either(language, "金額の記載がない。", "No amount is stated."), ax)
    year = known["fiscal_year"].max()
    now = known[known["fiscal_year"] == year]
    sums = now.groupby(["ministry", "project"]).agg(amount=("amount_jpy", "sum"), share=("share", "max"))
    sums = sums.sort_values("amount", ascending=False, kind="stable")
    unit = unit_for(sums["amount"], language)
    rows = [
        _project_row(str(ministry), str(project), row, unit, language)
        for (ministry, project), row in sums.head(most).iterrows()
    ]
    top = min(most, len(sums))
    when = format_year(year, language)
    title = either(
        language,
        f"{when}は{len(sums)}事業から受け取り、最大は「{_short(sums.index[0][1])}」の{about(sums['amount'].iloc[0], language)}",
        f"{len(sums)} project{'s' if len(sums) > 1 else ''} paid in {when}; the largest is “{_short(sums.index[0][1])}”: {about(sums['amount'].iloc[0], language)}",
    )
    return rows_figure(
        rows,
        title,
        either(language, f"上位{top}事業（{unit.label}）", f"Largest {top} projects ({unit.label})"),
        language,
        ax,
    )


def _project_row(ministry: str, project: str, row: pd.Series, unit: Unit, language: str) -> Row:
    share = format_rate(row["share"], language) if pd.notna(row["share"]) else "–"
    label = either(language, f"（ブロックの{share}）", f" ({share} of its block)")
    return Row(
        _short(project), official(ministry, language), (float(row["amount"]),), (f"{unit.short(row['amount'])}{label}",)
    )


def _short(project: str) -> str:
    return project.replace("\n", " ")


def plot_methods(payments: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars per kind of contract method, by amount; what states none is a bar of its own. Returns the Axes."""
    known = _safe(payments)
    if known.empty:
        return nothing(either(language, "金額の記載がない。", "No amount is stated."), ax)
    sums = known.groupby("kind")["amount_jpy"].sum()
    counts = known.groupby("kind").size()
    stated = sums.drop("unknown", errors="ignore")
    if stated.empty:
        sentence = either(
            language,
            f"{len(known)}件の支出のどれにも契約方式等の記載がない（ここで読んだファイルに契約方式等がない）。",
            f"None of the {len(known)} payments states a contract method: the files read here hold none.",
        )
        return nothing(sentence, ax)
    unit = unit_for(sums, language)
    rows = [
        Row(
            METHODS[kind][language != "ja"], either(language, f"{counts[kind]}件", f"{counts[kind]} payments"), (float(sums[kind]),),
            (f"{unit.short(sums[kind])} ({share_text(sums[kind], sums.sum(), language)})",), (AMBER if kind == "negotiated" else BLUE,),
        )
        for kind in METHODS
        if kind in sums
    ]  # fmt: skip
    most = stated.idxmax()
    share = share_text(stated.max(), stated.sum(), language)
    title = either(
        language,
        f"方式の記載がある{about(stated.sum(), language)}のうち{share}は{METHODS[str(most)][0]}",
        f"Of the {about(stated.sum(), language)} whose method is stated, {share} is {METHODS[str(most)][1]}",
    )
    return rows_figure(
        rows, title, either(language, f"契約方式別（{unit.label}）", f"By contract method ({unit.label})"), language, ax
    )
