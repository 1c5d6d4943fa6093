"""One module per source form; ``read`` recognises a form by its content, never by its file name."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from toolkit import paths
from toolkit.dataset import Dataset
from toolkit.errors import NotFoundError, UnknownFormError
from toolkit.readers.detect import decode, detect

__all__ = ["read"]


def read(path: str | os.PathLike[str]) -> Dataset:
    """Read one file of any known form into a Dataset.

    Parameters
    ----------
    path : a file; relative paths are looked up in the working directory, then in the project root

    Raises
    ------
    NotFoundError : no such file
    SourceError : one of its subclasses, naming file, place, what was found and expected, and the next step
    """
    file = paths.resolve(path)
    if not file.is_file():
        raise NotFoundError(f"{path}: no such file")
    content = file.read_bytes()
    form = detect(file, content)
    sha256 = hashlib.sha256(content).hexdigest()
    return _read_content(form, content, file).with_source(paths.shown(file), sha256)


def _read_content(form: str, content: bytes, file: Path) -> Dataset:
    if form == "text":
        from toolkit.readers.text_layer import read_text

        return read_text(decode(file, content), file)
    if form in ("xlsx", "xls"):
        from toolkit.form.cell_sheet import read_cells
        from toolkit.readers.sheet_excel import workbook_cells

        return read_cells(workbook_cells(content, file), file, "excel")
    if form == "pdf":
        from toolkit.form.cell_sheet import read_cells
        from toolkit.readers.sheet_pdf import pdf_cells

        return read_cells(pdf_cells(content, file), file, "pdf")
    raise UnknownFormError(file, "whole file", f"a {form} file", "the text of a review sheet", "")
