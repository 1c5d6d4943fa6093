"""The second arrangement of a figure, for a phone: the same drawing, its parts moved, so that nothing is drawn twice.

A figure is as wide as a page. Made as narrow as a phone its words would be half as large as the text around it; so every
part that has another place there carries it (``Place``), and the page's style sheet applies it on a narrow screen and
nowhere else.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["HIDDEN", "ONLY", "PHONE", "Place", "size_on_phone"]

PHONE = 3.55  # inches: what a phone shows of a figure in one width with its words at their size
_EDGE = 0.08  # inches around what is drawn


class Place(NamedTuple):
    """Where a part is on a phone: ``stretch`` times as wide, seen from the left edge, then moved (inches).

    Instead of stretched it may be turned about its own middle, to be read from below.
    """

    right: float = 0.0
    up: float = 0.0
    stretch: float = 1.0
    is_turned: bool = False

    def group(self) -> str:
        """The opening of an SVG group of parts with this place."""
        if self is ONLY:
            return '<g class="phone" display="none">'
        right, up = 72 * self.right, -72 * self.up
        if self.is_turned:
            return f'<g class="turned" style="--n:translate({right:.2f}px,{up:.2f}px) rotate(-90deg)">'
        return f'<g style="--n:matrix({self.stretch:.4g},0,0,1,{right:.2f},{up:.2f})">'


#: of a part that a wide screen does not show
ONLY = Place(stretch=-1.0)
#: of a part that a phone does not show
HIDDEN = Place(stretch=0.0)


def size_on_phone(height: float, box: tuple[float, float, float, float]) -> str:
    """What the style sheet needs to know of a figure ``height`` inches high on a phone; ``box`` is its wide picture, in points."""
    wide, high = (PHONE + _EDGE) * 72, (height + 2 * _EDGE) * 72
    return f"--r:{box[2] / wide:.3f};--m:{(high - box[3]) / wide:.3f};"
