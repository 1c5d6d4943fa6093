"""The flow of funds: from the ministry through the blocks to their recipients, left to right.

Every block is a card as high as its text; a band as wide as the money leads to it. Nothing is cut: columns follow
from the depth of the flow, heights from the wrapped text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.plots.style import (
    BLUE,
    GREY,
    HAIR,
    INK,
    SKY,
    WIDTH,
    describe,
    either,
    nothing,
    open_axes,
    records,
    style,
    text_width,
    wrap,
)
from toolkit.plots.units import Unit, unit_for
from toolkit.text import fold
from toolkit.wording import format_rate, format_yen

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.dataset import Dataset

__all__ = ["plot_flow"]

_SIZE, _SMALL, _LINE = 9.0, 7.5, 0.165
_GAP, _APART, _PAD = 0.62, 0.16, 0.1  # inches: between columns, between cards, inside a card
_FIRST, _WIDEST, _NARROWEST = 1.35, 5.43, 2.45  # inches: the ministry's card, a block's card at most and at least
_TALL = 7.0  # inches from which the ministry stands at the top rather than in the middle
_BAND, _THIN = 0.34, 0.03  # inches of the widest band, and of one too thin for an outline


@dataclass(slots=True)
class _Card:
    """A box of the picture. ``lines`` are (text, text at the right edge, size, colour); y is its upper edge."""

    key: str
    width: float
    amount: float | None = None
    lines: list[tuple[str, str, float, str]] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0

    @property
    def height(self) -> float:
        return 2 * _PAD + len(self.lines) * _LINE

    def add(self, text: str, size: float = _SIZE, color: str = INK, right: str = "") -> None:
        room = self.width - 2 * _PAD - 0.06 - (text_width(right, size) + 0.1 if right else 0)
        parts = wrap(text, room, size)
        for n, part in enumerate(parts):
            self.lines.append((part, right if n == 0 else "", size, color))


def plot_flow(dataset: Dataset, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """The flow of funds of one sheet as cards and bands, from the ministry to the largest recipients of every block.

    A band is as wide as the amount of the block it leads to, dashed where the source leaves the arrow open. A block
    that no arrow leads to stands in the first column without a band. The more blocks there are, the less a card
    says: three recipients, one, or only name and amount. Returns the Axes.
    """
    sheet = dataset.sheet()
    blocks, flows, recipients = (dataset[name] for name in ("blocks", "flows", "recipients"))
    ministry = sheet["ministry"] if pd.notna(sheet["ministry"]) else either(language, "府省庁", "the ministry")
    amount_jpy = sheet["flow_amount_jpy"]
    if blocks.empty:
        return nothing(either(language, "資金の流れの記載がない。", "The sheet shows no flow of funds."), ax)
    parents = _parents(blocks, flows)
    columns = _columns(blocks, parents)
    unit = unit_for([*blocks["amount_jpy"], *recipients["amount_jpy"]], language)
    deepest = max(columns.values())
    width = min(_WIDEST, max(_NARROWEST, (WIDTH - 0.2 - _FIRST) / deepest - _GAP))
    named = 3 if len(blocks) <= 8 else 1 if len(blocks) <= 16 else 0
    head = _Card("", _FIRST)
    head.add(ministry)
    if pd.notna(amount_jpy):
        head.add(unit.short(amount_jpy))
    cards = {
        row["block"]: _block_card(
            row, flows, recipients[recipients["block"] == row["block"]], width, named, unit, language
        )
        for row in records(blocks)
    }
    height = _place(head, cards, parents, columns)
    if height > _TALL:  # beside the first blocks, where a reader begins
        head.y = 0.0
    is_open = any(not settled for sources in parents.values() for _, settled in sources)
    height += 0.3 if is_open else 0.0
    with style():
        whole = _FIRST + deepest * (_GAP + width)
        ax = ax or open_axes(whole, height)
        ax.set(xlim=(0, whole), ylim=(-height, 0))
        ax.set_axis_off()
        _draw_bands(ax, head, cards, parents)
        for card in (head, *cards.values()):
            _draw_card(ax, card, is_head=card is head)
        if is_open:
            words = either(
                language, "破線：原文からは確定できない矢印", "dashed: arrows that the source does not settle"
            )
            ax.text(0, -height + 0.08, words, fontsize=_SMALL + 0.5, color=GREY, va="center_baseline")
        return describe(
            ax,
            _title(blocks, recipients, parents, ministry, amount_jpy, language),
            _alt(blocks, parents, ministry, unit, language),
        )


def _parents(blocks: pd.DataFrame, flows: pd.DataFrame) -> dict[str, list[tuple[str, bool]]]:
    """Per block the keys money comes from ("" is the ministry), each with whether the arrow is settled."""
    known = set(blocks["block"])
    parents: dict[str, list[tuple[str, bool]]] = {block: [] for block in blocks["block"]}
    for row in records(flows):
        source = "" if pd.isna(row["from_block"]) else row["from_block"]
        if row["to_block"] in known and (source == "" or source in known) and source != row["to_block"]:
            parents[row["to_block"]].append((source, row["certainty"] != "unsettled"))
    return parents


def _columns(blocks: pd.DataFrame, parents: dict[str, list[tuple[str, bool]]]) -> dict[str, int]:
    """The column of every block: its distance from the ministry; 1 where no arrow leads to it."""
    columns = {
        block: 1 for block, sources in parents.items() if not sources or any(source == "" for source, _ in sources)
    }
    while True:
        more = {
            block: 1 + min(columns[source] for source, _ in sources if source in columns)
            for block, sources in parents.items()
            if block not in columns and any(source in columns for source, _ in sources)
        }
        if not more:
            break
        columns |= more
    return columns | {block: 1 for block in blocks["block"] if block not in columns}


def _block_card(
    row: dict[str, Any], flows: pd.DataFrame, paid: pd.DataFrame, width: float, named: int, unit: Unit, language: str
) -> _Card:
    card = _Card(row["block"], width, None if pd.isna(row["amount_jpy"]) else float(row["amount_jpy"]))
    by = flows.loc[(flows["to_block"] == row["block"]) & flows["by"].notna(), "by"].drop_duplicates()
    if len(by) and named:
        card.add(either(language, "、", ", ").join(by), _SMALL, GREY)
    name = row["name"] if pd.notna(row["name"]) else row["recipient_label"]
    amount = "" if card.amount is None else unit.short(row["amount_jpy"])
    card.add("\u3000".join(str(part) for part in (row["block"], name) if pd.notna(part)), right=amount)
    ordered = paid.sort_values(["amount_jpy", "rank"], ascending=[False, True])
    count = len(paid) if pd.isna(row["recipient_count"]) else max(int(row["recipient_count"]), len(paid))
    about = _about(row, ordered, count, language)
    if about and named:
        card.add(about, _SMALL, GREY)
    show = count if count <= named + 1 and named else named
    for payee in records(ordered.head(show)):
        money = "" if pd.isna(payee["amount_jpy"]) else unit.number(payee["amount_jpy"])
        card.add("" if pd.isna(payee["name"]) else payee["name"], _SMALL + 0.5, INK, right=money)
    if show and len(ordered) and count > show:
        shown = ordered["amount_jpy"].iloc[:show].sum()
        rest = ordered["amount_jpy"].iloc[show:].sum(min_count=1) if card.amount is None else row["amount_jpy"] - shown
        money = unit.number(rest) if pd.notna(rest) and rest >= 0 else ""
        card.add(either(language, f"ほか{count - show}件", f"{count - show} more"), _SMALL + 0.5, GREY, right=money)
    return card


def _about(row: dict[str, Any], ordered: pd.DataFrame, count: int, language: str) -> str:
    """Who is paid and how many; nothing where the one recipient named below says it already."""
    label = (
        "" if pd.isna(row["recipient_label"]) or pd.isna(row["name"]) else str(row["recipient_label"]).replace("\n", "")
    )
    if count == 1 and len(ordered) == 1:
        return "" if fold(label) == fold(ordered["name"].iloc[0]) else label
    number = either(language, f"{count}件", f"{count} recipients") if count else ""
    return either(language, "・", ", ").join(filter(None, [label, number]))


def _place(
    head: _Card, cards: dict[str, _Card], parents: dict[str, list[tuple[str, bool]]], columns: dict[str, int]
) -> float:
    """Give every card its place: a block below its siblings, beside the first block it gets money from."""
    children: dict[str, list[str]] = {}
    for block, sources in parents.items():
        before = [source for source, _ in sources if columns.get(source, 0) == columns[block] - 1]
        children.setdefault(before[0] if before else "", []).append(block)

    def lay(key: str, x: float, top: float) -> float:
        card = cards[key] if key else head
        card.x, y = x, top
        for child in children.get(key, ()):
            y = lay(child, x + card.width + _GAP, y) + _APART
        used = y - _APART if children.get(key) else top
        bottom = max(used, top + card.height)
        card.y = -(top + (bottom - top - card.height) / 2) if key == "" else -top
        return bottom

    return lay("", 0.0, 0.0)


def _draw_card(ax: Axes, card: _Card, *, is_head: bool) -> None:
    from matplotlib.patches import Rectangle

    face = BLUE if is_head else "white"
    ax.add_patch(
        Rectangle(
            (card.x, card.y - card.height),
            card.width,
            card.height,
            facecolor=face,
            edgecolor=HAIR,
            linewidth=0.9,
            zorder=2,
        )
    )
    if not is_head:
        ax.add_patch(
            Rectangle((card.x, card.y - card.height), 0.05, card.height, facecolor=BLUE, linewidth=0, zorder=3)
        )
    for n, (text, right, size, color) in enumerate(card.lines):
        y = card.y - _PAD - (n + 0.5) * _LINE
        shade = "white" if is_head else color
        ax.text(
            card.x + _PAD + (0 if is_head else 0.04),
            y,
            text,
            fontsize=size,
            color=shade,
            va="center_baseline",
            zorder=4,
        )
        if right:
            ax.text(
                card.x + card.width - _PAD,
                y,
                right,
                fontsize=size,
                color=shade,
                ha="right",
                va="center_baseline",
                zorder=4,
            )


def _draw_bands(ax: Axes, head: _Card, cards: dict[str, _Card], parents: dict[str, list[tuple[str, bool]]]) -> None:
    """A band per arrow, stacked where several leave one card; its width is to one scale in the whole picture."""
    leaving: dict[str, list[tuple[str, bool]]] = {}
    for block, sources in parents.items():
        for source, settled in sources:
            leaving.setdefault(source, []).append((block, settled))
    largest = max((card.amount or 0 for card in cards.values()), default=0) or 1.0
    sums = {key: sum(cards[block].amount or 0 for block, _ in targets) for key, targets in leaving.items()}
    room = min(
        ((cards[key] if key else head).height * 0.9 / total for key, total in sums.items() if total),
        default=_BAND / largest,
    )
    scale = min(_BAND / largest, room)
    for key, targets in leaving.items():
        giver = cards[key] if key else head
        targets = sorted(targets, key=lambda target: -cards[target[0]].y)
        widths = [max((cards[block].amount or 0) * scale, 0.015) for block, _ in targets]
        start = giver.y - giver.height / 2 + sum(widths) / 2
        for (block, settled), wide in zip(targets, widths, strict=True):
            target = cards[block]
            _band(
                ax,
                (giver.x + giver.width, start - wide / 2),
                (target.x, target.y - target.height / 2),
                wide,
                settled,
            )
            start -= wide


def _band(ax: Axes, start: tuple[float, float], end: tuple[float, float], wide: float, is_sure: bool) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, y0), (x1, y1), half = start, end, wide / 2
    middle = (x0 + x1) / 2
    if x1 <= x0:  # money that goes back or sideways: bow out to the right
        middle = max(x0, x1) + 0.3
    upper = [(x0, y0 + half), (middle, y0 + half), (middle, y1 + half), (x1, y1 + half)]
    lower = [(x1, y1 - half), (middle, y1 - half), (middle, y0 - half), (x0, y0 - half)]
    curve = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
    if is_sure:
        ax.add_patch(PathPatch(Path(upper + lower, curve), facecolor=SKY, edgecolor=SKY, linewidth=0.8, zorder=1))
    elif wide > _THIN:
        look = {"facecolor": "#e6eef6", "edgecolor": GREY, "linewidth": 0.8, "linestyle": (0, (3, 2))}
        ax.add_patch(PathPatch(Path(upper + lower, curve), **look, zorder=1))
    else:
        line = Path([(x0, y0), (middle, y0), (middle, y1), (x1, y1)], curve[:4])
        ax.add_patch(PathPatch(line, facecolor="none", edgecolor=GREY, linewidth=1.0, linestyle=(0, (3, 2)), zorder=1))


def _title(
    blocks: pd.DataFrame,
    recipients: pd.DataFrame,
    parents: dict[str, list[tuple[str, bool]]],
    ministry: str,
    amount: Any,
    language: str,
) -> str:
    direct = [block for block, sources in parents.items() if any(source == "" for source, _ in sources)] or list(
        parents
    )
    paid = blocks[blocks["block"].isin(direct) & blocks["amount_jpy"].notna()]
    if paid.empty:
        return either(
            language,
            f"{ministry}から{len(blocks)}ブロックへ（金額の記載なし）",
            f"From {ministry} to {len(blocks)} blocks (no amounts stated)",
        )
    first = paid.nlargest(1, "amount_jpy").iloc[0]
    name = first["name"] if pd.notna(first["name"]) else first["recipient_label"]
    name = "" if pd.isna(name) else str(name).replace("\n", "")
    given = format_yen(first["amount_jpy"], language)
    share = ""
    if pd.notna(amount) and amount >= first["amount_jpy"]:
        rate, whole = format_rate(first["amount_jpy"] / amount, language), format_yen(amount, language)
        share = either(language, f"{whole}のうち", f" ({rate} of {whole})")
        if language == "ja":
            return f"{ministry}の{share}{given}（{rate}）がブロック{first['block']}（{name}）へ渡った"
    if language == "ja":
        return f"{ministry}から{given}がブロック{first['block']}（{name}）へ渡った"
    return f"{given}{share} went from {ministry} to block {first['block']} ({name})"


def _alt(
    blocks: pd.DataFrame, parents: dict[str, list[tuple[str, bool]]], ministry: str, unit: Unit, language: str
) -> str:
    parts = []
    for row in records(blocks):
        sources = ", ".join(source or ministry for source, _ in parents[row["block"]]) or "?"
        name = "" if pd.isna(row["name"]) else f" {row['name']}"
        parts.append(f"{sources} → {row['block']}{name} {unit.number(row['amount_jpy'])}")
    return f"{either(language, f'資金の流れの図（{unit.label}）', f'Flow of funds ({unit.label})')}. {'; '.join(parts)}"
