"""How much speaks for each candidate pair: points for what agrees, against what differs.

Points add up as in record linkage: each is about the power of ten by which the observation is likelier for one project than
for two. The weights were set on pairs that the same name in one ministry and the amounts both confirm; see ``links``.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from toolkit.lineage.sheets import QUANTITIES, Sheets, bigrams

__all__ = ["compare_amounts", "judge"]

_BASE = -3.0
_PRINTED, _RS_ID = 7.0, 9.0
_NAME, _NAME_NOT_ALONE, _CORE, _FORMER = 3.0, 1.5, 2.5, 4.0
_CLOSE = 1e6, 1e-3  # within a million yen or 0.1 %: RS figures of years to 2023 were migrated from million yen
_YEAR_OF_SHEETS = 5000
#: a request that was granted to the million yen
_REQUEST = 1.5


def compare_amounts(sheets: Sheets, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which amounts both sheets of each pair state, and which of these agree: two arrays pairs × quantities × years.

    The initial budget up to the earlier sheet's own year, the rest for years then closed; zero beside zero is no
    statement (JUDGIT! writes 0 for a blank), zero beside an amount is a difference for the initial budget and the executed amount.
    """
    one, other = sheets.amounts[i], sheets.amounts[j]
    years = sheets.first_year + np.arange(one.shape[2])
    own_year = sheets.column("year")[j]
    closed = years < own_year[:, None]
    in_time = np.repeat(closed[:, None, :], len(QUANTITIES), axis=1)
    in_time[:, QUANTITIES.index("initial_jpy")] = years <= own_year[:, None]
    both = in_time & ~np.isnan(one) & ~np.isnan(other) & ((one != 0) | (other != 0))
    for amounts, sheet in ((one, i), (other, j)):  # the form has a 0 or a blank for the years before a project began
        both &= (amounts != 0) | ~(years < sheets.column("start")[sheet][:, None])[:, None, :]
    always = np.array([name in ("initial_jpy", "executed_jpy") for name in QUANTITIES])[None, :, None]
    both &= always | ((one != 0) & (other != 0))
    with np.errstate(invalid="ignore"):
        agree = both & (np.abs(one - other) <= np.maximum(_CLOSE[0], _CLOSE[1] * np.abs(other)))
    return both, agree & (one != 0) & (other != 0)


def judge(sheets: Sheets, pairs: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """``pairs`` with what was compared and ``points``; above 0 more speaks for one project than against.

    Columns: ``compared``, ``agreed`` (amounts), ``weight`` (of the agreed), ``likeness`` of the names (0 to 1), ``is_named``
    (same folded name), ``is_owner`` (same ministry), ``is_printed``, ``is_rs``, ``is_text`` (much the same description),
    ``is_handed_over`` (ended by one ministry, started by another), ``gap`` (years).
    """
    i, j = pairs["i"].to_numpy(), pairs["j"].to_numpy()
    both, agree = compare_amounts(sheets, i, j)
    result = pairs.assign(compared=both.sum(axis=(1, 2)), agreed=agree.sum(axis=(1, 2)))
    result["is_request"] = _is_request(sheets, i, j)
    result["weight"] = _weights(sheets, i, j, agree) + np.where(result["is_request"], _REQUEST, 0)
    key, ministry, year = sheets.column("key"), sheets.column("ministry"), sheets.column("year")
    start, division, rs_id = sheets.column("start"), sheets.column("division"), sheets.column("rs_id")
    result["is_named"] = (key[i] == key[j]) & (key[i] != "")
    result["is_owner"] = ministry[i] == ministry[j]
    result["is_rs"] = (rs_id[i] == rs_id[j]) & (rs_id[i] != "")
    result["gap"] = year[i] - year[j]
    result["is_recent"] = start[i] >= year[i] - 1
    numbers = pd.MultiIndex.from_frame(printed[["i", "j"]])
    result["is_printed"] = pd.MultiIndex.from_arrays([i, j]).isin(numbers)
    core = sheets.column("core")
    result["likeness"] = np.maximum.reduce(
        [
            _likeness(key[i], key[j]),
            0.95 * _likeness(core[i], key[j]),
            0.95 * _likeness(key[i], core[j]),
            0.8 * _likeness(core[i], core[j]),  # both have brackets, and it is these that differ
        ]
    )
    former = sheets.column("former")
    is_former = [len(b) >= 6 and b in a for a, b in zip(former[i].tolist(), key[j].tolist(), strict=True)]
    result["is_former"] = np.array(is_former, dtype=bool) & result["is_owner"]
    is_bracket = ((core[i] == key[j]) | (key[i] == core[j])) & (core[i] == core[j]) & (core[i] != "")
    result["is_part"] = is_bracket & ~result["is_named"] & result["is_owner"]
    texts = _text_likeness(sheets, result)
    result["is_text"] = texts >= 0.7
    # a project that one ministry ends and another starts in the year after
    result["is_handed_over"] = (
        ~result["is_owner"] & (start[i] == sheets.column("end")[j] + 1) & (result["likeness"] >= 0.5)
    )
    # where the other ministry has no sheet of that name any more, or this one had none of any name before
    left = ~pd.MultiIndex.from_arrays([year[i], ministry[j], key[j]]).isin(
        pd.MultiIndex.from_arrays([year, ministry, key])
    )
    is_young = ~pd.MultiIndex.from_arrays([year[j], ministry[i]]).isin(pd.MultiIndex.from_arrays([year, ministry]))
    other_owner = np.where(is_young, np.where(left, 1.0, 0.0), np.where(left, -1.0, -1.5))
    named = np.where(_is_alone(sheets)[i] & _is_alone(sheets)[j], _NAME, _NAME_NOT_ALONE)
    wrong = result["compared"] - result["agreed"]
    points = (
        _BASE
        + np.where(result["is_named"], named, np.where(is_bracket & is_young, _CORE, 4 * result["likeness"] - 2))
        + np.where(result["is_former"] & ~result["is_named"], _FORMER, 0)
        + np.where(result["is_owner"], 0.5, other_owner)
        + np.minimum(result["weight"], 5) - np.minimum(wrong, 3)
        + np.where(start[i] == start[j], 0.5, np.where(np.isnan(start[i]) | np.isnan(start[j]) | is_young, 0, -0.7))
        + np.where((division[i] == division[j]) & (division[i] != ""), 0.4, 0)
        + np.where(np.isnan(texts), 0, np.clip(3 * (texts - 0.4), -0.6, 1.5) + (texts >= 0.9))
        + np.where(result["is_handed_over"], 3.0, 0)
        + np.where(result["is_printed"], _PRINTED, 0) + np.where(result["is_rs"], _RS_ID, 0)
        - 0.5 * (result["gap"] - 1)
    )  # fmt: skip
    return result.assign(points=points)


def _is_request(sheets: Sheets, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Whether the later sheet's initial budget of its own year is what the earlier one requested for it."""
    year = np.clip(sheets.column("year")[i] - sheets.first_year, 0, sheets.requested.shape[1] - 1)
    requested, initial = sheets.requested[j, year], sheets.amounts[i, QUANTITIES.index("initial_jpy"), year]
    with np.errstate(invalid="ignore"):
        return (requested != 0) & (np.abs(requested - initial) <= np.maximum(_CLOSE[0], _CLOSE[1] * np.abs(requested)))


def _is_alone(sheets: Sheets) -> np.ndarray:
    """Whether no other sheet of the year and ministry has the same name."""
    return ~sheets.frame.duplicated(["year", "ministry", "key"], keep=False).to_numpy()


def _weights(sheets: Sheets, i: np.ndarray, j: np.ndarray, agree: np.ndarray) -> np.ndarray:
    """How telling the agreeing amounts are: each different amount counts once, one that many sheets have counts little."""
    pair, quantity, year = np.nonzero(agree)
    million = np.round(sheets.amounts / 1e6)
    value = million[j[pair], quantity, year].astype("int64")
    tokens = pd.DataFrame(
        {"review": sheets.column("year")[j[pair]], "quantity": quantity, "year": year, "value": value}
    )
    sheet, q, y = np.nonzero(np.nan_to_num(million) != 0)
    everyone = pd.DataFrame(
        {
            "review": sheets.column("year")[sheet],
            "quantity": q,
            "year": y,
            "value": million[sheet, q, y].astype("int64"),
        }
    )
    count = everyone.groupby(list(everyone)).size().rename("count")
    size = pd.Series(sheets.column("year")).value_counts()
    often = tokens.join(count, on=list(tokens))["count"].to_numpy()
    # few sheets at hand do not make an amount less rare among all of a year
    among = np.maximum(tokens["review"].map(size).to_numpy(), _YEAR_OF_SHEETS)
    tokens["weight"] = np.clip(np.log10(among / often), 0.3, 2.0)
    tokens["pair"] = pair
    best = tokens.groupby(["pair", "value"])["weight"].max().groupby("pair").sum()
    return best.reindex(range(len(i)), fill_value=0.0).to_numpy()


def _likeness(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Dice likeness of the names' bigrams; a name that stands whole in the other counts as near (0.75 at least)."""
    words = {key: bigrams(key) for key in {*ones.tolist(), *others.tolist()}}
    result = np.zeros(len(ones))
    for place, (one, other) in enumerate(zip(ones.tolist(), others.tolist(), strict=True)):
        if not one or not other:
            continue
        if one == other:
            result[place] = 1.0
            continue
        mine, yours = words[one], words[other]
        result[place] = 2 * len(mine & yours) / (len(mine) + len(yours))
        if min(len(one), len(other)) >= 6 and (one in other or other in one):
            result[place] = max(result[place], 0.75)
    return result


def _pairs_of(text: str) -> set[tuple[str, ...]]:
    """Neighbouring characters without white space; unlike names, texts are compared as they are printed."""
    said = "".join(text.split())
    return set(itertools.pairwise(said))


def _text_likeness(sheets: Sheets, pairs: pd.DataFrame) -> np.ndarray:
    """Likeness of purpose and overview, only for pairs that the same name does not nearly settle; NaN elsewhere."""
    result = np.full(len(pairs), np.nan)
    unclear = ~(pairs["is_named"] & pairs["is_owner"] & (pairs["agreed"] > 0)).to_numpy()
    i, j = pairs["i"].to_numpy(), pairs["j"].to_numpy()
    rows = np.flatnonzero(unclear)
    known = {row: _pairs_of(sheets.texts[row]) for row in {*i[rows].tolist(), *j[rows].tolist()}}
    for place in rows.tolist():
        mine, yours = known[i[place]], known[j[place]]
        if len(mine) > 20 and len(yours) > 20:
            result[place] = len(mine & yours) / min(len(mine), len(yours))
    return result
