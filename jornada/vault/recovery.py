"""Coming back when a legal team has lost every password: two of three trustees' printed codes.

A recovery secret is split between each pair of trustees by exclusive or: the two
halves of a pair give it back, and one trustee's halves alone are random numbers.
The secret opens the recovery key, to which every version of the team key is sealed.
All functions work inside `tenancy.as_provider`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from uuid import UUID, uuid4

from django.db import transaction

from jornada.vault import audit, crypto, keys
from jornada.vault.crypto import Place, SealBroken
from jornada.vault.keys import MemberKeys
from jornada.vault.models import RecoveryKey, RecoverySeat, TeamSeat
from jornada.vault.tenancy import whatever_happens

TRUSTEES = (1, 2, 3)
_HALF_BYTES = 16
_CHECK_BYTES = 7  # 40 bytes in all: 64 letters with no bit to spare, so that every slip changes the share


class WrongShare(ValueError):
    """A code that cannot be used; `reason` is mistyped, same_trustee, too_few or other_set."""

    def __init__(self, reason: str, told: str) -> None:
        self.reason = reason
        super().__init__(told)


@dataclass(frozen=True, slots=True)
class Share:
    """One trustee's halves, by the other trustee of the pair."""

    trustee: int
    halves: Mapping[int, bytes] = field(repr=False)

    def printed(self) -> str:
        """The code to print, in groups of four letters and digits; it ends in a check."""
        others = sorted(self.halves)
        body = bytes([self.trustee]) + b"".join(self.halves[other] for other in others)
        return _grouped(base64.b32encode(body + _check(body)).decode().rstrip("="))


def read_share(typed: str) -> Share:
    """The share in a typed code; WrongShare where it was mistyped."""
    letters = "".join(sign for sign in typed.upper() if sign.isalnum()).replace("0", "O").replace("1", "I")
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        raw = b""
    body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if len(body) != 1 + 2 * _HALF_BYTES or body[0] not in TRUSTEES or check != _check(body):
        raise WrongShare(
            "mistyped", "This is no trustee's code as typed: compare it with the paper, group by group."
        )
    others = [trustee for trustee in TRUSTEES if trustee != body[0]]
    halves = (body[1 : 1 + _HALF_BYTES], body[1 + _HALF_BYTES :])
    return Share(body[0], dict(zip(others, halves, strict=True)))


def split_recovery(by: MemberKeys) -> tuple[str, str, str]:
    """Codes for three trustees, to be printed and handed out; earlier codes open nothing more.

    NotInTeam where the member holds no team key. The codes are not kept.
    """
    privates = keys.team_privates(by)
    if not privates:
        raise keys.NotInTeam
    secret = secrets.token_bytes(_HALF_BYTES)
    private, public = crypto.new_pair()
    row = RecoveryKey(id=uuid4(), provider_id=by.provider_id, public_key=public)
    row.sealed_private = crypto.seal(crypto.derive(_long(secret), "recovery"), private, _place(row))
    with transaction.atomic():
        RecoverySeat.objects.filter(provider_id=by.provider_id).delete()
        RecoveryKey.objects.filter(provider_id=by.provider_id).delete()
        row.save(force_insert=True)
        for team_key_id, team_private in privates.items():
            keys.seat_for_recovery(team_key_id, by.provider_id, team_private)
        audit.record("shared", kind="provider", about="vault_recoverykey", row=row.id, session=by.session)
    first, second, third = (share.printed() for share in _split(secret))
    return first, second, third


def recover(provider_id: UUID, codes: Iterable[str], to_member: UUID) -> int:
    """Give a member every team key back with two trustees' codes; how many versions.

    Makes a new version where nobody held one, so that the team is in use again.
    WrongShare for mistyped codes, fewer than two trustees, or codes that do not
    belong together; the attempt is recorded in each case.
    """
    try:
        privates = _team_privates(provider_id, [read_share(code) for code in codes])
    except WrongShare:
        whatever_happens(_failed)
        raise
    with transaction.atomic():
        TeamSeat.objects.filter(member_id=to_member, team_key_id__in=list(privates)).delete()
        for team_key_id, private in privates.items():
            keys.seat(team_key_id, provider_id, to_member, private)
        if not keys.team_members(provider_id):
            keys.new_team_version(provider_id, [to_member])
        audit.record("recovered", kind="provider", about="vault_recoverykey", row=to_member)
    return len(privates)


def _failed() -> None:
    audit.record("failed", kind="provider", about="vault_recoverykey")


def _split(secret: bytes) -> tuple[Share, ...]:
    halves: dict[int, dict[int, bytes]] = {trustee: {} for trustee in TRUSTEES}
    for one, other in combinations(TRUSTEES, 2):
        halves[one][other] = secrets.token_bytes(_HALF_BYTES)
        halves[other][one] = _xor(secret, halves[one][other])
    return tuple(Share(trustee, halves[trustee]) for trustee in TRUSTEES)


def _team_privates(provider_id: UUID, shares: list[Share]) -> dict[UUID, bytes]:
    row = RecoveryKey.objects.filter(provider_id=provider_id).first()
    if row is None:
        raise WrongShare("other_set", "This provider has no recovery codes: none were ever made.")
    try:
        private = crypto.unseal(
            crypto.derive(_long(_joined(shares)), "recovery"), row.sealed_private, _place(row)
        )
    except SealBroken:
        raise WrongShare(
            "other_set", "These codes do not belong together, or newer ones were made."
        ) from None
    return {
        seat.team_key_id: crypto.open_sealed(private, seat.sealed_private, keys.recovery_place(seat))
        for seat in RecoverySeat.objects.filter(provider_id=provider_id)
    }


def _joined(shares: list[Share]) -> bytes:
    if len(shares) < 2:
        raise WrongShare("too_few", "One trustee's code opens nothing: two are needed.")
    one, other = shares[:2]
    if one.trustee == other.trustee:
        raise WrongShare("same_trustee", "Both codes are of the same trustee: two different ones are needed.")
    return _xor(one.halves[other.trustee], other.halves[one.trustee])


def _place(row: RecoveryKey) -> Place:
    return Place(row.provider_id, "vault_recoverykey", row.id, "sealed_private")


def _long(secret: bytes) -> bytes:
    """The secret as 32 bytes, for derivation."""
    return hashlib.sha256(b"jornada recovery secret" + secret).digest()


def _check(body: bytes) -> bytes:
    return hashlib.sha256(b"jornada trustee code" + body).digest()[:_CHECK_BYTES]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _grouped(letters: str) -> str:
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))
