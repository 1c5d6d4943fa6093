"""Run a notebook per sheet and keep what it shows: an HTML page, the executed notebook, a line for the index."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit import parallel, paths
from toolkit.errors import NotFoundError, ReportError, ToolkitError, UsageError
from toolkit.reports.index import write_index, write_whole
from toolkit.reports.page import about_sheet, to_html
from toolkit.wording import check_language

__all__ = ["Batch", "report"]

_NOTEBOOK = "project_report.ipynb"
_OWN = {
    "source": "name the file",
    "store": "use --store",
    "language": "use --language",
}  # parameters with a way of their own


@dataclass(frozen=True, slots=True)
class Batch:
    """What a run of ``report`` made.

    ``written`` are the pages; ``failures`` holds the error of each file that failed; ``doubles`` names files whose
    sheet another file of the batch holds too, with that file: one page stands for both, made from the last of them.
    """

    written: tuple[Path, ...] = ()
    failures: Mapping[str, ToolkitError] = field(default_factory=dict)
    doubles: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        made = f"{len(self.written)} of {len(self.written) + len(self.failures)} reports written"
        return made if not self.failures else f"{made}; failed: {', '.join(self.failures)}"


@dataclass(frozen=True, slots=True)
class _Job:
    """One page to make; picklable, so that it can go to another process.

    ``name`` is the whole path of a file, or with a ``store`` the sheet_id to take from it.
    """

    name: str
    store: Path | None
    notebook: Path
    folder: Path
    root: Path
    parameters: tuple[tuple[str, Any], ...]

    @property
    def shown(self) -> str:
        return self.name if self.store else paths.shown(self.name)

    def all_parameters(self) -> dict[str, Any]:
        """What the notebook is told; a file within the project relative to its root, so that no machine's path is kept."""
        if self.store:
            return {"store": _relative(self.store, self.root), "sheet_id": self.name, **dict(self.parameters)}
        return {"source": _relative(Path(self.name), self.root), **dict(self.parameters)}

    @property
    def failed(self) -> Path:
        """Where the executed notebook goes when a cell fails."""
        return self.folder / "notebooks" / f"{file_name(Path(self.name).name)}.failed.ipynb"


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def report(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    language: str = "ja",
    store: str | os.PathLike[str] | None = None,
    output: str | os.PathLike[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    notebook: str | os.PathLike[str] | None = None,
    jobs: int = 1,
) -> Batch:
    """Make a report of every file: ``<output>/<sheet_id>.html``, the executed notebook in ``<output>/notebooks``.

    Parameters
    ----------
    files : sheets in any form that ``toolkit.read`` knows; each must hold one sheet, or ``sheet_id`` be a parameter
    language : "ja" or "en"
    store : folder of parquet tables, as ``Dataset.write`` makes it; ``files`` are then the sheet_ids to take from it
    output : folder, default ``reports`` of the project; ``index.html`` in it is written anew
    parameters : further parameters of the notebook; one that it does not have is a UsageError that names those it has
    notebook : default ``notebooks/project_report.ipynb``
    jobs : processes that render at the same time

    A file that cannot be read or whose notebook fails does not stop the others: its ReportError stands in
    ``Batch.failures`` and its executed notebook stays as ``<output>/notebooks/<file name>.failed.ipynb``.
    """
    check_language(language)
    given = [files] if isinstance(files, (str, os.PathLike)) else list(files)
    if not given:
        raise UsageError("no file was named; name at least one sheet")
    template = paths.resolve(notebook) if notebook else paths.notebooks() / _NOTEBOOK
    if not template.is_file():
        raise NotFoundError(f"{paths.shown(template)}: no such notebook")
    folder = Path(output) if output else paths.reports()
    _check_parameters(template, parameters or {})
    told = tuple(sorted({**(parameters or {}), "language": language}.items()))
    tables = paths.resolve(store).absolute() if store else None
    common = (tables, template.resolve(), folder.resolve(), paths.project_root(), told)
    work = [_Job(os.fspath(name) if store else str(paths.resolve(name).absolute()), *common) for name in given]
    written: dict[Path, str] = {}
    failures: dict[str, ToolkitError] = {}
    doubles: dict[str, str] = {}
    for job, result in parallel.run(_make, work, jobs=jobs):
        if isinstance(result, ToolkitError):
            failures[job.shown] = result
        else:
            if result in written:
                doubles[written[result]] = job.shown
            written[result] = job.shown
    write_index(folder, language=language)
    return Batch(tuple(written), failures, doubles)


def _check_parameters(notebook: Path, given: Mapping[str, Any]) -> None:
    from papermill import inspect_notebook

    known = list(inspect_notebook(str(notebook)))
    unknown = [name for name in given if name not in known]
    if unknown:
        raise UsageError(f"{notebook.name} has no parameter {unknown[0]!r}; its parameters are {', '.join(known)}")
    for name, instead in _OWN.items():
        if name in given:
            raise UsageError(f"parameter {name!r} is set for every report; {instead}")


def _make(job: _Job) -> Path:
    """Run the notebook for one file and write its page; the page's path."""
    if not job.store and not Path(job.name).is_file():
        raise NotFoundError(f"{job.shown}: no such file")
    with tempfile.TemporaryDirectory(prefix="review-sheet-") as scratch:
        executed = _execute(job, Path(scratch) / "executed.ipynb")
        about = about_sheet(executed)
        if "sheet_id" not in about:
            raise ReportError(f"{job.notebook.name} did not say which sheet it shows; does it call display.opening?")
        page = to_html(executed, language=dict(job.parameters)["language"], parameters=job.all_parameters())
        name = file_name(about["sheet_id"])
        kept = job.folder / "notebooks" / f"{name}.ipynb"
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(scratch) / "executed.ipynb", kept)
    job.failed.unlink(missing_ok=True)
    write_whole(job.folder / f"{name}.json", json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return write_whole(job.folder / f"{name}.html", page)


def _execute(job: _Job, target: Path) -> Any:
    """The executed notebook; a ReportError that names cell and cause where a cell fails."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    try:
        with _environment(job.root):
            return papermill.execute_notebook(
                str(job.notebook), str(target), job.all_parameters(), kernel_name="python3", cwd=str(job.root),
                progress_bar=False, log_output=False, request_save_on_cell_execute=False,
                extra_arguments=["--IPKernelApp.log_level=CRITICAL"],  # else it reports on loopback and on being stopped
            )  # fmt: skip
    except PapermillExecutionError as error:
        if target.is_file():
            job.failed.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(target, job.failed)
        cause = " ".join(str(error.evalue).split())
        raise ReportError(
            f"{job.shown}: {job.notebook.name}, cell [{error.exec_count}]: {error.ename}: {cause}"
        ) from None
    except RuntimeError as error:  # the kernel did not start, or died
        raise ReportError(f"{job.shown}: {job.notebook.name}: the kernel failed: {error}") from error


def file_name(sheet_id: str) -> str:
    """A sheet's number as a file name on any system: no separators or reserved signs, at most 150 bytes."""
    safe = re.sub(r'[\\/:*?"<>|\x00-\x1f\s]+', "_", sheet_id).strip("._") or "sheet"
    while len(safe.encode()) > 150:
        safe = safe[:-1]
    return safe


@contextmanager
def _environment(root: Path) -> Iterator[None]:
    """What a kernel on a bare machine needs: our root, no debugger warning, no user's Jupyter or matplotlib settings."""
    settings = {
        "REVIEW_SHEETS_ROOT": str(root),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(paths.package.parent), os.environ.get("PYTHONPATH", "")])),
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
