"""Where files were placed, what was proposed, which clinic days have seats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count

from jornada.placement.models import (
    Appointment,
    ClinicDay,
    MatchRun,
    OutsideReferral,
    Placement,
    Proposal,
    Referral,
    ReferralCard,
    ReferralStep,
    ScopeEnd,
)
from jornada.triage import casefiles
from jornada.vault import keys
from jornada.vault.crypto import Place

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile


def placement_in_force(file_id: UUID) -> Placement | None:
    """The file's newest placement, unless its limited scope was ended."""
    found = Placement.objects.filter(file_id=file_id).select_related("advocate", "placed_by")
    newest = found.prefetch_related("ends").order_by("-recorded_at").first()
    return None if newest is None or newest.ends.all() else newest


def placements(file_ids: Iterable[UUID]) -> dict[UUID, Placement]:
    """The newest placement of each file, in two queries; none where its limited scope was ended."""
    found = Placement.objects.filter(file_id__in=list(file_ids)).select_related("advocate")
    newest = found.prefetch_related("ends").order_by("file_id", "-recorded_at").distinct("file_id")
    return {one.file_id: one for one in newest if not one.ends.all()}


def load(on: date) -> dict[UUID, int]:
    """How many files each advocate holds now, by member."""
    held: dict[UUID, int] = {}
    newest = (
        Placement.objects.order_by("file_id", "-recorded_at").distinct("file_id").prefetch_related("ends")
    )
    for one in newest:
        if one.advocate_id is not None and not one.ends.all():
            held[one.advocate_id] = held.get(one.advocate_id, 0) + 1
    return held


def scope_end_of(file_id: UUID) -> ScopeEnd | None:
    """The end of the file's newest placement, where a danger sign ended it and nothing followed."""
    newest = Placement.objects.filter(file_id=file_id).order_by("-recorded_at").first()
    return ScopeEnd.objects.filter(placement=newest).select_related("placement").first() if newest else None


def ended_files() -> set[UUID]:
    """Files whose newest placement was ended: they seek full scope, whatever was decided before."""
    newest = (
        Placement.objects.order_by("file_id", "-recorded_at").distinct("file_id").prefetch_related("ends")
    )
    return {one.file_id for one in newest if one.ends.all()}


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


# ── Referrals ─────────────────────────────────────────────────────────────────────────────────────────────

OPEN = ("offered", "asked", "answered", "accepted", "shared", "contacted")
_WAITS_ON = {"offered": "receiver", "answered": "receiver", "asked": "sender", "accepted": "worker",
             "shared": "receiver", "contacted": "receiver"}  # fmt: skip


@dataclass(frozen=True)
class ReferralState:
    """Where a referral stands, computed from its steps: what is the case now, who has the next step, by when."""

    referral: Referral
    steps: tuple[ReferralStep, ...]
    now: str
    due_on: date | None
    overdue: bool

    @property
    def open(self) -> bool:
        return self.now in OPEN

    @property
    def waits_on(self) -> str:
        """sender, receiver or worker; "" where nothing is open."""
        return _WAITS_ON.get(self.now, "")


def referral_state(referral: Referral, on: date) -> ReferralState:
    """The referral's state on that day."""
    steps = tuple(referral.steps.select_related("taken_by", "provider").order_by("recorded_at"))
    now = steps[-1].kind if steps else "offered"
    due = (steps[-1].due_on if steps else referral.answer_by) if now in OPEN else None
    return ReferralState(referral, steps, now, due, due is not None and due < on)


def referral(referral_id: UUID) -> Referral | None:
    """A referral that the current tenant sent or received."""
    return Referral.objects.filter(pk=referral_id).select_related("provider", "to_provider").first()


def referrals_of(file_id: UUID, on: date) -> list[ReferralState]:
    """Every referral of a file, newest first."""
    found = Referral.objects.filter(file_id=file_id).select_related("provider", "to_provider")
    return [referral_state(one, on) for one in found.order_by("-recorded_at")]


def referrals(provider_id: UUID, on: date) -> tuple[list[ReferralState], list[ReferralState]]:
    """What the provider received and what it sent; open ones first, then by the day that is due."""
    found = [
        referral_state(one, on)
        for one in Referral.objects.select_related("provider", "to_provider").order_by("-recorded_at")
    ]
    found.sort(key=lambda state: (not state.open, state.due_on or date.max))
    received = [one for one in found if one.referral.to_provider_id == provider_id]
    return received, [one for one in found if one.referral.provider_id == provider_id]


def waiting_on_worker(application_id: UUID, on: date) -> list[tuple[UUID, str]]:
    """Providers that accepted her case and wait for her to share, by id and name. In her own session."""
    found = Referral.objects.filter(application_id=application_id).select_related("to_provider")
    states = [referral_state(one, on) for one in found.order_by("recorded_at")]
    return [
        (one.referral.to_provider_id, one.referral.to_provider.name)
        for one in states
        if one.now == "accepted"
    ]


def referral_card(referral: Referral) -> ReferralCard:
    """The newest card of a referral."""
    found: ReferralCard = referral.cards.order_by("-revision")[0]
    return found


def read_referral_card(card: ReferralCard) -> dict[str, Any]:
    """What a card says, for sender and receiver."""
    return dict(keys.unseal_between(card.sealed_card, referral_card_place(card)))


def referral_card_place(card: ReferralCard) -> Place:
    return Place("coalition", "placement_referralcard", card.pk, "sealed_card", card.revision)


def outside_referrals(file_id: UUID) -> list[OutsideReferral]:
    """A file's referrals to organizations outside the hub, newest first; what is sealed stays closed."""
    found = OutsideReferral.objects.filter(file_id=file_id).select_related("made_by").defer("sealed_page")
    return list(found.order_by("-recorded_at"))
