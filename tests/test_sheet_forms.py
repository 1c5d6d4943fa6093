"""Workbook, PDF and text of one sheet: the same facts, each traceable to its place."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import openpyxl
import pandas as pd
import pdfplumber
import pytest

import toolkit
from toolkit import TABLES, Dataset

FORMS = ("xlsx", "pdf", "txt")


@pytest.fixture(scope="module")
def sample(root: Path) -> dict[str, Dataset]:
    """The sample sheet, read from each of its forms."""
    return {form: toolkit.read(root / "data" / "raw" / "sample" / f"2023-文科-22-0241.{form}") for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_the_sample_sheet_says_what_the_ministry_published(sample: dict[str, Dataset], form: str) -> None:
    dataset = sample[form]
    assert dataset.sheet_ids == ["2023-文科-22-0241"]
    assert dataset.sheet()["name"] == "世界トップレベル研究拠点プログラム"
    assert dataset.sheet()["ministry"] == "文部科学省"
    budgets = dataset.budgets.set_index("fiscal_year")
    million = 1_000_000
    assert budgets["initial_jpy"].dropna().tolist() == [5871 * million, 6100 * million, 6100 * million, 7088 * million]
    assert budgets["carried_out_jpy"].dropna().tolist() == [155 * million, 270 * million, 1035 * million]
    assert budgets["executed_jpy"].dropna().tolist() == [5714 * million, 5983 * million, 5335 * million]
    assert budgets.loc[2024, "requested_jpy"] == 7160 * million
    assert budgets.loc[2023, "total_jpy"] == 8123 * million
    recipients = dataset.recipients
    assert recipients[recipients["block"] == "A"]["amount_jpy"].tolist() == [
        n * million for n in (760, 755, 726, 700, 700, 582, 423, 90)
    ]
    assert recipients.iloc[1]["corporate_number"] == "5010005007398"
    costs = dataset.cost_items.groupby("block")["amount_jpy"].sum()
    assert costs.to_dict() == {"A": 760 * million, "B": 597 * million}
    past = dataset.related[dataset.related["kind"] == "past_number"].set_index("fiscal_year")["number"]
    assert (past.loc[2011], past.loc[2019][-4:], past.loc[2022][-4:]) == ("222", "0199", "0216")


def squeezed(value: object) -> object:
    return re.sub(r"\s", "", value) if isinstance(value, str) else value


def settled(dataset: Dataset, table: str, columns: list[str]) -> dict[tuple, object]:
    """Printed facts that are not unsettled, by key and column; text without white space, as lines wrap differently."""
    key = KEYS.get(table) or [name for name in TABLES[table].key if name != "sheet_id"]
    frame = dataset[table]
    facts = {}
    for row in frame[frame["certainty"] != "unsettled"].to_dict("records"):
        where = tuple(None if pd.isna(row[name]) else squeezed(row[name]) for name in key)
        for column in columns:
            if not pd.isna(row[column]):
                facts[*where, column] = squeezed(row[column])
    return facts


#: the order of lines may differ between forms; what a line says may not
KEYS = {
    "budget_lines": ["fiscal_year", "moku"], "cost_items": ["block", "item", "amount_jpy"], "related": ["kind", "fiscal_year"],
    "policies": ["kind", "name"],
}  # fmt: skip
COMPARED = {
    "budgets": [
        "initial_jpy",
        "supplementary_jpy",
        "carried_in_jpy",
        "carried_out_jpy",
        "total_jpy",
        "executed_jpy",
        "requested_jpy",
    ],
    "budget_lines": ["amount_jpy"],
    "recipients": ["name", "corporate_number", "amount_jpy"],
    "contracts": ["method", "bidders"],
    "cost_items": ["amount_jpy"],
    "blocks": ["recipient_count", "amount_jpy"],
    "measurements": ["value"],
    "flows": ["by"],
    "related": ["number"],
    "policies": ["detail"],
}


def assert_agree(a: Dataset, b: Dataset) -> None:
    """Every fact that both call settled is the same fact."""
    for table, columns in COMPARED.items():
        ours, theirs = settled(a, table, columns), settled(b, table, columns)
        common = ours.keys() & theirs.keys()
        assert {k: ours[k] for k in common} == {k: theirs[k] for k in common}, table
        told = [value for value in ours.values() if value != 0]
        if table in ("budgets", "recipients") and len(told) > 2:  # no agreement by having nothing to compare
            assert common, table


@pytest.mark.parametrize("other", ["pdf", "txt"])
def test_the_forms_of_the_sample_agree(sample: dict[str, Dataset], other: str) -> None:
    assert_agree(sample["xlsx"], sample[other])


def test_the_forms_of_the_made_sheets_agree(shared_data: Path) -> None:
    files = sorted((shared_data / "sheets").glob("made*/*.xlsx"))
    assert files, "no made sheets"
    for file in files:
        workbook = toolkit.read(file)
        for suffix in (".pdf", ".txt"):
            assert_agree(workbook, toolkit.read(file.with_suffix(suffix)))


def test_the_workbook_and_the_pdf_have_the_same_rows(sample: dict[str, Dataset]) -> None:
    for table in COMPARED:
        assert len(sample["xlsx"][table]) == len(sample["pdf"][table]), table


def test_fifty_values_stand_in_the_cells_they_name(root: Path) -> None:
    file = root / "data" / "raw" / "sample" / "2023-文科-22-0241.xlsx"
    dataset, workbook = toolkit.read(file), openpyxl.load_workbook(file)
    places = []
    for table, column in (
        ("recipients", "name"),
        ("cost_items", "amount_jpy"),
        ("budget_lines", "amount_jpy"),
        ("measurements", "value_text"),
    ):
        frame = dataset[table].dropna(subset=[column])
        places += list(zip(frame["source_ref"], frame[column], strict=True))
    random.Random(7).shuffle(places)
    assert len(places) >= 50
    for ref, value in places[:50]:
        tab, _, cell = ref.partition(";")[0].rpartition("!")
        printed = workbook[tab][cell].value
        if isinstance(value, str):
            assert re.sub(r"\s", "", str(printed)) == re.sub(r"\s", "", value)
        else:
            assert float(str(printed).replace(",", "")) * 1_000_000 == pytest.approx(value)


def test_fifty_values_stand_in_the_rectangles_they_name(root: Path, sample: dict[str, Dataset]) -> None:
    places = [
        (ref, value)
        for table, column in (("recipients", "name"), ("measurements", "value_text"), ("evaluations", "text"))
        for ref, value in sample["pdf"][table].dropna(subset=[column])[["source_ref", column]].itertuples(index=False)
    ]
    random.Random(7).shuffle(places)
    assert len(places) >= 50
    with pdfplumber.open(root / "data" / "raw" / "sample" / "2023-文科-22-0241.pdf") as pdf:
        for ref, value in places[:50]:
            found = [re.fullmatch(r"page (\d+) \((\d+), (\d+), (\d+), (\d+)\)", one) for one in ref.split("; ")]
            assert all(found), ref
            printed = ""
            for number, x0, y0, x1, y1 in ([int(part) for part in one.groups()] for one in found if one):
                page = pdf.pages[number - 1]
                box = (max(x0 - 1, 0), max(y0 - 1, 0), min(x1 + 1, page.width), min(y1 + 1, page.height))
                printed += letters(page.crop(box).extract_text())
            assert letters(value)[:20] in printed, ref


def letters(printed: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", printed))


@pytest.mark.parametrize("form", FORMS)
def test_every_character_of_the_sample_is_accounted_for(sample: dict[str, Dataset], form: str) -> None:
    sheet = sample[form].sheet()
    left = sum(len(re.sub(r"\s", "", t)) for t in sample[form].residue["text"].dropna())
    assert sheet["chars_label"] + sheet["chars_placed"] + left == sheet["chars_total"]
    assert sample[form].coverage.iloc[0] > (0.95 if form == "txt" else 0.99)


def test_two_sheets_in_one_workbook_become_two(tmp_path: Path, root: Path) -> None:
    file = root / "data" / "raw" / "sample" / "2023-文科-22-0241.xlsx"
    workbook = openpyxl.load_workbook(file)
    copy = workbook.copy_worksheet(workbook.worksheets[0])
    number = next(cell for row in copy.iter_rows() for cell in row if str(cell.value) == "0241")
    number.value = "0242"
    workbook.save(tmp_path / "two.xlsx")
    assert toolkit.read(tmp_path / "two.xlsx").sheet_ids == ["2023-文科-22-0241", "2023-文科-22-0242"]


def test_sheets_one_after_another_in_a_pdf_each_become_one(tmp_path: Path) -> None:
    from tests.form_writer import Layout, draw, draw_pdf, make_project

    projects = [make_project(seed, year) for seed, year in ((1, 2023), (2, 2023), (3, 2022))]
    layouts = [Layout.random(1, "2023"), Layout.random(2, "2023"), Layout.random(3, "old")]
    grids = [grid for tables, layout in zip(projects, layouts, strict=True) for grid in draw(tables, layout)[0]]
    draw_pdf(grids, tmp_path / "volume.pdf")
    volume = toolkit.read(tmp_path / "volume.pdf")
    assert volume.sheet_ids == [tables["sheets"][0]["sheet_id"] for tables in projects]
    for tables in projects:
        sheet = volume.select(tables["sheets"][0]["sheet_id"])
        assert len(sheet.recipients) == len(tables["recipients"])
        assert sheet.budgets["executed_jpy"].sum() == sum(row.get("executed_jpy") or 0 for row in tables["budgets"])


@pytest.mark.parametrize("form", FORMS)
def test_blocks_after_z_go_on_with_small_letters_and_do_not_fall_on_the_first(tmp_path: Path, form: str) -> None:
    from tests.form_writer import Layout, draw, draw_pdf, extract_text, make_project, write_workbook

    tables, printed = make_project(5, 2019), [*"ABCDEFGHIJKLMNOPQRSTUVWXYZab"]
    for name in ("blocks", "recipients", "contracts", "flows", "cost_items"):
        row = tables[name][0]
        tables[name] = [
            {**row, "block": letter, "to_block": letter, "from_block": None, "name": f"株式会社例{rank}", "recipient_count": 1,
             "amount_jpy": (60 - rank) * 1_000_000, "cost_total_jpy": (60 - rank) * 1_000_000}
            for rank, letter in enumerate(printed)
        ]  # fmt: skip
    grids, _ = draw(tables, Layout())
    write_workbook(tables, tmp_path / "x.xlsx", Layout())
    draw_pdf(grids, tmp_path / "x.pdf")
    (tmp_path / "x.txt").write_text(extract_text(tmp_path / "x.pdf"), encoding="utf-8")
    dataset = toolkit.read(tmp_path / f"x.{form}")
    for table in ("blocks", "recipients", "cost_items"):
        amounts = dataset[table].set_index("block")["amount_jpy"]
        assert len(amounts) == 28
        assert (amounts["A"], amounts["Z"], amounts["AA"], amounts["AB"]) == (
            60_000_000,
            35_000_000,
            34_000_000,
            33_000_000,
        )


def test_an_old_workbook_reads_like_a_new_one_drawings_included(tmp_path: Path, shared_data: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice, which writes .xls for this test, is not installed")
    file = next(iter(sorted((shared_data / "sheets" / "made").glob("c02*.xlsx"))))  # its flow picture is drawn
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", "xls", "--outdir", tmp_path, file],
        check=True,
        capture_output=True,
    )
    old, new = toolkit.read(tmp_path / f"{file.stem}.xls"), toolkit.read(file)
    assert_agree(old, new)
    assert old.blocks["amount_jpy"].tolist() == new.blocks["amount_jpy"].tolist() != []


def test_a_sheet_can_be_drawn_more_than_once(root: Path) -> None:
    """The function's name was once also its module's, which took its place in the package at the first call."""
    file = root / "data" / "raw" / "sample" / "2023-文科-22-0241.pdf"
    assert len([toolkit.draw(file, page=page) for page in (1, 2)]) == 2


def test_a_box_that_no_known_form_has_is_kept_and_named(tmp_path: Path, root: Path) -> None:
    workbook = openpyxl.load_workbook(root / "data" / "raw" / "sample" / "2023-文科-22-0241.xlsx")
    label = next(cell for row in workbook.worksheets[0].iter_rows() for cell in row if cell.value == "主要経費")
    label.value = "脱炭素への寄与"
    workbook.save(tmp_path / "new.xlsx")
    sheet = toolkit.read(tmp_path / "new.xlsx")
    left = sheet.residue.set_index("text")["reason"]
    assert left["脱炭素への寄与"] == "unknown label: 脱炭素への寄与"
    assert left["科学技術振興費"] == "beside the unknown label: 脱炭素への寄与"
    (finding,) = toolkit.check(sheet, rules=["unknown_label"]).to_dict("records")
    assert (finding["severity"], "脱炭素への寄与" in finding["message"]) == ("warning", True)
