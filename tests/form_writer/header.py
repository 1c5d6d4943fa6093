"""The top of the form: number, title, names, years, law, policy, purpose, overview. Both forms."""

from __future__ import annotations

from .grid import Cell
from .parts import Part

__all__ = ["Header"]


class Header(Part):
    """Draws the head of the first page and the long texts below it."""

    def draw(self, *, old: bool) -> None:
        self._project_truth()
        if self.layout.number_above_title:
            self._number()
            self._title()
        else:
            self._title()
            self._number()
        self._names()
        self._law()
        (self._old_policy if old else self._policy)()
        self._texts(old=old)

    def _project_truth(self) -> None:
        sheet = self.facts.sheet
        policy = self.facts.one("policies", kind="policy")
        keep = self.layout.shows
        end = "終了予定なし" if sheet.get("is_end_undecided") else sheet.get("end_year")
        if self.facts.review_year < 2023:  # these boxes came with the form of 2023

            def keep(section: str) -> bool:
                return section == "main_expense" and self.layout.shows(section)

        subsidy = self.facts.one("subsidies")
        self.truth["project"].update(
            fiscal_year_of_sheet=self.facts.review_year,
            number=sheet.get("project_number"), ministry=sheet.get("ministry"), name=sheet.get("name"),
            bureau=sheet.get("bureau"), start_year=sheet.get("start_year"), start_year_raw=self._start(),
            end_year=end, end_year_raw=self._end(), division=sheet.get("division"),
            responsible=sheet.get("responsible"), account=sheet.get("accounts"), law=sheet.get("legal_basis"),
            plans=sheet.get("plans"), policy=policy.get("name"), measure=policy.get("detail"),
            policy_url=sheet.get("policy_url") if keep("policy_url") else None,
            main_expense=sheet.get("main_expense") if keep("main_expense") else None,
            purpose=sheet.get("purpose"), issues=sheet.get("issues") if keep("issues") else None,
            overview=sheet.get("overview"), overview_url=sheet.get("overview_url") if keep("overview_url") else None,
            subsidy_rate=subsidy.get("rate_text") if keep("subsidies") else None, method=sheet.get("methods"),
        )  # fmt: skip

    def _start(self) -> str:
        year = self.facts.text("start_year")
        return self.layout.era(year) if year else "不明"

    def _end(self) -> str:
        if self.facts.text("is_end_undecided"):
            return "終了予定なし"
        year = self.facts.text("end_year")
        return self.layout.era(year) if year else self.layout.nothing

    def _number(self) -> None:
        parts = (self.facts.text("project_number") or "").split("-")
        label = Cell(28, 32, "事業番号", align="center", border=False)
        if self.facts.review_year < 2021 and not self.layout.number_in_one:
            new, serial = parts if len(parts) == 2 else ("", parts[0])
            cells = [label, Cell(33, 36, new, align="center"), Cell(36, 37, "-" if new else "", align="center", border=False),
                     Cell(37, 41, serial, align="center")]  # fmt: skip
        elif self.layout.number_in_one or len(parts) < 3:
            number = self.facts.text("project_number") or ""
            cells = [label, Cell(33, 41, number, align="center")]
        else:
            cells, at = [label], 33
            for place, part in enumerate(parts):
                if place:
                    cells.append(Cell(at, at + 1, "-", align="center", border=False))
                    at += 1
                width = 2 if len(parts) > 4 else 3
                cells.append(Cell(at, at + width, part, align="center"))
                if part.isdigit() and not part.startswith("0") and place == 0:
                    cells[-1].value, cells[-1].number_format = int(part), "0"
                at += width
        self.painter.line(*cells)

    def _title(self) -> None:
        title = self.layout.digits(self.layout.era(self.facts.review_year) + "行政事業レビューシート")
        ministry = self.facts.text("ministry") or ""
        size = self.layout.size + 5
        if self.layout.rng("title").random() < 0.25:
            self.painter.line(
                Cell(5, 48, f"{title}　（{ministry}）", align="center", bold=True, border=False, size=size)
            )
            return
        self.painter.line(
            Cell(8, 34, title, align="center", bold=True, border=False, size=size),
            Cell(34, 35, "（", align="right", border=False),
            Cell(35, 44, ministry, align="center", border=False),
            Cell(44, 45, "）", border=False),
        )

    def _names(self) -> None:
        cut = self.layout.cuts("names", 0, 6, 23, 28, 42, 50)
        self.painter.line(
            self.label(cut[0], cut[1], "事業名"), self.centred(cut[1], cut[2], self.facts.text("name")),
            self.label(cut[2], cut[3], "担当部局庁"), self.centred(cut[3], cut[4], self.facts.text("bureau")),
            self.label(cut[4], cut[5], "作成責任者"),
        )  # fmt: skip
        a = (cut[1] + cut[2]) // 2
        self.painter.line(
            self.label(cut[0], cut[1], "事業開始年度"), self.centred(cut[1], a - 3, self._start()),
            self.label(a - 3, a + 3, "事業終了\n（予定）年度"), self.centred(a + 3, cut[2], self._end()),
            self.label(cut[2], cut[3], "担当課室"), self.centred(cut[3], cut[4], self.facts.text("division")),
            self.centred(cut[4], cut[5], self.facts.text("responsible")),
        )  # fmt: skip

    def _law(self) -> None:
        self._row("会計区分", self.facts.text("accounts"), align="center")
        cut = self.layout.cuts("law", 0, 6, 24, 29, 50)
        self.painter.line(
            self.label(cut[0], cut[1], "根拠法令\n（具体的な\n条項も記載）"),
            self.text(cut[1], cut[2], self.facts.text("legal_basis")),
            self.label(cut[2], cut[3], "関係する\n計画、通知等"),
            self.text(cut[3], cut[4], self.facts.text("plans")),
        )

    def _policy(self) -> None:
        policy = self.facts.one("policies", kind="policy")
        cut = self.layout.cuts("policy", 0, 6, 24, 29, 50)
        with_url = self.layout.shows("policy_url")
        right = cut[2] if with_url else 50
        rows = [("政策", policy.get("name")), ("施策", policy.get("detail"))]
        side = [
            self.label(cut[2], cut[3], "政策体系・評価書URL"),
            self.text(cut[3], cut[4], self.facts.text("policy_url")),
        ]
        with self.painter.side(*(side if with_url else [])):
            for name, value in rows:
                self.painter.line(self.label(cut[0], cut[1], name), self.text(cut[1], right, value))
        if self.layout.shows("main_expense"):
            self._row("主要経費", self.facts.text("main_expense"), align="center")

    def _old_policy(self) -> None:
        cut = self.layout.cuts("policy", 0, 6, 24, 29, 50)
        plan = self.facts.one("policies", kind="plan")
        cells = [self.label(cut[0], cut[1], "主要政策・施策"), self.text(cut[1], cut[2], plan.get("name"))]
        if self.layout.shows("main_expense"):
            cells += [
                self.label(cut[2], cut[3], "主要経費"),
                self.text(cut[3], cut[4], self.facts.text("main_expense")),
            ]
        else:
            cells[1].end = 50
        self.painter.line(*cells)

    def _texts(self, *, old: bool) -> None:
        lines = "（5行程度以内）"
        if old:
            style = self.layout.rng("labels").choice(
                ["（目指す姿を簡潔に。3行程度以内）", "（目指す姿を簡\n潔に。3行程度以\n内）"]
            )
            self._row("事業の目的\n" + style, self.facts.text("purpose"), lines=2)
            self._row("事業概要\n（5行程度以内。\n別添可）", self.facts.text("overview"), lines=3)
        else:
            self._row("事業の目的\n" + lines, self.facts.text("purpose"), lines=2)
            if self.layout.shows("issues"):
                self._row("現状・課題\n" + lines, self.facts.text("issues"), lines=2)
            self._row("事業概要\n" + lines, self.facts.text("overview"), lines=3)
            if self.layout.shows("overview_url"):
                self._row("事業概要URL", self.facts.text("overview_url"))
            if self.layout.shows("subsidies"):
                self._row("補助率等", self.facts.one("subsidies").get("rate_text"))
        self._row("実施方法", self.facts.text("methods"))

    def _row(self, label: str, text: str | None, *, lines: int = 1, align: str = "left") -> None:
        height = lines * self.layout.size * 1.5
        cell = self.text(6, 50, text)
        cell.align = align if cell.text != self.layout.nothing else "center"
        self.painter.line(self.label(0, 6, self.layout.digits(label)), cell, height=height)
