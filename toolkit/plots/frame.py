"""The frame of a chart with years below and values at its side: from data to inches, and to a phone's narrower frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from toolkit.plots.canvas import Canvas
from toolkit.plots.phone import Place
from toolkit.plots.style import GREY, HAIR

__all__ = ["Frame", "ticks"]


@dataclass(frozen=True, slots=True)
class Frame:
    """``left``, ``bottom``, ``width`` and ``height`` in inches; the data between ``first`` and ``last``, ``low`` and ``high``.

    On a phone the frame is ``narrow`` inches wide; its words keep their size.
    """

    left: float
    bottom: float
    width: float
    height: float
    first: float
    last: float
    low: float
    high: float
    narrow: float

    def x(self, value: float) -> float:
        return self.left + (value - self.first) / (self.last - self.first) * self.width

    def y(self, value: float) -> float:
        return self.bottom + (value - self.low) / (self.high - self.low) * self.height

    @property
    def squeezed(self) -> Place:
        """Of bars and lines."""
        share = self.narrow / self.width
        return Place(self.left * (1 - share), 0.0, share)

    def beside(self, x: float, up: float = 0.0, *, is_turned: bool = False) -> Place:
        """Of words and marks at ``x``."""
        return Place((x - self.left) * (self.narrow / self.width - 1), up, is_turned=is_turned)

    def grid(self, canvas: Canvas, values: Sequence[float]) -> None:
        """A hairline per value, with its figure at the left."""
        for value in values:
            y = self.y(value)
            canvas.line(((self.left, y), (self.left + self.width, y)), HAIR, 0.6, to=self.squeezed, z=0)
            label = f"{value:,.10g}".replace("-", "−")
            canvas.text(self.left - 0.05, y, label, 9.0, GREY, align="right")

    def base(self, canvas: Canvas) -> None:
        """The line below all."""
        canvas.line(((self.left, self.bottom), (self.left + self.width, self.bottom)), HAIR, 0.8, to=self.squeezed, z=0)


def ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Round values between ``low`` and ``high``, at most about ``most``, in steps of 1, 2, 2.5 or 5 times a power of ten."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough * 0.999)
    return [round(n * step, 10) for n in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
