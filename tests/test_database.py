"""The yearly database: one wide workbook a review year, headers of every kind, read as a stream."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import toolkit
from toolkit.errors import DamagedFileError, LimitError, SourceError, UnknownFormError
from toolkit.readers.database import is_database
from toolkit.readers.database.headers import Place, places, year

_BUDGET = "予算額・執行額（単位:百万円）-"
_STATE = "-予算の状況-"
#: head and budget of review year 2022, enough to be told as the database
_HEAD = ["府省庁", "事業番号-1", "事業番号-2", "事業番号-3", "事業番号-4", "事業番号-5", "事業名", "事業開始年度", "事業終了（予定）年度",
         f"{_BUDGET}令和3年度{_STATE}当初予算", f"{_BUDGET}令和3年度{_STATE}計", f"{_BUDGET}令和3年度-執行額"]  # fmt: skip
_ROW = ["文部科学省", "2022", "文科", "21", "0001", None, "試しの事業", "平成22年度", "令和6年度", 12, 12, 11.5]
_LIST = "支出先上位１０者リスト-"
_COSTS = "費目・使途（「資金の流れ」において記載する。）-"

Rows = Sequence[Sequence[object]]


def workbook(
    header: Sequence[str], *rows: Sequence[object], tab: str = "Sheet1", more: dict[str, Rows] | None = None
) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.title = tab
    for row in (header, *rows):
        book.active.append(list(row))
    for name, others in (more or {}).items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(list(row))
    book.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., toolkit.Dataset]:
    """Read a database of one row: the head above, then the columns given as header → value."""

    def _read(
        extra: Sequence[tuple[str, object]] = (), *, head: Sequence[str] = _HEAD, row: Sequence[object] = _ROW
    ) -> toolkit.Dataset:
        path = tmp_path / "database.xlsx"
        path.write_bytes(workbook([*head, *(h for h, _ in extra)], [*row, *(v for _, v in extra)]))
        return toolkit.read(path)

    return _read


def values(frame: pd.DataFrame, *columns: str) -> list[list[object]]:
    rows = frame[list(columns)].astype(object)
    return rows.where(rows.notna(), None).values.tolist()


# -- headers
@pytest.mark.parametrize(
    ("printed", "expected"),
    [("平成22年度", 2010), ("平成31年度", 2019), ("令和元年度", 2019), ("令和5年度", 2023), ("22年度", 2010), ("31年度", 2019), ("1年度", 2019),
     ("2年度", 2020), ("9年度", 2027), ("2015年度", 2015), ("令和6年度要求", 2024), ("計", None)],
)  # fmt: skip
def test_years_in_headers(printed: str, expected: int | None) -> None:
    assert year(printed) == expected


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (f"{_BUDGET}令和元年度{_STATE}翌年度へ繰越し", Place("budgets", (2019, 1), "carried_out_jpy")),
        (f"{_BUDGET}22年度-執行額", Place("budgets", (2010, 1), "executed_jpy")),
        (f"{_BUDGET}2年度{_STATE}計", Place("budgets", (2020, 1), "total_jpy")),
        (f"{_BUDGET}令和3年度-執行率（％）", Place("budgets", (2021, 1), "printed_rate")),
        (f"{_BUDGET}令和3年度-当初予算+補正予算に対する執行額の割合(%)", Place("budgets", (2021, 1), "printed_rate_initial")),
        (f"{_BUDGET}予算の状況-当初予算-25年度", Place("budgets", (2013, 1), "initial_jpy")),  # 2014: item before year
        (f"{_LIST}Z.支払先-30-支出額（百万円）", Place("recipients", ("Z", 30, 1), "amount")),
        (f"{_LIST}A.支払先-1-支出先-01", Place("recipients", ("A", 1, 1), "recipient")),
        (f"{_LIST}a.支払先-1-入札者数（応募者数）-02", Place("recipients", ("AA", 1, 1), "bidders")),
        (f"{_LIST}v.支払先-2-一者応札・一者応募又は競争性のない随意契約となった理由及び改善策（支出額10億円以上）-02", Place("recipients", ("AV", 2, 1), "single_bid_reason")),
        (f"{_COSTS}b.支払先-金額（百万円）-03", Place("costs", ("AB", 3, 1), "amount")),
        (f"{_COSTS}B.支払先-計", Place("cost_totals", ("B", 0, 1), "total")),
        ("国庫債務負担行為等による契約先上位10者リスト-4-契約額（百万円）", Place("contracts", (4, 1), "contract_amount")),
        ("成果目標及び成果実績（アウトカム）-単位-成果実績-15", Place("outcomes", (0, 0, 15, 1), "unit")),
        ("成果目標及び成果実績（アウトカム）-目標最終年度-年度", Place("outcomes", (0, 0, 0, 1), "final year")),
        ("成果目標及び成果実績①-3（長期アウトカム）-令和4年度-目標値-02", Place("outcomes", (1, 3, 2, 1), "target@2022")),
        ("活動目標及び活動実績②（アウトプット）-活動指標-01", Place("outputs", (2, 0, 1, 1), "indicator")),
        ("活動内容①（アクティビティ）-02", Place("activities", (1, 2, 1), "goal")),
        ("令和5・6年度予算内訳（単位：百万円）-歳出予算項・目-（目）-03", Place("lines", (3, 1), "moku")),
        ("令和4・5年度予算内訳（単位：百万円）-令和5年度要求-01", Place("lines", (1, 1), "amount@2023")),
        ("関連する過去のレビューシートの事業番号-平成29年度-所管府省名", Place("past", (2017, 0, 1), "ministry")),
        ("関連する過去のレビューシートの事業番号-令和4年度-02", Place("past", (2022, 2, 1), "number")),
        ("事業に関連する ＫＰＩが定められている閣議決定等-該当箇所", Place("kpi", (0, 1), "detail")),
        ("行政事業レビュー推進チームの所見に至る過程及び所見-初見", Place("evaluations", ("team", 0, 1), "text")),
        ("備考--", Place("sheet", (1,), "remarks")),
        ("事業概要URL", Place("sheet", (1,), "overview_url")),
        ("事業の目的（目指す姿を簡潔に。3行程度以内）", Place("sheet", (1,), "purpose")),
        ("担当者の電話番号", None),
    ],
)  # fmt: skip
def test_where_a_column_goes(header: str, place: Place | None) -> None:
    assert places({1: header})[1] == place


def test_a_repeated_header_counts_on() -> None:
    name = "成果目標及び成果実績（アウトカム）-成果指標"
    assert [place.slot[-1] for place in places({4: name, 9: name, 20: name}).values() if place] == [1, 2, 3]


# -- values
def test_the_head_of_a_sheet(read: Callable) -> None:
    extra = [("会計区分", "一般会計，特別会計"), ("実施方法", "補助、交付"), ("事業概要URL", "https://example.go.jp/\na"), ("備考--", "‐"), ("根拠法令（具体的な条項も記載）", "某法第1条"),
             ("関係する計画、通知等", "計画甲\n計画乙"), ("主要政策・施策", "ODA、海洋政策"), ("政策", "政策1"), ("施策", "施策2"), ("補助率等", "定額")]  # fmt: skip
    dataset = read(extra)
    sheet = dataset.sheet()
    assert sheet[["sheet_id", "project_number", "form", "start_year", "end_year", "is_end_undecided"]].tolist() == [
        "2022-文科-21-0001",
        "2022-文科-21-0001",
        "database-2022",
        2010,
        2024,
        False,
    ]
    assert sheet[["accounts", "methods", "overview_url"]].tolist() == [
        "一般会計、特別会計",
        "補助、交付",
        "https://example.go.jp/a",
    ]
    assert sheet["remarks"] is pd.NA
    assert values(dataset.policies, "kind", "name", "detail") == [
        ["law", "某法第1条", None], ["plan", "計画甲", None], ["plan", "計画乙", None], ["policy", "ODA", None], ["policy", "海洋政策", None], ["policy", "政策1", "施策2"],
    ]  # fmt: skip
    assert dataset.subsidies["subject"].tolist() == ["定額"]
    assert sheet["source_ref"] == "Sheet1!row 2"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("①昭和元年度以前", "終了予定なし", [1926, None, True]),
        ("不明", "未定", [None, None, True]),
        ("平成３年度", "2048年度以降", [1991, 2048, False]),
        ("-", "", [None, None, None]),
    ],
)
def test_years_of_a_project(read: Callable, start: str, end: str, expected: list[object]) -> None:
    assert values(
        read(row=[*_ROW[:7], start, end, *_ROW[9:]]).sheets, "start_year", "end_year", "is_end_undecided"
    ) == [expected]


@pytest.mark.parametrize(
    ("printed", "start", "end"),
    [("平成9～25年度", 1997, 2013), ("平成20年度～令和2年度", 2008, 2020), ("昭和62年度～終了予定なし", 1987, None)],
)
def test_start_and_end_in_one_cell(read: Callable, printed: str, start: int, end: int | None) -> None:
    dataset = read(
        head=["府省", "事業番号", "事業名", "事業開始・終了(予定)年度", *_HEAD[9:]],
        row=["環境省", "0012", "古い事業", printed, *_ROW[9:]],
    )
    assert values(dataset.sheets, "sheet_id", "start_year", "end_year") == [["2022-環境省-0012", start, end]]


def test_numbers_before_2021_and_old_names_of_ministries(read: Callable) -> None:
    head = ["府省", "事業番号-1", "事業番号-2", "事業番号-3", "事業名", *_HEAD[9:]]
    dataset = read(head=head, row=["特定個人情報保護委員会", "新28", 7, 0, "名", *_ROW[9:]])
    assert dataset.sheet_ids == ["2022-個人情報保護委員会-新28-0007"]


def test_amounts(read: Callable) -> None:
    year = f"{_BUDGET}令和2年度"
    extra = [(f"{year}{_STATE}当初予算", "¥1,234"), (f"{year}{_STATE}補正予算", "▲ 34.5"), (f"{year}{_STATE}前年度から繰越し", "‐"), (f"{year}{_STATE}翌年度へ繰越し", "-155"),
             (f"{year}{_STATE}予備費等", "記入不要"), (f"{year}{_STATE}計", 1044.5), (f"{year}-執行額", "約千円"), (f"{year}-執行率（％）", "97%"),
             (f"{_BUDGET}令和5年度要求{_STATE}当初予算", 5), (f"{_BUDGET}令和5年度要求{_STATE}計", 5)]  # fmt: skip
    dataset = read(extra)
    rows = dataset.budgets.set_index("fiscal_year")
    assert rows.loc[
        2020, ["initial_jpy", "supplementary_jpy", "carried_out_jpy", "current_jpy", "total_jpy"]
    ].tolist() == [1_234_000_000, -34_500_000, 155_000_000, 1_199_500_000, 1_044_500_000]
    assert rows.loc[2020, ["carried_in_jpy", "reserve_jpy", "executed_jpy"]].isna().all()
    assert rows.loc[2020, ["printed_rate", "precision_jpy", "certainty"]].tolist() == [0.97, 100_000, "stated"]
    assert rows.loc[2023, ["requested_jpy", "stage"]].tolist() == [5_000_000, "requested"]
    assert values(dataset.residue, "text", "reason") == [["executed_jpy: 約千円", "not an amount"]]


def test_a_rate_with_and_without_a_percent_format(read: Callable) -> None:
    rate = f"{_BUDGET}令和3年度-執行率（％）"
    for printed in ("96%", 0.96, 96):
        assert read([(rate, printed)]).budgets["printed_rate"].tolist() == [0.96]


def test_a_printed_zero_is_a_value(read: Callable) -> None:
    row = read([(f"{_BUDGET}令和3年度{_STATE}補正予算", 0)]).budgets.iloc[0]
    assert row[["supplementary_jpy", "certainty"]].tolist() == [0, "stated"]


def test_recipients_costs_and_contracts(read: Callable) -> None:
    def payee(letter: str, rank: int, end: str, cells: dict[str, object]) -> list[tuple[str, object]]:
        return [(f"{_LIST}{letter}.支払先-{rank}-{field}{end}", value) for field, value in cells.items()]

    contract = {
        "支出先": "株式会社\n甲",
        "法人番号": "7000012050002",
        "業務概要": "調査",
        "支出額（百万円）": 0.25,
        "契約方式等": "一般競争契約",
        "入札者数（応募者数）": "3者",
        "落札率": "95.5%",
    }
    extra = [
        *payee("A", 1, "-01", contract), *payee("a", 1, "-02", {"支出先": "乙", "法人番号": "-", "支出額（百万円）": "2"}), *payee("W", 1, "", {"支出先": "丙"}),
        *payee("W", 2, "", {"支出先": "－", "支出額（百万円）": "-"}),
        (f"{_COSTS}A.支払先-費目-01", "人件費"), (f"{_COSTS}A.支払先-使途-01", "職員"), (f"{_COSTS}A.支払先-金額（百万円）-01", 3), (f"{_COSTS}A.支払先-計", 3),
        ("国庫債務負担行為等による契約先上位10者リスト-1-ブロック名", "A"), ("国庫債務負担行為等による契約先上位10者リスト-1-契約先", "丁"),
        ("国庫債務負担行為等による契約先上位10者リスト-1-契約額（百万円）", "1,000"), ("国庫債務負担行為等による契約先上位10者リスト-1-落札率", 0.9),
    ]  # fmt: skip
    dataset = read(extra)
    assert values(dataset.recipients, "block", "rank", "name", "amount_jpy", "number_status", "precision_jpy") == [
        ["A", 1, "株式会社甲", 250_000, "valid", 10_000], ["W", 1, "丙", None, "missing", None], ["AA", 1, "乙", 2_000_000, "missing", 1_000_000],
    ]  # fmt: skip
    assert values(dataset.contracts, "work", "method", "bidders", "award_rate")[0] == ["調査", "一般競争契約", 3, 0.955]
    assert values(dataset.cost_items, "block", "line", "item", "use", "amount_jpy") == [
        ["A", 1, "人件費", "職員", 3_000_000]
    ]
    assert values(dataset.blocks, "block", "cost_total_jpy") == [["A", 3_000_000]]
    assert values(dataset.multi_year_contracts, "block", "contractor", "amount_jpy", "award_rate") == [
        ["A", "丁", 1_000_000_000, 0.9]
    ]


def test_the_list_of_2014_has_no_blocks_of_its_own(read: Callable) -> None:
    extra = [
        (f"{_LIST}グループ-{field}-{n}", f"{field}{n}" if field != "番号" else number)
        for n, number in ((1, "B"), (2, None))
        for field in ("番号", "支出先")
    ]
    rows = read(extra).recipients
    assert values(rows, "block", "rank", "name", "certainty") == [
        ["B", 1, "支出先1", "stated"],
        ["A", 1, "支出先2", "unsettled"],
    ]


def test_repeated_headers_are_told_apart_by_their_position(read: Callable) -> None:
    prefix = "成果目標及び成果実績（アウトカム）-"
    extra: list[tuple[str, object]] = []
    for number in (1, 2, 3):
        cells = (
            ["目標", f"指標{number}", "%", 90.5, 100, "令和8年度", "120"]
            if number != 2
            else [None, "-", None, None, None, None, None]
        )
        fields = [
            "定量的な成果目標",
            "成果指標",
            "単位-成果実績",
            "令和3年度-成果実績",
            "令和3年度-目標値",
            "目標最終年度-年度",
            "目標最終年度-目標値",
        ]
        extra += zip((prefix + field for field in fields), cells, strict=True)
    dataset = read(extra)
    assert values(dataset.indicators, "indicator_id", "indicator", "unit") == [
        ["outcome-1", "指標1", "%"],
        ["outcome-2", "指標3", "%"],
    ]
    mine = dataset.measurements[dataset.measurements["indicator_id"] == "outcome-2"]
    assert values(mine, "fiscal_year", "measure", "value", "is_final_year") == [
        [2021, "actual", 90.5, False],
        [2021, "target", 100.0, False],
        [2026, "target", 120.0, True],
    ]


def test_the_logic_model_of_2023(read: Callable) -> None:
    extra = [
        ("活動内容①（アクティビティ）-01", "補助する"), ("活動目標及び活動実績①（アウトプット）-活動目標-01", "増やす"), ("活動目標及び活動実績①（アウトプット）-活動指標-01", "件数"),
        ("活動目標及び活動実績①（アウトプット）-令和3年度-当初見込み-01", 4), ("成果目標及び成果実績①-1（短期アウトカム）-成果指標-01", "短い"),
        ("成果目標及び成果実績①-3（長期アウトカム）-成果指標-01", "長い"), ("成果目標及び成果実績①-3（長期アウトカム）-令和3年度-達成度-01", "80%"),
    ]  # fmt: skip
    dataset = read(extra)
    assert values(dataset.indicators, "indicator_id", "activity_no", "level", "horizon") == [
        ["1-activity", 1, "activity", None], ["1-output-1", 1, "output", None], ["1-short", 1, "outcome", "short"], ["1-long", 1, "outcome", "long"],
    ]  # fmt: skip
    assert values(dataset.measurements, "indicator_id", "measure", "value") == [
        ["1-output-1", "expected", 4.0],
        ["1-long", "achievement", 0.8],
    ]


def test_budget_lines_reviews_and_earlier_numbers(read: Callable) -> None:
    lines, past = "令和4・5年度予算内訳（単位：百万円）-", "関連する過去のレビューシートの事業番号-令和3年度-"
    extra = [
        (f"{lines}歳出予算目-01", "補助金"), (f"{lines}令和4年度当初予算-01", 7.5), (f"{lines}令和5年度要求-01", 9), (f"{lines}歳出予算目-02", "旅費"),
        ("事業所管部局による点検・改善-点検結果", "点検した"), ("行政事業レビュー推進チームの所見に至る過程及び所見-判定", "現状通り"), ("行政事業レビュー推進チームの所見に至る過程及び所見-初見", "よい"),
        (f"{past}所管府省名", "文部科学省"), (f"{past}事業番号-1", "新03"), (f"{past}事業番号-2", "0009"), ("関連する過去のレビューシートの事業番号-平成30年度-01", "文部科学省-0216"),
    ]  # fmt: skip
    dataset = read(extra)
    assert values(dataset.budget_lines, "fiscal_year", "kind", "moku", "amount_jpy") == [
        [2022, "initial", "補助金", 7_500_000],
        [2023, "requested", "補助金", 9_000_000],
    ]
    assert values(dataset.evaluations, "section", "verdict", "text") == [
        ["inspection", None, "点検した"],
        ["team", "現状通り", "よい"],
    ]
    assert values(dataset.related, "fiscal_year", "ministry", "number") == [
        [2018, "文部科学省", "0216"],
        [2021, "文部科学省", "新03-0009"],
    ]
    assert values(dataset.residue, "text", "reason") == [["旅費", "a budget line without an amount"]]


def test_unknown_columns_and_rows_without_a_project_are_left_over(tmp_path: Path) -> None:
    path = tmp_path / "database.xlsx"
    total = [*[None] * 9, 12, 12, 11.5]
    path.write_bytes(
        workbook([*_HEAD, "謎の欄-1", "謎の欄-2", "空の欄"], [*_ROW, "a", "b", None], [*total, None, None, None])
    )
    dataset = toolkit.read(path)
    assert dataset.sheet_ids == ["2022-文科-21-0001"]
    assert sorted(values(dataset.residue, "text", "reason")) == [
        ["12 | 12 | 11.5", "a row that names no project"],
        ["謎の欄-1", "unknown column (2 of this kind, 2 cells)"],
    ]


# -- the workbook
def test_segment_sheets_are_passed_over(tmp_path: Path) -> None:
    segment = [
        ["府省庁", "事業番号-1", "事業名", "セグメント名", *_HEAD[9:]],
        ["文部科学省", "2022", "試しの事業", "区分", 1, 1, 1],
    ]
    path = tmp_path / "database.xlsx"
    path.write_bytes(workbook(_HEAD, _ROW, tab="レビューシート", more={"セグメントシート": segment}))
    assert len(toolkit.read(path).sheets) == 1
    path.write_bytes(workbook(*segment))
    with pytest.raises(UnknownFormError):
        toolkit.read(path)


def test_a_zip_that_holds_the_database(tmp_path: Path) -> None:
    path = tmp_path / "database.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("r4/database.xlsx", workbook(_HEAD, _ROW))
    assert toolkit.read(path).sheet_ids == ["2022-文科-21-0001"]


def _part(content: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """A workbook with one part rewritten."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            said = source.read(part)
            target.writestr(part, change(said.decode()) if part == name else said)
    return buffer.getvalue()


def _with_shared_strings(content: bytes, change: Callable[[str], str] = str) -> bytes:
    """The workbook as office programs write it: texts once, in a part of their own."""
    texts: list[str] = []

    def cell(found: re.Match[str]) -> str:
        texts.append(found.group(2))
        return f'<c r="{found.group(1)}" t="s"><v>{len(texts) - 1}</v></c>'

    def sheet(xml: str) -> str:
        return re.sub(r'<c r="(\w+)" t="inlineStr"><is>(.*?)</is></c>', cell, xml, flags=re.DOTALL)

    buffer = io.BytesIO(_part(content, "xl/worksheets/sheet1.xml", sheet))
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr("xl/sharedStrings.xml", change(f"<sst>{''.join(f'<si>{one}</si>' for one in texts)}</sst>"))
    return buffer.getvalue()


def test_shared_strings_lose_furigana_and_keep_runs(tmp_path: Path) -> None:
    def rich(xml: str) -> str:
        runs = "<r><t>試し</t></r><r><t>の事業_x000D_\n二</t></r><rPh sb='0' eb='1'><t>ためし</t></rPh>"
        return xml.replace("<t>試しの事業</t>", runs)

    path = tmp_path / "database.xlsx"
    path.write_bytes(_with_shared_strings(workbook(_HEAD, _ROW), rich))
    assert toolkit.read(path).sheet()["name"] == "試しの事業\n二"


def test_names_with_a_prefix(tmp_path: Path) -> None:
    def prefixed(xml: str) -> str:
        return re.sub(r"<(/?)(\w)", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x=")

    path = tmp_path / "database.xlsx"
    path.write_bytes(_part(workbook(_HEAD, _ROW), "xl/worksheets/sheet1.xml", prefixed))
    assert toolkit.read(path).sheet_ids == ["2022-文科-21-0001"]


def test_styled_blank_cells_and_numbers_with_exponents(tmp_path: Path) -> None:
    def change(xml: str) -> str:
        return xml.replace('<c r="K2"', '<c r="AZ2" s="3"/><c r="BA2" /><c r="K2"').replace(
            "<v>11.5</v>", "<v>1.15E1</v>"
        )

    path = tmp_path / "database.xlsx"
    path.write_bytes(_part(workbook(_HEAD, _ROW), "xl/worksheets/sheet1.xml", change))
    assert toolkit.read(path).budgets["executed_jpy"].tolist() == [11_500_000]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("xl/worksheets/sheet1.xml", lambda xml: xml.replace("</sheetData>", "")),
        ("xl/worksheets/sheet1.xml", lambda xml: xml.replace("<v>6</v>", "<v>6000</v>")),
        ("xl/worksheets/sheet1.xml", lambda xml: xml.replace("<v>14</v>", "<v>x</v>")),
        ("xl/worksheets/sheet1.xml", lambda xml: '<!DOCTYPE x [<!ENTITY a "b">]>' + xml),
        ("xl/sharedStrings.xml", lambda xml: xml[: len(xml) * 3 // 4]),
    ],
    ids=["tags", "string", "number", "entities", "cut"],
)
def test_damaged_and_hostile_workbooks(tmp_path: Path, part: str, change: Callable[[str], str]) -> None:
    path = tmp_path / "database.xlsx"
    path.write_bytes(_part(_with_shared_strings(workbook(_HEAD, _ROW)), part, change))
    with pytest.raises(SourceError, match=r"database\.xlsx"):
        toolkit.read(path)


def test_half_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "database.xlsx"
    path.write_bytes(workbook(_HEAD, _ROW)[:3000])
    with pytest.raises(DamagedFileError):
        toolkit.read(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.readers.database.workbook._MAX_UNPACKED", 1000)
    path = tmp_path / "database.xlsx"
    path.write_bytes(workbook(_HEAD, _ROW))
    with pytest.raises(LimitError, match="when unpacked"):
        toolkit.read(path)


def test_an_individual_sheet_is_no_database(sample_text: Path) -> None:
    assert not is_database(sample_text.with_suffix(".xlsx").read_bytes())
    assert not is_database(b"PK\x03\x04 nothing")


# -- real headers and figures
@pytest.fixture(scope="module")
def database_2022(shared_data: Path) -> toolkit.Dataset:
    return toolkit.read(shared_data / "database" / "database2022.xlsx")


@pytest.mark.parametrize("name", ["database2020-400.xlsx", "database2023-400.xlsx"])
def test_counts_and_sums_of_a_cut_year(shared_data: Path, name: str) -> None:
    path = shared_data / "database" / name
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    header, body = rows[0], rows[1:]
    dataset = toolkit.read(path)
    assert len(dataset.sheets) == len(body) == 400
    amounts = [i for i, h in enumerate(header) if str(h).startswith(_LIST) and "支出額" in str(h)]
    paid = [row[i] for row in body for i in amounts if row[i] != ""]
    assert len(dataset.recipients) == len(paid)
    assert dataset.recipients["amount_jpy"].sum() == sum(round(float(value) * 1e6) for value in paid)
    for ending, column in (("-執行額", "executed_jpy"), ("-補正予算", "supplementary_jpy")):
        own = [i for i, h in enumerate(header) if str(h).startswith(_BUDGET) and str(h).endswith(ending)]
        assert dataset.budgets[column].sum() == sum(
            round(float(row[i]) * 1e6) for row in body for i in own if row[i] != ""
        )
    goals = [i for i, h in enumerate(header) if str(h).endswith("-成果指標")]
    assert (dataset.indicators["level"] == "outcome").sum() >= sum(row[i] != "" for row in body for i in goals)
    assert len(dataset.residue) == 0


def test_database_and_judgit_agree_on_a_whole_year(shared_data: Path, database_2022: toolkit.Dataset) -> None:
    judgit = toolkit.read(shared_data / "judgit" / "judgit-2022.ndjson.gz")
    assert database_2022.sheet_ids == judgit.sheet_ids
    key, columns = ["sheet_id", "fiscal_year"], [name for name in judgit.budgets.columns if name.endswith("_jpy")]
    ours, theirs = (d.budgets.set_index(key)[columns].sort_index() for d in (database_2022, judgit))
    assert ours.fillna(0).equals(theirs.fillna(0))  # JUDGIT! has 0 for a blank, here <NA>
    key = ["sheet_id", "block", "rank"]
    ours, theirs = (
        d.recipients.set_index(key)[["name", "corporate_number", "amount_jpy"]].sort_index()
        for d in (database_2022, judgit)
    )
    assert ours.equals(theirs)
    sheets = ["name", "ministry", "start_year", "end_year", "accounts", "methods", "project_number"]
    assert database_2022.sheets[sheets].equals(judgit.sheets[sheets])


def test_the_segment_sheet_of_a_real_file_is_passed_over(shared_data: Path) -> None:
    dataset = toolkit.read(shared_data / "database" / "database2023-400.xlsx")
    assert set(dataset.sheets["review_year"]) == {2023}
    assert set(dataset.sheets["form"]) == {"database-2023"}
