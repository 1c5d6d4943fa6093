"""One project among many: a strip per measure with all projects of its ministry, this one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.comparison import MEASURES, places
from toolkit.figures import floats
from toolkit.plain import records
from toolkit.plots.canvas import Canvas, on_canvas
from toolkit.plots.phone import PHONE, Place
from toolkit.plots.style import AMBER, GREY, HAIR, INK, SKY, WIDTH, describe, either, nothing, text_width, wrap
from toolkit.plots.units import unit_for
from toolkit.wording import ENGLISH, format_rate, format_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_places"]

_NAMES = {
    "execution_rate": ("執行率", "Execution rate", "執行額 ÷ 歳出予算現額", "spent, of the current budget"),
    "current_jpy": ("規模", "Size", "歳出予算現額（対数目盛り）", "current budget (log scale)"),
    "top1": ("集中", "Concentration", "最大の支出先が占める割合", "largest recipient's share of what the ministry pays"),
    "met_share": ("達成", "Achievement", "目標に達した指標の割合", "share of indicators that met their target"),
}  # fmt: skip
#: inches: name, counts, a strip, which is as wide as a phone; a row, its drawing, how much lower the strip is on a phone
_LEFT, _RIGHT, _STRIP, _ROW, _HIGH, _DOWN = 2.45, 1.25, PHONE - 0.05, 0.86, 0.4, 0.72
_BINS = 40
_MOST = 1.25  # an execution rate beyond this stands at the right end


def plot_places(lines: pd.DataFrame, sheet_id: str, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Strips of execution rate, size, concentration and achievement over ``lines`` (see ``toolkit.comparison``).

    ``lines`` are the projects of one ministry and review year, the marked one among them. A strip shows how many
    projects lie where; a tick marks the median. A measure the project lacks is left out. Returns the Axes.
    """
    found = places(lines, sheet_id)
    found = found[found["of"] > 1]
    if found.empty:
        return nothing(either(language, "比べられる事業がない。", "There is no project to compare it with."), ax)
    (one,) = records(lines[(lines["sheet_id"] == sheet_id).to_numpy(dtype=bool)])
    rows = dict(zip([str(name) for name in found.index], records(found), strict=True))
    ax, canvas = on_canvas(ax, WIDTH - 0.2, len(found) * _ROW, len(found) * (_ROW + _DOWN))
    for n, measure in enumerate(name for name in MEASURES if name in rows):
        known = floats(lines[measure])
        _strip(canvas, n, measure, known[~np.isnan(known)], rows[measure], language)
    return describe(ax, _title(rows, one, language), _alt(rows, language))


def _scale(measure: str, known: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Values as they are drawn, and the two ends of the strip."""
    if measure == "current_jpy":
        logs = np.log10(np.maximum(known, 1))
        return logs, float(np.floor(logs.min())), float(max(np.ceil(logs.max()), np.floor(logs.min()) + 1))
    if measure == "execution_rate":
        return np.clip(known, 0, _MOST), 0.0, _MOST
    return known, 0.0, 1.0


def _strip(canvas: Canvas, n: int, measure: str, known: np.ndarray, row: dict[str, Any], language: str) -> None:
    """On a phone the counts stand beside the name, the strip below both."""
    top, down = -n * _ROW, -n * _DOWN
    beside, below = Place(0.0, down), Place(-_LEFT, down - _DOWN)
    known = known[known > 0] if measure == "current_jpy" else known
    drawn, low, high = _scale(measure, np.append(known, [row["value"], row["median"]]))
    counts, edges = np.histogram(drawn[:-2], bins=_BINS, range=(low, high))
    base, at = top - 0.2 - _HIGH, _LEFT + (drawn[-2:] - low) / (high - low) * _STRIP
    places_ = (_LEFT + (edges - low) / (high - low) * _STRIP).tolist()
    tall = np.where(
        counts > 0, np.maximum(np.sqrt(counts / counts.max()) * _HIGH, 0.02), 0
    ).tolist()  # roots: single projects stay visible
    steps = [
        (x, base + high_) for left, right, high_ in zip(places_, places_[1:], tall, strict=False) for x in (left, right)
    ]
    canvas.area([(places_[0], base), *steps, (places_[-1], base)], SKY, alpha=0.65, to=below, z=0)
    canvas.line(((_LEFT, base), (_LEFT + _STRIP, base)), HAIR, 0.8, to=below)
    name, about = either(language, *_NAMES[measure][:2]), either(language, *_NAMES[measure][2:])
    canvas.text(0.0, top - 0.28, name, to=beside)
    for line, words in enumerate(wrap(about, _LEFT - 0.2, 7.5)):
        canvas.text(0.0, top - 0.45 - line * 0.14, words, 7.5, GREY, to=beside)
    ends = [
        _value(measure, 10**end, language) if measure == "current_jpy" else format_rate(end, language, digits=0)
        for end in (low, high)
    ]
    ends[1] += either(language, "以上", " and more") if measure == "execution_rate" and (known > _MOST).any() else ""
    middle = either(language, "中央値 ", "median ") + _value(measure, row["median"], language)
    half = text_width(middle, 7.5) / 2
    center = min(max(at[1], _LEFT + half), _LEFT + _STRIP - half)
    canvas.text(center, base - 0.13, middle, 7.5, GREY, align="center", to=below)
    if center - half - _LEFT > text_width(ends[0], 7.5) + 0.1:
        canvas.text(_LEFT, base - 0.13, ends[0], 7.5, GREY, to=below)
    if _LEFT + _STRIP - center - half > text_width(ends[1], 7.5) + 0.1:
        canvas.text(_LEFT + _STRIP, base - 0.13, ends[1], 7.5, GREY, align="right", to=below)
    canvas.line(((at[1], base - 0.05), (at[1], base + 0.1)), GREY, 1.2, to=below)
    canvas.line(((at[0], base), (at[0], base + _HIGH + 0.03)), AMBER, 1.8, to=below)
    said = _value(measure, row["value"], language)
    half = text_width(said, 9) / 2
    x = min(max(at[0], _LEFT + half), _LEFT + _STRIP - half)
    canvas.text(x, base + _HIGH + 0.1, said, 9.0, AMBER, align="center", to=below)
    there = Place(PHONE - _RIGHT - _LEFT - _STRIP, down)
    for line, words in enumerate(_counts(row, language)):
        size, color = (8.0, GREY) if line else (9.0, INK)
        canvas.text(_LEFT + _STRIP + 0.15, top - 0.24 - line * 0.155, words, size, color, to=there)


def _counts(row: dict[str, Any], language: str) -> list[str]:
    above, below, of = int(row["above"]), int(row["below"]), int(row["of"])
    same = of - above - below - 1
    if language == "ja":
        return [
            f"{of:,}事業のうち",
            f"より大きい {above:,}",
            *([f"同じ {same:,}"] if same else []),
            f"より小さい {below:,}",
        ]
    return [f"of {of:,} projects", f"{above:,} above", *([f"{same:,} the same"] if same else []), f"{below:,} below"]


def _value(measure: str, value: float, language: str) -> str:
    if measure == "current_jpy":
        unit = unit_for([int(value)], language)
        return unit.number(int(value)) + ("" if language == "ja" else " ") + unit.label
    return format_rate(value, language)


def _title(rows: dict[str, dict[str, Any]], one: dict[str, Any], language: str) -> str:
    """The measure in which the project lies furthest from the middle, and where."""
    lower = {
        name: (row["below"] + (row["of"] - row["above"] - row["below"]) / 2) / row["of"] for name, row in rows.items()
    }
    measure = max(lower, key=lambda name: abs(lower[name] - 0.5))
    part, of, value = lower[measure], rows[measure]["of"], rows[measure]["value"]
    who = one["ministry"] or "府省庁"
    who = either(language, who, f"the {ENGLISH.get(who, who)}")
    year = format_year(one["fiscal_year"], language)
    if abs(part - 0.5) < 0.25:
        return either(
            language,
            f"どの点でも{who}の事業の中ほどにある（{year}）",
            f"In every respect it lies in the middle of the projects of {who} ({year})",
        )
    share = format_rate(max(min(part, 1 - part), 0.001), language, digits=0 if 0.01 <= part <= 0.99 else 1)
    name, said = either(language, *_NAMES[measure][:2]), _value(measure, value, language)
    if language == "ja":
        return (
            f"{name}（{said}）は{who}の{of:,}事業のうち{'上' if part > 0.5 else '下'}から{share}の位置にある（{year}）"
        )
    return f"{name} ({said}) is among the {'highest' if part > 0.5 else 'lowest'} {share} of {of:,} projects of {who} ({year})"


def _alt(rows: dict[str, dict[str, Any]], language: str) -> str:
    lead = either(
        language,
        "測りごとに、同じ府省庁の事業の分布とこの事業の位置",
        "Per measure, where this project lies among those of its ministry",
    )
    parts = [
        f"{either(language, *_NAMES[m][:2])} {_value(m, row['value'], language)}"
        f" ({either(language, '中央値', 'median')} {_value(m, row['median'], language)}; {', '.join(_counts(row, language))})"
        for m, row in rows.items()
    ]
    return f"{lead}. {'; '.join(parts)}"
