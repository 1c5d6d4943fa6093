"""Text boxes, shapes and connectors of a workbook's drawings: the 資金の流れ is often drawn, not typed into cells.

No cell reader shows them, in neither format: XML parts of an .xlsx, binary records of an .xls.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from toolkit.errors import DamagedFileError
from toolkit.form.cells import Cell

__all__ = ["old_text_boxes", "text_boxes"]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
#: one row or column in the drawing's own unit (EMU), roughly: offsets only break ties within a cell
_EMU_ROW, _EMU_COLUMN = 190_000, 300_000


def text_boxes(package: zipfile.ZipFile, path: Path) -> dict[str, list[Cell]]:
    """Cells (``shape=True``) by tab name; ``ref`` is the shape's name and its place in the grid."""
    names = set(package.namelist())
    if not any(name.startswith("xl/drawings/drawing") for name in names):
        return {}
    found: dict[str, list[Cell]] = {}
    for page, (tab, part) in enumerate(_tabs(package, path), start=1):
        for target in _targets(package, part, "/drawing", path):
            if target in names:
                found.setdefault(tab, []).extend(_boxes(_parse(package, target, path), tab, page))
    return found


def _parse(package: zipfile.ZipFile, name: str, path: Path) -> ElementTree.Element:
    content = package.read(name)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # no office program writes one; an entity bomb needs one
        raise DamagedFileError(path, name, "a document type declaration", "plain XML", "Do not open this file.")
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise DamagedFileError(
            path, name, f"broken XML ({error})", "well-formed XML", "Download the file again."
        ) from error


def _relations(package: zipfile.ZipFile, part: str, path: Path) -> dict[str, tuple[str, str]]:
    """Of one part: id → (type, target inside the package)."""
    folder, name = posixpath.split(part)
    listing = f"{folder}/_rels/{name}.rels"
    if listing not in package.namelist():
        return {}
    return {
        one.get("Id", ""): (
            one.get("Type", ""),
            posixpath.normpath(posixpath.join("/" + folder, one.get("Target", ""))).lstrip("/"),
        )
        for one in _parse(package, listing, path).iter(f"{_PACKAGE}Relationship")
    }


def _targets(package: zipfile.ZipFile, part: str, kind: str, path: Path) -> list[str]:
    return [target for type_, target in _relations(package, part, path).values() if type_.endswith(kind)]


def _tabs(package: zipfile.ZipFile, path: Path) -> Iterator[tuple[str, str]]:
    relations = _relations(package, "xl/workbook.xml", path)
    for sheet in _parse(package, "xl/workbook.xml", path).iter(f"{_MAIN}sheet"):
        relation = relations.get(sheet.get(f"{_REL}id", ""))
        if relation:
            yield sheet.get("name", ""), relation[1]


def _boxes(drawing: ElementTree.Element, tab: str, page: int) -> list[Cell]:
    """Every shape with text; a connector that is glued to two of them makes the first a source of the second."""
    shapes: dict[str, Cell] = {}
    for anchor in drawing:
        start, end = anchor.find(f"{_XDR}from"), anchor.find(f"{_XDR}to")
        for shape in anchor.iter(f"{_XDR}sp"):
            text = "\n".join(
                "".join(run.text or "" for run in line.iter(f"{_A}t")) for line in shape.iter(f"{_A}p")
            ).strip()
            name = shape.find(f"{_XDR}nvSpPr/{_XDR}cNvPr")
            if not text or start is None or name is None:
                continue
            x0, y0 = _place(start)
            x1, y1 = _place(end) if end is not None else (x0 + 1, y0 + 1)
            ref = f"{tab}!{name.get('name', 'shape')}"
            shapes[name.get("id", ref)] = Cell(
                text, x0, y0, max(x1, x0 + 0.1), max(y1, y0 + 0.1), page, ref, shape=True
            )
    for connector in drawing.iter(f"{_XDR}cNvCxnSpPr"):
        ends = [connector.find(f"{_A}{side}") for side in ("stCxn", "endCxn")]
        source, target = (shapes.get(end.get("id", "")) if end is not None else None for end in ends)
        if source is not None and target is not None:
            target.sources.append(source)
    return list(shapes.values())


def _place(corner: ElementTree.Element) -> tuple[float, float]:
    value = {child.tag.removeprefix(_XDR): int(child.text or 0) for child in corner}
    return (
        value.get("col", 0) + min(value.get("colOff", 0) / _EMU_COLUMN, 0.99),
        value.get("row", 0) + min(value.get("rowOff", 0) / _EMU_ROW, 0.99),
    )


# -- .xls: a stream of records (type, length, data)

_BOUNDSHEET, _BOF, _DRAWING, _TEXT, _CONTINUE = 0x0085, 0x0809, 0x00EC, 0x01B6, 0x003C
_ANCHOR = b"\x10\xf0\x12\x00\x00\x00"  # head of a client anchor of 18 bytes
_TENTH = 1024  # offsets within a column count in 1024ths, within a row in 256ths


def old_text_boxes(content: bytes) -> dict[str, list[Cell]]:
    """The same for a workbook of Excel 97 to 2003."""
    import olefile

    with olefile.OleFileIO(io.BytesIO(content)) as container:
        stream = container.openstream("Workbook").read()
    tabs: dict[int, tuple[str, int]] = {}
    found: dict[str, list[Cell]] = {}
    tab, page, anchor = "", 0, b""
    records = _records(stream)
    for start, kind, data in records:
        if kind == _BOUNDSHEET:
            name = data[8 : 8 + data[6] * (2 if data[7] & 1 else 1)].decode("utf-16-le" if data[7] & 1 else "latin-1")
            tabs[int.from_bytes(data[:4], "little")] = (name, len(tabs) + 1)
        elif kind == _BOF:
            tab, page = tabs.get(start, (tab, page))
        elif kind == _DRAWING and _ANCHOR in data:
            anchor = data[data.rfind(_ANCHOR) + 6 :][:18]
        elif kind == _TEXT and len(anchor) == 18 and int.from_bytes(data[10:12], "little"):
            _, _, text = next(records, (0, 0, b""))
            printed = (
                text[1:]
                .decode("utf-16-le" if text[:1] == b"\x01" else "latin-1", errors="replace")
                .replace("\r", "\n")
                .strip()
            )
            x0, dx0, y0, dy0, x1, dx1, y1, dy1 = (int.from_bytes(anchor[i : i + 2], "little") for i in range(2, 18, 2))
            box = Cell(
                printed,
                x0 + dx0 / _TENTH,
                y0 + dy0 / 256,
                x1 + dx1 / _TENTH,
                y1 + dy1 / 256,
                page,
                f"{tab}!text box at row {y0 + 1}",
                shape=True,
            )
            if printed:
                found.setdefault(tab, []).append(box)
    return found


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    while position + 4 <= len(stream):
        kind, length = (int.from_bytes(stream[position + i : position + i + 2], "little") for i in (0, 2))
        yield position, kind, stream[position + 4 : position + 4 + length]
        position += 4 + length
