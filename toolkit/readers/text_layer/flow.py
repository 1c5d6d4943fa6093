"""The flow of funds 資金の流れ: blocks, who pays them, and what the ministry spends itself."""

from __future__ import annotations

from toolkit.readers.text_layer.document import Box
from toolkit.readers.text_layer.flow_boxes import Picture, read_picture
from toolkit.readers.text_layer.flow_cells import Block, Known
from toolkit.readers.text_layer.flow_prose import label_and_name
from toolkit.readers.text_layer.flow_tree import tree
from toolkit.readers.text_layer.reading import Reading
from toolkit.tables import SHEET_TABLES
from toolkit.text import unwrap

__all__ = ["read"]


def read(reading: Reading) -> None:
    """Read the picture into ``blocks``, ``flows``, ``ministry_costs`` and the sheet's ``flow_amount_jpy``."""
    known = _known(reading)
    picture = read_picture(_boxes(reading), known)
    draft = reading.draft
    if picture.money is not None:
        draft.sheet(flow_amount_jpy=picture.money.amount, ref=picture.ref)
    for cost in picture.own:
        draft.add("ministry_costs", item=cost.item, amount_jpy=cost.amount, ref=cost.ref)
    for block in picture.blocks:
        _emit_block(reading, block, known.get(block.letter))
        _doubt_list(reading, block, known.get(block.letter))
    _emit_flows(reading, picture)


def _boxes(reading: Reading) -> list[Box]:
    """The part of the document that may hold the picture: after its heading note, before the lists of recipients."""
    starts = [hit.box.index for hit in reading.find("plans_note")] or [
        hit.box.index for hit in reading.find("flow", "costs")
    ]
    if not starts:
        return []
    ends = [hit.box.index for hit in reading.find("recipients", "recipient", "annex") if hit.box.index > starts[0]]
    return reading.document.boxes[starts[0] : min(ends, default=len(reading.document.boxes))]


def _known(reading: Reading) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for row in reading.draft.rows("recipients"):
        before, amount = found.get(row["block"], Known()), row.get("amount_jpy")
        found[row["block"]] = Known(
            (*before.names, row.get("name") or ""),
            before.total + (amount or 0),
            before.amounts + (amount is not None),
            max(before.step, row.get("precision_jpy") or 1),
        )
    return found


def _emit_block(reading: Reading, block: Block, known: Known | None) -> None:
    name, label = label_and_name(block, known)
    count = block.count or (block.money.count if block.money else None)
    reading.draft.put(
        "blocks", (block.letter,), name=name, recipient_label=label, recipient_count=count,
        amount_jpy=block.money.amount if block.money else None, precision_jpy=block.money.step if block.money else None,
        role="\n".join(block.roles) or None, ref=block.ref, certainty=block.certainty,
    )  # fmt: skip


def _doubt_list(reading: Reading, block: Block, known: Known | None) -> None:
    """Recipients that got more than their block has, or all of them less, may be those of another one, or some amount
    changed places with a number of bidders."""
    if block.money is None or block.certainty == "unsettled" or known is None:
        return
    count = block.count or block.money.count or 1
    if not known.exceeds(block.money) and not known.falls_short(block.money, count):
        return
    for table in ("recipients", "contracts"):
        for row in list(reading.draft.rows(table)):
            if row["block"] == block.letter:
                key = tuple(row[name] for name in SHEET_TABLES[table].key[1:])
                reading.draft.put(table, key, certainty="unsettled")


def _emit_flows(reading: Reading, picture: Picture) -> None:
    does = picture.does  # what the ministry does itself is told once, with the first of its flows
    methods = {block.letter: block for block in picture.blocks}
    for edge in tree(picture.blocks, picture.money, sum(cost.amount for cost in picture.own)):
        block = methods[edge.target]
        note = unwrap(does) if edge.source is None and does else None
        does = [] if note else does
        reading.draft.put(
            "flows", (edge.source, edge.target), by=block.by, note=note, ref=block.ref, certainty=edge.certainty
        )
