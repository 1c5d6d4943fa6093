"""Whatever project is drawn, in whatever layout: workbook, PDF and text say what was drawn.

Hypothesis draws the amounts, the tree of blocks, the recipients, cost items and indicators (shrinking what fails to a
small project); the form writer draws the form. ``REVIEW_SHEETS_EXAMPLES=300`` looks further than the few fixed examples.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import toolkit
from tests.form_writer import Layout, draw, draw_pdf, extract_text, make_project, write_workbook
from toolkit import Dataset

MORE = int(os.environ.get("REVIEW_SHEETS_EXAMPLES", 0))


def examples(few: int) -> settings:
    return settings(
        max_examples=MORE or few, derandomize=not MORE, deadline=None, database=None,
        phases=[Phase.generate, Phase.shrink] if MORE else [Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example,
                               HealthCheck.function_scoped_fixture],
    )  # fmt: skip


@st.composite
def projects(draw_: st.DrawFn, years: st.SearchStrategy[int]) -> tuple[dict[str, list[dict]], Layout]:
    """A valid project and a layout to draw it in: words by seed, all amounts and structure by Hypothesis."""
    year = draw_(years)
    facts = draw_(st.randoms(use_true_random=False))
    tables = make_project(draw_(st.integers(0, 9999)), year, facts)
    return tables, Layout.random(draw_(st.integers(0, 9999)), "2023" if year >= 2023 else "old")


OLD, NEW = st.integers(2014, 2022), st.just(2023)
MONEY = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy", "carried_out_jpy", "total_jpy", "executed_jpy", "requested_jpy")  # fmt: skip
#: what every form must say, by key; the text layer may leave some of it unsettled
COMPARED = {
    "budgets": (("fiscal_year",), MONEY),
    "recipients": (("block", "rank"), ("name", "corporate_number", "amount_jpy")),
    "contracts": (("block", "rank"), ("method", "bidders")),
    "cost_items": (("block", "item", "use"), ("amount_jpy",)),
    "blocks": (("block",), ("amount_jpy",)),
    "flows": (("to_block",), ("from_block", "by")),
}


def plain(value: Any) -> Any:
    """Text without white space, as lines wrap differently; numbers rounded as far as they are printed."""
    if value is None or value is pd.NA or value != value:
        return None
    return (
        re.sub(r"\s", "", value) if isinstance(value, str) else round(value, 6) if isinstance(value, float) else value
    )


def facts_of(rows: list[dict], table: str) -> dict[tuple, Any]:
    """The facts of a table by key and column; who pays is a fact even where it is the ministry (None)."""
    key, columns = COMPARED[table]
    found = {}
    for row in rows:
        for column in columns:
            value = plain(row.get(column))
            if value is not None or table == "flows":
                found[*(plain(row.get(name)) for name in key), column] = value
    return found


def written(tables: dict[str, list[dict]], table: str) -> dict[tuple, Any]:
    return facts_of(tables.get(table, []), table)


def read(dataset: Dataset, table: str, *, settled: bool = False) -> dict[tuple, Any]:
    frame = dataset[table]
    return facts_of((frame[frame["certainty"] != "unsettled"] if settled else frame).to_dict("records"), table)


def measured(dataset: Dataset) -> Counter[tuple]:
    """What each indicator of the logic model measures: activity, name, year, measure, value."""
    frame = dataset.measurements.merge(dataset.indicators, on="indicator_id", suffixes=("", "_of"))
    frame = frame[(frame["level"] != "policy") & frame["value"].notna()]
    return Counter(
        (plain(row["activity_no"]), plain(row["indicator"]), row["fiscal_year"], row["measure"], plain(float(row["value"])))
        for row in frame.to_dict("records")
    )  # fmt: skip


def shown(truth: dict[str, Any]) -> Counter[tuple]:
    """The same of what the form writer says it printed; years without a value are not on the form."""
    share = "achievement_pct"
    return Counter(
        (row["activity_no"], plain(row["indicator"]), row["fiscal_year"], "achievement" if row["kind"] == share else row["kind"],
         plain(row["value"] / (100 if row["kind"] == share else 1)))
        for row in truth["indicators"] if row["value"] is not None
    )  # fmt: skip


def assert_read_back(tables: dict[str, list[dict]], layout: Layout, folder: Path) -> None:
    write_workbook(tables, folder / "x.xlsx", layout)
    grids, truth = draw(tables, layout)
    draw_pdf(grids, folder / "x.pdf")
    for file in (folder / "x.xlsx", folder / "x.pdf"):
        dataset = toolkit.read(file)
        for table in COMPARED:
            assert read(dataset, table) == written(tables, table), (file.suffix, table)
        assert measured(dataset) == shown(truth), file.suffix


@given(projects(OLD))
@examples(8)
def test_older_forms_are_read_back_from_workbook_and_pdf(tmp_path: Path, drawn: Any) -> None:
    assert_read_back(*drawn, tmp_path)


@given(projects(NEW))
@examples(6)
def test_the_form_of_2023_is_read_back_from_workbook_and_pdf(tmp_path: Path, drawn: Any) -> None:
    assert_read_back(*drawn, tmp_path)


@pytest.mark.parametrize(
    ("years", "share"), [((2023,), 0.01), ((2014, 2017, 2019, 2021, 2022), 0.02)], ids=["2023", "older"]
)
def test_what_the_text_layer_calls_settled_is_what_was_drawn(
    tmp_path: Path, years: tuple[int, ...], share: float
) -> None:
    """The hardest form, on layouts nobody has seen: of the facts it is sure of, hardly one was not drawn so."""
    facts = wrong = 0
    for seed in range(40, 46):
        year = years[seed % len(years)]
        tables, layout = make_project(seed, year), Layout.random(seed, "2023" if year >= 2023 else "old")
        draw_pdf(draw(tables, layout)[0], tmp_path / "x.pdf")
        (tmp_path / "x.txt").write_text(extract_text(tmp_path / "x.pdf"), encoding="utf-8")
        text = toolkit.read(tmp_path / "x.txt")
        for table in COMPARED:
            drawn, settled = written(tables, table), read(text, table, settled=True)
            facts += len(settled)
            wrong += len(settled.items() - drawn.items())
    # of 501 older ones: cost items that are made up need not be what their recipient got, and stay open then
    assert facts > 300
    assert wrong <= share * facts
