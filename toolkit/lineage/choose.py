"""From judged pairs to links: one main line per project, splits and merges beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["choose", "with_relations", "with_sums"]

#: what a second previous or a second next sheet needs, since the best place is taken
_BESIDE = 0.5
_LIMIT = 12.0
#: what is less likely than not is no link
_LEAST = 0.5
#: how sure a sum of amounts is that was not found otherwise, and a relation that the RS System states
_SUM, _STATED = 0.98, 0.99
#: a link that a sum of amounts does not undo
_SURE = 0.95
#: a part by its name alone
_PART = 0.6


def choose(judged: pd.DataFrame) -> pd.DataFrame:
    """The pairs that are links, with ``relation`` and ``score``.

    Best first, each sheet gets at most one previous and one next sheet on its line (``continued``). A sheet left over whose
    best earlier one is taken was ``split`` from it; an earlier sheet left over whose best later one is taken was ``merged``
    into it; neither where the amounts show that the line went on whole.
    """
    pairs = judged[(judged["points"] > 0) | judged["is_printed"]]
    pairs = pairs.sort_values(["points", "i", "j"], ascending=[False, True, True])
    taken_i: set[int] = set()
    taken_j: set[int] = set()
    main = []
    for row, i, j in zip(pairs.index, pairs["i"].tolist(), pairs["j"].tolist(), strict=True):
        if i not in taken_i and j not in taken_j:
            taken_i.add(i)
            taken_j.add(j)
            main.append(row)
    continued = pairs.loc[main]
    whole = continued[(continued["compared"] > 0) & (continued["agreed"] == continued["compared"])]
    rest = pairs[~pairs.index.isin(main) & ((pairs["points"] > _BESIDE) | pairs["is_printed"])]
    is_stated = rest["is_printed"] | (rest["is_handed_over"] & rest["is_named"])
    # what only begins now is another project, however alike its name
    is_left = ~rest["i"].isin(taken_i) & ~rest["j"].isin(whole["j"]) & (~rest["is_recent"] | (rest["agreed"] > 0))
    split = rest[is_stated & rest["j"].isin(taken_j) | is_left]
    split = split.drop_duplicates("i")
    open_j = ~rest["j"].isin(taken_j) & ~rest.index.isin(split.index)
    merged = rest[open_j & (is_stated | ~rest["i"].isin(whole["i"]) | (rest["compared"] == 0) & rest["is_named"])]
    merged = merged.drop_duplicates("j")
    named = {"continued": continued, "split": split, "merged": merged}
    result = pd.concat([part.assign(relation=relation) for relation, part in named.items()])
    result = result.assign(score=_scores(judged, result), method=None, reason="")
    # a printed number that all else contradicts stands only where the sheet has no better previous one
    is_only = result["is_printed"] & ~result["i"].isin(result.loc[result["score"] >= _LEAST, "i"])
    result = result[(result["score"] >= _LEAST) | is_only]
    return pd.concat([result, _parts(judged, result, whole)])


def _parts(judged: pd.DataFrame, chosen: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """Sheets left over whose name is that of one sheet and a part of it in brackets: perhaps split from it, or merged into it."""
    left = judged[
        (judged["gap"] == 1) & ~judged["is_recent"] & ~judged["i"].isin(whole["i"]) & ~judged["j"].isin(whole["j"])
    ]
    split = left[left["is_part"] & ~left["i"].isin(chosen["i"])].drop_duplicates("i")
    merged = left[left["is_whole"] & ~left["j"].isin(chosen["j"])].drop_duplicates("j")
    parts = pd.concat([split.assign(relation="split"), merged.assign(relation="merged")])
    parts = parts.assign(score=_PART, method="part_of_name", reason="one name is that of a part of the other")
    return parts.drop_duplicates(["i", "j"])[chosen.columns]


def _scores(judged: pd.DataFrame, chosen: pd.DataFrame) -> np.ndarray:
    """How likely each link is against no link and its rivals: pairs with one of its sheets that no better link rules out.

    Other links are no rivals: a sheet may have several previous ones.
    """
    main = chosen[chosen["relation"] == "continued"]
    best_i, best_j = main.set_index("i")["points"], main.set_index("j")["points"]
    own = 10.0 ** np.clip(chosen["points"].to_numpy(), -_LIMIT, _LIMIT)
    links = chosen[["i", "j", "points"]].assign(link=np.arange(len(chosen)))
    total = 1.0 + own
    others = judged[~judged.index.isin(chosen.index)]
    odds = 10.0 ** np.clip(others["points"], -_LIMIT, _LIMIT)
    for side, other, best in (("i", "j", best_j), ("j", "i", best_i)):
        rivals = others[["i", "j"]].assign(odds=odds, place=others[other].map(best).fillna(-np.inf))
        met = links.merge(rivals, on=side, suffixes=("", "_rival"))
        met = met[(met[other] != met[f"{other}_rival"]) & (met["place"] < met["points"])]
        total += met.groupby("link")["odds"].sum().reindex(range(len(links)), fill_value=0.0).to_numpy()
    return own / total


def with_sums(chosen: pd.DataFrame, judged: pd.DataFrame, wholes: pd.DataFrame, size: np.ndarray) -> pd.DataFrame:
    """``chosen`` with the pairs whose amounts add up; ``judged`` has these pairs judged, ``size`` the amounts of each sheet.

    They replace links that their sheets only had by resemblance. The line runs on as it did, else through the largest part.
    """
    found = judged.merge(wholes, on=["i", "j"])
    is_merge = found["whole"] == "i"
    part, one = np.where(is_merge, found["j"], found["i"]), np.where(is_merge, found["i"], found["j"])
    found = found.assign(
        size=size[part], parts=found.assign(one=one).groupby(["whole", "one"])["one"].transform("size")
    )
    main = chosen[chosen["relation"] == "continued"]
    found = found.assign(was=_is_in(found, main)).sort_values(
        ["was", "size", "i", "j"], ascending=[False, False, True, True]
    )
    is_touched = chosen["i"].isin(found["i"]) | chosen["j"].isin(found["j"])
    is_loose = is_touched & (chosen["score"] < _SURE) & ~chosen["is_printed"]
    kept = chosen[~is_loose & ~_is_in(chosen, found)]
    taken_i, taken_j = (set(kept.loc[kept["relation"] == "continued", side]) for side in "ij")
    relations = []
    for i, j, whole in zip(found["i"].tolist(), found["j"].tolist(), found["whole"].tolist(), strict=True):
        is_free = i not in taken_i and j not in taken_j
        relations.append("continued" if is_free else "merged" if whole == "i" else "split")
        if is_free:
            taken_i.add(i)
            taken_j.add(j)
    words = {"i": "the amounts of {} sheets add up", "j": "with others, {} sheets, it adds up"}
    reason = [words[whole].format(parts) for whole, parts in zip(found["whole"], found["parts"], strict=True)]
    added = found.assign(relation=relations, score=_SUM, method="sum_of_amounts", reason=reason)
    return pd.concat([kept, added[chosen.columns]])


def _is_in(pairs: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    return pd.MultiIndex.from_frame(pairs[["i", "j"]]).isin(pd.MultiIndex.from_frame(others[["i", "j"]]))


def with_relations(chosen: pd.DataFrame, judged: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """``chosen`` with what the RS System states: ``stated`` has ``i``, ``j``, ``relation`` and ``said`` (統合元 …)."""
    found = judged.merge(stated, on=["i", "j"])
    found = found[~_is_in(found, chosen)]
    reason = "names it as " + found["said"].astype(str)
    return pd.concat([chosen, found.assign(score=_STATED, method="rs_relation", reason=reason)[chosen.columns]])
