"""Each component by a person: what is due, what is set against it, where it stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction as F

import pytest

from jornada.domain.facts import PartialDate
from jornada.domain.wages import claims
from jornada.domain.wages.components import week_lines
from jornada.domain.wages.damages import months_between
from jornada.domain.wages.hours import (
    HIGH,
    LOW,
    HoursWrong,
    Pattern,
    Span,
    Timesheet,
    clock_change,
    day_of,
    days,
    shift_at,
)
from jornada.domain.wages.lawbook import Place
from jornada.domain.wages.pay import During, Extra, Money, Other, Pay, Promise, Receipt
from jornada.domain.wages.worksheet import Claim, Worksheet, merged
from jornada.domain.wages.worksheet import by_component as totals
from tests.domain.wages.weeks import at, claim, hourly, law, laws, view
from tests.domain.wages.weeks import days as worked

MARCH = date(2025, 3, 2)
ON = date(2025, 6, 1)
CA, IL, ALBANY = Place("CA"), Place("IL", region="rest"), Place("NY", "Albany")


def dues(name: str, *days_: object, **known: object) -> dict[str, F]:
    promises = known.pop("pay", (hourly(30),))
    one = view(name, days_, *promises, **known)  # type: ignore[arg-type]
    return {line.due.component: line.due.amount for line in week_lines(one)}


def rough(first: PartialDate, last: PartialDate, hours: str, **known: object) -> Timesheet:
    """Monday to Friday, about so many hours a day."""
    low, _, high = hours.partition("-")
    length = Span(int(low) * 60, int(high or low) * 60)
    return Timesheet((Pattern(first, last, WEEK, minutes=length, place="p", **known),))  # type: ignore[arg-type]


def said(hours: Timesheet, pay: Pay) -> Claim:
    return Claim({"wage_sector": "other", "tipped": "no"}, {"p": ALBANY}, hours, pay, (11, 20))


WEEK = frozenset(range(5))
THIRD, SEVENTH = PartialDate(2025, 3, 3), PartialDate(2025, 3, 7)


def paid(amount: str | int, per: str = "week") -> Receipt:
    return Receipt(per, Money.exactly(F(amount)))


def sheet(one: Claim, *names: str, on: date = ON, **how: object) -> Worksheet:
    return claims.compute(one, laws(*names), on, **how)  # type: ignore[arg-type]


# ── New York: the same pay, two wage orders ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sector", "rate", "owed"), [("restaurant", "22.50", 675), ("construction", "15.00", 150)]
)
def test_the_same_900_dollars_for_sixty_hours_give_two_rates_in_new_york(
    sector: str, rate: str, owed: int
) -> None:
    one = view(
        "ny",
        worked([0, 10, 10, 10, 10, 10, 10], first=date(2017, 3, 5)),
        Promise("week", F(900)),
        place=ALBANY,
        wage_sector=sector,
    )
    assert one.regular.rate == F(rate)
    lines = {line.due.component: line.owed for line in week_lines(one)}
    assert sum(amount for name, amount in lines.items() if name.startswith("overtime")) == owed


def test_a_step_of_the_minimum_wage_in_mid_week_prices_each_day_by_its_date() -> None:
    eve = date(2019, 12, 29)  # a Sunday: Tuesday the 31st has the new rate
    one = view("ny", worked([0, 8, 8, 8, 8, 8], first=eve), place=ALBANY)
    [line] = [line.due for line in week_lines(one) if line.due.component == "minimum_wage"]
    assert line.amount == 8 * F("11.10") + 32 * F("11.80")


def test_farm_overtime_begins_after_56_hours_in_2025_and_52_in_2026() -> None:
    for first, line in ((date(2025, 3, 2), 56), (date(2026, 3, 1), 52)):
        one = view("ny", worked([0, 12, 12, 12, 12, 12], first=first), hourly(20), wage_sector="farm")
        assert one.overtime_minutes == (60 - line) * 60


def test_a_farm_worker_without_a_day_of_rest_is_paid_half_as_much_again_on_the_last_day() -> None:
    one = view("ny", worked([6, 6, 6, 6, 6, 6, 6], first=MARCH), hourly(20), wage_sector="farm")
    assert [split.overtime for split in one.splits[:6]] == [()] * 6
    assert one.splits[6].overtime == ((F(3, 2), 360),)


def test_live_in_house_work_has_overtime_after_44_hours() -> None:
    one = view(
        "ny", worked([0, 10, 10, 10, 10, 6], first=MARCH), hourly(20), wage_sector="domestic", live_in="yes"
    )
    assert one.overtime_minutes == 2 * 60


def test_spread_outside_hospitality_is_taken_up_by_a_good_wage() -> None:
    long_day = at("7:00-10:00", "16:00-19:00", first=MARCH)
    assert dues("ny", long_day, pay=(hourly(17),), wage_sector="construction")["spread_of_hours"] == F(
        "13.50"
    )
    assert "spread_of_hours" not in dues("ny", long_day, pay=(hourly(60),), wage_sector="construction")
    assert dues("ny", long_day, pay=(hourly(60),), wage_sector="hotel")["spread_of_hours"] == F("16.50")


def test_spread_and_split_on_one_day_are_one_hour() -> None:
    both = at("7:00-10:00", "16:00-19:00", first=MARCH)
    assert dues("ny", both, pay=(hourly("16.50"),), wage_sector="other")["spread_of_hours"] == F("16.50")


@pytest.mark.parametrize(
    ("sector", "scheduled", "spans", "owed"),
    [
        ("other", 8, ("8:00-9:00",), 3 * F("16.50")),  # four hours, or the shift
        ("other", 2, ("8:00-9:00",), 1 * F("16.50")),
        ("restaurant", 8, ("8:00-9:00",), 2 * F("16.50")),  # three for one shift
        ("restaurant", 6, ("8:00-9:00", "17:00-18:00"), 4 * F("16.50")),  # six for two
    ],
)
def test_being_called_in_and_sent_home(sector: str, scheduled: int, spans: tuple[str, ...], owed: F) -> None:
    day = at(*spans, first=MARCH, scheduled=scheduled * 60)
    assert dues("ny", day, pay=(hourly("16.50"),), wage_sector=sector)["call_in"] == owed


def test_a_tip_credit_needs_notice_and_falls_away_on_days_of_other_work() -> None:
    shift = worked([0, 8, 8], first=MARCH)
    tips = [Extra("tips", "week", F(160))]
    known = {"wage_sector": "restaurant", "tipped": "yes"}
    told = view("ny", shift, hourly(11), extras=tips, tip_notice="yes", **known)
    assert told.credits == (F("5.50"), F("5.50"))
    untold = view("ny", shift, hourly(11), extras=tips, tip_notice="no", **known)
    assert untold.credits == (0, 0)
    mixed = view(
        "ny", worked([0, 8], first=MARCH, untipped=120), hourly(11), extras=tips, tip_notice="yes", **known
    )
    assert mixed.credits == (0,)


def test_whether_notice_was_given_is_not_yet_known_so_both_counts_are_shown() -> None:
    days_ = worked([0, 8, 8], first=MARCH)
    pay = Pay((hourly(11),), extras=(Extra("tips", "week", F(160)),), as_agreed=True)
    one = claim(days_, pay, wage_sector="restaurant", tipped="yes", uniform_kind="none")
    low, high = claims.reckon(one, laws("ny"), ON)
    assert (low.wages, high.wages) == (0, 16 * F("5.50"))
    assert "tip_notice" in low.open_facts


def test_uniforms_by_hours_of_the_week() -> None:
    known = {"wage_sector": "restaurant", "uniform_kind": "special", "uniform_wash": "worker"}
    for hours, sum_ in (([0, 8, 8, 8, 8], "20.50"), ([0, 8, 8, 8], "16.25"), ([0, 8], "9.80")):
        assert dues("ny", *worked(hours, first=MARCH), **known)["uniform_upkeep"] == F(sum_)


# ── Paid and owed ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_paid_is_set_against_straight_time_first() -> None:
    days_ = worked([0, 10, 10, 10, 10, 10], first=MARCH)
    one = claim(days_, Pay((hourly(20),), (paid(1050),)), place=ALBANY)
    assert {line.component: line.amount for line in sheet(one, "ny").lines} == {"overtime": 50}
    less = claim(days_, Pay((hourly(20),), (paid(900),)), place=ALBANY)
    assert {line.component: line.amount for line in sheet(less, "ny").lines} == {
        "agreed_wages": 100,
        "overtime": 100,
    }


def test_a_good_week_does_not_make_up_for_a_bad_one() -> None:
    days_ = worked([0, 8, 8, 8, 8, 8], first=MARCH) + worked(
        [0, 8, 8, 8, 8, 8], first=MARCH + timedelta(days=7)
    )
    first, second = PartialDate(2025, 3, 8), PartialDate(2025, 3, 9)
    receipts = (
        Receipt("total", Money.exactly(F(1600)), During(ends=first)),
        Receipt("total", Money.exactly(F(0)), During(begins=second)),
    )
    one = claim(days_, Pay((hourly(20),), receipts), place=ALBANY)
    assert sheet(one, "ny").wages == 800


def test_single_payments_are_spread_over_the_days_they_are_for() -> None:
    days_ = worked([0, 8, 8, 8, 8, 8], first=MARCH) + worked(
        [0, 8, 8, 8, 8, 8], first=MARCH + timedelta(days=7)
    )
    one = claim(days_, Pay((hourly(20),), (paid(1000, "total"),)), place=ALBANY)
    assert [line.amount for line in sheet(one, "ny").lines] == [300, 300]
    assert "payments_by_days_worked" in {assumed.key for assumed in sheet(one, "ny").assumptions}


def test_a_deduction_is_claimed_for_itself_and_never_twice() -> None:
    days_ = worked([0, 8, 8, 8, 8, 8], first=MARCH)
    taken = Other("deduction", "week", F(50), authorised=False, what="a broken plate")
    one = claim(days_, Pay((hourly(20),), (paid(750),), others=(taken,)), place=ALBANY)
    assert {line.component: line.amount for line in sheet(one, "ny").lines} == {"deductions": 50}
    allowed = Other("deduction", "week", F(50), authorised=True)
    agreed = claim(days_, Pay((hourly(20),), (paid(750),), others=(allowed,)), place=ALBANY)
    assert sheet(agreed, "ny").wages == 0


def test_federal_law_minds_a_deduction_only_below_the_floor() -> None:
    days_ = worked([0, 6, 6, 6, 6, 6], first=MARCH)
    taken = Other("deduction", "week", F(20), authorised=False)
    one = claim(days_, Pay((hourly("7.75"),), (paid("212.50"),), others=(taken,)))
    assert {line.component: line.amount for line in sheet(one, "federal").lines} == {"deductions": 5}


def test_tips_kept_back_and_promised_supplements_are_lines_of_their_own() -> None:
    others = (Other("tips_taken", "week", F(40)), Other("supplement", "total", F(200), what="holiday pay"))
    one = claim(worked([0, 8], first=MARCH), Pay((hourly(20),), others=others, as_agreed=True))
    assert {line.component: line.amount for line in sheet(one, "ny").lines} == {
        "tips_taken": 40,
        "supplement": 200,
    }


def test_pay_agreed_and_never_paid_is_owed_by_state_law_and_the_floor_by_federal_law() -> None:
    one = claim(worked([0, 8], first=MARCH), Pay((hourly(20),)))
    assert sheet(one, "federal").wages == 8 * F("7.25")
    assert sheet(one, "federal", "ny").wages == 160
    assert {line.law for line in sheet(one, "federal", "ny").lines} == {"us-ny-wages"}


def test_federal_overtime_stands_where_the_state_leaves_small_employers_out() -> None:
    days_ = worked([0, 10, 10, 10, 10, 10], first=MARCH)
    one = claim(days_, Pay((hourly(20),), (paid(900),)), place=IL, employees=(2, 2), employees_band="to_3")
    found = {(line.law, line.component): line.amount for line in sheet(one, "federal", "il").lines}
    assert found == {("us-il-wages", "agreed_wages"): 100, ("us-federal-wages", "overtime"): 100}


# ── California ────────────────────────────────────────────────────────────────────────────────────────────


def test_daily_overtime_double_time_and_no_pyramiding() -> None:
    one = view("ca", worked([0, 13, 8, 8, 8, 8], first=MARCH), hourly(20), place=CA)
    assert [(split.straight, split.overtime) for split in one.splits[:2]] == [
        (480, ((F(3, 2), 240), (F(2), 60))),
        (480, ()),
    ]
    assert one.overtime_minutes == 300, "the hours over eight do not count towards the forty"


def test_the_seventh_day_in_a_row() -> None:
    one = view("ca", worked([4, 4, 4, 4, 4, 4, 10], first=MARCH), hourly(20), place=CA)
    assert one.splits[6].overtime == ((F(3, 2), 480), (F(2), 120))
    broken = view("ca", worked([4, 4, 4, 0, 4, 4, 10], first=MARCH), hourly(20), place=CA)
    assert broken.splits[-1].overtime == ((F(3, 2), 120),)


def test_a_salary_is_over_forty_hours_and_pays_none_of_the_overtime() -> None:
    one = view("ca", worked([0, 10, 10, 10, 10, 10], first=MARCH), Promise("month", F(5200)), place=CA)
    assert one.regular.rate == 30
    found = {line.due.component: line.due.amount for line in week_lines(one)}
    assert found["overtime_straight"] + found["overtime"] == 10 * 45


def test_a_flat_bonus_goes_over_the_hours_that_are_no_overtime() -> None:
    extras = [Extra("flat_bonus", "week", F(120))]
    found = dues(
        "ca", *worked([0, 10, 10, 10, 10, 10], first=MARCH), pay=(hourly(20),), extras=extras, place=CA
    )
    assert found["bonus_overtime"] == F(120, 40) * F(3, 2) * 10


def test_one_hour_for_missed_meals_and_one_for_missed_rests_a_day() -> None:
    day = worked([0, 8, 8], first=MARCH, meals_missed=True, rests_missed=True)
    found = dues("ca", *day, pay=(hourly(20),), place=CA)
    assert (found["meal_premium"], found["rest_premium"]) == (40, 40)
    short = dues(
        "ca", *worked([0, 3], first=MARCH, meals_missed=True, rests_missed=True), pay=(hourly(20),), place=CA
    )
    assert "meal_premium" not in short
    assert "rest_premium" not in short


def test_reporting_time_is_half_the_shift_between_two_and_four_hours() -> None:
    for planned, minutes in ((10, 240), (6, 180), (3, 120)):
        day = worked([0, 1], first=MARCH, scheduled=planned * 60)
        assert dues("ca", *day, pay=(hourly(30),), place=CA)["call_in"] == 30 * F(minutes - 60, 60)


def test_a_split_shift_is_taken_up_by_pay_above_the_minimum() -> None:
    day = at("6:00-9:00", "15:00-18:00", first=MARCH)
    assert dues("ca", day, pay=(hourly("16.50"),), place=CA)["split_shift"] == F("16.50")
    assert dues("ca", day, pay=(hourly("17.50"),), place=CA)["split_shift"] == F("16.50") - 6
    assert "split_shift" not in dues("ca", day, pay=(hourly(25),), place=CA)


def test_liquidated_damages_in_california_double_the_minimum_wage_only() -> None:
    one = claim(worked([0, 10], first=MARCH), Pay((hourly(10),), (paid(100),)), place=CA, employees=(30, 30))
    found = sheet(one, "ca")
    minimum = next(line.amount for line in found.lines if line.component == "minimum_wage")
    assert next(line.amount for line in found.damages if line.component == "liquidated_damages") == minimum


# ── Damages and time ──────────────────────────────────────────────────────────────────────────────────────


def test_illinois_trebles_the_underpayment_and_adds_five_percent_a_month() -> None:
    one = claim(worked([0, 10], first=MARCH), Pay((hourly(10),), (paid(100),)), place=IL)
    found = sheet(one, "il", on=date(2025, 6, 21))
    assert found.wages == 50
    assert {line.component: line.amount for line in found.damages} == {
        "treble_damages": 100,
        "monthly_damages": Decimal("7.50"),
    }


@pytest.mark.parametrize(
    ("end", "rule", "months"),
    [
        ("2025-04-14", "completed", 0),
        ("2025-04-15", "completed", 1),
        ("2025-04-16", "completed", 1),
        ("2025-04-16", "started", 2),
        ("2025-03-15", "started", 0),
    ],
)
def test_months_since_a_payday(end: str, rule: str, months: int) -> None:
    assert months_between(date(2025, 3, 15), date.fromisoformat(end), rule) == months


def test_new_york_adds_nine_percent_in_court_and_as_much_again_everywhere() -> None:
    one = claim(worked([0, 10], first=MARCH), Pay((hourly(20),)), place=ALBANY)
    court = sheet(one, "ny", on=date(2026, 3, 15), forum="court")
    assert {line.component: line.amount for line in court.damages} == {
        "liquidated_damages": 200,
        "interest_court": 18,
    }
    assert not any(line.component == "interest_court" for line in sheet(one, "ny").damages)


def test_what_a_court_may_add_is_shown_and_in_no_total() -> None:
    one = claim(
        worked([0, 10], first=MARCH), Pay((hourly(20),)), place=ALBANY, hiring_notice="no", pay_stubs="never"
    )
    found = sheet(one, "ny")
    assert {line.component for line in found.possible} >= {"pay_statement_damages"}
    assert found.total == 400


def test_liquidated_damages_of_two_laws_do_not_stack() -> None:
    one = claim(worked([0, 10, 10, 10, 10, 10], first=MARCH), Pay((hourly(20),), (paid(900),)), place=ALBANY)
    both = sheet(one, "federal", "ny")
    assert sum(line.amount for line in both.damages) == both.wages


def test_weeks_out_of_time_are_shown_and_in_no_total() -> None:
    old, new = worked([0, 8], first=date(2019, 3, 3)), worked([0, 8], first=date(2024, 3, 3))
    one = claim(old + new, Pay((hourly(20),)), place=ALBANY)
    found = sheet(one, "ny", on=date(2026, 6, 1))
    assert [(line.late, line.amount) for line in found.lines] == [(True, 160), (False, 160)]
    assert (found.wages, found.late) == (160, 160)
    assert [expiry.amount for expiry in claims.expiries(found)] == [160]


def test_a_state_s_longer_time_counts_where_federal_law_is_out_of_time() -> None:
    one = claim(
        worked([0, 10, 10, 10, 10, 10], first=date(2022, 3, 6)),
        Pay((hourly(20),), (paid(1000),)),
        place=ALBANY,
    )
    [line] = sheet(one, "federal", "ny", on=ON).lines
    assert (line.law, line.late) == ("us-ny-wages", False)
    assert sheet(one, "federal", on=ON).lines[0].late


def test_a_filed_claim_stops_the_clock() -> None:
    one = claim(worked([0, 8], first=date(2019, 3, 3)), Pay((hourly(20),)), place=ALBANY)
    filed = Claim(one.facts, one.places, one.hours, one.pay, one.employees, filed_on=date(2021, 1, 4))
    assert sheet(filed, "ny", on=date(2026, 6, 1)).wages == 160


def test_waiting_time_needs_the_day_the_work_ended() -> None:
    facts = {"how_ended": "fired", "final_pay": "no"}
    one = claim(worked([0, 8], first=MARCH), Pay((hourly(20),)), place=CA, **facts)
    assert not [line for line in sheet(one, "ca").possible if line.component == "waiting_time"]


# ── Estimates ─────────────────────────────────────────────────────────────────────────────────────────────


def test_about_ten_to_twelve_hours_give_a_low_and_a_high_total() -> None:
    one = said(rough(THIRD, SEVENTH, "10-12"), Pay((hourly(20),), as_agreed=True))
    low, high = claims.reckon(one, laws("ny"), ON)
    assert (low.minutes, high.minutes) == (3000, 3600)
    assert (low.wages, high.wages) == (100, 200)
    assert {assumed.key for assumed in high.assumptions} >= {
        "hours_roughly",
        "week_starts",
        "payday",
        "records",
    }


def test_weeks_off_that_nobody_can_place_leave_out_the_dearest_or_the_cheapest() -> None:
    weeks = rough(PartialDate(2024, 12, 1), PartialDate(2025, 1, 25), "8", weeks_off=2)
    low, high = claims.reckon(said(weeks, Pay()), laws("ny"), ON)
    assert len({line.first for line in low.lines}) == len({line.first for line in high.lines}) == 6
    assert high.wages - low.wages == 40, "two weeks at 15.00 instead of two at 15.50"


def test_only_a_number_of_weeks_is_remembered() -> None:
    pattern = Pattern(
        PartialDate(2024),
        PartialDate(2024),
        frozenset(range(5)),
        minutes=Span(480, 480),
        place="p",
        weeks=Span(8, 12),
    )
    one = Claim(
        {"wage_sector": "other", "tipped": "no"}, {"p": ALBANY}, Timesheet((pattern,)), Pay(), (11, 20)
    )
    low, high = claims.reckon(one, laws("ny"), ON)
    assert (low.minutes, high.minutes) == (8 * 2400, 12 * 2400)


def test_an_unknown_size_of_the_business_takes_the_lower_rate_and_then_the_higher() -> None:
    one = claim(worked([0, 10], first=date(2018, 3, 4)), Pay(), employees=(None, None))
    low, high = claims.reckon(one, laws("ny"), date(2020, 1, 1))
    assert (low.wages, high.wages) == (120, 130)
    assert "employees" in low.open_facts


def test_what_each_answer_would_change() -> None:
    days_ = worked([0, 10, 10, 10, 10, 10], first=MARCH)
    one = claim(
        days_, Pay((Promise("week", F(900)),), as_agreed=True), place=ALBANY, wage_sector="construction"
    )
    changes = claims.what_changes(
        one, laws("ny"), ON, {"wage_sector": ("restaurant", "construction"), "tipped": ("yes", "no")}
    )
    [change] = changes
    assert (change.fact, change.to) == ("wage_sector", "restaurant")
    assert change.low > sheet(one, "ny").total


# ── Hours that cannot be ──────────────────────────────────────────────────────────────────────────────────


def test_overlapping_shifts_and_a_day_of_25_hours_are_refused_by_day() -> None:
    with pytest.raises(HoursWrong) as wrong:
        at("8:00-12:00", "11:00-15:00")
    assert wrong.value.key == "shifts_overlap"
    with pytest.raises(HoursWrong, match="day_too_long"):
        day_of(MARCH, [shift_at(0, 23 * 60), shift_at(23 * 60, 60)])
    with pytest.raises(HoursWrong, match="break_too_long"):
        shift_at(480, 500, 30)


def test_two_patterns_that_say_different_things_leave_those_days_out_and_the_rest_is_computed() -> None:
    first = rough(THIRD, PartialDate(2025, 3, 14), "8", entry="one").patterns
    second = rough(PartialDate(2025, 3, 10), PartialDate(2025, 3, 21), "8", entry="two").patterns
    found = sheet(said(Timesheet(first + second), Pay()), "ny")
    assert found.minutes == 10 * 480
    [left] = found.not_computed
    assert (left.reason, left.weeks) == ("patterns_meet", 5)
    assert (left.first, left.last) == (date(2025, 3, 10), date(2025, 3, 14))
    assert left.values == {"other": "one", "entry": "two"}


def test_morning_and_evening_patterns_may_meet_where_their_times_do_not() -> None:
    def shift(start: int, end: int) -> Pattern:
        return Pattern(THIRD, SEVENTH, WEEK, (shift_at(start * 60, end * 60),), place="p")

    found = days(Timesheet((shift(6, 10), shift(17, 21))), LOW, ON)
    assert [(day.minutes, day.spread) for day in found] == [(480, 900)] * 5


def test_the_diary_stands_in_place_of_the_pattern_on_its_days() -> None:
    found = days(Timesheet(rough(THIRD, SEVENTH, "8").patterns, worked([0, 11], first=MARCH)), LOW, ON)
    assert [day.minutes for day in found] == [660, 480, 480, 480, 480]


def test_the_nights_on_which_clocks_change_have_the_hours_that_passed() -> None:
    assert clock_change("America/New_York", date(2025, 3, 9)) == (120, -60)
    assert clock_change("America/New_York", date(2025, 11, 2)) == (120, 60)
    night = [shift_at(22 * 60, 6 * 60)]
    zone = "America/New_York"
    assert day_of(date(2025, 3, 8), night, zone=zone).minutes == 7 * 60
    assert day_of(date(2025, 11, 1), night, zone=zone).minutes == 9 * 60
    assert day_of(date(2025, 11, 8), night, zone=zone).minutes == 8 * 60
    pattern = Pattern(
        PartialDate(2025, 3, 7), PartialDate(2025, 3, 9), frozenset(range(7)), tuple(night), place="p"
    )
    assert [day.minutes for day in days(Timesheet((pattern,)), HIGH, ON, {"p": zone})] == [480, 420, 480]


def test_a_week_in_two_states_takes_each_state_s_law_for_its_days() -> None:
    here, there = worked([0, 8, 8], first=MARCH, place="ny"), worked([0, 0, 0, 9, 9], first=MARCH, place="ca")
    facts, places = {"wage_sector": "other", "tipped": "no"}, {"ny": ALBANY, "ca": CA}
    one = Claim(facts, places, Timesheet(diary=here + there), Pay((hourly(20),), as_agreed=True), (30, 30))
    found = sheet(one, "federal", "ny", "ca")
    assert {(line.law, line.component): line.amount for line in found.lines} == {
        ("us-ca-wages", "overtime"): 20
    }


def test_a_state_without_a_pack_is_named_and_federal_law_is_counted_alone() -> None:
    one = claim(
        worked([0, 10, 10, 10, 10, 10], first=MARCH), Pay((hourly(10),), as_agreed=True), place=Place("NJ")
    )
    found = sheet(one, "federal", "ny")
    assert [(left.reason, left.values["state"]) for left in found.not_computed] == [("no_pack", "NJ")]
    assert {line.law for line in found.lines} == {"us-federal-wages"}


# ── The sheet ─────────────────────────────────────────────────────────────────────────────────────────────


def test_weeks_that_are_alike_are_merged_for_reading_and_add_up() -> None:
    weeks = rough(PartialDate(2024, 11, 3), PartialDate(2025, 2, 1), "10")
    found = sheet(said(weeks, Pay((hourly(15),), as_agreed=True)), "ny")
    short = merged(found.lines)
    assert sum(line.amount for line in short) == found.wages == sum(totals(found.lines).values())
    assert sum(line.weeks for line in short) == len(found.lines)
    assert len(short) < len(found.lines) / 3


def test_months_show_what_was_paid_against_what_was_owed() -> None:
    one = claim(worked([0, 10, 10, 10, 10, 10], first=MARCH), Pay((hourly(20),), (paid(900),)), place=ALBANY)
    [month] = sheet(one, "ny").months
    assert (month.first, month.paid, month.owed, month.due) == (date(2025, 3, 1), 900, 200, 1100)


def test_every_shipped_law_knows_its_own_facts_only() -> None:
    for name in ("federal", "ny", "ca", "il"):
        assert law(name).facts <= {
            "wage_sector",
            "live_in",
            "tipped",
            "tip_notice",
            "hiring_notice",
            "pay_stubs",
            "uniform_kind",
            "uniform_wash",
            "employees_band",
            "final_pay",
            "how_ended",
            "il_place",
            "employer_knew",
        }


def test_a_sum_owed_once_is_claimed_to_the_cent_in_the_week_it_belongs_to() -> None:
    many = worked([0, 8] * 20, first=MARCH)
    once = Other("supplement", "total", F(200), what="holiday pay")
    dated = replace(once, during=During(None, PartialDate.parse(str(MARCH + timedelta(days=9)))))
    for other, last in ((once, many[-1].day), (dated, MARCH + timedelta(days=9))):
        found = sheet(claim(many, Pay((hourly(20),), others=(other,), as_agreed=True)), "ny")
        (line,) = [one for one in found.lines if one.component == "supplement"]
        assert line.amount == Decimal("200.00")
        assert line.first <= last <= line.last


def test_damages_on_sums_that_nobody_verified_stand_apart() -> None:
    others = (Other("sick_leave", "total", F(80)),)
    found = sheet(claim(worked([0, 8], first=MARCH), Pay((hourly(20),), others=others)), "ny")
    doubled = {
        line.amount: line.unverified for line in found.damages if line.component == "liquidated_damages"
    }
    assert doubled == {Decimal("160.00"): False, Decimal("80.00"): True}
