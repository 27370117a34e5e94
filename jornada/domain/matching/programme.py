"""The linear programme of a network with balances, by HiGHS (which OR-Tools brings along) with a fixed seed.

It counts people only: the aims up to the number of people served. What it gives are shares, not whole people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jornada.domain.matching.cards import Ints
from jornada.domain.matching.flow import Problem
from jornada.domain.matching.network import Row

_OUTDOES = 100
"""How many people of the next aim one of an aim is worth in the programme; bounds do not hang on it."""
_SIMPLEX_UPTO = 60_000
"""Arcs up to which the simplex method is quicker than the barrier (measured: 0.8 against 1.2 s at 45,000 arcs)."""
_TOLERANCE = 1e-3
"""How far the programme's best cost may be off, in people."""


@dataclass(frozen=True, eq=False)
class Shares:
    """Flow on each arc, the least cost, and how many aims were counted in it."""

    sent: NDArray[np.float64]
    least: float
    aims: int

    def bound(self, values: Ints) -> int:
        """The least that the last aim counted can cost where those before it cost what `values` says."""
        before = sum(_OUTDOES ** (self.aims - 1 - one) * int(values[one]) for one in range(self.aims - 1))
        return int(np.ceil(self.least - before - _TOLERANCE))


def shares(problem: Problem, rows: Sequence[Row], aims: int, seed: int) -> Shares:
    """The programme's flow and least cost, its first `aims` aims one after the other by weight."""
    from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2
    from ortools.math_opt.core.python import solver

    small = len(problem.tail) <= _SIMPLEX_UPTO
    algorithm = parameters_pb2.LP_ALGORITHM_DUAL_SIMPLEX if small else parameters_pb2.LP_ALGORITHM_BARRIER
    own = parameters_pb2.SolveParametersProto(lp_algorithm=algorithm, random_seed=seed)
    found = solver.solve(
        _model(problem, rows, aims), parameters_pb2.SOLVER_TYPE_HIGHS, parameters_pb2.SolverInitializerProto(),
        own, model_parameters_pb2.ModelSolveParametersProto(), None,
        callback_pb2.CallbackRegistrationProto(), None, None,
    )  # fmt: skip
    if not found.solutions:
        raise ValueError(f"the linear programme came to nothing: {found.termination.detail}")
    solution = found.solutions[0]
    sent = np.array(solution.primal_solution.variable_values.values)
    return Shares(sent, float(found.termination.objective_bounds.dual_bound), aims)


def _model(problem: Problem, rows: Sequence[Row], aims: int) -> Any:
    """A column for each arc, a row for each node but the first, for each balance, and for what is whole about some."""
    from ortools.math_opt import model_pb2

    arcs, nodes = len(problem.tail), problem.nodes - 1
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(arcs))
    model.variables.lower_bounds.extend(problem.lower.astype(float).tolist())
    model.variables.upper_bounds.extend(problem.upper.astype(float).tolist())
    model.variables.integers.extend([False] * arcs)
    cost = np.zeros(arcs)
    for one in range(aims):
        cost += float(_OUTDOES ** (aims - 1 - one)) * problem.costs[one]
    used = np.flatnonzero(cost)
    model.objective.linear_coefficients.ids.extend(used.tolist())
    model.objective.linear_coefficients.values.extend(cost[used].tolist())
    arrives = np.zeros(nodes)
    arrives[-1] = problem.amount
    limits = _limits(rows)
    most = [float(limit) for _, _, limit in limits]
    model.linear_constraints.ids.extend(range(nodes + len(limits)))
    model.linear_constraints.lower_bounds.extend([*arrives.tolist(), *([-np.inf] * len(limits))])
    model.linear_constraints.upper_bounds.extend([*arrives.tolist(), *most])
    row, column, value = _matrix(problem, limits)
    model.linear_constraint_matrix.row_ids.extend(row.tolist())
    model.linear_constraint_matrix.column_ids.extend(column.tolist())
    model.linear_constraint_matrix.coefficients.extend(value.tolist())
    return model


def _limits(rows: Sequence[Row]) -> list[tuple[Ints, Ints, int]]:
    """Arcs, weights and limit of each balance, and what follows from it for whole people."""
    found = [(row.arcs, row.weights, row.at_most) for row in rows]
    for row in rows:
        if (most := row.most_gaining) is not None:
            gains = row.arcs[row.weights > 0]
            found.append((gains, np.ones(len(gains), dtype=np.int64), most))
    return found


def _matrix(problem: Problem, limits: Sequence[tuple[Ints, Ints, int]]) -> tuple[Any, Any, Any]:
    """Row, column and value of each entry, in the order of rows and columns."""
    arcs, nodes = len(problem.tail), problem.nodes - 1
    own = [np.full(len(one), nodes + number) for number, (one, _, _) in enumerate(limits)]
    row = np.concatenate([problem.tail - 1, problem.head - 1, *own])
    column = np.concatenate([np.arange(arcs), np.arange(arcs), *(one for one, _, _ in limits)])
    value = np.concatenate(
        [-np.ones(arcs), np.ones(arcs), *(weights.astype(float) for _, weights, _ in limits)]
    )
    kept = row >= 0
    order = np.lexsort((column[kept], row[kept]))
    return row[kept][order], column[kept][order], value[kept][order]
