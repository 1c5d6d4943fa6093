"""Read Japan's administrative project review sheets (行政事業レビューシート) into tidy pandas tables.

``read(path)`` gives a ``Dataset``: every table of ``TABLES``, typed, in yen, traceable to page or cell.
Importing does no work; each name below is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.checks import check
    from toolkit.dataset import Dataset
    from toolkit.drawing import draw
    from toolkit.errors import ToolkitError
    from toolkit.readers import read, read_many
    from toolkit.reports import report
    from toolkit.store import build, connect, load
    from toolkit.tables import TABLES

__all__ = [
    "TABLES", "Dataset", "ToolkitError", "build", "check", "connect", "draw", "load", "read", "read_many", "report",
]  # fmt: skip

_HOME = {
    "Dataset": "toolkit.dataset",
    "TABLES": "toolkit.tables",
    "check": "toolkit.checks",
    "ToolkitError": "toolkit.errors",
    "build": "toolkit.store",
    "connect": "toolkit.store",
    "load": "toolkit.store",
    "draw": "toolkit.drawing",
    "read": "toolkit.readers",
    "read_many": "toolkit.readers",
    "report": "toolkit.reports",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'toolkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
