"""The flow of funds on an Axes: cards, the bands between columns of them, the lines of an outline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.plots.phone import move
from toolkit.plots.style import BLUE, GREY, HAIR, PALE, SKY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    from toolkit.plots.flow import Card
    from toolkit.plots.flow_tree import Tree

__all__ = ["draw_bands", "draw_cards", "draw_outline"]

_BAND, _THIN = 0.34, 0.03  # inches of the widest band, and of one too thin for an outline
_TRUNK = 0.2  # inches from a card's left edge to the line that leads down from it
_PAD, _LINE = 0.1, 0.165
_DASHES = (0, (3, 2))


def draw_cards(ax: Axes, cards: dict[str, Card], there: dict[str, Card]) -> None:
    """The boxes with their words: the ministry's ("") filled, a fold's without its mark. ``there`` is where a phone has them."""
    from matplotlib.patches import Rectangle

    for card in cards.values():
        seen = len(ax.patches), len(ax.texts)
        is_head, corner = card.key == "", (card.x, card.y - card.height)
        face = BLUE if is_head else PALE if card.is_fold else "white"
        ax.add_patch(
            Rectangle(corner, card.width, card.height, facecolor=face, edgecolor=HAIR, linewidth=0.9, zorder=2)
        )
        if not is_head and not card.is_fold:
            ax.add_patch(Rectangle(corner, 0.05, card.height, facecolor=BLUE, linewidth=0, zorder=3))
        for n, (text, right, size, color) in enumerate(card.lines):
            y = card.y - _PAD - (n + 0.5) * _LINE
            look: dict[str, Any] = {
                "fontsize": size,
                "color": "white" if is_head else color,
                "va": "center_baseline",
                "zorder": 4,
            }
            ax.text(card.x + _PAD + (0 if is_head else 0.04), y, text, **look)
            if right:
                ax.text(card.x + card.width - _PAD, y, right, ha="right", **look)
        for part in (*ax.patches[seen[0] :], *ax.texts[seen[1] :]):
            move(part, there[card.key].x - card.x, there[card.key].y - card.y)


def draw_bands(ax: Axes, cards: dict[str, Card], tree: Tree) -> list[Patch]:
    """A band per arrow to the right, stacked where several leave one card; one scale in the whole picture.

    The sheets state no amount per arrow: where several blocks pay one, its amount is divided in proportion to theirs.
    """
    leaving: dict[str, list[tuple[str, bool, float]]] = {}
    for block, sources in tree.parents.items():
        payers = {source: cards[source].amount or 0.0 for source, _ in sources if cards[source].x < cards[block].x}
        total = sum(payers.values())
        for source, settled in sources:
            if source in payers:
                part = payers[source] / total if total else 1 / len(payers)
                leaving.setdefault(source, []).append((block, settled, (cards[block].amount or 0) * part))
    for parent in tree.folded:
        leaving.setdefault(parent, []).append((f"{parent}+", True, cards[f"{parent}+"].amount or 0))
    largest = max((card.amount or 0 for card in cards.values()), default=0) or 1.0
    sums = {key: sum(amount for *_, amount in targets) for key, targets in leaving.items()}
    room = min((cards[key].height * 0.9 / total for key, total in sums.items() if total), default=_BAND / largest)
    scale = min(_BAND / largest, room)
    into: dict[str, list[float]] = {}
    for targets in leaving.values():
        for block, _, amount in targets:
            into.setdefault(block, []).append(max(amount * scale, 0.015))
    bands: list[Patch] = []
    arrived: dict[str, float] = {}
    for key, targets in sorted(leaving.items(), key=lambda item: -cards[item[0]].y):
        giver = cards[key]
        targets = sorted(targets, key=lambda target: -cards[target[0]].y)
        widths = [max(amount * scale, 0.015) for *_, amount in targets]
        start = giver.y - giver.height / 2 + sum(widths) / 2
        for (block, settled, _), wide in zip(targets, widths, strict=True):
            target = cards[block]
            end = target.y - target.height / 2
            if len(tree.parents.get(block, ())) > 1:  # several arrive: side by side, in the order in which they leave
                arrived[block] = arrived.get(block, 0.0) + wide
                end += sum(into.get(block, [])) / 2 - arrived[block] + wide / 2
            band = _band((giver.x + giver.width, start - wide / 2), (target.x, end), wide, settled)
            bands.append(ax.add_patch(band))
            start -= wide
    return bands


def _band(start: tuple[float, float], end: tuple[float, float], wide: float, is_sure: bool) -> Patch:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, y0), (x1, y1), half = start, end, wide / 2
    middle = (x0 + x1) / 2
    upper = [(x0, y0 + half), (middle, y0 + half), (middle, y1 + half), (x1, y1 + half)]
    lower = [(x1, y1 - half), (middle, y1 - half), (middle, y0 - half), (x0, y0 - half)]
    curve = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
    if is_sure:
        return PathPatch(Path(upper + lower, curve), facecolor=SKY, edgecolor=SKY, linewidth=0.8, zorder=1)
    if wide > _THIN:
        look = {"facecolor": "#e6eef6", "edgecolor": GREY, "linewidth": 0.8, "linestyle": _DASHES}
        return PathPatch(Path(upper + lower, curve), **look, zorder=1)
    line = Path([(x0, y0), (middle, y0), (middle, y1), (x1, y1)], curve[:4])
    return PathPatch(line, facecolor="none", edgecolor=GREY, linewidth=1.0, linestyle=_DASHES, zorder=1)


def draw_outline(ax: Axes, cards: dict[str, Card], tree: Tree) -> list[Line2D]:
    """A line from each payer down to the blocks below it, as wide as the money that each one gets."""
    lines: list[Line2D] = []
    step = min((card.x for card in cards.values() if card.depth == 1), default=_TRUNK * 2)
    trunk = min(_TRUNK, step / 2)
    largest = max((card.amount or 0 for card in cards.values() if card.key), default=0) or 1.0
    for parent in cards:
        settled = {
            block: all(sure for source, sure in tree.parents[block] if source == parent)
            for block in tree.children.get(parent, ())
        }
        held = [block for block in tree.children.get(parent, ()) if tree.parents[block]]
        held += [f"{parent}+"] if parent in tree.folded else []
        if not held:
            continue
        giver = cards[parent]
        x, bottom = giver.x + trunk, min(cards[key].y - cards[key].height / 2 for key in held)
        lines += ax.plot(
            [x, x], [giver.y - giver.height, bottom], color=SKY, linewidth=1.4, solid_capstyle="butt", zorder=0
        )
        for key in held:
            card = cards[key]
            wide = max(min((card.amount or 0) / largest, 1.0) * 0.16 * 72, 1.2)
            is_sure = settled.get(key, True)
            look: dict[str, Any] = {"color": SKY if is_sure else GREY, "linestyle": "-" if is_sure else _DASHES}
            middle = card.y - card.height / 2
            lines += ax.plot(
                [x, card.x],
                [middle, middle],
                linewidth=wide if is_sure else 1.0,
                solid_capstyle="butt",
                zorder=1,
                **look,
            )
    return lines
