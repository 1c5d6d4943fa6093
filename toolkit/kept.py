"""What a report needs to know of the whole store, computed once for all reports of a batch.

To set one project beside the others takes a second or more over a whole store. ``keep`` does it once, into three small files in
the folder ``kept`` of the store, sorted so that one report reads a few rows of each. Where they are not there or out of
date, ``lines``, ``incomes`` and ``links`` compute the same from the tables.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit import comparison, figures, metrics, paths
from toolkit.dataset import Dataset
from toolkit.store import load
from toolkit.store.held import Rows
from toolkit.store.parts import metadata, read_rows, write_table

__all__ = ["hold", "incomes", "keep", "lines", "links"]

_FOLDER = "kept"
_STATE = b"state"


@dataclass(frozen=True, slots=True)
class _Kept:
    """One file: the tables it is computed from, how, and the columns it is sorted and looked up by."""

    name: str
    tables: tuple[str, ...]
    compute: Callable[[Dataset], pd.DataFrame]
    by: tuple[str, ...]


_LINES = _Kept(
    "lines", ("sheets", "budgets", "blocks", "recipients", "ministry_costs", "indicators", "measurements", "evaluations"),
    comparison.measured, ("review_year", "ministry"),
)  # fmt: skip
_INCOMES = _Kept("incomes", ("sheets", "budgets", "recipients"), comparison.incomes, ("review_year", "ministry"))
_LINKS = _Kept("links", ("links",), lambda dataset: dataset["links"], ("project_key",))


def keep(store: str | os.PathLike[str] | None = None) -> None:
    """Compute for all sheets of a store what reports look up; nothing is done where it is up to date or cannot be written."""
    folder = _folder(store)
    state = _state(folder)
    for kept in (_LINES, _INCOMES, _LINKS) if os.access(folder, os.W_OK) else ():
        if _kept_state(_file(folder, kept)) != state:
            rows = kept.compute(load(folder, tables=kept.tables)).sort_values(list(kept.by), kind="stable")
            table = pa.Table.from_pandas(rows, preserve_index=False)
            write_table(
                _file(folder, kept), table.replace_schema_metadata({**(table.schema.metadata or {}), _STATE: state})
            )


def lines(store: str | os.PathLike[str] | None, *, review_year: int, ministry: str) -> pd.DataFrame:
    """The lines (``comparison.measured``) of one ministry and review year of a store."""
    return _rows(store, _LINES, {"ministry": [ministry]}, review_year)


def incomes(
    store: str | os.PathLike[str] | None, *, review_year: int, ministry: str, numbers: Iterable[str]
) -> pd.DataFrame:
    """What the sheets of one ministry and review year of a store list for some corporate numbers (``comparison.incomes``)."""
    return _rows(store, _INCOMES, {"ministry": [ministry], "corporate_number": list(numbers)}, review_year)


def links(store: str | os.PathLike[str] | None, project_key: str) -> pd.DataFrame:
    """The rows of ``links`` of one project of a store, in the order of their review years."""
    found = _rows(store, _LINKS, {"project_key": [project_key]}, None)
    return found.sort_values(["review_year", "sheet_id"], kind="stable").reset_index(drop=True)


def _rows(
    store: str | os.PathLike[str] | None, kept: _Kept, chosen: Mapping[str, list[str]], review_year: int | None
) -> pd.DataFrame:
    folder = _folder(store)
    file = _file(folder, kept)
    held = _HELD.get((file, kept.name))
    if held is not None and held[0] == _state(folder):
        return _of_held(held[1], kept, chosen, review_year)
    if _kept_state(file) == _state(folder):
        found = read_rows(file, chosen)
        if review_year is not None:
            found = found.filter(pc.equal(found["review_year"], review_year))
        return found.to_pandas(use_threads=False)
    narrow = {"review_years": review_year, "ministries": chosen["ministry"]} if review_year is not None else {}
    rows = kept.compute(load(folder, tables=kept.tables, **narrow))  # type: ignore[arg-type]
    for name, values in chosen.items():
        rows = rows[rows[name].isin(values).fillna(False).to_numpy(dtype=bool)]
    return rows.reset_index(drop=True)


_HELD: dict[tuple[Path, str], tuple[bytes, Rows]] = {}


def hold(store: str | os.PathLike[str] | None) -> None:
    """Have what ``keep`` wrote in memory: for a process whose forks look at one sheet after the other."""
    folder = _folder(store)
    state = _state(folder)
    for kept in (_LINES, _INCOMES, _LINKS):
        file = _file(folder, kept)
        if _kept_state(file) == state:
            frame = read_rows(file).to_pandas(use_threads=False)
            _HELD[file, kept.name] = (state, Rows(frame, *(frame[name] for name in kept.by)))


def _of_held(rows: Rows, kept: _Kept, chosen: Mapping[str, list[str]], review_year: int | None) -> pd.DataFrame:
    key = tuple(review_year if name == "review_year" else chosen[name][0] for name in kept.by)
    found = rows.of(key if len(key) > 1 else key[0])
    for name, values in chosen.items():
        if name not in kept.by:
            found = found[found[name].isin(values).to_numpy(dtype=bool)].reset_index(drop=True)
    return found


def _folder(store: str | os.PathLike[str] | None) -> Path:
    return paths.data_processed() if store is None else paths.resolve(store)


def _file(folder: Path, kept: _Kept) -> Path:
    return folder / _FOLDER / f"{kept.name}.parquet"


def _state(folder: Path) -> bytes:
    """Changes with the store's tables and with the code that measures them."""
    manifest = folder / "manifest.json"
    # a folder of Dataset.write has none
    files = [manifest] if manifest.is_file() else sorted(folder.glob("*.parquet"))
    return _hashed(tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files))


@lru_cache(maxsize=16)
def _hashed(files: tuple[tuple[str, int, int], ...]) -> bytes:
    told = hashlib.sha256()
    for module in (__file__, comparison.__file__, figures.__file__, metrics.__file__):
        told.update(Path(module).read_bytes())
    for path, changed, size in files:
        is_manifest = path.endswith("manifest.json")
        told.update(Path(path).read_bytes() if is_manifest else f"{Path(path).name} {changed} {size}".encode())
    return told.hexdigest().encode()


def _kept_state(file: Path) -> bytes | None:
    try:
        return metadata(file).get(_STATE)
    except (OSError, pa.ArrowInvalid):
        return None
