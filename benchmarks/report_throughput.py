"""How many reports a minute, beside what one would use instead? All in one run: same notebook, same inputs, one core.

    python benchmarks/report_throughput.py [--store DIR [--year 2024]] [--reports 12] [--own 48] [--flat 500] [--batch 200]

Ways: the ``papermill`` and ``jupyter nbconvert`` commands per report; ``papermill.execute_notebook`` and one nbconvert
exporter in a loop; this package's batch. Each way runs on one core (the others are taken away from it), is given the same
sheets, and must show the same cells' outputs. Seconds are printed as time on the clock and as time of the processor, children
included; the latter is what a busy machine distorts less. What a batch computes once for a whole store (``kept``) is there
before, for every way. ``--flat N`` then makes N reports with one worker and follows
its memory; ``--batch N`` makes N with two and projects a year of 5,000.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toolkit import kept, paths, store

NOTEBOOK = paths.notebooks() / "project_report.ipynb"
QUIET = ["--IPKernelApp.log_level=CRITICAL"]


def parameters(sheet: str, folder: str) -> dict[str, str]:
    return {"store": folder, "sheet_id": sheet} if folder else {"source": sheet}


# -- the ways; each makes one page per sheet into ``out``
def commands(sheets: list[str], folder: str, out: Path) -> None:
    for n, sheet in enumerate(sheets):
        told = [part for name, value in parameters(sheet, folder).items() for part in ("-p", name, value)]
        made = out / f"{n}.ipynb"
        run = [sys.executable, "-m", "papermill", str(NOTEBOOK), str(made), "-k", "python3", "--no-progress-bar", *told]
        subprocess.run(run, check=True, capture_output=True)
        subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", str(made)], check=True, capture_output=True)


def loop(sheets: list[str], folder: str, out: Path) -> None:
    code = """
import json, sys
from pathlib import Path
import papermill
from nbconvert import HTMLExporter
exporter, (notebook, out, jobs) = HTMLExporter(), json.loads(sys.argv[1])
for n, told in enumerate(jobs):
    made = papermill.execute_notebook(notebook, f"{out}/{n}.ipynb", told, kernel_name="python3", progress_bar=False, log_output=False)
    Path(out, f"{n}.html").write_text(exporter.from_notebook_node(made)[0])
"""
    jobs = [parameters(sheet, folder) for sheet in sheets]
    subprocess.run(
        [sys.executable, "-c", code, json.dumps([str(NOTEBOOK), str(out), jobs])], check=True, capture_output=True
    )


def ours(sheets: list[str], folder: str, out: Path) -> None:
    code = "import json, sys; from toolkit.reports import report; sheets, options = json.loads(sys.argv[1]); print(report(sheets, **options))"
    options = {"store": folder or None, "output": str(out), "jobs": 1}
    said = subprocess.run(
        [sys.executable, "-c", code, json.dumps([sheets, options])], check=True, capture_output=True, text=True
    ).stdout
    assert "failed" not in said, said


def measured(
    way: Callable[[list[str], str, Path], None], sheets: list[str], folder: str
) -> tuple[float, float, list[Any]]:
    """Seconds of clock and of processor per report, and what the cells showed."""
    with tempfile.TemporaryDirectory() as scratch:
        before, start = processor(), time.perf_counter()
        way(sheets, folder, Path(scratch))
        clock, used = time.perf_counter() - start, processor() - before
        shown = sorted(shown_in(path) for path in Path(scratch).rglob("*.ipynb"))
    return clock / len(sheets), used / len(sheets), shown


def shown_in(notebook: Path) -> str:
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    return json.dumps([[out.get("data") for out in cell["outputs"] if "data" in out] for cell in cells])


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# -- memory and the whole year
def memory(count: int, sheets: list[str], folder: str) -> None:
    """One worker, many reports: its own memory and that of its warmed process, in MB of what they share with nobody."""
    from toolkit.kernels import process
    from toolkit.reports import report

    each = max(20, count // 10)
    some = sheets[:: max(1, len(sheets) // each)][:each]  # the same ones: the list of reports must not grow
    with tempfile.TemporaryDirectory() as out:
        for done in range(0, count, len(some)):
            report(some, store=folder or None, output=out, again=True)
            server = process._current[1].process.pid  # type: ignore[index, union-attr]
            print(
                f"  {done + len(some):5d} reports: worker {private(os.getpid()):6.1f} MB, warmed process {private(server):6.1f} MB",
                flush=True,
            )


def private(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def batch(count: int, sheets: list[str], folder: str) -> None:
    from toolkit.reports import report

    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        made = report(sheets[:: max(1, len(sheets) // count)][:count], store=folder, output=out, jobs=2)
        seconds = time.perf_counter() - start
    rate = seconds / max(1, len(made.written))
    print(
        f"{made}\n{len(made.written)} reports with 2 workers: {seconds:.0f} s, {60 / rate:.0f} a minute; a year of 5,000: {5000 * rate / 60:.0f} minutes"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--store", default="", help="folder of a store; without one the sample sheet is used over and over"
    )
    parser.add_argument("--year", type=int, default=0, help="review year of the sheets, default the newest one")
    parser.add_argument("--reports", type=int, default=12)
    parser.add_argument(
        "--own", type=int, default=0, help="reports of this package's batch, default four times as many"
    )
    parser.add_argument("--flat", type=int, default=0, metavar="N")
    parser.add_argument("--batch", type=int, default=0, metavar="N")
    options = parser.parse_args()
    folder = str(Path(options.store).absolute()) if options.store else ""
    if folder:
        years = store.load(folder, tables=["sheets"])["sheets"]["review_year"]
        sheets = store.load(folder, tables=["sheets"], review_years=options.year or int(years.max())).sheet_ids
        kept.keep(folder)
    else:
        sheets = [str(paths.sample() / "2023-文科-22-0241.txt")]
    if options.reports:
        compare(sheets, folder, options.reports, options.own or 4 * options.reports)
    if options.flat:
        memory(options.flat, sheets, folder)
    if options.batch and folder:
        batch(options.batch, sheets, folder)


def compare(sheets: list[str], folder: str, count: int, own: int) -> None:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    few = [sheets[n * len(sheets) // count % len(sheets)] for n in range(count)]
    found = {}
    rest = [sheet for sheet in sheets if sheet not in few]
    many = few if not folder else [*few, *rest[:: max(1, len(rest) // max(1, own - count))][: own - count]]
    for way, some in (
        (commands, few[: max(3, count // 4)]),
        (loop, few),
        (ours, many),
    ):  # a batch is long; its start counts
        if way is ours and not folder:  # one file, as many times: each in a batch of its own is not how one works
            some = copies(few)
        clock, used, shown = measured(way, some, folder)
        found[way.__name__] = (clock, used, shown)
        print(
            f"{way.__name__:10s} {len(some):4d} reports: {clock:6.2f} s each, {used:6.2f} s of the processor, {60 / used:6.1f} a minute and core",
            flush=True,
        )
    os.sched_setaffinity(0, cores)
    for other in ("loop", "commands"):
        print(
            f"ours beside {other}: {found[other][0] / found['ours'][0]:.1f} times by the clock, {found[other][1] / found['ours'][1]:.1f} by the processor"
        )
    used = found["ours"][1]
    print(
        f"a year of 5,000 on two cores that do nothing else, by the processor's time: {5000 * used / 2 / 60:.0f} minutes"
    )
    if folder:
        print(f"same outputs as the loop's: {set(found['loop'][2]) <= set(found['ours'][2])}")


def copies(files: list[str]) -> list[str]:
    """The same sheet under as many names, so that a batch has as many inputs."""
    folder = Path(tempfile.mkdtemp())
    made = []
    for n, file in enumerate(files):
        made.append(str(folder / f"{n}-{Path(file).name}"))
        Path(made[-1]).write_bytes(Path(file).read_bytes())
    return made


if __name__ == "__main__":
    main()
