"""What a number of the budget grid can be at all, told from the other numbers of the sheet alone.

F is A and what changes it, so a number that no other numbers add up to is hardly an F, one that fits into no sum hardly
a change, and one that is no printed rate of another hardly executed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from toolkit.readers.text_layer.budget_pieces import Token
from toolkit.readers.text_layer.budget_rules import is_rate

__all__ = ["Roles"]

_B, _C, _E, _F, _G = 1, 2, 4, 5, 6
_WORK = 4000  # numbers times numbers looked at before three changes in one year are given up


class Roles:
    """``unlikely(value)``: the rows of the grid that a positive number hardly stands in."""

    def __init__(self, tokens: Iterable[Token], step: float) -> None:
        tokens = list(tokens)
        numbers = [token.value for token in tokens if token.number and not token.is_rate]
        self._step = step
        self._count = Counter(self._key(number) for number in numbers if number > 0)
        self._positive = sorted({number for number in numbers if number > 0})
        self._negative = sorted({-number for number in numbers if number < 0})
        self._rates = sorted({token.value for token in tokens if token.is_rate and token.number is not None})
        self._known: dict[float, frozenset[int]] = {}

    def unlikely(self, value: float) -> frozenset[int]:
        known = self._known.get(value)
        if known is None:
            rows = set()
            if not self._is_change(value):
                rows |= {_B, _C, _E}
            if not self._is_total(value):
                rows.add(_F)
            if not self._is_executed(value):
                rows.add(_G)
            known = self._known[value] = frozenset(rows)
        return known

    def _key(self, value: float) -> int:
        return round(value / self._step)

    def _has(self, value: float) -> bool:
        """True for a printed number, give or take one in its last place."""
        key = self._key(value)
        return key in self._count or key - 1 in self._count or key + 1 in self._count

    def _is_change(self, value: float) -> bool:
        outs = [0.0, *self._negative]
        rest = [total - value + out for total in self._positive for out in outs]
        if any(left > 0 and self._has(left) for left in rest):
            return True
        if self._count[self._key(value)] > 1 and not self._negative:
            return False
        if len(rest) * len(self._positive) > _WORK:
            return True
        return any(self._has(left - other) for left in rest for other in self._positive if left > other)

    def _is_total(self, value: float) -> bool:
        if self._count[self._key(value)] > 1:
            return True
        outs = [0.0, *self._negative]
        rest = [value - initial + out for initial in self._positive if initial != value for out in outs]
        if any(abs(left) < self._step / 2 or (left > 0 and self._has(left)) for left in rest):
            return True
        if len(rest) * len(self._positive) > _WORK:
            return True
        return any(self._has(left - other) for left in rest for other in self._positive if left > other)

    def _is_executed(self, value: float) -> bool:
        if not self._rates:
            return True
        totals = [total for total in self._positive if total >= value]
        return any(is_rate(value, total, rate, self._step) for total in totals for rate in self._rates)
