"""Rules: what a true sheet does not trigger, what each wrong figure does, and how findings look."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wpi_sheet import MILLION, SHEET, Tables, dataset, row, tables
from toolkit import TABLES, Dataset
from toolkit.checks import _CHECKS, RULES, check, summary
from toolkit.errors import UsageError

FLAGS = ("error", "warning")


def flags(findings: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Errors and warnings as (rule, severity, key)."""
    strong = findings[findings["severity"].isin(FLAGS)]
    return list(zip(strong["rule"], strong["severity"], strong["key"].fillna(""), strict=True))


def test_a_sheet_whose_figures_agree_has_neither_errors_nor_warnings() -> None:
    findings = check(dataset())
    assert flags(findings) == []
    assert findings["rule"].tolist() == ["unsettled"]
    assert findings["message"].tolist() == ["Measurements: 3 of 17 rows unsettled"]


def test_the_rounding_of_eight_recipients_explains_one_million_yen() -> None:
    """760+755+726+700+700+582+423+90 is 4,736; the block prints 4,735."""
    assert sum(one["amount_jpy"] for one in tables()["recipients"] if one["block"] == "A") == 4736 * MILLION
    assert "block_recipients" not in check(dataset())["rule"].tolist()


# each case: what is changed, and the one error or warning that follows, with its figures in yen or as a ratio
def _budget(year: int, **values: Any) -> Callable[[Tables], None]:
    return lambda t: row(t, "budgets", fiscal_year=year).update(values)


def _current(t: Tables) -> None:
    """歳出予算現額 is printed by the RS System only."""
    t["sheets"][0]["form"] = "rs-2024"
    row(t, "budgets", fiscal_year=2021)["current_jpy"] = 6265 * MILLION


def _block(block: str, **values: Any) -> Callable[[Tables], None]:
    return lambda t: row(t, "blocks", block=block).update(values)


def _recipient(block: str, rank: int, **values: Any) -> Callable[[Tables], None]:
    return lambda t: row(t, "recipients", block=block, rank=rank).update(values)


def _child(amount: int) -> Callable[[Tables], None]:
    def change(t: Tables) -> None:
        t["blocks"].append({"block": "C", "amount_jpy": amount, "is_root": False, "depth": 2, "precision_jpy": MILLION})
        t["flows"].append({"from_block": "B", "to_block": "C"})

    return change


def _account(t: Tables) -> None:
    base = {"fiscal_year": 2022, "stage": "closed", "precision_jpy": 1}
    t["budgets"] += [
        {**base, "account": name, "initial_jpy": amount * MILLION, "current_jpy": amount * MILLION}
        for name, amount in (("一般会計", 6000), ("特別会計", 270))
    ]


def _contracts(t: Tables) -> None:
    t["contracts"] = [
        {"block": "B", "rank": 1, "line": n, "amount_jpy": amount * MILLION} for n, amount in ((1, 500), (2, 90))
    ]


def _unread(t: Tables) -> None:
    t["sheets"][0]["chars_placed"] = 500


CASES: dict[str, tuple[Callable[[Tables], None], str, str, str, float | None, float | None]] = {
    "total": (_budget(2022, total_jpy=5345 * MILLION, printed_rate=None), "budget_total", "error", "fiscal_year=2022", 5345e6, 5335e6),
    "current": (_current, "current_total", "error", "fiscal_year=2021", 6265e6, 6255e6),
    "accounts": (_account, "account_total", "error", "fiscal_year=2022, column=initial_jpy", 6100e6, 6270e6),
    "carry-over": (_budget(2023, carried_in_jpy=1135 * MILLION, current_jpy=8223 * MILLION, total_jpy=8223 * MILLION), "carry_over", "warning", "fiscal_year=2022", 1035e6, 1135e6),
    "rate": (_budget(2020, printed_rate=0.95), "printed_rate", "warning", "fiscal_year=2020", 0.95, 5714 / 5716),
    "rate on A+B": (_budget(2022, printed_rate_initial=0.97), "printed_rate_initial", "warning", "fiscal_year=2022", 0.97, 5335 / 6100),
    "executed": (_budget(2020, executed_jpy=57_140 * MILLION * 2, printed_rate=None, printed_rate_initial=None), "executed_over_budget", "error", "fiscal_year=2020", 114_280e6, 5716e6),
    "lines": (_budget(2024, lines_total_jpy=7260 * MILLION), "budget_lines_total", "warning", "fiscal_year=2024, column=lines_total_jpy", 7260e6, 7160e6),
    "request": (_budget(2024, requested_jpy=7260 * MILLION), "budget_lines_total", "warning", "fiscal_year=2024, column=requested_jpy", 7260e6, 7160e6),
    "cost items": (lambda t: row(t, "cost_items", block="A", line=4).update(amount_jpy=25 * MILLION), "cost_items_total", "warning", "block=A", 760e6, 770e6),
    "recipient over block": (_block("A", amount_jpy=4700 * MILLION, recipient_count=20), "block_recipients", "info", "block=A", 4700e6, 4736e6),
    "recipients short of block": (_recipient("A", 8, amount_jpy=9 * MILLION), "block_recipients", "warning", "block=A", 4735e6, 4655e6),
    "blocks": (_budget(2022, total_jpy=5235 * MILLION, executed_jpy=5235 * MILLION, carried_out_jpy=1135 * MILLION), "blocks_executed", "warning", "", 5333e6, 5235e6),
    "flow head": (lambda t: t["sheets"][0].update(flow_amount_jpy=5985 * MILLION), "flow_head", "warning", "", 5985e6, 5335e6),
    "children": (_child(700 * MILLION), "children_over_parent", "warning", "block=B", 700e6, 597e6),
    "contracts": (_contracts, "contracts_total", "warning", "block=B, rank=1", 597e6, 590e6),
    "achievement": (lambda t: row(t, "measurements", indicator_id="1-long-1", fiscal_year=2021, measure="achievement").update(value=0.9), "achievement", "warning", "indicator_id=1-long-1, fiscal_year=2021, is_final_year=False", 0.9, 1.0),
    "check digit": (_recipient("A", 2, corporate_number="6010005007398", number_status="invalid"), "corporate_number", "error", "block=A, rank=2", None, None),
    "filler": (_recipient("A", 3, corporate_number="9999999999999", number_status="dummy"), "corporate_number", "warning", "block=A, rank=3", None, None),
    "missing number": (_recipient("A", 3, corporate_number=None, number_status="missing"), "corporate_number_missing", "info", "", 1.0, None),
    "no ministry": (lambda t: t["sheets"][0].update(ministry=None), "missing_part", "warning", "part=ministry", None, None),
    "coverage": (_unread, "coverage", "warning", "", 0.9, 0.95),
    "residue": (lambda t: t.update(residue=[{"line": 1, "page": 2, "text": "読み残し", "reason": "not placed"}]), "residue", "info", "", 1.0, None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_figure_is_found_where_it_stands(case: str) -> None:
    change, rule, severity, key, found, expected = CASES[case]
    changed = tables()
    change(changed)
    findings = check(dataset(changed))
    (hit,) = findings[(findings["rule"] == rule) & (findings["key"].fillna("") == key)].to_dict("records")
    assert hit["severity"] == severity
    for name, value in (("found", found), ("expected", expected)):
        assert pd.isna(hit[name]) if value is None else hit[name] == pytest.approx(value)


def test_every_rule_has_a_case_a_function_and_words_in_both_languages() -> None:
    told_elsewhere = {
        "recipients_executed",
        "cost_recipient",
        "unit_slip",
        "target_never_moves",
        "unsettled",
        "reader_fault",
        "unknown_label",
        "editions_disagree",
        "editions_differ_in_name",
        "editions_differ_in_rows",
    }
    assert {case[1] for case in CASES.values()} | told_elsewhere == set(RULES) == set(_CHECKS)
    for rule in RULES.values():
        assert all((rule.ja, rule.en, rule.message_ja, rule.message_en))
        assert rule.ja.isascii() is False
        assert set(rule.severities) <= {"error", "warning", "info"}
        assert rule.table in {"", *TABLES}


def test_an_amount_in_yen_taken_for_millions_is_stated_in_its_own_unit() -> None:
    """118,800,000 in a column of million yen, in a project that spent 469 million (a real sheet of 2021)."""
    findings = check(
        Dataset(
            {
                "sheets": [{"sheet_id": "2021-総務-20-0068", "review_year": 2021, "certainty": "stated"}],
                "budgets": [{"sheet_id": "2021-総務-20-0068", "fiscal_year": 2020, "executed_jpy": 469 * MILLION, "certainty": "stated"}],
                "recipients": [{"sheet_id": "2021-総務-20-0068", "block": "A", "rank": 3, "name": "日本電気株式会社", "amount_jpy": 118_800_000 * MILLION, "certainty": "stated"}],
            }
        )
    )  # fmt: skip
    (hit,) = findings[findings["rule"] == "unit_slip"].to_dict("records")
    assert hit["severity"] == "error"
    assert hit["message"] == (
        "block A, rank 3: 118,800,000 million yen is 253,305 times the project's 469 million yen; "
        "printed in yen it would be 118.8 million yen, in thousand yen 118,800 million yen"
    )


def test_a_target_that_stays_while_the_actuals_pass_it_is_mentioned_once_it_is_sure() -> None:
    changed = tables()
    for one in changed["measurements"]:
        one["certainty"] = "stated"
    findings = check(dataset(changed))
    (hit,) = findings[findings["rule"] == "target_never_moves"].to_dict("records")
    assert hit["key"] == "indicator_id=2-output-1"
    assert hit["message"] == "2-output-1: the target stayed at 30 for 5 years, the latest actual is 41"


@pytest.mark.parametrize(
    ("direction", "printed", "wrong"),
    [("up", 0.8, False), ("up", 1.25, True), ("down", 1.25, False), ("down", 0.8, True), (None, 0.8, False), (None, 1.25, False), (None, 1.1, True)],
)  # fmt: skip
def test_achievement_knows_whether_less_is_better(direction: str | None, printed: float, wrong: bool) -> None:
    changed = tables()
    row(changed, "indicators", indicator_id="1-long-1")["direction"] = direction
    values = {"actual": 8, "target": 10, "achievement": printed}
    for measure, value in values.items():
        row(changed, "measurements", indicator_id="1-long-1", fiscal_year=2022, measure=measure)["value"] = value
    findings = check(dataset(changed))
    keys = findings.loc[findings["rule"] == "achievement", "key"].tolist()
    assert ("indicator_id=1-long-1, fiscal_year=2022, is_final_year=False" in keys) is wrong


@pytest.mark.parametrize(
    ("printed", "wrong"), [(0.97, False), (0.973, False), (0.9733, False), (0.98, True), (0.98001, True)]
)
def test_a_rate_may_be_as_coarse_as_it_is_printed(printed: float, wrong: bool) -> None:
    """5,714 of 5,871 is 97.33 %."""
    changed = tables()
    row(changed, "budgets", fiscal_year=2020)["printed_rate_initial"] = printed
    assert ("printed_rate_initial" in check(dataset(changed))["rule"].tolist()) is wrong


def test_the_rates_of_the_rs_system_rest_on_the_current_budget() -> None:
    base = {"sheet_id": "RS2024-1", "certainty": "stated"}
    budget = {
        "fiscal_year": 2023,
        "initial_jpy": 1000,
        "current_jpy": 1000,
        "carried_out_jpy": 200,
        "total_jpy": 800,
        "executed_jpy": 800,
    }
    for printed, expected in ((0.8, []), (1.0, [("printed_rate", "warning", "fiscal_year=2023")])):
        rows = {
            "sheets": [{**base, "review_year": 2024, "form": "rs-2024", "name": "x", "ministry": "y"}],
            "budgets": [{**base, **budget, "precision_jpy": 1, "printed_rate": printed}],
        }
        assert flags(check(Dataset(rows))) == expected


def test_yen_are_exact_where_yen_are_printed() -> None:
    base = {"sheet_id": "RS2024-1", "certainty": "stated"}
    budget = {"fiscal_year": 2022, "initial_jpy": 5_000_000_000, "current_jpy": 5_000_000_001}
    sheets = [{**base, "review_year": 2024, "form": "rs-2024", "name": "x", "ministry": "y"}]
    for precision, expected in ((1, [("current_total", "error", "fiscal_year=2022")]), (MILLION, [])):
        assert (
            flags(check(Dataset({"sheets": sheets, "budgets": [{**base, **budget, "precision_jpy": precision}]})))
            == expected
        )


def test_a_carry_out_that_is_not_printed_is_no_error() -> None:
    changed = tables()
    row(changed, "budgets", fiscal_year=2022)["carried_out_jpy"] = None
    findings = check(dataset(changed))
    assert flags(findings) == []
    assert findings.loc[findings["rule"] == "budget_total", "severity"].tolist() == ["info"]


def test_cost_items_may_be_those_of_the_largest_recipient_of_the_named_one_or_of_one_contract() -> None:
    changed = tables()
    row(changed, "blocks", block="A").update(cost_total_jpy=755 * MILLION, cost_recipient=None)
    changed["cost_items"] = [one for one in changed["cost_items"] if one["block"] == "B"]
    row(changed, "recipients", block="A", rank=1)["amount_jpy"] = 800 * MILLION
    assert "cost_recipient" in check(dataset(changed))["rule"].tolist()
    row(changed, "blocks", block="A")["cost_recipient"] = "東京大学"
    assert "cost_recipient" not in check(dataset(changed))["rule"].tolist()
    row(changed, "blocks", block="A")["cost_recipient"] = "ほかの大学"
    changed["contracts"] = [
        {"block": "A", "rank": 1, "line": n, "amount_jpy": a * MILLION} for n, a in ((1, 755), (2, 45))
    ]
    assert "cost_recipient" not in check(dataset(changed))["rule"].tolist()


def test_blocks_are_not_compared_with_the_budget_where_the_flow_is_unknown() -> None:
    changed = tables()
    changed["flows"], changed["ministry_costs"] = [], []
    for block in changed["blocks"]:
        block.update(is_root=None, depth=None, amount_jpy=4735 * MILLION)
    assert "blocks_executed" not in check(dataset(changed))["rule"].tolist()


AMOUNTS = [
    (name, column.name)
    for name in ("budgets", "blocks", "recipients", "cost_items", "budget_lines", "ministry_costs", "sheets")
    for column in TABLES[name].columns
    if column.unit == "yen" and column.name != "precision_jpy"
]
#: the parts of a sum that the form leaves blank where there is nothing: a blank counts as nothing there
PARTS = {"supplementary_jpy", "carried_in_jpy", "reserve_jpy"}


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_a_missing_amount_is_never_an_error_or_a_warning(data: st.DataObject) -> None:
    slots = [(table, n, name) for table, name in AMOUNTS for n in range(len(tables()[table])) if name not in PARTS]
    variants = []
    for number, blanks in enumerate(
        data.draw(st.lists(st.lists(st.sampled_from(slots), max_size=6), min_size=10, max_size=10))
    ):
        changed = tables()
        for table, n, name in blanks:
            changed[table][n][name] = None
        variants.append(dataset(changed, f"{SHEET}-{number}"))
    assert [one for one in flags(check(Dataset.concat(variants))) if one[0] != "missing_part"] == []


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9_999_999_999), min_size=5, max_size=5), min_size=20, max_size=20),
    st.sampled_from([MILLION, 100_000]),
    st.sampled_from([0, -7 * MILLION]),
)
def test_rounding_alone_never_breaks_a_total(sheets: list[list[int]], step: int, shift: int) -> None:
    """True amounts rounded one by one, their total rounded by itself: as every ministry prints them."""
    names = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy", "carried_out_jpy")
    rows: dict[str, list[dict[str, Any]]] = {"sheets": [], "budgets": []}
    for number, amounts in enumerate(sheets):
        total = round((sum(amounts[:4]) - amounts[4]) / step) * step
        printed = [round(amount / step) * step for amount in amounts]
        base = {"sheet_id": f"2023-x-{number}", "certainty": "stated"}
        rows["sheets"].append({**base, "review_year": 2023, "name": "x", "ministry": "y"})
        rows["budgets"].append(
            {
                **base,
                **dict(zip(names, printed, strict=True)),
                "fiscal_year": 2019,
                "precision_jpy": step,
                "total_jpy": total + shift,
            }
        )
    found = flags(check(Dataset(rows)))
    assert found == ([("budget_total", "error", "fiscal_year=2019")] * len(sheets) if shift else [])


def test_findings_keep_the_contract_and_do_not_depend_on_the_order_of_rows() -> None:
    changed = tables()
    for name in ("total", "cost items", "check digit", "flow head", "coverage"):
        CASES[name][0](changed)
    findings = check(dataset(changed))
    assert findings.equals(TABLES["findings"].validate(findings))
    backwards = check(dataset({name: rows[::-1] for name, rows in changed.items()}))
    assert findings.equals(backwards)
    severities = findings["severity"].tolist()
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert dataset(changed).with_findings(findings).findings.equals(findings)


def test_messages_come_in_japanese_and_english_and_in_nothing_else() -> None:
    changed = tables()
    CASES["total"][0](changed)
    english, japanese = (check(dataset(changed), language=language)["message"].iloc[0] for language in ("en", "ja"))
    assert english == "FY2022: total (F) is 5,345 million yen, its parts (A+B+C+E-D) add up to 5,335 million yen"
    assert japanese == "2022年度：計(F)は53.45億円、内訳(A+B+C+E-D)の合計は53.35億円"
    with pytest.raises(UsageError, match="language 'fr' is not known"):
        check(dataset(), language="fr")


def test_the_summary_counts_findings_and_sheets_by_severity() -> None:
    changed = tables()
    for name in ("check digit", "flow head"):
        CASES[name][0](changed)
    counted = summary(check(dataset(changed)))
    assert counted[["severity", "rule", "findings", "sheets"]].to_numpy().tolist() == [
        ["error", "corporate_number", 1, 1],
        ["warning", "flow_head", 1, 1],
        ["info", "unsettled", 1, 1],
    ]
    assert summary(check(Dataset({}))).empty


def test_thousands_of_sheets_are_checked_at_once() -> None:
    changed = tables()
    for name in ("total", "check digit", "flow head"):
        CASES[name][0](changed)
    one = dataset(changed)
    copies = 2000
    many = Dataset(
        {
            name: pd.concat([frame] * copies, ignore_index=True).assign(
                sheet_id=[f"{SHEET}-{n}" for n in range(copies) for _ in range(len(frame))]
            )
            for name, frame in one.items()
            if len(frame)
        }
    )
    start = time.perf_counter()
    findings = check(many)
    assert time.perf_counter() - start < 15  # about half a second on a quiet machine
    assert len(findings) == copies * len(check(one))
    assert findings["sheet_id"].nunique() == copies


def test_a_section_lost_to_a_fault_of_the_reader_is_an_error() -> None:
    sheet_id = "2023-文科-22-0001"
    dataset = Dataset(
        {
            "sheets": [{"sheet_id": sheet_id, "review_year": 2023, "certainty": "stated"}],
            "residue": [
                {
                    "sheet_id": sheet_id,
                    "line": 1,
                    "text": "flow",
                    "reason": "fault in the reader of flow (ValueError: x)",
                    "certainty": "unsettled",
                },
                {"sheet_id": sheet_id, "line": 2, "text": "余白", "reason": "not placed", "certainty": "stated"},
            ],
        }
    )
    found = check(dataset).query("rule == 'reader_fault'")
    assert found["severity"].tolist() == ["error"]
    assert "section flow could not be read" in found["message"].iloc[0]
    told = check(dataset, "ja").query("rule == 'reader_fault'")["message"].tolist()
    assert told == ["「資金の流れ」欄は読み取りの不具合で読めなかった（記録：ValueError: x）"]
