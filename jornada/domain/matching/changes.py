"""What would change a plan: one thing altered in a round, and the plan that comes of it.

A change is only ever told to a person after the round was matched again with it and she had a place. Nothing is
guessed; what did not help is not named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from jornada.domain.facts import Reason
from jornada.domain.matching.cards import Ceiling, Column, Crowd, Round, Source, above, plain
from jornada.domain.matching.eligibility import needed
from jornada.domain.matching.planned import Plan, worked_out
from jornada.domain.matching.reasons import facts_of


@dataclass(frozen=True)
class Change:
    """One thing altered: how it is told, and what it makes of a round. Two with the same name are the same."""

    reason: Reason
    name: tuple[Any, ...]
    of: Callable[[Round], Round]


class Trials:
    """Changes tried on one plan, each matched once."""

    def __init__(self, found: Plan) -> None:
        self.plan = found
        self._tried: dict[tuple[Any, ...], Plan] = {}

    def after(self, change: Change) -> Plan:
        """The plan of the changed round."""
        if change.name not in self._tried:
            before = self.plan
            given = change.of(before.given)
            self._tried[change.name] = worked_out(given, before.pack, on=before.on, seed=before.seed)
        return self._tried[change.name]

    def reaches(self, change: Change, person: str) -> bool:
        """Whether the person has a place once that is changed."""
        return self.after(change).source_of(person) is not None


# --- more places ----------------------------------------------------------------------------------


def more_seats(found: Plan, place: int, more: int) -> Change:
    """So many more places with a source, and under each ceiling above it that is full."""
    source = found.given.sources[place]
    full = full_above(found, place)
    key = "one_more_seat" if more == 1 else "more_seats"
    values = {"source": source.id, "seats": more, "within": [one.id for one in full]}
    names = {one.id for one in full}

    def of(given: Round) -> Round:
        sources = [
            replace(one, seats=one.seats + more) if one.id == source.id else one for one in given.sources
        ]
        ceilings = [
            replace(one, seats=(one.seats or 0) + more) if one.id in names else one for one in given.ceilings
        ]
        return replace(given, sources=sources, ceilings=ceilings)

    return Change(Reason(key, values), ("seats", source.id, more), of)


def full_above(found: Plan, place: int) -> tuple[Ceiling, ...]:
    """The ceilings above a source that have no place left."""
    given = found.given
    chain = above(given.sources[place].within, {one.id: one for one in given.ceilings})
    return tuple(one for one in chain if one.seats is not None and found.below[one.id] >= one.seats)


def is_full(found: Plan, place: int) -> bool:
    """Whether a source, or a ceiling above it, has no place left."""
    return int(found.loads[place]) >= found.given.sources[place].seats or bool(full_above(found, place))


# --- one obstacle mended --------------------------------------------------------------------------


def mended(found: Plan, person: str, place: int, obstacle: Reason) -> Change | None:
    """The source without that obstacle; None where nobody there could change it (the law, her nationality)."""
    source, card = found.given.sources[place], facts_of(found, found.index[person])
    told = Reason(f"would_help.{obstacle.key}", obstacle.values)
    if obstacle.key == "kept_apart":
        return _together(found, person, place, told)
    rule = found.pack.by_id.get(str(obstacle.values.get("rule", "")))
    if rule is not None:
        return _ruled(found, source, card, rule.would_change, told) if rule.would_change else None
    make = _MENDS.get(obstacle.key)
    changed = make(source, obstacle, found, card) if make else None
    return _with_source(changed, told) if changed else None


def _with_source(changed: Source, told: Reason) -> Change:
    def of(given: Round) -> Round:
        return replace(given, sources=[changed if one.id == changed.id else one for one in given.sources])

    return Change(told, ("source", changed.id, repr(changed)), of)


def _together(found: Plan, person: str, place: int, told: Reason) -> Change | None:
    """The conflict with that source cleared, or the rejection taken back."""
    source, names = found.given.sources[place], found.sources.names[place]

    def of(given: Round) -> Round:
        kept = [pair for pair in given.rejections if (pair.person, pair.source) != (person, source.id)]
        people = given.people
        if isinstance(people, Crowd):
            return replace(given, people=_cleared(people, found.index[person], names), rejections=kept)
        cards = [replace(one, not_with=one.not_with - names) if one.id == person else one for one in people]
        return replace(given, people=cards, rejections=kept)

    return Change(told, ("together", person, source.id), of)


def _cleared(people: Crowd, number: int, names: Set[str]) -> Crowd:
    """The crowd in which nothing keeps one person from these sources any more."""
    before = people.columns["not_with"]
    codes = before.codes.astype(np.int64)
    codes[number] = len(before.values)
    left = plain(set(people.value("not_with", number) or ()) - names)
    cleared = Column(codes, (*before.values, left))
    return replace(people, columns={**people.columns, "not_with": cleared})


def _ruled(
    found: Plan, source: Source, card: Mapping[str, Any], to: tuple[str, str], told: Reason
) -> Change | None:
    """What the rule itself says would change it, a fact of the source or of its organization."""
    fact, value = to
    if fact == "speaks":
        return _with_source(replace(source, languages=source.languages | set(card.get(value) or ())), told)
    if fact == "credentials":
        return _with_source(replace(source, credentials=source.credentials | {value}), told)
    if fact == "credential_status":
        return _with_source(replace(source, credential_until=None), told)
    trait = found.pack.traits[fact]
    set_to = [value] if trait.several or trait.fact.kind == "choices" else value
    if trait.of == "provider" and source.within:
        return _with_provider(found, source, {fact: set_to}, told)
    return _with_source(replace(source, facts={**source.facts, fact: set_to}), told)


def _with_provider(found: Plan, source: Source, facts: Mapping[str, Any], told: Reason) -> Change:
    outermost = above(source.within, {one.id: one for one in found.given.ceilings})[-1].id

    def of(given: Round) -> Round:
        ceilings = [
            replace(one, facts={**one.facts, **facts}) if one.id == outermost else one
            for one in given.ceilings
        ]
        return replace(given, ceilings=ceilings)

    return Change(told, ("provider", outermost, repr(sorted(facts.items()))), of)


def _serves(source: Source, obstacle: Reason, found: Plan, card: Mapping[str, Any]) -> Source:
    return replace(source, places=source.places | {str(obstacle.values["place"])})


def _gives(source: Source, obstacle: Reason, found: Plan, card: Mapping[str, Any]) -> Source | None:
    need = needed(card, found.aims)
    if source.kind == "clinic" and need == "full":
        return None  # a day has an end, full scope has none
    return replace(source, gives=source.gives | {need})


def _sooner(source: Source, obstacle: Reason, found: Plan, card: Mapping[str, Any]) -> Source | None:
    last = date.fromisoformat(str(obstacle.values["deadline_on"])) - timedelta(days=1)
    if last < found.on:
        return None
    return replace(source, held_on=last) if source.held_on else replace(source, starts_on=last)


def _again(source: Source, obstacle: Reason, found: Plan, card: Mapping[str, Any]) -> Source:
    return replace(source, held_on=found.on + timedelta(days=1))


_MENDS: Mapping[str, Callable[[Source, Reason, Plan, Mapping[str, Any]], Source | None]] = {
    "out_of_area": _serves,
    "needs_full_scope": _gives,
    "does_not_give": _gives,
    "after_deadline": _sooner,
    "clinic_over": _again,
}


# --- another source -------------------------------------------------------------------------------


def another_source(found: Plan, person: str, seats: int) -> Change:
    """Somebody new who fits her: an attorney who speaks her language, serves her place, gives what she needs."""
    card = facts_of(found, found.index[person])
    state = card.get("state")
    new = Source(
        "another source",
        "consulate" if card.get("need") == "consulate" else "advocate",
        seats,
        gives=frozenset({needed(card, found.aims)}),
        languages=frozenset(card.get("languages") or ()),
        interpreter="in_house",
        home=str(card.get("place") or ""),
        places=frozenset({str(card["place"])}) if card.get("place") else frozenset(),
        credentials=frozenset({"attorney"}),
        facts={
            "funding": ["none"],
            "paid_by": "unrestricted",
            "consulate_offers": "documents",
            **({"nationalities": [card["nationality"]]} if card.get("nationality") else {}),
            **({"licensed_in": [state]} if state else {}),
        },
    )
    told = Reason("another_source_needed", {"seats": seats})
    return Change(told, ("another", repr(new)), lambda given: replace(given, sources=[*given.sources, new]))
