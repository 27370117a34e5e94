"""Walk the cells of the permission matrix: ask each, and judge the answer, what it shows and what it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from jornada.coalition.models import LEGAL_TEAM
from jornada.web import authorisation
from jornada.web.authorisation import Cell, Route
from tests.people import Canary
from tests.security.asking import Hub, Records, fits, shown, verdict
from tests.security.scene import Scene

SHOWN_AS_TEXT = {"P1", "P2", "P3", "P4"}


@dataclass
class Walk:
    """What came of asking: how many cells, which answers, and everything that was wrong."""

    declared: int
    tables: int
    tested: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{count} {answer}" for answer, count in self.answers.most_common())
        return (
            f"{self.tested} of {self.declared} declared cells tested ({told}); {self.tables} tables compared"
        )


def walked(scene: Scene, chosen: Callable[[Route], bool]) -> Walk:
    """Every cell of the routes chosen, asked and judged; after each route the records are compared."""
    hub, records, routes = Hub(scene), Records(scene.database), authorisation.matrix().routes
    cells = [cell for cell in authorisation.matrix().cells() if chosen(routes[cell.route])]
    walk = Walk(len(cells), records.count)
    before = records.now()
    for name, of_route in groupby(cells, key=lambda cell: cell.route):
        for cell in of_route:
            _ask(hub, cell, walk)
        after = records.now()
        changed = sorted(table for table in after if after[table] != before[table])
        if changed:
            walk.wrong.append(f"{name}: a denied request changed rows of {', '.join(changed)}")
        before = after
    records.close()
    return walk


def _ask(hub: Hub, cell: Cell, walk: Walk) -> None:
    response = hub.ask(cell)
    said = verdict(cell, response)
    walk.tested += 1
    walk.answers[said] += 1
    if not fits(cell, said):
        walk.wrong.append(f"{_named(cell)}: stated {cell.outcome}, answered {said} ({response.status_code})")
        return
    judge = _allowed if cell.outcome == "allow" else _denied
    canaries = shown(response, hub.scene)
    walk.wrong += [f"{_named(cell)}: {fault}" for fault in judge(cell, canaries)]


def _named(cell: Cell) -> str:
    lacks = f", without {cell.lacks}" if cell.lacks else ""
    return f"{cell.method} {cell.route} as {cell.actor} ({cell.relation or 'no record'}{lacks})"


def _denied(cell: Cell, canaries: set[Canary]) -> Iterator[str]:
    """A refusal may carry the file's heading, which the same team may read; any other denial shows nobody's word."""
    allowed = {"P0", "P1", "P2"} if cell.outcome == "refused" else {"P0"}
    leaked = {one for one in canaries if one.data_class not in allowed or not _of_riverbend(one)}
    if leaked:
        yield f"denied, and shows {_words(leaked)}"


def _allowed(cell: Cell, canaries: set[Canary]) -> Iterator[str]:
    route = authorisation.matrix().routes[cell.route]
    if foreign := {one for one in canaries if not _may_see(cell, one)}:
        yield f"shows what is not {cell.actor}'s to see: {_words(foreign)}"
    expected = (
        route.shows in SHOWN_AS_TEXT and cell.method == "GET" and cell.relation in ("", "own", "own_assigned")
    )
    if expected and not any(one.data_class == route.shows for one in canaries):
        yield f"shows no {route.shows} canary: an empty page proves nothing"


def _may_see(cell: Cell, canary: Canary) -> bool:
    if canary.data_class == "P0" or (cell.route == "coalition:accept" and canary.field == "invited_name"):
        return True  # whoever holds an invitation reads whom it invites
    on_a_flyer = canary.data_class == "P1" and len(canary.orgs) == 3
    if cell.actor in ("anonymous", "worker"):
        return on_a_flyer or (cell.actor == "worker" and canary.record == "Ana")
    return _of_riverbend(canary) and (canary.data_class in ("P1", "P2") or cell.actor in LEGAL_TEAM)


def _of_riverbend(canary: Canary) -> bool:
    return canary.data_class == "P0" or "riverbend" in canary.orgs


def _words(canaries: set[Canary]) -> str:
    return ", ".join(sorted(f"{one.data_class} {one.field} of {one.record}" for one in canaries)[:5])
