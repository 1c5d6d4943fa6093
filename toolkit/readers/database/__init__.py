"""The yearly database (主要事項データベース, review years 2014 to 2023): one wide workbook, one row per sheet.

Read as a stream, so that 15,000 columns do not need the memory of the whole grid. Money is million yen, decimals as
printed; a blank, a dash or 記入不要 is <NA>, a printed 0 is 0. Blocks a … v, which follow Z, are AA … AV here. Columns
whose header is not known stand in ``residue``, once per kind of header, on the first sheet of the file.
"""

from __future__ import annotations

from pathlib import Path

from toolkit.dataset import Dataset
from toolkit.readers.database.workbook import is_database

__all__ = ["is_database", "read_database"]


def read_database(content: bytes, path: Path) -> Dataset:
    """Read the yearly database, or a zip that holds it, into one Dataset; segment sheets are passed over.

    One row of ``sheets`` per row of the workbook that names a project. ``sheet_id`` is the printed number where it
    opens with the review year (from 2021 on), else <review year>-<ministry>-<number>; ``source_ref`` is tab!row.
    The review year is the one after the last year with an executed amount.

    Raises DamagedFileError, LockedFileError, LimitError, or UnknownFormError where no tab has the database's header.
    """
    from toolkit.readers.database.read import read_workbook

    return read_workbook(content, path)
