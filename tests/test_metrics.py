"""Measures: facts worked out by hand on one real sheet, and the zero and missing cases of each."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wpi_sheet import MILLION, SHEET, dataset, row, tables
from toolkit import TABLES, Dataset, metrics


def values(series: pd.Series) -> list[Any]:
    """A Series as a list, rounded, with None for <NA>."""
    return [None if pd.isna(value) else round(float(value), 4) for value in series]


def budgets(*rows: dict[str, Any]) -> pd.DataFrame:
    return TABLES["budgets"].frame(
        [{"sheet_id": SHEET, "certainty": "stated", "fiscal_year": 2020 + n, **one} for n, one in enumerate(rows)]
    )


# -- budgets
def test_the_two_execution_rates_differ_by_what_was_carried_out() -> None:
    rows = dataset().budgets
    assert values(metrics.execution_rate_sheet(rows)) == [0.9997, 0.9997, 1.0, None, None]
    assert values(metrics.execution_rate(rows)) == [0.9733, 0.9565, 0.8375, None, None]
    assert values(metrics.carry_over_share(rows)) == [0.0264, 0.0432, 0.1625, None, None]


@pytest.mark.parametrize(
    ("executed", "current", "rate"),
    [(0, 100, 0.0), (None, 100, None), (50, None, None), (50, 0, None), (50, -10, None), (120, 100, 1.2)],
)
def test_a_rate_needs_an_amount_and_a_positive_budget(
    executed: int | None, current: int | None, rate: float | None
) -> None:
    rows = budgets({"executed_jpy": executed, "current_jpy": current, "total_jpy": current})
    assert values(metrics.execution_rate(rows)) == values(metrics.execution_rate_sheet(rows)) == [rate]


def test_a_printed_zero_is_carried_over_as_zero_and_a_dash_is_missing() -> None:
    rows = budgets({"carried_out_jpy": 0, "current_jpy": 100}, {"carried_out_jpy": None, "current_jpy": 100})
    assert values(metrics.carry_over_share(rows)) == [0.0, None]


def test_growth_compares_with_the_year_before_of_the_same_sheet_and_account() -> None:
    rows = dataset().budgets
    assert values(metrics.growth(rows)) == [None, 0.039, 0.0, 0.162, None]
    assert values(metrics.growth(rows, "executed_jpy")) == [None, 0.0471, -0.1083, None, None]
    gap = budgets(
        {"initial_jpy": 100}, {"initial_jpy": 0}, {"initial_jpy": 50}, {"fiscal_year": 2025, "initial_jpy": 60}
    )
    assert values(metrics.growth(gap)) == [None, -1.0, None, None]
    accounts = budgets(
        {"account": "一般会計", "initial_jpy": 100},
        {"fiscal_year": 2021, "account": "特別会計", "initial_jpy": 50},
        {"fiscal_year": 2021, "account": "一般会計", "initial_jpy": 150},
    )
    assert values(metrics.growth(accounts)) == [None, None, 0.5]


def test_growth_keeps_the_index_of_its_table() -> None:
    rows = dataset().budgets.iloc[::-1]
    assert rows.assign(growth=metrics.growth(rows)).loc[3, "growth"] == pytest.approx(7088 / 6100 - 1)


def test_the_request_is_compared_with_the_initial_budget_of_the_year_before() -> None:
    assert values(metrics.request_growth(dataset().budgets)) == [round(7160 / 7088 - 1, 4)]
    changed = tables()
    row(changed, "budgets", fiscal_year=2023)["initial_jpy"] = 0
    assert values(metrics.request_growth(dataset(changed).budgets)) == [None]
    changed["budgets"] = changed["budgets"][:-1]
    assert values(metrics.request_growth(dataset(changed).budgets)) == [None]


# -- recipients
def test_shares_and_concentration_of_the_eight_recipients_of_block_a() -> None:
    """760, 755, 726, 700, 700, 582, 423, 90: together 4,736; the squares add up to 3,180,454."""
    one = dataset()
    assert values(metrics.recipient_shares(one.recipients))[:2] == [round(760 / 4736, 4), round(755 / 4736, 4)]
    found = metrics.concentration(one).loc[(SHEET, "A")]
    assert found[["largest", "recipients", "listed_jpy", "total_jpy"]].tolist() == [
        "高エネルギー加速器研究機構",
        8,
        4736 * MILLION,
        4736 * MILLION,
    ]
    assert values(found[["top1", "top3", "top5", "hhi"]]) == [
        round(x, 4) for x in (760 / 4736, 2241 / 4736, 3641 / 4736, 3_180_454 / 4736**2)
    ]
    assert metrics.concentration(one).loc[(SHEET, "B"), "hhi"] == pytest.approx(1.0)


def test_a_list_cut_short_is_measured_against_the_whole_block() -> None:
    changed = tables()
    row(changed, "blocks", block="A").update(amount_jpy=9472 * MILLION, recipient_count=20)
    assert metrics.concentration(dataset(changed)).loc[(SHEET, "A"), "top1"] == pytest.approx(760 / 9472)


def test_rows_of_one_body_are_one_recipient_and_a_lump_is_none() -> None:
    base = {
        "sheet_id": SHEET,
        "certainty": "stated",
        "block": "A",
        "name_kind": "organization",
        "number_status": "missing",
    }
    number = {"corporate_number": "5010005007398", "number_status": "valid"}
    rows = [
        {**base, "rank": 1, "name": "東京大学", "amount_jpy": 30, **number},
        {**base, "rank": 2, "name": "国立大学法人東京大学", "amount_jpy": 20, **number},
        {**base, "rank": 3, "name": "その他", "name_kind": "others", "amount_jpy": 50},
        {**base, "rank": 4, "name": "金沢大学", "amount_jpy": None},
    ]
    found = metrics.concentration(
        Dataset({"sheets": [{"sheet_id": SHEET, "review_year": 2023, "certainty": "stated"}], "recipients": rows})
    ).iloc[0]
    assert found[["recipients", "listed_jpy"]].tolist() == [1, 100]
    assert values(found[["top1", "hhi"]]) == [0.5, 0.25]


def test_money_passed_on_to_another_block_is_counted_once() -> None:
    """Block B passes 500 of its 597 on to C: the ministry still paid 4,735 + 597 + 1."""
    changed = tables()
    changed["blocks"].append({"block": "C", "amount_jpy": 500 * MILLION, "is_root": False, "depth": 2})
    changed["recipients"].append({"block": "C", "rank": 1, "name": "再委託先", "amount_jpy": 500 * MILLION})
    shown = metrics.spending(dataset(changed)).loc[SHEET]
    assert shown[["blocks_jpy", "ministry_costs_jpy", "spending_jpy"]].tolist() == [
        5332 * MILLION,
        MILLION,
        5333 * MILLION,
    ]
    assert shown[["fiscal_year", "basis", "blocks", "from_recipients", "without_amount"]].tolist() == [
        2022,
        "root_blocks",
        2,
        0,
        0,
    ]
    whole = metrics.sheet_concentration(dataset(changed)).loc[SHEET]
    assert whole["recipients"] == 9
    assert whole["top1"] == pytest.approx(760 / 5333)


def test_spending_says_when_it_had_to_fall_back() -> None:
    changed = tables()
    changed["flows"], changed["ministry_costs"] = [], []
    for block in changed["blocks"]:
        block.update(is_root=None, depth=None)
    row(changed, "blocks", block="B")["amount_jpy"] = None
    shown = metrics.spending(dataset(changed)).loc[SHEET]
    assert shown[["basis", "blocks", "from_recipients", "listed_jpy"]].tolist() == ["all_blocks", 2, 1, 5332 * MILLION]
    assert pd.isna(shown["spending_jpy"])  # the blocks may pay each other
    row(changed, "budgets", fiscal_year=2022)["executed_jpy"] = 5332 * MILLION
    agreed = metrics.spending(dataset(changed)).loc[SHEET]
    assert agreed[["basis", "spending_jpy"]].tolist() == ["agreeing_blocks", 5332 * MILLION]
    row(changed, "recipients", block="A", rank=1)["amount_jpy"] = 760_000_000 * MILLION
    slipped = metrics.spending(dataset(changed)).loc[SHEET]
    assert slipped["slips"] == 1
    assert pd.isna(metrics.sheet_concentration(dataset(changed)).loc[SHEET, "top1"])
    assert pd.isna(slipped["spending_jpy"])
    row(changed, "recipients", block="A", rank=1)["amount_jpy"] = 760 * MILLION
    changed["blocks"], changed["recipients"] = [{"block": "A"}], []
    only = metrics.spending(dataset(changed)).loc[SHEET]
    assert only[["basis", "blocks", "without_amount"]].tolist() == ["root_blocks", 1, 1]
    assert pd.isna(only["spending_jpy"])
    changed["blocks"] = []
    nothing = metrics.spending(dataset(changed)).loc[SHEET]
    assert nothing["blocks"] == 0
    assert nothing[["basis", "spending_jpy"]].isna().all()


def test_amount_per_recipient_needs_a_count() -> None:
    changed = tables()
    changed["blocks"].append({"block": "C", "amount_jpy": 10, "recipient_count": 0})
    assert values(metrics.amount_per_recipient(dataset(changed).blocks)) == [591_875_000.0, 597_000_000.0, None]


# -- indicators and costs
@pytest.mark.parametrize(
    ("direction", "actual", "target", "ratio", "is_met"),
    [
        ("up", 61, 50, 1.22, True), ("up", 9, 10, 0.9, False), ("up", 0, 0, None, True), ("down", 8, 10, 1.25, True),
        ("down", 12, 10, 0.8333, False), ("down", 0, 0, None, True), (None, 9, 10, 0.9, False), (None, 0, 0, None, None),
    ],
)  # fmt: skip
def test_achievement_by_direction(
    direction: str | None, actual: float, target: float, ratio: float | None, is_met: bool | None
) -> None:
    changed = tables()
    row(changed, "indicators", indicator_id="1-long-1")["direction"] = direction
    changed["measurements"] = [
        {"indicator_id": "1-long-1", "fiscal_year": 2022, "measure": measure, "value": value, "is_final_year": False}
        for measure, value in (("actual", actual), ("target", target))
    ]
    (found,) = metrics.achievement(dataset(changed)).to_dict("records")
    assert values(pd.Series([found["ratio"]])) == [ratio]
    assert pd.isna(found["is_met"]) if is_met is None else found["is_met"] == is_met


def test_an_achievement_printed_on_the_sheet_decides_where_no_direction_is_known() -> None:
    changed = tables()
    for measure, value in (("actual", 8), ("target", 9), ("achievement", 1.125)):
        row(changed, "measurements", indicator_id="1-long-1", fiscal_year=2022, measure=measure)["value"] = value
    found = metrics.achievement(dataset(changed)).set_index(["indicator_id", "fiscal_year"])
    assert found.loc[("1-long-1", 2022), "is_met"]
    assert found.loc[("1-long-1", 2021), ["actual", "target", "ratio"]].tolist() == [9.0, 9.0, 1.0]


def test_years_without_a_target_or_an_actual_have_no_achievement() -> None:
    years = metrics.achievement(dataset()).groupby("indicator_id")["fiscal_year"].agg(list)
    assert years.to_dict() == {"1-long-1": [2020, 2021, 2022], "2-output-1": [2020, 2021, 2022]}


def test_a_stagnant_target_is_one_that_every_actual_passes() -> None:
    found = metrics.stagnant_targets(dataset())
    assert found[["indicator_id", "target", "years", "first_year", "last_year", "actual"]].to_numpy().tolist() == [
        ["2-output-1", 30.0, 5, 2020, 2024, 41.0]
    ]
    changed = tables()
    row(changed, "measurements", indicator_id="2-output-1", fiscal_year=2021, measure="actual")["value"] = 30
    assert metrics.stagnant_targets(dataset(changed)).empty
    row(changed, "measurements", indicator_id="2-output-1", fiscal_year=2021, measure="actual")["value"] = 31
    row(changed, "measurements", indicator_id="2-output-1", fiscal_year=2024, measure="expected")["value"] = 35
    assert metrics.stagnant_targets(dataset(changed)).empty


def test_cost_items_are_shares_of_their_block() -> None:
    assert values(metrics.cost_item_shares(dataset().cost_items)) == [
        round(x, 4) for x in (545 / 760, 156 / 760, 44 / 760, 15 / 760, 477 / 597, 106 / 597, 14 / 597)
    ]


def test_unit_cost_divides_what_was_spent_by_what_was_counted() -> None:
    """131 principal investigators in FY2022 for 5,335 million yen; a percentage is not a number of things."""
    changed = tables()
    changed["indicators"].append(
        {"indicator_id": "1-output-1", "level": "output", "indicator": "主任研究者の数", "unit": "人"}
    )
    for year, actual in ((2021, 0), (2022, 131), (2023, 155)):
        changed["measurements"].append(
            {
                "indicator_id": "1-output-1",
                "fiscal_year": year,
                "measure": "actual",
                "value": actual,
                "is_final_year": False,
            }
        )
    (found,) = metrics.unit_cost(dataset(changed)).to_dict("records")
    assert (found["indicator_id"], found["fiscal_year"], found["unit"]) == ("1-output-1", 2022, "人")
    assert found["unit_cost_jpy"] == pytest.approx(5335 * MILLION / 131)


def test_measures_of_no_sheets_are_empty() -> None:
    nothing = Dataset({})
    for measure in (
        metrics.concentration,
        metrics.sheet_concentration,
        metrics.achievement,
        metrics.stagnant_targets,
        metrics.unit_cost,
        metrics.spending,
    ):
        assert measure(nothing).empty
    for measure in (metrics.execution_rate, metrics.growth, metrics.request_growth):
        assert measure(nothing.budgets).empty


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=30))
def test_concentration_keeps_its_bounds(amounts: list[int]) -> None:
    base = {"sheet_id": SHEET, "certainty": "stated", "block": "A"}
    rows = [{**base, "rank": n, "name": f"法人{n}", "amount_jpy": amount} for n, amount in enumerate(amounts, 1)]
    found = metrics.concentration(
        Dataset({"sheets": [{"sheet_id": SHEET, "review_year": 2023, "certainty": "stated"}], "recipients": rows})
    ).iloc[0]
    assert found["recipients"] == len(amounts)
    assert 1 / len(amounts) - 1e-9 <= found["hhi"] <= 1 + 1e-9
    assert found["hhi"] <= found["top1"] + 1e-9 <= found["top3"] + 2e-9 <= found["top5"] + 3e-9 <= 1 + 4e-9


def test_a_forecast_in_the_row_of_actuals_is_no_achievement() -> None:
    """The columns 活動見込 of the review year and the next hold what is expected, whichever row prints them."""
    sheet_id = "2023-文科-22-0001"
    measured = [
        {
            "sheet_id": sheet_id,
            "indicator_id": "1-output-1",
            "fiscal_year": year,
            "measure": measure,
            "value": value,
            "is_final_year": False,
            "certainty": "stated",
        }
        for year, measure, value in (
            (2022, "actual", 131),
            (2022, "expected", 80),
            (2023, "actual", 155),
            (2023, "expected", 90),
        )
    ]
    dataset = Dataset(
        {
            "sheets": [{"sheet_id": sheet_id, "review_year": 2023, "certainty": "stated"}],
            "indicators": [
                {"sheet_id": sheet_id, "indicator_id": "1-output-1", "level": "output", "certainty": "stated"}
            ],
            "measurements": measured,
        }
    )
    assert metrics.achievement(dataset)["fiscal_year"].tolist() == [2022]
