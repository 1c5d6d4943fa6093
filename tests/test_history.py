"""One project over all its review years: statements, which one is preferred, and what was restated."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.axes import Axes

import toolkit
from toolkit import plots
from toolkit.dataset import Dataset
from toolkit.errors import NotFoundError

WPI = "RS2024-1641"
#: million yen, the five largest of the list of the sheet of 2023
TOP_2022 = {
    "大学共同利用機関法人高エネルギー加速器研究機構": 760,
    "国立大学法人東京大学": 755,
    "国立大学法人金沢大学": 726,
    "国立大学法人北海道大学": 700,
    "国立大学法人京都大学": 700,
}


@pytest.fixture(scope="module")
def sample(root: Path) -> Dataset:
    """JUDGIT! and RS System: 世界トップレベル研究拠点プログラム and neighbours."""
    folder = root / "data" / "raw" / "sample"
    return Dataset.concat([toolkit.read(folder / "judgit-2020-2023.ndjson"), toolkit.read(folder / "rs_2024")])


@pytest.fixture(scope="module")
def wpi(sample: Dataset) -> pd.DataFrame:
    return sample.history(WPI)


def preferred(history: pd.DataFrame, quantity: str) -> dict[int, float]:
    rows = history[(history["quantity"] == quantity) & history["is_preferred"]]
    return dict(zip(rows["fiscal_year"].tolist(), rows["value"].tolist(), strict=True))


def test_the_series_runs_across_the_change_of_system(wpi: pd.DataFrame) -> None:
    """Initial budgets in million yen as the sheets of 2020 to 2023 print them, then from the RS System's yen."""
    initial = {year: round(value / 1e6) for year, value in preferred(wpi, "initial").items()}
    assert initial == {2017: 6001, 2018: 7012, 2019: 6750, 2020: 5871, 2021: 6100, 2022: 6100, 2023: 7088, 2024: 7151}
    assert sorted(preferred(wpi, "executed")) == list(range(2017, 2024))  # 2024 is not closed


def test_every_statement_is_kept_and_the_latest_is_preferred(wpi: pd.DataFrame) -> None:
    of_2021 = wpi[(wpi["quantity"] == "initial") & (wpi["fiscal_year"] == 2021)]
    assert of_2021["review_year"].tolist() == [2021, 2022, 2023, 2024]
    assert of_2021.loc[of_2021["is_preferred"], "stated_in"].tolist() == [WPI]
    once = wpi[wpi["is_preferred"]].duplicated(["quantity", "item", "unit", "fiscal_year"])
    assert not once.any()


def test_the_two_totals_and_the_two_rates_stay_apart(wpi: pd.DataFrame) -> None:
    """2022: 6,370 million yen current, 1,035 carried out, so 5,335 計(F) and as much executed."""
    sheet = wpi[(wpi["stated_in"] == "2023-文科-22-0241") & (wpi["fiscal_year"] == 2022)].set_index("quantity")["value"]
    assert (sheet["current"], sheet["total"], sheet["carried_out"]) == (6_370_000_000, 5_335_000_000, 1_035_000_000)
    assert sheet["execution_rate"] == pytest.approx(5335 / 6370, abs=1e-4)
    assert sheet["execution_rate_sheet"] == pytest.approx(1.0, abs=1e-4)


def test_recipients_are_those_of_the_year_before_the_review(wpi: pd.DataFrame) -> None:
    rows = wpi[(wpi["quantity"] == "recipient_amount") & (wpi["review_year"] == 2023)]
    assert set(rows["fiscal_year"]) == {2022}
    assert dict(zip(rows["item"], rows["value"] / 1e6, strict=True)) == TOP_2022
    counts = preferred(wpi, "recipients")
    assert sorted(counts) == [2019, 2020, 2021, 2022, 2023]
    assert all(0 < share <= 1 for share in preferred(wpi, "recipient_hhi").values())


def test_an_indicator_of_the_same_name_and_unit_is_one_series(wpi: pd.DataFrame) -> None:
    rows = wpi[
        (wpi["quantity"] == "actual") & (wpi["item"] == "5年目にA以上の評価を受けた拠点の割合") & wpi["is_preferred"]
    ]
    assert dict(zip(rows["fiscal_year"], rows["value"], strict=True)) == {
        2017: 89,
        2018: 89,
        2019: 89,
        2020: 89,
        2021: 91,
    }


def project(second_start: int, second: dict[str, object]) -> pd.DataFrame:
    """A project of two sheets; the later one says ``second`` of fiscal year 2021."""
    about = {"name": "長い名前の助成事業", "ministry": "厚生労働省", "certainty": "stated"}
    amounts = {"fiscal_year": 2021, "stage": "closed", "certainty": "stated"}
    sheets = [
        {"sheet_id": "2022-厚労-21-0001", "review_year": 2022, "start_year": 2010, **about},
        {"sheet_id": "2023-厚労-22-0002", "review_year": 2023, "start_year": second_start, **about},
    ]
    budgets = [
        {"sheet_id": "2022-厚労-21-0001", **amounts, "initial_jpy": 300_000_000},
        {"sheet_id": "2023-厚労-22-0002", **amounts, **second},
    ]
    for one in ("2022-厚労-21-0001", "2023-厚労-22-0002"):
        budgets.append({"sheet_id": one, **amounts, "fiscal_year": 2020, "initial_jpy": 123_000_000})
    history = Dataset({"sheets": sheets, "budgets": budgets}).history("2022-厚労-21-0001")
    return history[(history["quantity"] == "initial") & (history["fiscal_year"] == 2021)].set_index("review_year")


def test_a_restated_amount_is_marked() -> None:
    rows = project(2010, {"initial_jpy": 320_000_000})
    assert rows["value"].to_dict() == {2022: 300_000_000, 2023: 320_000_000}
    assert rows["is_preferred"].to_dict() == {2022: False, 2023: True}
    assert rows["is_restated"].to_dict() == {2022: True, 2023: False}


def test_rounding_is_no_restatement() -> None:
    assert not project(2010, {"initial_jpy": 300_400_000})["is_restated"].any()


@pytest.mark.parametrize(
    ("start", "certainty"), [(2023, "stated"), (2010, "unsettled")], ids=["before the project began", "may be a blank"]
)
def test_a_zero_that_states_nothing_yields_to_an_earlier_amount(start: int, certainty: str) -> None:
    """A project that moved prints 0 for the years at its former ministry; JUDGIT! writes 0 for a blank."""
    rows = project(start, {"initial_jpy": 0, "certainty": certainty})
    assert rows["is_preferred"].to_dict() == {2022: True, 2023: False}


@pytest.mark.parametrize(
    ("plot", "title"),
    [
        (plots.plot_history, "当初予算は2017年度の60.01億円から2024年度の71.51億円になった"),
        (
            plots.plot_history_rates,
            "歳出予算現額の執行率は84%～100%、最も低いのは2022年度；計(F)に対する率は、繰越しを除くぶん最大16ポイント高い",
        ),
    ],
)
def test_the_pictures_state_the_finding(wpi: pd.DataFrame, plot: Callable[..., Axes], title: str) -> None:
    """84 % is 5,335 of 6,370 million yen in 2022."""
    ax = plot(wpi, language="ja")
    assert plots.caption(ax).title == title
    assert "2022年度" in plots.caption(ax).alt
    assert plots.svg(ax) == plots.svg(plot(wpi, language="ja"))
    assert "FY2022" in plots.caption(plot(wpi, language="en")).alt
    assert plots.caption(plot(wpi[:0])).is_empty


@pytest.mark.parametrize(
    ("amounts", "title"),
    [
        ({2019: 0, 2020: 151, 2021: 0}, "The initial budget went from 151 million yen in FY2020 to 0 million yen in FY2021"),
        ({2019: 0, 2020: 151}, "The initial budget of FY2020 is 151 million yen"),
    ],
)  # fmt: skip
def test_a_project_begins_with_its_first_money(amounts: dict[int, int], title: str) -> None:
    one = {"sheet_id": "2023-府-22-0001", "certainty": "stated"}
    years = [
        {**one, "fiscal_year": year, "initial_jpy": amount * 10**6, "current_jpy": amount * 10**6, "executed_jpy": amount * 10**6, "stage": "closed"}
        for year, amount in amounts.items()
    ]  # fmt: skip
    sheet = Dataset({"sheets": [{**one, "review_year": 2023, "ministry": "内閣府"}], "budgets": years})
    assert plots.caption(plots.plot_history(sheet.history("2023-府-22-0001"), language="en")).title == title


def test_a_sheet_that_is_not_there_is_named(sample: Dataset) -> None:
    with pytest.raises(NotFoundError, match="2099-文科-98-0001"):
        sample.history("2099-文科-98-0001")


def test_a_store_gives_the_same_history(root: Path, tmp_path: Path, wpi: pd.DataFrame) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in ("judgit-2020-2023.ndjson", "rs_2024"):
        place = root / "data" / "raw" / "sample" / name
        shutil.copytree(place, raw / name) if place.is_dir() else shutil.copy(place, raw)
    toolkit.build(raw, tmp_path / "store", jobs=1)
    loaded = toolkit.load(tmp_path / "store", project="2021-文科-20-0218")
    assert loaded.sheet_ids == [
        "2020-文部科学省-0201",
        "2021-文科-20-0218",
        "2022-文科-21-0216",
        "2023-文科-22-0241",
        WPI,
    ]
    pd.testing.assert_frame_equal(loaded.history(WPI), wpi)
