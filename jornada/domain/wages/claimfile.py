"""A claim from a YAML file or a sheet of hours, for the command line and for advocates' own notes.

Everything wrong with the file is said at once, with file, line and mend; what can honestly be computed of the rest
still is, since an entry that cannot be read is left out and named.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jornada.domain import located
from jornada.domain.facts import NotADate, PartialDate
from jornada.domain.located import PackError, PackErrors, Path
from jornada.domain.packpages import Pages
from jornada.domain.vocabulary import Fact, NotUnderstood
from jornada.domain.wages import Fraction
from jornada.domain.wages.hours import HoursWrong, Pattern, Shift, Span, Timesheet, WorkDay, day_of, shift_at
from jornada.domain.wages.lawbook import Place
from jornada.domain.wages.pay import (
    EXTRAS,
    OTHER,
    PER,
    During,
    Extra,
    Money,
    Other,
    Pay,
    Promise,
    Receipt,
)
from jornada.domain.wages.worksheet import Claim

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SIZES: Mapping[str, tuple[int, int | None]] = {
    "to_3": (1, 3), "to_10": (4, 10), "to_20": (11, 20), "to_25": (21, 25), "more": (26, None),
}  # fmt: skip
"""Bands of the interview's question on the number of people, as least and most."""
COLUMNS = ("day", "start", "end", "meal")
_CLAIM_KEYS = (
    "worker", "hours", "diary", "pay", "received", "extras", "owed_besides", "facts", "filed_on", "week_starts",
)  # fmt: skip
_PATTERN_KEYS = (
    "to", "start", "end", "meal", "shifts", "hours", "weeks_off", "days_off", "weeks", "place", "no_meal", "no_rest",
    "untipped",
)  # fmt: skip
_DAY_KEYS = ("shifts", "start", "end", "meal", "hours", "place", "scheduled", "no_meal", "no_rest")
_TIME, _HOURS, _MONEY = Fact("time", "time"), Fact("hours", "hours"), Fact("money", "money")
_LONG_AGO = date(9999, 1, 1)


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """A claim and its names for the papers; `errors` are the entries that were left out."""

    claim: Claim
    worker: str
    employer: str
    errors: tuple[PackError, ...] = ()


def read(
    name: str, text: str, facts: Mapping[str, Fact], sheets: Mapping[str, str] | None = None
) -> ReadClaim:
    """The claim in the file. PackErrors where it is no claim at all; single entries that are wrong are in `errors`.

    `facts` are those that wage packs know; `sheets` the texts of the CSV files that it names under `diary`.
    """
    reader = _Reader(name, text, facts, sheets or {})
    found = reader.claim()
    if found is None:
        raise PackErrors(tuple(reader.errors))
    return found


Diary = tuple[tuple[WorkDay, ...], tuple[PackError, ...]]
"""The days that could be read, and the rows that could not."""


def diary_of(name: str, text: str, place: str = "p", zone: str = "") -> Diary:
    """The days in a CSV with the columns day, start, end and (perhaps) meal, and the rows left out, each with its line.

    Several rows of one day are its shifts. PackErrors where the columns are others.
    """
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    header = [str(column or "").strip().lower() for column in rows.fieldnames or ()]
    if missing := [column for column in COLUMNS[:3] if column not in header]:
        problem = f"the columns {', '.join(missing)} are missing; found are {', '.join(header) or 'none'}"
        raise PackErrors((PackError(name, 1, problem, f"Name the columns {', '.join(COLUMNS)}"),))
    rows.fieldnames = header
    by_day: dict[date, list[tuple[int, Shift]]] = {}
    errors: list[PackError] = []
    for line, row in enumerate(rows, start=2):
        try:
            day = date.fromisoformat((row["day"] or "").strip())
            shift = _row_shift(row)
        except (ValueError, NotUnderstood, HoursWrong) as wrong:
            mend = "Write for example 2025-07-01,7:00,19:00,30"
            errors.append(PackError(name, line, _told(wrong, row), mend))
        else:
            by_day.setdefault(day, []).append((line, shift))
    made: list[WorkDay] = []
    for day, shifts in sorted(by_day.items()):
        try:
            made.append(day_of(day, [shift for _, shift in shifts], place=place, zone=zone))
        except HoursWrong as wrong:
            errors.append(PackError(name, shifts[-1][0], in_words(wrong), "Mend the times of that day"))
    return tuple(made), tuple(errors)


def _row_shift(row: Mapping[str, str]) -> Shift:
    meal = (row.get("meal") or "0").strip()
    return shift_at(minutes_of(row["start"]), minutes_of(row["end"]), int(meal))


def _told(wrong: Exception, row: Mapping[str, str]) -> str:
    said = ", ".join(str(row.get(column) or "") for column in COLUMNS)
    return f"the row {said} cannot be read: {in_words(wrong) if isinstance(wrong, HoursWrong) else wrong}"


def in_words(wrong: HoursWrong) -> str:
    """What is wrong with hours, in plain English for a file's keeper."""
    return _WORDS[wrong.key].format(**wrong.values)


_WORDS = {
    "shift_too_long": "the shift from {start} to {end} is longer than a day",
    "break_too_long": "a break of {minutes} minutes does not fit in the shift from {start} to {end}",
    "shifts_overlap": "two shifts overlap on {day}: one ends at {first}, the next begins at {second}",
    "day_too_long": "{day} comes to {hours} hours, and a day has 24",
    "day_twice": "{day} stands twice in the diary",
    "patterns_meet": "two entries say different things about {day} ({other})",
}


def minutes_of(text: str) -> int:
    """Minutes after midnight of "7:00" or "7 pm"; NotUnderstood otherwise."""
    read_time = str(_TIME.read(text, _LONG_AGO))
    return int(read_time[:2]) * 60 + int(read_time[3:])


def hours_of(text: str) -> Span:
    """Minutes of "10" or "10-12" hours; NotUnderstood otherwise."""
    ends = [int(Fraction(part) * 60) for part in str(_HOURS.read(text, _LONG_AGO)).split("-")]
    return Span(ends[0], ends[-1])


def dollars_of(text: Any) -> Fraction:
    """ "$1,234.50" as a fraction; NotUnderstood for less than nothing or no amount."""
    return Fraction(str(_MONEY.read(str(text), _LONG_AGO)))


class _Reader(Pages):
    """Reads a claim part by part; an entry that is wrong is left out and complained of."""

    def __init__(self, name: str, text: str, facts: Mapping[str, Fact], sheets: Mapping[str, str]) -> None:
        super().__init__("", {})
        self.file = name
        self.pages = {name: located.read(name, text, self.errors)}
        self.known, self.sheets = facts, sheets

    def claim(self) -> ReadClaim | None:
        raw = self.mapping(
            self.file,
            (),
            self.pages[self.file].data,
            ("employer", "work"),
            _CLAIM_KEYS,
        )
        if raw is None:
            return None
        employer = self.mapping(self.file, ("employer",), raw["employer"], ("name",), ("employees",))
        places = self.places(raw["work"])
        if employer is None or not places:
            return None
        facts = self.facts(raw.get("facts") or {})
        claim = Claim(
            facts,
            places,
            Timesheet(
                tuple(self.each("hours", raw.get("hours"), self.pattern)), tuple(self.diary(raw.get("diary")))
            ),
            self.pay(raw),
            self.employees(employer.get("employees"), facts),
            self.week_starts(raw.get("week_starts")),
            self.day(self.file, ("filed_on",), raw["filed_on"]) if "filed_on" in raw else None,
        )
        return ReadClaim(claim, str(raw.get("worker", "")), str(employer["name"]), tuple(self.errors))

    def each(self, key: str, raw: Any, make: Callable[[Path, Any], Any]) -> Iterable[Any]:
        """What `make` makes of each entry; an entry it cannot read is complained of and left out."""
        for place, entry in enumerate(raw or ()):
            try:
                made = make((key, place), entry)
            except HoursWrong as wrong:
                self.wrong(self.file, (key, place), in_words(wrong), "Mend the times")
                continue
            except NotUnderstood as wrong:
                self.wrong(
                    self.file, (key, place), f"not understood: {wrong.key.replace('_', ' ')}", "Mend it"
                )
                continue
            if made is not None:
                yield made

    # --- who and where -----------------------------------------------------------------------------------

    def places(self, raw: Any) -> dict[str, Place]:
        """The places of work by key; one place may stand without a list."""
        listed = raw if isinstance(raw, list) else [raw]
        found = {}
        for place, entry in enumerate(listed):
            made = self.mapping(self.file, ("work",), entry, ("state",), ("key", "county", "city", "region"))
            if made:
                key = str(made.get("key", place if place else "p"))
                where = (str(made.get(part, "")) for part in ("county", "city", "region"))
                found[key] = Place(str(made["state"]).upper(), *where)
        return found

    def employees(self, raw: Any, facts: dict[str, Any]) -> tuple[int | None, int | None]:
        """The number of people as it stands or by its band; a number says the band too."""
        if isinstance(raw, int):
            for band, (least, most) in SIZES.items():
                if least <= raw and (most is None or raw <= most):
                    facts.setdefault("employees_band", band)
            return raw, raw
        return SIZES.get(str(facts.get("employees_band")), (None, None))

    def week_starts(self, raw: Any) -> int | None:
        return (
            WEEKDAYS.index(self.one_of(self.file, ("week_starts",), raw, WEEKDAYS))
            if raw in WEEKDAYS
            else None
        )

    def facts(self, raw: Any) -> dict[str, Any]:
        found = {}
        for name, value in raw.items() if isinstance(raw, dict) else ():
            fact = self.known.get(name)
            if fact is None:
                self.wrong(
                    self.file,
                    ("facts", name),
                    f"unknown fact {name!r}",
                    "See the facts.yaml of the wage packs",
                )
            elif not fact.allows(value):
                known = ", ".join(fact.options or ("yes", "no"))
                self.wrong(self.file, ("facts", name), f"{name} cannot be {value!r}", f"Use one of: {known}")
            else:
                found[name] = value
        return found

    # --- hours -------------------------------------------------------------------------------------------

    def pattern(self, path: Path, raw: Any) -> Pattern | None:
        entry = self.mapping(
            self.file,
            path,
            raw,
            ("from", "days"),
            _PATTERN_KEYS,
        )
        if entry is None:
            return None
        begins, ends = self.partial(path, entry, "from"), self.partial(path, entry, "to")
        if begins is None:
            return None
        if ends is not None and ends.latest < begins.earliest:
            self.wrong(self.file, (*path, "to"), "it ends before it begins", "Mend from or to")
            return None
        shifts = self.shifts(path, entry)
        if not shifts and "hours" not in entry:
            self.wrong(self.file, path, "no hours in it", 'Add start and end, or hours: "10-12"')
            return None
        weekdays = self.weekdays(path, entry["days"])
        every = frozenset(weekdays)
        return Pattern(
            begins,
            ends,
            every,
            shifts,
            None if shifts else hours_of(str(entry["hours"])),
            str(entry.get("place", "p")),
            int(entry.get("weeks_off", 0)),
            frozenset(date.fromisoformat(day) for day in entry.get("days_off") or ()),
            Span(*_ends(str(entry["weeks"]))) if "weeks" in entry else None,
            self.broken(path, entry, "no_meal", every),
            self.broken(path, entry, "no_rest", every),
            hours_of(str(entry["untipped"])).high if "untipped" in entry else 0,
            entry=self.at(path),
        )

    def partial(self, path: Path, entry: Mapping[str, Any], key: str) -> PartialDate | None:
        if entry.get(key) in (None, "", "now"):
            return None
        try:
            return PartialDate.parse(str(entry[key]))
        except NotADate as wrong:
            self.wrong(
                self.file, (*path, key), str(wrong), 'Write "2024-03", or leave to out while it goes on'
            )
            return None

    def shifts(self, path: Path, entry: Mapping[str, Any]) -> tuple[Shift, ...]:
        listed = entry.get("shifts") or ([entry] if "start" in entry else [])
        return tuple(
            shift_at(minutes_of(str(one["start"])), minutes_of(str(one["end"])), int(one.get("meal", 0)))
            for one in listed
        )

    def weekdays(self, path: Path, raw: Any) -> set[int]:
        """Weekdays from a list such as [mon, wed] or [mon-sat]."""
        found: set[int] = set()
        for part in raw if isinstance(raw, list) else [raw]:
            first, _, last = str(part).partition("-")
            if first not in WEEKDAYS or (last and last not in WEEKDAYS):
                mend = f"Use {', '.join(WEEKDAYS)} or mon-sat"
                self.wrong(self.file, (*path, "days"), f"{part!r} is no weekday", mend)
                continue
            start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
            found |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
        return found

    def broken(self, path: Path, entry: Mapping[str, Any], key: str, every: frozenset[int]) -> frozenset[int]:
        """The weekdays on which a break was not given; `yes` means every one."""
        raw = entry.get(key)
        if raw in (None, "no"):
            return frozenset()
        return every if raw == "yes" else frozenset(self.weekdays(path, raw))

    def diary(self, raw: Any) -> list[WorkDay]:
        """Days from entries and from sheets of hours."""
        found: list[WorkDay] = []
        for place, entry in enumerate(raw or ()):
            if isinstance(entry, dict) and "sheet" in entry:
                found += self.sheet(("diary", place), str(entry["sheet"]), str(entry.get("place", "p")))
        found += self.each("diary", [one for one in raw or () if "sheet" not in one], self.diary_day)
        return sorted(found, key=lambda day: day.day)

    def sheet(self, path: Path, name: str, place: str) -> tuple[WorkDay, ...]:
        if name not in self.sheets:
            self.wrong(self.file, path, f"there is no sheet {name!r}", "Put the CSV beside this file")
            return ()
        try:
            days, errors = diary_of(name, self.sheets[name], place)
        except PackErrors as wrong:
            self.errors += wrong.errors
            return ()
        self.errors += errors
        return days

    def diary_day(self, path: Path, raw: Any) -> WorkDay | None:
        entry = self.mapping(self.file, path, raw, ("day",), _DAY_KEYS)
        day = self.day(self.file, (*path, "day"), entry["day"]) if entry else None
        if entry is None or day is None:
            return None
        place, planned = str(entry.get("place", "p")), str(entry.get("scheduled", "0"))
        if "hours" in entry:
            made = WorkDay(day, hours_of(str(entry["hours"])).low, place=place)
        else:
            made = day_of(day, self.shifts(path, entry), place=place, entry=self.at(path))
        missed = entry.get("no_meal") == "yes", entry.get("no_rest") == "yes"
        return replace(made, scheduled=hours_of(planned).low, meals_missed=missed[0], rests_missed=missed[1])

    # --- pay ---------------------------------------------------------------------------------------------

    def pay(self, raw: Mapping[str, Any]) -> Pay:
        received = raw.get("received")
        agreed = received == "as_agreed"
        return Pay(
            tuple(self.each("pay", raw.get("pay"), self.promise)),
            () if agreed else tuple(self.each("received", received, self.receipt)),
            tuple(self.each("extras", raw.get("extras"), self.extra)),
            tuple(self.each("owed_besides", raw.get("owed_besides"), self.other)),
            agreed,
        )

    def promise(self, path: Path, raw: Any) -> Promise | None:
        entry = self.mapping(
            self.file, path, raw, ("per", "amount"), ("from", "to", "days", "covers_hours", "pieces_a_week")
        )
        if entry is None:
            return None
        return Promise(
            self.one_of(self.file, (*path, "per"), entry["per"], PER),
            dollars_of(entry["amount"]),
            self.during(path, entry),
            int(entry["covers_hours"]) * 60 if "covers_hours" in entry else None,
            Fraction(int(entry.get("pieces_a_week", 0))),
            self.at(path),
        )

    def receipt(self, path: Path, raw: Any) -> Receipt | None:
        entry = self.mapping(self.file, path, raw, ("per", "amount"), ("from", "to", "days", "how"))
        if entry is None:
            return None
        low, _, high = str(entry["amount"]).partition("-")
        amount = Money(dollars_of(low), dollars_of(high or low))
        per = self.one_of(self.file, (*path, "per"), entry["per"], PER)
        return Receipt(per, amount, self.during(path, entry), str(entry.get("how", "")), self.at(path))

    def extra(self, path: Path, raw: Any) -> Extra | None:
        entry = self.mapping(self.file, path, raw, ("kind", "per", "amount"), ("from", "to", "days", "paid"))
        if entry is None:
            return None
        return Extra(
            self.one_of(self.file, (*path, "kind"), entry["kind"], EXTRAS),
            self.one_of(self.file, (*path, "per"), entry["per"], PER),
            dollars_of(entry["amount"]),
            self.during(path, entry),
            entry.get("paid", "yes") == "yes",
            self.at(path),
        )

    def other(self, path: Path, raw: Any) -> Other | None:
        entry = self.mapping(
            self.file, path, raw, ("kind", "amount"), ("per", "from", "to", "what", "authorised")
        )
        if entry is None:
            return None
        said = entry.get("authorised")
        return Other(
            self.one_of(self.file, (*path, "kind"), entry["kind"], OTHER),
            self.one_of(self.file, (*path, "per"), entry.get("per", "total"), PER),
            dollars_of(entry["amount"]),
            self.during(path, entry),
            None if said is None else said == "yes",
            str(entry.get("what", "")),
            self.at(path),
        )

    def during(self, path: Path, entry: Mapping[str, Any]) -> During:
        weekdays = frozenset(self.weekdays(path, entry["days"])) if "days" in entry else None
        return During(self.partial(path, entry, "from"), self.partial(path, entry, "to"), weekdays)

    def at(self, path: Path) -> str:
        return f"{self.file}:{self.pages[self.file].line(path)}"


def _ends(text: str) -> Sequence[int]:
    low, _, high = text.partition("-")
    return int(low), int(high or low)
