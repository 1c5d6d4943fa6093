"""Where things are: the project root and its fixed folders. Creates nothing, reads nothing else."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = [
    "data_processed",
    "data_raw",
    "notebooks",
    "package",
    "project_root",
    "reports",
    "resolve",
    "rooted",
    "sample",
    "shown",
]

package = Path(__file__).resolve().parent


def project_root() -> Path:
    """Folder that holds ``notebooks/`` and ``data/``.

    ``REVIEW_SHEETS_ROOT`` names it outright; else the nearest folder from the working directory upwards
    that has both, else the folder the package was checked out in. Notebooks run in their own folder and
    papermill in the caller's: both find the same root.
    """
    named = os.environ.get("REVIEW_SHEETS_ROOT")
    if named:
        return Path(named).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "data" / "raw").is_dir():
            return folder
    return package.parent


def data_raw() -> Path:
    return project_root() / "data" / "raw"


def data_processed() -> Path:
    return project_root() / "data" / "processed"


def notebooks() -> Path:
    return project_root() / "notebooks"


def reports() -> Path:
    return project_root() / "reports"


def sample() -> Path:
    """The small committed sample: one project's sheet in every individual form."""
    return data_raw() / "sample"


def resolve(path: str | os.PathLike[str]) -> Path:
    """``path`` as given when it exists, else relative to the project root (so one notebook runs anywhere)."""
    given = Path(path).expanduser()
    if given.is_absolute() or given.exists():
        return given
    rooted = project_root() / given
    return rooted if rooted.exists() else given


def rooted(path: str | os.PathLike[str]) -> Path:
    """``path`` for something to be made: a relative one from the project root inside the project, else as given."""
    given = Path(path).expanduser()
    return (
        given
        if given.is_absolute() or not Path.cwd().resolve().is_relative_to(project_root())
        else project_root() / given
    )


def shown(path: str | os.PathLike[str]) -> str:
    """``path`` for display and storage: relative to the project root inside it, else the bare file name."""
    full = Path(path).resolve()
    root = project_root()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else full.name
