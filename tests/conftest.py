"""What tests share: the committed sample, and the larger public test data where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project root."""
    return ROOT


@pytest.fixture(scope="session")
def sample_text(root: Path) -> Path:
    """The text layer of the sample sheet."""
    return root / "data" / "raw" / "sample" / "2023-文科-22-0241.txt"


@pytest.fixture(scope="session")
def shared_data(root: Path) -> Path:
    """Public test data that is too large to commit; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("REVIEW_SHEETS_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no larger test data here; REVIEW_SHEETS_DATA may name its folder")
    return folder
