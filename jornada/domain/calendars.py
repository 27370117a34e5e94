"""Counting days: shifts by years, months, days and working days, within what a calendar is sure of.

A calendar of closed days is known for a span only. Counting past it raises
`CalendarNotSure`; nothing is guessed (a deadline counted over an unknown
holiday is a missed deadline).
"""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from jornada.domain import located
from jornada.domain.facts import Source
from jornada.domain.located import PackError, PackErrors

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class CalendarNotSure(ValueError):
    """Working days were counted past the span that the calendar is sure of."""

    def __init__(self, name: str, day: date, sure_from: date, sure_until: date) -> None:
        super().__init__(
            f"The calendar {name} is sure from {sure_from} to {sure_until}; {day} is outside. "
            f"Add the closed days to rulepacks/calendars/{name}.yaml and move sure_until."
        )
        self.name, self.day = name, day


class NotAShift(ValueError):
    """The text is no shift of days that we understand."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The closed days of a court or agency, and the span for which they are known."""

    name: str
    sure_from: date
    sure_until: date
    weekend: frozenset[int] = frozenset({5, 6})
    closed: Mapping[date, str] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()

    def open_on(self, day: date) -> bool:
        """Whether the day is a working day; CalendarNotSure outside the sure span."""
        if not self.sure_from <= day <= self.sure_until:
            raise CalendarNotSure(self.name, day, self.sure_from, self.sure_until)
        return day.weekday() not in self.weekend and day not in self.closed

    def shifted(self, day: date, working_days: int) -> date:
        """The day that many working days later (earlier if negative). The first day does not count."""
        step = timedelta(days=1 if working_days > 0 else -1)
        left = abs(working_days)
        while left:
            day += step
            left -= self.open_on(day)
        return day


@dataclass(frozen=True, slots=True)
class Shift:
    """So many years, months, days and working days, in that order."""

    years: int = 0
    months: int = 0
    days: int = 0
    working_days: int = 0

    _PATTERN = re.compile(r"\s*([+-]?)\s*(\d+)\s+(working day|year|month|day)s?\b")

    @classmethod
    def parse(cls, text: str) -> Shift:
        """The shift written as "1 year -1 day" or "5 working days"; NotAShift otherwise."""
        amounts = {"year": 0, "month": 0, "day": 0, "working day": 0}
        position = 0
        for match in cls._PATTERN.finditer(text):
            if match.start() != position:
                break
            sign, number, unit = match.groups()
            amounts[unit] += -int(number) if sign == "-" else int(number)
            position = match.end()
        if not text.strip() or text[position:].strip():
            raise NotAShift(f'{text!r} is not a shift: write for example "1 year -1 day" or "5 working days"')
        return cls(amounts["year"], amounts["month"], amounts["day"], amounts["working day"])

    def after(self, day: date, calendar: Calendar | None = None) -> date:
        """The day shifted. The 29th of February becomes the 28th in a year without one.

        CalendarNotSure if working days are asked for without a calendar that covers them.
        """
        moved = _moved(day, self.years * 12 + self.months, self.days)
        if not self.working_days:
            return moved
        if calendar is None:
            raise CalendarNotSure("(none named)", moved, date.max, date.min)
        return calendar.shifted(moved, self.working_days)


@lru_cache(maxsize=4096)
def _moved(day: date, by_months: int, by_days: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + by_months, 12)
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=by_days)


@lru_cache(maxsize=512)
def shift(text: str) -> Shift:
    """The shift of that text, parsed once."""
    return Shift.parse(text)


def parse(file: str, text: str) -> Calendar:
    """The calendar written in YAML; PackErrors names what is wrong."""
    errors: list[PackError] = []
    page = located.read(file, text, errors)
    if not errors and isinstance(page.data, dict):
        try:
            return _calendar(page.data)
        except (KeyError, TypeError, ValueError) as wrong:
            errors.append(
                PackError(
                    file,
                    1,
                    f"the calendar is not complete: {wrong!r}",
                    "It needs calendar, sure_from, sure_until, weekend and closed",
                )
            )
    raise PackErrors(tuple(errors) or (PackError(file, 1, "the calendar is empty", "Copy us-federal.yaml"),))


def _calendar(data: Mapping[str, Any]) -> Calendar:
    closed = {date.fromisoformat(entry["day"]): str(entry["name"]) for entry in data["closed"]}
    return Calendar(
        name=data["calendar"],
        sure_from=date.fromisoformat(data["sure_from"]),
        sure_until=date.fromisoformat(data["sure_until"]),
        weekend=frozenset(WEEKDAYS.index(name) for name in data["weekend"]),
        closed=closed,
        sources=tuple(Source(s["title"], s.get("url", ""), s["sure"]) for s in data.get("sources", ())),
    )
