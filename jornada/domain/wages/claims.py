"""A claim worked out whole: lines, damages, deadlines, and what each answer would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from jornada.domain.wages import damages
from jornada.domain.wages.hours import HIGH, LOW, End
from jornada.domain.wages.lawbook import Law, Reading
from jornada.domain.wages.weekview import Rounding
from jornada.domain.wages.worksheet import Claim, Line, Worksheet, worksheet

__all__ = ["Change", "Claim", "Expiry", "compute", "expiries", "reckon", "what_changes"]


def compute(
    claim: Claim,
    laws: Sequence[Law],
    on: date,
    *,
    end: End = LOW,
    forum: str = "agency",
    rounding: Rounding = Rounding.EXACT,
) -> Worksheet:
    """The worksheet at one end of what is known, damages and interest with it.

    Weeks whose rates are not in force, and days whose hours cannot be, are named and left out.
    """
    sheet = worksheet(claim, laws, on, end=end, forum=forum, rounding=rounding)
    if not sheet.days:
        return sheet
    certain: list[Line] = []
    possible: list[Line] = []
    open_facts = set(sheet.open_facts)
    for standing in _standings(claim, sheet, laws, on):
        for line, only_possible in damages.found(standing, forum):
            (possible if only_possible else certain).append(line)
        open_facts |= standing.reading.open_facts
    return replace(
        sheet, damages=tuple(certain), possible=tuple(possible), open_facts=tuple(sorted(open_facts))
    )


def _standings(claim: Claim, sheet: Worksheet, laws: Sequence[Law], on: date) -> list[damages.Standing]:
    """What each law's damages are computed from: its own lines that are in time."""
    found = []
    for law in laws:
        keys = [key for key, place in claim.places.items() if not law.state or place.state == law.state]
        if not keys:
            continue
        reading = Reading(law, claim.facts, claim.places[keys[0]], claim.employees, sheet.end)
        lines = tuple(line for line in sheet.lines if line.law == law.name and not line.late)
        days = tuple(day for day in sheet.days if day.place in keys)
        if days:
            found.append(damages.Standing(law, reading, lines, days, on, sheet.daily_pay, claim.filed_on))
    return found


def reckon(
    claim: Claim,
    laws: Sequence[Law],
    on: date,
    *,
    forum: str = "agency",
    rounding: Rounding = Rounding.EXACT,
) -> tuple[Worksheet, Worksheet]:
    """The careful and the full reading. They are one where nothing is uncertain."""
    low = compute(claim, laws, on, end=LOW, forum=forum, rounding=rounding)
    if claim.hours.exact and claim.pay.exact and not low.open_facts:
        return low, replace(low, end=HIGH)
    return low, compute(claim, laws, on, end=HIGH, forum=forum, rounding=rounding)


# ── What time does to it ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Expiry:
    """Money that can no longer be claimed from a day on if nothing is filed before."""

    on: date
    amount: Decimal


def expiries(sheet: Worksheet) -> tuple[Expiry, ...]:
    """When which part of the claim runs out, soonest first; the last one is the day on which nothing is left."""
    found: dict[date, Decimal] = {}
    for line in sheet.lines:
        if not line.late and line.too_late_on is not None:
            found[line.too_late_on] = found.get(line.too_late_on, Decimal("0.00")) + line.amount
    return tuple(Expiry(day, amount) for day, amount in sorted(found.items()))


# ── What each fact changes ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Change:
    """Another answer to one fact, and what the totals would then be."""

    fact: str
    to: Any
    low: Decimal
    high: Decimal


def what_changes(
    claim: Claim,
    laws: Sequence[Law],
    on: date,
    choices: Mapping[str, Sequence[Any]],
    *,
    forum: str = "agency",
) -> tuple[Change, ...]:
    """For each fact that some law turns on: the totals under every other answer that would move them.

    `choices` are the answers that a fact may have. Says what the rules read, never what to answer.
    """
    before = tuple(sheet.total for sheet in reckon(claim, laws, on, forum=forum))
    found = []
    for fact in sorted({fact for law in laws for fact in law.facts}):
        for value in choices.get(fact, ()):
            if value == claim.facts.get(fact):
                continue
            other = replace(claim, facts={**claim.facts, fact: value})
            low, high = (sheet.total for sheet in reckon(other, laws, on, forum=forum))
            if (low, high) != before:
                found.append(Change(fact, value, low, high))
    return tuple(found)
