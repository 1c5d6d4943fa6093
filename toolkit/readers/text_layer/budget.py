"""予算額・執行額: the grid of 当初予算(A) … 執行率, and with it the amounts of the budget lines below it.

Rows A to G and the rates by the fiscal years Y-3 … Y (Y = review year) and the request for Y+1. The numbers come in
runs whose place the text has lost; order, labels and the form's own sums (A+B+C+D+E = F, G/F, C of a year = -D of the
year before, 計(A) of the lines = A) put them back.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from itertools import combinations, pairwise, permutations

from toolkit.readers.text_layer import budget_lines
from toolkit.readers.text_layer.budget_lines import Cells
from toolkit.readers.text_layer.budget_pieces import Item, Token, scan
from toolkit.readers.text_layer.budget_places import GRID, LINES, Board, Piece, find_pieces
from toolkit.readers.text_layer.budget_rules import rules_of, unproven
from toolkit.readers.text_layer.budget_years import Years
from toolkit.readers.text_layer.grid import Layout, Solution
from toolkit.readers.text_layer.grid_search import Search, State
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import parse_amount, parse_rate, precision

COLUMNS = (
    "initial_jpy", "supplementary_jpy", "carried_in_jpy", "carried_out_jpy", "reserve_jpy", "total_jpy", "executed_jpy",
    "printed_rate", "printed_rate_initial",
)  # fmt: skip
_C, _D, _RATE = 2, 3, 7
_RUNNING, _REQUEST = 3, 4
_OWN = {"budget", "lines", "request"}

#: numbers with more sums than this hardly have the same sum by chance
_SUMS = 2000

#: placements kept while what stands beside a label is placed
_LABELLED = 4

#: placements kept while years are filled and while the rest is placed: more where something is left
_WIDTHS = ((4, 4), (16, 16), (48, 8))

#: a solution that few placements led to is good enough where its steps cost less than this on the average
_EVEN = 0.6

#: and it will not become so where they cost as much as this before it is mended
_UNEVEN = 0.8

#: ranks of the pieces printed among the lines, which are placed anew where they do not add up to anything
_AMONG_LINES = (1, 2)

#: with so many flaws there is no solution, and amounts of the budget lines that look alike change places
_SPOILED = 6.0

#: the grid is a guess where so many of its amounts are not settled; one that holds little more than A, F and G of each
#: year (so many amounts) leaves little to confuse
_GUESSED, _PLAIN = 0.75, 12


def read(reading: Reading) -> None:
    """Fill ``budgets`` and ``budget_lines``."""
    items = scan(reading)
    if not items:
        return
    names = budget_lines.find_names(items)
    board = Board(items, names, _layout(items, names.total), _step(items))
    pieces, solution, roughness = _solve(board)
    cells = _cells(pieces, solution, board)
    if roughness >= _EVEN:
        _leave_guesses(cells)
    if solution.flaws >= _SPOILED:
        cells = {place: cell for place, cell in cells.items() if place[0] != LINES or cell[1] != "unsettled"}
    for token, _ in cells.values():
        for span in token.spans:
            span.take()
    _write(reading, cells)
    budget_lines.write(reading, names, cells)
    budget_lines.write_note(reading, items, cells)
    _book(items)


def _layout(items: list[Item], lines: int) -> Layout:
    """The grid (closed years have executed amounts and rates) and the table of the lines with their total."""
    keys = {item.key for item in items if item.kind == "label"}
    closed = 9 if keys & {"printed_rate_initial", "rate_initial_formula"} else 8
    return Layout.of(((closed, closed, closed, 6, 6), (lines + 1, lines + 1)))


def _step(items: list[Item]) -> float:
    """One in the last place that most numbers are printed to (a cell may leave out a final zero)."""
    numbers = [token.printed for item in items for token in item.tokens if token.number and not token.is_rate]
    decimals = sorted(len(printed.partition(".")[2]) for printed in numbers)
    return 10.0 ** -decimals[len(decimals) * 3 // 5] if decimals else 1.0


def _solve(board: Board) -> tuple[list[Piece], Solution, float]:
    """What stands beside a label first, then whole years by their sums, then the rest."""
    pieces = find_pieces(board)
    rules = rules_of(board.layout, board.names.total, board.step)
    search = Search(board.layout, [piece.run for piece in pieces], rules)
    order = sorted(range(len(pieces)), key=lambda index: (pieces[index].rank, index))
    labelled = [index for index in order if not pieces[index].rank]
    known = search.grow([search.start], labelled, width=_LABELLED)
    rates = [[token.is_rate for token in piece.tokens] for piece in pieces]
    best: Solution | None = None
    years = Years(search, rates, board.step)
    for width, finish in _WIDTHS:
        seeds = years.fill(known, width)
        is_first = width == _WIDTHS[0][0]
        found = search.finish(seeds[: width // 2], order, width=finish, uneven=_UNEVEN if is_first else math.inf)
        if is_first and search.roughness(found) >= _UNEVEN:
            continue
        mended = search.improve(search.settle(found) if found.flaws > 0 else found)
        best = mended if best is None or mended.cost < best.cost else best
        # what was found among few may not be the best of its kind
        if best.flaws <= 0 and (not is_first or search.roughness(best) < _EVEN):
            break
    assert best is not None
    if _unproven(board, best):
        among = {index for index in order if pieces[index].rank in _AMONG_LINES}
        rest = tuple([-1 if index in among else option for index, option in enumerate(best.chosen)])
        state = State(0.0, search.taken(rest), search.filled(rest), rest, 0)
        again = search.finish([state], [index for index in order if index in among])
        best = again if again.cost < best.cost else best
    settled = search.settle(best)
    return pieces, settled, search.roughness(settled)


def _unproven(board: Board, solution: Solution) -> set[int]:
    return unproven(board.layout, board.names.total, board.step, solution.values)


def _cells(pieces: list[Piece], solution: Solution, board: Board) -> Cells:
    """What stands in each cell that a run was placed on, and how sure that is."""
    cells: Cells = {}
    layout, firm = board.layout, solution.settled()
    swapped, order = _exchangeable(pieces, solution, board.step)
    by_chance = _adds_up_otherwise(pieces, solution, layout.tables[LINES][0] - 1)
    open_columns = _unproven(board, solution)
    for piece, place in zip(pieces, solution.places, strict=True):
        if place is None:
            continue
        for token, (row, col) in zip(piece.tokens, place.cells, strict=True):
            settled = layout.cell(place.table, row, col) in firm and id(piece) not in by_chance
            settled = settled and not (place.table == GRID and col in swapped)
            settled = settled and not (place.table == LINES and col in open_columns and not piece.key)
            certainty = ("stated" if piece.key else "solved") if settled else "unsettled"
            cells[place.table, row, order.get(col, col) if place.table == GRID else col] = (token, certainty)
    return cells


def _exchangeable(pieces: list[Piece], solution: Solution, step: float) -> tuple[set[int], dict[int, int]]:
    """Closed years that nothing tells apart (no line holds different numbers of both): printed out of order, where no
    amount was carried over, or such that what was carried goes on from year to year only if they change places.
    And the places that they change to, where they are out of order as read."""
    first: dict[int, int] = {}
    beside: set[tuple[int, int]] = set()
    carried: dict[tuple[int, int], float] = {}
    for at, (piece, place) in enumerate(zip(pieces, solution.places, strict=True)):
        if place is None or place.table != GRID:
            continue
        cells = [(cell, token.number) for token, cell in zip(piece.tokens, place.cells, strict=True) if token.number]
        for (_, col), _ in cells:
            first.setdefault(col, at)
        carried |= {cell: float(abs(number)) for cell, number in cells if cell[0] in (_C, _D)}
        beside |= {(a, b) for ((_, a), one), ((_, b), other) in combinations(cells, 2) if one != other}
    linked = {col for _, col in carried}
    orders = _better_linked(carried, step)
    torn = {col for order in orders for place, col in enumerate(order) if place != col}
    pairs = combinations(sorted(col for col in first if col < _RUNNING), 2)
    swapped: set[int] = set()
    is_disordered = False
    for a, b in pairs:
        if (a, b) in beside:
            continue
        if {a, b} <= torn or (first[a] > first[b] and not {a, b} & linked):
            swapped |= {a, b}
            is_disordered |= first[a] > first[b]
    is_told = len(orders) == 1 and torn <= swapped and is_disordered
    return swapped, {col: place for place, col in enumerate(orders[0])} if is_told else {}


def _better_linked(carried: Mapping[tuple[int, int], float], step: float) -> list[tuple[int, ...]]:
    """The orders of the closed years in which most of what was carried out comes in a year later; none if that is as read."""

    def breaks(order: tuple[int, ...]) -> int:
        pairs = pairwise((*order, _RUNNING))
        return sum(abs(carried.get((_D, a), 0.0) - carried.get((_C, b), 0.0)) > 1.01 * step for a, b in pairs)

    orders = {order: breaks(order) for order in permutations(range(_RUNNING))}
    read, best = orders[tuple(range(_RUNNING))], min(orders.values())
    return [order for order, count in orders.items() if count == best < read]


def _leave_guesses(cells: Cells) -> None:
    """Take out what is not settled of a grid of which hardly anything is: printed in poor order, most of it is wrong.

    What is left is not sure either.
    """
    amounts = {
        place: certainty
        for place, (token, certainty) in cells.items()
        if place[0] == GRID and place[1] < _RATE and token.number is not None
    }
    open_ = {place for place, certainty in amounts.items() if certainty == "unsettled"}
    if len(amounts) > _PLAIN and len(open_) >= _GUESSED * len(amounts):
        for place in open_:
            del cells[place]
        for place in amounts.keys() - open_:
            cells[place] = (cells[place][0], "unsettled")


def _adds_up_otherwise(pieces: list[Piece], solution: Solution, total: int) -> set[int]:
    """The single numbers of the budget lines, where others of them would give the same totals: small ones often do."""
    single = [
        (piece, place.col) for piece, place in zip(pieces, solution.places, strict=True)
        if place and (place.table, len(piece.tokens)) == (LINES, 1) and place.row < total and not piece.key
    ]  # fmt: skip
    sums = Counter({0: 1})
    numbers = Counter(round(10 * piece.tokens[0].value) for piece, _ in single if any(piece.run.values))
    for number, times in numbers.items():
        ways = [Counter({one + n * number: count for one, count in sums.items()}) for n in range(times + 1)]
        sums = sum(ways, Counter())
        if len(sums) > _SUMS:
            return set()
    goal = sum(round(10 * piece.tokens[0].value) for piece, col in single if not col)
    return {id(piece) for piece, _ in single} if sums[goal] > 1 else set()


def _write(reading: Reading, cells: Cells) -> None:
    first = reading.review_year - 3
    for (table, row, col), (token, certainty) in cells.items():
        if table != GRID or token.number is None:
            continue
        values: dict[str, float | int | None]
        if row >= _RATE:
            values = {COLUMNS[row]: parse_rate(token.printed)}
        else:
            amount = parse_amount(token.printed)
            if row == _D and amount is not None:
                amount = abs(amount)
            name = "requested_jpy" if col == _REQUEST else COLUMNS[row]
            values = {name: amount, "precision_jpy": _finest(reading, first + col, token)}
        reading.draft.put("budgets", (first + col, None), ref=token.spans[0].ref, certainty=certainty, **values)


def _finest(reading: Reading, year: int, token: Token) -> int | None:
    """How finely the year is printed: a cell may leave out a final zero, so the finest of its numbers counts."""
    known = (reading.draft.get("budgets", year, None) or {}).get("precision_jpy")
    own = precision(token.printed)
    return own if known is None else known if own is None else min(known, own)


def _book(items: list[Item]) -> None:
    """Mark what was understood without holding a value: year headings, 計, and the dashes of empty cells."""
    for number, item in enumerate(items):
        near = {item.before, item.after}
        if item.kind == "year":
            around = items[max(0, number - 1) : number] + items[number + 1 : number + 2]
            named = len(item.columns) > 1 or any(other.kind == "year" for other in around)
            if named or near <= _OWN or any(not token.printed.endswith("年度") for token in item.tokens):
                for span in item.spans:
                    span.label()
        elif item.key == "sum" and item.kind == "label":
            for span in item.spans:
                span.label()
        elif item.kind == "run" and not item.has_number and item.before in _OWN and item.after != "header":
            for token in item.tokens:
                for span in token.spans:
                    span.take()
