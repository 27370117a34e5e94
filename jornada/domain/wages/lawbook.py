"""One jurisdiction's wage law as dated data: rate tables, components, damages, time limits; on a day, for a job.

Every cell of a table and every rule has its source and how sure it is. Past the last day somebody confirmed a
table, or where an amount is still awaited, asking for it raises `NotInForce`; nothing is carried forward.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from jornada.domain.calendars import shift
from jornada.domain.conditions import Condition, NotInForce, Scope
from jornada.domain.facts import Answers, Source
from jornada.domain.wages import Fraction
from jornada.domain.wages.hours import LOW, End

GROUPS = ("straight", "overtime", "extras", "sums")
"""What lines are compared by where two laws apply: straight time, the premium for overtime, extra hours, other sums."""
FORUMS = ("agency", "court")
UNVERIFIED = frozenset("CMUIR")
"""Certainties that no dollar figure may rest on without a visible mark (notes on wages, section 0)."""


def unverified(sources: Sequence[Source]) -> bool:
    """Whether nothing that was read stands behind a rule: no source at all, or general knowledge alone."""
    return not sources or any(set(one.certainty.split("/")) & UNVERIFIED for one in sources)


@dataclass(frozen=True, slots=True)
class Place:
    """Where work was done. An empty county or city is not known; `region` is said where neither needs to be."""

    state: str
    county: str = ""
    city: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """An amount in force on a day, and whence."""

    amount: Fraction
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """The amounts of a table from a day on, one for each column; None where the figure is awaited."""

    start: date
    rates: Mapping[str, Rate | None]


@dataclass(frozen=True, slots=True)
class RateTable:
    """Amounts by day and column, such as New York's minimum wage by region and size of the employer."""

    name: str
    unit: str
    columns: tuple[str, ...]
    steps: tuple[Step, ...]
    confirmed_until: date
    describe: str = ""
    starts: tuple[date, ...] = ()

    def on(self, day: date, column: str) -> Rate:
        """The amount in force that day; NotInForce before the table, past what is confirmed and where it is awaited."""
        place = bisect_right(self.starts, day) - 1
        if place < 0:
            raise NotInForce(self.name, day, None, self.starts[0] if self.starts else None)
        found = self.steps[place].rates.get(column)
        if day > self.confirmed_until or found is None:
            until = (
                min(self.confirmed_until, self.starts[place] - timedelta(days=1)) if found is None else None
            )
            raise NotInForce(self.name, day, until or self.confirmed_until)
        return found

    def columns_for(self, region: Sequence[str], size: Sequence[str]) -> tuple[str, ...]:
        """The columns that such a job may fall under; several where its region or size is not known."""
        found = []
        for column in self.columns:
            where, _, big = column.partition(".")
            if (where in region or where == "all") and (not big or big in size):
                found.append(column)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the jurisdiction with rates of its own; without counties and cities it is the rest."""

    name: str
    counties: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()

    @property
    def rest(self) -> bool:
        return not self.counties and not self.cities


@dataclass(frozen=True, slots=True)
class Size:
    """A band of employers by number of employees."""

    name: str
    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One component as this law has it: its options, when it applies, from when to when, its sources.

    `possible` marks what a court may add and nobody should count on.
    """

    component: str
    options: Any
    when: Condition | None = None
    start: date | None = None
    end: date | None = None
    sources: tuple[Source, ...] = ()
    possible: bool = False
    forum: str = ""
    key: str = ""

    def in_force(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Toll:
    """A time in which no limitation ran: from its first day until its last, which counts no more (the notes count
    228 days from 2020-03-20 to 2020-11-03)."""

    first: date
    last: date
    sources: tuple[Source, ...] = ()

    @property
    def days(self) -> int:
        return (self.last - self.first).days


@dataclass(frozen=True, slots=True)
class Limit:
    """How long after its payday money can still be claimed, at the agency or in court."""

    forum: str
    groups: tuple[str, ...]
    years: int
    when: Condition | None = None
    tolls: tuple[Toll, ...] = ()
    sources: tuple[Source, ...] = ()
    components: tuple[str, ...] = ()

    def last_day(self, payday: date) -> date:
        """The last day on which a claim for that payday is in time.

        Every day of a toll that lies in the time adds a day (notes, S-07: accrued 2020-03-19, six years, 228 days
        of toll: until 2026-11-01).
        """
        end = shift(f"{self.years} years -1 day").after(payday)
        for toll in sorted(self.tolls, key=lambda one: one.first):
            if toll.last < payday or toll.first > end:
                continue
            end += toll.last - max(toll.first, payday)
        return end


@dataclass(frozen=True)
class Law:
    """Everything one jurisdiction says about pay, as far as its pack has it.

    `beside` names the components of extra hours and other sums, which stand apart from pay for hours.
    """

    name: str
    title: Mapping[str, str]
    state: str
    zone: str
    week_starts: int
    payday_after: int
    regions: tuple[Region, ...]
    sizes: tuple[Size, ...]
    tables: Mapping[str, RateTable]
    rules: tuple[Rule, ...]
    damages: tuple[Rule, ...]
    limits: tuple[Limit, ...]
    beside: tuple[str, ...] = ()
    fingerprint: str = ""

    @cached_property
    def by_component(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules of each component, in the pack's order."""
        found: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            found[rule.component] = (*found.get(rule.component, ()), rule)
        return found

    @cached_property
    def _turns(self) -> list[date]:
        """Every day on which something in this law changes or ceases to be confirmed."""
        turns = {day for table in self.tables.values() for day in table.starts}
        turns |= {table.confirmed_until + timedelta(days=1) for table in self.tables.values()}
        for rule in self.rules:
            turns |= {rule.start} if rule.start else set()
            turns |= {rule.end + timedelta(days=1)} if rule.end else set()
        return sorted(turns)

    def era(self, day: date) -> int:
        """A number that is the same for days between which nothing in this law changes."""
        return bisect_right(self._turns, day)

    @cached_property
    def facts(self) -> frozenset[str]:
        """Every fact that some rule of this law turns on."""
        conditions = [rule.when for rule in (*self.rules, *self.damages) if rule.when]
        conditions += [limit.when for limit in self.limits if limit.when]
        return frozenset(fact for condition in conditions for fact in condition.facts)

    def regions_of(self, place: Place) -> tuple[str, ...]:
        """The regions a place may lie in: one, or all of them where neither county nor city is known."""
        if place.region:
            return (place.region,)
        county, city = _plain(place.county), _plain(place.city)
        for region in self.regions:
            if (city and city in region.cities) or (county and county in region.counties):
                return (region.name,)
        if not self.regions:
            return ("all",)
        if not county and not city:
            return tuple(region.name for region in self.regions)
        rest = [region.name for region in self.regions if region.rest]
        cities_open = [region.name for region in self.regions if region.cities and not city and not county]
        return tuple(rest + cities_open)

    def sizes_of(self, employees: tuple[int | None, int | None]) -> tuple[str, ...]:
        """The bands that an employer of between so many and so many people may fall in; None: not known."""
        least, most = employees
        found = [
            size.name
            for size in self.sizes
            if (most is None or most >= size.at_least)
            and (size.at_most is None or least is None or least <= size.at_most)
        ]
        return tuple(found)


def _plain(name: str) -> str:
    return name.strip().casefold().removesuffix(" county")


@dataclass
class Reading:
    """A law read for one job at one end of what is known: columns chosen, conditions weighed, rates looked up once.

    A condition that is not yet known leaves a rule out of the careful reading and in the full one;
    `open_facts` notes on which facts the difference hangs, `gaps` the tables that had nothing for some day
    and could be done without.
    """

    law: Law
    facts: Answers | Mapping[str, Any]
    place: Place
    employees: tuple[int | None, int | None]
    end: End
    open_facts: set[str] = field(default_factory=set)
    gaps: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._region = self.law.regions_of(self.place)
        self._size = self.law.sizes_of(self.employees)
        self._columns: dict[str, tuple[str, ...]] = {}
        self._rates: dict[tuple[str, date], Rate] = {}
        self._weighed: dict[tuple[int, bool], bool] = {}
        self._applying: dict[tuple[int, int, bool], tuple[Rule, ...]] = {}

    def rate(self, table: str, day: date) -> Rate:
        """The table's amount for this job; among columns that may apply the lowest (careful) or highest (full)."""
        key = (table, day)
        found = self._rates.get(key)
        if found is None:
            rates = [self.law.tables[table].on(day, column) for column in self.columns(table)]
            found = (min if self.end is LOW else max)(rates, key=lambda rate: rate.amount)
            if len({rate.amount for rate in rates}) > 1:
                self.open_facts |= ({"work_county"} if len(self._region) > 1 else set()) | (
                    {"employees"} if len(self._size) > 1 else set()
                )
            self._rates[key] = found
        return found

    def columns(self, table: str) -> tuple[str, ...]:
        if table not in self._columns:
            self._columns[table] = self.law.tables[table].columns_for(self._region, self._size)
        return self._columns[table]

    def has(self, table: str) -> bool:
        """Whether the table has anything for this job."""
        return bool(self.columns(table))

    def applies(self, rule: Rule, day: date, *, lessens: bool = False) -> bool:
        """Whether a rule applies to this job on that day. `lessens`: it makes less owed, as a tip credit does."""
        if not rule.in_force(day):
            return False
        return rule.when is None or self.holds(rule.when, day, lessens=lessens)

    def applying(self, rules: Sequence[Rule], day: date, *, lessens: bool = False) -> tuple[Rule, ...]:
        """Those of the law's rules that apply on that day; looked at once for each time between two changes."""
        key = (id(rules), self.law.era(day), lessens)
        found = self._applying.get(key)
        if found is None:
            found = tuple([rule for rule in rules if self.applies(rule, day, lessens=lessens)])
            self._applying[key] = found
        return found

    def holds(self, condition: Condition, day: date, *, lessens: bool = False) -> bool:
        """Whether a condition holds. Not yet known counts as whatever makes less owed in the careful reading,
        and as whatever makes more owed in the full one."""
        key = (id(condition), lessens)
        known = self._weighed.get(key)
        if known is None:
            truth, turning = condition.weigh(Scope(self.facts, day))
            if truth is None:
                self.open_facts.update(turning)
            known = self._weighed[key] = truth is True or (truth is None and (self.end is LOW) == lessens)
        return known
