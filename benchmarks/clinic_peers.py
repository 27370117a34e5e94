"""The same clinics in SimPy and Ciw, as a reasonable engineer would write them, from the same draws."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

import ciw
import simpy

from jornada.domain.clinic.floor import Floor

Table = list[list[float]]
LAST = 2  # after everything else that SimPy has for the same moment


@dataclass
class Told:
    """Begin and end by station and worker, and when each left."""

    begin: Table
    end: Table
    leave: list[float]

    @classmethod
    def empty(cls, stations: int, workers: int) -> Told:
        never = [[[inf] * workers for _ in range(stations)] for _ in range(2)]
        return cls(never[0], never[1], [inf] * workers)


# ── A line of stations ────────────────────────────────────────────────────────────────────────────────────────


def simpy_line(staff: Sequence[int], arrive: Sequence[float], minutes: Table) -> Told:
    """Stations one after the other, first come, first served: one `Resource` a station."""
    env = simpy.Environment()
    told = Told.empty(len(staff), len(arrive))
    desks = [simpy.Resource(env, count) for count in staff]

    def worker(number: int) -> Generator[Any, Any, None]:
        yield env.timeout(arrive[number])
        for station, desk in enumerate(desks):
            with desk.request() as turn:
                yield turn
                told.begin[station][number] = env.now
                yield env.timeout(minutes[station][number])
                told.end[station][number] = env.now
        told.leave[number] = env.now

    for number in range(len(arrive)):
        env.process(worker(number))
    env.run()
    return told


class _Given(ciw.dists.Distribution):  # type: ignore[misc]
    """Ciw draws through distributions; these give what was drawn already."""

    def __init__(self, value: Callable[[Any], float]) -> None:
        self.value = value

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        return self.value(ind)


def ciw_line(staff: Sequence[int], arrive: Sequence[float], minutes: Table) -> Told:
    """The same line as a network of queues."""
    coming = sorted(range(len(arrive)), key=lambda number: arrive[number])
    gaps = [arrive[b] - (arrive[a] if a >= 0 else 0.0) for a, b in zip([-1, *coming], coming, strict=False)]
    stations = len(staff)

    def service(station: int) -> Callable[[Any], float]:
        return lambda ind: minutes[station][coming[ind.id_number - 1]]

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, inf]), *[None] * (stations - 1)],
        service_distributions=[_Given(service(station)) for station in range(stations)],
        routing=[
            [1.0 if there == here + 1 else 0.0 for there in range(stations)] for here in range(stations)
        ],
        number_of_servers=list(staff),
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(10**7)
    told = Told.empty(stations, len(arrive))
    for record in simulation.get_all_records():
        number = coming[record.id_number - 1]
        told.begin[record.node - 1][number] = record.service_start_date
        told.end[record.node - 1][number] = record.service_end_date
        if record.node == stations:
            told.leave[number] = record.exit_date
    return told


# ── Any clinic ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Turn:
    """A worker in line: who, and what the dispatcher grants."""

    worker: int
    granted: simpy.Event


@dataclass
class _SimpyFloor:
    """Workers and breaks as processes; a dispatcher gives each worker staff and interpreter together."""

    floor: Floor
    told: Told
    env: simpy.Environment = field(default_factory=simpy.Environment)
    idle: dict[int, float] = field(default_factory=dict)
    owed: set[int] = field(default_factory=set)
    lines: dict[tuple[int, int], list[_Turn]] = field(default_factory=dict)
    seated: list[list[int]] = field(default_factory=list)
    awake: bool = False

    def worker(
        self, number: int, arrives: float, route: int, minutes: Table, factors: tuple[float, float]
    ) -> Generator[Any, Any, None]:
        env, floor = self.env, self.floor
        one = floor.workers[number]
        yield env.timeout(arrives)
        for station, place in enumerate(floor.places):
            if not route >> station & 1:
                continue
            turn = _Turn(number, env.event())
            self.lines.setdefault((one.priority, -station), []).append(turn)
            self.wake()
            staff, interpreter = yield turn.granted
            length = minutes[station][number] * place.pace
            if interpreter >= 0:
                length *= factors[one.language in floor.relay]
                env.process(self.interprets(interpreter, length * place.share))
            self.told.begin[station][number] = env.now
            yield env.timeout(length)
            self.told.end[station][number] = env.now
            self.seated[station].remove(number)
            self.free(staff)
        self.told.leave[number] = env.now

    def interprets(self, staff: int, length: float) -> Generator[Any, Any, None]:
        yield self.env.timeout(length)
        self.free(staff)

    def free(self, staff: int) -> None:
        one = self.floor.staff[staff]
        if self.env.now < one.ends:
            if staff in self.owed:
                self.owed.remove(staff)
                self.env.process(self.interprets(staff, one.rest))
            else:
                self.idle[staff] = self.env.now
        self.wake()

    def on_duty(self, staff: int) -> Generator[Any, Any, None]:
        one = self.floor.staff[staff]
        yield self.env.timeout(one.begins)
        if one.rest_due <= one.begins:
            self.owed.add(staff)
        self.free(staff)
        if one.begins < one.rest_due < inf:
            yield self.env.timeout(one.rest_due - one.begins)
            self.owed.add(staff)
            if self.idle.pop(staff, None) is not None:
                self.free(staff)

    def goes(self, staff: int) -> Generator[Any, Any, None]:
        yield self.env.timeout(self.floor.staff[staff].ends)
        self.idle.pop(staff, None)

    def wake(self) -> None:
        if not self.awake:
            self.awake = True
            bell = self.env.event()
            bell._ok, bell._value = True, None
            bell.callbacks.append(self.dispatch)
            self.env.schedule(bell, priority=LAST)

    def dispatch(self, _: simpy.Event) -> None:
        self.awake = False
        for key in sorted(self.lines):
            line = self.lines[key]
            while line and (found := self.first(line, -key[1])) is not None:
                turn, staff, interpreter = found
                line.remove(turn)
                del self.idle[staff]
                if interpreter >= 0:
                    del self.idle[interpreter]
                self.seated[-key[1]].append(turn.worker)
                turn.granted.succeed((staff, interpreter))

    def first(self, line: Iterable[_Turn], station: int) -> tuple[_Turn, int, int] | None:
        floor, place = self.floor, self.floor.places[station]
        may = [staff for staff in self.idle if station in floor.staff[staff].stations]
        if not may or len(self.seated[station]) >= place.seats:
            return None
        tried: set[tuple[int, bool]] = set()
        for turn in line:
            group = floor.workers[turn.worker].group
            if group in tried:
                continue
            tried.add(group)
            pair = self.pair(group, station, may)
            if pair is not None:
                return turn, *pair
        return None

    def pair(self, group: tuple[int, bool], station: int, may: list[int]) -> tuple[int, int] | None:
        floor, (language, accessible) = self.floor, group
        if accessible:
            taken = sum(floor.workers[worker].accessible for worker in self.seated[station])
            if taken >= floor.places[station].accessible:
                return None
        alone = [staff for staff in may if floor.speaks(floor.staff[staff], language, station)]
        if alone:
            return self.longest(alone), -1
        helps = [k for k in self.idle if not floor.staff[k].stations and language in floor.staff[k].languages]
        return (self.longest(may), self.longest(helps)) if helps else None

    def longest(self, staff: Iterable[int]) -> int:
        return min(staff, key=lambda k: (self.floor.ranks[k], self.idle[k], k))


def simpy_floor(
    floor: Floor, arrive: Sequence[float], route: Sequence[int], minutes: Table, factor: float, relay: float
) -> Told:
    """Any clinic: priorities, stations passed by, interpreters held together with staff, breaks, hours, seats."""
    run = _SimpyFloor(floor, Told.empty(len(floor.places), len(floor.workers)))
    run.seated = [[] for _ in floor.places]
    for staff, one in enumerate(floor.staff):
        run.env.process(run.on_duty(staff))
        if one.ends < inf:
            run.env.process(run.goes(staff))
    for number, moment in enumerate(arrive):
        if moment < inf:
            run.env.process(run.worker(number, moment, route[number], minutes, (factor, relay)))
    run.env.run()
    return run.told


def simpy_resources(
    floor: Floor, arrive: Sequence[float], route: Sequence[int], minutes: Table, factor: float, relay: float
) -> Told:
    """The nearest that SimPy has ready-made: one `PriorityResource` a station, one a language for interpreters.

    Not the same rule (staff wait for an interpreter; nobody has a break or works at two stations), so its results
    are its own; it shows what such a day costs without a dispatcher.
    """
    env = simpy.Environment()
    told = Told.empty(len(floor.places), len(floor.workers))
    desks = [
        simpy.PriorityResource(env, max(1, sum(one.stations[-1:] == (s,) for one in floor.staff)))
        for s in range(len(floor.places))
    ]
    helps = {
        language: simpy.PriorityResource(
            env, max(1, sum(not one.stations and language in one.languages for one in floor.staff))
        )
        for language in {one.language for one in floor.workers}
    }
    spoken = set.intersection(*[set(one.languages) for one in floor.staff if one.stations])

    def worker(number: int) -> Generator[Any, Any, None]:
        one = floor.workers[number]
        yield env.timeout(arrive[number])
        for station, place in enumerate(floor.places):
            if not route[number] >> station & 1:
                continue
            length = minutes[station][number]
            with desks[station].request(one.priority) as turn:
                yield turn
                told.begin[station][number] = env.now
                if place.share and one.language not in spoken:
                    with helps[one.language].request(one.priority) as helper:
                        yield helper
                        yield env.timeout(length * (relay if one.language in floor.relay else factor))
                else:
                    yield env.timeout(length)
                told.end[station][number] = env.now
        told.leave[number] = env.now

    for number, moment in enumerate(arrive):
        if moment < inf:
            env.process(worker(number))
    env.run()
    return told
