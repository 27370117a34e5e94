"""Looking ahead: places held back for harder cases that are expected, and what that brings.

Expected people stand in the network beside those who are here, as many as come with at least the chance that the aims
ask for. They never count as served, so they take a place only where an aim before that one says so: for a deadline, or
for a complex file. Whether holding was worth it is shown by playing many draws of arrivals against three ways of
placing: first those who are here (greedy), with places held (look-ahead), and knowing everything (hindsight).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np

from jornada.domain.matching.cards import (
    Crowd,
    Ints,
    Pair,
    Person,
    Round,
    crowd,
    joined,
)
from jornada.domain.matching.eligibility import deadline_near
from jornada.domain.matching.faults import RoundFaults, faults
from jornada.domain.matching.planned import NOBODY, Plan, worked_out
from jornada.domain.restrictions import Aims, Restrictions

POLICIES = ("greedy", "look_ahead", "hindsight")


@dataclass(frozen=True, slots=True)
class Held:
    """Places held back with one source for expected people, until the last day on which they are expected."""

    expectation: str
    source: str
    places: int
    until: date


@dataclass(frozen=True, slots=True)
class Came:
    """What one way of placing came to over all draws: mean, and the tenth and ninetieth percentile."""

    policy: str
    deadlines: tuple[float, float, float]
    complex_: tuple[float, float, float]
    people: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class LookAhead:
    """A plan with places held, and how it compares. Expected people are in it and fill the places held for them;
    `outcome` tells only of those who are here."""

    plan: Plan
    held: tuple[Held, ...]
    compared: tuple[Came, ...]
    draws: int


def look_ahead(
    given: Round,
    pack: Restrictions,
    *,
    on: date,
    seed: int = 0,
    draws: int = 100,
    progress: Callable[[int], None] = lambda done: None,
) -> LookAhead:
    """The round matched with places held for what is expected, beside greedy and hindsight over so many draws.

    The same seed gives the same draws. Raises as `plan` does.
    """
    if found := faults(given, pack):
        raise RoundFaults(found)
    return _Looking(given, pack, on, seed).compared(draws, progress)


def expected_at_least(mean: Fraction, percent: int) -> int:
    """The most people of whom the chance that so many come, or more, is at least so many percent (Poisson)."""
    rate, number = float(mean), 0
    chance, below = math.exp(-rate), 0.0
    while rate > 0:
        below += chance
        if (1 - below) * 100 < percent or number > 10 * rate + 50:
            return number
        number += 1
        chance *= rate / number
    return 0


class _Looking:
    def __init__(self, given: Round, pack: Restrictions, on: date, seed: int) -> None:
        self.given, self.pack, self.on, self.seed = given, pack, on, seed
        self.aims: Aims = pack.aims(on)
        people = given.people
        self.here = people if isinstance(people, Crowd) else crowd(people, on, given.rejections)

    def compared(self, draws: int, progress: Callable[[int], None]) -> LookAhead:
        planned, held = self._with_places_held()
        greedy = self._matched(self.here)
        placed = {"greedy": self._locks(greedy), "look_ahead": self._locks(planned)}
        random = np.random.default_rng(self.seed)
        scores: dict[str, list[tuple[int, int, int]]] = {policy: [] for policy in POLICIES}
        for draw in range(draws):
            arrivals = self._drawn(random)
            everyone = joined(self.here, arrivals) if arrivals is not None else self.here
            for policy in POLICIES:
                found = self._matched(everyone, placed.get(policy, ()))
                scores[policy].append(self._score(found))
            progress(draw + 1)
        return LookAhead(planned, held, tuple(_came(name, scores[name]) for name in POLICIES), draws)

    # --- holding places -------------------------------------------------------------------------------

    def _with_places_held(self) -> tuple[Plan, tuple[Held, ...]]:
        numbers = [expected_at_least(one.mean, self.aims.hold_percent) for one in self.given.expectations]
        ghosts = self._people(numbers, expected=True)
        if ghosts is None:
            return self._matched(self.here), ()
        both = self._matched(joined(self.here, ghosts))
        kept = len(self.here)
        return both, self._held(both.place[kept:], numbers)

    def _held(self, place: Ints, numbers: Sequence[int]) -> tuple[Held, ...]:
        owner = np.repeat(np.arange(len(numbers)), numbers)
        found = []
        for number, one in enumerate(self.given.expectations):
            at, counts = np.unique(place[(owner == number) & (place != NOBODY)], return_counts=True)
            for source, count in zip(at.tolist(), counts.tolist(), strict=True):
                name = sorted(s.id for s in self.given.sources)[source]
                found.append(Held(one.id, name, count, one.last_on))
        return tuple(found)

    def _people(self, numbers: Sequence[int], expected: bool) -> Crowd | None:
        """So many people of each expectation, as cards like theirs."""
        cards: list[Person] = []
        days: list[int] = []
        for one, number in zip(self.given.expectations, numbers, strict=True):
            cards += [
                replace(one.card, id=f"{one.id} {place + 1}", waiting_since=self.on)
                for place in range(number)
            ]
            days += [max(0, (one.first_on - self.on).days)] * number
        if not cards:
            return None
        found = crowd(cards, self.on)
        return replace(
            found,
            arrives_in=np.array(days, dtype=np.int64),
            expected=np.full(len(cards), expected),
        )

    # --- draws ----------------------------------------------------------------------------------------

    def _drawn(self, random: np.random.Generator) -> Crowd | None:
        means = [float(one.mean) for one in self.given.expectations]
        return self._people([int(random.poisson(mean)) for mean in means], expected=False)

    def _matched(self, people: Crowd, locks: Sequence[Pair] = ()) -> Plan:
        given = replace(self.given, people=people, locks=[*self.given.locks, *locks], expectations=())
        return worked_out(given, self.pack, on=self.on, seed=self.seed)

    def _locks(self, found: Plan) -> list[Pair]:
        """Whoever is here and was placed keeps her place when others arrive."""
        already = {pair.person for pair in self.given.locks}
        return [
            Pair(str(name), found.given.sources[place].id)
            for name, place in zip(self.here.ids, found.place[: len(self.here)].tolist(), strict=True)
            if place != NOBODY and str(name) not in already
        ]

    def _score(self, found: Plan) -> tuple[int, int, int]:
        """Deadlines kept, complex files placed and people served among all who came."""
        placed = found.place != NOBODY
        near = deadline_near(found.people.deadline_in, self.aims)
        level = found.people.columns["level"]
        hard = np.array([value in self.aims.complex_levels for value in level.values])[level.codes]
        return int((placed & near).sum()), int((placed & hard).sum()), int(placed.sum())


def _came(policy: str, scores: Sequence[tuple[int, int, int]]) -> Came:
    table = np.array(scores, dtype=np.float64).reshape(len(scores), 3)
    if not len(table):
        return Came(policy, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    low, high = np.percentile(table, [10, 90], axis=0)
    told = [
        (round(float(m), 3), float(a), float(b))
        for m, a, b in zip(table.mean(axis=0), low, high, strict=True)
    ]
    return Came(policy, told[0], told[1], told[2])
