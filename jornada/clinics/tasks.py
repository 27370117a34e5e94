"""What takes the simulation or the solver: worked out by `jornada worker`, with progress, and stopped on request.

Pages only read what was found: no web process loads a solver.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from jornada.clinics import selectors
from jornada.clinics.models import Floor, FloorRun
from jornada.clinics.selectors import DayOf
from jornada.domain.clinic.day import ADVISES, AS_PLANNED, Staff, WhatIf
from jornada.vault import keys, tenancy

SECONDS_TO_SEEK = 30.0
"""How long a timetable is sought at most."""
REPLICATIONS = 1000
Tell = Callable[[str], None]


class Stopped(Exception):
    """Somebody asked this run to stop."""


@transaction.atomic
def ask(found: Floor, kind: str) -> FloorRun:
    """Ask for a run of that kind; the one that waits already, where one does.

    No lock in the job queue: a worker that dies would hold it for ever.
    """
    waiting = FloorRun.objects.filter(clinic_day_id=found.clinic_day_id, kind=kind, state="waiting").first()
    if waiting is not None:
        return waiting
    run = FloorRun.objects.create(provider_id=found.provider_id, clinic_day_id=found.clinic_day_id, kind=kind)
    work_out.defer(provider=str(found.provider_id), run=str(run.pk))
    return run


def ask_to_stop(run: FloorRun) -> None:
    """The run ends at its next step, and keeps nothing."""
    FloorRun.objects.filter(pk=run.pk, state="waiting").update(state="stopped", ended_at=datetime.now(UTC))
    FloorRun.objects.filter(pk=run.pk, state="running").update(stop_asked=True)


@app.task(name="jornada.clinics.work_out")
def work_out(provider: str, run: str) -> str:
    """One run from begin to end; the state it ended in."""
    with tenancy.as_provider(UUID(provider)):
        record = FloorRun.objects.filter(pk=run, state="waiting").first()
        if record is None:
            return "stopped"
        _put(record, state="running", begun_at=datetime.now(UTC), heard_at=datetime.now(UTC))
        of = selectors.day_of(
            Floor.objects.select_related("clinic_day").get(clinic_day_id=record.clinic_day_id)
        )
        look = _LOOKS[record.kind](of)
    try:
        found = look(_teller(record))
    except Stopped:
        return _end(record, "stopped")
    except Exception as failure:
        _end(
            record,
            "failed",
            said=f"It could not be worked out ({type(failure).__name__}). Check the day, then try again.",
        )
        raise
    return _end(record, "done", result=plain(found))


def _teller(record: FloorRun) -> Tell:
    """Hears of each step; raises Stopped once somebody asked to stop."""

    def tell(step: str) -> None:
        with tenancy.as_provider(record.provider_id):
            record.refresh_from_db(fields=["stop_asked"])
            if not record.stop_asked:
                _put(record, said=step[:200], heard_at=datetime.now(UTC))
        if record.stop_asked:
            raise Stopped

    return tell


def _end(record: FloorRun, state: str, said: str = "", result: Any = None) -> str:
    with tenancy.as_provider(record.provider_id):
        if result is not None:
            sealed = keys.seal_p2(record.provider_id, result, selectors.result_place(record))
            _put(record, sealed_result=sealed)
        _put(record, state=state, said=said, ended_at=datetime.now(UTC))
    return state


def _put(record: FloorRun, **values: Any) -> None:
    for name, value in values.items():
        setattr(record, name, value)
    record.save(update_fields=list(values))


# ── What is looked at ─────────────────────────────────────────────────────────────────────────────────────────

Look = Callable[[Tell], Any]


def _forecast(of: DayOf) -> Look:
    """How the day will probably go, beside what more people or a longer day would change."""

    def look(tell: Tell) -> Any:
        from jornada.clinics import pictures
        from jornada.domain.clinic import forecast, simulation

        tell("drawing days")
        draws = simulation.draw(of.day, of.template, replications=REPLICATIONS, seed=0)
        tell("walking through them")
        told = forecast.compare(of.day, of.template, tuple(what_ifs(of)), seed=0, draws=draws)
        tell("until when to let people in")
        door = forecast.stop_intake(of.day, of.template, draws=draws.part(0, 400), seed=0)
        seats = forecast.seats(of.day, of.template, seed=0)
        invite = forecast.invitations(of.day, of.template, seats.mid)
        tell("drawing pictures")
        drawn = pictures.of_forecast(of, told)
        return {"forecasts": told, "door": door, "seats": seats, "invitations": invite, "pictures": drawn}

    return look


def what_ifs(of: DayOf) -> list[WhatIf]:
    """As planned, with one more attorney, with one more preparer, and one hour longer; more is too much to read."""
    found = [AS_PLANNED]
    attorney = next((one for one in of.day.staff if one.credential in ADVISES), None)
    preparer = next((one for one in of.day.staff if one.credential in ("trained_lay", "paralegal")), None)
    for name, like in (("one_more_attorney", attorney), ("one_more_preparer", preparer)):
        if like is not None:
            found.append(WhatIf(name, staff=(_another(like),)))
    return [*found, WhatIf("one_hour_longer", longer=60)]


def _another(like: Staff) -> Staff:
    return replace(like, id=f"{like.id}-2")


def _schedule(of: DayOf) -> Look:
    def look(tell: Tell) -> Any:
        from jornada.clinics import pictures
        from jornada.domain.clinic.schedule import schedule

        day = replace(of.day, made=())
        plan = schedule(day, of.template, limit_seconds=SECONDS_TO_SEEK, tell=tell)
        posts = plan.roster(day)
        return {"plan": plan, "gap": plan.gap, "roster": posts, "picture": pictures.roster(of, posts)}

    return look


def _outlook(of: DayOf) -> Look:
    now = of.now
    board = selectors.board(of, now)

    def look(tell: Tell) -> Any:
        from jornada.domain.clinic import forecast

        return {"now": now, **plain(forecast.outlook(board, of.day, of.template))}

    return look


_LOOKS: Mapping[str, Callable[[DayOf], Look]] = {
    "forecast": _forecast,
    "schedule": _schedule,
    "outlook": _outlook,
}


def plain(value: Any) -> Any:
    """As JSON holds it: dataclasses as objects, times that never come as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Decimal) else value
