"""A clinic day and its events written as YAML: read whole, with every complaint's line and what would mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from jornada.domain.clinic import events as log_of
from jornada.domain.clinic.day import (
    COMPLEXITIES,
    CREDENTIALS,
    PRIORITIES,
    Appointment,
    ClinicDay,
    Invited,
    NotATime,
    Rest,
    Room,
    Sitting,
    Staff,
    WhatIf,
    minute_of,
)
from jornada.domain.clinic.events import Event, Log
from jornada.domain.clinic.rules import Objection, hard, objections
from jornada.domain.clinic.template import Template
from jornada.domain.facts import Reason
from jornada.domain.located import PackError, PackErrors, Path
from jornada.domain.packpages import Pages

Made = TypeVar("Made")
SEATS = 10_000
"""Seats of a station where the file says nothing: as many as there are staff."""


@dataclass(frozen=True, slots=True)
class DayFile:
    """A clinic day as read, what-ifs to compare, and where each invited worker stands in the file."""

    day: ClinicDay
    what_ifs: tuple[WhatIf, ...]
    pages: Pages
    file: str
    invited_at: tuple[int, ...]

    def line(self, path: Path) -> int:
        """The line of what an objection is about."""
        if len(path) > 1 and path[0] == "invited" and isinstance(path[1], int):
            path = ("invited", self.invited_at[path[1]], *path[2:])
        return self.pages.pages[self.file].line(path)


def told(
    found: Iterable[Objection], read: DayFile, template: Template, language: str
) -> tuple[PackError, ...]:
    """Objections as complaints about the file, in words."""
    return tuple(
        PackError(read.file, read.line(one.path), *said(one.reason, template, language)) for one in found
    )


def said(reason: Reason, template: Template, language: str) -> tuple[str, str]:
    """A reason and what would mend it, in words and without their full stops."""
    values = {name: _word(value, template, language) for name, value in reason.values.items()}
    problem = template.text(f"reasons.{reason.key}", language, **values)
    return problem.rstrip("."), template.text(f"mends.{reason.key}", language, **values)


def _word(value: Any, template: Template, language: str) -> str:
    """The name of a station or a credential in that language where there is one; else as it is."""
    words = template.wording[language]
    parts = [
        words.get(f"stations.{part}") or words.get(f"credentials.{part}") or part
        for part in str(value).split(", ")
    ]
    return ", ".join(parts)


# ── The day ───────────────────────────────────────────────────────────────────────────────────────────────────


def parse_day(file: str, text: str, template: Template) -> DayFile:
    """The clinic day in this text; PackErrors with everything that is wrong in its form.

    What the rules object to is another matter: see `rules.objections`.
    """
    pages = _DayPages(file, text, template)
    made = pages.day_file()
    if made is None or pages.errors:
        raise PackErrors(tuple(sorted(pages.errors, key=lambda error: error.line)))
    return made


class _DayPages(Pages):
    """A day's file while it is read."""

    def __init__(self, file: str, text: str, template: Template) -> None:
        super().__init__(file, {file: text})
        self.file = file
        self.template = template
        self.known = tuple(station.id for station in template.stations)
        self.opens, self.closes = 0, 24 * 60

    def day_file(self) -> DayFile | None:
        page = self.pages[self.file]
        head = self.mapping(
            self.file,
            (),
            page.data,
            ("clinic", "day", "opens", "closes", "stations", "staff"),
            ("pack", "invited", "appointments", "relay_languages", "what_ifs"),
        )
        if head is None:
            return None
        on = self.day(self.file, ("day",), head["day"])
        self.opens, self.closes = self.time(("opens",), head["opens"]), self.time(("closes",), head["closes"])
        invited = [pair for place, raw in self.each(head, "invited") for pair in self.invited(place, raw)]
        if on is None:
            return None
        made = ClinicDay(
            name=str(head["clinic"]),
            on=on,
            opens=self.opens,
            closes=self.closes,
            rooms=self.rooms(head["stations"]),
            staff=self.all_of(head, "staff", self.staff),
            invited=tuple(one for _, one in invited),
            made=self.all_of(head, "appointments", self.appointment),
            relay_languages=frozenset(
                self.words(self.file, ("relay_languages",), head.get("relay_languages"))
            ),
        )
        what_ifs = self.all_of(head, "what_ifs", self.what_if)
        return DayFile(made, what_ifs, self, self.file, tuple(place for place, _ in invited))

    # --- lists --------------------------------------------------------------------------------------

    def each(self, head: Mapping[str, Any], key: str) -> Iterable[tuple[int, Any]]:
        raw = head.get(key)
        if raw is not None and not isinstance(raw, list):
            self.wrong(self.file, (key,), f"{key} is not a list", f"Write {key}: and one - for each")
            return ()
        return enumerate(raw or ())

    def all_of(
        self, head: Mapping[str, Any], key: str, make: Callable[[Path, Any], Made | None]
    ) -> tuple[Made, ...]:
        made = [make((key, place), raw) for place, raw in self.each(head, key)]
        return tuple(one for one in made if one is not None)

    # --- parts --------------------------------------------------------------------------------------

    def rooms(self, raw: Any) -> dict[str, Room]:
        """The open stations in the template's order."""
        entry = self.mapping(self.file, ("stations",), raw, (), self.known)
        made: dict[str, Room] = {}
        for name in self.known:
            if entry and name in entry:
                path = ("stations", name)
                room = self.mapping(self.file, path, entry[name] or {}, (), ("seats", "accessible"))
                if room is not None:
                    seats = self.whole((*path, "seats"), room.get("seats", SEATS))
                    made[name] = Room(seats, self.whole((*path, "accessible"), room.get("accessible", seats)))
        return made

    def staff(self, path: Path, raw: Any) -> Staff | None:
        entry = self.mapping(
            self.file,
            path,
            raw,
            ("id", "credential"),
            ("languages", "from", "until", "stations", "supervised_by", "credential_until", "break"),
        )
        if entry is None:
            return None
        until = entry.get("credential_until")
        return Staff(
            id=str(entry["id"]),
            credential=self.one_of(self.file, (*path, "credential"), entry["credential"], CREDENTIALS),
            begins=self.time((*path, "from"), entry["from"]) if "from" in entry else self.opens,
            ends=self.time((*path, "until"), entry["until"]) if "until" in entry else self.closes,
            languages=frozenset(self.words(self.file, (*path, "languages"), entry.get("languages"))),
            stations=self.words(self.file, (*path, "stations"), entry.get("stations"), self.known),
            supervised_by=self.words(self.file, (*path, "supervised_by"), entry.get("supervised_by")),
            credential_until=self.day(self.file, (*path, "credential_until"), until)
            if until is not None
            else None,
            rest=self.rest((*path, "break"), entry["break"]) if "break" in entry else None,
        )

    def rest(self, path: Path, raw: Any) -> Rest | None:
        entry = self.mapping(self.file, path, raw, ("minutes", "between"))
        if entry is None:
            return None
        between = entry["between"]
        if not isinstance(between, list) or len(between) != 2:
            self.wrong(self.file, path, f"{between!r} is not two times", 'Write between: ["11:30", "13:00"]')
            return None
        first, last = (self.time((*path, "between", place), one) for place, one in enumerate(between))
        return Rest(self.whole((*path, "minutes"), entry["minutes"]), first, last)

    def invited(self, place: int, raw: Any) -> list[tuple[int, Invited]]:
        """One worker, or so many alike with numbers made from the group's."""
        path: Path = ("invited", place)
        entry = self.mapping(
            self.file,
            path,
            raw,
            ("number",),
            (
                "count", "language", "complexity", "missing", "brings_interpreter", "accessible", "priority",
                "appointment", "seat", "earliest", "latest", "show_rate", "done", "kept_from",
            ),
        )  # fmt: skip
        if entry is None:
            return []
        one = self.worker(path, entry)
        if "count" not in entry:
            return [(place, one)]
        count = self.whole((*path, "count"), entry["count"])
        return [(place, replace(one, id=f"{one.id}-{number}")) for number in range(1, count + 1)]

    def worker(self, path: Path, entry: Mapping[str, Any]) -> Invited:
        def time_at(key: str) -> int | None:
            return self.time((*path, key), entry[key]) if key in entry else None

        complexity = str(entry.get("complexity", ""))
        return Invited(
            id=str(entry["number"]),
            language=str(entry.get("language", "")),
            complexity=self.one_of(self.file, (*path, "complexity"), complexity, ("", *COMPLEXITIES)),
            missing=self.words(self.file, (*path, "missing"), entry.get("missing")),
            brings_interpreter=self.flag(
                (*path, "brings_interpreter"), entry.get("brings_interpreter", False)
            ),
            accessible=self.flag((*path, "accessible"), entry.get("accessible", False)),
            priority=self.one_of(self.file, (*path, "priority"), entry.get("priority", "usual"), PRIORITIES),
            appointment=time_at("appointment"),
            seat=self.whole((*path, "seat"), entry["seat"]) if "seat" in entry else None,
            earliest=time_at("earliest"),
            latest=time_at("latest"),
            show_rate=self.decimal((*path, "show_rate"), entry["show_rate"])
            if "show_rate" in entry
            else None,
            done=self.words(self.file, (*path, "done"), entry.get("done"), self.known),
            kept_from=frozenset(self.words(self.file, (*path, "kept_from"), entry.get("kept_from"))),
        )

    def appointment(self, path: Path, raw: Any) -> Appointment | None:
        entry = self.mapping(self.file, path, raw, ("number", "arrives"), ("sittings",))
        if entry is None:
            return None
        sittings = [
            self.sitting((*path, "sittings", place), one)
            for place, one in enumerate(entry.get("sittings") or ())
        ]
        return Appointment(
            str(entry["number"]),
            self.time((*path, "arrives"), entry["arrives"]),
            tuple(one for one in sittings if one is not None),
        )

    def sitting(self, path: Path, raw: Any) -> Sitting | None:
        entry = self.mapping(
            self.file, path, raw, ("station", "from", "until", "staff"), ("interpreter", "interpreted_until")
        )
        if entry is None:
            return None
        return Sitting(
            self.one_of(self.file, (*path, "station"), entry["station"], self.known),
            self.time((*path, "from"), entry["from"]),
            self.time((*path, "until"), entry["until"]),
            str(entry["staff"]),
            str(entry.get("interpreter", "")),
            self.time((*path, "interpreted_until"), entry["interpreted_until"])
            if "interpreted_until" in entry
            else None,
        )

    def what_if(self, path: Path, raw: Any) -> WhatIf | None:
        entry = self.mapping(
            self.file, path, raw, ("name",), ("staff", "without", "longer", "pace", "door_closes")
        )
        if entry is None:
            return None
        more = [
            self.staff((*path, "staff", place), one) for place, one in enumerate(entry.get("staff") or ())
        ]
        pace = self.mapping(self.file, (*path, "pace"), entry.get("pace") or {}, (), self.known) or {}
        factors = {name: self.decimal((*path, "pace", name), value) for name, value in pace.items()}
        return WhatIf(
            str(entry["name"]),
            tuple(one for one in more if one is not None),
            frozenset(self.words(self.file, (*path, "without"), entry.get("without"))),
            self.whole((*path, "longer"), entry.get("longer", 0)),
            {name: float(factor) for name, factor in factors.items() if factor is not None},
            self.time((*path, "door_closes"), entry["door_closes"]) if "door_closes" in entry else None,
        )

    # --- values -------------------------------------------------------------------------------------

    def time(self, path: Path, raw: Any) -> int:
        try:
            return int(minute_of(raw))
        except NotATime:
            self.wrong(self.file, path, f"{raw!r} is not a time of day", 'Write "09:30" in quotes')
            return 0

    def whole(self, path: Path, raw: Any) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0:
            return raw
        negative = isinstance(raw, int) and not isinstance(raw, bool)
        problem = f"{raw} is negative" if negative else f"{raw!r} is not a whole number"
        self.wrong(self.file, path, problem, "Write a whole number from 0 on")
        return 0

    def decimal(self, path: Path, raw: Any) -> Decimal | None:
        try:
            return Decimal(str(raw))
        except InvalidOperation:
            self.wrong(self.file, path, f"{raw!r} is not a number", 'Write "0.87" in quotes')
            return None

    def flag(self, path: Path, raw: Any) -> bool:
        if not isinstance(raw, bool):
            self.wrong(self.file, path, f"{raw!r} is neither true nor false", "Write true, or leave it out")
        return raw is True


# ── A pack's own examples ─────────────────────────────────────────────────────────────────────────────────────


def failing_examples(template: Template) -> tuple[PackError, ...]:
    """What is wrong with the example days and events that come with a pack."""
    errors: list[PackError] = []
    days: dict[str, ClinicDay] = {}
    first = template.languages[0]
    for file, text in template.examples.items():
        if not _holds_events(text):
            try:
                read = parse_day(file, text, template)
            except PackErrors as wrong:
                errors += wrong.errors
                continue
            days[read.day.name] = read.day
            errors += told(hard(objections(read.day, template)), read, template, first)
    for file, text in template.examples.items():
        if _holds_events(text):
            errors += _failing_events(file, text, days, template, first)
    return tuple(errors)


def _holds_events(text: str) -> bool:
    return re.search(r"^events:", text, re.MULTILINE) is not None


def _failing_events(
    file: str, text: str, days: Mapping[str, ClinicDay], template: Template, language: str
) -> tuple[PackError, ...]:
    named = re.search(r"^clinic:\s*[\"']?([\w-]+)", text, re.MULTILINE)
    day = days.get(named[1]) if named else None
    if day is None:
        return (
            PackError(
                file, 1, "there is no example day for these events", "Write clinic: and the day's name"
            ),
        )
    try:
        parse_events(file, text, day, template, language)
    except PackErrors as wrong:
        return wrong.errors
    return ()


# ── Events ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class EventsFile:
    """Events as read, and the moment to look at (the last event's where the file names none)."""

    log: Log
    now: float


def parse_events(file: str, text: str, day: ClinicDay, template: Template, language: str) -> EventsFile:
    """The events in this text; PackErrors with each that cannot be taken down and why."""
    pages = _EventPages(file, text, day, template, language)
    made = pages.events_file()
    if pages.errors:
        raise PackErrors(tuple(sorted(pages.errors, key=lambda error: error.line)))
    return made


_FIELDS = (
    "worker", "station", "staff", "interpreter", "reason", "documents", "conflict", "keeps", "language", "accessible",
    "brings_interpreter",
)  # fmt: skip


class _EventPages(Pages):
    """A file of events while it is read."""

    def __init__(self, file: str, text: str, day: ClinicDay, template: Template, language: str) -> None:
        super().__init__(file, {file: text})
        self.file, self.clinic, self.template, self.language = file, day, template, language

    def events_file(self) -> EventsFile:
        made = self.listed(self.file, "events", self.event, "now", "clinic")
        head = self.pages[self.file].data
        now = head.get("now") if isinstance(head, dict) else None
        last = max((event.at for event in made), default=float(self.clinic.opens))
        return EventsFile(frozenset(made), last if now is None else self.moment(("now",), now))

    def moment(self, path: Path, raw: Any) -> float:
        """A time of day, or minutes after midnight as a whole number."""
        if isinstance(raw, int) and not isinstance(raw, bool):
            return float(raw)
        try:
            return minute_of(raw)
        except NotATime:
            self.wrong(self.file, path, f"{raw!r} is not a time of day", 'Write "09:30:15" in quotes')
            return float(self.clinic.opens)

    def event(self, file: str, path: Path, raw: Any) -> Event | None:
        entry = self.mapping(file, path, raw, ("tablet", "number", "at", "kind"), _FIELDS)
        if entry is None:
            return None
        values = {name: entry[name] for name in _FIELDS if name in entry}
        values["documents"] = self.words(file, (*path, "documents"), values.get("documents"))
        if not isinstance(entry["number"], int):
            self.wrong(
                file, (*path, "number"), f"{entry['number']!r} is not a whole number", "Number from 1 on"
            )
            return None
        made = Event(
            str(entry["tablet"]),
            entry["number"],
            self.moment((*path, "at"), entry["at"]),
            str(entry["kind"]),
            **values,
        )
        for reason in log_of.refusals(made, self.clinic):
            problem, mend = said(reason, self.template, self.language)
            self.wrong(file, path, problem, mend)
        return made
