"""Names of indicators and tables with values, matched as a whole: what a name counts tells more than its place."""

from __future__ import annotations

import re

from toolkit.readers.text_layer.indicators_shapes import Slot, Text, score
from toolkit.readers.text_layer.indicators_tables import Body
from toolkit.readers.text_layer.indicators_texts import GUESS, is_sentence
from toolkit.readers.text_layer.sequence import NEVER, assign
from toolkit.text import fold

__all__ = ["doubtful_names", "exchange_names", "match_names"]

_SHARED = 8  # characters that a name and the goal that it measures have in common by more than chance


def match_names(slots: list[Slot], texts: list[Text]) -> None:
    """Names and tables with values, where there are as many of the one as of the other, matched as a whole.

    What a name counts (整備箇所数, in 箇所), the headers before it and a goal right before it tell more than its place.
    """
    cells = [slot for slot in slots if slot.kind == "name" and slot.body is not None and slot.body.kind in _LEVELS]
    filled = [slot for slot in cells if slot.body is not None and slot.body.has_numbers]
    reasons = [slot for slot in slots if slot.kind in ("no_reason", "no_goal")]
    if not filled or any(len(slot.texts) > 1 for slot in cells):
        return
    taken = {id(piece) for slot in slots if slot not in reasons for piece in slot.texts}
    named = {id(piece) for slot in cells for piece in slot.texts}
    names = [(place, text) for place, text in enumerate(texts) if id(text.piece) in named
             or (id(text.piece) not in taken and score(cells[0], text, by_place=False) >= 1.3)]  # fmt: skip
    if len(names) != len(filled):
        return
    goals = [place > 0 and is_sentence(texts[place - 1].piece.folded) for place, _ in names]
    scores = [[_fit(slot, text, goal) - 0.15 * abs(i - j) for j, ((_, text), goal) in enumerate(zip(names, goals, strict=True))]
              for i, slot in enumerate(filled)]  # fmt: skip
    for slot in [*cells, *reasons]:
        slot.texts = [
            piece for piece in slot.texts if slot in reasons and piece not in [text.piece for _, text in names]
        ]
    for slot, row, found in zip(filled, scores, assign(scores, NEVER), strict=True):
        if found is not None:
            slot.texts, slot.points = [names[found][1].piece], min(3.0, row[found])


_LEVELS = ("output", "outcome")


def _fit(slot: Slot, text: Text, after_goal: bool) -> float:
    """How well a name suits a table: 3 and more where all speaks for it."""
    body, name = slot.body, text.piece.folded
    assert body is not None
    points = 2.0 + (0.8 if after_goal == (body.kind == "outcome") else 0.0) + _unit_points(body, name)
    if text.beside is not None:
        points += 3.0 if text.beside is body else -3.0
    headers = {_HEADERS[key] for _, key in text.tables if key in _HEADERS}
    return points + (0.0 if not headers else 0.6 if body.kind in headers else -0.6)


def _unit_points(body: Body, name: str) -> float:
    """Whether a name counts what the table's values are counted in."""
    unit = fold(body.unit)
    if unit == "数":  # which is in every other name
        return 0.0
    if unit == "%":
        return 0.6 if re.search("率|割合|比|シェア", name) else -0.6
    if not unit:
        return 0.0
    return -0.4 if re.search("率$|割合$", name) else 0.8 if unit in name else 0.0


def exchange_names(slots: list[Slot], beside: set[int]) -> None:
    """Two names each of which counts in the unit of the other's table change places, and are guesses then.

    Not those that stand on the line of a row (pieces ``beside``): they are where they belong.
    """
    named = [slot for slot in slots if slot.kind == "name" and len(slot.texts) == 1 and slot.body is not None]
    named = [slot for slot in named if slot.body is not None and slot.body.kind in _LEVELS and slot.body.has_numbers]
    for place, slot in enumerate(named):
        for other in named[:place]:
            if {id(slot.texts[0]), id(other.texts[0])} & beside or slot.points < GUESS or other.points < GUESS:
                continue
            gains = [
                _unit_points(one.body, two.texts[0].folded) - _unit_points(one.body, one.texts[0].folded)
                for one, two in ((slot, other), (other, slot))
                if one.body is not None
            ]
            if min(gains) > 0:
                slot.texts, other.texts = other.texts, slot.texts
                slot.points = other.points = GUESS - 0.1


_HEADERS = {"output_indicator": "output", "outcome_indicator": "outcome"}


def doubtful_names(slots: list[Slot], beside: set[int]) -> set[int]:
    """Tables with a name that takes its words from the goal of another table, whose own name does not; and those others."""
    found: set[int] = set()
    named = [slot for slot in slots if slot.kind == "name" and slot.texts and slot.body is not None]
    goals = {
        id(slot.body): "".join(piece.folded for piece in slot.texts)
        for slot in slots
        if slot.kind == "goal" and slot.texts
    }
    echoes = {id(slot): _echoes("".join(piece.folded for piece in slot.texts), goals) for slot in named}
    for slot in named:
        if id(slot.body) in echoes[id(slot)] or any(id(piece) in beside for piece in slot.texts):
            continue
        for other in named:
            if id(other.body) in echoes[id(slot)] and id(other.body) not in echoes[id(other)]:
                found |= {id(slot.body), id(other.body)}
    return found


def _echoes(name: str, goals: dict[int, str]) -> set[int]:
    """The tables whose goal has some of the words of a name."""
    parts = {name[at : at + _SHARED] for at in range(len(name) - _SHARED + 1)}
    return {body for body, goal in goals.items() if any(part in goal for part in parts)}
