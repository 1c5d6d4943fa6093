"""Small things both forms print: labelled texts, amounts, tick boxes, and the truth they leave behind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .facts import Facts, million
from .grid import Cell, Painter, text_width
from .layout import Layout

__all__ = ["Form", "Part"]


class Form:
    """What is being drawn: the facts, the layout, the pages, and the truth collected on the way."""

    def __init__(self, facts: Facts, layout: Layout):
        self.facts = facts
        self.layout = layout.in_year(facts.review_year)
        self.pages: list[Painter] = []
        self.truth: dict[str, Any] = {
            "id": facts.sheet["sheet_id"], "seed": layout.seed, "project": {}, "budget": [], "budget_rates": [],
            "budget_items": [], "indicators": [], "flows": [], "cost_items": [], "cost_totals": [],
            "recipients": [], "evaluations": [], "activities": [], "past_numbers": [], "notes": [],
        }  # fmt: skip

    def page(self, title: str) -> Painter:
        painter = Painter(self.layout, title)
        self.pages.append(painter)
        return painter


class Part:
    """Base of the sections: a form, its current page, and cells in the layout's style."""

    def __init__(self, form: Form, painter: Painter):
        self.form, self.painter = form, painter
        self.facts, self.layout, self.truth = form.facts, form.layout, form.truth

    def label(self, start: int, end: int, text: str, **style: Any) -> Cell:
        """A word of the form; its font shrinks a little rather than break a line the form has not broken."""
        size = self.layout.size
        room = self.painter.width(start, end) - 6
        while size > self.layout.size - 3 and max(text_width(line, size) for line in text.split("\n")) > room:
            size -= 0.5
        return Cell(start, end, text, label=True, align=style.pop("align", "center"), size=size, **style)

    def text(self, start: int, end: int, text: str | None, **style: Any) -> Cell:
        """A text, or the sheet's mark for nothing (centred)."""
        if text is None or text == "":
            return Cell(start, end, self.layout.nothing, align="center", **style)
        return Cell(start, end, text, vertical=style.pop("vertical", self.layout.vertical), **style)

    def centred(self, start: int, end: int, text: str | None) -> Cell:
        return Cell(start, end, self.layout.nothing if text in (None, "") else text, align="center")

    def empty(self, start: int, end: int) -> Cell:
        return Cell(start, end)

    def nothing(self, start: int, end: int, key: object) -> Cell:
        """A cell without a value: the mark for nothing, or left empty, as this sheet's author does."""
        blank = self.layout.rng("blank", key).random() < self.layout.blank_share
        return Cell(start, end, "" if blank else self.layout.nothing, align="center")

    def number(
        self, start: int, end: int, value: Decimal | int | float | None, key: object,
        *, decimals: int | None = None, suffix: str = "", scale: int = 1, plain: bool = False, dash: bool = False,
    ) -> Cell:  # fmt: skip
        """A number as this sheet prints it, stored as a number or (now and then) as text.

        ``suffix`` "%" with ``scale`` 100 prints a ratio as a percentage; ``plain`` prints no thousands;
        ``dash`` never leaves a missing value blank.
        """
        if value is None:
            return self.centred(start, end, None) if dash else self.nothing(start, end, key)
        value = Decimal(str(value))
        shown = value * scale
        if decimals is None:
            decimals = max(0, -int(shown.normalize().as_tuple().exponent))
        text = f"{shown:.{decimals}f}" if plain else self.layout.number(shown, decimals)
        text += suffix
        cell = Cell(start, end, text, align=self.layout.align_numbers)
        if self.layout.rng("text", key).random() >= self.layout.text_numbers:
            cell.value = int(value) if value == value.to_integral_value() else float(value)
            cell.number_format = "0" + ("." + "0" * decimals if decimals else "")
            if not plain and not suffix:
                cell.number_format = self.layout.number_format(decimals)
            cell.number_format += suffix
        return cell

    def money(self, start: int, end: int, yen: int | None, key: object, *, decimals: int | None = None) -> Cell:
        """Yen printed in million yen."""
        return self.number(start, end, million(yen), key, decimals=decimals)

    def spare_block(self, label: str, heads: tuple[str, ...], lines: tuple[str, ...]) -> None:
        """A block of the template that nobody filled: labels only, hidden or left in sight."""
        if self.layout.spare_blocks == "none":
            return
        with (
            self.painter.hidden(really=self.layout.spare_blocks == "hidden"),
            self.painter.side(self.label(0, 6, label)),
        ):
            self.painter.line(
                *(self.label(6 + 10 * i, 16 + 10 * i, head) for i, head in enumerate(heads[:2])), self.empty(26, 50)
            )
            with self.painter.side(self.empty(6, 16), self.empty(16, 26)):
                for line in lines:
                    self.painter.line(self.label(26, 30, line), *(self.empty(a, a + 5) for a in range(30, 50, 5)))

    def evaluate(self, kind: str, text: str | None) -> str:
        """Record a text of the evaluation part; returns what is printed."""
        shown = text or self.layout.nothing
        self.truth["evaluations"].append({"kind": kind, "text": shown})
        return shown
