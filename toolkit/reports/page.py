"""An executed notebook as one self-contained HTML page, through nbconvert and this package's own template."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import paths

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

__all__ = ["about_sheet", "templates", "to_html"]

_HEADING = re.compile(r'<h2 id="(part-\d+)">([^<]+)</h2>')


def templates() -> Path:
    """Folder of the package's templates."""
    return paths.package / "templates"


def to_html(
    notebook: NotebookNode, *, language: str, parameters: Mapping[str, Any] | None = None, heading: str = ""
) -> str:
    """The page of an executed notebook: no code in sight, no request to another host, the same bytes every time.

    Cells tagged ``notebook-only`` are left out. ``heading`` takes the place of the first one of the notebook. ``parameters`` are those it was run with; a path among them is
    shown without the folders of this machine.
    """
    about = about_sheet(notebook)
    shown = _shown(notebook, language, parameters or {})
    first = next((cell for cell in shown.cells if cell.cell_type == "markdown" and cell.source.startswith("# ")), None)
    if heading and first:
        first.source = "\n".join([f"# {heading}", *first.source.split("\n")[1:]])
    page, _ = _exporter().from_notebook_node(
        shown,
        resources={"language": language, "about": about, "sections": _sections(shown), "title": _title(shown, about)},
    )
    return re.sub(r"\n{3,}", "\n\n", page)


@cache
def _exporter() -> HTMLExporter:
    """One for all pages of a process: to set it up takes longer than to use it."""
    from nbconvert import HTMLExporter
    from nbconvert.exporters import TemplateExporter
    from nbconvert.filters import Highlight2HTML
    from traitlets.config import Config

    class Exporter(HTMLExporter):
        """HTMLExporter without its last step: it parses the whole page again for the sake of templates that are not ours."""

        def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Any:
            page: Any = TemplateExporter.from_notebook_node(self, nb, self._init_resources(resources), **kw)
            return page

    settings = Config()
    settings.HTMLExporter.template_name = "report"
    settings.HTMLExporter.extra_template_basedirs = [str(templates())]
    settings.HTMLExporter.exclude_anchor_links = True
    exporter = Exporter(config=settings, preprocessors=[], default_preprocessors=[])
    # the same cells stand in every report
    exporter.register_filter("highlight_code", lru_cache(maxsize=512)(Highlight2HTML(pygments_lexer="ipython3")))
    return exporter


def about_sheet(notebook: NotebookNode) -> dict[str, Any]:
    """What the notebook says of its sheet beside its outputs (``Fragment.about``), gathered over all cells."""
    about: dict[str, Any] = {}
    for output in _outputs(notebook):
        about |= output.get("metadata", {}).get("review_sheet", {})
    return {name: value for name, value in about.items() if name != "sections"}


def _sections(notebook: NotebookNode) -> list[dict[str, str]]:
    """Headings in the order of the page: those that outputs carry, and second-level ones of markdown cells."""
    sections = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            sections += [{"anchor": anchor, "title": title} for anchor, title in _HEADING.findall(cell.source)]
        for output in cell.get("outputs", []):
            sections += output.get("metadata", {}).get("review_sheet", {}).get("sections", [])
    return sections


def _title(notebook: NotebookNode, about: Mapping[str, Any]) -> str:
    """The project's name, else the first heading of the notebook."""
    headings = [re.match(r"# (.+)", cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    first = next((found.group(1) for found in headings if found), "Report")
    return str(about.get("name") or about.get("sheet_id") or first)


def _outputs(notebook: NotebookNode) -> list[Any]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.get("outputs", [])]


def _shown(notebook: NotebookNode, language: str, parameters: Mapping[str, Any]) -> NotebookNode:
    """A copy in one language, without cells meant for the notebook alone, and without folders of this machine."""
    page = copy.deepcopy(notebook)
    page.cells = [cell for cell in page.cells if "notebook-only" not in cell.metadata.get("tags", [])]
    for n, cell in enumerate(page.cells):
        if cell.cell_type == "markdown":
            source = _in_language(cell.source, language)
            cell.source = re.sub(r"(?m)^## (.+)$", rf'<h2 id="part-{n}">\1</h2>\n', source)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = "\n".join(f"{name} = {_portable(value)!r}" for name, value in parameters.items())
    return page


def _portable(value: Any) -> Any:
    return paths.shown(value) if isinstance(value, str) and Path(value).is_absolute() else value


def _in_language(source: str, language: str) -> str:
    """The half of a bilingual markdown cell: of a line "日本語 / English" its part, of lines by turns those in the language.

    A cell in one language stays as it is, and so does code.
    """
    lines, is_code, kinds = [], False, set()
    for line in source.split("\n"):
        is_code ^= line.startswith("```")
        left, slash, right = line.partition(" / ")
        if is_code or line.startswith("```") or not re.search(r"\w", line):
            lines.append(("", line))
            continue
        if slash and _is_japanese(left) and not _is_japanese(right):
            mark = re.match(r"#+ |[-*] ", left)
            lines += [("ja", left), ("en", right if mark is None else mark.group() + right)]
        else:
            lines.append(("ja" if _is_japanese(line) else "en", line))
        kinds |= {kind for kind, _ in lines[-2:] if kind}
    if len(kinds) < 2:
        return source
    return "\n".join(line for kind, line in lines if kind in ("", language))


def _is_japanese(text: str) -> bool:
    """Whether a line is Japanese, not merely an English one that quotes a term."""
    bare = re.sub(r"[(（「“`][^)）」”`]*[)）」”`]", "", text)
    japanese = len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]", bare))
    return japanese > 2 * len(re.findall(r"[A-Za-z]+", bare))
