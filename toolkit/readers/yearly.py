"""What the yearly collections of sheets to 2023 have in common, whole columns at once.

Both the official database and the JUDGIT! records print million yen, five fiscal years of budget and a list of
recipients a block. Numbers come in as float arrays (NaN: nothing printed), rows with the position of their sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit import text
from toolkit.readers.rs_system.rows import Bulk, codes, counted, mapped

__all__ = ["budgets", "distinct_ids", "precision", "recipients", "yen"]

#: larger amounts, in million yen, are no amounts; they would not fit into whole yen
_LARGEST = 9e12
_PARTS = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy")
_AMOUNTS = (*_PARTS, "carried_out_jpy", "total_jpy", "executed_jpy", "requested_jpy")
#: amounts that every sheet prints for a year of its kind, so that 0 in JUDGIT! may be a figure or a blank
_ALWAYS = ("initial_jpy", "total_jpy", "executed_jpy", "requested_jpy")


def yen(million: np.ndarray) -> pa.Array:
    """Million yen as whole yen; null for NaN."""
    known = np.abs(million) < _LARGEST  # False for NaN
    return pa.array(np.where(known, np.round(np.where(known, million, 0) * 1e6), 0).astype("int64"), mask=~known)


def precision(*million: np.ndarray) -> pa.Array:
    """The finest step that the amounts of a row are printed in: 1,000,000 yen, or 100,000 for one decimal …

    A decimal that is 0 cannot be told from none: the sources store numbers. Null where a row has no amount.
    """
    finest = np.full(len(million[0]), 10**6, dtype="int64")
    some = np.zeros(len(finest), dtype=bool)
    for values in million:
        known = np.abs(values) < _LARGEST
        whole = np.round(np.where(known, values, 0) * 1e6).astype("int64")
        some |= known
        for step in (10**6, 10**5, 10**4, 10**3, 10**2, 10):
            finest = np.where((whole % step != 0) & (finest >= step), step // 10, finest)
    return pa.array(finest, mask=~some)


def distinct_ids(ids: pa.Array) -> pa.Array:
    """The ids with #2, #3 … behind the second and further copies of one."""
    copy = counted(codes(ids))
    if copy.max(initial=1) == 1:
        return ids
    marked = pc.binary_join_element_wise(ids, pa.array(copy).cast(pa.string()), "#")
    return pc.if_else(pa.array(copy > 1), marked.cast(ids.type), ids)


# -- budgets
def budgets(
    bulk: Bulk,
    sheet: np.ndarray,
    year: np.ndarray,
    million: Mapping[str, np.ndarray],
    *,
    ref: pa.Array,
    rates: Mapping[str, pa.Array] | None = None,
    is_zero_blank: bool = False,
) -> pd.DataFrame:
    """The table ``budgets``: a row per sheet and fiscal year, amounts in million yen by their column's name.

    ``carried_out_jpy`` comes as printed, which is negative. Where it is missing although 計(F) is too small without
    it, the difference is given: ``solved`` if the following year's carry-in is as much, else ``unsettled``. One that
    is printed with the wrong sign is ``solved`` if 計(F) says so, else ``unsettled``.

    ``is_zero_blank``: the source writes 0 for a blank (JUDGIT!). A part of the budget that is 0 becomes <NA>; a 0
    that the form asks for every year (initial, total, executed, requested) stays, and its row is ``unsettled``.
    """
    printed = {name: np.array(million.get(name, np.full(len(sheet), np.nan)), dtype=float) for name in _AMOUNTS}
    review = bulk.years[sheet]
    printed["executed_jpy"][(year >= review) & (printed["executed_jpy"] == 0)] = np.nan  # not yet
    certainty = np.full(len(sheet), "stated", dtype=object)
    if is_zero_blank:
        certainty[np.any([printed[name] == 0 for name in _ALWAYS], axis=0)] = "unsettled"
        for name in (*_PARTS[1:], "carried_out_jpy"):
            printed[name][printed[name] == 0] = np.nan
    out = _carried_out(sheet, year, printed, certainty)
    parts = np.array([printed[name] for name in _PARTS])
    current = np.where(np.isnan(parts).all(axis=0) | (year > review), np.nan, np.nansum(parts, axis=0))
    total = np.where(np.isnan(printed["total_jpy"]), current - np.nan_to_num(out), printed["total_jpy"])
    stage = np.where(year > review, "requested", np.where(year == review, "running", "closed"))
    kept = ~np.isnan(np.array([printed[name] for name in _AMOUNTS])).all(axis=0)
    kept = np.flatnonzero(kept | _filled(rates))
    columns = {name: yen(printed[name]) for name in (*_PARTS, "executed_jpy", "requested_jpy")} | {
        "carried_out_jpy": yen(out), "current_jpy": yen(current), "total_jpy": yen(total),
        "precision_jpy": precision(*printed.values()), **(rates or {}),
        "fiscal_year": pa.array(year.astype("int64")), "stage": pa.array(stage), "source_ref": ref, "certainty": pa.array(certainty),
    }  # fmt: skip
    chosen = {name: values.take(pa.array(kept)) for name, values in columns.items()}
    return bulk.table("budgets", {"sheet": sheet[kept], **chosen})


def _filled(rates: Mapping[str, pa.Array] | None) -> np.ndarray | bool:
    if not rates:
        return False
    return np.any([values.is_valid().to_numpy(zero_copy_only=False) for values in rates.values()], axis=0)


def _carried_out(
    sheet: np.ndarray, year: np.ndarray, printed: Mapping[str, np.ndarray], certainty: np.ndarray
) -> np.ndarray:
    """What was carried to the next year, positive; see ``budgets``. Notes in ``certainty`` what was not stated."""
    own, total = printed["carried_out_jpy"], printed["total_jpy"]
    parts = np.nansum([printed[name] for name in _PARTS], axis=0)
    slack = np.maximum(1.0, np.abs(np.nan_to_num(total)) / 1000)
    missing = np.isnan(own) & (total - parts < -slack)
    index = pd.MultiIndex.from_arrays([sheet, year])
    into = pd.Series(printed["carried_in_jpy"], index)
    following = into[~into.index.duplicated()].reindex(pd.MultiIndex.from_arrays([sheet, year + 1])).to_numpy()
    confirmed = missing & (np.abs(parts - total - following) <= np.maximum(1.5, slack))
    wrong_sign = own > 0
    settled = wrong_sign & (np.abs(parts - own - total) <= slack) & ~(np.abs(parts + own - total) <= slack)
    certainty[(missing | wrong_sign) & ~(confirmed | settled)] = "unsettled"
    certainty[(confirmed | settled) & (certainty == "stated")] = "solved"
    out = np.where(settled, own, -own)
    return np.where(missing, np.where(confirmed, following, parts - total), out) + 0.0  # + 0.0: no minus zero


# -- recipients
def recipients(
    bulk: Bulk,
    sheet: np.ndarray,
    columns: Mapping[str, Any],
    million: np.ndarray,
    contract: Mapping[str, Any],
    *,
    is_zero_blank: bool = False,
) -> dict[str, pd.DataFrame]:
    """The tables ``recipients`` and ``contracts``, a contract for every recipient that says something about it.

    ``columns`` has block, rank, name, corporate_number, source_ref; ``contract`` the columns of ``contracts``.
    """
    certainty = np.where((million == 0) & is_zero_blank, "unsettled", "stated")
    amount = yen(million)
    shared = {"sheet": sheet, "block": columns["block"], "rank": columns["rank"], "source_ref": columns["source_ref"], "amount_jpy": amount,
              "certainty": pa.array(certainty)}  # fmt: skip
    name = pc.replace_substring_regex(columns["name"], r"\s*\n\s*", "")  # it wraps where the cell is narrow
    number = mapped(
        columns["corporate_number"], lambda printed: None if text.is_nothing(printed) else text.fold(printed)
    )
    status = pc.fill_null(mapped(number, text.number_status), "missing")
    own = {
        "name": name, "corporate_number": number, "number_status": status,
        "name_kind": mapped(name, text.name_kind), "precision_jpy": precision(million),
        "fiscal_year": pa.array((bulk.years[sheet] - 1).astype("int64")),
    }  # fmt: skip
    work = {**shared, **contract, "line": pa.repeat(1, len(sheet))}
    return {"recipients": bulk.table("recipients", {**shared, **own}), "contracts": bulk.table("contracts", work)}
