"""The rest of a row that was torn off: values printed apart, given back to the labelled rows of their page.

A wide column parts a row: ``活動実績 件 14 16`` is printed with its label, the third value alone, further down. A
labelled row lacks as many values as its table has columns; which loose run completes which row is told by the
printed order, by the size of the numbers (a row is a series) and by achievement = actual / target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from toolkit.readers.text_layer.beam import Beam
from toolkit.readers.text_layer.indicators_fill import Solved, grid_of
from toolkit.readers.text_layer.indicators_orders import Cell
from toolkit.readers.text_layer.indicators_prices import Grid, decimals, is_ratio, leap
from toolkit.readers.text_layer.indicators_scan import ROWS, Run, Value
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.reading import Hit

__all__ = ["complete_rows", "doubt", "drop_unlikely"]

#: prices: a number left where it stands (in a table that has all its rows by label, or in another), a dash left
_LEFT, _LEFT_HOME, _LEFT_DASH = 2.2, 0.4, 0.1
_MISSING, _WRONG_RATIO, _WRONG_ZONE, _CLOSED, _BEFORE = 0.7, 2.5, 1.1, 2.0, 1.0
#: two values of one column, the lower one printed first; neighbours of one row, printed one below the other
_UPWARD, _BROKEN = 0.9, 0.6
#: what was planned grows evenly
_UNEVEN = 1.5
#: a table read at this price breaks a rule somewhere
_DEAR = 1.5
#: prices from which a reading is wrong too often, by whether the table has a ratio and labelled rows
_UNLIKELY = {(False, True): 0.9, (False, False): 1.8, (True, True): 2.1, (True, False): 2.1}
#: and where no cell is blank: a number for every cell hardly comes together by chance
_FULL = 3.0
#: values of one row and the next are of one size, and each column, if not each cell, is printed apart
_SPREAD, _APART = 3.0, 0.75
#: readings kept at each step, and how much dearer a reading must be to be out of the question
_WIDTH, _MARGIN = 40, 1.2
#: the rows that every table of these kinds has, by the keys of their labels
_ROWS_OF = {
    ("output",): ("output_actual", "output_expected"),
    ("outcome", "reform"): ("outcome_actual", "outcome_achievement"),
    ("outcome", "reform", "policy"): ("outcome_target",),
}


#: the numbers of a row, None for a dash
_Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A labelled row: its table, where it stands in it, and what is printed beside the label."""

    table: int
    row: int
    line: int
    values: _Values
    decimals: bool


class _State(NamedTuple):
    cost: float
    owners: tuple[int, ...]
    values: tuple[_Values, ...]  # of every labelled row so far
    starts: int = 0  # where the loose runs begin that are placed: a bit for each cell of each table


def complete_rows(bodies: Sequence[Body], hits: Sequence[Hit], review_year: int) -> None:
    """Move the loose runs of every page to the labelled rows they complete; what is doubtful is marked so."""
    for page in sorted({body.page for body in bodies}):
        on_page = [body for body in bodies if body.page == page]
        for kinds, keys in _ROWS_OF.items():
            own = [body for body in on_page if body.kind in kinds]
            for key in keys:
                _share_out(own, [hit for hit in hits if hit.key == key and hit.box.page == page])
        _Page(on_page, review_year).settle()
    for body in bodies:
        _part(body)


def _part(body: Body) -> None:
    """The values beside the labels of an output table that one column parts are those of the first years.

    Where both rows end after two or three values, they go on elsewhere: rows that end for want of values do not end
    together, but where the project had not begun.
    """
    beside = [run.values for run in body.runs if run.row is not None and not run.is_loose]
    numbers = [value.number for values in beside for value in values]
    widths = {len(values) for values in beside}
    if body.kind != "output" or body.before or len(beside) != len(body.measures) or None in numbers:
        return
    if all(run.row is not None and not run.is_loose for run in body.runs):
        return  # nothing goes on: the first cells may be the blank ones
    if widths in ({2}, {3}):
        for values in beside:
            for col, value in enumerate(values):
                value.col = col


def doubt(solved: Solved) -> None:
    """What neither the labels nor the arithmetic of a table settle: rows with blank cells, values printed apart.

    The arithmetic only says what stands in one column; which column that is, a row without a gap says.
    """
    filled, grid = solved.filled, solved.grid
    runs = {id(value): run for run in solved.runs for value in run.values}
    pairs = list(zip(solved.values, filled.cells, strict=True))
    dear = filled.cost > _DEAR or any(cell is None and value.number is not None for value, cell in pairs)
    rows = {
        row: [(runs[id(value)], cell, value) for value, cell in pairs if cell and cell[0] == row]
        for row in range(grid.rows)
    }
    full = {row for row, own in rows.items() if _is_full(grid, row, own)}
    years = {col for col, zone in enumerate(grid.zones) if zone == "year" and col >= grid.before}
    whole = {row for row in full if not any(run.is_loose for run, _, _ in rows[row])}
    sound = whole if dear else full
    anchored = {cell[1] for row in whole for _, cell, _ in rows[row]} | (years if years <= filled.confirmed else set())
    for row, own in rows.items():
        for run, cell, value in own:
            told = value.col == cell[1] or (row in sound and run.row is not None and not run.is_loose)
            if told:  # whatever the other rows of the table cost
                filled.unsettled.discard(cell)
            elif dear or run.is_doubtful or cell[1] not in filled.confirmed & anchored:
                filled.unsettled.add(cell)


def drop_unlikely(solved: Solved, *, named: bool) -> None:
    """Leave out what is unsettled and wrong too often: it stays in the residue.

    The limits are where a good quarter of the values were wrong on drawn sheets. Without a name nobody can tell what was
    counted, without row labels not even where a table is.
    """
    filled = solved.filled
    labelled = any(run.row is not None for run in solved.runs)
    limit = _UNLIKELY[solved.grid.ratio is not None, labelled]
    if solved.grid.ratio is None and not labelled:
        limit = _limit(solved, limit)
    numbers = [value.number for value, cell in zip(solved.values, filled.cells, strict=True) if cell and cell[0] < 2]
    broken = solved.body.counts and any(number is not None and decimals(number) for number in numbers)
    years = {col for col, zone in enumerate(solved.grid.zones) if zone == "year"}
    proven = filled.confirmed if named and (filled.cost < _FULL or years <= filled.confirmed) else set()
    if not named or broken or filled.cost >= limit or not (labelled or solved.body.labels):
        doubtful = {cell for cell in filled.unsettled if cell[1] not in proven}
        filled.cells = [None if cell in doubtful else cell for cell in filled.cells]


def _limit(solved: Solved, limit: float) -> float:
    """The price from which a table without arithmetic and row labels is not believed: more for one without a blank cell,
    none where the sizes of its values, or many on a line and cells blank all the same, tell of other tables' values."""
    pairs = zip(solved.filled.cells, solved.values, strict=True)
    numbers = {cell: value for cell, value in pairs if cell is not None and value.number is not None}
    sizes = [abs(value.number) for value in numbers.values() if value.number]
    if sizes and max(sizes) >= _SPREAD * min(sizes):
        return 0.0
    if solved.grid.cells and {*solved.grid.cells} - solved.grid.optional <= numbers.keys():
        return _FULL
    lines = {value.span.line.number for value in numbers.values()}
    return 0.0 if len(lines) < _APART * len(numbers) else limit


def _is_full(grid: Grid, row: int, own: Sequence[tuple[Run, Cell, Value]]) -> bool:
    """Whether a row has something printed in every cell that the form wants filled, and nothing of it is doubtful.

    That nothing was measured before the project began is likely, not certain. A row with a number for a year that is
    not over holds something else as well; where it holds a dash and has a blank cell all the same, any may be the blank one.
    """
    cells = [cell for _, cell, _ in own]
    needed = [(row, col) for col in range(grid.cols) if (row, col) not in grid.optional or col < grid.before]
    whole = len(own) == grid.cols or (cells == needed and all(value.number is not None for _, _, value in own))
    return whole and not any(
        run.is_doubtful or (value.number is not None and cell in grid.closed) for run, cell, value in own
    )


def _share_out(bodies: Sequence[Body], labels: Sequence[Hit]) -> None:
    """As many labels of one row as there are tables: the first is the first table's, and so on."""
    if len(bodies) != len(labels) or len(bodies) < 2:
        return
    owner = {id(label): body for label, body in zip(labels, bodies, strict=True)}
    for body in bodies:
        for run in [run for run in body.runs if run.row is not None and owner.get(id(run.row), body) is not body]:
            body.runs.remove(run)
            target = owner[id(run.row)]
            target.runs.append(run)
            target.runs.sort(key=lambda one: one.line.number)


class _Page:
    def __init__(self, bodies: list[Body], review_year: int) -> None:
        self.bodies = bodies
        self.whole = [body for body in bodies if body.kind != "unit_cost" and _is_whole(body)]
        self.grids: list[Grid] = [grid_of(body, review_year)[0] for body in self.whole]
        self.labelled = [
            (table, run) for table, body in enumerate(self.whole) for run in body.runs if run.row is not None
        ]
        self.rows = [
            _Row(table, self.whole[table].measures.index(ROWS[run.row.key]), run.line.number,
                 self._printed(table, run), _decimals(run))
            for table, run in self.labelled if run.row is not None
        ]  # fmt: skip
        self.free = [(body, run) for body in bodies for run in body.runs if run.row is None and run.values]
        self.free.sort(key=lambda pair: pair[1].line.number)

    def _printed(self, table: int, run: Run) -> _Values:
        """The numbers beside a label; where they begin with one, the years before the project are blank."""
        numbers = tuple(value.number for value in run.values)
        return (*[None] * self.grids[table].before, *numbers) if numbers and numbers[0] is not None else numbers

    def settle(self) -> None:
        if not self.whole or not self.free:
            return
        beam: Beam[_State] = Beam(_WIDTH)
        beam.add(0.0, _State(0.0, (), tuple(row.values for row in self.rows)))
        for home, run in self.free:
            states, beam = beam.states(), Beam(_WIDTH)
            self._grow(states, beam, home, run)
        priced = sorted((state.cost + self._whole_price(state.values), state.owners) for state in beam.states())
        cost, owners = priced[0]
        rivals = [other for price, other in priced[1:] if price <= cost + _MARGIN]
        self._move(owners, rivals)

    def _grow(self, states: Sequence[_State], beam: Beam[_State], home: Body, run: Run) -> None:
        """Every state with the run left where it is, or at the end of one of the labelled rows."""
        added = tuple(value.number for value in run.values)
        left = _LEFT_DASH if not _has_numbers(run) else _LEFT if home in self.whole else _LEFT_HOME
        known: list[dict[_Values, float]] = [{} for _ in self.rows]
        for state in states:
            if state.cost >= beam.limit:
                return
            beam.add(state.cost + left, _State(state.cost + left, (*state.owners, -1), state.values, state.starts))
            last = state.owners[-1] if state.owners and len(added) == 1 else -1
            for place, values in enumerate(state.values):
                price = known[place].get(values)
                if price is None:
                    price = known[place][values] = self._price(self.rows[place], values, run)
                cost = state.cost + price
                if cost >= beam.limit:
                    continue
                row = self.rows[place]
                first = (row.table << 4 | len(values)) << 2  # rows of the column in which the run begins
                cost += _UPWARD * (state.starts >> first + row.row + 1 & 3 >> row.row).bit_count() + _BROKEN * (
                    last == place
                )
                if cost < beam.limit:
                    grown = (*state.values[:place], (*values, *added), *state.values[place + 1 :])
                    beam.add(cost, _State(cost, (*state.owners, place), grown, state.starts | 1 << first + row.row))

    def _price(self, row: _Row, values: _Values, run: Run) -> float:
        """A run at the end of a row: its place, its size, its decimals, and whether these cells can hold numbers at all."""
        grid = self.grids[row.table]
        if len(values) + len(run.values) > grid.cols:
            return math.inf
        cost, before = self._order(row, run), [value for value in values if value is not None]
        for place, value in enumerate(run.values, start=len(values)):
            if value.number is None:
                continue
            if (row.row, place) in grid.closed:
                cost += _CLOSED
            if value.zone and not grid.zones[place].startswith(value.zone):
                cost += _WRONG_ZONE
            cost += 0.8 * min(leap(before[-1], value.number), 2.5) if before else 0.2
            if row.row == 1 and len(before) > 1:
                cost += _UNEVEN * min(abs(_step(*before[-2:]) - _step(before[-1], value.number)), 1.0)
            before.append(value.number)
        if values and any(value.number is not None for value in run.values) and _decimals(run) != row.decimals:
            cost += 0.3 if row.decimals else 1.2
        return cost

    def _order(self, row: _Row, run: Run) -> float:
        """Loose values come after their label; the fewer other rows between, the likelier."""
        if run.line.number < row.line:
            return _BEFORE
        return 0.12 * min(sum(row.line < other.line < run.line.number for other in self.rows), 6)

    def _whole_price(self, values: Sequence[_Values]) -> float:
        """What is missing in the end, and what the arithmetic says."""
        cost = 0.0
        for row, known in zip(self.rows, values, strict=True):
            grid = self.grids[row.table]
            wanted = [
                col for col, zone in enumerate(grid.zones) if zone == "year" or (row.row, col) not in grid.optional
            ]
            cost += _MISSING * max(0, len(wanted) - len(known)) * (1.0 if row.row < 2 else 0.5)
        for table, grid in enumerate(self.grids):
            if grid.ratio is not None:
                own = {row.row: known for row, known in zip(self.rows, values, strict=True) if row.table == table}
                for trio in zip(*(own.get(row, ()) for row in grid.ratio), strict=False):
                    a, t, p = trio
                    if a is not None and t and p is not None:
                        cost += -0.6 if is_ratio(a, t, p, 0) else _WRONG_RATIO
        return cost

    def _move(self, owners: Sequence[int], rivals: Sequence[Sequence[int]]) -> None:
        for i, (home, run) in enumerate(self.free):
            doubtful = any(other[i] != owners[i] for other in rivals)
            if owners[i] < 0 or not _has_numbers(run):  # a dash keeps a cell from others, and says no more
                continue
            table, labelled = self.labelled[owners[i]]
            home.runs.remove(run)
            run.row, run.is_loose, run.is_doubtful = labelled.row, True, doubtful
            body = self.whole[table]
            after = max(place for place, other in enumerate(body.runs) if other.row is labelled.row)
            body.runs.insert(after + 1, run)


def _is_whole(body: Body) -> bool:
    """Every row stands beside its label."""
    rows = [ROWS[run.row.key] for run in body.runs if run.row is not None]
    return sorted(rows) == sorted(body.measures) and any(run.values for run in body.runs if run.row is not None)


def _step(before: float, after: float) -> float:
    return leap(before, after) * (1 if after >= before else -1)


def _has_numbers(run: Run) -> bool:
    return any(value.number is not None for value in run.values)


def _decimals(run: Run) -> bool:
    return any("." in value.span.text or "．" in value.span.text for value in run.values)
