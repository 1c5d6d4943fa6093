"""How well a text fits a prose cell of the indicator part: by its place, by the labels before it and by its shape.

Scores are sums; about 1 is a hint, 3 as good as certain.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.reading import Hit
from toolkit.readers.text_layer.sequence import Piece
from toolkit.text import fold_text

__all__ = ["COUNTED_BY", "LABELS", "LONG", "TABLES", "Chain", "Slot", "Text", "break_price", "most_points", "score"]

_EVIDENCE = re.compile(
    r"調べ|集計|調査|報告|統計|資料|台帳|データ|https?:|ホームページ|白書|アンケート|による\)?$|名簿|実績|評価"
)
#: nothing but who counted
COUNTED_BY = re.compile(r"^.{0,30}(?:による集計|調べ)$")
#: what a 単位当たりコスト is worked out from, and what it means for a name or a basis to be printed by its labels
_BASIS = re.compile(r"執行額|[^0-9][/÷][^0-9]|^[XY][:=]|=X|当たり|コスト")
_RATE = re.compile(r"(?:率|割合|シェア)(?:[(（【\[]|(?=計算式)|(?=算出))")
_FIGURES = re.compile(r"[\d.,/÷%()]+")
#: labels whose texts the header reader takes
_ELSEWHERE = (
    "policy",
    "measure",
    "policy_measure",
    "policy_evaluation",
    "policy_side",
    "reform",
    "reform_item",
    "reform_field",
    "policy_relation",
)
_COST_NEAR = ("unit_costs", "unit_cost_formula", "unit_cost_basis")
_COST_LABELS = (-2.0, 1.0)
#: a goal or a name on the line of a row is that of the row's table, whatever else speaks for another
_BESIDE = 3.0
#: the name says the unit: 整備箇所数, in 箇所
_COUNTS_IN = 0.6
#: what an indicator's name ends with
_COUNTED = re.compile(
    r"(?:数|率|割合|比率|額|量|時間|期間|値|件|回|人|面積|順位|得点|点|シェア|コスト|残高|価格|能力|水準|度)(?:\(.{1,30}\))?$"
)
_BECAUSE = re.compile(r"(?:ため|から|設定した|設定している|考えられる|とした|選んだ|困難である)。?$|理由")
#: label keys of the prose cells, by slot
LABELS = {
    "activity": "act", "reason": "reason", "evidence": "evidence", "why_qualitative": "why_q", "why_single": "why_s",
    "no_number_reason": "no_reason", "no_number_goal": "no_goal",
}  # fmt: skip
TABLES = (
    "output_goal", "outcome_goal", "output_indicator", "outcome_indicator", "unit_cost_basis", "policy_indicator", "reform_kpi", "policy_relation",
)  # fmt: skip
#: cells of prose, those among them that explain the outcomes, and cells of a table
_PROSE_CELLS = tuple(LABELS.values())
_EXPLANATIONS = ("why_q", "why_s")
_TABLE_CELLS = ("goal", "name", "late_name", "basis")
#: the headers of a table stand on so many places
_HEADERS = 4
#: sums of the same points may differ by so much
_ROUNDING = 1e-9
#: cells by the last word of their header's key
_HEADED = {"goal": "goal", "indicator": "name", "kpi": "name", "basis": "basis"}
_STEPS = {"short": "1", "mid": "2", "long": "3"}
LONG = 60


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
    """A cell that holds prose. Texts printed from ``first`` to ``last`` (places among the items) may be its own.

    ``points`` is the score of the worst of its texts.
    """

    kind: str
    chain: Chain
    body: Body | None
    first: int
    last: int
    texts: list[Piece] = field(default_factory=list)
    points: float = 9.0
    #: the places from ``first`` to ``last``, and those of a table's headers
    place: range = field(init=False)

    def __post_init__(self) -> None:
        start = self.first if self.body is None else self.body.start
        self.place = range(min(self.first, start), max(self.last, start + _HEADERS))

    @property
    def is_table(self) -> bool:
        return self.kind in _TABLE_CELLS

    @property
    def reach(self) -> range:
        """Where its texts may be printed: those of a table within it, or not far above."""
        if not self.is_table:
            return range(sys.maxsize)
        label = self.first if self.body is None else self.body.label
        return range(min(label, self.first - 6), self.last)

    def answers(self, hit: Hit) -> bool:
        """Whether a label is the label of this cell."""
        if LABELS.get(hit.key) != self.kind:
            return False
        if self.kind == "evidence":
            return self.body is not None and hit.groups.get("body", self.body.id) == self.body.id
        return int(hit.groups.get("no", self.chain.no)) == self.chain.no and (
            self.kind != "reason"
            or self.body is None
            or hit.groups.get("step") in (None, "1", _STEPS[self.body.horizon])
        )


@dataclass(eq=False, slots=True)
class Text:
    """A text and what the printing says about it; ``place`` is its place among the items."""

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
    #: the headers of tables printed right before these texts, each with its place
    tables: list[tuple[int, str]] = field(default_factory=list)
    beside: Body | None = None  # the table that has a row on the same line

    @property
    def answers(self) -> bool:
        """Whether there are as many headers of tables as texts: they answer each other in order."""
        return len(self.tables) == self.of > 1


def score(slot: Slot, text: Text, *, by_place: bool = True) -> float:
    """How well a text fits a cell: by its place among the tables, by the labels before it and by its own shape."""
    points = _label_score(slot, text) + _shapes(text.piece.folded)[slot.kind]
    if text.beside is not None and slot.is_table:
        points += _BESIDE if text.beside is slot.body else -_BESIDE
    if slot.kind in ("name", "late_name") and slot.body is not None and slot.body.unit:
        points += _COUNTS_IN * (fold_text(slot.body.unit) in text.piece.folded and slot.body.unit != "数")
    if not by_place:
        return points
    table = slot.is_table
    if text.near in _ELSEWHERE and (table or slot.kind == "evidence"):
        return points - 6.0
    inside = slot.first <= text.place < slot.last
    if table:
        if text.answers:
            place, key = text.tables[text.rank]
            own = slot.body is not None and slot.body.start <= place < slot.body.start + _HEADERS
            return points + (2.5 if own and slot.kind == _HEADED.get(key.rpartition("_")[2]) else -2.0)
        if text.near in _COST_NEAR:
            points += _COST_LABELS[slot.kind == "basis"]
        early = slot.body is not None and slot.body.label <= text.place < slot.first
        return points + (2.0 if inside else 1.0 if early else 0.4) - (1.0 if text.values > 6 else 0.0)
    points += 1.0 if inside else -2.0
    if slot.kind in ("no_reason", "no_goal") and text.tables:  # it answers the headers of a table
        points -= 2.0
    if slot.kind == "act":
        points += 1.5 if text.reached == slot.chain.no else 0.5 if text.reached == 0 or text.spent >= 2 else -1.5
    elif slot.kind in _EXPLANATIONS:
        points -= 2.0 if text.reached > slot.chain.no else 0.0
    return points


def most_points(kinds: Iterable[str], text: Text) -> dict[str, tuple[float, float, int]]:
    """Of each kind of cell the points that ``score`` may give a text at most, outside and inside of its place.

    Also the place that counts: that of the text, or of the header that it answers.
    """
    count, shapes = len(text.labels), _shapes(text.piece.folded)
    named = [LABELS.get(hit.key) for hit in text.labels]
    if count == text.of > 1:
        named, labelled = [named[text.rank]], 2.0
    else:
        labelled = 0.7 if count > 1 else 3.0 if text.rank == 0 else 0.5
    alone = count == 1 and text.rank == 0
    answered = text.tables[text.rank] if text.answers else None
    most = {}
    for kind in kinds:
        explains = kind in _EXPLANATIONS
        points = _ROUNDING + shapes[kind] - (1.5 if alone and kind not in named and not explains else 0.0)
        if kind in _TABLE_CELLS:
            points += (_COUNTS_IN if kind.endswith("name") else 0.0) + (_BESIDE if text.beside is not None else 0.0)
            if answered is not None:
                is_own = kind == _HEADED.get(answered[1].rpartition("_")[2])
                most[kind] = points - 2.0, points + (2.5 if is_own else -2.0), answered[0]
                continue
            if text.near in _COST_NEAR:
                points += _COST_LABELS[kind == "basis"]
            if text.values > 6:
                points -= 1.0
            most[kind] = points + 1.0, points + 2.0, text.place
            continue
        if kind in named:
            points += labelled
        if explains:
            points += 1.7 if text.heading else 0.0 if kind in named or count == text.of > 1 else -2.0
        elif kind == "evidence" and not count and text.values:
            points += 0.6
        elif kind == "act":
            points += 1.5
        most[kind] = points - 2.0, points + 1.0, text.place
    return most


def _label_score(slot: Slot, text: Text) -> float:
    """A text right after the one label of its cell is surest; after several labels, as many texts answer them in order."""
    if slot.kind in _EXPLANATIONS:
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


@lru_cache(maxsize=1024)
def _shapes(folded: str) -> Mapping[str, float]:
    """What a text looks like, in points for each kind of cell: a goal is a sentence, an indicator something that can be
    counted, evidence a source."""
    length, ends = len(folded), folded.endswith("。")
    counted = bool(_COUNTED.search(folded)) and not ends
    evidence = bool(_EVIDENCE.search(folded)) and not ends and not counted
    # what a cost is worked out from; a rate may say how it is worked out
    basis = bool(_BASIS.search(folded)) and ("執行額" in folded or not (counted or _RATE.search(folded)))
    if _FIGURES.fullmatch(folded):  # formulas
        return dict.fromkeys(_PROSE_CELLS + _TABLE_CELLS, -3.0) | {"basis": 1.5 if basis else -0.5}
    because = bool(_BECAUSE.search(folded))
    points = (0.6 if ends else -0.4) + (0.3 if length > 25 else 0.0) - (1.0 if evidence else 0.0)
    name = (-1.5 if ends else -0.7 if evidence else 1.4 if counted else 0.8) - (1.0 if length > LONG else 0.0)
    if length < 2 or (length < 3 and not counted) or basis or COUNTED_BY.match(folded):
        name = -3.0
    return dict.fromkeys(_PROSE_CELLS, points + (0.6 if because else 0.0)) | {
        "act": points - (1.0 if because else 0.0),
        "evidence": 1.5 if evidence else -0.6 if counted else 0.0,
        "goal": (0.8 if ends else -0.4 if counted or evidence else 0.0) - (1.0 if length > 2 * LONG else 0.0),
        "name": name,
        "late_name": -2.5 if ends or evidence or basis or length < 2 else -0.3 if counted else -0.8,
        "basis": 1.5 if basis else -0.5,
    }


def break_price(slot: Slot, first: Text, second: Text) -> float:
    """Price of two texts in one cell: a torn sentence is cheap, a second paragraph is not, two sentences in a short cell no."""
    torn = not first.piece.folded.endswith("。") and first.place < second.place
    if torn and _COUNTED.search(
        first.piece.folded
    ):  # a name, unless the next text goes on with a particle or an ending
        torn = bool(re.match("[ぁ-ん]", second.piece.folded))
    if slot.kind == "goal":
        return 1.2 if torn and second.piece.folded.endswith("。") else 4.5
    if slot.kind in ("name", "late_name"):
        return 2.2 if second.continues and len(second.piece.folded) <= 6 else 4.5
    return 1.6 if second.continues and not (slot.kind == "act" and not torn) else 3.0
