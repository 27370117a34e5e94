"""A clinic day as data: hours, stations, staff, invited workers. Times are minutes after midnight at the place.

Nobody here has a name: a worker is a number that means nothing elsewhere, staff are known by a short id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

CREDENTIALS = (
    "attorney",
    "accredited_full",
    "accredited_partial",
    "student",
    "paralegal",
    "trained_lay",
    "lay",
    "interpreter",
)
"""Who somebody is on a clinic day. Attorneys and representatives as in 8 CFR 1292.1; `trained_lay` was trained for
preparing forms; `interpreter` interprets and does nothing else that day."""
ADVISES = frozenset({"attorney", "accredited_full", "accredited_partial"})
"""Who may give advice before the agency (capacity notes, section 3.2; partial accreditation: the agency alone)."""
COMPLEXITIES = ("straightforward", "moderate", "complex")
PRIORITIES = ("first", "usual", "standby")
"""In which order people are called: a deadline close by; everybody; who came without an appointment."""

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


class NotATime(ValueError):
    """The text is no time of day; the message says what to write."""


def minute_of(text: str) -> float:
    """Minutes after midnight of "9:05" or "09:05:30"; NotATime otherwise."""
    found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise NotATime(f'{text!r} is not a time of day: write "09:30" or "09:30:15"')
    return int(found[1]) * 60 + int(found[2]) + int(found[3] or 0) / 60


def clock(minute: float) -> str:
    """The time of day of so many minutes after midnight, as 09:05; after midnight it goes on as 24:10."""
    whole = int(minute + 0.5)
    return f"{whole // 60:02}:{whole % 60:02}"


@dataclass(frozen=True, slots=True)
class Rest:
    """A break that staff take: its length, and between when it may begin."""

    minutes: int
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works that day: credential and until when it is in force, hours, languages, supervisors."""

    id: str
    credential: str
    begins: int
    ends: int
    languages: frozenset[str] = frozenset()
    stations: tuple[str, ...] = ()
    """Where they stand that day; empty: wherever the credential allows."""
    supervised_by: tuple[str, ...] = ()
    credential_until: date | None = None
    rest: Rest | None = None

    @property
    def interprets(self) -> bool:
        return self.credential == "interpreter"

    @property
    def minutes(self) -> int:
        """On duty, less the break."""
        return self.ends - self.begins - (self.rest.minutes if self.rest else 0)


@dataclass(frozen=True, slots=True)
class Room:
    """How many workers can be served at a station at a time, and how many of them with a wheelchair."""

    seats: int
    accessible: int = 0


@dataclass(frozen=True, slots=True)
class Invited:
    """A worker who is invited or walked in, as far as the day needs to know."""

    id: str
    language: str = ""
    """Empty: not yet known; whoever is free serves, and the check says so."""
    complexity: str = ""
    """Empty: not yet known; the screening will tell."""
    missing: tuple[str, ...] = ()
    brings_interpreter: bool = False
    accessible: bool = False
    priority: str = "usual"
    appointment: int | None = None
    seat: int | None = None
    earliest: int | None = None
    latest: int | None = None
    show_rate: Decimal | None = None
    done: tuple[str, ...] = ()
    """Stations behind this worker before the day begins, such as a screening by telephone."""
    kept_from: frozenset[str] = frozenset()
    """Staff who must not serve this worker: a conflict of interest or the worker's own wish."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One station's time with one worker: who serves, who interprets."""

    station: str
    begins: int
    ends: int
    staff: str
    interpreter: str = ""
    interpreted_until: int | None = None
    """Where one interpreter serves several tables: until when this one is held. None: to the end."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """When a worker is asked to come, and the sittings planned from there."""

    worker: str
    arrives: int
    sittings: tuple[Sitting, ...] = ()

    @property
    def ends(self) -> int:
        return max((one.ends for one in self.sittings), default=self.arrives)


@dataclass(frozen=True, slots=True)
class ClinicDay:
    """One event: place, date, hours, rooms, staff, invited workers, and appointments made by hand."""

    name: str
    on: date
    opens: int
    closes: int
    rooms: Mapping[str, Room]
    staff: tuple[Staff, ...]
    invited: tuple[Invited, ...]
    made: tuple[Appointment, ...] = ()
    relay_languages: frozenset[str] = frozenset()
    """Languages interpreted through a second one, which takes longer."""

    @property
    def stations(self) -> tuple[str, ...]:
        """The stations that are open that day, in the template's order."""
        return tuple(self.rooms)

    def member(self, staff: str) -> Staff:
        """The staff of that id; KeyError names the day."""
        for one in self.staff:
            if one.id == staff:
                return one
        raise KeyError(f"nobody called {staff!r} works at {self.name}")

    def worker(self, number: str) -> Invited:
        """The invited worker of that number; KeyError names the day."""
        for one in self.invited:
            if one.id == number:
                return one
        raise KeyError(f"nobody with the number {number!r} is invited to {self.name}")


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change to look at: more or fewer staff, closing later, quicker stations, fewer invited."""

    name: str
    staff: tuple[Staff, ...] = ()
    without: frozenset[str] = frozenset()
    longer: int = 0
    pace: Mapping[str, float] | None = None
    door_closes: float | None = None

    def apply(self, day: ClinicDay) -> ClinicDay:
        """The day with that change; staff until closing stay until the new closing."""
        closes = day.closes + self.longer
        kept = tuple(
            replace(one, ends=closes) if one.ends >= day.closes else one
            for one in (*day.staff, *self.staff)
            if one.id not in self.without
        )
        return replace(day, closes=closes, staff=kept)


AS_PLANNED = WhatIf("as_planned")
