"""The tables of one or many sheets, held together: select, concatenate, write, read, show."""

from __future__ import annotations

import html
import os
import tempfile
from collections import ChainMap, Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import pandas as pd

from toolkit.errors import NotFoundError, SchemaError, UsageError
from toolkit.plain import plain, records
from toolkit.tables import FINDINGS, SHEET_TABLES, TABLES

__all__ = ["Dataset", "remembered"]

Function = TypeVar("Function", bound=Callable[..., pd.DataFrame])


class _Frames(Mapping[str, pd.DataFrame]):
    """Tables by name; of those ``held`` as checked rows the frame is built when it is first asked for.

    To build the frames of one sheet takes as long as reading a good part of it, and few of them are ever looked at.
    """

    def __init__(self, held: dict[str, pd.DataFrame | list[dict[str, object]]]) -> None:
        self.held = held

    def __getitem__(self, name: str) -> pd.DataFrame:
        found = self.held[name]
        if isinstance(found, list):
            found = self.held[name] = TABLES[name].build(found)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


def _ids(table: pd.DataFrame | list[dict[str, object]]) -> set[Any]:
    return {row.get("sheet_id") for row in table} if isinstance(table, list) else set(table["sheet_id"].unique())


class Dataset(Mapping[str, pd.DataFrame]):
    """Validated tables of one or many sheets.

    ``dataset["budgets"]`` or ``dataset.budgets`` is a pandas DataFrame whose columns and dtypes are those of
    ``toolkit.TABLES["budgets"]``; every declared table is there, an absent one is empty. Treat the frames as
    read-only: a Dataset is handed around, and ``select`` and ``+`` give new ones.

    Raises
    ------
    SchemaError : an unknown table or column, a wrong dtype, a doubled key, or a row of a sheet that has no
        row in ``sheets``.
    """

    #: whether ``findings`` is what the checks found, so that none means none
    is_checked = False
    _one: pd.Series | None = None
    #: gives what a remembered function was found to be for this sheet when it was computed for many at once
    _computed: Callable[[Any], pd.DataFrame | None] | None = None

    def __init__(self, tables: Mapping[str, pd.DataFrame | list[dict[str, object]]]) -> None:
        unknown = sorted(set(tables) - set(TABLES))
        if unknown:
            raise SchemaError(f"unknown table {unknown[0]!r}; the tables are {', '.join(TABLES)}")
        kept: dict[str, pd.DataFrame | list[dict[str, object]]] = {}
        self._tables: Mapping[str, pd.DataFrame] = _Frames(kept)
        self._memo: dict[Any, pd.DataFrame] = {}
        self._rows: dict[str, tuple[pd.DataFrame, list[dict[str, Any]]]] = {}
        for name, table in TABLES.items():
            given = tables.get(name, [])
            if isinstance(given, pd.DataFrame):
                kept[name] = table.validate(given.reset_index(drop=True))
            else:
                kept[name] = [row.copy() for row in given] if table.check(given) else table.build(given)
        known = _ids(kept["sheets"])
        for name in SHEET_TABLES:
            orphans = _ids(kept[name]) - known
            if orphans:
                raise SchemaError(f"table {name}: sheet {min(orphans)!r} has no row in sheets")

    @classmethod
    def _trusted(cls, tables: Mapping[str, pd.DataFrame]) -> Dataset:
        """A dataset of frames that a Dataset already validated: rows taken away or whole columns renewed."""
        result = cls.__new__(cls)
        result._tables = tables
        result._memo, result._rows = {}, {}
        return result

    def __reduce__(self) -> tuple[Any, ...]:
        return Dataset._trusted, (self._tables,)  # what is remembered stays behind

    # -- the mapping of tables
    def __getitem__(self, name: str) -> pd.DataFrame:
        try:
            return self._tables[name]
        except KeyError:
            raise NotFoundError(f"no table {name!r}; the tables are {', '.join(TABLES)}") from None

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in TABLES:
            raise AttributeError(f"a Dataset has no {name!r}; its tables are {', '.join(TABLES)}")
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        return all(self[name].equals(other[name]) for name in TABLES)

    __hash__ = None  # type: ignore[assignment]

    @property
    def is_cut(self) -> bool:
        """Whether it is cut out of a greater one, of which much was computed beforehand."""
        return self._computed is not None

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a table of a few sheets as plain dicts, None for <NA>; not to be changed."""
        frame = self[name]
        if name not in self._rows or self._rows[name][0] is not frame:
            self._rows[name] = (frame, records(frame))
        return self._rows[name][1]

    # -- sheets
    @property
    def sheet_ids(self) -> list[str]:
        return self._tables["sheets"]["sheet_id"].tolist()

    def select(self, sheet_ids: str | Iterable[str]) -> Dataset:
        """The same tables for one or some sheets; NotFoundError names the ones that are not here."""
        wanted = [sheet_ids] if isinstance(sheet_ids, str) else list(sheet_ids)
        missing = sorted(set(wanted) - set(self.sheet_ids))
        if missing:
            raise NotFoundError(f"no sheet {missing[0]!r} among the {len(self.sheet_ids)} sheets of this dataset")
        if len(self.sheet_ids) == len(set(wanted)):
            return self
        return Dataset._trusted(
            {name: frame[frame["sheet_id"].isin(wanted)].reset_index(drop=True) for name, frame in self._tables.items()}
        )

    def sheet(self, sheet_id: str | None = None) -> pd.Series:
        """The ``sheets`` row of one sheet; without an argument, of the only one."""
        sheets = self._tables["sheets"]
        if sheet_id is None:
            if len(sheets) != 1:
                raise UsageError(
                    f"this dataset has {len(sheets)} sheets; name one of them: sheet('{next(iter(self.sheet_ids), '…')}')"
                )
            if self._one is None:
                self._one = sheets.iloc[0]
            return self._one.copy()
        return self.select(sheet_id)["sheets"].iloc[0]

    def with_source(self, file: str, sha256: str) -> Dataset:
        """This dataset with the file its sheets were read from: name to show, and hash of its content."""
        sheets: pd.DataFrame | list[dict[str, object]]
        held = self._tables.held["sheets"] if isinstance(self._tables, _Frames) else self._tables["sheets"]
        if isinstance(held, list):
            sheets = [row | {"source_file": file, "source_sha256": sha256} for row in held]
        else:
            sheets = held.copy(deep=False)
            sheets["source_file"] = pd.array([file] * len(sheets), dtype="string")
            sheets["source_sha256"] = pd.array([sha256] * len(sheets), dtype="string")
        return Dataset._trusted(ChainMap(_Frames({"sheets": sheets}), self._tables))  # type: ignore[arg-type]

    def with_findings(self, findings: pd.DataFrame) -> Dataset:
        """This dataset with its ``findings`` replaced, as ``toolkit.check`` gives them."""
        return self._with_findings(FINDINGS.validate(findings))

    def _with_findings(self, findings: pd.DataFrame) -> Dataset:
        """The same for findings that are known to be as declared."""
        result = Dataset._trusted(ChainMap({FINDINGS.name: findings}, self._tables))  # type: ignore[arg-type]
        result._memo, result._computed = self._memo, self._computed
        result._rows = dict(self._rows)
        result.is_checked = True
        return result

    @classmethod
    def concat(cls, datasets: Iterable[Dataset]) -> Dataset:
        """Many datasets as one, in the given order; a sheet that occurs twice is a SchemaError."""
        parts = list(datasets)
        if len(parts) == 1:
            return parts[0]
        return cls(
            {
                name: pd.concat(filled, ignore_index=True)
                if (filled := [d[name] for d in parts if len(d[name])])
                else table.empty()
                for name, table in TABLES.items()
            }
        )

    def __add__(self, other: Dataset) -> Dataset:
        return Dataset.concat([self, other])

    def history(self, sheet_id: str, *, only: Literal["", "budget"] = "") -> pd.DataFrame:
        """All that the sheets here state about the project of one of them, over the years; see ``toolkit.history``."""
        # the one method that looks at a later module: tests/test_architecture.py knows it
        from toolkit.history import history

        return history(self, sheet_id, only=only)

    # -- how much was read, and how surely
    @property
    def coverage(self) -> pd.Series:
        """Per sheet, the share of the source's characters that are known labels, placed values or residue.

        A Float64 Series indexed by sheet_id: (label + placed) / all, white space not counted. What is
        missing to 1.0 stands in ``residue``; <NA> for sources whose cells are read by name (CSV, JSON).
        """
        sheets = self._tables["sheets"]
        read = sheets["chars_label"] + sheets["chars_placed"]
        share = (read / sheets["chars_total"]).astype("Float64")
        return pd.Series(share.array, pd.Index(sheets["sheet_id"], name="sheet_id"), name="coverage")

    def certainties(self) -> pd.DataFrame:
        """Rows per table and certainty: index table, columns stated, solved, unsettled (Int64)."""
        words = ["stated", "solved", "unsettled"]
        counts = {
            name: Counter(plain(frame["certainty"]))
            for name, frame in self._tables.items()
            if name in SHEET_TABLES and len(frame)
        }
        rows = [[count[word] for word in words] for count in counts.values()]
        return pd.DataFrame(rows, pd.Index(list(counts), name="table"), words, dtype="Int64")

    # -- parquet
    def write(self, folder: str | os.PathLike[str]) -> Path:
        """One parquet file per table that has rows, into ``folder``. Each is whole or absent, never half."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name, frame in self._tables.items():
            final = target / f"{name}.parquet"
            if frame.empty:
                final.unlink(missing_ok=True)
                continue
            handle, temporary = tempfile.mkstemp(dir=target, prefix=f".{name}-", suffix=".tmp")
            os.close(handle)
            try:
                frame.to_parquet(temporary, index=False)
                Path(temporary).replace(final)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        return target

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> Dataset:
        """What ``write`` wrote; NotFoundError where the folder holds no table."""
        source = Path(folder)
        found = {name: source / f"{name}.parquet" for name in TABLES}
        found = {name: path for name, path in found.items() if path.is_file()}
        if not found:
            raise NotFoundError(f"{folder}: no table here; expected files such as sheets.parquet")
        return cls({name: pd.read_parquet(path, dtype_backend="numpy_nullable") for name, path in found.items()})

    # -- display
    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {len(frame)}" for name, frame in self._tables.items() if len(frame))
        return f"<Dataset of {len(self.sheet_ids)} sheets: {rows}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: how much was read, how surely, and what the checks found."""
        heading = f"<p><strong>{len(self.sheet_ids)} sheet{'s' if len(self.sheet_ids) != 1 else ''}</strong>"
        if len(self.sheet_ids) == 1:
            one = self.sheet()
            heading += " " + html.escape(
                " ".join(str(v) for v in (one["sheet_id"], one["ministry"], one["name"]) if pd.notna(v))
            )
        coverage = self.coverage.dropna()
        if len(coverage):
            heading += f"; coverage {coverage.min() * 100:.1f} %" + (" (lowest)" if len(coverage) > 1 else "")
        severities = self._tables["findings"]["severity"].value_counts()
        found = [
            f"{severities[name]} {name}{'s' if severities[name] > 1 and name != 'info' else ''}"
            for name in ("error", "warning", "info")
            if name in severities
        ]
        heading += f"; findings: {', '.join(found)}" if found else ""
        return f"{heading}</p>{self.summary().to_html(border=0)}"

    def summary(self) -> pd.DataFrame:
        """Per table with rows: its Japanese name, its rows, and how many of them are unsettled (Int64)."""
        certainty = self.certainties()
        rows = []
        for name, frame in self._tables.items():
            if len(frame):
                unsettled = int(certainty.loc[name, "unsettled"]) if name in certainty.index else None
                rows.append({"table": name, "表": TABLES[name].ja, "rows": len(frame), "unsettled": unsettled})
        result = pd.DataFrame(rows).set_index("table") if rows else pd.DataFrame(columns=["表", "rows", "unsettled"])
        return result.astype({"rows": "Int64", "unsettled": "Int64"})


def remembered(function: Function) -> Function:
    """Compute ``function`` once per Dataset, its first argument, and other arguments.

    It must depend on the tables of the sheets only, not on ``findings``. A report asks for the same derived table from a
    dozen places; each gets a copy of its own, which costs nothing until it is written to.
    """

    @wraps(function)
    def once(*args: Any, **kwargs: Any) -> pd.DataFrame:
        dataset = args[0] if args else kwargs["dataset"]
        key = (function, args[1:], *((name, value) for name, value in sorted(kwargs.items()) if name != "dataset"))
        if key not in dataset._memo:
            known = dataset._computed(function) if dataset._computed and len(key) == 2 and not key[1] else None
            dataset._memo[key] = function(*args, **kwargs) if known is None else known
        return dataset._memo[key].copy(deep=False)

    return cast(Function, once)
