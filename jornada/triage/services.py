"""Record what the rules say about a file on a day, and what a person decided."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import transaction

from jornada.coalition import selectors as coalition
from jornada.domain import assessment as rules
from jornada.domain import triage as tracks
from jornada.gateways import packfiles
from jornada.triage import casefiles, happenings, selectors
from jornada.triage.casefiles import OpenFile
from jornada.triage.models import Assessment, TriageDecision
from jornada.triage.recorded import Proposed, as_data, decision_data

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.intake.models import CaseFile

TRACKS = (
    "representation", "limited_scope", "clinic", "self_help", "ask_more", "refer_out", "decline",
)  # fmt: skip
LEVELS_OF_SERVICE = ("legal_information", "counsel_and_advice", "limited_action", "extended_service")
SHORTEST_REASON = 10


class CannotDecide(ValueError):
    """The decision was not recorded; the message says what to do."""


@transaction.atomic
def assess(*, opened: OpenFile, by: Member) -> Assessment:
    """Record the findings of the file's pack over its newest answers, on the day it is open."""
    file, on = opened.file, opened.on
    pack = packfiles.load(file.pack)
    assessed = rules.assess(opened.answers, pack, on, casefiles.circumstances(file, opened.answers))
    proposal = _proposal(tracks.decide(assessed, pack))
    row = uuid.uuid4()
    record = Assessment.objects.create(
        id=row,
        provider_id=file.provider_id,
        file=file,
        answers_revision=opened.revision,
        assessed_on=on,
        pack=pack.name,
        pack_fingerprint=pack.fingerprint,
        assessed_by=by,
        sealed_findings=opened.seal(
            "triage_assessment", row, "sealed_findings", as_data(assessed.findings, proposal)
        ),
    )
    happenings.tell("assessed", file=file, on=on, opened=opened, by=by)
    return record


@transaction.atomic
def decide(
    *,
    opened: OpenFile,
    assessment: Assessment,
    decided: Proposed,
    reason: str,
    by: Member,
) -> TriageDecision:
    """Record the track a person sets. Without a signing credential it is a proposal that waits for one.

    CannotDecide when the assessment is no longer the newest or the answers changed
    since, and when an overruling gives no reason.
    """
    file, on = opened.file, opened.on
    _refuse_stale(file, assessment)
    proposal = selectors.read_assessment(opened, assessment).proposal
    overrules = differs(decided, proposal)
    if overrules and len(reason.strip()) < SHORTEST_REASON:
        raise CannotDecide("You decide otherwise than the rules propose: write why, in a sentence at least.")
    row = uuid.uuid4()
    record = TriageDecision.objects.create(
        id=row,
        provider_id=file.provider_id,
        file=file,
        assessment=assessment,
        decided_by=by,
        decided_on=on,
        overrules=overrules,
        only_proposed=coalition.signing_credential(by.id, on) is None,
        sealed_decision=casefiles.seal_p2(
            file, "triage_triagedecision", row, "sealed_decision", decision_data(decided)
        ),
        sealed_reason=opened.seal("triage_triagedecision", row, "sealed_reason", reason.strip()),
    )
    if not record.only_proposed:
        happenings.tell("decided", file=file, on=on)
    return record


def differs(decided: Proposed, proposal: Proposed) -> bool:
    """Whether a person's decision departs from what the rules propose."""
    return (decided.track, decided.level, decided.level_of_service) != (
        proposal.track,
        proposal.level,
        proposal.level_of_service,
    )


def _refuse_stale(file: CaseFile, assessment: Assessment) -> None:
    newest = selectors.newest_assessment(file.id)
    if newest is None or newest.id != assessment.id:
        raise CannotDecide(
            "Somebody assessed this file again while you read. Read the new findings, then decide."
        )
    if casefiles.newest_revision(file) != assessment.answers_revision:
        raise CannotDecide("The worker changed her answers since this assessment. Assess again, then decide.")


def _proposal(decided: tracks.TriageDecision) -> Proposed:
    return Proposed(
        decided.track,
        decided.delivery,
        decided.level_of_service,
        decided.level,
        decided.gates,
        decided.reasons,
        decided.tasks,
    )
