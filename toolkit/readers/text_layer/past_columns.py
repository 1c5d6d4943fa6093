"""Years and numbers of earlier sheets that were printed as columns of their own: settled by format and order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from toolkit.readers.text_layer.past_tokens import Token, add, plain
from toolkit.readers.text_layer.reading import Reading

__all__ = ["settle"]

#: years whose numbers are printed with the full name of the ministry before them
_NAMED = (2019, 2020)


def settle(reading: Reading, words: Sequence[Token]) -> None:
    """Rows for the numbers that do not stand beside their year; what stays open is left alone."""
    _four_parts(reading, words)
    _named(reading, words)
    _bare(reading, words)


def _open(words: Sequence[Token], *kinds: str) -> list[Token]:
    return [token for token in words if not token.done and token.kind in kinds]


def _four_parts(reading: Reading, words: Sequence[Token]) -> None:
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
            add(reading, parts)
            _mark_year(words, parts[0].year)


def _mark_year(words: Sequence[Token], year: int | None) -> None:
    for token in words:
        if token.kind == "year" and token.year == year:
            token.done = True


def _named(reading: Reading, words: Sequence[Token]) -> None:
    """Numbers that follow a ministry's name: of 2019 and 2020."""
    years = sorted((token for token in _open(words, "year") if token.year in _NAMED), key=lambda token: token.year or 0)
    ministries = _open(words, "ministry")
    if not years or not ministries:
        return
    flow = plain(words)
    place = {id(token): index for index, token in enumerate(flow)}
    numbers = []
    for ministry in ministries:
        following = flow[place[id(ministry)] + 1 : place[id(ministry)] + 2]
        beside = [token for token in following if token.kind == "number" and not token.done]
        numbers += [token for token in beside if token.span.line is ministry.span.line] or beside * (len(ministries) == 1)
    if len(numbers) != len(ministries):
        after = place[id(ministries[-1])]
        numbers = [token for token in _open(words, "number") if place[id(token)] > after]
    if len(years) > len(ministries):
        years = _running_on(words, years, len(ministries))
    if len(numbers) == len(ministries) == len(years):
        for year, ministry, number in zip(years, ministries, numbers, strict=True):
            add(reading, [ministry, number], label=year)


def _running_on(words: Sequence[Token], years: list[Token], count: int) -> list[Token]:
    """The last ``count`` years if no number of an earlier one is known: a project has a sheet every year once begun."""
    first = years[-count].year or 0
    earlier = [token for token in words if token.kind == "year" and token.done and (token.year or 0) < first]
    return [] if earlier or _open(words, "number")[count:] else years[-count:]


def _bare(reading: Reading, words: Sequence[Token]) -> None:
    """Runs of years and runs of bare numbers, to 2018: as many of the one as of the other, or by the years a project has."""
    for certainty in ("stated", "unsettled"):
        runs = _runs(words)
        expected = _unbroken(reading.review_year, words) if certainty == "unsettled" else None
        for index, run in enumerate(runs):
            if run[0].kind != "number":
                continue
            before = [token for one in runs[:index] for token in one if token.kind == "year"]
            near = [runs[at] for at in (index - 1, index + 1) if 0 <= at < len(runs)]
            for labels in (*near, before):
                fitting = [token for token in labels if not token.done and (expected is None or token.year in expected)]
                if labels[:1] and labels[0].kind == "year" and len(fitting) == len(run):
                    _pair(reading, fitting, run, certainty)
                    break


def _pair(reading: Reading, labels: list[Token], numbers: list[Token], certainty: str) -> None:
    for label, number in zip(labels, numbers, strict=True):
        add(reading, [number], label=label, certainty=certainty)


def _runs(words: Sequence[Token]) -> list[list[Token]]:
    """Open years to 2018 and open numbers, in runs; a run of years rises."""
    runs: list[list[Token]] = []
    broken = True
    for token in plain(words):
        if token.done or token.kind not in ("year", "number") or (token.kind == "year" and (token.year or 0) >= _NAMED[0]):
            broken = broken or token.done
            continue
        last = runs[-1][-1] if runs else None
        falls = last is not None and last.kind == token.kind == "year" and (token.year or 0) <= (last.year or 0)
        if broken or last is None or last.kind != token.kind or falls:
            runs.append([])
        runs[-1].append(token)
        broken = False
    return runs


def _unbroken(review_year: int, words: Sequence[Token]) -> set[int]:
    """The years that have a number if the project has had a sheet in every year since its first; else none."""
    known = {token.year or 0 for token in words if token.kind == "year" and token.done}
    count = len(known) + len(_open(words, "number"))
    span = set(range(review_year - count, review_year))
    return span if known <= span else set()
