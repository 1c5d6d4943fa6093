"""Outcomes, outputs, unit costs and the policy block of the forms to 2022."""

from __future__ import annotations

from .facts import Row
from .grid import Cell
from .logic2023 import Logic, as_number

__all__ = ["GoalsOld"]


class GoalsOld(Logic):
    """One block an indicator; no activities, no chain of outcomes."""

    def draw(self) -> None:
        year = self.facts.review_year
        self.years = [year - 3, year - 2, year - 1]
        for outcome in self.facts.rows("indicators", level="outcome"):
            self._outcome_old(outcome)
        self.spare_block(
            "成果目標及び成果\n実績\n（アウトカム）", ("定量的な成果目標", "成果指標"), ("成果実績", "目標値", "達成度")
        )
        self._qualitative()
        self._more("成果目標及び成果実績（アウトカム）")
        for output in self.facts.rows("indicators", level="output"):
            self._output_old(output)
        self.spare_block("活動指標及び\n活動実績\n（アウトプット）", ("活動指標", ""), ("活動実績", "当初見込み"))
        self._more("活動指標及び活動実績（アウトプット）")
        if self.layout.shows("unit_costs"):
            self._unit_costs()
        if year >= 2016:
            self._policy()

    def _era(self, year: int) -> str:
        return self.layout.era(year, bare=self.layout.bare_years)

    def _more(self, kind: str) -> None:
        """The line that refers to 別紙1, on some sheets."""
        if self.layout.rng("more", kind).random() < 0.5:
            self.painter.line(Cell(0, 40, self.layout.top_ten_note(1, kind), align="right"), self.label(40, 45, "チェック"),
                              self.empty(45, 50))  # fmt: skip

    # -- outcomes

    def _interim_year(self, indicator_id: str) -> int | None:
        """The year of an interim target: a target later than the closed years that is not the final one."""
        for row in self.facts.rows("measurements", indicator_id=indicator_id, measure="target"):
            if not row.get("is_final_year") and row["fiscal_year"] > self.years[-1]:
                return row["fiscal_year"]
        return None

    def _target_heads(
        self, cut: list[int], heads: list[Cell], interim: int | None, final: int | None, last: str
    ) -> None:
        """中間目標 and 目標最終年度 with their years, beside heads of two lines."""
        with self.painter.side(*heads):
            self.painter.line(self.label(cut[0], cut[1], "中間目標"), self.label(cut[1], cut[2], last))
            cells = []
            for (start, end), year in zip(((cut[0], cut[1]), (cut[1], cut[2])), (interim, final), strict=True):
                middle = (start + end) // 2
                number = self.layout.nothing if year is None else self.layout.era_number(year)
                cells += [self.centred(start, middle, number), self.label(middle, end, "年度")]
            self.painter.line(*cells)

    def _outcome_old(self, outcome: Row) -> None:
        indicator = outcome["indicator_id"]
        cut = self.layout.cuts(indicator, 6, 15, 23, 27, 30, 33, 36, 39, 44, 50)
        interim, final = self._interim_year(indicator), self.facts.final_year(indicator)
        with self.painter.side(self.label(0, 6, "成果目標及び成果\n実績\n（アウトカム）")):
            heads = [self.label(cut[0], cut[1], "定量的な成果目標"), self.label(cut[1], cut[2], "成果指標"), self.empty(cut[2], cut[3]),
                     self.label(cut[3], cut[4], "単位")]  # fmt: skip
            heads += [self.label(cut[4 + i], cut[5 + i], self._era(y)) for i, y in enumerate(self.years)]
            self._target_heads(cut[7:], heads, interim, final, "目標最終年度")
            with self.painter.side(
                self.text(cut[0], cut[1], outcome.get("goal")), self.text(cut[1], cut[2], outcome.get("indicator"))
            ):
                for measure, title in (("actual", "成果実績"), ("target", "目標値"), ("achievement", "達成度")):
                    self._values(outcome, "outcome", measure, title, [*self.years, interim, final], cut[2:], final=True)
        if self.layout.shows("evidence"):
            text = self.evaluate("根拠として用いた統計・データ名（出典）", outcome.get("evidence_source"))
            self._row("根拠として用いた\n統計・データ名\n（出典）", text)

    def _qualitative(self) -> None:
        """The block for goals that cannot be counted: on most sheets absent or empty."""
        style = self.layout.rng("qualitative").choice(["absent", "absent", "dash", "blank"])
        if style == "absent":
            return
        years = "～".join((self._era(self.years[0]).replace("年度", ""), self._era(self.years[-1])))
        with self.painter.side(self.label(0, 6, "定量的な成果目標\nの設定が困難な場合")):
            heads = (
                self.label(6, 26, "定量的な目標が設定できない理由"),
                self.label(26, 50, f"定性的な成果目標と{years}の達成状況・実績"),
            )
            self.painter.line(*heads)
            text = self.layout.nothing if style == "dash" else ""
            self.painter.line(Cell(6, 26, text), Cell(26, 50, text))

    # -- outputs and unit costs

    def _output_old(self, output: Row) -> None:
        year = self.facts.review_year
        later = [year, year + 1][: self.layout.forecasts]
        bounds = [50 - 5 * len(later) + 5 * i for i in range(len(later))]
        cut = self.layout.cuts(
            output["indicator_id"], 6, 22, 26, 29, 32, 35, bounds[0] if bounds[0] > 37 else 38, *bounds[1:], 50
        )
        with self.painter.side(self.label(0, 6, "活動指標及び\n活動実績\n（アウトプット）")):
            heads = [
                self.label(cut[0], cut[1], "活動指標"),
                self.empty(cut[1], cut[2]),
                self.label(cut[2], cut[3], "単位"),
            ]
            for place, y in enumerate([*self.years, *later]):
                text = self._era(y) + ("\n活動見込" if place >= 3 else "")
                heads.append(self.label(cut[3 + place], cut[4 + place], text))
            self.painter.line(*heads)
            with self.painter.side(self.text(cut[0], cut[1], output.get("indicator"))):
                for measure, title in (("actual", "活動実績"), ("expected", "当初見込み")):
                    self._values(output, "output", measure, title, [*self.years, *later], cut[1:], bar=3)

    def _unit_costs(self) -> None:
        rows = self.facts.rows("unit_costs")
        self.truth["unit_costs"] = []
        for basis in dict.fromkeys(row.get("basis") for row in rows):
            self._unit_cost(basis, [row for row in rows if row.get("basis") == basis])

    def _unit_cost(self, basis: str | None, rows: list[Row]) -> None:
        years = [*self.years, self.facts.review_year]
        cut = self.layout.cuts(f"cost{basis}", 6, 22, 27, 30, 34, 38, 42, 50)
        by_year = {row["fiscal_year"]: row for row in rows}
        unit = rows[0].get("unit")
        with self.painter.side(self.label(0, 6, "単位当たり\nコスト")):
            heads = [
                self.label(cut[0], cut[1], "算出根拠"),
                self.empty(cut[1], cut[2]),
                self.label(cut[2], cut[3], "単位"),
            ]
            heads += [
                self.label(cut[3 + i], cut[4 + i], self._era(y) + ("活動見込" if i == 3 else ""))
                for i, y in enumerate(years)
            ]
            self.painter.line(*heads)
            values = [self.label(cut[1], cut[2], "単位当たり\nコスト"), self.centred(cut[2], cut[3], unit)]
            formulas = [self.label(cut[1], cut[2], "計算式"), self.centred(cut[2], cut[3], "/")]
            for place, year in enumerate(years):
                row, at = by_year.get(year, {}), (cut[3 + place], cut[4 + place])
                values.append(self.number(*at, row.get("value"), ("unit cost", basis, year)))
                formulas.append(self.centred(*at, row.get("formula_text")))
                self.truth["unit_costs"].append(
                    {"basis": basis, "unit": unit, "fiscal_year": year, "kind": "expected" if place == 3 else "actual",
                     "value": as_number(row.get("value")), "raw": values[-1].text, "formula": formulas[-1].text}
                )  # fmt: skip
            with self.painter.side(self.text(cut[0], cut[1], basis)):
                self.painter.line(*values)
                self.painter.line(*formulas)

    # -- policy evaluation and fiscal plan

    def _policy(self) -> None:
        self.truth["policy_measures"] = []
        year = self.facts.review_year
        plan = "経済・財政再生アクション・\nプログラムとの関係" if year <= 2018 else "新経済・\n財政再生計画との\n関係"
        policy = self.facts.one("policies", kind="policy")
        with self.painter.side(self.label(0, 6, f"政策評価、{plan}")):
            with self.painter.side(self.label(6, 9, "政\n策\n評\n価")):
                for name, text in (("政策", policy.get("name")), ("施策", policy.get("detail"))):
                    self.painter.line(self.label(9, 13, name), self.text(13, 50, text))
                if self.layout.shows("policy_measure"):
                    for row in self.facts.rows("indicators", level="policy") or [
                        {"indicator_id": "none", "indicator": None, "unit": None}
                    ]:
                        self._policy_measure(row)
                self.painter.line(self.label(9, 50, "本事業の成果と上位施策・測定指標との関係"))
                text = self.evaluate(
                    "本事業の成果と上位施策・測定指標との関係", self.facts.evaluation("policy_relation").get("text")
                )
                self.painter.line(self.text(9, 50, text))
            if self.layout.shows("reform"):
                self._reform()

    def _policy_measure(self, row: Row) -> None:
        final = self.facts.final_year(row["indicator_id"])
        cut = self.layout.cuts("policy measure", 13, 23, 27, 30, 33, 36, 39, 44, 50)
        with self.painter.side(self.label(9, 13, "測定\n指標")):
            heads = [
                self.label(cut[0], cut[1], "定量的指標"),
                self.empty(cut[1], cut[2]),
                self.label(cut[2], cut[3], "単位"),
            ]
            heads += [self.label(cut[3 + i], cut[4 + i], self._era(y)) for i, y in enumerate(self.years)]
            self._target_heads(cut[6:], heads, None, final, "目標年度")
            with self.painter.side(self.text(cut[0], cut[1], row.get("indicator"))):
                for measure, title in (("actual", "実績値"), ("target", "目標値")):
                    years = [*self.years, None, final]
                    self._values(row, "policy", measure, title, years, cut[1:], final=True, table="policy_measures")

    def _reform(self) -> None:
        """The block of the fiscal plan: for most projects it has nothing to say."""
        with self.painter.side(self.label(6, 9, "改革\n工程表")):
            self.painter.line(self.label(9, 13, "取組\n事項"), self.label(13, 18, "分野："), self.centred(18, 50, None))
            self.painter.line(self.label(9, 50, "本事業の成果と取組事項・KPIとの関係"))
            text = self.facts.evaluation("reform_relation").get("text")
            if text:
                self.evaluate("本事業の成果と取組事項・KPIとの関係", text)
            self.painter.line(self.text(9, 50, text))
