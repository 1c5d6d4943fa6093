"""The ways to spread a piece of a list of recipients over the columns, by the kinds and the wording of its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from toolkit import text
from toolkit.readers.text_layer.document import Span
from toolkit.readers.text_layer.recipient_cells import (
    AMOUNT,
    BIDDERS,
    METHOD,
    NAME,
    NUMBER,
    ORGANIZATION,
    RANK,
    RATE,
    REASON,
    WORK,
    Cell,
    Piece,
    Way,
    first_characters,
    is_person,
    method_class,
)  # fmt: skip

__all__ = ["add_ways"]

_WORKS = (
    "業務|事業|調査|支援|実施|運営|作成|製作|制作|製造|開発|購入|購読|購入費|借料|借上げ?|借入れ?|賃金|賃料|旅費|謝金|料|金|一式|役務|委託|再委託|請負|研究|整備|工事|保守|賃貸借"
    "|派遣|提供|販売|拠点|設計|管理|保険料|等|実証|検討|分析|評価|研修|広報|配信|印刷|発送|輸送|手配|更新|改修|構築|補助|交付|取得|点検|監理|監視|測定|観測|試験"
    "|普及|啓発|促進|推進|育成|確保|向上|参加|出席|供与|拠出|負担|システム|サービス|プロジェクト|プログラム|もの|こと|ため"
)
_ABOUT = r"に(?:係る|関する|かかる|向けた|おける|よる|要する|対する)|に関して|及び|並びに|ための|令和|平成|年度|第\d"
_WORK = re.compile(
    rf"(?=[{first_characters(_WORKS)}{first_characters(_ABOUT)}]|[^会]費)"
    rf"(?:(?:{_WORKS}|[^会]費)(?:\(.*\)|・?[^・]{{0,2}}[等他])?$|{_ABOUT})"
)
_REASON = re.compile(
    "一者応札|一者応募|競争性|随意契約|公告|入札|仕様書|契約の性質|会計法|予決令|公募を行|のため。|るため。"
)

#: columns that a kind of cell may fill, and what speaks against each
_COLUMNS_OF: dict[str, tuple[tuple[int, float], ...]] = {
    "i": ((RANK, 0.0), (AMOUNT, 0.0), (BIDDERS, 0.0)),
    "a": ((AMOUNT, 0.0), (BIDDERS, 6.0)),
    "n": ((NUMBER, 0.0),),
    "p": ((RATE, 0.0),),
    "-": ((NUMBER, 0.0), (BIDDERS, 0.0), (RATE, 0.0), (REASON, 0.0), (AMOUNT, 6.0), (METHOD, 7.0), (WORK, 7.0)),
    "m": ((METHOD, 0.0),),
    "o": ((METHOD, 0.3), (NAME, 0.3)),
    "t": ((NAME, 0.0), (WORK, 0.0), (REASON, 0.0)),
}
#: what speaks against a column passed over within a line: blank, or of several lines, which never share a line
_PASSED = (9.0, 1.5, 1.0, 1.0, 9.0, 0.5, 3.5, 3.0, 0.4)

_price = itemgetter(0)


def add_ways(pieces: list[Piece]) -> None:
    """Find the ways to spread the values of every piece over the columns; a piece of dashes has none."""
    counts = Counter([cell.folded for piece in pieces for cell in piece.cells if cell.kind == "t"])
    costs = {word: _text_cost(word, count) for word, count in counts.items()}
    for piece in pieces:
        if all(cell.kind == "-" for cell in piece.cells):
            continue
        for cell in piece.cells:
            if cell.kind in "ia":
                cell.amount = text.parse_amount(cell.folded) or 0
            elif cell.kind in "mo":
                cell.mode = method_class(cell.folded)
            elif cell.kind == "t" and is_person(cell.folded):
                cell.mode = "person"
        ways = _spread(piece.cells, costs)
        for cells, extra in _splits(piece) + _joins(piece):
            ways += _spread(cells, {}, extra)
        ways.sort(key=_price)
        piece.ways = [Way(columns, tuple(zip(columns, cells, strict=True)), cost) for cost, columns, cells in ways[:12]]


def _spread(
    cells: Sequence[Cell], costs: Mapping[str, tuple[float, float, float]], extra: float = 0.0
) -> list[tuple[float, tuple[int, ...], tuple[Cell, ...]]]:
    """The ways to put these cells into columns from left to right, without the dashes among them, and their prices."""
    values, texts = tuple([cell for cell in cells if cell.kind != "-"]), []
    for at, cell in enumerate(values):
        if cell.kind == "t":
            name, work, reason = costs.get(cell.folded) or _text_cost(cell.folded, 1)
            if len(cell.spans) == 1 and " " in cell.spans[0].text and _WORK.search(cell.folded):
                name += 1.5  # rather a name and a work than one name
            texts.append((at, {NAME: name, WORK: work, REASON: reason}))
    ways = []
    for columns, cost in _layouts("".join([cell.kind for cell in cells])):
        cost += extra
        for at, prices in texts:
            cost += prices[columns[at]]
        ways.append((cost, columns, values))
    return ways


@lru_cache(maxsize=1024)
def _layouts(kinds: str) -> list[tuple[tuple[int, ...], float]]:
    """The columns that cells of these kinds may stand in, without the dashes, and what speaks against that whatever
    their texts say."""
    partial: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    for kind in kinds:
        longer = []
        for columns, cost in partial:
            last = columns[-1] if columns else -1
            for column, extra in _COLUMNS_OF[kind]:
                if column > last and not (column == RANK and columns):
                    passed = sum(_PASSED[last + 1 : column]) if columns else 0.0
                    if passed < 14:
                        longer.append(((*columns, column), cost + extra + passed))
        partial = longer
    values = [index for index, kind in enumerate(kinds) if kind != "-"]
    best: dict[tuple[int, ...], float] = {}
    for columns, cost in partial:
        kept = tuple(columns[index] for index in values)
        best[kept] = min(cost, best.get(kept, cost))
    return list(best.items())


def _splits(piece: Piece) -> list[tuple[tuple[Cell, ...], float]]:
    """The cells with one text of several words cut in two: name and work with no number between them."""
    found = []
    for index, cell in enumerate(piece.cells):
        if cell.kind != "t" or len(cell.spans) > 1:
            continue
        span = cell.spans[0]
        for space in re.finditer(" ", span.text):
            halves = [
                Span(span.line, span.start, span.start + space.start()),
                Span(span.line, span.start + space.end(), span.end),
            ]
            words = [text.fold(half.text) for half in halves]
            if all(words):
                cut = [
                    Cell("t", [half], word, mode="person" if is_person(word) else "")
                    for half, word in zip(halves, words, strict=True)
                ]
                found.append(((*piece.cells[:index], *cut, *piece.cells[index + 1 :]), 0.0))
    return found[:4]


def _joins(piece: Piece) -> list[tuple[tuple[Cell, ...], float]]:
    """The cells with a number taken for the last word of the text before it, and what speaks against that."""
    found = []
    for index, (cell, after) in enumerate(zip(piece.cells, piece.cells[1:], strict=False)):
        if cell.kind == "t" and len(cell.spans) == 1 and after.kind in "ia" and after.folded.isdigit():
            whole = Span(cell.spans[0].line, cell.spans[0].start, after.spans[0].end)
            joined = Cell("t", [whole], cell.folded + after.folded)
            year = re.fullmatch(r"(?:19|20)\d\d", after.folded)
            found.append(((*piece.cells[:index], joined, *piece.cells[index + 2 :]), 0.5 if year else 3.0))
    return found


def _text_cost(word: str, count: int) -> tuple[float, float, float]:
    """What speaks against a text's being a name, a work, a reason; what stands there again and again is a work."""
    if is_person(word):
        return 0.0, 2.0, 9.0
    organization, work = bool(ORGANIZATION.search(word)), bool(_WORK.search(word))
    name = 0.0 if organization else 1.0
    name += 0.0 if not work else 2.5 if not organization else 0.5
    name += 1.0 if count > 2 else 0.0
    name += (
        4.0 if word.count("(") < word.count(")") or not word.strip("0123456789,.-") else 0.0
    )  # the rest of something
    job = 0.0 if work else 1.5 if organization else 0.5
    known = len(word) > 15 and bool(_REASON.search(word))
    if "。" in word:
        return name + 5.0, job + (3.0 if known else 1.0), 0.0 if known else 2.0
    return name, job, 3.0 if known else 9.0
