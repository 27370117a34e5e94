"""The log of who opened what: a chain of hashes per provider and per application.

Events are written by the database function `vault_record` in the transaction of
the act itself; the serving role can neither edit nor remove them. `verify` walks a
chain in Python, independently of the database's own functions, and says where it
was edited, cut or added to.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from jornada.vault.models import AccessEvent, ChainHead

ChainKind = Literal["provider", "application"]
GENESIS = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AS_TEXT = json.JSONEncoder(ensure_ascii=False).encode
_COLUMNS = (
    "kind", "chain_id", "sequence", "id", "recorded_at", "act", "member_id", "provider_id", "application_id",
    "about", "row_id", "sections", "classes", "reason", "for_purpose", "session", "previous", "hash",
)  # fmt: skip
_WORD = re.compile(r"[a-z0-9_]{0,40}")
_RECORD = "SELECT vault_record(%s, %s, %s, %s, %s, %s, %s::text[], %s::text[], %s, %s, %s)"


def record(
    act: str,
    *,
    kind: ChainKind,
    about: str = "",
    row: UUID | None = None,
    application_id: UUID | None = None,
    provider_id: UUID | None = None,
    sections: Sequence[str] = (),
    classes: Sequence[str] = (),
    reason: str = "",
    purpose: str = "",
    session: str = "",
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Add one event to the current tenant's chain; an error of the database where it cannot be written.

    `act` is a word in the past tense: opened, saved, searched, printed, exported, shared, granted, refused, …
    `kind` is provider inside `as_provider`, application inside `as_worker`; the
    database takes the tenant and the member from the transaction, not from here.
    All words are keys of lower-case letters, digits and underscores; anything a
    person typed is refused by the database.
    """
    check_words(act, reason, purpose, *sections)
    words = [kind, act, about, row, application_id, provider_id]
    with connections[using].cursor() as cursor:
        cursor.execute(_RECORD, [*words, list(sections), list(classes), reason, purpose, session])


def check_words(*words: str) -> None:
    """ValueError for a word of the log that is no key: what people type never goes there."""
    for word in words:
        if not _WORD.fullmatch(word):
            raise ValueError(
                "The access log takes keys of lower-case letters, digits and underscores (40 at most) as"
                " reason, purpose and section: choose one, and keep what people type in a sealed field."
            )


class Logged(Protocol):
    """An event as read from the log: a row of the model, or its columns alone, which is quicker."""

    kind: str
    chain_id: UUID
    sequence: int
    id: UUID
    recorded_at: datetime
    act: str
    member_id: UUID | None
    provider_id: UUID | None
    application_id: UUID | None
    about: str
    row_id: UUID | None
    sections: list[str]
    classes: list[str]
    reason: str
    for_purpose: str
    session: str
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """One log: a provider's or an application's."""

    kind: ChainKind
    chain_id: UUID


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a chain had come, to be kept off the server: a chain rewritten since then does not pass it."""

    chain: Chain
    length: int
    hash: bytes


Fault = Literal[
    "edited", "missing", "rewritten", "added after the end", "cut off at the end", "not the same past"
]


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with a chain, and at which event."""

    sequence: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Verification:
    """How many events were read and what is wrong with them."""

    chain: Chain
    events: int
    found: tuple[Found, ...]

    @property
    def whole(self) -> bool:
        return not self.found


def chains(*, using: str = DEFAULT_DB_ALIAS) -> list[Chain]:
    """The chains that this connection may see: the tenant's own, or all for the owner role."""
    heads = ChainHead.objects.using(using).order_by("kind", "chain_id")
    return [Chain(_kind(head.kind), head.chain_id) for head in heads]


def checkpoint(chain: Chain, *, using: str = DEFAULT_DB_ALIAS) -> Checkpoint:
    """How far the chain has come now; an empty chain has length 0."""
    head = _head(chain, using)
    return Checkpoint(chain, head.length, bytes(head.hash)) if head else Checkpoint(chain, 0, GENESIS)


def verify(chain: Chain, known: Checkpoint | None = None, *, using: str = DEFAULT_DB_ALIAS) -> Verification:
    """Every edit, removal, insertion and swap in a chain, located; `known` also finds a chain made anew."""
    found: list[Found] = []
    expected, previous, count = 1, GENESIS, 0
    for event in _events(chain, using):
        count += 1
        found += _faults(event, expected, previous)
        if known and event.sequence == known.length and bytes(event.hash) != known.hash:
            found.append(Found(event.sequence, "not the same past"))
        expected, previous = event.sequence + 1, bytes(event.hash)
    found += _end_faults(expected - 1, previous, _head(chain, using), known)
    return Verification(chain, count, tuple(found))


def verify_all(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[Verification]:
    """The verification of each chain that this connection may see."""
    for chain in chains(using=using):
        yield verify(chain, using=using)


def guarded(connection: BaseDatabaseWrapper) -> bool:
    """Whether the trigger that keeps the log append-only is there and on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_trigger WHERE tgname = 'vault_access_log_is_append_only'"
            " AND tgrelid = 'vault_accessevent'::regclass AND tgenabled IN ('O', 'A')"
        )
        return cursor.fetchone() is not None


def event_hash(event: Logged) -> bytes:
    """The hash that an event must carry, from its content and the hash before it."""
    return hashlib.sha256(bytes(event.previous) + _event_text(event).encode()).digest()


def _event_text(event: Logged) -> str:
    """The same text that the database function `vault_event_text` makes, byte for byte."""
    moment = (event.recorded_at - _EPOCH) // timedelta(microseconds=1)
    ids = [event.member_id, event.provider_id, event.application_id]
    content = [
        event.kind, str(event.chain_id), event.sequence, str(event.id), moment, event.act, *map(_text, ids),
        event.about, _text(event.row_id), event.sections, event.classes, event.reason, event.for_purpose,
        event.session,
    ]  # fmt: skip
    return _AS_TEXT(content)


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _faults(event: Logged, expected: int, previous: bytes) -> Iterator[Found]:
    """What is wrong with one event, given the place and the hash that should come before it."""
    for sequence in range(expected, event.sequence):
        yield Found(sequence, "missing")
    if event_hash(event) != bytes(event.hash):
        yield Found(event.sequence, "edited")
    elif event.sequence == expected and bytes(event.previous) != previous:
        # this event is as it was written, so the one before it was written anew, hash and all
        yield Found(max(event.sequence - 1, 1), "rewritten")


def _end_faults(
    length: int, last: bytes, head: ChainHead | None, known: Checkpoint | None
) -> Iterator[Found]:
    claimed = head.length if head else 0
    for sequence in range(length + 1, max(claimed, known.length if known else 0) + 1):
        yield Found(sequence, "cut off at the end")
    for sequence in range(claimed + 1, length + 1):
        yield Found(sequence, "added after the end")
    if head and claimed == length and bytes(head.hash) != last:
        yield Found(length, "rewritten")


def _events(chain: Chain, using: str) -> Iterator[Logged]:
    events = AccessEvent.objects.using(using).filter(kind=chain.kind, chain_id=chain.chain_id)
    rows: Iterator[Logged] = (
        events.order_by("sequence").values_list(*_COLUMNS, named=True).iterator(chunk_size=2000)
    )
    return rows


def _head(chain: Chain, using: str) -> ChainHead | None:
    return ChainHead.objects.using(using).filter(kind=chain.kind, chain_id=chain.chain_id).first()


def _kind(word: str) -> ChainKind:
    return "provider" if word == "provider" else "application"
