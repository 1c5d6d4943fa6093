"""Closed lists of what the form's cells may print, as data: ministries, accounts, means, expenses, verdicts.

Patterns are regular expressions over *folded* text (``toolkit.text.fold``).
"""

from __future__ import annotations

import re

__all__ = [
    "ACCOUNT", "CHECK_MARK", "END_UNDECIDED", "MAIN_EXPENSE", "MEANS", "MINISTRIES", "NOT_REVIEWED", "POLICY_AREA",
    "REFLECTION_VERDICT", "TEAM_VERDICT", "URL", "YEAR", "ministry_of",
]  # fmt: skip

#: ministries that draw up review sheets, with the short name their project numbers print (from 2021 on)
MINISTRIES: dict[str, str] = {
    "内閣官房": "官房", "内閣府": "府", "内閣本府": "府", "宮内庁": "宮内", "公正取引委員会": "公取", "警察庁": "警察",
    "個人情報保護委員会": "個情", "特定個人情報保護委員会": "個情", "カジノ管理委員会": "カジノ", "金融庁": "金融",
    "消費者庁": "消費", "こども家庭庁": "こども", "デジタル庁": "デジ", "復興庁": "復興", "総務省": "総務", "法務省": "法務",
    "外務省": "外務", "財務省": "財務", "文部科学省": "文科", "厚生労働省": "厚労", "農林水産省": "農水",
    "経済産業省": "経産", "国土交通省": "国交", "環境省": "環境", "原子力規制委員会": "原規", "防衛省": "防衛",
}  # fmt: skip

#: one fiscal year, alone in its cell
YEAR = re.compile(r"(?:(?:明治|大正|昭和|平成|令和)(?:元|\d{1,2})|(?:19|20)\d\d)年度?(?:以前|以降)?")
END_UNDECIDED = re.compile(r"終了\(?予定\)?(?:なし|無し)|未定|予定なし")
URL = re.compile(r"https?://[!-~]+")

#: 会計区分
ACCOUNT = re.compile(r"一般会計|[^-、。,()]{2,20}特別会計[^、。,]{0,20}")
#: 実施方法
MEANS = re.compile(r"直接実施|委託・?請負|委託|請負|補助|負担|交付|貸付|分担金・?拠出金|出資|その他")
#: 主要経費
MAIN_EXPENSE = re.compile(
    r"社会保障(?:関係費)?|(?:年金|医療|介護)給付費|(?:年金医療)?介護保険給付費|少子化対策費|生活扶助等社会福祉費|社会福祉費|生活保護費"
    r"|社会保険費|保健衛生対策費|雇用労災対策費|失業対策費|文教及び科学振興(?:費)?|義務教育費国庫負担金|科学技術振興費|文教施設費"
    r"|教育振興助成費|育英事業費|国債費|(?:文官等|旧軍人遺族等)?恩給(?:費|支給事務費|関係費|関係)?|遺族及び留守家族等援護費"
    r"|地方交付税交付金(?:等)?|地方特例交付金(?:等)?|防衛(?:関係費)?|公共事業(?:関係費)?|治山治水対策(?:事業)?費|道路整備(?:事業)?費"
    r"|港湾空港鉄道等整備(?:事業)?費|住宅都市環境整備(?:事業)?費|公園水道廃棄物処理等施設整備費|農林水産基盤整備(?:事業)?費"
    r"|社会資本総合整備(?:事業)?費|推進費等|災害復旧等(?:事業)?費|経済協力(?:費)?|中小企業対策(?:費)?|エネルギー対策(?:費)?"
    r"|食料安定供給(?:関係|対策)?(?:費)?|産業投資特別会計へ繰入|その他の?事項経費|皇室費|国会費|(?:.{0,12})?予備費|改革推進公共投資.{0,8}"
)
#: 主要政策・施策 (to 2022)
POLICY_AREA = re.compile(
    r"科学技術・?イノベーション|地球温暖化対策|国土強靱?化(?:施策)?|子ども・?若者育成支援|地方創生|海洋政策|高齢社会対策|ODA"
    r"|男女共同参画|IT戦略|観光立国|少子化社会対策|障害者施策|医療分野の研究開発関連|交通安全対策|宇宙開発利用|知的財産|沖縄振興"
    r"|クールジャパン|2020年東京オリパラ|犯罪被害者等施策|食育推進|統計改革|自殺対策|(?:その他)"
)

#: 行政事業レビュー推進チームの所見: its verdicts
TEAM_VERDICT = re.compile(r"現状(?:通り|どおり)|事業内容の(?:一部)?改善|(?:事業全体の)?抜本的(?:な)?改善|廃止|終了予定")
#: 所見を踏まえた改善点/概算要求における反映状況: its verdicts
REFLECTION_VERDICT = re.compile(
    r"現状(?:通り|どおり)|執行等改善|年度内に改善を検討|縮減|廃止|終了予定|予定(?:通り|どおり)終了"
)
#: what 外部有識者の所見 prints where the project was not among those reviewed
NOT_REVIEWED = re.compile(r"点検の?対象外")
#: answers in the ○△× table (to 2022)
CHECK_MARK = re.compile(r"[○〇◯△×✕有無-]|○△|有・無")


def ministry_of(short: str) -> str | None:
    """The ministry of a short name as project numbers print it (文科), None for an unknown one."""
    return next((name for name, printed in MINISTRIES.items() if printed == short), None)
