"""What a plan is worth when it meets luck: spreads by month, chances, where it breaks, what it hangs on.

A plan is always judged here, also the optimiser's own: the best in the mean may break often, and then it is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jornada.domain.planning.figures import Draws, Figure, Floats
from jornada.domain.planning.program import pays
from jornada.domain.planning.quantities import Quantities, Things
from jornada.domain.planning.requests import requests
from jornada.domain.planning.scenario import COALITION, Plan, Scenario, Target
from jornada.domain.planning.simulation import Routing, Run, simulate

OFTEN = 1 / 3
"""A plan that fails in more than this share of all replications breaks often. Our own judgement."""
A_LITTLE = 0.02
"""Overspending by less than this share of what has come in so far is not counted."""
PERCENTILES = (10, 50, 90)

Where = Literal["money", "target", "shortage"]


@dataclass(frozen=True)
class Fan:
    """A measure by month: tenth, middle and ninetieth of a hundred replications, each (months,)."""

    low: Floats
    mid: Floats
    high: Floats

    @classmethod
    def of(cls, values: Floats) -> Fan:
        """From values of shape (replications, months)."""
        low, mid, high = np.percentile(values, PERCENTILES, axis=0)
        return cls(low, mid, high)


@dataclass(frozen=True)
class Break:
    """Where a plan breaks: in what share of replications, and in the middle one of these from which month on."""

    what: Where
    name: str
    place: str
    share: float
    month: int


@dataclass(frozen=True)
class PlaceResult:
    """One region: who asked, what share was served by the scenario's date and at the end, who waits at the end."""

    place: str
    asked: tuple[float, float, float]
    served_by: tuple[float, float, float]
    served: tuple[float, float, float]
    waiting: tuple[float, float, float]


@dataclass(frozen=True)
class Way:
    """People filed for, in the mean of all replications: which complexity by which kind of help in which model."""

    complexity: str
    model: str
    help: str
    people: float


@dataclass(frozen=True)
class Judged:
    """A plan under many lives. Shares served are of all who had asked by then; money is spent so far, in dollars."""

    plan: Plan
    replications: int
    served: Fan
    share: Fan
    waiting: Fan
    money: Fan
    money_by_kind: Mapping[str, tuple[float, float, float]]
    chances: tuple[tuple[Target, float], ...]
    breaks: tuple[Break, ...]
    places: tuple[PlaceResult, ...]
    ways: tuple[Way, ...]
    weighted_wait: tuple[float, float, float]
    mean_share: float
    served_by: int

    @property
    def breaks_often(self) -> bool:
        return any(one.share > OFTEN for one in self.breaks if one.what != "shortage")


def judge(
    scenario: Scenario,
    plan: Plan,
    *,
    replications: int = 1000,
    seed: int = 1,
    routing: Routing | None = None,
    aside: Things = frozenset(),
    shocks: Mapping[str, int] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Judged:
    """The plan lived through so many times with the same luck as every other plan of that seed."""
    run = simulate(
        scenario,
        plan,
        replications=replications,
        seed=seed,
        routing=routing,
        aside=aside,
        shocks=shocks,
        progress=progress,
    )
    return summed_up(run)


def summed_up(run: Run) -> Judged:
    """All that is told about a run."""
    scenario = run.scenario
    asked, served = _over_time(run.requests), _over_time(run.served)
    share = served / np.maximum(asked, 1e-9)
    spent = np.cumsum(sum(run.money.values(), np.zeros((run.count, scenario.months))), axis=1)
    chances = tuple(
        (target, float((share[:, target.month] >= target.share).mean())) for target in scenario.aims.targets
    )
    return Judged(
        plan=run.plan,
        replications=run.count,
        served=Fan.of(served),
        share=Fan.of(share),
        waiting=Fan.of(run.waiting.sum(axis=(1, 2))),
        money=Fan.of(spent),
        money_by_kind={
            kind: _spread(paid.sum(axis=1)) for kind, paid in sorted(run.money.items()) if paid.any()
        },
        chances=chances,
        breaks=tuple(sorted(_breaks(run, chances), key=lambda one: -one.share)),
        places=tuple(_place(run, at) for at in range(len(scenario.regions))),
        ways=tuple(_ways(run)),
        weighted_wait=_spread(_weighted_wait(run)),
        mean_share=float(share[:, scenario.aims.served_by].mean()),
        served_by=scenario.aims.served_by,
    )


def _over_time(people: Floats) -> Floats:
    found: Floats = np.cumsum(people.sum(axis=(1, 2)), axis=1)
    return found


def _spread(values: Floats) -> tuple[float, float, float]:
    low, mid, high = (float(value) for value in np.percentile(values, PERCENTILES))
    return low, mid, high


def _weighted_wait(run: Run) -> Floats:
    """Years waited within the plan, weighed by the scenario's judgement, (replications,)."""
    classes = Quantities(run.scenario, Draws(run.scenario.figures)).classes
    weights = np.array([run.scenario.aims.judgement.weights.get(name, 1.0) for name in classes.complexities])
    found: Floats = np.einsum("rgkt,k->r", run.waiting, weights[classes.complexity]) / 12
    return found


# --- where it breaks --------------------------------------------------------------------------------


def _breaks(run: Run, chances: Sequence[tuple[Target, float]]) -> Iterator[Break]:
    yield from _overspending(run)
    for target, chance in chances:
        if chance < 1:
            yield Break("target", f"{target.share:.0%}", COALITION, 1 - chance, target.month)
    for name, short in run.short.items():
        for at, place in enumerate(run.scenario.places):
            lacking = short[:, at] < 0.999
            if lacking.any():
                yield Break("shortage", name, place, float(lacking.any(axis=1).mean()), _usual_month(lacking))


def _usual_month(happens: np.ndarray) -> int:
    """The middle of the first months in which it happens, over the replications in which it does."""
    first = np.argmax(happens, axis=1)[happens.any(axis=1)]
    return int(np.median(first))


def _overspending(run: Run) -> Iterator[Break]:
    """Bills go to the first fund that may pay them and has money; what no fund can pay is overspent."""
    scenario = run.scenario
    if not scenario.funds:
        return
    granted = np.array([_granted(run, place) for place in range(len(scenario.funds))])
    had = np.cumsum(granted, axis=1)
    payers = {
        kind: [
            n for n, fund in enumerate(scenario.funds) if pays(fund, kind, COALITION) or kind in fund.pays_for
        ]
        for kind in run.money
    }
    left = np.zeros((len(scenario.funds), run.count))
    owed = np.zeros((len(scenario.funds), run.count, scenario.months))
    for month in range(scenario.months):
        left += granted[:, month, None]
        for kind, paid in run.money.items():
            _pay(left, owed, payers[kind], paid[:, month], month)
    for place, fund in enumerate(scenario.funds):
        lacking = np.cumsum(owed[place], axis=1) > A_LITTLE * np.maximum(had[place], 1.0)
        if lacking.any():
            yield Break("money", fund.id, COALITION, float(lacking.any(axis=1).mean()), _usual_month(lacking))


def _granted(run: Run, place: int) -> Floats:
    found = np.zeros(run.scenario.months)
    for grant in run.scenario.funds[place].grants:
        found[max(0, grant.first) : grant.last + 1] += run.scenario.figures[grant.amount].mid
    return found


def _pay(left: Floats, owed: Floats, payers: list[int], bill: Floats, month: int) -> None:
    unpaid = bill.copy()
    for payer in payers:
        paid = np.minimum(unpaid, np.maximum(left[payer], 0.0))
        left[payer] -= paid
        unpaid -= paid
    if payers:
        owed[payers[0], :, month] += unpaid


# --- by place, by way -------------------------------------------------------------------------------


def _place(run: Run, at: int) -> PlaceResult:
    date = run.scenario.aims.served_by
    asked = run.requests[:, at].sum(axis=1).cumsum(axis=1)
    served = run.served[:, at].sum(axis=1).cumsum(axis=1)
    share = served / np.maximum(asked, 1e-9)
    waiting = run.waiting[:, at, :, -1].sum(axis=1)
    return PlaceResult(
        run.scenario.places[at],
        _spread(asked[:, -1]),
        _spread(share[:, date]),
        _spread(share[:, -1]),
        _spread(waiting),
    )


def _ways(run: Run) -> Iterator[Way]:
    catalogue = run.scenario.catalogue
    people = run.filed_by.sum(axis=(2, 4)).mean(axis=0)
    merged: dict[tuple[str, str], float] = {}
    for place, name in enumerate(run.helps):
        for level, complexity in enumerate(catalogue.complexities):
            key = (complexity, name)
            merged[key] = merged.get(key, 0.0) + float(people[place, level])
    for (complexity, name), amount in merged.items():
        if amount >= 0.05:
            yield Way(complexity, catalogue.help[name].model, name, amount)


# --- two plans, many numbers ------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """Two plans under the same luck: shares served by some months, and how often the second is ahead."""

    first: str
    second: str
    months: tuple[int, ...]
    difference: tuple[tuple[float, float, float], ...]
    ahead: tuple[float, ...]
    dearer: tuple[float, float, float]


def compared(first: Run, second: Run, months: Sequence[int]) -> Compared:
    """The second plan less the first, replication by replication."""
    share = [_over_time(run.served) / np.maximum(_over_time(run.requests), 1e-9) for run in (first, second)]
    money = [
        sum((paid.sum(axis=1) for paid in run.money.values()), np.zeros(run.count)) for run in (first, second)
    ]
    apart = share[1] - share[0]
    return Compared(
        first.plan.name,
        second.plan.name,
        tuple(months),
        tuple(_spread(apart[:, month]) for month in months),
        tuple(float((apart[:, month] > 0).mean()) for month in months),
        _spread(money[1] - money[0]),
    )


def best_in_mean_but_breaks(plans: Sequence[Judged]) -> Judged | None:
    """The plan that serves most in the mean, if it breaks often; None if the best one holds."""
    best = max(plans, key=lambda one: one.mean_share, default=None)
    return best if best is not None and best.breaks_often else None


@dataclass(frozen=True)
class Bar:
    """What one uncertain number does to the share served by a month, at its low and its high (middle of all runs)."""

    path: str
    at_low: float
    at_high: float
    low: float
    high: float

    @property
    def width(self) -> float:
        return abs(self.at_high - self.at_low)


def tornado(
    scenario: Scenario,
    plan: Plan,
    *,
    month: int | None = None,
    replications: int = 200,
    seed: int = 1,
    routing: Routing | None = None,
    progress: Callable[[float], None] | None = None,
    going: Callable[[], bool] = lambda: True,
) -> tuple[Bar, ...]:
    """Each uncertain number at its tenth and ninetieth of a hundred while all others vary, widest first."""
    date = scenario.aims.served_by if month is None else month

    def middle(changed: Scenario) -> float:
        run = simulate(changed, plan, replications=replications, seed=seed, routing=routing)
        share = _over_time(run.served)[:, date] / np.maximum(_over_time(run.requests)[:, date], 1e-9)
        return float(np.median(share))

    figures = uncertain(scenario, plan)
    bars = []
    for place, figure in enumerate(figures):
        if not going():
            break
        low, high = figure.at(0.1), figure.at(0.9)
        bars.append(
            Bar(
                figure.path,
                middle(_held(scenario, figure, low)),
                middle(_held(scenario, figure, high)),
                low,
                high,
            )
        )
        if progress is not None:
            progress((place + 1) / len(figures))
    return tuple(sorted(bars, key=lambda bar: -bar.width))


def _held(scenario: Scenario, figure: Figure, value: float) -> Scenario:
    fixed = Figure(figure.path, value, value, value, figure.unit, "fixed", figure.sources, figure.as_of)
    return scenario.with_figures({figure.path: fixed})


SIZE_OF_ONE = frozenset({"demand.workers_per_site", "clinic.attorney_hours", "clinic.preparer_hours"})
"""Numbers that vary from worksite to worksite or from day to day: to hold them would not be to know them."""


def uncertain(scenario: Scenario, plan: Plan) -> tuple[Figure, ...]:
    """The uncertain numbers that this plan's outcome can hang on."""
    draws = Draws(scenario.figures, 2, 1)
    quantities = Quantities(scenario, draws)
    requests(scenario, draws)
    _ = [one.takes for one in quantities.helps], quantities.there, quantities.stays_waiting
    begun = {start.strategy for start in plan.starts}
    for one in scenario.strategies:
        if one.id in begun:
            _read_strategy(quantities, one.id)
    leads = {
        phase.after.number
        for one in scenario.strategies
        if one.id in begun
        for phase in one.phases
        if phase.after
    }
    read = (draws.read | leads) - SIZE_OF_ONE
    return tuple(
        scenario.figures[path]
        for path in sorted(read)
        if scenario.figures[path].uncertain and not _money(path)
    )


def _money(path: str) -> bool:
    return path.startswith(("pay.", "fees.")) or ".cost." in path or path.endswith("per_case")


def _read_strategy(quantities: Quantities, strategy: str) -> None:
    one = next(one for one in quantities.scenario.strategies if one.id == strategy)
    for path in (one.success, one.leaves):
        if path:
            _ = quantities.draws[path]
    for phase in one.phases:
        for amount in (*phase.gives.values(), *phase.takes.values()):
            quantities.amount(amount)
        if phase.frees:
            quantities.amount(phase.frees)
