"""Indicators over the cell model: the chain of 2023 and the outcome, output, unit cost and policy tables before it."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from toolkit import text
from toolkit.form.cell_tables import value_at, year_columns
from toolkit.form.cells import Cell, Cells
from toolkit.form.draft import Draft

__all__ = ["read_indicators"]

_HORIZON = {"1": "short", "2": "mid", "3": "long"}
_MEASURES = {
    "output_actual": "actual", "output_expected": "expected", "outcome_actual": "actual", "outcome_target": "target",
    "outcome_achievement": "achievement", "policy_actual": "actual",
}  # fmt: skip
_STARTS = ("activity", "output", "reason", "outcome", "evidence", "outcome_note", "outcomes", "outputs", "unit_costs", "policy_side",
           "more_outcomes", "more_outputs", "no_number", "kpi", "bureau_review")  # fmt: skip


def read_indicators(cells: Cells, review_year: int, draft: Draft) -> None:
    """Walk down the left-hand labels; each owns the band of cells as far as the next one."""
    marks = [c for c in cells.labels(*_STARTS) if not (c.key == "unit_costs" and not _opens_table(cells, c))]
    walk = _Walk(cells, review_year, draft)
    for mark, following in zip_longest(marks, marks[1:]):
        band = cells.within(mark.y0, following.y0 if following else mark.y1, mark.x1 - 0.1)
        step = getattr(walk, mark.key, None)
        if step is not None:
            step(mark, band)


def _opens_table(cells: Cells, mark: Cell) -> bool:
    """単位当たりコスト heads a table and labels a row in it; the former has 算出根拠 in its row."""
    return any(c.key == "unit_cost_basis" and c.y0 < mark.y1 and c.y0 >= mark.y0 - 0.1 for c in cells.right(mark))


class _Walk:
    """Where the walk stands: the activity, and the indicator the next reason or evidence belongs to."""

    def __init__(self, cells: Cells, review_year: int, draft: Draft) -> None:
        self.cells, self.review_year, self.draft = cells, review_year, draft
        self.activity_no: int | None = None
        self.last: str | None = None
        self.reason_text: Cell | None = None
        self.counts: dict[str, int] = {}

    # -- 2023
    def activity(self, mark: Cell, band: list[Cell]) -> None:
        self.activity_no = int(mark.groups["no"])
        self.last = None
        value = self.cells.value_right(mark)
        if value:
            self.draft.put("indicators", (f"{self.activity_no}-activity",), activity_no=self.activity_no, level="activity",
                           goal=text.tidy(value.take().text), ref=value.ref)  # fmt: skip

    def output(self, mark: Cell, band: list[Cell]) -> None:
        number = int(mark.groups["no"])
        id_ = self._count(f"{number}-output")
        self._table(id_, band, "output_goal", "output_indicator", activity_no=number, level="output")
        self._arrive(id_)

    def reason(self, mark: Cell, band: list[Cell]) -> None:
        self.reason_text = self.cells.value_right(mark)

    def outcome(self, mark: Cell, band: list[Cell]) -> None:
        horizon = _HORIZON.get(mark.groups["step"], "long")
        id_ = f"{int(mark.groups['no'])}-{horizon}"
        if self.draft.get("indicators", id_):
            id_ = self._count(id_, first=2)
        self._table(
            id_,
            band,
            "outcome_goal",
            "outcome_indicator",
            activity_no=int(mark.groups["no"]),
            level="outcome",
            horizon=horizon,
        )
        self._arrive(id_)

    def evidence(self, mark: Cell, band: list[Cell]) -> None:
        value = self.cells.value_right(mark)
        if value is None or self.last is None:
            return
        measured = any(
            r["indicator_id"] == self.last and r.get("value") is not None for r in self.draft.rows("measurements")
        )
        said = text.tidy(value.take().text)
        self.draft.put(
            "indicators",
            (self.last,),
            evidence_source=said,
            is_qualitative=True if said and not measured else None,
            ref=value.ref,
        )

    def outcome_note(self, mark: Cell, band: list[Cell]) -> None:
        said = []
        for label in (c for c in band if c.key in ("why_qualitative", "why_single")):
            value = self.cells.value_below(label)
            if value and text.tidy(value.take().text):
                said.append(value)
        if said and self.activity_no is not None:
            explanation = "\n".join(cell.text.strip() for cell in said)
            self.draft.put("indicators", (f"{self.activity_no}-activity",), activity_no=self.activity_no, level="activity",
                           explanation=explanation, ref=said[0].ref)  # fmt: skip

    # -- to 2022
    def outcomes(self, mark: Cell, band: list[Cell]) -> None:
        self.last = self._count("outcome")
        self._table(self.last, band, "outcome_goal", "outcome_indicator", level="outcome")

    def outputs(self, mark: Cell, band: list[Cell]) -> None:
        self._table(self._count("output"), band, "outcome_goal", "output_indicator", level="output")

    def no_number(self, mark: Cell, band: list[Cell]) -> None:
        id_ = self._count("outcome")
        for label in (c for c in band if c.key in ("no_number_reason", "no_number_goal")):
            value = self.cells.value_below(label) or self.cells.value_right(label)
            if value and text.tidy(value.take().text):
                column = "explanation" if label.key == "no_number_reason" else "goal"
                said: dict[str, Any] = {column: text.tidy(value.text)}
                self.draft.put("indicators", (id_,), level="outcome", is_qualitative=True, ref=value.ref, **said)

    def unit_costs(self, mark: Cell, band: list[Cell]) -> None:
        head = next((c for c in band if c.key == "unit_cost_basis"), None)
        unit = next((c for c in band if c.key == "unit"), None)
        rows = {c.key: c for c in band if c.key in ("unit_costs", "unit_cost_formula")}
        if head is None or "unit_costs" not in rows:
            return
        basis = self.cells.value_below(head)
        unit_cell = value_at(self.cells, rows["unit_costs"], unit) if unit else None
        for column, year in year_columns([c for c in band if c.beside(head)], self.review_year):
            value = value_at(self.cells, rows["unit_costs"], column)
            formula = value_at(self.cells, rows["unit_cost_formula"], column) if "unit_cost_formula" in rows else None
            places = [cell.ref for cell in (value, formula) if cell]
            if places:
                number = text.parse_number(value.folded) if value else None
                self.draft.add("unit_costs", fiscal_year=year, basis=text.tidy(basis.take().text) if basis else None,
                               unit=text.tidy(unit_cell.text) if unit_cell else None, value=None if number is None else float(number),
                               formula_text=text.tidy(formula.text) if formula else None, ref=places[0])  # fmt: skip
        for cell in band:
            if not cell.label and rows.get("unit_cost_formula") and cell.beside(rows["unit_cost_formula"]):
                cell.take()  # the formula's own unit

    def policy_side(self, mark: Cell, band: list[Cell]) -> None:
        heads = [c for c in band if c.key in ("policy_indicator", "reform_kpi")]
        for head, following in zip_longest(heads, heads[1:]):
            part = [c for c in band if c.y0 >= head.y0 - 0.1 and (following is None or c.y0 < following.y0)]
            stop = next((c.y0 for c in part if c.key in ("policy_relation", "reform_relation", "reform")), float("inf"))
            part = [c for c in part if c.y0 < stop]
            name = self.cells.value_below(head)
            if name and not text.is_nothing(name.text):
                self._table(
                    self._count("policy" if head.key == "policy_indicator" else "reform"),
                    part,
                    "",
                    head.key,
                    level="policy",
                )
            else:
                for cell in part:
                    if not cell.label and (
                        text.is_nothing(cell.text)
                        or cell.folded in ("%", "年度")
                        or text.short_fiscal_year(cell.folded, self.review_year)
                    ):
                        cell.take()

    # -- shared
    def _count(self, stem: str, first: int = 1) -> str:
        self.counts[stem] = self.counts.get(stem, first - 1) + 1
        return f"{stem}-{self.counts[stem]}"

    def _arrive(self, id_: str) -> None:
        """Link the indicator before to this one, with the reason printed between them."""
        before, self.last = self.last, id_
        said = text.tidy(self.reason_text.take().text) if self.reason_text else None
        if before and (said or self.reason_text or before != id_):
            ref = self.reason_text.ref if self.reason_text else ""
            self.draft.put("logic_links", (before, id_), explanation=said, ref=ref)
        self.reason_text = None

    def _table(self, id_: str, band: list[Cell], goal_key: str, indicator_key: str, **columns: Any) -> None:
        """One indicator: goal and indicator beneath their headers, rows by measure, columns by fiscal year."""
        head = {c.key: c for c in reversed(band) if c.label}
        rows = [c for c in band if c.key in _MEASURES]
        if not rows:
            return
        top = min(row.y0 for row in rows)
        bottom = max(row.y1 for row in rows)
        goal, indicator = (self._under(head.get(key), top, bottom) for key in (goal_key, indicator_key))
        if goal is None and indicator is None and not any(self._has_value(row, band) for row in rows):
            self.counts[id_.rpartition("-")[0]] -= id_.rpartition("-")[0] in self.counts
            for cell in band:
                cell.take()
            return  # a block of the form that was left empty
        unit = None
        for row in rows if "unit" in head else ():
            printed = value_at(self.cells, row, head["unit"])
            if unit is None and _MEASURES[row.key] != "achievement":
                unit = printed
        self.draft.put("indicators", (id_,), ref=(indicator or goal or rows[0]).ref, goal=text.tidy(_joined(goal)) if goal else None,
                       indicator=text.tidy(_joined(indicator)) if indicator else None, unit=text.tidy(unit.text) if unit else None, **columns)  # fmt: skip
        header = [c for c in band if c.middle[1] < top and not c.label]
        finals = [c for c in band if c.key in ("final_year", "interim_year", "reform_start")]
        plain = [c for c in header if not any(f.x0 - 0.1 <= c.middle[0] <= f.x1 + 0.1 for f in finals)]
        for column, year in year_columns(plain, self.review_year):
            self._column(id_, rows, column, year, is_final=False)
        for final in finals:
            parts = [c.take() for c in header if final.x0 - 0.1 <= c.middle[0] <= final.x1 + 0.1]
            years = [y for c in parts if (y := text.short_fiscal_year(c.folded, self.review_year))]
            if final.key != "reform_start":
                self._column(id_, rows, final, years[0] if years else None, is_final=True)

    @staticmethod
    def _has_value(row: Cell, band: list[Cell]) -> bool:
        """A number in the row of a measure."""
        return any(
            text.parse_number(c.folded.removesuffix("%")) is not None
            for c in band
            if c.beside(row) and c.x0 >= row.x1 - 0.1
        )

    def _under(self, head: Cell | None, top: float, bottom: float) -> Cell | None:
        if head is None:
            return None
        found = [c for c in self.cells.below(head, bottom) if not c.label and not c.used and c.y1 > top]
        return found[0].take() if found else None

    def _column(self, id_: str, rows: list[Cell], column: Cell, year: int | None, *, is_final: bool) -> None:
        for row in sorted(rows, key=lambda row: _MEASURES[row.key] == "achievement"):
            cell = value_at(self.cells, row, column)
            if cell is None or (year is None and not is_final):
                continue
            measure = _MEASURES[row.key]
            number = text.parse_number(cell.folded.removesuffix("%"))
            value = None if number is None else float(number)
            if value is not None and measure == "achievement":
                value = value / 100 if "%" in cell.folded else self._achievement(value, (id_, year), is_final)
            self.draft.put(
                "measurements", (id_, year, measure, is_final), value=value, value_text=cell.text.strip(), ref=cell.ref
            )

    def _achievement(self, printed: float, key: tuple[str, int | None], is_final: bool) -> float:
        """A workbook stores 82 % as 82 or, with a percent format, as 0.82: actual over target tells which."""
        actual, target = (
            (self.draft.get("measurements", *key, m, is_final) or {}).get("value") for m in ("actual", "target")
        )
        if actual and target:
            return min((printed / 100, printed), key=lambda ratio: abs(ratio - actual / target))
        return printed / 100 if printed > 3 or printed == 0 else printed


def _joined(cell: Cell) -> str:
    return text.unwrap(cell.text.split("\n"))
