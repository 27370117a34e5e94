"""What changes in the coalition: invitations, leaving, credentials, capacity, the legal team's key."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from jornada.coalition.models import LEGAL_TEAM, Capacity, Credential, Member, Provider, Role, User
from jornada.coalition.selectors import Membership
from jornada.vault import audit, keys, tenancy

INVITATION_LASTS = timedelta(hours=24)
ACCOUNT_KEEPERS = frozenset({Role.ADMIN})
VERIFIERS = frozenset({Role.ADMIN, Role.LEGAL_SUPERVISOR, Role.ATTORNEY, Role.ACCREDITED_REPRESENTATIVE})
_SALT = "jornada.coalition.invitation"


class NotAllowed(PermissionError):
    """A member's role or person does not allow the act; the message says whose does."""


class Refused(ValueError):
    """The act cannot be done; the message says why and what to do; `field`, which entry is at fault."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def require_role(member: Member, roles: frozenset[Any] | set[Any]) -> None:
    """NotAllowed unless the member is present and in one of the roles."""
    if member.ended_at is not None or member.role not in roles:
        may = ", ".join(sorted(Role(role).label.lower() for role in roles))
        raise NotAllowed(f"This is done by: {may}.")


# ── Providers ─────────────────────────────────────────────────────────────────────────────────────────────


def found_provider(*, name: str, kind: str, **details: Any) -> Provider:
    """A new provider with its own key for personal data. It is not listed until two people verified it."""
    provider = Provider(id=uuid4(), name=name, kind=kind, **details)
    with tenancy.as_provider(provider.id):
        provider.save(force_insert=True)
        keys.make_provider_key(provider.id)
    return provider


def enlist(
    *,
    provider_id: UUID,
    email: str,
    display_name: str,
    role: str,
    password: str,
    languages: Sequence[str] = (),
) -> Member:
    """A member with a password and keys, at once: for setting up a hub or its sample. Others are invited."""
    with tenancy.as_provider(provider_id):
        member = _new_member(provider_id, email, display_name, role, languages)
        _set_first_password(member, password)
    return member


# ── Invitations and accounts ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that lets one member set a password once, within 24 hours. Handed over on paper or in person."""

    member: Member
    link: str
    until: Any


@transaction.atomic
def invite(
    *, by: Member, email: str, display_name: str, role: str, languages: Sequence[str] = ()
) -> Invitation:
    """A new member of the inviting member's provider, and the link for the first password."""
    require_role(by, ACCOUNT_KEEPERS)
    member = _new_member(by.provider_id, email, display_name, role, languages)
    _note("invited", member)
    return _invitation(member)


@transaction.atomic
def invite_again(*, by: Member, member: Member) -> Invitation:
    """A new link for someone who lost theirs or forgot the password.

    The old password stops working and open sessions end. The second factor stays,
    and what was sealed to the member stays closed: a colleague of the legal team
    must admit them again.
    """
    require_role(by, ACCOUNT_KEEPERS)
    if member.pk == by.pk:
        raise NotAllowed("Another admin resets your password; you can change it yourself under Account.")
    member.user.set_unusable_password()
    member.user.save(update_fields=["password"])
    _note("password_reset", member)
    return _invitation(member)


def invited(token: str) -> Member | None:
    """Whom a link invites; None where it is older than 24 hours, used, altered, or the member has left."""
    try:
        claim = b64decode(signing.TimestampSigner(salt=_SALT).unsign(token, max_age=INVITATION_LASTS), b"-_")
        provider_id, member_id, mark = UUID(bytes=claim[:16]), UUID(bytes=claim[16:32]), claim[32:]
    except (signing.BadSignature, ValueError):
        return None
    with tenancy.as_provider(provider_id):
        member = Member.objects.select_related("user", "provider").filter(pk=member_id, ended_at=None).first()
    return member if member and mark == _mark(member.user) else None


def accept(*, token: str, password: str) -> Member:
    """Set the invited member's password and make keys under it; Refused where the link serves no more.

    The first member of a provider's legal team starts the team's key; everyone
    after is admitted by someone who holds it.
    """
    member = invited(token)
    if member is None:
        raise Refused(
            "This link was used already or is too old. Ask an admin of your organization for a new one."
        )
    with tenancy.as_provider(member.provider_id, member.pk):
        user = User.objects.select_for_update().get(pk=member.user_id)
        if _mark(user) != _mark(member.user):
            raise Refused("This link was used already. Ask an admin of your organization for a new one.")
        member.user = user
        _set_first_password(member, password)
        _note("joined", member)
    return member


def change_password(*, membership: Membership | None, user: User, old: str, new: str) -> None:
    """A new password for the account and, sealed under it, the same keys. WrongPassword changes nothing."""
    if membership is None:
        _save_password(user, new)
        return
    with tenancy.as_provider(membership.provider_id, membership.id, user.pk):
        keys.change_password(membership.id, old, new)
        _save_password(user, new)


def end_membership(*, by: Member, member: Member) -> None:
    """The member works here no longer: counts from the next request, in every open session.

    A holder of the legal-team key loses it, and the team gets a new one.
    """
    require_role(by, ACCOUNT_KEEPERS)
    if member.pk == by.pk:
        raise NotAllowed("Another admin ends your membership.")
    with transaction.atomic():
        if member.pk in keys.team_members(member.provider_id):
            _expel(member)
        Member.objects.filter(pk=member.pk).update(ended_at=timezone.now())
        _note("membership_ended", member)


def _expel(member: Member) -> None:
    try:
        keys.expel(member.pk, member.provider_id)
    except keys.LastHolder as last:
        raise Refused(
            f"{member.display_name} is the only one who holds the legal team's key. Have someone else"
            " admitted first; otherwise nobody could open the files."
        ) from last


# ── The legal team's key ──────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def admit(*, by: Member, with_keys: keys.MemberKeys, member: Member) -> None:
    """Give a colleague of the legal team the team's key. Only who holds it can; an admin alone cannot."""
    require_role(by, LEGAL_TEAM)
    if member.role not in LEGAL_TEAM:
        raise Refused(f"{member.display_name} is not in the legal team: {member.get_role_display()}.")
    if member.pk == by.pk:
        raise NotAllowed("A colleague who holds the key admits you.")
    try:
        keys.admit(member.pk, with_keys)
    except keys.NotInTeam as outside:
        raise NotAllowed("You do not hold the legal team's key yourself.") from outside
    except keys.NotEnrolled as early:
        raise Refused(f"{member.display_name} has not set a password yet.") from early


# ── Credentials and capacity ──────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_credential(*, by: Member, member: Member, kind: str, **details: Any) -> Credential:
    """A credential as claimed. It counts once two other people have verified it."""
    require_role(by, VERIFIERS)
    supervisor = details.get("supervisor")
    if supervisor is not None and supervisor.pk == member.pk:
        raise Refused("Nobody supervises themself.", "supervisor")
    credential = Credential.objects.create(provider_id=by.provider_id, member=member, kind=kind, **details)
    _note("credential_entered", member)
    return credential


@transaction.atomic
def verify_credential(*, by: Member, credential: Credential) -> Credential:
    """One of two verifications, by two different people, neither of them the holder."""
    require_role(by, VERIFIERS)
    credential = Credential.objects.select_for_update().get(pk=credential.pk)
    if by.pk == credential.member_id:
        raise NotAllowed("Two colleagues verify your credential.")
    if credential.verified_by_id is None:
        credential.verified_by = by
    elif credential.verified_by_id == by.pk:
        raise Refused("You have verified this already. A second person must verify it too.")
    elif credential.also_verified_by_id is None:
        credential.also_verified_by = by
    else:
        raise Refused("Two people have verified this already.")
    credential.save(update_fields=["verified_by", "also_verified_by"])
    _note("credential_verified", credential.member)
    return credential


@transaction.atomic
def set_capacity(
    *,
    by: Member,
    member: Member,
    starts_on: date,
    files_at_once: int,
    full_scope: bool,
    places: Sequence[str] = (),
) -> Capacity:
    """What a member can take from a day on; what was said before ends the day before."""
    if by.pk != member.pk:
        require_role(by, ACCOUNT_KEEPERS | VERIFIERS)
    Capacity.objects.filter(member=member, ends_on=None).update(ends_on=starts_on - timedelta(days=1))
    return Capacity.objects.create(
        provider_id=by.provider_id, member=member, starts_on=starts_on, files_at_once=files_at_once,
        full_scope=full_scope, places=list(places),
    )  # fmt: skip


# ── Parts of the above ────────────────────────────────────────────────────────────────────────────────────


def _new_member(
    provider_id: UUID, email: str, display_name: str, role: str, languages: Sequence[str]
) -> Member:
    user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email)
    try:
        with transaction.atomic():
            return Member.objects.create(
                provider_id=provider_id,
                user=user,
                display_name=display_name,
                role=role,
                languages=list(languages),
            )
    except IntegrityError as taken:
        raise Refused("This address belongs to a member already. Use another one.", "email") from taken


def _set_first_password(member: Member, password: str) -> None:
    _save_password(member.user, password)
    keys.start_over(member.pk, member.provider_id, password)
    if member.role in LEGAL_TEAM and _has_no_team_key(member.provider_id):
        keys.make_team_key(member.provider_id, [member.pk])


def _has_no_team_key(provider_id: UUID) -> bool:
    try:
        keys.team_public_key(provider_id)
    except keys.NoTeamKey:
        return True
    return False


def _save_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])


def _invitation(member: Member) -> Invitation:
    claim = b64encode(member.provider_id.bytes + member.pk.bytes + _mark(member.user), b"-_").decode()
    path = reverse("coalition:accept", args=[signing.TimestampSigner(salt=_SALT).sign(claim)])
    # from the settings, never from the request: a forged Host header changes no link
    return Invitation(
        member, settings.JORNADA_PUBLIC_URL.rstrip("/") + path, timezone.now() + INVITATION_LASTS
    )


def _mark(user: User) -> bytes:
    """Changes with the password, so that a link serves once."""
    return hashlib.sha256(f"{user.pk}:{user.password}".encode()).digest()[:10]


def _note(act: str, member: Member) -> None:
    audit.record(act, kind="provider", about="coalition_member", row=member.pk)
