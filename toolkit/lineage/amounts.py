"""The amounts of shared fiscal years: consecutive sheets state three or four years twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.lineage.sheets import QUANTITIES, Sheets

__all__ = ["compare_amounts", "is_request", "weigh_amounts"]

_CLOSE = 1e6, 1e-3  # within a million yen or 0.1 %: RS figures of years to 2023 were migrated from million yen
_YEAR_OF_SHEETS = 5000
_INITIAL = QUANTITIES.index("initial_jpy")
#: what the form asks for every year, so that zero beside an amount is a difference
_ALWAYS = np.array([name in ("initial_jpy", "executed_jpy") for name in QUANTITIES])[None, :, None]


def compare_amounts(sheets: Sheets, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which amounts both sheets of each pair state, and which of these agree: two arrays pairs × quantities × years.

    The initial budget up to the earlier sheet's own year, the rest for years then closed. Zero beside zero is no statement
    (JUDGIT! writes 0 for a blank), nor is a zero for a year before the sheet has the project begin.
    """
    one, other = sheets.amounts[i], sheets.amounts[j]
    years = sheets.first_year + np.arange(one.shape[2])
    own_year, start = sheets.column("year")[j], sheets.column("start")
    in_time = np.repeat((years < own_year[:, None])[:, None, :], len(QUANTITIES), axis=1)
    in_time[:, _INITIAL] = years <= own_year[:, None]
    both = in_time & ~np.isnan(one) & ~np.isnan(other) & ((one != 0) | (other != 0))
    for amounts, sheet in ((one, i), (other, j)):
        both &= (amounts != 0) | ~(years < start[sheet][:, None])[:, None, :]
    both &= _ALWAYS | ((one != 0) & (other != 0))
    return both, both & _is_close(one, other) & (one != 0) & (other != 0)


def _is_close(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.abs(one - other) <= np.maximum(_CLOSE[0], _CLOSE[1] * np.abs(other))


def weigh_amounts(sheets: Sheets, j: np.ndarray, agree: np.ndarray) -> np.ndarray:
    """How telling the agreeing amounts of each pair are, as a power of ten: each different amount once, a common one little."""
    pair, quantity, year = np.nonzero(agree)
    million = np.nan_to_num(np.round(sheets.amounts / 1e6)).astype("int64")
    review = sheets.column("year")
    sheet, q, y = np.nonzero(million)
    everyone = pd.DataFrame({"review": review[sheet], "quantity": q, "year": y, "value": million[sheet, q, y]})
    count = everyone.groupby(list(everyone)).size().rename("count")
    value = million[j[pair], quantity, year]
    tokens = pd.DataFrame({"review": review[j[pair]], "quantity": quantity, "year": year, "value": value})
    often = tokens.join(count, on=list(tokens))["count"].to_numpy()
    # few sheets at hand do not make an amount less rare among all of a year
    among = np.maximum(tokens["review"].map(pd.Series(review).value_counts()).to_numpy(), _YEAR_OF_SHEETS)
    tokens = tokens.assign(pair=pair, weight=np.clip(np.log10(among / often), 0.3, 2.0))
    best = tokens.groupby(["pair", "value"])["weight"].max().groupby("pair").sum()
    return best.reindex(range(len(j)), fill_value=0.0).to_numpy()


def is_request(sheets: Sheets, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Whether the later sheet's initial budget of its own year is what the earlier one requested for it."""
    year = np.clip(sheets.column("year")[i] - sheets.first_year, 0, sheets.requested.shape[1] - 1)
    requested = sheets.requested[j, year]
    return (np.nan_to_num(requested) != 0) & _is_close(sheets.amounts[i, _INITIAL, year], requested)
