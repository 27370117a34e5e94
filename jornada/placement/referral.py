"""Put a file in an advocate's hands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from jornada.coalition import selectors as coalition
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

    CannotPlace before anyone decided the track, and for an advocate without a
    credential in force.
    """
    if triage.decision_in_force(file.id) is None:
        raise CannotPlace(
            "Nobody with a credential has decided this file's track yet. Decide first, then place."
        )
    if coalition.signing_credential(advocate.id, on) is None:
        raise CannotPlace(
            f"{advocate.display_name} has no verified credential in force on {on:%B %-d, %Y}. Choose another"
            " advocate, or have the credential verified by two members (Team)."
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
