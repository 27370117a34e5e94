"""What is wrong with a scenario as a whole: calendars that end too soon, starts out of season, unmet needs.

Shapes and units are `scenarioreading`'s; here the parts are held against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jornada.domain.located import Path
from jornada.domain.planning import windows
from jornada.domain.planning.catalogue import Strategy
from jornada.domain.planning.scenario import COALITION, Region, Scenario, Start

STAFF = ("attorney_time", "accredited_time")


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit, where it stands in the file, and the mend."""

    path: Path
    problem: str
    mend: str


@dataclass(frozen=True)
class Unmet:
    """A strategy that can never begin in a place, and the resource that it lacks there."""

    strategy: str
    place: str
    resource: str
    given_by: tuple[str, ...]


def faults(scenario: Scenario, begun: Sequence[tuple[Path, Start]]) -> Iterator[Fault]:
    """Everything that does not fit; `begun` are the starts of plans made by hand, with their place in the file."""
    ended = list(_calendars(scenario))
    yield from ended
    for name, month in scenario.shocks.items():
        if month >= scenario.months:
            yield Fault(
                ("shocks", name),
                f"the shock {name} comes in month {month + 1}, after the plan",
                f"Write a month from 1 to {scenario.months}",
            )
    if ended:
        return
    unmet = {(one.strategy, one.place): one for one in unreachable(scenario)}
    for path, start in begun:
        yield from _start(scenario, path, start)
        if (start.strategy, start.place) in unmet:
            yield _never(scenario, path, unmet[start.strategy, start.place])


def _calendars(scenario: Scenario) -> Iterator[Fault]:
    """Calendars that are not kept to the plan's end, each once."""
    told: set[str] = set()
    for strategy in scenario.strategies:
        try:
            windows.start_months(strategy, scenario)
        except windows.CalendarEnds as ends:
            if ends.name not in told:
                told.add(ends.name)
                yield Fault(
                    ("months",),
                    f"the calendar {ends.name} is kept until {ends.holds_until}, before the plan ends on {ends.day}",
                    f"Shorten the plan, name {strategy.id} under not_used, or look the dates up "
                    "and move holds_until in calendars.yaml",
                )


def _start(scenario: Scenario, path: Path, start: Start) -> Iterator[Fault]:
    strategy = scenario.catalogue.strategies[start.strategy]
    if strategy not in scenario.strategies:
        yield Fault(
            path, f"{start.strategy} is planned and stands under not_used", "Take it out of one of them"
        )
        return
    if start.agreed:
        return
    possible = windows.start_months(strategy, scenario)
    if start.month not in possible:
        yield Fault(
            path,
            f"{start.strategy} cannot begin in month {start.month + 1}",
            _other_months(scenario, strategy, possible),
        )


def _other_months(scenario: Scenario, strategy: Strategy, possible: Sequence[int]) -> str:
    if not possible:
        return "It can no longer begin within this plan; take it out"
    shown = ", ".join(str(month + 1) for month in possible[:8])
    more = " …" if len(possible) > 8 else ""
    prepare = windows.lead(strategy.prepare, scenario.figures)
    why = f" ({prepare:g} months to prepare)" if prepare else ""
    return f"It can in months {shown}{more}{why}; what was agreed before the plan is marked agreed: true"


def _never(scenario: Scenario, path: Path, unmet: Unmet) -> Fault:
    others = f", or begin {' or '.join(unmet.given_by)}" if unmet.given_by else ""
    return Fault(
        path,
        f"{unmet.strategy} needs {unmet.resource}, and {unmet.place} can never have it",
        f"Give {unmet.place} some under has:{others}, or take the strategy out",
    )


def unreachable(scenario: Scenario) -> Iterator[Unmet]:
    """Strategies that can never begin in some place for want of something that nothing there gives."""
    worked = {help_.draws_on for help_ in scenario.catalogue.help.values()}
    for strategy in scenario.strategies:
        if strategy.where == COALITION:
            continue
        for region in scenario.regions:
            for resource in _wanted(strategy, worked):
                if not _there(scenario, region, resource) and not _giver(scenario, resource, strategy):
                    yield Unmet(strategy.id, region.id, resource, _givers(scenario, resource))
            for resource, least in strategy.staff_at_least.items():
                if _amount(scenario, region, resource) < least:
                    yield Unmet(strategy.id, region.id, f"{least:g} FTE of {resource}", ())


def _wanted(strategy: Strategy, worked: set[str]) -> set[str]:
    taken = {resource for phase in strategy.phases for resource in phase.takes} | set(strategy.needs)
    return taken - worked


def _there(scenario: Scenario, region: Region, resource: str) -> bool:
    grown = scenario.catalogue.resources[resource].grown_from
    return _amount(scenario, region, resource) > 0 or any(
        _amount(scenario, region, other) > 0 for other in grown
    )


def _amount(scenario: Scenario, region: Region, resource: str) -> float:
    """What is there of a resource, staff that a rule keeps from everybody left out."""
    members = [member for member in region.members if not _closed(scenario, member.rules)]
    held = [region.has, *(member.has for member in members)]
    return sum(scenario.figures[one[resource]].mid for one in held if resource in one)


def _closed(scenario: Scenario, rules: Sequence[str]) -> bool:
    return any("everyone" in scenario.catalogue.rules[rule].closes for rule in rules)


def _givers(scenario: Scenario, resource: str) -> tuple[str, ...]:
    return tuple(
        one.id
        for one in scenario.catalogue.strategies.values()
        if any(resource in phase.gives for phase in one.phases)
    )


def _giver(scenario: Scenario, resource: str, wanting: Strategy) -> bool:
    """Whether some other strategy that may begin can give it before the plan ends, even if only with luck."""
    return any(
        _first_gift(scenario, one, resource) < scenario.months
        for one in scenario.strategies
        if one.id in _givers(scenario, resource) and one.id != wanting.id
    )


def _first_gift(scenario: Scenario, strategy: Strategy, resource: str) -> float:
    """The first month in which a strategy can give something: its first start and the low lead time of that phase."""
    months = windows.start_months(strategy, scenario)
    after = [phase.after for phase in strategy.phases if resource in phase.gives]
    leads = [scenario.figures[one.number].low if one else 0.0 for one in after]
    return min(months, default=scenario.months) + min(leads, default=0.0)
