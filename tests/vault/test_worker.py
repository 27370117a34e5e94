"""Ana's code and session: hers alone, forgiving of slips, dear to guess (N5)."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from jornada.vault import crypto, worker
from jornada.vault.models import ApplicationKey, Attempt
from jornada.vault.tenancy import as_worker
from jornada.vault.worker import CodeSlip, TooManyTries, WorkerSession, WrongCode
from tests.vault.cast import LATER, NOW, new_worker, rows


def somewhere() -> str:
    """An address that no other test uses."""
    return f"2001:db8::{random.SystemRandom().randrange(2**32):x}"


def opened(code: str, client: str | None = None, at=NOW) -> WorkerSession:
    return worker.open_code(code, client=client or somewhere(), at=at, expires_at=LATER)


def test_ana_comes_back_with_her_code_and_finds_the_same_key(ana: WorkerSession):
    code = worker.issue_code(ana)
    again = opened(code)
    assert again == ana
    assert again.section_key("work") == ana.section_key("work")
    with as_worker(ana.application_id):
        acts = [act for (act,) in rows("SELECT act FROM vault_accessevent ORDER BY sequence")]
    assert acts == ["code_issued", "came_back"]


def test_the_code_looks_like_an_ordinary_number_of_63_bits():
    codes = {worker.new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(len(code) == 20 and code.isdecimal() for code in codes)
    assert 10 ** (worker.CODE_DIGITS - 1) > 2**63
    assert {code[0] for code in codes} == set("0123456789")
    assert worker.shown("12345678901234567890") == "1234 5678 9012 3456 7890"


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n", "Mi código: {}", "{}."])
def test_spaces_dashes_and_words_around_the_code_do_not_matter(typed: str):
    code = worker.new_code()
    dashed = "-".join(worker.shown(code).split())
    assert worker.read_code(typed.format(worker.shown(code))) == code
    assert worker.read_code(typed.format(dashed)) == code


def test_digits_of_other_scripts_are_read_as_digits():
    code = worker.new_code()
    arabic = code.translate({ord(str(digit)): chr(0x0660 + digit) for digit in range(10)})
    wide = code.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert worker.read_code(arabic) == worker.read_code(wide) == code


def test_every_wrong_digit_and_every_swap_of_neighbours_is_told_as_a_slip():
    code = worker.new_code()
    slips = [
        code[:place] + str(digit) + code[place + 1 :]
        for place in range(20)
        for digit in range(10)
        if str(digit) != code[place]
    ]
    slips += [
        code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        for place in range(19)
        if code[place] != code[place + 1]
    ]
    for slip in slips:
        with pytest.raises(CodeSlip) as told:
            worker.read_code(slip)
        assert told.value.reason == "check_digit"


@pytest.mark.parametrize("typed", ["", "1234", "no lo tengo", "1" * 21, "½" * 20, "²" * 19, "9" * 5000])
def test_what_has_not_twenty_digits_is_told_as_a_slip_of_length(typed: str):
    with pytest.raises(CodeSlip) as told:
        worker.read_code(typed)
    assert told.value.reason == "length"


def test_a_slip_costs_nothing_and_counts_for_nothing():
    client, code = somewhere(), worker.new_code()
    slip = code[:-1] + str((int(code[-1]) + 1) % 10)
    before = Attempt.objects.count()
    began = time.perf_counter()
    for _ in range(50):
        with pytest.raises(CodeSlip):
            opened(slip, client)
    assert time.perf_counter() - began < 0.1, "50 slips took as long as one Argon2id"
    assert Attempt.objects.count() == before


def test_ten_wrong_codes_make_that_place_wait_while_ana_comes_in_from_elsewhere(ana: WorkerSession):
    code, guesser = worker.issue_code(ana), somewhere()
    for _ in range(10):
        with pytest.raises(WrongCode):
            opened(worker.new_code(), guesser)
    with pytest.raises(TooManyTries) as told:
        opened(worker.new_code(), guesser)
    assert told.value.until == NOW + worker.WAIT
    with pytest.raises(TooManyTries):
        opened(code, guesser, at=NOW + timedelta(minutes=14))
    assert opened(code) == ana, "from another phone the code must still open"
    assert opened(code, guesser, at=NOW + timedelta(minutes=16)) == ana


def test_after_the_wait_one_more_wrong_code_means_another_wait(ana: WorkerSession):
    guesser = somewhere()
    today = worker._veiled(guesser, NOW.date())
    Attempt.objects.bulk_create([Attempt(client=today, tried_at=NOW) for _ in range(10)])
    soon = NOW + timedelta(minutes=16)
    with pytest.raises(WrongCode):
        opened(worker.new_code(), guesser, at=soon)
    with pytest.raises(TooManyTries):
        opened(worker.new_code(), guesser, at=soon + timedelta(minutes=1))


def test_wrong_codes_of_more_than_an_hour_ago_no_longer_count_and_are_removed_after_a_day():
    guesser = somewhere()
    old = NOW - timedelta(minutes=61)
    Attempt.objects.bulk_create(
        [Attempt(client=worker._veiled(guesser, old.date()), tried_at=old) for _ in range(10)]
    )
    with pytest.raises(WrongCode):
        opened(worker.new_code(), guesser)
    assert worker.forget_attempts(NOW + timedelta(days=1)) >= 10


def test_midnight_does_not_wipe_the_count():
    guesser = somewhere()
    midnight = NOW.replace(hour=0, minute=1, second=0)
    eve = midnight - timedelta(minutes=5)
    Attempt.objects.bulk_create(
        [Attempt(client=worker._veiled(guesser, eve.date()), tried_at=eve) for _ in range(10)]
    )
    with pytest.raises(TooManyTries):
        opened(worker.new_code(), guesser, at=midnight)


def test_guesses_made_at_the_same_moment_count_one_another(ana: WorkerSession):
    guesser, outcomes = somewhere(), []
    today = worker._veiled(guesser, NOW.date())
    Attempt.objects.bulk_create([Attempt(client=today, tried_at=NOW) for _ in range(8)])

    def guess() -> None:
        try:
            opened(worker.new_code(), guesser)
        except (WrongCode, TooManyTries) as outcome:
            outcomes.append(type(outcome))
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcomes) == {WrongCode: 2, TooManyTries: 4}


def test_no_address_is_stored_in_clear_and_the_veil_changes_every_day():
    client = somewhere()
    assert client.encode() not in worker._veiled(client, NOW.date())
    assert worker._veiled(client, NOW.date()) != worker._veiled(client, NOW.date() + timedelta(days=1))


def test_a_new_code_closes_the_old_one(ana: WorkerSession):
    old, new = worker.issue_code(ana), worker.issue_code(ana)
    with pytest.raises(WrongCode):
        opened(old)
    assert opened(new) == ana
    with as_worker(ana.application_id):
        assert ApplicationKey.objects.get().replaced_at is not None


def test_neither_the_code_nor_the_key_lies_in_the_database(ana: WorkerSession):
    code = worker.issue_code(ana).replace(" ", "")
    with as_worker(ana.application_id):
        row = ApplicationKey.objects.get()
    stored = bytes(row.locator) + bytes(row.sealed_key)
    assert code.encode() not in stored and ana.key not in stored and ana.key.hex().encode() not in stored
    assert len(bytes(row.locator)) == 16


def test_the_hub_s_own_secrets_open_no_worker_s_key(ana: WorkerSession, settings):
    worker.issue_code(ana)
    with as_worker(ana.application_id):
        row = ApplicationKey.objects.get()
    place = worker._place(ana.application_id, row.slowness)
    secrets = [settings.JORNADA_HUB_KEY, settings.JORNADA_SESSION_KEY, settings.JORNADA_CODE_SALT]
    for secret in [
        *secrets,
        *(crypto.derive(secret, purpose) for secret in secrets for purpose in ("open", "locate")),
    ]:
        with pytest.raises(crypto.SealBroken):
            crypto.unseal(secret, row.sealed_key, place)


def test_a_key_moved_to_another_application_does_not_open(ana: WorkerSession):
    chen = new_worker()
    code = worker.issue_code(ana)
    with as_worker(ana.application_id):
        row = ApplicationKey.objects.get()
        sealed, locator = bytes(row.sealed_key), bytes(row.locator)
        row.delete()
    with as_worker(chen.application_id):
        ApplicationKey.objects.create(
            application_id=chen.application_id, locator=locator, sealed_key=sealed, slowness=row.slowness
        )
    with pytest.raises(crypto.SealBroken):
        opened(code)


# ── Between two pages ─────────────────────────────────────────────────────────────────────────────────────


def test_a_session_comes_back_from_its_cookie_and_the_hub_stores_nothing(ana: WorkerSession):
    session = replace(
        ana, expires_at=LATER.replace(microsecond=0), bits=0b1011, kept={"work": crypto.new_key()}
    )
    token = worker.worker_token(session)
    assert worker.read_worker_token(token, NOW) == session
    assert worker.worker_token(session) != token, "no two cookies are the same"
    assert session.section_key("work") == session.kept["work"]


def test_a_session_that_is_over_or_altered_or_foreign_is_none(ana: WorkerSession, settings):
    token = worker.worker_token(ana)
    assert worker.read_worker_token(token, LATER + timedelta(seconds=1)) is None
    dice = random.Random(3)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for _ in range(5000):
        place = dice.randrange(len(token) - 1)
        other = dice.choice(alphabet.replace(token[place], ""))
        assert worker.read_worker_token(token[:place] + other + token[place + 1 :], NOW) is None
    for text in ("", "x", "ñ", "a" * 5000, token[:-8], token + "AAAA", "=" * 8):
        assert worker.read_worker_token(text, NOW) is None
    settings.JORNADA_SESSION_KEY = crypto.new_key()
    assert worker.read_worker_token(token, NOW) is None


def test_reading_a_session_costs_next_to_nothing(ana: WorkerSession):
    token = worker.worker_token(ana)
    best = min(timed(token) for _ in range(20))
    print(f"reading a worker's session: {best * 1e6:.0f} microseconds")  # noqa: T201 (a bar that a test prints)
    assert best < 30e-6


def timed(token: str) -> float:
    began = time.perf_counter()
    for _ in range(100):
        worker.read_worker_token(token, NOW)
    return (time.perf_counter() - began) / 100


def test_a_session_never_shows_its_keys_when_printed(ana: WorkerSession):
    shown = repr(replace(ana, kept={"work": ana.key}))
    assert str(ana.key) not in shown and ana.key.hex() not in shown
