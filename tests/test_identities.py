"""The sheets' own arithmetic on whole years, against counts of the raw files made by hand; spending counted once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import toolkit
from toolkit import Dataset, metrics
from toolkit.checks import examine, tally

TRILLION = 1_000_000_000_000


@pytest.fixture(scope="module")
def rs_2024(shared_data: Path) -> Dataset:
    return toolkit.read(shared_data / "rs_system" / "2024")


def _judgit(shared_data: Path, year: int) -> Dataset:
    return toolkit.read(shared_data / "judgit" / f"judgit-{year}.ndjson.gz")


def _counted(dataset: Dataset) -> pd.DataFrame:
    return tally(examine(dataset)[1]).set_index("rule")


# -- the RS System
def test_identities_of_the_rs_system(rs_2024: Dataset) -> None:
    found = _counted(rs_2024)
    exact = {  # how often, where not both are 0
        "current_total": 33_706,  # 歳出予算現額 of 16,761 projects and 16,945 accounts by year is the sum of its parts
        "account_total": 57_735,  # accounts add up to the project
        "printed_rate": 11_651,  # 執行額 / 現額, to five decimals
        "carry_over": 3_108,  # out of one year, into the next
        "budget_lines_total": 29_413,  # 2-2 adds up to 2-1, account by account
        "contracts_total": 73_576,  # contracts of 5-1 add up to their recipient
    }
    assert found.loc[list(exact), ["error", "warning", "info"]].to_numpy().sum() == 0
    assert found.loc[list(exact), "checked"].to_dict() == exact
    # executed over the budget: 368 rows by more than 0.5 %, 6 of them more than tenfold; six are rounding to a million yen
    assert found.loc["executed_over_budget", ["error", "warning"]].tolist() == [6, 356]
    # 4,450 projects spent and executed anything, 4,155 agree within 1 %; 49 have a block without an amount or a place
    assert found.loc["blocks_executed", ["checked", "warning"]].tolist() == [4401, 289]
    assert found.loc["blocks_executed", "holds"] == pytest.approx(0.934, abs=0.001)
    assert found.loc["children_over_parent", "warning"] == 49
    assert found.loc["cost_recipient", "holds"] == pytest.approx(0.968, abs=0.001)
    # 28 numbers with a wrong check digit; 9999999999999 passes it and is a filler all the same
    assert found.loc["corporate_number", ["error", "warning"]].tolist() == [28, 1]


def test_spending_of_the_rs_system_is_counted_once(rs_2024: Dataset) -> None:
    """129.7 trillion yen left the ministries in FY2023; blocks that pass money on make it 155.0."""
    shown = metrics.spending(rs_2024)
    assert round(shown["blocks_jpy"].sum() / TRILLION, 1) == 129.7
    assert round(rs_2024.blocks["amount_jpy"].sum() / TRILLION, 1) == 155.0
    assert shown["ministry_costs_jpy"].sum() == 57_161_676_374
    settled = shown[shown["spending_jpy"].notna()]
    assert (settled["spending_jpy"] == settled["blocks_jpy"].fillna(0) + settled["ministry_costs_jpy"]).all()
    assert round(shown["spending_jpy"].sum() / TRILLION, 1) == 129.8
    assert shown["basis"].value_counts().to_dict() == {"root_blocks": 5452, "agreeing_blocks": 4, "all_blocks": 2}


# -- JUDGIT!: counts of the raw records. Totals that are not 0; carry-out and carry-in both printed, and those more than 1.5 million yen apart;
# executed more than ten times the total; recipients suspected to be in another unit
@pytest.mark.parametrize(
    ("year", "totals", "carried", "differ", "tenfold", "slips"),
    [(2022, 17145, 3207, 31, 0, 3), (2023, 16521, 3312, 54, 24, 28)],
)
def test_identities_of_judgit(
    shared_data: Path, year: int, totals: int, carried: int, differ: int, tenfold: int, slips: int
) -> None:
    dataset = _judgit(shared_data, year)
    found = _counted(dataset)
    assert found.loc["budget_total", ["checked", "error", "info"]].tolist() == [totals, 0, 0]
    assert found.loc["carry_over", ["checked", "warning"]].tolist() == [carried, differ]
    assert found.loc["executed_over_budget", "error"] == tenfold
    assert found.loc["unit_slip", "error"] == slips
    # recipients add up to what was executed in four sheets of ten: lists end at ten, money passed on counts twice
    assert found.loc["recipients_executed", "holds"] == pytest.approx(0.39, abs=0.02)
    assert "current_total" not in found.index  # derived there, so nothing to check
    assert "contracts_total" not in found.index
    shown = metrics.spending(dataset)
    assert shown.loc[shown["slips"] > 0, "spending_jpy"].isna().all()
    assert shown.loc[shown["basis"] == "all_blocks", "spending_jpy"].isna().all()
    assert shown["spending_jpy"].sum() / TRILLION < 90 < shown["listed_jpy"].sum() / TRILLION


def test_counts_by_form_and_year_add_up(root: Path) -> None:
    sample = root / "data" / "raw" / "sample"
    dataset = toolkit.read(sample / "judgit-2020-2023.ndjson") + toolkit.read(sample / "rs_2024")
    findings, counts = examine(dataset)
    whole = tally(counts, language="ja")
    by_year = tally(counts, ["form", "review_year"])
    assert set(by_year["form"]) == {"judgit", "rs"}
    assert set(by_year["review_year"]) == {2020, 2021, 2022, 2023, 2024}
    columns = ["checked", "error", "warning", "info"]
    assert by_year[columns].sum().tolist() == whole[columns].sum().tolist()
    assert whole[["error", "warning", "info"]].sum().sum() == len(findings)
    slip = whole.set_index("rule").loc["unit_slip"]
    assert slip["error"] == 3
    assert slip["holds"] == pytest.approx(1 - 3 / slip["checked"])
    assert slip["description"].startswith("支出先の額は")
