"""The RS System (行政事業レビュー見える化サイト): the 15 bulk CSV files of a review year.

A review year's files as published, unpacked or zipped, all or some of them: ``read_rs`` gives one Dataset of all
projects. What a missing file would hold stays empty. Figures are whole yen. ``kind`` names a file by its official
number, "1-1" to "6-1".
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit.dataset import Dataset
from toolkit.readers.rs_system.source import contents, digest, find_rs, is_rs, joint_digest

__all__ = ["contents", "digest", "find_rs", "is_rs", "joint_digest", "read_rs"]


def read_rs(paths: Sequence[Path]) -> Dataset:
    """Read files of the RS System (CSV or zip, told by their header) into one Dataset.

    One row of ``sheets`` per project and review year, ``sheet_id`` RS<year>-<予算事業ID>, in the order of the files.
    Several review years may be read together.

    Raises
    ------
    UnknownFormError : a file that is none of the 15
    UsageError : no file at all, or two different copies of the same one
    DamagedFileError, EmptyFileError, LockedFileError, LimitError : a file that cannot be read
    """
    from toolkit.readers.rs_system.year import read_year

    return read_year(paths)
