"""The 15 bulk files of a review year as data: which columns each has, and how a file is told by its header.

Headers are compared folded, with every dash and long-vowel mark as one character: the official files mix ー with －
and full-width with half-width brackets within one file. Keys are this package's words for the columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from toolkit.text import fold

__all__ = ["COMMON", "KINDS", "LINE_BREAKS", "columns_of", "has_key", "kind_of"]

#: the 13 columns that open every file; 1-1 names two of them otherwise
COMMON: dict[str, tuple[str, ...]] = {
    "sheet_kind": ("シート種別",),
    "review_year": ("事業年度",),
    "project_id": ("予算事業ID",),
    "name": ("事業名",),
    "ministry_order": ("府省庁の建制順", "建制順"),
    "ministry": ("政策所管府省庁", "所管府省庁"),
    "agency": ("府省庁",),
    "bureau": ("局・庁",),
    "department": ("部",),
    "section": ("課",),
    "office": ("室",),
    "team": ("班",),
    "desk": ("係",),
}

_NUMBER, _TYPE = "アクティビティ・アウトプット・アウトカムの番号", "種別（アクティビティ・アウトプット・アウトカム）"
_MULTI = "（国庫債務負担行為等による契約）"
_REASON = "一者応札・一者応募又は競争性のない随意契約となった理由及び改善策"
_BUREAU, _EXPERTS = "事業所管部局による点検・改善", "外部有識者による点検"
_REFLECTION = "所見を踏まえた改善点／概算要求における反映状況"
_LINES = "（歳出予算項目ごと）"

#: per file its own columns, key to header as published
KINDS: dict[str, dict[str, str]] = {
    "1-1": {
        "number": "その他担当組織_作成責任者_no",
        **{
            f"other_{key}": f"{header}（その他担当組織）"
            for key, header in (
                ("agency", "府省庁"), ("bureau", "局・庁"), ("department", "部"), ("section", "課"), ("office", "室"),
                ("team", "班"), ("desk", "係"),
            )
        },
        "responsible": "作成責任者",
    },
    "1-2": {
        "purpose": "事業の目的", "issues": "現状・課題", "overview": "事業の概要", "overview_url": "事業概要URL",
        "project_class": "事業区分", "start_year": "事業開始年度", "is_start_unknown": "開始年度不明",
        "end_year": "事業終了（予定）年度", "is_end_undecided": "終了予定なし", "main_expense": "主要経費", "remarks": "備考",
        **{f"means_{n}": f"実施方法ー{name}" for n, name in enumerate(("直接実施", "補助", "負担", "交付", "分担金・拠出金", "その他"))},
        "past_number": "旧事業番号", "list_order": "整理表表示順",
    },
    "1-3": {
        "policy_no": "番号（政策・施策）", "policy_ministry": "政策所管府省庁_P", "policy": "政策", "measure": "施策",
        "policy_url": "政策・施策URL", "law_no": "番号（根拠法令）", "law": "法令名", "law_number": "法令番号", "law_id": "法令ID",
        "article": "条", "paragraph": "項", "item": "号・号の細分", "plan_no": "番号（関係する計画・通知等）", "plan": "計画通知名",
        "plan_url": "計画通知等URL",
    },
    "1-4": {
        "number": "番号（補助率等）", "subject": "補助対象", "rate_text": "補助率", "cap_text": "補助上限等", "url": "補助率URL",
    },
    "1-5": {
        "number": "番号（関連事業）", "related_id": "関連事業の事業ID", "related_name": "関連事業の事業名", "relation": "関連性",
    },
    "2-1": {
        "fiscal_year": "予算年度", "initial": "当初予算（合計）", "supplementary": "補正予算（合計）",
        "carried_in": "前年度からの繰越し（合計）", "reserve": "予備費等（合計）", "current": "計（歳出予算現額合計）",
        "executed": "執行額（合計）", "rate": "執行率", "carried_out": "翌年度への繰越し（合計）",
        "requested": "翌年度要求額（合計）", "note": "主な増減理由", "remarks": "その他特記事項",
        "account_class": "会計区分", "account": "会計", "sub_account": "勘定", "account_initial": "当初予算",
        **{f"account_supplementary_{n}": f"第{n}次補正予算" for n in range(1, 6)},
        "account_carried_in": "前年度から繰越し",
        **{f"account_reserve_{n}": f"予備費等{n}" for n in range(1, 5)},
        "account_current": "歳出予算現額", "account_executed": "執行額", "account_requested": "翌年度要求額",
        "account_addition": "要望額", "account_remarks": "備考",
    },
    "2-2": {
        "fiscal_year": "予算年度", "account_class": "会計区分", "account": "会計", "sub_account": "勘定", "kind": "予算種別",
        "jurisdiction": "所管", "organization": "組織・勘定", "kou": "項", "moku": "目", "detail": "歳出予算項目の補足情報",
        "amount": f"予算額{_LINES}", "requested": f"翌年度要求額{_LINES}", "note": f"備考{_LINES}",
    },
    "3-1": {
        "kpi": "事業に関連するKPIが定められている閣議決定等の名称", "kpi_place": "事業に関連するKPIが定められている閣議決定等の該当箇所",
        "kpi_url": "事業に関連するKPIが定められている閣議決定等のURL", "number": _NUMBER, "level": _TYPE, "horizon": "アウトカムの期間",
        "goal_kind": "成果目標の種類", "goal": "アクティビティ／活動目標／成果目標", "indicator": "活動指標／成果指標", "unit": "単位",
        "direction": "改善の上向き／下向き", "evidence_source": "成果実績及び目標値の根拠として用いた統計・データ名（出典）",
        "explanation": "定性的なアウトカム目標を設定している理由", "qualitative_result": "定性的なアウトカムに関する成果実績",
        "row_kind": "目標年度／目標値／実績値／達成率",
    },
    "3-2": {
        "from_number": f"派生元ー{_NUMBER}", "from_level": f"派生元ー{_TYPE}", "from_horizon": "派生元ーアウトカムの期間",
        "from_goal": "派生元ーアクティビティの内容/ 活動目標／成果目標", "to_number": f"派生先ー{_NUMBER}",
        "to_level": f"派生先ー{_TYPE}", "to_horizon": "派生先ーアウトカムの期間", "to_goal": "派生先ー 活動目標／成果目標",
        "explanation": "後続アウトカムへのつながり", "single_stage_reason": "アウトカムを複数段階で設定できない理由",
        "from_indicator": "派生元ー活動指標／成果指標", "to_indicator": "派生先ー活動指標／成果指標",  # from review year 2025
    },
    "4-1": {
        "inspection": f"{_BUREAU}ー点検結果", "direction": f"{_BUREAU}ー改善の方向性",
        "effect": f"{_BUREAU}－目標年度における効果測定に関する評価", "experts_year": f"{_EXPERTS}ー最終実施年度",
        "experts_verdict": f"{_EXPERTS}ー点検対象", "experts_item": f"{_EXPERTS}ー対象の理由", "experts_text": f"{_EXPERTS}ー所見",
        "public_process": "公開プロセス結果概要", "team_verdict": "行政事業レビュー推進チームの所見",
        "team_text": "行政事業レビュー推進チームの所見の詳細", "reflection_verdict": _REFLECTION,
        "reflection_text": f"{_REFLECTION}の詳細", "general_amount": "反映額（一般会計）",
        "special_account": "反映額（特別会計）－会計", "special_sub_account": "反映額（特別会計）－勘定",
        "special_amount": "反映額（特別会計）－反映額", "past_item": "過去に受けた指摘事項－区分",
        "past_year": "過去に受けた指摘事項－取りまとめ年度", "past_text": "過去に受けた指摘事項－取りまとめ内容",
        "past_response": "過去に受けた指摘事項－対応状況", "other_item": "その他の指摘事項－調査等の名称",
        "other_year": "その他の指摘事項－指摘年度", "other_text": "その他の指摘事項－指摘内容",
        "other_response": "その他の指摘事項－対応状況",
    },
    "5-1": {
        "block": "支出先ブロック番号", "block_name": "支出先ブロック名", "recipient_count": "支出先の数",
        "role": "事業を行う上での役割", "block_amount": "ブロックの合計支出額", "recipient": "支出先名",
        "corporate_number": "法人番号", "location": "所在地", "corporate_type": "法人種別", "is_other": "その他支出先",
        "recipient_amount": "支出先の合計支出額", "work": "契約概要", "amount": "金額", "method": "契約方式等",
        "method_detail": "具体的な契約方式等", "bidders": "入札者数", "award_rate": "落札率",
        "single_bid_reason": f"{_REASON}（支出額10億円以上）", "is_other_contract": "その他の契約",
    },
    "5-2": {
        "from_block": "支出元の支出先ブロック", "from_name": "支出元の支出先ブロック名", "is_direct": "担当組織からの支出",
        "to_block": "支出先の支出先ブロック", "to_name": "支出先の支出先ブロック名", "note": "資金の流れの補足情報",
        "category": "国自らが支出する間接経費", "item": "国自らが支出する間接経費の項目", "amount": "国自らが支出する間接経費の金額",
    },
    "5-3": {
        "block": "支出先ブロック番号", "recipient": "支出先名", "corporate_number": "法人番号", "work": "契約概要", "item": "費目",
        "use": "使途", "amount": "金額",
    },
    "5-4": {
        "block": f"支出先ブロック{_MULTI}", "contractor": f"契約先名{_MULTI}", "corporate_number": f"契約先の法人番号{_MULTI}",
        "location": f"契約先の所在地{_MULTI}", "corporate_type": f"契約先の法人種別{_MULTI}",
        "work": f"契約概要（契約名）{_MULTI}", "is_other": "その他の契約", "amount": f"契約額{_MULTI}",
        "method": f"契約方式等{_MULTI}", "method_detail": f"具体的な契約方式等{_MULTI}",
        "bidders": f"入札者数（応募者数）{_MULTI}", "award_rate": f"落札率（％）{_MULTI}",
        "single_bid_reason": f"{_REASON}（契約額10億円以上）{_MULTI}", "is_other_multi_year": f"その他の契約{_MULTI}",
    },
    "6-1": {"further_remarks": "備考"},
}  # fmt: skip

#: cells in which ／ stands for a line break that the export replaced. Elsewhere breaks were dropped without a trace and
#: ／ is a slash (１／２, 人／年, 内閣官房／内閣府): measured by what stands beside it.
LINE_BREAKS: dict[str, tuple[str, ...]] = {
    "1-2": ("name", "purpose", "issues", "overview", "remarks"),
    "2-1": ("account_remarks",),
    "2-2": ("detail", "note"),
    "5-1": ("work", "single_bid_reason"),
    "5-3": ("work",),
    "5-4": ("work", "single_bid_reason"),
}

#: share of the columns (of the file and of the kind, together) that must agree
_LIKE = 0.5
_LONG_VOWEL = str.maketrans("ー", "-")


def _folded(header: str) -> str:
    return fold(header).translate(_LONG_VOWEL)


@cache
def _keys(kind: str) -> dict[str, str]:
    """Folded header to key: the columns of one file, the common ones included."""
    common = {_folded(header): key for key, headers in COMMON.items() for header in headers}
    return common | {_folded(header): key for key, header in KINDS[kind].items()}


def columns_of(kind: str, header: Sequence[str]) -> list[str]:
    """The key of every column of a file, in its order; a year of 3-1 is its own key, "" an unknown or doubled column."""
    known, keys = _keys(kind), []
    for name in map(_folded, header):
        key = known.get(name, name if kind == "3-1" and re.fullmatch(r"20\d\d", name) else "")
        keys.append("" if key in keys else key)
    return keys


def kind_of(header: Sequence[str]) -> str | None:
    """Which of the 15 files ("1-1" … "6-1") has this header; None for any other table."""
    if not has_key(header):
        return None
    names = {name for name in map(_folded, header) if not re.fullmatch(r"20\d\d", name)}
    common = {_folded(header) for headers in COMMON.values() for header in headers}
    likeness = {kind: _likeness(names - common, set(map(_folded, KINDS[kind].values()))) for kind in KINDS}
    best = max(likeness, key=lambda kind: likeness[kind])
    return best if likeness[best] >= _LIKE else None


def has_key(header: Sequence[str]) -> bool:
    """True where the columns that every file of the RS System has, 事業年度 and 予算事業ID, are among them."""
    return {_folded(COMMON[key][0]) for key in ("review_year", "project_id")} <= set(map(_folded, header))


def _likeness(names: set[str], own: set[str]) -> float:
    return len(names & own) / max(len(names | own), 1)
