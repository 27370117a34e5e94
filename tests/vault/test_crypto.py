"""Sealing: what is altered, moved or foreign never opens (C2)."""

from __future__ import annotations

import random
import secrets
from dataclasses import replace

import pytest

from jornada.vault import crypto
from jornada.vault.crypto import Place, SealBroken

PLACE = Place("provider-1", "intake_answer", "row-1", "sealed_answer", 1)
KEY = crypto.new_key()
ANSWER = '{"last_entry_date":"2013-05","legal_name":"Ana Nguyễn Łopez"}'.encode()


def mutations(sealed: bytes, dice: random.Random, count: int):
    """Cut, lengthened, bit-flipped, byte-swapped and spliced versions of a ciphertext."""
    for _ in range(count):
        body = bytearray(sealed)
        way = dice.randrange(5)
        if way == 0:
            body = body[: dice.randrange(len(body))]
        elif way == 1:
            body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
        elif way == 2:
            body += dice.randbytes(1 + dice.randrange(40))
        elif way == 3:
            start = dice.randrange(len(body))
            body[start : start + 8] = dice.randbytes(8)
        else:
            body = bytearray(sealed[:1] + dice.randbytes(dice.randrange(120)))
        if bytes(body) != sealed:
            yield bytes(body)


def test_what_ana_answered_comes_back_exactly():
    assert crypto.unseal(KEY, crypto.seal(KEY, ANSWER, PLACE), PLACE) == ANSWER
    assert crypto.unseal(KEY, crypto.seal(KEY, b"", PLACE), PLACE) == b""
    value = {"jobs": [{"employer": "Łódź Poultry", "from": "2019"}], "talked_with_lawyer": None}
    assert crypto.unseal_json(KEY, crypto.seal_json(KEY, value, PLACE), PLACE) == value


def test_of_100_000_mutated_ciphertexts_none_opens_and_none_surprises():
    dice = random.Random(20261123)
    accepted = tried = 0
    private, public = crypto.new_pair()
    cases = [
        (96_000, crypto.seal(KEY, ANSWER, PLACE), lambda body: crypto.unseal(KEY, body, PLACE)),
        (6_000, crypto.seal_to(public, ANSWER, PLACE), lambda body: crypto.open_sealed(private, body, PLACE)),
    ]
    for count, sealed, opening in cases:
        for body in mutations(sealed, dice, count):
            tried += 1
            try:
                opening(body)
                accepted += 1
            except SealBroken:
                pass
    print(f"mutated ciphertexts: {tried} tried, {accepted} accepted, 0 unhandled")  # noqa: T201 (a bar that a test prints)
    assert tried >= 100_000
    assert accepted == 0


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, org="provider-2"),
        replace(PLACE, table="intake_draft"),
        replace(PLACE, row="row-2"),
        replace(PLACE, field="sealed_answers"),
        replace(PLACE, version=2),
        Place("provider-1intake", "_answer", "row-1", "sealed_answer", 1),
    ],
)
def test_a_value_moved_to_another_place_does_not_open(elsewhere: Place):
    private, public = crypto.new_pair()
    with pytest.raises(SealBroken):
        crypto.unseal(KEY, crypto.seal(KEY, ANSWER, PLACE), elsewhere)
    with pytest.raises(SealBroken):
        crypto.open_sealed(private, crypto.seal_to(public, ANSWER, PLACE), elsewhere)


def test_no_two_places_are_bound_alike():
    ambiguous = [Place("a", "bc", "d", "e"), Place("ab", "c", "d", "e"), Place("a", "b", "cd", "e")]
    assert len({place.binding() for place in ambiguous}) == 3


def test_another_key_opens_nothing_and_a_key_of_the_wrong_size_is_refused_the_same_way():
    sealed = crypto.seal(KEY, ANSWER, PLACE)
    for foreign in (crypto.new_key(), b"", b"short", KEY[:31]):
        with pytest.raises(SealBroken):
            crypto.unseal(foreign, sealed, PLACE)


def test_a_ciphertext_under_a_key_and_one_to_a_person_do_not_pass_for_one_another():
    private, public = crypto.new_pair()
    with pytest.raises(SealBroken):
        crypto.open_sealed(private, crypto.seal(KEY, ANSWER, PLACE), PLACE)
    with pytest.raises(SealBroken):
        crypto.unseal(KEY, crypto.seal_to(public, ANSWER, PLACE), PLACE)


def test_json_that_is_no_json_is_told_as_a_broken_seal():
    with pytest.raises(SealBroken):
        crypto.unseal_json(KEY, crypto.seal(KEY, b"{", PLACE), PLACE)


def test_padding_that_is_not_ours_is_refused():
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    for padded in (b"", b"\x00", (5).to_bytes(4, "big") + b"ab", bytes(60) + b"fake", bytes(128)):
        forged = b"\x01" + nonce + AESGCM(KEY).encrypt(nonce, padded, b"\x01" + PLACE.binding())
        with pytest.raises(SealBroken):
            crypto.unseal(KEY, forged, PLACE)


def test_yes_and_no_and_a_name_cannot_be_told_apart_by_their_length():
    lengths = {
        len(crypto.seal_json(KEY, value, PLACE)) for value in ("yes", "no", "unsure", "Ana María Quispe")
    }
    assert len(lengths) == 1
    assert len(crypto.seal(KEY, b"x" * 61, PLACE)) == len(crypto.seal(KEY, b"", PLACE)) + crypto.STEP


def test_the_same_value_never_seals_to_the_same_bytes_and_no_nonce_repeats():
    nonces = {crypto.seal(KEY, b"yes", PLACE)[1:13] for _ in range(20_000)}
    assert len(nonces) == 20_000


def test_the_error_names_the_field_and_never_the_value_or_the_row():
    with pytest.raises(SealBroken) as broken:
        crypto.unseal(KEY, b"\x01" + ANSWER, PLACE)
    told = str(broken.value)
    assert "intake_answer.sealed_answer" in told
    assert "restore" in told
    assert "Ana" not in told and "row-1" not in told


def test_sealing_to_a_person_opens_for_that_person_only():
    private, public = crypto.new_pair()
    stranger, _ = crypto.new_pair()
    assert crypto.public_of(private) == public
    sealed = crypto.seal_to(public, ANSWER, PLACE)
    assert crypto.open_sealed(private, sealed, PLACE) == ANSWER
    for foreign in (stranger, b"", b"short"):
        with pytest.raises(SealBroken):
            crypto.open_sealed(foreign, sealed, PLACE)


def test_keys_for_different_purposes_have_nothing_in_common():
    assert len({crypto.derive(KEY, f"section:{name}") for name in ("work", "family", "work ")}) == 3
    assert crypto.derive(KEY, "section:work") == crypto.derive(KEY, "section:work")


def test_a_typed_secret_costs_64_mebibytes_and_three_passes():
    slowness = crypto.SLOWNESS[crypto.CURRENT_SLOWNESS]
    assert slowness.memory_kib >= 64 * 1024
    assert slowness.passes >= 3
    salt = b"0123456789abcdef"
    assert crypto.slow_key("ñandú", salt) == crypto.slow_key("ñandú", salt)
    assert crypto.slow_key("ñandú", salt) != crypto.slow_key("nandu", salt)
