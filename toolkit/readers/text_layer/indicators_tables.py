"""The tables of the indicator part: which runs of values belong to which, and what their cells hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from toolkit.readers.text_layer.document import Span
from toolkit.readers.text_layer.indicators_grid import Grid, Token, solve
from toolkit.readers.text_layer.indicators_scan import ROWS, Item, Run, Value
from toolkit.readers.text_layer.sequence import Piece
from toolkit.text import fold, short_fiscal_year

__all__ = ["Body", "Place", "collect", "fill", "grid_of"]

#: rows of each kind of table, from top to bottom
_MEASURES = {
    "output": ("actual", "expected"), "outcome": ("actual", "target", "achievement"), "policy": ("actual", "target"),
    "reform": ("actual", "target", "achievement"),
}  # fmt: skip
_HEADERS = {
    "output_goal": "output", "output_indicator": "output", "outcome_goal": "outcome", "outcome_indicator": "outcome",
    "policy_indicator": "policy", "reform_kpi": "reform",
}  # fmt: skip
#: labels whose text is prose; a dash after them is its text
_PROSE = ("evidence", "reason", "outcome_note", "why_qualitative", "why_single", "torn", "no_number_reason", "no_number_goal")
_KIND_OF_ROW = {"output_actual": "output", "output_expected": "output", "policy_actual": "policy", "outcome_achievement": "outcome"}


@dataclass(eq=False, slots=True)
class Body:
    """One table: its header (``start`` and its left-hand ``label`` are places among the items) and its values."""

    kind: str
    start: int
    headers: set[str] = field(default_factory=set)
    runs: list[Run] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    finals: list[str] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    unit: str = ""
    words: list[Piece] = field(default_factory=list)
    id: str = ""
    horizon: str = ""
    label: int = -1

    @property
    def measures(self) -> tuple[str, ...]:
        return _MEASURES[self.kind]


@dataclass(frozen=True, slots=True)
class Place:
    """One filled cell."""

    measure: str
    zone: str
    year: str
    span: Span
    number: float | None
    certainty: str


def collect(items: list[Item], review_year: int) -> list[Body]:
    """The tables in printed order, each with the runs that belong to it."""
    bodies = _headers(items)
    if not bodies:
        return []
    starts = _starts(items, bodies)
    walk = _Walk(bodies, review_year)
    for index, item in enumerate(items):
        if index in starts:
            walk.current = starts[index]
            walk.zone = ""
        walk.step(item, index)
    return bodies


def _headers(items: list[Item]) -> list[Body]:
    """A table begins with the first of its headers; the same header again begins the next one."""
    bodies: list[Body] = []
    for index, item in enumerate(items):
        kind = _HEADERS.get(item.hit.key) if item.hit else None
        if item.hit is None or kind is None:
            continue
        last = next((body for body in reversed(bodies) if body.kind == kind and item.hit.key not in body.headers), None)
        if last is None or item.hit.key.endswith("_goal"):
            last = Body(kind, index)
            bodies.append(last)
        last.headers.add(item.hit.key)
    return bodies


def _starts(items: list[Item], bodies: list[Body]) -> dict[int, Body]:
    """Where the values of each table begin: at its 単位, the k-th of them for the k-th table."""
    units = [index for index, item in enumerate(items) if item.hit is not None and item.hit.key == "unit"]
    if len(units) != len(bodies):
        return {body.start: body for body in bodies}
    free = list(bodies)
    starts = {}
    for place, index in enumerate(units):
        end = units[place + 1] if place + 1 < len(units) else len(items)
        kinds = Counter(_KIND_OF_ROW[i.hit.key] for i in items[index:end] if i.hit is not None and i.hit.key in _KIND_OF_ROW)
        body = free[0]
        if kinds and not kinds[body.kind] and body.kind in ("output", "outcome"):
            body = next((one for one in free if kinds[one.kind]), body)
        free.remove(body)
        starts[index] = body
    return starts


class _Walk:
    """Hands every run to its table, in printed order."""

    def __init__(self, bodies: list[Body], review_year: int) -> None:
        self.bodies, self.review_year, self.plans = bodies, review_year, 2 if review_year >= 2023 else 1
        self.current: Body | None = None
        self.zone = ""
        self.after_text = False

    def step(self, item: Item, index: int) -> None:
        if item.kind == "head":
            self._heads(item.heads, index)
        elif item.hit is not None:
            self._hit(item.hit.key)
        elif item.kind == "final":
            self._body("outcome", "policy", "reform").finals.append(item.number)
        elif item.run is not None:
            self._run(item.run)
        if item.piece is not None and self.current is not None and len(item.piece.folded) <= 8:
            self.current.words.append(item.piece)
        prose = item.kind == "text" or (item.hit is not None and item.hit.key in _PROSE)
        self.after_text = prose or (self.after_text and item.run is not None and all(value.number is None for value in item.run.values))

    def _body(self, *kinds: str) -> Body:
        """The table at hand if it is of one of these kinds, else the nearest one that is."""
        current = self.current or self.bodies[0]
        if current.kind in kinds:
            return current
        before = [body for body in self.bodies if body.kind in kinds and body.start <= current.start]
        after = [body for body in self.bodies if body.kind in kinds and body.start > current.start]
        return before[-1] if before else after[0] if after else current

    def _heads(self, heads: list[str], index: int) -> None:
        plans = [head for head in heads if (short_fiscal_year(head, self.review_year) or 0) >= self.review_year]
        if not plans:
            return
        waiting = [body for body in self.bodies if body.kind == "output" and len(body.plans) < self.plans and body.start <= index]
        target = waiting[0] if waiting else self._body("output")
        target.plans += plans
        self.zone = "plan" if any(run.values for run in target.runs) else ""
        self.current = target

    def _hit(self, key: str) -> None:
        if key in ("final_year", "interim_year"):
            target = self._body("outcome", "policy", "reform")
            if key in target.columns:
                waiting = [body for body in self.bodies if body.kind != "output" and key not in body.columns]
                target = waiting[0] if waiting else target
            target.columns.add(key)
            self.zone = "final" if any(run.values for run in target.runs) else ""
            self.current = target
        elif key in ROWS:
            kind = _KIND_OF_ROW.get(key)
            target = self._body(*((kind, "reform") if kind == "outcome" else (kind,) if kind else ("outcome", "policy", "reform")))
            target.labels.append(key)

    def _run(self, run: Run) -> None:
        if run.row is None:
            target = self.current
            if target is None:
                return
            if not self.zone and len(run.values) == 1 and run.values[0].number is None and not target.runs and not target.labels:
                return  # a dash before any value: the text cell of an indicator that is none
        else:
            kind = _KIND_OF_ROW.get(run.row.key)
            target = self._body(*((kind, "reform") if kind == "outcome" else (kind,) if kind else ("outcome", "policy", "reform")))
            if _has_row(target, run.row.key):  # the row of the table below, printed before its header
                target = next((body for body in self.bodies if body.kind == target.kind and body.start > target.start
                               and not _has_row(body, run.row.key)), target)  # fmt: skip
            self.zone = ""
        run.after_text = self.after_text
        for value in run.values:
            value.zone = self.zone
        target.runs.append(run)


def _has_row(body: Body, key: str) -> bool:
    return any(run.row is not None and run.row.key == key for run in body.runs)


def grid_of(body: Body, review_year: int) -> tuple[Grid, list[str]]:
    """The shape of a table and the fiscal year (or the printed target year) of each of its columns."""
    years = [str(review_year - 3), str(review_year - 2), str(review_year - 1)]
    if body.kind == "output":
        plans = 2 if review_year >= 2023 else max(1, min(2, len(body.plans)))
        years += [str(review_year + i) for i in range(plans)]
        zones = ("year",) * 3 + ("plan",) * plans
        later = frozenset((0, col) for col in range(3, 3 + plans))
        return Grid(2, zones, closed=later, optional=later), years
    rows = len(body.measures)
    zones = ("year", "year", "year")
    finals = list(body.finals)
    if "interim_year" in body.columns:
        zones += ("interim",)
        years.append(finals.pop(0) if len(finals) > 1 else "")
    zones += ("final",)
    years.append(finals[-1] if finals else "")
    open_rows = [row for row in range(rows) if body.measures[row] != "target"]
    later = frozenset((row, col) for row in open_rows for col in range(3, len(zones)))
    ratio = (0, 1, 2) if rows == 3 else None
    return Grid(rows, zones, ratio, closed=later, optional=later), years


def fill(body: Body, shape: tuple[Grid, list[str]]) -> list[Place]:
    """The filled cells of a table. All its values are taken, placed or not: a dash without a place says nothing."""
    grid, years = shape
    find_units(body)
    values = list(_values(body))
    tokens = [token for _, token in values]
    for zone in ("final", "plan"):
        late = [token for token in tokens if token.zone == zone]
        if sum(token.number is not None for token in late) > grid.rows * grid.zones.count(zone):
            for token in late:  # the heading came before values of other columns as well, so it says nothing
                token.zone = ""
    order = [body.measures.index(ROWS[key]) for key in dict.fromkeys(body.labels) if ROWS[key] in body.measures]
    filled = solve(grid, tokens, order)
    places = []
    for (value, token), cell in zip(values, filled.cells, strict=True):
        if cell is None:
            if value.is_nothing:
                value.span.take()
            continue
        value.span.take()
        measure = body.measures[cell[0]]
        certainty = "stated"
        if cell in filled.unsettled:
            certainty = "unsettled"
        elif token.row < 0 and cell[1] in filled.confirmed:
            certainty = "solved"
        places.append(Place(measure, grid.zones[cell[1]], years[cell[1]], value.span, value.number, certainty))
    return places


def _values(body: Body) -> Iterator[tuple[Value, Token]]:
    numbers = [place for place, run in enumerate(body.runs) if any(value.number is not None for value in run.values)]
    for place, run in enumerate(body.runs):
        row = body.measures.index(ROWS[run.row.key]) if run.row is not None and ROWS[run.row.key] in body.measures else -1
        for value in run.values:
            loose = row < 0 and len(run.values) == 1 and value.number is None and (run.after_text or place > numbers[-1:][0] if numbers else True)
            yield value, Token(value.number, run.line.number, row, value.is_rate, value.zone, loose, len(fold(value.span.text)))


def find_units(body: Body) -> None:
    """The unit of a table: what stands between a row's label and its values, or what is printed once for each row."""
    spans = [(run.unit, run.row) for run in body.runs if run.unit is not None]
    said = Counter(fold(span.text) for span, _ in spans)
    said.update(piece.folded for piece in body.words)
    pairs = zip(body.words, body.words[1:], strict=False)
    beside = {fold(span.text) for span, _ in spans} | {a.folded for a, b in pairs if a.folded == b.folded and b.spans[0].line.number - a.spans[-1].line.number <= 2}
    pieces = [piece for piece in body.words if piece.folded == "%" or piece.folded in beside
              or (said[piece.folded] > 1 and len(piece.folded) <= 6 and not piece.folded.endswith("。"))]  # fmt: skip
    best = [span.text for span, row in spans if row is not None and ROWS[row.key] != "achievement"]
    if not best:  # the achievement has its own unit, printed once
        best = [text for text in [span.text for span, row in spans if row is None] + [piece.text for piece in pieces]
                if fold(text) != "%" or said["%"] > 1]  # fmt: skip
        best.sort(key=lambda text: fold(text) == "%")
    body.unit = best[0].strip() if best else ""
    for span, _ in spans:
        span.take()
    for piece in pieces:
        piece.take()
