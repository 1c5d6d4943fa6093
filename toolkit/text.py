"""Printed text to values: folding, amounts, rates, fiscal years, corporate numbers. String in, value out."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache

__all__ = [
    "block_letter",
    "DASHES",
    "NOTHING",
    "fold",
    "fold_text",
    "fiscal_year",
    "is_corporate_number",
    "is_nothing",
    "name_kind",
    "number_status",
    "parse_amount",
    "parse_number",
    "parse_rate",
    "precision",
    "short_fiscal_year",
    "tidy",
    "unwrap",
]

#: characters printed for a dash or a minus; all fold to "-" ("ー" is a vowel mark and only folds as a whole cell)
DASHES = "‐‑‒–—―−－ｰ-"
_DASH = str.maketrans(dict.fromkeys(DASHES, "-"))
#: those of them that are left by NFKC
_LONG_DASH = re.compile("[‐-―−]")
#: folded, what the forms print where there is nothing
NOTHING = frozenset({"", "-", "ー", "--", "---", "記入不要", "/"})
_LONGEST = max(map(len, NOTHING))
_MINUS = "▲△-"
_NUMBER = re.compile(rf"([{_MINUS}]?)[\\¥]?(\d[\d,]*(?:\.\d+)?|\.\d+)")

_UNITS = {"円": 1, "千円": 1_000, "百万円": 1_000_000, "億円": 100_000_000, "兆円": 1_000_000_000_000}
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}  # fmt: skip
_ERA_YEAR = re.compile(r"(明治|大正|昭和|平成|令和|[MTSHR])(元|\d{1,2})年?")
_SHORT_YEAR = re.compile(r"(元|\d{1,2})(?:年度?)?")
_OWN_UNIT = re.compile("(.*?)(兆円|億円|百万円|千円|円)")
_AD_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")

#: how a new paragraph begins; Latin text at the end and at the beginning of a line
_PARAGRAPH = re.compile(r"[・○●◯◆■□※【〔①-⑳]|[（(][0-9０-９ァ-ヶア-ンa-z]{1,2}[）)]|[0-9０-９]{1,2}[．.][^0-9０-９]")
_LATIN_END, _LATIN = re.compile(r"[A-Za-z,;]"), re.compile(r"[A-Za-z]")

#: rows that stand for many or for nobody yet
_OTHERS = re.compile(
    r"^(その他|ほか|他\d|【?(調査中|確認中|未定|精査中)"
    r"|(民間(事業者|企業|団体|会社|業者)|都道府県|市町村|市区町村|地方公共団体|地方自治体|自治体|大学|事業者|企業)(、.*)?等?$)"
)
_PERSON = re.compile(
    r"^((個人|職員|非常勤職員|有識者|委員|外国人|講師|研究者)(?![一-鿿々ぁ-んァ-ヶ]{3,})"
    r"|[一-鿿]{0,8}(職員|委員|有識者|研究者|代表者|出張者|関係者|講師)(?=$|[A-Za-zΑ-Ω0-9(①-⑳]|ほか|等$))"
)
_LETTERED = re.compile(r".{0,8}[A-ZΑ-Ω]氏?")
_MINISTRY = re.compile(
    r"^(?!米)(内閣官房|内閣府|.{1,6}省|[^社法人]{1,10}(?<!都|道)庁|会計検査院|人事院|.{2,10}委員会事務局|在外公館|沖縄総合事務局|北海道開発局|国土技術政策総合研究所"
    r"|.*(地方整備局|労働局|法務局|税関|国税局|農政局|経済産業局|地方環境事務所|運輸局|税務署|管区海上保安本部|農政事務所|財務局|森林管理局|総合通信局|厚生局|防衛局))$"
)


def fold(text: object) -> str:
    """Copy for comparison: NFKC (full width to half), no white space, one kind of dash. Never stored."""
    if not isinstance(text, str):
        text = "" if text is None or str(text) in ("<NA>", "nan") else str(text)
    return fold_text(text)


@lru_cache(maxsize=65_536)
def fold_text(text: str) -> str:
    """``fold`` of what is a text for sure, for loops over many."""
    text = "".join(text.split())
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    if " " in text:  # an accent that stood alone
        text = text.replace(" ", "")
    return text.translate(_DASH) if _LONG_DASH.search(text) else text


def tidy(text: str) -> str | None:
    """Printed text without surrounding white space; None where nothing but a dash is printed."""
    stripped = text.strip().strip("\u3000").strip()
    return None if is_nothing(stripped) else stripped


def unwrap(lines: list[str]) -> str:
    """Lines of one printed paragraph joined again.

    Japanese text wraps without a hyphen or a space; only between two Latin words does the break stand for
    a space. A line that opens with a bullet or numbering mark starts a new paragraph.
    """
    if len(lines) == 1:
        return lines[0].strip()
    out = ""
    for line in lines:
        line = line.strip()
        if not line:
            continue
        if out and _PARAGRAPH.match(line):
            out += "\n"
        elif out and _LATIN_END.match(out[-1]) and _LATIN.match(line):
            out += " "
        out += line
    return out


def is_nothing(text: object) -> bool:
    """True for what the forms print where there is nothing: blank, a dash, 記入不要. A printed 0 is a value."""
    if not isinstance(text, str):
        return fold(text) in NOTHING
    if len(text) > _LONGEST and len("".join(text.split())) > _LONGEST:
        return False  # a long text is not folded for this
    return fold_text(text) in NOTHING


def parse_number(printed: object) -> Decimal | None:
    """A printed number as Decimal: full width, thousands commas, ▲ △ or a dash as sign; None if it is none."""
    return _number(fold(printed))


# the numbers of a sheet are read several times: as amounts, as steps of a sum, as contents of a cell
@lru_cache(maxsize=4096)
def _number(folded: str) -> Decimal | None:
    found = _NUMBER.fullmatch(folded)
    if not found:
        return None
    sign, digits = found.groups()
    try:
        number = Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None
    return -number if sign else number


def parse_amount(printed: object, unit: str = "百万円") -> int | None:
    """A printed amount in whole yen. ``unit`` applies unless the text names its own (1,234百万円, 5千円).

    None for blank, a dash and anything that is not a number; a printed 0 is 0.
    """
    return _amount(fold(printed), unit)


@lru_cache(maxsize=4096)
def _amount(text: str, unit: str) -> int | None:
    if text.isdecimal():
        return int(text) * _UNITS[unit]
    own = _OWN_UNIT.fullmatch(text) if text.endswith("円") else None
    if own:
        text, unit = own.groups()
    number = _number(text)
    return None if number is None else int((number * _UNITS[unit]).to_integral_value())


def precision(printed: object, unit: str = "百万円") -> int | None:
    """The yen that one step of the last printed digit stands for: 1,000,000 for "12", 100,000 for "12.3"."""
    text = fold(printed)
    own = _OWN_UNIT.fullmatch(text) if text.endswith("円") else None
    if own:
        text, unit = own.groups()
    if not text.isdecimal() and _number(text) is None:
        return None
    decimals = len(text.partition(".")[2])
    return max(1, _UNITS[unit] // 10**decimals)


def parse_rate(printed: object) -> float | None:
    """A printed percentage as a ratio: "97%" and "９７％" give 0.97; None if it is none."""
    number = parse_number(fold(printed).removesuffix("%"))
    return None if number is None else float(number / 100)


def fiscal_year(printed: object) -> int | None:
    """The year (AD) of a printed fiscal year: 令和４年度, 平成元年, H19, 2022年度, 昭和22年度以前; None if none."""
    return _fiscal_year(fold(printed))


@lru_cache(maxsize=1024)
def _fiscal_year(text: str) -> int | None:
    found = _ERA_YEAR.search(text)
    if found:
        era, number = found.groups()
        return _ERAS[era] + (1 if number == "元" else int(number))
    found = _AD_YEAR.search(text)
    return int(found.group(1)) if found else None


def block_letter(printed: str) -> str | None:
    """The block's letter in upper case. After Z the old forms go on with a … v, here AA … AV, as newer forms do."""
    letter = fold(printed)
    if not letter.isascii() or not letter.isalpha():
        return None
    return "A" + letter.upper() if len(letter) == 1 and letter.islower() else letter.upper()


def is_corporate_number(text: object) -> bool:
    """True for 13 digits whose first is the official check digit of the other twelve (法人番号).

    All-same digits such as 9999999999999 pass the arithmetic but are fillers: False.
    """
    digits = fold(text)
    if len(digits) != 13 or not (digits.isascii() and digits.isdecimal()) or len(set(digits)) == 1:
        return False
    body = digits[:0:-1]
    weighted = sum(map(int, body[::2])) + 2 * sum(map(int, body[1::2]))
    return int(digits[0]) == 9 - weighted % 9


def number_status(text: object) -> str:
    """``valid``, ``missing`` (blank or a dash), ``dummy`` (all-same digits) or ``invalid``."""
    digits = fold(text)
    if digits in NOTHING:
        return "missing"
    if len(digits) > 1 and len(set(digits)) == 1:
        return "dummy"
    return "valid" if is_corporate_number(digits) else "invalid"


def name_kind(name: object) -> str | None:
    """``others`` (その他…), ``person`` (個人A …), ``ministry`` (a state body) or ``organization``; None if blank."""
    text = fold(name)
    if text in NOTHING:
        return None
    if _OTHERS.match(text):
        return "others"
    if _PERSON.match(text) or (text.startswith("個人") and _LETTERED.fullmatch(text)):
        return "person"
    return "ministry" if _MINISTRY.match(text) else "organization"


def short_fiscal_year(printed: object, review_year: int) -> int | None:
    """The year (AD) of a printed year that may lack its era, as the forms print it beside known years.

    "6" on a sheet of 2023 is 令和6年度 (2024), "30" on one of 2016 is 平成30年度 (2018); 元 is the first year of 令和.
    Of the two eras the earlier year counts unless it lies more than four years before the review.
    """
    digits = fold(printed)
    full = fiscal_year(digits)
    if full is not None:
        return full
    found = _SHORT_YEAR.match(digits)
    if not found:
        return None
    number = 1 if found.group(1) == "元" else int(found.group(1))
    return next((base + number for base in (1988, 2018) if base + number >= review_year - 4), 2018 + number)
