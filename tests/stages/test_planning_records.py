"""A scenario drawn from the hub's own files, capacity and clinic days: counts that hide whom they count."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

from datetime import timedelta

import pytest

from jornada.domain.planning.hubrecords import TooFew
from jornada.gateways.today import today
from jornada.planning import records, scenarios, selectors
from jornada.vault import tenancy
from tests.stages.casework import Team, Worker, ana, new_worker, shares, team  # noqa: F401
from tests.stages.staff import Enlist, Person, cheap_passwords, enlist, riverbend  # noqa: F401
from tests.stages.test_placement import decided, saturday

pytestmark = pytest.mark.django_db


def test_three_files_are_told_as_five_and_nobody_is_named(team: Team, ana: Worker) -> None:
    for name, spoken in (("Bashir Haddad", "es"), ("Chen Wei", "zh")):
        shares(new_worker(name, today()), team.provider, today(), spoken=spoken)
    assert ana.file is not None
    decided(team, ana.file, level="COMPLEX")
    saturday(team, seats=3)
    with team.works(team.dana):
        text = records.draft("From our records", today())
        scenario = selectors.read(text)

    assert scenario.places == ("duplin",)
    assert scenario.figures["demand.workers_per_site"].sources[0].title == "hub records, 1 month"
    assert "about 5 people a month" in text
    assert scenario.plans["as_arranged"].units("clinic_day_small") == 1
    assert scenario.figures["regions.duplin.has.attorney_time"].mid > 0
    for name in ("Ana", "Peña", "Bashir", "Haddad", "Chen", "Wei"):
        assert name not in text


def test_another_providers_files_are_not_counted(team: Team, enlist: Enlist) -> None:
    from jornada.coalition.services import found_provider

    other = found_provider(name="Hillside", kind="legal_provider", gives_legal_help=True)
    enlist("Omar", "attorney", at=other)
    shares(new_worker("Elif Demir", today()), other, today())

    with team.works(team.dana), pytest.raises(TooFew):
        records.draft("From our records", today())


def test_a_lead_draws_a_scenario_and_finds_every_number_marked(
    team: Team, ana: Worker, enlist: Enlist
) -> None:
    lena = enlist("Lena", "legal_supervisor")
    lena.signs_in()
    answer = lena.client.post("/staff/plans/draw", {"draft_title": "Next year"})
    page = lena.reads(answer.headers["Location"])

    assert "Next year" in page
    assert "hub records, 1 month" in page
    with tenancy.as_provider(lena.member.provider_id):
        (record,) = selectors.scenarios()
        assert record.origin == "hub records"
        assert scenarios.faults_of(selectors.newest(record).text) == []
    assert "hub records, 1 month" in lena.reads(f"/staff/plans/{record.pk}/")


def test_months_are_counted_from_when_files_came(team: Team, ana: Worker) -> None:
    with team.works(team.dana):
        found = records.counted(today() + timedelta(days=65))

    assert len(found.months) in (2, 3)
    assert sum(found.by_month.values()) == 1
