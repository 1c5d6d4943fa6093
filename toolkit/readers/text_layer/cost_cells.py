"""Cut the part of the text layer that holds cost tables into fragments: what one printed line shows of one row.

A fragment is a run of cells of one row, left to right. Its cells are numbers, texts (an item or a use; which of the
two only the wording and the company tell), the word 計, the heading of a half table, or one of
the table's own labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter

from toolkit.readers.text_layer.document import Box, Line, Span
from toolkit.readers.text_layer.reading import Hit
from toolkit.text import fold, parse_amount, unwrap

__all__ = ["LABEL_KINDS", "TOTAL", "Cell", "Fragment", "fragments"]

#: one letter per kind of cell: number, text, the word 計, and the labels 費目, 使途, 金額
NUMBER, TEXT, TOTAL, HEADING = "n", "x", "t", "H"
LABEL_KINDS = {"cost_item": "I", "cost_use": "U", "cost_amount": "A"}

_AMOUNT = re.compile(r"[▲△-]?\d[\d,]*(?:\.\d+)?")
_ITEM_ENDING = re.compile(r"(?:費|料|税|金|額|賃|酬|手当|役務|委託|補助|その他|損料)[等用]?(?:\(.*\))?$")
#: characters that say nothing about what was bought
_COMMON = frozenset("費用等金料額業務事経のをにへで及び・、()0123456789")
_PARTICLE = re.compile("[のへ、をにで]")
#: how many times likelier (as a logarithm) a text is an item than a use, by its length; counted over the items and
#: uses of all projects of 2024 in the RS System, for texts that end like an item or not, with or without a particle
_LIKELIER = (
    (3, 2.9, 4.2, -0.8, -0.8),
    (5, 1.4, 1.9, -1.1, -1.5),
    (8, 0.3, -1.6, -2.3, -3.7),
    (12, -0.5, -3.4, -2.7, -4.4),
)
_LONG = (99, -0.7, -4.2, -3.6, -5.1)
#: columns of a half table that a kind of cell may stand in: item, use, amount
_COLUMN = {TEXT: (0, 1), NUMBER: (2,), TOTAL: (0,), "I": (0,), "U": (1,), "A": (2,)}
_TOKEN = re.compile("[^ ]+")
#: no cell begins like this
_NO_OPENING = re.compile("[)、。」・ー々っゃゅょ]")
_TORN = re.compile(r"金額|\(?百万円\)?|費目|使途")


@dataclass(slots=True)
class Cell:
    """One cell of a fragment; a wrapped text has a span per line."""

    kind: str
    spans: list[Span]
    amount: int | None = None
    #: the half table a heading stands over
    half: int = 0
    #: how badly the text suits the columns 費目 and 使途
    as_item: float = 0.0
    as_use: float = 0.0
    #: the telling characters of a text
    chars: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        return unwrap([span.text for span in self.spans])


@dataclass(slots=True)
class Fragment:
    """Cells that stand side by side in one row. ``line`` is its number in the file, ``loose`` text found in a doubtful place."""

    cells: list[Cell]
    line: int
    loose: bool = False
    kinds: str = field(init=False)
    _ways: list[tuple[tuple[int, ...], float, tuple[int, ...]]] = field(init=False, default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.kinds = "".join([cell.kind for cell in self.cells])

    def ways(self) -> list[tuple[tuple[int, ...], float, tuple[int, ...]]]:
        """Columns for its cells (0 to 5 over both halves of a table) with their price and the sides of its numbers, the
        cheapest first."""
        if not self._ways:
            texts = [(at, cell) for at, cell in enumerate(self.cells) if cell.kind == TEXT]
            for columns, gap, sides in _columns(self.kinds):
                fit = 0.0
                for at, cell in texts:
                    fit += cell.as_use if columns[at] % 3 else cell.as_item
                self._ways.append((columns, gap + fit, sides))
            self._ways.sort(key=_price)
        return self._ways


_place, _price = itemgetter(0), itemgetter(1)


@lru_cache(maxsize=1024)
def _columns(kinds: str) -> tuple[tuple[tuple[int, ...], float, tuple[int, ...]], ...]:
    """Ways to lay the cells of a fragment over the six columns of a table, left to right, their price, and the sides
    of the numbers."""
    ways: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    for kind in kinds:
        ways = [
            ((*columns, column), cost + _gap(kinds, columns, column))
            for columns, cost in ways
            for half in (0, 3)
            for column in (half + c for c in _COLUMN[kind])
            if not columns or column > columns[-1]
        ]
    return tuple(
        [
            (columns, cost, tuple([c // 3 for c, kind in zip(columns, kinds, strict=True) if kind == NUMBER]))
            for columns, cost in sorted(ways, key=_price)
        ]
    )


def _gap(kinds: str, columns: tuple[int, ...], column: int) -> float:
    """Neighbours on a line are neighbours in the row; the row of 計 has no use."""
    if not columns:
        return 0.0
    skipped = column - columns[-1] - 1
    if "t" in kinds and skipped and columns[-1] in (0, 3):
        skipped -= 1
    return 0.7 * skipped


def fragments(
    boxes: Iterable[Box], hits: Sequence[Hit], headings: Sequence[Span], sure: tuple[int, int]
) -> list[Fragment]:
    """The fragments of these boxes in printed order.

    ``headings`` are those of the half tables, in the order of the tables. Text outside the lines ``sure`` (first and
    last) may belong to something else.
    """
    marks: dict[int, list[Cell]] = {}
    for hit in hits:
        if hit.key in LABEL_KINDS:
            marks.setdefault(hit.line, []).append(Cell(LABEL_KINDS[hit.key], [hit.spans[0]]))
    for half, span in enumerate(headings):
        marks.setdefault(span.line.number, []).append(Cell(HEADING, [span], half=half))
    result = []
    for box in boxes:
        result += _of_box(box, marks, sure)
    texts = [cell for fragment in result for cell in fragment.cells if cell.kind == TEXT]
    words = [cell.text for cell in texts]
    for before, word, after in zip(words, words[1:], texts[1:], strict=False):
        if before == word:  # 一般管理費 一般管理費: the use only repeats the item
            after.as_item, after.as_use = 1.0, 0.0
    return result


def _of_box(box: Box, marks: dict[int, list[Cell]], sure: tuple[int, int]) -> list[Fragment]:
    found: list[Fragment] = []
    for line in box.lines:
        own = marks.get(line.number, [])
        cells = _cells(line, own)
        if own:
            found += [Fragment([cell], line.number) for cell in cells if cell.kind == HEADING]
            cells = [cell for cell in cells if cell.kind != HEADING]
        if not cells:
            continue
        before = found[-1].cells[-1] if found else None
        if before is not None and _continues(before, cells, found[-1], box):
            before.spans.append(cells[0].spans[0])
            _weigh(before)
            found[-1].cells += cells[1:]
            found[-1] = Fragment(found[-1].cells, found[-1].line, found[-1].loose)
        else:
            found.append(Fragment(cells, line.number, not sure[0] <= line.number <= sure[1]))
    return found


def _continues(before: Cell, cells: list[Cell], fragment: Fragment, box: Box) -> bool:
    """Whether a line goes on with the text that filled the line before it, as wrapped cells do."""
    if before.kind != TEXT or cells[0].kind != TEXT or len(cells) > 2 or TOTAL in fragment.kinds:
        return False
    if len(cells) == 2 and cells[1].kind == TEXT:
        return False
    first, second = fold(before.spans[-1].text), fold(cells[0].text)
    if _NO_OPENING.match(second) or (len(second) < 3 and _ITEM_ENDING.search(second)):
        return True  # nor is a cell no more than 費
    if before.as_item < 0.5 or len(first) < len(second) or len(first) < 8:
        return False
    return cells[0].as_item > 0.3 or len(first) > 12 or len(before.spans) > 1


def _cells(line: Line, marks: list[Cell]) -> list[Cell]:
    """The cells of one line: open stretches between spaces, labels and headings."""
    pieces = [(cell.spans[0].start, cell) for cell in marks]
    for token in _TOKEN.finditer(line.text) if 0 in line.marks else ():
        span = line.span(*token.span())
        folded = fold(token.group())
        if not span.is_open or not folded:
            continue
        if _TORN.fullmatch(folded):
            span.label()
            kind = {"金額": "A", "費目": "I", "使途": "U"}.get(folded)
            if kind:
                pieces.append((span.start, Cell(kind, [span])))
        elif folded in ("計", "合計"):
            pieces.append((span.start, Cell(TOTAL, [span])))
        elif _AMOUNT.fullmatch(folded) and parse_amount(folded) is not None:
            pieces.append((span.start, Cell(NUMBER, [span], parse_amount(folded))))
        elif folded in "○〇✓レ□☑":  # the tick behind チェック
            span.label()
        else:
            pieces.append((span.start, _weigh(Cell(TEXT, [span]))))
    if marks:
        pieces.sort(key=_place)
    return [cell for _, cell in pieces]


def _weigh(cell: Cell) -> Cell:
    cell.as_item, cell.as_use, cell.chars = _weights(fold("".join([span.text for span in cell.spans])))
    return cell


@lru_cache(maxsize=4096)
def _weights(folded: str) -> tuple[float, float, frozenset[str]]:
    """How badly a text suits the columns 費目 and 使途, and its telling characters."""
    classes = next((row for row in _LIKELIER if len(folded) <= row[0]), _LONG)
    likelier = classes[1 + bool(_PARTICLE.search(folded)) + 2 * (not _ITEM_ENDING.search(folded))]
    as_item, as_use = max(0.0, -0.4 * likelier), max(0.0, 0.4 * likelier)
    if folded == "-":
        as_item, as_use = 3.0, 0.0
    elif folded.endswith("。"):  # a sentence belongs to the picture of the flow of funds
        as_use += 0.6
    return as_item, as_use, frozenset(folded) - _COMMON
