"""Splits and merges that the amounts give away: several sheets whose budgets add up to one of the year before or after.

Neither names nor numbers say so; but when the initial budgets and executed amounts of the same fiscal years all add up,
to the million yen, chance does not do it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from toolkit.lineage.sheets import QUANTITIES, Sheets, bigrams

__all__ = ["sums"]

#: how far apart in a ministry's list the parts may stand, and how many in a row are tried
_NEAR, _RUN, _THREES = 30, 8, 16
#: how much rarer than all that was tried a sum must be by chance, as a power of ten; for two sheets far apart
_MARGIN, _MARGIN_FAR = 1.5, 3.0
#: in million yen: how far a printed amount may be from the true one
_ROUNDED = 0.55


class _Sum(NamedTuple):
    """``parts`` add up to ``one``; ``rank`` is higher the fewer amounts are off and the rarer the sum."""

    whole: str
    one: int
    parts: tuple[int, ...]
    rank: float


def sums(sheets: Sheets, new: np.ndarray, pool: np.ndarray, main: pd.DataFrame) -> pd.DataFrame:
    """Pairs ``i``, ``j`` of sheets that belong together because amounts add up; ``whole`` says which of the two is the sum.

    ``main`` are the links of the line so far (``i``, ``j``, ``compared``, ``agreed``): what their amounts settle is left alone,
    while a sheet whose amounts differ from those of its previous one is looked at together with it.
    """
    ministry, year = sheets.column("ministry"), sheets.column("year")
    pool = pool[year[pool] == year[pool].max(initial=0)]
    is_settled = main["agreed"] * 2 > main["compared"]
    partly = main[~is_settled].set_index("i")["j"].to_dict()
    free_i, free_j = np.setdiff1d(new, main.loc[is_settled, "i"]), np.setdiff1d(pool, main.loc[is_settled, "j"])
    cells = _cells(sheets, int(year[pool].max(initial=0)))
    place = sheets.frame.groupby(["year", "ministry"]).cumcount().to_numpy()
    found = []
    for name in np.intersect1d(ministry[free_i], ministry[free_j]):
        i, j = (rows[(ministry[rows] == name) & np.any(cells[rows] != 0, axis=1)] for rows in (free_i, free_j))
        for whole, ones, parts, fixed in (("i", i, j, partly), ("j", j, i, {b: a for a, b in partly.items()})):
            for one in ones.tolist():
                chosen = _parts(cells, place, one, parts, fixed.get(one)) or _alike(cells, sheets, one, parts)
                found += [_Sum(whole, one, *sum_) for sum_ in chosen]
    pairs = [(s.one, part, "i") if s.whole == "i" else (part, s.one, "j") for s in _apart(found) for part in s.parts]
    return pd.DataFrame(pairs, columns=["i", "j", "whole"]).drop_duplicates(["i", "j"])


def _apart(found: list[_Sum]) -> list[_Sum]:
    """The sums of which no sheet belongs to another one as good or better."""
    best: dict[int, float] = {}
    for one in found:
        for sheet in (one.one, *one.parts):
            best[sheet] = max(best.get(sheet, one.rank), one.rank)
    times = Counter(sheet for one in found for sheet in (one.one, *one.parts) if one.rank == best[sheet])
    return [one for one in found if all(one.rank == best[s] and times[s] == 1 for s in (one.one, *one.parts))]


def _cells(sheets: Sheets, year: int) -> np.ndarray:
    """Initial budgets and executed amounts that sheets of ``year`` and the year after both state, in million yen; 0 for none."""
    years = sheets.first_year + np.arange(sheets.amounts.shape[2])
    initial, executed = (sheets.amounts[:, QUANTITIES.index(name)] for name in ("initial_jpy", "executed_jpy"))
    shared = (years >= year - 2) & (years <= year)
    return np.nan_to_num(np.hstack([initial[:, shared], executed[:, shared & (years < year)]])) / 1e6


def _parts(
    cells: np.ndarray, place: np.ndarray, whole: int, parts: np.ndarray, fixed: int | None
) -> list[tuple[tuple[int, ...], float]]:
    """The sheets that add up to ``whole``, ``fixed`` among them if given, and the rank of the sum: one pair or none."""
    target = cells[whole]
    stated = target != 0
    if stated.sum() < 3:
        return []
    # one amount may be off: they are restated
    fits = (cells[parts] <= target + _ROUNDED * 2).sum(axis=1) >= len(target) - 1
    # an amount that rounding hides would belong to any sum
    fits &= cells[parts].max(axis=1) > 4 * _ROUNDED
    parts = np.union1d(parts[fits], [] if fixed is None else [fixed]).astype("int64")
    tried = 0
    best: list[tuple[int, float, tuple[int, ...]]] = []
    for places in _groups(place[parts]):
        group = parts[places]
        group = group if fixed is None else group[(group == fixed).any(axis=1)]
        tried += len(group)
        slack = _ROUNDED * (places.shape[1] + 1)
        equal = (np.abs(cells[group].sum(axis=1) - target) <= slack) & stated
        for row in np.flatnonzero(equal.sum(axis=1) >= max(3, stated.sum() - 1)).tolist():
            values = np.unique(np.round(target[equal[row]]))
            rare = float(np.log10(np.maximum(values / (2 * slack), 1)).sum())
            is_far = np.ptp(place[group[row]]) > _NEAR
            if rare >= np.log10(tried) + (_MARGIN_FAR if is_far else _MARGIN):
                best.append((int(equal[row].sum()), rare, tuple(sorted(group[row].tolist()))))
    most = max((equal for equal, _, _ in best), default=0)
    groups = {group: rare - 10.0 * (int(stated.sum()) - most) for equal, rare, group in best if equal == most}
    return list(groups.items()) if len(groups) == 1 else []


def _alike(cells: np.ndarray, sheets: Sheets, whole: int, parts: np.ndarray) -> list[tuple[tuple[int, ...], float]]:
    """All the sheets whose names resemble that of ``whole``, if they add up to it in a year at least."""
    core = sheets.column("core")
    mine = bigrams(core[whole])
    near = []
    for part in parts.tolist():
        yours = bigrams(core[part])
        if len(mine & yours) >= 0.7 * min(len(mine), len(yours)) > 3:
            near.append(part)
    if len(near) < 2:
        return []
    target, slack = cells[whole], _ROUNDED * (len(near) + 1)
    equal = (np.abs(cells[near].sum(axis=0) - target) <= slack) & (target != 0) & ((cells[near] != 0).sum(axis=0) > 1)
    rare = float(np.log10(np.maximum(np.unique(target[equal]) / (2 * slack), 1)).sum())
    return [(tuple(near), rare - 10.0 * int((~equal & (target != 0)).sum()))] if rare >= _MARGIN_FAR else []


def _groups(place: np.ndarray) -> Iterator[np.ndarray]:
    """Which sheets to try together, by their places in the ministry's list: all pairs, threes and runs of those near each other."""
    count = len(place)
    first, second = np.triu_indices(count, 1)
    if count >= 2:
        yield np.column_stack([first, second])
    near = (place[second] - place[first] <= _NEAR) & (second - first < _THREES)
    first, second = first[near], second[near]
    third = second[:, None] + np.arange(1, _THREES)
    inside = third < np.minimum(first[:, None] + _THREES, count)
    inside &= place[np.minimum(third, count - 1)] - place[first][:, None] <= _NEAR
    row, column = np.nonzero(inside)
    if len(row):
        yield np.column_stack([first[row], second[row], third[row, column]])
    for length in range(4, min(_RUN, count) + 1):
        runs = np.arange(count - length + 1)[:, None] + np.arange(length)
        yield runs[np.ptp(place[runs], axis=1) <= _NEAR]
