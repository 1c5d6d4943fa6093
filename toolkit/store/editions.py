"""Several sources of one sheet: all are kept, one is preferred.

The order: the ministry's printed sheet (workbook before PDF before text layer) over the yearly database over JUDGIT!.
The sheet is the document itself and the only one with flow of funds, cost items' recipients, reviews and budget lines in
full. The database is the ministries' own extract, corrected and issued again, with contract methods and bidders. JUDGIT! was
made from an early issue of the database: fewer columns, no difference between a blank and 0. Within a form the newest
edition goes first, then the source whose name sorts last. The preferred edition has the sheet's plain ``sheet_id``; the
others have it with their form behind an @ (``2022-文科-21-0216@judgit-2022``), so that every key stays unique.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from toolkit.dataset import Dataset
from toolkit.tables import SHEET_TABLES

__all__ = ["FORMS", "settled"]

#: the forms in the order in which they are preferred
FORMS = ("rs", "excel", "pdf", "text", "database", "judgit")


def settled(parts: Sequence[Dataset]) -> Dataset:
    """The sheets of all parts together, those that several parts hold told apart. Parts may have been settled before."""
    if len(parts) == 1 and parts[0]["sheets"]["edition_of"].isna().all():
        return parts[0]
    names = _names(parts)
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in SHEET_TABLES}
    for number, part in enumerate(parts):
        named = names[names["part"] == number].set_index("sheet_id")
        changed = named.loc[named["named"] != named.index, "named"]
        for name, frames in tables.items():
            frames.append(_renamed(part[name], changed) if len(changed) else part[name])
        tables["sheets"][-1] = tables["sheets"][-1].assign(edition_of=named["edition_of"].to_numpy())
    filled = {name: [frame for frame in frames if len(frame)] for name, frames in tables.items()}
    return Dataset({name: pd.concat(frames, ignore_index=True) for name, frames in filled.items() if frames})


def _names(parts: Sequence[Dataset]) -> pd.DataFrame:
    """A row per sheet of the parts, in their order: ``part``, ``sheet_id``, the id it gets, and what it is an edition of."""
    columns = ["sheet_id", "edition_of", "form", "edition", "source_file"]
    sheets = pd.concat([part["sheets"][columns].assign(part=n) for n, part in enumerate(parts)], ignore_index=True)
    base = sheets["edition_of"].fillna(sheets["sheet_id"])
    kind = sheets["form"].str.split("-").str[0].map({name: n for n, name in enumerate(FORMS)}).fillna(len(FORMS))
    order = pd.DataFrame(
        {"base": base, "kind": kind, "edition": sheets["edition"].fillna(""), "file": sheets["source_file"]}
    )
    order = order.sort_values(["base", "kind", "edition", "file"], ascending=[True, True, False, False], kind="stable")
    is_other = order["base"].duplicated().sort_index()
    named = base + "@" + sheets["form"].fillna("")
    copy = named[order.index][is_other[order.index]].groupby(named).cumcount().reindex(sheets.index, fill_value=0) + 1
    named = named.where(copy == 1, named + "#" + copy.astype("string"))
    return sheets[["part", "sheet_id"]].assign(
        named=named.where(is_other, base), edition_of=base.where(is_other, pd.NA).astype("string")
    )


def _renamed(frame: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    chosen = frame["sheet_id"].isin(names.index)
    if not chosen.any():
        return frame
    return frame.assign(sheet_id=frame["sheet_id"].where(~chosen, frame["sheet_id"].map(names)).astype("string"))
