"""The pack of kind `clinic`: stations, dated times and rates with their sources, measured events, wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jornada.domain.clinic.day import CREDENTIALS
from jornada.domain.facts import Source
from jornada.domain.located import PackErrors, Path
from jornada.domain.packpages import Pages
from jornada.domain.packparts import Approval, Parameter, Signed, Worded, needs_review, placeholders

WORK = ("attorney", "preparer", "lay")
INTERPRETING = ("whole", "shared", "none")
NEEDED = (
    "attorney_hours",
    "preparer_hours",
    "interpreted_factor",
    "relay_factor",
    "workers_per_interpreter",
    "show_rate",
    "completed_rate",
    "screened_out_rate",
    "minutes_after_appointment",
    "preparers_per_attorney",
    "volunteers_per_floor_lead",
    "students_per_supervisor",
    "attorney_line_minutes",
    "wave_minutes",
    "last_wave_before_close",
    "spare_preparers_for_overbooking",
    "longest_planned_wait",
    "late_after_minutes",
    "seat_free_after_minutes",
    "sure_enough",
)
"""The dated values that the engine asks a clinic pack for, besides each station's minutes."""


@dataclass(frozen=True, slots=True)
class Station:
    """A station as the pack describes it; see `stations.yaml`."""

    id: str
    staffed_by: tuple[str, ...]
    minutes: str
    work: str
    interpreter: str
    at_once: bool = False
    routes_out: bool = False
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """A value with its spread as about P10, P50 and P90. What the pack leaves out is not known (`None`)."""

    name: str
    low: float | None
    mid: float | None
    high: float | None
    sources: tuple[Source, ...] = ()

    @property
    def usual(self) -> float:
        """The middle; LookupError where the pack gives none."""
        if self.mid is None:
            raise LookupError(f"{self.name} has no mid in the clinic pack: add it to parameters.yaml")
        return self.mid

    @property
    def spread(self) -> tuple[float, float, float]:
        """Low, middle and high; an end that is not given is the middle."""
        return (
            self.usual if self.low is None else self.low,
            self.usual,
            self.usual if self.high is None else self.high,
        )

    @property
    def needs_review(self) -> bool:
        return needs_review(self.sources)


@dataclass(frozen=True, slots=True)
class MeasuredEvent:
    """What was counted at a real event, and the bands that a model of it must reach."""

    id: str
    describe: str
    counted: Mapping[str, float]
    bands: Mapping[str, Range]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Template(Worded, Signed):
    """A clinic pack, read whole and fingerprinted. Immutable."""

    name: str
    title: Mapping[str, str]
    languages: tuple[str, ...]
    stations: tuple[Station, ...]
    parameters: Mapping[str, Parameter]
    events: Mapping[str, MeasuredEvent]
    wording: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, Source]
    approvals: tuple[Approval, ...]
    fingerprint: str
    examples: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Example files of clinic days by name, as text."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """How many of each part there are."""
        return {
            "stations": len(self.stations),
            "dated values": len(self.parameters),
            "measured events": len(self.events),
            "examples": len(self.examples),
        }

    def station(self, name: str) -> Station:
        """The station of that name; KeyError lists those there are."""
        for one in self.stations:
            if one.id == name:
                return one
        raise KeyError(f"{self.name} has no station {name!r}: {', '.join(s.id for s in self.stations)}")

    def range(self, name: str, on: date) -> Range:
        """The spread of a dated value on that day; NotInForce outside its known days."""
        found = self.parameters[name].on(on)
        low, mid, high = (_number(found.value.get(end)) for end in ("low", "mid", "high"))
        return Range(name, low, mid, high, found.sources)

    def usual(self, name: str, on: date) -> float:
        """The middle of a dated value on that day."""
        return self.range(name, on).usual

    def minutes(self, station: str, on: date) -> Range:
        """How long that station takes."""
        return self.range(self.station(station).minutes, on)

    def interpreter_share(self, station: str, on: date) -> float:
        """Which part of a service there an interpreter is held for: all, a table's share, or none."""
        kind = self.station(station).interpreter
        if kind == "shared":
            return 1 / self.usual("workers_per_interpreter", on)
        return 1.0 if kind == "whole" else 0.0


def parse(name: str, files: Mapping[str, str]) -> Template:
    """The clinic pack in these files; PackErrors with everything that is wrong, each with its line."""
    examples = {file: text for file, text in files.items() if file.startswith("examples/")}
    pages = _TemplatePages(name, {file: text for file, text in files.items() if file not in examples})
    made = pages.template(examples)
    if made is None or pages.errors:
        raise PackErrors(tuple(sorted(pages.errors, key=lambda error: (error.file, error.line))))
    return made


class _TemplatePages(Pages):
    """The files of a clinic pack while they are read."""

    def template(self, examples: Mapping[str, str]) -> Template | None:
        head = self.head_with()
        if head is None:
            if "pack.yaml" not in self.pages:
                self.wrong(
                    "pack.yaml", (), "there is no pack.yaml", "Add it with name, kind, title, languages"
                )
            return None
        stations = tuple(self.listed("stations.yaml", "stations", self.one_station))
        parameters = self.parameters()
        self.look_at_values(parameters)
        self.look_for_needed(stations, parameters)
        events = self.listed("events.yaml", "events", self.event) if "events.yaml" in self.pages else []
        wording = self.own_wording(head["languages"])
        self.look_at_wording(wording, stations)
        return Template(
            name=self.name,
            title=self.title(head),
            languages=tuple(head["languages"]),
            stations=stations,
            parameters=parameters,
            events={event.id: event for event in events},
            wording=wording,
            sources=self.sources,
            approvals=self.approvals(head),
            fingerprint=self.fingerprint_with(),
            examples=examples,
        )

    def one_station(self, file: str, path: Path, raw: Any) -> Station | None:
        entry = self.mapping(
            file,
            path,
            raw,
            ("id", "staffed_by", "minutes", "work", "interpreter"),
            ("at_once", "routes_out", "source", "sure", "sources"),
        )
        if entry is None:
            return None
        return Station(
            str(entry["id"]),
            self.words(file, (*path, "staffed_by"), entry["staffed_by"], CREDENTIALS),
            str(entry["minutes"]),
            self.one_of(file, (*path, "work"), entry["work"], WORK),
            self.one_of(file, (*path, "interpreter"), entry["interpreter"], INTERPRETING),
            self.flag(file, path, entry, "at_once"),
            self.flag(file, path, entry, "routes_out"),
            self.cited(file, path, entry, f"the station {entry['id']}"),
        )

    def flag(self, file: str, path: Path, entry: Mapping[str, Any], key: str) -> bool:
        value = entry.get(key, False)
        if not isinstance(value, bool):
            self.wrong(
                file, (*path, key), f"{value!r} is neither true nor false", "Write true, or leave it out"
            )
        return value is True

    def event(self, file: str, path: Path, raw: Any) -> MeasuredEvent | None:
        if not isinstance(raw, dict) or not raw.get("id") or not raw.get("describe"):
            self.wrong(file, path, "an event without id or describe", "Give it both, and what was counted")
            return None
        counted: dict[str, float] = {}
        bands: dict[str, Range] = {}
        for key, value in raw.items():
            if key in ("id", "describe", "sources"):
                continue
            if isinstance(value, dict):
                if self.spread(file, (*path, key), value):
                    low, mid, high = (_number(value.get(end)) for end in ("low", "mid", "high"))
                    bands[key] = Range(key, low, mid, high)
            elif (number := self.number(file, (*path, key), value)) is not None:
                counted[key] = number
        return MeasuredEvent(
            str(raw["id"]), str(raw["describe"]), counted, bands, self.cited(file, path, raw, "the event")
        )

    # --- numbers ------------------------------------------------------------------------------------

    def look_at_values(self, parameters: Mapping[str, Parameter]) -> None:
        for name, parameter in parameters.items():
            for place, entry in enumerate(parameter.history):
                self.spread("parameters.yaml", ("parameters", name, "history", place, "value"), entry.value)

    def spread(self, file: str, path: Path, value: Any) -> bool:
        """Whether the value is a spread with its ends in order."""
        entry = self.mapping(file, path, value, (), ("low", "mid", "high"))
        if not entry:
            return False
        numbers = [
            self.number(file, (*path, key), entry[key]) for key in ("low", "mid", "high") if key in entry
        ]
        known = [number for number in numbers if number is not None]
        if known != sorted(known):
            self.wrong(file, path, "low, mid and high are not in order", "Write the smallest as low")
        return len(known) == len(numbers)

    def number(self, file: str, path: Path, value: Any) -> float | None:
        found = None if isinstance(value, bool) else _number(value)
        if found is None:
            self.wrong(file, path, f"{value!r} is not a number", 'Write 30, or "0.87" in quotes')
        return found

    def look_for_needed(self, stations: Sequence[Station], parameters: Mapping[str, Parameter]) -> None:
        seen: set[str] = set()
        for place, station in enumerate(stations):
            if station.id in seen:
                self.wrong(
                    "stations.yaml", ("stations", place), f"{station.id} stands twice", "Keep one of them"
                )
            seen.add(station.id)
            if station.minutes not in parameters:
                self.wrong(
                    "stations.yaml",
                    ("stations", place, "minutes"),
                    f"there is no dated value {station.minutes!r}",
                    "Add it to parameters.yaml",
                )
        for name in NEEDED:
            if name not in parameters:
                self.wrong(
                    "parameters.yaml", (), f"{name} is missing", "Add it with low, mid, high and source"
                )

    # --- wording ------------------------------------------------------------------------------------

    def look_at_wording(self, wording: Mapping[str, Mapping[str, str]], stations: Sequence[Station]) -> None:
        """Every language has the same texts with the same placeholders, and a name for every station."""
        needed = {f"stations.{station.id}" for station in stations}
        every = needed.union(*(texts.keys() for texts in wording.values()))
        for language, texts in wording.items():
            for key in sorted(every - texts.keys()):
                self.wrong(f"wording/{language}.yaml", (), f"the text {key!r} is missing", "Add it")
        first, *others = wording
        for language in others:
            for key in sorted(wording[first].keys() & wording[language].keys()):
                if placeholders(wording[first][key]) != placeholders(wording[language][key]):
                    self.wrong(
                        f"wording/{language}.yaml",
                        tuple(key.split(".")),
                        f"the text {key!r} has other placeholders than in {first!r}",
                        "Use the same names in braces",
                    )


def _number(value: Any) -> float | None:
    try:
        return float(Decimal(str(value))) if value is not None else None
    except InvalidOperation:
        return None
