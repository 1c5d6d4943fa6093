"""Every rule of ``toolkit.check`` in words: what it compares, how severe a finding is, what its message says.

Only words here; the arithmetic of a rule is the function of the same name in ``checks.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RULES", "Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``severities`` are those its findings may have, the usual one first.

    ``table`` and ``key`` say which row a finding points at (an empty table is named by each finding). The
    message templates are filled from the finding's columns as ``toolkit.wording.render`` describes.
    """

    id: str
    severities: tuple[str, ...]
    table: str
    key: tuple[str, ...]
    ja: str
    en: str
    message_ja: str
    message_en: str

    def label(self, language: str = "en") -> str:
        return self.ja if language == "ja" else self.en

    def message(self, language: str = "en") -> str:
        return self.message_ja if language == "ja" else self.message_en


_BUDGET = ("fiscal_year", "account")
_VALUE = ("indicator_id", "fiscal_year", "is_final_year")

_RULES = (
    # -- budget
    Rule("budget_total", ("error", "info"), "budgets", _BUDGET,
         "計(F)＝A＋B＋C＋E－D（翌年度繰越や当初予算の印字がなく、それで差が説明できる場合は info）",
         "Total (F) = A + B + C + E - D (info where an unprinted carry-out or initial budget would explain the gap)",
         "{fiscal_year:year}：計(F)は{found:yen}、内訳(A+B+C+E-D)の合計は{expected:yen}",
         "{fiscal_year:year}: total (F) is {found:yen}, its parts (A+B+C+E-D) add up to {expected:yen}"),
    Rule("current_total", ("error", "info"), "budgets", _BUDGET,
         "歳出予算現額＝A＋B＋C＋E（当初予算の印字がなく、それで差が説明できる場合は info）",
         "Current budget = A + B + C + E (info where an unprinted initial budget would explain the gap)",
         "{fiscal_year:year}：歳出予算現額は{found:yen}、内訳(A+B+C+E)の合計は{expected:yen}",
         "{fiscal_year:year}: current budget is {found:yen}, its parts (A+B+C+E) add up to {expected:yen}"),
    Rule("account_total", ("error",), "budgets", ("fiscal_year", "column"),
         "事業全体の額＝会計別の額の合計", "Whole project = sum of its accounts",
         "{fiscal_year:year} {column:column}：事業全体は{found:yen}、会計別の合計は{expected:yen}",
         "{fiscal_year:year}, {column:column}: whole project {found:yen}, its accounts add up to {expected:yen}"),
    Rule("carry_over", ("warning",), "budgets", _BUDGET,
         "翌年度へ繰越し＝翌年度の「前年度から繰越し」", "Carried out = carried in of the next year",
         "{fiscal_year:year}：翌年度へ繰越しは{found:yen}、翌年度側の繰越しは{expected:yen}",
         "{fiscal_year:year}: {found:yen} carried out, {expected:yen} carried in by the next year"),
    Rule("printed_rate", ("warning",), "budgets", _BUDGET,
         "印字の執行率＝執行額／計(F)（RSシステムは執行額／歳出予算現額）",
         "Printed rate = executed / total (F) (RS System: executed / current budget)",
         "{fiscal_year:year}：執行率の印字は{found:rate}、計算では{expected:rate}",
         "{fiscal_year:year}: execution rate is printed as {found:rate}, computed as {expected:rate}"),
    Rule("printed_rate_initial", ("warning",), "budgets", _BUDGET,
         "印字の割合＝執行額／（当初予算＋補正予算）", "Printed rate on A + B = executed / (initial + supplementary)",
         "{fiscal_year:year}：当初＋補正に対する割合の印字は{found:rate}、計算では{expected:rate}",
         "{fiscal_year:year}: rate on initial + supplementary is printed as {found:rate}, computed as {expected:rate}"),
    Rule("executed_over_budget", ("info", "warning", "error"), "budgets", _BUDGET,
         "執行額は予算の範囲内（0.5%超の超過を挙げる。RSシステムは warning、10倍超は error）",
         "Executed is within the budget (over by more than 0.5 %: RS System warning, others info; more than 10 times: error)",
         "{fiscal_year:year}：執行額{found:yen}が予算{expected:yen}を上回る",
         "{fiscal_year:year}: executed {found:yen} exceeds the budget of {expected:yen}"),
    Rule("budget_lines_total", ("warning",), "budgets", ("fiscal_year", "column"),
         "予算内訳の合計＝内訳の計、当初予算、要求額など", "Budget lines add up to their printed total and to the amount they are a part of",
         "{fiscal_year:year} {column:column}：{found:yen}、予算内訳の合計は{expected:yen}",
         "{fiscal_year:year}, {column:column}: {found:yen}, the budget lines add up to {expected:yen}"),
    # -- spending
    Rule("cost_items_total", ("warning",), "blocks", ("block",),
         "費目・使途の計＝各費目の合計", "Total of the cost items = sum of the items",
         "ブロック{block}：費目・使途の計は{found:yen}、各費目の合計は{expected:yen}",
         "block {block}: total of cost items is {found:yen}, the items add up to {expected:yen}"),
    Rule("cost_recipient", ("warning",), "blocks", ("block",),
         "費目・使途の計＝その支出先（通常はブロック最大）の支出額（差が1%超）",
         "Total of the cost items = amount of their recipient, as a rule the block's largest (gap over 1 %)",
         "ブロック{block}：費目・使途の計は{found:yen}、対応する支出先の額は{expected:yen}",
         "block {block}: cost items come to {found:yen}, their recipient got {expected:yen}"),
    Rule("contracts_total", ("warning",), "recipients", ("block", "rank"),
         "支出先の支出額＝その契約の合計", "Amount of a recipient = sum of its contracts",
         "ブロック{block} {rank:count}位：支出額は{found:yen}、契約の合計は{expected:yen}",
         "block {block}, rank {rank:count}: amount is {found:yen}, the contracts add up to {expected:yen}"),
    Rule("block_recipients", ("warning", "info"), "blocks", ("block",),
         "ブロックの額＝全支出先の合計、全部が載らない場合も合計はブロックの額以下（1%以内の差は info）",
         "Block = sum of its recipients where all are listed, never less than those listed (info: gap within 1 %)",
         "ブロック{block}：金額は{found:yen}、{recipient_count:count}件中{rows:count}件の支出先の合計は{expected:yen}",
         "block {block}: amount is {found:yen}, listed recipients ({rows:count} of {recipient_count:count}) add up to {expected:yen}"),
    Rule("blocks_executed", ("warning",), "sheets", (),
         "国が直接支出したブロック＋国自らの支出＝前年度の執行額（差が1%超）",
         "Blocks paid by the ministry + its own costs = executed of the year before the review (gap over 1 %)",
         "{fiscal_year:year}：支出は{found:yen}、執行額は{expected:yen}",
         "{fiscal_year:year}: spending shown is {found:yen}, executed was {expected:yen}"),
    Rule("recipients_executed", ("info",), "sheets", (),
         "資金の流れが載らない様式：支出先の合計＝前年度の執行額（差が1%超。再委託の重複や上位10者までの掲載により多くのシートで異なる）",
         "Forms without a flow: recipients add up to what was executed (gap over 1 %; money passed on counts twice, lists end at ten)",
         "{fiscal_year:year}：支出先の合計は{found:yen}、執行額は{expected:yen}",
         "{fiscal_year:year}: listed recipients add up to {found:yen}, executed was {expected:yen}"),
    Rule("flow_head", ("warning",), "sheets", (),
         "資金の流れの起点の金額＝前年度の執行額（差が1%超）",
         "Amount at the head of the flow = executed of the year before the review (gap over 1 %)",
         "{fiscal_year:year}：資金の流れの起点は{found:yen}、執行額は{expected:yen}",
         "{fiscal_year:year}: the flow starts with {found:yen}, executed was {expected:yen}"),
    Rule("children_over_parent", ("warning", "info"), "blocks", ("block",),
         "再委託先などのブロックの合計は元のブロックの額以下（1%以内の超過は info）",
         "Blocks paid by a block do not exceed it (info: by up to 1 %)",
         "ブロック{block}：金額は{expected:yen}、そこから支出されたブロックの合計は{found:yen}",
         "block {block}: it has {expected:yen}, the blocks it pays add up to {found:yen}"),
    Rule("unit_slip", ("error",), "recipients", ("block", "rank"),
         "支出先の額は事業の規模に見合う（執行額・計(F)の50倍、歳出予算現額の2倍を超えるものは、円や千円を百万円として記入した疑い）",
         "Recipients' amounts fit the project's size (over 50 times what was executed and twice the current budget: yen or thousand yen taken for millions)",
         "ブロック{block} {rank:count}位：{found:yen}は事業全体{expected:yen}の{times:count}倍。円の記入なら{as_yen:yen}、千円なら{as_thousand:yen}",
         "block {block}, rank {rank:count}: {found:yen} is {times:count} times the project's {expected:yen}; printed in yen it would be {as_yen:yen}, in thousand yen {as_thousand:yen}"),
    # -- indicators
    Rule("achievement", ("warning", "info"), "measurements", _VALUE,
         "印字の達成度＝実績／目標（下向きの指標は逆数も可。位置が未確定の値は info）",
         "Printed achievement = actual / target, or its inverse where less may be better (info: unsettled values)",
         "{indicator_id} {fiscal_year:year}：達成度の印字は{found:rate}、実績{actual:count}／目標{target:count}では{expected:rate}",
         "{indicator_id}, {fiscal_year:year}: achievement is printed as {found:rate}, actual {actual:count} / target {target:count} gives {expected:rate}"),
    Rule("target_never_moves", ("info",), "indicators", ("indicator_id",),
         "実績が毎年超えているのに動かない目標", "A target that stays the same while every actual passes it",
         "{indicator_id}：目標は{years:count}年間{expected:count}のまま、最新の実績は{found:count}",
         "{indicator_id}: the target stayed at {expected:count} for {years:count} years, the latest actual is {found:count}"),
    # -- identifiers
    Rule("corporate_number", ("error", "warning"), "recipients", ("block", "rank"),
         "法人番号の検査数字（同じ数字だけの仮番号は warning）", "Check digit of the corporate number (warning: a filler of equal digits)",
         "ブロック{block} {rank:count}位：法人番号{number}は正しくない（{status_ja}）",
         "block {block}, rank {rank:count}: {number} is not a corporate number ({status})"),
    Rule("corporate_number_missing", ("info",), "recipients", (),
         "法人等の支出先にはすべて法人番号がある（ない件数を挙げる）", "Every organization has a corporate number (how many have none)",
         "法人番号のない支出先（個人・その他・国の機関を除く）が{found:count}件",
         "organizations without a corporate number: {found:count}"),
    # -- several sources of one sheet
    Rule("editions_disagree", ("warning", "info"), "", ("fiscal_year", "column", "edition"),
         "同じシートの別の版・様式の予算額・執行額（未確定の値は info）", "Budget and execution in other sources of the same sheet (info: unsettled values)",
         "{fiscal_year:year} {column:column}：{edition}では{found:yen}、優先する版では{expected:yen}",
         "{fiscal_year:year}, {column:column}: {edition} says {found:yen}, the preferred source {expected:yen}"),
    Rule("editions_differ_in_name", ("warning",), "sheets", ("edition",),
         "同じ番号のシートの別の版・様式の事業名", "Project name in other sources of the same sheet",
         "{edition}の事業名は「{name}」、優先する版では「{preferred}」",
         "{edition} names the project {name}, the preferred source {preferred}"),
    Rule("editions_differ_in_rows", ("info",), "", ("edition",),
         "同じシートの別の版・様式の支出先・指標の数", "Recipients and indicators in other sources of the same sheet",
         "{table_ja}：{edition}では{found:count}行、優先する版では{expected:count}行",
         "{table_en}: {found:count} rows in {edition}, {expected:count} in the preferred source"),
    # -- what was read, and how surely
    Rule("missing_part", ("warning", "info"), "", ("part",),
         "名称、府省庁、予算がない。執行額があるのに支出先がない（info）", "No name, ministry or budget; no recipients although money was spent (info)",
         "{part_ja}がない", "the sheet has no {part}"),
    Rule("unsettled", ("info",), "", (),
         "原本の配置と計算では位置が確定しない行", "Rows whose place neither the source's order nor its arithmetic settles",
         "{table_ja}：{rows:count}行中{found:count}行が未確定", "{table_en}: {found:count} of {rows:count} rows unsettled"),
    Rule("residue", ("info",), "residue", (),
         "どの表にも置けなかった文字", "Text that no table took",
         "{found:count}か所（{characters:count}字）が読み残し", "pieces of text not placed: {found:count} ({characters:count} characters)"),
    Rule("unknown_label", ("warning",), "residue", ("line",),
         "知らない欄名がない", "No label that the known forms do not have",
         "「{text}」という欄を知らないため、その内容はどの表にもない", "the form has a box “{text}” that is not known; what stands in it is in no table"),
    Rule("reader_fault", ("error",), "residue", ("line",),
         "読み取りの不具合で読めなかった欄がない", "No section was lost to a fault of the reader",
         "「{section_ja}」欄は読み取りの不具合で読めなかった（記録：{record}）", "section {text} could not be read: {reason}"),
    Rule("coverage", ("warning",), "sheets", (),
         "原本の文字の95%以上を読み取る", "At least 95 % of the source's characters are understood",
         "原本の文字の{found:rate}だけを読み取った", "only {found:rate} of the source's characters were understood"),
)  # fmt: skip

#: every rule by its id, in the order in which findings are listed
RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
