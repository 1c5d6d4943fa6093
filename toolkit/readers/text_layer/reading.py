"""What the section readers share: the document, the labels found in it, and the draft they fill."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from toolkit.form.draft import Draft
from toolkit.form.labels import Label, by_first_character, by_opening
from toolkit.readers.text_layer.document import FOLDS, Box, Document, Span

__all__ = ["Hit", "Reading", "find_labels"]

_SEPARATOR = " \u3000\n"
#: a cell begins where such a run does, and may end where one does
_RUN = re.compile(rf"[^{_SEPARATOR}]+")


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


@dataclass(slots=True)
class Reading:
    """One sheet while its text layer is read; section readers take values from ``document`` into ``draft``."""

    document: Document
    review_year: int
    draft: Draft = field(default_factory=Draft)
    hits: list[Hit] = field(default_factory=list)
    _by_key: dict[str, list[Hit]] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for hit in self.hits:
            self._by_key.setdefault(hit.key, []).append(hit)

    def find(self, *keys: str) -> list[Hit]:
        """The labels of these keys, in printed order."""
        found = [hit for key in keys if key in self._by_key for hit in self._by_key[key]]
        return found if len(keys) == 1 else sorted(found, key=_place)

    def first(self, *keys: str) -> Hit | None:
        return min((self._by_key[key][0] for key in keys if key in self._by_key), key=_place, default=None)


class _Opens(dict[int, bool]):
    """Whether the character of this code may open one of these labels."""

    def __init__(self, *, dated: bool) -> None:
        super().__init__()
        labels = by_first_character().items()
        self._first = {first for first, own in labels if dated or any(label.key != _DATED for label in own)}

    def __missing__(self, code: int) -> bool:
        self[code] = FOLDS[code][:1] in self._first
        return self[code]


#: the one label that may open with a digit or a year, of which tables are full, and words of it
_DATED, _IN_DATED = "lines", "年度予算内訳"
_OPENS, _UNDATED = _Opens(dated=True), _Opens(dated=False)


def _place(hit: Hit) -> tuple[int, int]:
    return hit.line, hit.spans[0].start


def find_labels(document: Document) -> list[Hit]:
    """Every label of the form, in printed order, marked as understood.

    A label begins where a cell may begin (start of a line, or after a space) and ends where one may end; it
    may run over the lines of its box. A word that only looks like a label inside running text is not taken.
    """
    hits = []
    for box in document.boxes:
        raw, folded = box.text, box.folded.text
        is_even = len("".join(raw.split())) == len(folded)  # one folded character for each, as nearly always
        opens = _OPENS if _IN_DATED in folded else _UNDATED
        past = at = position = 0  # end of the last label; a place in the raw text, and the same one in the folded text
        for run in _RUN.finditer(raw):
            start = run.start()
            if start < past or not opens[ord(raw[start])]:
                continue
            if start > at:
                between = raw[at:start]
                at, position = start, position + len("".join(between.split()) if is_even else between.translate(FOLDS))
            labels = by_opening(folded[position : position + 2])
            best = _longest(labels, folded, position, raw, start) if labels else None
            if best is None:
                continue
            label, match, past = best
            spans = tuple([span.label() for span in box.spans(start, past)])
            groups = {k: v for k, v in match.groupdict().items() if v} if match.re.groups else {}
            hits.append(Hit(label.key, label.section, box, spans[0].line.number, spans, groups))
    return hits


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
