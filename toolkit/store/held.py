"""Whole review years of a store in memory, for a process whose forks look at one sheet after the other.

``load`` gives the rows of such sheets as slices of what is held; the values are those that the files hold. What
``derive`` computes for all sheets at once is handed to the Dataset of one sheet as what it remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset
from toolkit.store.manifest import read_manifest
from toolkit.store.parts import read_part
from toolkit.tables import FINDINGS, SHEET_TABLES, TABLES

__all__ = ["Rows", "hold", "slices"]

_EVERY_YEAR = ("sheets", "budgets", "links")  # what a report shows of a project's other years


class Rows:
    """A frame whose rows of one key stand together, and where each key's rows are."""

    def __init__(self, frame: pd.DataFrame, *keys: pd.Series | pd.Index) -> None:
        """``keys`` are the columns of the key; one alone is the key itself, several are a tuple."""
        self.frame = frame
        starts = np.zeros(len(frame), dtype=bool)
        starts[:1] = True
        for column in keys:
            codes = pd.factorize(column, use_na_sentinel=False)[0]
            starts[1:] |= codes[1:] != codes[:-1]
        firsts = np.flatnonzero(starts)
        found = [column[starts].tolist() for column in keys]
        names: list[Any] = found[0] if len(keys) == 1 else list(zip(*found, strict=True))
        spans = zip(firsts.tolist(), [*firsts[1:].tolist(), len(frame)], strict=True)
        self.places: dict[Any, tuple[int, int]] = dict(zip(names, spans, strict=True)) if len(frame) else {}
        if len(self.places) < len(firsts):
            raise ValueError("the rows of a key do not stand together")

    def of(self, key: Any, *, keep_index: bool = False) -> pd.DataFrame:
        first, last = self.places.get(key, (0, 0))
        found = self.frame.iloc[first:last]
        if not keep_index:
            found.index = pd.RangeIndex(last - first)
        return found

    def of_several(self, keys: Iterable[Any]) -> pd.DataFrame:
        """Their rows in the order of the frame."""
        spans = sorted(self.places[key] for key in keys if key in self.places)
        chosen = np.concatenate([np.arange(*span) for span in spans]) if spans else np.empty(0, dtype="int64")
        return self.frame.iloc[chosen].reset_index(drop=True)


@dataclass
class _Held:
    state: tuple[int, int]
    years: frozenset[int]
    tables: dict[str, Rows] = field(default_factory=dict)
    year_of: dict[str, int] = field(default_factory=dict)
    derived: dict[Any, Rows] = field(default_factory=dict)


_HELD: dict[Path, _Held] = {}


def hold(store: Path, years: Iterable[int], derive: Iterable[Callable[[Dataset], pd.DataFrame]] = ()) -> None:
    """Keep the preferred editions of some review years in memory, and of all years what a project's history needs."""
    manifest = read_manifest(store)
    wanted = frozenset(years) & frozenset(manifest.years)
    held = _Held(_state(store), wanted)
    for name in SHEET_TABLES | {FINDINGS.name: FINDINGS, "links": TABLES["links"]}:
        chosen = sorted(manifest.years if name in _EVERY_YEAR else wanted)
        files = [place for year in chosen if (place := manifest.years[year].preferred.get(name))]
        frame = read_part(store, TABLES[name], files)
        held.tables[name] = Rows(frame, frame["sheet_id"])
    sheets = held.tables["sheets"].frame
    held.year_of = dict(zip(sheets["sheet_id"].tolist(), sheets["review_year"].tolist(), strict=True))
    ids = [sheet for sheet, year in held.year_of.items() if year in wanted]
    tables = {name: rows.of_several(ids) if name in _EVERY_YEAR else rows.frame for name, rows in held.tables.items()}
    whole = Dataset._trusted({**{name: table.empty() for name, table in TABLES.items()}, **tables})
    for function in derive:
        found = function(whole)
        column = found.get("sheet_id", found.index)
        held.derived[getattr(function, "__wrapped__", function)] = Rows(found, column)
    _HELD[store] = held


def _state(store: Path) -> tuple[int, int]:
    known = (store / "manifest.json").stat()
    return known.st_mtime_ns, known.st_size


def slices(store: Path, ids: Sequence[str], names: Sequence[str] | None) -> Dataset | None:
    """The tables of some sheets as ``load`` gives them; None where not all of it is held."""
    held = _HELD.get(store)
    if held is None or held.state != _state(store) or not all(one in held.year_of for one in ids):
        return None
    is_whole = all(held.year_of[one] in held.years for one in ids)
    if not is_whole and (names is None or not set(names) <= set(_EVERY_YEAR)):
        return None
    result = Dataset._trusted(_Slices(held, ids, None if names is None else set(names)))
    if is_whole and len(ids) == 1:
        result._computed = _Computed(held, ids[0])
    return result


class _Slices(Mapping[str, pd.DataFrame]):
    def __init__(self, held: _Held, ids: Sequence[str], names: set[str] | None) -> None:
        self._held, self._ids, self._names = held, ids, names
        self._cut: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._cut:
            rows = self._held.tables.get(name) if self._names is None or name in self._names else None
            if rows is None:
                self._cut[name] = TABLES[name].empty()
            else:
                self._cut[name] = rows.of(self._ids[0]) if len(self._ids) == 1 else rows.of_several(self._ids)
        return self._cut[name]

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


@dataclass(frozen=True, slots=True)
class _Computed:
    """What was computed for all sheets at once, of one of them."""

    held: _Held
    sheet: str

    def __call__(self, function: Any) -> pd.DataFrame | None:
        rows = self.held.derived.get(function)
        return None if rows is None else rows.of(self.sheet, keep_index="sheet_id" not in rows.frame)
