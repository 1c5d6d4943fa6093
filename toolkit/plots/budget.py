"""The money of each fiscal year: what was given, what was spent, what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.dataset import remembered
from toolkit.plots.key import Key, draw_key, key_height
from toolkit.plots.phone import PHONE, fold, squeeze
from toolkit.plots.style import (
    BLUE,
    GREY,
    HAIR,
    INK,
    PALE,
    SKY,
    describe,
    dress,
    either,
    nothing,
    open_axes,
    records,
    style,
    text_width,
    thousands,
)  # fmt: skip
from toolkit.plots.units import Unit, unit_for
from toolkit.tables import TABLES
from toolkit.wording import format_rate, format_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from toolkit.dataset import Dataset

__all__ = ["by_year", "draw_years", "plot_budget", "turned_years"]

#: what a year's money is made of, from the bottom up
_GIVEN = {"initial_jpy": SKY, "supplementary_jpy": "#e8b06a", "carried_in_jpy": "#c3cad2", "reserve_jpy": "#b9a6d3"}
_AMOUNTS = [*_GIVEN, "current_jpy", "carried_out_jpy", "total_jpy", "executed_jpy", "requested_jpy"]
_WORDS = {"unused": ("執行せず残った額", "Not spent"), "carried_out_jpy": ("翌年度へ繰越し", "Carried to next year")}
_BAR = 0.38
_SIDE, _LINE = 0.6, 0.15  # inches: left of the bars, and a line below them
_AMOUNT = "amount"
_SIDE_BY_SIDE = 5  # years whose labels a phone has room for


@remembered
def by_year(dataset: Dataset) -> pd.DataFrame:
    """One row per fiscal year of one sheet, in order: the whole-project row, else the sum over its accounts.

    Columns as in ``budgets``, amounts in yen (Int64); an amount that no account states stays <NA>. Raises UsageError
    for a dataset of several sheets.
    """
    sheet_id, budgets = dataset.sheet()["sheet_id"], dataset["budgets"]
    whole = budgets[budgets["account"].isna()]
    if whole.empty and len(budgets):
        groups = budgets.groupby("fiscal_year")
        whole = groups[_AMOUNTS].sum(min_count=1).join(groups["stage"].first()).reset_index().assign(sheet_id=sheet_id)
    return whole.sort_values("fiscal_year").reset_index(drop=True)


def plot_budget(dataset: Dataset, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Per fiscal year two bars: what could be spent, by origin, and what became of it; the request as an outline.

    ``dataset`` of one sheet. A year without an executed amount has no second bar. Returns the Axes.
    """
    return draw_years(by_year(dataset), _title, language, ax)


def draw_years(
    years: pd.DataFrame, title: Callable[[pd.DataFrame, Unit, str], str], language: str, ax: Axes | None
) -> Axes:
    """The bars of ``plot_budget`` for years in order, with amounts and ``stage`` as in ``budgets``; ``title`` makes theirs."""
    shown = ["current_jpy", "executed_jpy", "requested_jpy"]
    years = years[years[shown].notna().any(axis=1)].reset_index(drop=True)
    if years.empty:
        return nothing(either(language, "シートに予算額の記載がない。", "The sheet states no budget."), ax)
    if not years[shown].fillna(0).to_numpy().any():
        return nothing(
            either(language, "記載された予算額はすべて0円である。", "All amounts of the budget are 0 yen."), ax
        )
    unit = unit_for(years[shown].stack(), language)
    rows = records(years)
    with style():
        is_own = ax is None
        labels = [_year_label(row, len(rows), language) for row in rows]
        below = 0.16 + _LINE * max(label.count("\n") + 1 for label in labels)
        ax = ax or open_axes(6.9, 2.5, left=_SIDE, bottom=below, top=0.3)
        height = float(years[shown].max().max()) / unit.yen
        used: dict[str, dict[str, Any]] = {}
        for at, row in enumerate(rows):
            if row["stage"] == "requested":
                _requested_bar(ax, at, row, unit, used)
            elif pd.isna(row["executed_jpy"]):
                _given_bar(ax, at, row, unit, used)
            else:
                _given_bar(ax, at - 0.2, row, unit, used)
                _spent_bar(ax, at + 0.2, row, unit, used, height)
        _fit_amounts(ax, len(rows))
        turned = _turned(ax, len(rows))
        above = max(
            0.31, *(longer + 0.2 for text, longer in turned.items() if text.get_verticalalignment() == "bottom"), 0.0
        )
        dress(ax, grid="y")
        slack = max(0.0, (4 - len(rows)) / 2)  # one or two years do not make bars as wide as barns
        ax.set(
            xlim=(-0.6 - slack, len(rows) - 0.4 + slack), ylim=(min(0.0, *ax.get_ylim()), height / (1 - above / 2.5))
        )
        ax.set_xticks(range(len(rows)), labels=labels, linespacing=1.2, color=INK)
        thousands(ax.yaxis)
        ax.set_ylabel(unit.label, rotation=0, ha="left", va="bottom", fontsize=8.5)
        ax.yaxis.set_label_coords(-0.5 / 6.9, 1.03)
        more, lower = turned_years(ax)
        squeeze(ax, PHONE + 0.1 - _SIDE, turned=turned | more)
        keys = _keys(used, language)
        draw_key(ax, keys, left=_SIDE - 0.1, below=below, lower=lower)
        if is_own:
            fold(ax, 0.2 + 2.5 + below + lower + key_height(keys))
        return describe(ax, title(years, unit, language), _alt(rows, unit, language), above=0.3)


def _requested_bar(ax: Axes, x: float, row: dict[str, Any], unit: Unit, used: dict[str, dict[str, Any]]) -> None:
    amount = row["requested_jpy"] / unit.yen
    dashes = (0, (3, 2))
    look: dict[str, Any] = {"linewidth": 1.2, "linestyle": dashes}
    used["requested_jpy"] = {"face": "white", "edge": BLUE, "look": look}
    ax.bar(x, amount, _BAR, facecolor="white", edgecolor=BLUE, **look)
    _amount(ax, x, amount, unit.number(row["requested_jpy"]), BLUE)


def _given_bar(ax: Axes, x: float, row: dict[str, Any], unit: Unit, used: dict[str, dict[str, Any]]) -> None:
    """What could be spent in a year, stacked by origin; a negative supplementary budget hangs below zero."""
    parts = {name: row[name] for name in _GIVEN if pd.notna(row[name]) and row[name] != 0}
    if not parts and pd.notna(row["current_jpy"]):
        parts = {"current_jpy": row["current_jpy"]}
    up = down = 0.0
    for name, yen in parts.items():
        amount = yen / unit.yen
        start = up if amount > 0 else down
        color = _GIVEN.get(name, SKY)
        used[name] = {"face": color}
        ax.bar(x, amount, _BAR, bottom=start, color=color, edgecolor="white", linewidth=0.6)
        up, down = (up + amount, down) if amount > 0 else (up, down + amount)
    if pd.notna(row["current_jpy"]):
        _amount(ax, x, up, unit.number(row["current_jpy"]), INK)


def _spent_bar(
    ax: Axes, x: float, row: dict[str, Any], unit: Unit, used: dict[str, dict[str, Any]], height: float
) -> None:
    """What became of a closed year's money: executed, carried to the next year, left unspent."""
    executed = top = row["executed_jpy"] / unit.yen
    used["executed_jpy"] = {"face": BLUE}
    ax.bar(x, executed, _BAR, color=BLUE, edgecolor="white", linewidth=0.6)
    carried = 0 if pd.isna(row["carried_out_jpy"]) else row["carried_out_jpy"] / unit.yen
    if carried:
        look: dict[str, Any] = {"linewidth": 0.6, "hatch": "////"}
        used["carried_out_jpy"] = {"face": PALE, "edge": GREY, "look": look}
        ax.bar(x, carried, _BAR, bottom=top, facecolor=PALE, edgecolor=GREY, **look)
        top += carried
    rest = 0.0 if pd.isna(row["current_jpy"]) else row["current_jpy"] / unit.yen - top
    if rest > 0.004 * height:
        used["unused"] = {"face": "white", "edge": HAIR}
        ax.bar(x, rest, _BAR, bottom=top, facecolor="white", edgecolor=HAIR, linewidth=0.8)
        top += rest
    if executed > 0.15 * height:
        _amount(ax, x, executed, unit.number(row["executed_jpy"]), "white", above=False)
    else:
        _amount(ax, x, top, unit.number(row["executed_jpy"]), BLUE)


def _amount(ax: Axes, x: float, y: float, label: str, color: str, *, above: bool = True) -> None:
    offset, va = ((0, 2.5), "bottom") if above else ((0, -3), "top")
    text = ax.annotate(label, (x, y), offset, textcoords="offset points", ha="center", va=va, fontsize=9, color=color)
    text.set_gid(_AMOUNT)


def _fit_amounts(ax: Axes, years: int) -> None:
    """Smaller figures where many years make narrow bars."""
    bar = ax.get_window_extent().width / ax.get_figure(root=True).dpi / max(years, 4) * 0.42  # type: ignore[union-attr]
    figures = [text for text in ax.texts if text.get_gid() == _AMOUNT]
    widest = max((text_width(text.get_text(), 1) for text in figures), default=0)
    for text in figures:
        text.set_fontsize(min(9.0, max(6.5, bar / widest)))


def _year_label(row: dict[str, Any], years: int, language: str) -> str:
    """The year, and what is missing in it where there is room to say so."""
    second = ""
    if years <= _SIDE_BY_SIDE:
        if row["stage"] == "requested":
            second = either(language, "要求", "requested")
        elif pd.isna(row["executed_jpy"]):
            second = either(language, "執行額なし", "not yet\nspent")
    return f"{format_year(row['fiscal_year'], language)}\n{second}".strip()


def _keys(used: Mapping[str, Mapping[str, Any]], language: str) -> list[Key]:
    """What is drawn, in the order of the bars."""
    order = (*_GIVEN, "current_jpy", "executed_jpy", "carried_out_jpy", "unused", "requested_jpy")
    return [
        Key(
            either(language, *_WORDS[name]) if name in _WORDS else TABLES["budgets"][name].label(language), **used[name]
        )
        for name in order
        if name in used
    ]


def _turned(ax: Axes, years: int) -> dict[Text, float]:
    """The figures that a phone's narrow bars have no room for side by side: those within a bar, all where years are many."""
    amounts = [text for text in ax.texts if text.get_gid() == _AMOUNT]
    sizes = {text: float(text.get_fontsize()) for text in amounts}
    lengths = {text: text_width(text.get_text(), size) - size / 72 for text, size in sizes.items()}
    pitch = (PHONE + 0.1 - _SIDE) / max(years + 0.2, 4)
    is_close = max(lengths.values(), default=0) > pitch * 0.6 or any(text.get_color() == BLUE for text in amounts)
    return {text: length for text, length in lengths.items() if is_close or text.get_color() == "white"}


def turned_years(ax: Axes) -> tuple[dict[Text, float], float]:
    """The labels of more years than a phone has room for side by side, for ``squeeze``; how much higher they are then."""
    labels = ax.get_xticklabels()
    if len(labels) <= _SIDE_BY_SIDE:
        return {}, 0.0
    more = {label: text_width(label.get_text(), 9) - _LINE for label in labels}
    return more, max(0.0, *more.values())


def _title(years: pd.DataFrame, unit: Unit, language: str) -> str:
    closed = years[years["executed_jpy"].notna() & (years["current_jpy"] > 0).fillna(False)]
    if closed.empty:
        asked = years[(years["requested_jpy"] > 0).fillna(False)]
        first = asked.iloc[0] if len(asked) and not (years["current_jpy"] > 0).fillna(False).any() else years.iloc[0]
        year = format_year(first["fiscal_year"], language)
        if first["stage"] == "requested":
            amount = unit.words(first["requested_jpy"])
            return either(
                language,
                f"{year}に{amount}を要求し、執行額はまだない",
                f"{amount} requested for {year}; nothing spent yet",
            )
        amount = unit.words(first["current_jpy"])
        return either(
            language,
            f"{year}の歳出予算現額は{amount}、執行額はまだない",
            f"{amount} to spend in {year}; nothing spent yet",
        )
    last = closed.iloc[-1]
    year = format_year(last["fiscal_year"], language)
    given, spent = (unit.words(last[name]) for name in ("current_jpy", "executed_jpy"))
    rate = format_rate(last["executed_jpy"] / last["current_jpy"], language)
    out = last["carried_out_jpy"]
    carried = unit.words(out) if pd.notna(out) and out > 0 else ""
    if language == "ja":
        tail = f"執行し、{carried}を翌年度へ繰り越した" if carried else "執行した"
        return f"{year}は歳出予算現額{given}のうち{spent}（{rate}）を{tail}"
    tail = f", and {carried} was carried to the next year" if carried else ""
    return f"In {year}, {spent} ({rate}) of the current budget of {given} was spent{tail}"


def _alt(rows: list[dict[str, Any]], unit: Unit, language: str) -> str:
    parts = []
    for row in rows:
        names = [n for n in ("current_jpy", "executed_jpy", "carried_out_jpy", "requested_jpy") if pd.notna(row[n])]
        amounts = ", ".join(f"{TABLES['budgets'][n].label(language)} {unit.number(row[n])}" for n in names)
        parts.append(f"{format_year(row['fiscal_year'], language)}: {amounts}")
    lead = either(language, f"年度ごとの棒グラフ（{unit.label}）", f"Bars per fiscal year ({unit.label})")
    return f"{lead}. {'; '.join(parts)}"
