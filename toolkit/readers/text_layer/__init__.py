"""The text layer of a printed sheet: labels and values torn apart, put together again.

``read_text`` finds the form's labels, then lets one reader per section take its values out of the document.
Where the printed order leaves a value's place open, the sheet's own arithmetic settles it (``solved``) or it
stays ``unsettled``; what nobody took is ``residue``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePath

from toolkit.dataset import Dataset
from toolkit.errors import UnknownFormError
from toolkit.readers.text_layer.document import Document, parse
from toolkit.readers.text_layer.reading import Reading, find_labels
from toolkit.text import fiscal_year, fold

__all__ = ["SECTIONS", "place_text", "read_text"]

#: in this order: the project number first, lest a table take its parts; numbers before prose, which then find them gone
SECTIONS = (
    "title",
    "policy_part",
    "budget",
    "indicators",
    "recipients",
    "costs",
    "flow",
    "header",
    "self_check",
    "past",
    "reviews",
)

_SHEET = "行政事業レビューシート"
_TITLE = re.compile(rf"^((?:令和|平成)(?:元|\d{{1,2}})年度?)?{_SHEET}(?=$|\()")
_NUMBER = re.compile(r"事業番号(?:-*)(20\d\d)-")


def read_text(content: str, path: str | PurePath) -> Dataset:
    """Read a text layer of one sheet, or of several one after another.

    Raises UnknownFormError where the text has none of the form's labels, or names no review year.
    """
    return Dataset.concat(_datasets(content, path))


def _datasets(content: str, path: str | PurePath) -> Iterator[Dataset]:
    taken: set[str] = set()
    readings = place_text(content, path)
    while True:
        with _no_collection():
            reading = next(readings, None)
            if reading is None:
                return
            dataset = reading.draft.dataset(taken)
        yield dataset


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Leave out the collection of cyclic garbage: the search for a sheet's places makes many rows and hardly a cycle,
    and one full collection takes as long as the sheet."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def place_text(content: str, path: str | PurePath) -> Iterator[Reading]:
    """Every sheet of a text layer with its characters booked to a section, a label or nothing, and the rows they gave."""
    for part in _sheets(parse(content)):
        yield _read_sheet(part, path)


def _sheets(document: Document) -> list[Document]:
    """The document cut where a new sheet's title stands; a document without a second title is one sheet."""
    titles = [box for box in document.boxes if _SHEET in box.folded.text and _TITLE.match(box.folded.text)]
    starts = [0]
    for earlier, later in pairwise(titles):
        paged = later.page > earlier.page
        start = document.page(later.page)[0].index if paged else later.index
        names = sum(
            fold(line.text).startswith("事業名") for box in document.boxes[starts[-1] : start] for line in box.lines
        )
        if names and start > starts[-1]:
            starts.append(start)
    ends = [*starts[1:], len(document.boxes)]
    return [Document(document.boxes[start:end], document.pen) for start, end in zip(starts, ends, strict=True)]


def _read_sheet(document: Document, path: str | PurePath) -> Reading:
    hits = find_labels(document)
    keys = {hit.key for hit in hits}
    if len(keys & {"name", "bureau", "purpose", "budget", "initial_jpy", "recipients", "accounts"}) < 3:
        raise UnknownFormError(
            path, "whole file", f"{len(keys)} of the form's labels", "the text of an administrative project review sheet",
            "Is it another document, or a page of a website saved as text?",
        )  # fmt: skip
    reading = Reading(document, _review_year(document, path), hits=hits)
    for number, section in enumerate(SECTIONS):
        document.book(number)
        with reading.draft.section(section):
            importlib.import_module(f"{__name__}.{section}").read(reading)
    _close(reading)
    return reading


def _review_year(document: Document, path: str | PurePath) -> int:
    """The year in the title, else in the project number."""
    for box in document.boxes:
        found = box.find(_TITLE)
        if found:
            for span in found[1]:
                span.label()
            year = fiscal_year(found[0].group(1))
            if year:
                return year
    for box in document.boxes:
        number = box.find(_NUMBER) or box.find(re.compile(r"^()?(20\d\d)-?[^\d-]{1,4}-?(?:新?\d{2})-?\d{4}"))
        if number:
            return int(number[0].group(number[0].lastindex or 1))
    raise UnknownFormError(
        path, "whole file", "no year in a title or a project number", "令和…年度行政事業レビューシート",
        "Is this the whole sheet? The title stands on its first page.",
    )  # fmt: skip


def _close(reading: Reading) -> None:
    """Book every character: what was read, and what is left over."""
    for span in reading.document.residue():
        reading.draft.add("residue", ref=span.ref, page=span.line.page, text=span.text.strip(), reason="not placed")
    reading.draft.sheet(
        review_year=reading.review_year, form=f"text-{reading.review_year}", **reading.document.counts()
    )
