"""One project over all its review years: every statement of every year, the one to use marked.

Consecutive sheets state the same fiscal years again, and correct them. All statements are kept; the latest is preferred.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from toolkit import metrics
from toolkit.dataset import Dataset
from toolkit.errors import NotFoundError
from toolkit.figures import floats, indicator_years
from toolkit.lineage import links, project_sheets
from toolkit.plain import ratio, records
from toolkit.text import fold

__all__ = ["AMOUNTS", "history"]

#: quantity: column of ``budgets``. ``current`` (歳出予算現額) and ``total`` (計(F), less what was carried out) are two things
AMOUNTS = {
    "initial": "initial_jpy", "supplementary": "supplementary_jpy", "carried_in": "carried_in_jpy", "reserve": "reserve_jpy",
    "current": "current_jpy", "carried_out": "carried_out_jpy", "total": "total_jpy", "executed": "executed_jpy",
    "requested": "requested_jpy",
}  # fmt: skip
_RATES = {"execution_rate": "current_jpy", "execution_rate_sheet": "total_jpy"}  # what is executed, over what
_SPENDING = {"recipients": "recipients", "recipient_top1": "top1", "recipient_hhi": "hhi"}
_DTYPES = {
    "quantity": "string", "item": "string", "fiscal_year": "Int16", "value": "Float64", "unit": "string", "review_year": "Int16",
    "stated_in": "string", "stage": "string", "is_preferred": "boolean", "is_restated": "boolean", "certainty": "string",
}  # fmt: skip
_SERIES = ["quantity", "item", "unit", "fiscal_year"]


def history(dataset: Dataset, sheet_id: str, *, only: Literal["", "budget"] = "") -> pd.DataFrame:
    """All statements about the project of a sheet, over all its review years in ``dataset``: one row per statement.

    Columns: ``quantity``, ``item``, ``fiscal_year``, ``value``, ``unit``, ``review_year`` and ``stated_in`` (the sheet), ``stage`` (of a
    budget: whether the year was closed, running or only requested when this was stated), ``is_preferred``, ``is_restated``
    (what is preferred is another figure, beyond rounding; not for what a running year could only foresee), ``certainty``.
    Quantities are

    - ``initial``, ``supplementary``, ``carried_in``, ``reserve``, ``current``, ``carried_out``, ``total``, ``executed``, ``requested`` (yen)
    - ``execution_rate`` (of ``current``, comparable over all years), ``execution_rate_sheet`` (of ``total``): ratios, from one sheet each
    - ``actual``, ``target`` of each indicator, which ``item`` names; the same level, name and unit is the same indicator
    - ``recipients`` (number), ``recipient_top1``, ``recipient_hhi``, and ``recipient_amount`` of the five largest, named by ``item``

    Of several statements about one fiscal year the latest is preferred, except that a 0 for a year before the sheet has the
    project begin, or one that may be a blank, yields to an earlier amount. A missing value is no statement and has no row.
    With ``only="budget"`` there are those of the budget alone, which takes a quarter of the time.
    The line is that of ``links`` in the dataset, else ``toolkit.lineage.links`` over it; NotFoundError for an unknown sheet.
    """
    if sheet_id not in dataset.sheet_ids:
        raise NotFoundError(f"no sheet {sheet_id!r} among the {len(dataset.sheet_ids)} sheets of this dataset")
    known = dataset["links"] if len(dataset["links"]) else links(dataset)
    line = set(project_sheets(known, sheet_id)) & set(dataset.sheet_ids)
    # a dataset that was loaded for this project is it; selecting would read all its tables
    project = dataset if len(line) == len(dataset.sheet_ids) else dataset.select(line)
    rows = _budgets(project)
    if not only:
        rows += [row for part in (_indicators(project), _recipients(project)) for row in records(part)]
    about = {row["sheet_id"]: row for row in project.rows("sheets")}
    statements = []
    for row in rows:
        if row["value"] is not None and row["value"] == row["value"]:
            sheet = about[row["stated_in"]]
            years = {"review_year": sheet["review_year"], "start_year": sheet["start_year"]}
            statements.append({"item": None, "stage": None, **row, **years})
    found = _preferred(statements)
    return pd.DataFrame({name: pd.array([row[name] for row in found], dtype=kind) for name, kind in _DTYPES.items()})


def _budgets(project: Dataset) -> list[dict[str, Any]]:
    rows = []
    for row in project.rows("budgets"):
        if row["account"] is None:
            about = {
                "stated_in": row["sheet_id"],
                **{name: row[name] for name in ("fiscal_year", "stage", "certainty")},
            }
            for name, column in AMOUNTS.items():
                rows.append({"quantity": name, "value": row[column] and float(row[column]), "unit": "yen", **about})
            for name, whole in _RATES.items():
                rate = ratio(row["executed_jpy"], row[whole])
                rows.append({"quantity": name, "value": rate, "unit": "ratio", **about})
    return rows


def _indicators(project: Dataset) -> pd.DataFrame:
    years = indicator_years(project)
    years = years[~years["is_final_year"] & years["fiscal_year"].notna() & years["indicator"].notna()]
    key = [
        f"{level}:{fold(name)}:{fold(unit)}"
        for level, name, unit in zip(years["level"], years["indicator"], years["unit"], strict=True)
    ]
    years = years.assign(key=key)
    # two indicators of one sheet that nothing tells apart are none that could be followed
    several = years.groupby(["sheet_id", "key"])["indicator_id"].transform("nunique") > 1
    years = years[~several]
    names = years.drop_duplicates("key", keep="last").set_index("key")["indicator"]
    about = pd.DataFrame(
        {
            "item": years["key"].map(names), "fiscal_year": years["fiscal_year"], "unit": years["unit"], "stated_in": years["sheet_id"],
            "certainty": np.where(years["is_settled"], "stated", "unsettled"),
        }
    )  # fmt: skip
    return pd.concat([about.assign(quantity=name, value=floats(years[name])) for name in ("actual", "target")])


def _recipients(project: Dataset) -> pd.DataFrame:
    """What was paid in the year before the review; a sheet that is about a plan (新規要求) has none."""
    paid = project["sheets"].set_index("sheet_id")["review_year"] - 1
    shares = metrics.sheet_concentration(project)
    shown = pd.concat(
        [
            pd.DataFrame(
                {
                    "quantity": name,
                    "stated_in": shares.index,
                    "value": floats(shares[column]),
                    "unit": "ratio" if column != "recipients" else "count",
                }
            )
            for name, column in _SPENDING.items()
        ]
    )
    top = metrics.top_recipients(project)
    amounts = pd.DataFrame(
        {
            "quantity": "recipient_amount",
            "item": top["name"],
            "stated_in": top["sheet_id"],
            "value": floats(top["amount_jpy"]),
            "unit": "yen",
        }
    )
    rows = pd.concat([shown, amounts])
    slips = rows["stated_in"].map(metrics.spending(project)["slips"])
    certainty = np.where((slips > 0).fillna(False), "unsettled", "stated")  # an amount may be in another unit
    return rows.assign(fiscal_year=rows["stated_in"].map(paid), certainty=certainty)


def _preferred(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With ``is_preferred`` and ``is_restated``, in the order of quantities, fiscal years and review years."""
    order = [*AMOUNTS, *_RATES, *_SPENDING, "recipient_amount", "actual", "target"]
    place = {name: n for n, name in enumerate(order)}
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in _SERIES), []).append(row)
    found = []
    for group in groups.values():
        last = max(enumerate(group), key=lambda pair: (not _is_blank(pair[1]), pair[1]["review_year"], pair[0]))[1]
        best, unit = last["value"], last["unit"]
        slack = max(1e6, abs(best) / 1000) if unit == "yen" else 0.005 if unit == "ratio" else 1e-6
        for row in sorted(group, key=lambda row: row["review_year"]):
            is_foreseen = row["stage"] == "running" and row["quantity"] != "initial"
            is_restated = abs(row["value"] - best) > slack and not is_foreseen
            found.append({**row, "is_preferred": row is last, "is_restated": is_restated})
    found.sort(
        key=lambda row: (
            place[row["quantity"]], row["item"] is not None, row["item"] or "", row["unit"] is not None, row["unit"] or "",
            row["fiscal_year"] is not None, row["fiscal_year"] or 0,
        )
    )  # fmt: skip
    return found


def _is_blank(row: dict[str, Any]) -> bool:
    """A 0 that may stand for no figure."""
    before = row["start_year"] is not None and row["fiscal_year"] is not None and row["fiscal_year"] < row["start_year"]
    return row["value"] == 0 and (row["certainty"] == "unsettled" or before)
