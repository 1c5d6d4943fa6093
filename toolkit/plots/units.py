"""Money in one readable unit per figure or table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

__all__ = ["Unit", "about", "unit_for"]

#: from which largest amount on, in which steps of yen, named how
_STEPS = {
    "ja": ((10**8, 10**8, "億円"), (10**4, 10**4, "万円"), (0, 1, "円")),
    "en": (
        (10**12, 10**9, "billion yen"),
        (10**6, 10**6, "million yen"),
        (10**3, 10**3, "thousand yen"),
        (0, 1, "yen"),
    ),
}
_SHORT = {"billion yen": "B", "million yen": "M", "thousand yen": "k", "yen": ""}


@dataclass(frozen=True, slots=True)
class Unit:
    """``yen`` per unit, the ``label`` of the unit and how many ``decimals`` are shown in it."""

    yen: int
    label: str
    decimals: int

    def short(self, amount: Any) -> str:
        """An amount with its unit for a narrow place: 53.35億円, 5,335M; "–" for <NA>."""
        return self.number(amount) + ("" if pd.isna(amount) else _SHORT.get(self.label, self.label))

    def words(self, amount: Any) -> str:
        """An amount with its unit for a sentence, without idle zeros: 63.7億円, 5,335 million yen."""
        number = self.number(amount)
        number = number.rstrip("0").rstrip(".") if "." in number else number
        return f"{number} {self.label}" if self.label in _SHORT else f"{number}{self.label}"

    def number(self, amount: Any) -> str:
        """An amount in yen as a figure in this unit, without the unit.

        "–" for <NA>, "0" for a printed zero, "<0.1" for a rest too small for the decimals shown.
        """
        if pd.isna(amount):
            return "–"
        step = Decimal(1).scaleb(-self.decimals)
        value = Decimal(int(amount)) / self.yen
        if abs(value) < step / 2:
            return "0" if value == 0 else f"{'−' if value < 0 else ''}<{step}"
        return f"{value.quantize(step, ROUND_HALF_UP):,}".replace("-", "−")


def unit_for(amounts: Iterable[Any], language: str = "en") -> Unit:
    """The unit in which the largest of ``amounts`` (yen, <NA> ignored) is at least 1.

    Japanese steps are 億円, 万円 and 円; English ones million, thousand and single yen, and billion
    from a trillion on. As many decimals
    as the amounts need, but none from 1,000 on, one from 100 on, else two.
    """
    known = [abs(int(amount)) for amount in amounts if not pd.isna(amount)]
    largest = max(known, default=0)
    steps = _STEPS["ja" if language == "ja" else "en"]
    _, yen, label = next(step for step in steps if largest >= step[0])
    most = 0 if yen == 1 or largest >= 1000 * yen else 1 if largest >= 100 * yen else 2
    needed = next((n for n in range(most) if all(amount * 10**n % yen == 0 for amount in known)), most)
    return Unit(yen, label, needed)


def about(amount: Any, language: str = "en") -> str:
    """One amount as a title says it, in three or four figures: 6,524億円, 652.4 billion yen."""
    unit = unit_for([amount], language)
    return f"{unit.number(amount)}{'' if language == 'ja' else ' '}{unit.label}"
