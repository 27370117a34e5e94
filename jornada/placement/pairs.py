"""What people decide about a file and a source: keep them together, or do not propose them again until a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from jornada.placement import selectors
from jornada.placement.models import PairDecision, PairDecisionUndone
from jornada.triage import casefiles

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.placement.models import Proposal

REASONS = {
    "worker_asked": "the worker asked for somebody else",
    "conflict": "a conflict, or we may not say why",
    "not_their_work": "not the work they do well",
    "workload": "too much other work there now",
    "other": "another reason, see the note",
}
"""Why a pair is not to be proposed again."""
LONGEST = timedelta(days=366)


class CannotDecide(ValueError):
    """Nothing was recorded; the message says what to do."""


@transaction.atomic
def keep(*, proposal: Proposal, by: Member, on: date) -> PairDecision:
    """The proposal kept as it is in later runs, as long as rules and places allow; CannotDecide where it is none."""
    file, source = proposal.file, _source(proposal)
    if any(one.kind == "keep" for one in selectors.pair_decisions(on, file.id)):
        raise CannotDecide("A proposal for this file is kept already. Take that back first.")
    return PairDecision.objects.create(
        provider_id=by.provider_id, kind="keep", file=file, decided_by=by, decided_on=on, **source
    )


@transaction.atomic
def reject(
    *, proposal: Proposal, reason: str, until: date | None, note: str, by: Member, on: date
) -> PairDecision:
    """The pair not proposed again before that day; a keep of the same pair ends with it.

    CannotDecide without a reason from the list, without a note where the reason is another one, and for a day
    that is past or more than a year ahead.
    """
    if reason not in REASONS:
        raise CannotDecide("Choose a reason from the list.")
    if reason == "other" and not note.strip():
        raise CannotDecide("Write the reason in the note.")
    if until is None or not on < until <= on + LONGEST:
        raise CannotDecide("Give the day on which it may be proposed again: after today, within a year.")
    file, source = proposal.file, _source(proposal)
    for kept in selectors.pair_decisions(on, file.id):
        if kept.kind == "keep":
            undo(decision=kept, by=by, on=on)
    row = uuid4()
    sealed = casefiles.seal_p2(file, "placement_pairdecision", row, "sealed_note", note.strip())
    return PairDecision.objects.create(
        id=row, provider_id=by.provider_id, kind="reject", file=file, reason=reason, until=until,
        sealed_note=sealed if note.strip() else None, decided_by=by, decided_on=on, **source,
    )  # fmt: skip


@transaction.atomic
def undo(*, decision: PairDecision, by: Member, on: date) -> PairDecisionUndone:
    """The decision taken back; it stays readable. CannotDecide where somebody took it back already."""
    try:
        with transaction.atomic():
            return PairDecisionUndone.objects.create(
                provider_id=by.provider_id, decision=decision, undone_by=by, undone_on=on
            )
    except IntegrityError:
        raise CannotDecide("Somebody took that back already.") from None


def _source(proposal: Proposal) -> dict[str, UUID]:
    named: dict[str, Any] = {
        "advocate_id": proposal.advocate_id,
        "clinic_day_id": proposal.clinic_day_id,
        "partner_id": proposal.partner_id,
    }
    source = {column: one for column, one in named.items() if one}
    if not source:
        raise CannotDecide("This proposal names nobody: there is nothing to keep or to reject.")
    return source
