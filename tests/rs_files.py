"""Files of the RS System composed row by row, for tests; cells are named by the keys of the reader's declarations."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd

from toolkit.readers.rs_system.columns import COMMON, KINDS

COMMON_VALUES = {"sheet_kind": "レビューシート", "review_year": "2024", "project_id": "7", "name": "見本事業", "ministry_order": "19",
                 "ministry": "文部科学省", "agency": "文部科学省", "bureau": "見本局", "section": "見本課"}  # fmt: skip


def table(kind: str, *rows: dict[str, str], header: dict[str, str] | None = None) -> bytes:
    """One file as published: byte order mark, CRLF. Cells by key; ``header`` prints some columns otherwise."""
    names = {key: alternatives[0] for key, alternatives in COMMON.items()} | KINDS[kind]
    years = sorted({key for row in rows for key in row if key.isdecimal()})
    names |= {key: key for key in years} | (header or {})
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names.values())
    writer.writerows([(COMMON_VALUES | row).get(key, "") for key in names] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def zipped(content: bytes, name: str = "a.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return out.getvalue()


def write(folder: Path, *files: tuple) -> Path:
    """Files of a folder: each is (kind, row, row, …)."""
    for number, (kind, *cells) in enumerate(files):
        (folder / f"{number}.csv").write_bytes(table(kind, *cells))
    return folder


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple]:
    """Some columns of a frame as tuples, a missing value as None."""
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame[list(columns)].itertuples(index=False)]
