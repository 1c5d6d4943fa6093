"""Tables of one activity whose values the text layer has thrown together: sort them out again by their arithmetic.

The labelled rows say what an outcome is measured in; its achievements follow from actual and target values; a target
column holds values of the same size. What is then left belongs to the output, whose own cells nothing settles.
"""

from __future__ import annotations

import math
from itertools import product

from toolkit.readers.text_layer.indicators_fill import LOST, Solved, attempt, grid_of
from toolkit.readers.text_layer.indicators_grid import Filled
from toolkit.readers.text_layer.indicators_orders import Cell
from toolkit.readers.text_layer.indicators_prices import Token, is_ratio
from toolkit.readers.text_layer.indicators_scan import ROWS, Run, Value
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.text import fold

__all__ = ["sort_out"]

#: so few ways to share out the unlabelled runs among the tables are all tried
_FEW = 32
#: on such a page a reading must be this much dearer than the best one to be out of the question
_MARGIN = 2.0
#: sums of the same prices may differ by so much
_ROUNDING = 1e-9


def sort_out(bodies: list[Body], review_year: int) -> list[Solved]:
    """Solve the tables of an activity that is printed out of order, together."""
    free = [
        run
        for body in bodies
        for run in (*body.strays, *body.runs)
        if run.row is None and any(v.number is not None for v in run.values)
    ]
    labelled = {id(body): [run for run in body.runs if run.row is not None] for body in bodies}
    if len(bodies) ** len(free) > _FEW:
        return _Pool(bodies, labelled, free, review_year).solve()
    readings: dict[tuple[int, ...], Solved] = {}
    least: dict[tuple[int, ...], float] = {}  # what a table costs with these runs: at least this, where it is not less
    found: list[tuple[float, list[Solved]]] = []
    printed = {id(run) for body in bodies for run in body.runs}
    strangers = [[id(run) in printed and run not in body.runs for body in bodies] for run in free]
    numbers = [_numbers(run) for run in free]
    rooms = [len(grid_of(body, review_year)[0].cells) - sum(map(_numbers, labelled[id(body)])) for body in bodies]
    ways = []
    for owners in product(range(len(bodies)), repeat=len(free)):
        shares: list[list[Run]] = [[] for _ in bodies]
        left, strange = list(rooms), 0
        for run, owner, count, apart in zip(free, owners, numbers, strangers, strict=True):
            shares[owner].append(run)
            left[owner] -= count
            strange += apart[owner]
        keys = [(at, *map(id, own)) for at, own in enumerate(shares)]
        for key, spare in zip(keys, left, strict=True):
            least.setdefault(key, LOST * max(0, -spare))
        ways.append((strange, shares, keys))
    # what has room and is as printed comes first: it sets the price to beat
    todo = sorted(ways, key=lambda way: way[0] + sum(map(least.__getitem__, way[2])))
    cost, best, limit = math.inf, [], math.inf
    while todo:
        passed, lowest = [], math.inf
        for way in todo:
            strange, shares, keys = way
            for body, own, key in zip(bodies, shares, keys, strict=True):
                room = limit - strange - sum([least[other] for other in keys if other != key]) + _ROUNDING
                if least[key] > room:
                    passed.append(way)
                    lowest = min(lowest, limit)
                    break
                if key not in readings or readings[key].cost > least[key]:  # not read, or not to the end
                    runs = sorted([*labelled[id(body)], *own], key=lambda run: run.line.number)
                    readings[key] = attempt(body, runs, review_year, limit=room)
                    least[key] = min(readings[key].cost, room)
            else:
                solved = [readings[key] for key in keys]
                price = sum([one.cost for one in solved], float(strange))
                found.append((price, solved))
                if price < cost:  # where it leaves everything open, rivals say no more
                    cost, best = price, solved
                    limit = cost + (0.0 if all(one.is_open for one in best) else _MARGIN)
        todo = passed if limit > lowest else []
    doubts = [set(one.filled.unsettled) for one in best]
    for price, solved in found:
        if solved is not best and price <= limit:
            for doubt, one, other in zip(doubts, best, solved, strict=True):
                doubt |= other.filled.unsettled | one.differences(other)
    for one, doubt in zip(best, doubts, strict=True):
        one.filled.unsettled = doubt
    return best


def _numbers(run: Run) -> int:
    return sum([value.number is not None for value in run.values])


class _Pool:
    """The values of a page, and the cells they have found so far."""

    def __init__(self, bodies: list[Body], labelled: dict[int, list[Run]], free: list[Run], review_year: int) -> None:
        self.bodies, self.year = bodies, review_year
        self.cells: dict[int, dict[Cell, tuple[Value, str]]] = {id(body): {} for body in bodies}
        self.pool = [value for run in free for value in run.values if value.number is not None]
        self.units = {id(value): run.unit for run in free for value in run.values if run.unit is not None}
        for body in bodies:
            self._labelled(body, labelled[id(body)], free)

    def solve(self) -> list[Solved]:
        outcomes = [body for body in self.bodies if body.kind == "outcome"]
        outputs = [body for body in self.bodies if body.kind == "output"]
        for body in outcomes:
            self._achievements(body)
        room = sum(10 - len(self.cells[id(body)]) for body in outputs)
        for body in outcomes:
            if len(self.pool) > room:
                self._target_column(body)
        for body in outputs:
            self._output(body, last=body is outputs[-1])
        return [self._solved(body) for body in self.bodies]

    def _labelled(self, body: Body, runs: list[Run], free: list[Run]) -> None:
        """Rows with a label, then rows that share their unit with one: three values are those of the three years."""
        filled = {}
        for run in runs:
            if run.row is not None and ROWS[run.row.key] in body.measures and run.values:
                filled[body.measures.index(ROWS[run.row.key])] = run
        units = {
            fold(run.unit.text)
            for run in runs
            if run.unit is not None and run.row is not None and ROWS[run.row.key] != "achievement"
        }
        for run in free:
            rest = [row for row, measure in enumerate(body.measures) if measure != "achievement" and row not in filled]
            if run.unit is not None and fold(run.unit.text) in units and len(run.values) >= 3 and len(rest) == 1:
                filled[rest[0]] = run
                self.pool = [value for value in self.pool if value not in run.values]
        for row, run in filled.items():
            certainty = (
                "stated"
                if run.row is not None and len(run.values) >= 3
                else "unsettled"
                if run.row is not None
                else "solved"
            )
            for col, value in enumerate(run.values):
                self.cells[id(body)][row, col] = (value, certainty)

    def _number(self, body: Body, row: int, col: int) -> float | None:
        held = self.cells[id(body)].get((row, col))
        return held[0].number if held else None

    def _take(self, body: Body, cell: Cell, value: Value, certainty: str) -> None:
        self.cells[id(body)][cell] = (value, certainty)
        self.pool.remove(value)

    def _achievements(self, body: Body) -> None:
        for col in range(3):
            actual, target = self._number(body, 0, col), self._number(body, 1, col)
            if actual is None or not target or self._number(body, 2, col) is not None:
                continue
            fits = [
                value for value in self.pool if value.number is not None and is_ratio(actual, target, value.number, 0)
            ]
            if fits:
                self._take(body, (2, col), fits[0], "solved")

    def _target_column(self, body: Body) -> None:
        """Target, actual and achievement of the target year: of the size of the values of the years before."""
        col = grid_of(body, self.year)[0].cols - 1
        known = [number for row in (0, 1) for c in range(3) if (number := self._number(body, row, c))]
        if not known or self._number(body, 1, col) is not None:
            return
        alike = [value for value in self.pool if value.number and min(known) / 2 <= value.number <= max(known) * 2]
        if not alike:
            return
        certainty = "solved" if len({value.number for value in alike}) == 1 else "unsettled"
        self._take(body, (1, col), alike[0], certainty)
        ratios = [v for v in self.pool if len(alike) > 1 and v is not alike[1] and alike[0].number and v.number
                  and is_ratio(alike[1].number or 0.0, alike[0].number, v.number, 0)]  # fmt: skip
        if ratios:
            self._take(body, (0, col), alike[1], certainty)
            self._take(body, (2, col), ratios[0], certainty)

    def _output(self, body: Body, *, last: bool) -> None:
        """What is left, as two rows: values of one size in each. Their order is a guess, and called so."""
        if not last:
            return
        unit = next((self.units[id(value)] for value in self.pool if id(value) in self.units), None)
        if unit is not None:
            body.unit = body.unit or unit.take().text.strip()
        self._split_jams()
        numbers = sorted(self.pool, key=lambda value: value.number or 0.0)
        gaps = [
            ((numbers[i].number or 0.0) / max(numbers[i - 1].number or 1e-9, 1e-9), i)
            for i in range(3, len(numbers) - 2)
        ]
        cut = max(gaps)[1] if gaps else len(numbers)
        parts = [numbers[:cut][:5], numbers[cut:][:5]]
        if self.pool and self.pool[0] in parts[1]:
            parts.reverse()
        for row, part in enumerate(parts):
            for col, value in enumerate(part):
                self.cells[id(body)].setdefault((row, col), (value, "unsettled"))

    def _split_jams(self) -> None:
        """Two cells printed over each other come as one long number without commas."""
        usual = [value.number or 0.0 for value in self.pool if len(fold(value.span.text)) < 5]
        for value in list(self.pool):
            digits = fold(value.span.text)
            if not digits.isdigit() or len(digits) < 5 or not usual:
                continue
            cuts = [i for i in range(1, len(digits)) if digits[i] != "0"]
            cuts = [i for i in cuts if all(min(usual) <= int(part) <= max(usual) for part in (digits[:i], digits[i:]))]
            if len(cuts) == 1 and len(digits) == len(value.span.text):
                self.pool.remove(value)
                middle = value.span.start + cuts[0]
                for start, end in ((value.span.start, middle), (middle, value.span.end)):
                    span = value.span.line.span(start, end)
                    self.pool.append(Value(span, float(fold(span.text))))

    def _solved(self, body: Body) -> Solved:
        grid, years = grid_of(body, self.year)
        held = {cell: one for cell, one in self.cells[id(body)].items() if cell[1] < grid.cols}
        values = [value for value, _ in held.values()]
        tokens = [
            Token(value.number, value.span.line.number, 0 if certainty == "stated" else -1)
            for value, certainty in held.values()
        ]
        filled = Filled(list(held), {cell for cell, (_, certainty) in held.items() if certainty == "unsettled"})
        filled.confirmed = {col for col in range(grid.cols) if all((row, col) in held for row in range(grid.rows))}
        return Solved(body, body.runs, grid, years, values, tokens, filled)
