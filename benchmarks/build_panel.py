"""How long does the panel take, and how much memory? Every figure in one run, each action in a process of its own.

    python benchmarks/build_panel.py DATA [--runs 3]

DATA holds rs_system/2024/*.zip, judgit/*.gz and database/database2022.xlsx. The yardstick for the RS System is a bare import
of the same zips into DuckDB: unpacked, every column as text, nothing understood. Times are the best of the runs, since other
work on the machine only adds to them; CPU seconds hardly notice it. Memory is the peak of the largest process.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

#: the most seconds and megabytes that each may take
BARS = {
    "RS 2024": (10, 1500), "JUDGIT! four years": (20, None), "database 2022": (15, 500),
    "second build, nothing changed": (2, None), "load of one project's history": (0.2, None),
    "load of the whole panel": (None, None), "links of all sheets": (None, 1500),
}  # fmt: skip
HISTORY = ["2020-文部科学省-0201", "2021-文科-20-0218", "2022-文科-21-0216", "2023-文科-22-0241", "RS2024-1641"]


# -- what is measured; each runs in a fresh process and prints its seconds
def duckdb_import(raw: Path, work: Path) -> None:
    import duckdb

    database = duckdb.connect(str(work / "bare.duckdb"))
    for package in sorted(raw.glob("*.zip")):
        with zipfile.ZipFile(package) as opened:
            (name,) = (one for one in opened.namelist() if one.endswith(".csv"))
            table = opened.extract(name, work)
        database.execute(f"CREATE TABLE \"{Path(name).stem}\" AS FROM read_csv('{table}', all_varchar = true)")
    database.close()


def build(raw: Path, work: Path) -> None:
    import toolkit

    assert not toolkit.build(raw, work / "store").refused


def history(raw: Path, work: Path) -> None:
    import toolkit

    for table in toolkit.load(work / "store", sheet_ids=HISTORY).values():
        len(table)


def panel(raw: Path, work: Path) -> None:
    import toolkit

    for table in toolkit.load(work / "store").values():
        len(table)


def project(raw: Path, work: Path) -> None:
    import toolkit

    assert len(toolkit.load(work / "store", project=HISTORY[-1]).history(HISTORY[0]))


def lineage(raw: Path, work: Path) -> None:
    import toolkit
    from toolkit.lineage import links

    assert len(links(toolkit.load(work / "store", tables=["sheets", "budgets", "related"])))


ACTIONS = {action.__name__: action for action in (duckdb_import, build, history, project, lineage, panel)}


def act(name: str, raw: Path, work: Path) -> None:
    import toolkit.store  # noqa: F401  the time of the imports is not the panel's

    if name in ("history", "project", "panel"):
        ACTIONS[name](raw, work)  # caches of the libraries
    used, start = cpu_seconds(), time.perf_counter()
    ACTIONS[name](raw, work)
    seconds = time.perf_counter() - start
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps([seconds, cpu_seconds() - used, max(peaks)]))


def cpu_seconds() -> float:
    """Of this process and of those it started and has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


# -- the measuring
def measure(name: str, raw: Path, runs: int, work: Path | None = None) -> list[float]:
    """Best seconds, best CPU seconds and highest peak in MB of an action; in a new folder each time, unless ``work`` is given."""
    results = []
    for _ in range(runs):
        folder = work or Path(tempfile.mkdtemp(prefix="panel-"))
        command = [sys.executable, __file__, str(raw), "--action", name, "--work", str(folder)]
        results.append(json.loads(subprocess.check_output(command, text=True).splitlines()[-1]))
        if not work:
            shutil.rmtree(folder)
    seconds, used, peaks = zip(*results, strict=True)
    return [min(seconds), min(used), max(peaks)]


def show(what: str, result: list[float]) -> None:
    seconds, used, peak = result
    limit, memory = BARS.get(what, (None, None))
    bars = ", ".join(f"{bar:g} {unit}" for bar, unit in ((limit, "s"), (memory, "MB")) if bar)
    print(
        f"{what:34s} {seconds:7.2f} s {used:7.2f} s of CPU {peak:6.0f} MB" + (f"   (bar: {bars})" if bars else ""),
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--action", choices=ACTIONS)
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    if options.action:
        act(options.action, options.data, options.work)
        return
    with tempfile.TemporaryDirectory(prefix="panel-") as place:
        everything = Path(place, "raw")
        parts = {"rs": "rs_system/2024/*.zip", "judgit": "judgit/*.gz", "database": "database/database2022.xlsx"}
        for name, pattern in parts.items():
            (everything / name).mkdir(parents=True)
            for file in options.data.resolve().glob(pattern):
                (everything / name / file.name).symlink_to(file)
        bare = measure("duckdb_import", everything / "rs", options.runs)
        ours = measure("build", everything / "rs", options.runs)
        show("RS 2024", ours)
        show("bare import into DuckDB as text", bare)
        print(f"{'':34s} {ours[0] / bare[0]:7.2f}   {ours[1] / bare[1]:7.2f} times as much   (bar: 2)")
        show("JUDGIT! four years", measure("build", everything / "judgit", options.runs))
        show("database 2022", measure("build", everything / "database", options.runs))
        work = Path(place, "work")
        show("everything together", measure("build", everything, 1, work))
        show("second build, nothing changed", measure("build", everything, options.runs, work))
        show("load of one project's history", measure("history", everything, options.runs, work))
        show("a project found, loaded, its series", measure("project", everything, options.runs, work))
        show("links of all sheets", measure("lineage", everything, options.runs, work))
        show("load of the whole panel", measure("panel", everything, options.runs, work))


if __name__ == "__main__":
    main()
