"""Texts of the logic model: which piece of prose stands in which cell of the chain.

The cells of the form have an order, and the texts are printed in it but for some jumps; the tables' headers say
how far down the form the printing has come. A text printed right after the label of its cell is surest. The best
reading of all this is found by dynamic programming; a page that is printed out of order is matched as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from toolkit.readers.text_layer.indicators_scan import Item
from toolkit.readers.text_layer.indicators_shapes import (
    COUNTED_BY,
    LABELS,
    LONG,
    TABLES,
    Chain,
    Slot,
    Text,
    break_price,
    most_points,
    score,
)
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.sequence import NEVER, Piece, assign
from toolkit.text import tidy, unwrap

__all__ = ["GUESS", "align", "is_sentence", "number_evidence", "place_texts", "put", "settle_names", "texts_of"]

_COLUMNS = {"goal": "goal", "name": "indicator", "evidence": "evidence_source"}
#: a text that fits its cell no better than this is a guess
GUESS = 0.6
#: the price of a text without a cell
_LOST = 0.2


def place_texts(reading: Reading, items: list[Item], chains: list[Chain]) -> None:
    """Fill goals, indicators, evidence, reasons and explanations."""
    texts = texts_of(items)
    slots = _slots(
        chains, len(items), {(hit.key, hit.groups.get("no")) for item in items if (hit := item.hit) is not None}
    )
    number_evidence(items, chains)
    jumbled = {id(chain): _pages(chain, items) for chain in chains if chain.is_jumbled}
    own = set().union(*jumbled.values()) if jumbled else set()
    for chain in chains:
        if id(chain) in jumbled:
            _match(
                [slot for slot in slots if slot.chain is chain],
                [text for text in texts if text.page in jumbled[id(chain)]],
            )
    align([slot for slot in slots if id(slot.chain) not in jumbled], [text for text in texts if text.page not in own])
    settle_names(slots)
    for slot in slots:
        put(reading, slot)


def _pages(chain: Chain, items: list[Item]) -> set[int]:
    return {items[body.start].box.page for body in chain.bodies}


def texts_of(items: list[Item], rows: Mapping[int, Body] | None = None, *, early: bool = False) -> list[Text]:
    """The texts that may be prose: no units, nothing taken by another reader, nothing repeated after a page break.

    ``rows``: the tables that have a row on a line, by the line's number.
    ``early``: also what stands before the first label of its page and is no sentence.
    """
    walk = _Walk(_before_explanations(items), rows or {})
    for place, item in enumerate(items):
        walk.step(place, item)
    keys = (*LABELS, *TABLES)
    first = next((place for place, item in enumerate(items) if item.hit is not None and item.hit.key in keys), 0)
    return [
        text
        for text in walk.texts
        if early or text.place > first or is_sentence(text.piece.folded) or text.page != items[first].box.page
    ]


class _Walk:
    """What has been printed so far, for the next text."""

    def __init__(self, heads: set[int], rows: Mapping[int, Body]) -> None:
        self.heads, self.rows = heads, rows
        self.texts: list[Text] = []
        self.labels: list[Hit] = []
        self.group: list[Text] = []  # the texts since the last label
        self.reached = self.values = self.dashes = self.spent = 0
        self.table, self.near = 0, ""  # place of the last table header, key of the last label
        self.tables: list[tuple[int, str]] = []  # the headers since the last text, with their places
        self.after_text = False

    def step(self, place: int, item: Item) -> None:
        if item.hit is not None and item.hit.key != "torn":
            self._hit(place, item.hit)
        elif item.piece is not None and item.piece.is_open and item.piece.folded:
            if not self._is_repeated(item.piece, item.box.page):
                self._text(item.piece, place, item.box.page)
        elif item.run is not None:
            self.group, self.labels, self.tables = [], [], []
            self.values += len(item.run.values)
            self.dashes = self.dashes + 1 if _is_dash(item) else 0
        self.after_text = item.piece is not None

    def _hit(self, place: int, hit: Hit) -> None:
        key = self.near = hit.key
        if self.group or key not in (*LABELS, "output", "outcome"):
            self.tables = [] if self.group else self.tables
            self.group, self.labels = [], []
        if key in LABELS and not (
            key == "evidence" and self.after_text and COUNTED_BY.match(self.texts[-1].piece.folded)
        ):
            self.labels.append(hit)  # unless its text stood right before it
        if key in TABLES:
            self.values, self.spent, self.table = 0, 0, place
            self.tables = [*self.tables, (place, key)]
        if key in ("why_qualitative", "why_single") and not self.spent:
            self.spent = self.dashes
        self.dashes = 0
        self.reached = max(self.reached, int(hit.groups.get("no", 0)))

    def _is_repeated(self, piece: Piece, page: int) -> bool:
        """A cell that a page break cut is printed on both pages: its second printing is taken here."""
        for text in self.texts[-3:]:
            if text.place > self.table and text.page != page and _same(text.piece, piece):
                piece.take()
                return True
        return False

    def _text(self, piece: Piece, place: int, page: int) -> None:
        text = Text(
            piece, place, page, self.labels, len(self.group), place in self.heads, self.reached,
            self.after_text, self.values, self.near, self.spent, tables=self.tables,
            beside=next((self.rows[span.line.number] for span in piece.spans if span.line.number in self.rows), None),
        )  # fmt: skip
        self.group.append(text)
        self.texts.append(text)
        for one in self.group:
            one.of = len(self.group)
        self.dashes += place in self.heads


def _before_explanations(items: list[Item]) -> set[int]:
    """Places of the texts and dashes that stand right before the labels of the explanations, whose cells they fill."""
    found: set[int] = set()
    for place, item in enumerate(items):
        if item.hit is not None and item.hit.key == "why_qualitative":
            for at in (place - 1, place - 2):
                if at < 0 or items[at].hit is not None or (items[at].run is not None and not _is_dash(items[at])):
                    break
                found.add(at)
    return found


def is_sentence(folded: str) -> bool:
    return folded.endswith("。") and len(folded) > 12


def _is_dash(item: Item) -> bool:
    return item.run is not None and item.run.row is None and len(item.run.values) == 1 and item.run.values[0].is_nothing


def _same(one: Piece, other: Piece) -> bool:
    """A text printed twice: a cell that a page break cut is printed on both pages."""
    short, long = sorted((one.folded, other.folded), key=len)
    return 5 < len(short) <= LONG and len(short) > 0.6 * len(long) and long.startswith(short)


def number_evidence(items: list[Item], chains: list[Chain]) -> None:
    """The labels of the evidence cells bear no number; in the form's order they belong to the outcomes one by one."""
    hits = [item.hit for item in items if item.hit is not None and item.hit.key == "evidence"]
    outcomes = [body for chain in chains for body in chain.outcomes]
    if len(hits) == len(outcomes):
        for hit, body in zip(hits, outcomes, strict=True):
            hit.groups["body"] = body.id


def _slots(chains: list[Chain], end: int, labels: set[tuple[str, str | None]]) -> list[Slot]:
    """The prose cells in the form's order."""
    starts = sorted(body.start for chain in chains for body in chain.bodies)
    following = dict(zip(starts, [*starts[1:], end], strict=False))
    before = dict(zip(starts, [0, *starts[:-1]], strict=False))
    slots = []
    for chain in chains:
        first = min((body.start for body in chain.bodies), default=0)
        slots.append(Slot("act", chain, None, before.get(first, 0), first))
        for body in chain.bodies:
            inside = (body.start, following[body.start])
            if body.kind == "outcome":
                slots.append(Slot("reason", chain, body, before[body.start], body.start))
            slots += [Slot("goal", chain, body, *inside), Slot("name", chain, body, *inside)]
            if body.kind == "outcome":
                slots += [Slot("evidence", chain, body, *inside), Slot("late_name", chain, body, *inside)]
        last = max((body.start for body in chain.bodies), default=0)
        for key in ("why_qualitative", "why_single"):
            if (key, str(chain.no)) in labels:
                slots.append(Slot(LABELS[key], chain, None, last, following.get(last, end)))
    return slots


def align(slots: list[Slot], texts: list[Text]) -> None:
    """Texts to cells, both in order. A text may stay without a cell; texts that follow each other may share one."""
    if not slots or not texts:
        return
    rows, cols = len(texts), len(slots)
    best = [[0.0] * (cols + 1)]  # of the first i texts within the first j cells
    ended: list[dict[int, float]] = [{}]  # with the i-th text in cell j, where that is better than without this cell
    joins: set[tuple[int, int]] = set()  # where the text before is in the same cell
    reaches = [slot.reach for slot in slots]
    near: dict[str, list[tuple[int, range, range]]] = {}  # the cells of a kind, where they stand and where they reach
    for j, slot in enumerate(slots):
        near.setdefault(slot.kind, []).append((j, slot.place, reaches[j]))
    for i, text in enumerate(texts, start=1):
        above, before = best[-1], ended[-1]
        own: dict[int, float] = {}
        row = [*accumulate([points - _LOST for points in above[1:]], max, initial=0.0)]
        place, everywhere = text.place, text.answers
        most = most_points(near, text)
        cells = set(before)
        for kind, (outside, inside, at) in most.items():
            if outside > -_LOST:
                cells.update([j for j, _, reach in near[kind] if everywhere or place in reach])
            elif inside > -_LOST:
                cells.update([j for j, own_place, _ in near[kind] if at in own_place])
        for j in sorted(cells):
            slot, free, joined = slots[j], above[j], before.get(j, NEVER)
            outside, inside, at = most[slot.kind]
            high = inside if at in slot.place else outside
            if (joined if joined > free else free) + high <= row[j] or not (everywhere or place in reaches[j]):
                continue
            points = score(slot, text)
            here = free + points
            if joined > free:  # else two texts in one cell are no better than one
                shared = joined + points - break_price(slot, texts[i - 2], text)
                if shared >= here:
                    here = shared
                    joins.add((i, j))
            if here > row[j]:
                own[j] = here
                end = bisect_left(row, here, j + 1)
                row[j + 1 : end] = [here] * (end - j - 1)
        best.append(row)
        ended.append(own)
    i, j = rows, cols
    while i > 0 and j > 0:
        if best[i][j] == best[i][j - 1]:
            j -= 1
        elif best[i][j] == ended[i].get(j - 1):
            slot, joined = slots[j - 1], True
            while joined:
                slot.texts.insert(0, texts[i - 1].piece)
                slot.points = min(slot.points, score(slot, texts[i - 1]))
                joined = (i, j - 1) in joins
                i -= 1
            j -= 1
        else:
            i -= 1


def _match(slots: list[Slot], texts: list[Text]) -> None:
    """A page out of order: labels and shapes only, then what follows a placed text directly goes on with it."""
    scores = [[score(slot, text, by_place=False) for text in texts] for slot in slots]
    for j, text in enumerate(texts):
        for i, slot in enumerate(slots):
            goal = slot.kind == "goal" and j + 1 < len(texts) and not texts[j + 1].piece.folded.endswith("。")
            name = (
                slot.kind == "name"
                and j > 0
                and texts[j - 1].piece.folded.endswith("。")
                and len(texts[j - 1].piece.folded) <= 2 * LONG
            )
            scores[i][j] += (1.0 if goal else 0.0) + (1.0 if name and text.continues else 0.0) - 0.01 * abs(i - j)
            if slot.body is not None and slot.kind in ("goal", "name"):
                scores[i][j] += 1.0 if text.place > slot.body.start else -1.0
    owner: dict[int, Slot] = {}
    for slot, row, found in zip(slots, scores, assign(scores, 0.3), strict=True):
        if found is not None:
            owner[found] = slot
            slot.texts.append(texts[found].piece)
            slot.points = row[found]
    for j, text in enumerate(texts):
        if j not in owner and j - 1 in owner and text.continues and owner[j - 1].kind not in ("goal", "name"):
            owner[j] = owner[j - 1]
            owner[j].texts.append(text.piece)


def settle_names(slots: list[Slot]) -> None:
    """A name printed after the evidence goes where names go; if two texts came before, the first was the goal."""
    by_body = {(id(slot.body), slot.kind): slot for slot in slots}
    for slot in slots:
        if slot.kind != "late_name" or not slot.texts:
            continue
        goal, name, evidence = (by_body[id(slot.body), kind] for kind in ("goal", "name", "evidence"))
        if name.texts and goal.texts:
            evidence.texts += slot.texts
        else:
            if name.texts:
                goal.texts = name.texts
            name.texts, name.points = slot.texts, slot.points
        slot.texts = []


def put(reading: Reading, slot: Slot) -> str | None:
    """A cell's text into its column; the text, for the cells that are put elsewhere."""
    if not slot.texts:
        return None
    lines = [line for piece in slot.texts for line in piece.lines]
    if slot.kind in ("goal", "name", "basis"):
        said = tidy(unwrap(lines))
    else:
        said = tidy("\n".join(piece.joined for piece in slot.texts))
    ref = slot.texts[0].ref
    for piece in slot.texts:
        piece.take()
    if said is None:
        return None
    draft, body = reading.draft, slot.body
    place = {"ref": ref, "certainty": "unsettled" if slot.points < GUESS else "stated"}
    if slot.kind == "reason" and body is not None:
        for row in draft.rows("logic_links"):
            if row["to_indicator_id"] == body.id:
                draft.put("logic_links", (row["from_indicator_id"], body.id), explanation=said, **place)
    elif slot.kind in _COLUMNS and body is not None:
        columns: dict[str, Any] = {_COLUMNS[slot.kind]: said}
        if slot.kind == "evidence" and not _is_measured(reading, body.id):
            columns["is_qualitative"] = True
        draft.put("indicators", (body.id,), **columns, **place)
    elif slot.kind == "act":
        draft.put("indicators", (slot.chain.id,), goal=said, **place)
    elif slot.kind in ("why_q", "why_s"):
        known = (draft.get("indicators", slot.chain.id) or {}).get("explanation")
        draft.put("indicators", (slot.chain.id,), explanation=f"{known}\n{said}" if known else said, **place)
    return said


def _is_measured(reading: Reading, indicator_id: str) -> bool:
    return any(
        row["indicator_id"] == indicator_id and row.get("value") is not None
        for row in reading.draft.rows("measurements")
    )
