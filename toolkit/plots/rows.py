"""A chart of labelled rows: text on the left as long as it is, a bar, its figures at the bar's end.

Recipients, cost items, budget lines and achievements are all drawn with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.plots.canvas import Canvas, on_canvas, words_width
from toolkit.plots.phone import PHONE, Place
from toolkit.plots.style import BLUE, GREY, HAIR, INK, WIDTH, either, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Row", "draw_rows", "fit"]

_SIZE, _SMALL, _LINE = 9.0, 7.5, 0.165  # points, points, inches from line to line
_TEXT, _GAP = 3.3, 0.16  # inches of the text column at most, and between it and the bars
_WHOLE = WIDTH - 0.2
_TALLEST = 8.8  # inches: what fits on a printed page under a title


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Without ``bars`` it is a heading.

    ``bars`` holds a value and a colour each (None: no value); ``labels`` the words at the end of each bar.
    ``note`` is printed small below ``text``.
    """

    text: str
    note: str = ""
    bars: tuple[float | None, ...] = ()
    labels: tuple[str, ...] = ()
    colors: tuple[str, ...] = (BLUE,)
    outlined: frozenset[int] = field(default=frozenset())


def fit(rows: Sequence[Row], language: str) -> list[Row]:
    """The rows that fit on one printed page; where some are left out, a last line says how many."""
    height, kept = 0.0, 0
    text = _text_column(rows)
    for row in rows:
        height += _height(row, _lines(row, text))
        if height > _TALLEST:
            break
        kept += 1
    if kept == len(rows):
        return list(rows)
    shown = list(rows[:kept])
    while shown and not shown[-1].bars:  # no heading without a row below it
        shown.pop()
    left = sum(bool(row.bars) for row in rows[len(shown) :])
    return [*shown, Row(either(language, f"ほか{left}行は表にある", f"{left} more rows are in the table"))]


def _text_column(rows: Sequence[Row]) -> float:
    return min(
        _TEXT,
        max((text_width(line, _SIZE) for row in rows if row.bars for line in (row.text, row.note)), default=_TEXT),
    )


def draw_rows(
    rows: Sequence[Row], *, ax: Axes | None = None, longest: float | None = None, mark: tuple[float, str] | None = None
) -> Axes:
    """Draw ``rows`` from top to bottom, each as high as its text and bars need.

    ``longest`` is the value of a bar that fills the column (default: the largest); longer ones are cut off with
    an open end. ``mark`` draws a thin vertical line across every bar at a value and names it above the first. On a
    phone a row's bars stand below its text.
    """
    text = _text_column(rows)
    room = max((text_width(label, _SIZE) for row in rows for label in row.labels), default=0.0) + 0.12
    start, bars = text + _GAP, max(_WHOLE - text - _GAP - room, 1.0)
    blocks = [_lines(row, text) for row in rows]
    heights = [_height(row, block) for row, block in zip(rows, blocks, strict=True)]
    head = 0.2 if mark else 0.0
    on_phone = [_phone_height(row, block) for row, block in zip(rows, blocks, strict=True)]
    ax, canvas = on_canvas(ax, _WHOLE, head + sum(heights), head + sum(on_phone))
    full = longest or max((v for row in rows for v in row.bars if v is not None), default=1.0) or 1.0
    there = _There(start, max(PHONE - room, 0.8) / bars)
    x = start + bars * mark[0] / full if mark else None
    if mark and x:
        canvas.text(x, -0.08, mark[1], _SMALL, GREY, align="center", to=Place(there.x(x) - x))
    y = lower = -head
    for row, block, height, high in zip(rows, blocks, heights, on_phone, strict=True):
        _draw_text(canvas, row, block, y, height, lower)
        if row.bars:
            middle = y - height / 2
            down = lower - high + 0.08 + len(row.bars) * 0.175 / 2 - middle
            if x:
                place = Place(there.x(x) - x, down)
                canvas.line(((x, middle - 0.16), (x, middle + 0.16)), GREY, 0.8, to=place, z=0)
            _draw_bars(canvas, row, middle, bars / full, full, there, down, is_marked=mark is not None)
        y -= height
        lower -= high
    return ax


@dataclass(frozen=True, slots=True)
class _There:
    """Where a phone shows what stands in the column of bars: from the left edge, ``stretch`` times as wide."""

    start: float
    stretch: float

    def x(self, x: float) -> float:
        return (x - self.start) * self.stretch

    def bar(self, up: float) -> Place:
        return Place(-self.start * self.stretch, up, self.stretch)


def _lines(row: Row, text: float) -> list[tuple[str, float, str]]:
    """The printed lines of a row with size and colour."""
    width = text if row.bars else PHONE - 0.1
    words = wrap(row.text, width, _SIZE)
    if not row.bars and "\u3000" in row.text:  # the amount of a group, which comes last, is not torn apart
        name, amount = row.text.rsplit("\u3000", 1)
        *words, last = wrap(name, width, _SIZE)
        whole = f"{last}\u3000{amount}"
        words += [whole] if text_width(whole, _SIZE) <= width else [last, amount]
    lines = [(line, _SIZE, INK) for line in words]
    return lines + [(line, _SMALL, GREY) for line in (wrap(row.note, width, _SMALL) if row.note else [])]


def _height(row: Row, block: list[tuple[str, float, str]]) -> float:
    if not row.bars:
        return len(block) * _LINE + 0.17
    return max(len(block) * _LINE, len(row.bars) * 0.175) + 0.1


def _phone_height(row: Row, block: list[tuple[str, float, str]]) -> float:
    return len(block) * _LINE + (len(row.bars) * 0.175 + 0.16 if row.bars else 0.17)


def _draw_text(
    canvas: Canvas, row: Row, block: list[tuple[str, float, str]], y: float, height: float, lower: float
) -> None:
    top = y - (height - len(block) * _LINE) / 2 if row.bars else y - 0.13
    to = Place(0.0, lower - (0.05 if row.bars else 0.13) - top)
    for n, (words, size, color) in enumerate(block):
        canvas.text(0.0, top - (n + 0.5) * _LINE, words, size, color, to=to)
    if not row.bars:
        under = y - height + 0.01
        canvas.line(((0.0, under), (_WHOLE, under)), HAIR, 0.8, to=Place(0.0, lower - y, PHONE / _WHOLE))


def _draw_bars(
    canvas: Canvas, row: Row, center: float, scale: float, full: float, there: _There, up: float, *, is_marked: bool
) -> None:
    start, to = there.start, there.bar(up)
    thick = 0.145 if len(row.bars) > 1 else 0.2
    for n, value in enumerate(row.bars):
        middle = center + ((len(row.bars) - 1) / 2 - n) * 0.175
        length = 0.0 if value is None else max(0.0, min(value, full)) * scale
        color = row.colors[n % len(row.colors)]
        if value:
            face, edge = ("white", color) if n in row.outlined else (color, "")
            canvas.box(start, middle - thick / 2, max(length, 0.012), thick, face, edge, 1.0, to=to)
        x = start + length
        if value is not None and value > full * 1.0001:  # the bar goes on: a slanted cut says so
            cut = ((x - 0.12, middle - thick * 0.6), (x - 0.06, middle + thick * 0.6))
            canvas.line(cut, "white", 2.5, to=to, z=2)
        place = Place(there.x(x) - x, up)
        label, x = row.labels[n], x + 0.07
        if is_marked:  # the line of the mark makes way for it
            canvas.box(x - 0.02, middle - 0.17, words_width(label, _SIZE) + 0.04, 0.34, "white", to=place)
        canvas.text(x, middle, label, _SIZE, GREY if value is None else INK, to=place)
