"""The matcher with people around it: kept and rejected pairs, partners, what-ifs, expected cases, and its pages."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from jornada.gateways.today import today
from jornada.placement import matching, pairs, partners, referrals, selectors, told, whatif
from jornada.placement.models import MatchRun, PairDecision, PartnerTerms, Proposal
from jornada.placement.whatif import Supposed
from jornada.triage import casefiles
from tests.stages.casework import Team, Worker, new_worker, team, with_capacity  # noqa: F401
from tests.stages.staff import Enlist, cheap_passwords, enlist, riverbend, sun_coast  # noqa: F401
from tests.stages.test_placement import decided
from tests.stages.test_referrals import coast, shares_with  # noqa: F401

pytestmark = pytest.mark.django_db
TODAY = today()
NEXT_MONTH = TODAY + timedelta(days=30)
LANGUAGES = ("en", "es", "mam")


def arrives(
    team: Team, name: str, may_refer: bool = True, track: str = "representation", **said: Any
) -> Worker:
    """A worker who shares with Riverbend, whose file is decided."""
    worker = new_worker(name, TODAY, **said)
    worker.file = shares_with(worker, team, may_refer)
    decided(team, worker.file, track=track)
    return worker


@pytest.fixture
def ana(team: Team) -> Worker:
    return arrives(team, "Ana Peña Ruiz")


def matches(team: Team) -> MatchRun:
    """A run of the matcher by Dana. Inside her transaction."""
    return matching.run(files=casefiles.all_files(), on=TODAY, by=team.dana.member)


def proposed(run: MatchRun) -> dict[str, str]:
    """Who is proposed for whom, by the file's number."""
    return {str(one.file_id): one.source_id for one in selectors.proposals(run)}


def luis_too(team: Team) -> None:
    with_capacity(team.luis.member, 5)


def takes(coast: Team, files: int = 2, **said: Any) -> PartnerTerms:
    """Sun Coast says what it takes from others."""
    terms = {
        "full_scope": True, "languages": ["es", "en"], "interpreter": "none", "places": [],
        "credentials": ["attorney"], "funding": ["none"], "recognized": "no", "charges_fees": "no", **said,
    }  # fmt: skip
    with coast.works(coast.dana):
        return partners.set_terms(by=coast.dana.member, on=TODAY, files_a_week=files, **terms)


def test_whoever_has_a_place_is_told_who_would_come_next_and_why_not_first(team: Team, ana: Worker) -> None:
    luis_too(team)
    with team.works(team.dana):
        (line,) = told.proposals(selectors.proposals(matches(team)))
    assert line["source"] == str(team.dana.member.id)
    (other,) = line["alternatives"]
    assert other["name"] == "Luis (English, Spanish)"
    assert other["obstacles"] == [] or "complex" in other["obstacles"][0]


# ── Kept and rejected ─────────────────────────────────────────────────────────────────────────────────────


def test_a_kept_pair_stays_when_somebody_before_her_comes(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 1)
    with team.works(team.dana):
        matches(team)
        kept = pairs.keep(proposal=selectors.proposal_for(ana.file.id), by=team.dana.member, on=TODAY)
    bashir = arrives(team, "Bashir Haddad")
    decided(team, bashir.file, level="COMPLEX")
    with team.works(team.dana):
        assert proposed(matches(team)) == {
            str(ana.file.id): str(team.dana.member.id),
            str(bashir.file.id): "",
        }
        pairs.undo(decision=kept, by=team.dana.member, on=TODAY)
        assert proposed(matches(team)) == {
            str(ana.file.id): "",
            str(bashir.file.id): str(team.dana.member.id),
        }


def test_a_rejected_pair_is_not_proposed_before_the_day_and_the_next_source_is(
    team: Team, ana: Worker
) -> None:
    with team.works(team.dana):
        matches(team)
        no = pairs.reject(
            proposal=selectors.proposal_for(ana.file.id), reason="worker_asked", until=NEXT_MONTH, note="",
            by=team.dana.member, on=TODAY,
        )  # fmt: skip
        run = matches(team)
        assert proposed(run) == {str(ana.file.id): ""}
        (line,) = told.proposals(selectors.proposals(run))
        (near,) = line["nearest"]
        assert near["obstacles"] == [f"Dana said not to propose this again before {NEXT_MONTH}"]
        assert [one["text"] for one in line["changes"]] == ["if that decision were taken back"]
        assert selectors.pair_decisions(NEXT_MONTH) == []
        pairs.undo(decision=no, by=team.dana.member, on=TODAY)
        assert proposed(matches(team)) == {str(ana.file.id): str(team.dana.member.id)}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"reason": "dislike"}, "from the list"),
        ({"reason": "other"}, "Write the reason"),
        ({"until": TODAY}, "after today"),
        ({"until": TODAY + timedelta(days=800)}, "within a year"),
        ({"until": None}, "Give the day"),
    ],
)
def test_a_rejection_needs_a_reason_and_an_end(
    team: Team, ana: Worker, said: dict[str, Any], wrong: str
) -> None:
    with team.works(team.dana):
        matches(team)
        proposal = selectors.proposal_for(ana.file.id)
        usual = {"reason": "workload", "until": NEXT_MONTH, "note": ""}
        with pytest.raises(pairs.CannotDecide, match=wrong):
            pairs.reject(proposal=proposal, by=team.dana.member, on=TODAY, **{**usual, **said})
        assert selectors.pair_decisions(TODAY) == []


def test_nothing_is_kept_twice_taken_back_twice_or_kept_with_nobody(team: Team, ana: Worker) -> None:
    with team.works(team.dana):
        matches(team)
        kept = pairs.keep(proposal=selectors.proposal_for(ana.file.id), by=team.dana.member, on=TODAY)
        with pytest.raises(pairs.CannotDecide, match="kept already"):
            pairs.keep(proposal=selectors.proposal_for(ana.file.id), by=team.dana.member, on=TODAY)
        pairs.undo(decision=kept, by=team.dana.member, on=TODAY)
        with pytest.raises(pairs.CannotDecide, match="already"):
            pairs.undo(decision=kept, by=team.dana.member, on=TODAY)
    with_capacity(team.dana.member, 0)
    with team.works(team.dana):
        matches(team)
        with pytest.raises(pairs.CannotDecide, match="names nobody"):
            pairs.keep(proposal=selectors.proposal_for(ana.file.id), by=team.dana.member, on=TODAY)


def test_a_kept_pair_that_is_no_longer_possible_is_let_go_and_told(team: Team, ana: Worker) -> None:
    with team.works(team.dana):
        matches(team)
        pairs.keep(proposal=selectors.proposal_for(ana.file.id), by=team.dana.member, on=TODAY)
    with_capacity(team.dana.member, 0)
    with team.works(team.dana):
        run = matches(team)
        assert proposed(run) == {str(ana.file.id): ""}
        (gone,) = told.run(run)["let_go"]
        assert gone["file"] == ana.file
        assert gone["name"].startswith("Dana")


def test_another_provider_sees_no_decision_and_nobody_alters_one(
    team: Team, coast: Team, ana: Worker
) -> None:
    with team.works(team.dana):
        matches(team)
        pairs.keep(proposal=selectors.proposal_for(ana.file.id), by=team.dana.member, on=TODAY)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            PairDecision.objects.update(kind="reject")
    with coast.works(coast.dana):
        assert selectors.pair_decisions(TODAY) == []


def test_the_database_takes_no_pair_without_a_source_and_no_rejection_without_an_end(
    team: Team, ana: Worker
) -> None:
    usual = {"file": ana.file, "decided_by": team.dana.member, "decided_on": TODAY, "provider": team.provider}
    with team.works(team.dana):
        for wrong in (
            {"kind": "keep"},
            {"kind": "keep", "advocate": team.dana.member, "partner": team.provider},
            {"kind": "reject", "advocate": team.dana.member, "reason": "workload"},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                PairDecision.objects.create(**usual, **wrong)


# ── Partners ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_partner_with_places_is_proposed_and_offered_to(team: Team, coast: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 0)
    takes(coast)
    with team.works(team.dana):
        assert proposed(matches(team)) == {str(ana.file.id): str(coast.provider.id)}
        made = referrals.offer(file=ana.file, to=coast.provider, note="", by=team.dana.member, on=TODAY)
        assert matching.waiting(casefiles.all_files()) == []
    with coast.works(coast.dana):
        referrals.decline(referral=made, reason="no_place", by=coast.dana.member, on=TODAY)
    with team.works(team.dana):
        run = matches(team)
        assert proposed(run) == {str(ana.file.id): ""}, (
            "declined: waits again, and is not offered there again"
        )
        (line,) = told.proposals(selectors.proposals(run))
        near = {one["name"]: one["obstacles"] for one in line["nearest"]}
        assert near["Sun Coast Workers"] == [f"declined this file on {TODAY}"]
        assert "Sun Coast Workers" not in [one["name"] for one in line["changes"]]


def test_without_the_worker_s_word_no_partner_is_proposed(team: Team, coast: Team) -> None:
    with_capacity(team.dana.member, 0)
    takes(coast)
    chen = arrives(team, "Chen Wei", may_refer=False)
    with team.works(team.dana):
        run = matches(team)
        assert proposed(run) == {str(chen.file.id): ""}
        (line,) = told.proposals(selectors.proposals(run))
        near = {one["name"]: one["obstacles"] for one in line["nearest"]}
        assert near["Sun Coast Workers"] == ["the worker has not said that others may be asked"]
        changes = {one["name"]: one["text"] for one in line["changes"]}
        assert changes["Sun Coast Workers"] == "if the worker let you ask others"


def test_a_week_s_places_are_counted_over_all_who_offer_without_showing_whose(
    team: Team, coast: Team, ana: Worker
) -> None:
    with_capacity(team.dana.member, 0)
    takes(coast, files=1)
    bashir = arrives(team, "Bashir Haddad")
    with team.works(team.dana):
        referrals.offer(file=ana.file, to=coast.provider, note="", by=team.dana.member, on=TODAY)
        assert proposed(matches(team)) == {str(bashir.file.id): ""}
        assert selectors.offered_since(TODAY) == {coast.provider.id: 1}
        assert selectors.offered_since(TODAY + timedelta(days=1)) == {}


def test_a_partner_whose_money_is_of_the_lsc_says_what_must_be_asked(
    team: Team, coast: Team, ana: Worker
) -> None:
    with_capacity(team.dana.member, 0)
    takes(coast, funding=["lsc"])
    with team.works(team.dana):
        (line,) = told.proposals(selectors.proposals(matches(team)))
    assert line["source"] == str(coast.provider.id)
    assert any("Legal Services Corporation" in flag for flag in line["flags"])


def test_a_file_whose_outcome_is_that_another_takes_it_waits_no_more(
    team: Team, coast: Team, ana: Worker
) -> None:
    with team.works(team.dana):
        made = referrals.offer(file=ana.file, to=coast.provider, note="", by=team.dana.member, on=TODAY)
    with coast.works(coast.dana):
        referrals.accept(referral=made, by=coast.dana.member, on=TODAY)
        referrals.close(referral=made, outcome="advice_given", by=coast.dana.member, on=TODAY)
    with team.works(team.dana):
        assert [file for file, _ in matching.waiting(casefiles.all_files())] == [ana.file], (
            "she needs full scope"
        )
        again = referrals.offer(file=ana.file, to=coast.provider, note="", by=team.dana.member, on=TODAY)
    with coast.works(coast.dana):
        referrals.accept(referral=again, by=coast.dana.member, on=TODAY)
        referrals.close(referral=again, outcome="represents", by=coast.dana.member, on=TODAY)
    with team.works(team.dana):
        assert matching.waiting(casefiles.all_files()) == []


# ── What if, and what is expected ─────────────────────────────────────────────────────────────────────────


def test_a_what_if_shows_who_is_gained_and_stores_nothing_until_it_is_adopted(
    team: Team, ana: Worker
) -> None:
    with_capacity(team.dana.member, 1)
    bashir = arrives(team, "Bashir Haddad")
    dana = str(team.dana.member.id)
    with team.works(team.dana):
        gathered = matching.gather(casefiles.all_files(), TODAY, team.provider.id)
        supposed = whatif.read({f"seats-{dana}": "2"}, gathered.given, LANGUAGES)
        assert supposed == [Supposed("seats", dana, "2")]
        both = told.side_by_side(whatif.compare(gathered, supposed, TODAY), supposed)
        assert [one["file"] for one in both["gained"]] in ([ana.file], [bashir.file])
        assert (both["lost"], both["changes"]) == ([], ["Dana (English, Spanish) has 2 places"])
        assert both["aims"][2]["now"]["value"] + 1 == both["aims"][2]["then"]["value"] == 2
        assert (MatchRun.objects.count(), Proposal.objects.count()) == (0, 0)
        run = whatif.adopt(gathered, supposed, by=team.dana.member, on=TODAY)
        assert proposed(run) == {str(ana.file.id): dana, str(bashir.file.id): dana}
        assert told.run(run)["supposed"] == ["Dana (English, Spanish) has 2 places"]


def test_a_source_left_out_loses_whom_it_had_and_a_language_more_reaches_mateo(
    team: Team, ana: Worker
) -> None:
    luis_too(team)
    dana = str(team.dana.member.id)
    mateo = new_worker("Mateo Chub", TODAY)
    from tests.stages.casework import shares

    shares(mateo, team.provider, TODAY, spoken="mam")
    decided(team, mateo.file)
    with team.works(team.dana):
        gathered = matching.gather(casefiles.all_files(), TODAY, team.provider.id)
        out = [Supposed("without", dana), Supposed("without", str(team.luis.member.id))]
        both = told.side_by_side(whatif.compare(gathered, out, TODAY), out)
        assert [one["file"] for one in both["lost"]] == [ana.file]
        mam = whatif.read({f"speaks-{dana}": "mam", f"seats-{dana}": "many"}, gathered.given, LANGUAGES)
        both = told.side_by_side(whatif.compare(gathered, mam, TODAY), mam)
        assert [one["file"] for one in both["gained"]] == [mateo.file]


def test_what_cannot_be_supposed_is_passed_over(team: Team, ana: Worker) -> None:
    dana = str(team.dana.member.id)
    with team.works(team.dana):
        given = matching.gather(casefiles.all_files(), TODAY, team.provider.id).given
        said = {f"seats-{dana}": "5", f"speaks-{dana}": "es", "without-nobody": "on", "seats-x": "3"}
        assert whatif.read(said, given, LANGUAGES) == []
        assert whatif.read({f"seats-{dana}": "9999", f"speaks-{dana}": "tlh"}, given, LANGUAGES) == []


def expect_cases(team: Team, mean: int = 3) -> None:
    """Complex files of a plant that closes. Inside Dana's transaction."""
    partners.expect(
        title="the plant that closes", scope="full", level="COMPLEX", languages=["es"], place="", mean=mean,
        first_on=TODAY + timedelta(days=3), last_on=TODAY + timedelta(days=20), by=team.dana.member,
    )  # fmt: skip


def test_two_expectations_of_the_same_name_are_told_apart(team: Team, ana: Worker) -> None:
    with team.works(team.dana):
        expect_cases(team)
        expect_cases(team)
        held = told.run(matches(team))["held"]
    assert {one["expected"] for one in held} <= {"the plant that closes", "the plant that closes (2)"}


def test_places_are_held_for_harder_cases_and_the_run_says_what_that_brings(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 2)
    arrives(team, "Bashir Haddad")
    with team.works(team.dana):
        assert told.run(matches(team))["compared"] == []
        expect_cases(team)
        run = matches(team)
        shown = told.run(run)
        (held,) = shown["held"]
        assert (held["expected"], held["name"]) == ("the plant that closes", "Dana (English, Spanish)")
        assert sum(bool(one) for one in proposed(run).values()) == 2 - held["places"]
        assert not shown["idle"]
        by_policy = {one["words"]: one["spreads"] for one in shown["compared"]}
        assert by_policy["none: first come"][1][0] < by_policy["as proposed"][1][0], "complex files placed"


def test_with_cases_expected_a_rejected_pair_still_hears_that_it_can_be_taken_back(
    team: Team, ana: Worker
) -> None:
    with team.works(team.dana):
        expect_cases(team, mean=1)
        matches(team)
        pairs.reject(
            proposal=selectors.proposal_for(ana.file.id), reason="workload", until=NEXT_MONTH, note="",
            by=team.dana.member, on=TODAY,
        )  # fmt: skip
        (line,) = told.proposals(selectors.proposals(matches(team)))
    assert [one["text"] for one in line["changes"]] == ["if that decision were taken back"]


def test_the_run_keeps_aims_with_proof_prices_in_words_seed_and_fingerprint(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 1)
    arrives(team, "Bashir Haddad")
    with team.works(team.dana):
        run = matching.run(files=casefiles.all_files(), on=TODAY, by=team.dana.member, seed=7)
        shown = told.run(run)
    assert (run.seed, run.figures["fingerprint"]) == (7, matching.restrictions().fingerprint)
    assert [one["title"] for one in shown["aims"]][2] == "As many people as can be are served"
    assert {one["proof"] for one in shown["aims"]} == {"proven best"}
    assert shown["prices"][0] == (
        "one more place with Dana (English, Spanish) would serve 1 person more (complex: 0, near a deadline: 0)"
    )


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────────────


def page(client: Client, path: str, **said: Any) -> str:
    found = client.post(path, said, follow=True) if said else client.get(path)
    assert found.status_code in (200, 409, 422), found.status_code
    return " ".join(unescape(found.content.decode()).split())


def test_the_matches_page_says_why_what_to_settle_and_what_more_would_bring(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 1)
    bashir = arrives(team, "Bashir Haddad")
    team.dana.signs_in()
    client = team.dana.client
    assert "has not run yet" in page(client, "/staff/matches")
    shown = page(client, "/staff/matches", seed="3")
    for words in (
        "takes full-scope files",
        "Seed 3",
        "What more would bring",
        "proven best",
        "fits, but has no place",
    ):
        assert words in shown
    with team.works(team.dana):
        (first,) = [one.file for one in selectors.proposals(selectors.newest_run()) if one.advocate_id]
    assert first in (ana.file, bashir.file)
    at = f"/staff/files/{first.id}/pair"
    assert "Kept: later runs" in page(client, at, act="keep")
    assert "kept" in page(client, "/staff/matches")
    assert "kept already" in page(client, at, act="keep")
    assert "There is something to fix" in page(client, at, act="reject", reason="workload", until="soon")
    assert "Not proposed again before" in page(
        client, at, act="reject", reason="workload", until=str(NEXT_MONTH)
    )
    shown = page(client, "/staff/matches")
    assert "1 decision since this run" in shown
    assert "too much other work there now" in shown
    with team.works(team.dana):
        (decision,) = selectors.pair_decisions(TODAY, first.id)
    assert "Taken back" in page(client, at, act="undo", decision=str(decision.id))
    assert "no such decision" in page(client, at, act="undo", decision=str(decision.id))


def test_the_what_if_page_compares_and_adopts(team: Team, ana: Worker) -> None:
    team.dana.signs_in()
    client, dana = team.dana.client, team.dana.member.id
    shown = page(client, f"/staff/matches/what-if?without-{dana}=on")
    assert "Lost: 1" in shown
    assert "Dana (English, Spanish) is left out" in shown
    with team.works(team.dana):
        assert selectors.newest_run() is None
    assert "takes for granted what is not the case" in page(
        client, "/staff/matches/what-if", **{f"without-{dana}": "on"}
    )


def test_past_the_last_day_of_the_aims_nothing_is_matched_and_the_page_says_so(
    team: Team, ana: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.dana.signs_in()
    monkeypatch.setattr("jornada.placement.match_views.today", lambda: date(2028, 1, 3))
    assert "Nothing was matched" in page(team.dana.client, "/staff/matches", seed="0")
    supposed = f"/staff/matches/what-if?without-{team.dana.member.id}=on"
    assert "Nothing was matched" in page(team.dana.client, supposed)


def test_terms_and_expected_cases_are_kept_from_their_pages(team: Team, coast: Team, ana: Worker) -> None:
    takes(coast, files=4)
    team.dana.signs_in()
    client = team.dana.client
    assert "Sun Coast Workers" in page(client, "/staff/matches/partners")
    ours = "/staff/matches/partners/ours"
    assert "Say who would take the files" in page(client, ours, files_a_week="3")
    assert "Take out the tick" in page(client, ours, files_a_week="0", funding=["none", "lsc"])
    assert "Saved." in page(
        client, ours, files_a_week="3", credentials=["attorney"], funding=["lsc"], languages=["es"]
    )
    with coast.works(coast.dana):
        assert [one.provider for one in selectors.partners(coast.provider.id)] == [team.provider]
    cases = {
        "title": "plant closing", "mean": "4", "first_on": str(TODAY), "last_on": str(NEXT_MONTH), "scope": "full",
        "level": "COMPLEX",
    }  # fmt: skip
    at = "/staff/matches/expected"
    assert "must not come before" in page(
        client, at, **{**cases, "first_on": str(NEXT_MONTH + timedelta(days=1))}
    )
    assert "plant closing" in page(client, at, **cases)
    with team.works(team.dana):
        (one,) = selectors.expected(TODAY)
    assert "Nothing is expected" in page(client, at, ends=str(one.id))


def test_a_proposal_to_a_partner_is_offered_from_the_file_s_page(
    team: Team, coast: Team, ana: Worker
) -> None:
    with_capacity(team.dana.member, 0)
    takes(coast)
    team.dana.signs_in()
    page(team.dana.client, "/staff/matches", seed="0")
    assert "Offer to Sun Coast Workers" in page(team.dana.client, f"/staff/files/{ana.file.id}/placement")
    offered = page(team.dana.client, f"/staff/files/{ana.file.id}/referrals", to=str(coast.provider.id))
    assert "Offered to Sun Coast Workers" in offered
