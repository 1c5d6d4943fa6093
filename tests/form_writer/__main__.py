"""Writes a corpus of made-up sheets: ``python -m tests.form_writer OUTDIR --count N --seed S [--form 2023|old]``.

Every sheet is written as ID.xlsx, ID.pdf, ID.txt (char_margin 18), ID.default.txt and ID.truth.json.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import random
from pathlib import Path

from . import judgit
from .form import write_workbook
from .layout import Layout
from .projects import Tables, make_project
from .text_layer import extract_text, print_pdfs

__all__ = ["main", "write_corpus"]

#: workbooks per start of LibreOffice
BATCH = 10


def data_folder() -> Path:
    """Where the shared data lies: the environment variable, else beside the project root."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get("REVIEW_SHEETS_DATA", beside))


def project(seed: int, form: str, *, real: bool) -> Tables:
    """A project for one sheet of the corpus: every other one on real facts where the records are at hand."""
    real = real and seed % 2 == 0
    year = 2023 if form == "2023" else random.Random(seed).choice([2020, 2021, 2022] if real else range(2014, 2023))
    records = data_folder() / "judgit" / f"judgit-{year}.ndjson.gz"
    if real and records.exists():
        return judgit.make_project(seed, year, records)
    return make_project(seed, year)


def write_corpus(folder: Path, count: int, seed: int, form: str = "2023", *, real: bool = True) -> list[Path]:
    """Write ``count`` sheets into ``folder``; returns the paths of the truth files."""
    folder.mkdir(parents=True, exist_ok=True)
    books, truths = [], []
    for number in range(count):
        tables = project(seed + number, form, real=real)
        layout = Layout.random(seed + number, form)
        name = f"{'w' if form == '2023' else 'v'}{number + 1:02d}_{tables['sheets'][0]['sheet_id'].replace('/', '-')}"
        books.append(folder / f"{name}.xlsx")
        truth = write_workbook(tables, books[-1], layout)
        truth = {**truth, "id": name, "layout": layout_record(layout)}
        truths.append(folder / f"{name}.truth.json")
        truths[-1].write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for start in range(0, len(books), BATCH):
        for pdf in print_pdfs(books[start : start + BATCH]):
            pdf.with_suffix(".txt").write_text(extract_text(pdf), encoding="utf-8")
            pdf.with_suffix(".default.txt").write_text(extract_text(pdf, None), encoding="utf-8")
    return truths


def layout_record(layout: Layout) -> dict[str, object]:
    """The layout for the truth file."""
    return {**dataclasses.asdict(layout), "drop": sorted(layout.drop)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.form_writer", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--form", choices=["2023", "old"], default="2023")
    parser.add_argument("--made-up", action="store_true", help="take no real facts, even where they are at hand")
    options = parser.parse_args()
    paths = write_corpus(options.folder, options.count, options.seed, options.form, real=not options.made_up)
    print(f"{len(paths)} sheets in {options.folder}")


if __name__ == "__main__":
    main()
