"""What the warmed process of the kernels does once, so that no report has to do it for a first time."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator
from typing import Any

from toolkit import kept, paths
from toolkit.checks import in_japanese
from toolkit.errors import ToolkitError
from toolkit.figures import closed_year, indicator_years, spending
from toolkit.metrics import achievement, sheet_concentration, stagnant_targets
from toolkit.plots.style import make_ready
from toolkit.store import load
from toolkit.store.held import hold
from toolkit.store.parts import without_threads

__all__ = ["STORE", "YEARS", "is_long_run", "warm_up"]

#: variable of the environment that a batch sets: its store, empty where it reads files
STORE = "REVIEW_SHEETS_STORE"
#: a variable too: the review years of a batch long enough for their tables to be held in memory
YEARS = "REVIEW_SHEETS_YEARS"
_NOTEBOOK = "project_report.ipynb"
_FIGURES = 16  # about what a report draws
#: what is computed for all sheets at once, in about the time that a few of them take one by one
_OF_ALL = (closed_year, spending, sheet_concentration, indicator_years, achievement, stagnant_targets, in_japanese)


def is_long_run() -> bool:
    """Whether this is a batch that is long enough to have its tables held."""
    return bool(os.environ.get(YEARS))


def warm_up() -> None:
    """Run the cells of the project notebook on a sheet of the store that the batch is about, else on the sample.

    Late imports, compiled expressions and opened files stay, and figures are made ahead. Settings and the choice of a
    backend are as before. Where the notebook or the sample is not there, nothing happens.
    """
    import nbformat

    notebook = paths.notebooks() / _NOTEBOOK
    if not notebook.is_file():
        return
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    store, years = os.environ.get(STORE, ""), os.environ.get(YEARS, "")
    with without_threads():
        if store and years:
            with contextlib.suppress(ToolkitError, OSError):
                hold(paths.resolve(store), map(int, years.split(",")), _OF_ALL)
                kept.hold(store)
        parameters = _of_store(store) or {"store": ""}
        names: dict[str, Any] = {"__name__": "__main__"}
        with contextlib.suppress(Exception), _figures_put_back():
            for cell in cells:
                exec(compile(cell.source, _NOTEBOOK, "exec"), names)
                if "parameters" in cell.metadata.get("tags", []):
                    names.update(parameters)
    make_ready(_FIGURES)
    if STORE in os.environ:  # in a batch a report is over before its garbage is worth collecting; a session goes on
        gc.set_threshold(100_000, 20, 20)


def _of_store(store: str) -> dict[str, str]:
    """A sheet with the longest line of years, so that the files of all years are opened."""
    if not store:
        return {}
    with contextlib.suppress(ToolkitError):
        links = load(store, tables=["links"])["links"]
        if len(links):
            longest = links["project_key"].value_counts().idxmax()
            return {"store": store, "sheet_id": str(links[links["project_key"] == longest]["sheet_id"].iloc[-1])}
    return {}


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
