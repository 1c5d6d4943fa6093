"""The flow of funds on a Canvas: cards, the bands between columns of them, the lines of an outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.plots.canvas import Canvas
from toolkit.plots.phone import Place
from toolkit.plots.style import BLUE, GREY, HAIR, PALE, SKY

if TYPE_CHECKING:
    from toolkit.plots.flow import Card
    from toolkit.plots.flow_tree import Tree

__all__ = ["draw_bands", "draw_cards", "draw_outline"]

_BAND, _THIN = 0.34, 0.03  # inches of the widest band, and of one too thin for an outline
_TRUNK = 0.2  # inches from a card's left edge to the line that leads down from it
_PAD, _LINE = 0.1, 0.165
_DASHES = (3.0, 2.0)


def draw_cards(canvas: Canvas, cards: dict[str, Card], there: dict[str, Card]) -> None:
    """The boxes with their words: the ministry's ("") filled, a fold's without its mark. ``there`` is where a phone has them."""
    for card in cards.values():
        other = there[card.key]
        up, wider = other.y - card.y, other.width / card.width
        to, at_right = Place(other.x - card.x, up), Place(other.x + other.width - card.x - card.width, up)
        is_head, low = card.key == "", card.y - card.height
        face = BLUE if is_head else PALE if card.is_fold else "white"
        box = Place(other.x - card.x * wider, up, wider)
        canvas.box(card.x, low, card.width, card.height, face, HAIR, 0.9, to=box, z=2)
        if not is_head and not card.is_fold:
            canvas.box(card.x, low, 0.05, card.height, BLUE, to=to, z=2)
        for n, (text, right, size, color) in enumerate(card.lines):
            y, ink = card.y - _PAD - (n + 0.5) * _LINE, "white" if is_head else color
            canvas.text(card.x + _PAD + (0 if is_head else 0.04), y, text, size, ink, to=to)
            canvas.text(card.x + card.width - _PAD, y, right, size, ink, align="right", to=at_right)


def draw_bands(canvas: Canvas, cards: dict[str, Card], tree: Tree, to: Place) -> None:
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
            _band(canvas, (giver.x + giver.width, start - wide / 2), (target.x, end), wide, to, is_sure=settled)
            start -= wide


def _band(
    canvas: Canvas, start: tuple[float, float], end: tuple[float, float], wide: float, to: Place, *, is_sure: bool
) -> None:
    (x0, y0), (x1, y1), half = start, end, wide / 2
    middle = (x0 + x1) / 2
    upper = [(x0, y0 + half), (middle, y0 + half), (middle, y1 + half), (x1, y1 + half)]
    lower = [(x1, y1 - half), (middle, y1 - half), (middle, y0 - half), (x0, y0 - half)]
    if is_sure:
        canvas.area(upper + lower, SKY, SKY, 0.8, is_curved=True, to=to)
    elif wide > _THIN:
        canvas.area(upper + lower, "#e6eef6", GREY, 0.8, dashes=_DASHES, is_curved=True, to=to)
    else:
        canvas.line([(x0, y0), (middle, y0), (middle, y1), (x1, y1)], GREY, 1.0, dashes=_DASHES, is_curved=True, to=to)


def draw_outline(canvas: Canvas, cards: dict[str, Card], tree: Tree, to: Place) -> None:
    """A line from each payer down to the blocks below it, as wide as the money that each one gets."""
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
        canvas.line(((x, giver.y - giver.height), (x, bottom)), SKY, 1.4, to=to, z=0)
        for key in held:
            card = cards[key]
            wide = max(min((card.amount or 0) / largest, 1.0) * 0.16 * 72, 1.2)
            middle = card.y - card.height / 2
            ends = ((x, middle), (card.x, middle))
            if settled.get(key, True):
                canvas.line(ends, SKY, wide, to=to)
            else:
                canvas.line(ends, GREY, 1.0, dashes=_DASHES, to=to)
