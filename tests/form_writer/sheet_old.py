"""The forms of review years 2014 to 2022 from top to bottom."""

from __future__ import annotations

from .budget import Budget
from .flow import Flow
from .goals_old import GoalsOld
from .header import Header
from .parts import Form
from .review_old import ReviewOld
from .spending import Spending

__all__ = ["draw"]


def draw(form: Form) -> None:
    """All sections in the official order; 別紙2 and 別紙3 on worksheets of their own."""
    form.truth["form"] = "old"
    title = form.layout.sheet_title or form.facts.sheet["project_number"].split("-")[-1]
    painter = form.page(title)
    Header(form, painter).draw(old=True)
    Budget(form, painter).draw(old=True)
    painter.page_break()
    GoalsOld(form, painter).draw()
    painter.page_break()
    ReviewOld(form, painter).draw()
    painter.page_break()
    Flow(form, painter).draw()
    spending = Spending(form, painter)
    spending.cost_items()
    painter.page_break()
    spending.recipients()
    spending.multi_year()
    spending.annexes()
