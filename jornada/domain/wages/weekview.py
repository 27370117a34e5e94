"""One workweek as one law sees it: hours split, regular rate, least wage, tip credit; each on its own date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Generic, TypeVar

from jornada.domain.conditions import NotInForce
from jornada.domain.facts import Source
from jornada.domain.wages import Fraction
from jornada.domain.wages.hours import LOW, WorkDay, WorkWeek
from jornada.domain.wages.lawbook import Rate, Reading, Rule
from jornada.domain.wages.pay import HOUR, WAGES, Part, WeekPay

_NOTHING = Fraction(0)
_FORTY = 40 * HOUR
SALARIES = ("week", "two_weeks", "half_month", "month", "year")


class Rounding(Enum):
    """Exact fractions; or rates rounded to cents before multiplying, as agencies' examples do it.

    Official arithmetic is not of one kind: some publications add half of the rounded rate for each overtime hour
    (`STEPWISE`), others pay all hours at the rounded rate and the rounded rate and a half (`STEPWISE_WHOLE`);
    notes on wages, section 7.0.
    """

    EXACT = "exact"
    STEPWISE = "agency_stepwise"
    STEPWISE_WHOLE = "agency_stepwise_whole"

    def rate(self, exact: Fraction) -> Fraction:
        return exact if self is Rounding.EXACT else to_cents(exact)


def to_cents(exact: Fraction) -> Fraction:
    """Half a cent up."""
    return Fraction((exact * 100 * 2 + 1) // 2, 100)


def dollars(exact: Fraction) -> Decimal:
    """An amount rounded once, half a cent up."""
    cents = (exact * 200 + 1) // 2
    return (Decimal(int(cents)) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Overtime:
    """When hours become overtime, and how the regular rate is found.

    `weekly` hours or the table `weekly_table`; daily tiers "8 1.5" (over 8 hours, times 1.5); `seventh_day` tiers
    for the seventh day in a row of one week; `rest_day` times for the last day of a week without a day off.
    `regular_rate` is a method of `REGULAR`; `base: minimum` takes the minimum wage instead.
    """

    weekly: str = ""
    weekly_table: str = ""
    times: str = "1.5"
    daily: tuple[str, ...] = ()
    seventh_day: tuple[str, ...] = ()
    rest_day: str = ""
    regular_rate: str = "covered_hours"
    base: str = "regular"


@dataclass(frozen=True, slots=True)
class Floor:
    """A table of least hourly wages; of those that apply the highest counts.

    `beside` another floor: where its rate is not known (a town's rates of earlier years) the count goes on without
    it and says so, since it could only make more owed.
    """

    table: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class TipCredit:
    """Tables of a tip credit and of the weekly average of tips it needs. Without an average the credit is no more
    than the tips; with a `lower_credit` it is that where tips do not reach the higher one.

    It falls away for a day with at least `untipped_minutes` or more than `untipped_share` (percent) of other work,
    whichever is less, and for a week in which cash and tips together do not reach the least wage.
    """

    credit: str
    lower_credit: str = ""
    threshold: str = ""
    untipped_minutes: int = 0
    untipped_share: int = 0
    monthly_tips_over: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """A day's minutes by what the law makes of them: straight, and overtime by how many times the rate."""

    day: WorkDay
    straight: int
    overtime: tuple[tuple[Fraction, int], ...] = ()


Made = TypeVar("Made")


class lazily(Generic[Made]):
    """An attribute worked out when first read; `functools.cached_property` takes a lock each time on Python 3.11,
    and a view has a dozen of them for each week and law."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self.make, self.name, self.__doc__ = make, make.__name__, make.__doc__

    def __get__(self, view: Any, owner: type | None = None) -> Made:
        made: Made = self.make(view)
        view.__dict__[self.name] = made
        return made


# ── The week as a law sees it ─────────────────────────────────────────────────────────────────────────────


@dataclass
class View:
    """One week under one law: rules in force, hours split, regular rate; each worked out when first asked for."""

    week: WorkWeek
    pay: WeekPay
    reading: Reading
    rounding: Rounding = Rounding.EXACT
    by: Mapping[str, Sequence[Rule]] = field(default_factory=dict)

    @property
    def beside(self) -> Sequence[str]:
        """The components of extra hours and other sums that this law has."""
        return self.reading.law.beside

    def rules(self, component: str, *, lessens: bool = False) -> Sequence[Rule]:
        """The rules of a component that apply in this week, in the pack's order."""
        given = self.by.get(component)
        return self.reading.applying(given, self.week.first, lessens=lessens) if given else ()

    def floor(self, day: WorkDay) -> Rate:
        """The highest least wage that applies on that day; nothing where the law has none for this job."""
        found = _NO_FLOOR
        for rule in self.by.get("floor", ()):
            table = rule.options.table
            if not self.reading.has(table) or not self.reading.applies(rule, day.day):
                continue
            try:
                rate = self.reading.rate(table, day.day)
            except NotInForce:
                if not rule.options.beside:
                    raise
                self.reading.gaps.add(table)
                continue
            if rate.amount > found.amount:
                found = rate
        return found

    @lazily
    def floors(self) -> tuple[Rate, ...]:
        """The least wage of each day; looked up once where nothing changes within the week."""
        days, law = self.week.days, self.reading.law
        if law.era(days[0].day) == law.era(days[-1].day):
            return (self.floor(days[0]),) * len(days)
        return tuple(self.floor(day) for day in days)

    @lazily
    def even(self) -> bool:
        """Whether all days have one least wage and one tip credit, as most weeks have."""
        return all(rate is self.floors[0] for rate in self.floors) and all(
            credit is self.credits[0] or credit == self.credits[0] for credit in self.credits
        )

    @lazily
    def overtime(self) -> Rule | None:
        """The first overtime rule that applies; the special ones stand first and make less owed."""
        return next(iter(self.rules("overtime", lessens=True)), None)

    @lazily
    def splits(self) -> tuple[Split, ...]:
        if self.overtime is None:
            return tuple(Split(day, day.minutes) for day in self.week.days)
        return split_hours(self.week, self.overtime.options, self._weekly(self.overtime.options))

    def _weekly(self, options: Overtime) -> int | None:
        if options.weekly_table:
            return int(self.reading.rate(options.weekly_table, self.week.first).amount * HOUR)
        return _weekly_minutes(options.weekly) if options.weekly else None

    @lazily
    def overtime_minutes(self) -> int:
        return sum(minutes for split in self.splits for _, minutes in split.overtime)

    @lazily
    def regular(self) -> Regular:
        method = self.overtime.options.regular_rate if self.overtime else "covered_hours"
        found = REGULAR[method](self)
        return Regular(self.rounding.rate(found.rate), found.covered)

    @lazily
    def tip_rule(self) -> Rule | None:
        return next(iter(self.rules("tip_credit", lessens=True)), None)

    @lazily
    def credits(self) -> tuple[Fraction, ...]:
        """The tip credit an hour on each day; nothing where none may be taken."""
        if self.tip_rule is None:
            return (_NOTHING,) * len(self.week.days)
        options = self.tip_rule.options
        return tuple(tip_credit(self, options, place) for place in range(len(self.week.days)))

    @lazily
    def least_sources(self) -> tuple[Source, ...]:
        """What the least wage of this week rests on: rates, and the tip credit where one is taken."""
        found = dict.fromkeys(source for rate in self.floors for source in rate.sources)
        if self.tip_rule is not None and any(self.credits):
            found |= dict.fromkeys(self.tip_rule.sources)
            for day in self.week.days:
                found |= dict.fromkeys(self.reading.rate(self.tip_rule.options.credit, day.day).sources)
        return tuple(found)

    @lazily
    def uncovered(self) -> tuple[int, int]:
        """Minutes that the agreed pay does not cover: those that are no overtime, and those that are."""
        open_minutes = max(0, self.week.minutes - self.regular.covered)
        in_overtime = min(open_minutes, self.overtime_minutes)
        return open_minutes - in_overtime, in_overtime

    @lazily
    def enforces_agreements(self) -> bool:
        """Whether this law lets claim what was agreed; the FLSA knows only the minimum wage and overtime."""
        return "agreed_wages" in self.by

    @lazily
    def single_overtime(self) -> int:
        """Overtime minutes whose single rate is counted apart from other straight time: those that the agreed pay
        does not cover, or all of them where the law does not enforce the agreement."""
        return self.uncovered[1] if self.enforces_agreements else self.overtime_minutes

    @lazily
    def least(self) -> Fraction:
        """The least wage for the week's other hours, each day by its own date, less what tips may stand for."""
        if self.even:
            minutes = self.week.minutes - self.single_overtime
            return (self.floors[0].amount - self.credits[0]) * minutes / HOUR
        total = _NOTHING
        for rate, credit, day in zip(self.floors, self.credits, self.week.days, strict=True):
            total += (rate.amount - credit) * day.minutes
        for place, minutes in self.last_overtime(self.single_overtime):
            total -= (self.floors[place].amount - self.credits[place]) * minutes
        return total / HOUR

    def last_overtime(self, minutes: int) -> Iterator[tuple[int, int]]:
        """Day and minutes of the last so many overtime minutes of the week."""
        for place in range(len(self.splits) - 1, -1, -1):
            taken = min(minutes, sum(length for _, length in self.splits[place].overtime))
            if taken:
                yield place, taken
                minutes -= taken

    @lazily
    def promised(self) -> Fraction:
        """What was agreed for this week: pay, what counts as pay besides, and hours the pay did not cover."""
        extras = self.pay.besides(*WAGES)
        return self.pay.earned + extras + self.regular.rate * self.uncovered[0] / HOUR

    @lazily
    def promised_straight(self) -> Fraction:
        """The same without the single rate of those overtime hours that are counted apart."""
        apart = self.single_overtime - self.uncovered[1]
        return self.promised - self.regular.rate * apart / HOUR

    def tips_an_hour(self) -> Fraction:
        minutes = self.week.minutes
        return self.pay.besides("tips") * HOUR / minutes if minutes else _NOTHING


@lru_cache(maxsize=64)
def _weekly_minutes(hours: str) -> int:
    return int(Fraction(hours) * HOUR)


_NO_FLOOR = Rate(_NOTHING, ())


def split_hours(week: WorkWeek, options: Overtime, weekly: int | None) -> tuple[Split, ...]:
    """Each day's minutes split into straight time and overtime.

    Daily tiers first; of what they leave, all past the weekly hours is overtime, so that no hour counts for both
    (California: no pyramiding; notes, section 4A). Days in the order worked.
    """
    daily, seventh, times_past, rest_day = _parsed(options)
    every_day = len({day.day for day in week.days}) == 7
    straight_so_far = 0
    found = []
    for place, day in enumerate(week.days):
        last = every_day and place == len(week.days) - 1
        tiers = seventh if last and seventh else daily
        overtime = _by_tiers(day.minutes, tiers)
        if last and rest_day and not overtime:
            overtime = [(rest_day, day.minutes)]
        straight = day.minutes - sum(minutes for _, minutes in overtime)
        if weekly is not None and straight_so_far + straight > weekly:
            over = min(straight, straight_so_far + straight - weekly)
            straight -= over
            overtime = [(times_past, over), *overtime]
        straight_so_far += straight
        found.append(Split(day, straight, tuple((times, minutes) for times, minutes in overtime if minutes)))
    return tuple(found)


Tiers = list[tuple[int, Fraction]]
"""Over so many minutes a day, so many times the rate; lowest first."""


@lru_cache(maxsize=256)
def _parsed(options: Overtime) -> tuple[Tiers, Tiers, Fraction, Fraction]:
    """The options as numbers: daily tiers, those of the seventh day, times past the weekly hours, on a rest day."""
    rest_day = Fraction(options.rest_day) if options.rest_day else _NOTHING
    return _tiers(options.daily), _tiers(options.seventh_day), Fraction(options.times), rest_day


def _tiers(texts: Sequence[str]) -> Tiers:
    """(over so many minutes, times) from "8 1.5", lowest first."""
    pairs = [text.split() for text in texts]
    return sorted((int(Fraction(over) * HOUR), Fraction(times)) for over, times in pairs)


def _by_tiers(minutes: int, tiers: Sequence[tuple[int, Fraction]]) -> list[tuple[Fraction, int]]:
    found = []
    for number, (over, times) in enumerate(tiers):
        until = tiers[number + 1][0] if number + 1 < len(tiers) else minutes
        found.append((times, max(0, min(minutes, until) - over)))
    return found


# ── The regular rate ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Regular:
    """The regular rate an hour, and the minutes of the week that the agreed pay already covers at it."""

    rate: Fraction
    covered: int


def _weighted(parts: Sequence[tuple[Fraction, int]], besides: Fraction, minutes: int) -> Fraction:
    """Earnings over the hours they are for, and besides over all hours."""
    earned = sum((amount for amount, _ in parts), _NOTHING)
    hours = sum(length for _, length in parts)
    rate = earned * HOUR / hours if hours else _NOTHING
    return rate + (besides * HOUR / minutes if minutes else _NOTHING)


def covered_hours(view: View) -> Regular:
    """All pay but the listed exclusions, over the hours it was meant to cover (29 CFR 778.109 to .118; notes,
    section 3 and W-01 to W-20).

    Hourly, day, piece and job pay covers the hours worked under it. A salary covers the hours it was meant for;
    where nobody said, all hours worked in the careful reading, forty in the full one.
    """
    parts = [_covered(part, view) for part in view.pay.parts]
    besides = view.pay.besides(*WAGES)
    rate = _weighted([(part.earned, length) for part, length in parts], besides, view.week.minutes)
    return Regular(rate, min(view.week.minutes, sum(length for _, length in parts)))


def _covered(part: Part, view: View) -> tuple[Part, int]:
    if part.per not in SALARIES:
        return part, part.minutes
    if part.covers is not None:
        return part, part.covers
    if part.minutes > _FORTY:
        view.reading.open_facts.add("salary_covers")
    return part, part.minutes if view.reading.end is LOW else min(part.minutes, _FORTY)


def lesser_of_forty(view: View) -> Regular:
    """Weekly earnings over the lesser of forty hours and those worked, unless paid by the hour (12 NYCRR 146-3.5)."""
    parts = [
        (part.earned, part.minutes if part.hourly else min(part.minutes, _FORTY)) for part in view.pay.parts
    ]
    besides = view.pay.besides(*WAGES)
    rate = _weighted(parts, besides, view.week.minutes)
    return Regular(rate, min(view.week.minutes, sum(length for _, length in parts)))


def all_hours(view: View) -> Regular:
    """Weekly earnings over all hours worked (12 NYCRR 142-2.16; notes, section 2.5)."""
    parts = [(part.earned, part.minutes) for part in view.pay.parts]
    besides = view.pay.besides(*WAGES)
    return Regular(_weighted(parts, besides, view.week.minutes), view.week.minutes)


def salary_over_forty(view: View) -> Regular:
    """A salary over forty hours at most (agreed hours below forty set the rate), piece work and commission over all
    hours; a flat bonus stands apart, see `bonus_overtime` (DLSE overtime FAQ, Q1 and Q3; notes, section 4A)."""
    straight = sum(split.straight for split in view.splits)
    parts, covered = [], 0
    for part in view.pay.parts:
        if part.per in SALARIES:
            length = min(_FORTY, part.covers or _FORTY)
            covered += min(length, straight)
        else:
            length = part.minutes
            covered += length
        parts.append((part.earned, length))
    besides = view.pay.besides("production_bonus", "differential", "commission")
    return Regular(_weighted(parts, besides, view.week.minutes), min(covered, view.week.minutes))


REGULAR: dict[str, Callable[[View], Regular]] = {
    "covered_hours": covered_hours,
    "lesser_of_forty": lesser_of_forty,
    "all_hours": all_hours,
    "salary_over_forty": salary_over_forty,
}


# ── Tips ──────────────────────────────────────────────────────────────────────────────────────────────────


def tip_credit(view: View, options: TipCredit, place: int) -> Fraction:
    """The credit an hour that the employer may take on one day; nothing where a condition fails.

    Weekly average of tips, cash and tips together, and other work that day (12 NYCRR 146-1.3, -2.9; FLSA 3(m);
    notes, sections 2.4 and 3). Whether notice was given is the rule's own condition.
    """
    day = view.week.days[place]
    credit = view.reading.rate(options.credit, day.day).amount
    tips = view.tips_an_hour()
    if options.threshold and not _reaches(view, options.threshold, day, tips):
        return _NOTHING
    if options.monthly_tips_over and view.pay.besides("tips") * 52 / 12 <= Fraction(
        options.monthly_tips_over
    ):
        return _NOTHING
    if _too_much_else(options, day):
        return _NOTHING
    cash = view.pay.earned * HOUR / view.week.minutes if view.week.minutes else _NOTHING
    if cash + tips < view.floors[place].amount:
        return _NOTHING
    if options.threshold or tips >= credit:
        return credit
    if not options.lower_credit:
        return tips
    lower = view.reading.rate(options.lower_credit, day.day).amount
    return lower if tips >= lower else _NOTHING


def _reaches(view: View, table: str, day: WorkDay, tips: Fraction) -> bool:
    """Whether tips reach the weekly average; where nobody knows it, yes in the careful reading, no in the full one."""
    try:
        return tips >= view.reading.rate(table, day.day).amount
    except NotInForce:
        view.reading.gaps.add(table)
        return view.reading.end is LOW


def _too_much_else(options: TipCredit, day: WorkDay) -> bool:
    """Other work of two hours or more than a fifth of the shift, whichever is less, ends the credit that day."""
    if not day.untipped:
        return False
    over_minutes = bool(options.untipped_minutes) and day.untipped >= options.untipped_minutes
    over_share = bool(options.untipped_share) and day.untipped * 100 > options.untipped_share * day.minutes
    return over_minutes or over_share


def premium_base(view: View, place: int) -> Fraction:
    """The rate that overtime multiplies: the regular rate and any tip credit, never less than the least wage."""
    rule = view.overtime
    full = view.regular.rate + view.credits[place]
    floor = view.floors[place].amount
    if rule is not None and rule.options.base == "minimum":
        return floor
    return max(full, floor)
