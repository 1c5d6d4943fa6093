"""Whole columns of the budget grid, recognized by their own arithmetic where their cells were printed one by one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from toolkit.readers.text_layer.budget_pieces import Item, Token
from toolkit.readers.text_layer.budget_rules import is_rate

__all__ = ["Strip", "find", "find_lines"]

_A, _B, _C, _D, _E, _F, _G, _RATE, _RATE_INITIAL = range(9)


@dataclass(slots=True)
class Strip:
    """``count`` runs of one cell each that go down one column; ``rows`` the ways they may lie, each with its blanks."""

    count: int
    rows: list[tuple[tuple[int, ...], int]]


def find(items: list[Item], start: int, step: float) -> Strip | None:
    """The column that begins at ``items[start]``: A, what changes it, F as their sum, then G and the rates.

    Only what can hardly be chance counts: F is the sum of several numbers, or G and a rate that agree with F follow it.
    """
    cells = _single_cells(items, start)
    if len(cells) < 3 or cells[0].number is None or cells[0].is_rate or cells[0].number < 0:
        return None
    for between in (4, 3, 2, 1):
        at = between + 1
        if at >= len(cells) or any(token.is_rate for token in cells[: at + 1]) or not cells[at].number:
            continue
        total = cells[at].value
        parts = [token.value for token in cells[:at] if token.number]
        if len(parts) < 2 or total <= 0 or not _adds_up(parts, total, step):
            continue
        below = _below(cells, at, step)
        rows = [((*way, _F, *below), 5 - at + (way[0] != _A)) for way in _ways(cells[:at])]
        if rows:
            return Strip(at + 1 + len(below), rows)
    foot = _below(cells, 0, step) if cells[0].number else ()
    return Strip(1 + len(foot), [((_F, *foot), 0)]) if foot else None


def find_lines(items: list[Item], start: int, rows: int, totals: set[float], step: float) -> int:
    """How many single cells from ``items[start]`` on are a column of the budget lines: amounts, perhaps their sum.

    0 where their sum is neither printed below them nor one of ``totals``.
    """
    cells = _single_cells(items, start, rows + 1)
    if rows < 2 or len(cells) < rows or any(token.is_rate for token in cells[:rows]):
        return 0
    parts = [token.value for token in cells[:rows]]
    if min(parts, default=0.0) < 0 or sum(1 for part in parts if part) < 2:
        return 0
    if len(cells) > rows and cells[rows].number and _adds_up(parts, cells[rows].value, step):
        return rows + 1
    return rows if rows > 2 and any(_adds_up(parts, total, step) for total in totals) else 0


def _adds_up(parts: list[float], total: float, step: float) -> bool:
    """True for a sum that is hardly chance: small numbers must come out exactly, large ones within their rounding."""
    return abs(sum(parts) - total) <= step * (0.01 if total < 100 * step else 1.01)


def _single_cells(items: list[Item], start: int, limit: int = 10) -> list[Token]:
    cells = []
    for item in items[start : start + limit]:
        if item.kind != "run" or item.key or len(item.tokens) != 1:
            break
        cells.append(item.tokens[0])
    return cells


def _below(cells: list[Token], at: int, step: float) -> tuple[int, ...]:
    """Rows of G and the rates printed under F, as far as they agree."""
    after = cells[at + 1 : at + 4]
    if len(after) < 2 or after[0].number is None or after[0].is_rate or not after[1].is_rate:
        return ()
    total, executed, rate = cells[at].value, after[0].value, after[1].value
    if not is_rate(executed, total, rate, step):
        return ()
    whole = cells[0].value + cells[1].value
    if len(after) < 3 or not after[2].is_rate or after[2].number is None:
        return (_G, _RATE)
    if not at or (whole > 0 and is_rate(executed, whole, after[2].value, step)):
        return (_G, _RATE, _RATE_INITIAL)
    return (_G, _RATE)


def _ways(cells: list[Token]) -> list[tuple[int, ...]]:
    """Rows A to E that the cells above F may stand in: a positive number is not D, a negative one not A or C."""
    return [
        rows
        for rows in combinations((_A, _B, _C, _D, _E), len(cells))
        if all(
            not token.number or (row != _D if token.number > 0 else row not in (_A, _C))
            for row, token in zip(rows, cells, strict=True)
        )
    ]
