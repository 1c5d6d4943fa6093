"""Printed text to values. Facts of the forms and of the public registers."""

from __future__ import annotations

import pandas as pd
import pytest

from toolkit import text


def test_the_national_tax_agencys_corporate_number_is_valid() -> None:
    assert text.is_corporate_number("7000012050002")
    assert not text.is_corporate_number("8000012050002")  # the same body with a wrong check digit


def test_full_width_digits_of_a_corporate_number_count() -> None:
    assert text.is_corporate_number("７００００１２０５０００２")


@pytest.mark.parametrize(
    ("printed", "status"),
    [
        ("5010005007398", "valid"),  # 東京大学
        ("5010005007399", "invalid"),
        ("9999999999999", "dummy"),  # passes the check digit, yet is a filler
        ("0000000000000", "dummy"),
        ("-", "missing"),
        ("", "missing"),
        (None, "missing"),
        ("0", "invalid"),
        ("501000500739", "invalid"),  # twelve digits
    ],
)
def test_status_of_a_corporate_number(printed: str | None, status: str) -> None:
    assert text.number_status(printed) == status


@pytest.mark.parametrize(
    ("printed", "yen"),
    [
        ("5,871", 5_871_000_000),
        ("▲ 155", -155_000_000),
        ("▲1,234", -1_234_000_000),
        ("△ 3.5", -3_500_000),
        ("－12", -12_000_000),
        ("１２", 12_000_000),
        ("0.1", 100_000),
        ("0", 0),
        ("▲ 0", 0),
        ("-", None),
        ("―", None),
        ("　", None),
        ("記入不要", None),
        ("12件", None),
        ("1,035百万円", 1_035_000_000),
        ("7億円", 700_000_000),
        ("350千円", 350_000),
        ("118,800,000円", 118_800_000),
    ],
)
def test_amounts_printed_in_million_yen(printed: str, yen: int | None) -> None:
    assert text.parse_amount(printed) == yen


@pytest.mark.parametrize(
    ("printed", "yen"),
    [
        ("12", 1_000_000),
        ("12.3", 100_000),
        ("0.03", 10_000),
        ("4,735百万円", 1_000_000),
        ("12千円", 1_000),
        ("8円", 1),
        ("-", None),
    ],
)
def test_precision_is_what_the_last_printed_digit_stands_for(printed: str, yen: int | None) -> None:
    assert text.precision(printed) == yen


@pytest.mark.parametrize(
    ("printed", "year"),
    [
        ("平成19年度", 2007),
        ("昭和２３年度", 1948),
        ("令和元年度", 2019),
        ("平成31年度", 2019),
        ("令和６年度要求", 2024),
        ("H27", 2015),
        ("2022年度", 2022),
        ("昭和元年度以前", 1926),
        ("大正12年", 1923),
        ("終了予定なし", None),
        ("", None),
    ],
)
def test_fiscal_years(printed: str, year: int | None) -> None:
    assert text.fiscal_year(printed) == year


@pytest.mark.parametrize(
    ("printed", "ratio"), [("97%", 0.97), ("１００％", 1.0), ("98.5％", 0.985), ("-", None), ("", None)]
)
def test_printed_percentages_are_ratios(printed: str, ratio: float | None) -> None:
    assert text.parse_rate(printed) == ratio


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("その他", "others"),
        ("個人A", "person"),
        ("個人Ａ", "person"),
        ("文部科学省", "ministry"),
        ("東京法務局", "ministry"),
        ("株式会社アイネット", "organization"),
        ("高知県", "organization"),
        ("国立大学法人京都大学", "organization"),
        ("東京都", "organization"),
        ("研究代表者Aほか", "person"),
        ("出張者（Ａ）", "person"),
        ("検討会出席委員（複数名）", "person"),
        ("中央労働委員会", "organization"),
        ("地方職員共済組合", "organization"),
        ("民間事業者等", "others"),
        ("未定", "others"),
        ("大学等", "others"),
        ("大学共同利用機関法人高エネルギー加速器研究機構", "organization"),
        ("麹町税務署", "ministry"),
        ("第三管区海上保安本部", "ministry"),
        ("米海軍省", "organization"),
        ("-", None),
    ],
)
def test_kind_of_name(name: str, kind: str | None) -> None:
    assert text.name_kind(name) == kind


@pytest.mark.parametrize("missing", [None, pd.NA, float("nan"), ""])
def test_missing_values_fold_to_nothing(missing: object) -> None:
    assert text.fold(missing) == ""


def test_folding_keeps_vowel_marks_and_unifies_dashes() -> None:
    assert text.fold("データ　入力−Ａ（Ｂ）") == "データ入力-A(B)"


def test_wrapped_japanese_joins_without_a_space_and_bullets_start_anew() -> None:
    assert text.unwrap(["国際的な研", "究拠点"]) == "国際的な研究拠点"
    assert text.unwrap(["World Premier", "Status"]) == "World Premier Status"
    assert text.unwrap(["・第一の点", "の続き", "・第二の点"]) == "・第一の点の続き\n・第二の点"
