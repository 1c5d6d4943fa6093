"""Where each run of numbers of the budget part may stand, and what speaks for and against each place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from toolkit.readers.text_layer.budget_lines import Names
from toolkit.readers.text_layer.budget_pieces import Item, Token
from toolkit.readers.text_layer.grid import Layout, Option, Place, Run

__all__ = ["GRID", "LINES", "Board", "Piece", "find_pieces"]

GRID, LINES = 0, 1
_A, _B, _C, _D, _E, _F, _G, _RATE, _RATE_INITIAL = range(9)
_YEARS, _RUNNING, _REQUEST = 5, 3, 4

#: rows of the grid by the key of their label
_ROWS = {
    "initial_jpy": _A, "supplementary_jpy": _B, "carried_in_jpy": _C, "carried_out_jpy": _D, "reserve_jpy": _E,
    "total_jpy": _F, "total_formula": _F, "executed_jpy": _G, "printed_rate": _RATE, "rate_formula": _RATE,
    "printed_rate_initial": _RATE_INITIAL, "rate_initial_formula": _RATE_INITIAL,
}  # fmt: skip

#: what a number without a label costs in a row: what is rarely printed there is dear
_POSITIVE = {_A: 0.0, _B: 0.6, _C: 0.5, _D: 2.0, _E: 1.0, _F: 0.4, _G: 0.0}
_ZERO = {_A: 0.3, _F: 0.2, _G: 0.3}

#: a year that is not over knows nothing of what it will carry out
_OPEN_D = 1.5

#: what no cell costs
_NOWHERE = math.inf

#: how much the labels around a run say of the table it stands in: tables printed side by side mix
_DOUBT = 0.4


@dataclass
class Board:
    """The budget part of one sheet."""

    items: list[Item]
    names: Names
    layout: Layout
    step: float

    @cached_property
    def totals(self) -> set[float]:
        """Numbers that may be the sum of the budget lines: those printed among them."""
        runs = [item for item in self.items if item.kind == "run" and (_lean(item) > 0.8 or item.key == "lines_total")]
        return {token.value for item in runs for token in item.tokens if token.number and not token.is_rate}

    @cached_property
    def shared(self) -> set[float]:
        """Numbers printed among the budget lines and in the grid as well: A, the total of the lines."""
        runs = [item for item in self.items if item.kind == "run" and _lean(item) <= 0.8]
        return self.totals & {token.value for item in runs for token in item.tokens if token.number}


@dataclass(slots=True)
class Piece:
    """What is placed as one. ``key`` is the label on its own line; a low ``rank`` is placed early."""

    tokens: list[Token]
    key: str
    rank: int
    run: Run


class _Pointer(NamedTuple):
    """The cell that the label printed before a run points to (-1 = any), and how much that counts."""

    table: int = -1
    row: int = -1
    col: int = -1
    weight: float = 0.0


def find_pieces(board: Board) -> list[Piece]:
    """The runs of numbers, each with its possible places; dashes that stand alone only count as gaps."""
    pieces: list[Piece] = []
    gap = at = 0
    is_loose = False
    has_rates = any(token.is_rate for item in board.items for token in item.tokens)
    while at < len(board.items):
        item = board.items[at]
        at += 1
        if item.kind != "run":
            is_loose = False
            continue
        count, options = _column(board, at - 1, is_loose=is_loose)
        is_loose = not options and item.key in ("", "name") and item.has_number and len(item.tokens) == 1
        if options:
            tokens = [one.tokens[0] for one in board.items[at - 1 : at - 1 + count]]
            at += count - 1
        elif item.has_number or item.key:
            tokens, options = item.tokens, list(_options(board, at - 1, has_rates))
        if not options:
            if not item.key and not item.has_number:
                gap += len(item.tokens)
            continue
        values = tuple(None if token.number is None else token.value for token in tokens)
        run = Run(options, values, gap, skip=4.0 * len(values))
        pieces.append(Piece(tokens, item.key, _rank(board, item, values), run))
        gap = 0
    return pieces


def _rank(board: Board, item: Item, values: tuple[float | None, ...]) -> int:
    """Labelled runs first, then the budget lines (their total before the rest), long runs, the others; zeros last."""
    if item.key:
        return 0
    if _lean(item) > 1:
        return 1 if any(value in board.shared for value in values) else 2
    if not any(values):
        return 5
    return 3 if len(values) > 3 else 4


def _lean(item: Item) -> float:
    """Positive where the labels around a run are those of the budget lines, negative where they are the grid's."""
    return {"lines": 1.6, "budget": -1.6}.get(item.before, 0.0) + {"lines": 0.5, "budget": -0.5}.get(item.after, 0.0)


def _column(board: Board, start: int, *, is_loose: bool) -> tuple[int, list[Option]]:
    """How many single cells from ``start`` on are a column of the budget lines, perhaps with their sum, and its places.

    0 where their sum is neither printed below them nor among the numbers that may be one. With ``is_loose``, after a
    cell that is in no column, such a sum elsewhere would be chance: the column rather began there.
    """
    rows, lean = board.names.total, _lean(board.items[start])
    cells: list[Token] = []
    for item in board.items[start : start + rows + 1]:
        if item.kind != "run" or item.key or len(item.tokens) != 1 or item.tokens[0].is_rate:
            break
        cells.append(item.tokens[0])
    parts = [token.value for token in cells[:rows]]
    if lean <= 0.8 or rows < 2 or len(parts) < rows or min(parts) < 0 or sum(1 for part in parts if part) < 2:
        return 0, []
    if len(cells) > rows and cells[rows].number and _adds_up(parts, cells[rows].value, board.step):
        count = rows + 1
    elif rows > 2 and not is_loose and any(_adds_up(parts, total, board.step) for total in board.totals):
        count = rows
    else:
        return 0, []
    return count, [Option(Place(LINES, 0, col, 1, tuple(range(1, count))), 0.2 * (count - 1)) for col in range(2)]


def _adds_up(parts: list[float], total: float, step: float) -> bool:
    """True for a sum that is hardly chance: small numbers must come out exactly, large ones within their rounding."""
    return abs(sum(parts) - total) <= step * (0.01 if total < 100 * step else 1.01)


def _options(board: Board, index: int, has_rates: bool) -> Iterator[Option]:
    item = board.items[index]
    lean = _lean(item)
    pointer = _pointer(board, index)
    kinds = tuple([_kind(token) for token in item.tokens])
    names = board.names
    own_row = _ROWS.get(item.key, _F if item.key == "sum" else -1)
    if own_row >= 0 or not item.key:
        doubt = _DOUBT * max(lean, 0.0)
        found = _grid_options(kinds, board.layout.tables[GRID], has_rates, own_row)
        if own_row >= 0:
            yield from found
        elif pointer.table == GRID:
            yield from [Option(place, cost + (doubt - _pointed(pointer, place)), hope) for place, cost, hope in found]
        elif doubt:
            yield from [Option(place, cost + doubt, hope) for place, cost, hope in found]
        else:
            yield from found
    own_row = _line_row(item, names)
    if "rate" not in kinds and (own_row >= 0 or not item.key):
        doubt = _DOUBT * max(-lean, 0.0)
        # only in その他 forms print the negative remainder of rounding
        negative = 2.0 * sum([kind.startswith("negative") for kind in kinds])
        for place in _line_places(len(kinds), names.total + 1, own_row):
            cost = doubt - _pointed(pointer, place)
            cost += negative if negative and not names.is_rest(place.row) else 0.0
            cost += 1.0 * place.col if own_row >= 0 else 0.8 if place.row == names.total else 0.0
            yield Option(place, cost, 2.5 if place.row == names.total else 0.0)


def _line_row(item: Item, names: Names) -> int:
    """Row of the lines that the words on the run's own line name; -1 for none."""
    if item.key in ("lines_total", "sum"):
        return names.total
    if item.key == "name":
        row = names.row_of(item)
        return -1 if row is None else row
    return -1


def _pointed(pointer: _Pointer, place: Place) -> float:
    """How much the label before a run speaks for a place: fully for its very cell, less for the rest of its row."""
    if pointer.table != place.table or pointer.row not in (-1, place.row):
        return 0.0
    if pointer.row < 0:
        return pointer.weight if pointer.col == place.col else 0.0
    return pointer.weight * (1.0 if pointer.col == place.col else 0.7 if place.table == GRID else 0.0)


def _pointer(board: Board, index: int) -> _Pointer:
    """What stands before the run, with nothing but single dashes between: a row's label, a name or a year.

    Labels that were printed in a stack, one after the other, say little about what follows the last of them.
    """
    items = board.items
    at, dashes = index - 1, 0
    while at >= 0 and items[at].kind == "run" and not items[at].has_number and not items[at].key:
        dashes += len(items[at].tokens)
        at -= 1
    if at < 0 or items[at].kind == "run":
        return _Pointer()
    if items[at].kind == "year":
        alone = len(items[at].columns) == 1 and items[at].section == "budget" and items[at - 1].kind != "year"
        return _Pointer(GRID, -1, items[at].columns[0], 1.0) if alone else _Pointer()
    row = _row_of(items[at], board.names)
    if row is None:
        return _Pointer()
    at -= 1
    while at >= 0 and items[at].kind != "run" and _row_of(items[at], board.names) in (None, row):
        at -= 1
    stacked = at >= 0 and items[at].kind != "run"
    return _Pointer(*row, dashes, 0.2 if stacked else 0.7)


def _row_of(item: Item, names: Names) -> tuple[int, int] | None:
    """Table and row that a label or a budget line's name heads."""
    if item.kind == "word":
        row = names.row_of(item)
        return None if row is None else (LINES, row)
    if item.kind == "label":
        if item.key == "lines_total":
            return LINES, names.total
        return (GRID, _ROWS[item.key]) if item.key in _ROWS else None
    return None


def _kind(token: Token) -> str:
    """What matters of a cell for where it may stand."""
    if token.number is None:
        return "dash"
    if token.is_rate:
        return "rate"
    if token.is_negative:
        return "negative" if token.number else "negative zero"
    return "positive" if token.number else "zero"


@lru_cache(maxsize=512)
def _grid_options(kinds: tuple[str, ...], heights: tuple[int, ...], has_rates: bool, own_row: int) -> list[Option]:
    """Where cells may stand side by side in the grid (``own_row``: in that row, -1 for any), and what speaks against it."""
    found, width = [], len(kinds)
    for row in range(heights[0]) if own_row < 0 else (own_row,):
        cells = [_row_costs(kind, row, heights, has_rates)[at:] for at, kind in enumerate(kinds)]
        for col, costs in enumerate(zip(*cells, strict=False)):
            if _NOWHERE not in costs:
                cost = sum(costs) + (1.5 * col if own_row >= 0 else 0.0)
                found.append(Option(Place(GRID, row, col, width), cost, 2.5 if row in (_A, _F) else 0.0))
    return found


@lru_cache(maxsize=512)
def _row_costs(kind: str, row: int, heights: tuple[int, ...], has_rates: bool) -> list[float]:
    """What speaks against each cell of a row."""
    return [_grid_cost(kind, row, col, heights, has_rates) for col in range(_YEARS)]


@lru_cache(maxsize=512)
def _line_places(width: int, rows: int, own_row: int) -> list[Place]:
    return [
        Place(LINES, row, col, width)
        for row in (range(rows) if own_row < 0 else (own_row,))
        for col in range(2 - width + 1)
    ]


def _grid_cost(kind: str, row: int, col: int, heights: tuple[int, ...], has_rates: bool) -> float:
    """What speaks against a cell; ``_NOWHERE`` if it cannot stand there."""
    if kind == "dash":
        return 0.1 if row in (_A, _F) else 0.0
    is_rate, negative = kind == "rate", kind.startswith("negative")
    if row >= heights[col] or (is_rate != (row >= _RATE) and (is_rate or has_rates)):
        return _NOWHERE
    if row >= _RATE:
        return 0.0 if is_rate else 0.8
    if (col == _REQUEST and row not in (_A, _F)) or (negative and row in (_A, _C, _F, _G)):
        return _NOWHERE
    if negative:
        return _OPEN_D * (col == _RUNNING) if row == _D else 1.0 if kind == "negative" else 2.5
    return _POSITIVE[row] if kind == "positive" else _ZERO.get(row, 0.0)
