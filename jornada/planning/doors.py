"""Who reads plans and who changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404, HttpRequest

from jornada.coalition.doors import LEGAL_TEAM, Role
from jornada.planning import selectors

if TYPE_CHECKING:
    from jornada.planning.models import Initiative, Scenario, ScenarioRun

LEADS = frozenset({Role.ORGANISER, Role.LEGAL_SUPERVISOR, Role.ADMIN})
"""Who plans: leads of worker centers and of legal teams, and admins."""
READERS = LEADS | LEGAL_TEAM | {Role.AUDITOR}


def scenario(request: HttpRequest, scenario_id: UUID, *, own: bool = False) -> Scenario:
    """The scenario; 404 for one that this member may not read, or with `own` not change."""
    record = selectors.scenario(scenario_id)
    if record is None or (own and not selectors.may_change(record, request.member)):
        raise Http404
    return record


def run(request: HttpRequest, run_id: UUID, *, own: bool = False) -> ScenarioRun:
    """The run, likewise."""
    found = selectors.run(run_id)
    if found is None or (own and not selectors.may_change(found.scenario, request.member)):
        raise Http404
    return found


def initiative(request: HttpRequest, initiative_id: UUID, *, own: bool = False) -> Initiative:
    """The initiative, likewise."""
    found = selectors.initiative(initiative_id)
    if found is None or (own and not selectors.may_change(found.scenario, request.member)):
        raise Http404
    return found


def leads(request: HttpRequest, record: Scenario) -> bool:
    """Whether this member may change what is shown."""
    return request.member.role in LEADS and selectors.may_change(record, request.member)
