"""Outcomes and outputs of JUDGIT! records: indicators and their yearly values."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from toolkit import text
from toolkit.readers.judgit.items import Items, strings
from toolkit.readers.rs_system.rows import Bulk, counted

__all__ = ["indicator_tables"]

#: JUDGIT! takes a year of the target for one of 令和 and adds this
_ADDED = 2018
#: 平成28 … 31, with that added: no target lies so far ahead, but 令和28年度 is not impossible
_HEISEI = range(2046, 2050)


def indicator_tables(
    bulk: Bulk, fields: list[dict[str, Any]], wheres: pa.Array, outcomes: Items, outputs: Items
) -> dict[str, pd.DataFrame]:
    """The tables ``indicators`` and ``measurements``; an entry that repeats another of its sheet is left out."""
    outcomes, outputs = (items.where(_is_first(items)) for items in (outcomes, outputs))
    outcome_no, output_no = counted(outcomes.sheet), counted(outputs.sheet)
    indicators = [
        _indicators(outcomes, "outcome", outcome_no, goal="成果目標", indicator="成果指標"),
        _indicators(outputs, "output", output_no, indicator="活動指標"),
        _without_number(fields, wheres, np.bincount(outcomes.sheet, minlength=len(fields))),
    ]
    measurements = [
        _values(outcomes, "outcome", outcome_no, "成果実績", {"成果実績": "actual", "目標値": "target"}),
        _values(outputs, "output", output_no, "活動実績", {"活動実績": "actual", "当初見込み": "expected"}),
        _final(bulk, outcomes, outcome_no),
    ]
    return {
        "indicators": bulk.table("indicators", *indicators),
        "measurements": bulk.table("measurements", *measurements),
    }


def _is_first(items: Items) -> np.ndarray:
    """False for an entry equal to an earlier one of its sheet."""
    said = [json.dumps(value, ensure_ascii=False, sort_keys=True) for value in items.values]
    return ~pd.DataFrame({"sheet": items.sheet, "said": said}).duplicated().to_numpy()


def _ids(level: str, numbers: np.ndarray) -> pa.Array:
    return pa.array([f"{level}-{number}" for number in numbers.tolist()], pa.string())


def _indicators(items: Items, level: str, numbers: np.ndarray, **keys: str) -> dict[str, Any]:
    return {
        "sheet": items.sheet, "indicator_id": _ids(level, numbers), "level": pa.array([level] * len(items), pa.string()),
        "unit": strings(items.get("単位")), "source_ref": items.ref(), **{name: strings(items.get(key)) for name, key in keys.items()},
    }  # fmt: skip


def _without_number(fields: list[dict[str, Any]], wheres: pa.Array, before: np.ndarray) -> dict[str, Any]:
    """Why no quantitative target can be set: a qualitative outcome after the others (to 2020)."""
    said = strings([one.get("定量的な目標が設定できない理由") for one in fields])
    sheet = np.flatnonzero(said.is_valid().to_numpy(zero_copy_only=False))
    return {
        "sheet": sheet, "indicator_id": _ids("outcome", before[sheet] + 1), "level": pa.array(["outcome"] * len(sheet), pa.string()),
        "explanation": said.take(pa.array(sheet)), "is_qualitative": pa.array([True] * len(sheet), pa.bool_()),
        "source_ref": wheres.take(pa.array(sheet)),
    }  # fmt: skip


def _values(items: Items, level: str, numbers: np.ndarray, key: str, measures: dict[str, str]) -> dict[str, Any]:
    """A row per year and measure that has a value; null, not 0, is what JUDGIT! writes for none here."""
    rows: list[tuple[int, int, str, float]] = []
    for i, entry in enumerate(items.values):
        met = set()
        for one in entry.get(key) or ():
            year = one.get("年度") if isinstance(one, dict) else None
            if not isinstance(year, int) or year in met:
                items.leave(i, f"{key}: {one}", "no year of its own")
                continue
            met.add(year)
            for name, measure in measures.items():
                value = one.get(name)
                if value is None:
                    continue
                number = value if isinstance(value, int | float) else text.parse_number(value)
                if number is None:
                    items.leave(i, f"{key} {year} {name}: {value}", "not a number")
                else:
                    rows.append((i, year, measure, float(number)))
    at = np.array([row[0] for row in rows], dtype="int64")
    return {
        "sheet": items.sheet[at], "indicator_id": _ids(level, numbers[at]), "fiscal_year": pa.array([row[1] for row in rows], pa.int64()),
        "measure": pa.array([row[2] for row in rows], pa.string()), "value": pa.array(np.round([row[3] for row in rows], 9), pa.float64()),
        "is_final_year": pa.array([False] * len(rows), pa.bool_()), "source_ref": items.ref().take(pa.array(at)),
        "certainty": pa.array(["stated"] * len(rows), pa.string()),
    }  # fmt: skip


def _final(bulk: Bulk, items: Items, numbers: np.ndarray) -> dict[str, Any]:
    """The target of the final year; see ``judgit`` for what is known to be wrong with the year."""
    printed = strings(items.get("目標値"))
    year = items.numbers("目標最終年度")
    review = bulk.years[items.sheet]
    is_wrong, is_doubtful = year > 2200, np.isin(year, list(_HEISEI))
    year = np.where(is_wrong, year - _ADDED, year)
    is_doubtful |= is_wrong
    with np.errstate(invalid="ignore"):
        year[(year < review - 30) | (year > review + 60)] = np.nan
    at = np.flatnonzero(printed.is_valid().to_numpy(zero_copy_only=False) | ~np.isnan(year))
    said = printed.take(pa.array(at))
    read = [None if one is None else text.parse_number(one) for one in said.to_pylist()]
    value = [None if number is None else round(float(number), 9) for number in read]
    return {
        "sheet": items.sheet[at], "indicator_id": _ids("outcome", numbers[at]), "value_text": said, "value": pa.array(value, pa.float64()),
        "measure": pa.array(["target"] * len(at), pa.string()), "is_final_year": pa.array([True] * len(at), pa.bool_()),
        "fiscal_year": pa.array(np.nan_to_num(year[at]).astype("int64"), mask=np.isnan(year[at])), "source_ref": items.ref().take(pa.array(at)),
        "certainty": pa.array(np.where(is_doubtful[at], "unsettled", "stated")),
    }  # fmt: skip
