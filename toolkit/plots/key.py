"""What the colours and marks of a figure stand for: one or more lines of words, more of them on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from toolkit.plots.canvas import Canvas
from toolkit.plots.phone import PHONE, Place
from toolkit.plots.style import GREY, WIDTH, text_width

__all__ = ["Key", "draw_key", "draw_mark", "key_height"]

_KEY, _WORDS = 0.2, 8.5  # inches from line to line, points


@dataclass(frozen=True, slots=True)
class Key:
    """A colour, ``edge`` and ``line`` width of an area with its ``look`` (dashes, hatch), or a mark of a line, and the ``words`` for it."""

    words: str
    face: str
    edge: str = ""
    mark: str = "area"
    line: float = 0.8
    look: Mapping[str, Any] = field(default_factory=dict)


def key_height(keys: Sequence[Key], width: float = PHONE) -> float:
    """Inches that the lines of ``draw_key`` take, with the room below them."""
    return _KEY * (1 + _placed(keys, width)[-1][1]) + 0.1 if keys else 0.0


def draw_key(canvas: Canvas, keys: Sequence[Key], y: float = 0.0, *, lower: float | None = None) -> None:
    """Words and their marks in lines, from the left edge of ``canvas`` at ``y`` on.

    On a phone they are in as many more lines as they need, and begin at ``lower``.
    """
    wide, narrow = _placed(keys, WIDTH - 0.2), _placed(keys, PHONE)
    for key, (x, line), (there, nth) in zip(keys, wide, narrow, strict=True):
        at = y - (line + 0.5) * _KEY
        to = Place(there - x, (y if lower is None else lower) - (nth + 0.5) * _KEY - at)
        if key.mark == "area":
            canvas.box(x, at - 0.055, 0.11, 0.11, key.face, key.edge or key.face, key.line, to=to, **key.look)
        else:
            draw_mark(canvas, key.mark, x + 0.055, at, key.face, key.edge or key.face, to=to, wide=4.5)
        canvas.text(x + 0.18, at, key.words, _WORDS, GREY, to=to)


def draw_mark(canvas: Canvas, mark: str, x: float, y: float, face: str, edge: str, *, to: Place | None = None, wide: float = 7.5) -> None:  # fmt: skip
    """A mark of a line: "o" a dot, "s" a square, "_" a short bar, half ``wide`` points long."""
    if mark == "o":
        canvas.dot(x, y, 2.5, face, edge, 1.2, to=to)
    elif mark == "s":
        canvas.box(x - 0.035, y - 0.035, 0.07, 0.07, face, edge, 1.0, to=to, z=3)
    else:
        canvas.line(((x - wide / 72, y), (x + wide / 72, y)), edge, 2.2, to=to, z=3)


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
