"""The prose of the picture 資金の流れ: what each block does with its money, and the names inside its box."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.readers.text_layer.flow_cells import PAYEE, Block, Cell, Known
from toolkit.text import fold, unwrap

__all__ = ["hand_out_prose", "label_and_name", "ministry_prose"]


@dataclass(slots=True)
class _Paragraph:
    """Prose for one block, put together from the cells of its lines."""

    cells: list[Cell]

    @property
    def text(self) -> str:
        joined = unwrap([cell.text for cell in self.cells])
        return joined[1:-1] if re.fullmatch(r"〔[^〔〕]*〕", joined) else joined

    @property
    def done(self) -> bool:
        return self.cells[-1].text.endswith(("。", "〕", ")", "）"))


def _paragraphs(cells: Sequence[Cell], columns: int) -> list[_Paragraph]:
    """Prose below a row of boxes: one text after the other, or line by line over all columns."""
    found: list[_Paragraph] = []
    for cell in cells:
        if found and not found[-1].done:
            found[-1].cells.append(cell)
        else:
            found.append(_Paragraph([cell]))
    if columns < 2 or len(found) == columns or len(cells) < columns:
        return found
    found = [_Paragraph([cell]) for cell in cells[:columns]]
    longest = max(len(paragraph.text) for paragraph in found)
    unfinished = [paragraph for paragraph in found if not paragraph.done and len(paragraph.text) > 0.8 * longest]
    for number, cell in enumerate(cells[columns:]):
        if unfinished:
            unfinished[number % len(unfinished)].cells.append(cell)
        else:
            found.append(_Paragraph([cell]))
    return found


def ministry_prose(prose: Sequence[list[Cell]], blocks: int) -> tuple[list[str], list[list[Cell]]]:
    """Boxes one below the other, and one text more than there are boxes, printed late: the first text is what stands
    beside the ministry's box, and each box has the next. Gives that text and the rest, group by group."""
    texts = [paragraph for cells in prose for paragraph in _paragraphs(cells, 1)]
    if blocks < 2 or len(texts) != blocks + 1 or len(_paragraphs(prose[-1], 1)) < 2:
        return [], list(prose)
    first, *others = texts
    for cell in first.cells:
        cell.take()
    groups = [[cell for paragraph in others for cell in paragraph.cells]]
    return [first.text], [[] for _ in prose[:-1]] + groups


def hand_out_prose(cells: Sequence[Cell], blocks: Sequence[Block], earlier: Sequence[Block]) -> None:
    """Prose goes to each block in order, or to the block whose words it repeats; what neither tells is left over."""
    paragraphs = _paragraphs(cells, len(blocks))
    if len(paragraphs) > len(blocks) and len(earlier) + len(blocks) >= len(paragraphs):
        blocks = [*earlier, *blocks][-len(paragraphs) :]
    for number, paragraph in enumerate(paragraphs):
        if len(paragraphs) == len(blocks):
            block = blocks[number]
        else:
            shared = [_shared(paragraph.text, " ".join([one.head, *one.texts])) for one in blocks]
            if not shared or max(shared) < 5 or shared.count(max(shared)) > 1:
                continue
            block = blocks[shared.index(max(shared))]
        block.roles.append(paragraph.text)
        for cell in paragraph.cells:
            cell.take()


def _shared(one: str, other: str) -> int:
    """Length of the longest beginning of ``one`` that ``other`` contains."""
    first, second = re.sub("^[〔(]", "", fold(one)), fold(other)
    length = 0
    while length < len(first) and first[: length + 1] in second:
        length += 1
    return length


def label_and_name(block: Block, known: Known | None) -> tuple[str | None, str | None]:
    """The name of the block and whom it goes to, from the heading and the lines below it.

    Sheets print either first; names of recipients and words like 民間企業等 tell which is which.
    """
    parts = [part for part in (block.head, *block.texts) if part.strip(" \u3000")]
    names = {fold(name) for name in (known.names if known else ())}
    if len(parts) < 2:
        return (parts[0] if parts else None), None
    first = fold(parts[0]) in names or (_is_payee(parts[0], names) and not _is_payee(parts[-1], names))
    if first and fold(parts[-1]) not in names:
        return unwrap(parts[1:]), parts[0]
    start = len(parts) - 1
    while start > 1 and (PAYEE.fullmatch(fold(parts[start - 1])) or fold("".join(parts[start - 1 :])) in names):
        start -= 1
    return unwrap(parts[:start]), "\n".join(parts[start:])


def _is_payee(text: str, names: set[str]) -> bool:
    return fold(text) in names or PAYEE.fullmatch(fold(text)) is not None
