"""The form's own words, as data: every printed label, its section and the review years that print it.

Wordings are regular expressions over *folded* text (``toolkit.text.fold``: half width, no white space, one
dash), and open with a literal character. Cell readers match them against a whole cell, the text reader at any
place where a cell may begin. Groups: ``no`` an activity number in a circle (folded to a digit), ``step`` the
1 to 3 of an outcome.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

__all__ = ["LABELS", "OPENING", "Label", "by_first_character", "by_key", "by_opening"]


@dataclass(frozen=True, slots=True)
class Label:
    """One printed label. ``section`` is the part of the form it belongs to; ``years`` the review years, both ends."""

    key: str
    section: str
    wording: str
    years: tuple[int, int] = (2014, 2023)

    @property
    def pattern(self) -> re.Pattern[str]:
        return _compiled(self.wording)


@cache
def _compiled(wording: str) -> re.Pattern[str]:
    return re.compile(wording)


_OLD = (2014, 2022)
_NEW = (2023, 2023)
_NO = r"(?P<no>\d{1,2})"
_STEP = r"(?P<no>\d{1,2})-(?P<step>[1-9])"

#: header, budget, lines, indicators, review, past, flow, costs, recipients, contracts (国庫債務), policy, check
LABELS: tuple[Label, ...] = (
    # -- header
    Label("project_number", "header", r"事業番号"),
    Label("name", "header", r"事業名"),
    Label("bureau", "header", r"担当部局庁"),
    Label("responsible", "header", r"作成責任者"),
    Label("start_year", "header", r"事業開始年度"),
    Label("end_year", "header", r"事業終了\(予定\)年度"),
    Label("end_year", "header", r"事業終了"),
    Label("end_year_tail", "header", r"\(予定\)年度"),
    Label("years", "header", r"事業開始・終了\(予定\)年度", (2014, 2015)),
    Label("division", "header", r"担当課室"),
    Label("accounts", "header", r"会計区分"),
    Label("legal_basis", "header", r"根拠法令(?:\(具体的な(?:条項も記載\))?)?"),
    Label("legal_basis_tail", "header", r"\(具体的な(?:条項も記載\))?"),
    Label("legal_basis_tail", "header", r"条項も記載\)"),
    Label("plans", "header", r"関係する計画、?通知等"),
    Label("plans_head", "header", r"関係する"),
    Label("plans", "header", r"計画、?通知等"),
    Label("main_policies", "header", r"主要政策・施策", _OLD),
    Label("policy", "header", r"政策"),
    Label("measure", "header", r"施策"),
    Label("policy_url", "header", r"政策体系・評価書URL", _NEW),
    Label("main_expense", "header", r"主要経費"),
    Label("purpose", "header", r"事業の目的(?:\((?:目指す姿を簡潔に。)?\d行程度以内。?\))?"),
    Label("issues", "header", r"現状・課題(?:\(\d行程度以内\))?", _NEW),
    Label("overview_url", "header", r"事業概要URL"),
    Label("overview", "header", r"事業概要(?:\(\d行程度以内。?(?:別添可)?\))?"),
    Label("subsidy_rate", "header", r"補助率等"),
    Label("methods", "header", r"実施方法"),
    # -- budget
    Label("budget", "budget", r"予算額・執行額(?:\(単位[::]百万円\))?(?:\(インプット\))?"),
    Label("budget_state", "budget", r"予算の状況"),
    Label("initial_jpy", "budget", r"当初予算(?:\(A\))?(?!\+)"),
    Label("supplementary_jpy", "budget", r"補正予算(?:\(B\))?"),
    Label("carried_in_jpy", "budget", r"前年度から繰越し(?:\(C\))?"),
    Label("carried_out_jpy", "budget", r"翌年度へ繰越し(?:\(D\))?"),
    Label("reserve_jpy", "budget", r"予備費等(?:\(E\))?"),
    Label("total_jpy", "budget", r"計\(F\)(?:=\(A\)\+\(B\)\+\(C\)\+\(D\)\+\(E\))?"),
    Label("total_formula", "budget", r"=\(A\)\+\(B\)\+\(C\)\+\(D\)\+\(E\)"),
    Label("executed_jpy", "budget", r"執行額(?:\(G\))?"),
    Label("printed_rate", "budget", r"執行率\(%\)(?:=\(G\)/\(F\))?"),
    Label("rate_formula", "budget", r"=\(G\)/\(F\)"),
    Label("printed_rate_initial", "budget", r"当初予算\+補正予算に対する執行額の割合\(%\)(?:=\(G\)/[{(]\(A\)\+\(B\)[})])?"),
    Label("rate_initial_formula", "budget", r"=\(G\)/[{(]\(A\)\+\(B\)[})]"),
    # -- budget lines
    Label("lines", "lines", r"(?:令和|平成)?[\d元]{1,2}・(?:令和|平成)?\d{1,2}年度予算内訳(?:\(単位[::]百万円\))?"),
    Label("lines_head", "lines", r"歳出予算(?:項・)?目"),
    Label("lines_kou", "lines", r"\(項\)"),
    Label("lines_moku", "lines", r"\(目\)"),
    Label("lines_note", "lines", r"主な増減理由(?:\(・要望額・予備費\))?"),
    Label("lines_total", "lines", r"計\(A\)"),
    # -- logic model of 2023
    Label("activity", "indicators", rf"活動内容{_NO}(?:\(アクティビティ\))?", _NEW),
    Label("output", "indicators", rf"活動目標及び活動実績{_NO}(?:\(アウトプット\))?", _NEW),
    Label("output_goal", "indicators", r"活動目標(?!及び)", _NEW),
    Label("output_indicator", "indicators", r"活動指標(?!及び)"),
    Label("output_actual", "indicators", r"活動実績"),
    Label("output_expected", "indicators", r"当初見込み?"),
    Label("reason", "indicators", rf"成果目標{_STEP}の設定理由(?:\((?:アウトプット|短期アウトカム|中期アウトカム)からのつながり\))?", _NEW),
    Label("outcome", "indicators", rf"成果目標及び成果実績{_STEP}(?:\((?:短期|中期|長期)アウトカム\))?", _NEW),
    Label("reason", "indicators", rf"成果目標{_STEP}の", _NEW),  # torn from 設定理由
    Label("outcome_goal", "indicators", r"成果目標(?!及び|\d)", _NEW),
    Label("outcome_indicator", "indicators", r"定量的な成果指標", _NEW),
    Label("unit", "indicators", r"単位(?!当たり|[::])"),
    Label("final_year", "indicators", r"目標(?:最終)?年度(?!におけ)"),
    Label("outcome_actual", "indicators", r"成果実績(?!及び)"),
    Label("outcome_target", "indicators", r"目標値"),
    Label("outcome_achievement", "indicators", r"達成度"),
    Label("evidence", "indicators", r"成果実績及び目標値の根拠として用いた統計・データ名\(出典\)/定性的なアウトカムに関する成果実績", _NEW),
    Label("evidence", "indicators", r"成果実績及び目標値の根拠として用いた", _NEW),  # torn from 統計・データ名
    Label("torn", "indicators", r"統計・データ名\(出典\)/定性的なアウトカムに(?:関する成果実績)?", _NEW),
    Label("torn", "indicators", r"関する成果実績", _NEW),
    Label("torn", "indicators", r"設定理由(?:\((?:アウトプット|短期アウトカム|中期アウトカム)(?:からのつながり\))?)?", _NEW),
    Label("torn", "indicators", r"からのつながり\)↓?", _NEW),
    Label("torn", "indicators", r"\((?:アクティビティ|アウトプット|短期アウトカム|中期アウトカム|長期アウトカム)(?:からのつながり)?\)?↓?", _NEW),
    Label("outcome_note", "indicators", r"アウトカム設定についての説明", _NEW),
    Label("why_qualitative", "indicators", rf"アクティビティ{_NO}について定性的なアウトカムを設定している理由", _NEW),
    Label("why_single", "indicators", rf"アクティビティ{_NO}についてアウトカムが複数設定できない理由", _NEW),
    # -- outcomes and outputs to 2022
    Label("outcomes", "indicators", r"成果目標及び成果実績(?:\(アウトカム\))?(?!\(アウト|欄)", _OLD),
    Label("outcome_goal", "indicators", r"定量的な成果目標", _OLD),
    Label("outcome_indicator", "indicators", r"成果指標", _OLD),
    Label("interim_year", "indicators", r"中間目標", _OLD),
    Label("outputs", "indicators", r"活動指標及び活動実績(?:\(アウトプット\))?(?!\(アウト|欄)", _OLD),
    Label("evidence", "indicators", r"根拠として用いた統計・データ名\(出典\)", _OLD),
    Label("torn", "indicators", r"\((?:アウトカム|アウトプット)\)", _OLD),
    Label("more_outcomes", "indicators", r"成果目標及び成果実績\(アウトカム\)欄についてさらに記載が必要な場合はチェックの上【別紙1】に記載", _OLD),
    Label("more_outputs", "indicators", r"活動指標及び活動実績\(アウトプット\)欄についてさらに記載が必要な場合はチェックの上【別紙1】に記載", _OLD),
    Label("no_number", "indicators", r"定量的な成果目標の設定が困難な場合", _OLD),
    Label("no_number_reason", "indicators", r"定量的な目標が設定できない理由", _OLD),
    Label("no_number_goal", "indicators", r"定性的な成果目標と\S{0,20}?実績", _OLD),
    Label("unit_costs", "unit_costs", r"単位当たりコスト(?!等)", _OLD),
    Label("unit_costs", "unit_costs", r"単位当たり", _OLD),  # torn from コスト
    Label("torn", "unit_costs", r"コスト", _OLD),
    Label("unit_cost_basis", "unit_costs", r"算出根拠", _OLD),
    Label("unit_cost_formula", "unit_costs", r"計算式", _OLD),
    # -- 政策評価 and 新経済・財政再生計画, to 2022
    Label("policy_side", "policy", r"政策評価、(?:新?経済・財政再生(?:計画|アクション・プログラム))との関係", _OLD),
    Label("policy_evaluation", "policy", r"政策評価(?!、|書)", _OLD),
    Label("policy_measure", "policy", r"測定指標", _OLD),
    Label("policy_indicator", "policy", r"定量的指標", _OLD),
    Label("policy_actual", "policy", r"実績値", _OLD),
    Label("policy_relation", "policy", r"本事業の成果と上位施策・測定指標との関係", _OLD),
    Label("reform", "policy", r"新経済・財政再生計画改革工程表(?!20)", _OLD),
    Label("reform", "policy", r"経済・財政再生アクション・プログラム(?!との)", _OLD),
    Label("reform", "policy", r"改革工程表(?!20)", _OLD),
    Label("reform_item", "policy", r"取組事項", _OLD),
    Label("reform_item", "policy", r"改革項目", _OLD),
    Label("reform_kpi", "policy", r"KPI\(第[一二]階層\)", _OLD),
    Label("reform_start", "policy", r"計画開始時", _OLD),
    Label("reform_relation", "policy", r"本事業の成果と(?:取組事項|改革項目)・KPIとの関係", _OLD),
    Label("reform_field", "policy", r"分野[::]", _OLD),
    Label("reform_tier", "policy", r"第[一二]階層", _OLD),
    Label("reform_tier", "policy", r"KPI", _OLD),
    # -- KPI named in cabinet decisions
    Label("kpi", "review", r"事業に関連するKPIが定められている閣議決定等", _NEW),
    Label("kpi_name", "review", r"名称", _NEW),
    Label("kpi_url", "review", r"URL", _NEW),
    Label("kpi_place", "review", r"該当箇所", _NEW),
    # -- ○△× table to 2022
    Label("check_item", "check", r"項目", _OLD),
    Label("check_verdict", "check", r"評価(?!に|書)", _OLD),
    Label("check_text", "check", r"評価に関する説明", _OLD),
    Label("check_need", "check", r"国費投入の必要性", _OLD),
    Label("check_efficiency", "check", r"事業の効率性", _OLD),
    Label("check_effect", "check", r"事業の有効性", _OLD),
    Label("check_related", "check", r"関連事業", _OLD),
    Label("check_ministry", "check", r"所管府省名", _OLD),
    Label("check_result", "check", r"点検・改善結果", _OLD),
    Label("check_result", "check", r"点検・改善(?!結果)", _OLD),  # torn from 結果
    Label("check_result", "check", r"結果", _OLD),
    # -- reviews
    Label("bureau_review", "review", r"事業所管部局による点検・改善"),
    Label("inspection", "review", r"点検結果"),
    Label("effect", "review", r"目標年度における効果測定に関する評価(?:\((?:令和|平成)[\d元]+年度実施\))?", _NEW),
    Label("direction", "review", r"改善の方向性"),
    Label("external_experts", "review", r"外部有識者の所見"),
    Label("team", "review", r"行政事業レビュー推進チームの所見(?:に至る過程及び所見)?"),
    Label("reflection", "review", r"所見を踏まえた改善点/概算要求における反映状況"),
    Label("past_remarks", "review", r"過去に受けた指摘事項と対応状況", _NEW),
    Label("public_process", "review", r"公開プロセス・秋の年次公開検証\(秋のレビュー\)における取りまとめ", _NEW),
    Label("response", "review", r"上記への対応状況", _NEW),
    Label("other_remarks", "review", r"その他の指摘事項", _NEW),
    Label("remarks", "review", r"備考"),
    Label("past_numbers", "past", r"関連する過去のレビューシートの事業番号"),
    # -- flow of funds
    Label("plans_note", "flow", r"※(?:令和|平成)[\d元]+年度実績を記入。(?:執行実績がない新規事業、新規要求事業については現時点で予定やイメージを記入。)?"),
    Label("flow", "flow", r"資金の流れ\(資金の受け取り先が何を行っているかについて補足する\)(?:\(単位[::]百万円\))?"),
    # -- cost items
    Label("costs", "costs", r"費目・使途(?:\(「資金の流れ」においてブロックごとに最大の金額が支出されている者について記載する。費目と使途の双方で実情が分かるように記載\))?(?!欄)"),
    Label("cost_item", "costs", r"費目(?!・|と)"),
    Label("cost_use", "costs", r"使途(?!欄|の)"),
    Label("cost_amount", "costs", r"金額\(百万円\)"),
    Label("more_costs", "costs", r"費目・使途欄についてさらに記載が必要な場合はチェックの上【別紙2】に記載"),
    Label("check_mark", "costs", r"チェック"),
    Label("annex", "costs", r"別紙\d"),
    # -- recipients
    Label("recipients", "recipients", r"支出先上位10者リスト(?!欄)"),
    Label("recipient", "recipients", r"支出先(?!上位)"),
    Label("corporate_number", "recipients", r"法人番号"),
    Label("work", "recipients", r"業務概要"),
    Label("amount", "recipients", r"支出額\(百万円\)"),
    Label("method", "recipients", r"契約方式等?"),
    Label("bidders", "recipients", r"入札者数\(応募者数\)"),
    Label("award_rate", "recipients", r"落札率"),
    Label("single_bid_reason", "recipients", r"一者応札・一者応募又は競争性のない随意契約となった理由及び改善策\((?:支出|契約)額10億円以上\)"),
    Label("more_recipients", "recipients", r"支出先上位10者リスト欄についてさらに記載が必要な場合はチェックの上【別紙3】に記載"),
    # -- multi-year contracts
    Label("multi_year", "contracts", r"国庫債務負担行為等による契約先上位10者リスト"),
    Label("block_name", "contracts", r"ブロック名"),
    Label("contractor", "contracts", r"契約先(?!上位)"),
    Label("contract_amount", "contracts", r"契約額\(百万円\)"),
)  # fmt: skip


@cache
def by_first_character() -> dict[str, tuple[Label, ...]]:
    """Labels by the first character of their wording, the longest wordings first (for a scan of running text)."""
    index: dict[str, list[Label]] = {}
    for label in LABELS:
        firsts = "令平0123456789元" if label.key == "lines" else label.wording.removeprefix("\\")[0]
        for first in firsts:
            index.setdefault(first, []).append(label)
    return {first: tuple(sorted(labels, key=lambda one: -len(one.wording))) for first, labels in index.items()}


#: so many characters are enough to tell most labels apart
OPENING = 4
#: what a wording opens with, as far as it is printed as it is written
_HEAD = re.compile(r"(?:(?:\\\W|[^\\\[\](){}?*+.|^$])(?![?*+{|]))*")


@cache
def _heads(first: str) -> tuple[tuple[str, Label, re.Pattern[str]], ...]:
    """Labels by their first character, each after what its wording opens with, and with its pattern."""
    return tuple([
        (found[0].replace("\\", "")[:OPENING], label, label.pattern)
        for label in by_first_character().get(first, ())
        if (found := _HEAD.match(label.wording))
    ])  # fmt: skip


@lru_cache(maxsize=4096)
def by_opening(opening: str) -> tuple[tuple[Label, re.Pattern[str]], ...]:
    """Those labels of ``by_first_character`` that may open a text of these ``OPENING`` characters, with their patterns."""
    return tuple([(label, pattern) for head, label, pattern in _heads(opening[:1]) if opening.startswith(head)])


@cache
def by_key(key: str) -> tuple[Label, ...]:
    """All wordings of one label over the years."""
    return tuple(label for label in LABELS if label.key == key)
