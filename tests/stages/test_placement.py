"""Placing people with advocates and at clinic days, by hand and through the matcher."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

import threading
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from jornada.coalition.models import Provider
from jornada.coalition.services import enlist as enlist_member
from jornada.coalition.services import found_provider
from jornada.gateways.today import today
from jornada.intake.models import CaseFile
from jornada.placement import clinic, matching, referral, selectors
from jornada.placement.models import Appointment, ClinicDay
from jornada.triage import casefiles, services
from jornada.triage import selectors as triage
from jornada.triage.recorded import Proposed
from tests.stages.casework import Team, Worker, ana, make_team, new_worker, shares, team, with_capacity  # noqa: F401
from tests.stages.staff import PASSWORD, Enlist, Person, cheap_passwords, enlist, riverbend  # noqa: F401

pytestmark = pytest.mark.django_db
TODAY = today()
SATURDAY = TODAY + timedelta(days=12)


def decided(team: Team, file: CaseFile, track: str = "representation", level: str = "ATTY") -> None:
    with team.opens(team.dana, file, TODAY) as opened:
        made = services.assess(opened=opened, by=team.dana.member)
        proposal = triage.read_assessment(opened, made).proposal
        wanted = Proposed(track, "", proposal.level_of_service, level)
        services.decide(
            opened=opened, assessment=made, decided=wanted, reason="Decided for this example of a placement.",
            by=team.dana.member,
        )  # fmt: skip


def saturday(team: Team, seats: int = 1, **said: Any) -> ClinicDay:
    with team.works(team.dana):
        return clinic.open_clinic_day(
            name="Winter clinic", held_on=SATURDAY, place="Parish hall", opens_at=time(9),
            closes_at=time(11), minutes_each=60, seats=seats, languages=["es"],
            supervised_by=team.dana.member, by=team.dana.member, **said,
        )  # fmt: skip


def books(team: Team, file: CaseFile, day: ClinicDay, at: time = time(9)) -> Appointment:
    with team.works(team.dana):
        return clinic.book(file=file, day=day, starts_at=at, by=team.dana.member, on=TODAY)


def bashir(team: Team) -> Worker:
    worker = new_worker("Bashir Haddad", TODAY)
    shares(worker, team.provider, TODAY)
    return worker


def test_nobody_is_placed_before_a_credentialed_member_decided(team: Team, ana: Worker) -> None:
    with team.works(team.dana), pytest.raises(referral.CannotPlace, match="Decide first"):
        referral.place(file=ana.file, advocate=team.dana.member, scope="full", by=team.dana.member, on=TODAY)


def test_an_advocate_without_a_verified_credential_gets_no_file(team: Team, ana: Worker) -> None:
    decided(team, ana.file)
    with team.works(team.dana), pytest.raises(referral.CannotPlace, match="Sofia has no verified credential"):
        referral.place(file=ana.file, advocate=team.sofia.member, scope="full", by=team.dana.member, on=TODAY)


def test_the_matcher_proposes_dana_with_reasons_and_accepting_it_places_the_file(
    team: Team, ana: Worker
) -> None:
    decided(team, ana.file)
    with team.works(team.dana):
        run = matching.run(files=casefiles.all_files(), on=TODAY, by=team.dana.member)
        (proposal,) = selectors.proposals(run)
        assert proposal.advocate_id == team.dana.member.id
        assert run.figures["proven"]
        keys = [reason["key"] for reason in selectors.read_reasons(ana.file, proposal)["reasons"]]
        assert keys[:2] == ["takes_full_scope", "speaks"]
        referral.place(
            file=ana.file,
            advocate=proposal.advocate,
            scope="full",
            by=team.dana.member,
            on=TODAY,
            proposal=proposal,
        )
        assert selectors.load(TODAY) == {team.dana.member.id: 1}
        assert matching.waiting(casefiles.all_files()) == []


def test_whoever_finds_no_place_hears_why_and_what_would_change_it(team: Team, ana: Worker) -> None:
    mateo = new_worker("Mateo Chub", TODAY)
    shares(mateo, team.provider, TODAY, spoken="mam")
    decided(team, mateo.file)
    with team.works(team.dana):
        run = matching.run(files=casefiles.all_files(), on=TODAY, by=team.dana.member)
        (proposal,) = selectors.proposals(run)
        assert proposal.advocate_id is None
        told = selectors.read_reasons(mateo.file, proposal)
    assert told["nearest"][0]["obstacles"][0]["key"] == "no_language"
    assert told["changes"][0] == {
        "key": "would_help.no_language",
        "values": {"source": str(team.dana.member.id), "rule": "R21-none", "languages": ["mam"]},
    }


def test_a_full_advocate_takes_nobody_more(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 1)
    decided(team, ana.file)
    second = bashir(team)
    decided(team, second.file)
    with team.works(team.dana):
        referral.place(file=ana.file, advocate=team.dana.member, scope="full", by=team.dana.member, on=TODAY)
        run = matching.run(files=casefiles.all_files(), on=TODAY, by=team.dana.member)
        (proposal,) = selectors.proposals(run)
        assert proposal.file_id == second.file.id
        assert proposal.advocate_id is None


def test_limited_scope_is_proposed_for_the_clinic_day(team: Team, ana: Worker) -> None:
    with_capacity(team.dana.member, 0)
    day = saturday(team)
    decided(team, ana.file, track="clinic", level="OK")
    with team.works(team.dana):
        (proposal,) = selectors.proposals(
            matching.run(files=casefiles.all_files(), on=TODAY, by=team.dana.member)
        )
        assert proposal.clinic_day_id == day.id


def test_the_second_person_for_the_last_seat_is_told_clearly_and_keeps_her_place_in_the_queue(
    team: Team, ana: Worker
) -> None:
    day, second = saturday(team), bashir(team)
    decided(team, ana.file, track="clinic")
    decided(team, second.file, track="clinic")
    assert books(team, ana.file, day).seat == 1
    with pytest.raises(clinic.CannotBook, match="last seat at 09:00 was just taken. Nothing is lost"):
        books(team, second.file, day)
    with team.works(team.dana):
        assert selectors.placement_in_force(second.file.id) is None
        assert selectors.free_times(day) == [(time(10), 1)]
    assert books(team, second.file, day, time(10)).starts_at == time(10)


@pytest.fixture
def enlist_anywhere() -> Enlist:
    """Committed for real, so at a provider of its own that no other test meets."""

    def make(name: str, role: str, at: Provider) -> Person:
        email = f"{name.lower()}@lakeside.example"
        member = enlist_member(
            provider_id=at.pk, email=email, display_name=name, role=role, password=PASSWORD
        )
        return Person(member, Client(), email)

    return make


@pytest.mark.django_db(transaction=True)
def test_two_who_book_at_the_same_moment_get_one_seat_each_or_a_clear_word(
    enlist_anywhere: Enlist,
) -> None:
    lakeside = found_provider(name="Lakeside Legal Aid", kind="legal_provider", gives_legal_help=True)
    team = make_team(lakeside, enlist_anywhere)
    day = saturday(team, seats=1)
    people = [bashir(team) for _ in range(2)]
    for person in people:
        decided(team, person.file, track="clinic")
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def book(file: CaseFile) -> None:
        try:
            ready.wait()
            with team.works(team.dana):
                clinic.book(file=file, day=day, starts_at=time(9), by=team.dana.member, on=TODAY)
            outcomes.append("booked")
        except clinic.CannotBook as wrong:
            outcomes.append(str(wrong))
        finally:
            connection.close()

    both = [threading.Thread(target=book, args=(person.file,)) for person in people]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(outcomes)[1] == "booked"
    assert "was just taken" in sorted(outcomes)[0]
    with team.works(team.dana):
        assert Appointment.objects.filter(clinic_day=day).count() == 1


def test_a_time_that_is_none_a_second_seat_for_one_file_and_a_past_day_are_refused(
    team: Team, ana: Worker
) -> None:
    day = saturday(team, seats=3)
    decided(team, ana.file, track="clinic")
    with pytest.raises(clinic.CannotBook, match="no appointments at 10:30"):
        books(team, ana.file, day, time(10, 30))
    books(team, ana.file, day)
    with pytest.raises(clinic.CannotBook, match="has an appointment"):
        books(team, ana.file, day, time(10))
    with team.works(team.dana), pytest.raises(clinic.CannotBook, match="is over"):
        clinic.book(file=ana.file, day=day, starts_at=time(9), by=team.dana.member, on=date(2030, 1, 1))
