"""A chart of labelled rows: text on the left as long as it is, a bar, its figures at the bar's end.

Recipients, cost items, budget lines and achievements are all drawn with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.plots.style import BLUE, GREY, HAIR, INK, WIDTH, open_axes, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Row", "draw_rows"]

_SIZE, _SMALL, _LINE = 9.0, 7.5, 0.165  # points, points, inches from line to line
_TEXT, _GAP = 3.3, 0.16  # inches of the text column at most, and between it and the bars
_WHOLE = WIDTH - 0.2


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


def draw_rows(rows: Sequence[Row], *, ax: Axes | None = None, longest: float | None = None, mark: float | None = None) -> Axes:
    """Draw ``rows`` from top to bottom, each as high as its text and bars need.

    ``longest`` is the value of a bar that fills the column (default: the largest); longer ones are cut off with
    an open end. ``mark`` draws a thin vertical line, for instance at 100 %.
    """
    text = min(_TEXT, max((text_width(line, _SIZE) for row in rows if row.bars for line in (row.text, row.note)), default=_TEXT))
    room = max((text_width(label, _SIZE) for row in rows for label in row.labels), default=0.0) + 0.12
    start, bars = text + _GAP, max(_WHOLE - text - _GAP - room, 1.0)
    blocks = [_lines(row, text) for row in rows]
    heights = [_height(row, block) for row, block in zip(rows, blocks, strict=True)]
    if ax is None:
        ax = open_axes(_WHOLE, sum(heights))
    full = longest or max((v for row in rows for v in row.bars if v is not None), default=1.0) or 1.0
    ax.set(xlim=(0, _WHOLE), ylim=(-sum(heights), 0))
    ax.set_axis_off()
    if mark is not None:
        first = next((i for i, row in enumerate(rows) if row.bars), 0)
        x = start + bars * mark / full
        ax.plot([x, x], [-sum(heights), -sum(heights[:first])], color=HAIR, linewidth=1.0, zorder=0)
    y = 0.0
    for row, block, height in zip(rows, blocks, heights, strict=True):
        _draw_text(ax, row, block, y, height)
        if row.bars:
            _draw_bars(ax, row, y - height / 2, start, bars / full, full)
        y -= height
    return ax


def _lines(row: Row, text: float) -> list[tuple[str, float, str]]:
    """The printed lines of a row with size and colour."""
    width = text if row.bars else _WHOLE
    lines = [(line, _SIZE, INK) for line in wrap(row.text, width, _SIZE)]
    return lines + [(line, _SMALL, GREY) for line in (wrap(row.note, width, _SMALL) if row.note else [])]


def _height(row: Row, block: list[tuple[str, float, str]]) -> float:
    if not row.bars:
        return len(block) * _LINE + 0.17
    return max(len(block) * _LINE, len(row.bars) * 0.175) + 0.1


def _draw_text(ax: Axes, row: Row, block: list[tuple[str, float, str]], y: float, height: float) -> None:
    top = y - (height - len(block) * _LINE) / 2 if row.bars else y - 0.13
    for n, (line, size, color) in enumerate(block):
        ax.text(0, top - (n + 0.5) * _LINE, line, fontsize=size, color=color, va="center_baseline")
    if not row.bars:
        ax.plot([0, _WHOLE], [y - height + 0.01] * 2, color=HAIR, linewidth=0.8)


def _draw_bars(ax: Axes, row: Row, center: float, start: float, scale: float, full: float) -> None:
    thick = 0.145 if len(row.bars) > 1 else 0.2
    for n, value in enumerate(row.bars):
        middle = center + ((len(row.bars) - 1) / 2 - n) * 0.175
        length = 0.0 if value is None else max(0.0, min(value, full)) * scale
        color = row.colors[n % len(row.colors)]
        if value:
            look = {"facecolor": "white", "edgecolor": color, "linewidth": 1.0} if n in row.outlined else {"color": color}
            ax.barh(middle, max(length, 0.012), thick, left=start, **look)
        if value is not None and value > full * 1.0001:  # the bar goes on: a slanted cut says so
            ax.plot([start + length - 0.12, start + length - 0.06], [middle - thick * 0.6, middle + thick * 0.6], color="white", linewidth=2.5)
        ax.text(start + length + 0.07, middle, row.labels[n], fontsize=_SIZE, color=GREY if value is None else INK, va="center_baseline")
