"""Random but valid projects: every sum the form checks itself by comes out right.

A + B + C + E − D = F, carry-overs pass from year to year, budget lines add up to 計(A), a block's recipients add up
to the block (where all are listed), cost items to the block's largest recipient, achievement = actual / target.
"""

from __future__ import annotations

import random
from typing import Any

from .project_goals import add_evaluations, add_goals, add_goals_old
from .project_spending import add_spending, split
from .words import ISSUES, KINDS, KOU, LAWS, MINISTRIES, MOKU, OVERVIEW, PLANS, PURPOSE, REMARKS, Words

__all__ = ["Tables", "make_project"]

Tables = dict[str, list[dict[str, Any]]]
MILLION = 1_000_000


def make_project(seed: int, review_year: int = 2023, facts: random.Random | None = None) -> Tables:
    """The tables of one made-up sheet, as lists of rows; the same seed gives the same project.

    ``facts`` draws the amounts, the tree of blocks and the indicators' values, if another one than the words should.
    """
    rng = random.Random(f"project/{review_year}/{seed}")
    facts = facts or rng
    words = Words(rng)
    sheet = _sheet(rng, words, review_year)
    tables: Tables = {"sheets": [sheet]}
    add_budgets(tables, facts)
    add_lines(tables, facts, words)
    add_policies(tables, rng, words)
    add_spending(tables, facts, words)
    if review_year >= 2023:
        add_goals(tables, facts, words)
    else:
        add_goals_old(tables, facts, words)
    add_evaluations(tables, rng, words)
    add_past_numbers(tables, rng)
    return finish(tables)


def finish(tables: Tables) -> Tables:
    """The key and the certainty into every row."""
    sheet_id = tables["sheets"][0]["sheet_id"]
    for line, row in enumerate(tables.get("related", []), start=1):
        row["line"] = line
    for rows in tables.values():
        for row in rows:
            row.update(sheet_id=sheet_id, certainty="stated")
    return tables


def project_number(rng: random.Random, short: str, year: int, *, new: bool) -> str:
    """A project number in the style of its review year."""
    serial = f"{rng.randint(1, 899):04d}"
    if year >= 2021:
        return f"{year}-{short}-{'新' if new else ''}{year - 2000 - (0 if new else 1):02d}-{serial}"
    return f"新{year - 1988 if year < 2020 else year - 2018:02d}-{serial}" if new else serial


def _sheet(rng: random.Random, words: Words, year: int) -> dict[str, Any]:
    ministry, short, bureaus = rng.choice([m for m in MINISTRIES if year > 2021 or m[0] != "デジタル庁"])
    new = rng.random() < 0.15
    number = project_number(rng, short, year, new=new)
    start = year - 1 if new else rng.choice([year - 2, year - 4, year - 8, year - 15, 2001, 1994, 1978])
    undecided = rng.random() < 0.4
    bureau = rng.choice(bureaus)
    division = rng.choice(["企画課", "総務課", "推進室", "基盤整備課", "国際連携課", "技術調査室"])
    two = rng.random() < 0.2
    sheet = {
        "sheet_id": number if year >= 2021 else f"{year}-{short}-{number}",
        "review_year": year, "form": f"made-{year}", "project_number": number,
        "name": words.theme + rng.choice(KINDS), "ministry": ministry, "bureau": bureau,
        "division": division + ("\n" + rng.choice(["計画室", "予算係"]) if two else ""),
        "responsible": rng.choice([f"{division}長　{words.person()}", f"{division}長\n{words.person()}", f"課長　{words.person()}"]),
        "start_year": start, "end_year": None if undecided else year + rng.randint(0, 6), "is_end_undecided": undecided,
        "accounts": rng.choice(["一般会計"] * 4 + ["エネルギー対策特別会計エネルギー需給勘定", "東日本大震災復興特別会計", "一般会計、年金特別会計業務勘定"]),
        "methods": rng.choice(["補助", "委託・請負", "直接実施、委託・請負", "交付", "直接実施", "補助、委託・請負", "その他"]),
        "purpose": words.prose(PURPOSE, 1, 3), "issues": words.prose(ISSUES, 1, 3, joint="\n"),
        "overview": words.prose(OVERVIEW, 2, 5, joint=rng.choice(["", "\n"])),
        "main_expense": rng.choice(["科学技術振興費", "公共事業関係費", "その他の事項経費", "経済協力費"]),
        "legal_basis": words.fill(rng.choice(LAWS)) if rng.random() < 0.6 else None,
        "plans": words.prose(PLANS, 1, 3, joint="\n") if rng.random() < 0.7 else None,
        "remarks": words.fill(rng.choice(REMARKS)) if rng.random() < 0.5 else None,
        "overview_url": f"https://www.example.go.jp/{rng.choice(['seisaku', 'policy'])}/{rng.randint(1000, 99999)}.html" if rng.random() < 0.8 else None,
        "policy_url": f"https://www.example.go.jp/hyouka/{rng.randint(10, 99)}-000{rng.randint(1000, 9999)}-{rng.randint(1, 9):02d}.pdf" if rng.random() < 0.7 else None,
        "project_class": "新規開始事業" if new else "前年度事業",
    }  # fmt: skip
    if year < 2023:
        sheet.update(issues=None, overview_url=None, policy_url=None)
    return sheet


def add_budgets(tables: Tables, rng: random.Random) -> None:
    """Five years: three closed, the running one and the request."""
    year = tables["sheets"][0]["review_year"]
    start = tables["sheets"][0]["start_year"]
    size = int(10 ** rng.uniform(1.5, 4.7))
    unit = 100_000 if size < 300 and rng.random() < 0.6 else MILLION
    scale = MILLION // unit
    rows, carried = [], None
    if start < year - 3 and rng.random() < 0.5:
        carried = rng.randint(1, max(1, size // 5)) * scale
    for place, fiscal_year in enumerate(range(year - 3, year + 1)):
        row = _year(rng, size * scale, carried, closed=place < 3, alive=fiscal_year >= start)
        carried = row["carried_out_jpy"]
        size = max(1, int(size * rng.uniform(0.85, 1.2)))
        rows.append(_amounts(row, fiscal_year, unit, "closed" if place < 3 else "running"))
    request = int(size * scale * rng.uniform(0.8, 1.3))
    rows.append({"fiscal_year": year + 1, "requested_jpy": request * unit, "stage": "requested", "precision_jpy": unit})
    tables["budgets"] = rows


def _year(rng: random.Random, size: int, carried: int | None, *, closed: bool, alive: bool) -> dict[str, int | None]:
    """One year's amounts in units of the printed precision."""
    if not alive:
        return dict.fromkeys(
            ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy", "carried_out_jpy", "executed_jpy")
        )
    initial = int(size * rng.uniform(0.9, 1.1))
    extra = rng.random()
    supplementary = (
        int(size * rng.uniform(0.05, 0.5))
        if extra < 0.25
        else -int(size * rng.uniform(0.01, 0.1))
        if extra < 0.35
        else 0
        if extra < 0.45
        else None
    )
    reserve = int(size * rng.uniform(0.01, 0.2)) if rng.random() < 0.1 else None
    current = initial + (supplementary or 0) + (carried or 0) + (reserve or 0)
    out = int(current * rng.uniform(0.02, 0.4)) if closed and rng.random() < 0.5 else None
    total = current - (out or 0)
    executed = int(total * min(1.0, rng.uniform(0.65, 1.08))) if closed else None
    return {"initial_jpy": initial, "supplementary_jpy": supplementary, "carried_in_jpy": carried, "reserve_jpy": reserve,
            "carried_out_jpy": out, "executed_jpy": executed}  # fmt: skip


def _amounts(row: dict[str, int | None], fiscal_year: int, unit: int, stage: str) -> dict[str, Any]:
    """Yen, sums and printed rates."""
    yen: dict[str, Any] = {name: None if value is None else value * unit for name, value in row.items()}
    before = [yen[c] for c in ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy")]
    if any(v is not None for v in before):
        yen["current_jpy"] = sum(v or 0 for v in before)
        yen["total_jpy"] = yen["current_jpy"] - (yen["carried_out_jpy"] or 0)
    executed, total = yen["executed_jpy"], yen.get("total_jpy")
    planned = (yen["initial_jpy"] or 0) + (yen["supplementary_jpy"] or 0)
    if executed is not None and total:
        yen["printed_rate"] = int(executed / total * 100 + 0.5) / 100
    if executed is not None and planned > 0:
        yen["printed_rate_initial"] = int(executed / planned * 100 + 0.5) / 100
    return {"fiscal_year": fiscal_year, **yen, "stage": stage, "precision_jpy": unit}


def add_lines(tables: Tables, rng: random.Random, words: Words) -> None:
    """Budget lines that add up to the initial budget and to the request."""
    year = tables["sheets"][0]["review_year"]
    running = next(b for b in tables["budgets"] if b["fiscal_year"] == year)
    request = next(b for b in tables["budgets"] if b["fiscal_year"] == year + 1)
    unit = running["precision_jpy"]
    mokus = [m.replace("{}", words.theme) for m in rng.sample(MOKU, rng.randint(1, 6))]
    old = year < 2023
    cut = rng.randint(1, len(mokus)) if not old and len(mokus) > 3 else len(mokus)
    kous = [k.replace("{}", words.theme) for k in rng.sample(KOU, 2)]
    rows = []
    for budget, kind, column in ((running, "initial", "initial_jpy"), (request, "requested", "requested_jpy")):
        total = budget.get(column)
        amounts = split(rng, (total or 0) // unit, len(mokus))
        for line, (moku, amount) in enumerate(zip(mokus, amounts, strict=True), start=1):
            rows.append({"fiscal_year": budget["fiscal_year"], "line": line, "kind": kind, "kou": None if old else kous[line > cut],
                         "moku": moku, "amount_jpy": amount * unit if total is not None else None})  # fmt: skip
        budget["lines_total_jpy"] = total
    tables["budget_lines"] = rows
    change = (request["requested_jpy"] or 0) - (running.get("initial_jpy") or 0)
    if change and rng.random() < 0.85:
        more = f"（要望額 {abs(change) // 2 / MILLION:,.0f}百万円）" if change > 0 and rng.random() < 0.3 else ""
        request["note"] = rng.choice(["採択する団体を増やすため。", "対象とする地域を広げるため。"] if change > 0 else
                                     ["単価の見直しによる減。", "一部の取組が終わることによる減。"]) + more  # fmt: skip


def add_policies(tables: Tables, rng: random.Random, words: Words) -> None:
    """政策・施策, subsidies and the cabinet decision behind the KPI."""
    no = rng.randint(1, 14)
    sheet = tables["sheets"][0]
    rows: list[dict[str, Any]] = []
    if rng.random() < 0.9:
        rows.append({"kind": "policy", "name": f"{no} {words.theme}を支える基盤づくり", "detail": f"{no}-{rng.randint(1, 5)} {words.theme}の推進",
                     "url": sheet["policy_url"]})  # fmt: skip
    if sheet["review_year"] >= 2023 and rng.random() < 0.4:
        rows.append({"kind": "kpi", "name": words.fill(rng.choice(PLANS)), "detail": f"{rng.randint(5, 80)}頁",
                     "url": f"https://www.example.go.jp/kpi/{rng.randint(10, 99)}.pdf"})  # fmt: skip
    for line, row in enumerate(rows, start=1):
        row["line"] = line
    tables["policies"] = rows
    tables["subsidies"] = []
    if sheet["review_year"] >= 2023 and "補助" in sheet["methods"]:
        text = words.fill("{actor}が行う{action}に要する経費を補助（補助率：{n}/10、上限額：年間{m}百万円）")
        tables["subsidies"] = [{"line": 1, "rate_text": text}]


def add_past_numbers(tables: Tables, rng: random.Random) -> None:
    """The project's numbers in earlier review years."""
    sheet = tables["sheets"][0]
    year, ministry = sheet["review_year"], sheet["ministry"]
    short = next((s for m, s, _ in MINISTRIES if m == ministry), ministry[:2])
    first = max(2011 if year >= 2023 else 2010, sheet["start_year"] + 1)
    rows: list[dict[str, Any]] = []
    serial = rng.randint(20, 800)
    for past in range(first, year):
        serial = max(1, serial + rng.randint(-15, 15))
        number = f"{serial:04d}" if past >= 2015 or rng.random() < 0.3 else str(serial)
        if past == first and sheet["start_year"] >= 2012 and past < 2021:
            number = f"新{past - 1988 if past < 2020 else past - 2018:02d}-{serial:04d}"
        if past >= 2021:
            number = f"{past}-{short}-{past - 2001:02d}-{serial:04d}"
        if rng.random() < 0.93:
            rows.append({"line": len(rows) + 1, "kind": "past_number", "fiscal_year": past, "number": number,
                         "ministry": ministry if past >= 2019 else None})  # fmt: skip
    tables["related"] = tables.get("related", []) + rows
