"""What the links are worth: how many sheets have a previous one, and how many of these the amounts confirm."""

from __future__ import annotations

import pandas as pd

__all__ = ["coverage"]


def coverage(links: pd.DataFrame, sheets: pd.DataFrame) -> pd.DataFrame:
    """Per review year how far the lineage reaches: one row per review year (index), the earliest left out.

    ``sheets``; ``new`` (their number or class says that they are); ``linked`` of the others and ``linked_share``;
    ``compared``: links on a project's line with amounts that both sheets state; ``confirmed`` and ``confirmed_share``: of these, at
    least half of the amounts agree within a million yen or 0.1 %; ``unsettled`` links. Counts are Int64, shares Float64.
    """
    about = sheets.set_index("sheet_id")
    is_new = about["project_number"].str.contains("新").fillna(False) | about["project_class"].str.startswith(
        "新規"
    ).fillna(False)
    known = links[links["previous_sheet_id"].notna()]
    line = known[(known["relation"] == "continued") & (known["compared"] > 0)]
    frame = pd.DataFrame(
        {
            "review_year": about["review_year"],
            "new": is_new,
            "linked": about.index.isin(known["sheet_id"]) & ~is_new,
            "compared": about.index.isin(line["sheet_id"]),
            "confirmed": about.index.isin(line.loc[line["agreed"] * 2 >= line["compared"], "sheet_id"]),
            "unsettled": about.index.isin(known.loc[known["certainty"] == "unsettled", "sheet_id"]),
        }
    )
    counts = frame.groupby("review_year").sum().iloc[1:]
    counts.insert(0, "sheets", frame["review_year"].value_counts().reindex(counts.index))
    counts.insert(3, "linked_share", counts["linked"] / (counts["sheets"] - counts["new"]))
    counts.insert(6, "confirmed_share", counts["confirmed"] / counts["compared"])
    shares = ["linked_share", "confirmed_share"]
    return counts.astype({name: "Float64" if name in shares else "Int64" for name in counts})
