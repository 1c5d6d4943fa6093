"""Years and numbers of earlier sheets that were printed as columns of their own: settled by format and order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile

from toolkit.readers.text_layer.past_tokens import Numbers, Token, may_pair, new_year, plain

__all__ = ["NAMED", "settle"]

#: years whose numbers are printed with the full name of the ministry before them
NAMED = (2019, 2020)


def settle(found: Numbers, words: Sequence[Token]) -> None:
    """Rows for the numbers that do not stand beside their year; what stays open is left alone."""
    _four_parts(found, words)
    _beside_their_year(found, words)
    _marked(found, words)
    named = _named(found, words)
    _bare(found, [token for token in words if token not in named])
    _leftover(found, words)


def _open(words: Sequence[Token], *kinds: str) -> list[Token]:
    return [token for token in words if not token.done and token.kind in kinds]


def _four_parts(found: Numbers, words: Sequence[Token]) -> None:
    """``2021 2022``, ``文科 文科``, ``20 21``, ``0182 0210``: the columns of the numbers from 2021 on."""
    reviews, shorts = _open(words, "review"), _open(words, "short")
    if not reviews or len(shorts) != len(reviews):
        return
    last_year = max(token.year or 0 for token in reviews)
    sections = [
        token for token in _open(words, "number", "section")
        if re.fullmatch(r"新?\d\d", token.text) and 20 <= int(token.text[-2:]) <= last_year - 1999
    ]  # fmt: skip
    if len(sections) != len(reviews):
        return
    place = {id(token): index for index, token in enumerate(words)}
    numbers = [token for token in _open(words, "number") if token not in sections]
    after = [token for token in numbers if place[id(token)] > place[id(sections[0])]]
    if len(after) != len(reviews):
        after = [token for token in numbers if place[id(token)] > place[id(sections[-1])]][: len(reviews)]
    if len(after) == len(reviews):
        for parts in zip(reviews, shorts, sections, after, strict=True):
            found.add(parts)
            _mark_year(words, parts[0].year)


def _mark_year(words: Sequence[Token], year: int | None) -> None:
    for token in words:
        if token.kind == "year" and token.year == year:
            token.done = True


def _marked(found: Numbers, words: Sequence[Token]) -> None:
    """A number marked 新 names the fiscal year the project was new in: that year's, if no other number claims it.

    (The request of the year before has the same mark; but then the year itself has a number of its own.)
    """
    flow = plain(words)
    for number in _open(words, "number"):
        year = new_year(number.text)
        if year is None:
            continue
        label = next((token for token in _open(words, "year") if token.year == year), None)
        at = flow.index(number)
        before, after = flow[at - 1] if at else None, flow[at + 1] if at + 1 < len(flow) else None
        if year in NAMED:
            ministry = before if before is not None and _open(words, "ministry") == [before] else None
            if label is not None and ministry is not None:
                found.add([ministry, number], label=label)
        elif label is not None and not any(
            one is not None and one.kind == "number" and not one.done for one in (before, after)
        ):
            found.add([number], label=label)  # in a run of numbers, its order says more


def _named(found: Numbers, words: Sequence[Token]) -> list[Token]:
    """Rows for the numbers that follow a ministry's name, of 2019 and 2020; returns all of them, placed or not."""
    years = sorted((token for token in _open(words, "year") if token.year in NAMED), key=lambda token: token.year or 0)
    ministries = _open(words, "ministry")
    numbers = _after_ministries(words, ministries)
    if len(numbers) != len(ministries):
        return []
    if 0 < len(ministries) < len(years):  # one of the two years is blank: the first one if the project began then
        begins = _begins(found)
        years = [token for token in years if (token.year or 0) >= begins]
    if len(years) == len(ministries):
        for year, ministry, number in zip(years, ministries, numbers, strict=True):
            found.add([ministry, number], label=year)
    return numbers


def _beside_their_year(found: Numbers, words: Sequence[Token]) -> None:
    """A year and the ministry on one line, and the number alone on the next."""
    flow = plain(words)
    for year, ministry, number in zip(flow, flow[1:], flow[2:], strict=False):
        kinds = (year.kind, ministry.kind, number.kind)
        beside = year.span.line is ministry.span.line is not number.span.line
        if kinds == ("year", "ministry", "number") and beside and not (year.done or number.done):
            found.add([ministry, number], label=year)


def _after_ministries(words: Sequence[Token], ministries: Sequence[Token]) -> list[Token]:
    """The number beside each ministry, or the run of numbers after the last one."""
    flow = plain(words)
    beside = [
        later for ministry, later in pairwise(flow)
        if ministry in ministries and later.kind == "number" and not later.done and later.span.line is ministry.span.line
    ]  # fmt: skip
    if len(beside) == len(ministries):
        return beside
    run: list[Token] = []
    for token in flow[flow.index(ministries[-1]) + 1 :] if ministries else []:
        if token.kind == "number" and not token.done:
            run.append(token)
        elif run or (token.kind == "year" and not token.done and (token.year or 0) < NAMED[0]):
            break
    return run


def _begins(found: Numbers) -> int:
    """The earliest year that can have a number: when the project began, or the year of a number marked 新."""
    start = found.reading.draft.sheet().get("start_year") or 0
    marked = [row["fiscal_year"] for row in found.rows if row["number"].startswith("新")]
    return max([int(start), *(year for year in marked if year)])


def _bare(found: Numbers, words: Sequence[Token]) -> None:
    """Runs of years and runs of bare numbers, to 2018: as many of the one as of the other, or as the project has had."""
    for begins, certainty in ((0, "stated"), (_begins(found), "unsettled"), (_begins(found) - 1, "unsettled")):
        runs = _runs(words)
        for index, run in enumerate(runs):
            if run[0].kind != "number":
                continue
            for labels in _labels_of(runs, index):
                fitting = [token for token in labels if not token.done and (token.year or 0) >= begins]
                if len(fitting) == len(run) and may_pair(fitting, run):
                    apart = len({token.span.line.box for token in run}) == len(run) > 1  # printed in any order
                    _pair(found, fitting, run, "unsettled" if apart else certainty)
                    break


def _labels_of(runs: Sequence[list[Token]], index: int) -> list[list[Token]]:
    """The runs of years that the run of numbers at ``index`` may answer.

    Columns come as years and then numbers, one column after the other or several at once; only the last of several
    runs of numbers, or one without years before it, may belong to the years after it.
    """
    first = last = index
    while first and runs[first - 1][0].kind == "number":
        first -= 1
    while last + 1 < len(runs) and runs[last + 1][0].kind == "number":
        last += 1
    before = [run for run in reversed(_years_at_head(runs[:first][::-1])) if not run[-1].done]
    after = _years_at_head(runs[last + 1 :])
    beyond = _years_at_head(runs[: last + len(after) : -1])[::-1]  # the years that nothing follows
    if not before and beyond:
        after = beyond  # numbers stand right after the first years: they have theirs
    elif not before and len(after) == 1 and len(runs) > last + 2:
        return []  # or those before them: nothing tells
    at, count = index - first, last - first + 1
    if len(before) == count:
        return [before[at]]
    if not before and len(after) == count:
        return [after[at]]
    whole = [token for run in before for token in run]
    if before and count == 1:
        return [before[-1], whole]
    return [whole] * (at == 0) + after[:1] * (at == count - 1)


def _years_at_head(runs: Sequence[list[Token]]) -> list[list[Token]]:
    """The runs of years up to the first run of numbers."""
    return list(takewhile(lambda run: run[0].kind == "year", runs))


def _leftover(found: Numbers, words: Sequence[Token]) -> None:
    """As many open numbers in one run as open years: the bare ones in their order, then those of 2019 and 2020."""
    numbers, years, ministries = _open(words, "number"), _open(words, "year"), _open(words, "ministry")
    later = sorted((token for token in years if token.year in NAMED), key=lambda token: token.year or 0)
    if not numbers or len(later) != len(ministries):
        return
    labels = [token for token in years if (token.year or 0) < NAMED[0]] + later
    flow = plain(words)
    if len(numbers) == len(labels) and flow.index(numbers[-1]) - flow.index(numbers[0]) == len(numbers) - 1:
        for label, number in zip(labels, numbers, strict=True):
            ministry = ministries[later.index(label) : later.index(label) + 1] if label in later else []
            found.add([*ministry, number], label=label, certainty="unsettled")


def _pair(found: Numbers, labels: list[Token], numbers: list[Token], certainty: str) -> None:
    for label, number in zip(labels, numbers, strict=True):
        found.add([number], label=label, certainty=certainty)


def _runs(words: Sequence[Token]) -> list[list[Token]]:
    """Open years to 2018 and open numbers, in runs; a run of years rises."""
    runs: list[list[Token]] = []
    broken = True
    for token in plain(words):
        if (
            token.done
            or token.kind not in ("year", "number")
            or (token.kind == "year" and (token.year or 0) >= NAMED[0])
        ):
            broken = broken or token.done
            continue
        last = runs[-1][-1] if runs else None
        falls = last is not None and last.kind == token.kind == "year" and (token.year or 0) <= (last.year or 0)
        if broken or last is None or last.kind != token.kind or falls:
            runs.append([])
        runs[-1].append(token)
        broken = False
    return runs
