"""Where files were placed, what was proposed, which clinic days have seats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count

from jornada.placement.models import Appointment, ClinicDay, MatchRun, Placement, Proposal
from jornada.triage import casefiles

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile


def placement_in_force(file_id: UUID) -> Placement | None:
    """The file's newest placement."""
    found = Placement.objects.filter(file_id=file_id).select_related("advocate", "placed_by")
    return found.order_by("-recorded_at").first()


def placements(file_ids: Iterable[UUID]) -> dict[UUID, Placement]:
    """The newest placement of each file, in one query."""
    found = Placement.objects.filter(file_id__in=list(file_ids)).select_related("advocate")
    return {one.file_id: one for one in found.order_by("file_id", "-recorded_at").distinct("file_id")}


def load(on: date) -> dict[UUID, int]:
    """How many files each advocate holds now, by member."""
    held: dict[UUID, int] = {}
    newest = Placement.objects.order_by("file_id", "-recorded_at").distinct("file_id")
    for advocate_id in newest.values_list("advocate_id", flat=True):
        if advocate_id is not None:
            held[advocate_id] = held.get(advocate_id, 0) + 1
    return held


def clinic_days(on: date) -> list[ClinicDay]:
    """Clinic days on or after this day, with the number of appointments made (`taken`)."""
    found = ClinicDay.objects.filter(held_on__gte=on).select_related("supervised_by")
    return list(found.annotate(taken=Count("appointments")).order_by("held_on", "opens_at"))


def clinic_day(clinic_day_id: UUID) -> ClinicDay | None:
    """One clinic day of the current provider."""
    return ClinicDay.objects.filter(pk=clinic_day_id).select_related("supervised_by").first()


def times(day: ClinicDay) -> list[time]:
    """The times at which appointments begin: each ends before the clinic closes."""
    step = timedelta(minutes=day.minutes_each)
    start = datetime.combine(day.held_on, day.opens_at)
    close = datetime.combine(day.held_on, day.closes_at)
    found = []
    while start + step <= close:
        found.append(start.time())
        start += step
    return found


def seats_in_all(day: ClinicDay) -> int:
    """How many people a clinic day can see."""
    return len(times(day)) * day.seats


def free_times(day: ClinicDay) -> list[tuple[time, int]]:
    """Times with a free seat, and how many seats are free."""
    taken = dict(Appointment.objects.filter(clinic_day=day).values_list("starts_at").annotate(Count("id")))
    return [(at, day.seats - taken.get(at, 0)) for at in times(day) if taken.get(at, 0) < day.seats]


def appointments(day: ClinicDay) -> list[Appointment]:
    """The day's appointments in order."""
    found = Appointment.objects.filter(clinic_day=day).select_related("file")
    return list(found.order_by("starts_at", "seat"))


def appointment_of(file_id: UUID) -> Appointment | None:
    """The file's newest appointment."""
    found = Appointment.objects.filter(file_id=file_id).select_related("clinic_day")
    return found.order_by("-recorded_at").first()


def newest_run() -> MatchRun | None:
    """The provider's last run of the matcher."""
    return MatchRun.objects.select_related("run_by").order_by("-recorded_at").first()


def proposals(run: MatchRun) -> list[Proposal]:
    """What a run proposed, and for whom it found nothing."""
    found = Proposal.objects.filter(run=run).select_related("advocate", "clinic_day", "file")
    return list(found.order_by("file__number"))


def proposal_for(file_id: UUID) -> Proposal | None:
    """The newest proposal for a file."""
    found = Proposal.objects.filter(file_id=file_id).select_related("advocate", "clinic_day", "run")
    return found.order_by("-recorded_at").first()


def read_reasons(file: CaseFile, proposal: Proposal) -> dict[str, Any]:
    """Reasons for a proposal, or the nearest sources and what would change it."""
    place = ("placement_proposal", proposal.id, "sealed_reasons")
    return dict(casefiles.read_p2(file, *place, proposal.sealed_reasons))
