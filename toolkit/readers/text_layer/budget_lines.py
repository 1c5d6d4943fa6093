"""歳出予算項・目: names of the budget lines, their amounts of Y and of the request for Y+1, and why they change."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from toolkit.readers.text_layer.budget_pieces import Item, Token
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import fold, parse_amount, tidy, unwrap

#: by table, row and column: what stands there, and how sure that is
Cells = dict[tuple[int, int, int], tuple[Token, str]]

_GRID, _LINES = 0, 1
_LONGEST = 50  # characters of a name
_NAME = re.compile(
    r".*(?:費|金|料|その他|手当|給与?|修繕|税|繰入|借上|賃借|補助|委託|出資|貸付|給付|賠償)(?:等|\(.*\))?"
)
#: prose about the project, and what the form prints under 実施方法
_SENTENCE = re.compile(r"[。を]|する|こと")
_METHODS = re.compile(r"(?:(?:直接実施|委託・請負|補助|負担|交付|貸付|その他)、?)*")
#: words of a reason for a change of the amount, and of a text that says what the project does
_REASON = re.compile(r"増|減|推進枠|要望|要求|見直し|ため|による|伴う|皆[増減]|経費")
_DOES = re.compile(r"(?:を行う|を実施する|する)。?$|に対し、")
#: endings of a 目; the names of a 項 end in 費 and in none of these
_MOKU = re.compile(
    r"[^。]*(?:補助金|委託費|委託金|交付金|庁費|旅費|謝金|負担金|分担金|拠出金|給付金|助成金|補給金|補償金|出資金|貸付金|払戻金|手当|借料"
    r"|給与?|修繕|重量税|試験研究費|施設整備費|施設費|滞在費|その他)"
)


@dataclass(slots=True)
class Names:
    """``rows`` are the 目 in printed order, ``kou`` their 項 (None where the form has none)."""

    rows: list[Item] = field(default_factory=list)
    kou: list[Item | None] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Row of 計 in the table of lines."""
        return len(self.rows)

    def is_rest(self, row: int) -> bool:
        """True for the row of その他."""
        return row < len(self.rows) and _text(self.rows[row]).startswith("その他")

    def row_of(self, item: Item) -> int | None:
        """Row of a name, or of the name that stands before the run on its line."""
        for row, name in enumerate(self.rows):
            if name is item or any(span.line is item.line for span in name.spans):
                return row
        return None


def find_names(items: list[Item]) -> Names:
    """The words that can be a budget line's name, the 項 set apart."""
    words = [item for item in items if item.kind == "word"]
    found: list[Item] = []
    for number, item in enumerate(words):
        near = {item.before, item.after} & {"budget", "lines"}
        among_header = item.before == "header" and item.after != "lines" and not _MOKU.fullmatch(_text(item))
        if not near or among_header or not _is_name(_text(item)):
            continue
        if _text(item) == "その他" and not (number and words[number - 1] in found):
            continue  # one of the 実施方法
        found.append(item)
    labels = sum(item.kind == "label" and item.key == "lines_kou" for item in items)
    heads = _heads(items, found, labels)
    names = Names()
    kou: Item | None = heads[0] if len(heads) == 1 else None
    for item in found:
        if item in heads:
            kou = item
        else:
            names.rows.append(item)
            names.kou.append(kou)
    return names


def _is_name(printed: str) -> bool:
    if len(printed) > _LONGEST or not _NAME.fullmatch(printed):
        return False
    if _SENTENCE.search(printed) and not _MOKU.fullmatch(printed):
        return False
    return printed == "その他" or not _METHODS.fullmatch(printed)


def _heads(items: list[Item], found: list[Item], count: int) -> list[Item]:
    """The ``count`` names that are a 項: those that (項) stands before, else the first that do not look like a 目."""
    likely = [item for item in found if not _MOKU.fullmatch(_text(item))]
    marked = [item for item in likely if _label_before(items, item) == "lines_kou"]
    rest = [item for item in likely if item not in marked and _label_before(items, item) != "lines_moku"]
    rest += [item for item in likely if item not in marked and item not in rest]
    heads = (marked + rest)[:count]
    return [item for item in found if item in heads]


def _label_before(items: list[Item], name: Item) -> str:
    at = next(number for number, item in enumerate(items) if item is name)
    return items[at - 1].key if at and items[at - 1].kind == "label" else ""


def _text(item: Item) -> str:
    return fold("".join(span.text for span in item.spans))


def write(reading: Reading, names: Names, cells: Cells) -> None:
    """Put the lines and their totals into the draft."""
    for col, kind in enumerate(("initial", "requested")):
        year = reading.review_year + col
        for row, (name, kou) in enumerate(zip(names.rows, names.kou, strict=True)):
            token, certainty = cells.get((_LINES, row, col), (None, "unsettled"))
            ref = (token.spans[0] if token else name.spans[0]).ref
            reading.draft.add(
                "budget_lines", fiscal_year=year, kind=kind, kou=_name(kou), moku=_name(name),
                amount_jpy=_amount(token), ref=ref, certainty=certainty,
            )  # fmt: skip
        token, certainty = cells.get((_LINES, names.total, col), (None, ""))
        if token is not None:
            ref = token.spans[0].ref
            total = parse_amount(token.printed)
            reading.draft.put("budgets", (year, None), lines_total_jpy=total, ref=ref, certainty=certainty)


def _amount(token: Token | None) -> int | None:
    """▲ 0 is what rounding left over, no amount."""
    if token is None or (token.is_negative and not token.number):
        return None
    return parse_amount(token.printed)


def write_note(reading: Reading, items: list[Item], cells: Cells) -> None:
    """主な増減理由: the words among the budget lines that say why the request is more or less than the budget."""
    placed = {id(token): table for (table, _, _), (token, _) in cells.items()}
    best: tuple[int, Item] | None = None
    table = _GRID
    for item in items:
        for token in item.tokens:
            table = placed.get(id(token), table)
        if item.kind != "word" or item.before == "header" or not any(span.is_open for span in item.spans):
            continue
        text = _text(item)
        score = 2 * bool(_REASON.search(text)) - 2 * bool(_DOES.search(text))
        score += (item.before == "lines") + (item.after == "lines") + (table == _LINES)
        if score > 2 and (best is None or score > best[0]):
            best = score, item
    if best is not None:
        ref = best[1].spans[0].ref
        reading.draft.put("budgets", (reading.review_year + 1, None), note=_name(best[1]), ref=ref)


def _name(item: Item | None) -> str | None:
    """The words as printed, marked as read."""
    if item is None:
        return None
    for span in item.spans:
        span.take()
    by_line: dict[int, list[str]] = {}
    for span in item.spans:
        by_line.setdefault(span.line.number, []).append(span.text)
    return tidy(unwrap([" ".join(words) for words in by_line.values()]))
