"""What the colours and marks of a figure stand for: one or more lines of words, more of them on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.plots.phone import PHONE, move
from toolkit.plots.style import GREY, WIDTH, text_width

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

__all__ = ["Key", "draw_key", "key_height"]

_KEY, _WORDS = 0.2, 8.5  # inches from line to line, points


@dataclass(frozen=True, slots=True)
class Key:
    """A colour, ``edge`` and ``hatch`` of an area, or a mark of a line, and the ``words`` for it."""

    words: str
    face: str
    edge: str = ""
    mark: str = "area"
    look: Mapping[str, Any] = field(default_factory=dict)


def key_height(keys: Sequence[Key], width: float = PHONE) -> float:
    """Inches that the lines of ``draw_key`` take, with the room below them."""
    return _KEY * (1 + _placed(keys, width)[-1][1]) + 0.1 if keys else 0.0


def draw_key(
    ax: Axes, keys: Sequence[Key], *, left: float = 0.0, below: float | None = None, lower: float = 0.0
) -> None:
    """Words and their marks in lines, from the upper left corner of ``ax`` on, whose data units are inches.

    With ``below`` they stand that far below any other ``ax``, beginning ``left`` inches left of it. On a phone they are in
    as many more lines as they need, and ``lower`` by that.
    """
    from matplotlib.patches import Rectangle
    from matplotlib.transforms import ScaledTranslation

    figure = ax.get_figure(root=True)
    assert figure is not None
    corner: Any = ax.transAxes
    inches = ax.transData if below is None else figure.dpi_scale_trans + ScaledTranslation(0, 0, corner)
    for key, (x, line), (there, nth) in zip(keys, _placed(keys, WIDTH - 0.2), _placed(keys, PHONE), strict=True):
        right, x, y = there - x, x - left, -(below or 0.0) - (line + 0.5) * _KEY
        look: dict[str, Any] = {"facecolor": key.face, "edgecolor": key.edge or key.face, "linewidth": 0.8, **key.look}
        if key.mark == "area":
            mark: Artist = ax.add_patch(Rectangle((x, y - 0.055), 0.11, 0.11, transform=inches, clip_on=False, **look))
        else:
            size, wide = (9, 2.2) if key.mark == "_" else (5, 1.2)
            (mark,) = ax.plot(
                [x + 0.055], [y], linestyle="", marker=key.mark, markersize=size, markerfacecolor=key.face,
                markeredgecolor=key.edge or key.face, markeredgewidth=wide, transform=inches, clip_on=False,
            )  # fmt: skip
        text = ax.text(x + 0.18, y, key.words, fontsize=_WORDS, color=GREY, va="center_baseline", transform=inches)
        for part in (mark, text):
            move(part, right, (line - nth) * _KEY - lower)


def _placed(keys: Sequence[Key], width: float) -> list[tuple[float, int]]:
    """Where each key starts, and in which line."""
    places, x, line = [], 0.0, 0
    for key in keys:
        wide = 0.18 + text_width(key.words, _WORDS) * (0.88 if key.words.isascii() else 1.0)
        if x and x + wide > width:
            x, line = 0.0, line + 1
        places.append((x, line))
        x += wide + 0.2
    return places
