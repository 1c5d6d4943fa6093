"""Rules over the tables: what does not add up on a sheet, as a table of findings.

Every rule is one function of the facts of all sheets at once (``budget``, ``spending``, ``quality``, ``editions``): it gives the
rows it compared, ``wrong`` where they do not agree (without that column, all rows are findings). ``rules`` says in
words what it compares. A missing amount never makes a finding: amounts are floats there, and a comparison with NaN
is false.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from toolkit.checks import budget, editions, quality, spending
from toolkit.checks.facts import Facts
from toolkit.checks.rules import RULES, Rule
from toolkit.dataset import Dataset, remembered
from toolkit.tables import FINDINGS
from toolkit.wording import check_language, render

__all__ = ["RULES", "Rule", "check", "examine", "in_japanese", "summary", "tally"]

_SEVERITIES = ("error", "warning", "info")

#: the function of each rule stands under the rule's id in one of these modules
_CHECKS: dict[str, Callable[[Facts], pd.DataFrame]] = {
    name: getattr(module, name)
    for name in RULES
    for module in (budget, spending, quality, editions)
    if hasattr(module, name)
}


def check(dataset: Dataset, language: str = "en", *, rules: Collection[str] | None = None) -> pd.DataFrame:
    """What does not add up: one row per finding, as ``toolkit.TABLES["findings"]`` declares it.

    ``found`` is what is printed, ``expected`` what the rest of the sheet says, ``difference`` found minus
    expected, in yen, as a ratio or in the indicator's unit. Sorted by sheet, severity, rule and row; messages in
    ``language`` ("en" or "ja"); ``rules`` names those to look at, by default all. Amounts that differ by no more than their printed rounding are no finding.

    Raises UsageError for another language.
    """
    return _applied(dataset, language, rules)[0]


@remembered
def in_japanese(dataset: Dataset) -> pd.DataFrame:
    """The findings of ``check`` in Japanese, once per dataset."""
    return check(dataset, "ja")


def examine(dataset: Dataset, language: str = "en") -> tuple[pd.DataFrame, pd.DataFrame]:
    """The findings of ``check``, and how much each rule looked at: a frame for ``tally``.

    That frame has one row per rule, form ("rs", "judgit", …: the source's form without its year) and review year with
    ``checked`` (comparisons made: both sides were known; <NA> for rules that only take note of something) and
    ``error``, ``warning``, ``info`` (findings). A rule that found nothing to compare has no row.
    """
    result, applied = _applied(dataset, language)
    sheets = dataset["sheets"].set_index("sheet_id")
    place = pd.DataFrame(
        {"form": sheets["form"].str.replace(r"-\d{4}$", "", regex=True), "review_year": sheets["review_year"]}
    )
    counts = []
    for rule, rows, found in applied:
        compared = rows["sheet_id"].value_counts().rename("checked") if "wrong" in rows else None
        graded = found.groupby(["sheet_id", "severity"]).size().unstack("severity").reindex(columns=list(_SEVERITIES))
        graded = graded.join(compared, how="outer") if compared is not None else graded.assign(checked=pd.NA)
        counts.append(
            graded.join(place).groupby(["form", "review_year"], dropna=False).sum(min_count=1).assign(rule=rule.id)
        )
    return result, _counted(counts)


def _applied(
    dataset: Dataset, language: str, rules: Collection[str] | None = None
) -> tuple[pd.DataFrame, list[tuple[Rule, pd.DataFrame, pd.DataFrame]]]:
    """The findings of ``rules``, by default all, and for each rule that had a table to look at the rows compared and its findings."""
    check_language(language)
    facts, applied = Facts(dataset), []
    for rule in RULES.values():
        if (rule.table and not len(dataset[rule.table])) or (rules is not None and rule.id not in rules):
            continue
        rows = _CHECKS[rule.id](facts)
        wrong = rows[rows["wrong"]] if "wrong" in rows else rows
        applied.append((rule, rows, _findings(rule, wrong, language) if len(wrong) else FINDINGS.empty()))
    parts = [found for _, _, found in applied if len(found)] or [FINDINGS.empty()]
    result = pd.concat(parts, ignore_index=True)
    return FINDINGS.validate(result.loc[_order(result)].reset_index(drop=True)), applied


def _order(findings: pd.DataFrame) -> pd.Index:
    order = pd.DataFrame(
        {
            "sheet": findings["sheet_id"],
            "severity": findings["severity"].map({name: n for n, name in enumerate(_SEVERITIES)}).astype("int64"),
            "rule": findings["rule"].map({name: n for n, name in enumerate(RULES)}).astype("int64"),
            "table": findings["table"],
        }
    )
    return order.sort_values(["sheet", "severity", "rule", "table"], kind="stable").index


def _counted(counts: list[pd.DataFrame]) -> pd.DataFrame:
    columns = ["rule", "form", "review_year", "checked", *_SEVERITIES]
    result = (
        pd.concat([one.reset_index() for one in counts], ignore_index=True) if counts else pd.DataFrame(columns=columns)
    )
    result[list(_SEVERITIES)] = result[list(_SEVERITIES)].fillna(0)
    types = {
        "rule": "string",
        "form": "string",
        "review_year": "Int16",
        **dict.fromkeys(["checked", *_SEVERITIES], "Int64"),
    }
    return result[columns].astype(types)


def tally(counts: pd.DataFrame, by: str | list[str] | None = None, language: str = "en") -> pd.DataFrame:
    """The second frame of ``examine`` added up: one row per rule and ``by`` ("form", "review_year" or both).

    ``checked``, ``error``, ``warning``, ``info``, ``holds`` (share of the comparisons without a finding; <NA> where a rule makes
    none) and the rule in words, in the order of the rules.
    """
    keys = [by] if isinstance(by, str) else by or []
    amounts = ["checked", *_SEVERITIES]
    result = counts.groupby(["rule", *keys], dropna=False)[amounts].sum(min_count=1).reset_index()
    findings = result[list(_SEVERITIES)].sum(axis=1)
    result["holds"] = (1 - findings / result["checked"]).astype("Float64")
    result["description"] = pd.array([RULES[name].label(language) for name in result["rule"]], dtype="string")
    order = result["rule"].map({name: n for n, name in enumerate(RULES)}).astype("int64")
    return result.assign(order=order).sort_values(["order", *keys]).drop(columns="order").reset_index(drop=True)


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
