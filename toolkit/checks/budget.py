"""Rules of the budget table: one function per rule of ``toolkit.checks.rules``, all sheets at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.checks.facts import PARTS, Facts, compare, half, half_digit
from toolkit.figures import half_unit


def _parts(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """A+B+C+E, where a blank part is nothing, and its slack; NaN where no part is printed."""
    values = rows[list(PARTS)].to_numpy()
    slack = np.sum([half_unit(rows[name].to_numpy(), rows["precision_jpy"].to_numpy()) for name in PARTS], axis=0)
    return np.where(np.isnan(values).all(axis=1), np.nan, np.nansum(values, axis=1)), slack


def budget_total(facts: Facts) -> pd.DataFrame:
    """Of sheets that print 計(F); for the RS System it is derived from its parts."""
    rows = facts.budgets[~facts.budgets["is_rs"]]
    parts, slack = _parts(rows)
    slack += half(rows, "total_jpy") + half(rows, "carried_out_jpy")
    rows = compare(rows, rows["total_jpy"], parts - rows["carried_out_jpy"].fillna(0), slack)
    no_carry_out = rows["carried_out_jpy"].isna() & (rows["found"] < rows["expected"])
    return rows.assign(severity=np.where(no_carry_out | _lacks_initial(rows), "info", "error"))


def _lacks_initial(rows: pd.DataFrame) -> pd.Series:
    """Where an initial budget that is not printed would explain why the total is larger than its parts."""
    return rows["initial_jpy"].isna() & (rows["found"] > rows["expected"])


def current_total(facts: Facts) -> pd.DataFrame:
    """Of the RS System, which prints 歳出予算現額; for other sheets it is derived from its parts."""
    rows = facts.budgets[facts.budgets["is_rs"]]
    parts, slack = _parts(rows)
    rows = compare(rows, rows["current_jpy"], parts, slack + half(rows, "current_jpy"))
    return rows.assign(severity=np.where(_lacks_initial(rows), "info", "error"))


def account_total(facts: Facts) -> pd.DataFrame:
    columns = [*PARTS, "current_jpy", "executed_jpy", "requested_jpy"]
    by = ["sheet_id", "fiscal_year"]
    accounts = facts.budgets[facts.budgets["account"].notna()]
    both = facts.whole[pd.MultiIndex.from_frame(facts.whole[by]).isin(pd.MultiIndex.from_frame(accounts[by]))]
    compared = [compare(both.head(0).assign(column=""), [], [], [])]
    for name in columns if len(both) else ():
        one = accounts[by].assign(total=accounts[name], slack=half(accounts, name), gap=accounts[name].isna())
        sums = one.groupby(by).sum().reindex(pd.MultiIndex.from_frame(both[by]))
        total = np.where(sums["gap"] > 0, np.nan, sums["total"])
        rows = both.assign(column=name)
        compared.append(compare(rows, rows[name], total, sums["slack"].to_numpy() + half(rows, name)))
    return pd.concat(compared)


def carry_over(facts: Facts) -> pd.DataFrame:
    """1.5 million yen are allowed on printed sheets: a carry-out is settled after the sheet that first shows it."""
    following = facts.whole[["sheet_id", "fiscal_year", "carried_in_jpy"]].rename(columns={"carried_in_jpy": "into"})
    following["fiscal_year"] -= 1
    rows = facts.whole[facts.whole["fiscal_year"] < facts.whole["review_year"]]
    rows = rows.merge(following, on=["sheet_id", "fiscal_year"])
    slack = np.where(rows["is_rs"], 0, 1_500_000)
    return compare(rows, rows["carried_out_jpy"], rows["into"], slack)


def _rate(rows: pd.DataFrame, printed: str, base: np.ndarray, base_slack: np.ndarray) -> pd.DataFrame:
    """Printed against computed rate: half of the last printed digit, plus what the amounts' own rounding can do."""
    executed = rows["executed_jpy"].to_numpy()
    base = np.where(base > 0, base, np.nan)
    rate = executed / base
    slack = half_digit(rows[printed].to_numpy()) + (half(rows, "executed_jpy") + np.abs(rate) * base_slack) / base
    return compare(rows, rows[printed], rate, slack)


def printed_rate(facts: Facts) -> pd.DataFrame:
    rows = facts.budgets
    base = np.where(rows["is_rs"], rows["current_jpy"], rows["total_jpy"])
    return _rate(rows, "printed_rate", base, half_unit(base, rows["precision_jpy"].to_numpy()))


def printed_rate_initial(facts: Facts) -> pd.DataFrame:
    rows = facts.budgets
    base = rows["initial_jpy"] + rows["supplementary_jpy"].fillna(0)
    return _rate(
        rows, "printed_rate_initial", base.to_numpy(), half(rows, "initial_jpy") + half(rows, "supplementary_jpy")
    )


def executed_over_budget(facts: Facts) -> pd.DataFrame:
    rows = facts.whole
    limit = np.where(rows["is_rs"], rows["current_jpy"], rows["total_jpy"])
    slack = half(rows, "executed_jpy") + half_unit(limit, rows["precision_jpy"].to_numpy())
    rows = compare(rows, rows["executed_jpy"], limit, slack + 0.005 * np.abs(limit))
    grave = (rows["found"] > 10 * rows["expected"]) & (rows["expected"] > 0)
    severity = np.where(grave, "error", np.where(rows["is_rs"], "warning", "info"))
    return rows.assign(severity=severity, wrong=rows["wrong"] & (rows["found"] > rows["expected"]))


def budget_lines_total(facts: Facts) -> pd.DataFrame:
    """By account where the lines name one (RS System), else for the whole project."""
    by = ["sheet_id", "fiscal_year", "account"]
    lines = facts.sums("budget_lines", [*by, "kind"]).reset_index().dropna(subset="kind")
    rows = lines.merge(facts.budgets, on=by)
    compared = []
    own_kind = pd.Series(np.where(rows["stage"] == "requested", "requested", "initial"), rows.index)
    for name in (*PARTS, "requested_jpy", "lines_total_jpy"):
        kind = own_kind if name == "lines_total_jpy" else name.removesuffix("_jpy")
        some = rows[(rows["kind"] == kind).fillna(False)].assign(column=name)
        slack = np.where(some["precision_jpy"] == 1, 0, some["slack"]) + half(some, name)
        some = compare(some, some[name], some["total"], slack)
        compared.append(some[(some["missing"] == 0) | (some["expected"] > some["found"])])
    return pd.concat(compared)
