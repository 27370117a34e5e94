"""Who is in the coalition, and what each member may do, as the current tenant sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from jornada.coalition.models import Capacity, Credential, CredentialKind, Member, Provider
from jornada.vault import tenancy

SIGNING_KINDS = frozenset(
    {CredentialKind.ATTORNEY, CredentialKind.ACCREDITED_FULL, CredentialKind.ACCREDITED_PARTIAL}
)
"""Credentials that let a member sign off: students and graduates work under someone else's."""
SUPERVISED_KINDS = frozenset({CredentialKind.STUDENT, CredentialKind.GRADUATE})
"""Credentials that hold only under a supervisor who can sign off."""


@dataclass(frozen=True, slots=True)
class Membership:
    """Which member of which provider a sign-in is."""

    id: UUID
    provider_id: UUID


def membership_of(user_id: UUID) -> Membership | None:
    """The one membership of this account that has not ended."""
    with tenancy.as_user(user_id):
        row = Member.objects.filter(user_id=user_id, ended_at=None).values_list("id", "provider_id").first()
    return Membership(*row) if row else None


def member(member_id: UUID) -> Member | None:
    """A present member of the current provider; None for one who left or is another provider's."""
    return Member.objects.select_related("provider").filter(pk=member_id, ended_at=None).first()


def team() -> QuerySet[Member]:
    """Everyone who works in the current provider, with credentials and present capacity, by name."""
    return (
        Member.objects.filter(ended_at=None)
        .select_related("user")
        .prefetch_related(
            Prefetch("credentials", Credential.objects.order_by("kind", "valid_from")),
            Prefetch("capacities", Capacity.objects.order_by("-starts_on", "-recorded_at")),
        )
        .order_by("display_name")
    )


def names(member_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Display names by member id, of members past and present."""
    return dict(Member.objects.filter(pk__in=member_ids).values_list("id", "display_name"))


def members(member_ids: Iterable[UUID]) -> QuerySet[Member]:
    """These members of the current provider, past and present."""
    return Member.objects.filter(pk__in=list(member_ids))


def verified(on: date) -> Q:
    """Credentials that two people verified and that are valid on this day."""
    valid = Q(valid_from__lte=on) & (Q(expires_on=None) | Q(expires_on__gte=on))
    return valid & Q(verified_by__isnull=False, also_verified_by__isnull=False)


def signing_credential(member_id: UUID, on: date) -> Credential | None:
    """The verified credential that lets this member decide and sign off on this day."""
    return Credential.objects.filter(verified(on), member_id=member_id, kind__in=SIGNING_KINDS).first()


def credentials_on(on: date) -> dict[UUID, Credential]:
    """The credential that each present member works by that day: a signing one before one under supervision."""
    found = Credential.objects.filter(verified(on), member__ended_at=None).select_related("supervisor")
    kinds = SIGNING_KINDS, SUPERVISED_KINDS
    listed = list(found.order_by("pk"))
    return {one.member_id: one for kind in reversed(kinds) for one in reversed(listed) if one.kind in kind}


def credential(credential_id: UUID) -> Credential | None:
    """A credential of a member of the current provider."""
    return Credential.objects.select_related("member").filter(pk=credential_id, member__ended_at=None).first()


def capacities_on(on: date) -> QuerySet[Capacity]:
    """What each present member can take on this day."""
    open_ended = Q(ends_on=None) | Q(ends_on__gte=on)
    return (
        Capacity.objects.filter(open_ended, starts_on__lte=on, member__ended_at=None)
        .select_related("member")
        .order_by("member__display_name")
    )


def provider(provider_id: UUID) -> Provider | None:
    """A provider of the coalition."""
    return Provider.objects.filter(pk=provider_id).first()


def legal_providers() -> QuerySet[Provider]:
    """Providers whom two people verified and whom workers may choose for legal help, by name."""
    return Provider.objects.filter(listed=True, gives_legal_help=True).order_by("name")


def everyone() -> QuerySet[Provider]:
    """Every provider of the hub, by name."""
    return Provider.objects.order_by("name")


def worker_centers() -> QuerySet[Provider]:
    """Verified worker centers, by name."""
    return Provider.objects.filter(listed=True, kind="worker_center").order_by("name")
