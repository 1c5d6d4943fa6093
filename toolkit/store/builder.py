"""From the raw files to the store: read what is new, settle whose sheet counts, check, write, and swap it in."""

from __future__ import annotations

import copy
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from toolkit import parallel, paths
from toolkit.checks import check
from toolkit.dataset import Dataset
from toolkit.errors import DamagedFileError, NotFoundError, SourceError, StoreError, ToolkitError
from toolkit.lineage import links
from toolkit.store.editions import settled
from toolkit.store.lock import locked
from toolkit.store.manifest import Entry, Manifest, read_manifest, readers_version, rules_version, write_manifest
from toolkit.store.panel import panel
from toolkit.store.parts import add_table, write_table, write_year
from toolkit.store.raw import Source, raw_files, sources
from toolkit.tables import SOURCES, TABLES

__all__ = ["BuildSummary", "build"]

_Read: TypeAlias = tuple[Source, Dataset | ToolkitError]
#: a build that is under way; what it has finished is not read again when it is killed
_UNDER_WAY = ".under-way.json"
#: so many sheets are read before they are written; bounds memory, and what a kill can cost
_SHEETS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build found and what the store holds now.

    ``read``, ``kept`` and ``removed`` name sources; ``refused`` gives the reason of each file that is no part of the store,
    ``duplicates`` the file whose content another one repeats. ``rows`` counts the preferred editions per table, ``findings``
    those of all editions by severity.
    """

    store: Path
    read: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    duplicates: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)
    review_years: tuple[int, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{len(self.read)} read, {len(self.kept)} unchanged, {len(self.removed)} removed, {len(self.refused)} refused"
        ]
        lines += [f"  refused: {reason}" for reason in self.refused.values()]
        lines += [f"  the same content twice: {name} = {other}" for name, other in self.duplicates.items()]
        lines += [f"review years {', '.join(map(str, self.review_years))}" if self.review_years else "no sheet at all"]
        lines += [f"  {name:<22}{count:>10,} rows" for name, count in self.rows.items()]
        lines += [
            f"findings: {', '.join(f'{self.findings.get(name, 0):,} {name}' for name in ('error', 'warning', 'info'))}"
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        """What the store holds, the same whether this build or an earlier one read it."""
        return (
            f"<Store {paths.shown(self.store)}: {self.rows.get('sheets', 0):,} sheets, {sum(self.rows.values()):,} rows, "
            f"review years {', '.join(map(str, self.review_years))}; {len(self.refused)} files refused>"
        )


def build(
    raw: str | os.PathLike[str] | None = None,
    processed: str | os.PathLike[str] | None = None,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: bool = False,
) -> BuildSummary:
    """Read everything below ``raw`` into the store ``processed``: one validated set of the tables, as parquet.

    Only what is new or changed since the last build is read; what was removed from ``raw`` leaves the store. A file that
    cannot be read stands in ``BuildSummary.refused`` and does not stop the others. A build that was killed is taken up where
    it stood; until a build is complete, ``load`` and ``connect`` see the store as it was before.

    Parameters
    ----------
    raw : folder with files of any form, default ``data/raw`` of the project. There the folder ``sample`` is left out as soon
        as other data lies beside it
    processed : folder of the store, default ``data/processed``; made if it is not there
    jobs, scheduler : as in ``toolkit.parallel.run``
    progress : a bar on stderr

    Raises NotFoundError where ``raw`` is not there, StoreError while another build is under way in ``processed``.
    """
    source = paths.resolve(raw) if raw is not None else paths.data_raw()
    if not source.is_dir():
        raise NotFoundError(f"{paths.shown(source)}: no such folder; put the raw files there, or name their folder")
    store = paths.rooted(processed) if processed is not None else paths.data_processed()
    with locked(store):
        return _build(source.resolve(), store, jobs, scheduler, progress)


def _build(raw: Path, store: Path, jobs: int | None, scheduler: str | None, progress: bool) -> BuildSummary:
    before = _whole(store) or Manifest()
    state = _whole(store, _UNDER_WAY) or copy.deepcopy(before)
    files = raw_files(raw, {**before.files, **state.files})
    if raw == paths.data_raw().resolve():
        files = [file for file in files if not file.name.startswith("sample/")] or files
    present, twice = _distinct(sources(raw, files))
    state.files = {file.name: file for file in files}
    waiting = [one for name, one in present.items() if not _is_read(state.sources.get(name), one)]
    kept = present.keys() - {one.name for one in waiting}
    for batch in _batches(waiting, jobs, scheduler, progress):
        _commit(store, state, state.sources.keys() & {one.name for one, _ in batch}, batch)
    _commit(store, state, state.sources.keys() - present.keys(), [])
    judged_otherwise = {
        year: told.rows["sheets"] for year, told in state.years.items() if told.rules != rules_version()
    }
    for years in _together(judged_otherwise):
        _write(store, state, years, [panel(store, state, years, editions="all")])
    _finish(store, state, twice)
    return BuildSummary(
        store, tuple(sorted(one.name for one in waiting)), tuple(sorted(kept)), tuple(sorted(before.sources.keys() - present.keys())),
        {name: entry.reason for name, entry in sorted(state.sources.items()) if entry.status == "refused"}, twice, _rows(state),
        sum((Counter(year.findings) for year in state.years.values()), Counter()), tuple(sorted(state.years)),
    )  # fmt: skip


def _whole(store: Path, *name: str) -> Manifest | None:
    """A manifest all of whose files are there; else None, and everything is read again."""
    try:
        manifest = read_manifest(store, *name)
    except (NotFoundError, StoreError):
        return None
    return manifest if all((store / path).is_file() for path in manifest.parts()) else None


def _is_read(entry: Entry | None, source: Source) -> bool:
    return entry is not None and (entry.sha256, entry.readers) == (source.sha256, readers_version())


def _distinct(found: list[Source]) -> tuple[dict[str, Source], dict[str, str]]:
    """Sources by name; those whose content another has, with that one's name."""
    first: dict[str, str] = {}
    twice = {one.name: other for one in found if (other := first.setdefault(one.sha256, one.name)) != one.name}
    return {one.name: one for one in found if one.name not in twice}, twice


# -- reading
def _batches(waiting: list[Source], jobs: int | None, scheduler: str | None, progress: bool) -> Iterator[list[_Read]]:
    """What was read, a few thousand sheets at a time. Large sources go first, so that no core waits for the last."""
    largest = sorted(waiting, key=lambda one: -one.size)
    jobs = min(jobs or parallel.cores(), max(len(waiting), 1)) if not scheduler else jobs
    results: Iterable[_Read] = parallel.run(partial(_read, readers_version()), largest, jobs=jobs, scheduler=scheduler)
    if progress:
        from tqdm import tqdm

        results = tqdm(results, total=len(waiting), unit="file", desc="build")
    batch, sheets = [], 0
    for one, result in results:
        batch.append((one, result))
        sheets += len(result["sheets"]) if isinstance(result, Dataset) else 0
        if sheets >= _SHEETS_AT_ONCE:
            yield batch
            batch, sheets = [], 0
    if batch:
        yield batch


def _read(version: str, source: Source) -> Dataset:
    """One source, whatever is wrong with it a ToolkitError: one file must never stop a batch."""
    if readers_version() != version:
        raise StoreError(
            f"{source.name}: a worker of the cluster has another version of this package; install the same"
        )
    from toolkit.readers import read
    from toolkit.readers.rs_system import read_rs

    try:
        dataset = read_rs(source.paths) if source.is_rs else read(source.paths[0])
    except SourceError as error:
        place = f"{source.name}/{Path(error.path).name}" if len(source.paths) > 1 else source.name
        raise type(error)(place, *error.args[1:]) from error
    except ToolkitError:
        raise
    except OSError as error:
        raise NotFoundError(f"{source.name}: cannot be opened ({error.strerror})") from error
    except Exception as error:
        raise DamagedFileError(
            source.name, "whole file", f"something the reader has no answer for ({type(error).__name__}: {error})", "a known form",
            "Please report it together with the file.",
        ) from error  # fmt: skip
    return dataset.with_source(source.name, source.sha256)


# -- writing
def _commit(store: Path, state: Manifest, gone: set[str], batch: list[_Read]) -> None:
    """Take the sources ``gone`` out of the store under way and what was read into it, year by year."""
    read = [result for _, result in batch if isinstance(result, Dataset)]
    sizes = Counter({year: 0 for name in gone for year in state.sources[name].years})
    for dataset in read:
        sizes.update(dataset["sheets"]["review_year"].tolist())
    sizes.update({year: state.years[year].rows["sheets"] for year in sizes if year in state.years})
    for name in gone:
        del state.sources[name]
    state.sources |= {one.name: _entry(one, result) for one, result in batch}
    for years in _together(sizes):
        stayed = panel(store, state, years, editions="all")
        parts = [_part(stayed, ~stayed["sheets"]["source_file"].isin(gone))]
        parts += [_part(dataset, dataset["sheets"]["review_year"].isin(years)) for dataset in read]
        _write(store, state, years, [part for part in parts if len(part["sheets"])])
    if gone or batch:
        write_manifest(store, state, _UNDER_WAY)


def _together(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Years that are written together: small ones, since checking has its price whatever the size."""
    together: list[int] = []
    for year in sorted(sizes):
        if together and sum(sizes[one] for one in (*together, year)) > _SHEETS_AT_ONCE:
            yield together
            together = []
        together.append(year)
    if together:
        yield together


def _part(dataset: Dataset, chosen: pd.Series) -> Dataset:
    return dataset if chosen.all() else dataset.select(dataset["sheets"].loc[chosen, "sheet_id"])


def _entry(source: Source, result: Dataset | ToolkitError) -> Entry:
    if isinstance(result, ToolkitError):
        # what is no fault of the file may go better the next time: such a one is not remembered as read
        readers = readers_version() if isinstance(result, SourceError) else ""
        return Entry(source.sha256, source.size, "refused", readers, reason=str(result))
    sheets = result["sheets"]
    newest = sheets["edition"].dropna().max()
    return Entry(
        source.sha256, source.size, "read", readers_version(), ", ".join(sorted(sheets["form"].dropna().unique())),
        newest if isinstance(newest, str) else "", len(sheets), years=sorted(int(year) for year in sheets["review_year"].unique()),
    )  # fmt: skip


def _write(store: Path, state: Manifest, years: list[int], parts: list[Dataset]) -> None:
    """Some review years, checked; a file's name says what it was made from, so the same name is the same content."""
    dataset = settled(parts) if parts else Dataset({})
    present = {year: _part(dataset, dataset["sheets"]["review_year"] == year) for year in years}
    names = {
        year: _token(
            sorted((name, e.sha256, e.readers) for name, e in state.sources.items() if year in e.years), rules_version()
        )
        for year in years
    }
    with ThreadPoolExecutor(1) as beside:  # Arrow writes outside the interpreter's lock, pandas judges meanwhile
        written = [beside.submit(write_year, store, year, part, names[year]) for year, part in present.items()]
        findings = check(dataset)
    for (year, part), one in zip(present.items(), written, strict=True):
        if len(sheets := part["sheets"]):
            told = one.result()
            its = findings if len(years) == 1 else findings[findings["sheet_id"].isin(sheets["sheet_id"])]
            add_table(store, told, year, "findings", its, sheets, names[year])
            told.rules = rules_version()
            told.findings = {severity: int(n) for severity, n in its["severity"].value_counts().items()}
            state.years[year] = told
        else:
            state.years.pop(year, None)


def _token(*origin: object) -> str:
    return hashlib.sha256(repr(origin).encode()).hexdigest()[:12]


def _finish(store: Path, state: Manifest, twice: dict[str, str]) -> None:
    """What is derived from all years at once; then the store under way becomes the store."""
    listed: list[dict[str, object]] = []
    for name, e in sorted(state.sources.items()):
        about = {"form": e.form or None, "edition": e.edition or None, "sheets": e.sheets, "reason": e.reason or None}
        listed.append({"source_file": name, "source_sha256": e.sha256, "bytes": e.size, "status": e.status, **about})
    listed += [{"source_file": name, "status": "duplicate", "reason": other} for name, other in sorted(twice.items())]
    state.sources_file = f"sources/{_token(listed)}.parquet"
    if not (store / state.sources_file).is_file():
        write_table(store / state.sources_file, pa.Table.from_pandas(SOURCES.frame(listed), preserve_index=False))
    _link(store, state)
    write_manifest(store, state)
    (store / _UNDER_WAY).unlink(missing_ok=True)
    _clear(store, state.parts())


def _link(store: Path, state: Manifest) -> None:
    """Which sheets continue which. Every year may change the links of those after it, so they are made for all at once."""
    if not state.years:
        return
    name = _token([(year, told.preferred["sheets"]) for year, told in sorted(state.years.items())], rules_version())
    if name == state.links:
        return
    whole = panel(store, state, sorted(state.years))
    found = links(whole)
    for year, told in state.years.items():
        sheets = whole["sheets"][whole["sheets"]["review_year"] == year]
        add_table(store, told, year, "links", found, sheets, name)
    state.links = name


def _clear(store: Path, parts: set[str]) -> None:
    """Remove what earlier or killed builds left in the folders of the tables."""
    for name in (*TABLES, "editions", "sources"):
        for path in sorted((store / name).rglob("*"), reverse=True):
            if path.is_dir():
                with suppress(OSError):  # not empty
                    path.rmdir()
            elif path.relative_to(store).as_posix() not in parts:
                path.unlink()
    for path in store.glob(".*.tmp"):
        path.unlink()


def _rows(state: Manifest) -> dict[str, int]:
    total = sum((Counter(year.rows) for year in state.years.values()), Counter[str]())
    return {name: total[name] for name in TABLES if total[name]}
