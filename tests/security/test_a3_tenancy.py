"""A3: the database keeps the providers apart, whatever the code above it does."""

from __future__ import annotations

import random
from itertools import cycle, islice

import pytest
from django.db import connection

from jornada.coalition.models import Role
from jornada.vault import tenancy
from tests.people import Person, as_superuser
from tests.security.asking import shown
from tests.security.scene import Scene

REQUESTS = 1000
PUBLIC_ROWS = frozenset({"coalition_provider"})
"""Listed providers are for everyone to see: workers choose whom to ask."""


def _rows(query: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def test_every_table_and_view_has_forced_policies_or_says_why_not(scene: Scene) -> None:
    assert tenancy.unprotected(connection) == []


def test_a_new_table_without_policies_is_found(scene: Scene) -> None:
    with as_superuser(scene.database) as owner:
        owner.execute(
            "CREATE TABLE forgotten_table (provider_id uuid); CREATE VIEW forgotten_view AS SELECT 1"
        )
        try:
            assert tenancy.unprotected(connection) == ["forgotten_table", "forgotten_view"]
        finally:
            owner.execute("DROP VIEW forgotten_view; DROP TABLE forgotten_table")


def test_the_serving_role_owns_nothing_bypasses_nothing_and_can_become_nobody(scene: Scene) -> None:
    ((superuser, bypasses, creates_roles, creates_databases),) = _rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    )
    ((owned,),) = _rows("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
    ((others,),) = _rows("SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole")

    assert (superuser, bypasses, creates_roles, creates_databases, owned, others) == (
        False,
        False,
        False,
        False,
        0,
        0,
    )


def test_without_a_tenant_every_tenant_table_shows_no_row_though_all_are_full(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = [
        str(name) for (name,) in _rows(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
            " AND relnamespace = 'public'::regnamespace AND has_table_privilege(oid, 'SELECT') ORDER BY relname"
        )
    ]  # fmt: skip
    with as_superuser(scene.database) as past_policies:
        full = {name for name in tables if past_policies.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()}  # type: ignore[call-overload]

    seen = {name for name in tables if _rows(f"SELECT 1 FROM {name} LIMIT 1")} - PUBLIC_ROWS

    with capsys.disabled():
        print(
            f"\nA3: {len(tables)} tenant tables, {len(full)} of them with rows; {len(seen)} show a row without a tenant"
        )
    assert seen == set()
    assert len(full) >= len(tables) - 6, f"empty in the seed: {sorted(set(tables) - full)}"


def test_a_thousand_requests_of_three_providers_over_one_connection_show_no_foreign_word(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(2026)
    askers = [scene.dana, scene.at("hillside", Role.ATTORNEY), scene.at("suncoast", Role.ORGANISER)]
    for person in askers:
        person.signs_in(reasons=scene.files.values())
    files = {"riverbend": scene.files["own_assigned"], "hillside": scene.files["other_org"]}
    backend = _rows("SELECT pg_backend_pid()")

    foreign, own = 0, 0
    for person in islice(cycle(askers), REQUESTS):
        canaries = shown(person.client.get(dice.choice(_pages(person, files))), scene)
        foreign += sum(person.org not in one.orgs and one.data_class != "P0" for one in canaries)
        own += sum(person.org in one.orgs for one in canaries)

    with capsys.disabled():
        print(
            f"\nA3: {REQUESTS} requests of 3 providers, 1 connection: {own} own words shown, {foreign} foreign"
        )
    assert foreign == 0
    assert own > REQUESTS
    assert _rows("SELECT pg_backend_pid()") == backend
    assert _rows("SELECT jornada_provider(), jornada_member(), jornada_application()") == [(None, None, None)]


def _pages(person: Person, files: dict[str, object]) -> list[str]:
    """Pages of this person, and the same pages of the others' files."""
    common = ["/staff/disputes/", f"/staff/team/{person.member.pk}/"]
    if person.org == "suncoast":
        return [*common, "/staff/organiser/"]
    here = [
        f"/staff/files/{file}/{page}"
        for file in files.values()
        for page in ("", "answers", "readers", "packet")
    ]
    return [*common, *common, *common, *common, *here, "/staff/"]
