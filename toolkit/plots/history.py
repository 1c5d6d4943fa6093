"""One project over all its review years: money and execution rates across forms and systems.

Both take the frame of ``Dataset.history`` and draw its preferred statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from toolkit.history import AMOUNTS
from toolkit.plots.budget import draw_years, turned_years
from toolkit.plots.key import Key, draw_key, key_height
from toolkit.plots.phone import PHONE, fold, squeeze
from toolkit.plots.style import AMBER, BLUE, INK, describe, dress, either, nothing, open_axes, style
from toolkit.plots.units import Unit
from toolkit.wording import format_rate, format_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_history", "plot_history_rates"]

_RATES = {
    "execution_rate": ("執行額 ÷ 歳出予算現額", "executed / current budget", BLUE, "o", "-"),
    "execution_rate_sheet": ("執行額 ÷ 計(F)", "executed / total (F)", AMBER, "s", "--"),
}


_SIDE, _HIGH, _BELOW = 0.6, 1.7, 0.34  # inches: left of the lines, of the lines, below them to the key


def _by_year(history: pd.DataFrame, quantities: list[str]) -> pd.DataFrame:
    """Preferred values: one row per fiscal year, one column per quantity."""
    chosen = history[history["is_preferred"] & history["quantity"].isin(quantities)]
    return (
        chosen.pivot(index="fiscal_year", columns="quantity", values="value").reindex(columns=quantities).sort_index()
    )


def plot_history(history: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Per fiscal year what could be spent, by origin, and what became of it, as ``plot_budget``. Returns the Axes."""
    years = _by_year(history, list(AMOUNTS)).rename(columns=AMOUNTS).astype("Float64").round().astype("Int64")
    stated = history[history["is_preferred"] & history["quantity"].eq("current")].set_index("fiscal_year")["stage"]
    stage = stated.reindex(years.index).fillna("requested")
    return draw_years(years.assign(stage=stage).reset_index(), _title, language, ax)


def _title(years: pd.DataFrame, unit: Unit, language: str) -> str:
    stated = years[years["initial_jpy"].notna()]
    if stated.empty:
        return either(language, "当初予算の記載がない", "No initial budget is stated")
    first, last = stated.iloc[0], stated.iloc[-1]
    before, after = unit.words(first["initial_jpy"]), unit.words(last["initial_jpy"])
    since, until = format_year(first["fiscal_year"], language), format_year(last["fiscal_year"], language)
    return either(
        language,
        f"当初予算は{since}の{before}から{until}の{after}になった",
        f"The initial budget went from {before} in {since} to {after} in {until}",
    )


def plot_history_rates(history: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """The two execution rates per fiscal year: of the current budget, and of 計(F) as the sheets print it. Returns the Axes."""
    rates = _by_year(history, list(_RATES)).dropna(how="all")
    if rates.empty:
        return nothing(either(language, "執行額の記載がない。", "No executed amount is stated."), ax)
    with style():
        is_own = ax is None
        ax = ax or open_axes(6.9, _HIGH, left=_SIDE, bottom=_BELOW, top=0.3)
        keys = []
        for name, (ja, en, color, mark, line) in _RATES.items():
            shown = rates[name].dropna().astype(float) * 100
            ax.plot(shown.index.astype(int), shown, line, color=color)
            for year, rate in shown.items():
                ax.plot([int(year)], [rate], mark, color=color, markersize=5)
            keys.append(Key(either(language, ja, en), color, mark=mark))
        for year, rate in rates["execution_rate"].dropna().items():
            ax.annotate(format_rate(rate, language, digits=0), (int(year), float(rate) * 100), (0, -13), textcoords="offset points", ha="center", fontsize=9, color=BLUE)  # fmt: skip
        dress(ax, grid="y")
        ax.set_xticks(
            [int(year) for year in rates.index], [format_year(year, language) for year in rates.index], color=INK
        )
        ax.set_xlim(int(rates.index[0]) - 0.5, int(rates.index[-1]) + 0.5)
        low, high = float(rates.min().min()) * 100, float(rates.max().max()) * 100
        room = max(8.0, (high - low) * 0.35)
        ax.set_ylim(max(0.0, low - room), high + room / 2)
        ax.set_ylabel("%", rotation=0, ha="left", va="bottom", fontsize=8.5)
        ax.yaxis.set_label_coords(-0.5 / 6.9, 1.03)
        labels, lower = turned_years(ax)
        squeeze(ax, PHONE + 0.1 - _SIDE, turned=labels)
        draw_key(ax, keys, left=_SIDE - 0.1, below=_BELOW, lower=lower)
        if is_own:
            fold(ax, 0.2 + _HIGH + _BELOW + lower + key_height(keys))
        return describe(ax, _rates_title(rates, language), _rates_alt(rates, language), above=0.3)


def _rates_title(rates: pd.DataFrame, language: str) -> str:
    known = rates["execution_rate"].dropna()
    if known.empty:
        return either(language, "歳出予算現額に対する執行率は分からない", "The rate of the current budget is not known")
    low, high = (format_rate(rate, language, digits=0) for rate in (known.min(), known.max()))
    worst = format_year(known.idxmin(), language)
    gap = (rates["execution_rate_sheet"] - rates["execution_rate"]).max()
    ja = f"歳出予算現額の執行率は{low}～{high}、最も低いのは{worst}"
    en = f"Between {low} and {high} of the current budget was spent, least in {worst}"
    if low == high:
        ja = f"歳出予算現額の執行率は{'毎年' if len(known) > 1 else ''}{low}"
        en = f"{low} of the current budget was spent{' every year' if len(known) > 1 else ''}"
    if pd.notna(gap) and gap >= 0.01:
        ja += f"；計(F)に対する率は、繰越しを除くぶん最大{gap * 100:.0f}ポイント高い"
        en += f"; the rate of 計(F), which leaves out what was carried over, is up to {gap * 100:.0f} points higher"
    return either(language, ja, en)


def _rates_alt(rates: pd.DataFrame, language: str) -> str:
    parts = []
    for year, row in rates.iterrows():
        values = ", ".join(
            f"{either(language, *_RATES[name][:2])} {format_rate(row[name], language)}"
            for name in _RATES
            if pd.notna(row[name])
        )
        parts.append(f"{format_year(year, language)}: {values}")
    return either(language, "年度ごとの執行率。", "Execution rates by fiscal year. ") + "; ".join(parts)
