"""The command line: what it prints, where it writes, and how it fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import toolkit
from toolkit.cli import main
from toolkit.dataset import Dataset

SHEET = "2023-文科-22-0241"


def test_reading_prints_a_summary_and_writes_parquet(
    sample_text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read", str(sample_text), "--output", str(tmp_path / "tables")]) == 0
    printed = capsys.readouterr().out
    assert "1 sheets" in printed
    assert "recipients                    9 rows" in printed
    assert Dataset.read(tmp_path / "tables").sheet_ids == [SHEET]


def test_a_file_that_cannot_be_read_is_one_line_and_the_others_go_on(
    sample_text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    assert main(["read", str(empty), str(sample_text), str(tmp_path / "absent.pdf")]) == 1
    printed = capsys.readouterr()
    assert "1 sheets" in printed.out
    lines = printed.err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("review-sheets: ") for line in lines)
    assert "empty.txt" in lines[0]
    assert "absent.pdf" in lines[1]


def test_the_same_sheet_twice_is_named(sample_text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(sample_text), str(sample_text)]) == 1
    assert f"sheet {SHEET} was read from" in capsys.readouterr().err


def test_checking_prints_findings_with_counts(sample_text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(sample_text), "--language", "ja"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert [word.split()[1] for word in last.split(", ")] == ["error", "warning", "info"]


def test_checking_counts_what_holds_and_fails_on_an_error(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sample of JUDGIT! has three payments in yen in a column of million yen, and 887 payments."""
    source = root / "data" / "raw" / "sample" / "judgit-2020-2023.ndjson"
    table = tmp_path / "findings.csv"
    assert main(["check", str(source), "--out", str(table)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(
        "2021-総務-20-0068  error    unit_slip: block A, rank 1: 86,900,000 million yen is 175,202 times"
    )
    (line,) = [line for line in printed.splitlines() if line.startswith("unit_slip")]
    assert line.split()[:6] == ["unit_slip", "3", "0", "0", "887", "99.66%"]
    findings = pd.read_csv(table)
    assert findings["severity"].value_counts()["error"] == 3
    assert printed.splitlines()[-1] == f"3 error, 0 warning, {len(findings) - 3} info"
    store = toolkit.read(source).write(tmp_path / "store")
    assert main(["check", str(store), "--out", str(tmp_path / "findings.parquet")]) == 1
    assert pd.read_parquet(tmp_path / "findings.parquet").equals(toolkit.check(toolkit.Dataset.read(store)))
    assert main(["check", str(source), "--out", str(tmp_path / "findings.txt")]) == 1
    assert "must end in .csv or .parquet" in capsys.readouterr().err


def test_the_data_dictionary_names_every_column_with_its_unit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", "budgets"]) == 0
    printed = capsys.readouterr().out
    assert "budgets  予算・執行  Budgets: one row per sheet, fiscal year and account" in printed
    assert "  executed_jpy            Int64    執行額 / Executed; yen; (G)" in printed
    assert main(["tables"]) == 0
    assert capsys.readouterr().out.count("; key ") == 21
    assert main(["tables", "bugdets"]) == 1
    assert "no table 'bugdets'; the tables are sheets," in capsys.readouterr().err


def test_a_report_with_an_unknown_parameter_fails_in_one_line(
    sample_text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(sample_text), "--output", str(tmp_path), "-p", "langage", "en"]) == 1
    printed = capsys.readouterr().err
    assert printed.splitlines() == [
        "review-sheets: project_report.ipynb has no parameter 'langage'; its parameters are source, store, sheet_id, language"
    ]


def test_a_batch_of_reports_names_what_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "absent.pdf"), "--output", str(tmp_path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "review-sheets: absent.pdf: no such file",
        "review-sheets: 0 of 1 reports written; failed: absent.pdf",
    ]
    assert (tmp_path / "index.html").is_file()


@pytest.mark.parametrize("arguments", [[], ["raed"], ["report"], ["report", "a.txt", "--language", "fr"]])
def test_a_command_that_is_none_shows_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: review-sheets" in capsys.readouterr().err


def test_help_loads_neither_pandas_nor_matplotlib() -> None:
    code = "import sys\nfrom toolkit.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    print({'pandas', 'matplotlib', 'numpy', 'nbconvert'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).splitlines()[-1] == "set()"


def test_help_is_quick_and_the_module_runs_as_a_command(root: Path) -> None:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "toolkit", "--help"], cwd=root, capture_output=True, text=True, check=True
    )
    assert time.perf_counter() - start < 2.0  # 0.1 s on a machine that does nothing else
    for command in ("report", "read", "check", "tables"):
        assert command in done.stdout


def test_a_terminal_without_japanese_is_no_reason_to_fail(sample_text: Path, root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "toolkit", "check", str(sample_text), "--language", "ja"], cwd=root, capture_output=True, check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
