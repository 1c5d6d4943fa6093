"""Many sheets side by side, on the sample: a ministry's projects, one recipient's payments, and what the notebooks show."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import toolkit
from toolkit import Dataset, plots
from toolkit.checks import examine
from toolkit.errors import NotFoundError
from toolkit.plots import caption, close
from toolkit.portfolio import method_kind, outliers, portfolio, received
from toolkit.reports import panel

TOKYO = "5010005007398"


@pytest.fixture(scope="module")
def bulk(root: Path) -> Dataset:
    """The sample's sheets of JUDGIT! and the RS System."""
    sample = root / "data" / "raw" / "sample"
    return toolkit.read(sample / "judgit-2020-2023.ndjson") + toolkit.read(sample / "rs_2024")


@pytest.fixture(scope="module")
def projects(bulk: Dataset) -> pd.DataFrame:
    sheets = bulk.sheets
    mine = sheets[(sheets["ministry"] == "文部科学省") & (sheets["review_year"] == 2024)]
    return portfolio(bulk.select(mine["sheet_id"]))


@pytest.fixture(scope="module")
def payments(bulk: Dataset) -> pd.DataFrame:
    return received(bulk, TOKYO)


def test_a_project_in_one_line(projects: pd.DataFrame) -> None:
    """The figures of 2-1 and 4-1, FY2023 unless said otherwise."""
    wpi, schools = projects.loc["RS2024-1641"], projects.loc["RS2024-1553"]
    assert wpi[["current_jpy", "executed_jpy", "carried_out_jpy"]].tolist() == [
        8_123_410_000,
        7_178_175_000,
        945_203_000,
    ]
    assert wpi["execution_rate"] == pytest.approx(0.88364, abs=1e-5)
    assert wpi["carry_over_share"] == pytest.approx(945_203 / 8_123_410)
    assert schools["initial_jpy"] == 3_560_916_000  # of FY2024
    assert schools["request_growth"] == pytest.approx(1_542_443 / 3_560_916 - 1)
    assert schools["team"] == "現状通り"
    assert projects.loc["RS2024-20401", "executed_jpy"] is pd.NA  # only requested
    assert len(projects) == 13


def test_outliers_say_why(projects: pd.DataFrame) -> None:
    found = outliers(projects, "ja")
    assert found.index.tolist() == ["RS2024-6799", "RS2024-1553"]
    assert found.loc["RS2024-1553", "reasons"] == "要求が当初予算比-56.7%（中央値+5.8%）"
    new = outliers(projects, "en").loc["RS2024-6799", "reasons"]
    assert new.startswith("execution rate 0.0% (median 98.0%); 100.0% of the budget carried over")
    assert outliers(projects.head(0)).empty


def test_one_recipient_over_all_years(payments: pd.DataFrame) -> None:
    """東京大学 in 5-1 of the sample, by the flow in 5-2; JUDGIT! has no flow."""
    now = payments[payments["fiscal_year"] == 2023].groupby("route")["amount_jpy"].sum()
    assert now.to_dict() == {"direct": 83_891_789_000, "passed on": 183_590_000}
    assert set(payments.loc[payments["fiscal_year"] < 2023, "route"]) == {"unknown"}
    wpi = payments[(payments["sheet_id"] == "2022-文科-21-0216") & (payments["block"] == "A")]
    assert wpi["amount_jpy"].tolist() == [710_000_000, 752_000_000]
    assert wpi["work"].tolist() == ["カブリ数物連携宇宙研究機構", "ニューロインテリジェンス国際研究機構"]
    assert wpi["share"].iloc[0] == pytest.approx(710 / 5456)  # of nine centres
    assert not payments["is_slip"].any()


def test_an_amount_in_another_unit_is_marked(bulk: Dataset) -> None:
    mine = bulk.recipients[(bulk.recipients["sheet_id"] == "2021-総務-20-0068") & (bulk.recipients["rank"] == 3)]
    rows = received(bulk, mine["corporate_number"].iloc[0])
    assert rows.loc[rows["amount_jpy"] == 118_800_000_000_000, "is_slip"].tolist() == [True]
    assert rows["is_slip"].sum() == 3  # all that this company got from the project
    for language in ("ja", "en"):
        ax = plots.plot_received(rows, language=language)
        assert "118,8" not in caption(ax).alt
        close(ax)
    assert "3 amounts suspected to be in another unit (2021-総務-20-0068)" in panel.payment_table(rows, "en").html


def test_a_number_nobody_has() -> None:
    with pytest.raises(NotFoundError, match="no recipient has the corporate number '1'"):
        received(Dataset({}), "1")


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        ("一般競争契約（最低価格）", "competitive"), ("指名競争契約", "competitive"), ("随意契約（企画競争）", "proposal"), ("随意契約（公募）", "proposal"),
        ("随意契約（不落）", "proposal"), ("随意契約（少額）", "negotiated"), ("補助金等交付", "grant"), ("運営費交付金交付", "grant"), ("その他", "other"), ("", None), (None, None),
    ],
)  # fmt: skip
def test_kinds_of_contract_methods(printed: str | None, kind: str | None) -> None:
    assert method_kind(printed) == kind


@pytest.mark.parametrize(
    ("name", "ja", "en"),
    [
        ("plot_largest_projects", "予算のある12事業の現額は計14,300億円、その75.9%が「国立大学法人の運営に必要な経費」", "12 projects had 1,430 billion yen to execute"),
        ("plot_execution_rates", "12事業のうち4事業は執行率90%未満", "4 of 12 projects executed less than 90 %"),
        ("plot_carry_overs", "3事業が計153.0億円（現額の1.1%）を翌年度へ繰り越した", "3 projects carried 15,303 million yen over, 1.1% of all there was"),
        ("plot_concentrations", "11事業のうち5事業は半分以上を1者に支払い、2事業はほぼ全額", "Of 11 projects whose direct recipients are settled, 5 paid half or more to one"),
        ("plot_targets", "57指標のうち24件（42.1%）", "24 of 57 indicators"),
        ("plot_verdicts", "所見のある12事業のうち8事業は「事業内容の一部改善」（66.7%）", "“improve in part (事業内容の一部改善)” is the verdict on 8 of 12"),
    ],
)  # fmt: skip
def test_figures_of_a_ministry_state_their_finding(projects: pd.DataFrame, name: str, ja: str, en: str) -> None:
    for language, title in (("ja", ja), ("en", en)):
        ax = getattr(plots, name)(projects, language=language)
        assert title in caption(ax).title
        assert len(caption(ax).alt) > 40
        close(ax)
        nothing = getattr(plots, name)(projects.head(0), language=language)
        assert caption(nothing).is_empty
        close(nothing)


def test_figures_of_a_recipient_state_their_finding(payments: pd.DataFrame) -> None:
    said = {
        "plot_received": "2023年度は府省から直接838.9億円、ほかの支出先を経て1.84億円を受け取った",
        "plot_payers": "（経路不明の分は重複しうる）はすべて文部科学省の事業から",
        "plot_projects": "2023年度は6事業から受け取り、最大は「国立大学法人の運営に必要な経費」の816.6億円",
        "plot_methods": "件の支出のどれにも契約方式等の記載がない",
    }
    for name, title in said.items():
        ax = getattr(plots, name)(payments, language="ja")
        assert title in caption(ax).title
        close(ax)
    named = payments.assign(method="随意契約（その他）", kind="negotiated")
    ax = plots.plot_methods(named, language="en")
    assert "100.0% is negotiated without competition" in caption(ax).title
    close(ax)


def test_the_grid_of_rules_shows_where_they_do_not_hold(bulk: Dataset) -> None:
    findings, counts = examine(bulk, "ja")
    ax = plots.plot_identities(counts, language="ja")
    words = caption(ax)
    assert "もっとも崩れるのは「資金の流れが載らない様式：支出先の合計＝前年度の執行額」で25.9%" in words.title
    assert "支出先の額は事業の規模に見合う, JUDGIT! 2021: 98" in words.alt
    close(ax)
    assert "単位の誤りが疑われる支出先3件" in panel.slip_table(findings, "ja").html
    assert "99.7" in panel.rule_table(counts, "en").html  # unit slips hold in 99.7 % of payments
    ax = plots.plot_numbers(bulk, language="en")
    assert caption(ax).title.startswith("In the sheets of 2024")
    close(ax)


def test_the_sample_is_built_for_the_notebooks_once(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample, raw = root / "data" / "raw" / "sample", tmp_path / "raw"
    shutil.copytree(sample / "rs_2024", raw / "rs_2024")
    shutil.copy(sample / "judgit-2020-2023.ndjson", raw)
    monkeypatch.setattr("toolkit.paths.sample", lambda: raw)
    monkeypatch.setattr("toolkit.paths.data_processed", lambda: tmp_path)
    one = panel.open_store("sample", ministries="文部科学省", review_years=2024)
    assert len(one.sheet_ids) == 13
    built = sorted(path.stat().st_mtime_ns for path in (tmp_path / "sample").rglob("*.parquet"))
    again = panel.open_store("sample", tables=["sheets"])
    assert len(again.sheet_ids) == 70  # 15 of the RS System, 55 of 2020 to 2023
    assert sorted(path.stat().st_mtime_ns for path in (tmp_path / "sample").rglob("*.parquet")) == built
    assert "文部科学省、2024年度のレビューシート13枚（様式: rs-2024）を見る。" in panel.about(one, "ja").plain
    assert "70 review sheets of 5 ministries, review year 2020–2024" in panel.about(again, "en").plain
    assert "rs-2024" in panel.certainty_table(one, "en").html
    assert "rs_2024" in panel.source_table(one, "ja").html
