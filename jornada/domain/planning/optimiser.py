"""The best plan that was found for a scenario, how good it surely is, and what stands in its way.

Pure reckoning: the clock, the time limit, whether to go on and whom to tell all come from outside. Run it in a
process of its own (`gateways/solving.py`): it is busy for as long as it is allowed to be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from jornada.domain.planning import clashes, marginals
from jornada.domain.planning.begun import THOUSAND
from jornada.domain.planning.clashes import Mend
from jornada.domain.planning.figures import Draws, Figure, Floats
from jornada.domain.planning.marginals import Marginal
from jornada.domain.planning.matrix import Index
from jornada.domain.planning.program import Program
from jornada.domain.planning.quantities import Quantities
from jornada.domain.planning.scenario import Plan, Scenario, Target
from jornada.domain.planning.search import Clock, Effort, Search, Step
from jornada.domain.planning.simulation import Routing
from jornada.domain.planning.solver import Going

NOBODY = 0.5
"""Fewer people than this missing to a target are rounding."""


@dataclass(frozen=True)
class Progress:
    """What is known while the search runs: the best plan so far and how far off the best possible it may be.

    `left` is what the plan leaves (weighted years of waiting, and money at the scenario's price, in years; dollars
    under the aim `cost`); `least` is what every plan leaves at least; `gap` is `Step.gap`.
    """

    seconds: float
    left: float
    least: float
    gap: float
    plan: Plan


@dataclass(frozen=True)
class Optimised:
    """A plan with its proof. `filed` is as expected, (regions, classes, months); `short_of` are targets missed.

    `gap` is relative to what the plan brings over doing nothing (`nothing` is what that leaves), `gap_of_left` to what
    the plan leaves. `marginals` say what binds; `mends` what would let missed targets be met. `complete` says that the
    search was not stopped from outside.
    """

    scenario: Scenario
    plan: Plan
    routing: Routing | None
    filed: Floats
    money: float
    left: float
    least: float
    nothing: float
    gap: float
    steps: tuple[Step, ...]
    short_of: tuple[tuple[Target, float], ...] = ()
    marginals: tuple[Marginal, ...] = ()
    mends: tuple[Mend, ...] = ()
    complete: bool = True

    @property
    def gap_of_left(self) -> float:
        return (self.left - self.least) / max(abs(self.left), 1e-9)


def optimise(
    scenario: Scenario,
    *,
    clock: Clock,
    seconds: float = 60.0,
    gap: float = 0.01,
    targets: tuple[Target, ...] | None = None,
    start: Plan | None = None,
    caution: float = 0.5,
    going: Going = lambda: True,
    told: Callable[[Progress], None] | None = None,
    explain: bool = True,
) -> Optimised:
    """The best plan found in so many seconds, or as soon as its gap is proved to be at most `gap`.

    `start` is a plan to begin from, for instance the one before an edit. `targets` take the place of the scenario's.
    `caution` above 0.5 plans with numbers on their bad side, at that quantile. Without `explain` no marginal values
    and mends are worked out.
    """
    planned = scenario if caution == 0.5 else cautious(scenario, caution)
    program = Program(Quantities(planned, Draws(planned.figures)), targets)
    heard = _telling(program, told)
    effort = Effort(clock, seconds, gap, going, heard)
    search = Search(program, effort, None if start is None else program.point_of(start))
    best = search.run()
    missed = tuple(
        (target, float(people))
        for target, people in zip(program.targets, best.point[program.missing], strict=True)
        if people > NOBODY
    )
    step = best.step(clock() - search.began)
    worked_out = explain and going()
    return Optimised(
        scenario=scenario,
        plan=program.plan(best.point),
        routing=program.routing(best.point),
        filed=filed(program, best.point),
        money=float(program.spent() @ best.point) * THOUSAND,
        left=_left(program, step.worth),
        least=_left(program, step.bound),
        nothing=_left(program, step.nothing),
        gap=step.gap,
        steps=tuple(best.steps),
        short_of=missed,
        marginals=marginals.of(program, search.prices, best.point) if worked_out and not missed else (),
        mends=clashes.mends(program, missed) if worked_out and missed else (),
        complete=going(),
    )


def least_cost(scenario: Scenario, service: tuple[Target, ...]) -> Scenario:
    """The same scenario with the aim to serve no fewer people by these months, as cheaply as may be."""
    return replace(scenario, aims=replace(scenario.aims, first="cost", targets=service))


def service_of(filed_by_month: Floats, asked_by_month: Floats, months: tuple[int, ...]) -> tuple[Target, ...]:
    """The targets that somebody else's plan meets, to be equalled: shares of those who asked up to each month."""
    served, asked = np.cumsum(filed_by_month), np.cumsum(asked_by_month)
    return tuple(Target(min(1.0, float(served[month] / asked[month])), month) for month in months)


def cautious(scenario: Scenario, caution: float) -> Scenario:
    """The scenario with every uncertain number at that quantile on its bad side."""
    changed: dict[str, Figure] = {}
    for path, figure in scenario.figures.items():
        if figure.uncertain:
            chance = caution if worse_when_more(figure) else 1 - caution
            changed[path] = replace(figure, mid=figure.at(chance))
    return scenario.with_figures(changed)


LESS_IS_WORSE = ("cases", "places", "FTE", "seats", "hours per month", "hours per FTE")
MORE_IS_BETTER = ("yield.", "demand.files_alone", "fees.waived", "work.supervised_")
WORSE = ("yield.rejected", "yield.further_evidence")


def worse_when_more(figure: Figure) -> bool:
    """Whether more of a number makes serving people harder, by what it is counted in and called."""
    if figure.path.startswith(WORSE) or figure.path.endswith(("supervision", "takes.supervision")):
        return True
    if figure.path.startswith(MORE_IS_BETTER) or figure.path.endswith((".success", ".frees", ".pays_fees")):
        return False
    return not figure.unit.startswith(LESS_IS_WORSE)


def filed(program: Program, point: Floats) -> Floats:
    """People filed for as a point means it, (regions, classes, months)."""
    found = np.zeros(program.asked.shape)
    for one, cases in zip(program.quantities.helps, program.cases, strict=True):
        found += at(point, cases) * float(one.filed[0])
    return found


def at(point: Floats, columns: Index) -> Floats:
    """The point's values at columns, 0 where there is none."""
    return np.where(columns >= 0, point[np.maximum(columns, 0)], 0.0)


def _left(program: Program, worth: float) -> float:
    left = program.asked_for - worth
    return left * THOUSAND if program.scenario.aims.first == "cost" else left


def _telling(program: Program, told: Callable[[Progress], None] | None) -> Callable[[Step, Floats], None]:
    def heard(step: Step, point: Floats) -> None:
        if told is not None and np.isfinite(step.worth):
            left, least = _left(program, step.worth), _left(program, step.bound)
            told(Progress(step.seconds, left, least, step.gap, program.plan(point)))

    return heard
