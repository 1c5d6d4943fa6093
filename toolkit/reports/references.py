"""Places in a source, made short enough for a line of a table: pages, lines, rectangles, cells, rows."""

from __future__ import annotations

import re

from toolkit.dataset import Dataset
from toolkit.plots.style import either
from toolkit.tables import SHEET_TABLES

__all__ = ["finding_refs", "short_refs"]

_MOST = 4  # pieces of one page, tab or file; beyond them from the first to the last
_TEXT = re.compile(r"page (\d+)(?: lines? (\d+)(?:-(\d+))?)?")
_PDF = re.compile(r"page (\d+) \((\d+), (\d+), (\d+), (\d+)\)")
_CELL = re.compile(r"(.+)!([A-Z]+)(\d+)")
_ROW = re.compile(r"(.+) row (\d+)")


def short_refs(refs: str, language: str, *, most: int = _MOST) -> str:
    """Places in a source file made short: "page 1 line 3; page 1 line 9" becomes 1頁 3, 9行 or p. 1: 3, 9.

    Rectangles of a page become the one around them, cells of a column or rows of a file a span where they follow each
    other. With more than ``most`` pieces only the first and the last are given. Anything else stays as it is.
    """
    parts = list(dict.fromkeys(refs.split("; ")))
    joint = either(language, "、", "; ")
    for pattern, write in ((_TEXT, _lines), (_PDF, _rectangle), (_CELL, _cells), (_ROW, _rows)):
        found = [pattern.fullmatch(part) for part in parts]
        if all(found):
            groups: dict[str, list[tuple[str, ...]]] = {}
            for match in found:
                groups.setdefault(match.group(1), []).append(match.groups()[1:])  # type: ignore[union-attr]
            return joint.join(write(place, held, language, most) for place, held in groups.items())
    return joint.join(parts if len(parts) <= most else [*parts[:most], "…"])


def _spans(numbers: list[tuple[int, int]], most: int) -> str:
    """Numbers that follow each other as one span: 91, 99-103."""
    spans: list[tuple[int, int]] = []
    for first, last in sorted(set(numbers)):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    if len(spans) > most:
        spans = [(spans[0][0], spans[-1][1])]
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def _lines(page: str, held: list[tuple[str, ...]], language: str, most: int) -> str:
    listed = _spans([(int(first), int(last or first)) for first, last in held if first], most)
    if language == "ja":
        return f"{page}頁" + (f" {listed}行" if listed else "")
    return f"p. {page}" + (f": {listed}" if listed else "")


def _rectangle(page: str, held: list[tuple[str, ...]], language: str, most: int) -> str:
    left, top, right, bottom = zip(*(map(int, corners) for corners in held), strict=True)
    return either(language, f"{page}頁", f"p. {page}") + f" ({min(left)}, {min(top)}, {max(right)}, {max(bottom)})"


def _cells(tab: str, held: list[tuple[str, ...]], language: str, most: int) -> str:
    columns: dict[str, list[int]] = {}
    for column, row in held:
        columns.setdefault(column, []).append(int(row))
    listed = [f"{c}{rows[0]}" if len(rows) == 1 else f"{c}{min(rows)}:{c}{max(rows)}" for c, rows in columns.items()]
    return f"{tab}!" + ", ".join(listed if len(listed) <= most else [listed[0], "…", listed[-1]])


def _rows(file: str, held: list[tuple[str, ...]], language: str, most: int) -> str:
    listed = _spans([(int(row), int(row)) for (row,) in held], most)
    return either(language, f"{file} {listed}行", f"{file} row {listed}")


def finding_refs(data: Dataset) -> list[str]:
    """Per finding the place of the row it speaks of, as ``source_ref`` has it; "" where it speaks of many."""
    places = []
    for finding in data.rows("findings"):
        refs: list[str] = []
        if finding["table"] in SHEET_TABLES and (finding["key"] is not None or finding["table"] == "sheets"):
            key = re.findall(r"(\w+)=(.*?)(?:, (?=\w+=)|$)", finding["key"] or "")
            # what a finding misses is no column and stands nowhere
            rows = [
                row for row in data.rows(finding["table"])
                if all(row.get(name) is not None and _said(row[name]) == value for name, value in key)
            ]  # fmt: skip
            refs = [row["source_ref"] for row in rows if row["source_ref"] is not None]
        places.append("; ".join(dict.fromkeys("; ".join(refs).split("; "))) if refs else "")
    return places


def _said(value: object) -> str:
    return str(value)
