"""The access log: nobody who serves can rub anything out, and every change is found and located (L1, L2)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, connections, transaction

from jornada.vault import audit
from jornada.vault.audit import Chain, Checkpoint
from jornada.vault.models import AccessEvent, ChainHead
from jornada.vault.tenancy import as_provider, as_worker
from tests.vault.cast import do, rows

LENGTH = 24


@pytest.fixture(scope="module")
def chain(real_database: None) -> Chain:
    """A provider's log with 24 events that differ in every column."""
    provider, member = uuid4(), uuid4()
    for number in range(LENGTH):
        with as_provider(provider, member if number % 3 else None):
            audit.record(
                "opened" if number % 2 else "refused",
                kind="provider",
                about="answers" if number % 5 else "file",
                row=uuid4() if number % 4 else None,
                application_id=uuid4() if number % 7 else None,
                sections=["work", "family"][: number % 3],
                classes=["P3", "P4"][: number % 3],
                reason="review",
                purpose="legal_help",
                session=f"{number:016x}",
            )
    return Chain("provider", provider)


@contextmanager
def tampering() -> Iterator[None]:
    """As the owner with the guard switched off: what a thief of the database's keys could do. Rolled back."""
    with transaction.atomic(using="owner"):
        do("ALTER TABLE vault_accessevent DISABLE TRIGGER ALL", using="owner")
        yield
        transaction.set_rollback(True, using="owner")


def event(chain: Chain, sequence: int) -> AccessEvent:
    return AccessEvent.objects.using("owner").get(kind=chain.kind, chain_id=chain.chain_id, sequence=sequence)


def head(chain: Chain) -> ChainHead:
    return ChainHead.objects.using("owner").get(kind=chain.kind, chain_id=chain.chain_id)


# ── Tampering, one kind a function; each returns the places where something is wrong now ──────────────────


def edit(chain: Chain, dice: random.Random) -> set[int]:
    changed = event(chain, dice.randint(1, LENGTH))
    column = dice.choice(
        ["act", "member_id", "application_id", "about", "row_id", "sections", "classes", "reason", "session",
         "for_purpose", "recorded_at", "provider_id", "hash", "previous"]
    )  # fmt: skip
    was = getattr(changed, column)
    if column in ("hash", "previous"):
        now: object = dice.randbytes(32)
    elif column == "recorded_at":
        now = was.replace(microsecond=(was.microsecond + 1) % 1_000_000)
    elif column.endswith("_id"):
        now = uuid4()
    elif column == "sections":
        now = [*was, "money"]
    elif column == "classes":
        now = [*was, "P2"]
    else:
        now = "aa" if column == "session" else "something_else"
    setattr(changed, column, now)
    changed.save(using="owner", update_fields=[column])
    return {changed.sequence}


def remove(chain: Chain, dice: random.Random) -> set[int]:
    gone = event(chain, dice.randint(1, LENGTH))
    sequence = gone.sequence
    gone.delete(using="owner")
    return {sequence}


def insert(chain: Chain, dice: random.Random) -> set[int]:
    """A forged event pushed in, those behind it moved up by one, and the count put right."""
    at = dice.randint(1, LENGTH)
    for sequence in range(LENGTH, at - 1, -1):
        moved = event(chain, sequence)
        moved.sequence += 1
        moved.save(using="owner", update_fields=["sequence"])
    forged = event(chain, at + 1)
    forged.pk, forged.sequence, forged._state.adding = uuid4(), at, True
    forged.hash = audit.event_hash(forged)
    forged.save(using="owner", force_insert=True)
    end = head(chain)
    end.length += 1
    end.save(using="owner", update_fields=["length"])
    return {at, at + 1}


def swap(chain: Chain, dice: random.Random) -> set[int]:
    one, other = (event(chain, sequence) for sequence in sorted(dice.sample(range(1, LENGTH + 1), 2)))
    places = (one.sequence, other.sequence)
    for row, sequence in ((one, 10_000), (other, places[0]), (one, places[1])):
        row.sequence = sequence
        row.save(using="owner", update_fields=["sequence"])
    return set(places)


def rewrite(chain: Chain, dice: random.Random) -> set[int]:
    """An edit by someone who knows how the hash is made."""
    changed = event(chain, dice.randint(1, LENGTH))
    changed.reason = "supervision"
    changed.hash = audit.event_hash(changed)
    changed.save(using="owner", update_fields=["reason", "hash"])
    return {changed.sequence}


def cut(chain: Chain, dice: random.Random) -> set[int]:
    keep = dice.randint(0, LENGTH - 1)
    AccessEvent.objects.using("owner").filter(chain_id=chain.chain_id, sequence__gt=keep).delete()
    return {keep + 1}


def append(chain: Chain, dice: random.Random) -> set[int]:
    """An event put behind the last one, rightly chained, without the count."""
    last = event(chain, LENGTH)
    last.pk, last.sequence, last.previous, last._state.adding = uuid4(), LENGTH + 1, last.hash, True
    last.hash = audit.event_hash(last)
    last.save(using="owner", force_insert=True)
    return {LENGTH + 1}


KINDS: list[Callable[[Chain, random.Random], set[int]]] = [edit, remove, insert, swap, rewrite, cut, append]


def test_of_100_edits_removals_insertions_and_swaps_every_one_is_found_and_located(chain: Chain):
    dice = random.Random(42)
    located = 0
    for number in range(105):
        tamper = KINDS[number % len(KINDS)]
        with tampering():
            places = tamper(chain, dice)
            verification = audit.verify(chain, using="owner")
        assert not verification.whole, f"{tamper.__name__} at {places} was not found"
        assert verification.found[0].sequence in places, (
            f"{tamper.__name__}: {places}, told {verification.found}"
        )
        located += 1
    print(f"tampering: {located} of 105 found and located")  # noqa: T201 (a bar that a test prints)
    assert audit.verify(chain, using="owner").whole


def test_an_untouched_chain_is_whole_for_its_own_tenant_too(chain: Chain):
    with as_provider(chain.chain_id):
        verification = audit.verify(chain)
        assert audit.chains() == [chain]
    assert verification.whole
    assert verification.events == LENGTH


def test_a_chain_made_anew_from_the_middle_is_found_by_a_checkpoint_kept_elsewhere(chain: Chain):
    known = audit.checkpoint(chain, using="owner")
    assert known.length == LENGTH
    with tampering():
        previous = None
        for sequence in range(5, LENGTH + 1):
            changed = event(chain, sequence)
            if sequence == 5:
                changed.sections = ["nothing_much"]
            changed.previous = previous or changed.previous
            changed.hash = previous = audit.event_hash(changed)
            changed.save(using="owner", update_fields=["sections", "previous", "hash"])
        end = head(chain)
        end.hash = previous
        end.save(using="owner", update_fields=["hash"])
        assert audit.verify(chain, using="owner").whole, "a thief of everything can do this"
        verification = audit.verify(chain, known, using="owner")
    assert [found.fault for found in verification.found] == ["not the same past"]
    assert audit.verify(chain, known, using="owner").whole


def test_a_chain_cut_together_with_its_head_is_found_by_a_checkpoint(chain: Chain):
    known = audit.checkpoint(chain, using="owner")
    with tampering():
        AccessEvent.objects.using("owner").filter(chain_id=chain.chain_id, sequence__gt=20).delete()
        end, last = head(chain), event(chain, 20)
        end.length, end.hash = 20, last.hash
        end.save(using="owner", update_fields=["length", "hash"])
        verification = audit.verify(chain, known, using="owner")
    assert [found.sequence for found in verification.found] == [21, 22, 23, 24]
    assert {found.fault for found in verification.found} == {"cut off at the end"}


def test_a_head_written_over_is_found(chain: Chain):
    with tampering():
        end = head(chain)
        end.hash = bytes(32)
        end.save(using="owner", update_fields=["hash"])
        assert audit.verify(chain, using="owner").found[0].sequence == LENGTH


def test_an_empty_chain_is_whole_and_has_a_checkpoint():
    nobody = Chain("application", uuid4())
    assert audit.verify(nobody, using="owner").whole
    assert audit.checkpoint(nobody, using="owner") == Checkpoint(nobody, 0, audit.GENESIS)


def test_all_chains_can_be_verified_at_once_by_the_owner(chain: Chain):
    found = list(audit.verify_all(using="owner"))
    assert chain in [verification.chain for verification in found]
    assert all(verification.whole for verification in found)


def test_python_and_the_database_hash_the_same_bytes(chain: Chain):
    texts = dict(
        rows(
            "SELECT id, vault_event_text(e) FROM vault_accessevent e WHERE chain_id = %s",
            chain.chain_id,
            using="owner",
        )
    )
    assert len(texts) == LENGTH
    for found in AccessEvent.objects.using("owner").filter(chain_id=chain.chain_id):
        assert audit._event_text(found) == texts[found.pk]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vault_accessevent SET reason = 'other'",
        "DELETE FROM vault_accessevent",
        "TRUNCATE vault_accessevent",
        "UPDATE vault_chainhead SET length = 0",
        "DELETE FROM vault_chainhead",
        "INSERT INTO vault_accessevent SELECT * FROM vault_accessevent",
        "INSERT INTO vault_chainhead SELECT * FROM vault_chainhead",
    ],
)
def test_the_serving_role_can_change_nothing_in_the_log(chain: Chain, statement: str):
    with pytest.raises(ProgrammingError, match="permission denied"), as_provider(chain.chain_id):
        do(statement)


def test_even_the_owner_is_stopped_while_the_guard_is_on_and_its_absence_is_noticed():
    with pytest.raises(ProgrammingError, match="only ever added to"):
        do("DELETE FROM vault_accessevent", using="owner")
    assert audit.guarded(connection)
    with tampering():
        assert not audit.guarded(connections["owner"])


def test_nothing_can_be_recorded_for_nobody_or_for_another():
    with pytest.raises(ProgrammingError, match="nothing can be recorded"):
        audit.record("opened", kind="provider")
    with pytest.raises(ProgrammingError, match="nothing can be recorded"), as_worker(uuid4()):
        audit.record("opened", kind="provider")


def test_the_member_is_taken_from_the_transaction_and_cannot_be_made_up():
    provider, alice = uuid4(), uuid4()
    with as_provider(provider, alice):
        audit.record("opened", kind="provider", provider_id=uuid4())
        assert rows("SELECT provider_id, member_id FROM vault_accessevent") == [(provider, alice)]


@pytest.mark.parametrize("typed", ["Ana's status changed", "A-123", "ñ", "x" * 41])
def test_what_people_type_never_reaches_the_log(typed: str):
    provider = uuid4()
    for words in ({"reason": typed}, {"purpose": typed}, {"sections": [typed]}):
        with pytest.raises(ValueError, match="takes keys"), as_provider(provider):
            audit.record("opened", kind="provider", **words)
    with pytest.raises((IntegrityError, DataError)), as_provider(provider):
        do(
            "SELECT vault_record('provider', 'opened', '', NULL, NULL, NULL, '{}', '{}', %s, '', '')",
            typed,
        )
    with as_provider(provider):
        assert rows("SELECT 1 FROM vault_accessevent") == []


def test_two_providers_logs_do_not_mix_and_a_stranger_sees_neither(chain: Chain):
    other: UUID = uuid4()
    with as_provider(other):
        audit.record("opened", kind="provider")
        assert rows("SELECT sequence FROM vault_accessevent") == [(1,)]
    with as_worker(uuid4()):
        assert rows("SELECT 1 FROM vault_accessevent") == []
