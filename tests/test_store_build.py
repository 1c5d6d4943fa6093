"""Building again and again: what changed is taken in, a kill at any moment costs nothing, and no two builds meet."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import toolkit
from toolkit.cli import main
from toolkit.errors import NotFoundError, StoreError
from toolkit.store import builder
from toolkit.store.lock import locked
from toolkit.store.manifest import read_manifest
from toolkit.store.raw import raw_files

WPI = "2023-文科-22-0241"


@pytest.fixture(scope="module")
def records(root: Path) -> dict[int, list[str]]:
    """The sample's JUDGIT! records by review year, one JSON a line, WPI's first."""
    lines = (root / "data" / "raw" / "sample" / "judgit-2020-2023.ndjson").read_text(encoding="utf-8").splitlines()
    lines.sort(key=lambda line: "世界トップレベル研究拠点プログラム" not in json.loads(line)["事業名"])
    return {year: [line for line in lines if json.loads(line)["公開年度"] == year] for year in (2022, 2023)}


@pytest.fixture
def raw(tmp_path: Path, records: dict[int, list[str]]) -> Path:
    """Two years of JUDGIT!, three sheets each, in sub-folders, and one of them again with another amount."""
    folder = tmp_path / "raw"
    for year, lines in records.items():
        (folder / "judgit" / str(year)).mkdir(parents=True)
        (folder / "judgit" / str(year) / "all.ndjson").write_text("\n".join(lines[:3]), encoding="utf-8")
    corrected = json.loads(records[2023][0])
    (year,) = (one for one in corrected["予算"] if one["年度"] == 2022)
    year["執行額"] += 7
    (folder / "later.ndjson").write_text(json.dumps(corrected), encoding="utf-8")
    return folder


def everything(store: Path) -> toolkit.Dataset:
    return toolkit.load(store, editions="all")


def assert_same_as_built_anew(raw: Path, store: Path) -> None:
    """All editions of all tables, and no file too many or too few."""
    anew = store.with_name(f"{store.name}-anew")
    toolkit.build(raw, anew, jobs=1)
    for name, table in everything(anew).items():
        assert everything(store)[name].equals(table), name
    files = {path.relative_to(store).as_posix() for path in store.rglob("*.parquet")}
    assert files == read_manifest(store).parts() == read_manifest(anew).parts()
    assert [path for path in store.rglob("*") if path.suffix == ".tmp" or path.name == ".under-way.json"] == []
    shutil.rmtree(anew)


def test_new_changed_and_removed_files_are_taken_in(raw: Path, tmp_path: Path, records: dict[int, list[str]]) -> None:
    store = tmp_path / "store"
    first = toolkit.build(raw, store, jobs=1)
    assert (len(first.read), first.kept, first.rows["sheets"]) == (3, (), 6)
    assert toolkit.load(store, sheet_ids=WPI).sheet()["source_file"] == "raw/later.ndjson"

    again = toolkit.build(raw, store, jobs=1)
    assert (again.read, len(again.kept), again.rows) == ((), 3, first.rows)

    (raw / "judgit" / "2022" / "all.ndjson").write_text("\n".join(records[2022][:2]), encoding="utf-8")
    (raw / "later.ndjson").unlink()
    (raw / "new.ndjson").write_text(records[2023][3], encoding="utf-8")
    changed = toolkit.build(raw, store, jobs=1)
    assert (len(changed.read), len(changed.kept), changed.removed) == (2, 1, ("raw/later.ndjson",))
    assert len(toolkit.load(store, review_years=2022).sheets) == 2
    assert len(toolkit.load(store, review_years=2023).sheets) == 4
    assert toolkit.load(store, sheet_ids=WPI).sheet()["source_file"] == "raw/judgit/2023/all.ndjson"
    assert_same_as_built_anew(raw, store)


def test_sources_that_disagree_are_both_there_and_a_finding_says_where(raw: Path, tmp_path: Path) -> None:
    """The later file says that 7 million yen more were executed in fiscal year 2022."""
    store = tmp_path / "store"
    toolkit.build(raw, store, jobs=1)
    every = everything(store).select([WPI, f"{WPI}@judgit-2023"])
    executed = every.budgets.query("fiscal_year == 2022").set_index("sheet_id")["executed_jpy"]
    assert executed[WPI] - executed[f"{WPI}@judgit-2023"] == 7_000_000
    findings = toolkit.load(store, sheet_ids=WPI).findings
    (finding,) = findings[findings["rule"] == "editions_disagree"].to_dict("records")
    assert finding["key"] == "fiscal_year=2022, column=executed_jpy, edition=judgit-2023"
    assert (finding["severity"], finding["difference"]) == ("warning", -7_000_000)
    assert toolkit.check(toolkit.load(store, sheet_ids=WPI))["rule"].ne("editions_disagree").all()


def test_any_number_of_sources_of_one_sheet_keep_apart(
    raw: Path, tmp_path: Path, records: dict[int, list[str]]
) -> None:
    """Four records of one number; the one that goes last names another project."""
    for number in (1, 2):
        record = json.loads(records[2023][0]) | {
            "事業名": "別の事業" if number == 1 else "世界トップレベル研究拠点プログラム"
        }
        record["予算"][0]["執行額"] += number
        (raw / f"a{number}.ndjson").write_text(json.dumps(record), encoding="utf-8")
    toolkit.build(raw, tmp_path / "store", jobs=1)
    every = toolkit.load(tmp_path / "store", sheet_ids=WPI, editions="all").sheets.set_index("sheet_id")
    assert every["source_file"].to_dict() == {
        WPI: "raw/later.ndjson",
        f"{WPI}@judgit-2023": "raw/judgit/2023/all.ndjson",
        f"{WPI}@judgit-2023#2": "raw/a2.ndjson",
        f"{WPI}@judgit-2023#3": "raw/a1.ndjson",
    }
    findings = toolkit.load(tmp_path / "store", sheet_ids=WPI).findings.set_index("rule")
    assert findings.loc[["editions_differ_in_name"], "key"].tolist() == ["edition=judgit-2023#3"]
    assert (
        len(findings.loc[["editions_disagree"]]) == 5
    )  # three differ from the later file's amount, two by one of their own


def test_a_file_touched_but_not_changed_is_not_read_again(raw: Path, tmp_path: Path) -> None:
    toolkit.build(raw, tmp_path / "store", jobs=1)
    for path in raw.rglob("*.*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert toolkit.build(raw, tmp_path / "store", jobs=1).read == ()


def test_other_rules_judge_again_without_reading_and_another_reader_reads_again(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolkit.build(raw, tmp_path / "store", jobs=1)
    before = read_manifest(tmp_path / "store").parts()
    monkeypatch.setattr(builder, "rules_version", lambda: "other rules")
    assert toolkit.build(raw, tmp_path / "store", jobs=1).read == ()
    assert not before & {part for part in read_manifest(tmp_path / "store").parts() if not part.startswith("sources")}
    monkeypatch.setattr(builder, "readers_version", lambda: "other readers")
    assert len(toolkit.build(raw, tmp_path / "store", jobs=1).read) == 3


def test_what_cannot_be_read_is_named_with_its_reason_and_stops_nothing(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (raw / "page.pdf").write_text("<html><body>404 Not Found</body></html>")
    (raw / "empty.xlsx").write_bytes(b"")
    (raw / "broken.ndjson.gz").write_bytes(b"\x1f\x8b\x08\x00 cut short")
    (raw / "notes.md").write_text("notes are no data")
    shutil.copy(raw / "judgit" / "2022" / "all.ndjson", raw / "copy.ndjson")
    assert main(["build", "--raw", str(raw), "--processed", str(tmp_path / "store"), "--jobs", "2"]) == 1
    said = capsys.readouterr().out
    assert "3 read" not in said
    assert "6 read, 0 unchanged, 0 removed, 3 refused" in said
    assert "refused: raw/page.pdf, line 1: expected a review sheet, found a web page (HTML)." in said
    assert "refused: raw/empty.xlsx, whole file: expected a review sheet, found nothing." in said
    assert "refused: raw/broken.ndjson.gz, whole file" in said
    assert "the same content twice: raw/judgit/2022/all.ndjson = raw/copy.ndjson" in said
    assert str(tmp_path) not in said
    status = toolkit.connect(tmp_path / "store").execute("SELECT status, count(*) FROM sources GROUP BY 1").fetchall()
    assert dict(status) == {"read": 3, "refused": 3, "duplicate": 1}
    assert len(toolkit.load(tmp_path / "store").sheets) == 6
    again = toolkit.build(raw, tmp_path / "store", jobs=1)
    assert (again.read, len(again.refused)) == ((), 3)  # refused once, refused again without being read


def test_folders_that_are_links_are_followed_but_not_in_circles(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    shutil.move(raw / "later.ndjson", tmp_path / "shared")
    (raw / "link").symlink_to(tmp_path / "shared")
    (raw / "circle").symlink_to(raw)
    names = [file.name for file in raw_files(raw, {})]
    assert names == ["judgit/2022/all.ndjson", "judgit/2023/all.ndjson", "link/later.ndjson"]


def test_nothing_raw_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such folder"):
        toolkit.build(tmp_path / "none", tmp_path / "store")
    (tmp_path / "raw").mkdir()
    assert "no sheet at all" in str(toolkit.build(tmp_path / "raw", tmp_path / "store"))
    assert toolkit.load(tmp_path / "store").sheets.empty


_KILLED = """
import os, signal, sys
from pathlib import Path
from toolkit.store import builder

builder._SHEETS_AT_ONCE = 1
moment, raw, store = sys.argv[1:]
replace, calls = Path.replace, 0

def counted(self, target):
    global calls
    calls += 1
    last = Path(target).name == "manifest.json"
    if moment == str(calls) or (moment == "before the manifest" and last):
        os.kill(os.getpid(), signal.SIGKILL)
    replace(self, target)
    if moment == "after the manifest" and last:
        os.kill(os.getpid(), signal.SIGKILL)

Path.replace = counted
builder.build(raw, store, jobs=1)
"""


def test_a_build_killed_at_any_moment_is_completed_by_the_next(
    raw: Path, tmp_path: Path, records: dict[int, list[str]]
) -> None:
    """Killed while it writes a table, between two commits, before and after the manifest; over an older store each time."""
    older = tmp_path / "older"
    toolkit.build(raw, older, jobs=1)
    before = everything(older)
    sheets = before.sheets["sheet_id"].tolist()
    (raw / "judgit" / "2022" / "all.ndjson").write_text("\n".join(records[2022][1:5]), encoding="utf-8")
    (raw / "judgit" / "2023" / "more.ndjson").write_text("\n".join(records[2023][3:5]), encoding="utf-8")
    moments = ["1", "12", "before the manifest", "after the manifest"]
    running = []
    for moment in moments:
        store = tmp_path / moment
        shutil.copytree(older, store)
        command = [sys.executable, "-c", _KILLED, moment, str(raw), str(store)]
        running.append((store, subprocess.Popen(command, stderr=subprocess.PIPE)))
    for store, process in running:
        _, said = process.communicate()
        assert process.returncode == -signal.SIGKILL, said.decode()
        if store.name != "after the manifest":
            assert everything(store).sheets["sheet_id"].tolist() == sheets  # as it was before
    expected = everything_after(raw, tmp_path / "anew")
    for store, _ in running:
        read = toolkit.build(raw, store, jobs=1).read
        assert (read == ()) is ("manifest" in store.name)  # what was written is not read again
        for name, table in expected.items():
            assert everything(store)[name].equals(table), (store.name, name)
        files = {path.relative_to(store).as_posix() for path in store.rglob("*.parquet")}
        assert files == read_manifest(store).parts(), store.name
        assert list(store.rglob("*.tmp")) == []


def everything_after(raw: Path, store: Path) -> toolkit.Dataset:
    toolkit.build(raw, store, jobs=1)
    return everything(store)


def test_two_builds_at_once_are_refused(raw: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with locked(store), pytest.raises(StoreError, match="another build is under way"):
        toolkit.build(raw, store)
    toolkit.build(raw, store, jobs=1)


def test_one_year_of_a_table_can_be_read_by_itself(raw: Path, tmp_path: Path) -> None:
    """Any program that knows parquet folders gets the preferred editions, and nothing twice."""
    store = tmp_path / "store"
    toolkit.build(raw, store, jobs=1)
    alone = pd.read_parquet(store / "budgets" / "review_year=2023", dtype_backend="numpy_nullable")
    budgets = toolkit.load(store, review_years=2023).budgets
    assert alone["executed_jpy"].tolist() == budgets["executed_jpy"].tolist()
    assert alone["sheet_ministry"].is_monotonic_increasing


def test_a_script_without_a_main_guard_may_build(raw: Path, tmp_path: Path) -> None:
    """Worker processes must not run the caller's script again."""
    script = tmp_path / "script.py"
    script.write_text(
        f"import toolkit\nprint(toolkit.build({str(raw)!r}, {str(tmp_path / 'store')!r}, jobs=2).rows['sheets'])\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("6\n", "")


def test_files_of_the_rs_system_belong_together_wherever_they_lie(root: Path, tmp_path: Path) -> None:
    files = sorted((root / "data" / "raw" / "sample" / "rs_2024").iterdir())
    for number, file in enumerate(files):
        place = tmp_path / "raw" / "rs" / ("spending" if number % 2 else "rest")
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    summary = toolkit.build(tmp_path / "raw", tmp_path / "store", jobs=1)
    assert summary.read == ("raw/rs",)
    spread, together = toolkit.load(tmp_path / "store"), toolkit.read(files[0].parent)
    assert summary.rows["contracts"] == len(together.contracts)
    assert spread.contracts["amount_jpy"].sum() == together.contracts["amount_jpy"].sum()


def test_two_issues_of_the_rs_system_are_two_editions(root: Path, tmp_path: Path) -> None:
    """The later issue (by its folder's name, since CSV files have no date) has one project with another executed amount."""
    sample = root / "data" / "raw" / "sample" / "rs_2024"
    for folder in ("rs_2025-02", "rs_2025-09"):
        for kind in ("1-1", "1-2", "2-1"):
            (tmp_path / "raw" / folder).mkdir(parents=True, exist_ok=True)
            shutil.copy(next(sample.glob(f"{kind}_*")), tmp_path / "raw" / folder)
    (budget,) = (tmp_path / "raw" / "rs_2025-09").glob("2-1_*")
    first = toolkit.read(budget.parent)
    whole = first.budgets.query("account.isna() and fiscal_year == 2023").dropna(subset="executed_jpy")
    sheet, executed = whole[["sheet_id", "executed_jpy"]].iloc[0]
    text = budget.read_text(encoding="utf-8")
    assert text.count(f",{executed},") >= 1
    budget.write_text(text.replace(f",{executed},", f",{executed + 1},"), encoding="utf-8")
    summary = toolkit.build(tmp_path / "raw", tmp_path / "store", jobs=1)
    assert summary.read == ("raw/rs_2025-02", "raw/rs_2025-09")
    budgets = (
        everything(tmp_path / "store").budgets.query("account.isna() and fiscal_year == 2023").set_index("sheet_id")
    )
    assert budgets.loc[sheet, "executed_jpy"] == executed + 1
    assert budgets.loc[f"{sheet}@rs-2024", "executed_jpy"] == executed


@pytest.mark.parametrize(("year", "name"), [(2020, "database2020-400.xlsx"), (2023, "database2023-400.xlsx")])
def test_a_sheet_has_one_id_in_the_database_and_in_judgit(shared_data: Path, year: int, name: str) -> None:
    """Ids put together here from the raw records: 事業番号 in parts from 2021 on, before that with year and ministry."""
    ids = set()
    with gzip.open(shared_data / "judgit" / f"judgit-{year}.ndjson.gz", "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            number = "-".join(str(record[key]) for key in (f"事業番号{n}" for n in range(1, 6)) if record.get(key))
            ids.add(number if year > 2020 else f"{year}-{record['府省庁']}-{number}")
    database = toolkit.read(shared_data / "database" / name).sheet_ids
    assert len(database) == 400
    assert set(database) <= ids
