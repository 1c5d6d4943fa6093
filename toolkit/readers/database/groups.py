"""Groups of columns as rows: one row per sheet and place (year, block and rank, indicator …), a column per field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from toolkit import text
from toolkit.readers.database.headers import Place
from toolkit.readers.database.workbook import Tab
from toolkit.readers.rs_system.rows import Bulk, Rows, mapped, number, part

__all__ = ["Groups", "TabRows"]

#: groups with one row per place; a second column of the same name has no place in them
_SINGLE = (
    "sheet",
    "budgets",
    "recipients",
    "costs",
    "cost_totals",
    "contracts",
    "no_number",
    "activities",
    "self_check",
    "kpi",
)
#: groups whose places are named, not numbered: they keep the order of the header
_AS_PRINTED = ("evaluations", "self_check")
_PERCENT = r"\s*[%％]$"


class TabRows(Rows):
    """Rows of one tab. ``row`` is the row in the workbook; the place within the sheet stands in ``slot``."""

    def ref(self) -> pa.Array:
        """Where each row stands: "Sheet1!row 123"."""
        return pc.binary_join_element_wise(pa.scalar(f"{self.kind}!row"), pa.array(self.row).cast(pa.string()), " ")

    def where(self, mask: np.ndarray | pa.Array) -> TabRows:
        return cast(TabRows, super().where(mask))

    def slot(self, position: int) -> pa.Array:
        return self.raw(f"slot {position}")

    def million(self, key: str) -> np.ndarray:
        """Amounts in million yen, NaN for none; what is no amount becomes a leftover."""
        column = self.text(key)
        values = number(column, pa.float64())
        odd = pc.and_(column.is_valid(), values.is_null())
        if pc.any(odd).as_py():  # 1,234百万円, 5千円
            said = mapped(
                column.filter(odd), lambda one: None if (yen := text.parse_amount(one)) is None else str(yen / 1e6)
            )
            values = pc.replace_with_mask(values, odd, pc.cast(said, pa.float64()))
            self._leave(key, column, pc.and_(column.is_valid(), values.is_null()), "not an amount")
        return values.to_numpy(zero_copy_only=False)

    def ratio(self, key: str, expected: np.ndarray | None = None) -> pa.Array:
        """Rates as ratios: 97% is 0.97. A cell with a percent format stores 0.97, one without it 97; of these two the
        one nearer to ``expected`` is taken, and where nothing is expected 97 for more than 2."""
        column = self.text(key)
        if column.null_count == len(column):
            return pa.nulls(len(column), pa.float64())
        values = number(pc.replace_substring_regex(column, _PERCENT, ""), pa.float64())
        self._leave(key, column, pc.and_(column.is_valid(), values.is_null()), "not a rate")
        printed = values.to_numpy(zero_copy_only=False)
        is_percent = pc.fill_null(pc.match_substring_regex(column, _PERCENT), False).to_numpy(zero_copy_only=False)
        is_percent |= printed > 2
        if expected is not None:
            nearer = np.abs(printed / 100 - expected) < np.abs(printed - expected)
            is_percent = np.where(np.isnan(expected), is_percent, is_percent | nearer)
        return pa.array(np.round(np.where(is_percent, printed / 100, printed), 9), mask=np.isnan(printed))

    def _labelled(self, key: str, column: pa.Array) -> pa.Array:
        """Cells with the name of their field before them."""
        return pc.binary_join_element_wise(pa.scalar(key), column, ": ")

    def leave_words(self, mask: np.ndarray, keys: tuple[str, ...], reason: str) -> None:
        """Put some rows on record that no table takes."""
        for key in keys:
            some = self.where(mask & self.filled(key))
            if len(some):
                self.leftovers.append(part(some, text=some.text(key), reason=reason))


def _order(slot: tuple[int | str, ...]) -> list[tuple[int, int | str]]:
    """Numbers by size; blocks A … Z, AA …"""
    return [(len(one), one) if isinstance(one, str) else (0, one) for one in slot]


@dataclass
class Groups:
    """The cells of one tab, ready to be had group by group. ``sheet_of`` maps rows of the tab to sheets (-1: none)."""

    tab: Tab
    places: Mapping[int, Place | None]
    sheet_of: np.ndarray
    leftovers: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        width = max(self.tab.header, default=0) + 1
        names = sorted({place.group for place in self.places.values() if place})
        self._number = {name: i for i, name in enumerate(names)}
        group_of = np.full(width, -1, dtype="int16")
        self._columns: dict[str, list[tuple[int, Place]]] = {name: [] for name in names}
        self.unknown: list[int] = []
        for column, place in self.places.items():
            if place is None or (place.group in _SINGLE and place.slot[-1] != 1):
                self.unknown.append(column)
            else:
                group_of[column] = self._number[place.group]
                self._columns[place.group].append((column, place))
        inside = (self.tab.column < width) & (self.sheet_of[self.tab.row] >= 0)
        self._inside = inside
        self._group = np.where(inside, group_of[np.minimum(self.tab.column, width - 1)], -1)
        self._texts = self.tab.texts.combine_chunks()

    def fields(self, group: str) -> list[str]:
        """The fields of a group, in the order of the header."""
        return list(dict.fromkeys(place.field for _, place in self._columns.get(group, ())))

    def rows(self, group: str) -> TabRows:
        """One row per sheet and place that has a cell, sorted; the place's parts as columns ``slot 0`` …"""
        columns = self._columns.get(group, [])
        slots = list(dict.fromkeys(place.slot for _, place in columns))
        if group not in _AS_PRINTED:
            slots.sort(key=_order)
        fields = self.fields(group)
        slot_no, field_no = {slot: i for i, slot in enumerate(slots)}, {name: i for i, name in enumerate(fields)}
        width = max((column for column, _ in columns), default=0) + 1
        slot_of, field_of = np.zeros(width, dtype="int64"), np.zeros(width, dtype="int16")
        for column, place in columns:
            slot_of[column], field_of[column] = slot_no[place.slot], field_no[place.field]
        mine = np.flatnonzero(self._group == self._number.get(group, -2))
        own, row = self.tab.column[mine], self.tab.row[mine].astype("int64")
        keys, at = np.unique(row * max(len(slots), 1) + slot_of[own], return_inverse=True)
        row_no, slot_at = np.divmod(keys, max(len(slots), 1))
        table = {}
        for name in fields:
            chosen = field_of[own] == field_no[name]
            index = np.full(len(keys), -1, dtype="int64")
            index[at[chosen]] = self.tab.text[mine[chosen]]
            table[name] = self._texts.take(pa.array(index, mask=index < 0)).cast(pa.string())
        for i in range(len(slots[0]) if slots else 0):
            table[f"slot {i}"] = pa.array([slot[i] for slot in slots]).take(pa.array(slot_at))
        return TabRows(self.tab.name, pa.table(table), self.sheet_of[row_no], row_no, self.leftovers)

    def leave_unknown(self) -> None:
        """Columns that nothing is known of: once per kind of header, on the first sheet, with how much they hold."""
        kinds: dict[str, list[int]] = {}
        for column in self.unknown:
            kinds.setdefault(re.sub(r"\d+", "#", text.fold(self.tab.header[column])), []).append(column)
        filled = np.bincount(self.tab.column[self._inside], minlength=max(self.tab.header, default=0) + 1)
        for columns in kinds.values():
            cells = int(filled[columns].sum())
            if cells:
                reason = f"unknown column ({len(columns)} of this kind, {cells} cells)"
                self.leftovers.append({
                    "sheet": np.zeros(1, dtype="int64"), "source_ref": pa.array([f"{self.tab.name}!header"]),
                    "text": pa.array([self.tab.header[columns[0]]]), "reason": pa.array([reason]),
                })  # fmt: skip

    def residue(self, bulk: Bulk) -> dict[str, Any]:
        """The table ``residue``."""
        if not self.leftovers:
            return {}
        return {"residue": bulk.table("residue", *self.leftovers, within=(), certainty="unsettled")}
