"""The worked examples of official guidance (notes on wages, section 7), W-01 to W-26 and S-01 to S-10.

Official arithmetic is not of one kind, so each example names the mode in which it comes out to the cent; the exact
figure is beside it where it differs.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction as F

import pytest

from jornada.domain.wages.claims import compute
from jornada.domain.wages.components import allowable_deduction, week_lines
from jornada.domain.wages.guarantees import guaranteed_hours, hospital_overtime, prevailing_wage_met
from jornada.domain.wages.hours import day_of, quarter_hours, shift_at
from jornada.domain.wages.lawbook import Limit, Place, Toll
from jornada.domain.wages.pay import During, Extra, Money, Pay, Promise, Receipt
from jornada.domain.wages.weekview import Rounding, to_cents
from tests.domain.wages.weeks import SUNDAY, at, claim, days, earned, hourly, law, laws, overtime, view

STEP, WHOLE = Rounding.STEPWISE, Rounding.STEPWISE_WHOLE
FORTY_SIX = days([0, 8, 8, 8, 8, 8, 6])
FORTY_FIVE = days([0, 9, 9, 9, 9, 9])
FIFTY = days([0, 10, 10, 10, 10, 10])


def extra(kind: str, amount: str | int, per: str = "week") -> Extra:
    return Extra(kind, per, F(amount))


def test_w01_46_hours_at_12_dollars_come_to_588() -> None:
    assert earned(view("federal", FORTY_SIX, hourly(12))) == 588


def test_w02_a_production_bonus_raises_the_regular_rate_to_13() -> None:
    one = view("federal", FORTY_SIX, hourly(12), extras=[extra("production_bonus", 46)])
    assert (one.regular.rate, earned(one)) == (13, 637)


def test_w03_the_same_in_the_edition_of_1981() -> None:
    assert earned(view("federal", FORTY_SIX, hourly(6), old=True)) == 294
    with_bonus = view("federal", FORTY_SIX, hourly(6), extras=[extra("production_bonus", "9.20")], old=True)
    assert (with_bonus.regular.rate, earned(with_bonus)) == (F("6.20"), F("303.80"))


def test_w04_piece_work_and_waiting_are_one_rate_over_all_hours() -> None:
    worked = days([0, 10, 10, 10, 10, 6, 4])
    waiting = During(weekdays=frozenset({5}))
    piece = Promise("piece", F(491, 100), during=During(weekdays=frozenset(range(5))), pieces=F(100) * 6 / 5)
    one = view("federal", worked, piece, Promise("hour", F(8), waiting))
    assert (one.promised, one.regular.rate) == (523, F("10.46"))
    assert (overtime(one), earned(one)) == (F("52.30"), F("575.30"))


def test_w05_a_salary_for_35_hours_sets_the_rate_for_the_hours_beyond() -> None:
    one = view("federal", days([0, 8, 8, 8, 8, 10]), Promise("week", F("182.70"), covers=35 * 60), old=True)
    assert one.regular.rate == F("5.22")
    assert earned(one) == F("182.70") + 5 * F("5.22") + 2 * F("7.83")


@pytest.mark.parametrize(("per", "amount", "rate"), [("week", "220.80", "5.52"), ("month", "1040", "6.00")])
def test_w06_a_salary_for_forty_hours_by_the_week_or_the_month(per: str, amount: str, rate: str) -> None:
    one = view("federal", days([0, 8, 8, 8, 8, 8]), Promise(per, F(amount), covers=40 * 60))
    assert one.regular.rate == F(rate)


def test_w07_a_salary_that_covers_45_hours_owes_the_half() -> None:
    one = view("federal", FORTY_FIVE, Promise("week", F(405), covers=45 * 60))
    assert (one.regular.rate, overtime(one)) == (9, F("22.50"))


@pytest.mark.parametrize("lump", [180, 78])
def test_w08_a_lump_sum_for_sunday_is_no_overtime_pay_and_enters_the_rate(lump: int) -> None:
    weekdays, sunday = frozenset(range(5)), frozenset({6})
    worked = days([6, 8, 8, 8, 8, 8])
    lump_sum = Promise("total", F(lump), During(weekdays=sunday))
    one = view("federal", worked, Promise("hour", F(12), During(weekdays=weekdays)), lump_sum)
    assert one.regular.rate == F(480 + lump, 46)
    assert overtime(one) == one.regular.rate / 2 * 6


def test_w09_a_salary_for_55_hours_owes_the_half_to_55_and_the_whole_beyond() -> None:
    salary = Promise("week", F(275), covers=55 * 60)
    one = view("federal", days([0, 10, 10, 10, 10, 10, 8]), salary, old=True)
    assert one.regular.rate == 5
    assert overtime(one) == 18 * F("2.50")
    assert earned(one) - 275 - 15 * F("2.50") == 3 * F("7.50")
    assert view("federal", FIFTY, Promise("week", F(275), covers=50 * 60)).regular.rate == F("5.50")


def test_w10_44_hours_at_8_dollars_come_to_368() -> None:
    assert earned(view("federal", days([0, 8, 8, 8, 8, 8, 4]), hourly(8))) == 368


@pytest.mark.parametrize(("piece", "rate", "total"), [(405, 9, "427.50"), (315, 7, "332.50")])
def test_w11_piece_work_of_45_hours(piece: int, rate: int, total: str) -> None:
    one = view("federal", FORTY_FIVE, Promise("piece", F(1), pieces=F(piece)), old=True)
    assert (one.regular.rate, earned(one)) == (rate, F(total))


def test_w12_twelve_minutes_a_day_off_the_clock_break_no_minimum_but_owe_an_hour_of_overtime() -> None:
    worked = days(["8.2"] * 5, first=SUNDAY + timedelta(days=1))
    pay = Pay((hourly(10),), (Receipt("week", Money.exactly(F(400))),))
    sheet = compute(claim(worked, pay), laws("federal"), SUNDAY + timedelta(days=30))
    assert {(line.component, line.amount) for line in sheet.lines} == {
        ("overtime_straight", 10),
        ("overtime", 5),
    }


def test_w13_an_attendance_bonus_for_two_weeks() -> None:
    worked = days([0, 10, 10, 10, 10, 10, 6])
    bonus = [extra("production_bonus", 100, "two_weeks")]
    official = view("federal", worked, hourly(12), extras=bonus, rounding=WHOLE)
    assert (official.promised, official.regular.rate) == (722, F("12.89"))
    assert earned(official) == F("825.04")
    assert to_cents(earned(view("federal", worked, hourly(12), extras=bonus))) == F("825.14")
    assert earned(view("federal", worked, hourly(12), extras=bonus, rounding=STEP)) == F("825.20")


def test_w14_a_retention_bonus_over_26_weeks_owes_7_70_for_one_week_of_fifty_hours() -> None:
    bonus = [extra("production_bonus", F(2000, 26))]
    official = overtime(view("federal", FIFTY, hourly(10), extras=bonus, rounding=STEP))
    exact = overtime(view("federal", FIFTY, hourly(10), extras=bonus))
    without = overtime(view("federal", FIFTY, hourly(10)))
    assert official - without == F("7.70")
    assert to_cents(exact - without) == F("7.69")


def test_w15_an_evening_differential_of_a_dollar() -> None:
    one = view("federal", days([0, 8, 8, 8, 8, 8, 8]), hourly(8), extras=[extra("differential", 24)])
    assert (one.regular.rate, earned(one)) == (F("8.50"), 442)
    assert overtime(one) + 8 * one.regular.rate == 102


def test_w16_two_differentials_in_two_weeks() -> None:
    first = view("federal", days([0, 8, 8, 8, 8, 8, 8]), hourly(22), extras=[extra("differential", 16 + 32)])
    second = view("federal", days([0, 8, 8, 8, 8, 8]), hourly(22), extras=[extra("differential", 16 + 16)])
    assert (first.regular.rate, earned(first), earned(second)) == (23, 1196, 912)


def test_w17_a_fixed_salary_for_all_hours_of_a_changing_week() -> None:
    one = view("federal", days([0, 8, 8, 8, 8, 8, 8]), Promise("week", F(600), covers=48 * 60))
    assert (one.regular.rate, overtime(one), earned(one)) == (F("12.50"), 50, 650)


@pytest.mark.parametrize(
    ("hours", "total"), [([0, 10, 10, 10, 10, 10], 528), ([0, 10, 10, 10, 10, 10, 10], 560)]
)
def test_w18_a_salary_for_all_hours(hours: list[int], total: int) -> None:
    assert earned(view("federal", days(hours), Promise("week", F(480), covers=sum(hours) * 60))) == total


def test_w19_a_promised_bonus_of_fifty_dollars() -> None:
    worked = days([0, 9, 9, 9, 9, 7])
    one = view("federal", worked, hourly(10), extras=[extra("production_bonus", 50)], rounding=STEP)
    assert (one.promised, one.regular.rate, overtime(one)) == (480, F("11.16"), F("16.74"))
    assert earned(one) == F("496.74")


def test_w20_a_bonus_that_nobody_promised_enters_no_rate() -> None:
    bonuses = [extra("production_bonus", 50), extra("gift", 25)]
    one = view("federal", days([0, 9, 9, 9, 9, 7]), hourly(10), extras=bonuses, rounding=STEP)
    assert (one.regular.rate, earned(one)) == (F("11.16"), F("521.74"))


@pytest.mark.parametrize(("rate", "most"), [("7.75", 15), ("7.25", 0)])
def test_w21_what_may_be_taken_for_a_uniform(rate: str, most: int) -> None:
    assert allowable_deduction(30 * F(rate), 30 * F("7.25")) == most


def test_w22_a_timesheet_rounded_to_quarter_hours() -> None:
    def minutes(*spans: tuple[int, int, int, int]) -> int:
        shifts = [shift_at(a * 60 + b, c * 60 + d) for a, b, c, d in spans]
        return quarter_hours(day_of(SUNDAY, shifts).minutes)

    monday = minutes((8, 0, 12, 2), (13, 0, 17, 3))
    tuesday = minutes((7, 57, 11, 58), (13, 0, 17, 0))
    wednesday = minutes((8, 2, 12, 10), (13, 6, 17, 5))
    assert [monday, tuesday, wednesday] == [480, 480, 480]


def test_w23_three_fourths_of_the_hours_are_guaranteed() -> None:
    assert (guaranteed_hours(10, 48), guaranteed_hours(10, 48, 8)) == (360, 354)


def test_w24_hospitality_overtime_in_new_york() -> None:
    one = view("ny", FIFTY, hourly(10), wage_sector="restaurant")
    assert earned(one) == 550


@pytest.mark.parametrize(
    ("spans", "worked", "spread"),
    [(("7:00-10:00", "19:00-22:00"), 6, 15), (("11:30-15:00", "16:00-22:00"), F("9.5"), F("10.5"))],
)
def test_w25_spread_of_hours_in_hospitality_whatever_the_wage(
    spans: tuple[str, ...], worked: F, spread: F
) -> None:
    day = at(*spans)
    one = view("ny", [day], hourly(40), wage_sector="restaurant")
    assert (F(day.minutes, 60), F(day.spread, 60)) == (worked, spread)
    [line] = [line.due for line in week_lines(one) if line.due.component == "spread_of_hours"]
    assert line.amount == F("8.75")


def test_w26_two_rates_are_weighted_in_california() -> None:
    worked = days([0, 8, 8, 8, 8, 10], first=date(2018, 3, 4))
    low, high = During(weekdays=frozenset({4})), During(weekdays=frozenset(range(4)))
    one = view(
        "ca", worked, Promise("hour", F(11), high), Promise("hour", F(9), low),
        rounding=STEP, place=Place("CA"), employees=(26, None),
    )  # fmt: skip
    assert (one.promised, one.regular.rate) == (442, F("10.52"))


# ── Supplementary: of lower authority, or rules rather than figures ───────────────────────────────────────


@pytest.mark.parametrize(
    ("employees", "tips", "cash", "overtime_rate"),
    [
        ((11, 20), "1.70", "9.35", "14.85"),
        ((11, 20), "3.00", "8.30", "13.80"),
        ((4, 10), "1.70", "8.90", "14.15"),
        ((4, 10), "3.00", "7.95", "13.20"),
    ],
)  # fmt: skip
def test_s01_s02_tip_allowances_of_2017(
    employees: tuple[int, int], tips: str, cash: str, overtime_rate: str
) -> None:
    worked = days([0, 10, 10, 10, 10, 10], first=date(2017, 3, 5))
    one = view(
        "ny", worked, hourly(cash), extras=[extra("tips", F(tips) * 50)], employees=employees,
        wage_sector="salon_carwash", tipped="yes", tip_notice="yes",
    )  # fmt: skip
    floor, credit = one.floors[0].amount, one.credits[0]
    assert floor - credit == F(cash)
    assert F(3, 2) * floor - credit == F(overtime_rate)
    assert not any(line.owed for line in week_lines(one) if line.due.component == "minimum_wage")


@pytest.mark.parametrize(("county", "cash", "rate"), [("Kings", 10, "17.50"), ("Albany", "9.45", "16.55")])
def test_s03_tipped_overtime_is_the_full_rate_and_a_half_less_the_credit(
    county: str, cash: str, rate: str
) -> None:
    one = view(
        "ny", days([0, 10, 10, 10, 10, 10], first=date(2023, 3, 5)), hourly(cash), extras=[extra("tips", 400)],
        place=Place("NY", county), wage_sector="restaurant", tipped="yes", tip_notice="yes",
    )  # fmt: skip
    assert overtime(one) / 10 + F(cash) == F(rate)


@pytest.mark.parametrize(("cash", "benefits"), [(41, 0), (27, 14), (35, 6)])
def test_s04_a_prevailing_wage_may_be_met_in_cash_or_benefits(cash: int, benefits: int) -> None:
    assert prevailing_wage_met(F(27), F(14), F(cash), F(benefits))
    assert not prevailing_wage_met(F(27), F(14), F(cash) - 1, F(benefits))


def test_s05_three_fourths_for_seasonal_workers() -> None:
    assert (guaranteed_hours(6, 40), guaranteed_hours(4, 40)) == (180, 120)


def test_s06_five_percent_a_month_in_illinois() -> None:
    worked = days([0, 10, 10], first=date(2026, 1, 4))
    pay = Pay((hourly(20),), (Receipt("week", Money.exactly(F(325))),))
    sheet = compute(claim(worked, pay, place=Place("IL")), laws("il"), date(2026, 2, 23))
    assert [line.amount for line in sheet.lines] == [75]
    [monthly] = [line for line in sheet.damages if line.component == "monthly_damages"]
    assert (monthly.amount, monthly.quantity) == (F("3.75"), 1)
    full = Pay((hourly(20),), (Receipt("total", Money.exactly(F(1500))),))
    hundred = days([0, 10, 10, 10, 10], first=date(2025, 6, 1)) + days(
        [0, 10, 10, 10, 10], first=date(2025, 6, 8)
    )
    hundred += days([0, 10, 10], first=date(2025, 6, 15))
    found = compute(claim(hundred, full, place=Place("IL")), laws("il"), date(2025, 7, 1))
    assert found.wages == 500


def test_s07_the_toll_of_2020_moves_the_last_day_of_a_six_year_claim() -> None:
    accrued = date(2020, 3, 19)
    assert Limit("court", ("straight",), 6).last_day(accrued) == date(2026, 3, 18)
    toll = Toll(date(2020, 3, 20), date(2020, 11, 3))
    assert toll.days == 228
    [limit] = [one for one in law("ny").limits if one.forum == "court"]
    assert limit.last_day(accrued) == date(2026, 11, 1)


def test_s08_eight_and_eighty() -> None:
    fourteen = [F(12)] * 6 + [F(8)] * 2 + [F(0)] * 6
    assert sum(fourteen) == 88
    assert hospital_overtime(fourteen) == 24
    rate = to_cents(F(2016, 88))
    assert (rate, to_cents(rate * F(3, 2))) == (F("22.91"), F("34.37"))
    assert 64 * rate + 24 * to_cents(rate * F(3, 2)) == F("2291.12")


@pytest.mark.parametrize(
    ("hours", "total"), [([0, 9, 9, 9, 9, 8], "627.28"), ([0, 10, 10, 10, 10, 10], "660")]
)
def test_s09_the_regulation_s_own_changing_week(hours: list[int], total: str) -> None:
    salary = Promise("week", F(600), covers=sum(hours) * 60)
    assert earned(view("federal", days(hours), salary, rounding=STEP)) == F(total)


def test_s10_waiting_time_stops_at_thirty_days() -> None:
    worked = days([0, 8, 8, 8, 8, 8], first=date(2026, 3, 1))
    pay = Pay((hourly(20),), as_agreed=True)
    facts = {
        "how_ended": "fired",
        "final_pay": "no",
        "work_ended_on": "2026-03-06",
        "final_pay_on": "2026-04-17",
    }
    ana = claim(
        worked, Pay((hourly(20),), (Receipt("week", Money.exactly(F(700))),)), place=Place("CA"), **facts
    )
    [line] = compute(ana, laws("ca"), date(2026, 5, 1)).possible
    assert (line.component, line.quantity, line.amount) == ("waiting_time", 30, 30 * 160)
    assert not compute(claim(worked, pay, place=Place("CA"), **facts), laws("ca"), date(2026, 5, 1)).possible
