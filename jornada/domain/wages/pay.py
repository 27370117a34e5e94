"""Pay: what was agreed, what was received, and how both fall on each workweek. Dollars are exact fractions.

Sums that cover a longer time (two weeks, a month, "in all") are spread over the workweeks in it, so that each
week stands for itself: under no law read here may a good week make up for a bad one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from jornada.domain.facts import PartialDate
from jornada.domain.wages import Fraction
from jornada.domain.wages.hours import HIGH, LOW, Assumption, End, WorkDay, WorkWeek

PER = ("hour", "day", "week", "two_weeks", "half_month", "month", "year", "piece", "total")
"""What a sum of pay is for. `total` is one sum for a time, such as a job or a single payment."""
WEEKS_IN = {
    "week": Fraction(1),
    "two_weeks": Fraction(1, 2),
    "half_month": Fraction(24, 52),
    "month": Fraction(12, 52),
    "year": Fraction(1, 52),
}
"""How much of a salary falls on one week (778.113(b): monthly × 12 ÷ 52, semi-monthly × 24 ÷ 52; notes, section 3)."""
EXTRAS = ("production_bonus", "flat_bonus", "differential", "commission", "tips", "gift")
"""Pay besides the agreed rate. A gift (a bonus that nobody promised) enters no rate; tips are the worker's own."""
WAGES = ("production_bonus", "flat_bonus", "differential", "commission")
"""Extras that count as pay."""
OTHER = (
    "deduction", "tips_taken", "uniform_cost", "supplement", "expense", "bounced_cheque", "sick_leave", "kickback",
)  # fmt: skip
"""Sums owed besides pay for hours: taken off, kept back, or promised and not paid."""

_NOTHING = Fraction(0)
HOUR = 60


@dataclass(frozen=True, slots=True)
class Money:
    """A sum known exactly or between two ends."""

    low: Fraction
    high: Fraction

    @classmethod
    def exactly(cls, amount: Fraction) -> Money:
        return cls(amount, amount)

    def at(self, end: End) -> Fraction:
        return self.low if end is LOW else self.high

    @property
    def exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class During:
    """A time that a sum is for; open ends reach as far as the work does."""

    begins: PartialDate | None = None
    ends: PartialDate | None = None
    weekdays: frozenset[int] | None = None

    @property
    def first(self) -> date:
        return self.begins.earliest if self.begins else date.min

    @property
    def last(self) -> date:
        return self.ends.latest if self.ends else date.max

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last and (self.weekdays is None or day.weekday() in self.weekdays)


ALWAYS = During()


@dataclass(frozen=True, slots=True)
class Promise:
    """What was agreed: so much per hour, day, week, month, piece, or for a job as a whole.

    `covers` are the minutes a week that a fixed sum was meant to pay for, where that was said or clear.
    `pieces` is the number of pieces in a week.
    """

    per: str
    amount: Fraction
    during: During = ALWAYS
    covers: int | None = None
    pieces: Fraction = _NOTHING
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was really paid in wages: so much per hour, day, week …, or single payments (`total`)."""

    per: str
    amount: Money
    during: During = ALWAYS
    how: str = ""
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Extra:
    """Pay besides the agreed rate, for a time: a bonus, a differential, commission, tips; `paid` or still owed."""

    kind: str
    per: str
    amount: Fraction
    during: During = ALWAYS
    paid: bool = True
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """A sum owed besides pay for hours (`OTHER`). `authorised`: allowed in writing for the worker's own good."""

    kind: str
    per: str
    amount: Fraction
    during: During = ALWAYS
    authorised: bool | None = None
    what: str = ""
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Pay:
    """All that was agreed, received and owed besides. `as_agreed`: all of it was paid; else the receipts."""

    promises: tuple[Promise, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    extras: tuple[Extra, ...] = ()
    others: tuple[Other, ...] = ()
    as_agreed: bool = False

    @property
    def exact(self) -> bool:
        return all(receipt.amount.exact for receipt in self.receipts)


@dataclass(frozen=True, slots=True)
class Part:
    """What one promise comes to in one week: minutes and days worked under it, and what they earn."""

    per: str
    minutes: int
    days: int
    earned: Fraction
    covers: int | None = None

    @property
    def hourly(self) -> bool:
        return self.per == "hour"


@dataclass(frozen=True)
class WeekPay:
    """Agreed and received pay of one week. `extras` by kind, paid and unpaid together; `others` by kind."""

    parts: tuple[Part, ...]
    received: Fraction
    extras: Mapping[str, Fraction] = field(default_factory=dict)
    others: tuple[tuple[Other, Fraction], ...] = ()

    @cached_property
    def earned(self) -> Fraction:
        """All that was agreed for this week's work, extras left aside."""
        return sum((part.earned for part in self.parts), _NOTHING)

    def besides(self, *kinds: str) -> Fraction:
        return sum((self.extras[kind] for kind in kinds if kind in self.extras), _NOTHING)


def week_pays(pay: Pay, worked: Sequence[WorkWeek], end: End) -> list[WeekPay]:
    """The pay of each week. Careful reading: what was received counts at its highest, in the full one at its lowest."""
    spread = _Spread(worked)
    promises = sorted(pay.promises, key=_in_order)
    taken_off = [(one.per, one.amount, one.during) for one in pay.others if one.kind == "deduction"]
    in_hand = [(one.per, _paid(one, end), one.during) for one in pay.receipts]
    made = []
    for place in range(len(worked)):
        parts = spread.parts(promises, place)
        extras, paid_extras = spread.extras(pay.extras, place)
        if pay.as_agreed:
            base = sum((part.earned for part in parts), _NOTHING)
        else:
            # A deduction is claimed for itself: what came in hand counts as if it had not been taken off.
            base = spread.sums(in_hand, place) + spread.sums(taken_off, place)
        others = ((one, spread.other(one, place)) for one in pay.others)
        made.append(
            WeekPay(parts, base + paid_extras, extras, tuple((one, sum_) for one, sum_ in others if sum_))
        )
    return made


def _in_order(promise: Promise) -> tuple[object, ...]:
    """An order that does not hang on how things were entered."""
    during = promise.during
    return during.first, during.last, promise.per, promise.amount, sorted(during.weekdays or ())


def _paid(receipt: Receipt, end: End) -> Fraction:
    return receipt.amount.at(HIGH if end is LOW else LOW)


class _Spread:
    """The weeks, and how sums fall on them. What does not change from week to week is worked out once."""

    def __init__(self, worked: Sequence[WorkWeek]) -> None:
        self.weeks = worked
        self.usual = max((len({day.day for day in week.days}) for week in worked), default=1)
        self.first = worked[0].days[0].day if worked else date.min
        self.last = worked[-1].days[-1].day if worked else date.max
        self.days_in: dict[During, int] = {}
        self.last_in: dict[During, int] = {}

    def parts(self, promises: Sequence[Promise], place: int) -> tuple[Part, ...]:
        """What each promise earns in that week; a day belongs to the promise that began last."""
        week = self.weeks[place]
        if len(promises) == 1 and promises[0].during is ALWAYS:
            return (self._part(promises[0], week, week.days),)
        by_promise: dict[int, list[WorkDay]] = {}
        for day in week.days:
            holding = [number for number, one in enumerate(promises) if one.during.holds(day.day)]
            if holding:
                newest = max(holding, key=lambda number: (promises[number].during.first, number))
                by_promise.setdefault(newest, []).append(day)
        return tuple(self._part(promises[number], week, days) for number, days in sorted(by_promise.items()))

    def _part(self, promise: Promise, week: WorkWeek, days: Sequence[WorkDay]) -> Part:
        minutes = sum(day.minutes for day in days)
        number = len({day.day for day in days})
        if promise.per == "hour":
            earned = promise.amount * minutes / HOUR
        elif promise.per == "day":
            earned = promise.amount * number
        elif promise.per == "piece":
            earned = promise.amount * promise.pieces * Fraction(number, len({day.day for day in week.days}))
        elif promise.per == "total":
            earned = self._shared(promise.amount, promise.during, number)
        else:
            share = self._share(week, number)
            covers = None if promise.covers is None else int(promise.covers * share)
            return Part(promise.per, minutes, number, promise.amount * WEEKS_IN[promise.per] * share, covers)
        return Part(promise.per, minutes, number, earned, promise.covers)

    def _share(self, week: WorkWeek, number: int) -> Fraction:
        """How much of a week's fixed pay this week has: all of it, but for the first and last week of the work."""
        whole = self.first < week.first and week.last < self.last
        return Fraction(1) if whole or number >= self.usual else Fraction(number, self.usual)

    def sums(self, sums: Iterable[tuple[str, Fraction, During]], place: int) -> Fraction:
        return sum((self.sum(per, amount, during, place) for per, amount, during in sums), _NOTHING)

    def sum(self, per: str, amount: Fraction, during: During, place: int) -> Fraction:
        """What a sum comes to in that week, by the days of the week that lie in its time."""
        week = self.weeks[place]
        days = [day for day in week.days if during is ALWAYS or during.holds(day.day)]
        if not days:
            return _NOTHING
        number = len({day.day for day in days})
        if per == "hour":
            return amount * sum(day.minutes for day in days) / HOUR
        if per in ("day", "piece"):
            return amount * number
        if per == "total":
            return self._shared(amount, during, number)
        all_days = len({day.day for day in week.days})
        return amount * WEEKS_IN[per] * self._share(week, all_days) * Fraction(number, all_days)

    def other(self, one: Other, place: int) -> Fraction:
        """What a sum owed besides comes to in that week. A sum owed once is never cut up: it falls in the last week of
        its time, so that it is claimed to the cent."""
        if one.per != "total":
            return self.sum(one.per, one.amount, one.during, place)
        if one.during not in self.last_in:
            held = (
                n for n, week in enumerate(self.weeks) if any(one.during.holds(day.day) for day in week.days)
            )
            self.last_in[one.during] = max(held, default=len(self.weeks) - 1)
        return one.amount if place == self.last_in[one.during] else _NOTHING

    def _shared(self, amount: Fraction, during: During, number: int) -> Fraction:
        """A sum for a whole time, by days worked in it."""
        if during not in self.days_in:
            self.days_in[during] = len(
                {day.day for week in self.weeks for day in week.days if during.holds(day.day)}
            )
        return amount * Fraction(number, self.days_in[during])

    def extras(self, extras: Sequence[Extra], place: int) -> tuple[dict[str, Fraction], Fraction]:
        """Extras of the week by kind, and how much was paid of those that count as wages."""
        found: dict[str, Fraction] = {}
        paid = _NOTHING
        for one in extras:
            came = self.sum(one.per, one.amount, one.during, place)
            if came:
                found[one.kind] = found.get(one.kind, _NOTHING) + came
                paid += came if one.paid and one.kind in WAGES else _NOTHING
        return found, paid


def assumptions(pay: Pay) -> tuple[Assumption, ...]:
    """What had to be assumed about the pay, each once."""
    found: dict[Assumption, None] = {}
    for receipt in pay.receipts:
        if not receipt.amount.exact:
            ends = {"low": f"{float(receipt.amount.low):.2f}", "high": f"{float(receipt.amount.high):.2f}"}
            found[Assumption("paid_roughly", ends)] = None
        if receipt.per == "total":
            found[Assumption("payments_by_days_worked")] = None
    if not pay.promises:
        found[Assumption("nothing_agreed")] = None
    if not pay.receipts and not pay.as_agreed:
        found[Assumption("nothing_paid")] = None
    return tuple(found)
