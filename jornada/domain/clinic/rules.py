"""What forbids a clinic day, or an appointment in it, as it stands: hard rules with the reason and the mend.

Each objection names who or what it is about and where it stands in the day; its wording (`reasons.…`, and under
`mends.…` what would mend it) is in the clinic pack. Hard ones refuse; the others are for a person to decide. Rule
numbers (R…) are those of section 5 of the notes on capacity.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jornada.domain.clinic.day import ADVISES, Appointment, ClinicDay, Invited, Sitting, Staff, clock
from jornada.domain.clinic.floor import serves
from jornada.domain.clinic.template import Template
from jornada.domain.facts import Reason
from jornada.domain.located import Path

CREDENTIALED = ADVISES | {"student"}
"""Whose credential has an end that the day must know."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Something that stands in the way. `hard`: it cannot go ahead like this; else a person decides."""

    reason: Reason
    path: Path = ()
    hard: bool = True

    @property
    def key(self) -> str:
        return self.reason.key


def objections(day: ClinicDay, template: Template) -> tuple[Objection, ...]:
    """Everything that stands in the way of this day, hard ones first."""
    found = [
        *_hours(day),
        *_stations(day, template),
        *_twice("staff", [one.id for one in day.staff]),
        *_twice("invited", [one.id for one in day.invited]),
        *(one for place, staff in enumerate(day.staff) for one in _staff(day, template, place, staff)),
        *(one for place, worker in enumerate(day.invited) for one in _worker(day, template, place, worker)),
        *_languages(day, template),
        *_seats_taken_twice(day),
        *_ratios(day, template),
        *appointment_objections(day, template, day.made),
    ]
    return tuple(sorted(found, key=lambda one: not one.hard))


def hard(found: Iterable[Objection]) -> tuple[Objection, ...]:
    """Those that refuse."""
    return tuple(one for one in found if one.hard)


def _no(path: Path, key: str, *, hard: bool = True, **values: Any) -> Objection:
    return Objection(Reason(key, values), path, hard)


# ── The day ───────────────────────────────────────────────────────────────────────────────────────────────────


def _hours(day: ClinicDay) -> Iterator[Objection]:
    if day.closes <= day.opens:
        yield _no(("closes",), "closes_before_opening", opens=clock(day.opens), closes=clock(day.closes))


def _stations(day: ClinicDay, template: Template) -> Iterator[Objection]:
    known = {station.id for station in template.stations}
    for name, room in day.rooms.items():
        path = ("stations", name)
        if name not in known:
            yield _no(path, "unknown_station", station=name, known=", ".join(known))
        elif not any(serves(one, template.station(name)) for one in day.staff):
            yield _no(
                path, "nobody_at_station", station=name, who=", ".join(template.station(name).staffed_by)
            )
        if room.seats < 1 or room.accessible < 0 or room.accessible > room.seats:
            yield _no(path, "seats_make_no_sense", station=name, seats=room.seats, accessible=room.accessible)


def _twice(where: str, ids: Sequence[str]) -> Iterator[Objection]:
    seen: set[str] = set()
    for place, name in enumerate(ids):
        if name in seen:
            yield _no((where, place), "listed_twice", who=name)
        seen.add(name)


def _ratios(day: ClinicDay, template: Template) -> Iterator[Objection]:
    """Ratios of section 3.5: expert judgement, so they warn and do not refuse."""
    count = Counter(one.credential for one in day.staff)
    attorneys = sum(count[credential] for credential in ADVISES)
    preparers = count["trained_lay"] + count["student"] + count["paralegal"]
    most = template.range("preparers_per_attorney", day.on).high or 0
    if attorneys and preparers > most * attorneys:
        yield _no(
            ("staff",),
            "too_many_preparers",
            hard=False,
            preparers=preparers,
            attorneys=attorneys,
            most=f"{most:g}",
        )
    students = [one for one in day.staff if one.credential == "student"]
    bosses = {name for one in students for name in one.supervised_by} & {one.id for one in day.staff}
    most = template.range("students_per_supervisor", day.on).high or 0
    if bosses and len(students) > most * len(bosses):
        yield _no(
            ("staff",),
            "too_many_students",
            hard=False,
            students=len(students),
            supervisors=len(bosses),
            most=f"{most:g}",
        )


# ── Staff ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _staff(day: ClinicDay, template: Template, place: int, one: Staff) -> Iterator[Objection]:
    path: Path = ("staff", place)
    if one.begins < day.opens or one.ends > day.closes or one.ends <= one.begins:
        yield _no(
            path, "staff_outside_hours", who=one.id, begins=clock(one.begins), ends=clock(one.ends),
            opens=clock(day.opens), closes=clock(day.closes),
        )  # fmt: skip
    if one.rest and not (
        one.rest.minutes > 0
        and one.begins <= one.rest.earliest <= one.rest.latest <= one.ends - one.rest.minutes
    ):
        yield _no((*path, "break"), "break_outside_hours", who=one.id)
    if one.credential_until and one.credential_until < day.on:
        yield _no(
            path,
            "credential_ended",
            who=one.id,
            until=one.credential_until.isoformat(),
            on=day.on.isoformat(),
        )
    elif one.credential in CREDENTIALED and one.credential_until is None:
        yield _no(path, "credential_end_not_known", hard=False, who=one.id)
    for name in one.stations:
        if name in day.rooms and one.credential not in template.station(name).staffed_by:
            yield _no(
                (*path, "stations"), "not_allowed_there", who=one.id, credential=one.credential, station=name
            )
    if one.credential == "student":
        yield from _supervised(day, path, one)


def _supervised(day: ClinicDay, path: Path, student: Staff) -> Iterator[Objection]:
    """A student works only under a supervisor who is present (R14; 8 CFR 292.1(a)(2) and 1292.1(a)(2))."""
    over = [boss for boss in day.staff if boss.id in student.supervised_by and boss.credential in ADVISES]
    if not over:
        yield _no(path, "student_without_supervisor", who=student.id)
        return
    alone = _uncovered(student.begins, student.ends, [(boss.begins, boss.ends) for boss in over])
    for begins, ends in alone:
        yield _no(path, "supervisor_not_there", who=student.id, begins=clock(begins), ends=clock(ends))


def _uncovered(begins: int, ends: int, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of a span that none of the others covers."""
    left, now = [], begins
    for start, stop in sorted(spans):
        if start > now:
            left.append((now, min(start, ends)))
        now = max(now, stop)
        if now >= ends:
            return left
    return [*left, (now, ends)]


# ── Workers ───────────────────────────────────────────────────────────────────────────────────────────────────


def _worker(day: ClinicDay, template: Template, place: int, one: Invited) -> Iterator[Objection]:
    path: Path = ("invited", place)
    if one.complexity == "complex":
        yield _no(path, "complex_needs_full_scope", worker=one.id)
    elif one.complexity == "moderate":
        yield _no(path, "moderate_in_clinic", hard=False, worker=one.id)
    if not one.language and not one.brings_interpreter:
        yield _no(path, "language_not_known", hard=False, worker=one.id)
    if one.show_rate is not None and not 0 <= one.show_rate <= 1:
        yield _no(path, "show_rate_makes_no_sense", worker=one.id, rate=one.show_rate)
    if one.earliest is not None and one.latest is not None and one.latest <= one.earliest:
        yield _no(path, "no_time_left", worker=one.id, earliest=clock(one.earliest), latest=clock(one.latest))
    if one.accessible:
        for name, room in day.rooms.items():
            if room.accessible < 1 and name not in one.done:
                yield _no(path, "no_accessible_seat", worker=one.id, station=name)
    if one.appointment is not None:
        yield from _appointment_time(day, template, path, one, one.appointment)


def _appointment_time(
    day: ClinicDay, template: Template, path: Path, one: Invited, at: int
) -> Iterator[Objection]:
    if not day.opens <= at < day.closes:
        yield _no(
            path,
            "appointment_outside_hours",
            worker=one.id,
            at=clock(at),
            opens=clock(day.opens),
            closes=clock(day.closes),
        )
        return
    last = day.closes - template.usual("last_wave_before_close", day.on)
    if at > last:
        yield _no(path, "after_last_wave", hard=False, worker=one.id, at=clock(at), last=clock(last))


def _seats_taken_twice(day: ClinicDay) -> Iterator[Objection]:
    taken: dict[tuple[int, int], str] = {}
    for place, one in enumerate(day.invited):
        if one.appointment is None or one.seat is None:
            continue
        before = taken.setdefault((one.appointment, one.seat), one.id)
        if before != one.id:
            yield _no(
                ("invited", place),
                "seat_taken_twice",
                worker=one.id,
                other=before,
                seat=one.seat,
                at=clock(one.appointment),
            )


def _languages(day: ClinicDay, template: Template) -> Iterator[Objection]:
    """Every language at every station where people talk: staff who speak it or an interpreter (R21)."""
    speakers: dict[str, list[tuple[int, Invited]]] = defaultdict(list)
    for place, one in enumerate(day.invited):
        if one.language and not one.brings_interpreter:
            speakers[one.language].append((place, one))
    interpreted = {language for one in day.staff if one.interprets for language in one.languages}
    known = {station.id: station for station in template.stations}
    for language, workers in speakers.items():
        bare = [
            name
            for name in day.rooms
            if name in known
            and known[name].interpreter != "none"
            and any(name not in one.done for _, one in workers)
            and not any(language in one.languages and serves(one, known[name]) for one in day.staff)
        ]
        if bare and language not in interpreted:
            yield _no(
                ("invited", workers[0][0]), "language_not_covered", language=language, workers=len(workers),
                stations=", ".join(bare),
            )  # fmt: skip


# ── Appointments made, by hand or by the solver ───────────────────────────────────────────────────────────────


def appointment_objections(
    day: ClinicDay,
    template: Template,
    appointments: Sequence[Appointment],
    breaks: Mapping[str, int] | None = None,
) -> tuple[Objection, ...]:
    """Everything that stands in the way of these appointments. All of it is hard."""
    found: list[Objection] = []
    staff = {one.id: one for one in day.staff}
    workers = {one.id: one for one in day.invited}
    held: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for name, begins in (breaks or {}).items():
        rest = staff[name].rest
        held[name].append((begins, begins + (rest.minutes if rest else 0), "break"))
    seen: set[str] = set()
    for place, one in enumerate(appointments):
        path: Path = ("appointments", place)
        if one.worker not in workers:
            found.append(_no(path, "unknown_worker", worker=one.worker))
            continue
        if one.worker in seen:
            found.append(_no(path, "two_appointments", worker=one.worker))
        seen.add(one.worker)
        found += _one_appointment(day, template, path, one, workers[one.worker], staff)
        for sitting in one.sittings:
            held[sitting.staff].append((sitting.begins, sitting.ends, one.worker))
            if sitting.interpreter:
                until = _interpreted_until(day, template, sitting)
                held[sitting.interpreter].append((sitting.begins, until, one.worker))
    return (*found, *_double_booked(held), *_over_full(day, workers, appointments))


def _interpreted_until(day: ClinicDay, template: Template, sitting: Sitting) -> float:
    """Until when the interpreter is held: as planned, else for the station's share."""
    if sitting.interpreted_until is not None or sitting.station not in day.rooms:
        return sitting.interpreted_until or sitting.ends
    return sitting.begins + (sitting.ends - sitting.begins) * template.interpreter_share(
        sitting.station, day.on
    )


def _one_appointment(
    day: ClinicDay,
    template: Template,
    path: Path,
    one: Appointment,
    worker: Invited,
    staff: Mapping[str, Staff],
) -> Iterator[Objection]:
    if not day.opens <= one.arrives < day.closes:
        yield _no(
            path, "appointment_outside_hours", worker=one.worker, at=clock(one.arrives), opens=clock(day.opens),
            closes=clock(day.closes),
        )  # fmt: skip
    now, by = one.arrives, {}
    for number, sitting in enumerate(one.sittings):
        here: Path = (*path, "sittings", number)
        if sitting.station not in day.rooms:
            yield _no(here, "unknown_station", station=sitting.station, known=", ".join(day.rooms))
            continue
        if sitting.ends <= sitting.begins:
            yield _no(here, "negative_minutes", worker=one.worker, station=sitting.station)
        if sitting.begins < now:
            yield _no(here, "begins_before_the_last_ends", worker=one.worker, station=sitting.station)
        if sitting.ends > day.closes:
            yield _no(
                here,
                "ends_after_closing",
                worker=one.worker,
                station=sitting.station,
                ends=clock(sitting.ends),
            )
        now = max(now, sitting.ends)
        yield from _one_sitting(day, template, here, sitting, worker, staff)
        by[sitting.station] = sitting.staff
    if by.get("preparation") and by.get("preparation") == by.get("review"):
        yield _no(path, "reviewed_by_preparer", worker=one.worker, who=by["review"])


def _one_sitting(
    day: ClinicDay,
    template: Template,
    path: Path,
    sitting: Sitting,
    worker: Invited,
    staff: Mapping[str, Staff],
) -> Iterator[Objection]:
    unknown = [name for name in (sitting.staff, sitting.interpreter) if name and name not in staff]
    if unknown or not sitting.staff:
        yield _no(path, "unknown_staff", who=", ".join(unknown) or "-", station=sitting.station)
        return
    one = staff[sitting.staff]
    station = template.station(sitting.station)
    if not serves(one, station):
        yield _no(path, "not_allowed_there", who=one.id, credential=one.credential, station=sitting.station)
    for who in filter(None, (one, staff.get(sitting.interpreter))):
        if sitting.begins < who.begins or (sitting.ends > who.ends and who is one):
            yield _no(
                path, "staff_not_there", who=who.id, begins=clock(sitting.begins), ends=clock(sitting.ends)
            )
        if who.credential_until and who.credential_until < day.on:
            yield _no(
                path,
                "credential_ended",
                who=who.id,
                until=who.credential_until.isoformat(),
                on=day.on.isoformat(),
            )
        if who.id in worker.kept_from:
            yield _no(path, "kept_apart", who=who.id, worker=worker.id)
    if one.credential == "student":
        over = [
            (b.begins, b.ends) for b in day.staff if b.id in one.supervised_by and b.credential in ADVISES
        ]
        if _uncovered(sitting.begins, sitting.ends, over):
            yield _no(
                path,
                "supervisor_not_there",
                who=one.id,
                begins=clock(sitting.begins),
                ends=clock(sitting.ends),
            )
    yield from _understood(path, station.interpreter != "none", sitting, worker, one, staff)


def _understood(
    path: Path, talks: bool, sitting: Sitting, worker: Invited, one: Staff, staff: Mapping[str, Staff]
) -> Iterator[Objection]:
    """Staff who speak the worker's language, or an interpreter who does."""
    if not talks or not worker.language or worker.brings_interpreter or worker.language in one.languages:
        return
    helper = staff.get(sitting.interpreter)
    if helper is None:
        yield _no(
            path,
            "no_language_between",
            who=one.id,
            worker=worker.id,
            language=worker.language,
            station=sitting.station,
        )
    elif not helper.interprets or worker.language not in helper.languages:
        yield _no(
            path, "interpreter_does_not_speak", who=helper.id, worker=worker.id, language=worker.language
        )


def _double_booked(held: Mapping[str, list[tuple[float, float, str]]]) -> Iterator[Objection]:
    for who, spans in held.items():
        latest, with_whom = float("-inf"), ""
        for begins, ends, worker in sorted(spans):
            if begins < latest:
                yield _no(
                    ("appointments",), "double_booked", who=who, at=clock(begins), one=with_whom, other=worker
                )
            if ends > latest:
                latest, with_whom = ends, worker


def _over_full(
    day: ClinicDay, workers: Mapping[str, Invited], appointments: Sequence[Appointment]
) -> Iterator[Objection]:
    """Never more workers at a station than seats, with a wheelchair never more than accessible ones."""
    changes: dict[tuple[str, bool], list[tuple[int, int]]] = defaultdict(list)
    for one in appointments:
        for sitting in one.sittings:
            kinds = (False, True) if one.worker in workers and workers[one.worker].accessible else (False,)
            for kind in kinds:
                changes[sitting.station, kind] += [(sitting.begins, 1), (sitting.ends, -1)]
    for (station, accessible), moments in changes.items():
        room = day.rooms.get(station)
        seats = (room.accessible if accessible else room.seats) if room else 0
        seated = 0
        for at, change in sorted(moments):
            seated += change
            if room and seated > seats:
                yield _no(("appointments",), "station_over_full", station=station, at=clock(at), seats=seats)
                break
