"""What the sheets' own arithmetic says about them, by form and year: a grid of the share of comparisons that hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from toolkit.checks import RULES, tally
from toolkit.plots.canvas import Canvas, on_canvas
from toolkit.plots.ministry import rows_figure
from toolkit.plots.rows import Row
from toolkit.plots.style import (
    AMBER,
    BLUE,
    GREY,
    HAIR,
    INK,
    PALE,
    RUST,
    SKY,
    describe,
    either,
    nothing,
    wrap,
)
from toolkit.wording import format_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.dataset import Dataset

__all__ = ["plot_identities", "plot_numbers"]

_FORMS = {
    "rs": ("RSシステム", "RS System"), "judgit": ("JUDGIT!", "JUDGIT!"), "database": ("DB", "Database"),
    "text": ("シート", "Sheets"), "pdf": ("シート(PDF)", "Sheets (PDF)"), "excel": ("シート(Excel)", "Sheets (Excel)"),
}  # fmt: skip
_TEXT, _CELL, _HIGH = 3.5, 0.72, 0.36


def plot_identities(counts: pd.DataFrame, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """A grid: one row per rule that compares figures, one column per form and review year, the share that holds in the cell.

    ``counts`` is the second frame of ``toolkit.checks.examine``. Darker is worse. Returns the Axes.
    """
    shares = tally(counts, ["form", "review_year"], language)
    shares = shares[(shares["checked"] > 0).fillna(False)]
    if shares.empty:
        return nothing(either(language, "比べられる数字がない。", "There is nothing to compare."), ax)
    columns = sorted(set(zip(shares["form"], shares["review_year"], strict=True)), key=lambda pair: (pair[1], pair[0]))
    rules = [rule for rule in RULES if rule in set(shares["rule"])]
    cells = {(row.rule, row.form, row.review_year): float(row.holds) for row in shares.itertuples()}
    width = min(_CELL, (7.4 - _TEXT) / max(len(columns), 1))
    ax, canvas = on_canvas(ax, _TEXT + width * len(columns), _HIGH * (len(rules) + 1.3))
    for n, (form, year) in enumerate(columns):
        x = _TEXT + width * (n + 0.5)
        canvas.text(x, -0.14, _form(str(form), language), 7.0, GREY, align="center")
        canvas.text(x, -0.32, str(year), 8.5, align="center")
    for place, rule in enumerate(rules):
        y = -_HIGH * (place + 1.8)
        lines = wrap(_plain(RULES[rule].label(language)), _TEXT - 0.15, 7.5)[:2]
        for n, words in enumerate(lines):
            canvas.text(0.0, y + (len(lines) - 1) * 0.0625 - n * 0.125, words, 7.5)
        for n, (form, year) in enumerate(columns):
            _cell(canvas, _TEXT + width * n, y, width, cells.get((rule, form, year)))
    under = -_HIGH * 1.3 + 0.02
    canvas.line(((0.0, under), (canvas.width, under)), HAIR, 0.8)
    return describe(ax, _title(shares, language), _alt(shares, language))


def _plain(label: str) -> str:
    """A rule in words without its remarks in brackets."""
    for mark in ("（", " ("):
        label = label[: label.rfind(mark)] if label.rfind(mark) > 8 else label
    return label


def _form(form: str, language: str) -> str:
    return _FORMS.get(form, (form, form))[language != "ja"]


def _cell(canvas: Canvas, x: float, y: float, width: float, share: float | None) -> None:
    if share is None:
        return
    color, ink = next((color, ink) for least, color, ink in _SHADES if share >= least)
    canvas.box(x + 0.015, y - _HIGH / 2 + 0.015, width - 0.03, _HIGH - 0.03, color)
    text = "100%" if share == 1 else ">99.99%" if share > 0.9999 else f"{share:.2%}" if share > 0.99 else f"{share:.1%}"
    canvas.text(x + width / 2, y, text, 7.5, ink, align="center")


#: from which share on, which colour, with which ink on it
_SHADES = ((1.0, PALE, INK), (0.99, "#cfdeed", INK), (0.95, SKY, INK), (0.8, RUST, INK), (-1.0, AMBER, "white"))


def _title(shares: pd.DataFrame, language: str) -> str:
    sums = shares.groupby("rule")[["checked", "error", "warning", "info"]].sum()
    found = sums[["error", "warning", "info"]].sum(axis=1)
    exact, worst = int((found == 0).sum()), str((found / sums["checked"]).astype("float64").idxmax())
    share = format_rate(1 - found[worst] / sums.loc[worst, "checked"], language)
    words = _plain(RULES[worst].label(language))
    return either(
        language,
        f"{len(sums)}の規則のうち{exact}は全件で成り立つ。もっとも崩れるのは「{words}」で{share}",
        f"{exact} of {len(sums)} rules hold in every case; the weakest holds in {share}: {words}",
    )


def _alt(shares: pd.DataFrame, language: str) -> str:
    lead = either(language, "規則・様式・年度ごとの成り立つ割合", "Share that holds by rule, form and review year")
    cells = [
        f"{_plain(RULES[str(row.rule)].label(language))}, {_form(str(row.form), language)} {row.review_year}: {float(row.holds):.2%}"
        for row in shares.itertuples()
    ]
    return f"{lead}. {'; '.join(cells)}"


def plot_numbers(dataset: Dataset, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Per review year the share of recipients with a valid corporate number: of the rows, and of their money. Returns the Axes.

    People, state bodies and rows that stand for many have none and are left out; so are amounts suspected to be in
    another unit.
    """
    from toolkit.figures import unit_slips

    rows = dataset["recipients"]
    slips = unit_slips(dataset)["wrong"].reindex(rows.index).fillna(False).astype(bool)
    rows = rows[(rows["name_kind"] == "organization").fillna(False) & ~slips]
    if rows.empty:
        return nothing(either(language, "支出先の記載がない。", "No recipient is stated."), ax)
    year = rows["sheet_id"].map(dataset["sheets"].set_index("sheet_id")["review_year"])
    valid = (rows["number_status"] == "valid").fillna(False)
    amount = rows["amount_jpy"].fillna(0).astype("float64")
    table = pd.DataFrame({"rows": valid.astype(float), "amount": amount, "numbered": amount.where(valid, 0.0)}).groupby(
        year
    )
    counted, sums = table["rows"].mean(), table[["amount", "numbered"]].sum()
    money = sums["numbered"] / sums["amount"].where(sums["amount"] > 0)
    figures = [
        Row(
            either(language, f"{when}年度のシート", f"Sheets of {when}"), "", (float(counted[when]), float(money[when])),
            (f"{format_rate(counted[when])}{either(language, '　件数', ' of rows')}", f"{format_rate(money[when])}{either(language, '　金額', ' of money')}"), (SKY, BLUE),
        )
        for when in counted.index
    ]  # fmt: skip
    last = counted.index[-1]
    title = either(
        language,
        f"{last}年度のシートでは、法人等の支出先の{format_rate(counted[last])}に正しい法人番号がある（金額では{format_rate(money[last])}）",
        f"In the sheets of {last} {format_rate(counted[last])} of organizations have a valid corporate number ({format_rate(money[last])} of the money)",
    )
    return rows_figure(
        figures,
        title,
        either(language, "正しい法人番号のある割合", "Share with a valid corporate number"),
        language,
        ax,
    )
