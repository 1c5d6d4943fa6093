"""What the solved cost tables say: the rows of every half table, its 計, and what other placements leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.readers.text_layer.cost_cells import Cell
from toolkit.readers.text_layer.cost_sums import TOTAL_ROW

__all__ = ["Filled", "Row", "filled"]

Row = list[tuple[int, Cell] | None]


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
    best: list[dict[int, Row]], others: list[list[dict[int, Row]]], known: Sequence[int | None], doubtful: bool
) -> list[Filled]:
    """``doubtful``: the order is odder than any seen, or odd while not every block's 計 is known from elsewhere."""
    result = []
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
            one.settled.append(not doubtful and all(_pair(row) in other for other in said))
        result.append(one)
    return result


def _pair(row: Row) -> tuple[str | None, int | None]:
    """What a row says."""
    item, _, amount = row
    return item and item[1].text, amount and amount[1].amount
