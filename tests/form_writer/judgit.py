"""Projects on the real facts of JUDGIT! records (names, budgets, payees); the rest stays made up.

Only for corpora outside the repository: nothing drawn from these records is committed.
"""

from __future__ import annotations

import gzip
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from .project_goals import add_evaluations, add_goals, add_goals_old
from .project_spending import add_cost_items, contract
from .projects import Tables, add_lines, add_past_numbers, add_policies, finish
from .projects import make_project as made_up
from .words import METHODS, Words

__all__ = ["make_project"]

MILLION = 1_000_000
COLUMNS = {"当初予算": "initial_jpy", "補正予算": "supplementary_jpy", "前年度から繰越し": "carried_in_jpy", "予備費等": "reserve_jpy",
           "執行額": "executed_jpy"}  # fmt: skip


@cache
def _usable(path: Path) -> list[dict[str, Any]]:
    """Records with a budget and a handful of payees, in file order."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            blocks = {p["グループ"] for p in record["支出先"]}
            spent = [b.get("執行額") or 0 for b in record["予算"]]
            if blocks and len(blocks) <= 9 and len(record["支出先"]) <= 45 and max(spent) > 1 and record["事業概要"]:
                found.append(record)
    return found


def make_project(seed: int, review_year: int, path: Path) -> Tables:
    """The tables of one real project of the review year, its gaps filled with made-up parts."""
    records = _usable(path)
    record = records[random.Random(f"judgit/{review_year}/{seed}").randrange(len(records))]
    rng = random.Random(f"real/{review_year}/{seed}")
    words = Words(rng)
    words.theme = record["事業名"][:16]
    tables: Tables = {"sheets": [_sheet(record, made_up(seed, review_year)["sheets"][0])]}
    tables["budgets"] = _budgets(record, review_year)
    add_lines(tables, rng, words)
    add_policies(tables, rng, words)
    _payees(tables, record, rng, words)
    (add_goals if review_year >= 2023 else add_goals_old)(tables, rng, words)
    if review_year < 2023:
        _goals(tables, record)
    add_evaluations(tables, rng, words)
    add_past_numbers(tables, rng)
    return finish(tables)


def _sheet(record: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    year = record["公開年度"]
    number = record["事業番号"]
    known = {
        "sheet_id": number if year >= 2021 else f"{year}-{record['府省庁'][:2]}-{number}",
        "project_number": number, "name": record["事業名"], "ministry": record["府省庁"], "bureau": record["担当部局庁"],
        "division": record["担当課室"], "responsible": record["作成責任者"], "accounts": "、".join(record["会計区分"]),
        "methods": "、".join(record["実施方法"]), "purpose": record["事業目的"], "overview": record["事業概要"],
        "start_year": record["開始年度"] or year - 5, "end_year": record["終了年度"],
        "is_end_undecided": record["終了年度"] is None, "flow_amount_jpy": None,
    }  # fmt: skip
    return {**base, **known}


def _yen(value: float | None) -> int | None:
    """Million yen as yen; the records hold 0 for what was blank."""
    return None if not value else round(value * 10) * MILLION // 10


def _budgets(record: dict[str, Any], review_year: int) -> list[dict[str, Any]]:
    rows = []
    amounts = [v for b in record["予算"] for v in b.values() if isinstance(v, float)]
    unit = MILLION if all(a == int(a) for a in amounts) else 100_000
    for b in record["予算"]:
        year = b["年度"]
        if year > review_year:
            rows.append(
                {
                    "fiscal_year": year,
                    "requested_jpy": _yen(b.get("要求額")) or 0,
                    "stage": "requested",
                    "precision_jpy": unit,
                }
            )
            continue
        row: dict[str, Any] = {column: _yen(b.get(name)) for name, column in COLUMNS.items()}
        out = _yen(b.get("翌年度へ繰越し"))
        row["carried_out_jpy"] = None if out is None else -out
        parts = [row[c] or 0 for c in ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy")]
        row["total_jpy"] = sum(parts) - (row["carried_out_jpy"] or 0)
        if row["executed_jpy"] is not None and row["total_jpy"]:
            row["printed_rate"] = int(row["executed_jpy"] / row["total_jpy"] * 100 + 0.5) / 100
        planned = (row["initial_jpy"] or 0) + (row["supplementary_jpy"] or 0)
        if row["executed_jpy"] is not None and planned > 0:
            row["printed_rate_initial"] = int(row["executed_jpy"] / planned * 100 + 0.5) / 100
        rows.append(
            {"fiscal_year": year, **row, "stage": "closed" if year < review_year else "running", "precision_jpy": unit}
        )
    return rows


def _payees(tables: Tables, record: dict[str, Any], rng: random.Random, words: Words) -> None:
    for name in ("blocks", "flows", "ministry_costs", "recipients", "contracts", "multi_year_contracts"):
        tables[name] = []
    sheet = tables["sheets"][0]
    year = sheet["review_year"]
    executed = next((b["executed_jpy"] for b in tables["budgets"] if b["fiscal_year"] == year - 1), None)
    sheet["flow_amount_jpy"] = executed
    by_block: dict[str, list[dict[str, Any]]] = {}
    for payee in record["支出先"]:
        by_block.setdefault(payee["グループ"].upper(), []).append(payee)
    left: dict[str, int] = {}  # records do not tell who pays a block: only a block that still has the amount may
    for block, payees in sorted(by_block.items()):
        payees = sorted(payees, key=lambda p: -p["支出額"])[:10]
        # the records keep unprinted decimals; sheets print at most one
        amounts = [max(1, round(p["支出額"] * 10)) * MILLION // 10 for p in payees]
        payers = [payer for payer, amount in left.items() if amount >= sum(amounts)]
        parent = rng.choice(payers) if payers and rng.random() < 0.35 else None
        left[block] = sum(amounts)
        if parent is not None:
            left[parent] -= sum(amounts)
        method = rng.choice(METHODS[:7])[0]
        label = payees[0]["支出先名"] if len(payees) == 1 else rng.choice(["民間企業等", "地方公共団体等", "大学等"])
        work = (payees[0]["業務概要"] or "").replace("\n", "")
        tables["blocks"].append(
            {"block": block, "name": work[:20] or None, "role": work if 5 < len(work) < 60 and rng.random() < 0.7 else None,
             "recipient_label": label, "recipient_count": len(payees), "amount_jpy": sum(amounts), "is_root": parent is None}
        )  # fmt: skip
        tables["flows"].append({"from_block": parent, "to_block": block, "by": method})
        for rank, (payee, amount) in enumerate(zip(payees, amounts, strict=True), start=1):
            number = payee["法人番号"] or None
            tables["recipients"].append(
                {"block": block, "rank": rank, "fiscal_year": year - 1, "name": payee["支出先名"], "corporate_number": number,
                 "number_status": "valid" if number else "missing", "amount_jpy": amount}
            )  # fmt: skip
            tables["contracts"].append(
                {
                    "block": block,
                    "rank": rank,
                    "line": 1,
                    **contract(rng, words, amount, method),
                    "work": payee["業務概要"],
                }
            )
    roots = [block["amount_jpy"] for block in tables["blocks"] if block["is_root"]]
    if executed is not None and roots:
        sheet["flow_amount_jpy"] = sum(roots)  # the ministry's box holds what it pays its blocks
    add_cost_items(tables, rng, MILLION // 10)


def _goals(tables: Tables, record: dict[str, Any]) -> None:
    """Real outcomes and outputs in place of the made-up ones, where the record has them."""
    for level, list_name, name, planned, column in (
        ("outcome", "アウトカム", "成果指標", "target", "目標値"), ("output", "アウトプット", "活動指標", "expected", "当初見込み"),
    ):  # fmt: skip
        found = {(i.get("成果目標"), i[name]): i for i in record.get(list_name) or [] if i.get(name)}
        if not found:
            continue
        gone = {i["indicator_id"] for i in tables["indicators"] if i["level"] == level}
        for table in ("indicators", "measurements"):
            tables[table] = [row for row in tables[table] if row["indicator_id"] not in gone]
        for number, ((goal, label), item) in enumerate(list(found.items())[:4], start=1):
            indicator = f"{level}-{number}"
            tables["indicators"].append({"indicator_id": indicator, "level": level, "goal": goal, "indicator": label, "unit": item["単位"],
                                         "evidence_source": f"{tables['sheets'][0]['ministry']}による集計" if goal else None})  # fmt: skip
            for value in item["成果実績" if level == "outcome" else "活動実績"]:
                actual, target = value.get("成果実績", value.get("活動実績")), value.get(column)
                rows = {"actual": actual, planned: target}
                if level == "outcome" and target and actual is not None:
                    rows["achievement"] = round(actual / target, 2)
                tables["measurements"] += [
                    {"indicator_id": indicator, "fiscal_year": value["年度"], "measure": m, "value": v, "is_final_year": False}
                    for m, v in rows.items() if v is not None
                ]  # fmt: skip
