"""Pictures: what they draw agrees with figures typed by hand, and their titles state it."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree

import matplotlib
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from toolkit import Dataset, plots
from toolkit.errors import UsageError
from toolkit.plots.canvas import canvas_of
from toolkit.plots.style import text_width, wrap

#: those of one sheet; the others are tested with the frames they draw
PLOTS = [
    plot
    for plot in (getattr(plots, name) for name in plots.__all__ if name.startswith("plot_") and name != "plot_numbers")
    if next(iter(inspect.signature(plot).parameters)) == "dataset"
]
LONG = "特定非営利活動法人国際的な頭脳循環の促進と世界トップレベルの研究環境の形成に関する総合的な調査研究・普及啓発・人材育成を行うための連携推進協議会（International Collaboration Network）東日本支部準備室"
MILLION = 1_000_000


def rows(*given: dict) -> list[dict]:
    return [{"sheet_id": "2023-文科-22-0001", "certainty": "stated", **row} for row in given]


@pytest.fixture(scope="module")
def sheet() -> Dataset:
    """One project: 6,370 million to spend in FY2022, 5,335 spent, 1,035 carried on; blocks A (of the ministry) and B (of A)."""
    return Dataset(
        {
            "sheets": rows({"review_year": 2023, "name": "試験の事業", "ministry": "文部科学省", "flow_amount_jpy": 5335 * MILLION}),
            "budgets": rows(
                {"fiscal_year": 2021, "initial_jpy": 6100 * MILLION, "carried_in_jpy": 155 * MILLION, "current_jpy": 6255 * MILLION,
                 "carried_out_jpy": 270 * MILLION, "total_jpy": 5985 * MILLION, "executed_jpy": 5983 * MILLION, "stage": "closed"},
                {"fiscal_year": 2022, "initial_jpy": 6100 * MILLION, "carried_in_jpy": 270 * MILLION, "current_jpy": 6370 * MILLION,
                 "carried_out_jpy": 1035 * MILLION, "total_jpy": 5335 * MILLION, "executed_jpy": 5335 * MILLION, "stage": "closed"},
                {"fiscal_year": 2023, "initial_jpy": 7088 * MILLION, "carried_in_jpy": 1035 * MILLION, "current_jpy": 8123 * MILLION,
                 "total_jpy": 8123 * MILLION, "stage": "running"},
                {"fiscal_year": 2024, "requested_jpy": 7160 * MILLION, "stage": "requested"},
            ),
            "budget_lines": rows(
                {"fiscal_year": 2023, "line": 1, "kind": "initial", "kou": "研究振興費", "moku": "補助金", "amount_jpy": 7000 * MILLION},
                {"fiscal_year": 2023, "line": 2, "kind": "initial", "kou": "研究振興費", "moku": "職員旅費", "amount_jpy": 88 * MILLION},
                {"fiscal_year": 2024, "line": 1, "kind": "requested", "kou": "研究振興費", "moku": "補助金", "amount_jpy": 7160 * MILLION},
            ),
            "blocks": rows(
                {"block": "A", "name": "拠点の形成", "recipient_count": 2, "amount_jpy": 4000 * MILLION},
                {"block": "B", "name": "再委託", "amount_jpy": 1000 * MILLION},
            ),
            "flows": rows({"from_block": None, "to_block": "A", "by": "補助金等交付"}, {"from_block": "A", "to_block": "B"}),
            "recipients": rows(
                {"block": "A", "rank": 1, "name": "国立大学法人東京大学", "corporate_number": "5010005007398", "number_status": "valid", "amount_jpy": 3000 * MILLION},
                {"block": "A", "rank": 2, "name": LONG, "number_status": "missing", "name_kind": "organization", "amount_jpy": 1000 * MILLION},
                {"block": "B", "rank": 1, "name": "株式会社 $A&B<C>", "amount_jpy": None},
            ),
            "cost_items": rows({"block": "A", "line": 1, "item": "人件費", "use": "研究者", "amount_jpy": 75 * MILLION}, {"block": "A", "line": 2, "item": "旅費", "amount_jpy": 25 * MILLION}),
            "indicators": rows(
                {"indicator_id": "1-output-1", "level": "output", "indicator": "研究者数", "unit": "人"},
                {"indicator_id": "1-long", "level": "outcome", "horizon": "long", "indicator": "拠点の数", "unit": "拠点"},
            ),
            "measurements": rows(
                {"indicator_id": "1-output-1", "fiscal_year": 2022, "measure": "actual", "value": 60.0},
                {"indicator_id": "1-output-1", "fiscal_year": 2022, "measure": "expected", "value": 80.0},
                {"indicator_id": "1-output-1", "fiscal_year": 2023, "measure": "actual", "value": 900.0},
                {"indicator_id": "1-output-1", "fiscal_year": 2023, "measure": "expected", "value": 90.0},
                {"indicator_id": "1-long", "fiscal_year": 2022, "measure": "actual", "value": 9.0, "certainty": "unsettled"},
                {"indicator_id": "1-long", "fiscal_year": 2022, "measure": "target", "value": 9.0},
            ),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def bare() -> Dataset:
    """A sheet of which nothing but its year is known."""
    return Dataset({"sheets": rows({"review_year": 2023})})


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    yield
    pyplot.close("all")


def texts(ax: Axes) -> str:
    """All words of a figure as a page would show them, one space between two of them."""
    return " ".join(
        node.text or "" for node in ElementTree.fromstring(plots.svg(ax)).iter("{http://www.w3.org/2000/svg}text")
    )


def boxes(ax: Axes) -> list[tuple[float, float]]:
    """Upper and lower end of every rectangle of a figure, in points from above."""
    paths = re.findall(r'<path d="M([^"zC]*)z"', plots.svg(ax))
    corners = [[float(corner.split()[1]) for corner in path.split("L")] for path in paths]
    return [(min(ends), max(ends)) for ends in corners]


def test_budget_bars_are_as_high_as_the_printed_amounts(sheet: Dataset) -> None:
    ax = plots.plot_budget(sheet, language="ja")
    found = boxes(ax)
    zero, highest = Counter(low for _, low in found).most_common(1)[0][0], min(top for top, _ in found)
    tops = [81.23 * (zero - top) / (zero - highest) for top, _ in found]
    for expected in (62.55, 63.70, 81.23, 71.60, 59.83, 53.35):  # 億円: to spend, requested, spent
        assert any(top == pytest.approx(expected, abs=0.02) for top in tops)
    assert "億円" in texts(ax)
    assert (
        ax.get_title(loc="left").replace("\n", "")
        == "2022年度は歳出予算現額63.7億円のうち53.35億円（83.8%）を執行し、10.35億円を翌年度へ繰り越した"
    )


def test_english_figures_are_in_million_yen(sheet: Dataset) -> None:
    ax = plots.plot_budget(sheet, language="en")
    assert {"6,370", "5,335", "8,123", "7,160"} <= set(texts(ax).split(" "))
    assert "million yen" in texts(ax)
    assert plots.caption(ax).title.startswith(
        "In FY2022, 5,335 million yen (83.8%) of the current budget of 6,370 million yen was spent"
    )


def test_both_execution_rates_are_drawn_and_told_apart(sheet: Dataset) -> None:
    ax = plots.plot_execution_rate(sheet, language="ja")
    shown = texts(ax)
    assert "83.8%" in shown  # 5,335 of 6,370
    assert "100.0%" in shown  # 5,335 of 5,335
    assert "÷ 歳出予算現額" in shown
    assert "÷ 計(F)" in shown
    assert (
        plots.caption(ax).title == "2022年度の執行率は歳出予算現額の83.8%（計(F)に対しては100.0%）、2年間でもっとも低い"
    )


def test_recipients_have_their_share_and_corporate_number(sheet: Dataset) -> None:
    ax = plots.plot_recipients(sheet, language="ja")
    shown = texts(ax)
    assert "30.00億円（75.0%）" in shown or "30億円（75.0%）" in shown  # 3,000 of 4,000
    assert "法人番号 5010005007398" in shown
    assert "法人番号の記載なし" in shown
    assert "金額の記載なし" in shown
    assert LONG in shown.replace(" ", "") or LONG.replace(" ", "") in shown.replace(" ", "")  # wrapped, nothing cut
    assert plots.caption(ax).title == "最大の支出先は国立大学法人東京大学の30億円（ブロックAの75.0%）"


def test_tabs_and_signs_that_the_measuring_font_lacks_are_no_trouble(sheet: Dataset) -> None:
    named = sheet["recipients"].assign(name="株式会社\tロケット\x0b🚀➁")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = texts(plots.plot_recipients(Dataset({**sheet, "recipients": named}), language="ja"))
    assert "株式会社 ロケット 🚀➁" in shown


def test_amounts_wider_than_their_bars_are_read_from_below(sheet: Dataset) -> None:
    """Nine years leave a bar 0.29 inches; 127,126 takes more."""
    one = sheet["budgets"].iloc[:1].to_dict("records")[0]
    years = [{**one, "fiscal_year": year, "initial_jpy": 127_809_000_000, "supplementary_jpy": 0, "carried_in_jpy": 0, "reserve_jpy": 0, "carried_out_jpy": 0,
              "current_jpy": 127_809_000_000, "executed_jpy": 127_126_000_000, "stage": "closed"} for year in range(2015, 2024)]  # fmt: skip
    drawn = plots.svg(plots.plot_budget(Dataset({**sheet, "budgets": years}), language="en"))
    assert len(re.findall(r"<text [^>]*rotate\(-90[^>]*>127,126<", drawn)) == 9
    assert not re.search(r"<text [^>]*rotate\(-90[^>]*>127,809<", drawn)
    few = plots.svg(plots.plot_budget(Dataset({**sheet, "budgets": years[-3:]}), language="en"))
    assert ">127,126<" in few
    assert "rotate(-90 " not in few


def test_a_budget_of_nothing_is_a_sentence(sheet: Dataset) -> None:
    names = [name for name in sheet["budgets"].columns if name.endswith("_jpy")]
    nothing = sheet["budgets"].assign(**{name: sheet["budgets"][name] * 0 for name in names})
    ax = plots.plot_budget(Dataset({**sheet, "budgets": nothing}), language="ja")
    assert plots.caption(ax).title == "記載された予算額はすべて0円である。"
    assert plots.caption(ax).is_empty


def test_an_axes_that_was_cleared_shows_what_is_drawn_on_it_then(sheet: Dataset) -> None:
    ax = plots.plot_budget(sheet, language="ja")
    ax.clear()
    ax.plot([1, 2], [3, 4], gid="mine")
    ax.set_title("Mine")
    assert canvas_of(ax) is None
    assert "81.23" not in plots.svg(ax)


def test_a_phone_shows_the_same_drawing_with_its_parts_moved(sheet: Dataset) -> None:
    """A bar goes below its text, as wide as there is room; in a picture of its own nothing is there twice."""
    ax = plots.plot_recipients(sheet, language="ja")
    drawn = plots.svg(ax)
    assert 'class="fold"' in drawn
    loose = re.sub(r'<g style="--n:matrix[^>]*>.*?</g>', "", drawn, flags=re.S)
    assert not re.search("<(text|path|circle)", loose)
    flow = plots.svg(plots.plot_flow(sheet, language="ja"))
    alone = re.findall(r'<g class="phone" display="none">(.*?)</g>', flow, flags=re.S)
    assert sum(group.count("<path") for group in alone) == 4  # a trunk and a branch for A, the same for B


def test_flow_leads_from_the_ministry_through_a_to_b(sheet: Dataset) -> None:
    ax = plots.plot_flow(sheet, language="ja")
    shown = texts(ax)
    assert "補助金等交付" in shown
    assert "A　拠点の形成" in shown
    assert "文部科学省 → A" in plots.caption(ax).alt
    assert "A → B" in plots.caption(ax).alt
    assert plots.caption(ax).title == "文部科学省の53.35億円のうち40億円（75.0%）がブロックA（拠点の形成）へ渡った"


def test_a_forecast_or_an_unsettled_value_is_no_reached_target(sheet: Dataset) -> None:
    """The row of actual values holds forecasts from the review year on: 900 of 90 in FY2023 is not an achievement."""
    ax = plots.plot_achievement(sheet, language="en")
    assert (
        plots.caption(ax).title
        == "0 of 1 indicator with target and actual reached the target in the latest year (1 more are not settled by the source)"
    )
    assert "75.0%" in texts(ax)  # 60 of 80


def test_budget_lines_and_cost_items_name_the_largest(sheet: Dataset) -> None:
    assert plots.caption(plots.plot_budget_lines(sheet, language="ja")).title == "2023年度当初予算の98.8%は「補助金」"
    assert "10,000万円のうち7,500万円（75.0%）" in plots.caption(plots.plot_cost_items(sheet, language="ja")).title


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.__name__)
class TestEveryPlot:
    def test_draws_on_what_it_is_given_and_changes_no_setting(self, plot, language, sheet: Dataset) -> None:
        before = dict(matplotlib.rcParams)
        figure, ax = pyplot.subplots()
        assert plot(sheet, language=language, ax=ax) is ax
        assert pyplot.get_fignums() == [figure.number]
        assert dict(matplotlib.rcParams) == before

    def test_a_sheet_without_the_table_gets_a_sentence(self, plot, language, bare: Dataset) -> None:
        words = plots.caption(plot(bare, language=language))
        assert words.is_empty
        assert words.title.endswith(("。", "."))

    def test_the_picture_is_the_same_on_every_run(self, plot, language, sheet: Dataset) -> None:
        first, second = (plots.svg(plot(sheet, language=language)) for _ in range(2))
        assert first == second

    def test_the_picture_is_safe_and_described(self, plot, language, sheet: Dataset) -> None:
        ax = plot(sheet, language=language)
        picture = plots.svg(ax)
        root = ElementTree.fromstring(picture)
        assert root.get("role") == "img"
        assert root.get("aria-label") == plots.caption(ax).alt
        assert len(plots.caption(ax).alt) > 20
        assert not re.search(r'href="(?!#)', picture)
        ids = re.findall(r' id="([^"]+)"', picture)
        assert len(ids) == len(set(ids))

    def test_every_glyph_is_in_the_font(self, plot, language, sheet: Dataset) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            plot(sheet, language=language).figure.canvas.draw()

    def test_no_words_overlap_or_leave_the_figure(self, plot, language, sheet: Dataset) -> None:
        ax = plot(sheet, language=language)
        canvas = canvas_of(ax)
        for n, (words, (left, low, right, high)) in enumerate(canvas.words()):
            assert left >= -0.01, words
            assert right <= canvas.width + 0.01, words
            for other, (x0, y0, x1, y1) in canvas.words()[n + 1 :]:
                assert min(min(right, x1) - max(left, x0), min(high, y1) - max(low, y0)) < 0.04, (
                    f"{words!r} overlaps {other!r}"
                )

    def test_another_language_is_refused(self, plot, language, sheet: Dataset) -> None:
        with pytest.raises(UsageError, match="languages are ja, en"):
            plot(sheet, language="fr")


def test_a_plot_of_several_sheets_asks_for_one(sheet: Dataset, bare: Dataset) -> None:
    other = Dataset({"sheets": [{**rows({"review_year": 2022})[0], "sheet_id": "2022-文科-21-0001"}]})
    with pytest.raises(UsageError, match="2 sheets"):
        plots.plot_budget(sheet + other)


@pytest.mark.parametrize("width", [0.4, 1.0, 3.0])
def test_wrapped_text_fits_and_loses_nothing(width: float) -> None:
    lines = wrap(LONG, width, 9)
    assert "".join(lines).replace(" ", "") == LONG.replace(" ", "")
    assert all(text_width(line, 9) <= width + 2 * 9 / 72 for line in lines)  # a closing mark may hang over
    assert not any(line.endswith(("（", "「")) for line in lines if len(line) > 1)


def test_importing_the_plots_changes_nothing_and_draws_nothing() -> None:
    code = "import sys; import toolkit.plots; print('matplotlib.pyplot' in sys.modules, 'matplotlib_fontja' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "False"]


def flow(arrows: dict[str, list[str]], amounts: dict[str, int]) -> Dataset:
    """A sheet with only a flow: per block who pays it ("" is the ministry) and how many million yen it gets."""
    return Dataset({
        "sheets": rows({"review_year": 2023, "ministry": "文部科学省"}),
        "blocks": rows(*({"block": block, "name": f"受け手{block}", "amount_jpy": amount * MILLION} for block, amount in amounts.items())),
        "flows": rows(*({"from_block": payer or None, "to_block": block} for block, payers in arrows.items() for payer in payers)),
    })  # fmt: skip


def letters(count: int) -> list[str]:
    return [chr(65 + n) if n < 26 else chr(64 + n // 26) + chr(65 + n % 26) for n in range(count)]


def test_fifty_blocks_fold_the_small_ones_and_name_their_sum() -> None:
    names = letters(50)  # A gets 100 million, the last one 51
    ax = plots.plot_flow(flow({n: [""] for n in names}, {n: 100 - k for k, n in enumerate(names)}), language="ja")
    shown = texts(ax)
    folded = int(re.search(r"ほか(\d+)ブロック", shown).group(1))
    assert "A 受け手A" in shown.replace("\u3000", " ")
    assert 15 < 50 - folded < 40
    assert f"受け手{names[50 - folded - 1]} " in f"{shown} "
    assert f"受け手{names[50 - folded]} " not in f"{shown} "  # the smallest are the folded ones
    assert f"{sum(range(51, 51 + folded)) / 100:.2f}億円" in shown
    assert all(f"受け手{name}" in plots.caption(ax).alt for name in names)  # words hold them all
    assert ax.figure.get_size_inches()[1] < 9.7  # a printed page


def test_a_flow_of_depth_eight_is_as_wide_as_a_page() -> None:
    names = letters(8)
    payers = {name: [names[n - 1] if n else ""] for n, name in enumerate(names)}
    ax = plots.plot_flow(flow(payers, dict.fromkeys(names, 10)), language="en")
    assert ax.figure.get_size_inches()[0] < 8
    assert all(f"受け手{name}" in texts(ax) for name in names)
    lefts = [left for words, (left, *_) in canvas_of(ax).words() if re.match("[A-H]\u3000", words)]
    assert lefts == sorted(lefts)
    assert len(set(lefts)) == 8  # each level further in


def test_cycles_and_further_payers_are_told_in_words() -> None:
    """The ministry pays A, A pays B, B pays C and gives back to A; D gets money from both A and C."""
    cycle = flow({"A": ["", "B"], "B": ["A"], "C": ["B"], "D": ["C", "A"]}, {"A": 9, "B": 5, "C": 3, "D": 2})
    shown = texts(plots.plot_flow(cycle, language="ja"))
    assert shown.count("受け手A") == 1
    assert "ほかに B からも" in shown  # to A
    assert "ほかに C からも" in shown  # to D, which stands below A
    ring = flow({"A": ["B"], "B": ["A"]}, {"A": 1, "B": 1})  # nobody pays into it
    assert "受け手A" in texts(plots.plot_flow(ring, language="ja"))


def test_a_place_among_many_is_counted_not_guessed() -> None:
    """Eleven projects: rates of 0, 10 … 100 %; the marked one at 90 % has one above and nine below."""
    lines = pd.DataFrame({
        "sheet_id": [f"P{n}" for n in range(11)], "ministry": "文部科学省", "fiscal_year": 2022, "execution_rate": [n / 10 for n in range(11)],
        "current_jpy": [10**n for n in range(11)], "top1": [None] * 11, "met_share": [1.0] * 11,
    }).astype({"current_jpy": "Int64", "execution_rate": "Float64", "top1": "Float64", "met_share": "Float64"})  # fmt: skip
    ax = plots.plot_places(lines, "P9", language="ja")
    assert plots.caption(ax).title == "執行率（90.0%）は文部科学省の11事業のうち上から14%の位置にある（2022年度）"
    assert "執行率 90.0% (中央値 50.0%; 11事業のうち, より大きい 1, より小さい 9)" in plots.caption(ax).alt
    assert "同じ 10" in texts(ax)  # all met their targets
    assert "集中" not in texts(ax)
    alone = plots.plot_places(lines.head(1), "P0", language="en")
    assert plots.caption(alone).is_empty
