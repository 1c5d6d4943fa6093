"""Evaluations: what bureau, experts and review team found, what followed from it, earlier findings, remarks.

The text layer prints these boxes in almost any order. Verdicts come from a closed list; every other text goes to
the box that its place beside a heading, its tone and the order of the form speak for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from toolkit.form.vocabulary import MINISTRIES, YEAR
from toolkit.readers.text_layer.header_shapes import is_noise
from toolkit.readers.text_layer.reading import Hit, Reading, labels_of
from toolkit.readers.text_layer.review_shapes import is_verdict, shape, verdict_of
from toolkit.readers.text_layer.sequence import NEVER, Element, Piece, assign, elements, nearness
from toolkit.text import fold

__all__ = ["read"]

#: boxes of the form in its order
_ORDER = (
    "kpi_name", "kpi_url", "kpi_place", "inspection", "effect", "direction", "external_experts", "team", "reflection",
    "public_process", "public_process_response", "other_remarks", "other_remarks_response", "remarks",
)  # fmt: skip
#: labels that span the page above their text; the others stand to its left
_HEADINGS = frozenset(
    {"effect", "external_experts", "team", "reflection", "public_process", "response", "other_remarks", "remarks"}
)
_KEYS = frozenset({*_ORDER, "response", "bureau_review", "past_remarks", "kpi"})
#: other labels that stand among these boxes
_AMONG = _KEYS | {"past_numbers"}
_LEAST = 3.0
#: what is left of the numbers of earlier sheets, in the same part of the form
_PAST = re.compile(rf"(?:{YEAR.pattern}|{'|'.join(MINISTRIES)}|{'|'.join(MINISTRIES.values())}|新?\d[\d-]*)+")


def read(reading: Reading) -> None:
    sequence = _sequence(reading)
    slots = _slots(sequence)
    if not slots:
        return
    verdicts = [one for one in sequence if isinstance(one, Piece) and is_verdict(one.folded)]
    team, reflection = verdict_of(verdicts)
    beside = {"team": _text_after(team, sequence), "reflection": _text_after(reflection, sequence)}
    beside["public_process_response"] = _answer(sequence)
    fixed = {key: [piece] for key, piece in beside.items() if piece is not None and _same_line(piece)}
    dashes = [one for one in sequence if isinstance(one, Piece) and one.is_nothing]
    fixed |= {key: [piece] for key, hit in slots.items() for piece in dashes if piece.beside is hit}
    # a dash elsewhere tells less about its box than it hides about the texts around it
    sequence = [one for one in sequence if one not in (team, reflection) and one not in dashes]
    found, sure = _match({key: hit for key, hit in slots.items() if key not in fixed}, sequence, beside, fixed)
    found, sure = found | fixed, sure | set(fixed)
    _join(found, slots, sequence)
    _put(reading, found, sure, {"team": team, "reflection": reflection})
    for piece in dashes:
        if piece.is_open:
            piece.take()


def _sequence(reading: Reading) -> list[Element]:
    """Labels and texts from the end of the indicators to the flow of funds; on numbered pages, whole pages."""
    hits = [hit for hit in reading.hits if hit.key in _KEYS]
    if reading.find("check_item", "check_ministry"):
        hits = [hit for hit in hits if hit.key != "bureau_review"]
    if not hits:
        return []
    boxes = reading.document.boxes
    first, last = hits[0].box.index, hits[-1].box.index
    other = [hit.box.index for hit in reading.hits if hit.section not in ("review", "past", "check")]
    start = max((index for index in other if index < first), default=boxes[0].index)
    start = max(start, reading.document.page(hits[0].box.page)[0].index)
    end = min((index for index in other if index > last), default=boxes[-1].index + 1)
    inside = [hit for hit in reading.hits if start <= hit.box.index < end]
    known = [hit for hit in inside if hit.key in _AMONG or hit.section not in ("review", "past", "check")]
    found = elements(reading.document.between(start, end - 1), labels_of(known), cuts=_is_own)
    while found and isinstance(found[0], Hit) and found[0].key not in _AMONG:
        found.pop(0)
    return [one for one in found if isinstance(one, Hit) or not (is_noise(one.folded) or _PAST.fullmatch(one.folded))]


def _is_own(folded: str) -> bool:
    """Whether a word is all that stands in its cell."""
    return folded == "-" or is_verdict(folded)


def _slots(sequence: Sequence[Element]) -> dict[str, Hit]:
    slots: dict[str, Hit] = {}
    responses = ["public_process_response", "other_remarks_response"]
    for one in sequence:
        if isinstance(one, Hit):
            key = responses.pop(0) if one.key == "response" and responses else one.key
            if key in _ORDER:
                slots.setdefault(key, one)
    return {key: slots[key] for key in _ORDER if key in slots}


def _text_after(verdict: Piece | None, sequence: Sequence[Element]) -> Piece | None:
    """The text beside a verdict, or right after it; verdicts in a row tell nothing."""
    if verdict is None:
        return None
    at = next(index for index, one in enumerate(sequence) if one is verdict)
    before, after = sequence[at - 1 : at] if at else [], sequence[at + 1 : at + 2]
    in_a_row = any(isinstance(one, Piece) and is_verdict(one.folded) for one in before)
    piece = next((one for one in after if isinstance(one, Piece) and not is_verdict(one.folded)), None)
    return piece if piece is not None and (_same_line(piece) or not in_a_row) else None


def _answer(sequence: Sequence[Element]) -> Piece | None:
    """The text printed next after what a public review found."""
    texts = [one for one in sequence if isinstance(one, Piece)]
    found = next((at for at, piece in enumerate(texts) if shape("public_process", piece) > 4.0), None)
    after = None if found is None else next(iter(texts[found + 1 : found + 2]), None)
    return None if after is None or after.is_nothing or is_verdict(after.folded) else after


def _same_line(piece: Piece) -> bool:
    """Whether a verdict stands right before the text, on its line."""
    span = piece.spans[0]
    return is_verdict(fold(span.line.text[: span.start]))


def _match(
    slots: dict[str, Hit], sequence: Sequence[Element], beside: dict[str, Piece | None], fixed: dict[str, list[Piece]]
) -> tuple[dict[str, list[Piece]], set[str]]:
    """The text of each box, and the boxes whose text stands where the form puts it."""
    settled = [piece for pieces in fixed.values() for piece in pieces]
    pieces = [one for one in sequence if isinstance(one, Piece) and one not in settled]
    near = nearness(sequence, heading=lambda hit: hit.key in _HEADINGS, in_order=3.0, crowd=0.75)
    rank = {id(piece): at / max(1, len(pieces) - 1) for at, piece in enumerate(pieces)}
    order = {key: at / max(1, len(slots) - 1) for at, key in enumerate(slots)}

    def place(key: str, piece: Piece) -> float:
        return max(near(slots[key], piece), 6.0 if piece is beside.get(key) else 0.0)

    def score(key: str, piece: Piece) -> float:
        form = shape(key, piece)
        if form <= NEVER / 2:
            return form
        elsewhere = 3.0 if piece in beside.values() and piece is not beside.get(key) else 0.0
        return 6.0 + form + place(key, piece) - elsewhere - 2.0 * abs(rank[id(piece)] - order[key])

    chosen = assign([[score(key, piece) for piece in pieces] for key in slots], _LEAST)
    found = {key: [pieces[at]] for key, at in zip(slots, chosen, strict=True) if at is not None}
    return found, {
        key
        for key, (piece,) in found.items()
        if place(key, piece) >= 3.0 or shape(key, piece) >= (3.0 if key == "remarks" else 6.0)
    }


def _join(found: dict[str, list[Piece]], slots: dict[str, Hit], sequence: Sequence[Element]) -> None:
    """Give every paragraph left over to the text right before it, else right after it."""
    owner = {id(piece): key for key, pieces in found.items() for piece in pieces}
    owner |= {id(hit): key for key, hit in slots.items()}
    for steps, end in ((sequence, True), (sequence[::-1], False)):
        current: str | None = None
        for one in steps:
            if id(one) in owner:
                current = owner[id(one)]
                if current.startswith("kpi") or current not in found or found[current][0].is_nothing:
                    current = None
            elif current is not None and isinstance(one, Piece) and not one.is_nothing:
                found[current].insert(len(found[current]) if end else 0, one)
                owner[id(one)] = current
            else:
                current = None


def _put(reading: Reading, found: dict[str, list[Piece]], sure: set[str], verdicts: dict[str, Piece | None]) -> None:
    told: dict[str, str | None] = {}
    for key in _ORDER:
        pieces, verdict = found.get(key, []), verdicts.get(key)
        for piece in [*pieces, *([verdict] if verdict else [])]:
            piece.take()
        written = [piece for piece in pieces if not piece.is_nothing]
        text = "\n".join(piece.joined for piece in written) or None
        ref = "; ".join(piece.ref for piece in ([verdict] if verdict else []) + written)
        certainty = "stated" if key in sure or not written else "unsettled"
        if key.startswith("kpi"):
            told[key] = "".join(written[0].lines) if key == "kpi_url" and written else text
        elif key == "remarks":
            if text:
                reading.draft.sheet(remarks=text, ref=ref, certainty=certainty)
        elif text or verdict:
            said = fold(verdict.text) if verdict else None
            reading.draft.add("evaluations", section=key, verdict=said, text=text, ref=ref, certainty=certainty)
    if any(told.values()):
        first = next(found[key][0] for key in _ORDER if told.get(key))
        reading.draft.add(
            "policies",
            kind="kpi",
            name=told.get("kpi_name"),
            url=told.get("kpi_url"),
            detail=told.get("kpi_place"),
            ref=first.ref,
        )
