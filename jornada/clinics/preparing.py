"""Before the day: stations and seats, who works, numbers for those who come, the timetable, opening the doors."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from jornada.clinics import selectors
from jornada.clinics.models import Floor, FloorStaff, Sitting, Ticket
from jornada.clinics.selectors import DayOf
from jornada.coalition import selectors as coalition
from jornada.domain.clinic import dayfile, rules
from jornada.domain.clinic.day import Appointment, Rest, Staff, clock
from jornada.domain.clinic.rules import Objection
from jornada.domain.facts import Reason
from jornada.gateways import clinicfiles
from jornada.gateways.today import rehearsed, today
from jornada.placement import selectors as placement
from jornada.triage import casefiles
from jornada.triage import selectors as triage
from jornada.vault import keys

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.intake.models import CaseFile
    from jornada.placement.models import ClinicDay as Held

COMPLEXITY = {"OK": "straightforward", "ATTY": "moderate", "COMPLEX": "complex"}
"""How hard a file is for a clinic day, by the level that was decided for it."""
MOST_SPARE = 200
BREAK = "break"
"""Where somebody on a break is."""


class CannotPrepare(ValueError):
    """Nothing was changed; the message says what is wrong and what would mend it."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that stands in the way, in words; `hard`: the doors do not open like this."""

    problem: str
    mend: str
    hard: bool


# ── The floor ─────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def set_up(event: Held, pack: str = clinicfiles.KIND) -> Floor:
    """The floor of a clinic day with every station of the pack and a number for each appointment."""
    template = clinicfiles.load_template(pack)
    rooms = {station.id: [event.seats, min(1, event.seats)] for station in template.stations}
    found, _ = Floor.objects.get_or_create(
        clinic_day=event, defaults={"provider_id": event.provider_id, "pack": pack, "rooms": rooms}
    )
    give_numbers(found)
    return found


@transaction.atomic
def set_rooms(
    found: Floor, rooms: Mapping[str, tuple[int, int]], relay_languages: Sequence[str], *, mailed: bool
) -> None:
    """Which stations are open with how many seats; CannotPrepare where the numbers make no sense."""
    wrong = [name for name, (seats, accessible) in rooms.items() if seats < 1 or accessible > seats]
    if wrong or not rooms:
        where = f"at {', '.join(wrong)}" if wrong else "anywhere"
        raise CannotPrepare(
            f"There are no usable seats {where}: give each open station at least one, and no more accessible ones"
            " than seats. Leave a station's seats empty to close it."
        )
    found.rooms = {name: list(seats) for name, seats in rooms.items()}
    found.relay_languages, found.mailed_by_clinic = list(relay_languages), mailed
    found.save(update_fields=["rooms", "relay_languages", "mailed_by_clinic"])
    beat(found)


def beat(found: Floor) -> None:
    """Count a change: every screen looks again."""
    Floor.objects.filter(pk=found.pk).update(pulse=F("pulse") + 1)
    found.refresh_from_db(fields=["pulse"])


# ── Staff ─────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_staff(found: Floor, one: Staff, member: Member | None = None) -> FloorStaff:
    """Somebody who works that day. CannotPrepare names what the rules or another clinic day object to."""
    of = selectors.day_of(found)
    one = _with_credential(one, member, of)
    if "," in one.id or not one.id.strip():
        raise CannotPrepare("Give a short name without a comma: a first name will do.")
    refused = _new_objections(of, replace(of.day, staff=(*of.day.staff, one)))
    if refused:
        raise CannotPrepare(" ".join(f"{said.problem} {said.mend}" for said in refused))
    rest = one.rest or Rest(0, 0, 0)
    try:
        with transaction.atomic():
            record = FloorStaff.objects.create(
                provider_id=found.provider_id, clinic_day=of.event, member=member, label=one.id,
                credential=one.credential, credential_until=one.credential_until, languages=sorted(one.languages),
                begins=one.begins, ends=one.ends, stations=list(one.stations), supervised_by=list(one.supervised_by),
                rest_minutes=rest.minutes, rest_earliest=rest.earliest, rest_latest=rest.latest,
                held=selectors.held(member.pk if member else _nobody(), of.day.on, one.begins, one.ends),
            )  # fmt: skip
    except IntegrityError as refusal:
        raise CannotPrepare(_why(refusal, of, one, member)) from None
    beat(found)
    return record


def _nobody() -> UUID:
    """A volunteer without an account is nobody whom the database could know again."""
    return UUID(int=secrets.randbits(128))


def _with_credential(one: Staff, member: Member | None, of: DayOf) -> Staff:
    """For a member the credential on record decides, not what was typed."""
    if member is None or one.credential not in rules.CREDENTIALED - {"student"}:
        return one
    held = coalition.signing_credential(member.pk, of.day.on)
    if held is None or held.kind != one.credential:
        raise CannotPrepare(
            f"{member.display_name} has no verified credential as {of.said(f'credentials.{one.credential}')} on"
            f" {of.day.on:%B %-d, %Y}. Choose what they are that day, or have the credential verified first."
        )
    return replace(one, credential_until=held.expires_on)


def _why(refusal: IntegrityError, of: DayOf, one: Staff, member: Member | None) -> str:
    """Which other clinic day has this person at that time, or that the short name is taken."""
    if "one_short_name" in str(refusal) or member is None:
        return f"Somebody is called {one.id} already that day. Give another short name, such as {one.id} B."
    others = FloorStaff.objects.filter(member=member, clinic_day__held_on=of.day.on).select_related(
        "clinic_day"
    )
    where = ", ".join(
        f"{other.clinic_day.name} from {clock(other.begins)} to {clock(other.ends)}" for other in others
    )
    return (
        f"{member.display_name} works at {where} that day already. Change the hours so that they do not overlap,"
        " or take them off the other one."
    )


@transaction.atomic
def remove_staff(found: Floor, label: str) -> None:
    """Take somebody off the day; CannotPrepare while the timetable or the day's notes need them."""
    record = FloorStaff.objects.filter(clinic_day_id=found.clinic_day_id, label=label).first()
    if record is None:
        return
    if found.state != "planned":
        raise CannotPrepare(f"The doors are open. Note that {label} left, on the board, in place of this.")
    if record.sittings.exists():
        raise CannotPrepare(f"The timetable needs {label}. Take the timetable back first, then make another.")
    record.delete()
    beat(found)


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def give_numbers(found: Floor) -> int:
    """A number for every appointment that has none yet; how many were given."""
    event = found.clinic_day
    there = set(Ticket.objects.filter(clinic_day=event, file__isnull=False).values_list("file_id", flat=True))
    files = [one.file for one in placement.appointments(event) if one.file_id not in there]
    if files:
        _new_tickets(found, files)
        beat(found)
    return len(files)


@transaction.atomic
def give_spare_numbers(found: Floor, count: int) -> None:
    """Numbers printed ahead for those who come without an appointment."""
    if not 1 <= count <= MOST_SPARE:
        raise CannotPrepare(f"Give from 1 to {MOST_SPARE} spare numbers at a time.")
    _new_tickets(found, [None] * count)
    beat(found)


def _new_tickets(found: Floor, files: Sequence[CaseFile | None]) -> None:
    """Numbers at random, so that their order says nothing of who came or was asked when."""
    Floor.objects.select_for_update().get(pk=found.pk)
    taken = set(Ticket.objects.filter(clinic_day_id=found.clinic_day_id).values_list("number", flat=True))
    top = 99 if len(taken) + len(files) <= 45 else 999
    free = [number for number in range(10, top + 1) if number not in taken]
    if len(free) < len(files):
        raise CannotPrepare("There are no more numbers below 1000. Use the spare ones there are.")
    numbers = secrets.SystemRandom().sample(free, len(files))
    for number, file in zip(numbers, files, strict=True):
        ticket = Ticket(
            provider_id=found.provider_id, clinic_day_id=found.clinic_day_id, number=number, file=file,
            token=secrets.token_hex(12),
        )  # fmt: skip
        if file is not None:
            _seal_needs(ticket, _needs(file))
        ticket.save(force_insert=True)


def _needs(file: CaseFile) -> dict[str, Any]:
    """What the day must know of this worker, from what she released and what was decided."""
    decision = triage.decision_in_force(file.id)
    level = triage.read_track(file, decision).level if decision else None
    return {
        "language": str(casefiles.contact(file).get("language") or ""),
        "complexity": COMPLEXITY.get(str(level), ""),
    }


def _seal_needs(ticket: Ticket, needs: Mapping[str, Any]) -> None:
    ticket.sealed_needs = keys.seal_p2(ticket.provider_id, needs, selectors.needs_place(ticket))


@transaction.atomic
def set_needs(found: Floor, ticket: Ticket, needs: Mapping[str, Any]) -> None:
    """What a worker needs on the day; CannotPrepare where it cannot be."""
    of = selectors.day_of(found)
    if unknown := set(needs.get("kept_from", ())) - {one.id for one in of.day.staff}:
        raise CannotPrepare(f"Nobody is called {', '.join(sorted(unknown))} that day. Choose from the staff.")
    _seal_needs(ticket, {**selectors.needs_of([ticket])[ticket.id], **needs})
    ticket.save(update_fields=["sealed_needs"])
    beat(found)


@transaction.atomic
def name_walk_in(found: Floor, ticket: Ticket, file: CaseFile) -> None:
    """Whose number a spare one became. CannotPrepare where it is taken, or the file has another."""
    if ticket.file_id is not None:
        raise CannotPrepare(f"Number {ticket.number} belongs to another file already.")
    try:
        with transaction.atomic():
            ticket.file = file
            ticket.save(update_fields=["file"])
    except IntegrityError:
        raise CannotPrepare("This file has a number of that day already. Use that one.") from None
    beat(found)


# ── What stands in the way ────────────────────────────────────────────────────────────────────────────────────


def complaints(of: DayOf, language: str = "en") -> list[Complaint]:
    """Everything that the rules object to, hard ones first, each once."""
    found = [_complaint(one, of, language) for one in rules.objections(of.day, of.template)]
    return list(dict.fromkeys(found))


def _complaint(one: Objection, of: DayOf, language: str) -> Complaint:
    problem, mend = in_sentences(one.reason, of, language)
    return Complaint(problem, mend, one.hard)


def in_sentences(reason: Reason, of: DayOf, language: str = "en") -> tuple[str, str]:
    """What stands in the way and what would mend it, each as a sentence."""
    problem, mend = dayfile.said(reason, of.template, language)
    return f"{problem.rstrip('.')}.", f"{mend.rstrip('.')}."


def _new_objections(of: DayOf, changed: Any) -> list[Complaint]:
    """Hard objections to the staff that a change brings about; who is still missing is nobody's fault."""
    before = [one.reason for one in rules.hard(rules.objections(of.day, of.template))]
    after = rules.hard(rules.objections(changed, of.template))
    about_one = [one for one in after if one.path[:1] == ("staff",) and len(one.path) > 1]
    return [_complaint(one, of, "en") for one in about_one if one.reason not in before]


# ── The timetable ─────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def adopt(found: Floor, appointments: Sequence[Appointment], breaks: Mapping[str, int]) -> int:
    """Take a timetable: who sits with whom. The database refuses whoever would be in two places; how many sittings."""
    of = selectors.day_of(found)
    changed = replace(of.day, made=())
    wrong = rules.hard(rules.appointment_objections(changed, of.template, appointments, breaks))
    if wrong:
        said = [_complaint(one, of, "en") for one in wrong[:3]]
        raise CannotPrepare(
            "The timetable does not fit the day any more: "
            + " ".join(f"{one.problem} {one.mend}" for one in said)
            + " Work it out again."
        )
    take_back(found)
    staff = {one.label: one for one in FloorStaff.objects.filter(clinic_day=of.event)}
    rows = [*_rows(of, appointments, staff), *_breaks(of, breaks, staff)]
    try:
        with transaction.atomic():
            Sitting.objects.bulk_create(rows)
    except IntegrityError:
        raise CannotPrepare("Somebody would sit with two people at once. Work it out again.") from None
    beat(found)
    return len(rows)


def _rows(of: DayOf, appointments: Sequence[Appointment], staff: Mapping[str, FloorStaff]) -> Any:
    for one in appointments:
        ticket = of.tickets[int(one.worker)]
        for sitting in one.sittings:
            yield _row(of, ticket, staff[sitting.staff], sitting.station, sitting.begins, sitting.ends, False)
            if sitting.interpreter:
                until = sitting.interpreted_until or sitting.ends
                helper = staff[sitting.interpreter]
                yield _row(of, ticket, helper, sitting.station, sitting.begins, until, True)


def _breaks(of: DayOf, breaks: Mapping[str, int], staff: Mapping[str, FloorStaff]) -> Any:
    for label, begins in breaks.items():
        yield _row(of, None, staff[label], BREAK, begins, begins + staff[label].rest_minutes, False)


def _row(
    of: DayOf, ticket: Ticket | None, who: FloorStaff, station: str, begins: int, ends: int, interprets: bool
) -> Sitting:
    return Sitting(
        provider_id=of.floor.provider_id, ticket=ticket, staff=who, station=station, interprets=interprets,
        begins=begins, ends=ends, held=selectors.held(who.pk, of.day.on, begins, ends),
    )  # fmt: skip


@transaction.atomic
def take_back(found: Floor) -> None:
    """No timetable any more; appointments stay."""
    Sitting.objects.filter(staff__clinic_day_id=found.clinic_day_id).delete()
    beat(found)


# ── Opening ───────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def open_doors(found: Floor) -> None:
    """The day begins. CannotPrepare on another day, or while a hard rule objects."""
    of = selectors.day_of(found)
    if of.day.on != today():
        raise CannotPrepare(f"{of.day.name} is on {of.day.on:%B %-d, %Y}. Open the doors on that day.")
    stands = [one for one in complaints(of) if one.hard]
    if stands:
        raise CannotPrepare(
            "The doors stay closed: " + " ".join(f"{one.problem} {one.mend}" for one in stands)
        )
    found.state = "open"
    found.save(update_fields=["state"])
    if rehearsed() and found.rehearsed_from is None:
        set_rehearsal_clock(found, of.day.opens)  # a rehearsal begins when the doors open, whatever the hour
    beat(found)


@transaction.atomic
def set_rehearsal_clock(found: Floor, minute: float) -> None:
    """Where the day's clock stands, on a hub that rehearses only. CannotPrepare in service, or backwards."""
    if not rehearsed():
        raise CannotPrepare("This hub is in service: its clock is the one on the wall.")
    if found.rehearsed_from is not None and minute < selectors.minute_of(found):
        raise CannotPrepare("The clock of a rehearsal goes forward only: what was noted stays noted.")
    found.rehearsed_from, found.rehearsed_minute = datetime.now(UTC), float(minute)
    found.save(update_fields=["rehearsed_from", "rehearsed_minute"])
    beat(found)


def staff_from(values: Mapping[str, Any], on: date) -> Staff:
    """The staff of what was filled in."""
    rest = values.get("rest_minutes") or 0
    return Staff(
        values["label"].strip(), values["credential"], selectors.minutes(values["begins"]),
        selectors.minutes(values["ends"]), frozenset(values["languages"]), tuple(values["stations"]),
        tuple(values["supervised_by"]), values.get("credential_until"),
        Rest(rest, selectors.minutes(values["rest_earliest"]), selectors.minutes(values["rest_latest"]))
        if rest and values.get("rest_earliest") and values.get("rest_latest") else None,
    )  # fmt: skip
