"""Indicators and their values in the yearly database: outcomes and outputs to 2022, the logic model of 2023."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit import text
from toolkit.readers.database.groups import Groups, TabRows
from toolkit.readers.rs_system.rows import Bulk, codes, counted, first, mapped, number, part

__all__ = ["goal_tables"]

_HORIZON = {1: "short", 2: "mid", 3: "long"}
_KEY = ("indicator_id", "fiscal_year", "measure", "is_final_year")


def goal_tables(bulk: Bulk, groups: Groups) -> dict[str, pd.DataFrame]:
    """The tables ``indicators`` and ``measurements``."""
    indicators, measurements = [], []
    activities = groups.rows("activities")
    activities = activities.where(activities.filled("goal"))
    if len(activities):
        indicators.append(part(activities, **_named(activities, "activity"), goal=activities.text("goal")))
    outcomes = np.zeros(len(bulk), dtype="int64")
    for group, level in (("outputs", "output"), ("outcomes", "outcome")):
        rows = groups.rows(group)
        values = [name for name in groups.fields(group) if "@" in name or name in ("final target", "interim target")]
        kept = rows.filled("goal", "indicator", *values)
        rows.leave_words(~kept, ("unit", "evidence", "final year"), "belongs to no indicator")
        rows = rows.where(kept)
        outcomes = np.bincount(rows.sheet, minlength=len(bulk))
        told = _named(rows, level)
        indicators.append(
            part(
                rows,
                **told,
                **{side: rows.text(side) for side in ("goal", "indicator", "unit")},
                evidence_source=rows.text("evidence"),
            )
        )
        measurements += _measurements(bulk, rows, told["indicator_id"], groups.fields(group))
    indicators.append(_without_number(groups, outcomes))
    tables = {"indicators": bulk.table("indicators", *indicators)}
    if measurements:
        tables["measurements"] = bulk.table("measurements", *measurements)
    return tables


def _named(rows: TabRows, level: str) -> dict[str, Any]:
    """Id, level, activity and horizon of every row: outcome-2 to 2022, 1-output-1 and 1-long in 2023."""
    activity = rows.slot(0).to_numpy().astype("int64") if len(rows) else np.zeros(0, dtype="int64")
    step = (
        rows.slot(1).to_numpy().astype("int64")
        if len(rows) and level == "outcome"
        else np.zeros(len(rows), dtype="int64")
    )
    count = counted(codes(rows.sheet, activity, step))
    ids = [_id(level, *place) for place in zip(activity.tolist(), step.tolist(), count.tolist(), strict=True)]
    return {
        "indicator_id": pa.array(ids, pa.string()), "level": pa.repeat(level, len(rows)),
        "activity_no": pa.array(activity, mask=activity == 0), "horizon": pa.array([_HORIZON.get(s) for s in step.tolist()], pa.string()),
    }  # fmt: skip


def _id(level: str, activity: int, step: int, count: int) -> str:
    if not activity:
        return f"{level}-{count}"
    name = _HORIZON.get(step, level)
    return f"{activity}-{name}" if count == 1 and level != "output" else f"{activity}-{name}-{count}"


def _without_number(groups: Groups, before: Any) -> dict[str, Any]:
    """Why no quantitative target can be set, and the qualitative one (to 2020): an outcome after the others."""
    rows = groups.rows("no_number")
    rows = rows.where(rows.filled("explanation", "goal"))
    ids = [f"outcome-{count + 1}" for count in before[rows.sheet].tolist()]
    return part(rows, indicator_id=pa.array(ids, pa.string()), level=pa.repeat("outcome", len(rows)), goal=rows.text("goal"),
                explanation=rows.text("explanation"), is_qualitative=pa.repeat(True, len(rows)))  # fmt: skip


def _measurements(bulk: Bulk, rows: TabRows, ids: pa.Array, fields: list[str]) -> list[dict[str, Any]]:
    parts = []
    for name in fields:
        measure, is_yearly, year = name.partition("@")
        if is_yearly:
            years = pa.repeat(int(year), len(rows))
            expected = _achieved(rows, year) if measure == "achievement" else None
            parts.append(_values(rows, ids, name, measure, pa.array(years), is_final=False, expected=expected))
    finals = [
        _values(rows, ids, f"{lead} {measure}", measure, _final_year(bulk, rows, f"{lead} year"), is_final=True)
        for lead in ("final", "interim")
        for measure in ("target", "actual", "achievement")
        if f"{lead} {measure}" in fields or (measure == "target" and f"{lead} year" in fields)
    ]
    return parts + _distinct(rows, finals)


def _values(
    rows: TabRows, ids: pa.Array, name: str, measure: str, years: pa.Array, *, is_final: bool, expected: Any = None
) -> dict[str, Any]:
    """The rows with something printed in the column; of a final year the year alone is enough."""
    some = rows.filled(name) | (is_final & years.is_valid().to_numpy(zero_copy_only=False) & (measure == "target"))
    at = pa.array(np.flatnonzero(some))
    chosen = rows.where(some)
    said = chosen.text(name)
    if measure == "achievement":
        value = chosen.ratio(name, expected[some] if expected is not None else None)
    else:
        value = number(pc.replace_substring_regex(said, r"\s*[%％]$", ""), pa.float64())
    return part(chosen, indicator_id=ids.take(at), fiscal_year=years.take(at), measure=pa.repeat(measure, len(chosen)), value=value,
                value_text=said, is_final_year=pa.repeat(is_final, len(chosen)))  # fmt: skip


def _achieved(rows: TabRows, year: str) -> np.ndarray:
    """Actual over target of a year, NaN where one is missing."""
    actual, target = (
        number(rows.text(f"{name}@{year}"), pa.float64()).to_numpy(zero_copy_only=False)
        for name in ("actual", "target")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        result = actual.astype(float) / target.astype(float)
    return np.where(np.isfinite(result), result, np.nan)


def _final_year(bulk: Bulk, rows: TabRows, name: str) -> pa.Array:
    """令和8年度, 2026 or 8; the last is of the era that the review year makes likely."""
    said = rows.text(name)
    review = int(bulk.years[0])

    def read(printed: str) -> str | None:
        year = text.short_fiscal_year(printed, review)
        return str(year) if year is not None and 1989 <= year < 2200 else None

    years = pc.cast(mapped(said, read), pa.int64())
    rows.leave_words(
        (said.is_valid().to_numpy(zero_copy_only=False)) & years.is_null().to_numpy(zero_copy_only=False),
        (name,),
        "not a year",
    )
    return years


def _distinct(rows: TabRows, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without values whose year and measure the final year already has: an interim target in the same year."""
    if len(parts) < 2:
        return parts
    stacked = pa.concat_tables([pa.table(one) for one in parts], promote_options="permissive").combine_chunks()
    columns = [stacked[name].combine_chunks() for name in _KEY]
    kept = first(codes(stacked["sheet"].to_numpy(), *columns))
    lost = np.setdiff1d(np.arange(len(stacked)), kept)
    if len(lost):
        gone = stacked.take(pa.array(lost))
        rows.leftovers.append({"sheet": gone["sheet"].to_numpy(), "source_ref": gone["source_ref"], "text": gone["value_text"],
                               "reason": pa.repeat("a second target of the same year", len(lost))})  # fmt: skip
    return [dict(zip(stacked.column_names, stacked.take(pa.array(kept)).columns, strict=True))]
