"""Budgets, budget lines, recipients, cost items and multi-year contracts of the yearly database."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit import text
from toolkit.readers.database.groups import Groups, TabRows
from toolkit.readers.rs_system.rows import Bulk, codes, counted, mapped, part
from toolkit.readers.yearly import budgets, precision, recipients, yen

__all__ = ["money_tables"]

_AMOUNTS = (
    "initial_jpy", "supplementary_jpy", "carried_in_jpy", "carried_out_jpy", "reserve_jpy", "total_jpy", "executed_jpy",
)  # fmt: skip
_LETTER = re.compile(r"([A-Za-z]{1,2})")


def money_tables(bulk: Bulk, groups: Groups) -> dict[str, pd.DataFrame]:
    """The tables of this module's topics that have rows."""
    lines = _lines(bulk, groups)
    return {
        "budgets": _budgets(bulk, groups),
        **lines,
        **_recipients(bulk, groups),
        **_costs(bulk, groups),
        **_multi_year(bulk, groups),
    }


def _budgets(bulk: Bulk, groups: Groups) -> pd.DataFrame:
    rows = groups.rows("budgets")
    year = rows.slot(0).to_numpy().astype("int64")
    million = {name: rows.million(name) for name in _AMOUNTS}
    is_request = year > bulk.years[rows.sheet]
    million["requested_jpy"] = np.where(
        is_request, np.where(np.isnan(million["initial_jpy"]), million["total_jpy"], million["initial_jpy"]), np.nan
    )
    for name in _AMOUNTS:
        million[name] = np.where(is_request, np.nan, million[name])
    executed, total = million["executed_jpy"], million["total_jpy"]
    with np.errstate(divide="ignore", invalid="ignore"):
        both = million["initial_jpy"] + np.nan_to_num(million["supplementary_jpy"])
        expected = {"printed_rate": executed / total, "printed_rate_initial": executed / both}
    rates = {name: rows.ratio(name, np.where(np.isfinite(ratio), ratio, np.nan)) for name, ratio in expected.items()}
    return budgets(bulk, rows.sheet, year, million, ref=rows.ref(), rates=rates)


def _lines(bulk: Bulk, groups: Groups) -> dict[str, pd.DataFrame]:
    """歳出予算目: a line per item and year, the year of the request as ``requested``."""
    rows = groups.rows("lines")
    fields = [name for name in groups.fields("lines") if name.startswith("amount@")]
    found = {name: rows.million(name) for name in fields}
    parts = []
    for name in fields:
        year = int(name.partition("@")[2])
        some = rows.where(~np.isnan(found[name]))
        kind = np.where(year > bulk.years[some.sheet], "requested", "initial")
        amount = yen(found[name][~np.isnan(found[name])])
        parts.append(part(some, fiscal_year=pa.repeat(year, len(some)), kind=pa.array(kind), amount_jpy=amount,
                          kou=some.text("kou"), moku=some.text("moku"), note=some.text("note")))  # fmt: skip
    without = (
        np.all([np.isnan(values) for values in found.values()], axis=0) if found else np.ones(len(rows), dtype=bool)
    )
    rows.leave_words(without, ("kou", "moku", "note"), "a budget line without an amount")
    return {"budget_lines": bulk.table("budget_lines", *parts, within=("fiscal_year",))} if parts else {}


def _contract(rows: TabRows) -> dict[str, pa.Array]:
    count = mapped(rows.text("bidders"), lambda said: re.sub(r"[者社]$", "", text.fold(said)))
    bidders = TabRows(rows.kind, pa.table({"bidders": count}), rows.sheet, rows.row, rows.leftovers).integer("bidders")
    return {
        "work": rows.text("work"), "method": rows.text("method"), "bidders": bidders, "award_rate": rows.ratio("award_rate"),
        "single_bid_reason": rows.text("single_bid_reason"),
    }  # fmt: skip


def _recipients(bulk: Bulk, groups: Groups) -> dict[str, pd.DataFrame]:
    rows = groups.rows("recipients")
    if not len(rows):
        return _old_recipients(bulk, groups)
    kept = rows.filled("recipient", "amount")
    rows.leave_words(~kept, ("corporate_number", "work", "method"), "a list entry without recipient and amount")
    rows = rows.where(kept)
    columns = {"block": rows.slot(0), "rank": rows.slot(1), **_recipient(rows)}
    return recipients(bulk, rows.sheet, columns, rows.million("amount"), _contract(rows))


def _recipient(rows: TabRows) -> dict[str, pa.Array]:
    return {"name": rows.text("recipient"), "corporate_number": rows.text("corporate_number"), "source_ref": rows.ref()}


def _old_recipients(bulk: Bulk, groups: Groups) -> dict[str, pd.DataFrame]:
    """2014: one list for all blocks; its 番号 names the block where it has a letter."""
    rows = groups.rows("old_recipients")
    rows = rows.where(rows.filled("recipient", "amount"))
    if not len(rows):
        return {}
    letters = mapped(
        rows.text("number"),
        lambda said: text.block_letter(found.group()) if (found := _LETTER.match(text.fold(said))) else None,
    )
    block = pc.fill_null(letters, "A")
    columns = {"block": block, "rank": pa.array(counted(codes(rows.sheet, block))), **_recipient(rows)}
    tables = recipients(bulk, rows.sheet, columns, rows.million("amount"), _contract(rows))
    unsettled = letters.is_null().to_numpy(zero_copy_only=False)
    for frame in tables.values():  # rows come in the order of the sheets, and so do the groups
        frame.loc[unsettled, "certainty"] = "unsettled"
    return tables


def _costs(bulk: Bulk, groups: Groups) -> dict[str, pd.DataFrame]:
    rows, totals = groups.rows("costs"), groups.rows("cost_totals")
    tables = {}
    rows = rows.where(rows.filled("item", "use", "amount"))
    if len(rows):
        columns = part(
            rows,
            block=rows.slot(0),
            item=rows.text("item"),
            use=rows.text("use"),
            amount_jpy=yen(rows.million("amount")),
        )
        tables["cost_items"] = bulk.table("cost_items", columns, within=("block",))
    total = totals.million("total")
    known = ~np.isnan(total)
    totals, total = totals.where(known), total[known]
    if len(totals):
        columns = part(totals, block=totals.slot(0), cost_total_jpy=yen(total), precision_jpy=precision(total))
        tables["blocks"] = bulk.table("blocks", columns)
    return tables


def _multi_year(bulk: Bulk, groups: Groups) -> dict[str, pd.DataFrame]:
    rows = groups.rows("contracts")
    rows = rows.where(rows.filled("contractor", "contract_amount"))
    if not len(rows):
        return {}
    number = mapped(rows.text("corporate_number"), text.fold)
    block = mapped(rows.text("block_name"), text.block_letter)
    rows.leave_words(block.is_null().to_numpy(zero_copy_only=False), ("block_name",), "not a block's letter")
    columns = part(
        rows, block=block, corporate_number=number, amount_jpy=yen(rows.million("contract_amount")),
        contractor=pc.replace_substring_regex(rows.text("contractor"), r"\s*\n\s*", ""), **_contract(rows),
    )  # fmt: skip
    return {"multi_year_contracts": bulk.table("multi_year_contracts", columns, within=())}
