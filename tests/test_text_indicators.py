"""Indicators in the text layer: facts about the form, on texts written for the purpose.

Each text prints a few cells the way an extractor does: cells that stand close share a line, the others come one by
one, in an order that follows the page only roughly.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import toolkit
from toolkit.dataset import Dataset
from toolkit.readers.text_layer import indicators_texts, read_text
from toolkit.readers.text_layer.indicators_shapes import Slot, Text, most_points, score

TOP = """令和5年度行政事業レビューシート

事業番号 2023 - 文科 - 22 - 0001

事業名 雪氷観測網の整備 担当部局庁 観測局 作成責任者

会計区分 一般会計

事業の目的
（5行程度以内）

雪氷の変化を長期にわたり観測する。

"""
ACTIVITY = """活動内容①
（アクティビティ）

観測地点を選び、計器を設置する。

"""
OUTPUT_HEAD = """活動目標及び活動実績
①
（アウトプット）

活動目標 活動指標 単位 令和2年度 令和3年度 令和4年度

5年度
活動見込

6年度
活動見込

"""
REASON = """成果目標①-1の
設定理由
（アウトプット
からのつながり）

観測地点が増えれば、予測の誤差が小さくなるため。

"""
OUTCOME_HEAD = """成果目標及び成果実績
①-3
（長期アウトカム）

成果目標 定量的な成果指標 単位 令和2年度 令和3年度 令和4年度

目標最終年度

9 年度

"""
NAMES = """積雪量の予測を改善する。 予測が当たった日の割合

"""
EVIDENCE = """成果実績及び目標値の
根拠として用いた
統計・データ名（出典）
/定性的なアウトカムに
関する成果実績

観測局調べ

"""
END = """事業所管部局による点検・改善

点検結果

おおむね計画どおりに進んだ。
"""
OUTPUT = OUTPUT_HEAD + "観測を広げる。 観測地点数\n\n活動実績 地点 21 25 27\n\n当初見込み 地点 20 24 28 30 33\n\n"


def read(*parts: str, top: str = TOP) -> Dataset:
    return read_text(top + "".join(parts) + END, "sheet.txt")


def values(dataset: Dataset, indicator: str, measure: str, *, final: bool = False) -> dict[int, float]:
    rows = dataset.measurements
    rows = rows[(rows["indicator_id"] == indicator) & (rows["measure"] == measure) & (rows["is_final_year"] == final)]
    return {int(row.fiscal_year): float(row.value) for row in rows[rows["value"].notna()].itertuples()}


def certainty(dataset: Dataset, indicator: str) -> set[str]:
    rows = dataset.measurements
    return set(rows[(rows["indicator_id"] == indicator) & rows["value"].notna()]["certainty"])


def one(dataset: Dataset, indicator: str) -> dict[str, object]:
    rows = dataset.indicators[dataset.indicators["indicator_id"] == indicator].to_dict("records")
    assert len(rows) == 1
    return rows[0]


# -- the form of 2023


def test_an_output_has_actual_values_for_three_years_and_expected_ones_for_five():
    dataset = read(ACTIVITY, OUTPUT)
    assert values(dataset, "1-output-1", "actual") == {2020: 21, 2021: 25, 2022: 27}
    assert values(dataset, "1-output-1", "expected") == {2020: 20, 2021: 24, 2022: 28, 2023: 30, 2024: 33}
    assert certainty(dataset, "1-output-1") == {"stated"}
    row = one(dataset, "1-output-1")
    assert (row["goal"], row["indicator"], row["unit"]) == ("観測を広げる。", "観測地点数", "地点")
    assert one(dataset, "1-activity")["goal"] == "観測地点を選び、計器を設置する。"


def test_achievements_are_ratios_and_the_target_year_stands_apart():
    rows = "成果実績 ％ 60 66 63\n\n目標値 ％ 60 60 70 80\n\n達成度 ％ 100 110 90\n\n"
    dataset = read(ACTIVITY, OUTPUT, REASON, OUTCOME_HEAD, NAMES, rows, EVIDENCE)
    assert values(dataset, "1-long", "achievement") == {2020: 1.0, 2021: 1.1, 2022: 0.9}
    assert values(dataset, "1-long", "target") == {2020: 60, 2021: 60, 2022: 70}
    assert values(dataset, "1-long", "target", final=True) == {2027: 80}  # 9年度 without an era is 令和9年度
    row = one(dataset, "1-long")
    assert (row["horizon"], row["unit"], row["evidence_source"]) == ("long", "％", "観測局調べ")
    link = dataset.logic_links.iloc[0]
    assert (link.from_indicator_id, link.to_indicator_id) == ("1-output-1", "1-long")
    assert link.explanation == "観測地点が増えれば、予測の誤差が小さくなるため。"


def test_rows_may_be_printed_in_another_order_than_the_forms():
    rows = "目標値 ％ 60 60 70 80\n\n達成度 ％ 100 110 90\n\n成果実績 ％ 60 66 63 -\n\n"
    dataset = read(ACTIVITY, OUTPUT, OUTCOME_HEAD, NAMES, rows)
    assert values(dataset, "1-long", "actual") == {2020: 60, 2021: 66, 2022: 63}
    assert values(dataset, "1-long", "actual", final=True) == {}


COLUMNS = "成果実績\n\n目標値\n\n達成度\n\n％\n\n％\n\n％\n\n"


@pytest.mark.parametrize(
    "numbers",
    [
        "60\n\n60\n\n100\n\n66\n\n55\n\n120\n\n63\n\n70\n\n90\n\n",  # column by column
        "60\n\n66\n\n63\n\n60\n\n55\n\n70\n\n100\n\n120\n\n90\n\n",  # row by row
        "60\n\n66\n\n60\n\n55\n\n100\n\n120\n\n63\n\n70\n\n90\n\n",  # two years row by row, the third as a column
    ],
)
def test_actual_over_target_settles_a_table_whose_rows_lost_their_labels(numbers):
    late = "目標最終年度\n\n9\n\n年度\n\n80\n\n"
    head = OUTCOME_HEAD.split("目標最終年度")[0]
    dataset = read(ACTIVITY, OUTPUT, head, NAMES, COLUMNS, numbers, late)
    assert values(dataset, "1-long", "actual") == {2020: 60, 2021: 66, 2022: 63}
    assert values(dataset, "1-long", "target") == {2020: 60, 2021: 55, 2022: 70}
    assert values(dataset, "1-long", "target", final=True) == {2027: 80}
    rows = dataset.measurements[
        (dataset.measurements["indicator_id"] == "1-long") & ~dataset.measurements["is_final_year"]
    ]
    assert set(rows["certainty"]) == {"solved"}


def test_an_output_without_row_labels_stays_unsettled_where_wide_numbers_may_run_across_or_down():
    head = OUTPUT_HEAD + "観測を広げる。\n\n観測した積雪の量\n\n活動実績\n\n当初見込み\n\n万t\n\n万t\n\n"
    numbers = "\n\n".join(["86.1", "100.0", "82.1", "99.9", "85.5", "98.0", "101.2", "103.0"]) + "\n\n"
    dataset = read(ACTIVITY, head, numbers)
    assert "unsettled" in certainty(dataset, "1-output-1")


def test_narrow_numbers_in_columns_are_read_down():
    head = OUTPUT_HEAD + "観測を広げる。\n\n観測地点数\n\n活動実績\n\n当初見込み\n\n地点\n\n地点\n\n"
    numbers = "\n\n".join(["7", "8", "9", "8", "8", "9", "9", "9"]) + "\n\n"
    dataset = read(ACTIVITY, head, numbers)
    assert values(dataset, "1-output-1", "actual") == {2020: 7, 2021: 9, 2022: 8}
    assert values(dataset, "1-output-1", "expected") == {2020: 8, 2021: 8, 2022: 9, 2023: 9, 2024: 9}


def test_a_blank_cell_leaves_a_row_of_one_line_unsettled():
    rows = (
        "活動実績 地点 - - - -\n\n当初見込み 地点 - - 8 9\n\n"  # four values for five years: the blank may be anywhere
    )
    dataset = read(ACTIVITY, OUTPUT_HEAD, "観測を広げる。 観測地点数\n\n", rows)
    assert certainty(dataset, "1-output-1") == {"unsettled"}
    assert values(dataset, "1-output-1", "expected") == {2023: 8, 2024: 9}


def test_actual_values_of_years_that_are_not_over_are_never_certain():
    rows = "活動実績 地点 21 25 27 29 30\n\n当初見込み 地点 20 24 28 30 33\n\n"
    dataset = read(ACTIVITY, OUTPUT_HEAD, "観測を広げる。 観測地点数\n\n", rows)
    actual = dataset.measurements[dataset.measurements["measure"] == "actual"]
    assert set(actual["certainty"]) == {"unsettled"}
    assert values(dataset, "1-output-1", "expected")[2024] == 33


def test_a_dash_is_no_value_and_a_zero_is_one():
    rows = "活動実績 地点 - 0 27\n\n当初見込み 地点 - 5 28 30 -\n\n"
    dataset = read(ACTIVITY, OUTPUT_HEAD, "観測を広げる。 観測地点数\n\n", rows)
    assert values(dataset, "1-output-1", "actual") == {2021: 0, 2022: 27}
    assert values(dataset, "1-output-1", "expected") == {2021: 5, 2022: 28, 2023: 30}


def test_values_not_known_yet_are_words():
    rows = "成果実績 ％ 60 66 集計中 -\n\n目標値 ％ 60 60 70 80\n\n達成度 ％ 100 110 - -\n\n"
    dataset = read(ACTIVITY, OUTPUT, OUTCOME_HEAD, NAMES, rows)
    assert values(dataset, "1-long", "actual") == {2020: 60, 2021: 66}
    printed = dataset.measurements.set_index(["indicator_id", "fiscal_year", "measure"])["value_text"]
    assert printed["1-long", 2022, "actual"] == "集計中"


def test_an_outcome_without_numbers_is_qualitative():
    rows = "成果実績 - - - - -\n\n目標値 - - - - -\n\n達成度 ％ - - - -\n\n"
    said = EVIDENCE.replace("観測局調べ", "有識者の会合で、予測が改まったとの評価を得た。")
    dataset = read(ACTIVITY, OUTPUT, OUTCOME_HEAD, "積雪量の予測を改善する。\n\n-\n\n", rows, said)
    row = one(dataset, "1-long")
    assert bool(row["is_qualitative"])
    assert row["evidence_source"] == "有識者の会合で、予測が改まったとの評価を得た。"
    assert dataset.measurements[dataset.measurements["indicator_id"] == "1-long"]["value"].notna().sum() == 0


def test_the_labels_of_a_whole_chain_may_be_printed_before_its_cells():
    labels = "\n\n".join(
        [
            ACTIVITY.split("\n\n")[0],
            OUTPUT_HEAD.split("\n\n")[0],
            REASON.split("\n\n")[0],
            OUTCOME_HEAD.split("\n\n")[0],
            "",
        ]
    )
    table = OUTPUT.split("\n\n", 1)[1]
    outcome = (
        OUTCOME_HEAD.split("\n\n", 1)[1]
        + NAMES
        + "成果実績 ％ 60 66 63\n\n目標値 ％ 60 60 70 80\n\n達成度 ％ 100 110 90\n\n"
    )
    dataset = read(
        labels,
        "観測地点を選び、計器を設置する。\n\n",
        table,
        "観測地点が増えれば、予測の誤差が小さくなるため。\n\n",
        outcome,
        EVIDENCE,
    )
    assert one(dataset, "1-activity")["goal"] == "観測地点を選び、計器を設置する。"
    assert dataset.logic_links.iloc[0].explanation == "観測地点が増えれば、予測の誤差が小さくなるため。"
    assert one(dataset, "1-long")["evidence_source"] == "観測局調べ"


def test_two_outputs_of_one_activity_are_numbered():
    second = (
        OUTPUT.replace("観測地点数", "計器の台数").replace("21 25 27", "1 2 3").replace("20 24 28 30 33", "2 2 2 4 4")
    )
    dataset = read(ACTIVITY, OUTPUT, second)
    assert values(dataset, "1-output-2", "actual") == {2020: 1, 2021: 2, 2022: 3}
    assert one(dataset, "1-output-2")["indicator"] == "計器の台数"


def test_headings_of_the_years_to_come_may_be_printed_with_their_values_after_the_next_table():
    early = (
        OUTPUT_HEAD.split("5年度")[0]
        + "観測を広げる。\n\n観測地点数\n\n活動実績\n\n当初見込み\n\n地点\n\n地点\n\n7\n\n8\n\n9\n\n8\n\n8\n\n9\n\n"
    )
    outcome = OUTCOME_HEAD + NAMES + "成果実績 ％ 60 66 63\n\n目標値 ％ 60 60 70 80\n\n達成度 ％ 100 110 90\n\n"
    late = "5年度\n活動見込\n\n6年度\n活動見込\n\n11\n\n12\n\n"
    dataset = read(ACTIVITY, early, REASON, outcome, late)
    assert values(dataset, "1-output-1", "expected") == {2020: 8, 2021: 8, 2022: 9, 2023: 11, 2024: 12}
    assert values(dataset, "1-long", "target", final=True) == {2027: 80}


def test_an_explanation_is_kept_with_its_activity():
    why = "アウトカム設定について\nの説明\n\n-\n\nアクティビティ①について定性的なアウトカムを設定している理由\n\n"
    why += "アクティビティ①についてアウトカムが複数設定できない理由\n\n成果は毎年度の観測そのものであり、段階を分けられないため。\n\n"
    rows = "成果実績 ％ 60 66 63\n\n目標値 ％ 60 60 70 80\n\n達成度 ％ 100 110 90\n\n"
    dataset = read(ACTIVITY, OUTPUT, OUTCOME_HEAD, NAMES, rows, EVIDENCE, why)
    assert one(dataset, "1-activity")["explanation"] == "成果は毎年度の観測そのものであり、段階を分けられないため。"


def test_a_torn_form_costs_values_but_raises_nothing():
    text = TOP + ACTIVITY + OUTPUT + OUTCOME_HEAD + NAMES + "成果実績 ％ 60 66\n\n目標値\n\n達成度 ％ 100\n\n" + END
    parts = text.split("\n\n")
    for cut in range(8, len(parts)):
        read_text("\n\n".join(parts[:cut]), "sheet.txt")
        read_text("\n\n".join(parts[: len(parts) - cut] + parts[: cut + 1][::-1]) + "\n\n" + TOP, "sheet.txt")


# -- the forms to 2022

OLD_TOP = TOP.replace("令和5年度", "平成30年度").replace("2023 - 文科 - 22 - 0001", "0001")
OLD_OUTCOME = """成果目標及び成果
実績
（アウトカム）

定量的な成果目標 成果指標 単位

27年度 28年度 29年度

中間目標 目標最終年度

30 年度 32 年度

平成32年度までに誤差を半分にする。

予測の誤差

成果実績 cm 12 11 9 - -

目標値 cm 12 10 10 9 6

達成度 ％ 100 110 90 - -

根拠として用いた
統計・データ名
（出典）

「積雪観測年報」（観測局）

"""
OLD_OUTPUT = """活動指標及び
活動実績
（アウトプット）

活動指標

単位

27年度 28年度 29年度 30年度
活動見込

31年度
活動見込

観測地点数

活動実績 地点 21 25 27

当初見込み 地点 20 24 28 30 33

"""
OLD_COSTS = """単位当たり
コスト

算出根拠

単位

27年度 28年度 29年度 30年度活動見込

執行額／観測地点数

単位当たり
コスト

百万円 4 5.2 6

計算式 84/21 130/25

162/27

7

210/30

"""


def test_older_forms_know_no_activity_and_an_interim_target():
    dataset = read(OLD_OUTCOME, OLD_OUTPUT, top=OLD_TOP)
    assert values(dataset, "outcome-1", "actual") == {2015: 12, 2016: 11, 2017: 9}
    assert values(dataset, "outcome-1", "target", final=True) == {2018: 9, 2020: 6}
    row = one(dataset, "outcome-1")
    assert (row["goal"], row["indicator"], row["unit"]) == ("平成32年度までに誤差を半分にする。", "予測の誤差", "cm")
    assert row["evidence_source"] == "「積雪観測年報」（観測局）"
    assert values(dataset, "output-1", "expected") == {2015: 20, 2016: 24, 2017: 28, 2018: 30, 2019: 33}


def test_years_before_the_project_began_are_blank():
    began = OLD_TOP.replace("会計区分", "事業開始年度 平成28年度\n\n会計区分")
    printed = (
        OLD_OUTPUT.split("活動実績 地点")[0] + "活動実績 地点 25\n\n当初見込み 地点 24\n\n27\n\n28\n\n30\n\n33\n\n"
    )
    dataset = read(printed, top=began)
    assert dataset.sheets["start_year"].tolist() == [2016]
    assert values(dataset, "output-1", "actual") == {2016: 25, 2017: 27}
    assert values(dataset, "output-1", "expected") == {2016: 24, 2017: 28, 2018: 30, 2019: 33}
    assert certainty(dataset, "output-1") == {"unsettled"}


def test_a_labelled_row_that_is_full_is_told_whatever_the_rest_of_its_table_says():
    printed = OLD_OUTPUT.replace("当初見込み 地点 20 24 28 30 33", "当初見込み 地点 9,000 1")
    rows = read(printed, top=OLD_TOP).measurements
    rows = rows[(rows["measure"] == "actual") & rows["value"].notna()]
    assert rows["value"].tolist() == [21, 25, 27]
    assert set(rows["certainty"]) == {"stated"}


def test_a_dash_may_be_the_unit_of_the_rows():
    rows = "成果実績 - 12 11 9 - -\n\n目標値 - 12 10 10 9 6\n\n達成度 ％ 100 110 90 - -\n\n"
    printed = OLD_OUTCOME.split("成果実績 cm")[0] + rows + "根拠" + OLD_OUTCOME.split("根拠")[1]
    dataset = read(printed, top=OLD_TOP)
    assert values(dataset, "outcome-1", "actual") == {2015: 12, 2016: 11, 2017: 9}
    assert values(dataset, "outcome-1", "target", final=True) == {2018: 9, 2020: 6}
    assert certainty(dataset, "outcome-1") == {"stated"}


def test_a_name_on_the_line_of_a_row_is_that_of_its_table():
    """The name of the second outcome stands in its table, though it counts in the unit of the first one."""
    second = (
        OLD_OUTCOME.replace("予測の誤差\n\n成果実績 cm 12 11 9", "参加者の理解度（cm） 成果実績 点 3 4 5")
        .replace("目標値 cm 12 10 10 9 6", "目標値 点 3 4 5 6 7")
        .replace("達成度 ％ 100 110 90", "達成度 ％ 100 100 100")
        .replace("平成32年度までに誤差を半分にする。", "参加者の理解を深める。")
    )
    dataset = read(OLD_OUTCOME, second, top=OLD_TOP)
    assert one(dataset, "outcome-2")["indicator"] == "参加者の理解度（cm）"
    assert values(dataset, "outcome-2", "actual") == {2015: 3, 2016: 4, 2017: 5}


def test_an_outcome_without_a_goal_is_not_sure_of_its_name():
    """The form has both: what was printed may be the goal."""
    printed = OLD_OUTCOME.replace("平成32年度までに誤差を半分にする。\n\n", "")
    top = OLD_TOP.replace("雪氷の変化を長期にわたり観測する。", "-")
    assert certainty(read(printed, top=top), "outcome-1") == {"unsettled"}


@pytest.mark.parametrize(("is_crossed", "sure"), [(False, "stated"), (True, "unsettled")])
def test_names_that_take_their_words_from_the_other_outcomes_goal_are_not_sure(is_crossed: bool, sure: str):
    goals = ["平成32年度までに雪崩の予測の誤差を半分にする。", "平成32年度までに参加者を倍にする。"]
    names = ["雪崩の予測の誤差の大きさ", "登山道の整備に携わった者の延べ人数"]
    printed = [
        OLD_OUTCOME.replace("予測の誤差", name).replace("平成32年度までに誤差を半分にする。", goal)
        for name, goal in zip(names[::-1] if is_crossed else names, goals, strict=True)
    ]
    dataset = read(*printed, top=OLD_TOP)
    assert values(dataset, "outcome-2", "actual") == {2015: 12, 2016: 11, 2017: 9}
    assert certainty(dataset, "outcome-1") == certainty(dataset, "outcome-2") == {sure}


def test_tables_without_row_labels_are_read_column_by_column_together():
    outcome = (
        OLD_OUTCOME.split("成果実績 cm")[0]
        + "成果実績\n\n目標値\n\n達成度\n\n12\n\n12\n\n100\n\n11\n\n10\n\n110\n\n9\n\n10\n\n90\n\n"
    )
    output = (
        OLD_OUTPUT.split("活動実績 地点")[0]
        + "活動実績\n\n当初見込み\n\n21\n\n20\n\n25\n\n24\n\n27\n\n28\n\n30\n\n33\n\n"
    )
    dataset = read(outcome, output, top=OLD_TOP)
    assert values(dataset, "outcome-1", "actual") == {2015: 12, 2016: 11, 2017: 9}
    assert values(dataset, "outcome-1", "target") == {2015: 12, 2016: 10, 2017: 10}
    assert values(dataset, "output-1", "expected") == {2015: 20, 2016: 24, 2017: 28, 2018: 30, 2019: 33}
    assert certainty(dataset, "output-1") == {"unsettled"}


def test_a_unit_cost_goes_with_the_formula_that_gives_it():
    dataset = read(OLD_OUTPUT, OLD_COSTS, top=OLD_TOP)
    costs = [
        (int(r.fiscal_year), float(r.value), r.formula_text, r.basis, r.unit) for r in dataset.unit_costs.itertuples()
    ]
    assert costs == [
        (2015, 4.0, "84/21", "執行額／観測地点数", "百万円"),
        (2016, 5.2, "130/25", "執行額／観測地点数", "百万円"),
        (2017, 6.0, "162/27", "執行額／観測地点数", "百万円"),
        (2018, 7.0, "210/30", "執行額／観測地点数", "百万円"),
    ]


def test_a_block_that_was_left_empty_is_no_indicator():
    empty = OLD_OUTPUT.split("観測地点数")[0] + "活動実績 - - -\n\n当初見込み - - - - -\n\n"
    dataset = read(OLD_OUTPUT, empty, top=OLD_TOP)
    assert dataset.indicators["indicator_id"].tolist() == ["output-1"]


def _weighed(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Slot, Text]]:
    """Every text of the logic model of a sheet with every cell that it may be printed for."""
    pairs: list[tuple[Slot, Text]] = []

    def align(slots: list[Slot], texts: list[Text]) -> None:
        pairs.extend((slot, text) for slot in slots for text in texts if text.place in slot.reach or text.answers)

    with monkeypatch.context() as patch:
        patch.setattr(indicators_texts, "align", align)
        toolkit.read(path)
    return pairs


def _check_bound(pairs: list[tuple[Slot, Text]]) -> None:
    for slot, text in pairs:
        outside, inside, at = most_points([slot.kind], text)[slot.kind]
        assert score(slot, text) <= (inside if at in slot.place else outside), (slot.kind, text.piece.text)


def test_no_text_scores_more_than_the_bound_that_rules_it_out(
    sample_text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text is weighed against a cell only where ``most_points`` lets it win: a bound below the score would lose it."""
    pairs = _weighed(sample_text, monkeypatch)
    assert len(pairs) > 50
    _check_bound(pairs)


def test_the_bound_holds_on_other_sheets(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in sorted((shared_data / "sheets" / "made").glob("*.txt")):
        _check_bound(_weighed(file, monkeypatch))
