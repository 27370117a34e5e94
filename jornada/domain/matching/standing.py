"""A plan that stands while people come and go and places open and close: one change at a time, at once.

Each change moves the plan along one ring and leaves it as good by all aims as if everybody were matched again. Who else
had to move is worked out when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jornada.domain.matching.cards import Bools, Crowd, Ints, Person, Round, crowd, plain
from jornada.domain.matching.doors import areas, distances
from jornada.domain.matching.eligibility import deadline_near, kinds_of
from jornada.domain.matching.planned import Plan, assigned
from jornada.domain.matching.rings import Moving
from jornada.domain.matching.tables import grouped
from jornada.domain.restrictions import Aims


@dataclass(frozen=True, slots=True)
class Answer:
    """What an arrival is told at once: the source for her, None if there is none now.

    `instead`: somebody less urgent now waits. `moved`: others keep a place, but not all of them the same one.
    """

    person: str
    source: str | None
    instead: bool = False
    moved: bool = False


@dataclass(frozen=True, eq=False)
class Judged:
    """What the rules say of one kind of card with each source."""

    allowed: Bools
    flags: Ints
    tongue: Ints
    marks: Ints


_NEWS = {
    "deadlines_kept": 1,
    "complex_full_scope": 1,
    "people_served": 1,
    "longest_wait": 1000,
    "few_flags": 100,
    "fair_load": 100,
    "comfort": 100,
    "stability": 1,
}
"""How much one newcomer can change each aim, generously."""


class NotStanding(ValueError):
    """The plan cannot be followed: its mixes or purses were kept exactly, so match the whole round again."""


class Standing:
    """A plan that changes are made to. Not for plans whose balances were kept exactly (NotStanding)."""

    def __init__(self, found: Plan) -> None:
        self.plan = found
        try:
            self.moving = Moving(found.problem, found.sent, [_NEWS[aim] for aim in found.aims.order])
        except ValueError:
            raise NotStanding("match the whole round again: its mixes or purses were kept exactly") from None
        self._kinds = self._known_kinds()
        self._judged: dict[tuple[Any, ...], Judged] = {}
        self._classes = self._known_classes()
        self._new_classes: dict[tuple[str, tuple[Any, ...]], int] = {}
        self._supply = self._known_supply()
        self._cells = {(int(s), int(m)): n for n, (s, m) in enumerate(found.network.cells)}
        self._counting = {place for place, _ in self._cells}
        self._away = Away(found.given, found.aims)

    # --- people -------------------------------------------------------------------------------------------

    def arrive(self, person: Person) -> Answer:
        """One more person, placed by the same rules and aims as everybody."""
        if person.id in self.plan.index:
            raise ValueError(f"{person.id!r} is in the plan already; give each person one id")
        one = crowd([person], self.plan.on)
        number = self._class_of(one)
        if number < 0:
            return Answer(person.id, None)
        arc = self._arc(number, one)
        if self.moving.join(arc) == 0:
            return Answer(person.id, None)
        return self._answer(person.id, number)

    def withdraw(self, person: str) -> None:
        """A person leaves; her place, if she had one, goes to whoever is next."""
        arc = int(self.plan.network.group_of[self.plan.index[person]])
        if arc >= 0:
            self.moving.leave(arc)

    def seats(self, source: str, more: int) -> bool:
        """So many more places with a source, or fewer; false if it has not so many to give up."""
        place = next(n for n, one in enumerate(self.plan.given.sources) if one.id == source)
        arc = int(self.plan.network.upward[self.plan.network.first["source"] + place])
        if more >= 0:
            self.moving.more(arc, more)
            return True
        return int(self.moving.upper[arc]) >= -more and self.moving.fewer(arc, -more)

    def placed(self) -> Ints:
        """For each person of the plan the place of her source now; those who arrived since are not among them."""
        net = self.plan.network
        return assigned(self.plan.people, net, self.moving.sent[: len(net.tail)], self.plan.seed)

    # --- where a card belongs -----------------------------------------------------------------------------

    def _key(self, people: Crowd, number: int) -> tuple[Any, ...]:
        kinds = self.plan.kinds
        deadline = int(np.searchsorted(kinds.days, people.deadline_in[number], side="left"))
        return tuple(plain(people.value(name, number)) for name in kinds.reads), deadline

    def _known_kinds(self) -> Mapping[tuple[Any, ...], int]:
        people, kinds = self.plan.people, self.plan.kinds
        times = np.searchsorted(kinds.days, people.deadline_in, side="left")
        _, first = grouped([*(people.columns[name].codes for name in kinds.reads), times], len(people))
        return {self._key(people, int(one)): int(kinds.of_person[one]) for one in first}

    def _known_classes(self) -> dict[tuple[str, int], int]:
        people, kinds = self.plan.people, self.plan.kinds
        place = people.columns["place"]
        _, first = grouped([place.codes, kinds.of_person], len(people))
        return {
            (str(place.values[place.codes[one]] or ""), int(kinds.of_person[one])): int(
                self.plan.doors.class_of[one]
            )
            for one in first
        }

    def _known_supply(self) -> dict[tuple[int, ...], int]:
        block = self.plan.network.blocks["supply"]
        node = self.plan.network.head[block] - self.plan.network.first["class"]
        costs = self.plan.network.costs[:, block]
        return {
            (int(node[one]), *(int(cost) for cost in costs[:, one])): block.start + one
            for one in range(block.stop - block.start)
        }

    def _class_of(self, one: Crowd) -> int:
        """The class of a card, a new one where nobody like her was in the plan; -1 where no source is open to her."""
        key = self._key(one, 0)
        kind = self._kinds.get(key)
        place = str(one.value("place", 0) or "")
        if kind is not None and (place, kind) in self._classes:
            return self._classes[place, kind]
        if (place, key) not in self._new_classes:
            self._new_classes[place, key] = self._new_class(self._judge(one, key, kind), place)
        return self._new_classes[place, key]

    def _judge(self, one: Crowd, key: tuple[Any, ...], kind: int | None) -> Judged:
        """What the rules say of a card with each source, looked at once for each kind of card."""
        if key not in self._judged:
            kinds, at = (kinds_of(one, self.plan.sources), 0) if kind is None else (self.plan.kinds, kind)
            tables = kinds.obstacles, kinds.flags, kinds.tongue, kinds.marks
            obstacles, flags, tongue, marks = (table[:, at].astype(np.int64) for table in tables)
            self._judged[key] = Judged(obstacles == 0, flags, tongue, marks)
        return self._judged[key]

    def _new_class(self, judged: Judged, place: str) -> int:
        """A node for a card like no other, with an arc to each source that is open to her; -1 if none is."""
        far = self._away.costs(place)
        at = np.flatnonzero(judged.allowed & (far >= 0))
        if not len(at):
            return -1
        marks = judged.marks[at].tolist()
        ends = [self._end(source, mark) for source, mark in zip(at.tolist(), marks, strict=True)]
        costs = self._costs(len(at), few_flags=judged.flags[at], comfort=far[at] + judged.tongue[at])
        big = np.full(len(at), 1 << 30)
        return self.moving.grow_node(np.array(ends), big, costs) - self.plan.network.first["class"]

    def _end(self, source: int, marks: int) -> int:
        """The node by which people with these marks come to the source."""
        first = self.plan.network.first
        if (source, marks) in self._cells:
            return first["cell"] + self._cells[source, marks]
        if marks or source in self._counting:
            raise NotStanding("nobody like this person is counted there yet: match the whole round again")
        return first["source"] + source

    def _arc(self, number: int, one: Crowd) -> int:
        """The supply arc of a class for somebody as urgent as this card, a new one if there is none yet."""
        aims = self.plan.aims
        level = one.value("level", 0)
        costs = {
            "deadlines_kept": -int(deadline_near(one.deadline_in, aims)[0]),
            "complex_full_scope": -int(level in aims.complex_levels),
            "people_served": -1,
            "longest_wait": -min(int(one.waited[0]) // aims.wait_step_days, aims.wait_most_steps),
        }
        key = (number, *(costs.get(aim, 0) for aim in aims.order))
        if key not in self._supply:
            node = np.array([self.plan.network.first["class"] + number])
            table = self._costs(1, **{aim: np.array([cost]) for aim, cost in costs.items()})
            nothing = np.zeros(1, dtype=np.int64)
            self._supply[key] = self.moving.grow(nothing, node, nothing, table)
        return self._supply[key]

    def _costs(self, size: int, **costs: Ints) -> Ints:
        table = np.zeros((len(self.plan.aims.order), size), dtype=np.int64)
        for aim, cost in costs.items():
            table[self.plan.aims.order.index(aim)] = cost
        return table

    # --- what came of it ----------------------------------------------------------------------------------

    def _answer(self, name: str, number: int) -> Answer:
        """Reads off the ring that the newcomer went: the first source on it is hers."""
        ring = self.moving.last_ring
        node = self._first_source(ring)
        if node is None:
            node = self._some_source(self.plan.network.first["class"] + number)
        place = int(self.plan.network.source_at(np.array([node]))[0])
        last = ring[-1]
        instead = last < 0 and int(self.moving.tail[-last - 1]) == 0 and -last - 1 != self.moving.last
        moved = any(step < 0 for step in ring[1:-1])
        return Answer(name, self.plan.given.sources[place].id, instead, moved)

    def _first_source(self, ring: tuple[int, ...]) -> int | None:
        for step in ring[1:]:
            node = int(self.moving.head[step] if step >= 0 else self.moving.tail[-step - 1])
            if self._is_end(node):
                return node
        return None

    def _is_end(self, node: int) -> bool:
        first = self.plan.network.first
        return first["cell"] <= node < first["source"] + len(self.plan.given.sources)

    def _some_source(self, node: int) -> int:
        """Where people of a class go now, for one who takes the place of another of her own class."""
        while not self._is_end(node):
            arc = next(one for one in self.moving.out(node) if self.moving.sent[one] > 0)
            node = int(self.moving.head[arc])
        return node


class Away:
    """What it costs to get from a place to each source, worked out once for each place."""

    def __init__(self, given: Round, aims: Aims) -> None:
        self.given, self.aims = given, aims
        self._areas = areas(given.sources, given.travel)
        self._known: dict[str, Ints] = {}
        self._of_place: dict[str, list[int]] = {}
        for number, area in enumerate(self._areas):
            for place in area.places or ("",):
                self._of_place.setdefault(place, []).append(number)

    def costs(self, place: str) -> Ints:
        """The cost of getting from the place to each source, -1 where the source does not serve it."""
        if place not in self._known:
            numbers = {*self._of_place.get(place, ()), *self._of_place.get("", ())}
            near = [self._areas[one] for one in (sorted(numbers) if place else range(len(self._areas)))]
            far = distances([place], near, self.given.travel, self.aims)[0].tolist()
            best = np.full(len(self.given.sources), -1, dtype=np.int64)
            for area, cost in zip(near, far, strict=True):
                at = list(area.sources)
                best[at] = np.where(best[at] < 0, cost, np.minimum(best[at], cost))
            self._known[place] = best
        return self._known[place]
