"""Texts of the logic model: which piece of prose stands in which cell of the chain.

The cells of the form have an order, and the texts are printed in it but for some jumps; the tables' headers say
how far down the form the printing has come. A text printed right after the label of its cell is surest. The best
reading of all this is found by dynamic programming; a page that is printed out of order is matched as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from toolkit.readers.text_layer.indicators_scan import Item
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.sequence import NEVER, Piece, assign
from toolkit.text import tidy, unwrap

__all__ = ["Chain", "Slot", "align", "number_evidence", "place_texts", "put", "settle_names", "texts_of"]

_EVIDENCE = re.compile(r"調べ|集計|調査|報告|統計|資料|台帳|データ|https?:|ホームページ|白書|アンケート|による\)?$|名簿|実績|評価")
#: what a 単位当たりコスト is worked out from, and what it means for a name or a basis to be printed by its labels
_BASIS = re.compile(r"執行額|[^0-9][/÷][^0-9]|^[XY][:=]|=X|当たり|コスト")
#: labels whose texts the header reader takes
_ELSEWHERE = ("policy", "measure", "policy_measure", "policy_evaluation", "policy_side", "reform", "reform_item", "reform_field", "policy_relation")
_COST_LABELS = (-2.0, 1.0)
_COLUMNS = {"goal": "goal", "name": "indicator", "evidence": "evidence_source"}
#: what an indicator's name ends with
_COUNTED = re.compile(r"(?:数|率|割合|比率|額|量|時間|期間|値|件|回|人|面積|順位|得点|点|シェア|コスト|残高|価格|能力|水準|度)(?:\(.{1,30}\))?$")
_BECAUSE = re.compile(r"(?:ため|から|設定した|設定している|考えられる|とした|選んだ|困難である)。?$|理由")
#: label keys of the prose cells, by slot
_LABELS = {
    "activity": "act", "reason": "reason", "evidence": "evidence", "why_qualitative": "why_q", "why_single": "why_s",
    "no_number_reason": "no_reason", "no_number_goal": "no_goal",
}  # fmt: skip
_TABLES = (
    "output_goal", "outcome_goal", "output_indicator", "outcome_indicator", "unit_cost_basis", "policy_indicator", "reform_kpi", "policy_relation",
)  # fmt: skip
_STEPS = {"short": "1", "mid": "2", "long": "3"}
_LONG = 60


@dataclass(eq=False, slots=True)
class Chain:
    """One activity: its outputs, then its outcomes from near to far."""

    no: int
    outputs: list[Body] = field(default_factory=list)
    outcomes: list[Body] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{self.no}-activity"

    @property
    def bodies(self) -> list[Body]:
        return [*self.outputs, *self.outcomes]

    @property
    def is_jumbled(self) -> bool:
        """Printed out of the form's order, so that the headers do not tell how far the printing has come."""
        starts = [body.start for body in self.bodies]
        return starts != sorted(starts)


@dataclass(eq=False, slots=True)
class Slot:
    """A cell that holds prose. Texts printed from ``first`` to ``last`` (places among the items) may be its own."""

    kind: str
    chain: Chain
    body: Body | None
    first: int
    last: int
    texts: list[Piece] = field(default_factory=list)

    def answers(self, hit: Hit) -> bool:
        """Whether a label is the label of this cell."""
        if _LABELS.get(hit.key) != self.kind:
            return False
        if self.kind == "evidence":
            return self.body is not None and hit.groups.get("body", self.body.id) == self.body.id
        return int(hit.groups.get("no", self.chain.no)) == self.chain.no and (
            self.kind != "reason" or self.body is None or hit.groups.get("step") in (None, "1", _STEPS[self.body.horizon])
        )


@dataclass(eq=False, slots=True)
class Text:
    piece: Piece
    place: int
    page: int
    labels: list[Hit]  # the labels of prose cells printed right before the texts this one stands among
    rank: int  # its place among these texts
    heading: bool  # right before the labels of アウトカム設定についての説明, whose texts may come first
    reached: int  # the highest activity a label has named so far
    continues: bool  # printed right after another text
    values: int  # values printed since the last table header
    near: str  # key of the last label before it, of whatever kind
    spent: int  # dashes (or texts) that stood before the labels of the explanations: these cells are full
    of: int = 0  # how many texts stand together


def place_texts(reading: Reading, items: list[Item], chains: list[Chain]) -> None:
    """Fill goals, indicators, evidence, reasons and explanations."""
    texts = texts_of(items)
    slots = _slots(chains, len(items), {(hit.key, hit.groups.get("no")) for item in items if (hit := item.hit) is not None})
    number_evidence(items, chains)
    jumbled = {id(chain): _pages(chain, items) for chain in chains if chain.is_jumbled}
    own = set().union(*jumbled.values()) if jumbled else set()
    for chain in chains:
        if id(chain) in jumbled:
            _match([slot for slot in slots if slot.chain is chain], [text for text in texts if text.page in jumbled[id(chain)]])
    align([slot for slot in slots if id(slot.chain) not in jumbled], [text for text in texts if text.page not in own])
    settle_names(slots)
    for slot in slots:
        put(reading, slot)


def _pages(chain: Chain, items: list[Item]) -> set[int]:
    return {items[body.start].box.page for body in chain.bodies}


def texts_of(items: list[Item]) -> list[Text]:
    """The texts that may be prose: no units, nothing taken by another reader, nothing repeated after a page break."""
    texts: list[Text] = []
    labels: list[Hit] = []
    group: list[Text] = []
    reached, values, dashes, spent = 0, 0, 0, 0
    heads = _before_explanations(items)
    table, near = 0, ""  # place of the last table header, key of the last label
    before: Item | None = None
    for place, item in enumerate(items):
        if item.hit is not None and item.hit.key != "torn":
            key = near = item.hit.key
            if group or key not in (*_LABELS, "output", "outcome"):
                group, labels = [], []
            if key in _LABELS:
                labels.append(item.hit)
            if key in _TABLES:
                values, spent, table = 0, 0, place
            if key in ("why_qualitative", "why_single") and not spent:
                spent = dashes
            dashes = 0
            reached = max(reached, int(item.hit.groups.get("no", 0)))
        elif item.piece is not None and item.piece.is_open and item.piece.folded:
            follows = before is not None and before.piece is not None
            if any(text.place > table and text.page != item.box.page and _same(text.piece, item.piece) for text in texts[-3:]):
                item.piece.take()
                continue
            group.append(Text(item.piece, place, item.box.page, labels, len(group), place in heads, reached, follows, values, near, spent))
            texts.append(group[-1])
            for one in group:
                one.of = len(group)
            dashes += place in heads
        elif item.run is not None:
            group, labels = [], []
            values += len(item.run.values)
            dashes = dashes + 1 if _is_dash(item) else 0
        before = item
    first = next((place for place, item in enumerate(items) if item.hit is not None and item.hit.key in (*_LABELS, *_TABLES)), 0)
    return [text for text in texts if text.place > first or _is_sentence(text.piece.folded) or text.page != items[first].box.page]


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


def _is_sentence(folded: str) -> bool:
    return folded.endswith("。") and len(folded) > 12


def _is_dash(item: Item) -> bool:
    return item.run is not None and item.run.row is None and len(item.run.values) == 1 and item.run.values[0].is_nothing


def _same(one: Piece, other: Piece) -> bool:
    """A text printed twice: a cell that a page break cut is printed on both pages."""
    short, long = sorted((one.folded, other.folded), key=len)
    return 5 < len(short) <= _LONG and len(short) > 0.6 * len(long) and long.startswith(short)


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
                slots.append(Slot(_LABELS[key], chain, None, last, following.get(last, end)))
    return slots


def _score(slot: Slot, text: Text, *, by_place: bool = True) -> float:
    """How well a text fits a cell: by its place among the tables, by the labels before it and by its own shape."""
    score = _label_score(slot, text) + _shape_score(slot, text.piece.folded)
    if not by_place:
        return score
    inside = slot.first <= text.place < slot.last
    if text.near in _ELSEWHERE and slot.kind in ("goal", "name", "late_name", "basis", "evidence"):
        return score - 6.0
    if slot.kind in ("goal", "name", "late_name", "basis"):
        score += _COST_LABELS[slot.kind == "basis"] if text.near in ("unit_costs", "unit_cost_formula", "unit_cost_basis") else 0.0
        early = slot.body is not None and slot.body.label <= text.place < slot.first
        close = slot.first - 6 <= text.place < slot.first
        return score + (2.0 if inside else 1.0 if early else 0.4 if close else -4.0) - (1.0 if text.values > 6 else 0.0)
    score += 1.0 if inside else -2.0
    if slot.kind == "act":
        score += 1.5 if text.reached == slot.chain.no else 0.5 if text.reached == 0 or text.spent >= 2 else -1.5
    elif slot.kind in ("why_q", "why_s"):
        score -= 2.0 if text.reached > slot.chain.no else 0.0
    return score


def _label_score(slot: Slot, text: Text) -> float:
    """A text right after the one label of its cell is surest; after several labels, as many texts answer them in order."""
    if slot.kind in ("why_q", "why_s"):
        if text.heading:
            return 1.5 + (0.2 if (slot.kind == "why_s") == (text.rank > 0) else 0.0)
        if not any(slot.answers(hit) for hit in text.labels):
            return -2.0
        if text.spent >= 2:  # unless one of these dashes was the evidence's
            return 0.0 if _BECAUSE.search(text.piece.folded) else -1.5
    if not text.labels:
        return 0.6 if slot.kind == "evidence" and text.values else 0.0
    if len(text.labels) == text.of > 1:
        return 2.0 if slot.answers(text.labels[text.rank]) else 0.0
    if len(text.labels) == 1:
        if slot.answers(text.labels[0]):
            return 3.0 if text.rank == 0 else 0.5
        return -1.5 if text.rank == 0 else 0.0
    return 0.7 if any(slot.answers(hit) for hit in text.labels) else 0.0


def _shape_score(slot: Slot, folded: str) -> float:
    """What a text looks like: a goal is a sentence, an indicator something that can be counted, evidence a source."""
    ends, length = folded.endswith("。"), len(folded)
    counted = bool(_COUNTED.search(folded)) and not ends
    evidence = bool(_EVIDENCE.search(folded)) and not ends and not counted
    basis = bool(_BASIS.search(folded)) and (not counted or "執行額" in folded)
    if slot.kind == "basis":
        return 1.5 if basis else -0.5
    if slot.kind == "late_name":
        return -2.5 if ends or evidence or basis or length < 2 else -0.3 if counted else -0.8
    if slot.kind == "name":
        if length < 2 or basis:
            return -3.0
        return (-1.5 if ends else -0.7 if evidence else 1.4 if counted else 0.8) - (1.0 if length > _LONG else 0.0)
    if slot.kind == "goal":
        return (0.8 if ends else -0.4 if counted or evidence else 0.0) - (1.0 if length > 2 * _LONG else 0.0)
    if slot.kind == "evidence":
        return 1.5 if evidence else -0.6 if counted else 0.0
    because = bool(_BECAUSE.search(folded))
    score = (0.6 if ends else -0.4) + (0.3 if length > 25 else 0.0) - (1.0 if evidence else 0.0)
    if slot.kind == "act":
        return score - (1.0 if because else 0.0)
    return score + (0.6 if because else 0.0)


def align(slots: list[Slot], texts: list[Text]) -> None:
    """Texts to cells, both in order. A text may stay without a cell; texts that follow each other may share one."""
    if not slots or not texts:
        return
    rows, cols = len(texts), len(slots)
    best = [[0.0] * (cols + 1) for _ in range(rows + 1)]  # of the first i texts within the first j cells
    ended = [[NEVER] * cols for _ in range(rows + 1)]  # with the i-th text in cell j
    way: dict[tuple[int, int], bool] = {}  # whether the text before is in the same cell
    for i in range(1, rows + 1):
        text = texts[i - 1]
        for j in range(cols):
            score = _score(slots[j], text)
            fresh = best[i - 1][j] + score
            joined = ended[i - 1][j] + score - _break(slots[j], texts[i - 2], text) if i > 1 else NEVER
            ended[i][j], way[i, j] = max((fresh, False), (joined, True))
        for j in range(1, cols + 1):
            best[i][j] = max(best[i - 1][j] - 0.2, best[i][j - 1], ended[i][j - 1])
    i, j = rows, cols
    while i > 0 and j > 0:
        if best[i][j] == best[i][j - 1]:
            j -= 1
        elif best[i][j] == ended[i][j - 1]:
            slot = slots[j - 1]
            while True:
                slot.texts.insert(0, texts[i - 1].piece)
                joined = way[i, j - 1]
                i -= 1
                if not joined:
                    break
            j -= 1
        else:
            i -= 1


def _break(slot: Slot, first: Text, second: Text) -> float:
    """Price of two texts in one cell: a torn sentence is cheap, a second paragraph is not, two sentences in a short cell no."""
    torn = not first.piece.folded.endswith("。") and first.place < second.place
    if slot.kind == "goal":
        return 1.2 if torn and second.piece.folded.endswith("。") else 4.5
    if slot.kind in ("name", "late_name"):
        return 2.2 if second.continues and len(second.piece.folded) <= 6 else 4.5
    return 1.6 if second.continues and not (slot.kind == "act" and not torn) else 3.0


def _match(slots: list[Slot], texts: list[Text]) -> None:
    """A page out of order: labels and shapes only, then what follows a placed text directly goes on with it."""
    scores = [[_score(slot, text, by_place=False) for text in texts] for slot in slots]
    for j, text in enumerate(texts):
        for i, slot in enumerate(slots):
            goal = slot.kind == "goal" and j + 1 < len(texts) and not texts[j + 1].piece.folded.endswith("。")
            name = slot.kind == "name" and j > 0 and texts[j - 1].piece.folded.endswith("。") and len(texts[j - 1].piece.folded) <= 2 * _LONG
            scores[i][j] += (1.0 if goal else 0.0) + (1.0 if name and text.continues else 0.0) - 0.01 * abs(i - j)
            if slot.body is not None and slot.kind in ("goal", "name"):
                scores[i][j] += 1.0 if text.place > slot.body.start else -1.0
    owner: dict[int, Slot] = {}
    for i, j in enumerate(assign(scores, 0.3)):
        if j is not None:
            owner[j] = slots[i]
            slots[i].texts.append(texts[j].piece)
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
            name.texts = slot.texts
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
    draft, body = reading.draft, slot.body
    if said is None:
        return None
    if slot.kind == "reason" and body is not None:
        for row in draft.rows("logic_links"):
            if row["to_indicator_id"] == body.id:
                draft.put("logic_links", (row["from_indicator_id"], body.id), explanation=said, ref=ref)
    elif slot.kind in _COLUMNS and body is not None:
        draft.put("indicators", (body.id,), ref=ref, **{_COLUMNS[slot.kind]: said})
    elif slot.kind == "act":
        draft.put("indicators", (slot.chain.id,), goal=said, ref=ref)
    elif slot.kind in ("why_q", "why_s"):
        known = (draft.get("indicators", slot.chain.id) or {}).get("explanation")
        draft.put("indicators", (slot.chain.id,), explanation=f"{known}\n{said}" if known else said, ref=ref)
    return said
