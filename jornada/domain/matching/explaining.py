"""The outcome of a round for people: proposals with reasons, and for each person left out what was nearest and
what would change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jornada.domain.facts import Reason
from jornada.domain.matching.cards import Ints, Round
from jornada.domain.matching.changes import Change, Trials, another_source, is_full, mended, more_seats
from jornada.domain.matching.planned import NOBODY, Plan, Reached, plan
from jornada.domain.matching.reasons import Pairing
from jornada.domain.restrictions import Restrictions

NEAREST = 3
"""How many of the nearest sources are told to a person left out."""
_MOST_SEATS = 256
"""No more places than these are tried at one source; who stands further back is told that another one is needed."""


@dataclass(frozen=True, slots=True)
class Match:
    """A proposal: this person with this source, what speaks for it, and what a person must settle first."""

    person: str
    source: str
    reasons: tuple[Reason, ...]
    flags: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """A source that did not take a person, and everything that stood in the way (full: nothing but places)."""

    source: str
    obstacles: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A person without a place: the sources that came nearest, and what would give her one."""

    person: str
    nearest: tuple[Near, ...]
    changes: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """The outcome of one round, in the order in which the people were given."""

    matches: tuple[Match, ...]
    left_out: tuple[LeftOut, ...]
    reached: tuple[Reached, ...]
    within: bool
    on: date
    seed: int
    fingerprint: str

    @property
    def proven(self) -> bool:
        """Whether every aim reached its proven best."""
        return all(one.proven for one in self.reached)


def match(
    given: Round, pack: Restrictions, *, on: date, seed: int = 0, limit_seconds: float = 5.0
) -> Matching:
    """The best matching on that day with all its reasons; equal cases are settled by the seed, the same each time.

    For rounds that people read through; `plan` alone is for large ones. Errors as in `plan`.
    """
    return outcome(plan(given, pack, on=on, seed=seed, limit_seconds=limit_seconds))


def outcome(found: Plan) -> Matching:
    """A plan told person by person; expected people are left out."""
    matches, left = [], []
    explaining = Explaining(found)
    for number in np.flatnonzero(found.people.here).tolist():
        name, place = found.people.ids[number], int(found.place[number])
        if place == NOBODY:
            left.append(explaining.left_out(str(name)))
        else:
            pair = Pairing(found, number, place)
            matches.append(Match(str(name), pair.source.id, pair.speaks_for(), pair.flags()))
    return Matching(
        tuple(matches), tuple(left), found.reached, found.within, found.on, found.seed, found.pack.fingerprint
    )


class Explaining:
    """Why people were left out of one plan; what was tried for one person is kept for the next."""

    def __init__(self, found: Plan) -> None:
        self.plan = found
        self.trials = Trials(found)

    def left_out(self, person: str) -> LeftOut:
        """The nearest sources with their obstacles, and changes that were tried and gave her a place."""
        number = self.plan.index[person]
        nearest = self._nearest(number)
        near = tuple(
            Near(self.plan.given.sources[place].id, self.in_the_way(number, place)) for place in nearest
        )
        changes = [
            change.reason
            for place, one in zip(nearest, near, strict=True)
            if (change := self._change(person, place, one)) is not None
        ]
        if not changes:
            changes = [one.reason for one in self._another(person)]
        return LeftOut(person, near, tuple(changes))

    def alternatives(self, person: str, most: int = 2) -> tuple[Near, ...]:
        """The sources that come nearest after the one a person was given, with what is in the way there."""
        number = self.plan.index[person]
        own = int(self.plan.place[number])
        others = [place for place in self._nearest(number, most + 1) if place != own][:most]
        return tuple(
            Near(self.plan.given.sources[place].id, self.in_the_way(number, place)) for place in others
        )

    def flags(self, person: str, source: str) -> tuple[Reason, ...]:
        """What a person must settle first if it were that source."""
        return Pairing(self.plan, self.plan.index[person], self._place(source)).flags()

    def has_place(self, source: str) -> bool:
        """Whether a source of the round, and every ceiling above it, has a place left."""
        return not is_full(self.plan, self._place(source))

    def _place(self, source: str) -> int:
        return next(n for n, one in enumerate(self.plan.given.sources) if one.id == source)

    def in_the_way(self, number: int, place: int) -> tuple[Reason, ...]:
        """Every obstacle of a pair; where only a rule that limits how many stood against it, that one."""
        found = Pairing(self.plan, number, place).obstacles()
        return found or tuple(self._counted_out(number, place))

    def _counted_out(self, number: int, place: int) -> Iterator[Reason]:
        """Quotas and balances, where the source itself still had places."""
        if is_full(self.plan, place):
            return
        kinds = self.plan.kinds
        source = self.plan.given.sources[place].id
        mark = int(kinds.marks[place, kinds.of_person[number]])
        for quota in kinds.quotas:
            if mark >> quota.mark & 1:
                yield Reason(quota.rule.reason, {"source": source, "rule": quota.rule.id})
        for balance in kinds.balances:
            if place in balance.sources:
                yield Reason("balance_kept", {"source": source, "balance": balance.id})

    def _nearest(self, number: int, most: int = NEAREST) -> list[int]:
        """The sources with the fewest obstacles, those with places first, then by name."""
        counts = self.obstacle_counts(number)
        free = np.array([one.seats for one in self.plan.given.sources]) - self.plan.loads
        order = np.lexsort((np.arange(len(counts)), free <= 0, counts))
        return [int(place) for place in order[:most]]

    def obstacle_counts(self, number: int) -> Ints:
        """How many hard rules keep a person from each source, free places aside."""
        kinds, sources = self.plan.kinds, self.plan.given.sources
        home = str(self.plan.people.value("place", number) or "")
        away = np.array([bool(one.places) and bool(home) and home not in one.places for one in sources])
        counts: Ints = kinds.obstacles[:, kinds.of_person[number]].astype(np.int64) + away
        return counts

    # --- what would change it -----------------------------------------------------------------------------

    def _change(self, person: str, place: int, near: Near) -> Change | None:
        """A change at one near source that gives her a place, if there is one."""
        if not near.obstacles:
            return self._seats(person, lambda seats: more_seats(self.plan, place, seats))
        if len(near.obstacles) > 1:
            return None
        change = mended(self.plan, person, place, near.obstacles[0])
        return change if change is not None and self.trials.reaches(change, person) else None

    def _another(self, person: str) -> list[Change]:
        found = self._seats(person, lambda seats: another_source(self.plan, person, seats))
        return [found] if found else []

    def _seats(self, person: str, change: Callable[[int], Change]) -> Change | None:
        """The fewest more places that reach her: one, or by doubling and halving; None if too many would be needed."""
        most = min(_MOST_SEATS, int((self.plan.place == NOBODY).sum()))
        seats = 1
        while not self.trials.reaches(change(seats), person):
            if seats >= most:
                return None
            seats = min(2 * seats, most)
        low = seats // 2
        while seats - low > 1:
            middle = (low + seats) // 2
            if self.trials.reaches(change(middle), person):
                seats = middle
            else:
                low = middle
        return change(seats)


# --- two plans side by side -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """A person whose source differs between two plans; None: nobody."""

    person: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Load:
    """How many people a source is given in two plans; None: it is not in that one."""

    source: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Two plans side by side: by person, by source, by aim."""

    people: tuple[Moved, ...]
    sources: tuple[Load, ...]
    before: tuple[Reached, ...]
    after: tuple[Reached, ...]


def difference(before: Plan, after: Plan) -> Difference:
    """What differs between two plans; people who are in one only count as having nobody in the other."""
    names = list(dict.fromkeys((*map(str, before.people.ids), *map(str, after.people.ids))))
    moved = [Moved(name, _source(before, name), _source(after, name)) for name in names]
    loads = [_loads(before), _loads(after)]
    sources = sorted(loads[0].keys() | loads[1].keys())
    return Difference(
        tuple(one for one in moved if one.before != one.after),
        tuple(Load(name, loads[0].get(name), loads[1].get(name)) for name in sources),
        before.reached,
        after.reached,
    )


def _source(found: Plan, person: str) -> str | None:
    return found.source_of(person) if person in found.index else None


def _loads(found: Plan) -> dict[str, int]:
    return {one.id: int(n) for one, n in zip(found.given.sources, found.loads, strict=True)}


def sources_in_order(
    found: Plan, person: str
) -> Sequence[tuple[str, tuple[Reason, ...], tuple[Reason, ...]]]:
    """Every source for one person: its name, what is in the way, what must be settled; the nearest first."""
    number = found.index[person]
    explaining = Explaining(found)
    counts = explaining.obstacle_counts(number)
    told = []
    for place in np.argsort(counts, kind="stable").tolist():
        pair = Pairing(found, number, place)
        told.append((pair.source.id, explaining.in_the_way(number, place), pair.flags()))
    return told
