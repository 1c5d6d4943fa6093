"""The parquet files of a store: ``<table>/review_year=<year>/<name>.parquet``, rows sorted by ministry and sheet.

Editions that are not preferred lie apart, below ``editions/``, so that whoever reads a table's folder with another
program counts nothing twice. Every table but ``sheets`` has ``sheet_ministry`` beside its own columns; row groups end where
a ministry does. So one review year, or one ministry, can be read alone.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from toolkit.dataset import Dataset
from toolkit.errors import StoreError
from toolkit.schema import Table
from toolkit.store.manifest import Year
from toolkit.tables import TABLES

__all__ = ["MINISTRY", "ministry_column", "read_part", "write_table", "write_year"]

MINISTRY = "sheet_ministry"
#: rows that are read together at least; small enough that one sheet's rows are found fast
_ROW_GROUP = 8192
_YEAR = pads.partitioning(pa.schema([("review_year", pa.int16())]), flavor="hive")


def write_year(store: Path, year: int, dataset: Dataset, name: str, rules: str) -> Year:
    """Write the rows of one review year, all editions; what the manifest says of them."""
    sheets = dataset["sheets"]
    is_other = sheets["edition_of"].notna().to_numpy()
    result = Year(rules, findings={k: int(n) for k, n in dataset["findings"]["severity"].value_counts().items()})
    for folder, chosen, places in (("", ~is_other, result.preferred), ("editions", is_other, result.others)):
        order = sheets[chosen].assign(ministry=sheets["ministry"].fillna("")).sort_values(["ministry", "sheet_id"])
        if order.empty:
            continue
        for table in TABLES.values():
            rows = _sorted(table, dataset[table.name], order)
            if len(rows):
                place = Path(folder, table.name, f"review_year={year}", f"{name}.parquet")
                write_table(store / place, rows)
                places[table.name] = place.as_posix()
                if not folder:
                    result.rows[table.name] = len(rows)
    return result


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
    if table.name == "sheets":
        return rows.drop_columns("review_year")
    ministry = pa.array(order["ministry"], pa.string()).dictionary_encode().take(pa.array(at[by]))
    return rows.append_column(MINISTRY, ministry)


def write_table(path: Path, rows: pa.Table) -> None:
    """Whole or not at all; a row group ends where a ministry does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    os.close(handle)
    column = ministry_column(rows.column_names)
    ends = [len(rows)]
    if column:
        codes = pc.rank(rows[column].cast(pa.string()), tiebreaker="dense").to_numpy()
        ends = [*(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(rows)]
    with pq.ParquetWriter(temporary, rows.schema, compression="zstd", compression_level=1) as writer:
        start = 0
        for end in ends:
            writer.write_table(rows.slice(start, end - start), row_group_size=_ROW_GROUP)
            start = end
    Path(temporary).replace(path)


def ministry_column(names: Sequence[str]) -> str:
    return MINISTRY if MINISTRY in names else "ministry" if "ministry" in names else ""


def read_part(store: Path, table: Table, places: Sequence[str], keep: pc.Expression | None = None) -> pd.DataFrame:
    """The rows of the files of one table that ``keep`` lets through, in the order of the files."""
    if not places:
        return table.empty()
    fields = [(c.name, c.arrow_type) for c in table.columns if c.name != "review_year"]
    schema = pa.schema([*fields, ("review_year", pa.int16()), (MINISTRY, pa.string())])
    try:
        found = pads.dataset([str(store / place) for place in places], schema=schema, partitioning=_YEAR)
        rows = found.to_table(columns=table.names, filter=keep)
    except FileNotFoundError as error:
        raise StoreError(f"{store.name}: the store was built again since it was opened; load it again") from error
    return table.from_arrow(dict(zip(rows.column_names, rows.columns, strict=True)), len(rows))
