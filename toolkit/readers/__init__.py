"""One module per source form; ``read`` recognises a form by its content, never by its file name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import paths
from toolkit.dataset import Dataset
from toolkit.errors import NotFoundError, ToolkitError, UnknownFormError
from toolkit.parallel import cores, run
from toolkit.readers.detect import decode, detect

if TYPE_CHECKING:
    from toolkit.form.cells import Cell

__all__ = ["cell_pages", "open_form", "read", "read_many"]


def read(path: str | os.PathLike[str]) -> Dataset:
    """Read one file of any known form, or a folder of RS System files, into a Dataset.

    Parameters
    ----------
    path : a file, or a folder with some of the 15 yearly files of the RS System (zipped or not); relative paths are
        looked up in the working directory, then in the project root

    Raises
    ------
    NotFoundError : no such file
    SourceError : one of its subclasses, naming file, place, what was found and expected, and the next step
    """
    file = paths.resolve(path)
    if file.is_dir():
        return _read_folder(file)
    if not file.is_file():
        raise NotFoundError(f"{path}: no such file")
    form, content = open_form(file)
    sha256 = hashlib.sha256(content).hexdigest()
    return _read_content(form, content, file).with_source(paths.shown(file), sha256)


def read_many(
    files: Iterable[str | os.PathLike[str]],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: bool = False,
) -> Iterator[tuple[str, Dataset | ToolkitError]]:
    """Read many files on all cores; yields (file, Dataset), or (file, error) for one that cannot be read.

    In the order given, one result at a time, so memory stays flat over any number of files::

        read = dict(toolkit.read_many(folder.glob("*.pdf")))
        dataset = toolkit.Dataset.concat(d for d in read.values() if isinstance(d, toolkit.Dataset))

    ``jobs`` and ``scheduler`` as in ``toolkit.parallel.run``; ``progress`` shows a bar on stderr.
    """
    names = [os.fspath(file) for file in files]
    results = run(read, names, jobs=min(jobs or cores(), max(len(names), 1)), scheduler=scheduler)
    if progress:
        from tqdm import tqdm

        results = iter(tqdm(results, total=len(names), unit="file", desc="read"))
    yield from results


def open_form(file: Path) -> tuple[str, bytes]:
    """The form of a file, told by its content, and that content."""
    content = file.read_bytes()
    return detect(file, content), content


def cell_pages(form: str, content: bytes, file: Path) -> Iterable[list[Cell]]:
    """The pages of a PDF or the tabs of a workbook as cells."""
    if form == "pdf":
        from toolkit.readers.sheet_pdf import pdf_cells

        return pdf_cells(content, file)
    from toolkit.readers.sheet_excel import workbook_cells

    return workbook_cells(content, file)


def _read_folder(folder: Path) -> Dataset:
    from toolkit.readers.rs_system import digest, find_rs, read_rs

    files = find_rs(folder)
    if not files:
        raise UnknownFormError(
            folder, "whole folder", "no file of the RS System", "some of its 15 yearly files, zipped or not",
            "Individual sheets are read file by file: toolkit.read_many(folder.glob(...)).",
        )  # fmt: skip
    return read_rs(files).with_source(paths.shown(folder), digest(files))


def _read_content(form: str, content: bytes, file: Path) -> Dataset:
    if form == "rs":
        from toolkit.readers.rs_system import read_rs

        return read_rs([file])
    if form == "database":
        from toolkit.readers.database import read_database

        return read_database(content, file)
    if form in ("json", "gzip"):
        from toolkit.readers.judgit import read_judgit

        return read_judgit(content, file)
    if form == "text":
        from toolkit.readers.text_layer import read_text

        return read_text(decode(file, content), file)
    if form in ("xlsx", "xls", "pdf"):
        from toolkit.form.cell_sheet import read_cells

        return read_cells(cell_pages(form, content, file), file, "pdf" if form == "pdf" else "excel")
    hint = "Unpack it and read what is inside." if form == "zip" else ""
    raise UnknownFormError(file, "whole file", f"a {form} file", "the text of a review sheet", hint)
