"""The ○△× table, the findings and the past numbers of the forms to 2022."""

from __future__ import annotations

from .facts import Row
from .grid import Cell
from .project_goals import QUESTIONS
from .review import Review

__all__ = ["ReviewOld"]

GROUPS = {
    "国費投入の必要性": "国費投\n入の必\n要性",
    "事業の効率性": "事業\nの効\n率性",
    "事業の有効性": "事業\nの有\n効性",
}


class ReviewOld(Review):
    """From 事業所管部局による点検・改善 down to the past numbers."""

    def draw(self) -> None:
        self.truth["self_checks"] = []
        self.truth["related_projects"] = []
        self.heading("事業所管部局による点検・改善")
        self._checks()
        with self.painter.side(self.label(0, 2, "点検\n・改善\n結果")):
            for section, label in (("inspection", "点検結果"), ("direction", "改善の\n方向性")):
                text = self.evaluate(label.replace("\n", ""), self.facts.evaluation(section).get("text"))
                self.painter.line(self.label(2, 6, label), self.text(6, 50, text), height=self.layout.size * 4)
        self._findings("")
        self.remarks()
        self._past_numbers()

    def _checks(self) -> None:
        cut = self.layout.cuts("checks", 2, 24, 27, 50)
        self.painter.line(
            self.label(0, cut[1], "項　　目"),
            self.label(cut[1], cut[2], "評　価"),
            self.label(cut[2], cut[3], "評価に関する説明"),
        )
        rows = {row["item"]: row for row in self.facts.rows("evaluations", section="self_check") if row.get("item")}
        for group, questions in QUESTIONS:
            with self.painter.side(self.label(0, cut[0], GROUPS[group])):
                for question in questions:
                    self._check(cut, group, question, rows.get(question, {}))
        if self.layout.shows("related"):
            self._related(cut)

    def _check(self, cut: list[int], group: str, question: str, row: Row) -> None:
        verdict = {"○": self.layout.circle, "‐": self.layout.dash}.get(row.get("verdict") or "‐", row.get("verdict"))
        text = row.get("text")
        self.painter.line(
            Cell(cut[0], cut[1], question), self.centred(cut[1], cut[2], verdict),
            Cell(cut[2], cut[3], text) if text else self.nothing(cut[2], cut[3], question),
        )  # fmt: skip
        self.truth["self_checks"].append({"group": group, "item": question, "verdict": verdict, "text": text or ""})

    def _related(self, cut: list[int]) -> None:
        """関連事業: what other projects do, and their numbers."""
        rows = [row for row in self.facts.rows("related") if row["kind"] != "past_number"]
        question = "関連する事業がある場合、他部局・他府省等と適切な役割分担を行っているか。（役割分担の具体的な内容を各事業の右に記載）"
        with self.painter.side(self.label(0, cut[0], "関連\n事業")):
            verdict = self.layout.circle if rows else self.layout.dash
            self.painter.line(
                Cell(cut[0], cut[1], question), self.centred(cut[1], cut[2], verdict), self.empty(cut[2], cut[3])
            )
            self.painter.line(
                self.label(cut[0], 11, "所管府省名"), self.label(11, 19, "事業番号"), self.label(19, 50, "事業名")
            )
            for row in rows or [{}]:
                self.painter.line(
                    Cell(cut[0], 11, row.get("ministry") or ""),
                    Cell(11, 19, row.get("number") or ""),
                    Cell(19, 50, row.get("name") or ""),
                )
                if row:
                    self.truth["related_projects"].append({k: row.get(k) for k in ("ministry", "number", "name")})

    def _past_numbers(self) -> None:
        self.heading("関連する過去のレビューシートの事業番号")
        last = self.facts.review_year - 1
        per_row = self.layout.past_per_row
        plain = list(range(2010, min(last, 2018) + 1))
        width = 50 // per_row
        for start in range(0, len(plain), per_row):
            cells = []
            for place, year in enumerate(plain[start : start + per_row]):
                left = place * width
                right = 50 if place == per_row - 1 else left + width
                cells.append(self.label(left, left + 5, self.layout.era(year)))
                cells.append(self.plain_number(left + 5, right, self.past(year)["number"], year))
            self.painter.line(*cells)
        for year in range(2019, last + 1):
            self.painter.line(self.label(0, 6, self.layout.era(year)), *self.past_boxes(year, 6, 50))
