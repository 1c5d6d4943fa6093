"""The store given back: as a Dataset of pandas tables, filtered on the way, or as DuckDB views."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from toolkit import paths
from toolkit.dataset import Dataset
from toolkit.errors import NotFoundError, UsageError
from toolkit.lineage import project_sheets
from toolkit.schema import Table
from toolkit.store.held import slices
from toolkit.store.manifest import Manifest, read_manifest
from toolkit.store.parts import MINISTRY, read_part
from toolkit.tables import SHEET_TABLES, SOURCES, TABLES

if TYPE_CHECKING:
    import duckdb

__all__ = ["connect", "load", "panel"]


class _Lazy(Mapping[str, pd.DataFrame]):
    """Tables that are read when they are first asked for."""

    def __init__(self, store: Path, places: Mapping[str, Sequence[str]], keep: Mapping[str, Sequence[str]]) -> None:
        self._store, self._places, self._keep = store, places, keep
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            self._read[name] = read_part(self._store, TABLES[name], self._places.get(name, ()), self._keep)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


def load(
    store: str | os.PathLike[str] | None = None,
    *,
    sheet_ids: str | Iterable[str] | None = None,
    project: str | None = None,
    review_years: int | Iterable[int] | None = None,
    ministries: str | Iterable[str] | None = None,
    tables: str | Iterable[str] | None = None,
    editions: str = "preferred",
) -> Dataset:
    """The panel that ``build`` made, or a part of it, as a Dataset; each table is read when it is first used.

    Parameters
    ----------
    store : folder of the store, default ``data/processed``; a folder of ``Dataset.write`` will do as well
    project : any sheet of a project: all sheets of its line over the years (see ``toolkit.lineage``), for ``Dataset.history``
    sheet_ids, review_years, ministries : one or several; only their rows are read from disk. ``ministries`` are the policy
        owners as in ``sheets``
    tables : names; the other tables are empty then
    editions : "preferred", one per sheet, or "all": the other sources' statements of a sheet have its id with their form
        behind an @, and name it in ``sheets.edition_of``. Sums over all editions count a sheet several times

    Rows are sorted by review year, ministry and sheet. Raises NotFoundError where there is no store, or it has no such
    sheet, year or ministry; UsageError for an unknown table or choice of editions.
    """
    if editions not in ("preferred", "all"):
        raise UsageError(f"editions must be 'preferred' or 'all', not {editions!r}")
    folder = paths.resolve(store) if store is not None else paths.data_processed()
    ids, owners, names = _several(sheet_ids), _several(ministries), _several(tables)
    years = [review_years] if isinstance(review_years, int) else None if review_years is None else list(review_years)
    for name in names or ():
        if name not in TABLES:
            raise UsageError(f"no table {name!r}; the tables are {', '.join(TABLES)}")
    if project is not None:
        line = project_sheets(load(folder, tables="links")["links"], project)
        ids = line if ids is None else [one for one in ids if one in line]
    if ids is not None and years is None and owners is None and editions == "preferred":
        held = slices(folder, ids, names)
        if held is not None:
            return held
    if next(folder.glob("*.parquet"), None) and not (folder / "manifest.json").is_file():
        return _flat(Dataset.read(folder), ids, years, owners, names)
    return _chosen(folder, read_manifest(folder), ids, years, owners, names, editions)


def _several(given: str | Iterable[str] | None) -> list[str] | None:
    return [given] if isinstance(given, str) else None if given is None else list(given)


def _flat(
    dataset: Dataset, ids: list[str] | None, years: list[int] | None, owners: list[str] | None, names: list[str] | None
) -> Dataset:
    """The same choice from tables that are in memory already."""
    sheets = dataset["sheets"]
    if years is not None:
        sheets = sheets[sheets["review_year"].isin(years)]
    if owners is not None:
        sheets = sheets[sheets["ministry"].isin(owners)]
    dataset = dataset.select(sheets["sheet_id"] if ids is None else ids)
    return dataset if names is None else Dataset({name: dataset[name] for name in {"sheets", *names}})


def _chosen(
    store: Path, manifest: Manifest, ids: list[str] | None, years: list[int] | None, owners: list[str] | None,
    names: list[str] | None, editions: str,
) -> Dataset:  # fmt: skip
    for year in years or ():
        if year not in manifest.years:
            raise NotFoundError(
                f"no review year {year} in this store; it has {', '.join(map(str, sorted(manifest.years)))}"
            )
    chosen = sorted(years if years is not None else manifest.years)
    keep: dict[str, list[str]] = {}
    if owners is not None:
        keep[MINISTRY] = owners
    if ids is not None or owners is not None:
        places = _places(manifest, "sheets", chosen, editions)
        sheets = read_part(store, TABLES["sheets"], places, keep, ["sheet_id", "ministry", "edition_of"])
        if owners is not None:
            _require(owners, sheets["ministry"], "ministry", editions)
        if ids is not None:
            _require(ids, sheets["sheet_id"], "sheet", editions)
            sheets = sheets[sheets["sheet_id"].isin(ids) | sheets["edition_of"].isin(ids)]
            # the ministries too, since the ids of the RS System say nothing about where in a file a sheet stands
            keep = {"sheet_id": sheets["sheet_id"].tolist(), MINISTRY: sheets["ministry"].fillna("").unique().tolist()}
            chosen = sorted(int(year) for year in sheets["review_year"].unique())
    wanted = TABLES if names is None else names
    return Dataset._trusted(_Lazy(store, {name: _places(manifest, name, chosen, editions) for name in wanted}, keep))


def _require(wanted: Sequence[str], found: pd.Series, what: str, editions: str) -> None:
    if missing := sorted(set(wanted) - set(found[found.isin(wanted)])):
        hint = "; other editions are found with editions='all'" if "@" in missing[0] and editions != "all" else ""
        raise NotFoundError(f"no {what} {missing[0]!r} in this store, or in the part of it that was asked for{hint}")


def _places(manifest: Manifest, table: str, years: Iterable[int], editions: str) -> list[str]:
    """The files of a table in the order of the years, the preferred editions first."""
    if table == SOURCES.name:
        return [manifest.sources_file]
    kinds = [[manifest.years[year].preferred for year in years]]
    if editions == "all":
        kinds.append([manifest.years[year].others for year in years])
    return [files[table] for kind in kinds for files in kind if table in files]


def panel(store: Path, manifest: Manifest, years: Iterable[int], *, editions: str = "preferred") -> Dataset:
    """The tables that were read from the sheets of some review years; a year that the store does not have has none."""
    known = [year for year in years if year in manifest.years]
    return Dataset._trusted(_Lazy(store, {name: _places(manifest, name, known, editions) for name in SHEET_TABLES}, {}))


# -- DuckDB
def connect(store: str | os.PathLike[str] | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with a view per table over the store's parquet files; nothing is copied.

    The views hold the preferred edition of each sheet, as ``load`` does; those of the schema ``editions`` hold all
    (``SELECT * FROM editions.budgets``). Beside their own columns all have ``review_year`` and
    ``sheet_ministry``, the policy owner. ``sources`` lists the raw files. Raises NotFoundError where there is no store.
    """
    import duckdb

    folder = paths.resolve(store) if store is not None else paths.data_processed()
    manifest = read_manifest(folder)
    connection = duckdb.connect(":memory:")
    connection.execute("CREATE SCHEMA editions")
    years = sorted(manifest.years)
    for table in (*TABLES.values(), SOURCES):
        for schema, editions in (("main", "preferred"), ("editions", "all")):
            files = [str((folder / place).resolve()) for place in _places(manifest, table.name, years, editions)]
            connection.execute(f"CREATE VIEW {schema}.{table.name} AS {_select(table, files)}")
    return connection


def _select(table: Table, files: list[str]) -> str:
    further = {"review_year": "SMALLINT", MINISTRY: "VARCHAR"} if table.name in TABLES else {}
    columns = {**{c.name: c.sql_type for c in table.columns}, **further}
    if not files:
        return "SELECT " + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items()) + " WHERE false"
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    chosen = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in columns.items())
    return f"SELECT {chosen} FROM read_parquet([{listed}], hive_partitioning = true)"
