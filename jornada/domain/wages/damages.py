"""What the law adds to unpaid wages: equal or multiple damages, interest, penalties for notices and late final pay.

Each is a line of its own over the lines of its law that are in time; each rounds once. What only a court may add,
or what turns on proof nobody has yet, is `possible`: shown, and in no total.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from jornada.domain.facts import NotADate, PartialDate, Reason, Source
from jornada.domain.wages import Fraction
from jornada.domain.wages.hours import WorkDay
from jornada.domain.wages.lawbook import Law, Reading, Rule, unverified
from jornada.domain.wages.weekview import dollars
from jornada.domain.wages.worksheet import Line

_YEAR = 365
_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Share:
    """A share of unpaid sums, in percent: 100 for as much again, 200 for treble in all."""

    percent: str
    groups: tuple[str, ...] = ()
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Monthly:
    """So many percent of each unpaid sum for every month since its payday; `month_rule` completed or started."""

    percent: str
    month_rule: str
    groups: tuple[str, ...] = ()
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interest:
    """Simple interest a year, in percent, on each sum from its payday."""

    percent: str
    groups: tuple[str, ...] = ()
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Daily:
    """A sum for each day worked without a notice, up to a cap; counted `after` so many working days from the hire."""

    per_day: str
    cap: str
    after: int = 0


@dataclass(frozen=True, slots=True)
class PerStatement:
    """A sum for the first pay period without a right statement, another for each later one, up to a cap."""

    first: str
    later: str
    cap: str
    within_days: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A day's pay for every calendar day that final pay is late, up to so many days."""

    most_days: int


@dataclass(frozen=True)
class Standing:
    """What damages are computed from: the law, its lines in time, the days worked under it, the job's facts."""

    law: Law
    reading: Reading
    lines: tuple[Line, ...]
    days: tuple[WorkDay, ...]
    on: date
    daily_pay: Fraction = _NOTHING
    filed_on: date | None = None

    def taken(self, options: Any) -> tuple[Line, ...]:
        """The lines that a rule is about."""
        return tuple(
            line
            for line in self.lines
            if line.group in options.groups or line.component in options.components
        )


Find = Callable[[Standing, Rule], Iterator[Line]]
DAMAGES: dict[str, tuple[type, Find]] = {}


def damage(name: str, options: type) -> Callable[[Find], Find]:
    """Registers a kind of damages under the name that packs use."""

    def register(find: Find) -> Find:
        DAMAGES[name] = (options, find)
        return find

    return register


def found(standing: Standing, forum: str) -> Iterator[tuple[Line, bool]]:
    """Every line of damages under this law in that forum, and whether it is only possible."""
    for rule in standing.law.damages:
        if rule.forum not in ("", forum) or not standing.reading.applies(rule, standing.on):
            continue
        for part in _parted(standing, rule):
            yield from ((line, rule.possible) for line in DAMAGES[rule.component][1](part, rule))


def _parted(standing: Standing, rule: Rule) -> Iterator[Standing]:
    """Damages on sums that nobody has verified stand on a line of their own, so that the others carry no mark."""
    doubtful = tuple(line for line in standing.lines if line.unverified)
    if not doubtful or not hasattr(rule.options, "groups"):
        yield standing
        return
    sure = tuple(line for line in standing.lines if not line.unverified)
    yield from (replace(standing, lines=lines) for lines in (sure, doubtful) if lines)


def _line(
    standing: Standing,
    rule: Rule,
    exact: Fraction,
    quantity: Fraction,
    unit: str,
    rate: Fraction,
    over: Sequence[Line] = (),
    steps: tuple[Reason, ...] = (),
) -> Iterator[Line]:
    amount = dollars(exact)
    if not amount:
        return
    first = min((line.first for line in over), default=standing.days[0].day)
    last = max((line.last for line in over), default=standing.days[-1].day)
    doubtful = unverified(rule.sources) or any(line.unverified for line in over)
    yield Line(
        standing.law.name, rule.key or rule.component, "damages", first, last, quantity, unit, rate, exact, amount,
        standing.on, rule.sources, steps, doubtful, weeks=len({line.first for line in over}) or 1,
    )  # fmt: skip


def _owed(lines: Sequence[Line]) -> Fraction:
    return Fraction(sum((line.amount for line in lines), Decimal(0)))


@damage("liquidated_damages", Share)
def liquidated_damages(standing: Standing, rule: Rule) -> Iterator[Line]:
    """As much again as the unpaid wages, or the share that this law gives (29 USC 216(b); NY Labor Law 198(1-a),
    663; CA Labor Code 1194.2; 820 ILCS 105/12(a))."""
    lines = standing.taken(rule.options)
    base, percent = _owed(lines), Fraction(rule.options.percent)
    yield from _line(standing, rule, base * percent / 100, base, "dollars", percent / 100, lines)


@damage("monthly_damages", Monthly)
def monthly_damages(standing: Standing, rule: Rule) -> Iterator[Line]:
    """A share of each underpayment for every month after its payday (820 ILCS 105/12(a), 115/14(a); notes, S-06).

    Whether a month that has begun counts is not settled in the texts read, so the pack says which.
    """
    lines = standing.taken(rule.options)
    percent = Fraction(rule.options.percent)
    exact, months = Fraction(0), Fraction(0)
    for line in lines:
        number = months_between(line.payday, standing.on, rule.options.month_rule)
        exact += Fraction(line.amount) * percent / 100 * number
        months += number
    yield from _line(standing, rule, exact, months, "months", percent / 100, lines)


def months_between(start: date, end: date, month_rule: str) -> int:
    """Whole months from one day to another; with `started` one that has begun counts too."""
    if end <= start:
        return 0
    months = (end.year - start.year) * 12 + end.month - start.month
    whole = end.day >= start.day
    if month_rule == "started":
        return months if end.day == start.day else months + whole
    return months if whole else months - 1


@damage("interest", Interest)
def interest(standing: Standing, rule: Rule) -> Iterator[Line]:
    """Simple interest from each payday to the day of the claim (CPLR 5001, 5004; CA Labor Code 218.6)."""
    lines = standing.taken(rule.options)
    percent = Fraction(rule.options.percent)
    exact = sum(
        (
            Fraction(line.amount) * percent / 100 * max(0, (standing.on - line.payday).days) / _YEAR
            for line in lines
        ),
        Fraction(0),
    )
    yield from _line(standing, rule, exact, _owed(lines), "dollars", percent / 100, lines)


@damage("notice_damages", Daily)
def notice_damages(standing: Standing, rule: Rule) -> Iterator[Line]:
    """So much for each day worked without the notice, up to the cap (NY Labor Law 198(1-b) and (1-d))."""
    options: Daily = rule.options
    days = [day for day in standing.days if rule.in_force(day.day)]
    if options.after and days:
        begun = _working_days_after(days[0].day, options.after)
        days = [day for day in days if day.day > begun]
    number = len({day.day for day in days})
    exact = min(Fraction(options.cap), Fraction(options.per_day) * number)
    capped = (Reason("capped", {"cap": options.cap}),) if Fraction(options.per_day) * number > exact else ()
    yield from _line(standing, rule, exact, Fraction(number), "days", Fraction(options.per_day), steps=capped)


def _working_days_after(day: date, number: int) -> date:
    """So many days later, Saturdays and Sundays left out (no holidays: that is the shorter, careful count)."""
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day


@damage("statement_penalties", PerStatement)
def statement_penalties(standing: Standing, rule: Rule) -> Iterator[Line]:
    """A sum for each pay period without a right statement, the first and the later ones, up to a cap
    (CA Labor Code 226(e)). Pay periods as the worker said; without that, the longest usual one of a month."""
    options: PerStatement = rule.options
    since = standing.on - timedelta(days=options.within_days)
    days = [day.day for day in standing.days if day.day >= since]
    if not days:
        return
    length = _PERIODS.get(str(standing.reading.facts.get("paid_how_often")), 30)
    number = ((days[-1] - days[0]).days // length) + 1
    exact = min(Fraction(options.cap), Fraction(options.first) + Fraction(options.later) * (number - 1))
    yield from _line(standing, rule, exact, Fraction(number), "periods", Fraction(options.later))


_PERIODS = {"day": 1, "week": 7, "two_weeks": 14, "half_month": 15, "month": 30}


@damage("waiting_time", Waiting)
def waiting_time(standing: Standing, rule: Rule) -> Iterator[Line]:
    """A day's pay for each calendar day that final pay was late, at most thirty (CA Labor Code 203; notes, S-10).

    Occasional overtime stays out of the day's pay. Not computed without the day the work ended.
    """
    ended = _day(standing.reading.facts.get("work_ended_on"))
    if ended is None or not standing.lines:
        return
    paid = _day(standing.reading.facts.get("final_pay_on")) or standing.on
    late = min(rule.options.most_days, max(0, (paid - ended).days))
    steps = (Reason("days_late", {"days": late}),)
    yield from _line(
        standing, rule, standing.daily_pay * late, Fraction(late), "days", standing.daily_pay, steps=steps
    )


def _day(text: object) -> date | None:
    try:
        return PartialDate.parse(str(text)).latest if text else None
    except NotADate:
        return None


def sources_of(lines: Sequence[Line]) -> Mapping[Source, int]:
    """Every source that lines rest on, and how many lines do."""
    counted: dict[Source, int] = {}
    for line in lines:
        for source in line.sources:
            counted[source] = counted.get(source, 0) + 1
    return counted
