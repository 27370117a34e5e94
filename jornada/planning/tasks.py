"""A run of the planner in the background: claimed once, heard of while it works, stopped on request, never lost.

`jornada worker` carries runs out. The best plan so far is kept at every step, so that a run whose worker dies can be
gone on with.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from procrastinate.contrib.django import app

from jornada.planning import selectors
from jornada.planning.models import RunPicture, ScenarioRun
from jornada.vault import tenancy

if TYPE_CHECKING:
    from jornada.domain.planning.optimiser import Progress
    from jornada.domain.planning.scenario import Plan, Scenario
    from jornada.gateways.planruns import Found

HEARD_EVERY = 1.5
"""Seconds between two signs of a run at work."""


@app.task(name="jornada.planning.work_out")
def work_out(provider: str, run: str) -> str:
    """One run from begin to end; the state it ended in."""
    with tenancy.as_provider(UUID(provider)):
        record = ScenarioRun.objects.filter(pk=run, state="waiting").select_related("revision").first()
        if record is None:
            return "stopped"
        _put(record, state="running", begun_at=_now(), heard_at=_now())
        scenario = selectors.read(record.revision.text)
    hearing = Hearing(record)
    try:
        found = _worked_out(record, scenario, hearing)
        hearing.step("drawing", 0.0)
        told = _told(found)
    except Exception as failure:
        _end(record, "failed", fault=_why(failure))
        raise
    return _keep(record, found, told, stopped=hearing.stopped)


def _why(failure: Exception) -> str:
    """What a run's page says where it failed."""
    return (
        f"The run ended by itself ({type(failure).__name__}). The best plan so far is kept: go on from it. If it ends"
        " like this again, try fewer simulated runs or a shorter plan: it may need more memory than there is."
    )


@dataclass
class Hearing:
    """Hears of each step of a run and writes it down; knows when somebody asked to stop."""

    record: ScenarioRun
    stopped: bool = False
    progress: dict[str, Any] = field(default_factory=dict)
    wrote_at: float = 0.0
    _best: list[dict[str, Any]] = field(default_factory=list)

    def step(self, stage: str, done: float) -> None:
        """So much of a step is done."""
        changed = stage != self.record.stage
        self.record.stage = stage
        self.progress["done"] = round(done, 3)
        self.write(at_once=changed)

    def better(self, progress: Progress) -> None:
        """A better plan was found."""
        gap = progress.gap if progress.gap < 1e6 else None
        self.progress |= {
            "seconds": round(progress.seconds, 1),
            "gap": gap,
            "starts": len(progress.plan.starts),
        }
        self._best = starts_of(progress.plan)
        self.write(at_once=True)

    def going(self) -> bool:
        """Whether to go on. A first request to stop ends the search; what it found is still judged."""
        self.write()
        return not (self.stopped and self.record.stage in ("searching", "tornado"))

    def write(self, at_once: bool = False) -> None:
        """A sign of life with the progress, not too often; learns whether somebody asked to stop."""
        if not at_once and time.monotonic() - self.wrote_at < HEARD_EVERY:
            return
        self.wrote_at = time.monotonic()
        with tenancy.as_provider(self.record.provider_id):
            self.record.refresh_from_db(fields=["stop_asked"])
            kept = {"best": self._best} if self._best else {}
            _put(self.record, stage=self.record.stage, progress=self.progress, heard_at=_now(), **kept)
        self.stopped = self.record.stop_asked


def starts_of(plan: Plan) -> list[dict[str, Any]]:
    """The plan's starts as they are kept."""
    return [
        {"strategy": one.strategy, "place": one.place, "month": one.month, "units": one.units}
        for one in plan.starts
    ]


def _worked_out(record: ScenarioRun, scenario: Scenario, hearing: Hearing) -> Found:
    from jornada.gateways import planruns

    asked = planruns.Asked(**record.asked)
    watch = planruns.Watch(hearing.step, hearing.better, hearing.going)
    return planruns.work(scenario, asked, watch, selectors.plan_of(record.best) if record.best else None)


Told = tuple[dict[str, Any], dict[str, dict[str, Any]], list[tuple[str, str, str]]]
"""Numbers; words and tables by language; pictures as (kind, language, SVG)."""


def _told(found: Found) -> Told:
    from jornada.gateways import plantold

    languages = found.scenario.catalogue.languages
    told = {language: plantold.told(found, language) for language in languages}
    pictures = [
        (kind, language, svg) for language in languages for kind, svg in plantold.pictures(found, language)
    ]
    return plantold.numbers(found), told, pictures


def _keep(record: ScenarioRun, found: Found, told: Told, *, stopped: bool) -> str:
    numbers, words, pictures = told
    optimised = found.optimised
    text = record.revision.text.encode()
    with tenancy.as_provider(record.provider_id):
        RunPicture.objects.bulk_create(
            RunPicture(provider_id=record.provider_id, run=record, kind=kind, language=language, svg=svg)
            for kind, language, svg in pictures
        )
        _put(
            record,
            figures=numbers,
            told=words,
            best=starts_of(optimised.plan) if optimised else record.best,
            proof=proof(numbers),
            fingerprint=f"{found.scenario.catalogue.fingerprint} {hashlib.sha256(text).hexdigest()[:12]}",
        )
    return _end(record, "stopped" if stopped else "done")


def proof(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """What is proved of the plan: what it leaves, what any leaves at least, the gap between; in how many seconds."""
    found = numbers.get("optimised")
    if not found:
        return {}
    steps = found.get("steps") or [{"seconds": None}]
    return {
        **{key: found[key] for key in ("left", "least", "gap", "complete")},
        "seconds": steps[-1]["seconds"],
    }


def _end(record: ScenarioRun, state: str, fault: str = "") -> str:
    with tenancy.as_provider(record.provider_id):
        _put(record, state=state, fault=fault, ended_at=_now())
    return state


def _put(record: ScenarioRun, **values: Any) -> None:
    for name, value in values.items():
        setattr(record, name, value)
    record.save(update_fields=list(values))


def _now() -> datetime:
    return datetime.now(UTC)
