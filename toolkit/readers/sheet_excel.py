"""Workbooks of individual sheets (.xlsx, .xlsm, .xls) as cells: merged ranges, numbers, text boxes of drawings."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from toolkit.errors import DamagedFileError, LimitError, LockedFileError, SourceError
from toolkit.form.cells import Cell
from toolkit.readers.drawings import old_text_boxes, text_boxes

__all__ = ["workbook_cells"]

#: no real sheet comes near these; they bound time and memory on a hostile file
_MAX_UNPACKED = 300_000_000
_MAX_CELLS = 3_000_000
#: cells with a value, by the letters and digits of their address; those whose address alone is suspicious
_FILLED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_FAR = re.compile(rb'\br="(?:[A-Z]{1,3}\d{5,}|[A-Z]{3}\d+)"[^>]*(?<!/)>')
#: an encrypted workbook is an old-style container with this stream in its directory
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def workbook_cells(content: bytes, path: Path) -> list[list[Cell]]:
    """The cells of every visible tab, in the order of the tabs; ``ref`` is tab!cell.

    Raises LockedFileError, DamagedFileError or LimitError.
    """
    if _ENCRYPTED in content[:1_000_000]:
        raise LockedFileError(
            path, "whole file", "an encrypted workbook", "an open one", "Save a copy without a password."
        )
    try:
        drawings = _open_package(content, path) if content.startswith(b"PK") else old_text_boxes(content)
    except SourceError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        LookupError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise _damaged(path, error) from error
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError as error:
        raise LockedFileError(
            path, "whole file", "an encrypted workbook", "an open one", "Save a copy without a password."
        ) from error
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged(path, error) from error
    tabs = []
    for page, sheet in enumerate(workbook.sheets_metadata, start=1):
        if sheet.visible != SheetVisibleEnum.Visible or sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        try:
            cells = list(_tab(workbook, sheet.name, page, path))
        except (CalamineError, ValueError) as error:
            raise _damaged(path, error) from error
        tabs.append([*cells, *drawings.get(sheet.name, ())])
    return tabs


def _damaged(path: Path, error: Exception) -> DamagedFileError:
    return DamagedFileError(
        path, "whole file", f"a workbook that does not open ({error})", "a whole one", "Download the file again."
    )


def _open_package(content: bytes, path: Path) -> dict[str, list[Cell]]:
    """Look at the zip before anything unpacks it: its size, and the drawings that no cell reader shows."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        unpacked = sum(info.file_size for info in package.infolist())
        if unpacked > _MAX_UNPACKED:
            raise LimitError(
                path, "whole file", f"{unpacked // 1_000_000} MB when unpacked",
                f"at most {_MAX_UNPACKED // 1_000_000} MB", "This is no review sheet.",
            )  # fmt: skip
        for name in package.namelist():
            if name.startswith("xl/worksheets/"):
                _bound(package.read(name), name, path)
        return text_boxes(package, path)


def _bound(tab: bytes, name: str, path: Path) -> None:
    """Refuse a tab with values so far apart that the reader could not hold the area between them."""
    if _FAR.search(tab):
        places = [(int(row), _column(letters)) for letters, row in _FILLED.findall(tab)]
        rows, columns = zip(*places, strict=True)
        height, width = max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
        if height * width > _MAX_CELLS:
            raise _too_large(path, name, height, width)


def _too_large(path: Path, tab: str, height: int, width: int) -> LimitError:
    return LimitError(
        path, f"tab {tab}", f"{height} rows × {width} columns", f"at most {_MAX_CELLS} cells",
        "This is no review sheet; if it is, delete what stands far outside of it.",
    )  # fmt: skip


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _tab(workbook: CalamineWorkbook, name: str, page: int, path: Path) -> Iterator[Cell]:
    sheet = workbook.get_sheet_by_name(name)
    if sheet.total_height * sheet.total_width > _MAX_CELLS:
        raise _too_large(path, name, sheet.total_height, sheet.total_width)
    merged = dict(sheet.merged_cell_ranges or ())
    top, left = sheet.start or (0, 0)
    for y, row in enumerate(sheet.to_python(skip_empty_area=True), start=top):
        for x, value in enumerate(row, start=left):
            if value == "" or value is None:
                continue
            text, number = _printed(value)
            if not text.strip():
                continue
            bottom, right = merged.get((y, x), (y, x))
            yield Cell(text, x, y, right + 1, bottom + 1, page, f"{name}!{_address(x, y)}", number)


def _printed(value: object) -> tuple[str, float | None]:
    """The text a cell shows, as far as its value tells, and its number."""
    if isinstance(value, bool):
        return str(value).upper(), None
    if isinstance(value, int | float):
        return (str(int(value)) if float(value).is_integer() else repr(float(value))), float(value)
    return str(value), None


def _address(x: int, y: int) -> str:
    """(0, 0) is A1."""
    letters, x = "", x + 1
    while x:
        x, rest = divmod(x - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{y + 1}"
