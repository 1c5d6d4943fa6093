"""Flow, recipients, contracts and cost items of a made-up project."""

from __future__ import annotations

import random
from typing import Any

from .words import ITEMS, METHODS, Words

__all__ = ["add_cost_items", "add_spending", "contract", "corporate_number", "split"]

MILLION = 1_000_000
BILLION = 1_000_000_000


def split(rng: random.Random, total: int, parts: int) -> list[int]:
    """``total`` in so many parts of at least zero, in falling order."""
    if parts <= 1:
        return [total]
    weights = [rng.random() ** 2 + 0.05 for _ in range(parts)]
    amounts = [int(total * w / sum(weights)) for w in weights]
    amounts[0] += total - sum(amounts)
    return sorted(amounts, reverse=True)


def corporate_number(rng: random.Random) -> str:
    """A 13-digit corporate number with the right check digit in front."""
    digits = [rng.randint(1, 9)] + [rng.randint(0, 9) for _ in range(11)]
    check = 9 - sum(d * (1 if i % 2 == 0 else 2) for i, d in enumerate(reversed(digits))) % 9
    return str(check) + "".join(map(str, digits))


def add_spending(tables: dict[str, list[dict[str, Any]]], rng: random.Random, words: Words) -> None:
    """Blocks that add up to what was executed in the year before the review, with all below them."""
    sheet = tables["sheets"][0]
    for name in ("blocks", "flows", "ministry_costs", "recipients", "contracts", "cost_items", "multi_year_contracts"):
        tables[name] = []
    budget = next(b for b in tables["budgets"] if b["fiscal_year"] == sheet["review_year"] - 1)
    unit, executed = budget["precision_jpy"], budget["executed_jpy"]
    if not executed:
        return
    sheet["flow_amount_jpy"] = executed
    left = executed // unit
    if rng.random() < 0.4 and left > 40:
        for line, item in enumerate(rng.sample(["職員旅費", "庁費", "諸謝金"], rng.randint(1, 2)), start=1):
            own = rng.randint(1, max(1, left // 30))
            left -= own
            tables["ministry_costs"].append({"line": line, "item": item, "amount_jpy": own * unit})
    count = max(1, min(rng.choice([1, 1, 2, 2, 3, 4, 5]), left))
    pay: list[tuple[str | None, int, int]] = [(None, amount, 1) for amount in split(rng, left, count) if amount]
    letter = 0
    while pay and letter < 8:
        parent, amount, depth = pay.pop(0)
        block = "ABCDEFGHIJ"[letter]
        letter += 1
        _block(tables, rng, words, block, parent, amount, unit, depth)
        if depth < 3 and amount > 8 and rng.random() < 0.3:
            pay.append((block, rng.randint(1, max(1, int(amount * 0.6))), depth + 1))
    add_cost_items(tables, rng, unit)
    if rng.random() < 0.25:
        _multi_year(tables, rng, words)


def _block(tables: dict[str, list[dict[str, Any]]], rng: random.Random, words: Words, block: str, parent: str | None,
           amount: int, unit: int, depth: int) -> None:  # fmt: skip
    """One block with its flow, recipients and contracts; ``amount`` in units."""
    listed = max(1, min(rng.choice([1, 1, 2, 3, 5, 8, 10]), amount))
    count = listed if listed < 10 or rng.random() < 0.5 else rng.randint(11, 80)
    shown = amount if count == listed else int(amount * rng.uniform(0.4, 0.95))
    amounts = [a for a in split(rng, max(shown, listed), listed) if a > 0]
    count = max(count, len(amounts)) if count > listed else len(amounts)
    method, _ = rng.choice(METHODS[:7])
    public = rng.random() < 0.4
    names = _names(rng, words, len(amounts), public=public)
    label = (
        names[0]
        if count == 1
        else rng.choice(["国立大学法人等", "地方公共団体"] if public else ["民間企業等", "民間団体等"])
    )
    role = words.fill("{theme}に係る{action}を行う。") if rng.random() < 0.75 else None
    total = amount if count > len(amounts) else sum(amounts)
    tables["blocks"].append(
        {"block": block, "name": words.theme + rng.choice(["業務", "の実施", "の運営支援", "に係る調査"]) if rng.random() < 0.8 else None,
         "role": role, "recipient_label": label, "recipient_count": count, "amount_jpy": total * unit,
         "is_root": parent is None, "depth": depth, "precision_jpy": unit}
    )  # fmt: skip
    tables["flows"].append({"from_block": parent, "to_block": block, "by": method if rng.random() < 0.9 else None})
    year = tables["sheets"][0]["review_year"] - 1
    for rank, (name, value) in enumerate(zip(names, amounts, strict=True), start=1):
        person = name.startswith("個人")
        number = None if person or rng.random() < 0.05 else corporate_number(words.rng)
        tables["recipients"].append(
            {"block": block, "rank": rank, "fiscal_year": year, "name": name, "corporate_number": number,
             "number_status": "valid" if number else "missing", "name_kind": "person" if person else "organization",
             "amount_jpy": value * unit, "precision_jpy": unit}
        )  # fmt: skip
        tables["contracts"].append(
            {"block": block, "rank": rank, "line": 1, **contract(words.rng, words, value * unit, method)}
        )


def _names(rng: random.Random, words: Words, count: int, *, public: bool) -> list[str]:
    if not public and rng.random() < 0.1:
        return [f"個人{'ＡＢＣＤＥＦＧＨＩＪ'[i]}" for i in range(count)]
    names: dict[str, None] = {}
    while len(names) < count:
        names.setdefault(words.body(public=public))
    return list(names)


def contract(rng: random.Random, words: Words, amount: int, method: str | None = None) -> dict[str, Any]:
    """One contract of ``amount`` yen; a method of the block's kind more often than not."""
    competed = dict(METHODS)
    if method is None or rng.random() < 0.25:
        method = rng.choice(METHODS)[0]
    bidders = rng.choice([1, 1, 2, 3, 4, 7, 12]) if competed[method] else None
    rate = (
        rng.choice([1.0, round(rng.uniform(0.5, 1.0), 2), round(rng.uniform(0.5, 1.0), 3), None]) if bidders else None
    )
    reason = None
    if amount >= BILLION and (bidders == 1 or method.startswith("随意契約（その他")):
        reason = "応募の準備に時間を要する業務であるため。公告の期間を延ばして改める。"
    work = words.fill(
        rng.choice(["{theme}に係る{action}一式", "{action}の実施及び結果の取りまとめ", "{theme}の{action}業務"])
    )
    return {
        "work": work,
        "amount_jpy": amount,
        "method": method,
        "bidders": bidders,
        "award_rate": rate,
        "single_bid_reason": reason,
    }


def add_cost_items(tables: dict[str, list[dict[str, Any]]], rng: random.Random, unit: int) -> None:
    """Cost items of each block's largest recipient, adding up to its amount."""
    tables["cost_items"] = []
    for block in [b["block"] for b in tables["blocks"]]:
        first = next((r for r in tables["recipients"] if r["block"] == block), None)
        if first is None or not first["amount_jpy"]:
            continue
        units = first["amount_jpy"] // unit
        count = max(1, min(rng.randint(1, 6), units))
        for line, (amount, (item, uses)) in enumerate(
            zip(split(rng, units, count), rng.sample(ITEMS, count), strict=True), start=1
        ):
            tables["cost_items"].append(
                {"block": block, "line": line, "recipient": first["name"], "item": item, "use": rng.choice(uses),
                 "amount_jpy": amount * unit}
            )  # fmt: skip
        row = next(b for b in tables["blocks"] if b["block"] == block)
        row["cost_recipient"], row["cost_total_jpy"] = first["name"], units * unit


def _multi_year(tables: dict[str, list[dict[str, Any]]], rng: random.Random, words: Words) -> None:
    recipients = rng.sample(tables["recipients"], min(len(tables["recipients"]), rng.randint(1, 3)))
    for line, row in enumerate(sorted(recipients, key=lambda r: (r["block"], r["rank"])), start=1):
        amount = row["amount_jpy"] * rng.randint(2, 5)
        tables["multi_year_contracts"].append(
            {"line": line, "block": row["block"], "contractor": row["name"], "corporate_number": row["corporate_number"],
             **contract(rng, words, amount)}
        )  # fmt: skip
