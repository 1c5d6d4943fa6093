"""Reports as a reader meets them: whole, safe, self-contained, the same on every run, and a batch that goes on."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from toolkit import Dataset, build, check, load, read
from toolkit.errors import NotFoundError, ReportError, UsageError
from toolkit.reports import Batch, report, write_index
from toolkit.reports import display as show
from toolkit.reports.page import to_html
from toolkit.reports.references import finding_refs, short_refs

SHEET = "2023-文科-22-0241"
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)"> & $x$ **b** [l](javascript:alert(3)) </td></table>'


class Page(HTMLParser):
    """What a browser would load, where links go, and what is hidden."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.code: list[bool] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given["href"] or ""] if tag == "a" else []
        self.loads += [
            value or ""
            for name, value in attrs
            if name in ("src", "srcset", "data", "poster") or (name == "href" and tag != "a")
        ]
        if given.get("class") == "code":
            self.code.append("hidden" in given)


@pytest.fixture(scope="session")
def batch(sample_text: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Batch]:
    """One run over the sample, a file that is no sheet, and one that is not there."""
    folder = tmp_path_factory.mktemp("reports")
    other = folder / "not-a-sheet.txt"
    other.write_text("買い物の覚え書き\n牛乳\n", encoding="utf-8")
    return folder / "out", report([sample_text, other, folder / "absent.pdf"], language="ja", output=folder / "out")


@pytest.fixture(scope="session")
def page(batch: tuple[Path, Batch]) -> str:
    return (batch[0] / f"{SHEET}.html").read_text(encoding="utf-8")


def test_the_report_is_named_after_the_sheet_and_keeps_its_notebook(batch: tuple[Path, Batch]) -> None:
    folder, made = batch
    assert [path.name for path in made.written] == [f"{SHEET}.html"]
    kept = json.loads((folder / "notebooks" / f"{SHEET}.ipynb").read_text(encoding="utf-8"))
    assert all(cell["execution_count"] for cell in kept["cells"] if cell["cell_type"] == "code")
    assert not list(folder.rglob("*.tmp"))


def test_a_broken_file_fails_alone_and_is_named(batch: tuple[Path, Batch]) -> None:
    folder, made = batch
    assert set(made.failures) == {"not-a-sheet.txt", "absent.pdf"}
    broken = made.failures["not-a-sheet.txt"]
    assert isinstance(broken, ReportError)
    assert re.search(r"not-a-sheet\.txt: project_report\.ipynb, cell \[\d+\]: UnknownFormError", str(broken))
    assert isinstance(made.failures["absent.pdf"], NotFoundError)
    assert (folder / "notebooks" / "not-a-sheet.txt.failed.ipynb").is_file()
    assert str(made) == "1 of 3 reports written; failed: not-a-sheet.txt, absent.pdf"


def test_the_page_loads_nothing_and_links_only_to_what_is_there(page: str) -> None:
    found = Page(page)
    assert [load for load in found.loads if not load.startswith(("#", "data:"))] == []
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", page.partition("</style>")[0])
    for link in found.links:
        assert link.startswith("http") or link == "index.html" or link.lstrip("#") in found.ids
    assert len(found.ids) == len(set(found.ids))
    assert page.count("default-src 'none'") == 1


def test_the_table_of_contents_leads_to_every_section(page: str) -> None:
    contents = re.search(r"<nav .*?</nav>", page, re.DOTALL).group()
    anchors = re.findall(r'href="#([^"]+)"', contents)
    assert anchors == re.findall(r'<h2 id="([^"]+)">[^<]+</h2>', page)
    assert {
        "project",
        "key-figures",
        "budget",
        "uses",
        "recipients",
        "indicators",
        "purpose",
        "reviews",
        "findings",
        "unread",
        "sources",
    } == set(anchors)


def test_no_code_is_in_sight(page: str) -> None:
    code = Page(page).code
    assert len(code) > 10
    assert all(code)


def test_the_page_says_what_the_sheet_says(page: str) -> None:
    """Figures of the sample typed from the sheet: 6,370 and 5,335 million yen in FY2022, 760 for the largest recipient."""
    text = re.sub(r"<[^>]+>", " ", page)
    for stated in ("63.7億円", "53.35億円", "83.8%", "100.0%", "7,160", "高エネルギー加速器研究機構", "4050005005267"):
        assert stated in text
    assert re.search(r"<code>[0-9a-f]{64}</code>", page)  # SHA-256 of the source
    assert re.search(r"\d頁 [\d, -]+行", page)  # page and line
    assert "事業内容の一部改善" in text


def test_every_figure_has_a_title_and_a_description(page: str) -> None:
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) >= 7
    for figure in figures:
        assert len(re.search(r"<figcaption>(.*?)</figcaption>", figure, re.DOTALL).group(1)) > 10
        picture = re.search(r"<svg [^>]*>", figure).group()
        assert 'role="img"' in picture
        assert re.search(r'aria-label="[^"]{20,}"', picture)


def test_nothing_of_this_machine_or_moment_is_in_the_page(page: str, root: Path) -> None:
    assert str(root) not in page
    assert str(Path.home()) not in page
    assert "/tmp/" not in page
    assert not re.search(r"20\d\d-\d\d-\d\dT\d\d:\d\d", page)
    assert len(page.encode()) < 1_500_000


def test_the_same_input_gives_the_same_bytes(
    batch: tuple[Path, Batch], page: str, sample_text: Path, tmp_path: Path
) -> None:
    again = report(sample_text, language="ja", output=tmp_path)
    assert again.written[0].read_text(encoding="utf-8") == page
    for name in ("index.html", f"{SHEET}.json"):
        assert (tmp_path / name).read_bytes() == (batch[0] / name).read_bytes()


def test_the_english_report_from_a_store_is_in_english(tmp_path: Path) -> None:
    """A store of tables instead of a file; the text of the sheet is hostile and must come out as text."""
    row = {"sheet_id": "2023-府-新23-0001", "certainty": "stated"}
    data = Dataset({
        "sheets": [{**row, "review_year": 2023, "name": HOSTILE, "ministry": HOSTILE, "purpose": HOSTILE}],
        "budgets": [{**row, "fiscal_year": 2024, "requested_jpy": 50_000_000, "stage": "requested"}],
        "recipients": [{**row, "block": "A", "rank": 1, "name": HOSTILE, "amount_jpy": 1_000_000}],
        "evaluations": [{**row, "section": "team", "line": 1, "verdict": HOSTILE, "text": HOSTILE}],
        "residue": [{**row, "line": 1, "text": HOSTILE, "reason": "not placed"}],
    })  # fmt: skip
    data.write(tmp_path / "store")
    made = report(
        [row["sheet_id"], "2023-府-新23-9999"], store=tmp_path / "store", language="en", output=tmp_path / "out"
    )
    assert list(made.failures) == ["2023-府-新23-9999"]
    assert "NotFoundError: no sheet '2023-府-新23-9999'" in str(made.failures["2023-府-新23-9999"])
    page = (tmp_path / "out" / "2023-府-新23-0001.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert ">Budget and execution</h2>" in page
    assert "No year has an executed amount" in page
    assert "<script>alert" not in page
    assert "onerror=" not in re.sub(r"&lt;.*?&gt;", "", page)
    assert Page(page).tags.count("script") == 1
    assert "img" not in Page(page).tags
    assert not any(link.startswith("javascript") for link in Page(page).links)
    assert str(tmp_path) not in page


def test_an_unknown_parameter_is_an_error_that_names_the_known_ones(sample_text: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="no parameter 'langage'; its parameters are source, store, sheet_id, language"
    ):
        report(sample_text, output=tmp_path, parameters={"langage": "en"})
    with pytest.raises(UsageError, match="'store' is set for every report; use --store"):
        report(sample_text, output=tmp_path, parameters={"store": "data"})
    with pytest.raises(UsageError, match="languages are ja, en"):
        report(sample_text, output=tmp_path, language="fr")
    with pytest.raises(UsageError, match="at least one"):
        report([], output=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("notebook", "known"),
    [
        ("project_report", "source, store, sheet_id, language"),
        ("03_ministry_portfolio", "ministry, review_year, store, language"),
    ],
)
def test_plain_papermill_with_an_unknown_parameter_is_an_error_too(
    notebook: str, known: str, root: Path, tmp_path: Path
) -> None:
    import papermill

    with pytest.raises(papermill.PapermillExecutionError) as failed:
        papermill.execute_notebook(
            str(root / "notebooks" / f"{notebook}.ipynb"), str(tmp_path / "out.ipynb"), {"sorce": "x.pdf"}, kernel_name="python3",
            cwd=str(root), progress_bar=False, log_output=False,
        )  # fmt: skip
    assert failed.value.ename == "UsageError"
    assert failed.value.evalue == f"this notebook has no parameter 'sorce'; its parameters are {known}"


def test_the_index_lists_earlier_reports_too(batch: tuple[Path, Batch], tmp_path: Path) -> None:
    folder, _ = batch
    for name in (f"{SHEET}.json", f"{SHEET}.html"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    earlier = {
        "sheet_id": "2021-外務-20-0143",
        "name": "<b>以前の事業",
        "ministry": "外務省",
        "review_year": 2021,
        "budget_jpy": None,
        "findings": {"error": 2},
    }
    (tmp_path / "2021-外務-20-0143.json").write_text(json.dumps(earlier), encoding="utf-8")
    (tmp_path / "2021-外務-20-0143.html").write_text("<p>", encoding="utf-8")
    (tmp_path / "2020-no-page.json").write_text(json.dumps({"sheet_id": "2020-no-page"}), encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "broken.html").write_text("<p>", encoding="utf-8")
    index = write_index(tmp_path, language="en").read_text(encoding="utf-8")
    held = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', index, re.DOTALL).group(1))
    found = {row["sheet_id"]: row for row in (dict(zip(held["columns"], cells, strict=True)) for cells in held["rows"])}
    assert list(found) == ["2021-外務-20-0143", SHEET]
    assert found[SHEET]["ministry"] == "文部科学省"
    assert found[SHEET]["budget_jpy"] == 6_370_000_000  # FY2022, the last closed year
    assert [2022, 6_370_000_000, 5_335_000_000] in found[SHEET]["years"]
    assert found[SHEET]["team"] == "事業内容の一部改善"
    assert found["2021-外務-20-0143"]["name"] == "<b>以前の事業"
    assert found["2021-外務-20-0143"]["error"] == 2
    assert "<b>以前" not in index  # data cannot become markup
    assert Page(index).loads == []
    assert '<html lang="en">' in index


def test_a_sheet_of_a_file_with_many_must_be_named(tmp_path: Path) -> None:
    rows = [{"sheet_id": f"2023-府-22-000{n}", "review_year": 2023, "certainty": "stated"} for n in (1, 2)]
    Dataset({"sheets": rows}).write(tmp_path)
    with pytest.raises(UsageError, match="holds 2 sheets; name one as sheet_id: 2023-府-22-0001"):
        show.open_sheet(store=str(tmp_path))
    assert show.open_sheet(store=str(tmp_path), sheet_id="2023-府-22-0002").sheet_ids == ["2023-府-22-0002"]


@pytest.mark.parametrize(("refs", "ja", "en"), [
    ("page 1 line 91; page 1 line 99", "1頁 91, 99行", "p. 1: 91, 99"),
    ("page 2 lines 3-9; page 4", "2頁 3-9行、4頁", "p. 2: 3-9; p. 4"),
    ("Sheet1!B7", "Sheet1!B7", "Sheet1!B7"),
    ("Sheet1!R26; Sheet1!R27; Sheet1!R36", "Sheet1!R26:R36", "Sheet1!R26:R36"),
    ("2-1 row 8; 2-1 row 10; 2-1 row 9", "2-1 8-10行", "2-1 row 8-10"),
    ("page 1 (210, 389, 274, 403); page 1 (210, 403, 300, 417)", "1頁 (210, 389, 300, 417)", "p. 1 (210, 389, 300, 417)"),
    ("line 7 予算 1; line 7 予算 2", "line 7 予算 1、line 7 予算 2", "line 7 予算 1; line 7 予算 2"),
])  # fmt: skip
def test_places_are_shown_short(refs: str, ja: str, en: str) -> None:
    assert short_refs(refs, "ja") == ja
    assert short_refs(refs, "en") == en


def test_a_recipient_of_several_contracts_is_listed_once() -> None:
    """Its amount is that of all its contracts: shown twice it would be added twice."""
    one = {"sheet_id": "2023-府-22-0001", "certainty": "stated", "block": "A", "rank": 1}
    sheet = Dataset(
        {
            "sheets": [{"sheet_id": "2023-府-22-0001", "certainty": "stated", "review_year": 2023}],
            "blocks": [{"sheet_id": "2023-府-22-0001", "certainty": "stated", "block": "A"}],
            "recipients": [{**one, "name": "さいたま市", "amount_jpy": 1_767_764_000}],
            "contracts": [
                {**one, "line": 1, "work": "支援交付金", "amount_jpy": 1_742_726_000, "bidders": 3},
                {**one, "line": 2, "work": "整備交付金", "amount_jpy": 25_038_000},
            ],
        }
    )
    shown = show.recipient_table(sheet, "ja").html
    assert shown.count("1,767.764") == 1
    assert "(1) 支援交付金<br>(2) 整備交付金" in shown
    assert "契約ごとの額（百万円）" in shown
    assert "(1) 1,742.726<br>(2) 25.038" in shown
    assert "(1) 3<br>(2) –" in shown


def test_lines_of_the_source_can_be_quoted(sample_text: Path) -> None:
    lines = sample_text.read_text(encoding="utf-8").splitlines()
    quoted = show.source_lines(str(sample_text), "page 1 line 7; page 1 lines 9-10")
    assert quoted["text"].tolist() == [lines[6], lines[8], lines[9]]
    with pytest.raises(UsageError, match="not a line of a text"):
        show.source_lines(str(sample_text), "Sheet1!B7")


def test_findings_of_a_built_store_are_shown_in_the_language_of_the_report(tmp_path: Path, root: Path) -> None:
    """The store's findings are in English; its rules are run again for their words, and nothing is lost or added.

    One sheet has a second source that executed 7 million yen more: only a comparison of the two tells.
    """
    raw = tmp_path / "raw"
    raw.mkdir()
    lines = (root / "data" / "raw" / "sample" / "judgit-2020-2023.ndjson").read_text(encoding="utf-8").splitlines()
    (raw / "judgit.ndjson").write_text("\n".join(lines), encoding="utf-8")
    record = next(
        one for line in lines if (one := json.loads(line))["公開年度"] == 2022 and "世界トップ" in one["事業名"]
    )
    next(year for year in record["予算"] if year["年度"] == 2021)["執行額"] += 7
    (raw / "later.ndjson").write_text(json.dumps(record), encoding="utf-8")
    build(raw, tmp_path / "store", jobs=1)
    stored = load(tmp_path / "store")
    most = stored.findings["sheet_id"].value_counts().index[0]
    none = next(sheet for sheet in stored.sheet_ids if sheet not in set(stored.findings["sheet_id"]))
    for sheet_id in (most, "2022-文科-21-0216"):
        told = {
            language: show.open_sheet(store=str(tmp_path / "store"), sheet_id=sheet_id, language=language).findings
            for language in ("ja", "en")
        }
        assert len(told["en"]) > 0
        assert told["en"].equals(stored.select(sheet_id).findings)
        assert told["ja"].drop(columns="message").equals(told["en"].drop(columns="message"))
        assert told["ja"]["message"].str.contains("[ぁ-んァ-ヶ一-龠]").all()
    assert "2021年度 執行額：judgit-2022では" in "".join(told["ja"]["message"])
    assert show.open_sheet(store=str(tmp_path / "store"), sheet_id=none).is_checked


def test_a_finding_about_a_part_that_is_missing_has_no_place_in_the_source(sample_text: Path) -> None:
    whole = read(sample_text)
    data = Dataset({name: whole[name] for name in whole if name not in ("budgets", "findings")})
    data = data.with_findings(check(data))
    found = data.findings.set_index("rule")
    assert found.loc["missing_part", "key"] == "part=budget"
    places = dict(zip(data.findings["rule"], finding_refs(data), strict=True))
    assert places["missing_part"] == ""
    assert "the sheet has no budget" in show.findings(data, "en").html


@pytest.mark.parametrize(("language", "said", "unsaid"), [
    ("ja", ["府省の事業", "使えた額と執行した額。", "見えないものがある。", "review-sheets report FILE"], ["Projects of a ministry", "What there was", "Some things"]),
    ("en", ["Projects of a ministry", "What there was (歳出予算現額).", "Some things cannot be seen.", "review-sheets report FILE"], ["府省の事業", "使えた額", "見えない"]),
])  # fmt: skip
def test_a_bilingual_notebook_becomes_a_page_in_one_language(language: str, said: list[str], unsaid: list[str]) -> None:
    notebook = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_markdown_cell("# 府省の事業 / Projects of a ministry\n\n```\nreview-sheets report FILE\n```"),
        nbformat.v4.new_markdown_cell("## 規模 / Size\n使えた額と執行した額。 / What there was (歳出予算現額)."),
        nbformat.v4.new_markdown_cell("## 限界 / Limits\n見えないものがある。\nSome things cannot be seen."),
        nbformat.v4.new_markdown_cell("Only in English."),
    ])  # fmt: skip
    page = to_html(notebook, language=language)
    assert all(words in page for words in [*said, "Only in English."])
    assert not any(words in page for words in unsaid)
    titles = {"ja": ["規模", "限界"], "en": ["Size", "Limits"]}[language]
    assert re.findall(r'<li><a href="#part-\d">([^<]+)</a></li>', page) == titles
    assert re.findall(r'<h2 id="part-\d">([^<]+)</h2>', page) == titles
    assert f"<title>{said[0]}</title>" in page
