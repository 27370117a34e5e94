"""Files under a supervisor: Chen, a student, and Farida, a graduate, work under Dana and count against her places."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jornada.coalition import services as coalition
from jornada.coalition.models import Member
from jornada.gateways.today import today
from jornada.placement import matching, referral, selectors, supervision, told
from jornada.triage import casefiles
from jornada.vault import tenancy
from tests.stages.casework import Team, Worker, ana, new_worker, shares, team, with_capacity  # noqa: F401
from tests.stages.staff import Enlist, cheap_passwords, enlist, riverbend  # noqa: F401
from tests.stages.test_placement import decided

pytestmark = pytest.mark.django_db
TODAY = today()


def under(team: Team, member: Member, supervisor: Member, kind: str = "student", files: int = 5) -> Member:
    """A member who works under the supervisor, by a credential that Dana and Luis verified, with so many places."""
    with team.works(team.dana):
        claimed = coalition.add_credential(
            by=team.dana.member, member=member, kind=kind, valid_from=date(2020, 1, 1), supervisor=supervisor
        )
        for verifier in (team.dana, team.luis):
            coalition.verify_credential(by=verifier.member, credential=claimed)
    with tenancy.as_provider(team.provider.id):
        member.languages = ["es"]
        member.save(update_fields=["languages"])
    with_capacity(member, files)
    return member


@pytest.fixture
def chen(team: Team, enlist: Enlist) -> Member:
    return under(team, enlist("Chen", "student").member, team.dana.member)


def lines(team: Team) -> dict[str, dict[str, Any]]:
    """The proposals of a new run in words, by file."""
    run = matching.run(files=casefiles.all_files(), on=TODAY, by=team.dana.member)
    return {str(one["record"].file_id): one for one in told.proposals(selectors.proposals(run))}


def workers(team: Team, ana: Worker, number: int) -> list[Worker]:
    """Ana and others whose files are decided and wait."""
    found = [ana]
    for name in ("Bashir Haddad", "Mateo López", "Tomás Ruiz")[: number - 1]:
        worker = new_worker(name, TODAY)
        shares(worker, team.provider, TODAY)
        found.append(worker)
    for worker in found:
        decided(team, worker.file)
    return found


def test_a_student_s_file_is_counted_with_her_supervisor_s(team: Team, ana: Worker, chen: Member) -> None:
    with_capacity(team.dana.member, 1)
    workers(team, ana, 1)
    with team.works(team.dana):
        referral.place(file=ana.file, advocate=chen, scope="limited", by=team.dana.member, on=TODAY)
        assert selectors.load(TODAY) == {chen.id: 1}
        given = matching.gather([], TODAY, team.provider.id).given
    (ceiling,) = [one for one in given.ceilings if one.id.startswith("supervisor:")]
    assert (ceiling.seats, ceiling.held) == (0, 1), "Chen's file is the one that Dana can answer for"
    student = next(one for one in given.sources if one.id == str(chen.id))
    assert student.facts["supervised_by"] == "attorney"
    assert student.within == ceiling.id == f"supervisor:{team.dana.member.id}"


def test_supervisor_and_student_together_are_proposed_no_more_than_the_supervisor_can_oversee(
    team: Team, ana: Worker, chen: Member
) -> None:
    with_capacity(team.dana.member, 2)
    workers(team, ana, 4)
    with team.works(team.dana):
        found = lines(team)
    assert sum(one["source"] in {str(team.dana.member.id), str(chen.id)} for one in found.values()) == 2
    assert sum(one["source"] == "" for one in found.values()) == 2


def test_a_supervisor_who_has_not_said_how_much_she_can_take_is_not_guessed(
    team: Team, ana: Worker, enlist: Enlist
) -> None:
    salma = enlist("Salma", "legal_supervisor").member
    with team.works(team.dana):
        claimed = coalition.add_credential(
            by=team.dana.member, member=salma, kind="attorney", valid_from=date(2020, 1, 1)
        )
        for verifier in (team.dana, team.luis):
            coalition.verify_credential(by=verifier.member, credential=claimed)
    with_capacity(team.dana.member, 0)
    farida = under(team, enlist("Farida", "student").member, salma, kind="graduate")
    workers(team, ana, 1)
    with team.works(team.dana):
        (line,) = lines(team).values()
    assert line["source"] == str(farida.id)
    assert "not yet known: how many files Salma, who supervises there, can oversee" in line["flags"]


def test_nobody_is_supervised_by_whom_the_records_do_not_let_sign(
    team: Team, ana: Worker, enlist: Enlist
) -> None:
    with_capacity(team.dana.member, 0)
    farida = under(team, enlist("Farida", "student").member, team.sofia.member, kind="graduate")
    workers(team, ana, 1)
    with team.works(team.dana):
        (line,) = lines(team).values()
        assert "not yet known: who supervises there and can sign off" in line["flags"]
        with pytest.raises(referral.CannotPlace, match="Farida works under a supervisor, and nobody"):
            referral.place(file=ana.file, advocate=farida, scope="limited", by=team.dana.member, on=TODAY)


def test_whoever_works_under_somebody_who_is_supervised_herself_counts_with_both(
    team: Team, enlist: Enlist
) -> None:
    tariq = under(
        team, enlist("Tariq", "accredited_representative").member, team.dana.member, "accredited_full", 3
    )
    chen = under(team, enlist("Chen", "student").member, tariq)
    with team.works(team.dana):
        ceilings = {one.id: one for one in matching.gather([], TODAY, team.provider.id).given.ceilings}
    over_dana, over_tariq = (supervision.ceiling_of(one.id) for one in (team.dana.member, tariq))
    assert ceilings[over_tariq].within == over_dana
    assert ceilings[over_dana].within == f"org:{team.provider.id}"
    assert (ceilings[over_dana].seats, ceilings[over_tariq].seats) == (5, 3)
    assert chen.id not in {team.dana.member.id, tariq.id}


def test_two_who_are_named_as_each_other_s_supervisor_do_not_stop_the_matcher(
    team: Team, ana: Worker, enlist: Enlist
) -> None:
    tariq = enlist("Tariq", "accredited_representative").member
    under(team, tariq, team.luis.member, "accredited_full", 3)
    with team.works(team.dana):
        for credential in team.luis.member.credentials.all():
            credential.supervisor = tariq
            credential.save(update_fields=["supervisor"])
    with_capacity(team.luis.member, 2)
    workers(team, ana, 1)
    with team.works(team.dana):
        (line,) = lines(team).values()
    assert line["source"]


def test_the_page_offers_a_student_under_her_supervisor_but_not_to_supervise_a_clinic_day(
    team: Team, ana: Worker, chen: Member
) -> None:
    workers(team, ana, 1)
    team.dana.signs_in()
    page = team.dana.reads(f"/staff/files/{ana.file.id}/placement")
    assert "Chen: 5 of 5 places free, full scope, under Dana" in page
    assert "Chen" not in team.dana.reads("/staff/clinic-days")
