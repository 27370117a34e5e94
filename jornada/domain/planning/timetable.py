"""A plan as dates: what must be decided by when, when it is expected to serve, until when, at what cost.

Also what is asked for from the other end: "two fellows by September 2028" becomes how many applications, due when.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from jornada.domain.planning import windows
from jornada.domain.planning.catalogue import Catalogue, Strategy
from jornada.domain.planning.scenario import Plan, Scenario, Start

FOR_GOOD = 120
"""Months after which something without an end is no longer drawn."""


@dataclass(frozen=True)
class Entry:
    """One start of a plan in dates. `likely` and `late` are the middle and the high first day of service where it is
    not fixed; `units` are begun, of which `expected` are likely to come to serve."""

    strategy: str
    place: str
    units: int
    expected: float
    decide_by: date
    first_service: date
    late: date
    until: date
    cost_to_start: float
    cost_a_month: float


def entries(plan: Plan, scenario: Scenario) -> tuple[Entry, ...]:
    """The plan's starts in the order in which they must be decided."""
    found = [_entry(start, scenario) for start in plan.starts]
    return tuple(sorted(found, key=lambda one: (one.decide_by, one.first_service, one.strategy, one.place)))


def _entry(start: Start, scenario: Scenario) -> Entry:
    strategy = scenario.catalogue.strategies[start.strategy]
    figures = scenario.figures
    first, late = start.month, start.month
    if not strategy.dated and strategy.phases[0].after:
        after = figures[strategy.phases[0].after.number]
        first, late = start.month + _whole(after.mid), start.month + _whole(after.high)
    service = scenario.first_of(first)
    if strategy.programme:
        service = date(service.year, *scenario.catalogue.programmes[strategy.programme].starts)
    ends = min(first + (strategy.lasts or FOR_GOOD), scenario.months)
    success = figures[strategy.success].mid if strategy.success else 1.0
    monthly = strategy.cost_monthly
    return Entry(
        start.strategy,
        start.place,
        start.units,
        start.units * success,
        _decide_by(strategy, start, service, scenario),
        service,
        scenario.first_of(late),
        scenario.first_of(max(ends, first + 1)),
        (figures[strategy.cost_start].mid if strategy.cost_start else 0.0) * start.units,
        (figures[monthly.number].mid * monthly.times if monthly else 0.0) * start.units,
    )


def _decide_by(strategy: Strategy, start: Start, service: date, scenario: Scenario) -> date:
    if not strategy.dated:
        return scenario.first_of(start.month)
    prepare = windows.lead(strategy.prepare, scenario.figures)
    if strategy.programme:
        programme = scenario.catalogue.programmes[strategy.programme]
        return windows.cycle(programme, service.year - programme.years_later, prepare).decide_by
    return windows.days_before(service, prepare)


def _whole(months: float) -> int:
    return math.floor(months + 0.5)


@dataclass(frozen=True)
class Wanted:
    """How to have so many of something by a day: units to begin, the last day to decide, and the steps there."""

    strategy: str
    wanted: int
    units: int
    chance: float
    decide_by: date
    first_service: date
    steps: tuple[windows.Milestone, ...]


def to_have(strategy: Strategy, wanted: int, by: date, catalogue: Catalogue, sure: float = 0.5) -> Wanted:
    """What it takes to have `wanted` units in service by a day: with chance `sure` that so many succeed.

    For a programme the last round that starts by that day is taken; CalendarEnds if the pattern is not kept so far.
    """
    chance = catalogue.figures[strategy.success].mid if strategy.success else 1.0
    units = _needed(wanted, chance, sure)
    service = _last_start(strategy, by, catalogue)
    steps = windows.milestones(strategy, service, catalogue)
    decided = windows.decide_by(strategy, service, catalogue)
    return Wanted(strategy.id, wanted, units, at_least(wanted, units, chance), decided, service, steps)


def _last_start(strategy: Strategy, by: date, catalogue: Catalogue) -> date:
    if strategy.programme:
        programme = catalogue.programmes[strategy.programme]
        for year in (by.year - programme.years_later, by.year - programme.years_later - 1):
            found = windows.cycle(programme, year)
            if found.starts <= by or (found.starts.year, found.starts.month) == (by.year, by.month):
                return found.starts
    if strategy.season and strategy.dated:
        begins = catalogue.seasons[strategy.season].begins
        return next(day for day in _months_back(by) if day.month in begins)
    return by


def _months_back(day: date) -> Iterable[date]:
    month = day.replace(day=1)
    for _ in range(24):
        yield month
        month = month.replace(month=month.month - 1) if month.month > 1 else date(month.year - 1, 12, 1)


def _needed(wanted: int, chance: float, sure: float) -> int:
    units = wanted
    while at_least(wanted, units, chance) < sure and units < 200:
        units += 1
    return units


def at_least(wanted: int, units: int, chance: float) -> float:
    """The chance that at least so many of the units succeed, each by itself."""
    fewer = (math.comb(units, k) * chance**k * (1 - chance) ** (units - k) for k in range(wanted))
    return 1 - sum(fewer)
