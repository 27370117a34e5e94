"""Referrals that come back: Riverbend offers Ana's file to Sun Coast; links outside; conflicts; limited scope ended."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from jornada.coalition.models import Provider
from jornada.coalition.services import found_provider as founded
from jornada.domain import names
from jornada.gateways import letters, pdf
from jornada.gateways.today import today
from jornada.intake import selectors as intake
from jornada.intake import services as sharing
from jornada.intake import visits
from jornada.intake.models import CaseFile
from jornada.placement import conflicts, escalation, matching, referral, referrals, selectors
from jornada.placement.models import Referral
from jornada.tracking import selectors as tracking
from jornada.triage import casefiles
from jornada.triage import selectors as triage_selectors
from jornada.triage import services as triage
from jornada.triage.recorded import Proposed
from jornada.vault import keys
from jornada.vault.tenancy import as_provider, as_worker
from tests.stages.casework import (  # noqa: F401
    Team,
    Worker,
    make_team,
    new_worker,
    team,
    with_capacity,
)
from tests.stages.staff import Enlist, Person, cheap_passwords, enlist, riverbend, sun_coast  # noqa: F401

pytestmark = pytest.mark.django_db
TODAY = today()


@pytest.fixture
def coast(sun_coast: Provider, riverbend: Provider, enlist: Enlist) -> Team:
    """A second legal provider with a team of its own; both are on the coalition's list."""
    for one in (sun_coast, riverbend):
        with as_provider(one.id):
            one.listed = one.gives_legal_help = True
            one.save(update_fields=["listed", "gives_legal_help"])
    return make_team(sun_coast, lambda name, role, at: enlist(f"{name}-of-the-coast", role, at=at))


def shares_with(worker: Worker, team: Team, may_refer: bool = True) -> CaseFile:
    telling = sharing.Telling(worker.name, "+1 910 555 0100", "Duplin", "es", may_refer=may_refer)
    from jornada.gateways import packfiles

    pack = packfiles.load(worker.pack)
    sharing.share(
        worker.session, provider_id=team.provider.id, sections=pack.sections, until=TODAY + timedelta(days=90),
        telling=telling, language="es", wording_version=pack.fingerprint, on=TODAY,
    )  # fmt: skip
    with as_provider(team.provider.id):
        return CaseFile.objects.get(application_id=worker.application_id, provider_id=team.provider.id)


def decides(team: Team, file: CaseFile) -> None:
    with team.opens(team.dana, file, TODAY) as opened:
        triage.assess(opened=opened, by=team.dana.member)
        newest = triage_selectors.newest_assessment(file.id)
        proposal = triage_selectors.read_assessment(opened, newest).proposal
        triage.decide(
            opened=opened, assessment=newest, decided=proposal, reason="As proposed.", by=team.dana.member
        )


@pytest.fixture
def ana(team: Team) -> Worker:
    worker = new_worker("Ana Peña Ruiz", TODAY)
    worker.file = shares_with(worker, team)
    decides(team, worker.file)
    return worker


def offered(team: Team, coast: Team, ana: Worker, note: str = "Speaks in the evening only.") -> Referral:
    with team.works(team.dana):
        return referrals.offer(file=ana.file, to=coast.provider, note=note, by=team.dana.member, on=TODAY)


def now(team: Team, made: Referral) -> str:
    with team.works(team.dana):
        return selectors.referral_state(selectors.referral(made.pk), TODAY).now


# ── Offer and answer ──────────────────────────────────────────────────────────────────────────────────────


def test_the_whole_way_from_an_offer_to_an_outcome_that_comes_back(
    team: Team, coast: Team, ana: Worker
) -> None:
    made = offered(team, coast, ana)
    with coast.works(coast.dana):
        (received,), _ = selectors.referrals(coast.provider.id, TODAY)
        card = selectors.read_referral_card(selectors.referral_card(received.referral))
        assert (card["place"], card["languages"]) == ("Duplin", ["es"])
        assert "Peña" not in str(card)
        assert "910" not in str(card)
        referrals.accept(referral=received.referral, by=coast.dana.member, on=TODAY)
    with as_worker(ana.application_id):
        assert selectors.waiting_on_worker(ana.application_id, TODAY) == [
            (coast.provider.id, coast.provider.name)
        ]
    theirs = shares_with(ana, coast)
    assert now(team, made) == "shared"
    with coast.works(coast.dana):
        there = selectors.referral(made.pk)
        assert intake.file_with(there.application_id, coast.provider.id) == theirs
        referrals.contacted(referral=there, by=coast.dana.member, on=TODAY)
        referrals.close(referral=there, outcome="represents", by=coast.dana.member, on=TODAY)
    with team.works(team.sofia):
        (state,) = selectors.referrals_of(ana.file.id, TODAY)
        assert [one.kind for one in state.steps] == ["accepted", "shared", "contacted", "outcome"]
        assert not state.open


def test_without_the_worker_s_word_nobody_else_is_asked(team: Team, coast: Team) -> None:
    bela = new_worker("Bela", TODAY)
    bela.file = shares_with(bela, team, may_refer=False)
    decides(team, bela.file)
    with pytest.raises(referrals.CannotRefer, match="has not said that others may be asked"):
        offered(team, coast, bela)
    sharing.allow_referral(bela.session, file=bela.file, allowed=True)
    offered(team, coast, bela)


def test_a_question_turns_the_clock_and_the_answer_turns_it_back(
    team: Team, coast: Team, ana: Worker
) -> None:
    made = offered(team, coast, ana)
    with coast.works(coast.dana):
        referrals.ask(
            referral=selectors.referral(made.pk), question="deadline", by=coast.dana.member, on=TODAY
        )
    with team.works(team.dana):
        state = selectors.referral_state(selectors.referral(made.pk), TODAY)
        assert state.waits_on == "sender"
        referrals.answer(referral=state.referral, note="December 1.", by=team.dana.member, on=TODAY)
        assert selectors.referral_state(state.referral, TODAY).waits_on == "receiver"
    with coast.works(coast.dana):
        card = selectors.read_referral_card(selectors.referral_card(selectors.referral(made.pk)))
    assert card["answer"] == "December 1."


def test_an_offer_that_nobody_answers_is_late_after_three_working_days(
    team: Team, coast: Team, ana: Worker
) -> None:
    made = offered(team, coast, ana)
    with team.works(team.dana):
        there = selectors.referral(made.pk)
        assert not selectors.referral_state(there, made.answer_by).overdue
        assert selectors.referral_state(there, made.answer_by + timedelta(days=1)).overdue
    assert timedelta(days=3) <= made.answer_by - TODAY <= timedelta(days=7)


def test_a_decline_takes_a_reason_from_the_list_and_the_file_waits_for_a_match_again(
    team: Team, coast: Team, ana: Worker
) -> None:
    made = offered(team, coast, ana)
    with coast.works(coast.dana):
        with pytest.raises(referrals.CannotRefer, match="reason from the list"):
            referrals.decline(
                referral=selectors.referral(made.pk),
                reason="she talks too much",
                by=coast.dana.member,
                on=TODAY,
            )
        referrals.decline(
            referral=selectors.referral(made.pk), reason="no_place", by=coast.dana.member, on=TODAY
        )
    with team.works(team.dana):
        assert ana.file.id in [file.id for file, _ in matching.waiting(casefiles.all_files())]
    with coast.works(coast.dana), pytest.raises(referrals.CannotRefer, match="declined"):
        referrals.accept(referral=selectors.referral(made.pk), by=coast.dana.member, on=TODAY)


def test_taking_consent_back_closes_answers_at_once_and_shows_to_both(
    team: Team, coast: Team, ana: Worker
) -> None:
    made = offered(team, coast, ana)
    with coast.works(coast.dana):
        referrals.accept(referral=selectors.referral(made.pk), by=coast.dana.member, on=TODAY)
    shares_with(ana, coast)
    with as_worker(ana.application_id):
        grants = {one.provider_id: one.id for one in _grants(ana)}
    sharing.withdraw(ana.session, grant_id=grants[coast.provider.id], at=visits.now())
    for side in (team, coast):
        assert now(side, made) == "consent_ended"


def _grants(ana: Worker) -> Any:
    from jornada.vault import consent

    return consent.live_grants(on=TODAY, application_id=ana.application_id)


def test_a_third_organization_sees_neither_referral_nor_card(
    team: Team, coast: Team, ana: Worker, enlist: Enlist
) -> None:
    made = offered(team, coast, ana)
    third = founded(name="Third Legal Aid", kind="legal_provider", gives_legal_help=True)
    with as_provider(third.id):
        assert selectors.referral(made.pk) is None
        assert selectors.referrals(third.id, TODAY) == ([], [])


def test_one_may_not_offer_twice_to_the_same_nor_to_oneself(team: Team, coast: Team, ana: Worker) -> None:
    offered(team, coast, ana)
    with pytest.raises(referrals.CannotRefer, match="open already"):
        offered(team, coast, ana)
    with pytest.raises(referrals.CannotRefer, match="your own organization"):
        offered(team, team, ana)


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_both_sides_walk_it_on_their_pages(team: Team, coast: Team, ana: Worker) -> None:
    sofia, dana = team.sofia, coast.dana
    sofia.signs_in()
    page = sofia.client.get(f"/staff/files/{ana.file.id}/referrals").content.decode()
    assert coast.provider.name in page
    sent = sofia.client.post(
        f"/staff/files/{ana.file.id}/referrals", {"to": str(coast.provider.id), "note": "Works nights."}
    )
    assert sent.status_code == 302
    dana.signs_in()
    inbox = dana.client.get("/staff/referrals").content.decode()
    address = inbox.split('href="/staff/referrals/')[1].split('"')[0]
    page = unescape(dana.client.get(f"/staff/referrals/{address}").content.decode())
    assert "Works nights." in page
    assert "Ana" not in page
    assert dana.client.post(f"/staff/referrals/{address}", {"act": "accept"}).status_code == 302
    again = dana.client.post(f"/staff/referrals/{address}", {"act": "decline", "reason": "no_place"})
    assert again.status_code == 409
    ana.comes_in()
    status = unescape(ana.client.get("/es/mine/status").content.decode())
    assert f"{coast.provider.name} puede ayudarle" in status
    share = ana.client.get(f"/es/share?to={coast.provider.id}").content.decode()
    assert f'value="{coast.provider.id}" checked' in share


def test_on_her_own_page_she_lets_them_ask_others_or_no_longer(team: Team, ana: Worker) -> None:
    ana.comes_in()
    page = ana.client.get("/es/mine").content.decode()
    assert "Pueden preguntar a otros grupos" in page
    assert ana.client.post(f"/es/mine/asking/{ana.file.id}", {"allowed": "no"}).status_code == 302
    with team.works(team.dana):
        assert not intake.may_refer(ana.file)


# ── Outside the hub ───────────────────────────────────────────────────────────────────────────────────────


def linked(team: Team, ana: Worker) -> referrals.Link:
    with team.works(team.dana):
        return referrals.refer_outside(
            file=ana.file, organization="Elsewhere Legal", agreed_on=TODAY, need="Help with unpaid pay",
            by=team.dana.member, on=TODAY,
        )  # fmt: skip


def test_a_link_outside_opens_once_with_its_pin(team: Team, ana: Worker) -> None:
    link = linked(team, ana)
    visitor = Client()
    assert "PIN" in visitor.get(f"/r/{link.token}").content.decode()
    page = unescape(visitor.post(f"/r/{link.token}", {"pin": link.pin}).content.decode())
    assert "Ana Peña Ruiz" in page
    assert "Help with unpaid pay" in page
    assert visitor.post(f"/r/{link.token}", {"pin": link.pin}).status_code == 404
    with team.works(team.dana):
        (record,) = selectors.outside_referrals(ana.file.id)
        assert record.opened_at is not None
        assert record.sealed_page is None


def test_five_wrong_pins_close_it_and_each_is_counted(team: Team, ana: Worker) -> None:
    link = linked(team, ana)
    wrong = f"{(int(link.pin) + 1) % 10**6:06}"
    visitor = Client()
    answers = [visitor.post(f"/r/{link.token}", {"pin": wrong}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [404]
    assert visitor.post(f"/r/{link.token}", {"pin": link.pin}).status_code == 404


def test_a_link_ends_and_a_wrong_one_looks_like_one_that_ended(team: Team, ana: Worker) -> None:
    link = linked(team, ana)
    with pytest.raises(referrals.LinkClosed):
        referrals.open_outside(link.token, link.pin, TODAY + timedelta(days=15))
    with pytest.raises(referrals.LinkClosed):
        referrals.open_outside("no-such-token", "123456", TODAY)


def test_nobody_is_referred_outside_before_she_agreed(team: Team, ana: Worker) -> None:
    with team.works(team.dana), pytest.raises(referrals.CannotRefer, match="Ask her first"):
        referrals.refer_outside(
            file=ana.file, organization="Elsewhere", agreed_on=TODAY + timedelta(days=1), need="Help",
            by=team.dana.member, on=TODAY,
        )  # fmt: skip


# ── Conflicts, and the same person twice ──────────────────────────────────────────────────────────────────


def asks(team: Team, who: Person, file: CaseFile, *others: str) -> bool:
    with team.opens(who, file, TODAY) as opened:
        conflicts.check(opened=opened, others=others, by=who.member, on=TODAY)
        return conflicts.checks(opened)[0][1]


def test_the_foreman_whom_ana_names_is_another_organization_s_client(
    team: Team, coast: Team, ana: Worker
) -> None:
    assert asks(team, team.dana, ana.file) is False
    foreman = new_worker("Max Muster", TODAY, legal_name={"given": "Max", "family": "Muster"})
    shares_with(foreman, coast)
    assert asks(team, team.dana, ana.file, "Muster, Max") is True
    assert asks(team, team.dana, ana.file, "Marta Muster") is False


def test_the_worker_is_the_one_against_whom_somebody_else_stands(
    team: Team, coast: Team, ana: Worker
) -> None:
    other = new_worker("Lin", TODAY, jobs=[{"employer": "Ana Peña Ruiz", "state": "KS", "from": "2023"}])
    shares_with(other, coast)
    assert asks(team, team.dana, ana.file) is True


def test_only_an_attorney_asks(team: Team, ana: Worker) -> None:
    with pytest.raises(conflicts.CannotCheck, match="attorney"):
        asks(team, team.luis, ana.file, "Max Muster")


def test_the_same_name_at_two_organizations_has_two_indexes(team: Team, coast: Team) -> None:
    seen = {
        keys.blind(one.provider.id, "client_name", f"name {n}") for one in (team, coast) for n in range(5000)
    }
    assert len(seen) == 10_000
    with pytest.raises(ValueError, match="may have no blind index"):
        keys.blind(team.provider.id, "country", "Guatemala")


def test_two_files_of_one_person_are_found_by_telephone_and_a_stranger_is_not(
    team: Team, ana: Worker
) -> None:
    again = new_worker("Anita", TODAY, legal_name={"given": "Anita", "family": "Otra"})
    again.file = shares_with(again, team)
    stranger = new_worker("Bela", TODAY, legal_name={"given": "Bela", "family": "Otra"})
    telling = sharing.Telling("Bela", "+1 910 555 0199", "Duplin", "es")
    from jornada.gateways import packfiles

    sharing.share(
        stranger.session, provider_id=team.provider.id, sections=packfiles.load(stranger.pack).sections,
        until=TODAY + timedelta(days=30), telling=telling, language="es", wording_version="1", on=TODAY,
    )  # fmt: skip
    with team.works(team.dana):
        assert conflicts.same_person(ana.file) == [again.file]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Ana Peña Ruiz", "RUIZ, Ana", True),
        ("José Nguyễn", "jose nguyen", True),
        ("Blue Prairie Poultry, Inc.", "Blue Prairie Poultry", True),
        ("Ana Peña", "Ana Ruiz", False),
        ("Ana", "Ana", False),
        ("Walmart", "walmart inc", True),
    ],
)
def test_names_are_alike_without_order_accents_and_inc(one: str, other: str, alike: bool) -> None:
    assert bool(names.name_keys(one) & names.name_keys(other)) is alike


# ── Out of limited scope ──────────────────────────────────────────────────────────────────────────────────


def in_limited_scope(team: Team, ana: Worker) -> None:
    with team.works(team.dana):
        referral.place(
            file=ana.file, advocate=team.dana.member, scope="limited", by=team.dana.member, on=TODAY
        )


def test_a_new_danger_sign_ends_limited_scope_in_writing_and_asks_nothing_again(
    team: Team, ana: Worker
) -> None:
    in_limited_scope(team, ana)
    before = ana_says(ana)
    ana.says(TODAY, detained_now="yes")
    sharing.send_again(ana.session, on=TODAY)
    with team.opens(team.dana, ana.file, TODAY) as opened:
        triage.assess(opened=opened, by=team.dana.member)
        end = selectors.scope_end_of(ana.file.id)
        assert end is not None
        assert escalation.reason_of(opened, end)
        assert selectors.placement_in_force(ana.file.id) is None
        letter = letters.compose("scope_end", *escalation.letter(end, "Ana", team.provider, "es"))
    assert "No tiene que responder otra vez" in " ".join(" ".join(pdf.inspect(letter).text).split())
    with as_worker(ana.application_id):
        assert "scope_ended" in [one.key for one in tracking.notices(ana.application_id)]
    assert {**before, "detained_now": "yes"} == ana_says(ana)


def ana_says(ana: Worker) -> dict[str, Any]:
    from jornada.intake import drafts

    return dict(drafts.opened(ana.session).answers)


def test_the_file_then_seeks_full_scope_whatever_was_decided(team: Team, coast: Team, ana: Worker) -> None:
    with team.opens(team.dana, ana.file, TODAY) as opened:
        newest = triage_selectors.newest_assessment(ana.file.id)
        limited = Proposed("limited_scope", "", "limited_action", "ATTY")
        triage.decide(
            opened=opened, assessment=newest, decided=limited, reason="A part is enough.", by=team.dana.member
        )
    with_capacity(team.dana.member, 5, full_scope=False)
    with team.works(team.dana):
        (mine,) = [track for file, track in matching.waiting(casefiles.all_files()) if file.id == ana.file.id]
        assert matching.person(ana.file, mine, TODAY).need == "limited"
    in_limited_scope(team, ana)
    ana.says(TODAY, detained_now="yes")
    sharing.send_again(ana.session, on=TODAY)
    with team.opens(team.dana, ana.file, TODAY) as opened:
        triage.assess(opened=opened, by=team.dana.member)
        (mine,) = [track for file, track in matching.waiting(casefiles.all_files()) if file.id == ana.file.id]
        assert mine.track == "limited_scope", "nobody decided anew"
        assert matching.person(ana.file, mine, TODAY).need == "full"
        run = matching.run(files=casefiles.all_files(), on=TODAY, by=team.dana.member)
        (proposal,) = selectors.proposals(run)
        assert proposal.advocate_id is None, "Dana takes limited scope only"
        (near, *_) = selectors.read_reasons(ana.file, proposal)["nearest"]
        assert [one["key"] for one in near["obstacles"]] == ["needs_full_scope"]
        made = referrals.offer(file=ana.file, to=coast.provider, note="", by=team.dana.member, on=TODAY)
        assert made.scope == "full"


def test_without_danger_and_in_full_scope_nothing_ends(team: Team, ana: Worker) -> None:
    in_limited_scope(team, ana)
    with team.opens(team.dana, ana.file, TODAY) as opened:
        triage.assess(opened=opened, by=team.dana.member)
    with team.works(team.dana):
        assert selectors.scope_end_of(ana.file.id) is None
        assert selectors.placement_in_force(ana.file.id) is not None
