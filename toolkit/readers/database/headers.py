"""What the columns of the yearly database hold, told by their header: group, place within the group, field.

A header joins the form's labels by hyphens (予算額・執行額（単位:百万円）-令和4年度-予算の状況-当初予算). Its parts are matched
one by one against the form's vocabulary, the last ones first, since one label may contain another (予算額・執行額 …).
Headers repeat in some years, once per indicator, and end in a running number in others; either gives the place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from toolkit import text
from toolkit.form.labels import LABELS

__all__ = ["Place", "places"]

_YEAR = re.compile(r"(平成|令和)?(元|\d{1,2}|20\d\d)年度(要求|当初予算|活動見込)?")
_LIST = re.compile(r"支出先上位10者リスト-([A-Za-z]{1,2})\.?支払先-(\d+)-(.+)")
_OLD_LIST = re.compile(r"支出先上位10者リスト-グループ-(.+?)-(\d+)")
_COSTS = re.compile(
    r"費目・使途(?:\(.*\))?-([A-Za-z]{1,2})\.?支払先-(費目|使途|金額\(百万円\)|計)(?:-(\d+))?(?:-0[12])?"
)
_MULTI_YEAR = re.compile(r"国庫債務負担行為等による契約先上位10者リスト-(\d+)-(.+)")
_OUTCOME = re.compile(r"成果目標及び成果実績(?:(\d+)-(\d))?(?:\((?:短期|中期|長期)?アウトカム\))-(.+)")
_OUTPUT = re.compile(r"(?:活動指標及び活動実績|活動目標及び活動実績(\d+)?)\(アウトプット\)-(.+)")
_ACTIVITY = re.compile(r"活動内容(\d+)?\(アクティビティ\)(?:-(\d+))?")
#: file tools that ignore case told A from a by -01 and -02
_CASE = re.compile(r"-0[12]$")
_FIELDS = {"費目": "item", "使途": "use", "金額(百万円)": "amount", "計": "total"}
_MEASURES = {
    "outcome_actual": "actual", "outcome_target": "target", "outcome_achievement": "achievement",
    "output_actual": "actual", "output_expected": "expected",
}  # fmt: skip
_SIDES = {
    "outcome_goal": "goal",
    "output_goal": "goal",
    "outcome_indicator": "indicator",
    "output_indicator": "indicator",
    "unit": "unit",
    "evidence": "evidence",
}
_SECTIONS = (
    "inspection",
    "effect",
    "direction",
    "external_experts",
    "team",
    "reflection",
    "public_process",
    "response",
    "other_remarks",
    "remarks",
)
_HEAD = (
    "project_number", "name", "bureau", "responsible", "start_year", "end_year", "years", "division", "accounts", "legal_basis", "plans",
    "main_policies", "policy", "measure", "policy_url", "main_expense", "purpose", "issues", "overview_url", "overview", "subsidy_rate", "methods",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column's values go: a group of columns, the place of its row within a sheet, and the field.

    A field with a year is written ``actual@2021``.
    """

    group: str
    slot: tuple[int | str, ...]
    field: str


def places(header: Mapping[int, str]) -> dict[int, Place | None]:
    """The place of every column, None for a header that is not known."""
    result: dict[int, Place | None] = {}
    met: Counter[Place] = Counter()
    state = {"remarks": "public_process"}
    for column in sorted(header):
        place = _place(text.fold(header[column]), state)
        if place is not None:
            met[place] += 1
            # a running number, where it is printed, is the last part of the slot; the copies of a repeated name count on
            place = Place(place.group, (*place.slot, met[place]), place.field)
        result[column] = place
    return result


def _place(header: str, state: dict[str, str]) -> Place | None:
    return (
        _spending(header)
        or _indicator(header)
        or _budget(header)
        or _past(header)
        or _review(header, state)
        or _sheet(header)
    )


# -- parts of a header
def year(part: str) -> int | None:
    """The year AD of one part of a header; without an era (-22年度, -2年度) 20 and above are 平成, below 令和."""
    found = _YEAR.fullmatch(part)
    if not found:
        return None
    era, number, _ = found.groups()
    if era:
        return text.fiscal_year(f"{era}{number}年度")
    value = 1 if number == "元" else int(number)
    return value if value > 2000 else value + (1988 if value >= 20 else 2018)


@cache
def _keys(part: str, *sections: str) -> tuple[str, ...]:
    """The form's labels that one part is."""
    return tuple(label.key for label in LABELS if label.section in sections and label.pattern.fullmatch(part))


def _key(part: str, sections: str, wanted: Iterable[str]) -> str | None:
    return next((key for key in _keys(part, *sections.split()) if key in wanted), None)


def _numbered(parts: list[str]) -> tuple[list[str], int]:
    """Parts without the running number they end in, and that number (0: none)."""
    if len(parts) > 1 and re.fullmatch(r"\d{1,2}", parts[-1]):
        return parts[:-1], int(parts[-1])
    return parts, 0


# -- groups
_CONTRACT = (
    "recipient",
    "contractor",
    "corporate_number",
    "work",
    "amount",
    "contract_amount",
    "method",
    "bidders",
    "award_rate",
    "single_bid_reason",
    "block_name",
)


def _spending(header: str) -> Place | None:
    if found := _LIST.fullmatch(header):
        letter, rank, rest = found.groups()
        field = _key(rest, "recipients", _CONTRACT) or _key(_CASE.sub("", rest), "recipients", _CONTRACT)
        return Place("recipients", (text.block_letter(letter) or letter, int(rank)), field) if field else None
    if found := _COSTS.fullmatch(header):
        letter, field, line = found.groups()
        return Place(
            "cost_totals" if field == "計" else "costs",
            (text.block_letter(letter) or letter, int(line or 0)),
            _FIELDS[field],
        )
    if found := _MULTI_YEAR.fullmatch(header):
        line, rest = found.groups()
        field = next(
            (key for part in (rest, _CASE.sub("", rest)) if (key := _key(part, "recipients contracts", _CONTRACT))),
            None,
        )
        return Place("contracts", (int(line),), field) if field else None
    if found := _OLD_LIST.fullmatch(header):
        rest, line = found.groups()
        field = "number" if rest == "番号" else "bidders" if rest == "入札者数" else _key(rest, "recipients", _CONTRACT)
        return Place("old_recipients", (int(line),), field) if field else None
    return None


def _indicator(header: str) -> Place | None:
    if found := _ACTIVITY.fullmatch(header):
        return Place("activities", (int(found.group(1) or 1), int(found.group(2) or 0)), "goal")
    if found := _OUTCOME.fullmatch(header):
        number, step, rest = found.groups()
        group, lead = "outcomes", (int(number or 0), int(step or 0))
    elif found := _OUTPUT.fullmatch(header):
        number, rest = found.groups()
        group, lead = "outputs", (int(number or 0), 0)
    else:
        if "定量的な目標が設定できない理由" in header:
            return Place("no_number", (), "explanation")
        return (
            Place("no_number", (), "goal")
            if header.startswith("定量的な成果目標の設定が困難な場合-") and "定性的な成果目標" in header
            else None
        )
    parts, line = _numbered(rest.split("-"))
    field = _indicator_field(parts)
    return Place(group, (*lead, line), field) if field else None


def _indicator_field(parts: list[str]) -> str | None:
    keys = [_keys(part, "indicators") for part in parts]
    measure = next((_MEASURES[key] for found in reversed(keys) for key in found if key in _MEASURES), None)
    first = next(iter(keys[0]), None)
    if first == "unit":
        return "unit" if len(parts) == 1 or measure in ("actual", None) else f"unit of {measure}"
    if first in ("final_year", "interim_year"):
        lead = first.removesuffix("_year")
        return f"{lead} {measure}" if measure else f"{lead} year" if parts[-1] == "年度" else None
    when = next((y for part in parts if (y := year(part))), None)
    if when:
        expected = "expected" if any(part.endswith("活動見込") for part in parts) else None
        return f"{measure or expected}@{when}" if measure or expected else None
    return next((_SIDES[key] for found in keys for key in found if key in _SIDES), None)


_AMOUNTS = (
    "initial_jpy", "supplementary_jpy", "carried_in_jpy", "carried_out_jpy", "reserve_jpy", "total_jpy", "executed_jpy",
    "printed_rate", "printed_rate_initial",
)  # fmt: skip


def _budget(header: str) -> Place | None:
    parts = header.split("-")
    if parts[0].endswith("年度予算内訳") or "年度予算内訳(単位" in parts[0]:
        return _line(parts)
    if not parts[0].startswith("予算額・執行額") or len(parts) < 3:
        return None
    when = next((y for part in parts[1:] if (y := year(part))), None)
    items = [part for part in parts[1:] if year(part) is None]
    field = "total_jpy" if items and items[-1] == "計" else _key(items[-1], "budget", _AMOUNTS) if items else None
    return Place("budgets", (when,), field) if when and field else None


def _line(parts: list[str]) -> Place | None:
    parts, line = _numbered(parts)
    last = parts[-1]
    if (when := year(last)) is not None:
        return Place("lines", (line,), f"amount@{when}")
    field = {"(項)": "kou", "(目)": "moku"}.get(last) or {"lines_head": "moku", "lines_note": "note"}.get(
        next(iter(_keys(last, "lines")), "")
    )
    return Place("lines", (line,), field) if field else None


def _past(header: str) -> Place | None:
    parts = header.split("-")
    if not _keys(parts[0], "past") or len(parts) < 3 or (when := year(parts[1])) is None:
        return None
    if parts[2] == "所管府省名":
        return Place("past", (when, 0), "ministry")
    if parts[2] == "事業番号" and len(parts) == 4 and parts[3].isdigit():
        return Place("past", (when, 0), f"part {int(parts[3])}")
    rest, line = _numbered(parts)
    return Place("past", (when, line), "number") if len(rest) == 2 or rest[-1] == "事業番号" else None


def _review(header: str, state: dict[str, str]) -> Place | None:
    parts, line = _numbered(header.split("-"))
    parts = [part for part in parts if part]
    if _keys(parts[0], "review")[:1] == ("kpi",) and len(parts) > 1:
        field = {"名称": "name", "該当箇所": "detail", "URL": "url"}.get(parts[-1])
        return Place("kpi", (line,), field) if field else None
    if parts[-1] in ("評価", "評価に関する説明") and len(parts) > 2:
        return Place("self_check", (parts[-2], line), "verdict" if parts[-1] == "評価" else "text")
    for part in reversed(parts):
        section = _key(part, "review", _SECTIONS)
        if section is None:
            continue
        if section == "remarks":
            return Place("sheet", (), "remarks") if parts == [part] else None
        if section == "response":
            section = state["remarks"] + "_response"
        elif section in ("public_process", "other_remarks"):
            state["remarks"] = section
        return Place("evaluations", (section, line), "verdict" if parts[-1] == "判定" else "text")
    return None


def _sheet(header: str) -> Place | None:
    if header in ("府省", "府省庁"):
        return Place("sheet", (), "ministry")
    parts = header.split("-")
    if parts[0] == "事業番号" and len(parts) <= 2:
        return (
            Place("sheet", (), "number" if len(parts) == 1 else f"part {parts[1]}")
            if parts[-1] in "事業番号12345"
            else None
        )
    key = _key(header, "header", _HEAD)
    if key is None and header.startswith(("事業の目的", "事業概要", "現状・課題")):
        key = {"事業の目": "purpose", "事業概要": "overview", "現状・課": "issues"}[header[:4]]
    if key is None and header.startswith("主要施策"):
        key = "main_policies"
    return Place("sheet", (), key) if key else None
