"""Fan-out: same results in one process and in many, in order; one bad item, or a dying process, spoils nothing else."""

from __future__ import annotations

import os
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
