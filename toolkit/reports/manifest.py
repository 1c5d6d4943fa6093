"""Which page was made from what: so that a batch that runs again makes only what is missing or out of date.

``manifest.jsonl`` in the folder of the reports has one line per page, added when the page is whole. A line says by hashes
what the page was made from, and what the page itself looks like; a page that was changed since is made again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from toolkit import paths
from toolkit.reports.index import write_whole
from toolkit.tables import TABLES

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

    def current(self, wanted: Mapping[str, str]) -> dict[str, Path]:
        """The pages that need not be made, of inputs and what each would be made from.

        Such a page is there with its companions, was made from just that, and is unchanged. Where several inputs hold
        one sheet the page is the last one's; it is current only if all of them are.
        """
        known = {
            name: line for name, made in wanted.items() if (line := self.lines.get(name)) and line.made_from == made
        }
        last = {line.name: name for name, line in known.items()}
        whole = {line.name for name, line in known.items() if last[line.name] == name and self._is_whole(line)}
        whole -= {line.name for name in wanted if name not in known and (line := self.lines.get(name))}
        return {name: self.folder / f"{line.name}.html" for name, line in known.items() if line.name in whole}

    def _is_whole(self, line: Line) -> bool:
        files = [self.folder / f"{line.name}.json", self.folder / "notebooks" / f"{line.name}.ipynb"]
        page = self.folder / f"{line.name}.html"
        return page.is_file() and all(file.is_file() for file in files) and hashed(page) == line.page

    def add(self, line: Line) -> None:
        self.lines[line.input] = line
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(_as_text([line]))

    def close(self) -> None:
        """One line per input, in order."""
        if self.lines:
            write_whole(self.path, _as_text(sorted(self.lines.values(), key=lambda line: line.input)))


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
        told = [f"{name} {hashed(path)}" for name in TABLES if (path := store / f"{name}.parquet").is_file()]
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
