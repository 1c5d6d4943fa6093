"""Cut the part of the text layer that holds cost tables into fragments: what one printed line shows of one row.

A fragment is a run of cells of one row, left to right. Its cells are numbers, texts (an item or a use; which of the
two only the wording and the company tell), the word 計, or one of the table's own labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from toolkit.readers.text_layer.document import Box, Line, Span
from toolkit.readers.text_layer.reading import Hit
from toolkit.text import fold, parse_amount, unwrap

__all__ = ["LABEL_KINDS", "Cell", "Fragment", "fragments"]

#: one letter per kind of cell: number, text, the word 計, and the labels 費目, 使途, 金額
NUMBER, TEXT, TOTAL = "n", "x", "t"
LABEL_KINDS = {"cost_item": "I", "cost_use": "U", "cost_amount": "A"}

_AMOUNT = re.compile(r"[▲△-]?\d[\d,]*(?:\.\d+)?")
_ITEM = re.compile(
    r".{0,11}(?:費|料|税|金|額|手当|給与|賃|報酬|役務|委託|請負|補助|その他|調達|損料)(?:等|等費)?(?:[(・].{0,10})?"
)
_PLAIN_ITEM = re.compile(r"(?:直接|間接|一般|諸|再|外部|業務|雑|その他の?)?(?:人件|旅|事業|管理|雑役務|役務|委託|謝|補助|消耗品|"
                         r"印刷製本|業務|通信運搬|間接経|直接経|外注|物品|設備備品|備品|工事|調査|会議|その他|経|交付|賃|消費)(?:費|金|税|他|品)?")  # fmt: skip
_TORN = re.compile(r"金額|\(?百万円\)?|費目|使途")


@dataclass(slots=True)
class Cell:
    """One cell of a fragment; a wrapped text has a span per line."""

    kind: str
    spans: list[Span]
    amount: int | None = None
    #: how badly the text suits the columns 費目 and 使途
    as_item: float = 0.0
    as_use: float = 0.0

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

    def __post_init__(self) -> None:
        self.kinds = "".join(cell.kind for cell in self.cells)


def fragments(boxes: Iterable[Box], hits: Sequence[Hit], loose_after: int) -> list[Fragment]:
    """The fragments of these boxes in printed order; text after line ``loose_after`` may be something else."""
    labels: dict[int, list[tuple[int, str, Span]]] = {}
    for hit in hits:
        if hit.key in LABEL_KINDS:
            labels.setdefault(hit.line, []).append((hit.spans[0].start, LABEL_KINDS[hit.key], hit.spans[0]))
    result = []
    for box in boxes:
        result += _of_box(box, labels, loose_after)
    return result


def _of_box(box: Box, labels: dict[int, list[tuple[int, str, Span]]], loose_after: int) -> list[Fragment]:
    found: list[Fragment] = []
    for line in box.lines:
        cells = _cells(line, labels.get(line.number, []))
        if not cells:
            continue
        before = found[-1].cells[-1] if found else None
        if before is not None and _continues(before, cells, found[-1], box):
            before.spans.append(cells[0].spans[0])
            _weigh(before)
            found[-1].cells += cells[1:]
            found[-1] = Fragment(found[-1].cells, found[-1].line, found[-1].loose)
        else:
            found.append(Fragment(cells, line.number, line.number > loose_after))
    return found


def _continues(before: Cell, cells: list[Cell], fragment: Fragment, box: Box) -> bool:
    """Whether a line goes on with the text that filled the line before it, as wrapped cells do."""
    if before.kind != TEXT or cells[0].kind != TEXT or len(cells) > 2 or TOTAL in fragment.kinds:
        return False
    if len(cells) == 2 and cells[1].kind == TEXT:
        return False
    first, second = fold(before.spans[-1].text), fold(cells[0].text)
    if re.match(r"[)、。」・ー々っゃゅょ]", second):
        return True
    if before.as_item < 0.5 or len(first) < len(second) or len(first) < 8:
        return False
    return cells[0].as_item > 0.3 or len(first) > 12 or len(before.spans) > 1


def _cells(line: Line, labels: list[tuple[int, str, Span]]) -> list[Cell]:
    """The cells of one line: open stretches between spaces, and labels."""
    pieces = [(start, Cell(kind, [span])) for start, kind, span in labels]
    for token in re.finditer("[^ ]+", line.text):
        span = line.span(*token.span())
        folded = fold(span.text)
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
        elif folded not in ("○", "〇", "✓", "レ", "□", "☑"):
            pieces.append((span.start, _weigh(Cell(TEXT, [span]))))
    return _joined([cell for _, cell in sorted(pieces, key=lambda piece: piece[0])])


def _joined(cells: list[Cell]) -> list[Cell]:
    """More than two texts in a row are one use with spaces of its own (an item and its use need no third)."""
    result: list[Cell] = []
    for cell in cells:
        run = [one for one in result[-2:] if one.kind == TEXT]
        if cell.kind == TEXT and len(run) == 2:
            last = result[-1].spans[-1]
            result[-1].spans[-1] = last.line.span(last.start, cell.spans[0].end)
            _weigh(result[-1])
        else:
            result.append(cell)
    return result


def _weigh(cell: Cell) -> Cell:
    folded = fold("".join(span.text for span in cell.spans))
    if _PLAIN_ITEM.fullmatch(folded):
        cell.as_item, cell.as_use = 0.0, 0.5
    elif _ITEM.fullmatch(folded):
        cell.as_item, cell.as_use = 0.3, 0.2
    else:
        cell.as_item, cell.as_use = (0.9 if len(folded) <= 9 else 2.0), 0.0
    if folded == "-":
        cell.as_item = 3.0
    return cell
