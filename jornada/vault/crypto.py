"""Sealing bytes so that an altered, moved or foreign value never opens.

Symmetric sealing is AES-256-GCM with a random 96-bit nonce; sealing to a person
or team is HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM). Both are bound to a
`Place`: the organisation, table, row, field and version of the value. Lengths are
padded so that "yes" and "no" look alike. Secrets that people type go through
Argon2id. Nothing here knows of Django or of the database.
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES = 32
STEP = 64
"""Sealed plaintexts, with their length, fill a whole number of steps of this many bytes."""

_NONCE_BYTES = 12
_LENGTH_BYTES = 4
_TAG_BYTES = 16
_SEALED_UNDER_A_KEY = b"\x01"
_SEALED_TO_A_PUBLIC_KEY = b"\x02"
_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value belongs. A value moved to another place does not open.

    `org` is the provider's id, or the application's for what only the worker
    holds; `version` is the version of the key or of the record, as its table says.
    """

    org: UUID | str
    table: str
    row: UUID | str
    field: str
    version: int = 1

    def binding(self) -> bytes:
        """The place as bytes in which no two places look alike: each part carries its length."""
        parts = (str(self.org), self.table, str(self.row), self.field, str(self.version))
        encoded = (part.encode() for part in parts)
        return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


class SealBroken(Exception):
    """A sealed value does not open here. Says which field, never what was in it."""

    def __init__(self, place: Place) -> None:
        super().__init__(
            f"The sealed value {place.table}.{place.field} does not open in this place: it was altered, cut,"
            " moved, or sealed under another key. Do not save over it; restore the row from a backup."
        )


def new_key() -> bytes:
    """A fresh random 256-bit key."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plaintext: bytes, place: Place) -> bytes:
    """The plaintext sealed under the key for this place only. Never the same twice."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    bound = _SEALED_UNDER_A_KEY + place.binding()
    return _SEALED_UNDER_A_KEY + nonce + AESGCM(key).encrypt(nonce, _padded(plaintext), bound)


def unseal(key: bytes, sealed: bytes | memoryview, place: Place) -> bytes:
    """What was sealed; SealBroken for anything but the very bytes, key and place of the sealing."""
    body = bytes(sealed)
    if body[:1] != _SEALED_UNDER_A_KEY or len(body) < 1 + _NONCE_BYTES + _TAG_BYTES:
        raise SealBroken(place)
    nonce, ciphertext = body[1 : 1 + _NONCE_BYTES], body[1 + _NONCE_BYTES :]
    try:
        padded = AESGCM(key).decrypt(nonce, ciphertext, _SEALED_UNDER_A_KEY + place.binding())
    except (InvalidTag, ValueError):
        raise SealBroken(place) from None
    return _unpadded(padded, place)


def seal_json(key: bytes, value: Any, place: Place) -> bytes:
    """Plain JSON data, sealed as by `seal`."""
    return seal(key, _as_json(value), place)


def unseal_json(key: bytes, sealed: bytes | memoryview, place: Place) -> Any:
    """The JSON data that `seal_json` sealed; SealBroken otherwise."""
    return _from_json(unseal(key, sealed, place), place)


def new_pair() -> tuple[bytes, bytes]:
    """A fresh X25519 key pair as (private, public), 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public key that belongs to a private one."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal_to(public: bytes | memoryview, plaintext: bytes, place: Place) -> bytes:
    """The plaintext sealed so that only the holder of the private key opens it, in this place only."""
    receiver = X25519PublicKey.from_public_bytes(bytes(public))
    bound = _SEALED_TO_A_PUBLIC_KEY + place.binding()
    return _SEALED_TO_A_PUBLIC_KEY + _HPKE.encrypt(_padded(plaintext), receiver, bound)


def open_sealed(private: bytes, sealed: bytes | memoryview, place: Place) -> bytes:
    """What `seal_to` sealed to this private key's public key; SealBroken otherwise."""
    body = bytes(sealed)
    if body[:1] != _SEALED_TO_A_PUBLIC_KEY:
        raise SealBroken(place)
    try:
        holder = X25519PrivateKey.from_private_bytes(private)
        padded = _HPKE.decrypt(body[1:], holder, _SEALED_TO_A_PUBLIC_KEY + place.binding())
    except (InvalidTag, ValueError):
        raise SealBroken(place) from None
    return _unpadded(padded, place)


def derive(key: bytes, purpose: str) -> bytes:
    """A key for one purpose from a random key. HKDF-Expand (RFC 5869 §3.3: the key is uniform already)."""
    return HKDFExpand(SHA256(), KEY_BYTES, purpose.encode()).derive(key)


@dataclass(frozen=True, slots=True)
class Slowness:
    """How dear one guess at a typed secret is made: Argon2id's memory, passes and lanes."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 1


SLOWNESS = {1: Slowness()}
"""By the number stored beside each value, so that it can be raised without breaking what is there."""
CURRENT_SLOWNESS = 1

_AT_ONCE = threading.BoundedSemaphore(
    4
)  # 64 MiB each: a crowd at the door queues here and cannot fill the memory


def slow_key(secret: str, salt: bytes, slowness: int = CURRENT_SLOWNESS) -> bytes:
    """A key from a secret that a person types: Argon2id, some 200 ms and 64 MiB. Four at a time."""
    by = SLOWNESS[slowness]
    kdf = Argon2id(
        salt=salt, length=KEY_BYTES, iterations=by.passes, lanes=by.lanes, memory_cost=by.memory_kib
    )
    with _AT_ONCE:
        return kdf.derive(secret.encode())


def _padded(plaintext: bytes) -> bytes:
    framed = len(plaintext).to_bytes(_LENGTH_BYTES, "big") + plaintext
    return framed + bytes(-len(framed) % STEP)


def _unpadded(padded: bytes, place: Place) -> bytes:
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    plaintext = padded[_LENGTH_BYTES : _LENGTH_BYTES + length]
    if _padded(plaintext) != padded:
        raise SealBroken(place)
    return plaintext


def _as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _from_json(plaintext: bytes, place: Place) -> Any:
    try:
        return json.loads(plaintext)
    except ValueError:
        raise SealBroken(place) from None
