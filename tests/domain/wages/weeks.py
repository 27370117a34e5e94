"""Weeks of work and claims for the wage tests, made in a line; the cast of tests/people.py works them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from jornada.domain.wages import lawfile
from jornada.domain.wages.components import week_lines
from jornada.domain.wages.hours import LOW, End, Timesheet, WorkDay, WorkWeek, shift_at
from jornada.domain.wages.lawbook import Law, Place, Reading, Rule
from jornada.domain.wages.pay import Extra, Pay, Promise, week_pays
from jornada.domain.wages.weekview import Rounding, View
from jornada.domain.wages.worksheet import Claim
from jornada.gateways import packfiles

SUNDAY = date(2015, 3, 1)
NYC = Place("NY", "Kings")
BIG = (11, 20)
ORDINARY = {"wage_sector": "other", "tipped": "no", "employees_band": "to_20"}
"""Work for which no special rule is made, so that nothing is left open."""


@lru_cache(maxsize=8)
def law(name: str) -> Law:
    """The law of a shipped pack."""
    return lawfile.law_of(packfiles.load(f"us-{name}-wages"))


def laws(*names: str) -> tuple[Law, ...]:
    return tuple(law(name) for name in names)


def days(
    hours: Sequence[float | str | Fraction], first: date = SUNDAY, place: str = "p", **noted: Any
) -> tuple[WorkDay, ...]:
    """Days in a row from `first`, of so many hours each; 0 is a day off."""
    return tuple(
        WorkDay(first + timedelta(days=number), int(Fraction(length) * 60), place=place, **noted)
        for number, length in enumerate(hours)
        if length
    )


def at(*spans: str, first: date = SUNDAY, place: str = "p", **noted: Any) -> WorkDay:
    """One day by the clock: at("7:00-10:00", "19:00-22:00")."""
    from jornada.domain.wages.hours import day_of

    def minutes(text: str) -> int:
        hour, minute = text.split(":")
        return int(hour) * 60 + int(minute)

    shifts = [shift_at(*(minutes(part) for part in span.split("-"))) for span in spans]
    return day_of(first, shifts, place=place, **noted)


def view(
    name: str,
    worked: Sequence[WorkDay],
    *promises: Promise,
    extras: Sequence[Extra] = (),
    rounding: Rounding = Rounding.EXACT,
    end: End = LOW,
    place: Place = NYC,
    employees: tuple[int | None, int | None] = BIG,
    old: bool = False,
    **facts: Any,
) -> View:
    """One week under one law, as agreed and paid as agreed. `old`: of years whose minimum wage lay lower than any
    that the pack has, so that none stands in the way."""
    first = worked[0].day - timedelta(days=(worked[0].day.weekday() + 1) % 7)
    week = WorkWeek.of(first, worked)
    pay = week_pays(Pay(tuple(promises), extras=tuple(extras), as_agreed=True), (week,), end)[0]
    book = law(name)
    where = Place(book.state) if book.state and book.state != place.state else place
    return View(
        week, pay, Reading(book, {**ORDINARY, **facts}, where, employees, end), rounding, _by(book, old)
    )


def _by(book: Law, old: bool) -> dict[str, tuple[Rule, ...]]:
    return {name: rules for name, rules in book.by_component.items() if not (old and name == "floor")}


def earned(one: View) -> Fraction:
    """All that the law makes of the week: what was agreed, overtime on top, gifts left as they are."""
    owed = sum((line.due.amount for line in week_lines(one) if line.due.group == "overtime"), Fraction(0))
    single = Fraction(one.uncovered[1], 60) * one.regular.rate
    return one.promised + single + owed + one.pay.besides("gift")


def overtime(one: View) -> Fraction:
    """The premium alone."""
    return sum((line.due.amount for line in week_lines(one) if line.due.group == "overtime"), Fraction(0))


def claim(
    worked: Sequence[WorkDay],
    pay: Pay,
    *,
    place: Place = NYC,
    employees: tuple[int | None, int | None] = BIG,
    **facts: Any,
) -> Claim:
    """A claim from a diary."""
    return Claim({**ORDINARY, **facts}, {"p": place}, Timesheet(diary=tuple(worked)), pay, employees)


def hourly(rate: float | str) -> Promise:
    return Promise("hour", Fraction(rate))
