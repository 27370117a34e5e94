"""A clinic day as stored, turned into what the domain works on: the day, its log, the board at this minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from jornada.clinics.models import Floor, FloorEvent, FloorRun, FloorStaff, Screen, Sitting, Ticket
from jornada.domain.clinic import board as boards
from jornada.domain.clinic import day as days
from jornada.domain.clinic import events as log_of
from jornada.domain.clinic.board import Board
from jornada.domain.clinic.day import Appointment, ClinicDay
from jornada.domain.clinic.events import Event, Log
from jornada.domain.clinic.template import Template
from jornada.gateways import clinicfiles
from jornada.gateways import today as clock
from jornada.placement import selectors as placement
from jornada.vault import keys
from jornada.vault.crypto import Place

if TYPE_CHECKING:
    from jornada.placement.models import ClinicDay as Held

SILENCE = 90.0
"""Seconds after which a run of which nothing was heard counts as interrupted."""
A_DAY = 10_000
"""More than the minutes of a day: see `held`."""


def held(person: UUID, on: date, begins: int, ends: int) -> tuple[Decimal, Decimal]:
    """A person and a span of minutes as one range of numbers: two ranges overlap only where both do.

    PostgreSQL refuses overlapping ranges by itself; refusing "same person and
    overlapping time" would take an extension that not every server has.
    """
    start = (person.int * A_DAY + on.toordinal()) * A_DAY
    return Decimal(start + begins), Decimal(start + ends)


def minutes(at: Any) -> int:
    """Minutes after midnight of a time of day."""
    return int(at.hour * 60 + at.minute)


# ── The day ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DayOf:
    """A clinic day as the domain sees it, with the records it comes from."""

    floor: Floor
    event: Held
    day: ClinicDay
    template: Template
    tickets: Mapping[int, Ticket]

    @property
    def now(self) -> float:
        """The minute of the day: on the wall, or where a rehearsal stands."""
        return minute_of(self.floor)

    def said(self, key: str, language: str = "en", **values: Any) -> str:
        """A text of the clinic pack."""
        return self.template.text(key, language, **values)


def floor(clinic_day: UUID) -> Floor | None:
    """The floor of a clinic day; None before it is set up."""
    return Floor.objects.select_related("clinic_day").filter(clinic_day_id=clinic_day).first()


def day_of(found: Floor) -> DayOf:
    """The clinic day of this floor, read whole."""
    event = found.clinic_day
    tickets = {one.number: one for one in Ticket.objects.filter(clinic_day=event).select_related("file")}
    template = clinicfiles.load_template(found.pack)
    staff = list(FloorStaff.objects.filter(clinic_day=event).order_by("label"))
    return DayOf(
        found,
        event,
        ClinicDay(
            name=event.name,
            on=event.held_on,
            opens=minutes(event.opens_at),
            closes=minutes(event.closes_at),
            rooms={
                one.id: days.Room(*found.rooms[one.id]) for one in template.stations if one.id in found.rooms
            },
            staff=tuple(_staff(one) for one in staff),
            invited=tuple(_invited(event, tickets)),
            made=tuple(_appointments(tickets, event)),
            relay_languages=frozenset(found.relay_languages),
        ),
        template,
        tickets,
    )


def _staff(one: FloorStaff) -> days.Staff:
    rest = days.Rest(one.rest_minutes, one.rest_earliest, one.rest_latest) if one.rest_minutes else None
    return days.Staff(
        one.label,
        one.credential,
        one.begins,
        one.ends,
        frozenset(one.languages),
        tuple(one.stations),
        tuple(one.supervised_by),
        one.credential_until,
        rest,
    )


def _invited(event: Held, tickets: Mapping[int, Ticket]) -> Iterable[days.Invited]:
    """Workers with a number; spare numbers are nobody yet."""
    booked = {one.file_id: one for one in placement.appointments(event)}
    opened = needs_of(tickets.values())
    for number, ticket in sorted(tickets.items()):
        if ticket.file_id is None or ticket.file_id not in booked:
            continue
        appointment = booked[ticket.file_id]
        yield invited(number, opened[ticket.id], minutes(appointment.starts_at), appointment.seat)


def invited(number: int, needs: Mapping[str, Any], at: int | None, seat: int | None) -> days.Invited:
    """A worker as the day knows her: a number and what her way through the day needs."""
    rate = needs.get("show_rate")
    return days.Invited(
        id=str(number),
        language=str(needs.get("language", "")),
        complexity=str(needs.get("complexity", "")),
        missing=tuple(needs.get("missing", ())),
        brings_interpreter=bool(needs.get("brings_interpreter")),
        accessible=bool(needs.get("accessible")),
        priority=str(needs.get("priority", "usual")),
        appointment=at,
        seat=seat,
        show_rate=Decimal(rate) if rate else None,
        done=tuple(needs.get("done", ())),
        kept_from=frozenset(needs.get("kept_from", ())),
    )


def needs_of(tickets: Iterable[Ticket]) -> dict[UUID, dict[str, Any]]:
    """What is known of the people behind these numbers, unsealed; empty where nothing is."""
    found: dict[UUID, dict[str, Any]] = {}
    secret = None
    for one in tickets:
        if one.sealed_needs is None:
            found[one.id] = {}
            continue
        secret = secret or keys.provider_key(one.provider_id)
        found[one.id] = dict(secret.unseal_p2(one.sealed_needs, needs_place(one)))
    return found


def needs_place(ticket: Ticket) -> Place:
    """Where a ticket's needs belong."""
    return Place(ticket.provider_id, "clinics_ticket", ticket.id, "sealed_needs")


def _appointments(tickets: Mapping[int, Ticket], event: Held) -> Iterable[Appointment]:
    """The timetable: for each number its sittings in order."""
    numbers = {one.id: number for number, one in tickets.items()}
    parts: dict[tuple[int, str], dict[bool, Sitting]] = defaultdict(dict)
    for one in Sitting.objects.filter(ticket__clinic_day=event).select_related("staff"):
        parts[numbers[one.ticket_id], one.station][one.interprets] = one
    made: dict[int, list[days.Sitting]] = defaultdict(list)
    for (number, station), both in parts.items():
        serves, helps = both.get(False), both.get(True)
        if serves is None:
            continue
        until = helps.ends if helps and helps.ends != serves.ends else None
        made[number].append(
            days.Sitting(
                station, serves.begins, serves.ends, serves.staff.label,
                helps.staff.label if helps else "", until,
            )
        )  # fmt: skip
    for number, sittings in sorted(made.items()):
        ordered = tuple(sorted(sittings, key=lambda one: one.begins))
        yield Appointment(str(number), ordered[0].begins, ordered)


# ── What happened ─────────────────────────────────────────────────────────────────────────────────────────────


class _Kept:
    """Notes of a few days, unsealed, with the pulse up to which they are known. In this process only."""

    DAYS = 4

    def __init__(self) -> None:
        self.logs: dict[UUID, tuple[int, Log]] = {}

    def of(self, found: Floor) -> Log:
        """All notes of the day. Those read before are not read again: a note never changes."""
        known, log = self.logs.get(found.clinic_day_id, (0, frozenset()))
        if known > found.pulse:  # another database under the same process, as in tests
            known, log = 0, frozenset()
        if known < found.pulse:
            log = log_of.merge(log, _read(found, known))
            self._keep(found, log)
        return log

    def _keep(self, found: Floor, log: Log) -> None:
        """Only what is committed: a transaction that wrote something may yet be rolled back."""
        pulse = found.pulse

        def keep() -> None:
            self.logs.pop(found.clinic_day_id, None)
            self.logs[found.clinic_day_id] = (pulse, log)
            while len(self.logs) > self.DAYS:
                self.logs.pop(next(iter(self.logs)))

        transaction.on_commit(keep)


_KEPT = _Kept()


def log(found: Floor) -> Log:
    """Everything that was noted on that day so far."""
    return _KEPT.of(found)


def _read(found: Floor, after: int) -> Iterable[Event]:
    rows = FloorEvent.objects.filter(clinic_day_id=found.clinic_day_id, pulse__gt=after)
    secret = keys.provider_key(found.provider_id)
    for row in rows:
        yield log_of.from_plain(secret.unseal_p2(row.sealed_event, event_place(row)))


def event_place(row: FloorEvent) -> Place:
    """Where a note's content belongs."""
    return Place(row.provider_id, "clinics_floorevent", row.id, "sealed_event")


def minute_of(found: Floor) -> float:
    """The minute of that day now."""
    if found.rehearsed_from is None or found.rehearsed_minute is None:
        return clock.minute()
    return found.rehearsed_minute + (datetime.now(UTC) - found.rehearsed_from).total_seconds() / 60


def board(of: DayOf, now: float | None = None) -> Board:
    """Where everybody is at this minute."""
    return boards.board(of.day, log(of.floor), of.now if now is None else now)


# ── Screens ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Watching:
    """What a screen's token says: which screen of which day, and how often its floor has changed."""

    screen: UUID
    provider: UUID
    clinic_day: UUID
    name: str
    kind: str
    station: str
    held_on: date
    pulse: int
    opened: bool


def watching(token_hash: bytes) -> Watching | None:
    """The screen with this token; None where there is none any more. Works without a tenant."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM clinics_screen_of(%s)", [token_hash])
        row = cursor.fetchone()
    return Watching(*row) if row else None


def screens(clinic_day: UUID) -> list[Screen]:
    """The day's screens by name, those in use first."""
    return list(Screen.objects.filter(clinic_day_id=clinic_day).order_by("-ended_at", "name"))


def pulse(clinic_day: UUID) -> int:
    """How often the floor has changed; 0 before it is set up."""
    return Floor.objects.filter(clinic_day_id=clinic_day).values_list("pulse", flat=True).first() or 0


# ── Runs in the background ────────────────────────────────────────────────────────────────────────────────────


def newest_run(clinic_day: UUID, kind: str, *, done: bool = False) -> FloorRun | None:
    """The last run of that kind; with `done`, the last that came to its end."""
    found = FloorRun.objects.filter(clinic_day_id=clinic_day, kind=kind)
    return (found.filter(state="done") if done else found).order_by("-recorded_at").first()


def under_way(run: FloorRun | None) -> bool:
    """Whether a run waits or is being worked out. One of which nothing was heard for a while was interrupted."""
    if run is None or run.state == "waiting":
        return run is not None
    heard = run.heard_at or run.begun_at or run.recorded_at
    return run.state == "running" and (datetime.now(UTC) - heard).total_seconds() < SILENCE


def result(run: FloorRun) -> dict[str, Any]:
    """What a run found."""
    if run.sealed_result is None:
        return {}
    return dict(keys.unseal_p2(run.provider_id, run.sealed_result, result_place(run)))


def planned(found: Mapping[str, Any]) -> tuple[list[Appointment], dict[str, int]]:
    """The appointments and breaks of a timetable that a run found."""
    made = [
        Appointment(
            one["worker"], one["arrives"], tuple(days.Sitting(**sitting) for sitting in one["sittings"])
        )
        for one in found["plan"]["appointments"]
    ]
    return made, dict(found["plan"]["breaks"])


def result_place(run: FloorRun) -> Place:
    """Where a run's result belongs."""
    return Place(run.provider_id, "clinics_floorrun", run.id, "sealed_result")


def appointment_times(of: DayOf) -> dict[str, str]:
    """When each number is asked to come."""
    return {one.id: days.clock(one.appointment) for one in of.day.invited if one.appointment is not None}
