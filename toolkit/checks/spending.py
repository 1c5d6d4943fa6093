"""Rules of blocks, recipients, contracts, cost items and flows: one function per rule, all sheets at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.checks.facts import Facts, compare, graded, half
from toolkit.figures import floats, half_unit, unit_slips
from toolkit.text import fold


def _block_frame(facts: Facts) -> pd.DataFrame:
    rows = facts.dataset["blocks"]
    numbers = {
        name: floats(rows[name]) for name in ("amount_jpy", "recipient_count", "cost_total_jpy", "precision_jpy")
    }
    return rows.assign(**numbers)


def cost_items_total(facts: Facts) -> pd.DataFrame:
    rows = _block_frame(facts).join(
        facts.sums("cost_items", ["sheet_id", "block"]), on=["sheet_id", "block"], how="inner"
    )
    slack = np.where(rows["precision_jpy"] == 1, 0, rows["slack"]) + half(rows, "cost_total_jpy")
    rows = compare(rows, rows["cost_total_jpy"], rows["total"], slack)
    return rows.assign(wrong=rows["wrong"] & ((rows["missing"] == 0) | (rows["expected"] > rows["found"])))


def cost_recipient(facts: Facts) -> pd.DataFrame:
    """The cost items are one recipient's: of the one they name, else of the block's largest; see ``_payments``."""
    by = ["sheet_id", "block"]
    named = facts.dataset["cost_items"].groupby(by, sort=False)["recipient"].first()
    rows = _block_frame(facts).join(facts.sums("cost_items", by), on=by).join(named, on=by)
    costs = rows["cost_total_jpy"].fillna(rows["total"].where(rows["missing"] == 0))
    wanted = rows["cost_recipient"].fillna(rows["recipient"]).map(fold, na_action="ignore")
    rows = rows[[*by, "precision_jpy"]].assign(costs=costs, wanted=wanted)[costs.notna()].reset_index(drop=True)
    payments = _payments(facts, rows[by]).join(rows, on="at")
    payments["is_named"] = (payments["name"] == payments["wanted"]).fillna(False).astype(bool)
    payments["gap"] = (payments["amount"] - payments["costs"]).abs()
    has_named = payments.groupby("at")["is_named"].transform("any")
    nearest = payments[payments["is_named"] | (~has_named & payments["is_largest"])]
    nearest = nearest.sort_values("gap", kind="stable").drop_duplicates("at")
    slack = half(nearest, "costs") + half(nearest, "amount")
    return compare(nearest, nearest["costs"], nearest["amount"], slack, share=0.01)


def _payments(facts: Facts, blocks: pd.DataFrame) -> pd.DataFrame:
    """What the cost items of a block may add up to: a recipient's row, all rows of one name, or one contract.

    Forms to 2023 print the items of the largest recipient, the RS System those of one of its contracts. A name
    that stands for many (その他) is nobody's largest. ``at`` is the position in ``blocks``.
    """
    by = ["sheet_id", "block"]
    rows = facts.dataset["recipients"].merge(blocks.assign(at=blocks.index), on=by)
    names = {name: fold(name) for name in rows["name"].dropna().unique()}
    rows["name"], rows["amount"] = rows["name"].map(names), floats(rows["amount_jpy"])
    ranked = rows[rows["name_kind"].ne("others").fillna(True)].sort_values("amount", ascending=False, kind="stable")
    largest = ranked.drop_duplicates("at").set_index("at")["name"].rename("largest")
    largest = largest[~largest.index.isin(rows.loc[rows["amount"].isna(), "at"])]  # the missing one may be larger
    together = rows.groupby(["at", "name"], dropna=False)["amount"].sum(skipna=False).reset_index()
    contracts = facts.dataset["contracts"][[*by, "rank", "amount_jpy"]].merge(
        rows[[*by, "rank", "at", "name"]], on=[*by, "rank"]
    )
    contracts["amount"] = floats(contracts["amount_jpy"])
    columns = ["at", "name", "amount"]
    result = pd.concat([part[columns] for part in (rows, together, contracts)], ignore_index=True).dropna(
        subset="amount"
    )
    result = result.join(largest, on="at")
    return result.assign(is_largest=(result["name"] == result["largest"]).fillna(False).astype(bool))


def contracts_total(facts: Facts) -> pd.DataFrame:
    """Where both are printed: in the RS System; elsewhere one row is recipient and contract, unless there are several."""
    by = ["sheet_id", "block", "rank"]
    rows = facts.dataset["recipients"].join(facts.sums("contracts", by), on=by, how="inner")
    is_rs = facts.closed["is_rs"].reindex(rows["sheet_id"]).to_numpy()
    rows = rows[is_rs | (rows["rows"] > 1).to_numpy()]
    amount, precision = floats(rows["amount_jpy"]), floats(rows["precision_jpy"])
    slack = np.where(precision == 1, 0, rows["slack"]) + half_unit(amount, precision)
    return compare(rows, amount, rows["total"].where(rows["missing"] == 0), slack)


def block_recipients(facts: Facts) -> pd.DataFrame:
    by = ["sheet_id", "block"]
    rows = _block_frame(facts).join(facts.sums("recipients", by), on=by, how="inner")
    rows = compare(rows, rows["amount_jpy"], rows["total"], rows["slack"] + half(rows, "amount_jpy"))
    all_listed = (rows["recipient_count"] == rows["rows"]) & (rows["missing"] == 0)
    return graded(rows.assign(wrong=rows["wrong"] & (all_listed | (rows["expected"] > rows["found"]))))


def blocks_executed(facts: Facts) -> pd.DataFrame:
    blocks = facts.dataset["blocks"]
    unknown = blocks.loc[blocks["amount_jpy"].isna() | (blocks["is_root"].isna() & blocks["depth"].isna()), "sheet_id"]
    shown = facts.spending
    complete = (shown["blocks"] > 0) & (shown["from_recipients"] == 0) & ~shown.index.isin(unknown.unique())
    return _against_executed(facts, shown["listed_jpy"].where(complete))


def recipients_executed(facts: Facts) -> pd.DataFrame:
    """Only where no flow is known: money passed on and lists cut to ten make the sums differ on most sheets."""
    blocks = facts.dataset["blocks"]
    placed = blocks.loc[blocks["is_root"].notna() | blocks["depth"].notna(), "sheet_id"]
    shown = facts.spending
    has_no_flow = (shown["blocks"] > 0) & ~facts.closed["is_rs"] & ~shown.index.isin(placed.unique())
    return _against_executed(facts, shown["listed_jpy"].where(has_no_flow))


def _against_executed(facts: Facts, shown: pd.Series) -> pd.DataFrame:
    """An amount per sheet against what was executed in the year before the review, where that was anything."""
    rows = facts.closed.assign(sheet_id=facts.closed.index).reset_index(drop=True)
    executed = rows["executed"].where(rows["executed"] > 0).to_numpy()
    slack = half_unit(floats(shown)) + half_unit(executed)
    return compare(rows, floats(shown), executed, slack, share=0.01)


def flow_head(facts: Facts) -> pd.DataFrame:
    return _against_executed(facts, facts.dataset["sheets"]["flow_amount_jpy"])


def children_over_parent(facts: Facts) -> pd.DataFrame:
    flows = facts.dataset["flows"]
    flows = flows[~flows.duplicated(["sheet_id", "to_block"], keep=False) & flows["from_block"].notna()]
    flows = flows[flows["from_block"] != flows["to_block"]]  # a block drawn as paying itself
    blocks = _block_frame(facts).set_index(["sheet_id", "block"])
    own = blocks["amount_jpy"].reindex(pd.MultiIndex.from_frame(flows[["sheet_id", "to_block"]])).to_numpy()
    children = flows[["sheet_id", "from_block"]].assign(total=own, slack=half_unit(own))
    sums = children.groupby(["sheet_id", "from_block"]).sum().rename_axis(["sheet_id", "block"])
    rows = sums.join(blocks[["amount_jpy", "precision_jpy"]]).reset_index()
    rows = compare(rows, rows["total"], rows["amount_jpy"], rows["slack"] + half(rows, "amount_jpy"))
    return graded(rows.assign(wrong=rows["wrong"] & (rows["found"] > rows["expected"])))


def unit_slip(facts: Facts) -> pd.DataFrame:
    rows = unit_slips(facts.dataset)
    times = (rows["found"] / rows["expected"]).round()
    return rows.assign(times=times, as_yen=rows["found"] / 1e6, as_thousand=rows["found"] / 1e3)
