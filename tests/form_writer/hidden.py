"""The hidden worksheet of choice lists that many official files carry along."""

from __future__ import annotations

from .grid import Box, Grid
from .layout import Layout

__all__ = ["choice_lists"]

LISTS = {
    "会計区分": ["一般会計", "東日本大震災復興特別会計", "年金特別会計業務勘定"],
    "主要経費": ["科学技術振興費", "文教施設費", "公共事業関係費", "経済協力費", "その他の事項経費"],
    "実施方法": ["直接実施", "委託・請負", "補助", "負担", "交付", "貸付", "その他"],
    "所見": ["現状通り", "事業内容の一部改善", "事業全体の抜本的な改善", "廃止", "終了予定"],
    "反映状況": ["現状通り", "執行等改善", "縮減", "年度内に改善を検討", "廃止", "予定通り終了"],
    "契約方式": ["一般競争契約（最低価格）", "随意契約（企画競争）", "随意契約（少額）", "補助金等交付"],
    "年度": [f"平成{n}年度" for n in range(1, 31)] + ["令和元年度"] + [f"令和{n}年度" for n in range(2, 7)],
}


def choice_lists(layout: Layout) -> Grid:
    """A hidden grid with one list a column: words a reader must not take for facts."""
    grid = Grid("入力規則等", layout, hidden=True)
    for column, (head, values) in enumerate(LISTS.items(), start=1):
        grid.widths[column] = 18.0
        for row, text in enumerate([head, *values], start=1):
            grid.heights[row] = 15.0
            grid.boxes.append(Box(row, column, 1, 1, text=text, value=text, border=False))
    return grid
