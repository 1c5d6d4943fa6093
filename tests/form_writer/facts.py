"""The tables of one sheet as plain rows, with the small conversions a printed form needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

__all__ = ["Facts", "amount_text", "million"]

Row = dict[str, Any]


def plain(value: Any) -> Any:
    """None for a missing value, else a plain Python value."""
    if value is None:
        return None
    try:
        if value != value:  # NaN
            return None
    except TypeError:  # pandas.NA refuses to be compared
        return None
    return value.item() if hasattr(value, "item") else value


def million(yen: int | None) -> Decimal | None:
    """Yen as million yen, exact."""
    return None if yen is None else (Decimal(int(yen)) / 1_000_000).normalize()


def amount_text(yen: int | None) -> int | float | None:
    """Million yen as the truth files have it: an int where whole."""
    value = million(yen)
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


class Facts:
    """Reads the tables of one sheet: ``tables`` maps names to DataFrames or to lists of dicts."""

    def __init__(self, tables: Mapping[str, Any]):
        self._tables = tables
        self.sheet = self.rows("sheets")[0]
        self.review_year: int = self.sheet["review_year"]

    def rows(self, table: str, **where: Any) -> list[Row]:
        """The rows of a table in their order, those that agree with ``where``."""
        try:
            source = self._tables[table]
        except KeyError:
            return []
        records: Iterable[Row] = source.to_dict("records") if hasattr(source, "to_dict") else source
        rows = [{name: plain(value) for name, value in row.items()} for row in records]
        return [row for row in rows if all(row.get(name) == value for name, value in where.items())]

    def one(self, table: str, **where: Any) -> Row:
        """The first such row, or an empty one."""
        rows = self.rows(table, **where)
        return rows[0] if rows else {}

    def text(self, name: str) -> Any:
        """One column of the sheet: a text, a year or an amount."""
        return self.sheet.get(name)

    def budget(self, fiscal_year: int) -> Row:
        """The budget of the whole project in one year."""
        for row in self.rows("budgets", fiscal_year=fiscal_year):
            if not row.get("account"):
                return row
        return {}

    def evaluation(self, section: str) -> Row:
        """One box of the evaluation part: verdict and text."""
        rows = [r for r in self.rows("evaluations", section=section) if not r.get("item")]
        return rows[0] if rows else {}

    def measure(self, indicator_id: str, year: int | None, measure: str, *, final: bool = False) -> Row:
        """One value of an indicator."""
        for row in self.rows("measurements", indicator_id=indicator_id, measure=measure):
            if bool(row.get("is_final_year")) == final and (final or row.get("fiscal_year") == year):
                return row
        return {}

    def final_year(self, indicator_id: str) -> int | None:
        """The target year of an outcome."""
        for row in self.rows("measurements", indicator_id=indicator_id):
            if row.get("is_final_year"):
                return row.get("fiscal_year")
        return None

    def blocks(self) -> list[str]:
        """Every block letter, as the flow, the recipients and the cost items have them."""
        seen: dict[str, None] = {}
        for table in ("blocks", "recipients", "cost_items"):
            for row in self.rows(table):
                seen.setdefault(row["block"])
        return sorted(seen, key=lambda b: (len(b), b))

    def parent(self, block: str) -> str | None:
        """The block that pays this one; None for the ministry."""
        return self.one("flows", to_block=block).get("from_block")
