"""What the money was for and where it went: budget lines, cost items, recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.plots.rows import Row, draw_rows, fit
from toolkit.plots.style import BLUE, describe, either, nothing, records
from toolkit.plots.units import Unit, unit_for
from toolkit.wording import format_rate, format_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.dataset import Dataset

__all__ = ["block_totals", "plot_budget_lines", "plot_cost_items", "plot_recipients"]

_REST = "#b4bdc7"  # what is summed up in one row


def plot_budget_lines(dataset: Dataset, *, most: int = 12, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars per budget line (目): the initial budget of the review year; as an outline the request for the next.

    ``dataset`` of one sheet. The ``most`` largest lines are drawn, the others as one row. Returns the Axes.
    """
    lines = dataset["budget_lines"]
    lines, asked = _two_years(lines[lines["amount_jpy"].notna()], int(dataset.sheet()["review_year"]))
    if lines.empty:
        return nothing(either(language, "予算内訳の記載がない。", "The sheet states no budget lines."), ax)
    years = sorted(lines["fiscal_year"].unique())
    names = lines["moku"].fillna(lines["kou"]).fillna(either(language, "（項・目の記載なし）", "(no item named)"))
    table = lines.assign(name=names, above=lines["kou"].fillna("")).pivot_table(
        index=["above", "name"], columns="fiscal_year", values="amount_jpy", aggfunc="sum", observed=True
    )
    table = table.reindex(columns=years)
    table = table.loc[table.max(axis=1).sort_values(ascending=False, kind="stable").index]
    unit = unit_for(table.stack(), language)
    shown = table.head(most)
    rows = [
        _line_row(name, above, values, asked, unit, language)
        for (above, name), (_, values) in zip(shown.index, shown.iterrows(), strict=True)
    ]
    if len(table) > most:
        label = either(language, f"ほか{len(table) - most}目", f"{len(table) - most} other lines")
        rows.append(_line_row(label, "", table.iloc[most:].sum(min_count=1), asked, unit, language))
    rows = fit(rows, language)
    ax = draw_rows(rows, ax=ax)
    return describe(ax, _lines_title(table, 0 in asked, language), _alt(rows, unit, language))


def _two_years(lines: pd.DataFrame, review_year: int) -> tuple[pd.DataFrame, frozenset[int]]:
    """The initial budget of the review year, or of the last year before that has one, and the request for the next.

    With the positions (0 first) of years that are requests.
    """
    initial = lines[(lines["kind"] == "initial") & (lines["fiscal_year"] <= review_year)]
    initial = initial[initial["fiscal_year"] == initial["fiscal_year"].max()]
    request = lines[(lines["kind"] == "requested") & (lines["fiscal_year"] > review_year)]
    chosen = pd.concat([initial, request])
    chosen = chosen[chosen["amount_jpy"] != 0]
    return (
        (chosen, frozenset({int(len(initial) > 0)}) if len(request) else frozenset())
        if len(chosen)
        else (lines.iloc[:0], frozenset())
    )


def _line_row(name: str, above: str, values: pd.Series, asked: frozenset[int], unit: Unit, language: str) -> Row:
    bars = tuple(None if pd.isna(v) else float(v) for v in values)
    labels = tuple(f"{unit.short(v)}\u3000{format_year(year, language)}" for year, v in values.items())
    return Row(name, above, bars, labels, (BLUE, BLUE), asked)


def _lines_title(table: pd.DataFrame, is_request: bool, language: str) -> str:
    year = table.columns[0]
    known = table[year].dropna().sort_values(ascending=False, kind="stable")
    total = known.sum()
    when = format_year(year, language)
    if not total:
        return either(language, "予算の内訳（目）ごとの金額", "Amounts of the budget lines")
    (_, name), share = known.index[0], share_text(known.iloc[0], total, language)
    what = either(language, "要求額", "request") if is_request else either(language, "当初予算", "initial budget")
    return either(language, f"{when}{what}の{share}は「{name}」", f"“{name}” is {share} of the {what} of {when}")


def plot_cost_items(dataset: Dataset, *, most: int = 30, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars per cost item (費目), grouped by block and recipient, each with its share of the group.

    ``dataset`` of one sheet. Where there are more than ``most`` items, small ones are summed up. Returns the Axes.
    """
    items = dataset["cost_items"][dataset["cost_items"]["amount_jpy"].notna()]
    if items.empty:
        return nothing(either(language, "費目・使途の記載がない。", "The sheet states no cost items."), ax)
    unit = unit_for(items["amount_jpy"], language)
    groups = items.assign(recipient=items["recipient"].fillna("")).groupby(["block", "recipient"], sort=False)
    each = max(2, most // groups.ngroups)
    known = dataset["blocks"].set_index("block")
    rows: list[Row] = []
    for (block, recipient), group in groups:
        payee = recipient or (known["cost_recipient"].get(block) if block in known.index else None)
        total = group["amount_jpy"].sum()
        rows.append(Row(_heading(str(block), payee, total, unit)))
        group = group.sort_values("amount_jpy", ascending=False, kind="stable")
        rows += [
            _share_row(row["item"] or "", row["use"], row["amount_jpy"], total, unit, language)
            for row in records(group.head(_heads(group, each)).astype(object).where(group.notna(), None))
        ]
        rows += _rest_row(group["amount_jpy"].iloc[_heads(group, each) :], total, unit, language)
    rows = fit(rows, language)
    ax = draw_rows(rows, ax=ax)
    largest = items.nlargest(1, "amount_jpy").iloc[0]
    mine = groups.get_group((largest["block"], largest["recipient"] if pd.notna(largest["recipient"]) else ""))
    return describe(ax, _items_title(largest, mine["amount_jpy"].sum(), unit, language), _alt(rows, unit, language))


def _items_title(largest: pd.Series, total: float, unit: Unit, language: str) -> str:
    block, item = largest["block"], largest["item"]
    amount, whole, share = (
        unit.words(largest["amount_jpy"]),
        unit.words(total),
        share_text(largest["amount_jpy"], total, language),
    )
    return either(
        language,
        f"もっとも大きい費目はブロック{block}の「{item}」で、{whole}のうち{amount}（{share}）",
        f"The largest cost item is “{item}” in block {block}: {amount} of {whole} ({share})",
    )


def plot_recipients(dataset: Dataset, *, most: int = 30, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars per recipient, grouped by block, with corporate number, amount and share of the block.

    ``dataset`` of one sheet. The share is of the block's printed amount, else of the sum of its listed recipients.
    Where there are more than ``most`` recipients, every block shows its largest ones. Returns the Axes.
    """
    recipients = dataset["recipients"]
    if recipients.empty:
        return nothing(either(language, "支出先の記載がない。", "The sheet lists no recipients."), ax)
    unit = unit_for(recipients["amount_jpy"], language)
    totals = block_totals(dataset)
    groups = recipients.groupby("block", sort=False)
    each = max(2, most // groups.ngroups)
    names = dataset["blocks"].set_index("block")["name"]
    rows: list[Row] = []
    for block, group in groups:
        rows.append(Row(_heading(str(block), names.get(block), totals.get(block), unit)))
        ordered = group.sort_values(["amount_jpy", "rank"], ascending=[False, True])
        rows += [
            _share_row(
                _name(row, language), _number(row, language), row["amount_jpy"], totals.get(block), unit, language
            )
            for row in records(ordered.head(_heads(group, each)))
        ]
        rows += _rest_row(ordered["amount_jpy"].iloc[_heads(group, each) :], totals.get(block), unit, language)
    rows = fit(rows, language)
    ax = draw_rows(rows, ax=ax)
    return describe(ax, _recipients_title(recipients, totals, unit, language), _alt(rows, unit, language))


def share_text(part: Any, whole: Any, language: str) -> str:
    """A share in percent; next to all and next to nothing are said so rather than rounded to 100.0 or 0.0 %.

    Of nothing there is no share: "–".
    """
    if not whole:
        return "–"
    share = float(part) / float(whole)
    if 0.9995 <= share < 1:
        return either(language, "99.9%超", "over 99.9%")
    if 0 < share < 0.0005:
        return either(language, "0.1%未満", "under 0.1%")
    return format_rate(share, language)


def block_totals(dataset: Dataset) -> pd.Series:
    """Per block of one sheet its printed amount, else the sum of its listed recipients; yen, index block."""
    listed = dataset["recipients"].groupby("block")["amount_jpy"].sum(min_count=1)
    printed = dataset["blocks"].set_index("block")["amount_jpy"]
    return printed.combine_first(listed)


def _heading(block: str, name: object, total: object, unit: Unit) -> str:
    parts = [block, name, unit.words(total) if pd.notna(total) else None]
    return "\u3000".join(str(part) for part in parts if part is not None and pd.notna(part))


def _share_row(text: str, note: Any, amount: Any, total: Any, unit: Unit, language: str) -> Row:
    note = "" if note is None or pd.isna(note) else str(note)
    if amount is None or pd.isna(amount):
        return Row(text, note, (None,), (either(language, "金額の記載なし", "no amount stated"),))
    share = ""
    if pd.notna(total) and total:
        share = either(
            language, f"（{share_text(amount, total, language)}）", f" ({share_text(amount, total, language)})"
        )
    return Row(text, note, (float(amount),), (f"{unit.short(amount)}{share}",))


def _heads(group: pd.DataFrame, each: int) -> int:
    """How many rows of a group are shown by themselves: a rest of one is no shorter than the row itself."""
    return len(group) if len(group) == each + 1 else each


def _rest_row(amounts: pd.Series, total: object, unit: Unit, language: str) -> list[Row]:
    if not len(amounts):
        return []
    row = _share_row(
        either(language, f"ほか{len(amounts)}件", f"{len(amounts)} more"),
        "",
        amounts.sum(min_count=1),
        total,
        unit,
        language,
    )
    return [Row(row.text, row.note, row.bars, row.labels, (_REST,))]


def _name(row: dict, language: str) -> str:
    return row["name"] if pd.notna(row["name"]) else either(language, "（名称なし）", "(no name)")


def _number(row: dict, language: str) -> str:
    if row["number_status"] == "valid":
        return either(language, f"法人番号 {row['corporate_number']}", f"corporate number {row['corporate_number']}")
    if row["number_status"] in ("invalid", "dummy"):
        return either(
            language,
            f"法人番号 {row['corporate_number']}（無効）",
            f"corporate number {row['corporate_number']} (not valid)",
        )
    return either(language, "法人番号の記載なし", "no corporate number") if row["name_kind"] == "organization" else ""


def _recipients_title(recipients: pd.DataFrame, totals: pd.Series, unit: Unit, language: str) -> str:
    known = recipients[recipients["amount_jpy"].notna()]
    if known.empty:
        return either(
            language,
            f"支出先は{len(recipients)}件、金額の記載はない",
            f"{len(recipients)} recipients, no amounts stated",
        )
    first = known.nlargest(1, "amount_jpy").iloc[0]
    amount = unit.words(first["amount_jpy"])
    block, name = (
        first["block"],
        first["name"] if pd.notna(first["name"]) else either(language, "（名称なし）", "(no name)"),
    )
    total = totals.get(block)
    share = share_text(first["amount_jpy"], total, language) if pd.notna(total) and total else ""
    if language == "ja":
        return f"最大の支出先は{name}の{amount}" + (f"（ブロック{block}の{share}）" if share else "")
    return f"The largest recipient is {name}: {amount}" + (f", {share} of block {block}" if share else "")


def _alt(rows: list[Row], unit: Unit, language: str) -> str:
    lead = either(language, f"横棒グラフ（{unit.label}）", f"Horizontal bars ({unit.label})")
    body = "; ".join(" ".join([row.text.strip(), *row.labels]).strip() for row in rows)
    return f"{lead}. {body}"
