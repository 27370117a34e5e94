"""Other ways of matching, on the same round: what each of them serves, by the same value, and how long it takes.

Every peer sees the same allowed pairs and places and the same value of each person: what the first four aims weigh
together. None of them knows nested ceilings, so the rounds they are compared on have none that bind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jornada.domain.matching import Crowd, Plan
from jornada.domain.matching.doors import areas, covers
from jornada.domain.matching.eligibility import deadline_near

LIMIT = 30.0
"""Seconds that a solver may take."""


@dataclass(frozen=True)
class Pairs:
    """People × sources: who may go where, what each person is worth, what a pair costs in comfort, places."""

    allowed: Any
    value: Any
    comfort: Any
    seats: Any
    waited: Any

    def worth(self, choice: Any) -> int:
        return int(self.value[choice >= 0].sum())


def pairs(found: Plan) -> Pairs:
    """The round of a plan as a dense table of pairs."""
    kinds, people, given = found.kinds, found.people, found.given
    assert isinstance(people, Crowd)
    place = people.columns["place"]
    open_ = covers([str(one) for one in place.values], areas(given.sources, None))
    zone = np.zeros((len(place.values), len(given.sources)), dtype=bool)
    for number, area in enumerate(areas(given.sources, None)):
        zone[np.ix_(np.flatnonzero(open_[:, number]), np.array(area.sources))] = True
    allowed = kinds.allowed[:, kinds.of_person].T & zone[place.codes]
    comfort = (kinds.tongue + kinds.flags)[:, kinds.of_person].T
    steps = np.minimum(people.waited // found.aims.wait_step_days, found.aims.wait_most_steps)
    unit = found.aims.wait_most_steps + 1
    hard = people.columns["level"].codes == 2
    near = deadline_near(people.deadline_in, found.aims)
    value = steps + unit * (1 + 2 * hard + 4 * near)
    seats = np.array([one.seats for one in given.sources])
    return Pairs(allowed, value, comfort, seats, people.waited)


def in_order(told: Pairs, order: Any) -> Any:
    """Each person in turn to the most comfortable source with a place left."""
    left = told.seats.copy()
    choice = np.full(len(order), -1)
    for person in order:
        at = np.flatnonzero(told.allowed[person] & (left > 0))
        if len(at):
            best = at[np.argmin(told.comfort[person, at])]
            choice[person] = best
            left[best] -= 1
    return choice


def first_come(told: Pairs) -> Any:
    return in_order(told, np.argsort(-told.waited, kind="stable"))


def value_greedy(told: Pairs) -> Any:
    return in_order(told, np.argsort(-told.value, kind="stable"))


def scipy_assignment(told: Pairs) -> Any:
    """A column for each place."""
    from scipy.optimize import linear_sum_assignment

    owner = np.repeat(np.arange(len(told.seats)), told.seats)
    gain = np.where(told.allowed[:, owner], told.value[:, None], 0).astype(float)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    choice = np.full(len(told.value), -1)
    real = gain[rows, columns] > 0
    choice[rows[real]] = owner[columns[real]]
    return choice


def cp_sat(told: Pairs) -> Any:
    """A yes or no for each pair, CP-SAT as it comes."""
    from ortools.sat.python import cp_model

    people, sources = np.nonzero(told.allowed)
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in range(len(people))]
    _limits(model, taken, people, sources, told)
    model.maximize(sum(int(told.value[p]) * t for p, t in zip(people.tolist(), taken, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = LIMIT
    status = solver.solve(model)
    choice = np.full(len(told.value), -1)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        for p, s, t in zip(people.tolist(), sources.tolist(), taken, strict=True):
            if solver.value(t):
                choice[p] = s
    return choice, status == cp_model.OPTIMAL


def _limits(model: Any, taken: list[Any], people: Any, sources: Any, told: Pairs) -> None:
    by_person: dict[int, list[Any]] = {}
    by_source: dict[int, list[Any]] = {}
    for p, s, t in zip(people.tolist(), sources.tolist(), taken, strict=True):
        by_person.setdefault(p, []).append(t)
        by_source.setdefault(s, []).append(t)
    for listed in by_person.values():
        model.add_at_most_one(listed)
    for source, listed in by_source.items():
        model.add(sum(listed) <= int(told.seats[source]))


def highs(told: Pairs) -> Any:
    """The same as a linear programme, which comes out whole."""
    import highspy

    people, sources = np.nonzero(told.allowed)
    count, rows = len(people), len(told.value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = count, rows + len(told.seats)
    lp.col_cost_ = -told.value[people].astype(float)
    lp.col_lower_, lp.col_upper_ = np.zeros(count), np.ones(count)
    lp.row_lower_ = np.full(rows + len(told.seats), -highspy.kHighsInf)
    lp.row_upper_ = np.concatenate([np.ones(rows), told.seats.astype(float)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, 2 * count + 1, 2)
    lp.a_matrix_.index_ = np.stack([people, rows + sources], axis=1).ravel()
    lp.a_matrix_.value_ = np.ones(2 * count)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", LIMIT)
    solver.passModel(lp)
    solver.run()
    taken = np.array(solver.getSolution().col_value) > 0.5
    choice = np.full(rows, -1)
    choice[people[taken]] = sources[taken]
    return choice, solver.getModelStatus() == highspy.HighsModelStatus.kOptimal


def gale_shapley(told: Pairs) -> Any:
    """Stable matching: people like comfort, sources like urgency."""
    from matching.games import HospitalResident

    likes, wanted = {}, {}
    for person in np.flatnonzero(told.allowed.any(axis=1)).tolist():
        at = np.flatnonzero(told.allowed[person])
        likes[person] = [int(s) for s in at[np.argsort(told.comfort[person, at], kind="stable")]]
    for source in range(len(told.seats)):
        asks = np.array([p for p, listed in likes.items() if source in listed], dtype=int)
        wanted[source] = [int(p) for p in asks[np.argsort(-told.value[asks], kind="stable")]]
    wanted = {source: listed for source, listed in wanted.items() if listed}
    game = HospitalResident.create_from_dictionaries(
        likes, wanted, {source: int(told.seats[source]) for source in wanted}
    )
    choice = np.full(len(told.value), -1)
    for hospital, residents in game.solve().items():
        for resident in residents:
            choice[resident.name] = hospital.name
    return choice


PEERS: dict[str, tuple[Callable[[Pairs], Any], int]] = {
    "first come": (first_come, 1_000_000),
    "value greedy": (value_greedy, 1_000_000),
    "SciPy linear_sum_assignment": (scipy_assignment, 10_000),
    "CP-SAT, plain": (cp_sat, 10_000),
    "HiGHS on pairs": (highs, 10_000),
    "matching (Gale-Shapley)": (gale_shapley, 1_000),
}
"""Each peer and the most people up to which it is run; above that it would not finish or not fit."""


def run(name: str, told: Pairs) -> dict[str, Any]:
    """Seconds, value and people served of one peer."""
    start = time.perf_counter()
    result = PEERS[name][0](told)
    seconds = time.perf_counter() - start
    choice, proven = result if isinstance(result, tuple) else (result, None)
    load = np.bincount(choice[choice >= 0], minlength=len(told.seats))
    assert (load <= told.seats).all()
    assert told.allowed[np.flatnonzero(choice >= 0), choice[choice >= 0]].all()
    return {
        "seconds": round(seconds, 3),
        "value": told.worth(choice),
        "people": int((choice >= 0).sum()),
        "proven": proven,
    }
