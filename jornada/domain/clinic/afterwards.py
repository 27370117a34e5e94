"""After the day: who still lacks what, whom to call, where each scope ended, and how it went against the forecast.

Two lists that are never one: organisers get logistics (who, which papers to bring, whether a new time is needed);
the legal team also gets why somebody went to full scope and where the work stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jornada.domain.clinic.board import Board, OnBoard
from jornada.domain.clinic.day import ClinicDay
from jornada.domain.facts import Reason

if TYPE_CHECKING:
    from jornada.domain.clinic.forecast import Forecast, Spread


@dataclass(frozen=True, slots=True)
class FollowUp:
    """For organisers: whom to call about what. Logistics only, nothing that a lawyer learned."""

    worker: str
    language: str
    needs: tuple[Reason, ...]
    bring: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LegalFollowUp:
    """For the legal team: where the work stands, why it stopped, and what was already done."""

    worker: str
    status: str
    reason: str
    stations_done: tuple[str, ...]
    stations_ahead: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndOfScope:
    """The written end of a limited scope: when, after which stations, and what the worker still does alone."""

    worker: str
    at: float
    how: str
    stations_done: tuple[str, ...]
    still_to_do: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """Somebody who left the model for full scope: the reason, and the stations that need not be repeated."""

    worker: str
    at: float
    reason: str
    stations_done: tuple[str, ...]
    missing: tuple[str, ...]


def follow_ups(found: Board) -> tuple[FollowUp, ...]:
    """Everybody an organiser should call, in the order of their numbers."""
    made = [
        FollowUp(one.worker.id, one.worker.language, needs, one.missing)
        for one in found.workers.values()
        if (needs := tuple(_needs(one)))
    ]
    return tuple(sorted(made, key=lambda one: (len(one.worker), one.worker)))


def _needs(one: OnBoard) -> Iterator[Reason]:
    values = {"worker": one.worker.id}
    if one.status == "expected":
        yield Reason("did_not_come" if one.worker.appointment is not None else "stood_by", values)
    elif one.status == "full_scope":
        yield Reason("lawyer_will_call", values)
    elif one.status == "left" or one.here:
        yield Reason("not_finished", values)
    if one.missing:
        yield Reason("bring_documents", values)


def legal_follow_ups(found: Board, day: ClinicDay) -> tuple[LegalFollowUp, ...]:
    """Everybody whose work is not complete, for the legal team."""
    made = [
        LegalFollowUp(
            one.worker.id,
            one.status,
            one.reason,
            one.stations_done,
            tuple(name for name in day.stations if name not in one.stations_done),
            one.missing,
        )
        for one in found.workers.values()
        if one.arrived_at is not None and (one.status != "done" or one.missing)
    ]
    return tuple(sorted(made, key=lambda one: (one.status, len(one.worker), one.worker)))


def ends_of_scope(found: Board, *, mailed_by_clinic: bool) -> tuple[EndOfScope, ...]:
    """Where each limited scope ended. Full scope is no end: it is handed over."""
    alone = () if mailed_by_clinic else ("mail_packet",)
    made = []
    for one in found.workers.values():
        if one.status not in ("done", "left") or one.arrived_at is None or one.ended_at is None:
            continue
        how = "completed" if one.status == "done" and not one.missing else "incomplete"
        papers = ("bring_documents",) if one.missing else ()
        todo = (*papers, *(alone if how == "completed" else ()), "keep_receipt", "tell_new_address")
        made.append(EndOfScope(one.worker.id, one.ended_at, how, one.stations_done, todo))
    return tuple(sorted(made, key=lambda one: one.at))


def handovers(found: Board) -> tuple[Handover, ...]:
    """Who goes on in full scope, in the order in which it was noticed."""
    made = [
        Handover(one.worker.id, one.ended_at or one.since, one.reason, one.stations_done, one.missing)
        for one in found.workers.values()
        if one.status == "full_scope"
    ]
    return tuple(sorted(made, key=lambda one: (one.at, one.worker)))


# ── Against the forecast ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Measured:
    """A number of the day beside what was forecast; `inside` says whether it fell within the spread."""

    name: str
    counted: float
    forecast: Spread | None = None

    @property
    def inside(self) -> bool | None:
        """None where nothing was forecast."""
        return None if self.forecast is None else self.forecast.low <= self.counted <= self.forecast.high


@dataclass(frozen=True, slots=True)
class TimeStudy:
    """How long a station really took: services, and the minutes that a tenth, half, nine tenths stayed below."""

    station: str
    services: int
    low: float
    mid: float
    high: float
    waited: float


def throughput(found: Board, forecast: Forecast | None = None) -> tuple[Measured, ...]:
    """The day's numbers beside the forecast."""
    people = list(found.workers.values())
    came = [one for one in people if one.arrived_at is not None]
    done = [one for one in came if one.status == "done"]
    counts = {
        "came": len(came),
        "served": len(done),
        "completed": sum(not one.missing for one in done),
        "sent_elsewhere": sum(one.status == "full_scope" for one in came),
        "left_over": sum(one.here or one.status == "left" for one in came),
        "clears_at": max((one.ended_at for one in came if one.ended_at is not None), default=0.0),
    }
    return tuple(
        Measured(name, value, getattr(forecast, name) if forecast else None) for name, value in counts.items()
    )


def time_study(found: Board, day: ClinicDay) -> tuple[TimeStudy, ...]:
    """What the day itself says about working times, to overwrite the pack's judgements with."""
    visits = [visit for one in found.workers.values() for visit in one.visits if visit.minutes > 0]
    made = []
    for name in day.stations:
        here = [visit for visit in visits if visit.station == name]
        if here:
            minutes = sorted(visit.minutes for visit in here)
            waited = sum(visit.waited for visit in here) / len(here)
            low, mid, high = (_at_share(minutes, share) for share in (0.1, 0.5, 0.9))
            made.append(TimeStudy(name, len(here), low, mid, high, waited))
    return tuple(made)


def _at_share(ordered: Sequence[float], share: float) -> float:
    """The value below which that share of an ordered list lies, between its neighbours."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
