"""What a store says of itself: the raw files it was built from, and which parquet files it consists of.

``manifest.json`` names every file that belongs to the store. It is replaced as a whole, after all files it names are
in place; whatever else lies there is not part of the store.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from toolkit import paths
from toolkit.errors import NotFoundError, StoreError
from toolkit.store.raw import RawFile

__all__ = [
    "Entry",
    "Manifest",
    "Year",
    "read_manifest",
    "readers_version",
    "replace_file",
    "rules_version",
    "write_manifest",
]

_FILE = "manifest.json"
#: raised when the files of a store change their layout
_FORMAT = 3
#: everything a reader's result can depend on
_READING = ("dataset.py", "form", "readers", "schema.py", "tables.py", "text.py")
_JUDGING = ("checks", "figures.py", "lineage", "lineage.py", "store", "wording.py")


@dataclass(slots=True)
class Entry:
    """One source as it was read: ``sources`` of the store."""

    sha256: str
    size: int
    status: str
    readers: str
    form: str = ""
    edition: str = ""
    sheets: int = 0
    reason: str = ""
    years: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Year:
    """One review year: path below the store of each table's rows, of the preferred editions and of the others.

    ``rules`` says which version of the checks its findings are from.
    """

    rules: str = ""
    preferred: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Manifest:
    """``links`` says which version of the years and of the package the links are from."""

    files: dict[str, RawFile] = field(default_factory=dict)
    sources: dict[str, Entry] = field(default_factory=dict)
    years: dict[int, Year] = field(default_factory=dict)
    sources_file: str = ""
    links: str = ""

    def parts(self) -> set[str]:
        """Every file that belongs to the store."""
        years = self.years.values()
        places = {place for year in years for place in (*year.preferred.values(), *year.others.values())}
        return places | {self.sources_file} if self.sources_file else places


def read_manifest(folder: Path, name: str = _FILE) -> Manifest:
    """Raises NotFoundError where there is none, StoreError where it is damaged or of another version of the package."""
    try:
        told = json.loads((folder / name).read_bytes())
    except FileNotFoundError:
        raise NotFoundError(
            f"{folder}: no store here; build it with: review-sheets build --processed {folder}"
        ) from None
    except ValueError as error:
        raise StoreError(f"{folder / name} is damaged ({error}); build the store again") from error
    if not isinstance(told, dict) or told.get("format") != _FORMAT:
        raise StoreError(f"{folder} was built by another version of this package; build the store again")
    files = {
        key: RawFile(key, size, mtime, sha256, tuple(map(tuple, rs)))
        for key, (size, mtime, sha256, rs) in told["files"].items()
    }
    sources = {key: Entry(**entry) for key, entry in told["sources"].items()}
    years = {int(key): Year(**year) for key, year in told["years"].items()}
    return Manifest(files, sources, years, told["sources_file"], told["links"])


def write_manifest(folder: Path, manifest: Manifest, name: str = _FILE) -> None:
    told: dict[str, Any] = {"format": _FORMAT, "links": manifest.links, "sources_file": manifest.sources_file}
    told["files"] = {key: (f.size, f.mtime_ns, f.sha256, f.rs) for key, f in manifest.files.items()}
    told["sources"] = {key: asdict(entry) for key, entry in sorted(manifest.sources.items())}
    told["years"] = {key: asdict(year) for key, year in sorted(manifest.years.items())}
    replace_file(folder / name, json.dumps(told, ensure_ascii=False, indent=0).encode())


def replace_file(path: Path, content: bytes) -> None:
    """The file as a whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def readers_version() -> str:
    """Changes with any line of the readers, so that no store mixes what two versions read."""
    return _version(_READING)


def rules_version() -> str:
    """Changes with any line of what is derived from the tables read."""
    return _version(_JUDGING)


@cache
def _version(parts: tuple[str, ...]) -> str:
    total = hashlib.sha256()
    for part in parts:
        path = paths.package / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if file.is_file():
                total.update(file.relative_to(paths.package).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:16]
