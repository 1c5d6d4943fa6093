"""JUDGIT! records to tables: sheets, budgets, recipients, policies, earlier numbers, and what was left over."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit import text
from toolkit.dataset import Dataset
from toolkit.readers.judgit.indicators import indicator_tables
from toolkit.readers.judgit.items import Items, listed, strings
from toolkit.readers.judgit.source import Record
from toolkit.readers.rs_system.rows import Bulk, join_words
from toolkit.readers.yearly import budgets, distinct_ids, recipients

__all__ = ["read_records"]

_BUDGET = {
    "initial_jpy": "当初予算", "supplementary_jpy": "補正予算", "carried_in_jpy": "前年度から繰越し", "carried_out_jpy": "翌年度へ繰越し",
    "reserve_jpy": "予備費等", "total_jpy": "予算計", "executed_jpy": "執行額", "requested_jpy": "要求額",
}  # fmt: skip
_NUMBERS = tuple(f"事業番号{i}" for i in range(1, 6))
#: what a record and the entries of its lists may hold; anything else goes to the residue
_FIELDS = {
    "": {"ID", "事業ID", "url", "公開年度", "事業名", "開始年度", "終了年度", "府省庁", "事業番号", *_NUMBERS, "担当部局庁", "担当課室",
         "作成責任者", "会計区分", "事業目的", "事業概要", "実施方法", "主要施策", "予算", "支出先", "アウトカム", "アウトプット",
         "関連する過去のレビューシート", "定量的な目標が設定できない理由"},
    "予算": {"年度", *_BUDGET.values()},
    "支出先": {"年度", "グループ", "番号", "支出先名", "法人番号", "業務概要", "支出額"},
    "アウトカム": {"成果目標", "成果指標", "単位", "目標値", "目標最終年度", "成果実績"},
    "アウトプット": {"活動指標", "単位", "活動実績"},
    "関連する過去のレビューシート": {"年度", "府省庁", *_NUMBERS},
}  # fmt: skip
_FIRST_YEAR = 1868


def read_records(found: list[Record]) -> Dataset:
    """See ``judgit.read_judgit``."""
    fields = [record.fields for record in found]
    wheres = pa.array([record.where for record in found])
    years = np.array([int(one["公開年度"]) for one in fields])
    numbers = pa.array([_number(one) for one in fields], pa.string())
    bulk = Bulk(distinct_ids(_ids(fields, years, numbers.to_pylist())), years, {})
    lists = {key: listed(fields, wheres, key) for key in _FIELDS if key}
    leftovers = [*(items.leftovers for items in lists.values())]
    tables = {
        "sheets": _sheets(bulk, fields, wheres, numbers, leftovers),
        "budgets": _budgets(bulk, lists["予算"]),
        **_recipients(bulk, lists["支出先"]),
        "related": _related(bulk, lists["関連する過去のレビューシート"]),
        **_policies(bulk, fields, wheres),
        **indicator_tables(bulk, fields, wheres, lists["アウトカム"], lists["アウトプット"]),
    }
    leftovers.append(_unknown_fields(fields, wheres, lists))
    rows = [row for part in leftovers for row in part]
    if rows:
        sheet, ref, said, reason = zip(*rows, strict=True)
        part = {
            "sheet": np.array(sheet),
            "source_ref": pa.array(ref),
            "text": pa.array(said),
            "reason": pa.array(reason),
        }
        tables["residue"] = bulk.table("residue", part, within=(), certainty="unsettled")
    return Dataset(tables)


# -- the sheet
def _number(fields: dict[str, Any]) -> str | None:
    parts = [str(fields[key]) for key in _NUMBERS if fields.get(key) not in (None, "")]
    joined = "-".join(parts) or fields.get("事業番号")
    return text.fold(joined) or None


def _ids(fields: list[dict[str, Any]], years: np.ndarray, numbers: list[str | None]) -> pa.Array:
    ids = []
    for one, year, number in zip(fields, years.tolist(), numbers, strict=True):
        is_printed = number is not None and number.startswith(f"{year}-")
        ids.append(number if is_printed else f"{year}-{text.fold(one['府省庁'])}-{number or text.fold(one['事業名'])}")
    return pa.array(ids, pa.string())


def _year(fields: list[dict[str, Any]], key: str, wheres: pa.Array, leftovers: list[list[tuple]]) -> pa.Array:
    """Years AD; what is none (a 2 for 令和2年度) goes to the residue."""
    years: list[int | None] = []
    odd = []
    for sheet, one in enumerate(fields):
        value = one.get(key)
        year = (
            value
            if isinstance(value, int) and not isinstance(value, bool)
            else text.fiscal_year(str(value))
            if value
            else None
        )
        is_year = year is not None and _FIRST_YEAR <= year < 2200
        years.append(year if is_year else None)
        if value is not None and not is_year:
            odd.append((sheet, wheres[sheet].as_py(), f"{key}: {value}", "not a year"))
    leftovers.append(odd)
    return pa.array(years, pa.int64())


def _sheets(
    bulk: Bulk, fields: list[dict[str, Any]], wheres: pa.Array, numbers: pa.Array, leftovers: list[list[tuple]]
) -> pd.DataFrame:
    end = _year(fields, "終了年度", wheres, leftovers)
    joined = {
        name: strings(["、".join(map(str, one.get(key) or [])) for one in fields])
        for name, key in (("accounts", "会計区分"), ("methods", "実施方法"))
    }
    responsible = [" ".join(str(said).split()) if (said := one.get("作成責任者")) else None for one in fields]
    return bulk.table("sheets", {
        "sheet": np.arange(len(fields)), "review_year": pa.array(bulk.years),
        "form": pa.array([f"judgit-{year}" for year in bulk.years.tolist()]), "project_number": numbers,
        **{name: strings([one.get(key) for one in fields]) for name, key in (
            ("name", "事業名"), ("ministry", "府省庁"), ("bureau", "担当部局庁"), ("division", "担当課室"), ("purpose", "事業目的"), ("overview", "事業概要"))},
        "responsible": strings(responsible), "start_year": _year(fields, "開始年度", wheres, leftovers), "end_year": end,
        "is_end_undecided": pc.if_else(end.is_valid(), False, pa.scalar(None, pa.bool_())), **joined, "source_ref": strings(wheres.to_pylist()),
    })  # fmt: skip


# -- its lists
def _budgets(bulk: Bulk, items: Items) -> pd.DataFrame:
    year = items.numbers("年度")
    items = items.where(~np.isnan(year))
    million = {name: items.numbers(key) for name, key in _BUDGET.items()}
    return budgets(
        bulk, items.sheet, items.numbers("年度").astype("int64"), million, ref=items.ref(), is_zero_blank=True
    )


def _recipients(bulk: Bulk, items: Items) -> dict[str, pd.DataFrame]:
    letters = [text.block_letter(str(printed)) for printed in items.get("グループ")]
    block = pa.array(letters, pa.string())
    rank = items.numbers("番号")
    good = block.is_valid().to_numpy(zero_copy_only=False) & ~np.isnan(rank)
    rank = np.where(good, rank, 0)
    good &= ~pd.DataFrame({"s": items.sheet, "b": letters, "r": rank}).duplicated().to_numpy()
    for row in np.flatnonzero(~good).tolist():
        items.leave(row, str(items.values[row]), "a recipient without a place of its own (block, number)")
    items, block, rank = items.where(good), block.filter(pa.array(good)), rank[good].astype("int64")
    columns = {
        "block": block, "rank": pa.array(rank), "name": strings(items.get("支出先名")), "source_ref": items.ref(),
        "corporate_number": strings(items.get("法人番号")),
    }  # fmt: skip
    return recipients(
        bulk,
        items.sheet,
        columns,
        items.numbers("支出額"),
        {"work": strings(items.get("業務概要"))},
        is_zero_blank=True,
    )


def _related(bulk: Bulk, items: Items) -> pd.DataFrame:
    number = join_words([strings(items.get(key)) for key in _NUMBERS], "-")
    year = items.numbers("年度")
    part = {
        "sheet": items.sheet, "kind": pa.repeat("past_number", len(items)), "source_ref": items.ref(), "number": number,
        "ministry": strings(items.get("府省庁")), "fiscal_year": pa.array(np.nan_to_num(year).astype("int64"), mask=np.isnan(year)),
    }  # fmt: skip
    return bulk.table("related", part, within=())


def _policies(bulk: Bulk, fields: list[dict[str, Any]], wheres: pa.Array) -> dict[str, pd.DataFrame]:
    rows = [
        (sheet, str(name))
        for sheet, one in enumerate(fields)
        for name in one.get("主要施策") or []
        if not text.is_nothing(name)
    ]
    if not rows:
        return {}
    sheet = np.array([place for place, _ in rows])
    part = {
        "sheet": sheet,
        "kind": pa.repeat("policy", len(rows)),
        "name": strings([name for _, name in rows]),
        "source_ref": wheres.take(pa.array(sheet)),
    }
    return {"policies": bulk.table("policies", part, within=())}


def _unknown_fields(fields: list[dict[str, Any]], wheres: pa.Array, lists: dict[str, Items]) -> list[tuple]:
    """A field this reader does not know: once per field, on the first sheet that has it."""
    rows = []
    entries = {"": list(enumerate(fields))} | {
        key: list(zip(items.sheet.tolist(), items.values, strict=True)) for key, items in lists.items()
    }
    for key, known in _FIELDS.items():
        met = set(known)
        for sheet, entry in entries[key]:
            if not entry.keys() <= met:
                for name in sorted(entry.keys() - met):
                    met.add(name)
                    said = re.sub(r"\s+", " ", str(entry[name]))[:200]
                    rows.append((sheet, wheres[sheet].as_py(), f"{key}/{name}: {said}".lstrip("/"), "unknown field"))
    return rows
