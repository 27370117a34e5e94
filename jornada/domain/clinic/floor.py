"""The clinic's floor by position instead of by name, and the rule by which people are called, in plain Python.

The rule (`walk`): all that happens at one moment happens first. Then, by priority and for the station nearest to
the exit first, whoever has stood longest in line is called among those who can be served now: a seat is free (with
a wheelchair: an accessible one) and somebody who may serve there is free who speaks the language, or anybody who may
serve there together with an interpreter. Of several staff the one goes who is missed least elsewhere
(`Floor.ranks`), then who has been idle longest. A break begins at its minute, or when the worker before it is served.
Nobody starts a service at or after the end of their hours; one that has begun is finished.

The same rule is compiled in `kernels.py` for the simulation. This one answers what comes next on the day itself,
and is what the compiled one is checked against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from math import inf
from typing import TypeVar

from jornada.domain.clinic.day import PRIORITIES, ClinicDay, Invited, Staff
from jornada.domain.clinic.template import Station, Template

ANY_LANGUAGE = -1
Name = TypeVar("Name", int, str)
"""A station's, by position or by name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A station on the floor: for which part of a service an interpreter is held, its pace, its seats."""

    share: float = 0.0
    pace: float = 1.0
    seats: int = 10_000
    accessible: int = 10_000


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Staff on the floor: stations by position (none: an interpreter), languages, hours, break."""

    stations: tuple[int, ...] = ()
    languages: frozenset[int] = frozenset()
    begins: float = 0.0
    ends: float = inf
    rest_due: float = inf
    rest: float = 0.0


@dataclass(frozen=True, slots=True)
class InLine:
    """A worker on the floor."""

    language: int = ANY_LANGUAGE
    accessible: bool = False
    priority: int = 1

    @property
    def group(self) -> tuple[int, bool]:
        """Workers of one group can be served by the same staff in the same seats."""
        return self.language, self.accessible


@dataclass(frozen=True, slots=True)
class Held:
    """Staff who are busy as the simulation begins, with whom, where (-1: as an interpreter)."""

    staff: int
    worker: int = -1
    station: int = -1


@dataclass(frozen=True)
class Floor:
    """Everything on the floor that does not change from one simulated day to the next."""

    places: tuple[Place, ...]
    staff: tuple[OnDuty, ...]
    workers: tuple[InLine, ...]
    relay: frozenset[int] = frozenset()
    held: tuple[Held, ...] = ()
    station_names: tuple[str, ...] = ()
    staff_names: tuple[str, ...] = ()
    worker_names: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[tuple[int, bool], ...]:
        return tuple(sorted({one.group for one in self.workers})) or ((ANY_LANGUAGE, False),)

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """Who is called on first, by person: whoever is missed least elsewhere, then who speaks fewest languages."""
        able = {s: sum(s in one.stations for one in self.staff) for s in range(len(self.places))}
        missed = [(missed_elsewhere(one.stations, able), len(one.languages)) for one in self.staff]
        order = sorted(set(missed))
        return tuple(order.index(one) for one in missed)

    def speaks(self, one: OnDuty, language: int, station: int) -> bool:
        """Whether this staff serves a worker of that language at that station without an interpreter."""
        return not self.places[station].share or language == ANY_LANGUAGE or language in one.languages

    @property
    def line_shaped(self) -> bool:
        """Whether each station can be passed once, first come first served: see `kernels.walk_line`."""
        return (
            not self.held
            and len({one.priority for one in self.workers}) <= 1
            and all(len(one.stations) == 1 for one in self.staff)
            and all(place.seats >= len(self.staff) for place in self.places)
            and all(self._alike(station) for station in range(len(self.places)))
            and not any(one.accessible for one in self.workers)
            and all(
                self.speaks(one, worker.language, one.stations[0])
                for worker in set(self.workers)
                for one in self.staff
            )
        )

    def _alike(self, station: int) -> bool:
        """Whether it makes no difference, or is only a matter of who was free first, which of the staff goes."""
        here = [one for one in self.staff if one.stations == (station,)]
        ranks = {rank for one, rank in zip(self.staff, self.ranks, strict=True) if one.stations == (station,)}
        whole_day = all(one.ends == inf and one.rest_due == inf for one in here)
        return len(ranks) <= 1 or (whole_day and len({one.begins for one in here}) <= 1)


def missed_elsewhere(stations: Iterable[Name], able: Mapping[Name, int]) -> tuple[float, float]:
    """How much somebody is missed who may work there: at the station where fewest may, then at all of them.

    So a student screens while an attorney, without whom nobody gets advice, is kept free.
    """
    shares = sorted(1 / able[station] for station in stations)
    return (shares[-1], round(sum(shares), 6)) if shares else (0.0, 0.0)


# ── From a clinic day ─────────────────────────────────────────────────────────────────────────────────────────


def floor_of(
    day: ClinicDay, template: Template, workers: Sequence[Invited] | None = None, *, late: bool = True
) -> Floor:
    """The floor of a clinic day. `late`: those whose hours end at closing stay until the last worker is served."""
    workers = day.invited if workers is None else workers
    stations = [template.station(name) for name in day.stations]
    languages = sorted(
        {one.language for one in workers} | {name for one in day.staff for name in one.languages}
    )
    number = {name: place for place, name in enumerate(languages)}
    return Floor(
        places=tuple(
            Place(template.interpreter_share(one.id, day.on), 1.0, room.seats, room.accessible)
            for one, room in zip(stations, day.rooms.values(), strict=True)
        ),
        staff=tuple(_on_duty(one, day, stations, number, late=late) for one in day.staff),
        workers=tuple(in_line(one, number) for one in workers),
        relay=frozenset(number[name] for name in day.relay_languages if name in number),
        station_names=day.stations,
        staff_names=tuple(one.id for one in day.staff),
        worker_names=tuple(one.id for one in workers),
        languages=tuple(languages),
    )


def in_line(worker: Invited, number: Mapping[str, int]) -> InLine:
    """A worker on the floor; who brings an interpreter, or whose language nobody asked, is served by anybody."""
    language = ANY_LANGUAGE if worker.brings_interpreter or not worker.language else number[worker.language]
    return InLine(language, worker.accessible, PRIORITIES.index(worker.priority))


def serves(one: Staff, station: Station) -> bool:
    """Whether the credential and the day's posting let them serve at that station."""
    return one.credential in station.staffed_by and (not one.stations or station.id in one.stations)


def route_of(worker: Invited, day: ClinicDay) -> int:
    """The stations that are still ahead, as bits by position."""
    return sum(1 << place for place, name in enumerate(day.stations) if name not in worker.done)


def _on_duty(
    one: Staff, day: ClinicDay, stations: Sequence[Station], number: Mapping[str, int], *, late: bool
) -> OnDuty:
    begins, ends = present(one, day)
    return OnDuty(
        tuple(place for place, station in enumerate(stations) if serves(one, station)),
        frozenset(number[name] for name in one.languages),
        begins,
        inf if late and ends >= day.closes else ends,
        one.rest.earliest if one.rest else inf,
        one.rest.minutes if one.rest else 0.0,
    )


def present(one: Staff, day: ClinicDay) -> tuple[int, int]:
    """From when to when they can work: a student only while a supervisor is there."""
    if one.credential != "student":
        return one.begins, one.ends
    over = [boss for boss in day.staff if boss.id in one.supervised_by]
    if not over:
        return one.begins, one.begins
    return max(one.begins, min(b.begins for b in over)), min(one.ends, max(b.ends for b in over))


# ── The rule ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Walk:
    """One day on the floor: when each worker was served at each station and by whom, and when each left.

    `begin`, `end`, `by`, `interpreter` are by station and worker; `inf` and -1 where it did not happen.
    """

    begin: list[list[float]]
    end: list[list[float]]
    by: list[list[int]]
    interpreter: list[list[int]]
    leave: list[float]


def walk(
    floor: Floor,
    arrive: Sequence[float],
    route: Sequence[int],
    minutes: Sequence[Sequence[float]],
    factor: float = 1.0,
    relay_factor: float = 1.0,
    held_until: Sequence[float] = (),
) -> Walk:
    """One day by the rule above. Minutes are by station and worker; who never comes arrives at `inf`.

    `held_until` says for each of `floor.held` when they are free.
    """
    day = _Day(floor, route, minutes, factor, relay_factor)
    for held, until in zip(floor.held, held_until, strict=True):
        day.hold(held, until)
    day.run(arrive)
    return day.walk


@dataclass(slots=True)
class _Day:
    floor: Floor
    route: Sequence[int]
    minutes: Sequence[Sequence[float]]
    factor: float
    relay_factor: float
    walk: Walk = field(init=False)
    idle: dict[int, float] = field(default_factory=dict)
    resting: set[int] = field(default_factory=set)
    busy: dict[int, tuple[int, int]] = field(default_factory=dict)
    lines: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    events: list[tuple[float, int, int, int]] = field(default_factory=list)
    pushed: int = 0
    touched: set[int] = field(default_factory=set)
    """Stations at which something changed at this moment: nobody else can be called."""

    def __post_init__(self) -> None:
        stations, workers = len(self.floor.places), len(self.floor.workers)
        never = [[inf] * workers for _ in range(stations)]
        nobody = [[-1] * workers for _ in range(stations)]
        copies = [[row[:] for row in table] for table in (never, never, nobody, nobody)]
        self.walk = Walk(copies[0], copies[1], copies[2], copies[3], [inf] * workers)  # type: ignore[arg-type]

    def hold(self, held: Held, until: float) -> None:
        if held.worker >= 0:
            self.busy[held.staff] = held.worker, held.station
        self.push(until, held.station if held.worker >= 0 else len(self.floor.places), held.staff)

    def push(self, moment: float, row: int, staff: int) -> None:
        heappush(self.events, (moment, row, self.pushed, staff))
        self.pushed += 1

    def run(self, arrive: Sequence[float]) -> None:
        coming = sorted((moment, worker) for worker, moment in enumerate(arrive) if moment < inf)[::-1]
        duties = sorted(self.duties())[::-1]
        while coming or duties or self.events:
            now = min(queue[-1][0] for queue in (coming, duties) if queue) if coming or duties else inf
            now = min(now, self.events[0][0]) if self.events else now
            while duties and duties[-1][0] == now:
                _, staff, kind = duties.pop()
                self.duty(staff, kind, now)
            while coming and coming[-1][0] == now:
                self.joins(coming.pop()[1], 0, now)
            while self.events and self.events[0][0] == now:
                self.freed(heappop(self.events)[3], now)
            self.call(now)

    def duties(self) -> Iterable[tuple[float, int, int]]:
        """Who comes, who has a break, who goes: by time, then by person."""
        away = {held.staff for held in self.floor.held}
        for place, one in enumerate(self.floor.staff):
            if place not in away:
                yield one.begins, place, 0
            if one.rest_due < inf:
                yield one.rest_due, place, 1
            if one.ends < inf:
                yield one.ends, place, 2

    def duty(self, staff: int, kind: int, now: float) -> None:
        if (kind == 0 or self.idle.pop(staff, None) is not None) and kind < 2:
            self.available(staff, now)

    def available(self, staff: int, now: float) -> None:
        one = self.floor.staff[staff]
        if now >= one.ends:
            return
        if one.rest_due <= now and staff not in self.resting:
            self.resting.add(staff)
            self.push(now + one.rest, len(self.floor.places) + 1, staff)
        else:
            self.idle[staff] = now
            self.touched.update(one.stations or range(len(self.floor.places)))

    def joins(self, worker: int, station: int, now: float) -> None:
        ahead = self.route[worker] >> station
        if not ahead:
            self.walk.leave[worker] = now
            return
        station += (ahead & -ahead).bit_length() - 1
        self.lines.setdefault((self.floor.workers[worker].priority, station), []).append(worker)
        self.touched.add(station)

    def freed(self, staff: int, now: float) -> None:
        if staff in self.busy:
            worker, station = self.busy.pop(staff)
            self.touched.add(station)
            self.joins(worker, station + 1, now)
        self.available(staff, now)

    def call(self, now: float) -> None:
        for priority, station in sorted(self.lines, key=lambda key: (key[0], -key[1])):
            line = self.lines[priority, station] if station in self.touched else []
            while line and (pair := self.first_who_can_start(line, station)) is not None:
                worker, staff, interpreter = pair
                line.remove(worker)
                self.start(worker, station, staff, interpreter, now)
        self.touched.clear()

    def first_who_can_start(self, line: Sequence[int], station: int) -> tuple[int, int, int] | None:
        tried: set[tuple[int, bool]] = set()
        for worker in line:
            group = self.floor.workers[worker].group
            if group not in tried:
                found = self.who_serves(group, station)
                if found is not None:
                    return worker, *found
                tried.add(group)
        return None

    def who_serves(self, group: tuple[int, bool], station: int) -> tuple[int, int] | None:
        """Staff and interpreter (-1: none is needed) who are free for a worker of that group."""
        floor, (language, accessible) = self.floor, group
        here = [worker for worker, place in self.busy.values() if place == station]
        if len(here) >= floor.places[station].seats:
            return None
        taken = sum(floor.workers[worker].accessible for worker in here)
        if accessible and taken >= floor.places[station].accessible:
            return None
        may = [staff for staff in self.idle if station in floor.staff[staff].stations]
        alone = [staff for staff in may if floor.speaks(floor.staff[staff], language, station)]
        if alone:
            return self.first(alone), -1
        helps = [k for k in self.idle if not floor.staff[k].stations and language in floor.staff[k].languages]
        return (self.first(may), self.first(helps)) if may and helps else None

    def first(self, staff: Iterable[int]) -> int:
        return min(staff, key=lambda k: (self.floor.ranks[k], self.idle[k], k))

    def start(self, worker: int, station: int, staff: int, interpreter: int, now: float) -> None:
        length = self.minutes[station][worker] * self.floor.places[station].pace
        if interpreter >= 0:
            relay = self.floor.workers[worker].language in self.floor.relay
            length *= self.relay_factor if relay else self.factor
            del self.idle[interpreter]
            held = length * self.floor.places[station].share
            self.push(now + held, len(self.floor.places), interpreter)
        del self.idle[staff]
        self.busy[staff] = worker, station
        self.push(now + length, station, staff)
        walk = self.walk
        walk.begin[station][worker], walk.end[station][worker] = now, now + length
        walk.by[station][worker], walk.interpreter[station][worker] = staff, interpreter
