"""From workbook to PDF by LibreOffice, from PDF to text by pdfminer."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pdfminer.high_level import extract_text as pdfminer_text
from pdfminer.layout import LAParams

__all__ = ["extract_text", "print_pdf", "print_pdfs"]


def print_pdfs(workbooks: Sequence[Path | str], folder: Path | str | None = None) -> list[Path]:
    """Print workbooks to PDF with one start of headless LibreOffice; the PDFs lie in ``folder`` or beside them.

    The office profile is a temporary folder of its own, so that several runs do not lock each other out.
    Raises RuntimeError where LibreOffice gives no PDF.
    """
    sources = [Path(w).resolve() for w in workbooks]
    by_folder: dict[Path, list[Path]] = {}
    for source in sources:
        by_folder.setdefault(Path(folder).resolve() if folder else source.parent, []).append(source)
    with tempfile.TemporaryDirectory(prefix="office-") as profile:
        for target, files in by_folder.items():
            command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore",
                       "--convert-to", "pdf", "--outdir", str(target), *map(str, files)]  # fmt: skip
            run = subprocess.run(command, capture_output=True, text=True, timeout=60 + 60 * len(files), check=False,
                                 env={**os.environ, "HOME": profile})  # fmt: skip
            missing = [f.name for f in files if not (target / f.with_suffix(".pdf").name).exists()]
            if missing:
                raise RuntimeError(f"LibreOffice printed no PDF of {', '.join(missing)}: {run.stderr.strip()[:400]}")
    printed = [(Path(folder).resolve() if folder else s.parent) / s.with_suffix(".pdf").name for s in sources]
    for path in printed:
        _without_clock(path)
    return printed


def print_pdf(workbook: Path | str, folder: Path | str | None = None) -> Path:
    """Print one workbook; returns the path of the PDF."""
    return print_pdfs([workbook], folder)[0]


def _without_clock(path: Path) -> None:
    """Overwrite the creation date and the file ID, at equal length, so that no offset moves."""
    data = path.read_bytes()
    data = re.sub(rb"/CreationDate\(D:\d{14}", b"/CreationDate(D:20230901000000", data)
    data = re.sub(rb"(?<=<)[0-9A-F]{32}(?=>)", b"0" * 32, data)
    data = re.sub(rb"(?<=/DocChecksum /)[0-9A-F]{32}", b"0" * 32, data)
    path.write_bytes(data)


def extract_text(pdf: Path | str, char_margin: float | None = 18.0) -> str:
    """The text layer as published sheets are usually extracted; ``None`` takes pdfminer's own margin.

    Page breaks are left as a newline, as in the files this project was built against.
    """
    parameters = LAParams() if char_margin is None else LAParams(char_margin=char_margin)
    return pdfminer_text(str(pdf), laparams=parameters).replace("\f", "\n")
