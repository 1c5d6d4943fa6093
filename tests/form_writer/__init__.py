"""Draws a project into the official form of a review sheet: test support, never imported by the package.

``write_workbook`` draws the tables of one sheet as an Excel form, ``print_pdf`` prints it with LibreOffice,
``draw_pdf`` prints the same cells without LibreOffice, ``extract_text`` takes the text layer of a PDF, and
``truth`` says what the form shows. ``Layout.random(seed)`` varies what real sheets vary.
"""

from __future__ import annotations

from .form import draw, truth, write_workbook
from .layout import Layout
from .plain_pdf import draw_pdf
from .projects import make_project
from .text_layer import extract_text, print_pdf, print_pdfs

__all__ = [
    "Layout",
    "draw",
    "draw_pdf",
    "extract_text",
    "make_project",
    "print_pdf",
    "print_pdfs",
    "truth",
    "write_workbook",
]
