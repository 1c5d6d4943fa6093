"""Draws the shipped sample: ``python -m tests.form_writer.make_sample [FOLDER]``.

The facts of ``sample_project.json`` are drawn in the FY2023 form, printed by LibreOffice, and the text layer of the
PDF is taken as published sheets are usually extracted. Needs ``soffice`` and a Japanese font.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .form import write_workbook
from .layout import Layout
from .projects import Tables, finish
from .text_layer import extract_text, print_pdf

__all__ = ["FOLDER", "LAYOUT", "main", "sample_tables"]

FOLDER = Path(__file__).resolve().parents[2] / "data" / "raw" / "sample"
LAYOUT = Layout(
    seed=283, font="Noto Sans CJK JP", size=10.0, column_width=2.6, row_max=60.0, slack=1.1, blank_share=0.0, text_numbers=0.0,
    flow="shapes", count_style=0, cost_head="bare", sheet_title="0241", brackets=0, hidden_lists=False,
)  # fmt: skip


def sample_tables() -> Tables:
    """The tables of the sample project, as lists of rows; money in yen."""
    path = Path(__file__).with_name("sample_project.json")
    return finish(json.loads(path.read_text(encoding="utf-8")))


def main(folder: Path = FOLDER) -> None:
    """Write the workbook, the PDF and the text layer."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = sample_tables()
    book = folder / f"{tables['sheets'][0]['sheet_id']}.xlsx"
    write_workbook(tables, book, LAYOUT)
    pdf = print_pdf(book)
    pdf.with_suffix(".txt").write_text(extract_text(pdf), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
