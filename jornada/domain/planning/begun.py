"""Units begun as columns of a program: how many when, who is at work then, what they give, take and cost.

Terms are collected here, by resource and by kind of cost, and put into rows by `program.py`. Strategies with few
months of starts have each start's own curve; with many, people at work are carried from month to month, which needs
a handful of entries a month instead of one for every earlier start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from jornada.domain.planning import supply, windows
from jornada.domain.planning.figures import Floats
from jornada.domain.planning.matrix import NONE, SHARED, Index, Matrix
from jornada.domain.planning.quantities import FREED, SETTLED, Flow, Quantities, StrategyInUse
from jornada.domain.planning.scenario import COALITION, Region

THOUSAND = 1000.0
"""Money stands in thousands of dollars in columns and rows, so that they are of a size with people."""
FEW = 24
"""Up to so many months of starts, each start has its own curve."""
Term = tuple[Index, Index, Floats]
"""Columns, the months in whose rows they stand, and with what amounts; broadcast against one another."""


@dataclass(frozen=True)
class Come:
    """Those who come to a phase in a month (NONE where nothing asks for them), and those who have come and not left."""

    newly: Index
    there: Index


@dataclass
class Begun:
    """All strategies of a scenario in a matrix. `starts` are columns by month, for each strategy and place."""

    matrix: Matrix
    quantities: Quantities
    starts: dict[tuple[str, str], Index] = field(default_factory=dict)
    gives: dict[tuple[str, int], list[Term]] = field(default_factory=dict)
    spending: dict[tuple[str, str], list[Term]] = field(default_factory=dict)
    fee_help: list[tuple[int, Term]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scenario = self.quantities.scenario
        self.months, self.places = self.scenario.months, self.scenario.places
        self.every_month = np.arange(self.months)
        for one in self.quantities.strategies:
            for place in one.places:
                self._add(one, place)

    def _add(self, one: StrategyInUse, place: str) -> None:
        region = self.region(place)
        most = self._most_in_a_month(one, region)
        months = np.array(one.months if self._allowed(one, place) and most > 0 else (), dtype=np.int64)
        if not len(months):
            return
        begun = np.full(self.months, NONE, dtype=np.int64)
        begun[months] = self.matrix.add_columns((len(months),), most, self._block(place), integer=True)
        self.starts[one.strategy.id, place] = begun
        if len(months) <= FEW or one.strategy.dated:
            self._by_start(one, begun, months, place)
        else:
            self._carried(one, begun, place, most)
        self._cost_of_starts(one, begun, months, place)

    def region(self, place: str) -> Region | None:
        """The region of that name; None for the coalition."""
        return None if place == COALITION else self.scenario.regions[self.places.index(place)]

    def _block(self, place: str) -> int:
        return SHARED if place == COALITION else self.places.index(place)

    def _allowed(self, one: StrategyInUse, place: str) -> bool:
        """Whether the place has the staff that a strategy asks for at the start (Skadden: two lawyers, notes 2.4)."""
        at = max(0, self._block(place))
        least = one.strategy.staff_at_least.items()
        return all(self.quantities.there[name][0, at] >= amount for name, amount in least)

    def _most_in_a_month(self, one: StrategyInUse, region: Region | None) -> float:
        strategy, place = one.strategy, COALITION if region is None else region.id
        own = [path for path in (strategy.most_per_month, strategy.most_in_all) if path]
        most = [self.quantities.most(path, region) for path in own]
        for limit in self.scenario.limits:
            if strategy.id in limit.strategies and limit.place in ("", place):
                most += [self.scenario.figures[path].mid for path in (limit.per_month, limit.in_all) if path]
        return float(np.floor(min(most, default=1000.0) + 1e-9))

    # --- each start by itself -------------------------------------------------------------------------

    def _by_start(self, one: StrategyInUse, begun: Index, months: Index, place: str) -> None:
        """Each start's own curve, cut by the seasons in which it works."""
        units = supply.expected(one, self.months)
        curves = {key: self._moved(curve[0], months) * one.in_session for key, curve in units.curves.items()}
        columns, every_month = begun[months][:, None], self.every_month[None, :]
        for phase in one.phases:
            for flow in phase.flows:
                self._flow(flow, (columns, every_month, curves[phase.name, flow.ramp]), place)
            if phase.pays_fees is not None:
                help_ = curves[phase.name, SETTLED] * float(phase.pays_fees[0]) / THOUSAND
                self.fee_help.append((self._block(place), (columns, every_month, help_)))
        heads = self._moved(units.heads[0], months) * one.in_session
        self._spend(one, place, (columns, every_month, heads * float(one.cost_monthly[0])))

    def _moved(self, curve: Floats, months: Index) -> Floats:
        """A unit's curve from each start on, (starts, months)."""
        later = self.every_month[None, :] - months[:, None]
        return np.where(later >= 0, curve[np.clip(later, 0, self.months - 1)], 0.0)

    # --- carried from month to month ------------------------------------------------------------------

    def _carried(self, one: StrategyInUse, begun: Index, place: str, most: float) -> None:
        """Those in a phase are those who have come to it less those who have come to the next."""
        come = [self._come(one, begun, number, place, most) for number in range(len(one.phases))]
        success, stays = float(one.success[0]), float(one.stays[0])
        for number, phase in enumerate(one.phases):
            following = come[number + 1] if number + 1 < len(come) else None
            chance = 1.0 if following else success
            for flow in phase.flows:
                self._flow_carried(flow, come[number], following, chance, stays, place)
            if phase.pays_fees is not None:
                help_ = self._same(float(phase.pays_fees[0]) / THOUSAND * chance)
                self.fee_help.append((self._block(place), (come[number].there, self.every_month, help_)))
        self._pay_carried(one, come, success, place)

    def _come(self, one: StrategyInUse, begun: Index, number: int, place: str, most: float) -> Come:
        stays, lasts, block = float(one.stays[0]), one.strategy.lasts, self._block(place)
        ends = lasts if number == 0 else None
        at_most = most * float((begun != NONE).sum())
        there = self.matrix.add_columns((self.months,), at_most, block)
        rows = self.matrix.add_rows((self.months,), 0.0, 0.0)
        self.matrix.put(rows, there, -1.0)
        self.matrix.put(rows[1:], there[:-1], stays)
        newly, entering = np.full(self.months, NONE, dtype=np.int64), rows
        if ends or any(len(flow.ramp) > 1 for flow in one.phases[number].flows):
            newly = self.matrix.add_columns((self.months,), at_most, block)
            self.matrix.put(rows, newly, 1.0)
            entering = self.matrix.add_rows((self.months,), 0.0, 0.0)
            self.matrix.put(entering, newly, -1.0)
        for later in np.flatnonzero(share := self._coming(one, number)):
            self.matrix.put(entering[later:], begun[: self.months - later], share[later])
        if ends and ends < self.months:
            self.matrix.put(rows[ends:], newly[:-ends], -(stays**ends))
        return Come(newly, there)

    def _coming(self, one: StrategyInUse, number: int) -> Floats:
        """Of one unit begun now, the part that comes to a phase in each later month and is still there."""
        share, stays = np.zeros(self.months), float(one.stays[0])
        for begins, weight in supply.paths(one):
            if begins[number] < self.months:
                share[begins[number]] += weight * stays ** (begins[number] - begins[0])
        return share

    def _flow_carried(
        self, flow: Flow, here: Come, following: Come | None, chance: float, stays: float, place: str
    ) -> None:
        """A flow of everybody in a phase, less what the newly come do not give yet."""
        last = flow.ramp[-1]
        self._flow(flow, (here.there, self.every_month, self._same(last * chance)), place)
        if following is not None:
            self._flow(flow, (following.there, self.every_month, self._same(-last * chance)), place)
        for later, part in enumerate(flow.ramp[:-1]):
            missing = (part - last) * stays**later * chance
            newly = here.newly[: self.months - later]
            self._flow(flow, (newly, self.every_month[later:], np.full(len(newly), missing)), place)

    def _pay_carried(self, one: StrategyInUse, come: list[Come], success: float, place: str) -> None:
        """Everybody from the first phase on is paid; those whose last step failed no longer."""
        monthly, last = float(one.cost_monthly[0]), len(come) - 1
        paid = monthly * (success if last == 0 else 1.0)
        self._spend(one, place, (come[0].there, self.every_month, self._same(paid)))
        if last:
            self._spend(
                one, place, (come[last].there, self.every_month, self._same(-monthly * (1 - success)))
            )

    def _same(self, amount: float) -> Floats:
        return np.full(self.months, amount)

    # --- collecting -----------------------------------------------------------------------------------

    def _flow(self, flow: Flow, term: Term, place: str) -> None:
        resource, amount, at = flow.resource, float(flow.amount[0]), max(0, self._block(place))
        if resource.startswith(FREED):
            resource = resource.removeprefix(FREED)
            amount *= float(self.quantities.there[resource][0, at])
        known = self.scenario.catalogue.resources.get(resource)
        where = 0 if known is not None and known.everywhere else at
        columns, months, amounts = term
        self.gives.setdefault((resource, where), []).append((columns, months, amount * amounts))

    def _spend(self, one: StrategyInUse, place: str, term: Term) -> None:
        columns, months, amounts = term
        if amounts.any():
            terms = self.spending.setdefault((one.strategy.cost_kind, place), [])
            terms.append((columns, months, amounts / THOUSAND))

    def _cost_of_starts(self, one: StrategyInUse, begun: Index, months: Index, place: str) -> None:
        decided = [max(0, windows.decided_in(one.strategy, int(month), self.scenario)) for month in months]
        cost = np.full(len(months), float(one.cost_start[0]))
        self._spend(one, place, (begun[months], np.array(decided, dtype=np.int64), cost))

    def worked(self) -> frozenset[str]:
        """Resources that cases draw on; the others are there so that units may be begun."""
        return frozenset(one.resource for one in self.quantities.helps)


Terms = Mapping[tuple[str, str], list[Term]]
