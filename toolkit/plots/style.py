"""The one visual style of all figures: font, colours, wrapped text, captions, axes.

Nothing here is global: ``style()`` is a context that every plot opens for itself, so that a figure of your own
in the same notebook looks as before.
"""

from __future__ import annotations

import importlib.util
import re
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from toolkit.wording import check_language

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = [
    "AMBER",
    "BLUE",
    "CONTROLS",
    "FALLBACK",
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
    "either",
    "figure_of",
    "make_ready",
    "nothing",
    "open_axes",
    "style",
    "text_width",
    "title_of",
    "wrap",
]

INK, GREY, HAIR, PALE = "#1f2933", "#5f6b7a", "#d3d9e0", "#eef1f5"
#: dark and light blue, accent for lines and words, the same for areas: distinct in grey and for colour-blind eyes
BLUE, SKY, AMBER, RUST = "#1f5a96", "#9dbfe0", "#c2570c", "#e0a06e"
WIDTH = 7.6  # inches of a whole figure: the text column of a report

#: what a browser may have instead of the font that measured the text; all have full-width kana of 1 em
FALLBACK = "'Hiragino Sans','Hiragino Kaku Gothic ProN','Yu Gothic','Meiryo','Noto Sans CJK JP','Noto Sans JP',IPAexGothic,sans-serif"


@cache
def font() -> str:
    """Name of a font with Japanese glyphs, made known to matplotlib from the file that matplotlib-fontja ships.

    The package is not imported: importing it would change the style of every figure of the process.
    """
    from matplotlib import font_manager

    path = font_file()
    if path is None:  # pragma: no cover - it is a declared dependency
        return "sans-serif"
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


def font_file() -> Path | None:
    """Where the font of ``font`` lies."""
    spec = importlib.util.find_spec("matplotlib_fontja")
    return (
        Path(spec.submodule_search_locations[0]) / "fonts" / "ipaexg.ttf"
        if spec and spec.submodule_search_locations
        else None
    )


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


# -- text that fits
def text_width(text: str, size: float) -> float:
    """Inches that one line of ``text`` takes at ``size`` points: a full-width character is 1 em, others about 0.6."""
    return sum(map(_EMS.__getitem__, text)) * size / 72


class _Ems(dict[str, float]):
    def __missing__(self, char: str) -> float:
        wide = 1.0 if east_asian_width(char) in "FWA" else 0.66 if char.isupper() or char.isdigit() else 0.6
        self[char] = wide
        return wide


_EMS = _Ems()
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]+")
_PIECES = re.compile(r"[「『（【〔“(]*(?:[A-Za-z0-9,.%¥'’/&-]+|.)[、。，．）」』】〕”・：！？)ーっゃゅょッャュョ]* ?")


def wrap(text: str, width: float, size: float) -> list[str]:
    """``text`` in lines of at most ``width`` inches, whole: nothing is cut, tabs and the like are spaces.

    Japanese may break anywhere except before a closing mark; a Latin word stays whole where it fits.
    """
    return list(_wrapped(str(text), width, size))


@lru_cache(maxsize=4096)
def _wrapped(text: str, width: float, size: float) -> tuple[str, ...]:
    lines: list[str] = []
    for paragraph in CONTROLS.sub(" ", text).split("\n"):
        if text_width(paragraph, size) <= width:
            lines.append(paragraph.rstrip())
            continue
        line, long = "", 0.0
        for piece in _PIECES.findall(paragraph):
            bare = text_width(piece.rstrip(), size)
            if line and long + bare > width:
                lines.append(line.rstrip())
                line, long = "", 0.0
            while bare > width and len(piece) > 1:
                fit = next(n for n in range(len(piece), 0, -1) if n == 1 or text_width(piece[:n], size) <= width)
                lines.append(piece[:fit])
                piece = piece[fit:]
                bare = text_width(piece.rstrip(), size)
            line += piece
            long += text_width(piece, size)
        lines.append(line.rstrip())
    return tuple(lines)


# -- captions: the one place where a figure's title and alternative text are kept
@dataclass(frozen=True, slots=True)
class Caption:
    """What a figure says: ``title`` states its finding, ``alt`` describes it; ``is_empty`` where nothing is drawn."""

    title: str
    alt: str
    is_empty: bool = False


#: what a plot said, at the title that it drew: an Axes that was cleared since has another one
_SAID: weakref.WeakKeyDictionary[Artist, Caption] = weakref.WeakKeyDictionary()


def title_of(ax: Axes) -> Text | None:
    """The title as drawn in the picture of an Axes that one of the plots drew."""
    return next((child for child in ax.get_children() if child in _SAID), None)  # type: ignore[return-value]


def describe(ax: Axes, title: str, alt: str, *, above: float = 0.08) -> Axes:
    """Set the title, wrapped to the figure and with room made for it, and remember the alternative text.

    ``above`` is what stands between the Axes and the title, in inches: a legend, for instance.
    """
    figure = figure_of(ax)
    width = figure.get_size_inches()[0]
    size = 10.5
    is_own = figure in _OWN
    left = ax.get_position().x0 * width
    lines = wrap(title, width - 0.4 if is_own else ax.get_position().width * width, size)
    look: dict[str, Any] = {
        "fontsize": size,
        "fontfamily": [font()],
        "color": INK,
        "linespacing": 1.35,
        "parse_math": False,
    }
    # with y it stays there, else matplotlib measures all ticks to see whether they are in its way
    shown = ax.set_title("\n".join(lines), loc="left", y=1.0, pad=above * 72, **look)
    # the title starts at the figure's left edge, above whatever labels stand left of the axes
    if is_own:
        shown.set_position(((0.1 - left) / (ax.get_position().width * width), 1.0))
    _SAID[shown] = Caption(title, alt)
    if is_own:
        grow_top(figure, 0.12 + 0.21 * len(lines))
    return ax


def caption(ax: Axes) -> Caption:
    """Title and alternative text of an Axes that one of the plots drew; of any other, what its title says."""
    drawn = title_of(ax)
    if drawn is not None:
        return _SAID[drawn]
    title = (ax.get_title(loc="left") or ax.get_title()).replace("\n", " ")
    return Caption(title, title)


def nothing(sentence: str, ax: Axes | None) -> Axes:
    """An Axes that says in one plain sentence why there is nothing to draw."""
    from toolkit.plots.canvas import on_canvas  # which is built on this module

    lines = wrap(sentence, WIDTH - 0.3, 9)
    ax, canvas = on_canvas(ax, WIDTH - 0.2, 0.22 + 0.18 * len(lines))
    for n, line in enumerate(lines):
        canvas.text(0.0, -0.2 - 0.18 * n, line, 9.0, GREY)
    _SAID[ax.set_title("", loc="left", y=1.0)] = Caption(sentence, sentence, is_empty=True)
    return ax


# -- axes and figures
_OWN: weakref.WeakSet[Figure] = weakref.WeakSet()


def figure_of(ax: Axes) -> Figure:
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


def close(ax: Axes) -> None:
    """Give back the memory of the figure that ``ax`` stands in."""
    from matplotlib import pyplot

    pyplot.close(figure_of(ax))
