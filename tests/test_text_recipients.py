"""Recipients, their contracts and contracts over several years in the text layer of a sheet.

The sheets below are made up, and cut to what a test is about; a blank line ends a box of the text extractor, two
blank lines a page.
"""

from __future__ import annotations

import re

import pandas as pd
import pytest

from toolkit.dataset import Dataset
from toolkit.readers.text_layer import read_text

_TOP = """
令和5年度行政事業レビューシート

事業番号 2023-環境-22-0001

事業名 森の調べ

担当部局庁 自然局

会計区分 一般会計
"""

_TITLE = "支出先上位１０者リスト"

_HEAD = """
支　出　先 法　人　番　号 業　務　概　要 契約方式等 落札率

支　出　額
（百万円）

入札者数
（応募者数）

一者応札・一者応募又は
競争性のない随意契約となった
理由及び改善策
（支出額10億円以上）
"""

_MORE = """
支出先上位10者リスト欄についてさらに記載が必要な場合はチェックの上【別紙3】に記載

チェック
"""


def _sheet(*parts: str) -> Dataset:
    return read_text("\n\n".join(part.strip("\n") for part in (_TOP, *parts)), "made-up.txt")


def _row(dataset: Dataset, block: str, rank: int) -> dict[str, object]:
    """A recipient and its first contract in one: the contract's certainty as ``contract_certainty``."""
    recipients, contracts = dataset.recipients, dataset.contracts
    one = recipients[(recipients["block"] == block) & (recipients["rank"] == rank)].iloc[0].to_dict()
    other = (
        contracts[(contracts["block"] == block) & (contracts["rank"] == rank) & (contracts["line"] == 1)]
        .iloc[0]
        .to_dict()
    )
    return {**other, **one, "contract_certainty": other["certainty"]}


def _residue(dataset: Dataset) -> list[str]:
    return dataset.residue["text"].tolist()


def test_a_row_on_one_line_is_read_where_it_stands() -> None:
    sheet = _sheet(
        _TITLE,
        "A.",
        _HEAD,
        "1 株式会社山彦 4010001000003 森林の調査業務 1,234.5 一般競争契約（最低価格） 3 98.5% -",
        _MORE,
    )
    row = _row(sheet, "A", 1)
    assert (row["name"], row["corporate_number"], row["work"]) == ("株式会社山彦", "4010001000003", "森林の調査業務")
    assert (row["amount_jpy"], row["precision_jpy"]) == (1_234_500_000, 100_000)
    assert (row["method"], row["bidders"], row["award_rate"]) == ("一般競争契約（最低価格）", 3, 0.985)
    assert pd.isna(row["single_bid_reason"])
    assert (row["certainty"], row["contract_certainty"]) == ("stated", "stated")
    assert row["fiscal_year"] == 2022
    assert _residue(sheet) == []


def test_wrapped_cells_are_joined() -> None:
    sheet = _sheet(
        _TITLE, "Ａ．", _HEAD, "1", "一般財団法人水と緑の国際交流セ\nンター", "40100010\n00003", "流域の水質に関する国際比較の調\n査業務", "12",
        "一般競争契約（総合評\n価）", "2 -", _MORE,
    )  # fmt: skip
    row = _row(sheet, "A", 1)
    assert row["name"] == "一般財団法人水と緑の国際交流センター"
    assert row["corporate_number"] == "4010001000003"
    assert row["work"] == "流域の水質に関する国際比較の調査業務"
    assert row["method"] == "一般競争契約（総合評価）"
    assert (row["amount_jpy"], row["bidders"]) == (12_000_000, 2)


def test_a_corporate_number_may_take_three_lines_and_is_no_amount() -> None:
    """A column that holds five digits: the numbers of both rows come first, then what stands beside them."""
    sheet = _sheet(
        _TITLE, "Ａ．", _HEAD, "1 川上市\n\n2 川中町", "80000\n20130\n001", "40000\n20270\n008", "流域の整備事業\n\n流域の調査", "203",
        "補助金等交付", "138", "補助金等交付", "- -", _MORE,
    )  # fmt: skip
    rows = [_row(sheet, "A", rank) for rank in (1, 2)]
    assert [row["corporate_number"] for row in rows] == ["8000020130001", "4000020270008"]
    assert [row["amount_jpy"] for row in rows] == [203_000_000, 138_000_000]


def test_a_method_beside_the_second_line_of_a_work_is_read_with_it() -> None:
    sheet = _sheet(
        _TITLE, "Ａ．", _HEAD, "1 株式会社みどり", "1000000000001", "合同庁舎一号館の二階の屋外にあるウッド\nデッキの改修工事 随意契約\n（公募）",
        "12", "3 56.2%", _MORE,
    )  # fmt: skip
    row = _row(sheet, "A", 1)
    assert row["work"] == "合同庁舎一号館の二階の屋外にあるウッドデッキの改修工事"
    assert (row["method"], row["amount_jpy"], row["bidders"]) == ("随意契約（公募）", 12_000_000, 3)


def test_columns_printed_one_after_the_other_go_row_by_row() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, *["1 川上市", "2 川中町", "3 川下村"], *["8000020130001", "4000020270008", "5000020472093"],
        *["流域の整備事業"] * 3, *["9.5", "4", "3"], "補助金等交付", "一般競争契約（最低価格）", "補助金等交付", *["-", "5", "-"], _MORE,
    )  # fmt: skip
    rows = [_row(sheet, "A", rank) for rank in (1, 2, 3)]
    assert [row["name"] for row in rows] == ["川上市", "川中町", "川下村"]
    assert [row["corporate_number"] for row in rows] == ["8000020130001", "4000020270008", "5000020472093"]
    assert [row["amount_jpy"] for row in rows] == [9_500_000, 4_000_000, 3_000_000]
    assert [row["method"] for row in rows] == ["補助金等交付", "一般競争契約（最低価格）", "補助金等交付"]
    assert [None if pd.isna(row["bidders"]) else row["bidders"] for row in rows] == [None, 5, None]
    assert {row["certainty"] for row in rows} == {"solved"}


def test_every_list_belongs_to_the_letter_of_its_order_wherever_the_letters_are_printed() -> None:
    sheet = _sheet(
        _TITLE, "A.", "B.", _HEAD, "1 株式会社山彦 4010001000003 調査業務 10 随意契約（公募） 2 -", _HEAD,
        "1 木霊大学 5010005007398 研究委託 5 随意契約（少額） - -", _MORE, "別紙3", _TITLE, "C.", _HEAD,
        "1 個人Ａ - 講師謝金 0.1 その他 - -",
    )  # fmt: skip
    names = dict(zip(sheet.recipients["block"], sheet.recipients["name"], strict=True))
    assert names == {"A": "株式会社山彦", "B": "木霊大学", "C": "個人Ａ"}


def test_ranks_of_empty_rows_are_no_recipients() -> None:
    sheet = _sheet(
        _TITLE,
        "A",
        _HEAD,
        "1 株式会社山彦 4010001000003 調査業務 10 随意契約（公募） 2 -",
        *map(str, range(2, 11)),
        _MORE,
    )
    assert sheet.recipients["rank"].tolist() == [1]
    assert _residue(sheet) == []


def test_a_list_without_rows_gives_nothing() -> None:
    sheet = _sheet(_TITLE, "A.", _HEAD, *map(str, range(1, 11)), _MORE)
    assert sheet.recipients.empty
    assert sheet.contracts.empty
    assert _residue(sheet) == []


def test_a_person_without_number_keeps_name_and_work_apart() -> None:
    sheet = _sheet(_TITLE, "A.", _HEAD, "1 個人Ａ 職員の出張に関する旅費 0.03 随意契約（少額） - -", _MORE)
    row = _row(sheet, "A", 1)
    assert (row["name"], row["work"], row["amount_jpy"]) == ("個人Ａ", "職員の出張に関する旅費", 30_000)
    assert row["number_status"] == "missing"
    assert row["name_kind"] == "person"


def test_a_name_with_spaces_stays_whole() -> None:
    sheet = _sheet(
        _TITLE,
        "A.",
        _HEAD,
        "1 Green Forest Institute Ltd. -",
        "海外の森林管理に関する調査業務",
        "7 随意契約（企画競争） 2 -",
        _MORE,
    )
    assert _row(sheet, "A", 1)["name"] == "Green Forest Institute Ltd."


def test_other_is_a_method_after_the_amount_and_a_name_after_the_rank() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1 東方法務局 - 庁舎の管理事業 8 その他 - -", "2 西方法務局 - 庁舎の管理事業 5 その他 - -",
        "3 その他 - 庁舎の管理事業 4 その他 - -", _MORE,
    )  # fmt: skip
    assert sheet.recipients["name"].tolist() == ["東方法務局", "西方法務局", "その他"]
    assert set(sheet.contracts["method"]) == {"その他"}
    assert _row(sheet, "A", 3)["name_kind"] == "others"


def test_rows_printed_out_of_order_keep_their_rank() -> None:
    sheet = _sheet(
        _TITLE, "A.", "1 国立大学法人北の大学 6430005004014 雪の研究拠点 90 補助金等交付 - - -", _HEAD,
        "3 国立大学法人南の大学 4120905002554 海の研究拠点 70 補助金等交付 - - -",
        "2 国立大学法人東の大学 5010005007398 山の研究拠点 80 補助金等交付 - - -", _MORE,
    )  # fmt: skip
    frame = sheet.recipients.sort_values("rank")
    assert frame["name"].tolist() == ["国立大学法人北の大学", "国立大学法人東の大学", "国立大学法人南の大学"]
    assert frame["amount_jpy"].tolist() == [90_000_000, 80_000_000, 70_000_000]


def test_numbers_of_blocks_and_rows_may_be_printed_before_the_title() -> None:
    sheet = _sheet(
        "B", "1", "2", _TITLE, "A", _HEAD, "1 株式会社山彦 4010001000003 調査業務 10 随意契約（公募） 2 -", _HEAD, "株式会社海鳴", "株式会社雪代",
        "設計業務 9 随意契約（公募） 4 -", "施工業務 6 随意契約（公募） 5 -", _MORE,
    )  # fmt: skip
    assert [_row(sheet, "B", rank)["name"] for rank in (1, 2)] == ["株式会社海鳴", "株式会社雪代"]
    assert [_row(sheet, "B", rank)["bidders"] for rank in (1, 2)] == [4, 5]


def test_a_row_cut_by_the_end_of_a_page_counts_once() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1 川上市 8000020130001 流域の整備事業 9 補助金等交付 - -", "2 川中町 - 流域の整備事業 4 補助金等交付 - -\n\n",
        "2 川中町 - 流域の整備事業 4 補助金等交付 - -", "3 川下村 - 流域の整備事業 3 補助金等交付 - -", _MORE,
    )  # fmt: skip
    assert sheet.recipients["name"].tolist() == ["川上市", "川中町", "川下村"]
    assert sheet.recipients["amount_jpy"].tolist() == [9_000_000, 4_000_000, 3_000_000]


def test_the_reason_for_a_single_bid_is_prose_of_its_own() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1 株式会社山彦 4010001000003 調査業務 2,100 一般競争契約（総合評価） 1 100%",
        "一者応札となったため。公告の期間\nを延ばして改める。", _MORE,
    )  # fmt: skip
    row = _row(sheet, "A", 1)
    assert row["single_bid_reason"] == "一者応札となったため。公告の期間を延ばして改める。"
    assert row["award_rate"] == 1.0


def test_amounts_that_do_not_fall_are_not_sure() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1 株式会社山彦", "2 株式会社海鳴", "4010001000003", "5010005007398", "調査業務", "設計業務", "3", "10",
        "随意契約（公募）", "随意契約（公募）", "2", "4", _MORE,
    )  # fmt: skip
    assert set(sheet.recipients["certainty"]) == {"unsettled"}


def test_a_further_contract_of_the_same_recipient_is_a_line_of_its_contracts() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1 株式会社山彦 4010001000003 調査業務 30 一般競争契約（最低価格） 2 90%", "印刷業務 5 随意契約（少額） - -",
        "2 株式会社海鳴 5010005007398 設計業務 20 一般競争契約（最低価格） 3 80%", _MORE,
    )  # fmt: skip
    assert sheet.recipients["rank"].tolist() == [1, 2]
    first = sheet.contracts[sheet.contracts["rank"] == 1].sort_values("line")
    assert first["work"].tolist() == ["調査業務", "印刷業務"]
    assert first["certainty"].tolist()[1] == "unsettled"


_YEARS = """
国庫債務負担行為等による契約先上位10者リスト

ブロック名 契　約　先 法　人　番　号 業　務　概　要 契約方式等 落札率

契　約　額
（百万円）

入札者数
（応募者数）

一者応札・一者応募又は
競争性のない随意契約となった
理由及び改善策
（契約額10億円以上）
"""


@pytest.mark.parametrize(
    "rows",
    [
        ["1 A 株式会社山彦 - 観測船の建造（５か年） 746 一般競争契約（最低価格） 1 81.3% -", "2 C 株式会社海鳴 - 観測機の借入れ 12 随意契約（公募） 3 - -"],
        ["1", "2", "A", "C", "株式会社山彦", "株式会社海鳴", "-", "-", "観測船の建造（５か年）", "観測機の借入れ", "746", "12",
         "一般競争契約（最低価格）", "随意契約（公募）", "1 81.3% -", "3 -"],
    ],
    ids=["row by row", "column by column"],
)  # fmt: skip
def test_contracts_over_several_years(rows: list[str]) -> None:
    frame = _sheet(_YEARS, *rows).multi_year_contracts
    assert frame["block"].tolist() == ["A", "C"]
    assert frame["contractor"].tolist() == ["株式会社山彦", "株式会社海鳴"]
    assert frame["amount_jpy"].tolist() == [746_000_000, 12_000_000]
    assert frame["bidders"].tolist() == [1, 3]
    assert frame["award_rate"].tolist()[0] == pytest.approx(0.813)
    assert frame["method"].tolist() == ["一般競争契約（最低価格）", "随意契約（公募）"]


def test_torn_words_of_a_head_are_labels_not_recipients() -> None:
    head = "支　出　先 法　人　番　号 業　務　概　要 契約方式等 落札率\n\n支　出　額\n（百万円）\n\n入札者数\n（応募者数）\n\n一者応札・一者応募又は\n競争性のない随意契約となった"
    sheet = _sheet(
        _TITLE,
        "A.",
        head,
        "1 株式会社山彦 4010001000003 調査業務 10 随意契約（公募） 2 -",
        "理由及び改善策\n（支出額10億円以上）",
        _MORE,
    )
    assert sheet.recipients["name"].tolist() == ["株式会社山彦"]
    assert _residue(sheet) == []


def test_odd_text_never_fails() -> None:
    sheet = _sheet(_TITLE, _HEAD, *["1 1 1 - - %", "99", "随意契約（公募）", "○", "。", "A.B.C"] * 30, _MORE)
    assert set(sheet.recipients["certainty"]) <= {"stated", "solved", "unsettled"}


def test_a_row_without_a_contract_method_still_counts() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1 川上市 8000020130001 流域の整備事業 9 補助金等交付 - -", "2 個人Ａ - 講師謝金 4 - - -",
        "3 川下村 - 流域の整備事業 3 補助金等交付 - -", _MORE,
    )  # fmt: skip
    assert sheet.recipients["name"].tolist() == ["川上市", "個人Ａ", "川下村"]
    assert sheet.contracts["method"].isna().tolist() == [False, True, False]


def test_a_method_outside_the_list_of_the_form_is_kept_as_printed() -> None:
    sheet = _sheet(_TITLE, "A.", _HEAD, "1 株式会社山彦 4010001000003 調査業務 30 共同研究 - -", _MORE)
    assert sheet.contracts["method"].tolist() == ["共同研究"]


def test_a_method_of_two_lines_may_have_the_numbers_of_its_row_between_them() -> None:
    sheet = _sheet(
        _TITLE, "Ａ．", _HEAD,
        "1 杉並木株式会社 1234567890128 機器の整備一式\n一般競争契約（総\n44 3 54.4%\n合評価）", "2 青空株式会社 5010401095484 図面の作成\n随意契約（企画競\n30 2 -\n争）", _MORE,
    )  # fmt: skip
    contracts = sheet.contracts.set_index("rank")
    assert [re.sub(r"\s", "", one) for one in contracts["method"]] == [
        "一般競争契約（総合評価）",
        "随意契約（企画競争）",
    ]
    assert contracts["bidders"].tolist() == [3, 2]


def test_bidders_of_a_later_table_may_be_printed_first() -> None:
    """Each column has a number or a dash for every row: only one order of the tables fits their methods."""

    def rows(*names: str) -> str:
        return "\n\n".join([*names, *["調査業務"] * len(names)])

    sheet = _sheet(
        _TITLE, "A.", _HEAD, rows("1 川上株式会社", "2 川中株式会社", "3 川下株式会社"), "30\n\n20\n\n10",
        "補助金等交付\n\n随意契約（公募）\n\n一般競争契約（最低価格）", "B.", _HEAD, rows("1 山上株式会社", "2 山中株式会社"),
        "8\n\n7", "随意契約（企画競争）\n\n随意契約（少額）", "4\n\n-", "-\n\n2\n\n12", _MORE,
    )  # fmt: skip
    bidders = sheet.contracts.sort_values(["block", "rank"])["bidders"]
    assert [None if pd.isna(one) else one for one in bidders] == [None, 2, 12, 4, None]


def test_the_next_title_may_stand_before_the_right_half_of_a_list() -> None:
    title, labels = _YEARS.strip().split("\n\n", 1)
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1 川上株式会社 8000020130001", "2 川中株式会社 4000020270008", title, "流域の調査業務", "流域の図面の作成業務",
        "30 随意契約（公募） 2 -", "20 随意契約（少額） - -", _MORE, labels, "1 A 株式会社山彦 - 観測船の建造 746 一般競争契約（最低価格） 1 81.3% -",
    )  # fmt: skip
    assert sheet.recipients["amount_jpy"].tolist() == [30_000_000, 20_000_000]
    assert sheet.multi_year_contracts["contractor"].tolist() == ["株式会社山彦"]


def test_a_head_printed_again_on_the_next_page_is_one_table() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1 川上市 8000020130001 流域の整備事業 9 補助金等交付 - -", "B.", _HEAD + "\n\n" + _HEAD,
        "1 川下村 5000020472093 流域の整備事業 3 補助金等交付 - -", _MORE,
    )  # fmt: skip
    assert sheet.recipients[["block", "name"]].values.tolist() == [["A", "川上市"], ["B", "川下村"]]


def test_a_method_of_one_line_may_stand_beside_the_second_line_of_a_work() -> None:
    rows = [
        line
        for rank, amount in ((1, "14"), (2, "5"))
        for line in (f"{rank} 川上市{rank}区", "800002013000" + str(rank), "新型感染症への対応として緊急に実施する相談窓口の運営\nを広く行う市町村への支援 随意契約（公募）", amount, f"{rank} 70%")
    ]  # fmt: skip
    sheet = _sheet(_TITLE, "A.", _HEAD, *rows, _MORE)
    assert sheet.contracts["method"].tolist() == ["随意契約（公募）"] * 2
    assert sheet.contracts["bidders"].tolist() == [1, 2]


def test_a_row_cut_by_the_end_of_a_page_counts_once_where_its_cells_stand_apart() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1\n\n2", "川上株式会社\n\n8000020130001\n\n川中株式会社\n\n4000020270008\n\n調査業務\n\n図面の作成業務",
        "30\n\n20\n\n随意契約（公募）\n\n一般競争契約（最低価格）\n\n2\n\n12\n\n\n2\n\n3",
        "川中株式会社\n\n4000020270008\n\n川下株式会社\n\n5000020472093\n\n図面の作成業務\n\n印刷業務",
        "20\n\n10\n\n一般競争契約（最低価格）\n\n随意契約（公募）\n\n12\n\n7", _MORE,
    )  # fmt: skip
    assert sheet.recipients["name"].tolist() == ["川上株式会社", "川中株式会社", "川下株式会社"]
    assert sheet.recipients["amount_jpy"].tolist() == [30_000_000, 20_000_000, 10_000_000]
    assert sheet.contracts["bidders"].tolist() == [2, 12, 7]


def test_a_row_is_cut_by_a_page_only_where_rank_and_name_stand_in_one_row_of_the_table_that_goes_on() -> None:
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "1 川上市 8000020130001 流域の整備事業 9 補助金等交付 - -", "2 川中町 - 流域の整備事業 4 補助金等交付 - -",
        "B.", _HEAD, "1 川下村 - 調査業務 8 補助金等交付 - -\n\n\n2 川上市 8000020130001 調査業務 3 補助金等交付 - -", _MORE,
    )  # fmt: skip
    assert sheet.recipients["name"].tolist() == ["川上市", "川中町", "川下村", "川上市"]
    assert sheet.recipients["rank"].tolist() == [1, 2, 1, 2]


def test_a_method_may_get_its_closing_bracket_further_down() -> None:
    """A cell broken before its last character, printed line by line over the whole row."""
    sheet = _sheet(
        _TITLE, "A.", _HEAD,
        "1 株式会社山彦 4010001000003 森の見回り業務 一般競争契約（最低価格\n30\n2 91%\n）",
        "2 株式会社木霊 1000000000001 下草の刈取り業務 12 一般競争契約（総合評価） 4 88%", _MORE,
    )  # fmt: skip
    first, second = _row(sheet, "A", 1), _row(sheet, "A", 2)
    assert (first["method"], first["bidders"], first["amount_jpy"]) == ("一般競争契約（最低価格）", 2, 30_000_000)
    assert (second["method"], second["bidders"]) == ("一般競争契約（総合評価）", 4)
    assert _residue(sheet) == []


def test_names_of_the_last_list_may_be_printed_before_the_labels_of_those_above() -> None:
    """Numbers and letters of all lists, then the names of the last one: its own label is still to come."""
    sheet = _sheet(
        _TITLE, "A.", _HEAD, "山彦県", "7000020070009", "植樹事業", "90 補助金等交付", "1", "B.", "1\n\n2\n\n3", "C.", "1\n\n2\n\n3\n\n4",
        "東野県\n\n西野県\n\n南野県\n\n北野県",
        _HEAD, "株式会社山彦", "4010001000003", "苗の育成業務", "70 随意契約（少額）", "株式会社木霊", "1000000000001", "苗の運搬業務",
        "50 随意契約（少額）", "株式会社水音", "1010001000006", "苗の検査業務", "20 随意契約（少額）",
        _HEAD, "8000020040002", "植樹の補助", "40 補助金等交付", "1000020470007", "植樹の補助", "30 補助金等交付", "8000020460001", "植樹の補助",
        "20 補助金等交付", "7000020220001", "植樹の補助", "10 補助金等交付", _MORE,
    )  # fmt: skip
    names = sheet.recipients.sort_values(["block", "rank"]).groupby("block")["name"].agg(list).to_dict()
    assert names == {
        "A": ["山彦県"], "B": ["株式会社山彦", "株式会社木霊", "株式会社水音"], "C": ["東野県", "西野県", "南野県", "北野県"],
    }  # fmt: skip


def test_names_are_not_guessed_where_one_was_printed_after_those_of_later_rows() -> None:
    """One name was left out of its column and follows below the label: any of the rows may be its own, and each name
    may be one row off. Only the name beside its number is given."""
    sheet = _sheet(
        _TITLE, "A.", "個人Ａ\n\n個人Ｂ\n\n個人Ｃ", "1\n\n2\n\n3\n\n4", "5 個人Ｄ", _HEAD, "森林組合", "調べ\n\n調べ\n\n調べ\n\n調べ\n\n調べ",
        "5 随意契約（少額）", "4 随意契約（少額）", "3 随意契約（少額）", "2 随意契約（少額）", "1 随意契約（少額）", _MORE,
    )  # fmt: skip
    assert _row(sheet, "A", 5)["name"] == "個人Ｄ"
    assert set(sheet.recipients["name"].dropna()) == {"個人Ｄ"}
    assert {"個人Ａ", "個人Ｂ", "個人Ｃ", "森林組合"} <= set(_residue(sheet))
