"""The two execution rates over the years, kept apart by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.plain import ratio, records
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
    rates = _rates(records(by_year(dataset)))
    if not rates:
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
    known = [rate for values in rates.values() for rate in values.values()]
    low, high = min(0.9, *known), max(1.0, *known)
    ax, canvas = on_canvas(ax, WIDTH - 0.2, _HIGH + 0.25, _HIGH + 0.85)
    frame = Frame(
        0.0, -_HIGH, _WIDE, _HIGH, -0.35, max(len(rates), 2) - 0.65, low - 0.3 * (high - low), high + 0.28 * (high - low), PHONE - 0.1
    )  # fmt: skip
    whole = frame.y(1.0)
    canvas.line(((0.0, whole), (_WIDE, whole)), HAIR, 1.0, to=frame.squeezed, z=0)
    frame.base(canvas)
    for name in reversed(names):
        points = [(frame.x(at), frame.y(values[name])) for at, values in enumerate(rates.values()) if name in values]
        if len(points) > 1:
            canvas.line(points, _COLORS[name], 1.8, to=frame.squeezed)
        for x, y in points:
            canvas.dot(x, y, 2.5, _COLORS[name], to=frame.beside(x))
    _label_points(canvas, frame, rates, names, language)
    _label_lines(canvas, frame, rates, names, language, is_same=is_same)
    draw_years_below(canvas, frame, [[format_year(year, language)] for year in rates], range(len(rates)))
    return describe(ax, _title(rates, language), _alt(rates, language))


_Rates = dict[int, dict[str, float]]


def _rates(years: list[dict[str, Any]]) -> _Rates:
    """Both rates of the years that have one, named after what is divided by."""
    found = {}
    for row in years:
        rates = {name: rate for name in _NAMES if (rate := ratio(row["executed_jpy"], row[name])) is not None}
        if rates:
            found[row["fiscal_year"]] = rates
    return found


def _is_same(rates: _Rates) -> bool:
    return all(abs(row["current_jpy"] - row["total_jpy"]) < 0.0005 for row in rates.values() if len(row) == len(_NAMES))


def _label_points(canvas: Canvas, frame: Frame, rates: _Rates, names: list[str], language: str) -> None:
    """The higher of two values is labelled above its point, the lower below; equal ones once."""
    for at, row in enumerate(rates.values()):
        known = sorted((row[name], name) for name in names if name in row)
        labels = {format_rate(value, language): (value, name) for value, name in known}
        for label, (value, name) in labels.items():
            below = len(labels) > 1 and value == known[0][0]
            x, y = frame.x(at), frame.y(value) + (-0.083 if below else 0.07)
            end = "top" if below else "bottom"
            canvas.text(x, y, label, 9.0, _COLORS[name], align="center", at=end, to=frame.beside(x), is_clear=True)


def _label_lines(
    canvas: Canvas, frame: Frame, rates: _Rates, names: list[str], language: str, *, is_same: bool
) -> None:
    """Each line is named at its right end; names that would touch are moved apart."""
    last = {name: row[name] for row in rates.values() for name in names if name in row}
    ends = sorted((frame.y(value), name) for name, value in last.items())
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


def _title(rates: _Rates, language: str) -> str:
    current = {year: row["current_jpy"] for year, row in rates.items() if "current_jpy" in row}
    if not current:
        return either(
            language, "計算できるのは計(F)に対する執行率だけである", "Only the rate over the total (F) can be computed"
        )
    year = list(current)[-1]
    newest = current[year]
    last = format_rate(newest, language)
    other = format_rate(rates[year]["total_jpy"], language) if "total_jpy" in rates[year] else last
    rank = sum(rate < newest for rate in current.values())
    extreme = ""
    ties = sum(abs(rate - newest) < 0.0005 for rate in current.values())
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


def _alt(rates: _Rates, language: str) -> str:
    parts = []
    for year, row in rates.items():
        values = [f"{either(language, *_NAMES[n])} {format_rate(row[n], language)}" for n in _NAMES if n in row]
        parts.append(f"{format_year(year, language)}: {', '.join(values)}")
    return f"{either(language, '執行率の折れ線', 'Lines of the execution rates')}. {'; '.join(parts)}"
