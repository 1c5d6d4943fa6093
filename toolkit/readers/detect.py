"""Which form a file holds, told by its content."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from pathlib import Path

from toolkit.errors import DamagedFileError, EmptyFileError, UnknownFormError
from toolkit.readers.database import is_database
from toolkit.readers.rs_system import is_rs

__all__ = ["decode", "detect"]

_HTML = re.compile(rb"^\s*(?:<!doctype html|<html|<head|<\?xml[^>]*>\s*<html)", re.IGNORECASE)


def detect(path: Path, content: bytes) -> str:
    """``pdf``, ``xlsx``, ``xls``, ``rs`` (RS System, CSV or zip), ``database`` (a workbook, or a zip of one), ``zip``, ``gzip``,
    ``json`` or ``text``, by the first bytes.

    Raises EmptyFileError, or UnknownFormError for a web page and other files that hold no data at all.
    """
    if not content.strip():
        raise EmptyFileError(path, "whole file", "nothing", "a review sheet", "Download the file again.")
    head = content[:1024]
    if head.lstrip()[:5] == b"%PDF-":
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _detect_zip(path, content)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if _HTML.match(head.removeprefix(codecs.BOM_UTF8)):
        raise UnknownFormError(
            path, "line 1", "a web page (HTML)", "a review sheet",
            "The download probably saved an error page; open the address in a browser and save the file itself.",
        )  # fmt: skip
    if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        return "json"
    return "rs" if is_rs(content) else "text"


def _detect_zip(path: Path, content: bytes) -> str:
    if is_rs(content):  # first: among compressed bytes "xl/" may stand by chance
        return "rs"
    if is_database(content):
        return "database"
    if b"xl/" in content[:65536] or b"xl/workbook" in content[-65536:]:
        return "xlsx"
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise DamagedFileError(
            path, "whole file", "a zip that does not open", "a whole one", "Download the file again."
        )
    return "zip"


def decode(path: Path, content: bytes) -> str:
    """Text of a file in UTF-8 (with or without mark), UTF-16 with mark, or Shift_JIS; else DamagedFileError."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp932", "euc_jp")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise DamagedFileError(
        path, "whole file", "bytes that are neither UTF-8 nor Shift_JIS", "a text file",
        "Save the text as UTF-8, or give the PDF or Excel file itself.",
    )  # fmt: skip
