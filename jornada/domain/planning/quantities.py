"""The scenario in numbers: what one case takes, what one unit gives, what things cost, for every replication at once.

Optimiser and simulator read the same `Quantities`; the one made without a seed holds the middles, which is what
the optimiser plans with. Arrays have the replications first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jornada.domain.planning import windows
from jornada.domain.planning.catalogue import (
    EVERYONE,
    HOURS_PER_FTE,
    OTHER_GROUPS,
    Amount,
    ClinicTeam,
    Help,
    Phase,
    Strategy,
)
from jornada.domain.planning.figures import Draws, Figure, Floats, stream
from jornada.domain.planning.requests import Classes
from jornada.domain.planning.scenario import COALITION, Organisation, Region, Scenario

STAFF = ("attorney_time", "accredited_time")
CLIENT_FACING, INTERPRETED, RELAYED = "work.client_facing", "work.interpreted", "work.relayed"
INTERPRETER, RELAY_INTERPRETER = "pay.interpreter", "pay.relay_interpreter"
ATTORNEY_HOURS, PREPARER_HOURS = "clinic.attorney_hours", "clinic.preparer_hours"
FEE, WAIVED, PAID = "fees.work_permit", "fees.waived", "fees.coalition_pays"
LOST = "work.lost_waiting"
SETTLED: tuple[float, ...] = (1.0,)
Things = frozenset[str]
"""What a run leaves aside, of `ASIDE`: for reference runs and to see what one thing does."""
ASIDE = frozenset({"attrition", "interpretation", "loss", "ramps", "shortages", "shocks"})


@dataclass(frozen=True)
class HelpInUse:
    """A kind of help as somebody offers it: whom it may serve where, what one case takes, costs, and how much is filed.

    `open` is (regions, classes); `takes` and `costs` are (replications, classes) for one case begun; `filed` the share
    of cases begun that are filed. `bound` help stays in its region.
    """

    help: Help
    resource: str
    bound: bool
    open: NDArray[np.bool_]
    takes: Floats
    costs: Floats
    filed: Floats


@dataclass(frozen=True)
class Flow:
    """What one unit in a phase gives (or takes, if negative) of a resource in a month: amount (replications,), by ramp.

    `everywhere` resources are not a region's own. A clinic day's seats are drawn for each event: `team`.
    """

    resource: str
    amount: Floats
    ramp: tuple[float, ...] = SETTLED
    team: ClinicTeam | None = None


@dataclass(frozen=True)
class PhaseInUse:
    """A phase with its lead time from the decision (None: at once) and its flows."""

    name: str
    lead: Figure | None
    together: bool
    flows: tuple[Flow, ...]
    pays_fees: Floats | None = None


@dataclass(frozen=True)
class StrategyInUse:
    """A strategy in numbers: months in which it may begin, phases, chances, money; each (replications,) where drawn."""

    strategy: Strategy
    months: tuple[int, ...]
    places: tuple[str, ...]
    phases: tuple[PhaseInUse, ...]
    success: Floats
    stays: Floats
    in_session: NDArray[np.bool_]
    cost_start: Floats
    cost_monthly: Floats
    frees: Amount | None = None


@dataclass(frozen=True)
class Quantities:
    """Everything about a scenario that optimiser and simulator reckon with."""

    scenario: Scenario
    draws: Draws
    aside: Things = frozenset()
    _seats: dict[ClinicTeam, float] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def classes(self) -> Classes:
        return Classes.of(self.scenario)

    def amount(self, amount: Amount) -> Floats:
        """The amount in the unit its place counts in, (replications,); hours become FTE."""
        drawn = self.draws[amount.number] * amount.times
        return drawn / self.draws[HOURS_PER_FTE] if amount.hours else drawn

    def ramp(self, amount: Amount) -> tuple[float, ...]:
        if not amount.ramp or ("ramps" in self.aside and amount.ramp != "supervision"):
            return SETTLED
        return self.scenario.catalogue.ramps[amount.ramp]

    # --- people and their work -----------------------------------------------------------------------

    @cached_property
    def times_by_class(self) -> Floats:
        """How many simple cases one case of each class amounts to, (replications, classes), by complexity alone."""
        catalogue = self.scenario.catalogue
        by_level = [
            self.draws[path] if (path := catalogue.complexities[name]) else np.ones(self.draws.count)
            for name in self.classes.complexities
        ]
        return np.stack(by_level, axis=1)[:, self.classes.complexity]

    @cached_property
    def stays_waiting(self) -> Floats:
        """The share of those waiting who are still there a month later, (replications,)."""
        return np.ones(self.draws.count) if "loss" in self.aside else 1 - self.draws[LOST]

    @cached_property
    def fee(self) -> Floats:
        """What the coalition pays to the agency for one filing on average, (replications,)."""
        return self.draws[FEE] * (1 - self.draws[WAIVED]) * self.draws[PAID]

    def _language_factor(self, help_: Help) -> tuple[Floats, Floats]:
        """For each class, how much longer with an interpreter, and interpreters' cost of a simple case."""
        longer = np.ones((self.draws.count, self.classes.count))
        costs = np.zeros_like(longer)
        if not help_.interpreted or "interpretation" in self.aside:
            return longer, costs
        facing = self.draws[CLIENT_FACING]
        for place, language in enumerate(self.classes.languages):
            if language in help_.fluent:
                continue
            relayed = self.scenario.catalogue.relayed[language]
            speakers = self.classes.language == place
            factor = self.draws[RELAYED if relayed else INTERPRETED]
            longer[:, speakers] = (1 + facing * (factor - 1))[:, None]
            hourly = self.draws[RELAY_INTERPRETER if relayed else INTERPRETER]
            costs[:, speakers] = (hourly * facing * factor * self.draws[help_.hours])[:, None]
        return longer, costs

    @cached_property
    def helps(self) -> tuple[HelpInUse, ...]:
        """Every kind of help on offer, in the order in which it is used."""
        return tuple(one for kind in self.scenario.catalogue.help.values() for one in self._offers(kind))

    def _offers(self, kind: Help) -> Iterator[HelpInUse]:
        resource = self.scenario.catalogue.resources[kind.draws_on]
        everybody = self._may_serve(kind, ())
        yield self._offer(kind, resource.id, not resource.everywhere, everybody)
        for place, region in enumerate(self.scenario.regions):
            for member in region.members:
                if self._apart(member, resource.id):
                    here = np.zeros_like(everybody)
                    here[place] = (everybody & self._may_serve(kind, member.rules, member.groups))[place]
                    yield self._offer(kind, apart(resource.id, member), True, here)

    def _apart(self, member: Organisation, resource: str) -> bool:
        """Whether a member's staff is counted by itself, because its rules close some people off."""
        closes = [
            self.scenario.catalogue.rules[rule].closes & {EVERYONE, OTHER_GROUPS} for rule in member.rules
        ]
        return resource in member.has and any(closes)

    def _may_serve(
        self, kind: Help, rules: tuple[str, ...], groups: frozenset[str] = frozenset()
    ) -> NDArray[np.bool_]:
        catalogue, classes = self.scenario.catalogue, self.classes
        closes = frozenset[str]().union(*(catalogue.rules[rule].closes for rule in (*kind.rules, *rules)))
        served = catalogue.models[kind.model].complexities & kind.serves - closes
        by_level = np.array([name in served for name in classes.complexities])[classes.complexity]
        if EVERYONE in closes:
            by_level = np.zeros_like(by_level)
        if OTHER_GROUPS in closes:
            by_level = by_level & np.array([name in groups for name in classes.groups])[classes.group]
        return np.repeat(by_level[None, :], len(self.scenario.regions), axis=0)

    def _offer(self, kind: Help, resource: str, bound: bool, open_: NDArray[np.bool_]) -> HelpInUse:
        longer, interpreters = self._language_factor(kind)
        simple = 1 / self.draws[kind.cases] if kind.cases else np.ones(self.draws.count)
        costs = interpreters * self.times_by_class
        if kind.per_case:
            costs = costs + self.draws[kind.per_case][:, None] * self.times_by_class
        filed = np.ones(self.draws.count)
        for share in kind.filed:
            filed = filed * self.draws[share]
        takes = simple[:, None] * self.times_by_class * longer
        if kind.room_for_filed:
            takes, costs = takes * filed[:, None], costs * filed[:, None]
        return HelpInUse(kind, resource, bound, open_, takes, costs, filed)

    # --- what is there, what units give ---------------------------------------------------------------

    @cached_property
    def there(self) -> Mapping[str, Floats]:
        """What is there without any strategy, by resource, (replications, regions); staff apart under its own name."""
        regions, found = self.scenario.regions, {}
        for resource in self.scenario.catalogue.resources:
            found[resource] = np.zeros((self.draws.count, len(regions)))
        for place, region in enumerate(regions):
            for resource, number in region.has.items():
                found[resource][:, place] += self.draws[number]
            for member in region.members:
                for resource, number in member.has.items():
                    own = apart(resource, member) if self._apart(member, resource) else resource
                    found.setdefault(own, np.zeros((self.draws.count, len(regions))))[:, place] += self.draws[
                        number
                    ]
        for resource, grown in self.scenario.catalogue.resources.items():
            for other, number in grown.grown_from.items():
                found[resource] = found[resource] + found[other] * self.draws[number][:, None]
        return found

    def seats(self, team: ClinicTeam) -> float:
        """The seats of a clinic day to plan with: the middle of what is drawn, not what the middles give (3.5)."""
        if team not in self._seats:
            self._seats[team] = float(
                np.median(drawn_seats(team, self.draws.figures, 4001, stream(0, "seats")))
            )
        return self._seats[team]

    @cached_property
    def strategies(self) -> tuple[StrategyInUse, ...]:
        """Those that the coalition considers, with the months in which each may begin."""
        return tuple(self._in_use(one) for one in self.scenario.strategies)

    def in_use(self, strategy: str) -> StrategyInUse:
        return next(one for one in self.strategies if one.strategy.id == strategy)

    def _in_use(self, one: Strategy) -> StrategyInUse:
        count, months = self.draws.count, self.scenario.months
        session = np.ones(months, dtype=bool)
        if one.season and one.dated:
            season = self.scenario.catalogue.seasons[one.season]
            session = np.array(
                [season.in_session(self.scenario.first_of(month).month) for month in range(months)]
            )
        leaves = self.draws[one.leaves] if one.leaves and "attrition" not in self.aside else np.zeros(count)
        return StrategyInUse(
            strategy=one,
            months=windows.start_months(one, self.scenario),
            places=(COALITION,) if one.where == "coalition" else self.scenario.places,
            phases=tuple(self._phase(one, phase) for phase in one.phases),
            success=self.draws[one.success] if one.success else np.ones(count),
            stays=(1 - leaves) ** (1 / 12),
            in_session=session,
            cost_start=self.draws[one.cost_start] if one.cost_start else np.zeros(count),
            cost_monthly=self.amount(one.cost_monthly) if one.cost_monthly else np.zeros(count),
            frees=next((phase.frees for phase in one.phases if phase.frees), None),
        )

    def _phase(self, strategy: Strategy, phase: Phase) -> PhaseInUse:
        flows = [Flow(name, self.amount(one), self.ramp(one)) for name, one in phase.gives.items()]
        flows += [Flow(name, -self.amount(one), self.ramp(one)) for name, one in phase.takes.items()]
        flows += [
            Flow(name, np.full(self.draws.count, -float(units))) for name, units in strategy.needs.items()
        ]
        if phase.team:
            flows.append(
                Flow("clinic_seats", np.full(self.draws.count, self.seats(phase.team)), SETTLED, phase.team)
            )
        if phase.frees:
            share = self.amount(phase.frees)
            flows += [Flow(f"{FREED}{name}", share / (1 - share), self.ramp(phase.frees)) for name in STAFF]
        lead = self.draws.figures[phase.after.number] if phase.after else None
        fees = self.amount(phase.pays_fees) if phase.pays_fees else None
        return PhaseInUse(phase.name, None if strategy.dated else lead, phase.together, tuple(flows), fees)

    def most(self, path: str, region: Region | None) -> float:
        """A strategy's own limit in a place, in whole units; at least one where there is any organisation."""
        figure = self.draws.figures[path]
        organisations = (
            region.organisations if region else sum(one.organisations for one in self.scenario.regions)
        )
        if figure.unit == "units per organisation":
            return float(max(1, np.ceil(figure.mid * organisations - 1e-9))) if organisations else 0.0
        return float(np.floor(figure.mid + 1e-9))


FREED = "freed "
"""Before a staff resource: that share of the staff in place, which a digital tool frees."""


def apart(resource: str, member: Organisation) -> str:
    """The name under which one member's staff is counted by itself."""
    return f"{resource} of {member.id}"


def drawn_seats(
    team: ClinicTeam, figures: Mapping[str, Figure], count: int, luck: np.random.Generator
) -> Floats:
    """Seats of so many clinic days: the fewer of what attorneys and what preparers can do, times drawn for each day."""
    chances = luck.random((2, count))
    attorney = team.attorneys * team.hours / figures[ATTORNEY_HOURS].quantile(chances[0])
    preparer = team.preparers * team.hours / figures[PREPARER_HOURS].quantile(chances[1])
    return np.minimum(attorney, preparer)
