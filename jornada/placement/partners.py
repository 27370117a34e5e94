"""What this provider takes from others in a week, and harder cases that it expects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from jornada.placement.models import ExpectedCases, PartnerTerms

if TYPE_CHECKING:
    from jornada.coalition.models import Member


@transaction.atomic
def set_terms(*, by: Member, on: date, **terms: Any) -> PartnerTerms:
    """What the member's provider takes from others from now on; the record before it stays."""
    return PartnerTerms.objects.create(provider_id=by.provider_id, said_by=by, said_on=on, **terms)


@transaction.atomic
def expect(
    *,
    title: str,
    scope: str,
    level: str,
    languages: Sequence[str],
    place: str,
    mean: int,
    first_on: date,
    last_on: date,
    by: Member,
) -> ExpectedCases:
    """So many cases of that sort, likely to come between the two days; the matcher may keep places for them."""
    return ExpectedCases.objects.create(
        provider_id=by.provider_id, title=title, scope=scope, level=level, languages=list(languages), place=place,
        mean=mean, first_on=first_on, last_on=last_on, added_by=by,
    )  # fmt: skip


@transaction.atomic
def expect_no_longer(*, expected: UUID, on: date) -> bool:
    """The cases not expected any more from that day on; false where there are none of that id."""
    return bool(ExpectedCases.objects.filter(pk=expected, ended_on=None).update(ended_on=on))
