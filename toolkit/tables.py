"""Declarations of every table: the contract that readers fill and notebooks rely on.

One helper per kind of column keeps a declaration to one line: name, Japanese label, English label, note.
"""

from __future__ import annotations

from toolkit.schema import CERTAINTIES, Column, Table

__all__ = ["FINDINGS", "LINKS", "SHEET_TABLES", "SOURCES", "TABLES"]


def _text(
    name: str, ja: str, en: str, note: str = "", *, allowed: tuple[str, ...] = (), required: bool = False
) -> Column:
    return Column(name, "string", ja, en, "", note, allowed, required)


def _yen(name: str, ja: str, en: str, note: str = "") -> Column:
    return Column(name, "Int64", ja, en, "yen", note)


def _year(
    name: str,
    ja: str = "年度",
    en: str = "Fiscal year",
    note: str = "April of this year to next March",
    *,
    required: bool = False,
) -> Column:
    return Column(name, "Int16", ja, en, "fiscal year", note, (), required)


def _count(name: str, ja: str, en: str, note: str = "", *, required: bool = False) -> Column:
    return Column(name, "Int64", ja, en, "", note, (), required)


def _ratio(name: str, ja: str, en: str, note: str = "1.0 = 100 %") -> Column:
    return Column(name, "Float64", ja, en, "ratio", note)


def _flag(name: str, ja: str, en: str, note: str = "") -> Column:
    return Column(name, "boolean", ja, en, "", note)


def _line() -> Column:
    return _count("line", "行", "Line", "running number in the sheet's order, from 1", required=True)


def _block(name: str = "block", ja: str = "ブロック", en: str = "Block", *, required: bool = True) -> Column:
    return _text(name, ja, en, "letter of the block in the flow of funds, upper case: A … Z, AA …", required=required)


def _sheet_table(name: str, ja: str, en: str, grain: str, key: tuple[str, ...], *columns: Column) -> Table:
    """A table of the sheet: key first, then the payload, at last where it stands and how sure it is."""
    return Table(
        name,
        ja,
        en,
        grain,
        ("sheet_id", *key),
        (
            _text("sheet_id", "シートID", "Sheet", "printed number, else review year-ministry-number", required=True),
            *columns,
            _text("source_ref", "出典箇所", "Source", "page and line, cell or row in the source file"),
            _text("certainty", "確度", "Certainty", "stated, solved by the sheet's arithmetic, or unsettled", allowed=CERTAINTIES, required=True),
        ),
    )  # fmt: skip


_METHOD_COLUMNS = (
    _text("method", "契約方式等", "Contract method", "as printed"),
    _text("method_detail", "具体的な契約方式等", "Method in detail", "RS System only"),
    _count("bidders", "入札者数（応募者数）", "Bidders", "<NA> where none is printed"),
    _ratio("award_rate", "落札率", "Award rate", "contract price over the expected price; 1.0 = 100 %"),
    _text("single_bid_reason", "一者応札・随意契約の理由及び改善策", "Reason for a single bid"),
)

_SHEETS = _sheet_table(
    "sheets", "シート", "Sheets", "one row per sheet (one project in one review year)", (),
    _year("review_year", "レビュー年度", "Review year", "the year the sheet was drawn up in", required=True),
    _text("form", "様式", "Form", "source form and its year, for instance text-2023, excel-2018, rs-2024"),
    _text("project_number", "事業番号", "Project number", "as printed, parts joined by a hyphen"),
    _text("rs_project_id", "予算事業ID", "RS project id", "stable from review year 2024 on"),
    _text("name", "事業名", "Project"),
    _text("ministry", "府省庁", "Ministry", "the policy owner"),
    _text("agency", "外局等", "Agency"),
    _text("bureau", "担当部局庁", "Bureau"),
    _text("division", "担当課室", "Division"),
    _text("responsible", "作成責任者", "Responsible official"),
    _year("start_year", "事業開始年度", "Start year"),
    _year("end_year", "事業終了（予定）年度", "End year"),
    _flag("is_end_undecided", "終了予定なし", "No end planned"),
    _text("accounts", "会計区分", "Accounts", "joined by 、"),
    _text("methods", "実施方法", "Means", "joined by 、"),
    _text("purpose", "事業の目的", "Purpose"),
    _text("issues", "現状・課題", "Situation and issues", "forms from 2023"),
    _text("overview", "事業概要", "Overview"),
    _text("main_expense", "主要経費", "Main expense"),
    _text("legal_basis", "根拠法令", "Legal basis"),
    _text("plans", "関係する計画、通知等", "Plans and notices"),
    _text("remarks", "備考", "Remarks"),
    _text("overview_url", "事業概要URL", "Overview URL"),
    _text("policy_url", "政策体系・評価書URL", "Policy URL"),
    _text("project_class", "事業区分", "Project class", "前年度事業, 新規開始事業 or 新規要求事業"),
    _text("sheet_kind", "シート種別", "Kind of sheet", "RS System only"),
    _count("ministry_order", "府省庁の建制順", "Ministry order", "official order of the ministries; RS System only"),
    _text("other_organizations", "その他担当組織", "Other organizations in charge", "one per line; RS System only"),
    _flag("is_start_unknown", "開始年度不明", "Start year unknown", "RS System only"),
    _count("list_order", "整理表表示順", "Order in the list", "RS System only"),
    _text("further_remarks", "その他備考", "Further remarks", "RS System only"),
    _yen("flow_amount_jpy", "資金の流れの起点の金額", "Amount at the head of the flow", "printed in the ministry's box"),
    _text("edition", "版", "Edition"),
    _text("edition_of", "優先する版", "Edition of", "another source's statement of this sheet, which is preferred; <NA> for the preferred one"),
    _text("source_file", "ファイル", "File", "name only, or relative to the project root"),
    _text("source_sha256", "SHA-256", "SHA-256", "of the file as read"),
    _count("chars_total", "文字数", "Characters", "characters of the source without white space"),
    _count("chars_label", "様式の文字数", "Label characters", "of these, the form's own words"),
    _count("chars_placed", "読み取った文字数", "Placed characters", "of these, values that reached a table; the rest is residue"),
)  # fmt: skip

_BUDGETS = _sheet_table(
    "budgets", "予算・執行", "Budgets", "one row per sheet, fiscal year and account (blank = whole project)",
    ("fiscal_year", "account"),
    _year("fiscal_year", required=True),
    _text("account", "会計", "Account", "<NA> = all accounts of the project"),
    _yen("initial_jpy", "当初予算", "Initial budget", "(A)"),
    _yen("supplementary_jpy", "補正予算", "Supplementary budget", "(B); may be negative"),
    _yen("carried_in_jpy", "前年度から繰越し", "Carried in", "(C)"),
    _yen("reserve_jpy", "予備費等", "Reserve funds", "(E)"),
    _yen("current_jpy", "歳出予算現額", "Current budget", "A + B + C + E: comparable over all years"),
    _yen("carried_out_jpy", "翌年度へ繰越し", "Carried out", "(D), positive"),
    _yen("total_jpy", "計(F)", "Total (F)", "current minus carried out, as the sheets to 2023 print it"),
    _yen("executed_jpy", "執行額", "Executed", "(G); <NA> while the year is not closed"),
    _yen("requested_jpy", "翌年度要求額", "Requested", "only in the year of the request"),
    _text("stage", "段階", "Stage", "closed, running or requested", allowed=("closed", "running", "requested")),
    _ratio("printed_rate", "執行率（印字）", "Printed rate", "G/F as printed; 1.0 = 100 %"),
    _ratio("printed_rate_initial", "当初＋補正に対する割合（印字）", "Printed rate on A+B", "G/(A+B) as printed; 1.0 = 100 %"),
    _yen("lines_total_jpy", "予算内訳の計", "Total of the budget lines", "計 printed under the budget lines"),
    _text("note", "主な増減理由", "Reason for change"),
    _text("remarks", "その他特記事項・備考", "Remarks", "RS System only"),
    _yen("next_requested_jpy", "翌年度要求額（この年度の行）", "Requested for the next year", "as the RS System prints it beside a year"),
    _yen("next_addition_jpy", "要望額", "Requested on top for the next year", "by account; RS System only, not part of the request"),
    _yen("precision_jpy", "表示単位", "Printed precision", "1,000,000 for million yen, 100,000 for one decimal"),
)  # fmt: skip

_BUDGET_LINES = _sheet_table(
    "budget_lines", "予算内訳", "Budget lines", "one row per sheet, fiscal year and line", ("fiscal_year", "line"),
    _year("fiscal_year", required=True),
    _line(),
    _text("kind", "予算種別", "Kind", "which amount the line is a part of",
          allowed=("initial", "supplementary", "carried_in", "reserve", "requested")),
    _text("kind_text", "予算種別（印字）", "Kind as printed", "第2次補正予算, 予備費等1 …; RS System only"),
    _text("account", "会計", "Account"),
    _text("jurisdiction", "所管", "Jurisdiction"),
    _text("organization", "組織・勘定", "Organization"),
    _text("kou", "項", "Item (kou)"),
    _text("moku", "目", "Sub-item (moku)"),
    _text("detail", "歳出予算項目の補足情報", "Detail of the item", "RS System only"),
    _yen("amount_jpy", "金額", "Amount"),
    _text("note", "備考", "Note"),
)  # fmt: skip

_INDICATORS = _sheet_table(
    "indicators", "指標", "Indicators", "one row per sheet and indicator", ("indicator_id",),
    _text("indicator_id", "指標ID", "Indicator", "for instance 1-output-1, 1-long-1, outcome-2", required=True),
    _count("activity_no", "アクティビティ番号", "Activity", "<NA> on forms before 2023"),
    _text("level", "段階", "Level", allowed=("activity", "output", "outcome", "policy")),
    _text("horizon", "期間", "Horizon", "outcomes from 2023 on", allowed=("short", "mid", "long")),
    _text("goal", "目標", "Goal", "for an activity, what is done"),
    _text("indicator", "指標", "Indicator"),
    _text("unit", "単位", "Unit"),
    _text("direction", "改善の向き", "Direction", allowed=("up", "down")),
    _text("evidence_source", "出典", "Evidence", "statistics or data the values rest on"),
    _flag("is_qualitative", "定性的", "Qualitative"),
    _text("explanation", "説明", "Explanation", "why so, why not several outcomes, why qualitative"),
    _text("qualitative_result", "定性的なアウトカムに関する成果実績", "Qualitative result", "RS System only"),
)  # fmt: skip

_MEASUREMENTS = _sheet_table(
    "measurements", "実績・目標", "Measurements", "one row per sheet, indicator, fiscal year, measure and finality",
    ("indicator_id", "fiscal_year", "measure", "is_final_year"),
    _text("indicator_id", "指標ID", "Indicator", required=True),
    _year("fiscal_year"),
    _text("measure", "種別", "Measure", allowed=("actual", "target", "expected", "achievement"), required=True),
    Column("value", "Float64", "値", "Value", "", "in the indicator's unit; an achievement is a ratio"),
    _text("value_text", "印字", "As printed"),
    _flag("is_final_year", "目標最終年度", "Final year", "true for the column of the target year"),
)  # fmt: skip

_UNIT_COSTS = _sheet_table(
    "unit_costs", "単位当たりコスト", "Unit costs", "one row per sheet and line", ("line",),
    _line(), _year("fiscal_year"), _text("basis", "算出根拠", "Basis"), _text("unit", "単位", "Unit"),
    Column("value", "Float64", "値", "Value"), _text("formula_text", "計算式", "Formula"),
)  # fmt: skip

_LOGIC_LINKS = _sheet_table(
    "logic_links", "ロジックのつながり", "Logic links", "one row per sheet, from and to",
    ("from_indicator_id", "to_indicator_id"),
    _text("from_indicator_id", "派生元", "From", required=True), _text("to_indicator_id", "派生先", "To", required=True),
    _text("explanation", "設定理由", "Explanation"),
    _text("single_stage_reason", "アウトカムを複数段階で設定できない理由", "Reason for a single outcome", "RS System only"),
)  # fmt: skip

_BLOCKS = _sheet_table(
    "blocks", "支出先ブロック", "Blocks", "one row per sheet and block", ("block",),
    _block(),
    _text("name", "名称", "Name"), _text("role", "役割", "Role"),
    _text("recipient_label", "支出先の種別", "Recipients, as labelled"),
    _count("recipient_count", "件数", "Recipients"),
    _yen("amount_jpy", "金額", "Amount"),
    _flag("is_root", "直接支出", "Paid by the ministry"),
    _count("depth", "深さ", "Depth", "1 = paid by the ministry itself"),
    _text("cost_recipient", "費目・使途の対象", "Recipient of the cost items"),
    _yen("cost_total_jpy", "費目・使途の計", "Total of the cost items", "計 as printed"),
    _yen("precision_jpy", "表示単位", "Printed precision"),
)  # fmt: skip

_FLOWS = _sheet_table(
    "flows", "資金の流れ", "Flows", "one row per sheet, from_block and to_block", ("from_block", "to_block"),
    _block("from_block", "支出元", "From", required=False), _block("to_block", "支出先", "To"),
    _text("by", "方式", "By", "補助金等交付, 随意契約 …"), _text("note", "補足", "Note"),
    _text("from_name", "支出元の名称", "Name of the payer", "of the ministry too; RS System only"),
)  # fmt: skip

_MINISTRY_COSTS = _sheet_table(
    "ministry_costs", "国自らの支出", "Ministry's own costs", "one row per sheet and line", ("line",),
    _line(), _text("item", "項目", "Item"), _yen("amount_jpy", "金額", "Amount"),
    _text("category", "間接経費", "Kind of cost", "RS System only"),
)  # fmt: skip

_RECIPIENTS = _sheet_table(
    "recipients", "支出先", "Recipients", "one row per sheet, block and rank", ("block", "rank"),
    _block(),
    _count("rank", "順位", "Rank", required=True),
    _year("fiscal_year", "年度", "Fiscal year", "the year before the review year"),
    _text("name", "支出先", "Recipient"),
    _text("corporate_number", "法人番号", "Corporate number", "13 digits"),
    _text("number_status", "法人番号の状態", "Number status", allowed=("valid", "missing", "invalid", "dummy")),
    _text("name_kind", "名称の種別", "Kind of name", allowed=("organization", "person", "others", "ministry")),
    _yen("amount_jpy", "支出額", "Amount"),
    _yen("precision_jpy", "表示単位", "Printed precision"),
    _text("location", "所在地", "Location", "RS System only"),
    _text("corporate_type", "法人種別", "Kind of corporation", "three-digit code of the tax agency; RS System only"),
    _flag("is_other", "その他支出先", "Listed under others", "money may stand in the block's その他 row; RS System only"),
)  # fmt: skip

_CONTRACTS = _sheet_table(
    "contracts", "契約", "Contracts", "one row per sheet, block, rank and line", ("block", "rank", "line"),
    _block(), _count("rank", "順位", "Rank", required=True), _line(),
    _text("work", "業務概要", "Work"), _yen("amount_jpy", "金額", "Amount"), *_METHOD_COLUMNS,
    _flag("is_other", "その他の契約", "Other contracts together", "RS System only"),
)  # fmt: skip

_COST_ITEMS = _sheet_table(
    "cost_items", "費目・使途", "Cost items", "one row per sheet, block and line", ("block", "line"),
    _block(), _line(),
    _text("recipient", "支出先", "Recipient"), _text("item", "費目", "Item"), _text("use", "使途", "Use"),
    _yen("amount_jpy", "金額", "Amount"),
    _text("corporate_number", "法人番号", "Corporate number", "RS System only"),
    _text("work", "契約概要", "Contract", "the contract the items belong to; RS System only"),
)  # fmt: skip

_MULTI_YEAR = _sheet_table(
    "multi_year_contracts", "国庫債務負担行為等", "Multi-year contracts", "one row per sheet and line", ("line",),
    _line(), _block(required=False),
    _text("contractor", "契約先", "Contractor"), _text("corporate_number", "法人番号", "Corporate number"),
    _text("work", "業務概要", "Work"), _yen("amount_jpy", "契約額", "Contract amount"), *_METHOD_COLUMNS,
    _text("location", "契約先の所在地", "Location", "RS System only"),
    _text("corporate_type", "契約先の法人種別", "Kind of corporation", "RS System only"),
    _flag("is_other", "その他の契約", "Other contracts together", "RS System only"),
    _flag("is_other_multi_year", "その他の契約（国庫債務負担行為等）", "Other multi-year contracts together", "RS System only"),
)  # fmt: skip

_EVALUATIONS = _sheet_table(
    "evaluations", "点検・評価", "Evaluations", "one row per sheet, section and line", ("section", "line"),
    _text("section", "欄", "Section", "which box of the form", allowed=(
        "self_check", "inspection", "effect", "direction", "external_experts", "team", "reflection", "public_process",
        "public_process_response", "other_remarks", "other_remarks_response", "policy_relation", "reform_relation"),
        required=True),
    _line(),
    _text("item", "項目", "Item", "question of the ○△× table"), _year("year", "年度", "Year"),
    _text("verdict", "判定", "Verdict", "現状通り, 事業内容の一部改善, ○ …"), _text("text", "本文", "Text"),
    _yen("amount_jpy", "反映額", "Reflected in the request", "of the account named in item; RS System only"),
)  # fmt: skip

_POLICIES = _sheet_table(
    "policies", "政策・法令・計画", "Policies, laws and plans", "one row per sheet and line", ("line",),
    _line(),
    _text("kind", "種別", "Kind", "kpi = 事業に関連するKPIが定められている閣議決定等", allowed=("policy", "law", "plan", "kpi"), required=True),
    _text("name", "名称", "Name"), _text("detail", "施策・条項・該当箇所", "Detail"), _text("url", "URL", "URL"),
    _text("law_id", "法令ID", "Law id"), _text("law_number", "法令番号", "Law number", "RS System only"),
    _text("ministry", "政策所管府省庁", "Ministry of the policy", "RS System only"),
)  # fmt: skip

_SUBSIDIES = _sheet_table(
    "subsidies", "補助率等", "Subsidies", "one row per sheet and line", ("line",),
    _line(), _text("subject", "補助対象", "Subject"), _text("rate_text", "補助率", "Rate"),
    _text("cap_text", "補助上限等", "Cap"), _text("url", "URL", "URL"),
)  # fmt: skip

_RELATED = _sheet_table(
    "related", "関連事業", "Related projects", "one row per sheet and line", ("line",),
    _line(),
    _text("kind", "関係", "Kind", "past_number, parent, child, merged, split, other …", required=True),
    _year("fiscal_year"), _text("ministry", "府省庁", "Ministry"), _text("number", "番号", "Number"),
    _text("name", "事業名", "Project"), _text("relation", "関連性", "Relation as printed", "親事業, 統合先 …; RS System only"),
)  # fmt: skip

_RESIDUE = _sheet_table(
    "residue", "読み取れなかった文字", "Residue", "one row per sheet and line", ("line",),
    _line(), _count("page", "頁", "Page"), _text("text", "文字", "Text"),
    _text("reason", "理由", "Reason", "why it was not placed"),
)  # fmt: skip

SHEET_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _SHEETS, _BUDGETS, _BUDGET_LINES, _INDICATORS, _MEASUREMENTS, _UNIT_COSTS, _LOGIC_LINKS, _BLOCKS, _FLOWS,
        _MINISTRY_COSTS, _RECIPIENTS, _CONTRACTS, _COST_ITEMS, _MULTI_YEAR, _EVALUATIONS, _POLICIES, _SUBSIDIES,
        _RELATED, _RESIDUE,
    )
}  # fmt: skip

FINDINGS = Table(
    "findings", "指摘", "Findings", "one row per thing a check found", ("sheet_id", "rule", "table", "key"),
    (
        _text("sheet_id", "シートID", "Sheet", required=True),
        _text("rule", "規則", "Rule", required=True),
        _text("severity", "重さ", "Severity", allowed=("error", "warning", "info"), required=True),
        _text("table", "表", "Table"),
        _text("key", "行", "Row", "the rest of the row's key, for instance fiscal_year=2022"),
        Column("found", "Float64", "印字", "Found"),
        Column("expected", "Float64", "期待", "Expected"),
        Column("difference", "Float64", "差", "Difference"),
        _text("message", "説明", "Message"),
    ),
)  # fmt: skip

LINKS = Table(
    "links", "系譜", "Lineage", "one row per sheet and previous sheet; a first sheet has one row", ("sheet_id", "previous_sheet_id"),
    (
        _text("project_key", "事業キー", "Project key", "sheet_id of the first sheet of the project's line", required=True),
        _text("sheet_id", "シートID", "Sheet", required=True),
        _text("previous_sheet_id", "前のシートID", "Previous sheet", "<NA> where the project has no earlier sheet"),
        _year("review_year", "レビュー年度", "Review year", "of the sheet", required=True),
        _text("relation", "関係", "Relation", "continued = the project's own line",
              allowed=("first", "continued", "split", "merged"), required=True),
        _text("method", "方法", "Method", "printed_number, rs_id, name, similar_name_and_amounts …"),
        Column("score", "Float64", "点数", "Score", "", "0 to 1, against no link and against every rival"),
        _text("evidence", "根拠", "Evidence"),
        _count("compared", "比べた金額", "Amounts compared", "budgets and executed amounts of shared fiscal years"),
        _count("agreed", "一致した金額", "Amounts that agree", "within a million yen or 0.1 %"),
        _text("certainty", "確度", "Certainty", "stated by the sheet, solved, or unsettled", allowed=CERTAINTIES, required=True),
    ),
)  # fmt: skip

#: what a store was built from; beside the tables, since its rows are files and not sheets
SOURCES = Table(
    "sources", "原資料", "Sources", "one row per raw file, or review year of RS System files", ("source_file",),
    (
        _text("source_file", "ファイル", "File", "as in sheets", required=True),
        _text("source_sha256", "SHA-256", "SHA-256", "of the content"),
        _count("bytes", "大きさ", "Size", "bytes"),
        _text("status", "状態", "Status", "duplicate: the same content as another file", allowed=("read", "refused", "duplicate"), required=True),
        _text("form", "様式", "Form", "of its sheets, for instance judgit-2022"),
        _text("edition", "版", "Edition"),
        _count("sheets", "シート数", "Sheets"),
        _text("reason", "理由", "Reason", "why it was refused, or which file it repeats"),
    ),
)  # fmt: skip

#: every table by name: those of a sheet, then what is derived from them
TABLES: dict[str, Table] = {**SHEET_TABLES, FINDINGS.name: FINDINGS, LINKS.name: LINKS}
