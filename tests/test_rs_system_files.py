"""Files of the RS System: recognised by their header, some of them missing, broken; the sample; counts of a whole year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import toolkit
from tests.rs_files import rows, table, write, zipped
from toolkit import Dataset
from toolkit.errors import DamagedFileError, UnknownFormError, UsageError
from toolkit.readers.rs_system.columns import COMMON, KINDS, kind_of
from toolkit.tables import SHEET_TABLES


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Dataset]:
    """Write files into a folder, each (kind, row, row, …), and read the folder."""
    return lambda *files: toolkit.read(write(tmp_path, *files))


# -- which file is which
def test_headers_that_differ_in_their_glyphs_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(table("4-1", {"inspection": "甲", "effect": "乙"}))
    usual = toolkit.read(path)
    other = {
        "inspection": "事業所管部局による点検･改善－点検結果",
        "effect": "事業所管部局による点検・改善ー目標年度における効果測定に関する評価",
    }
    path.write_bytes(table("4-1", {"inspection": "甲", "effect": "乙"}, header=other))
    assert toolkit.read(path).evaluations.equals(usual.evaluations)


def test_every_official_header_is_recognised() -> None:
    for kind, columns in KINDS.items():
        common = [names[-1 if kind == "1-1" else 0] for names in COMMON.values()]
        assert kind_of([*common, *columns.values()]) == kind
    assert not {key for columns in KINDS.values() for key in columns} & (
        COMMON.keys() - {"name"}
    )  # keys never mean two columns


@pytest.mark.parametrize("kind", KINDS)
def test_any_single_file_gives_the_project(read: Callable, kind: str) -> None:
    assert read((kind, {"project_id": "7"}, {"project_id": "8"})).sheet_ids == ["RS2024-7", "RS2024-8"]


def test_a_project_that_only_a_later_file_lists_is_read(read: Callable) -> None:
    one = read(
        ("1-2", {"project_id": "7"}),
        ("6-1", {"project_id": "7"}, {"project_id": "9", "name": "後の事業", "further_remarks": "補足"}),
    )
    assert rows(one.sheets, "sheet_id", "name", "further_remarks") == [
        ("RS2024-7", "見本事業", None),
        ("RS2024-9", "後の事業", "補足"),
    ]


def test_two_review_years_stay_apart(read: Callable) -> None:
    year = {"fiscal_year": "2024", "initial": "5", "current": "5"}
    one = read(("2-1", year | {"executed": "0"}), ("2-1", year | {"executed": "4", "review_year": "2025"}))
    assert rows(one.budgets, "sheet_id", "fiscal_year", "stage", "executed_jpy")[0] == (
        "RS2024-7",
        2024,
        "running",
        None,
    )
    assert ("RS2025-7", 2024, "closed", 4) in rows(one.budgets, "sheet_id", "fiscal_year", "stage", "executed_jpy")


def test_a_file_is_told_by_its_header_not_by_its_name(tmp_path: Path) -> None:
    content = table("5-3", {"block": "A", "item": "旅費", "amount": "5"})
    for name, written in (
        ("1-1_RS_2024.csv", content),
        ("noname", content),
        ("a.zip", zipped(content)),
        ("sjis.csv", content.decode("utf-8-sig").encode("cp932")),
    ):
        path = tmp_path / name
        path.write_bytes(written)
        one = toolkit.read(path)
        assert rows(one.cost_items, "item", "amount_jpy") == [("旅費", 5)]
        assert one.sheets.loc[0, "source_file"] == name


def test_a_zip_beside_what_was_unpacked_from_it_counts_once(tmp_path: Path) -> None:
    content = table("5-3", {"block": "A", "item": "旅費", "amount": "5"})
    (tmp_path / "a.zip").write_bytes(zipped(content))
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "notes.txt").write_text("別の文書")
    assert len(toolkit.read(tmp_path).cost_items) == 1
    (tmp_path / "b.csv").write_bytes(table("5-3", {"block": "A", "item": "別", "amount": "6"}))
    with pytest.raises(UsageError, match=r"different copies of file 5-3"):
        toolkit.read(tmp_path)


def test_the_hash_of_a_folder_covers_its_files(read: Callable, tmp_path: Path) -> None:
    before = read(("6-1", {"further_remarks": "甲"})).sheets.loc[0, "source_sha256"]
    assert read(("6-1", {"further_remarks": "乙"})).sheets.loc[0, "source_sha256"] != before


def test_a_wrong_file_names_what_it_found(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("事業年度,予算事業ID,天気,気温\r\n2024,7,晴,20\r\n", encoding="utf-8-sig")
    with pytest.raises(UnknownFormError, match=r"x\.csv, line 1: .*found the columns 天気、気温"):
        toolkit.read(path)
    with pytest.raises(UnknownFormError, match="no file of the RS System"):
        toolkit.read(tmp_path)


def test_a_zip_that_was_cut_short(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(table("6-1", *[{"project_id": str(n)} for n in range(500)]))[:-400])
    for path in (tmp_path / "a.zip", tmp_path):
        with pytest.raises(DamagedFileError, match=r"a\.zip.*zip that does not open"):
            toolkit.read(path)


def test_a_row_that_was_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table("5-3", {"block": "A", "item": "旅費", "amount": "5"})[:-30])
    with pytest.raises(DamagedFileError, match=r"a\.csv, .*columns"):
        toolkit.read(path)


def test_a_row_without_a_project(read: Callable) -> None:
    with pytest.raises(DamagedFileError, match=r"row 3.*予算事業ID"):
        read(("6-1", {}, {"project_id": ""}))


def test_nothing_is_dropped_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    odd = {"block": "A", "item": "旅費", "amount": "約5百万"}
    path.write_bytes(
        table("5-3", odd, odd | {"amount": "１，２３４", "新しい列": "何か"}, header={"新しい列": "新しい列"})
    )
    one = toolkit.read(path)
    assert rows(one.cost_items, "amount_jpy") == [(None,), (1234,)]
    assert rows(one.residue, "line", "text", "reason", "source_ref", "certainty") == [
        (1, "金額: 約5百万", "not a number", "5-3 row 2", "unsettled"),
        (2, "新しい列: 何か", "unknown column", "5-3 row 3", "unsettled"),
    ]


# -- the sample
def test_the_sample_holds_fifteen_projects_with_their_printed_figures(root: Path) -> None:
    sample = toolkit.read(root / "data" / "raw" / "sample" / "rs_2024")
    assert len(sample.sheet_ids) == 15
    filled = {name for name in SHEET_TABLES if len(sample[name])}
    assert filled == SHEET_TABLES.keys() - {"unit_costs", "residue"}
    wpi = sample.select("RS2024-1641")
    whole = wpi.budgets[wpi.budgets["account"].isna()]
    assert rows(whole, "fiscal_year", "current_jpy", "executed_jpy", "requested_jpy")[2:] == [
        (2023, 8_123_410_000, 7_178_175_000, None),
        (2024, 8_096_313_000, None, None),
        (2025, None, None, 7_637_110_000),
    ]
    assert rows(wpi.blocks, "block", "amount_jpy", "depth") == [("A", 6_589_797_000, 1), ("B", 585_408_000, 1)]
    assert sample.ministry_costs["amount_jpy"].sum() == 56_359_000
    problems = toolkit.check(sample) if hasattr(toolkit, "check") else pd.DataFrame({"severity": []})
    assert not (problems["severity"] == "error").any()


def test_the_prose_of_the_sample_is_ours(root: Path, shared_data: Path) -> None:
    """Long cells outside the columns of names, titles and addresses differ from the ministry's."""
    from toolkit.readers.rs_system import read_rs

    ours = toolkit.read(root / "data" / "raw" / "sample" / "rs_2024")
    prose = {"sheets": ("purpose", "issues", "overview", "remarks", "further_remarks", "responsible"), "budgets": ("note", "remarks"),
             "indicators": ("goal", "explanation"), "logic_links": ("explanation", "single_stage_reason"), "blocks": ("role",),
             "evaluations": ("text",), "cost_items": ("use",), "subsidies": ("subject", "cap_text")}  # fmt: skip
    files = [path for path in sorted((shared_data / "rs_system" / "2024").glob("*.zip")) if path.name[:3] != "5-1"]
    theirs = read_rs(files).select(ours.sheet_ids)
    for name, columns in prose.items():
        for column in columns:
            assert not set(ours[name][column].dropna()) & {
                text for text in theirs[name][column].dropna() if len(text) > 12
            }
