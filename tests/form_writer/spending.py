"""Cost items in pairs of blocks, the lists of recipients, multi-year contracts, and their annexes. Both forms."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from .facts import Row, amount_text
from .grid import Cell, Painter
from .layout import full_letter
from .parts import Form, Part

__all__ = ["Spending"]

SINGLE_BID = "一者応札・一者応募又は\n競争性のない随意契約となった\n理由及び改善策\n（{}額10億円以上）"


class Spending(Part):
    """The main sheet shows what the layout has room for; 別紙2 and 別紙3 take the rest."""

    def __init__(self, form: Form, painter: Painter):
        super().__init__(form, painter)
        self.blocks = self.facts.blocks()

    # -- cost items

    def cost_items(self) -> None:
        blocks = [b for b in self.blocks if self._items(b)]
        pairs = [blocks[i : i + 2] for i in range(0, len(blocks), 2)] or [["A", "B"]]
        label = (
            "費目・使途\n（「資金の流れ」において\nブロックごとに最大の金\n額が支出されている者に\nついて記載する。費目と\n"
            "使途の双方で実情が分\nかるように記載）"
        )
        shown, rest = pairs[: self.layout.main_pairs], pairs[self.layout.main_pairs :]
        with self.painter.side(self.label(0, 6, label)):
            for pair in shown:
                self._pair(self.painter, pair, 6, "main")
        self._more(self.painter, "費目・使途", 2, ticked=bool(rest))
        self._rest_pairs = rest

    def _items(self, block: str) -> list[Row]:
        return self.facts.rows("cost_items", block=block)

    def _head(self, block: str, payee: str | None) -> str:
        wide = self.layout.rng("costhead").random() < 0.3
        letter = full_letter(block) + "．" if wide else block + "."
        if self.layout.cost_head == "bare" or not payee:
            return letter
        return letter + (payee[:12] if self.layout.cost_head == "short" else payee)

    def _payee(self, block: str) -> str | None:
        """Whose cost items these are: as the tables say, else the block's largest recipient."""
        row = self.facts.one("blocks", block=block)
        items = self._items(block)
        if row.get("cost_recipient") or (items and items[0].get("recipient")):
            return row.get("cost_recipient") or items[0]["recipient"]
        recipients = self.facts.rows("recipients", block=block)
        return recipients[0].get("name") if recipients and items else None

    def _pair(self, painter: Painter, pair: list[str], left: int, where: str) -> None:
        width = (50 - left) // 2
        base = self.layout.cuts(f"cost{where}", 0, width // 5 + 1, width - 5, width)
        halves = [[left + c for c in base], [50 - width + c for c in base]]
        halves[0][-1] = halves[1][0]
        slots: list[str | None] = [pair[0], pair[1] if len(pair) > 1 else None]
        following = chr(ord(pair[0][0]) + 1) + "." if len(pair[0]) == 1 else ""
        heads = [self._head(b, self._payee(b)) if b else following for b in slots]
        painter.line(*(Cell(h[0], h[3], head) for h, head in zip(halves, heads, strict=True)))
        painter.line(*(
            self.label(h[i], h[i + 1], text) for h in halves for i, text in enumerate(("費　目", "使　途", "金　額\n(百万円）"))
        ))  # fmt: skip
        items = [self._items(b) if b else [] for b in slots]
        spare = self.layout.rng("spare items", where).choice([0, 0, 1, 2])
        for line in range(max(len(i) for i in items) + spare):
            cells: list[Cell] = []
            for half, rows, block in zip(halves, items, slots, strict=True):
                cells += self._item(half, rows[line] if line < len(rows) else None, block, where)
            painter.line(*cells)
        totals: list[Cell] = []
        for half, rows, block in zip(halves, items, slots, strict=True):
            stated = self.facts.one("blocks", block=block).get("cost_total_jpy") if block else None
            total = stated if stated is not None else sum(r.get("amount_jpy") or 0 for r in rows)
            cell = self.money(half[2], half[3], total, ("total", block)) if rows else self.empty(half[2], half[3])
            totals += [self.label(half[0], half[1], "計"), self.empty(half[1], half[2]), cell]
            if rows:
                self.truth["cost_totals"].append(
                    {"block": block, "payee": None if self.layout.cost_head == "bare" else self._payee(block or ""),
                     "amount_million": amount_text(total), "raw": cell.text, "where": where}
                )  # fmt: skip
        painter.line(*totals)

    def _item(self, half: list[int], row: Row | None, block: str | None, where: str) -> list[Cell]:
        if row is None:
            return [self.empty(half[i], half[i + 1]) for i in range(3)]
        amount = row.get("amount_jpy")
        cells = [
            self.text(half[0], half[1], row.get("item")), self.text(half[1], half[2], row.get("use")),
            self.money(half[2], half[3], amount, ("item", block, row.get("line"))),
        ]  # fmt: skip
        self.truth["cost_items"].append(
            {"block": block, "item": row.get("item"), "use": row.get("use"), "amount_million": amount_text(amount),
             "raw": cells[2].text, "where": where}
        )  # fmt: skip
        return cells

    def _more(self, painter: Painter, kind: str, annex: int, *, ticked: bool) -> None:
        """Refers to the annex, with its tick box."""
        painter.line(
            Cell(0, 40, self.layout.top_ten_note(annex, kind), align="right"), self.label(40, 45, "チェック"),
            self.centred(45, 50, "○") if ticked else self.empty(45, 50),
        )  # fmt: skip

    # -- recipients

    def recipients(self) -> None:
        blocks = [b for b in self.blocks if self.facts.rows("recipients", block=b)]
        shown, rest = blocks[: self.layout.main_lists], blocks[self.layout.main_lists :]
        self.painter.line(Cell(0, 14, self.layout.top_ten, bold=True, border=False, size=self.layout.size + 2))
        for block in shown or ["A"]:
            self._list(self.painter, block, "main")
        self._more(self.painter, self.layout.top_ten, 3, ticked=bool(rest))
        self._rest_lists = rest

    def _list_head(self, block: str) -> str:
        name = self.facts.one("blocks", block=block).get("name") or ""
        wide = full_letter(block)
        return (f"{block}.", f"{wide}．", block, f"{wide}．{name}")[self.layout.recipient_head]

    def _list(self, painter: Painter, block: str, where: str) -> None:
        cut = self.layout.cuts(
            f"list{where}", 0, 2, 11, 14 if self.layout.narrow_numbers else 17, 27, 31, 36, 40, 43, 50
        )
        end = 20 if self.layout.recipient_head == 3 else 3
        painter.line(Cell(0, end, self._list_head(block), border=False))
        heads = ["", "支　出　先", "法　人　番　号", "業　務　概　要", "支　出　額\n（百万円）", "契約方式等", "入札者数\n（応募者数）",
                 "落札率", SINGLE_BID.format("支出")]  # fmt: skip
        self._heads(painter, cut, heads)
        rows = self.facts.rows("recipients", block=block)
        for row in rows:
            contracts = self.facts.rows("contracts", block=block, rank=row["rank"])
            self._recipient(painter, cut, block, row, contracts[0] if contracts else {}, where)
            for contract in contracts[1:]:  # further contracts of the same recipient: no number, no name
                more = dict(row, name="", corporate_number=None, amount_jpy=contract.get("amount_jpy"))
                self._recipient(painter, cut, block, more, contract, "more")
        if self.layout.empty_rows:
            for rank in range(len(rows) + 1, 11):
                painter.line(Cell(cut[0], cut[1], str(rank), rank, "0", align="center"),
                             *(self.empty(a, b) for a, b in itertools.pairwise(cut[1:])))  # fmt: skip
        painter.space(14)

    def _heads(self, painter: Painter, cut: list[int], texts: list[str]) -> None:
        cells = [self.label(a, b, text) for a, b, text in zip(cut, cut[1:], texts, strict=False)]
        cells[-1].size = self.layout.size - 2
        painter.line(*(c for c in cells if c.text))

    def _recipient(self, painter: Painter, cut: list[int], block: str, row: Row, contract: Row, where: str) -> None:
        key = ("recipient", block, row["rank"], contract.get("line"))
        amount = row.get("amount_jpy")
        rank = (
            self.number(cut[0], cut[1], row["rank"], (*key, "rank"), plain=True)
            if where != "more"
            else self.empty(cut[0], cut[1])
        )
        rank.align = "center"
        number = row.get("corporate_number")
        printed = self.centred(cut[2], cut[3], number) if number else self.nothing(cut[2], cut[3], (*key, "number"))
        if number and number.isdigit() and self.layout.rng(*key, "number").random() < 0.3:
            printed.value, printed.number_format = int(number), "0"
        cells = [
            rank, Cell(cut[1], cut[2], row.get("name") or ""), printed, self.text(cut[3], cut[4], contract.get("work")),
            self.money(cut[4], cut[5], amount, (*key, "amount")), *self._contract(cut[5:], contract, key),
        ]  # fmt: skip
        painter.line(*cells)
        if where != "more":
            self.truth["recipients"].append(self._truth(block, row, contract, cells, where))

    def _contract(self, cut: list[int], contract: Row, key: tuple[object, ...]) -> list[Cell]:
        """契約方式等, 入札者数, 落札率, reason for a single bid."""
        rate = contract.get("award_rate")
        exact = None if rate is None else Decimal(str(rate))
        return [
            self.centred(cut[0], cut[1], contract.get("method")),
            self.number(cut[1], cut[2], contract.get("bidders"), (*key, "bidders"), plain=True, dash=True),
            self.number(cut[2], cut[3], exact, (*key, "rate"), suffix="%", scale=100, dash=True),
            self.text(cut[3], cut[4], contract["single_bid_reason"]) if contract.get("single_bid_reason")
            else self.nothing(cut[3], cut[4], (*key, "reason")),
        ]  # fmt: skip

    def _truth(self, block: str, row: Row, contract: Row, cells: list[Cell], where: str) -> dict[str, Any]:
        rate = contract.get("award_rate")
        return {
            "block": block, "rank": row["rank"], "name": row.get("name"), "corporate_number": row.get("corporate_number") or "-",
            "work": contract.get("work"), "amount_million": amount_text(row.get("amount_jpy")), "amount_raw": cells[4].text,
            "contract_method": contract.get("method") or "-", "bidders": contract.get("bidders"), "bidders_raw": cells[6].text,
            "bid_rate": None if rate is None else float(Decimal(str(rate)) * 100), "bid_rate_raw": cells[7].text,
            "reason": contract.get("single_bid_reason"), "where": where, "at": cells[4].box.at if cells[4].box else None,
        }  # fmt: skip

    # -- multi-year contracts

    def multi_year(self) -> None:
        rows = self.facts.rows("multi_year_contracts")
        self.truth["multi_year_contracts"] = []
        if not rows:
            return
        cut = self.layout.cuts("years", 0, 2, 6, 14, 19, 27, 31, 36, 40, 43, 50)
        title = "国庫債務負担行為等による契約先" + self.layout.top_ten.removeprefix("支出先")
        self.painter.line(Cell(0, 24, title, bold=True, border=False, size=self.layout.size + 2))
        self._heads(self.painter, cut, ["", "ブロック名", "契　約　先", "法　人　番　号", "業　務　概　要", "契　約　額\n（百万円）",
                                        "契約方式等", "入札者数\n（応募者数）", "落札率", SINGLE_BID.format("契約")])  # fmt: skip
        for place, row in enumerate(rows, start=1):
            key = ("years", place)
            cells = [
                Cell(cut[0], cut[1], str(place), place, "0", align="center"), self.centred(cut[1], cut[2], row.get("block")),
                Cell(cut[2], cut[3], row.get("contractor") or ""), self.centred(cut[3], cut[4], row.get("corporate_number")),
                self.text(cut[4], cut[5], row.get("work")), self.money(cut[5], cut[6], row.get("amount_jpy"), key),
                *self._contract(cut[6:], row, key),
            ]  # fmt: skip
            self.painter.line(*cells)
            rate = row.get("award_rate")
            self.truth["multi_year_contracts"].append(
                {"block": row.get("block"), "name": row.get("contractor"), "corporate_number": row.get("corporate_number") or "-",
                 "work": row.get("work"), "amount_million": amount_text(row.get("amount_jpy")), "method": row.get("method"),
                 "bidders": row.get("bidders"), "bid_rate": None if rate is None else float(Decimal(str(rate)) * 100),
                 "reason": row.get("single_bid_reason")}
            )  # fmt: skip

    # -- annexes

    def annexes(self) -> None:
        """別紙2 and 別紙3 as worksheets of their own, if anything is left for them."""
        if self._rest_pairs:
            page = self.form.page("別紙2")
            page.line(Cell(0, 8, "別紙2", border=False, bold=True))
            page.line(Cell(0, 50, "費目・使途（「資金の流れ」においてブロックごとに最大の金額が支出されている者について記載する。"
                                  "費目と使途の双方で実情が分かるように記載）", border=False))  # fmt: skip
            for pair in self._rest_pairs:
                self._pair(page, pair, 0, "別紙2")
        if self._rest_lists:
            page = self.form.page("別紙3")
            page.line(Cell(0, 8, "別紙3", border=False, bold=True))
            page.line(Cell(0, 14, self.layout.top_ten, bold=True, border=False))
            for block in self._rest_lists:
                self._list(page, block, "別紙3")
