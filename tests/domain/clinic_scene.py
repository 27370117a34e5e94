"""A small clinic day for tests: Rosa advises, Lucia studies under her, Tomás interprets Mam, Gus and Omar help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from jornada.domain.clinic.day import ClinicDay, Invited, Rest, Room, Staff
from jornada.domain.clinic.events import Event
from jornada.domain.clinic.template import Template
from jornada.gateways import clinicfiles

DAY = date(2026, 12, 5)
OPENS, CLOSES = 9 * 60, 17 * 60
STATIONS = ("check_in", "screening", "advice", "preparation", "review", "assembly", "exit")
UNTIL = date(2027, 12, 31)

ROSA = Staff("rosa", "attorney", OPENS, CLOSES, frozenset({"en", "es"}), credential_until=UNTIL)
NOOR = Staff("noor", "attorney", OPENS, CLOSES, frozenset({"en"}), credential_until=UNTIL)
LUCIA = Staff(
    "lucia",
    "student",
    OPENS,
    CLOSES,
    frozenset({"en", "es"}),
    supervised_by=("rosa",),
    credential_until=UNTIL,
)
OMAR = Staff("omar", "trained_lay", OPENS, CLOSES, frozenset({"en", "es"}), ("preparation",))
GUS = Staff("gus", "lay", OPENS, CLOSES, frozenset({"en", "es"}))
TOMAS = Staff("tomas", "interpreter", OPENS, CLOSES, frozenset({"mam"}))
TEAM = (ROSA, NOOR, LUCIA, OMAR, GUS, TOMAS)

ANA = Invited("ana", "es", "straightforward", appointment=OPENS)
BASHIR = Invited("bashir", "es", "straightforward", appointment=OPENS + 30)
MATEO = Invited("mateo", "mam", "straightforward", appointment=OPENS + 60)


def template() -> Template:
    """The shipped clinic pack."""
    return clinicfiles.load_template()


def day(
    staff: Iterable[Staff] = TEAM,
    invited: Iterable[Invited] = (ANA, BASHIR, MATEO),
    **changed: Any,
) -> ClinicDay:
    """The small day with some things changed."""
    rooms = changed.pop("rooms", {name: Room(6, 2) for name in STATIONS})
    made = ClinicDay("saturday", DAY, OPENS, CLOSES, rooms, tuple(staff), tuple(invited))
    return replace(made, **changed)


def with_rest(one: Staff, minutes: int = 30, earliest: int = 12 * 60, latest: int = 13 * 60) -> Staff:
    """The same with a break."""
    return replace(one, rest=Rest(minutes, earliest, latest))


class Tablet:
    """A tablet that numbers its events."""

    def __init__(self, name: str = "door") -> None:
        self.name = name
        self.events: list[Event] = []

    def note(self, at: float, kind: str, worker: str = "", **more: Any) -> Event:
        made = Event(self.name, len(self.events) + 1, at, kind, worker, **more)
        self.events.append(made)
        return made
