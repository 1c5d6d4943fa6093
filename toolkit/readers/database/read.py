"""From the tabs of the yearly database to a Dataset: whose row is whose, then topic by topic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from toolkit.dataset import Dataset
from toolkit.errors import UnknownFormError
from toolkit.readers.database.goals import goal_tables
from toolkit.readers.database.groups import Groups
from toolkit.readers.database.headers import Place, places
from toolkit.readers.database.money import money_tables
from toolkit.readers.database.projects import numbers, project_tables, sheet_ids
from toolkit.readers.database.workbook import Tab, read_tabs
from toolkit.readers.rs_system.rows import Bulk
from toolkit.readers.yearly import distinct_ids

__all__ = ["read_workbook"]

_IDENTITY = ("name", "number", *(f"part {i}" for i in range(1, 6)))


def read_workbook(content: bytes, path: Path) -> Dataset:
    """See ``database.read_database``."""
    parts = [dataset for tab in read_tabs(content, path) if (dataset := _read_tab(tab, path)) is not None]
    if not parts:
        raise UnknownFormError(
            path, "whole file", "no tab with a project below the header of the yearly database", "the yearly database",
            "An individual sheet or a segment sheet is another form.",
        )  # fmt: skip
    return Dataset.concat(parts)


def _read_tab(tab: Tab, path: Path) -> Dataset | None:
    place = places(tab.header)
    year = _review_year(place)
    if year is None:
        raise UnknownFormError(
            path,
            f"tab {tab.name}",
            "no fiscal year in the headers of the budget",
            "予算額・執行額-令和4年度-…",
            "Is the header complete?",
        )
    every = Groups(tab, place, _positions(tab, np.unique(tab.row))).rows("sheet")
    is_sheet = every.filled(*(key for key in _IDENTITY if key in every.table.column_names))
    if not is_sheet.any():
        return None
    rows_of_sheets = every.row[is_sheet]
    groups = Groups(tab, place, _positions(tab, rows_of_sheets))
    rows = groups.rows("sheet")
    printed = numbers(rows)
    bulk = Bulk(distinct_ids(sheet_ids(rows, printed, year)), np.full(len(rows), year), {})
    _leave_others(groups, rows_of_sheets)
    tables = {**project_tables(bulk, groups, rows, printed), **money_tables(bulk, groups), **goal_tables(bulk, groups)}
    groups.leave_unknown()
    return Dataset({**tables, **groups.residue(bulk)})


def _review_year(place: dict[int, Place | None]) -> int | None:
    budgets = [one for one in place.values() if one and one.group == "budgets"]
    executed = [int(one.slot[0]) for one in budgets if one.field == "executed_jpy"]
    if executed:
        return max(executed) + 1
    return max((int(one.slot[0]) for one in budgets), default=0) - 1 if budgets else None


def _positions(tab: Tab, rows: np.ndarray) -> np.ndarray:
    """The position of the sheet of every row of the tab, -1 for rows that are none."""
    result = np.full(int(tab.row.max(initial=0)) + 1, -1, dtype="int64")
    result[rows] = np.arange(len(rows))
    return result


def _leave_others(groups: Groups, rows_of_sheets: np.ndarray) -> None:
    """Rows that name no project, for instance a total below the list: on record with the first sheet."""
    tab = groups.tab
    others = np.flatnonzero(~np.isin(tab.row, rows_of_sheets))
    said: dict[int, list[str]] = {}
    for row, words in zip(
        tab.row[others].tolist(), tab.texts.take(pa.array(tab.text[others])).to_pylist(), strict=True
    ):
        said.setdefault(row, []).append(words)
    if said:
        groups.leftovers.append({
            "sheet": np.zeros(len(said), dtype="int64"), "source_ref": pa.array([f"{tab.name}!row {row}" for row in said]),
            "text": pa.array([" | ".join(words) for words in said.values()]),
            "reason": pa.repeat("a row that names no project", len(said)),
        })  # fmt: skip
