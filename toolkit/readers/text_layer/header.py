"""The head of the form: title, names, years, law, policy, purpose and overview.

Labels and values are printed torn apart. The short cells are told by what they may hold and by their place; the
long texts (purpose, situation, overview) by their place and the order of the form.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import accumulate, pairwise, takewhile

from toolkit.form.cell_prose import header_text
from toolkit.form.vocabulary import URL
from toolkit.readers.text_layer.document import Box
from toolkit.readers.text_layer.header_shapes import (
    SHAPES,
    is_cell,
    is_footnote,
    is_noise,
    is_prose,
    is_reason,
    split_people,
    text_shape,
)
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.sequence import NEVER, Element, Piece, assign, elements, nearness
from toolkit.readers.text_layer.title import head

__all__ = ["read"]

_TEXTS = ("purpose", "issues", "overview")
_URLS = ("policy_url", "overview_url")
_HEAD = {*SHAPES, *_TEXTS, "project_number"}
#: the rest of a torn label of the budget
_FORM_NOTE = re.compile(r"(?:\((?:単位:百万円|インプット)\))+")
#: the place of a text next to its label, or at its turn in a run of labels and texts
_ADJACENT = 2.5
#: what is read with the title
_READ = ("project_number", "start_year", "end_year", "main_expense")
#: how the keys of labels end that are the rest of a torn one
_RESTS = ("_tail", "_head")
#: a short paragraph of a long text: a bullet, or a term and what it means
_NOTE = re.compile(r"^[・○●◯◆■□※【〔<].{6}|^\D{2,8}:.{2}|^\([\dア-ン]{1,2}\).{4}")
#: an item of a numbered list
_ITEM = re.compile(r"\d{1,2}[ \u3000.．]\D")
#: a purpose may be as short as this
_SHORT = 8
#: a pair scores at least this: a shape of its own, or a place right beside the label
_LEAST = 4.0


def read(reading: Reading) -> None:
    boxes = head(reading)
    labels = _labels(reading, boxes)
    sequence = _sequence(reading, boxes)
    nothing = _nothing(labels, sequence)
    matched, weak = _match(labels, sequence, nothing)
    found = nothing | matched
    weak |= _name(found, labels, sequence)
    _short_texts(found, labels, sequence)
    _uncross(found, labels, sequence)
    weak |= _stacked(found, labels, sequence)
    _above(found, labels, sequence)
    weak |= _join(found, labels, sequence)
    for key, pieces in found.items():
        _put(reading, key, pieces, "unsettled" if key in weak else "stated")
    _policies(reading, found)


def _labels(reading: Reading, boxes: Sequence[Box]) -> dict[str, Hit]:
    inside = {box.index for box in boxes}
    asked = _HEAD - _read_before(reading)
    labels: dict[str, Hit] = {}
    for hit in reading.hits:
        if hit.key in asked and hit.box.index in inside:
            labels.setdefault(hit.key, hit)
    return labels


def _sequence(reading: Reading, boxes: Sequence[Box]) -> list[Element]:
    """Without the labels that no text answers: they have their value already, or are only the rest of a torn one."""
    found, read = elements(boxes, reading.labels, cuts=is_cell), _read_before(reading)
    result: list[Element] = []
    for element in found:
        if isinstance(element, Piece):
            if _FORM_NOTE.fullmatch(element.folded):
                element.label()
            elif not is_noise(element.folded):
                parts = split_people(element)
                result += [element] if len(parts) > 1 and _is_post(parts[0], found) else parts
        elif element.key not in read and not element.key.endswith(_RESTS):
            result.append(element)
    return result


def _is_post(office: Piece, sequence: Sequence[Element]) -> bool:
    """Whether what may be an office is an official's post: the office stands elsewhere, with what it is for."""
    return any(
        isinstance(one, Piece) and one.folded.startswith(f"{office.folded}(") and one.folded.endswith(")")
        for one in sequence
    )


def _read_before(reading: Reading) -> set[str]:
    """The labels that have their value already."""
    sheet = reading.draft.sheet()
    keys = {key for key in _READ if sheet.get(key) is not None}
    return keys | {"end_year"} if "end_year" in keys or sheet.get("is_end_undecided") is not None else keys


def _match(
    labels: dict[str, Hit], sequence: Sequence[Element], nothing: Container[str]
) -> tuple[dict[str, list[Piece]], set[str]]:
    """The piece of each label, as far as shape and place tell; the long texts come in the order of the form.

    Also the labels of long texts whose places leave more than one answer: what is left over for one label is sure.
    """
    pieces = [element for element in sequence if isinstance(element, Piece)]
    open_labels = {key: hit for key, hit in labels.items() if key in SHAPES or key in _TEXTS}
    texts = {key: hit for key, hit in open_labels.items() if key in _TEXTS and key not in nothing}
    prose = [element for element in sequence if element in texts.values() or _is_text(element)]
    near, near_text = nearness(sequence), nearness(prose)
    ranks = {id(piece): rank for rank, piece in enumerate(element for element in prose if isinstance(element, Piece))}
    order = {key: rank for rank, key in enumerate(texts)}

    def place(hit: Hit, piece: Piece) -> float:
        return min(near_text(hit, piece), 3.0 + near(hit, piece))

    def score(key: str, hit: Hit, piece: Piece) -> float:
        if key not in texts or id(piece) not in ranks:
            return NEVER
        return 6.0 + text_shape(piece) + place(hit, piece) - 0.4 * abs(ranks[id(piece)] - order[key])

    def scores(key: str, hit: Hit) -> list[float]:
        if key not in SHAPES:
            return [score(key, hit, piece) for piece in pieces]
        forms = list(map(SHAPES[key], pieces))
        row = [NEVER if form == NEVER else form + near(hit, piece) for form, piece in zip(forms, pieces, strict=True)]
        return _by_order(key, row, pieces) if key in _URLS else row

    chosen = assign([scores(key, hit) for key, hit in open_labels.items()], _LEAST)
    found = {key: [pieces[column]] for key, column in zip(open_labels, chosen, strict=True) if column is not None}
    weak = {key for key in found if key in texts and place(texts[key], found[key][0]) < _ADJACENT}
    return found, weak if len(weak) > 1 else set()


def _by_order(key: str, scores: Sequence[float], pieces: Sequence[Piece]) -> list[float]:
    """Two addresses look alike: that of the policy stands above the long texts, that of the project below them."""
    texts = accumulate(map(_is_text, pieces), initial=0)
    fits = [(above > 1) == (key == "overview_url") for above in texts]
    return [score + 1.5 * fit if score != NEVER else NEVER for score, fit in zip(scores, fits, strict=False)]


def _name(found: dict[str, list[Piece]], labels: dict[str, Hit], sequence: Sequence[Element]) -> set[str]:
    """Torn far from its label, the project's name is the first short text that no other cell can hold.

    Returns the label as unsettled where the text has no word of a name and is only the one text left.
    """
    if "name" in found or "name" not in labels:
        return set()
    taken = {id(piece) for pieces in found.values() for piece in pieces}
    head = takewhile(lambda one: not isinstance(one, Hit) or one.section != "budget", sequence)
    left = [
        (SHAPES["name"](piece), piece)
        for piece in head
        if isinstance(piece, Piece) and id(piece) not in taken and not (_is_text(piece) or piece.is_nothing)
    ]
    named = [piece for score, piece in left if score > 0]
    possible = [
        piece
        for score, piece in left
        if score == 0 and not any(SHAPES[key](piece) > 0 for key in SHAPES if key != "name")
    ]
    if named:
        found["name"] = named[:1]
    elif len(possible) == 1:
        found["name"] = possible
        return {"name"}
    return set()


def _short_texts(found: dict[str, list[Piece]], labels: dict[str, Hit], sequence: Sequence[Element]) -> None:
    """A purpose without a full stop: what stands right after its label and belongs to no other."""
    taken = [piece for pieces in found.values() for piece in pieces]
    for hit, piece in pairwise(sequence):
        if not isinstance(hit, Hit) or not isinstance(piece, Piece) or hit.key not in _TEXTS or hit.key in found:
            continue
        if (
            hit is labels.get(hit.key)
            and piece not in taken
            and len(piece.folded) >= _SHORT
            and not is_cell(piece.folded)
        ):
            found[hit.key] = [piece]


def _uncross(found: dict[str, list[Piece]], labels: dict[str, Hit], sequence: Sequence[Element]) -> None:
    """Two texts, each right before a label: the first one may have been taken for an answer to the label after it."""
    before = {id(after): piece for piece, after in pairwise(sequence)}
    for first, second in pairwise(key for key in labels if key in _TEXTS and key in found):
        swapped = [before.get(id(labels[second])), before.get(id(labels[first]))]
        if [found[first][0], found[second][0]] == swapped:
            found[first], found[second] = found[second], found[first]


def _stacked(found: dict[str, list[Piece]], labels: dict[str, Hit], sequence: Sequence[Element]) -> set[str]:
    """Two labels in a row, then two texts of which only one looked like one: the labels of texts that this settles."""
    taken = [piece for pieces in found.values() for piece in pieces]
    texts = [key for key in labels if key in _TEXTS]
    for first, second in pairwise(texts):
        if first in found or second not in found:
            continue
        if not any(one is labels[first] and other is labels[second] for one, other in pairwise(sequence)):
            continue
        at = next(index for index, element in enumerate(sequence) if element is found[second][0])
        after = next(iter(sequence[at + 1 : at + 2]), None)
        if (
            isinstance(after, Piece)
            and after not in taken
            and len(after.folded) >= _SHORT
            and not is_cell(after.folded)
            and not URL.match(after.folded)
        ):
            found[first], found[second] = found[second], [after]
            return {first, second}
    return set()


def _is_text(element: Element) -> bool:
    return isinstance(element, Piece) and is_prose(element) and not element.is_nothing


# -- the long texts
def _nothing(labels: dict[str, Hit], sequence: Sequence[Element]) -> dict[str, list[Piece]]:
    """現状・課題 followed by a dash: nothing to say. (After a stack of labels it may be another's.)"""
    hit = labels.get("issues")
    if hit is None:
        return {}
    at = next(index for index, element in enumerate(sequence) if element is hit)
    stacked = at > 0 and isinstance(sequence[at - 1], Hit)
    after = [piece for piece in sequence[at + 1 : at + 2] if isinstance(piece, Piece) and piece.is_nothing]
    return {"issues": after} if after and (after[0].beside is hit or not stacked) else {}


def _above(found: dict[str, list[Piece]], labels: dict[str, Hit], sequence: Sequence[Element]) -> None:
    """Give the paragraphs between one text and the next label to that label, where the heights say so.

    A label stands in the middle of its cell, so it is printed before its text only where it has more lines. The
    paragraphs are the next label's if that one's text is the taller and the earlier label has text enough.
    """
    place = {id(element): at for at, element in enumerate(sequence)}
    for first, second in pairwise(key for key in labels if key in _TEXTS):
        if first not in found or second not in found:
            continue
        own, answer = found[first][0], found[second][0]
        start, end = place[id(own)] + 1, place[id(labels[second])]
        between = [element for element in sequence[start:end] if isinstance(element, Piece)]
        after = list(takewhile(lambda one: isinstance(one, Piece) and _goes_on(one), sequence[end + 1 :]))
        if not between or len(between) != end - start or place[id(labels[first])] > start:
            continue
        fits = all(piece is answer or _goes_on(piece) for piece in between) and answer in (*between, *after[:1])
        if fits and _height(own) >= _height(labels[first]) and sum(map(_height, after)) > _height(labels[second]):
            found[second] = [*between, *(piece for piece in after if isinstance(piece, Piece))]


def _height(element: Element) -> int:
    """In lines."""
    return len({span.line.number for span in element.spans})


def _join(found: dict[str, list[Piece]], labels: dict[str, Hit], sequence: Sequence[Element]) -> set[str]:
    """Give every paragraph left over to the text that stands right before it, else right after it.

    Where the next label's text follows, the paragraphs before that label may be its own, since the extractor
    sorts a label in the middle of its cell: both labels are returned, as not settled.
    """
    owner = {id(piece): key for key, pieces in found.items() for piece in pieces}
    owner |= {id(hit): key for key, hit in labels.items()}
    weak: set[str] = set()
    for steps, at in ((sequence, "after"), (sequence[::-1], "before")):
        current: str | None = None
        joined = False
        for element in steps:
            if id(element) in owner:
                key = owner[id(element)]
                if joined and current is not None and key != current and key in _TEXTS and key in found:
                    weak |= {current, key}
                current, joined = key, False
                if current not in _TEXTS or current not in found or found[current][0].is_nothing:
                    current = None
            elif current is not None and isinstance(element, Piece) and _goes_on(element):
                pieces = found[current]
                pieces.insert(len(pieces) if at == "after" or is_footnote(element) else 0, element)
                owner[id(element)] = current
                joined = True
            else:
                current = None
    return weak


def _goes_on(piece: Piece) -> bool:
    """Whether a piece may be a paragraph of a longer text."""
    notes = bool(_NOTE.search(piece.folded) or re.match("[①-⑳]", piece.text)) and not URL.match(piece.folded)
    item = len(piece.spans) > 1 and bool(_ITEM.match(piece.text))
    return (_is_text(piece) or notes or item) and not is_reason(piece)


# -- into the tables
def _put(reading: Reading, key: str, pieces: Sequence[Piece], certainty: str) -> None:
    for piece in pieces:
        piece.take()
    if key in ("policy", "measure"):
        return
    text, ref = "\n".join(_text(key, piece) for piece in pieces), "; ".join(piece.ref for piece in pieces)
    if key == "years":  # start and end in one cell
        for part, found in zip(("start_year", "end_year"), re.split(r"[~～〜－-]", text), strict=False):
            header_text(reading.draft, part, found, ref, certainty)
        return
    header_text(reading.draft, key, text, ref, certainty)


def _text(key: str, piece: Piece) -> str:
    if key.endswith("url"):
        return "".join(piece.lines)
    if key in ("legal_basis", "plans", "division"):
        return "\n".join(_entries(piece.lines, key))
    return piece.joined if key not in ("responsible", "accounts") else piece.text


def _entries(lines: Sequence[str], key: str) -> list[str]:
    """Lines joined to entries: one that ends as an entry may end is followed by the next one."""
    ends = "課室部局付官当所)）プムー門" if key == "division" else "）)」』条項号法令等画針略ンプ綱領知策決定書ー・"
    entries: list[str] = []
    for line in lines:
        if entries and (entries[-1][-1] not in ends or entries[-1].count("「") > entries[-1].count("」")):
            entries[-1] += line
        else:
            entries.append(line)
    return entries


def _policies(reading: Reading, found: dict[str, list[Piece]]) -> None:
    name, detail = (found[key][0] if key in found else None for key in ("policy", "measure"))
    values = [None if piece is None or piece.is_nothing else piece.joined for piece in (name, detail)]
    if any(values):
        ref = next(piece.ref for piece in (name, detail) if piece is not None)
        url = reading.draft.sheet().get("policy_url")
        reading.draft.add("policies", kind="policy", name=values[0], detail=values[1], url=url, ref=ref)
