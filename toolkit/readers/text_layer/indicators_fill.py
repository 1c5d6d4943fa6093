"""What the cells of the indicator tables hold: each table is solved on its own; where tables were printed into each
other, values move between neighbours until both read best.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from toolkit.readers.text_layer.document import Span
from toolkit.readers.text_layer.indicators_grid import Filled, solve
from toolkit.readers.text_layer.indicators_orders import Cell
from toolkit.readers.text_layer.indicators_prices import Grid, Token
from toolkit.readers.text_layer.indicators_scan import ROWS, Item, Run, Value
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import fold_text, is_nothing, short_fiscal_year

__all__ = [
    "LOST",
    "Place",
    "Solved",
    "attempt",
    "find_units",
    "grid_of",
    "put_measurements",
    "solve_all",
    "take_dashes",
]

#: a table read at this price or more holds values that do not belong to it, or lacks some
_SUSPICIOUS = 1.9
#: this dear it holds values that cannot be its own
_OVERFULL = 3.0
_TRIALS = 8
#: the price of a number without a cell
LOST = 2.0
#: no reading counts as dearer than this
_HOPELESS = 20.0


@dataclass(slots=True)
class Place:
    """One filled cell. ``year`` is a fiscal year, in a target column the year as printed."""

    measure: str
    zone: str
    year: str
    span: Span
    number: float | None
    certainty: str


@dataclass(slots=True)
class Solved:
    """A table with the best reading of its values."""

    body: Body
    runs: list[Run]
    grid: Grid
    years: list[str]
    values: list[Value]
    tokens: list[Token]
    filled: Filled

    @property
    def cost(self) -> float:
        """Price of the reading; every number without a cell counts as a broken rule."""
        pairs = zip(self.filled.cells, self.tokens, strict=True)
        lost = len([cell for cell, token in pairs if cell is None and token.number is not None])
        return min(self.filled.cost, _HOPELESS) + LOST * lost

    @property
    def is_open(self) -> bool:
        """Whether none of its cells is settled."""
        return self.filled.unsettled.issuperset(filter(None, self.filled.cells))

    def differences(self, other: Solved) -> set[Cell]:
        """Cells that another reading of the same table fills differently."""
        mine, theirs = (
            {c: t.number for c, t in zip(one.filled.cells, one.tokens, strict=True) if c and t.number is not None}
            for one in (self, other)
        )
        return {cell for cell in mine.keys() | theirs.keys() if mine.get(cell) != theirs.get(cell)}


def solve_all(bodies: list[Body], review_year: int) -> list[Solved]:
    """All tables, in the order given."""
    solved = [attempt(body, body.runs, review_year) for body in bodies]
    for place in range(len(solved) - 1):
        first, second = solved[place], solved[place + 1]
        if (
            first.body.page == second.body.page
            and first.body.kind == second.body.kind == "output"
            and max(first.cost, second.cost) >= _SUSPICIOUS
        ):
            solved[place], solved[place + 1] = _exchange(first, second, review_year)
    return solved


def attempt(body: Body, runs: list[Run], review_year: int, limit: float = math.inf) -> Solved:
    """The best reading of a table, given the runs that are its own; if it costs more than ``limit``, any such reading."""
    grid, years = grid_of(body, review_year)
    pairs = _values(body, runs)
    if any(token.zone for _, token in pairs):
        _mind_headings(grid, pairs)
    tokens = [token for _, token in pairs]
    order = [body.measures.index(ROWS[key]) for key in dict.fromkeys(body.labels) if ROWS[key] in body.measures]
    filled = solve(grid, tokens, order, limit)
    dashes = [token for token in tokens if token.row < 0 and token.number is None and not token.loose]
    if dashes and filled.cost == math.inf:  # dashes of other cells are among the values
        for token in dashes:
            token.loose = True
        filled = solve(grid, tokens, order, limit)
    return Solved(body, runs, grid, years, [value for value, _ in pairs], tokens, filled)


def _exchange(first: Solved, second: Solved, review_year: int) -> tuple[Solved, Solved]:
    """Two tables one below the other: columns of the one may have been printed among those of the other."""
    best, trials = (first, second), 0
    for giver, taker in ((second, first), (first, second)):
        if giver.cost < _OVERFULL:
            continue
        free = [run for run in giver.runs if run.row is None and any(value.number is not None for value in run.values)]
        for size in (2, 1, 3, 4):
            for start in range(len(free) - size + 1):
                moved = free[start : start + size]
                if trials >= _TRIALS or len(taker.tokens) + size > taker.grid.rows * taker.grid.cols:
                    break
                trials += 1
                left = attempt(giver.body, [run for run in giver.runs if run not in moved], review_year)
                grown = attempt(taker.body, sorted([*taker.runs, *moved], key=lambda run: run.line.number), review_year)
                if left.cost + grown.cost < best[0].cost + best[1].cost - 0.3:
                    best = (grown, left) if taker is first else (left, grown)
    if best[0] is not first:
        for one in best:  # a guess at best
            one.filled.unsettled |= {cell for cell in one.filled.cells if cell is not None}
    return best


def grid_of(body: Body, review_year: int) -> tuple[Grid, list[str]]:
    """The shape of a table and the fiscal year (or the printed target year) of each of its columns."""
    if body.kind == "output":
        plans = 2 if review_year >= 2023 or body.has_two_plans else 1
        return _output(plans, body.before), [str(review_year + i) for i in range(-3, plans)]
    years = [str(review_year - 3), str(review_year - 2), str(review_year - 1)]
    finals = list(body.finals)
    if "interim_year" in body.columns:
        years.append(finals.pop(0) if len(finals) > 1 else "")
    years.append(finals[-1] if finals else "")
    return _outcome(body.measures, tuple(map(is_nothing, years[3:])), body.before), years


@lru_cache(maxsize=64)
def _output(plans: int, before: int) -> Grid:
    later = frozenset((0, col) for col in range(3, 3 + plans))
    zones = ("year", "year", "year", "plan0", "plan1")[: 3 + plans]
    return Grid(2, zones, closed=later, optional=later | _early(2, before), before=before)


@lru_cache(maxsize=64)
def _outcome(measures: tuple[str, ...], unset: tuple[bool, ...], before: int) -> Grid:
    """``unset`` says of the target columns whether they lack their year: no year, no target."""
    zones = (*("year", "year", "year", "interim")[: 2 + len(unset)], "final")
    columns = range(3, len(zones))
    later = frozenset((row, col) for row, measure in enumerate(measures) if measure != "target" for col in columns)
    blank = frozenset((1, col) for col, empty in zip(columns, unset, strict=True) if empty)
    ratio = (0, 1, 2) if len(measures) == 3 else None
    optional = later | blank | _early(len(measures), before)
    return Grid(len(measures), zones, ratio, closed=later, optional=optional, before=before)


def _early(rows: int, before: int) -> frozenset[Cell]:
    return frozenset((row, col) for row in range(rows) for col in range(before))


def _places(solved: Solved) -> Iterator[Place]:
    """The filled cells of a table. A dash without a place says nothing, so it is taken all the same."""
    filled = solved.filled
    for value, token, cell in zip(solved.values, solved.tokens, filled.cells, strict=True):
        if cell is None:
            if value.is_nothing:
                value.span.take()
            continue
        value.span.take()
        certainty = "stated"
        if cell in filled.unsettled:
            certainty = "unsettled"
        elif token.row < 0 and cell[1] in filled.confirmed:
            certainty = "solved"
        yield Place(
            solved.body.measures[cell[0]],
            solved.grid.zones[cell[1]],
            solved.years[cell[1]],
            value.span,
            value.number,
            certainty,
        )


def put_measurements(reading: Reading, solved: Solved) -> None:
    """Store the values of one table; of a block that was left empty (no id) the dashes are only taken."""
    for place in _places(solved):
        if not solved.body.id:
            continue
        final = place.zone in ("final", "interim")
        year = short_fiscal_year(place.year, reading.review_year) if final else int(place.year)
        if year is None and place.number is None:
            continue
        number = place.number / 100 if place.number is not None and place.measure == "achievement" else place.number
        key = (solved.body.id, year, place.measure, final)
        if reading.draft.get("measurements", *key) is None:
            reading.draft.put("measurements", key, value=number,
                              value_text=place.span.text.strip(), certainty=place.certainty, ref=place.span.ref)  # fmt: skip


def take_dashes(items: list[Item]) -> None:
    """Dashes that no table needed say nothing, whatever cell they stand in; a unit goes with the values after it."""
    first = next((place for place, item in enumerate(items) if item.hit is not None), len(items))
    for run in (item.run for item in items[first:] if item.run is not None):
        for value in run.values:
            if value.is_nothing and value.span.is_open:
                value.span.take()
        if run.unit is not None and run.unit.is_open and not any(value.span.is_open for value in run.values):
            run.unit.take()


def _mind_headings(grid: Grid, pairs: list[tuple[Value, Token]]) -> None:
    """Values printed after the late heading of one column each, in the order of the columns."""
    places = [i for i, (_, token) in enumerate(pairs) if token.zone in ("plan0", "plan1")]
    ordered = sorted([pairs[i] for i in places], key=lambda pair: pair[1].zone)
    for i, pair in zip(places, ordered, strict=True):
        pairs[i] = pair
    for zone in ("final", "plan"):
        late = [token for _, token in pairs if token.zone.startswith(zone)]
        if sum(token.number is not None for token in late) > grid.rows * sum(
            one.startswith(zone) for one in grid.zones
        ):
            for token in late:  # the heading came before values of other columns as well, so it says nothing
                token.zone = ""


def _values(body: Body, runs: list[Run]) -> list[tuple[Value, Token]]:
    numbered = [any(value.number is not None for value in run.values) for run in runs]
    last = max([place for place, own in enumerate(numbered) if own], default=-1)
    labelled = body.kind == "output" and not any(
        own and run.row is None for own, run in zip(numbered, runs, strict=True)
    )
    pairs = []
    for place, run in enumerate(runs):
        measure = ROWS[run.row.key] if run.row is not None else ""
        row = body.measures.index(measure) if measure in body.measures else -1
        alone = row < 0 and len(run.values) == 1 and (run.after_text or place > last or labelled)
        for value in run.values:
            number = value.number
            token = Token(number, run.line.number, row, value.is_rate, value.zone, alone and number is None,
                          len(fold_text(value.span.text)), value.col)  # fmt: skip
            pairs.append((value, token))
    return pairs


def _take_unit_dashes(body: Body) -> None:
    """A dash for a unit: rows that begin with one, all but the achievement, which has its own unit."""
    rows = [run for run in body.runs if run.row is not None and not run.is_loose]
    counted = [run for run in rows if run.row is not None and ROWS[run.row.key] != "achievement"]
    if (
        len(counted) > 1
        and any(run.unit is not None for run in rows if run not in counted)
        and all(run.unit is None and len(run.values) > 1 and run.values[0].is_nothing for run in counted)
    ):
        for run in counted:
            run.values.pop(0).span.take()


def find_units(body: Body) -> None:
    """The unit of a table: what stands between a row's label and its values, or what is printed once for each row."""
    _take_unit_dashes(body)
    spans = [(run.unit, run.row) for run in body.runs if run.unit is not None]
    said = Counter(fold_text(span.text) for span, _ in spans)
    said.update(piece.folded for piece in body.words)
    pairs = zip(body.words, body.words[1:], strict=False)
    beside = {fold_text(span.text) for span, _ in spans} | {
        a.folded for a, b in pairs if a.folded == b.folded and b.spans[0].line.number - a.spans[-1].line.number <= 2
    }
    pieces = [piece for piece in body.words if piece.folded == "%" or piece.folded in beside
              or (said[piece.folded] > 1 and not piece.folded.endswith("。"))]  # fmt: skip
    best = [span.text for span, row in spans if row is not None and ROWS[row.key] != "achievement"]
    # a longer word that ends in a unit is the name of what is counted, printed for two tables
    units = {fold_text(text) for text in best} | {piece.folded for piece in pieces}
    pieces = [
        piece for piece in pieces if not any(piece.folded != unit and piece.folded.endswith(unit) for unit in units)
    ]
    if not best:  # the achievement has its own unit, printed once
        best = [text for text in [span.text for span, row in spans if row is None] + [piece.text for piece in pieces]
                if fold_text(text) != "%" or said["%"] > 1]  # fmt: skip
        best.sort(key=lambda text: fold_text(text) == "%")
    body.unit = best[0].strip() if best else ""
    for span, _ in spans:
        span.take()
    for piece in pieces:
        piece.take()
