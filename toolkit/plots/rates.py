"""The two execution rates over the years, kept apart by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from toolkit.figures import floats
from toolkit.metrics import execution_rate, execution_rate_sheet
from toolkit.plain import records
from toolkit.plots.budget import by_year, draw_years_below
from toolkit.plots.canvas import Canvas, on_canvas
from toolkit.plots.frame import Frame
from toolkit.plots.phone import PHONE, Place
from toolkit.plots.style import AMBER, BLUE, HAIR, WIDTH, describe, either, nothing
from toolkit.wording import format_rate, format_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.dataset import Dataset

__all__ = ["plot_execution_rate"]

_NAMES = {
    "current_jpy": ("執行額 ÷ 歳出予算現額", "executed ÷ current budget"),
    "total_jpy": ("執行額 ÷ 計(F)", "executed ÷ total (F)"),
}
_WIDE, _HIGH = 5.0, 1.6  # inches of the lines
_COLORS = {"current_jpy": BLUE, "total_jpy": AMBER}


def plot_execution_rate(dataset: Dataset, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """The execution rates of the closed years: executed over the current budget, and over 計(F) as the sheets print it.

    ``dataset`` of one sheet. Where both are equal in every year, one line stands for both. Returns the Axes.
    """
    rates = _rates(by_year(dataset))
    if rates.empty:
        return nothing(
            either(
                language,
                "執行額のある年度がなく、執行率は計算できない。",
                "No year has an executed amount, so there is no execution rate.",
            ),
            ax,
        )
    names = list(_NAMES)
    if is_same := _is_same(rates):
        names.remove("total_jpy")
    low, high = min(0.9, float(rates.min().min())), max(1.0, float(rates.max().max()))
    ax, canvas = on_canvas(ax, WIDTH - 0.2, _HIGH + 0.25, _HIGH + 0.85)
    frame = Frame(
        0.0, -_HIGH, _WIDE, _HIGH, -0.35, max(len(rates), 2) - 0.65, low - 0.3 * (high - low), high + 0.28 * (high - low), PHONE - 0.1
    )  # fmt: skip
    whole = frame.y(1.0)
    canvas.line(((0.0, whole), (_WIDE, whole)), HAIR, 1.0, to=frame.squeezed, z=0)
    frame.base(canvas)
    for name in reversed(names):
        points = [(frame.x(at), frame.y(value)) for at, value in enumerate(floats(rates[name])) if value == value]
        if len(points) > 1:
            canvas.line(points, _COLORS[name], 1.8, to=frame.squeezed)
        for x, y in points:
            canvas.dot(x, y, 2.5, _COLORS[name], to=frame.beside(x))
    _label_points(canvas, frame, rates[names], language)
    _label_lines(canvas, frame, rates[names], language, is_same=is_same)
    draw_years_below(canvas, frame, [[format_year(year, language)] for year in rates.index], range(len(rates)))
    return describe(ax, _title(rates, language), _alt(rates, language))


def _rates(years: pd.DataFrame) -> pd.DataFrame:
    """Both rates of the years that have one, index fiscal_year; columns named after what is divided by."""
    columns = {"current_jpy": execution_rate(years), "total_jpy": execution_rate_sheet(years)}
    rates = pd.DataFrame(columns).set_axis(years["fiscal_year"], axis=0)
    return rates[rates.notna().any(axis=1)]


def _is_same(rates: pd.DataFrame) -> bool:
    return bool((rates["current_jpy"] - rates["total_jpy"]).abs().fillna(0.0).lt(0.0005).all())


def _label_points(canvas: Canvas, frame: Frame, rates: pd.DataFrame, language: str) -> None:
    """The higher of two values is labelled above its point, the lower below; equal ones once."""
    for at, row in enumerate(records(rates)):
        known = sorted((value, name) for name, value in row.items() if value is not None)
        labels = {format_rate(value, language): (value, name) for value, name in known}
        for label, (value, name) in labels.items():
            below = len(labels) > 1 and value == known[0][0]
            x, y = frame.x(at), frame.y(value) + (-0.083 if below else 0.07)
            canvas.text(
                x, y, label, 9.0, _COLORS[name], align="center", at="top" if below else "bottom", to=frame.beside(x)
            )


def _label_lines(canvas: Canvas, frame: Frame, rates: pd.DataFrame, language: str, *, is_same: bool) -> None:
    """Each line is named at its right end; names that would touch are moved apart."""
    ends = sorted(
        (frame.y(float(rates[name].dropna().iloc[-1])), str(name)) for name in rates if rates[name].notna().any()
    )
    gap = 0.16 * _HIGH
    if len(ends) == 2 and ends[1][0] - ends[0][0] < gap:
        middle = (ends[0][0] + ends[1][0]) / 2
        ends = [(middle - gap / 2, ends[0][1]), (middle + gap / 2, ends[1][1])]
    for n, (y, name) in enumerate(reversed(ends)):
        lines = [either(language, *_NAMES[name])]
        lines += [either(language, "（÷ 計(F) も同じ）", "(the same over total (F))")] if is_same else []
        for line, words in enumerate(lines):
            at = y + (len(lines) - 1) * 0.09 - line * 0.18
            to = Place(-1.02 * _WIDE, -_HIGH - 0.5 - 0.2 * (n + line) - at)  # on a phone below the years
            canvas.text(1.02 * _WIDE, at, words, 9.0, _COLORS[name], to=to)


def _title(rates: pd.DataFrame, language: str) -> str:
    current = rates["current_jpy"].dropna()
    if current.empty:
        return either(
            language, "計算できるのは計(F)に対する執行率だけである", "Only the rate over the total (F) can be computed"
        )
    year, last = current.index[-1], format_rate(current.iloc[-1], language)
    total = rates["total_jpy"].get(year)
    other = format_rate(total, language) if pd.notna(total) else last
    rank = int((current < current.iloc[-1]).sum())
    extreme = ""
    ties = int(((current - current.iloc[-1]).abs() < 0.0005).sum())
    if ties == 1 < len(current) and rank in (0, len(current) - 1):
        extreme = either(
            language,
            f"、{len(current)}年間でもっとも{'高い' if rank else '低い'}",
            f", the {'highest' if rank else 'lowest'} of {len(current)} years",
        )
    if language == "ja":
        both = f"（計(F)に対しては{other}）" if other != last else ""
        return f"{format_year(year, 'ja')}の執行率は歳出予算現額の{last}{both}{extreme}"
    both = f" ({other} of the total (F))" if other != last else ""
    return f"In {format_year(year, 'en')}, {last} of the current budget was spent{both}{extreme}"


def _alt(rates: pd.DataFrame, language: str) -> str:
    parts = []
    for year, row in rates.iterrows():
        values = [f"{either(language, *_NAMES[n])} {format_rate(row[n], language)}" for n in _NAMES if pd.notna(row[n])]
        parts.append(f"{format_year(year, language)}: {', '.join(values)}")
    return f"{either(language, '執行率の折れ線', 'Lines of the execution rates')}. {'; '.join(parts)}"
