"""One run of the planner from begin to end: search, live every plan through, compare, find what the best one hangs on.

Whoever asks hears of each step and may end it; what was found until then is kept and judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from jornada.domain.planning import judging, optimiser, simulation
from jornada.domain.planning.judging import Bar, Compared, Judged
from jornada.domain.planning.optimiser import Optimised, Progress
from jornada.domain.planning.scenario import Plan, Scenario
from jornada.domain.planning.simulation import Routing, Run
from jornada.gateways import solving

DO_NOTHING, OPTIMISED = "do_nothing", "optimised"
FOR_TORNADO = 200
LOOKED_AT = (5, 11, 17, 23)
"""Months after which two plans are compared, besides the last: half-years, counted from 0."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a run. `caution` above a half plans with numbers on their bad side, at that quantile."""

    seconds: float = 60.0
    gap: float = 0.01
    caution: float = 0.5
    replications: int = 1000
    seed: int = 1
    tornado: bool = True
    shocks: Mapping[str, int] = field(default_factory=dict)
    search: bool = True
    cautions: tuple[float, ...] = ()
    """Further cautions, each with a search of its own and a plan named after it."""
    equal_to: str = ""
    """Search the cheapest plan that serves as many as this one of the scenario."""
    plans: tuple[str, ...] | None = None
    """The plans to live through beside doing nothing and those found; None for all of the scenario."""
    compare: tuple[tuple[str, str], ...] | None = None
    """Pairs to compare under the same luck; None for the best plan with each other one."""


@dataclass(frozen=True)
class Watch:
    """Who hears: of the step and the share of it that is done, in all and plan by plan; of each better plan.

    `going`: whether to go on.
    """

    step: Callable[[str, float], None] = lambda name, done: None
    better: Callable[[Progress], None] = lambda progress: None
    going: Callable[[], bool] = lambda: True
    plan: Callable[[str, str, float], None] = lambda name, plan, done: None


@dataclass
class Found:
    """What a run reached, as far as it came."""

    scenario: Scenario
    optimised: Optimised | None = None
    judged: dict[str, Judged] = field(default_factory=dict)
    compared: tuple[Compared, ...] = ()
    bars: tuple[Bar, ...] = ()


def work(scenario: Scenario, asked: Asked, watch: Watch, start: Plan | None = None) -> Found:
    """Everything about the scenario's plans, the best one among them. `start` is a plan to begin the search from.

    A search that is ended still has its plan judged; ended a second time, the rest is left out.
    """
    scenario = replace(scenario, shocks={**scenario.shocks, **asked.shocks})
    found = Found(scenario)
    plans = {DO_NOTHING: Plan(DO_NOTHING), **scenario.plans}
    searched = dict(_searched(scenario, asked, watch, start)) if asked.search else {}
    found.optimised = next(iter(searched.values()), None)
    plans |= {name: replace(one.plan, name=name) for name, one in searched.items()}
    routings = {name: one.routing for name, one in searched.items()}
    named = [*plans] if asked.plans is None else [DO_NOTHING, *asked.plans, *searched]
    lived = {name: plans[name] for name in named if name in plans}
    runs = dict(_lived(found, lived, routings, asked, watch))
    if not runs:
        return found
    best = OPTIMISED if OPTIMISED in runs else list(runs)[-1]
    pairs = [(name, best) for name in runs if name != best] if asked.compare is None else asked.compare
    found.compared = tuple(
        judging.compared(runs[first], runs[second], months_looked_at(scenario))
        for first, second in pairs
        if first in runs and second in runs
    )
    watch.step("tornado", 0.0)
    if asked.tornado and watch.going():
        found.bars = _hangs_on(scenario, plans[best], routings.get(best), asked, watch)
    return found


def _searched(
    scenario: Scenario, asked: Asked, watch: Watch, start: Plan | None
) -> Iterator[tuple[str, Optimised]]:
    """The best plan, or with several cautions one for each: `optimised`, then `optimised_65` and the like."""
    if asked.equal_to:
        scenario = _as_good_as(scenario, scenario.plans.get(asked.equal_to, Plan(DO_NOTHING)))
    cautions = (asked.caution, *asked.cautions)
    for place, caution in enumerate(cautions):
        name = OPTIMISED if place == 0 else f"{OPTIMISED}_{caution * 100:.0f}"
        if place and not watch.going():
            return

        def told(name: str, done: float, place: int = place) -> None:
            watch.plan("searching", name, done)
            watch.step("searching", (place + done) / len(cautions))

        def better(progress: Progress, name: str = name) -> None:
            watch.better(progress)
            told(name, min(1.0, progress.seconds / asked.seconds))

        told(name, 0.0)
        one = solving.optimise(
            scenario, seconds=asked.seconds, gap=asked.gap, caution=caution, start=start, told=better,
            going=watch.going,
        )  # fmt: skip
        watch.plan("searching", name, 1.0)
        if one is not None:
            yield name, one


def _as_good_as(scenario: Scenario, other: Plan) -> Scenario:
    """The scenario with the aim to serve as many as another plan is expected to, as cheaply as may be."""
    run = simulation.simulate(scenario, other, seed=None)
    served, asked = run.served[0].sum(axis=(0, 1)), run.requests[0].sum(axis=(0, 1))
    return optimiser.least_cost(scenario, optimiser.service_of(served, asked, months_looked_at(scenario)))


def _lived(
    found: Found,
    plans: Mapping[str, Plan],
    routings: Mapping[str, Routing | None],
    asked: Asked,
    watch: Watch,
) -> Iterator[tuple[str, Run]]:
    for place, (name, plan) in enumerate(plans.items()):

        def told(part: float, name: str = name, place: int = place) -> None:
            watch.plan("judging", name, part)
            watch.step("judging", (place + part) / len(plans))

        told(0.0)
        if not watch.going():
            return
        run = simulation.simulate(
            found.scenario, plan, replications=asked.replications, seed=asked.seed, routing=routings.get(name),
            progress=told,
        )  # fmt: skip
        found.judged[name] = judging.summed_up(run)
        yield name, run.in_all()


def _hangs_on(
    scenario: Scenario, plan: Plan, routing: Routing | None, asked: Asked, watch: Watch
) -> tuple[Bar, ...]:
    def told(done: float) -> None:
        watch.plan("tornado", plan.name, done)
        watch.step("tornado", done)

    told(0.0)
    return judging.tornado(
        scenario, plan, replications=min(FOR_TORNADO, asked.replications), seed=asked.seed, routing=routing,
        going=watch.going, progress=told,
    )  # fmt: skip


def months_looked_at(scenario: Scenario) -> tuple[int, ...]:
    """The months after which two plans are compared, counted from 0."""
    return tuple(sorted({month for month in (*LOOKED_AT, scenario.months - 1) if month < scenario.months}))
