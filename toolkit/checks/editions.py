"""Rules over several sources of one sheet: where the others say something else than the preferred one.

They compare only in a dataset that holds several editions (``sheets.edition_of``), as ``toolkit.build`` checks it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.checks.facts import PARTS, Facts, compare, half
from toolkit.tables import SHEET_TABLES
from toolkit.text import fold

_AMOUNTS = (*PARTS, "carried_out_jpy", "total_jpy", "executed_jpy", "requested_jpy")
_COUNTED = ("recipients", "indicators")


def editions_disagree(facts: Facts) -> pd.DataFrame:
    """Budgets of the whole project; ``info`` where one of the two is unsettled.

    Sources that print as finely must print the same; where one prints more finely, within the rounding of the other.
    """
    others = _others(facts)
    if others.empty:
        return _nothing_compared(others.reset_index())
    rows = facts.whole.join(others, on="sheet_id", how="inner")
    rows = rows.join(
        facts.whole.set_index(["sheet_id", "fiscal_year"]),
        on=["edition_of", "fiscal_year"],
        suffixes=("", "_preferred"),
    )
    unsure = rows[["certainty", "certainty_preferred"]].eq("unsettled").any(axis=1)
    rows = rows.assign(sheet_id=rows["edition_of"], table="budgets", severity=np.where(unsure, "info", "warning"))
    as_fine = (rows["precision_jpy"] == rows["precision_jpy_preferred"]).to_numpy()
    parts = []
    for name in _AMOUNTS:
        expected = pd.DataFrame({name: rows[f"{name}_preferred"], "precision_jpy": rows["precision_jpy_preferred"]})
        slack = np.where(as_fine, 0, half(rows, name) + half(expected, name))
        parts.append(compare(rows.assign(column=name), rows[name], expected[name], slack))
    return pd.concat(parts)


def editions_differ_in_rows(facts: Facts) -> pd.DataFrame:
    """Recipients and indicators, where both list any."""
    others = _others(facts).reset_index()
    if others.empty:
        return _nothing_compared(others)
    parts = []
    for table in _COUNTED:
        count = facts.dataset[table]["sheet_id"].value_counts()
        label = SHEET_TABLES[table]
        rows = others.assign(sheet_id=others["edition_of"], table=table, table_ja=label.ja, table_en=label.en)
        found, expected = (
            others[name].map(count).to_numpy("float64", na_value=np.nan) for name in ("sheet_id", "edition_of")
        )
        parts.append(compare(rows, found, expected, 0))
    return pd.concat(parts)


def editions_differ_in_name(facts: Facts) -> pd.DataFrame:
    """Two sources of one number that name two projects: one of them may have been read wrongly, and hides behind the other."""
    rows = _others(facts).reset_index()
    if rows.empty:
        return _nothing_compared(rows)
    names = facts.dataset["sheets"].set_index("sheet_id")["name"]
    rows = rows.assign(name=rows["sheet_id"].map(names), preferred=rows["edition_of"].map(names)).dropna()
    same = [fold(one) == fold(other) for one, other in zip(rows["name"], rows["preferred"], strict=True)]
    return rows.assign(sheet_id=rows["edition_of"], wrong=~np.array(same, dtype=bool))


def _nothing_compared(others: pd.DataFrame) -> pd.DataFrame:
    """Of a dataset with one edition of each sheet, which is most often a single sheet."""
    return others.assign(wrong=pd.Series(dtype=bool))


def _others(facts: Facts) -> pd.DataFrame:
    """What is not preferred: a row per such sheet with ``edition_of`` and ``edition``, what its id has behind the @."""
    sheets = facts.dataset["sheets"].set_index("sheet_id")
    others = sheets.loc[sheets["edition_of"].notna(), ["edition_of"]]
    return others.assign(edition=[sheet_id.rpartition("@")[2] for sheet_id in others.index])
