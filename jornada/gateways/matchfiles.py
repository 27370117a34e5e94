"""Rounds of matching in files: YAML with everything, CSV with people or sources; errors with file, line and mend.

One file or several make a round together. A file of changes (`with_changes`) says the same things again: fields of
an id that is known replace those it had, another id is new, and `remove` takes ids away.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from jornada.domain import located, satisfiable
from jornada.domain.conditions import ConditionError, condition
from jornada.domain.facts import UNSURE
from jornada.domain.located import PackError, PackErrors
from jornada.domain.matching import (
    Ceiling,
    Expectation,
    Fault,
    Mix,
    Pair,
    Person,
    Purse,
    Round,
    Source,
)
from jornada.domain.matching.faults import faults
from jornada.domain.restrictions import Restrictions

KINDS = ("people", "sources", "ceilings", "mixes", "purses", "expectations", "locks", "rejections")
_SINGULAR = {
    "people": "person",
    "sources": "source",
    "ceilings": "ceiling",
    "mixes": "mix",
    "purses": "purse",
    "expectations": "expectation",
    "locks": "lock",
    "rejections": "rejection",
}
_LISTS = ("languages", "places", "gives", "credentials", "not_with", "in_question_with")


@dataclass(frozen=True)
class Entry:
    """One person, source … as it stands in a file, with its lines."""

    kind: str
    said: Mapping[str, Any]
    file: str
    line: int
    lines: Mapping[str, int] = field(default_factory=dict)
    plain_text: bool = False

    @property
    def id(self) -> str:
        name = "person" if self.kind in ("locks", "rejections") else "id"
        return str(self.said.get(name, ""))

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


def read(paths: Sequence[Path], pack: Restrictions, on: date, changes: Path | None = None) -> Round:
    """The round that the files hold together, changed as `changes` says; PackErrors with all that is wrong."""
    errors: list[PackError] = []
    entries = [entry for path in paths for entry in _entries(path, errors)]
    if changes is not None:
        entries = _changed(entries, changes, errors)
    reading = _Reading(pack, on, errors)
    found = reading.round(entries)
    if not errors:
        errors += [_located(fault, entries) for fault in faults(found, pack)]
    if errors:
        raise PackErrors(tuple(dict.fromkeys(sorted(errors, key=lambda one: (one.file, one.line)))))
    return found


# --- files to entries -----------------------------------------------------------------------------


def _entries(path: Path, errors: list[PackError]) -> list[Entry]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        errors.append(PackError(path.name, 1, "the file is not UTF-8 text", "Save it as UTF-8"))
        return []
    except OSError as wrong:
        errors.append(PackError(path.name, 1, f"cannot be read ({wrong.strerror})", "Check the name"))
        return []
    if path.suffix.lower() == ".csv":
        return _from_csv(path.name, text, errors)
    return _from_yaml(path.name, text, errors)


def _from_yaml(file: str, text: str, errors: list[PackError]) -> list[Entry]:
    page = located.read(file, text, errors)
    if page.data is None:
        return []
    if not isinstance(page.data, dict):
        errors.append(
            PackError(file, 1, "the file is no mapping", f"Write {', '.join(KINDS)} with lists under them")
        )
        return []
    found: list[Entry] = []
    for kind, listed in page.data.items():
        if kind not in (*KINDS, "remove"):
            errors.append(
                PackError(
                    file, page.line((kind,)), f"unknown key {kind!r}", f"Known here: {', '.join(KINDS)}"
                )
            )
        elif not isinstance(listed, list):
            errors.append(
                PackError(file, page.line((kind,)), f"{kind} is no list", f"Write {kind}: and one - for each")
            )
        elif kind in KINDS:
            found += [_entry(page, kind, place, said, errors) for place, said in enumerate(listed)]
    return [entry for entry in found if entry.said]


def _entry(page: located.Located, kind: str, place: int, said: Any, errors: list[PackError]) -> Entry:
    path = (kind, place)
    if not isinstance(said, dict):
        errors.append(PackError(page.file, page.line(path), f"{said!r} is no mapping", "Write {id: …}"))
        return Entry(kind, {}, page.file, 1)
    lines = {key: page.line((*path, key)) for key in said}
    return Entry(kind, said, page.file, min(lines.values(), default=page.line(path)), lines)


def _from_csv(file: str, text: str, errors: list[PackError]) -> list[Entry]:
    rows = csv.DictReader(text.splitlines())
    header = rows.fieldnames or []
    if "seats" in header:
        kind = "sources"
    elif "waiting_since" in header:
        kind = "people"
    else:
        errors.append(
            PackError(
                file,
                1,
                "the header names neither people nor sources",
                "People need waiting_since, sources need seats among the columns",
            )
        )
        return []
    found = []
    for row in rows:
        if None in row:
            errors.append(
                PackError(file, rows.line_num, "more fields than columns", "Put a text with commas in quotes")
            )
        said = {key: value.strip() for key, value in row.items() if key and value and value.strip()}
        found.append(Entry(kind, said, file, rows.line_num, plain_text=True))
    return found


def _changed(entries: list[Entry], path: Path, errors: list[PackError]) -> list[Entry]:
    """The entries with those of a file of changes laid over them."""
    found = {(entry.kind, entry.id): entry for entry in entries}
    for entry in _entries(path, errors):
        key = (entry.kind, entry.id)
        before = found.get(key)
        if before is not None:
            facts = {**_facts_of(before), **_facts_of(entry)}
            said = {**before.said, **entry.said, **({"facts": facts} if facts else {})}
            entry = replace(entry, said=said, lines={**dict.fromkeys(before.said, entry.line), **entry.lines})
        found[key] = entry
    for name in _removed(path, errors):
        for key in [one for one in found if one[1] == name]:
            del found[key]
    return list(found.values())


def _facts_of(entry: Entry) -> dict[str, Any]:
    facts = entry.said.get("facts")
    return dict(facts) if isinstance(facts, Mapping) else {}


def _removed(path: Path, errors: list[PackError]) -> list[str]:
    if path.suffix.lower() == ".csv" or not path.is_file():
        return []
    data = located.read(path.name, path.read_text(encoding="utf-8-sig"), []).data
    listed = data.get("remove") if isinstance(data, dict) else None
    return [str(one) for one in listed] if isinstance(listed, list) else []


# --- entries to a round -----------------------------------------------------------------------------


class _Reading:
    """Makes people, sources … of entries and collects what is wrong on the way."""

    def __init__(self, pack: Restrictions, on: date, errors: list[PackError]) -> None:
        self.pack, self.on, self.errors = pack, on, errors

    def round(self, entries: Iterable[Entry]) -> Round:
        by_kind: dict[str, list[Entry]] = {kind: [] for kind in KINDS}
        for entry in entries:
            by_kind[entry.kind].append(entry)
        return Round(
            people=self._made(by_kind["people"], self.person),
            sources=self._made(by_kind["sources"], self.source),
            ceilings=self._made(by_kind["ceilings"], self.ceiling),
            mixes=self._made(by_kind["mixes"], self.mix),
            purses=self._made(by_kind["purses"], self.purse),
            expectations=self._made(by_kind["expectations"], self.expectation),
            locks=self._made(by_kind["locks"], self.pair),
            rejections=self._made(by_kind["rejections"], self.pair),
        )

    def _made(self, entries: Iterable[Entry], make: Callable[[_Fields], Any]) -> list[Any]:
        found = []
        for entry in entries:
            before = len(self.errors)
            made = make(_Fields(entry, self))
            if len(self.errors) == before:
                found.append(made)
        return found

    def wrong(self, entry: Entry, key: str, problem: str, mend: str) -> None:
        self.errors.append(PackError(entry.file, entry.line_of(key), problem, mend))

    # --- one of each ------------------------------------------------------------------------------------

    def person(self, said: _Fields) -> Person:
        made = Person(
            id=said.text("id"),
            waiting_since=said.day("waiting_since") or self.on,
            need=said.text("need", "full"),
            level=said.text("level", "OK"),
            place=said.text("place", ""),
            languages=said.words("languages"),
            brings_interpreter=said.yes("brings_interpreter"),
            deadline_on=said.day("deadline_on", needed=False),
            not_with=said.words("not_with"),
            in_question_with=said.words("in_question_with"),
            arranged_with=said.text("arranged_with", ""),
            facts=said.facts("person"),
        )
        said.no_more()
        said.not_after("waiting_since", made.waiting_since, "waits since a day to come")
        if made.deadline_on is not None:
            said.not_before("deadline_on", made.deadline_on, "the deadline has passed")
        return made

    def source(self, said: _Fields) -> Source:
        made = Source(
            id=said.text("id"),
            kind=said.text("kind", "advocate"),
            seats=said.whole("seats"),
            gives=said.words("gives") or frozenset({"limited"}),
            languages=said.words("languages"),
            interpreter=said.text("interpreter", ""),
            home=said.text("home", ""),
            places=said.words("places"),
            credentials=said.words("credentials"),
            credential_until=said.day("credential_until", needed=False),
            renewal_pending=said.yes("renewal_pending"),
            held_on=said.day("held_on", needed=False),
            starts_on=said.day("starts_on", needed=False),
            within=said.text("within", ""),
            held=said.whole("held", 0),
            period=said.text("period", ""),
            facts=said.facts("source", "provider"),
        )
        said.no_more()
        if made.held_on is not None:
            said.not_before("held_on", made.held_on, "the clinic day is over")
        return made

    def ceiling(self, said: _Fields) -> Ceiling:
        made = Ceiling(
            said.text("id"),
            said.whole("seats") if said.has("seats") else None,
            said.text("within", ""),
            said.whole("held", 0),
            said.facts("source", "provider"),
        )
        said.no_more()
        return made

    def mix(self, said: _Fields) -> Mix:
        made = Mix(
            said.text("id"),
            said.text("at"),
            said.condition("of"),
            said.condition("per"),
            said.ratio("at_most"),
            said.whole("plus", 0),
        )
        said.no_more()
        return made

    def purse(self, said: _Fields) -> Purse:
        made = Purse(said.text("id"), said.whole("budget"), said.numbers("rates"))
        said.no_more()
        return made

    def expectation(self, said: _Fields) -> Expectation:
        made = Expectation(
            id=said.text("id"),
            card=self._card(said),
            mean=said.ratio("mean"),
            first_on=said.day("first_on") or self.on,
            last_on=said.day("last_on") or self.on,
            source=said.text("source", ""),
        )
        said.no_more()
        said.not_before("last_on", made.last_on, "nobody can be expected in the past")
        return made

    def _card(self, said: _Fields) -> Person:
        card = said.mapping("card")
        inner = Entry("people", {"waiting_since": self.on.isoformat(), "id": said.entry.id, **card},
                      said.entry.file, said.entry.line_of("card"))  # fmt: skip
        return self.person(_Fields(inner, self))

    def pair(self, said: _Fields) -> Pair:
        made = Pair(said.text("person"), said.text("source"))
        said.no_more()
        return made


class _Fields:
    """The fields of one entry, taken one after the other; what is left over in the end is unknown."""

    def __init__(self, entry: Entry, reading: _Reading) -> None:
        self.entry, self.reading = entry, reading
        self.left = dict(entry.said)
        self.taken: list[str] = []

    def has(self, key: str) -> bool:
        return self.left.get(key) is not None

    def _take(self, key: str, needed: bool = False) -> Any:
        self.taken.append(key)
        value = self.left.pop(key, None)
        if value is None and needed:
            self._wrong(key, f"{key} is missing", f"Add {key}")
        return value

    def _wrong(self, key: str, problem: str, mend: str) -> None:
        name = _SINGULAR[self.entry.kind]
        self.reading.wrong(self.entry, key, f"{name} {self.entry.id!r}: {problem}", mend)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, needed=default is None)
        if value is None:
            return default or ""
        if isinstance(value, list | dict | bool):
            self._wrong(key, f"{key} is {value!r}", "Write one word or text")
            return ""
        return str(value)

    def day(self, key: str, needed: bool = True) -> date | None:
        value = self._take(key, needed)
        if value is None:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self._wrong(key, f"{value!r} is no day", 'Write "2026-11-23"')
            return None

    def whole(self, key: str, default: int | None = None) -> int:
        value = self._take(key, needed=default is None)
        if value is None:
            return default or 0
        try:
            return int(str(value))
        except ValueError:
            self._wrong(key, f"{key} is {value!r}, no whole number", "Write 3")
            return 0

    def ratio(self, key: str) -> Fraction:
        value = self._take(key, needed=True)
        try:
            return Fraction(str(value)) if value is not None else Fraction(1)
        except (ValueError, ZeroDivisionError):
            self._wrong(key, f"{key} is {value!r}", 'Write 4, "1/3" or "2.5"')
            return Fraction(1)

    def yes(self, key: str) -> bool:
        value = self._take(key)
        if value not in (None, "yes", "no", True, False):
            self._wrong(key, f"{key} is {value!r}", 'Write "yes" or "no"')
        return value in ("yes", True)

    def words(self, key: str) -> frozenset[str]:
        value = self._take(key)
        listed = _split(value) if isinstance(value, str) else value
        if value is None:
            return frozenset()
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            self._wrong(key, f"{key} is {value!r}", "Write a list: [es, en]")
            return frozenset()
        return frozenset(listed)

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self._take(key, needed=True)
        if value is not None and not isinstance(value, Mapping):
            self._wrong(key, f"{key} is {value!r}", f"Write {key}: {{…}}")
        return value if isinstance(value, Mapping) else {}

    def numbers(self, key: str) -> dict[str, int]:
        found = {}
        for name, value in self.mapping(key).items():
            if not isinstance(value, int):
                self._wrong(key, f"the rate of {name} is {value!r}", "Write whole dollars: 500")
            else:
                found[str(name)] = value
        return found

    def condition(self, key: str) -> Any:
        value = self._take(key, needed=True)
        try:
            return condition(value if value is not None else {"always": True})
        except ConditionError as wrong:
            self._wrong(key, wrong.problem, wrong.mend)
            return condition({"always": True})

    def facts(self, *sides: str) -> dict[str, Any]:
        """Facts of restrictions: under `facts`, or (from CSV) in columns of their own."""
        value = self._take("facts")
        if value is not None and not isinstance(value, Mapping):
            self._wrong("facts", f"facts is {value!r}", "Write facts: {state: NC}")
        said = dict(value) if isinstance(value, Mapping) else {}
        traits = self.reading.pack.traits
        for name in [one for one in self.left if one in traits and traits[one].of in sides]:
            said[name] = self.left.pop(name)
        if not self.entry.plain_text:
            return said
        lists = {name for name, trait in traits.items() if trait.several or trait.fact.kind == "choices"}
        return {name: _split(one) if name in lists and one != UNSURE else one for name, one in said.items()}

    def no_more(self) -> None:
        for key in self.left:
            near = satisfiable.nearest(key, self.taken)
            known = f"Did you mean {near}? " if near else ""
            self._wrong(
                key, f"unknown field {key!r}", f"{known}Known here: {', '.join(dict.fromkeys(self.taken))}"
            )

    def not_before(self, key: str, day: date, problem: str) -> None:
        if day < self.reading.on:
            self._wrong(
                key,
                f"{problem} ({day}, and the round is on {self.reading.on})",
                "Mend the day or take it out",
            )

    def not_after(self, key: str, day: date, problem: str) -> None:
        if day > self.reading.on:
            self._wrong(key, f"{problem} ({day}, and the round is on {self.reading.on})", "Mend the day")


def _split(text: str) -> list[str]:
    return [one for one in text.replace(";", " ").split() if one]


def _located(fault: Fault, entries: Sequence[Entry]) -> PackError:
    """A fault of the round at the place in the files that it is about: the last entry of that id."""
    found = [one for one in entries if one.id == fault.id and _SINGULAR[one.kind] == fault.kind]
    if not found:
        return PackError("the round", 1, str(fault), fault.mend)
    entry = found[-1]
    return PackError(
        entry.file,
        entry.line_of(_key(fault, entry)),
        f"{fault.kind} {fault.id!r}: {fault.problem}",
        fault.mend,
    )


def _key(fault: Fault, entry: Entry) -> str:
    return fault.part if fault.part in entry.lines else "facts"
