"""What the warmed process of the kernels does once, so that no report has to do it for a first time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from toolkit import paths

__all__ = ["warm_up"]

_NOTEBOOK = "project_report.ipynb"


def warm_up() -> None:
    """Run the cells of the project notebook on the sample; late imports and compiled expressions stay.

    Figures, settings and the choice of a backend are as before. Where the notebook or the sample is not there, nothing
    happens.
    """
    import nbformat

    notebook = paths.notebooks() / _NOTEBOOK
    if not notebook.is_file():
        return
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.suppress(Exception), _figures_put_back():
        for cell in cells:
            exec(compile(cell.source, _NOTEBOOK, "exec"), names)


@contextlib.contextmanager
def _figures_put_back() -> Iterator[None]:
    import matplotlib
    from matplotlib import pyplot

    chosen = matplotlib.rcParams._get("backend")  # to ask in the usual way would choose one
    with matplotlib.rc_context():
        pyplot.switch_backend("agg")
        try:
            yield
        finally:
            pyplot.close("all")
            matplotlib.rcParams._set("backend", chosen)
            pyplot._backend_mod = None
