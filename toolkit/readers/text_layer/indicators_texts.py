"""Texts of the logic model."""

from __future__ import annotations

from dataclasses import dataclass, field

from toolkit.readers.text_layer.indicators_scan import Item
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.reading import Reading

__all__ = ["Chain", "place_texts"]


@dataclass(eq=False, slots=True)
class Chain:
    """One activity: its outputs, then its outcomes from near to far."""

    no: int
    outputs: list[Body] = field(default_factory=list)
    outcomes: list[Body] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{self.no}-activity"


def place_texts(reading: Reading, items: list[Item], chains: list[Chain]) -> None:
    pass
