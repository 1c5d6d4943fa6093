"""Tables of the form over the cell model: budget, budget lines, cost items, recipients, multi-year contracts."""

from __future__ import annotations

import re
from typing import Any

from toolkit import text
from toolkit.form.cells import Cell, Cells
from toolkit.form.draft import Draft

__all__ = ["read_budget", "read_budget_lines", "read_costs", "read_multi_year", "read_recipients"]

_BUDGET_ROWS = (
    "initial_jpy", "supplementary_jpy", "carried_in_jpy", "carried_out_jpy", "reserve_jpy", "total_jpy", "executed_jpy",
    "printed_rate", "printed_rate_initial",
)  # fmt: skip
_YEAR = re.compile(r"(?:(?:令和|平成|昭和)?(?:元|\d{1,2})|20\d\d)年度(要求|活動見込|当初予算)?")
_BLOCK = re.compile(r"[A-Za-z]{1,2}(?:[.:、].*)?", re.DOTALL)


def year_of(cell: Cell, review_year: int) -> int | None:
    """The fiscal year a header cell prints (令和2年度, 29年度, 5年度活動見込, 令和6年度要求); None for other cells."""
    if not _YEAR.fullmatch(cell.folded):
        return None
    return text.short_fiscal_year(cell.folded, review_year)


def year_columns(cells: list[Cell], review_year: int) -> list[tuple[Cell, int]]:
    """Header cells that print a fiscal year, with that year, from left to right; they count as the form's words."""
    found = [(cell, year) for cell in cells if (year := year_of(cell, review_year)) is not None]
    for cell, _ in found:
        cell.take()
    return sorted(found, key=lambda pair: pair[0].x0)


def value_at(cells: Cells, row: Cell, column: Cell) -> Cell | None:
    """The crossing cell, taken; None where it is blank or prints a dash."""
    cell = cells.at(row, column)
    if cell is None:
        return None
    cell.take()
    return None if text.is_nothing(cell.text) else cell


def ratio(cell: Cell) -> float | None:
    """A percentage: text says "97%"; a workbook stores 0.97, or, without a percent format, 97."""
    if "%" in cell.folded:
        return text.parse_rate(cell.folded)
    number = text.parse_number(cell.folded)
    if number is None:
        return None
    return float(number) if abs(number) <= 2 else float(number / 100)


def read_budget(cells: Cells, review_year: int, draft: Draft) -> None:
    """The block 予算額・執行額: nine rows by five fiscal years, the last of them the request."""
    first = cells.first("initial_jpy")
    if first is None:
        return
    end = next((c.y0 for c in cells.labels("lines", "lines_head") if c.y0 > first.y0), first.y0 + 1e9)
    rows = {c.key: c for c in cells.labels(*_BUDGET_ROWS) if first.y0 <= c.y0 < end}
    executed = rows.get("executed_jpy")
    total = next(
        (c for c in cells if c.folded == "計" and executed and first.y0 < c.y0 < executed.y0 and c.above(first)), None
    )
    if total is not None and "total_jpy" not in rows:  # forms to 2020 print no letters
        rows["total_jpy"] = total.take()
    above = [
        c
        for c in cells
        if c.y1 <= first.y0 + 0.5 * (first.y1 - first.y0)
        and c.x0 >= first.x1
        and c.y0 > first.y0 - 8 * (first.y1 - first.y0)
    ]
    for column, year in year_columns([c for c in above if _YEAR.fullmatch(c.folded)], review_year)[-5:]:
        for key, row in rows.items():
            cell = value_at(cells, row, column)
            if cell is None:
                continue
            if key.startswith("printed_rate"):
                rate: dict[str, Any] = {key: ratio(cell)}
                draft.put("budgets", (year, None), ref=cell.ref, **rate)
                continue
            amount = text.parse_amount(cell.folded)
            if amount is None:
                continue
            if year > review_year:
                if key == "initial_jpy" or (key == "total_jpy" and draft.get("budgets", year, None) is None):
                    draft.put(
                        "budgets",
                        (year, None),
                        ref=cell.ref,
                        requested_jpy=amount,
                        precision_jpy=_finest(draft, year, cell),
                    )
                continue
            printed: dict[str, Any] = {key: -amount if key == "carried_out_jpy" else amount}
            draft.put("budgets", (year, None), ref=cell.ref, precision_jpy=_finest(draft, year, cell), **printed)


def _finest(draft: Draft, year: int, cell: Cell) -> int | None:
    """The finest printed precision of a year's amounts so far."""
    row = draft.get("budgets", year, None) or {}
    return min((p for p in (row.get("precision_jpy"), text.precision(cell.folded)) if p), default=None)


def read_budget_lines(cells: Cells, review_year: int, draft: Draft) -> None:
    """The table 歳出予算項・目: names on the left, this year's budget and the request, then the reason."""
    head = cells.first("lines_head")
    if head is None:
        return
    columns = year_columns([c for c in cells.right(head) if _YEAR.fullmatch(c.folded)], review_year)
    end = next(
        (c.y0 for c in cells if c.y0 >= head.y1 and c.label and c.label.section in ("indicators", "review", "header")),
        1e9,
    )
    kou = None
    names = [c for c in cells if head.y1 - 0.1 <= c.y0 < end and c.x0 >= head.x0 - 0.1 and c.x1 <= head.x1 + 0.1]
    for name in names:
        if name.key == "lines_kou":
            value = cells.value_right(name)
            kou = text.tidy(value.take().text) if value and value.above(head) else None
            continue
        if name.used or (name.label and name.key != "lines_total"):
            continue
        is_total = name.key == "lines_total" or name.folded == "計"
        name.take()
        for column, year in columns:
            cell = value_at(cells, name, column)
            amount = text.parse_amount(cell.folded) if cell else None
            if cell is None or amount is None or (amount == 0 and re.match("[▲△-]", cell.folded)):
                continue  # "▲ 0" is what rounding left over, not an amount
            if is_total:
                draft.put("budgets", (year, None), ref=cell.ref, lines_total_jpy=amount)
            else:
                kind = "requested" if year > review_year else "initial"
                draft.add(
                    "budget_lines",
                    fiscal_year=year,
                    kind=kind,
                    kou=kou,
                    moku=text.tidy(name.text),
                    amount_jpy=amount,
                    ref=cell.ref,
                )
        if is_total:
            break
    note = cells.value_below(cells.first("lines_note"), end)
    if note and columns:
        draft.put("budgets", (columns[-1][1], None), ref=note.take().ref, note=text.tidy(note.text))


def block_heading(cells: Cells, head: Cell, reach: float) -> tuple[str, str | None] | None:
    """Letter and name in the cell above a table's first header, or above its ranks: ``A.``, ``Ａ．国立大学``, ``A``."""
    over = [c for c in cells if not c.label and c.y1 <= head.y0 + 0.1 * (head.y1 - head.y0) and c.y0 >= head.y0 - reach]
    width = head.x1 - head.x0
    near = [c for c in over if c.x0 < head.x1 - 0.1 * width and c.x1 > head.x0 - width and _BLOCK.fullmatch(c.folded)]
    if not near:
        return None
    lowest = [
        c for c in near if c.y1 >= max(other.y0 for other in near)
    ]  # two tables side by side have their letters in one row
    cell = min(lowest, key=lambda c: (c.x1 <= head.x0 + 0.1 * width, -c.y0, abs(c.x0 - head.x0))).take()
    letter = cell.folded[: 2 if cell.folded[1:2].isascii() and cell.folded[1:2].isalpha() else 1]
    name = re.sub(r"^\s*[A-Za-zＡ-Ｚａ-ｚ]{1,2}\s*[.．:：、]?\s*", "", cell.text)
    return text.block_letter(letter) or letter, text.tidy(name)


def read_costs(cells: Cells, review_year: int, draft: Draft) -> None:
    """Tables 費目・使途, two side by side, each headed by its block and closed by 計."""
    heads = cells.labels("cost_item")
    for head in heads:
        row = [c for c in cells.right(head) if c.label]
        use = next((c for c in row if c.key == "cost_use"), None)
        amount = next((c for c in row if c.key == "cost_amount"), None)
        block = block_heading(cells, head, 3 * (head.y1 - head.y0))
        if use is None or amount is None or block is None:
            continue
        letter, name = block
        end = min((c.y0 for c in heads if c.y0 > head.y1 and c.above(head)), default=1e9)
        end = (
            min((c.y0 for c in cells.labels("more_costs", "recipients", "annex") if c.y0 > head.y0), default=end)
            if end == 1e9
            else end
        )
        items = [c for c in cells if not c.label and head.y1 - 0.1 <= c.y0 < end and c.above(amount)]
        for cell in items:
            printed = text.parse_amount(cell.folded)
            item = next((c for c in cells if not c.label and c.beside(cell) and c.above(head) and c.y0 > head.y0), None)
            if item is not None and item.folded == "計":
                item.take()
                cell.take()
                if printed is not None:
                    draft.put("blocks", (letter,), ref=cell.ref, cost_total_jpy=printed, cost_recipient=name)
                break
            what = next((c for c in cells if not c.label and c.beside(cell) and c.above(use) and c.y0 > head.y0), None)
            for part in (item, what, cell):
                if part is not None:
                    part.take()
            if printed is not None:
                draft.add(
                    "cost_items", block=letter, recipient=name, item=text.tidy(item.text) if item else None,
                    use=text.tidy(what.text) if what else None, amount_jpy=printed, ref=cell.ref,
                )  # fmt: skip


_CONTRACT_COLUMNS = ("corporate_number", "work", "amount", "method", "bidders", "award_rate", "single_bid_reason")


def _contract(row: dict[str, Cell]) -> dict[str, Any]:
    """Contract columns of one row, from its cells by header key."""
    printed = {key: cell for key, cell in row.items() if not text.is_nothing(cell.text)}
    bidders = text.parse_number(printed["bidders"].folded) if "bidders" in printed else None
    return {
        "work": text.tidy(printed["work"].text) if "work" in printed else None,
        "method": text.tidy(printed["method"].text) if "method" in printed else None,
        "bidders": int(bidders) if bidders is not None and bidders == int(bidders) else None,
        "award_rate": ratio(printed["award_rate"]) if "award_rate" in printed else None,
        "single_bid_reason": text.tidy(printed["single_bid_reason"].text) if "single_bid_reason" in printed else None,
    }


def read_recipients(cells: Cells, review_year: int, draft: Draft) -> None:
    """Lists 支出先上位10者リスト: one table per block, a row per recipient, headed by its letter."""
    heads = [
        c
        for c in cells.labels("recipient")
        if any(o.key == "corporate_number" or o.key == "amount" for o in cells.right(c))
    ]
    for head in heads:
        block = block_heading(cells, head, 4 * (head.y1 - head.y0))
        if block is None:
            continue
        columns = {"recipient": head} | {c.key: c for c in cells.right(head) if c.key in _CONTRACT_COLUMNS}
        end = min(
            (
                c.y0
                for c in cells.labels("recipient", "more_recipients", "multi_year", "annex", "recipients")
                if c.y0 > head.y1
            ),
            default=1e9,
        )
        ranks = [
            c
            for c in cells
            if head.y1 - 0.1 <= c.y0 < end
            and c.x1 <= head.x0 + 0.2 * (c.x1 - c.x0)
            and text.parse_number(c.folded) is not None
        ]
        for rank_cell in ranks:
            number = text.parse_number(rank_cell.folded)
            row = {key: cell for key, column in columns.items() if (cell := cells.at(rank_cell, column)) is not None}
            rank_cell.take()
            if number is None or "recipient" not in row or text.is_nothing(row["recipient"].text):
                for cell in row.values():
                    if text.is_nothing(cell.text):
                        cell.take()
                continue
            for cell in row.values():
                cell.take()
            rank = int(number)
            corporate = text.fold(row["corporate_number"].text) if "corporate_number" in row else None
            amount = row.get("amount")
            refs = {"ref": row["recipient"].ref}
            draft.put(
                "recipients", (block[0], rank), name=text.tidy(row["recipient"].text.replace("\n", "")), **refs,
                corporate_number=None if text.is_nothing(corporate) else corporate,
                amount_jpy=text.parse_amount(amount.folded) if amount else None,
                precision_jpy=text.precision(amount.folded) if amount else None,
            )  # fmt: skip
            draft.put(
                "contracts",
                (block[0], rank, 1),
                amount_jpy=text.parse_amount(amount.folded) if amount else None,
                **_contract(row),
                **refs,
            )


def read_multi_year(cells: Cells, review_year: int, draft: Draft) -> None:
    """The list 国庫債務負担行為等による契約先上位10者リスト: a row per contract."""
    for head in cells.labels("contractor"):
        columns = {"contractor": head} | {
            c.key: c for c in cells.right(head) if c.key in _CONTRACT_COLUMNS or c.key == "contract_amount"
        }
        block = next((c for c in cells.labels("block_name") if c.beside(head)), None)
        names = [c for c in cells.below(head) if not c.label]
        stop = min((c.y0 for c in cells if c.label and c.y0 > head.y1), default=1e9)
        for rank in cells.within(head.y1, stop, x1=(block or head).x0):
            if re.fullmatch(r"\d{1,2}", rank.folded):
                rank.take()
        for name in names:
            if name.y0 >= stop or text.is_nothing(name.text):
                continue
            row = {key: cell for key, column in columns.items() if (cell := cells.at(name, column)) is not None}
            letter = cells.at(name, block) if block else None
            for cell in (name, letter, *row.values()):
                if cell is not None:
                    cell.take()
            corporate = text.fold(row["corporate_number"].text) if "corporate_number" in row else None
            amount = row.get("contract_amount")
            draft.add(
                "multi_year_contracts", ref=name.ref, block=text.block_letter(letter.text) if letter else None,
                contractor=text.tidy(name.text.replace("\n", "")), corporate_number=None if text.is_nothing(corporate) else corporate,
                amount_jpy=text.parse_amount(amount.folded) if amount else None, **_contract(row),
            )  # fmt: skip
