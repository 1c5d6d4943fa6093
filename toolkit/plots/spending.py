"""What the money was for and where it went: budget lines, cost items, recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.plots.rows import Row, draw_rows, fit
from toolkit.plots.style import BLUE, describe, either, nothing
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
    lines, asked = _two_years(dataset)
    if not lines:
        words = (
            "当初予算と翌年度要求の内訳に金額の記載がない。",
            "No line of the initial budget or the request states an amount.",
        )
        return nothing(either(language, *words), ax)
    years = sorted({row["fiscal_year"] for row in lines})
    unnamed = either(language, "（項・目の記載なし）", "(no item named)")
    found: dict[tuple[str, str], dict[int, int]] = {}
    for row in lines:
        amounts = found.setdefault((row["kou"] or "", row["moku"] or row["kou"] or unnamed), {})
        amounts[row["fiscal_year"]] = amounts.get(row["fiscal_year"], 0) + row["amount_jpy"]
    table = sorted(sorted(found.items()), key=lambda item: -max(item[1].values()))
    unit = unit_for([amount for _, amounts in table for amount in amounts.values()], language)
    rows = [_line_row(name, above, amounts, years, asked, unit, language) for (above, name), amounts in table[:most]]
    if rest := table[most:]:
        label = either(language, f"ほか{len(rest)}目", f"{len(rest)} other lines")
        sums = {year: sum(held) for year in years if (held := [a[year] for _, a in rest if year in a])}
        rows.append(_line_row(label, "", sums, years, asked, unit, language))
    rows = fit(rows, language)
    ax = draw_rows(rows, ax=ax)
    return describe(ax, _lines_title(table, years[0], language, is_request=0 in asked), _alt(rows, unit, language))


def _two_years(dataset: Dataset) -> tuple[list[dict[str, Any]], frozenset[int]]:
    """The initial budget of the review year, or of the last year before that has one, and the request for the next.

    With the positions (0 first) of years that are requests.
    """
    review_year = int(dataset.sheet()["review_year"])
    lines = [row for row in dataset.rows("budget_lines") if row["amount_jpy"] is not None]
    initial = [row for row in lines if row["kind"] == "initial" and row["fiscal_year"] <= review_year]
    initial = [row for row in initial if row["fiscal_year"] == max(one["fiscal_year"] for one in initial)]
    request = [row for row in lines if row["kind"] == "requested" and row["fiscal_year"] > review_year]
    chosen = [row for row in (*initial, *request) if row["amount_jpy"]]
    return chosen, frozenset({int(bool(initial))}) if request else frozenset()


def _line_row(
    name: str, above: str, amounts: dict[int, int], years: list[int], asked: frozenset[int], unit: Unit, language: str
) -> Row:
    bars = tuple(float(amounts[year]) if year in amounts else None for year in years)
    labels = tuple(f"{unit.short(amounts.get(year))}\u3000{format_year(year, language)}" for year in years)
    return Row(name, above, bars, labels, (BLUE, BLUE), asked)


def _lines_title(
    table: list[tuple[tuple[str, str], dict[int, int]]], year: int, language: str, *, is_request: bool
) -> str:
    known = [(amounts[year], name) for (_, name), amounts in table if year in amounts]
    total = sum(amount for amount, _ in known)
    when = format_year(year, language)
    if not total:
        return either(language, "予算の内訳（目）ごとの金額", "Amounts of the budget lines")
    amount, name = max(known, key=lambda pair: pair[0])
    share = share_text(amount, total, language)
    what = either(language, "要求額", "request") if is_request else either(language, "当初予算", "initial budget")
    return either(language, f"{when}{what}の{share}は「{name}」", f"“{name}” is {share} of the {what} of {when}")


def plot_cost_items(dataset: Dataset, *, most: int = 30, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars per cost item (費目), grouped by block and recipient, each with its share of the group.

    ``dataset`` of one sheet. Where there are more than ``most`` items, small ones are summed up. Returns the Axes.
    """
    items = [row for row in dataset.rows("cost_items") if row["amount_jpy"] is not None]
    if not items:
        return nothing(either(language, "費目・使途の記載がない。", "The sheet states no cost items."), ax)
    unit = unit_for([row["amount_jpy"] for row in items], language)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in items:
        groups.setdefault((row["block"], row["recipient"] or ""), []).append(row)
    each = max(2, most // len(groups))
    known = {row["block"]: row["cost_recipient"] for row in dataset.rows("blocks")}
    totals = {key: sum(row["amount_jpy"] for row in group) for key, group in groups.items()}
    rows: list[Row] = []
    for (block, recipient), group in groups.items():
        total = totals[block, recipient]
        rows.append(Row(_heading(block, recipient or known.get(block), total, unit)))
        group = sorted(group, key=lambda row: -row["amount_jpy"])
        heads = _heads(group, each)
        rows += [
            _share_row(row["item"] or "", row["use"], row["amount_jpy"], total, unit, language) for row in group[:heads]
        ]
        rows += _rest_row([row["amount_jpy"] for row in group[heads:]], total, unit, language)
    rows = fit(rows, language)
    ax = draw_rows(rows, ax=ax)
    largest = max(items, key=lambda row: row["amount_jpy"])
    whole = totals[largest["block"], largest["recipient"] or ""]
    return describe(ax, _items_title(largest, whole, unit, language), _alt(rows, unit, language))


def _items_title(largest: dict[str, Any], total: int, unit: Unit, language: str) -> str:
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
    recipients = dataset.rows("recipients")
    if not recipients:
        return nothing(either(language, "支出先の記載がない。", "The sheet lists no recipients."), ax)
    unit = unit_for([row["amount_jpy"] for row in recipients], language)
    totals = block_totals(dataset)
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in recipients:
        groups.setdefault(row["block"], []).append(row)
    each = max(2, most // len(groups))
    names = {row["block"]: row["name"] for row in dataset.rows("blocks")}
    rows: list[Row] = []
    for block, group in groups.items():
        rows.append(Row(_heading(block, names.get(block), totals.get(block), unit)))
        ordered = sorted(group, key=lambda row: (row["amount_jpy"] is None, -(row["amount_jpy"] or 0), row["rank"]))
        heads = _heads(group, each)
        rows += [
            _share_row(
                _name(row, language), _number(row, language), row["amount_jpy"], totals.get(block), unit, language
            )
            for row in ordered[:heads]
        ]
        rows += _rest_row([row["amount_jpy"] for row in ordered[heads:]], totals.get(block), unit, language)
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


def block_totals(dataset: Dataset) -> dict[str, int | None]:
    """Per block of one sheet its printed amount, else the sum of its listed recipients, in yen."""
    totals: dict[str, int | None] = {}
    for row in dataset.rows("recipients"):
        before, amount = totals.get(row["block"]), row["amount_jpy"]
        totals[row["block"]] = before if amount is None else (before or 0) + amount
    printed = {row["block"]: row["amount_jpy"] for row in dataset.rows("blocks") if row["amount_jpy"] is not None}
    return totals | printed


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


def _heads(group: list[dict[str, Any]], each: int) -> int:
    """How many rows of a group are shown by themselves: a rest of one is no shorter than the row itself."""
    return len(group) if len(group) == each + 1 else each


def _rest_row(amounts: list[int | None], total: object, unit: Unit, language: str) -> list[Row]:
    if not amounts:
        return []
    known = [amount for amount in amounts if amount is not None]
    text = either(language, f"ほか{len(amounts)}件", f"{len(amounts)} more")
    row = _share_row(text, "", sum(known) if known else None, total, unit, language)
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


def _recipients_title(
    recipients: list[dict[str, Any]], totals: dict[str, int | None], unit: Unit, language: str
) -> str:
    known = [row for row in recipients if row["amount_jpy"] is not None]
    if not known:
        return either(
            language,
            f"支出先は{len(recipients)}件、金額の記載はない",
            f"{len(recipients)} recipients, no amounts stated",
        )
    first = max(known, key=lambda row: row["amount_jpy"])
    amount, block = unit.words(first["amount_jpy"]), first["block"]
    name = either(language, "（名称なし）", "(no name)") if first["name"] is None else first["name"]
    total = totals.get(block)
    share = share_text(first["amount_jpy"], total, language) if total else ""
    if language == "ja":
        return f"最大の支出先は{name}の{amount}" + (f"（ブロック{block}の{share}）" if share else "")
    return f"The largest recipient is {name}: {amount}" + (f", {share} of block {block}" if share else "")


def _alt(rows: list[Row], unit: Unit, language: str) -> str:
    lead = either(language, f"横棒グラフ（{unit.label}）", f"Horizontal bars ({unit.label})")
    body = "; ".join(" ".join([row.text.strip(), *row.labels]).strip() for row in rows)
    return f"{lead}. {body}"
