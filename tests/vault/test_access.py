"""One door: every opening, refusal and failure leaves exactly one event, or nothing is shown (L1)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, connections, transaction

from jornada.vault import access, crypto, keys, worker
from jornada.vault.access import Refused
from jornada.vault.models import FileKey, SectionKey
from jornada.vault.tenancy import NoTenant, as_provider, as_worker
from jornada.vault.worker import WorkerSession
from tests.vault.cast import LATER, NOW, PURPOSE, TODAY, LegalTeam, do, rows, shares
from tests.vault.test_keys import reads


def events(team: LegalTeam, application_id: UUID) -> list[tuple]:
    """What the provider's own log says about an application."""
    with as_provider(team.provider_id):
        return rows(
            "SELECT act, about, member_id, sections, classes, reason, for_purpose, session"
            " FROM vault_accessevent WHERE kind = 'provider' AND application_id = %s ORDER BY sequence",
            application_id,
        )


def open_work(team: LegalTeam, ana: WorkerSession, **other):
    terms = {"reason": "review", "purpose": PURPOSE, "on": TODAY, **other}
    return access.open_sections(team.alice, ana.application_id, ["work"], **terms)


def test_an_opening_leaves_exactly_one_event_with_who_what_when_why_and_the_session(team, ana):
    shares(ana, team, "work", "family")
    reads(team.alice, ana, "work", "family")
    assert events(team, ana.application_id) == [
        (
            "opened",
            "answers",
            team.alice.member_id,
            ["family", "work"],
            ["P3"],
            "review",
            PURPOSE,
            team.alice.session,
        )
    ]


def test_as_many_events_as_openings(team: LegalTeam, ana: WorkerSession):
    shares(ana, team, "work")
    for _ in range(25):
        reads(team.alice, ana)
    assert len(events(team, ana.application_id)) == 25


def test_an_opening_whose_page_breaks_afterwards_showed_nothing_and_left_nothing(team, ana):
    shares(ana, team, "work")
    with pytest.raises(ZeroDivisionError), as_provider(team.provider_id, team.alice.member_id):
        open_work(team, ana)
        raise ZeroDivisionError("the page broke before the answer was sent")
    assert events(team, ana.application_id) == []


def test_a_refusal_leaves_exactly_one_event_although_it_rolls_the_page_back(team, ana):
    with pytest.raises(Refused), as_provider(team.provider_id, team.alice.member_id):
        open_work(team, ana)
    assert [event[:2] for event in events(team, ana.application_id)] == [("refused", "answers.no_consent")]


def test_a_refusal_that_the_page_handles_leaves_exactly_one_event_too(team, ana):
    with as_provider(team.provider_id, team.alice.member_id):
        with pytest.raises(Refused), transaction.atomic():
            open_work(team, ana)
        with as_provider(team.provider_id, team.alice.member_id):
            pass
    assert [event[0] for event in events(team, ana.application_id)] == ["refused"]


def test_three_refusals_in_one_page_are_three_events(team, ana):
    with as_provider(team.provider_id, team.alice.member_id):
        for _ in range(3):
            with pytest.raises(Refused):
                open_work(team, ana)
    assert [event[0] for event in events(team, ana.application_id)] == ["refused"] * 3


def test_an_organiser_of_the_same_provider_opens_nothing(team: LegalTeam, ana: WorkerSession):
    """A5: no copy of the team key, no sections, whatever route is taken."""
    shares(ana, team, "work")
    with pytest.raises(Refused) as refused:
        reads(team.olga, ana)
    assert refused.value.why == "not_in_team"
    with as_provider(team.provider_id, team.olga.member_id):
        row = SectionKey.objects.get(application_id=ana.application_id)
        assert keys.team_privates(team.olga) == {}
        with pytest.raises(crypto.SealBroken):
            crypto.open_sealed(team.olga.private, row.sealed_key, keys.section_place(row))


def test_another_provider_with_a_legal_team_of_its_own_opens_nothing(team, own_team, ana):
    shares(ana, team, "work")
    with pytest.raises(Refused) as refused:
        reads(own_team.alice, ana)
    assert refused.value.why == "no_consent"
    assert [event[0] for event in events(own_team, ana.application_id)] == ["refused"]
    assert events(team, ana.application_id) == []


def test_asking_for_no_section_is_refused(team: LegalTeam, ana: WorkerSession):
    shares(ana, team, "work")
    with pytest.raises(Refused), as_provider(team.provider_id, team.alice.member_id):
        access.open_sections(team.alice, ana.application_id, [], reason="review", purpose=PURPOSE, on=TODAY)


def test_a_day_after_the_end_is_refused_even_while_the_database_s_day_is_earlier(team, ana):
    shares(ana, team, "work")
    with pytest.raises(Refused), as_provider(team.provider_id, team.alice.member_id):
        open_work(team, ana, on=TODAY + timedelta(days=31))


@pytest.mark.parametrize("harm", ["altered", "swapped", "empty"])
def test_a_section_key_that_was_tampered_with_fails_closed_and_is_recorded(team, ana, harm):
    shares(ana, team, "work", "family")
    with as_provider(team.provider_id):
        work = SectionKey.objects.get(application_id=ana.application_id, section="work")
        family = SectionKey.objects.get(application_id=ana.application_id, section="family")
        sealed = {
            "altered": bytes(work.sealed_key)[:-1] + bytes([bytes(work.sealed_key)[-1] ^ 1]),
            "swapped": bytes(family.sealed_key),
            "empty": b"",
        }[harm]
        SectionKey.objects.filter(pk=work.pk).update(sealed_key=sealed)
    with pytest.raises(Refused) as refused:
        reads(team.alice, ana)
    assert refused.value.why == "seal_broken"
    assert [event[:2] for event in events(team, ana.application_id)] == [("failed", "answers.seal_broken")]


def test_when_the_log_cannot_be_written_nothing_is_opened(team: LegalTeam, ana: WorkerSession):
    shares(ana, team, "work")
    file_id = uuid4()
    with as_provider(team.provider_id, team.alice.member_id):
        keys.make_file_key(file_id, team.provider_id)
    handed_out: list[object] = []
    do("ALTER TABLE vault_accessevent RENAME TO vault_accessevent_broken", using="owner")
    try:
        for opening in (
            lambda: open_work(team, ana),
            lambda: access.open_file(team.alice, file_id, reason="review"),
        ):
            with pytest.raises(ProgrammingError), as_provider(team.provider_id, team.alice.member_id):
                handed_out.append(opening())
    finally:
        do("ALTER TABLE vault_accessevent_broken RENAME TO vault_accessevent", using="owner")
        connections["owner"].close()
    assert handed_out == []
    assert reads(team.alice, ana), "and with the log back, reading works again"


@pytest.mark.parametrize("typed", ["because her status changed", "A123", "ñandú"])
def test_a_reason_that_was_typed_is_refused_before_anything_is_opened(team, ana, typed):
    shares(ana, team, "work")
    with pytest.raises(ValueError, match="takes keys"), as_provider(team.provider_id, team.alice.member_id):
        open_work(team, ana, reason=typed)
    assert events(team, ana.application_id) == []


def test_keys_are_used_only_in_the_transaction_of_the_member_they_belong_to(team, own_team, ana):
    shares(ana, team, "work")
    with pytest.raises(NoTenant):
        open_work(team, ana)
    for tenant in (
        lambda: as_provider(team.provider_id, team.olga.member_id),
        lambda: as_provider(team.provider_id),
        lambda: as_provider(own_team.provider_id, team.alice.member_id),
        lambda: as_worker(ana.application_id),
    ):
        with pytest.raises(NoTenant), tenant():
            open_work(team, ana)


# ── Case files ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_team_opens_what_it_wrote_into_a_file_and_each_opening_is_recorded(team, ana):
    file_id = uuid4()
    with as_provider(team.provider_id, team.alice.member_id):
        key = keys.make_file_key(file_id, team.provider_id)
    with as_provider(team.provider_id, team.alice.member_id):
        opened = access.open_file(team.alice, file_id, reason="triage", application_id=ana.application_id)
    assert opened == key
    assert [event[:6] for event in events(team, ana.application_id)] == [
        ("opened", "file", team.alice.member_id, [], ["P3", "P4"], "triage")
    ]


def test_an_organiser_a_stranger_and_a_broken_seal_open_no_file(team, own_team, ana):
    file_id = uuid4()
    with as_provider(team.provider_id, team.alice.member_id):
        keys.make_file_key(file_id, team.provider_id)
    for by, why in ((team.olga, "not_in_team"), (own_team.alice, "no_such_file")):
        with pytest.raises(Refused) as refused, as_provider(by.provider_id, by.member_id):
            access.open_file(by, file_id, reason="triage", application_id=ana.application_id)
        assert refused.value.why == why
    with as_provider(team.provider_id):
        FileKey.objects.filter(file_id=file_id).update(sealed_key=b"\x02broken")
    with pytest.raises(Refused) as refused, as_provider(team.provider_id, team.alice.member_id):
        access.open_file(team.alice, file_id, reason="triage", application_id=ana.application_id)
    assert refused.value.why == "seal_broken"
    assert [event[:2] for event in events(team, ana.application_id)] == [
        ("refused", "file.not_in_team"), ("failed", "file.seal_broken")
    ]  # fmt: skip


# ── A lost code ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_provider_hands_a_worker_who_lost_her_code_what_she_had_shared_with_it(team, own_team, ana):
    lost = worker.issue_code(ana)
    shares(ana, team, "work", "contact")
    code = access.replace_lost_code(
        team.alice, ana.application_id, purpose=PURPOSE, on=TODAY, expires_at=LATER
    )
    somewhere = f"clinic {uuid4()}"
    with pytest.raises(worker.WrongCode):
        worker.open_code(lost, client=somewhere, at=NOW, expires_at=LATER)
    again = worker.open_code(code, client=somewhere, at=NOW, expires_at=LATER)
    assert again.key != ana.key
    assert again.section_key("work") == ana.section_key("work")
    assert again.section_key("family") != ana.section_key("family"), (
        "what was not shared cannot be handed back"
    )
    shares(again, own_team, "work")
    assert reads(own_team.alice, ana) == {"work": ana.section_key("work")}
    assert [event[5] for event in events(team, ana.application_id)] == ["lost_code"]


def test_a_provider_without_consent_cannot_replace_a_code(team: LegalTeam, ana: WorkerSession):
    code = worker.issue_code(ana)
    with pytest.raises(Refused):
        access.replace_lost_code(team.alice, ana.application_id, purpose=PURPOSE, on=TODAY, expires_at=LATER)
    assert worker.open_code(code, client=f"home {uuid4()}", at=NOW, expires_at=LATER) == ana
