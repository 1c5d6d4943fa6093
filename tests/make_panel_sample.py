"""Draw the small sample of the bulk sources (RS System, JUDGIT!, yearly database): ``python -m tests.make_panel_sample``.

The same projects in all three, so that they have a history of five review years. Figures, names of bodies and official
labels are copied; prose is replaced by the short sentences below, officials' names are left out, and so are the goals'
wording and (but for one project) the indicators' names.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from toolkit.readers.database.headers import Place, places
from toolkit.readers.database.workbook import read_tabs
from toolkit.readers.rs_system.columns import columns_of
from toolkit.readers.rs_system.source import open_rs

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("REVIEW_SHEETS_DATA", ROOT.parent / "shared" / "data"))
TARGET = ROOT / "data" / "raw" / "sample"


@dataclass(frozen=True)
class Project:
    """Purpose, situation and outline in our own words; names in the sheets of 2020 to 2023, where the project had any."""

    purpose: str
    issues: str
    overview: str
    names: tuple[str, ...] = ()


#: by 予算事業ID, or by a word where the project ended before the RS System: WPI, neighbours in its ministry, and some of others
PROJECTS = {
    "1641": Project(
        "世界から研究者が集まる研究拠点を国内の大学等につくる。／研究環境の国際化を進める。",
        "優れた研究者の獲得をめぐる国際競争が続いている。／拠点の数を保ち、自立させることが課題である。",
        "採択した拠点に、原則として年７億円までの補助を１０年間行う。",
        ("世界トップレベル研究拠点プログラム",),
    ),
    "1644": Project(
        "研究者の自由な発想による学術研究を支える。",
        "応募が増え、１件当たりの配分額が下がっている。",
        "公募と審査により、大学等の研究者に研究費を助成する。／配分は日本学術振興会を通じて行う。",
        ("科学研究費助成事業",),
    ),
    "1661": Project(
        "量子技術の研究開発を重点的に進める。",
        "各国が量子技術への投資を増やしている。",
        "三つの領域で研究課題を公募し、研究機関に委託する。／・量子計算／・量子計測／・レーザー",
        ("光・量子飛躍フラッグシッププログラム（Q-LEAP)",),
    ),
    "1710": Project(
        "原子力分野の人材を育てる。",
        "学ぶ学生と教える教員が減っている。",
        "大学等が共同で行う教育と研修を補助する。／あわせて新しい試験研究炉の検討を委託する。",
        (
            "国際原子力人材育成イニシアティブ",
            "国際原子力人材育成イニシアティブ等の人材育成や研究開発基盤の強化",
        ),
    ),
    "1716": Project(
        "発電施設のある県の科学技術の振興を助ける。",
        "対象となる県では、施設と地域の共生が求められている。",
        "対象の県が行う研究や設備の整備を補助する。",
        (
            "特別電源所在県科学技術振興事業補助金",
            "電源地域振興促進事業費補助金\n（特別電源所在県科学技術振興事業補助金）",
        ),
    ),
    "6799": Project(
        "生成ＡＩの透明性と信頼性を高める研究の拠点をつくる。",
        "国内で中身の分かるモデルの研究が足りない。",
        "拠点となる研究機関を補助する。",
    ),
    "20401": Project(
        "省電力の半導体と実世界で動くＡＩの研究を進める。",
        "計算に要する電力が増え続けている。",
        "令和７年度に始める予定の研究課題を公募し、補助する。",
    ),
    "1432": Project(
        "児童生徒の学力と学習の状況を全国で調べ、指導の改善に役立てる。",
        "結果を早く返すことと、調査のオンライン化が課題である。",
        "小学校６年と中学校３年を対象に、問題の配送、採点、集計を委託する。",
        ("全国学力・学習状況調査の実施",),
    ),
    "1553": Project(
        "世界に通用する博士人材を育てる大学院をつくる。",
        "博士課程に進む学生が減っている。",
        "大学が企業等と組んで行う博士課程の教育を補助する。",
        ("卓越大学院プログラム",),
    ),
    "1586": Project(
        "国立大学が教育と研究を安定して続けられるようにする。",
        "評価に応じた配分をどこまで広げるかが論点である。",
        "国立大学法人等に運営費交付金を交付する。",
        ("国立大学法人の運営に必要な経費",),
    ),
    "1627": Project(
        "根拠に基づく政策をつくるための人材と手法を育てる。",
        "研究の成果と政策の現場との間に隔たりがある。",
        "大学の拠点を補助し、調査研究を委託する。",
        ("科学技術イノベーション政策における政策のための科学の推進",),
    ),
    "1771": Project(
        "国内最大の総合競技会を都道府県が開けるようにする。",
        "開催地の負担が重い。名称は令和６年に改められた。",
        "大会の開催に要する経費の一部を開催県等に補助する。",
        ("国民体育大会開催事業",),
    ),
    "1833": Project(
        "美術館と歴史博物館の活動を盛んにする。",
        "小さな館では人手が足りない。",
        "研修や調査を行う。",
        ("美術館・歴史博物館活動の充実",),
    ),
    "2368": Project(
        "水道事業の指導監督を行う。",
        "水道の所管は令和６年度に厚生労働省から国土交通省に移った。",
        "水道に関する行政の調査、研修と広報を行う。",
        ("水道行政強化拡充費",),
    ),
    "6495": Project(
        "地域の子ども・子育て支援を担う体制を整える。",
        "こども家庭庁ができ、厚生労働省から移された。",
        "都道府県等が行う研修や体制の整備を補助する。",
        ("子ども・子育て支援体制整備総合推進事業",),
    ),
    "unit slip": Project(
        "電気通信に関する行政の情報システムを動かし続ける。",
        "",
        "システムの運用と保守を委託する。",
        ("電気通信行政情報システムの維持運用",),
    ),
}
#: WPI's own wording in the older sheets, in short
_WPI = {
    "国内外から第一線の研究者を引き付け": "高水準の研究拠点をつくる",
    "（World Premier Status）": "最高の評価を受けた拠点の割合",
    "事業開始５年目に": "5年目にA以上の評価を受けた拠点の割合",
    "主任研究者数": "主任研究者数",
    "研究者に占める外国人": "外国人研究者の割合",
    "輩出論文数に占める": "Top10%論文の割合",
}
#: the only project whose indicators in the RS System are the real ones, in name and value
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
    ("4-1", "effect"): "目標年度に達していないため、まだ評価していない。",
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
LABELS = {("1-4", "rate_text"): 12, ("5-1", "work"): 30, ("5-3", "work"): 30, ("5-2", "note"): 8, ("old", "work"): 30}
LONG = {"rate_text": "'定額補助", "work": "研究課題の実施"}
_GOALS = ("goal", "from_goal", "to_goal")
_WORDS = {"アクティビティ": "活動", "アウトプット": "活動目標", "アウトカム": "成果目標"}


class Rewording:
    """Replaces prose cell by cell; the same goal gets the same words wherever it stands."""

    def __init__(self) -> None:
        self._goals: dict[tuple[str, str, str], str] = {}

    def __call__(self, kind: str, row: dict[str, str], key: str, cell: str) -> str:
        """One cell of the RS System."""
        project = row["project_id"]
        if key == "responsible":
            return ""
        if not cell.strip("-ー"):
            return cell
        if kind == "1-2" and key in ("purpose", "issues", "overview"):
            return str(getattr(PROJECTS[project], key))
        if key in _GOALS:
            return self._goal(project, _WORDS[row[key.replace("goal", "level")]], cell)
        if (kind, key) == ("3-1", "indicator") and project != REAL_INDICATORS:
            return f"{self._goal(project, _WORDS[row['level']], row['goal'])}の指標（仮）"
        if (kind, key) == ("5-3", "use"):
            return f"{row['item']}に充てる経費"
        return self.label(kind, key, cell)

    def label(self, kind: str, key: str, cell: str) -> str:
        """A short label as it is, prose by its sentence."""
        if len(cell) <= LABELS.get((kind, key), 0):
            return cell
        return SENTENCES.get((kind, key), LONG.get(key, cell) if (kind, key) in LABELS else cell)

    def _goal(self, project: str, word: str, cell: str) -> str:
        known = (project, word, cell)
        if known not in self._goals:
            number = sum(other[:2] == known[:2] for other in self._goals) + 1
            self._goals[known] = f"{word}その{number}"
        return self._goals[known]

    def old(self, project: str, word: str, cell: str | None) -> str | None:
        """Goals and indicators of the older sheets."""
        if not cell or not cell.strip("-－‐ー"):
            return cell
        known = (said for part, said in _WPI.items() if project == "1641" and part in cell)
        return next(known, None) or self._goal(project, word, cell)


def draw_rs(target: Path, reword: Callable[[str, dict[str, str], str, str], str]) -> None:
    """Write the 15 files with the official headers, byte order mark and line ends; a missing source is an error."""
    target.mkdir(parents=True, exist_ok=True)
    for file in open_rs(sorted((SHARED / "rs_system" / "2024").glob("*.zip"))):
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


def _lines(said: str) -> str:
    """Line breaks as the older sources have them; the RS System prints ／."""
    return said.replace("／", "\n")


def _project_of(name: str) -> str | None:
    return next((key for key, project in PROJECTS.items() if name in project.names), None)


def draw_judgit(target: Path, reword: Rewording) -> None:
    """Write the records of review years 2020 to 2023, one a line."""
    lines = []
    for path in sorted((SHARED / "judgit").glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as records:
            for line in records:
                record = json.loads(line)
                if project := _project_of(record["事業名"]):
                    lines.append(
                        json.dumps(_record(record, project, reword), ensure_ascii=False, separators=(",", ":")) + "\n"
                    )
    target.write_text("".join(lines), encoding="utf-8")


def _record(record: dict[str, Any], project: str, reword: Rewording) -> dict[str, Any]:
    words = PROJECTS[project]
    new = {
        "ID": None,
        "事業ID": None,
        "url": None,
        "作成責任者": None,
        "事業目的": words.purpose,
        "事業概要": words.overview,
    }
    record |= {key: value for key, value in new.items() if key in record}
    for part, word in (("アウトカム", "成果"), ("アウトプット", "活動")):
        for one in record[part]:
            one |= {key: reword.old(project, word + key[2:], one[key]) for key in one if key[2:] in ("目標", "指標")}
    for paid in record["支出先"]:
        paid["業務概要"] = reword.label("old", "work", paid["業務概要"] or "") or None
    if record.get("定量的な目標が設定できない理由"):
        record["定量的な目標が設定できない理由"] = "成果を数で測りにくいため。"
    return record


def draw_database(target: Path, reword: Rewording) -> None:
    """Write the projects' rows of review year 2022 under their official headers; columns blank in all rows are left out."""
    source = SHARED / "database" / "database2022.xlsx"
    (tab,) = read_tabs(source.read_bytes(), source)
    place_of, texts = places(tab.header), tab.texts.to_pylist()
    rows: dict[int, dict[int, str]] = {}
    for row, column, text in zip(tab.row.tolist(), tab.column.tolist(), tab.text.tolist(), strict=True):
        rows.setdefault(row, {})[column] = texts[text]
    (name,) = (column for column, header in tab.header.items() if header == "事業名")
    kept = [
        {column: _cell(place_of[column], said, project, reword) for column, said in cells.items()}
        for cells in rows.values()
        if (project := _project_of(cells.get(name, "")))
    ]
    columns = [column for column in sorted(tab.header) if any(cells.get(column) is not None for cells in kept)]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("レビューシート")
    sheet.append([tab.header[column] for column in columns])
    for cells in kept:
        sheet.append([cells.get(column) for column in columns])
    buffer = io.BytesIO()
    book.save(buffer)
    target.write_bytes(_without_clock(buffer.getvalue()))


def _cell(place: Place | None, said: str, project: str, reword: Rewording) -> str | float | None:
    assert place is not None
    if place.field == "responsible":
        return None
    if place.field in ("purpose", "overview"):
        return _lines(str(getattr(PROJECTS[project], place.field)))
    if place.group in ("outcomes", "outputs") and place.field in ("goal", "indicator"):
        word = "成果" if place.group == "outcomes" else "活動"
        return reword.old(project, word + {"goal": "目標", "indicator": "指標"}[place.field], said)
    if place.field == "work":
        return reword.label("old", "work", said)
    if place.group == "no_number":
        return "成果を数で測りにくいため。"
    is_number = place.group == "budgets" or place.field == "amount" or "@" in place.field
    return float(said) if is_number and re.fullmatch(r"-?\d+(\.\d+)?", said) else said


def _without_clock(workbook: bytes) -> bytes:
    """The same workbook, whenever it is made: the day on which the data were drawn instead of now."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-11-23T00:00:00Z", source.read(name))
            target.writestr(zipfile.ZipInfo(name, (2026, 11, 23, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


if __name__ == "__main__":
    rewording = Rewording()
    draw_rs(TARGET / "rs_2024", rewording)
    draw_judgit(TARGET / "judgit-2020-2023.ndjson", rewording)
    draw_database(TARGET / "database2022.xlsx", rewording)
    for path in sorted(TARGET.rglob("*")):
        if path.is_file():
            print(f"{path.stat().st_size // 1000:6} kB {path.relative_to(ROOT)}")
