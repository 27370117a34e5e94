"""Claims from files and from answers: what is read, what is refused, and that the rest is still computed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction as F
from typing import Any

import pytest

from jornada.domain.located import PackErrors
from jornada.domain.wages import answers, claimfile, claims
from jornada.domain.wages.claimfile import ReadClaim, diary_of, hours_of, minutes_of
from jornada.domain.wages.hours import Span
from jornada.gateways import packfiles, wagelaws
from tests.domain.wages.weeks import laws

ON = date(2026, 6, 1)
FACTS = wagelaws.facts()
HEAD = """
worker: "Ana (made up)"
employer: {name: "Sol Kitchen", employees: 14}
work: {state: NY, county: Queens}
facts: {wage_sector: construction, tipped: "no"}
"""
HOURS = """
hours:
  - {from: "2025-03-02", to: "2025-03-15", days: [mon-fri], start: "7:00", end: "17:30", meal: 30}
"""
PAY = """
pay:
  - {per: hour, amount: "20"}
received: as_agreed
"""


def read(text: str, **sheets: str) -> ReadClaim:
    return claimfile.read("ana.yaml", text, FACTS, {f"{name}.csv": sheet for name, sheet in sheets.items()})


def complaints(text: str, **sheets: str) -> list[str]:
    return [str(error) for error in read(text, **sheets).errors]


def test_a_claim_in_a_few_lines() -> None:
    one = read(HEAD + HOURS + PAY)
    assert (one.worker, one.employer, one.errors) == ("Ana (made up)", "Sol Kitchen", ())
    assert one.claim.employees == (14, 14)
    assert one.claim.facts["employees_band"] == "to_20"
    found = claims.compute(one.claim, laws("federal", "ny"), ON)
    assert found.minutes == 10 * 600
    assert {line.component: line.amount for line in found.lines} == {"overtime": 100}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD.replace("NY", "NY, colour: red") + HOURS, "ana.yaml:4: unknown key 'colour'"),
        (HEAD + HOURS.replace("mon-fri", "mon-fry"), "ana.yaml:8: 'mon-fry' is no weekday. Use mon"),
        (HEAD + HOURS.replace("2025-03-15", "2024-03-15"), "it ends before it begins. Mend from or to"),
        (HEAD + HOURS.replace('"7:00"', '"25:00"'), "not understood: not a time"),
        (HEAD + HOURS.replace("meal: 30", "meal: 900"), "a break of 900 minutes does not fit"),
        (HEAD + HOURS.replace('start: "7:00", end: "17:30", meal: 30', "weeks_off: 1"), "no hours in it"),
        (HEAD + HOURS + PAY.replace('"20"', '"-20"'), "not understood: not an amount"),
        (HEAD + HOURS + PAY.replace("hour", "fortnight"), "unknown 'fortnight'. Known here: hour, day, week"),
        (HEAD.replace("construction", "building") + HOURS, "wage_sector cannot be 'building'. Use one of: restaurant"),
        (HEAD.replace("tipped", "tiped") + HOURS, "unknown fact 'tiped'"),
        (HEAD + 'diary:\n  - {sheet: "may.csv"}\n', "there is no sheet 'may.csv'. Put the CSV beside this file"),
        (HEAD + 'diary:\n  - {day: "2025-02-30", hours: "8"}\n', "'2025-02-30' is not a day"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_mend(text: str, says: str) -> None:
    found = complaints(text)
    assert any(says in one for one in found), found


def test_a_wrong_entry_is_left_out_and_the_rest_is_computed() -> None:
    wrong = (
        HOURS
        + '  - {from: "2025-04-06", to: "2025-04-19", days: [mon-fri], start: "7:00", end: "7:20", meal: 30}\n'
    )
    one = read(HEAD + wrong + PAY)
    assert len(one.errors) == 1
    assert claims.compute(one.claim, laws("federal", "ny"), ON).minutes == 10 * 600


def test_no_claim_at_all_says_everything_that_is_missing() -> None:
    with pytest.raises(PackErrors, match="employer, work missing"):
        read("worker: nobody\n")
    with pytest.raises(PackErrors, match="is not a mapping"):
        read("- a list\n")
    with pytest.raises(PackErrors, match="without quotes is read by YAML as another number"):
        read(HEAD + HOURS.replace('"7:00"', "7:00") + "employer: 3\n")


def test_hours_and_pay_remembered_roughly() -> None:
    rough = 'hours:\n  - {from: "2025-03", to: "2025-06", days: [mon-sat], hours: "10-12", weeks_off: 2}\n'
    one = read(
        HEAD + rough + 'pay: [{per: day, amount: "150"}]\nreceived: [{per: week, amount: "600-700"}]\n'
    )
    [pattern], [receipt] = one.claim.hours.patterns, one.claim.pay.receipts
    assert (pattern.minutes, pattern.weeks_off) == (Span(600, 720), 2)
    assert (receipt.amount.low, receipt.amount.high) == (600, 700)
    low, high = claims.reckon(one.claim, laws("federal", "ny"), ON)
    assert 0 < low.total < high.total


def test_weekdays_may_run_past_the_week_s_end() -> None:
    [pattern] = read(HEAD + HOURS.replace("mon-fri", "fri-mon") + PAY).claim.hours.patterns
    assert pattern.weekdays == {4, 5, 6, 0}


SHEET = "day,start,end,meal\n2025-03-03,7:00,19:00,30\n2025-03-04,7:00 am,7:00 pm,\n"


def test_a_sheet_of_hours() -> None:
    days, errors = diary_of("may.csv", SHEET)
    assert [day.minutes for day in days] == [690, 720]
    assert errors == ()
    one = read(HEAD + 'diary:\n  - {sheet: "may.csv"}\n' + PAY, may=SHEET)
    assert claims.compute(one.claim, laws("ny"), ON).minutes == 1410


def test_rows_that_cannot_be_are_left_out_by_line() -> None:
    bad = (
        SHEET
        + "2025-03-05,seven,19:00,30\n2025-03-06,7:00,11:00,0\n2025-03-06,10:00,12:00,0\nyesterday,1,2,3\n"
    )
    days, errors = diary_of("may.csv", bad)
    assert [day.day.day for day in days] == [3, 4]
    assert [error.line for error in errors] == [4, 7, 6]
    assert "two shifts overlap on 2025-03-06: one ends at 11:00, the next begins at 10:00" in str(errors[2])


@pytest.mark.parametrize("header", ["date,in,out", "", "start,end"])
def test_a_sheet_with_other_columns_says_which_it_needs(header: str) -> None:
    with pytest.raises(PackErrors, match=r"Name the columns day, start, end, meal"):
        diary_of("may.csv", header + "\n1,2,3\n")


def test_times_and_hours_as_people_write_them() -> None:
    assert (minutes_of("7"), minutes_of("7:05 pm"), minutes_of("19h05")) == (420, 1145, 1145)
    assert (hours_of("10"), hours_of("10-12"), hours_of("8,5")) == (
        Span(600, 600),
        Span(600, 720),
        Span(510, 510),
    )


# ── From the interview ────────────────────────────────────────────────────────────────────────────────────

ANA: dict[str, Any] = {
    "jobs": [{"employer": "Sol Kitchen", "city": "Queens", "state": "NY", "from": "2025-03-02", "to": "2025-03-15"}],
    "wage_sector": "construction",
    "ny_region": "nyc",
    "employees_band": "to_20",
    "work_days": ["mon", "tue", "wed", "thu", "fri"],
    "hours_how": "clock",
    "start_time": "07:00",
    "end_time": "17:30",
    "meal_break": "always",
    "meal_minutes": 30,
    "paid_per": "hour",
    "promised_amount": "20.00",
    "paid_all": "all",
    "tipped": "no",
}  # fmt: skip


def test_answers_make_the_same_claim_as_the_file() -> None:
    told = answers.claim_of(ANA, "NY")
    assert (told.employer, told.missing, told.wrong) == ("Sol Kitchen", (), ())
    assert told.claim is not None
    from_file = read(HEAD + HOURS + PAY).claim
    assert (
        claims.compute(told.claim, laws("federal", "ny"), ON).lines
        == claims.compute(from_file, laws("federal", "ny"), ON).lines
    )


@pytest.mark.parametrize(
    ("taken", "missing"),
    [
        (("jobs",), "jobs"), (("start_time",), "start_time"), (("work_days",), "work_days"),
        (("promised_amount",), "promised_amount"), (("paid_per",), "promised_amount"),
        (("start_time", "hours_how"), "hours_a_day"),
    ],
)  # fmt: skip
def test_what_a_claim_cannot_do_without_is_named_and_never_guessed(
    taken: tuple[str, ...], missing: str
) -> None:
    told = answers.claim_of({name: value for name, value in ANA.items() if name not in taken}, "NY")
    assert told.claim is None
    assert told.missing == (missing,)
    unsure = answers.claim_of({**ANA, **dict.fromkeys(taken, "unsure")}, "NY")
    assert unsure.claim is None


def test_a_meal_break_on_some_days_is_a_range_and_never_counts_half() -> None:
    told = answers.claim_of({**ANA, "meal_break": "sometimes"}, "NY")
    assert told.claim is not None
    low, high = claims.reckon(told.claim, laws("federal", "ny"), ON)
    assert (low.minutes, high.minutes) == (10 * 600, 10 * 630)
    assert [day.spread for day in high.days] == [630] * 10


def test_another_time_with_other_hours_and_other_pay_takes_its_days() -> None:
    change = {
        "from": "2025-03-10",
        "to": "2025-03-14",
        "start": "07:00",
        "end": "15:00",
        "meal": 0,
        "promised": "22.00",
    }
    told = answers.claim_of({**ANA, "work_changes": [change]}, "NY")
    assert told.claim is not None
    found = claims.compute(told.claim, laws("federal", "ny"), ON)
    assert [day.minutes for day in found.days] == [600] * 5 + [480] * 5
    assert {line.component for line in found.lines} == {"overtime"}


def test_part_pay_between_two_sums_and_money_taken_off() -> None:
    given = {
        **ANA, "paid_all": "part", "received_least": "15.00", "received_most": "17.00",
        "deductions": [{"what": "tools", "amount": "10.00", "per": "week", "agreed": "no"}],
        "owed_besides": [{"kind": "supplement", "what": "holiday", "amount": "100.00"}],
    }  # fmt: skip
    told = answers.claim_of(given, "NY")
    assert told.claim is not None
    assert told.claim.pay.receipts[0].amount.low == 15
    low, high = claims.reckon(told.claim, laws("federal", "ny"), ON)
    assert low.wages < high.wages
    assert {"deductions", "supplement"} <= {line.component for line in low.lines}


def test_a_shift_that_cannot_be_is_told_and_the_diary_still_counts() -> None:
    noted = [
        {"day": "2025-03-03", "start": "07:00", "end": "15:00"},
        {"day": "2025-03-04", "start": "07:00", "end": "08:00", "meal": 90},
    ]
    told = answers.claim_of({**ANA, "meal_minutes": 700, "hours_diary": noted}, "NY")
    assert [wrong.key for wrong in told.wrong] == ["break_too_long", "break_too_long"]
    assert told.claim is not None
    assert claims.compute(told.claim, laws("ny"), ON).minutes == 480


def test_of_several_jobs_the_chosen_one_is_counted() -> None:
    other = {"employer": "Old Place", "state": "NY", "from": "2019", "to": "2020"}
    told = answers.claim_of({**ANA, "jobs": [other, *ANA["jobs"]], "job_number": 2}, "NY")
    assert told.employer == "Sol Kitchen"
    assert answers.claim_of({**ANA, "jobs": [other, *ANA["jobs"]]}, "NY").employer == "Old Place"


def test_sent_home_early_is_a_day_of_its_own() -> None:
    told = answers.claim_of(
        {**ANA, "sent_home": [{"day": "2025-03-08", "planned": "8", "worked": "1"}]}, "NY"
    )
    assert told.claim is not None
    found = claims.compute(told.claim, laws("ny"), ON)
    [line] = [line for line in found.lines if line.component == "call_in"]
    assert line.amount == 3 * F("16.50")


# ── By construction ───────────────────────────────────────────────────────────────────────────────────────

WAGE_PACKS = sorted(wagelaws.packs())


@pytest.mark.parametrize("name", WAGE_PACKS)
def test_no_immigration_fact_can_be_reached_from_a_wage_pack(name: str) -> None:
    """Neither a question nor a rule nor a form of a wage pack can name one: the pack does not know it."""
    pack = packfiles.load(name)
    immigration = packfiles.load("us-labor-deferred-action")
    assert set(pack.uses) == {"contact", "papers", "wages"}
    theirs = {fact for fact, known in immigration.facts.items() if known.section not in ("contact", "work")}
    assert not theirs & set(pack.facts)
    sections = {fact.section for fact in pack.facts.values()}
    assert sections == {"contact", "work", "hours", "pay"}
    asked = ("questions.", "facts.", "options.", "entries.")
    words = " ".join(text for key, text in pack.wording["en"].items() if key.startswith(asked)).lower()
    for word in (
        "immigra",
        "visa",
        "passport",
        "citizen",
        "country",
        "border",
        "social security",
        "green card",
    ):
        assert word not in words


@pytest.mark.parametrize("name", WAGE_PACKS)
def test_a_simple_case_is_asked_in_fifteen_minutes(name: str) -> None:
    """At most thirty-five pages on the plainest way, at some twenty-five seconds a page with an advocate beside."""
    from jornada.domain import interview

    ways = interview.paths(packfiles.load(name), ON, limit=1)
    assert len(next(iter(ways)).questions) <= 36
