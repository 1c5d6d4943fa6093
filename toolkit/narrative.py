"""One sheet in words and key figures: what the head of a report says, every value computed from the tables."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

import pandas as pd

from toolkit import metrics
from toolkit.checks import check
from toolkit.dataset import Dataset
from toolkit.plain import plain, ratio, records
from toolkit.wording import ENGLISH, check_language, format_count, format_rate, format_year, format_yen, official

__all__ = ["figures", "key_figures", "sentences"]

_LEVELS = {
    "output": ("アウトプット", "output"),
    "outcome": ("アウトカム", "outcome"),
    "policy": ("測定指標", "policy measure"),
}


def key_figures(dataset: Dataset, sheet_id: str | None = None, language: str = "ja") -> pd.DataFrame:
    """The figures for the head of a report of one sheet: one row per figure.

    Columns: ``figure`` (a stable id), ``label``, ``value`` (Float64), ``unit`` (yen, ratio or count), ``year``
    (fiscal year, <NA> where none applies), ``note``. A figure the sheet does not give has <NA>. ``sheet_id`` may
    be left out where there is only one sheet; UsageError where there are several, NotFoundError for one not here.
    """
    result = pd.DataFrame(figures(dataset, sheet_id, language))
    dtypes = {
        "figure": "string",
        "label": "string",
        "value": "Float64",
        "unit": "string",
        "year": "Int16",
        "note": "string",
    }
    return result.astype(dtypes)


def figures(dataset: Dataset, sheet_id: str | None = None, language: str = "ja") -> list[dict[str, Any]]:
    """The same as plain rows, None for <NA>."""
    story = _story(dataset, sheet_id, language)
    found = []
    for figure, ja, en, value, unit, year, said in (*_budget_figures(story), *_outcome_figures(story)):
        told = (figure, story.say(ja, en), value, unit, year, said)
        names = ("figure", "label", "value", "unit", "year", "note")
        found.append({name: None if part is pd.NA else part for name, part in zip(names, told, strict=True)})
    return found


def sentences(dataset: Dataset, language: str = "ja", *, sheet_id: str | None = None) -> list[str]:
    """One sheet in a paragraph of computed sentences, in reading order.

    Who runs it since when; budget and spending of the last closed year with both execution rates; trend and
    request; who got the money and how concentrated it is; indicators that met their target; what the reviewers
    decided; what remains doubtful. A sentence whose figures the sheet does not give is left out. Raises as
    ``key_figures`` does.
    """
    story = _story(dataset, sheet_id, language)
    told = (
        _who(story),
        _closed_year(story),
        _trend(story),
        _money(story),
        _indicators(story),
        _reviewers(story),
        _doubts(story),
    )
    return [sentence for sentence in told if sentence]


_last: list[Any] = []


def _story(dataset: Dataset, sheet_id: str | None, language: str) -> _Story:
    """One for a sheet: a report asks for sentences and figures."""
    if not _last or _last[0] is not dataset or (_last[1].sheet_id, _last[1].language) != (sheet_id, language):
        _last[:] = [dataset, _Story(dataset, sheet_id, language)]
    found: _Story = _last[1]
    return found


class _Story:
    """The tables of one sheet and what several sentences and figures take from them."""

    def __init__(self, dataset: Dataset, sheet_id: str | None, language: str) -> None:
        check_language(language)
        self.sheet = dataset.sheet(sheet_id)
        self.one = dataset if len(dataset.sheet_ids) == 1 else dataset.select(self.sheet["sheet_id"])
        self.sheet_id, self.language = sheet_id, language

    # -- values in words
    def say(self, ja: str, en: str) -> str:
        return ja if self.language == "ja" else en

    def yen(self, value: object) -> str:
        return format_yen(value, self.language)

    def year(self, value: object) -> str:
        return format_year(value, self.language)

    # -- facts
    @cached_property
    def budgets(self) -> list[dict[str, Any]]:
        """Rows of the whole project by fiscal year, with both execution rates."""
        rows = [row for row in self.one.rows("budgets") if row["account"] is None]
        rates = {"rate": "current_jpy", "rate_sheet": "total_jpy"}
        return [
            {**row, **{name: ratio(row["executed_jpy"], row[whole]) for name, whole in rates.items()}}
            for row in sorted(rows, key=lambda row: row["fiscal_year"])
        ]

    @cached_property
    def closed(self) -> dict[str, Any] | None:
        """The last year with an executed amount; None for a project that has none yet."""
        return next((row for row in reversed(self.budgets) if row["executed_jpy"] is not None), None)

    @cached_property
    def initial(self) -> list[tuple[int, int]]:
        """Initial budgets to the review year, each after its fiscal year."""
        return [
            (row["fiscal_year"], row["initial_jpy"])
            for row in self.budgets
            if row["stage"] != "requested" and row["initial_jpy"] is not None
        ]

    @cached_property
    def request(self) -> dict[str, Any] | None:
        return next((row for row in reversed(self.budgets) if row["requested_jpy"] is not None), None)

    @cached_property
    def request_change(self) -> str:
        """The request against the initial budget of the year before, in words; empty where there is none."""
        if self.request is None:
            return ""
        before = [row["initial_jpy"] for row in self.budgets if row["fiscal_year"] == self.request["fiscal_year"] - 1]
        rate = ratio(self.request["requested_jpy"], before[0]) if before else None
        if rate is None:
            return ""
        change = f"{(rate - 1) * 100:+.1f}%"
        return self.say(f"前年度当初予算比{change}", f"{change} on the initial budget before it")

    @cached_property
    def spending(self) -> dict[str, Any]:
        return records(metrics.spending(self.one))[0]

    @cached_property
    def concentration(self) -> dict[str, Any] | None:
        rows = records(metrics.sheet_concentration(self.one))
        return rows[0] if rows and rows[0]["recipients"] > 0 else None

    @cached_property
    def latest(self) -> list[dict[str, Any]]:
        """Per indicator the last ordinary year with an actual and a target, settled values only."""
        rows = [
            row for row in records(metrics.achievement(self.one))
            if not row["is_final_year"] and row["is_settled"] and row["is_met"] is not None and row["level"] in _LEVELS
        ]  # fmt: skip
        rows.sort(key=lambda row: (row["fiscal_year"] is None, row["fiscal_year"] or 0))
        return list({row["indicator_id"]: row for row in rows}.values())

    @cached_property
    def severities(self) -> Counter[str]:
        if not len(self.one["findings"]) and not self.one.is_checked:
            return Counter(plain(check(self.one)["severity"]))
        return Counter(plain(self.one["findings"]["severity"]))

    @cached_property
    def unsettled(self) -> int:
        return int(self.one.certainties()["unsettled"].sum())

    @cached_property
    def coverage(self) -> float | None:
        found = self.one.coverage.iloc[0]
        return None if pd.isna(found) else float(found)


# -- sentences
def _who(story: _Story) -> str | None:
    sheet = story.sheet
    if pd.isna(sheet["name"]):
        return None
    body = list(dict.fromkeys(str(sheet[name]) for name in ("ministry", "bureau") if pd.notna(sheet[name])))
    by_ja, by_en = (
        "".join(body) or "府省庁不明",
        ", ".join(official(name, "en") for name in body) or "an unnamed ministry",
    )
    by_en = f"the {by_en}" if body and body[0] in ENGLISH else by_en
    since = sheet["start_year"]
    start_ja = f"{story.year(since)}から行っている" if pd.notna(since) else "行っている"
    start_en = f" since {story.year(since)}" if pd.notna(since) else ""
    end_ja, end_en = "", ""
    if pd.notna(sheet["end_year"]):
        end_ja, end_en = (
            f"（{story.year(sheet['end_year'])}終了予定）",
            f"; it is to end in {story.year(sheet['end_year'])}",
        )
    elif pd.notna(sheet["is_end_undecided"]) and sheet["is_end_undecided"]:
        end_ja, end_en = "（終了予定なし）", "; no end is planned"
    return story.say(
        f"{sheet['name']}（{sheet['sheet_id']}）は、{by_ja}が{start_ja}事業である{end_ja}。",
        f"{sheet['name']} ({sheet['sheet_id']}) is run by {by_en}{start_en}{end_en}.",
    )


def _closed_year(story: _Story) -> str | None:
    row = story.closed
    if row is None:
        return (
            story.say("執行実績のある年度はまだない。", "No year has been closed yet.") if len(story.budgets) else None
        )
    budget = row["current_jpy"]
    of_ja = f"歳出予算現額{story.yen(budget)}のうち" if budget is not None else ""
    of_en = f" of a current budget of {story.yen(budget)}" if budget is not None else ""
    ja = f"{story.year(row['fiscal_year'])}は{of_ja}{story.yen(row['executed_jpy'])}を執行した"
    en = f"In {story.year(row['fiscal_year'])} it spent {story.yen(row['executed_jpy'])}{of_en}"
    rate, rate_sheet = format_rate(row["rate"]), format_rate(row["rate_sheet"])
    if row["rate"] is not None and row["rate_sheet"] is not None:
        same = rate == rate_sheet
        ja += f"（執行率{rate}）" if same else f"（執行率は計(F)に対して{rate_sheet}、歳出予算現額に対して{rate}）"
        en += f" ({rate})" if same else f" ({rate_sheet} of the total (F), {rate} of the current budget)"
    if (row["carried_out_jpy"] or 0) > 0:
        ja += f"。{story.yen(row['carried_out_jpy'])}を翌年度へ繰り越した"
        en += f" and carried {story.yen(row['carried_out_jpy'])} to the next year"
    return story.say(f"{ja}。", f"{en}.")


def _change(story: _Story, rate: float) -> str:
    size = format_rate(abs(rate))
    if size == "0.0%":
        return story.say("ほぼ変わらない", "hardly changed")
    if rate > 0:
        return story.say(f"{size}増えた", f"rose by {size}")
    return story.say(f"{size}減った", f"fell by {size}")


def _trend(story: _Story) -> str | None:
    initial, ja, en = story.initial, [], []
    if len(initial) >= 2 and initial[0][1] > 0:
        (first, before), (last, after) = initial[0], initial[-1]
        change = _change(story, after / before - 1)
        ja.append(
            f"当初予算は{story.year(first)}の{story.yen(before)}から{story.year(last)}の{story.yen(after)}へ{change}"
        )
        en.append(
            f"The initial budget {change} from {story.yen(before)} in {story.year(first)} "
            f"to {story.yen(after)} in {story.year(last)}"
        )
    elif initial:
        last, after = initial[-1]
        ja.append(f"{story.year(last)}の当初予算は{story.yen(after)}である")
        en.append(f"The initial budget of {story.year(last)} is {story.yen(after)}")
    if story.request is not None:
        asked, year = story.yen(story.request["requested_jpy"]), story.year(story.request["fiscal_year"])
        change = story.request_change
        ja.append(f"{year}の要求額は{asked}" + (f"（{change}）" if change else "") + "である")
        en.append(f"{asked} is requested for {year}" + (f" ({change})" if change else ""))
    return story.say("。".join(ja) + "。", "; ".join(en) + ".") if ja else None


def _money(story: _Story) -> str | None:
    found, shown = story.concentration, story.spending
    if found is None or found["top1"] is None:
        return None
    total, blocks, who = story.yen(found["total_jpy"]), int(shown["blocks"]), int(found["recipients"])
    top1, top3, caveats = format_rate(found["top1"]), format_rate(found["top3"]), _caveats(story)
    note = story.say("、", ", ").join(caveats)
    ja = f"{story.year(shown['fiscal_year'])}に" + (f"支出先の欄に載る（{note}）" if note else "国が直接支出した")
    ja += f"{blocks}ブロック計{total}について{who}者が挙がり、最大は{found['largest']}の{top1}"
    en = f"Of the {total} in {blocks} block{'s' if blocks > 1 else ''} "
    en += f"shown ({note})" if note else "paid by the ministry itself"
    en += f" in {story.year(shown['fiscal_year'])}, {who} recipient{'s are' if who > 1 else ' is'} named"
    en += f"; the largest, {found['largest']}, got {top1}"
    if who > 3:
        return story.say(f"{ja}、上位3者で{top3}を占める。", f"{en}, the top three {top3}.")
    return story.say(f"{ja}である。", f"{en}.")


def _caveats(story: _Story) -> list[str]:
    """Why the money shown may not be what the ministry paid out; empty where it is."""
    shown, budgets, caveats = story.spending, story.budgets, []
    if shown["basis"] == "all_blocks":
        caveats.append(story.say("再委託先との重複を含みうる", "re-commissioned money may count twice"))
    if shown["from_recipients"] > 0:
        caveats.append(story.say("掲載された支出先だけの合計", "the sum of listed recipients only"))
    year = shown["fiscal_year"]
    if not any(row["fiscal_year"] == year and row["executed_jpy"] is not None for row in budgets):
        caveats.append(story.say("執行実績がなく予定でありうる", "nothing was executed, so perhaps planned"))
    return caveats


def _indicators(story: _Story) -> str | None:
    latest = story.latest
    if not latest:
        return None
    ja, en = [], []
    for level, (level_ja, level_en) in _LEVELS.items():
        met = [row["is_met"] for row in latest if row["level"] == level]
        if met:
            ja.append(f"{level_ja}{len(met)}件中{sum(met)}件")
            en.append(f"{sum(met)} of {len(met)} {level_en} indicator{'s' if len(met) > 1 else ''}")
    ja_text = f"実績と目標がそろう直近の年度に目標を達成したのは{'、'.join(ja)}である"
    en_text = f"In the latest year with an actual and a target, {', '.join(en)} met the target"
    still = int(metrics.stagnant_targets(story.one)["is_settled"].sum())
    if still:
        ja_text += f"。実績が上回り続けても目標が動いていない指標が{still}件ある"
        en_text += f"; {still} target{'s' if still > 1 else ''} never moved while every actual passed {'them' if still > 1 else 'it'}"
    return story.say(f"{ja_text}。", f"{en_text}.")


def _reviewers(story: _Story) -> str | None:
    rows = [row for row in story.one.rows("evaluations") if row["verdict"] is not None]
    ja, en = [], []
    for section, name_ja, name_en in (
        ("external_experts", "外部有識者の所見", "the external experts' opinion is"),
        ("team", "行政事業レビュー推進チームの所見", "the review team's verdict is"),
        ("reflection", "概算要求への反映", "the ministry's response is"),
    ):
        verdicts = list(dict.fromkeys(row["verdict"] for row in rows if row["section"] == section))
        if verdicts:
            ja.append(f"{name_ja}は「{'」「'.join(verdicts)}」")
            en.append(f"{name_en} " + ", ".join(f"“{official(verdict, 'en')}”" for verdict in verdicts))
    if not ja:
        return None
    text = ", ".join(en)
    return story.say("、".join(ja) + "である。", text[0].upper() + text[1:] + ".")


def _doubts(story: _Story) -> str:
    errors, warnings = (int(story.severities.get(name, 0)) for name in ("error", "warning"))
    unsettled = story.unsettled
    ja = [f"検算の結果は誤り{errors}件、注意{warnings}件" if errors or warnings else "検算に合わない数値はない"]
    en = [
        f"The checks found {errors} error{'' if errors == 1 else 's'} and {warnings} warning{'' if warnings == 1 else 's'}"
        if errors or warnings
        else "Its figures pass the checks"
    ]
    if unsettled:
        ja.append(f"原本から位置を確定できない行が{unsettled}行ある")
        en.append(f"{unsettled} row{'s' if unsettled > 1 else ''} could not be settled from the source")
    coverage = story.coverage
    if coverage is not None:
        ja.append(f"原本の文字の{format_rate(coverage)}を読み取った")
        en.append(f"{format_rate(coverage)} of the source's characters were understood")
    return story.say("。".join(ja) + "。", "; ".join(en) + ".")


# -- figures
_Figure = tuple[str, str, str, object, str, object, str | None]


def _budget_figures(story: _Story) -> list[_Figure]:
    closed, request = story.closed or {}, story.request or {}
    year = closed.get("fiscal_year", pd.NA)
    given, amount = story.initial[-1] if story.initial else (pd.NA, pd.NA)
    rates = (
        story.say("繰越額を除く", "carry-out does not count against it"),
        story.say("繰越額を含む", "carry-out counts as not executed"),
    )
    return [
        ("initial", "当初予算", "Initial budget", amount, "yen", given, None),
        ("requested", "翌年度要求額", "Requested", request.get("requested_jpy", pd.NA), "yen", request.get("fiscal_year", pd.NA), story.request_change or None),
        ("current", "歳出予算現額", "Current budget", closed.get("current_jpy", pd.NA), "yen", year, None),
        ("executed", "執行額", "Executed", closed.get("executed_jpy", pd.NA), "yen", year, None),
        ("carried_out", "翌年度へ繰越し", "Carried out", closed.get("carried_out_jpy", pd.NA), "yen", year, None),
        ("execution_rate_sheet", "執行率（対 計(F)）", "Execution rate, of total (F)", closed.get("rate_sheet", pd.NA), "ratio", year, rates[0]),
        ("execution_rate", "執行率（対 歳出予算現額）", "Execution rate, of current budget", closed.get("rate", pd.NA), "ratio", year, rates[1]),
    ]  # fmt: skip


def _outcome_figures(story: _Story) -> list[_Figure]:
    shown, found, latest = story.spending, story.concentration, story.latest
    year = shown["fiscal_year"]
    basis = story.say("、", ", ").join(_caveats(story)) or None
    met = float(sum(row["is_met"] for row in latest)) if latest else pd.NA
    of = story.say(f"{len(latest)}件中", f"of {format_count(len(latest))}") if latest else None
    coverage = story.coverage
    found = found or {}
    return [
        ("spending", "支出額（国の直接支出）", "Spending shown", shown["spending_jpy"], "yen", year, basis),
        ("recipients", "支出先の数（掲載分）", "Recipients listed", found.get("recipients", pd.NA), "count", year, None),
        ("top1", "最大の支出先の割合", "Share of the largest recipient", found.get("top1", pd.NA), "ratio", year, found.get("largest")),
        ("top3", "上位3者の割合", "Share of the top three", found.get("top3", pd.NA), "ratio", year, None),
        ("met", "目標を達成した指標", "Indicators that met their target", met, "count", pd.NA, of),
        ("errors", "検算：誤り", "Checks: errors", float(story.severities.get("error", 0)), "count", pd.NA, None),
        ("warnings", "検算：注意", "Checks: warnings", float(story.severities.get("warning", 0)), "count", pd.NA, None),
        ("unsettled", "位置が未確定の行", "Unsettled rows", float(story.unsettled), "count", pd.NA, None),
        ("coverage", "読み取れた文字の割合", "Characters understood", coverage, "ratio", pd.NA, None),
    ]  # fmt: skip
