"""The writer against itself: what it says it printed is what stands in the files, and its projects add up."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from openpyxl import load_workbook

from tests.form_writer import Layout, draw, draw_pdf, extract_text, make_project, write_workbook
from tests.form_writer.make_sample import FOLDER, LAYOUT, sample_tables
from tests.form_writer.project_spending import corporate_number
from toolkit import text
from toolkit.tables import SHEET_TABLES

CASES = [(seed, year) for seed in range(4) for year in (2016, 2019, 2021, 2023)]


def form_of(year: int) -> str:
    return "2023" if year >= 2023 else "old"


def plain(printed: str) -> str:
    """Without white space, and with one of each pair of twins a CID font cannot tell apart."""
    return re.sub(r"\s", "", printed).translate(str.maketrans("−〜‖", "－～∥"))


@pytest.mark.parametrize(("seed", "year"), CASES)
def test_every_fact_of_the_truth_stands_in_its_cell(tmp_path, seed, year):
    truth = write_workbook(make_project(seed, year), tmp_path / "sheet.xlsx", Layout.random(seed, form_of(year)))
    sheets = load_workbook(tmp_path / "sheet.xlsx").worksheets
    facts = [f for f in truth["budget"] + truth["indicators"] if f.get("at") and f["raw"]]
    assert facts
    for fact in facts:
        value = sheets[0][fact["at"]].value
        printed = (
            float(re.sub(r"[▲△] ?", "-", fact["raw"]).replace(",", "").replace("%", ""))
            if re.search(r"\d", fact["raw"])
            else None
        )
        if isinstance(value, int | float) and printed is not None:
            assert printed == pytest.approx(value * (100 if "%" in fact["raw"] else 1))
        else:
            assert value == fact["raw"]


@pytest.mark.parametrize("year", [2014, 2018, 2023])
def test_projects_fit_the_schema_and_add_up(year):
    for seed in range(12):
        tables = make_project(seed, year)
        for name, rows in tables.items():
            SHEET_TABLES[name].frame(rows)
        for budget in tables["budgets"]:
            if budget.get("total_jpy") is not None:
                parts = [budget.get(f"{n}_jpy") or 0 for n in ("initial", "supplementary", "carried_in", "reserve")]
                assert sum(parts) - (budget["carried_out_jpy"] or 0) == budget["total_jpy"]
        for block in tables["blocks"]:
            paid = [r["amount_jpy"] for r in tables["recipients"] if r["block"] == block["block"]]
            assert paid == sorted(paid, reverse=True)
            assert sum(paid) == block["amount_jpy"] or block["recipient_count"] > len(paid)
            items = [c["amount_jpy"] for c in tables["cost_items"] if c["block"] == block["block"]]
            assert not items or sum(items) == paid[0]


def test_made_up_corporate_numbers_have_the_right_check_digit():
    rng = Layout(seed=1).rng("numbers")
    assert all(text.is_corporate_number(corporate_number(rng)) for _ in range(200))


@pytest.mark.parametrize(("seed", "year"), [(1, 2023), (2, 2020)])
def test_the_plain_pdf_carries_the_same_characters_as_the_grid(tmp_path, seed, year):
    grids, _ = draw(make_project(seed, year), Layout.random(seed, form_of(year)))
    shown = [g for g in grids if not g.hidden]
    printed = Counter(plain(extract_text(draw_pdf(shown, tmp_path / "sheet.pdf"))))
    drawn = [b.text for g in shown for b in g.boxes if b.row not in g.hidden_rows] + [
        t for g in shown for s in g.shapes for t in s.lines
    ]
    assert printed == Counter(plain("".join(drawn)))


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(make_project(7), tmp_path / name, Layout.random(7))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_shipped_sample_is_what_its_project_file_gives(tmp_path):
    write_workbook(sample_tables(), tmp_path / "sheet.xlsx", LAYOUT)
    shipped = load_workbook(FOLDER / "2023-文科-22-0241.xlsx").worksheets[0]
    drawn = load_workbook(tmp_path / "sheet.xlsx").worksheets[0]
    assert [[c.value for c in row] for row in shipped.iter_rows()] == [
        [c.value for c in row] for row in drawn.iter_rows()
    ]
