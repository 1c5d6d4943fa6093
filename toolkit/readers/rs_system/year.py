"""Files of the RS System to one Dataset: load them, say which sheets there are, fill every table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.dataset import Dataset
from toolkit.errors import DamagedFileError, UsageError
from toolkit.parallel import cores
from toolkit.readers.rs_system import budget, goals, projects, reviews, spending
from toolkit.readers.rs_system.columns import COMMON, KINDS
from toolkit.readers.rs_system.rows import Bulk, Rows, codes, first, part
from toolkit.readers.rs_system.source import RsFile, open_rs, parse

__all__ = ["read_year"]

#: where a project's name and ministry are taken from: the first of these that lists it (5-2 leaves ministries out)
_IDENTITY = ("1-2", "1-1", *(kind for kind in KINDS if kind not in ("1-1", "1-2", "5-2")), "5-2")
_KEY = ("review_year", "project_id")
_YEARS = tuple(str(year) for year in range(2000, 2100))

_TOPICS: tuple[Callable[[Bulk], dict[str, pd.DataFrame]], ...] = (
    goals.tables,
    spending.tables,
    reviews.tables,
    budget.tables,
    projects.tables,
)


def read_year(paths: Sequence[Path]) -> Dataset:
    """See ``rs_system.read_rs``."""
    files = _distinct(sorted(open_rs(paths), key=lambda file: _IDENTITY.index(file.kind)))
    if not files:
        raise UsageError("no file of the RS System was given; expected some of its 15 CSV files, 1-1 … 6-1")
    # Arrow works outside the interpreter's lock, so threads share the machine's cores without copies of the data
    with ThreadPoolExecutor(min(cores(), 4)) as pool:
        register = _Register()
        tables = [parse(files[0], _wanted(files[0], with_identity=True))]
        tables += pool.map(lambda file: parse(file, _wanted(file)), files[1:])
        loaded: dict[str, list[Rows]] = {}
        for file in files:
            loaded.setdefault(file.kind, []).append(_load(file, tables.pop(0), register))
        bulk = Bulk(register.ids(), register.years(), {kind: _concat(parts, files) for kind, parts in loaded.items()})
        results = list(pool.map(lambda topic: topic(bulk), _TOPICS))
    filled = {name: frame for result in results for name, frame in result.items() if name != "sheets"}
    sheets = projects.sheets(bulk, register.identity(), max((f.edition for f in files if f.edition), default=None))
    return Dataset({"sheets": sheets, **filled, **_residue(bulk)})


def _distinct(files: list[RsFile]) -> list[RsFile]:
    """Without second copies: a zip often lies beside what was unpacked from it."""
    kept: list[RsFile] = []
    for file in files:
        rivals = [other for other in kept if other.kind == file.kind]
        if not rivals or file.content() not in [other.content() for other in rivals]:
            kept.append(file)
    return kept


def _wanted(file: RsFile, *, with_identity: bool = False) -> list[str]:
    identity = [key for key in COMMON if with_identity or key in _KEY]
    return [*identity, *KINDS[file.kind], *(_YEARS if file.kind == "3-1" else ())]


# -- which sheets there are
class _Register:
    """The sheets met so far, each with the row that first named it."""

    def __init__(self) -> None:
        self._ids: list[pa.Array] = []
        self._years: list[np.ndarray] = []
        self._identity: list[Rows] = []

    def ids(self) -> pa.Array:
        return pa.concat_arrays(self._ids)

    def years(self) -> np.ndarray:
        return np.concatenate(self._years)

    def identity(self) -> list[Rows]:
        return self._identity

    def place(self, ids: pa.Array) -> np.ndarray:
        """The position of each id, -1 for one that is new."""
        if not self._ids:
            return np.full(len(ids), -1)
        return pc.index_in(ids, value_set=self.ids()).fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")

    def add(self, kind: str, table: pa.Table, ids: pa.Array, years: np.ndarray) -> None:
        """Enter the first row of every id of ``table``, which must have the identity columns."""
        rows = first(codes(ids))
        known = len(self.ids()) if self._ids else 0
        self._ids.append(ids.take(pa.array(rows)))
        self._years.append(years[rows])
        self._identity.append(Rows(kind, table.take(rows), known + np.arange(len(rows)), rows + 2))


def _load(file: RsFile, table: pa.Table, register: _Register) -> Rows:
    """The rows of a file with the place of their sheets; a sheet that no file named before is entered."""
    ids, years = _sheet_ids(file, table)
    place = register.place(ids)
    new = place < 0
    if new.any():
        whole = table if "name" in table.column_names else parse(file, _wanted(file, with_identity=True))
        register.add(file.kind, whole.filter(pa.array(new)), ids.filter(pa.array(new)), years[new])
        place = register.place(ids)
    table = table.drop_columns([key for key in COMMON if key in table.column_names])
    empty = [name for name in table.column_names if table[name].null_count == len(table)]
    return Rows(file.kind, table.drop_columns(empty), place, np.arange(2, len(table) + 2))


def _sheet_ids(file: RsFile, table: pa.Table) -> tuple[pa.Array, np.ndarray]:
    rows = Rows(file.kind, table, np.zeros(len(table), dtype="int64"), np.arange(2, len(table) + 2))
    years, numbers = rows.integer("review_year"), rows.text("project_id")
    missing = pc.or_(years.is_null(), numbers.is_null()).to_numpy(zero_copy_only=False)
    if missing.any():
        raise DamagedFileError(
            file.path,
            f"row {int(missing.argmax()) + 2}",
            "no 事業年度 or 予算事業ID",
            "both",
            "Download the file again.",
        )
    ids = pc.binary_join_element_wise(pc.binary_join_element_wise("RS", years.cast(pa.string()), ""), numbers, "-")
    return ids, years.to_numpy()


def _concat(parts: list[Rows], files: list[RsFile]) -> Rows:
    """Files of one kind as one: those of several review years. The same sheet in two of them is refused."""
    if len(parts) == 1:
        return parts[0]
    kind, seen = parts[0].kind, set[int]()
    for one in parts:
        sheets = set(one.sheet.tolist())
        if sheets & seen:
            names = ", ".join(file.path.name for file in files if file.kind == kind)
            raise UsageError(f"{names}: different copies of file {kind} of the same year; keep one of them")
        seen |= sheets
    table = pa.concat_tables([one.table for one in parts], promote_options="default").combine_chunks()
    return Rows(kind, table, np.concatenate([one.sheet for one in parts]), np.concatenate([one.row for one in parts]))


def _residue(bulk: Bulk) -> dict[str, pd.DataFrame]:
    """Cells of unknown columns, and cells that could not be read."""
    parts = [leftover for rows in bulk.files.values() for leftover in rows.leftovers]
    for rows in bulk.files.values():
        for name in (name for name in rows.table.column_names if name.startswith("unknown:")):
            some = rows.where(rows.filled(name))
            words = pc.binary_join_element_wise(name.removeprefix("unknown:").rpartition("#")[0], some.text(name), ": ")
            parts.append(part(some, text=words, reason="unknown column"))
    if not parts:
        return {}
    table = pa.concat_tables([pa.table(one) for one in parts], promote_options="permissive").combine_chunks()
    table = table.take(
        first(codes(table["sheet"].to_numpy(), *(table[name].combine_chunks() for name in ("source_ref", "text"))))
    )
    return {
        "residue": bulk.table(
            "residue", dict(zip(table.column_names, table.columns, strict=True)), within=(), certainty="unsettled"
        )
    }
