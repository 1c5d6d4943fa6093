"""Tables of a few rows as plain Python: what is written row by row is read fastest from lists and dicts."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["plain", "ratio", "records"]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain dicts, None for <NA>: ``to_dict``, which takes longer for a few rows."""
    names = [str(name) for name in frame.columns]
    columns = [plain(values) for values in frame._iter_column_arrays()]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def plain(values: Any) -> list[Any]:
    """A column as a plain list, None for <NA>."""
    array = values.array if isinstance(values, pd.Series) else values
    if isinstance(array, pd.arrays.ArrowStringArray):
        held: list[Any] = array.__arrow_array__().to_pylist()
        return held
    if isinstance(array, pd.api.extensions.ExtensionArray):
        return array.to_numpy(dtype="object", na_value=None).tolist()
    found: list[Any] = array.tolist()
    return [None if value is pd.NA else value for value in found] if array.dtype == object else found


def ratio(part: Any, whole: Any) -> float | None:
    """One over the other, as ``toolkit.metrics`` has it: None where either is missing or the whole is not positive."""
    return None if part is None or whole is None or not whole > 0 else float(part) / float(whole)
