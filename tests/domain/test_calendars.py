"""Days counted by calendars that know how far they are sure."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as some

from jornada.domain import calendars
from jornada.domain.calendars import Calendar, CalendarNotSure, NotAShift, Shift
from jornada.domain.located import PackErrors
from tests.domain.small_pack import quick

FILE = Path(__file__).parents[2] / "rulepacks" / "calendars" / "us-federal.yaml"


FEDERAL = calendars.parse(FILE.name, FILE.read_text(encoding="utf-8"))


@pytest.fixture
def federal() -> Calendar:
    return FEDERAL


def test_every_federal_holiday_is_that_of_the_holidays_package(federal: Calendar) -> None:
    theirs = holidays.country_holidays("US", years=range(federal.sure_from.year, federal.sure_until.year + 1))
    within = {day for day in theirs if federal.sure_from <= day <= federal.sure_until}
    assert set(federal.closed) == within


def test_five_working_days_over_thanksgiving_leave_out_the_holiday_and_the_weekend(federal: Calendar) -> None:
    assert federal.shifted(date(2026, 11, 23), 5) == date(2026, 12, 1)


def test_counting_back_over_a_holiday(federal: Calendar) -> None:
    assert federal.shifted(date(2026, 11, 27), -2) == date(2026, 11, 24)


def test_a_holiday_on_a_saturday_is_closed_on_the_friday_before(federal: Calendar) -> None:
    assert not federal.open_on(date(2026, 7, 3))


@pytest.mark.parametrize("day", [date(2021, 12, 31), date(2029, 1, 1)])
def test_past_what_it_is_sure_of_the_calendar_refuses_to_count(federal: Calendar, day: date) -> None:
    with pytest.raises(
        CalendarNotSure, match=r"us-federal is sure from 2022-01-01 to 2028-12-31.*sure_until"
    ):
        federal.open_on(day)


def test_counting_across_the_end_of_the_sure_span_refuses_too(federal: Calendar) -> None:
    with pytest.raises(CalendarNotSure):
        federal.shifted(date(2028, 12, 28), 5)


@pytest.mark.parametrize(
    ("text", "day", "after"),
    [
        ("1 year -1 day", date(2024, 2, 10), date(2025, 2, 9)),
        ("2 years -1 day", date(2024, 2, 10), date(2026, 2, 9)),
        ("1 year", date(2024, 2, 29), date(2025, 2, 28)),
        ("1 month", date(2024, 1, 31), date(2024, 2, 29)),
        ("-3 months", date(2026, 1, 15), date(2025, 10, 15)),
        ("+10 days", date(2026, 11, 22), date(2026, 12, 2)),
    ],
)
def test_shifts_by_years_months_and_days(text: str, day: date, after: date) -> None:
    assert Shift.parse(text).after(day) == after


@pytest.mark.parametrize("text", ["", "soon", "10", "1 week", "5 working", "1 day and more"])
def test_what_is_no_shift_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(NotAShift, match="write for example"):
        Shift.parse(text)


def test_working_days_without_a_calendar_are_not_guessed() -> None:
    with pytest.raises(CalendarNotSure):
        Shift.parse("5 working days").after(date(2026, 11, 22))


@quick
@given(some.dates(min_value=date(2023, 1, 1), max_value=date(2027, 1, 1)), some.integers(1, 30))
def test_working_days_there_and_back_return_to_an_open_day(day: date, count: int) -> None:
    federal = FEDERAL
    while not federal.open_on(day):
        day += timedelta(days=1)
    assert federal.shifted(federal.shifted(day, count), -count) == day


def test_a_calendar_without_its_span_is_refused_naming_the_file() -> None:
    with pytest.raises(PackErrors, match=r"bad\.yaml:1: the calendar is not complete"):
        calendars.parse("bad.yaml", "calendar: bad\nweekend: [saturday]\nclosed: []\n")
