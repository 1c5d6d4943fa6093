"""What the section readers share: the document, the labels found in it, and the draft they fill."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from toolkit.form.draft import Draft
from toolkit.form.labels import OPENING, Label, by_first_character, by_opening
from toolkit.readers.text_layer.document import FOLDS, PLAIN, Box, Document, Span

__all__ = ["Hit", "Labels", "Reading", "find_labels", "labels_of"]

#: where a cell may begin and end
_SEPARATOR = " \u3000\n"


@dataclass(eq=False, slots=True)
class Hit:
    """One printed label: where it stands and the groups of its wording (``no``, ``step``).

    ``line`` is the number of its first line in the file: hits are in this order.
    """

    key: str
    section: str
    box: Box
    line: int
    spans: tuple[Span, ...]
    groups: dict[str, str]


#: by the number of a line, what it has of labels: where it begins, whether it is the first span of its label (0) or a
#: later one, and the label
Labels = dict[int, list[tuple[int, int, Hit]]]


def labels_of(hits: Iterable[Hit]) -> Labels:
    labels: Labels = defaultdict(list)
    for hit in hits:
        spans = hit.spans
        labels[hit.line].append((spans[0].start, 0, hit))
        if len(spans) > 1:
            for place, span in enumerate(spans[1:], start=1):
                labels[span.line.number].append((span.start, place, hit))
    return labels


@dataclass(slots=True)
class Reading:
    """One sheet while its text layer is read; section readers take values from ``document`` into ``draft``."""

    document: Document
    review_year: int
    draft: Draft = field(default_factory=Draft)
    hits: list[Hit] = field(default_factory=list)
    labels: Labels = field(init=False, repr=False)
    _by_key: dict[str, list[Hit]] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.labels = labels_of(self.hits)
        for hit in self.hits:
            self._by_key.setdefault(hit.key, []).append(hit)

    def find(self, *keys: str) -> list[Hit]:
        """The labels of these keys, in printed order."""
        found = [hit for key in keys if key in self._by_key for hit in self._by_key[key]]
        return found if len(keys) == 1 else sorted(found, key=_place)

    def first(self, *keys: str) -> Hit | None:
        return min((self._by_key[key][0] for key in keys if key in self._by_key), key=_place, default=None)


def _opens(*, dated: bool) -> re.Pattern[str]:
    """Where a cell begins that one of these labels may open: after a separator, with its first character or its like."""
    labels = by_first_character().items()
    first = "".join(first for first, own in labels if dated or any(label.key != _DATED for label in own))
    return re.compile(rf"[{_SEPARATOR}](?:[{re.escape(first)}]|[^\s{PLAIN}])")


#: the one label that may open with a digit or a year, of which tables are full, and words of it
_DATED, _IN_DATED = "lines", "年度予算内訳"
_OPENS, _UNDATED = _opens(dated=True), _opens(dated=False)


def _place(hit: Hit) -> tuple[int, int]:
    return hit.line, hit.spans[0].start


def find_labels(document: Document) -> list[Hit]:
    """Every label of the form, in printed order, marked as understood.

    A label begins where a cell may begin (start of a line, or after a space) and ends where one may end; it
    may run over the lines of its box. A word that only looks like a label inside running text is not taken.
    """
    hits = []
    for box in document.boxes:
        folded = box.folded
        for label, groups, start, end in _labels(folded.raw, folded.text):
            spans = box.spans(start, end)
            for span in spans:
                span.label()
            number = spans[0].line.number
            hits.append(Hit(label.key, label.section, box, number, tuple(spans), dict(groups) if groups else {}))
    return hits


@lru_cache(maxsize=4096)
def _labels(raw: str, folded: str) -> tuple[tuple[Label, tuple[tuple[str, str], ...], int, int], ...]:
    """The labels in the text of a box, each with its groups and where it begins and ends; many boxes are the same on all
    sheets."""
    found = []
    is_even = len("".join(raw.split())) == len(folded)  # one folded character for each, as nearly always
    opens = _OPENS if _IN_DATED in folded else _UNDATED
    past = at = position = 0  # end of the last label; a place in the raw text, and the same one in the folded text
    for opening in opens.finditer(f"\n{raw}"):
        start = opening.start()
        if start < past:
            continue
        if start > at:
            between = raw[at:start]
            at, position = start, position + len("".join(between.split()) if is_even else between.translate(FOLDS))
        labels = by_opening(folded[position : position + OPENING])
        best = _longest(labels, folded, position, raw, start) if labels else None
        if best is None:
            continue
        label, match, past = best
        groups = tuple([(k, v) for k, v in match.groupdict().items() if v]) if match.re.groups else ()
        found.append((label, groups, start, past))
    return tuple(found)


def _longest(
    labels: tuple[tuple[Label, re.Pattern[str]], ...], folded: str, position: int, raw: str, start: int
) -> tuple[Label, re.Match[str], int] | None:
    """The longest of these labels that is printed here, and where in the raw text it ends."""
    best, longest = None, position
    for label, pattern in labels:
        match = pattern.match(folded, position)
        if match and match.end() > longest:
            left = match.end() - position
            end = start + left
            printed = raw[start:end]
            if printed != match[0] and (printed.translate(FOLDS) != match[0] or printed[-1].isspace()):
                end = start  # not one folded character for each
                while left > 0:
                    left -= len(FOLDS[ord(raw[end])])
                    end += 1
            if end == len(raw) or raw[end] in _SEPARATOR:
                best, longest = (label, match, end), match.end()
    return best
