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
    evidence = _reasons(sheets, chosen, said)
    is_stated = chosen["is_printed"] | chosen["is_rs"] | chosen["is_former"] | (chosen["method"] == "rs_relation")
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
    if row["is_former"] and not row["is_named"]:
        return "former_name"
    name = "name" if row["is_named"] else "similar_name" if float(str(row["likeness"])) >= _ALIKE else ""
    return "_and_".join(filter(None, [name, "amounts" if row["agreed"] else ""])) or "description"


def _reasons(sheets: Sheets, chosen: pd.DataFrame, said: dict[tuple[int, int], str]) -> list[str]:
    """What speaks for each pair, in words."""
    columns = ["ministry", "year", "end", "rs_id"]
    one, other = (sheets.frame[columns].take(chosen[side]).to_dict("records") for side in "ij")
    result = []
    for row, new, old in zip(chosen.to_dict("records"), one, other, strict=True):
        named = "same name" if row["is_named"] else f"names {row['likeness'] * 100:.0f} % alike"
        ended = f", ended {old['end']:.0f}," if row["is_handed_over"] else ""
        reasons = [
            f"prints the past number {said[row['i'], row['j']]}" if row["is_printed"] else "",
            row["reason"],
            f"same RS id {new['rs_id']}" if row["is_rs"] else "",
            named + (" and ministry" if row["is_named"] and row["is_owner"] else ""),
            "gives that as its former name" if row["is_former"] and not row["is_named"] else "",
            "" if row["is_owner"] else f"moved from {old['ministry']}{ended} to {new['ministry']}",
            f"{row['agreed']} of {row['compared']} shared amounts agree"
            if row["compared"]
            else "no shared amounts to compare",
            "the initial budget is what was requested" if row["is_request"] else "",
            "much the same description" if row["is_text"] and not row["is_named"] else "",
            f"no sheet in between ({old['year']} to {new['year']})" if row["gap"] > 1 else "",
        ]
        result.append("; ".join(filter(None, reasons)))
    return result


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
