"""Many sheets side by side: a ministry's projects in one review year, and one recipient over all projects and years.

Frames in, frames out; amounts are yen. What the sheets do not settle stays <NA> and is counted as such.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit import metrics
from toolkit.comparison import measured
from toolkit.dataset import Dataset
from toolkit.errors import NotFoundError
from toolkit.figures import closed_year, floats, unit_slips
from toolkit.text import fold
from toolkit.wording import format_rate

__all__ = ["METHODS", "method_kind", "outliers", "portfolio", "received"]

#: kinds of contract methods, by what their names begin with or hold
METHODS: dict[str, tuple[str, str]] = {
    "competitive": ("競争入札", "competitive bidding"),
    "proposal": ("企画競争・公募の随意契約", "negotiated after a call for proposals"),
    "negotiated": ("競争のない随意契約", "negotiated without competition"),
    "grant": ("補助金等・交付金の交付", "grant or subsidy"),
    "other": ("その他", "other"),
    "unknown": ("記載なし", "not stated"),
}


# -- a ministry's projects
def portfolio(dataset: Dataset) -> pd.DataFrame:
    """One row per sheet, indexed by sheet_id: the measures of ``comparison.measured`` and what a ministry's overview adds.

    Of the year before the review ``carried_out_jpy`` and ``carry_over_share`` (of the current budget); then ``initial_jpy``
    of the review year, ``request_growth`` on it, and the ministry's ``answer`` to the review. <NA> where the sheet does not say.
    """
    result = measured(dataset).set_index("sheet_id")
    result["carried_out_jpy"] = closed_year(dataset)["carried_out"].astype("Int64")
    result["carry_over_share"] = metrics.carry_over_share(result)
    budgets = dataset["budgets"]
    whole = budgets[budgets["account"].isna()].set_index(["sheet_id", "fiscal_year"])["initial_jpy"]
    now = whole.reindex(pd.MultiIndex.from_arrays([result.index, result["review_year"]]))
    result["initial_jpy"] = pd.Series(now.array, result.index)
    result["request_growth"] = metrics.request_growth(budgets)
    answers = (
        dataset["evaluations"].dropna(subset="verdict").query("section == 'reflection'").drop_duplicates("sheet_id")
    )
    result["answer"] = answers.set_index("sheet_id")["verdict"]
    return result


#: column -> what is unusual: at most, at least, and the sentence (value, median of these projects)
_UNUSUAL: dict[str, tuple[float, float, str, str]] = {
    "execution_rate": (0.5, 1.005, "執行率{}（中央値{}）", "execution rate {} (median {})"),
    "carry_over_share": (
        -np.inf,
        0.5,
        "現額の{}を翌年度へ繰越し（中央値{}）",
        "{} of the budget carried over (median {})",
    ),
    "request_growth": (-0.5, 1.0, "要求が当初予算比{}（中央値{}）", "request {} on the initial budget (median {})"),
}


def outliers(projects: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """Projects that stand out: ``portfolio`` rows with ``reasons`` in words, those with the most first, then the largest.

    A reason is: half of the current budget or less executed, or more than all of it; half of it or more carried over; a
    request that doubles or halves the initial budget; none of three or more targets met. The median stands beside each.
    """
    said: dict[str, list[str]] = {}
    for name, (least, most, ja, en) in _UNUSUAL.items():
        values = projects[name]
        sign = name == "request_growth"
        median = _percent(values.median(), sign)
        for sheet_id, value in values[((values <= least) | (values >= most)).fillna(False)].items():
            said.setdefault(str(sheet_id), []).append(
                (ja if language == "ja" else en).format(_percent(value, sign), median)
            )
    missed = projects.loc[((projects["rated"] >= 3) & (projects["met"] == 0)).fillna(False), "rated"]
    for sheet_id, count in missed.items():
        words = f"目標に届いた指標が{count}件中0件" if language == "ja" else f"none of {count} targets met"
        said.setdefault(str(sheet_id), []).append(words)
    mark = "、" if language == "ja" else "; "
    reasons = pd.DataFrame(
        {"reasons": [mark.join(parts) for parts in said.values()], "count": [len(parts) for parts in said.values()]},
        index=pd.Index(said, dtype="string"),
    )
    result = projects.join(reasons.astype({"reasons": "string", "count": "Int64"}), how="inner")
    size = result[["current_jpy", "initial_jpy"]].max(axis=1)
    ranked = result.assign(size=size).sort_values(["count", "size"], ascending=False, kind="stable")
    return ranked.drop(columns=["size", "count"])


def _percent(value: float, sign: bool) -> str:
    text = format_rate(value)
    return f"+{text}" if sign and not pd.isna(value) and value > 0 else text


# -- one recipient
def received(dataset: Dataset, corporate_number: str) -> pd.DataFrame:
    """Every payment to one corporate number: a row per sheet, block and rank, with the project and how it was chosen.

    ``sheet_id``, ``fiscal_year`` (of the payment), ``ministry``, ``project``, ``block``, ``rank``, ``name`` as printed there,
    ``amount_jpy``, ``share`` (of the listed recipients of its block), ``route``: "direct" from the ministry, "passed on" by
    another recipient, "unknown" where the form has no flow; ``work``, ``method`` of the largest contract, ``kind`` (see
    ``METHODS``), ``bidders``, ``award_rate``, ``is_slip`` (an amount suspected to be in another unit; leave it out of sums).

    Add up one route only: what is passed on was counted before, with whoever passed it on. Raises NotFoundError where the
    number is not among the recipients.
    """
    named = dataset["recipients"]["corporate_number"] == corporate_number
    ids = dataset["recipients"].loc[named.fillna(False), "sheet_id"].unique()
    if not len(ids):
        raise NotFoundError(
            f"no recipient has the corporate number {corporate_number!r} in these {len(dataset.sheet_ids)} sheets"
        )
    dataset = dataset.select(ids)
    recipients = dataset["recipients"]
    rows = recipients[(recipients["corporate_number"] == corporate_number).fillna(False)]
    sheets = (
        dataset["sheets"].set_index("sheet_id")[["review_year", "ministry", "name"]].rename(columns={"name": "project"})
    )
    shares, slips = metrics.recipient_shares(recipients), unit_slips(dataset)
    result = rows[["sheet_id", "block", "rank", "name", "amount_jpy", "certainty", "source_ref"]].assign(
        share=shares.reindex(rows.index), is_slip=slips["wrong"].reindex(rows.index).fillna(False).astype("boolean")
    )
    result = result.join(sheets, on="sheet_id")
    result.insert(1, "fiscal_year", (result.pop("review_year") - 1).astype("Int16"))
    result["route"] = _route(dataset["blocks"], result)
    contracts = dataset["contracts"].assign(size=floats(dataset["contracts"]["amount_jpy"]))
    largest = contracts.sort_values("size", ascending=False, kind="stable").drop_duplicates(
        ["sheet_id", "block", "rank"]
    )
    columns = ["work", "method", "bidders", "award_rate"]
    result = result.join(largest.set_index(["sheet_id", "block", "rank"])[columns], on=["sheet_id", "block", "rank"])
    result["kind"] = result["method"].map(method_kind).astype("string").fillna("unknown")
    return result.sort_values(["fiscal_year", "sheet_id", "block", "rank"], kind="stable").reset_index(drop=True)


def _route(blocks: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    placed = blocks.set_index(["sheet_id", "block"])
    is_root = (
        placed["is_root"].fillna(placed["depth"] == 1).reindex(pd.MultiIndex.from_frame(rows[["sheet_id", "block"]]))
    )
    words = is_root.map({True: "direct", False: "passed on"})
    return pd.Series(words.fillna("unknown").to_numpy(), rows.index, dtype="string")


def method_kind(method: object) -> str | None:
    """A key of ``METHODS`` for a printed contract method; None for a blank."""
    text = fold(method)
    if not text:
        return None
    if any(word in text for word in ("企画競争", "公募", "不落")) and "随意" in text:
        return "proposal"
    if "競争" in text and "随意" not in text:
        return "competitive"
    if "随意" in text:
        return "negotiated"
    return "grant" if any(word in text for word in ("補助", "交付", "負担金", "出資", "拠出")) else "other"
