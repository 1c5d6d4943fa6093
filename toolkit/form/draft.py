"""The one place where labelled fields become tables, shared by every reader of individual sheets.

A reader finds out *where* a value stands; it hands the value over here with its place and how sure it is.
Derived columns (totals of definition, stage, status of a number, depth of a block) are computed here and
nowhere else.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from toolkit import text
from toolkit.dataset import Dataset
from toolkit.schema import CERTAINTIES
from toolkit.tables import SHEET_TABLES

__all__ = ["FAULT", "UNKNOWN_LABEL", "Draft", "weakest"]

#: how the reason of a residue row begins that records a fault of ours; a check reports it
FAULT = "fault in the reader"
#: and of one that holds words which stand where labels stand, but which no form year known here has
UNKNOWN_LABEL = "unknown label"

#: of each table, the columns that tell the rows of one sheet apart
_KEYS = {name: table.key[1:] for name, table in SHEET_TABLES.items()}
_BUDGET_PARTS = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy")


def weakest(certainties: Iterable[str]) -> str:
    """The least sure of them; ``stated`` for none."""
    return max(certainties, key=CERTAINTIES.index, default="stated")


class Draft:
    """The rows of one sheet while it is being read.

    ``add`` and ``put`` take plain Python values named as the columns of ``toolkit.TABLES``: amounts in yen
    (int), rates as ratios, fiscal years as int. ``ref`` is the ``source_ref``, ``certainty`` one of stated,
    solved, unsettled. ``dataset`` derives the rest and validates.
    """

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {name: {} for name in SHEET_TABLES}
        self._lines: dict[tuple[str, tuple[Any, ...]], int] = {}
        self._refs: dict[str, dict[tuple[Any, ...], list[str]]] = {name: {} for name in SHEET_TABLES}

    def put(
        self, table: str, key: tuple[Any, ...], *, ref: str = "", certainty: str = "stated", **values: Any
    ) -> dict[str, Any]:
        """Set columns of the row ``key`` (in the order of the table's key, without sheet_id), made if new.

        Values gather over several calls; a row is as sure as its least sure part. None values are ignored, so
        that a blank cell does not wipe out what was read elsewhere.
        """
        rows = self._rows[table]
        row = rows.get(key)
        if row is None:
            row = rows[key] = dict(zip(_KEYS[table], key, strict=True))
            row["certainty"] = "stated"
            self._refs[table][key] = []
        if None in values.values():
            values = {name: value for name, value in values.items() if value is not None}
        row.update(values)
        if certainty != "stated":
            row["certainty"] = weakest((row["certainty"], certainty))
        if ref and ref not in (refs := self._refs[table][key]):
            refs.append(ref)
        return row

    def add(self, table: str, *, ref: str = "", certainty: str = "stated", **values: Any) -> dict[str, Any]:
        """Append a row to a table whose key ends in ``line``; the line is counted within the rest of the key."""
        lead = tuple([values.pop(name, None) for name in _KEYS[table][:-1]])
        line = self._lines[table, lead] = self._lines.get((table, lead), 0) + 1
        return self.put(table, (*lead, line), ref=ref, certainty=certainty, **values)

    def sheet(self, *, ref: str = "", certainty: str = "stated", **values: Any) -> dict[str, Any]:
        """Set columns of the sheet itself."""
        return self.put("sheets", (), ref=ref, certainty=certainty, **values)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows so far, in the order they were made."""
        return list(self._rows[table].values())

    def get(self, table: str, *key: Any) -> dict[str, Any] | None:
        return self._rows[table].get(key)

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Read one section of the form; a fault in its reader costs that section, not the sheet, and is put on record."""
        try:
            yield
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            reason = f"{FAULT} of {name} ({type(error).__name__}: {error}, {place.name} line {place.lineno})"
            self.add("residue", text=name, reason=reason, certainty="unsettled")

    # -- from rows to tables
    def dataset(self, taken: set[str] | None = None) -> Dataset:
        """The finished, validated tables of this one sheet.

        ``taken`` holds the ids of the sheets of the same file so far: a sheet that is printed twice keeps both
        copies, the second as ``…#2``.
        """
        sheet = self.sheet()
        self._name_sheet(sheet)
        taken = set() if taken is None else taken
        printed, copy = sheet["sheet_id"], 2
        while sheet["sheet_id"] in taken:
            sheet["sheet_id"], copy = f"{printed}#{copy}", copy + 1
        taken.add(sheet["sheet_id"])
        self._finish_budgets(int(sheet["review_year"]))
        self._finish_blocks()
        self._finish_recipients(int(sheet["review_year"]))
        for row in self._rows["measurements"].values():
            if row.get("value") is not None:
                row["value"] = round(row["value"], 9)  # 101.7 % is 1.017, whichever way a reader divided
        sheet_id = sheet["sheet_id"]
        tables: dict[str, list[dict[str, object]]] = {}
        for name, rows in self._rows.items():
            for row, refs in zip(rows.values(), self._refs[name].values(), strict=True):
                row["sheet_id"] = sheet_id
                row["source_ref"] = "; ".join(refs) or None
            tables[name] = list(rows.values())
        for name in ("budgets", "recipients", "contracts"):
            tables[name].sort(key=lambda row: tuple([str(row.get(k) or "").zfill(4) for k in _KEYS[name]]))
        return Dataset(tables)

    def _name_sheet(self, sheet: dict[str, Any]) -> None:
        number = sheet.get("project_number")
        year = sheet["review_year"]
        if number and text.fold(number).startswith(f"{year}-"):
            sheet["sheet_id"] = text.fold(number)
        else:
            parts = [str(year), sheet.get("ministry") or "府省不明", number or sheet.get("name") or "番号不明"]
            sheet["sheet_id"] = "-".join(text.fold(part) for part in parts)
        if sheet.get("is_end_undecided") is None:
            sheet["is_end_undecided"] = None if sheet.get("end_year") is None else False

    def _finish_budgets(self, review_year: int) -> None:
        for (year, _), row in self._rows["budgets"].items():
            parts = [row.get(name) for name in _BUDGET_PARTS]
            if year > review_year:
                row["stage"] = "requested"
                continue
            row["stage"] = "closed" if year < review_year else "running"
            if row.get("current_jpy") is None and any(part is not None for part in parts):
                row["current_jpy"] = sum(part or 0 for part in parts)
            if row.get("total_jpy") is None and row.get("current_jpy") is not None:
                row["total_jpy"] = row["current_jpy"] - (row.get("carried_out_jpy") or 0)

    def _finish_blocks(self) -> None:
        parents: dict[str, set[str | None]] = {}
        for source, target in self._rows["flows"]:
            parents.setdefault(target, set()).add(source)
        depth = {target: 1 for target, sources in parents.items() if None in sources}
        frontier = set(depth)
        while frontier:  # breadth first, so a cycle or a second parent never deepens a block already reached
            frontier = {target for target, sources in parents.items() if target not in depth and sources & frontier}
            level = max(depth.values(), default=0) + 1
            depth.update(dict.fromkeys(frontier, level))
        for (block,), row in self._rows["blocks"].items():
            if block in parents:
                row.setdefault("is_root", None in parents[block])
                row.setdefault("depth", depth.get(block))

    def _finish_recipients(self, review_year: int) -> None:
        for row in self._rows["recipients"].values():
            row.setdefault("fiscal_year", review_year - 1)
            row["name_kind"] = text.name_kind(row.get("name"))
            row["number_status"] = text.number_status(row.get("corporate_number"))
