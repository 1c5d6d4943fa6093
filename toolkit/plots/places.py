"""One project among many: a strip per measure with all projects of its ministry, this one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.comparison import MEASURES, places
from toolkit.figures import floats
from toolkit.plots.phone import PHONE, fold, move
from toolkit.plots.style import (
    AMBER,
    GREY,
    HAIR,
    INK,
    SKY,
    WIDTH,
    describe,
    either,
    nothing,
    open_axes,
    style,
    text_width,
    wrap,
)  # fmt: skip
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
    one = lines.set_index("sheet_id").loc[sheet_id]
    height = len(found) * _ROW
    with style():
        if ax is None:
            ax = open_axes(WIDTH - 0.2, height)
            fold(ax, len(found) * (_ROW + _DOWN))
        ax.set(xlim=(0, WIDTH - 0.2), ylim=(-height, 0))
        ax.set_axis_off()
        for n, measure in enumerate(name for name in MEASURES if name in found.index):
            seen = len(ax.texts), len(ax.lines), len(ax.collections)
            _strip(ax, -n * _ROW, measure, floats(lines[measure].dropna()), found.loc[measure], language)
            _move(ax, seen, n)
        return describe(ax, _title(found, one, language), _alt(found, one, language))


def _move(ax: Axes, seen: tuple[int, int, int], n: int) -> None:
    """On a phone the counts stand beside the name, the strip below both; ``seen`` is how much had been drawn before."""
    down = -n * _DOWN
    for text in ax.texts[seen[0] :]:
        x = text.get_position()[0]
        on_strip = _LEFT <= x <= _LEFT + _STRIP
        move(
            text,
            0.0 if x < _LEFT else -_LEFT if on_strip else PHONE - _RIGHT - _LEFT - _STRIP,
            down - _DOWN * on_strip,
        )
    for part in (*ax.lines[seen[1] :], *ax.collections[seen[2] :]):
        move(part, -_LEFT, down - _DOWN)


def _scale(measure: str, known: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Values as they are drawn, and the two ends of the strip."""
    if measure == "current_jpy":
        logs = np.log10(np.maximum(known, 1))
        return logs, float(np.floor(logs.min())), float(max(np.ceil(logs.max()), np.floor(logs.min()) + 1))
    if measure == "execution_rate":
        return np.clip(known, 0, _MOST), 0.0, _MOST
    return known, 0.0, 1.0


def _strip(ax: Axes, top: float, measure: str, known: np.ndarray, row: pd.Series, language: str) -> None:
    known = known[known > 0] if measure == "current_jpy" else known
    drawn, low, high = _scale(measure, np.append(known, [row["value"], row["median"]]))
    counts, edges = np.histogram(drawn[:-2], bins=_BINS, range=(low, high))
    base, at = top - 0.2 - _HIGH, _LEFT + (drawn[-2:] - low) / (high - low) * _STRIP
    places_ = _LEFT + (edges - low) / (high - low) * _STRIP
    tall = np.where(
        counts > 0, np.maximum(np.sqrt(counts / counts.max()) * _HIGH, 0.02), 0
    )  # roots: single projects stay visible
    ax.fill_between(np.repeat(places_, 2)[1:-1], base, base + np.repeat(tall, 2), color=SKY, linewidth=0, alpha=0.65)
    ax.plot([_LEFT, _LEFT + _STRIP], [base, base], color=HAIR, linewidth=0.8)
    name, about = either(language, *_NAMES[measure][:2]), either(language, *_NAMES[measure][2:])
    ax.text(0, top - 0.28, name, fontsize=9, color=INK, va="center_baseline")
    for n, line in enumerate(wrap(about, _LEFT - 0.2, 7.5)):
        ax.text(0, top - 0.45 - n * 0.14, line, fontsize=7.5, color=GREY, va="center_baseline")
    ends = [
        _value(measure, 10**end, language) if measure == "current_jpy" else format_rate(end, language, digits=0)
        for end in (low, high)
    ]
    ends[1] += either(language, "以上", " and more") if measure == "execution_rate" and (known > _MOST).any() else ""
    middle = either(language, "中央値 ", "median ") + _value(measure, row["median"], language)
    half = text_width(middle, 7.5) / 2
    center = min(max(at[1], _LEFT + half), _LEFT + _STRIP - half)
    ax.text(center, base - 0.13, middle, fontsize=7.5, color=GREY, ha="center", va="center_baseline")
    for end, x, away in (
        (ends[0], _LEFT, center - half - _LEFT),
        (ends[1], _LEFT + _STRIP, _LEFT + _STRIP - center - half),
    ):
        if away > text_width(end, 7.5) + 0.1:
            ax.text(
                x,
                base - 0.13,
                end,
                fontsize=7.5,
                color=GREY,
                ha="left" if x == _LEFT else "right",
                va="center_baseline",
            )
    ax.plot([at[1]] * 2, [base - 0.05, base + 0.1], color=GREY, linewidth=1.2)
    ax.plot([at[0]] * 2, [base, base + _HIGH + 0.03], color=AMBER, linewidth=1.8, solid_capstyle="butt")
    said = _value(measure, row["value"], language)
    half = text_width(said, 9) / 2
    ax.text(
        min(max(at[0], _LEFT + half), _LEFT + _STRIP - half),
        base + _HIGH + 0.1,
        said,
        fontsize=9,
        color=AMBER,
        ha="center",
        va="center_baseline",
    )
    for n, text in enumerate(_counts(row, language)):
        ax.text(
            _LEFT + _STRIP + 0.15,
            top - 0.24 - n * 0.155,
            text,
            fontsize=8 if n else 9,
            color=GREY if n else INK,
            va="center_baseline",
        )


def _counts(row: pd.Series, language: str) -> list[str]:
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


def _title(found: pd.DataFrame, one: Any, language: str) -> str:
    """The measure in which the project lies furthest from the middle, and where."""
    lower = (found["below"] + (found["of"] - found["above"] - found["below"]) / 2) / found["of"]
    measure = str((lower - 0.5).abs().idxmax())
    part, of, value = float(lower[measure]), int(found.loc[measure, "of"]), float(found.loc[measure, "value"])
    who = "府省庁" if pd.isna(one["ministry"]) else str(one["ministry"])
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


def _alt(found: pd.DataFrame, one: Any, language: str) -> str:
    lead = either(
        language,
        "測りごとに、同じ府省庁の事業の分布とこの事業の位置",
        "Per measure, where this project lies among those of its ministry",
    )
    parts = [
        f"{either(language, *_NAMES[str(m)][:2])} {_value(str(m), row['value'], language)}"
        f" ({either(language, '中央値', 'median')} {_value(str(m), row['median'], language)}; {', '.join(_counts(row, language))})"
        for m, row in found.iterrows()
    ]
    return f"{lead}. {'; '.join(parts)}"
