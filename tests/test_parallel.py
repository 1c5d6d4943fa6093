"""Fan-out: same results in one process and in many, in order; one bad item, or a dying process, spoils nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit.errors import ToolkitError, UnknownFormError, UsageError, WorkerError
from toolkit.parallel import run


def double(number: int) -> int:
    if number == 13:
        raise UnknownFormError("13", "whole file", "thirteen", "another number")
    return 2 * number


def die_on_seven(number: int) -> int:
    if number == 7:
        os._exit(1)  # as a killed or crashed worker would
    return number


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order_and_an_error_takes_its_items_place(jobs: int) -> None:
    results = list(run(double, range(20), jobs=jobs))
    assert [item for item, _ in results] == list(range(20))
    assert [result for _, result in results[:3]] == [0, 2, 4]
    assert isinstance(results[13][1], UnknownFormError)
    assert results[19][1] == 38


def test_a_process_that_dies_costs_only_its_own_item() -> None:
    results = dict(run(die_on_seven, range(12), jobs=2))
    assert isinstance(results.pop(7), WorkerError)
    assert results == {n: n for n in range(12) if n != 7}


def test_items_are_taken_only_as_fast_as_results_are() -> None:
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    results = run(double, items(), jobs=2)
    next(results)
    assert len(taken) <= 16
    results.close()


def test_no_jobs_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        list(run(double, [1], jobs=0))


def test_reading_many_files_goes_on_past_the_bad_one(tmp_path: Path, sample_text: Path) -> None:
    from toolkit import Dataset, read_many

    bad = tmp_path / "empty.txt"
    bad.write_bytes(b"")
    results = dict(read_many([sample_text, bad, sample_text.with_suffix(".xlsx")], jobs=2))
    assert [type(r) for r in results.values()][0::2] == [Dataset, Dataset]
    assert isinstance(results[str(bad)], ToolkitError)


class Cluster:
    """A Dask scheduler and two workers, each a process of its own, as on several machines."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder, self._environment = (
            folder,
            {**os.environ, "PYTHONPATH": str(root), "MALLOC_TRIM_THRESHOLD_": "65536"},
        )
        self._contact = folder / "scheduler.json"
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.workers = [self._start("dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in range(2)]

    def _start(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--scheduler-file", str(self._contact), *options]
        return subprocess.Popen(command, cwd=self._folder, env=self._environment, stderr=subprocess.DEVNULL)

    def address(self) -> str:
        """Once the scheduler knows both workers."""
        from distributed import Client

        until = time.monotonic() + 60
        while not self._contact.is_file() and time.monotonic() < until:
            time.sleep(0.05)
        address = json.loads(self._contact.read_text())["address"]
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        return address

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    running = Cluster(tmp_path_factory.mktemp("cluster"), root)
    try:
        yield running
    finally:
        running.stop()


def test_reports_made_on_a_cluster_are_those_made_here(cluster: Cluster, root: Path, tmp_path: Path) -> None:
    from toolkit import build
    from toolkit.reports import report

    build(root / "data" / "raw" / "sample", tmp_path / "store")
    sheets = ["RS2024-1641", "2023-文科-22-0241"]
    pages = {}
    for name, where in (("here", {"jobs": 1}), ("there", {"scheduler": cluster.address()})):
        made = report(sheets, store=tmp_path / "store", output=tmp_path / name, language="en", **where)
        assert (len(made.written), dict(made.failures)) == (2, {})
        pages[name] = {path.name: path.read_bytes() for path in (tmp_path / name).glob("*.html")}
    assert pages["here"] == pages["there"]


def test_a_worker_of_a_cluster_killed_in_mid_run_costs_nothing(cluster: Cluster, root: Path, tmp_path: Path) -> None:
    """Sixteen files over two workers, one of them killed after the second result; then a whole build on what is left."""
    from toolkit import Dataset, build, load, read_many

    lines = (root / "data" / "raw" / "sample" / "judgit-2020-2023.ndjson").read_text(encoding="utf-8").splitlines()
    files = []
    for number, line in enumerate(lines[:15]):
        files.append(tmp_path / "raw" / f"{number:02}.json")
        files[-1].parent.mkdir(exist_ok=True)
        files[-1].write_text(line, encoding="utf-8")
    files.append(tmp_path / "raw" / "empty.json")
    files[-1].write_bytes(b"")
    here = dict(read_many(files, jobs=1))
    there, address = {}, cluster.address()
    for name, result in read_many(files, scheduler=address):
        there[name] = result
        if len(there) == 2:
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
    assert list(there) == list(here)
    assert str(there.pop(str(files[-1]))) == str(here.pop(str(files[-1])))
    assert all(isinstance(one, Dataset) for one in there.values())
    assert there == here

    summary = build(tmp_path / "raw", tmp_path / "there", scheduler=address)
    build(tmp_path / "raw", tmp_path / "here", jobs=1)
    assert (len(summary.read), list(summary.refused)) == (16, ["raw/empty.json"])
    assert load(tmp_path / "there") == load(tmp_path / "here")


def test_a_cluster_that_is_not_there_is_said() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="no Dask scheduler answers at tpc://localhost:8786"):
        list(run(double, [1], scheduler="tpc://localhost:8786"))
