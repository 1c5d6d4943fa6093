"""How likely one filling of the recipients' tables is: what speaks against printing this cell here, after that one.

Every cost is about the logarithm of how rarely the thing is seen in sheets printed and extracted; the search of
``recipient_grid`` adds them up. Nothing here is certain: the form's firm rules (one value per cell, a number
names its row) are kept there.
"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.readers.text_layer.recipient_cells import (
    AMOUNT,
    BIDDERS,
    METHOD,
    NAME,
    NUMBER,
    RANK,
    RATE,
    REASON,
    WORK,
    Cell,
    Way,
)  # fmt: skip

__all__ = ["Costs", "Filling", "Place", "Rank", "State", "Step", "Table"]

#: a cell without a value, by column; corporate number and bidders depend on the row
_BLANK = (1.5, 12.0, 0.7, 6.0, 9.0, 15.0, 0.7, 0.2, 0.0)
#: columns that many rows leave blank
LOOSE = frozenset((NUMBER, BIDDERS, RATE, REASON))


@dataclass(slots=True)
class Table:
    """One list of recipients; ``first`` is the number of its first row in the grid of all tables."""

    block: str
    size: int
    first: int

    @property
    def end(self) -> int:
        return self.first + self.size


class Step:
    """One decision on the way to a filling; ``others`` are ways to much the same state that cost a little more."""

    __slots__ = ("before", "others", "row", "way")

    def __init__(self, before: Step | None, row: int, way: Way | None) -> None:
        self.before, self.row, self.way = before, row, way
        self.others: list[tuple[float, Step]] | None = None


#: one bit per row in each of three masks: bidders were counted, were not (by the contract method), a private person
Modes = tuple[int, int, int]
#: table and number
Rank = tuple[int, int]
#: A row that a piece may go to: the price of printing it right after the last one, of the labels in between, and of the
#: number of the row or of the rows passed over, with those that are thereby paid for.
Place = tuple[int, float, float, float, int]
#: A filling so far: its cost; which cells are filled and which were left blank and paid for (``charged``), one bit per
#: cell, column by column; the modes of its rows; ``tops``, the rows of each column down to its last filled cell;
#: ``place``, the row of the last piece, its first and last column, and the first row of its run down a column; the last
#: amount's row and yen; the last rank; and the last step to it.
State = tuple[float, int, int, Modes, tuple[int, ...], tuple[int, int, int, int], tuple[int, int], Rank, Step]
#: the same without the step
Filling = tuple[float, int, int, Modes, tuple[int, ...], tuple[int, int, int, int], tuple[int, int], Rank]


def next_open(closed: int, row: int) -> int:
    """The first row from ``row`` on whose method is not one without bidders, as its bit."""
    rows = ~closed >> row << row
    return rows & -rows


def next_rows(opened: int, closed: int, row: int) -> int:
    """That row, and the first one whose method is one with bidders, as bits."""
    rows, counted = ~closed >> row << row, opened >> row << row
    return rows & -rows | counted & -counted


class Costs:
    """The costs for one set of tables, and what has been printed so far besides values."""

    def __init__(self, tables: list[Table]) -> None:
        self.tables = tables
        self.rows = tables[-1].end
        self.every = (1 << self.rows) - 1
        self.table_of = [index for index, table in enumerate(tables) for _ in range(table.size)]
        self.first_of = [table.first for table in tables for _ in range(table.size)]
        #: table and rank of every row
        self.place_of = [(index, rank + 1) for index, table in enumerate(tables) for rank in range(table.size)]
        #: one bit for each column that no row leaves blank
        self.whole = sum(1 << column * self.rows for column in (NAME, WORK, AMOUNT, METHOD))
        #: the greatest number of a row
        self.most = max(table.size for table in tables)
        #: by rank the rows that have it, one bit each; the first row of every table, and the end of all
        self._ranked: dict[int, int] = {}
        for row, (_, rank) in enumerate(self.place_of):
            self._ranked[rank] = self._ranked.get(rank, 0) | 1 << row
        self._starts = [*[table.first for table in tables], self.rows]
        #: the first row of each row's table, as its bit
        self._heads = [1 << first for first in self.first_of]
        #: per column the table whose label was printed last; the column labelled just before this piece, or -1
        self.seen = [-1] * 9
        self.fresh = -1
        #: pieces of nothing but dashes since the last piece
        self.dashes = 0
        #: by the columns of a way what the labels printed so far say about it
        self._labelled: dict[tuple[int, ...], tuple[int, int, int, int, int, int]] = {}

    def label(self, column: int, table: int) -> None:
        """The label of a column was printed."""
        self.seen[column], self.fresh, self.dashes = table, column, 0
        self._labelled.clear()

    def placed(self) -> None:
        """A piece was printed."""
        if self.fresh >= 0:
            self.fresh = -1
            self._labelled.clear()
        self.dashes = 0

    def _labels(self, columns: tuple[int, ...]) -> tuple[int, int, int, int, int, int]:
        """The first and the last column of a way, the tables whose labels of these were printed last, that of the label
        that tells where the first is (-1 for none), and its first row where that label was printed just now, else -1."""
        left, right, seen = columns[0], columns[-1], self.seen
        own = seen[left or NAME]
        head = self.tables[own].first if self.fresh >= left and own >= 0 else -1
        found = self._labelled[columns] = left, right, max(seen[left], 0), max(seen[right], 0), own, head
        return found

    def steps(self, state: State, way: Way, taken: int, room: float) -> list[Place]:
        """The rows that a piece may go to this way, but for those ``taken``, and what that costs as far as it is within
        ``room``. A run down a column is rarely left halfway."""
        _, filled, _, modes, tops, (at, first, last, start), _, rank, _ = state
        known = self._labelled.get(way.columns) or self._labels(way.columns)
        left, right, ahead_of, behind_of, own, head = known
        dashes, top = self.dashes, tops[left]
        # of a column that many rows leave blank, the rows that may come next, after the last piece, in its run, in the column
        onwards = along = below = 0
        if left in LOOSE:
            opened, closed, _ = modes
            onwards = next_rows(opened, closed, at + 1)
            if left > last:
                along = next_open(closed, start if start > 0 else 0)
            below = next_rows(opened, closed, top)
        if left == RANK:
            rows = self._rows_of_rank(int(way.cells[0][1].folded), rank[0], own)
        else:
            rows = self._rows_for(way, filled, modes, tops, at, start, self.tables[ahead_of], onwards | below)
        rows &= ~taken
        found: list[Place] = []
        if not rows:
            return found
        run, table_of, labelled = at > start, self.table_of, head >= 0
        # a run may go through several tables: the next column begins with the first, or the last
        begin = self.first_of[at]
        while rows:
            bit = rows & -rows
            row, rows = bit.bit_length() - 1, rows ^ bit
            if at < 0:
                near = 0.0
            elif labelled and 0 <= row - head <= dashes:  # right after a label: the first row below it
                near = 0.3 if left == self.fresh else 0.6
            elif labelled and left == self.fresh and row < head:
                near = 4.5
            elif row == at:
                if left > last:
                    near = (2.2 if run else 0.2) + 0.8 * max(left - last - 1 - dashes, 0)
                else:
                    near = (
                        1.5 if self._completes(filled, row, left) else 2.0 if left == NUMBER and last == WORK else 3.5
                    )
            elif left == first and row > at:
                over = row - at - 1 - dashes
                near = (0.0 if run or dashes else 0.6) if not over else 0.8 if over < 0 or bit & onwards else 3.5
            elif row == at + 1 and left < first:
                near = 2.2 if run else 0.9
            elif left > last:
                if 0 <= row - start <= dashes or bit & along:
                    near = (1.0 if run else 1.4) + 0.2 * (left - last) + self._off(state, row, start)
                elif start < begin <= row <= begin + dashes:
                    near = 1.0 + 0.2 * (left - last) + self._off(state, row, begin)
                elif 0 <= row - top <= dashes or bit & below:
                    near = (3.2 if run else 2.0) + 0.1 * (left - last) + (0.5 if row > top else 0.0)
                else:
                    near = 4.5
            else:
                near = 3.0 if row == top else 4.5
            extra, paid = 0.0, 0
            if left == RANK:
                extra = self._next_rank(rank, self.place_of[row])
                if near > 1.0 and (row == top or not extra):
                    near = 1.0
            if near > room:
                continue
            table, far = table_of[row], 0.0
            if table != ahead_of and left != RANK:
                far = self._reach(row, left, table - ahead_of, near)
            if table != behind_of and left != right:
                far = max(far, self._reach(row, right, table - behind_of, near))
            if near + far <= room:
                if left in (BIDDERS, RATE) and row > top:
                    extra, paid = self.skip(filled, modes, left, top, row, wide=False)
                found.append((row, near, far, extra, paid))
        return found

    def _rows_of_rank(self, rank: int, last: int, seen: int) -> int:
        """The rows of this number in the tables around that of the last one and that labelled last, one bit each."""
        rows = self._ranked.get(rank, 0)
        if not rows:
            return 0
        starts, end, last = self._starts, len(self.tables), max(last, 0)
        around = (1 << starts[min(last + 3, end)]) - (1 << starts[max(last - 1, 0)])
        around |= (1 << starts[min(seen + 2, end)]) - (1 << starts[max(seen, 0)])
        return rows & around

    def _rows_for(
        self,
        way: Way,
        filled: int,
        modes: Modes,
        tops: tuple[int, ...],
        at: int,
        start: int,
        table: Table,
        following: int,
    ) -> int:
        """The rows worth trying for the first cell of a piece, one bit each: ``table`` is the one labelled last.
        ``following``: those that may come next, of a column that many rows leave blank."""
        column, dashes = way.columns[0], self.dashes
        top, above = tops[column], start if start > 0 else 0
        rows = 1 << top | (3 << at if at >= 0 else 1) | 1 << above | 1 << table.first | self._heads[at]
        if dashes:
            rows |= (1 << start + min(dashes, 4) + 1) - (1 << above) | (1 << at + min(dashes, 9) + 2) - (1 << at + 1)
        if column in (BIDDERS, RATE):
            opened, closed, _ = modes
            rows |= following | next_rows(opened, closed, above) | next_open(closed, table.first)
            if tops[METHOD] <= table.first or len(way.cells) > 1:  # no method yet that would tell
                rows |= max((1 << table.end) - (1 << max(table.first, top, tops[METHOD])), 0)
        elif column == WORK and METHOD in way.columns:  # a further contract of a recipient: it has no rank of its own
            free = ((1 << table.end) - (1 << table.first)) & ~(filled >> column * self.rows)
            rows |= 1 << free.bit_length() - 1 if free else 0
        if column not in (NUMBER, BIDDERS, RATE):  # the first gap
            mask = filled >> column * self.rows & self.every
            rows |= ~mask & (mask + 1)
        return rows & self.every

    def _off(self, state: State, row: int, start: int) -> float:
        """A run down one column after that of another: the dashes between them fill the one and begin the other."""
        tops, (at, _, last, _) = state[4:6]
        end = max(at, min(tops[METHOD], self.tables[self.table_of[at]].end) - 1) if last == BIDDERS else at
        expected = (end - at) + (row - start)
        return 0.0 if expected == self.dashes else 0.6 if row == start else 0.8

    def _completes(self, filled: int, row: int, left: int) -> bool:
        """True where this cell is the only one of its row that is still missing."""
        cells = filled >> row | 1 << left * self.rows
        return cells & self.whole == self.whole

    def fit_bidders(self, modes: Modes, row: int, cell: Cell, filled: int, goes_on: bool) -> float:
        """A number of bidders in this row, by what else the row says; ``goes_on`` within a run down its column."""
        early = 0.0
        if not goes_on:
            early = (0.0 if filled >> AMOUNT * self.rows + row & 1 else 2.0) + (
                0.0 if filled >> METHOD * self.rows + row & 1 else 1.0
            )
        many = 0.0 if len(cell.folded) < 2 or cell.folded < "20" else 2.0 if len(cell.folded) < 3 else 5.0
        opened, closed, _ = modes
        return early + many + (3.0 if closed >> row & 1 else 0.0 if opened >> row & 1 else 0.5)

    def fit_amount(self, last: tuple[int, int], row: int, cell: Cell) -> float:
        """An amount after another of its table: they fall."""
        at, other = last
        if at >= self.first_of[row] and self.table_of[at] == self.table_of[row]:
            return 8.0 if (cell.amount > other if at < row else cell.amount < other) else 0.0
        return 0.0

    def _reach(self, row: int, column: int, ahead: int, near: float) -> float:
        """A cell printed before the label of its column, or after that of the next table: ``ahead`` tables further on
        than the one whose label was printed last."""
        if ahead < 0:
            return 0.0 if near < 0.3 else 2.0 if ahead == -1 else 6.0
        if column < WORK:
            return 0.3
        return 1.5 if column == WORK else 9.0 if row == self.first_of[row] else 5.0

    def _next_rank(self, last: Rank, here: Rank) -> float:
        """The number of a row after the last one: the next, or a new table's first."""
        if here == (last[0], last[1] + 1):
            return 0.0
        if here[1] == 1 and here[0] > last[0]:
            return 0.0 if all(not self.tables[table].size for table in range(last[0] + 1, here[0])) else 1.5
        return 2.0 if here[0] >= last[0] or here == (self.seen[NAME], 1) else 3.5

    def blank(self, filled: int, modes: Modes, column: int, row: int) -> float:
        """A cell without a value. Bidders are counted where competition was open; persons have no number."""
        if column == NUMBER:
            return 0.0 if modes[2] >> row & 1 else 1.5 if filled >> NAME * self.rows + row & 1 else 0.7
        if column == BIDDERS:
            return 4.0 if modes[0] >> row & 1 else 0.0 if modes[1] >> row & 1 else 0.7
        return _BLANK[column]

    def skip(self, filled: int, modes: Modes, column: int, top: int, until: int, wide: bool) -> tuple[float, int]:
        """Leaving the rows from ``top`` to ``until`` blank, and those of them that were paid for.

        Rows may still follow where the label of their table is still to come, and where their number is missing while
        this one's was printed; methods of several lines are printed after those that share a line with the rest of
        their row (``wide``).
        """
        rows, height = (1 << until) - (1 << top), self.rows
        opened, closed, persons = modes
        if column in LOOSE:
            charged = rows << column * height
            if column == NUMBER:
                rows &= ~persons
                named = rows & filled >> NAME * height
                return min(1.5 * named.bit_count() + 0.7 * (rows & ~named).bit_count(), 4.0), charged
            if column == BIDDERS:
                return 4.0 * (rows & opened).bit_count() + 0.7 * (rows & ~opened & ~closed).bit_count(), charged
            cost = _BLANK[column] * rows.bit_count()
            return (min(cost, 4.0) if column == REASON else cost), charged
        end = self.tables[self.seen[column]].end if self.seen[column] >= 0 else 0
        later = rows >> end << end
        rows ^= later
        lacking = rows if column == METHOD and wide else rows & ~filled if wide or filled >> until & 1 else 0
        blank = rows & ~lacking
        cost = 0.4 * lacking.bit_count() + min(0.4 * later.bit_count(), 2.0) + _BLANK[column] * blank.bit_count()
        return cost, blank << column * height

    def left_over(self, state: State) -> float:
        """What is left blank at the end and was not paid for."""
        cost, (_, filled, charged, modes, *_) = 0.0, state
        missing = ~(filled | charged)
        for table in self.tables:
            for column in range(9):
                rows = missing >> column * self.rows + table.first & (1 << table.size) - 1
                blanks = 0.0
                while rows:
                    row = (rows & -rows).bit_length() - 1
                    blanks += self.blank(filled, modes, column, table.first + row)
                    rows &= rows - 1
                cost += min(blanks, 4.0) if column in (NUMBER, REASON) else blanks
        return cost
