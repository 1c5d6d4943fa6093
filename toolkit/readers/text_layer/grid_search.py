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
    rules = Rules([Rule((layout.cell(0, 0, 0), layout.cell(0, 1, 0)), penalty)])   # penalty(values) -> float
    search = Search(layout, runs, rules)
    solution = search.settle(search.improve(search.finish([search.start], range(len(runs)))))
    solution.places[0]                               # Place of the first run, None = left over
    layout.cell(0, 2, 1) in solution.settled()
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from toolkit.readers.text_layer.grid import Chosen, Layout, Run, Solution, Values
from toolkit.readers.text_layer.grid_moves import Moves, Shift
from toolkit.readers.text_layer.grid_prices import Near, Prices
from toolkit.readers.text_layer.grid_rules import Rules

__all__ = ["Search", "State"]

#: a step between neighbours that costs more than this is taken up again
_FAR = 1.4

#: rules rarely give back more than this to a neighbour of a solution
_GAIN = 4.0

#: how much worse a rival may be and still count: where runs were printed in good order one that is out of order is hardly
#: true, where they were not it may be; what breaks rules may give way to what breaks others
_EVEN, _ROUGH = 1.0, 4.0

#: how many far steps of a solution without flaws are taken up again
_POLISH = 4

#: states that are finished in any case
_SEEDS = 1

#: placements kept while states are finished for the first time; how many of them are finished again
_NARROW, _AGAIN = 2, 2

#: finishing a state again never makes up for so much
_HOPELESS = 16.0

#: placements that cost so much more than the best are given up
_CLEAR = 3.0


def _is_part(chosen: Chosen, other: Chosen) -> bool:
    """True where all that is placed in one placement stands in the other as well."""
    return all(a < 0 or a == b for a, b in zip(chosen, other, strict=True))


class State(NamedTuple):
    cost: float
    mask: int
    values: Values
    chosen: Chosen
    filled: int  # hash of what stands in which cell


class Search(Prices):
    """The runs of some tables and the rules they obey.

    ``margin``: how much worse a rival may be at most and still count; ``nodes``: how many places may be looked at before
    ``improve`` leaves a solution as it is.
    """

    def __init__(
        self, layout: Layout, runs: Sequence[Run], rules: Rules, *, margin: float = 3.5, nodes: int = 20_000
    ) -> None:
        super().__init__(layout, runs, rules)
        self.margin, self.nodes = margin, nodes
        self._finished: dict[tuple[Chosen, int], Solution] = {}
        self._stood: dict[Chosen, float] = {}
        self._neighbours = Moves(layout, runs, self.masks, self.at)
        self._mended: dict[tuple[tuple[int, ...], Chosen], Solution] = {}
        self._compared: dict[Chosen, Solution | None] = {}  # better neighbours
        self._pool: list[tuple[float, Values]] = []  # good placements of all searches: rivals of the best

    @property
    def start(self) -> State:
        """Nothing placed."""
        return State(0.0, 0, [None] * self.layout.cells, (-1,) * len(self.runs), 0)

    def price(self, state: State, moves: Sequence[tuple[int, int]]) -> float:
        """What it costs to stand as in the state with more runs placed, with what these change for the rules."""
        values, chosen = state.values, list(state.chosen)
        cost, filled = 0.0, []
        for index, option in moves:
            chosen[index] = option
            fact = self._facts[index][option] or self.fact(index, option)
            seen = fact.look(values)
            change = fact.changes.get(seen)
            cost += self.change(values, fact, seen) if change is None else change
            for cell, value in fact.fills:
                values[cell] = value
                filled.append(cell)
        for cell in filled:
            values[cell] = None
        return cost + self.stood(tuple(chosen))

    def stood(self, chosen: Chosen) -> float:
        """What a placement costs without the rules and what is left out."""
        stood = self._stood.get(chosen)
        if stood is None:
            stood = self._stood[chosen] = self.standing(chosen, self.free)
        return stood

    def priced(self, state: State) -> State:
        """The state with its own price, whatever way led to it."""
        return state._replace(cost=self.stood(state.chosen) + sum([penalty(state.values) for penalty in self.early]))

    def placed(self, state: State, index: int, option: int, cost: float) -> State:
        """The state with one more run placed."""
        _, mask, values, chosen, filled = state
        fact, values = self._facts[index][option] or self.fact(index, option), values.copy()
        for cell, value in fact.fills:
            values[cell] = value
        chosen = (*chosen[:index], option, *chosen[index + 1 :])
        return State(cost, mask | self.masks[index][option], values, chosen, filled ^ fact.filled)

    def grow(self, beam: list[State], order: Sequence[int], *, width: int = 16, branch: int = 10) -> list[State]:
        """The cheapest placements of more runs that grow out of these states."""
        base = beam[0].mask if len(beam) == 1 else 0  # cells that are taken in all that grows out of them
        merged = False
        for index in order:
            is_placed = min([state.chosen[index] for state in beam]) >= 0
            if not (merged and is_placed):
                beam = self._extend(beam, index, width, branch, base)
            merged = is_placed
        return beam

    def finish(
        self, seeds: Sequence[State], order: Sequence[int], *, width: int = 8, uneven: float = math.inf
    ) -> Solution:
        """The best placement that grows out of one of these states. Each grows by itself, lest those that have few runs
        placed, and have paid little, crowd out the others: all of them narrowly that are no part of another, the most
        promising ones again if they come out differently. What is as rough as ``uneven`` is left at that."""
        ends: list[tuple[float, int, State, Solution]] = []
        for number, seed in enumerate(seeds):
            if not any(_is_part(seed.chosen, other.chosen) for _, _, other, _ in ends):
                found = self._grown(seed, order, _NARROW)
                ends.append((found.cost, number, seed, found))
                if number >= _SEEDS and min(ends)[3].flaws <= 0:
                    break
        ends.sort()
        best = ends[0][3]
        if self.roughness(best) >= uneven:
            return best
        again = {
            found.chosen: seed for cost, _, seed, found in reversed(ends[:_AGAIN]) if cost <= best.cost + _HOPELESS
        }
        for seed in again.values():
            found = self._grown(seed, order, width)
            if found.cost < best.cost:
                best = found
        return best

    def _grown(self, seed: State, order: Sequence[int], width: int) -> Solution:
        key = seed.chosen, width
        found = self._finished.get(key)
        if found is None:
            found = self._finished[key] = self._run([seed], order, width, 10)
        return found

    def improve(self, solution: Solution, *, width: int = 6, branch: int = 8, tries: int = 20) -> Solution:
        """The solution with its flawed parts placed anew, a few neighbouring runs at a time."""
        seen: set[tuple[int, ...]] = set()
        polish, windows = _POLISH, self._windows(solution)
        while tries and self.nodes > 0:
            if solution.flaws <= 0:
                if not polish:
                    break
                polish -= 1
            window = next((one for one in windows if one not in seen), None)
            if window is None:
                break
            seen.add(window)
            tries -= 1
            rest = tuple([-1 if index in window else option for index, option in enumerate(solution.chosen)])
            found = self._mended.get((window, rest))  # what is found there depends on the rest alone
            if found is None:
                order = sorted(window, key=lambda index: (len(self.runs[index].options), index))
                state = State(0.0, self.taken(rest), self.filled(rest), rest, 0)
                found = self._mended[window, rest] = self._run([state], order, width, branch)
            if found.cost < solution.cost - 1e-9:
                solution, windows = found, self._windows(found)
                seen.clear()
        return solution

    def roughness(self, solution: Solution) -> float:
        """What a step from one run to the next costs on the average: little where they were printed in good order."""
        own = sum([costs[option] for costs, option in zip(self.costs, solution.chosen, strict=True) if option >= 0])
        return (self.stood(solution.chosen) - own) / max(1, len(self.runs))

    def _windows(self, solution: Solution) -> Iterator[tuple[int, ...]]:
        """Runs to take up together: around each left over, in a broken rule or far from its neighbour."""
        broken, chosen, places = solution.broken, solution.chosen, self.layout.places
        bad: list[int] = []
        tables: list[int] = []
        low = -1
        for index, option in enumerate(chosen):
            if option < 0:
                bad.append(index)
                tables.append(-1)
                continue
            number = self.numbers[index][option]
            tables.append(places[number].table)
            near = low >= 0 and tables[low] == tables[index]
            step = self.link(index, option, low, chosen[low]) - self.costs[index][option] if near else 0.0
            if step > _FAR or not broken.isdisjoint(self.layout.covered[number][1]):
                bad.append(index)
            low = index
        last = len(self.runs)
        if 1 < len(bad) <= 9:
            yield tuple(bad)
        for table in range(len(self.layout.tables)):
            own = tuple([index for index, one in enumerate(tables) if one in (-1, table)])
            if 1 < len(own) <= 14 and any(index in bad for index in own):
                yield own
        for back, on in ((4, 1), (1, 4), (3, 3), (5, 5)):
            for index in bad:
                yield tuple(range(max(0, index - back), min(last, index + on + 1)))

    def _run(self, beam: list[State], order: Sequence[int], width: int, branch: int) -> Solution:
        beam = self.grow(beam, order, width=width, branch=branch)
        closed = [
            (self.standing(state.chosen, self.skips) + self.judged(state.values), number)
            for number, state in enumerate(beam)
        ]
        cost, number = min(closed)
        self._pool += [(price, beam[number].values) for price, number in closed if price <= cost + self.margin + 1e-9]
        return self._solution(beam[number].chosen, beam[number].values, cost)

    def _solution(self, chosen: Chosen, values: Values, cost: float) -> Solution:
        flaws, broken = self.flaws(values)
        left = sum([skip for skip, option in zip(self.skips, chosen, strict=True) if option < 0])
        return Solution(chosen, values, cost, flaws + left, broken)

    def settle(self, solution: Solution) -> Solution:
        """The solution, or a neighbour of it that is better, with all its close rivals."""
        for _ in range(3):
            better = self._better(solution)
            if better is None:
                break
            solution = better
        limit = solution.cost + min(self.margin, max(_EVEN, _ROUGH * self.roughness(solution) + solution.flaws))
        solution.rivals = [values for price, values in self._pool if price <= limit + 1e-9]
        solution.places = tuple(
            [
                run.options[option].place if option >= 0 else None
                for run, option in zip(self.runs, solution.chosen, strict=True)
            ]
        )
        return solution

    def _better(self, solution: Solution) -> Solution | None:
        """The best neighbour of a solution, if it is better; all that are nearly as good are remembered as rivals."""
        chosen = solution.chosen
        if chosen in self._compared:
            return self._compared[chosen]
        near = Near(self, chosen, solution.values)
        best = 0.0
        better: tuple[Shift, Values] | None = None
        for shift in self._neighbours.around(chosen):
            more = near.standing(shift)
            if more > self.margin + _GAIN:
                continue
            filled = near.filled(shift, self.margin - more)
            if filled is None:
                continue
            values, change = filled
            more += change
            if more <= self.margin + 1e-9:
                self._pool.append((solution.cost + more, values))
                if more < best - 1e-9:
                    best, better = more, (shift, values)
        found = None
        if better is not None:
            new = [better[0].get(index, option) for index, option in enumerate(chosen)]
            found = self._solution(tuple(new), better[1], solution.cost + best)
        self._compared[chosen] = found
        return found

    def _extend(self, beam: list[State], index: int, width: int, branch: int, base: int) -> list[State]:
        """All placements of the beam with run ``index`` added, cut to the ``width`` best. Of placements that read the
        same and stand at the same point only the cheapest goes on."""
        skip, facts = self.skips[index], self._facts[index]
        grown: dict[tuple[int, int], tuple[float, int, State, int]] = {}  # cost, serial, origin, option
        best: list[float] = []  # negative costs of the best so far, the worst of them first
        worst = math.inf
        serial = 0
        for state in beam:
            paid, taken, values, chosen, filled = state
            serial += 1
            own = chosen[index]
            cost = paid if own >= 0 else paid + skip
            known = grown.get((own, filled))
            if known is None or cost < known[0]:
                grown[own, filled] = cost, serial, state, -1
            if own >= 0:
                continue
            left = branch
            for _, price, option, mask in self.moves_from(chosen, index, base):
                if mask & taken:
                    continue
                if not left:
                    break
                left -= 1
                fact = facts[option] or self.fact(index, option)
                seen = fact.look(values)
                change = fact.changes.get(seen)
                if change is None:
                    change = self.change(values, fact, seen)
                cost = paid + price + change
                if cost >= worst:
                    continue
                serial += 1
                key = option, filled ^ fact.filled
                known = grown.get(key)
                if known is None or cost < known[0]:
                    grown[key] = cost, serial, state, option
                    if len(best) < width:
                        heapq.heappush(best, -cost)
                    else:
                        heapq.heapreplace(best, -cost)
                    if len(best) == width:
                        worst = -best[0]
            self.nodes -= branch - left
        kept = sorted(grown.values())[:width]
        limit = kept[0][0] + _CLEAR
        while kept[-1][0] > limit:
            kept.pop()
        return [
            self.placed(state, index, option, cost) if option >= 0 else State(cost, *state[1:])
            for cost, _, state, option in kept
        ]
