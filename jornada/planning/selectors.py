"""Scenarios, runs and initiatives as the current provider sees them: its own, and what others share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet

from jornada.domain.planning import scenario as domain
from jornada.domain.planning import scenarioreading
from jornada.domain.planning.catalogue import Catalogue
from jornada.gateways import planfiles
from jornada.planning.models import (
    Initiative,
    InitiativeEvent,
    InitiativeStep,
    RunPicture,
    Scenario,
    ScenarioRevision,
    ScenarioRun,
    Yielded,
)

if TYPE_CHECKING:
    from jornada.coalition.models import Member

FILE = "scenario.yaml"
SILENT = timedelta(seconds=90)
"""A run of which nothing was heard for so long has lost its worker."""
_HEAVY = ("told", "figures")


# ── Scenarios ─────────────────────────────────────────────────────────────────────────────────────────────


def scenarios() -> list[Scenario]:
    """Every scenario that may be read, by title."""
    return list(Scenario.objects.order_by("title", "recorded_at"))


def scenario(scenario_id: UUID) -> Scenario | None:
    """A scenario of the current provider, or one that is shared; None for any other."""
    return Scenario.objects.filter(pk=scenario_id).first()


def may_change(record: Scenario, member: Member) -> bool:
    """Whether it is this member's provider's own; those of others are only read."""
    return record.provider_id == member.provider_id


def revisions(record: Scenario) -> QuerySet[ScenarioRevision]:
    """The scenario's history, newest first, without the texts."""
    return ScenarioRevision.objects.filter(scenario=record).defer("text").order_by("-number")


def newest(record: Scenario) -> ScenarioRevision:
    """The scenario's text as it stands, whether or not it is whole."""
    return ScenarioRevision.objects.filter(scenario=record).order_by("-number")[0]


def newest_whole(record: Scenario) -> ScenarioRevision | None:
    """The newest text in which nothing is wrong; None if there is none yet."""
    return ScenarioRevision.objects.filter(scenario=record, faults=[]).order_by("-number").first()


def revision(record: Scenario, number: int) -> ScenarioRevision | None:
    """One text of the history."""
    return ScenarioRevision.objects.filter(scenario=record, number=number).first()


def catalogue() -> Catalogue:
    """The planning pack."""
    return planfiles.catalogue()


def read(text: str) -> domain.Scenario:
    """The scenario that a text holds; PackErrors with what is wrong, line by line."""
    return _read(text, catalogue().fingerprint)


@lru_cache(maxsize=32)
def _read(text: str, fingerprint: str) -> domain.Scenario:
    return scenarioreading.read(FILE, text, catalogue())


# ── Runs ──────────────────────────────────────────────────────────────────────────────────────────────────


def runs(record: Scenario) -> list[ScenarioRun]:
    """The scenario's runs, newest first, without what they found."""
    found = (
        ScenarioRun.objects.filter(scenario=record)
        .select_related("revision")
        .defer(*_HEAVY, "revision__text")
    )
    return list(found.order_by("-recorded_at"))


def run(run_id: UUID) -> ScenarioRun | None:
    """A run that may be read, with its scenario and revision."""
    return ScenarioRun.objects.filter(pk=run_id).select_related("scenario", "revision").first()


def finished_runs() -> list[ScenarioRun]:
    """Every run with results that may be read, newest first, for comparing."""
    found = (
        ScenarioRun.objects.exclude(told={})
        .select_related("scenario", "revision")
        .defer("told", "revision__text")
    )
    return list(found.order_by("-recorded_at")[:40])


def to_begin_from(record: Scenario) -> ScenarioRun | None:
    """The newest run that found a plan: where the next search begins."""
    found = ScenarioRun.objects.filter(scenario=record).exclude(best=[]).defer(*_HEAVY)
    return found.order_by("-recorded_at").first()


def is_silent(one: ScenarioRun, now: datetime | None = None) -> bool:
    """Whether a run counts as running and its worker has given no sign for a while: it was interrupted."""
    heard = one.heard_at or one.begun_at
    return one.state == "running" and heard is not None and (now or datetime.now(UTC)) - heard > SILENT


def plan_of(starts: Iterable[Mapping[str, Any]]) -> domain.Plan:
    """The domain's plan from the starts that a run kept."""
    made = (domain.Start(one["strategy"], one["place"], one["month"], one["units"]) for one in starts)
    return domain.Plan("before", tuple(sorted(made)))


def pictures(one: ScenarioRun, language: str) -> dict[str, str]:
    """The run's charts in that language, SVG by kind."""
    found = RunPicture.objects.filter(run=one, language=language)
    return dict(found.values_list("kind", "svg"))


# ── Initiatives ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """Where an initiative stands on a day, as its events say."""

    initiative: Initiative
    steps: tuple[tuple[InitiativeStep, date | None], ...]
    documents: tuple[tuple[str, date | None], ...]
    owner_id: UUID
    dropped_on: date | None
    fruit_on: date | None
    events: tuple[InitiativeEvent, ...]
    yields: tuple[Yielded, ...]

    @property
    def state(self) -> str:
        """dropped, serving, or under_way."""
        return "dropped" if self.dropped_on else "serving" if self.fruit_on else "under_way"

    @property
    def next_step(self) -> InitiativeStep | None:
        """The first step that is not done."""
        return next((step for step, done in self.steps if done is None), None)

    def late(self, on: date) -> bool:
        """Whether a step that should have ended is not done."""
        open_ones = (step for step, done in self.steps if done is None)
        return self.state == "under_way" and any(step.ends_on < on for step in open_ones)


def initiatives(record: Scenario) -> list[Standing]:
    """Every initiative of the scenario with where it stands, by its first day of service."""
    found = Initiative.objects.filter(scenario=record).order_by("serves_from", "recorded_at")
    return [standing(one) for one in found]


def due(provider_id: UUID, until: date) -> list[tuple[Standing, InitiativeStep]]:
    """Steps of the provider's own initiatives that should end by a day and are not done, the earliest first."""
    own = [
        standing(one) for one in Initiative.objects.filter(provider_id=provider_id).select_related("scenario")
    ]
    found = [
        (one, step)
        for one in own
        for step, done in one.steps
        if one.state == "under_way" and done is None and step.ends_on <= until
    ]
    return sorted(found, key=lambda pair: pair[1].ends_on)


def initiative(initiative_id: UUID) -> Initiative | None:
    """An initiative that may be read, with its scenario."""
    return Initiative.objects.filter(pk=initiative_id).select_related("scenario").first()


def standing(one: Initiative) -> Standing:
    """Where an initiative stands: the newest event about each thing counts."""
    events = tuple(InitiativeEvent.objects.filter(initiative=one).order_by("recorded_at"))
    steps = InitiativeStep.objects.filter(initiative=one).order_by("begins_on", "ends_on")
    owners = [UUID(event.about) for event in events if event.kind == "owner"]
    return Standing(
        initiative=one,
        steps=tuple((step, _when(events, "step_done", str(step.pk))) for step in steps),
        documents=tuple((name, _when(events, "document_in", name)) for name in one.documents),
        owner_id=owners[-1] if owners else one.owner_id,
        dropped_on=_dropped(events),
        fruit_on=_when(events, "bears_fruit", ""),
        events=events,
        yields=tuple(Yielded.objects.filter(initiative=one).order_by("starts_on")),
    )


def _when(events: Sequence[InitiativeEvent], kind: str, about: str) -> date | None:
    return next((event.happened_on for event in events if event.kind == kind and event.about == about), None)


def _dropped(events: Sequence[InitiativeEvent]) -> date | None:
    last = next((event for event in reversed(events) if event.kind in ("dropped", "taken_up")), None)
    return last.happened_on if last is not None and last.kind == "dropped" else None
