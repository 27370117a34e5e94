"""From the board to what comes next: everybody's probable times, who is late, whose seat is free, what nobody covers.

`onward` follows the calling rule (`floor.walk`) from the present state with everybody's usual minutes: one likely
course of the rest of the day, worked out in milliseconds. The spread of many courses is `outlook` in `forecast.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from jornada.domain.clinic.board import Board, OnBoard, StaffOnBoard, supervised
from jornada.domain.clinic.day import ClinicDay, Invited, Staff
from jornada.domain.clinic.floor import Floor, Held, OnDuty, floor_of, serves, walk
from jornada.domain.clinic.template import Template
from jornada.domain.facts import Reason

AT_LEAST = 2.0
"""Minutes that a service which has already taken its usual time is thought to need yet."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody at work: with which worker, at which station, since when, and whether it is interpreted."""

    worker: str
    station: str
    since: float
    interpreted: bool


@dataclass(frozen=True, slots=True)
class Present:
    """The present state as a floor to walk on: who is ahead of what, who is busy and since when."""

    floor: Floor
    workers: tuple[Invited, ...]
    arrive: tuple[float, ...]
    route: tuple[int, ...]
    busy: tuple[Busy, ...]
    """For each of `floor.held`: with whom, where, since when."""


@dataclass(frozen=True, slots=True)
class Next:
    """What probably comes next for a worker, and when they will probably leave (None: not today)."""

    worker: str
    station: str
    begins: float | None
    staff: str
    interpreter: str
    leaves: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A new time for somebody, or a seat that became free, with the reason."""

    worker: str
    was: float
    at: float | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Onward:
    """One likely course of the rest of the day."""

    now: float
    next: Mapping[str, Next]
    changes: tuple[Change, ...]
    alerts: tuple[Reason, ...]
    clears_at: float
    left_over: tuple[str, ...]


def onward(found: Board, day: ClinicDay, template: Template) -> Onward:
    """What comes next for everybody, with the changes it takes and what stands in the way."""
    changes = tuple(_changes(found, day, template))
    present = present_state(found, day, template, changes)
    usual = [template.minutes(name, day.on).usual for name in day.stations]
    minutes = [[length] * len(present.workers) for length in usual]
    until = [max(found.now + AT_LEAST, one.since + _usual(one, day, template)) for one in present.busy]
    course = walk(
        present.floor,
        present.arrive,
        present.route,
        minutes,
        template.usual("interpreted_factor", day.on),
        template.usual("relay_factor", day.on),
        until,
    )
    steps = {
        worker.id: _next(place, worker, present, course.begin, course.by, course.interpreter, course.leave)
        for place, worker in enumerate(present.workers)
    }
    leaves = [moment for moment in course.leave if moment < inf]
    late = tuple(one.worker for one in steps.values() if one.leaves is None or one.leaves > day.closes)
    return Onward(
        found.now, steps, changes, tuple(_alerts(found, day, template)), max(leaves, default=found.now), late
    )


def _usual(one: Busy, day: ClinicDay, template: Template) -> float:
    factor = template.usual("interpreted_factor", day.on) if one.interpreted else 1.0
    return template.minutes(one.station, day.on).usual * factor


def _next(
    place: int,
    worker: Invited,
    present: Present,
    begin: Sequence[Sequence[float]],
    by: Sequence[Sequence[int]],
    interpreter: Sequence[Sequence[int]],
    leave: Sequence[float],
) -> Next:
    names, staff = present.floor.station_names, present.floor.staff_names
    ahead = [s for s in range(len(names)) if present.route[place] >> s & 1]
    station = ahead[0] if ahead else -1
    if station < 0:
        return Next(worker.id, "", None, "", "", leave[place] if leave[place] < inf else None)
    served, helps = by[station][place], interpreter[station][place]
    return Next(
        worker.id,
        names[station],
        begin[station][place] if served >= 0 else None,
        staff[served] if served >= 0 else "",
        staff[helps] if helps >= 0 else "",
        leave[place] if leave[place] < inf else None,
    )


# ── The present state ─────────────────────────────────────────────────────────────────────────────────────────


def present_state(
    found: Board, day: ClinicDay, template: Template, changes: Sequence[Change] = ()
) -> Present:
    """The present state as a floor. Those in conflict and those who left are not on it; late ones come when told."""
    new_times = {one.worker: one.at for one in changes}
    people = [
        one
        for one in found.workers.values()
        if one.here or (one.status == "expected" and new_times.get(one.worker.id, 0.0) is not None)
    ]
    people = [one for one in people if one.worker.id not in found.held]
    workers = tuple(one.worker for one in people)
    floor = floor_of(day, template, workers)
    place = {one.id: number for number, one in enumerate(workers)}
    busy = [state for state in found.staff.values() if state.worker in place]
    return Present(
        replace(
            floor,
            staff=_on_duty(found, floor),
            held=tuple(_held(state, place, floor) for state in busy),
        ),
        workers,
        tuple(_arrives(one, found, new_times) for one in people),
        tuple(_ahead(one, day) for one in people),
        tuple(_busy(found.workers[state.worker]) for state in busy),
    )


def _held(state: StaffOnBoard, place: Mapping[str, int], floor: Floor) -> Held:
    staff = floor.staff_names.index(state.staff.id)
    if state.staff.interprets:
        return Held(staff)
    return Held(staff, place[state.worker], floor.station_names.index(state.station))


def _busy(one: OnBoard) -> Busy:
    return Busy(one.worker.id, one.station, one.since, bool(one.interpreter))


def _on_duty(found: Board, floor: Floor) -> tuple[OnDuty, ...]:
    """From now on: who paused or went is not there; who has not come yet is expected at the hour agreed."""
    made = []
    for name, one in zip(floor.staff_names, floor.staff, strict=True):
        state = found.staff[name]
        gone = state.status in ("gone", "paused") or not supervised(state.staff, found, "here", "expected")
        rested = one.rest_due < found.now
        made.append(
            replace(
                one,
                begins=inf if gone else max(one.begins, found.now),
                ends=found.now if gone else one.ends,
                rest_due=inf if rested else one.rest_due,
            )
        )
    return tuple(made)


def _arrives(one: OnBoard, found: Board, new_times: Mapping[str, float | None]) -> float:
    """When they join the line they stand in: in the past for those who wait already."""
    if one.here:
        return one.joined_at if one.status == "waiting" else inf
    told = new_times.get(one.worker.id)
    if told is not None:
        return told
    if one.worker.appointment is None or not found.intake_open:
        return inf
    return float(max(found.now, one.worker.appointment))


def _ahead(one: OnBoard, day: ClinicDay) -> int:
    """The stations ahead as bits, from the one they wait for; for somebody being served, those after this one."""
    done = set(one.stations_done)
    here = day.stations.index(one.station) if one.here and one.station in day.stations else 0
    if one.status == "with_staff":
        done.add(one.station)
    elif one.status == "waiting":
        done.discard(one.station)
    return sum(1 << place for place, name in enumerate(day.stations) if name not in done and place >= here)


# ── What changes ──────────────────────────────────────────────────────────────────────────────────────────────


def _changes(found: Board, day: ClinicDay, template: Template) -> list[Change]:
    """Late workers get a new time, and the seat of who is very late goes to somebody who waits."""
    late = template.usual("late_after_minutes", day.on)
    given_up = template.usual("seat_free_after_minutes", day.on)
    wave = template.usual("wave_minutes", day.on)
    made = []
    for one in found.workers.values():
        at = one.worker.appointment
        if one.status != "expected" or at is None or found.now - at <= late:
            continue
        values = {"worker": one.worker.id, "minutes": f"{found.now - at:.0f}"}
        new = day.opens + wave * -(-(found.now + 1 - day.opens) // wave)
        if found.now - at > given_up:
            made.append(Change(one.worker.id, at, None, Reason("seat_free", values)))
        elif new >= day.closes or not found.intake_open:
            made.append(Change(one.worker.id, at, None, Reason("too_late_today", values)))
        else:
            made.append(Change(one.worker.id, at, new, Reason("late_new_time", values)))
    return made


# ── What nobody covers any more ───────────────────────────────────────────────────────────────────────────────


def _alerts(found: Board, day: ClinicDay, template: Template) -> list[Reason]:
    """Stations, languages and students that nobody who is here now covers."""
    here = [state.staff for state in found.staff.values() if state.status == "here"]
    waiting = [one for one in found.workers.values() if one.here]
    alerts = []
    for name in day.stations:
        ahead = [one for one in waiting if name not in one.stations_done]
        able = [one for one in here if serves(one, template.station(name))]
        if ahead and not able:
            alerts.append(Reason("station_uncovered", {"station": name, "workers": len(ahead)}))
        alerts += _languages_uncovered(name, ahead, here, able, template)
    alerts += [Reason("student_alone", {"who": one.id}) for one in here if not supervised(one, found, "here")]
    limit = template.usual("attorney_line_minutes", day.on)
    for name in day.stations:
        legal = template.station(name).work == "attorney"
        if legal and any(worker.minutes(found.now) > limit for worker in found.line(name)):
            alerts.append(Reason("attorney_line_too_long", {"station": name, "limit": f"{limit:g}"}))
    return alerts


def _languages_uncovered(
    station: str, ahead: Sequence[OnBoard], here: Sequence[Staff], able: Sequence[Staff], template: Template
) -> list[Reason]:
    if template.station(station).interpreter == "none" or not able:
        return []
    spoken = {language for one in here if one in able or one.interprets for language in one.languages}
    lacking = {
        one.worker.language
        for one in ahead
        if one.worker.language and not one.worker.brings_interpreter and one.worker.language not in spoken
    }
    return [Reason("language_uncovered", {"station": station, "language": name}) for name in sorted(lacking)]
