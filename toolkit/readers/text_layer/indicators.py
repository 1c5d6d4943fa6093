"""Indicators, measurements and logic links of the FY2023 form; older forms are read by ``indicators_old``.

Every activity has a chain: the activity itself, its output, then outcomes from near to far, each with a table of
values. What belongs to which table is told by the printed order of the tables' headers; ``indicators_grid`` puts
the values into their cells, ``indicators_texts`` the prose to its place in the chain.
"""

from __future__ import annotations

from toolkit.readers.text_layer import indicators_old
from toolkit.readers.text_layer.indicators_fill import find_units, put_measurements, solve_all, take_dashes
from toolkit.readers.text_layer.indicators_pool import sort_out
from toolkit.readers.text_layer.indicators_scan import Item, region, scan
from toolkit.readers.text_layer.indicators_shapes import Chain
from toolkit.readers.text_layer.indicators_tables import Body, collect
from toolkit.readers.text_layer.indicators_texts import place_texts
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import tidy

__all__ = ["read"]

_HORIZON = {"1": "short", "2": "mid", "3": "long"}


def read(reading: Reading) -> None:
    """Fill ``indicators``, ``measurements`` and ``logic_links``; before 2023 ``unit_costs`` and policy measures too."""
    if reading.review_year < 2023:
        indicators_old.read(reading)
        return
    items = scan(region(reading, ("indicators",)), reading.labels)
    if not items:
        return
    bodies = collect(items, reading.review_year, reading.draft.sheet().get("start_year") or 0)
    chains = _chains(items, bodies)
    for chain in chains:
        _put_chain(reading, chain)
    place_texts(reading, items, chains)
    take_dashes(items)


def _chains(items: list[Item], bodies: list[Body]) -> list[Chain]:
    """Which table is which link: the left-hand labels name the links, in the same order as the tables below each other."""
    hits = [(place, item.hit) for place, item in enumerate(items) if item.hit is not None]
    names = {
        "output": sorted(
            ((int(hit.groups["no"]), 0, place) for place, hit in hits if hit.key == "output"), key=lambda name: name[0]
        ),
        "outcome": sorted(
            (int(hit.groups["no"]), int(hit.groups["step"]), place) for place, hit in hits if hit.key == "outcome"
        ),
    }
    chains: dict[int, Chain] = {}
    for kind, found in names.items():
        tables = [body for body in bodies if body.kind == kind]
        for (no, step, place), body in zip(_fit(found, len(tables)), tables, strict=True):
            chain = chains.setdefault(no, Chain(no))
            body.label = min(place, body.start) if place >= 0 else body.start
            if kind == "output":
                chain.outputs.append(body)
                body.id = f"{no}-output-{len(chain.outputs)}"
            else:
                body.horizon = _HORIZON.get(str(step), "long")
                twins = sum(other.horizon == body.horizon for other in chain.outcomes)
                body.id = f"{no}-{body.horizon}" + (f"-{twins + 1}" if twins else "")
                chain.outcomes.append(body)
    for _, hit in hits:
        if hit.key == "activity":
            chains.setdefault(int(hit.groups["no"]), Chain(int(hit.groups["no"])))
    return [chains[no] for no in sorted(chains)]


def _fit(names: list[tuple[int, int, int]], count: int) -> list[tuple[int, int, int]]:
    """As many names as there are tables: a name repeated by a page break goes, a lost one follows the last."""
    names = list(names)
    while len(names) > count:
        twice = next((i for i in range(1, len(names)) if names[i][:2] == names[i - 1][:2]), len(names) - 1)
        names.pop(twice)
    while len(names) < count:
        no, step, _ = names[-1] if names else (1, 0, -1)
        names.append((no, min(step + 1, 3) if step else 0, -1))
    return names


def _put_chain(reading: Reading, chain: Chain) -> None:
    """The measurements of all tables of one activity, and the links between them."""
    draft, no = reading.draft, chain.no
    draft.put("indicators", (chain.id,), activity_no=no, level="activity")
    for body in chain.bodies:
        find_units(body)
        level = "output" if body.kind == "output" else "outcome"
        draft.put(
            "indicators", (body.id,), activity_no=no, level=level, horizon=body.horizon or None, unit=tidy(body.unit)
        )
    solve = sort_out if chain.is_jumbled else solve_all
    for solved in solve(chain.bodies, reading.review_year):
        put_measurements(reading, solved)
        draft.put("indicators", (solved.body.id,), unit=tidy(solved.body.unit))
    before = chain.outputs[0].id if chain.outputs else None
    for body in chain.outcomes:
        if before is not None:
            draft.put("logic_links", (before, body.id))
        before = body.id
