"""The best timetable and how far from the best it can be: bounds by GLOP, whole people by CP-SAT (both OR-Tools).

A linear programme bounds each aim in turn, the earlier ones held at their bounds. Then rounds of CP-SAT, two
searches side by side: one near the linear solution or the best found so far, one among everything that a better
timetable could use (choices whose reduced cost exceeds the distance to the bound are in none). Where that one runs
to its end, nothing better exists. Each search is one worker with all linear cuts: on these rows it proves in seconds
what several workers with CP-SAT's defaults do not find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import ceil, floor
from time import monotonic
from typing import Any

from jornada.domain.clinic.firstcome import first_come
from jornada.domain.clinic.timetable import Row, Timetable, by_language, seats_taken, slots_in_building

Terms = dict[int, int]
"""A sum of variables: coefficients by variable."""
NEARLY = 1e-6


@dataclass(frozen=True, slots=True)
class Goal:
    """A sum to bring up: its bound, and what one of it is worth in slots (more than it can cost)."""

    name: str
    terms: Terms
    bound: int
    worth: int = 0


@dataclass(frozen=True, slots=True)
class Goals:
    """What to bring up, in its order; then the slots in the building, to bring down."""

    sums: tuple[Goal, ...]
    cost: Terms
    least_cost: int
    shares: Mapping[int, tuple[int, Terms]]
    """Each language's share as a variable: the most it can be, and the seats that it counts."""
    one_more: Mapping[int, float]
    """About how many more seats one more of each crew is worth."""


@dataclass(frozen=True, slots=True)
class Found:
    """A timetable: the value of every variable, what it reaches of each goal, and whether nothing better exists."""

    values: Sequence[int]
    sums: tuple[int, ...]
    cost: int
    proven: bool = False

    @property
    def rank(self) -> tuple[tuple[int, ...], int, bool]:
        return self.sums, -self.cost, self.proven


def best(
    made: Timetable, *, seed: int, ends: float, tell: Callable[[str], None] = lambda step: None
) -> tuple[Found, Goals]:
    """The best timetable found until `ends` (on the monotonic clock), and the bounds it is measured by."""
    linear = Linear(made)
    goals = goals_of(made, linear)
    tell(f"bounds: {', '.join(f'{goal.name} {goal.bound}' for goal in goals.sums)}; {goals.least_cost} slots")
    found = _valued(goals, first_come(made))
    tell(f"first come, first served: {said(goals, found)}")
    for step, (share, first, second) in enumerate(_ROUNDS):
        until = monotonic() + (ends - monotonic()) * share
        found = _side_by_side(made, goals, linear, (first, second), found, seed + step, until)
        tell(f"round {step + 1}: {said(goals, found)}")
        if found.proven or monotonic() >= ends:
            break
    return found, goals


def said(goals: Goals, found: Found) -> str:
    """What was reached, in a line."""
    sums = [f"{goal.name} {value}" for goal, value in zip(goals.sums, found.sums, strict=True)]
    return f"{', '.join(sums)}; {found.cost} slots{', proven' if found.proven else ''}"


# ── Bounds ────────────────────────────────────────────────────────────────────────────────────────────────────


def goals_of(made: Timetable, linear: Linear) -> Goals:
    """Seats for those who come first; a fair share for each language; seats in all; least time in the building."""
    goals: list[Goal] = []
    urgent = [place for place, kind in enumerate(made.kinds) if kind.priority == "first"]
    if urgent:
        goals.append(_held(linear, "urgent_seats", seats_taken(made, urgent)))
    shares = _fair_shares(made, linear) if len(by_language(made)) > 1 else {}
    if shares:
        goals.append(_held(linear, "fair_shares", dict.fromkeys(shares, 1)))
    seats = seats_taken(made)
    linear.most(seats)
    one_more = _worth_of_one_more(made, linear)
    goals.append(_held(linear, "seats", seats))
    cost = slots_in_building(made)
    least = ceil(linear.least(cost) - NEARLY)
    return Goals(
        tuple(_with_worth(goals, linear.prices(len(goals)), made.slots)), cost, least, shares, one_more
    )


def _held(linear: Linear, name: str, terms: Terms) -> Goal:
    """The goal with its bound, held there for the goals after it."""
    bound = floor(linear.most(terms) + NEARLY)
    linear.note_what_is_used()
    linear.hold(Row(terms, bound, bound))
    return Goal(name, terms, bound)


def _fair_shares(made: Timetable, linear: Linear) -> dict[int, tuple[int, Terms]]:
    """For each language a variable: its seats, up to its share of all seats."""
    languages = by_language(made)
    kinds = made.kind_list
    people = {
        language: sum(len(made.kinds[kinds[place]]) for place in places)
        for language, places in languages.items()
    }
    seats, everybody = linear.most(seats_taken(made)), sum(people.values())
    shares: dict[int, tuple[int, Terms]] = {}
    for language, places in languages.items():
        most = floor(people[language] * seats / everybody + NEARLY)
        fair, taken = made.rows.variable(most), seats_taken(made, places)
        row = Row({fair: 1, **dict.fromkeys(taken, -1)}, None, 0)
        made.rows.rows.append(row)
        linear.add_variable(most)
        linear.hold(row)
        shares[fair] = most, taken
    return shares


def _worth_of_one_more(made: Timetable, linear: Linear) -> dict[int, float]:
    """The linear programme's prices of one more member, all day; as long as little changes."""
    worth: dict[int, float] = {}
    for crew, row in made.crew_rows:
        worth[crew] = worth.get(crew, 0.0) + linear.price(row)
    return {crew: price for crew, price in worth.items() if price > 0.05}


def _with_worth(goals: Sequence[Goal], prices: Sequence[float], slots: int) -> list[Goal]:
    """Each goal worth more than one of it can cost, and more than several of the goals after it."""
    worth, made = 10 * slots, []
    for goal, price in zip(reversed(goals), reversed(prices), strict=True):
        worth = max(worth, ceil(price) + 1)
        made.append(replace(goal, worth=worth))
        worth *= min(goal.bound, 8) + 1
    return made[::-1]


class Linear:
    """The rows without asking for whole people: bounds, the choices they use, and reduced costs."""

    def __init__(self, made: Timetable) -> None:
        self.upper: list[int | None] = []
        self.rows: list[Row] = []
        self.used: set[int] = set()
        self.used_last: set[int] = set()
        self.reduced: list[float] = []
        self._load((), ())
        for _ in made.rows.upper:
            self.add_variable(None)  # the rows bound them all, and only rows have prices
        for row in made.rows.rows:
            self.hold(row)

    def _load(self, upper: Iterable[int | None], rows: Iterable[Row]) -> None:
        from ortools.linear_solver import pywraplp

        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.variables: list[Any] = []
        self.held: list[Any] = []
        for one in upper:
            self._variable(one)
        for row in rows:
            self._row(row)

    def _row(self, row: Row) -> None:
        made = self.solver.Constraint(-self.solver.infinity() if row.low is None else row.low, row.high)
        for variable, coefficient in row.terms.items():
            made.SetCoefficient(self.variables[variable], coefficient)
        self.held.append(made)

    def add_variable(self, upper: int | None) -> None:
        self.upper.append(upper)
        self._variable(upper)

    def _variable(self, upper: int | None) -> None:
        most = self.solver.infinity() if upper is None else upper
        self.variables.append(self.solver.NumVar(0, most, ""))

    def hold(self, row: Row) -> None:
        self.rows.append(row)
        self._row(row)

    def price(self, row: int) -> float:
        """By how much the last sum would grow with one more on the right side of that row."""
        return float(self.held[row].dual_value())

    def most(self, terms: Mapping[int, int]) -> float:
        """The most that the sum can be."""
        return self._solve(terms, 1)

    def least(self, terms: Mapping[int, int]) -> float:
        """The least that the sum can be; keeps the reduced costs."""
        least = -self._solve(terms, -1)
        self.note_what_is_used()
        self.reduced = [abs(one.reduced_cost()) for one in self.variables]
        return least

    def note_what_is_used(self) -> None:
        """Adds to `used` what the last solution uses."""
        self.used_last = {p for p, one in enumerate(self.variables) if one.solution_value() > NEARLY}
        self.used |= self.used_last

    def prices(self, last: int) -> list[float]:
        """What one more of each of the sums held last would cost."""
        return [abs(row.dual_value()) for row in self.held[len(self.held) - last :]]

    def _solve(self, terms: Mapping[int, int], sign: int) -> float:
        """Solves from where it stands, and anew from nothing where that went wrong numerically."""
        for _ in range(2):
            objective = self.solver.Objective()
            objective.Clear()
            objective.SetMaximization()
            for variable, coefficient in terms.items():
                objective.SetCoefficient(self.variables[variable], sign * coefficient)
            if self.solver.Solve() == self.solver.OPTIMAL:
                return float(objective.Value())
            self._load(self.upper, self.rows)
        raise ArithmeticError("the linear solver found no bound for this timetable: try another slot length")


# ── Whole people ──────────────────────────────────────────────────────────────────────────────────────────────

Field = Callable[[Timetable, Goals, Linear, Found], set[int]]
"""Which choices a search may use, given the linear solution and the best found so far."""


def cheapest(made: Timetable, goals: Goals, linear: Linear, found: Found) -> set[int]:
    """What the linear solution with the least time in the building uses: few choices, searched to the end."""
    return {variable for variable in made.chosen.values() if variable in linear.used_last}


def near_cheapest(made: Timetable, goals: Goals, linear: Linear, found: Found) -> set[int]:
    """The same and a slot to either side."""
    return _around(made, linear.used_last)


def linear_only(made: Timetable, goals: Goals, linear: Linear, found: Found) -> set[int]:
    """What any of the linear solutions uses."""
    return {variable for variable in made.chosen.values() if variable in linear.used}


def near_found(made: Timetable, goals: Goals, linear: Linear, found: Found) -> set[int]:
    """What the linear solutions use, and the best found with a slot to either side."""
    used = (
        {variable for variable in made.chosen.values() if found.values[variable]} if found.values else set()
    )
    return linear_only(made, goals, linear, found) | _around(made, used)


def still_possible(made: Timetable, goals: Goals, linear: Linear, found: Found) -> set[int]:
    """Everything that a better timetable could use. Until all sums are at their bounds that is everything."""
    everything = set(made.chosen.values())
    if found.sums != tuple(goal.bound for goal in goals.sums):
        return everything
    away = found.cost - goals.least_cost + 1
    used = {variable for variable in everything if found.values[variable]}
    return used | {variable for variable in everything if linear.reduced[variable] <= away}


def _around(made: Timetable, used: set[int]) -> set[int]:
    return {
        made.chosen[near]
        for option, variable in made.chosen.items()
        if variable in used
        for step in (-1, 0, 1)
        if (near := option._replace(slot=option.slot + step)) in made.chosen
    }


_ROUNDS: tuple[tuple[float, Field, Field], ...] = (
    (0.25, cheapest, near_cheapest),
    (0.45, linear_only, near_found),
    (1.00, near_found, still_possible),
)
"""Each round's share of the time that is left, and where its two searches look."""


def _side_by_side(
    made: Timetable,
    goals: Goals,
    linear: Linear,
    fields: Sequence[Field],
    before: Found,
    seed: int,
    until: float,
) -> Found:
    """The best of two searches, one thread each, and of what was there before."""
    with ThreadPoolExecutor(len(fields)) as pool:
        runs = [
            pool.submit(
                _search, made, goals, where(made, goals, linear, before), before, seed + 100 * place, until
            )
            for place, where in enumerate(fields)
        ]
        results = [run.result() for run in runs]
    found = [
        replace(one, proven=one.proven and where is still_possible)
        for one, where in zip(results, fields, strict=True)
    ]
    proven = any(one.proven for one in found)
    top = max([*found, before], key=lambda one: one.rank)
    at_bounds = top.sums == tuple(goal.bound for goal in goals.sums) and top.cost <= goals.least_cost
    return replace(top, proven=proven or at_bounds)


def _search(
    made: Timetable, goals: Goals, open_choices: set[int], hint: Found, seed: int, until: float
) -> Found:
    """The best by all goals at once with only these choices open; what was there before where there is none."""
    from ortools.sat.python import cp_model

    closed = set(made.chosen.values()) - open_choices
    model = cp_model.CpModel()
    upper = [0 if place in closed else most for place, most in enumerate(made.rows.upper)]
    variables = [model.new_int_var(0, most, "") for most in upper]

    def total(terms: Mapping[int, int]) -> Any:
        return cp_model.LinearExpr.weighted_sum([variables[v] for v in terms], list(terms.values()))

    for row in made.rows.rows:
        low = cp_model.INT_MIN if row.low is None else row.low
        model.add_linear_constraint(total(row.terms), low, row.high)
    objective, most = -total(goals.cost), -goals.least_cost
    for goal in goals.sums:
        model.add(total(goal.terms) <= goal.bound)
        objective += goal.worth * total(goal.terms)
        most += goal.worth * goal.bound
    model.add(objective <= most)
    model.maximize(objective)
    for variable, value in zip(variables, hint.values, strict=False):
        model.add_hint(variable, value)
    solver = _solver(seed, until)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return hint
    found = _valued(goals, [solver.value(variable) for variable in variables])
    return replace(found, proven=status == cp_model.OPTIMAL)


def _valued(goals: Goals, values: list[int]) -> Found:
    """A timetable with what it reaches. The share of each language is as large as its seats allow."""
    for fair, (most, seats) in goals.shares.items():
        values[fair] = min(most, _value(seats, values))
    sums = tuple(_value(goal.terms, values) for goal in goals.sums)
    return Found(values, sums, _value(goals.cost, values))


def _solver(seed: int, until: float) -> Any:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 2
    solver.parameters.max_time_in_seconds = max(0.1, until - monotonic())
    return solver


def _value(terms: Mapping[int, int], values: Sequence[int]) -> int:
    return sum(coefficient * values[variable] for variable, coefficient in terms.items())
