"""One project over all its review years: money and execution rates across forms and systems.

Both take the frame of ``Dataset.history`` and draw its preferred statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from toolkit.figures import floats
from toolkit.history import AMOUNTS
from toolkit.plots.budget import draw_years, draw_years_below, longest_label
from toolkit.plots.canvas import on_canvas
from toolkit.plots.frame import Frame, ticks
from toolkit.plots.key import Key, draw_key, draw_mark, key_height
from toolkit.plots.phone import PHONE
from toolkit.plots.style import AMBER, BLUE, GREY, WIDTH, describe, either, nothing
from toolkit.plots.units import Unit
from toolkit.wording import format_rate, format_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_history", "plot_history_rates"]

_RATES = {
    "execution_rate": ("執行額 ÷ 歳出予算現額", "executed / current budget", BLUE, "o", ()),
    "execution_rate_sheet": ("執行額 ÷ 計(F)", "executed / total (F)", AMBER, "s", (5.5, 2.4)),
}


_LEFT, _HIGH, _TOP, _BELOW = (
    0.5,
    1.7,
    0.3,
    0.34,
)  # inches: left of the lines, of them, above them, below them to the key


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
    labels = [[format_year(year, language)] for year in rates.index]
    keys = [Key(either(language, ja, en), color, mark=mark) for ja, en, color, mark, _ in _RATES.values()]
    low, high = float(rates.min().min()) * 100, float(rates.max().max()) * 100
    room = max(8.0, (high - low) * 0.35)
    years = [int(year) for year in rates.index]
    lower = longest_label(labels)
    below = _TOP + _HIGH + _BELOW
    ax, canvas = on_canvas(
        ax, WIDTH - 0.2, below + key_height(keys, WIDTH - 0.2) - 0.1, below + lower + key_height(keys)
    )
    frame = Frame(
        _LEFT, -_TOP - _HIGH, WIDTH - 0.2 - _LEFT, _HIGH, years[0] - 0.5, years[-1] + 0.5,
        max(0.0, low - room), high + room / 2, PHONE - _LEFT,
    )  # fmt: skip
    frame.grid(canvas, ticks(frame.low, frame.high, 5))
    canvas.text(0.0, -_TOP + 0.12, "%", 8.5, GREY, at="bottom")
    for name, (_, _, color, mark, dashes) in _RATES.items():
        points = [
            (frame.x(year), frame.y(rate * 100))
            for year, rate in zip(years, floats(rates[name]), strict=True)
            if rate == rate
        ]
        if len(points) > 1:
            canvas.line(points, color, 1.5, dashes=dashes, to=frame.squeezed)
        for x, y in points:
            draw_mark(canvas, mark, x, y, color, color, to=frame.beside(x))
    for year, rate in rates["execution_rate"].dropna().items():
        x, words = frame.x(float(year)), format_rate(rate, language, digits=0)
        at = frame.y(float(rate) * 100) - 0.06
        canvas.text(x, at, words, 9.0, BLUE, align="center", at="top", to=frame.beside(x))
    draw_years_below(canvas, frame, labels, years)
    draw_key(canvas, keys, -below, lower=-below - lower)
    return describe(ax, _rates_title(rates, language), _rates_alt(rates, language))


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
