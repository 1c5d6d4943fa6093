"""政策評価 and the reform schedule of forms to 2022: policy and measure, and how the project contributes to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from toolkit.form.vocabulary import CHECK_MARK
from toolkit.readers.text_layer.header_shapes import SHAPES, is_noise, is_prose
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.self_check_rows import is_question
from toolkit.readers.text_layer.sequence import NEVER, Element, Piece, assign, elements, nearness

__all__ = ["read"]

_RELATIONS = ("policy_relation", "reform_relation")
#: a text so near to its heading, in labels and texts, is surely its own
_REACH = 2
#: farther off, a text must say itself what it is
_CONTRIBUTES = re.compile(r"上位|施策|測定指標|寄与|貢献|達成に|本事業の(?:実施|成果|目的|目標)")
_LEAST = 4.0


def read(reading: Reading) -> None:
    sequence = _sequence(reading)
    _policy(reading, sequence)
    for key in _RELATIONS:
        for hit in (one for one in sequence if isinstance(one, Hit) and one.key == key):
            _relation(reading, key, hit, sequence)
    _field(reading, sequence)


def _sequence(reading: Reading) -> list[Element]:
    """Labels and texts of the policy part, up to the table of checks."""
    hits = [hit for hit in reading.hits if hit.section == "policy" or hit.key in ("policy", "measure")]
    if not any(hit.section == "policy" for hit in hits):
        return []
    first, last = min(hit.box.index for hit in hits), max(hit.box.index for hit in hits)
    table = min(
        (hit.box.index for hit in reading.hits if hit.key == "check_item" and hit.box.index >= last), default=last + 4
    )
    boxes = reading.document.between(first - 4, table)
    found = elements(boxes, reading.labels, cuts=CHECK_MARK.fullmatch)
    return [one for one in found if isinstance(one, Hit) or not is_noise(one.folded)]


def _policy(reading: Reading, sequence: Sequence[Element]) -> None:
    labels: dict[str, Hit] = {}
    for one in sequence:
        if isinstance(one, Hit) and one.key in ("policy", "measure"):
            labels.setdefault(one.key, one)
    pieces = [one for one in sequence if isinstance(one, Piece)]
    near = nearness(sequence)

    def score(key: str, piece: Piece) -> float:
        form = SHAPES[key](piece)
        if form == NEVER or (form < 0 and piece.beside is not labels[key]):
            return NEVER
        return form + near(labels[key], piece)

    chosen = assign([[score(key, piece) for piece in pieces] for key in labels], _LEAST)
    found = {key: pieces[at].take() for key, at in zip(labels, chosen, strict=True) if at is not None}
    values = {key: piece.joined for key, piece in found.items() if not piece.is_nothing}
    if values:
        ref = "; ".join(piece.ref for piece in found.values())
        reading.draft.add("policies", kind="policy", name=values.get("policy"), detail=values.get("measure"), ref=ref)


def _relation(reading: Reading, section: str, hit: Hit, sequence: Sequence[Element]) -> None:
    """The text under its heading; the extractor may print it before, as with every heading that is centred.

    Sentences are rare in this part: failing a text next to the heading, the nearest one is taken.
    """
    at = next(index for index, one in enumerate(sequence) if one is hit)
    first = next(index for index, one in enumerate(sequence) if isinstance(one, Hit) and one.section == "policy")
    asked = (index for index, one in enumerate(sequence) if isinstance(one, Piece) and is_question(one.folded))
    best: tuple[float, Piece] | None = None
    for index, one in enumerate(sequence[first : next(asked, None)], start=first):
        if not isinstance(one, Piece) or not one.is_open:
            continue
        if not is_prose(one) and not (one.is_nothing and abs(index - at) == 1):
            continue
        if abs(index - at) > _REACH and not _CONTRIBUTES.search(one.folded):
            continue
        distance = abs(index - at) + (0.5 if index < at else 0.0) + 100.0 * one.is_nothing
        if best is None or distance < best[0]:
            best = distance, one
    if best is None:
        return
    piece = best[1].take()
    if not piece.is_nothing:
        certainty = "stated" if best[0] <= _REACH else "unsettled"
        reading.draft.add("evaluations", section=section, text=piece.joined, ref=piece.ref, certainty=certainty)


def _field(reading: Reading, sequence: Sequence[Element]) -> None:
    """分野 of the reform schedule."""
    for hit, piece in pairwise(sequence):
        if isinstance(hit, Hit) and hit.key == "reform_field" and isinstance(piece, Piece) and piece.is_open:
            piece.take()
            if not piece.is_nothing and len(piece.folded) < 30:
                reading.draft.add(
                    "policies", kind="plan", name="新経済・財政再生計画", detail=piece.joined, ref=piece.ref
                )
