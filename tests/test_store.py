"""The store: what lies in a raw folder becomes one panel, whatever form, and comes back whole or in part."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

import toolkit
from toolkit.errors import NotFoundError, UsageError

WPI = "2023-文科-22-0241"
EARLIER = "2022-文科-21-0216"


@pytest.fixture(scope="module")
def sample(root: Path) -> Path:
    return root / "data" / "raw" / "sample"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """The committed sample, built once: three forms of one sheet, JUDGIT! records, a yearly database, RS System files."""
    folder = tmp_path_factory.mktemp("store")
    summary = toolkit.build(sample, folder, jobs=1)
    assert summary.refused == {}
    return folder


def test_every_sheet_of_the_sample_is_there_once(store: Path, sample: Path) -> None:
    lines = (sample / "judgit-2020-2023.ndjson").read_text(encoding="utf-8").splitlines()
    sheets = Counter(json.loads(line)["公開年度"] for line in lines)
    with (sample / "rs_2024" / "1-2_RS_2024_基本情報_事業概要等.csv").open(encoding="utf-8-sig") as file:
        sheets[2024] = len({row["予算事業ID"] for row in csv.DictReader(file)})
    found = toolkit.load(store).sheets
    assert found["review_year"].value_counts().to_dict() == sheets
    assert found["sheet_id"].is_unique
    assert found["edition_of"].isna().all()


def test_the_printed_sheet_goes_before_the_database_and_that_before_judgit(store: Path) -> None:
    every = toolkit.load(store, sheet_ids=[WPI, EARLIER], editions="all").sheets.set_index("sheet_id")
    assert every["edition_of"].fillna("").to_dict() == {
        EARLIER: "",
        f"{EARLIER}@judgit-2022": EARLIER,
        WPI: "",
        f"{WPI}@pdf-2023": WPI,
        f"{WPI}@text-2023": WPI,
        f"{WPI}@judgit-2023": WPI,
    }
    assert every.loc[[EARLIER, WPI], "form"].tolist() == ["database-2022", "excel-2023"]
    assert toolkit.load(store, sheet_ids=WPI).sheet()["form"] == "excel-2023"


def test_what_comes_back_is_what_was_read(store: Path, root: Path) -> None:
    read = toolkit.read(root / "data" / "raw" / "sample" / f"{WPI}.xlsx")
    loaded = toolkit.load(store, sheet_ids=WPI)
    for name in ("budgets", "recipients", "measurements", "flows", "evaluations", "residue"):
        assert loaded[name].equals(read[name]), name
    assert loaded.sheet().drop(["source_file"]).equals(read.sheet().drop(["source_file"]))


def test_filters_choose_years_ministries_sheets_and_tables(store: Path) -> None:
    assert set(toolkit.load(store, review_years=[2022, 2024]).budgets["sheet_id"].str[:4]) == {"2022", "RS20"}
    one = toolkit.load(store, ministries="文部科学省", review_years=2024)
    every = toolkit.load(store, review_years=2024)
    assert one.budgets.equals(every.select(every.sheets.query("ministry == '文部科学省'")["sheet_id"]).budgets)
    assert 0 < len(one.sheets) < len(every.sheets)
    only = toolkit.load(store, review_years=2024, tables=["sheets", "flows"])
    assert len(only.flows) > 0
    assert only.budgets.empty


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sheet_ids": "2023-文科-22-9999"}, "no sheet '2023-文科-22-9999'"),
        ({"review_years": 2031}, "no review year 2031 in this store; it has 2020, 2021, 2022, 2023, 2024"),
        ({"ministries": "大蔵省"}, "no ministry '大蔵省'"),
        ({"sheet_ids": f"{WPI}@pdf-2023"}, "editions='all'"),
    ],
)
def test_what_is_not_there_is_an_error(store: Path, wrong: dict, said: str) -> None:
    with pytest.raises(NotFoundError, match=said.replace("(", r"\(")):
        toolkit.load(store, **wrong)


def test_the_store_links_the_years(store: Path) -> None:
    """WPI: 0201 in 2020, then a new number every year, 1641 in the RS System."""
    links = toolkit.load(store).links
    key = links.loc[links["sheet_id"] == "RS2024-1641", "project_key"].item()
    line = links.loc[links["project_key"] == key].sort_values("review_year")["sheet_id"].tolist()
    assert line == ["2020-文部科学省-0201", "2021-文科-20-0218", "2022-文科-21-0216", WPI, "RS2024-1641"]


def test_a_misspelt_table_is_an_error(store: Path) -> None:
    with pytest.raises(UsageError, match="no table 'budget'; the tables are sheets, budgets"):
        toolkit.load(store, tables="budget")


def test_no_store_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="review-sheets build"):
        toolkit.load(tmp_path)


def test_sql_and_pandas_give_the_same_numbers(store: Path) -> None:
    sql, panel = toolkit.connect(store), toolkit.load(store)
    for name in toolkit.TABLES:
        assert sql.execute(f"SELECT count(*) FROM {name}").fetchone() == (len(panel[name]),)
    by_year = dict(sql.execute("SELECT review_year, sum(amount_jpy)::BIGINT FROM recipients GROUP BY 1").fetchall())
    years = panel.recipients["sheet_id"].map(panel.sheets.set_index("sheet_id")["review_year"])
    assert by_year == panel.recipients["amount_jpy"].groupby(years).sum().to_dict()
    (executed,) = sql.execute(
        f"SELECT executed_jpy FROM budgets WHERE sheet_id = '{WPI}' AND fiscal_year = 2022"
    ).fetchone()
    assert executed == 5_335_000_000  # (G) of 令和4年度 on the sheet
    assert sql.execute(f"SELECT count(*) FROM editions.sheets WHERE edition_of = '{WPI}'").fetchone() == (3,)
    assert sql.execute(
        "SELECT sheets FROM sources WHERE source_file LIKE '%.xlsx' AND form = 'excel-2023'"
    ).fetchall() == [(1,)]
