"""Links in words: by which method, how sure, and what speaks for them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.lineage.sheets import Sheets

__all__ = ["described", "first_rows"]

_SOLVED = 0.95
_ALIKE = 0.5


def described(sheets: Sheets, chosen: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """Chosen pairs with ``method``, ``certainty`` and ``evidence``: columns of ``links`` beside ``i`` and ``j``."""
    if not len(chosen):
        return pd.DataFrame(columns=["i", "j", "relation", "score", "method", "evidence", "certainty"])
    said = printed.set_index(["i", "j"])["said"].to_dict()
    rows = chosen.to_dict("records")
    evidence = ["; ".join(filter(None, _reasons(sheets, row, said))) for row in rows]
    is_stated = chosen["is_printed"] | chosen["is_rs"] | (chosen["method"] == "rs_relation")
    certainty = np.where(chosen["score"] >= _SOLVED, np.where(is_stated, "stated", "solved"), "unsettled")
    return pd.DataFrame(
        {
            **{name: chosen[name].to_numpy() for name in ("i", "j", "relation", "compared", "agreed")},
            "score": chosen["score"].round(4).to_numpy(),
            "method": [_method(row) for row in rows],
            "evidence": evidence,
            "certainty": certainty,
        }
    )


def _method(row: dict[str, object]) -> str:
    if row["method"]:
        return str(row["method"])
    if row["is_printed"]:
        return "printed_number"
    if row["is_rs"]:
        return "rs_id"
    name = "name" if row["is_named"] else "similar_name" if float(str(row["likeness"])) >= _ALIKE else ""
    return "_and_".join(filter(None, [name, "amounts" if row["agreed"] else ""])) or "description"


def _reasons(sheets: Sheets, row: dict[str, object], said: dict[tuple[int, int], str]) -> list[str]:
    i, j = int(str(row["i"])), int(str(row["j"]))
    one, other = sheets.frame.loc[i], sheets.frame.loc[j]
    compared, agreed, gap = (int(str(row[name])) for name in ("compared", "agreed", "gap"))
    named = "same name" if row["is_named"] else f"names {float(str(row['likeness'])) * 100:.0f} % alike"
    return [
        f"prints the past number {said[i, j]}" if row["is_printed"] else "",
        str(row["reason"]),
        f"same RS id {one['rs_id']}" if row["is_rs"] else "",
        named + (" and ministry" if row["is_named"] and row["is_owner"] else ""),
        ""
        if row["is_owner"]
        else f"from {other['ministry']}, ended {other['end']:.0f}, to {one['ministry']}"
        if row["is_handed_over"]
        else f"moved from {other['ministry']} to {one['ministry']}",
        f"{agreed} of {compared} shared amounts agree" if compared else "no shared amounts to compare",
        "much the same description" if row["is_text"] and not row["is_named"] else "",
        f"no sheet in between ({other['year']} to {one['year']})" if gap > 1 else "",
    ]


def first_rows(sheets: Sheets, alone: np.ndarray) -> pd.DataFrame:
    """Rows of ``links`` for sheets without a previous one: whether that is sure, and why."""
    is_new = sheets.column("is_new")[alone].astype(bool)
    is_earliest = sheets.column("year")[alone] == sheets.column("year").min()
    words = np.select(
        [is_new, is_earliest],
        ["says itself that it is new", "no earlier review year here"],
        "no earlier sheet here fits",
    )
    return pd.DataFrame(
        {
            "i": alone,
            "j": -1,
            "relation": "first",
            "evidence": words,
            "certainty": np.where(is_new, "stated", "unsettled"),
        }
    )
