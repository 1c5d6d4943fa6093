"""The RS System's bulk files: every trap of their layout, on a few rows of our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import toolkit
from tests.rs_files import rows, write
from toolkit import Dataset
from toolkit.readers.rs_system.columns import KINDS

EDGE = {
    "from_number": "1",
    "from_level": "アクティビティ",
    "from_goal": "活動",
    "to_number": "1",
    "to_level": "アウトプット",
    "to_goal": "目標",
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Dataset]:
    """Write files into a folder, each (kind, row, row, …), and read the folder."""
    return lambda *files: toolkit.read(write(tmp_path, *files))


# -- what a project is
def test_a_project_is_one_row_whatever_its_main_expenses(read: Callable) -> None:
    one = read(("1-2", {"main_expense": "科学技術振興費"}, {"main_expense": "その他の事項経費"}))
    assert rows(
        one.sheets, "sheet_id", "form", "name", "ministry", "agency", "bureau", "main_expense", "source_ref"
    ) == [
        (
            "RS2024-7",
            "rs-2024",
            "見本事業",
            "文部科学省",
            None,
            "見本局",
            "科学技術振興費、その他の事項経費",
            "1-2 row 2",
        )
    ]


def test_the_ministry_is_the_policy_owner_and_the_agency_its_part(read: Callable) -> None:
    one = read(("6-1", {"agency": "スポーツ庁", "department": "見本部", "office": "見本室"}))
    assert rows(one.sheets, "ministry", "agency", "bureau", "division") == [
        ("文部科学省", "スポーツ庁", "見本局 見本部", "見本課 見本室")
    ]


@pytest.mark.parametrize(("yes", "no"), [("TRUE", "FALSE"), ("t", "f"), ("1", "0")])
def test_flags_are_printed_in_three_ways(read: Callable, yes: str, no: str) -> None:
    one = read(
        ("1-2", {"is_end_undecided": yes, "is_start_unknown": no, "means_0": yes, "means_4": yes, "means_1": no})
    )
    assert rows(one.sheets, "is_end_undecided", "is_start_unknown", "methods") == [
        (True, False, "直接実施、分担金・拠出金")
    ]


def test_a_slash_is_a_line_break_only_where_the_export_put_it(read: Callable) -> None:
    one = read(
        ("1-2", {"purpose": "一つ目。／・二つ目／ＰＰＰ／ＰＦＩの１／２／", "name": "長い名の事業／（見本）"}),
        ("1-4", {"number": "1", "cap_text": "三千円／校"}),
        ("4-1", {"inspection": "内閣官房／内閣府を除く。"}),
    )
    assert one.sheets.loc[0, "purpose"] == "一つ目。\n・二つ目\nＰＰＰ／ＰＦＩの１／２"
    assert one.sheets.loc[0, "name"] == "長い名の事業\n（見本）"
    assert one.subsidies.loc[0, "cap_text"] == "三千円／校"
    assert one.evaluations.loc[0, "text"] == "内閣官房／内閣府を除く。"


def test_rates_lose_the_apostrophe_of_the_spreadsheet(read: Callable) -> None:
    one = read(("1-4", {"number": "1", "rate_text": "'１／２"}, {"number": "2", "rate_text": "'100%"}, {}))
    assert rows(one.subsidies, "line", "rate_text") == [(1, "１／２"), (2, "100%")]


def test_the_three_lists_of_1_3_have_nothing_to_do_with_each_other(read: Callable) -> None:
    one = read(
        ("1-3",
         {"policy": "政策一", "measure": "施策一", "policy_ministry": "文部科学省", "law": "見本法", "article": "第四条", "paragraph": "2",
          "item": "ハ", "plan": "見本計画", "plan_url": "https://a.example"},
         {"law": "別の法", "law_id": "411AC0000000001"}, {"policy": "-", "measure": "なし"}, {"policy": "-"})
    )  # fmt: skip
    assert rows(one.policies, "line", "kind", "name", "detail", "source_ref") == [
        (1, "policy", "政策一", "施策一", "1-3 row 2"),
        (2, "policy", None, "なし", "1-3 row 4"),
        (3, "law", "見本法", "第四条 第2項 ハ", "1-3 row 2"),
        (4, "law", "別の法", None, "1-3 row 3"),
        (5, "plan", "見本計画", None, "1-3 row 2"),
    ]
    assert one.sheets.loc[0, "legal_basis"] == "見本法 第四条 第2項 ハ、別の法"


def test_related_projects_and_numbers_of_older_sheets(read: Callable) -> None:
    one = read(
        ("1-5", {"number": "1", "related_id": "12", "related_name": "元の事業", "relation": "統合元"}, {}),
        ("1-2", {"past_number": "2023警察220059"}, {"project_id": "8", "past_number": "政策: 15　施策: 21"},
         {"project_id": "9", "past_number": "2023ｰ経産ｰ新23ｰ0008、2022-府-21-0001"}),
    )  # fmt: skip
    assert rows(one.related, "sheet_id", "kind", "relation", "fiscal_year", "ministry", "number", "certainty") == [
        ("RS2024-7", "merged", "統合元", None, None, "12", "stated"),
        ("RS2024-7", "past_number", None, 2023, "警察庁", "2023-警察-22-0059", "stated"),
        ("RS2024-8", "past_number", None, None, None, "政策: 15　施策: 21", "unsettled"),
        ("RS2024-9", "past_number", None, 2023, "経済産業省", "2023-経産-新23-0008", "stated"),
        ("RS2024-9", "past_number", None, 2022, "内閣府", "2022-府-21-0001", "stated"),
    ]


# -- budget
def total(year: str, initial: str = "0", **other: str) -> dict[str, str]:
    zero = dict.fromkeys(("supplementary", "carried_in", "reserve", "executed", "carried_out"), "0")
    return {"fiscal_year": year, "initial": initial, "current": initial, "requested": "0.0"} | zero | other


def account(year: str, initial: str, **other: str) -> dict[str, str]:
    zero = {
        key: "0"
        for key in KINDS["2-1"]
        if key.startswith(("account_supp", "account_res", "account_carr", "account_exec"))
    }
    named = {"account_class": "一般会計", "account": "一般会計", "account_initial": initial, "account_current": initial}
    return {"fiscal_year": year, "account_requested": "0", "account_addition": "0"} | zero | named | other


def test_totals_and_accounts_share_a_file_and_never_add_up_twice(read: Callable) -> None:
    energy = {"account_class": "特別会計", "account": "エネルギー対策", "sub_account": "電源開発促進勘定"}
    older = {"account_class": "特別会計", "account": "一般会計、エネルギー対策特別会計電源開発促進勘定"}
    one = read(("2-1", total("2023", "90"), account("2023", "30"), account("2023", "20"), account("2023", "15", **energy),
                account("2023", "25", **older)))  # fmt: skip
    assert rows(one.budgets, "fiscal_year", "account", "initial_jpy", "source_ref") == [
        (2023, None, 90, "2-1 row 2"),
        (2023, "一般会計", 50, "2-1 row 3; 2-1 row 4"),
        (2023, "エネルギー対策特別会計 電源開発促進勘定", 15, "2-1 row 5"),
        (2023, "一般会計、エネルギー対策特別会計 電源開発促進勘定", 25, "2-1 row 6"),
    ]
    assert one.sheets.loc[0, "accounts"].split("、")[0] == "一般会計"


def test_zeros_of_a_year_that_is_not_closed_mean_not_yet(read: Callable) -> None:
    one = read(("2-1", total("2022", "50", executed="0", carried_out="0"), total("2023", "60", executed="40", carried_out="5"),
                total("2024", "70", carried_in="5", current="75", requested="80.0")))  # fmt: skip
    columns = ("fiscal_year", "stage", "current_jpy", "carried_out_jpy", "total_jpy", "executed_jpy", "requested_jpy")
    assert rows(one.budgets, *columns) == [
        (2022, "closed", 50, 0, 50, 0, None),  # a closed year's zeros are figures
        (2023, "closed", 60, 5, 55, 40, None),
        (2024, "running", 75, None, None, None, None),
        (2025, "requested", None, None, None, None, 80),
    ]


def test_a_carry_out_is_unknown_where_the_next_year_is_missing(read: Callable) -> None:
    one = read(("2-1", total("2021", "50", carried_out="0"), total("2024", "60")))
    assert one.budgets.loc[0, "carried_out_jpy"] is pd.NA


def test_parts_of_an_account_are_added_and_the_extra_request_kept(read: Callable) -> None:
    parts = {"account_supplementary_1": "-3", "account_supplementary_2": "5", "account_reserve_3": "7"}
    one = read(("2-1", account("2024", "100", account_requested="40", account_addition="9", **parts)))
    columns = (
        "fiscal_year",
        "supplementary_jpy",
        "reserve_jpy",
        "next_requested_jpy",
        "next_addition_jpy",
        "requested_jpy",
    )
    assert rows(one.budgets, *columns) == [(2024, 2, 7, 40, 9, None), (2025, None, None, None, None, 40)]


def test_rows_that_would_double_a_year_are_set_aside(read: Callable) -> None:
    nameless = {"account_class": "", "account": ""}
    one = read(
        (
            "2-1",
            total("2023", "90"),
            total("2023", "91"),
            account("2023", "5", **nameless),
            account("2023", "0", **nameless),
        )
    )
    assert rows(one.budgets, "account", "initial_jpy") == [(None, 90)]
    assert rows(one.residue, "reason", "source_ref") == [
        ("a second total of the same year", "2-1 row 3"),
        ("amounts of an account without a name", "2-1 row 4"),
    ]
    assert "当初予算（合計）: 91" in one.residue.loc[0, "text"]


def test_years_carried_over_are_as_fine_as_they_were_printed(read: Callable) -> None:
    one = read(("2-1", total("2022", "50000000"), total("2023", "50000001"), total("2024", "50000000")))
    assert rows(one.budgets, "fiscal_year", "precision_jpy")[:3] == [(2022, 1_000_000), (2023, 1), (2024, 1)]


def test_budget_lines_stand_in_the_year_they_are_for(read: Callable) -> None:
    named = {"fiscal_year": "2024", "account_class": "一般会計", "account": "一般会計", "moku": "庁費"}
    one = read(("2-2", {**named, "kind": "当初予算", "amount": "10", "requested": "12"}, {**named, "kind": "第2次補正予算", "amount": "3"},
                {**named, "kind": "予備費等1", "amount": "-4"}, {**named, "moku": ""}))  # fmt: skip
    assert rows(one.budget_lines, "fiscal_year", "line", "kind", "kind_text", "account", "amount_jpy") == [
        (2024, 1, "initial", "当初予算", "一般会計", 10),
        (2024, 2, "supplementary", "第2次補正予算", "一般会計", 3),
        (2024, 3, "reserve", "予備費等1", "一般会計", -4),
        (2025, 1, "requested", "当初予算", "一般会計", 12),
    ]


# -- goals
def indicator(level: str, number: str, **other: str) -> list[dict[str, str]]:
    """The four rows of an indicator; values as {"target_2022": "50"}."""
    named = {"level": level, "number": number, "goal": "目標", "indicator": "件数", "unit": "件"}
    named |= {key: value for key, value in other.items() if "_2" not in key}
    printed = (("due", "1.目標年度"), ("target", "2.目標値"), ("actual", "3.実績値"), ("rate", "4.達成率"))
    years = {
        name: {key[-4:]: v for key, v in other.items() if key.startswith(name) and "_2" in key} for name, _ in printed
    }
    return [named | {"row_kind": row_kind} | years[name] for name, row_kind in printed]


def test_years_become_rows_and_an_achievement_a_ratio(read: Callable) -> None:
    values = {
        "target_2022": "50",
        "actual_2022": "61",
        "rate_2022": "122",
        "target_2023": "60",
        "actual_2023": "集計中",
        "due_2023": "1",
    }
    one = read(
        (
            "3-1",
            *indicator(
                "アウトカム", "1", horizon="2.中期", goal_kind="定量的", direction="上向き", **values, due_2030="1"
            ),
        )
    )
    assert rows(one.indicators, "indicator_id", "level", "horizon", "direction", "is_qualitative") == [
        ("outcome-1", "outcome", "mid", "up", False)
    ]
    assert rows(one.measurements, "fiscal_year", "measure", "value", "value_text", "is_final_year") == [
        (2022, "target", 50.0, "50", False),
        (2023, "target", 60.0, "60", True),
        (2022, "actual", 61.0, "61", False),
        (2023, "actual", None, "集計中", True),
        (2022, "achievement", 1.22, "122", False),
        (2030, "target", None, None, True),  # a target year without a target
    ]


def test_a_number_names_no_indicator_by_itself(read: Callable) -> None:
    one = read(
        ("3-1", {"level": "アクティビティ", "number": "1", "goal": "活動"}, *indicator("アウトプット", "1", actual_2022="3"),
         *indicator("アウトカム", "1", horizon="短期", goal="早い目標"), *indicator("アウトカム", "1", horizon="長期", goal="遠い目標", actual_2022="5"),
         {}),
        ("3-2", EDGE | {"from_goal": "活動", "explanation": "ゆえに"}, EDGE | {"from_goal": "活動", "explanation": "さらに"},
         EDGE | {"from_level": "アウトカム", "from_horizon": "短期", "from_goal": "早い目標", "to_level": "アウトカム", "to_horizon": "長期",
                 "to_goal": "遠い目標"}),
    )  # fmt: skip
    assert rows(one.indicators, "indicator_id", "activity_no", "horizon") == [
        ("activity-1", 1, None), ("output-1", None, None), ("outcome-1", None, "short"), ("outcome-1#2", None, "long"),
    ]  # fmt: skip
    assert rows(one.measurements, "indicator_id", "value") == [("output-1", 3.0), ("outcome-1#2", 5.0)]
    assert rows(one.logic_links, "from_indicator_id", "to_indicator_id", "explanation") == [
        ("activity-1", "output-1", "ゆえに\nさらに"),
        ("outcome-1", "outcome-1#2", None),
    ]


def test_a_goal_that_only_the_links_name_is_an_indicator_too(read: Callable) -> None:
    one = read(("3-2", EDGE, {}))
    assert rows(one.indicators, "indicator_id", "goal", "indicator", "source_ref") == [
        ("activity-1", "活動", None, "3-2 row 2"),
        ("output-1", "目標", None, "3-2 row 2"),
    ]


def test_decisions_with_kpis_are_repeated_on_every_row_of_3_1(read: Callable) -> None:
    decision = {"kpi": "見本の閣議決定", "kpi_place": "第２章", "kpi_url": "https://a.example"}
    one = read(("3-1", *[decision | row for row in indicator("アウトプット", "1")]))
    assert rows(one.policies, "kind", "name", "detail", "url") == [
        ("kpi", "見本の閣議決定", "第２章", "https://a.example")
    ]


# -- review
def test_what_the_rows_of_4_1_repeat_is_read_once(read: Callable) -> None:
    same = {"inspection": "順調である。", "team_verdict": "現状通り", "experts_year": "2021", "general_amount": "-500"}
    one = read(("4-1", same | {"other_item": "決算検査", "other_year": "2021", "other_text": "甲", "other_response": "乙"},
                same | {"other_item": "決算検査", "other_year": "2022", "other_text": "丙"}, {"project_id": "8"}))  # fmt: skip
    assert rows(one.evaluations, "section", "line", "item", "year", "verdict", "text", "amount_jpy") == [
        ("inspection", 1, None, None, None, "順調である。", None),
        ("external_experts", 1, None, 2021, None, None, None),
        ("team", 1, None, None, "現状通り", None, None),
        ("reflection", 1, "一般会計", None, None, None, -500),
        ("other_remarks", 1, "決算検査", 2021, None, "甲", None),
        ("other_remarks", 2, "決算検査", 2022, None, "丙", None),
        ("other_remarks_response", 1, "決算検査", 2021, None, "乙", None),
    ]


# -- spending
def test_the_five_kinds_of_rows_of_5_1(read: Callable) -> None:
    header = {"block": "A", "block_name": "甲ほか", "recipient_count": "3", "role": "実施", "block_amount": "90"}
    first, other = (
        {"block": "A", "recipient": "株式会社甲", "corporate_number": "7000012050002"},
        {"block": "A", "recipient": "その他"},
    )
    one = read(("5-1", header, first | {"recipient_amount": "70"}, first | {"work": "調査", "amount": "40", "award_rate": "99.5", "bidders": "2"},
                first | {"work": "分析", "amount": "30", "award_rate": "0", "is_other_contract": "FALSE"},
                other | {"recipient_amount": "20", "is_other": "TRUE"}, other | {"work": "事務", "amount": "20", "is_other_contract": "TRUE"},
                {"block": "A", "recipient": "株式会社乙", "is_other_contract": "FALSE"},
                {"block": "A", "recipient": "株式会社乙", "is_other_contract": "FALSE"},
                {"block": "A", "recipient": "個人Ｂ", "work": "講演", "amount": "1"}, {"block": "B"}, {}))  # fmt: skip
    assert rows(one.blocks, "block", "name", "recipient_count", "amount_jpy") == [
        ("A", "甲ほか", 3, 90),
        ("B", None, None, None),
    ]
    columns = ("rank", "name", "number_status", "name_kind", "amount_jpy", "is_other", "fiscal_year", "certainty")
    assert rows(one.recipients, *columns) == [
        (1, "株式会社甲", "valid", "organization", 70, None, 2023, "stated"),
        (2, "その他", "missing", "others", 20, True, 2023, "stated"),
        (3, "株式会社乙", "missing", "organization", None, None, 2023, "stated"),
        (4, "個人Ｂ", "missing", "person", 1, None, 2023, "solved"),  # no total: the sum of its contracts
    ]
    assert rows(one.contracts, "rank", "line", "work", "amount_jpy", "bidders", "award_rate", "is_other") == [
        (1, 1, "調査", 40, 2, 0.995, None),
        (1, 2, "分析", 30, None, None, False),  # a rate of 0 is none
        (2, 1, "事務", 20, None, None, True),
        (4, 1, "講演", 1, None, None, None),
    ]


def test_the_same_name_twice_in_a_block_stays_two_recipients(read: Callable) -> None:
    one = {"block": "A", "recipient": "個人"}
    got = read(
        (
            "5-1",
            *[
                one | cells
                for cells in ({"recipient_amount": "5"}, {"amount": "5"}, {"recipient_amount": "6"}, {"amount": "6"})
            ],
        )
    )
    assert rows(got.recipients, "rank", "amount_jpy") == [(1, 5), (2, 6)]
    assert rows(got.contracts, "rank", "line", "amount_jpy") == [(1, 1, 5), (2, 1, 6)]


def edge(source: str, target: str, **other: str) -> dict[str, str]:
    return {
        "from_block": source,
        "to_block": target,
        "is_direct": "FALSE" if source else "TRUE",
        "to_name": f"{target}社",
    } | other


def test_depth_is_the_shortest_way_from_the_ministry(read: Callable) -> None:
    one = read(("5-2", edge("", "A", from_name="文部科学省"), edge("A", "B"), edge("B", "C"), edge("A", "C", note="再委託"),
                edge("C", "A"), edge("A", "C", note="一部"), edge("D", "E"), edge("E", "D"), edge("B", "B"), edge("F", "F"),
                {"category": "間接経費", "item": "旅費", "amount": "-3"}, {}))  # fmt: skip
    assert rows(one.blocks, "block", "name", "is_root", "depth") == [
        ("A", "A社", True, 1), ("B", "B社", False, 2), ("C", "C社", False, 2), ("E", "E社", False, None), ("D", "D社", False, None),
        ("F", "F社", None, None),
    ]  # fmt: skip
    assert ("A", "C", "再委託\n一部") in rows(one.flows, "from_block", "to_block", "note")
    assert rows(one.flows, "from_block", "to_block", "from_name")[0] == (None, "A", "文部科学省")
    assert len(one.flows) == 9
    assert ("B", "B") in rows(one.flows, "from_block", "to_block")
    assert rows(one.ministry_costs, "line", "category", "item", "amount_jpy") == [(1, "間接経費", "旅費", -3)]


def test_cost_items_name_the_recipient_they_belong_to(read: Callable) -> None:
    item = {"block": "A", "recipient": "株式会社甲", "work": "調査", "item": "旅費", "use": "出張", "amount": "5"}
    one = read(("5-1", {"block": "A", "block_amount": "9"}), ("5-3", item, item, {}))
    assert rows(one.cost_items, "block", "line", "recipient", "item", "amount_jpy") == [
        ("A", n, "株式会社甲", "旅費", 5) for n in (1, 2)
    ]
    assert one.blocks.loc[0, "cost_recipient"] == "株式会社甲"


def test_contracts_over_several_years(read: Callable) -> None:
    one = read(("5-4", {"block": "A", "contractor": "株式会社甲", "work": "造船", "amount": "7", "award_rate": "98.2", "is_other": "t",
                        "is_other_multi_year": "f"}, {}))  # fmt: skip
    columns = ("line", "block", "contractor", "amount_jpy", "award_rate", "is_other", "is_other_multi_year")
    assert rows(one.multi_year_contracts, *columns) == [(1, "A", "株式会社甲", 7, 0.982, True, False)]
