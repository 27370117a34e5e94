"""One round of matching worked out: who goes where, what each aim reached, and the proof.

`plan` takes people as cards or as columns and keeps the answer as columns too; `outcome` makes records of it. The
same round, pack, day and seed give the same plan, whatever the order of people and sources (see `LOTS_UPTO`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import blake2b

import numpy as np

from jornada.domain.matching import flow, mixes
from jornada.domain.matching.cards import Bools, Crowd, Ints, Round, crowd
from jornada.domain.matching.doors import Doors, doors
from jornada.domain.matching.eligibility import Kinds, Sources, kinds_of
from jornada.domain.matching.faults import Fault, RoundFaults, faults
from jornada.domain.matching.flow import Problem
from jornada.domain.matching.mixes import Balanced
from jornada.domain.matching.network import Free, Network, network
from jornada.domain.restrictions import Aims, Restrictions

EXACT_UPTO = 3_000
"""Arcs up to which rules that are no flow are kept exactly, as an integer programme."""
LOTS_UPTO = 20_000
"""People up to whom a lot also says which of several equal ones goes where; among more they choose as named."""
NOBODY = -1
"""The place of a source that is none."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one aim came and how far it could have come, the aims before it left as they are.

    Both count what the aim counts: people for the first three, steps of waiting (more is better); weighed questions,
    steps of load, steps of discomfort, people moved (fewer is better). `bound` None: not known within the time.
    """

    aim: str
    value: int
    bound: int | None

    @property
    def proven(self) -> bool:
        return self.bound == self.value

    @property
    def gap(self) -> float | None:
        """How far the value may be from the best, as a part of the larger of the two."""
        if self.bound is None:
            return None
        return abs(self.bound - self.value) / max(abs(self.bound), abs(self.value), 1)


@dataclass(frozen=True, eq=False)
class Plan:
    """A round worked out. `place` holds for each person the place of her source in `given.sources`, or `NOBODY`.

    Locked people are placed where they are locked; `reached` counts the others.
    """

    given: Round
    pack: Restrictions
    aims: Aims
    on: date
    seed: int
    people: Crowd
    sources: Sources
    kinds: Kinds
    doors: Doors
    network: Network
    problem: Problem
    sent: Ints
    place: Ints
    locked: Bools
    reached: tuple[Reached, ...]

    @property
    def within(self) -> bool:
        """Whether mixes or purses of a large round had to be settled first, by the aims up to `people_served`.

        The aims after those are then best within what was settled of each sort of people at each source.
        """
        return bool(self.problem.lower.any())

    @property
    def proven(self) -> bool:
        """Whether every aim reached its proven best."""
        return all(one.proven for one in self.reached)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Each person's place among the columns."""
        return {str(name): number for number, name in enumerate(self.people.ids)}

    @cached_property
    def below(self) -> Mapping[str, int]:
        """How many people are placed below each ceiling."""
        return below_ceilings(self.given, self.loads)

    def source_of(self, person: str) -> str | None:
        """The source proposed for a person, None for nobody; KeyError for an unknown person."""
        place = int(self.place[self.index[person]])
        return None if place == NOBODY else self.given.sources[place].id

    @cached_property
    def loads(self) -> Ints:
        """How many people each source is given, in the order of the sources."""
        return np.bincount(self.place[self.place >= 0], minlength=len(self.given.sources))


def plan(given: Round, pack: Restrictions, *, on: date, seed: int = 0, limit_seconds: float = 5.0) -> Plan:
    """The best plan by the aims in their order.

    Raises RoundFaults with all that is wrong with the round, NotInForce where nobody confirmed an order of aims
    for the day. Only rules that are no flow (mixes, purses) are under the time limit; what it leaves open is a gap.
    """
    if found := faults(given, pack):
        raise RoundFaults(found)
    return worked_out(given, pack, on=on, seed=seed, limit_seconds=limit_seconds)


def worked_out(
    given: Round, pack: Restrictions, *, on: date, seed: int = 0, limit_seconds: float = 5.0
) -> Plan:
    """The same for a round that is known to be whole."""
    given = replace(given, sources=sorted(given.sources, key=lambda one: one.id))
    aims = pack.aims(on)
    people = given.people if isinstance(given.people, Crowd) else crowd(given.people, on, given.rejections)
    sources = Sources(given, pack, aims, on)
    kinds = kinds_of(people, sources)
    fixed = _locks(people, given, kinds)
    locked = fixed >= 0
    asked = Asked(people, ~locked, kinds, given, free_after(given, kinds, fixed), aims)
    factored, net = asked.network()
    problem, sent, came = solve(asked, net, seed, limit_seconds)
    place = np.where(locked, fixed, assigned(people, net, sent, seed))
    return Plan(
        given, pack, aims, on, seed, people, sources, kinds, factored, net, problem, sent, place, locked, came
    )


@dataclass(frozen=True, eq=False)
class Asked:
    """What a round comes down to: who is still to be placed, where they may go, what is free."""

    people: Crowd
    present: Bools
    kinds: Kinds
    given: Round
    free: Free
    aims: Aims

    def network(self) -> tuple[Doors, Network]:
        factored = doors(self.people, self.kinds, self.given, self.aims)
        return factored, network(
            self.people, self.present, self.kinds, factored, self.given, self.free, self.aims
        )

    def coarse(self) -> Network:
        """A network in which only who may go where counts: neither flags, language and travel nor waiting."""
        plain = replace(
            self.kinds, flags=np.zeros_like(self.kinds.flags), tongue=np.zeros_like(self.kinds.tongue)
        )
        columns = {name: one for name, one in self.people.columns.items() if name != "arranged_with"}
        flat = replace(self.aims, elsewhere_cost=0, anywhere_cost=0, wait_step_days=1 << 40, load_steps=1)
        return replace(
            self, people=replace(self.people, columns=columns), kinds=plain, aims=flat,
            given=replace(self.given, travel=None),
        ).network()[1]  # fmt: skip


def solve(
    asked: Asked, net: Network, seed: int, limit_seconds: float
) -> tuple[Problem, Ints, tuple[Reached, ...]]:
    """The flow and what it reached, and the bounds within which it is best (see `Plan.within`)."""
    problem = problem_of(net)
    solved = flow.solve(problem)
    values = (problem.costs * solved.flow).sum(axis=1).tolist()
    kept = Balanced(problem, solved.flow, tuple(values if solved.proven else [None] * len(values)))
    if mixes.excess(net.rows, solved.flow).any():
        if len(problem.tail) <= EXACT_UPTO:
            kept = mixes.exactly(problem, net.rows, seed, limit_seconds)
        else:
            kept = _within_settled(asked, net, problem, seed, limit_seconds)
        values = (problem.costs * kept.flow).sum(axis=1).tolist()
    came = (reached(a, v, b) for a, v, b in zip(asked.aims.order, values, kept.bounds, strict=True))
    return kept.problem, kept.flow, tuple(came)


def _within_settled(
    asked: Asked, net: Network, problem: Problem, seed: int, limit_seconds: float
) -> Balanced:
    """The best flow within what the coarse network settles for each sort of people at each source."""
    coarse = asked.coarse()
    counted = asked.aims.order.index("people_served") + 1
    plain = problem_of(coarse)
    found = mixes.settled(
        plain, coarse.rows, flow.solve(plain).flow, counted, seed=seed, limit_seconds=limit_seconds
    )
    cell = {pair: number for number, pair in enumerate(map(tuple, coarse.cells.tolist()))}
    theirs = coarse.blocks["cell"].start + np.array([cell[pair] for pair in map(tuple, net.cells.tolist())])
    share = np.zeros(len(net.tail), dtype=np.int64)
    share[net.blocks["cell"]] = found.sent[theirs]
    lower, upper = problem.lower.copy(), problem.upper.copy()
    for row in net.rows:
        gains, gives = row.arcs[row.weights > 0], row.arcs[row.weights < 0]
        upper[gains], lower[gives] = share[gains], share[gives]
    held = flow.bounded(problem, lower, upper)
    best = flow.solve(held)
    values = (problem.costs * best.flow).sum(axis=1).tolist()
    later = values[counted:] if best.proven else [None] * len(values[counted:])
    return Balanced(held, best.flow, (*found.bounds, *later))


def reached(aim: str, cost: int, bound: int | None) -> Reached:
    """An aim's cost turned into what it counts: gains are costs below zero."""
    sign = -1 if aim in ("deadlines_kept", "complex_full_scope", "people_served", "longest_wait") else 1
    return Reached(aim, sign * cost, None if bound is None else sign * bound)


def problem_of(net: Network) -> Problem:
    return Problem(
        net.nodes, net.tail, net.head, np.zeros_like(net.tail), net.capacity, net.costs, net.people,
        tuple(net.blocks.values()),
    )  # fmt: skip


# --- locks ----------------------------------------------------------------------------------------


def _locks(people: Crowd, given: Round, kinds: Kinds) -> Ints:
    """For each person the source she is locked with, NOBODY for the rest; RoundFaults where a rule forbids it."""
    fixed = np.full(len(people), NOBODY, dtype=np.int64)
    if not given.locks:
        return fixed
    index = {str(name): number for number, name in enumerate(people.ids)}
    source = {one.id: number for number, one in enumerate(given.sources)}
    wrong = []
    for pair in given.locks:
        if pair.person not in index:
            wrong.append(Fault("lock", pair.person, "person", "there is no such person", "Mend the id"))
            continue
        person, place = index[pair.person], source[pair.source]
        if kinds.obstacles[place, kinds.of_person[person]]:
            problem = f"a hard rule keeps it from {pair.source}"
            wrong.append(Fault("lock", pair.person, "source", problem, "Take the lock out; see --explain"))
        fixed[person] = place
    wrong += _too_many(given, fixed)
    if wrong:
        raise RoundFaults(wrong)
    return fixed


def _too_many(given: Round, fixed: Ints) -> list[Fault]:
    counts = np.bincount(fixed[fixed >= 0], minlength=len(given.sources))
    found = [
        Fault("lock", one.id, "source", f"{n} people are locked to {one.seats} places", "Take a lock out")
        for one, n in zip(given.sources, counts.tolist(), strict=True)
        if n > one.seats
    ]
    below = below_ceilings(given, counts)
    for ceiling in given.ceilings:
        if ceiling.seats is not None and below[ceiling.id] > ceiling.seats:
            problem = f"{below[ceiling.id]} people are locked under {ceiling.seats} places"
            found.append(Fault("lock", ceiling.id, "source", problem, "Take a lock out"))
    return found


def below_ceilings(given: Round, counts: Ints) -> dict[str, int]:
    """How many of the counted people are below each ceiling."""
    up = {one.id: one.within for one in given.ceilings}
    found = dict.fromkeys(up, 0)
    for source, count in zip(given.sources, counts.tolist(), strict=True):
        name = source.within
        while name:
            found[name] += count
            name = up[name]
    return found


def free_after(given: Round, kinds: Kinds, fixed: Ints) -> Free:
    """What the locked people leave free, and what they add to what is held."""
    locked = np.flatnonzero(fixed >= 0)
    counts = np.bincount(fixed[locked], minlength=len(given.sources))
    below = below_ceilings(given, counts)
    seats = np.array([one.seats for one in given.sources], dtype=np.int64) - counts
    held = {one.id: one.held + int(n) for one, n in zip(given.sources, counts, strict=True)}
    held |= {one.id: one.held + below[one.id] for one in given.ceilings}
    marks = kinds.marks[fixed[locked], kinds.of_person[locked]].astype(np.int64)
    quotas = tuple(
        quota.most - np.bincount(fixed[locked][marks >> quota.mark & 1 == 1], minlength=len(seats))
        for quota in kinds.quotas
    )
    spent = {
        balance.id: sum(
            balance.weight(int(mark), int(np.flatnonzero(balance.sources == place)[0]))
            for mark, place in zip(marks, fixed[locked], strict=True)
            if place in balance.sources
        )
        for balance in kinds.balances
    }
    room = {c.id: None if c.seats is None else c.seats - below[c.id] for c in given.ceilings}
    return Free(seats, room, held, spent, quotas)


# --- from flows to people -------------------------------------------------------------------------


def assigned(people: Crowd, net: Network, sent: Ints, seed: int) -> Ints:
    """For each person the place of her source: within a class those go first who waited longest, then by lot."""
    served = _served(people, net, sent, seed)
    node = net.head[net.blocks["supply"]][net.group_of[served]]
    place = np.full(len(people), NOBODY, dtype=np.int64)
    stay = net.blocks["stay"]
    for names in (("keep", "stay"), ("choose",), ("split",), ("desk",)):
        arc = _steps(net, sent, node, [net.blocks[name] for name in names])
        moved = arc >= 0
        staying = moved & (arc >= stay.start) & (arc < stay.stop)
        place[served[staying]] = net.stay_source[arc[staying] - stay.start]
        node = np.where(moved & ~staying, net.head[arc], np.where(staying, -1, node))
    placed = node >= 0
    place[served[placed]] = net.source_at(node[placed])
    return place


def _steps(net: Network, sent: Ints, node: Ints, blocks: Sequence[slice]) -> Ints:
    """For each person the arc of these blocks that she takes from her node, -1 where none leaves it."""
    arcs = np.concatenate([np.arange(block.start, block.stop) for block in blocks])
    arcs = arcs[sent[arcs] > 0]
    arcs = arcs[np.argsort(net.tail[arcs], kind="stable")]
    ways = np.repeat(arcs, sent[arcs])
    leaves = np.zeros(net.nodes + 1, dtype=bool)
    leaves[net.tail[ways]] = True
    mine = np.flatnonzero(leaves[node])
    order = mine[np.argsort(node[mine], kind="stable")]
    taken = np.full(len(node), -1, dtype=np.int64)
    taken[order] = ways
    return taken


def _served(people: Crowd, net: Network, sent: Ints, seed: int) -> Ints:
    """The people who are served, the most urgent and longest waiting of each class first."""
    supply = net.blocks["supply"]
    count = sent[supply]
    somewhere = np.flatnonzero(net.group_of >= 0)
    somewhere = somewhere[count[net.group_of[somewhere]] > 0]
    group = net.group_of[somewhere]
    some_wait = count[group] < net.capacity[supply][group]
    lot = _lots(people, somewhere, some_wait | (len(people) <= LOTS_UPTO), seed)
    order = np.lexsort((lot, -people.waited[somewhere], group))
    listed, group = somewhere[order], group[order]
    first = np.searchsorted(group, np.arange(len(count)))
    rank = np.arange(len(group)) - first[group]
    return listed[rank < count[group]]


def _lots(people: Crowd, who: Ints, drawn: Bools, seed: int) -> Ints:
    """A lot for each person for whom one is drawn: by seed and id, the same everywhere."""
    found = np.zeros(len(who), dtype=np.int64)
    for place in np.flatnonzero(drawn).tolist():
        said = f"{seed}:{people.ids[who[place]]}".encode()
        found[place] = int.from_bytes(blake2b(said, digest_size=7).digest(), "big")
    return found
