"""Notebooks to HTML reports: ``report`` runs the notebook for every sheet, ``display`` is what the notebook shows."""

from __future__ import annotations

from toolkit.reports.index import write_index
from toolkit.reports.overview import ministry_report
from toolkit.reports.run import Batch, report

__all__ = ["Batch", "ministry_report", "report", "write_index"]
