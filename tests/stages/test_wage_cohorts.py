"""A cohort of one kitchen: Ana, Bela and Chen came with the same code; Dina takes her consent back."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

import io
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from openpyxl import load_workbook

from jornada.disputes.models import Cohort, Employer, Worksite
from jornada.gateways import pdf
from jornada.gateways.today import today
from jornada.intake import services, visits
from jornada.packets import cohorts
from jornada.tracking import selectors as tracking
from jornada.vault import consent
from jornada.vault.tenancy import as_provider, as_worker
from tests.stages.casework import WAGES, Team, Worker, shares, team, wage_answers  # noqa: F401
from tests.stages.staff import Person, cheap_passwords, enlist, riverbend, sun_coast  # noqa: F401
from tests.stages.test_intake import Visitor

pytestmark = pytest.mark.django_db
TODAY = today()
KITCHEN = {"employer": "Sol Kitchen", "city": "Queens", "state": "NY", "from": "2025-01", "to": "2025-06"}


@pytest.fixture
def kitchen(team: Team) -> Cohort:
    with as_provider(team.provider.id):
        employer = Employer.objects.create(provider=team.provider, legal_name="Sol Kitchen LLC", shared=True)
        place = Worksite.objects.create(
            provider=team.provider, employer=employer, name="Front kitchen", street="1 Example Ave",
            city="Queens", state="NY", zip_code="11372", shared=True,
        )  # fmt: skip
        return Cohort.objects.create(
            provider=team.provider, employer=employer, worksite=place, name="Kitchen", shared=True
        )


def came(team: Team, kitchen: Cohort, name: str, **said: Any) -> Worker:
    session = services.start(
        pack=WAGES, language="es", on=TODAY, expires_at=visits.expiry(), cohort_id=kitchen.id
    )
    worker = Worker(session, name, pack=WAGES)
    legal = {"given": name, "family": "Muestra"}
    worker.says(TODAY, **wage_answers(legal_name=legal, jobs=[KITCHEN], **said))
    shares(worker, team.provider, TODAY)
    return worker


@pytest.fixture
def workers(team: Team, kitchen: Cohort) -> list[Worker]:
    return [
        came(team, kitchen, "Ana", share_for_letter="yes"),
        came(team, kitchen, "Bela", hours_how="length", hours_a_day="9-11", start_time=None, end_time=None),
        came(team, kitchen, "Chen", letter_safe="no"),
    ]


def asks(who: Person, kitchen: Cohort, act: str = "table") -> Any:
    who.signs_in()
    return who.client.post(f"/staff/cohorts/{kitchen.id}/claims", {"why": "preparing", "act": act})


def test_nothing_is_opened_before_a_reason_is_given(
    team: Team, kitchen: Cohort, workers: list[Worker]
) -> None:
    team.sofia.signs_in()
    page = team.sofia.client.get(f"/staff/cohorts/{kitchen.id}/claims").content.decode()
    assert "3 files of this cohort are wage claims" in page
    assert "Ana" not in page
    assert team.sofia.client.post(f"/staff/cohorts/{kitchen.id}/claims", {}).status_code == 422
    with team.works(team.dana):
        assert not [one for one in tracking.readings(workers[0].file) if one.act == "opened"]


def test_the_table_adds_up_and_every_opening_is_in_that_file_s_log(
    team: Team, kitchen: Cohort, workers: list[Worker]
) -> None:
    page = unescape(asks(team.sofia, kitchen).content.decode())
    with team.works(team.sofia) as held:
        found = cohorts.table(kitchen.id, held, "preparing", TODAY)
        low, high = found.totals
        ends = [one.ends for one in found.members if one.ends]
        assert (low, high) == (sum(one[0] for one in ends), sum(one[1] for one in ends))
        for worker in workers:
            assert ("opened", "preparing") in [
                (one.act, one.reason) for one in tracking.readings(worker.file)
            ]
    assert f"${low:,.2f}" in page
    assert f"${high:,.2f}" in page
    assert "3 of 3" in page


def test_a_worker_who_took_her_consent_back_is_in_no_sum_and_on_no_list(
    team: Team, kitchen: Cohort, workers: list[Worker]
) -> None:
    dina = came(team, kitchen, "Dina")
    with as_worker(dina.application_id):
        (grant,) = consent.live_grants(on=TODAY, application_id=dina.application_id)
    services.withdraw(dina.session, grant_id=grant.id, at=visits.now())
    page = unescape(asks(team.sofia, kitchen).content.decode())
    assert "3 of 3" in page
    assert "Dina" not in page


def test_one_letter_names_only_those_for_whom_it_is_safe(
    team: Team, kitchen: Cohort, workers: list[Worker]
) -> None:
    answer = asks(team.sofia, kitchen, "letter")
    assert answer.headers["Content-Type"] == "application/pdf"
    words = " ".join(" ".join(pdf.inspect(answer.content).text).split())
    assert "Ana Muestra" in words
    assert "Bela Muestra" in words
    assert "Chen" not in words
    assert "We ask you to pay each of us what is owed" in words


def test_a_letter_for_all_needs_two(team: Team, kitchen: Cohort) -> None:
    came(team, kitchen, "Ana")
    answer = asks(team.sofia, kitchen, "letter")
    assert answer.status_code == 422
    assert "needs two workers" in answer.content.decode()


def test_only_the_facts_of_those_who_agreed_go_to_an_agency_and_no_name_does(
    team: Team, kitchen: Cohort, workers: list[Worker]
) -> None:
    book = load_workbook(io.BytesIO(asks(team.sofia, kitchen, "statement").content))
    rows = list(book["Facts"].iter_rows(values_only=True))
    assert len(rows) == 2
    assert "Muestra" not in str(rows)
    facts = dict(zip(rows[0], rows[1], strict=True))
    assert facts["Employer, legal name"] == "Sol Kitchen LLC"
    assert (facts["From"], facts["To"]) == ("01/2025", "06/2025")
    assert "Overtime" in facts["What is wrong"]


def test_counsel_gets_every_claim_with_its_lines(team: Team, kitchen: Cohort, workers: list[Worker]) -> None:
    book = load_workbook(io.BytesIO(asks(team.sofia, kitchen, "counsel").content))
    assert book["Claims"].max_row == 4
    assert book["Lines"].max_row > 6


def test_another_organization_s_files_are_not_in_the_table(
    team: Team, kitchen: Cohort, workers: list[Worker], enlist: Any, sun_coast: Any
) -> None:
    stranger = enlist("Stella", "attorney", at=sun_coast)
    page = asks(stranger, kitchen).content.decode()
    assert "No wage claim of this cohort is at your organization" in page


def test_what_the_cohort_knows_is_filled_in_for_the_worker_to_confirm(team: Team, kitchen: Cohort) -> None:
    ana = Visitor()
    ana.starts(topic=WAGES, query=f"?j={kitchen.join_code}")
    assert 'value="Sol Kitchen LLC"' in ana.reads("q/P05")
    assert 'value="1 Example Ave"' in ana.reads("q/P08")
    assert "employer_legal" not in ana.said
    assert isinstance(kitchen.id, UUID)
    assert isinstance(ana.client, Client)
