"""予算額・執行額: the grid of 当初予算(A) … 執行率, and with it the amounts of the budget lines below it.

Rows A to G and the rates by the fiscal years Y-3 … Y (Y = review year) and the request for Y+1. The numbers come in
runs whose place the text has lost; order, labels and the form's own sums (A+B+C+D+E = F, G/F, C of a year = -D of the
year before, 計(A) of the lines = A) put them back.
"""

from __future__ import annotations

from typing import NamedTuple

from toolkit.readers.text_layer import budget_columns as columns
from toolkit.readers.text_layer import budget_lines
from toolkit.readers.text_layer.budget_pieces import Item, Token, scan
from toolkit.readers.text_layer.budget_rules import grid_rules, line_rules
from toolkit.readers.text_layer.grid import Layout, Option, Place, Rule, Run, Solution, solve
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import is_nothing, parse_amount, parse_rate, precision

GRID, LINES = 0, 1
A, B, C, D, E, F, G, RATE, RATE_INITIAL = range(9)
COLUMNS = (
    "initial_jpy", "supplementary_jpy", "carried_in_jpy", "carried_out_jpy", "reserve_jpy", "total_jpy", "executed_jpy",
    "printed_rate", "printed_rate_initial",
)  # fmt: skip
_ROW = {name: row for row, name in enumerate(COLUMNS)}
_ROW |= {"total_formula": F, "rate_formula": RATE, "rate_initial_formula": RATE_INITIAL}
_YEARS = 5


def read(reading: Reading) -> None:
    """Fill ``budgets`` and ``budget_lines``."""
    items = scan(reading)
    if not any(item.kind == "label" for item in items):
        return
    names = budget_lines.find_names(items)
    layout = _layout(items, len(names.rows))
    step = max((10.0 ** -_decimals(token) for item in items for token in item.tokens if token.number), default=1.0)
    tokens, keys, ranks, runs = _runs(items, layout, names, step)
    rules = grid_rules(layout, step) + line_rules(layout, len(names.rows), step)
    solution = _solve(layout, runs, rules, ranks)
    cells = _cells(tokens, keys, solution, layout)
    _write(reading, items, cells)
    budget_lines.write(reading, names, cells)


def _solve(layout: Layout, runs: list[Run], rules: list[Rule], ranks: list[int]) -> Solution:
    """A narrow search first; where its best placement has flaws, wider ones that settle other parts first."""
    best: Solution | None = None
    for width, ranking in ((12, (0, 1, 2, 3, 4)), (32, (0, 3, 1, 2, 4)), (32, (0, 1, 1, 1, 1))):
        order = sorted(range(len(runs)), key=lambda index: (ranking[ranks[index]], index))
        found = solve(layout, runs, rules, order=order, width=width)
        if best is None or found.cost < best.cost:
            best = found
        if best.flaws <= 0:
            break
    return best


def _cells(tokens: list[list[Token]], keys: list[str], solution: Solution, layout: Layout) -> dict[tuple[int, int, int], tuple[Token, str]]:
    """What stands in each cell that a run was placed on, and how sure that is."""
    cells = {}
    for run, key, place in zip(tokens, keys, solution.places, strict=True):
        if place is None:
            continue
        if place.below:
            where = [(place.row, place.col), *((row, place.col) for row in place.below)]
        else:
            where = [(place.row, place.col + at) for at in range(place.width)]
        for token, (row, col) in zip(run, where, strict=True):
            for span in token.spans:
                span.take()
            settled = solution.is_settled(layout.cell(place.table, row, col))
            certainty = ("stated" if key else "solved") if settled else "unsettled"
            cells[place.table, row, col] = (token, certainty)
    return cells


def _decimals(token: Token) -> int:
    return len(token.printed.rstrip("%").partition(".")[2])


def _layout(items: list[Item], lines: int) -> Layout:
    second_rate = any(item.kind == "label" and item.key in ("printed_rate_initial", "rate_initial_formula") for item in items)
    closed = 9 if second_rate else 8
    return Layout.of(((closed, closed, closed, 6, 6), (lines + 1, lines + 1)))


def _runs(items: list[Item], layout: Layout, names: budget_lines.Names, step: float) -> tuple[list[list[Token]], list[str], list[int], list[Run]]:
    kept: list[list[Token]] = []
    keys: list[str] = []
    ranks: list[int] = []
    runs: list[Run] = []
    gap = 0
    rated = any(token.is_rate for item in items for token in item.tokens)
    number = 0
    while number < len(items):
        item = items[number]
        number += 1
        if item.kind != "run":
            continue
        count, options = _column(items, number - 1, layout, names, step)
        if options:
            tokens = [one.tokens[0] for one in items[number - 1 : number - 1 + count]]
            runs.append(Run(options, tuple(_value(t) for t in tokens), gap, skip=4.0 * len(tokens)))
            kept.append(tokens)
            keys.append("")
            ranks.append(2 if _lean(item) <= 1 else 1)
            gap = 0
            number += count - 1
            continue
        if not item.has_number and not item.key:
            gap += len(item.tokens)
            continue
        options = list(_options(item, _pointer(items, number - 1, names), layout, names, rated))
        if options:
            values = tuple(_value(t) for t in item.tokens)
            runs.append(Run(options, values, gap, skip=4.0 * len(values)))
            kept.append(item.tokens)
            keys.append(item.key)
            ranks.append(_rank(item, values))
            gap = 0
    return kept, keys, ranks, runs


def _rank(item: Item, values: tuple[float | None, ...]) -> int:
    """Labelled runs first, then the budget lines (their sum fixes A), long runs, the others; zeros alone last."""
    if item.key:
        return 0
    if _lean(item) > 1:
        return 1
    if not any(values):
        return 4
    return 2 if len(values) > 3 else 3


def _value(token: Token) -> float | None:
    return None if token.number is None else float(token.number)


def _lean(item: Item) -> float:
    return {"lines": 1.6, "budget": -1.6}.get(item.before, 0.0) + {"lines": 0.5, "budget": -0.5}.get(item.after, 0.0)


def _column(items: list[Item], start: int, layout: Layout, names: budget_lines.Names, step: float) -> tuple[int, list[Option]]:
    """How many single cells from ``items[start]`` on make a whole column, and where it can stand."""
    lean = _lean(items[start])
    if lean > 0.8 and columns.find_lines(items, start, names.total, step):
        below = tuple(range(1, names.total + 1))
        return names.total + 1, [Option(Place(LINES, 0, col, 1, below), 0.0) for col in range(2)]
    strip = columns.find(items, start, step) if lean < 1.6 else None
    if strip is None:
        return 0, []
    options = []
    for rows, blanks in strip.rows:
        for col in range(_YEARS):
            if rows[-1] >= layout.tables[GRID][col] or col == 4 and not strip.is_request:
                continue
            unlike = 0.0 if col == 4 else 0.35 * blanks + (0.5 if col < 3 and rows[-1] == F else 0.0)
            options.append(Option(Place(GRID, rows[0], col, 1, rows[1:]), unlike + max(lean, 0.0)))
    return strip.count, options


def _options(item: Item, pointer: _Pointer, layout: Layout, names: budget_lines.Names, rated: bool):
    width = len(item.tokens)
    lean = _lean(item)
    grid_row = _ROW.get(item.key, F if item.key == "sum" else None)
    line_row = names.row_of(item) if item.key == "name" else names.total if item.key in ("lines_total", "sum") else None
    if grid_row is not None or not item.key:
        for row in range(9) if grid_row is None else (grid_row,):
            for col in range(_YEARS - width + 1):
                cost = _grid_cost(item.tokens, row, col, layout, rated)
                if cost is None:
                    continue
                if grid_row is not None:
                    cost += 1.5 * col
                elif pointer.table == GRID and row == pointer.row:
                    cost -= pointer.weight * (1.0 if col == pointer.col else 0.7)
                yield Option(Place(GRID, row, col, width), cost + max(lean, 0.0), 2.5 if row in (A, F) else 0.0)
    if line_row is not None or not item.key:
        for row in range(names.total + 1) if line_row is None else (line_row,):
            for col in range(2 - width + 1):
                cost = _line_cost(item.tokens)
                if cost is None:
                    continue
                if line_row is not None:
                    cost += 1.0 * col
                elif row == names.total:
                    cost += 0.8
                if pointer.table == LINES and (row, col) == (pointer.row, pointer.col):
                    cost -= pointer.weight
                yield Option(Place(LINES, row, col, width), cost + max(-lean, 0.0), 2.5 if row == names.total else 0.0)


class _Pointer(NamedTuple):
    """The cell that the label printed before a run points to, and how much that counts."""

    table: int = -1
    row: int = 0
    col: int = 0
    weight: float = 0.0


def _pointer(items: list[Item], index: int, names: budget_lines.Names) -> _Pointer:
    """A row's label or name just before the run, with nothing but single dashes between: its first free cell.

    Labels that were printed in a stack, one after the other, say little about what follows the last of them.
    """
    at = index - 1
    dashes = 0
    while at >= 0 and items[at].kind == "run" and not items[at].has_number and not items[at].key:
        dashes += len(items[at].tokens)
        at -= 1
    if at < 0 or items[at].kind not in ("label", "word"):
        return _Pointer()
    label = items[at]
    row = _row_of(label, names)
    if row is None:
        return _Pointer()
    at -= 1
    while at >= 0 and items[at].kind != "run" and _row_of(items[at], names) in (None, row):
        at -= 1
    stacked = at >= 0 and items[at].kind != "run"
    return _Pointer(*row, dashes, 0.2 if stacked else 0.7)


def _row_of(item: Item, names: budget_lines.Names) -> tuple[int, int] | None:
    """Table and row that a label or a budget line's name heads."""
    if item.kind == "word":
        row = names.row_of(item)
        return None if row is None else (LINES, row)
    if item.kind == "label":
        if item.key == "lines_total":
            return LINES, names.total
        return (GRID, _ROW[item.key]) if item.key in _ROW else None
    return None


def _grid_cost(tokens: list[Token], row: int, col: int, layout: Layout, rated: bool) -> float | None:
    cost = 0.0
    for at, token in enumerate(tokens, start=col):
        if row >= layout.tables[GRID][at]:
            if token.number is not None or row >= layout.tables[GRID][0]:
                return None
            continue
        if token.number is None:
            cost += 0.1 if row in (A, F) else 0.0
            continue
        if token.is_rate:
            if row < RATE:
                return None
            continue
        if row >= RATE:
            if rated:
                return None
            cost += 0.8
        if at == 4 and row not in (A, F):
            return None
        if token.number < 0:
            if row in (A, F, G, C):
                return None
            cost += 0.0 if row == D else 1.0
        elif token.number > 0:
            cost += {B: 0.6, C: 0.5, D: 2.0, E: 1.0, F: 0.4}.get(row, 0.0)
        else:
            cost += {A: 0.3, F: 0.2, G: 0.3}.get(row, 0.0)
    return cost


def _line_cost(tokens: list[Token]) -> float | None:
    cost = 0.0
    for token in tokens:
        if token.is_rate:
            return None
        if token.number is not None and token.number < 0:
            cost += 1.5
    return cost


def _write(reading: Reading, items: list[Item], cells: dict[tuple[int, int, int], tuple[Token, str]]) -> None:
    year0 = reading.review_year - 3
    for (table, row, col), (token, certainty) in cells.items():
        if table != GRID or token.number is None:
            continue
        name = COLUMNS[row]
        if row >= RATE:
            values = {name: parse_rate(token.printed)}
        else:
            amount = parse_amount(token.printed)
            if row == D:
                amount = abs(amount)
            if col == 4:
                name = "requested_jpy"
            values = {name: amount, "precision_jpy": precision(token.printed)}
        reading.draft.put("budgets", (year0 + col, None), ref=token.spans[0].ref, certainty=certainty, **values)
    for item in items:
        if item.kind == "year" or item.kind == "label" and item.key == "sum":
            for span in item.spans:
                span.label()
