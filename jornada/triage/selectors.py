"""What the rules said and what people decided, per file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from jornada.triage import casefiles
from jornada.triage.casefiles import OpenFile
from jornada.triage.models import Assessment, TriageDecision
from jornada.triage.recorded import Proposed, Recorded, from_data, read_decision

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile
    from jornada.vault.keys import ProviderSecret


def newest_assessment(file_id: UUID) -> Assessment | None:
    """The last assessment of the file."""
    return (
        Assessment.objects.filter(file_id=file_id)
        .select_related("assessed_by")
        .order_by("-recorded_at")
        .first()
    )


def assessment(file_id: UUID, assessment_id: str) -> Assessment | None:
    """One assessment of the file; None for an id that is none of its."""
    try:
        return Assessment.objects.filter(file_id=file_id, pk=UUID(assessment_id)).first()
    except ValueError:
        return None


def read_assessment(opened: OpenFile, assessment: Assessment) -> Recorded:
    """Findings and proposal, opened with the file's key."""
    place = ("triage_assessment", assessment.id, "sealed_findings")
    return from_data(opened.read(*place, assessment.sealed_findings))


def decisions(file_id: UUID) -> list[TriageDecision]:
    """Every decision and proposal on the file, newest first."""
    found = TriageDecision.objects.filter(file_id=file_id).select_related("decided_by", "assessment")
    return list(found.order_by("-recorded_at"))


def decision_in_force(file_id: UUID) -> TriageDecision | None:
    """The newest decision by a credentialed member."""
    return next((found for found in decisions(file_id) if not found.only_proposed), None)


def read_track(file: CaseFile, decision: TriageDecision, secret: ProviderSecret | None = None) -> Proposed:
    """The track decided, readable without the legal team's key (P2)."""
    data = casefiles.read_p2(
        file, "triage_triagedecision", decision.id, "sealed_decision", decision.sealed_decision, secret=secret
    )
    return read_decision(data)


def read_reason(opened: OpenFile, decision: TriageDecision) -> str:
    """Why, in the member's own words; for the legal team."""
    return str(opened.read("triage_triagedecision", decision.id, "sealed_reason", decision.sealed_reason))


def newest_by_file(file_ids: Iterable[UUID]) -> dict[UUID, Assessment]:
    """The last assessment of each file, in one query."""
    found = Assessment.objects.filter(file_id__in=list(file_ids)).order_by("file_id", "-recorded_at")
    return {one.file_id: one for one in found.distinct("file_id").defer("sealed_findings")}


def decisions_by_file(file_ids: Iterable[UUID]) -> dict[UUID, list[TriageDecision]]:
    """Decisions and proposals of each file, newest first, in one query."""
    by_file: dict[UUID, list[TriageDecision]] = {}
    found = TriageDecision.objects.filter(file_id__in=list(file_ids)).select_related("decided_by")
    for one in found.order_by("-recorded_at"):
        by_file.setdefault(one.file_id, []).append(one)
    return by_file
