"""The records of a JUDGIT! file: JSON of one sheet, an array of sheets or one sheet a line, gzipped or not."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from toolkit.errors import DamagedFileError, EmptyFileError, LimitError, SourceError, UnknownFormError

__all__ = ["Record", "gunzip", "records"]

#: a whole year is 45 MB
_MAX_UNPACKED = 1_000_000_000
_AGAIN = "Download the file again."
_IDENTITY = ("公開年度", "府省庁", "事業名")


@dataclass(frozen=True, slots=True)
class Record:
    """One sheet as JUDGIT! gives it, and where it stands: "line 12", "record 3"; "" for a file of one sheet."""

    where: str
    fields: dict[str, Any]


def gunzip(content: bytes, path: PurePath) -> bytes:
    """The content of a gzip file; DamagedFileError where it ends early, LimitError where it grows out of bounds."""
    parts, size, rest = [], 0, content
    while rest.startswith(b"\x1f\x8b"):  # one or several members
        unpacker = zlib.decompressobj(wbits=31)
        try:
            parts.append(unpacker.decompress(rest, _MAX_UNPACKED - size))
        except zlib.error as error:
            raise DamagedFileError(
                path, "whole file", f"a gzip file that does not unpack ({error})", "a whole one", _AGAIN
            ) from error
        size += len(parts[-1])
        if size >= _MAX_UNPACKED:
            raise LimitError(
                path,
                "whole file",
                f"more than {_MAX_UNPACKED // 1_000_000} MB when unpacked",
                "a year of sheets at most",
                _AGAIN,
            )
        if not unpacker.eof:
            raise DamagedFileError(path, "whole file", "a gzip file that ends early", "a whole one", _AGAIN)
        rest = unpacker.unused_data
    unpacked = b"".join(parts)
    if not unpacked.strip():
        raise EmptyFileError(path, "whole file", "nothing inside the gzip file", "JUDGIT! records", _AGAIN)
    return unpacked


def records(content: bytes, path: PurePath) -> list[Record]:
    """Every sheet of the file, in its order.

    Raises DamagedFileError for the first line that is no JSON (nothing of the file is read then), UnknownFormError
    for JSON that is no record of a sheet.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DamagedFileError(path, f"line {line}", "bytes that are not UTF-8", "JSON in UTF-8", _AGAIN) from error
    if text.lstrip()[:1] not in ("{", "["):
        raise UnknownFormError(
            path, "line 1", "text that is not JSON", "JUDGIT! records", "Unpack a gzip file of another kind first."
        )
    if text.lstrip().startswith("{") and (lines := _lines(text)):
        found = [Record(f"line {number}", _load(line, path, number)) for number, line in lines]
    else:
        whole = _load(text, path, None)
        if isinstance(whole, list):
            found = [Record(f"record {i}", fields) for i, fields in enumerate(whole, start=1)]
        else:
            found = [Record("", whole)]
    for record in found:
        _recognise(record, path)
    if not found:
        raise EmptyFileError(path, "whole file", "an empty list", "JUDGIT! records", _AGAIN)
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    """Numbered lines of a file with one record a line; none for a single record laid out over many lines."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) == 1 or lines[1][1].startswith("{"):
        return lines
    try:
        return lines if isinstance(json.loads(lines[0][1]), dict) else []
    except (ValueError, RecursionError):
        return []


def _load(text: str, path: PurePath, line: int | None) -> Any:
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        at = error.lineno if isinstance(error, json.JSONDecodeError) and line is None else line
        said = re.sub(r":? line \d+ column.*", "", str(error)) if isinstance(error, ValueError) else "nested too deep"
        raise DamagedFileError(path, f"line {at or 1}", f"broken JSON ({said})", "one whole record", _AGAIN) from error


def _recognise(record: Record, path: PurePath) -> None:
    fields = record.fields
    missing = [key for key in _IDENTITY if not fields.get(key)] if isinstance(fields, dict) else list(_IDENTITY)
    if not missing:
        year = fields["公開年度"]
        if re.fullmatch(r"20\d\d", str(year)):
            return
        found = f"公開年度 {year!r}"
    else:
        found = f"JSON without {missing[0]}"
    raise _unknown(record, path, found)


def _unknown(record: Record, path: PurePath, found: str) -> SourceError:
    return UnknownFormError(
        path,
        record.where or "whole file",
        found,
        "a JUDGIT! record (公開年度, 府省庁, 事業名 …)",
        "Is it JSON of another kind?",
    )
