"""Two of three trustees bring a legal team back; one cannot, nor can the hub (C5)."""

from __future__ import annotations

from itertools import combinations
from secrets import token_bytes
from uuid import uuid4

import pytest

from jornada.vault import access, crypto, keys, recovery
from jornada.vault.models import RecoveryKey, RecoverySeat
from jornada.vault.recovery import Share, WrongShare
from jornada.vault.tenancy import as_provider
from jornada.vault.worker import WorkerSession
from tests.vault.cast import PURPOSE, TODAY, LegalTeam, rows, shares

SUBSETS = [subset for size in (1, 2, 3) for subset in combinations((0, 1, 2), size)]


@pytest.fixture(scope="module")
def codes(real_database: None) -> tuple[LegalTeam, tuple[str, str, str]]:
    from tests.vault.cast import make_team

    team = make_team()
    with as_provider(team.provider_id, team.alice.member_id):
        return team, recovery.split_recovery(team.alice)


def lose_every_password(team: LegalTeam) -> keys.MemberKeys:
    with as_provider(team.provider_id):
        keys.start_over(team.alice.member_id, team.provider_id, "alice forgot the first one")
        return keys.start_over(team.olga.member_id, team.provider_id, "olga is asked to help")


@pytest.mark.parametrize(
    "subset", SUBSETS, ids=lambda subset: "+".join(str(trustee + 1) for trustee in subset)
)
def test_each_of_the_seven_subsets_of_three_trustees(subset, own_team: LegalTeam, ana: WorkerSession):
    team = own_team
    with as_provider(team.provider_id, team.alice.member_id):
        printed = recovery.split_recovery(team.alice)
    shares(ana, team, "work")
    olga = lose_every_password(team)
    given = [printed[trustee] for trustee in subset]
    with as_provider(team.provider_id):
        if len(subset) == 1:
            with pytest.raises(WrongShare) as told:
                recovery.recover(team.provider_id, given, olga.member_id)
            assert told.value.reason == "too_few"
        else:
            assert recovery.recover(team.provider_id, given, olga.member_id) == 1
    opens = len(subset) > 1
    with as_provider(team.provider_id, olga.member_id):
        if opens:
            opened = access.open_sections(
                olga, ana.application_id, ["work"], reason="review", purpose=PURPOSE, on=TODAY
            )
            assert opened["work"] == ana.section_key("work")
            assert keys.team_members(team.provider_id) == {olga.member_id}
        else:
            assert keys.team_privates(olga) == {}


def test_1000_random_wrong_shares_are_refused(codes):
    team, printed = codes
    right = recovery.read_share(printed[0])
    refused = 0
    with as_provider(team.provider_id):
        row = RecoveryKey.objects.get()
        for number in range(1000):
            wrong = Share(
                2 + number % 2, {other: token_bytes(16) for other in (1, 2, 3) if other != 2 + number % 2}
            )
            secret = recovery._joined([right, wrong])
            with pytest.raises(crypto.SealBroken):
                crypto.unseal(
                    crypto.derive(recovery._long(secret), "recovery"),
                    row.sealed_private,
                    recovery._place(row),
                )
            refused += 1
    print(f"random shares: {refused} of 1,000 refused")  # noqa: T201 (a bar that a test prints)
    with pytest.raises(WrongShare) as told, as_provider(team.provider_id):
        recovery.recover(team.provider_id, [printed[0], wrong.printed()], uuid4())
    assert told.value.reason == "other_set"


def test_one_trustee_s_halves_say_nothing_about_the_secret():
    """For any secret there are halves of the other two that give it, whatever the one trustee holds."""
    held = recovery._split(token_bytes(16))[0]
    for secret in (bytes(16), b"\xff" * 16, token_bytes(16)):
        other = Share(2, {1: recovery._xor(secret, held.halves[2]), 3: token_bytes(16)})
        assert recovery._joined([held, other]) == secret


def test_a_mistyped_code_is_told_apart_from_a_wrong_one(codes):
    _, printed = codes
    code = printed[1]
    assert recovery.read_share(code.lower().replace(" ", "-")) == recovery.read_share(code)
    for place, sign in enumerate(code):
        if sign != " ":
            slip = code[:place] + ("A" if sign != "A" else "B") + code[place + 1 :]
            with pytest.raises(WrongShare) as told:
                recovery.read_share(slip)
            assert told.value.reason == "mistyped"
    for typed in ("", "AAAA", code[:-5], code + " AAAA", "ñ", "9" * 80):
        with pytest.raises(WrongShare):
            recovery.read_share(typed)


def test_the_same_trustee_twice_is_one_trustee(codes):
    team, printed = codes
    with pytest.raises(WrongShare) as told, as_provider(team.provider_id):
        recovery.recover(team.provider_id, [printed[2], printed[2]], uuid4())
    assert told.value.reason == "same_trustee"


def test_every_failed_attempt_is_recorded_although_it_is_rolled_back(own_team: LegalTeam):
    provider = own_team.provider_id
    with pytest.raises(WrongShare), as_provider(provider, own_team.olga.member_id):
        recovery.recover(provider, ["nothing"], own_team.olga.member_id)
    with as_provider(provider):
        assert rows("SELECT act, about, member_id FROM vault_accessevent") == [
            ("failed", "vault_recoverykey", own_team.olga.member_id)
        ]


def test_codes_of_an_earlier_splitting_and_of_another_provider_open_nothing(own_team: LegalTeam, codes):
    provider = own_team.provider_id
    with as_provider(provider, own_team.alice.member_id):
        earlier = recovery.split_recovery(own_team.alice)
        newer = recovery.split_recovery(own_team.alice)
        for wrong in (earlier[:2], (earlier[0], newer[1]), codes[1][:2]):
            with pytest.raises(WrongShare) as told:
                recovery.recover(provider, wrong, own_team.olga.member_id)
            assert told.value.reason == "other_set"
        assert recovery.recover(provider, newer[1:], own_team.olga.member_id) == 1


def test_a_provider_that_never_made_codes_is_told(own_team: LegalTeam, codes):
    with pytest.raises(WrongShare, match="none were ever made"), as_provider(own_team.provider_id):
        recovery.recover(own_team.provider_id, codes[1], own_team.olga.member_id)


def test_only_the_legal_team_can_make_codes(team: LegalTeam):
    with pytest.raises(keys.NotInTeam), as_provider(team.provider_id, team.olga.member_id):
        recovery.split_recovery(team.olga)


def test_team_keys_made_after_the_codes_are_recovered_too(own_team: LegalTeam, ana: WorkerSession):
    provider = own_team.provider_id
    with as_provider(provider, own_team.alice.member_id):
        printed = recovery.split_recovery(own_team.alice)
        keys.renew_team_key(own_team.alice)
    shares(ana, own_team, "work")
    olga = lose_every_password(own_team)
    with as_provider(provider, olga.member_id):
        assert recovery.recover(provider, printed[:2], olga.member_id) == 2
        opened = access.open_sections(
            olga, ana.application_id, ["work"], reason="review", purpose=PURPOSE, on=TODAY
        )
    assert opened["work"] == ana.section_key("work")


def test_the_hub_s_secrets_open_no_recovery_key(codes, settings):
    team, _ = codes
    with as_provider(team.provider_id):
        row, seat = RecoveryKey.objects.get(), RecoverySeat.objects.first()
    for secret in (settings.JORNADA_HUB_KEY, settings.JORNADA_SESSION_KEY):
        with pytest.raises(crypto.SealBroken):
            crypto.unseal(crypto.derive(secret, "recovery"), row.sealed_private, recovery._place(row))
        with pytest.raises(crypto.SealBroken):
            crypto.open_sealed(secret, seat.sealed_private, keys.recovery_place(seat))
