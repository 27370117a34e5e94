"""Record what happened on a file, what is due because of it, and what the worker is told."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from jornada.domain import assessment as rules
from jornada.domain.assessment import DeadlineDue
from jornada.gateways import packfiles
from jornada.intake import selectors as intake
from jornada.intake import services as intake_services
from jornada.packets import selectors as packets
from jornada.packets import wageclaims
from jornada.placement import selectors as placement
from jornada.tracking.models import Deadline, DeadlineMet, Event, Payment, WorkerNotice
from jornada.triage import casefiles, happenings
from jornada.vault.tenancy import as_worker

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.intake.models import CaseFile
    from jornada.triage.casefiles import OpenFile

NOTICES = frozenset(
    {
        "assessed", "decided", "placed", "appointment", "prepared", "question", "signed_off", "filed",
        "receipt", "rejection", "paid", "scope_ended", "clinic_missed",
        "clinic_not_finished", "clinic_papers",
    }
)  # fmt: skip
"""Steps that the worker hears of, each with fixed words in tracking/wording; nothing else is shown."""
EVENT_OF = {"demand_letter": "letter_sent", "agency_claim": "claim_filed"}
"""What happened when such papers were sent."""
AFTER_A_CLINIC = {
    "clinic_missed": "did not come to the help day of {day}: needs a new time",
    "clinic_not_finished": "was not finished at the help day of {day}: needs a time",
    "clinic_papers": "lacks papers after the help day of {day}",
}
"""What an organiser hears after a clinic day, of those who let her know of appointments; logistics only."""
TOLD_ONCE = frozenset({"assessed", "decided", "placed", "prepared"})
"""Steps repeated behind the scenes without news for her."""


class CannotRecord(ValueError):
    """Nothing was recorded; the message says what to do."""


@transaction.atomic
def record_event(
    *, opened: OpenFile, kind: str, happened_on: date, printed: date | None, by: Member
) -> tuple[Event, list[Deadline]]:
    """Something that happened, and the deadlines that the pack counts from it.

    CannotRecord for a kind the pack counts nothing from, a day to come, and a
    notice whose printed date is missing: that date is never computed.
    """
    pack = packfiles.load(opened.file.pack)
    counted = [rule for rule in pack.deadlines if rule.start[:2] == ("event", kind)]
    if not counted:
        raise CannotRecord(f"No deadline of this pack begins with {kind!r}. Choose an event from the list.")
    if happened_on > opened.on:
        raise CannotRecord(f"{happened_on:%B %-d, %Y} is yet to come. Record it on the day it happens.")
    if printed is None and any(rule.on_notice for rule in counted):
        raise CannotRecord("Give the date that the notice prints: it is never computed.")
    event = Event.objects.create(
        provider_id=opened.file.provider_id,
        file=opened.file,
        kind=kind,
        happened_on=happened_on,
        recorded_by=by,
    )
    told = [rules.Event(kind, happened_on, printed)]
    due = rules.deadlines(pack, opened.answers, told, opened.on)
    keys = {rule.key for rule in counted}
    return event, _add(opened.file, [one for one in due if one.key in keys], event)


@transaction.atomic
def record_deadlines_from_answers(*, opened: OpenFile) -> list[Deadline]:
    """The deadlines that dated answers and findings set, such as a hearing, or the count of a wage claim.

    Each is recorded once.
    """
    pack = packfiles.load(opened.file.pack)
    circumstances = casefiles.circumstances(opened.file, opened.answers)
    due = rules.deadlines(pack, opened.answers, [], opened.on, circumstances)
    return _add(opened.file, [*due, *_running_out(opened)], None)


def _running_out(opened: OpenFile) -> list[DeadlineDue]:
    """When a wage claim begins to lose money for lack of time, and the day on which nothing is left of it."""
    claim = wageclaims.of(opened)
    ends = wageclaims.expiries(claim) if claim else ()
    days = {"money_begins_to_run_out": ends[0].on, "money_runs_out": ends[-1].on} if ends else {}
    return [_warned(key, day, opened.on) for key, day in days.items()]


def _warned(key: str, day: date, on: date) -> DeadlineDue:
    """A day that the count of a wage claim gives, with its reminders; its rules are not signed off."""
    before = tuple(day - timedelta(days=days) for days in (180, 90, 30, 7))
    return DeadlineDue(key, day, "hard", before, (), needs_review=True, began_on=on)


@transaction.atomic
def meet(*, deadline: Deadline, on: date, by: Member) -> DeadlineMet:
    """The deadline is done with, or does not apply; once."""
    record, _ = DeadlineMet.objects.get_or_create(
        deadline=deadline,
        defaults={
            "provider_id": deadline.provider_id,
            "file_id": deadline.file_id,
            "met_on": on,
            "met_by": by,
        },
    )
    return record


def notify(*, file: CaseFile, key: str, about_on: date | None = None) -> WorkerNotice | None:
    """A word on the worker's status page; None for what she is not told, or was told already."""
    if key not in NOTICES:
        return None
    if key in TOLD_ONCE and WorkerNotice.objects.filter(file=file, key=key).exists():
        return None
    return WorkerNotice.objects.create(
        provider_id=file.provider_id,
        file=file,
        application_id=file.application_id,
        key=key,
        about_on=about_on,
    )


@transaction.atomic
def record_payment(*, opened: OpenFile, paid_on: date, amount: Decimal, note: str, by: Member) -> Payment:
    """Money that came for this claim. CannotRecord for a day to come, or a sum that is none."""
    if paid_on > opened.on:
        raise CannotRecord(f"{paid_on:%B %-d, %Y} is yet to come. Record the money on the day it came.")
    if amount <= 0:
        raise CannotRecord("Write how much came: more than 0. A check that came back is no payment.")
    row = uuid.uuid4()
    details = {"amount": str(amount), "note": note.strip()}
    record = Payment.objects.create(
        id=row,
        provider_id=opened.file.provider_id,
        file=opened.file,
        paid_on=paid_on,
        recorded_by=by,
        sealed_details=opened.seal("tracking_payment", row, "sealed_details", details),
    )
    notify(file=opened.file, key="paid", about_on=paid_on)
    return record


def follow(sender: Any, **step: Any) -> None:
    """Follow a step of an earlier stage: tell the worker, and count the deadlines that begin with it."""
    notify(file=step["file"], key=step["kind"], about_on=step["about_on"])
    opened = step["opened"]
    if step["kind"] == "assessed":
        record_deadlines_from_answers(opened=opened)
    if step["kind"] == "appointment":
        _tell_organiser_of_appointment(step["file"], step["on"])
    if step["kind"] in AFTER_A_CLINIC:
        told = {"what": AFTER_A_CLINIC[step["kind"]].format(day=f"{step['on']:%B %-d}")}
        if step["bring"]:
            told["bring"] = f"to bring: {', '.join(step['bring'])}"
        _tell_organiser_later(step["file"], told, step["on"])
    if step["kind"] == "filed":
        _count_from_filing(opened, step["about_on"] or step["on"], step["by"])


def _tell_organiser_of_appointment(file: CaseFile, on: date) -> None:
    """Once the booking stands, a word for the organiser whom the worker let know of appointments.

    Another provider's card cannot be seen from here; so it is looked up for the
    worker herself, after this provider's transaction, by what she chose at consent.
    """
    booked = placement.appointment_of(file.id)
    if booked is None:
        return
    day = booked.clinic_day
    told = {"day": f"{day.held_on:%B %-d, %Y}", "time": f"{booked.starts_at:%H:%M}", "where": day.place}
    _tell_organiser_later(file, told, on)


def _tell_organiser_later(file: CaseFile, told: dict[str, str], on: date) -> None:
    later = partial(_tell_organiser, file.application_id, "appointment", told, on)
    transaction.on_commit(later, robust=True)


def _tell_organiser(application_id: UUID, kind: str, told: dict[str, str], on: date) -> None:
    with as_worker(application_id):
        known = intake.organiser_of(application_id, on)
        if known is not None and kind in known[1]:
            intake_services.tell_organiser(
                provider_id=known[0], application_id=application_id, kind=kind, told=told
            )


def listen() -> None:
    """Follow the earlier stages from now on."""
    happenings.happened.connect(follow, dispatch_uid="tracking.follow")


def _count_from_filing(opened: OpenFile, filed_on: date, by: Member) -> None:
    pack = packfiles.load(opened.file.pack)
    sent = packets.filing_of(opened.file.id)
    kind = EVENT_OF.get(sent.what if sent else "", "filed")
    counted = [rule for rule in pack.deadlines if rule.start[:2] == ("event", kind)]
    printed = _answer_day(opened) if any(rule.on_notice for rule in counted) else None
    if counted and (printed is not None or not any(rule.on_notice for rule in counted)):
        record_event(opened=opened, kind=kind, happened_on=filed_on, printed=printed, by=by)


def _answer_day(opened: OpenFile) -> date | None:
    """The day by which the newest letter asks for an answer, as it prints it."""
    newest = packets.newest(opened.file.id)
    chosen = packets.read_values(opened, newest)["choices"].get("answer_by") if newest else None
    return date.fromisoformat(chosen) if chosen else None


def _add(
    file: CaseFile, due: list[DeadlineDue] | tuple[DeadlineDue, ...], event: Event | None
) -> list[Deadline]:
    """New rows for those not on record with that very day."""
    there = set(Deadline.objects.filter(file=file).values_list("key", "due_on"))
    return [
        Deadline.objects.create(
            provider_id=file.provider_id,
            file=file,
            event=event,
            key=one.key,
            due_on=one.due_on,
            firmness=one.firmness,
            remind_on=[day.isoformat() for day in one.remind_on],
        )
        for one in due
        if one.due_on is not None and (one.key, one.due_on) not in there
    ]
