"""The XML inside a workbook as a stream: cells and shared strings, one call for each, nothing kept."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from typing import IO, Any
from xml.parsers import expat

__all__ = ["EnoughError", "walk_cells", "walk_shared"]

_PIECE = 1 << 18
#: a cell with a style and no value: most of some files, and much faster passed over here than in a call each
_BLANK = re.compile(rb'<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")? ?/>')


class EnoughError(Exception):
    """Raised inside a parse to end it early."""


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.ordered_attributes = True

    def refuse(*_: object) -> None:
        raise ValueError("a document type declaration, which no workbook has")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _feed(parser: Any, stream: IO[bytes]) -> None:
    rest = b""
    try:
        while piece := stream.read(_PIECE):
            piece = rest + piece
            end = piece.rfind(b">", -_PIECE) + 1 or len(piece)  # whole tags, where any ends in the latest piece
            piece, rest = piece[:end], piece[end:]
            parser.Parse(_BLANK.sub(b"", piece))
        parser.Parse(rest, True)
    except EnoughError:
        pass


def walk_cells(package: zipfile.ZipFile, part: str, cell: Callable[[int, int, str, str], None]) -> None:
    """Call ``cell`` with row, column, type and text of every cell of a worksheet that has a text."""
    columns: dict[str, int] = {}
    row = column = 0
    kind, said, inside = "", [], 0
    name_row = name_cell = name_value = name_text = name_ruby = ""

    def start(name: str, told: list[str]) -> None:
        nonlocal row, column, kind, inside, name_row, name_cell, name_value, name_text, name_ruby
        if name == name_cell:
            kind = ""
            column += 1
            for i in range(0, len(told), 2):
                if told[i] == "r":
                    letters = told[i + 1].rstrip("0123456789")
                    column = columns.get(letters) or columns.setdefault(letters, _column(letters))
                elif told[i] == "t":
                    kind = told[i + 1]
        elif name in (name_value, name_text):
            inside += 1
        elif name == name_row:
            row, column = row + 1, 0
            for i in range(0, len(told), 2):
                if told[i] == "r":
                    row = int(told[i + 1])
        elif name == name_ruby:
            inside -= 1
        elif not name_cell:  # the root: some writers give every name a prefix
            prefix = name.rpartition(":")[0]
            prefix = f"{prefix}:" if prefix else ""
            name_row, name_cell, name_value, name_text, name_ruby = (prefix + n for n in ("row", "c", "v", "t", "rPh"))

    def characters(piece: str) -> None:
        if inside > 0:
            said.append(piece)

    def end(name: str) -> None:
        nonlocal inside
        if name == name_cell:
            if said:
                whole = "".join(said)
                said.clear()
                if kind != "e":  # #N/A and the like
                    cell(row, column, kind, whole)
        elif name in (name_value, name_text):
            inside -= 1
        elif name == name_ruby:
            inside += 1

    parser = _parser()
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, characters, end
    with package.open(part) as stream:
        _feed(parser, stream)


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def walk_shared(package: zipfile.ZipFile, take: Callable[[str], object]) -> None:
    """Call ``take`` with every shared string in order; the reading (furigana) of a word is no part of it."""
    if "xl/sharedStrings.xml" not in package.namelist():
        return
    said: list[str] = []
    ruby = collecting = False

    def start(name: str, _: list[str]) -> None:
        nonlocal ruby, collecting
        last = name.rpartition(":")[2]
        if last == "rPh":
            ruby = True
        elif last == "t":
            collecting = not ruby

    def characters(piece: str) -> None:
        if collecting:
            said.append(piece)

    def end(name: str) -> None:
        nonlocal ruby, collecting
        last = name.rpartition(":")[2]
        if last == "t":
            collecting = False
        elif last == "rPh":
            ruby = False
        elif last == "si":
            take("".join(said))
            said.clear()

    parser = _parser()
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, characters, end
    with package.open("xl/sharedStrings.xml") as stream:
        _feed(parser, stream)
