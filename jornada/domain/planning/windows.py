"""When a strategy can begin: programme cycles, seasons, and the steps towards a first day of service, dated backwards.

All dates are patterns of earlier years (`calendars.yaml`); past the day to which a pattern is kept, asking
raises `CalendarEnds`. Nothing is guessed further.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from jornada.domain.planning.catalogue import Catalogue, Programme, Season, Strategy
from jornada.domain.planning.figures import Figure
from jornada.domain.planning.scenario import Scenario

DAYS_PER_MONTH = 365.25 / 12


class CalendarEnds(ValueError):
    """A day was asked for that lies past the last one a calendar is kept to."""

    def __init__(self, name: str, day: date, holds_until: date) -> None:
        super().__init__(
            f"The calendar {name} is kept until {holds_until}; {day} lies past it. "
            f"Look the dates up, then move holds_until in calendars.yaml."
        )
        self.name, self.day, self.holds_until = name, day, holds_until


@dataclass(frozen=True, slots=True)
class Cycle:
    """One round of a programme: decide by, open from, due, first day of service."""

    programme: str
    decide_by: date
    opens: date
    due: date
    starts: date


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step with the days between which it should run."""

    name: str
    begins: date
    ends: date
    overlaps: bool = False


def cycle(programme: Programme, year: int, prepare: float = 0.0) -> Cycle:
    """The round whose application is due in that year; CalendarEnds if the pattern is not kept so far."""
    due = date(year, *programme.due)
    opens = date(year, *programme.opens)
    starts = date(year + programme.years_later, *programme.starts)
    if starts > programme.holds_until:
        raise CalendarEnds(programme.id, starts, programme.holds_until)
    return Cycle(programme.id, days_before(due, prepare), opens, due, starts)


def next_start(programme: Programme, decided: date, prepare: float) -> Cycle:
    """The first round that a decision of that day still reaches, with so many months to prepare (notes, 2.4).

    With nothing to prepare a decision on the due day itself is in time.
    """
    year = decided.year
    while (found := cycle(programme, year, prepare)).decide_by < decided:
        year += 1
    return found


def days_before(day: date, months: float) -> date:
    """The day so many months earlier; parts of a month in days."""
    return day - timedelta(days=round(months * DAYS_PER_MONTH))


def start_months(strategy: Strategy, scenario: Scenario) -> tuple[int, ...]:
    """The months of the plan in which units may be begun, decided within the plan and serving within it.

    For a dated strategy these are first months of service (see `Strategy.dated`). CalendarEnds if its
    calendar is not kept to the plan's end.
    """
    prepare = lead(strategy.prepare, scenario.figures)
    if strategy.programme:
        rounds = _rounds(scenario.catalogue.programmes[strategy.programme], scenario, prepare)
        return tuple(scenario.month_of(found.starts) for found in rounds)
    months = range(math.ceil(prepare) if strategy.dated else 0, scenario.months)
    if not strategy.season:
        return tuple(months)
    season = scenario.catalogue.seasons[strategy.season]
    _kept_to_the_end(season, scenario)
    return tuple(month for month in months if scenario.first_of(month).month in season.begins)


def _rounds(programme: Programme, scenario: Scenario, prepare: float) -> Iterator[Cycle]:
    last = scenario.first_of(scenario.months) - timedelta(days=1)
    if last > programme.holds_until:
        raise CalendarEnds(programme.id, last, programme.holds_until)
    found = next_start(programme, scenario.start, prepare)
    while found.starts <= last:
        yield found
        if found.due.year + 1 + programme.years_later > programme.holds_until.year:
            return
        found = cycle(programme, found.due.year + 1, prepare)


def _kept_to_the_end(season: Season, scenario: Scenario) -> None:
    last = scenario.first_of(scenario.months) - timedelta(days=1)
    if last > season.holds_until:
        raise CalendarEnds(season.id, last, season.holds_until)


def lead(path: str, figures: Mapping[str, Figure]) -> float:
    """The middle of a lead time in months; 0 where there is none."""
    return figures[path].mid if path else 0.0


def decided_in(strategy: Strategy, month: int, scenario: Scenario) -> int:
    """The month in which units that begin in `month` must be decided."""
    if not strategy.dated:
        return month
    prepare = lead(strategy.prepare, scenario.figures)
    if strategy.programme:
        programme = scenario.catalogue.programmes[strategy.programme]
        year = scenario.first_of(month).year - programme.years_later
        return scenario.month_of(cycle(programme, year, prepare).decide_by)
    return month - math.ceil(prepare)


def milestones(
    strategy: Strategy, first_service: date, catalogue: Catalogue, cautious: bool = False
) -> tuple[Milestone, ...]:
    """The steps to a first day of service, counted backwards; the first one begins on the day of decision.

    Steps are as long as their middle, or with `cautious` their high number. A step may run beside those before it,
    or begin together with the next. A programme's own days (opens, due) stand among the steps.
    """
    if strategy.programme:
        return tuple(_towards_a_programme(strategy, first_service, catalogue, cautious))
    steps: list[Milestone] = []
    end = first_service
    for stage in reversed(strategy.stages):
        figure = catalogue.figures[stage.months]
        length = figure.high if cautious else figure.mid
        begins = end if stage.beside == "next" else days_before(end, length)
        ends = begins + timedelta(days=round(length * DAYS_PER_MONTH)) if stage.beside == "next" else end
        steps.append(Milestone(stage.name, begins, ends, bool(stage.beside)))
        if not stage.beside:
            end = begins
    return tuple(sorted(steps, key=lambda step: (step.begins, step.ends)))


def _towards_a_programme(
    strategy: Strategy, first_service: date, catalogue: Catalogue, cautious: bool
) -> Iterator[Milestone]:
    programme = catalogue.programmes[strategy.programme]
    figures = [catalogue.figures[stage.months] for stage in strategy.stages]
    prepare = figures[0].high if cautious else figures[0].mid
    found = cycle(programme, first_service.year - programme.years_later, prepare)
    yield Milestone(strategy.stages[0].name, found.decide_by, found.due)
    yield Milestone("application_open", found.opens, found.due)
    begins = found.due
    for stage, figure in zip(strategy.stages[1:], figures[1:], strict=True):
        ends = begins + timedelta(days=round((figure.high if cautious else figure.mid) * DAYS_PER_MONTH))
        yield Milestone(stage.name, begins, min(ends, found.starts))
        begins = ends
    yield Milestone("first_day", found.starts, found.starts)


def decide_by(strategy: Strategy, first_service: date, catalogue: Catalogue, cautious: bool = False) -> date:
    """The last day of decision for a first day of service; with `cautious`, for the high lead times."""
    steps = milestones(strategy, first_service, catalogue, cautious)
    return min((step.begins for step in steps if step.name != "application_open"), default=first_service)
