"""What is installed: the same packages for pip and conda users, and nothing in the repository that does not belong."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest


def folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(root: Path) -> set[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return {folded(re.split(r"[<>=!~\[ ]", one)[0]) for one in wanted}


def pinned(root: Path) -> dict[str, str]:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").split()
    return {folded(name): version for name, version in (line.split("==") for line in lines)}


def test_conda_users_get_the_packages_and_versions_of_pip_users(root: Path) -> None:
    lines = (root / "environment.yml").read_text(encoding="utf-8").splitlines()
    found = dict(
        re.match(r"\s+- ([A-Za-z0-9._-]+?)==?([0-9][^ ]*)$", line).groups()
        for line in lines
        if re.search(r"=\d", line) and "python>=" not in line
    )  # type: ignore[union-attr]
    ours = {folded(name): version for name, version in found.items()}
    assert ours.keys() == declared(root)
    pins = pinned(root)
    assert ours == {name: pins[name] for name in ours}


def test_everything_that_is_declared_is_pinned(root: Path) -> None:
    assert declared(root) - pinned(root).keys() == set()


def test_constraints_hold_names_and_versions_only(root: Path) -> None:
    for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!_]+", line), line


def test_no_tracked_file_names_a_machine_path(root: Path) -> None:
    if not (root / ".git").exists():
        pytest.skip("not a git checkout")
    found = subprocess.run(
        ["git", "grep", "-nIE", r"/(root|home|work)/[a-z]", "--", "."],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


def test_the_data_dictionary_is_that_of_the_tables(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from toolkit.cli import main

    assert main(["tables", "--markdown"]) == 0
    printed = capsys.readouterr().out.strip()
    page = (root / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert printed in page, "run: make dictionary"
