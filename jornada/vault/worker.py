"""What only the worker holds: her application's key, her code, and her session.

The code is 19 random digits and a check digit (63 bits), written like an ordinary
number. It goes through Argon2id under a salt of the whole hub, so that one slow
computation gives both where her key lies and what opens it; nothing in the
database leads from a code to an application, or from an application to a code.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction

from jornada.vault import audit, crypto
from jornada.vault.models import ApplicationKey, Attempt
from jornada.vault.tenancy import as_worker

CODE_DIGITS = 20
WRONG_TRIES = 10
WITHIN = timedelta(hours=1)
WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class WorkerSession:
    """A worker at her own application. Holds the key that opens her answers: never log or store it.

    `kept` are section keys that do not follow from the key: those that a provider
    handed back when she had lost her code.
    """

    application_id: UUID
    key: bytes = field(repr=False)
    expires_at: datetime
    bits: int = 0
    kept: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def section_key(self, section: str) -> bytes:
        """The key of one section of her answers."""
        return self.kept.get(section) or crypto.derive(self.key, f"section:{section}")


class CodeSlip(ValueError):
    """The code cannot be right as typed. `reason` is a wording key: length or check_digit."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"This is no code as typed ({reason}): compare it with the paper, five groups of four."
        )


class WrongCode(Exception):
    """No application opens with this code."""


class TooManyTries(Exception):
    """Too many wrong codes came from one place; `until` says when that place may try again."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(
            "Too many wrong codes from here. Wait, or use the code from another phone or computer."
        )


def begin(application_id: UUID, expires_at: datetime) -> WorkerSession:
    """A session with a fresh key for a new application. Nothing is stored until a code is issued."""
    return WorkerSession(application_id, crypto.new_key(), expires_at)


# ── The code ──────────────────────────────────────────────────────────────────────────────────────────────

# H. M. Damm's quasigroup of order 10: every wrong digit and every swap of neighbours changes the check digit.
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def _damm(digits: str) -> str:
    """The check digit of these digits; "0" where they already end in it."""
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim


def new_code() -> str:
    """A fresh code, 20 digits without spaces."""
    digits = f"{secrets.randbelow(10 ** (CODE_DIGITS - 1)):0{CODE_DIGITS - 1}}"
    return digits + _damm(digits)


def shown(code: str) -> str:
    """A code as it is written for people: 1234 5678 9012 3456 7890."""
    return " ".join(code[start : start + 4] for start in range(0, CODE_DIGITS, 4))


def read_code(typed: str) -> str:
    """The 20 digits in what was typed, in any script's digits; CodeSlip where it cannot be a code."""
    found = (unicodedata.digit(sign, None) for sign in unicodedata.normalize("NFKC", typed[:200]))
    code = "".join(str(digit) for digit in found if digit is not None)
    if len(code) != CODE_DIGITS:
        raise CodeSlip("length")
    if _damm(code) != "0":
        raise CodeSlip("check_digit")
    return code


def issue_code(session: WorkerSession) -> str:
    """A new code for the worker's application, as people write it; an earlier code opens nothing from now on.

    The one time that the code exists in clear: show it, do not keep it.
    """
    code = new_code()
    locator, opening = _from_code(code)
    sealed = crypto.seal_json(
        opening, _contents(session), _place(session.application_id, crypto.CURRENT_SLOWNESS)
    )
    columns = {"locator": locator, "sealed_key": sealed, "slowness": crypto.CURRENT_SLOWNESS}
    with as_worker(session.application_id):
        earlier = ApplicationKey.objects.filter(application_id=session.application_id)
        replaced = earlier.update(**columns, replaced_at=datetime.now(UTC))
        if not replaced:
            ApplicationKey.objects.create(application_id=session.application_id, **columns)
        audit.record("code_replaced" if replaced else "code_issued", kind="application", about="code")
    return shown(code)


def open_code(typed: str, *, client: str, at: datetime, expires_at: datetime) -> WorkerSession:
    """The session that a code opens.

    CodeSlip for what cannot be a code (costs nothing, counts for nothing);
    TooManyTries after ten wrong ones from the same address within an hour;
    WrongCode when no application opens. Call it outside any transaction.
    """
    code = read_code(typed)
    attempt = _attempt(client, at)
    locator, opening = _from_code(code)
    found = _look_up(locator)
    if found is None:
        raise WrongCode("No application opens with this code. Look at the paper once more, or ask for help.")
    application_id, sealed, slowness = found
    contents = crypto.unseal_json(opening, sealed, _place(application_id, slowness))
    attempt.delete()
    with as_worker(application_id):
        audit.record("came_back", kind="application", about="code")
    return _session(application_id, contents, expires_at)


def _from_code(code: str) -> tuple[bytes, bytes]:
    """Where the key lies, and what opens it."""
    slow = crypto.slow_key(code, settings.JORNADA_CODE_SALT)
    return crypto.derive(slow, "locate")[:16], crypto.derive(slow, "open")


def _look_up(locator: bytes) -> tuple[UUID, bytes, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_id, sealed_key, slowness FROM vault_application_by_locator(%s)", [locator]
        )
        return cursor.fetchone()  # type: ignore[no-any-return]


def _place(application_id: UUID, slowness: int) -> crypto.Place:
    return crypto.Place(application_id, "vault_applicationkey", application_id, "sealed_key", slowness)


def _contents(session: WorkerSession) -> dict[str, object]:
    return {"key": session.key.hex(), "kept": {section: key.hex() for section, key in session.kept.items()}}


def _session(application_id: UUID, contents: dict[str, object], expires_at: datetime) -> WorkerSession:
    kept = contents["kept"]
    assert isinstance(kept, dict)
    return WorkerSession(
        application_id,
        bytes.fromhex(str(contents["key"])),
        expires_at,
        kept={section: bytes.fromhex(key) for section, key in kept.items()},
    )


# ── Guessing ──────────────────────────────────────────────────────────────────────────────────────────────


def _attempt(client: str, at: datetime) -> Attempt:
    """The attempt, stored as wrong until the code proves right; TooManyTries where ten others were wrong.

    Stored before the code is tried, one after another for each address, so that many guesses at
    once count one another.
    """
    with transaction.atomic(durable=True):
        today, yesterday = _veiled(client, at.date()), _veiled(client, at.date() - timedelta(days=1))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(today[:8], "big", signed=True)]
            )
        wrong = Attempt.objects.filter(client__in=[today, yesterday], tried_at__gt=at - WITHIN)
        moments = sorted(wrong.values_list("tried_at", flat=True))
        if len(moments) >= WRONG_TRIES and moments[-1] + WAIT > at:
            raise TooManyTries(moments[-1] + WAIT)
        return Attempt.objects.create(client=today, tried_at=at)


def _veiled(client: str, day: date) -> bytes:
    """A client's address as a hash under the hub's key, different from day to day."""
    message = f"{day.isoformat()} {client}".encode()
    return hmac.new(settings.JORNADA_ADDRESS_KEY, message, hashlib.sha256).digest()[:16]


def forget_attempts(at: datetime) -> int:
    """Remove the attempts of more than a day ago; how many there were."""
    return Attempt.objects.filter(tried_at__lt=at - timedelta(days=1)).delete()[0]


# ── The session between two pages ─────────────────────────────────────────────────────────────────────────

_TOKEN = struct.Struct(">16s32sQQ")
_TOKEN_BOUND = b"jornada worker session 1"


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(crypto.derive(key, "worker session token"))


def worker_token(session: WorkerSession) -> str:
    """The session as a cookie's value, sealed under the hub's session key. The hub itself stores nothing."""
    expires = int(session.expires_at.timestamp())
    body = _TOKEN.pack(session.application_id.bytes, session.key, expires, session.bits)
    if session.kept:
        body += json.dumps({section: key.hex() for section, key in session.kept.items()}).encode()
    nonce = secrets.token_bytes(12)
    sealed = _cipher(settings.JORNADA_SESSION_KEY).encrypt(nonce, body, _TOKEN_BOUND)
    return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()


def read_worker_token(token: str, now: datetime) -> WorkerSession | None:
    """The session in a cookie's value; None for one that is over, altered, foreign or no token at all."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        body = _cipher(settings.JORNADA_SESSION_KEY).decrypt(sealed[:12], sealed[12:], _TOKEN_BOUND)
    except (InvalidTag, ValueError, binascii.Error):
        return None
    application, key, expires, bits = _TOKEN.unpack_from(body)
    if expires <= now.timestamp():
        return None
    rest = body[_TOKEN.size :]
    kept = {section: bytes.fromhex(text) for section, text in json.loads(rest).items()} if rest else {}
    return WorkerSession(UUID(bytes=application), key, datetime.fromtimestamp(expires, UTC), bits, kept)
