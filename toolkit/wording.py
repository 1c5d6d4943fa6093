"""Values in words a reader takes in at a glance: yen, rates, years and counts, in Japanese or English."""

from __future__ import annotations

import math
from collections.abc import Callable
from string import Formatter

import pandas as pd

from toolkit.errors import UsageError
from toolkit.tables import SHEET_TABLES

__all__ = [
    "ENGLISH", "LANGUAGES", "check_language", "format_count", "format_rate", "format_year", "format_yen", "official", "render",
]  # fmt: skip

LANGUAGES = ("ja", "en")
_MISSING = {"ja": "不明", "en": "unknown"}

#: official English names of those who run projects; what the forms' verdicts and kinds of inspection say
ENGLISH: dict[str, str] = {
    "内閣官房": "Cabinet Secretariat",
    "内閣府": "Cabinet Office",
    "公正取引委員会": "Fair Trade Commission",
    "国家公安委員会": "National Public Safety Commission",
    "警察庁": "National Police Agency",
    "個人情報保護委員会": "Personal Information Protection Commission",
    "カジノ管理委員会": "Casino Regulatory Commission",
    "金融庁": "Financial Services Agency",
    "消費者庁": "Consumer Affairs Agency",
    "こども家庭庁": "Children and Families Agency",
    "デジタル庁": "Digital Agency",
    "復興庁": "Reconstruction Agency",
    "総務省": "Ministry of Internal Affairs and Communications",
    "法務省": "Ministry of Justice",
    "外務省": "Ministry of Foreign Affairs",
    "財務省": "Ministry of Finance",
    "文部科学省": "Ministry of Education, Culture, Sports, Science and Technology",
    "厚生労働省": "Ministry of Health, Labour and Welfare",
    "農林水産省": "Ministry of Agriculture, Forestry and Fisheries",
    "経済産業省": "Ministry of Economy, Trade and Industry",
    "国土交通省": "Ministry of Land, Infrastructure, Transport and Tourism",
    "環境省": "Ministry of the Environment",
    "原子力規制委員会": "Nuclear Regulation Authority",
    "防衛省": "Ministry of Defense",
    "現状通り": "keep as it is",
    "事業内容の一部改善": "improve in part",
    "事業全体の抜本的な改善": "overhaul the whole",
    "廃止": "abolish",
    "終了予定": "to end",
    "予定通り終了": "ended as planned",
    "執行等改善": "improve execution",
    "年度内に改善を検討": "consider improving within the year",
    "縮減": "cut back",
    "外部有識者による点検対象外": "not inspected by external experts this year",
    "書面点検": "inspected on paper",
    "公開プロセス": "inspected in public",
}


def check_language(language: str) -> None:
    """UsageError for a language other than "ja" and "en"."""
    if language not in LANGUAGES:
        raise UsageError(f"language {language!r} is not known; the languages are {', '.join(LANGUAGES)}")


def official(name: object, language: str) -> str:
    """A ministry or a verdict as printed, in English with its English name where one is known: Digital Agency (デジタル庁)."""
    known = ENGLISH.get(str(name)) if language == "en" else None
    return f"{known} ({name})" if known else str(name)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _trimmed(number: float, digits: int) -> str:
    """With thousands commas and at most ``digits`` decimals, none of them an idle zero."""
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_yen(value: object, language: str = "en", *, step: int = 100_000) -> str:
    """An amount in yen as 53.35億円, 9,000万円 (ja) or 5,335 million yen (en).

    Amounts of a million yen and more are rounded to ``step`` yen, those of a trillion and more to 100 million; with
    ``step=1`` every yen is shown. Smaller ones (ja: below 10,000 yen) are written out. A missing amount is 不明 or "unknown".
    """
    if _is_missing(value):
        return _MISSING[language]
    yen = round(float(value))  # type: ignore[arg-type]
    if abs(yen) >= 1_000_000:
        step = max(step, 100_000_000) if abs(yen) >= 10**12 and step > 1 else step
        yen = round(yen / step) * step
    if language == "en":
        return f"{_trimmed(yen / 1e6, 6)} million yen" if abs(yen) >= 1_000_000 else f"{yen:,} yen"
    if abs(yen) >= 100_000_000:
        return f"{_trimmed(yen / 1e8, 8)}億円"
    return f"{_trimmed(yen / 1e4, 4)}万円" if abs(yen) >= 10_000 else f"{yen:,}円"


def format_rate(value: object, language: str = "en", *, digits: int = 1) -> str:
    """A ratio as a percentage with ``digits`` decimals: 0.83752 as 83.8%."""
    return _MISSING[language] if _is_missing(value) else f"{float(value) * 100:,.{digits}f}%"  # type: ignore[arg-type]


def format_year(value: object, language: str = "en") -> str:
    """A fiscal year as 2022年度 or FY2022."""
    if _is_missing(value):
        return _MISSING[language]
    return f"{int(value)}年度" if language == "ja" else f"FY{int(value)}"  # type: ignore[call-overload]


def format_count(value: object, language: str = "en") -> str:
    """A count or a measured value with thousands commas and up to three decimals."""
    return _MISSING[language] if _is_missing(value) else _trimmed(float(value), 3)  # type: ignore[arg-type]


def _column(value: object, language: str) -> str:
    return SHEET_TABLES["budgets"][str(value)].label(language)


_SPECS: dict[str, Callable[..., str]] = {
    "": lambda value, language: _MISSING[language] if _is_missing(value) else str(value),
    "yen": lambda value, language: format_yen(value, language, step=1),
    "rate": format_rate,
    "year": format_year,
    "count": format_count,
    "column": _column,
}


def render(template: str, rows: pd.DataFrame, language: str) -> list[str]:
    """One sentence per row: ``{found:yen}`` stands for column ``found``, worded as an amount.

    The words after the colon are yen (to the yen), rate, year, count, column (label of a budget column) or none.
    """
    pieces: list[list[str]] = []
    for literal, field, spec, _ in Formatter().parse(template):
        pieces.append([literal] * len(rows))
        if field is not None:
            word = _SPECS[spec or ""]
            pieces.append([word(value, language) for value in rows[field].tolist()])
    return ["".join(parts) for parts in zip(*pieces, strict=True)]
