"""The command ``review-sheets``: arguments in, one function called, every expected error one line on stderr."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ToolkitError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.dataset import Dataset
    from toolkit.schema import Column, Table

__all__ = ["main"]

_LANGUAGES = ("ja", "en")
_MANY = 20  # pages that are listed one by one
#: findings that a check prints by themselves
_MOST_FINDINGS = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 where all went well, 1 where anything failed, 2 for a command that is none."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot print a character shows "?" and goes on
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return options.run(options)
    except ToolkitError as error:
        _complain(str(error))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of the pipe has gone; the interpreter would complain about it at exit
    except KeyboardInterrupt:
        _complain("stopped")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="review-sheets",
        description="Read Japan's administrative project review sheets into tables, checks and reports.",
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    command = commands.add_parser(
        "report",
        help="make an HTML report of each sheet",
        description="Make an HTML report of each sheet, of files or of a store, and the index of all reports. "
        "What is there already and up to date is not made again.",
    )
    _files(command, least="*")
    _pages(command)
    command.add_argument(
        "--store",
        metavar="DIR",
        help="take the sheets from a store (see build): all, or those of the next three options",
    )
    command.add_argument("--review-year", type=int, action="append", metavar="YEAR", help="sheets of this review year")
    command.add_argument(
        "--ministry", action="append", metavar="NAME", help="sheets of this policy owner (政策所管府省庁)"
    )
    command.add_argument("--sheet-id", action="append", default=[], metavar="ID", help="this sheet")
    command.add_argument(
        "-p",
        dest="parameters",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="another parameter of the notebook",
    )
    command.add_argument("--again", action="store_true", help="make also what is there and up to date")
    command.add_argument(
        "--timeout", type=float, default=300, metavar="SECONDS", help="limit for one report (default: 300)"
    )
    command.add_argument("--jobs", type=int, metavar="N", help="reports made at the same time (default: one per core)")
    command.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that makes them instead")
    command.set_defaults(run=_report, refuse=command.error)

    command = commands.add_parser(
        "ministry",
        help="make a ministry's report from a store",
        description="Make one HTML report per ministry and review year: size, execution, carry-over, concentration, targets, "
        "verdicts, and the projects that stand out.",
    )
    command.add_argument(
        "ministries", nargs="*", metavar="NAME", help="policy owner (政策所管府省庁); default: every one"
    )
    command.add_argument("--review-year", type=int, required=True, metavar="YEAR", help="year of the review")
    command.add_argument("--store", metavar="DIR", help="folder of the tables (default: data/processed)")
    _pages(command)
    command.set_defaults(run=_ministry)

    command = commands.add_parser(
        "build",
        help="turn all raw files into the panel",
        description="Read whatever lies below the raw folder, every form and year, into one set of parquet tables. Only what "
        "is new or changed is read again.",
    )
    command.add_argument("--raw", type=Path, metavar="DIR", help="folder of the raw files (default: data/raw)")
    command.add_argument("--processed", type=Path, metavar="DIR", help="folder of the tables (default: data/processed)")
    command.add_argument("--jobs", type=int, metavar="N", help="processes on this machine (default: one per core)")
    command.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a Dask cluster instead, for instance tcp://host:8786; its workers must see the raw folder",
    )
    command.set_defaults(run=_build)

    command = commands.add_parser(
        "read",
        help="read sheets and show what was read",
        description="Read sheets, print a summary, and write the tables as parquet.",
    )
    _files(command)
    command.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="folder for one parquet file per table; nothing is written without it",
    )
    command.set_defaults(run=_read)

    command = commands.add_parser(
        "check",
        help="print what does not add up",
        description="Print the most severe findings, and for every rule how much was compared and how much of it holds. "
        "The exit code is 1 where a finding is an error.",
    )
    _files(command, store=True)
    command.add_argument("--out", type=Path, metavar="FILE", help="write all findings here, as .csv or .parquet")
    command.add_argument("--language", choices=_LANGUAGES, default="en", help="language of the messages (default: en)")
    command.set_defaults(run=_check)

    command = commands.add_parser(
        "tables",
        help="print the data dictionary",
        description="Print every table with its columns, types, units and notes.",
    )
    command.add_argument("name", nargs="?", help="one table (default: all)")
    command.add_argument("--markdown", action="store_true", help="as Markdown, for a page of documentation")
    command.set_defaults(run=_tables)
    return parser


def _pages(command: argparse.ArgumentParser) -> None:
    command.add_argument("--language", choices=_LANGUAGES, default="ja", help="language of the report (default: ja)")
    command.add_argument("--output", type=Path, metavar="DIR", help="folder of the reports (default: reports)")


def _files(command: argparse.ArgumentParser, *, store: bool = False, least: str = "+") -> None:
    command.add_argument(
        "files",
        nargs=least,
        metavar="FILE",
        help="a sheet: PDF, workbook or text; or a file of the RS System, JUDGIT! or the yearly database"
        + ("; or the folder of a store (see build)" if store else ""),
    )


class _Version(argparse.Action):
    """``--version`` asks the installed package only when it is used."""

    def __init__(self, option_strings: list[str], dest: str, **_: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("review-sheet-toolkit")
        except PackageNotFoundError:
            number = "(not installed)"
        print(f"review-sheets {number}")
        parser.exit()


def _complain(message: str) -> None:
    print(f"review-sheets: {' '.join(message.split())}", file=sys.stderr)


# -- commands
def _report(options: argparse.Namespace) -> int:
    from toolkit import paths
    from toolkit.reports import report

    if not (options.files or options.store):
        options.refuse("name at least one FILE, or a store with --store")
    batch = report(
        [*options.files, *options.sheet_id],
        language=options.language,
        store=options.store,
        review_years=options.review_year,
        ministries=options.ministry,
        output=options.output,
        parameters=dict(options.parameters),
        jobs=options.jobs,
        scheduler=options.scheduler,
        timeout=options.timeout or None,
        again=options.again,
        progress=sys.stderr.isatty(),
    )
    pages = {**dict.fromkeys(batch.written, ""), **dict.fromkeys(batch.unchanged, " (unchanged)")}
    for page, remark in pages.items() if len(pages) <= _MANY else ():
        print(f"{paths.shown(page) if page.is_relative_to(paths.project_root()) else page}{remark}")
    if len(pages) > 1 and not batch.failures:
        print(batch)
    for file, error in batch.failures.items():
        _complain(str(error) if file in str(error) else f"{file}: {error}")
    for file, other in batch.doubles.items():
        print(f"review-sheets: {file} holds the same sheet as {other}; the report is of the latter", file=sys.stderr)
    if batch.failures:
        _complain(str(batch))
    return 1 if batch.failures else 0


def _ministry(options: argparse.Namespace) -> int:
    from toolkit import paths
    from toolkit.reports import ministry_report

    for page in ministry_report(
        options.ministries, store=options.store, review_year=options.review_year, language=options.language, output=options.output
    ):  # fmt: skip
        print(paths.shown(page) if page.is_relative_to(paths.project_root()) else page)
    return 0


def _build(options: argparse.Namespace) -> int:
    from toolkit.store import build

    summary = build(
        options.raw, options.processed, jobs=options.jobs, scheduler=options.scheduler, progress=sys.stderr.isatty()
    )
    print(summary)
    return 1 if summary.refused or not summary.rows else 0


def _read(options: argparse.Namespace) -> int:
    dataset, failed = _read_files(options.files)
    if dataset is not None:
        print(f"{len(dataset.sheet_ids)} sheets")
        for name, row in dataset.summary().iterrows():
            print(
                f"{name:<22}{row['rows']:>9,} rows" + (f"{row['unsettled']:>9,} unsettled" if row["unsettled"] else "")
            )
        coverage = dataset.coverage.dropna()
        if len(coverage):
            print(f"{'characters understood':<22}{coverage.mean():>9.1%}")
        if options.output:
            print(f"written to {dataset.write(options.output)}")
    return 1 if failed else 0


def _check(options: argparse.Namespace) -> int:
    from toolkit.checks import examine

    if options.out and options.out.suffix not in (".csv", ".parquet"):
        raise UsageError(f"{options.out}: the name must end in .csv or .parquet")
    dataset, failed = _read_files(options.files)
    if dataset is None:
        return 1
    findings, counts = examine(dataset, options.language)
    ranked = findings.assign(rank=findings["severity"].map({"error": 0, "warning": 1, "info": 2})).sort_values(
        "rank", kind="stable"
    )
    for row in ranked.head(_MOST_FINDINGS).to_dict("records"):
        print(f"{row['sheet_id']}  {row['severity']:<7}  {row['rule']}: {row['message']}")
    if len(findings) > _MOST_FINDINGS:
        print(f"… and {len(findings) - _MOST_FINDINGS:,} more; --out FILE writes them all")
    print("\n".join(_tally(counts, options.language)))
    if options.out:
        _write_table(findings, options.out)
        print(f"written to {options.out}")
    totals = findings["severity"].value_counts()
    print(", ".join(f"{totals.get(name, 0)} {name}" for name in ("error", "warning", "info")))
    return 1 if failed or totals.get("error", 0) else 0


def _tally(counts: pd.DataFrame, language: str) -> Iterator[str]:
    """One line per rule: findings by severity, comparisons made, share that holds, the rule in words."""
    from toolkit.checks import tally

    yield f"\n{'rule':<26}{'error':>8}{'warning':>9}{'info':>8}{'checked':>10}{'holds':>9}"
    for row in tally(counts, language=language).to_dict("records"):
        known = row["checked"] > 0 if row["checked"] is not None and row["checked"] == row["checked"] else False
        checked, holds = (f"{row['checked']:,}", f"{row['holds']:.2%}") if known else ("–", "–")
        amounts = f"{row['error']:>8,}{row['warning']:>9,}{row['info']:>8,}{checked:>10}{holds:>9}"
        yield f"{row['rule']:<26}{amounts}  {row['description']}"
    yield ""


def _write_table(table: pd.DataFrame, path: Path) -> None:
    """As CSV (UTF-8 with byte order mark, which spreadsheets need) or parquet; written aside, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.tmp")
    try:
        if path.suffix == ".csv":
            table.to_csv(aside, index=False, encoding="utf-8-sig")
        else:
            table.to_parquet(aside, index=False)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _tables(options: argparse.Namespace) -> int:
    from toolkit.tables import TABLES

    if options.name and options.name not in TABLES:
        raise UsageError(f"no table {options.name!r}; the tables are {', '.join(TABLES)}")
    for table in [TABLES[options.name]] if options.name else TABLES.values():
        print("\n".join(_as_markdown(table) if options.markdown else _as_text(table)), end="\n\n")
    return 0


def _as_text(table: Table) -> Iterator[str]:
    yield f"{table.name}  {table.ja}  {table.en}: {table.grain}; key {', '.join(table.key)}"
    for column in table.columns:
        about = "; ".join([f"{column.ja} / {column.en}", *_remarks(column)])
        yield f"  {column.name:<24}{column.dtype:<9}{about}"


def _as_markdown(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n\n{table.ja} · {table.en}: {table.grain}. Key: {', '.join(f'`{name}`' for name in table.key)}.\n"
    yield "| column | dtype | 日本語 | English | remarks |\n|---|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {column.dtype} | {column.ja} | {column.en} | {'; '.join(_remarks(column))} |"


def _remarks(column: Column) -> list[str]:
    words = (column.unit, column.note, f"one of {', '.join(column.allowed)}" if column.allowed else "")
    return [word for word in words if word]


def _read_files(files: Sequence[str]) -> tuple[Dataset | None, bool]:
    """Every sheet of ``files`` in one Dataset; a file that cannot be read is complained of, the others go on."""
    from toolkit.dataset import Dataset

    parts: list[Dataset] = []
    seen: dict[str, str] = {}
    failed = False
    for file in files:
        try:
            part = _open(file)
            doubled = [sheet_id for sheet_id in part.sheet_ids if sheet_id in seen]
            if doubled:
                raise UsageError(
                    f"{file}: sheet {doubled[0]} was read from {seen[doubled[0]]} already; name one file per sheet"
                )
        except ToolkitError as error:
            _complain(str(error))
            failed = True
        else:
            parts.append(part)
            seen |= dict.fromkeys(part.sheet_ids, file)
    return (Dataset.concat(parts) if parts else None), failed


def _open(file: str) -> Dataset:
    """The sheets of a source file or folder, or of a store."""
    from toolkit import paths
    from toolkit.readers import read
    from toolkit.store import load

    folder = paths.resolve(file)
    is_store = (folder / "manifest.json").is_file() or (folder / "sheets.parquet").is_file()
    return load(folder) if is_store else read(file)
