"""Put a file in an advocate's hands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from jornada.placement import supervision
from jornada.placement.models import Placement, Proposal
from jornada.triage import happenings
from jornada.triage import selectors as triage

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.intake.models import CaseFile


class CannotPlace(ValueError):
    """The file was not placed; the message says what to do."""


@transaction.atomic
def place(
    *, file: CaseFile, advocate: Member, scope: str, by: Member, on: date, proposal: Proposal | None = None
) -> Placement:
    """The file in this advocate's hands from that day; moving it again is a new placement.

    CannotPlace before anyone decided the track, for an advocate without a credential
    in force, and for a student or graduate whose supervisor cannot sign off that day.
    """
    if triage.decision_in_force(file.id) is None:
        raise CannotPlace(
            "Nobody with a credential has decided this file's track yet. Decide first, then place."
        )
    working = supervision.supervision([], {}, on)
    if advocate.id not in working.credentials:
        raise CannotPlace(
            f"{advocate.display_name} has no verified credential in force on {on:%B %-d, %Y}. Choose another"
            " advocate, or have the credential verified by two members (Team)."
        )
    if working.works_alone(advocate.id):
        raise CannotPlace(
            f"{advocate.display_name} works under a supervisor, and nobody who supervises can sign off on"
            f" {on:%B %-d, %Y}. Name a supervisor with a verified credential (Team), or choose another advocate."
        )
    record = Placement.objects.create(
        provider_id=file.provider_id,
        file=file,
        proposal=proposal,
        advocate=advocate,
        scope=scope,
        placed_by=by,
        placed_on=on,
    )
    happenings.tell("placed", file=file, on=on)
    return record
