"""An executed notebook as one self-contained HTML page, through nbconvert and this package's own template."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import paths

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

__all__ = ["about_sheet", "templates", "to_html"]


def templates() -> Path:
    """Folder of the package's templates."""
    return paths.package / "templates"


def to_html(notebook: NotebookNode, *, language: str, parameters: Mapping[str, Any] | None = None) -> str:
    """The page of an executed notebook: no code in sight, no request to another host, the same bytes every time.

    Cells tagged ``notebook-only`` are left out. ``parameters`` are those it was run with; a path among them is
    shown without the folders of this machine.
    """
    about = about_sheet(notebook)
    page, _ = _exporter().from_notebook_node(
        _shown(notebook, parameters or {}),
        resources={"language": language, "about": about, "sections": _sections(notebook)},
    )
    return re.sub(r"\n{3,}", "\n\n", page)


@cache
def _exporter() -> HTMLExporter:
    """One for all pages of a process: to set it up takes longer than to use it."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    settings = Config()
    settings.HTMLExporter.template_name = "report"
    settings.HTMLExporter.extra_template_basedirs = [str(templates())]
    settings.HTMLExporter.exclude_anchor_links = True
    return HTMLExporter(config=settings, preprocessors=[], default_preprocessors=[])


def about_sheet(notebook: NotebookNode) -> dict[str, Any]:
    """What the notebook says of its sheet beside its outputs (``Fragment.about``), gathered over all cells."""
    about: dict[str, Any] = {}
    for output in _outputs(notebook):
        about |= output.get("metadata", {}).get("review_sheet", {})
    return {name: value for name, value in about.items() if name not in ("section", "title")}


def _sections(notebook: NotebookNode) -> list[dict[str, str]]:
    found = [output.get("metadata", {}).get("review_sheet", {}) for output in _outputs(notebook)]
    return [{"anchor": about["section"], "title": about["title"]} for about in found if "section" in about]


def _outputs(notebook: NotebookNode) -> list[Any]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.get("outputs", [])]


def _shown(notebook: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """A copy without cells meant for the notebook alone, and without folders of this machine."""
    page = copy.deepcopy(notebook)
    page.cells = [cell for cell in page.cells if "notebook-only" not in cell.metadata.get("tags", [])]
    for cell in page.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = "\n".join(f"{name} = {_portable(value)!r}" for name, value in parameters.items())
    return page


def _portable(value: Any) -> Any:
    return paths.shown(value) if isinstance(value, str) and Path(value).is_absolute() else value
