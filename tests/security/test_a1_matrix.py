"""A1: every address × method × asker × relation answers as the permission matrix states."""

from __future__ import annotations

from collections import Counter
from http.cookies import SimpleCookie
from itertools import groupby

import pytest
from django.test import Client

from jornada.coalition.models import LEGAL_TEAM
from jornada.web import authorisation
from jornada.web.authorisation import Cell, Route
from tests.people import Canary
from tests.security.asking import Hub, Records, fits, shown, verdict
from tests.security.scene import Scene

HERS = {"P1", "P2", "P3", "P4"}


def test_every_address_of_the_hub_has_a_row_in_the_matrix_and_every_row_an_address() -> None:
    assert authorisation.undeclared() == []


def test_a_matrix_that_is_not_whole_says_where_and_how_to_mend_it() -> None:
    data = {
        "roles": {"team": ["attorney", "janitor"]},
        "relations": {"file": {"own": "perhaps"}},
        "routes": {"x": {"who": "anybody", "methods": ["LOOK"], "of": "house", "asks": ["luck"], "but": {"own": "allow"}}},
    }

    with pytest.raises(authorisation.MatrixErrors) as told:
        authorisation.parse(data)

    faults = str(told.value).splitlines()[1:]
    assert len(faults) == 7, faults
    assert any("janitor" in fault and "take it out" in fault for fault in faults)


def test_every_cell_answers_as_stated_and_what_is_denied_shows_nothing_and_changes_nothing(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, records, cells = Hub(scene), Records(scene.database), list(authorisation.matrix().cells())
    addresses = {one.name for one in authorisation.addresses()}
    found, tested, wrong = Counter[str](), 0, []
    before = records.now()
    for name, of_route in groupby(cells, key=lambda cell: cell.route):
        if name not in addresses:
            continue
        for cell in of_route:
            faults, said = _try(hub, cell)
            wrong += [f"{_named(cell)}: {fault}" for fault in faults]
            found[said] += 1
            tested += 1
        after = records.now()
        changed = sorted(table for table in after if after[table] != before[table])
        wrong += [f"{name}: a denied request changed rows of {', '.join(changed)}"] if changed else []
        before = after
    records.close()
    with capsys.disabled():
        told = ", ".join(f"{count} {outcome}" for outcome, count in found.most_common())
        print(f"\nA1: {tested} of {len(cells)} declared cells tested ({told}); {records.count} tables compared")
    assert not wrong, f"{len(wrong)} cells are wrong:\n" + "\n".join(wrong)
    assert tested == len(cells)


def _named(cell: Cell) -> str:
    lacks = f", without {cell.lacks}" if cell.lacks else ""
    return f"{cell.method} {cell.route} as {cell.actor} ({cell.relation or 'no record'}{lacks})"


def _try(hub: Hub, cell: Cell) -> tuple[list[str], str]:
    """What is wrong with the answer to a cell, and what it was."""
    response = hub.ask(cell)
    said = verdict(cell, response)
    if not fits(cell, said):
        return [f"stated {cell.outcome}, answered {said} ({response.status_code})"], said
    route = authorisation.matrix().routes[cell.route]
    canaries = shown(response, hub.scene)
    judge = _denied if cell.outcome != "allow" else _allowed
    return list(judge(route, cell, canaries)), said


def _denied(route: Route, cell: Cell, canaries: set[Canary]) -> list[str]:
    allowed = {"P0", "P1", "P2"} if cell.outcome == "refused" else {"P0"}
    leaked = {one for one in canaries if one.data_class not in allowed or "riverbend" not in one.orgs | {"riverbend"}}
    return [f"denied, and shows {_words(leaked)}"] if leaked else []


def _allowed(route: Route, cell: Cell, canaries: set[Canary]) -> list[str]:
    faults = []
    if foreign := {one for one in canaries if not _may_see(cell, one)}:
        faults.append(f"shows what is not {cell.actor}'s to see: {_words(foreign)}")
    expected = route.shows in HERS and cell.method == "GET" and cell.relation in ("", "own", "own_assigned")
    if expected and not any(one.data_class == route.shows for one in canaries):
        faults.append(f"shows no {route.shows} canary: an empty page proves nothing")
    return faults


def _may_see(cell: Cell, canary: Canary) -> bool:
    if canary.data_class == "P0" or (cell.route == "coalition:accept" and canary.field == "invited_name"):
        return True  # whoever holds an invitation reads whom it invites
    if cell.actor == "anonymous":
        return canary.data_class == "P1" and len(canary.orgs) == 3  # what a flyer in the break room says
    if cell.actor == "worker":
        return canary.record == "Ana" or (canary.data_class == "P1" and len(canary.orgs) == 3)
    return "riverbend" in canary.orgs and (canary.data_class in ("P1", "P2") or cell.actor in LEGAL_TEAM)


def _words(canaries: set[Canary]) -> str:
    return ", ".join(sorted(f"{one.data_class} {one.field} of {one.record}" for one in canaries)[:5])


# ── Beside the resolver: what answers without a route ─────────────────────────────────────────────────────


def test_an_address_that_is_none_answers_alike_to_everyone_and_shows_nothing(scene: Scene) -> None:
    hub = Hub(scene)
    for actor in ("anonymous", "worker", "attorney", "organiser", "admin", "auditor"):
        client, _ = hub.browser(Cell("", "GET", actor, "", "", ""))
        for path in ("/nothing/here/at-all", "/admin/", "/xx/mine", "/static/../settings.py", "/.env", "/staff/files/1/"):
            response = client.get(path)
            assert response.status_code == 404, (actor, path)
            assert not shown(response, scene)


def test_a_hidden_file_answers_exactly_as_one_that_does_not_exist(scene: Scene) -> None:
    client, _ = Hub(scene).browser(Cell("", "GET", "attorney", "", "", ""))
    hidden, nowhere = str(scene.files["other_org"]), "00000000-0000-4000-8000-000000000000"

    for page in ("", "answers", "findings", "packet", "placement", "readers", "packet/1/packet.pdf"):
        there = client.get(f"/staff/files/{hidden}/{page}")
        absent = client.get(f"/staff/files/{nowhere}/{page}")
        assert (there.status_code, there.content.replace(hidden.encode(), nowhere.encode())) == (404, absent.content)
        assert there.headers == absent.headers


def test_static_files_are_public_and_hold_no_canary(scene: Scene) -> None:
    response = Client().get("/static/leave.js")

    assert response.status_code == 200
    assert not shown(response, scene)


def test_every_act_refuses_a_form_without_its_token(scene: Scene) -> None:
    hub = Hub(scene)
    acts = [
        cell for cell in authorisation.matrix().cells()
        if cell.method == "POST" and cell.outcome == "allow" and not cell.lacks and cell.relation in ("", "own", "own_assigned")
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
