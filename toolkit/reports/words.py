"""The report's own words in Japanese and English: headings, column groups, names of coded values."""

from __future__ import annotations

__all__ = ["HEADINGS", "LIMITS", "VALUES", "word"]

#: anchor of a section -> heading
HEADINGS: dict[str, tuple[str, str]] = {
    "project": ("事業のあらまし", "The project"),
    "key-figures": ("主な数値", "Key figures"),
    "budget": ("予算と執行", "Budget and execution"),
    "uses": ("何に使ったか", "What the money was for"),
    "recipients": ("どこへ渡ったか", "Where the money went"),
    "indicators": ("指標の目標と実績", "Indicators: target and actual"),
    "history": ("年度を通して", "Over the years"),
    "place": ("同じ府省庁のなかで", "Among its ministry's projects"),
    "purpose": ("事業の目的と概要（シートの記載）", "Purpose and overview, in the sheet's words"),
    "reviews": ("点検・所見と見直し", "What reviewers said and what was changed"),
    "findings": ("検算で見つかったこと", "Findings"),
    "unread": ("読み取れなかったもの", "What could not be read"),
    "sources": ("出典", "Sources"),
}

#: coded values of the tables -> words
VALUES: dict[str, tuple[str, str]] = {
    "stated": ("記載どおり", "stated"),
    "solved": ("計算で確定", "solved"),
    "unsettled": ("未確定", "unsettled"),
    "error": ("誤り", "error"),
    "warning": ("注意", "warning"),
    "info": ("参考", "info"),
    "actual": ("実績", "actual"),
    "target": ("目標", "target"),
    "expected": ("見込み", "expected"),
    "achievement": ("達成度", "achievement"),
    "closed": ("決算", "closed"),
    "running": ("執行中", "running"),
    "requested": ("要求", "requested"),
    "initial": ("当初予算", "initial"),
    "supplementary": ("補正予算", "supplementary"),
    "carried_in": ("前年度から繰越し", "carried in"),
    "reserve": ("予備費等", "reserve"),
    "valid": ("有効", "valid"),
    "missing": ("記載なし", "missing"),
    "invalid": ("無効", "not valid"),
    "dummy": ("仮の番号", "filler"),
    "policy": ("政策・施策", "policy"),
    "law": ("法令", "law"),
    "plan": ("計画・通知", "plan"),
    "kpi": ("閣議決定のKPI", "KPI of a cabinet decision"),
    "past_number": ("過去の事業番号", "earlier number"),
    "parent": ("上位の事業", "parent"),
    "child": ("下位の事業", "child"),
    "merged": ("統合した事業", "merged"),
    "split": ("分割した事業", "split"),
    "first": ("最初のシート", "first sheet"),
    "continued": ("継続", "continued"),
    "other": ("その他", "other"),
    "not placed": ("どの欄のものか決められなかった", "no place found for it"),
    # why text was left over
    **{
        reason: (ja, reason)
        for reason, ja in (
            ("not an amount", "金額ではない"),
            ("not a rate", "率ではない"),
            ("not a number", "数値ではない"),
            ("not a year", "年度ではない"),
            ("neither true nor false", "該当とも非該当とも読めない"),
            ("unknown column", "知らない列"),
            ("unknown kind of row", "知らない種類の行"),
            ("a second total of the same year", "同じ年度の2つ目の合計"),
            ("a second target of the same year", "同じ年度の2つ目の目標"),
            ("amounts of an account without a name", "会計名のない金額"),
            ("a row that names no project", "事業名のない行"),
            ("a budget line without an amount", "金額のない予算内訳"),
            ("a list entry without recipient and amount", "支出先も金額もない行"),
            ("not a block's letter", "ブロックの記号ではない"),
            ("belongs to no indicator", "どの指標のものでもない"),
            ("no year of its own", "年度のない値"),
            ("a recipient without a place of its own (block, number)", "ブロックと番号のない支出先"),
        )
    },
    # how the sheets of one project are linked
    "printed_number": ("シートに記された過去の番号", "earlier number printed on the sheet"),
    "rs_id": ("予算事業ID", "RS project id"),
    "rs_relation": ("RSシステムの関連事業", "relation stated in the RS System"),
    "former_name": ("シートに記された旧事業名", "former name stated on the sheet"),
    "name": ("事業名", "name"),
    "name_and_amounts": ("事業名と金額", "name and amounts"),
    "similar_name": ("似た事業名", "similar name"),
    "similar_name_and_amounts": ("似た事業名と金額", "similar name and amounts"),
    "amounts": ("金額", "amounts"),
    "sum_of_amounts": ("金額の合計", "amounts that add up"),
    "description": ("事業の説明", "description"),
    # boxes of the form
    "inspection": ("点検結果", "Inspection by the bureau"),
    "self_check": ("事業所管部局による点検", "Self-check by the bureau"),
    "effect": ("目標年度における効果測定に関する評価", "Evaluation of the effect in the target year"),
    "direction": ("改善の方向性", "Direction of improvement"),
    "external_experts": ("外部有識者の所見", "External experts"),
    "team": ("行政事業レビュー推進チームの所見", "Review promotion team"),
    "reflection": (
        "所見を踏まえた改善点・概算要求における反映状況",
        "Improvement and reflection in the budget request",
    ),
    "public_process": ("公開プロセス・秋の年次公開検証の取りまとめ", "Public process and autumn review"),
    "public_process_response": ("公開プロセス等への対応状況", "Response to the public process"),
    "other_remarks": ("その他の指摘事項", "Other remarks"),
    "other_remarks_response": ("その他の指摘事項への対応状況", "Response to other remarks"),
    "policy_relation": ("上位施策・測定指標との関係", "Relation to the policy's indicators"),
    "reform_relation": ("改革工程表の取組事項・KPIとの関係", "Relation to the reform schedule"),
}


#: what a report cannot show
LIMITS: tuple[tuple[str, str], ...] = (
    ("支出先は様式に載る上位10者まで（ブロックごと）で、それより下の支出先はシートに載らない。",
     "A sheet lists at most the ten largest recipients of each block; smaller ones are not on it."),
    ("金額は印字された単位（多くは百万円）まで正しく、空欄や「-」は0ではなく記載なしとして扱う。",
     "Amounts are as exact as they are printed, mostly to the million; a blank or a dash is no figure, not zero."),
    ("費目・使途は各ブロックでもっとも多く受けた者についてだけ書かれている。",
     "Cost items are given only for the largest recipient of each block."),
)  # fmt: skip


#: how a reason may begin that goes on in words of the source
_BEGINNINGS = {
    "unknown label: ": "知らない欄名：", "beside the unknown label: ": "知らない欄名の隣：", "unknown column (": "知らない列 (",
    "fault in the reader of ": "読み取りの不具合：",
}  # fmt: skip


def word(value: str, language: str) -> str:
    """A coded value or an anchor in words; a value without an entry as it is."""
    pair = VALUES.get(value) or HEADINGS.get(value)
    if pair is not None:
        return pair[language != "ja"]
    for beginning, ja in _BEGINNINGS.items() if language == "ja" else ():
        if value.startswith(beginning):
            return ja + value.removeprefix(beginning)
    return value
