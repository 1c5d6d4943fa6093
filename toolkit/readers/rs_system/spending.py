"""Who got the money: blocks, recipients and contracts (5-1), the flow (5-2), cost items (5-3), multi-year contracts (5-4)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.readers.rs_system.blocks import depths
from toolkit.readers.rs_system.rows import Bulk, Rows, codes, counted, first, joined, mapped, part
from toolkit.text import name_kind, number_status

__all__ = ["tables"]

_CONTRACT = ("work", "amount", "method", "method_detail", "bidders", "award_rate", "single_bid_reason")
#: a row that fills one of these is no header of a block; a recipient may go without a name
_RECIPIENT = ("recipient", "recipient_amount", "amount")
_COSTS = ("category", "item", "amount")


def tables(bulk: Bulk) -> dict[str, pd.DataFrame]:
    """blocks, flows, ministry_costs, recipients, contracts, cost_items and multi_year_contracts."""
    spent, flow = bulk.rows("5-1"), bulk.rows("5-2")
    spent, flow = spent.where(spent.filled("block")), flow.where(flow.filled(*_COSTS, "to_block"))
    edges = flow.where(flow.filled("to_block"))
    return {
        "blocks": _blocks(bulk, spent, edges),
        "flows": _flows(bulk, edges),
        "ministry_costs": _ministry_costs(bulk, flow.where(flow.filled(*_COSTS))),
        **_recipients(bulk, spent.where(spent.filled(*_RECIPIENT))),
        "cost_items": _cost_items(bulk),
        "multi_year_contracts": _multi_year(bulk),
    }


# -- blocks and the flow between them
def _blocks(bulk: Bulk, spent: Rows, edges: Rows) -> pd.DataFrame:
    """One row per block: of 5-1 by its header row, of 5-2 where 5-1 does not list it, and at last one only recipients name."""
    is_header = ~spent.filled(*_RECIPIENT)
    header, others = spent.where(is_header), spent.where(~is_header)
    listed = [
        part(header, block=header.text("block"), name=header.text("block_name"), role=header.text("role"),
             recipient_count=header.integer("recipient_count"), amount_jpy=header.integer("block_amount")),
        part(edges, block=edges.text("to_block"), name=edges.text("to_name")),
        part(edges, block=edges.text("from_block"), name=edges.text("from_name")),
        part(others, block=others.text("block")),
    ]  # fmt: skip
    every = pa.concat_tables([pa.table(one) for one in listed], promote_options="permissive").combine_chunks()
    every = every.filter(every["block"].is_valid())
    node = codes(every["sheet"].to_numpy(), every["block"].combine_chunks())
    kept = pa.array(first(node))
    depth, root = _places(every, node, edges)
    costs = bulk.rows("5-3").where(bulk.rows("5-3").filled("block"))
    return bulk.table(
        "blocks",
        {
            **dict(zip(every.column_names, every.take(kept).columns, strict=True)),
            "depth": pa.array(depth, mask=depth == 0),
            "is_root": pa.array(root == 1, mask=root < 0),
            "cost_recipient": _looked_up(every.take(kept), costs, costs.text("recipient")),
            "precision_jpy": pa.repeat(1, len(kept)),
        },
    )


def _places(every: pa.Table, node: np.ndarray, edges: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Depth and root of the blocks, numbered by ``node``."""
    blocks = pd.MultiIndex.from_arrays([every["sheet"].to_numpy(), every["block"].to_pandas()])
    numbered = pd.Series(node, blocks)[~blocks.duplicated()]
    ends = [
        numbered.reindex(pd.MultiIndex.from_arrays([edges.sheet, edges.text(key).to_pandas()]))
        .fillna(-1)
        .to_numpy(dtype="int64")
        for key in ("from_block", "to_block")
    ]
    return depths(ends[0], ends[1], int(node.max(initial=-1)) + 1)


def _looked_up(blocks: pa.Table, rows: Rows, values: pa.Array) -> pa.Array:
    """The first value that ``rows`` give for each block."""
    key = codes(
        np.concatenate([blocks["sheet"].to_numpy(), rows.sheet]),
        pa.concat_arrays([blocks["block"].combine_chunks().cast(pa.string()), rows.text("block").cast(pa.string())]),
    )
    place = np.full(int(key.max(initial=-1)) + 1, -1)
    theirs = key[len(blocks) :]
    place[theirs[::-1]] = np.arange(len(rows))[::-1]
    found = place[key[: len(blocks)]]
    return values.take(pa.array(found, mask=found < 0))


def _flows(bulk: Bulk, edges: Rows) -> pd.DataFrame:
    """One row per pair of blocks; a pair that is listed twice keeps all its notes."""
    source, target = edges.text("from_block"), edges.text("to_block")
    group = codes(edges.sheet, source, target)
    kept = first(group)
    texts = {name: joined(group, edges.text(name), len(kept), "\n") for name in ("note", "from_name")}
    leading = edges.where(kept)
    return bulk.table(
        "flows", part(leading, from_block=leading.text("from_block"), to_block=leading.text("to_block"), **texts)
    )


def _ministry_costs(bulk: Bulk, rows: Rows) -> pd.DataFrame:
    return bulk.table(
        "ministry_costs",
        part(rows, category=rows.text("category"), item=rows.text("item"), amount_jpy=rows.integer("amount")),
        within=(),
    )


# -- recipients and their contracts
def _recipients(bulk: Bulk, rows: Rows) -> dict[str, pd.DataFrame]:
    """Both tables of 5-1 below the block: a recipient has one row with its total, then one per contract.

    The kind of a row shows in the amount it fills. A row with neither amount lists a recipient whose payments are not
    known. One that has contracts only gets their sum (``solved``).
    """
    total = rows.integer("recipient_amount")
    has_total = total.is_valid().to_numpy(zero_copy_only=False)
    who = codes(rows.sheet, rows.text("block"), rows.text("recipient"), rows.text("corporate_number"))
    # the same name twice in a block is two recipients: each total opens one, the contracts below it are its own
    again = pd.Series(has_total).groupby(who).cumsum().to_numpy().clip(min=1)
    who = codes(who, again)
    leading = first(who)
    rank = counted(codes(rows.sheet[leading], rows.text("block").take(pa.array(leading))))
    is_contract = rows.filled(*_CONTRACT)
    amount = _amounts(rows, who, total, has_total, is_contract)
    contracts, people = rows.where(is_contract), rows.where(leading)
    line = counted(who[is_contract])
    block = contracts.text("block")
    return {
        "recipients": bulk.table("recipients", _people(bulk, people) | amount | {"rank": rank}),
        "contracts": bulk.table(
            "contracts",
            part(contracts, block=block, rank=rank[who[is_contract]], line=line, is_other=contracts.flag("is_other_contract"),
                 **_terms(contracts)),
        ),
    }  # fmt: skip


def _amounts(
    rows: Rows, who: np.ndarray, total: pa.Array, has_total: np.ndarray, is_contract: np.ndarray
) -> dict[str, pa.Array]:
    """Each recipient's amount: its total as printed, else the sum of its contracts."""
    count = int(who.max(initial=-1)) + 1
    printed = np.zeros(count, dtype="int64")
    stated = np.zeros(count, dtype=bool)
    printed[who[has_total]] = total.drop_null().to_numpy()
    stated[who[has_total]] = True
    contract = rows.integer("amount")
    paid = is_contract & contract.is_valid().to_numpy(zero_copy_only=False)
    sums, solved = np.zeros(count, dtype="int64"), np.zeros(count, dtype=bool)
    np.add.at(sums, who[paid], contract.filter(pa.array(paid)).to_numpy())
    solved[who[paid]] = True
    return {
        "amount_jpy": pa.array(np.where(stated, printed, sums), mask=~(stated | solved)),
        "certainty": pa.array(np.where(~stated & solved, "solved", "stated")),
    }


def _people(bulk: Bulk, rows: Rows) -> dict[str, pa.Array | np.ndarray]:
    number = rows.text("corporate_number")
    return part(
        rows,
        block=rows.text("block"),
        fiscal_year=bulk.years[rows.sheet] - 1,
        name=rows.text("recipient"),
        corporate_number=number,
        number_status=pc.fill_null(mapped(number, number_status), number_status(None)),
        name_kind=mapped(rows.text("recipient"), name_kind),
        location=rows.text("location"),
        corporate_type=rows.text("corporate_type"),
        is_other=rows.flag("is_other"),
        precision_jpy=1,
    )


def _terms(rows: Rows) -> dict[str, pa.Array]:
    """What 5-1 and 5-4 say of a contract."""
    texts = {key: rows.text(key) for key in ("work", "method", "method_detail", "single_bid_reason")}
    return texts | {
        "amount_jpy": rows.integer("amount"),
        "bidders": rows.integer("bidders"),
        "award_rate": rows.percent("award_rate"),
    }


# -- cost items and multi-year contracts
def _cost_items(bulk: Bulk) -> pd.DataFrame:
    """The items of one contract of one recipient per block, as a rule its largest: no breakdown of the whole block."""
    rows = bulk.rows("5-3")
    rows = rows.where(rows.filled("block") & rows.filled("item", "use", "amount", "recipient"))
    columns = {key: rows.text(key) for key in ("block", "recipient", "corporate_number", "work", "item", "use")}
    return bulk.table("cost_items", part(rows, amount_jpy=rows.integer("amount"), **columns), within=("block",))


def _multi_year(bulk: Bulk) -> pd.DataFrame:
    rows = bulk.rows("5-4")
    rows = rows.where(rows.filled("contractor", *_CONTRACT))
    flags = {key: rows.flag(key) for key in ("is_other", "is_other_multi_year")}
    texts = {key: rows.text(key) for key in ("block", "contractor", "corporate_number", "location", "corporate_type")}
    return bulk.table("multi_year_contracts", part(rows, **texts, **_terms(rows), **flags), within=())
