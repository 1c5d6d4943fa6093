"""Rules over the tables: what does not add up on a sheet, as a table of findings.

Every rule is one function of the facts of all sheets at once; ``toolkit.rules`` says in words what it compares.
A missing amount never makes a finding: amounts are floats here, and a comparison with NaN is false.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset
from toolkit.figures import closed_year, floats, half_unit, indicator_years, moved_on, spending
from toolkit.rules import RULES, Rule
from toolkit.tables import FINDINGS, SHEET_TABLES
from toolkit.wording import check_language, render

__all__ = ["check", "summary"]

_SEVERITIES = ("error", "warning", "info")
_PARTS = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy")
_COVERAGE = 0.95
_SLIP = 50  # times the project's budget; real recipients stay far below, slips are 1,000 or 1,000,000 times


def check(dataset: Dataset, language: str = "en") -> pd.DataFrame:
    """What does not add up: one row per finding, as ``toolkit.TABLES["findings"]`` declares it.

    ``found`` is what is printed, ``expected`` what the rest of the sheet says, ``difference`` found minus
    expected, in yen, as a ratio or in the indicator's unit. Sorted by sheet, severity, rule and row; messages in
    ``language`` ("en" or "ja"). Amounts that differ by no more than their printed rounding are no finding.

    Raises UsageError for another language.
    """
    check_language(language)
    facts = _Facts(dataset)
    parts = [_findings(RULES[name], rule(facts), language) for name, rule in _CHECKS.items()]
    result = pd.concat([part for part in parts if len(part)] or [FINDINGS.empty()], ignore_index=True)
    order = pd.DataFrame(
        {
            "sheet": result["sheet_id"],
            "severity": result["severity"].map({name: n for n, name in enumerate(_SEVERITIES)}).astype("int64"),
            "rule": result["rule"].map({name: n for n, name in enumerate(RULES)}).astype("int64"),
            "table": result["table"],
        }
    ).sort_values(["sheet", "severity", "rule", "table"], kind="stable")
    return FINDINGS.validate(result.loc[order.index].reset_index(drop=True))


def summary(findings: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """Findings counted: one row per severity and rule with ``findings``, ``sheets`` and the rule in words."""
    check_language(language)
    counted = findings.groupby(["severity", "rule"]).agg(findings=("rule", "size"), sheets=("sheet_id", "nunique"))
    kinds = [(severity, name) for severity in _SEVERITIES for name in RULES if (severity, name) in counted.index]
    result = counted.reindex(pd.MultiIndex.from_tuples(kinds, names=["severity", "rule"])).reset_index()
    result["description"] = [RULES[name].label(language) for name in result["rule"]]
    return result.astype(
        {"severity": "string", "rule": "string", "findings": "Int64", "sheets": "Int64", "description": "string"}
    )


class _Facts:
    """The dataset and what several rules derive from it, each computed once."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    @cached_property
    def closed(self) -> pd.DataFrame:
        return closed_year(self.dataset)

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


# -- from the rows of a rule to findings
def _findings(rule: Rule, rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Rows of one rule in the shape of the findings table, in the order of their keys."""
    rows = rows.sort_values(["sheet_id", *rule.key], kind="stable") if rule.key else rows
    keys = [[f"{name}={value}" if pd.notna(value) else "" for value in rows[name].tolist()] for name in rule.key]
    number = {
        name: rows[name].to_numpy(dtype="float64") if name in rows else np.full(len(rows), np.nan)
        for name in ("found", "expected")
    }
    return pd.DataFrame(
        {
            "sheet_id": rows["sheet_id"].to_numpy(),
            "rule": rule.id,
            "severity": rows["severity"].to_numpy() if "severity" in rows else rule.severities[0],
            "table": rows["table"].to_numpy() if "table" in rows else rule.table,
            "key": [", ".join(filter(None, parts)) for parts in zip(*keys, strict=True)] if keys else pd.NA,
            **number,
            "difference": number["found"] - number["expected"],
            "message": render(rule.message(language), rows, language),
        }
    )


def _mismatch(
    rows: pd.DataFrame,
    found: np.ndarray | pd.Series,
    expected: np.ndarray | pd.Series,
    slack: np.ndarray | pd.Series | float,
    *,
    share: float = 0.0,
) -> pd.DataFrame:
    """The rows where both figures are known and differ by more than ``slack`` and than ``share`` of the larger one."""
    rows = rows.assign(found=np.asarray(found, dtype="float64"), expected=np.asarray(expected, dtype="float64"))
    gap = (rows["found"] - rows["expected"]).abs()
    larger = np.maximum(rows["found"].abs(), rows["expected"].abs())
    return rows[(gap > np.asarray(slack) + 1e-9) & (gap > share * larger)]


def _graded(rows: pd.DataFrame) -> pd.DataFrame:
    """Severity by size: a gap of at most 1 % is ``info``."""
    gap = (rows["found"] - rows["expected"]).abs()
    small = gap <= 0.01 * np.maximum(rows["found"].abs(), rows["expected"].abs())
    return rows.assign(severity=np.where(small, "info", "warning"))


# -- budget
def _parts(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """A+B+C+E, where a blank part is nothing, and its slack; NaN where no part is printed."""
    values = rows[list(_PARTS)].to_numpy()
    slack = np.sum([half_unit(rows[name].to_numpy(), rows["precision_jpy"].to_numpy()) for name in _PARTS], axis=0)
    return np.where(np.isnan(values).all(axis=1), np.nan, np.nansum(values, axis=1)), slack


def _half(rows: pd.DataFrame, name: str) -> np.ndarray:
    return half_unit(rows[name].to_numpy(), rows["precision_jpy"].to_numpy())


def _budget_total(facts: _Facts) -> pd.DataFrame:
    rows = facts.budgets
    parts, slack = _parts(rows)
    slack += _half(rows, "total_jpy") + _half(rows, "carried_out_jpy")
    wrong = _mismatch(rows, rows["total_jpy"], parts - rows["carried_out_jpy"].fillna(0), slack)
    unprinted = wrong["carried_out_jpy"].isna() & (wrong["found"] < wrong["expected"])
    return wrong.assign(severity=np.where(unprinted, "info", "error"))


def _current_total(facts: _Facts) -> pd.DataFrame:
    parts, slack = _parts(facts.budgets)
    return _mismatch(facts.budgets, facts.budgets["current_jpy"], parts, slack + _half(facts.budgets, "current_jpy"))


def _account_total(facts: _Facts) -> pd.DataFrame:
    columns = [*_PARTS, "current_jpy", "executed_jpy", "requested_jpy"]
    by = ["sheet_id", "fiscal_year"]
    accounts = facts.budgets[facts.budgets["account"].notna()]
    both = facts.whole[pd.MultiIndex.from_frame(facts.whole[by]).isin(pd.MultiIndex.from_frame(accounts[by]))]
    wrong = []
    for name in columns:
        one = accounts[by].assign(total=accounts[name], slack=_half(accounts, name), gap=accounts[name].isna())
        sums = one.groupby(by).sum().reindex(pd.MultiIndex.from_frame(both[by]))
        total = np.where(sums["gap"] > 0, np.nan, sums["total"])
        rows = both.assign(column=name)
        wrong.append(_mismatch(rows, rows[name], total, sums["slack"].to_numpy() + _half(rows, name)))
    return pd.concat(wrong)


def _carry_over(facts: _Facts) -> pd.DataFrame:
    rows = facts.whole[facts.whole["fiscal_year"] < facts.whole["review_year"]]
    following = facts.whole.set_index(["sheet_id", facts.whole["fiscal_year"].astype("int64") - 1])
    into = following["carried_in_jpy"].reindex(
        pd.MultiIndex.from_arrays([rows["sheet_id"], rows["fiscal_year"].astype("int64")])
    )
    precision = rows["precision_jpy"].to_numpy()
    slack = _half(rows, "carried_out_jpy") + half_unit(into.to_numpy(), precision)
    return _mismatch(rows, rows["carried_out_jpy"], into, slack)


def _rate(rows: pd.DataFrame, printed: str, base: np.ndarray, base_slack: np.ndarray) -> pd.DataFrame:
    """Printed against computed rate: half of the last printed digit, plus what the amounts' own rounding can do."""
    executed = rows["executed_jpy"].to_numpy()
    base = np.where(base > 0, base, np.nan)
    rate = executed / base
    slack = _half_digit(rows[printed].to_numpy()) + (_half(rows, "executed_jpy") + np.abs(rate) * base_slack) / base
    return _mismatch(rows, rows[printed], rate, slack)


def _half_digit(rate: np.ndarray) -> np.ndarray:
    """Half of the last printed digit of a ratio: 0.005 for 97 %, 0.0005 for 97.1 %, 0.000005 for five decimals."""
    half = np.full(rate.shape, 5e-6)
    for digits in (4, 3, 2):
        half[np.isclose(rate, np.round(rate, digits), rtol=0, atol=1e-9)] = 0.5 * 10.0**-digits
    return half


def _printed_rate(facts: _Facts) -> pd.DataFrame:
    rows = facts.budgets
    name = np.where(rows["is_rs"], rows["current_jpy"], rows["total_jpy"])
    return _rate(rows, "printed_rate", name, half_unit(name, rows["precision_jpy"].to_numpy()))


def _printed_rate_initial(facts: _Facts) -> pd.DataFrame:
    rows = facts.budgets
    base = rows["initial_jpy"].fillna(0) + rows["supplementary_jpy"].fillna(0)
    return _rate(
        rows, "printed_rate_initial", base.to_numpy(), _half(rows, "initial_jpy") + _half(rows, "supplementary_jpy")
    )


def _executed_over_budget(facts: _Facts) -> pd.DataFrame:
    rows = facts.budgets
    limit = np.where(rows["is_rs"], rows["current_jpy"], rows["total_jpy"])
    slack = _half(rows, "executed_jpy") + half_unit(limit, rows["precision_jpy"].to_numpy())
    over = _mismatch(rows, rows["executed_jpy"], limit, slack + 0.005 * np.abs(limit))
    over = over[over["found"] > over["expected"]]
    return over.assign(
        severity=np.where((over["found"] > 10 * over["expected"]) & (over["expected"] > 0), "error", "info")
    )


def _budget_lines_total(facts: _Facts) -> pd.DataFrame:
    lines = facts.sums("budget_lines", ["sheet_id", "fiscal_year", "kind"]).reset_index().dropna(subset="kind")
    whole = facts.whole.set_index(["sheet_id", "fiscal_year"])
    rows = lines.join(whole, on=["sheet_id", "fiscal_year"], how="inner")
    wrong = []
    for name in (*_PARTS, "requested_jpy", "lines_total_jpy"):
        kind = (
            np.where(rows["stage"] == "requested", "requested", "initial")
            if name == "lines_total_jpy"
            else name.removesuffix("_jpy")
        )
        some = rows[rows["kind"] == kind].assign(column=name)
        slack = np.where(some["precision_jpy"] == 1, 0, some["slack"]) + _half(some, name)
        differ = _mismatch(some, some[name], some["total"], slack)
        wrong.append(differ[(differ["missing"] == 0) | (differ["expected"] > differ["found"])])
    return pd.concat(wrong)


# -- spending
def _block_frame(facts: _Facts) -> pd.DataFrame:
    rows = facts.dataset["blocks"]
    numbers = {
        name: floats(rows[name]) for name in ("amount_jpy", "recipient_count", "cost_total_jpy", "precision_jpy")
    }
    return rows.assign(**numbers)


def _cost_items_total(facts: _Facts) -> pd.DataFrame:
    rows = _block_frame(facts).join(
        facts.sums("cost_items", ["sheet_id", "block"]), on=["sheet_id", "block"], how="inner"
    )
    slack = np.where(rows["precision_jpy"] == 1, 0, rows["slack"]) + _half(rows, "cost_total_jpy")
    wrong = _mismatch(rows, rows["cost_total_jpy"], rows["total"], slack)
    return wrong[(wrong["missing"] == 0) | (wrong["expected"] > wrong["found"])]


def _cost_recipient(facts: _Facts) -> pd.DataFrame:
    """The 計 belongs to one recipient: the one it names, else the block's largest (rows of one name together)."""
    by = ["sheet_id", "block"]
    items = facts.sums("cost_items", by)
    names = facts.dataset["cost_items"].groupby(by, sort=False)["recipient"].first()
    rows = _block_frame(facts).join(items, on=by).join(names, on=by)
    costs = rows["cost_total_jpy"].fillna(rows["total"].where(rows["missing"] == 0))
    rows = rows.assign(costs=costs, name=rows["cost_recipient"].fillna(rows["recipient"]))[costs.notna()]
    paid = facts.sums("recipients", [*by, "name"]).reset_index()
    paid.loc[paid["missing"] > 0, "total"] = np.nan
    single = facts.dataset["recipients"].groupby(by)["amount_jpy"].max().astype("Float64").rename("single")
    rows = rows.join(paid.set_index([*by, "name"])["total"].rename("named"), on=[*by, "name"])
    rows = rows.join(paid.groupby(by)["total"].max().rename("largest"), on=by).join(single, on=by)
    rows = rows.assign(single=floats(rows["single"]))
    choices = rows[["named", "largest", "single"]].to_numpy()
    gaps = np.abs(choices - rows["costs"].to_numpy()[:, None])
    nearest = np.where(np.isnan(gaps), np.inf, gaps).argmin(axis=1) if len(rows) else np.array([], dtype=int)
    expected = choices[np.arange(len(rows)), nearest]
    slack = _half(rows, "costs") + half_unit(expected, rows["precision_jpy"].to_numpy())
    return _mismatch(rows, rows["costs"], expected, slack, share=0.01)


def _contracts_total(facts: _Facts) -> pd.DataFrame:
    by = ["sheet_id", "block", "rank"]
    rows = facts.dataset["recipients"].join(facts.sums("contracts", by), on=by, how="inner")
    amount, precision = floats(rows["amount_jpy"]), floats(rows["precision_jpy"])
    slack = np.where(precision == 1, 0, rows["slack"]) + half_unit(amount, precision)
    return _mismatch(rows, amount, rows["total"].where(rows["missing"] == 0), slack)


def _block_recipients(facts: _Facts) -> pd.DataFrame:
    by = ["sheet_id", "block"]
    rows = _block_frame(facts).join(facts.sums("recipients", by), on=by, how="inner")
    rows = _mismatch(rows, rows["amount_jpy"], rows["total"], rows["slack"] + _half(rows, "amount_jpy"))
    all_listed = (rows["recipient_count"] == rows["rows"]) & (rows["missing"] == 0)
    return _graded(rows[all_listed | (rows["expected"] > rows["found"])])


def _blocks_executed(facts: _Facts) -> pd.DataFrame:
    blocks = facts.dataset["blocks"]
    unknown = blocks.loc[blocks["amount_jpy"].isna() | (blocks["is_root"].isna() & blocks["depth"].isna()), "sheet_id"]
    shown = spending(facts.dataset)
    rows = facts.closed.assign(shown=floats(shown["spending_jpy"]), sheet_id=facts.closed.index)
    rows = rows[
        (shown["blocks"] > 0).to_numpy() & (shown["from_recipients"] == 0).to_numpy() & ~rows.index.isin(unknown)
    ]
    slack = half_unit(rows["shown"].to_numpy()) + half_unit(rows["executed"].to_numpy())
    return _mismatch(rows.reset_index(drop=True), rows["shown"], rows["executed"], slack, share=0.01)


def _flow_head(facts: _Facts) -> pd.DataFrame:
    head = floats(facts.dataset["sheets"]["flow_amount_jpy"])
    rows = facts.closed.assign(sheet_id=facts.closed.index).reset_index(drop=True)
    slack = half_unit(head) + half_unit(rows["executed"].to_numpy())
    return _mismatch(rows, head, rows["executed"], slack, share=0.01)


def _children_over_parent(facts: _Facts) -> pd.DataFrame:
    flows = facts.dataset["flows"]
    flows = flows[~flows.duplicated(["sheet_id", "to_block"], keep=False) & flows["from_block"].notna()]
    flows = flows[flows["from_block"] != flows["to_block"]]  # a block drawn as paying itself
    blocks = _block_frame(facts).set_index(["sheet_id", "block"])
    own = blocks["amount_jpy"].reindex(pd.MultiIndex.from_frame(flows[["sheet_id", "to_block"]])).to_numpy()
    children = flows[["sheet_id", "from_block"]].assign(total=own, slack=half_unit(own))
    sums = children.groupby(["sheet_id", "from_block"]).sum().rename_axis(["sheet_id", "block"])
    rows = sums.join(blocks[["amount_jpy", "precision_jpy"]]).reset_index()
    wrong = _mismatch(rows, rows["total"], rows["amount_jpy"], rows["slack"] + _half(rows, "amount_jpy"))
    return _graded(wrong[wrong["found"] > wrong["expected"]])


def _unit_slip(facts: _Facts) -> pd.DataFrame:
    rows = facts.dataset["recipients"]
    budget = facts.closed[["executed", "total", "current"]].max(axis=1).reindex(rows["sheet_id"]).to_numpy()
    amount = floats(rows["amount_jpy"])
    rows = rows.assign(found=amount, expected=budget)[(budget > 0) & (amount > _SLIP * budget)]
    times = (rows["found"] / rows["expected"]).round()
    return rows.assign(times=times, as_yen=rows["found"] / 1e6, as_thousand=rows["found"] / 1e3)


# -- indicators
def _achievement(facts: _Facts) -> pd.DataFrame:
    """One point of a percentage, or one unit of the last printed digit, is allowed: ministries round and truncate."""
    years = facts.years
    rows = years[years["printed"].notna() & (years["target"] != 0) & years["actual"].notna() & years["target"].notna()]
    ratio, printed = (rows["actual"] / rows["target"]).to_numpy(), rows["printed"].to_numpy()
    inverse = np.where(rows["actual"] == 0, np.nan, rows["target"] / rows["actual"].replace(0, np.nan))
    direction = rows["direction"]
    free = direction.isna().to_numpy() & (np.abs(inverse - printed) < np.abs(ratio - printed))
    expected = np.where((direction == "down").fillna(False).to_numpy(dtype=bool) | free, inverse, ratio)
    wrong = _mismatch(rows, printed, expected, np.maximum(2 * _half_digit(printed), 0.01))
    return wrong.assign(severity=np.where(wrong["is_settled"], "warning", "info"))


def _target_never_moves(facts: _Facts) -> pd.DataFrame:
    rows = moved_on(facts.years)
    return rows[rows["is_settled"]].assign(found=rows["actual"], expected=rows["target"])


# -- identifiers
def _corporate_number(facts: _Facts) -> pd.DataFrame:
    rows = facts.dataset["recipients"]
    rows = rows[rows["number_status"].isin(["invalid", "dummy"])]
    severity = np.where(rows["number_status"] == "invalid", "error", "warning")
    return rows.assign(severity=severity, number=rows["corporate_number"], status=rows["number_status"])


def _corporate_number_missing(facts: _Facts) -> pd.DataFrame:
    rows = facts.dataset["recipients"]
    missing = rows[(rows["number_status"] == "missing") & (rows["name_kind"] == "organization")]
    return missing.groupby("sheet_id").size().rename("found").reset_index()


# -- what was read, and how surely
def _missing_part(facts: _Facts) -> pd.DataFrame:
    sheets = facts.dataset["sheets"]
    ids = sheets["sheet_id"]
    amounts = facts.whole[[*_PARTS, "total_jpy", "executed_jpy", "requested_jpy"]].notna().any(axis=1)
    no_payee = ~ids.isin(facts.dataset["recipients"]["sheet_id"]) & ~ids.isin(facts.dataset["blocks"]["sheet_id"])
    parts = (
        ("sheets", "name", "事業名", "name", "warning", sheets["name"].isna()),
        ("sheets", "ministry", "府省庁", "ministry", "warning", sheets["ministry"].isna()),
        ("budgets", "", "予算", "budget", "warning", ~ids.isin(facts.whole.loc[amounts, "sheet_id"])),
        ("recipients", "", "支出先", "recipients", "info", no_payee & (facts.closed["executed"] > 0).to_numpy()),
    )
    rows = [
        pd.DataFrame(
            {
                "sheet_id": ids[where],
                "table": table,
                "column": column or pd.NA,
                "part_ja": ja,
                "part_en": en,
                "severity": severity,
            }
        )
        for table, column, ja, en, severity, where in parts
    ]
    return pd.concat(rows)


def _unsettled(facts: _Facts) -> pd.DataFrame:
    rows = []
    for name in SHEET_TABLES:
        table = facts.dataset[name]
        unsettled = table[table["certainty"] == "unsettled"].groupby("sheet_id").size()
        if len(unsettled):
            all_rows = table.groupby("sheet_id").size().reindex(unsettled.index)
            rows.append(pd.DataFrame({"found": unsettled, "rows": all_rows, "table": name}).reset_index())
    return pd.concat(rows) if rows else pd.DataFrame({"sheet_id": [], "found": [], "rows": [], "table": []})


def _residue(facts: _Facts) -> pd.DataFrame:
    rows = facts.dataset["residue"]
    counted = (
        rows.assign(characters=rows["text"].str.len())
        .groupby("sheet_id")
        .agg(found=("line", "size"), characters=("characters", "sum"))
    )
    return counted.reset_index()


def _coverage(facts: _Facts) -> pd.DataFrame:
    share = floats(facts.dataset.coverage)
    rows = pd.DataFrame({"sheet_id": facts.dataset["sheets"]["sheet_id"], "found": share, "expected": _COVERAGE})
    return rows[share < _COVERAGE]


#: one function per rule, under the rule's id
_CHECKS: dict[str, Callable[[_Facts], pd.DataFrame]] = {name: globals()[f"_{name}"] for name in RULES}
