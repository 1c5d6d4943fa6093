"""Which earlier sheets may be the same project: candidate pairs, gathered generously, judged elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset
from toolkit.lineage.sheets import QUANTITIES, Sheets, bigrams, canonical_ministry, canonical_number

__all__ = ["candidates", "printed_pairs", "stated_relations"]

#: an amount that more sheets of a year share than this tells nothing; a word in more names than this neither
_COMMON_AMOUNT = 25
_COMMON_BIGRAM = 0.1
_PER_SHEET = 4
_NEAR = 0.3
#: characters of a turn of phrase, how far a purpose is read, and how many phrases must be shared
_PHRASE, _READ, _PHRASES = 6, 150, 8


def candidates(sheets: Sheets, new: np.ndarray, pool: np.ndarray) -> pd.DataFrame:
    """Pairs of a sheet of one year (``i``) and an earlier one (``j``), by position, each once.

    Same folded name (of any ministry while few have it), the same RS id, amounts that few others have, or unusual words of
    the name or the purpose in common within a ministry.
    """
    one, other = sheets.frame.loc[new], sheets.frame.loc[pool]
    named = _join(one, other, ["key", "ministry"])
    found = [
        named,
        *(_join(one, _few(other, name), [name]) for name in ("key", "core")),
        _join(one[one["rs_id"] != ""], other, ["rs_id"]),
    ]
    young = one[~one["ministry"].isin(other["ministry"])].assign(ministry="")
    left = one[~one.index.isin(named["i"])], other[~other.index.isin(named["j"])]
    found += [_by_text(*left), _by_amounts(sheets, new, pool), _by_words(one, other, named)]
    if len(young):
        found.append(_by_words(young, other.assign(ministry=""), named))
    return pd.concat(found).drop_duplicates(["i", "j"]).reset_index(drop=True)


def _few(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[(frame.groupby(name)[name].transform("size") <= _PER_SHEET) & (frame[name] != "")]


def _join(one: pd.DataFrame, other: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    left, right = one[on].assign(i=one.index), other[on].assign(j=other.index)
    return left.merge(right, on=on)[["i", "j"]]


def _by_amounts(sheets: Sheets, new: np.ndarray, pool: np.ndarray) -> pd.DataFrame:
    """Pairs that share two different rare amounts, to the million yen, or one that is theirs alone.

    Or, in one ministry, three that few of its sheets have.
    """
    one, other = _tokens(sheets, new, "i"), _tokens(sheets, pool, "j")
    count = other["token"].map(other["token"].value_counts())
    shared = one.merge(other.loc[count <= _COMMON_AMOUNT, ["j", "token"]].assign(is_only=count == 1), on="token")
    pairs = shared.groupby(["i", "j"]).agg(values=("value", "nunique"), is_only=("is_only", "any")).reset_index()
    ministry = sheets.column("ministry")
    one, other = one.assign(ministry=ministry[one["i"]]), other.assign(ministry=ministry[other["j"]])
    few = other.groupby(["ministry", "token"])["j"].transform("size") <= _PER_SHEET
    within = one.merge(other.loc[few, ["j", "ministry", "token"]], on=["ministry", "token"]).groupby(["i", "j"]).size()
    return pd.concat(
        [
            pairs.loc[(pairs["values"] >= 2) | pairs["is_only"], ["i", "j"]],
            within[within >= 3].reset_index()[["i", "j"]],
        ]
    )


def _tokens(sheets: Sheets, rows: np.ndarray, name: str) -> pd.DataFrame:
    million = np.round(sheets.amounts[rows] / 1e6)
    sheet, quantity, year = np.nonzero(np.nan_to_num(million) != 0)
    value = million[sheet, quantity, year].astype("int64")
    places = len(QUANTITIES) * million.shape[2]
    return pd.DataFrame(
        {name: rows[sheet], "value": value, "token": value * places + quantity * million.shape[2] + year}
    )


def _by_words(one: pd.DataFrame, other: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """The nearest names within a ministry, for sheets on either side whose own name the other year does not have."""
    left, right = _words(one, "i"), _words(other, "j")
    codes = pd.factorize(pd.concat([left["word"], right["word"]]).to_numpy())[0]
    left["word"], right["word"] = codes[: len(left)], codes[len(left) :]
    often = right.groupby("word")["j"].transform("size")
    among = right["ministry"].map(other["ministry"].value_counts())
    right = right.loc[(often <= _COMMON_BIGRAM * among) | (often <= 3), ["j", "word"]]
    left = left.loc[left["word"].isin(right["word"]), ["i", "word"]]
    size_i, size_j = left["i"].value_counts(), right["j"].value_counts()
    is_open = ~left["i"].isin(named["i"]), ~right["j"].isin(named["j"])
    result = []
    for side, pairs in (
        ("i", left[is_open[0]].merge(right, on="word")),
        ("j", left.merge(right[is_open[1]], on="word")),
    ):
        shared = pairs.groupby(["i", "j"]).size().rename("shared").reset_index()
        shared["nearness"] = 2 * shared["shared"] / (shared["i"].map(size_i) + shared["j"].map(size_j))
        shared = shared[shared["nearness"] >= _NEAR].sort_values(["nearness", "i", "j"], ascending=[False, True, True])
        result.append(shared.groupby(side).head(_PER_SHEET)[["i", "j"]])
    return pd.concat(result)


def _by_text(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Sheets of one ministry whose purposes have several turns of phrase in common that few others have."""
    left, right = _phrases(one, "i"), _phrases(other, "j")
    right = right[right.groupby("phrase")["j"].transform("size") <= _PER_SHEET]
    shared = left.merge(right, on="phrase").groupby(["i", "j"]).size()
    return shared[shared >= _PHRASES].reset_index()[["i", "j"]]


def _phrases(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    rows, flat = [], []
    for row, owner, said in zip(
        frame.index.tolist(), frame["ministry"].tolist(), frame["purpose"].tolist(), strict=True
    ):
        found = {(owner, said[at : at + _PHRASE]) for at in range(min(len(said), _READ) - _PHRASE + 1)}
        rows += [row] * len(found)
        flat += [hash(phrase) for phrase in found]
    return pd.DataFrame({name: rows, "phrase": flat}, dtype="int64")


def _words(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Every pair of neighbouring characters of every name, marked with the ministry so that only its own sheets meet."""
    words = [sorted(bigrams(key)) for key in frame["key"].tolist()]
    rows = np.repeat(frame.index.to_numpy(), [len(found) for found in words])
    ministry = frame["ministry"].to_numpy().repeat([len(found) for found in words])
    flat = np.array(["".join(word) for found in words for word in found], dtype=object) + ministry.astype(object)
    return pd.DataFrame({name: rows, "ministry": ministry, "word": flat})


def printed_pairs(dataset: Dataset, sheets: Sheets) -> pd.DataFrame:
    """関連する過去のレビューシートの事業番号 that name a sheet at hand: ``i``, ``j``, ``said`` (as printed).

    Of the years a sheet names, the latest that is at hand. A number without a ministry is one of the sheet's own
    ministry; one whose year is not printed, or that fits several sheets, names none.
    """
    frame = sheets.frame
    related = dataset["related"]
    past = related[(related["kind"] == "past_number") & related["fiscal_year"].notna() & related["number"].notna()]
    own = pd.Index(frame["sheet_id"]).get_indexer(past["sheet_id"])
    printed = [canonical_ministry(value) for value in past["ministry"].tolist()]
    whole = past["number"].astype("str").str.extract(r"^20\d\d-([^-]+)-", expand=False)
    printed = [
        canonical_ministry(in_number) if isinstance(in_number, str) else said
        for in_number, said in zip(whole.astype(object), printed, strict=True)
    ]
    references = pd.DataFrame(
        {
            "i": own,
            "year": past["fiscal_year"].to_numpy(dtype="int64"),
            "ministry": np.where(np.array(printed, dtype=object) == "", frame["ministry"].to_numpy()[own], printed),
            "number": [canonical_number(value) for value in past["number"].tolist()],
            "said": past["number"].to_numpy(dtype=object),
        }
    )
    references = references.astype(dict.fromkeys(["ministry", "number", "said"], "str"))
    known = frame[frame["number"] != ""].assign(j=lambda rows: rows.index)
    known = known[~known.duplicated(["year", "ministry", "number"], keep=False)]
    found = references.merge(known[["year", "ministry", "number", "j"]], on=["year", "ministry", "number"])
    found = found[found["year"] < frame["year"].to_numpy()[found["i"]]]
    latest = found.groupby("i")["year"].transform("max")
    return found.loc[found["year"] == latest, ["i", "j", "said"]].drop_duplicates(["i", "j"]).reset_index(drop=True)


def stated_relations(dataset: Dataset, sheets: Sheets) -> pd.DataFrame:
    """統合元, 統合先, 分割元 and 分割先 of the RS System: ``i`` (came out of it), ``rs_id`` (went into it), ``relation``, ``said``."""
    related = dataset["related"]
    rows = related[related["kind"].isin(["merged", "split"]) & related["number"].notna() & related["relation"].notna()]
    frame = sheets.frame
    own = pd.Index(frame["sheet_id"]).get_indexer(rows["sheet_id"])
    other = rows["number"].to_numpy(dtype=object)
    after = rows["relation"].str.endswith("元").to_numpy(dtype=bool)
    by_id = pd.MultiIndex.from_frame(frame[["year", "rs_id"]])
    there = (
        by_id.get_indexer_for(pd.MultiIndex.from_arrays([frame["year"].to_numpy()[own], other]))
        if by_id.is_unique
        else np.full(len(rows), -1)
    )
    result = pd.DataFrame(
        {
            "i": np.where(after, own, there),
            "rs_id": np.where(after, other, frame["rs_id"].to_numpy()[own]),
            "relation": rows["kind"].to_numpy(dtype=object),
            "said": rows["relation"].to_numpy(dtype=object),
        }
    )
    return result[result["i"] >= 0].drop_duplicates(["i", "rs_id"]).reset_index(drop=True)
