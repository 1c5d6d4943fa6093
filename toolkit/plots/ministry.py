"""A ministry's projects in one review year: size, execution, carry-over, concentration, targets, verdicts.

Every plot takes the frame of ``toolkit.portfolio.portfolio``; its title states the finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.plain import records
from toolkit.plots.rows import Row, draw_rows, fit
from toolkit.plots.spending import share_text
from toolkit.plots.style import BLUE, RUST, SKY, describe, either, nothing
from toolkit.plots.units import about, unit_for
from toolkit.wording import format_count, format_rate, official

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "plot_carry_overs",
    "plot_concentrations",
    "plot_execution_rates",
    "plot_largest_projects",
    "plot_targets",
    "plot_verdicts",
    "rows_figure",
]

_RATES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
_SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.999)


def rows_figure(rows: Sequence[Row], title: str, lead: str, language: str, ax: Axes | None = None) -> Axes:
    """Rows with a title and, as alternative text, ``lead`` and what every row says."""
    rows = fit(rows, language)
    ax = draw_rows(rows, ax=ax)
    body = "; ".join(" ".join([row.text, *row.labels]) for row in rows)
    return describe(ax, title, f"{lead}. {body}")


def plot_largest_projects(
    projects: pd.DataFrame, *, most: int = 12, language: str = "en", ax: Axes | None = None
) -> Axes:
    """Bars of the ``most`` largest projects: what there was to execute, and what was executed. Returns the Axes."""
    known = projects[projects["current_jpy"] > 0].sort_values("current_jpy", ascending=False, kind="stable")
    if known.empty:
        return nothing(either(language, "予算の記載がない。", "No budget is stated."), ax)
    shown = known.head(most)
    unit = unit_for(shown["current_jpy"], language)
    rows = []
    for row in records(shown):
        labels = (
            f"{unit.short(row['current_jpy'])}{either(language, '　現額', ' to execute')}",
            f"{unit.short(row['executed_jpy'])}{either(language, '　執行', ' executed')}",
        )
        rows.append(
            Row(_line(row["name"]), "", (_float(row["current_jpy"]), _float(row["executed_jpy"])), labels, (SKY, BLUE))
        )
    whole, count = about(known["current_jpy"].sum(), language), len(known)
    if count > most:
        share = share_text(shown["current_jpy"].sum(), known["current_jpy"].sum(), language)
        ja, en = f"その{share}が上位{most}事業", f"the largest {most} hold {share} of it"
    else:
        name, share = rows[0].text, share_text(shown["current_jpy"].iloc[0], known["current_jpy"].sum(), language)
        ja, en = f"その{share}が「{name}」", f"“{name}” holds {share} of it"
    title = either(
        language, f"予算のある{count}事業の現額は計{whole}、{ja}", f"{count} projects had {whole} to execute; {en}"
    )
    return rows_figure(rows, title, either(language, f"横棒（{unit.label}）", f"Bars ({unit.label})"), language, ax)


def plot_execution_rates(projects: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """How many projects executed how much of their current budget (歳出予算現額). Returns the Axes."""
    known = projects[projects["execution_rate"].notna()]
    if known.empty:
        return nothing(either(language, "執行率を計算できる事業がない。", "No project has an execution rate."), ax)
    rows = _binned(known, "execution_rate", _RATES, language)
    low = known[known["execution_rate"] < 0.9]
    unused = (low["current_jpy"] - low["executed_jpy"]).sum()
    title = either(
        language,
        f"{len(known)}事業のうち{len(low)}事業は執行率90%未満、残った額は繰越しを含め計{about(unused, language)}",
        f"{len(low)} of {len(known)} projects executed less than 90 % and left {about(unused, language)}, carry-over included",
    )
    lead = either(language, "執行額÷歳出予算現額の区分ごとの事業数", "Projects by executed over current budget")
    return rows_figure(rows, title, lead, language, ax)


def plot_carry_overs(projects: pd.DataFrame, *, most: int = 10, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars of the largest amounts carried to the next year, with their share of the budget. Returns the Axes."""
    known = projects[projects["carried_out_jpy"] > 0].sort_values("carried_out_jpy", ascending=False, kind="stable")
    if known.empty:
        return nothing(either(language, "翌年度へ繰り越した事業はない。", "No project carried money over."), ax)
    shown = known.head(most)
    unit = unit_for(shown["carried_out_jpy"], language)
    rows = [
        Row(
            _line(row["name"]), "", (_float(row["carried_out_jpy"]),),
            (f"{unit.short(row['carried_out_jpy'])}{either(language, '（現額の', ' (')}{format_rate(row['carry_over_share'])}{either(language, '）', ')')}",),
        )
        for row in records(shown)
    ]  # fmt: skip
    total, base = known["carried_out_jpy"].sum(), projects["current_jpy"].sum()
    title = either(
        language,
        f"{len(known)}事業が計{about(total, language)}（現額の{share_text(total, base, language)}）を翌年度へ繰り越した",
        f"{len(known)} project{'s' if len(known) > 1 else ''} carried {about(total, language)} over, {share_text(total, base, language)} of all there was",
    )
    return rows_figure(rows, title, either(language, f"横棒（{unit.label}）", f"Bars ({unit.label})"), language, ax)


def plot_concentrations(projects: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """How many projects pay which share to their largest recipient. Returns the Axes."""
    known = projects[projects["top1"].notna()]
    if known.empty:
        return nothing(either(language, "支出先の金額の記載がない。", "No recipient has an amount."), ax)
    single, half = int((known["top1"] > 0.999).sum()), int((known["top1"] >= 0.5).sum())
    title = either(
        language,
        f"直接の支出先が定まる{len(known)}事業のうち{half}事業は半分以上を1者に支払い、{single}事業はほぼ全額を1者に支払った",
        f"Of {len(known)} projects whose direct recipients are settled, {half} paid half or more to one, {single} next to everything",
    )
    lead = either(language, "最大の支出先の割合の区分ごとの事業数", "Projects by the share of their largest recipient")
    return rows_figure(_binned(known, "top1", _SHARES, language), title, lead, language, ax)


def plot_targets(projects: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """How many projects met all, some or none of their targets (latest year of each indicator). Returns the Axes."""
    known = projects[(projects["rated"] > 0).fillna(False)]
    if known.empty:
        return nothing(
            either(language, "実績と目標がそろう指標がない。", "No indicator has an actual and a target."), ax
        )
    groups = (
        (either(language, "すべて達成", "all met"), known["met"] == known["rated"], BLUE),
        (either(language, "一部達成", "some met"), (known["met"] > 0) & (known["met"] < known["rated"]), SKY),
        (either(language, "達成なし", "none met"), known["met"] == 0, RUST),
    )
    rows = [_count_row(text, int(chosen.sum()), len(known), language, color) for text, chosen, color in groups]
    met, total = int(known["met"].sum()), int(known["rated"].sum())
    title = either(
        language,
        f"実績と目標がそろう{total:,}指標のうち{met:,}件（{share_text(met, total, language)}）が直近の目標を達成",
        f"{met:,} of {total:,} indicators with an actual and a target ({share_text(met, total, language)}) met the latest one",
    )
    return rows_figure(
        rows, title, either(language, "目標の達成状況ごとの事業数", "Projects by targets met"), language, ax
    )


def plot_verdicts(projects: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """What the review team said and the ministry answered, in counts of projects. Returns the Axes."""
    heads = (
        ("team", "推進チームの所見", "What the review team said"),
        ("answer", "府省の対応", "What the ministry answered"),
    )
    known = projects[projects["team"].notna()]
    if known.empty:
        return nothing(either(language, "所見の判定の記載がない。", "No verdict is stated."), ax)
    rows: list[Row] = []
    for column, ja, en in heads:
        counted = projects[column].value_counts()
        rows.append(Row(either(language, ja, en))) if len(counted) else None
        for verdict, count in counted.items():
            name = official(verdict, language)
            rows.append(_count_row(name, int(count), int(counted.sum()), language))
    first, count = known["team"].value_counts().index[0], int(known["team"].value_counts().iloc[0])
    name = official(first, language)
    title = either(
        language,
        f"所見のある{len(known)}事業のうち{count}事業は「{name}」（{share_text(count, len(known), language)}）",
        f"“{name}” is the verdict on {count} of {len(known)} projects ({share_text(count, len(known), language)})",
    )
    return rows_figure(rows, title, either(language, "判定ごとの事業数", "Projects by verdict"), language, ax)


# -- rows
def _binned(known: pd.DataFrame, column: str, edges: tuple[float, ...], language: str) -> list[Row]:
    rows = []
    for low, high in zip(edges, (*edges[1:], None), strict=True):
        chosen = known[(known[column] >= low) & ((known[column] < high) if high else True)]
        if high is None and column == "top1":
            text = either(language, "ほぼ全額", "next to all")
        elif high is None:
            text = either(language, f"{low:.0%}以上", f"{low:.0%} and more")
        else:
            text = either(language, f"{low:.0%}以上{high:.0%}未満", f"{low:.0%} to {high:.0%}")
        rows.append(_count_row(text.replace("99.9", "100"), len(chosen), len(known), language))
    return rows


def _count_row(text: str, count: int, total: int, language: str, color: str = BLUE) -> Row:
    label = (
        either(language, f"{format_count(count)}事業", format_count(count)) + f" ({share_text(count, total, language)})"
    )
    return Row(text, "", (float(count),), (label,), (color,))


def _line(name: Any) -> str:
    return str(name).replace("\n", " ")


def _float(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
