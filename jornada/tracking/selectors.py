"""Where everything stands, computed from records: who waits on whom, since when, what is due next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from jornada.coalition import selectors as coalition
from jornada.intake import selectors as intake
from jornada.packets import selectors as packets
from jornada.packets import wageclaims
from jornada.packets.selectors import Standing
from jornada.placement import selectors as placement
from jornada.placement.matching import PLACED_TRACKS
from jornada.tracking.models import Deadline, Event, Payment, WorkerNotice
from jornada.triage import casefiles
from jornada.triage import selectors as triage
from jornada.triage.recorded import Proposed
from jornada.vault import consent, keys
from jornada.vault.keys import ProviderSecret

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.intake.models import CaseFile
    from jornada.placement.models import Placement
    from jornada.triage.casefiles import OpenFile
    from jornada.triage.models import Assessment, TriageDecision

WORKER, TEAM, AGENCY, EMPLOYER, NOBODY = "worker", "team", "agency", "employer", "nobody"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who has the next step, which one, and since when; `member_id` where it is one person's."""

    on: str
    step: str
    since: datetime
    member_id: UUID | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """Every record of a file that says where it stands."""

    file: CaseFile
    answered_at: datetime
    revision: int
    consented: bool
    assessment: Assessment | None = None
    decision: TriageDecision | None = None
    proposed: TriageDecision | None = None
    track: Proposed | None = None
    placed: Placement | None = None
    packet: Standing = field(default_factory=Standing)


def waiting(known: Known) -> Waiting:
    """The next step of a file and whose it is. The first rule that applies decides."""
    if not known.consented:
        return Waiting(WORKER, "consent_ended", known.answered_at)
    return _triage_step(known) or _placement_step(known) or _packet_step(known)


def _triage_step(known: Known) -> Waiting | None:
    assessed, decided = known.assessment, known.decision
    if assessed is None:
        return Waiting(TEAM, "assess", known.file.recorded_at)
    if known.proposed is not None and (decided is None or known.proposed.recorded_at > decided.recorded_at):
        return Waiting(TEAM, "confirm_proposal", known.proposed.recorded_at)
    if decided is None:
        stale = assessed.answers_revision < known.revision
        return Waiting(
            TEAM, "assess_again" if stale else "decide", known.answered_at if stale else assessed.recorded_at
        )
    if decided.assessment.answers_revision < known.revision and known.packet.revision is None:
        return Waiting(TEAM, "assess_again", known.answered_at)
    return None


def _placement_step(known: Known) -> Waiting | None:
    assert known.decision is not None  # the triage steps come first
    since = known.decision.recorded_at
    track = known.track.track if known.track else ""
    if track == "ask_more":
        return Waiting(WORKER, "answer_more", since)
    if track not in PLACED_TRACKS:
        return Waiting(NOBODY, track, since)
    if known.placed is None:
        return Waiting(TEAM, "place", since)
    return None


def _packet_step(known: Known) -> Waiting:
    assert known.placed is not None  # the placement steps come first
    packet, holder = known.packet, known.placed.advocate_id
    if packet.revision is None:
        return Waiting(TEAM, "prepare", known.placed.recorded_at, holder)
    questions = [one for one in packet.open_corrections if one.question]
    if questions:
        return Waiting(WORKER, "answer_questions", questions[0].recorded_at, count=len(questions))
    if packet.filed is not None:
        return _filed_step(packet, holder)
    if packet.revision.answers_revision < known.revision:
        return Waiting(TEAM, "prepare_again", known.answered_at, holder)
    if packet.open_corrections:
        return Waiting(TEAM, "mend", packet.open_corrections[0].recorded_at, packet.revision.prepared_by_id)
    if packet.reviewed is None:
        return Waiting(TEAM, "review", packet.revision.recorded_at, holder)
    if packet.signed is None:
        return Waiting(TEAM, "sign_off", packet.reviewed.recorded_at, holder)
    return Waiting(TEAM, "file", packet.signed.recorded_at, holder)


def _filed_step(packet: Standing, holder: UUID | None) -> Waiting:
    assert packet.filed is not None
    if packet.filed.what == "demand_letter":
        return Waiting(EMPLOYER, "letter_answer", packet.filed.recorded_at)
    if packet.answered is None:
        return Waiting(AGENCY, "receipt", packet.filed.recorded_at)
    if packet.answered.kind == "rejection":
        return Waiting(TEAM, "answer_rejection", packet.answered.recorded_at, holder)
    return Waiting(AGENCY, "decision", packet.answered.recorded_at)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A line of the queue."""

    file: CaseFile
    name: str
    language: str
    waiting: Waiting
    holder: str
    track: str
    level: str
    next_deadline: Deadline | None
    mine: bool


def queue(member: Member, on: date) -> list[QueueRow]:
    """Every file of the member's provider, by next deadline, then by how long it has waited."""
    known = known_files(casefiles.all_files(), on)
    due = next_deadlines([one.file.id for one in known], on)
    names = coalition.names(
        [one.placed.advocate_id for one in known if one.placed and one.placed.advocate_id]
    )
    secret = keys.provider_key(member.provider_id)
    rows = [_row(one, member, due.get(one.file.id), names, secret) for one in known]
    return sorted(rows, key=lambda row: (_due_key(row.next_deadline), row.waiting.since))


def known_files(files: Sequence[CaseFile], on: date) -> list[Known]:
    """What the records say of these files."""
    ids = [file.id for file in files]
    secret = keys.provider_key(files[0].provider_id) if files else None
    assessed, decided = triage.newest_by_file(ids), triage.decisions_by_file(ids)
    placed, packet = placement.placements(ids), packets.standings(ids)
    consented = {one.application_id for one in consent.live_grants(on=on)}
    found = []
    for file in files:
        handed = intake.revisions(file.application_id)
        revision, answered_at = (handed[0][0], handed[0][1]) if handed else (0, file.recorded_at)
        listed = decided.get(file.id, [])
        decision = next((one for one in listed if not one.only_proposed), None)
        found.append(
            Known(
                file, answered_at, revision, file.application_id in consented, assessed.get(file.id),
                decision,
                next((one for one in listed if one.only_proposed), None),
                triage.read_track(file, decision, secret) if decision else None,
                placed.get(file.id), packet[file.id],
            )
        )  # fmt: skip
    return found


def known_file(file: CaseFile, on: date) -> Known:
    """What the records say of one file."""
    return known_files([file], on)[0]


def next_deadlines(file_ids: Iterable[UUID], on: date) -> dict[UUID, Deadline]:
    """The soonest unmet deadline of each file; one that is past stays until somebody deals with it."""
    found = Deadline.objects.filter(file_id__in=list(file_ids), met=None).order_by("-due_on")
    return {one.file_id: one for one in found}


def deadlines(file_id: UUID) -> list[Deadline]:
    """A file's deadlines, soonest first, met ones too."""
    return list(
        Deadline.objects.filter(file_id=file_id).select_related("met", "event").order_by("due_on", "key")
    )


def events(file_id: UUID) -> list[Event]:
    """What happened, newest first."""
    found = Event.objects.filter(file_id=file_id).select_related("recorded_by")
    return list(found.order_by("-happened_on", "-recorded_at"))


@dataclass(frozen=True, slots=True)
class Collected:
    """What came for a wage claim against what was counted when its newest papers were prepared."""

    payments: tuple[tuple[Payment, Decimal, str], ...]
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def total(self) -> Decimal:
        return sum((amount for _, amount, _ in self.payments), Decimal("0.00"))

    @property
    def share(self) -> int | None:
        """Whole percent of the careful count; None while nothing is counted or owed."""
        return int(100 * self.total / self.low) if self.low else None


def collected(opened: OpenFile) -> Collected:
    """Every payment of a file with its sum and note, oldest first, beside the counts of today."""
    rows = Payment.objects.filter(file_id=opened.file.id).select_related("recorded_by").order_by("paid_on")
    read = [
        (one, opened.read("tracking_payment", one.id, "sealed_details", one.sealed_details)) for one in rows
    ]
    payments = tuple((one, Decimal(said["amount"]), str(said["note"])) for one, said in read)
    claim = wageclaims.of(opened)
    if claim is None or claim.found.claim is None:
        return Collected(payments)
    low, high = claim.found.sheets
    return Collected(payments, low.total, high.total)


def reminders(on: date) -> list[Deadline]:
    """Deadlines of the provider whose day to be reminded has come, soonest first."""
    open_ones = Deadline.objects.filter(met=None).select_related("file").order_by("due_on")
    return [
        one for one in open_ones if any(day <= on.isoformat() for day in one.remind_on) or one.due_on <= on
    ]


def notices(application_id: UUID) -> list[WorkerNotice]:
    """The words on the worker's status page, newest first."""
    return list(WorkerNotice.objects.filter(application_id=application_id).order_by("-recorded_at"))


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of a file's access log, as staff see it."""

    at: datetime
    who: str
    act: str
    about: str
    sections: tuple[str, ...]
    reason: str


def readings(file: CaseFile) -> list[Reading]:
    """Who of this provider opened the file or its answers, or was refused, newest first."""
    found = consent.who_opened(file.application_id)
    names = coalition.names([one.member_id for one in found if one.member_id])
    return [
        Reading(
            one.at,
            names.get(one.member_id, "a former member") if one.member_id else "a job",
            one.act,
            one.purpose,
            one.sections,
            one.reason,
        )
        for one in found
    ]


def _row(
    known: Known, member: Member, due: Deadline | None, names: dict[UUID, str], secret: ProviderSecret
) -> QueueRow:
    contact = casefiles.contact(known.file, secret)
    step = waiting(known)
    holder = known.placed.advocate_id if known.placed else None
    track = known.track
    return QueueRow(
        known.file,
        str(contact.get("name") or ""),
        str(contact.get("language") or ""),
        step,
        names.get(holder, "") if holder else "",
        track.track if track else "",
        track.level if track else "",
        due,
        member.id in (step.member_id, holder) or (step.on == TEAM and step.member_id is None),
    )


def _due_key(due: Deadline | None) -> date:
    return due.due_on if due else date.max
