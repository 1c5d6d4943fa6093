"""Where the lists of recipients stand in a document: their parts, letters and labels, and how many rows each has."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from dataclasses import dataclass

from toolkit import text
from toolkit.readers.text_layer.document import Box, Span
from toolkit.readers.text_layer.reading import Hit, Reading
from toolkit.readers.text_layer.recipient_cells import (
    AMOUNT,
    BIDDERS,
    METHOD,
    METHOD_WORDS,
    NAME,
    NUMBER,
    RATE,
    REASON,
    WORK,
    Piece,
    close_methods,
    pieces_of,
)  # fmt: skip
from toolkit.readers.text_layer.recipient_costs import Table
from toolkit.readers.text_layer.recipient_filling import Event
from toolkit.readers.text_layer.recipient_ways import add_ways

__all__ = [
    "Part",
    "contract_parts",
    "drop_repeated_heads",
    "events_of",
    "headings",
    "letters_for",
    "letters_of",
    "recipient_parts",
    "tables_of",
]

#: labels of the tables' columns
_COLUMN = {"recipient": NAME, "contractor": NAME, "corporate_number": NUMBER, "work": WORK, "amount": AMOUNT, "contract_amount": AMOUNT,
           "method": METHOD, "bidders": BIDDERS, "award_rate": RATE, "single_bid_reason": REASON}  # fmt: skip
#: column heads of several lines, which a line break or a neighbour may tear
_HEADS = "|".join(
    ["一者応札・一者応募又は競争性のない随意契約となった理由及び改善策(支出額10億円以上)", "(契約額10億円以上)", "入札者数(応募者数)", "支出額(百万円)",
     "契約額(百万円)", "ブロック名", "法人番号", "業務概要", "契約方式等"]
)  # fmt: skip
_METHODS = "一般競争契約(最低価格)一般競争契約(総合評価)指名競争契約(随意契約(企画競争)随意契約(公募)随意契約(少額)随意契約(その他)"
_TICKS = "○〇✓✔☑レ"
_LETTER = re.compile("[A-Za-v]")
_HEADING = re.compile(r"([A-Z]{1,2}(?=[.．]?$)|[a-v](?=[.．]))[.．]?")
_NAMED_HEADING = re.compile(r"([A-Z]{1,2})\.(?!.*(?:LTD|Ltd)).+")


@dataclass(slots=True)
class Part:
    """The boxes of one stretch of the document that holds lists, and the column labels in it."""

    boxes: list[Box]
    labels: list[tuple[int, int]]  # line, column

    @classmethod
    def cut(cls, reading: Reading, first: int, last: int) -> Part:
        """The lines ``first`` to ``last``, by whole boxes."""
        boxes = reading.document.boxes
        start, end = (bisect_left(boxes, line, key=lambda box: box.lines[0].number) for line in (first, last + 1))
        return cls(
            boxes[start:end],
            [(hit.line, _COLUMN[hit.key]) for hit in reading.hits if hit.key in _COLUMN and first <= hit.line <= last],
        )


def recipient_parts(reading: Reading) -> list[Part]:
    """The list on the main sheet and its continuation in 別紙3."""
    starts = reading.find("recipients") or reading.find("recipient")[:1]
    ends = [hit.line for hit in reading.find("annex", "costs", "contractor", "block_name", "recipients")]
    ends += [start for _, start in _contract_starts(reading)]
    last = reading.document.last_line
    more = reading.find("more_recipients")
    parts = []
    for hit in starts:
        end = min((line for line in ends if line > hit.line), default=last + 1) - 1
        closing = next((one for one in more if hit.line < one.line <= end), None)
        if closing is not None:  # the rest of its page may follow it, the next page does not
            end = min(end, reading.document.page(closing.box.page)[-1].lines[-1].number)
        parts.append(Part.cut(reading, _first_line(reading.document.boxes, hit), end))
    return parts


def contract_parts(reading: Reading) -> list[Part]:
    """The list of contracts over several years."""
    ends = reading.find("annex", "costs", "recipients")
    last = reading.document.last_line
    return [
        Part.cut(reading, start, min((one.line for one in ends if one.line > hit.line), default=last + 1) - 1)
        for hit, start in _contract_starts(reading)
    ]


def _contract_starts(reading: Reading) -> list[tuple[Hit, int]]:
    """The titles of the lists of contracts, and where the lists begin: at the title, or else at their first label where
    the right-hand columns of the list of recipients were printed below the title."""
    found = []
    for hit in reading.find("multi_year") or reading.find("contractor")[:1]:
        label = next((one.line for one in reading.find("block_name", "contractor") if one.line >= hit.line), hit.line)
        between = [box for box in reading.document.boxes[hit.box.index + 1 :] if box.lines[0].number < label]
        found.append((hit, label if any(box.find(METHOD_WORDS) for box in between) else hit.line))
    return found


def _first_line(boxes: list[Box], title: Hit) -> int:
    """Where the part begins: letters of blocks and numbers of rows may have been printed before the title."""
    lead: list[str] = []
    start = title.box.index - boxes[0].index
    for box in reversed(boxes[:start]):
        words = [text.fold(line.text) for line in box.lines]
        if box.page != title.box.page or not all(re.fullmatch(r"[A-Z]{1,2}\.?|[12]?\d|30", word) for word in words):
            break
        lead[:0] = words
        start = box.index - boxes[0].index
    ranks = [int(word) for word in lead if word.isdigit()]
    in_order = all(rank in (1, before + 1) for before, rank in zip([0, *ranks], ranks, strict=False))
    return boxes[start].lines[0].number if in_order and len(lead) > 1 else title.line


def headings(part: Part) -> list[str]:
    """The letters of the blocks, each on a line of its own, taken out of the way."""
    found = []
    for box in part.boxes:
        for line in box.lines:
            tokens = line.open_tokens
            if tokens and _LETTER.match(text.fold(line.text[tokens[0].start])):
                whole = line.span(tokens[0].start, tokens[-1].end)
                folded = text.fold(whole.text)
                match = _HEADING.fullmatch(folded) or _NAMED_HEADING.fullmatch(folded)
                if match:
                    found.append(text.block_letter(match.group(1)) or "")
                    whole.take()
    return found


def drop_repeated_heads(parts: list[Part], printed: list[str]) -> None:
    """Leave out the head of a table that a page break cut off from its rows: the next page prints it again."""
    blocks, count = len(set(printed)), sum(column == NAME for part in parts for _, column in part.labels)
    for part in parts:
        heads = [line for line, column in part.labels if column == NAME]
        for line, after in itertools.pairwise(heads):
            if blocks >= count:
                return
            boxes = [box for box in part.boxes if line <= box.lines[0].number < after]
            broken = boxes[0].page < next(box.page for box in part.boxes if box.lines[-1].number >= after)
            if broken and not any(one.open_tokens for box in boxes for one in box.lines):
                part.labels = [label for label in part.labels if not line <= label[0] < after]
                count -= 1


def letters_of(part: Part) -> list[tuple[str, Span]]:
    """The cells that hold nothing but the letter of a block, taken out of the way."""
    spans = [span for box in part.boxes for line in box.lines for span in line.open_tokens]
    found = [
        (text.fold(span.text), span)
        for span in spans
        if re.fullmatch(r"[A-Z]{1,2}(?:[,、・][A-Z]{1,2})*", text.fold(span.text))
    ]
    for _, span in found:
        span.take()
    return found


def events_of(parts: list[Part]) -> list[Event]:
    """Pieces and column labels in printed order; the nth label of a column belongs to the nth table."""
    pieces: list[Piece] = []
    for part in parts:
        own: list[Piece] = []
        for box in part.boxes:
            lines = []
            for line in box.lines:
                tokens = []
                for token in line.open_tokens:
                    if token.text in _TICKS or _is_torn(box, token):
                        token.label()
                    else:
                        tokens.append(token)
                lines.append((line, tokens))
            own += pieces_of(box, lines)
        own = close_methods(own)
        pieces += _without_repeats(own, [line for line, column in part.labels if column == NAME])
    add_ways(pieces)
    order: list[tuple[int, int, Event]] = [(piece.line, 1, Event(piece=piece)) for piece in pieces]
    labels = {
        column: sorted(line for part in parts for line, of in part.labels if of == column)
        for column in set(_COLUMN.values())
    }
    count = max(map(len, labels.values()))
    whole = next((labels[column] for column in (METHOD, NAME, *labels) if len(labels[column]) == count), [])
    for column, found in labels.items():  # a label that was torn apart is taken to stand beside the others of its head
        order += [
            (line, 0, Event(table=index, column=column))
            for index, line in enumerate(found if len(found) == count else whole)
        ]
    return [event for _, _, event in sorted(order, key=lambda one: one[:2])]


def _is_torn(box: Box, token: Span) -> bool:
    """Whether a word is a piece of a column head; a single character only where it stands alone in its box, and a
    bracket may be that of a method."""
    word = text.fold(token.text)
    if word not in _HEADS or word == ")" or not word.strip("(0123456789") or (len(word) > 1 and word in _METHODS):
        return False
    return len(word) > 1 or not any(line is not token.line and line.open_tokens for line in box.lines)


def _without_repeats(pieces: list[Piece], heads: list[int]) -> list[Piece]:
    """A row cut by the end of a page is printed on both pages: the second copy is left out."""
    pages = sorted({piece.page for piece in pieces})
    dropped: set[int] = set()
    for before, after in itertools.pairwise(pages):
        old = [piece for piece in pieces if piece.page == before]
        new = [piece for piece in pieces if piece.page == after]
        led = _led(new)
        if not led or any(new[0].line > line >= old[-1].line or led[-1].line > line >= new[0].line for line in heads):
            continue
        begun = max((line for line in heads if line <= old[-1].line), default=0)  # the table that goes on
        above = [[cell.folded for cell in piece.cells] for piece in old if piece.line > begun]
        row = [cell.folded for piece in led for cell in piece.cells][:2]
        if not any(one[:2] == row for one in above) and not all([word] in above for word in row):
            continue
        end = min((line for line in heads if line > led[-1].line), default=new[-1].line + 1)
        rest = [piece for piece in new if piece.line < end and not any(piece is one for one in led)]
        dropped |= {id(piece) for piece in led}
        for kinds in {piece.kinds for piece in rest if len(piece.cells) > 1 or piece.kinds in "tnamp"}:
            first = next(piece for piece in rest if piece.kinds == kinds)
            last = next((piece for piece in reversed(old) if piece.kinds == kinds), None)
            texts = [piece for piece in rest if piece.kinds == "t"] if kinds == "t" and len(led) > 1 else [first]
            if last is not None:
                same = (one for one in texts if [c.folded for c in one.cells] == [c.folded for c in last.cells])
                dropped |= {id(one) for one in itertools.islice(same, 1)}
        columns = [list(run) for kinds, run in itertools.groupby(new, lambda piece: piece.kinds) if kinds == "i"]
        if len(led) > 1:  # columns of numbers: each begins with that of the row that was cut
            dropped |= {
                id(run[0])
                for run in columns
                if len(run) > 1 and run[0].line < end and [run[0].cells[0].folded] in above
            }
    for piece in pieces:
        if id(piece) in dropped:
            for cell in piece.cells:
                for span in cell.spans:
                    span.take()
    return [piece for piece in pieces if id(piece) not in dropped]


def _led(pieces: list[Piece]) -> list[Piece]:
    """Rank and name of the first row of a page, on one line or apart."""
    first = next((piece for piece in pieces if piece.kinds[0] in "it"), None)
    if first is None or first.kinds.startswith("it"):
        return [] if first is None else [first]
    name = next((piece for piece in pieces if piece.kinds == "t"), None)
    return [first, name] if first.kinds == "i" and name is not None else []


def tables_of(events: list[Event], letters: list[str]) -> list[Table]:
    """The tables with their numbers of rows: as many as contract methods were printed after their labels, or as the
    numbers printed beside the names say."""
    sizes = [0] * len(letters)
    ranks: list[int] = []
    current = 0
    for event in events:
        if event.piece is None:
            if event.column == METHOD:
                current = min(event.table, len(letters) - 1)
            continue
        cells = event.piece.cells
        if len(cells) > 1 and cells[0].kind == "i" and cells[1].kind in "tn":
            ranks.append(int(cells[0].folded))
        for index, cell in enumerate(cells):
            if cell.kind == "m" or (cell.kind == "o" and _is_method(event.piece, index, ranks)):
                sizes[current] += 1
    _by_ranks(sizes, ranks)
    tables: list[Table] = []
    for letter, size in zip(letters, sizes, strict=True):
        tables.append(Table(letter, size, tables[-1].end if tables else 0))
    return tables


def _by_ranks(sizes: list[int], ranks: list[int]) -> None:
    """Correct numbers of rows by the ranks printed beside names: methods may stand before their label, or be missing."""
    groups: list[list[int]] = []
    for rank in ranks:
        if not groups or rank in groups[-1]:
            groups.append([])
        groups[-1].append(rank)
    filled = [index for index, size in enumerate(sizes) if size] or list(range(len(sizes)))
    if len(groups) == len(sizes):  # a list for every label, though all methods may stand before the labels
        filled = list(range(len(sizes)))
    elif len(groups) != len(filled):
        return
    least = {
        index: max(group) if max(group) <= 2 * len(group) else 0 for index, group in zip(filled, groups, strict=True)
    }
    for place, index in enumerate(filled):
        for beside in (place - 1, place + 1):  # what this list lacks, its neighbour may have too many of
            if 0 <= beside < len(filled):
                moved = max(min(least[index] - sizes[index], sizes[filled[beside]] - least[filled[beside]]), 0)
                sizes[index] += moved
                sizes[filled[beside]] -= moved
        sizes[index] = max(sizes[index], least[index])


def _is_method(piece: Piece, index: int, ranks: list[int]) -> bool:
    """その他 may also be the last recipient of a list: beside its number or its work, or after the next rank."""
    before, after = piece.kinds[:index], piece.kinds[index + 1 :]
    if "n" in after or "t" in after:
        return False
    return not (before == "i" and ranks and int(piece.cells[0].folded) == ranks[-1] + 1)


def letters_for(printed: list[str], count: int) -> list[str]:
    """One letter per table: from A on without a gap, unless what is printed goes further."""
    letters = ["A"]
    while len(letters) < count:
        letters.append(_next_letter(letters[-1]))
    known = sorted(set(printed), key=lambda letter: (len(letter), letter))
    if set(known) <= set(letters):
        return letters
    while len(known) < count:
        known.append(_next_letter(known[-1]))
    return known[:count]


def _next_letter(letter: str) -> str:
    return "AA" if letter == "Z" else letter[:-1] + chr(ord(letter[-1]) + 1)
