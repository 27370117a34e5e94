"""A plan that stands while people come and go and places open and close: one change at a time, at once.

Each change moves the plan along one ring and leaves it as good by all aims as if everybody were matched again. Who else
had to move is worked out when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jornada.domain.matching.cards import Crowd, Ints, Person, Round, crowd, plain
from jornada.domain.matching.doors import areas, covers, distances
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
        self._classes = self._known_classes()
        self._supply = self._known_supply()

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
        net, sent = self.plan.network, self.moving.sent
        return assigned(self.plan.people, net, np.append(sent[: len(net.tail) - 1], sent[-1]), self.plan.seed)

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
        kind = self._kinds.get(self._key(one, 0))
        place = str(one.value("place", 0) or "")
        if kind is not None and (place, kind) in self._classes:
            return self._classes[place, kind]
        return self._new_class(one)

    def _new_class(self, one: Crowd) -> int:
        """A node for a card like no other, with an arc to each source that is open to her; -1 if none is."""
        found = self.plan
        kinds = kinds_of(one, found.sources)
        place = str(one.value("place", 0) or "")
        far = away(found.given, found.aims, place)
        rows = [
            (
                self._end(source, int(kinds.marks[source, 0])),
                int(kinds.flags[source, 0]),
                int(far[source] + kinds.tongue[source, 0]),
            )
            for source in np.flatnonzero(kinds.allowed[:, 0] & (far >= 0)).tolist()
        ]
        if not rows:
            return -1
        table = np.array(rows, dtype=np.int64)
        costs = self._costs(len(rows), few_flags=table[:, 1], comfort=table[:, 2])
        number = self.moving.problem.nodes - 1
        big = np.full(len(rows), 1 << 30)
        self.moving.grow(np.full(len(rows), number), table[:, 0], big, costs, node=True)
        return number - self.plan.network.first["class"]

    def _end(self, source: int, marks: int) -> int:
        """The node by which people with these marks come to the source."""
        first = self.plan.network.first
        cells = {(int(s), int(m)): n for n, (s, m) in enumerate(self.plan.network.cells)}
        if (source, marks) in cells:
            return first["cell"] + cells[source, marks]
        if marks or source in {place for place, _ in cells}:
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
        instead = (
            last < 0
            and int(self.moving.problem.tail[-last - 1]) == 0
            and -last - 1 != len(self.moving.sent) - 1
        )
        moved = any(step < 0 for step in ring[1:-1])
        return Answer(name, self.plan.given.sources[place].id, instead, moved)

    def _first_source(self, ring: tuple[int, ...]) -> int | None:
        for step in ring[1:]:
            node = int(self.moving.problem.head[step] if step >= 0 else self.moving.problem.tail[-step - 1])
            if self._is_end(node):
                return node
        return None

    def _is_end(self, node: int) -> bool:
        first = self.plan.network.first
        return first["cell"] <= node < first["source"] + len(self.plan.given.sources)

    def _some_source(self, node: int) -> int:
        """Where people of a class go now, for one who takes the place of another of her own class."""
        problem = self.moving.problem
        while not self._is_end(node):
            out = np.flatnonzero((problem.tail == node) & (self.moving.sent > 0))
            node = int(problem.head[out[0]])
        return node


def away(given: Round, aims: Aims, place: str) -> Ints:
    """The cost of getting from a place to each source, -1 where the source does not serve it."""
    found = areas(given.sources, given.travel)
    open_, costs = covers([place], found)[0], distances([place], found, given.travel, aims)[0]
    best = np.full(len(given.sources), -1, dtype=np.int64)
    for number in np.flatnonzero(open_).tolist():
        for source in found[number].sources:
            if best[source] < 0 or costs[number] < best[source]:
                best[source] = costs[number]
    return best
