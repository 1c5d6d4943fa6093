"""What stands in the list of recipients, cut into cells: kinds of values, wrapped texts, lines that hold several cells.

A *piece* is what was certainly printed for one row: the cells of one printed line from left to right, or one
wrapped text. Which row and which columns a piece fills is settled in ``recipient_grid``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from toolkit import text
from toolkit.readers.text_layer.document import Box, Line, Span

__all__ = [
    "AMOUNT", "BIDDERS", "COLUMNS", "METHOD", "METHOD_WORDS", "NAME", "NUMBER", "RANK", "RATE", "REASON", "WORK",
    "ORGANIZATION", "Cell", "Piece", "Way", "close_methods", "first_characters", "is_person", "method_class", "pieces_of",
]  # fmt: skip

RANK, NAME, NUMBER, WORK, AMOUNT, METHOD, BIDDERS, RATE, REASON = range(9)
COLUMNS = 9


def first_characters(alternatives: str) -> str:
    """What they begin with: a long pattern is tried there alone, which costs a fraction."""
    return "".join([word[0] for word in alternatives.split("|")])


#: the drop-down list of the form; what stands in brackets may be torn off by a line break, never left out
_BRACKET = r"\([^()\d,-]{1,8}\)"
METHOD_WORDS = re.compile(
    rf"一般競争(?:契約|入札)(?:{_BRACKET})?|指名競争(?:契約|入札)(?:{_BRACKET})?|公募型競争{_BRACKET}|随意契約(?:{_BRACKET}|(?![とのにをがで]))"
    r"|補助金等?交付|国庫債務負担行為等(?!に)|運営費交付金(?:交付)?|交付金交付|負担金交付|委託費交付"
)
_OTHER = "その他"
_THIRTEEN, _COUNT, _PERCENT = re.compile(r"\d{13}"), re.compile(r"\d{1,3}"), re.compile(r"\d{1,3}(?:\.\d+)?%")
_PRICE = re.compile(r"[▲△-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:百万円|千円|円)?")
_OPEN_METHOD = re.compile(r"一般競争|指名競争|企画競争|\(公募\)")
_CLOSED_METHOD = re.compile(r"補助金|交付金|\(少額\)|\(その他\)|その他")
_OTHER_METHOD = re.compile(r"(?:a|(?<!^)i)(t)[-ip]")

_ORGANIZATIONS = (
    "株式会社|有限会社|提案体|リミテッド|公司|合同会社|合資会社|合名会社|法人|組合|協会|機構|公社|公団|財団|社団|連合会|連盟"
    "|協議会|委員会|学会|公庫|銀行|金庫|大学|学園|学校|高専|病院|医師会|商工会|会議所|事務所|研究所|研究会|研究院|センター$|協力隊|振興会|共済会|基金$|支部$|支店$"
    "|大使館|総領事館|税関|コーポレーション|ホールディングス|グループ$|商店$|商会$|共同企業体|コンソーシアム"
)
ORGANIZATION = re.compile(
    rf"(?=[{first_characters(_ORGANIZATIONS)}(都道府県市区町村省庁局署A-Za-z])(?:{_ORGANIZATIONS}"
    r"|\((?:株|有|公財|一財|公社|一社|独|同|資|学|医|福|特非|国)\)|[都道府県市区町村]$|[省庁局署]$|JV$"
    r"|(?i:ltd|inc\b|corp|gmbh|llc|company|university|limited|institute|organi[sz]ation|agency|foundation|association|group|bank|council|center|centre))"
)
_PERSON = re.compile(
    r"^(?:個人|職員|非常勤職員|.{0,4}有識者|委員|講師|研究者|支出先|民間企業|.{1,4}社$)[A-ZΑ-Ω0-9]{0,2}$|^(?:その他|ほか|他\d)|[A-ZΑ-Ω]\)?$"
)


@dataclass(slots=True)
class Cell:
    """One printed cell. ``kind``: i small integer, a amount, n corporate number, p percentage, - dash, m method,
    o その他 (a name or a method), t text. ``spans`` has one stretch per printed line. ``amount`` is its amount in yen,
    ``mode`` the class of a method or ``person`` for the name of one; both only once its piece is complete.
    """

    kind: str
    spans: list[Span]
    folded: str
    amount: int = 0
    mode: str = ""

    @property
    def place(self) -> Span:
        """Where it counts as printed: its first line, or the last if other cells stand between its lines."""
        first, last = self.spans[0], self.spans[-1]
        return first if last.line.number - first.line.number < len(self.spans) else last

    @property
    def printed(self) -> str:
        """Its text with the lines joined."""
        return text.unwrap([span.text for span in self.spans]).replace("\n", "")


@dataclass(slots=True)
class Way:
    """One way to spread the cells of a piece over the columns, each with its own, and what speaks against it."""

    columns: tuple[int, ...]
    cells: tuple[tuple[int, Cell], ...]
    cost: float


@dataclass(slots=True)
class Piece:
    """The cells of one printed line, or one wrapped text."""

    cells: list[Cell]
    line: int
    page: int
    ways: list[Way] = field(default_factory=list)

    @property
    def kinds(self) -> str:
        """One letter per cell."""
        return "".join([cell.kind for cell in self.cells])


def method_class(folded: str) -> str:
    """``open`` where the form has bidders counted, ``closed`` where it has not, else blank."""
    if _OPEN_METHOD.search(folded):
        return "open"
    if _CLOSED_METHOD.search(folded):
        return "closed"
    return ""


@lru_cache(maxsize=4096)
def is_person(folded: str) -> bool:
    """True for the letters that stand for private persons and the like: they have no corporate number."""
    return bool(_PERSON.search(folded)) and not ORGANIZATION.search(folded)


@lru_cache(maxsize=4096)
def _kind_of(folded: str) -> str:
    """The kind of a token by its shape; ``t`` where it is running text."""
    if text.is_nothing(folded):
        return "-"
    if _THIRTEEN.fullmatch(folded):
        return "n"
    if _COUNT.fullmatch(folded):
        return "i" if len(folded) < 2 or folded[0] != "0" else "t"
    if _PRICE.fullmatch(folded):
        return "a"
    if _PERCENT.fullmatch(folded):
        return "p"
    if METHOD_WORDS.fullmatch(folded) or ("(" in folded and METHOD_WORDS.fullmatch(f"{folded})")):
        return "m"
    return "o" if folded == _OTHER else "t"


def pieces_of(box: Box, lines: Sequence[tuple[Line, list[Span]]]) -> list[Piece]:
    """The open tokens of the lines of a box as pieces, from top to bottom."""
    if not any(tokens for _, tokens in lines):
        return []
    wrapped = [*_wrapped_methods(box, lines), *(_wrapped_numbers(lines) if len(lines) > 1 else ())]
    whole = {(cell.place.line.number, cell.place.start): cell for cell in wrapped}
    inside = {(span.line.number, span.start) for cell in wrapped for span in cell.spans}
    pieces: list[Piece] = []
    for line, tokens in lines:
        cells: list[Cell] = []
        for token in tokens:
            at = (line.number, token.start)
            if at in whole:
                cells.append(whole[at])
            if at in inside:
                continue
            folded = text.fold(token.text)
            kind = _kind_of(folded)
            last = cells[-1] if cells else None
            if (
                kind == "t" and last is not None and last.kind == "t"
            ):  # a space inside a cell, or two cells: see ``ways``
                last.spans[-1] = line.span(last.spans[-1].start, token.end)
                last.folded += folded
            else:
                cells.append(Cell(kind, [token], folded))
        if not cells:
            continue
        _other_method(cells)
        if pieces and _goes_on(pieces[-1], cells, line.number):
            last = pieces[-1].cells[-1]
            last.spans += cells[0].spans
            last.folded += cells[0].folded
            pieces[-1].cells += cells[1:]
        else:
            pieces.append(Piece(cells, line.number, line.page))
    return pieces


def close_methods(pieces: list[Piece]) -> list[Piece]:
    """Give methods that a line break left without their closing bracket one of those that stand alone; the others of
    these were torn from a column head."""
    brackets = [piece for piece in pieces if piece.kinds == "t" and not piece.cells[0].folded.strip(")")]
    spans = [span for piece in brackets for span in piece.cells[0].spans]
    methods = [cell for piece in pieces for cell in piece.cells if cell.kind == "m"]
    torn = [cell for cell in methods if cell.folded.count("(") > cell.folded.count(")")]
    for cell, span in zip(torn, spans, strict=False):
        cell.spans.append(span)
        cell.folded += ")"
    for span in spans[len(torn) :]:
        span.label()
    return [piece for piece in pieces if not any(piece is one for one in brackets)]


def _wrapped_methods(box: Box, lines: Sequence[tuple[Line, list[Span]]]) -> list[Cell]:
    """The contract methods printed in a box, also those torn over its lines; each fills its cell."""
    found = [Cell("m", spans, match.group()) for match, spans in box.find_all(METHOD_WORDS)]
    found = [cell for cell in found if all(span.is_open for span in cell.spans) and _stands_alone(cell.spans)]
    return found + _parted_methods(lines, {span.line.number for cell in found for span in cell.spans})


def _parted_methods(lines: Sequence[tuple[Line, list[Span]]], whole: set[int]) -> list[Cell]:
    """Methods of two lines between which the numbers of their row were printed, being of one line."""
    found = []
    for (above, first), (_, between), (below, second) in zip(lines, lines[1:], lines[2:], strict=False):
        if not between or {above.number, below.number} & whole or len(first) > 1 or len(second) > 1:
            continue
        word = "".join(text.fold(token.text) for token in (*first, *second))
        numbers = {_kind_of(text.fold(token.text)) for token in between}
        if first and second and numbers <= set("ia-p") and METHOD_WORDS.fullmatch(word):
            found.append(Cell("m", [first[0], second[0]], word))
    return found


def _other_method(cells: list[Cell]) -> None:
    """A word between amount and bidders is a method, though the form's list does not have it."""
    if len(cells) < 3:
        return
    found = _OTHER_METHOD.search("".join([cell.kind for cell in cells]))
    if found and len(cells[found.start(1)].folded) <= 16:
        cells[found.start(1)].kind = "m"


def _goes_on(piece: Piece, cells: list[Cell], number: int) -> bool:
    """Whether a line is the next one of the wrapped text above it. The last line may be ー, or the year of a title."""
    last = piece.cells[-1]
    if last.kind != "t" or last.spans[-1].line.number != number - 1:
        return False
    if len(cells) > 1:  # a method beside the second line of a work; one of a single line where the first line was full
        works = len(piece.cells) == 1 and len(last.folded) > 12 and not ORGANIZATION.search(last.folded)
        full = len(cells[1].spans) > 1 or len(last.folded) >= len(cells[0].folded)
        return works and full and [cell.kind for cell in cells[:2]] == ["t", "m"]
    return cells[0].kind == "t" or (
        len(piece.cells) == 1 and cells[0].kind in "-ia" and cells[0].folded != "-" and len(last.folded) > 7
    )


def _wrapped_numbers(lines: Sequence[tuple[Line, list[Span]]]) -> list[Cell]:
    """Corporate numbers that a narrow column broke over lines: lines of nothing but digits, 13 in all."""
    found: list[Cell] = []
    run: list[tuple[Span, str]] = []
    for _, tokens in lines:
        digits = text.fold(tokens[0].text) if len(tokens) == 1 else ""
        run = [*run, (tokens[0], digits)] if digits.isdigit() and len(digits) < 13 else []
        if len(run) > 1 and sum(len(word) for _, word in run) == 13 and _is_broken(run):
            found.append(Cell("n", [span for span, _ in run], "".join(word for _, word in run)))
            run = []
    return found


def _is_broken(run: Sequence[tuple[Span, str]]) -> bool:
    """Whether a column broke a number here: half of it above, or lines of five digits, as many as there is room for."""
    first = len(run[0][1])
    return first > 5 or (first == 5 and all(len(word) == 5 for _, word in run[:-1]))


def _stands_alone(spans: list[Span]) -> bool:
    """A method fills its cell: nothing but a space before its first and after its last character."""
    first, last = spans[0], spans[-1]
    before, after = first.line.text[: first.start], last.line.text[last.end :]
    whole = all(span.start == 0 for span in spans[1:])
    return (not before or before[-1] in " \u3000") and (not after or after[0] in " \u3000") and whole
