"""A sheet in words and figures: the sentences of one real sheet, and what is said where figures are missing."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.wpi_sheet import SHEET, dataset, row, tables
from toolkit import Dataset
from toolkit.errors import NotFoundError, UsageError
from toolkit.narrative import key_figures, sentences
from toolkit.wording import format_count, format_rate, format_year, format_yen


@pytest.mark.parametrize(
    ("yen", "ja", "en"),
    [
        (5_335_000_000, "53.35億円", "5,335 million yen"), (90_000_000, "9,000万円", "90 million yen"),
        (7_088_100_000, "70.881億円", "7,088.1 million yen"), (33_498_000, "3,350万円", "33.5 million yen"),
        (632_000, "63.2万円", "632,000 yen"), (960, "960円", "960 yen"), (0, "0円", "0 yen"),
        (-155_000_000, "-1.55億円", "-155 million yen"), (1_234_500_000_000, "12,345億円", "1,234,500 million yen"),
        (28_372_593_128_000, "283,726億円", "28,372,600 million yen"),
        (None, "不明", "unknown"), (pd.NA, "不明", "unknown"),
    ],
)  # fmt: skip
def test_amounts_are_worded_as_each_language_counts_them(yen: object, ja: str, en: str) -> None:
    assert (format_yen(yen, "ja"), format_yen(yen, "en")) == (ja, en)


def test_every_yen_is_shown_where_every_yen_counts() -> None:
    assert format_yen(1_365_563_701, "en", step=1) == "1,365.563701 million yen"


def test_rates_years_and_counts() -> None:
    assert (format_rate(0.83752), format_rate(1.2, digits=0), format_rate(None)) == ("83.8%", "120%", "unknown")
    assert (format_year(2022, "ja"), format_year(2022)) == ("2022年度", "FY2022")
    assert (format_count(1234.5), format_count(60)) == ("1,234.5", "60")


JAPANESE = [
    "世界トップレベル研究拠点プログラム（2023-文科-22-0241）は、文部科学省研究振興局が2007年度から行っている事業である（終了予定なし）。",
    "2022年度は歳出予算現額63.7億円のうち53.35億円を執行した（執行率は計(F)に対して100.0%、歳出予算現額に対して83.8%）。10.35億円を翌年度へ繰り越した。",
    "当初予算は2020年度の58.71億円から2023年度の70.88億円へ20.7%増えた。2024年度の要求額は71.6億円（前年度当初予算比+1.0%）である。",
    "2022年度に国が直接支出した2ブロック計53.33億円について9者が挙がり、最大は高エネルギー加速器研究機構の14.3%、上位3者で42.0%を占める。",
    "実績と目標がそろう直近の年度に目標を達成したのはアウトカム1件中1件である。",
    "行政事業レビュー推進チームの所見は「事業内容の一部改善」、概算要求への反映は「執行等改善」である。",
    "検算に合わない数値はない。原本から位置を確定できない行が3行ある。原本の文字の99.0%を読み取った。",
]

ENGLISH = [
    "世界トップレベル研究拠点プログラム (2023-文科-22-0241) is run by the Ministry of Education, Culture, Sports, Science and Technology (文部科学省), 研究振興局 since FY2007; no end is planned.",
    "In FY2022 it spent 5,335 million yen of a current budget of 6,370 million yen (100.0% of the total (F), 83.8% of the current budget) and carried 1,035 million yen to the next year.",
    "The initial budget rose by 20.7% from 5,871 million yen in FY2020 to 7,088 million yen in FY2023; 7,160 million yen is requested for FY2024 (+1.0% on the initial budget before it).",
    "Of the 5,333 million yen in 2 blocks paid by the ministry itself in FY2022, 9 recipients are named; the largest, 高エネルギー加速器研究機構, got 14.3%, the top three 42.0%.",
    "In the latest year with an actual and a target, 1 of 1 outcome indicator met the target.",
    "The review team's verdict is “improve in part (事業内容の一部改善)”, the ministry's response is “improve execution (執行等改善)”.",
    "Its figures pass the checks; 3 rows could not be settled from the source; 99.0% of the source's characters were understood.",
]


@pytest.mark.parametrize(("language", "expected"), [("ja", JAPANESE), ("en", ENGLISH)])
def test_the_whole_story_of_one_sheet(language: str, expected: list[str]) -> None:
    assert sentences(dataset(), language) == expected


def test_a_project_without_a_closed_year_says_so_and_calls_its_payees_planned() -> None:
    changed = tables()
    for budget in changed["budgets"]:
        budget["executed_jpy"] = None
    told = sentences(dataset(changed), "ja")
    assert told[1] == "執行実績のある年度はまだない。"
    assert "執行実績がなく予定でありうる" in told[3]


def test_findings_are_counted_and_falling_budgets_fall() -> None:
    changed = tables()
    row(changed, "budgets", fiscal_year=2022)["total_jpy"] = 6_335_000_000
    row(changed, "budgets", fiscal_year=2020)["initial_jpy"] = 10_000_000_000
    told = sentences(dataset(changed), "en")
    assert told[2].startswith("The initial budget fell by 29.1% from 10,000 million yen")
    assert told[-1].startswith("The checks found 2 errors and 2 warnings;")


def test_nothing_is_said_of_what_a_sheet_does_not_give() -> None:
    bare = Dataset({"sheets": [{"sheet_id": SHEET, "review_year": 2023, "certainty": "stated"}]})
    assert sentences(bare, "en") == ["The checks found 0 errors and 3 warnings."]
    figures = key_figures(bare).set_index("figure")
    assert figures.loc[["initial", "executed", "spending", "top1", "met", "coverage"], "value"].isna().all()


def test_key_figures_are_tidy_and_labelled() -> None:
    figures = key_figures(dataset(), language="en").set_index("figure")
    assert figures.columns.tolist() == ["label", "value", "unit", "year", "note"]
    expected = {
        "initial": (7_088e6, "yen", 2023), "requested": (7_160e6, "yen", 2024), "current": (6_370e6, "yen", 2022),
        "executed": (5_335e6, "yen", 2022), "carried_out": (1_035e6, "yen", 2022), "execution_rate_sheet": (1.0, "ratio", 2022),
        "execution_rate": (5335 / 6370, "ratio", 2022), "spending": (5_333e6, "yen", 2022), "recipients": (9, "count", 2022),
        "top1": (760 / 5333, "ratio", 2022), "top3": (2241 / 5333, "ratio", 2022),
    }  # fmt: skip
    for figure, (value, unit, year) in expected.items():
        assert figures.loc[figure, "value"] == pytest.approx(value)
        assert figures.loc[figure, ["unit", "year"]].tolist() == [unit, year]
    assert figures.loc["met", ["value", "note"]].tolist() == [1.0, "of 1"]
    assert figures.loc["top1", "note"] == "高エネルギー加速器研究機構"
    assert key_figures(dataset())["label"].tolist()[:2] == ["当初予算", "翌年度要求額"]


def test_one_of_several_sheets_must_be_named_and_only_two_languages_are_spoken() -> None:
    two = dataset() + dataset(sheet_id="2023-文科-22-0242")
    with pytest.raises(UsageError, match="has 2 sheets"):
        sentences(two)
    assert sentences(two, sheet_id="2023-文科-22-0242")[0].startswith(
        "世界トップレベル研究拠点プログラム（2023-文科-22-0242）"
    )
    with pytest.raises(NotFoundError):
        key_figures(two, "2023-文科-22-0243")
    with pytest.raises(UsageError, match="language 'de'"):
        key_figures(dataset(), language="de")
