"""The direction of imports: a module imports only from modules before it in one line."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ORDER = [
    "errors", "paths", "parallel", "schema", "tables", "text", "plain", "dataset", "form", "readers", "wording", "figures", "checks", "lineage", "store", "metrics",
    "history", "comparison", "kept", "portfolio", "narrative", "plots", "drawing", "kernels", "reports", "cli",
]  # fmt: skip
#: methods of early modules that hand over to a later one when they are called: dataset.history("…") is how users look for it
HANDED_ON = {("dataset", "history")}
MODULES = sorted(Path(__file__).resolve().parent.parent.joinpath("toolkit").rglob("*.py"))


def topic(path: Path) -> str:
    parts = path.relative_to(path.parents[len(path.parents) - 1 - path.parts.index("toolkit")]).parts
    return parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Topics of the package that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "toolkit":
            parts = node.module.split(".")
            names |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("toolkit.")}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.name)
def test_a_module_imports_only_from_modules_before_it(path: Path) -> None:
    if path.parent.name == "toolkit" and path.stem in ("__init__", "__main__"):
        return  # the front door and its command look at everything
    here = topic(path)
    assert here in ORDER, f"{here} has no place in the order of modules"
    later = [name for name in imported(path) if ORDER.index(name) > ORDER.index(here) and (here, name) not in HANDED_ON]
    assert later == []


def test_importing_the_package_loads_no_pandas() -> None:
    code = "import sys, toolkit; print('pandas' in sys.modules, 'matplotlib' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "False"]


def test_every_public_name_of_the_front_door_can_be_had() -> None:
    import toolkit

    assert [name for name in toolkit.__all__ if not hasattr(toolkit, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'raed'"):
        toolkit.raed  # noqa: B018
