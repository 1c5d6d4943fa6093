"""Bad input: one clear error that names the file, in bounded time and memory, and never an inner library's traceback."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

import toolkit
from toolkit.errors import (
    DamagedFileError,
    EmptyFileError,
    LimitError,
    LockedFileError,
    NoTextError,
    NotFoundError,
    SourceError,
    ToolkitError,
    UnknownFormError,
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def _write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return _write


def refuse(path: Path, kind: type[SourceError], message: str) -> None:
    """Reading fails with this error, whose text names the file and says what to do."""
    with pytest.raises(kind, match=message) as caught:
        toolkit.read(path)
    assert path.name in str(caught.value)
    assert caught.value.args[4], "an error without a next step"


# -- text


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"\xef\xbb\xbf\n"])
def test_an_empty_file(write: Callable, content: bytes) -> None:
    with pytest.raises(ToolkitError):
        toolkit.read(write("sheet.txt", content))


def test_a_file_of_no_bytes(write: Callable) -> None:
    refuse(write("sheet.txt", b""), EmptyFileError, "found nothing")


def test_bytes_that_are_no_text(write: Callable) -> None:
    refuse(write("sheet.txt", bytes(range(128, 256)) * 9), DamagedFileError, "neither UTF-8 nor Shift_JIS")


def test_a_web_page_saved_as_text(write: Callable) -> None:
    page = "<!DOCTYPE html>\n<html><body>お探しのページは見つかりません</body></html>".encode()
    refuse(write("sheet.txt", page), UnknownFormError, "web page")


def test_text_of_another_kind(write: Callable) -> None:
    refuse(write("memo.txt", "会議の記録\n\n事業名 は未定である。\n".encode()), UnknownFormError, "labels")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(NotFoundError, match=r"nowhere\.txt: no such file"):
        toolkit.read("nowhere.txt")


def test_the_same_text_in_shift_jis_gives_the_same_tables(write: Callable, sample_text: Path) -> None:
    content = sample_text.read_text(encoding="utf-8")
    ours = toolkit.read(write("a.txt", content.encode("utf-8")))
    theirs = toolkit.read(write("b.txt", content.encode("cp932", errors="replace")))
    assert theirs.budgets["executed_jpy"].equals(ours.budgets["executed_jpy"])


def test_windows_line_ends_change_nothing(write: Callable, sample_text: Path) -> None:
    content = sample_text.read_bytes()
    ours, theirs = (
        toolkit.read(write(name, data))
        for name, data in (("a.txt", content), ("b.txt", content.replace(b"\n", b"\r\n")))
    )
    assert all(ours[t].equals(theirs[t]) for t in ours if t != "sheets")


def test_half_a_sheet_is_read_as_far_as_it_goes_and_nothing_is_invented(write: Callable, sample_text: Path) -> None:
    content = sample_text.read_text(encoding="utf-8")
    whole = toolkit.read(sample_text)
    half = toolkit.read(write("half.txt", content[: len(content) // 2].encode()))
    assert half.sheet()["name"] == whole.sheet()["name"]
    assert len(half.recipients) == 0
    stated = half.measurements[half.measurements["certainty"] != "unsettled"]
    key = ["indicator_id", "fiscal_year", "measure", "is_final_year", "value"]
    known = set(whole.measurements[key].astype(str).itertuples(index=False, name=None))
    assert set(stated[key].astype(str).itertuples(index=False, name=None)) <= known


def test_two_sheets_in_one_text_become_two_sheets(write: Callable, sample_text: Path) -> None:
    content = sample_text.read_text(encoding="utf-8")
    second = content.replace("0241", "0242").replace("世界トップレベル研究拠点プログラム", "別の研究拠点プログラム")
    both = toolkit.read(write("both.txt", (content.rstrip("\n") + "\n\n\n\n" + second).encode()))
    assert both.sheet_ids == ["2023-文科-22-0241", "2023-文科-22-0242"]
    assert both.budgets.groupby("sheet_id")["executed_jpy"].sum().nunique() == 1


# -- workbooks


def test_a_workbook_with_a_password(write: Callable, sample_text: Path) -> None:
    msoffcrypto = pytest.importorskip("msoffcrypto")
    locked = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(sample_text.with_suffix(".xlsx").read_bytes())).encrypt("secret", locked)
    refuse(write("locked.xlsx", locked.getvalue()), LockedFileError, "encrypted")


@pytest.mark.parametrize("suffix", [".xlsx", ".pdf"])
def test_half_a_file(write: Callable, sample_text: Path, suffix: str) -> None:
    content = sample_text.with_suffix(suffix).read_bytes()
    refuse(write(f"half{suffix}", content[: len(content) // 2]), DamagedFileError, "does not open")


def test_a_workbook_named_pdf_is_read_as_the_workbook_it_is(write: Callable, sample_text: Path) -> None:
    content = sample_text.with_suffix(".xlsx").read_bytes()
    assert toolkit.read(write("sheet.pdf", content)).sheet()["form"] == "excel-2023"


def test_a_web_page_named_xlsx(write: Callable) -> None:
    refuse(write("sheet.xlsx", b"<html><body>404</body></html>"), UnknownFormError, "web page")


def test_a_workbook_of_another_kind(write: Callable) -> None:
    workbook, buffer = openpyxl.Workbook(), io.BytesIO()
    workbook.active["A1"] = "売上"
    workbook.save(buffer)
    refuse(write("sales.xlsx", buffer.getvalue()), UnknownFormError, "labels")


def test_a_zip_bomb_is_not_unpacked(write: Callable) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", bytes(301_000_000))
    refuse(write("bomb.xlsx", buffer.getvalue()), LimitError, "when unpacked")


def rewritten(content: bytes, part: str, replacement: bytes) -> bytes:
    """A workbook with one of its parts replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, replacement if name == part else source.read(name))
    return buffer.getvalue()


_ENTITIES = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
_BOMB = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"a" * 10}">{_ENTITIES}]><x>&j;</x>'.encode()


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize(
    "content", [_BOMB, b"<x>" * 200_000 + b"</x>" * 200_000, b"<x"], ids=["entities", "deep", "broken"]
)
def test_hostile_xml_in_a_workbook(write: Callable, sample_text: Path, part: str, content: bytes) -> None:
    hostile = rewritten(sample_text.with_suffix(".xlsx").read_bytes(), part, content)
    with pytest.raises(SourceError, match=r"hostile\.xlsx"):
        toolkit.read(write("hostile.xlsx", hostile))


# -- PDF


def pdf(pages: int, text: str = "", encrypt: StandardEncryption | None = None) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=encrypt)
    for _ in range(pages):
        canvas.rect(50, 50, 300, 300, fill=1)
        if text:
            canvas.drawString(60, 700, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_a_scan_says_that_it_is_one(write: Callable) -> None:
    refuse(write("scan.pdf", pdf(4)), NoTextError, "without a text layer.*OCR")


def test_a_pdf_with_a_password(write: Callable) -> None:
    refuse(write("locked.pdf", pdf(1, "x", StandardEncryption("secret", "owner"))), LockedFileError, "encrypted")


def test_a_pdf_of_two_thousand_pages(write: Callable) -> None:
    refuse(write("volume.pdf", pdf(2000, "page")), LimitError, "2000 pages")


def test_a_pdf_of_another_kind(write: Callable) -> None:
    refuse(write("letter.pdf", pdf(1, "Dear reader")), UnknownFormError, "labels")
