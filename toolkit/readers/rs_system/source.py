"""Finding, recognising and opening the CSV files of the RS System: unpacked or inside a zip, told by their header."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from toolkit.errors import DamagedFileError, EmptyFileError, LimitError, LockedFileError, SourceError, UnknownFormError
from toolkit.readers.rs_system.columns import COMMON, columns_of, has_key, kind_of

__all__ = ["RsFile", "contents", "digest", "find_rs", "is_rs", "joint_digest", "open_rs", "parse"]

#: the largest official file unpacks to 55 MB
_MAX_UNPACKED = 1_000_000_000
_HEAD = 65_536
_ZIP = b"PK\x03\x04"
_AGAIN = "Download the file again."


@dataclass(frozen=True, slots=True)
class RsFile:
    """One CSV of the RS System: its kind ("2-1"), the file that holds it, its name inside a zip, its columns' names.

    ``edition`` is the date on which the publisher wrote it (YYYY-MM-DD); only a zip keeps it.
    """

    kind: str
    path: Path
    member: str | None
    header: tuple[str, ...]
    encoding: str
    edition: str | None = None

    def content(self, size: int = -1) -> bytes:
        """The CSV itself, or its first bytes; DamagedFileError where a zip is cut short or its check sum is wrong."""
        if self.member is None:
            with self.path.open("rb") as handle:
                return handle.read(size)
        try:
            with zipfile.ZipFile(self.path) as package, package.open(self.member) as handle:
                return handle.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise _damaged(self.path, error) from error


def is_rs(content: bytes) -> bool:
    """True for the bytes of a CSV with the key columns of the RS System, or of a zip that holds one (or a locked CSV)."""
    if content.startswith(_ZIP):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                return any(
                    info.flag_bits & 1 or has_key(_header(package.open(info).read(_HEAD))[0])
                    for info in _members(package)
                )
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            return False
    return has_key(_header(content[:_HEAD])[0])


def find_rs(folder: Path) -> list[Path]:
    """The files below a folder that hold RS System data, sorted; hidden ones are left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(
        p for p in files if not any(part.startswith(".") for part in p.relative_to(folder).parts) and _holds_rs(p)
    )


def _holds_rs(path: Path) -> bool:
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    if not head.startswith(_ZIP):
        return _recognise(head)[0] is not None
    try:
        return bool(list(_open_zip(path)))
    except (DamagedFileError, LockedFileError):
        return path.suffix.lower() == ".zip"  # reading will say what is wrong with it


def contents(path: Path) -> list[tuple[str, str]]:
    """What one file holds of the RS System: (review year, kind) of each CSV, by its first row; nothing for other files."""
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    try:
        files = list(_open_zip(path)) if head.startswith(_ZIP) else list(_open_csv(path, head)) if head.strip() else []
        return [(_first_year(file), file.kind) for file in files]
    except SourceError:  # reading will say what is wrong with it
        return []


def _first_year(file: RsFile) -> str:
    """事業年度 of the first row; "" for a file without rows."""
    lines = file.content(_HEAD).decode(file.encoding, "ignore").splitlines()[1:2]
    row = next(csv.reader(lines), [])
    return dict(zip(columns_of(file.kind, file.header), row, strict=False)).get("review_year", "").strip()


def open_rs(paths: Iterable[Path]) -> list[RsFile]:
    """Every RS System CSV of these files; a file that holds none is an UnknownFormError."""
    files: list[RsFile] = []
    for path in paths:
        with path.open("rb") as handle:
            head = handle.read(_HEAD)
        found = list(_open_zip(path)) if head.startswith(_ZIP) else list(_open_csv(path, head))
        if not found:
            raise UnknownFormError(
                path, "line 1", _first_columns(head), "the header of one of the 15 files of the RS System",
                "Is it one of the yearly bulk files (1-1 … 6-1), as published?",
            )  # fmt: skip
        files.extend(found)
    return files


def _first_columns(head: bytes) -> str:
    header = [] if head.startswith(_ZIP) else _header(head)[0]
    own = [name for name in header if name not in {name for names in COMMON.values() for name in names}]
    return f"the columns {'、'.join(own[:3])} …" if own else "no such CSV"


def _open_csv(path: Path, head: bytes) -> Iterator[RsFile]:
    if not head.strip(codecs.BOM_UTF8 + b" \r\n\t"):
        raise EmptyFileError(path, "whole file", "nothing", "a CSV of the RS System", _AGAIN)
    kind, header, encoding = _recognise(head)
    if kind:
        yield RsFile(kind, path, None, header, encoding)


def _open_zip(path: Path) -> Iterator[RsFile]:
    try:
        with zipfile.ZipFile(path) as package:
            for info in _members(package):
                if info.flag_bits & 1:
                    raise LockedFileError(
                        path, info.filename, "an encrypted file", "an open one", "Save it without a password."
                    )
                if info.file_size > _MAX_UNPACKED:
                    raise LimitError(path, info.filename, f"{info.file_size // 1_000_000} MB when unpacked",
                                     f"at most {_MAX_UNPACKED // 1_000_000} MB", "This is no file of the RS System.")  # fmt: skip
                with package.open(info) as handle:
                    kind, header, encoding = _recognise(handle.read(_HEAD))
                if kind:
                    edition = "{:04}-{:02}-{:02}".format(*info.date_time[:3])
                    yield RsFile(kind, path, info.filename, header, encoding, edition)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _damaged(path, error) from error


def _members(package: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        info
        for info in package.infolist()
        if info.filename.lower().endswith(".csv") and "__MACOSX" not in info.filename
    ]


def _damaged(path: Path, error: Exception) -> DamagedFileError:
    return DamagedFileError(path, "whole file", f"a zip that does not open ({error})", "a whole one", _AGAIN)


# -- the header
def _recognise(head: bytes) -> tuple[str | None, tuple[str, ...], str]:
    header, encoding = _header(head)
    return kind_of(header) if len(header) > 2 else None, header, encoding


def _header(head: bytes) -> tuple[tuple[str, ...], str]:
    """The names in the first line, and how it is encoded: UTF-8 as published, Shift_JIS where Excel saved it again."""
    line = head.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].rstrip(b"\r")
    for encoding in ("utf-8", "cp932"):
        try:
            return tuple(next(csv.reader([line.decode(encoding)]), ())), encoding
        except (UnicodeDecodeError, csv.Error):
            continue
    return (), "utf-8"


# -- the rows
def parse(file: RsFile, wanted: Sequence[str]) -> pa.Table:
    """The wanted columns of a file by key, as text; blank cells are null. A row number (the header is row 1) is row + 2.

    Columns that no declaration knows are always there, under "unknown:" and their printed name.

    Raises DamagedFileError for a row of another length, or bytes that are not in the file's encoding.
    """
    keys = columns_of(file.kind, file.header)
    unknown = (f"unknown:{name.strip()}" for name in file.header)
    names = [key or f"{other}#{n}" for n, (key, other) in enumerate(zip(keys, unknown, strict=True))]
    chosen = [name for name in names if name in wanted or name.startswith("unknown:")]
    convert = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), include_columns=chosen, null_values=[""], strings_can_be_null=True,
    )  # fmt: skip
    try:
        content = file.content().removeprefix(codecs.BOM_UTF8)
        if file.encoding != "utf-8":
            content = content.decode(file.encoding).encode()
        return arrow_csv.read_csv(
            pa.BufferReader(content),
            arrow_csv.ReadOptions(column_names=names, skip_rows=1, block_size=4 << 20),
            arrow_csv.ParseOptions(newlines_in_values=True),
            convert,
        ).combine_chunks()
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        found = re.search(r"Row #(\d+)", str(error))
        length = re.search(r"Expected (\d+) columns, got (\d+)", str(error))
        raise DamagedFileError(
            file.path, f"row {found.group(1)}" if found else "whole file",
            f"{length.group(2)} columns" if length else f"unreadable text ({str(error).splitlines()[0][:80]})",
            f"{length.group(1)}" if length else "a CSV in UTF-8", _AGAIN,
        ) from error  # fmt: skip


def digest(paths: Iterable[Path]) -> str:
    """One SHA-256 over the names and contents of several files, in any order; of one file, its own."""
    return joint_digest((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths)


def joint_digest(sums: Iterable[tuple[str, str]]) -> str:
    """The same from the files' names and own hashes."""
    named = sorted(sums)
    if len(named) == 1:
        return named[0][1]
    return hashlib.sha256("".join(f"{sha}  {name}\n" for name, sha in named).encode()).hexdigest()
