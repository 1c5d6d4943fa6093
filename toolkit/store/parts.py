"""The parquet files of a store: ``<table>/review_year=<year>/<name>.parquet``, rows sorted by ministry and sheet.

Editions that are not preferred lie apart, below ``editions/``, so that whoever reads a table's folder with another
program counts nothing twice. Every table has ``sheet_ministry`` beside its own columns. Since rows are sorted, a
reader finds the row groups of a ministry or a sheet by their statistics and leaves the others alone.
"""

from __future__ import annotations

import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from toolkit.dataset import Dataset
from toolkit.errors import StoreError
from toolkit.schema import Table
from toolkit.store.manifest import Year
from toolkit.tables import SHEET_TABLES, TABLES

__all__ = [
    "MINISTRY",
    "add_table",
    "metadata",
    "read_part",
    "read_rows",
    "without_threads",
    "write_table",
    "write_year",
]

MINISTRY = "sheet_ministry"
_may_thread = True
#: rows that are read together at least; small enough that one sheet's rows are found fast
_ROW_GROUP = 1024


def write_year(store: Path, year: int, dataset: Dataset, name: str) -> Year:
    """Write what was read from the sheets of one review year, all editions; what the manifest says of it."""
    told = Year()
    for table in SHEET_TABLES:
        add_table(store, told, year, table, dataset[table], dataset["sheets"], name)
    return told


def add_table(
    store: Path, told: Year, year: int, table: str, frame: pd.DataFrame, sheets: pd.DataFrame, name: str
) -> None:
    """Write the rows that the ``sheets`` of one review year have in one table, and note it."""
    is_other = sheets["edition_of"].notna()
    for folder, chosen, places in (
        ("", sheets[~is_other], told.preferred),
        ("editions", sheets[is_other], told.others),
    ):
        order = chosen[["sheet_id", "ministry"]].fillna({"ministry": ""}).sort_values(["ministry", "sheet_id"])
        rows = _sorted(TABLES[table], frame, order)
        if len(rows):
            place = Path(folder, table, f"review_year={year}", f"{name}.parquet")
            write_table(store / place, rows)
            places[table] = place.as_posix()
            if not folder:
                told.rows[table] = len(rows)


def _sorted(table: Table, frame: pd.DataFrame, order: pd.DataFrame) -> pa.Table:
    """The rows of the sheets in ``order``, in that order, with their ministry and without the review year."""
    rows = pa.table({c.name: pa.array(frame[c.name], c.arrow_type, from_pandas=True) for c in table.columns})
    place = pc.index_in(rows["sheet_id"], value_set=pa.array(order["sheet_id"], pa.large_string())).combine_chunks()
    if place.null_count:
        kept = place.is_valid()
        rows, place = rows.filter(kept), place.filter(kept)
    at = place.to_numpy()
    by = np.argsort(at, kind="stable")
    if not np.array_equal(by, np.arange(len(by))):
        rows = rows.take(pa.array(by))
    if "review_year" in rows.column_names:  # the folder says it
        rows = rows.drop_columns("review_year")
    ministry = pa.array(order["ministry"], pa.string()).dictionary_encode().take(pa.array(at[by]))
    return rows.append_column(MINISTRY, ministry)


def write_table(path: Path, rows: pa.Table) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    os.close(handle)
    pq.write_table(rows, temporary, row_group_size=_ROW_GROUP, compression="zstd", compression_level=1)
    Path(temporary).replace(path)


def read_part(
    store: Path,
    table: Table,
    places: Sequence[str],
    keep: Mapping[str, Sequence[str]] | None = None,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The rows of the files of one table, in the order of the files; what is not among ``columns`` is <NA>.

    ``keep`` gives by column (``sheet_id``, ``sheet_ministry``) the values that are wanted. Row groups that hold none of them are
    not read: Arrow's own datasets do the same in four times the time where files are many and rows are few.
    """
    parts = []
    try:
        for place in places:
            rows = read_rows(store / place, keep, columns)
            if len(rows):
                if "review_year" in table.names:
                    year = pa.scalar(int(Path(place).parent.name.removeprefix("review_year=")), pa.int16())
                    rows = rows.append_column("review_year", pa.repeat(year, len(rows)))
                parts.append(rows)
    except FileNotFoundError as error:
        raise StoreError(f"{store.name}: the store was built again since it was opened; load it again") from error
    if not parts:
        return table.empty()
    whole = pa.concat_tables(parts)
    return table.from_arrow(dict(zip(whole.column_names, whole.columns, strict=True)), len(whole))


def read_rows(
    path: Path, keep: Mapping[str, Sequence[str]] | None = None, columns: Sequence[str] | None = None
) -> pa.Table:
    """The rows of one file with the values in ``keep``; what was opened once stays open, also in forks of the process."""
    file = _open(path)
    if not keep:
        return file.parquet.read(columns, use_threads=_may_thread)
    chosen = {name: sorted(values) for name, values in keep.items()}
    groups = file.groups(chosen)
    wanted = None if columns is None else list({*columns, *chosen})
    rows = file.parquet.read_row_groups(groups, wanted, use_threads=_may_thread and len(groups) > 32)
    for name, values in chosen.items():
        rows = rows.filter(pc.is_in(rows[name].cast(pa.large_string()), value_set=pa.array(values, pa.large_string())))
    return rows


@contextmanager
def without_threads() -> Iterator[None]:
    """Reading starts no thread as long as this is open: a process that is to be forked must have none."""
    global _may_thread
    before, _may_thread = _may_thread, False
    try:
        yield
    finally:
        _may_thread = before


def metadata(path: Path) -> dict[bytes, bytes]:
    """What a file says of itself, beside its rows."""
    return _open(path).parquet.schema_arrow.metadata or {}


class _File:
    """An open file with the least and the greatest value of each row group, of the columns that are looked for."""

    def __init__(self, path: str) -> None:
        self.parquet = pq.ParquetFile(pa.memory_map(path), pre_buffer=False)  # which would start a thread
        self._bounds: dict[str, list[tuple[str, str] | None]] = {}

    def groups(self, keep: Mapping[str, list[str]]) -> list[int]:
        """The row groups that may hold one of the sorted values of every column in ``keep``."""
        bounds = [(self.bounds(name), values) for name, values in keep.items()]
        return [
            group
            for group in range(self.parquet.metadata.num_row_groups)
            if all(_may_hold(known[group], values) for known, values in bounds)
        ]

    def bounds(self, name: str) -> list[tuple[str, str] | None]:
        if name not in self._bounds:
            about = self.parquet.metadata
            column = self.parquet.schema.names.index(name)
            found = (about.row_group(group).column(column).statistics for group in range(about.num_row_groups))
            self._bounds[name] = [(one.min, one.max) if one is not None and one.has_min_max else None for one in found]
        return self._bounds[name]


def _open(path: Path) -> _File:
    state = path.stat()
    return _opened(str(path), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1024)
def _opened(path: str, _changed: int, _size: int) -> _File:
    """Opened once per process, and for all its forks: what a file says of itself takes longer to read than a sheet's rows."""
    return _File(path)


def _may_hold(bounds: tuple[str, str] | None, values: list[str]) -> bool:
    """Whether one of the sorted values can lie within the bounds of a row group."""
    if bounds is None:
        return True
    place = bisect_left(values, bounds[0])
    return place < len(values) and values[place] <= bounds[1]
