"""What lies in the folder of raw files: which files there are, what changed, and which are read together."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit import paths
from toolkit.readers.rs_system import contents, joint_digest

__all__ = ["RawFile", "Source", "raw_files", "sources"]


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file: its place below the raw folder, how to see that it may have changed, and the hash of its content.

    ``rs`` says which files of the RS System it holds, as (review year, kind).
    """

    name: str
    size: int
    mtime_ns: int
    sha256: str
    rs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What is read at once: a single file, or the RS System's files of a review year.

    ``name`` is what ``sheets`` shows as its ``source_file``; ``sha256`` is the hash of its content, whatever the files' names.
    """

    name: str
    paths: tuple[Path, ...]
    is_rs: bool
    sha256: str
    size: int

    def __str__(self) -> str:
        return self.name


def raw_files(folder: Path, known: Mapping[str, RawFile]) -> list[RawFile]:
    """Every file below ``folder``, sorted; one whose size and time are as ``known`` is not opened again.

    Hidden files and notes (.md) are no data and left out.
    """
    return [_raw_file(path, name, known.get(name)) for name, path in sorted(_walk(folder))]


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    seen: set[Path] = set()  # a linked folder is data like any other; a link back up the tree would never end
    for parent, folders, files in os.walk(folder, followlinks=True):
        if (place := Path(parent).resolve()) in seen:
            folders.clear()
            continue
        seen.add(place)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        for name in files:
            path = Path(parent, name)
            if not name.startswith((".", "~$")) and path.suffix.lower() != ".md" and path.is_file():
                yield path.relative_to(folder).as_posix(), path


def _raw_file(path: Path, name: str, known: RawFile | None) -> RawFile:
    stat = path.stat()
    if known and (known.size, known.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
        return known
    with path.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    rs = known.rs if known and known.sha256 == sha256 else tuple(contents(path))
    return RawFile(name, stat.st_size, stat.st_mtime_ns, sha256, rs)


def sources(folder: Path, files: list[RawFile]) -> list[Source]:
    """The files as they are read. Files of the RS System belong together by review year, wherever they lie; where two
    folders hold different copies of the same one, each folder is an edition of its own.
    """
    single = [file for file in files if not file.rs]
    years: dict[str, list[RawFile]] = defaultdict(list)
    for file in files:
        if file.rs:
            years[" ".join(sorted({year for year, _ in file.rs}))].append(file)
    found = [Source(_shown(folder, file.name), (folder / file.name,), False, file.sha256, file.size) for file in single]
    groups = [(year, *group) for year, members in sorted(years.items()) for group in _editions(members)]
    places = Counter(place for _, place, _ in groups)
    for year, place, group in groups:
        name = _shown(folder, place)
        found.append(Source(
            f"{name} ({year})" if places[place] > 1 else name, tuple(folder / one.name for one in group), True,
            joint_digest((Path(one.name).name, one.sha256) for one in group), sum(one.size for one in group),
        ))  # fmt: skip
    return sorted(found, key=lambda source: source.name)


def _editions(files: list[RawFile]) -> Iterator[tuple[str, list[RawFile]]]:
    """Files of one review year as what is read together, each with the folder that stands for it."""
    copies: dict[tuple[str, str], set[str]] = defaultdict(set)
    folders: dict[tuple[str, str], set[str]] = defaultdict(set)
    for file in files:
        for key in file.rs:
            copies[key].add(file.sha256)
            folders[key].add(_place(file.name))
    if all(len(copies[key]) == 1 or len(folders[key]) == 1 for key in copies):
        common = os.path.commonpath([_place(file.name) for file in files])
        yield (files[0].name if len(files) == 1 else common), files
        return
    apart: dict[str, list[RawFile]] = defaultdict(list)
    for file in files:
        apart[_place(file.name)].append(file)
    yield from apart.items()


def _place(name: str) -> str:
    return name.rpartition("/")[0]


def _shown(folder: Path, name: str) -> str:
    """From the project root where the raw folder lies in the project, else from the raw folder on."""
    path = (folder / name).resolve()
    root = paths.project_root()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else Path(folder.name, name).as_posix()
