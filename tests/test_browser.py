"""Reports and their list in a real browser: what a reader sees, can reach, print, and cannot be harmed by."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from toolkit import Dataset
from toolkit.reports import report, write_index

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the browser tests need playwright (pip install '.[dev]')"
)
axe = pytest.importorskip("axe_core_python.sync_playwright", reason="the browser tests need axe-core-python")

HOSTILE = (
    "<script>window.injected=1</script><img src=x onerror='window.injected=2'></svg></table></script> & **太字** "
    "[鎖](javascript:window.injected=3) $\\frac{a}{b}$ {{7*7}} <a href='https://example.org'>x</a> <!-- ]]> -->"
)
LONG = "アクセシブルなICT機器等の総合的な開発普及推進事業及び情報アクセシビリティ支援ナビ（Act-navi）の大規模機能強化に関する連携推進協議会東日本支部準備室（International Collaboration）"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MILLION = 1_000_000


def made_sheets() -> Dataset:
    """A project whose every text is hostile or very long, with 30 indicators and 40 blocks seven deep, and three neighbours."""
    one = {"sheet_id": "2023-府-22-0001", "certainty": "stated"}
    letters = [chr(65 + n) if n < 26 else "A" + chr(65 + n - 26) for n in range(40)]
    tables: dict[str, list[dict[str, Any]]] = {
        "sheets": [{**one, "name": HOSTILE, "bureau": HOSTILE, "purpose": HOSTILE, "overview": LONG, "legal_basis": HOSTILE}],
        "budgets": [{**one, "fiscal_year": year, "initial_jpy": 900 * MILLION, "current_jpy": 1_000 * MILLION, "executed_jpy": (year - 2010) * 60 * MILLION,
                     "stage": "closed", "note": HOSTILE} for year in (2020, 2021, 2022)],
        "budget_lines": [{**one, "fiscal_year": 2023, "line": n, "kind": "initial", "kou": HOSTILE, "moku": LONG, "amount_jpy": n * MILLION} for n in (1, 2, 3)],
        "indicators": [{**one, "indicator_id": f"i{n}", "level": "output", "indicator": (HOSTILE, LONG)[n % 2], "unit": HOSTILE[:12]} for n in range(30)],
        "measurements": [{**one, "indicator_id": f"i{n}", "fiscal_year": year, "measure": measure, "value": 1e6 * n + year}
                         for n in range(30) for year in (2020, 2021, 2022) for measure in ("actual", "target")],
        "blocks": [{**one, "block": block, "name": (LONG, HOSTILE)[n % 2], "role": HOSTILE, "amount_jpy": (50 - n) * 10 * MILLION} for n, block in enumerate(letters)],
        "flows": [{**one, "from_block": letters[n - 1] if n % 8 else None, "to_block": block, "by": HOSTILE} for n, block in enumerate(letters)],
        "recipients": [{**one, "block": block, "rank": 1, "name": (HOSTILE, LONG)[n % 2], "amount_jpy": (50 - n) * MILLION, "name_kind": "organization",
                        "corporate_number": "5010005007398", "number_status": "valid"} for n, block in enumerate(letters)],
        "cost_items": [{**one, "block": "A", "line": n, "item": HOSTILE, "use": LONG, "amount_jpy": n * MILLION} for n in range(1, 6)],
        "evaluations": [{**one, "section": "team", "line": 1, "verdict": HOSTILE, "text": HOSTILE}],
        "policies": [{**one, "line": 1, "kind": "law", "name": HOSTILE, "url": "javascript:window.injected=4"}, {**one, "line": 2, "kind": "law", "name": "法", "url": "https://example.org/?q=<b>"}],
        "residue": [{**one, "line": 1, "text": HOSTILE, "reason": "not placed"}],
    }  # fmt: skip
    for n in (2, 3, 4):
        other = {"sheet_id": f"2023-府-22-000{n}", "certainty": "stated"}
        tables["sheets"].append({**other, "name": f"隣の事業{n}"})
        tables["budgets"].append(
            {
                **other,
                "fiscal_year": 2022,
                "current_jpy": n * 300 * MILLION,
                "executed_jpy": 250 * n * MILLION,
                "stage": "closed",
            }
        )
        tables["blocks"].append({**other, "block": "A", "amount_jpy": 9 * MILLION})
        tables["recipients"].append(
            {
                **other,
                "block": "A",
                "rank": 1,
                "name": LONG,
                "amount_jpy": 9 * MILLION,
                "corporate_number": "5010005007398",
                "number_status": "valid",
            }
        )
    for row in tables["sheets"]:
        row |= {"review_year": 2023, "ministry": "内閣府", "methods": "委託・請負"}
    return Dataset(tables)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two reports of a store, Japanese and English, and their lists."""
    root = tmp_path_factory.mktemp("browser")
    made_sheets().write(root / "store")
    for language in ("ja", "en"):
        made = report("2023-府-22-0001", store=root / "store", language=language, output=root / language)
        assert not made.failures
    return root


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list of 3,000 reports: number n has a budget of n million yen and a rate of n / 3000; every third has an error."""
    out = tmp_path_factory.mktemp("many")
    for n in range(1, 3001):
        about = {
            "sheet_id": f"2023-府-22-{n:04}", "name": HOSTILE if n == 7 else f"事業その{n}", "ministry": "内閣府" if n % 2 else "総務省", "review_year": 2023,
            "budget_year": 2022, "budget_jpy": n * MILLION, "execution_rate": n / 3000, "years": [[2021, n * MILLION, n * MILLION // 2], [2022, n * MILLION, None]],
            "team": "廃止" if n == 5 else "現状通り", "recipients": ["株式会社キラキラ"] if n == 9 else [], "findings": {"error": int(n % 3 == 0)},
        }  # fmt: skip
        (out / f"{n}.json").write_text(json.dumps(about), encoding="utf-8")
        (out / f"{n}.html").write_text("<!DOCTYPE html><title>事業</title><p>事業", encoding="utf-8")
    return write_index(out)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Any]:
    """Opens a file at a width; whatever the page complains of or asks for is kept in ``page.troubles``."""
    pages = []

    def opened(file: Path, width: int = 1280, height: int = 900) -> Any:
        page = chromium.new_page(viewport={"width": width, "height": height}, accept_downloads=False)
        page.troubles = []
        page.on(
            "console",
            lambda message: page.troubles.append(message.text) if message.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("request", lambda asked: page.troubles.append(asked.url) if asked.url != file.as_uri() else None)
        page.goto(file.as_uri())
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()


def until(page: Any, script: str) -> None:
    """Wait for what a script says; the page's own policy forbids Playwright's wait_for_function to evaluate text."""
    for _ in range(200):
        if page.evaluate(script):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never came true: {script}")


def a_report(folder: Path, language: str) -> Path:
    return folder / language / "2023-府-22-0001.html"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_text_of_a_sheet_stays_text(folder: Path, visit: Any, language: str) -> None:
    page = visit(a_report(folder, language))
    assert page.evaluate("window.injected") is None
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.locator("script").count() == 1
    assert page.locator("main img, main iframe, main object, main form").count() == 0
    links = page.eval_on_selector_all("main a", "links => links.map(link => link.getAttribute('href'))")
    assert "https://example.org/?q=" in links
    assert all(link.startswith(("https://example.org", "#")) for link in links)
    assert "<script>" in page.evaluate(
        "[...document.querySelectorAll('figure svg')].map(svg => svg.textContent).join('')"
    )
    assert page.troubles == []  # nothing but the file itself was asked for, nothing complained of


@pytest.mark.parametrize("width", [375, 768, 1280])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_sticks_out_of_a_report(folder: Path, visit: Any, language: str, width: int) -> None:
    page = visit(a_report(folder, language), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    out = page.evaluate(
        "() => [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, pre, .folding > *') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
    )
    assert out == []


@pytest.mark.parametrize(("language", "width"), [("ja", 1280), ("ja", 375), ("en", 375), ("ja", 320)])
def test_words_of_a_figure_stay_in_it_apart_and_readable(folder: Path, visit: Any, language: str, width: int) -> None:
    """As the browser sets them, in whatever font it has: no word leaves its figure, no two lie on each other.

    On a phone nothing has to be pushed sideways, and words are no smaller than small print.
    """
    page = visit(a_report(folder, language), width)
    found = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
            const frame = svg.parentElement.getBoundingClientRect();
            const words = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim()).map(t => [t.textContent, t.getBoundingClientRect()]);
            const out = words.filter(([, box]) => box.left < frame.left - 2 || box.right > frame.right + 2 || box.bottom > frame.bottom + 2).map(([text]) => 'outside: ' + text);
            const small = words.filter(([, box]) => Math.max(box.width, box.height) < 8).map(([text]) => 'small: ' + text);
            const on = words.flatMap(([a, x], n) => words.slice(n + 1).filter(([, y]) => Math.min(x.right, y.right) - Math.max(x.left, y.left) > 3
                && Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top) > 0.45 * Math.min(x.height, y.height)).map(([b]) => a + ' on ' + b));
            return [...out, ...small, ...on]; })"""
    )
    assert found == []
    size = page.evaluate(
        "() => Math.min(...[...document.querySelectorAll('figure svg')].map(svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width * 7.5))"
    )
    assert size >= 8  # pixels of the smallest words
    assert page.locator("figure .scroll").count() == 0


def test_the_contents_lead_to_every_section(folder: Path, visit: Any) -> None:
    page = visit(a_report(folder, "ja"))
    links = page.locator(".toc li a")
    assert links.count() >= 12
    for n in range(links.count()):
        links.nth(n).click()
        anchor = links.nth(n).get_attribute("href")
        until(
            page,
            f"(() => {{ const top = document.querySelector('{anchor}').getBoundingClientRect().top; return top > -5 && top < innerHeight }})()",
        )
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.locator(".toc details").get_attribute("open") is None  # folded away on a phone


def test_code_is_shown_on_demand(folder: Path, visit: Any) -> None:
    page = visit(a_report(folder, "en"))
    assert not page.locator(".code").first.is_visible()
    page.get_by_role("button", name="Show code").click()
    assert page.locator(".code").first.is_visible()
    assert page.get_by_role("button", name="Hide code").get_attribute("aria-pressed") == "true"


def test_a_long_table_unfolds_and_folds_again(folder: Path, visit: Any) -> None:
    """40 recipients: a page shows the first of them and says how many there are."""
    page = visit(a_report(folder, "en"), 375)
    table = page.locator(".tall", has=page.get_by_text("Recipients", exact=True))
    button = table.locator("xpath=following-sibling::button[1]")
    assert (button.inner_text(), button.get_attribute("aria-expanded")) == ("Show all 40 rows", "false")
    folded = table.evaluate("box => [box.clientHeight, box.scrollHeight]")
    assert folded[0] < 500 < folded[1]
    button.click()
    assert (button.inner_text(), button.get_attribute("aria-expanded")) == ("Show less", "true")
    assert table.evaluate("box => box.scrollHeight - box.clientHeight") <= 1
    button.click()
    assert table.evaluate("box => box.clientHeight") == folded[0]


@pytest.mark.parametrize("title", ["予算・執行（百万円）", "実績・目標"])
def test_on_a_phone_the_figures_of_all_years_stand_side_by_side(folder: Path, visit: Any, title: str) -> None:
    """The name of an item stands above its figures, and nothing has to be pushed sideways to read them."""
    page = visit(a_report(folder, "ja"), 375)
    found = page.locator("table.matrix", has=page.get_by_text(title, exact=True)).evaluate(
        """table => { const [name, first, last] = ['.group', 'td:not(.group)', 'td:last-child'].map(part => table.querySelector('tbody tr ' + part).getBoundingClientRect());
            return [name.bottom <= first.top + 1, Math.abs(first.top - last.top) < 1, last.right <= innerWidth]; }"""
    )
    assert found == [True, True, True]


def test_a_printed_report_is_whole(folder: Path, visit: Any) -> None:
    page = visit(a_report(folder, "ja"), 680)  # as wide as the text of an A4 page
    page.emulate_media(media="print")
    cut = page.evaluate(
        "() => [...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1).length"
    )
    assert cut == 0
    assert not page.locator(".toc").is_visible()
    printed = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    texts = [sheet.get_textpage().get_text_range() for sheet in printed]
    assert 10 <= len(texts) <= 40  # 30 indicators and 40 blocks
    assert all(len(text.strip()) > 20 for text in texts)  # no empty page
    whole = "".join("".join(texts).split())
    for said in ("主な数値", "予算と執行", "出典", "隣の事業2", "準備室（InternationalCollaboration）"):
        assert said in whole
    assert "コードを表示" not in whole
    assert {tuple(round(side) for side in sheet.get_size()) for sheet in printed} == {(595, 842)}


def test_no_serious_defect_of_access(folder: Path, many: Path, visit: Any) -> None:
    few = visit(many, 375)
    few.fill("#q", "その299")
    until(few, "document.querySelectorAll('tbody tr').length === 11")
    for page in (visit(a_report(folder, "ja")), visit(folder / "en" / "index.html"), few):
        found = axe.Axe().run(page, context={"exclude": [["svg > *"]]})[
            "violations"
        ]  # a picture is one thing: role=img
        grave = [
            (one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in ("serious", "critical")
        ]
        assert grave == []


# -- the list
def shown(page: Any) -> list[str]:
    return page.eval_on_selector_all("#reports tbody td.name a", "links => links.map(link => link.textContent)")


def count(page: Any) -> str:
    return page.locator("#count").inner_text()


def test_the_list_draws_thousands_in_slices(many: Path, visit: Any) -> None:
    page = visit(many)
    assert count(page).startswith("3,000件・予算の計 4.50兆円・執行率の中央値 50.0%")  # 3000 x 3001 / 2 million yen
    assert len(shown(page)) < 400
    assert shown(page)[6] == HOSTILE
    assert page.evaluate("window.injected") is None
    page.mouse.wheel(0, 100_000)
    until(page, "document.querySelectorAll('#reports tbody tr').length > 150")
    assert page.troubles == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_the_list_is_searched_filtered_and_sorted_by_keyboard(many: Path, visit: Any) -> None:
    page = visit(many)
    page.keyboard.press("/")
    page.keyboard.type("その２９９")  # full width finds half width
    until(page, "document.querySelector('#count').textContent.includes('件中')")
    assert count(page).startswith("3,000件中 11件")  # 299 and 2990 to 2999
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "事業その299"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "事業その2990"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "q"
    page.fill("#q", "")
    page.locator("#ministry").select_option("内閣府")
    page.locator("#findings").select_option("error")
    page.locator("#size-min").fill("29")  # 億円
    page.locator("#rate-max").fill("98")
    until(page, "document.querySelector('#count').textContent.includes('中 7件')")
    # odd multiples of three from 2,900 to 2,940
    assert shown(page) == [f"事業その{n}" for n in (2901, 2907, 2913, 2919, 2925, 2931, 2937)]
    head = page.locator("th[data-key=budget_jpy]")
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert shown(page)[0] == "事業その2937"
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "ascending"
    assert shown(page)[0] == "事業その2901"
    assert page.locator("[aria-sort]").count() == 1
    page.locator("td.name a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/2901.html")
    page.go_back()  # the selection is kept in the address
    assert shown(page)[0] == "事業その2901"
    assert "中 7件" in count(page)


def test_the_list_finds_by_recipient_and_compares_marked_ones(many: Path, visit: Any) -> None:
    page = visit(many)
    page.fill("#q", "キラキラ")
    until(page, "document.querySelector('#count').textContent.includes('中 1件')")
    assert "支出先：株式会社キラキラ" in page.locator("tbody tr").inner_text()
    page.locator("tbody input").check()
    page.fill("#q", "")
    page.locator("#team").select_option("廃止")
    until(page, "document.querySelector('tbody td.name a').textContent === '事業その5'")
    page.locator("tbody input").check()
    page.locator("#team").select_option("")
    page.locator("#picked").check()
    until(page, "document.querySelectorAll('tbody tr').length === 2")
    assert shown(page) == ["事業その5", "事業その9"]


def test_the_list_speaks_both_languages(many: Path, visit: Any) -> None:
    page = visit(many)
    page.fill("#size-max", "0.05")
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == "Review sheet reports"
    assert page.locator("#size-max").input_value() == "5"  # million yen
    assert count(page) == "5 of 3,000 reports, budgets sum to 15 million yen, median execution rate 0.1%"
    row = page.locator("tbody tr").nth(4).inner_text()
    assert "Cabinet Office" in row
    assert "abolish" in row.lower()
    assert (
        page.locator("tbody svg").first.get_attribute("aria-label")
        == "Current budget / spent (million yen): FY2021 1 / 1; FY2022 1 / –"
    )
    assert page.troubles == []


def test_the_list_prints_all_that_is_chosen(many: Path, visit: Any) -> None:
    page = visit(many)
    page.fill("#size-max", "2")
    until(page, "document.querySelector('#count').textContent.includes('中 200件')")
    printed = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    texts = ["".join(sheet.get_textpage().get_text_range().split()) for sheet in printed]
    assert "事業その200" in texts[-1]
    assert all("執行率" in text for text in texts)  # the head of the table is on every page
    assert "しぼり込み" not in "".join(texts)
    assert {tuple(round(side) for side in sheet.get_size()) for sheet in printed} == {(842, 595)}
