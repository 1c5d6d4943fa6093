"""One real sheet typed by hand, 2023-文科-22-0241 (世界トップレベル研究拠点プログラム): facts that tests state.

Its figures agree with each other: a test changes one of them and says what follows.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from toolkit import Dataset

MILLION = 1_000_000
SHEET = "2023-文科-22-0241"
Tables = dict[str, list[dict[str, Any]]]

_NAMES_A = (
    "高エネルギー加速器研究機構",
    "東京大学",
    "金沢大学",
    "北海道大学",
    "京都大学",
    "大阪大学",
    "広島大学",
    "慶應義塾",
)
_AMOUNTS_A = (760, 755, 726, 700, 700, 582, 423, 90)
_NUMBERS_A = (
    "4050005005267", "5010005007398", "2220005002604", "6430005004014",
    "3130005005532", "4120905002554", "1240005004054", "4010405001654",
)  # fmt: skip


def _budget(year: int, stage: str, **millions: float) -> dict[str, Any]:
    amounts = {f"{name}_jpy": round(value * MILLION) for name, value in millions.items()}
    return {"fiscal_year": year, "stage": stage, "precision_jpy": MILLION, **amounts}


def _recipient(block: str, rank: int, name: str, amount: int, number: str) -> dict[str, Any]:
    return {
        "block": block, "rank": rank, "fiscal_year": 2022, "name": name, "amount_jpy": amount * MILLION,
        "corporate_number": number, "number_status": "valid", "name_kind": "organization", "precision_jpy": MILLION,
    }  # fmt: skip


def _measured(
    indicator: str, measure: str, values: dict[int, float], certainty: str = "stated"
) -> list[dict[str, Any]]:
    return [
        {
            "indicator_id": indicator,
            "fiscal_year": year,
            "measure": measure,
            "value": value,
            "is_final_year": False,
            "certainty": certainty,
        }
        for year, value in values.items()
    ]


def tables() -> Tables:
    """The sheet's tables as lists of rows, to be changed by a test."""
    costs = {"A": (545, 156, 44, 15), "B": (477, 106, 14)}
    lines = {2023: (7085, 3, 0.1, 0), 2024: (7157, 3, 0, 0)}
    result: Tables = {
        "sheets": [
            {
                "review_year": 2023, "form": "text-2023", "name": "世界トップレベル研究拠点プログラム", "ministry": "文部科学省",
                "bureau": "研究振興局", "start_year": 2007, "is_end_undecided": True, "flow_amount_jpy": 5335 * MILLION,
                "chars_total": 1000, "chars_label": 400, "chars_placed": 590,
            }
        ],
        "budgets": [
            _budget(2020, "closed", initial=5871, current=5871, carried_out=155, total=5716, executed=5714),
            _budget(2021, "closed", initial=6100, carried_in=155, current=6255, carried_out=270, total=5985, executed=5983),
            _budget(2022, "closed", initial=6100, carried_in=270, current=6370, carried_out=1035, total=5335, executed=5335),
            _budget(2023, "running", initial=7088, carried_in=1035, current=8123, total=8123, lines_total=7088),
            _budget(2024, "requested", requested=7160, lines_total=7160),
        ],
        "budget_lines": [
            {"fiscal_year": year, "line": n, "kind": "initial" if year == 2023 else "requested", "amount_jpy": round(amount * MILLION)}
            for year, amounts in lines.items()
            for n, amount in enumerate(amounts, 1)
        ],
        "blocks": [
            {"block": "A", "recipient_count": 8, "amount_jpy": 4735 * MILLION, "cost_total_jpy": 760 * MILLION},
            {"block": "B", "recipient_count": 1, "amount_jpy": 597 * MILLION, "cost_total_jpy": 597 * MILLION},
        ],
        "flows": [{"from_block": None, "to_block": "A"}, {"from_block": None, "to_block": "B"}],
        "ministry_costs": [{"line": 1, "item": "職員旅費", "amount_jpy": 1 * MILLION}],
        "recipients": [
            *(_recipient("A", n, *one) for n, one in enumerate(zip(_NAMES_A, _AMOUNTS_A, _NUMBERS_A, strict=True), 1)),
            _recipient("B", 1, "日本学術振興会", 597, "1010005006890"),
        ],
        "cost_items": [
            {"block": block, "line": n, "item": f"費目{n}", "amount_jpy": amount * MILLION}
            for block, amounts in costs.items()
            for n, amount in enumerate(amounts, 1)
        ],
        "indicators": [
            {"indicator_id": "1-long-1", "level": "outcome", "horizon": "long", "unit": "拠点数"},
            {"indicator_id": "2-output-1", "level": "output", "indicator": "外国人研究者の割合", "unit": "%"},
        ],
        "measurements": [
            *_measured("1-long-1", "actual", {2020: 6, 2021: 9, 2022: 9}),
            *_measured("1-long-1", "target", {2020: 6, 2021: 9, 2022: 9}),
            *_measured("1-long-1", "achievement", {2020: 1.0, 2021: 1.0, 2022: 1.0}),
            *_measured("2-output-1", "expected", dict.fromkeys(range(2020, 2025), 30)),
            *_measured("2-output-1", "actual", {2020: 40, 2021: 40, 2022: 41}, "unsettled"),
        ],
        "evaluations": [
            {"section": "team", "line": 1, "verdict": "事業内容の一部改善"},
            {"section": "reflection", "line": 1, "verdict": "執行等改善"},
        ],
    }  # fmt: skip
    for row, rates in zip(result["budgets"], ((1.0, 0.97), (1.0, 0.98), (1.0, 0.87)), strict=False):
        row["printed_rate"], row["printed_rate_initial"] = rates
    for block in result["blocks"]:
        block.update(is_root=True, depth=1, precision_jpy=MILLION)
    return result


def dataset(changed: Tables | None = None, sheet_id: str = SHEET) -> Dataset:
    """The sheet, or what a test made of its tables, as a Dataset."""
    chosen = deepcopy(changed) if changed is not None else tables()
    return Dataset(
        {name: [{"certainty": "stated", **row, "sheet_id": sheet_id} for row in rows] for name, rows in chosen.items()}
    )


def row(changed: Tables, table: str, **key: object) -> dict[str, Any]:
    """The one row of a table with these values, to be changed in place."""
    (found,) = [one for one in changed[table] if all(one.get(name) == value for name, value in key.items())]
    return found
