"""The evaluation part, the remarks and the past numbers. Both forms."""

from __future__ import annotations

from .grid import Cell
from .parts import Part

__all__ = ["Review"]


class Review(Part):
    """From 点検・改善 down to 関連する過去のレビューシートの事業番号."""

    def draw_2023(self) -> None:
        self._kpi()
        self._inspection()
        self._findings("に至る過程及び所見")
        if self.layout.shows("past_findings"):
            self._past_findings()
        self.remarks()
        self._past_numbers_2023()

    def heading(self, text: str) -> None:
        """A heading over the whole width."""
        self.painter.line(self.label(0, 50, text), height=self.layout.size * 2)

    def row(self, label: str, text: str | None, *, lines: int = 2) -> None:
        self.painter.line(self.label(0, 6, label), self.text(6, 50, text), height=lines * self.layout.size * 1.5)

    def _kpi(self) -> None:
        if not self.layout.shows("kpi"):
            return
        kpi = self.facts.one("policies", kind="kpi")
        head = "事業に関連するＫＰＩが定められている閣議決定等"
        with self.painter.side(self.label(0, 6, "事業に関連する\nＫＰＩが定められて\nいる閣議決定等")):
            for name, column in (("名称", "name"), ("URL", "url"), ("該当箇所", "detail")):
                text = self.evaluate(f"{head}／{name}", kpi.get(column))
                self.painter.line(self.label(6, 11, name), self.text(11, 50, text))

    def _inspection(self) -> None:
        effect = f"目標年度における効果測定に関する評価（{self.layout.era(self.facts.review_year + 1)}実施)"
        cut = self.layout.cuts("inspection", 0, 6, 30, 50)
        found = self.evaluate("点検結果", self.facts.evaluation("inspection").get("text"))
        measured = self.evaluate("目標年度における効果測定に関する評価", self.facts.evaluation("effect").get("text"))
        self.heading("事業所管部局による点検・改善")
        with self.painter.side(self.label(cut[0], cut[1], "点検結果"), self.text(cut[1], cut[2], found)):
            self.painter.line(self.label(cut[2], cut[3], effect))
            self.painter.line(self.text(cut[2], cut[3], measured), height=self.layout.size * 6)
        self.row(
            "改善の\n方向性", self.evaluate("改善の方向性", self.facts.evaluation("direction").get("text")), lines=4
        )

    def _findings(self, suffix: str) -> None:
        """外部有識者, 推進チーム, 反映状況: a heading each, then a verdict and a text."""
        self.heading("外部有識者の所見")
        text = self.evaluate("外部有識者の所見", self.facts.evaluation("external_experts").get("text"))
        self.painter.line(self.text(0, 50, text), height=self.layout.size * 3)
        slash = "／" if suffix == "" else "/"
        for section, heading, kind in (
            ("team", "行政事業レビュー推進チームの所見" + suffix, "推進チーム"),
            ("reflection", f"所見を踏まえた改善点{slash}概算要求における反映状況", "反映状況"),
        ):
            row = self.facts.evaluation(section)
            verdict = self.evaluate(f"{kind}の判定", row.get("verdict"))
            text = self.evaluate("推進チームの所見" if section == "team" else "反映状況", row.get("text"))
            self.heading(heading)
            self.painter.line(self.centred(0, 6, verdict), self.text(6, 50, text), height=self.layout.size * 4)

    def _past_findings(self) -> None:
        boxes = (
            (
                "public_process",
                "公開プロセス・秋の年次公開検証（秋のレビュー）における取りまとめ",
                "公開プロセス・秋の年次公開検証における取りまとめ",
            ),
            ("public_process_response", "上記への対応状況", "公開プロセス等への対応状況"),
            ("other_remarks", "その他の指摘事項", "その他の指摘事項"),
            ("other_remarks_response", "上記への対応状況", "その他の指摘事項への対応状況"),
        )
        with self.painter.side(self.label(0, 6, "過去に受けた指摘事項\nと対応状況")):
            for section, heading, kind in boxes:
                text = self.evaluate(kind, self.facts.evaluation(section).get("text"))
                self.painter.line(self.label(6, 50, heading))
                self.painter.line(self.text(6, 50, text))

    def remarks(self) -> None:
        """備考."""
        if not self.layout.shows("remarks"):
            return
        self.heading("備考")
        text = self.facts.text("remarks")
        if text:
            self.evaluate("備考", text)
            self.painter.line(self.text(0, 50, text), height=self.layout.size * 3)
        else:
            self.painter.line(self.empty(0, 50))

    # -- past numbers

    def past(self, year: int) -> dict[str, str]:
        """Ministry and number of the sheet of one earlier review year; recorded in the truth."""
        row = self.facts.one("related", kind="past_number", fiscal_year=year)
        number = row.get("number")
        if number:
            with_ministry = f"{row['ministry']}-{number}" if row.get("ministry") and "-" not in number[:5] else number
            self.truth["past_numbers"].append({"fiscal_year": year, "number": with_ministry})
        return {"ministry": row.get("ministry") or "", "number": number or ""}

    def plain_number(self, start: int, end: int, number: str, key: object) -> Cell:
        """A number as a text, or now and then as an Excel number (without its leading zeros)."""
        cell = Cell(start, end, number)
        if number.isdigit() and not number.startswith("0") and self.layout.rng("past", key).random() < 0.5:
            cell.value, cell.number_format = int(number), "0"
        return cell

    def _past_numbers_2023(self) -> None:
        self.heading("関連する過去のレビューシートの事業番号")
        cut = self.layout.cuts("past", 0, 6, 25, 31, 50)
        last = self.facts.review_year - 1
        for year in range(2011, 2019, 2):
            cells = []
            for place, y in enumerate((year, year + 1)):
                cells.append(self.label(cut[2 * place], cut[2 * place + 1], self.layout.era(y)))
                cells.append(self.plain_number(cut[2 * place + 1], cut[2 * place + 2], self.past(y)["number"], y))
            self.painter.line(*cells)
        for year in range(2019, last + 1):
            self.painter.line(self.label(cut[0], cut[1], self.layout.era(year)), *self.past_boxes(year, cut[1], 50))

    def past_boxes(self, year: int, start: int, end: int) -> list[Cell]:
        """Ministry and number (2019, 2020) or the parts of the number (2021 on) in boxes of their own."""
        past = self.past(year)
        if year <= 2020:
            values, widths = [past["ministry"], past["number"]], [7, 5]
        else:
            values, widths = (past["number"].split("-") + [""] * 4)[:4], [4, 4, 4, 5]
        dash = self.layout.rng("pastdash").random() < 0.5
        cells, at = [], start
        for place, (value, width) in enumerate(zip(values, widths, strict=True)):
            if place:
                cells.append(Cell(at, at + 1, "-" if dash and past["number"] else "", align="center"))
                at += 1
            cells.append(Cell(at, at + width, value, align="center"))
            at += width
        cells.append(Cell(at, end))
        return cells
