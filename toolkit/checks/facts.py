"""The facts that several rules share, and how two figures are compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.dataset import Dataset
from toolkit.figures import closed_year, floats, half_unit, indicator_years, spending
from toolkit.tables import SHEET_TABLES

__all__ = ["PARTS", "Facts", "compare", "graded", "half", "half_digit"]


#: A, B, C and E of the form; D is what is carried out
PARTS = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy")


class Facts:
    """The dataset and what several rules derive from it, each computed once."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    @cached_property
    def closed(self) -> pd.DataFrame:
        return closed_year(self.dataset)

    @cached_property
    def spending(self) -> pd.DataFrame:
        return spending(self.dataset)

    @cached_property
    def years(self) -> pd.DataFrame:
        return indicator_years(self.dataset)

    @cached_property
    def budgets(self) -> pd.DataFrame:
        """``budgets`` with amounts as floats, the review year, and whether it comes from the RS System."""
        rows = self.dataset["budgets"]
        rows = rows.assign(
            **{c.name: floats(rows[c.name]) for c in SHEET_TABLES["budgets"].columns if c.dtype in ("Int64", "Float64")}
        )
        sheets = self.closed.reindex(rows["sheet_id"])
        return rows.assign(review_year=sheets["fiscal_year"].to_numpy() + 1, is_rs=sheets["is_rs"].to_numpy())

    @cached_property
    def whole(self) -> pd.DataFrame:
        """The rows of ``budgets`` for the whole project."""
        return self.budgets[self.budgets["account"].isna()]

    def sums(self, table: str, by: Sequence[str]) -> pd.DataFrame:
        """Per group of a table with ``amount_jpy``: total, rows, rows without amount, slack of the total."""
        rows = self.dataset[table]
        amount = floats(rows["amount_jpy"])
        precision = floats(rows["precision_jpy"]) if "precision_jpy" in rows else None
        frame = rows[list(by)].assign(total=amount, missing=np.isnan(amount), slack=half_unit(amount, precision))
        return frame.groupby(list(by), dropna=False, sort=False).agg(
            total=("total", "sum"), rows=("total", "size"), missing=("missing", "sum"), slack=("slack", "sum")
        )


def compare(
    rows: pd.DataFrame,
    found: npt.ArrayLike,
    expected: npt.ArrayLike,
    slack: npt.ArrayLike,
    *,
    share: float = 0.0,
) -> pd.DataFrame:
    """The rows where both figures are known and not both 0; ``wrong`` where they differ by more than ``slack`` and ``share`` of the larger."""
    found, expected = np.asarray(found, dtype="float64"), np.asarray(expected, dtype="float64")
    gap = np.abs(found - expected)
    wrong = (gap > np.asarray(slack) + 1e-9) & (gap > share * np.maximum(np.abs(found), np.abs(expected)))
    return rows.assign(found=found, expected=expected, wrong=wrong)[~np.isnan(gap) & ((found != 0) | (expected != 0))]


def graded(rows: pd.DataFrame) -> pd.DataFrame:
    """Severity by size: a gap of at most 1 % is ``info``."""
    gap = (rows["found"] - rows["expected"]).abs()
    small = gap <= 0.01 * np.maximum(rows["found"].abs(), rows["expected"].abs())
    return rows.assign(severity=np.where(small, "info", "warning"))


def half(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Half of the last printed digit of a float column of ``rows``, which also has ``precision_jpy``."""
    return half_unit(rows[name].to_numpy(), rows["precision_jpy"].to_numpy())


def half_digit(rate: np.ndarray) -> np.ndarray:
    """Half of the last printed digit of a ratio: 0.005 for 97 %, 0.0005 for 97.1 %, 0.000005 for five decimals."""
    result = np.full(rate.shape, 5e-6)
    for digits in (4, 3, 2):
        result[np.isclose(rate, np.round(rate, digits), rtol=0, atol=1e-9)] = 0.5 * 10.0**-digits
    return result
