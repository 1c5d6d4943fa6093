"""The same project over the review years: which sheet continues which, how sure that is, and why.

Sheets get new numbers every year, projects new names and ministries. What links them, best first: the numbers of past
sheets that a sheet prints, the ids of the RS System, the same name in the same ministry, and the amounts, since
consecutive sheets state the same fiscal years again.

``project_key`` is the ``sheet_id`` of the first sheet of a project's line. Years are linked in their order and a
link rests on the two sheets and older ones only, so that a further year changes no key. (Adding *older* years does: a line then
starts earlier.)
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.dataset import Dataset
from toolkit.errors import NotFoundError
from toolkit.lineage.choose import choose, with_relations, with_sums
from toolkit.lineage.evidence import described, first_rows
from toolkit.lineage.judge import judge
from toolkit.lineage.pairs import candidates, printed_pairs, stated_relations
from toolkit.lineage.report import coverage
from toolkit.lineage.sheets import Sheets, prepare
from toolkit.lineage.sums import sums
from toolkit.tables import LINKS

__all__ = ["coverage", "links", "project_sheets"]

#: a project that no sheet speaks of for longer than this is linked by a printed number only
_GAP = 3


def links(dataset: Dataset) -> pd.DataFrame:
    """The table ``links`` for all sheets of a dataset: which sheet each one continues.

    One row per sheet and previous sheet; a sheet without one has a single row with ``previous_sheet_id`` <NA>, so that
    ``project_key`` is there for every sheet. ``relation`` is

    - ``first``: no earlier sheet of this project among these; ``stated`` where the sheet itself says that it is new
    - ``continued``: the project's line; at most one per sheet and per previous sheet
    - ``split``: came out of a project whose line another sheet continues; starts a key of its own
    - ``merged``: took in a further project; its line follows the ``continued`` link

    ``score`` (0 to 1) weighs name, ministry, amounts of shared fiscal years, start year and description against no
    link and against every rival pair; a printed number or RS id nearly settles it. ``certainty`` is ``stated`` (the
    sheet names the other one), ``solved`` (score of 0.95 and more) or ``unsettled``; below 0.5 there is no link, unless the
    sheet prints one that nothing else speaks for. Of several editions of a sheet only the preferred one is looked at.
    """
    is_preferred = dataset["sheets"]["edition_of"].isna()
    if not is_preferred.all():
        dataset = dataset.select(dataset["sheets"].loc[is_preferred, "sheet_id"])
    sheets = prepare(dataset)
    if not len(sheets.frame):
        return LINKS.empty()
    printed, stated = printed_pairs(dataset, sheets), stated_relations(dataset, sheets)
    year = sheets.column("year")
    previous, following = np.full(len(year), -1), np.full(len(year), -1)
    is_linked = np.zeros(len(year), dtype=bool)
    found = []
    for review in np.unique(year)[1:].tolist():
        new = np.flatnonzero(year == review)
        earlier = (year < review) & (year >= review - _GAP)
        pool = np.flatnonzero(earlier & ((year == year[year < review].max()) | ~is_linked))
        numbers = _latest(printed[printed["i"].isin(new)], following)
        chosen = _year(sheets, new, pool, numbers)
        main = chosen[chosen["relation"] == "continued"]
        i, j = main["i"].to_numpy(), main["j"].to_numpy()
        previous[i], following[j] = j, i
        if len(named := _stated(sheets, stated[stated["i"].isin(new)], previous)):
            chosen = with_relations(chosen, judge(sheets, named[["i", "j"]], numbers), named)
        is_linked[chosen["j"].to_numpy()] = True
        found.append(described(sheets, chosen, numbers))
    return _table(sheets, found, previous)


def _latest(printed: pd.DataFrame, following: np.ndarray) -> pd.DataFrame:
    """Printed numbers of older years stand for the project: its latest sheet takes their place."""
    latest = []
    for j in printed["j"].tolist():
        while following[j] >= 0:
            j = following[j]
        latest.append(j)
    return printed.assign(j=np.array(latest, dtype="int64")).drop_duplicates(["i", "j"])


def _year(sheets: Sheets, new: np.ndarray, pool: np.ndarray, printed: pd.DataFrame) -> pd.DataFrame:
    """The links of one review year to the sheets before it, by resemblance and by sums of amounts."""
    pairs = pd.concat([printed[["i", "j"]], candidates(sheets, new, pool)]).drop_duplicates().reset_index(drop=True)
    chosen = choose(judge(sheets, pairs, printed))
    wholes = sums(sheets, new, pool, chosen[chosen["relation"] == "continued"])
    if len(wholes):
        size = np.nansum(sheets.amounts, axis=(1, 2))
        chosen = with_sums(chosen, judge(sheets, wholes[["i", "j"]], printed), wholes, size)
    return chosen


def _stated(sheets: Sheets, stated: pd.DataFrame, previous: np.ndarray) -> pd.DataFrame:
    """RS projects that a sheet names as merged into it or the one it was split from, each as its sheet of the year before."""
    rs_id, year = sheets.column("rs_id"), sheets.column("year")
    rows = []
    for one in stated.to_dict("records"):
        line = np.flatnonzero((rs_id == one["rs_id"]) & (year <= year[one["i"]]))
        before, same = line[year[line] < year[one["i"]]], line[year[line] == year[one["i"]]]
        other = before[-1] if len(before) else previous[same[0]] if len(same) else -1
        if other >= 0:
            rows.append({**one, "j": int(other)})
    return pd.DataFrame(rows, columns=[*stated.columns, "j"]).drop_duplicates(["i", "j"])


def _table(sheets: Sheets, found: list[pd.DataFrame], previous: np.ndarray) -> pd.DataFrame:
    ids, year = sheets.column("sheet_id"), sheets.column("year")
    first = np.arange(len(ids))
    for i in np.flatnonzero(previous >= 0).tolist():  # sheets stand in order of years: the previous one is done
        first[i] = first[previous[i]]
    linked = pd.concat(found)["i"].to_numpy(dtype="int64") if found else np.array([], dtype="int64")
    rows = pd.concat([*found, first_rows(sheets, np.setdiff1d(np.arange(len(ids)), linked))])
    rows["score"] = rows["score"].astype("Float64") if "score" in rows else pd.NA
    rows = rows.sort_values(["i", "relation", "score", "j"], ascending=[True, True, False, True], kind="stable")
    i, j = rows["i"].to_numpy(dtype="int64"), rows["j"].to_numpy(dtype="int64")
    table = rows.assign(
        project_key=ids[first[i]],
        sheet_id=ids[i],
        previous_sheet_id=pd.Series(ids[j], rows.index, dtype="string").mask(j < 0),
        review_year=year[i],
    )
    return LINKS.validate(table.drop(columns=["i", "j"]).reset_index(drop=True))


def project_sheets(links: pd.DataFrame, sheet_id: str) -> list[str]:
    """All sheets of the project a sheet belongs to, in the order of their review years.

    The project's own line; sheets it was split from or that were merged into it are other projects.
    NotFoundError for a sheet that is not in ``links``.
    """
    keys = links.loc[links["sheet_id"] == sheet_id, "project_key"]
    if keys.empty:
        raise NotFoundError(f"no sheet {sheet_id!r} among the links of {links['sheet_id'].nunique()} sheets")
    line = links[links["project_key"] == keys.iloc[0]].sort_values(["review_year", "sheet_id"])
    return line["sheet_id"].drop_duplicates().tolist()
