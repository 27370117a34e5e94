"""A5: who is not of a legal team reaches nothing dangerous and nothing privileged, by any way."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client

from jornada.coalition.models import LEGAL_TEAM, Role
from jornada.web import authorisation
from tests.people import Person
from tests.security.asking import address, shown
from tests.security.scene import STANDING, WHOSE, Scene, arguments

LINK = re.compile(r'(?:href|action|src)="(/[^"#]*)"')
OUTSIDERS = sorted(set(Role.values) - {str(role) for role in LEGAL_TEAM})


def _every_address(scene: Scene) -> set[str]:
    """Each staff address, with the ids of every record that the seed made, whosever it is."""
    staff = [one for one in authorisation.addresses() if one.pattern.startswith("staff/")]
    known = [arguments(scene, relation) for relation in {**STANDING, **WHOSE}]
    return {address(one.name, each) for one in staff for each in known}


def _crawl(client: Client, start: set[str], scene: Scene) -> tuple[int, set[str]]:
    """Every page that can be reached from these by following links; how many, and what leaked where."""
    todo, seen, leaks = sorted(start), set(start), set()
    while todo:
        path = todo.pop()
        response = client.get(path)
        for one in shown(response, scene):
            if one.data_class in ("P3", "P4"):
                leaks.add(f"{one.data_class} {one.field} of {one.record} at {path}")
        text = "" if response.streaming else response.content.decode(errors="replace")
        for link in {*LINK.findall(text), response.headers.get("Location", "")}:
            if link.startswith("/staff/") and link not in seen:
                seen.add(link)
                todo.append(link)
    return len(seen), leaks


@pytest.mark.parametrize("role", OUTSIDERS)
def test_who_is_not_of_a_legal_team_finds_nothing_dangerous_by_any_address(
    scene: Scene, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client = scene.at("riverbend", role).signs_in(fresh=True, reasons=scene.files.values())
    client.raise_request_exception = False
    pages, leaks = _crawl(client, _every_address(scene), scene)
    with capsys.disabled():
        print(f"\nA5: {role}: {pages} addresses, {len(leaks)} words of P3 or P4")
    assert leaks == set()


def test_the_organisers_page_shows_what_ana_released_and_nothing_else_of_hers(scene: Scene) -> None:
    organiser: Person = scene.at("suncoast", Role.ORGANISER)
    response = organiser.signs_in(fresh=True).get("/staff/organiser/")

    of_ana = {(one.field, one.data_class) for one in shown(response, scene) if one.record == "Ana"}

    assert of_ana == {("released_name", "P2"), ("organiser_notice", "P2")}


def test_the_same_search_finds_ana_when_her_attorney_looks(scene: Scene) -> None:
    client = scene.dana.signs_in(fresh=True, reasons=scene.files.values())
    ana: UUID = scene.files["own_assigned"]

    found = shown(client.get(f"/staff/files/{ana}/answers"), scene)

    assert {one.data_class for one in found if one.record == "Ana"} >= {"P2", "P3", "P4"}
