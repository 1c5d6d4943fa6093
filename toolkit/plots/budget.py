"""The money of each fiscal year: what was given, what was spent, what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.dataset import remembered
from toolkit.plain import records
from toolkit.plots.canvas import Canvas, on_canvas, words_width
from toolkit.plots.frame import Frame, ticks
from toolkit.plots.key import Key, draw_key, key_height
from toolkit.plots.phone import PHONE
from toolkit.plots.style import (  # fmt: skip
    BLUE,
    GREY,
    HAIR,
    INK,
    PALE,
    SKY,
    WIDTH,
    describe,
    either,
    nothing,
    text_width,
)
from toolkit.plots.units import Unit, unit_for
from toolkit.tables import TABLES
from toolkit.wording import format_rate, format_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.dataset import Dataset

__all__ = ["by_year", "draw_years", "draw_years_below", "longest_label", "plot_budget"]

#: what a year's money is made of, from the bottom up
_GIVEN = {"initial_jpy": SKY, "supplementary_jpy": "#e8b06a", "carried_in_jpy": "#c3cad2", "reserve_jpy": "#b9a6d3"}
_AMOUNTS = [*_GIVEN, "current_jpy", "carried_out_jpy", "total_jpy", "executed_jpy", "requested_jpy"]
_WORDS = {"unused": ("執行せず残った額", "Not spent"), "carried_out_jpy": ("翌年度へ繰越し", "Carried to next year")}
_BAR = 0.38
_LEFT, _HIGH, _TOP, _LINE = 0.5, 2.5, 0.3, 0.15  # inches: left of the bars, of them, above them, a line below them
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
    return draw_years(records(by_year(dataset)), _title, language, ax)


def draw_years(
    rows: list[dict[str, Any]], title: Callable[[list[dict[str, Any]], Unit, str], str], language: str, ax: Axes | None
) -> Axes:
    """The bars of ``plot_budget`` for years in order, with amounts and ``stage`` as in ``budgets``; ``title`` makes theirs."""
    shown = ["current_jpy", "executed_jpy", "requested_jpy"]
    rows = [row for row in rows if any(row[name] is not None for name in shown)]
    if not rows:
        return nothing(either(language, "シートに予算額の記載がない。", "The sheet states no budget."), ax)
    if not any(row[name] for row in rows for name in shown):
        return nothing(
            either(language, "記載された予算額はすべて0円である。", "All amounts of the budget are 0 yen."), ax
        )
    unit = unit_for([row[name] for row in rows for name in shown], language)
    labels = [_year_label(row, len(rows), language) for row in rows]
    below = 0.16 + _LINE * max(len(label) for label in labels)
    bars = _Bars(unit, max(float(row[name] or 0) for row in rows for name in shown) / unit.yen)
    for at, row in enumerate(rows):
        if row["stage"] == "requested":
            bars.request(at, row)
        elif row["executed_jpy"] is None:
            bars.give(at, row)
        else:
            bars.give(at - 0.2, row)
            bars.spend(at + 0.2, row)
    size = _amount_size(bars.amounts, len(rows))
    turned = _turned(bars.amounts, len(rows), size)
    is_narrow = any(
        words_width(amount.words, size) > _bar_width(len(rows)) for amount in bars.amounts if not amount.is_above
    )
    above = max(0.31, *(amount.longer(size) + 0.2 for amount in turned if amount.is_above), 0.0)
    slack = max(0.0, (4 - len(rows)) / 2)  # one or two years do not make bars as wide as barns
    keys = _keys(bars.used, language)
    lower = longest_label(labels)
    lines = key_height(keys, WIDTH - 0.2) - 0.1
    ax, canvas = on_canvas(
        ax, WIDTH - 0.2, _TOP + _HIGH + below + lines, _TOP + _HIGH + below + lower + key_height(keys)
    )
    floor = min(0.0, bars.low * 1.05)
    frame = Frame(
        _LEFT, -_TOP - _HIGH, WIDTH - 0.2 - _LEFT, _HIGH, -0.6 - slack, len(rows) - 0.4 + slack,
        floor, bars.height / (1 - above / _HIGH), PHONE - _LEFT,
    )  # fmt: skip
    frame.grid(canvas, ticks(frame.low, frame.high))
    canvas.text(0.0, -_TOP + 0.12, unit.label, 8.5, GREY, at="bottom")
    for bar in bars.bars:
        x, y = frame.x(bar.x - _BAR / 2), frame.y(bar.start)
        wide, high = frame.x(bar.x + _BAR / 2) - x, frame.y(bar.start + bar.amount) - y
        canvas.box(x, y, wide, high, bar.face, bar.edge, bar.line, to=frame.squeezed, **bar.look)
    for amount in bars.amounts:
        x, y = frame.x(amount.x), frame.y(amount.y) + (0.035 if amount.is_above else -0.042)
        to = frame.beside(x)
        is_upright = is_narrow and not amount.is_above
        if amount in turned and not is_upright:
            to = frame.beside(x, amount.longer(size) / 2 * (1 if amount.is_above else -1), is_turned=True)
        end = "bottom" if amount.is_above else "top"
        canvas.text(x, y, amount.words, size, amount.color, align="center", at=end, to=to, is_turned=is_upright)
    draw_years_below(canvas, frame, labels, range(len(rows)))
    draw_key(canvas, keys, -_TOP - _HIGH - below, lower=-_TOP - _HIGH - below - lower)
    return describe(ax, title(rows, unit, language), _alt(rows, unit, language))


@dataclass(frozen=True, slots=True)
class _Bar:
    """A part of a bar, of the data: middle, lower end, height, look."""

    x: float
    start: float
    amount: float
    face: str
    edge: str = "white"
    line: float = 0.6
    look: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Amount:
    """A figure at the end of a bar: above it, or within it."""

    x: float
    y: float
    words: str
    color: str
    is_above: bool = True

    def longer(self, size: float) -> float:
        """By how many inches it is longer than high."""
        return text_width(self.words, size) - size / 72


class _Bars:
    """The bars of all years with their figures, in the unit of the picture; ``used`` gathers what needs a key."""

    def __init__(self, unit: Unit, height: float) -> None:
        self.unit, self.height, self.low = unit, height, 0.0
        self.bars: list[_Bar] = []
        self.amounts: list[_Amount] = []
        self.used: dict[str, Key] = {}

    def _bar(
        self,
        name: str,
        x: float,
        start: float,
        amount: float,
        face: str,
        edge: str = "",
        line: float = 0.6,
        **look: Any,
    ) -> None:
        self.used[name] = Key("", face, edge, line=max(line, 0.8) if edge else 0.0, look=look)
        self.bars.append(_Bar(x, start, amount, face, edge or "white", line, look))
        self.low = min(self.low, start + amount)

    def request(self, x: float, row: dict[str, Any]) -> None:
        amount = row["requested_jpy"] / self.unit.yen
        self._bar("requested_jpy", x, 0.0, amount, "white", BLUE, 1.2, dashes=(3.6, 2.4))
        self.amounts.append(_Amount(x, amount, self.unit.number(row["requested_jpy"]), BLUE))

    def give(self, x: float, row: dict[str, Any]) -> None:
        """What could be spent in a year, stacked by origin; a negative supplementary budget hangs below zero."""
        parts = {name: row[name] for name in _GIVEN if row[name]}
        if not parts and row["current_jpy"]:
            parts = {"current_jpy": row["current_jpy"]}
        up = down = 0.0
        for name, yen in parts.items():
            amount = yen / self.unit.yen
            self._bar(name, x, up if amount > 0 else down, amount, _GIVEN.get(name, SKY))
            up, down = (up + amount, down) if amount > 0 else (up, down + amount)
        if row["current_jpy"] is not None:
            self.amounts.append(_Amount(x, up, self.unit.number(row["current_jpy"]), INK))

    def spend(self, x: float, row: dict[str, Any]) -> None:
        """What became of a closed year's money: executed, carried to the next year, left unspent."""
        executed = top = row["executed_jpy"] / self.unit.yen
        self._bar("executed_jpy", x, 0.0, executed, BLUE)
        carried = (row["carried_out_jpy"] or 0) / self.unit.yen
        if carried:
            self._bar("carried_out_jpy", x, top, carried, PALE, GREY, is_hatched=True)
            top += carried
        rest = 0.0 if row["current_jpy"] is None else row["current_jpy"] / self.unit.yen - top
        if rest > 0.004 * self.height:
            self._bar("unused", x, top, rest, "white", HAIR, 0.8)
            top += rest
        words = self.unit.number(row["executed_jpy"])
        if executed > 0.2 * self.height:
            self.amounts.append(_Amount(x, executed, words, "white", is_above=False))
        else:
            self.amounts.append(_Amount(x, top, words, BLUE))


def _amount_size(amounts: list[_Amount], years: int) -> float:
    """Smaller figures where many years make narrow bars."""
    widest = max((text_width(amount.words, 1) for amount in amounts), default=0)
    return min(9.0, max(6.5, _bar_width(years) * 1.1 / widest)) if widest else 9.0


def _bar_width(years: int) -> float:
    """Inches."""
    return (WIDTH - 0.2 - _LEFT) / max(years, 4) * _BAR


def _year_label(row: dict[str, Any], years: int, language: str) -> list[str]:
    """The year, and what is missing in it where there is room to say so."""
    more: list[str] = []
    if years <= _SIDE_BY_SIDE:
        if row["stage"] == "requested":
            more = [either(language, "要求", "requested")]
        elif row["executed_jpy"] is None:
            more = either(language, "執行額なし", "not yet\nspent").split("\n")
    return [format_year(row["fiscal_year"], language), *more]


def _keys(used: Mapping[str, Key], language: str) -> list[Key]:
    """What is drawn, in the order of the bars."""
    order = (*_GIVEN, "current_jpy", "executed_jpy", "carried_out_jpy", "unused", "requested_jpy")
    words = {
        name: either(language, *_WORDS[name]) if name in _WORDS else TABLES["budgets"][name].label(language)
        for name in order
        if name in used
    }
    return [replace(used[name], words=said) for name, said in words.items()]


def _turned(amounts: list[_Amount], years: int, size: float) -> set[_Amount]:
    """The figures that a phone's narrow bars have no room for side by side: those within a bar, all where years are many."""
    pitch = (PHONE - _LEFT) / max(years + 0.2, 4)
    longest = max((amount.longer(size) for amount in amounts), default=0.0)
    is_close = longest > pitch * 0.6 or any(amount.color == BLUE for amount in amounts)
    return {amount for amount in amounts if is_close or not amount.is_above}


def longest_label(labels: list[list[str]]) -> float:
    """How much higher the labels of more years than a phone has room for are there, where they are read from below."""
    if len(labels) <= _SIDE_BY_SIDE:
        return 0.0
    return max(0.0, *(text_width(label[0], 9) - _LINE for label in labels))


def draw_years_below(canvas: Canvas, frame: Frame, labels: list[list[str]], at: Iterable[float]) -> None:
    """The labels of the years, in lines below the frame."""
    for place, label in zip(at, labels, strict=True):
        x = frame.x(place)
        for n, words in enumerate(label):
            to = frame.beside(x)
            if len(labels) > _SIDE_BY_SIDE:
                to = frame.beside(x, -(text_width(words, 9) - _LINE) / 2, is_turned=True)
            canvas.text(x, frame.bottom - 0.06 - n * _LINE, words, 9.0, INK, align="center", at="top", to=to)


def _title(years: list[dict[str, Any]], unit: Unit, language: str) -> str:
    closed = [row for row in years if row["executed_jpy"] is not None and (row["current_jpy"] or 0) > 0]
    if not closed:
        asked = [row for row in years if (row["requested_jpy"] or 0) > 0]
        first = asked[0] if asked and not any((row["current_jpy"] or 0) > 0 for row in years) else years[0]
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
    last = closed[-1]
    year = format_year(last["fiscal_year"], language)
    given, spent = (unit.words(last[name]) for name in ("current_jpy", "executed_jpy"))
    rate = format_rate(last["executed_jpy"] / last["current_jpy"], language)
    out = last["carried_out_jpy"]
    carried = unit.words(out) if (out or 0) > 0 else ""
    if language == "ja":
        tail = f"執行し、{carried}を翌年度へ繰り越した" if carried else "執行した"
        return f"{year}は歳出予算現額{given}のうち{spent}（{rate}）を{tail}"
    tail = f", and {carried} was carried to the next year" if carried else ""
    return f"In {year}, {spent} ({rate}) of the current budget of {given} was spent{tail}"


def _alt(rows: list[dict[str, Any]], unit: Unit, language: str) -> str:
    parts = []
    for row in rows:
        names = [n for n in ("current_jpy", "executed_jpy", "carried_out_jpy", "requested_jpy") if row[n] is not None]
        amounts = ", ".join(f"{TABLES['budgets'][n].label(language)} {unit.number(row[n])}" for n in names)
        parts.append(f"{format_year(row['fiscal_year'], language)}: {amounts}")
    lead = either(language, f"年度ごとの棒グラフ（{unit.label}）", f"Bars per fiscal year ({unit.label})")
    return f"{lead}. {'; '.join(parts)}"
