"""The organisers' pages: their own projection, and sitting beside a worker."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from jornada.coalition.models import Provider
from jornada.gateways.today import today
from jornada.intake import selectors as intake
from jornada.intake import services
from jornada.intake.models import Application, OrganiserCard
from jornada.vault import keys, tenancy
from tests.stages.staff import Enlist, Person

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.stages.coalition_cast"]


@pytest.fixture
def marisol(enlist: Enlist, sun_coast: Provider) -> Person:
    person = enlist("Marisol", "organiser", at=sun_coast)
    person.signs_in()
    return person


def shows_herself_to(provider: Provider, until: date, **chosen: str) -> UUID:
    """A worker lets this provider's organisers know of her, with these fields only."""
    worker = uuid4()
    with tenancy.as_worker(worker):
        begin(worker)
        card = OrganiserCard(id=uuid4(), provider_id=provider.pk, application_id=worker, until=until)
        card.sealed_card = keys.seal_p2(provider.pk, chosen, intake.organiser_place(card))
        card.save(force_insert=True)
    return worker


def begin(worker: UUID) -> None:
    Application(id=worker, pack="us-labor-deferred-action", language="es", last_saved_on=today()).save(
        force_insert=True
    )


def test_an_organiser_sees_the_fields_that_the_worker_chose_and_no_others(
    marisol: Person, sun_coast: Provider
) -> None:
    shows_herself_to(sun_coast, today() + timedelta(days=30), name="Ana P.", language="es")

    page = marisol.reads("/staff/organiser/")

    assert "Ana P." in page
    assert "Spanish" in page
    assert "not shown" in page


def test_after_the_workers_last_day_she_is_not_shown(marisol: Person, sun_coast: Provider) -> None:
    shows_herself_to(sun_coast, today(), name="Ana P.")
    shows_herself_to(sun_coast, today() - timedelta(days=1), name="Bashir K.")

    page = marisol.reads("/staff/organiser/")

    assert "Ana P." in page
    assert "Bashir K." not in page


def test_a_card_for_one_worker_center_is_not_anothers(
    marisol: Person, enlist: Enlist, riverbend: Provider
) -> None:
    shows_herself_to(riverbend, today() + timedelta(days=30), name="Ana P.")

    assert "Ana P." not in marisol.reads("/staff/organiser/")


def test_a_later_word_stands_beside_the_worker(marisol: Person, sun_coast: Provider) -> None:
    worker = shows_herself_to(sun_coast, today() + timedelta(days=30), name="Ana P.")
    with tenancy.as_worker(worker):
        told = {"day": "Saturday, December 5", "place": "Union hall"}
        services.tell_organiser(
            provider_id=sun_coast.pk,
            application_id=worker,
            kind="appointment",
            told=told,
            bring=["pay stubs"],
        )

    page = marisol.reads("/staff/organiser/")

    assert "Saturday, December 5 · Union hall" in page
    assert "bring: pay stubs" in page


@pytest.mark.parametrize("role", ["attorney", "paralegal", "admin", "auditor", "interpreter"])
def test_the_organisers_page_is_absent_for_others(enlist: Enlist, sun_coast: Provider, role: str) -> None:
    other = enlist("Otto", role, at=sun_coast)
    other.signs_in()

    assert other.client.get("/staff/organiser/").status_code == 404


def test_sitting_beside_a_worker_opens_her_page_and_carries_the_provider_and_nobodys_name(
    marisol: Person, sun_coast: Provider
) -> None:
    answer = marisol.client.post("/staff/organiser/helped/", {"language": "es", "cohort": ""})

    to = urlsplit(answer["Location"])
    assert to.path == "/es/start"
    assert intake.helper_of(parse_qs(to.query)["with"][0]) == sun_coast.pk
    assert str(marisol.member.pk) not in answer["Location"]
    assert marisol.client.get(answer["Location"]).status_code == 200


def test_an_auditor_and_an_admin_do_not_sit_beside_workers(enlist: Enlist, sun_coast: Provider) -> None:
    for name, role in (("Abel", "auditor"), ("Adriana", "admin")):
        person = enlist(name, role, at=sun_coast)
        person.signs_in()
        assert person.client.get("/staff/organiser/helped/").status_code == 404
