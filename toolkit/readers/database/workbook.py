"""Workbooks of the yearly database as a stream: the header row, and every cell that says something.

The official files have up to 15,000 columns and several thousand rows, nearly all of them blank: a reader that
builds the whole grid needs gigabytes. Here the XML inside the workbook passes through in pieces, and only cells
with a text are kept: three whole numbers each, and their text once.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from toolkit import text
from toolkit.errors import DamagedFileError, LimitError, LockedFileError, SourceError
from toolkit.readers.database.stream import EnoughError, walk_cells, walk_shared
from toolkit.readers.drawings import _tabs as sheet_parts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

__all__ = ["Tab", "is_database", "read_tabs"]

#: the official files unpack to some hundred MB, and to 1.5 GB where every blank cell carries a style
_MAX_UNPACKED = 3_000_000_000
_MAX_CELLS = 30_000_000
#: of the parts that list the tabs
_MAX_INDEX = 5_000_000
#: how far detection looks: tabs, rows of a tab (a title may stand above the header) and cells of a row
_TABS, _ROWS, _CELLS = 4, 5, 300
#: a header has at least this many cells
_WIDE = 6
_ESCAPED = re.compile(r"_x([0-9A-F]{4})_")
_BATCH = 100_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    KeyError,
    EOFError,
    IndexError,
    NotImplementedError,
    ValueError,
)
_DATE = re.compile(r"modified[^>]*>(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class Tab:
    """One tab whose header is the database's. ``texts`` holds every cell's text at its place in ``text``.

    ``row`` and ``column`` count from 1 as in the workbook; ``header`` maps columns to what the header row prints.
    """

    name: str
    edition: str | None
    header: dict[int, str]
    row: np.ndarray
    column: np.ndarray
    text: np.ndarray
    texts: pa.ChunkedArray


def is_database(content: bytes) -> bool:
    """True for a workbook, or a zip that holds one, with a tab whose first row is the header of the yearly database.

    Looks at the first cells of a few tabs only: an individual sheet is told apart in about a millisecond.
    """
    try:
        with _package(content) as package:
            return any(_header_row(package, part) for _, part in _worksheets(package, Path())[:_TABS])
    except (*_BROKEN, RuntimeError):
        return False


def read_tabs(content: bytes, path: Path) -> Iterator[Tab]:
    """Every tab with the database's header, in the order of the tabs; segment sheets and others are passed over.

    Raises DamagedFileError, LockedFileError or LimitError.
    """
    try:
        with _package(content) as package:
            unpacked = sum(info.file_size for info in package.infolist())
            if unpacked > _MAX_UNPACKED:
                raise LimitError(
                    path, "whole file", f"{unpacked // 1_000_000} MB when unpacked",
                    f"at most {_MAX_UNPACKED // 1_000_000} MB", "This is no yearly database.",
                )  # fmt: skip
            tabs = [tab for tab in _worksheets(package, path) if _header_row(package, tab[1])]
            shared = _shared_strings(package)
            for name, part in tabs:
                yield _read_tab(package, part, name, shared, path)
    except SourceError:
        raise
    except _BROKEN as error:
        raise DamagedFileError(
            path, "whole file", f"a workbook that does not open ({error})", "a whole one", "Download the file again.",
        ) from error  # fmt: skip
    except RuntimeError as error:  # what zipfile raises for a member with a password
        raise LockedFileError(
            path, "whole file", "an encrypted file", "an open one", "Save a copy without a password."
        ) from error


# -- the package
def _package(content: bytes) -> zipfile.ZipFile:
    """The workbook as a zip; where a zip holds one workbook, as the ministries' site offers them, that one."""
    package = zipfile.ZipFile(io.BytesIO(content))
    inner = [info for info in package.infolist() if info.filename.lower().endswith(".xlsx")]
    if len(inner) == 1 and "xl/workbook.xml" not in package.namelist() and inner[0].file_size < _MAX_UNPACKED // 10:
        return zipfile.ZipFile(io.BytesIO(package.read(inner[0])))
    return package


def _worksheets(package: zipfile.ZipFile, path: Path) -> list[tuple[str, str]]:
    """Name and part of every tab, in order."""
    small = [info for info in package.infolist() if info.filename in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
    if len(small) < 2 or any(info.file_size > _MAX_INDEX for info in small):
        raise ValueError("no list of its tabs")
    known = set(package.namelist())
    return [(name, part) for name, part in sheet_parts(package, path) if part in known]


def _edition(package: zipfile.ZipFile) -> str | None:
    """The date on which the workbook was last saved: the files are issued again from time to time."""
    if "docProps/core.xml" not in package.namelist():
        return None
    found = _DATE.search(package.open("docProps/core.xml").read(10_000).decode("utf-8", "ignore"))
    return found.group(1) if found else None


# -- the header
def _header_row(package: zipfile.ZipFile, part: str) -> int:
    """The number of the row that is the database's header; 0 for a tab that has none."""
    rows: dict[int, list[tuple[str, str]]] = {}

    def cell(row: int, column: int, kind: str, said: str) -> None:
        if row > _ROWS or column > _CELLS:
            raise EnoughError
        rows.setdefault(row, []).append((kind, said))

    walk_cells(package, part, cell)
    wide = {row: cells for row, cells in rows.items() if len(cells) >= _WIDE}
    wanted = max((int(said) for cells in wide.values() for kind, said in cells if kind == "s"), default=-1)
    shared: list[str] = []

    def take(said: str) -> None:
        if len(shared) > wanted:
            raise EnoughError
        shared.append(said)

    if wanted >= 0:
        walk_shared(package, take)
    for row, cells in wide.items():
        if _is_header({text.fold(shared[int(said)] if kind == "s" else said) for kind, said in cells}):
            return row
    return 0


def _is_header(words: set[str]) -> bool:
    """A row that names project, ministry or number, and the budget; a segment sheet names segments."""
    if "事業名" not in words or "セグメント名" in words:
        return False
    has_number = bool(words & {"府省", "府省庁", "事業番号", "事業番号-1"})
    return has_number and any(word.startswith("予算額・執行額") and "年度" in word for word in words)


# -- the cells
def _shared_strings(package: zipfile.ZipFile) -> pa.ChunkedArray:
    texts = _Texts()
    walk_shared(package, texts.add)
    return texts.finish()


class _Texts:
    """Strings gathered into Arrow arrays, which take a fraction of the memory of Python's."""

    def __init__(self) -> None:
        self._full: list[pa.Array] = []
        self._some: list[str] = []
        self.length = 0

    def add(self, said: str) -> int:
        """Append; returns its place."""
        if "_x" in said or "\r" in said:  # how a workbook writes control characters
            said = (
                _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), said).replace("\r\n", "\n").replace("\r", "\n")
            )
        self._some.append(said)
        self.length += 1
        if len(self._some) == _BATCH:
            self._flush()
        return self.length - 1

    def _flush(self) -> None:
        import pyarrow as pa

        self._full.append(pa.array(self._some, pa.large_string()))
        self._some = []

    def finish(self) -> pa.ChunkedArray:
        import pyarrow as pa

        self._flush()
        return pa.chunked_array(self._full)


def _read_tab(package: zipfile.ZipFile, part: str, name: str, shared: Any, path: Path) -> Tab:
    import numpy as np
    import pyarrow as pa

    top = _header_row(package, part)
    rows, columns, places = array("i"), array("i"), array("i")
    texts, known = _Texts(), len(shared)

    def cell(row: int, column: int, kind: str, said: str) -> None:
        if row < top:
            return
        if kind == "s":
            place = int(said)
            if place >= known:
                raise ValueError(f"row {row}: no shared string {place}")
        else:
            place = known + texts.add(_plain(said) if kind in ("", "n") else said)
        rows.append(row)
        columns.append(column)
        places.append(place)
        if len(rows) > _MAX_CELLS:
            raise LimitError(
                path, f"tab {name}", f"more than {_MAX_CELLS} cells", "fewer", "This is no yearly database."
            )

    walk_cells(package, part, cell)
    row, column, place = (np.frombuffer(values, dtype="int32") for values in (rows, columns, places))
    every = pa.chunked_array([*shared.chunks, *texts.finish().chunks], pa.large_string())
    is_head = row == top
    header = dict(zip(column[is_head].tolist(), every.take(pa.array(place[is_head])).to_pylist(), strict=True))
    body = ~is_head
    return Tab(name, _edition(package), header, row[body], column[body], place[body], every)


def _plain(number: str) -> str:
    """A number as the workbook shows it: 0.1 for the 0.10000000000000001 it stores, 0.00001 for its 1E-5."""
    if len(number) < 16 and "E" not in number and "e" not in number:
        return number
    try:
        return format(Decimal(format(float(number), ".15g")), "f")
    except (ValueError, ArithmeticError):
        return number
