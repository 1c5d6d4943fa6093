"""The cheapest readings of one step of a search, kept while they are found, so that dearer ones need not be built."""

from __future__ import annotations

import heapq
import math
from typing import Generic, TypeVar

__all__ = ["Beam"]

State = TypeVar("State")


class Beam(Generic[State]):
    """At most ``width`` states, the cheapest ones; of equally cheap ones those added first.

    ``limit``: a state of this cost or more will not be kept. As long as nothing gets cheaper further on, neither
    will anything that grows out of it.
    """

    def __init__(self, width: int) -> None:
        self.limit = math.inf
        self._width, self._serial = width, 0
        self._heap: list[tuple[float, int, State]] = []  # the worst first: cost and serial are negative

    def add(self, cost: float, state: State) -> None:
        if cost >= self.limit:
            return
        self._serial -= 1
        if len(self._heap) < self._width:
            heapq.heappush(self._heap, (-cost, self._serial, state))
        else:
            heapq.heapreplace(self._heap, (-cost, self._serial, state))
        if len(self._heap) == self._width:
            self.limit = -self._heap[0][0]

    def states(self) -> list[State]:
        """The states, cheapest first."""
        return [state for _, _, state in sorted(self._heap, key=lambda one: one[:2], reverse=True)]
