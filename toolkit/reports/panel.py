"""What the notebooks over many sheets show: the panel they look at, its tables, and where it comes from."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

import pandas as pd

from toolkit import paths
from toolkit.checks import tally
from toolkit.dataset import Dataset
from toolkit.errors import StoreError
from toolkit.plots.style import either
from toolkit.reports.fragments import Fragment, note, prose, table
from toolkit.reports.parameters import refuse_unknown
from toolkit.reports.words import word
from toolkit.store import build, load
from toolkit.tables import SHEET_TABLES
from toolkit.wording import format_rate, official

__all__ = [
    "about",
    "certainty_table",
    "link_table",
    "open_store",
    "outlier_table",
    "payment_table",
    "rule_table",
    "slip_table",
    "source_table",
]

_PATIENCE = 120  # half seconds: another notebook may be building the sample


def open_store(
    store: str = "sample",
    *,
    project: str | None = None,
    ministries: str | None = None,
    review_years: int | None = None,
    tables: Iterable[str] | None = None,
) -> Dataset:
    """The panel in the folder ``store`` (from the project root), or a part of it; see ``toolkit.load``.

    "sample" stands for the committed sample, which is built first, into ``data/processed/sample``.
    """
    refuse_unknown()
    if store != "sample":
        return load(store, project=project, ministries=ministries, review_years=review_years, tables=tables)
    folder = paths.data_processed() / "sample"
    for attempt in range(_PATIENCE):
        try:
            build(paths.sample(), folder)
            break
        except StoreError:
            if attempt == _PATIENCE - 1:
                raise
            time.sleep(0.5)
    return load(folder, project=project, ministries=ministries, review_years=review_years, tables=tables)


def about(data: Dataset, language: str) -> Fragment:
    """How many sheets of which ministries, review years and forms are looked at."""
    sheets = data["sheets"]
    years = (
        f"{sheets['review_year'].min()}–{sheets['review_year'].max()}"
        if sheets["review_year"].nunique() > 1
        else str(sheets["review_year"].iloc[0])
    )
    ministries = sheets["ministry"].dropna().unique()
    named = [official(ministry, language) for ministry in ministries]
    whose = (
        either(language, "、".join(named), "; ".join(named))
        if len(named) < 4
        else either(language, f"{len(named)}府省", f"{len(named)} ministries")
    )
    forms = ", ".join(sorted(sheets["form"].dropna().unique()))
    return prose(
        [
            either(
                language,
                f"{whose}、{years.replace('–', '～')}年度のレビューシート{len(sheets):,}枚（様式: {forms}）を見る。",
                f"Looking at {len(sheets):,} review sheets of {whose}, review year {years} (forms: {forms}).",
            )
        ],
        language,
    )


def outlier_table(projects: pd.DataFrame, language: str, *, most: int = 20) -> Fragment:
    """The first rows of ``portfolio.outliers``: project, size, and why it stands out."""
    if projects.empty:
        return note(either(language, "目立つ事業はない。", "No project stands out."))
    rows = projects.head(most).reset_index()
    title = either(
        language,
        f"目立つ{len(projects)}事業（上位{len(rows)}）",
        f"{len(projects)} projects stand out (the first {len(rows)})",
    )
    labels = {"reasons": either(language, "理由", "Why"), "name": either(language, "事業名", "Project")}
    return table(
        rows,
        ["sheet_id", "name", "current_jpy", "executed_jpy", "reasons"],
        language,
        of="budgets",
        title=title,
        labels=labels,
    )


def payment_table(payments: pd.DataFrame, language: str, *, most: int = 20) -> Fragment:
    """The largest payments to one recipient, with share and route; suspected slips of unit are left out and named."""
    rows = payments[~payments["is_slip"]].sort_values("amount_jpy", ascending=False, kind="stable").head(most)
    routes = {"direct": ("直接", "direct"), "passed on": ("再委託等", "passed on"), "unknown": ("不明", "unknown")}
    rows = rows.assign(
        route=rows["route"].map(lambda route: routes[route][language != "ja"]),
        share=rows["share"].map(lambda share: format_rate(share, language), na_action="ignore"),
    )
    labels = {
        "fiscal_year": either(language, "年度", "Year"), "project": either(language, "事業名", "Project"), "route": either(language, "経路", "Way"),
        "share": either(language, "ブロックに占める割合", "Share of block"), "work": either(language, "業務概要", "Work"),
        "method": either(language, "契約方式等", "Method"), "bidders": either(language, "入札者数", "Bidders"), "award_rate": either(language, "落札率", "Award rate"),
    }  # fmt: skip
    columns = [
        "fiscal_year",
        "project",
        "block",
        "amount_jpy",
        "share",
        "route",
        "work",
        "method",
        "bidders",
        "award_rate",
        "sheet_id",
    ]
    title = either(language, f"大きい順に{len(rows)}件", f"The {len(rows)} largest payments")
    shown = table(rows, columns, language, of="recipients", title=title, labels=labels)
    slips = payments[payments["is_slip"]]
    if slips.empty:
        return shown
    where = either(language, "、", ", ").join(slips["sheet_id"].unique())
    left = (
        f"単位の誤りが疑われる{len(slips)}件（{where}）を除いた。",
        f"Left out: {len(slips)} amounts suspected to be in another unit ({where}).",
    )
    return shown + note(either(language, *left))


def rule_table(counts: pd.DataFrame, language: str) -> Fragment:
    """Every rule with what it found and how much it compared."""
    rows = tally(counts, language=language)
    rows["holds"] = rows["holds"].map(lambda share: format_rate(share, language, digits=2), na_action="ignore")
    labels = {
        "description": either(language, "規則", "Rule"), "checked": either(language, "比べた数", "Compared"), "holds": either(language, "成り立つ割合", "Holds"),
        **{name: word(name, language) for name in ("error", "warning", "info")},
    }  # fmt: skip
    title = either(language, "規則ごとの結果", "Results by rule")
    return table(
        rows,
        ["description", "checked", "holds", "error", "warning", "info"],
        language,
        of="residue",
        title=title,
        labels=labels,
    )


def slip_table(findings: pd.DataFrame, language: str) -> Fragment:
    """Amounts suspected to be in another unit, each with what it would be."""
    rows = findings[findings["rule"] == "unit_slip"]
    title = either(
        language, f"単位の誤りが疑われる支出先{len(rows)}件", f"{len(rows)} payments suspected to be in another unit"
    )
    empty = either(language, "単位の誤りが疑われる支出先はない。", "No payment is suspected to be in another unit.")
    return table(rows, ["sheet_id", "message"], language, of="findings", title=title, empty=empty)


def certainty_table(data: Dataset, language: str) -> Fragment:
    """Per source form, how many rows of its tables are stated, solved by arithmetic, or unsettled."""
    forms = data["sheets"].set_index("sheet_id")["form"]
    counted = pd.concat(
        [
            data[name].groupby([data[name]["sheet_id"].map(forms), "certainty"]).size()
            for name in SHEET_TABLES
            if len(data[name])
        ]
    )
    rows = counted.groupby(level=[0, 1]).sum().unstack(fill_value=0).rename_axis("form").reset_index()
    rows = rows.reindex(columns=["form", "stated", "solved", "unsettled"], fill_value=0)
    rows["share"] = [
        format_rate(part, language, digits=2)
        for part in rows["unsettled"] / rows[["stated", "solved", "unsettled"]].sum(axis=1)
    ]
    labels: Mapping[str, str] = {
        "form": either(language, "様式", "Form"), "share": either(language, "未確定の割合", "Unsettled share"),
        **{name: word(name, language) for name in ("stated", "solved", "unsettled")},
    }  # fmt: skip
    title = either(language, "様式ごとの行の確度", "How sure the rows of each form are")
    columns = ["form", "stated", "solved", "unsettled", "share"]
    return table(rows, columns, language, of="residue", title=title, labels=labels)


def link_table(data: Dataset, language: str) -> Fragment:
    """Which sheet continues which, with the form each was read from, and why."""
    forms = data["sheets"].set_index("sheet_id")["form"]
    rows = data["links"].assign(form=data["links"]["sheet_id"].map(forms))
    labels = {"form": either(language, "様式", "Form")}
    columns = ["sheet_id", "form", "previous_sheet_id", "relation", "method", "score", "certainty", "evidence"]
    return table(rows, columns, language, of="links", labels=labels)


def source_table(data: Dataset, language: str) -> Fragment:
    """The files that the sheets come from, with their hashes."""
    sheets = data["sheets"]
    rows = sheets.groupby(["source_file", "form", "source_sha256"], dropna=False).size().rename("sheets").reset_index()
    labels = {
        "source_file": either(language, "ファイル", "File"), "form": either(language, "様式", "Form"), "sheets": either(language, "シート数", "Sheets"), "source_sha256": "SHA-256",
    }  # fmt: skip
    return table(rows, list(labels), language, of="residue", title=either(language, "出典", "Sources"), labels=labels)
