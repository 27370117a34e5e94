"""Month by month, in every replication at once: people ask, wait, are served, give up; money is spent.

Each kind of help takes up as many cases as its resource allows, in the order of the pack; whom it takes first is
the scenario's judgement, or the optimiser's plan. People are a fluid: nobody is rounded. In every month and
replication requests = served + waiting + lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from jornada.domain.planning import supply
from jornada.domain.planning.figures import Draws, Floats
from jornada.domain.planning.quantities import HelpInUse, Quantities, Things
from jornada.domain.planning.requests import policy_path, requests
from jornada.domain.planning.scenario import Order, Plan, Scenario


@dataclass(frozen=True)
class Routing:
    """Whom a plan means each kind of help for: cases to begin, by the help's place in `Quantities.helps`, and how many
    it means to leave waiting at the end of a month; each (regions, classes, months)."""

    cases: Mapping[int, Floats]
    waiting: Floats

    def accounted_for(self, place: int, month: int) -> Floats:
        """People of a month whom the plan leaves waiting or means for a kind of help that comes later in the order."""
        later = (cases[..., month] for other, cases in self.cases.items() if other > place)
        found: Floats = self.waiting[..., month] + sum(later, np.zeros(self.waiting.shape[:2]))
        return found


Progress = Callable[[float], None]


@dataclass(frozen=True)
class Run:
    """What happened. People are (replications, regions, classes, months); `waiting` is at the end of each month.

    `filed_by` is by kind of help, (replications, helps, regions, complexities, months); `money` by kind,
    (replications, months); `short` as in `Supply`, (replications, regions, months).
    """

    scenario: Scenario
    plan: Plan
    requests: Floats
    served: Floats
    waiting: Floats
    lost: Floats
    filed_by: Floats
    money: Mapping[str, Floats]
    short: Mapping[str, Floats]
    helps: tuple[str, ...] = field(default=())

    @property
    def count(self) -> int:
        return int(self.served.shape[0])

    def in_all(self) -> Run:
        """The same run with all places and people together: small enough to be kept beside others."""
        people = {
            name: getattr(self, name).sum(axis=(1, 2), keepdims=True)
            for name in ("requests", "served", "waiting", "lost")
        }
        return replace(self, **people, filed_by=self.filed_by[:0], short={})


def simulate(
    scenario: Scenario,
    plan: Plan,
    *,
    replications: int = 1000,
    seed: int | None = 1,
    aside: Things = frozenset(),
    order: Order | None = None,
    routing: Routing | None = None,
    shocks: Mapping[str, int] | None = None,
    held: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> Run:
    """The plan lived through so many times. Without a seed once, as expected of the middles.

    `routing` says whom each help is meant for (an optimiser's plan); without it, or beyond it, `order` decides, which
    is the scenario's own unless given. `shocks` are months (from 0) by name, the scenario's own unless given. `held`
    fixes numbers. The same seed meets every plan with the same luck, however the replications are cut.
    """
    draws = Draws(scenario.figures, replications if seed is not None else 1, seed, dict(held or {}))
    order = order or scenario.aims.judgement.order
    if "shocks" in aside:
        shocks = {}
    quantities = Quantities(scenario, draws, aside)
    asked = requests(scenario, draws, scenario.shocks if shocks is None else shocks)
    _, filing = policy_path(scenario, draws, scenario.shocks if shocks is None else shocks)
    months = _Months(quantities, supply.of_plan(plan, quantities), asked, filing, order, routing)
    for month in range(scenario.months):
        months.live(month)
        if progress is not None:
            progress((month + 1) / scenario.months)
    return months.run(plan)


class _Months:
    """The state of all replications while the months go by."""

    def __init__(
        self,
        quantities: Quantities,
        given: supply.Supply,
        asked: Floats,
        filing: Floats,
        order: Order,
        routing: Routing | None,
    ) -> None:
        self.quantities, self.given, self.asked, self.filing = quantities, given, asked, filing
        self.order, self.routing = order, routing
        self.levels = _levels(quantities, order)
        classes = quantities.classes
        count, regions, kinds, months = asked.shape
        self.queue = np.zeros((count, regions, kinds))
        self.free = np.zeros_like(self.queue)
        self.served, self.waiting, self.lost = (np.zeros_like(asked) for _ in range(3))
        self.filed_by = np.zeros((count, len(quantities.helps), regions, len(classes.complexities), months))
        self.by_level = np.equal.outer(classes.complexity, np.arange(len(classes.complexities))).astype(float)
        self.money = {kind: spent.copy() for kind, spent in given.money.items()}

    def live(self, month: int) -> None:
        """One month: some give up, some ask, every kind of help does what it can."""
        stays = self.quantities.stays_waiting[:, None, None]
        self.lost[..., month] = self.queue * (1 - stays)
        self.queue = self.queue * stays + self.asked[..., month]
        self.free = self.queue.copy()
        filed = np.zeros(self.queue.shape)
        for place, one in enumerate(self.quantities.helps):
            begun = self._begun(place, one, month)
            if begun is not None:
                done = begun * one.filed[:, None, None]
                filed += done
                self.filed_by[:, place, :, :, month] = done @ self.by_level
                self._spend(one, begun, month)
        self.queue = self.queue - filed
        self.served[..., month], self.waiting[..., month] = filed, self.queue
        self._pay_fees(filed, month)

    def _begun(self, place: int, one: HelpInUse, month: int) -> Floats | None:
        """Cases begun by one kind of help; those begun are not free for another in the same month.

        Where a plan says whom help is meant for, what is left over of it goes to others; if each case is paid for, only
        to those whom the plan has not accounted for.
        """
        room = self._room(one, month)
        if not room.any():
            return None
        begun = np.zeros(self.queue.shape)
        if self.routing is not None and (meant := self.routing.cases.get(place)) is not None:
            wanted = np.minimum(meant[None, :, :, month], self.free) * one.open
            room = self._take(one, wanted, room, begun)
        for level in self.levels:
            room = self._take(one, self._others(place, one, month) * level, room, begun)
        return begun

    def _others(self, place: int, one: HelpInUse, month: int) -> Floats:
        """Who may be begun besides those whom a plan means."""
        if self.routing is None or not one.help.per_case:
            return self.free * one.open
        return np.maximum(self.free - self.routing.accounted_for(place, month)[None], 0.0) * one.open

    def _take(self, one: HelpInUse, wanted: Floats, room: Floats, begun: Floats) -> Floats:
        """Begins as much of what is wanted as there is room for, everybody alike; the room that is left."""
        need = np.einsum("rgk,rk->rg", wanted, one.takes)
        if not one.bound:
            need = need.sum(axis=1, keepdims=True)
        share = np.ones_like(need)
        np.divide(room, need, out=share, where=need > room)
        taken = wanted * share[:, :, None]
        begun += taken
        self.free -= taken
        rest: Floats = np.maximum(room - need * share, 0.0)
        return rest

    def _room(self, one: HelpInUse, month: int) -> Floats:
        """What the resource allows this month, (replications, regions), or one region where it is everywhere."""
        have = self.given.gives[one.resource][:, :, month]
        resource = self.quantities.scenario.catalogue.resources.get(one.resource)
        if resource is not None and resource.share_of_requests:
            share = self.quantities.draws[resource.share_of_requests][:, None]
            have = np.minimum(have, 1.0) * share * np.einsum("rgk,gk->rg", self.asked[..., month], one.open)
        room: Floats = (have if one.bound else have[:, :1]) * self.filing[:, month, None]
        return room

    def _spend(self, one: HelpInUse, begun: Floats, month: int) -> None:
        if one.costs.any():
            kind = "low_bono" if one.help.per_case else "interpreters"
            spent = self.money.setdefault(kind, np.zeros((begun.shape[0], self.asked.shape[-1])))
            spent[:, month] += np.einsum("rgk,rk->r", begun, one.costs)

    def _pay_fees(self, filed: Floats, month: int) -> None:
        """Fees that are not waived; a consulate's help covers its own nationals' share at most (R10)."""
        due = filed.sum(axis=2) * self.quantities.fee[:, None]
        own = np.array([nationals(self.quantities, place) for place in range(due.shape[1])])
        paid = due - np.minimum(self.given.fee_help[:, :, month], due * own)
        self.money.setdefault("fees", np.zeros((due.shape[0], self.asked.shape[-1])))[:, month] += paid.sum(
            axis=1
        )

    def run(self, plan: Plan) -> Run:
        names = tuple(one.help.id for one in self.quantities.helps)
        return Run(
            self.quantities.scenario,
            plan,
            self.asked,
            self.served,
            self.waiting,
            self.lost,
            self.filed_by,
            self.money,
            self.given.short,
            names,
        )


def nationals(quantities: Quantities, place: int) -> float:
    """The share of a region's people whom its consulates may help with fees."""
    region = quantities.scenario.regions[place]
    helped = {one.nationality for one in quantities.scenario.strategies if one.nationality}
    return sum(region.nationalities.get(name, 0.0) for name in helped)


def _levels(quantities: Quantities, order: Order) -> list[NDArray[np.bool_]]:
    """Who is taken first: classes one level after the other, or all alike."""
    classes = quantities.classes
    places = range(len(classes.complexities))
    if order == "complex_first":
        return [classes.complexity == place for place in reversed(places)]
    if order == "simple_first":
        return [classes.complexity == place for place in places]
    return [np.ones(classes.count, dtype=bool)]
