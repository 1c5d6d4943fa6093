"""What the yearly database says of each project as a whole: head of the sheet, policies, reviews, earlier numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit import text
from toolkit.form.cell_prose import past_numbers
from toolkit.form.vocabulary import END_UNDECIDED
from toolkit.readers.database.groups import Groups, TabRows
from toolkit.readers.rs_system.rows import Bulk, join_words, mapped, part

__all__ = ["ministry_name", "numbers", "project_tables", "sheet_ids"]

_PLAIN = (
    "name",
    "bureau",
    "division",
    "purpose",
    "issues",
    "overview",
    "main_expense",
    "legal_basis",
    "plans",
    "remarks",
)
#: written so in some years' files
_MINISTRIES = {"特定個人情報保護委員会": "個人情報保護委員会", "原子力規制員会": "原子力規制委員会"}
_UNKNOWN_YEAR = re.compile(r"不明|不詳|.*終了.*|未定|予定なし|なし")
_ERA = re.compile(r"明治|大正|昭和|平成|令和")


# -- who a row is
def ministry_name(printed: str) -> str:
    return _MINISTRIES.get(text.fold(printed), text.fold(printed))


def numbers(rows: TabRows) -> list[str | None]:
    """The printed number, its parts joined by a hyphen; a branch of 0 is none. Zeros that a number format hides come back."""
    parts = [rows.text(f"part {i}").to_pylist() for i in range(1, 6)]
    has_five = any(value is not None for column in parts[3:] for value in column)
    serial, branch = (3, 4) if has_five else (1, 2)
    parts[serial] = [said.zfill(4) if said and said.isdigit() else said for said in parts[serial]]
    parts[branch] = [None if said in ("0", "00") else said for said in parts[branch]]
    joined = ["-".join(text.fold(one) for one in row if one) for row in zip(*parts, strict=True)]
    whole = [text.fold(said) for said in rows.text("number").to_pylist()]
    return [number or single or None for number, single in zip(joined, whole, strict=True)]


def sheet_ids(rows: TabRows, printed: list[str | None], review_year: int) -> pa.Array:
    ids = []
    for number, ministry, name in zip(
        printed, rows.text("ministry").to_pylist(), rows.text("name").to_pylist(), strict=True
    ):
        if number and number.startswith(f"{review_year}-"):
            ids.append(number)
        else:
            ids.append(
                f"{review_year}-{ministry_name(ministry) if ministry else '府省不明'}-{number or text.fold(name)}"
            )
    return pa.array(ids, pa.string())


# -- tables
def project_tables(bulk: Bulk, groups: Groups, rows: TabRows, printed: list[str | None]) -> dict[str, pd.DataFrame]:
    """``rows`` are those of the group ``sheet``, one per sheet."""
    tables = {"sheets": _sheets(bulk, groups, rows, printed)}
    for name, parts in (
        ("policies", _policies(groups, rows)),
        (
            "subsidies",
            [part(some, subject=some.text("subsidy_rate")) for some in [rows.where(rows.filled("subsidy_rate"))]],
        ),
        ("related", _past(groups)),
    ):
        filled = [one for one in parts if len(one["sheet"])]
        if filled:
            tables[name] = bulk.table(name, *filled, within=())
    evaluations = [one for one in _evaluations(groups) if len(one["sheet"])]
    if evaluations:
        tables["evaluations"] = bulk.table("evaluations", *evaluations, within=("section",))
    return tables


def _sheets(bulk: Bulk, groups: Groups, rows: TabRows, printed: list[str | None]) -> pd.DataFrame:
    start, end, is_undecided = _years(rows)
    listed = {
        name: pc.replace_substring_regex(rows.text(name), r"\s*[、，,\n]\s*", "、") for name in ("accounts", "methods")
    }
    urls = {name: pc.replace_substring_regex(rows.text(name), r"\s+", "") for name in ("overview_url", "policy_url")}
    return bulk.table("sheets", part(
        rows, review_year=pa.array(bulk.years), form=f"database-{bulk.years[0]}", project_number=pa.array(printed, pa.string()),
        ministry=mapped(rows.text("ministry"), ministry_name), **{name: rows.text(name) for name in _PLAIN},
        responsible=mapped(rows.text("responsible"), lambda said: " ".join(said.split())), start_year=start, end_year=end,
        is_end_undecided=is_undecided, **listed, **urls, edition=pa.array([groups.tab.edition] * len(rows), pa.string()),
    ))  # fmt: skip


def _years(rows: TabRows) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Start, end, and whether no end is planned; some files print both in one cell (平成9～25年度)."""
    start, end = rows.text("start_year").to_pylist(), rows.text("end_year").to_pylist()
    for i, both in enumerate(rows.text("years").to_pylist()):
        if both:
            start[i], end[i] = _split_years(both)
    for name, column in (("start_year", start), ("end_year", end)):
        odd = np.array(
            [
                said is not None and text.fiscal_year(said) is None and not _UNKNOWN_YEAR.match(text.fold(said))
                for said in column
            ],
            dtype=bool,
        )
        rows.leave_words(odd, (name,), "not a year")
    years = [text.fiscal_year(said) if said else None for said in end]
    undecided = [
        True if said and END_UNDECIDED.search(text.fold(said)) else None if year is None else False
        for said, year in zip(end, years, strict=True)
    ]
    begin = pa.array([text.fiscal_year(said) if said else None for said in start], pa.int64())
    return begin, pa.array(years, pa.int64()), pa.array(undecided, pa.bool_())


def _split_years(printed: str) -> tuple[str | None, str | None]:
    """平成9～25年度 → 平成9, 平成25年度: the second year is of the same era unless it names its own."""
    start, _, end = re.sub("[~～〜]", "-", text.fold(printed)).partition("-")
    era = _ERA.match(start)
    if era and re.match(r"元|\d{1,2}(?!\d)", end):
        end = era.group() + end
    return start or None, end or None


def _split(rows: TabRows, key: str, pattern: str, **columns: Any) -> dict[str, Any]:
    """A row for each entry of a list in one cell."""
    some = rows.where(rows.filled(key))
    entries = [
        [entry for one in re.split(pattern, said) if (entry := text.tidy(one))] for said in some.text(key).to_pylist()
    ]
    at = np.repeat(np.arange(len(some)), [len(found) for found in entries])
    return part(some.where(at), name=pa.array([entry for found in entries for entry in found], pa.string()), **columns)


def _policies(groups: Groups, rows: TabRows) -> list[dict[str, Any]]:
    laws, policies, kpis = (
        rows.where(rows.filled("legal_basis")),
        rows.where(rows.filled("policy", "measure")),
        groups.rows("kpi"),
    )
    kpis = kpis.where(kpis.filled("name", "detail", "url"))
    return [
        part(laws, kind="law", name=laws.text("legal_basis")),
        _split(rows, "plans", r"\n", kind="plan"),
        _split(rows, "main_policies", r"[、，,\n]", kind="policy"),
        part(
            policies,
            kind="policy",
            name=policies.text("policy"),
            detail=policies.text("measure"),
            url=policies.text("policy_url"),
        ),
        part(kpis, kind="kpi", name=kpis.text("name"), detail=kpis.text("detail"), url=kpis.text("url")),
    ]


def _evaluations(groups: Groups) -> list[dict[str, Any]]:
    parts = []
    for name, column in (("evaluations", "section"), ("self_check", "item")):
        rows = groups.rows(name)
        rows = rows.where(rows.filled("verdict", "text"))
        if len(rows):
            told = {column: rows.slot(0)} | (
                {"section": pa.repeat("self_check", len(rows))} if column == "item" else {}
            )
            parts.append(part(rows, **told, verdict=mapped(rows.text("verdict"), text.fold), text=rows.text("text")))
    return parts


def _past(groups: Groups) -> list[dict[str, Any]]:
    """関連する過去のレビューシートの事業番号: numbers in parts, or whole with a ministry before them."""
    rows = groups.rows("past")
    rows = rows.where(rows.filled("number", *(f"part {i}" for i in range(1, 6))))
    if not len(rows):
        return []
    ministries, found = rows.text("ministry").to_pylist(), []
    for ministry, whole, joined in zip(
        ministries,
        rows.text("number").to_pylist(),
        join_words([rows.text(f"part {i}") for i in range(1, 6)], "-").to_pylist(),
        strict=True,
    ):
        said = past_numbers(text.fold(whole)) if whole else []
        if len(said) == 1:
            found.append((said[0][0] or ministry, said[0][1]))
        else:
            found.append((ministry, text.fold(joined or whole)))
    return [
        part(
            rows,
            kind="past_number",
            fiscal_year=rows.slot(0),
            ministry=pa.array([m for m, _ in found], pa.string()),
            number=pa.array([n for _, n in found], pa.string()),
        )
    ]
