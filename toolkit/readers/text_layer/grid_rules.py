"""The rules that tables obey, ordered by the cells that they look at."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from toolkit.readers.text_layer.grid import Rule, Values

__all__ = ["Rules"]

#: rules, and what they look at
Look = tuple[list[Callable[[Values], float]], Callable[[Values], object]]


class Rules:
    """The rules that some tables obey, and which of them look at which cells. A rule depends on nothing but what it sees."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.early = [rule.penalty for rule in rules if not rule.final]
        self.groups = _groups(rules)
        self._rules = rules
        self._of: dict[int, list[int]] = {}
        for number, rule in enumerate(rules):
            if not rule.final:
                for cell in rule.cells:
                    self._of.setdefault(cell, []).append(number)
        self._looks: dict[tuple[int, ...], Look] = {}

    def at(self, cells: tuple[int, ...]) -> Look:
        """The rules, but for final ones, that look at any of these cells."""
        look = self._looks.get(cells)
        if look is None:
            numbers = sorted({one for cell in cells for one in self._of.get(cell, ())})
            touched = [self._rules[number] for number in numbers]
            look = self._looks[cells] = [rule.penalty for rule in touched], _looking(touched)
        return look


def _groups(rules: Sequence[Rule]) -> list[tuple[Callable[[Values], object], list[Rule], int, float]]:
    """The rules in groups that look at much the same cells; a wide one by itself. With what they look at, their cells as
    bits, and the most that they may reward."""
    groups: list[tuple[set[int], list[Rule]]] = []
    for rule in sorted([rule for rule in rules if not rule.wide], key=lambda rule: -len(rule.sees)):
        cells = set(rule.sees)
        group = next((group for group in groups if 2 * len(cells & group[0]) >= len(cells)), None)
        if group is None:
            group = (set(), [])
            groups.append(group)
        group[0].update(cells)
        group[1].append(rule)
    return [
        (_looking(own), own, sum([1 << cell for cell in cells]), sum([rule.gain for rule in own]))
        for cells, own in [*groups, *[(set(rule.sees), [rule]) for rule in rules if rule.wide]]
    ]


def _looking(rules: Sequence[Rule]) -> Callable[[Values], object]:
    """All that these rules look at."""
    cells = sorted({cell for rule in rules for cell in rule.sees})
    return operator.itemgetter(*cells) if cells else _nothing


def _nothing(_: Values) -> object:
    return None
