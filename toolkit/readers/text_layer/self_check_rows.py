"""Questions, marks and remarks of the ○△× table, brought back together from their printed order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from toolkit.form.vocabulary import CHECK_MARK
from toolkit.readers.text_layer.sequence import Piece

__all__ = ["Row", "is_mark", "is_question", "rows"]

_QUESTION = re.compile(r"[るいなのはた業当的]か(?:。(?:\([^()]*(?:\)|$))?)?$")


@dataclass(eq=False, slots=True)
class Row:
    """One question of the form with what stands beside it; a dash stands for nothing."""

    question: Piece
    mark: Piece | None = None
    text: Piece | None = None
    certainty: str = "stated"

    @property
    def is_told(self) -> bool:
        """Whether it has a mark that may be explained."""
        return self.mark is not None and not self.mark.is_nothing


def is_question(folded: str) -> bool:
    """Whether a text is one of the questions the form asks."""
    return bool(_QUESTION.search(folded))


def is_mark(piece: Piece) -> bool:
    return bool(CHECK_MARK.fullmatch(piece.folded))


def rows(pieces: Sequence[Piece]) -> tuple[list[Row], list[Piece]]:
    """The rows of the table, and the remarks whose row the order leaves open."""
    table = [Row(piece) for piece in pieces if is_question(piece.folded)]
    if not table:
        return [], []
    places = [at for at, piece in enumerate(pieces) if is_question(piece.folded)]
    after = list(pieces[places[-1] + 1 :])
    torn = places[-1] - places[0] == len(places) - 1 and len(after) >= len(table) > 1
    left = _columns(table, after) if torn else None
    if left is None:
        left = _in_turn(table, pieces[places[0] :])
    told = [row for row in table if row.is_told and row.text is None]
    if left and len(told) == len(left):
        for row, piece in zip(told, left, strict=True):
            row.text, row.certainty = piece, "unsettled"
        left = []
    return table, left


def _columns(table: Sequence[Row], pieces: Sequence[Piece]) -> list[Piece] | None:
    """All questions, then the column of marks and that of remarks, in either order; None if they are not so."""
    count = len(table)
    if all(is_mark(piece) for piece in pieces[:count]):
        marks, others = pieces[:count], pieces[count:]
    elif all(is_mark(piece) for piece in pieces[-count:]):
        marks, others = pieces[-count:], pieces[:-count]
    else:
        return None
    for row, piece in zip(table, marks, strict=True):
        row.mark = piece
    if len(others) == count:
        for row, piece in zip(table, others, strict=True):
            row.text = piece
        return []
    return _remarks(others)


def _remarks(pieces: Sequence[Piece], keep: Sequence[Piece] = ()) -> list[Piece]:
    """Without dashes (and other marks than those to ``keep``), which are read as nothing."""
    for piece in pieces:
        if is_mark(piece) and piece not in keep:
            piece.take()
    return [piece for piece in pieces if not is_mark(piece) or piece in keep]


def _in_turn(table: Sequence[Row], pieces: Sequence[Piece]) -> list[Piece]:
    """Each question with its mark and remark beside or soon after it: questions, then what answers them, and again."""
    by_question = {id(row.question): row for row in table}
    waiting: list[Row] = []
    left: list[Piece] = []
    at = 0
    while at < len(pieces):
        asked = list(takewhile(lambda one: id(one) in by_question, pieces[at:]))
        waiting += [by_question[id(piece)] for piece in asked]
        answers = list(takewhile(lambda one: id(one) not in by_question, pieces[at + len(asked) :]))
        at += len(asked) + len(answers)
        done = _answer(waiting, answers, left)
        if done and waiting and at < len(pieces):  # one of them has no mark here; which one, the order does not say
            for row in (*done, *waiting):
                row.certainty = "unsettled"
            waiting.clear()
    return left


def _answer(waiting: list[Row], answers: Sequence[Piece], left: list[Piece]) -> list[Row]:
    """Marks and remarks up to the next question; returns the rows that got a mark, adds to ``left`` what got no row."""
    told = [piece for piece in answers if is_mark(piece) and not piece.is_nothing]
    if len(told) == len(waiting) < sum(is_mark(piece) for piece in answers):
        answers = _remarks(answers, keep=told)  # the dashes stand for remarks
    done: list[Row] = []
    marked: list[Row] = []
    at = 0
    while at < len(answers):
        kind = is_mark(answers[at])
        run = list(
            answers[
                at : next((place for place in range(at, len(answers)) if is_mark(answers[place]) != kind), len(answers))
            ]
        )
        if kind:
            marked = _marks(waiting, run)
            done += marked
        else:
            left += _texts(marked, run)
            marked = []
        at += len(run)
    return done


def _marks(waiting: list[Row], run: Sequence[Piece]) -> list[Row]:
    """Marks in a row for the questions that wait for one; returns the rows that got theirs, in order."""
    result: list[Row] = []
    rest: list[Piece] = []
    for piece in run:
        line = piece.spans[0].line
        same = next((row for row in waiting if row.question.spans[-1].line is line), None)
        if same is None:
            rest.append(piece)
        else:
            same.mark = piece
            waiting.remove(same)
            result.append(same)
    told = [piece for piece in rest if not piece.is_nothing]
    certainty = "stated"
    if len(rest) > len(waiting) > 0:  # dashes of the remarks among them
        chosen = told if len(told) == len(waiting) else rest[: len(waiting)]
        certainty = "stated" if chosen is told else "unsettled"
    else:
        chosen = rest[: len(waiting)]
    for row, piece in zip(list(waiting), chosen, strict=False):
        row.mark, row.certainty = piece, certainty
        waiting.remove(row)
        result.append(row)
    for piece in rest:
        if piece not in chosen and piece.is_nothing:
            piece.take()
    return result


def _texts(marked: Sequence[Row], run: Sequence[Piece]) -> list[Piece]:
    """Remarks after marks: the one beside its mark, or as many as there are marks; the others are given back."""
    line = run[0].spans[0].line
    same = next((row for row in marked if row.mark is not None and row.mark.spans[0].line is line), None)
    if same is not None:
        same.text = run[0]
        return list(run[1:])
    told = [row for row in marked if row.is_told and row.text is None]
    if len(told) != len(run):
        return list(run)
    for row, piece in zip(told, run, strict=True):
        row.text = piece
    return []
