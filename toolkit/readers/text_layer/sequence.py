"""A part of the document as one printed sequence of labels and open texts, and the best match of one to the other.

The prose readers see a page as labels (already found) and *pieces*: stretches of text that nobody has understood
yet. Which piece answers which label is an assignment problem: the shape of a text, its place beside, after or
before a label, and the order of the form all count; ``assign`` finds the assignment of the highest total.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from toolkit.readers.text_layer.document import OPEN, Box, Line, Span
from toolkit.readers.text_layer.reading import Hit, Labels
from toolkit.text import NOTHING, fold_text, unwrap

__all__ = ["NEVER", "Element", "Piece", "assign", "elements", "nearness"]

#: the score of a pair that cannot be
NEVER = -1000.0
#: a wrapped line fills at least this share of its box
_FULL = 0.8


class _Widths(dict[str, int]):
    """Columns that a character takes in print: two for a full one."""

    def __missing__(self, char: str) -> int:
        self[char] = 2 if unicodedata.east_asian_width(char) in "FWA" else 1
        return self[char]


_WIDTHS = _Widths()
_WORD = re.compile("[^ ]+")


@dataclass(eq=False, slots=True, init=False)
class Piece:
    """Open text of one cell, as far as the text layer shows: lines of one box that follow each other."""

    spans: list[Span]
    box: int
    #: the label that stands right before it on its own line
    beside: Hit | None
    folded: str

    def __init__(self, spans: list[Span], box: int, beside: Hit | None = None, folded: str = "") -> None:
        self.spans, self.box, self.beside = spans, box, beside
        self.folded = folded or fold_text(spans[0].text if len(spans) == 1 else self.text)

    @property
    def text(self) -> str:
        return "\n".join([span.text.strip(" \u3000") for span in self.spans])

    @property
    def lines(self) -> list[str]:
        return [span.text.strip(" \u3000") for span in self.spans]

    @property
    def joined(self) -> str:
        """Its text without the breaks of lines that were full; a line that ends early ends a paragraph."""
        lines = self.lines
        if len(lines) == 1:
            return unwrap(lines)
        widths = [sum(map(_WIDTHS.__getitem__, line)) for line in lines]
        paragraphs: list[list[str]] = [[]]
        for line, width in zip(lines, widths, strict=True):
            paragraphs[-1].append(line)
            if width < _FULL * max(widths):
                paragraphs.append([])
        return "\n".join(unwrap(paragraph) for paragraph in paragraphs if paragraph)

    @property
    def ref(self) -> str:
        first, last = self.spans[0].line, self.spans[-1].line
        return first.ref if first is last else f"page {first.page} lines {first.number}-{last.number}"

    @property
    def is_nothing(self) -> bool:
        return self.folded in NOTHING

    @property
    def is_open(self) -> bool:
        return all(span.is_open for span in self.spans)

    def take(self) -> Piece:
        for span in self.spans:
            span.take()
        return self

    def label(self) -> Piece:
        for span in self.spans:
            span.label()
        return self


Element = Hit | Piece


def elements(
    boxes: Iterable[Box], labels: Labels, *, cuts: Callable[[str], object] = lambda folded: False
) -> list[Element]:
    """The labels and open texts of ``boxes`` in printed order.

    Lines of a box that are open from end to end make one piece; where ``cuts`` knows the folded text of a line, or
    of a token at a space, as the whole of a cell, it is a piece of its own.
    """
    result: list[Element] = []
    for box in boxes:
        above: Piece | None = None  # the piece that the next line may continue
        for line in box.lines:
            marks = line.marks
            free = marks.count(0)
            if line.number in labels:
                result += _labelled(line, labels[line.number], cuts)
            elif free == len(marks):
                cells, is_one = _cells(line.text, 0, free, cuts)
                if is_one:
                    start, end, folded = cells[0]
                    if above is None:
                        above = Piece([Span(line, start, end)], box.index, None, folded)
                        result.append(above)
                    else:
                        above.spans.append(Span(line, start, end))
                        above.folded += folded
                    continue
                result += [Piece([Span(line, start, end)], box.index, None, folded) for start, end, folded in cells]
            elif free:
                result += [
                    Piece([Span(line, start, end)], box.index, None, folded)
                    for stretch in OPEN.finditer(marks)
                    for start, end, folded in _cells(line.text, *stretch.span(), cuts)[0]
                ]
            above = None
    return result


def _labelled(line: Line, labels: Sequence[tuple[int, int, Hit]], cuts: Callable[[str], object]) -> Sequence[Element]:
    """Labels and pieces of one line, from left to right."""
    found: list[tuple[int, Element]] = [(start, hit) for start, place, hit in labels if place == 0]
    beside = {start: hit for start, _, hit in labels} if 0 in line.marks else {}
    for stretch in OPEN.finditer(line.marks) if beside else ():
        for start, end, folded in _cells(line.text, *stretch.span(), cuts)[0]:
            before = max([at for at in beside if at < start], default=-1)
            hit = beside.get(before)
            if hit is not None and any(before < at < start for at, _ in found):
                hit = None  # another text stands between the label and this one
            found.append((start, Piece([Span(line, start, end)], line.box, hit, folded)))
    if len(found) > 1:
        found.sort(key=_start)
    return [element for _, element in found]


def _start(pair: tuple[int, Element]) -> int:
    return pair[0]


@lru_cache(maxsize=1024)
def _cells(
    text: str, start: int, end: int, cuts: Callable[[str], object]
) -> tuple[tuple[tuple[int, int, str], ...], bool]:
    """An open stretch, without the white space around it, cut at spaces where ``cuts`` knows a cell; each cell folded.

    Also whether it is one cell that ``cuts`` does not know, so that the lines around it may be of the same cell.

    Remembered because title and head ask for the same lines, before and after the tables between them are read.
    """
    result: list[tuple[int, int, str]] = []
    run, words, last = -1, "", start
    for token in _WORD.finditer(text, start, end):
        a, b = token.span()
        folded = fold_text(text[a:b])
        if not folded:
            continue
        if cuts(folded):
            if words:
                result.append((run, last, words))
                words = ""
            result.append((a, b, folded))
        else:
            if not words:
                run = a
            words += folded
        last = b
    if words:
        result.append((run, last, words))
    return tuple(result), len(result) == 1 and not cuts(result[0][2])


def nearness(
    sequence: Sequence[Element],
    *,
    heading: Callable[[Hit], bool] = lambda hit: False,
    in_order: float = 5.0,
    crowd: float = 0.0,
) -> Callable[[Hit, Piece], float]:
    """How well the place of a piece fits a label, from 0 (far off) to 10 (right beside it).

    A run of labels followed by as many texts is read in order (what that is worth, ``in_order`` says); otherwise the
    text next to a label fits best, less so by ``crowd`` for every other label that stands with it. The texts of a
    ``heading`` that spans the page may also stand right before it, because the extractor sorts a centred heading after
    what begins further to the left.
    """
    place = {id(element): index for index, element in enumerate(sequence)}
    scores: dict[tuple[int, int], float] = {}
    for labels, pieces in _runs(sequence):
        if len(pieces) >= len(labels) > 1:
            for hit, piece in zip(labels, pieces, strict=False):
                scores[id(hit), id(piece)] = in_order
        if labels and pieces and (len(pieces) < len(labels) or len(labels) == 1 or in_order < 5.0):
            same_box = pieces[0].box == labels[-1].box.index
            scores[id(labels[-1]), id(pieces[0])] = 7.0 if same_box else 6.0 - min(3.0, crowd * (len(labels) - 1))
    for pieces, labels in _runs(sequence, first=Piece):
        if len(pieces) >= len(labels) > 1 and (len(pieces) == len(labels) or in_order < 5.0):
            for hit, piece in zip(labels, pieces[-len(labels) :], strict=True):
                scores.setdefault((id(hit), id(piece)), 3.5)
        if pieces and labels and (len(labels) == 1 or len(pieces) != len(labels) or in_order < 5.0):
            after = 5.0 if heading(labels[0]) else 2.5 if len(labels) == 1 else 1.0
            scores[id(labels[0]), id(pieces[-1])] = max(after, scores.get((id(labels[0]), id(pieces[-1])), 0.0))

    def near(hit: Hit, piece: Piece) -> float:
        if piece.beside is hit:
            return 10.0
        known = scores.get((id(hit), id(piece)))
        if known is not None:
            return known
        at, of = place.get(id(piece)), place.get(id(hit))
        if at is None or of is None:
            return 0.0
        distance = at - of
        return max(0.0, 2.0 - 0.1 * distance) if distance > 0 else max(0.0, 1.0 + 0.1 * distance)

    return near


def _runs(sequence: Sequence[Element], first: type = Hit) -> list[tuple[list[Any], list[Any]]]:
    """Runs of labels, each with the run of texts after it; with ``first`` Piece, runs of texts and the labels after."""
    runs: list[tuple[list[Any], list[Any]]] = [([], [])]
    for element in sequence:
        if isinstance(element, first):
            if runs[-1][1]:
                runs.append(([], []))
            runs[-1][0].append(element)
        else:
            runs[-1][1].append(element)
    return runs


def assign(scores: Sequence[Sequence[float]], least: float) -> list[int | None]:
    """For every row the column it gets, so that the total of the scores is the highest; None below ``least``.

    ``scores`` has one row per slot and one column per piece; a pair that scores less than ``least`` is never made.
    The Hungarian method, with one spare column per row for "nothing".
    """
    result: list[int | None] = [None] * len(scores)
    usable: list[int] = []
    lone: set[int] = set()
    for column, values in enumerate(zip(*scores, strict=True)):
        best, *others = sorted(values)[:-3:-1]
        if best >= least:
            usable.append(column)
            if not others or others[0] < least:
                lone.add(column)  # one row alone can have it
    able: list[int] = []
    for place, wishes in enumerate(scores):
        best, *others = sorted(wishes)[:-3:-1] if usable else (NEVER,)
        if best < least:
            continue
        wanted = list(wishes).index(best)
        if wanted in lone and (not others or others[0] < best) and best > 0.0:  # the best for either
            result[place] = wanted
            usable.remove(wanted)
        else:
            able.append(place)
    columns, rows = len(usable), len(able)
    if not columns:
        return result
    # column 0 is where every search begins
    cost = [
        [0.0, *[-row[j] if row[j] >= least else -NEVER for j in usable], *[0.0] * rows]
        for row in map(scores.__getitem__, able)
    ]
    width = columns + rows + 1
    u, v, match = [0.0] * (rows + 1), [0.0] * width, [0] * width
    spare = columns + 1  # the first one that is free: the others are like it
    for row in range(1, rows + 1):
        match[0], column = row, 0
        low, way, left, tree = [float("inf")] * width, [0] * width, list(range(1, spare + 1)), []
        while match[column]:
            tree.append(column)
            current, delta, following = match[column], float("inf"), 0
            prices, own = cost[current - 1], u[current]
            for j in left:
                reduced, known = prices[j] - own - v[j], low[j]
                if reduced < known:
                    low[j] = known = reduced
                    way[j] = column
                if known < delta:
                    delta, following = known, j
            for j in tree:
                u[match[j]] += delta
                v[j] -= delta
            for j in left:
                low[j] -= delta
            left.remove(following)
            column = following
        while column:
            match[column] = match[way[column]]
            column = way[column]
        spare += match[spare] > 0
    for j in range(1, columns + 1):
        if match[j]:
            result[able[match[j] - 1]] = usable[j - 1]
    return result
