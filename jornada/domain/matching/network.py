"""The network of a round: people by class and urgency → doors → sources → ceilings → providers, filled by tenths.

Node 0 is where all people stand, the last node where help is given. Every aim is a cost on some arcs; what is best is
served by the cheapest flow. Whoever is not served goes by the arc from the first node to the last, which costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from jornada.domain.matching.cards import Bools, Ceiling, Crowd, Ints, Round
from jornada.domain.matching.doors import Doors, Ways
from jornada.domain.matching.eligibility import Balance, Kinds, deadline_near
from jornada.domain.matching.tables import grouped
from jornada.domain.restrictions import PERSON_AIMS, Aims

_ANY = 1 << 30
"""The capacity of arcs that limit nobody, arrivals of later included."""
BLOCKS = (
    "supply",
    "keep",
    "stay",
    "choose",
    "split",
    "desk",
    "cell",
    "quota",
    "seat",
    "ceiling",
    "load",
    "unserved",
)


@dataclass(frozen=True, eq=False)
class Row:
    """A balance on the arcs of the network: the weighed flow on them is at most a number.

    `places` is how many people there is room for where it holds, at most (None: not known).
    """

    balance: Balance
    arcs: Ints
    weights: Ints
    at_most: int
    places: int | None = None

    @property
    def most_gaining(self) -> int | None:
        """In whole people, how many can at most count for a mix, all places there taken; None where that is not plain.

        Of a people who count a each and the rest b against them: a x - b (places - x) <= at_most.
        """
        gains, gives = self.weights[self.weights > 0], self.weights[self.weights < 0]
        if (
            self.places is None
            or not len(gains)
            or len(set(gains.tolist())) > 1
            or len(set(gives.tolist())) > 1
        ):
            return None
        against = -int(gives[0]) if len(gives) else 0
        return max(0, (self.at_most + against * self.places) // (int(gains[0]) + against))


@dataclass(frozen=True, eq=False)
class Network:
    """Arcs as columns, in blocks; `costs` has a row for each aim, in the order of the aims.

    `group_of` gives each person's supply arc, -1 where she has none. `cells` are the pairs (source, marks) that are
    counted apart, in the order of the block "cell".
    """

    nodes: int
    tail: Ints
    head: Ints
    capacity: Ints
    costs: Ints
    blocks: Mapping[str, slice]
    people: int
    group_of: Ints
    rows: tuple[Row, ...]
    first: Mapping[str, int]
    cells: Ints = field(repr=False)
    stay_source: Ints = field(repr=False)

    @cached_property
    def upward(self) -> Ints:
        """For each node the last arc that leaves it: how sources and ceilings pass people on, outermost ones by their
        last step of load."""
        last = np.full(self.nodes, -1, dtype=np.int64)
        last[self.tail] = np.arange(len(self.tail))
        return last

    def source_at(self, nodes: Ints) -> Ints:
        """The places of the sources that these nodes, cells or sources themselves, belong to."""
        cells = nodes < self.first["source"]
        inside = np.where(cells, nodes - self.first["cell"], 0)
        own = self.cells[inside, 0] if len(self.cells) else inside
        return np.where(cells, own, nodes - self.first["source"])

    @property
    def sink(self) -> int:
        return self.nodes - 1


@dataclass(frozen=True, slots=True)
class Free:
    """Places free after the locks: by source, by ceiling (None: no limit), and what is held at each."""

    seats: Ints
    ceilings: Mapping[str, int | None]
    held: Mapping[str, int]
    fixed: Mapping[str, int]
    quotas: tuple[Ints, ...]


def network(
    people: Crowd, present: Bools, kinds: Kinds, doors: Doors, given: Round, free: Free, aims: Aims
) -> Network:
    """The network of the people still to be placed (`present`), within what is free."""
    return _Laying(people, present, kinds, doors, given, free, aims).network()


class _Laying:
    """Lays block after block of arcs; nodes are numbered as they come."""

    def __init__(
        self, people: Crowd, present: Bools, kinds: Kinds, doors: Doors, given: Round, free: Free, aims: Aims
    ) -> None:
        self.people, self.present, self.kinds, self.doors = people, present, kinds, doors
        self.given, self.free, self.aims = given, free, aims
        self.tails: list[Ints] = []
        self.heads: list[Ints] = []
        self.capacities: list[Ints] = []
        self.costs: list[Ints] = []
        self.blocks: dict[str, slice] = {}
        self.laid, self.nodes = 0, 1
        self.count = int(present.sum())

    def network(self) -> Network:
        doors = self.doors
        self._find_cells()
        class_node, door_node = self._new(doors.classes), self._new(doors.nodes)
        cells, sources = self._new(len(self.cells)), self._new(len(self.given.sources))
        quotas, ceilings = self._new(len(self.quota_of)), self._new(len(self.given.ceilings))
        self.first = {"class": class_node, "door": door_node, "cell": cells, "source": sources,
                      "quota": quotas, "ceiling": ceilings}  # fmt: skip
        keepers = self._keepers()
        keep_node = self._new(len(keepers))
        self.sink = self._new(1)
        group_of = self._supply(keep_node)
        self._keep(keepers, keep_node)
        self._inner()
        self._cells_up()
        self._seats()
        self._ceilings()
        self._load()
        self._lay("unserved", [0], [self.sink], [self.count])
        return Network(
            self.nodes, np.concatenate(self.tails), np.concatenate(self.heads),
            np.concatenate(self.capacities), np.concatenate(self.costs, axis=1), self.blocks, self.count,
            group_of, self._rows(), self.first,
            self.cells, keepers[:, 1],
        )  # fmt: skip

    def _new(self, number: int) -> int:
        first, self.nodes = self.nodes, self.nodes + number
        return first

    def _lay(
        self, block: str, tail: Sequence[int] | Ints, head: Sequence[int] | Ints,
        capacity: Sequence[int] | Ints, **costs: Ints,
    ) -> slice:  # fmt: skip
        """One block of arcs with what they cost by aim."""
        size = len(tail)
        table = np.zeros((len(self.aims.order), size), dtype=np.int64)
        for aim, cost in costs.items():
            table[self.aims.order.index(aim)] = cost
        for kept, given in ((self.tails, tail), (self.heads, head), (self.capacities, capacity)):
            kept.append(np.asarray(given, dtype=np.int64).reshape(size))
        self.costs.append(table)
        self.blocks[block] = slice(self.laid, self.laid + size)
        self.laid += size
        return self.blocks[block]

    # --- cells: people counted apart within a source -------------------------------------------------------

    def _find_cells(self) -> None:
        """Cells (source, mark) of sources that count people, and the quota nodes (source, quota)."""
        source, marks = self.doors.end_source, self.doors.end_marks
        counted = np.zeros(len(self.given.sources), dtype=bool)
        for balance in self.kinds.balances:
            counted[balance.sources] = True
        apart = np.flatnonzero((marks != 0) | counted[source])
        self.cells = np.stack([source[apart], marks[apart]], axis=1)
        self.cell_of_end = np.full(len(source), -1, dtype=np.int64)
        self.cell_of_end[apart] = np.arange(len(apart))
        self.quota_of: dict[tuple[int, int], int] = {}
        for place, mark in self.cells.tolist():
            counts = [number for number, quota in enumerate(self.kinds.quotas) if mark >> quota.mark & 1]
            if counts:
                self.quota_of.setdefault((place, counts[0]), len(self.quota_of))

    def _node(self, inner: Ints) -> Ints:
        """The nodes of doors and desks, or of the ends: a cell, or the source itself."""
        end = np.maximum(inner - self.doors.nodes, 0)
        if not len(self.cell_of_end):
            return self.first["door"] + inner
        cell = self.cell_of_end[end]
        ends = np.where(
            cell >= 0, self.first["cell"] + cell, self.first["source"] + self.doors.end_source[end]
        )
        found: Ints = np.where(inner < self.doors.nodes, self.first["door"] + inner, ends)
        return found

    def _cells_up(self) -> None:
        """From each cell into the first quota that counts it, or to its source; quotas to their source."""
        tails, heads = [], []
        for number, (source, mark) in enumerate(self.cells.tolist()):
            counted = [q for q, quota in enumerate(self.kinds.quotas) if mark >> quota.mark & 1]
            up = self.first["source"] + source
            if counted:
                up = self.first["quota"] + self.quota_of[source, counted[0]]
            tails.append(self.first["cell"] + number)
            heads.append(up)
        self._lay("cell", tails, heads, [_ANY] * len(tails))
        keys = list(self.quota_of)
        self._lay(
            "quota",
            [self.first["quota"] + self.quota_of[key] for key in keys],
            [self.first["source"] + source for source, _ in keys],
            [max(0, int(self.free.quotas[q][source])) for source, q in keys],
        )

    def _rows(self) -> tuple[Row, ...]:
        """Balances on the cells' arcs; a second quota on one cell is a balance too."""
        start = self.blocks["cell"].start
        places = room_at(self.given, self.free)
        found = []
        for balance in self.kinds.balances:
            place = {int(source): number for number, source in enumerate(balance.sources)}
            arcs = [n for n, (source, _) in enumerate(self.cells.tolist()) if source in place]
            weights = [balance.weight(int(self.cells[n, 1]), place[int(self.cells[n, 0])]) for n in arcs]
            at_most = balance.at_most - self.free.fixed.get(balance.id, 0)
            kept = [(start + n, w) for n, w in zip(arcs, weights, strict=True) if w]
            table = np.array(kept, dtype=np.int64).reshape(len(kept), 2)
            found.append(Row(balance, table[:, 0], table[:, 1], at_most, places.get(balance.at)))
        return tuple(found)

    # --- people -------------------------------------------------------------------------------------------

    def _keepers(self) -> Ints:
        """Pairs (class, source) in which somebody is arranged already and may stay."""
        arranged = self.people.columns.get("arranged_with")
        self.kept_at = np.full(len(self.people), -1, dtype=np.int64)
        if arranged is None:
            return np.zeros((0, 2), dtype=np.int64)
        names = {source.id: number for number, source in enumerate(self.given.sources)}
        source = np.array([names.get(str(value or ""), -1) for value in arranged.values], dtype=np.int64)
        mine = source[arranged.codes]
        someone = np.flatnonzero((mine >= 0) & self.present & (self.doors.class_of >= 0))
        if not len(someone):
            return np.zeros((0, 2), dtype=np.int64)
        pairs, inverse = np.unique(
            np.stack([self.doors.class_of[someone], mine[someone]], axis=1), axis=0, return_inverse=True
        )
        ways = self._ways(pairs)
        open_ = np.array([way is not None for way in ways])
        number = np.where(open_, np.cumsum(open_) - 1, -1)
        self.kept_at[someone] = number[inverse.ravel()]
        self.ways = [way for way in ways if way is not None]
        kept: Ints = pairs[open_]
        return kept

    def _ways(self, pairs: Ints) -> list[tuple[int, int, int] | None]:
        """Flags, comfort and end of the best way from each class to its source; None where there is none."""
        doors = self.doors
        onward: dict[int, list[tuple[int, int, int]]] = {}
        for ways in (doors.split, doors.desk):
            for tail, head, flags, comfort in _rows_of(ways):
                onward.setdefault(tail, []).append((head, flags, comfort))
        order = np.argsort(doors.choose.tail, kind="stable")
        starts = np.searchsorted(doors.choose.tail[order], np.arange(doors.classes + 1))
        begin = [(head, flags, comfort) for _, head, flags, comfort in _rows_of(doors.choose)]

        def reach(way: tuple[int, int, int], source: int) -> Iterator[tuple[int, int, int]]:
            head, flags, comfort = way
            if head >= doors.nodes and doors.end_source[head - doors.nodes] == source:
                yield flags, comfort, head
            for then, more, far in onward.get(head, ()):
                yield from reach((then, flags + more, comfort + far), source)

        found = []
        for one, source in pairs.tolist():
            ways_of = (begin[arc] for arc in order[starts[one] : starts[one + 1]].tolist())
            found.append(min((end for way in ways_of for end in reach(way, source)), default=None))
        return found

    def _supply(self, keep_node: int) -> Ints:
        """Arcs to each class (or to those who may stay where they are) by urgency; each person's arc."""
        people, aims, class_of = self.people, self.aims, self.doors.class_of
        danger, complex_, here, steps = self._urgency()
        node = np.where(self.kept_at >= 0, keep_node + self.kept_at, self.first["class"] + class_of)
        mine = np.flatnonzero(self.present & (class_of >= 0))
        tier = ((steps * 2 + danger) * 2 + complex_) * 2 + here
        codes, rows = grouped([node[mine], tier[mine]], len(mine))
        group_of = np.full(len(people), -1, dtype=np.int64)
        group_of[mine] = codes
        first = mine[rows]
        gains = dict(
            zip(PERSON_AIMS, (-danger[first], -complex_[first], -here[first], -steps[first]), strict=True)
        )
        self._lay(
            "supply", np.zeros(len(first), dtype=np.int64), node[first],
            np.bincount(codes, minlength=len(first)).astype(np.int64),
            **{aim: cost for aim, cost in gains.items() if aim in aims.order},
        )  # fmt: skip
        return group_of

    def _urgency(self) -> tuple[Ints, Ints, Ints, Ints]:
        """For each person 1 or 0: near a deadline, complex, here already; and steps of waiting."""
        people, aims = self.people, self.aims
        level = people.columns["level"]
        hard = np.array([int(value in aims.complex_levels) for value in level.values], dtype=np.int64)
        here = np.ones(len(people), dtype=np.int64)
        if people.expected is not None:
            here[people.expected] = 0
        steps: Ints = np.minimum(people.waited // aims.wait_step_days, aims.wait_most_steps) * here
        return deadline_near(people.deadline_in, aims).astype(np.int64), hard[level.codes], here, steps

    def _keep(self, keepers: Ints, keep_node: int) -> None:
        """Who is arranged already moves to her class at the cost of moving, or stays at none."""
        nodes = keep_node + np.arange(len(keepers))
        move = self.first["class"] + keepers[:, 0]
        big = np.full(len(keepers), _ANY)
        self._lay("keep", nodes, move, big, stability=np.ones(len(keepers), dtype=np.int64))
        ways = np.array(self.ways if len(keepers) else [], dtype=np.int64).reshape(len(keepers), 3)
        self._lay("stay", nodes, self._node(ways[:, 2]), big, few_flags=ways[:, 0], comfort=ways[:, 1])

    # --- doors, sources, ceilings, providers --------------------------------------------------------------

    def _inner(self) -> None:
        """The ways of the factored network."""
        doors, first = self.doors, self.first
        for block, ways, start in (
            ("choose", doors.choose, first["class"]),
            ("split", doors.split, first["door"]),
            ("desk", doors.desk, first["door"]),
        ):
            big = np.full(len(ways.tail), _ANY)
            self._lay(
                block, start + ways.tail, self._node(ways.head), big,
                few_flags=ways.flags, comfort=ways.comfort,
            )  # fmt: skip

    def _seats(self) -> None:
        number = {one.id: place for place, one in enumerate(self.given.ceilings)}
        inside = [place for place, one in enumerate(self.given.sources) if one.within]
        tails = [self.first["source"] + place for place in inside]
        heads = [self.first["ceiling"] + number[self.given.sources[place].within] for place in inside]
        self._lay("seat", tails, heads, self.free.seats[inside])

    def _ceilings(self) -> None:
        number = {one.id: place for place, one in enumerate(self.given.ceilings)}
        inside = [one for one in self.given.ceilings if one.within]
        tails = [self.first["ceiling"] + number[one.id] for one in inside]
        heads = [self.first["ceiling"] + number[one.within] for one in inside]
        self._lay("ceiling", tails, heads, [self._room(one) for one in inside])

    def _room(self, ceiling: Ceiling) -> int:
        free = self.free.ceilings[ceiling.id]
        return _ANY if free is None else max(0, free)

    def _load(self) -> None:
        """From each outermost ceiling, or source that stands alone, to the end: tenth by tenth of what it carries."""
        tails, capacities, steps = [], [], []
        for node, free, held in self._providers():
            for step, amount in enumerate(load_steps(free, held, self.aims.load_steps)):
                if amount or step == self.aims.load_steps - 1:  # the last is there to be widened
                    tails.append(node)
                    capacities.append(amount)
                    steps.append(step)
        heads = np.full(len(tails), self.sink)
        self._lay("load", tails, heads, capacities, fair_load=np.array(steps, dtype=np.int64))

    def _providers(self) -> list[tuple[int, int, int]]:
        """Node, free places and held ones of each outermost ceiling and each source that stands alone."""
        below = provider_seats(self.given, self.free.seats)
        found = []
        for place, ceiling in enumerate(self.given.ceilings):
            if not ceiling.within:
                free = self.free.ceilings[ceiling.id]
                room = below[ceiling.id] if free is None else min(free, below[ceiling.id])
                found.append((self.first["ceiling"] + place, max(0, room), self.free.held[ceiling.id]))
        for place, source in enumerate(self.given.sources):
            if not source.within:
                node = self.first["source"] + place
                found.append((node, int(self.free.seats[place]), self.free.held[source.id]))
        return found


def provider_seats(given: Round, seats: Ints) -> dict[str, int]:
    """The free places of all sources below each ceiling."""
    up = {one.id: one.within for one in given.ceilings}
    found = dict.fromkeys(up, 0)
    for place, source in enumerate(given.sources):
        name = source.within
        while name:
            found[name] += int(seats[place])
            name = up[name]
    return found


def room_at(given: Round, free: Free) -> dict[str, int]:
    """How many people there is room for at each source and under each ceiling, at most, all limits within counted."""
    found = {one.id: int(seats) for one, seats in zip(given.sources, free.seats, strict=True)}
    inside: dict[str, list[str]] = {one.id: [] for one in given.ceilings}
    for name, within in [
        *((s.id, s.within) for s in given.sources),
        *((c.id, c.within) for c in given.ceilings),
    ]:
        if within:
            inside[within].append(name)

    def room(name: str) -> int:
        if name not in found:
            below = sum(room(one) for one in inside[name])
            own = free.ceilings[name]
            found[name] = below if own is None else min(own, below)
        return found[name]

    for name in inside:
        room(name)
    return found


def load_steps(free: int, held: int, steps: int) -> list[int]:
    """How many of the free places lie in each step (tenth) of all that is carried, held ones first."""
    total = free + held
    ends = [total * (step + 1) // steps for step in range(steps)]
    reached = [max(0, end - held) for end in ends]
    return [after - before for before, after in zip([0, *reached], reached, strict=False)]


def _rows_of(ways: Ways) -> Iterator[tuple[int, int, int, int]]:
    yield from zip(
        ways.tail.tolist(), ways.head.tolist(), ways.flags.tolist(), ways.comfort.tolist(), strict=True
    )
