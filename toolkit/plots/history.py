"""One project over all its review years: money and execution rates across forms and systems.

Both take the frame of ``Dataset.history`` and draw its preferred statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.history import AMOUNTS
from toolkit.plain import records
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


def _by_year(history: pd.DataFrame, quantities: Iterable[str]) -> dict[int, dict[str, float]]:
    """Preferred values of every fiscal year, in order."""
    years: dict[int, dict[str, float]] = {}
    for row in records(history[["quantity", "fiscal_year", "value", "is_preferred"]]):
        if row["is_preferred"] and row["quantity"] in quantities:
            years.setdefault(row["fiscal_year"], {})[row["quantity"]] = row["value"]
    return dict(sorted(years.items()))


def plot_history(history: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Per fiscal year what could be spent, by origin, and what became of it, as ``plot_budget``. Returns the Axes."""
    stage = {
        row["fiscal_year"]: row["stage"]
        for row in records(history[["quantity", "fiscal_year", "stage", "is_preferred"]])
        if row["is_preferred"] and row["quantity"] == "current"
    }
    years = [
        {
            "fiscal_year": year, "stage": stage.get(year) or "requested",
            **{column: round(values[name]) if name in values else None for name, column in AMOUNTS.items()},
        }
        for year, values in _by_year(history, AMOUNTS).items()
    ]  # fmt: skip
    return draw_years(years, _title, language, ax)


def _title(years: list[dict[str, Any]], unit: Unit, language: str) -> str:
    stated = [row for row in years if row["initial_jpy"] is not None]
    if not stated:
        return either(language, "当初予算の記載がない", "No initial budget is stated")
    first = next((row for row in stated if row["initial_jpy"]), stated[0])
    last = stated[-1]
    if first is last:
        amount, year = unit.words(last["initial_jpy"]), format_year(last["fiscal_year"], language)
        return either(language, f"{year}の当初予算は{amount}", f"The initial budget of {year} is {amount}")
    before, after = unit.words(first["initial_jpy"]), unit.words(last["initial_jpy"])
    since, until = format_year(first["fiscal_year"], language), format_year(last["fiscal_year"], language)
    return either(
        language,
        f"当初予算は{since}の{before}から{until}の{after}になった",
        f"The initial budget went from {before} in {since} to {after} in {until}",
    )


def plot_history_rates(history: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """The two execution rates per fiscal year: of the current budget, and of 計(F) as the sheets print it. Returns the Axes."""
    rates = _by_year(history, _RATES)
    if not rates:
        return nothing(either(language, "執行額の記載がない。", "No executed amount is stated."), ax)
    labels = [[format_year(year, language)] for year in rates]
    keys = [Key(either(language, ja, en), color, mark=mark) for ja, en, color, mark, _ in _RATES.values()]
    known = [rate * 100 for values in rates.values() for rate in values.values()]
    low, high = min(known), max(known)
    room = max(8.0, (high - low) * 0.35)
    years = list(rates)
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
        points = [(frame.x(year), frame.y(values[name] * 100)) for year, values in rates.items() if name in values]
        if len(points) > 1:
            canvas.line(points, color, 1.5, dashes=dashes, to=frame.squeezed)
        for x, y in points:
            draw_mark(canvas, mark, x, y, color, color, to=frame.beside(x))
    for year, values in rates.items():
        if "execution_rate" not in values:
            continue
        x, words = frame.x(year), format_rate(values["execution_rate"], language, digits=0)
        at = frame.y(values["execution_rate"] * 100) - 0.06
        canvas.text(x, at, words, 9.0, BLUE, align="center", at="top", to=frame.beside(x), is_clear=True)
    draw_years_below(canvas, frame, labels, years)
    draw_key(canvas, keys, -below, lower=-below - lower)
    return describe(ax, _rates_title(rates, language), _rates_alt(rates, language))


def _rates_title(rates: dict[int, dict[str, float]], language: str) -> str:
    known = {year: values["execution_rate"] for year, values in rates.items() if "execution_rate" in values}
    if not known:
        return either(language, "歳出予算現額に対する執行率は分からない", "The rate of the current budget is not known")
    low, high = (format_rate(rate, language, digits=0) for rate in (min(known.values()), max(known.values())))
    worst = format_year(min(known, key=lambda year: known[year]), language)
    gaps = [
        values["execution_rate_sheet"] - known[year] for year, values in rates.items() if len(values) == len(_RATES)
    ]
    gap = max(gaps, default=0.0)
    ja = f"歳出予算現額の執行率は{low}～{high}、最も低いのは{worst}"
    en = f"Between {low} and {high} of the current budget was spent, least in {worst}"
    if low == high:
        ja = f"歳出予算現額の執行率は{'毎年' if len(known) > 1 else ''}{low}"
        en = f"{low} of the current budget was spent{' every year' if len(known) > 1 else ''}"
    if gap >= 0.01:
        ja += f"；計(F)に対する率は、繰越しを除くぶん最大{gap * 100:.0f}ポイント高い"
        en += f"; the rate of the total (F), which leaves out what was carried over, is up to {gap * 100:.0f} points higher"
    return either(language, ja, en)


def _rates_alt(rates: dict[int, dict[str, float]], language: str) -> str:
    parts = []
    for year, row in rates.items():
        values = ", ".join(
            f"{either(language, *_RATES[name][:2])} {format_rate(row[name], language)}"
            for name in _RATES
            if name in row
        )
        parts.append(f"{format_year(year, language)}: {values}")
    return either(language, "年度ごとの執行率。", "Execution rates by fiscal year. ") + "; ".join(parts)
