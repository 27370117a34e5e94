"""Small rounds of matching for tests: a few people, sources and ceilings, drawn by hypothesis or told by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import strategies as st

from jornada.domain.conditions import condition
from jornada.domain.matching.cards import (
    Ceiling,
    Mix,
    Pair,
    Person,
    Purse,
    Round,
    Source,
    above,
    person_facts,
    source_facts,
)
from jornada.domain.matching.eligibility import needed
from jornada.domain.matching.planned import Plan
from jornada.domain.restrictions import Aims, Restrictions, verdicts
from jornada.gateways import packfiles

DAY = date(2026, 11, 23)
NOTHING_SPECIAL: Mapping[str, Any] = {
    "funding": ["none"],
    "recognized": "no",
    "charges_fees": "no",
}
"""An organization of which everything that the rules ask is known."""
PLAIN: Mapping[str, Any] = {
    "forum": "agency",
    "state": "NC",
    "lsc_category": "no",
    "lsc_abuse_route": "no",
    "h2_worker": "none",
    "memberships": [],
    "can_pay": "no",
}
"""A worker of whom everything is known, and nothing is special."""


def pack() -> Restrictions:
    found: Restrictions = packfiles.load_any("restrictions")
    return found


def person(name: str, days: int = 10, **said: Any) -> Person:
    """Somebody who has waited so many days; speaks Spanish unless told otherwise."""
    facts = {**PLAIN, **said.pop("facts", {})}
    said.setdefault("languages", frozenset({"es"}))
    return Person(name, DAY - timedelta(days=days), facts=facts, **said)


def source(name: str, seats: int = 1, **said: Any) -> Source:
    """An attorney who takes full and limited scope, speaks Spanish, has no interpreter."""
    facts = {
        **({} if said.get("within") else NOTHING_SPECIAL),
        "paid_by": "unrestricted",
        "licensed_in": ["NC"],
        "recognized_places": ["Duplin", "Wake", "Lee"],
        **said.pop("facts", {}),
    }
    said.setdefault("kind", "advocate")
    said.setdefault("gives", frozenset({"full", "limited"}))
    said.setdefault("languages", frozenset({"es", "en"}))
    said.setdefault("interpreter", "none")
    said.setdefault("credentials", frozenset({"attorney"}))
    said.setdefault("home", "Duplin")
    return Source(name, seats=seats, facts=facts, **said)


def provider(name: str, seats: int | None = None, **said: Any) -> Ceiling:
    facts = {**NOTHING_SPECIAL, **said.pop("facts", {})}
    return Ceiling(name, seats, facts=facts, **said)


COMPLEX = condition({"fact": "level", "is": "COMPLEX"})
OTHERS = condition({"fact": "level", "in": ["OK", "ATTY"]})
GAINS = ("deadlines_kept", "complex_full_scope", "people_served", "longest_wait")
"""Aims of which more is better."""


# --- drawn ----------------------------------------------------------------------------------------

NAMES = ("ana", "bashir", "chen", "dalia", "elif")
SOURCES = ("dana", "luis", "rosa", "saturday")

PEOPLE = st.builds(
    person,
    st.just("x"),
    st.sampled_from([0, 3, 8, 15, 40]),
    need=st.sampled_from(["full", "limited", "limited"]),
    level=st.sampled_from(["OK", "OK", "ATTY", "COMPLEX"]),
    place=st.sampled_from(["", "Duplin", "Wake"]),
    languages=st.sampled_from(
        [frozenset({"es"}), frozenset({"es"}), frozenset({"mam"}), frozenset({"es", "en"}), frozenset()]
    ),
    brings_interpreter=st.booleans(),
    deadline_on=st.sampled_from([None, None, DAY + timedelta(days=6), DAY + timedelta(days=20)]),
    not_with=st.sampled_from([frozenset(), frozenset(), frozenset({"dana"}), frozenset({"riverbend"})]),
    arranged_with=st.sampled_from(["", "", "dana", "saturday"]),
    facts=st.fixed_dictionaries(
        {
            "lsc_category": st.sampled_from(["no", "yes", None]),
            "lsc_abuse_route": st.sampled_from(["no", None]),
        }
    ),
)
PLACES = st.sampled_from([frozenset[str](), frozenset({"Duplin", "Wake"}), frozenset({"Duplin"})])
CREDENTIALS = st.sampled_from(
    [*[frozenset({"attorney"})] * 4, frozenset({"accredited_partial"}), frozenset[str]()]
)


def drawn_source(name: str) -> st.SearchStrategy[Source]:
    clinic = name == "saturday"
    return st.builds(
        source,
        st.just(name),
        st.sampled_from([1, 2, 0, 3]),
        kind=st.just("clinic" if clinic else "advocate"),
        gives=st.just(frozenset({"limited"})) if clinic else st.sampled_from(
            [frozenset({"full", "limited"}), frozenset({"full", "limited"}), frozenset({"limited"})]
        ),
        languages=st.sampled_from([frozenset({"es", "en"}), frozenset({"mam", "es"}), frozenset({"en"})]),
        interpreter=st.sampled_from(["none", "in_house", "on_request", ""]),
        home=st.sampled_from(["Duplin", "Wake"]),
        places=PLACES,
        credentials=CREDENTIALS,
        held_on=st.just(DAY + timedelta(days=12)) if clinic else st.none(),
        held=st.integers(0, 3),
        within=st.sampled_from(["marta", "riverbend", "hillside"]),
        facts=st.sampled_from([{}, {"paid_by": "ijc_justice_fellow"}, {"paid_by": None}]),
    )  # fmt: skip


@st.composite
def rounds(draw: st.DrawFn, mixed: bool = False) -> Round:
    """At most four people, three sources in a supervisor within a provider or another provider."""
    people = [_named(draw(PEOPLE), name) for name in NAMES[: draw(st.sampled_from([4, 3, 2, 4, 1, 0]))]]
    sources = [
        draw(drawn_source(name)) for name in draw(st.sampled_from([SOURCES[:2], SOURCES[1:], SOURCES[2:]]))
    ]
    ceilings = [
        Ceiling("marta", draw(st.sampled_from([2, 1, 3, 0])), "riverbend", draw(st.integers(0, 1))),
        provider("riverbend", draw(st.sampled_from([None, 3, 2, 1])), facts=draw(st.sampled_from(
            [{}, {"funding": ["lsc"]}, {"funding": None}]
        ))),
        provider("hillside", None, held=draw(st.integers(0, 3))),
    ]  # fmt: skip
    mixes = draw(st.lists(drawn_mix(), max_size=2, unique_by=lambda one: one.id)) if mixed else []
    purses = draw(st.sampled_from([[], [Purse("batch", 900, {sources[0].id: 500})]])) if mixed else []
    return Round(people, sources, ceilings, mixes, purses)


@st.composite
def drawn_mix(draw: st.DrawFn) -> Mix:
    """At most so many complex files for each other one, or the other way round."""
    of, per = draw(st.sampled_from([(COMPLEX, OTHERS), (OTHERS, COMPLEX)]))
    ratio = draw(st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(2)]))
    return Mix(
        draw(st.sampled_from(["mix1", "mix2"])), draw(st.sampled_from(["marta", "riverbend", "hillside"])),
        of, per, ratio, draw(st.integers(0, 1)),
    )  # fmt: skip


def _named(one: Person, name: str) -> Person:
    return replace(one, id=name)


# --- the best by trying everything ------------------------------------------------------------------


class Trying:
    """Every allowed plan of a small round, and what it is worth by the aims, worked out pair by pair."""

    def __init__(self, given: Round, restrictions: Restrictions, on: date = DAY) -> None:
        self.given, self.pack, self.on = given, restrictions, on
        self.aims: Aims = restrictions.aims(on)
        self.ceilings = {one.id: one for one in given.ceilings}
        self.people = list(given.people)  # type: ignore[arg-type]
        self.pairs = {
            (p.id, s.id): found
            for p in self.people
            for s in given.sources
            if (found := self.pair(p, s)) is not None
        }

    def facts(self, one: Person, other: Source) -> dict[str, Any]:
        return {**source_facts(other, above(other.within, self.ceilings), self.on), **person_facts(one)}

    def pair(self, one: Person, other: Source) -> tuple[int, int] | None:
        """Flags and discomfort of a pair; None where it is forbidden."""
        told = verdicts(self.pack, self.facts(one, other), self.on)
        names = {other.id, *(c.id for c in above(other.within, self.ceilings))}
        day = other.available_on
        if (
            any(verdict.bearing == "forbids" for verdict in told)
            or any(v.bearing == "limits" and self.pack.quota(v.rule, other.seats, self.on) == 0 for v in told)
            or needed(person_facts(one), self.aims) not in other.gives
            or not names.isdisjoint(one.not_with)
            or (day and one.deadline_on and one.deadline_on <= day)
            or (other.places and one.place and one.place not in other.places)
        ):
            return None
        flags = sum(
            {"flags": self.aims.flag_cost, "open": self.aims.open_cost}.get(v.bearing, 0) for v in told
        )
        return flags, self.discomfort(one, other)

    def discomfort(self, one: Person, other: Source) -> int:
        far = 0
        if one.place and one.place != other.home:
            far = self.aims.elsewhere_cost if other.places else self.aims.anywhere_cost
        talk = bool(one.languages) and one.languages.isdisjoint(other.languages)
        return far + talk * self.aims.interpreter_cost

    def plans(self) -> Iterator[dict[str, str]]:
        """Every plan within rules, places, quotas, mixes and purses."""
        for choice in product([None, *self.given.sources], repeat=len(self.people)):
            plan = {p.id: s.id for p, s in zip(self.people, choice, strict=True) if s is not None}
            if all((p, s) in self.pairs for p, s in plan.items()) and self.within(plan):
                yield plan

    def within(self, plan: Mapping[str, str]) -> bool:
        load = {s.id: sum(found == s.id for found in plan.values()) for s in self.given.sources}
        if any(load[s.id] > s.seats for s in self.given.sources):
            return False
        for ceiling in self.given.ceilings:
            if ceiling.seats is not None and self.below(ceiling.id, load) > ceiling.seats:
                return False
        return self.quotas_kept(plan) and self.mixes_kept(plan) and self.locks_kept(plan)

    def below(self, name: str, load: Mapping[str, int]) -> int:
        inside = [s for s in self.given.sources if name in {c.id for c in above(s.within, self.ceilings)}]
        return sum(load[s.id] for s in inside)

    def quotas_kept(self, plan: Mapping[str, str]) -> bool:
        by_id = {p.id: p for p in self.people}
        for other in self.given.sources:
            counted: dict[str, int] = {}
            for name, place in plan.items():
                if place == other.id:
                    for verdict in verdicts(self.pack, self.facts(by_id[name], other), self.on):
                        if verdict.bearing == "limits":
                            counted[verdict.rule.id] = counted.get(verdict.rule.id, 0) + 1
            for rule, number in counted.items():
                if number > self.pack.quota(self.pack.by_id[rule], other.seats, self.on):
                    return False
        return True

    def mixes_kept(self, plan: Mapping[str, str]) -> bool:
        by_id, sources = {p.id: p for p in self.people}, {s.id: s for s in self.given.sources}
        for mix in self.given.mixes:
            of = per = 0
            for name, place in plan.items():
                other = sources[place]
                if mix.at in {other.id, *(c.id for c in above(other.within, self.ceilings))}:
                    scope = self.pack.scope(self.facts(by_id[name], other), self.on)
                    of += mix.of.test(scope) is not False
                    per += mix.per.test(scope) is True
            if of > mix.ratio * per + mix.plus:
                return False
        return all(
            sum(purse.rates.get(place, 0) for place in plan.values()) <= purse.budget
            for purse in self.given.purses
        )

    def locks_kept(self, plan: Mapping[str, str]) -> bool:
        return all(plan.get(pair.person) == pair.source for pair in self.given.locks)

    def worth(self, plan: Mapping[str, str]) -> tuple[int, ...]:
        """The plan's cost by each aim in order: less is better."""
        return tuple(self.cost(aim, plan) for aim in self.aims.order)

    def cost(self, aim: str, plan: Mapping[str, str]) -> int:
        served = [p for p in self.people if p.id in plan]
        if aim == "deadlines_kept":
            return -sum(
                p.deadline_on is not None and (p.deadline_on - self.on).days <= self.aims.near_days
                for p in served
            )
        if aim == "complex_full_scope":
            return -sum(p.level in self.aims.complex_levels for p in served)
        if aim == "people_served":
            return -len(served)
        if aim == "longest_wait":
            days = [(self.on - p.waiting_since).days for p in served]
            return -sum(min(d // self.aims.wait_step_days, self.aims.wait_most_steps) for d in days)
        if aim == "few_flags":
            return sum(self.pairs[p.id, plan[p.id]][0] for p in served)
        if aim == "comfort":
            return sum(self.pairs[p.id, plan[p.id]][1] for p in served)
        if aim == "stability":
            return sum(
                p.arranged_with != plan[p.id] and (p.id, p.arranged_with) in self.pairs for p in served
            )
        return self.load_steps(plan)

    def load_steps(self, plan: Mapping[str, str]) -> int:
        """The step (tenth) of its provider's load in which each person falls, held ones first."""
        load = {s.id: sum(found == s.id for found in plan.values()) for s in self.given.sources}
        total = 0
        for ceiling in (c for c in self.given.ceilings if not c.within):
            inside = [s for s in self.given.sources if ceiling in above(s.within, self.ceilings)]
            free = sum(s.seats for s in inside)
            free = free if ceiling.seats is None else min(free, ceiling.seats)
            total += self.steps(free, ceiling.held, self.below(ceiling.id, load))
        for alone in (s for s in self.given.sources if not s.within):
            total += self.steps(alone.seats, alone.held, load[alone.id])
        return total

    def steps(self, free: int, held: int, load: int) -> int:
        """Step k ends at the k-th part of all that is carried, rounded down."""
        most, all_ = self.aims.load_steps, free + held
        ends = [all_ * (step + 1) // most for step in range(most)]
        return sum(
            next(step for step, end in enumerate(ends) if held + number < end) for number in range(load)
        )

    def best(self) -> tuple[int, ...]:
        """The best that any plan is worth."""
        return min(map(self.worth, self.plans()))


def placed(found: Any) -> dict[str, str]:
    """Who goes where in a plan."""
    return {name: place for name in found.people.ids if (place := found.source_of(name)) is not None}


def costs(found: Plan) -> tuple[int, ...]:
    """What a plan costs by each aim, less being better as in `Trying.worth`."""
    return tuple(-one.value if one.aim in GAINS else one.value for one in found.reached)


def pairs(*said: Sequence[str]) -> list[Pair]:
    return [Pair(one, other) for one, other in said]
