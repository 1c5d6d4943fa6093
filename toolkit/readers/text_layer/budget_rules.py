"""The arithmetic of the budget part, as penalties for a placement that breaks it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter

from toolkit.readers.text_layer.grid import Layout, Rule, Values
from toolkit.readers.text_layer.grid_rules import Rules

Penalty = Callable[[Values], float]

_GRID, _LINES = 0, 1
_A, _B, _C, _D, _E, _F, _G, _RATE, _RATE_INITIAL = range(9)

#: rewards for numbers that agree: for a sum, an amount printed twice, one that is carried over, a rate
_SUM, _SAME, _LINK, _SHARE = 3.0, 2.0, 2.0, 2.0


@lru_cache(maxsize=64)
def rules_of(layout: Layout, lines: int, step: float) -> Rules:
    """All rules of a sheet with so many budget lines, shared by those printed alike. ``step`` is the printed precision, in
    the printed unit."""
    return Rules(_grid_rules(layout, step) + _line_rules(layout, lines, step))


def _grid_rules(layout: Layout, step: float) -> list[Rule]:
    """Sums and rates of every year."""
    rules = []
    for col in range(4):
        cells = [layout.cell(_GRID, row, col) for row in range(_F + 1)]
        for final in (False, True):
            rules.append(
                Rule(tuple(cells), _sum_rule(cells[:_F], cells[_F], step, final=final), final, gain=_SUM * (not final))
            )
    for col in range(5):
        cells = [layout.cell(_GRID, row, col) for row in range(_G + 1)]
        rules.append(Rule(tuple(cells), _whole_rule(cells, col), True))
    columns = [[layout.cell(_GRID, row, col) for row in range(_G + 1)] for col in range(4)]
    rules.append(Rule(tuple([cell for cells in columns for cell in cells]), _gap_rule(columns), True, wide=True))
    a, f = layout.cell(_GRID, _A, 4), layout.cell(_GRID, _F, 4)
    rules.append(Rule((a, f), _same_rule(a, f, 0.0), gain=_SAME))
    for col in range(3):
        d, c = layout.cell(_GRID, _D, col), layout.cell(_GRID, _C, col + 1)
        rules += [Rule((c, d), _link_rule(c, d, step), gain=_LINK), Rule((c, d), _pair_rule(c, d), True, True)]
        f, g = layout.cell(_GRID, _F, col), layout.cell(_GRID, _G, col)
        rules.append(Rule((f, g), _within_rule(g, f, step)))
        rate = layout.cell(_GRID, _RATE, col)
        rules.append(Rule((f, g, rate), _rate_rule((f,), g, rate, step), gain=_SHARE))
        if layout.tables[_GRID][0] > _RATE_INITIAL:
            initial = layout.cell(_GRID, _RATE_INITIAL, col)
            base = (layout.cell(_GRID, _A, col), layout.cell(_GRID, _B, col))
            rules.append(Rule((*base, g, initial), _rate_rule(base, g, initial, step), gain=_SHARE))
    return rules


def _line_rules(layout: Layout, lines: int, step: float) -> list[Rule]:
    """計(A) of the lines is their sum, and the A of the same year."""
    rules = []
    for col in range(2):
        cells = [layout.cell(_LINES, row, col) for row in range(lines + 1)]
        total, a = cells[-1], layout.cell(_GRID, _A, 3 + col)
        for final in (False, True):
            rules.append(
                Rule(tuple(cells), _lines_rule(cells[:-1], total, step, final=final), final, gain=_SUM * (not final))
            )
        rules.append(Rule((a, total), _same_rule(a, total, step), gain=_SAME))
    for col in range(2):
        rows = [layout.cell(_LINES, row, col) for row in range(lines)]
        rules.append(Rule(tuple(rows), _first_rule(rows), final=True, soft=True))
    for row in range(lines):
        pair = layout.cell(_LINES, row, 0), layout.cell(_LINES, row, 1)
        rules.append(Rule(pair, _like_rule(*pair), final=True, soft=True))
    return rules


def unproven(layout: Layout, lines: int, step: float, values: Values) -> set[int]:
    """The columns of the lines whose total is not among the numbers and that do not add up to A either: then nothing says
    which numbers are lines."""
    found = set()
    for col in range(2):
        parts = [value for row in range(lines) if (value := values[layout.cell(_LINES, row, col)]) is not None]
        off = abs(sum(parts) - (values[layout.cell(_GRID, _A, 3 + col)] or 0.0))
        if values[layout.cell(_LINES, lines, col)] is None and any(parts) and off > step * (0.51 + 0.5 * len(parts)):
            found.add(col)
    return found


def _like_rule(cell: int, other: int) -> Penalty:
    """A budget line is printed for both years and seldom a thousand times what it was."""

    def penalty(values: Values) -> float:
        a, b = values[cell], values[other]
        if (a is None) != (b is None):
            return 0.3
        if not a or not b or a < 0 or b < 0:
            return 0.0
        return 0.2 * min(6.0, abs(math.log(a / b)))

    return penalty


def _first_rule(rows: list[int]) -> Penalty:
    """The line that matters most stands first."""
    span = slice(rows[0], rows[-1] + 1, 2) if rows else slice(0)

    def penalty(values: Values) -> float:
        known = [value or 0.0 for value in values[span]]
        return 1.1 if known and max(known) > known[0] else 0.0

    return penalty


def _lines_rule(rows: list[int], total: int, step: float, *, final: bool) -> Penalty:
    """Reward for lines that add up to their total; parts that exceed it are a bad start."""
    span = slice(rows[0], total, 2) if rows else slice(0)
    slack = [step * (0.01 if count == 1 else 0.51 + 0.5 * count) for count in range(len(rows) + 1)]
    short = -max(slack)

    def penalty(values: Values) -> float:
        whole = values[total]
        if whole is None:
            return 0.0
        parts = values[span]
        summed = sum(filter(None, parts))
        off = summed - whole
        if off < short and not final:
            return 0.0  # as it is where there are no parts
        count = len(rows) - parts.count(None)
        if not count:
            return 0.0
        if abs(off) <= slack[count]:
            return 0.0 if final else -_SUM if whole else -0.5
        if final:
            return 3.0
        return 2.0 if summed > whole + step * count and min(filter(None, parts), default=0.0) >= 0 else 0.0

    return penalty


def _same_rule(cell: int, other: int, step: float) -> Penalty:
    """The same amount printed twice."""

    def penalty(values: Values) -> float:
        a, b = values[cell], values[other]
        if a is None or b is None:
            return 0.0
        if abs(a - b) > step:
            return 2.5
        return -_SAME if a else -0.5

    return penalty


def share_of(executed: float, whole: float, step: float) -> tuple[float, float]:
    """What was executed of the whole, in %, and how far a printed rate may be off, as all three are rounded."""
    return executed / whole * 100, 0.51 + 50 * step * (whole + executed) / whole**2


def _sum_rule(parts: list[int], total: int, step: float, *, final: bool) -> Penalty:
    """Reward for A to E that add up to F; only when all is placed (``final``) a sum that fails counts against it."""
    look = itemgetter(*parts)

    def penalty(values: Values) -> float:
        whole = values[total]
        if whole is None:
            return 0.0
        a, b, c, d, e = look(values)
        # some sheets print D without its ▲
        off = abs((a or 0.0) + (b or 0.0) + (c or 0.0) - abs(d or 0.0) + (e or 0.0) - whole) / step
        if off <= 1.01:
            count = bool(a) + bool(b) + bool(c) + bool(d) + bool(e)
            if count > 1 or off <= 0.01:
                if final or whole < 0:
                    return 0.0
                if not whole:
                    return -1.0 if a is b is c is d is e is None else 0.0
                return -_SUM if a else -2.2 if count > 1 else -1.0
        if not final:
            return 0.0
        return 1.0 if off <= 2.01 or a is b is c is d is e is None else 2.0 if off <= 3.01 else 4.0

    return penalty


def _whole_rule(cells: list[int], col: int) -> Penalty:
    """A column that prints A also prints F, and G once the year is closed; one without A has nothing else either but
    a zero for F."""
    closed, is_request = col < 3, col == 4

    def penalty(values: Values) -> float:
        a, f, g = values[cells[_A]], values[cells[_F]], values[cells[_G]]
        loose = 0.5 * sum(values[cell] == 0 for cell in cells[_B:_F]) if a is None else 0.0
        if f is None:
            return loose + (0.8 * is_request if a is None else 2.0) + (0.7 if g is not None else 0.0)
        return loose + (2.0 if is_request and a is None else 0.0) + (1.5 if closed and f and g is None else 0.0)

    return penalty


def _gap_rule(columns: list[list[int]]) -> Penalty:
    """A project begins and then goes on: a year without numbers stands before the others rather than after them."""

    looks = [itemgetter(*cells) for cells in columns]

    def penalty(values: Values) -> float:
        empty = [look(values).count(None) == _G + 1 for look in looks]
        return 0.8 * sum(empty[empty.index(False) :]) if False in empty else 0.0

    return penalty


def _link_rule(carried_in: int, carried_out: int, step: float) -> Penalty:
    """What one year carries out the next one carries in."""

    def penalty(values: Values) -> float:
        came, went = values[carried_in], values[carried_out]
        if came is None or went is None:
            return 0.0
        off = abs(came - abs(went)) / step
        if off > 0.01:
            return 0.0 if off <= 1.01 else 2.0
        return -_LINK if came else -0.3

    return penalty


def _pair_rule(carried_in: int, carried_out: int) -> Penalty:
    """What comes in from a year of the sheet is printed there as well, and what is carried out goes on."""

    def penalty(values: Values) -> float:
        return 1.5 if bool(values[carried_in]) != bool(values[carried_out]) else 0.0

    return penalty


def _within_rule(executed: int, total: int, step: float) -> Penalty:
    """What is executed does not exceed F (where F is 0, the money stands on another sheet)."""

    def penalty(values: Values) -> float:
        whole = values[total]
        return 2.5 if whole and (values[executed] or 0.0) > whole + step else 0.0

    return penalty


def _rate_rule(base: tuple[int, ...], executed: int, rate: int, step: float) -> Penalty:
    """The rate is executed over the sum of ``base``."""

    def penalty(values: Values) -> float:
        printed, spent = values[rate], values[executed]
        if printed is None:
            return 0.0
        whole = 0.0
        for cell in base:
            whole += values[cell] or 0.0
        if spent is None or whole <= 0:
            return 1.0
        if abs(spent / whole * 100 - printed) <= 0.51:
            return -_SHARE
        share, slack = share_of(spent, whole, step)
        return -1.2 if abs(share - printed) <= slack else 2.5

    return penalty
