"""Head, evaluations and past numbers in the text layer of a sheet.

The sheets below are made up, and cut to what a test is about; a blank line ends a box of the text extractor, a
space may stand for the border between two cells of one row.
"""

from __future__ import annotations

import pandas as pd
import pytest

from toolkit.dataset import Dataset
from toolkit.readers.text_layer import read_text

_TITLE = "令和5年度行政事業レビューシート\n\n（ 環境省 ）"
_NUMBER = "事業番号 2023 - 環境 - 22 - 0417"
_NAMES = "事業名 湿地の調べ 担当部局庁 自然環境局 作成責任者"
_YEARS = "事業開始年度\n\n平成19年度 事業終了\n（予定）年度\n\n終了予定なし 担当課室 湿地保全課 課長　水野　葵"
_ACCOUNT = "会計区分\n\n一般会計"
_PURPOSE = "事業の目的\n（5行程度以内）\n\n湿地の生きものを調べ、その移り変わりを\n後の世に伝える。"
_BUDGET = "予算額・\n執行額\n（単位:百万円）\n（インプット）\n\n当初予算（A) 5 6 7 8 9"
_FLOW = "※令和4年度実績を記入。執行実績がない新規事業、新規要求事業については現時点で予定やイメージを記入。"
_REVIEW = "事業所管部局による点検・改善\n\n点検結果\n\n調べは予定の地点で行われ、経費の使い方も妥当であった。"


def _read(*parts: str) -> Dataset:
    return read_text("\n\n".join(part.strip("\n") for part in parts), "made-up.txt")


def _head(**other: str) -> pd.Series:
    """The ``sheets`` row of a small sheet; a part of the head may be given anew, "" leaves it out."""
    parts = {
        "title": _TITLE,
        "number": _NUMBER,
        "names": _NAMES,
        "years": _YEARS,
        "account": _ACCOUNT,
        "purpose": _PURPOSE,
    }
    return _read(*(part for part in (parts | other).values() if part), _BUDGET).sheet()


def _evaluations(*parts: str) -> dict[str, tuple[str | None, str | None]]:
    """Verdict and text of every section but the ○△× table."""
    rows = _read(_TITLE, _NUMBER, _NAMES, _ACCOUNT, *parts, _FLOW)["evaluations"]
    rows = rows[rows["section"] != "self_check"].astype(object).where(lambda frame: frame.notna(), None)
    return {row["section"]: (row["verdict"], row["text"]) for row in rows.to_dict("records")}


def _past(*parts: str, names: str = _NAMES, title: str = _TITLE, number: str = _NUMBER) -> dict[int, str]:
    heading = "関連する過去のレビューシートの事業番号"
    rows = _read(title, number, names, _ACCOUNT, _REVIEW, heading, *parts, _FLOW)["related"]
    return dict(zip(rows["fiscal_year"], rows["number"], strict=True))


# -- title
def test_the_parts_of_a_project_number_are_joined_by_a_hyphen() -> None:
    sheet = _head()
    assert (sheet["project_number"], sheet["sheet_id"], sheet["ministry"]) == (
        "2023-環境-22-0417",
        "2023-環境-22-0417",
        "環境省",
    )


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("事業番号 - - -\n\n2023 環境 22 0417", "2023-環境-22-0417"),  # the dashes stayed with the label
        ("事業番号 2023 - 環境 - - 0012\n\n新23", "2023-環境-新23-0012"),  # a new project; that box wrapped
        (
            "事業番号\n\n2023\n\n-\n\n環境\n\n-\n\n22\n\n-\n\n0417\n\n-\n\n1",
            "2023-環境-22-0417-1",
        ),  # a box each, with a branch
        ("事業番号 2023-環境-22-0417", "2023-環境-22-0417"),
    ],
)
def test_a_project_number_may_be_printed_whole_or_in_boxes(printed: str, number: str) -> None:
    assert _head(number=printed)["project_number"] == number


@pytest.mark.parametrize(
    ("printed", "number"),
    [("事業番号 0041", "0041"), ("新30\n事業番号 0022", "新30-0022"), ("事業番号\n\n新30-0022", "新30-0022")],
)
def test_before_2021_a_number_is_a_serial_with_a_mark_for_new_projects(printed: str, number: str) -> None:
    sheet = _head(title="平成29年度行政事業レビューシート　（環境省）", number=printed)
    assert sheet["project_number"] == number
    assert sheet["sheet_id"] == f"2017-環境省-{number}"


def test_the_ministry_is_the_name_in_brackets_even_where_a_bureau_has_the_same_name() -> None:
    sheet = _head(
        title="令和5年度行政事業レビューシート\n\n（\n\n復興庁\n\n）",
        names="事業名 町の再建 担当部局庁 復興庁 作成責任者",
    )
    assert (sheet["ministry"], sheet["bureau"]) == ("復興庁", "復興庁")


# -- short cells
def test_cells_beside_their_labels() -> None:
    sheet = _head()
    assert sheet[["name", "bureau", "division", "responsible"]].tolist() == [
        "湿地の調べ",
        "自然環境局",
        "湿地保全課",
        "課長 水野 葵",
    ]
    assert (sheet["start_year"], sheet["is_end_undecided"], sheet["accounts"]) == (2007, True, "一般会計")


def test_a_year_of_the_budget_is_not_the_year_a_project_began() -> None:
    sheet = _head(
        years="事業開始年度\n\n令和4年度 事業終了\n（予定）年度\n\n令和6年度\n\n令和2年度 令和3年度 令和4年度 令和5年度"
    )
    assert (sheet["start_year"], sheet["end_year"]) == (2022, 2024)


def test_office_and_official_printed_as_one_box_are_told_apart() -> None:
    sheet = _head(years="担当課室\n\n湿地保全課\n湿地保全課長\n水野　葵\n\n事業開始年度 平成19年度")
    assert (sheet["division"], sheet["responsible"]) == ("湿地保全課", "湿地保全課長 水野 葵")


def test_several_officials_are_told_from_several_offices() -> None:
    years = "事業開始年度\n\n平成19年度 事業終了\n（予定）年度\n\n終了予定なし\n\n担当課室\n\n湿地保全課、水辺生物課\n\n水野　葵、森田　\n　潤"
    sheet = _head(years=years)
    assert (sheet["division"], sheet["responsible"]) == ("湿地保全課、水辺生物課", "水野 葵、森田 潤")


def test_officials_beside_their_office_are_cut_from_it() -> None:
    years = "事業開始年度\n\n平成19年度 担当課室 湿地保全課、水辺生物課 水野　葵、森田　潤"
    sheet = _head(years=years)
    assert (sheet["division"], sheet["responsible"]) == ("湿地保全課、水辺生物課", "水野 葵、森田 潤")


def test_a_post_beside_a_name_is_no_office_where_the_office_stands_elsewhere() -> None:
    sheet = _head(years="事業開始年度\n\n平成19年度 担当課室\n\n事業監理官（航空機担当）\n\n事業監理官 水野　葵")
    assert (sheet["division"], sheet["responsible"]) == ("事業監理官（航空機担当）", "事業監理官 水野 葵")


def test_an_office_of_two_words_is_no_name() -> None:
    sheet = _head(years="事業開始年度\n\n平成19年度 担当課室 総務部　会計課 水野　葵")
    assert (sheet["division"], sheet["responsible"]) == ("総務部　会計課", "水野 葵")


def test_a_name_of_a_project_may_be_longer_than_a_line() -> None:
    long = (
        "湿地の生きものの移り変わりを調べる全国調査（自然環境保全基礎調査等委託費）（生物多様性保\n全推進交付金を含む）"
    )
    sheet = _head(names=f"事業名\n\n{long}\n\n担当部局庁\n\n自然環境局 作成責任者")
    assert sheet["name"] == long.replace("\n", "")


def test_a_run_of_labels_then_a_run_of_values_is_settled_by_what_each_cell_may_hold() -> None:
    dataset = _read(
        _TITLE, _NUMBER, _NAMES,
        "会計区分\n\n根拠法令\n（具体的な\n条項も記載）\n\n政策\n\n施策\n\n主要経費",
        "エネルギー対策特別会計エネルギー需給勘定", "湿地法（平成3年法律第900号）第4条",
        "関係する\n計画、通知等", "生物多様性の戦略（令和５年３月31日閣議決定）",
        "7 自然との共生", "7-2 湿地の保全", "政策体系・評価書\nURL", "https://www.env.example/hyouka/7-2.pdf", "その他の事項経費",
        _PURPOSE, _BUDGET,
    )  # fmt: skip
    sheet, policies = dataset.sheet(), dataset["policies"]
    assert sheet["accounts"] == "エネルギー対策特別会計エネルギー需給勘定"
    assert (sheet["legal_basis"], sheet["main_expense"]) == ("湿地法（平成3年法律第900号）第4条", "その他の事項経費")
    assert policies.loc[policies["kind"] == "policy", ["name", "detail"]].values.tolist() == [
        ["7 自然との共生", "7-2 湿地の保全"]
    ]
    assert set(policies["kind"]) == {"law", "plan", "policy"}


def test_a_wrapped_plan_is_one_plan() -> None:
    plans = "関係する\n計画、通知等\n\n湿地の保全と再生に関する長期の見通しを\n定める計画（令和４年６月閣議決定）\n自然の戦略（令和５年３月閣議決定）"
    names = _read(_TITLE, _NUMBER, _NAMES, plans, _PURPOSE, _BUDGET)["policies"]["name"].tolist()
    assert names == [
        "湿地の保全と再生に関する長期の見通しを定める計画（令和４年６月閣議決定）",
        "自然の戦略（令和５年３月閣議決定）",
    ]


def test_a_title_in_quotation_marks_goes_on_to_its_end() -> None:
    plans = "関係する\n計画、通知等\n\n「湿地の未来　みどりのビジョン\nと人のつながり」（令和４年６月閣議決定）"
    names = _read(_TITLE, _NUMBER, _NAMES, plans, _PURPOSE, _BUDGET)["policies"]["name"].tolist()
    assert names == ["「湿地の未来　みどりのビジョンと人のつながり」（令和４年６月閣議決定）"]


def test_a_post_without_a_name_is_the_official_not_the_office() -> None:
    sheet = _head(years="事業開始年度\n\n平成19年度\n\n終了予定なし 担当課室 湿地保全課 湿地保全課長")
    assert (sheet["division"], sheet["responsible"]) == ("湿地保全課", "湿地保全課長")


def test_a_dash_is_nothing_and_leaves_no_residue() -> None:
    dataset = _read(
        _TITLE, _NUMBER, _NAMES, _ACCOUNT, "根拠法令\n（具体的な\n条項も記載）\n\n-", "補助率等 -", _PURPOSE
    )
    assert pd.isna(dataset.sheet()["legal_basis"])
    assert dataset["subsidies"].empty
    assert dataset["residue"].empty


# -- long texts
def test_the_lines_of_a_purpose_are_joined_without_a_space() -> None:
    assert _head()["purpose"] == "湿地の生きものを調べ、その移り変わりを後の世に伝える。"


def test_a_line_that_ends_early_ends_a_paragraph() -> None:
    sheet = _head(
        purpose="事業の目的\n（5行程度以内）\n\n湿地の生きものを調べる。\nまた、湿地に生きるものの移り変わりを後の世に伝え、\nその守り方を考える。"
    )
    assert (
        sheet["purpose"]
        == "湿地の生きものを調べる。\nまた、湿地に生きるものの移り変わりを後の世に伝え、その守り方を考える。"
    )


def test_three_labels_then_three_texts_are_read_in_order() -> None:
    dataset = _read(
        _TITLE, _NUMBER, _NAMES, "事業の目的\n（5行程度以内）\n\n現状・課題\n（5行程度以内）\n\n事業概要\n（5行程度以内）", _ACCOUNT,
        "湿地の移り変わりを後の世に伝える。", "調べる人の手が足りていないと言われている。", "各地の湿地に調べる人を毎年送り出している。", _BUDGET,
    )  # fmt: skip
    texts = dataset.sheet()[["purpose", "issues", "overview"]].tolist()
    assert texts == [
        "湿地の移り変わりを後の世に伝える。",
        "調べる人の手が足りていないと言われている。",
        "各地の湿地に調べる人を毎年送り出している。",
    ]


def test_a_dash_after_a_stack_of_labels_does_not_answer_the_last_of_them() -> None:
    dataset = _read(
        _TITLE, _NUMBER, _NAMES, _ACCOUNT, "根拠法令\n（具体的な\n条項も記載）\n\n事業の目的\n（5行程度以内）\n\n現状・課題\n（5行程度以内）",
        "-", "湿地の移り変わりを後の世に伝える。", "調べる人の手が足りていないと言われている。", _BUDGET,
    )  # fmt: skip
    sheet = dataset.sheet()
    assert sheet["purpose"] == "湿地の移り変わりを後の世に伝える。"
    assert sheet["issues"] == "調べる人の手が足りていないと言われている。"


def test_a_list_of_what_is_done_is_an_overview_though_it_names_a_plan() -> None:
    dataset = _read(
        _TITLE, _NUMBER, _NAMES, _ACCOUNT, "事業の目的\n（5行程度以内）\n\n現状・課題\n（5行程度以内）\n\n事業概要\n（5行程度以内）",
        "湿地の移り変わりを後の世に伝える。", "調べる人の手が足りていないと言われている。",
        "・湿地保全大綱に基づく地点の見直し\n・各地の湿地での生きものの調べ\n・調べた結果を載せた冊子の配布とその後の聞き取り", _BUDGET,
    )  # fmt: skip
    sheet = dataset.sheet()
    assert sheet["issues"] == "調べる人の手が足りていないと言われている。"
    assert sheet["overview"].startswith("・湿地保全大綱に基づく地点の見直し")


def test_paragraphs_around_their_label_are_one_text() -> None:
    dataset = _read(
        _TITLE, _NUMBER, _NAMES, _ACCOUNT, _PURPOSE, "現状・課題\n（5行程度以内）\n\n-",
        "①各地の湿地に調べる人を毎年送り出している。", "事業概要\n（5行程度以内）", "②調べたことを冊子にして図書館に配っている。", _BUDGET,
    )  # fmt: skip
    sheet = dataset.sheet()
    assert (
        sheet["overview"] == "①各地の湿地に調べる人を毎年送り出している。\n②調べたことを冊子にして図書館に配っている。"
    )
    assert pd.isna(sheet["issues"])


def test_a_paragraph_above_a_label_lower_than_its_text_is_that_labels() -> None:
    """A label stands in the middle of its cell: before its text only where it has more lines than that."""
    purpose = "事業の目的\n（5行程度以内）\n\n湿地の生きものを調べる。その成果は広く公にして国の内外の研究に役立て、\nその移り変わりを後の世に伝える。"
    above = "全国の湿地に調査の地点を置き、毎年の春と秋に生きものの数を数える。"
    overview = "事業概要\n\n数えた結果は一つの台帳にまとめ、五年に一度その移り変わりを\n冊子にして公表する。"
    sheet = _head(purpose=f"{purpose}\n\n{above}\n\n{overview}")
    assert sheet["purpose"].startswith("湿地の生きものを調べる。")
    assert "全国の湿地" not in sheet["purpose"]
    assert sheet["overview"].startswith(above)
    assert sheet["certainty"] == "stated"


def test_a_paragraph_between_two_texts_that_either_may_own_is_unsettled() -> None:
    purpose = "事業の目的\n（5行程度以内）\n\n湿地の生きものを調べ、その移り変わりを後の世に伝える。"
    between = "全国の湿地に調査の地点を置き、毎年の春と秋に生きものの数を数える。"
    sheet = _head(purpose=f"{purpose}\n\n{between}\n\n事業概要\n（5行程度以内）\n\n数えた結果は一つの台帳にまとめる。")
    assert sheet["certainty"] == "unsettled"


def test_a_footnote_opens_no_text() -> None:
    purpose = "事業の目的\n（5行程度以内）\n\n※令和3年度までは水辺の部局が担当していた調べである。\n\n湿地の生きものを調べ、その移り変わりを後の世に伝える。"
    assert _head(purpose=purpose)["purpose"].startswith("湿地の生きもの")


def test_the_reason_for_a_larger_request_is_no_situation() -> None:
    sheet = _head(
        issues="調べる人の手が足りていないと言われている。",
        label="現状・課題\n（5行程度以内）\n\n調べる地点を増やすための増額（▲3百万円）。",
    )
    assert sheet["issues"] == "調べる人の手が足りていないと言われている。"


# -- evaluations
def test_the_text_of_a_centred_heading_may_be_printed_before_it() -> None:
    found = _evaluations(
        _REVIEW, "改善の\n方向性\n\n調べる地点の選び方を見直す。", "外部有識者による点検対象外", "外部有識者の所見",
        "現状通り 引き続き、調べを続けるべきである。", "行政事業レビュー推進チームの所見に至る過程及び所見",
        "所見を踏まえた改善点/概算要求における反映状況", "現状通り -",
    )  # fmt: skip
    assert found["external_experts"] == (None, "外部有識者による点検対象外")
    assert found["team"] == ("現状通り", "引き続き、調べを続けるべきである。")
    assert found["reflection"] == ("現状通り", None)
    assert found["direction"][1] == "調べる地点の選び方を見直す。"


def test_a_wrapped_verdict_is_one_word() -> None:
    found = _evaluations(
        _REVIEW, "外部有識者の所見", "行政事業レビュー推進チームの所見に至る過程及び所見", "事業全体の抜本的な改\n善", "調べ方を改めるべきである。",
        "所見を踏まえた改善点/概算要求における反映状況", "年度内に改善を検討 調べ方を改める。",
    )  # fmt: skip
    assert found["team"] == ("事業全体の抜本的な改善", "調べ方を改めるべきである。")
    assert found["reflection"] == ("年度内に改善を検討", "調べ方を改める。")


def test_texts_far_from_their_labels_are_told_by_their_tone_and_called_unsettled() -> None:
    dataset = _read(
        _TITLE, _NUMBER, _NAMES, _ACCOUNT, "改善の\n方向性", "所見を踏まえた改善点/概算要求における反映状況", "事業所管部局による点検・改善",
        "備考", "行政事業レビュー推進チームの所見に至る過程及び所見",
        "所見を踏まえ、令和６年度概算要求に反映した。", "事業内容の一部改善", "執行等改善", "過去に受けた指摘事項\nと対応状況", "-",
        "目標年度における効果測定に関する評価（令和6年度実施)", "点検結果", "調べは予定の地点で行われ、経費の使い方も妥当であった。",
        "成果の測り方について、引き続き検討されたい。", "外部有識者の所見", "外部有識者による点検対象外",
        "調べる地点の選び方を見直し、成果の把握に努めることとしている。", "【紹介のページ】http://www.env.example/", _FLOW,
    )  # fmt: skip
    rows = dataset["evaluations"].set_index("section")
    assert rows["verdict"].dropna().to_dict() == {"team": "事業内容の一部改善", "reflection": "執行等改善"}
    assert rows.loc["team", "text"] == "成果の測り方について、引き続き検討されたい。"
    assert rows.loc["reflection", "text"] == "所見を踏まえ、令和６年度概算要求に反映した。"
    assert rows.loc["direction", "text"] == "調べる地点の選び方を見直し、成果の把握に努めることとしている。"
    assert rows.loc["direction", "certainty"] == "unsettled"
    assert dataset.sheet()["remarks"] == "【紹介のページ】http://www.env.example/"


def test_each_answer_stands_under_what_it_answers() -> None:
    found = _evaluations(
        _REVIEW, "公開プロセス・秋の年次公開検証（秋のレビュー）における取りまとめ", "【令和3年度公開プロセス】\n・測り方を改めるべき。",
        "過去に受けた指摘事項\nと対応状況", "上記への対応状況", "指摘を踏まえ、測り方を改めた。", "その他の指摘事項\n\n-", "上記への対応状況\n\n-",
    )  # fmt: skip
    assert found["public_process"][1] == "【令和3年度公開プロセス】\n・測り方を改めるべき。"
    assert found["public_process_response"][1] == "指摘を踏まえ、測り方を改めた。"
    assert "other_remarks" not in found


def test_a_cabinet_decision_with_its_place_and_address() -> None:
    kpi = "事業に関連する\nＫＰＩが定められて\nいる閣議決定等\n\n名称\n\n自然の戦略2023\n\nURL https://www.env.example/senryaku.pdf\n\n該当箇所\n\n12頁"
    rows = _read(_TITLE, _NUMBER, _NAMES, _ACCOUNT, kpi, _REVIEW, _FLOW)["policies"]
    assert rows[["kind", "name", "detail", "url"]].values.tolist() == [
        ["kpi", "自然の戦略2023", "12頁", "https://www.env.example/senryaku.pdf"]
    ]


# -- to 2022
_OLD = "令和3年度行政事業レビューシート\n\n（ 環境省 ）\n\n事業番号 2021 - 環境 - 20 - 0417"
_CHECK = "事業所管部局による点検・改善\n\n項　　目\n\n評　価\n\n評価に関する説明"
_ASKED = (
    "事業の目的は国民や社会のニーズを的確に反映しているか。",
    "競争性のない随意契約となったものはないか。",
    "単位当たりコスト等の水準は妥当か。",
)


def _checks(*parts: str) -> list[list[str | None]]:
    rows = _read(_OLD, _NAMES, _ACCOUNT, _CHECK, *parts, "点検結果\n\n経費の使い方は妥当であった。", _FLOW)[
        "evaluations"
    ]
    rows = rows.loc[rows["section"] == "self_check", ["item", "verdict", "text"]].astype(object)
    return rows.where(rows.notna(), None).values.tolist()


def test_a_question_its_mark_and_its_remark() -> None:
    first, second, third = _ASKED
    found = _checks(f"{first} ○ 各地から求めがある。", second, third, "無\n\n‐", "△ 件数が減り、割高になった。")
    assert found == [
        [first, "○", "各地から求めがある。"],
        [second, "無", None],
        [third, "△", "件数が減り、割高になった。"],
    ]


def test_a_column_of_marks_after_a_column_of_remarks() -> None:
    first, second, third = _ASKED
    found = _checks(*_ASKED, "各地から求めがある。", "‐", "件数が減り、割高になった。", "○", "無", "△")
    assert found == [
        [first, "○", "各地から求めがある。"],
        [second, "無", None],
        [third, "△", "件数が減り、割高になった。"],
    ]


def test_a_remark_whose_question_stays_open_is_kept_without_one() -> None:
    found = _checks(*_ASKED, "各地から求めがある。", "○", "○", "△")
    assert [row[1] for row in found] == ["○", "○", "△", None]
    assert found[3] == [None, None, "各地から求めがある。"]


def test_projects_named_under_the_table_are_no_earlier_sheets() -> None:
    related = "所管府省名 事業番号\n\n事業名\n\n農林水産省 2021-農水-20-0021 ため池の調べ\n\n国費投\n入の必\n要性"
    rows = _read(_OLD, _NAMES, _ACCOUNT, _CHECK, *_ASKED, related, "点検結果\n\n経費の使い方は妥当であった。",
                 "関連する過去のレビューシートの事業番号\n\n令和2年度\n\n環境省 - 0398", _FLOW)["related"]  # fmt: skip
    assert rows[["kind", "ministry", "number"]].values.tolist() == [
        ["other", "農林水産省", "2021-農水-20-0021"],
        ["past_number", "環境省", "0398"],
    ]


def test_how_a_project_serves_its_policy() -> None:
    part = (
        "政策評価、新経済・\n財政再生計画との\n関係\n\n政策 7 自然との共生\n\n施策\n\n7-2 湿地の保全\n\n測定\n指標\n\n定量的指標 単位\n\n"
        "本事業の成果は、施策の目標の達成に寄与する。\n\n本事業の成果と上位施策・測定指標との関係"
    )
    dataset = _read(_OLD, _NAMES, _ACCOUNT, part, _CHECK, *_ASKED, _FLOW)
    assert dataset["policies"][["name", "detail"]].values.tolist() == [["7 自然との共生", "7-2 湿地の保全"]]
    texts = dataset["evaluations"].set_index("section")["text"]
    assert texts["policy_relation"] == "本事業の成果は、施策の目標の達成に寄与する。"


# -- past numbers
def test_a_number_beside_its_year_in_the_format_of_that_year() -> None:
    found = _past(
        "平成29年度 209\n\n平成30年度 新30-0208\n\n令和元年度 環境省 - 0199\n\n令和3年度 2021 環境 20 0218\n\n令和4年度\n\n2022 - 環境 - 21 - 0216"
    )
    assert found == {2017: "209", 2018: "新30-0208", 2019: "0199", 2021: "2021-環境-20-0218", 2022: "2022-環境-21-0216"}


def test_a_number_may_touch_the_year_after_it() -> None:
    assert _past("195平成27年度") == {2015: "195"}


def test_a_lone_number_with_a_ministry_belongs_to_2019_or_2020() -> None:
    """Numbers name the ministry only in those two years."""
    assert _past("令和3年度\n\n環境省\n\n令和2年度 環境省 0201\n\n0199\n\n令和元年度") == {2019: "0199", 2020: "0201"}


def test_columns_of_years_and_numbers_are_paired_in_order() -> None:
    assert _past("平成24年度\n\n平成26年度\n\n平成28年度\n\n763\n\n772\n\n750\n\n平成30年度\n\n0781") == {
        2012: "763",
        2014: "772",
        2016: "750",
        2018: "0781",
    }


def test_the_parts_of_numbers_printed_as_columns() -> None:
    found = _past(
        "令和3年度\n\n令和4年度\n\n2021\n\n2022\n\n-\n\n-\n\n環境\n\n環境\n\n-\n\n-\n\n20\n\n21\n\n-\n\n-\n\n0747\n\n0728"
    )
    assert found == {2021: "2021-環境-20-0747", 2022: "2022-環境-21-0728"}


def test_a_number_marked_new_names_its_year() -> None:
    """新02: a project that was new in fiscal year Reiwa 2."""
    assert _past("令和元年度\n\n令和2年度\n\n環境省\n\n新02-0715\n\n令和3年度 2021 環境 20 0728") == {
        2020: "新02-0715",
        2021: "2021-環境-20-0728",
    }


def test_a_number_marked_new_is_not_paired_with_another_year() -> None:
    """新28 belongs to 平成28年度: the order of these columns does not tell the rest."""
    left, right = "平成23年度\n\n平成25年度\n\n平成27年度", "平成24年度\n\n平成26年度\n\n平成28年度"
    assert _past(f"{left}\n\n{right}\n\n新28-0690\n\n0692\n\n0693") == {}


def test_numbers_printed_before_their_years() -> None:
    """The years of the last column have numbers of their own."""
    columns = "323\n\n301\n\n平成22年度\n\n平成25年度\n\n平成23年度\n\n平成26年度\n\n316\n\n平成24年度\n\n平成27年度\n\n308\n\n286"
    assert _past(columns) == {2010: "323", 2013: "301", 2012: "308", 2015: "286"}


def test_numbers_come_in_the_order_of_their_years() -> None:
    assert list(_past("令和2年度 環境省 0201\n\n平成29年度 209\n\n平成24年度 0131")) == [2012, 2017, 2020]


def test_fewer_numbers_than_years_are_not_guessed() -> None:
    dataset = _read(_TITLE, _NUMBER, _NAMES, _ACCOUNT, _REVIEW, "関連する過去のレビューシートの事業番号",
                    "平成24年度\n\n平成26年度\n\n平成28年度\n\n平成30年度\n\n481\n\n469\n\n474", _FLOW)  # fmt: skip
    assert dataset["related"].empty
    assert dataset["residue"]["text"].tolist() == ["481", "469", "474"]


def test_a_project_has_no_number_from_before_it_began() -> None:
    names = f"{_NAMES}\n\n事業開始年度 平成27年度"
    assert _past("平成24年度\n\n平成26年度\n\n平成28年度\n\n平成30年度\n\n481\n\n469", names=names) == {
        2016: "481",
        2018: "469",
    }


def test_numbers_above_years_with_numbers_of_their_own_are_not_paired() -> None:
    """0232 and 0503 are those of other projects: 331 and 0323 follow the years they belong to."""
    found = _past("0232\n\n0503\n\n平成23年度\n\n平成24年度\n\n331\n\n平成25年度\n\n0323")
    assert not {"0232", "0503"} & set(found.values())


def test_years_that_numbers_follow_do_not_answer_the_numbers_before_them() -> None:
    """Four numbers, the years of the right-hand column with three of its own, then the years of the left-hand one."""
    right = "平成24年度\n\n平成26年度\n\n平成28年度\n\n平成30年度\n\n273\n\n0262\n\n0263"
    left = "平成23年度\n\n平成25年度\n\n平成27年度\n\n平成29年度"
    numbers = _read(_TITLE, _NUMBER, _NAMES, _ACCOUNT, _REVIEW, "276\n\n278\n\n0269\n\n0272",
                    "関連する過去のレビューシートの事業番号", right, left, _FLOW)["related"]  # fmt: skip
    assert dict(zip(numbers["fiscal_year"], numbers["number"], strict=True)) == {
        2011: "276",
        2013: "278",
        2015: "0269",
        2017: "0272",
    }
