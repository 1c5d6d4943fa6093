"""The budget block (A to G and the rates) and the budget lines below it. Both forms."""

from __future__ import annotations

from decimal import Decimal

from .facts import Row, amount_text, million
from .grid import Cell
from .parts import Part

__all__ = ["Budget"]

ROWS = (
    ("A", "当初予算", "initial_jpy"),
    ("B", "補正予算", "supplementary_jpy"),
    ("C", "前年度から繰越し", "carried_in_jpy"),
    ("D", "翌年度へ繰越し", "carried_out_jpy"),
    ("E", "予備費等", "reserve_jpy"),
    ("F", "計", "total_jpy"),
)
SECOND_RATE = "当初予算＋補正予算に対する執行額の割合"


class Budget(Part):
    """予算額・執行額, then 予算内訳."""

    def draw(self, *, old: bool) -> None:
        self.old = old
        year = self.facts.review_year
        self.years = [year - 3, year - 2, year - 1, year, year + 1]
        self.rows = {y: self.facts.budget(y) for y in self.years}
        precisions = [r["precision_jpy"] for r in self.rows.values() if r.get("precision_jpy")]
        #: one number format for the whole block, as Excel sheets have it
        self.decimals = 1 if precisions and min(precisions) < 1_000_000 else None
        self.cut = self.layout.cuts("budget", 19, 25, 31, 37, 43, 50)
        label = "予算額・\n執行額\n（単位:百万円）" + ("" if old else "\n（インプット）")
        with self.painter.side(self.label(0, 6, label)):
            self._years()
            with self.painter.side(self.label(6, 9, "予算の\n状況" if not old else "予算\nの状\n況")):
                for letter, item, column in ROWS:
                    self._amounts(letter, item, column)
            self._executed()
            self._rates()
        self._lines()

    def _name(self, letter: str, item: str) -> str:
        return item if self.old else item + self.layout.letter(letter)

    def _years(self) -> None:
        cells = [self.empty(6, self.cut[0])]
        for place, year in enumerate(self.years):
            text = self.layout.era(year, bare=self.old and self.layout.bare_years) + ("要求" if place == 4 else "")
            cells.append(self.label(self.cut[place], self.cut[place + 1], text))
        self.painter.line(*cells, height=self.layout.size * 1.8)

    def _amounts(self, letter: str, item: str, column: str) -> None:
        name = self._name(letter, item)
        if letter == "F" and not self.old:
            name += "\n=" + "+".join(self.layout.letter(x) for x in "ABCDE")
        cells = [self.label(9, self.cut[0], name)]
        for place, year in enumerate(self.years):
            value = self._value(column, self.rows[year], last=place == 4)
            at = (self.cut[place], self.cut[place + 1])
            if value is None and place == 4 and letter in "BC":
                cells.append(self.empty(*at))  # the form bars these two cells in the year of the request
            else:
                cells.append(self.money(*at, value, ("budget", item, year), decimals=self.decimals))
        self.painter.line(*cells, height=self.layout.size * 1.8)
        for year, cell in zip(self.years, cells[1:], strict=True):
            amount = amount_text(self._value(column, self.rows[year], last=year == self.years[4]))
            self._record(year, item, letter, amount, cell)

    def _value(self, column: str, row: Row, *, last: bool) -> int | None:
        if last:  # the request is printed as 当初予算 and as 計 of its year
            return row.get("requested_jpy") if column in ("initial_jpy", "total_jpy") else None
        value = row.get(column)
        return -value if column == "carried_out_jpy" and value is not None else value

    def _record(self, year: int, item: str, letter: str, amount: float | None, cell: Cell) -> None:
        self.truth["budget"].append(
            {"fiscal_year": year, "item": item, "letter": letter, "amount_million": amount, "raw": cell.text,
             "at": cell.box.at if cell.box else None}
        )  # fmt: skip

    def _executed(self) -> None:
        cells = [self.label(6, self.cut[0], self._name("G", "執行額"))]
        for place, year in enumerate(self.years[:3]):
            value = self.rows[year].get("executed_jpy")
            cells.append(
                self.money(self.cut[place], self.cut[place + 1], value, ("executed", year), decimals=self.decimals)
            )
        cells += [self.empty(self.cut[3], self.cut[4]), self.empty(self.cut[4], self.cut[5])]
        self.painter.line(*cells, height=self.layout.size * 1.8)
        for year, cell in zip(self.years, cells[1:4], strict=False):
            self._record(year, "執行額", "G", amount_text(self.rows[year].get("executed_jpy")), cell)

    def _rates(self) -> None:
        formula = "" if self.old else "\n=(G)/(F)"
        self._rate("執行率", "執行率（％）" + formula, "printed_rate")
        if self.layout.shows("second_rate"):
            formula = "" if self.old else "\n=(G)/｛(A)+(B)｝"
            self._rate(SECOND_RATE, SECOND_RATE + "（％）" + formula, "printed_rate_initial")

    def _rate(self, item: str, label: str, column: str) -> None:
        cells = [self.label(6, self.cut[0], label)]
        for place, year in enumerate(self.years[:3]):
            rate = self.rows[year].get(column)
            at = (self.cut[place], self.cut[place + 1])
            if rate is None:
                cells.append(self.nothing(*at, (column, year)))
            else:
                exact = Decimal(str(rate))
                cells.append(self.number(*at, exact, (column, year), suffix="%", scale=100))
            pct = None if rate is None else float(Decimal(str(rate)) * 100)
            self.truth["budget_rates"].append({"fiscal_year": year, "item": item, "pct": pct, "raw": cells[-1].text})
        cells += [self.empty(self.cut[3], self.cut[4]), self.empty(self.cut[4], self.cut[5])]
        self.painter.line(*cells)

    # -- 予算内訳

    def _lines(self) -> None:
        year = self.facts.review_year
        era = self.layout.era
        cut = self.layout.cuts("lines", 6, 9, 20, 26, 32, 50)
        bare = self.old and self.layout.bare_years
        first, second = era(year, bare=bare) + "当初予算", era(year + 1, bare=bare) + "要求"
        both = [era(y).replace("年度", "") for y in (year, year + 1)]
        if both[0][:2] == both[1][:2]:  # 令和5・6, but 平成31・令和2
            both[1] = both[1][2:]
        label = f"{'・'.join(both)}年度\n予算内訳\n（単位：百万円）"
        reason = self.facts.budget(year + 1).get("note") or self.facts.budget(year).get("note")
        self.truth["budget_items_reason"] = reason
        head = "歳出予算目" if self.old else "歳出予算項・目"
        with self.painter.side(self.label(0, 6, label)):
            self.painter.line(
                self.label(cut[0], cut[2], head), self.label(cut[2], cut[3], first), self.label(cut[3], cut[4], second),
                self.label(cut[4], cut[5], "主な増減理由" + ("" if self.old else "（・要望額・予備費）")),
            )  # fmt: skip
            with self.painter.side(self.text(cut[4], cut[5], reason)):
                self._items(cut)

    def _items(self, cut: list[int]) -> None:
        year = self.facts.review_year
        kou_seen = None
        for kou, moku in self._pairs():
            if not self.old and kou != kou_seen:
                kou_seen = kou
                self.painter.line(
                    self.label(cut[0], cut[1], "(項)"), self.text(cut[1], cut[2], kou), self.empty(cut[2], cut[3]),
                    self.empty(cut[3], cut[4]),
                )  # fmt: skip
            cells = [self.text(cut[0], cut[2], moku)] if self.old else [
                self.label(cut[0], cut[1], "(目)"), self.text(cut[1], cut[2], moku)
            ]  # fmt: skip
            for place, fiscal_year in enumerate((year, year + 1)):
                row = self._row(kou, moku, fiscal_year)
                amount = row.get("amount_jpy")
                if row.get("_printed"):  # an amount that rounds to a signed nought has no number to print
                    cells.append(self.centred(cut[2 + place], cut[3 + place], row["_printed"]))
                else:
                    cells.append(self.money(cut[2 + place], cut[3 + place], amount, ("line", moku, fiscal_year)))
                self.truth["budget_items"].append(
                    {"fiscal_year": fiscal_year, "kou": kou, "moku": moku, "amount_million": amount_text(amount), "raw": cells[-1].text}
                )  # fmt: skip
            self.painter.line(*cells)
        for _ in range(self.layout.rng("spare").choice([0, 0, 1, 3])):
            bare = [] if self.old else [self.label(cut[0], cut[1], "(目)")]
            self.painter.line(
                *bare,
                self.empty(cut[0] if self.old else cut[1], cut[2]),
                self.empty(cut[2], cut[3]),
                self.empty(cut[3], cut[4]),
            )
        totals = [self.facts.budget(year).get("initial_jpy"), self.facts.budget(year + 1).get("requested_jpy")]
        stated = [self.facts.budget(y).get("lines_total_jpy") for y in (year, year + 1)]
        totals = [s if s is not None else t for s, t in zip(stated, totals, strict=True)]
        cells = [self.label(cut[0], cut[2], self._name("A", "計"))]
        for place, amount in enumerate(totals):
            cells.append(self.number(cut[2 + place], cut[3 + place], million(amount), ("lines", place)))
            self.truth["budget_items"].append(
                {"fiscal_year": year + place, "kou": None, "moku": "計", "amount_million": amount_text(amount), "raw": cells[-1].text}
            )  # fmt: skip
        self.painter.line(*cells)

    def _pairs(self) -> list[tuple[str | None, str]]:
        """項 and 目 of the lines, in the sheet's order."""
        years = (self.facts.review_year, self.facts.review_year + 1)
        rows = [r for r in self.facts.rows("budget_lines") if r["fiscal_year"] in years]
        rows.sort(key=lambda r: r["line"])
        return list(dict.fromkeys((row.get("kou"), row["moku"]) for row in rows))

    def _row(self, kou: str | None, moku: str, fiscal_year: int) -> Row:
        """The line of one year; empty where the year has none."""
        for row in self.facts.rows("budget_lines", fiscal_year=fiscal_year, moku=moku):
            if row.get("kou") == kou:
                return row
        return {}
