"""Make one report: run the notebook for one sheet, turn it into a page; in whatever process the batch gives it to."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit import paths
from toolkit.errors import NotFoundError, ReportError
from toolkit.reports.execute import execute
from toolkit.reports.index import write_whole
from toolkit.reports.manifest import hashed
from toolkit.reports.page import about_sheet, to_html

__all__ = ["Job", "Made", "file_name", "make"]


@dataclass(frozen=True, slots=True)
class Job:
    """One page to make; picklable, so that it can go to another process.

    ``name`` is the whole path of a file, or with a ``store`` the sheet_id to take from it. ``made_from`` is the hash of
    all that the page depends on. ``years`` are the review years of its batch, where that is long.
    """

    number: int
    name: str
    store: Path | None
    notebook: Path
    folder: Path
    root: Path
    parameters: tuple[tuple[str, Any], ...]
    timeout: float | None
    made_from: str = ""
    years: str = ""

    def __str__(self) -> str:
        return self.shown

    @property
    def key(self) -> str:
        """The input in the manifest: without the folders above, which differ from machine to machine."""
        return self.name if self.store else os.path.relpath(self.name, self.folder)

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


@dataclass(frozen=True, slots=True)
class Made:
    """A report whose files lie whole beside their places, under temporary names; ``place`` moves them there."""

    name: str
    page: str
    files: tuple[tuple[Path, Path], ...]

    def place(self) -> Path:
        """The page's path; it comes last, so that what it belongs to is there when it is."""
        for temporary, final in self.files:
            temporary.replace(final)
        return self.files[-1][1]


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def make(job: Job) -> Made:
    """Run the notebook for one sheet and write page, notebook and the index's line under temporary names.

    Raises ReportError where a cell fails, with the notebook as far as it went in ``job.failed``.
    """
    import nbformat

    if not job.store and not Path(job.name).is_file():
        raise NotFoundError(f"{job.shown}: no such file")
    done = execute(
        job.notebook, job.all_parameters(), folder=job.root, root=job.root, timeout=job.timeout, years=job.years
    )
    text = nbformat.writes(done.notebook) + "\n"
    if done.error:
        write_whole(job.failed, text)
        raise ReportError(f"{job.shown}: {job.notebook.name}, {done.error}")
    about = about_sheet(done.notebook)
    if "sheet_id" not in about:
        raise ReportError(f"{job.notebook.name} did not say which sheet it shows; does it call display.opening?")
    name = file_name(about["sheet_id"])
    page = to_html(done.notebook, language=dict(job.parameters)["language"], parameters=job.all_parameters())
    contents = {
        Path("notebooks") / f"{name}.ipynb": text,
        Path(f"{name}.json"): json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
        Path(f"{name}.html"): page,
    }
    files = []
    for place, content in contents.items():
        final = job.folder / place
        files.append((write_whole(final.with_name(f".{job.number}-{os.getpid()}-{final.name}.tmp"), content), final))
    return Made(name, hashed(files[-1][0]), tuple(files))


def file_name(sheet_id: str) -> str:
    """A sheet's number as a file name on any system: no separators or reserved signs, at most 150 bytes."""
    safe = re.sub(r'[\\/:*?"<>|\x00-\x1f\s]+', "_", sheet_id).strip("._") or "sheet"
    while len(safe.encode()) > 150:
        safe = safe[:-1]
    return safe
