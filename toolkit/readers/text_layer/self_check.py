"""The ○△× table of forms to 2022, the projects named under it, and what the policy part says about the project."""

from __future__ import annotations

from toolkit.readers.text_layer.reading import Reading

__all__ = ["read"]


def read(reading: Reading) -> None:
    return
