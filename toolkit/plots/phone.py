"""The second arrangement of a figure, for a phone: the same drawing, its parts moved, so that nothing is drawn twice.

A figure is as wide as a page. Made as narrow as a phone its words would be half as large as the text around it; so every
part that has another place there carries it as its id (``move``, ``squeeze``), which the page's style sheet applies on a
narrow screen and nowhere else. ``fold`` says how high the figure is then.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = ["ONLY", "PHONE", "arranged", "fold", "move", "only", "shown", "squeeze"]

PHONE = 3.55  # inches: what a phone shows of a figure in one width with its words at their size
_LEFT, _EDGE = 0.1, 0.08  # inches: left of a figure's axes, and around what is drawn
ONLY = "only"  # the id of a part that a wide screen does not show
_ONLY: weakref.WeakKeyDictionary[Figure, list[Artist]] = weakref.WeakKeyDictionary()
_HEIGHTS: weakref.WeakKeyDictionary[Figure, float] = weakref.WeakKeyDictionary()

_Part = TypeVar("_Part", bound="Artist")


def move(part: _Part, right: float = 0.0, up: float = 0.0, *, stretch: float = 1.0, is_turned: bool = False) -> _Part:
    """On a phone ``part`` is ``stretch`` times as wide, seen from the left edge of the axes, and then moved (inches).

    Instead of stretched it may be turned about its own middle, to be read from below.
    """
    part.set_gid(f"to {'turned' if is_turned else f'{stretch:.4g}'} {right:.4g} {up:.4g}")
    return part


def squeeze(ax: Axes, width: float, *, turned: Mapping[Text, float] | None = None) -> None:
    """On a phone what is drawn on ``ax``, whose axes has data units, is ``width`` inches wide; its words keep their size.

    What stands left of the axes stays there. A mark keeps its shape where it is a line of its own. The words ``turned``
    are read from below there; given with them is by how many inches they are longer than high.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.get_window_extent()
    left, share = box.x0 / figure.dpi, width * figure.dpi / box.width
    marks: list[tuple[Artist, Any]] = [(one, one.get_xdata()[0]) for one in ax.lines if len(one.get_xdata()) == 1]  # type: ignore[arg-type, index]
    lines = [tick.gridline for axis in (ax.xaxis, ax.yaxis) for tick in axis.get_major_ticks()]
    for part in {*ax.lines, *ax.patches, *ax.spines.values(), *lines} - {mark for mark, _ in marks}:
        move(part, (left - _LEFT) * (1 - share), stretch=share)
    words = [(text, text.xy[0]) for text in ax.texts if hasattr(text, "xy")]
    one: Any
    for one, at in [*marks, *words, *zip(ax.get_xticklabels(), ax.get_xticks(), strict=True)]:
        right = (ax.transData.transform((at, 0))[0] / figure.dpi - left) * (share - 1)
        if turned and one in turned:
            up = turned[one] / 2 * (-1 if one.get_verticalalignment() == "top" else 1)
            move(one, right, up, is_turned=True)
        else:
            move(one, right)


def only(part: _Part) -> _Part:
    """``part`` is drawn on a phone alone, where it stands there; the figure's own picture is without it."""
    figure = part.get_figure(root=True)
    assert figure is not None
    part.set_visible(False)
    part.set_clip_on(False)
    part.set_gid(ONLY)
    _ONLY.setdefault(figure, []).append(part)
    return part


@contextmanager
def shown(figure: Figure) -> Iterator[None]:
    """While it is open the parts for a phone alone can be drawn."""
    parts = _ONLY.get(figure, []) if figure in _HEIGHTS else []
    for part in parts:
        part.set_visible(True)
    try:
        yield
    finally:
        for part in parts:
            part.set_visible(False)


def fold(ax: Axes, height: float) -> None:
    """On a phone the figure of ``ax`` is ``height`` inches high, and as wide as ``PHONE``."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    _HEIGHTS[figure] = height


def arranged(body: str, figure: Figure, box: tuple[float, float, float, float]) -> tuple[str, str, str]:
    """The groups of an SVG with their other place as a CSS variable, a class of the picture and what it says of its size.

    ``box`` is the part shown on a wide screen, in points.
    """
    height = _HEIGHTS.get(figure)
    if height is None:
        return re.sub(r'<g id="[^"]*"', "<g", body), "", ""
    body = body.replace(f'<g id="{ONLY}"', '<g class="phone"')
    body = re.sub(r'<g id="to ([^ "]+) ([^ "]+) ([^ "]+)"', _matrix, body)
    wide, high = (PHONE + _EDGE) * 72, (height + 2 * _EDGE) * 72
    size = f"--r:{box[2] / wide:.3f};--m:{(high - box[3]) / wide:.3f};"
    return re.sub(r'<g id="[^"]*"', "<g", body), ' class="fold"', size


def _matrix(told: re.Match[str]) -> str:
    right, up = 72 * float(told[2]), -72 * float(told[3])
    if told[1] == "turned":
        return f'<g class="turned" style="--n:translate({right:.2f}px,{up:.2f}px) rotate(-90deg)"'
    stretch = float(told[1])
    return f'<g style="--n:matrix({stretch:.4g},0,0,1,{72 * _LEFT * (1 - stretch) + right:.2f},{up:.2f})"'
