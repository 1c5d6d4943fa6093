"""Figures as pictures for pages: ``<svg>`` with real text, drawn once, its parts moved by the page on a phone."""

from __future__ import annotations

import hashlib
import re
import warnings
from functools import cache
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

from toolkit.plots.phone import ONLY, arranged, shown
from toolkit.plots.style import CONTROLS, FALLBACK, caption, figure_of, font, style, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["svg"]


def svg(ax: Axes, *, with_title: bool = False) -> str:
    """The figure of ``ax`` as an ``<svg role="img">`` with real text, the same bytes for the same figure.

    The title is left to the page (``caption``) unless ``with_title``: a page wraps it, a picture cannot.
    """
    words = caption(ax)
    salt = hashlib.sha256((words.title + words.alt).encode()).hexdigest()[:10]
    title = title_of(ax)
    if title:
        title.set_visible(with_title)
    with style(svg_hashsalt=salt), shown(figure_of(ax)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # the browser has other fonts
        drawn, box = _drawn(figure_of(ax))
    if title:
        title.set_visible(True)
    drawn = drawn[drawn.index("<svg") :]
    return _for_page(*arranged(drawn, figure_of(ax), box), box, words.alt, salt)


def _drawn(figure: Figure) -> tuple[str, tuple[float, float, float, float]]:
    """The figure as matplotlib writes it, and which part of it is drawn on: left, top, width and height in points.

    ``savefig`` would draw it twice to know that part, and measure every word anew; the page sees the same.
    """
    before = figure.dpi
    patches = [patch for patch in (figure.patch, *(axes.patch for axes in figure.axes)) if patch.get_visible()]
    out = StringIO()
    try:
        figure.dpi = 72  # as SVG is drawn
        for patch in patches:  # a page has its own ground
            patch.set_visible(False)
        width, height = figure.get_size_inches() * 72
        renderer = _renderer()(width, height, out, metadata={"Date": None, "Creator": None})
        renderer.corners += [corner for axes in figure.axes for corner in axes.get_window_extent().get_points()]
        figure.draw(renderer)
        renderer.finalize()
    finally:
        figure.dpi = before
        for patch in patches:
            patch.set_visible(True)
    left, low = (min(values) - _MARGIN for values in zip(*renderer.corners, strict=True))
    right, high = (max(values) + _MARGIN for values in zip(*renderer.corners, strict=True))
    return out.getvalue(), (left, height - high, right - left, high - low)


_MARGIN = 3.0  # points around what is drawn


@cache
def _renderer() -> type[Any]:
    from math import cos, radians, sin

    from matplotlib.backends.backend_svg import RendererSVG

    class Renderer(RendererSVG):
        """Measures a word once for all figures: the outlines of kanji are long. Notes the corners of what it draws for a page."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.corners: list[tuple[float, float]] = []
            self.groups: list[str | None] = []

        def open_group(self, s: str, gid: str | None = None) -> None:
            self.groups.append(gid)
            super().open_group(s, gid)

        def close_group(self, s: str) -> None:
            self.groups.pop()
            super().close_group(s)

        def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
            key = (s, prop, ismath)  # matplotlib hands over a copy that nobody changes
            if key not in _SIZES:
                if len(_SIZES) >= 4096:
                    _SIZES.clear()
                _SIZES[key] = super().get_text_width_height_descent(s, prop, ismath)
            return _SIZES[key]

        def draw_text(self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None) -> None:  # fmt: skip
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            if ONLY in self.groups:
                return
            width, high, below = self.get_text_width_height_descent(s, prop, ismath)
            turn = radians(angle)
            for along, up in ((0, -below), (width, -below), (0, high - below), (width, high - below)):
                self.corners.append(
                    (x + along * cos(turn) - up * sin(turn), self.height - y + along * sin(turn) + up * cos(turn))
                )

        def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803
            super().draw_path(gc, path, transform, rgbFace)
            self._note(gc, path.get_extents(transform))

        def draw_markers(self, gc: Any, marker_path: Any, marker_trans: Any, path: Any, trans: Any, rgbFace: Any = None) -> None:  # noqa: N803  # fmt: skip
            super().draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
            around = marker_path.get_extents(marker_trans)
            places = path.get_extents(trans)
            self._note(gc, type(places)(places.get_points() + around.get_points()))

        def _note(self, gc: Any, box: Any) -> None:
            """The corners of a box that is drawn on, as far as it is not clipped away."""
            clip = gc.get_clip_rectangle()
            box = type(box).intersection(box, clip) if clip is not None else box
            if (
                box is not None and ONLY not in self.groups and box.x0 <= box.x1 and box.y0 <= box.y1
            ):  # nothing drawn has endless bounds
                self.corners += [(box.x0, box.y0), (box.x1, box.y1)]

    return Renderer


_SIZES: dict[Any, tuple[float, float, float]] = {}


def _for_page(body: str, kind: str, size: str, box: tuple[float, float, float, float], alt: str, salt: str) -> str:
    """Bare ``<svg>`` for an HTML page: no prologue, no metadata, unique ids, coordinates to 1/100 point, font fallbacks."""
    for unwanted in (
        r"<metadata>.*?</metadata>",
        r"<!--.*?-->",
        r"<defs>\s*<style.*?</style>\s*</defs>",
        r' transform="rotate\(-0 [^"]*"',
    ):
        body = re.sub(unwanted, "", body, flags=re.S)
    body = re.sub(r'(id="|#)([mph][0-9a-f]{10})\b', rf"\g<1>f{salt}-\2", body)
    body = re.sub(r"<[^>]*>", lambda tag: re.sub(r"-?\d+\.\d{3,}", _rounded, re.sub(r"\s+", " ", tag.group())), body)
    body = body.replace(f" font-family: '{font()}';", "")
    width = box[2] * 4 / 3
    look = (
        f"{size}width:100%;max-width:{width:.0f}px;min-width:{width * 0.74:.0f}px;height:auto;"
        f"font-family:{FALLBACK};stroke-linejoin:round;stroke-linecap:butt"
    )
    view = " ".join(f"{value:.2f}" for value in box)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view}" '
        f'style="{look}"{kind} role="img" aria-label="{escape(CONTROLS.sub(" ", alt))}">'
    )
    return re.sub(r"\n\s*", "\n", opening + body[body.index(">") + 1 :]).strip()


def _rounded(number: re.Match[str]) -> str:
    shown = f"{float(number.group()):.2f}".rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown
