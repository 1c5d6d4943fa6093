"""Batches of reports: what fails fails alone, nothing is done twice, nothing is ever half there, and runs are alike."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import nbformat
import pytest

from toolkit.dataset import Dataset
from toolkit.errors import NotFoundError, ReportError, StoreError, UsageError
from toolkit.reports import Batch, report
from toolkit.store.lock import locked

#: a notebook that does what its input says, and shows it
CELLS = [
    'source = ""  # file\nstore = ""  # folder\nsheet_id = ""  # one\nlanguage = "ja"  # or en',
    "from pathlib import Path\nfrom toolkit.reports.fragments import Fragment\n"
    "name = sheet_id or Path(source).stem\ntext = '' if sheet_id else Path(source).read_text()",
    "exec(text)",
    "Fragment(f'<h1>{name}</h1><p>{text}</p>', name, {'sheet_id': name, 'name': name, 'review_year': 2023})",
]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    cells = [nbformat.v4.new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(CELLS)]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "small.ipynb")
    return tmp_path / "small.ipynb"


def inputs(folder: Path, **texts: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return [folder / f"{name}.txt" for name in texts]


def names(pages: tuple[Path, ...]) -> list[str]:
    return [page.stem for page in pages]


def test_what_fails_fails_alone_and_leaves_notebook_error_and_cell(template: Path, tmp_path: Path) -> None:
    files = inputs(
        tmp_path / "in", good="x = 1", wrong="1 / 0", hangs="import time; time.sleep(99)",
        dies="import os; os._exit(3)", last="import sys; assert 'x' not in globals()",
    )  # fmt: skip
    out = tmp_path / "out"
    made = report([*files, tmp_path / "absent"], output=out, notebook=template, jobs=2, timeout=10)
    assert names(made.written) == ["good", "last"]
    errors = {Path(name).stem: error for name, error in made.failures.items()}
    assert list(errors) == ["wrong", "hangs", "dies", "absent"]
    assert str(errors["wrong"]).endswith("small.ipynb, cell [4]: ZeroDivisionError: division by zero")
    assert str(errors["hangs"]).endswith("small.ipynb, cell [4]: still running after 10 seconds")
    assert str(errors["dies"]).endswith("small.ipynb, cell [4]: the kernel died (exit code 3)")
    assert isinstance(errors["absent"], NotFoundError)
    assert isinstance(errors["dies"], ReportError)
    assert str(made) == "2 of 6 reports written; failed: wrong.txt, hangs.txt, dies.txt, absent"
    for name, ename in {"wrong": "ZeroDivisionError", "hangs": "TimeoutError", "dies": "DeadKernelError"}.items():
        cells = nbformat.read(out / "notebooks" / f"{name}.txt.failed.ipynb", 4).cells
        assert [output["ename"] for output in cells[3].outputs] == [ename]
        assert cells[4].outputs == []
    index = (out / "index.html").read_text(encoding="utf-8")
    assert "good" in index
    assert "hangs" not in index

    (tmp_path / "in" / "wrong.txt").write_text("right = 1")  # corrected: only what is missing is made
    made = report([files[0], files[1], files[4]], output=out, notebook=template)
    assert names(made.written) == ["wrong"]
    assert names(made.unchanged) == ["good", "last"]
    assert not (out / "notebooks" / "wrong.txt.failed.ipynb").exists()


def test_only_what_is_missing_or_out_of_date_is_made_again(template: Path, tmp_path: Path) -> None:
    files, out = inputs(tmp_path / "in", a="1", b="2", c="3"), tmp_path / "out"

    def again(**options: object) -> str:
        return " ".join(names(report(files, output=out, notebook=template, **options).written))  # type: ignore[arg-type]

    assert again() == "a b c"
    assert again() == ""
    files[1].write_text("22")
    assert again() == "b"
    (out / "c.html").unlink()
    assert again() == "c"
    with (out / "a.html").open("a") as page:
        page.write("touched")
    assert again() == "a"
    with (out / "manifest.jsonl").open("a") as manifest:
        manifest.write('{"input": "half a li')  # of a batch that was killed
    assert again() == ""
    assert again(language="en") == "a b c"
    book = nbformat.read(template, 4)
    book.cells[1].source += "\n"
    nbformat.write(book, template)
    assert again(language="en") == "a b c"
    assert again(language="en", again=True) == "a b c"


def test_two_inputs_of_one_sheet_stay_settled(template: Path, tmp_path: Path) -> None:
    files = [*inputs(tmp_path / "one", same="1"), *inputs(tmp_path / "two", same="2")]

    def again() -> Batch:
        return report(files, output=tmp_path / "out", notebook=template)

    assert names(again().written) == ["same"]
    made = again()
    assert (names(made.written), names(made.unchanged)) == ([], ["same"])
    files[0].write_text("11")
    assert names(again().written) == ["same"]
    assert "<p>2</p>" in (tmp_path / "out" / "same.html").read_text(encoding="utf-8")


def test_two_runs_give_the_same_bytes_in_every_file(template: Path, tmp_path: Path) -> None:
    files = inputs(tmp_path / "in", a="print(1)", b="import matplotlib.pyplot as plt; plt.plot([1])")
    trees = []
    for name, jobs in (("one", 1), ("two", 2)):
        report(files, output=tmp_path / name, notebook=template, jobs=jobs)
        trees.append(
            {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        )
    assert {str(path) for path in trees[0]} >= {"a.html", "b.html", "index.html", "manifest.jsonl", "notebooks/b.ipynb"}
    assert trees[0] == trees[1]
    assert b"papermill" not in trees[0][Path("notebooks/b.ipynb")]


def test_a_store_is_reported_by_year_ministry_and_sheet(template: Path, tmp_path: Path) -> None:
    rows = [("2022-A-1", 2022, "文部科学省"), ("2023-A-1", 2023, "文部科学省"), ("2023-B-1", 2023, "外務省")]
    Dataset(
        {"sheets": [{"sheet_id": i, "review_year": y, "ministry": m, "certainty": "stated"} for i, y, m in rows]}
    ).write(tmp_path / "store")

    def chosen(*ids: str, **options: object) -> list[str]:
        made = report(ids, store=tmp_path / "store", output=tmp_path / "out", notebook=template, again=True, **options)  # type: ignore[arg-type]
        return names(made.written)

    assert chosen() == ["2022-A-1", "2023-A-1", "2023-B-1"]
    assert chosen(review_years=2023, ministries="文部科学省") == ["2023-A-1"]
    assert chosen("2023-B-1") == ["2023-B-1"]
    with pytest.raises(NotFoundError):
        chosen(ministries="財務省")
    with pytest.raises(UsageError, match="choose from a store"):
        report(["x"], review_years=2023, output=tmp_path / "out", notebook=template)


def test_two_batches_do_not_write_into_one_folder(template: Path, tmp_path: Path) -> None:
    with locked(tmp_path / "out"), pytest.raises(StoreError, match="another batch is under way"):
        report(inputs(tmp_path / "in", a="1"), output=tmp_path / "out", notebook=template)


# -- killed in the middle
def left_running(mark: str) -> list[int]:
    """Processes with ``mark`` in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (
                mark.encode() in (process / "environ").read_bytes()
                and "Z" not in (process / "stat").read_text().split()[2]
            ):
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
@pytest.mark.parametrize(("how", "jobs"), [(signal.SIGKILL, 2), (signal.SIGINT, 2), (signal.SIGINT, 1)])
def test_a_batch_that_is_stopped_leaves_whole_files_and_no_process(
    how: int, jobs: int, template: Path, tmp_path: Path
) -> None:
    files = inputs(tmp_path / "in", **{f"n{n:02}": "import time; time.sleep(0.2)" for n in range(12)})
    out, mark = tmp_path / "out", uuid.uuid4().hex
    code = f"import sys, toolkit.reports as r; r.report(sys.argv[3:], output=sys.argv[1], notebook=sys.argv[2], jobs={jobs})"
    batch = subprocess.Popen(
        [sys.executable, "-c", code, str(out), str(template), *map(str, files)],
        env={**os.environ, "MARK": mark}, start_new_session=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    end = time.monotonic() + 60
    while len(list(out.glob("n*.html"))) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(batch.pid, how) if how == signal.SIGKILL else os.killpg(batch.pid, how)
    _, said = batch.communicate(timeout=30)
    assert batch.returncode != 0
    if how == signal.SIGINT:
        assert said.rstrip().endswith(b"KeyboardInterrupt")
        assert b"Process " not in said  # its workers say nothing
        assert (out / "index.html").is_file()
    while left_running(mark) and time.monotonic() < end:
        time.sleep(0.05)
    assert left_running(mark) == []
    pages = list(out.glob("n*.html"))
    assert 2 <= len(pages) < 12
    for page in pages:
        assert page.read_text(encoding="utf-8").rstrip().endswith("</html>")
        assert json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))["sheet_id"] == page.stem
        assert nbformat.read(out / "notebooks" / f"{page.stem}.ipynb", 4).cells
    if how == signal.SIGKILL:
        made = report(files, output=out, notebook=template, jobs=2)
        assert len(made.unchanged) >= 1
        assert len(made.written) + len(made.unchanged) == 12
        assert list(out.rglob(".*.tmp")) == []
