"""The form of review year 2023 from top to bottom."""

from __future__ import annotations

from .budget import Budget
from .flow import Flow
from .header import Header
from .logic2023 import Logic
from .parts import Form
from .review import Review
from .spending import Spending

__all__ = ["draw"]


def draw(form: Form) -> None:
    """All sections in the official order; 別紙2 and 別紙3 on worksheets of their own."""
    title = form.layout.sheet_title or form.facts.sheet["sheet_id"].split("-")[-1]
    painter = form.page(title)
    Header(form, painter).draw(old=False)
    Budget(form, painter).draw(old=False)
    Logic(form, painter).draw()
    painter.page_break()
    Review(form, painter).draw_2023()
    painter.page_break()
    Flow(form, painter).draw()
    spending = Spending(form, painter)
    spending.cost_items()
    painter.page_break()
    spending.recipients()
    spending.multi_year()
    spending.annexes()
