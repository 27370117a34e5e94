"""What a lead hears of other organizations: how many a month in steps of five, and never of one to four."""

# ruff: noqa: F811 - fixtures are imported where they are used

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from jornada.coalition.models import Provider
from jornada.coalition.services import found_provider
from jornada.gateways.today import today
from jornada.intake import selectors as intake
from jornada.intake.models import Application, CaseFile
from jornada.packets import selectors as packets
from jornada.packets.models import Filing
from jornada.planning import records, selectors
from jornada.vault import tenancy
from tests.stages.casework import Team, Worker, ana, team  # noqa: F401
from tests.stages.staff import Enlist, Person, cheap_passwords, enlist, riverbend  # noqa: F401

pytestmark = pytest.mark.django_db
LATER = today() + timedelta(days=65)
THIS_MONTH = today().replace(day=1)
Came = Callable[[str, int], Provider]


def the_day_is(day: date) -> None:
    """The database's own day, until the test ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('jornada.day', %s, true)", [day.isoformat()])


@pytest.fixture(autouse=True)
def later(team: Team) -> None:
    the_day_is(LATER)


@pytest.fixture
def came() -> Came:
    """So many files come to an organization of that name, this month."""
    known: dict[str, Provider] = {}

    def some(name: str, count: int) -> Provider:
        if name not in known:
            known[name] = found_provider(name=name, kind="legal_provider", gives_legal_help=True)
        for _ in range(count):
            application = uuid4()
            with tenancy.as_worker(application):
                Application.objects.create(
                    id=application, pack="us-labor-deferred-action", language="es", last_saved_on=today()
                )
                CaseFile.objects.create(
                    provider=known[name],
                    application_id=application,
                    number=1,
                    pack="any",
                    sealed_contact=b"-",
                )
        return known[name]

    return some


def elsewhere(team: Team, on: date = LATER) -> dict[date, int]:
    with team.works(team.dana):
        return intake.came_elsewhere(on)


def test_one_to_four_files_of_another_organization_are_no_row_at_all(team: Team, came: Came) -> None:
    for _ in range(4):
        came("Hillside", 1)
        assert elsewhere(team) == {}
    came("Hillside", 1)
    assert elsewhere(team) == {THIS_MONTH: 5}


@pytest.mark.parametrize(("files", "told"), [(7, 5), (8, 10), (12, 10)])
def test_more_are_told_in_steps_of_five(team: Team, came: Came, files: int, told: int) -> None:
    came("Hillside", files)
    assert elsewhere(team) == {THIS_MONTH: told}


def test_whoever_knows_every_file_but_one_does_not_see_that_one(team: Team, came: Came, ana: Worker) -> None:
    """Each organization is rounded by itself: four here and one there do not add up to five."""
    for name in ("Hillside", "Brook"):
        came(name, 4)
    with team.works(team.dana):
        before = records.counted(LATER, whole=True), records.draft("Ours", LATER, whole=True)
    came("Suncoast", 1)
    with team.works(team.dana):
        assert (records.counted(LATER, whole=True), records.draft("Ours", LATER, whole=True)) == before
    assert before[0].elsewhere == {}


def test_the_month_that_is_not_over_and_ones_own_files_are_left_out(
    team: Team, came: Came, ana: Worker
) -> None:
    came("Hillside", 6)
    own = came("Brook", 9)
    assert elsewhere(team, today()) == {}
    assert elsewhere(team) == {THIS_MONTH: 15}
    the_day_is(today())
    assert elsewhere(team) == {}, "whoever asks for a later day does not hear of the month at hand"
    the_day_is(LATER)
    with tenancy.as_provider(own.pk):
        assert intake.came_elsewhere(LATER) == {THIS_MONTH: 5}


def test_without_an_organization_nothing_is_told(team: Team, came: Came) -> None:
    application = came("Hillside", 9) and uuid4()
    assert intake.came_elsewhere(LATER) == {}
    with tenancy.as_worker(application):
        assert intake.came_elsewhere(LATER) == {}
        assert packets.filed_elsewhere(LATER) == {}


@pytest.mark.parametrize("function", ["intake_came_elsewhere", "packets_filed_elsewhere"])
def test_the_functions_give_months_kinds_and_numbers_and_not_to_everybody(team: Team, function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {function}(%s)", [LATER])  # noqa: S608 (named above)
        assert [column.name for column in cursor.description] == ["month", "kind", "files"]
        cursor.execute("SELECT proacl::text, prosecdef FROM pg_proc WHERE proname = %s", [function])
        ((granted, as_owner),) = cursor.fetchall()
    assert as_owner
    assert not re.search(r"[{,]=", granted), "everybody may call it"


def test_each_number_of_a_coalitions_draft_says_whose_it_is(team: Team, came: Came, ana: Worker) -> None:
    came("Hillside", 40)
    with team.works(team.dana):
        own, text = records.draft("Ours", LATER), records.draft("All", LATER, whole=True)
        scenario = selectors.read(text)

    source = scenario.figures["demand.workers_per_site"].sources[0].title
    assert re.fullmatch(r"hub records of the whole coalition, \d months?", source)
    assert re.search(r'note: "hub records of our organization, \d months?: about 5 people', text)
    assert "one to four in a month count as none" in text
    assert "about 5 people a month" in own
    assert "about 15 people a month" in text or "about 20 people a month" in text
    assert "Hillside" not in text


def test_what_others_filed_is_counted_by_kind_in_steps_of_five(
    team: Team, came: Came, enlist: Enlist
) -> None:
    other = came("Hillside", 1)
    omar = enlist("Omar", "attorney", at=other).member
    point = transaction.savepoint()
    with tenancy.as_provider(other.pk):
        file = CaseFile.objects.get()
        for what in ["packet"] * 8 + ["demand_letter"] * 4:
            Filing.objects.create(
                provider=other, sign_off_id=uuid4(), file=file, filed_on=THIS_MONTH, filed_by=omar, method="mail",
                what=what, sealed_details=b"-",
            )  # fmt: skip
    with team.works(team.dana), connection.cursor() as cursor:
        assert packets.filed_elsewhere(LATER) == {THIS_MONTH: 10}
        assert packets.filed_elsewhere(today()) == {}
        cursor.execute("SELECT kind FROM packets_filed_elsewhere(%s)", [LATER])
        assert cursor.fetchall() == [("packet",)], "four letters are no row"
    with tenancy.as_provider(other.pk):
        assert packets.filed_elsewhere(LATER) == {}
    transaction.savepoint_rollback(point)  # their sign-offs were never written


def test_packets_of_others_stand_beside_ones_own(
    team: Team, enlist: Enlist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packets, "filed_by_month", lambda: {THIS_MONTH: 3})
    monkeypatch.setattr(packets, "filed_elsewhere", lambda on: {THIS_MONTH: 10, date(2026, 1, 1): 5})
    assert records.filed_by_month(today()) == {THIS_MONTH: 3}
    assert records.filed_by_month(today(), whole=True) == {THIS_MONTH: 13, date(2026, 1, 1): 5}


def test_a_lead_chooses_whose_people_are_counted(team: Team, ana: Worker, enlist: Enlist) -> None:
    lena: Person = enlist("Lena", "legal_supervisor")
    lena.signs_in()
    assert "the whole coalition" in lena.reads("/staff/plans/")
    lena.client.post("/staff/plans/draw", {"draft_title": "Everybody", "counting": "coalition"})
    with tenancy.as_provider(lena.member.provider_id):
        (record,) = selectors.scenarios()
    assert record.origin == "hub records of the whole coalition"
