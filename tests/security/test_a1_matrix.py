"""A1: every address × method × asker × relation answers as the permission matrix states."""

from __future__ import annotations

from http.cookies import SimpleCookie
from itertools import groupby

import pytest
from django.test import Client

from jornada.web import authorisation
from jornada.web.authorisation import Cell
from tests.security.asking import Hub, shown
from tests.security.scene import Scene
from tests.security.walking import walked


def test_every_address_of_the_hub_has_a_row_in_the_matrix_and_every_row_an_address() -> None:
    assert authorisation.undeclared() == []


def test_a_matrix_that_is_not_whole_says_where_and_how_to_mend_it() -> None:
    data = {
        "roles": {"team": ["attorney", "janitor"]},
        "relations": {"file": {"own": "perhaps"}},
        "routes": {
            "x": {
                "who": "anybody",
                "methods": ["LOOK"],
                "of": "house",
                "asks": ["luck"],
                "but": {"own": "allow"},
            }
        },
    }

    with pytest.raises(authorisation.MatrixErrors) as told:
        authorisation.parse(data)

    faults = str(told.value).splitlines()[1:]
    assert len(faults) == 7, faults
    assert any("janitor" in fault and "take it out" in fault for fault in faults)


def test_every_cell_answers_as_stated_and_what_is_denied_shows_nothing_and_changes_nothing(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    walk = walked(scene, lambda route: route.of != "file")

    with capsys.disabled():
        print(f"\nA1: {walk}")
    assert not walk.wrong, f"{len(walk.wrong)} cells are wrong:\n" + "\n".join(walk.wrong)
    assert walk.tested == walk.declared > 2000


# ── Beside the resolver: what answers without a route ─────────────────────────────────────────────────────


def test_an_address_that_is_none_answers_alike_to_everyone_and_shows_nothing(scene: Scene) -> None:
    hub = Hub(scene)
    for actor in ("anonymous", "worker", "attorney", "organiser", "admin", "auditor"):
        client, _ = hub.browser(Cell("", "GET", actor, "", "", ""))
        for path in (
            "/nothing/here/at-all",
            "/admin/",
            "/xx/mine",
            "/static/../settings.py",
            "/.env",
            "/staff/files/1/",
        ):
            response = client.get(path)
            assert response.status_code == 404, (actor, path)
            assert not shown(response, scene)


def test_a_hidden_file_answers_exactly_as_one_that_does_not_exist(scene: Scene) -> None:
    client, _ = Hub(scene).browser(Cell("", "GET", "attorney", "", "", ""))
    hidden, nowhere = str(scene.files["other_org"]), "00000000-0000-4000-8000-000000000000"

    for page in ("", "answers", "findings", "packet", "placement", "readers", "packet/1/packet.pdf"):
        there = client.get(f"/staff/files/{hidden}/{page}")
        absent = client.get(f"/staff/files/{nowhere}/{page}")
        assert (there.status_code, there.content.replace(hidden.encode(), nowhere.encode())) == (
            404,
            absent.content,
        )
        assert there.headers == absent.headers


def test_static_files_are_public_and_hold_no_canary(scene: Scene) -> None:
    response = Client().get("/static/leave.js")

    assert response.status_code == 200
    assert not shown(response, scene)


def test_every_act_refuses_a_form_without_its_token(scene: Scene) -> None:
    hub = Hub(scene)
    acts = [
        cell for cell in authorisation.matrix().cells()
        if (cell.method, cell.outcome, cell.lacks) == ("POST", "allow", "")
        and cell.relation in ("", "own", "own_assigned")
    ]  # fmt: skip
    tried = 0
    for name, of_route in groupby(acts, key=lambda cell: cell.route):
        cell = next(of_route)
        _, cookies = hub.browser(cell)
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = SimpleCookie(cookies)
        assert strict.post(hub.address(cell)).status_code == 403, name
        tried += 1
    assert tried > 30
