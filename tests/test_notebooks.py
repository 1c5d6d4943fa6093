"""The committed notebooks: executed, thin, with parameters, and nothing of one machine or moment in them."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))


def cells(path: Path, kind: str = "code") -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_the_notebooks_that_the_documentation_names_are_there() -> None:
    assert {
        "project_report.ipynb",
        "01_read_a_sheet.ipynb",
        "02_follow_a_project.ipynb",
        "03_ministry_portfolio.ipynb",
        "04_recipients.ipynb",
        "05_data_quality.ipynb",
    } <= {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
class TestEveryNotebook:
    def test_is_executed_from_top_to_bottom(self, path: Path) -> None:
        """nbval runs a cell without an execution count but never compares it."""
        assert [cell["execution_count"] for cell in cells(path)] == list(range(1, len(cells(path)) + 1))

    def test_is_thin(self, path: Path) -> None:
        for cell in cells(path):
            nodes = {type(node).__name__ for node in ast.walk(ast.parse(source(cell)))}
            assert not nodes & {"FunctionDef", "ClassDef", "Lambda", "For", "While"}, source(cell)

    def test_opens_with_the_question_then_its_parameters(self, path: Path) -> None:
        first, second = json.loads(path.read_text(encoding="utf-8"))["cells"][:2]
        assert first["cell_type"] == "markdown"
        assert source(first).startswith("# ")
        assert second["metadata"]["tags"] == ["parameters"]
        for node in ast.parse(source(second)).body:
            assert isinstance(node, ast.Assign)
            ast.literal_eval(node.value)  # simple values, which papermill can show and replace
        assert source(second).count("#") >= len(source(second).splitlines())  # and a word on each

    def test_speaks_both_languages(self, path: Path) -> None:
        words = "".join(source(cell) for cell in cells(path, "markdown"))
        assert re.search("[ぁ-ん]", words)
        assert re.search("[a-z]{4}", words)

    def test_shows_nothing_of_this_machine_or_moment(self, path: Path, root: Path) -> None:
        outputs = json.dumps([cell["outputs"] for cell in cells(path)], ensure_ascii=False)
        assert '"stderr"' not in outputs
        assert '"error"' not in re.findall(r'"output_type": ("[a-z_]+")', outputs)
        assert str(root) not in outputs
        assert str(Path.home()) not in outputs
        assert not re.search(r" at 0x[0-9a-f]{6,}", outputs)
        assert not re.search(r"\d\d:\d\d:\d\d", outputs)

    def test_keeps_no_metadata_that_changes_from_run_to_run(self, path: Path) -> None:
        whole = json.loads(path.read_text(encoding="utf-8"))
        assert "papermill" not in whole["metadata"]
        assert all(
            "execution" not in cell["metadata"] and "papermill" not in cell["metadata"] for cell in whole["cells"]
        )
        assert whole["metadata"]["kernelspec"]["name"] == "python3"
