"""From judged pairs to links: one main line per project, splits and merges beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["choose"]

#: what a second previous or a second next sheet needs, since the best place is taken
_BESIDE = 0.5


def choose(judged: pd.DataFrame) -> pd.DataFrame:
    """The pairs that are links, with ``relation`` and ``score``.

    Best first, each sheet gets at most one previous and one next sheet on its line (``continued``). A sheet left over whose
    best earlier one is taken was ``split`` from it; an earlier sheet left over whose best later one is taken was ``merged`` into it.
    """
    pairs = judged[(judged["points"] > 0) | judged["is_printed"]].sort_values(
        ["points", "i", "j"], ascending=[False, True, True]
    )
    taken_i: set[int] = set()
    taken_j: set[int] = set()
    main = []
    for row, i, j in zip(pairs.index, pairs["i"].tolist(), pairs["j"].tolist(), strict=True):
        if i not in taken_i and j not in taken_j:
            taken_i.add(i)
            taken_j.add(j)
            main.append(row)
    continued = pairs.loc[main]
    rest = pairs[(pairs["points"] > _BESIDE) | pairs["is_printed"]]
    split = rest[~rest["i"].isin(taken_i)].drop_duplicates("i")
    merged = rest[~rest["j"].isin(taken_j) & ~rest["i"].isin(split["i"])].drop_duplicates("j")
    printed = rest[rest["is_printed"]]
    printed = printed[~printed.index.isin([*main, *split.index, *merged.index])]
    named = {"continued": continued, "split": split, "merged": pd.concat([merged, printed])}
    result = pd.concat([part.assign(relation=relation) for relation, part in named.items()])
    return result.assign(score=_scores(judged, result))


def _scores(judged: pd.DataFrame, chosen: pd.DataFrame) -> np.ndarray:
    """How likely each link is against no link and against its rivals: pairs with either of its sheets that no better link rules out."""
    odds = 10.0 ** np.clip(judged["points"], -12, 12)
    main = chosen[chosen["relation"] == "continued"]
    best_i, best_j = main.set_index("i")["points"], main.set_index("j")["points"]
    # a pair is no rival of a link where its other sheet has a better place
    place_i = judged["i"].map(best_i).fillna(-np.inf).to_numpy()
    place_j = judged["j"].map(best_j).fillna(-np.inf).to_numpy()
    links = chosen[["i", "j", "points"]].assign(link=np.arange(len(chosen)))
    total = 1.0 + 10.0 ** np.clip(links["points"].to_numpy(), -12, 12)
    for side, place in (("i", place_j), ("j", place_i)):
        rivals = judged[["i", "j"]].assign(odds=odds, place=place)
        met = links.merge(rivals, on=side, suffixes=("", "_rival"))
        other = "j" if side == "i" else "i"
        met = met[(met[other] != met[f"{other}_rival"]) & (met["place"] < met["points"])]
        total += met.groupby("link")["odds"].sum().reindex(range(len(links)), fill_value=0.0).to_numpy()
    return 10.0 ** np.clip(links["points"].to_numpy(), -12, 12) / total
