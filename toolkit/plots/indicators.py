"""Indicators: target against actual in small multiples."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.plain import records
from toolkit.plots.achievement import indicator_name, latest_achievement, level_name
from toolkit.plots.canvas import Canvas, on_canvas
from toolkit.plots.key import Key, draw_key, draw_mark, key_height
from toolkit.plots.phone import Place
from toolkit.plots.style import AMBER, BLUE, GREY, HAIR, INK, SKY, WIDTH, describe, either, nothing, wrap
from toolkit.wording import format_count, format_rate, format_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.dataset import Dataset

__all__ = ["pages", "plot_indicators"]

_SIZE, _LINE = 8.5, 0.16
_PANEL, _APART = (WIDTH - 0.2 - 0.5) / 2, 0.5  # inches: width of one of two panels, and between them
_PLOT, _BELOW = 1.05, 0.5  # inches: height of the drawing, and from it to the next row of panels
_LEGEND, _TALLEST = 0.3, 8.8


def pages(dataset: Dataset, language: str = "en") -> list[list[str]]:
    """The ids of the indicators with numbers, in portions whose small multiples fit on one printed page each."""
    rows = _drawn(dataset)
    starts, height = [0], _LEGEND
    for n in range(0, len(rows), 2):
        step = max(len(_head(row, language)) for row in rows[n : n + 2]) * _LINE + 0.28 + _PLOT + _BELOW
        if height + step > _TALLEST and n > starts[-1]:
            starts.append(n)
            height = _LEGEND
        height += step
    ids = [row["indicator_id"] for row in rows]
    return [ids[start:end] for start, end in zip(starts, [*starts[1:], len(rows)], strict=True)]


def _drawn(dataset: Dataset) -> list[dict[str, Any]]:
    """The rows of the indicators that can be drawn."""
    dataset.sheet()  # one sheet, or a UsageError
    known = {row["indicator_id"] for row in _values(dataset)}
    return [row for row in dataset.rows("indicators") if row["indicator_id"] in known]


def _values(dataset: Dataset) -> list[dict[str, Any]]:
    """Measurements that can be drawn: numbers, other than achievements."""
    measures = ("actual", "target", "expected")
    return [row for row in dataset.rows("measurements") if row["value"] is not None and row["measure"] in measures]


def plot_indicators(
    dataset: Dataset, *, only: Collection[str] | None = None, language: str = "en", ax: Axes | None = None
) -> Axes:
    """Small multiples, two in a row: per indicator the actual values and the targets (or expected values) by year.

    ``dataset`` of one sheet; an indicator without a single number is left out, ``only`` names those to draw (see
    ``pages``). Values the source does not settle have an open mark. Years are evenly spaced as printed. Returns the
    Axes that holds the panels. On a phone they stand below each other.
    """
    values, rows = _values(dataset), _drawn(dataset)
    if only is not None:
        values, rows = ([row for row in some if row["indicator_id"] in only] for some in (values, rows))
    if not rows:
        return nothing(either(language, "数値で示された指標がない。", "No indicator is given in numbers."), ax)
    heads = [_head(row, language) for row in rows]
    tops = [max(len(head) for head in heads[n : n + 2]) * _LINE + 0.28 for n in range(0, len(rows), 2)]
    review_year = dataset.sheet()["review_year"]
    marks = _marks(values, review_year, language)
    height = _LEGEND + sum(tops) + len(tops) * (_PLOT + _BELOW)
    each = _PLOT + _BELOW + 0.28
    ax, canvas = on_canvas(ax, WIDTH - 0.2, height, key_height(marks) + sum(len(head) * _LINE + each for head in heads))
    draw_key(canvas, marks)
    points = _points(values, review_year)
    y, lower = -_LEGEND, -key_height(marks)
    for n, (row, head) in enumerate(zip(rows, heads, strict=True)):
        left = (n % 2) * (_PANEL + _APART)
        top = y - tops[n // 2]
        for line, text in enumerate(head):
            size, color = (7.5, GREY) if line >= len(head) - 1 else (_SIZE, INK)
            canvas.text(left, y - (line + 0.5) * _LINE, text, size, color, to=Place(-left, lower - y))
        lower -= len(head) * _LINE + 0.28
        _panel(canvas, left, top - _PLOT, points.get(row["indicator_id"], []), language, Place(-left, lower - top))
        lower -= _PLOT + _BELOW
        if n % 2 or n == len(rows) - 1:
            y = top - _PLOT - _BELOW
    return describe(ax, _indicators_title(dataset, rows, language), _indicators_alt(rows, values, language))


def _head(row: dict[str, Any], language: str) -> list[str]:
    """Name of the indicator, wrapped whole, then one small line with level and unit."""
    unit = either(language, f"単位：{row['unit']}", f"unit: {row['unit']}") if pd.notna(row["unit"]) else ""
    return [
        *wrap(indicator_name(row), _PANEL, _SIZE),
        either(language, "・", ", ").join(filter(None, [level_name(row, language), unit])),
    ]


def _is_forecast(row: dict[str, Any], review_year: int) -> bool:
    """Whether it stands in the row of actual values in a year that is not closed: 活動見込."""
    year = row["fiscal_year"]
    return row["measure"] == "actual" and year is not None and year >= review_year and not row["is_final_year"]


def _marks(values: list[dict[str, Any]], review_year: int, language: str) -> list[Key]:
    """What the marks of the panels stand for, as far as they are drawn."""
    marks = [Key(either(language, "実績", "actual"), BLUE, mark="o")]
    if any(_is_forecast(row, review_year) for row in values):
        marks.append(Key(either(language, "実績の見込み", "forecast"), SKY, mark="o"))
    marks.append(Key(either(language, "目標・当初見込み", "target or expected"), AMBER, mark="_"))
    if any(row["certainty"] == "unsettled" for row in values):
        words = either(language, "白抜き：原文から確定できない値", "open: not settled by the source")
        marks.append(Key(words, "white", BLUE, mark="o"))
    return marks


@dataclass(frozen=True, slots=True)
class _Point:
    """A value of one series (actual, forecast, target); ``year`` is 9999 where none is stated."""

    year: int
    is_final: bool
    value: float
    series: str
    is_sure: bool


def _points(values: list[dict[str, Any]], review_year: int) -> dict[str, list[_Point]]:
    """Per indicator its values in order of time; ``series`` is actual, forecast or target."""
    points: dict[str, list[_Point]] = {}
    for row in sorted(values, key=lambda row: (bool(row["is_final_year"]), _year(row))):
        series = "target" if row["measure"] != "actual" else "forecast" if _is_forecast(row, review_year) else "actual"
        year, is_final = _year(row), bool(row["is_final_year"])
        point = _Point(year, is_final, float(row["value"]), series, row["certainty"] != "unsettled")
        held = points.setdefault(row["indicator_id"], [])
        # of target and expected value of one year the first is drawn
        if series != "target" or not any(
            p.series == "target" and (p.year, p.is_final) == (year, is_final) for p in held
        ):
            held.append(point)
    return points


def _year(row: dict[str, Any]) -> int:
    """The fiscal year; 9999 where none is stated."""
    return 9999 if row["fiscal_year"] is None else int(row["fiscal_year"])


def _panel(canvas: Canvas, left: float, bottom: float, points: list[_Point], language: str, to: Place) -> None:
    """One indicator: actual values as a line, dashed where they are a forecast; targets as short bars; numbers once."""
    order = sorted({(point.year, point.is_final) for point in points})
    numbers = [point.value for point in points]
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    pad = (high - low or 1.0) * 0.3
    floor, roof = low - (pad if min(numbers) < 0.25 * high else pad * 0.35), high + pad
    across = {place: left + (n + 0.5) / max(len(order), 3) * _PANEL for n, place in enumerate(order)}

    def y(value: float) -> float:
        return bottom + (value - floor) / (roof - floor) * _PLOT

    def line(through: list[_Point], color: str, width: float, dashes: tuple[float, ...] = ()) -> None:
        if len(through) > 1:
            canvas.line(
                [(across[p.year, p.is_final], y(p.value)) for p in through], color, width, dashes=dashes, to=to, z=2
            )

    canvas.line(((left, y(0)), (left + _PANEL, y(0))), HAIR, 0.8, to=to, z=0)
    past = [point for point in points if point.series == "actual"]
    line(past, BLUE, 1.6)
    line([*past[-1:], *(point for point in points if point.series == "forecast")], SKY, 1.4, (4.2, 2.8))
    looks = {"target": ("_", AMBER), "actual": ("o", BLUE), "forecast": ("o", SKY)}
    for point in sorted(points, key=lambda point: list(looks).index(point.series)):
        mark, color = looks[point.series]
        x, at = across[point.year, point.is_final], y(point.value)
        if mark == "_" and not point.is_sure:
            canvas.box(x - 7.5 / 72, at - 0.015, 15 / 72, 0.03, "white", color, 0.8, to=to, z=3)
        else:
            draw_mark(canvas, mark, x, at, color if point.is_sure else "white", color, to=to)
    for place, x in across.items():
        _numbers(canvas, x, y, [p for p in points if (p.year, p.is_final) == place], language, to)
        label = [] if place[0] == 9999 else [str(place[0])]
        label += [either(language, "目標", "target")] if place[1] else []
        for n, words in enumerate(label):
            canvas.text(x, bottom - 0.05 - n * 0.145, words, 8.0, GREY, align="center", at="top", to=to)


def _numbers(
    canvas: Canvas, x: float, y: Callable[[float], float], here: list[_Point], language: str, to: Place
) -> None:
    """The higher of actual and target is written above its mark, the lower below; equal ones once."""
    shown = {p.value: AMBER for p in here if p.series == "target"}
    shown |= {p.value: BLUE for p in here if p.series != "target"}
    for n, (value, color) in enumerate(sorted(shown.items(), reverse=True)):
        place, at = (y(value) + 0.07, "bottom") if n == 0 else (y(value) - 0.07, "top")
        canvas.text(x, place, format_count(value, language), 8.0, color, align="center", at=at, to=to)


def _indicators_title(dataset: Dataset, drawn: list[dict[str, Any]], language: str) -> str:
    known = {row["indicator_id"]: row for row in drawn}
    latest = [row for row in records(latest_achievement(dataset)) if row["indicator_id"] in known]
    if not latest:
        return either(
            language,
            f"{len(drawn)}指標の推移（目標と実績がそろう年度はまだない）",
            f"{len(drawn)} indicators; no year yet has both target and actual",
        )
    lowest = min(latest, key=lambda row: row["rate"])
    name = indicator_name(known[lowest["indicator_id"]])
    rate, year = format_rate(lowest["rate"], language), format_year(lowest["fiscal_year"], language)
    if len(latest) == 1:
        return either(
            language, f"「{name}」の達成度は{year}に{rate}", f"“{name}” reached {rate} of its target in {year}"
        )
    is_part = len(drawn) < len(_drawn(dataset))
    ja = f"この図の{len(drawn)}指標で" if is_part else ""
    en = f"Of these {len(drawn)} indicators, " if is_part else ""
    if lowest["rate"] >= 1:
        return either(
            language,
            f"{ja}達成度がもっとも低い「{name}」も{rate}（{year}）",
            f"{en}{'even' if is_part else 'Even'} the lowest, “{name}”, reached {rate} of its target ({year})",
        )
    return either(
        language,
        f"{ja}達成度がもっとも低いのは「{name}」の{rate}（{year}）",
        f"{en}{'the furthest' if is_part else 'Furthest'} below its target is “{name}” at {rate} ({year})",
    )


def _indicators_alt(rows: list[dict[str, Any]], values: list[dict[str, Any]], language: str) -> str:
    words = {
        "actual": either(language, "実績", "actual"),
        "expected": either(language, "見込み", "expected"),
        "target": either(language, "目標", "target"),
    }
    told: dict[tuple[str, str], list[str]] = {}
    for row in sorted(values, key=_year):
        said = (
            f"{'' if row['fiscal_year'] is None else row['fiscal_year']} {format_count(row['value'], language)}".strip()
        )
        told.setdefault((row["indicator_id"], row["measure"]), []).append(said)
    parts = []
    for row in rows:
        series = [
            f"{word} {', '.join(told[row['indicator_id'], measure])}"
            for measure, word in words.items()
            if (row["indicator_id"], measure) in told
        ]
        parts.append(f"{_head(row, language)[0]}: {'; '.join(series)}")
    return f"{either(language, '指標ごとの小さな折れ線', 'Small line charts per indicator')}. {'. '.join(parts)}"
