"""The parts of a Canvas by a renderer of matplotlib: for PNG, PDF and notebooks; pages have their own way (``picture``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from toolkit.plots.canvas import ALIGN, HATCH, Area, Dot, Part, Words, words_width
from toolkit.plots.style import font

__all__ = ["paint"]

_CURVE = [Path.MOVETO, *[Path.CURVE4] * 3]


def paint(parts: Iterable[Part], renderer: Any, inches: Any) -> None:
    """Draw ``parts``; ``inches`` is the transform from their places to pixels."""
    for part in parts:
        gc = renderer.new_gc()
        if isinstance(part, Words):
            _words(part, renderer, gc, inches)
        else:
            _shape(part, renderer, gc, inches)
        gc.restore()


def _words(part: Words, renderer: Any, gc: Any, inches: Any) -> None:
    gc.set_foreground(part.color)
    x, y = inches.transform((part.x, part.y))
    wide = renderer.points_to_pixels(words_width(part.words, part.size) * 72)
    before = wide * ALIGN[part.align]
    x, y = (x, y - before) if part.is_turned else (x - before, y)
    y = renderer.get_canvas_width_height()[1] - y if renderer.flipy() else y
    angle = 90.0 if part.is_turned else 0.0
    renderer.draw_text(gc, x, y, part.words, FontProperties(family=[font()], size=part.size), angle)


def _shape(part: Any, renderer: Any, gc: Any, inches: Any) -> None:
    color = part.edge if isinstance(part, Area | Dot) else part.color
    gc.set_linewidth(renderer.points_to_pixels(part.width) if color else 0.0)
    gc.set_foreground(color or part.face)
    gc.set_capstyle("butt")
    gc.set_joinstyle("round")
    if isinstance(part, Dot):
        gc.set_foreground(part.edge)
        radius = renderer.points_to_pixels(part.radius)
        place = Affine2D().scale(radius).translate(*inches.transform((part.x, part.y)))
        renderer.draw_path(gc, Path.arc(0, 360), place, to_rgba(part.face))
        return
    if part.dashes:
        gc.set_dashes(0, [renderer.points_to_pixels(length) for length in part.dashes])
    if not isinstance(part, Area):
        path = Path(part.points, _CURVE if part.is_curved else None)
        renderer.draw_path(gc, path, inches, None)
        return
    if part.is_hatched:
        gc.set_hatch(HATCH)
        gc.set_hatch_color(to_rgba(part.edge))
        gc.set_hatch_linewidth(0.6)
    codes = [*_CURVE, Path.LINETO, *_CURVE[1:], Path.CLOSEPOLY] if part.is_curved else None
    points = [*part.points, part.points[0]]
    path = Path(points, codes, closed=codes is None)
    gc.set_alpha(part.alpha)
    renderer.draw_path(gc, path, inches, to_rgba(part.face, part.alpha))
