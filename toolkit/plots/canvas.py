"""What a figure is made of: words, lines, areas and dots, each a plain tuple in inches.

A figure of this package has hundreds of parts. As artists of matplotlib each of them would take a tenth of a millisecond to
make and several to draw; a page's picture is written from the tuples instead (``toolkit.plots.picture``). For every other
use, a PNG or a notebook of yours, the whole canvas is one artist on its Axes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import east_asian_width

from toolkit.plots.phone import ONLY, Place
from toolkit.plots.style import CONTROLS, INK, font_file, open_axes

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

__all__ = ["Area", "Canvas", "Dot", "Line", "Words", "canvas_of", "on_canvas", "words_width"]

Points = Sequence[tuple[float, float]]
#: from the place named to the line that words stand on, in ems of our font
_DOWN = {"middle": 0.37, "top": 0.86, "bottom": -0.16}
_ASCENT, _DESCENT = 0.84, 0.14
HATCH = "////"
#: share of the words before the place they are aligned at
ALIGN = {"left": 0.0, "center": 0.5, "right": 1.0}


class Words(NamedTuple):
    """One line of text; ``y`` is the line it stands on, ``align`` left, center or right. Turned it is read from below, from ``y`` up."""

    x: float
    y: float
    words: str
    size: float
    color: str
    align: str
    to: Place | None
    is_turned: bool = False


class Line(NamedTuple):
    """A line through ``points``; ``dashes`` in points, ``curved`` along a cubic of four points."""

    points: Points
    color: str
    width: float
    dashes: tuple[float, ...]
    is_curved: bool
    to: Place | None


class Area(NamedTuple):
    """An area within ``points``, with its edge; ``curved`` where two cubics of four points bound it."""

    points: Points
    face: str
    edge: str
    width: float
    dashes: tuple[float, ...]
    is_curved: bool
    is_hatched: bool
    alpha: float
    to: Place | None


class Dot(NamedTuple):
    """A round mark, ``radius`` in points."""

    x: float
    y: float
    radius: float
    face: str
    edge: str
    width: float
    to: Place | None


Part = Words | Line | Area | Dot


class Canvas:
    """The parts of one figure, ``width`` by ``height`` inches: x from its left edge, y from its upper one, below it negative.

    What is added later lies on top, within one ``z``. ``to`` is a part's place on a phone, where the figure is
    ``lower`` inches high; None where it has no other arrangement there.
    """

    def __init__(self, width: float, height: float, lower: float | None = None) -> None:
        self.width, self.height, self.lower = width, height, lower
        self._layers: dict[int, list[Part]] = {}

    @property
    def parts(self) -> list[Part]:
        """All parts, from the lowest to the topmost."""
        return [part for _, layer in sorted(self._layers.items()) for part in layer]

    def _add(self, z: int, part: Part) -> None:
        self._layers.setdefault(z, []).append(part)

    def text(self, x: float, y: float, words: str, size: float = 9.0, color: str = INK, *, align: str = "left", at: str = "middle",
             to: Place | None = None, is_clear: bool = False, is_turned: bool = False) -> None:  # fmt: skip
        """One line of words; ``at`` tells whether ``y`` is its middle, its top or its bottom.

        Lines below it are interrupted where ``is_clear``. Turned to be read from below, ``x`` is its middle across.
        """
        if not words:
            return
        words = CONTROLS.sub(" ", words)
        if is_turned:
            end = {"bottom": "left", "middle": "center", "top": "right"}[at]
            self._add(9, Words(x + _DOWN["middle"] * size / 72, y, words, size, color, end, to, is_turned=True))
            return
        part = Words(x, y - _DOWN[at] * size / 72, words, size, color, align, to)
        if is_clear:
            left, low, right, high = _extent(part)
            self.box(left - 0.02, low, right - left + 0.04, high - low, "white", to=to, z=2)
        self._add(9, part)

    def line(self, points: Points, color: str, width: float, *, dashes: tuple[float, ...] = (), is_curved: bool = False,
             to: Place | None = None, z: int = 1) -> None:  # fmt: skip
        self._add(z, Line(points, color, width, dashes, is_curved, to))

    def area(self, points: Points, face: str, edge: str = "", width: float = 0.0, *, dashes: tuple[float, ...] = (), is_curved: bool = False,
             is_hatched: bool = False, alpha: float = 1.0, to: Place | None = None, z: int = 1) -> None:  # fmt: skip
        self._add(z, Area(points, face, edge, width, dashes, is_curved, is_hatched, alpha, to))

    def box(
        self, x: float, y: float, width: float, height: float, face: str, edge: str = "", line: float = 0.0, **look: Any
    ) -> None:
        """A rectangle with its lower left corner at ``x``, ``y``."""
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        self.area(corners, face, edge, line, **look)

    def dot(self, x: float, y: float, radius: float, face: str, edge: str = "", width: float = 0.0, *, to: Place | None = None, z: int = 3) -> None:  # fmt: skip
        self._add(z, Dot(x, y, radius, face, edge or face, width, to))

    def words(self) -> list[tuple[str, tuple[float, float, float, float]]]:
        """Every line of words with its left, lower, right and upper end in inches."""
        return [(part.words, _extent(part)) for part in self.parts if isinstance(part, Words)]

    def extent(self, parts: Iterable[Part]) -> tuple[float, float, float, float]:
        """Left, lower, right and upper end of the whole and of all that sticks out of it, in inches."""
        ends = [(0.0, -self.height, self.width, 0.0), *map(_extent, parts)]
        lefts, lows, rights, highs = zip(*ends, strict=True)
        return min(lefts), min(lows), max(rights), max(highs)


def _extent(part: Part) -> tuple[float, float, float, float]:
    if isinstance(part, Words):
        wide, em = words_width(part.words, part.size), part.size / 72
        before = wide * ALIGN[part.align]
        if part.is_turned:
            return part.x - _ASCENT * em, part.y - before, part.x + _DESCENT * em, part.y - before + wide
        left = part.x - before
        return left, part.y - _DESCENT * em, left + wide, part.y + _ASCENT * em
    if isinstance(part, Dot):
        around = (part.radius + part.width / 2) / 72
        return part.x - around, part.y - around, part.x + around, part.y + around
    xs, ys = zip(*part.points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


# -- how wide words are
def words_width(words: str, size: float) -> float:
    """Inches that one line takes in our font."""
    return sum(map(_ADVANCES.__getitem__, words)) * size / 72


class _Advances(dict[str, float]):
    """Widths of characters in ems, looked up in the font once."""

    def __missing__(self, char: str) -> float:
        self[char] = known = 1.0 if east_asian_width(char) in "FWA" else _from_font(char)
        return known


_ADVANCES = _Advances()


def _from_font(char: str) -> float:
    """As the font has it; what it does not have the browser takes from another one, mostly as wide as a kana."""
    font = _open_font()
    if font is None or not font.get_char_index(ord(char)):
        return 1.0
    return float(font.load_char(ord(char)).linearHoriAdvance) / 65536 / 100


@cache
def _open_font() -> Any:
    from matplotlib.ft2font import FT2Font

    path = font_file()
    if path is None:  # pragma: no cover - it is a declared dependency
        return None
    font = FT2Font(str(path))
    font.set_size(100, 72)
    return font


# -- on an Axes
def on_canvas(ax: Axes | None, width: float, height: float, lower: float | None = None) -> tuple[Axes, Canvas]:
    """An empty Canvas as the one artist of ``ax``, or of the Axes of a new figure of its size."""
    canvas = Canvas(width, height, lower)
    if ax is None:
        ax = open_axes(width, height)
    ax.set_xlim(0, width)
    ax.set_ylim(-height, 0)
    ax.set_axis_off()
    drawn: Any = _artist()()
    drawn.canvas = canvas
    ax.add_artist(drawn)
    return ax, canvas


def canvas_of(ax: Axes) -> Canvas | None:
    """The Canvas of an Axes that one of the plots drew on; None once the Axes was cleared."""
    return next((drawn.canvas for drawn in ax.get_children() if isinstance(drawn, _artist())), None)  # type: ignore[attr-defined]


@cache
def _artist() -> type[Artist]:
    from matplotlib.artist import Artist
    from matplotlib.transforms import Bbox

    class Drawn(Artist):
        """A Canvas as matplotlib sees it: its parts in the data units of the Axes, words at their size."""

        canvas: Canvas

        def _wide(self) -> list[Part]:
            return [part for part in self.canvas.parts if part.to is not ONLY]

        def get_window_extent(self, renderer: Any = None) -> Bbox:
            left, low, right, high = self.canvas.extent(self._wide())
            return Bbox(self.axes.transData.transform([(left, low), (right, high)]))  # type: ignore[union-attr]

        def draw(self, renderer: Any) -> None:
            from toolkit.plots.paint import paint

            if self.get_visible():
                paint(self._wide(), renderer, self.axes.transData)  # type: ignore[union-attr]
            self.stale = False

    return Drawn
