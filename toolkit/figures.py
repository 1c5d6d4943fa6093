"""Figures on which both the checks and the metrics rest: the closed year, spending, indicators, printed rounding.

Frames in, frames out; many sheets at once. Amounts are float64 yen with NaN for missing (exact to 9 quadrillion),
so that a comparison with a missing amount is never true.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset, remembered

__all__ = ["closed_year", "floats", "half_unit", "indicator_years", "moved_on", "spending", "unit_slips"]

_SLIP = 50
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


@remembered
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


@remembered
def unit_slips(dataset: Dataset) -> pd.DataFrame:
    """Rows of ``recipients`` with an amount, in a project of known size: ``found``, ``expected`` (that size), ``wrong``.

    ``wrong`` marks amounts above 50 times what was executed (or the total, where that is larger): yen or thousand yen
    taken for millions. An amount within twice the current budget is none: a contract of a year whose money was
    carried over is listed with its full price.
    """
    rows = dataset["recipients"]
    closed = closed_year(dataset).reindex(rows["sheet_id"])
    size, amount = closed[["executed", "total"]].max(axis=1).to_numpy(), floats(rows["amount_jpy"])
    wrong = (amount > _SLIP * size) & ~(amount <= 2 * closed["current"].to_numpy())
    return rows.assign(found=amount, expected=size, wrong=wrong)[(size > 0) & ~np.isnan(amount)]


@remembered
def spending(dataset: Dataset) -> pd.DataFrame:
    """What the ministry paid out, safe to add up: one row per sheet of the dataset, indexed by sheet_id.

    ``spending_jpy`` is what the ministry paid itself: blocks it pays plus its own costs (国自らが支出する間接経費), never
    the blocks that these pay in turn. It is <NA> where the sheet does not settle which blocks these are, where an
    amount is suspected to be in another unit, and where nothing is printed. How it was settled says ``basis``:

    ``root_blocks`` : the flow of funds says so, or there is a single block (forms with a flow: printed sheets and the RS System)
    ``agreeing_blocks`` : no flow is known (JUDGIT!, yearly database), but all blocks add up to the executed amount, within
        their printed rounding and 1 %, so none of them is passed on from another
    ``all_blocks`` : neither; ``listed_jpy`` may count money twice, once for each hand it passes through

    ``fiscal_year`` is the year before the review; ``blocks_jpy`` and ``ministry_costs_jpy`` (0 where none is printed) add up to
    ``listed_jpy``. ``blocks`` are counted; of these ``from_recipients`` print no amount and are taken as the sum of
    their listed recipients (a lower bound: lists end at ten), ``without_amount`` have neither and count as 0.
    ``slips`` : recipients whose amount is suspected to be in another unit.
    """
    blocks, closed = _blocks(dataset), closed_year(dataset)
    per_sheet = blocks.groupby("sheet_id")
    has_flow = per_sheet["has_flow"].transform("any").to_numpy(dtype=bool)
    is_only = per_sheet["block"].transform("size").to_numpy() == 1
    blocks["is_known"] = has_flow | is_only
    counted = blocks[is_only | ~has_flow | blocks["is_root"].to_numpy()].groupby("sheet_id")
    result = pd.DataFrame(
        {
            "blocks_jpy": counted["amount"].sum(min_count=1),
            "is_known": per_sheet["is_known"].first(),
            "slack": counted["slack"].sum(),
            "blocks": counted.size(),
            "from_recipients": counted["from_recipients"].sum(),
            "without_amount": counted["without_amount"].sum(),
        }
    ).reindex(closed.index)
    costs = dataset["ministry_costs"].groupby("sheet_id")["amount_jpy"].sum(min_count=1).astype("Float64")
    own = pd.Series(floats(costs), costs.index).reindex(result.index)
    slips = unit_slips(dataset)
    slips = slips[slips["wrong"]].groupby("sheet_id").size()
    listed = result["blocks_jpy"].fillna(0) + own.fillna(0)
    executed = closed["executed"].to_numpy()
    apart = np.abs(listed - executed)
    agrees = (apart <= result.pop("slack") + half_unit(executed)) & (apart <= 0.01 * executed)
    known = result.pop("is_known")
    basis = np.where(known.eq(True), "root_blocks", np.where(agrees, "agreeing_blocks", "all_blocks"))
    result = result.assign(
        fiscal_year=closed["fiscal_year"],
        ministry_costs_jpy=own.fillna(0),
        listed_jpy=listed.where(result["blocks_jpy"].notna() | own.notna()),
        basis=pd.Series(basis, result.index).where(known.notna()),
        slips=slips.reindex(result.index).fillna(0),
    )
    settled = (result["slips"] == 0) & (result["basis"] != "all_blocks")
    result["spending_jpy"] = result["listed_jpy"].where(settled)
    counts = ["blocks", "from_recipients", "without_amount", "slips"]
    amounts = ["spending_jpy", "blocks_jpy", "ministry_costs_jpy", "listed_jpy"]
    result[counts] = result[counts].fillna(0)
    types = {
        "fiscal_year": "Int16",
        **dict.fromkeys(amounts, "Int64"),
        "basis": "string",
        **dict.fromkeys(counts, "Int64"),
    }
    return result[list(types)].astype(types)


def _blocks(dataset: Dataset) -> pd.DataFrame:
    """Every block of ``blocks`` or only of ``recipients``: its amount (NaN: none) and its place in the flow."""
    rows = dataset["recipients"]
    paid = rows[["sheet_id", "block"]].assign(listed=floats(rows["amount_jpy"]))
    paid["slack"] = half_unit(paid["listed"].to_numpy(), floats(rows["precision_jpy"]))
    by = paid.groupby(["sheet_id", "block"])
    printed = dataset["blocks"].set_index(["sheet_id", "block"])[["amount_jpy", "is_root", "depth"]]
    result = printed.join([by["listed"].sum(min_count=1), by["slack"].sum()], how="outer").sort_index().reset_index()
    amount, sums = floats(result["amount_jpy"]), result["listed"].to_numpy()
    return pd.DataFrame(
        {
            "sheet_id": result["sheet_id"],
            "block": result["block"],
            "amount": np.where(np.isnan(amount), sums, amount),
            "slack": np.where(np.isnan(amount), result["slack"], half_unit(amount)),
            "has_flow": result["is_root"].notna() | result["depth"].notna(),
            "is_root": result["is_root"].fillna(False).astype(bool) | (result["depth"] == 1).fillna(False).astype(bool),
            "from_recipients": np.isnan(amount) & ~np.isnan(sums),
            "without_amount": np.isnan(amount) & np.isnan(sums),
        }
    )


@remembered
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
