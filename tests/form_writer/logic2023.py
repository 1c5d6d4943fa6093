"""Activities, outputs and outcomes of the FY2023 form, with their explanations."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from .facts import Row
from .grid import Cell
from .parts import Part

__all__ = ["CIRCLED", "Logic", "record_measure"]

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
HORIZONS = {"short": ("1", "短期アウトカム"), "mid": ("2", "中期アウトカム"), "long": ("3", "長期アウトカム")}
MEASURES = {"actual": "actual", "target": "target", "expected": "expected", "achievement": "achievement_pct"}


def as_number(value: float | None) -> int | float | None:
    """An int where the value is whole."""
    if value is None:
        return None
    return int(value) if float(value).is_integer() else value


def record_measure(truth: dict, indicator: Row, level: str, year: int | None, measure: str, value: float | None,
                   cell: Cell, *, final: bool = False, table: str = "indicators", **extra: object) -> None:  # fmt: skip
    """One value of an indicator into a list of the truth; an achievement in per cent."""
    if measure == "achievement" and value is not None:
        value = float(Decimal(str(value)) * 100)
    truth[table].append(
        {"activity_no": indicator.get("activity_no"), "level": level, "goal": indicator.get("goal") or "",
         "indicator": indicator.get("indicator") or "-", "fiscal_year": year,
         "unit": "％" if measure == "achievement" else indicator.get("unit"), "kind": MEASURES[measure],
         "value": as_number(value), "raw": cell.text, "final": final, "at": cell.box.at if cell.box else None, **extra}
    )  # fmt: skip


class Logic(Part):
    """One chain a activity: activity, output, then outcomes from near to far."""

    def draw(self) -> None:
        for number, activity in enumerate(self.facts.rows("indicators", level="activity"), start=1):
            if number > 1 or self.layout.rng("break").random() < 0.8:
                self.painter.page_break()
            self._activity(number, activity)
            mark = CIRCLED[number]
        if self.facts.rows("indicators", level="activity"):
            self.spare_block(
                f"活動目標及び活動実績\n{mark}\n（アウトプット）", ("活動目標", "活動指標"), ("活動実績", "当初見込み")
            )

    def _activity(self, number: int, activity: Row) -> None:
        no, mark = activity.get("activity_no") or number, CIRCLED[number - 1]
        self.truth["activities"].append({"activity_no": no, "content": activity.get("goal")})
        self._row(f"活動内容{mark}\n（アクティビティ）", activity.get("goal"), lines=2)
        outputs = self.facts.rows("indicators", level="output", activity_no=no)
        for output in outputs:
            self._arrow()
            self._output(mark, output)
        order = [h for h in HORIZONS if h != "mid" or self.layout.shows("middle_outcomes")]
        outcomes = [o for h in order for o in self.facts.rows("indicators", level="outcome", activity_no=no, horizon=h)]
        self._outcomes(mark, outputs, outcomes)
        if self.layout.shows("single_outcome"):
            self._explanations(mark, activity, outcomes)

    def _arrow(self) -> None:
        self.painter.line(Cell(0, 6, "↓", align="center", border=False))

    def _row(self, label: str, text: str | None, *, lines: int = 1) -> None:
        self.painter.line(self.label(0, 6, label), self.text(6, 50, text), height=lines * self.layout.size * 1.5)

    # -- outputs

    def _output(self, mark: str, output: Row) -> None:
        year = self.facts.review_year
        cut = self.layout.cuts(f"output{output['indicator_id']}", 6, 16, 25, 29, 32, 35, 38, 41, 45, 50)
        years = [year - 3, year - 2, year - 1, year, year + 1]
        with self.painter.side(self.label(0, 6, f"活動目標及び活動実績\n{mark}\n（アウトプット）")):
            heads = [self.label(cut[0], cut[1], "活動目標"), self.label(cut[1], cut[2], "活動指標"),
                     self.empty(cut[2], cut[3]), self.label(cut[3], cut[4], "単位")]  # fmt: skip
            for place, y in enumerate(years):
                text = self.layout.era(y) if place < 3 else f"{self.layout.era_number(y)}年度\n活動見込"
                heads.append(self.label(cut[4 + place], cut[5 + place], text))
            self.painter.line(*heads)
            goal, name = (
                self.text(cut[0], cut[1], output.get("goal")),
                self.text(cut[1], cut[2], output.get("indicator")),
            )
            with self.painter.side(goal, name):
                for measure, title in (("actual", "活動実績"), ("expected", "当初見込み")):
                    self._values(output, "output", measure, title, years, cut[2:], bar=3 if measure == "actual" else 9)

    def _values(self, row: Row, level: str, measure: str, title: str, years: Sequence[int | None], cut: list[int], *, bar: int = 9,
                final: bool = False, **extra: object) -> None:  # fmt: skip
        """One line of values; cells from the ``bar``-th on have no value by their nature (the year is not over).

        With ``final`` the last cell is the target year's; a fifth one before it is the interim target's.
        """
        unit = "％" if measure == "achievement" else row.get("unit")
        cells = [self.label(cut[0], cut[1], title), self.centred(cut[1], cut[2], unit)]
        found: list[tuple[int | None, float | None]] = []
        for place, year in enumerate(years):
            last = final and place == len(years) - 1
            measured = self.facts.measure(row["indicator_id"], year, measure, final=last)
            value = measured.get("value")
            found.append((year, value))
            at, key = (cut[2 + place], cut[3 + place]), (row["indicator_id"], measure, year)
            if value is None:
                cells.append(self.nothing(*at, (*key[:2], "later" if place >= bar or last else year)))
            elif measure == "achievement":
                inline = self.layout.percent == "inline"
                shown = Decimal(str(value)) * (1 if inline else 100)
                cells.append(self.number(*at, shown, key, suffix="%" if inline else "", scale=100 if inline else 1))
            else:
                cells.append(self.number(*at, value, key, decimals=self._decimals(row)))
        self.painter.line(*cells, height=self.layout.size * 2)
        for place, ((year, value), cell) in enumerate(zip(found, cells[2:], strict=True)):
            last = final and place == len(years) - 1
            interim = {"interim": place == 3 and not last} if final and len(years) == 5 else {}
            if not interim or year is not None:
                record_measure(self.truth, row, level, year, measure, value, cell, final=last, **interim, **extra)

    def _decimals(self, row: Row) -> int | None:
        """Values of one indicator share their decimals, as a formatted Excel row has them."""
        values = [
            m.get("value")
            for m in self.facts.rows("measurements", indicator_id=row["indicator_id"])
            if m["measure"] != "achievement"
        ]
        decimals = [max(0, -int(Decimal(str(v)).normalize().as_tuple().exponent)) for v in values if v is not None]
        return max(decimals, default=0)

    # -- outcomes

    def _outcomes(self, mark: str, outputs: list[Row], outcomes: list[Row]) -> None:
        before = "アウトプット"
        source = outputs[0] if outputs else {}
        for place, outcome in enumerate(outcomes):
            number, name = HORIZONS[outcome["horizon"]]
            again = place and outcomes[place - 1]["horizon"] == outcome["horizon"]
            if not again:
                link = self.facts.one(
                    "logic_links", from_indicator_id=source.get("indicator_id"), to_indicator_id=outcome["indicator_id"]
                )
                shown = "1" if place == 0 else number
                label = f"成果目標{mark}-{shown}の\n設定理由\n（{before}\nからのつながり）"
                text = self.evaluate(f"成果目標{mark}-{shown}の設定理由", link.get("explanation"))
                self._arrow()
                self._row(label, text, lines=4)
                self._arrow()
            self._outcome(f"{mark}-{number}", name, outcome)
            before, source = name, outcome

    def _outcome(self, mark: str, name: str, outcome: Row) -> None:
        year = self.facts.review_year
        cut = self.layout.cuts(f"outcome{outcome['indicator_id']}", 6, 16, 26, 30, 33, 36, 39, 43, 50)
        final = self.facts.final_year(outcome["indicator_id"])
        with self.painter.side(self.label(0, 6, f"成果目標及び成果実績\n{mark}\n（{name}）")):
            heads = [self.label(cut[0], cut[1], "成果目標"), self.label(cut[1], cut[2], "定量的な成果指標"),
                     self.empty(cut[2], cut[3]), self.label(cut[3], cut[4], "単位")]  # fmt: skip
            heads += [self.label(cut[4 + i], cut[5 + i], self.layout.era(year - 3 + i)) for i in range(3)]
            middle = (cut[7] + cut[8]) // 2
            with self.painter.side(*heads):
                self.painter.line(
                    self.label(cut[7], cut[8], "目標最終年度" if outcome["horizon"] == "long" else "目標年度")
                )
                number = self.layout.nothing if final is None else self.layout.era_number(final)
                self.painter.line(self.centred(cut[7], middle, number), self.label(middle, cut[8], "年度"))
            goal, indicator = (
                self.text(cut[0], cut[1], outcome.get("goal")),
                self.text(cut[1], cut[2], outcome.get("indicator")),
            )
            with self.painter.side(goal, indicator):
                for measure, title in (("actual", "成果実績"), ("target", "目標値"), ("achievement", "達成度")):
                    years = [year - 3, year - 2, year - 1, final]
                    self._values(outcome, outcome["horizon"], measure, title, years, cut[2:], final=True)
        label = "成果実績及び目標値の\n根拠として用いた\n統計・データ名（出典）\n/定性的なアウトカムに\n関する成果実績"
        source = self.evaluate(
            f"成果実績及び目標値の根拠として用いた統計・データ名（出典）{mark}", outcome.get("evidence_source")
        )
        self._row(label, source)

    def _explanations(self, mark: str, activity: Row, outcomes: list[Row]) -> None:
        """Why an outcome is qualitative, and why there are not several."""
        qualitative = next((o.get("explanation") for o in outcomes if o.get("is_qualitative")), None)
        kinds = (
            (f"アクティビティ{mark}について定性的なアウトカムを設定している理由", qualitative),
            (f"アクティビティ{mark}についてアウトカムが複数設定できない理由", activity.get("explanation")),
        )
        self._arrow()
        with self.painter.side(self.label(0, 6, "アウトカム設定について\nの説明")):
            for kind, text in kinds:
                self.painter.line(self.label(6, 50, kind))
                self.painter.line(self.text(6, 50, self.evaluate(kind, text)))
