"""The plan as a linear program with whole units: what to begin when, who does whose work, within money and limits.

Kept small and tight so that its relaxation is quick and close: units of a kind are counted, not named; people at work
are carried from month to month instead of being summed over all earlier starts (`begun.py`); each unit's own limit,
season and lead time shape its columns, so that no row needs a large constant. Every column has a finite upper bound,
which is what makes the bound in `matrix.py` independent of the solver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jornada.domain.planning.begun import THOUSAND, Begun, Term
from jornada.domain.planning.figures import Floats
from jornada.domain.planning.matrix import NO_LIMIT, NONE, SHARED, Index, Matrix, Sparse, finished
from jornada.domain.planning.quantities import Quantities, StrategyInUse
from jornada.domain.planning.requests import policy_path, requests
from jornada.domain.planning.rounding import Starts
from jornada.domain.planning.scenario import COALITION, Fund, Limit, Plan, Start, Target
from jornada.domain.planning.simulation import Routing, nationals

AFTER_THE_END = 12
"""Months of waiting that are counted for somebody still unserved when the plan ends. Our own judgement."""
LATE = 0.1
"""What serving somebody after the chosen date counts for under the aim `served_by`. Our own judgement."""
DEAREST = 500.0
"""Thousands of dollars: more than serving one more person in time can cost."""


@dataclass(frozen=True)
class Line:
    """Rows that mean the same thing in several months: a resource, a limit or a fund in a place."""

    kind: str
    name: str
    place: str
    rows: Index
    months: tuple[int, ...]


class Program:
    """The program of a scenario, with the meaning of its columns and rows."""

    def __init__(self, quantities: Quantities, targets: tuple[Target, ...] | None = None) -> None:
        self.quantities = quantities
        self.targets = quantities.scenario.aims.targets if targets is None else targets
        self.scenario = quantities.scenario
        self.months, self.places = self.scenario.months, self.scenario.places
        self.matrix = Matrix()
        self.asked = requests(self.scenario, quantities.draws, self.scenario.shocks)[0]
        _, filing = policy_path(self.scenario, quantities.draws, self.scenario.shocks)
        self.filing: Floats = filing[0]
        self.lines: list[Line] = []
        self._columns()
        self._rows()

    # --- columns ------------------------------------------------------------------------------------

    def _columns(self) -> None:
        cumulated = np.cumsum(self.asked, axis=2)
        self.cumulated = cumulated
        self.cases = [self._case_columns(place, cumulated) for place in range(len(self.quantities.helps))]
        regions = np.arange(len(self.places))
        by_month = (len(self.places), self.months)
        self.waiting = self.matrix.add_columns(cumulated.shape, cumulated, regions[:, None, None])
        self.filed = self.matrix.add_columns(by_month, cumulated.sum(axis=1), regions[:, None])
        self.fee_help = self.matrix.add_columns(by_month, self._fees_at_most(), regions[:, None])
        self.units = Begun(self.matrix, self.quantities)

    def _case_columns(self, place: int, cumulated: Floats) -> Index:
        """Cases that a kind of help begins, (regions, classes, months); NONE where it may not or there is nobody."""
        one = self.quantities.helps[place]
        possible = (cumulated > 0) & one.open[:, :, None] & (self.filing > 0)[None, None, :]
        found = np.full(cumulated.shape, NONE, dtype=np.int64)
        region = np.broadcast_to(np.arange(len(cumulated))[:, None, None], cumulated.shape)
        found[possible] = self.matrix.add_columns(
            (int(possible.sum()),), cumulated[possible], region[possible]
        )
        return found

    def _fees_at_most(self) -> Floats:
        shares = np.array([nationals(self.quantities, place) for place in range(len(self.places))])
        most: Floats = self.cumulated.sum(axis=1) * (shares * self.quantities.fee[0] / THOUSAND)[:, None]
        return most

    # --- rows ---------------------------------------------------------------------------------------

    def _rows(self) -> None:
        self._balance_rows()
        self._work_rows()
        self._enabler_rows()
        self._limit_rows()
        self._fee_rows()
        self._fund_rows()
        self._target_rows()

    def _target_rows(self) -> None:
        """So many people filed by the end of a month; who is missing counts in `missing`, at a price past all."""
        due = np.array([self.due(target) for target in self.targets])
        self.missing = self.matrix.add_columns((len(due),), due, SHARED)
        self.target_rows = self.matrix.add_rows((len(due),), due, NO_LIMIT)
        self.matrix.put(self.target_rows, self.missing, 1.0)
        for row, target in zip(self.target_rows, self.targets, strict=True):
            self.matrix.put(row, self.filed[:, : target.month + 1], 1.0)

    def due(self, target: Target) -> float:
        """The people who must be filed for a target: its share of those who asked up to then."""
        return target.share * float(self.asked[..., : target.month + 1].sum())

    def _balance_rows(self) -> None:
        """Who waits = who waited and stayed + who asks - who is filed; and nobody is begun twice in a month."""
        stays = float(self.quantities.stays_waiting[0])
        rows = self.matrix.add_rows(self.asked.shape, self.asked, self.asked)
        self.balance = rows
        self.matrix.put(rows, self.waiting, 1.0)
        self.matrix.put(rows[:, :, 1:], self.waiting[:, :, :-1], -stays)
        once = self._once_rows(stays)
        filed = self.matrix.add_rows(self.filed.shape, 0.0, 0.0)
        self.matrix.put(filed, self.filed, -1.0)
        for one, cases in zip(self.quantities.helps, self.cases, strict=True):
            share = float(one.filed[0])
            self.matrix.put(rows, cases, share)
            self.matrix.put(once, cases, 1.0)
            self.matrix.put(np.broadcast_to(filed[:, None, :], cases.shape), cases, share)

    def _once_rows(self, stays: float) -> Index:
        """Rows for the classes in which not every case begun is filed; elsewhere nobody can be begun twice anyhow."""
        partly = np.zeros(self.asked.shape[:2], dtype=bool)
        for one in self.quantities.helps:
            partly |= one.open & (float(one.filed[0]) < 1)
        once = np.full(self.asked.shape, NONE, dtype=np.int64)
        once[partly] = self.matrix.add_rows((int(partly.sum()), self.months), -NO_LIMIT, self.asked[partly])
        self.matrix.put(once[:, :, 1:], self.waiting[:, :, :-1], -stays)
        return once

    def _work_rows(self) -> None:
        """What cases take of a resource is at most what is there and given, in the months when filing is possible."""
        for resource in dict.fromkeys(one.resource for one in self.quantities.helps):
            users = [
                (one, cases)
                for one, cases in zip(self.quantities.helps, self.cases, strict=True)
                if one.resource == resource
            ]
            bound = users[0][0].bound
            there = (
                self.quantities.there[resource][0]
                if resource in self.quantities.there
                else np.zeros(len(self.places))
            )
            for at in range(len(self.places) if bound else 1):
                here = slice(at, at + 1) if bound else slice(None)
                terms = self.units.gives.get((resource, at), [])
                scale = self._scale(resource, at)
                if not any((cases[here] != NONE).any() for _, cases in users):
                    self._never_negative(resource, at, terms, there)
                    continue
                rows = self.matrix.add_rows((self.months,), -NO_LIMIT, there[at] * scale)
                for one, cases in users:
                    takes = np.broadcast_to(one.takes[0][None, :, None], cases[here].shape)
                    self.matrix.put(np.broadcast_to(rows, cases[here].shape), cases[here], takes)
                for columns, months, amounts in terms:
                    self.matrix.put(rows[months], columns, -amounts * scale[months])
                self._line("resource", resource, self.places[at] if bound else COALITION, rows)
                self._never_negative(resource, at, terms, there)

    def _scale(self, resource: str, at: int) -> Floats:
        """By what a resource counts in each month: filing that is possible; for information, whom it can reach."""
        known = self.scenario.catalogue.resources.get(resource)
        if known is None or not known.share_of_requests:
            return self.filing
        one = next(one for one in self.quantities.helps if one.resource == resource)
        reached = (self.asked[at] * one.open[at][:, None]).sum(axis=0)
        share = float(self.quantities.draws[known.share_of_requests][0])
        return np.asarray(self.filing * share * reached, dtype=np.float64)

    def _never_negative(self, resource: str, at: int, terms: list[Term], there: Floats) -> None:
        """Supervision cannot take more of a resource than there is, also in months without filing."""
        taken = [term for term in terms if (term[2] < 0).any()]
        if taken and (self.filing <= 0).any():
            rows = self.matrix.add_rows((self.months,), -NO_LIMIT, float(there[at]))
            for columns, months, amounts in terms:
                self.matrix.put(rows[months], columns, -amounts)

    def _enabler_rows(self) -> None:
        """Places, supervision, volunteers' time: what is taken is at most what is there and given."""
        worked = {one.resource for one in self.quantities.helps}
        for (resource, at), terms in self.units.gives.items():
            if resource in worked or not any((amounts < 0).any() for _, _, amounts in terms):
                continue
            rows = self.matrix.add_rows(
                (self.months,), -NO_LIMIT, float(self.quantities.there[resource][0, at])
            )
            for columns, months, amounts in terms:
                self.matrix.put(rows[months], columns, -amounts)
            self._line("resource", resource, self.places[at], rows)

    def _limit_rows(self) -> None:
        for (strategy, place), begun in self.units.starts.items():
            one = self.quantities.in_use(strategy).strategy
            if one.most_in_all:
                most = self.quantities.most(one.most_in_all, self.units.region(place))
                row = self.matrix.add_rows((1,), -NO_LIMIT, most)
                self.matrix.put(row[0], begun, 1.0)
                self._line("in_all", strategy, place, row)
        for limit in self.scenario.limits:
            self._scenario_limit(limit)

    def _scenario_limit(self, limit: Limit) -> None:
        held = [
            begun
            for (strategy, place), begun in self.units.starts.items()
            if strategy in limit.strategies and limit.place in ("", place)
        ]
        if not held:
            return
        if limit.per_month:
            rows = self.matrix.add_rows((self.months,), -NO_LIMIT, self.scenario.figures[limit.per_month].mid)
            for begun in held:
                self.matrix.put(rows, begun, 1.0)
            self._line("limit", limit.id, limit.place or COALITION, rows)
        if limit.in_all:
            row = self.matrix.add_rows((1,), -NO_LIMIT, self.scenario.figures[limit.in_all].mid)
            for begun in held:
                self.matrix.put(row[0], begun, 1.0)
            self._line("limit", limit.id, limit.place or COALITION, row)

    def _fee_rows(self) -> None:
        """Fee help used is at most what consulates give, and at most their nationals' share of the fees."""
        given = self.matrix.add_rows(self.fee_help.shape, -NO_LIMIT, 0.0)
        self.matrix.put(given, self.fee_help, 1.0)
        for at, (columns, months, amounts) in self.units.fee_help:
            self.matrix.put(given[at][months], columns, -amounts)
        due = self.matrix.add_rows(self.fee_help.shape, -NO_LIMIT, 0.0)
        shares = np.array([nationals(self.quantities, place) for place in range(len(self.places))])
        self.matrix.put(due, self.fee_help, 1.0)
        self.matrix.put(
            due,
            self.filed,
            -(shares * self.quantities.fee[0] / THOUSAND)[:, None] * np.ones(self.filed.shape),
        )

    def _fund_rows(self) -> None:
        """Each fund keeps what it does not spend. Spending that the same funds may pay is one bill a month."""
        bills: dict[tuple[int, ...], list[Term]] = {}
        for (kind, place), terms in self._all_spending().items():
            payers = tuple(n for n, fund in enumerate(self.scenario.funds) if pays(fund, kind, place))
            bills.setdefault(payers, []).extend(terms)
        if not self.scenario.funds:
            return
        granted = [self.grants(fund) for fund in self.scenario.funds]
        rows = [self.matrix.add_rows((self.months,), grant, grant) for grant in granted]
        for fund, grant, row in zip(self.scenario.funds, granted, rows, strict=True):
            left = self.matrix.add_columns((self.months,), np.cumsum(grant), SHARED)
            self.matrix.put(row, left, 1.0)
            self.matrix.put(row[1:], left[:-1], -1.0)
            self._line("fund", fund.id, COALITION, row)
        for payers, terms in bills.items():
            self._bill(payers, terms, rows, granted)

    def _bill(
        self,
        payers: tuple[int, ...],
        terms: list[Term],
        rows: list[Index],
        granted: list[Floats],
    ) -> None:
        if len(payers) == 1:
            for columns, months, amounts in terms:
                self.matrix.put(rows[payers[0]][months], columns, amounts)
            return
        bill = self.matrix.add_rows((self.months,), -NO_LIMIT, 0.0)
        for columns, months, amounts in terms:
            self.matrix.put(bill[months], columns, amounts)
        for payer in payers:
            paid = self.matrix.add_columns((self.months,), np.cumsum(granted[payer]), SHARED)
            self.matrix.put(bill, paid, -1.0)
            self.matrix.put(rows[payer], paid, 1.0)

    def grants(self, fund: Fund) -> Floats:
        """What comes in to a fund in each month and is planned with, in thousands."""
        reserve = self.scenario.aims.reserve
        planned = 1 - (self.scenario.figures[reserve].mid if reserve else 0.0)
        found = np.zeros(self.months)
        for grant in fund.grants:
            found[max(0, grant.first) : grant.last + 1] += (
                planned * self.scenario.figures[grant.amount].mid / THOUSAND
            )
        return found

    def _all_spending(self) -> dict[tuple[str, str], list[Term]]:
        """Spending of strategies, interpreters, private attorneys and fees, by kind and place."""
        found = {key: list(terms) for key, terms in self.units.spending.items()}
        months = np.arange(self.months)
        for at, place in enumerate(self.places):
            found.setdefault(("fees", place), []).append(
                (self.filed[at], months, np.full(self.months, self.quantities.fee[0] / THOUSAND))
            )
            found["fees", place].append((self.fee_help[at], months, np.full(self.months, -1.0)))
            for one, cases in zip(self.quantities.helps, self.cases, strict=True):
                if one.costs.any():
                    kind = "low_bono" if one.help.per_case else "interpreters"
                    amounts = np.broadcast_to(one.costs[0][:, None] / THOUSAND, cases[at].shape)
                    found.setdefault((kind, place), []).append(
                        (cases[at], np.broadcast_to(months, cases[at].shape), amounts)
                    )
        return found

    def _line(self, kind: str, name: str, place: str, rows: Index) -> None:
        months = tuple(range(self.months)) if len(rows) == self.months else ()
        self.lines.append(Line(kind, name, place, rows, months))

    # --- aims ---------------------------------------------------------------------------------------

    @cached_property
    def worth(self) -> Floats:
        """What filing for one person counts for, (classes, months): years of waiting spared, or service in time."""
        judgement, months = self.scenario.aims.judgement, np.arange(self.months)
        weights = np.array(
            [judgement.weights.get(name, 1.0) for name in self.quantities.classes.complexities]
        )
        spared = (self.months + AFTER_THE_END - months) / 12
        if self.scenario.aims.first == "served_by":
            spared = np.where(months <= self.scenario.aims.served_by, 1.0, LATE) + 0.001 * spared
        return np.asarray(weights[self.quantities.classes.complexity][:, None] * spared[None, :], dtype=float)

    @cached_property
    def price(self) -> float:
        """What a thousand dollars count for against the worth of filings."""
        path = self.scenario.aims.most_per_year
        return THOUSAND / self.scenario.figures[path].mid if path else 0.0

    @cached_property
    def sparse(self) -> Sparse:
        """The finished program with the scenario's aim as what is maximised."""
        cost = np.zeros(self.matrix.columns)
        if self.scenario.aims.first != "cost":
            for one, cases in zip(self.quantities.helps, self.cases, strict=True):
                there = cases != NONE
                cost[cases[there]] = (np.broadcast_to(self.worth, cases.shape) * float(one.filed[0]))[there]
        cost[self.missing] = -self.penalty
        return finished(
            self.matrix, cost - self.spent() * (self.price if self.scenario.aims.first != "cost" else 1.0)
        )

    @property
    def gains(self) -> bool:
        """Whether the aim is a gain over doing nothing; a cost is measured from no cost."""
        return self.scenario.aims.first != "cost"

    @property
    def penalty(self) -> float:
        """What one person missing to a target counts for: more than any means of serving one could cost."""
        return DEAREST if self.scenario.aims.first == "cost" else 10 * float(self.worth.max(initial=1.0))

    @property
    def asked_for(self) -> float:
        """What filing for everybody in the month of asking would count for; what is left of it is waiting and money."""
        return 0.0 if self.scenario.aims.first == "cost" else float((self.asked * self.worth[None]).sum())

    def spent(self) -> Floats:
        """Thousands of dollars that each column costs in all months together."""
        found = np.zeros(self.matrix.columns)
        for terms in self._all_spending().values():
            for columns, _, amounts in terms:
                columns, amounts = np.broadcast_arrays(columns, amounts)
                there = columns != NONE
                np.add.at(found, columns[there], amounts[there])
        return found

    # --- back to plans --------------------------------------------------------------------------------

    def plan(self, point: Floats, name: str = "optimised") -> Plan:
        """The starts in a point of the program, whole."""
        starts = [
            Start(strategy, place, int(month), units)
            for (strategy, place), begun in self.units.starts.items()
            for month in np.flatnonzero(begun != NONE)
            if (units := round(float(point[begun[month]]))) > 0
        ]
        return Plan(name, tuple(sorted(starts)))

    def point_of(self, plan: Plan) -> Floats:
        """The integer columns of a plan; 0 elsewhere. Starts that the program has no column for are left out."""
        point = np.zeros(self.matrix.columns)
        for start in plan.starts:
            begun = self.units.starts.get((start.strategy, start.place))
            if begun is not None and 0 <= start.month < self.months and begun[start.month] != NONE:
                point[begun[start.month]] += start.units
        return point

    def routing(self, point: Floats) -> Routing:
        """Whom a point means each kind of help for, for the simulator."""
        found = {}
        for place, cases in enumerate(self.cases):
            there = cases != NONE
            amounts = np.zeros(cases.shape)
            amounts[there] = np.maximum(point[cases[there]], 0.0)
            if amounts.any():
                found[place] = amounts
        return Routing(found, np.maximum(point[self.waiting], 0.0))

    @cached_property
    def integers(self) -> Index:
        return np.concatenate(
            [begun[begun != NONE] for begun in self.units.starts.values()] or [np.zeros(0, np.int64)]
        )

    @cached_property
    def starts(self) -> Starts:
        """What the columns that begin units mean, for rounding."""
        worked = {one.resource for one in self.quantities.helps}

        def enabling(place: int, one: StrategyInUse, months: Index) -> Index:
            flows = [flow for phase in one.phases for flow in phase.flows]
            enables = any(flow.amount[0] > 0 and flow.resource not in worked for flow in flows)
            takes = any(flow.amount[0] < 0 for flow in flows)
            return np.full(len(months), int(enables and not takes))

        return Starts(
            self._about_starts(lambda place, one, months: months),
            np.maximum(self._about_starts(lambda place, one, months: np.full(len(months), place)), 0),
            np.asarray(self._about_starts(enabling) == 1),
        )

    def _about_starts(self, tells: Callable[[int, StrategyInUse, Index], Index]) -> Index:
        found = np.full(self.matrix.columns, NONE, dtype=np.int64)
        for place, ((strategy, _), begun) in enumerate(self.units.starts.items()):
            months = np.flatnonzero(begun != NONE)
            found[begun[months]] = tells(place, self.quantities.in_use(strategy), months)
        return found

    def share_of_requests(self, at: int) -> float:
        """A region's share of all requests."""
        return float(self.asked[at].sum() / max(self.asked.sum(), 1e-12))


def pays(fund: Fund, kind: str, place: str) -> bool:
    """Whether a fund may pay for that kind of cost in that place."""
    return kind in fund.pays_for and (not fund.places or place in fund.places)
