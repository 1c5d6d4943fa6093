"""Bad input: one clear error that names the file, in bounded time and memory, and never an inner library's traceback."""

from __future__ import annotations

import gc
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_text_with_a_null_in_it(write: Callable, sample_text: Path, encoding: str) -> None:
    content = sample_text.read_text(encoding="utf-8").replace("事業", "事\0業", 1).encode(encoding)
    refuse(write("sheet.txt", content), DamagedFileError, "neither UTF-8 nor Shift_JIS")


def test_a_web_page_saved_as_text(write: Callable) -> None:
    page = "<!DOCTYPE html>\n<html><body>お探しのページは見つかりません</body></html>".encode()
    refuse(write("sheet.txt", page), UnknownFormError, "web page")


def test_text_of_another_kind(write: Callable) -> None:
    refuse(write("memo.txt", "会議の記録\n\n事業名 は未定である。\n".encode()), UnknownFormError, "labels")


@pytest.mark.parametrize("collecting", [True, False])
def test_no_garbage_is_collected_within_a_sheet_and_the_collector_is_left_as_it_was(
    write: Callable, sample_text: Path, collecting: bool
) -> None:
    other = write("memo.txt", "会議の記録\n出席者 三名\n".encode())
    before, often = gc.isenabled(), gc.get_threshold()
    phases: list[str] = []

    def note(phase: str, _: dict[str, int]) -> None:
        phases.append(phase)

    gc.callbacks.append(note)
    try:
        gc.enable() if collecting else gc.disable()
        gc.set_threshold(100)  # some sixty times a sheet, if it were not left out
        toolkit.read(sample_text)
        after_sheet = gc.isenabled()
        assert phases.count("start") <= 5
        refuse(other, UnknownFormError, "labels")
        assert (after_sheet, gc.isenabled()) == (collecting, collecting)
    finally:
        gc.set_threshold(*often)
        gc.callbacks.remove(note)
        gc.enable() if before else gc.disable()


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


def test_a_pdf_of_endless_brackets(write: Callable) -> None:
    content = pdf(1, "x")
    with pytest.raises(SourceError, match=r"deep\.pdf"):
        toolkit.read(write("deep.pdf", content.replace(b"/Type /Page ", b"/X " + b"[" * 100_000 + b" /Type /Page ")))


# -- more workbooks


def test_a_workbook_with_macros_is_read_and_its_macros_are_not(write: Callable, sample_text: Path) -> None:
    content = sample_text.with_suffix(".xlsx").read_bytes()
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(4096))
    plain, macros = toolkit.read(write("plain.xlsx", content)), toolkit.read(write("macros.xlsm", buffer.getvalue()))
    assert macros.sheet_ids == ["2023-文科-22-0241"]
    assert macros.recipients.equals(plain.recipients)


@pytest.mark.parametrize("content", [_BOMB, b"<x", b"<x>" * 200_000], ids=["entities", "broken", "deep"])
def test_hostile_xml_in_a_drawing(write: Callable, shared_data: Path, content: bytes) -> None:
    source = next(iter(sorted((shared_data / "sheets" / "made").glob("c02*.xlsx")))).read_bytes()  # its flow is drawn
    with zipfile.ZipFile(io.BytesIO(source)) as package:
        part = next(name for name in package.namelist() if name.startswith("xl/drawings/drawing"))
    with pytest.raises(DamagedFileError, match=r"drawn\.xlsx"):
        toolkit.read(write("drawn.xlsx", rewritten(source, part, content)))


def test_cells_merged_over_the_whole_tab_do_no_harm(write: Callable, sample_text: Path) -> None:
    content = sample_text.with_suffix(".xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        tab = package.read("xl/worksheets/sheet1.xml")
    vast = rewritten(
        content,
        "xl/worksheets/sheet1.xml",
        tab.replace(b"</mergeCells>", b'<mergeCell ref="A9000:XFD1048576"/></mergeCells>'),
    )
    assert toolkit.read(write("vast.xlsx", vast)).sheet_ids == ["2023-文科-22-0241"]


def test_a_tab_that_claims_a_million_rows(write: Callable, sample_text: Path) -> None:
    content = sample_text.with_suffix(".xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        tab = package.read("xl/worksheets/sheet1.xml")
    far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    refuse(
        write("far.xlsx", rewritten(content, "xl/worksheets/sheet1.xml", tab.replace(b"</sheetData>", far))),
        LimitError,
        "cells",
    )


@pytest.mark.parametrize("size", [300, 5_000])
def test_an_old_workbook_cut_off(write: Callable, size: int) -> None:
    with pytest.raises(SourceError, match=r"old\.xls"):
        toolkit.read(write("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(size)))


# -- a folder


def test_the_batch_goes_on_past_whatever_cannot_be_read(write: Callable, sample_text: Path) -> None:
    whole = sample_text.with_suffix(".pdf").read_bytes()
    bad = [
        write("empty.xlsx", b""), write("page.xlsx", b"<html></html>"), write("half.pdf", whole[:9000]),
        write("scan.pdf", pdf(1)), write("locked.pdf", pdf(1, "x", StandardEncryption("secret", "owner"))),
    ]  # fmt: skip
    good = write("good.pdf", whole)
    results = dict(toolkit.read_many([*bad, good], jobs=2))
    kinds = [EmptyFileError, UnknownFormError, DamagedFileError, NoTextError, LockedFileError]
    assert [type(results[str(path)]) for path in bad] == kinds
    assert results[str(good)].sheet_ids == ["2023-文科-22-0241"]
