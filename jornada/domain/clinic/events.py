"""What happens during the day, as the tablets note it; logs that were apart come together without loss.

A log is a set of events. Bringing logs together is their union, so it does not matter in which order, how often or
over which way they meet; nothing is ever overwritten. Each tablet numbers its own events. Their order is the order
of that tablet, even where its clock was set back; between tablets it is the time, then the tablet's name.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from jornada.domain.clinic.day import ClinicDay, clock
from jornada.domain.facts import Reason

KINDS: Mapping[str, tuple[str, ...]] = {
    "arrived": ("worker",),
    "walked_in": ("worker",),
    "called": ("worker", "station", "staff"),
    "put_back": ("worker",),
    "finished": ("worker", "station"),
    "sent": ("worker", "station"),
    "left": ("worker",),
    "complex": ("worker", "reason"),
    "missing": ("worker", "documents"),
    "brought": ("worker", "documents"),
    "staff_arrived": ("staff",),
    "staff_left": ("staff",),
    "paused": ("staff",),
    "resumed": ("staff",),
    "intake_stopped": (),
    "intake_opened": (),
    "settled": ("conflict",),
}
"""Kinds of event and what each must name. `settled` is a person's word on a conflict."""
_TABLET = re.compile(r"[A-Za-z0-9_.-]+")
BEFORE_OPENING = frozenset({"staff_arrived", "staff_left", "paused", "resumed"})
"""What may happen before the doors open."""


@dataclass(frozen=True, slots=True)
class Event:
    """One note of one tablet: its number there, the time (minutes after midnight), what happened to whom."""

    tablet: str
    number: int
    at: float
    kind: str
    worker: str = ""
    station: str = ""
    staff: str = ""
    interpreter: str = ""
    reason: str = ""
    documents: tuple[str, ...] = ()
    conflict: str = ""
    keeps: str = ""
    """With `settled`: the event that stands; empty: none of them does."""
    language: str = ""
    accessible: bool = False
    brings_interpreter: bool = False

    @property
    def key(self) -> str:
        """The event's name: tablet and number."""
        return f"{self.tablet}:{self.number}"

    @property
    def content(self) -> tuple[Any, ...]:
        """All it says, to put events that claim the same number in one order."""
        return (
            self.kind, self.worker, self.station, self.staff, self.interpreter, self.reason, self.documents,
            self.conflict, self.keeps, self.language, self.accessible, self.brings_interpreter,
        )  # fmt: skip

    @property
    def digest(self) -> str:
        """A short mark of the content, for two events that claim the same number."""
        return hashlib.sha256(repr((self.key, self.at, *self.content)).encode()).hexdigest()[:12]

    def plain(self) -> dict[str, Any]:
        """The event as JSON holds it, without what is empty."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        found["documents"] = list(self.documents)
        return {name: value for name, value in found.items() if value not in ("", [], False)}


Log = frozenset[Event]


def from_plain(raw: Mapping[str, Any]) -> Event:
    """The event of `Event.plain`; TypeError or KeyError where something is missing or unknown."""
    values = dict(raw)
    values["documents"] = tuple(values.get("documents", ()))
    return Event(**values)


def merge(*logs: Iterable[Event]) -> Log:
    """All events of these logs. Commutative, associative, idempotent; nothing is lost."""
    return frozenset(event for log in logs for event in log)


def in_order(log: Iterable[Event]) -> list[tuple[float, Event]]:
    """The events in the order in which they count, each with the time that counts.

    A tablet's own order stands: an event counts no earlier than the one before it on the same tablet.
    """
    by_tablet: dict[str, list[Event]] = defaultdict(list)
    for event in log:
        by_tablet[event.tablet].append(event)
    timed: list[tuple[float, Event]] = []
    for events in by_tablet.values():
        latest = float("-inf")
        for event in sorted(events, key=lambda one: (one.number, one.at, one.content)):
            latest = max(latest, event.at)
            timed.append((latest, event))
    return sorted(
        timed, key=lambda pair: (pair[0], pair[1].tablet, pair[1].number, pair[1].at, pair[1].content)
    )


def same_number(log: Iterable[Event]) -> dict[str, list[Event]]:
    """Events that claim the same number of the same tablet and say different things."""
    by_key: dict[str, list[Event]] = defaultdict(list)
    for event in log:
        by_key[event.key].append(event)
    return {key: sorted(events, key=lambda e: e.digest) for key, events in by_key.items() if len(events) > 1}


def refusals(event: Event, day: ClinicDay) -> tuple[Reason, ...]:
    """Why this event cannot be taken down; nothing: it can."""
    if event.kind not in KINDS:
        return (Reason("unknown_event", {"kind": event.kind, "known": ", ".join(KINDS)}),)
    found: list[Reason] = []
    missing = [name for name in KINDS[event.kind] if not getattr(event, name)]
    if missing:
        found.append(Reason("event_incomplete", {"kind": event.kind, "missing": ", ".join(missing)}))
    if event.number < 1 or not _TABLET.fullmatch(event.tablet):
        found.append(Reason("event_unnumbered", {"tablet": event.tablet or "-", "number": event.number}))
    if event.at < 0:
        found.append(Reason("negative_time", {"at": f"{event.at:g}"}))
    elif event.at < day.opens and event.kind not in BEFORE_OPENING:
        found.append(Reason("before_opening", {"at": clock(event.at), "opens": clock(day.opens)}))
    found += _unknown(event, day)
    return tuple(found)


def _unknown(event: Event, day: ClinicDay) -> list[Reason]:
    found: list[Reason] = []
    staff = {one.id for one in day.staff}
    if event.station and event.station not in day.rooms:
        found.append(Reason("unknown_station", {"station": event.station, "known": ", ".join(day.rooms)}))
    if event.worker and event.kind == "arrived" and event.worker not in {one.id for one in day.invited}:
        found.append(Reason("unknown_worker", {"worker": event.worker}))
    for who in (event.staff, event.interpreter):
        if who and who not in staff:
            found.append(Reason("unknown_staff", {"who": who, "station": event.station or "-"}))
    return found
