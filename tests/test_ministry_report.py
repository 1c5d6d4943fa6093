"""A ministry's report: made from a store, listed in the index, one clear error where it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

import toolkit
from toolkit.errors import NotFoundError
from toolkit.reports import ministry_report


@pytest.fixture(scope="module")
def store(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    toolkit.build(root / "data" / "raw" / "sample", folder, jobs=1)
    return folder


def test_every_ministry_of_a_year_gets_its_page_and_its_line_in_the_index(store: Path, tmp_path: Path) -> None:
    pages = ministry_report(store=store, review_year=2024, output=tmp_path, language="en")
    assert [page.name for page in pages] == [
        f"ministry-2024-{name}.html" for name in ("こども家庭庁", "国土交通省", "文部科学省")
    ]
    page = pages[-1].read_text(encoding="utf-8")
    assert "(文部科学省): projects reviewed in 2024</h1>" in page
    assert "papermill" not in page  # how to run it again is for the notebook alone
    assert str(store.parent) not in page  # no folder of this machine
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert index.count('<li><a href="ministry-2024-') == 3
    assert "文部科学省</span>" in index


def test_a_ministry_that_is_not_in_the_store_is_named(store: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="気象省"):
        ministry_report("気象省", store=store, review_year=2024, output=tmp_path)
    assert list(tmp_path.iterdir()) == []
