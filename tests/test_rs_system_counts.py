"""A whole review year against counts and sums of the raw files, taken here with nothing but the csv module."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import toolkit
from toolkit import Dataset

#: what a cell prints for nothing
NOTHING = re.compile(r"[‐‑‒–—―−－ｰ\s-]{0,3}|ー|/|／|記入不要")
Raw = Callable[..., Iterator[tuple[str, ...]]]


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    found = shared_data / "rs_system" / "2024"
    if not found.is_dir():
        pytest.skip("no bulk files of the RS System in the larger test data")
    return found


@pytest.fixture(scope="module")
def year(folder: Path) -> Dataset:
    return toolkit.read(folder)


@pytest.fixture(scope="module")
def raw(folder: Path) -> Raw:
    """The cells of some columns of a file, by the beginning of their headers, row by row; 予算事業ID comes first."""

    def _raw(kind: str, *headers: str) -> Iterator[tuple[str, ...]]:
        (path,) = folder.glob(f"{kind}_*.zip")
        with zipfile.ZipFile(path) as package, package.open(package.namelist()[0]) as handle:
            reader = csv.reader(io.TextIOWrapper(handle, "utf-8-sig", newline=""))
            names = next(reader)
            places = [2, *(names.index(header) for header in headers)]
            for cells in reader:
                yield tuple(cells[place] for place in places)

    return _raw


def says(*cells: str) -> bool:
    return any(not NOTHING.fullmatch(cell) for cell in cells)


def yen(cell: str) -> int:
    return int(cell.removesuffix(".0") or 0)


def test_every_project_is_a_sheet_and_nothing_is_left_over(year: Dataset, raw: Raw) -> None:
    assert len(year.sheets) == len({project for (project,) in raw("6-1")}) == 5664
    assert len(year.residue) == 0
    assert not (year.certainties()["unsettled"].drop("related") > 0).any()
    names = {f"RS2024-{project}": name for project, name in raw("1-2", "事業名") if "／" not in name}
    printed = year.sheets.set_index("sheet_id")["name"]
    assert (printed.reindex(list(names)) == pd.Series(names)).all()
    assert year.sheets["further_remarks"].notna().sum() == sum(says(cell) for _, cell in raw("6-1", "備考"))


def test_totals_of_the_budget(year: Dataset, raw: Raw) -> None:
    headers = ("予算年度", "当初予算（合計）", "補正予算（合計）", "前年度からの繰越し（合計）", "予備費等（合計）", "計（歳出予算現額合計）", "執行額（合計）", "翌年度への繰越し(合計）", "翌年度要求額（合計）")  # fmt: skip
    totals = [cells for cells in raw("2-1", *headers) if cells[2]]
    whole = year.budgets[year.budgets["account"].isna()]
    assert len(whole[whole["stage"] != "requested"]) == len(totals) == 18_524
    columns = ("initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy", "current_jpy", "executed_jpy", "carried_out_jpy", "next_requested_jpy")  # fmt: skip
    assert [whole[name].sum() for name in columns] == [sum(yen(cells[n]) for cells in totals) for n in range(2, 10)]
    assert whole["requested_jpy"].sum() == sum(yen(cells[9]) for cells in totals if cells[1] == "2024")
    assert whole.loc[whole["stage"] == "running", ["executed_jpy", "carried_out_jpy"]].isna().all(axis=None)


def test_the_budget_keeps_its_identities(year: Dataset) -> None:
    """What the RS System derives holds to the yen: 現額 = parts, whole = accounts, carried out = carried in a year later."""
    parts = ["initial_jpy", "supplementary_jpy", "carried_in_jpy", "reserve_jpy"]
    known = year.budgets[year.budgets["current_jpy"].notna()]
    assert (known[parts].sum(axis=1) == known["current_jpy"]).all()
    whole = year.budgets[year.budgets["account"].isna()].set_index(["sheet_id", "fiscal_year"])
    accounts = year.budgets[year.budgets["account"].notna()].groupby(["sheet_id", "fiscal_year"])
    for name in (*parts, "current_jpy", "executed_jpy", "requested_jpy"):
        sums = accounts[name].sum()
        assert (sums == whole[name].reindex(sums.index).fillna(0)).all(), name
    following = whole.set_index([whole.index.get_level_values(0), whole.index.get_level_values(1) - 1])[
        "carried_in_jpy"
    ]
    both = pd.concat([whole["carried_out_jpy"], following.rename("into")], axis=1).dropna()
    assert len(both) > 12_000
    assert (both["carried_out_jpy"] == both["into"]).all()


def test_budget_lines(year: Dataset, raw: Raw) -> None:
    words = ("所管", "組織・勘定", "項", "目", "歳出予算項目の補足情報", "備考（歳出予算項目ごと）")
    sums: dict[tuple[int, bool], int] = defaultdict(int)
    count = 0
    for _, fiscal_year, amount, request, *texts in raw(
        "2-2", "予算年度", "予算額（歳出予算項目ごと）", "翌年度要求額（歳出予算項目ごと）", *words
    ):
        count += bool(amount) or (says(*texts) and not request)
        count += bool(request)
        sums[int(fiscal_year), False] += yen(amount)
        sums[int(fiscal_year) + 1, True] += yen(request)
    lines = year.budget_lines
    assert len(lines) == count
    ours = lines.groupby(["fiscal_year", lines["kind"] == "requested"])["amount_jpy"].sum()
    assert {key: value for key, value in sums.items() if value} == {key: value for key, value in ours.items() if value}


def test_indicators_and_their_values(year: Dataset, raw: Raw) -> None:
    years = [str(number) for number in range(2007, 2061)]
    values, nodes = 0, set()
    for project, number, level, horizon, goal, kind, *cells in raw(
        "3-1", "アクティビティ・アウトプット・アウトカムの番号", "種別（アクティビティ・アウトプット・アウトカム）", "アウトカムの期間",
        "アクティビティ／活動目標／成果目標", "目標年度／目標値／実績値／達成率", *years,
    ):  # fmt: skip
        values += sum(says(cell) for cell in cells) if not kind.endswith("目標年度") else 0
        if number:
            nodes.add((project, number, level, horizon, goal.strip()))
    edges, ends = set(), set()
    sides = [tuple(f"{side}ー{name}" for name in ("アクティビティ・アウトプット・アウトカムの番号", "種別（アクティビティ・アウトプット・アウトカム）", "アウトカムの期間")) for side in ("派生元", "派生先")]  # fmt: skip
    for project, *cells in raw(
        "3-2", *sides[0], "派生元ーアクティビティの内容/ 活動目標／成果目標", *sides[1], "派生先ー 活動目標／成果目標"
    ):
        if cells[0]:
            source, target = ((project, *(cell.strip() for cell in half)) for half in (cells[:4], cells[4:]))
            edges.add((source, target))
            ends |= {source, target}
    assert len(year.measurements) == values
    assert len(year.indicators) == len(nodes | ends)
    assert len(year.logic_links) == len(edges)
    rates = year.measurements[year.measurements["measure"] == "achievement"]
    assert 0.9 < rates["value"].median() < 1.1  # printed as 100, kept as a ratio


def test_blocks_recipients_and_contracts(year: Dataset, raw: Raw) -> None:
    people: dict[tuple[str, ...], int] = {}
    contracts, blocks = [], {}
    for project, block, name, number, block_amount, total, amount in raw(
        "5-1", "支出先ブロック番号", "支出先名", "法人番号", "ブロックの合計支出額", "支出先の合計支出額", "金額"
    ):
        if block_amount:
            blocks[project, block] = int(block_amount)
        if total:
            assert (project, block, name, number) not in people
            people[project, block, name, number] = int(total)
        if amount:
            contracts.append(int(amount))
    assert len(year.recipients) == len(people)
    assert year.recipients["amount_jpy"].sum() == sum(people.values())
    assert len(year.contracts) == len(contracts)
    assert year.contracts["amount_jpy"].sum() == sum(contracts)
    assert year.blocks["amount_jpy"].sum() == sum(blocks.values())
    direct = {
        (project, block)
        for project, flag, block in raw("5-2", "担当組織からの支出", "支出先の支出先ブロック")
        if flag == "TRUE"
    }
    root = year.blocks.loc[year.blocks["is_root"].fillna(False), "amount_jpy"].sum()
    assert root == sum(amount for key, amount in blocks.items() if key in direct)
    # adding every block counts re-commissioned money twice
    assert (round(root / 1e12, 1), round(year.blocks["amount_jpy"].sum() / 1e12, 1)) == (129.7, 155.0)


def test_the_flow_of_funds(year: Dataset, raw: Raw) -> None:
    edges, costs = set(), []
    for project, source, target, item, amount in raw(
        "5-2",
        "支出元の支出先ブロック",
        "支出先の支出先ブロック",
        "国自らが支出する間接経費の項目",
        "国自らが支出する間接経費の金額",
    ):
        if target:
            edges.add((project, source, target))
        if item or amount:
            costs.append(int(amount or 0))
    assert len(year.flows) == len(edges)
    assert (len(year.ministry_costs), year.ministry_costs["amount_jpy"].sum()) == (len(costs), sum(costs))
    depth = {(row.sheet_id, row.block): row.depth for row in year.blocks[["sheet_id", "block", "depth"]].itertuples()}
    assert max(d for d in depth.values() if d is not pd.NA) >= 4
    for project, source, target in edges:  # no block is deeper than one step below each of its payers
        below, above = depth[f"RS2024-{project}", target], depth.get((f"RS2024-{project}", source), pd.NA)
        assert source or below == 1
        assert above is pd.NA or below is pd.NA or below <= above + 1


@pytest.mark.parametrize(
    ("kind", "table", "key", "amount"),
    [
        ("5-3", "cost_items", "支出先ブロック番号", "金額"),
        (
            "5-4",
            "multi_year_contracts",
            "支出先ブロック（国庫債務負担行為等による契約）",
            "契約額（国庫債務負担行為等による契約）",
        ),
        ("1-5", "related", "番号（関連事業）", "番号（関連事業）"),
    ],
)
def test_rows_with_a_key_are_rows_of_the_table(
    year: Dataset, raw: Raw, kind: str, table: str, key: str, amount: str
) -> None:
    found = [yen(value) for _, name, value in raw(kind, key, amount) if name]
    ours = year[table]
    if table == "related":
        assert (ours["relation"].notna()).sum() == len(found)
    else:
        assert (len(ours), ours["amount_jpy"].sum()) == (len(found), sum(found))


def test_policies_laws_plans_and_subsidies(year: Dataset, raw: Raw) -> None:
    counts = {"policy": 0, "law": 0, "plan": 0, "kpi": 0}
    for _, policy, measure, law, plan in raw("1-3", "政策", "施策", "法令名", "計画通知名"):
        counts["policy"] += says(policy, measure)
        counts["law"] += says(law)
        counts["plan"] += says(plan)
    found = year.policies["kind"].value_counts().reindex(list(counts)).fillna(0)
    assert found.to_dict() == counts
    cells = list(raw("1-4", "補助対象", "補助率", "補助上限等", "補助率URL"))
    assert len(year.subsidies) == sum(says(*(cell.removeprefix("'") for cell in row)) for _, *row in cells)
    assert not year.subsidies["rate_text"].str.startswith("'").any()


def test_reviews(year: Dataset, raw: Raw) -> None:
    sections = {
        "inspection": ("事業所管部局による点検・改善ー点検結果",),
        "effect": ("事業所管部局による点検・改善－目標年度における効果測定に関する評価",),
        "team": ("行政事業レビュー推進チームの所見", "行政事業レビュー推進チームの所見の詳細"),
    }
    for section, headers in sections.items():
        expected = {cells for cells in raw("4-1", *headers) if says(*cells[1:])}
        assert (year.evaluations["section"] == section).sum() == len(expected)
    amounts = {(project, cell) for project, cell in raw("4-1", "反映額（一般会計）") if cell}
    general = year.evaluations[year.evaluations["item"].eq("一般会計") & year.evaluations["amount_jpy"].notna()]
    assert general["amount_jpy"].sum() == sum(yen(cell) for _, cell in amounts)


def test_every_row_can_be_walked_back(year: Dataset, raw: Raw) -> None:
    """The place of a row is its number in the file; the header is row 1."""
    picked = year.contracts.sample(200, random_state=1)
    numbers = picked["source_ref"].str.removeprefix("5-1 row ").astype(int)
    cells = {n: row for n, row in enumerate(raw("5-1", "支出先ブロック番号", "金額"), start=2) if n in set(numbers)}
    ours = [(f"{sheet.removeprefix('RS2024-')}", block, str(amount)) for sheet, block, amount in picked[["sheet_id", "block", "amount_jpy"]].itertuples(index=False)]  # fmt: skip
    assert ours == [cells[n] for n in numbers]
    for name, frame in year.items():
        if len(frame) and name != "findings":
            assert frame["source_ref"].str.fullmatch(r"(?:\d-\d row \d+)(?:; \d-\d row \d+)*").all(), name


def test_corporate_numbers_are_judged(year: Dataset) -> None:
    shares = year.recipients["number_status"].value_counts(normalize=True)
    assert np.isclose(shares["valid"], 0.76, atol=0.05)
    assert shares[["invalid", "dummy"]].sum() < 0.001
