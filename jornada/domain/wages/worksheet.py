"""A claim under every law that applies to it: lines, what stands in them, totals, what could not be computed.

Where federal and state law both apply, each week takes the better of the two in each group of lines, never both
(notes on wages, section 0, precedence rule). Lines are rounded once; totals are sums of lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from jornada.domain.conditions import NotInForce
from jornada.domain.facts import Reason, Source
from jornada.domain.wages import Fraction, hours, pay
from jornada.domain.wages.components import Due, Owed, week_lines
from jornada.domain.wages.hours import LOW, Assumption, End, HoursWrong, Timesheet, WorkDay, WorkWeek
from jornada.domain.wages.lawbook import GROUPS, Law, Limit, Place, Reading, unverified
from jornada.domain.wages.pay import Pay, WeekPay
from jornada.domain.wages.weekview import Rounding, View, dollars

_NOTHING = Fraction(0)


@dataclass(frozen=True)
class Claim:
    """What one worker says of one employer: where, the facts that rules ask for, hours, pay.

    `places` names each place of work by a key that hours refer to; `employees` is the least and the most people
    the employer has (None: not known).
    """

    facts: Mapping[str, Any]
    places: Mapping[str, Place]
    hours: Timesheet
    pay: Pay
    employees: tuple[int | None, int | None] = (None, None)
    week_starts: int | None = None
    filed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the worksheet: a component in one workweek, under the law that gives more.

    `amount` is what is owed, in cents, rounded once; `due` and `quantity` × `rate` show where it comes from.
    `late` lines are out of time and in no total; `too_late_on` is the first day on which it will be.
    """

    law: str
    component: str
    group: str
    first: date
    last: date
    quantity: Fraction
    unit: str
    rate: Fraction
    due: Fraction
    amount: Decimal
    payday: date
    sources: tuple[Source, ...]
    steps: tuple[Reason, ...] = ()
    unverified: bool = False
    late: bool = False
    too_late_on: date | None = None
    weeks: int = 1

    @property
    def needs_review(self) -> bool:
        return not self.sources or any(source.needs_review for source in self.sources)


@dataclass(frozen=True, slots=True)
class NotComputed:
    """Weeks that were left out, and why: a rate that nobody confirmed, a place without a pack."""

    first: date
    last: date
    reason: str
    values: Mapping[str, Any]
    weeks: int = 1


@dataclass(frozen=True, slots=True)
class Month:
    """What one calendar month came to: earned by law, received, still owed."""

    first: date
    due: Decimal
    paid: Decimal
    owed: Decimal


@dataclass(frozen=True)
class Worksheet:
    """A claim computed at one end of what is known."""

    end: End
    on: date
    lines: tuple[Line, ...]
    not_computed: tuple[NotComputed, ...]
    months: tuple[Month, ...]
    assumptions: tuple[Assumption, ...]
    open_facts: tuple[str, ...]
    minutes: int
    weeks: int
    damages: tuple[Line, ...] = ()
    possible: tuple[Line, ...] = ()
    days: tuple[WorkDay, ...] = ()
    daily_pay: Fraction = _NOTHING
    rounding: Rounding = Rounding.EXACT

    @property
    def wages(self) -> Decimal:
        """The sum of all lines in time, damages left aside."""
        return _sum(self.lines)

    @property
    def total(self) -> Decimal:
        """Wages and damages in time; what a court only may add is not in it."""
        return self.wages + _sum(self.damages)

    @property
    def unverified(self) -> Decimal:
        """How much of the total rests on law that nobody has read: it may never be shown without its mark."""
        return sum(
            (line.amount for line in (*self.lines, *self.damages) if line.unverified and not line.late),
            Decimal("0.00"),
        )

    @property
    def late(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.late), Decimal("0.00"))


def _sum(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines if not line.late), Decimal("0.00"))


def _all(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


# ── Computing ─────────────────────────────────────────────────────────────────────────────────────────────


def worksheet(
    claim: Claim,
    laws: Sequence[Law],
    on: date,
    *,
    end: End = LOW,
    forum: str = "agency",
    rounding: Rounding = Rounding.EXACT,
) -> Worksheet:
    """The claim computed for that day, at the careful (`LOW`) or the full end of what is remembered.

    `laws` are those at hand, federal ones with an empty state. Weeks for which a rate is not in force, and days whose
    hours cannot be, are named in `not_computed`; the rest is computed.
    """
    return _Computation(claim, laws, on, end, forum, rounding).worksheet()


_Found = tuple[
    Mapping[str, Sequence[tuple[Law, Owed]]],
    Mapping[str, Sequence[tuple[Law, Owed]]],
    tuple[NotComputed, ...],
]
"""By group what the state's law and what federal law makes owed, and what could not be computed."""


@dataclass
class _Computation:
    claim: Claim
    laws: Sequence[Law]
    on: date
    end: End
    forum: str
    rounding: Rounding
    readings: dict[tuple[str, str], Reading] = field(default_factory=dict)
    known: dict[Any, _Found] = field(default_factory=dict)
    limits: dict[tuple[str, str], Limit | None] = field(default_factory=dict)
    last_days: dict[tuple[int, date], date] = field(default_factory=dict)
    not_computed: list[NotComputed] = field(default_factory=list)

    def worksheet(self) -> Worksheet:
        first_law = self._laws_of(next(iter(self.claim.places.values()), Place("")))
        starts = self.claim.week_starts if self.claim.week_starts is not None else _week_starts(first_law)
        zones = {key: self._zone(place) for key, place in self.claim.places.items()}
        wrong: list[HoursWrong] = []
        worked = tuple(hours.weeks(hours.days(self.claim.hours, self.end, self.on, zones, wrong), starts))
        self.not_computed += [_refused(one) for one in wrong]
        pays = pay.week_pays(self.claim.pay, worked, self.end)
        by_week = [self._week(week, week_pay) for week, week_pay in zip(worked, pays, strict=True)]
        self._take_weeks_off(worked, by_week)
        lines = [line for lines in by_week for line in lines]
        return Worksheet(
            self.end,
            self.on,
            tuple(lines),
            tuple(_runs(self.not_computed)),
            _months(worked, pays, by_week),
            self._assumptions(),
            tuple(sorted({fact for reading in self.readings.values() for fact in reading.open_facts})),
            sum(week.minutes for week in worked),
            len(worked),
            days=tuple(day for week in worked for day in week.days),
            daily_pay=_daily_pay(pays),
            rounding=self.rounding,
        )

    def _assumptions(self) -> tuple[Assumption, ...]:
        gaps = sorted({table for reading in self.readings.values() for table in reading.gaps})
        laws = self._laws_of(next(iter(self.claim.places.values()), Place("")))
        usual = (
            []
            if self.claim.week_starts is not None
            else [Assumption("week_starts", {"day": _week_starts(laws)})]
        )
        usual += [Assumption("payday", {"days": laws[-1].payday_after})] if laws else []
        usual += [Assumption("federal_coverage")] if any(not law.state for law in laws) else []
        return (
            *hours.assumptions(self.claim.hours),
            *pay.assumptions(self.claim.pay),
            *(Assumption("rate_not_known", {"table": table}) for table in gaps),
            *usual,
            Assumption("records"),
        )

    # --- laws -------------------------------------------------------------------------------------------

    def _laws_of(self, place: Place) -> list[Law]:
        """Federal law first, then the state's."""
        return [law for law in self.laws if not law.state] + [
            law for law in self.laws if law.state and law.state == place.state
        ]

    def _zone(self, place: Place) -> str:
        return next((law.zone for law in self._laws_of(place) if law.state and law.zone), "")

    def _reading(self, law: Law, place_key: str) -> Reading:
        key = (law.name, place_key)
        if key not in self.readings:
            place = self.claim.places[place_key]
            self.readings[key] = Reading(law, self.claim.facts, place, self.claim.employees, self.end)
        return self.readings[key]

    # --- one week ---------------------------------------------------------------------------------------

    def _week(self, week: WorkWeek, week_pay: WeekPay) -> list[Line]:
        """The week's lines by the better law in each group; lines out of time are kept only where no other is owed."""
        state, federal, lapses = self._owed(week, week_pay)
        self.not_computed += [replace(one, first=week.first, last=week.last) for one in lapses]
        payday = week.last + timedelta(days=self._payday_after(week))
        lines: list[Line] = []
        for group in GROUPS:
            ours = self._lines(state.get(group, ()), week, payday)
            theirs = self._lines(federal.get(group, ()), week, payday)
            lines += theirs if (_sum(theirs), _all(theirs)) > (_sum(ours), _all(ours)) else ours
        return lines

    def _lines(self, owed: Sequence[tuple[Law, Owed]], week: WorkWeek, payday: date) -> list[Line]:
        made = (self._line(law, one, week, payday) for law, one in owed)
        return [line for line in made if line is not None]

    def _payday_after(self, week: WorkWeek) -> int:
        laws = self._laws_of(self.claim.places[week.days[0].place])
        return next((law.payday_after for law in reversed(laws)), 7)

    def _owed(self, week: WorkWeek, week_pay: WeekPay) -> _Found:
        """What is owed by state and by federal law. Weeks that are alike are worked out once."""
        key = self._signature(week, week_pay)
        if key not in self.known:
            lapses: list[NotComputed] = []
            state = self._state_lines(week, week_pay, lapses)
            federal = [law for law in self.laws if not law.state]
            theirs = self._of_laws(federal, week, week_pay, week.days[0].place, lapses)
            self.known[key] = (_grouped(state), _grouped(theirs), tuple(lapses))
        return self.known[key]

    def _signature(self, week: WorkWeek, week_pay: WeekPay) -> Any:
        """All that a week's lines can depend on, its dates only as far as some law tells them apart."""
        days = tuple((day.day.weekday(), *day.alike) for day in week.days)
        eras = tuple(law.era(week.first) for law in self.laws)
        turns = eras != tuple(law.era(week.last) for law in self.laws)
        return (
            days,
            week_pay.parts,
            week_pay.received,
            tuple(week_pay.extras.items()),
            week_pay.others,
            eras,
            week.first if turns else None,
        )

    def _state_lines(
        self, week: WorkWeek, week_pay: WeekPay, lapses: list[NotComputed]
    ) -> list[tuple[Law, Owed]]:
        """Lines under the law of each state that the week was worked in; a state's law sees the days there alone."""
        found: list[tuple[Law, Owed]] = []
        by_state: dict[str, list[WorkDay]] = {}
        for day in week.days:
            by_state.setdefault(self.claim.places[day.place].state, []).append(day)
        for state, days in by_state.items():
            laws = [law for law in self.laws if law.state and law.state == state]
            if not laws:
                lapses.append(NotComputed(week.first, week.last, "no_pack", {"state": state}))
            part = week if len(days) == len(week.days) else WorkWeek.of(week.first, days)
            part_pay = week_pay if part is week else _part_of(week_pay, part, week)
            found += self._of_laws(laws, part, part_pay, days[0].place, lapses)
        return found

    def _of_laws(
        self, laws: Sequence[Law], week: WorkWeek, week_pay: WeekPay, place: str, lapses: list[NotComputed]
    ) -> list[tuple[Law, Owed]]:
        found: list[tuple[Law, Owed]] = []
        for law in laws:
            view = View(week, week_pay, self._reading(law, place), self.rounding, law.by_component)
            try:
                found += [(law, one) for one in week_lines(view)]
            except NotInForce as lapsed:
                values = {"law": law.name, "value": lapsed.parameter, "known_until": lapsed.last_confirmed}
                lapses.append(NotComputed(week.first, week.last, "not_in_force", values))
        return found

    def _line(self, law: Law, one: Owed, week: WorkWeek, payday: date) -> Line | None:
        amount = dollars(one.owed)
        if not amount:
            return None
        due = one.due
        late_on = self._too_late_on(law, due, week.days[0].place, payday)
        late = late_on is not None and late_on <= (self.claim.filed_on or self.on)
        return Line(
            law.name, due.component, due.group, week.first, week.last, due.quantity, due.unit, due.rate, due.amount,
            amount, payday, due.sources, due.steps, unverified(due.sources), late, late_on,
        )  # fmt: skip

    def _too_late_on(self, law: Law, due: Due, place: str, payday: date) -> date | None:
        """The first day on which a line is out of time in the chosen forum; None where the pack names no limit."""
        key = (law.name, due.component)
        if key not in self.limits:
            reading = self._reading(law, place)
            self.limits[key] = limit_for(law, reading, self.forum, due.group, due.component, self.on)
        limit = self.limits[key]
        if limit is None:
            return None
        day = self.last_days.get((id(limit), payday))
        if day is None:
            day = self.last_days[(id(limit), payday)] = limit.last_day(payday) + timedelta(days=1)
        return day

    # --- weeks off --------------------------------------------------------------------------------------

    def _take_weeks_off(self, worked: Sequence[WorkWeek], by_week: list[list[Line]]) -> None:
        """Empties weeks that were not worked, it is not known which: those that owe most in the careful reading,
        those that owe least in the full one."""
        for pattern in self.claim.hours.patterns:
            if not pattern.weeks_off:
                continue
            first, last = pattern.first(self.end), pattern.last(self.end, self.on)
            inside = [
                n for n, week in enumerate(worked) if first <= week.days[0].day and week.days[-1].day <= last
            ]
            inside.sort(key=lambda n: (_sum(by_week[n]), -n), reverse=self.end is LOW)
            for place in inside[: pattern.weeks_off]:
                by_week[place] = []


def _refused(wrong: HoursWrong) -> NotComputed:
    day = date.fromisoformat(str(wrong.values["day"]))
    values = {name: value for name, value in wrong.values.items() if name != "day"}
    return NotComputed(day, day, wrong.key, {**values, "entry": wrong.place} if "other" in values else values)


def _grouped(owed: Iterable[tuple[Law, Owed]]) -> dict[str, list[tuple[Law, Owed]]]:
    found: dict[str, list[tuple[Law, Owed]]] = {}
    for law, one in owed:
        found.setdefault(one.due.group, []).append((law, one))
    return found


def _part_of(week_pay: WeekPay, part: WorkWeek, whole: WorkWeek) -> WeekPay:
    """The pay of a part of a week worked in one state, by minutes."""
    share = Fraction(part.minutes, whole.minutes) if whole.minutes else Fraction(0)
    return WeekPay(
        tuple(
            replace(one, minutes=int(one.minutes * share), earned=one.earned * share, days=len(part.days))
            for one in week_pay.parts
        ),
        week_pay.received * share,
        {kind: amount * share for kind, amount in week_pay.extras.items()},
        tuple((other, amount * share) for other, amount in week_pay.others),
    )


def _week_starts(laws: Sequence[Law]) -> int:
    return laws[-1].week_starts if laws else 6


def _daily_pay(pays: Sequence[WeekPay]) -> Fraction:
    """A usual day's pay at the end of the work: what the last full weeks were agreed to earn, over their days."""
    for week_pay in reversed(pays[-4:]):
        days = sum(part.days for part in week_pay.parts)
        if days:
            return week_pay.earned / days
    return Fraction(0)


def limit_for(law: Law, reading: Reading, forum: str, group: str, component: str, on: date) -> Limit | None:
    """The time limit of a line: the first of the law's that names its group (or component) and applies.

    The careful reading takes the shorter where a condition is not yet known.
    """
    for limit in law.limits:
        if limit.forum != forum or (group not in limit.groups and component not in limit.components):
            continue
        if limit.when is None or reading.holds(limit.when, on):
            return limit
    return None


def _runs(found: Iterable[NotComputed]) -> Iterator[NotComputed]:
    """Weeks left out for the same reason, together."""
    held: dict[tuple[str, str], NotComputed] = {}
    for one in found:
        key = (one.reason, repr(sorted(one.values.items(), key=str)))
        before = held.get(key)
        if before is not None:
            one = replace(
                before,
                first=min(before.first, one.first),
                last=max(before.last, one.last),
                weeks=before.weeks + 1,
            )
        held[key] = one
    yield from held.values()


def _months(
    worked: Sequence[WorkWeek], pays: Sequence[WeekPay], by_week: Sequence[Sequence[Line]]
) -> tuple[Month, ...]:
    """Paid against owed by calendar month; a week counts for the month in which it began."""
    found: dict[date, tuple[Decimal, Decimal]] = {}
    for week, week_pay, lines in zip(worked, pays, by_week, strict=True):
        first = week.first.replace(day=1)
        paid, owed = found.get(first, (Decimal("0.00"), Decimal("0.00")))
        found[first] = (paid + dollars(week_pay.received), owed + _sum(lines))
    return tuple(Month(first, paid + owed, paid, owed) for first, (paid, owed) in sorted(found.items()))


# ── For people to read ────────────────────────────────────────────────────────────────────────────────────


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines of successive weeks that are alike in all but their dates, as one with a count of weeks.

    `amount` and `due` are then sums over its weeks; quantity and rate stand for each week.
    """
    held: dict[Any, int] = {}
    made: list[Line] = []
    for line in lines:
        key = (line.law, line.component, line.quantity, line.rate, line.amount, line.late, repr(line.steps))
        place = held.get(key)
        before = made[place] if place is not None else None
        if before is None or place is None or (line.first - before.last).days != 1:
            held[key] = len(made)
            made.append(line)
        else:
            made[place] = replace(
                before, last=line.last, amount=before.amount + line.amount, due=before.due + line.due,
                weeks=before.weeks + 1, payday=line.payday,
            )  # fmt: skip
    return tuple(made)


def by_component(lines: Iterable[Line]) -> dict[tuple[str, str], Decimal]:
    """Totals of the lines in time, by law and component."""
    found: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        if not line.late:
            key = (line.law, line.component)
            found[key] = found.get(key, Decimal("0.00")) + line.amount
    return found
