"""Budget and execution: the summary (2-1), whose totals and accounts share one file, and the budget lines (2-2)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.readers.rs_system.rows import Bulk, Rows, codes, first, join_words, joined, mapped, part

__all__ = ["account_names", "tables"]

#: up to this year amounts were carried over from the older sheets, which print million yen
_LAST_MIGRATED = 2023
_PARTS = ("initial", "supplementary", "carried_in", "reserve")
_TOTALS = (*_PARTS, "current", "executed", "carried_out", "requested")
_ACCOUNT_COLUMNS = {
    "initial": ("account_initial",),
    "supplementary": tuple(f"account_supplementary_{n}" for n in range(1, 6)),
    "carried_in": ("account_carried_in",),
    "reserve": tuple(f"account_reserve_{n}" for n in range(1, 5)),
    "current": ("account_current",),
    "executed": ("account_executed",),
    "requested": ("account_requested",),
    "addition": ("account_addition",),
}
_KINDS = {"当初予算": "initial", "補正予算": "supplementary", "前年度から": "carried_in", "予備費": "reserve"}


def tables(bulk: Bulk) -> dict[str, pd.DataFrame]:
    """budgets and budget_lines."""
    return {"budgets": _budgets(bulk), "budget_lines": _lines(bulk)}


# -- budgets
def _budgets(bulk: Bulk) -> pd.DataFrame:
    """One row per year for the whole project and one per account; the request stands in the year it is for."""
    rows = bulk.rows("2-1")
    whole, accounts = _totals(bulk, rows), _accounts(bulk, rows)
    parts = [whole, accounts, *(_request(bulk, one) for one in (whole, accounts))]
    table = pa.concat_tables([pa.table(one) for one in parts], promote_options="permissive").combine_chunks()
    table = table.take(
        first(codes(table["sheet"].to_numpy(), table["fiscal_year"].to_numpy(), table["account"].combine_chunks()))
    )
    order = table.append_column("at", pa.array(np.arange(len(table)))).sort_by(
        [("sheet", "ascending"), ("fiscal_year", "ascending"), ("at", "ascending")]
    )
    return bulk.table("budgets", {name: order[name] for name in table.column_names})


def _totals(bulk: Bulk, rows: Rows) -> dict[str, pa.Array]:
    """The rows of the whole project: those that fill the columns marked （合計）."""
    rows = rows.where(rows.filled(*_TOTALS))
    year = rows.integer("fiscal_year")
    doubled = np.ones(len(rows), dtype=bool)
    doubled[first(codes(rows.sheet, year))] = False
    rows.leave(doubled, "a second total of the same year")
    rows = rows.where(~doubled)
    amounts = {name: rows.integer(name) for name in _TOTALS}
    return _finished(
        bulk, rows.sheet, rows.integer("fiscal_year"), amounts,
        account=pa.nulls(len(rows), pa.string()), printed_rate=rows.decimal("rate"), note=rows.text("note"),
        remarks=rows.text("remarks"), source_ref=rows.ref(),
    )  # fmt: skip


def _accounts(bulk: Bulk, rows: Rows) -> dict[str, pa.Array]:
    """The rows per account, several of the same account and year added up."""
    rows = rows.where(rows.filled("account_initial", "account_current", "account_requested") & ~rows.filled(*_TOTALS))
    account = account_names(rows)
    amounts = {name: _sum([rows.integer(key) for key in keys]) for name, keys in _ACCOUNT_COLUMNS.items()}
    empty = np.all(
        [pc.fill_null(pc.equal(values, 0), True).to_numpy(zero_copy_only=False) for values in amounts.values()], axis=0
    )
    nameless = account.is_null().to_numpy(zero_copy_only=False)
    rows.leave(nameless & ~empty, "amounts of an account without a name")
    rows, account = rows.where(~nameless), account.filter(pa.array(~nameless))
    amounts = {name: values.filter(pa.array(~nameless)) for name, values in amounts.items()}
    group = codes(rows.sheet, rows.integer("fiscal_year"), account)
    leading = rows.where(first(group))
    sums = (
        pa.table({"group": group, **amounts})
        .group_by("group", use_threads=False)
        .aggregate([(name, "sum", pc.ScalarAggregateOptions(min_count=1)) for name in amounts])
    )
    amounts = {name: sums[f"{name}_sum"].combine_chunks() for name in amounts}
    addition = amounts.pop("addition")
    return _finished(
        bulk, leading.sheet, leading.integer("fiscal_year"), amounts, account=account.take(pa.array(first(group))),
        next_addition_jpy=addition, remarks=joined(group, rows.text("account_remarks"), len(leading), "\n"),
        source_ref=joined(group, rows.ref(), len(leading), "; "),
    )  # fmt: skip


def account_names(rows: Rows) -> pa.Array:
    """会計区分, 会計 and 勘定 in one name: 一般会計, エネルギー対策特別会計 電源開発促進勘定; null where none is given.

    Years carried over hold the whole name in 会計, some of them several joined by 、.
    """
    kind, account, sub = rows.text("account_class"), rows.text("account"), rows.text("sub_account")
    is_short = pc.and_(pc.equal(kind, "特別会計"), pc.invert(pc.match_substring(account, "会計")))
    name = pc.if_else(pc.fill_null(is_short, False), pc.binary_join_element_wise(account, "特別会計", ""), account)
    name = pc.replace_substring_regex(name, "特別会計([^、 　])", r"特別会計 \1")
    return join_words([pc.coalesce(name, kind), sub], " ")


def _sum(columns: list[pa.Array]) -> pa.Array:
    """Added up row by row; null where all are."""
    if len(columns) == 1:
        return columns[0]
    total = pc.fill_null(columns[0], 0)
    for column in columns[1:]:
        total = pc.add(total, pc.fill_null(column, 0))
    known = np.any([column.is_valid().to_numpy(zero_copy_only=False) for column in columns], axis=0)
    return pc.if_else(pa.array(known), total, pa.scalar(None, pa.int64()))


def _finished(
    bulk: Bulk, sheet: np.ndarray, year: pa.Array, amounts: dict[str, pa.Array], **columns: pa.Array
) -> dict[str, pa.Array]:
    """Amounts under the table's names. A zero of a year that is not closed means "not yet" and is no amount."""
    nothing = pa.scalar(None, pa.int64())
    review = bulk.years[sheet]
    years = year.to_numpy(zero_copy_only=False)
    is_open = years >= review
    executed, carried_out = amounts["executed"], amounts.get("carried_out", pa.nulls(len(sheet), pa.int64()))
    executed = pc.if_else(pc.and_(pa.array(is_open), pc.equal(executed, 0)), nothing, executed)
    # what is carried out is taken from the next year's row: without one, 0 says nothing
    has_next = pd.MultiIndex.from_arrays([sheet, years + 1]).isin(pd.MultiIndex.from_arrays([sheet, years]))
    carried_out = pc.if_else(pc.and_(pa.array(is_open | ~has_next), pc.equal(carried_out, 0)), nothing, carried_out)
    return {
        "sheet": pa.array(sheet),
        "fiscal_year": year,
        **{f"{name}_jpy": amounts[name] for name in (*_PARTS, "current")},
        "carried_out_jpy": carried_out,
        "total_jpy": pc.subtract(amounts["current"], carried_out),
        "executed_jpy": executed,
        "next_requested_jpy": amounts["requested"],
        "stage": pa.array(np.select([years < review, years == review], ["closed", "running"], "requested")),
        "precision_jpy": _precision(years, amounts),
        **columns,
    }


def _precision(years: np.ndarray, amounts: dict[str, pa.Array]) -> np.ndarray:
    """A million where a year was carried over and nothing in it is finer; else one yen."""
    whole = np.ones(len(years), dtype=bool)
    for values in amounts.values():
        whole &= pc.fill_null(values, 0).to_numpy(zero_copy_only=False) % 1_000_000 == 0
    return np.where(whole & (years <= _LAST_MIGRATED), 1_000_000, 1)


def _request(bulk: Bulk, given: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """What the running year's rows request for the next: rows of that year. Older requests stay beside their year only."""
    years = given["fiscal_year"].to_numpy(zero_copy_only=False)
    chosen = pa.array(
        (years == bulk.years[given["sheet"].to_numpy()])
        & given["next_requested_jpy"].is_valid().to_numpy(zero_copy_only=False)
    )
    rows = {name: given[name].filter(chosen) for name in ("sheet", "account", "source_ref")}
    count = len(rows["sheet"])
    return rows | {
        "fiscal_year": pa.array(years + 1).filter(chosen),
        "requested_jpy": given["next_requested_jpy"].filter(chosen),
        "stage": pa.repeat("requested", count),
        "precision_jpy": pa.repeat(1, count),
    }


# -- budget lines
def _lines(bulk: Bulk) -> pd.DataFrame:
    """One line per row with an amount; what a row requests for the next year is a line of that year."""
    rows = bulk.rows("2-2")
    words = ("jurisdiction", "organization", "kou", "moku", "detail", "note")
    has_request = rows.filled("requested")
    current = rows.where(rows.filled("amount") | (rows.filled(*words) & ~has_request))
    request = rows.where(has_request)
    parts = [
        part(one, kind=kind, kind_text=one.text("kind"), account=account_names(one), amount_jpy=amount,
             fiscal_year=year, **{key: one.text(key) for key in words})
        for one, kind, amount, year in (
            (current, mapped(current.text("kind"), _line_kind), current.integer("amount"), current.integer("fiscal_year")),
            (request, "requested", request.integer("requested"), pc.add(request.integer("fiscal_year"), 1)),
        )
    ]  # fmt: skip
    table = pa.concat_tables([pa.table(one) for one in parts], promote_options="permissive").combine_chunks()
    order = np.argsort(table["fiscal_year"].to_numpy(), kind="stable")
    return bulk.table(
        "budget_lines", dict(zip(table.column_names, table.take(order).columns, strict=True)), within=("fiscal_year",)
    )


def _line_kind(printed: str) -> str | None:
    return next((kind for word, kind in _KINDS.items() if word in printed), None)
