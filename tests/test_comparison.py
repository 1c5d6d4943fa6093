"""One project beside others: every expected figure follows by hand from the few projects made here."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from toolkit import Dataset, comparison, kept

MILLION = 1_000_000
#: project: current budget and executed amount of FY2022 in million yen, means
PROJECTS = {"P1": (100, 90, "補助、委託・請負"), "P2": (250, 250, "委託・請負、補助"), "P3": (301, 30, "委託・請負、補助"), "P4": (40, None, "補助、委託・請負"),
            "P5": (120, 60, "直接実施"), "P6": (0, 0, "直接実施")}  # fmt: skip


@pytest.fixture(scope="module")
def ministry() -> Dataset:
    """Six projects of one ministry and review year; P1 and P2 pay recipient 5010005007398, P1 also block B behind block A."""
    one = {"certainty": "stated"}
    number = {"corporate_number": "5010005007398", "number_status": "valid", "name": "東京大学"}
    other = {"corporate_number": "1010001112577", "number_status": "valid", "name": "日本電気株式会社"}
    return Dataset({
        "sheets": [{**one, "sheet_id": name, "review_year": 2023, "ministry": "環境省", "name": f"事業{name}", "methods": methods} for name, (_, _, methods) in PROJECTS.items()],
        "budgets": [{**one, "sheet_id": name, "fiscal_year": 2022, "current_jpy": current * MILLION, "stage": "closed",
                     "executed_jpy": None if executed is None else executed * MILLION} for name, (current, executed, _) in PROJECTS.items()],
        "blocks": [{**one, "sheet_id": "P1", "block": "A", "amount_jpy": 80 * MILLION, "is_root": True, "depth": 1},
                   {**one, "sheet_id": "P1", "block": "B", "amount_jpy": 50 * MILLION, "is_root": False, "depth": 2},
                   {**one, "sheet_id": "P2", "block": "A", "amount_jpy": 200 * MILLION, "is_root": True, "depth": 1}],
        "recipients": [{**one, **number, "sheet_id": "P1", "block": "A", "rank": 1, "amount_jpy": 60 * MILLION},
                       {**one, **other, "sheet_id": "P1", "block": "A", "rank": 2, "amount_jpy": 20 * MILLION},
                       {**one, **other, "sheet_id": "P1", "block": "B", "rank": 1, "amount_jpy": 50 * MILLION},
                       {**one, **number, "sheet_id": "P2", "block": "A", "rank": 1, "amount_jpy": 150 * MILLION},
                       {**one, **number, "sheet_id": "P3", "block": "A", "rank": 1, "amount_jpy": 5 * MILLION},
                       {**one, "sheet_id": "P3", "block": "A", "rank": 2, "name": "東京大学", "amount_jpy": 7 * MILLION, "number_status": "missing"}],
        "indicators": [{**one, "sheet_id": "P1", "indicator_id": f"i{n}", "level": "outcome"} for n in (1, 2)],
        "measurements": [{**one, "sheet_id": "P1", "indicator_id": i, "fiscal_year": year, "measure": measure, "value": value} for i, year, measure, value in (
                             ("i1", 2021, "actual", 9.0), ("i1", 2021, "target", 10.0), ("i1", 2022, "actual", 11.0), ("i1", 2022, "target", 10.0),
                             ("i2", 2022, "actual", 3.0), ("i2", 2022, "target", 4.0), ("i2", 2023, "actual", 9.0), ("i2", 2023, "target", 4.0))],
        "evaluations": [{**one, "sheet_id": "P1", "section": "team", "line": 1, "verdict": "廃止"}],
    })  # fmt: skip


@pytest.fixture(scope="module")
def lines(ministry: Dataset) -> pd.DataFrame:
    return comparison.measured(ministry)


def test_one_line_per_sheet_with_its_measures(lines: pd.DataFrame) -> None:
    assert lines["sheet_id"].tolist() == list(PROJECTS)
    first = lines.iloc[0]
    assert first["fiscal_year"] == 2022
    assert first["execution_rate"] == pytest.approx(0.9)
    assert first["top1"] == pytest.approx(0.75)  # 60 of the 80 that the ministry itself pays; block B is paid by A
    # i1 met in 2022; i2 did not, and what stands for 2023 on a sheet of 2023 is a forecast
    assert (first["met"], first["rated"]) == (1, 2)
    assert first["team"] == "廃止"
    assert lines["methods"].nunique() == 2  # the order in which means are named does not matter
    assert lines.set_index("sheet_id")["execution_rate"].isna().tolist() == [False, False, False, True, False, True]


def test_places_count_who_is_above_and_below(lines: pd.DataFrame) -> None:
    found = comparison.places(lines, "P5")  # rates known: 0.9, 1.0, 0.1, 0.5
    rate = found.loc["execution_rate"]
    assert (rate["of"], rate["above"], rate["below"]) == (4, 2, 1)
    assert rate["median"] == pytest.approx(0.7)  # between 0.5 and 0.9
    assert (found.loc["current_jpy", "above"], found.loc["current_jpy", "below"]) == (2, 3)
    assert "met_share" not in found.index  # it has no indicators


def test_peers_are_near_in_size_and_of_the_same_means_where_there_are_three(lines: pd.DataFrame) -> None:
    found = comparison.peers(
        lines, "P1"
    )  # 40, 250 (times 0.4 and 2.5) of the same means, 120 of other means; 301 is too large
    assert found["sheet_id"].tolist() == ["P5", "P4", "P2"]
    assert found["is_same_method"].tolist() == [False, True, True]
    wide = pd.concat([lines, lines[lines["sheet_id"] == "P2"].assign(sheet_id="P7", current_jpy=90 * MILLION)])
    assert comparison.peers(wide, "P1")["sheet_id"].tolist() == ["P7", "P4", "P2"]
    assert comparison.peers(lines, "P6").empty  # no budget, nothing near it


def test_other_income_is_matched_by_corporate_number_over_other_sheets(ministry: Dataset) -> None:
    listed = comparison.incomes(ministry)
    found = comparison.other_income(listed, "P1")
    assert found["corporate_number"].tolist() == ["5010005007398"]
    row = found.iloc[0]
    assert row["amount_jpy"] == 60 * MILLION
    assert (row["others"], row["others_jpy"]) == (2, 155 * MILLION)  # 150 + 5; the 7 without a number may be another
    assert (row["largest"], row["largest_jpy"]) == ("事業P2", 150 * MILLION)
    assert comparison.other_income(listed, "P6").empty


def test_what_is_kept_is_what_the_tables_give_and_renewed_when_the_store_changes(
    ministry: Dataset, tmp_path: Path
) -> None:
    ministry.write(tmp_path)
    asked = {"review_year": 2023, "ministry": "環境省"}
    numbers = ["5010005007398"]
    lines, incomes = kept.lines(tmp_path, **asked), kept.incomes(tmp_path, **asked, numbers=numbers)
    assert incomes["sheet_id"].tolist() == ["P1", "P2", "P3"]
    kept.keep(tmp_path)
    files = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    assert sorted(files) == ["incomes.parquet", "lines.parquet", "links.parquet"]
    pd.testing.assert_frame_equal(kept.lines(tmp_path, **asked), lines)
    pd.testing.assert_frame_equal(kept.incomes(tmp_path, **asked, numbers=numbers), incomes)
    kept.keep(tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()} == files  # nothing to do
    budgets = ministry["budgets"].assign(executed_jpy=pd.array([1] * 6, "Int64"))
    Dataset({**ministry, "budgets": budgets}).write(tmp_path)
    assert kept.lines(tmp_path, **asked)["executed_jpy"].tolist() == [1] * 6
    (tmp_path / "kept" / "lines.parquet").write_bytes(b"half a file")
    assert len(kept.lines(tmp_path, **asked)) == 6
