"""単位当たりコスト of the forms to 2022: a value and the formula it comes from, for three years and the year of the review."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from toolkit.readers.text_layer.document import Span
from toolkit.readers.text_layer.indicators_grid import solve
from toolkit.readers.text_layer.indicators_prices import Grid, Token
from toolkit.readers.text_layer.indicators_scan import Item
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import fold, parse_number, tidy

__all__ = ["formulas_of", "put_unit_costs"]

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)(?:兆|億|百万|千|万)?[^\d/.,()]{0,4}"
_FORMULA = re.compile(rf"\(?{_NUMBER}\)?[/÷]\(?{_NUMBER}\)?")
_REST = re.compile(r"[\d,]{1,4}")
_UNIT = re.compile(r"(?:兆|億|百万|千|万)?円(?:/[^\d/]{0,6})?|[^\d/額費]{0,3}/[^\d/]{0,3}|%")

#: values and formulas of three years and the year of the review
_GRID = Grid(2, ("year", "year", "year", "plan0"))


@dataclass(eq=False, slots=True)
class _Cell:
    """One printed cell: row 0 holds the values, row 1 the formulas; -1 for a dash, which may stand in either."""

    spans: list[Span]
    number: float | None
    row: int

    @property
    def text(self) -> str:
        return "".join(span.text.strip() for span in self.spans)


def formulas_of(items: list[Item]) -> list[float]:
    """What the formulas among the texts give."""
    spans = [span for item in items if item.piece is not None for span in item.piece.spans]
    tokens = [fold(one.text) for span in spans for one in span.line.tokens if span.start <= one.start < span.end]
    return [quotient for token in tokens if _FORMULA.fullmatch(token) and (quotient := _quotient(token))]


def put_unit_costs(reading: Reading, items: list[Item], body: Body) -> list[dict[str, Any]]:
    """The rows of one table; the caller adds its basis."""
    cells, rests, unit = _cells(items, body)
    values = [cell.number for cell in cells if cell.row == 0 and cell.number]
    for rest in rests:
        _mend(rest, cells, values)
    tokens = [Token(cell.number, cell.spans[0].line.number, cell.row) for cell in cells]
    filled = solve(_GRID, tokens, (0, 1))
    columns: dict[int, dict[str, Any]] = {}
    for cell, place in zip(cells, filled.cells, strict=True):
        for span in cell.spans:
            span.take()
        if place is not None and cell.number is not None:
            column = columns.setdefault(place[1], {"ref": cell.spans[0].ref, "certainty": "stated"})
            column["formula_text" if cell.row else "value"] = cell.text if cell.row else cell.number
            if place in filled.unsettled:
                column["certainty"] = "unsettled"
    _swap_formulas(columns)
    year = reading.review_year - 3
    return [
        reading.draft.add("unit_costs", fiscal_year=year + col, unit=tidy(unit), **column)
        for col, column in sorted(columns.items())
    ]


def _cells(items: list[Item], body: Body) -> tuple[list[_Cell], list[Span], str]:
    """The printed cells in order, numbers that may be torn from a formula, and the unit."""
    cells: list[_Cell] = []
    rests: list[Span] = []
    unit = ""
    for run in body.runs:
        if run.unit is not None:
            unit = unit or run.unit.text.strip()
            run.unit.take()
        cells += [_Cell([value.span], value.number, 0 if value.number is not None else -1) for value in run.values]
    end = next((i for i in range(body.start + 1, len(items)) if _ends(items[i])), len(items))
    first = next((i for i, item in enumerate(items) if body.runs and item.run is body.runs[0]), body.start)
    for item in items[min(first, body.start) : end]:
        for span in item.piece.spans if item.piece is not None and item.piece.is_open else []:
            for token in (one for one in span.line.tokens if span.start <= one.start < span.end):
                folded = fold(token.text)
                if _FORMULA.fullmatch(folded):
                    cells.append(_Cell([token], _quotient(folded), 1))
                elif _REST.fullmatch(folded):
                    rests.append(token)
                elif _UNIT.fullmatch(folded):
                    unit = unit or token.text.strip()
                    token.take()
    boxes = {cell.spans[0].line.box for cell in cells if cell.row == 1}
    alone = [cell for cell in cells if cell.row == 0 and _REST.fullmatch(cell.text) and cell.spans[0].line.box in boxes]
    rests += [cell.spans[0] for cell in alone]
    cells = [cell for cell in cells if cell not in alone]
    return sorted(cells, key=lambda cell: (cell.spans[0].line.number, cell.spans[0].start)), rests, unit


def _ends(item: Item) -> bool:
    return item.hit is not None and item.hit.key in (
        "unit_cost_basis",
        "policy_indicator",
        "policy_side",
        "policy_measure",
        "reform_kpi",
        "check_item",
    )


def _quotient(folded: str) -> float | None:
    found = _FORMULA.fullmatch(folded)
    over, under = (parse_number(group) for group in found.groups()) if found else (None, None)
    return float(over / under) if over is not None and under else None


def _agree(value: object, quotient: object) -> bool:
    """Whether a formula gives a value, whatever power of ten lies between their units."""
    if not isinstance(value, float) or not isinstance(quotient, float) or value <= 0 or quotient <= 0:
        return False
    power = math.log10(value / quotient)
    return abs(power - round(power)) < 0.02


def _mend(rest: Span, cells: list[_Cell], values: list[float]) -> None:
    """Give the last digits of a wrapped formula back to the one that then agrees with a value."""
    for cell in cells:
        follows = cell.spans[-1].line.number == rest.line.number - 1
        if (
            cell.row == 1
            and cell.spans[0].line.box == rest.line.box
            and (follows or not any(_agree(value, cell.number) for value in values))
        ):
            whole = _quotient(fold(cell.text) + fold(rest.text))
            if any(_agree(value, whole) for value in values):
                cell.spans.append(rest)
                cell.number = whole
                return


def _swap_formulas(columns: dict[int, dict[str, Any]]) -> None:
    """Formulas go to the values they give, where the printed order says otherwise."""
    formulas = [column.pop("formula_text") for column in columns.values() if "formula_text" in column]
    rest = list(formulas)
    for column in columns.values():
        own = next((text for text in rest if _agree(column.get("value"), _quotient(fold(text)))), None)
        if own is not None:
            column["formula_text"] = own
            rest.remove(own)
    for _, column in sorted(columns.items()):
        if "formula_text" not in column and rest:
            column["formula_text"] = rest.pop(0)
            column["certainty"] = "unsettled"
