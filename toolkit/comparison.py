"""Every sheet in one line: the measures by which a project is set beside others of its ministry and review year.

Nothing here ranks by merit: a place says where a figure lies, not whether it is good. ``toolkit.kept`` gives the same
for the sheets of a store.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset
from toolkit.figures import closed_year, floats, unit_slips
from toolkit.metrics import achievement, execution_rate, sheet_concentration
from toolkit.plain import records

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
    own, rows = int(np.flatnonzero(lines["sheet_id"].to_numpy(dtype=object) == sheet_id)[0]), {}
    for name in MEASURES:
        values = floats(lines[name])
        value, known = float(values[own]), values[~np.isnan(values)]
        if not np.isnan(value):
            rows[name] = {"value": value, "median": float(np.median(known)), "of": len(known),
                          "above": int((known > value).sum()), "below": int((known < value).sum())}  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "median", "of", "above", "below"])


def peers(lines: pd.DataFrame, sheet_id: str, *, most: int = 8) -> pd.DataFrame:
    """Projects of similar kind: the ``most`` nearest in size, from a third to three times the current budget.

    Of the same ministry, review year and means of execution; where there are fewer than three such, of any means
    (``is_same_method`` tells). Rows of ``lines``, nearest first; none for a project without a budget.
    """
    ids = lines["sheet_id"].to_numpy(dtype=object)
    own = int(np.flatnonzero(ids == sheet_id)[0])
    size = floats(lines["current_jpy"])
    if not size[own] > 0:
        return lines.iloc[:0].assign(is_same_method=pd.array([], "boolean"))
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.abs(np.log(size / size[own]))
    near = (far <= np.log(_ALIKE) + 1e-9) & (ids != sheet_id)
    year, ministry, methods = (
        lines[name].to_numpy(dtype=object, na_value=None) for name in ("review_year", "ministry", "methods")
    )
    near &= (year == year[own]) & (ministry == ministry[own]) & (ministry[own] is not None)
    same = (methods == methods[own]) & (methods[own] is not None)
    chosen = np.flatnonzero(near & same if (near & same).sum() >= _FEW else near)
    nearest = sorted(chosen.tolist(), key=lambda at: (far[at], ids[at]))[:most]
    return lines.iloc[nearest].assign(is_same_method=pd.array(same[nearest], "boolean")).reset_index(drop=True)


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
    mine: dict[str, list[dict[str, Any]]] = {}
    there: dict[str, list[dict[str, Any]]] = {}
    for row in records(listed):
        (mine if row["sheet_id"] == sheet_id else there).setdefault(row["corporate_number"], []).append(row)
    rows = []
    for number, (own, *_) in mine.items():
        others = there.get(number)
        if others:
            largest = max(others, key=lambda row: row["amount_jpy"])
            rows.append(
                {
                    "corporate_number": number, "name": own["name"], "amount_jpy": own["amount_jpy"], "others": len(others),
                    "others_jpy": sum(row["amount_jpy"] for row in others), "largest": largest["project"], "largest_jpy": largest["amount_jpy"],
                }
            )  # fmt: skip
    rows.sort(key=lambda row: -row["amount_jpy"])
    types = dict.fromkeys(("corporate_number", "name", "largest"), "string") | dict.fromkeys(
        ("amount_jpy", "others", "others_jpy", "largest_jpy"), "Int64"
    )
    names = ("corporate_number", "name", "amount_jpy", "others", "others_jpy", "largest", "largest_jpy")
    return pd.DataFrame({name: pd.array([row[name] for row in rows], dtype=types[name]) for name in names})
