"""Indicators of the forms to 2022."""

from __future__ import annotations

from toolkit.readers.text_layer.reading import Reading

__all__ = ["read"]


def read(reading: Reading) -> None:
    """Not written yet."""
