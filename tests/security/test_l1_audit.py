"""L1: whoever opens what is dangerous or privileged leaves a trace in the same transaction, or sees nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections

from jornada.web import authorisation
from jornada.web.authorisation import Cell
from tests.conftest import PROCESS, copy_database, drop_database, working_in
from tests.people import as_superuser
from tests.security.asking import Hub, shown
from tests.security.scene import Scene


def _openings() -> list[tuple[Cell, int]]:
    """One allowed GET of each page that opens something sealed, and how many events it declares."""
    found = []
    for route in authorisation.matrix().routes.values():
        if route.events:
            actor = "worker" if route.who == "worker" else "attorney"
            relation = {"file": "own_assigned", "hers": "own"}.get(route.of, "")
            found.append((Cell(route.name, "GET", actor, relation, "", "allow"), route.events))
    return found


def _events(scene: Scene) -> int:
    with as_superuser(scene.database) as past_policies:
        row = past_policies.execute("SELECT count(*) FROM vault_accessevent").fetchone()
        assert row is not None
        return int(row[0])


def test_every_page_that_opens_something_sealed_leaves_exactly_the_declared_events(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, wrong, counted = Hub(scene), [], 0
    for cell, declared in _openings():
        hub.browser(cell)
        before = _events(scene)
        response = hub.ask(Cell(cell.route, "GET", cell.actor, cell.relation, "", "committed"))
        left = _events(scene) - before
        counted += left
        if (response.status_code, left) != (200, declared):
            wrong.append(f"{cell.route}: {response.status_code}, {left} events, declared {declared}")
    with capsys.disabled():
        print(f"\nL1: {len(_openings())} pages opened, {counted} events written")
    assert not wrong, "\n".join(wrong)


def test_pages_that_declare_no_event_show_nothing_dangerous(scene: Scene) -> None:
    hub, quiet = Hub(scene), set()
    for cell in authorisation.matrix().cells():
        route = authorisation.matrix().routes[cell.route]
        first = cell.relation in ("", "own", "own_assigned") and not cell.lacks
        if (
            route.events
            or cell.method != "GET"
            or cell.outcome != "allow"
            or cell.actor not in ("attorney", "worker")
            or not first
        ):
            continue
        quiet |= {
            (cell.route, one.field) for one in shown(hub.ask(cell), scene) if one.data_class in ("P3", "P4")
        }

    assert quiet == set()


@pytest.fixture
def without_a_log(scene: Scene) -> Iterator[Scene]:
    """A copy of the seeded hub in which nobody may write the access log any more."""
    name = f"jornada_mute_{PROCESS}"
    for alias in ("default", "owner"):
        connections[alias].close()
    copy_database(name, template=scene.database)
    with as_superuser(name) as connection:
        connection.execute(
            "DO $$ DECLARE f regprocedure; BEGIN"
            " FOR f IN SELECT oid::regprocedure FROM pg_proc WHERE proname = 'vault_record' LOOP"
            " EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, jornada_web', f); END LOOP; END $$"
        )
    with working_in(name):
        yield scene
    drop_database(name)


def test_where_the_log_cannot_be_written_nothing_is_shown(
    without_a_log: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, refused = Hub(without_a_log), 0
    for cell, _ in _openings():
        response = hub.ask(cell)
        dangerous = {one for one in shown(response, without_a_log) if one.data_class in ("P3", "P4")}
        assert response.status_code >= 400, cell.route
        assert not dangerous, cell.route
        assert response.headers["Content-Type"] not in ("image/png", "application/pdf"), cell.route
        refused += 1
    with capsys.disabled():
        print(f"\nL1: with the log broken {refused} of {refused} pages refused, 0 dangerous words shown")
