"""The flow of funds: from the ministry through the blocks to their recipients.

Every block is a card as high as its text, nothing is cut. A shallow flow goes from left to right, with bands as wide as
the money; a deep one is an outline from top to bottom, and so is every one on a phone, with the same cards. Where there are
more blocks than a page holds, the small ones of one payer are folded into one card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.plain import records
from toolkit.plots.canvas import on_canvas
from toolkit.plots.flow_draw import draw_bands, draw_cards, draw_outline
from toolkit.plots.flow_tree import Tree, fold_small, grow
from toolkit.plots.phone import HIDDEN, ONLY, PHONE, Place
from toolkit.plots.style import GREY, INK, WIDTH, describe, either, nothing, text_width, wrap
from toolkit.plots.units import Unit, unit_for
from toolkit.text import fold
from toolkit.wording import ENGLISH, format_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.dataset import Dataset

__all__ = ["Card", "plot_flow"]

_SIZE, _SMALL, LINE = 9.0, 7.5, 0.165
_GAP, _APART, PAD = 0.62, 0.14, 0.1  # inches: between columns, between cards, inside a card
_FIRST, _WIDEST, _NARROWEST = (
    1.35,
    PHONE - 0.25,
    2.45,
)  # inches: the ministry's card, a block's card at most and at least
_STEP = 0.9  # inches by which an outline is indented per level, at most
_WHOLE = WIDTH - 0.2
_TALLEST = 8.6  # inches: what fits on a printed page under a title
_MANY = 30  # blocks that fit at most


@dataclass(slots=True)
class Card:
    """A box of the picture. ``lines`` are (text, text at the right edge, size, colour); y is its upper edge."""

    key: str
    width: float
    amount: float | None = None
    is_fold: bool = False
    lines: list[tuple[str, str, float, str]] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    depth: int = 0

    @property
    def height(self) -> float:
        return 2 * PAD + len(self.lines) * LINE

    def add(self, text: str, size: float = _SIZE, color: str = INK, right: str = "") -> None:
        room = self.width - 2 * PAD - 0.06 - (text_width(right, size) + 0.1 if right else 0)
        parts = wrap(text, room, size)
        for n, part in enumerate(parts):
            self.lines.append((part, right if n == 0 else "", size, color))


@dataclass(frozen=True, slots=True)
class _Funds:
    """What the cards are written from."""

    blocks: Mapping[str, dict[str, Any]]
    by: Mapping[str, list[str]]
    recipients: Mapping[str, list[dict[str, Any]]]
    unit: Unit
    ministry: str
    amount_jpy: Any
    language: str

    def amount(self, block: str) -> float | None:
        given = self.blocks[block]["amount_jpy"]
        return None if pd.isna(given) else float(given)


def plot_flow(dataset: Dataset, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """The flow of funds of one sheet as cards, from the ministry to the largest recipients of every block.

    A band or line is as wide as the amount of the block it leads to, dashed where the source leaves the arrow open. A
    block that no arrow leads to has none. Further payers of a block are named in its card where they are not drawn. The
    more blocks there are, the less a card says: three recipients, one, or only name and amount; beyond a page, the
    small ones are folded. Returns the Axes.
    """
    sheet = dataset.sheet()
    blocks, flows, recipients = (dataset[name] for name in ("blocks", "flows", "recipients"))
    if blocks.empty:
        return nothing(either(language, "資金の流れの記載がない。", "The sheet shows no flow of funds."), ax)
    ministry = either(language, "府省庁", "the ministry") if pd.isna(sheet["ministry"]) else str(sheet["ministry"])
    ministry = f"the {ENGLISH[ministry]}" if language == "en" and ministry in ENGLISH else ministry
    unit = unit_for([*blocks["amount_jpy"], *recipients["amount_jpy"], sheet["flow_amount_jpy"]], language)
    paid = recipients.sort_values(["block", "amount_jpy", "rank"], ascending=[True, False, True])
    funds = _Funds(
        {row["block"]: row for row in records(blocks)},
        {block: list(dict.fromkeys(given)) for block, given in flows.dropna(subset="by").groupby("to_block")["by"]},
        {str(block): list(rows) for block, rows in groupby(records(paid), itemgetter("block"))},
        unit,
        ministry,
        sheet["flow_amount_jpy"],
        language,
    )
    whole = grow(blocks, flows)
    is_deep = max(whole.depth.values()) > 2
    tree, cards, height = _fit(whole, funds, is_deep=is_deep)
    is_open = any(not settled for sources in tree.parents.values() for _, settled in sources)
    height += 0.3 if is_open else 0.0
    width = max(card.x + card.width for card in cards.values())
    there, lower = _on_phone(cards)
    lower += 0.3 if is_open else 0.0
    ax, canvas = on_canvas(ax, width, height, lower)
    (draw_outline if is_deep else draw_bands)(canvas, cards, tree, HIDDEN)
    draw_outline(canvas, there, tree, ONLY)
    draw_cards(canvas, cards, there)
    if is_open:
        words = either(language, "破線：原文からは確定できない矢印", "dashed: arrows that the source does not settle")
        canvas.text(0.0, -height + 0.08, words, _SMALL + 0.5, GREY, to=Place(0.0, height - lower))
    return describe(ax, _title(funds, whole, language), _alt(funds, whole, language))


def _fit(whole: Tree, funds: _Funds, *, is_deep: bool) -> tuple[Tree, dict[str, Card], float]:
    """As many blocks as fit on a page, the largest first, each with as much said of it as then fits."""
    amounts = {block: funds.amount(block) or 0.0 for block in funds.blocks}

    def laid(most: int, named: int) -> tuple[Tree, dict[str, Card], float]:
        tree = whole if most >= len(amounts) else fold_small(whole, amounts, most)
        cards = _cards(tree, whole, funds, named, is_deep=is_deep)
        return tree, cards, _place(cards, tree, is_deep=is_deep)

    for named in (3, 1, 0) if len(amounts) <= _MANY else ():
        found = laid(len(amounts), named)
        if found[2] <= _TALLEST:
            return found
    low, high = 3, min(len(amounts), _MANY)  # the more are shown, the higher it gets
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if laid(middle, 0)[2] <= _TALLEST else (low, middle - 1)
    return laid(low, 0)


def _cards(tree: Tree, whole: Tree, funds: _Funds, named: int, *, is_deep: bool) -> dict[str, Card]:
    """The ministry's card (""), one per block and one per fold, each before those below it; none wider than a phone."""
    deepest = max([*tree.depth.values(), *(tree.depth.get(parent, 0) + 1 for parent in tree.folded)])
    first = _FIRST if funds.language == "ja" else _FIRST + 0.2
    wide = min(_WIDEST, max(_NARROWEST, (_WHOLE - first) / deepest - _GAP))
    head = Card("", max(_FIRST, 2.2) if is_deep else _FIRST)
    head.add(
        funds.ministry, right="" if not is_deep or pd.isna(funds.amount_jpy) else funds.unit.short(funds.amount_jpy)
    )
    if not is_deep and pd.notna(funds.amount_jpy):
        head.add(funds.unit.short(funds.amount_jpy))
    cards = {"": head}

    def add(parent: str, depth: int) -> None:
        width = PHONE - depth * _phone_step(deepest) if is_deep else wide
        for block in tree.children.get(parent, ()):
            cards[block] = _block_card(block, width, tree, funds, named)
            cards[block].depth = depth
            add(block, depth + 1)
        if parent in tree.folded:
            cards[f"{parent}+"] = _fold_card(f"{parent}+", tree.folded[parent], width, whole, funds)
            cards[f"{parent}+"].depth = depth

    add("", 1)
    return cards


def _phone_step(deepest: int) -> float:
    """Inches by which a phone's outline is indented per level."""
    return min(0.25, 1.2 / deepest)


def _on_phone(cards: dict[str, Card]) -> tuple[dict[str, Card], float]:
    """The cards below each other, each indented by its depth and as wide as there is room, and the height of all."""
    step, y, placed = _phone_step(max(card.depth for card in cards.values())), 0.0, {}
    for key, card in cards.items():
        width = card.width if key == "" else PHONE - card.depth * step
        placed[key] = replace(card, x=card.depth * step, y=y, width=width)
        y -= card.height + _APART * 0.6
    return placed, -y


def _fold_card(key: str, small: list[str], width: float, whole: Tree, funds: _Funds) -> Card:
    """One card for the small blocks of one payer: how many, which, how much they get in all."""
    known = [amount for block in small if (amount := funds.amount(block)) is not None]
    card = Card(key, width, sum(known) if known else None, is_fold=True)
    held = [one for block in small for one in whole.below(block)]
    names = either(funds.language, "、", ", ").join(held[:3]) + (" …" if len(held) > 3 else "")
    text = either(funds.language, f"ほか{len(held)}ブロック（{names}）", f"{len(held)} more blocks ({names})")
    card.add(text, _SMALL + 0.5, GREY, right=funds.unit.short(round(card.amount)) if card.amount is not None else "")
    return card


def _block_card(block: str, width: float, tree: Tree, funds: _Funds, named: int) -> Card:
    row, language, unit = funds.blocks[block], funds.language, funds.unit
    card = Card(block, width, funds.amount(block))
    if named and block in funds.by:
        card.add(either(language, "、", ", ").join(funds.by[block]), _SMALL, GREY)
    name = row["name"] if pd.notna(row["name"]) else row["recipient_label"]
    amount = "" if card.amount is None else unit.short(row["amount_jpy"])
    card.add("\u3000".join(str(part) for part in (block, name) if pd.notna(part)), right=amount)
    ordered = funds.recipients.get(block, [])
    count = len(ordered) if pd.isna(row["recipient_count"]) else max(int(row["recipient_count"]), len(ordered))
    about = _about(row, ordered, count, language)
    if about and named:
        card.add(about, _SMALL, GREY)
    show = count if count <= named + 1 and named else named
    if count == 1 == len(ordered) and fold(ordered[0]["name"]) == fold(name):
        show = 0  # the block bears the name of the one it pays
    for payee in ordered[:show]:
        money = "" if pd.isna(payee["amount_jpy"]) else unit.number(payee["amount_jpy"])
        card.add("" if pd.isna(payee["name"]) else payee["name"], _SMALL + 0.5, INK, right=money)
    if show and len(ordered) and count > show:
        shown, others = (_known(ordered[:show]), _known(ordered[show:]))
        rest = (sum(others) if others else pd.NA) if card.amount is None else row["amount_jpy"] - sum(shown)
        money = unit.number(rest) if pd.notna(rest) and rest >= 0 else ""
        card.add(either(language, f"ほか{count - show}件", f"{count - show} more"), _SMALL + 0.5, GREY, right=money)
    _add_payers(card, tree, funds)
    return card


def _known(recipients: list[dict[str, Any]]) -> list[int]:
    return [int(row["amount_jpy"]) for row in recipients if pd.notna(row["amount_jpy"])]


def _add_payers(card: Card, tree: Tree, funds: _Funds) -> None:
    """The payers that no line is drawn from: all but one in an outline, those not further left in columns."""
    is_deep = max(tree.depth.values()) > 2
    home = tree.home(card.key)
    others = [
        source or funds.ministry for source, _ in dict.fromkeys(tree.parents[card.key])
        if (is_deep and source != home) or (not is_deep and tree.depth.get(source, 0) >= tree.depth[card.key])
    ]  # fmt: skip
    if others:
        listed = either(funds.language, "、", ", ").join(dict.fromkeys(others))
        card.add(either(funds.language, f"ほかに {listed} からも", f"also from {listed}"), _SMALL, GREY)


def _about(row: dict[str, Any], ordered: list[dict[str, Any]], count: int, language: str) -> str:
    """Who is paid and how many; nothing where the one recipient named below says it already."""
    label = (
        "" if pd.isna(row["recipient_label"]) or pd.isna(row["name"]) else str(row["recipient_label"]).replace("\n", "")
    )
    if count == 1 and len(ordered) == 1:
        return "" if fold(label) == fold(ordered[0]["name"]) else label
    number = either(language, f"{count}件", f"{count} recipients") if count else ""
    return either(language, "・", ", ").join(filter(None, [label, number]))


def _place(cards: dict[str, Card], tree: Tree, *, is_deep: bool) -> float:
    """Give every card its place; the height of all."""
    if is_deep:
        y, deepest = 0.0, max(cards.values(), key=lambda card: card.depth)
        step = min(_STEP, (_WHOLE - deepest.width) / deepest.depth)
        for card in cards.values():
            card.x, card.y = card.depth * step, y
            y -= card.height + _APART * 0.6
        return -y - _APART * 0.6

    def lay(key: str, x: float, top: float) -> float:
        card = cards[key]
        card.x, y = x, top
        below = [*tree.children.get(key, ()), *([f"{key}+"] if key in tree.folded else [])]
        for child in below:
            y = lay(child, x + card.width + _GAP, y) + _APART
        bottom = max(y - _APART if below else top, top + card.height)
        card.y = -(top + (bottom - top - card.height) / 2) if key == "" else -top
        return bottom

    return lay("", 0.0, 0.0)


def _title(funds: _Funds, tree: Tree, language: str) -> str:
    direct = [block for block, sources in tree.parents.items() if any(source == "" for source, _ in sources)] or list(
        tree.parents
    )
    paid = [(amount, block) for block in direct if (amount := funds.amount(block)) is not None]
    ministry, count = funds.ministry, len(tree.parents)
    if not paid:
        return either(
            language,
            f"{ministry}から{count}ブロックへ（金額の記載なし）",
            f"From {ministry} to {count} blocks (no amounts stated)",
        )
    most, block = max(paid, key=lambda pair: pair[0])
    row, unit, whole = funds.blocks[block], funds.unit, funds.amount_jpy
    name = row["name"] if pd.notna(row["name"]) else row["recipient_label"]
    name = "" if pd.isna(name) else str(name).replace("\n", "")
    where = either(
        language,
        f"ブロック{block}" + (f"（{name}）" if name else ""),
        f"block {block}" + (f" ({name})" if name else ""),
    )
    given = unit.words(most)
    if pd.notna(whole) and whole >= most and whole > 0:
        rate = format_rate(most / whole, language)
        if language == "ja":
            return f"{ministry}の{unit.words(whole)}のうち{given}（{rate}）が{where}へ渡った"
        return f"{given} ({rate} of {unit.words(whole)}) went from {ministry} to {where}"
    return either(language, f"{ministry}から{given}が{where}へ渡った", f"{given} went from {ministry} to {where}")


def _alt(funds: _Funds, tree: Tree, language: str) -> str:
    parts = []
    for block, row in funds.blocks.items():
        sources = ", ".join(source or funds.ministry for source, _ in tree.parents[block]) or "?"
        name = "" if pd.isna(row["name"]) else f" {row['name']}"
        parts.append(f"{sources} → {block}{name} {funds.unit.number(row['amount_jpy'])}")
    label = funds.unit.label
    return f"{either(language, f'資金の流れの図（{label}）', f'Flow of funds ({label})')}. {'; '.join(parts)}"
