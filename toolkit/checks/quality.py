"""Rules of indicators, identifiers, and of what was read and how surely: one function per rule, all sheets at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.checks.facts import PARTS, Facts, compare, half_digit
from toolkit.figures import floats, moved_on
from toolkit.form.draft import FAULT, UNKNOWN_LABEL
from toolkit.tables import SHEET_TABLES

_COVERAGE = 0.95


def achievement(facts: Facts) -> pd.DataFrame:
    """One point of a percentage, or one unit of the last printed digit, is allowed: ministries round and truncate."""
    years = facts.years
    rows = years[years["printed"].notna() & (years["target"] != 0) & years["actual"].notna() & years["target"].notna()]
    ratio, printed = (rows["actual"] / rows["target"]).to_numpy(), rows["printed"].to_numpy()
    inverse = np.where(rows["actual"] == 0, np.nan, rows["target"] / rows["actual"].replace(0, np.nan))
    direction = rows["direction"]
    free = direction.isna().to_numpy() & (np.abs(inverse - printed) < np.abs(ratio - printed))
    expected = np.where((direction == "down").fillna(False).to_numpy(dtype=bool) | free, inverse, ratio)
    rows = compare(rows, printed, expected, np.maximum(2 * half_digit(printed), 0.01))
    return rows.assign(severity=np.where(rows["is_settled"], "warning", "info"))


def target_never_moves(facts: Facts) -> pd.DataFrame:
    rows = moved_on(facts.years)
    rows = rows[rows["is_settled"]]
    return rows.assign(found=rows["actual"], expected=rows["target"])


# -- identifiers
def corporate_number(facts: Facts) -> pd.DataFrame:
    rows = facts.dataset["recipients"]
    rows = rows[(rows["number_status"] != "missing").fillna(False)]
    is_filler = (rows["number_status"] == "dummy").to_numpy(dtype=bool)
    return rows.assign(
        wrong=(rows["number_status"] != "valid").to_numpy(dtype=bool),
        severity=np.where(is_filler, "warning", "error"),
        number=rows["corporate_number"],
        status=rows["number_status"],
        status_ja=np.where(is_filler, "仮の番号", "無効"),
    )


def corporate_number_missing(facts: Facts) -> pd.DataFrame:
    rows = facts.dataset["recipients"]
    rows = rows[(rows["name_kind"] == "organization").fillna(False)]
    missing = (rows["number_status"] == "missing").fillna(False).groupby(rows["sheet_id"], sort=False).sum()
    return missing.rename("found").reset_index().assign(wrong=missing.to_numpy() > 0)


# -- what was read, and how surely
def missing_part(facts: Facts) -> pd.DataFrame:
    sheets = facts.dataset["sheets"]
    ids = pd.Index(sheets["sheet_id"])
    amounts = facts.whole[[*PARTS, "total_jpy", "executed_jpy", "requested_jpy"]].notna().any(axis=1)
    has_budget = ids.isin(facts.whole.loc[amounts, "sheet_id"].unique())
    payees = pd.concat([facts.dataset["recipients"]["sheet_id"], facts.dataset["blocks"]["sheet_id"]]).unique()
    spent = (facts.closed["executed"] > 0).to_numpy()
    parts = (
        ("sheets", "事業名", "name", "warning", sheets["name"].isna()),
        ("sheets", "府省庁", "ministry", "warning", sheets["ministry"].isna()),
        ("budgets", "予算", "budget", "warning", ~has_budget),
        ("recipients", "支出先", "recipients", "info", spent & ~ids.isin(payees)),
    )
    rows = [
        pd.DataFrame({"sheet_id": ids[where], "table": table, "part": en, "part_ja": ja, "severity": severity})
        for table, ja, en, severity, where in parts
    ]
    return pd.concat(rows)


def unsettled(facts: Facts) -> pd.DataFrame:
    parts = [pd.DataFrame({name: [] for name in ("sheet_id", "found", "rows", "table", "table_ja", "table_en")})]
    for name, table in SHEET_TABLES.items():
        rows = facts.dataset[name]
        if rows.empty:
            continue
        is_open = (rows["certainty"] == "unsettled").to_numpy(dtype=bool)
        if not is_open.any():
            continue
        open_rows = rows[is_open].groupby("sheet_id").size().rename("found")
        all_rows = rows.groupby("sheet_id").size().rename("rows")
        part = open_rows.to_frame().join(all_rows).reset_index()
        parts.append(part.assign(table=name, table_ja=table.ja, table_en=table.en))
    return pd.concat(parts[1:] or parts)


def residue(facts: Facts) -> pd.DataFrame:
    rows = facts.dataset["residue"]
    counted = (
        rows.assign(characters=rows["text"].str.len())
        .groupby("sheet_id")
        .agg(found=("line", "size"), characters=("characters", "sum"))
    )
    return counted.reset_index()


def reader_fault(facts: Facts) -> pd.DataFrame:
    rows = facts.dataset["residue"]
    rows = rows[rows["reason"].str.startswith(FAULT).fillna(False).astype(bool)]
    reasons, names = rows["reason"].tolist(), rows["text"].fillna("").tolist()
    return rows.assign(
        section_ja=[
            _IN_JAPANESE.get(name) or (SHEET_TABLES[name].ja if name in SHEET_TABLES else name) for name in names
        ],
        record=[reason.partition("(")[2].rpartition(")")[0] or reason for reason in reasons],
    )


#: sections of the form as the readers of text call them, where they are not those of a table
_IN_JAPANESE = {
    "title": "表題", "header": "事業の概要", "policy_part": "政策・施策", "budget": "予算額・執行額", "costs": "費目・使途", "flow": "資金の流れ",
    "self_check": "事業所管部局による点検・改善", "past": "過去のレビューシート番号", "reviews": "点検・所見", "sheets": "事業の概要",
}  # fmt: skip


def unknown_label(facts: Facts) -> pd.DataFrame:
    rows = facts.dataset["residue"]
    return rows[rows["reason"].str.startswith(UNKNOWN_LABEL).fillna(False).astype(bool)]


def coverage(facts: Facts) -> pd.DataFrame:
    share = floats(facts.dataset.coverage)
    rows = pd.DataFrame({"sheet_id": facts.dataset["sheets"]["sheet_id"], "found": share, "expected": _COVERAGE})
    return rows.assign(wrong=share < _COVERAGE)[~np.isnan(share)]
