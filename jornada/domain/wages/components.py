"""What one workweek comes to under one law: each component a named function with its source.

A component yields what is due; what was paid is then set against it in the order straight time, overtime,
extra hours (see `week_lines`). Straight time always covers every hour at its rate, and overtime only the
premium on top, so that no hour is owed twice whichever laws are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jornada.domain.facts import Reason, Source
from jornada.domain.wages import Fraction
from jornada.domain.wages.hours import HIGH, WorkDay
from jornada.domain.wages.lawbook import Rule
from jornada.domain.wages.pay import HOUR, WAGES
from jornada.domain.wages.weekview import Floor, Overtime, Rounding, TipCredit, View, premium_base

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Due:
    """What a component makes due in a week, before anything paid is set against it.

    `quantity` is in hours, days or pieces (`unit`); `rate` per unit. `owed` is set by `week_lines`.
    """

    component: str
    group: str
    amount: Fraction
    quantity: Fraction
    unit: str
    rate: Fraction
    sources: tuple[Source, ...]
    steps: tuple[Reason, ...] = ()


# ── Options ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Nothing:
    """A component without options."""


@dataclass(frozen=True, slots=True)
class Spread:
    """An extra hour at the floor for a day longer than `over` minutes from first start to last end.

    `split` counts a split shift too, once a day. `absorbed`: pay above the minimum takes it up.
    """

    over: int
    split: bool = False
    absorbed: bool = False


@dataclass(frozen=True, slots=True)
class SplitShift:
    """An extra hour at the floor for a split shift, less what that day's pay was above the floor."""

    absorbed: bool = True


@dataclass(frozen=True, slots=True)
class CallIn:
    """Pay for being called in: at least `lesser_of` minutes or the shift, by number of shifts `by_shifts`, or half
    the shift between `at_least` and `at_most`. `pay` is floor or regular."""

    lesser_of: int = 0
    by_shifts: tuple[str, ...] = ()
    half: bool = False
    at_least: int = 0
    at_most: int = 0
    pay: str = "floor"


@dataclass(frozen=True, slots=True)
class BreakPremium:
    """An hour at the regular rate for a day longer than `over` minutes on which the break was not given."""

    over: int
    which: str


@dataclass(frozen=True, slots=True)
class Uniform:
    """Weekly upkeep of a uniform by hours worked: over 30, 20 to 30, at most 20."""

    high: str
    middle: str
    low: str


@dataclass(frozen=True, slots=True)
class Deductions:
    """Sums taken off pay: `all` that were not allowed in writing, or only what goes `below_floor`."""

    rule: str = "all"


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums owed besides pay for hours, by kind."""

    kinds: tuple[str, ...]


# ── Components ────────────────────────────────────────────────────────────────────────────────────────────

Make = Callable[[View, Rule], Iterator[Due]]


@dataclass(frozen=True, slots=True)
class Component:
    """A component: its options, its group, and the function that finds what is due."""

    name: str
    group: str
    options: type
    make: Make


COMPONENTS: dict[str, Component] = {}


def component(name: str, group: str, options: type = Nothing) -> Callable[[Make], Make]:
    """Registers a component under the name that packs use."""

    def register(make: Make) -> Make:
        COMPONENTS[name] = Component(name, group, options, make)
        return make

    return register


def _hours(minutes: int | Fraction) -> Fraction:
    return Fraction(minutes) / HOUR


@component("floor", "", Floor)
@component("tip_credit", "", TipCredit)
def _read_elsewhere(view: View, rule: Rule) -> Iterator[Due]:
    """Floors and tip credits are read by the components below."""
    yield from ()


@component("agreed_wages", "straight")
def agreed_wages(view: View, rule: Rule) -> Iterator[Due]:
    """What was agreed for the week's work (contract; NY Labor Law 198, CA Labor Code 200, 820 ILCS 115)."""
    besides = view.pay.besides(*WAGES)
    for part in view.pay.parts:
        quantity = {"hour": _hours(part.minutes), "day": Fraction(part.days)}.get(part.per, Fraction(1))
        rate = part.earned / quantity if quantity else _NOTHING
        yield Due("agreed_wages", "straight", part.earned, quantity, part.per, rate, rule.sources)
    if besides:
        yield Due("agreed_extras", "straight", besides, Fraction(1), "week", besides, rule.sources)


@component("uncovered_hours", "straight")
def uncovered_hours(view: View, rule: Rule) -> Iterator[Due]:
    """Hours below the overtime line that a fixed sum was not meant to cover, at the regular rate (778.113(a))."""
    minutes = view.uncovered[0]
    if minutes:
        rate = view.regular.rate
        yield Due(
            "uncovered_hours", "straight", rate * minutes / HOUR, _hours(minutes), "hour", rate, rule.sources
        )


@component("minimum_wage", "straight")
def minimum_wage(view: View, rule: Rule) -> Iterator[Due]:
    """What is lacking to the least wage for the week's covered hours, each day by its own date, tips as allowed."""
    lacking = view.least - view.promised_straight if view.enforces_agreements else view.least
    if lacking > 0:
        minutes = view.week.minutes - view.single_overtime
        prices = [(rate.amount, credit) for rate, credit in zip(view.floors, view.credits, strict=True)]
        steps = tuple(
            Reason("floor_on", {"rate": amount, "credit": credit})
            for amount, credit in (prices[:1] if view.even else dict.fromkeys(prices))
        )
        rate = lacking * HOUR / minutes
        yield Due(
            "minimum_wage",
            "straight",
            lacking,
            _hours(minutes),
            "hour",
            rate,
            rule.sources + view.least_sources,
            steps,
        )


@component("overtime_straight", "straight")
def overtime_straight(view: View, rule: Rule) -> Iterator[Due]:
    """The single rate for overtime hours that the agreed pay does not cover, such as a salary for forty hours; under
    a law that does not enforce agreements, for all of them (29 USC 207: not less than one and one-half times)."""
    total, minutes = _NOTHING, 0
    spans = [(0, view.single_overtime)] if view.even else view.last_overtime(view.single_overtime)
    for place, length in spans:
        total += (premium_base(view, place) - view.credits[place]) * length / HOUR
        minutes += length
    if minutes:
        rate = total * HOUR / minutes
        yield Due("overtime_straight", "straight", total, _hours(minutes), "hour", rate, rule.sources)


@component("overtime", "overtime", Overtime)
def overtime_premium(view: View, rule: Rule) -> Iterator[Due]:
    """The premium on overtime hours: half the regular rate at time and a half, a whole one at double time
    (29 CFR 778.107; 12 NYCRR 142-2.2, 146-1.4; CA Labor Code 510; 820 ILCS 105/4a).

    Where the base is the minimum wage, what the agreed rate already pays above it counts towards the premium.
    """
    if rule is not view.overtime:
        return
    tiers = _tiers(view, rule)
    sources = rule.sources + (view.least_sources if _floor_counts(view) else ())
    for times, (minutes, amount) in sorted(tiers.items()):
        if amount > 0:
            steps = (Reason("regular_rate", {"rate": view.regular.rate, "times": times}),)
            name, rate = _TIERS.get(times, "overtime"), amount * HOUR / minutes
            yield Due(name, "overtime", amount, _hours(minutes), "hour", rate, sources, steps)


_TIERS = {Fraction(3, 2): "overtime", Fraction(2): "double_time"}


def _tiers(view: View, rule: Rule) -> dict[Fraction, tuple[int, Fraction]]:
    """Minutes and premium of each tier. In `STEPWISE_WHOLE` the premium is what is lacking to all hours at the
    rounded rate and the rounded rate and a half."""
    found: dict[Fraction, tuple[int, Fraction]] = {}
    for place, times, length in _overtime_of(view):
        base = premium_base(view, place)
        if view.rounding is Rounding.STEPWISE_WHOLE:
            rate = view.rounding.rate(times * base) - base
        elif rule.options.base == "minimum":
            rate = max(_NOTHING, times * base - max(view.regular.rate, base))
        else:
            rate = view.rounding.rate((times - 1) * base)
        minutes, amount = found.get(times, (0, _NOTHING))
        found[times] = (minutes + length, amount + rate * length / HOUR)
    if found and view.rounding is Rounding.STEPWISE_WHOLE:
        first = min(found)
        dropped = view.regular.rate * view.regular.covered / HOUR - view.pay.earned - view.pay.besides(*WAGES)
        found[first] = (found[first][0], found[first][1] + dropped)
    return found


def _overtime_of(view: View) -> Iterator[tuple[int, Fraction, int]]:
    """Day, times and minutes of overtime; of a week whose days are priced alike all minutes of a tier together."""
    if not view.even:
        for place, split in enumerate(view.splits):
            yield from ((place, times, length) for times, length in split.overtime)
        return
    tiers: list[
        Fraction
    ] = []  # a week has one or two: looking through them is quicker than hashing rationals
    minutes: list[int] = []
    for split in view.splits:
        for times, length in split.overtime:
            if times in tiers:
                minutes[tiers.index(times)] += length
            else:
                tiers.append(times)
                minutes.append(length)
    yield from ((0, times, length) for times, length in zip(tiers, minutes, strict=True))


def _floor_counts(view: View) -> bool:
    """Whether the least wage, not the regular rate, is what overtime multiplies."""
    floors = view.floors[:1] if view.even else view.floors
    return any(view.regular.rate < rate.amount for rate in floors)


@component("bonus_overtime", "overtime")
def bonus_overtime(view: View, rule: Rule) -> Iterator[Due]:
    """Overtime on a flat bonus: bonus over the hours that are no overtime, times one and a half or two
    (Alvarado v. Dart, 2018; DLSE overtime FAQ, Q3)."""
    bonus = view.pay.besides("flat_bonus")
    straight = sum(split.straight for split in view.splits)
    if not bonus or not straight or not view.overtime_minutes:
        return
    rate = view.rounding.rate(bonus * HOUR / straight)
    weighed = sum((times * minutes for split in view.splits for times, minutes in split.overtime), _NOTHING)
    yield Due(
        "bonus_overtime", "overtime", rate * weighed / HOUR, _hours(view.overtime_minutes), "hour",
        rate * weighed / view.overtime_minutes, rule.sources,
    )  # fmt: skip


@component("spread_of_hours", "extras", Spread)
def spread_of_hours(view: View, rule: Rule) -> Iterator[Due]:
    """One more hour at the minimum wage for a day of more than ten hours from start to end, or a split shift
    (12 NYCRR 142-2.4, 146-1.6; notes, section 2.6 and W-25)."""
    options: Spread = rule.options
    places = [
        place
        for place, day in enumerate(view.week.days)
        if day.spread > options.over or (options.split and day.splits)
    ]
    if not places:
        return
    full = sum((view.floors[place].amount for place in places), _NOTHING)
    taken_up = min(full, _above_the_least(view)) if options.absorbed else _NOTHING
    if amount := full - taken_up:
        steps = (Reason("partly_absorbed", {"above": taken_up}),) if taken_up else ()
        hours = Fraction(len(places))
        yield Due("spread_of_hours", "extras", amount, hours, "hour", amount / hours, rule.sources, steps)


def _above_the_least(view: View) -> Fraction:
    """How far the week's pay for hours lies above what the minimum wage alone would come to."""
    above = _NOTHING
    for place, times, minutes in _overtime_of(view):
        above += (times - 1) * (premium_base(view, place) - view.floors[place].amount) * minutes
    return max(view.promised_straight, view.least) - view.least + above / HOUR


@component("split_shift", "extras", SplitShift)
def split_shift(view: View, rule: Rule) -> Iterator[Due]:
    """One hour at the minimum wage for a split shift, less what that day's pay was above the minimum
    (California wage orders; notes, section 4A)."""
    amount, number = _NOTHING, 0
    for place, day in enumerate(view.week.days):
        if not day.splits:
            continue
        floor = view.floors[place].amount
        above = (
            max(_NOTHING, view.regular.rate - floor) * day.minutes / HOUR
            if rule.options.absorbed
            else _NOTHING
        )
        if floor > above:
            amount += floor - above
            number += 1
    if number:
        yield Due("split_shift", "extras", amount, Fraction(number), "hour", amount / number, rule.sources)


@component("call_in", "extras", CallIn)
def call_in(view: View, rule: Rule) -> Iterator[Due]:
    """Pay for coming in and being sent home early (12 NYCRR 142-2.3, 146-1.5; IWC wage orders, section 5)."""
    options: CallIn = rule.options
    amount, minutes = _NOTHING, 0
    for place, day in enumerate(view.week.days):
        lacking = max(0, _called(options, day) - day.minutes) if day.scheduled else 0
        if lacking:
            rate = view.regular.rate if options.pay == "regular" else _NOTHING
            amount += max(rate, view.floors[place].amount) * lacking / HOUR
            minutes += lacking
    if minutes:
        yield Due("call_in", "extras", amount, _hours(minutes), "hour", amount * HOUR / minutes, rule.sources)


def _called(options: CallIn, day: WorkDay) -> int:
    """The minutes for which somebody called in that day must be paid."""
    if options.half:
        return min(options.at_most, max(options.at_least, day.scheduled // 2))
    if options.by_shifts:
        shifts = min(max(1, len(day.shifts)), len(options.by_shifts))
        limit = int(options.by_shifts[shifts - 1])
        return min(limit, day.scheduled) if shifts == 1 else (limit if day.scheduled <= limit else 0)
    return min(options.lesser_of, day.scheduled)


@component("meal_premium", "extras", BreakPremium)
@component("rest_premium", "extras", BreakPremium)
def break_premium(view: View, rule: Rule) -> Iterator[Due]:
    """One hour at the regular rate for each day on which a meal (or a rest) break was due and not given
    (CA Labor Code 226.7; notes, section 4A)."""
    options: BreakPremium = rule.options
    missed = "meals_missed" if options.which == "meal" else "rests_missed"
    days = sum(1 for day in view.week.days if getattr(day, missed) and day.minutes > options.over)
    if days:
        rate = max([view.regular.rate, *(floor.amount for floor in view.floors)])
        yield Due(rule.component, "extras", rate * days, Fraction(days), "hour", rate, rule.sources)


@component("uniform_upkeep", "extras", Uniform)
def uniform_upkeep(view: View, rule: Rule) -> Iterator[Due]:
    """The weekly sum for keeping a required uniform clean, by hours worked (12 NYCRR 146-1.7; notes, section 2.6)."""
    options: Uniform = rule.options
    hours = view.week.minutes / HOUR
    table = options.high if hours > 30 else options.middle if hours > 20 else options.low
    rate = view.reading.rate(table, view.week.first)
    yield Due(
        "uniform_upkeep", "extras", rate.amount, Fraction(1), "week", rate.amount, rule.sources + rate.sources
    )


@component("deductions", "sums", Deductions)
def deductions(view: View, rule: Rule) -> Iterator[Due]:
    """Sums taken off pay that the law does not allow (NY Labor Law 193; 29 CFR 531.35; notes, sections 2.7, 3)."""
    unlawful = [sum_ for other, sum_ in view.pay.others if _unlawful(other.kind, other.authorised, view)]
    taken = sum(unlawful, _NOTHING)
    if rule.options.rule == "below_floor":
        taken = min(taken, max(_NOTHING, taken - allowable_deduction(view.promised_straight, view.least)))
    if taken > 0:
        yield Due("deductions", "sums", taken, Fraction(1), "week", taken, rule.sources)


def _unlawful(kind: str, authorised: bool | None, view: View) -> bool:
    if kind not in ("deduction", "uniform_cost"):
        return False
    if authorised is None:
        view.reading.open_facts.add("deduction_authorised")
        return view.reading.end is HIGH
    return not authorised


def allowable_deduction(earned: Fraction, least: Fraction) -> Fraction:
    """How much may be taken for uniforms or tools without cutting into the least wage (WHD fact sheet 16; W-21)."""
    return max(_NOTHING, earned - least)


@component("sums", "sums", Sums)
def sums(view: View, rule: Rule) -> Iterator[Due]:
    """Tips kept back, supplements, expenses, kickbacks: each as entered, where this law knows it."""
    for kind in rule.options.kinds:
        amount = sum((sum_ for other, sum_ in view.pay.others if other.kind == kind), _NOTHING)
        if amount:
            yield Due(kind, "sums", amount, Fraction(1), "week", amount, rule.sources)


# ── A week's lines ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Owed:
    """A due and what of it is still owed after what was paid is set against it."""

    due: Due
    owed: Fraction


_ORDER = (
    "agreed_wages", "uncovered_hours", "minimum_wage", "overtime_straight", "overtime", "bonus_overtime",
)  # fmt: skip


def week_lines(view: View) -> list[Owed]:
    """What is owed for one week under one law, component by component.

    Pay received is set against straight time, then the overtime premium, in that order; extra hours and other sums
    stand apart from it. A law without `agreed_wages` (the FLSA) claims no more of straight time than the least
    wage, but pay received counts first towards what was agreed.
    """
    received = view.pay.received
    lines: list[Owed] = []
    if not view.enforces_agreements:
        agreed_first = max(view.promised_straight, view.least) - view.least
        received, beyond = min(received, view.least), max(_NOTHING, received - view.least)
        beyond = max(_NOTHING, beyond - agreed_first)
    else:
        beyond = _NOTHING
    for name in _ORDER:
        for due in _made(view, name):
            if due.group == "overtime" or due.component == "overtime_straight":
                received, beyond = received + beyond, _NOTHING
            paid = min(received, due.amount)
            received -= paid
            lines.append(Owed(due, due.amount - paid))
    for name in view.beside:
        lines.extend(Owed(due, due.amount) for due in _made(view, name))
    return lines


def _made(view: View, name: str) -> Iterator[Due]:
    known = COMPONENTS[name]
    for rule in view.rules(name, lessens=name == "overtime"):
        yield from known.make(view, rule)
        if name not in ("sums",):
            return
