"""The tables and their columns, declared once.

Validation, empty frames, DuckDB views, the data dictionary, plot labels and the Data Package all come from
the declarations in ``tables.py``, built from the two classes of this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa

from toolkit.errors import SchemaError

__all__ = ["CERTAINTIES", "Column", "Table"]

#: stated: read where the form puts it; solved: settled by the sheet's own arithmetic; unsettled: best reading only
CERTAINTIES = ("stated", "solved", "unsettled")

_SQL = {
    "string": "VARCHAR",
    "Int64": "BIGINT",
    "Int16": "SMALLINT",
    "Float64": "DOUBLE",
    "boolean": "BOOLEAN",
}
_ARROW = {
    "string": pa.large_string(), "Int64": pa.int64(), "Int16": pa.int16(), "Float64": pa.float64(), "boolean": pa.bool_(),
}  # fmt: skip
_PANDAS: dict[str, Any] = {
    "string": pd.StringDtype("pyarrow"), "Int64": pd.Int64Dtype(), "Int16": pd.Int16Dtype(), "Float64": pd.Float64Dtype(),
    "boolean": pd.BooleanDtype(),
}  # fmt: skip
_NONE = type(None)
#: the types of plain values that need no conversion
_PLAIN: dict[str, set[type]] = {
    "string": {str, _NONE}, "Int64": {int, _NONE}, "Int16": {int, _NONE}, "Float64": {float, int, _NONE}, "boolean": {bool, _NONE},
}  # fmt: skip
#: what no integer of these types reaches
_LIMITS = {"Int64": 2**63, "Int16": 2**15, "Float64": 2**63}
_MASKED: dict[str, tuple[Any, str]] = {
    "Int64": (pd.arrays.IntegerArray, "int64"), "Int16": (pd.arrays.IntegerArray, "int16"),
    "Float64": (pd.arrays.FloatingArray, "float64"), "boolean": (pd.arrays.BooleanArray, "bool"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``dtype`` is a nullable pandas dtype, ``unit`` is "yen", "ratio", "fiscal year" or "".

    ``ja`` and ``en`` label it in displays and plots; ``allowed`` lists the only values besides <NA>.
    """

    name: str
    dtype: str
    ja: str
    en: str
    unit: str = ""
    note: str = ""
    allowed: tuple[str, ...] = ()
    required: bool = False

    @property
    def sql_type(self) -> str:
        return _SQL[self.dtype]

    @property
    def arrow_type(self) -> pa.DataType:
        return _ARROW[self.dtype]

    def label(self, language: str = "en") -> str:
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True)
class Table:
    """One table: ``grain`` says what a row is, ``key`` which columns identify it."""

    name: str
    ja: str
    en: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def __hash__(self) -> int:
        return hash(self.name)  # the columns are many, and caches ask for every table of every sheet

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def dtypes(self) -> dict[str, str]:
        return {column.name: column.dtype for column in self.columns}

    def label(self, language: str = "en") -> str:
        return self.ja if language == "ja" else self.en

    def empty(self) -> pd.DataFrame:
        """A frame with no rows and the right columns and dtypes."""
        return _empty(self).copy(deep=False)

    def from_arrow(self, columns: Mapping[str, pa.Array | pa.ChunkedArray], length: int) -> pd.DataFrame:
        """Arrow columns of ``length`` rows as a frame in declared order and dtypes, values not checked; one that is missing is <NA>."""
        data = {}
        for column in self.columns:
            values = columns.get(column.name)
            if values is None:
                values = pa.nulls(length, column.arrow_type)
            elif isinstance(values, pa.ChunkedArray):
                values = values.combine_chunks()
            data[column.name] = _PANDAS[column.dtype].__from_arrow__(values.cast(column.arrow_type))
        return pd.DataFrame(data, copy=False)

    def frame(self, rows: list[dict[str, object]]) -> pd.DataFrame:
        """Rows as a validated frame; a missing column is <NA>, an unknown one an error.

        Says the same as ``validate``, in plain Python before the frame is built: one sheet has many tables of few rows,
        where pandas' own overhead would dominate.
        """
        self.check(rows)
        return self.build(rows)

    def check(self, rows: list[dict[str, object]]) -> bool:
        """Refuse the rows that ``frame`` refuses for what they say; True where ``build`` will not refuse them either."""
        if not rows:
            return True
        blank, present = _blank(self), set().union(*rows)
        if unknown := present.difference(blank):
            self._refuse_unknown(list(unknown))
        columns = dict(zip(blank, zip(*[(blank | row).values() for row in rows], strict=True), strict=True))
        keys = list(zip(*[columns[name] for name in self.key], strict=True))
        if len(set(keys)) < len(keys):
            doubled = next(key for key in keys if keys.count(key) > 1)
            self._refuse_doubled(dict(zip(self.key, doubled, strict=True)), keys.count(doubled))
        fits = True
        texts: list[Any] = []
        for column, plain, allowed in _rules(self):
            if column.name not in present and not column.required:
                continue
            values = columns[column.name]
            kinds = set(map(type, values))
            if column.required and _NONE in kinds:
                self._refuse_missing(column, values.index(None))
            is_plain = kinds <= plain
            if allowed and not (is_plain and allowed.issuperset(values)):
                for value in values:
                    if value is not None and value not in column.allowed:
                        self._refuse_value(column, value)
            if not is_plain:
                fits = False
            elif str in kinds:
                texts += values
            elif int in kinds:
                limit, numbers = _LIMITS[column.dtype], [value for value in values if value is not None]
                fits = fits and -limit <= min(numbers) <= max(numbers) < limit
        return fits and _is_encodable("".join(filter(None, texts)))

    def build(self, rows: list[dict[str, object]]) -> pd.DataFrame:
        """The frame of rows that were checked."""
        if not rows:
            return self.empty()
        data = []
        for column in self.columns:
            try:
                data.append(_array([row.get(column.name) for row in rows], column.dtype))
            except (TypeError, ValueError, OverflowError) as error:
                raise SchemaError(f"table {self.name}, column {column.name}: {error}") from error
        return _assemble(_names(self).view(), data, len(rows))

    def validate(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``frame`` in declared order and dtypes, or a SchemaError that names column and value.

        Missing optional columns are added as <NA>; unknown columns, missing keys, doubled keys and values
        outside ``allowed`` are refused.
        """
        extra = [name for name in frame.columns if name not in self.names]
        if extra:
            self._refuse_unknown(extra)
        columns = {}
        for column in self.columns:
            if column.name in frame.columns:
                try:
                    columns[column.name] = frame[column.name].astype(column.dtype)
                except (TypeError, ValueError, OverflowError) as error:
                    raise SchemaError(f"table {self.name}, column {column.name}: {error}") from error
            else:
                columns[column.name] = pd.Series(pd.NA, index=frame.index, dtype=column.dtype)
        result = pd.DataFrame(columns, columns=self.names, index=frame.index)
        for column in self.columns:
            values = result[column.name]
            if column.required and values.isna().any():
                self._refuse_missing(column, int(values.isna().to_numpy().argmax()))
            if column.allowed and len(wrong := values[values.notna() & ~values.isin(column.allowed)]):
                self._refuse_value(column, wrong.iloc[0])
        doubled = result.duplicated(list(self.key), keep=False)
        if doubled.any():
            self._refuse_doubled(result.loc[doubled, list(self.key)].iloc[0].to_dict(), int(doubled.sum()))
        return result

    def _refuse_unknown(self, names: list[str]) -> NoReturn:
        raise SchemaError(f"table {self.name}: unknown column {min(names)!r}; it has {', '.join(self.names)}")

    def _refuse_doubled(self, key: dict[str, object], rows: int) -> NoReturn:
        raise SchemaError(f"table {self.name}: the key {key} stands on {rows} rows")

    def _refuse_missing(self, column: Column, row: int) -> NoReturn:
        raise SchemaError(f"table {self.name}, column {column.name}: row {row} has no value")

    def _refuse_value(self, column: Column, value: object) -> NoReturn:
        raise SchemaError(
            f"table {self.name}, column {column.name}: found {value!r}, expected one of {', '.join(column.allowed)}"
        )


@cache
def _blank(table: Table) -> dict[str, object]:
    """A row without values; not to be changed."""
    return dict.fromkeys(table.names)


@cache
def _rules(table: Table) -> list[tuple[Column, set[type], frozenset[object]]]:
    """Every column with the types of its plain values and, where it has such, the only values it may have."""
    return [(one, _PLAIN[one.dtype], frozenset((None, *one.allowed) if one.allowed else ())) for one in table.columns]


def _is_encodable(text: str) -> bool:
    """Whether a text file can hold the text: it can hold no half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@cache
def _names(table: Table) -> pd.Index:
    return _empty(table).columns


@cache
def _empty(table: Table) -> pd.DataFrame:
    return pd.DataFrame({c.name: pd.Series([], dtype=c.dtype) for c in table.columns})


def _array(values: list[Any], dtype: str) -> pd.api.extensions.ExtensionArray:
    """A nullable array. Built from plain values several times faster than by pandas, which is left what they refuse."""
    kinds = set(map(type, values))
    try:
        if kinds <= _PLAIN[dtype]:
            if dtype == "string":
                return pd.arrays.ArrowStringArray(pa.array(values, _ARROW[dtype]))
            build, numpy_type = _MASKED[dtype]
            if _NONE not in kinds:
                plain, mask = np.array(values, dtype=numpy_type), np.zeros(len(values), dtype=bool)
            else:
                mask = np.array([value is None for value in values])
                plain = np.array([0 if value is None else value for value in values], dtype=numpy_type)
            return build(plain, mask | np.isnan(plain) if dtype == "Float64" else mask)
        if dtype not in ("Int64", "Int16"):
            return _PANDAS[dtype].__from_arrow__(pa.array(values, _ARROW[dtype], from_pandas=True))
    except (TypeError, ValueError, OverflowError):
        pass
    return pd.array(values, dtype=_PANDAS[dtype])


def _assemble(names: pd.Index, columns: Iterable[pd.api.extensions.ExtensionArray], length: int) -> pd.DataFrame:
    """A frame of arrays that are known to fit; pandas' public way checks each anew, at four times the cost."""
    make = getattr(pd.DataFrame, "_from_arrays", None)
    index = pd.RangeIndex(length)
    if make is None:  # not a promise of pandas
        return pd.DataFrame(dict(zip(names, columns, strict=True)), index=index, copy=False)
    return make(list(columns), columns=names, index=index, verify_integrity=False)
