"""What the section readers share: the document, the labels found in it, and the draft they fill."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from toolkit.form.draft import Draft
from toolkit.form.labels import Label, by_first_character
from toolkit.readers.text_layer.document import FOLDS, Box, Document, Folded, Span

__all__ = ["Hit", "Reading", "find_labels"]

_SEPARATOR = " \u3000\n"
#: where a cell may begin
_STARTS = re.compile(rf"(?:\A|(?<=[{_SEPARATOR}]))[^{_SEPARATOR}]")


@dataclass(frozen=True, slots=True)
class Hit:
    """One printed label: where it stands and the groups of its wording (``no``, ``step``)."""

    label: Label
    box: Box
    spans: tuple[Span, ...]
    groups: dict[str, str]

    @property
    def key(self) -> str:
        return self.label.key

    @property
    def section(self) -> str:
        return self.label.section

    @property
    def line(self) -> int:
        """Number of its first line in the file: hits are in this order."""
        return self.spans[0].line.number


@dataclass(slots=True)
class Reading:
    """One sheet while its text layer is read; section readers take values from ``document`` into ``draft``."""

    document: Document
    review_year: int
    draft: Draft = field(default_factory=Draft)
    hits: list[Hit] = field(default_factory=list)

    def find(self, *keys: str) -> list[Hit]:
        """The labels of these keys, in printed order."""
        return [hit for hit in self.hits if hit.key in keys]

    def first(self, *keys: str) -> Hit | None:
        return next((hit for hit in self.hits if hit.key in keys), None)


def find_labels(document: Document) -> list[Hit]:
    """Every label of the form, in printed order, marked as understood.

    A label begins where a cell may begin (start of a line, or after a space) and ends where one may end; it
    may run over the lines of its box. A word that only looks like a label inside running text is not taken.
    """
    index = by_first_character()
    hits = []
    for box in document.boxes:
        raw, folded, past = box.text, box.folded, 0
        for start in _STARTS.finditer(raw):
            labels = index.get(FOLDS[start.group()][:1])
            if not labels or start.start() < past:
                continue
            position = bisect_left(folded.origin, start.start())
            found = _longest(labels, folded, position, raw)
            if found is None:
                continue
            label, match = found
            spans = tuple(span.label() for span in box.spans(*folded.raw_span(*match.span())))
            hits.append(Hit(label, box, spans, {k: v for k, v in match.groupdict().items() if v}))
            past = folded.raw_span(*match.span())[1]
    return hits


def _longest(labels: tuple[Label, ...], folded: Folded, position: int, raw: str) -> tuple[Label, re.Match[str]] | None:
    best = None
    for label in labels:
        match = label.pattern.match(folded.text, position)
        if match and (best is None or match.end() > best[1].end()):
            _, end = folded.raw_span(*match.span())
            if end == len(raw) or raw[end] in _SEPARATOR:
                best = (label, match)
    return best
