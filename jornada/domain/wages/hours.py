"""Hours worked: from a diary or from patterns as people remember them, to days and workweeks.

Times are whole minutes, exact. What is remembered roughly ("about 10 to 12 hours", "March 2024", "two weeks
off") has a careful and a full reading, `LOW` and `HIGH`; every reading that had to be chosen is an
`Assumption`. A shift belongs to the day on which it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from jornada.domain.facts import PartialDate

DAY = 24 * 60
LONGEST_SHIFT = DAY
QUARTER = 15


class End(Enum):
    """Which end of what is remembered: the careful reading, or the full one."""

    LOW = "low"
    HIGH = "high"


LOW, HIGH = End.LOW, End.HIGH


class HoursWrong(ValueError):
    """Hours that cannot be: a wording key, the values to put in it, and the place in what was entered."""

    def __init__(self, key: str, place: str = "", **values: Any) -> None:
        super().__init__(f"{place}: {key} {values}" if place else f"{key} {values}")
        self.key, self.place = key, place
        self.values: Mapping[str, Any] = values


@dataclass(frozen=True, slots=True)
class Assumption:
    """What had to be assumed to compute at all: a wording key and its values; said on every worksheet."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.key, tuple(sorted((name, str(value)) for name, value in self.values.items()))))


@dataclass(frozen=True, slots=True)
class Span:
    """A number that is known exactly or between two ends, such as 10 to 12 hours in minutes."""

    low: int
    high: int

    @classmethod
    def exactly(cls, number: int) -> Span:
        return cls(number, number)

    def at(self, end: End) -> int:
        return self.low if end is LOW else self.high

    @property
    def exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of work: minutes after the day's midnight, past 1,440 where it runs into the next day.

    `unpaid` are the minutes of meal breaks in which the worker was free of duty.
    """

    start: int
    end: int
    unpaid: int = 0

    @property
    def minutes(self) -> int:
        return self.end - self.start - self.unpaid


@dataclass(frozen=True, slots=True)
class WorkDay:
    """One day's work at one place. `minutes` counts only work; without clock times `shifts` is empty.

    `meals_missed` and `rests_missed` count breaks that were due and not given; `scheduled` is the length of the
    shift that somebody was called in for, where that is longer than what they were given to work.
    """

    day: date
    minutes: int
    shifts: tuple[Shift, ...] = ()
    place: str = ""
    meals_missed: bool = False
    rests_missed: bool = False
    scheduled: int = 0
    untipped: int = 0

    @property
    def alike(self) -> tuple[Any, ...]:
        """All of a day but its date."""
        return (
            self.minutes, self.shifts, self.place, self.meals_missed, self.rests_missed, self.scheduled, self.untipped,
        )  # fmt: skip

    @property
    def spread(self) -> int:
        """From the first start to the last end, breaks included; 0 where no clock times are known."""
        return self.shifts[-1].end - self.shifts[0].start if self.shifts else 0

    @property
    def splits(self) -> bool:
        """Whether the day had two shifts with more than a meal break (an hour) between them."""
        return any(after.start - before.end > 60 for before, after in pairwise(self.shifts))


@dataclass(frozen=True, slots=True)
class Pattern:
    """How the weeks went by for a time: "Mon–Sat 7–7, half-hour lunch, March 2024 to June 2025, except two weeks".

    Clock times (`shifts`) or a length (`minutes`); both where a break came on some days only. `weeks_off` were not
    worked, it is not known which;
    `days_off` are known. `weeks` bounds how many weeks it was in all, where only that is remembered. `place` is a
    key of the claim's places; `entry` is where it was entered, for complaints.
    """

    begins: PartialDate
    ends: PartialDate | None
    weekdays: frozenset[int]
    shifts: tuple[Shift, ...] = ()
    minutes: Span | None = None
    place: str = ""
    weeks_off: int = 0
    days_off: frozenset[date] = frozenset()
    weeks: Span | None = None
    meals_missed: frozenset[int] = frozenset()
    rests_missed: frozenset[int] = frozenset()
    untipped: int = 0
    entry: str = ""

    def first(self, end: End) -> date:
        """Its first day: of an uncertain month the last day in the careful reading, the first in the full one."""
        return self.begins.earliest if end is HIGH or self.begins.exact else self.begins.latest

    def last(self, end: End, on: date) -> date:
        """Its last day; still going on means up to the day of the claim."""
        if self.ends is None:
            return on
        found = self.ends.latest if end is HIGH or self.ends.exact else self.ends.earliest
        return min(found, on)

    @property
    def exact(self) -> bool:
        dated = self.begins.exact and (self.ends is None or self.ends.exact)
        return (
            dated
            and not self.weeks_off
            and self.weeks is None
            and (self.minutes is None or self.minutes.exact)
        )


@dataclass(frozen=True, slots=True)
class Timesheet:
    """Everything remembered or written down about hours, for one employer."""

    patterns: tuple[Pattern, ...] = ()
    diary: tuple[WorkDay, ...] = ()

    @property
    def exact(self) -> bool:
        return all(pattern.exact for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class WorkWeek:
    """One fixed week of 168 hours and the days worked in it, in order."""

    first: date
    days: tuple[WorkDay, ...]
    minutes: int

    @classmethod
    def of(cls, first: date, days: Iterable[WorkDay]) -> WorkWeek:
        """The week that begins on that day, with these days worked in it."""
        worked = tuple(days)
        return cls(first, worked, sum([day.minutes for day in worked]))

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6)


def shift_at(start: int, end: int, unpaid: int = 0, place: str = "") -> Shift:
    """A shift by clock times; an end before the start means the next morning.

    HoursWrong if it lasts longer than a day or its breaks leave nothing.
    """
    until = end if end > start else end + DAY
    if not 0 <= start < DAY or until - start > LONGEST_SHIFT:
        raise HoursWrong("shift_too_long", place, start=_clock(start), end=_clock(end))
    if unpaid < 0 or unpaid >= until - start:
        raise HoursWrong("break_too_long", place, minutes=unpaid, start=_clock(start), end=_clock(end))
    return Shift(start, until, unpaid)


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24}:{minutes % 60:02}"


def quarter_hours(minutes: int) -> int:
    """A clock time rounded to the nearest quarter hour: 1 to 7 minutes down, 8 to 14 up (29 CFR 785.48; W-22)."""
    return (minutes + 7) // QUARTER * QUARTER


def day_of(
    day: date,
    shifts: Sequence[Shift],
    *,
    place: str = "",
    zone: str = "",
    entry: str = "",
    **noted: Any,
) -> WorkDay:
    """A day made of shifts. HoursWrong where two overlap or the day comes to more than 24 hours.

    With the place's time zone a night on which the clocks change has the hours that really passed.
    """
    ordered = tuple(sorted(shifts, key=lambda shift: (shift.start, shift.end)))
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise HoursWrong(
                "shifts_overlap",
                entry,
                day=day.isoformat(),
                first=_clock(before.end),
                second=_clock(after.start),
            )
    minutes = sum(shift.minutes for shift in ordered)
    if zone:
        minutes += sum(_clocks_moved(zone, day, shift) for shift in ordered)
    if minutes > DAY:
        raise HoursWrong("day_too_long", entry, day=day.isoformat(), hours=f"{minutes / 60:g}")
    return WorkDay(day, minutes, ordered, place, **noted)


def _clocks_moved(zone: str, day: date, shift: Shift) -> int:
    """Minutes that a shift lasted longer (or shorter) than the clock says because clocks were changed in it."""
    moved = 0
    for late in range(2 if shift.end > DAY else 1):
        change = clock_change(zone, day + timedelta(days=late))
        if change is not None:
            at, minutes = change
            if shift.start < at + late * DAY < shift.end:
                moved += minutes
    return moved


@lru_cache(maxsize=4096)
def clock_change(zone: str, day: date) -> tuple[int, int] | None:
    """At what minute clocks changed on that day, and by how much longer it made the day (-60 or 60); else None."""
    place = ZoneInfo(zone)
    before = datetime(day.year, day.month, day.day, tzinfo=place).utcoffset()
    after = datetime(day.year, day.month, day.day, 23, 59, tzinfo=place).utcoffset()
    if before is None or after is None or before == after:
        return None
    return 2 * 60, int((before - after).total_seconds()) // 60


# --- from patterns to days -------------------------------------------------------------------------


def days(
    sheet: Timesheet,
    end: End,
    on: date,
    zones: Mapping[str, str] | None = None,
    wrong: list[HoursWrong] | None = None,
) -> tuple[WorkDay, ...]:
    """Every day worked up to `on`, in order, at one end of what is remembered.

    What the diary says of a day stands in place of every pattern on that day. Two patterns may meet on a day only
    where their clock times do not overlap, and no day has more than 24 hours: such a day is left out and its
    complaint added to `wrong`; without that list it is raised.
    """
    complaints: list[HoursWrong] = []
    found = _met(sheet, end, on, zones or {}, complaints)
    made = []
    for meeting in found.values():
        try:
            made.append(meeting[0][1] if len(meeting) == 1 else _joined(meeting, zones or {}))
        except HoursWrong as refused:
            complaints.append(refused)
    made.sort(key=lambda one: (one.day, one.place))
    whole = tuple(_no_longer_than_a_day(made, complaints))
    if complaints and wrong is None:
        raise complaints[0]
    if wrong is not None:
        wrong.extend(complaints)
    return whole


Meetings = dict[tuple[date, str], list[tuple[Pattern | None, WorkDay]]]


def _met(
    sheet: Timesheet, end: End, on: date, zones: Mapping[str, str], complaints: list[HoursWrong]
) -> Meetings:
    """What the diary and the patterns say of each day and place."""
    found: Meetings = {}
    for one in sheet.diary:
        if (one.day, one.place) in found:
            complaints.append(HoursWrong("day_twice", one.day.isoformat(), day=one.day.isoformat()))
        elif one.day <= on:
            found[(one.day, one.place)] = [(None, one)]
    written = {one.day for one in sheet.diary}
    for pattern in sheet.patterns:
        for one in _pattern_days(pattern, end, on, zones):
            if one.day not in written:
                found.setdefault((one.day, one.place), []).append((pattern, one))
    return found


def _pattern_days(pattern: Pattern, end: End, on: date, zones: Mapping[str, str]) -> Iterator[WorkDay]:
    day, last = _bounds(pattern, end, on)
    zone = zones.get(pattern.place, "") if pattern.shifts else ""
    plain = _plain_days(pattern, end)
    step = timedelta(days=1)
    while day <= last:
        usual = plain.get(day.weekday())
        if usual is not None and day not in pattern.days_off:
            moved = sum(_clocks_moved(zone, day, shift) for shift in pattern.shifts) if zone else 0
            yield replace(usual, day=day, minutes=usual.minutes + moved) if moved else _on(usual, day)
        day += step


def _on(usual: WorkDay, day: date) -> WorkDay:
    """The usual day on that date; the plain way, since `replace` costs five times as much and this runs each day."""
    return WorkDay(
        day,
        usual.minutes,
        usual.shifts,
        usual.place,
        usual.meals_missed,
        usual.rests_missed,
        0,
        usual.untipped,
    )


def _plain_days(pattern: Pattern, end: End) -> dict[int, WorkDay]:
    """The pattern's day for each weekday, on a date on which no clock changes."""
    some = date(2024, 1, 1)
    if pattern.shifts:
        whole = day_of(
            some, pattern.shifts, place=pattern.place, entry=pattern.entry, untipped=pattern.untipped
        )
        if pattern.minutes is not None:
            whole = replace(whole, minutes=pattern.minutes.at(end))
    else:
        minutes = pattern.minutes.at(end) if pattern.minutes else 0
        whole = WorkDay(some, minutes, place=pattern.place, untipped=pattern.untipped)
    return {weekday: _with_breaks(whole, pattern, weekday) for weekday in pattern.weekdays}


def _with_breaks(day: WorkDay, pattern: Pattern, weekday: int) -> WorkDay:
    missed = weekday in pattern.meals_missed, weekday in pattern.rests_missed
    return replace(day, meals_missed=missed[0], rests_missed=missed[1]) if any(missed) else day


def _bounds(pattern: Pattern, end: End, on: date) -> tuple[date, date]:
    """First and last day. Where only a number of weeks is remembered: the earliest such weeks in the careful
    reading (older rates, sooner barred), the latest in the full one."""
    first, last = pattern.first(end), pattern.last(end, on)
    if pattern.weeks is None:
        return first, last
    widest_first, widest_last = pattern.first(HIGH), pattern.last(HIGH, on)
    length = timedelta(days=7 * pattern.weeks.at(end) - 1)
    if end is LOW:
        return widest_first, min(widest_last, widest_first + length)
    return max(widest_first, widest_last - length), widest_last


def _joined(meeting: Sequence[tuple[Pattern | None, WorkDay]], zones: Mapping[str, str]) -> WorkDay:
    """One day out of several patterns that meet on it; only by clock times, and only where these do not overlap."""
    one = meeting[0][1]
    entries = [pattern.entry if pattern else "" for pattern, _ in meeting]
    if any(not day.shifts for _, day in meeting):
        raise HoursWrong("patterns_meet", entries[-1], day=one.day.isoformat(), other=entries[0])
    return day_of(
        one.day,
        [shift for _, day in meeting for shift in day.shifts],
        place=one.place,
        zone=zones.get(one.place, ""),
        entry=entries[-1],
        meals_missed=any(day.meals_missed for _, day in meeting),
        rests_missed=any(day.rests_missed for _, day in meeting),
        untipped=sum(day.untipped for _, day in meeting),
    )


def _no_longer_than_a_day(made: Sequence[WorkDay], complaints: list[HoursWrong]) -> Iterator[WorkDay]:
    for day, met in groupby(made, key=lambda one: one.day):
        there = list(met)
        together = sum(one.minutes for one in there)
        if together > DAY + 60:  # the night on which clocks go back has 25 hours
            hours = f"{together / 60:g}"
            complaints.append(HoursWrong("day_too_long", day.isoformat(), day=day.isoformat(), hours=hours))
        else:
            yield from there


def weeks(worked: Iterable[WorkDay], week_starts: int = 6) -> Iterator[WorkWeek]:
    """The workweeks that hold these days, in order. `week_starts` is a weekday, Monday 0, Sunday 6."""
    shift = (7 - week_starts) % 7

    def first_of(one: WorkDay) -> date:
        return one.day - timedelta(days=(one.day.weekday() + shift) % 7)

    for first, met in groupby(worked, key=first_of):
        yield WorkWeek.of(first, met)


def assumptions(sheet: Timesheet) -> tuple[Assumption, ...]:
    """What had to be assumed about the hours, each once."""
    found: dict[Assumption, None] = {}
    for pattern in sheet.patterns:
        if not pattern.begins.exact:
            found[Assumption("begins_roughly", {"date": str(pattern.begins)})] = None
        if pattern.ends is not None and not pattern.ends.exact:
            found[Assumption("ends_roughly", {"date": str(pattern.ends)})] = None
        if pattern.minutes is not None and not pattern.minutes.exact:
            span = {"low": f"{pattern.minutes.low / 60:g}", "high": f"{pattern.minutes.high / 60:g}"}
            found[Assumption("hours_roughly", span)] = None
        if pattern.weeks_off:
            found[Assumption("weeks_off_unknown", {"weeks": pattern.weeks_off})] = None
        if pattern.weeks is not None:
            found[Assumption("only_weeks_known", {"low": pattern.weeks.low, "high": pattern.weeks.high})] = (
                None
            )
        if any(shift.end > DAY for shift in pattern.shifts):
            found[Assumption("night_belongs_to_its_first_day")] = None
    return tuple(found)
