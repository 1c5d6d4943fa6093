"""Budget, execution and budget lines in the text layer of a sheet.

The sheets below are made up, and cut to what a test is about; a blank line ends a box of the text extractor.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import toolkit
from toolkit.dataset import Dataset
from toolkit.readers.text_layer import read_text

MILLION = 1_000_000

_TOP = """
令和5年度行政事業レビューシート

事業番号 2023-環境-22-0001

事業名 里山の手入れ

担当部局庁 自然局

会計区分 一般会計

実施方法 委託・請負
"""

_SIDE = """
予算額・
執行額
（単位:百万円）
（インプット）
"""

#: the labels of the grid, printed in a stack before any number
_STACK = """
当初予算（A)

補正予算（B)

前年度から繰越し（C)

翌年度へ繰越し（D)

予備費等（E)

計（F)
=（A)+（B)+（C)+（D)+（E)

執行額（G)

執行率（％）
=(G)/(F)

当初予算＋補正予算に対する執行額の割合（％）
=(G)/｛(A)+(B)｝
"""

_YEARS = """
令和2年度 令和3年度 令和4年度 令和5年度 令和6年度要求
"""

#: every row beside its label
_ROWS = """
当初予算（A) 400 410 420 430 445

補正予算（B) - 30 - -

前年度から繰越し（C) - - 25 60

翌年度へ繰越し（D) - ▲ 25 ▲ 60 -

予備費等（E) - - - -

計（F)
=（A)+（B)+（C)+（D)+（E)

400 415 385 490 445

執行額（G) 380 400 385

執行率（％）
=(G)/(F)

95% 96% 100%

当初予算＋補正予算に対する執行額の割合（％）
=(G)/｛(A)+(B)｝

95% 91% 92%
"""

_LINES = """
歳出予算項・目

令和5年度当初予算 令和6年度要求

主な増減理由（・要望額・予備費）

(項)

里山対策費

(目)

里山委託費 380 395

(目)

職員旅費 50 50

対象とする地域を広げたことによる増

計（A) 430 445
"""

_END = """
点検結果

よくできた。
"""


def _read(*parts: str) -> Dataset:
    return _read_page(_TOP, *parts)


def _read_page(*parts: str) -> Dataset:
    """One page: the parts with a blank line between them (two would end the page)."""
    return read_text(re.sub(r"\n{3,}", "\n\n", "\n".join((*parts, _END))), "made-up.txt")


def _cells(text: str) -> str:
    """One box for each word: how an extractor prints cells that stand far from each other."""
    return "\n\n" + "\n\n".join(text.split()) + "\n"


def _budget(dataset: Dataset) -> dict[int, dict[str, object]]:
    """Millions of yen by year, without the columns that are <NA>."""
    years: dict[int, dict[str, object]] = {}
    for row in dataset["budgets"].to_dict("records"):
        amounts = {name: row[name] / MILLION for name in row if name.endswith("_jpy") and not pd.isna(row[name])}
        years[row["fiscal_year"]] = amounts
    return years


def _lines(dataset: Dataset) -> list[tuple[int, str, str, object]]:
    frame = dataset["budget_lines"]
    amounts = [None if pd.isna(amount) else amount / MILLION for amount in frame["amount_jpy"]]
    return list(zip(frame["fiscal_year"], frame["kou"], frame["moku"], amounts, strict=True))


def test_rows_beside_their_labels() -> None:
    """Every amount of five years; a dash is <NA>, what is carried out is positive, the request has one column of its own."""
    dataset = _read(_SIDE, _YEARS, _ROWS, _LINES)
    years = _budget(dataset)
    assert years[2020]["initial_jpy"] == 400
    assert "supplementary_jpy" not in years[2020]
    assert years[2021]["supplementary_jpy"] == 30
    assert years[2021]["carried_out_jpy"] == 25
    assert years[2022]["carried_in_jpy"] == 25
    assert years[2022]["total_jpy"] == 385
    assert years[2022]["current_jpy"] == 445
    assert years[2023]["carried_in_jpy"] == 60
    assert "executed_jpy" not in years[2023]
    assert years[2024]["requested_jpy"] == 445
    assert "initial_jpy" not in years[2024]
    rates = dataset["budgets"].set_index("fiscal_year")
    assert rates.loc[2021, "printed_rate"] == pytest.approx(0.96)
    assert rates.loc[2021, "printed_rate_initial"] == pytest.approx(0.91)
    assert list(rates["stage"]) == ["closed", "closed", "closed", "running", "requested"]
    assert not (rates["certainty"] == "unsettled").any()


def test_budget_lines_have_item_amounts_and_total() -> None:
    """A line's amounts of the year and of the request; 計 is no line but the total of the year."""
    dataset = _read(_SIDE, _YEARS, _ROWS, _LINES)
    assert _lines(dataset) == [
        (2023, "里山対策費", "里山委託費", 380),
        (2023, "里山対策費", "職員旅費", 50),
        (2024, "里山対策費", "里山委託費", 395),
        (2024, "里山対策費", "職員旅費", 50),
    ]
    assert list(dataset["budget_lines"]["kind"].unique()) == ["initial", "requested"]
    years = _budget(dataset)
    assert years[2023]["lines_total_jpy"] == 430
    assert years[2024]["lines_total_jpy"] == 445
    request = dataset["budgets"].query("fiscal_year == 2024").iloc[0]
    assert request["note"] == "対象とする地域を広げたことによる増"


def test_nothing_of_the_budget_is_left_over() -> None:
    """Every number, heading and dash of the tables is booked."""
    left = " ".join(_read(_SIDE, _YEARS, _ROWS, _LINES)["residue"]["text"])
    assert not any(word in left for word in ("430", "年度要求", "▲", "計"))


def test_columns_printed_cell_by_cell() -> None:
    """The labels in a stack, then the cells of each year from top to bottom: the sums find the years' columns."""
    columns = _cells("400 - - - - 400 380 95% 95% 410 30 - ▲25 - 415 400 96% 91%") + _cells(
        "420 - 25 ▲60 - 385 385 100% 92% 430 - 60 - - 490 445 - - - - 445"
    )
    years = _budget(_read(_SIDE, _STACK, _cells(_YEARS), columns))
    assert years[2020] == {
        "initial_jpy": 400,
        "current_jpy": 400,
        "total_jpy": 400,
        "executed_jpy": 380,
        "precision_jpy": 1,
    }
    assert years[2021]["supplementary_jpy"] == 30
    assert years[2021]["executed_jpy"] == 400
    assert years[2022]["carried_in_jpy"] == 25
    assert years[2022]["carried_out_jpy"] == 60
    assert years[2023]["total_jpy"] == 490
    assert years[2024]["requested_jpy"] == 445


def test_grid_printed_under_the_heading_of_the_lines() -> None:
    """The extractor printed the lines' heading before the grid's numbers: the sums, not the labels, tell the tables apart."""
    grid = _cells("803 ▲14 ▲167 94 716 595 687 167 854 753 785 302 1,087 778 778") + "\n\n83% 88%\n"
    lines = "\n令和5年度当初予算 令和6年度要求\n\n里山委託費\n\n庁費\n\n諸謝金\n\n職員旅費\n\n計（A)\n" + "".join(
        f"\n{row}\n" for row in ("480 443", "206 197", "59 91", "40 47", "785 778")
    )
    dataset = _read(_SIDE, _STACK, _cells(_YEARS), "\n歳出予算項・目\n", grid, lines)
    years = _budget(dataset)
    assert [years[year]["initial_jpy"] for year in (2021, 2022, 2023)] == [803, 687, 785]
    assert years[2021]["reserve_jpy"] == 94
    assert [years[year]["carried_out_jpy"] for year in (2021,)] == [167]
    assert [years[year]["total_jpy"] for year in (2021, 2022, 2023)] == [716, 854, 1087]
    assert years[2024]["requested_jpy"] == 778
    assert [amount for *_, amount in _lines(dataset)] == [480, 206, 59, 40, 443, 197, 91, 47]


def test_change_without_a_year_it_was_carried_from_is_a_supplementary_budget() -> None:
    """20 between A and F: nothing was carried out the year before, so nothing came in."""
    columns = _cells("400 - - - - 400 380 95% 95% 410 20 - - - 430 400 93% 93%") + _cells(
        "420 - - - - 420 385 92% 92% 430 - - - - 430 445 - - - - 445"
    )
    years = _budget(_read(_SIDE, _STACK, _cells(_YEARS), columns))
    assert years[2021]["supplementary_jpy"] == 20
    assert "carried_in_jpy" not in years[2021]


@pytest.mark.parametrize("printed", [(2020, 2022, 2021), (2021, 2020, 2022), (2022, 2021, 2020)])
def test_years_printed_out_of_order_are_told_by_what_they_carried(printed: tuple[int, ...]) -> None:
    """20 carried out of 2020 come in in 2021, 2 of 2021 in 2022; that is the best reading, but the page does not settle it."""
    budgets = _read_years(printed)
    assert (budgets["initial_jpy"] / MILLION).head(4).tolist() == [620, 576, 696, 720]
    assert set(budgets["certainty"].head(3)) == {"unsettled"}


def test_order_of_years_that_the_amounts_carried_contradict_is_not_settled() -> None:
    """Printed first is a year into which the 2 come that the third carries out: the page says one thing, the money another."""
    assert set(_read_years((2022, 2020, 2021))["certainty"].head(3)) == {"unsettled"}


def _read_years(printed: tuple[int, ...]) -> pd.DataFrame:
    """``budgets`` of a sheet whose labels stand in a stack, and whose closed years are printed cell by cell in this order."""
    columns = {
        2020: "620 48 - ▲20 12 660 612 93% 92%",
        2021: "576 15 20 ▲2 5 614 580 94% 98%",
        2022: "696 480 2 - 4 1,182 971 82% 83%",
        2023: "720 - - - - 720",
        2024: "506 - - - - 506",
    }
    return _read(_SIDE, _STACK, _cells(_YEARS), *(_cells(columns[year]) for year in (*printed, 2023, 2024)))["budgets"]


def test_project_that_ends_requests_nothing() -> None:
    """A printed 0 is a request of nothing, not a blank."""
    columns = _cells("400 - - - - 400 380 95% 95% 410 - - - - 410 400 98% 98%") + _cells(
        "420 - - - - 420 385 92% 92% 430 - - - - 430 0 - - - - 0"
    )
    assert _budget(_read(_SIDE, _STACK, _cells(_YEARS), columns))[2024]["requested_jpy"] == 0


def test_names_of_lines_among_the_labels_of_the_grid() -> None:
    """The names stand beside the grid's title and may hold する or を: their endings tell them from prose."""
    names = "\n里山の手入れに要する経費委託費\n\n森を守る補助金\n\n職員旅費\n"
    lines = "\n歳出予算項・目\n\n令和5年度当初予算 令和6年度要求\n\n計（A)\n" + _cells("300 100 30 430 310 100 35 445")
    rows = _lines(_read(_SIDE, names, _YEARS, _ROWS, lines))
    assert [(moku, amount) for _, _, moku, amount in rows[:3]] == [
        ("里山の手入れに要する経費委託費", 300), ("森を守る補助金", 100), ("職員旅費", 30),
    ]  # fmt: skip


def test_zero_without_a_place_is_unsettled() -> None:
    """A lone 0 between A and F may be a supplementary budget or a carry-over: no sum tells, so the year is not sure."""
    columns = _cells("400 - - - - 400 380 95% 95% 410 0 410 400 98% 98%") + _cells(
        "420 - - - - 420 385 92% 92% 430 - - - - 430 445 - - - - 445"
    )
    frame = _read(_SIDE, _STACK, _cells(_YEARS), columns)["budgets"].set_index("fiscal_year")
    assert frame.loc[2021, "certainty"] == "unsettled"
    assert frame.loc[2021, "initial_jpy"] == 410 * MILLION
    assert frame.loc[2020, "certainty"] != "unsettled"


def test_printed_total_is_kept_even_if_it_disagrees() -> None:
    """A sheet's own mistake is a finding for the checks, nothing for a reader to repair."""
    rows = _ROWS.replace("400 415 385 490 445", "400 415 385 480 445")
    years = _budget(_read(_SIDE, _YEARS, rows, _LINES))
    assert years[2023]["total_jpy"] == 480
    assert years[2023]["current_jpy"] == 490


def test_one_decimal_sets_the_precision() -> None:
    rows = "\n当初予算（A) 3.1 2.9 3.0 3.2 3.0\n\n計（F) 3.1 2.9 3.0 3.2 3.0\n\n執行額（G) 3.0 2.9 2.4\n"
    frame = _read(_SIDE, _YEARS, rows)["budgets"].set_index("fiscal_year")
    assert frame.loc[2020, "initial_jpy"] == 3_100_000
    assert frame.loc[2020, "precision_jpy"] == 100_000


def test_number_wrapped_in_a_narrow_cell() -> None:
    """12,3 over 45 is 12,345."""
    rows = "\n当初予算（A) 9,000 9,100 9,200 9,300\n\n12,3\n45\n\n計（F) 9,000 9,100 9,200 9,300 12,345\n"
    assert _budget(_read(_SIDE, _YEARS, rows))[2024]["requested_jpy"] == 12_345


def test_remainder_of_rounding_is_no_amount() -> None:
    """▲ 0 beside その他 is what rounding left over."""
    lines = _LINES.replace("職員旅費 50 50", "職員旅費 50 50\n\n(目)\n\nその他 ▲ 0 ▲ 0")
    rows = {(year, moku): amount for year, _, moku, amount in _lines(_read(_SIDE, _YEARS, _ROWS, lines))}
    assert rows[2023, "その他"] is None
    assert rows[2024, "その他"] is None
    assert rows[2023, "職員旅費"] == 50


def test_name_of_a_line_wrapped_over_two_lines() -> None:
    lines = _LINES.replace("里山委託費 380 395", "里山の手入れと見守りの\n担い手育成委託費\n\n380 395")
    rows = {(year, moku): amount for year, _, moku, amount in _lines(_read(_SIDE, _YEARS, _ROWS, lines))}
    assert rows[2024, "里山の手入れと見守りの担い手育成委託費"] == 395


def test_lines_printed_in_columns() -> None:
    """Names in a stack, then the amounts of the year and of the request, each with its sum."""
    lines = "\n歳出予算項・目\n\n令和5年度当初予算\n\n令和6年度要求\n" + _cells(
        "(項) 里山対策費 (目) 里山委託費 (目) 職員旅費 (目) 庁費 計（A) 380 30 20 430 390 35 20 445"
    )
    assert [line[2:] for line in _lines(_read(_SIDE, _YEARS, _ROWS, lines))] == [
        ("里山委託費", 380), ("職員旅費", 30), ("庁費", 20), ("里山委託費", 390), ("職員旅費", 35), ("庁費", 20),
    ]  # fmt: skip


def test_column_whose_sum_is_chance() -> None:
    """Four numbers in a row add up to the request, but the first amount of their column stands beside its name."""
    lines = "\n歳出予算項・目\n\n令和5年度当初予算 令和6年度要求\n\n里山委託費 200\n" + _cells(
        "150 60 20 215 140 70 20 職員旅費 庁費 借料 計（A) 430 445"
    )
    frame = _read(_SIDE, _YEARS, _ROWS, lines)["budget_lines"]
    amounts = [(row["moku"], row["amount_jpy"] / MILLION) for row in frame.to_dict("records")]
    assert amounts == [
        ("里山委託費", 200), ("職員旅費", 150), ("庁費", 60), ("借料", 20),
        ("里山委託費", 215), ("職員旅費", 140), ("庁費", 70), ("借料", 20),
    ]  # fmt: skip


def test_lines_that_do_not_add_up_are_read_again() -> None:
    """The last amounts of the lines stand apart: with the total taken for the first line nothing would add up."""
    years = "\n令和2年度\n\n令和3年度 令和4年度 令和5年度 令和6年度要求\n"
    grid = """
当初予算 -

補正予算 -

前年度から繰越し -

翌年度へ繰越し

予備費等

計 0

執行額

執行率（％）

-

-

-

217 813 2,868

1,377 3,321 -

1,165 3,187

△ 1,165 △ 3,187 -

212 1,516 4,000 2,868

-

-

1,370

90%
"""
    lines = """
歳出予算目

令和5年度当初予算 令和6年度要求

里山研究費

業務庁費

里山の見守り委託費

職員旅費

委員等旅費

207 1,120

205 896

195 546

174 188

対象とする地域を広げるため。

32 118

計

813 2,868
"""
    dataset = _read(_SIDE, years, grid, lines)
    assert [line[2:] for line in _lines(dataset)] == [
        ("里山研究費", 207), ("業務庁費", 205), ("里山の見守り委託費", 195), ("職員旅費", 174), ("委員等旅費", 32),
        ("里山研究費", 1120), ("業務庁費", 896), ("里山の見守り委託費", 546), ("職員旅費", 188), ("委員等旅費", 118),
    ]  # fmt: skip
    assert _budget(dataset)[2023]["lines_total_jpy"] == 813
    assert "executed_jpy" not in _budget(dataset)[2020]


def test_two_items_of_the_budget() -> None:
    """Each 目 belongs to the 項 printed before it."""
    lines = _LINES.replace("(目)\n\n職員旅費 50 50", "(項)\n\n環境本省共通費\n\n(目)\n\n職員旅費 50 50")
    kou = {moku: kou for _, kou, moku, _ in _lines(_read(_SIDE, _YEARS, _ROWS, lines))}
    assert kou == {"里山委託費": "里山対策費", "職員旅費": "環境本省共通費"}


def test_amount_and_reason_on_one_line() -> None:
    """The reason stands beside the amounts and may share their line."""
    lines = _LINES.replace("里山委託費 380 395", "里山委託費\n\n380 395 対象とする地域を広げたことによる増").replace(
        "\n対象とする地域を広げたことによる増\n\n計", "\n計"
    )
    dataset = _read(_SIDE, _YEARS, _ROWS, lines)
    assert (2023, "里山対策費", "里山委託費", 380) in _lines(dataset)
    assert dataset["budgets"]["note"].dropna().tolist() == ["対象とする地域を広げたことによる増"]


def test_project_that_begins_with_the_request() -> None:
    """Nothing but dashes before: zeros that the form computes are values, dashes are none."""
    columns = _cells("- - - - - 0 - - - - - - - - 0 - - - - - - - - 0 - - - - - - - - 0 58 - - - - 58")
    years = _budget(_read(_SIDE, _STACK, _cells(_YEARS), columns))
    assert years[2024]["requested_jpy"] == 58
    assert years[2020]["total_jpy"] == 0
    assert "initial_jpy" not in years[2020]


def test_serial_numbers_are_no_amounts() -> None:
    """A corporate number or a project number that strays into the part is left over, not read as money."""
    dataset = _read(_SIDE, _YEARS, _ROWS, "\n1010005002667\n\n0123\n", _LINES)
    assert dataset["budgets"]["total_jpy"].max() == 490 * MILLION
    assert {"1010005002667", "0123"} <= set(" ".join(dataset["residue"]["text"]).split())


def test_form_before_2018() -> None:
    """No letters, no rate on A+B, years without an era, names without 項, rates with one decimal."""
    sheet = """
平成28年度行政事業レビューシート

事業番号 0041

事業名 里山の手入れ

担当部局庁 自然局

会計区分 一般会計

予算額・
執行額
（単位:百万円）

２５年度 ２６年度 ２７年度 ２８年度 ２９年度要求

当初予算 82 87 92 154 60

補正予算 - - - -

前年度から繰越し - - - -

翌年度へ繰越し - - - -

予備費等 - - - -

計 82 87 92 154 60

執行額 81 74 60

執行率（％） 98.8% 85.1% 65.2%

歳出予算目 ２８年度当初予算 ２９年度要求 主な増減理由

庁費 121 48

外国旅費 33 12

計 154 60
"""
    dataset = _read_page(sheet)
    years = _budget(dataset)
    assert years[2013]["executed_jpy"] == 81
    assert years[2017]["requested_jpy"] == 60
    assert dataset["budgets"].set_index("fiscal_year").loc[2015, "printed_rate"] == pytest.approx(0.652)
    assert years[2016]["lines_total_jpy"] == 154
    assert [line[2:] for line in _lines(dataset)] == [("庁費", 121), ("外国旅費", 33), ("庁費", 48), ("外国旅費", 12)]
    assert dataset["budget_lines"]["kou"].isna().all()


def test_sheet_without_a_budget_part() -> None:
    """A sheet cut off before its budget has no budget rows, and no error."""
    assert _read("\n予算額・\n執行額\n")["budgets"].empty


def test_real_sheet(sample_text: Path) -> None:
    """The sample: its numbers stand far from their labels, and the sums bring them back."""
    dataset = toolkit.read(sample_text)
    years = _budget(dataset)
    assert [years[year].get("initial_jpy") for year in range(2020, 2024)] == [5871, 6100, 6100, 7088]
    assert [years[year].get("carried_in_jpy") for year in range(2020, 2024)] == [None, 155, 270, 1035]
    assert [years[year].get("carried_out_jpy") for year in range(2020, 2024)] == [155, 270, 1035, None]
    assert [years[year].get("total_jpy") for year in range(2020, 2024)] == [5716, 5985, 5335, 8123]
    assert [years[year].get("executed_jpy") for year in range(2020, 2024)] == [5714, 5983, 5335, None]
    assert years[2024]["requested_jpy"] == 7160
    rates = dataset["budgets"].set_index("fiscal_year")["printed_rate_initial"]
    assert rates.loc[2020:2022].tolist() == pytest.approx([0.97, 0.98, 0.87])
    assert _lines(dataset) == [
        (2023, "研究振興費", "国際研究拠点形成促進事業費補助金", 7085),
        (2023, "研究振興費", "職員旅費", 3),
        (2023, "研究振興費", "庁費", 0.1),
        (2023, "研究振興費", "その他", None),
        (2024, "研究振興費", "国際研究拠点形成促進事業費補助金", 7157),
        (2024, "研究振興費", "職員旅費", 3),
        (2024, "研究振興費", "庁費", 0),
        (2024, "研究振興費", "その他", None),
    ]
    assert "unsettled" not in set(dataset["budget_lines"]["certainty"])
