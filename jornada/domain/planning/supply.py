"""What a plan's units give and take, cost and help, month by month: as expected, or drawn unit by unit.

A unit's life: decided; after a lead time its first phase begins; a later phase ends the one before; it may
leave in any month, its term may end; an application may fail. What is expected is the same life, weighed by chances.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jornada.domain.planning import windows
from jornada.domain.planning.figures import Figure, Floats, stream
from jornada.domain.planning.quantities import (
    FREED,
    SETTLED,
    Flow,
    PhaseInUse,
    Quantities,
    StrategyInUse,
    drawn_seats,
)
from jornada.domain.planning.scenario import COALITION, Plan, Start

LEAD_POINTS = 12
"""Points by which a lead time's spread is weighed in what is expected."""
Months = NDArray[np.int64]
Curve = tuple[str, tuple[float, ...]]
"""What a phase's people come to in a month, by the phase's name and a ramp."""


@dataclass
class Supply:
    """Resources that a plan leaves for work, (replications, regions, months), and what it costs.

    `short` is the share of a resource's takers that it can bear, where fewer than all; a coalition's own resources
    (`everywhere`) have one region. `money` is by kind, (replications, months).
    """

    gives: dict[str, Floats]
    short: dict[str, Floats]
    money: dict[str, Floats]
    fee_help: Floats


@dataclass(frozen=True)
class Units:
    """People at work in each phase by ramp, (replications, months); heads that are paid; seats of events."""

    curves: Mapping[Curve, Floats]
    heads: Floats
    seats: Floats


# --- expected ---------------------------------------------------------------------------------------


def lead_points(phase: PhaseInUse) -> Months:
    """The months after the decision in which a phase may begin, each as likely as the others."""
    if phase.lead is None:
        return np.zeros(1, dtype=np.int64)
    if not phase.lead.uncertain:
        return np.array([_whole(phase.lead.mid)])
    chances = (np.arange(LEAD_POINTS) + 0.5) / LEAD_POINTS
    return np.floor(phase.lead.quantile(chances) + 0.5).astype(np.int64)


def _whole(months: float) -> int:
    return int(np.floor(months + 0.5))


def expected(one: StrategyInUse, months: int) -> Units:
    """What one unit is expected to be in each month after its start, each curve (1, months)."""
    stays, success = float(one.stays[0]), float(one.success[0])
    curves: dict[Curve, Floats] = {}
    heads = np.zeros((1, months))
    every = paths(one)
    for begins, weight in every:
        for place, phase in enumerate(one.phases):
            last = place == len(one.phases) - 1
            chance = weight * (success if last else 1.0)
            ends = begins[0] + one.strategy.lasts if one.strategy.lasts else months
            if not last:
                ends = min(ends, begins[place + 1])
            alive = chance * _alive(begins[0], begins[place], min(ends, months), stays, months)
            heads[0] += alive
            for ramp in _ramps(phase):
                curve = curves.setdefault((phase.name, ramp), np.zeros((1, months)))
                curve[0] += alive * _ramped(ramp, begins[place], months)
    return Units(curves, heads, np.zeros((1, months)))


def paths(one: StrategyInUse) -> list[tuple[tuple[int, ...], float]]:
    """Every way in which the phases of a unit may begin, with its chance; lead times independent of one another."""
    paths: list[tuple[tuple[int, ...], float]] = [((), 1.0)]
    for phase in one.phases:
        points = lead_points(phase)
        paths = [
            ((*begun, max(int(point), begun[-1]) if begun else int(point)), weight / len(points))
            for begun, weight in paths
            for point in points
        ]
    return paths


def _alive(first: int, begins: int, ends: int, stays: float, months: int) -> Floats:
    found = np.zeros(months)
    if begins < ends:
        found[begins:ends] = stays ** np.arange(begins - first, ends - first)
    return found


def _ramped(ramp: tuple[float, ...], begins: int, months: int) -> Floats:
    place = np.clip(np.arange(months) - begins, 0, len(ramp) - 1)
    return np.array(ramp)[place]


def _ramps(phase: PhaseInUse) -> tuple[tuple[float, ...], ...]:
    return tuple(dict.fromkeys((SETTLED, *(flow.ramp for flow in phase.flows))))


# --- drawn ------------------------------------------------------------------------------------------


def drawn(one: StrategyInUse, starts: tuple[Start, ...], quantities: Quantities) -> Units:
    """What the units of one strategy in one place turn out to be, each unit with its own luck.

    The luck of a unit hangs on strategy, place, month and its number alone, so that two plans share it.
    """
    draws, months = quantities.draws, quantities.scenario.months
    seed = draws.seed or 0
    month = np.repeat([start.month for start in starts], [start.units for start in starts])
    luck = np.concatenate([_luck(one, start, seed, draws.count) for start in starts])
    life = _Lives(one, month, luck, draws.count, months, _together(one, seed, draws.count))
    curves = {
        (phase.name, ramp): life.curve(place, ramp)
        for place, phase in enumerate(one.phases)
        for ramp in _ramps(phase)
    }
    heads = sum(
        (life.curve(place, SETTLED) for place in range(len(one.phases))), np.zeros((draws.count, months))
    )
    return Units(curves, heads, _event_seats(one, starts, quantities))


def _luck(one: StrategyInUse, start: Start, seed: int, count: int) -> Floats:
    """Chances of shape (units, phases + 2, replications): a lead for each phase, success, staying."""
    generator = stream(seed, "unit", one.strategy.id, start.place, start.month)
    return generator.random((start.units, len(one.phases) + 2, count))


def _together(one: StrategyInUse, seed: int, count: int) -> Floats:
    return stream(seed, "together", one.strategy.id).random(count)


class _Lives:
    """The lives of some units, each (units, replications): when each phase begins and ends."""

    def __init__(
        self, one: StrategyInUse, month: Months, luck: Floats, count: int, months: int, together: Floats
    ) -> None:
        self.count, self.months = count, months
        begins = month[:, None] + self._lead(one.phases[0], luck[:, 0], together)
        with np.errstate(divide="ignore", invalid="ignore"):
            stays = np.floor(np.log(luck[:, -1]) / np.log(one.stays))
        leaves = begins + np.where(one.stays < 1, np.minimum(stays, 10_000), 10_000).astype(np.int64)
        if one.strategy.lasts:
            leaves = np.minimum(leaves, begins + one.strategy.lasts)
        won = luck[:, -2] < one.success
        self.begins, self.ends = [begins], []
        for place, phase in enumerate(one.phases[1:], start=1):
            begins = np.maximum(begins, month[:, None] + self._lead(phase, luck[:, place], together))
            self.ends.append(np.minimum(leaves, begins))
            self.begins.append(begins)
        self.ends.append(np.where(won, leaves, self.begins[-1]))

    @staticmethod
    def _lead(phase: PhaseInUse, chances: Floats, together: Floats) -> Months:
        lead: Figure | None = phase.lead
        if lead is None:
            return np.zeros(chances.shape, dtype=np.int64)
        drawn_months = lead.quantile(np.broadcast_to(together, chances.shape) if phase.together else chances)
        return np.floor(drawn_months + 0.5).astype(np.int64)

    def curve(self, place: int, ramp: tuple[float, ...]) -> Floats:
        """The people in a phase weighed by a ramp, (replications, months)."""
        begins, ends = self.begins[place], self.ends[place]
        jumps = np.zeros((self.count, self.months + 1))
        before = 0.0
        for later, share in enumerate(ramp):
            if share != before:
                self._add(jumps, begins + later, (begins + later < ends) * (share - before))
            before = share
        lasted = np.clip(ends - begins - 1, 0, len(ramp) - 1)
        self._add(jumps, ends, np.where(ends > begins, -np.array(ramp)[lasted], 0.0))
        curve: Floats = np.cumsum(jumps, axis=1)[:, :-1]
        return curve

    def _add(self, jumps: Floats, month: Months, height: Floats) -> None:
        where = np.arange(self.count) * (self.months + 1) + np.clip(month, 0, self.months)
        flat = np.bincount(where.ravel(), weights=height.ravel(), minlength=jumps.size)
        jumps += flat.reshape(jumps.shape)


def _event_seats(one: StrategyInUse, starts: tuple[Start, ...], quantities: Quantities) -> Floats:
    """Seats of the clinic days of one place by month, drawn for each day."""
    draws = quantities.draws
    found = np.zeros((draws.count, quantities.scenario.months))
    team = next((flow.team for phase in one.phases for flow in phase.flows if flow.team), None)
    if team is None:
        return found
    for start in starts:
        luck = stream(draws.seed or 0, "seats", one.strategy.id, start.place, start.month)
        seats = drawn_seats(team, draws.figures, start.units * draws.count, luck)
        found[:, start.month] += seats.reshape(start.units, draws.count).sum(axis=0)
    return found


# --- a whole plan -----------------------------------------------------------------------------------


def of_plan(plan: Plan, quantities: Quantities) -> Supply:
    """What the plan leaves for work in every replication; without a seed, what is expected of it."""
    tally = _Tally(quantities)
    for one in quantities.strategies:
        for place in one.places:
            starts = tuple(s for s in plan.starts if s.strategy == one.strategy.id and s.place == place)
            if starts:
                tally.add(one, place, starts)
    return tally.supply()


@dataclass(frozen=True)
class _Given:
    """What one strategy gives in one place, and what has to be there for it."""

    region: int
    resource: str
    gives: Floats
    takers: tuple[str, ...]


class _Tally:
    """Adds up strategy after strategy, then lets what is short scale those who need it."""

    def __init__(self, quantities: Quantities) -> None:
        self.quantities = quantities
        scenario, count = quantities.scenario, quantities.draws.count
        self.months = scenario.months
        shape = (count, len(scenario.regions), self.months)
        self.there = {
            name: np.repeat(there[:, :, None], self.months, axis=2)
            for name, there in quantities.there.items()
        }
        self.taken = {name: np.zeros(shape) for name in self.there}
        self.given: list[_Given] = []
        self.money: dict[str, Floats] = {}
        self.fee_help = np.zeros(shape)
        self.expected: dict[str, Units] = {}

    def add(self, one: StrategyInUse, place: str, starts: tuple[Start, ...]) -> None:
        units = self._units(one, starts)
        region = 0 if place == COALITION else self.quantities.scenario.places.index(place)
        session = one.in_session
        takers = tuple(
            {flow.resource for phase in one.phases for flow in phase.flows if flow.amount[0] < 0}
            - {"attorney_time"}
        )
        for phase in one.phases:
            for flow in phase.flows:
                curve = units.curves[phase.name, flow.ramp] * session
                self._flow(flow, curve, units, region, takers)
            if phase.pays_fees is not None:
                self.fee_help[:, region] += phase.pays_fees[:, None] * units.curves[phase.name, SETTLED]
        self._pay(one, starts, units.heads * session)

    def _units(self, one: StrategyInUse, starts: tuple[Start, ...]) -> Units:
        if self.quantities.draws.seed is not None:
            return drawn(one, starts, self.quantities)
        name = one.strategy.id
        if name not in self.expected:
            self.expected[name] = expected(one, self.months)
        return _shifted(self.expected[name], starts, self.months)

    def _flow(self, flow: Flow, curve: Floats, units: Units, region: int, takers: tuple[str, ...]) -> None:
        resource, amount = flow.resource, flow.amount[:, None]
        if resource.startswith(FREED):
            resource = resource.removeprefix(FREED)
            amount = amount * self.quantities.there[resource][:, region, None]
        if flow.amount[0] < 0:
            self.taken[resource][:, region] -= amount * curve
            return
        gives = units.seats if flow.team and self.quantities.draws.seed is not None else amount * curve
        self.given.append(_Given(region, resource, gives, takers))

    def _pay(self, one: StrategyInUse, starts: tuple[Start, ...], heads: Floats) -> None:
        spent = self.money.setdefault(
            one.strategy.cost_kind, np.zeros((self.quantities.draws.count, self.months))
        )
        spent += one.cost_monthly[:, None] * heads
        for start in starts:
            decided = max(0, windows.decided_in(one.strategy, start.month, self.quantities.scenario))
            spent[:, min(decided, self.months - 1)] += one.cost_start * start.units

    def supply(self) -> Supply:
        """Enablers first (places, supervision, volunteers), then the work of those who need them, less where short."""
        worked = {help_.resource for help_ in self.quantities.helps}
        have = {name: there.copy() for name, there in self.there.items()}
        for one in self.given:
            if one.resource not in worked:
                have[one.resource][:, one.region] += one.gives
        short = {}
        for name in have:
            if name not in worked and self.taken[name].any():
                short[name] = np.ones_like(have[name])
                np.divide(have[name], self.taken[name], out=short[name], where=self.taken[name] > have[name])
        scaled = {} if "shortages" in self.quantities.aside else short
        for one in self.given:
            if one.resource in worked:
                bears = [scaled[name][:, one.region] for name in one.takers if name in scaled]
                have[one.resource][:, one.region] += one.gives * (np.min(bears, axis=0) if bears else 1.0)
        for name in worked:
            # Also where nothing is taken: sums of parts end a hair below zero.
            have[name] = np.maximum(have[name] - self.taken[name], 0.0)
        return Supply(have, short, self.money, self.fee_help)


def _shifted(units: Units, starts: tuple[Start, ...], months: int) -> Units:
    """One expected unit's curves, moved to each start and added up."""
    when = np.zeros(months)
    early: list[Start] = []
    for start in starts:
        if start.month >= 0:
            when[start.month] += start.units
        else:
            early.append(start)

    def moved(curve: Floats) -> Floats:
        found = np.convolve(when, curve[0])[:months]
        for start in early:
            later = curve[0, -start.month :]
            found[: len(later)] += start.units * later
        return found[None, :]

    return Units({key: moved(curve) for key, curve in units.curves.items()}, moved(units.heads), units.seats)
