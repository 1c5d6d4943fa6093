"""The rows of one RS System file: cells as text, numbers and flags, whole columns at once, and as rows of a table.

Every function works on Arrow arrays; a blank cell, or one that only prints a dash, is null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit import text
from toolkit.readers.rs_system.columns import KINDS, LINE_BREAKS
from toolkit.tables import SHEET_TABLES

__all__ = ["Bulk", "Rows", "codes", "counted", "first", "join_words", "joined", "mapped", "number", "part"]

_NOTHING = rf"^(?:[{text.DASHES.replace('-', '')}-]{{1,3}}|ー|/|／|記入不要|)$"
_ALNUM = "0-9A-Za-z０-９Ａ-Ｚａ-ｚ"
_TRUE, _FALSE = pa.array(["TRUE", "true", "True", "t", "1"]), pa.array(["FALSE", "false", "False", "f", "0"])


@dataclass(frozen=True)
class Rows:
    """Rows of one file. ``sheet`` is the position of each row's sheet, ``row`` its number in the file (header = 1).

    ``leftovers`` gathers the cells that found no column or could not be read, for the table ``residue``.
    """

    kind: str
    table: pa.Table
    sheet: np.ndarray
    row: np.ndarray
    leftovers: list[dict[str, pa.Array | np.ndarray]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sheet)

    def where(self, mask: np.ndarray | pa.Array) -> Rows:
        """Some of the rows: by a mask, or by their positions."""
        chosen = mask.to_numpy(zero_copy_only=False) if isinstance(mask, pa.Array) else mask
        if chosen.dtype != bool:
            return replace(self, table=self.table.take(chosen), sheet=self.sheet[chosen], row=self.row[chosen])
        if chosen.all():
            return self
        return replace(self, table=self.table.filter(pa.array(chosen)), sheet=self.sheet[chosen], row=self.row[chosen])

    def raw(self, key: str) -> pa.Array:
        """A column as it stands in the file; all null where the file has no such column."""
        if key not in self.table.column_names:
            return pa.nulls(len(self), pa.string())
        column = self.table.column(key)
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()

    def filled(self, *keys: str) -> np.ndarray:
        """True where one of the columns has a value."""
        result = np.zeros(len(self), dtype=bool)
        for key in keys:
            result |= self.text(key).is_valid().to_numpy(zero_copy_only=False)
        return result

    def text(self, key: str) -> pa.Array:
        """A column without surrounding white space, ／ as line break where it replaced one."""
        column = self.raw(key)
        if column.null_count == len(column):
            return column
        column = pc.utf8_trim_whitespace(column)
        if self.kind == "1-4":  # the apostrophe that made a spreadsheet take 1/2 for text
            column = pc.replace_substring_regex(column, "^'", "")
        if key in LINE_BREAKS.get(self.kind, ()):
            column = _with_line_breaks(column)
        is_nothing = pc.match_substring_regex(column, _NOTHING)
        return pc.if_else(is_nothing, pa.scalar(None, pa.string()), column) if pc.any(is_nothing).as_py() else column

    def integer(self, key: str) -> pa.Array:
        """A column of whole numbers, yen or years among them; what is no number becomes a leftover."""
        return self._number(key, pa.int64())

    def decimal(self, key: str) -> pa.Array:
        """A column of numbers; what is no number becomes a leftover."""
        return self._number(key, pa.float64())

    def percent(self, key: str) -> pa.Array:
        """A column of percentages as ratios. 0 is no rate: the RS System stores it where none was typed.

        5-1 names no unit: were none of its values above 1.5, they would be ratios already.
        """
        values = self.decimal(key)
        highest = pc.max(values).as_py() or 0.0
        ratio = pc.divide(values, 100.0 if highest > 1.5 else 1.0)
        return pc.if_else(pc.equal(ratio, 0.0), pa.scalar(None, pa.float64()), ratio)

    def flag(self, key: str) -> pa.Array:
        """A column of TRUE, t or 1 and FALSE, f or 0."""
        column = self.text(key)
        yes, no = pc.is_in(column, value_set=_TRUE), pc.is_in(column, value_set=_FALSE)
        self._leave(key, column, pc.and_(column.is_valid(), pc.invert(pc.or_(yes, no))), "neither true nor false")
        return pc.if_else(yes, True, pc.if_else(no, False, pa.scalar(None, pa.bool_())))

    def ref(self) -> pa.Array:
        """Where each row stands: "2-1 row 123"."""
        return pc.binary_join_element_wise(pa.scalar(f"{self.kind} row "), pa.array(self.row).cast(pa.string()), "")

    def _number(self, key: str, dtype: pa.DataType) -> pa.Array:
        column = self.text(key)
        values = number(column, dtype)
        self._leave(key, column, pc.and_(column.is_valid(), values.is_null()), "not a number")
        return values

    def _leave(self, key: str, column: pa.Array, mask: pa.Array, reason: str) -> None:
        odd = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
        if len(odd):
            rows = self.where(odd)
            self.leftovers.append(part(rows, text=rows._labelled(key, column.take(odd)), reason=reason))

    def leave(self, mask: np.ndarray, reason: str) -> None:
        """Give up some whole rows: what they say goes to the residue."""
        if mask.any():
            rows = self.where(mask)
            words = join_words([rows._labelled(key, rows.text(key)) for key in rows.table.column_names], " | ")
            self.leftovers.append(part(rows, text=words, reason=reason))

    def _labelled(self, key: str, column: pa.Array) -> pa.Array:
        """Cells with the official header before them."""
        return pc.binary_join_element_wise(pa.scalar(KINDS[self.kind].get(key, key)), column, ": ")


def _with_line_breaks(column: pa.Array) -> pa.Array:
    """／ back to the line break it replaced, unless it stands between two letters or digits (１／２, ＰＰＰ／ＰＦＩ)."""
    mask = pc.fill_null(pc.match_substring(column, "／"), False)
    some = column.filter(mask)
    if not len(some):
        return column
    for _ in range(2):  # twice, since in １／２／３ the finds overlap
        some = pc.replace_substring_regex(some, f"([{_ALNUM}])／([{_ALNUM}])", "\\1\x00\\2")
    some = pc.replace_substring(pc.replace_substring(some, "／", "\n"), "\x00", "／")
    return pc.replace_with_mask(column, mask, pc.utf8_trim_whitespace(some))


def number(column: pa.Array, dtype: pa.DataType) -> pa.Array:
    """Text as numbers; null where it is none. Whole numbers may print decimals of zero (12000000.0)."""
    whole = pa.types.is_integer(dtype)
    plain = r"^[+-]?[0-9]{1,18}(?:\.0*)?$" if whole else r"^[+-]?[0-9]{1,15}(?:\.[0-9]*)?$"
    is_plain = pc.match_substring_regex(column, plain)
    usual = pc.if_else(is_plain, column, pa.scalar(None, pa.string()))
    values = pc.cast(pc.replace_substring_regex(usual, r"\.0*$", "") if whole else usual, dtype)
    odd = pc.fill_null(pc.invert(is_plain), False)
    if not pc.any(odd).as_py():
        return values
    # full-width digits, thousands commas, ▲: a few cells of a hundred thousand, each different one read once
    distinct = column.filter(odd).dictionary_encode()
    read = [text.parse_number(value) for value in distinct.dictionary.to_pylist()]
    known = pa.array(
        [None if n is None or (whole and n != int(n)) else (int(n) if whole else float(n)) for n in read], dtype
    )
    return pc.replace_with_mask(values, odd, known.take(distinct.indices))


# -- groups of rows
def codes(*columns: pa.Array | np.ndarray) -> np.ndarray:
    """One number per distinct combination of the columns' values, in the order of first appearance; null is a value."""
    result = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        values = pd.factorize(column)[0] if isinstance(column, np.ndarray) else _codes(column)
        result = pd.factorize(result * (int(values.max(initial=0)) + 2) + values + 1)[0]
    return result


def _codes(column: pa.Array) -> np.ndarray:
    if pa.types.is_null(column.type) or column.null_count == len(column):
        return np.full(len(column), -1)
    return column.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")


def counted(group: np.ndarray) -> np.ndarray:
    """The running number of each row within its group, from 1, in the order of the rows."""
    return pd.Series(group).groupby(group).cumcount().to_numpy() + 1


def first(group: np.ndarray) -> np.ndarray:
    """The positions of the first row of each group, in the order of the rows."""
    return np.flatnonzero(~pd.Series(group).duplicated().to_numpy())


def joined(group: np.ndarray, values: pa.Array, groups: int, separator: str) -> pa.Array:
    """Per group (0 … ``groups`` - 1) its different values in their order, joined; null where it has none."""
    kept = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
    kept = kept[first(codes(group[kept], values.take(kept)))]
    kept = kept[np.argsort(group[kept], kind="stable")]
    offsets = np.searchsorted(group[kept], np.arange(groups + 1)).astype("int32")
    lists = pa.ListArray.from_arrays(pa.array(offsets), values.take(kept).cast(pa.string()))
    words = pc.binary_join(lists, separator)
    return pc.if_else(pc.equal(words, ""), pa.scalar(None, pa.string()), words)


def join_words(parts: Sequence[pa.Array], separator: str) -> pa.Array:
    """The columns of each row joined, blanks left out; null where all are blank."""
    words = parts[0].cast(pa.string())
    for following in parts[1:]:
        following = following.cast(pa.string())
        # not null_handling="skip" of Arrow's own join: it loses rows whose parts are all null (pyarrow 26)
        words = pc.coalesce(pc.binary_join_element_wise(words, following, separator), words, following)
    return words


def mapped(column: pa.Array, function: Callable[[str], str | None]) -> pa.Array:
    """A function of text applied once to each different value."""
    if column.null_count == len(column):
        return pa.nulls(len(column), pa.string())
    distinct = column.dictionary_encode()
    return pa.array([function(value) for value in distinct.dictionary.to_pylist()], pa.string()).take(distinct.indices)


# -- tables of the toolkit
def part(rows: Rows, **columns: Any) -> dict[str, pa.Array | np.ndarray]:
    """Columns of a table for these rows, with their sheet and place; a single value fills its column."""
    result = {"sheet": rows.sheet, "source_ref": rows.ref(), **columns}
    return {
        name: v if hasattr(v, "__len__") and not isinstance(v, str) else pa.repeat(v, len(rows))
        for name, v in result.items()
    }


@dataclass(frozen=True)
class Bulk:
    """All files that were given: the ids and review years of the sheets, and the rows of each kind of file."""

    ids: pa.Array
    years: np.ndarray
    files: Mapping[str, Rows]

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, kind: str) -> Rows:
        """The rows of one kind of file; none where it is missing."""
        return self.files.get(kind) or Rows(kind, pa.table({}), np.zeros(0, dtype="int64"), np.zeros(0, dtype="int64"))

    def table(
        self, name: str, *parts: Mapping[str, Any], within: Sequence[str] | None = None, certainty: str = "stated"
    ) -> pd.DataFrame:
        """Parts one after the other, sorted by sheet, as a frame of a table; a column that no part has is <NA>.

        ``within`` numbers the lines: the columns, besides the sheet, within which they start again at 1.
        """
        stacked = pa.concat_tables(
            [pa.table(dict(one)) for one in parts], promote_options="permissive"
        ).combine_chunks()
        sheet = stacked["sheet"].to_numpy()
        order = np.argsort(sheet, kind="stable")
        if not np.array_equal(order, np.arange(len(order))):
            stacked, sheet = stacked.take(order), sheet[order]
        columns = {key: stacked[key] for key in stacked.column_names if key != "sheet"}
        if within is not None:
            columns["line"] = counted(codes(sheet, *(columns[key].combine_chunks() for key in within)))
        columns |= {"sheet_id": self.ids.take(pa.array(sheet)), "certainty": pa.repeat(certainty, len(sheet))} | columns
        if unknown := columns.keys() - SHEET_TABLES[name].dtypes.keys():
            raise KeyError(f"table {name} has no column {min(unknown)}")
        arrays = {key: pa.array(v) if isinstance(v, np.ndarray) else v for key, v in columns.items()}
        return SHEET_TABLES[name].from_arrow(arrays, len(sheet))
