"""What lineage compares of every sheet: folded name, owner, start, text and the amounts of each fiscal year."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset
from toolkit.form.vocabulary import MINISTRIES
from toolkit.text import fold

__all__ = [
    "QUANTITIES",
    "Sheets",
    "bigrams",
    "canonical_ministry",
    "canonical_number",
    "former_name",
    "name_key",
    "prepare",
]

#: amounts that consecutive sheets state for the same fiscal year; totals are left out, they follow from these
QUANTITIES = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "executed_jpy")

#: innermost brackets: an account, the name of last year, what the project is a part of
_BRACKETS = re.compile(r"\([^()]*\)|<[^<>]*>|〔[^〔〕]*〕|【[^【】]*】")

#: brackets that give an earlier name
_FORMER = re.compile(r"\(((?:旧|前年度|(?:平成|令和)(?:元|\d+)年度(?:当初予算)?(?:は|まで|:)).*)\)")

#: so much of the purpose and of the overview is compared
_CHARS = 300

_FULL: dict[str, str] = {}
for _name, _short in MINISTRIES.items():
    _FULL.setdefault(_short, _name)
_FULL |= {name: _FULL[short] for name, short in MINISTRIES.items()}


def canonical_ministry(printed: object) -> str:
    """One full name for a ministry, printed in full or short: 文科 and 文部科学省, 内閣本府 and 内閣府; "" for none."""
    folded = fold(printed)
    return _FULL.get(folded, folded)


def canonical_number(printed: object) -> str:
    """A printed number without what differs between forms: zeros in front of a part, a year and ministry before it.

    0201 and 201 are 201, 2022-文科-21-0216 is 21-216, 新02-0012 is 新2-12.
    """
    parts = fold(printed).split("-")
    if re.fullmatch(r"20\d\d", parts[0]) and len(parts) > 2:
        parts = parts[2:]
    return "-".join(re.sub(r"^(新?)0+(?=\d)", r"\1", part) for part in parts)


def name_key(name: object) -> str:
    """A project's name for comparison: folded, in one case, without marks, punctuation and what it was called before."""
    return re.sub(r"\W|_", "", _FORMER.sub("", fold(name))).casefold()


@lru_cache(maxsize=65_536)
def bigrams(text: str) -> frozenset[tuple[str, ...]]:
    """Pairs of neighbouring characters."""
    return frozenset(itertools.pairwise(text))


def former_name(name: object) -> str:
    """What a name gives in brackets as an earlier one (旧：…, 前年度：…, 令和３年度は「…」), for comparison; "" for none."""
    return re.sub(r"\W|_", "", "".join(_FORMER.findall(fold(name)))).casefold()


@dataclass(frozen=True)
class Sheets:
    """All sheets in order of review year, by position.

    ``frame`` has sheet_id, year, ministry, key, core (the name without brackets) and former name,
    purpose, start, end, division, rs_id, number, is_new; ``columns`` the same as arrays, ``texts`` what the sheet says of itself;
    ``amounts`` is sheets × quantities × fiscal years in yen (NaN: not stated), its first year ``first_year``; ``requested``
    is sheets × fiscal years.
    """

    frame: pd.DataFrame
    columns: dict[str, np.ndarray]
    texts: list[str]
    amounts: np.ndarray
    requested: np.ndarray
    first_year: int

    def column(self, name: str) -> np.ndarray:
        return self.columns[name]


def prepare(dataset: Dataset) -> Sheets:
    """The sheets of a dataset as lineage compares them."""
    sheets = dataset["sheets"].sort_values(["review_year", "sheet_id"], kind="stable").reset_index(drop=True)

    def folded(column: str) -> list[str]:
        return [fold(value) for value in sheets[column].tolist()]

    frame = pd.DataFrame(
        {
            "sheet_id": sheets["sheet_id"].astype(object),
            "year": sheets["review_year"].to_numpy(dtype="int64"),
            "ministry": [canonical_ministry(value) for value in sheets["ministry"].tolist()],
            "key": [name_key(value) for value in sheets["name"].tolist()],
            "core": [name_key(_BRACKETS.sub("", fold(value))) for value in sheets["name"].tolist()],
            "former": [former_name(value) for value in sheets["name"].tolist()],
            "purpose": [fold(value[:_CHARS]) for value in sheets["purpose"].fillna("").tolist()],
            "start": sheets["start_year"].to_numpy(dtype="float64", na_value=np.nan),
            "end": sheets["end_year"].to_numpy(dtype="float64", na_value=np.nan),
            "division": folded("division"),
            "rs_id": folded("rs_project_id"),
            "number": [canonical_number(value) for value in sheets["project_number"].tolist()],
        }
    )
    # 新23-0001 is the first sheet of a project; so is one of a project that starts in the review year or later
    classes = folded("project_class")
    is_new = ["新" in number or said.startswith("新規") for number, said in zip(frame["number"], classes, strict=True)]
    frame["is_new"] = np.array(is_new, dtype=bool) | (frame["start"] >= frame["year"])
    purpose, overview = sheets["purpose"].fillna("").tolist(), sheets["overview"].fillna("").tolist()
    texts = [f"{one[:_CHARS]}{other[:_CHARS]}" for one, other in zip(purpose, overview, strict=True)]
    columns = {name: values.to_numpy() for name, values in frame.items()}
    return Sheets(frame, columns, texts, *_amounts(dataset["budgets"], sheets["sheet_id"]))


def _amounts(budgets: pd.DataFrame, sheet_ids: pd.Series) -> tuple[np.ndarray, np.ndarray, int]:
    whole = budgets[budgets["account"].isna() & budgets["fiscal_year"].notna()]
    years = whole["fiscal_year"].to_numpy(dtype="int64")
    first, last = (int(years.min()), int(years.max())) if len(years) else (0, 0)
    sheet = pd.Index(sheet_ids).get_indexer(whole["sheet_id"])
    amounts = np.full((len(sheet_ids), len(QUANTITIES) + 1, last - first + 1), np.nan)
    for place, name in enumerate((*QUANTITIES, "requested_jpy")):
        amounts[sheet, place, years - first] = whole[name].to_numpy(dtype="float64", na_value=np.nan)
    return amounts[:, :-1], amounts[:, -1], first
