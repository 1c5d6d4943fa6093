"""The entries of one list over all records (予算, 支出先, アウトカム …), a column at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from toolkit import text
from toolkit.readers.rs_system.rows import Rows

__all__ = ["Items", "listed", "strings"]


@dataclass(frozen=True)
class Items:
    """Entries with the position of their sheet and their place in its list, from 1.

    ``leftovers`` gathers what could not be read: sheet, place, text, reason.
    """

    key: str
    values: list[dict[str, Any]]
    sheet: np.ndarray
    place: np.ndarray
    wheres: pa.Array
    leftovers: list[tuple[int, str, str, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.values)

    def get(self, name: str) -> list[Any]:
        return [value.get(name) for value in self.values]

    def where(self, mask: np.ndarray) -> Items:
        """Some of the entries, by a mask."""
        if mask.all():
            return self
        kept = [value for value, chosen in zip(self.values, mask.tolist(), strict=True) if chosen]
        return Items(self.key, kept, self.sheet[mask], self.place[mask], self.wheres, self.leftovers)

    def numbers(self, name: str) -> np.ndarray:
        """A column as floats, NaN for null; what is no number becomes a leftover."""
        values = self.get(name)
        try:
            return np.array(values, dtype=float)
        except (TypeError, ValueError, OverflowError):
            result = np.full(len(values), np.nan)
        for i, value in enumerate(values):
            number = value if isinstance(value, int | float) else text.parse_number(value)
            try:
                result[i] = np.nan if number is None else float(number)
            except OverflowError:
                number = None
            if number is None and not text.is_nothing(value):
                self.leave(i, f"{name}: {value}", "not a number")
        return result

    def ref(self) -> pa.Array:
        """Where each entry stands: "line 12 予算 3"."""
        where = self.wheres.take(pa.array(self.sheet))
        return pc.utf8_trim_whitespace(
            pc.binary_join_element_wise(where, self.key, pa.array(self.place).cast(pa.string()), " ")
        )

    def leave(self, row: int, said: str, reason: str) -> None:
        """Put on record what one entry says and no table takes."""
        where = self.wheres[int(self.sheet[row])].as_py()
        self.leftovers.append((int(self.sheet[row]), f"{where} {self.key} {self.place[row]}".strip(), said, reason))


def listed(parents: Sequence[dict[str, Any]], wheres: pa.Array, key: str) -> Items:
    """The entries of the list ``key`` of all records; null counts as empty."""
    values, sheet, place, leftovers = [], [], [], []
    for position, parent in enumerate(parents):
        entries = parent.get(key) or ()
        if not isinstance(entries, list | tuple):
            entries = [entries]
        for number, entry in enumerate(entries, start=1):
            if isinstance(entry, dict):
                values.append(entry)
                sheet.append(position)
                place.append(number)
            else:
                leftovers.append(
                    (position, f"{wheres[position].as_py()} {key} {number}".strip(), str(entry), "not an entry")
                )
    return Items(key, values, np.array(sheet, dtype="int64"), np.array(place, dtype="int64"), wheres, leftovers)


def strings(values: Sequence[Any]) -> pa.Array:
    """Text without surrounding white space; null for a blank or a dash."""
    try:
        column = pa.array(values, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        column = pa.array([None if value is None else str(value) for value in values], pa.string())
    nothing = np.zeros(len(column), dtype="int64")
    return Rows("", pa.table({"text": column}), nothing, nothing).text("text")
