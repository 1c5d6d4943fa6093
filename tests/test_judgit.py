"""JUDGIT! records: every form of the file, and what is known to be wrong in them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import toolkit
from toolkit.errors import DamagedFileError, SourceError, UnknownFormError

_ZERO = {
    "当初予算": 0.0,
    "補正予算": 0.0,
    "前年度から繰越し": 0.0,
    "翌年度へ繰越し": 0.0,
    "予備費等": 0.0,
    "予算計": 0.0,
    "執行額": 0.0,
}


def record(year: int = 2022, **fields: Any) -> dict[str, Any]:
    """A record as JUDGIT! writes it, with five fiscal years of which the closed ones are all 0."""
    budget = [{"年度": y, **_ZERO} for y in range(year - 3, year)]
    budget += [{"年度": year, **{k: v for k, v in _ZERO.items() if k != "執行額"}}, {"年度": year + 1, "要求額": 0.0}]
    number = {"事業番号1": str(year), "事業番号2": "文科", "事業番号3": "21", "事業番号4": "0001", "事業番号5": None}
    return {
        "ID": None, "事業ID": None, "url": None, "公開年度": year, "事業名": "試しの事業", "開始年度": 2010, "終了年度": None, "府省庁": "文部科学省",
        **number, "担当部局庁": "局", "担当課室": "課", "作成責任者": None, "会計区分": ["一般会計"], "事業目的": "目的", "事業概要": "概要",
        "実施方法": ["補助", "交付"], "主要施策": ["その他"], "予算": budget, "支出先": [], "アウトカム": [], "アウトプット": [],
        "関連する過去のレビューシート": [], **fields,
    }  # fmt: skip


def with_budget(year: int, changes: dict[int, dict[str, float]], **fields: Any) -> dict[str, Any]:
    one = record(year, **fields)
    for row in one["予算"]:
        row.update(changes.get(row["年度"], {}))
    return one


def payee(block: str, rank: int, amount: float, name: str = "株式会社 甲", number: str | None = None) -> dict[str, Any]:
    return {
        "年度": 2021,
        "グループ": block,
        "番号": rank,
        "支出先名": name,
        "法人番号": number,
        "業務概要": "調査",
        "支出額": amount,
    }


def outcome(**fields: Any) -> dict[str, Any]:
    years = [{"年度": 2019, "成果実績": 7.0, "目標値": None}, {"年度": 2020, "成果実績": 0.0, "目標値": 9.5}]
    return {
        "成果目標": "増やす",
        "成果指標": "件数",
        "単位": "件",
        "目標値": "12",
        "目標最終年度": 2025,
        "成果実績": years,
        **fields,
    }


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., toolkit.Dataset]:
    def _read(*records: dict[str, Any]) -> toolkit.Dataset:
        path = tmp_path / "records.ndjson"
        path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in records) + "\n", encoding="utf-8")
        return toolkit.read(path)

    return _read


def budget(dataset: toolkit.Dataset, year: int) -> pd.Series:
    rows = dataset.budgets
    return rows[rows["fiscal_year"] == year].iloc[0]


# -- the file
@pytest.mark.parametrize("is_gzipped", [False, True])
@pytest.mark.parametrize("form", ["one", "one laid out", "array", "lines", "lines with mark and blank lines"])
def test_every_form_of_the_file(tmp_path: Path, form: str, is_gzipped: bool) -> None:
    first, second = record(), record(事業番号4="0002", 事業名="もう一つの事業")
    content = {
        "one": json.dumps(first), "one laid out": json.dumps(first, indent=1, ensure_ascii=False), "array": json.dumps([first, second], indent=2),
        "lines": f"{json.dumps(first)}\n{json.dumps(second)}", "lines with mark and blank lines": f"\ufeff{json.dumps(first)}\r\n\n{json.dumps(second)}\n\n",
    }[form].encode()  # fmt: skip
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(content) if is_gzipped else content)
    dataset = toolkit.read(path)
    assert dataset.sheet_ids == ["2022-文科-21-0001", "2022-文科-21-0002"][: 1 if form.startswith("one") else 2]
    assert set(dataset.sheets["form"]) == {"judgit-2022"}


def test_a_gzip_file_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "judgit.ndjson.gz"
    path.write_bytes(gzip.compress(json.dumps(record()).encode())[:-30])
    with pytest.raises(DamagedFileError, match=r"judgit\.ndjson\.gz.*(ends early|does not unpack)"):
        toolkit.read(path)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (
            f"{json.dumps(record())}\n{json.dumps(record())[:90]}\n{json.dumps(record())}\n",
            DamagedFileError,
            "line 2.*broken JSON",
        ),
        (json.dumps([record()], indent=1)[:-9], DamagedFileError, r"line \d+.*broken JSON"),
        ('{"price": 3, "name": "tea"}', UnknownFormError, "without 公開年度"),
        ("[1, 2]", UnknownFormError, "record 1"),
        (f"{json.dumps(record())}\n[3]\n", UnknownFormError, "line 2"),
        ("[" * 100_000, DamagedFileError, "broken JSON"),
        ("[]", SourceError, "empty list"),
    ],
)
def test_bad_json_is_one_clear_error(tmp_path: Path, content: str, error: type[SourceError], message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(error, match=message) as caught:
        toolkit.read(path)
    assert "bad.json" in str(caught.value)


def test_a_gzip_file_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress("議事録".encode()))
    with pytest.raises(UnknownFormError, match="not JSON"):
        toolkit.read(path)


# -- the sheet
def test_a_number_without_the_review_year_gets_year_and_ministry(read: Callable) -> None:
    old = record(2018, 事業番号1="新30", 事業番号2="0007", 事業番号3="2", 事業番号4=None)
    plain = record(2018, 事業番号1=None, 事業番号2="0007", 事業番号3=None, 事業番号4=None)
    odd = record(2021, 事業番号1="2022", 事業番号3="新22")  # printed so on one sheet of 2021
    assert read(old, plain, odd).sheet_ids == [
        "2018-文部科学省-新30-0007-2",
        "2018-文部科学省-0007",
        "2021-文部科学省-2022-文科-新22-0001",
    ]


def test_a_sheet_that_occurs_twice_keeps_both_copies(read: Callable) -> None:
    assert read(record(), record()).sheet_ids == ["2022-文科-21-0001", "2022-文科-21-0001#2"]


def test_a_start_year_that_is_none_is_left_over(read: Callable) -> None:
    dataset = read(record(開始年度=2))
    assert dataset.sheet()["start_year"] is pd.NA
    assert dataset.residue["text"].tolist() == ["開始年度: 2"]


def test_an_unknown_field_is_left_over_once(read: Callable) -> None:
    dataset = read(record(新しい欄="値"), record(事業番号4="0002", 新しい欄="別の値"))
    assert dataset.residue[["sheet_id", "text", "reason"]].values.tolist() == [
        ["2022-文科-21-0001", "新しい欄: 値", "unknown field"]
    ]


# -- money
def test_a_zero_may_be_a_blank(read: Callable) -> None:
    dataset = read(
        with_budget(
            2022, {2020: {"当初予算": 12.5, "予算計": 12.5, "執行額": 11.25}, 2022: {"当初予算": 3.0, "予算計": 3.0}}
        )
    )
    full, empty = budget(dataset, 2020), budget(dataset, 2019)
    assert full[["initial_jpy", "total_jpy", "executed_jpy", "precision_jpy", "certainty"]].tolist() == [
        12_500_000,
        12_500_000,
        11_250_000,
        10_000,
        "stated",
    ]
    assert full[["supplementary_jpy", "carried_in_jpy", "carried_out_jpy", "reserve_jpy"]].isna().all()
    assert empty[["initial_jpy", "total_jpy", "executed_jpy", "certainty"]].tolist() == [0, 0, 0, "unsettled"]
    running, request = budget(dataset, 2022), budget(dataset, 2023)
    assert running["executed_jpy"] is pd.NA
    assert running[["stage", "certainty"]].tolist() == ["running", "stated"]
    assert request[["requested_jpy", "stage", "certainty"]].tolist() == [0, "requested", "unsettled"]


def test_binary_fractions_do_not_show(read: Callable) -> None:
    row = budget(
        read(
            with_budget(
                2022,
                {2021: {"当初予算": 1342.5210000000002, "予算計": 1342.5210000000002, "執行額": 7.609999999999999}},
            )
        ),
        2021,
    )
    assert row[["initial_jpy", "executed_jpy", "precision_jpy"]].tolist() == [1_342_521_000, 7_610_000, 1_000]


def test_a_missing_carry_out_is_solved_by_the_next_years_carry_in(read: Callable) -> None:
    changes = {
        2013: {"当初予算": 100.0, "予算計": 70.0, "執行額": 70.0},
        2014: {
            "当初予算": 100.0,
            "前年度から繰越し": 30.0,
            "予算計": 90.0,
            "執行額": 90.0,
        },  # 40 are missing, 25 arrive
        2015: {"当初予算": 100.0, "前年度から繰越し": 25.0, "予算計": 125.0},
    }
    dataset = read(with_budget(2015, changes))
    assert budget(dataset, 2013)[["carried_out_jpy", "certainty"]].tolist() == [30_000_000, "solved"]
    assert budget(dataset, 2014)[["carried_out_jpy", "certainty"]].tolist() == [40_000_000, "unsettled"]
    assert budget(dataset, 2015)["carried_out_jpy"] is pd.NA


def test_a_carry_out_of_the_wrong_sign(read: Callable) -> None:
    changes = {
        2020: {"当初予算": 50.0, "翌年度へ繰越し": 10.0, "予算計": 40.0, "執行額": 40.0},  # the total says that 10 left
        2021: {"当初予算": 50.0, "翌年度へ繰越し": 10.0, "予算計": 60.0, "執行額": 40.0},  # added up as it was typed
    }
    dataset = read(with_budget(2022, changes))
    assert budget(dataset, 2020)[["carried_out_jpy", "certainty"]].tolist() == [10_000_000, "solved"]
    assert budget(dataset, 2021)[["carried_out_jpy", "certainty"]].tolist() == [-10_000_000, "unsettled"]


def test_blocks_after_z_have_two_letters_and_zero_payments_are_unsettled(read: Callable) -> None:
    valid = "7000012050002"
    dataset = read(
        record(
            支出先=[
                payee("A", 1, 5.0, number=valid),
                payee("a", 1, 0.0, name="個人Ａ"),
                payee("v", 30, 0.5, number=f"{valid}\n{valid}"),
            ]
        )
    )
    rows = dataset.recipients
    assert rows["block"].tolist() == ["A", "AA", "AV"]
    assert rows["amount_jpy"].tolist() == [5_000_000, 0, 500_000]
    assert rows["certainty"].tolist() == ["stated", "unsettled", "stated"]
    assert rows["number_status"].tolist() == ["valid", "missing", "invalid"]  # two numbers in one cell are none
    assert rows["name_kind"].tolist() == ["organization", "person", "organization"]
    assert set(rows["fiscal_year"]) == {2021}
    assert dataset.contracts["work"].tolist() == ["調査"] * 3


def test_a_second_recipient_in_one_place_is_left_over(read: Callable) -> None:
    dataset = read(record(支出先=[payee("A", 1, 5.0), payee("A", 1, 6.0, name="乙")]))
    assert len(dataset.recipients) == 1
    assert "乙" in dataset.residue["text"].iloc[0]


# -- indicators
def test_a_repeated_indicator_is_kept_once(read: Callable) -> None:
    dataset = read(record(アウトカム=[outcome(), outcome(), outcome(単位="人")]))
    assert dataset.indicators["indicator_id"].tolist() == ["outcome-1", "outcome-2"]
    first = dataset.measurements[dataset.measurements["indicator_id"] == "outcome-1"]
    assert first[["fiscal_year", "measure", "value", "is_final_year"]].values.tolist() == [
        [2019, "actual", 7.0, False], [2020, "actual", 0.0, False], [2020, "target", 9.5, False], [2025, "target", 12.0, True],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "year", "certainty"),
    [
        (2030, 2030, "stated"),
        (4048, 2030, "unsettled"),
        (9999, None, "unsettled"),
        (2048, 2048, "unsettled"),
        (2050, 2050, "stated"),
        (None, None, "stated"),
    ],
)
def test_the_final_year(read: Callable, given: int | None, year: int | None, certainty: str) -> None:
    rows = read(record(アウトカム=[outcome(目標最終年度=given)])).measurements
    final = rows[rows["is_final_year"]].iloc[0]
    assert (None if final["fiscal_year"] is pd.NA else final["fiscal_year"], final["certainty"]) == (year, certainty)


def test_an_outcome_without_a_number_follows_the_others(read: Callable) -> None:
    rows = read(record(2020, アウトカム=[outcome()], 定量的な目標が設定できない理由="測れない")).indicators
    assert rows[["indicator_id", "is_qualitative", "explanation"]].iloc[1].tolist() == ["outcome-2", True, "測れない"]


def test_policies_and_earlier_numbers(read: Callable) -> None:
    past = [{"年度": 2019, "府省庁": "内閣官房", "事業番号1": "新31", "事業番号2": "0003", "事業番号3": None}]
    dataset = read(record(主要施策=["ODA", "海洋政策"], 関連する過去のレビューシート=past))
    assert dataset.policies[["kind", "name"]].values.tolist() == [["policy", "ODA"], ["policy", "海洋政策"]]
    assert dataset.related[["kind", "fiscal_year", "ministry", "number"]].values.tolist() == [
        ["past_number", 2019, "内閣官房", "新31-0003"]
    ]


# -- real records
def test_the_sample(root: Path) -> None:
    dataset = toolkit.read(root / "data" / "raw" / "sample" / "judgit-2020-2023.ndjson")
    assert len(dataset.sheet_ids) == 55
    assert dataset.sheets["responsible"].isna().all()
    wpi = dataset.select("2023-文科-22-0241")
    assert (
        budget(wpi, 2022)["executed_jpy"]
        == toolkit.read(root / "data" / "raw" / "sample" / "2023-文科-22-0241.xlsx").budgets.set_index("fiscal_year")[
            "executed_jpy"
        ][2022]
    )
    twice = dataset.indicators[dataset.indicators["sheet_id"] == "2022-文科-21-0216"]
    assert len(twice) == 3  # of four in the record


def test_the_prose_of_the_sample_is_ours_and_its_figures_are_theirs(root: Path, shared_data: Path) -> None:
    """The extracts of review year 2022: JUDGIT! and, drawn from the same records, the yearly database."""
    sample = root / "data" / "raw" / "sample"
    theirs = toolkit.read(shared_data / "judgit" / "judgit-2022.ndjson.gz")
    for name in ("judgit-2020-2023.ndjson", "database2022.xlsx"):
        ours = toolkit.read(sample / name)
        ours = ours.select(ours.sheets.loc[ours.sheets["review_year"] == 2022, "sheet_id"])
        assert len(ours.sheets) == 14
        same = theirs.select(ours.sheet_ids)
        amounts = ["sheet_id", "fiscal_year", "initial_jpy", "total_jpy", "executed_jpy"]
        for table, columns in (("budgets", amounts), ("recipients", ["sheet_id", "name", "amount_jpy"])):
            left, right = (d[table][columns].fillna(0).sort_values(columns).to_numpy().tolist() for d in (ours, same))
            assert left == right
        for table, column in (
            ("sheets", "purpose"),
            ("sheets", "overview"),
            ("indicators", "goal"),
            ("indicators", "indicator"),
        ):
            assert not set(ours[table][column].dropna()) & set(same[table][column].dropna()) - {"主任研究者数"}
        assert ours.sheets["responsible"].isna().all()


@pytest.mark.parametrize("year", [2020, 2021, 2022, 2023])
def test_counts_and_sums_of_a_whole_year(shared_data: Path, year: int) -> None:
    path = shared_data / "judgit" / f"judgit-{year}.ndjson.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        raw = [json.loads(line) for line in lines]
    dataset = toolkit.read(path)
    assert len(dataset.sheets) == len(raw) == len(set(dataset.sheet_ids))
    budgets = dataset.budgets.groupby("fiscal_year")
    for key, column, sign in (
        ("当初予算", "initial_jpy", 1),
        ("予算計", "total_jpy", 1),
        ("執行額", "executed_jpy", 1),
        ("要求額", "requested_jpy", 1),
        ("翌年度へ繰越し", "carried_out_jpy", -1),
    ):
        expected = {
            y: sum(round(b.get(key, 0) * 1e6) for r in raw for b in r["予算"] if b["年度"] == y) * sign
            for y in range(year - 3, year + 2)
        }
        assert budgets[column].sum().to_dict() == expected, key
    payees = [p for r in raw for p in r["支出先"]]
    assert len(dataset.recipients) == len(payees)
    assert dataset.recipients["amount_jpy"].sum() == sum(round(p["支出額"] * 1e6) for p in payees)
    distinct = sum(
        len({json.dumps(o, sort_keys=True) for o in r[key]}) for r in raw for key in ("アウトカム", "アウトプット")
    )
    assert len(dataset.indicators) == distinct + sum(
        (r.get("定量的な目標が設定できない理由") or "").strip(" \n\u3000-－―ー") != "" for r in raw
    )
