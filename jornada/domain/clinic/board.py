"""The board of the day: from all events so far, who is where, how long, and what does not fit together.

The board is worked out anew from the whole log (`events.py`), so it is the same on every screen that has the same
events, and a late event only makes it more complete. Where two notes contradict each other, neither is dropped:
the first stands for the time being, the worker is called nowhere, and a person settles it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from jornada.domain.clinic.day import ADVISES, PRIORITIES, ClinicDay, Invited, Staff
from jornada.domain.clinic.events import Event, Log, in_order, same_number
from jornada.domain.clinic.floor import missed_elsewhere, serves
from jornada.domain.clinic.template import Template
from jornada.domain.facts import Reason

Status = Literal["expected", "waiting", "with_staff", "done", "left", "full_scope"]
HOLDING = frozenset(
    {"called_twice", "called_after_leaving", "staff_with_two", "finished_elsewhere", "same_number"}
)
"""Conflicts while which a worker is called nowhere."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A service that ended: where, by whom, from when to when, and how long the worker had stood in line for it."""

    station: str
    staff: str
    interpreter: str
    joined_at: float
    begins: float
    ends: float

    @property
    def waited(self) -> float:
        return self.begins - self.joined_at

    @property
    def minutes(self) -> float:
        return self.ends - self.begins


@dataclass(frozen=True, slots=True)
class OnBoard:
    """A worker on the board. `since` is when the present status began; `station` where they are or wait."""

    worker: Invited
    status: Status = "expected"
    station: str = ""
    since: float = 0.0
    joined_at: float = 0.0
    arrived_at: float | None = None
    ended_at: float | None = None
    staff: str = ""
    interpreter: str = ""
    reason: str = ""
    visits: tuple[Visit, ...] = ()
    missing: tuple[str, ...] = ()
    by: str = ""
    """The event that brought the present status about."""

    @property
    def here(self) -> bool:
        return self.status in ("waiting", "with_staff")

    @property
    def stations_done(self) -> tuple[str, ...]:
        return (*self.worker.done, *(visit.station for visit in self.visits))

    def minutes(self, now: float) -> float:
        """How long in the present status."""
        return max(0.0, now - self.since)


@dataclass(frozen=True, slots=True)
class StaffOnBoard:
    """One of the staff on the board: expected, here, paused or gone, and with which worker."""

    staff: Staff
    status: Literal["expected", "here", "paused", "gone"] = "expected"
    since: float = 0.0
    worker: str = ""
    station: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Notes that cannot all be true. `id` names them; a `settled` event with it says which stands."""

    id: str
    kind: str
    about: str
    events: tuple[str, ...]
    at: float

    @property
    def holds(self) -> bool:
        """Whether the worker is called nowhere until it is settled."""
        return self.kind in HOLDING


@dataclass(frozen=True, slots=True)
class Board:
    """The state of the day at a moment."""

    now: float
    workers: Mapping[str, OnBoard]
    staff: Mapping[str, StaffOnBoard]
    conflicts: tuple[Conflict, ...]
    intake_open: bool
    set_aside: Mapping[str, str] = field(default_factory=dict)
    """Events that did not count, with why: a conflict's id, `settled`, or `repeats`."""

    @property
    def held(self) -> frozenset[str]:
        """Workers who are in an open conflict and called nowhere."""
        return frozenset(one.about for one in self.conflicts if one.holds)

    def line(self, station: str) -> list[OnBoard]:
        """Who waits there, in the order of the line."""
        waiting = [one for one in self.workers.values() if one.status == "waiting" and one.station == station]
        return sorted(waiting, key=_turn)

    def at(self, station: str) -> list[OnBoard]:
        """Who is being served there."""
        return [one for one in self.workers.values() if one.status == "with_staff" and one.station == station]


def _turn(one: OnBoard) -> tuple[int, float, str]:
    return PRIORITIES.index(one.worker.priority), one.joined_at, one.worker.id


def board(day: ClinicDay, log: Log, now: float) -> Board:
    """The board at that moment from all events up to it."""
    fold = _Fold(day)
    doubles = same_number(log)
    rejected, disputed = _settled(log)
    for events in doubles.values():
        fold.number_used_twice(events, [_name(one, doubles) for one in events], rejected)
    for at, event in in_order(log):
        name = _name(event, doubles)
        if at > now or event.kind == "settled":
            continue
        if name in rejected:
            fold.set_aside[name] = "settled"
        elif name not in fold.set_aside:
            fold.apply(at, event, name)
    for conflict, names in disputed.items():
        fold.against_softly("settled_differently", conflict.split("|")[0], now, "|".join(names))
    conflicts = sorted(fold.conflicts.values(), key=lambda one: (one.at, one.id))
    return Board(now, fold.workers, fold.staff, tuple(conflicts), fold.intake_open, fold.set_aside)


def _name(event: Event, doubles: Mapping[str, object]) -> str:
    return f"{event.key}~{event.digest}" if event.key in doubles else event.key


def _settled(log: Iterable[Event]) -> tuple[frozenset[str], Mapping[str, list[str]]]:
    """The events that do not stand by a person's word; and conflicts on which two people said different things.

    Two different words settle nothing.
    """
    words: dict[str, dict[str, str]] = {}
    for event in log:
        if event.kind == "settled":
            words.setdefault(event.conflict, {})[event.key] = event.keeps
    agreed = {conflict: set(said.values()) for conflict, said in words.items()}
    rejected = frozenset(
        name
        for conflict, keeps in agreed.items()
        if len(keeps) == 1
        for name in conflict.split("|")[1:]
        if name not in keeps
    )
    return rejected, {c: sorted(words[c]) for c, keeps in sorted(agreed.items()) if len(keeps) > 1}


# ── Taking the events one by one ──────────────────────────────────────────────────────────────────────────────


class _Fold:
    """The board while events are taken down."""

    def __init__(self, day: ClinicDay) -> None:
        self.day = day
        self.workers = {one.id: OnBoard(one, missing=one.missing) for one in day.invited}
        self.staff = {one.id: StaffOnBoard(one) for one in day.staff}
        self.conflicts: dict[str, Conflict] = {}
        self.set_aside: dict[str, str] = {}
        self.intake_open = True

    def apply(self, at: float, event: Event, name: str) -> None:
        if event.kind in ("intake_stopped", "intake_opened"):
            self.intake_open = event.kind == "intake_opened"
        elif event.kind in ("staff_arrived", "staff_left", "paused", "resumed"):
            self.of_staff(at, event)
        elif event.kind == "walked_in":
            self.walked_in(at, event, name)
        elif event.worker in self.workers:
            taken = getattr(self, event.kind)
            taken(at, event, name, self.workers[event.worker])
        else:
            self.against("not_invited", event.worker, at, name)

    def against(self, kind: str, about: str, at: float, *names: str) -> None:
        """Notes a conflict; the event that came last is set aside until somebody settles it."""
        found = "|".join([kind, *sorted(filter(None, names))])
        self.conflicts[found] = Conflict(found, kind, about, tuple(sorted(filter(None, names))), at)
        self.set_aside[names[-1]] = found

    def number_used_twice(self, events: list[Event], names: list[str], rejected: frozenset[str]) -> None:
        """None of them counts until a person says which does."""
        if len([name for name in names if name not in rejected]) > 1:
            self.against("same_number", events[0].worker, events[0].at, *names)
            self.set_aside.update(dict.fromkeys(names, self.set_aside[names[-1]]))

    def put(self, one: OnBoard, name: str) -> None:
        self.workers[one.worker.id] = replace(one, by=name)

    # --- staff --------------------------------------------------------------------------------------

    def of_staff(self, at: float, event: Event) -> None:
        status: Mapping[str, Literal["here", "gone", "paused"]] = {
            "staff_arrived": "here",
            "staff_left": "gone",
            "paused": "paused",
            "resumed": "here",
        }
        if event.staff in self.staff:
            self.staff[event.staff] = replace(self.staff[event.staff], status=status[event.kind], since=at)

    def busy(self, staff: str, worker: str, station: str, at: float) -> None:
        """Whoever serves somebody is here, whatever was noted before."""
        if staff in self.staff:
            self.staff[staff] = StaffOnBoard(self.staff[staff].staff, "here", at, worker, station)

    def free(self, one: OnBoard, at: float) -> None:
        for who in (one.staff, one.interpreter):
            if who in self.staff and self.staff[who].worker == one.worker.id:
                self.staff[who] = replace(self.staff[who], worker="", station="", since=at)

    # --- workers ------------------------------------------------------------------------------------

    def next_station(self, one: OnBoard) -> str:
        """The first station on the way that is not behind them."""
        done = set(one.stations_done)
        return next((name for name in self.day.stations if name not in done), "")

    def to_line(self, one: OnBoard, at: float, name: str, station: str = "") -> None:
        """To the end of the next line, or done."""
        where = station or self.next_station(one)
        fresh = replace(one, staff="", interpreter="", since=at, joined_at=at, station=where)
        if where:
            self.put(replace(fresh, status="waiting"), name)
        else:
            self.put(replace(fresh, status="done", ended_at=at), name)

    def arrived(self, at: float, event: Event, name: str, one: OnBoard) -> None:
        if one.status != "expected":
            if one.status in ("left", "full_scope") and event.at > (one.ended_at or 0):
                self.against("came_back", one.worker.id, at, one.by, name)
            else:
                self.set_aside[name] = "repeats"
            return
        self.to_line(replace(one, arrived_at=at), at, name)

    def walked_in(self, at: float, event: Event, name: str) -> None:
        if event.worker in self.workers:
            self.against("number_already_given", event.worker, at, self.workers[event.worker].by, name)
            return
        worker = Invited(
            event.worker,
            event.language,
            accessible=event.accessible,
            brings_interpreter=event.brings_interpreter,
            priority="standby",
        )
        self.to_line(OnBoard(worker, arrived_at=at), at, name)

    def called(self, at: float, event: Event, name: str, one: OnBoard) -> None:
        if one.status == "with_staff":
            self.against("called_twice", one.worker.id, at, one.by, name)
        elif one.status in ("left", "full_scope", "done"):
            self.against("called_after_leaving", one.worker.id, at, one.by, name)
        elif other := self.other_worker(event):
            self.against("staff_with_two", one.worker.id, at, self.workers[other].by, name)
        else:
            if one.status == "expected":
                one = replace(one, arrived_at=at, joined_at=at)
                self.against_softly("called_before_arriving", one.worker.id, at, name)
            self.busy(event.staff, one.worker.id, event.station, at)
            self.busy(event.interpreter, one.worker.id, event.station, at)
            fresh = replace(one, status="with_staff", station=event.station, since=at, staff=event.staff)
            self.put(replace(fresh, interpreter=event.interpreter), name)

    def other_worker(self, event: Event) -> str:
        """Whom the staff of this call are still with."""
        for who in (event.staff, event.interpreter):
            if who in self.staff and self.staff[who].worker not in ("", event.worker):
                return self.staff[who].worker
        return ""

    def against_softly(self, kind: str, about: str, at: float, name: str) -> None:
        """A conflict that somebody should look at although the event counts."""
        found = f"{kind}|{name}"
        self.conflicts[found] = Conflict(found, kind, about, (name,), at)

    def put_back(self, at: float, event: Event, name: str, one: OnBoard) -> None:
        """Called and did not come: back to the same place in line."""
        if one.status != "with_staff":
            self.set_aside[name] = "repeats"
            return
        self.free(one, at)
        self.put(replace(one, status="waiting", since=at, staff="", interpreter=""), name)

    def finished(self, at: float, event: Event, name: str, one: OnBoard) -> None:
        if one.status == "with_staff" and one.station == event.station:
            self.free(one, at)
            visit = Visit(one.station, one.staff, one.interpreter, one.joined_at, one.since, at)
            self.to_line(replace(one, visits=(*one.visits, visit)), at, name)
        elif event.station in one.stations_done:
            self.set_aside[name] = "repeats"
        elif one.status == "waiting" and one.station == event.station:
            self.against_softly("finished_without_call", one.worker.id, at, name)
            visit = Visit(event.station, event.staff, event.interpreter, one.joined_at, at, at)
            self.to_line(replace(one, visits=(*one.visits, visit)), at, name)
        else:
            self.against("finished_elsewhere", one.worker.id, at, one.by, name)

    def sent(self, at: float, event: Event, name: str, one: OnBoard) -> None:
        """Somebody sends the worker to another line; a service that is going on ends with it."""
        if one.status in ("left", "full_scope", "done", "expected"):
            self.against("sent_after_leaving", one.worker.id, at, one.by, name)
            return
        if one.status == "with_staff":
            self.free(one, at)
            visit = Visit(one.station, one.staff, one.interpreter, one.joined_at, one.since, at)
            one = replace(one, visits=(*one.visits, visit))
        self.to_line(one, at, name, event.station)

    def left(self, at: float, event: Event, name: str, one: OnBoard) -> None:
        if one.status in ("left", "full_scope", "done"):
            self.set_aside[name] = "repeats"
            return
        self.free(one, at)
        gone = replace(
            one, status="left", since=at, ended_at=at, staff="", interpreter="", reason=event.reason
        )
        self.put(gone, name)

    def complex(self, at: float, event: Event, name: str, one: OnBoard) -> None:
        """Out of the line and to full scope, with the reason. What was done stays done; nothing is asked again."""
        if one.status == "full_scope":
            self.set_aside[name] = "repeats"
            return
        self.free(one, at)
        visits = one.visits
        if one.status == "with_staff":
            visit = Visit(one.station, one.staff, one.interpreter, one.joined_at, one.since, at)
            visits = (*visits, visit)
        self.put(
            replace(
                one,
                status="full_scope",
                since=at,
                ended_at=at,
                staff="",
                interpreter="",
                reason=event.reason,
                visits=visits,
            ),
            name,
        )

    def missing(self, at: float, event: Event, name: str, one: OnBoard) -> None:
        lacks = tuple(sorted({*one.missing, *event.documents}))
        self.workers[one.worker.id] = replace(one, missing=lacks)

    def brought(self, at: float, event: Event, name: str, one: OnBoard) -> None:
        lacks = tuple(name for name in one.missing if name not in event.documents)
        self.workers[one.worker.id] = replace(one, missing=lacks)


# ── Who is called next ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Call:
    """Who is to be called at a station, by whom and with which interpreter; and who was passed over, and why."""

    worker: str
    staff: str
    interpreter: str
    passed_over: tuple[Reason, ...] = ()


def next_call(
    found: Board, day: ClinicDay, template: Template, station: str, staff: str = ""
) -> tuple[Call | None, tuple[Reason, ...]]:
    """Whom to call now at this station (by this one of the staff); None with the reasons if nobody.

    By priority, then longest in line, among those who can be served now. Nobody who is in an open conflict.
    """
    passed: list[Reason] = []
    if len(found.at(station)) >= day.rooms[station].seats:
        return None, (Reason("station_full", {"station": station, "seats": day.rooms[station].seats}),)
    free = free_staff(found, day, template)
    able = [one for one in free if serves(one, template.station(station)) and staff in ("", one.id)]
    if not able:
        return None, (Reason("nobody_free", {"station": station}),)
    for one in found.line(station):
        call, why = _call_for(one, found, day, template, station, able, free)
        if call is not None:
            return replace(call, passed_over=tuple(passed)), tuple(passed)
        passed.append(why)
    return None, tuple(passed) or (Reason("nobody_waits", {"station": station}),)


def free_staff(found: Board, day: ClinicDay, template: Template) -> list[Staff]:
    """Those who are here and with nobody: who is missed least elsewhere first (`Floor.ranks`), then longest free.

    A student only while a supervisor is here (8 CFR 292.1(a)(2) and 1292.1(a)(2)).
    """
    stations = {name: template.station(name) for name in day.stations}
    able = {name: sum(serves(one, station) for one in day.staff) for name, station in stations.items()}

    def turn(one: StaffOnBoard) -> tuple[tuple[float, float], int, float, str]:
        own = (name for name, station in stations.items() if serves(one.staff, station))
        return missed_elsewhere(own, able), len(one.staff.languages), one.since, one.staff.id

    free = [one for one in found.staff.values() if one.status == "here" and not one.worker]
    return [one.staff for one in sorted(free, key=turn) if supervised(one.staff, found, "here")]


def supervised(one: Staff, found: Board, *statuses: str) -> bool:
    """Whether a student has a supervisor with one of these statuses; others need none."""
    return one.credential != "student" or any(
        boss.staff.id in one.supervised_by and boss.staff.credential in ADVISES and boss.status in statuses
        for boss in found.staff.values()
    )


def _call_for(
    one: OnBoard,
    found: Board,
    day: ClinicDay,
    template: Template,
    station: str,
    able: Sequence[Staff],
    free: Sequence[Staff],
) -> tuple[Call | None, Reason]:
    worker = one.worker
    values = {"worker": worker.id, "station": station}
    if worker.id in found.held:
        return None, Reason("in_conflict", values)
    taken = sum(other.worker.accessible for other in found.at(station))
    if worker.accessible and taken >= day.rooms[station].accessible:
        return None, Reason("accessible_seats_taken", values)
    may = [who for who in able if who.id not in worker.kept_from]
    if not may:
        return None, Reason("kept_apart_from_all", values)
    talks = (
        template.station(station).interpreter != "none" and worker.language and not worker.brings_interpreter
    )
    direct = [who for who in may if not talks or worker.language in who.languages]
    if direct:
        return Call(worker.id, direct[0].id, ""), Reason("")
    helps = [who for who in free if who.interprets and worker.language in who.languages]
    if helps:
        return Call(worker.id, may[0].id, helps[0].id), Reason("")
    return None, Reason("no_interpreter_free", {**values, "language": worker.language})
