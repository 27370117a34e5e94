"""Keys of people, teams and providers.

A member's private key opens with the member's password only. The legal team's
private key is sealed to each member of the team, so that consent can seal to a
team whoever is in it. The provider's own key opens what automation may read (P2).
All functions work inside `tenancy.as_provider`, unless they say otherwise.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from jornada.vault import audit, crypto
from jornada.vault.crypto import Place, SealBroken
from jornada.vault.models import FileKey, MemberKey, ProviderKey, RecoveryKey, RecoverySeat, TeamKey, TeamSeat
from jornada.vault.models import SectionKey as SealedSectionKey
from jornada.vault.worker import WorkerSession as WorkerSession
from jornada.vault.worker import read_worker_token as read_worker_token
from jornada.vault.worker import worker_token as worker_token


class NotEnrolled(LookupError):
    """The member has no key pair yet."""

    def __init__(self) -> None:
        super().__init__("This member has no keys: call keys.enroll with the password that was just chosen.")


class AlreadyEnrolled(ValueError):
    """The member has a key pair; making another would close what the first one opens."""

    def __init__(self) -> None:
        super().__init__("This member has keys already. For a forgotten password call keys.start_over.")


class WrongPassword(Exception):
    """The password does not open the member's key."""


class NoTeamKey(LookupError):
    """The provider has no legal-team key to seal to."""

    def __init__(self) -> None:
        super().__init__(
            "This provider has no legal-team key: call keys.make_team_key with its first holders."
        )


class TeamExists(PermissionError):
    """The provider has a legal team; only its own members change who is in it."""

    def __init__(self) -> None:
        super().__init__("This provider has a legal team: someone in it admits others (keys.admit).")


class NotInTeam(PermissionError):
    """The member holds no copy of the legal-team key."""

    def __init__(self) -> None:
        super().__init__("This member holds no legal-team key: someone of the team admits them (keys.admit).")


class LastHolder(ValueError):
    """Expelling this member would leave nobody who can open the provider's files."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody else holds the legal-team key: admit another member first, then expel this one."
        )


class NoProviderKey(LookupError):
    """The provider has no key for personal data."""

    def __init__(self) -> None:
        super().__init__(
            "This provider has no key yet: call keys.make_provider_key when the provider is set up."
        )


# ── Members ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """A signed-in member's private key, for the length of a session. Never log or store it in clear.

    `session` names the session in the access log and is no secret.
    """

    member_id: UUID
    provider_id: UUID
    private: bytes = field(repr=False)
    session: str


def enroll(member_id: UUID, provider_id: UUID, password: str) -> MemberKeys:
    """A key pair for a member, under the password just chosen; AlreadyEnrolled where there is one."""
    if MemberKey.objects.filter(member_id=member_id).exists():
        raise AlreadyEnrolled
    private, public = crypto.new_pair()
    row = MemberKey(id=uuid4(), provider_id=provider_id, member_id=member_id, public_key=public)
    _put_under(row, private, password)
    row.save(force_insert=True)
    return _session(member_id, provider_id, private)


def start_over(member_id: UUID, provider_id: UUID, password: str) -> MemberKeys:
    """A new key pair after a forgotten password. It opens nothing sealed so far: a colleague admits again.

    Where nobody else holds the team key it is retired, so that nothing more is
    sealed to a key that only the trustees' codes bring back (`recovery.recover`).
    """
    with transaction.atomic():
        last = team_members(provider_id) == {member_id}
        TeamSeat.objects.filter(member_id=member_id).delete()
        MemberKey.objects.filter(member_id=member_id).delete()
        if last:
            _in_use(provider_id).update(retired_at=datetime.now(UTC))
        return enroll(member_id, provider_id, password)


def open_member(member_id: UUID, password: str) -> MemberKeys:
    """The member's keys; WrongPassword or NotEnrolled otherwise."""
    row = _member_key(member_id)
    return _session(member_id, row.provider_id, _private_of(row, password))


def change_password(member_id: UUID, old: str, new: str) -> None:
    """Put the member's key under a new password; WrongPassword where the old one does not open it."""
    row = _member_key(member_id)
    _put_under(row, _private_of(row, old), new)
    row.save(update_fields=["sealed_private", "salt", "slowness"])


def hold(keys: MemberKeys) -> tuple[str, bytes]:
    """A cookie's value and a blob for the session store; neither opens anything without the other."""
    half = crypto.new_key()
    opened = {
        "member": str(keys.member_id),
        "provider": str(keys.provider_id),
        "private": keys.private.hex(),
        "session": keys.session,
    }
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode(), crypto.seal_json(half, opened, _HELD)


def resume(cookie_value: str, stored_blob: bytes) -> MemberKeys | None:
    """The keys that `hold` put away; None where cookie and blob do not belong together."""
    try:
        half = base64.urlsafe_b64decode(cookie_value + "=" * (-len(cookie_value) % 4))
        opened = crypto.unseal_json(half, stored_blob, _HELD)
    except (SealBroken, ValueError):
        return None
    private = bytes.fromhex(opened["private"])
    return MemberKeys(UUID(opened["member"]), UUID(opened["provider"]), private, opened["session"])


_HELD = Place("hub", "session", "staff", "held_keys")


def _session(member_id: UUID, provider_id: UUID, private: bytes) -> MemberKeys:
    return MemberKeys(member_id, provider_id, private, secrets.token_hex(8))


def _member_key(member_id: UUID) -> MemberKey:
    row = MemberKey.objects.filter(member_id=member_id).first()
    if row is None:
        raise NotEnrolled
    return row


def _put_under(row: MemberKey, private: bytes, password: str) -> None:
    row.salt, row.slowness = secrets.token_bytes(16), crypto.CURRENT_SLOWNESS
    under = crypto.slow_key(password, row.salt, row.slowness)
    row.sealed_private = crypto.seal(under, private, _member_place(row))


def _private_of(row: MemberKey, password: str) -> bytes:
    under = crypto.slow_key(password, bytes(row.salt), row.slowness)
    try:
        return crypto.unseal(under, row.sealed_private, _member_place(row))
    except SealBroken:
        raise WrongPassword("The password does not open this member's keys.") from None


def _member_place(row: MemberKey) -> Place:
    return Place(row.provider_id, "vault_memberkey", row.id, "sealed_private", row.slowness)


# ── The legal team ────────────────────────────────────────────────────────────────────────────────────────


def make_team_key(provider_id: UUID, holders: Iterable[UUID]) -> UUID:
    """The first legal-team key, with a copy for each of these members; its id.

    TeamExists where somebody holds one: from then on only the team itself admits
    and renews, so that nobody can put a team of their own in its place.
    """
    if team_members(provider_id):
        raise TeamExists
    return new_team_version(provider_id, holders)


def renew_team_key(by: MemberKeys) -> UUID:
    """A new version of the team key for all who hold the present one; NotInTeam where `by` does not.

    Consent given from now on seals to it. What is sealed to earlier versions still
    opens for those who hold them; `reseal` brings it over.
    """
    holders = team_members(by.provider_id)
    if by.member_id not in holders:
        raise NotInTeam
    return new_team_version(by.provider_id, holders)


def new_team_version(provider_id: UUID, holders: Iterable[UUID]) -> UUID:
    """The next version of a team key, in use from now on. Who may do this is for the caller to know."""
    private, public = crypto.new_pair()
    seats = sorted(set(holders))
    if not seats:
        raise ValueError(
            "A legal-team key that nobody holds would swallow all that is sealed to it: name a holder."
        )
    with transaction.atomic():
        versions = TeamKey.objects.filter(provider_id=provider_id)
        latest = versions.order_by("-version").first()
        versions.filter(retired_at__isnull=True).update(retired_at=datetime.now(UTC))
        version = latest.version + 1 if latest else 1
        team = TeamKey.objects.create(provider_id=provider_id, version=version, public_key=public)
        for member_id in seats:
            seat(team.id, provider_id, member_id, private)
        seat_for_recovery(team.id, provider_id, private)
    return team.id


def team_members(provider_id: UUID) -> frozenset[UUID]:
    """Who holds the legal-team key now in use."""
    seats = TeamSeat.objects.filter(team_key_id__in=_in_use(provider_id).values("id"))
    return frozenset(seats.values_list("member_id", flat=True))


def admit(to_member: UUID, by: MemberKeys) -> None:
    """Give a member a copy of each legal-team key that `by` holds; NotInTeam where `by` holds none."""
    privates = team_privates(by)
    if not privates:
        raise NotInTeam
    with transaction.atomic():
        TeamSeat.objects.filter(member_id=to_member, team_key_id__in=list(privates)).delete()
        for team_key_id, private in privates.items():
            seat(team_key_id, by.provider_id, to_member, private)
        audit.record("admitted", kind="provider", about="vault_teamseat", row=to_member, session=by.session)


def expel(member_id: UUID, provider_id: UUID) -> None:
    """Take a member's copies away and make a new team key for those who stay; LastHolder if nobody would."""
    team = team_members(provider_id)
    if team == {member_id}:
        raise LastHolder
    with transaction.atomic():
        TeamSeat.objects.filter(member_id=member_id).delete()
        if member_id in team:
            new_team_version(provider_id, team - {member_id})
        audit.record("expelled", kind="provider", about="vault_teamseat", row=member_id)


def reseal(by: MemberKeys) -> int:
    """Bring everything sealed to earlier team keys over to the one in use; how many keys moved.

    May be stopped and run again. Needs a member who holds the earlier keys.
    """
    privates = team_privates(by)
    team = _team_in_use(by.provider_id)
    earlier = {"provider_id": by.provider_id, "team_key_id__in": set(privates) - {team.id}}
    sections, files = SealedSectionKey.objects.filter(**earlier), FileKey.objects.filter(**earlier)
    for section in sections:
        _move(section, section_place(section), privates, team)
    for file in files:
        _move(file, file_place(file), privates, team)
    return len(sections) + len(files)


def _move(
    row: SealedSectionKey | FileKey, place: Place, privates: Mapping[UUID, bytes], team: TeamKey
) -> None:
    opened = crypto.open_sealed(privates[row.team_key_id], row.sealed_key, place)
    row.team_key_id, row.sealed_key = team.id, crypto.seal_to(team.public_key, opened, place)
    row.save(update_fields=["team_key_id", "sealed_key"])


def team_privates(keys: MemberKeys) -> Mapping[UUID, bytes]:
    """The private halves of the team keys a member holds, by the team key's id; empty outside the team."""
    return {
        seat.team_key_id: crypto.open_sealed(keys.private, seat.sealed_private, _seat_place(seat))
        for seat in TeamSeat.objects.filter(member_id=keys.member_id, provider_id=keys.provider_id)
    }


def team_public_key(provider_id: UUID) -> tuple[UUID, bytes]:
    """Id and public half of the team key in use, or NoTeamKey. Works in a worker's session too."""
    team = _team_in_use(provider_id)
    return team.id, bytes(team.public_key)


def seat(team_key_id: UUID, provider_id: UUID, member_id: UUID, private: bytes) -> None:
    """Seal a team key's private half to a member; NotEnrolled where the member has no keys."""
    public = _member_key(member_id).public_key
    row = TeamSeat(id=uuid4(), provider_id=provider_id, team_key_id=team_key_id, member_id=member_id)
    row.sealed_private = crypto.seal_to(public, private, _seat_place(row))
    row.save(force_insert=True)


def seat_for_recovery(team_key_id: UUID, provider_id: UUID, private: bytes) -> None:
    """Seal a team key's private half to the provider's recovery key, if it has one."""
    recovery = RecoveryKey.objects.filter(provider_id=provider_id).first()
    if recovery is not None:
        row = RecoverySeat(id=uuid4(), provider_id=provider_id, team_key_id=team_key_id)
        row.sealed_private = crypto.seal_to(recovery.public_key, private, recovery_place(row))
        row.save(force_insert=True)


def recovery_place(row: RecoverySeat) -> Place:
    """Where a recovery seat's private half belongs."""
    return Place(row.provider_id, "vault_recoveryseat", row.team_key_id, "sealed_private")


def section_place(row: SealedSectionKey) -> Place:
    """Where a section's sealed key belongs: to one grant, application and section."""
    return Place(row.provider_id, "vault_sectionkey", row.grant_id, f"{row.application_id}/{row.section}")


def file_place(row: FileKey) -> Place:
    """Where a case file's sealed key belongs."""
    return Place(row.provider_id, "vault_filekey", row.file_id, "sealed_key")


def _seat_place(row: TeamSeat) -> Place:
    return Place(row.provider_id, "vault_teamseat", row.id, "sealed_private")


def _in_use(provider_id: UUID) -> Any:
    return TeamKey.objects.filter(provider_id=provider_id, retired_at__isnull=True)


def _team_in_use(provider_id: UUID) -> TeamKey:
    team: TeamKey | None = _in_use(provider_id).first()
    if team is None:
        raise NoTeamKey
    return team


# ── Case files ────────────────────────────────────────────────────────────────────────────────────────────


def make_file_key(file_id: UUID, provider_id: UUID) -> bytes:
    """The fresh key of what the team writes into a case file, which is stored sealed to the team key."""
    team_key_id, public = team_public_key(provider_id)
    key = crypto.new_key()
    row = FileKey(id=uuid4(), provider_id=provider_id, file_id=file_id, team_key_id=team_key_id)
    row.sealed_key = crypto.seal_to(public, key, file_place(row))
    row.save(force_insert=True)
    return key


# ── The provider's own key (P2) ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ProviderSecret:
    """A provider's keys for personal data, by version; seals under the newest."""

    provider_id: UUID
    by_version: Mapping[int, bytes] = field(repr=False)

    def seal_p2(self, value: Any, place: Place) -> bytes:
        """JSON data sealed for this provider's automation; the first two bytes tell the key's version."""
        version = max(self.by_version)
        return version.to_bytes(2, "big") + crypto.seal_json(self.by_version[version], value, place)

    def unseal_p2(self, sealed: bytes | memoryview, place: Place) -> Any:
        """What `seal_p2` sealed in this place; SealBroken otherwise."""
        body = bytes(sealed)
        key = self.by_version.get(int.from_bytes(body[:2], "big"))
        if key is None:
            raise SealBroken(place)
        return crypto.unseal_json(key, body[2:], place)


def make_provider_key(provider_id: UUID) -> None:
    """A new version of the provider's own key. Earlier ones still open what they sealed."""
    latest = ProviderKey.objects.filter(provider_id=provider_id).order_by("-version").first()
    row = ProviderKey(id=uuid4(), provider_id=provider_id, version=latest.version + 1 if latest else 1)
    row.sealed_key = crypto.seal(settings.JORNADA_HUB_KEY, crypto.new_key(), _provider_place(row))
    row.save(force_insert=True)


def provider_key(provider_id: UUID) -> ProviderSecret:
    """The provider's keys for personal data, or NoProviderKey. Works in a worker's session too."""
    rows = ProviderKey.objects.filter(provider_id=provider_id)
    opened = {
        row.version: crypto.unseal(settings.JORNADA_HUB_KEY, row.sealed_key, _provider_place(row))
        for row in rows
    }
    if not opened:
        raise NoProviderKey
    return ProviderSecret(provider_id, opened)


def seal_p2(provider_id: UUID, value: Any, place: Place) -> bytes:
    """One value sealed under the provider's own key. For many, ask `provider_key` once."""
    return provider_key(provider_id).seal_p2(value, place)


def unseal_p2(provider_id: UUID, sealed: bytes | memoryview, place: Place) -> Any:
    """One value that `seal_p2` sealed; SealBroken otherwise."""
    return provider_key(provider_id).unseal_p2(sealed, place)


def _provider_place(row: ProviderKey) -> Place:
    return Place(row.provider_id, "vault_providerkey", row.id, "sealed_key", row.version)


# ── Between two providers ─────────────────────────────────────────────────────────────────────────────────


def seal_between(value: Any, place: Place) -> bytes:
    """JSON data that two providers of this hub share, such as a referral's card: never a name, never an answer.

    The key hangs on the hub's secret and on the place. Who may read the row is for row-level security to say.
    """
    return crypto.seal_json(_between(place), value, place)


def unseal_between(sealed: bytes | memoryview, place: Place) -> Any:
    """What `seal_between` sealed in this place; SealBroken otherwise."""
    return crypto.unseal_json(_between(place), sealed, place)


def _between(place: Place) -> bytes:
    return crypto.derive(settings.JORNADA_HUB_KEY, f"between/{place.table}/{place.row}")


# ── Blind indexes ─────────────────────────────────────────────────────────────────────────────────────────

BLIND_FIELDS = ("client_name", "client_phone", "adverse_name")
"""Fields of high variety that may be looked up exactly without opening anything (security requirements, C4)."""


def blind(provider_id: UUID, name: str, value: str) -> bytes:
    """What stands in a provider's index for this value of a field: keyed for the provider and the field.

    The same value at two providers gives two unlike indexes. ValueError for a field that may have none.
    """
    if name not in BLIND_FIELDS:
        raise ValueError(f"{name!r} may have no blind index; there are {', '.join(BLIND_FIELDS)}")
    key = crypto.derive(settings.JORNADA_HUB_KEY, f"blind/{provider_id}/{name}")
    return hmac.digest(key, value.encode(), "sha256")[:16]
