"""Which sheet continues which project, over years, forms and ministries."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import toolkit
from toolkit import lineage
from toolkit.dataset import Dataset
from toolkit.errors import NotFoundError


def sheet(sheet_id: str, name: str, ministry: str = "文部科学省", **fields: object) -> dict[str, object]:
    year = int(sheet_id.removeprefix("RS")[:4])
    return {
        "sheet_id": sheet_id,
        "review_year": year,
        "name": name,
        "ministry": ministry,
        "certainty": "stated",
        **fields,
    }


def initial(sheet_id: str, amounts: dict[int, int]) -> list[dict[str, object]]:
    """Initial budgets in million yen by fiscal year."""
    return [
        {"sheet_id": sheet_id, "fiscal_year": year, "initial_jpy": amount * 1_000_000, "certainty": "stated"}
        for year, amount in amounts.items()
    ]


def previous(links: pd.DataFrame) -> dict[str, list[str]]:
    known = links[links["previous_sheet_id"].notna()]
    return known.groupby("sheet_id")["previous_sheet_id"].apply(list).to_dict()


@pytest.fixture(scope="module")
def sample(root: Path) -> Dataset:
    folder = root / "data" / "raw" / "sample"
    return Dataset.concat([toolkit.read(folder / "judgit-wpi.ndjson"), toolkit.read(folder / "rs_2024")])


def test_the_sample_project_is_one_line_from_2020_to_the_rs_system(sample: Dataset) -> None:
    """Its numbers by the sheets themselves: 0201 in 2020 and 22-0241 in 2023; 予算事業ID 1641."""
    links = lineage.links(sample)
    line = lineage.project_sheets(links, "2022-文科-21-0216")
    assert line[0] == "2020-文部科学省-0201"
    assert line[-2:] == ["2023-文科-22-0241", "RS2024-1641"]
    assert links.loc[links["sheet_id"] == "RS2024-1641", "project_key"].tolist() == ["2020-文部科学省-0201"]


def test_a_printed_number_links_a_renamed_project() -> None:
    dataset = Dataset(
        {
            "sheets": [
                sheet("2018-文部科学省-0208", "旧い名前の事業", project_number="0208"),
                sheet("2019-文部科学省-0199", "まったく別の呼び名", project_number="0199"),
            ],
            "related": [
                {"sheet_id": "2019-文部科学省-0199", "line": 1, "kind": "past_number", "fiscal_year": 2018, "number": "208", "certainty": "stated"}
            ],
        }
    )  # fmt: skip
    row = lineage.links(dataset).set_index("sheet_id").loc["2019-文部科学省-0199"]
    assert (row["previous_sheet_id"], row["method"], row["certainty"]) == (
        "2018-文部科学省-0208",
        "printed_number",
        "stated",
    )
    assert "208" in row["evidence"]


def test_same_names_are_told_apart_by_their_amounts() -> None:
    rows = [
        ("2021-厚労-20-0001", 120),
        ("2021-厚労-20-0002", 77),
        ("2022-厚労-21-0005", 77),
        ("2022-厚労-21-0009", 120),
    ]
    dataset = Dataset(
        {
            "sheets": [sheet(one, "助成金", "厚生労働省") for one, _ in rows],
            "budgets": [row for one, amount in rows for row in initial(one, {2019: amount, 2020: amount + 3})],
        }
    )
    assert previous(lineage.links(dataset)) == {
        "2022-厚労-21-0005": ["2021-厚労-20-0002"],
        "2022-厚労-21-0009": ["2021-厚労-20-0001"],
    }


def test_same_names_that_nothing_tells_apart_are_not_linked() -> None:
    ids = ["2021-厚労-20-0001", "2021-厚労-20-0002", "2022-厚労-21-0005", "2022-厚労-21-0009"]
    links = lineage.links(Dataset({"sheets": [sheet(one, "助成金", "厚生労働省") for one in ids]}))
    assert previous(links) == {}
    assert links["project_key"].tolist() == ids


def test_a_sheet_that_is_not_there_is_named(sample: Dataset) -> None:
    with pytest.raises(NotFoundError, match="2099-文科-98-0001"):
        lineage.project_sheets(lineage.links(sample), "2099-文科-98-0001")
