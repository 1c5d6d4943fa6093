"""歳出予算項・目: names of the budget lines, their amounts of Y and of the request for Y+1, and why they change."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from toolkit.readers.text_layer.budget_pieces import Item, Token
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import fold, parse_amount, tidy, unwrap

_GRID, _LINES = 0, 1
_NAME = re.compile(r".*(?:費|金|料|その他|手当|給与?|修繕|税|繰入|借上|賃借|補助|委託|出資|貸付|給付|賠償)(?:等|\(.*\))?")
_MOKU = re.compile(r".*(?:補助金|委託費|交付金|庁費|旅費|謝金|その他|負担金|分担金|拠出金|手当|借料|給与|委託金|給付金|助成金)")


@dataclass(slots=True)
class Names:
    """``rows`` are the 目 in printed order, ``kou`` their 項 (None where the form has none)."""

    rows: list[Item] = field(default_factory=list)
    kou: Item | None = None

    @property
    def total(self) -> int:
        """Row of 計 in the table of lines."""
        return len(self.rows)

    def row_of(self, item: Item) -> int | None:
        """Row of a name, or of the name that stands before the run on its line."""
        for row, name in enumerate(self.rows):
            if name is item or any(span.line is item.line for span in name.spans):
                return row
        return None


def find_names(items: list[Item]) -> Names:
    """The words that can be a budget line's name, the 項 set apart."""
    found = []
    for number, item in enumerate(items):
        if item.kind != "word":
            continue
        if item.before not in ("budget", "lines") and item.after != "lines":
            continue
        printed = fold("".join(span.text for span in item.spans))
        if len(printed) <= 50 and "。" not in printed and _NAME.fullmatch(printed):
            found.append(item)
    names = Names(found)
    if any(item.kind == "label" and item.key == "lines_kou" for item in items):
        names.kou = next((item for item in found if not _MOKU.fullmatch(_text(item))), None)
        names.rows = [item for item in found if item is not names.kou]
    return names


def _text(item: Item) -> str:
    return fold("".join(span.text for span in item.spans))


def write(reading: Reading, names: Names, cells: dict[tuple[int, int, int], tuple[Token, str]]) -> None:
    """Put the lines and their totals into the draft."""
    kou = _name(names.kou)
    for col, kind in enumerate(("initial", "requested")):
        year = reading.review_year + col
        for row, name in enumerate(names.rows):
            token, certainty = cells.get((_LINES, row, col), (None, "unsettled"))
            printed = token.printed if token else ""
            amount = None if printed[:1] in "▲△" else parse_amount(printed)
            ref = (token.spans[0] if token else name.spans[0]).ref
            reading.draft.add("budget_lines", fiscal_year=year, kind=kind, kou=kou, moku=_name(name), amount_jpy=amount, ref=ref, certainty=certainty)
        if (_LINES, names.total, col) in cells:
            token, certainty = cells[_LINES, names.total, col]
            reading.draft.put("budgets", (year, None), lines_total_jpy=parse_amount(token.printed), ref=token.spans[0].ref, certainty=certainty)


def _name(item: Item | None) -> str | None:
    if item is None:
        return None
    for span in item.spans:
        span.take()
    by_line: dict[int, list[str]] = {}
    for span in item.spans:
        by_line.setdefault(span.line.number, []).append(span.text)
    return tidy(unwrap([" ".join(words) for words in by_line.values()]))
