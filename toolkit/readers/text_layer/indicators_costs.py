"""単位当たりコスト of the forms to 2022: a value and the formula it comes from, for three years and the year of the review."""

from __future__ import annotations

import re
from typing import Any

from toolkit.readers.text_layer.document import Span
from toolkit.readers.text_layer.indicators_grid import Grid, Token, solve
from toolkit.readers.text_layer.indicators_scan import Item
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import fold, parse_number, tidy

__all__ = ["put_unit_costs"]

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)(?:兆|億|百万|千|万)?[^\d/.,()]{0,4}"
_FORMULA = re.compile(rf"\(?{_NUMBER}\)?[/÷]\(?{_NUMBER}\)?")
_TORN = re.compile(r"\d[\d,.]*\D{0,4}/[\d,.]*")
_UNIT = re.compile(r"(?:兆|億|百万|千|万)?円(?:/[^\d/]{0,6})?|[^\d/]{0,5}/[^\d/]{0,5}|%")


def put_unit_costs(reading: Reading, items: list[Item], body: Body) -> list[dict[str, Any]]:
    """The rows of one table; the caller adds its basis."""
    cells, unit = _cells(items, body)
    tokens = [Token(number, spans[0].line.number, row) for spans, number, row in cells]
    grid = Grid(2, ("year", "year", "year", "plan0"))
    filled = solve(grid, tokens, (0, 1))
    columns: dict[int, dict[str, Any]] = {}
    for (spans, number, row), token, cell in zip(cells, tokens, filled.cells, strict=True):
        for span in spans:
            span.take()
        if cell is None or number is None:
            continue
        column = columns.setdefault(cell[1], {"ref": token_ref(spans), "certainty": "stated"})
        if cell in filled.unsettled:
            column["certainty"] = "unsettled"
        if row == 1:
            column["formula_text"] = "".join(span.text.strip() for span in spans)
        else:
            column["value"] = number
    return [
        reading.draft.add("unit_costs", fiscal_year=reading.review_year - 3 + col, unit=tidy(unit), **column)
        for col, column in sorted(columns.items())
    ]


def token_ref(spans: list[Span]) -> str:
    return spans[0].ref


def _cells(items: list[Item], body: Body) -> tuple[list[tuple[list[Span], float | None, int]], str]:
    """The printed cells in order: values in row 0, formulas (with what they give) in row 1, dashes in either (-1)."""
    cells: list[tuple[list[Span], float | None, int]] = []
    unit = ""
    for run in body.runs:
        if run.unit is not None:
            unit = unit or run.unit.text.strip()
            run.unit.take()
        cells += [([value.span], value.number, 0 if value.number is not None else -1) for value in run.values]
    end = next((i for i in range(body.start + 1, len(items)) if _ends(items[i])), len(items))
    torn: list[Span] = []
    for item in items[body.start : end]:
        for span in item.piece.spans if item.piece is not None and item.piece.is_open else []:
            for token in (one for one in span.line.tokens if span.start <= one.start < span.end):
                folded = fold(token.text)
                joined = "".join(fold(one.text) for one in torn) + folded
                if torn and _FORMULA.fullmatch(joined) and torn[-1].line.box == token.line.box:
                    cells[-1] = ([*torn, token], _quotient(joined), 1)
                    torn = []
                elif _FORMULA.fullmatch(folded):
                    cells.append(([token], _quotient(folded), 1))
                    torn = [token] if _TORN.fullmatch(folded) else []
                elif _UNIT.fullmatch(folded):
                    unit = unit or token.text.strip()
                    token.take()
    return sorted(cells, key=lambda cell: (cell[0][0].line.number, cell[0][0].start)), unit


def _ends(item: Item) -> bool:
    return item.hit is not None and item.hit.key in ("unit_cost_basis", "policy_indicator", "policy_side", "policy_measure", "reform_kpi", "check_item")


def _quotient(folded: str) -> float | None:
    found = _FORMULA.fullmatch(folded)
    over, under = (parse_number(group) for group in found.groups()) if found else (None, None)
    return float(over / under) if over is not None and under else None
