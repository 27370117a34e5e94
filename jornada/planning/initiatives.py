"""From plan to work: a strategy begun, its milestones kept, and what it adds to the coalition once it bears fruit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from jornada.coalition import selectors as coalition
from jornada.coalition import services as capacity
from jornada.domain.planning import fruit, windows
from jornada.domain.planning.catalogue import Strategy
from jornada.domain.planning.fruit import Fruit
from jornada.domain.planning.windows import CalendarEnds
from jornada.placement import clinic
from jornada.planning import selectors
from jornada.planning.models import (
    Initiative,
    InitiativeEvent,
    InitiativeStep,
    Scenario,
    ScenarioRun,
    Yielded,
)

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.domain.planning.scenario import Scenario as Whole


class CannotBegin(ValueError):
    """No initiative was begun; the message says what is wrong."""


class CannotNote(ValueError):
    """Nothing was noted; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A strategy to carry out: so many units in a place, in service from a day on."""

    strategy: str
    place: str
    units: int
    serves_from: date


# ── Begin ─────────────────────────────────────────────────────────────────────────────────────────────────


def chosen_of(run: ScenarioRun, place: int) -> Chosen | None:
    """The start of that place in the run's plan; None where there is none."""
    plan = run.figures.get("plan", [])
    if not 0 <= place < len(plan):
        return None
    one = plan[place]
    return Chosen(one["strategy"], one["place"], one["units"], date.fromisoformat(one["first_service"]))


@transaction.atomic
def begin(
    *, record: Scenario, chosen: Chosen, owner: Member, by: Member, on: date, run: ScenarioRun | None = None
) -> Initiative:
    """An initiative with milestones counted back from its first day of service on the real calendars.

    CannotBegin where the strategy cannot begin to serve on that day.
    """
    revision = selectors.newest_whole(record)
    if revision is None:
        raise CannotBegin("The scenario has slips. Mend them first.")
    scenario = selectors.read(revision.text)
    strategy = scenario.catalogue.strategies.get(chosen.strategy)
    if strategy is None:
        raise CannotBegin(f"The planning pack has no strategy {chosen.strategy!r}. Choose another.")
    steps = _steps(strategy, chosen.serves_from, scenario)
    gives = fruit.fruit(strategy, scenario)
    made = Initiative.objects.create(
        provider_id=record.provider_id, scenario=record, run=run, strategy=strategy.id, place=chosen.place,
        units=chosen.units, decide_by=min((step.begins for step in steps), default=chosen.serves_from),
        serves_from=chosen.serves_from,
        serves_until=fruit.later(chosen.serves_from, strategy.lasts) if strategy.lasts else None,
        ramp=_ramp(gives), gives=_gives(gives, _expected(strategy, chosen, scenario)),
        documents=list(strategy.documents), owner=owner, begun_by=by,
        begun_on=on,
    )  # fmt: skip
    InitiativeStep.objects.bulk_create(
        InitiativeStep(provider_id=record.provider_id, initiative=made, name=step.name, begins_on=step.begins,
                       ends_on=step.ends)
        for step in steps
    )  # fmt: skip
    return made


def _steps(strategy: Strategy, serves_from: date, scenario: Whole) -> tuple[windows.Milestone, ...]:
    catalogue = scenario.catalogue
    try:
        if strategy.programme:
            programme = catalogue.programmes[strategy.programme]
            starts = windows.cycle(programme, serves_from.year - programme.years_later).starts
            if starts != serves_from:
                raise CannotBegin(
                    f"This fellowship starts on {starts:%B %-d} each year. Take {starts:%B %-d, %Y}."
                )
        if strategy.season and strategy.dated:
            _in_season(catalogue.seasons[strategy.season], serves_from)
        return windows.milestones(strategy, serves_from, catalogue)
    except CalendarEnds as wrong:
        raise CannotBegin(str(wrong)) from None


def _in_season(season: windows.Season, serves_from: date) -> None:
    if serves_from > season.holds_until:
        raise CalendarEnds(season.id, serves_from, season.holds_until)
    if serves_from.month not in season.begins:
        months = ", ".join(f"{date(2000, month, 1):%B}" for month in sorted(season.begins))
        raise CannotBegin(f"This begins in {months} only. Take a day in one of these months.")


def _ramp(gives: tuple[Fruit, ...]) -> list[float]:
    return list(next((one.ramp for one in gives if one.files), (1.0,)))


def _gives(gives: tuple[Fruit, ...], units: float) -> dict[str, Any]:
    """What so many units give at the full rate, as many as may be expected to succeed."""
    return {
        one.resource: {
            "amount": one.amount * units,
            "files": round(one.files * units),
            "full_scope": one.full_scope,
        }
        for one in gives
    }


def _expected(strategy: Strategy, chosen: Chosen, scenario: Whole) -> float:
    return chosen.units * (scenario.figures[strategy.success].mid if strategy.success else 1.0)


# ── On the way ────────────────────────────────────────────────────────────────────────────────────────────

WHAT = {
    "step_done": "a step done",
    "document_in": "a document ready",
    "owner": "another owner",
    "dropped": "dropped",
    "taken_up": "taken up again",
}


@transaction.atomic
def note(
    *, initiative: Initiative, kind: str, on: date, by: Member, about: str = "", said: str = ""
) -> InitiativeEvent:
    """Something that happened. CannotNote where it cannot have: the step is another's, or is done already."""
    standing = _locked(initiative)
    open_now = {
        "step_done": {str(step.pk) for step, done in standing.steps if done is None},
        "document_in": {name for name, done in standing.documents if done is None},
        "owner": {str(member.pk) for member in coalition.team()},
        "dropped": {""} if standing.state == "under_way" else set(),
        "taken_up": {""} if standing.state == "dropped" else set(),
    }
    if about not in open_now.get(kind, set()):
        raise CannotNote(
            "That was noted already, or does not belong to this initiative. Look at the page again."
        )
    if standing.state == "dropped" and kind != "taken_up":
        raise CannotNote("This initiative was dropped. Take it up again first.")
    if kind == "dropped" and not said.strip():
        raise CannotNote("Say in a few words why it is dropped: whoever plans next year will ask.")
    return _note(initiative, kind, on, by, about, said)


def _locked(initiative: Initiative) -> selectors.Standing:
    """Where it stands, while nobody else can note anything about the same scenario."""
    Scenario.objects.select_for_update().get(pk=initiative.scenario_id)
    return selectors.standing(initiative)


def _note(
    initiative: Initiative, kind: str, on: date, by: Member, about: str = "", said: str = ""
) -> InitiativeEvent:
    return InitiativeEvent.objects.create(
        provider_id=initiative.provider_id, initiative=initiative, kind=kind, about=about, happened_on=on,
        said=said[:300], noted_by=by,
    )  # fmt: skip


# ── It bears fruit ────────────────────────────────────────────────────────────────────────────────────────


def proposed_files(initiative: Initiative) -> int:
    """Files at once that the initiative was planned to carry at the full rate; 0 for what carries none."""
    return sum(one["files"] for name, one in initiative.gives.items() if name != fruit.SEATS)


def steps_from(initiative: Initiative, files: int, day: date) -> tuple[tuple[date, int], ...]:
    """How many files from which day on, by the initiative's ramp."""
    return fruit.steps(files, tuple(initiative.ramp), day)


@transaction.atomic
def add_capacity(
    *, initiative: Initiative, member: Member, files: int, from_day: date, by: Member
) -> list[Yielded]:
    """A member carries more files from that day on, step by step as the ramp says, until the term ends.

    What the member carried before stays underneath. CannotNote where the initiative serves already or was dropped.
    """
    _ready(initiative)
    carried = max(
        (one.files_at_once for one in coalition.capacities_on(from_day) if one.member_id == member.pk),
        default=0,
    )
    full = any(one["full_scope"] for one in initiative.gives.values())
    made = []
    for day, more in steps_from(initiative, files, from_day):
        made.append(_capacity(initiative, member, day, carried + more, by, full_scope=full))
    if initiative.serves_until is not None and initiative.serves_until > made[-1].starts_on:
        _capacity(initiative, member, initiative.serves_until, carried, by, full_scope=full)
    _note(
        initiative,
        "bears_fruit",
        from_day,
        by,
        said=f"{member.display_name}: {files} files at once when trained",
    )
    return made


def _capacity(
    initiative: Initiative, member: Member, day: date, files: int, by: Member, *, full_scope: bool
) -> Yielded:
    try:
        record = capacity.set_capacity(
            by=by, member=member, starts_on=day, files_at_once=files, full_scope=full_scope
        )
    except capacity.NotAllowed as refused:
        raise CannotNote(f"You may not set another member's capacity. {refused}") from None
    return Yielded.objects.create(
        provider_id=initiative.provider_id,
        initiative=initiative,
        capacity=record,
        starts_on=day,
        amount=files,
    )


@transaction.atomic
def add_clinic_day(*, initiative: Initiative, said: Mapping[str, Any], by: Member) -> Yielded:
    """The clinic day that was prepared, open for booking; its seats count from now on."""
    _ready(initiative)
    day = clinic.open_clinic_day(**said, by=by)
    from jornada.placement import selectors as placement

    seats = placement.seats_in_all(day)
    _note(initiative, "bears_fruit", day.held_on, by, said=f"{day.name}: {seats} seats")
    return Yielded.objects.create(
        provider_id=initiative.provider_id,
        initiative=initiative,
        clinic_day=day,
        starts_on=day.held_on,
        amount=seats,
    )


@transaction.atomic
def serves(*, initiative: Initiative, on: date, by: Member) -> None:
    """It works, and adds nothing that this hub counts: fees paid, sessions held, a tool in use."""
    _ready(initiative)
    _note(initiative, "bears_fruit", on, by)


def _ready(initiative: Initiative) -> None:
    state = _locked(initiative).state
    if state != "under_way":
        told = {"serving": "It bears fruit already.", "dropped": "It was dropped: take it up again first."}
        raise CannotNote(told[state])


def owner_of(standing: selectors.Standing) -> str:
    """The owner's name; empty where it is another organization's member."""
    return coalition.names([standing.owner_id]).get(standing.owner_id, "")


def member_named(identity: str) -> Member | None:
    """A present member of the provider by id as a form gives it."""
    try:
        return coalition.member(UUID(identity))
    except ValueError:
        return None
