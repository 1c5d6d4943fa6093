"""Inspection and evaluation (4-1): one box of the form per row of ``evaluations``.

A project stands on several rows of the file where it has several remarks or amounts; what they repeat is read once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from toolkit.readers.rs_system.rows import Bulk, Rows, codes, first, join_words, part

__all__ = ["tables"]

#: section of the table, then the columns of the file that give item, year, verdict, text and amount
_SECTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("inspection", {"text": "inspection"}),
    ("direction", {"text": "direction"}),
    ("effect", {"text": "effect"}),
    (
        "external_experts",
        {"item": "experts_item", "year": "experts_year", "verdict": "experts_verdict", "text": "experts_text"},
    ),
    ("public_process", {"text": "public_process"}),
    ("team", {"verdict": "team_verdict", "text": "team_text"}),
    ("reflection", {"verdict": "reflection_verdict", "text": "reflection_text"}),
    ("reflection", {"amount_jpy": "general_amount"}),
    ("reflection", {"item": "special_account", "amount_jpy": "special_amount"}),
    ("public_process", {"item": "past_item", "year": "past_year", "text": "past_text"}),
    ("public_process_response", {"item": "past_item", "year": "past_year", "text": "past_response"}),
    ("other_remarks", {"item": "other_item", "year": "other_year", "text": "other_text"}),
    ("other_remarks_response", {"item": "other_item", "year": "other_year", "text": "other_response"}),
)
_VALUES = ("item", "year", "verdict", "text", "amount_jpy")


def tables(bulk: Bulk) -> dict[str, pd.DataFrame]:
    """evaluations."""
    rows = bulk.rows("4-1")
    parts = [_box(rows, section, columns) for section, columns in _SECTIONS]
    return {"evaluations": bulk.table("evaluations", *parts, within=("section",))}


def _box(rows: Rows, section: str, columns: dict[str, str]) -> dict[str, pa.Array | np.ndarray]:
    """What one box says, without repetitions. The year of a remark without text is no row; a response needs its text."""
    needed = [columns[key] for key in ("text",) if section.endswith("_response")] or list(columns.values())
    rows = rows.where(rows.filled(*needed))
    values: dict[str, pa.Array] = {}
    for name, key in columns.items():
        values[name] = rows.integer(key) if name in ("year", "amount_jpy") else rows.text(key)
    if columns.get("item") == "special_account":
        values["item"] = join_words([rows.text("special_account"), rows.text("special_sub_account")], " ")
    elif columns.get("amount_jpy") == "general_amount":
        values["item"] = pa.repeat(pa.scalar("一般会計"), len(rows))
    kept = first(codes(rows.sheet, *values.values()))
    return part(
        rows.where(kept), section=section, **{name: column.take(pa.array(kept)) for name, column in values.items()}
    )
