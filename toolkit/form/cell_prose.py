"""Header, reviews and past numbers over the cell model: one label, one text."""

from __future__ import annotations

import re

from toolkit import text
from toolkit.form.cells import Cell, Cells
from toolkit.form.draft import Draft

__all__ = ["read_header", "read_past_numbers", "read_reviews"]

_PLAIN = (
    "name",
    "bureau",
    "division",
    "purpose",
    "issues",
    "overview",
    "overview_url",
    "policy_url",
    "main_expense",
    "legal_basis",
    "plans",
)
_VERDICT = re.compile(
    r"現状通り|事業内容の一部改善|事業全体の抜本的な改善|終了予定|廃止|予定通り終了|執行等改善|年度内に改善を検討|縮減|.{0,8}改善"
)
_MINISTRY = re.compile(r"\(?([^()]*?(?:省|府|庁|委員会|院|官房|本部|局))\)?")
_PARTS = re.compile(r"[^()\s\-－‐―ー]+")


def header_text(draft: Draft, key: str, printed: str, ref: str, certainty: str = "stated") -> None:
    """One labelled text of the sheet's head into its columns and rows; what every sheet reader does with it."""
    value = text.tidy(printed)
    if value is None:
        return
    told = {"ref": ref, "certainty": certainty}
    if key in _PLAIN:
        draft.sheet(**told, **{key: re.sub(r"\s+", "", value) if key.endswith("url") else value})
    elif key == "start_year":
        draft.sheet(**told, start_year=text.fiscal_year(value))
    elif key == "end_year":
        draft.sheet(
            **told,
            end_year=text.fiscal_year(value),
            is_end_undecided=True if "なし" in value or "未定" in value else None,
        )
    elif key in ("accounts", "methods"):
        draft.sheet(**told, **{key: re.sub(r"\s*[，,\n]\s*", "、", value)})
    elif key == "responsible":
        draft.sheet(**told, responsible=" ".join(value.split()))
    elif key == "subsidy_rate":
        draft.add("subsidies", **told, subject=value)
    if key == "legal_basis":
        draft.add("policies", **told, kind="law", name=value)
    elif key == "plans":
        for line in filter(str.strip, value.split("\n")):
            draft.add("policies", **told, kind="plan", name=line.strip())
    elif key == "main_policies":
        draft.add("policies", **told, kind="policy", name=value)


def read_header(cells: Cells, review_year: int, draft: Draft) -> None:
    """From the title to the means of implementation."""
    budget = cells.first("budget", "initial_jpy")
    end = budget.y0 if budget else float("inf")
    _ministry(cells, draft)
    number = cells.first("project_number")
    if number:
        parts = [part for cell in cells.values_right(number) for part in _PARTS.findall(text.fold(cell.take().text))]
        if parts:
            draft.sheet(project_number="-".join(parts), ref=number.ref)
    keys = (*_PLAIN, "start_year", "end_year", "accounts", "responsible", "main_policies", "subsidy_rate", "methods")
    for label in cells.labels(*keys):
        if label.y0 >= end or (label.key == "policy_url" and label.y0 > end):
            continue
        values = cells.values_right(label)
        if label.key == "responsible" or not values:
            below = cells.value_below(label, end) if label.key == "responsible" else None
            values = values or ([below] if below else [])
        if values and not values[0].used:
            header_text(draft, label.key, values[0].take().text, values[0].ref)
    _policies(cells, draft)


def _ministry(cells: Cells, draft: Draft) -> None:
    title = next(
        (c for c in cells if "行政事業レビューシート" in c.folded and len(c.folded) < 60 and not c.label), None
    )
    if title is None:
        return
    title.take()
    rest = title.folded.partition("行政事業レビューシート")[2]
    candidates = [(rest, title), *((c.folded, c) for c in cells.right(title) if not c.label)]
    for printed, cell in candidates:
        found = _MINISTRY.fullmatch(printed)
        if found:
            draft.sheet(ministry=found.group(1), ref=cell.take().ref)
            break
    for cell in cells.right(title):
        if cell.folded in "()":
            cell.take()


def _policies(cells: Cells, draft: Draft) -> None:
    """政策 and 施策: in the head of the form of 2023, among the policy evaluation before; 分野 of the reform schedule."""
    for policy in cells.labels("policy"):
        measure = next((c for c in cells.labels("measure") if 0 < c.y0 - policy.y0 < 4 * (policy.y1 - policy.y0)), None)
        name, detail = (
            text.tidy(c.take().text) if (c := cells.value_right(label)) else None for label in (policy, measure)
        )
        if name or detail:
            url = draft.sheet().get("policy_url")
            draft.add("policies", kind="policy", name=name, detail=detail, url=url, ref=policy.ref)
    field = cells.value_right(cells.first("reform_field"))
    if field and text.tidy(field.take().text):
        draft.add("policies", kind="plan", name="新経済・財政再生計画", detail=text.tidy(field.text), ref=field.ref)


def read_reviews(cells: Cells, review_year: int, draft: Draft) -> None:
    """KPI decisions, inspections, opinions, verdicts, remarks; the ○△× table of forms to 2022."""
    _kpi(cells, draft)
    _self_checks(cells, draft)
    for key, section in (("inspection", "inspection"), ("direction", "direction")):
        for label in cells.labels(key):
            _evaluation(draft, section, cells.value_right(label))
    for key in ("effect", "external_experts", "public_process", "other_remarks", "policy_relation", "reform_relation"):
        for label in cells.labels(key):
            _evaluation(draft, key, cells.value_below(label))
    before = "public_process"
    for label in cells.labels("public_process", "other_remarks", "response"):
        if label.key == "response":
            _evaluation(draft, f"{before}_response", cells.value_below(label))
        else:
            before = label.key
    for key in ("team", "reflection"):
        for label in cells.labels(key):
            first = next(iter(cells.below(label)), None)
            row = (
                []
                if first is None or first.label
                else sorted(
                    [first, *(c for c in cells if c is not first and c.beside(first) and c.x0 > first.x0)],
                    key=lambda c: c.x0,
                )
            )
            verdict = row.pop(0) if row and _VERDICT.fullmatch(row[0].folded) else None
            said = next((c for c in row if not c.label), None)
            found = [cell.take() for cell in (verdict, said) if cell]
            if found:
                draft.add("evaluations", section=key, verdict=text.fold(verdict.text) if verdict else None,
                          text=text.tidy(said.text) if said else None, ref="; ".join(cell.ref for cell in found))  # fmt: skip
    for label in cells.labels("remarks"):
        value = cells.value_below(label)
        if value and text.tidy(value.take().text):
            draft.sheet(remarks=text.tidy(value.text), ref=value.ref)


def _evaluation(draft: Draft, section: str, cell: Cell | None) -> None:
    if cell and not cell.used and text.tidy(cell.take().text):
        draft.add("evaluations", section=section, text=text.tidy(cell.text), ref=cell.ref)


def _kpi(cells: Cells, draft: Draft) -> None:
    found = {key: cells.value_right(cells.first(key)) for key in ("kpi_name", "kpi_url", "kpi_place")}
    printed = {key: text.tidy(cell.take().text) for key, cell in found.items() if cell}
    if any(printed.values()):
        first = next(cell for cell in found.values() if cell)
        draft.add(
            "policies",
            kind="kpi",
            name=printed.get("kpi_name"),
            url=printed.get("kpi_url"),
            detail=printed.get("kpi_place"),
            ref=first.ref,
        )


def _self_checks(cells: Cells, draft: Draft) -> None:
    verdict, said, item = cells.first("check_verdict"), cells.first("check_text"), cells.first("check_item")
    if verdict is None or said is None or item is None:
        return
    end = min(
        (c.y0 for c in cells.labels("check_ministry", "check_result", "inspection") if c.y0 > verdict.y0),
        default=float("inf"),
    )
    for question in [c for c in cells.below(item, end) if not c.label and len(c.folded) > 8]:
        mark, answer = (cells.at(question, column) for column in (verdict, said))
        question.take()
        for cell in (mark, answer):
            if cell:
                cell.take()
        draft.add("evaluations", section="self_check", item=text.unwrap(question.text.split("\n")), verdict=text.tidy(mark.text) if mark else None,
                  text=text.tidy(answer.text) if answer else None, ref="; ".join(cell.ref for cell in (mark or question, answer) if cell))  # fmt: skip
    head = cells.first("check_ministry")
    if head is None:
        return
    columns = [c for c in cells.right(head) if c.key in ("project_number", "name")]
    stop = min((c.y0 for c in cells if c.label and c.y0 > head.y0 + 0.1), default=float("inf"))
    for ministry in [c for c in cells.below(head, stop) if not c.label]:
        row = {column.key: cells.at(ministry, column) for column in columns}
        for cell in (ministry, *row.values()):
            if cell:
                cell.take()
        number, name = row.get("project_number"), row.get("name")
        draft.add("related", kind="other", ministry=text.tidy(ministry.text), number=text.tidy(number.text) if number else None,
                  name=text.tidy(name.text) if name else None, ref=ministry.ref)  # fmt: skip


_ERA_YEAR = re.compile(r"(?:平成|令和)(?:元|\d{1,2})年度")
_PAST = re.compile(r"(20\d\d-[^-]+-新?\d{2}-\d{4}(?:-\d+)?)|(?:([^-\d]+)-)?((?:新\d{0,2}-?)?\d{1,4}(?:-\d)?)")


def past_numbers(printed: str) -> list[tuple[str | None, str]]:
    """(ministry, number) of every sheet named in one year's cells, parts joined by a hyphen."""
    return [(ministry or None, full or number) for full, ministry, number in _PAST.findall(printed)]


def read_past_numbers(cells: Cells, review_year: int, draft: Draft) -> None:
    """関連する過去のレビューシートの事業番号: a year, then the parts of one or more numbers."""
    head = cells.first("past_numbers")
    if head is None:
        return
    end = min(
        (c.y0 for c in cells.labels("flow", "plans_note", "costs", "recipients") if c.y0 > head.y0),
        default=float("inf"),
    )
    area = [c for c in cells if head.y1 - 0.1 <= c.y0 < end and not c.label]
    years = [c for c in area if _ERA_YEAR.fullmatch(c.folded)]
    for year in years:
        following = min((c.x0 for c in years if c.x0 > year.x0 and c.beside(year)), default=float("inf"))
        parts = [c.take() for c in cells.right(year) if c.x0 < following and not c.label and c in area]
        printed = "-".join(part for c in parts for part in _PARTS.findall(text.fold(c.text)))
        year.take()
        for ministry, number in past_numbers(printed):
            draft.add(
                "related",
                kind="past_number",
                fiscal_year=text.fiscal_year(year.folded),
                ministry=ministry,
                number=number,
                ref=parts[0].ref,
            )
