"""Which page was made from what: so that a batch that runs again makes only what is missing or out of date.

``manifest.jsonl`` in the folder of the reports has one line per page, added when the page is whole. A line says by hashes
what the page was made from, and what the page itself looks like; a page that was changed since is made again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from toolkit import paths
from toolkit.reports.index import write_whole

__all__ = ["Line", "Manifest", "fingerprint", "hashed", "store_state"]

_FILE = "manifest.jsonl"
#: packages that shape a page
_SHAPING = ("ipython", "matplotlib", "matplotlib-fontja", "nbconvert", "numpy", "pandas", "pyarrow", "seaborn")


@dataclass(frozen=True, slots=True)
class Line:
    """One page: the input as it was named, what it was made from, the file's name without ending, its hash."""

    input: str
    made_from: str
    name: str
    page: str


class Manifest:
    """The lines of a folder by input; the last one of an input counts."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / _FILE
        self.lines: dict[str, Line] = {}
        text = self.path.read_text(encoding="utf-8", errors="replace") if self.path.is_file() else ""
        for line in text.splitlines():
            try:
                known = Line(**json.loads(line))
            except (ValueError, TypeError):  # half a line, of a batch that was killed
                continue
            self.lines[known.input] = known

    def current(self, name: str, made_from: str) -> Path | None:
        """The page of an input, where it is there, whole, and made from just this."""
        line = self.lines.get(name)
        if line is None or line.made_from != made_from:
            return None
        page, others = self.folder / f"{line.name}.html", (f"{line.name}.json", f"notebooks/{line.name}.ipynb")
        if not page.is_file() or not all((self.folder / other).is_file() for other in others):
            return None
        return page if hashed(page) == line.page else None

    def add(self, line: Line) -> None:
        self.lines[line.input] = line
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(_as_text([line]))

    def close(self) -> None:
        """One line per input, in order; of two inputs with the same page the one it was last made from."""
        last = {line.name: line for line in self.lines.values()}
        if last or self.path.exists():
            write_whole(self.path, _as_text(sorted(last.values(), key=lambda line: line.input)))


def _as_text(lines: Iterable[Line]) -> str:
    return "".join(json.dumps(asdict(line), ensure_ascii=False, sort_keys=True) + "\n" for line in lines)


def fingerprint(content: str, notebook: Path, parameters: dict[str, Any]) -> str:
    """Hash of everything a page depends on: ``content`` of its input, notebook, parameters, this package and others."""
    told = [content, hashed(notebook), sorted(parameters.items()), _package(), _versions()]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, default=str).encode()).hexdigest()


def hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store_state(store: Path) -> str:
    """Changes with the tables of a store: a report shows other projects of the ministry beside its own."""
    from toolkit.store.manifest import read_manifest

    if (store / "manifest.json").is_file():
        manifest = read_manifest(store)
        told = [*sorted(manifest.parts()), *(f"{year}: {one.rules}" for year, one in sorted(manifest.years.items()))]
    else:
        told = [f"{path.name} {hashed(path)}" for path in sorted(store.glob("*.parquet"))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


@cache
def _package() -> str:
    total = hashlib.sha256()
    for path in sorted(paths.package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(paths.package).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


@cache
def _versions() -> list[str]:
    return [sys.version, *(f"{name} {_version(name)}" for name in _SHAPING)]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
