"""The one visual style of all figures: font, colours, money units, wrapped text, captions and SVG.

Nothing here is global: ``style()`` is a context that every plot opens for itself, so that a figure of your own
in the same notebook looks as before.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import east_asian_width

import pandas as pd

from toolkit.plots.phone import ONLY, arranged, shown
from toolkit.wording import check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = [
    "AMBER",
    "BLUE",
    "GREY",
    "HAIR",
    "INK",
    "PALE",
    "RUST",
    "SKY",
    "WIDTH",
    "Caption",
    "caption",
    "close",
    "describe",
    "dress",
    "either",
    "make_ready",
    "nothing",
    "open_axes",
    "records",
    "style",
    "svg",
    "text_width",
    "thousands",
    "wrap",
]

INK, GREY, HAIR, PALE = "#1f2933", "#5f6b7a", "#d3d9e0", "#eef1f5"
#: dark and light blue, accent for lines and words, the same for areas: distinct in grey and for colour-blind eyes
BLUE, SKY, AMBER, RUST = "#1f5a96", "#9dbfe0", "#c2570c", "#e0a06e"
WIDTH = 7.6  # inches of a whole figure: the text column of a report

#: what a browser may have instead of the font that measured the text; all have full-width kana of 1 em
_FALLBACK = "'Hiragino Sans','Hiragino Kaku Gothic ProN','Yu Gothic','Meiryo','Noto Sans CJK JP','Noto Sans JP',IPAexGothic,sans-serif"


@cache
def font() -> str:
    """Name of a font with Japanese glyphs, made known to matplotlib from the file that matplotlib-fontja ships.

    The package is not imported: importing it would change the style of every figure of the process.
    """
    from matplotlib import font_manager

    spec = importlib.util.find_spec("matplotlib_fontja")
    if spec is None or not spec.submodule_search_locations:  # pragma: no cover - it is a declared dependency
        return "sans-serif"
    path = Path(spec.submodule_search_locations[0]) / "fonts" / "ipaexg.ttf"
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


@contextmanager
def style(**more: object) -> Iterator[None]:
    """The settings of this package's figures, and ``more`` (``svg_hashsalt``), for as long as the context is open."""
    import matplotlib

    settings: dict[Any, Any] = {
        "font.family": [font()],
        "font.size": 9,
        "text.color": INK,
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
        "axes.edgecolor": HAIR,
        "axes.labelcolor": GREY,
        "axes.titlesize": 10.5,
        "axes.unicode_minus": False,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "hatch.linewidth": 0.6,
        "svg.fonttype": "none",
        "path.simplify": False,
        **{name.replace("_", ".", 1): value for name, value in more.items()},
    }
    # rc_context would copy all three hundred settings, twice for every figure
    before = {name: matplotlib.rcParams[name] for name in settings}
    matplotlib.rcParams.update(settings)
    try:
        yield
    finally:
        matplotlib.rcParams.update(before)


# -- words
def either(language: str, ja: str, en: str) -> str:
    """The wording for ``language``; UsageError for one that is neither "ja" nor "en"."""
    check_language(language)
    return ja if language == "ja" else en


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain dicts, None for <NA>: ``to_dict``, which takes longer for a few rows."""
    names = [str(name) for name in frame.columns]
    columns = [[None if value is pd.NA else value for value in values.tolist()] for _, values in frame.items()]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def thousands(axis: Axis) -> None:
    """Ticks with thousands commas and no idle decimals."""
    axis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", "−"))


# -- text that fits
def text_width(text: str, size: float) -> float:
    """Inches that one line of ``text`` takes at ``size`` points: a full-width character is 1 em, others about 0.6."""
    ems = sum(
        1.0 if east_asian_width(char) in "FWA" else 0.66 if char.isupper() or char.isdigit() else 0.6 for char in text
    )
    return ems * size / 72


_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]+")


def wrap(text: str, width: float, size: float) -> list[str]:
    """``text`` in lines of at most ``width`` inches, whole: nothing is cut, tabs and the like are spaces.

    Japanese may break anywhere except before a closing mark; a Latin word stays whole where it fits.
    """
    lines: list[str] = []
    for paragraph in _CONTROLS.sub(" ", str(text)).split("\n"):
        line = ""
        for piece in re.findall(
            r"[「『（【〔“(]*(?:[A-Za-z0-9,.%¥'’/&-]+|.)[、。，．）」』】〕”・：！？)ーっゃゅょッャュョ]* ?", paragraph
        ):
            if line and text_width(line + piece.rstrip(), size) > width:
                lines.append(line.rstrip())
                line = ""
            while text_width(piece.rstrip(), size) > width and len(piece) > 1:
                fit = next(n for n in range(len(piece), 0, -1) if n == 1 or text_width(piece[:n], size) <= width)
                lines.append(piece[:fit])
                piece = piece[fit:]
            line += piece
        lines.append(line.rstrip())
    return lines


# -- captions: the one place where a figure's title and alternative text are kept
@dataclass(frozen=True, slots=True)
class Caption:
    """What a figure says: ``title`` states its finding, ``alt`` describes it; ``is_empty`` where nothing is drawn."""

    title: str
    alt: str
    is_empty: bool = False


_CAPTIONS: weakref.WeakKeyDictionary[Axes, Caption] = weakref.WeakKeyDictionary()
_TITLES: weakref.WeakKeyDictionary[Axes, Text] = weakref.WeakKeyDictionary()  # as drawn in the picture


def describe(ax: Axes, title: str, alt: str, *, above: float = 0.08) -> Axes:
    """Set the title, wrapped to the figure and with room made for it, and remember the alternative text.

    ``above`` is what stands between the Axes and the title, in inches: a legend, for instance.
    """
    _CAPTIONS[ax] = Caption(title, alt)
    figure = _figure(ax)
    width = figure.get_size_inches()[0]
    size = 10.5
    left = ax.get_position().x0 * width
    lines = wrap(title, width - 0.4, size)
    look: dict[str, Any] = {"fontsize": size, "color": INK, "linespacing": 1.35}
    # with y it stays there, else matplotlib measures all ticks to see whether they are in its way
    shown = ax.set_title("\n".join(lines), loc="left", y=1.0, pad=above * 72, **look)
    # the title starts at the figure's left edge, above whatever labels stand left of the axes
    shown.set_position(((0.1 - left) / (ax.get_position().width * width), 1.0))
    _TITLES[ax] = shown
    if figure in _OWN:
        grow_top(figure, 0.12 + 0.21 * len(lines))
    return ax


def caption(ax: Axes) -> Caption:
    """Title and alternative text of an Axes that one of the plots drew; of any other, what its title says."""
    known = _CAPTIONS.get(ax)
    title = ax.get_title(loc="left") or ax.get_title()
    return known or Caption(title.replace("\n", " "), title.replace("\n", " "))


def nothing(sentence: str, ax: Axes | None) -> Axes:
    """An Axes that says in one plain sentence why there is nothing to draw."""
    with style():
        if ax is None:
            ax = open_axes(WIDTH - 0.2, 0.4, left=0.1)
        ax.set_axis_off()
        ax.text(0, 0.5, "\n".join(wrap(sentence, WIDTH - 0.3, 9)), color=GREY, va="center", transform=ax.transAxes)
    _CAPTIONS[ax] = Caption(sentence, sentence, is_empty=True)
    return ax


# -- axes and figures
_OWN: weakref.WeakSet[Figure] = weakref.WeakSet()


def _figure(ax: Axes) -> Figure:
    """The whole figure of an Axes, also of one in a part of a figure."""
    figure = ax.get_figure(root=True)
    assert figure is not None  # an Axes that was drawn on stands in one
    return figure


def open_axes(
    width: float, height: float, *, left: float = 0.1, bottom: float = 0.1, top: float = 0.1, right: float = 0.1
) -> Axes:
    """A new figure whose Axes measures ``width`` by ``height`` inches inside the given margins."""
    from matplotlib import pyplot

    whole = (left + width + right, bottom + height + top)
    made: Any = _figure_with_axes  # any callable will do
    figure = pyplot.figure(figsize=whole, facecolor="white", FigureClass=made)
    _OWN.add(figure)
    (axes,) = figure.axes
    axes.set_position((left / whole[0], bottom / whole[1], width / whole[0], height / whole[1]))
    return axes


#: figures with an Axes, made ahead, and the settings they were made under
_READY: list[Figure] = []
_READY_UNDER: dict[str, Any] = {}


def make_ready(count: int) -> None:
    """Make ``count`` figures ahead for ``open_axes``: to set up ticks and spines is a third of what a small one takes.

    For a process whose forks draw: each of them finds the figures as they are now.
    """
    with style():
        _READY[:] = []
        _READY_UNDER.clear()
        made = [_figure_with_axes(facecolor="white") for _ in range(count)]
        _READY_UNDER.update(_settings())
        _READY[:] = made


def _figure_with_axes(figsize: tuple[float, float] | None = None, dpi: float | None = None, **look: Any) -> Figure:
    """A figure with one Axes; one made ahead if it looks the same."""
    from matplotlib.figure import Figure

    if _READY and figsize and dpi is None and _settings() == _READY_UNDER:
        figure = _READY.pop()
        figure.set_size_inches(figsize)
        return figure
    figure = Figure(figsize, dpi, **look)
    figure.add_axes((0, 0, 1, 1))
    return figure


def _settings() -> dict[str, Any]:
    """The settings that count, as a plain dict; the backend does not, and asking for it would choose one."""
    import matplotlib

    plain: dict[str, Any] = matplotlib.rcParams  # type: ignore[assignment]
    settings = dict(dict.items(plain))
    settings.pop("backend", None)
    return settings


def grow_top(figure: Figure, inches: float) -> None:
    """Add room above everything, keeping every Axes at its size in inches."""
    width, height = figure.get_size_inches()
    boxes = [(axes, axes.get_position()) for axes in figure.axes]
    figure.set_size_inches(width, height + inches)
    for axes, box in boxes:
        scale = height / (height + inches)
        axes.set_position((box.x0, box.y0 * scale, box.width, box.height * scale))


def dress(ax: Axes, *, grid: Literal["", "x", "y"] = "") -> None:
    """No frame, quiet ticks, our font on the tick labels; ``grid`` "x" or "y" adds hairlines behind the data."""
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(side == "bottom" and grid != "x")
    ax.tick_params(length=0, labelfontfamily=font(), labelcolor=GREY, labelsize=9)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis=grid, color=HAIR, linewidth=0.6)


def close(ax: Axes) -> None:
    """Give back the memory of the figure that ``ax`` stands in."""
    from matplotlib import pyplot

    pyplot.close(_figure(ax))


# -- pictures for pages
def svg(ax: Axes, *, with_title: bool = False) -> str:
    """The figure of ``ax`` as an ``<svg role="img">`` with real text, the same bytes for the same figure.

    The title is left to the page (``caption``) unless ``with_title``: a page wraps it, a picture cannot.
    """
    words = caption(ax)
    salt = hashlib.sha256((words.title + words.alt).encode()).hexdigest()[:10]
    title = _TITLES.get(ax)
    if title:
        title.set_visible(with_title)
    with style(svg_hashsalt=salt), shown(_figure(ax)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # the browser has other fonts
        drawn, box = _drawn(_figure(ax))
    if title:
        title.set_visible(True)
    drawn = drawn[drawn.index("<svg") :]
    return _for_page(*arranged(drawn, _figure(ax), box), box, words.alt, salt)


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
        f"font-family:{_FALLBACK};stroke-linejoin:round;stroke-linecap:butt"
    )
    view = " ".join(f"{value:.2f}" for value in box)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view}" '
        f'style="{look}"{kind} role="img" aria-label="{escape(_CONTROLS.sub(" ", alt))}">'
    )
    return re.sub(r"\n\s*", "\n", opening + body[body.index(">") + 1 :]).strip()


def _rounded(number: re.Match[str]) -> str:
    shown = f"{float(number.group()):.2f}".rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown
