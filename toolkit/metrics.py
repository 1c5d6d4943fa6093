"""Measures of budgets, recipients, indicators and costs: pure functions, tables in, Series or tables out.

A ratio is <NA> where a part is missing or its denominator is zero or negative; nothing is taken for zero that is
not printed as zero. Series keep the index of the table they come from, so that they can be assigned to it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset, remembered
from toolkit.figures import floats, indicator_years, moved_on, spending

__all__ = [
    "achievement", "amount_per_recipient", "carry_over_share", "concentration", "cost_item_shares", "execution_rate",
    "execution_rate_sheet", "growth", "recipient_shares", "request_growth", "sheet_concentration", "spending",
    "stagnant_targets", "top_recipients", "unit_cost",
]  # fmt: skip

_BLOCK = ["sheet_id", "block"]
_NOT_COUNTED = r"[%％割率]"


def _ratio(numerator: pd.Series, denominator: pd.Series, name: str) -> pd.Series:
    """Float64 ratio; <NA> where either is missing or the denominator is not positive."""
    top, bottom = floats(numerator), floats(denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(bottom > 0, top / bottom, np.nan)
    return pd.Series(values, numerator.index, name=name).astype("Float64").mask(np.isnan(values))


# -- budgets
def execution_rate(budgets: pd.DataFrame) -> pd.Series:
    """Executed over 歳出予算現額 (current budget): comparable over all years and sources.

    Money carried to the next year counts as not executed. <NA> for years not closed. May exceed 1.
    """
    return _ratio(budgets["executed_jpy"], budgets["current_jpy"], "execution_rate")


def execution_rate_sheet(budgets: pd.DataFrame) -> pd.Series:
    """Executed over 計(F) as the sheets to 2023 print it: what was carried out does not count against the project.

    Never mix it with ``execution_rate``: of 6,370 million yen with 1,035 carried out and 5,335 executed it is
    100 %, the other 84 %.
    """
    return _ratio(budgets["executed_jpy"], budgets["total_jpy"], "execution_rate_sheet")


def carry_over_share(budgets: pd.DataFrame) -> pd.Series:
    """Carried out over current budget. A dash where a carry-out would stand is <NA>, a printed 0 is 0."""
    return _ratio(budgets["carried_out_jpy"], budgets["current_jpy"], "carry_over_share")


def growth(budgets: pd.DataFrame, column: str = "initial_jpy") -> pd.Series:
    """Change of an amount against the fiscal year before, same sheet and account: 0.2 is a fifth more.

    <NA> where the year before is absent, missing, zero or negative.
    """
    key = ["sheet_id", "account", "fiscal_year"]
    before = budgets[[*key, column]].assign(fiscal_year=budgets["fiscal_year"] + 1)
    joined = budgets[key].merge(before, on=key, how="left").set_index(budgets.index)
    return (_ratio(budgets[column], joined[column], "growth") - 1).rename("growth")


def request_growth(budgets: pd.DataFrame) -> pd.Series:
    """Request for the next year against the initial budget of the year before it: one value per sheet (sheet_id).

    <NA> for sheets that print no request, or no initial budget to compare it with.
    """
    whole = budgets[budgets["account"].isna()]
    request = whole[whole["requested_jpy"].notna()].drop_duplicates("sheet_id", keep="last")
    initial = whole.set_index(["sheet_id", "fiscal_year"])["initial_jpy"]
    year_before = pd.MultiIndex.from_arrays([request["sheet_id"], request["fiscal_year"] - 1])
    base = pd.Series(initial.reindex(year_before).array, request.index)
    result = _ratio(request["requested_jpy"], base, "request_growth") - 1
    result.index = pd.Index(request["sheet_id"])
    return result.reindex(budgets["sheet_id"].unique()).rename_axis("sheet_id").rename("request_growth")


# -- recipients
def recipient_shares(recipients: pd.DataFrame) -> pd.Series:
    """Each recipient's share of what its block's listed recipients got; <NA> where its amount is missing."""
    total = recipients.groupby(_BLOCK)["amount_jpy"].transform("sum")
    return _ratio(recipients["amount_jpy"], total, "recipient_share")


def amount_per_recipient(blocks: pd.DataFrame) -> pd.Series:
    """Amount of a block over the number of its recipients, in yen; <NA> where the number is missing or 0."""
    return _ratio(blocks["amount_jpy"], blocks["recipient_count"], "amount_per_recipient_jpy")


@remembered
def concentration(dataset: Dataset) -> pd.DataFrame:
    """How concentrated the money of each block is: one row per sheet and block (index).

    ``largest`` (name), ``recipients`` (named and with an amount), ``listed_jpy`` (their sum), ``total_jpy`` (the block's printed
    amount where that is larger: long lists are cut to ten), ``top1``, ``top3``, ``top5`` (shares of the total),
    ``hhi`` (sum of squared shares: 1 is a single recipient). Rows of one corporate number, else of one name, are
    one recipient; a row that stands for many (その他) adds to the listed sum but is no recipient. Where not
    everyone is listed, ``hhi`` is therefore a lower bound.
    """
    printed = dataset["blocks"].set_index(_BLOCK)["amount_jpy"]
    return _concentration(dataset["recipients"], _BLOCK, printed)


@remembered
def sheet_concentration(dataset: Dataset) -> pd.DataFrame:
    """The same per sheet, over the recipients that the ministry itself pays (re-commissioned money is left out).

    Where the sheet does not say which blocks these are, over all its blocks; see ``spending`` for ``basis``. The shares
    are <NA> where an amount is suspected to be in another unit.
    """
    shown = spending(dataset)
    printed = shown["blocks_jpy"].where(shown["basis"].ne("all_blocks").fillna(False))
    result = _concentration(_paid(dataset), ["sheet_id"], printed)
    has_slips = (shown["slips"].reindex(result.index) > 0).fillna(False)
    result.loc[has_slips.to_numpy(dtype=bool), ["top1", "top3", "top5", "hhi"]] = pd.NA
    return result.join(shown["basis"])


def top_recipients(dataset: Dataset, count: int = 5) -> pd.DataFrame:
    """The recipients to whom the ministry itself paid most: one row per sheet and place, ``count`` at most.

    ``sheet_id``, ``place`` (from 1), ``name``, ``amount_jpy``, over the same rows as ``sheet_concentration``.
    """
    ranked = _ranked(_paid(dataset), ["sheet_id"])
    ranked["place"] = ranked.groupby("sheet_id").cumcount() + 1
    ranked["amount_jpy"] = ranked["amount"].astype("Int64")
    return ranked.loc[ranked["place"] <= count, ["sheet_id", "place", "name", "amount_jpy"]].reset_index(drop=True)


@remembered
def _paid(dataset: Dataset) -> pd.DataFrame:
    """The recipients in the blocks that the ministry pays; all of a sheet that does not say which these are."""
    blocks, recipients = dataset["blocks"], dataset["recipients"]
    known = blocks[blocks["is_root"].notna() | blocks["depth"].notna()]
    roots = blocks[blocks["is_root"].fillna(False) | (blocks["depth"] == 1).fillna(False)]
    is_root = pd.MultiIndex.from_frame(recipients[_BLOCK]).isin(pd.MultiIndex.from_frame(roots[_BLOCK]))
    is_placed = recipients["sheet_id"].isin(known["sheet_id"].unique()).to_numpy(dtype=bool)
    return recipients[is_root | ~is_placed]


def _ranked(recipients: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Each recipient once per group, by corporate number or else by name, largest first; those that stand for many left out."""
    number = recipients["corporate_number"].where(recipients["number_status"].eq("valid").fillna(False))
    paid = recipients.assign(who=number.fillna(recipients["name"]), amount=floats(recipients["amount_jpy"]))
    paid = paid[recipients["amount_jpy"].notna() & recipients["name_kind"].ne("others").fillna(True)]
    single = paid.groupby([*by, "who"], dropna=False)
    ranked = single.agg(amount=("amount", "sum"), name=("name", "first")).reset_index()
    return ranked.sort_values([*by, "amount"], ascending=[True] * len(by) + [False], kind="stable")


def _concentration(recipients: pd.DataFrame, by: list[str], printed: pd.Series) -> pd.DataFrame:
    paid = recipients[recipients["amount_jpy"].notna()]
    listed = paid.assign(amount=floats(paid["amount_jpy"])).groupby(by)["amount"].sum()
    ranked = _ranked(recipients, by)
    groups, place = ranked.groupby(by), ranked.groupby(by).cumcount()
    result = pd.DataFrame({"largest": groups["name"].first(), "recipients": groups.size(), "listed_jpy": listed})
    known = pd.Series(floats(printed.reindex(result.index)), result.index)
    result["total_jpy"] = np.fmax(result["listed_jpy"], known)
    for top in (1, 3, 5):
        result[f"top{top}"] = ranked[place < top].groupby(by)["amount"].sum() / result["total_jpy"]
    result["hhi"] = ranked.assign(square=ranked["amount"] ** 2).groupby(by)["square"].sum() / result["total_jpy"] ** 2
    shares = ["top1", "top3", "top5", "hhi"]
    result[shares] = result[shares].where(result["total_jpy"] > 0)
    result["recipients"] = result["recipients"].fillna(0)
    counts = dict.fromkeys(["recipients", "listed_jpy", "total_jpy"], "Int64")
    return result.astype({"largest": "string", **counts, **dict.fromkeys(shares, "Float64")})


# -- indicators
@remembered
def achievement(dataset: Dataset) -> pd.DataFrame:
    """Actual against target: one row per sheet, indicator, fiscal year and finality that has both.

    ``ratio`` is actual / target, for an indicator whose direction is down target / actual; <NA> where the
    divisor is zero or a sign makes it meaningless. ``is_met`` compares the two figures themselves, so it stands
    for a target of 0 as well; where the form prints no direction (to 2023), more is better, as its own 達成度 has
    it, unless the printed achievement says otherwise, and a target of 0 leaves it <NA>. ``printed`` is the
    achievement on the sheet. An output's 当初見込み counts as its target.
    """
    years = indicator_years(dataset)
    result = years[years["actual"].notna() & years["target"].notna()].reset_index(drop=True)
    actual, target, printed = (result[name].to_numpy() for name in ("actual", "target", "printed"))
    down = (result["direction"] == "down").fillna(False).to_numpy(dtype=bool)
    unknown = result["direction"].isna().to_numpy()
    top, bottom = np.where(down, target, actual), np.where(down, actual, target)
    ratio = _ratio(pd.Series(top), pd.Series(bottom), "ratio")
    met = np.where(down, actual <= target, actual >= target)
    met = np.where(unknown & ~np.isnan(printed), printed >= 1, met)
    is_met = pd.Series(met).astype("boolean").mask(unknown & (target == 0) & np.isnan(printed))
    result[["actual", "target", "printed"]] = result[["actual", "target", "printed"]].astype("Float64")
    return result.assign(ratio=ratio, is_met=is_met)


@remembered
def stagnant_targets(dataset: Dataset) -> pd.DataFrame:
    """Indicators whose target stays the same for three years or more while every actual passes it.

    One row per sheet and indicator; columns as ``toolkit.figures.moved_on`` describes.
    """
    return moved_on(indicator_years(dataset))


# -- costs
def cost_item_shares(cost_items: pd.DataFrame) -> pd.Series:
    """Each cost item's share of the items of its block; <NA> where its amount is missing."""
    total = cost_items.groupby(_BLOCK)["amount_jpy"].transform("sum")
    return _ratio(cost_items["amount_jpy"], total, "cost_item_share")


def unit_cost(dataset: Dataset) -> pd.DataFrame:
    """Executed amount of a year per unit of output: one row per sheet, output indicator and fiscal year.

    ``executed_jpy`` of the whole project, ``actual`` in ``unit``, ``unit_cost_jpy``. Only outputs with an actual
    above 0 that can be counted: percentages and rates are left out. A project with several outputs spends its
    money on all of them, so figures compare over the years of one output, not between outputs.
    """
    years = indicator_years(dataset)
    counted = ~years["unit"].str.contains(_NOT_COUNTED, regex=True).fillna(False).astype(bool)
    output = (years["level"] == "output").fillna(False) & ~years["is_final_year"] & (years["actual"] > 0)
    rows = years[counted & output].copy()
    whole = dataset["budgets"][dataset["budgets"]["account"].isna()][["sheet_id", "fiscal_year", "executed_jpy"]]
    rows = rows.merge(whole.dropna(subset="executed_jpy"), on=["sheet_id", "fiscal_year"])
    rows["unit_cost_jpy"] = _ratio(rows["executed_jpy"], rows["actual"], "unit_cost_jpy")
    columns = [
        "sheet_id",
        "indicator_id",
        "fiscal_year",
        "indicator",
        "unit",
        "actual",
        "executed_jpy",
        "unit_cost_jpy",
    ]
    return rows[columns].astype({"actual": "Float64"}).reset_index(drop=True)
