"""What the solved cost tables say: the rows of every half table, its 計, and what other placements leave open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from toolkit.readers.text_layer.cost_cells import Cell
from toolkit.readers.text_layer.cost_sums import TOTAL_ROW
from toolkit.text import fold

__all__ = ["Filled", "Row", "filled"]

Row = list[tuple[int, Cell] | None]
_ITEM, _USE, _AMOUNT = 0, 1, 2

#: one cost after another
_LIST = re.compile("[費料税金][、+・]")
#: characters that unlike costs share too: 通信 and 交通, 一般 and 一式
_VAGUE = frozenset("通一")
#: a text that suits the column of items as badly as this is a use
_NO_ITEM = 0.5


@dataclass(slots=True)
class Filled:
    """One solved half table: rows of (item, use, amount), and its 計."""

    rows: list[tuple[Cell | None, Cell | None, Cell | None]]
    total: Cell | None
    #: whether item and amount of the row stood on one line
    plain: list[bool]
    adds_up: bool
    #: one flag per row: no other placement that is nearly as good reads it differently
    settled: list[bool]

    @property
    def sound(self) -> bool:
        """Whether every row has its item and its amount, and the amounts add up to the 計."""
        return not self.rows or (self.adds_up and all(item and amount for item, _, amount in self.rows))


def filled(
    best: list[dict[int, Row]],
    others: list[list[dict[int, Row]]],
    known: Sequence[int | None],
    doubtful: bool,
    odd: bool,
) -> list[Filled]:
    """``doubtful``: the order is odder than any seen, or ``odd`` while not every block's 計 is known from elsewhere."""
    result = []
    unsure = _disjoint(best) | (_twins(best) if odd else set())
    for half, rows in enumerate(best):
        total = rows.pop(TOTAL_ROW, [None, None, None])[2]
        spent = sum(row[2][1].amount or 0 for row in rows.values() if row[2])
        adds_up = spent == (known[half] if total is None else total[1].amount)
        one = Filled([], total and total[1], [], adds_up, [])
        said = [{_pair(row) for row in other[half].values()} for other in others]
        for _, row in sorted(rows.items()):
            item, use, amount = row
            one.rows.append((item and item[1], use and use[1], amount and amount[1]))
            one.plain.append(item is not None and amount is not None and item[0] == amount[0])
            firm = not doubtful and (one.plain[-1] or half not in unsure)
            one.settled.append(firm and all(_pair(row) in other for other in said))
        result.append(one)
    return result


def _disjoint(halves: list[dict[int, Row]]) -> set[int]:
    """The half tables whose columns of items and uses do not go together: the sums tell nothing about texts.

    Either a use stands among the items, or an item shares a word with the use of another row, and neither of the two
    with what stands beside it. A use that lists several costs (人件費＋事業費の10%) shares words with all of them.
    """
    texts = [(half, _cell(row, _ITEM), _cell(row, _USE)) for half, rows in enumerate(halves) for row in rows.values()]
    found = {half for half, item, _ in texts if item and item.as_item >= _NO_ITEM}
    loose = [(half, item, use) for half, item, use in texts if not _are_kin(item, use)]
    for (half, item, _), (other, _, use) in permutations(loose, 2):
        if use and _are_kin(item, use) and not _LIST.search(fold(use.text)):
            found |= {half, other}
    return found


def _twins(halves: list[dict[int, Row]]) -> set[int]:
    """The half tables whose amounts have the same sum as those of another one: which are whose only the order tells."""
    amounts = [[_cell(row, _AMOUNT) for at, row in rows.items() if at != TOTAL_ROW] for rows in halves]
    sums = [sum([one.amount or 0 for one in column if one]) for column in amounts]
    return {half for half, spent in enumerate(sums) if spent and sums.count(spent) > 1}


def _cell(row: Row, kind: int) -> Cell | None:
    found = row[kind]
    return found and found[1]


def _are_kin(item: Cell | None, use: Cell | None) -> bool:
    return item is not None and use is not None and not (item.chars & use.chars) <= _VAGUE


def _pair(row: Row) -> tuple[str | None, int | None]:
    """What a row says."""
    item, _, amount = row
    return item and item[1].text, amount and amount[1].amount
