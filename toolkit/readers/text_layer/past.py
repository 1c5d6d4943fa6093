"""Numbers of the project's earlier sheets (関連する過去のレビューシートの事業番号), one year per label.

Numbers were printed differently over the years: bare to 2018 (``222``), with the ministry in 2019 and 2020
(``文部科学省 0201``), in four parts from 2021 on, the first of which is the year of that sheet
(``2022 文科 21 0216``). Years and numbers torn apart are brought together by these formats and by their order;
a number whose year stays open is not guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.readers.text_layer.document import Box
from toolkit.readers.text_layer.past_columns import NAMED, settle
from toolkit.readers.text_layer.past_tokens import Numbers, Token, is_four_part, may_pair, plain, tokens
from toolkit.readers.text_layer.reading import Reading

__all__ = ["read"]

_AROUND = {
    "bureau_review",
    "inspection",
    "direction",
    "external_experts",
    "team",
    "reflection",
    "remarks",
    "past_remarks",
}
#: from this review year on, numbers have four parts
_FOUR_PARTS = 2021
_AFTER = {"flow", "costs", "recipients", "contracts"}


def read(reading: Reading) -> None:
    lines = [words for box in _boxes(reading) for line in box.lines if (words := tokens(line, reading.review_year))]
    found = Numbers(reading)
    for words in lines:
        _read_line(found, words)
    words = [token for line in lines for token in line]
    _read_steps(found, words)
    settle(found, words)
    found.write()
    before: Token | None = None
    for token in words:
        if token.kind == "year":
            token.span.label()
        elif token.kind == "dash" and before is not None and before.done:
            token.take()
        before = token


def _boxes(reading: Reading) -> list[Box]:
    """Where years and numbers may stand: around their heading, among the evaluations, before the flow of funds."""
    heading = reading.first("past_numbers")
    if heading is None:
        return []
    boxes = reading.document.boxes
    first = boxes[0].index
    later = (hit.box.index for hit in reading.hits if hit.section in _AFTER and hit.box.index > heading.box.index)
    end = next(later, first + len(boxes))
    around = [hit.box.index for hit in reading.hits if hit.key in _AROUND and hit.box.index < end]
    if reading.find("check_ministry"):  # to 2022 the table above names other projects by the same kind of number
        around = [hit.box.index for hit in reading.find("inspection") if hit.box.index < end]
    start = min([*around, heading.box.index])
    if reading.document.pages > 1 and not reading.find(
        "check_ministry"
    ):  # on a page of their own, years may stand above every heading
        start = min(start, reading.document.page(boxes[start - first].page)[0].index)
    return boxes[start - first : end - first]


def _read_line(found: Numbers, words: list[Token]) -> None:
    """What one line says on its own: a year with its numbers beside it, or a number that names its year."""
    if [token.kind for token in words] == ["number", "year"] and words[0].span.end == words[1].span.start:
        found.add(words[:1], label=words[1])  # two cells that touch: 195平成27年度
        return
    for label, parts in _by_year(words):
        if is_four_part(parts) or [token.kind for token in parts] == ["whole"] or _is_complete(label, parts):
            found.add(parts, label=label)


def _read_steps(found: Numbers, words: Sequence[Token]) -> None:
    """A year on one line and its number on the next, in columns that print each number after its year."""
    if _leads(words):
        return
    groups = _by_year([token for token in words if not token.done])
    for at, (label, parts) in enumerate(groups):
        unit = _unit(parts)
        alone = (
            at == 0
            or bool(groups[at - 1][1])
            or not _is_next(words, groups[at - 1][0], label)
            or _alternates(words, groups[at - 1][0], label)
        )
        if not alone or not _is_complete(label, unit) or sum(token.kind == "number" for token in unit) != 1:
            continue
        if label is not None and may_pair([label], unit[-1:]):
            found.add(unit, label=label)


def _unit(parts: Sequence[Token]) -> list[Token]:
    """What belongs together at the head of ``parts``: bare numbers, or a ministry and the numbers after it."""
    unit: list[Token] = []
    for token in parts:
        if unit and token.kind != "number":
            break
        unit.append(token)
    return unit


def _alternates(words: Sequence[Token], earlier: Token | None, label: Token | None) -> bool:
    """Whether the next year of the same column stands after this one's number: that column goes row by row."""
    years = [token.year or 0 for token in words if token.kind == "year"]
    if earlier is None or label is None or earlier.span.line is label.span.line:
        return False
    following = years[years.index(label.year or 0) + 1 :][:1]
    return following == [2 * (label.year or 0) - (earlier.year or 0)]


def _leads(words: Sequence[Token]) -> bool:
    """Whether an open number stands before the first open year: then each may belong to the year after it."""
    first = next((token for token in words if not token.done and token.kind in ("number", "year")), None)
    return first is not None and first.kind == "number"


def _is_next(words: Sequence[Token], earlier: Token | None, later: Token | None) -> bool:
    if earlier is None or later is None:
        return False
    flow = plain(words)
    return flow.index(later) - flow.index(earlier) == 1


def _is_complete(label: Token | None, parts: Sequence[Token]) -> bool:
    """A number, or a ministry and numbers, as the label's year prints them."""
    if label is None or (label.year or 0) >= _FOUR_PARTS:
        return False
    kinds = [token.kind for token in parts]
    if kinds[:1] == ["ministry"] and label.year not in NAMED:
        return False
    return kinds[-1:] == ["number"] and set(kinds) <= {"ministry", "number"} and "ministry" not in kinds[1:]


def _by_year(words: Sequence[Token]) -> list[tuple[Token | None, list[Token]]]:
    """Each year with the words up to the next one; words before the first year belong to None."""
    groups: list[tuple[Token | None, list[Token]]] = []
    for token in plain(words):
        if token.kind == "year":
            groups.append((token, []))
        elif groups:
            groups[-1][1].append(token)
        else:
            groups.append((None, [token]))
    return groups
