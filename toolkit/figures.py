"""Figures on which both the checks and the metrics rest: the closed year, spending, indicators, printed rounding.

Frames in, frames out; many sheets at once. Amounts are float64 yen with NaN for missing (exact to 9 quadrillion),
so that a comparison with a missing amount is never true.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset

__all__ = ["closed_year", "floats", "half_unit", "indicator_years", "moved_on", "spending"]

_STEPS = (1_000_000, 100_000, 10_000, 1_000)


def floats(values: pd.Series) -> np.ndarray:
    """A nullable column as float64, <NA> as NaN."""
    return values.to_numpy(dtype="float64", na_value=np.nan)


def half_unit(amounts: np.ndarray, precision: np.ndarray | None = None) -> np.ndarray:
    """How far each printed amount may be from the true one: half of its last printed digit, in yen.

    The digit is seen from the amount itself (5,871,000,000 was printed in millions, 100,000 with one decimal),
    since one row may mix both; never more than half a million. 0 where ``precision`` is 1 yen, or nothing is printed.
    """
    half = np.where(np.isnan(amounts), 0.0, 0.5)
    for step in reversed(_STEPS):
        half[np.mod(amounts, step) == 0] = step / 2
    if precision is not None:
        half[precision == 1] = 0.0
    return half


def closed_year(dataset: Dataset) -> pd.DataFrame:
    """The year whose spending a sheet shows, the one before its review year: one row per sheet, indexed by sheet_id.

    ``fiscal_year`` and, in yen, ``initial``, ``current``, ``carried_out``, ``total``, ``executed``: NaN where the
    sheet has no such row or amount. ``precision`` is the printed precision; ``is_rs`` marks the RS System, whose
    rates rest on ``current``.
    """
    sheets, budgets = dataset["sheets"], dataset["budgets"]
    year = sheets["review_year"].to_numpy(dtype="int64") - 1
    index = pd.MultiIndex.from_arrays([sheets["sheet_id"], year])
    whole = budgets[budgets["account"].isna()]
    whole = whole.set_index([whole["sheet_id"], whole["fiscal_year"].astype("int64")])
    columns = {"initial_jpy", "current_jpy", "carried_out_jpy", "total_jpy", "executed_jpy", "precision_jpy"}
    found = {name.removesuffix("_jpy"): pd.Series(floats(whole[name]), whole.index) for name in sorted(columns)}
    result = pd.DataFrame(found).reindex(index)
    result = result.set_index(pd.Index(sheets["sheet_id"]))
    result.insert(0, "fiscal_year", year)
    result["is_rs"] = sheets["form"].str.startswith("rs").fillna(False).to_numpy(dtype=bool)
    return result


def spending(dataset: Dataset) -> pd.DataFrame:
    """What a sheet shows as paid by the ministry, nothing counted twice: one row per sheet, indexed by sheet_id.

    Columns: ``fiscal_year`` (the year before the review), ``blocks_jpy`` (blocks paid by the ministry itself),
    ``ministry_costs_jpy`` (what it spent itself; 0 where none is printed), ``spending_jpy`` (their sum; <NA>
    where neither is printed), then how far to trust it:

    ``basis`` : ``root_blocks`` where the flow of funds (or a single block) says which blocks the ministry pays;
        ``all_blocks`` where it says nothing, so that re-commissioned money may be counted twice; <NA> for no block
    ``blocks`` : blocks counted; ``from_recipients`` : of these, blocks without a printed amount, taken as the sum
        of their listed recipients (a lower bound); ``without_amount`` : blocks with neither, counted as 0
    """
    blocks = _blocks(dataset)
    per_sheet = blocks.groupby("sheet_id")
    has_flow = per_sheet["has_flow"].transform("any").to_numpy(dtype=bool)
    is_only = per_sheet["block"].transform("size").to_numpy() == 1
    counted = blocks[is_only | ~has_flow | blocks["is_root"].to_numpy()]
    result = pd.DataFrame(
        {
            "blocks_jpy": counted.groupby("sheet_id")["amount"].sum(min_count=1),
            "basis": pd.Series(np.where(has_flow | is_only, "root_blocks", "all_blocks"), blocks["sheet_id"])
            .groupby("sheet_id")
            .first(),
            "blocks": counted.groupby("sheet_id").size(),
            "from_recipients": counted.groupby("sheet_id")["from_recipients"].sum(),
            "without_amount": counted.groupby("sheet_id")["without_amount"].sum(),
        }
    ).reindex(pd.Index(dataset["sheets"]["sheet_id"]))
    costs = dataset["ministry_costs"].groupby("sheet_id")["amount_jpy"].sum(min_count=1).astype("Float64")
    costs = pd.Series(floats(costs), costs.index).reindex(result.index)
    known = result["blocks_jpy"].notna() | costs.notna()
    result.insert(0, "fiscal_year", (dataset["sheets"]["review_year"] - 1).array)
    result.insert(2, "ministry_costs_jpy", costs.fillna(0))
    result.insert(3, "spending_jpy", (result["blocks_jpy"].fillna(0) + costs.fillna(0)).where(known))
    counts = ["blocks", "from_recipients", "without_amount"]
    result[counts] = result[counts].fillna(0)
    numbers = ["blocks_jpy", "ministry_costs_jpy", "spending_jpy", *counts]
    return result.astype({**dict.fromkeys(numbers, "Int64"), "basis": "string"})


def _blocks(dataset: Dataset) -> pd.DataFrame:
    """Every block of ``blocks`` or only of ``recipients``: its amount (NaN: none) and its place in the flow."""
    listed = dataset["recipients"].groupby(["sheet_id", "block"])["amount_jpy"].sum(min_count=1).astype("Float64")
    printed = dataset["blocks"].set_index(["sheet_id", "block"])[["amount_jpy", "is_root", "depth"]]
    result = printed.join(listed.rename("listed"), how="outer").sort_index().reset_index()
    amount, sums = floats(result["amount_jpy"]), floats(result["listed"])
    return pd.DataFrame(
        {
            "sheet_id": result["sheet_id"],
            "block": result["block"],
            "amount": np.where(np.isnan(amount), sums, amount),
            "has_flow": result["is_root"].notna() | result["depth"].notna(),
            "is_root": result["is_root"].fillna(False).astype(bool) | (result["depth"] == 1).fillna(False).astype(bool),
            "from_recipients": np.isnan(amount) & ~np.isnan(sums),
            "without_amount": np.isnan(amount) & np.isnan(sums),
        }
    )


def indicator_years(dataset: Dataset) -> pd.DataFrame:
    """Actual, target and printed achievement side by side: one row per sheet, indicator, fiscal year and finality.

    ``actual`` is <NA> from the review year on: what the row of actuals prints there is a forecast (活動見込).
    ``target`` is the printed target, for outputs the expected value; ``printed`` the printed achievement (ratio);
    ``direction`` is up, down or <NA>; ``is_settled`` is False where one of the values is unsettled.
    """
    rows = dataset["measurements"]
    keys = rows[["sheet_id", "indicator_id", "fiscal_year"]].copy()
    keys["is_final_year"] = rows["is_final_year"].fillna(False).astype(bool)
    group = keys.groupby(list(keys), dropna=False, sort=False).ngroup().to_numpy()
    result = keys[~pd.Series(group).duplicated().to_numpy()].reset_index(drop=True)
    values, measures = floats(rows["value"]), rows["measure"].to_numpy(dtype=object)
    for name, measure in (
        ("actual", "actual"),
        ("target", "target"),
        ("expected", "expected"),
        ("printed", "achievement"),
    ):
        column = np.full(len(result), np.nan)
        chosen = (measures == measure) & ~np.isnan(values)
        column[group[chosen]] = values[chosen]
        result[name] = column
    reviewed = result["sheet_id"].map(dataset["sheets"].set_index("sheet_id")["review_year"])
    result.loc[(result["fiscal_year"] >= reviewed).fillna(False), "actual"] = np.nan
    result["target"] = result["target"].fillna(result.pop("expected"))
    settled = np.ones(len(result), dtype=bool)
    settled[group[(rows["certainty"] == "unsettled").to_numpy(dtype=bool)]] = False
    result["is_settled"] = settled
    about = dataset["indicators"].set_index(["sheet_id", "indicator_id"])[["level", "indicator", "unit", "direction"]]
    return result.join(about, on=["sheet_id", "indicator_id"])


def moved_on(years: pd.DataFrame) -> pd.DataFrame:
    """Indicators whose target never moves while every actual passes it, from the frame of ``indicator_years``.

    At least three fiscal years with a target, all the same, and two with an actual, each strictly better than it
    (greater, or smaller where the direction is down); the column of the final year is left out. One row per sheet
    and indicator: ``target``, ``years``, ``first_year``, ``last_year`` (of the target), ``actual`` (the latest),
    ``is_settled``.
    """
    usual = years[~years["is_final_year"] & years["fiscal_year"].notna() & years["target"].notna()]
    usual = usual.sort_values(["sheet_id", "indicator_id", "fiscal_year"])
    down = (usual["direction"] == "down").fillna(False).to_numpy(dtype=bool)
    actual, target = usual["actual"].to_numpy(), usual["target"].to_numpy()
    has = ~np.isnan(actual)
    usual = usual.assign(has=has, passed=has & np.where(down, actual < target, actual > target))
    result = usual.groupby(["sheet_id", "indicator_id"], sort=False).agg(
        target=("target", "first"), highest=("target", "max"), lowest=("target", "min"), years=("target", "size"),
        first_year=("fiscal_year", "min"), last_year=("fiscal_year", "max"), actual=("actual", "last"),
        actuals=("has", "sum"), passed=("passed", "sum"), is_settled=("is_settled", "all"),
    ).reset_index()  # fmt: skip
    still = (result["highest"] == result["lowest"]) & (result["years"] >= 3)
    passed = (result["actuals"] >= 2) & (result["passed"] == result["actuals"])
    return result[still & passed].drop(columns=["highest", "lowest", "actuals", "passed"]).reset_index(drop=True)
