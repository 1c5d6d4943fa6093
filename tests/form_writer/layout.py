"""What real sheets of one form vary: spans, gaps, digits, brackets, marks for nothing, dropped sections.

A layout is chosen once per sheet from a seed; every drawing function asks it how to print, so that the same
tables and the same layout always give the same form.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, replace
from decimal import Decimal

__all__ = ["DROPPABLE_2023", "DROPPABLE_OLD", "Layout", "full_width"]

#: logical columns of the form between its left and right edge
COLUMNS = 50

DROPPABLE_2023 = ("remarks", "kpi", "main_expense", "past_findings", "middle_outcomes", "overview_url", "policy_url",
                  "issues", "subsidies", "single_outcome")  # fmt: skip
DROPPABLE_OLD = ("remarks", "main_expense", "reform", "policy_measure", "related", "unit_costs", "second_rate",
                 "evidence")  # fmt: skip

_FULL = str.maketrans("0123456789.,%()-", "０１２３４５６７８９．，％（）－")
_FULL_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")


def full_width(text: str, *, digits_only: bool = False) -> str:
    """``text`` with full-width digits, and by default full-width marks too."""
    return text.translate(_FULL_DIGITS if digits_only else _FULL)


@dataclass(frozen=True)
class Layout:
    """How one sheet is drawn. The defaults give the form as the ministry's template has it."""

    seed: int = 0
    font: str = "ＭＳ Ｐゴシック"
    #: points
    size: float = 11.0
    #: width of one grid column, in characters of the default font
    column_width: float = 3.5
    #: narrow empty columns before the form, and empty rows above it
    left_columns: int = 1
    top_rows: int = 0
    #: logical column boundary (0 to 50) at which an empty narrow column is inserted
    gap_at: int | None = None
    #: how far a boundary between two boxes may stray from the template, in grid columns
    jitter: int = 0
    #: a row taller than this many points is drawn as several grid rows merged
    row_max: float = 120.0
    #: how much taller than needed rows are drawn
    slack: float = 1.15
    full_digits: bool = False
    #: 0 （A)   1 （Ａ）   2 (A)   3 （A）
    brackets: int = 0
    negative: str = "▲ "
    #: what a cell with nothing in it prints, and how often it is left empty instead
    nothing: str = "-"
    blank_share: float = 0.3
    #: share of numbers stored as text in the workbook
    text_numbers: float = 0.05
    #: shapes: text boxes; box: one cell a block; lines: one cell a line
    flow: str = "shapes"
    #: text or connector
    arrows: str = "text"
    #: 0 Ａ．name   1 A．name   2 Ａ.name   3 【Ａ】name
    flow_head: int = 0
    #: 0 8件：4,735百万円   1 【8者】135百万円   2 （全8者）, then the amount   3 135百万円（8者）
    count_style: int = 0
    #: payee, bare or short: what follows the letter above the cost items
    cost_head: str = "payee"
    #: 0 A.   1 Ａ．   2 A   3 Ａ．name of the block
    recipient_head: int = 0
    #: numbered rows without a recipient up to rank 10
    empty_rows: bool = False
    fill: str | None = None
    drop: frozenset[str] = frozenset()
    #: pairs of blocks whose cost items stand on the main sheet, and blocks listed there; the rest goes to 別紙
    main_pairs: int = 3
    main_lists: int = 8
    hidden_lists: bool = False
    sheet_title: str | None = None
    #: an achievement is 105 with the unit ％, or the cell itself reads 105%
    percent: str = "unit"
    landscape: bool = False
    top_ten: str = "支出先上位１０者リスト"
    align_numbers: str = "center"
    vertical: str = "center"
    #: 事業番号 in four boxes, or in one
    number_in_one: bool = False
    number_above_title: bool = True
    #: sheets of 2019 only: the first year of Reiwa as 平成31年度
    heisei31: bool = False
    #: the last fiscal year counted in Heisei; sheets drawn up before the change count on (平成33年度)
    last_heisei: int = 2018
    #: years of the older forms without the era: 29年度
    bare_years: bool = True
    circle: str = "○"
    dash: str = "‐"
    #: years shown as activity forecasts on the older forms (1 or 2)
    forecasts: int = 1
    past_per_row: int = 3
    #: so narrow a column for corporate numbers that they may break over two lines
    narrow_numbers: bool = False
    #: blocks of the template that nobody filled: none, hidden (rows hidden in the workbook) or shown
    spare_blocks: str = "none"

    @classmethod
    def random(cls, seed: int, form: str = "2023") -> Layout:
        """A layout as some bureau might have it; the same seed gives the same layout."""
        rng = random.Random(f"layout/{form}/{seed}")
        pick = rng.choice
        droppable = DROPPABLE_2023 if form == "2023" else DROPPABLE_OLD
        full = rng.random() < 0.25
        return cls(
            seed=seed,
            font=pick(
                ["ＭＳ Ｐゴシック", "ＭＳ Ｐゴシック", "ＭＳ ゴシック", "Noto Sans CJK JP", "游ゴシック", "メイリオ"]
            ),
            size=pick([9.0, 10.0, 11.0, 11.0, 12.0]),
            column_width=pick([2.7, 3.1, 3.3, 3.5, 3.7, 4.0]),
            left_columns=pick([0, 1, 1, 2, 3]),
            top_rows=pick([0, 0, 1, 2]),
            gap_at=pick([None, None, rng.randint(14, 44)]),
            jitter=pick([0, 1, 1, 2]),
            row_max=pick([30.0, 60.0, 120.0, 200.0]),
            slack=pick([1.0, 1.1, 1.2, 1.4]),
            full_digits=full,
            brackets=rng.randrange(4),
            negative=pick(["▲", "▲ ", "▲ ", "△ ", "△"]),
            nothing=pick(["-", "-", "-", "－", ""]),
            blank_share=pick([0.0, 0.2, 0.4, 0.8]),
            text_numbers=pick([0.0, 0.05, 0.1, 0.3]),
            flow=pick(["shapes", "shapes", "box", "lines"]),
            arrows=pick(["text", "text", "connector"]),
            flow_head=rng.randrange(4),
            count_style=rng.randrange(4),
            cost_head=pick(["payee", "payee", "bare", "short"]),
            recipient_head=rng.randrange(4),
            empty_rows=rng.random() < 0.35,
            fill=pick([None, None, "F2F2F2", "DDEBF7"]),
            drop=frozenset(name for name in droppable if rng.random() < 0.13),
            main_pairs=pick([1, 1, 2, 3]),
            main_lists=pick([2, 3, 4, 12]),
            hidden_lists=rng.random() < 0.5,
            sheet_title=pick([None, None, "行政事業レビューシート", "レビューシート", "Sheet1"]),
            percent=pick(["unit", "unit", "inline"]),
            landscape=rng.random() < 0.12,
            top_ten=pick(["支出先上位１０者リスト", "支出先上位10者リスト"]),
            align_numbers=pick(["center", "center", "right"]),
            vertical=pick(["center", "center", "top"]),
            number_in_one=rng.random() < 0.3,
            number_above_title=rng.random() < 0.7,
            heisei31=rng.random() < 0.5,
            bare_years=rng.random() < 0.75,
            circle=pick(["○", "○", "〇"]),
            dash=pick(["‐", "-", "－"]),
            forecasts=pick([1, 1, 2]),
            past_per_row=pick([2, 3, 4]),
            narrow_numbers=rng.random() < 0.15,
            spare_blocks=pick(["none", "none", "none", "hidden", "shown"]),
        )

    def rng(self, *key: object) -> random.Random:
        """A generator for one spot of the form, so that a change elsewhere moves nothing here."""
        return random.Random("/".join(map(str, (self.seed, *key))))

    def shows(self, section: str) -> bool:
        """False where this sheet leaves the optional section out."""
        return section not in self.drop

    def cuts(self, key: str, *cuts: int) -> list[int]:
        """Column boundaries near ``cuts`` (logical, increasing); the outer two stay."""
        if not self.jitter:
            return list(cuts)
        rng = self.rng("cuts", key)
        moved = [cuts[0]]
        for at, nxt in itertools.pairwise(cuts[1:]):
            low, high = max(moved[-1] + 2, at - self.jitter), min(nxt - 2, at + self.jitter)
            moved.append(rng.randint(low, high) if low <= high else at)
        return [*moved, cuts[-1]]

    # -- words and numbers as this sheet prints them

    def digits(self, text: str) -> str:
        """``text`` with this sheet's digits (labels, years)."""
        return full_width(text, digits_only=True) if self.full_digits else text

    def letter(self, letter: str) -> str:
        """The letter of a budget row in this sheet's brackets: （A)."""
        return ("（%s)", "（%s）", "(%s)", "（%s）")[self.brackets] % (
            full_letter(letter) if self.brackets == 1 else letter
        )

    def era(self, year: int, *, bare: bool = False) -> str:
        """A fiscal year with its era: 令和4年度, 平成30年度; ``bare`` drops the era from all but the first."""
        if year > self.last_heisei:
            number, name = ("元" if year == 2019 else str(year - 2018)), "令和"
        elif year >= 1989:
            number, name = ("元" if year == 1989 else str(year - 1988)), "平成"
        else:
            number, name = str(year - 1925), "昭和"
        if bare and number != "元":
            name = ""
        return self.digits(f"{name}{number}年度")

    def era_number(self, year: int) -> str:
        """Only the number within the era, as 目標年度 prints it."""
        return self.digits(str(year - (2018 if year > self.last_heisei else 1988)))

    def in_year(self, review_year: int) -> Layout:
        """The same layout with the era names of a review year."""
        last = 2100 if review_year <= 2018 else 2019 if review_year == 2019 and self.heisei31 else 2018
        return replace(self, last_heisei=last)

    def number(self, value: Decimal | int | float, decimals: int | None = None) -> str:
        """A number as printed: thousands, the sheet's negative mark; as many decimals as it has."""
        value = Decimal(str(value))
        if decimals is None:
            decimals = max(0, -int(value.normalize().as_tuple().exponent))
        text = f"{abs(value):,.{decimals}f}"
        return self.negative + text if value < 0 else text

    def number_format(self, decimals: int) -> str:
        """The Excel format that prints like ``number``."""
        places = "." + "0" * decimals if decimals else ""
        return f'#,##0{places};"{self.negative}"#,##0{places}'

    def top_ten_note(self, annex: int, kind: str) -> str:
        return f"{kind}欄についてさらに記載が必要な場合はチェックの上【別紙{annex}】に記載"


def full_letter(letter: str) -> str:
    """A block or row letter in full width: Ａ."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in letter)
