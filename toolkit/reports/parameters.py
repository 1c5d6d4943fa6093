"""Parameters of the notebooks: one that a notebook does not have is an error, whoever runs it.

papermill itself only logs a line and sets the name all the same: a misspelt ``source`` would give a report of the sample.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError

__all__ = ["check_parameters", "refuse_unknown"]

#: parameters that ``report`` sets for every report, and how it is told
_SET = {"source": "name the file", "store": "use --store", "language": "use --language"}
_INJECTED = "# Parameters\n"  # how papermill begins the cell that it adds


def check_parameters(notebook: Path, given: Mapping[str, Any]) -> None:
    """UsageError for a parameter that the notebook does not have, or that has a way of its own."""
    from papermill import inspect_notebook

    _refuse(given, list(inspect_notebook(str(notebook))), notebook.name)
    for name, instead in _SET.items():
        if name in given:
            raise UsageError(f"parameter {name!r} is set for every report; {instead}")


def refuse_unknown() -> None:
    """UsageError where papermill gave the notebook that is running a parameter that its parameter cell does not have.

    To be called in the first cell behind the parameters; without papermill it does nothing.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cells: list[str] = [] if shell is None else list(shell.user_ns.get("In", []))
    injected = [number for number, cell in enumerate(cells) if cell.startswith(_INJECTED)]
    if injected:
        known = [name for cell in cells[: injected[0]] for name in _assigned(cell)]
        _refuse((name for number in injected for name in _assigned(cells[number])), known, "this notebook")


def _refuse(given: Iterable[str], known: list[str], notebook: str) -> None:
    if unknown := [name for name in given if name not in known]:
        raise UsageError(f"{notebook} has no parameter {unknown[0]!r}; its parameters are {', '.join(known)}")


def _assigned(cell: str) -> list[str]:
    """The names that a cell of plain assignments sets."""
    try:
        body = ast.parse(cell).body
    except SyntaxError:  # a magic of IPython
        return []
    return [
        target.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
