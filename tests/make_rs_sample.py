"""Draw the small RS System sample from the bulk files of review year 2024: ``python -m tests.make_rs_sample``.

Figures, names of bodies and official labels are copied; prose is replaced by the short sentences below, officials' names
are left out, and so are the goals' wording and (but for one project) the indicators' names.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path

from toolkit.readers.rs_system.columns import columns_of
from toolkit.readers.rs_system.source import open_rs

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("REVIEW_SHEETS_DATA", ROOT.parent / "shared" / "data")) / "rs_system" / "2024"
TARGET = ROOT / "data" / "raw" / "sample" / "rs_2024"

#: WPI and neighbours in the same ministry: purpose, situation and outline of each in our own words
PROJECTS = {
    "1641": (
        "世界から研究者が集まる研究拠点を国内の大学等につくる。／研究環境の国際化を進める。",
        "優れた研究者の獲得をめぐる国際競争が続いている。／拠点の数を保ち、自立させることが課題である。",
        "採択した拠点に、原則として年７億円までの補助を１０年間行う。",
    ),
    "1644": (
        "研究者の自由な発想による学術研究を支える。",
        "応募が増え、１件当たりの配分額が下がっている。",
        "公募と審査により、大学等の研究者に研究費を助成する。／配分は日本学術振興会を通じて行う。",
    ),
    "1661": (
        "量子技術の研究開発を重点的に進める。",
        "各国が量子技術への投資を増やしている。",
        "三つの領域で研究課題を公募し、研究機関に委託する。／・量子計算／・量子計測／・レーザー",
    ),
    "1710": (
        "原子力分野の人材を育てる。",
        "学ぶ学生と教える教員が減っている。",
        "大学等が共同で行う教育と研修を補助する。／あわせて新しい試験研究炉の検討を委託する。",
    ),
    "1716": (
        "発電施設のある県の科学技術の振興を助ける。",
        "対象となる県では、施設と地域の共生が求められている。",
        "対象の県が行う研究や設備の整備を補助する。",
    ),
    "6799": (
        "生成ＡＩの透明性と信頼性を高める研究の拠点をつくる。",
        "国内で中身の分かるモデルの研究が足りない。",
        "拠点となる研究機関を補助する。",
    ),
    "20401": (
        "省電力の半導体と実世界で動くＡＩの研究を進める。",
        "計算に要する電力が増え続けている。",
        "令和７年度に始める予定の研究課題を公募し、補助する。",
    ),
}
#: the only project whose indicators are the real ones, in name and value
REAL_INDICATORS = "1641"

#: file and column to the sentence that stands for whatever the ministry wrote
SENTENCES = {
    ("1-2", "remarks"): "事業のページ：／https://www.mext.go.jp/a_menu/kagaku/toplevel/index.htm",
    ("1-4", "subject"): "研究拠点を形成する大学・研究機関",
    ("1-4", "cap_text"): "１拠点当たり年７億円（原則）",
    ("2-1", "note"): "必要な額を見積もり直した。",
    ("2-1", "remarks"): "特記事項の文は書き改めた。",
    ("2-1", "account_remarks"): "表示のために置かれた会計の明細である。／金額はない。",
    ("2-2", "note"): "一部を別の事業に分けた。",
    ("3-2", "explanation"): "前の段階の達成が、次の段階の前提になる。",
    ("3-2", "single_stage_reason"): "長い期間の成果をまとめて測るため。",
    ("4-1", "inspection"): "毎年度の報告と現地の確認により、計画どおり進んでいることを確かめた。",
    ("4-1", "direction"): "委員会の助言を生かして改善を続ける。",
    ("4-1", "experts_text"): "目的と手段の関係は明確である。指標の置き方を検討されたい。",
    ("4-1", "public_process"): "成果の示し方について意見があった。",
    ("4-1", "team_text"): "成果を段階に分けて測れないか検討すること。",
    ("4-1", "reflection_text"): "所見を踏まえ、指標の設定を検討する。",
    ("4-1", "past_text"): "成果を横に広げる工夫が必要である。",
    ("4-1", "past_response"): "拠点の取組を集め、公開した。",
    ("5-1", "role"): "事業の実施",
    ("5-2", "note"): "資金の流れは予定である。",
    ("5-4", "work"): "研究動向の調査分析業務",
    ("6-1", "further_remarks"): "備考の文は書き改めた。",
}
#: cells that are labels while they are short and prose when they are long; and how long a label may be
LABELS = {("1-4", "rate_text"): 12, ("5-1", "work"): 30, ("5-3", "work"): 30, ("5-2", "note"): 8}
LONG = {"rate_text": "'定額補助", "work": "研究課題の実施"}
_GOALS = ("goal", "from_goal", "to_goal")
_WORDS = {"アクティビティ": "活動", "アウトプット": "活動目標", "アウトカム": "成果目標"}


class Rewording:
    """Replaces prose cell by cell; the same goal gets the same words in 3-1 and 3-2."""

    def __init__(self) -> None:
        self._goals: dict[tuple[str, str, str], str] = {}

    def __call__(self, kind: str, row: dict[str, str], key: str, cell: str) -> str:
        project = row["project_id"]
        if key == "responsible":
            return ""
        if not cell.strip("-ー"):
            return cell
        if kind == "1-2" and key in ("purpose", "issues", "overview"):
            return PROJECTS[project][("purpose", "issues", "overview").index(key)]
        if key in _GOALS:
            return self._goal(project, row[key.replace("goal", "level")], cell)
        if (kind, key) == ("3-1", "indicator") and project != REAL_INDICATORS:
            return f"{self._goal(project, row['level'], row['goal'])}の指標（仮）"
        if (kind, key) == ("5-3", "use"):
            return f"{row['item']}に充てる経費"
        if len(cell) <= LABELS.get((kind, key), 0):
            return cell
        return SENTENCES.get((kind, key), LONG.get(key, cell) if (kind, key) in LABELS else cell)

    def _goal(self, project: str, level: str, cell: str) -> str:
        known = (project, level, cell)
        if known not in self._goals:
            number = sum(other[:2] == known[:2] for other in self._goals) + 1
            self._goals[known] = f"{_WORDS[level]}その{number}"
        return self._goals[known]


def draw(target: Path, reword: Callable[[str, dict[str, str], str, str], str]) -> None:
    """Write the 15 files with the official headers, byte order mark and line ends; a missing source is an error."""
    target.mkdir(parents=True, exist_ok=True)
    for file in open_rs(sorted(SHARED.glob("*.zip"))):
        keys = columns_of(file.kind, file.header)
        rows = csv.reader(io.StringIO(file.content().decode("utf-8-sig"), newline=""))
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(next(rows))
        for cells in rows:
            row = dict(zip(keys, cells, strict=True))
            if row["project_id"] in PROJECTS:
                writer.writerow([reword(file.kind, row, key, cell) for key, cell in zip(keys, cells, strict=True)])
        name = file.path.with_suffix(".csv").name
        (target / name).write_bytes(out.getvalue().encode("utf-8-sig"))


if __name__ == "__main__":
    draw(TARGET, Rewording())
    size = sum(path.stat().st_size for path in TARGET.glob("*.csv"))
    print(f"{len(list(TARGET.glob('*.csv')))} files, {size // 1000} kB in {TARGET.relative_to(ROOT)}")
