"""Activities, indicators and evaluations of a made-up project."""

from __future__ import annotations

import random
from typing import Any

from .words import DIRECTIONS, INSPECTIONS, OPINIONS, OUTCOMES, OUTPUTS, REASONS, REFLECTIONS, VERDICTS, Words

__all__ = ["add_evaluations", "add_goals", "add_goals_old"]

Tables = dict[str, list[dict[str, Any]]]
EVIDENCE = [
    "各団体の実績報告を集計",
    "担当課による年度末調査",
    "「{}に関する実態調査」（令和４年度）\nhttps://www.example.go.jp/toukei/{}.html",
]
QUESTIONS = [
    ("国費投入の必要性", ["事業の目的は国民や社会のニーズを的確に反映しているか。", "地方自治体、民間等に委ねることができない事業なのか。",
                     "政策目的の達成手段として必要かつ適切な事業か。政策体系の中で優先度の高い事業か。"]),
    ("事業の効率性", ["競争性が確保されているなど支出先の選定は妥当か。",
                  "一般競争契約、指名競争契約又は随意契約（企画競争）による支出のうち、一者応札又は一者応募となったものはないか。",
                  "競争性のない随意契約となったものはないか。", "受益者との負担関係は妥当であるか。", "単位当たりコスト等の水準は妥当か。",
                  "資金の流れの中間段階での支出は合理的なものとなっているか。", "費目・使途が事業目的に即し真に必要なものに限定されているか。",
                  "不用率が大きい場合、その理由は妥当か。（理由を右に記載）", "繰越額が大きい場合、その理由は妥当か。（理由を右に記載）",
                  "その他コスト削減や効率化に向けた工夫は行われているか。"]),
    ("事業の有効性", ["成果実績は成果目標に見合ったものとなっているか。",
                  "事業実施に当たって他の手段・方法等が考えられる場合、それと比較してより効果的あるいは低コストで実施できているか。",
                  "活動実績は見込みに見合ったものであるか。", "整備された施設や成果物は十分に活用されているか。"]),
]  # fmt: skip
ANSWERS = [
    "{actor}からの要望が毎年寄せられており、必要とされている。",
    "全国で同じ基準により進める必要があり、国が担うべきである。",
    "公募により複数の提案を比べて選んでいる。",
    "支出の内容を証拠書類で確かめている。",
    "{action}をまとめて行い、経費を抑えている。",
    "見込みにほぼ沿った結果となっている。",
    "成果物は{actor}に配布し、研修で用いられている。",
]


def series(rng: random.Random, unit: str, years: int) -> list[float]:
    """Growing values: per cent with one decimal below 100, counts as whole numbers."""
    if unit in ("％", "%"):
        start = rng.uniform(20, 70)
        return [round(min(100.0, start + i * rng.uniform(1, 6)), 1) for i in range(years)]
    start = int(10 ** rng.uniform(0.7, 4))
    return [float(int(start * (1 + 0.08 * i))) for i in range(years)]


def _reached(rng: random.Random, target: float, unit: str) -> float:
    value = target * rng.uniform(0.7, 1.2)
    return round(min(value, 100.0), 1) if unit in ("％", "%") else float(int(value))


def _add(
    tables: Tables, indicator: str, year: int | None, measure: str, value: float | None, *, final: bool = False
) -> None:
    if value is not None:
        tables["measurements"].append(
            {"indicator_id": indicator, "fiscal_year": year, "measure": measure, "value": value, "is_final_year": final}
        )


def add_goals(tables: Tables, rng: random.Random, words: Words) -> None:
    """One to three activities of the FY2023 form, each with outputs and near, middle or far outcomes."""
    for name in ("indicators", "measurements", "logic_links", "unit_costs"):
        tables[name] = []
    for no in range(1, rng.choice([1, 1, 2, 2, 3]) + 1):
        horizons = rng.choice([["long"], ["short"], ["short", "long"], ["short", "mid"], ["short", "mid", "long"]])
        alone = (
            "毎年度の成果がそのまま最終の目標になる事業であり、段階を分けられないため。" if len(horizons) == 1 else None
        )
        tables["indicators"].append({"indicator_id": f"{no}-activity-1", "activity_no": no, "level": "activity",
                                     "goal": words.fill("{actor}に対し、{theme}に必要な{action}を行う。"), "explanation": alone})  # fmt: skip
        before = f"{no}-output-1"
        for count in range(1, rng.choice([1, 1, 1, 2]) + 1):
            _output(tables, rng, words, f"{no}-output-{count}", no)
        for horizon in horizons:
            indicator = f"{no}-{horizon}-1"
            _outcome(tables, rng, words, indicator, no, horizon)
            text = words.fill(
                rng.choice(REASONS), a="活動の量", b=tables["indicators"][-1]["indicator"] or "有識者の評価"
            )
            tables["logic_links"].append(
                {"from_indicator_id": before, "to_indicator_id": indicator, "explanation": text}
            )
            before = indicator


def _output(tables: Tables, rng: random.Random, words: Words, indicator: str, no: int | None) -> None:
    year = tables["sheets"][0]["review_year"]
    goal, name, unit = rng.choice(OUTPUTS)
    tables["indicators"].append({"indicator_id": indicator, "activity_no": no, "level": "output", "unit": unit,
                                 "goal": goal.format(words.theme) if no else None, "indicator": words.theme + "の" + name})  # fmt: skip
    first = tables["sheets"][0]["start_year"]
    for place, (y, planned) in enumerate(zip(range(year - 3, year + 2), series(rng, unit, 5), strict=True)):
        if y < first:
            continue
        _add(tables, indicator, y, "expected", planned)
        if place < 3:
            _add(tables, indicator, y, "actual", _reached(rng, planned, unit))


def _outcome(tables: Tables, rng: random.Random, words: Words, indicator: str, no: int | None, horizon: str | None,
             level: str = "outcome") -> None:  # fmt: skip
    year = tables["sheets"][0]["review_year"]
    goal, name, unit = rng.choice(OUTCOMES)
    qualitative = no is not None and rng.random() < 0.12
    row = {"indicator_id": indicator, "activity_no": no, "level": level, "horizon": horizon, "goal": goal.format(words.theme),
           "indicator": None if qualitative else name, "unit": None if qualitative else unit, "is_qualitative": qualitative}  # fmt: skip
    row["evidence_source"] = (
        rng.choice(EVIDENCE).format(words.theme, rng.randint(100, 999)) if rng.random() < 0.9 else None
    )
    if qualitative:
        row["explanation"] = "関係者の意識の変化を狙う取組であり、数値では捉えにくいため。"
        row["evidence_source"] = "検討会の委員から、取組が着実に根づいているとの評価を得た。"
    tables["indicators"].append(row)
    if qualitative:
        return
    final = year + rng.choice([0, 1, 2, 2, 4, 7])
    if no is None and level == "outcome" and final > year + 1 and rng.random() < 0.4:
        _add(tables, indicator, rng.randint(year, final - 1), "target", _reached(rng, 50, unit))
    targets = series(rng, unit, 4)
    first = tables["sheets"][0]["start_year"]
    for place, y in enumerate(range(year - 3, year)):
        if y < first:
            continue
        target = targets[place] if rng.random() < 0.9 else None
        actual = _reached(rng, targets[place], unit) if rng.random() < 0.93 else None
        _add(tables, indicator, y, "actual", actual)
        _add(tables, indicator, y, "target", target)
        if target and actual is not None:
            _add(tables, indicator, y, "achievement", round(actual / target, rng.choice([2, 2, 3])))
    _add(tables, indicator, final, "target", targets[-1], final=True)


def add_goals_old(tables: Tables, rng: random.Random, words: Words) -> None:
    """Outcomes, outputs, unit costs and the policy's own indicator, as the forms to 2022 have them."""
    for name in ("indicators", "measurements", "logic_links", "unit_costs", "related"):
        tables[name] = []
    year = tables["sheets"][0]["review_year"]
    for count in range(1, rng.choice([1, 1, 2, 3]) + 1):
        _outcome(tables, rng, words, f"outcome-{count}", None, None)
    for count in range(1, rng.choice([1, 1, 2, 3]) + 1):
        _output(tables, rng, words, f"output-{count}", None)
    if rng.random() < 0.5:
        _outcome(tables, rng, words, "policy-1", None, None, "policy")
        tables["indicators"][-1]["indicator"] = "施策全体の" + (tables["indicators"][-1]["indicator"] or "達成状況")
        tables["measurements"] = [
            m for m in tables["measurements"] if m["indicator_id"] != "policy-1" or m["measure"] != "achievement"
        ]
    for line in range(1, rng.choice([1, 1, 2]) + 1):
        unit = rng.choice(["百万円", "千円"])
        for fiscal_year in range(year - 3, year + 1):
            top, below = rng.randint(10, 900), rng.randint(2, 40)
            tables["unit_costs"].append(
                {"line": len(tables["unit_costs"]) + 1, "fiscal_year": fiscal_year, "basis": f"執行額／{words.theme}の実施件数" + ("（その２）" if line > 1 else ""),
                 "unit": unit, "value": round(top / below, 1), "formula_text": f"{top}/{below}"}
            )  # fmt: skip
    if rng.random() < 0.5:
        for line in range(1, rng.randint(1, 2) + 1):
            ministry = rng.choice(["総務省", "環境省", "国土交通省"])
            tables["related"].append({"line": line, "kind": "other", "ministry": ministry, "number": f"{rng.randint(1, 600):04d}",
                                      "name": words.theme + rng.choice(["に関する調査", "人材育成費"])})  # fmt: skip


def add_evaluations(tables: Tables, rng: random.Random, words: Words) -> None:
    """Inspection, findings and what was made of them; on the old forms the ○△× table too."""
    year = tables["sheets"][0]["review_year"]
    verdict = rng.choice(VERDICTS)
    public = rng.random() < 0.2 and year >= 2023
    rows: list[dict[str, Any]] = [
        {"section": "inspection", "text": words.prose(INSPECTIONS, 1, 3)},
        {"section": "direction", "text": words.prose(DIRECTIONS, 1, 3)},
        {
            "section": "external_experts",
            "text": words.prose(OPINIONS, 1, 3, joint="\n") if rng.random() < 0.4 else "外部有識者による点検対象外",
        },
        {"section": "team", "verdict": verdict, "text": words.prose(OPINIONS, 1, 2)},
        {
            "section": "reflection",
            "verdict": rng.choice(REFLECTIONS),
            "text": words.prose(DIRECTIONS, 1, 2) if rng.random() < 0.85 else None,
        },
    ]
    if public:
        rows.append(
            {
                "section": "public_process",
                "text": "【令和４年度公開プロセス】\n評価："
                + verdict
                + "\n・"
                + words.prose(OPINIONS, 2, 3, joint="\n・"),
            }
        )
        rows.append({"section": "public_process_response", "text": "・" + words.prose(DIRECTIONS, 2, 3, joint="\n・")})
    if year < 2023:
        for _, questions in QUESTIONS:
            for question in questions:
                asks = question.endswith("ないか。")
                mark = rng.choice(["有", "無"]) if asks else rng.choice(["○", "○", "○", "△", "×", "‐"])
                text = words.fill(rng.choice(ANSWERS)) if mark in "○△×有" and rng.random() < 0.85 else None
                rows.append({"section": "self_check", "item": question, "verdict": mark, "text": text})
        if rng.random() < 0.6:
            rows.append(
                {
                    "section": "policy_relation",
                    "text": words.fill("{theme}の成果は、上位の施策が目指す姿の土台となる。"),
                }
            )
    for line, row in enumerate(rows, start=1):
        row["line"] = line
    tables["evaluations"] = rows
