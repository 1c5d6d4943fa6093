"""Values in words a reader takes in at a glance: yen, rates, years and counts, in Japanese or English."""

from __future__ import annotations

import math
from collections.abc import Callable
from string import Formatter

import pandas as pd

from toolkit.errors import UsageError
from toolkit.tables import SHEET_TABLES

__all__ = ["LANGUAGES", "check_language", "format_count", "format_rate", "format_year", "format_yen", "render"]

LANGUAGES = ("ja", "en")
_MISSING = {"ja": "不明", "en": "unknown"}


def check_language(language: str) -> None:
    """UsageError for a language other than "ja" and "en"."""
    if language not in LANGUAGES:
        raise UsageError(f"language {language!r} is not known; the languages are {', '.join(LANGUAGES)}")


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _trimmed(number: float, digits: int) -> str:
    """With thousands commas and at most ``digits`` decimals, none of them an idle zero."""
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_yen(value: object, language: str = "en", *, step: int = 100_000) -> str:
    """An amount in yen as 53.35億円, 9,000万円 (ja) or 5,335 million yen (en).

    Amounts of a million yen and more are rounded to ``step`` yen; with ``step=1`` every yen is shown. Smaller
    ones (ja: below 10,000 yen) are written out. A missing amount is 不明 or "unknown".
    """
    if _is_missing(value):
        return _MISSING[language]
    yen = round(float(value))  # type: ignore[arg-type]
    if abs(yen) >= 1_000_000:
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
