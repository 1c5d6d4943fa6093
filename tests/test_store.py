"""The store: what lies in a raw folder becomes one panel, whatever form, and comes back whole or in part."""

from __future__ import annotations

from pathlib import Path

import pytest

import toolkit
from toolkit.errors import NotFoundError, UsageError

WPI = "2023-文科-22-0241"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The committed sample, built once: three forms of one sheet, seven JUDGIT! records, seven RS System projects."""
    folder = tmp_path_factory.mktemp("store")
    summary = toolkit.build(root / "data" / "raw" / "sample", folder, jobs=1)
    assert summary.refused == {}
    return folder


def test_every_sheet_of_the_sample_is_there_once(store: Path) -> None:
    sheets = toolkit.load(store).sheets
    assert sheets["review_year"].value_counts().to_dict() == {2020: 1, 2021: 1, 2022: 4, 2023: 1, 2024: 7}
    assert sheets["edition_of"].isna().all()


def test_the_printed_sheet_goes_before_the_records_and_the_workbook_before_its_print(store: Path) -> None:
    assert toolkit.load(store, sheet_ids=WPI).sheet()["form"] == "excel-2023"
    every = toolkit.load(store, sheet_ids=WPI, editions="all").sheets.set_index("sheet_id")["edition_of"]
    assert every.fillna("").to_dict() == {
        WPI: "",
        f"{WPI}@pdf-2023": WPI,
        f"{WPI}@text-2023": WPI,
        f"{WPI}@judgit-2023": WPI,
    }


def test_what_comes_back_is_what_was_read(store: Path, root: Path) -> None:
    read = toolkit.read(root / "data" / "raw" / "sample" / f"{WPI}.xlsx")
    loaded = toolkit.load(store, sheet_ids=WPI)
    for name in ("budgets", "recipients", "measurements", "flows", "evaluations", "residue"):
        assert loaded[name].equals(read[name]), name
    assert loaded.sheet().drop(["source_file"]).equals(read.sheet().drop(["source_file"]))


def test_filters_choose_years_ministries_sheets_and_tables(store: Path) -> None:
    assert set(toolkit.load(store, review_years=[2022, 2024]).budgets["sheet_id"].str[:4]) == {"2022", "RS20"}
    assert len(toolkit.load(store, ministries="文部科学省", review_years=2024).sheets) == 7
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
    assert sql.execute("SELECT count(*) FROM sources WHERE status = 'read'").fetchone() == (5,)
