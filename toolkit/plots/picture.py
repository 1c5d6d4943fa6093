"""Figures as pictures for pages: ``<svg>`` with real text, its parts moved by the page on a phone."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterable
from html import escape
from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING

from toolkit.plots.canvas import Area, Canvas, Dot, Part, Words, canvas_of
from toolkit.plots.phone import ONLY, size_on_phone
from toolkit.plots.style import CONTROLS, FALLBACK, INK, caption, figure_of, font, style, title_of, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["svg"]

_MARGIN = 3.0  # points around what is drawn
_TITLE, _TITLE_LINE = 10.5, 0.21  # points, inches


def svg(ax: Axes, *, with_title: bool = False) -> str:
    """The figure of ``ax`` as an ``<svg role="img">`` with real text, the same bytes for the same figure.

    The title is left to the page (``caption``) unless ``with_title``: a page wraps it, a picture cannot.
    """
    canvas = canvas_of(ax)
    if canvas is None or len(figure_of(ax).axes) > 1:
        return _by_matplotlib(ax, with_title=with_title)
    words = caption(ax)
    parts = canvas.parts
    if with_title:
        lines = wrap(words.title, canvas.width - 0.2, _TITLE)
        above = len(lines) * _TITLE_LINE
        parts += [
            Words(0.0, above - (n + 0.6) * _TITLE_LINE, line, _TITLE, INK, "left", None) for n, line in enumerate(lines)
        ]
    salt = hashlib.sha256((words.title + words.alt).encode()).hexdigest()[:10]
    left, low, right, high = (72 * end for end in canvas.extent(part for part in parts if part.to is not ONLY))
    box = left - _MARGIN, -high - _MARGIN, right - left + 2 * _MARGIN, high - low + 2 * _MARGIN
    size = "" if canvas.lower is None else size_on_phone(canvas.lower, box)
    return "\n".join(
        [_opening(box, ' class="fold"' if size else "", size, words.alt), *_body(canvas, parts, salt), "</svg>"]
    )


def _opening(box: tuple[float, float, float, float], kind: str, size: str, alt: str) -> str:
    width = box[2] * 4 / 3
    look = (
        f"{size}width:100%;max-width:{width:.0f}px;min-width:{width * 0.74:.0f}px;height:auto;"
        f"font-family:{FALLBACK};stroke-linejoin:round;stroke-linecap:butt"
    )
    view = " ".join(f"{value:.2f}" for value in box)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view}" '
        f'style="{look}"{kind} role="img" aria-label="{escape(CONTROLS.sub(" ", alt))}">'
    )


def _body(canvas: Canvas, parts: list[Part], salt: str) -> Iterable[str]:
    """The parts in groups of one place on a phone."""
    hatch = f"f{salt}-h"
    edge = next((part.edge for part in parts if isinstance(part, Area) and part.is_hatched), "")
    if edge:
        yield (
            f'<defs><pattern id="{hatch}" width="4.5" height="4.5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            f'<path d="M1 0V4.5" stroke="{edge}" stroke-width=".6"/></pattern></defs>'
        )
    for to, group in groupby(parts, lambda part: part.to):
        drawn = [_part(part, hatch) for part in group]
        if to is None or canvas.lower is None:
            yield from drawn if to is not ONLY else ()
        elif to.is_turned:  # each about its own middle
            yield from (f"{to.group()}{one}</g>" for one in drawn)
        else:
            yield "\n".join([to.group(), *drawn, "</g>"])


def _part(part: Part, hatch: str) -> str:
    if isinstance(part, Words):
        anchor = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}[part.align]
        x, y = _pt(part.x), _pt(-part.y)
        turned = f' transform="rotate(-90 {x} {y})"' if part.is_turned else ""
        return f'<text x="{x}" y="{y}" font-size="{part.size:g}" fill="{part.color}"{anchor}{turned}>{escape(part.words, quote=False)}</text>'
    if isinstance(part, Dot):
        edge = f' stroke="{part.edge}" stroke-width="{part.width:g}"' if part.width else ""
        return f'<circle cx="{_pt(part.x)}" cy="{_pt(-part.y)}" r="{part.radius:g}" fill="{part.face}"{edge}/>'
    dashes = f' stroke-dasharray="{" ".join(f"{length:g}" for length in part.dashes)}"' if part.dashes else ""
    if not isinstance(part, Area):
        return f'<path d="{_path(part.points, part.is_curved)}" fill="none" stroke="{part.color}" stroke-width="{part.width:g}"{dashes}/>'
    edge = f' stroke="{part.edge}" stroke-width="{part.width:g}"{dashes}' if part.width and part.edge else ""
    alpha = f' opacity="{part.alpha:g}"' if part.alpha < 1 else ""
    path = f'<path d="{_path(part.points, part.is_curved)}z" fill="{part.face}"{edge}{alpha}/>'
    if part.is_hatched:
        path += f'<path d="{_path(part.points, part.is_curved)}z" fill="url(#{hatch})"/>'
    return path


def _path(points: Iterable[tuple[float, float]], is_curved: bool) -> str:
    shown = [f"{_pt(x)} {_pt(-y)}" for x, y in points]
    if not is_curved:
        return "M" + "L".join(shown)
    drawn = f"M{shown[0]}C{' '.join(shown[1:4])}"
    return drawn if len(shown) == 4 else f"{drawn}L{shown[4]}C{' '.join(shown[5:8])}"


def _pt(inches: float) -> str:
    """Inches as points, to 1/100."""
    return f"{round(72 * inches, 2) + 0.0:.6g}"


# -- figures that are not ours, or of several
def _by_matplotlib(ax: Axes, *, with_title: bool) -> str:
    """As matplotlib draws it, without prologue and metadata, with unique ids and our fonts."""
    words, figure, title = caption(ax), figure_of(ax), title_of(ax)
    salt = hashlib.sha256((words.title + words.alt).encode()).hexdigest()[:10]
    out = StringIO()
    if title:
        title.set_visible(with_title)
    with style(svg_hashsalt=salt), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # the browser has other fonts
        figure.savefig(
            out, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight", transparent=True
        )
    if title:
        title.set_visible(True)
    drawn = out.getvalue()
    view = [float(value) for value in re.search(r'viewBox="([^"]*)"', drawn)[1].split()]  # type: ignore[index]
    body = re.sub(
        r"<metadata>.*?</metadata>|<!--.*?-->|<defs>\s*<style.*?</style>\s*</defs>",
        "",
        drawn[drawn.index("<svg") :],
        flags=re.S,
    )
    body = re.sub(r'<g id="[^"]*"', "<g", body[body.index(">") + 1 :])
    body = re.sub(r'(id="|#)([mph][0-9a-f]{10})\b', rf"\g<1>f{salt}-\2", body).replace(f" font-family: '{font()}';", "")
    return re.sub(r"\n\s*", "\n", _opening((view[0], view[1], view[2], view[3]), "", "", words.alt) + body).strip()
