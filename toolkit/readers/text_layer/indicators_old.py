"""Indicators of the forms to 2022: outcomes, outputs, unit costs and the measures of 政策評価.

Each block has its own headers; the left-hand labels bear no numbers, so that only the order tells one block from
the next. A block in which nothing is filled in is no indicator.
"""

from __future__ import annotations

import re

from toolkit.readers.text_layer.indicators_columns import sort_columns
from toolkit.readers.text_layer.indicators_costs import formulas_of, put_unit_costs
from toolkit.readers.text_layer.indicators_fill import find_units, put_measurements, solve_all, take_dashes
from toolkit.readers.text_layer.indicators_names import doubtful_names, exchange_names, match_names
from toolkit.readers.text_layer.indicators_rows import complete_rows, doubt, drop_unlikely
from toolkit.readers.text_layer.indicators_scan import Item, region, scan
from toolkit.readers.text_layer.indicators_shapes import Chain, Slot
from toolkit.readers.text_layer.indicators_tables import Body, collect
from toolkit.readers.text_layer.indicators_texts import (
    GUESS,
    align,
    number_evidence,
    put,
    settle_names,
    texts_of,
)
from toolkit.readers.text_layer.reading import Reading
from toolkit.text import fold, tidy

__all__ = ["read"]

#: left-hand labels of the blocks
_BLOCKS = {
    "outcomes": "outcome",
    "outputs": "output",
    "unit_costs": "unit_cost",
    "policy_measure": "policy",
    "reform_tier": "reform",
}
#: the name of something that comes in whole numbers
_COUNT = re.compile(r"[件回人者所本校社団体台名種]数$")
_LEVELS = {"outcome": "outcome", "output": "output", "policy": "policy", "reform": "policy"}


def read(reading: Reading) -> None:
    """Fill ``indicators``, ``measurements`` and ``unit_costs``."""
    items = scan(region(reading, ("indicators", "unit_costs", "policy")), reading.labels)
    bodies = collect(items, reading.review_year, reading.draft.sheet().get("start_year") or 0)
    complete_rows(bodies, reading.hits, reading.review_year)
    slots = _slots(items, bodies)
    tables = [body for body in bodies if body.kind != "unit_cost"]
    costs = [body for body in bodies if body.kind == "unit_cost"]
    for body in tables:
        find_units(body)
    prices = [put_unit_costs(reading, items, body) for body in costs]
    rows = {run.line.number: body for body in bodies for run in body.runs if run.row is not None and not run.is_loose}
    units = {fold(body.unit) for body in bodies if body.unit}
    align(slots, [text for text in texts_of(items, rows) if text.piece.folded not in units])
    settle_names(slots)
    texts = [text for text in texts_of(items, rows, early=True) if text.piece.folded not in units]
    match_names(slots, texts)
    beside = {id(text.piece) for text in texts if text.beside is not None}
    exchange_names(slots, beside)
    _put_tables(reading, bodies, formulas_of(items), slots, doubtful_names(slots, beside))
    prose = {
        (slot.kind, id(slot.body)): put(reading, slot)
        for slot in slots
        if slot.body is None or slot.kind == "basis" or slot.body.id
    }
    for own, body in zip(prices, costs, strict=True):
        for row in own:
            row["basis"] = prose.get(("basis", id(body)))
    reason, goal = (prose.get((kind, id(None))) for kind in ("no_reason", "no_goal"))
    if reason or goal:
        count = sum(body.kind == "outcome" and bool(body.id) for body in tables)
        reading.draft.put(
            "indicators", (f"outcome-{count + 1}",), level="outcome", is_qualitative=True, explanation=reason, goal=goal
        )
    take_dashes(items)


def _put_tables(
    reading: Reading, bodies: list[Body], quotients: list[float], slots: list[Slot], doubtful: set[int]
) -> None:
    """Number the tables that are filled in (or whose goal or name is said), and store their values.

    Where the name is a guess, so is what the values are values of.
    """
    names = {id(slot.body): slot.points for slot in slots if slot.texts and slot.kind == "name"}
    goals = {id(slot.body) for slot in slots if slot.texts and slot.kind == "goal"}
    counts: dict[str, int] = {}
    tables = [body for body in bodies if body.kind != "unit_cost"]
    for slot in slots:
        if slot.texts and slot.kind == "name" and slot.body is not None:
            slot.body.counts = bool(_COUNT.search("".join(piece.folded for piece in slot.texts)))
    columns = sort_columns(bodies, reading.review_year, quotients)
    labelled = iter(solve_all([body for body in tables if id(body) not in columns], reading.review_year))
    for body in tables:
        solved = columns[id(body)] if id(body) in columns else next(labelled)
        if id(body) not in columns:
            doubt(solved)
        no_goal = body.kind == "outcome" and id(body) not in goals  # the form has both: the name may be the goal
        if names.get(id(body), 0.0) < GUESS or no_goal:
            solved.filled.unsettled |= {cell for cell in solved.filled.cells if cell is not None}
        drop_unlikely(solved, named=id(body) in names)
        if id(body) in doubtful:  # what is counted is open, not where it stands
            solved.filled.unsettled |= {cell for cell in solved.filled.cells if cell is not None}
        if id(body) in names.keys() | goals or any(value.number is not None for value in solved.values):
            counts[body.kind] = counts.get(body.kind, 0) + 1
            body.id = f"{body.kind}-{counts[body.kind]}"
            reading.draft.put("indicators", (body.id,), level=_LEVELS[body.kind], unit=tidy(body.unit))
        put_measurements(reading, solved)


def _slots(items: list[Item], bodies: list[Body]) -> list[Slot]:
    """The prose cells in the form's order. Headers printed one right after the other share the texts that follow."""
    chain = Chain(
        0, [body for body in bodies if body.kind == "output"], [body for body in bodies if body.kind == "outcome"]
    )
    number_evidence(items, [chain])
    labels = {
        kind: [place for place, item in enumerate(items) if item.hit is not None and item.hit.key == key]
        for key, kind in _BLOCKS.items()
    }
    for kind, places in labels.items():
        own = [body for body in bodies if body.kind == kind]
        for i, body in enumerate(own):
            body.label = min(places[i] if len(places) == len(own) else places[0] if places else body.start, body.start)
    keys = {item.hit.key for item in items if item.hit is not None}
    ends = [body.start for body in bodies] + [len(items)]
    slots: list[Slot] = []
    for place, body in enumerate(bodies):
        first, last = place, place + 1
        while first and bodies[first - 1].kind == body.kind and not _has_content(items[ends[first - 1] : ends[first]]):
            first -= 1
        while (
            last < len(bodies)
            and bodies[last].kind == body.kind
            and not _has_content(items[ends[last - 1] : ends[last]])
        ):
            last += 1
        inside = (ends[first], ends[last])
        if body.kind == "outcome":
            slots += [Slot("goal", chain, body, *inside), Slot("name", chain, body, *inside)]
            if "evidence" in keys:
                slots += [Slot("evidence", chain, body, *inside), Slot("late_name", chain, body, *inside)]
            if place + 1 == len(bodies) or bodies[place + 1].kind != "outcome":
                slots += [
                    Slot(kind, chain, None, body.start, inside[1])
                    for kind in ("no_reason", "no_goal")
                    if f"no_number_{kind[3:]}" in keys
                ]
        else:
            slots.append(Slot("basis" if body.kind == "unit_cost" else "name", chain, body, *inside))
    return slots


def _has_content(items: list[Item]) -> bool:
    return any(item.piece is not None or item.run is not None for item in items)
