"""Reports by the thousand: which are to be made, in how many processes, and what became of each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit import kept, parallel, paths
from toolkit.errors import NotFoundError, ToolkitError, UsageError
from toolkit.reports.index import write_index
from toolkit.reports.make import Job, make
from toolkit.reports.manifest import Line, Manifest, fingerprint, hashed, store_state
from toolkit.reports.parameters import check_parameters
from toolkit.store.lock import locked
from toolkit.wording import check_language

__all__ = ["Batch", "report"]

_NOTEBOOK = "project_report.ipynb"
_TIMEOUT = 300.0
#: what holding the tables of 300 sheets takes is saved by one report; fewer reports than _FEW do not wait for it
_HELD_FOR_ONE, _FEW = 300, 16


@dataclass(frozen=True, slots=True)
class Batch:
    """What a run of ``report`` made.

    ``written`` are the pages made; ``unchanged`` those that were there, made from the same inputs by the same code;
    ``failures`` holds the error of each file that failed; ``doubles`` names files whose sheet another file of the batch
    holds too, with that file: one page stands for both, made from the last of them.
    """

    written: tuple[Path, ...] = ()
    failures: Mapping[str, ToolkitError] = field(default_factory=dict)
    doubles: Mapping[str, str] = field(default_factory=dict)
    unchanged: tuple[Path, ...] = ()

    def __str__(self) -> str:
        asked = len(self.written) + len(self.unchanged) + len(self.failures)
        said = f"{len(self.written)} of {asked} reports written"
        said += f", {len(self.unchanged)} unchanged" if self.unchanged else ""
        names = [*list(self.failures)[:10], *(["…"] if len(self.failures) > 10 else [])]
        count = f"{len(self.failures)} " if len(self.failures) > 10 else ""
        return f"{said}; {count}failed: {', '.join(names)}" if names else said


def report(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    *,
    language: str = "ja",
    store: str | os.PathLike[str] | None = None,
    review_years: int | Iterable[int] | None = None,
    ministries: str | Iterable[str] | None = None,
    output: str | os.PathLike[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    notebook: str | os.PathLike[str] | None = None,
    jobs: int | None = 1,
    scheduler: str | None = None,
    timeout: float | None = _TIMEOUT,
    again: bool = False,
    progress: bool = False,
) -> Batch:
    """Make a report of every file: ``<output>/<sheet_id>.html``, the executed notebook in ``<output>/notebooks``.

    Parameters
    ----------
    files : sheets in any form that ``toolkit.read`` knows; each must hold one sheet, or ``sheet_id`` be a parameter
    language : "ja" or "en"
    store : folder that ``toolkit.build`` or ``Dataset.write`` made; ``files`` are then the sheet_ids to take from it,
        and may be left out for all
    review_years, ministries : of the store's sheets, only those of these years or policy owners
    output : folder, default ``reports`` of the project; ``index.html`` in it is written anew
    parameters : further parameters of the notebook; one that it does not have is a UsageError that names those it has
    notebook : default ``notebooks/project_report.ipynb``
    jobs, scheduler : processes that render at the same time (None: one per core), or a Dask scheduler's address, as
        ``toolkit.parallel.run`` takes them
    timeout : seconds for one report, None for no limit
    again : make also what is there already and up to date
    progress : show a bar on stderr

    A page that is there is not made again where its input, the notebook, its parameters and this package are the same.
    A file that cannot be read or whose notebook fails does not stop the others: its ReportError stands in
    ``Batch.failures`` and its executed notebook stays as ``<output>/notebooks/<file name>.failed.ipynb``. Every file
    appears whole or not at all; the index is written at the end, and also where the batch is interrupted.
    """
    check_language(language)
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs must be at least 1, not {jobs}")
    template = paths.resolve(notebook) if notebook else paths.notebooks() / _NOTEBOOK
    if not template.is_file():
        raise NotFoundError(f"{paths.shown(template)}: no such notebook")
    check_parameters(template, parameters or {})
    names = [os.fspath(file) for file in ([files] if isinstance(files, (str, os.PathLike)) else files)]
    tables = paths.resolve(store).absolute() if store else None
    if tables:
        names = (
            names
            if names and review_years is None and ministries is None
            else _sheets(tables, names, review_years, ministries)
        )
    elif review_years is not None or ministries is not None:
        raise UsageError("review years and ministries choose from a store; name its folder")
    if not names:
        raise UsageError("no file was named; name at least one sheet")
    folder = (Path(output) if output else paths.reports()).resolve()
    told = tuple(sorted({**(parameters or {}), "language": language}.items()))
    common = (tables, template.resolve(), folder, paths.project_root(), told, timeout)
    given = [name if tables else str(paths.resolve(name).absolute()) for name in names]
    work = [Job(number, name, *common) for number, name in enumerate(given)]
    with locked(folder, "batch"):
        return _run(work, folder, language, jobs, scheduler, again=again, progress=progress)


def _sheets(
    store: Path, names: list[str], review_years: int | Iterable[int] | None, ministries: str | Iterable[str] | None
) -> list[str]:
    """The sheet_ids of a part of a store, by review year and ministry."""
    from toolkit.store import load

    chosen = load(store, sheet_ids=names or None, review_years=review_years, ministries=ministries, tables=["sheets"])
    if not chosen.sheet_ids:
        raise NotFoundError(f"{paths.shown(store)}: no such sheet")
    return chosen.sheet_ids


def _run(work: list[Job], folder: Path, language: str, jobs: int | None, scheduler: str | None, *, again: bool, progress: bool) -> Batch:  # fmt: skip
    manifest = Manifest(folder)
    for left in (*folder.glob(".*.tmp"), *folder.glob("notebooks/.*.tmp")):  # of a batch that was killed
        left.unlink(missing_ok=True)
    work = _with_fingerprints(work)
    there = {} if again else manifest.current({job.key: job.made_from for job in work})
    open_work = [job for job in work if job.key not in there]
    jobs = jobs if scheduler else max(1, min(jobs or parallel.cores(), len(open_work)))
    if len(open_work) > 1 and open_work[0].store:
        kept.keep(open_work[0].store)  # once for all reports
        years = _years_to_hold(open_work[0].store, [job.name for job in open_work], jobs or parallel.cores())
        open_work = [replace(job, years=years) for job in open_work]
    pages: dict[Path, str] = {}
    failures: dict[str, ToolkitError] = {}
    doubles: dict[str, str] = {}
    try:
        for job, result in _shown(
            parallel.run(make, open_work, jobs=jobs, scheduler=scheduler), len(open_work), progress
        ):
            if isinstance(result, ToolkitError):
                failures[job.shown] = result
                continue
            page = result.place()
            manifest.add(Line(job.key, job.made_from, result.name, result.page))
            job.failed.unlink(missing_ok=True)
            if page in pages:
                doubles[pages[page]] = job.shown
            pages[page] = job.shown
    finally:
        manifest.close()
        write_index(folder, language=language)
    return Batch(tuple(pages), failures, doubles, tuple(dict.fromkeys(there.values())))


def _years_to_hold(store: Path, sheets: list[str], jobs: int) -> str:
    """The review years of ``sheets`` where each process makes enough reports for it to pay to hold their tables in memory."""
    from toolkit.store import load

    if not (store / "manifest.json").is_file() or len(sheets) < _FEW * jobs:
        return ""
    years = load(store, tables=["sheets"])["sheets"].set_index("sheet_id")["review_year"]
    wanted = years[years.index.isin(sheets)].unique()
    if years.isin(wanted).sum() > _HELD_FOR_ONE * len(sheets) / jobs:
        return ""
    return ",".join(map(str, sorted(wanted)))


def _with_fingerprints(work: list[Job]) -> list[Job]:
    """The jobs with the hash of all that their pages depend on; none for a file that is not there."""
    state = store_state(work[0].store) if work[0].store else ""
    return [
        replace(job, made_from=fingerprint(state or hashed(Path(job.name)), job.notebook, job.all_parameters()))
        if state or Path(job.name).is_file()
        else job
        for job in work
    ]


def _shown(results: Iterator[Any], total: int, progress: bool) -> Iterator[Any]:
    """The results, with a bar that tells rate and remaining time."""
    if not progress:
        return results
    from tqdm import tqdm

    return iter(tqdm(results, total=total, unit="report", file=sys.stderr, smoothing=0.05, dynamic_ncols=True))
