"""Put the runs of a text layer back into the cells of their tables.

Each run may offer several places at a cost of its own, neighbours in printed order like to be neighbours in the table
(``Layout.step``), and rules (sums, ratios) add a penalty while they are broken, or a reward where they come out.
The search is a beam: at most ``width`` placements are kept at a time, so that time stays bounded. It may start from
placements in which what is sure already stands (``budget_years``); ``improve`` takes the flawed parts of a solution up
again, ``settle`` compares it with its neighbours. Where another placement is nearly as good and fills a cell
differently, that cell is not settled.

How to use it::

    layout = Layout.of(((9, 9, 6), (3, 3)))          # two tables: heights of their columns
    runs = [Run([Option(Place(0, 2, 0, 3), 0.0), …], values=(1.0, None, 3.0), gap=2), …]   # in printed order
    rules = [Rule((layout.cell(0, 0, 0), layout.cell(0, 1, 0)), penalty)]   # penalty(values) -> float
    search = Search(layout, runs, rules)
    solution = search.settle(search.improve(search.finish([search.start], range(len(runs)))))
    solution.places[0]                               # Place of the first run, None = left over
    solution.is_settled(layout.cell(0, 2, 1))
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from toolkit.readers.text_layer.grid import Layout, Place, Rule, Run, Values
from toolkit.readers.text_layer.grid_moves import exchanges, relocations, swaps

__all__ = ["Search", "Solution", "State"]

#: a step between neighbours that costs more than this is taken up again
_FAR = 1.4

#: rules rarely give back more than this to a neighbour of a solution
_GAIN = 4.0

#: a placement with more flaws than this is no solution: nothing of it is settled
_SPOILED = 6.0

#: how many far steps of a solution without flaws are taken up again
_POLISH = 4

#: states that are finished in any case
_SEEDS = 1

#: what a cell that has no place yet will cost: about one step
AHEAD = 0.8

#: how promising each place of a run is, what it costs, the place, and its cells as a mask and as numbers
Moves = list[tuple[float, float, Place, int, tuple[int, ...]]]


@dataclass(slots=True)
class Solution:
    """A placement. ``places`` is parallel to the runs; ``values`` holds the cells of all tables.

    ``flaws``: penalties of the broken final rules, and the price of what was left over; 0 for none.
    """

    places: tuple[Place | None, ...]
    values: Values
    cost: float
    flaws: float = 0.0
    rivals: list[Values] = field(default_factory=list)
    broken: frozenset[int] = frozenset()

    def is_settled(self, cell: int) -> bool:
        """True where no rule about the cell is broken and no placement of nearly the same cost fills it otherwise."""
        value = self.values[cell]
        return self.flaws < _SPOILED and cell not in self.broken and all(other[cell] == value for other in self.rivals)


class State(NamedTuple):
    cost: float
    serial: int
    mask: int
    values: Values
    places: tuple[Place | None, ...]
    filled: int  # hash of what stands in which cell


class Search:
    """The runs of some tables and the rules they obey.

    ``margin``: how much worse a rival may be and still count; ``nodes``: how many places may be looked at before
    ``improve`` leaves a solution as it is.
    """

    def __init__(
        self, layout: Layout, runs: Sequence[Run], rules: Sequence[Rule], *, margin: float = 2.1, nodes: int = 20_000
    ) -> None:
        self.layout, self.runs, self.rules, self.margin, self.nodes = layout, runs, rules, margin, nodes
        self._early = [rule for rule in rules if not rule.final]
        self._rules_of: dict[int, list[int]] = {}
        for number, rule in enumerate(rules):
            if not rule.final:
                for cell in rule.cells:
                    self._rules_of.setdefault(cell, []).append(number)
        self._sizes = [len(run.values) for run in runs]
        self._costs = [{option.place: option.cost for option in run.options} for run in runs]
        self._rules_at: dict[Place, tuple[int, ...]] = {}
        self._moves: dict[tuple[object, ...], Moves] = {}
        self._steps: dict[tuple[object, ...], list[float]] = {}
        self._pool: list[tuple[float, Values]] = []  # good placements of all searches: rivals of the best

    @property
    def start(self) -> State:
        """Nothing placed."""
        return State(0.0, 0, 0, [None] * self.layout.cells, (None,) * len(self.runs), 0)

    def cost(self, run: int, place: Place) -> float:
        """What speaks against a place."""
        return self._costs[run][place]

    def placed(self, state: State, moves: Mapping[int, Place]) -> State:
        """The state with more runs placed; its cost is what the placed runs cost by themselves."""
        places = tuple(moves.get(index, place) for index, place in enumerate(state.places))
        values: Values = [None] * self.layout.cells
        cost, mask, gap, filled = 0.0, 0, 0, 0
        before: Place | None = None
        for number, (run, place) in enumerate(zip(self.runs, places, strict=True)):
            gap += run.gap
            if place is None:
                gap += len(run.values)
                continue
            cost += self._costs[number][place]
            cost += self.layout.step(before, place, gap) if before else self.layout.entry(place)
            before, gap = place, 0
            own, cells = self.layout.covered(place)
            mask |= own
            for cell, value in zip(cells, run.values, strict=True):
                values[cell] = value
                if value is not None:
                    filled ^= hash((cell, value))
        cost += sum([rule.penalty(values) for rule in self._early])
        return State(cost, 0, mask, values, places, filled)

    def grow(self, beam: list[State], order: Sequence[int], *, width: int = 16, branch: int = 10) -> list[State]:
        """The cheapest placements of more runs that grow out of these states."""
        for index in order:
            beam = self._extend(beam, index, width, branch)
        return beam

    def finish(self, seeds: Sequence[State], order: Sequence[int], *, width: int = 8) -> Solution:
        """The best placement that grows out of one of these states. Each grows by itself, lest those that have few runs
        placed, and have paid little, crowd out the others; enough is seen once one came out without a flaw."""
        best: Solution | None = None
        for number, seed in enumerate(seeds):
            found = self._run([seed], order, width if number else 2 * width, 10)
            if best is None or found.cost < best.cost:
                best = found
            if best.flaws <= 0 and number >= _SEEDS:
                break
        assert best is not None
        return best

    def ahead(self, state: State) -> float:
        """Cost of a placement and of what will have to be added to it: only so can placements of more and of fewer runs
        be compared."""
        return state.cost + AHEAD * sum(
            [size for size, place in zip(self._sizes, state.places, strict=True) if place is None]
        )

    def improve(self, solution: Solution, *, width: int = 6, branch: int = 8, tries: int = 20) -> Solution:
        """The solution with its flawed parts placed anew, a few neighbouring runs at a time."""
        seen: set[tuple[int, ...]] = set()
        tried: set[tuple[object, ...]] = set()
        polish = _POLISH
        while tries and self.nodes > 0:
            if solution.flaws <= 0:
                if not polish:
                    break
                polish -= 1
            window = next((one for one in self._windows(solution) if one not in seen), None)
            if window is None:
                break
            seen.add(window)
            tries -= 1
            rest = tuple(place for index, place in enumerate(solution.places) if index not in window)
            if (window, rest) in tried:  # what is found there depends on the rest alone
                continue
            tried.add((window, rest))
            order = sorted(window, key=lambda index: (len(self.runs[index].options), index))
            found = self._run([self._without(solution, window)], order, width, branch)
            if found.cost < solution.cost - 1e-9:
                solution = found
                seen.clear()
        return solution

    def _windows(self, solution: Solution) -> Iterator[tuple[int, ...]]:
        """Runs to take up together: around each left over, in a broken rule or far from its neighbour."""
        broken = self._broken(solution.values)
        bad = []
        before: Place | None = None
        gap = 0
        for index, (run, place) in enumerate(zip(self.runs, solution.places, strict=True)):
            gap += run.gap
            if place is None:
                bad.append(index)
                gap += len(run.values)
                continue
            far = before is not None and before.table == place.table and self.layout.step(before, place, gap) > _FAR
            if far or broken & set(self.layout.covered(place)[1]):
                bad.append(index)
            before, gap = place, 0
        last = len(self.runs)
        if 1 < len(bad) <= 9:
            yield tuple(bad)
        for table in range(len(self.layout.tables)):
            own = tuple(index for index, place in enumerate(solution.places) if place is None or place.table == table)
            if 1 < len(own) <= 14 and any(index in bad for index in own):
                yield own
        for back, on in ((4, 1), (1, 4), (3, 3), (5, 5)):
            for index in bad:
                yield tuple(range(max(0, index - back), min(last, index + on + 1)))

    def _broken(self, values: Values) -> frozenset[int]:
        """The cells of the rules that a placement breaks."""
        hard = (rule for rule in self.rules if not rule.soft)
        return frozenset(cell for rule in hard if rule.penalty(values) > 0.4 for cell in rule.cells)

    def _without(self, solution: Solution, window: Sequence[int]) -> State:
        """The state in which all runs but those of ``window`` are placed."""
        places = tuple(None if index in window else place for index, place in enumerate(solution.places))
        values: Values = [None] * self.layout.cells
        mask = 0
        for run, place in zip(self.runs, places, strict=True):
            if place is not None:
                own, cells = self.layout.covered(place)
                mask |= own
                for cell, value in zip(cells, run.values, strict=True):
                    values[cell] = value
        return State(0.0, 0, mask, values, places, 0)

    def _run(self, beam: list[State], order: Sequence[int], width: int, branch: int) -> Solution:
        beam = self.grow(beam, order, width=width, branch=branch)
        closed = [(self._value(state.places)[0], state) for state in beam]
        cost, best = min(closed, key=lambda one: (one[0], one[1].serial))
        self._pool += [(price, state.values) for price, state in closed if price <= cost + self.margin]
        rivals = [values for price, values in self._pool if price <= cost + self.margin]
        return Solution(best.places, best.values, cost, self._flaws(best.places, best.values), rivals)

    def settle(self, solution: Solution) -> Solution:
        """The solution, or a neighbour of it that is better, with all its close rivals."""
        for _ in range(3):
            better = None
            places = solution.places
            near = exchanges(self.layout, places), relocations(self.layout, self.runs, places), swaps(places)
            limit = solution.cost - sum(rule.penalty(solution.values) for rule in self.rules) + self.margin + _GAIN
            for places in itertools.chain(*near):
                price, values = self._value(places, limit)
                if price <= solution.cost + self.margin:
                    self._pool.append((price, values))
                    if price < solution.cost - 1e-9 and (better is None or price < better[0]):
                        better = (price, places, values)
            if better is None:
                break
            solution = Solution(better[1], better[2], better[0], self._flaws(better[1], better[2]))
        solution.broken = self._broken(solution.values)
        solution.rivals = [values for price, values in self._pool if price <= solution.cost + self.margin]
        return solution

    def _flaws(self, places: tuple[Place | None, ...], values: Values) -> float:
        flaws = sum(max(rule.penalty(values), 0.0) for rule in self.rules if not rule.soft)
        return flaws + sum(run.skip for run, place in zip(self.runs, places, strict=True) if place is None)

    def _value(self, places: tuple[Place | None, ...], limit: float = float("inf")) -> tuple[float, Values]:
        """Price and cells of a whole placement; infinite where a run may not stand there, or where the places alone
        cost more than ``limit``."""
        values: Values = [None] * self.layout.cells
        price = 0.0
        before: Place | None = None
        gap = 0
        for number, (run, place) in enumerate(zip(self.runs, places, strict=True)):
            gap += run.gap
            if place is None:
                price += run.skip
                gap += len(run.values)
                continue
            cost = self._costs[number].get(place)
            if cost is None:
                return float("inf"), values
            price += cost + (self.layout.step(before, place, gap) if before else self.layout.entry(place))
            before, gap = place, 0
            for cell, value in zip(self.layout.covered(place)[1], run.values, strict=True):
                values[cell] = value
        if price > limit:
            return float("inf"), values
        return price + sum([rule.penalty(values) for rule in self.rules]), values

    def _extend(self, beam: list[State], index: int, width: int, branch: int) -> list[State]:
        """All placements of the beam with run ``index`` added, cut to the ``width`` best."""
        run = self.runs[index]
        grown: dict[tuple[Place | None, int], State] = {}
        best: list[float] = []  # negative costs of the best so far, the worst of them first
        serial = 0
        for state in beam:
            serial += 1
            if state.places[index] is not None:
                _keep(grown, state._replace(serial=serial), state.places[index])
                continue
            _keep(grown, state._replace(cost=state.cost + run.skip, serial=serial), None)
            left = branch
            known: dict[int, float] = {}  # penalties of the rules as the state stands
            for _, price, place, mask, cells in self._moves_from(state.places, index):
                if mask & state.mask:
                    continue
                if not left:
                    break
                left -= 1
                self.nodes -= 1
                cost = state.cost + price + self._change(state.values, run, self._touched(place, cells), cells, known)
                if len(best) == width and cost >= -best[0]:
                    continue
                serial += 1
                if _keep(grown, self._placed(state, index, place, cost, serial), place):
                    (heapq.heappush if len(best) < width else heapq.heappushpop)(best, -cost)
        return heapq.nsmallest(width, grown.values(), key=lambda state: (state.cost, state.serial))

    def _change(
        self, values: Values, run: Run, touched: tuple[int, ...], cells: tuple[int, ...], known: dict[int, float]
    ) -> float:
        """What the rules add when the run is put there; the values are left as they were."""
        rules = self.rules
        change = 0.0
        for number in touched:
            before = known.get(number)
            if before is None:
                before = known[number] = rules[number].penalty(values)
            change -= before
        for cell, value in zip(cells, run.values, strict=True):
            values[cell] = value
        for number in touched:
            change += rules[number].penalty(values)
        for cell in cells:
            values[cell] = None
        return change

    def _placed(self, state: State, index: int, place: Place, cost: float, serial: int) -> State:
        values, filled = state.values.copy(), state.filled
        mask, cells = self.layout.covered(place)
        for cell, value in zip(cells, self.runs[index].values, strict=True):
            if value is not None:
                values[cell] = value
                filled ^= hash((cell, value))
        places = (*state.places[:index], place, *state.places[index + 1 :])
        return State(cost, serial, state.mask | mask, values, places, filled)

    def _touched(self, place: Place, cells: tuple[int, ...]) -> tuple[int, ...]:
        """The rules that look at a place."""
        known = self._rules_at.get(place)
        if known is None:
            numbers = {number for cell in cells for number in self._rules_of.get(cell, ())}
            known = self._rules_at[place] = tuple(sorted(numbers))
        return known

    def _moves_from(self, places: tuple[Place | None, ...], index: int) -> Moves:
        """Places for a run between its two placed neighbours, the most promising first."""
        before, gap = self._neighbour(places, index, -1)
        after, gap_after = self._neighbour(places, index, 1)
        key = (index, before, gap, after, gap_after)
        moves = self._moves.get(key)
        if moves is None:
            onward, back = self._onward(index, before, gap), self._back(index, after, gap_after)
            moves = self._moves[key] = sorted(
                (there + on - option.hope, there + on, option.place, *self.layout.covered(option.place))
                for option, there, on in zip(self.runs[index].options, onward, back, strict=True)
            )
        return moves

    def _onward(self, index: int, before: Place | None, gap: int) -> list[float]:
        """What each place of a run costs after the run before it."""
        key = (index, before, gap)
        known = self._steps.get(key)
        if known is None:
            layout, options = self.layout, self.runs[index].options
            known = self._steps[key] = [
                cost + (layout.entry(place) if before is None else layout.step(before, place, gap))
                for place, cost, _ in options
            ]
        return known

    def _back(self, index: int, after: Place | None, gap: int) -> list[float]:
        """What it costs to go on to the run after it."""
        key = (index, gap, after)
        known = self._steps.get(key)
        if known is None:
            options = self.runs[index].options
            known = [0.0 if after is None else self.layout.step(place, after, gap) for place, *_ in options]
            self._steps[key] = known
        return known

    def _neighbour(self, places: tuple[Place | None, ...], index: int, way: int) -> tuple[Place | None, int]:
        """The nearest run that has a place, and how many cells were printed between it and run ``index``."""
        runs = self.runs
        between, at = 0, index
        while True:
            between += runs[at].gap if way < 0 else 0
            at += way
            if not 0 <= at < len(runs):
                return None, between
            between += runs[at].gap if way > 0 else 0
            place = places[at]
            if place is not None:
                return place, between
            between += len(runs[at].values)


def _keep(grown: dict[tuple[Place | None, int], State], state: State, place: Place | None) -> bool:
    """Of placements that read the same and stand at the same point only the cheapest goes on."""
    key = (place, state.filled)
    known = grown.get(key)
    if known is None or state.cost < known.cost:
        grown[key] = state
        return True
    return False
