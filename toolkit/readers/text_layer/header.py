"""The head of the form: title, names, years, law, policy, purpose and overview.

Labels and values are printed torn apart. The short cells are told by what they may hold and by their place; the
long texts (purpose, situation, overview) by their place and the order of the form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from toolkit.form.cell_prose import header_text
from toolkit.readers.text_layer.document import Box
from toolkit.readers.text_layer.header_shapes import SHAPES, is_cell, is_noise, is_prose, split_people, text_shape
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.sequence import NEVER, Element, Piece, assign, elements, nearness
from toolkit.readers.text_layer.title import head

__all__ = ["read"]

_TEXTS = ("purpose", "issues", "overview")
_HEAD = (*SHAPES, *_TEXTS, "project_number")
#: a pair scores at least this: a shape of its own, or a place right beside the label
_LEAST = 4.0


def read(reading: Reading) -> None:
    boxes = head(reading)
    labels = _labels(reading, boxes)
    sequence = _sequence(reading, boxes)
    short = {key: hit for key, hit in labels.items() if key in SHAPES}
    found = _match(short, sequence, lambda key, piece: SHAPES[key](piece))
    found = {key: [piece] for key, piece in found.items()}
    taken = {id(piece) for pieces in found.values() for piece in pieces}
    rest = [element for element in sequence if id(element) not in taken]
    found |= _texts({key: hit for key, hit in labels.items() if key in _TEXTS}, rest, sequence)
    for key, pieces in found.items():
        _put(reading, key, pieces)
    _policies(reading, found)


def _labels(reading: Reading, boxes: Sequence[Box]) -> dict[str, Hit]:
    inside = {box.index for box in boxes}
    labels: dict[str, Hit] = {}
    for hit in reading.hits:
        if hit.box.index in inside and hit.key in _HEAD:
            labels.setdefault(hit.key, hit)
    return labels


def _sequence(reading: Reading, boxes: Sequence[Box]) -> list[Element]:
    found = elements(boxes, reading.hits, cuts=is_cell)
    result: list[Element] = []
    for element in found:
        if isinstance(element, Piece):
            if not is_noise(element.folded):
                result += split_people(element)
        else:
            result.append(element)
    return result


def _match(labels: dict[str, Hit], sequence: Sequence[Element], shape: Callable[[str, Piece], float]) -> dict[str, Piece]:
    """The piece of each label, as far as shape and place tell."""
    pieces = [element for element in sequence if isinstance(element, Piece)]
    near = nearness(sequence)
    scores = []
    for key, hit in labels.items():
        row = []
        for piece in pieces:
            form = shape(key, piece)
            row.append(form if form == NEVER else form + near(hit, piece))
        scores.append(row)
    chosen = assign(scores, _LEAST)
    return {key: pieces[column] for key, column in zip(labels, chosen, strict=True) if column is not None}


# -- the long texts
def _texts(labels: dict[str, Hit], rest: Sequence[Element], sequence: Sequence[Element]) -> dict[str, list[Piece]]:
    """Purpose, situation and overview; paragraphs set apart by an empty line are pieces of one text."""
    found = _nothing(labels, rest)
    open_labels = {key: hit for key, hit in labels.items() if key not in found}
    prose = [
        element for element in rest
        if (is_prose(element) and not element.is_nothing if isinstance(element, Piece) else element in open_labels.values())
    ]  # fmt: skip
    ranks = {id(piece): rank for rank, piece in enumerate(element for element in prose if isinstance(element, Piece))}
    order = {key: rank for rank, key in enumerate(key for key in _TEXTS if key in open_labels)}
    found |= {
        key: [piece]
        for key, piece in _match(
            open_labels, prose, lambda key, piece: 4.0 + text_shape(piece) - 0.4 * abs(ranks[id(piece)] - order[key])
        ).items()
    }
    owner: dict[int, str] = {id(piece): key for key, pieces in found.items() for piece in pieces}
    owner |= {id(hit): key for key, hit in labels.items()}
    _join(found, owner, [element for element in sequence if id(element) in owner or element in rest])
    return found


def _nothing(labels: dict[str, Hit], rest: Sequence[Element]) -> dict[str, list[Piece]]:
    """A dash right after 現状・課題 that no text follows: nothing to say."""
    for hit, piece, after in zip(rest, rest[1:], [*rest[2:], None], strict=False):
        alone = not isinstance(after, Piece) or not is_prose(after) or "overview" in labels
        if hit is labels.get("issues") and isinstance(piece, Piece) and piece.is_nothing and alone:
            return {"issues": [piece]}
    return {}


def _join(found: dict[str, list[Piece]], owner: dict[int, str], sequence: Sequence[Element]) -> None:
    """Give every paragraph left over to the text that stands right before it, else right after it."""
    for steps, at in ((sequence, "after"), (sequence[::-1], "before")):
        current: str | None = None
        for element in steps:
            if id(element) in owner:
                current = owner[id(element)]
                if isinstance(element, Piece) and element.is_nothing or current not in found or found[current][0].is_nothing:
                    current = None
            elif isinstance(element, Piece) and current is not None and not element.is_nothing:
                pieces = found[current]
                pieces.insert(len(pieces) if at == "after" else 0, element)
                owner[id(element)] = current
            else:
                current = None


# -- into the tables
def _put(reading: Reading, key: str, pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        piece.take()
    if key in ("policy", "measure"):
        return
    texts = [_text(key, piece) for piece in pieces]
    header_text(reading.draft, key, "\n".join(texts), "; ".join(piece.ref for piece in pieces))


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
        if entries and entries[-1][-1] not in ends:
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
