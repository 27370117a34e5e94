"""Where files were placed, what was proposed, which clinic days have seats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery

from jornada.placement.models import (
    Appointment,
    ClinicDay,
    ExpectedCases,
    MatchRun,
    OutsideReferral,
    PairDecision,
    PartnerTerms,
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
    from jornada.vault.keys import ProviderSecret


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


def clinic_days_by_id(ids: Iterable[UUID]) -> list[ClinicDay]:
    """These clinic days of the current provider, past ones too."""
    return list(ClinicDay.objects.filter(pk__in=list(ids)))


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


# ── Matching ──────────────────────────────────────────────────────────────────────────────────────────────


def newest_run() -> MatchRun | None:
    """The provider's last run of the matcher."""
    return MatchRun.objects.select_related("run_by").order_by("-recorded_at").first()


def proposals(run: MatchRun) -> list[Proposal]:
    """What a run proposed, and for whom it found nothing."""
    found = Proposal.objects.filter(run=run).select_related("advocate", "clinic_day", "partner", "file")
    return list(found.order_by("file__number"))


def sources_proposed(run: MatchRun) -> dict[UUID, str]:
    """The source that a run proposed for each file; files for which it found nothing are left out."""
    found = Proposal.objects.filter(run=run).defer("sealed_reasons")
    return {one.file_id: one.source_id for one in found if one.source_id}


def proposal_for(file_id: UUID) -> Proposal | None:
    """The newest proposal for a file."""
    found = Proposal.objects.filter(file_id=file_id).select_related(
        "advocate", "clinic_day", "partner", "run"
    )
    return found.order_by("-recorded_at").first()


def last_proposed(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The source that was last proposed for each file, as the matcher knows it; files without one are left out."""
    found = Proposal.objects.filter(file_id__in=list(file_ids)).order_by("file_id", "-recorded_at")
    return {one.file_id: one.source_id for one in found.distinct("file_id") if one.source_id}


def read_reasons(file: CaseFile, proposal: Proposal, secret: ProviderSecret | None = None) -> dict[str, Any]:
    """Reasons for a proposal, or the nearest sources and what would change it; for many give the keys once."""
    place = ("placement_proposal", proposal.id, "sealed_reasons")
    return dict(casefiles.read_p2(file, *place, proposal.sealed_reasons, secret=secret))


def pair_decisions(on: date, file_id: UUID | None = None) -> list[PairDecision]:
    """Decisions on pairs that stand on that day, newest first; of one file if it is given."""
    found = PairDecision.objects.filter(Q(until=None) | Q(until__gt=on), undone=None)
    found = found if file_id is None else found.filter(file_id=file_id)
    return list(found.select_related("file", "decided_by").order_by("-recorded_at"))


def pair_decision(decision_id: UUID, file_id: UUID) -> PairDecision | None:
    """A decision on a pair of this file that nobody has taken back."""
    return PairDecision.objects.filter(pk=decision_id, file_id=file_id, undone=None).first()


def read_note(decision: PairDecision) -> str:
    """What the member wrote besides the reason; empty where nothing."""
    if decision.sealed_note is None:
        return ""
    place = ("placement_pairdecision", decision.id, "sealed_note")
    return str(casefiles.read_p2(decision.file, *place, decision.sealed_note))


def terms() -> dict[UUID, PartnerTerms]:
    """What each provider of the coalition said last of what it takes from others."""
    found = PartnerTerms.objects.select_related("provider").order_by("provider_id", "-recorded_at")
    return {one.provider_id: one for one in found.distinct("provider_id")}


def partners(provider_id: UUID) -> list[PartnerTerms]:
    """Terms of other listed legal providers that take files from others, by name."""
    found = [one for one in terms().values() if one.provider_id != provider_id and one.files_a_week]
    open_ = [one for one in found if one.provider.listed and one.provider.gives_legal_help]
    return sorted(open_, key=lambda one: one.provider.name)


def offered_since(day: date) -> dict[UUID, int]:
    """How many files each provider was offered since that day, by anybody; declined ones do not count."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_provider, files FROM placement_offered_since(%s)", [day])
        return dict(cursor.fetchall())


def expected(on: date) -> list[ExpectedCases]:
    """Cases that are expected on that day or later, soonest first."""
    found = ExpectedCases.objects.filter(Q(ended_on=None) | Q(ended_on__gt=on), last_on__gte=on)
    return list(found.select_related("added_by").order_by("first_on", "recorded_at"))


# ── Referrals ─────────────────────────────────────────────────────────────────────────────────────────────

OPEN = ("offered", "asked", "answered", "accepted", "shared", "contacted")
SETTLED = {
    "full": ("represents", "sent_on"),
    "limited": ("represents", "sent_on", "limited_done", "advice_given"),
}
"""Outcomes after which a file that sought that scope waits for nobody any more."""
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


@dataclass(frozen=True)
class Elsewhere:
    """What became of a file's referrals: whether another provider has it in hand, and who declined it when."""

    in_hand: bool
    declined: dict[UUID, date]


def elsewhere(file_ids: Iterable[UUID]) -> dict[UUID, Elsewhere]:
    """Where files of the current provider were offered, in one query; those never offered are left out."""
    newest = ReferralStep.objects.filter(referral_id=OuterRef("pk")).order_by("-recorded_at")
    found = Referral.objects.filter(file_id__in=list(file_ids)).annotate(
        now=Subquery(newest.values("kind")[:1]),
        why=Subquery(newest.values("reason")[:1]),
        day=Subquery(newest.values("on_day")[:1]),
    )
    told: dict[UUID, Elsewhere] = {}
    for one in found:
        before = told.get(one.file_id, Elsewhere(False, {}))
        settled = one.now == "outcome" and one.why in SETTLED[one.scope]
        in_hand = settled or (one.now or "offered") in OPEN
        declined = {**before.declined, **({one.to_provider_id: one.day} if one.now == "declined" else {})}
        told[one.file_id] = Elsewhere(before.in_hand or in_hand, declined)
    return told


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
