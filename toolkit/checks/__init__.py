"""Rules over the tables: what does not add up on a sheet, as a table of findings.

Every rule is one function of the facts of all sheets at once (``budget``, ``spending``, ``quality``);
``rules`` says in words what it compares. A missing amount never makes a finding: amounts are floats there, and
a comparison with NaN is false.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from toolkit.checks import budget, quality, spending
from toolkit.checks.facts import Facts
from toolkit.checks.rules import RULES, Rule
from toolkit.dataset import Dataset
from toolkit.tables import FINDINGS
from toolkit.wording import check_language, render

__all__ = ["RULES", "Rule", "check", "summary"]

_SEVERITIES = ("error", "warning", "info")

#: the function of each rule stands under the rule's id in one of these modules
_CHECKS: dict[str, Callable[[Facts], pd.DataFrame]] = {
    name: getattr(module, name) for name in RULES for module in (budget, spending, quality) if hasattr(module, name)
}


def check(dataset: Dataset, language: str = "en") -> pd.DataFrame:
    """What does not add up: one row per finding, as ``toolkit.TABLES["findings"]`` declares it.

    ``found`` is what is printed, ``expected`` what the rest of the sheet says, ``difference`` found minus
    expected, in yen, as a ratio or in the indicator's unit. Sorted by sheet, severity, rule and row; messages in
    ``language`` ("en" or "ja"). Amounts that differ by no more than their printed rounding are no finding.

    Raises UsageError for another language.
    """
    check_language(language)
    facts = Facts(dataset)
    rules = [rule for rule in RULES.values() if not rule.table or len(dataset[rule.table])]
    parts = [_findings(rule, _CHECKS[rule.id](facts), language) for rule in rules]
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


# -- from the rows of a rule to findings
def _findings(rule: Rule, rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Rows of one rule in the shape of the findings table, in the order of their keys."""
    rows = rows.reset_index(drop=True).sort_values(["sheet_id", *rule.key], kind="stable")
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
