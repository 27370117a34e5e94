"""Ask for a run, ask it to stop, go on from what an earlier one found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from jornada.planning import selectors
from jornada.planning.models import Scenario, ScenarioRun
from jornada.planning.tasks import work_out

if TYPE_CHECKING:
    from jornada.coalition.models import Member

AT_WORK = ("waiting", "running")
FIRST = {
    "seconds": 60,
    "gap": 0.01,
    "caution": 0.5,
    "replications": 1000,
    "seed": 1,
    "tornado": True,
    "shocks": {},
}
"""What a run is asked if nobody says otherwise."""


class CannotRun(ValueError):
    """No run was started; the message says what to do first."""


@transaction.atomic
def ask(*, record: Scenario, asked: Mapping[str, Any], by: Member, afresh: bool = False) -> ScenarioRun:
    """A run of the newest whole text, which begins from the plan that an earlier run found unless `afresh`.

    CannotRun while another run of the scenario is at work, or no text is whole.
    """
    Scenario.objects.select_for_update().get(pk=record.pk)
    revision = selectors.newest_whole(record)
    if revision is None:
        raise CannotRun("The scenario has slips. Mend them first: they are listed under Text, line by line.")
    at_work = [one for one in selectors.runs(record) if one.state in AT_WORK and not selectors.is_silent(one)]
    if at_work:
        raise CannotRun("A run of this scenario is at work. Wait until it ends, or stop it.")
    before = None if afresh else selectors.to_begin_from(record)
    run = ScenarioRun.objects.create(
        provider_id=record.provider_id, scenario=record, revision=revision, asked_by=by, began_from=before,
        asked={**FIRST, **asked}, best=before.best if before else [],
    )  # fmt: skip
    work_out.defer(provider=str(run.provider_id), run=str(run.pk))
    return run


@transaction.atomic
def ask_to_stop(run: ScenarioRun) -> None:
    """A run that waits ends at once; one at work ends its search and judges what it has found."""
    ScenarioRun.objects.filter(pk=run.pk, state="waiting").update(state="stopped", ended_at=datetime.now(UTC))
    ScenarioRun.objects.filter(pk=run.pk, state="running").update(stop_asked=True)


@transaction.atomic
def go_on(*, run: ScenarioRun, by: Member) -> ScenarioRun:
    """A new run as the earlier one was asked, from the best plan that it had found.

    One that lost its worker is closed first. CannotRun as in `ask`.
    """
    if selectors.is_silent(run):
        ScenarioRun.objects.filter(pk=run.pk).update(
            state="failed",
            ended_at=datetime.now(UTC),
            fault="The worker stopped; another run went on from here.",
        )
    return ask(record=run.scenario, asked=run.asked, by=by)
