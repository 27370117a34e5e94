"""Consent: by section, purpose and date; it ends reading at once (D5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError

from jornada.vault import access, audit, consent, keys, worker
from jornada.vault.consent import NoSuchGrant, NotGrantable
from jornada.vault.tenancy import as_provider, as_worker
from jornada.vault.worker import WorkerSession
from tests.vault.cast import LATER, NOW, PURPOSE, TODAY, LegalTeam, do, new_worker, rows, shares
from tests.vault.test_keys import reads


def test_the_legal_team_reads_the_sections_that_ana_shared_and_no_others(team: LegalTeam, ana: WorkerSession):
    grant = shares(ana, team, "work", "contact")
    assert grant.sections == ("contact", "work")
    assert grant.until == TODAY + timedelta(days=30)
    assert reads(team.alice, ana, "work", "contact") == {
        "work": ana.section_key("work"), "contact": ana.section_key("contact")
    }  # fmt: skip
    with pytest.raises(access.Refused) as refused:
        reads(team.alice, ana, "work", "criminal_history")
    assert refused.value.why == "section_not_shared"


def test_two_consents_to_one_provider_add_up(team: LegalTeam, ana: WorkerSession):
    shares(ana, team, "work")
    shares(ana, team, "family")
    assert set(reads(team.alice, ana, "work", "family")) == {"work", "family"}


def test_withdrawal_ends_reading_at_once_and_removes_the_keys(team: LegalTeam, ana: WorkerSession):
    grant = shares(ana, team, "work")
    with as_provider(team.provider_id, team.alice.member_id):
        access.open_sections(
            team.alice, ana.application_id, ["work"], reason="review", purpose=PURPOSE, on=TODAY
        )
    consent.withdraw(ana, grant.id, at=NOW)
    with pytest.raises(access.Refused) as refused:
        reads(team.alice, ana)
    assert refused.value.why == "no_consent"
    with as_provider(team.provider_id):
        assert rows("SELECT 1 FROM vault_sectionkey WHERE application_id = %s", ana.application_id) == []
    with pytest.raises(NoSuchGrant):
        consent.withdraw(ana, grant.id, at=NOW)


def test_withdrawing_one_consent_leaves_the_other(team: LegalTeam, ana: WorkerSession):
    first, _ = shares(ana, team, "work"), shares(ana, team, "family")
    consent.withdraw(ana, first.id, at=NOW)
    assert set(reads(team.alice, ana, "family")) == {"family"}
    with pytest.raises(access.Refused):
        reads(team.alice, ana, "work")


def test_nobody_withdraws_another_s_consent(team: LegalTeam, ana: WorkerSession):
    grant = shares(ana, team, "work")
    with pytest.raises(NoSuchGrant):
        consent.withdraw(new_worker(), grant.id, at=NOW)
    assert reads(team.alice, ana)


def test_consent_that_has_ended_opens_nothing_and_its_keys_are_swept(team: LegalTeam, ana: WorkerSession):
    shares(ana, team, "work", on=TODAY - timedelta(days=20), until=TODAY - timedelta(days=1))
    with pytest.raises(access.Refused) as refused:
        reads(team.alice, ana)
    assert refused.value.why == "no_consent"
    assert consent.sweep(on=TODAY) >= 1
    assert consent.sweep(on=TODAY) == 0
    with as_provider(team.provider_id):
        assert rows("SELECT 1 FROM vault_sectionkey WHERE application_id = %s", ana.application_id) == []


def test_a_sweep_for_a_day_to_come_removes_no_live_key(team: LegalTeam, ana: WorkerSession):
    shares(ana, team, "work")
    consent.sweep(on=TODAY + timedelta(days=400))
    assert reads(team.alice, ana)


def test_the_last_day_still_counts_and_the_day_before_the_first_does_not(team: LegalTeam, ana: WorkerSession):
    grant = shares(ana, team, "work", until=TODAY)
    assert reads(team.alice, ana)
    assert (grant.live(TODAY), grant.live(TODAY + timedelta(days=1))) == (True, False)
    assert not grant.live(TODAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"until": TODAY + timedelta(days=181)}, "too_long"),
        ({"until": TODAY - timedelta(days=1)}, "ends_before_it_begins"),
    ],
)
def test_spans_that_consent_cannot_have_are_refused_with_the_reason(team, ana, terms, reason):
    with pytest.raises(NotGrantable) as told:
        shares(ana, team, "work", **terms)
    assert told.value.reason == reason


def test_consent_to_nothing_is_refused(team: LegalTeam, ana: WorkerSession):
    with pytest.raises(NotGrantable) as told:
        shares(ana, team)
    assert told.value.reason == "no_section"


INSERT_GRANT = (
    "INSERT INTO vault_consentgrant (id, recorded_at, application_id, provider_id, sections, for_purpose,"
    " granted_on, until, language, wording_version)"
    " VALUES (%s, now(), %s, %s, '{work}', 'legal_help', current_date, current_date + %s, 'es', '1')"
)


def test_180_days_are_allowed_and_the_database_refuses_more_whatever_the_code_says(team, ana):
    assert shares(ana, team, "work", until=TODAY + timedelta(days=180))
    with as_worker(ana.application_id):
        do(INSERT_GRANT, uuid4(), ana.application_id, team.provider_id, 180)
    with pytest.raises(IntegrityError, match="180_days"), as_worker(ana.application_id):
        do(INSERT_GRANT, uuid4(), ana.application_id, team.provider_id, 181)


def test_a_provider_cannot_give_itself_consent(team: LegalTeam, ana: WorkerSession):
    with pytest.raises(ProgrammingError, match="row-level security"), as_provider(team.provider_id):
        do(INSERT_GRANT, uuid4(), ana.application_id, team.provider_id, 30)


def test_a_section_key_belongs_to_its_own_consent(team: LegalTeam, ana: WorkerSession):
    shares(ana, team, "work")
    chen = new_worker()
    hers = shares(chen, team, "work")
    insert = (
        "INSERT INTO vault_sectionkey (id, recorded_at, application_id, provider_id, grant_id, section,"
        " team_key_id, sealed_key) VALUES (%s, now(), %s, %s, %s, 'family', %s, '')"
    )
    with as_worker(ana.application_id):
        team_key_id, _ = keys.team_public_key(team.provider_id)
    with pytest.raises(IntegrityError), as_worker(ana.application_id):
        do(insert, uuid4(), ana.application_id, team.provider_id, hers.id, team_key_id)


def test_consent_is_for_one_purpose(team: LegalTeam, ana: WorkerSession):
    shares(ana, team, "work", purpose="wage_claim")
    with pytest.raises(access.Refused) as refused:
        reads(team.alice, ana)
    assert refused.value.why == "other_purpose"


def test_a_provider_without_a_legal_team_gets_no_consent_and_nothing_is_left_of_it(
    team: LegalTeam, ana: WorkerSession
):
    with pytest.raises(keys.NoTeamKey):
        shares(ana, replace(team, provider_id=uuid4()), "work")
    with as_worker(ana.application_id):
        assert consent.given(ana.application_id) == ()


def test_each_party_sees_the_consents_that_concern_it(
    team: LegalTeam, own_team: LegalTeam, ana: WorkerSession
):
    to_team, to_other = shares(ana, team, "work"), shares(ana, own_team, "family")
    with as_worker(ana.application_id):
        assert {grant.id for grant in consent.given(ana.application_id)} == {to_team.id, to_other.id}
    with as_provider(team.provider_id):
        assert consent.given(ana.application_id) == (to_team,)
        live = consent.live_grants(on=TODAY, provider_id=team.provider_id, application_id=ana.application_id)
        assert live == (to_team,)


def test_ana_can_ask_who_opened_her_file(team: LegalTeam, ana: WorkerSession):
    shares(ana, team, "work")
    reads(team.alice, ana)
    with pytest.raises(access.Refused):
        reads(team.olga, ana)
    with as_worker(ana.application_id):
        openings = consent.who_opened(ana.application_id)
    assert [(opening.act, opening.member_id, opening.sections, opening.reason) for opening in openings] == [
        ("refused", team.olga.member_id, ("work",), "review"),
        ("opened", team.alice.member_id, ("work",), "review"),
    ]
    assert {opening.provider_id for opening in openings} == {team.provider_id}
    with as_worker(new_worker().application_id):
        assert consent.who_opened(ana.application_id) == ()


def test_consent_and_its_withdrawal_stand_in_ana_s_own_log(team: LegalTeam, ana: WorkerSession):
    grant = shares(ana, team, "work")
    consent.withdraw(ana, grant.id, at=NOW)
    with as_worker(ana.application_id):
        found = rows("SELECT act, row_id, provider_id, sections FROM vault_accessevent ORDER BY sequence")
        assert audit.verify(audit.Chain("application", ana.application_id)).whole
    assert found == [
        ("granted", grant.id, team.provider_id, ["work"]),
        ("withdrawn", grant.id, team.provider_id, ["work"]),
    ]


def test_forgetting_destroys_every_key_of_an_application(team: LegalTeam, ana: WorkerSession):
    code = worker.issue_code(ana)
    shares(ana, team, "work")
    consent.forget(ana.application_id)
    with pytest.raises(worker.WrongCode):
        worker.open_code(code, client=f"forgotten {uuid4()}", at=NOW, expires_at=LATER)
    with pytest.raises(access.Refused):
        reads(team.alice, ana)
