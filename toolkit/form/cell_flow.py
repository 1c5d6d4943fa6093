"""The flow picture over the cell model: boxes of typed cells or of a drawing, read by position."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from toolkit import text
from toolkit.form.cells import Cell, Cells
from toolkit.form.draft import Draft
from toolkit.form.flow_tree import MINISTRY, FlowNode, settle_parents

__all__ = ["read_flow"]

_HEADING = re.compile(r"[【(]?([A-Za-z]{1,2})[】).:](.*)")
_AMOUNT = re.compile(
    r"(?:[【(]?(?:全|計)?([\d,]+)(?:件|者|団体|機関|名|社|法人|箇所)[】)]?[::]?)?(?:約)?([▲△-]?[\d,]+(?:\.\d+)?)百万円(?:[【(]?(?:全|計)?([\d,]+)(?:件|者|団体|機関|名|社|法人|箇所)[】)]?)?"
)
_COUNT = re.compile(r"[【(](?:全|計)?([\d,]+)(?:件|者|団体|機関|名|社|法人|箇所)[】)]")
_OWN = re.compile(r"(?:うち|、)?([^、\d]*?)([\d,]+(?:\.\d+)?)百万円")
_TAG = re.compile(r"[↓→⇒↘↙]?\(?([A-Za-z]{1,2}|[^()]+?)(?:より|から)\)?")
_METHOD = re.compile(r"[【\[].*[】\]]")
_ARROW = re.compile(r"[↓→⇒↘↙←↑|│▼]+")


@dataclass(slots=True)
class _Box:
    """One node of the picture: a run of lines that stand under each other, opened by an arrow or a heading."""

    x0: float
    y0: float
    x1: float
    y1: float
    cells: list[Cell] = field(default_factory=list)
    by: str | None = None
    tag: str | None = None
    block: str | None = None
    heading: str | None = None
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    amount: int | None = None
    precision: int = 1_000_000
    count: int | None = None
    own: list[tuple[str, int]] = field(default_factory=list)


def read_flow(cells: Cells, review_year: int, draft: Draft) -> None:
    """Blocks, flows, the ministry's amount and its own costs."""
    label = cells.first("flow")
    if label is None:
        return
    end = min(
        (c.y0 for c in cells.labels("costs", "cost_item", "more_costs", "recipients") if c.y0 > label.y0),
        default=label.y1,
    )
    area = [
        c
        for c in cells
        if label.y0 <= c.middle[1] < max(end, label.y1 if not cells.first("costs") else end)
        and c.x0 >= label.x1 - 0.1
        and not c.label
    ]
    boxes = _boxes(list(_printed(area, label)))
    head = next((b for b in boxes if b.block is None and b.amount is not None), None)
    first: dict[str, _Box] = {}  # below the picture the cost items have the same headings again
    for box in boxes:
        if box.block is not None:
            first.setdefault(box.block, box)
    blocks = list(first.values())
    if head:
        draft.sheet(flow_amount_jpy=head.amount, ref=head.cells[0].ref)
        for item, amount in head.own:
            draft.add("ministry_costs", item=item or None, amount_jpy=amount, ref=head.cells[0].ref)
    for box in blocks:
        draft.put("blocks", (box.block,), name=box.heading, recipient_label="\n".join(box.lines) or None, recipient_count=box.count, amount_jpy=box.amount,
                  role="".join(box.notes) or None, precision_jpy=box.precision if box.amount is not None else None, ref=box.cells[0].ref)  # fmt: skip
    _follow_connectors(boxes)
    nodes = _nodes(blocks, head)
    own = sum(amount for _, amount in head.own) if head else 0
    parents = settle_parents(nodes, head.amount if head else None, head.precision if head else 1_000_000, own)
    for box in blocks:
        parent, certainty = parents[str(box.block)]
        draft.put("flows", (parent, box.block), by=box.by, ref=box.cells[0].ref, certainty=certainty)


def _printed(area: list[Cell], label: Cell) -> Iterator[Cell]:
    """The cells of the picture; where it was drawn without rules on a page, the lines of the one cell that holds it."""
    for cell in area:
        if cell.parts and cell.x0 <= label.x1 + 0.1 * (label.x1 - label.x0):
            cell.take()
            yield from cell.parts
        else:
            yield cell


def _boxes(area: list[Cell]) -> list[_Box]:
    """Cells gathered into boxes: a line joins the box right above it in its own column."""
    boxes: list[_Box] = []
    for place, cell in enumerate(area):
        home = next((b for b in reversed(boxes) if _continues(b, cell)), None)
        if home is None or _opens(cell, home) or _crowns(cell, home, area[place + 1 :]):
            home = _Box(cell.x0, cell.y0, cell.x1, cell.y1)
            boxes.append(home)
        home.cells.append(cell.take())
        home.x0, home.x1, home.y1 = min(home.x0, cell.x0), max(home.x1, cell.x1), max(home.y1, cell.y1)
        for line in cell.text.split("\n"):
            _line(home, line.strip())
    return boxes


def _continues(box: _Box, cell: Cell) -> bool:
    overlap = min(box.x1, cell.x1) - max(box.x0, cell.x0)
    waits = box.amount is None and (
        box.block is not None or not box.lines
    )  # an arrow for its box, a heading for its amount
    near = cell.y0 - box.y1 <= (6 if waits else 2) * (cell.y1 - cell.y0) + 0.01
    return near and cell.y0 >= box.y0 and overlap > 0.5 * min(box.x1 - box.x0, cell.x1 - cell.x0)


def _opens(cell: Cell, box: _Box) -> bool:
    """An arrow, or a heading, after a box that has its own heading or amount, opens the next one."""
    return _is_full(box) and bool(_ARROW.match(cell.folded) or _HEADING.match(cell.folded))


def _crowns(cell: Cell, box: _Box, later: list[Cell]) -> bool:
    """How the money is paid (【随意契約】) stands on the box it is paid to: nearer to that than to the one above."""
    if not (_is_full(box) and _METHOD.fullmatch(cell.folded)):
        return False
    beneath = (c.y0 - cell.y1 for c in later if c.y0 >= cell.middle[1] and min(c.x1, cell.x1) > max(c.x0, cell.x0))
    return min(beneath, default=float("inf")) < cell.y0 - box.y1


def _is_full(box: _Box) -> bool:
    return box.block is not None or box.amount is not None


def _line(box: _Box, line: str) -> None:
    folded = text.fold(line)
    if not folded:
        return
    tag = _TAG.fullmatch(folded)
    if tag or _ARROW.fullmatch(folded):
        if tag:  # a longer word than a letter is the ministry's name
            box.tag = text.block_letter(tag.group(1)) or MINISTRY if len(tag.group(1)) <= 2 else MINISTRY
        return
    heading = _HEADING.fullmatch(folded) if box.block is None and box.amount is None else None
    if heading:
        box.block = text.block_letter(heading.group(1))
        box.heading = text.tidy(re.sub(r"^\s*[【（(]?\s*[A-Za-zＡ-Ｚａ-ｚ]{1,2}\s*[】）).．:：]\s*", "", line))
        return
    amount = _AMOUNT.fullmatch(folded) if box.amount is None else None
    if amount:
        before, printed, after = amount.groups()
        box.amount, box.precision = text.parse_amount(printed), text.precision(printed) or 1_000_000
        box.count = int((before or after).replace(",", "")) if before or after else box.count
        return
    count = _COUNT.fullmatch(folded)
    if count:
        box.count = int(count.group(1).replace(",", ""))
    elif box.by is None and box.block is None and _METHOD.fullmatch(folded):
        box.by = line.strip("【】[] 　")
    elif box.block is None and box.amount is not None and (own := _OWN.findall(folded)):
        box.own += [(item, text.parse_amount(printed) or 0) for item, printed in own]
    elif box.amount is None:
        box.lines.append(line)
    else:
        box.notes.append(line.strip("〔〕"))


def _follow_connectors(boxes: list[_Box]) -> None:
    """A connector of the drawing names the source outright: a block, or else the ministry's box."""
    owner = {id(cell): box for box in boxes for cell in box.cells}
    for box in boxes:
        for source in (source for cell in box.cells for source in cell.sources):
            home = owner.get(id(source))
            if home is not None and home is not box and box.block:
                box.tag = home.block or MINISTRY


def _nodes(blocks: list[_Box], head: _Box | None) -> list[FlowNode]:
    """Rows of the picture from top to bottom; above a box, first what shares its column, then the rest of that row."""
    rows: list[list[_Box]] = []
    for box in sorted(blocks, key=lambda b: (b.y0, b.x0)):
        if rows and box.y0 < max(b.y1 for b in rows[-1]) - 0.3 * (box.y1 - box.y0) and box.y0 < rows[-1][0].y1:
            rows[-1].append(box)
        else:
            rows.append([box])
    nodes = []
    for level, row in enumerate(rows):
        for box in row:
            above: list[str] = []
            for higher in reversed(rows[:level]):
                straight = [
                    b for b in higher if min(b.x1, box.x1) - max(b.x0, box.x0) > 0.3 * min(b.x1 - b.x0, box.x1 - box.x0)
                ]
                above += [str(b.block) for b in (*straight, *(b for b in higher if b not in straight))]
            nodes.append(FlowNode(str(box.block), box.amount, box.precision, level, box.tag, above))
    return nodes
