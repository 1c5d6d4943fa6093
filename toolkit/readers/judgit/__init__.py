"""JUDGIT! (judgit.net): the sheets of review years 2015 to 2023 as open JSON records.

What JUDGIT! gives is less than the sheets print, and known to be wrong in places. The reader says so row by row:

- Money: a blank and a printed 0 are both 0.0. A supplementary budget, carry-over or reserve of 0 becomes <NA>; an
  initial budget, total, executed or requested amount and a payment of 0 stay 0, and their row is ``unsettled``.
- 2015 and 2016 lack nearly every carry-out. It is the difference to 計, ``solved`` where the next year's carry-in is
  as much, else ``unsettled``.
- 目標最終年度 had 2018 added even where the sheet printed a year AD (4048): the year is taken back, ``unsettled``; a
  year that cannot be meant is <NA>. 2046 to 2049 may stand for 平成28 to 31年度 and are ``unsettled``.
- An indicator that repeats another byte for byte is kept once.
- Names of recipients with a corporate number are those of the tax agency's register, not those printed.
- Nothing tells 終了予定なし from a blank: ``is_end_undecided`` is <NA> where no end is given.
- JUDGIT!'s own ``ID``, ``事業ID`` and ``url`` are not on the sheets and not kept.
"""

from __future__ import annotations

from pathlib import PurePath

from toolkit.dataset import Dataset
from toolkit.readers.judgit.source import gunzip, records

__all__ = ["read_judgit"]


def read_judgit(content: bytes, path: PurePath) -> Dataset:
    """Read JUDGIT! records into one Dataset: JSON of one sheet, an array, or one sheet a line; gzipped or not.

    One row of ``sheets`` per record in the file's order; ``sheet_id`` is the printed number from 2021 on, before that
    <review year>-<ministry>-<number>. ``source_ref`` is the line or record, and the place in its list.

    Raises
    ------
    DamagedFileError : a gzip file cut short, or a line that is no JSON; nothing is read then
    UnknownFormError : JSON of another kind
    EmptyFileError, LimitError : nothing inside, or too much
    """
    if content.startswith(b"\x1f\x8b"):
        content = gunzip(content, path)
    found = records(content, path)
    from toolkit.readers.judgit.sheets import read_records

    return read_records(found)
