"""One run of the planner from begin to end: search, live every plan through, compare, find what the best one hangs on.

Whoever asks hears of each step and may end it; what was found until then is kept and judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from jornada.domain.planning import judging, simulation
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


@dataclass(frozen=True)
class Watch:
    """Who hears: of the step and the share of it that is done; of each better plan. `going`: whether to go on."""

    step: Callable[[str, float], None] = lambda name, done: None
    better: Callable[[Progress], None] = lambda progress: None
    going: Callable[[], bool] = lambda: True


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
    found.optimised = _searched(scenario, asked, watch, start)
    plans = {DO_NOTHING: Plan(DO_NOTHING), **scenario.plans}
    routing = None
    if found.optimised is not None:
        plans[OPTIMISED] = replace(found.optimised.plan, name=OPTIMISED)
        routing = found.optimised.routing
    runs = dict(_lived(found, plans, routing, asked, watch))
    last = list(runs)[-1]
    found.compared = tuple(
        judging.compared(run, runs[last], months_looked_at(scenario))
        for name, run in runs.items()
        if name != last
    )
    watch.step("tornado", 0.0)
    if asked.tornado and watch.going():
        found.bars = judging.tornado(
            scenario, plans[last], replications=min(FOR_TORNADO, asked.replications), seed=asked.seed,
            routing=routing if last == OPTIMISED else None, going=watch.going,
            progress=lambda done: watch.step("tornado", done),
        )  # fmt: skip
    return found


def _searched(scenario: Scenario, asked: Asked, watch: Watch, start: Plan | None) -> Optimised | None:
    def better(progress: Progress) -> None:
        watch.better(progress)
        watch.step("searching", min(1.0, progress.seconds / asked.seconds))

    watch.step("searching", 0.0)
    return solving.optimise(
        scenario, seconds=asked.seconds, gap=asked.gap, caution=asked.caution, start=start, told=better,
        going=watch.going,
    )  # fmt: skip


def _lived(
    found: Found, plans: Mapping[str, Plan], routing: Routing | None, asked: Asked, watch: Watch
) -> Iterator[tuple[str, Run]]:
    for place, (name, plan) in enumerate(plans.items()):
        done = place / len(plans)
        run = simulation.simulate(
            found.scenario, plan, replications=asked.replications, seed=asked.seed,
            routing=routing if name == OPTIMISED else None,
            progress=lambda part, done=done: watch.step("judging", done + part / len(plans)),  # type: ignore[misc]
        )  # fmt: skip
        found.judged[name] = judging.summed_up(run)
        yield name, run.in_all()


def months_looked_at(scenario: Scenario) -> tuple[int, ...]:
    """The months after which two plans are compared, counted from 0."""
    return tuple(sorted({month for month in (*LOOKED_AT, scenario.months - 1) if month < scenario.months}))
