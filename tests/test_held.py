"""A long batch holds its tables in memory: what a report gets from there is what the files and its own computing give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from toolkit import build, kept, load, paths
from toolkit.errors import NotFoundError
from toolkit.reports.warm import _OF_ALL
from toolkit.store import held
from toolkit.tables import TABLES


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("held") / "store"
    build(paths.sample(), folder)
    kept.keep(folder)
    return folder


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    yield
    held._HELD.clear()
    kept._HELD.clear()


def test_every_table_and_every_computed_one_is_the_same(store: Path) -> None:
    ids = load(store, tables=["sheets"]).sheet_ids[::5]
    fresh = {one: load(store, sheet_ids=one) for one in ids}
    tables = {one: {name: data[name] for name in TABLES} for one, data in fresh.items()}
    computed = {one: [function(data) for function in _OF_ALL] for one, data in fresh.items()}
    held.hold(store, load(store, tables=["sheets"])["sheets"]["review_year"].unique().tolist(), _OF_ALL)
    for one in ids:
        data = load(store, sheet_ids=one)
        assert data.is_cut
        for name in TABLES:
            pd.testing.assert_frame_equal(data[name], tables[one][name])
        for function, expected in zip(_OF_ALL, computed[one], strict=True):
            pd.testing.assert_frame_equal(function(data), expected)


def test_a_year_that_is_not_held_is_read_but_for_a_history(store: Path) -> None:
    sheets = load(store, tables=["sheets"])["sheets"]
    of_2023, of_2024 = (sheets.loc[sheets["review_year"] == year, "sheet_id"].iloc[0] for year in (2023, 2024))
    both = load(store, sheet_ids=[of_2023, of_2024], tables=["sheets", "budgets"])
    expected = {name: both[name] for name in ("sheets", "budgets")}
    fresh = load(store, sheet_ids=of_2023)
    tables = {name: fresh[name] for name in TABLES}
    held.hold(store, [2024])
    assert not load(store, sheet_ids=of_2023).is_cut
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(load(store, sheet_ids=of_2023)[name], frame)
    again = load(store, sheet_ids=[of_2023, of_2024], tables=["sheets", "budgets"])
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(again[name], frame)
    with pytest.raises(NotFoundError, match="nobody"):
        load(store, sheet_ids="nobody")


def test_what_is_kept_is_held_too(store: Path) -> None:
    lines = kept.lines(store, review_year=2024, ministry="文部科学省")
    numbers = load(store, review_years=2024)["recipients"]["corporate_number"].dropna().unique().tolist()
    asked = {"review_year": 2024, "ministry": "文部科学省", "numbers": numbers}
    incomes = kept.incomes(store, **asked)
    assert len(lines)
    assert len(incomes)
    kept.hold(store)
    pd.testing.assert_frame_equal(kept.lines(store, review_year=2024, ministry="文部科学省"), lines)
    pd.testing.assert_frame_equal(kept.incomes(store, **asked), incomes)
    key = load(store, tables=["links"])["links"]["project_key"].iloc[0]
    assert len(kept.links(store, key))
