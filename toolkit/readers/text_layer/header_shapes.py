"""What the texts of the head of the form look like: a score per field, from the words real sheets print."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from toolkit.form.vocabulary import ACCOUNT, END_UNDECIDED, MAIN_EXPENSE, MEANS, POLICY_AREA, URL, YEAR
from toolkit.readers.text_layer.sequence import NEVER, Piece
from toolkit.text import NOTHING

__all__ = [
    "SHAPES",
    "is_cell",
    "is_expense",
    "is_footnote",
    "is_noise",
    "is_prose",
    "is_reason",
    "split_people",
    "text_shape",
]

_NAME = r"[㐀-鿿豈-﫿々〆ヶ]{1,5} +[㐀-鿿豈-﫿々ぁ-んァ-ヶー]{1,5}"
_TIGHT_NAME = r"[㐀-鿿豈-﫿々]{3,5}"
_TITLE = r"[^ ]{0,40}(?:長|官|監|役|補佐|付|代理|事務取扱|心得|リーダー|担当|\))"
_PERSON = re.compile(rf"(?:{_TITLE})?[ :]*(?:{_NAME}),?")
_TIGHT = re.compile(_TIGHT_NAME)
_ANY_NAME = re.compile(rf"{_NAME}|{_TIGHT_NAME}")
_NAME_END, _TIGHT_END = re.compile(rf"{_NAME}$"), re.compile(rf"{_TIGHT_NAME}$")
_POST = re.compile(rf"{_TITLE}(?: *{_TIGHT_NAME})?")
_OFFICE = re.compile(r"[課室部局庁班係]$")
_NOT_A_NAME = re.compile(r"[課室部局庁省班係院所付官長等会]$")
_DIVISION = re.compile(r"(?:課|室)(?:等|付)?(?:\([^()]*\))?$|(?:官|担当|担当\)|官付)$|(?:官|官付|室|課)\([^()]*\)付?$")
_UNIT = re.compile(r"(?:班|グループ|センター|部門|付|チーム|事務局|部|局|所|庁|係|組織)(?:\([^()]*\))?$")
_BUREAU = re.compile(
    r"(?:局|部|庁|官房|グループ|統括官|本部|省|院|委員会|事務局|研究所|センター|官補|組織|会議|学校)(?:\([^()]*\))?$"
)
_LAW = re.compile(
    r"法(?:律)?(?:\(|第|$|及|、|施行)|第\d+条|憲法|条約(?:第|\(|$|、|に基づ)|協定(?:第|\(|$|、|に基づ)|設置法|施行令|施行規則|政令|省令|告示|要綱|要領|交付規則"
)
_PLAN = re.compile(
    r"閣議決定|閣僚会議|会議(?:決定)?\)|計画|方針|戦略|ビジョン|大綱|プラン|指針|アジェンダ|プログラム|要綱|要領|通知|骨太|白書|宣言|ロードマップ|工程表|推進会議"
)
_REASON = re.compile(
    r"▲\d|△\d|増額|減額|皆増|皆減|要求額|要望額|による[増減]|したため。?(?:\(|$)|するため。?(?:\(|$)|のための(?:経費|増)。?(?:\(|$)"
)
_BULLET = re.compile(r"[・○●①-⑳]")
#: sentences are longer than this
_LONG = 15
_WORDS = re.compile(r"[A-Za-zぁ-んァ-ヶ一-鿿]")
_FRACTION = re.compile(r"\d{1,2}/\d{1,2}")
_SUBSIDY = re.compile(r"補助率|負担率|上限|定額|\d+/\d+|分の[一-十\d]|\d割|\d%|補助(?:金|対象)|を補助|1/2|に要する経費")


def _several(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The pattern once, or more than once with a comma between."""
    return re.compile(rf"(?:{pattern.pattern})(?:[、,](?:{pattern.pattern}))*")


_ACCOUNTS, _EXPENSES, _SEVERAL_MEANS = _several(ACCOUNT), _several(MAIN_EXPENSE), _several(MEANS)
_CLOSED = (YEAR, END_UNDECIDED, _ACCOUNTS, _EXPENSES, _SEVERAL_MEANS)


@lru_cache(maxsize=10_000)
def is_cell(folded: str) -> bool:
    """Whether a line, or a word, is the whole of one of the cells with a closed list of contents."""
    return folded == "-" or any(pattern.fullmatch(folded) for pattern in _CLOSED)


def is_expense(folded: str) -> bool:
    """One or several of the official main expenses."""
    return bool(_EXPENSES.fullmatch(folded)) and folded != "その他"


def is_noise(folded: str) -> bool:
    """Numbers and marks of the tables around; no text of the head."""
    return folded != "-" and not _WORDS.search(folded) and not _FRACTION.fullmatch(folded)


def is_prose(piece: Piece) -> bool:
    """Sentences, as against the short contents of the other cells."""
    text = piece.folded
    if len(text) <= _LONG:
        return False
    if "。" in text or len(text) <= 45 or URL.match(text):
        return "。" in text
    listed = [line for line in piece.lines if _BULLET.match(line)]
    return not _PLAN.search(text) or (len(listed) > 1 and not all(_PLAN.search(line) for line in listed))


def text_shape(piece: Piece) -> float:
    """Purpose, situation or overview, rather than a reason why the budget grows or shrinks, or a footnote."""
    return -6.0 if is_reason(piece) else -9.0 if is_footnote(piece) else 0.0


def is_reason(piece: Piece) -> bool:
    """Why the budget grows or shrinks: a text that belongs to the budget's lines."""
    return bool(_REASON.search(piece.folded))


def is_footnote(piece: Piece) -> bool:
    return piece.folded.startswith("※")


def _norm(line: str) -> str:
    """Half-width copy with its spaces."""
    return unicodedata.normalize("NFKC", line).strip()


def _is_person(line: str) -> bool:
    """A post, a name, or a post with a name."""
    return _is_name(line) or (bool(_POST.fullmatch(line)) and not _DIVISION.search(line))


def _is_name(line: str) -> bool:
    return bool(_PERSON.fullmatch(line) and not _OFFICE.search(line)) or (
        bool(_TIGHT.fullmatch(line)) and not _NOT_A_NAME.search(line)
    )


def _has_name(line: str) -> bool:
    return bool(_NAME_END.search(line) and not _OFFICE.search(line)) or (
        bool(_TIGHT_END.search(line)) and not _NOT_A_NAME.search(line)
    )


def _are_people(lines: Sequence[str]) -> bool:
    """Whether every line is a name, a post, or both, and the last one names somebody."""
    if not lines or not _has_name(lines[-1]):
        return False
    return all(
        _is_person(line) or _is_his_post(line, after) for line, after in zip(lines, [*lines[1:], ""], strict=True)
    )


def _is_his_post(line: str, after: str) -> bool:
    """Whether a line that may be an office is the post of the person on the next line: 参事官(…担当), then a name."""
    return bool(_POST.fullmatch(line) and _ANY_NAME.fullmatch(after) and not _NOT_A_NAME.search(after))


def split_people(piece: Piece) -> list[Piece]:
    """担当課室 and the official beside or below it, cut apart where the extractor printed them as one."""
    span, printed = piece.spans[0], piece.lines
    if len(printed) > 1 and not _has_name(_norm(printed[-1])):
        return [piece]
    lines = [_norm(line) for line in printed]
    if len(lines) == 1:
        for gap in re.finditer(r" ", span.text):
            left, right = _norm(span.text[: gap.start()]), _norm(span.text[gap.end() :])
            if _is_office(left) and (_are_people(_listed([right])) or right == f"{left}長"):
                cut = span.start + gap.start()
                rest = span.line.span(cut + 1, span.end)
                return [Piece([span.line.span(span.start, cut)], piece.box, piece.beside), Piece([rest], piece.box)]
    for at in range(1, len(lines)):
        if (
            _is_office(lines[at - 1])
            and not _is_his_post(lines[at - 1], lines[at])
            and _are_people(lines[at:])
            and not any(_PERSON.search(line) for line in lines[:at])
        ):
            return [Piece(piece.spans[:at], piece.box, piece.beside), Piece(piece.spans[at:], piece.box)]
    return [piece]


def _is_office(line: str) -> bool:
    return bool(_DIVISION.search(line) or _UNIT.search(line))


def _first(
    *choices: tuple[re.Pattern[str] | str | Callable[[str], object], float],
    other: float,
    nothing: float = NEVER,
    prose: float | None = NEVER,
) -> Callable[[Piece], float]:
    """The score of the first pattern found in a piece; ``nothing`` for a dash, ``prose`` for sentences (None: by pattern).

    A pattern that opens with ^ is tried there alone.
    """
    tries = [(one if callable(one) else _finder(re.compile(one)), score) for one, score in choices]

    def shape(piece: Piece) -> float:
        folded = piece.folded
        if folded in NOTHING:
            return nothing
        if prose is not None and len(folded) > _LONG and is_prose(piece):
            return prose
        for found, score in tries:
            if found(folded):
                return score
        return other

    return shape


def _finder(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return pattern.match if pattern.pattern.startswith("^") else pattern.search


def _whole(pattern: re.Pattern[str]) -> str:
    return rf"^(?:{pattern.pattern})$"


def _responsible(piece: Piece) -> float:
    return NEVER if piece.is_nothing or is_prose(piece) else _people(tuple(piece.lines))


@lru_cache(maxsize=1024)
def _people(printed_lines: tuple[str, ...]) -> float:
    printed = [_norm(line) for line in printed_lines]
    lines = _listed(printed)
    if _are_people(lines) or _are_people(_listed(["".join(printed)])):
        return 6.0
    return 4.5 if all(re.search(r"[課室]長$", line) and _POST.fullmatch(line) for line in lines) else -1.0


def _listed(lines: Sequence[str]) -> list[str]:
    """One entry a line: commas part them too, and what stands in brackets runs over the lines."""
    text = ""
    for line in lines:
        text += line if text.count("(") > text.count(")") else f"\n{line}"
    return [entry for part in re.split(r"[、,\n]", text) if (entry := part.strip())]


def _division(piece: Piece) -> float:
    return NEVER if _responsible(piece) == 6.0 else _DIVISION_SHAPE(piece)


_DIVISION_SHAPE = _first(
    (_whole(YEAR), NEVER),
    (END_UNDECIDED, NEVER),
    (_DIVISION, 5.0),
    (r"事務局$", 3.0),
    (r"[局庁省]$", 0.0),
    (_UNIT, 3.0),
    (r"https?:", NEVER),
    other=0.0,
)
_OWN = [_finder(re.compile(one)) for one in (_whole(YEAR), END_UNDECIDED, r"^https?:", _whole(_ACCOUNTS))]


@lru_cache(maxsize=1024)
def _has_own_cell(folded: str) -> bool:
    """Whether a text is what other cells than those of free text hold."""
    return any(found(folded) for found in _OWN)


_ELSEWHERE = ((_has_own_cell, NEVER),)

#: key of the label -> score of a piece as its content
SHAPES: Mapping[str, Callable[[Piece], float]] = {
    "name": _first(
        *_ELSEWHERE,
        (r"。", NEVER),
        (r"^\d{1,2}-\d", -3.0),
        (r".{101}", NEVER),
        (r"事業$|費$|経費|補助金|交付金|プログラム|推進|整備|支援", 1.0),
        other=0.0,
        prose=None,
    ),
    "bureau": _first(*_ELSEWHERE, (_BUREAU, 4.0), (r"課$|室$", 0.0), other=-1.0),
    "division": _division,
    "responsible": _responsible,
    "years": _first((r"^(?:昭和|平成|令和)(?:元|\d{1,2})年度?.{0,12}$", 5.0), other=NEVER),
    "accounts": _first((_whole(_ACCOUNTS), 9.0), (r"会計|勘定", 4.0), other=NEVER),
    "legal_basis": _first(
        *_ELSEWHERE,
        (r"閣議決定|(?:経費|事業|費|拠出金|分担金)[\d,.]*$", -2.0),
        (_LAW, 4.0),
        other=-2.0,
        nothing=0.0,
        prose=1.0,
    ),
    "plans": _first(*_ELSEWHERE, (r"閣議決定|閣僚会議", 6.0), (_PLAN, 4.0), other=-2.0, nothing=0.0, prose=-1.0),
    "main_policies": _first(
        (_whole(_several(POLICY_AREA)), 8.0), (POLICY_AREA, 3.0), (r"^https?:", NEVER), other=-2.0, nothing=0.0
    ),
    "policy": _first(
        *_ELSEWHERE,
        (r"^\D{0,6}\d{1,2}-\d", -3.0),
        (r"^[\d,./%-]+$", NEVER),
        (r"^(?:政策|基本)?目標?[\dIVX]{1,3}|^[\dIVX]{1,3}(?![\d,%/-]|[年月](?:\d|度)|日\d|$)", 4.0),
        other=-1.0,
        nothing=0.0,
    ),
    "measure": _first(
        *_ELSEWHERE,
        (r"^(?:施策目標?|政策|目標)?[\dIVX]{1,3}[-.][\d()(]{1,4}", 6.0),
        (r"^施策", 2.0),
        other=-1.0,
        nothing=0.0,
    ),
    "policy_url": _first(
        (r"^https?:.*(?:hyou?ka|evaluation|assess|jigo)", 5.0), (r"^https?:", 4.0), other=NEVER, nothing=0.0
    ),
    "overview_url": _first(
        (r"^https?:.*(?:hyou?ka|evaluation|assess|jigo)", 1.0), (r"^https?:", 4.0), other=NEVER, nothing=0.0
    ),
    "main_expense": _first((_whole(_EXPENSES), 8.0), (r"費$", 0.0), other=-3.0, nothing=0.0),
    "methods": _first((_whole(_SEVERAL_MEANS), 8.0), (r"[■☑☒]", 6.0), other=NEVER),
    "subsidy_rate": _first(
        *_ELSEWHERE,
        (r"補助率[::は]|^定額$|^\d+/\d+$", 6.0),
        (r"。.*。", -2.0),
        (_SUBSIDY, 5.0),
        (r"補助|助成|負担", 2.0),
        other=-2.0,
        nothing=0.0,
        prose=None,
    ),
}
