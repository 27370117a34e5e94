"""From a relaxed plan to a whole one: months are fixed one group after the other, solving again in between.

What rounding leaves over is carried to the next month of the same strategy and place, so that capacity keeps near to
what the relaxed plan wanted. Where the nearest numbers do not fit together, those that others build on are rounded up
and the rest down; nothing at all always fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jornada.domain.planning.figures import Floats
from jornada.domain.planning.matrix import Index, Sparse
from jornada.domain.planning.solver import Going, Solved, Solver

MONTHS_AT_ONCE = 6


@dataclass(frozen=True)
class Starts:
    """What the columns that begin units mean: month, strategy and place as a number, whether others build on them."""

    month: Index
    kind: Index
    enabling: NDArray[np.bool_]

    def of(self, columns: Index) -> Starts:
        return Starts(self.month[columns], self.kind[columns], self.enabling[columns])


def relaxed_and_rounded(sparse: Sparse, starts: Starts, going: Going) -> tuple[Solved, Floats | None]:
    """The relaxation, and a point with whole numbers near to it; None for it if nothing was found or it was stopped."""
    solver = Solver(sparse)
    solver.set(solver="ipm")
    loose = solver.run()
    return loose, None if loose.point is None else _dive(solver, starts, loose.point, going)


def _dive(solver: Solver, starts: Starts, loose: Floats, going: Going) -> Floats | None:
    """Fixes month after month; the solver has just solved the relaxation, so that each step is a few pivots."""
    solver.set(solver="simplex")
    sparse = solver.sparse
    carried = np.zeros(int(starts.kind.max(initial=0)) + 1)
    point: Floats | None = loose
    last = int(starts.month.max(initial=-1))
    for first in range(0, last + 1, MONTHS_AT_ONCE):
        soon = (starts.month >= first) & (starts.month < first + MONTHS_AT_ONCE)
        columns = np.flatnonzero(sparse.integer & soon)
        if point is None or not going():
            return None
        if len(columns):
            point = _fixed(solver, columns, point, starts.of(columns), carried)
    return point


def settled(sparse: Sparse, decided: Floats) -> Floats | None:
    """Who is served when all decisions are fixed; None if they do not fit together."""
    solver = Solver(sparse)
    solver.set(solver="ipm")
    whole = np.flatnonzero(sparse.integer)
    solver.fix(whole, np.rint(np.minimum(decided[whole], sparse.upper[whole])).astype(float))
    solved = solver.run()
    return solved.point if solved.finished else None


def _fixed(solver: Solver, columns: Index, point: Floats, starts: Starts, carried: Floats) -> Floats | None:
    """The point after these columns are fixed in the first way that fits."""
    wanted, upper = point[columns], solver.sparse.upper[columns]
    nearest, over = _in_turn(wanted, upper, carried, starts.kind)
    down, up = np.floor(wanted + 1e-6), np.minimum(np.ceil(wanted - 1e-6), upper)
    ways = (nearest, np.where(starts.enabling, up, nearest), np.where(starts.enabling, up, down), down)
    for way in (*ways, np.zeros(len(columns))):
        solver.fix(columns, way)
        solved = solver.run()
        carried[:] = over if way is nearest else 0.0
        if solved.finished:
            return solved.point
    return None


def _in_turn(wanted: Floats, upper: Floats, carried: Floats, kind: Index) -> tuple[Floats, Floats]:
    """Each number rounded together with what earlier ones of its kind left over; and what is left over now."""
    over = carried.copy()
    found = np.zeros(len(wanted))
    for place in range(len(wanted)):
        total = wanted[place] + over[kind[place]]
        found[place] = min(max(0.0, np.floor(total + 0.5)), upper[place])
        over[kind[place]] = total - found[place]
    return found, over
