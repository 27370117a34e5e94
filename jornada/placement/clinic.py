"""Clinic days: open one, and give each person a seat at a time."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from jornada.placement import selectors
from jornada.placement.models import Appointment, ClinicDay, Placement, Proposal
from jornada.triage import happenings
from jornada.triage import selectors as triage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jornada.coalition.models import Member
    from jornada.intake.models import CaseFile


class CannotBook(ValueError):
    """No appointment was made; the message says what to do."""


@transaction.atomic
def open_clinic_day(
    *,
    name: str,
    held_on: date,
    place: str,
    opens_at: time,
    closes_at: time,
    minutes_each: int,
    seats: int,
    languages: Sequence[str],
    supervised_by: Member | None,
    by: Member,
) -> ClinicDay:
    """A new clinic day of the member's provider."""
    return ClinicDay.objects.create(
        provider_id=by.provider_id,
        name=name,
        held_on=held_on,
        place=place,
        opens_at=opens_at,
        closes_at=closes_at,
        minutes_each=minutes_each,
        seats=seats,
        languages=list(languages),
        supervised_by=supervised_by,
    )


@transaction.atomic
def book(
    *, file: CaseFile, day: ClinicDay, starts_at: time, by: Member, on: date, proposal: Proposal | None = None
) -> Appointment:
    """A seat at that time. Of two people who book the last seat at once one gets it; the other is told.

    CannotBook names what is wrong: the time is full, is no time of that day, the
    day is over, the file has a seat there already, or its track is not decided.
    """
    _refuse_impossible(file, day, starts_at, on)
    placement = Placement.objects.create(
        provider_id=file.provider_id,
        file=file,
        proposal=proposal,
        scope="limited",
        placed_by=by,
        placed_on=on,
    )
    appointment = _first_free_seat(file, day, starts_at, placement)
    happenings.tell("appointment", file=file, on=on, about_on=day.held_on)
    return appointment


def _refuse_impossible(file: CaseFile, day: ClinicDay, starts_at: time, on: date) -> None:
    if triage.decision_in_force(file.id) is None:
        raise CannotBook(
            "Nobody with a credential has decided this file's track yet. Decide first, then book."
        )
    if day.held_on < on:
        raise CannotBook(f"{day.name} was on {day.held_on:%B %-d, %Y} and is over. Choose a day to come.")
    if starts_at not in selectors.times(day):
        raise CannotBook(
            f"{day.name} has no appointments at {starts_at:%H:%M}. Choose one of the times shown."
        )
    if Appointment.objects.filter(clinic_day=day, file=file).exists():
        raise CannotBook(f"This file has an appointment at {day.name} already.")


def _first_free_seat(file: CaseFile, day: ClinicDay, starts_at: time, placement: Placement) -> Appointment:
    """Tries each seat; the database lets one person only have it, whoever else tries at the same moment."""
    taken = set(
        Appointment.objects.filter(clinic_day=day, starts_at=starts_at).values_list("seat", flat=True)
    )
    for seat in range(1, day.seats + 1):
        if seat in taken:
            continue
        try:
            with transaction.atomic():
                return Appointment.objects.create(
                    provider_id=file.provider_id,
                    clinic_day=day,
                    placement=placement,
                    file=file,
                    starts_at=starts_at,
                    seat=seat,
                )
        except IntegrityError:
            continue
    raise CannotBook(
        f"The last seat at {starts_at:%H:%M} was just taken. Nothing is lost: choose another time of"
        f" {day.name}."
    )
