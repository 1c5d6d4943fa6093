"""How much speaks for each candidate pair: points for what agrees, against what differs.

Points add up as in record linkage: each is about the power of ten by which the observation is likelier for one project than
for two. They were set on pairs that the same name in one ministry and the amounts both confirm.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from toolkit.lineage.amounts import compare_amounts, is_request, weigh_amounts
from toolkit.lineage.sheets import Sheets, bigrams

__all__ = ["judge"]

_BASE = -3.0
_PRINTED, _RS_ID = 7.0, 9.0
#: the same name, once or several times in a ministry; the same but for brackets; given as the former name
_NAME, _NAME_NOT_ALONE, _CORE, _FORMER = 3.0, 1.5, 2.5, 5.0
#: a request granted to the million yen; ended by one ministry and started by another
_REQUEST, _HANDED_OVER = 1.5, 3.5
#: the description is read where it may turn the balance
_BALANCE = 3.0
_SHORTEST = 6


def judge(sheets: Sheets, pairs: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """``pairs`` with what was compared and ``points``; above 0 more speaks for one project than against.

    Columns: ``compared``, ``agreed`` (amounts), ``weight`` (of the agreed), ``is_request``, ``likeness`` of the names (0 to 1),
    ``is_named`` (same folded name), ``is_part`` and ``is_whole`` (the later one's name is that of a part of the earlier, or the
    reverse), ``is_former``, ``is_owner`` (same ministry), ``is_handed_over``, ``is_printed``, ``is_rs``, ``is_recent`` (only begins),
    ``is_text`` (much the same description), ``gap`` (years).
    """
    i, j = pairs["i"].to_numpy(), pairs["j"].to_numpy()
    both, agree = compare_amounts(sheets, i, j)
    year, start, rs_id = sheets.column("year"), sheets.column("start"), sheets.column("rs_id")
    result = pairs.assign(
        compared=both.sum(axis=(1, 2)),
        agreed=agree.sum(axis=(1, 2)),
        weight=weigh_amounts(sheets, j, agree),
        is_request=is_request(sheets, i, j),
        is_owner=sheets.column("ministry")[i] == sheets.column("ministry")[j],
        is_printed=pd.MultiIndex.from_arrays([i, j]).isin(pd.MultiIndex.from_frame(printed[["i", "j"]])),
        is_rs=(rs_id[i] == rs_id[j]) & (rs_id[i] != ""),
        is_recent=start[i] >= year[i] - 1,
        gap=year[i] - year[j],
    ).assign(**_names(sheets, i, j))
    for name in ("is_part", "is_whole", "is_former"):
        result[name] &= result["is_owner"]
    ended = start[i] == sheets.column("end")[j] + 1
    result["is_handed_over"] = ~result["is_owner"] & ended & (result["likeness"] >= 0.5)
    result["points"] = _points(sheets, result, i, j)
    texts = _text_likeness(sheets, i, j, _is_open(result))
    said = np.clip(3 * (texts - 0.4), -0.6, 1.5) + (texts >= 0.9)
    return result.assign(is_text=texts >= 0.7, points=result["points"] + np.where(np.isnan(texts), 0.0, said))


def _is_open(pairs: pd.DataFrame) -> np.ndarray:
    """Where the description may turn the balance: not much speaks for or against, or for one of several."""
    possible = pairs[pairs["points"] > -_BALANCE]
    several = possible.duplicated("i", keep=False) | possible.duplicated("j", keep=False)
    is_rival = several.reindex(pairs.index, fill_value=False) & (pairs["points"] <= 2 * _BALANCE)
    return ((pairs["points"].abs() <= _BALANCE) | is_rival).to_numpy(dtype=bool)


def _points(sheets: Sheets, pairs: pd.DataFrame, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """All that counts but the descriptions."""
    frame = sheets.frame
    ministry, year, key = sheets.column("ministry"), sheets.column("year"), sheets.column("key")
    start, division = sheets.column("start"), sheets.column("division")
    alone = ~frame.duplicated(["year", "ministry", "key"], keep=False).to_numpy()
    # a ministry that had no sheet of any name before; a name that the other ministry has no sheet of any more
    owners, names = pd.MultiIndex.from_arrays([year, ministry]), pd.MultiIndex.from_arrays([year, ministry, key])
    is_young = ~pd.MultiIndex.from_arrays([year[j], ministry[i]]).isin(owners)
    is_left = ~pd.MultiIndex.from_arrays([year[i], ministry[j], key[j]]).isin(names)
    moved = np.where(is_young, np.where(is_left, 1.0, 0.0), np.where(is_left, -1.0, -1.5))
    resembling = np.where(pairs["is_core"] & is_young, _CORE, 4 * pairs["likeness"] - 2)
    resembling = np.where(pairs["is_former"], _FORMER, resembling)
    is_open = np.isnan(start[i]) | np.isnan(start[j]) | is_young
    return (
        _BASE
        + np.where(pairs["is_named"], np.where(alone[i] & alone[j], _NAME, _NAME_NOT_ALONE), resembling)
        + np.where(pairs["is_owner"], 0.5, moved)
        + np.minimum(pairs["weight"], 5) - np.minimum(pairs["compared"] - pairs["agreed"], 3)
        + np.where(pairs["is_request"], _REQUEST, 0)
        + np.where(start[i] == start[j], 0.5, np.where(is_open, 0, -0.7))
        + np.where((division[i] == division[j]) & (division[i] != ""), 0.4, 0)
        + np.where(pairs["is_handed_over"], _HANDED_OVER, 0)
        + np.where(pairs["is_printed"], _PRINTED, 0) + np.where(pairs["is_rs"], _RS_ID, 0)
        - (pairs["gap"] - 1)
    ).to_numpy()  # fmt: skip


def _names(sheets: Sheets, i: np.ndarray, j: np.ndarray) -> dict[str, np.ndarray]:
    """How the names of each pair resemble each other; see ``judge``."""
    key, core, former = sheets.column("key"), sheets.column("core"), sheets.column("former")
    likeness = np.maximum.reduce(
        [
            _likeness(key[i], key[j]),
            0.95 * _likeness(core[i], key[j]),
            0.95 * _likeness(key[i], core[j]),
            0.8 * _likeness(core[i], core[j]),  # both have brackets, and it is these that differ
        ]
    )
    is_named = (key[i] == key[j]) & (key[i] != "")
    is_core = (core[i] == core[j]) & (core[i] != "") & ~is_named
    named = [
        len(old) >= _SHORTEST and old in said for said, old in zip(former[i].tolist(), key[j].tolist(), strict=True)
    ]
    return {
        "likeness": likeness,
        "is_named": is_named,
        "is_core": is_core & ((core[i] == key[j]) | (key[i] == core[j])),
        "is_part": is_core & (core[j] == key[j]),
        "is_whole": is_core & (core[i] == key[i]),
        "is_former": np.array(named, dtype=bool),
    }


def _likeness(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Dice likeness of the names' bigrams; a name that stands whole in the other counts as near (0.75 at least)."""
    result = np.zeros(len(ones))
    for place, (one, other) in enumerate(zip(ones.tolist(), others.tolist(), strict=True)):
        if one == other:
            result[place] = 1.0 if one else 0.0
        elif one and other:
            mine, yours = bigrams(one), bigrams(other)
            result[place] = 2 * len(mine & yours) / max(len(mine) + len(yours), 1)
            if min(len(one), len(other)) >= _SHORTEST and (one in other or other in one):
                result[place] = max(result[place], 0.75)
    return result


def _text_likeness(sheets: Sheets, i: np.ndarray, j: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Likeness of purpose and overview for the ``wanted`` pairs; NaN for others, and where a sheet says next to nothing."""
    result = np.full(len(i), np.nan)
    rows = np.flatnonzero(wanted)
    known = {row: _pairs_of(sheets.texts[row]) for row in {*i[rows].tolist(), *j[rows].tolist()}}
    for place in rows.tolist():
        mine, yours = known[i[place]], known[j[place]]
        if len(mine) > 20 and len(yours) > 20:
            result[place] = len(mine & yours) / min(len(mine), len(yours))
    return result


def _pairs_of(text: str) -> set[tuple[str, str]]:
    """Neighbouring characters without white space; unlike names, texts are compared as they are printed."""
    return set(itertools.pairwise("".join(text.split())))
