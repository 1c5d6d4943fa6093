"""How far the targets were reached: the latest achievement of every indicator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.dataset import remembered
from toolkit.metrics import achievement
from toolkit.plain import records
from toolkit.plots.rows import Row, draw_rows, fit
from toolkit.plots.style import BLUE, RUST, describe, either, nothing
from toolkit.wording import format_rate, format_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.dataset import Dataset

__all__ = ["indicator_name", "latest_achievement", "level_name", "plot_achievement"]

_LEVELS = {
    "activity": ("アクティビティ", "Activity"),
    "output": ("アウトプット", "Output"),
    "outcome": ("アウトカム", "Outcome"),
    "policy": ("測定指標", "Policy indicator"),
    "short": ("短期アウトカム", "Short-term outcome"),
    "mid": ("中期アウトカム", "Mid-term outcome"),
    "long": ("長期アウトカム", "Long-term outcome"),
}


def level_name(indicator: Any, language: str) -> str:
    """Level of an indicator in words: アウトプット, 長期アウトカム …; an outcome without a horizon is アウトカム."""
    horizon, level = indicator["horizon"], indicator["level"]
    key = horizon if pd.notna(horizon) else level
    return either(language, *_LEVELS[key]) if pd.notna(key) else ""


@remembered
def latest_achievement(dataset: Dataset) -> pd.DataFrame:
    """The row of ``metrics.achievement`` of the last closed year of every indicator, in the sheet's order.

    ``rate`` is the printed achievement, else the computed ratio; rows without either are left out. A year is closed
    before the review year: what stands in the row of actual values from then on is a forecast (活動見込).
    """
    order = {row["indicator_id"]: n for n, row in enumerate(dataset.rows("indicators"))}
    review_year = dataset.sheet()["review_year"]
    latest: dict[str, tuple[int, int, float]] = {}
    years = achievement(dataset)
    for at, row in enumerate(records(years)):
        year, rate = row["fiscal_year"], row["ratio"] if row["printed"] is None else row["printed"]
        if rate is None or row["is_final_year"] or year is None or year >= review_year:
            continue
        known = latest.get(row["indicator_id"])
        if known is None or known[0] <= year:
            latest[row["indicator_id"]] = (year, at, rate)
    chosen = sorted(latest.items(), key=lambda item: order.get(item[0], len(order)))
    found = years.iloc[[at for _, (_, at, _) in chosen]].reset_index(drop=True)
    return found.assign(rate=pd.array([rate for _, (_, _, rate) in chosen], dtype="Float64"))


def plot_achievement(dataset: Dataset, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Bars of the latest achievement per indicator against the line at 100 %; bars beyond 200 % are cut open.

    ``dataset`` of one sheet. An outline stands for values the source does not settle. Returns the Axes.
    """
    latest = latest_achievement(dataset)
    if latest.empty:
        return nothing(
            either(
                language,
                "目標と実績がそろった指標がまだない。",
                "No indicator has both a target and an actual value yet.",
            ),
            ax,
        )
    known = {row["indicator_id"]: row for row in dataset.rows("indicators")}
    rows = []
    for row in records(latest):
        about = known[row["indicator_id"]]
        label = f"{format_rate(row['rate'], language)}\u3000{format_year(row['fiscal_year'], language)}"
        outline = frozenset() if row["is_settled"] else frozenset({0})
        color = BLUE if row["rate"] >= 1 else RUST
        rows.append(
            Row(
                indicator_name(about),
                level_name(about, language),
                (float(row["rate"]),),
                (label,),
                (color,),
                outline,
            )
        )
    rows = fit(rows, language)
    longest = min(2.0, max(1.05, float(latest["rate"].max())))
    ax = draw_rows(rows, ax=ax, longest=longest, mark=(1.0, either(language, "目標 100%", "target 100%")))
    lead = either(
        language,
        "達成度の横棒グラフ（100%は目標どおり）",
        "Horizontal bars of the achievement (100% is the target)",
    )
    body = "; ".join(" ".join([row.text, *row.labels]) for row in rows)
    return describe(ax, _reached(latest, language), f"{lead}. {body}")


def indicator_name(about: Any) -> str:
    """The indicator as printed, else its goal, else its id."""
    return next((str(about[k]) for k in ("indicator", "goal", "indicator_id") if k in about and pd.notna(about[k])), "")


def _reached(latest: pd.DataFrame, language: str) -> str:
    """How many indicators met their target, of those whose values the source settles."""
    settled = latest[latest["is_settled"] & latest["is_met"].notna()]
    reached, count, open_ = int(settled["is_met"].sum()), len(settled), len(latest) - len(settled)
    if not count:
        return either(
            language,
            f"目標と実績がそろう{open_}指標は、値が原文から確定できない",
            f"{open_} indicators have target and actual, but the source does not settle them",
        )
    more = (
        either(language, f"（ほかに値が未確定の{open_}指標）", f" ({open_} more are not settled by the source)")
        if open_
        else ""
    )
    if language == "ja":
        return f"目標と実績がそろう{count}指標のうち、最新の年度で目標に達したのは{reached}指標{more}"
    return f"{reached} of {count} indicator{'s' if count > 1 else ''} with target and actual reached the target in the latest year{more}"
