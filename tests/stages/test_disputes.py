"""Disputes: what is entered, who sees it, what a flyer's code gives, and what assessment reads."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import connections

from jornada.coalition.models import Provider
from jornada.disputes import selectors
from jornada.disputes.models import Cohort, Employer, Matter, Statement, Worksite
from jornada.vault import tenancy
from tests.stages.staff import Enlist, Person

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.stages.coalition_cast"]

ON = date(2026, 11, 22)
PLANT = {"name": "Plant 2", "street": "500 Mill Road", "city": "Bayside", "state": "NC", "zip_code": "28000"}
MATTER = {
    "agency": "Department of Labor",
    "agency_level": "federal",
    "reference": "WHD-77",
    "opened_on": "2023-02-01",
}
SAID = {
    "issued_on": "2023-06-01", "period_from": "2020-01-01", "period_to": "", "scope": "Production workers.",
    "covers_former": "on", "covers_witnesses": "on", "delivered_to": ["dhs"], "copy_on_file": "on",
}  # fmt: skip


@pytest.fixture
def marisol(enlist: Enlist, sun_coast: Provider) -> Person:
    """An organiser of the worker center, signed in."""
    person = enlist("Marisol", "organiser", at=sun_coast)
    person.signs_in()
    return person


@pytest.fixture
def dana(enlist: Enlist) -> Person:
    """An attorney of the legal provider, signed in."""
    person = enlist("Dana", "attorney")
    person.signs_in()
    return person


def newest(by: Person, model: type) -> UUID:
    with tenancy.as_provider(by.member.provider_id):
        return UUID(str(model.objects.filter(provider_id=by.member.provider_id).latest("recorded_at").pk))


def enters(by: Person, page: str, said: dict[str, object], model: type) -> UUID:
    answer = by.client.post(f"/staff/disputes/{page}", said)
    assert answer.status_code == 302, answer.content.decode()
    return newest(by, model)


@pytest.fixture
def sunrise(marisol: Person) -> UUID:
    """The employer, with one plant, as the organiser entered it."""
    said = {
        "legal_name": "Sunrise Poultry LLC",
        "trade_names": "Sunrise Farms\nGolden Yolk",
        "fein": "12 3456789",
    }
    employer = enters(marisol, "employers/add/", said, Employer)
    enters(marisol, f"employers/{employer}/worksites/add/", dict(PLANT), Worksite)
    return employer


@pytest.fixture
def statement(marisol: Person, sunrise: UUID) -> UUID:
    matter = enters(marisol, f"employers/{sunrise}/matters/add/", dict(MATTER), Matter)
    said = {**SAID, "worksites": [str(newest(marisol, Worksite))]}
    return enters(marisol, f"matters/{matter}/statements/add/", said, Statement)


def for_assessment(person: Person, **wanted: object) -> tuple[object, ...]:
    with tenancy.as_provider(person.member.provider_id, person.member.pk):
        return selectors.statements_for(**wanted)


# ── Entering and mending ──────────────────────────────────────────────────────────────────────────────────


def test_what_was_entered_stands_on_the_employers_page(
    marisol: Person, sunrise: UUID, statement: UUID
) -> None:
    page = marisol.reads(f"/staff/disputes/employers/{sunrise}/")

    for words in (
        "Sunrise Farms, Golden Yolk",
        "FEIN 12-3456789",
        "Plant 2",
        "WHD-77",
        "Production workers.",
        "sent to DHS",
    ):
        assert words in page


def test_a_period_that_ends_before_it_begins_is_told_at_the_field_and_nothing_entered_is_lost(
    marisol: Person, statement: UUID
) -> None:
    matter = newest(marisol, Matter)

    page = marisol.client.post(
        f"/staff/disputes/matters/{matter}/statements/add/", {**SAID, "period_to": "2019-12-31"}
    ).content.decode()

    assert "The period ends before it begins." in page
    assert "Production workers." in page
    assert newest(marisol, Statement) == statement


@pytest.mark.parametrize(
    ("page", "said", "problem"),
    [
        ("employers/add/", {"legal_name": "Sunrise", "fein": "123"}, "nine digits"),
        ("employers/add/", {"legal_name": ""}, "This field is required"),
    ],
)
def test_wrong_entries_are_told_at_the_field(
    marisol: Person, page: str, said: dict[str, str], problem: str
) -> None:
    assert problem in marisol.client.post(f"/staff/disputes/{page}", said).content.decode()


def test_a_statement_can_be_mended_and_withdrawn(marisol: Person, sunrise: UUID, statement: UUID) -> None:
    said = {**SAID, "worksites": [], "withdrawn_on": "2024-01-15"}

    marisol.client.post(f"/staff/disputes/statements/{statement}/edit/", said)

    (given,) = for_assessment(marisol, employers=["Sunrise Poultry"])
    assert given.withdrawn_on == date(2024, 1, 15)
    assert given.worksites == ()


@pytest.mark.parametrize("role", ["interpreter", "intake_volunteer"])
def test_who_only_reads_disputes_finds_the_forms_absent(
    enlist: Enlist, sun_coast: Provider, sunrise: UUID, role: str
) -> None:
    reader = enlist("Inez", role, at=sun_coast)
    reader.signs_in()

    assert "Sunrise Poultry" in reader.reads(f"/staff/disputes/employers/{sunrise}/")
    assert reader.client.get("/staff/disputes/employers/add/").status_code == 404
    assert reader.client.post(f"/staff/disputes/employers/{sunrise}/share/").status_code == 404


def test_an_auditor_finds_disputes_absent(enlist: Enlist, sun_coast: Provider, sunrise: UUID) -> None:
    auditor = enlist("Abel", "auditor", at=sun_coast)
    auditor.signs_in()

    assert auditor.client.get("/staff/disputes/").status_code == 404


# ── Sharing with the coalition ────────────────────────────────────────────────────────────────────────────


def test_what_is_not_shared_is_absent_for_others(
    marisol: Person, dana: Person, sunrise: UUID, statement: UUID
) -> None:
    hidden = dana.client.get(f"/staff/disputes/employers/{sunrise}/")
    absent = dana.client.get(f"/staff/disputes/employers/{uuid4()}/")

    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content
    assert "Sunrise" not in dana.reads("/staff/disputes/")
    assert for_assessment(dana, employers=["Sunrise Poultry"]) == ()


def test_a_shared_statement_reaches_the_legal_provider_with_what_it_hangs_on(
    marisol: Person, dana: Person, sunrise: UUID, statement: UUID
) -> None:
    marisol.client.post(f"/staff/disputes/statements/{statement}/share/")

    page = dana.reads(f"/staff/disputes/employers/{sunrise}/")
    assert "Plant 2" in page
    assert "WHD-77" in page
    (given,) = for_assessment(dana, employers=["sunrise poultry, llc"])
    assert given.worksites == ("Plant 2", "500 Mill Road")
    assert given.period_to is None


def test_sharing_can_be_taken_back(marisol: Person, dana: Person, statement: UUID) -> None:
    marisol.client.post(f"/staff/disputes/statements/{statement}/share/")
    marisol.client.post(f"/staff/disputes/statements/{statement}/unshare/")

    assert for_assessment(dana, employers=["Sunrise Poultry"]) == ()


def test_others_shared_records_are_read_and_never_written(
    marisol: Person, dana: Person, sunrise: UUID, statement: UUID
) -> None:
    marisol.client.post(f"/staff/disputes/statements/{statement}/share/")
    before = for_assessment(marisol, employers=["Sunrise"])

    for page in (f"statements/{statement}/edit/", f"employers/{sunrise}/edit/"):
        assert dana.client.post(f"/staff/disputes/{page}", {**SAID, "legal_name": "Taken"}).status_code == 404
    for page in (f"statements/{statement}/unshare/", f"employers/{sunrise}/worksites/add/"):
        assert dana.client.post(f"/staff/disputes/{page}", PLANT).status_code == 404

    assert for_assessment(marisol, employers=["Sunrise"]) == before


def test_another_organisations_worksite_cannot_be_named_in_a_form(
    marisol: Person, dana: Person, sunrise: UUID
) -> None:
    foreign = newest(marisol, Worksite)
    mine = enters(dana, "employers/add/", {"legal_name": "Delta Cleaning"}, Employer)

    page = dana.client.post(
        f"/staff/disputes/employers/{mine}/cohorts/add/", {"name": "Night shift", "worksite": str(foreign)}
    ).content.decode()

    assert "not one of the available choices" in page


# ── Statements for assessment ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["SUNRISE POULTRY", "Golden Yolk", "Sunrize Poultri", "The Sunrise plant"])
def test_a_statement_is_found_by_legal_and_trade_names_and_near_misses(
    marisol: Person, statement: UUID, name: str
) -> None:
    (given,) = for_assessment(marisol, employers=[name])

    assert given.id == str(statement)
    assert given.employers == ("Sunrise Poultry LLC", "Sunrise Farms", "Golden Yolk")


def test_an_employer_with_nothing_in_common_brings_no_statement(marisol: Person, statement: UUID) -> None:
    assert for_assessment(marisol, employers=["Delta Cleaning"]) == ()
    assert for_assessment(marisol) == ()


def test_a_cohort_brings_the_statements_of_its_employer(
    marisol: Person, sunrise: UUID, statement: UUID
) -> None:
    cohort = enters(marisol, f"employers/{sunrise}/cohorts/add/", {"name": "Plant 2"}, Cohort)

    assert [given.id for given in for_assessment(marisol, cohort_id=cohort)] == [str(statement)]


def test_a_workers_own_session_sees_shared_statements_only(
    marisol: Person, sunrise: UUID, statement: UUID
) -> None:
    def seen() -> tuple[object, ...]:
        with tenancy.as_worker(uuid4()):
            return selectors.statements_for(employers=["Sunrise Poultry"])

    assert seen() == ()
    marisol.client.post(f"/staff/disputes/statements/{statement}/share/")
    assert [given.id for given in seen()] == [str(statement)]


# ── Cohorts and their flyers ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def cohort(marisol: Person, sunrise: UUID) -> Cohort:
    said = {
        "name": "Plant 2 debone line",
        "worksite": str(newest(marisol, Worksite)),
        "closes_on": "2026-12-31",
    }
    made = enters(marisol, f"employers/{sunrise}/cohorts/add/", said, Cohort)
    with tenancy.as_provider(marisol.member.provider_id):
        found = selectors.cohort(made)
    assert found is not None
    return found


def test_a_code_gives_the_shared_facts_to_someone_without_any_session(cohort: Cohort) -> None:
    joined = selectors.cohort_by_code(f" {cohort.join_code.upper()} ", ON)

    assert joined is not None
    assert joined.id == cohort.pk
    assert joined.job() == {
        "employer": "Sunrise Poultry LLC", "worksite": "Plant 2", "city": "Bayside", "state": "NC",
    }  # fmt: skip


def test_a_code_that_is_none_or_has_closed_gives_nothing(cohort: Cohort) -> None:
    assert selectors.cohort_by_code(cohort.join_code, date(2026, 12, 31))
    assert selectors.cohort_by_code(cohort.join_code, date(2027, 1, 1)) is None
    assert selectors.cohort_by_code("aaaaaaaa", ON) is None


def test_the_poster_speaks_english_and_spanish_and_holds_only_the_short_link(
    marisol: Person, cohort: Cohort
) -> None:
    page = marisol.reads(f"/staff/disputes/cohorts/{cohort.pk}/poster/")
    poster = page[page.index('<div class="poster">') :]

    assert 'lang="es"' in poster
    assert "Do you work here" in poster
    assert f"/j/{cohort.join_code}" in poster
    assert "<svg" in poster
    assert "Sunrise" not in poster
    assert cohort.name not in poster


def test_how_many_joined_is_told_only_from_ten_on(marisol: Person, dana: Person, cohort: Cohort) -> None:
    def page() -> str:
        return marisol.reads(f"/staff/disputes/cohorts/{cohort.pk}/")

    assert "fewer than 10" in page()
    join(cohort, 9)
    assert "fewer than 10" in page()
    join(cohort, 3)
    assert ">12<" in page()
    theirs = dana.reads(f"/staff/disputes/cohorts/{cohort.pk}/")
    assert "fewer than" not in theirs
    assert ">12<" not in theirs


def join(cohort: Cohort, many: int) -> None:
    """So many workers begin with the cohort's code."""
    for _ in range(many):
        worker = uuid4()
        with tenancy.as_worker(worker), connections["default"].cursor() as cursor:
            cursor.execute(
                "INSERT INTO intake_application (id, recorded_at, pack, language, cohort_id, last_saved_on)"
                " VALUES (%s, now(), 'us-labor-deferred-action', 'es', %s, '2026-11-22')",
                [worker, cohort.pk],
            )
