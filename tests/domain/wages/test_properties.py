"""What must hold of every claim: properties of hours and money, tried on many made-up ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction as F

from hypothesis import given, settings
from hypothesis import strategies as st

from jornada.domain.facts import PartialDate
from jornada.domain.wages import claims
from jornada.domain.wages.hours import HIGH, LOW, Pattern, Shift, Timesheet, WorkDay
from jornada.domain.wages.hours import days as days_of
from jornada.domain.wages.lawbook import Place
from jornada.domain.wages.pay import During, Money, Pay, Promise, Receipt
from jornada.domain.wages.worksheet import Claim
from tests.domain.wages.weeks import ORDINARY, laws

ON = date(2026, 6, 1)
FIRST = date(2025, 3, 2)
STATES = {"NY": "ny", "CA": "ca", "IL": "il"}

states = st.sampled_from(sorted(STATES))
sectors = st.sampled_from(["restaurant", "construction", "other"])
lengths = st.lists(st.integers(0, 16).map(lambda quarter: quarter * 60), min_size=7, max_size=21)
promises = st.one_of(
    st.builds(lambda cents: Promise("hour", F(cents, 100)), st.integers(500, 4000)),
    st.builds(lambda dollars: Promise("day", F(dollars)), st.integers(40, 300)),
    st.builds(
        lambda dollars, hours: Promise("week", F(dollars), covers=hours),
        st.integers(200, 1500),
        st.sampled_from([None, 2400]),
    ),
)
shares = st.integers(0, 100).map(lambda percent: F(percent, 100))


def diary(minutes: list[int]) -> tuple[WorkDay, ...]:
    return tuple(
        WorkDay(FIRST + timedelta(days=n), length, place="p") for n, length in enumerate(minutes) if length
    )


def claim(state: str, sector: str, worked: tuple[WorkDay, ...], promise: Promise, share: F) -> Claim:
    """Paid that share of a plain sum each week."""
    received = Receipt("week", Money.exactly(F(600) * share))
    return Claim(
        {**ORDINARY, "wage_sector": sector},
        {"p": Place(state)},
        Timesheet(diary=worked),
        Pay((promise,), (received,)),
        (11, 20),
    )


def wages(one: Claim, *names: str) -> Decimal:
    return claims.compute(one, laws(*names), ON).wages


@settings(max_examples=80, deadline=None)
@given(states, sectors, lengths, promises, shares, st.integers(0, 20), st.integers(15, 120))
def test_more_hours_on_a_day_never_owe_less(
    state: str, sector: str, minutes: list[int], promise: Promise, share: F, place: int, more: int
) -> None:
    """Where a sum by the day is spread over all hours and overtime counts by the day (California), one more plain hour
    lowers the rate of another day's overtime: there the hours of overtime never fall, and nothing else does either.
    """
    longer = [
        length + (more if n == place % len(minutes) and length else 0) for n, length in enumerate(minutes)
    ]
    names = ("federal", STATES[state])
    before = claim(state, sector, diary(minutes), promise, share)
    after = claim(state, sector, diary(longer), promise, share)
    if (state, promise.per) != ("CA", "day"):
        assert wages(after, *names) >= wages(before, *names)
        return
    (hours, rest), (more_hours, more_rest) = parts(before, *names), parts(after, *names)
    assert more_hours >= hours
    assert more_rest >= rest


def parts(one: Claim, *names: str) -> tuple[F, Decimal]:
    """Hours of overtime, and the sum of the lines that are none."""
    lines = claims.compute(one, laws(*names), ON).lines
    over = [line for line in lines if line.group == "overtime"]
    return sum((line.quantity for line in over), F(0)), sum(
        (line.amount for line in lines if line.group != "overtime"), Decimal(0)
    )


@settings(max_examples=60, deadline=None)
@given(states, sectors, lengths, promises, shares, shares)
def test_more_pay_received_never_owes_more(
    state: str, sector: str, minutes: list[int], promise: Promise, less: F, more: F
) -> None:
    low, high = sorted((less, more))
    worked, names = diary(minutes), ("federal", STATES[state])
    assert wages(claim(state, sector, worked, promise, high), *names) <= wages(
        claim(state, sector, worked, promise, low), *names
    )


@settings(max_examples=60, deadline=None)
@given(states, sectors, lengths, promises, shares)
def test_the_total_is_the_sum_of_the_lines_and_federal_law_alone_gives_no_more_than_the_better(
    state: str, sector: str, minutes: list[int], promise: Promise, share: F
) -> None:
    one = claim(state, sector, diary(minutes), promise, share)
    both = claims.compute(one, laws("federal", STATES[state]), ON)
    assert both.wages == sum((line.amount for line in both.lines if not line.late), Decimal(0))
    assert both.total == both.wages + sum((line.amount for line in both.damages), Decimal(0))
    assert claims.compute(one, laws("federal"), ON).wages <= both.wages
    assert claims.compute(one, laws(STATES[state]), ON).wages <= both.wages
    groups = {(line.first, line.group): set() for line in both.lines}
    for line in both.lines:
        groups[(line.first, line.group)].add(line.law)
    assert all(len(found) == 1 for found in groups.values()), "one law for each group of a week, never both"


@settings(max_examples=60, deadline=None)
@given(
    states,
    sectors,
    st.lists(st.integers(0, 6), min_size=1, max_size=6, unique=True),
    st.integers(4, 14),
    promises,
    shares,
    st.integers(1, 60),
)
def test_splitting_a_period_changes_nothing(
    state: str, sector: str, weekdays: list[int], hours: int, promise: Promise, share: F, cut: int
) -> None:
    ends = FIRST + timedelta(days=70)
    middle = FIRST + timedelta(days=cut)

    def pattern(first: date, last: date) -> Pattern:
        return Pattern(
            PartialDate(first.year, first.month, first.day),
            PartialDate(last.year, last.month, last.day),
            frozenset(weekdays),
            (Shift(8 * 60, (8 + hours) * 60),),
            place="p",
        )

    base = claim(state, sector, (), promise, share)
    whole = replace(base, hours=Timesheet((pattern(FIRST, ends),)))
    parts = replace(
        base, hours=Timesheet((pattern(middle, ends), pattern(FIRST, middle - timedelta(days=1))))
    )
    found = [claims.compute(one, laws("federal", STATES[state]), ON) for one in (whole, parts)]
    assert found[0].lines == found[1].lines
    assert found[0].total == found[1].total


@settings(max_examples=40, deadline=None)
@given(states, lengths, st.permutations([0, 1, 2]), st.randoms(use_true_random=False))
def test_the_order_of_entries_changes_nothing(
    state: str, minutes: list[int], order: list[int], draw: object
) -> None:
    worked = list(diary(minutes))
    pays = [
        Promise("hour", F(12), During(weekdays=frozenset({0, 1}))),
        Promise("hour", F(14), During(weekdays=frozenset({2, 3}))),
        Promise("hour", F(16), During(weekdays=frozenset({4, 5, 6}))),
    ]
    receipts = [Receipt("week", Money.exactly(F(sum_))) for sum_ in (100, 50, 25)]
    plain = Claim(
        ORDINARY,
        {"p": Place(state)},
        Timesheet(diary=tuple(worked)),
        Pay(tuple(pays), tuple(receipts)),
        (11, 20),
    )
    draw.shuffle(worked)  # type: ignore[attr-defined]
    mixed = replace(
        plain,
        hours=Timesheet(diary=tuple(worked)),
        pay=Pay(tuple(pays[n] for n in order), tuple(receipts[n] for n in order)),
    )
    found = [claims.compute(one, laws("federal", STATES[state]), ON) for one in (plain, mixed)]
    assert sorted(map(repr, found[0].lines)) == sorted(map(repr, found[1].lines))


@settings(max_examples=40, deadline=None)
@given(states, sectors, lengths, promises, shares)
def test_the_careful_reading_never_owes_more_than_the_full_one(
    state: str, sector: str, minutes: list[int], promise: Promise, share: F
) -> None:
    one = claim(state, sector, diary(minutes), promise, share)
    roughly = replace(one.pay, receipts=(Receipt("week", Money(F(100), F(300))),))
    unsure = replace(one, facts={"wage_sector": sector}, employees=(None, None), pay=roughly)
    low, high = claims.reckon(unsure, laws("federal", STATES[state]), ON)
    assert (low.end, high.end) == (LOW, HIGH)
    assert low.wages <= high.wages


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6), st.integers(0, 23), st.integers(1, 24))
def test_every_hour_worked_is_in_exactly_one_day(weekday: int, start: int, length: int) -> None:
    sheet = Timesheet(
        (
            Pattern(
                PartialDate(2025),
                PartialDate(2025),
                frozenset({weekday}),
                (Shift(start * 60, (start + length) * 60),),
            ),
        )
    )
    worked = days_of(sheet, HIGH, ON)
    assert all(day.day.weekday() == weekday and day.minutes == length * 60 for day in worked)
    assert len(worked) in (52, 53)
