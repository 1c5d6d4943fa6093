"""The panel: every sheet of every year and form in one set of parquet tables (``data/processed``).

``build`` makes it from the raw files, ``load`` gives it back as pandas tables, ``connect`` as DuckDB views.
"""

from toolkit.store.builder import BuildSummary, build
from toolkit.store.panel import connect, load

__all__ = ["BuildSummary", "build", "connect", "load"]
