"""Conflicts of interest across the coalition, and files that are likely the same person's: without a name in clear."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import transaction

from jornada.coalition import selectors as coalition
from jornada.domain import names
from jornada.intake import selectors as intake
from jornada.placement.models import ConflictCheck
from jornada.vault import audit

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.intake.models import CaseFile
    from jornada.triage.casefiles import OpenFile


class CannotCheck(PermissionError):
    """Only an attorney asks, and only with a name that tells people apart."""


@transaction.atomic
def check(*, opened: OpenFile, others: Iterable[str], by: Member, on: date) -> ConflictCheck:
    """Whether anybody in the coalition stands on the other side: yes or no, recorded for the legal team.

    Yes where some provider's client bears the name of one who stands against this worker, or where this worker's
    name is that of one against whom some provider's client stands. `others` are further names to look for. Which
    organization it is, and who, is told to nobody: attorneys speak with each other.
    """
    credential = coalition.signing_credential(by.id, on)
    if credential is None or credential.kind != "attorney":
        raise CannotCheck("A conflict check is an attorney's. Ask one with a verified credential.")
    against = {key for name in [*parties(opened), *others] for key in names.name_keys(name)}
    own = names.name_keys(names.full_name(opened.answers.get("legal_name")))
    if not against and not own:
        raise CannotCheck("There is no name to look for: neither an employer nor the worker's own is known.")
    providers = [one.pk for one in coalition.everyone()]
    found = intake.known_anywhere(providers, "client_name", against) or intake.known_anywhere(
        providers, "adverse_name", own
    )
    row = uuid4()
    record = ConflictCheck.objects.create(
        id=row, provider_id=opened.file.provider_id, file=opened.file, asked_by=by, asked_on=on,
        sealed_result=opened.seal("placement_conflictcheck", row, "sealed_result", {"conflict": found}),
    )  # fmt: skip
    audit.record(
        "searched", kind="provider", about="placement_conflictcheck", row=row,
        application_id=opened.file.application_id, classes=["P4"], reason=opened.reason,
    )  # fmt: skip
    return record


def checks(opened: OpenFile) -> list[tuple[ConflictCheck, bool]]:
    """Every check of a file with its answer, newest first."""
    rows = (
        ConflictCheck.objects.filter(file_id=opened.file.id)
        .select_related("asked_by")
        .order_by("-recorded_at")
    )
    return [
        (
            one,
            bool(
                opened.read("placement_conflictcheck", one.id, "sealed_result", one.sealed_result)["conflict"]
            ),
        )
        for one in rows
    ]


def same_person(file: CaseFile) -> list[CaseFile]:
    """Files of this provider that are likely the same person's."""
    return intake.akin(file)


def parties(opened: OpenFile) -> list[str]:
    """Those against whom the worker stands, as her answers name them."""
    jobs = opened.answers.get("jobs")
    employers = [str(job.get("employer") or "") for job in jobs] if isinstance(jobs, list) else []
    named = [
        *employers,
        *(str(opened.answers.get(name) or "") for name in ("employer_legal", "person_in_charge")),
    ]
    return [name for name in dict.fromkeys(named) if name]
