"""During the day: notes from tablets and the board, kept side by side and never overwritten; screens; blanking.

Whoever notes something now is told at once where it does not fit (somebody else was quicker), and nothing is kept of
it. What a tablet noted while it was cut off is kept in any case: where it contradicts another note, a person settles.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max

from jornada.clinics import preparing, selectors
from jornada.clinics.models import Floor, FloorEvent, Screen
from jornada.clinics.selectors import DayOf
from jornada.domain.clinic import board as boards
from jornada.domain.clinic import dayfile
from jornada.domain.clinic import events as log_of
from jornada.domain.clinic.board import Conflict
from jornada.domain.clinic.day import clock
from jornada.domain.clinic.events import Event, Log
from jornada.gateways.today import today
from jornada.placement import escalation
from jornada.vault import audit, keys

if TYPE_CHECKING:
    from jornada.coalition.models import Member

SCREEN_KINDS = ("hall", "station", "board")


class CannotNote(ValueError):
    """Nothing was noted; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A note that was not taken, why, and what would mend it."""

    key: str
    problem: str
    mend: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of notes that came in: the keys of those that are kept, and those that are not."""

    kept: tuple[str, ...]
    refused: tuple[Refused, ...]


# ── Notes ─────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def note(
    found: Floor,
    events: Sequence[Event],
    *,
    late: bool = False,
    by: Member | None = None,
    language: str = "en",
) -> Noted:
    """Keep these notes of one tablet, in their order. `late`: noted while the tablet was cut off.

    Sent twice, a note is kept once. The floor is locked meanwhile, so of two
    tablets that call the same worker at once one is told that it was too late.
    """
    found = Floor.objects.select_for_update().select_related("clinic_day").get(pk=found.pk)
    of = selectors.day_of(found)
    if found.state == "planned":
        return Noted(
            (), tuple(Refused(one.key, "The doors are not open yet", "Ask the lead") for one in events)
        )
    log, kept, refused = selectors.log(found), [], []
    for event in events:
        problem = _problem(event, of, log, late, language)
        if problem is not None:
            refused.append(problem)
        else:
            log = log_of.merge(log, [event])
            kept.append(event)
    _keep(found, kept, by)
    _follow(of, kept)
    return Noted(tuple(event.key for event in kept), tuple(refused))


def _problem(event: Event, of: DayOf, log: Log, late: bool, language: str) -> Refused | None:
    """Why a note cannot be taken; None: it can."""
    for reason in log_of.refusals(event, of.day):
        return Refused(event.key, *dayfile.said(reason, of.template, language))
    if event.kind == "walked_in" and not _is_spare(event.worker, of):
        values = {"worker": event.worker}
        return Refused(event.key, of.said("reasons.not_a_spare_number", language, **values),
                       of.said("mends.not_a_spare_number", language, **values))  # fmt: skip
    if late or event in log:
        return None
    contradicted = _contradiction(event, of, log)
    if contradicted is None:
        return None
    said = of.said(f"conflicts.{contradicted.kind}", language)
    return Refused(
        event.key, f"{said}: {contradicted.about}", of.said("mends.somebody_was_quicker", language)
    )


def _is_spare(number: str, of: DayOf) -> bool:
    ticket = of.tickets.get(int(number)) if number.isdigit() else None
    return ticket is not None and number not in {one.id for one in of.day.invited}


def _contradiction(event: Event, of: DayOf, log: Log) -> Conflict | None:
    """What this note would contradict; notes that nobody takes amiss (`holds` is false) pass."""
    at = max(event.at, of.now)
    before = {one.id for one in boards.board(of.day, log, at).conflicts}
    after = boards.board(of.day, log_of.merge(log, [event]), at).conflicts
    fresh = [one for one in after if one.id not in before and event.key in " ".join(one.events)]
    return next((one for one in fresh if one.holds or one.kind in _ALSO), None)


_ALSO = frozenset({"number_already_given", "not_invited", "sent_after_leaving", "came_back"})
"""Contradictions that hold nobody back, but that whoever notes them now should hear of."""


def _keep(found: Floor, events: Sequence[Event], by: Member | None) -> None:
    if not events:
        return
    preparing.beat(found)
    secret = keys.provider_key(found.provider_id)
    rows = []
    for event in events:
        row = FloorEvent(
            id=uuid4(), provider_id=found.provider_id, clinic_day_id=found.clinic_day_id, tablet=event.tablet,
            number=event.number, digest=event.digest, pulse=found.pulse, noted_by=by,
        )  # fmt: skip
        row.sealed_event = secret.seal_p2(event.plain(), selectors.event_place(row))
        rows.append(row)
    FloorEvent.objects.bulk_create(rows, ignore_conflicts=True)


def _follow(of: DayOf, events: Iterable[Event]) -> None:
    """Whoever turned out complex leaves the limited scope in writing, at once."""
    for event in events:
        ticket = of.tickets.get(int(event.worker)) if event.worker.isdigit() else None
        if event.kind == "complex" and ticket is not None and ticket.file is not None:
            escalation.end_at_clinic(file=ticket.file, reason=event.reason, on=of.day.on)


def next_number(found: Floor, tablet: str) -> int:
    """The number of a tablet's next note."""
    rows = FloorEvent.objects.filter(clinic_day_id=found.clinic_day_id, tablet=tablet)
    return int(rows.aggregate(Max("number"))["number__max"] or 0) + 1


def say(found: Floor, tablet: str, kind: str, *, by: Member | None = None, **values: Any) -> None:
    """Note one thing that happens now. CannotNote with the reason where it does not fit."""
    with transaction.atomic():
        locked = Floor.objects.select_for_update().select_related("clinic_day").get(pk=found.pk)
        event = Event(tablet, next_number(locked, tablet), _at(locked), kind, **values)
        noted = note(locked, [event], by=by)
    for one in noted.refused:
        raise CannotNote(f"{one.problem.rstrip('.')}. {one.mend.rstrip('.')}.")


def _at(found: Floor) -> float:
    """The minute now, rounded down: a note of the next moment would not be on the board yet."""
    return math.floor(selectors.minute_of(found) * 100) / 100


def settle(found: Floor, conflict: str, keeps: str, *, tablet: str, by: Member) -> None:
    """A person's word on notes that contradict each other. CannotNote where there is no such conflict."""
    open_ones = {one.id: one for one in selectors.board(selectors.day_of(found)).conflicts}
    about = open_ones.get(conflict)
    if about is None or keeps not in ("", *about.events):
        raise CannotNote("That is settled already. Look at the board again.")
    say(found, tablet, "settled", by=by, conflict=conflict, keeps=keeps)


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A line of a worker's paper sheet: where, with whom, from when to when (minutes; the end may be missing)."""

    station: str
    staff: str
    begins: float
    ends: float | None = None
    interpreter: str = ""


@transaction.atomic
def from_paper(
    found: Floor, worker: str, arrived: float, lines: Sequence[OnPaper], *, by: Member | None = None
) -> Noted:
    """What a sheet of paper says about one worker, after the screens were out. Kept like notes of a tablet cut off."""
    found = Floor.objects.select_for_update().select_related("clinic_day").get(pk=found.pk)
    of = selectors.day_of(found)
    tablet = f"paper-{worker}"
    kind = "arrived" if worker in {one.id for one in of.day.invited} else "walked_in"
    told: list[tuple[str, float, dict[str, Any]]] = [(kind, arrived, {})]
    for line in sorted(lines, key=lambda one: one.begins):
        if line.ends is not None and line.ends < line.begins:
            raise CannotNote(
                f"The sheet of number {worker} would end at {clock(line.ends)} before it begins at"
                f" {clock(line.begins)}. Look at the sheet again."
            )
        who = {"station": line.station, "staff": line.staff, "interpreter": line.interpreter}
        told.append(("called", line.begins, who))
        if line.ends is not None:
            told.append(("finished", line.ends, {"station": line.station}))
    first = next_number(found, tablet)
    events = [
        Event(tablet, first + place, at, name, worker=worker, **values)
        for place, (name, at, values) in enumerate(told)
    ]
    return note(found, events, late=True, by=by)


# ── Screens ───────────────────────────────────────────────────────────────────────────────────────────────────


def hashed(token: str) -> bytes:
    """How a screen's token is kept."""
    return hashlib.sha256(f"screen/{token}".encode()).digest()


@transaction.atomic
def add_screen(found: Floor, name: str, kind: str, station: str = "") -> tuple[Screen, str]:
    """A new screen of the day and the token of its link, which opens once."""
    if kind not in SCREEN_KINDS or (kind == "station") != (station in found.rooms):
        raise CannotNote("Choose what the screen shows; for a tablet also its station.")
    if not name.isidentifier() and not name.replace("-", "").isalnum():
        raise CannotNote("Give the screen a name of letters, digits and hyphens, such as advice-2.")
    token = secrets.token_urlsafe(18)
    try:
        with transaction.atomic():
            screen = Screen.objects.create(
                provider_id=found.provider_id, clinic_day_id=found.clinic_day_id, name=name, kind=kind,
                station=station, token_hash=hashed(token),
            )  # fmt: skip
    except IntegrityError:
        raise CannotNote(f"There is a screen {name!r} that day already. Give another name.") from None
    return screen, token


@transaction.atomic
def renew_link(screen: Screen) -> str:
    """Another link for a screen whose device was changed; the old device is out at once."""
    token = secrets.token_urlsafe(18)
    screen.token_hash, screen.opened_at, screen.ended_at = hashed(token), None, None
    screen.save(update_fields=["token_hash", "opened_at", "ended_at"])
    return token


@transaction.atomic
def open_screen(screen_id: UUID) -> str:
    """The device's own token in place of the link's, which opens nothing from now on."""
    token = secrets.token_urlsafe(24)
    taken = Screen.objects.filter(pk=screen_id, opened_at=None, ended_at=None).update(
        token_hash=hashed(token), opened_at=datetime.now(UTC)
    )
    if not taken:
        raise CannotNote("This link was opened on another device already. Ask the lead for another link.")
    return token


@transaction.atomic
def end_screen(screen: Screen) -> None:
    """Out, for instance since the tablet is lost."""
    screen.ended_at = datetime.now(UTC)
    screen.save(update_fields=["ended_at"])


@transaction.atomic
def blank(found: Floor, *, on: bool, by: Member | None = None) -> None:
    """Every screen shows nothing but a request to wait; or the floor again."""
    found.blanked_at = datetime.now(UTC) if on else None
    found.save(update_fields=["blanked_at"])
    preparing.beat(found)
    audit.record(
        "blanked" if on else "unblanked", kind="provider", about="clinics_floor", row=found.pk,
        reason="incident" if on else "",
    )  # fmt: skip


def is_on(found: Floor) -> bool:
    """Whether screens of that day may still be used."""
    return found.state != "closed" and found.clinic_day.held_on >= today()
