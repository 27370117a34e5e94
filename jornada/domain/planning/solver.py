"""HiGHS, behind as little as the search needs: a program in, a point, prices and a bound out.

A run takes a time limit in seconds and may be stopped from outside. HiGHS releases Python's lock while it
runs, so two threads solve two programs at once; each run has one thread, and no state is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from jornada.domain.planning.figures import Floats
from jornada.domain.planning.matrix import NO_LIMIT, Sparse

Going = Callable[[], bool]
"""Asked now and then; the run stops when it says no."""
Improved = Callable[[float, float, Floats], None]
"""Told of each better point: its worth, the bound so far, the point."""
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Solved:
    """What a run came to. `point` is None if none was found; `bound` is infinite if none was proved."""

    point: Floats | None
    worth: float
    bound: float
    prices: Floats
    finished: bool
    infeasible: bool = False


def _never_stop() -> bool:
    return True


class Solver:
    """One program in HiGHS, to be solved again after its bounds change."""

    def __init__(self, sparse: Sparse, whole: bool = False, going: Going = _never_stop) -> None:
        self.sparse, self.whole = sparse, whole
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0)):
            self.highs.setOptionValue(option, value)
        self.highs.passModel(_model(sparse, whole))
        self._stop_when(going)

    def _stop_when(self, going: Going) -> None:
        def asked(event: highspy.highs.HighsCallbackEvent) -> None:
            if not going():
                event.interrupt()

        # Not the callbacks of simplex and interior points: those come ten thousand times a second.
        self.highs.cbMipInterrupt.subscribe(asked)

    def set(self, **options: bool | float | str) -> None:
        for option, value in options.items():
            self.highs.setOptionValue(option, value)

    def fix(self, columns: NDArray[np.int64], values: Floats) -> None:
        """Holds columns at values."""
        self.highs.changeColsBounds(len(columns), columns.astype(np.int32), values, values)

    def free(self, columns: NDArray[np.int64]) -> None:
        """Lets columns go back to between 0 and their upper bound."""
        upper = self.sparse.upper[columns]
        self.highs.changeColsBounds(len(columns), columns.astype(np.int32), np.zeros(len(columns)), upper)

    def start_at(self, point: Floats) -> None:
        solution = highspy.HighsSolution()
        solution.col_value = list(point)
        self.highs.setSolution(solution)

    def when_improved(self, told: Improved) -> None:
        def heard(event: highspy.highs.HighsCallbackEvent) -> None:
            out = event.data_out
            told(float(out.objective_function_value), float(out.mip_dual_bound), np.array(out.mip_solution))

        self.highs.cbMipImprovingSolution.subscribe(heard)

    def run(self, seconds: float | None = None, gap: float = 0.0) -> Solved:
        """Solves, for so many seconds at most, until the absolute gap is at most `gap`."""
        self.set(mip_abs_gap=gap)
        if seconds is not None:
            # HiGHS counts the time of all runs of one instance together.
            self.set(time_limit=self.highs.getRunTime() + max(seconds, 0.01))
        self.highs.run()
        return self._outcome()

    def _outcome(self) -> Solved:
        status, info = self.highs.getModelStatus(), self.highs.getInfo()
        optimal = status == highspy.HighsModelStatus.kOptimal
        solution = self.highs.getSolution()
        found = optimal or info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        point = np.array(solution.col_value) if found else None
        worth = float(info.objective_function_value) if found else -np.inf
        if self.whole:
            proved = float(info.mip_dual_bound)
            bound = proved if abs(proved) < NO_LIMIT else np.inf
        else:
            bound = worth if optimal else np.inf
        prices = np.array(solution.row_dual) if len(solution.row_dual) else np.zeros(self.sparse.shape[0])
        infeasible = status == highspy.HighsModelStatus.kInfeasible
        return Solved(point, worth, bound, prices, optimal, infeasible)


def _model(sparse: Sparse, whole: bool) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = sparse.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = sparse.cost, np.zeros(len(sparse.cost)), sparse.upper
    lp.row_lower_, lp.row_upper_ = sparse.row_lower, sparse.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = sparse.starts, sparse.index, sparse.value
    lp.sense_ = highspy.ObjSense.kMaximize
    if whole and sparse.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(one)] for one in sparse.integer]
    return lp


def relaxed(
    sparse: Sparse, seconds: float | None = None, vertex: bool = True, going: Going = _never_stop
) -> Solved:
    """The program without whole numbers, by interior points; with `vertex` at a corner."""
    solver = Solver(sparse, going=going)
    solver.set(solver="ipm", run_crossover="on" if vertex else "off", ipm_optimality_tolerance=TOLERANCE)
    solved = solver.run(seconds)
    if solved.point is None and not solved.infeasible and seconds is None:
        # Now and then a solution is lost on its way back through presolve; without it simplex is slower and surer.
        solver.set(solver="simplex", presolve="off")
        return solver.run()
    return solved
