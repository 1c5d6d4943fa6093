"""Pictures of one sheet, of a ministry's projects, of one recipient, of the checks.

Every ``plot_*`` takes a Dataset or a frame, draws on the Axes it is given or on a new one, and returns it.
A plot never saves, shows or changes a global setting. Its title states what it shows; ``caption(ax)`` gives the
title with an alternative text, ``svg(ax)`` the picture for a page. Money is in one unit per figure, named in it.
"""

from __future__ import annotations

from toolkit.plots.achievement import plot_achievement
from toolkit.plots.budget import plot_budget
from toolkit.plots.flow import plot_flow
from toolkit.plots.history import plot_history, plot_history_rates
from toolkit.plots.indicators import plot_indicators
from toolkit.plots.ministry import (
    plot_carry_overs,
    plot_concentrations,
    plot_execution_rates,
    plot_largest_projects,
    plot_targets,
    plot_verdicts,
)
from toolkit.plots.payee import plot_methods, plot_payers, plot_projects, plot_received
from toolkit.plots.picture import svg
from toolkit.plots.places import plot_places
from toolkit.plots.quality import plot_identities, plot_numbers
from toolkit.plots.rates import plot_execution_rate
from toolkit.plots.spending import plot_budget_lines, plot_cost_items, plot_recipients
from toolkit.plots.style import Caption, caption, close

__all__ = [
    "Caption",
    "caption",
    "close",
    "plot_achievement",
    "plot_budget",
    "plot_budget_lines",
    "plot_carry_overs",
    "plot_concentrations",
    "plot_cost_items",
    "plot_execution_rate",
    "plot_execution_rates",
    "plot_flow",
    "plot_history",
    "plot_history_rates",
    "plot_identities",
    "plot_indicators",
    "plot_largest_projects",
    "plot_methods",
    "plot_numbers",
    "plot_payers",
    "plot_places",
    "plot_projects",
    "plot_received",
    "plot_recipients",
    "plot_targets",
    "plot_verdicts",
    "svg",
]
