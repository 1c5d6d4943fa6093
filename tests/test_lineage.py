"""Which sheet continues which project, over years, forms and ministries."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from functools import cache
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
    return Dataset.concat([toolkit.read(folder / "judgit-2020-2023.ndjson"), toolkit.read(folder / "rs_2024")])


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


def test_a_printed_number_bridges_years_without_any_sheet() -> None:
    """A sheet of 2020 names its number of 2016, the only other year at hand; parts may lack their zeros, the ministry is its own."""
    dataset = Dataset(
        {
            "sheets": [
                sheet("2016-国土交通省-0472", "交通関係国際会議等に必要な経費", "国土交通省", project_number="0472"),
                sheet("2020-国土交通省-0511", "国際会議経費", "国交", project_number="0511"),
            ],
            "related": [
                {"sheet_id": "2020-国土交通省-0511", "line": 1, "kind": "past_number", "fiscal_year": 2016, "number": "472", "certainty": "stated"},
                {"sheet_id": "2020-国土交通省-0511", "line": 2, "kind": "past_number", "fiscal_year": 2017, "number": "480", "certainty": "stated"},
            ],
        }
    )  # fmt: skip
    assert previous(lineage.links(dataset)) == {"2020-国土交通省-0511": ["2016-国土交通省-0472"]}


def test_sheets_that_say_next_to_nothing_are_not_linked() -> None:
    bare = [{"sheet_id": f"{year}-府-20-0001", "review_year": year, "certainty": "unsettled"} for year in (2021, 2022)]
    links = lineage.links(Dataset({"sheets": bare}))
    assert links["relation"].tolist() == ["first", "first"]
    assert lineage.links(Dataset({})).empty


def test_another_edition_of_a_sheet_is_no_sheet_of_its_own() -> None:
    sheets = [
        sheet("2022-文科-21-0001", "名前の長い事業"),
        sheet("2022-文科-21-0001@judgit-2022", "名前の長い事業", edition_of="2022-文科-21-0001"),
        sheet("2023-文科-22-0009", "名前の長い事業"),
    ]
    links = lineage.links(Dataset({"sheets": sheets}))
    assert previous(links) == {"2023-文科-22-0009": ["2022-文科-21-0001"]}
    assert "2022-文科-21-0001@judgit-2022" not in set(links["sheet_id"])


def test_the_parts_of_a_split_sheet_are_found_by_their_sums() -> None:
    """412 + 88 = 500, 431 + 93 = 524, 405 + 102 = 507: the larger part carries the line on, the other one is split from it."""
    whole, parts = {2020: 500, 2021: 524, 2022: 507}, {2020: (412, 88), 2021: (431, 93), 2022: (405, 102)}
    sheets = [
        sheet("2022-国交-21-0100", "救難体制等の整備", "国土交通省"),
        sheet("2023-国交-22-0120", "巡視業務", "国土交通省"),
        sheet("2023-国交-22-0121", "海図の刊行", "国土交通省"),
    ]
    budgets = initial("2022-国交-21-0100", whole)
    budgets += initial("2023-国交-22-0120", {year: large for year, (large, _) in parts.items()})
    budgets += initial("2023-国交-22-0121", {year: small for year, (_, small) in parts.items()})
    links = lineage.links(Dataset({"sheets": sheets, "budgets": budgets})).set_index("sheet_id")
    assert links["previous_sheet_id"].dropna().to_dict() == dict.fromkeys(
        ["2023-国交-22-0120", "2023-国交-22-0121"], "2022-国交-21-0100"
    )
    assert links["relation"].to_dict() == {
        "2022-国交-21-0100": "first", "2023-国交-22-0120": "continued", "2023-国交-22-0121": "split",
    }  # fmt: skip
    assert links.loc["2023-国交-22-0121", "project_key"] == "2023-国交-22-0121"
    assert set(links["method"].dropna()) == {"sum_of_amounts"}


def test_what_the_rs_system_says_was_merged_is_linked() -> None:
    """統合元 names another project by its id: its sheet of the year before went into this one."""
    sheets = [
        sheet("2023-消費-22-0030", "保健機能食品の適正化", "消費者庁"),
        sheet("2023-消費-22-0031", "買上調査による検証", "消費者庁"),
        sheet("RS2024-485", "保健機能食品の適正化", "消費者庁", rs_project_id="485", form="rs-2024"),
        sheet("RS2024-486", "買上調査による検証", "消費者庁", rs_project_id="486", form="rs-2024"),
    ]
    related = [
        {
            "sheet_id": "RS2024-485",
            "line": 1,
            "kind": "merged",
            "relation": "統合元",
            "number": "486",
            "certainty": "stated",
        }
    ]
    links = lineage.links(Dataset({"sheets": sheets, "related": related}))
    rows = links[links["sheet_id"] == "RS2024-485"].set_index("previous_sheet_id")
    assert rows["relation"].to_dict() == {"2023-消費-22-0030": "continued", "2023-消費-22-0031": "merged"}
    assert rows.loc["2023-消費-22-0031", ["method", "certainty"]].tolist() == ["rs_relation", "stated"]


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


# -- five years of real sheets
YEARS = (2020, 2021, 2022, 2023)


@pytest.fixture(scope="module")
def panel(shared_data: Path) -> tuple[Dataset, pd.DataFrame]:
    """JUDGIT! of four years and the RS System of 2024, what lineage needs of them, and their links."""
    files = [shared_data / "judgit" / f"judgit-{year}.ndjson.gz" for year in YEARS]
    parts = [toolkit.read(file) for file in [*files, shared_data / "rs_system" / "2024"]]
    names = ("sheets", "budgets", "related")
    dataset = Dataset({name: pd.concat([part[name] for part in parts]) for name in names})
    return dataset, lineage.links(dataset)


def test_hard_cases_that_were_settled_by_reading_the_sheets(panel: tuple[Dataset, pd.DataFrame]) -> None:
    """``lineage_cases.json``: right answers by names, descriptions and amounts, each with its reason."""
    links = panel[1]
    found = previous(links)
    line = links[links["relation"] == "continued"].set_index("sheet_id")["previous_sheet_id"].to_dict()
    cases = json.loads((Path(__file__).parent / "lineage_cases.json").read_text(encoding="utf-8"))
    wrong = [
        f"{case['sheet']} ({case['why']}): expected {case['previous']}, found {found.get(case['sheet'], [])}"
        for case in cases
        if set(found.get(case["sheet"], [])) != set(case["previous"])
        or ("line" in case and line.get(case["sheet"]) != case["line"])
    ]
    assert len(cases) >= 40
    assert wrong == []


@cache
def judgit_amounts(folder: Path, year: int) -> dict[str, dict[tuple[str, int], float]]:
    """By sheet, what a JUDGIT! file says of initial budgets and executed amounts, in million yen: read without the toolkit."""
    with gzip.open(folder / "judgit" / f"judgit-{year}.ndjson.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    keys = ("当初予算", "執行額")
    return {
        record["事業番号"]: {(k, b["年度"]): b[k] for b in record["予算"] for k in keys if b.get(k)}
        for record in records
    }


def test_rs_projects_of_the_year_before_are_linked_and_their_amounts_confirm_it(
    panel: tuple[Dataset, pd.DataFrame], shared_data: Path
) -> None:
    """At least 85 % of class 前年度事業; 95 % of these by budgets and executed amounts, counted from the raw files."""
    continued = panel[1][panel[1]["relation"] == "continued"].set_index("sheet_id")["previous_sheet_id"]

    def rows(name: str) -> list[dict[str, str]]:
        with zipfile.ZipFile(next((shared_data / "rs_system" / "2024").glob(f"{name}_*.zip"))) as folder:
            return list(csv.DictReader(io.TextIOWrapper(folder.open(folder.namelist()[0]), encoding="utf-8-sig")))

    projects = {row["予算事業ID"] for row in rows("1-2") if row["事業区分"] == "前年度事業"}
    amounts: dict[str, dict[tuple[str, int], float]] = {}
    for row in rows("2-1"):
        if not row["会計区分"]:
            for key, column in (("当初予算", "当初予算（合計）"), ("執行額", "執行額（合計）")):
                amounts.setdefault(row["予算事業ID"], {})[key, int(row["予算年度"])] = float(row[column] or 0) / 1e6
    linked = {one: continued[f"RS2024-{one}"] for one in projects if f"RS2024-{one}" in continued}
    assert len(projects) == 5002
    assert len(linked) / len(projects) >= 0.85

    before = judgit_amounts(shared_data, 2023)
    shared = [("当初予算", year) for year in (2021, 2022, 2023)] + [("執行額", year) for year in (2021, 2022)]
    compared = confirmed = 0
    for one, sheet_id in linked.items():
        pairs = [(amounts[one].get(key, 0), before.get(sheet_id, {}).get(key, 0)) for key in shared]
        pairs = [(new, old) for new, old in pairs if new and old]
        compared += bool(pairs)
        confirmed += 2 * sum(abs(new - old) <= max(1, abs(old) / 1000) for new, old in pairs) >= len(pairs) > 0
    assert compared / len(linked) > 0.9
    assert confirmed / compared >= 0.95


@pytest.mark.parametrize("year", YEARS[1:])
def test_judgit_sheets_are_linked_year_to_year(
    panel: tuple[Dataset, pd.DataFrame], shared_data: Path, year: int
) -> None:
    """At least 90 % of those that are not new by their number (新…)."""
    old = {number for number in judgit_amounts(shared_data, year) if "新" not in number}
    has_previous = set(panel[1].loc[panel[1]["previous_sheet_id"].notna(), "sheet_id"])
    assert len(old & has_previous) / len(old) >= 0.90
    shown = lineage.coverage(panel[1], panel[0]["sheets"]).loc[year]
    assert (shown["sheets"] - shown["new"], shown["linked"]) == (len(old), len(old & has_previous))


def test_a_further_year_changes_no_key(panel: tuple[Dataset, pd.DataFrame]) -> None:
    sheets = panel[0]["sheets"]
    keys = lineage.links(panel[0].select(sheets.loc[sheets["review_year"] <= 2021, "sheet_id"]))
    keys = keys.drop_duplicates("sheet_id").set_index("sheet_id")["project_key"]
    later = panel[1].drop_duplicates("sheet_id").set_index("sheet_id")["project_key"]
    assert later[keys.index].equals(keys)


def test_every_link_says_why_and_every_sheet_has_one_key(panel: tuple[Dataset, pd.DataFrame]) -> None:
    dataset, links = panel
    assert set(links["sheet_id"]) == set(dataset.sheet_ids)
    assert links.groupby("sheet_id")["project_key"].nunique().max() == 1
    assert links["evidence"].str.len().min() > 0
    assert links.loc[links["certainty"] == "unsettled", "score"].dropna().max() < 0.95
    line = links[links["relation"] == "continued"]
    assert not line["sheet_id"].duplicated().any()
    assert not line["previous_sheet_id"].duplicated().any()
