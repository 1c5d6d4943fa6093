"""Writes grids as an Excel workbook: merged cells by openpyxl, text boxes and connectors as drawing parts."""

from __future__ import annotations

import io
import re
import zipfile
from copy import copy
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from .grid import Box, Grid, Shape
from .layout import Layout

__all__ = ["save"]

THIN = Side(style="thin")
#: written into every file instead of the clock, so that the same sheet gives the same bytes
EPOCH = datetime(2023, 9, 1)
STAMP = (2023, 9, 1, 0, 0, 0)
_NAMESPACES = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def save(grids: list[Grid], path: Path) -> None:
    """Write the grids as the worksheets of one workbook; the bytes depend on nothing else."""
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = ""
    book.properties.created = EPOCH
    for grid in grids:
        _worksheet(book.create_sheet(grid.title), grid)
    buffer = io.BytesIO()
    book.save(buffer)
    Path(path).write_bytes(_with_drawings(buffer.getvalue(), grids))


def _worksheet(sheet: Worksheet, grid: Grid) -> None:
    for column, width in grid.widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = round(width, 2)
    for row, height in grid.heights.items():
        sheet.row_dimensions[row].height = height
    styled: dict[tuple[object, ...], Cell] = {}
    for row in grid.hidden_rows:
        sheet.row_dimensions[row].hidden = True
    for box in grid.boxes:
        _cell(sheet, box, grid.layout, styled)
    for frame in grid.frames:
        _frame(sheet, *frame)
    for row in grid.breaks:
        sheet.row_breaks.append(Break(id=row))
    sheet.sheet_view.showGridLines = False
    if grid.hidden:
        sheet.sheet_state = "hidden"
        return
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape" if grid.layout.landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.35
    sheet.page_margins.top = sheet.page_margins.bottom = 0.4
    sheet.print_options.horizontalCentered = True
    sheet.print_area = f"A1:{get_column_letter(grid.last_column + 1)}{grid.last_row}"


def _cell(sheet: Worksheet, box: Box, layout: Layout, styled: dict[tuple[object, ...], Cell]) -> None:
    """One box. Styles are copied from the first cell that has them: making them anew takes most of the time."""
    cell = sheet.cell(box.row, box.column)
    if box.value not in (None, ""):
        cell.value = box.value
        if isinstance(box.value, str):
            cell.data_type = "s"  # a text such as "=(G)/(F)" is no formula
    key = (box.size, box.bold, box.align, box.vertical, box.fill, box.border, box.number_format)
    if key not in styled:
        cell.font = Font(name=layout.font, size=box.size, bold=box.bold)
        cell.alignment = Alignment(horizontal=box.align, vertical=box.vertical, wrap_text=True)
        cell.number_format = box.number_format
        if box.fill:
            cell.fill = PatternFill("solid", fgColor=box.fill)
        if box.border:
            cell.border = Border(THIN, THIN, THIN, THIN)
        styled[key] = cell
    cell._style = copy(styled[key]._style)
    last_row, last_column = box.row + box.rows - 1, box.column + box.columns - 1
    if box.rows > 1 or box.columns > 1:
        sheet.merged_cells.add(f"{box.at}:{get_column_letter(last_column)}{last_row}")
        for row in range(box.row, last_row + 1):  # a merged range shows the borders of its outer cells
            for column in range(box.column, last_column + 1):
                if row in (box.row, last_row) or column in (box.column, last_column):
                    sheet.cell(row, column)._style = copy(styled[key]._style)


def _frame(sheet: Worksheet, top: int, left: int, bottom: int, right: int) -> None:
    """Borders on the outer edges of a range whose cells stay apart."""
    edges = [(row, column) for row in range(top, bottom + 1) for column in (left, right)]
    edges += [(row, column) for row in (top, bottom) for column in range(left, right + 1)]
    for row, column in edges:
        cell = sheet.cell(row, column)
        old = cell.border
        cell.border = Border(
            left=THIN if column == left else old.left, right=THIN if column == right else old.right,
            top=THIN if row == top else old.top, bottom=THIN if row == bottom else old.bottom,
        )  # fmt: skip


def _with_drawings(data: bytes, grids: list[Grid]) -> bytes:
    """The workbook with a drawing part for every worksheet that has shapes, and with fixed times."""
    result = io.BytesIO()
    drawn = {i: grid for i, grid in enumerate(grids, start=1) if grid.shapes}
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "docProps/core.xml":
                text = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), text)
            elif name == "[Content_Types].xml":
                parts = "".join(
                    f'<Override PartName="/xl/drawings/drawing{i}.xml" '
                    'ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/>'
                    for i in drawn
                )
                text = text.replace(b"</Types>", parts.encode() + b"</Types>")
            elif (match := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)) and int(match[1]) in drawn:
                element = f'<drawing xmlns:r="{_RELATIONS}" r:id="rId1"/></worksheet>'
                text = text.replace(b"</worksheet>", element.encode())
            _put(target, name, text)
        for i, grid in drawn.items():
            _put(target, f"xl/drawings/drawing{i}.xml", _drawing(grid).encode())
            relation = (
                '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships '
                'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f'<Relationship Id="rId1" Type="{_RELATIONS}/drawing" Target="../drawings/drawing{i}.xml"/></Relationships>'
            )
            _put(target, f"xl/worksheets/_rels/sheet{i}.xml.rels", relation.encode())
    return result.getvalue()


def _put(target: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    target.writestr(info, data)


def _drawing(grid: Grid) -> str:
    shapes = "".join(
        _text_box(number, shape, grid.layout) if shape.kind == "text" else _connector(number, shape)
        for number, shape in enumerate(grid.shapes, start=2)
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><xdr:wsDr {_NAMESPACES}>{shapes}</xdr:wsDr>'


def _anchor(shape: Shape, inner: str) -> str:
    last_row, last_column = shape.row - 1 + shape.rows, shape.column - 1 + shape.columns
    return (
        "<xdr:twoCellAnchor>"
        f"<xdr:from><xdr:col>{shape.column - 1}</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{shape.row - 1}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        f"<xdr:to><xdr:col>{last_column}</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{last_row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>{inner}<xdr:clientData/></xdr:twoCellAnchor>"
    )


_ARROW_HEAD = '<a:tailEnd type="triangle"/>'
_LINE = '<a:ln w="9525"><a:solidFill><a:srgbClr val="000000"/></a:solidFill>{}</a:ln>'


def _text_box(number: int, shape: Shape, layout: Layout) -> str:
    align = {"center": "ctr", "left": "l", "right": "r"}[shape.align]
    properties = (
        f'<a:rPr lang="ja-JP" sz="{round(shape.size * 100)}"><a:solidFill><a:srgbClr val="000000"/></a:solidFill>'
        f'<a:latin typeface="{layout.font}"/><a:ea typeface="{layout.font}"/></a:rPr>'
    )
    lines = "".join(
        f'<a:p><a:pPr algn="{align}"/><a:r>{properties}<a:t>{escape(line)}</a:t></a:r></a:p>'
        for text in shape.lines for line in text.split("\n")
    )  # fmt: skip
    line = _LINE.format("") if shape.border else "<a:ln><a:noFill/></a:ln>"
    return _anchor(
        shape,
        f'<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="{number}" name="テキスト ボックス {number - 1}"/>'
        '<xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/>{line}</xdr:spPr>'
        '<xdr:txBody><a:bodyPr wrap="square" lIns="36000" rIns="36000" tIns="18000" bIns="18000" anchor="ctr"/>'
        f"<a:lstStyle/>{lines}</xdr:txBody></xdr:sp>",
    )


def _connector(number: int, shape: Shape) -> str:
    flip = ' flipH="1"' if shape.kind == "connector-left" else ""
    glue = ""
    if shape.ends:  # shapes are numbered from 2 in the order of the grid; 2 is the lower edge of a box, 0 the upper
        glue = f'<a:stCxn id="{shape.ends[0] + 2}" idx="2"/><a:endCxn id="{shape.ends[1] + 2}" idx="0"/>'
    return _anchor(
        shape,
        f'<xdr:cxnSp macro=""><xdr:nvCxnSpPr><xdr:cNvPr id="{number}" name="直線矢印コネクタ {number - 1}"/>'
        f'<xdr:cNvCxnSpPr>{glue}</xdr:cNvCxnSpPr></xdr:nvCxnSpPr><xdr:spPr><a:xfrm{flip}><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></a:xfrm>'
        '<a:prstGeom prst="straightConnector1"><a:avLst/></a:prstGeom>'
        f"{_LINE.format(_ARROW_HEAD)}</xdr:spPr></xdr:cxnSp>",
    )
