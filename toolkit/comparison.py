"""Every sheet in one line: the measures by which a project is set beside others of its ministry and review year.

Nothing here ranks by merit: a place says where a figure lies, not whether it is good. ``toolkit.kept`` gives the same
for the sheets of a store.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset
from toolkit.figures import closed_year, floats, unit_slips
from toolkit.metrics import achievement, execution_rate, sheet_concentration

__all__ = ["MEASURES", "incomes", "measured", "other_income", "peers", "places"]

#: the measures a project's place is shown for
MEASURES = ("execution_rate", "current_jpy", "top1", "met_share")
_DTYPES = {
    "sheet_id": "string", "review_year": "Int16", "ministry": "string", "name": "string", "methods": "string", "fiscal_year": "Int16",
    "current_jpy": "Int64", "executed_jpy": "Int64", "execution_rate": "Float64", "top1": "Float64", "hhi": "Float64", "recipients": "Int64",
    "met": "Int64", "rated": "Int64", "met_share": "Float64", "team": "string",
}  # fmt: skip
_ALIKE = 3.0  # a peer's budget is at most this many times larger or smaller
_FEW = 3


def measured(dataset: Dataset) -> pd.DataFrame:
    """One row per sheet, money in yen, shares as ratios, <NA> where the sheet does not give it.

    ``fiscal_year`` is the one before the review; ``current_jpy``, ``executed_jpy`` and ``execution_rate`` are of that
    year. ``top1`` and ``hhi`` tell how concentrated the money is over the ``recipients`` that the ministry itself pays
    (<NA> where the sheet does not say which blocks those are). Of ``rated`` indicators with a target and an actual in their latest
    year before the review ``met`` reached it. ``team`` is the verdict of the review team, ``methods`` the sorted means of execution.
    """
    sheets, closed = dataset["sheets"].set_index("sheet_id", drop=False), closed_year(dataset)
    found = sheets[["sheet_id", "review_year", "ministry", "name"]].assign(
        methods=[_sorted(text) for text in sheets["methods"]],
        fiscal_year=closed["fiscal_year"].to_numpy(),
        **{
            f"{name}_jpy": pd.array(np.round(closed[name]), "Float64").astype("Int64")
            for name in ("current", "executed")
        },
    )
    found["execution_rate"] = execution_rate(found)
    who = sheet_concentration(dataset)
    who = who[who["basis"].ne("all_blocks").fillna(False)]
    found = found.join(who[["top1", "hhi", "recipients"]]).join(_reached(dataset))
    verdicts = dataset["evaluations"]
    verdicts = verdicts[(verdicts["section"] == "team") & verdicts["item"].isna() & verdicts["verdict"].notna()]
    found["team"] = verdicts.drop_duplicates("sheet_id").set_index("sheet_id")["verdict"]
    return found[list(_DTYPES)].astype(_DTYPES).reset_index(drop=True)


def _sorted(methods: object) -> object:
    return pd.NA if pd.isna(methods) else "、".join(sorted(str(methods).split("、")))


def _reached(dataset: Dataset) -> pd.DataFrame:
    """Per sheet ``met`` of ``rated`` indicators: each in its latest closed year with a target and an actual."""
    years = achievement(dataset)
    reviewed = years["sheet_id"].map(dataset["sheets"].set_index("sheet_id")["review_year"])
    years = years[~years["is_final_year"] & (years["fiscal_year"] < reviewed).fillna(False) & years["is_met"].notna()]
    latest = years.sort_values("fiscal_year").drop_duplicates(["sheet_id", "indicator_id"], keep="last")
    found = latest.groupby("sheet_id")["is_met"].agg(met="sum", rated="size")
    return found.assign(met_share=found["met"].astype("Float64") / found["rated"])


def places(lines: pd.DataFrame, sheet_id: str) -> pd.DataFrame:
    """Where one project lies among ``lines``: one row per measure that it has (index measure).

    ``value``, ``median`` of all, ``of`` (projects with a value, itself included), ``above`` and ``below`` (how many have
    a greater and a smaller one).
    """
    one, rows = lines.set_index("sheet_id").loc[sheet_id], {}
    for name in MEASURES:
        if pd.notna(one[name]):
            known = floats(lines[name].dropna())
            value = float(one[name])
            rows[name] = {"value": value, "median": float(np.median(known)), "of": len(known),
                          "above": int((known > value).sum()), "below": int((known < value).sum())}  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "median", "of", "above", "below"])


def peers(lines: pd.DataFrame, sheet_id: str, *, most: int = 8) -> pd.DataFrame:
    """Projects of similar kind: the ``most`` nearest in size, from a third to three times the current budget.

    Of the same ministry, review year and means of execution; where there are fewer than three such, of any means
    (``is_same_method`` tells). Rows of ``lines``, nearest first; none for a project without a budget.
    """
    one = lines.set_index("sheet_id").loc[sheet_id]
    size = floats(lines["current_jpy"])
    if pd.isna(one["current_jpy"]) or one["current_jpy"] <= 0:
        return lines.iloc[:0].assign(is_same_method=pd.array([], "boolean"))
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.abs(np.log(size / float(one["current_jpy"])))
    near = (lines["sheet_id"] != sheet_id).to_numpy() & (far <= np.log(_ALIKE) + 1e-9)
    near &= (lines["review_year"] == one["review_year"]).to_numpy() & lines["ministry"].eq(one["ministry"]).fillna(
        False
    ).to_numpy(dtype=bool)
    same = lines["methods"].eq(one["methods"]).fillna(False).to_numpy(dtype=bool)
    use_method = (near & same).sum() >= _FEW
    chosen = near & same if use_method else near
    found = lines.assign(far=far, is_same_method=pd.array(same, "boolean"))[chosen]
    return found.sort_values(["far", "sheet_id"]).head(most).drop(columns="far").reset_index(drop=True)


def incomes(dataset: Dataset) -> pd.DataFrame:
    """What each sheet lists for each valid corporate number: one row per sheet and number, in the order of the sheets.

    ``sheet_id``, ``review_year``, ``ministry``, ``project`` (its name), ``corporate_number``, ``name`` (as it stands first on the
    sheet), ``amount_jpy`` (over all blocks). Amounts suspected to be in another unit are left out.
    """
    slips = unit_slips(dataset)
    known = dataset["recipients"].drop(index=slips.index[slips["wrong"]])
    known = known[known["number_status"].eq("valid").fillna(False) & known["amount_jpy"].notna()]
    each = known.groupby(["sheet_id", "corporate_number"], sort=False)
    found = each.agg(name=("name", "first"), amount_jpy=("amount_jpy", "sum")).reset_index()
    about = (
        dataset["sheets"].set_index("sheet_id")[["review_year", "ministry", "name"]].rename(columns={"name": "project"})
    )
    return found.join(about, on="sheet_id")


def other_income(listed: pd.DataFrame, sheet_id: str) -> pd.DataFrame:
    """What the recipients of one sheet are listed with on the other sheets, of the frame of ``incomes``.

    One row per valid corporate number, by the amount on this sheet: ``corporate_number``, ``name``, ``amount_jpy``
    (here), ``others`` (sheets), ``others_jpy`` (listed there in all), ``largest`` (the project of these with most) and
    ``largest_jpy``. Sheets list at most ten recipients a block, so all sums are lower bounds.
    """
    is_here = (listed["sheet_id"] == sheet_id).to_numpy(dtype=bool)
    mine = listed[is_here].set_index("corporate_number")[["name", "amount_jpy"]]
    there = listed[~is_here & listed["corporate_number"].isin(mine.index).to_numpy(dtype=bool)]
    there = there.sort_values("amount_jpy", ascending=False, kind="stable")
    first = there.drop_duplicates("corporate_number").set_index("corporate_number")
    sums = there.groupby("corporate_number")["amount_jpy"].agg(others="size", others_jpy="sum")
    result = mine.join(sums, how="inner")
    result[["largest", "largest_jpy"]] = first[["project", "amount_jpy"]].reindex(result.index)
    result = result.sort_values("amount_jpy", ascending=False, kind="stable").reset_index()
    return result[["corporate_number", "name", "amount_jpy", "others", "others_jpy", "largest", "largest_jpy"]]
