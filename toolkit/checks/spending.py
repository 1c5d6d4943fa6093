"""Rules of blocks, recipients, contracts, cost items and flows: one function per rule, all sheets at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.checks.facts import Facts, graded, half, mismatch
from toolkit.figures import floats, half_unit, spending
from toolkit.text import fold

_SLIP = 50  # times the project's budget: real recipients stay far below, slips are 1,000 or 1,000,000 times


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
    wrong = mismatch(rows, rows["cost_total_jpy"], rows["total"], slack)
    return wrong[(wrong["missing"] == 0) | (wrong["expected"] > wrong["found"])]


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
    return mismatch(nearest, nearest["costs"], nearest["amount"], slack, share=0.01)


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
    by = ["sheet_id", "block", "rank"]
    rows = facts.dataset["recipients"].join(facts.sums("contracts", by), on=by, how="inner")
    amount, precision = floats(rows["amount_jpy"]), floats(rows["precision_jpy"])
    slack = np.where(precision == 1, 0, rows["slack"]) + half_unit(amount, precision)
    return mismatch(rows, amount, rows["total"].where(rows["missing"] == 0), slack)


def block_recipients(facts: Facts) -> pd.DataFrame:
    by = ["sheet_id", "block"]
    rows = _block_frame(facts).join(facts.sums("recipients", by), on=by, how="inner")
    rows = mismatch(rows, rows["amount_jpy"], rows["total"], rows["slack"] + half(rows, "amount_jpy"))
    all_listed = (rows["recipient_count"] == rows["rows"]) & (rows["missing"] == 0)
    return graded(rows[all_listed | (rows["expected"] > rows["found"])])


def blocks_executed(facts: Facts) -> pd.DataFrame:
    blocks = facts.dataset["blocks"]
    unknown = blocks.loc[blocks["amount_jpy"].isna() | (blocks["is_root"].isna() & blocks["depth"].isna()), "sheet_id"]
    shown = spending(facts.dataset)
    rows = facts.closed.assign(shown=floats(shown["spending_jpy"]), sheet_id=facts.closed.index)
    complete = (shown["blocks"] > 0) & (shown["from_recipients"] == 0)
    rows = rows[complete.to_numpy(dtype=bool) & ~rows.index.isin(unknown.unique())]
    slack = half_unit(rows["shown"].to_numpy()) + half_unit(rows["executed"].to_numpy())
    return mismatch(rows.reset_index(drop=True), rows["shown"], rows["executed"], slack, share=0.01)


def flow_head(facts: Facts) -> pd.DataFrame:
    head = floats(facts.dataset["sheets"]["flow_amount_jpy"])
    rows = facts.closed.assign(sheet_id=facts.closed.index).reset_index(drop=True)
    slack = half_unit(head) + half_unit(rows["executed"].to_numpy())
    return mismatch(rows, head, rows["executed"], slack, share=0.01)


def children_over_parent(facts: Facts) -> pd.DataFrame:
    flows = facts.dataset["flows"]
    flows = flows[~flows.duplicated(["sheet_id", "to_block"], keep=False) & flows["from_block"].notna()]
    flows = flows[flows["from_block"] != flows["to_block"]]  # a block drawn as paying itself
    blocks = _block_frame(facts).set_index(["sheet_id", "block"])
    own = blocks["amount_jpy"].reindex(pd.MultiIndex.from_frame(flows[["sheet_id", "to_block"]])).to_numpy()
    children = flows[["sheet_id", "from_block"]].assign(total=own, slack=half_unit(own))
    sums = children.groupby(["sheet_id", "from_block"]).sum().rename_axis(["sheet_id", "block"])
    rows = sums.join(blocks[["amount_jpy", "precision_jpy"]]).reset_index()
    wrong = mismatch(rows, rows["total"], rows["amount_jpy"], rows["slack"] + half(rows, "amount_jpy"))
    return graded(wrong[wrong["found"] > wrong["expected"]])


def unit_slip(facts: Facts) -> pd.DataFrame:
    rows = facts.dataset["recipients"]
    budget = facts.closed[["executed", "total", "current"]].max(axis=1).reindex(rows["sheet_id"]).to_numpy()
    amount = floats(rows["amount_jpy"])
    rows = rows.assign(found=amount, expected=budget)[(budget > 0) & (amount > _SLIP * budget)]
    times = (rows["found"] / rows["expected"]).round()
    return rows.assign(times=times, as_yen=rows["found"] / 1e6, as_thousand=rows["found"] / 1e3)
