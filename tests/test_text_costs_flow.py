"""The flow of funds and the cost items in the text layer of a sheet.

The sheets below are made up, and cut to what a test is about; a blank line ends a box of the text extractor.
"""

from __future__ import annotations

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

※令和4年度実績を記入。執行実績がない新規事業、新規要求事業については現時点で予定やイメージを記入。
"""

_FLOW_LABEL = """
資金の流れ
（資金の受け取り先が
何を行っているかにつ
いて補足する）
（単位：百万円）
"""

_HEAD = """
費　目 使　途

金　額
(百万円）

費　目 使　途

金　額
(百万円）
"""

_MORE = """
費目・使途欄についてさらに記載が必要な場合はチェックの上【別紙2】に記載

チェック
"""


def _sheet(*parts: str) -> Dataset:
    return read_text("\n\n".join(part.strip("\n") for part in (_TOP, *parts)), "made-up.txt")


def _lists(*recipients: tuple[str, str, int]) -> str:
    """A list with one recipient for every block: letter, name and million yen."""
    return "\n\n".join(
        f"{letter}.\n\n支　出　先 法　人　番　号 業　務　概　要 契約方式等 落札率\n\n支　出　額\n（百万円）\n\n"
        f"入札者数\n（応募者数）\n\n1 {name} - 調べ {amount} 随意契約（少額） - -"
        for letter, name, amount in recipients
    )


def _items(dataset: Dataset) -> dict[str, list[tuple[str, int]]]:
    """Item and amount in million yen of every block, in the order of the rows."""
    table = dataset["cost_items"].sort_values(["block", "line"])
    return {
        block: [
            (item, round(amount / 1_000_000)) for item, amount in zip(rows["item"], rows["amount_jpy"], strict=True)
        ]
        for block, rows in table.groupby("block")
    }


def _payers(dataset: Dataset) -> dict[str, str | None]:
    table = dataset["flows"]
    return {
        target: None if source is pd.NA else source
        for source, target in zip(table["from_block"], table["to_block"], strict=True)
    }


def _amounts(dataset: Dataset) -> dict[str, int]:
    table = dataset["blocks"]
    return dict(zip(table["block"], table["amount_jpy"], strict=True))


# -- cost items


def test_rows_printed_whole_are_stated():
    sheet = _sheet(
        "A.杉並木株式会社\n\nB.青空大学", _HEAD,
        "人件費 研究員の給与 30 旅費 現地までの交通費 9", "物品費 試薬の購入 12 謝金 助言者への謝金 4",
        "計 42 計 13", _MORE,
    )  # fmt: skip
    assert _items(sheet) == {"A": [("人件費", 30), ("物品費", 12)], "B": [("旅費", 9), ("謝金", 4)]}
    assert set(sheet["cost_items"]["certainty"]) == {"stated"}
    first = sheet["cost_items"].iloc[0]
    assert (first["use"], first["recipient"]) == ("研究員の給与", "杉並木株式会社")
    totals = sheet["blocks"].set_index("block")
    assert totals.loc["A", "cost_total_jpy"] == 42_000_000
    assert totals.loc["B", "cost_recipient"] == "青空大学"


def test_a_number_of_the_left_table_shares_a_line_with_an_item_of_the_right():
    """Neighbouring cells of one row join; which block a number belongs to is for the 計 to tell."""
    sheet = _sheet(
        "A.\n\nB.", _HEAD,
        "設備費 測定器 310 事業費", "会議の開催に要する経費 205", "人件費 調査員の給与", "旅費 研究会への出張旅費 25 謝金",
        "計 420 計 285", "85 消耗品費 用紙等", "助言者への謝金 20", "60", _MORE,
    )  # fmt: skip
    assert _items(sheet) == {
        "A": [("設備費", 310), ("人件費", 85), ("旅費", 25)],
        "B": [("事業費", 205), ("消耗品費", 60), ("謝金", 20)],
    }
    assert "unsettled" not in set(sheet["cost_items"]["certainty"])
    assert sheet["cost_items"]["recipient"].isna().all()


def test_columns_printed_one_after_the_other():
    """With narrow spacing the extractor keeps all cells apart and prints a table column by column."""
    sheet = _sheet(
        "A.杉並木株式会社\n\nB.青空大学", "費　目\n\n使　途",
        "人件費\n\n調査員の給与\n\n旅費\n\n委員等旅費\n\n計", "金　額\n(百万円）\n\n33\n\n7\n\n40",
        "費　目\n\n使　途", "印刷製本費\n\n報告書印刷\n\n計", _MORE, "金　額\n(百万円）\n\n18\n\n18",
    )  # fmt: skip
    assert _items(sheet) == {"A": [("人件費", 33), ("旅費", 7)], "B": [("印刷製本費", 18)]}


def test_rows_of_the_longer_table_come_after_the_total_of_the_shorter():
    sheet = _sheet(
        "A.杉並木株式会社\n\nB.青空大学", _HEAD, "外注費 測量の外注 50 人件費 調査員の給与 21", "計\n\n50 計",
        "旅費 現地までの交通費\n\n一般管理費 一般管理費", "13\n\n6\n\n40", _MORE,
    )  # fmt: skip
    assert _items(sheet) == {"A": [("外注費", 50)], "B": [("人件費", 21), ("旅費", 13), ("一般管理費", 6)]}


def test_items_continue_in_the_annex_with_the_next_letters():
    sheet = _sheet(
        "A.杉並木株式会社\n\nB.青空大学", _HEAD, "人件費 調査員の給与 5 旅費 委員等旅費 3", "計 5 計 3", _MORE,
        "支出先上位10者リスト", "別紙2", "Ｃ．みどり市\n\nD.", _HEAD, "補助金 植樹への補助 8", "計 8 計",
    )  # fmt: skip
    assert _items(sheet) == {"A": [("人件費", 5)], "B": [("旅費", 3)], "C": [("補助金", 8)]}
    assert "D" not in set(sheet["blocks"]["block"])  # an empty half is no block


def test_a_wrapped_use_is_joined():
    sheet = _sheet(
        "A.杉並木株式会社", _HEAD,
        "旅費\n委員会への出席に伴う国内旅費、外国旅費及び現地調査に係る\n旅費等 15", "人件費 調査員の給与 4", "計 19 計", _MORE,
    )  # fmt: skip
    uses = list(sheet["cost_items"].sort_values("line")["use"])
    assert uses == ["委員会への出席に伴う国内旅費、外国旅費及び現地調査に係る旅費等", "調査員の給与"]


def test_a_table_that_does_not_add_up_is_unsettled():
    sheet = _sheet("A.杉並木株式会社", _HEAD, "旅費 委員等旅費 15", "人件費 調査員の給与 4", "計 33 計", _MORE)
    assert _items(sheet) == {"A": [("旅費", 15), ("人件費", 4)]}
    assert set(sheet["cost_items"]["certainty"]) == {"unsettled"}
    assert sheet["blocks"]["cost_total_jpy"].isna().all()


def test_a_wrong_total_loses_no_item_where_the_recipients_tell_the_sum():
    """The printed 計 of B is 9 too high: what its recipient got is the sum of the items, and the 計 is no item."""
    sheet = _sheet(
        "A.杉並木株式会社\n\nB.青空大学", "費　目 使　途\n金　額\n(百万円）\n費　目 使　途", "通信費 回線使用料",
        "5 外注費 会場設営の外注", "旅費 現地までの交通費 2 謝金 助言者への謝金", "計\n\n7 計", "金　額\n(百万円）", "6\n\n3\n\n18", _MORE,
        "支出先上位10者リスト", _lists(("A", "杉並木株式会社", 7), ("B", "青空大学", 9)),
    )  # fmt: skip
    assert _items(sheet) == {"A": [("通信費", 5), ("旅費", 2)], "B": [("外注費", 6), ("謝金", 3)]}
    rows = sheet["cost_items"]
    assert set(rows[rows["block"] == "B"]["certainty"]) == {"unsettled"}
    totals = sheet["blocks"].set_index("block")["cost_total_jpy"]
    assert totals["A"] == 7_000_000
    assert totals.isna().sum() == len(totals) - 1


def test_a_column_of_amounts_goes_to_the_block_whose_total_it_makes():
    """Columns of items, then columns of amounts, those of the lower table on the left first: only the sums tell."""
    sheet = _sheet(
        "A.", "費　目\n\n使　途", "人件費\n\n調査員の給与\n\n計", "C.", "費　目\n\n使　途", "外注費\n\n測量の外注\n\n借料\n\n会場の借上げ",
        "B.", "費　目\n\n使　途", "旅費\n\n謝金\n\n雑役務費", "委員等旅費\n\n助言者への謝金\n\n会場設営", "計\n\n計",
        "金　額\n(百万円）\n\n31\n\n12\n\n43", "金　額\n(百万円）\n\n25\n\n25", "金　額\n(百万円）\n\n9\n\n6\n\n2\n\n17", _MORE,
        "支出先上位10者リスト", _lists(("A", "杉並木株式会社", 25), ("B", "青空株式会社", 17), ("C", "みどり市", 43)),
    )  # fmt: skip
    assert _items(sheet) == {
        "A": [("人件費", 25)], "B": [("旅費", 9), ("謝金", 6), ("雑役務費", 2)], "C": [("外注費", 31), ("借料", 12)],
    }  # fmt: skip


def test_amounts_that_both_blocks_could_have_are_unsettled():
    sheet = _sheet(
        "A.\n\nB.", _HEAD, "人件費 調査員の給与", "謝金 助言者への謝金", "外注費 測量の外注", "借料 会場の借上げ", "計\n\n計",
        "5\n\n5\n\n3\n\n3\n\n8\n\n8", _MORE,
    )  # fmt: skip
    assert set(sheet["cost_items"]["certainty"]) == {"unsettled"}


@pytest.mark.parametrize(("got", "certainty"), [(714, "stated"), (715, "stated"), (701, "unsettled")])
def test_items_that_add_up_to_what_another_recipient_got_are_unsettled(got, certainty):
    """The 計 only says that the amounts are one table: whose it is, the list says, and it rounds to a million."""
    sheet = _sheet(
        "A.杉並木株式会社", _HEAD, "外注費 測量の外注 444", "借料 会場の借上げ 270", "計 714 計", _MORE,
        "支出先上位10者リスト", _lists(("A", "杉並木株式会社", got)),
    )  # fmt: skip
    assert _items(sheet) == {"A": [("外注費", 444), ("借料", 270)]}
    assert set(sheet["cost_items"]["certainty"]) == {certainty}


def _printed_apart(items: list[str], uses: list[str]) -> Dataset:
    """The items, uses and amounts of one block, each column for itself; the amounts 9, 6, 3 are what its recipient got."""
    return _sheet(
        "A.杉並木株式会社", "費　目\n\n使　途", "\n\n".join(items), "\n\n".join(uses), "計", "金　額\n(百万円）\n\n9\n\n6\n\n3\n\n18", _MORE,
        "支出先上位10者リスト", _lists(("A", "杉並木株式会社", 18)),
    )  # fmt: skip


def test_items_are_unsettled_where_their_words_stand_in_the_uses_of_other_rows():
    """The amounts add up in any order of the rows: that item and use share no word, but each with another's, tells."""
    sheet = _printed_apart(["人件費", "借料", "謝金"], ["会場の借上げ", "調査員の給与", "助言者への謝金"])
    assert set(sheet["cost_items"]["certainty"]) == {"unsettled"}
    sheet = _printed_apart(["借料", "人件費", "謝金"], ["会場の借上げ", "調査員の給与", "助言者への謝金"])
    assert _items(sheet) == {"A": [("借料", 9), ("人件費", 6), ("謝金", 3)]}
    assert set(sheet["cost_items"]["certainty"]) == {"solved"}


def test_items_are_unsettled_where_a_use_stands_among_them():
    sheet = _printed_apart(["人件費", "会場及び車両の借上げ", "謝金"], ["調査員の給与", "助言者への謝金"])
    assert set(sheet["cost_items"]["certainty"]) == {"unsettled"}


@pytest.mark.parametrize(("total", "certainty"), [(12, "unsettled"), (15, "solved")])
def test_jumbled_blocks_of_one_total_are_unsettled(total, certainty):
    """Where both recipients got 12 either table is as good for A as for B; where one got 15 the sums tell."""
    sheet = _sheet(
        "A.\n\nB.", "人件費", "計\n\n計", "費　目\n\n使　途", "金　額\n(百万円）\n\n7\n\n5\n\n12", "外注費\n\n借料", "測量の外注\n\n会場の借上げ",
        "費　目\n\n使　途", f"金　額\n(百万円）\n\n{total}\n\n{total}", "調査員の給与", _MORE,
        "支出先上位10者リスト", _lists(("A", "杉並木株式会社", 12), ("B", "青空株式会社", total)),
    )  # fmt: skip
    assert _items(sheet) == {"A": [("外注費", 7), ("借料", 5)], "B": [("人件費", total)]}
    assert set(sheet["cost_items"]["certainty"]) == {certainty}


def test_the_last_character_of_a_wrapped_item_is_no_item():
    sheet = _sheet("A.杉並木株式会社", _HEAD, "一般管理\n費\n\n本部の経費 12", "旅費 委員等旅費 3", "計 15 計", _MORE)
    assert _items(sheet) == {"A": [("一般管理費", 12), ("旅費", 3)]}


def test_a_box_of_the_picture_is_no_heading_where_the_table_stands_in_the_annex():
    sheet = _sheet(
        "C.みどり市", "A.\n\nB.", _HEAD, "人件費 調査員の給与 5 旅費 委員等旅費 3", "計 5 計 3", _MORE,
        "支出先上位10者リスト", "別紙2", "C.\n\nD.", _HEAD, "補助金 植樹への補助 8", "計 8 計",
    )  # fmt: skip
    assert _items(sheet) == {"A": [("人件費", 5)], "B": [("旅費", 3)], "C": [("補助金", 8)]}


def test_an_empty_form_has_no_cost_items():
    sheet = _sheet("A.\n\nB.", _HEAD, "計 計", _MORE)
    assert sheet["cost_items"].empty
    assert sheet["blocks"].empty


# -- boxes of the flow of funds


def test_boxes_printed_in_one_piece():
    sheet = _sheet(
        "環境省\n120百万円\nうち職員旅費等 0.5百万円を含む", "↓", "【補助金等交付】",
        "Ａ．森の手入れ\n地方公共団体\n（全12者）\n119.5百万円", "枯れ木を片付ける。", _FLOW_LABEL,
    )  # fmt: skip
    assert sheet["sheets"]["flow_amount_jpy"].item() == 120_000_000
    costs = sheet["ministry_costs"].iloc[0]
    assert (costs["item"], costs["amount_jpy"]) == ("職員旅費等", 500_000)
    block = sheet["blocks"].iloc[0]
    assert (block["block"], block["name"], block["recipient_label"]) == ("A", "森の手入れ", "地方公共団体")
    assert (block["recipient_count"], block["amount_jpy"], block["precision_jpy"]) == (12, 119_500_000, 100_000)
    assert block["role"] == "枯れ木を片付ける。"
    flow = sheet["flows"].iloc[0]
    assert (flow["to_block"], flow["by"], flow["certainty"]) == ("A", "補助金等交付", "solved")
    assert flow["from_block"] is pd.NA


@pytest.mark.parametrize(
    ("printed", "amount", "count"),
    [
        ("8件：4,735百万円", 4_735_000_000, 8),
        ("【3者】278百万円", 278_000_000, 3),
        ("12.5百万円（5者）", 12_500_000, 5),
        ("（全77者）\n135百万円", 135_000_000, 77),
        ("16 百万円", 16_000_000, None),
        ("640千円", 640_000, None),
    ],
)
def test_ways_to_print_amount_and_number_of_recipients(printed, amount, count):
    sheet = _sheet("環境省\n9,000百万円", f"Ａ．森の手入れ\n民間団体等\n{printed}", _FLOW_LABEL)
    block = sheet["blocks"].iloc[0]
    assert block["amount_jpy"] == amount
    assert block["recipient_count"] is pd.NA if count is None else block["recipient_count"] == count


@pytest.mark.parametrize("head", ["Ａ．森の手入れ", "A.森の手入れ", "Ａ . 森の手入れ", "【Ａ】森の手入れ"])
def test_ways_to_print_the_letter_of_a_block(head):
    sheet = _sheet("環境省\n30百万円", f"{head}\n民間団体等\n30百万円", _FLOW_LABEL)
    assert sheet["blocks"].iloc[0]["block"] == "A"
    assert sheet["blocks"].iloc[0]["name"] == "森の手入れ"


def test_the_payee_may_stand_beside_the_letter_and_the_purpose_below():
    sheet = _sheet("環境省\n30百万円", "Ａ.杉並木株式会社\n森の手入れ\n30百万円", _FLOW_LABEL)
    block = sheet["blocks"].iloc[0]
    assert (block["name"], block["recipient_label"]) == ("森の手入れ", "杉並木株式会社")


def test_boxes_written_into_rows_of_cells_share_lines():
    sheet = _sheet(
        "環境省", "286百万円", "職員旅費 6百万円 を含む", "↓ ↓", "【随意契約（企画競争）】 【随意契約（少額）】",
        "Ａ．相談への対応 Ｂ．切符の手配", "民間企業等 民間団体等", "30件：232百万円 10件：48百万円", _FLOW_LABEL,
    )  # fmt: skip
    assert _amounts(sheet) == {"A": 232_000_000, "B": 48_000_000}
    assert list(sheet["blocks"]["recipient_label"]) == ["民間企業等", "民間団体等"]
    assert list(sheet["flows"]["by"]) == ["随意契約（企画競争）", "随意契約（少額）"]
    assert set(sheet["blocks"]["certainty"]) == {"stated"}


def test_cells_of_two_boxes_printed_apart_are_told_by_order_only():
    sheet = _sheet(
        "環境省", "80百万円", "↓\n\n↓", "Ａ．相談への対応", "Ｂ．切符の手配", "民間企業等\n\n民間団体等", "50百万円", "30百万円",
        _FLOW_LABEL,
    )  # fmt: skip
    assert _amounts(sheet) == {"A": 50_000_000, "B": 30_000_000}
    assert set(sheet["blocks"]["certainty"]) == {"unsettled"}


def test_a_sheet_without_a_picture_has_no_blocks():
    sheet = _sheet(_FLOW_LABEL, _MORE)
    assert sheet["blocks"].empty
    assert sheet["flows"].empty


# -- who pays whom


def test_the_note_at_the_arrow_names_the_payer():
    sheet = _sheet(
        "環境省\n100百万円", "↓", "Ａ．調べ\n民間企業等\n70百万円", "↓", "Ｂ．植樹\n民間企業等\n30百万円", "↓（Aより）",
        "Ｃ．測量\n民間企業等\n20百万円", _FLOW_LABEL,
    )  # fmt: skip
    assert _payers(sheet) == {"A": None, "B": None, "C": "A"}
    assert set(sheet["flows"]["certainty"]) == {"stated", "solved"}


def test_what_the_ministry_pays_adds_up_to_what_it_has():
    """203 is the amount of A: B and C, which add up to 203 too, are paid out of it as A alone stands in the first row."""
    sheet = _sheet(
        "国土交通省\n203百万円", "↓", "Ａ．鉄道の整備\n独立行政法人\n203百万円", "↓\n\n↓",
        "Ｂ．駅の整備\n地方公共団体\n163百万円", "Ｃ．橋の整備\n南鉄道株式会社\n39百万円", _FLOW_LABEL,
    )  # fmt: skip
    assert _payers(sheet) == {"A": None, "B": "A", "C": "A"}
    blocks = sheet["blocks"].set_index("block")
    assert list(blocks["is_root"]) == [True, False, False]
    assert list(blocks["depth"]) == [1, 2, 2]


def test_an_exact_sum_speaks_louder_than_a_rounded_one():
    """A alone is what the ministry has; A and B would be 11, within what rounding allows."""
    sheet = _sheet(
        "外務省\n10百万円", "↓", "Ａ．会議\n民間企業等\n10百万円", "↓", "Ｂ．食事\n民間企業等\n1百万円", _FLOW_LABEL,
    )  # fmt: skip
    assert _payers(sheet) == {"A": None, "B": "A"}


def test_the_ministrys_own_costs_may_stand_in_brackets():
    sheet = _sheet(
        "デジタル庁\n28,143百万円\n（庁費 20百万円を含む）", "↓", "Ａ．受付\n民間企業等\n28,123百万円", _FLOW_LABEL,
    )  # fmt: skip
    costs = sheet["ministry_costs"].iloc[0]
    assert (costs["item"], costs["amount_jpy"]) == ("庁費", 20_000_000)
    assert sheet["flows"]["certainty"].item() == "solved"


def test_one_text_more_than_boxes_belongs_to_the_ministry():
    sheet = _sheet(
        "環境省\n100百万円", "↓", "Ａ．調べ\n民間企業等\n70百万円", "湿地を後の世に伝える。", "↓", "Ｂ．植樹\n民間企業等\n30百万円",
        "生きものを調べる。\n\n木を植える。", _FLOW_LABEL,
    )  # fmt: skip
    assert sheet["flows"]["note"].iloc[0] == "湿地を後の世に伝える。"
    assert list(sheet["blocks"]["role"]) == ["生きものを調べる。", "木を植える。"]
    assert sheet["residue"].empty


def test_rows_below_each_other_are_both_paid_by_the_ministry_if_that_adds_up():
    sheet = _sheet(
        "国土交通省\n60百万円\n事務費　49百万円", "↓", "A．海の調べ\n日本海事財団\n4百万円", "↓", "B．港の調べ\n株式会社みなと\n7百万円",
        _FLOW_LABEL,
    )  # fmt: skip
    assert _payers(sheet) == {"A": None, "B": None}
    assert set(sheet["flows"]["certainty"]) == {"solved"}
    assert sheet["ministry_costs"]["amount_jpy"].item() == 49_000_000


def test_letters_that_start_again_open_the_tier_of_those_paid_by_blocks():
    sheet = _sheet(
        "デジタル庁\n13百万円", "↓\n\n↓", "Ａ．受付\n民間企業等\n12.4百万円", "Ｄ．教材\n民間企業等\n0.4百万円", "↓\n\n↓",
        "Ｂ．聞き取り\n民間企業等\n0.7百万円", "Ｅ．企画\n民間企業等\n0.7百万円", _FLOW_LABEL,
    )  # fmt: skip
    assert _payers(sheet) == {"A": None, "D": None, "B": "A", "E": "A"}  # D has too little to pay E


def test_who_pays_is_unsettled_where_the_amounts_do_not_tell():
    sheet = _sheet(
        "環境省\n0百万円", "↓\n\n↓", "Ａ．調べ\n民間企業等\n70百万円", "Ｂ．植樹\n民間企業等\n30百万円", _FLOW_LABEL,
    )  # fmt: skip
    assert _payers(sheet) == {"A": None, "B": None}
    assert set(sheet["flows"]["certainty"]) == {"unsettled"}


def test_a_bare_arrow_comes_from_the_box_above_where_others_name_the_ministry():
    """The left-hand column (A, C) was printed before the right-hand one (B, D): D stands below B."""
    sheet = _sheet(
        "内閣府\n90百万円", "↓", "Ａ．調べ\n民間企業等\n40百万円", "↓（内閣府より）", "Ｃ．植樹\n民間企業等\n20百万円",
        "↓", "Ｂ．相談\n民間企業等\n30百万円", "↓", "Ｄ．冊子\n民間企業等\n25百万円", _FLOW_LABEL,
    )  # fmt: skip
    assert _payers(sheet) == {"A": None, "B": None, "C": None, "D": "B"}
    assert sheet["flows"].set_index("to_block")["certainty"].to_dict() == {
        "A": "solved",
        "B": "solved",
        "C": "stated",
        "D": "unsettled",
    }


def test_a_payer_that_two_boxes_may_be_is_left_out():
    """C may hang from A or from B: nothing that was printed tells."""
    sheet = _sheet(
        "環境省\n100百万円", "↓\n\n↓", "Ａ．調べ\n民間企業等\n70百万円", "Ｂ．植樹\n民間企業等\n30百万円", "↓",
        "Ｃ．冊子\n民間企業等\n10百万円", _FLOW_LABEL,
    )  # fmt: skip
    assert _payers(sheet) == {"A": None, "B": None}
    assert list(sheet["blocks"]["block"]) == ["A", "B", "C"]


def test_an_arrow_printed_early_is_that_of_the_next_row():
    """Both arrows of the second row came before C; D has the second."""
    sheet = _sheet(
        "環境省\n100百万円", "↓\n\n↓", "Ａ．調べ\n民間企業等\n60百万円", "Ｂ．植樹\n民間企業等\n25百万円",
        "↓（環境省より）\n\n↓（Aより）", "Ｃ．冊子\n民間企業等\n15百万円", "冊子を作る。", "Ｄ．相談\n民間企業等\n10百万円",
        _FLOW_LABEL,
    )  # fmt: skip
    assert _payers(sheet) == {"A": None, "B": None, "C": None, "D": "A"}


# -- the picture and the tables side by side


def test_headings_of_the_picture_are_not_headings_of_cost_tables():
    sheet = _sheet(
        "環境省", "40百万円", "↓", "Ａ．杉並木株式会社", "40百万円", _FLOW_LABEL,
        "A.杉並木株式会社", _HEAD, "人件費 調査員の給与 33", "旅費 委員等旅費 7", "計 40 計", _MORE,
    )  # fmt: skip
    assert _amounts(sheet) == {"A": 40_000_000}
    assert _items(sheet) == {"A": [("人件費", 33), ("旅費", 7)]}


def test_the_label_of_the_picture_may_stand_between_a_box_and_its_amount():
    sheet = _sheet(
        "環境省", "40百万円", "↓", "Ａ．杉並木株式会社", _FLOW_LABEL, "湿地の調べ", "40百万円",
        "A.杉並木株式会社", _HEAD, "人件費 調査員の給与 33", "旅費 委員等旅費 7", "計 40 計", _MORE,
    )  # fmt: skip
    assert _amounts(sheet) == {"A": 40_000_000}
    assert _items(sheet) == {"A": [("人件費", 33), ("旅費", 7)]}


def test_the_picture_may_be_printed_after_the_tables():
    sheet = _sheet(
        _FLOW_LABEL, "A. B.", _HEAD, "人件費 調査員の給与 33 印刷製本費 報告書印刷 18", "計 33 計 18", _MORE,
        "環境省", "72百万円 職員旅費 1百万円 を含む", "山に入る人を", "案内する。", "Ａ．道しる", "べの整備", "地方公共団体等", "8件：53百万円",
        "Ｂ．冊子の作成", "杉並木株式会社", "18百万円", "道しるべを立てる。", "【補助金等交付】 【補助金等交付】", "冊子を作る。",
    )  # fmt: skip
    assert _amounts(sheet) == {"A": 53_000_000, "B": 18_000_000}
    assert _items(sheet) == {"A": [("人件費", 33)], "B": [("印刷製本費", 18)]}
    assert list(sheet["blocks"].sort_values("block")["role"]) == ["道しるべを立てる。", "冊子を作る。"]
    assert list(sheet["flows"]["by"]) == ["補助金等交付", "補助金等交付"]


def test_recipients_tell_whose_amount_is_whose():
    """The amounts of two boxes were printed in the wrong order; the lists of recipients show it."""
    sheet = _sheet(
        "環境省", "80百万円", "↓\n\n↓", "Ａ．相談への対応", "Ｂ．切符の手配", "30百万円", "50百万円", _FLOW_LABEL,
        "支出先上位10者リスト", _lists(("A", "杉並木株式会社", 50), ("B", "青空株式会社", 30)),
    )  # fmt: skip
    blocks = sheet["blocks"].set_index("block")
    assert blocks["amount_jpy"].to_dict() == {"A": 50_000_000, "B": 30_000_000}
    assert set(blocks["certainty"]) == {"solved"}


def test_amounts_of_two_rows_of_boxes_go_where_the_lists_add_up():
    """Each amount was printed below the box of the other row; neither fits its own list."""
    sheet = _sheet(
        "環境省", "80百万円", "↓", "Ａ．相談への対応", "民間団体等", "30百万円", "↓", "Ｂ．切符の手配", "民間団体等", "50百万円", _FLOW_LABEL,
        "支出先上位10者リスト", _lists(("A", "杉並木株式会社", 50), ("B", "青空株式会社", 30)),
    )  # fmt: skip
    blocks = sheet["blocks"].set_index("block")
    assert blocks["amount_jpy"].to_dict() == {"A": 50_000_000, "B": 30_000_000}
    assert set(blocks["certainty"]) == {"solved"}


def test_an_amount_below_what_its_recipients_got_is_not_sure():
    sheet = _sheet(
        "環境省", "90百万円", "↓", "Ａ．相談への対応", "民間団体等", "30百万円", "↓", "Ｂ．切符の手配", "民間団体等", "60百万円", _FLOW_LABEL,
        "支出先上位10者リスト", _lists(("A", "杉並木株式会社", 45), ("B", "青空株式会社", 60)),
    )  # fmt: skip
    assert sheet["blocks"].set_index("block")["certainty"].to_dict() == {"A": "unsettled", "B": "stated"}


def test_recipients_who_got_more_than_the_amount_in_the_box_of_their_block_are_not_sure():
    """The box was printed in one piece, so that its amount is certain; the list may be that of another block."""
    sheet = _sheet(
        "環境省", "90百万円", "↓", "Ａ．相談への対応\n民間団体等\n30百万円", "↓", "Ｂ．切符の手配\n民間団体等\n60百万円", _FLOW_LABEL,
        "支出先上位10者リスト", _lists(("A", "杉並木株式会社", 45), ("B", "青空株式会社", 60)),
    )  # fmt: skip
    assert sheet["blocks"].set_index("block")["certainty"].to_dict() == {"A": "stated", "B": "stated"}
    recipients = sheet["recipients"].set_index("block")
    assert recipients.loc["A", "certainty"] == "unsettled"
    assert recipients.loc["B", "certainty"] != "unsettled"


@pytest.mark.parametrize(("amount", "certainty"), [(54, "unsettled"), (48, "solved")])
def test_a_whole_list_that_got_less_than_its_block_is_not_sure(amount, certainty):
    """Both recipients of the block are in its list: an amount may have changed places with a number of bidders."""
    sheet = _sheet(
        "環境省", f"{amount}百万円", "↓", f"Ａ．相談への対応\n民間団体等\n{amount}百万円（2者）", _FLOW_LABEL,
        "支出先上位10者リスト", "A.", "支　出　先 法　人　番　号 業　務　概　要 契約方式等 落札率", "支　出　額\n（百万円）", "入札者数\n（応募者数）",
        "1 杉並木株式会社", "2 青空株式会社", "4010001000003\n\n5010001000002", "調べ\n\n窓口", "44 一般競争契約（最低価格） 10 - -",
        "4 一般競争契約（最低価格） 2 - -",
    )  # fmt: skip
    assert sheet["recipients"]["amount_jpy"].tolist() == [44_000_000, 4_000_000]
    assert set(sheet["recipients"]["certainty"]) == {certainty}
