"""What placements of the runs of a table cost: single places, steps between them, and the rules.

Places are asked for again and again in a search, and rules see the same few values most of the time; so all that was
reckoned once is remembered. A placement says of each run which of its options it takes, by number; -1 for none.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Sequence
from typing import NamedTuple

from toolkit.readers.text_layer.grid import FROM, GAP, Chosen, Layout, Place, Rule, Run, Values
from toolkit.readers.text_layer.grid_moves import Shift
from toolkit.readers.text_layer.grid_rules import Rules

__all__ = ["Near", "Prices"]


class Fact(NamedTuple):
    """What a place of a run means."""

    fills: tuple[tuple[int, float], ...]  # cells and what stands in them then
    filled: int  # a hash of that
    touched: list[Callable[[Values], float]]  # the rules that look at these cells
    look: Callable[[Values], object]  # all that these rules look at
    before: dict[object, float]  # what they say while these cells are empty, by what they saw
    changes: dict[object, float]  # what they add


#: what rules say of some values: their penalties and rewards, and the penalties of those that are broken
Verdict = tuple[float, float]

#: rules, what they look at, what they said of it, the cells they look at, as bits, and the most that they may reward
Bundle = tuple[Callable[[Values], object], dict[object, Verdict], list[Rule], int, float]

#: how promising each place of a run is, what it costs, its number and the cells it takes
Moves = list[tuple[float, float, int, int]]

#: less than any price matters
_ROUNDED = 1e-6

#: a rule whose penalty is more than this is broken
_BROKEN = 0.4


class Prices:
    """The runs of some tables, the rules they obey, and what is known of both."""

    def __init__(self, layout: Layout, runs: Sequence[Run], rules: Rules) -> None:
        self.layout, self.runs, self.rules, self.early = layout, runs, rules, rules.early
        self.all: list[Bundle] = [(look, {}, own, cells, gain) for look, own, cells, gain in rules.groups]
        self.sizes = [len(run.values) for run in runs]
        self.skips = [run.skip for run in runs]
        self.free = [0.0] * len(runs)
        ends = list(itertools.accumulate([run.gap + len(run.values) for run in runs]))
        # cells printed before the first and after the last of each run, as they go into the key of a step
        self._ends = [end << GAP for end in ends]
        self._starts = [end - size << GAP for end, size in zip(ends, self.sizes, strict=True)]
        self._before: dict[tuple[int, ...], dict[object, float]] = {}
        self.costs: list[tuple[float, ...]] = []
        self.numbers: list[list[int]] = []
        self.columns: list[list[int]] = []
        self.masks: list[list[int]] = []
        # the options by table, row and column of their first cell: the cells of a run are as many on each of its places
        self.at: list[dict[tuple[int, int, int], int]] = []
        known: dict[tuple[Place, ...], tuple[list[int], list[int], list[int], dict[tuple[int, int, int], int]]] = {}
        for run in runs:
            places, costs, _ = zip(*run.options, strict=True)
            if places not in known:
                numbers = [layout.number(place) for place in places]
                masks = [layout.covered[number][0] for number in numbers]
                at = {place[:3]: option for option, place in enumerate(places)}
                known[places] = numbers, [place.col for place in places], masks, at
            numbers, columns, masks, at = known[places]
            self.costs.append(costs)
            self.numbers.append(numbers)
            self.columns.append(columns)
            self.masks.append(masks)
            self.at.append(at)
        self._facts: list[list[Fact | None]] = [[None] * len(run.options) for run in runs]
        self._moves: list[dict[tuple[int, int, int, int, int], Moves]] = [{} for _ in runs]
        self._on: list[dict[int, list[float]]] = [{} for _ in runs]
        self._left: list[dict[int, list[tuple[int, float, int, int]]]] = [{} for _ in runs]

    def fact(self, index: int, option: int) -> Fact:
        """What an option of a run means."""
        fact = self._facts[index][option]
        if fact is None:
            fact = self._facts[index][option] = self._find_fact(index, option)
        return fact

    def fills(self, index: int, option: int) -> tuple[tuple[int, float], ...]:
        """What an option of a run fills, and with what."""
        fact = self._facts[index][option]
        if fact is not None:
            return fact.fills
        cells, values = self.layout.covered[self.numbers[index][option]][1], self.runs[index].values
        return tuple([(cell, value) for cell, value in zip(cells, values, strict=True) if value is not None])

    def _find_fact(self, index: int, option: int) -> Fact:
        fills, filled = self.fills(index, option), 0
        cells = tuple([cell for cell, _ in fills])
        for fill in fills:
            filled ^= hash(fill)
        before = self._before.get(cells)
        if before is None:
            before = self._before[cells] = {}
        return Fact(fills, filled, *self.rules.at(cells), before, {})

    def standing(self, chosen: Sequence[int], skips: Sequence[float]) -> float:
        """What a placement costs without the rules. ``skips``: what it costs to leave each run out."""
        steps, starts, ends = self.layout.steps, self._starts, self._ends
        costs, numbers = self.costs, self.numbers
        price, step = 0.0, None
        for index, option in enumerate(chosen):
            if option < 0:
                price += skips[index]
                continue
            number = numbers[index][option]
            if step is not None:
                price += costs[index][option] + steps[step + starts[index] + number]
            else:
                price += self.link(index, option, -1, -1)
            step = (number << FROM) - ends[index]
        return price

    def judged(self, values: Values) -> float:
        """What all rules say."""
        return sum([self.said(values, bundle) for bundle in self.all])

    def said(self, values: Values, bundle: Bundle) -> float:
        """What the rules of one bundle say."""
        look, known, rules, *_ = bundle
        seen = look(values)
        said = known.get(seen)
        if said is None:
            said = known[seen] = _verdict(values, rules)
        return said[0]

    def flaws(self, values: Values) -> tuple[float, frozenset[int]]:
        """The penalties of the rules that are broken, and the cells these are about."""
        flaws = 0.0
        broken: set[int] = set()
        for look, known, rules, *_ in self.all:
            found = (known.get(look(values)) or _verdict(values, rules))[1]
            if found:
                flaws += found
                for rule in rules:
                    if not rule.soft and rule.penalty(values) > _BROKEN:
                        broken.update(rule.cells)
        return flaws, frozenset(broken)

    def filled(self, chosen: Chosen) -> Values:
        """What stands in each cell."""
        values: Values = [None] * self.layout.cells
        for index, option in enumerate(chosen):
            if option >= 0:
                for cell, value in self.fills(index, option):
                    values[cell] = value
        return values

    def taken(self, chosen: Chosen) -> int:
        """The cells that runs stand on, as bits."""
        return sum([masks[option] for masks, option in zip(self.masks, chosen, strict=True) if option >= 0])

    def change(self, values: Values, fact: Fact, seen: object) -> float:
        """What rules that have ``seen`` these values add when the cells are filled; the values are left as they were."""
        fills, _, touched, _, before, changes = fact
        said = before.get(seen)
        if said is None:
            said = 0.0
            for penalty in touched:
                said += penalty(values)
            before[seen] = said
        after = 0.0
        for cell, value in fills:
            values[cell] = value
        for penalty in touched:
            after += penalty(values)
        for cell, _ in fills:
            values[cell] = None
        changes[seen] = after - said
        return after - said

    def moves_from(self, chosen: Chosen, index: int, taken: int) -> Moves:
        """Options of a run between its two placed neighbours, the most promising first; none that needs a cell of those
        ``taken``."""
        low, high, last = index - 1, index + 1, len(chosen)
        while low >= 0 and chosen[low] < 0:
            low -= 1
        while high < last and chosen[high] < 0:
            high += 1
        before = chosen[low] if low >= 0 else -1
        after = chosen[high] if high < last else -1
        key = taken, low, before, high, after
        moves = self._moves[index].get(key)
        if moves is None:
            steps, onward = self.layout.steps, self.onward(index, low, before)
            into = self._starts[high] - self._ends[index] + self.numbers[high][after] if after >= 0 else 0
            moves = self._moves[index][key] = []
            for option, hope, number, mask in self._left[index].get(taken) or self._free(index, taken):
                price = onward[option]
                if after >= 0:
                    price += steps[into | number << FROM]
                moves.append((price - hope, price, option, mask))
            moves.sort()
        return moves

    def _free(self, index: int, taken: int) -> list[tuple[int, float, int, int]]:
        """The options of a run that need none of the cells ``taken``, with all that moves depend on."""
        numbers, options = self.numbers[index], self.runs[index].options
        free = self._left[index][taken] = [
            (option, options[option].hope, numbers[option], mask)
            for option, mask in enumerate(self.masks[index])
            if not mask & taken
        ]
        return free

    def link(self, index: int, option: int, low: int, before: int) -> float:
        """What an option of a run costs after the run before it; ``low`` -1 for none."""
        cost, number = self.costs[index][option], self.numbers[index][option]
        if low < 0:
            return cost + self.layout.entry(self.layout.places[number])
        step = (self.numbers[low][before] << FROM) + self._starts[index] - self._ends[low] + number
        return cost + self.layout.steps[step]

    def onward(self, index: int, low: int, before: int) -> list[float]:
        """The same of each of its options."""
        key = low << 12 | before if low >= 0 else -1
        known = self._on[index].get(key)
        if known is None:
            costs, numbers = self.costs[index], self.numbers[index]
            if low < 0:
                entry, places = self.layout.entry, self.layout.places
                known = [cost + entry(places[number]) for cost, number in zip(costs, numbers, strict=True)]
            else:
                base = self._starts[index] - self._ends[low] + (self.numbers[low][before] << FROM)
                keys = map(operator.or_, numbers, itertools.repeat(base))
                known = list(map(operator.add, costs, map(self.layout.steps.__getitem__, keys)))
            self._on[index][key] = known
        return known


class Near:
    """What placements that differ little from one of the same runs cost more than it does."""

    def __init__(self, prices: Prices, chosen: Chosen, values: Values) -> None:
        self._prices, self._chosen, self._values = prices, chosen, values
        # of each bundle: its cells, what its rules say, what they may still give back
        self._said: list[tuple[int, float, float, Bundle]] = []
        for bundle in prices.all:
            said = prices.said(values, bundle)
            self._said.append((bundle[3], said, said + bundle[4], bundle))
        self._before: list[int] = []  # the placed run before each, -1 for none
        self._after = [-1] * len(chosen)  # and after
        self._links: list[float] = []  # what each costs with the step to it
        low = -1
        for index, option in enumerate(chosen):
            self._before.append(low)
            self._links.append(prices.skips[index] if option < 0 else prices.link(index, option, low, chosen[low]))
            if option >= 0:
                self._after[max(low, 0) : index] = [index] * (index - max(low, 0))
                low = index

    def standing(self, shift: Shift) -> float:
        """What the places of the runs, and those alone, cost more when some of them move; all of these are placed, or it
        is one."""
        more, chosen, link, links = 0.0, self._chosen, self._prices.link, self._links
        for index, option in shift.items():
            low, high = self._before[index], self._after[index]
            before = shift.get(low, chosen[low])
            more += link(index, option, low, before) - links[index]
            if high >= 0 and high not in shift:
                more += link(high, chosen[high], index, option) - links[high]
        return more

    def filled(self, shift: Shift, limit: float) -> tuple[Values, float] | None:
        """What stands in each cell then, and what the rules add to what they say now; None if that is more than ``limit``."""
        prices, chosen, values = self._prices, self._chosen, self._values.copy()
        changed = 0
        for index in shift:
            if chosen[index] >= 0:
                changed |= prices.masks[index][chosen[index]]
                for cell, _ in prices.fills(index, chosen[index]):
                    values[cell] = None
        for index, option in shift.items():
            changed |= prices.masks[index][option]
            for cell, value in prices.fills(index, option):
                values[cell] = value
        touched = [one for one in self._said if one[0] & changed]
        more, room = 0.0, limit + _ROUNDED + sum([may for _, _, may, _ in touched])
        for _, said, may, bundle in touched:
            more += prices.said(values, bundle) - said
            room -= may
            if more > room:
                return None
        return values, more


def _verdict(values: Values, rules: list[Rule]) -> Verdict:
    total = flaws = 0.0
    for rule in rules:
        penalty = rule.penalty(values)
        if penalty:
            total += penalty
            if penalty > 0 and not rule.soft:
                flaws += penalty
    return total, flaws
