"""The picture 資金の流れ: the ministry's box, then tiers of blocks, as text boxes or as cells. Both forms."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .facts import Row, amount_text, million
from .grid import Cell, Shape
from .layout import full_letter
from .parts import Part

__all__ = ["Flow"]


@dataclass
class Piece:
    """One box, arrow or text of the picture, between two logical columns."""

    start: int
    end: int
    lines: list[str]
    border: bool = False
    block: str | None = None
    align: str = "center"


class Flow(Part):
    """Blocks stand in tiers of two or three; a block paid by another stands below it where there is room."""

    def draw(self) -> None:
        year = self.facts.review_year - 1
        self.where: dict[str | None, tuple[int, int, int]] = {}
        self.drawn: dict[str | None, int] = {}
        label = "資金の流れ\n（資金の受け取り先が\n何を行っているかにつ\nいて補足する）\n（単位：百万円）"
        note = f"※{self.layout.era(year)}実績を記入。執行実績がない新規事業、新規要求事業については現時点で予定やイメージを記入。"
        with self.painter.side(self.label(0, 6, label)), self.painter.frame(6, 50):
            self.painter.line(Cell(6, 50, note, border=False))
            self.painter.space()
            if self.facts.rows("blocks"):
                self._ministry()
                for tier in self._tiers():
                    self.painter.space(8)
                    self._tier(tier)
            else:
                self.painter.space(120)
            self.painter.space()
        self._connectors()

    # -- the text of a box

    def _heading(self, block: Row) -> list[str]:
        letter, name = block["block"], block.get("name")
        labels = (block.get("recipient_label") or "").split("\n")
        head = (f"{full_letter(letter)}．", f"{letter}．", f"{full_letter(letter)}.", f"【{full_letter(letter)}】")[
            self.layout.flow_head
        ]
        if self.layout.flow_head == 2:  # who comes first, what for below
            return [head + labels[0], *labels[1:], *([name] if name else [])]
        return [head + (name or ""), *(label for label in labels if label)] if name else [head + labels[0], *labels[1:]]

    def _amount(self, block: Row) -> list[str]:
        value, count = million(block.get("amount_jpy")), block.get("recipient_count")
        if value is None:
            return []
        amount = self.layout.number(value) + "百万円"
        if not count or count == 1:
            return [amount]
        styles = (
            [f"{count}件：{amount}"],
            [f"【{count}者】{amount}"],
            [f"（全{count}者）", amount],
            [f"{amount}（{count}者）"],
        )
        return styles[self.layout.count_style]

    def _ministry(self) -> None:
        name = self.facts.text("ministry") or ""
        amount = self.facts.text("flow_amount_jpy")
        lines = [name]
        if amount is not None:
            lines.append(self.layout.number(million(amount)) + "百万円")
        costs = [
            f"{c['item']} {self.layout.number(million(c['amount_jpy']))}百万円"
            for c in self.facts.rows("ministry_costs")
        ]
        if costs:
            styles = ["{} を含む", "うち{}を含む", "（{}を含む）"]
            lines.append(self.layout.rng("costs").choice(styles).format("、".join(costs)))
        self.truth["flows"].append(
            {"block": "", "name": name, "recipient_label": name, "count": None, "amount_million": amount_text(amount),
             "from": None, "raw": "\n".join(lines), "role": "payer"}
        )  # fmt: skip
        pieces = [Piece(8, 21, lines, border=True, block=None)]
        prose = self.facts.text("_flow_text")
        if prose:
            pieces.append(Piece(24, 46, [prose], align="left"))
        self._band(pieces, mark=True)

    # -- tiers

    def _tiers(self) -> list[dict[int, str]]:
        """Slot of each block in each tier: roots first, children below their parent where that slot is free."""
        widest = self.layout.rng("tier").choice([2, 2, 3])
        letters = [b["block"] for b in self.facts.rows("blocks")]
        roots = [b for b in letters if self.facts.parent(b) not in letters]
        self.columns = max(1, min(widest, len(roots) if len(letters) <= 2 * len(roots) else widest))
        tiers: list[dict[int, str]] = []
        waiting, slot = list(roots), {}
        while waiting:
            tier: dict[int, str] = {}
            above = tiers[-1] if tiers else {}
            for block in [b for b in waiting if self.facts.parent(b) in above.values()]:
                free = next(s for s, b in above.items() if b == self.facts.parent(block))
                if free not in tier:
                    tier[free] = block
            for block in waiting:
                free = next((s for s in range(self.columns) if s not in tier), None)
                if block not in tier.values() and free is not None:
                    tier[free] = block
            for s, block in tier.items():
                waiting.remove(block)
                slot[block] = s
                waiting += [b for b in letters if self.facts.parent(b) == block and b not in slot and b not in waiting]
            tiers.append(dict(sorted(tier.items())))
        self.direct = {b for t, tier in enumerate(tiers) for s, b in tier.items() if self._below_parent(b, s, t, tiers)}
        return tiers

    def _below_parent(self, block: str, slot: int, tier: int, tiers: list[dict[int, str]]) -> bool:
        """True where the picture alone tells who pays: right below the parent, or a root in the first tier."""
        parent = self.facts.parent(block)
        if parent is None:
            return tier == 0
        return tier > 0 and tiers[tier - 1].get(slot) == parent

    def _tier(self, tier: dict[int, str]) -> None:
        width = 42 // self.columns
        arrows, hows, boxes, roles = [], [], [], []
        for slot, letter in tier.items():
            block = self.facts.one("blocks", block=letter)
            flow = self.facts.one("flows", to_block=letter)
            start, end = 7 + slot * width, 7 + slot * width + width - 2
            parent = self.facts.parent(letter)
            payer = parent or self.facts.text("ministry")
            arrow = "" if self._drawn_arrows() and letter in self.direct else "↓"
            if letter not in self.direct:
                arrow += f"（{payer}より）"
            arrows.append(Piece(start, end, [arrow]))
            if flow.get("by"):
                hows.append(Piece(start, end, [f"【{flow['by']}】"]))
            lines = self._heading(block) + self._amount(block)
            boxes.append(Piece(start, end, lines, border=True, block=letter))
            role = block.get("role")
            if role:
                brackets = self.layout.rng("role").choice(["{}", "{}", "〔{}〕"])
                roles.append(Piece(start, end, [brackets.format(role)], align="left"))
            self.truth["flows"].append(
                {"block": letter, "name": block.get("name"), "recipient_label": block.get("recipient_label"),
                 "count": block.get("recipient_count"), "amount_million": amount_text(block.get("amount_jpy")),
                 "from": payer, "how": flow.get("by"), "desc": role, "raw": "\n".join(lines),
                 "from_shown": letter not in self.direct}
            )  # fmt: skip
        for pieces in (arrows, hows, boxes, roles):
            if pieces:
                self._band(pieces, mark=pieces is boxes)

    def _drawn_arrows(self) -> bool:
        return self.layout.arrows == "connector" and self.layout.flow == "shapes"

    # -- drawing

    def _band(self, pieces: list[Piece], *, mark: bool = False) -> None:
        """Pieces side by side, in the way this sheet draws its picture."""
        first = self.painter.row
        if self.layout.flow == "shapes":
            self._shapes(pieces)
        elif self.layout.flow == "box":
            self.painter.line(*(self._cell(p, "\n".join(p.lines)) for p in pieces))
        else:
            for place in range(max(len(p.lines) for p in pieces)):
                self.painter.line(*(self._cell(p, p.lines[place]) for p in pieces if place < len(p.lines)))
        if mark:
            for piece in pieces:
                if piece.border:
                    self.where[piece.block] = (
                        first,
                        self.painter.row - 1,
                        self.painter.first((piece.start + piece.end) // 2),
                    )

    def _cell(self, piece: Piece, text: str) -> Cell:
        border = piece.border and self.layout.flow == "box"
        return Cell(piece.start, piece.end, text, align=piece.align, border=border)

    def _shapes(self, pieces: list[Piece]) -> None:
        painter = self.painter
        height = max(painter.need(self._cell(p, "\n".join(p.lines))) for p in pieces) * 1.25 + 6
        rows = max(1, math.ceil(height / min(25.0, self.layout.row_max)))
        for row in range(rows):
            painter.grid.heights[painter.row + row] = round(height / rows, 1)
        for piece in pieces:
            if not any(piece.lines):
                continue
            first, last = painter.first(piece.start), painter.last(piece.end)
            if piece.border:
                self.drawn[piece.block] = len(painter.grid.shapes)
            painter.grid.shapes.append(
                Shape(painter.row, first, rows, last - first + 1, piece.lines, border=piece.border, align=piece.align,
                      size=self.layout.size)
            )  # fmt: skip
        painter.row += rows

    def _connectors(self) -> None:
        """Arrows as lines from the payer's box to the payee's, where no other box lies between."""
        if not self._drawn_arrows():
            return
        glued = self.layout.rng("glue").random() < 0.5
        for block, (top, _, column) in self.where.items():
            if block is None or block not in self.direct:
                continue
            parent = self.facts.parent(block)
            _, bottom, from_column = self.where.get(parent, self.where[None])
            ends = (self.drawn.get(parent, self.drawn[None]), self.drawn[block]) if glued else None
            left, right = sorted((from_column, column))
            kind = "connector" if column >= from_column else "connector-left"
            self.painter.grid.shapes.append(
                Shape(bottom + 1, left, max(1, top - bottom - 1), right - left, [], kind=kind, ends=ends)
            )
