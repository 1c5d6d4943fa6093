"""The path from activity to outcome: indicators and their yearly values (3-1), and what leads to what (3-2).

番号 alone names no indicator: it starts again with every 種別, and outcomes of different 期間 or goals share one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.readers.rs_system.rows import Bulk, Rows, codes, counted, first, joined, mapped, number, part

__all__ = ["tables"]

_LEVELS = {"アクティビティ": "activity", "アウトプット": "output", "アウトカム": "outcome"}
_HORIZONS = {"短期": "short", "中期": "mid", "長期": "long"}
_MEASURES = {"目標値": "target", "実績値": "actual", "達成率": "achievement"}
_FINAL_YEAR = "目標年度"
#: what tells two nodes of the path apart; an indicator's name only where both files print it
_NODE = ("sheet", "level", "number", "horizon", "goal")


def tables(bulk: Bulk) -> dict[str, pd.DataFrame]:
    """indicators, measurements and logic_links."""
    rows = bulk.rows("3-1")
    rows = rows.where(rows.filled("number", "goal", "indicator"))
    group = _groups(rows)
    leading = rows.where(first(group))
    links = bulk.rows("3-2")
    links = links.where(links.filled("from_number", "from_goal") & links.filled("to_number", "to_goal"))
    nodes = [_node(leading), _node(links, "from_"), _node(links, "to_")]
    place, new = _match(nodes)
    every = pa.concat_tables([pa.table(one) for one in nodes], promote_options="permissive").combine_chunks()
    listed = every.take(pa.array(np.concatenate([np.arange(len(leading)), new])))
    ids = _ids(listed)
    ends = ids.take(pa.array(place))
    return {
        "indicators": _indicators(bulk, rows, leading, group, listed, ids),
        "measurements": _measurements(bulk, rows, group, ids),
        "logic_links": _links(bulk, links, ends.slice(len(leading), len(links)), ends.slice(len(leading) + len(links))),
    }


# -- which indicators there are
def _groups(rows: Rows) -> np.ndarray:
    """The indicator that each row of 3-1 belongs to. Each has one row per kind of row; a second one is another indicator."""
    columns = _node(rows)
    node = codes(*(columns[name] for name in (*_NODE, "indicator")), rows.text("unit"))
    kind = rows.text("row_kind")
    again = np.where(kind.is_valid().to_numpy(zero_copy_only=False), counted(codes(node, kind)), 1)
    return codes(node, again)


def _node(rows: Rows, end: str = "") -> dict[str, pa.Array]:
    """What identifies a step of the path, on a row of 3-1 or at one end of a row of 3-2."""
    return {
        "sheet": pa.array(rows.sheet),
        "level": mapped(rows.text(f"{end}level"), lambda printed: _LEVELS.get(printed, printed)),
        "number": rows.text(f"{end}number"),
        "horizon": mapped(rows.text(f"{end}horizon"), _horizon),
        "goal": rows.text(f"{end}goal"),
        "indicator": rows.text(f"{end}indicator"),
        "source_ref": rows.ref(),
    }  # fmt: skip


def _horizon(printed: str) -> str | None:
    return next((name for word, name in _HORIZONS.items() if word in printed), None)


def _match(nodes: list[dict[str, pa.Array]]) -> tuple[np.ndarray, np.ndarray]:
    """For every node the position of its indicator: those of 3-1 first, then the goals that only 3-2 names.

    Also gives the positions, among all nodes, of the latter.
    """
    known = len(nodes[0]["sheet"])
    columns = {name: pa.concat_arrays([one[name] for one in nodes]) for name in (*_NODE, "indicator")}
    node = codes(*(columns[name] for name in _NODE))
    place = first(node)[node]
    exact = codes(node, columns["indicator"])
    exact_place = first(exact)[exact]
    place = np.where(exact_place < known, exact_place, place)
    place[:known] = np.arange(known)
    new = np.unique(place[place >= known])
    return np.where(place < known, place, known + np.searchsorted(new, place)), new


def _ids(listed: pa.Table) -> pa.Array:
    """outcome-3 by 種別 and 番号; the second that shares both is outcome-3#2."""
    columns = {name: listed[name].combine_chunks() for name in ("level", "number")}
    stem = pc.binary_join_element_wise(
        pc.fill_null(columns["level"], "goal"), pc.fill_null(columns["number"], "0"), "-"
    )
    again = counted(codes(listed["sheet"].to_numpy(), stem))
    suffix = pc.binary_join_element_wise("#", pa.array(again).cast(pa.string()), "")
    return pc.if_else(pa.array(again > 1), pc.binary_join_element_wise(stem, suffix, ""), stem)


# -- the tables
def _indicators(
    bulk: Bulk, rows: Rows, leading: Rows, group: np.ndarray, listed: pa.Table, ids: pa.Array
) -> pd.DataFrame:
    """One row per indicator; what only its later rows say is gathered from all of them."""
    blank = len(listed) - len(leading)
    own: dict[str, pa.Array] = {
        "unit": leading.text("unit"),
        "direction": mapped(leading.text("direction"), lambda printed: {"上": "up", "下": "down"}.get(printed[0])),
        "is_qualitative": pc.starts_with(leading.text("goal_kind"), "定性"),
        **{
            name: joined(group, rows.text(name), len(leading), "\n")
            for name in ("evidence_source", "explanation", "qualitative_result")
        },
    }
    columns = {name: pa.concat_arrays([column, pa.nulls(blank, column.type)]) for name, column in own.items()}
    level, printed = listed["level"].combine_chunks(), listed["number"].combine_chunks()
    is_activity = pc.fill_null(pc.equal(level, "activity"), False)
    return bulk.table(
        "indicators",
        {
            **{name: listed[name] for name in ("sheet", "horizon", "goal", "indicator", "source_ref")},
            **columns,
            "indicator_id": ids,
            "level": pc.if_else(
                pc.is_in(level, value_set=pa.array(list(_LEVELS.values()))), level, pa.scalar(None, pa.string())
            ),
            "activity_no": number(pc.if_else(is_activity, printed, pa.scalar(None, pa.string())), pa.int64()),
        },
    )


def _measurements(bulk: Bulk, rows: Rows, group: np.ndarray, ids: pa.Array) -> pd.DataFrame:
    """The columns of years as rows. A year marked as the target year makes its values final ones."""
    kind = rows.text("row_kind")
    years = [name for name in rows.table.column_names if name.isdecimal()]
    measure = mapped(kind, lambda printed: next((m for word, m in _MEASURES.items() if word in printed), None))
    is_final = pc.fill_null(pc.match_substring(kind, _FINAL_YEAR), False).to_numpy(zero_copy_only=False)
    rows.leave(
        kind.is_valid().to_numpy(zero_copy_only=False) & ~is_final & measure.is_null().to_numpy(zero_copy_only=False),
        "unknown kind of row",
    )
    values, finals = [], []
    for name in years:
        text = rows.text(name)
        filled = text.is_valid().to_numpy(zero_copy_only=False)
        marked = np.flatnonzero(
            filled & is_final & pc.fill_null(pc.not_equal(text, "0"), False).to_numpy(zero_copy_only=False)
        )
        finals.append(pd.DataFrame({"group": group[marked], "year": int(name), "at": marked}))
        at = np.flatnonzero(filled & measure.is_valid().to_numpy(zero_copy_only=False))
        values.append((at, np.full(len(at), int(name)), text.take(pa.array(at))))
    at, year = (np.concatenate([one[i] for one in values] or [np.zeros(0, dtype="int64")]) for i in (0, 1))
    text = pa.concat_arrays([one[2].cast(pa.string()) for one in values]) if values else pa.nulls(0, pa.string())
    order = np.lexsort((year, at))
    at, year, text = at[order], year[order], text.take(pa.array(order))
    final = pd.concat(finals) if finals else pd.DataFrame({"group": [], "year": [], "at": []}, dtype="int64")
    columns = _values(rows.where(at), ids.take(pa.array(group[at])), year, measure.take(pa.array(at)), text)
    keys = pd.MultiIndex.from_arrays([group[at], year])
    columns["is_final_year"] = (
        keys.isin(pd.MultiIndex.from_frame(final[["group", "year"]])) if len(final) else np.zeros(len(at), dtype=bool)
    )
    # a target year without a target still says when the goal is due
    bare = final[~pd.MultiIndex.from_frame(final[["group", "year"]]).isin(keys)] if len(final) else final
    bare = bare.drop_duplicates(["group", "year"])
    due = _values(rows.where(bare["at"].to_numpy()), ids.take(pa.array(group[bare["at"].to_numpy()])), bare["year"].to_numpy(),
                  pa.repeat(pa.scalar("target"), len(bare)), pa.nulls(len(bare), pa.string()))  # fmt: skip
    due["is_final_year"] = np.ones(len(bare), dtype=bool)
    return bulk.table("measurements", columns, due)


def _values(
    rows: Rows, ids: pa.Array, year: np.ndarray, measure: pa.Array, text: pa.Array
) -> dict[str, pa.Array | np.ndarray]:
    value = number(pc.replace_substring_regex(text, "[%％]$", ""), pa.float64())
    value = pc.if_else(pc.equal(measure, "achievement"), pc.divide(value, 100.0), value)  # printed as a percentage
    return part(rows, indicator_id=ids, fiscal_year=year, measure=measure, value=value, value_text=text)


def _links(bulk: Bulk, rows: Rows, source: pa.Array, target: pa.Array) -> pd.DataFrame:
    """One row per pair; the texts of a pair that several rows name are joined."""
    group = codes(rows.sheet, source, target)
    leading = first(group)
    texts = {
        name: joined(group, rows.text(name), len(leading), "\n") for name in ("explanation", "single_stage_reason")
    }
    ends = {"from_indicator_id": source.take(pa.array(leading)), "to_indicator_id": target.take(pa.array(leading))}
    return bulk.table("logic_links", part(rows.where(leading), **ends, **texts))
