"""What can be wrong with a round of matching: every fault at once, each with what it is about and the mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jornada.domain.matching.cards import (
    CREDENTIALS,
    DERIVED,
    INTERPRETERS,
    KINDS,
    LEVELS,
    NEEDS,
    Crowd,
    Person,
    Round,
    above,
)
from jornada.domain.restrictions import Restrictions


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a round: what it is about (kind, id, part), the problem, the mend."""

    kind: str
    id: str
    part: str
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id!r}: {self.problem}. {self.mend}"


class RoundFaults(ValueError):
    """A round that cannot be matched; `faults` holds everything that was found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def faults(given: Round, pack: Restrictions) -> tuple[Fault, ...]:
    """Everything wrong with the round that would make a match wrong or impossible."""
    return tuple([*_twice(given), *_trees(given), *_numbers(given), *_facts(given, pack), *_pairs(given)])


def _people(given: Round) -> Sequence[Person]:
    return () if isinstance(given.people, Crowd) else given.people


def _twice(given: Round) -> Iterator[Fault]:
    listed: list[tuple[str, str]] = [("person", one.id) for one in _people(given)]
    listed += [("source", one.id) for one in given.sources] + [("ceiling", one.id) for one in given.ceilings]
    listed += [("mix", one.id) for one in given.mixes] + [("purse", one.id) for one in given.purses]
    listed += [("expectation", one.id) for one in given.expectations]
    if isinstance(given.people, Crowd) and len(set(given.people.ids)) < len(given.people):
        yield Fault("person", "", "id", "an id is given twice", "Give each person one id")
    seen: dict[str, str] = {}
    for kind, name in listed:
        if name in seen:
            yield Fault(
                kind, name, "id", f"the id is given twice (a {seen[name]} has it)", "Give each its own id"
            )
        seen.setdefault(name, kind)


def _trees(given: Round) -> Iterator[Fault]:
    known = {one.id: one for one in given.ceilings}
    inside = [("source", one.id, one.within) for one in given.sources]
    inside += [("ceiling", one.id, one.within) for one in given.ceilings]
    for kind, name, within in inside:
        if within and within not in known:
            problem = f"there is no ceiling {within!r}"
            yield Fault(kind, name, "within", problem, "Add it under ceilings or mend the id")
    for ceiling in given.ceilings:
        chain = above(ceiling.within, known)
        if ceiling in chain:
            ring = " → ".join([ceiling.id, *(one.id for one in chain[: chain.index(ceiling) + 1])])
            yield Fault(
                "ceiling",
                ceiling.id,
                "within",
                f"ceilings stand over each other in a ring: {ring}",
                "Take one of them out of the other",
            )


def _numbers(given: Round) -> Iterator[Fault]:
    limits: list[tuple[str, str, str, int]] = []
    limits += [("source", one.id, "seats", one.seats) for one in given.sources]
    limits += [("source", one.id, "held", one.held) for one in given.sources]
    limits += [("ceiling", one.id, "seats", one.seats or 0) for one in given.ceilings]
    limits += [("ceiling", one.id, "held", one.held) for one in given.ceilings]
    limits += [("mix", one.id, "plus", one.plus) for one in given.mixes]
    limits += [("purse", one.id, "budget", one.budget) for one in given.purses]
    limits += [("purse", p.id, "rates", rate) for p in given.purses for rate in p.rates.values()]
    for kind, name, part, number in limits:
        if number < 0:
            yield Fault(kind, name, part, f"{part} is {number}, below zero", "Write 0 or more")
    for mix in given.mixes:
        if mix.ratio <= 0:
            yield Fault("mix", mix.id, "ratio", f"the ratio is {mix.ratio}", "Write a ratio above zero")
    for expected in given.expectations:
        if expected.mean < 0 or expected.last_on < expected.first_on:
            yield Fault(
                "expectation", expected.id, "mean", "fewer than none, or ends before it begins", "Mend it"
            )


def _facts(given: Round, pack: Restrictions) -> Iterator[Fault]:
    for person in _people(given):
        yield from _known("person", person.id, person.facts, pack, ("person",))
        for part, said, choices in (("need", person.need, NEEDS), ("level", person.level, LEVELS)):
            yield from _choice("person", person.id, part, (said,), choices)
    for source in given.sources:
        shared = () if source.within else ("provider",)
        yield from _known("source", source.id, source.facts, pack, ("source", *shared))
        yield from _choice("source", source.id, "kind", (source.kind,), KINDS)
        yield from _choice("source", source.id, "gives", source.gives, NEEDS)
        yield from _choice("source", source.id, "credentials", source.credentials, CREDENTIALS)
        if source.interpreter:
            yield from _choice("source", source.id, "interpreter", (source.interpreter,), INTERPRETERS)
    for ceiling in given.ceilings:
        sides = ("source",) if ceiling.within else ("source", "provider")
        yield from _known("ceiling", ceiling.id, ceiling.facts, pack, sides)


def _choice(kind: str, name: str, part: str, said: Iterable[str], known: Sequence[str]) -> Iterator[Fault]:
    for one in sorted(said):
        if one not in known:
            yield Fault(kind, name, part, f"unknown {part} {one!r}", f"Known here: {', '.join(known)}")


def _known(
    kind: str, name: str, facts: Mapping[str, Any], pack: Restrictions, sides: Sequence[str]
) -> Iterator[Fault]:
    for fact, value in facts.items():
        trait = pack.traits.get(fact)
        if trait is None or fact in DERIVED:
            near = ", ".join(
                sorted(t for t, one in pack.traits.items() if one.of in sides and t not in DERIVED)
            )
            yield Fault(kind, name, fact, f"unknown fact {fact!r}", f"Known here: {near}")
        elif trait.of not in sides:
            mend = "Write it at the outermost ceiling" if trait.of == "provider" else f"It is of a {trait.of}"
            yield Fault(kind, name, fact, f"{fact} binds the whole {trait.of}, not one {kind}", mend)
        elif not trait.allows(list(value) if isinstance(value, tuple | frozenset) else value):
            known = ", ".join(trait.fact.options) or ("words in a list" if trait.several else trait.fact.kind)
            yield Fault(kind, name, fact, f"{value!r} is no value of {fact}", f"Known here: {known}")


def _pairs(given: Round) -> Iterator[Fault]:
    sources = {one.id for one in given.sources}
    people = {one.id for one in _people(given)}
    said = [("lock", pair) for pair in given.locks] + [("rejection", pair) for pair in given.rejections]
    for kind, pair in said:
        if people and pair.person not in people:
            yield Fault(kind, pair.person, "person", f"there is no person {pair.person!r}", "Mend the id")
        if pair.source not in sources:
            yield Fault(kind, pair.person, "source", f"there is no source {pair.source!r}", "Mend the id")
    locked = [pair.person for pair in given.locks]
    for name in sorted({name for name in locked if locked.count(name) > 1}):
        yield Fault("lock", name, "person", "is locked twice", "Keep one of the locks")
    for pair in set(given.locks) & set(given.rejections):
        yield Fault(
            "lock", pair.person, "source", f"is locked with {pair.source} and rejected there", "Keep one"
        )
    places = sources | {one.id for one in given.ceilings}
    for mix in given.mixes:
        if mix.at not in places:
            yield Fault("mix", mix.id, "at", f"there is no source or ceiling {mix.at!r}", "Mend the id")
    for purse in given.purses:
        for name in sorted(set(purse.rates) - sources):
            yield Fault("purse", purse.id, "rates", f"there is no source {name!r}", "Mend the id")
