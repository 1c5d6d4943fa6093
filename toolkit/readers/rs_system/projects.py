"""What a project is: organisation (1-1), outline (1-2), policies, laws and plans (1-3), subsidies (1-4), relations (1-5)."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.form.vocabulary import MINISTRIES, ministry_of
from toolkit.readers.rs_system.budget import account_names
from toolkit.readers.rs_system.columns import KINDS
from toolkit.readers.rs_system.rows import Bulk, Rows, codes, first, join_words, joined, mapped, number, part
from toolkit.text import fold

__all__ = ["sheets", "tables"]

_ORGANISATION = ("agency", "bureau", "department", "section", "office", "team", "desk")
#: 関連性 to a kind; 先 and 元 (to and from) stay readable in ``relation``
_RELATIONS = {
    "親事業": "parent",
    "子事業": "child",
    "統合": "merged",
    "分割": "split",
    "運用交付": "segment",
    "基金": "fund",
}
#: 旧事業番号 as typed, several in a cell too: 2023-府-22-0118, 2023警察220059
_PAST = re.compile(r"(20\d\d)-?([^\d\W]{1,4}?)-?(新?\d\d)-?(\d{4})(?:-(\d{1,2}))?(?!\d)")


def tables(bulk: Bulk) -> dict[str, pd.DataFrame]:
    """policies, subsidies and related."""
    return {"policies": _policies(bulk), "subsidies": _subsidies(bulk), "related": _related(bulk)}


# -- sheets
def sheets(bulk: Bulk, identity: list[Rows], edition: str | None) -> pd.DataFrame:
    """One row per project; ``identity`` holds the row that first named each, in the order of the sheets."""
    about, remarks = _one_each(bulk, "1-2"), _one_each(bulk, "6-1").text("further_remarks")
    laws = bulk.rows("1-3")
    outline = bulk.rows("1-2")
    columns = {
        "review_year": bulk.years,
        "form": pc.binary_join_element_wise("rs", pa.array(bulk.years).cast(pa.string()), "-"),
        "rs_project_id": pc.replace_substring_regex(bulk.ids, r"^RS[0-9]+-", ""),
        "responsible": joined(bulk.rows("1-1").sheet, bulk.rows("1-1").text("responsible"), len(bulk), "、"),
        "other_organizations": _other_organizations(bulk),
        "start_year": about.integer("start_year"),
        "is_start_unknown": about.flag("is_start_unknown"),
        "end_year": about.integer("end_year"),
        "is_end_undecided": about.flag("is_end_undecided"),
        "accounts": _accounts(bulk),
        "methods": _methods(about),
        "main_expense": joined(outline.sheet, outline.text("main_expense"), len(bulk), "、"),
        "legal_basis": joined(laws.sheet, join_words([laws.text("law"), _provision(laws)], " "), len(bulk), "、"),
        "plans": joined(laws.sheet, laws.text("plan"), len(bulk), "、"),
        "list_order": about.integer("list_order"),
        "further_remarks": remarks,
        "edition": pa.repeat(pa.scalar(edition, pa.string()), len(bulk)),
    }
    columns |= {
        key: about.text(key) for key in ("purpose", "issues", "overview", "remarks", "overview_url", "project_class")
    }
    outline.leftovers.extend(about.leftovers)
    return bulk.table("sheets", {**_stack([_identity(rows) for rows in identity]), **columns})


def _identity(rows: Rows) -> dict[str, pa.Array | np.ndarray]:
    ministry = rows.text("ministry")
    agency = pc.replace_substring_regex(rows.text("agency"), "^.+[ \u3000]+", "")  # 国土交通省　観光庁
    name = Rows("1-2", rows.table, rows.sheet, rows.row).text(
        "name"
    )  # ／ stands for a line break in every file's 事業名
    return part(
        rows,
        sheet_kind=rows.text("sheet_kind"),
        name=name,
        ministry=pc.coalesce(ministry, agency),
        ministry_order=rows.integer("ministry_order"),
        agency=pc.if_else(pc.equal(ministry, agency), pa.scalar(None, pa.string()), agency),
        bureau=join_words([rows.text("bureau"), rows.text("department")], " "),
        division=join_words([rows.text(key) for key in ("section", "office", "team", "desk")], " "),
    )


def _stack(parts: list[dict[str, pa.Array | np.ndarray]]) -> dict[str, pa.Array]:
    table = pa.concat_tables([pa.table(one) for one in parts], promote_options="permissive").combine_chunks()
    return {name: table[name] for name in table.column_names}


def _one_each(bulk: Bulk, kind: str) -> Rows:
    """The first row of every sheet, in the order of the sheets; all null for a sheet the file does not list."""
    rows = bulk.rows(kind)
    place = np.full(len(bulk), -1)
    some = first(rows.sheet)
    place[rows.sheet[some]] = some
    if not len(rows):
        return Rows(kind, pa.table({"empty": pa.nulls(len(bulk))}), np.arange(len(bulk)), place)
    taken = rows.table.take(pa.array(place, mask=place < 0))
    return Rows(kind, taken, np.arange(len(bulk)), np.where(place < 0, 0, rows.row[place]))


def _other_organizations(bulk: Bulk) -> pa.Array:
    rows = bulk.rows("1-1")
    return joined(rows.sheet, join_words([rows.text(f"other_{key}") for key in _ORGANISATION], " "), len(bulk), "\n")


def _methods(about: Rows) -> pa.Array:
    means = {key: header.removeprefix("実施方法ー") for key, header in KINDS["1-2"].items() if key.startswith("means_")}
    nothing = pa.scalar(None, pa.string())
    return join_words(
        [pc.if_else(pc.fill_null(about.flag(key), False), name, nothing) for key, name in means.items()], "、"
    )


def _accounts(bulk: Bulk) -> pa.Array:
    """The accounts of the latest year, as sheets print them under 会計区分."""
    rows = bulk.rows("2-1")
    rows = rows.where(rows.filled("account_class"))
    years = rows.integer("fiscal_year").fill_null(0).to_numpy(zero_copy_only=False)
    latest = np.zeros(len(bulk), dtype="int64")
    np.maximum.at(latest, rows.sheet, years)
    rows = rows.where(years == latest[rows.sheet])
    return joined(rows.sheet, account_names(rows), len(bulk), "、")


# -- policies, laws and plans
def _policies(bulk: Bulk) -> pd.DataFrame:
    """1-3 zips three lists that have nothing to do with each other; 3-1 repeats the cabinet decisions on every row."""
    rows = bulk.rows("1-3")
    policy, law, plan = (rows.where(rows.filled(*keys)) for keys in (("policy", "measure"), ("law",), ("plan",)))
    goals = bulk.rows("3-1")
    kpi = goals.where(goals.filled("kpi", "kpi_place", "kpi_url"))
    kpi = kpi.where(first(codes(kpi.sheet, kpi.text("kpi"), kpi.text("kpi_place"), kpi.text("kpi_url"))))
    return bulk.table(
        "policies",
        part(policy, kind="policy", ministry=policy.text("policy_ministry"), name=policy.text("policy"),
             detail=policy.text("measure"), url=policy.text("policy_url")),
        part(law, kind="law", name=law.text("law"), law_number=law.text("law_number"), law_id=law.text("law_id"), detail=_provision(law)),
        part(plan, kind="plan", name=plan.text("plan"), url=plan.text("plan_url")),
        part(kpi, kind="kpi", name=kpi.text("kpi"), detail=kpi.text("kpi_place"), url=kpi.text("kpi_url")),
        within=(),
    )  # fmt: skip


def _provision(rows: Rows) -> pa.Array:
    """条, 項 and 号 in one: a bare number gets its word, 第四条 第2項."""
    digits = "^([0-9０-９]+)$"
    words = {"article": "条", "paragraph": "項", "item": "号"}
    return join_words(
        [pc.replace_substring_regex(rows.text(key), digits, rf"第\1{word}") for key, word in words.items()], " "
    )


# -- subsidies and related projects
def _subsidies(bulk: Bulk) -> pd.DataFrame:
    columns = ("subject", "rate_text", "cap_text", "url")
    rows = bulk.rows("1-4")
    rows = rows.where(rows.filled(*columns))
    return bulk.table("subsidies", part(rows, **{key: rows.text(key) for key in columns}), within=())


def _related(bulk: Bulk) -> pd.DataFrame:
    rows = bulk.rows("1-5")
    rows = rows.where(rows.filled("related_id", "related_name"))
    relation = rows.text("relation")
    outline = bulk.rows("1-2")
    past = outline.where(outline.filled("past_number"))
    past = past.where(first(codes(past.sheet, past.text("past_number"))))
    # 2 % of the projects have such a cell
    read: list[list[str | None]] = [[*_past_numbers(cell)] or [None] for cell in past.text("past_number").to_pylist()]
    past = past.where(np.repeat(np.arange(len(past)), [len(numbers) for numbers in read]))
    whole = pa.array([one for numbers in read for one in numbers], pa.string())
    year = number(pc.utf8_slice_codeunits(whole, 0, 4), pa.int64())
    ministry = mapped(whole, lambda printed: ministry_of(printed.split("-")[1]))
    return bulk.table(
        "related",
        part(rows, kind=pc.fill_null(mapped(relation, _relation), "other"), relation=relation, number=rows.text("related_id"),
             name=rows.text("related_name"), certainty="stated"),
        part(past, kind="past_number", fiscal_year=year, ministry=ministry, number=pc.coalesce(whole, past.text("past_number")),
             certainty=pc.if_else(whole.is_valid(), "stated", "unsettled")),
        within=(),
    )  # fmt: skip


def _relation(printed: str) -> str:
    return next((kind for opening, kind in _RELATIONS.items() if printed.startswith(opening)), "other")


def _past_numbers(printed: str) -> list[str]:
    """The numbers of sheets to 2023 in a cell, in their parts; none where the field was used for something else."""
    numbers = []
    for year, ministry, *rest in (found.groups() for found in _PAST.finditer(fold(printed).replace("ー", "-"))):
        short = MINISTRIES.get(ministry, ministry)
        if ministry_of(short):
            numbers.append("-".join(filter(None, (year, short, *rest))))
    return numbers
