"""Tables and Dataset: the contract that every reader keeps and every notebook relies on."""

from __future__ import annotations

import pickle
from pathlib import Path

import pandas as pd
import pytest

from toolkit import TABLES, Dataset
from toolkit.errors import NotFoundError, SchemaError, UnknownFormError, UsageError


def sheet(number: str = "0001", **columns: object) -> dict[str, object]:
    return {"sheet_id": f"2023-文科-22-{number}", "review_year": 2023, "certainty": "stated", **columns}


def budget(number: str = "0001", year: int = 2022, **columns: object) -> dict[str, object]:
    return {"sheet_id": f"2023-文科-22-{number}", "fiscal_year": year, "certainty": "stated", **columns}


def test_every_table_of_the_contract_is_there_even_without_rows() -> None:
    dataset = Dataset({})
    assert list(dataset) == list(TABLES)
    assert dataset.budgets["executed_jpy"].dtype == "Int64"
    assert dataset["budgets"].columns[-2:].tolist() == ["source_ref", "certainty"]


def test_money_is_nullable_whole_yen_and_a_blank_stays_missing() -> None:
    dataset = Dataset({"sheets": [sheet()], "budgets": [budget(initial_jpy=0, executed_jpy=None)]})
    assert dataset.budgets["initial_jpy"].tolist() == [0]
    assert dataset.budgets["executed_jpy"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"budgetts": []}, "unknown table 'budgetts'"),
        ({"sheets": [sheet(nmae="x")]}, "table sheets: unknown column 'nmae'"),
        ({"sheets": [sheet(review_year=None)]}, "column review_year: row 0 has no value"),
        ({"sheets": [sheet(certainty="sure")]}, "found 'sure', expected one of stated, solved, unsettled"),
        ({"sheets": [sheet(), sheet()]}, "stands on 2 rows"),
        ({"sheets": [sheet()], "budgets": [budget(initial_jpy="many")]}, "table budgets, column initial_jpy"),
        ({"budgets": [budget()]}, "'2023-文科-22-0001' has no row in sheets"),
    ],
)
@pytest.mark.parametrize("form", ["rows", "frames"])
def test_what_breaks_the_contract_is_refused_by_name(tables: dict, message: str, form: str) -> None:
    if form == "frames":
        tables = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    with pytest.raises(SchemaError, match=message):
        Dataset(tables)


def test_selecting_takes_the_rows_of_one_sheet_from_every_table() -> None:
    both = Dataset({"sheets": [sheet("0001"), sheet("0002")], "budgets": [budget("0001"), budget("0002")]})
    one = both.select("2023-文科-22-0002")
    assert one.sheet_ids == ["2023-文科-22-0002"]
    assert one.budgets["sheet_id"].tolist() == ["2023-文科-22-0002"]
    with pytest.raises(NotFoundError, match="no sheet '2023-文科-22-0003' among the 2 sheets"):
        both.select("2023-文科-22-0003")


def test_adding_two_datasets_keeps_both_and_refuses_the_same_sheet_twice() -> None:
    first, second = Dataset({"sheets": [sheet("0001")]}), Dataset({"sheets": [sheet("0002")]})
    assert (first + second).sheet_ids == ["2023-文科-22-0001", "2023-文科-22-0002"]
    with pytest.raises(SchemaError, match="stands on 2 rows"):
        first + first


def test_the_only_sheet_needs_no_name_but_one_of_two_does() -> None:
    one = Dataset({"sheets": [sheet(name="試験事業")]})
    assert one.sheet()["name"] == "試験事業"
    with pytest.raises(UsageError, match="has 2 sheets"):
        (one + Dataset({"sheets": [sheet("0002")]})).sheet()


def test_parquet_gives_back_the_same_tables_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    dataset = Dataset({"sheets": [sheet(name="試験事業")], "budgets": [budget(initial_jpy=5_871_000_000)]})
    dataset.write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["budgets.parquet", "sheets.parquet"]
    assert Dataset.read(tmp_path) == dataset
    with pytest.raises(NotFoundError, match="no table here"):
        Dataset.read(tmp_path / "elsewhere")


def test_coverage_is_what_was_understood_over_all_characters() -> None:
    dataset = Dataset({"sheets": [sheet(chars_total=200, chars_label=80, chars_placed=110), sheet("0002")]})
    assert dataset.coverage.loc["2023-文科-22-0001"] == pytest.approx(0.95)
    assert pd.isna(dataset.coverage.loc["2023-文科-22-0002"])


def test_a_notebook_sees_rows_unsettled_values_coverage_and_findings() -> None:
    dataset = Dataset(
        {
            "sheets": [sheet(name="試験<b>事業</b>", chars_total=100, chars_label=40, chars_placed=50)],
            "budgets": [budget(certainty="unsettled"), budget(year=2021)],
            "findings": [
                {
                    "sheet_id": "2023-文科-22-0001",
                    "rule": "budget_total",
                    "severity": "error",
                    "key": "",
                    "table": "budgets",
                }
            ],
        }
    )
    summary = dataset.summary()
    assert summary.loc["budgets", ["rows", "unsettled"]].tolist() == [2, 1]
    page = dataset._repr_html_()
    assert "90.0 %" in page
    assert "1 error" in page
    assert "<b>事業" not in page  # text of a sheet is never markup


def test_errors_survive_a_worker_pool_with_all_they_say() -> None:
    error = UnknownFormError("表.txt", "line 3", "a web page", "a review sheet", "Try again.")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "表.txt, line 3: expected a review sheet, found a web page. Try again."
