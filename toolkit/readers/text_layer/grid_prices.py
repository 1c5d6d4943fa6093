"""What placements of the runs of a table cost: single places, steps between them, and the rules.

Places are asked for again and again in a search, and rules see the same few values most of the time; so all that was
reckoned once is remembered.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

from toolkit.readers.text_layer.grid import Layout, Place, Rule, Run, Values

__all__ = ["Prices"]

_NEVER = float("inf")


class Fact(NamedTuple):
    """What a place of a run means."""

    mask: int
    fills: tuple[tuple[int, float], ...]  # cells and what stands in them then
    filled: int  # a hash of that
    touched: tuple[int, ...]  # the rules that look at these cells
    look: Callable[[Values], object]  # all that these rules look at
    changes: dict[object, float]  # what they add, by what they saw


#: rules, what they look at (None: all), and what they said of it
Bundle = tuple[Callable[[Values], object] | None, dict[object, float], list[Callable[[Values], float]]]

#: how promising each place of a run is, what it costs, and what it means
Moves = list[tuple[float, float, Place, Fact]]


class Prices:
    """The runs of some tables, the rules they obey, and what is known of both. A rule depends on nothing but its cells,
    unless it names none."""

    def __init__(self, layout: Layout, runs: Sequence[Run], rules: Sequence[Rule]) -> None:
        self.layout, self.runs, self.rules = layout, runs, rules
        self._penalties = [rule.penalty for rule in rules]
        self.early = _bundles([rule for rule in rules if not rule.final])
        self.all = _bundles(rules)
        self._rules_of: dict[int, list[int]] = {}
        for number, rule in enumerate(rules):
            if not rule.final:
                for cell in rule.cells:
                    self._rules_of.setdefault(cell, []).append(number)
        self.sizes = [len(run.values) for run in runs]
        self._ends = list(itertools.accumulate(run.gap + len(run.values) for run in runs))
        self._starts = [end - size for end, size in zip(self._ends, self.sizes, strict=True)]
        self._looks: dict[tuple[int, ...], tuple[tuple[int, ...], Callable[[Values], object]]] = {}
        self._costs = [{option.place: option.cost for option in run.options} for run in runs]
        self.facts = [{option.place: self._fact(run, option.place) for option in run.options} for run in runs]
        self._moves: dict[tuple[object, ...], Moves] = {}
        self._steps: dict[tuple[object, ...], list[float]] = {}
        self.skips = [run.skip for run in runs]
        self.free = [0.0] * len(runs)

    def standing(self, places: Sequence[Place | None], skips: Sequence[float]) -> float:
        """What a placement costs without the rules; infinite where a run may not stand there. ``skips``: what it costs
        to leave each run out."""
        costs, starts, ends, steps = self._costs, self._starts, self._ends, self.layout.steps
        price, end = 0.0, 0
        before: Place | None = None
        for number, place in enumerate(places):
            if place is None:
                price += skips[number]
                continue
            cost = costs[number].get(place, _NEVER)
            price += cost + (steps[before, place, starts[number] - end] if before else self.layout.entry(place))
            before, end = place, ends[number]
        return price

    def judged(self, values: Values, bundles: list[Bundle]) -> float:
        """What rules say."""
        total = 0.0
        for look, known, penalties in bundles:
            if look is None:
                total += sum([penalty(values) for penalty in penalties])
                continue
            seen = look(values)
            said = known.get(seen)
            if said is None:
                said = known[seen] = sum([penalty(values) for penalty in penalties])
            total += said
        return total

    def filled(self, places: Sequence[Place | None]) -> Values:
        values: Values = [None] * self.layout.cells
        for facts, place in zip(self.facts, places, strict=True):
            if place is not None:
                for cell, value in facts[place].fills:
                    values[cell] = value
        return values

    def _fact(self, run: Run, place: Place) -> Fact:
        mask, cells = self.layout.covered(place)
        fills = tuple([(cell, value) for cell, value in zip(cells, run.values, strict=True) if value is not None])
        filled = 0
        for fill in fills:
            filled ^= hash(fill)
        if len(fills) < len(cells):
            cells = tuple([cell for cell, _ in fills])
        if cells not in self._looks:
            touched = sorted({number for cell in cells for number in self._rules_of.get(cell, ())})
            seen = {cell for number in touched for cell in self.rules[number].cells}
            self._looks[cells] = tuple(touched), itemgetter(*seen) if seen else _nothing
        return Fact(mask, fills, filled, *self._looks[cells], {})

    def change(self, values: Values, fills: tuple[tuple[int, float], ...], touched: tuple[int, ...]) -> float:
        """What these rules add when the cells are filled; the values are left as they were."""
        penalties = self._penalties
        change = 0.0
        for number in touched:
            change -= penalties[number](values)
        for cell, value in fills:
            values[cell] = value
        for number in touched:
            change += penalties[number](values)
        for cell, _ in fills:
            values[cell] = None
        return change

    def moves_from(self, places: tuple[Place | None, ...], index: int) -> Moves:
        """Places for a run between its two placed neighbours, the most promising first."""
        low, high, last = index - 1, index + 1, len(places)
        while low >= 0 and places[low] is None:
            low -= 1
        while high < last and places[high] is None:
            high += 1
        before = places[low] if low >= 0 else None
        after = places[high] if high < last else None
        key = (index, low, before, high, after)
        moves = self._moves.get(key)
        if moves is None:
            onward, back = self._onward(index, low, before), self._back(index, high, after)
            facts = self.facts[index]
            moves = self._moves[key] = sorted(
                [
                    (there + on - hope, there + on, place, facts[place])
                    for (place, _, hope), there, on in zip(self.runs[index].options, onward, back, strict=True)
                ]
            )
        return moves

    def _onward(self, index: int, low: int, before: Place | None) -> list[float]:
        """What each place of a run costs after the run before it."""
        key = (index, low, before)
        known = self._steps.get(key)
        if known is None:
            options, steps = self.runs[index].options, self.layout.steps
            if before is None:
                known = [cost + self.layout.entry(place) for place, cost, _ in options]
            else:
                gap = self._starts[index] - self._ends[low]
                known = [cost + steps[before, place, gap] for place, cost, _ in options]
            self._steps[key] = known
        return known

    def _back(self, index: int, high: int, after: Place | None) -> list[float]:
        """What it costs to go on to the run after it."""
        key = (index, high, after)
        known = self._steps.get(key)
        if known is None:
            options, steps = self.runs[index].options, self.layout.steps
            if after is None:
                known = [0.0] * len(options)
            else:
                gap = self._starts[high] - self._ends[index]
                known = [steps[place, after, gap] for place, _, _ in options]
            self._steps[key] = known
        return known


def _bundles(rules: Sequence[Rule]) -> list[Bundle]:
    """The rules in groups that look at much the same cells."""
    groups: list[tuple[set[int], list[Rule]]] = []
    for rule in sorted(rules, key=lambda rule: -len(rule.cells)):
        cells = set(rule.cells)
        near = (group for group in groups if cells and 2 * len(cells & group[0]) >= len(cells))
        group = next(near, None)
        if group is None:
            group = (set(), [])
            groups.append(group)
        group[0].update(cells)
        group[1].append(rule)
    return [(itemgetter(*cells) if cells else None, {}, [rule.penalty for rule in own]) for cells, own in groups]


def _nothing(_: Values) -> object:
    return None
