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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import NamedTuple

from toolkit.readers.text_layer.grid import Layout, Place, Rule, Run, Values
from toolkit.readers.text_layer.grid_moves import exchanges, relocations, swaps
from toolkit.readers.text_layer.grid_prices import Prices

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


class Search(Prices):
    """The runs of some tables and the rules they obey.

    ``margin``: how much worse a rival may be and still count; ``nodes``: how many places may be looked at before
    ``improve`` leaves a solution as it is.
    """

    def __init__(
        self, layout: Layout, runs: Sequence[Run], rules: Sequence[Rule], *, margin: float = 2.1, nodes: int = 20_000
    ) -> None:
        super().__init__(layout, runs, rules)
        self.margin, self.nodes = margin, nodes
        self._finished: dict[tuple[object, ...], tuple[Solution, int]] = {}
        self._pool: list[tuple[float, Values]] = []  # good placements of all searches: rivals of the best

    @property
    def start(self) -> State:
        """Nothing placed."""
        return State(0.0, 0, 0, [None] * self.layout.cells, (None,) * len(self.runs), 0)

    def cost(self, run: int, place: Place) -> float:
        """What speaks against a place."""
        return self._costs[run][place]

    def price(self, state: State, moves: Sequence[tuple[int, Place]]) -> float:
        """What the state costs with more runs placed."""
        places, values = list(state.places), state.values
        fills: list[tuple[int, float]] = []
        for index, place in moves:
            places[index] = place
            fills += self.facts[index][place].fills
        for cell, value in fills:
            values[cell] = value
        cost = self.standing(places, self.free) + self.judged(values, self.early)
        for cell, _ in fills:
            values[cell] = None
        return cost

    def placed(self, state: State, moves: Sequence[tuple[int, Place]], cost: float) -> State:
        """The state with more runs placed."""
        for index, place in moves:
            state = self._placed(state, index, place, cost, 0)
        return state

    def grow(self, beam: list[State], order: Sequence[int], *, width: int = 16, branch: int = 10) -> list[State]:
        """The cheapest placements of more runs that grow out of these states."""
        merged = False
        for index in order:
            if all(state.places[index] is not None for state in beam):
                if merged:
                    continue
                merged = True
            else:
                merged = False
            beam = self._extend(beam, index, width, branch)
        return beam

    def finish(self, seeds: Sequence[State], order: Sequence[int], *, width: int = 8) -> Solution:
        """The best placement that grows out of one of these states. Each grows by itself, lest those that have few runs
        placed, and have paid little, crowd out the others; enough is seen once one came out without a flaw."""
        best: Solution | None = None
        for number, seed in enumerate(seeds):
            key = seed.places, 0 if number else 2 * width
            if key not in self._finished:
                nodes = self.nodes
                found = self._run([seed], order, width if number else 2 * width, 10)
                self._finished[key] = replace(found), nodes - self.nodes
            else:
                known, looked = self._finished[key]
                found = replace(known)
                self.nodes -= looked
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
            [size for size, place in zip(self.sizes, state.places, strict=True) if place is None]
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
        mask = 0
        for facts, place in zip(self.facts, places, strict=True):
            mask |= facts[place].mask if place else 0
        return State(0.0, 0, mask, self.filled(places), places, 0)

    def _run(self, beam: list[State], order: Sequence[int], width: int, branch: int) -> Solution:
        beam = self.grow(beam, order, width=width, branch=branch)
        closed = [
            (self.standing(state.places, self.skips) + self.judged(state.values, self.all), state) for state in beam
        ]
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
            limit = solution.cost - self.judged(solution.values, self.all) + self.margin + _GAIN
            for places in itertools.chain(*near):
                price = self.standing(places, self.skips)
                if price > limit:
                    continue
                values = self.filled(places)
                price += self.judged(values, self.all)
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

    def _extend(self, beam: list[State], index: int, width: int, branch: int) -> list[State]:
        """All placements of the beam with run ``index`` added, cut to the ``width`` best."""
        skip = self.runs[index].skip
        grown: dict[tuple[Place | None, int], State] = {}
        best: list[float] = []  # negative costs of the best so far, the worst of them first
        serial = 0
        for state in beam:
            serial += 1
            paid, _, taken, values, places, filled = state
            if places[index] is not None:
                _keep(grown, State(paid, serial, *state[2:]), places[index])
                continue
            _keep(grown, State(paid + skip, serial, *state[2:]), None)
            left = branch
            for _, price, place, (mask, fills, more, touched, look, changes) in self.moves_from(places, index):
                if mask & taken:
                    continue
                if not left:
                    break
                left -= 1
                seen = look(values)
                change = changes.get(seen)
                if change is None:
                    change = changes[seen] = self.change(values, fills, touched)
                cost = paid + price + change
                if len(best) == width and cost >= -best[0]:
                    continue
                serial += 1
                key = place, filled ^ more
                old = grown.get(key)
                if old is None or cost < old.cost:
                    grown[key] = self._placed(state, index, place, cost, serial)
                    (heapq.heappush if len(best) < width else heapq.heappushpop)(best, -cost)
            self.nodes -= branch - left
        return heapq.nsmallest(width, grown.values(), key=itemgetter(0, 1))

    def _placed(self, state: State, index: int, place: Place, cost: float, serial: int) -> State:
        _, _, mask, values, places, filled = state
        own, fills, more, *_ = self.facts[index][place]
        values = values.copy()
        for cell, value in fills:
            values[cell] = value
        places = (*places[:index], place, *places[index + 1 :])
        return State(cost, serial, mask | own, values, places, filled ^ more)


def _keep(grown: dict[tuple[Place | None, int], State], state: State, place: Place | None) -> None:
    """Of placements that read the same and stand at the same point only the cheapest goes on."""
    key = (place, state.filled)
    known = grown.get(key)
    if known is None or state.cost < known.cost:
        grown[key] = state
