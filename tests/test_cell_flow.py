"""The flow of funds over rectangles: facts typed by hand, through the reader of cells."""

from __future__ import annotations

from toolkit.form.cell_flow import read_flow
from toolkit.form.cells import Cell, Cells
from toolkit.form.draft import Draft
from toolkit.form.labels import by_key


def _read(*lines: tuple[str, float, float]) -> Draft:
    """Lines of 6 points in height at (x, y), 80 wide, beside the label of the picture; the cost items begin at 400."""
    flow, costs = (
        Cell(key, 0, y0, 20, y1, 1, key, label=by_key(key)[0])
        for key, y0, y1 in (("flow", 0, 400), ("costs", 400, 500))
    )
    cells = [Cell(text, x, y, x + 80, y + 6, 1, f"{x} {y}") for text, x, y in lines]
    draft = Draft()
    read_flow(Cells([flow, costs, *cells]), 2023, draft)
    return draft


def test_a_note_at_an_arrow_waits_for_its_box_further_below():
    """Where no method is printed, an arrow stands apart from its box; it still names the payer."""
    draft = _read(
        ("環境省", 30, 10), ("90百万円", 30, 17),
        ("↓", 30, 40), ("Ａ．調べ", 30, 50), ("50百万円", 30, 57), ("↓", 200, 40), ("Ｂ．植樹", 200, 50), ("30百万円", 200, 57),
        ("↓（環境省より）", 30, 80), ("Ｃ．冊子", 30, 102), ("10百万円", 30, 109),
    )  # fmt: skip
    assert [(row["from_block"], row["to_block"]) for row in draft.rows("flows")] == [
        (None, "A"),
        (None, "B"),
        (None, "C"),
    ]


def test_an_amount_belongs_to_the_heading_above_it_though_lines_stand_wide():
    draft = _read(
        ("環境省", 30, 10), ("90百万円", 30, 17), ("↓", 30, 40), ("Ａ．調べ", 30, 62), ("民間企業等", 30, 86), ("90百万円", 30, 110),
    )  # fmt: skip
    assert [(row["block"], row["amount_jpy"]) for row in draft.rows("blocks")] == [("A", 90_000_000)]


def test_a_heading_that_comes_again_below_the_picture_is_no_box():
    """The cost items repeat letter and name just above their own label."""
    draft = _read(
        ("環境省", 30, 10), ("90百万円", 30, 17), ("↓", 30, 40), ("Ａ．調べ", 30, 50), ("90百万円", 30, 57), ("A.杉並木株式会社", 30, 392),
    )  # fmt: skip
    assert [(row["block"], row["amount_jpy"]) for row in draft.rows("blocks")] == [("A", 90_000_000)]
    assert draft.get("blocks", "A")["name"] == "調べ"
