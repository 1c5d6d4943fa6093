"""How fast are individual sheets read, beside what one would use instead? Ratios of medians, all in one run.

    python benchmarks/read_sheets.py [FILE …] [--runs 5] [--folder 1000]

Without files it takes the sample. For a workbook the yardstick is ``openpyxl.load_workbook`` alone, for a PDF
pdfplumber's ``find_tables`` plus ``extract_words`` alone: loading, without understanding a word. ``--folder N``
also reads N files (the given ones over and over) with ``read_many`` on all cores, behind a progress bar, and prints the
rate and this process's peak memory early and late.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pdfplumber

import toolkit
from toolkit import paths


def median_ms(action: Callable[[], object], runs: int) -> float:
    action()  # imports and caches
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def with_pdfplumber(path: Path) -> None:
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            page.find_tables()
            page.extract_words()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=int, default=0, metavar="N")
    options = parser.parse_args()
    files = options.files or sorted(paths.sample().glob("20*-*-*.*"))
    yardsticks = {".xlsx": openpyxl.load_workbook, ".pdf": with_pdfplumber}
    for file in files:
        ours = median_ms(lambda file=file: toolkit.read(file), options.runs)
        line = f"{file.name:40s} read {ours:7.1f} ms"
        if file.suffix in yardsticks:
            theirs = median_ms(lambda file=file: yardsticks[file.suffix](file), min(options.runs, 3))
            line += f"   {'openpyxl' if file.suffix == '.xlsx' else 'pdfplumber'} {theirs:8.1f} ms   {theirs / ours:5.1f} times as fast"
        print(line)
    if options.folder:
        read_folder((files * (options.folder // len(files) + 1))[: options.folder])


def read_folder(files: list[Path]) -> None:
    start, sheets = time.perf_counter(), 0
    peaks = []
    for count, (_, result) in enumerate(toolkit.read_many(files, progress=True), start=1):
        sheets += isinstance(result, toolkit.Dataset)
        if count in (max(len(files) // 10, 1), len(files)):
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    seconds = time.perf_counter() - start
    print(
        f"{len(files)} files, {sheets} read, {len(files) / seconds:.1f} files/s; "
        f"peak memory {peaks[0]:.0f} MB after a tenth, {peaks[-1]:.0f} MB at the end"
    )


if __name__ == "__main__":
    main()
