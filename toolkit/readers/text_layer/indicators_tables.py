"""The tables of the indicator part: which runs of values belong to which, and what their cells hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from toolkit.readers.text_layer.indicators_scan import ROWS, Item, Run
from toolkit.readers.text_layer.reading import Hit
from toolkit.readers.text_layer.sequence import Piece
from toolkit.text import short_fiscal_year

__all__ = ["Body", "collect"]

#: rows of each kind of table, from top to bottom
_MEASURES = {
    "output": ("actual", "expected"), "outcome": ("actual", "target", "achievement"), "policy": ("actual", "target"),
    "reform": ("actual", "target", "achievement"), "unit_cost": ("value", "formula"),
}  # fmt: skip
_HEADERS = {
    "output_goal": "output", "output_indicator": "output", "outcome_goal": "outcome", "outcome_indicator": "outcome",
    "policy_indicator": "policy", "reform_kpi": "reform", "unit_cost_basis": "unit_cost",
}  # fmt: skip
#: labels whose text is prose; a dash after them is its text
_PROSE = (
    "evidence",
    "reason",
    "outcome_note",
    "why_qualitative",
    "why_single",
    "torn",
    "no_number_reason",
    "no_number_goal",
)
_KIND_OF_ROW = {"output_actual": "output", "output_expected": "output", "policy_actual": "policy", "outcome_achievement": "outcome",
                "unit_cost_formula": "unit_cost"}  # fmt: skip


@dataclass(eq=False, slots=True)
class Body:
    """One table: its header (``start`` and its left-hand ``label`` are places among the items) and its values."""

    kind: str
    start: int
    page: int
    headers: set[str] = field(default_factory=set)
    runs: list[Run] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    plans: set[int] = field(default_factory=set)
    has_two_plans: bool = False
    finals: list[str] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    strays: list[Run] = field(default_factory=list)
    years: set[int] = field(default_factory=set)
    is_open: bool = False  # its 単位 or its years have been printed
    unit: str = ""
    words: list[Piece] = field(default_factory=list)
    id: str = ""
    horizon: str = ""
    label: int = -1
    counts: bool = False  # its name says that it holds whole numbers
    before: int = 0  # so many of its years were over when the project began

    @property
    def is_whole(self) -> bool:
        """All its rows have been printed: what a page break brings next belongs to another table."""
        return len({ROWS[key] for key in self.labels}) == len(self.measures)

    @property
    def has_numbers(self) -> bool:
        return any(_numbers(run) for run in self.runs)

    @property
    def measures(self) -> tuple[str, ...]:
        return _MEASURES[self.kind]


def collect(items: list[Item], review_year: int, since: int = 0) -> list[Body]:
    """The tables in printed order, each with the runs that belong to it.

    On a page whose values begin before the first header, these go to the page's tables by their row labels, or to its
    last table as ``strays``.
    """
    bodies = _headers(items)
    if not bodies:
        return []
    starts = _starts(items, bodies)
    walk = _Walk(bodies, review_year)
    for index, item in enumerate(items):
        if index in starts:
            walk.current = starts[index]
            walk.zone = ""
        elif walk.current is not None and walk.page != item.box.page and walk.current.is_whole:
            walk.current = None
        walk.step(item, index)
    before = since - review_year + 3
    if not 0 < before < 3 or any(_numbers(run) > 3 - before for body in bodies for run in body.runs if run.row is not None
                                 and ROWS[run.row.key] == "actual"):  # fmt: skip
        before = 0  # a new project, or one that measured before it began
    for body in bodies:  # one form, one set of columns
        body.has_two_plans = any(1 in other.plans for other in bodies)
        body.before = before
    return bodies


def _headers(items: list[Item]) -> list[Body]:
    """A table begins with the first of its headers; the same header again begins the next one."""
    bodies: list[Body] = []
    for index, item in enumerate(items):
        kind = _HEADERS.get(item.hit.key) if item.hit else None
        if item.hit is None or kind is None:
            continue
        last = next((body for body in reversed(bodies) if body.kind == kind and item.hit.key not in body.headers), None)
        late = last is not None and item.hit.key.endswith("_goal") and index - last.start > 3
        if last is None or late:
            last = Body(kind, index, item.box.page)
            bodies.append(last)
        last.headers.add(item.hit.key)
    return bodies


def _starts(items: list[Item], bodies: list[Body]) -> dict[int, Body]:
    """Where the values of each table begin: at its 単位, which are printed in the order of the tables.

    The row labels up to the next 単位 tell the kind of a table. Without a 単位 (an empty table) there are no values.
    """
    units = [index for index, item in enumerate(items) if item.hit is not None and item.hit.key == "unit"]
    if len(units) < len(bodies) / 2:
        return {body.start: body for body in bodies}
    free = list(bodies)
    starts = {}
    for place, index in enumerate(units):
        end = units[place + 1] if place + 1 < len(units) else len(items)
        page = items[index].box.page
        rows = [item.hit.key for item in items[index:end] if item.hit is not None and item.box.page == page]
        kinds = Counter(_KIND_OF_ROW[key] for key in rows if key in _KIND_OF_ROW)
        before = [body for body in free if body.start <= index] or free
        body = before[0] if before else None
        if body is not None and kinds and not kinds[body.kind] and not (body.kind == "reform" and kinds["outcome"]):
            body = next((one for one in before if kinds[one.kind] and one.page == page), body)
        if body is not None:
            free.remove(body)
            starts[index] = body
    return starts


class _Walk:
    """Hands every run to its table, in printed order."""

    def __init__(self, bodies: list[Body], review_year: int) -> None:
        self.bodies, self.review_year = bodies, review_year
        self.current: Body | None = None
        self.zone = ""
        self.after_text = False
        self.page = 0
        #: short texts since the last value: units, it may be, of the table whose values follow
        self.words: list[Piece] = []

    def step(self, item: Item, index: int) -> None:
        self.page = item.box.page
        if item.kind == "head":
            self._heads(item.heads, index)
        elif item.hit is not None:
            self._hit(item.hit)
        elif item.kind == "final":
            self._body("outcome", "policy", "reform").finals.append(item.number)
        elif item.run is not None:
            self._run(item.run)
        if item.piece is not None and self.current is not None and len(item.piece.folded) <= 8:
            self.current.words.append(item.piece)
            self.words.append(item.piece)
        prose = (item.piece is not None and len(item.piece.folded) > 8) or (
            item.hit is not None and item.hit.key in _PROSE
        )
        self.after_text = prose or (
            self.after_text and item.run is not None and all(value.number is None for value in item.run.values)
        )

    def _body(self, *kinds: str) -> Body:
        """The table at hand if it is of one of these kinds, else the nearest one that is, on this page if there is one."""
        if self.current is not None and self.current.kind in kinds:
            return self.current
        found = [body for body in self.bodies if body.kind in kinds]
        found = [body for body in found if body.page == self.page] or found
        start = self.current.start if self.current is not None else 0
        before = [body for body in found if body.start <= start]
        return before[-1] if before else found[0] if found else self.current or self.bodies[0]

    def _heads(self, heads: Sequence[str], index: int) -> None:
        """Headings of 活動見込 columns go to the first table that lacks them, and so do the values after them.

        Those of 単位当たりコスト are printed in one piece.
        """
        years = [year for head in heads if (year := short_fiscal_year(head, self.review_year))]
        plans = [year - self.review_year for year in years if year >= self.review_year]
        self._years({year for year in years if year < self.review_year})
        if not plans or any(len(head) > 6 and "見込" in head for head in heads):
            return
        waiting = [
            body
            for body in self.bodies
            if body.kind == "output" and body.start <= index and not body.plans & set(plans)
        ]
        if not waiting and self.current is not None and self.current.kind == "unit_cost":
            return
        target = waiting[0] if waiting else self._body("output")
        late = any(run.values for run in target.runs)
        if not late or self.current is not target or not self.zone.startswith("plan"):
            self.zone = f"plan{plans[0]}" if late and len(plans) == len(years) == 1 else "plan" if late else ""
        else:  # both headings come before the values
            self.zone = "plan"
        target.plans.update(plans)
        self.current = target

    def _years(self, years: set[int]) -> None:
        """The years of a table that is open but has no values yet: of several, the first."""
        if not years:
            return
        waiting = [body for body in self.bodies if body.is_open and not body.years & years and not body.has_numbers]
        current = self.current
        if (
            waiting
            and waiting[0].page == self.page
            and (current is None or current.years & years or waiting[0].start <= current.start)
        ):
            self.current, self.zone = waiting[0], ""
        if self.current is not None:
            self.current.years |= years
            self.current.is_open = True

    def _hit(self, hit: Hit) -> None:
        key = hit.key
        if hit.section in ("policy", "header", "review", "check") and key not in ROWS:
            if self.current is not None and self.current.kind in ("outcome", "output", "unit_cost"):
                self.current = None
        elif key == "unit":
            if self.current is not None:
                self.current.is_open = True
        elif key == "unit_costs":
            waiting = [body for body in self.bodies if body.kind == "unit_cost" and not body.labels]
            self.current, self.zone = waiting[0] if waiting else self.current, ""
        elif key in ("final_year", "interim_year"):
            target = self._body("outcome", "policy", "reform")
            if target.runs or key in target.columns:  # a late heading: that of the first table that lacks one
                kinds = ("outcome", "policy", "reform")
                waiting = [
                    body
                    for body in self.bodies
                    if body.kind in kinds and key not in body.columns and body.page == self.page
                ]
                target = next(
                    (body for body in waiting if body.start <= target.start and body.runs),
                    waiting[0] if waiting else target,
                )
            target.columns.add(key)
            self.zone = "final" if any(run.values for run in target.runs) else ""
            self.current = target
        elif key in ROWS:
            target = self._row_body(key)
            if not target.is_open:  # the header of an empty table below, printed before the rows of the one above
                above = [
                    body
                    for body in self.bodies
                    if body.kind == target.kind and body.start < target.start and body.page == target.page
                ]
                if above and above[-1].is_open and key not in above[-1].labels:
                    target = self.current = above[-1]
            if key in target.labels:  # the row of the table below, printed before its header or after a late heading
                target = next((body for body in self.bodies if body.kind == target.kind and body.start > target.start
                               and body.page == target.page and key not in body.labels), target)  # fmt: skip
                self.current = target
            target.labels.append(key)
            self.zone = ""

    def _row_body(self, key: str) -> Body:
        kind = _KIND_OF_ROW.get(key)
        return self._body(
            *((kind, "reform") if kind == "outcome" else (kind,) if kind else ("outcome", "policy", "reform"))
        )

    def _run(self, run: Run) -> None:
        if run.row is None:
            target = self.current
            if target is None:
                on_page = [body for body in self.bodies if body.page == self.page]
                if on_page:  # before the first table of the page
                    on_page[-1].strays.append(run)
                return
            if (
                not target.years and not self.zone
            ):  # values follow the years of their table: of an earlier one, if these came alone
                earlier = [
                    body
                    for body in self.bodies
                    if body.page == self.page and body.start < target.start and body.years and not body.runs
                ]
                if earlier:
                    for word in [word for word in self.words if word in target.words]:
                        target.words.remove(word)
                        earlier[0].words.append(word)
                target = self.current = (earlier or [target])[0]
            if (
                not self.zone
                and len(run.values) == 1
                and run.values[0].number is None
                and not target.runs
                and not target.labels
            ):
                return  # a dash before any value: the text cell of an indicator that is none
        else:
            target = self._row_body(run.row.key)
        self.words = []
        run.after_text = self.after_text
        for value in run.values:
            value.zone = self.zone
        target.runs.append(run)


def _numbers(run: Run) -> int:
    return sum(value.number is not None for value in run.values)
