"""When a target cannot be met: which limits stand against it, and the smallest change of each that would let it be.

Each kind of limit is loosened by itself in the relaxed program, with the target held fast, and as little of it as
possible. What even the relaxed program cannot do no plan can; what it can do with a change, a plan needs at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from jornada.domain.planning.begun import THOUSAND
from jornada.domain.planning.figures import Floats
from jornada.domain.planning.matrix import SHARED, Index, Sparse
from jornada.domain.planning.program import Line, Program
from jornada.domain.planning.scenario import Target
from jornada.domain.planning.solver import relaxed

PLENTY = 1e9
"""An upper bound that no change comes near."""
What = Literal["money", "limits", "places", "share", "month"]


@dataclass(frozen=True)
class Mend:
    """A change that by itself would let a target be met: `amount` more dollars of a fund, units of a limit, places of a
    resource; or the share that can be met, or the month by which it can."""

    what: What
    name: str
    place: str
    amount: float
    target: Target


def mends(program: Program, missed: Sequence[tuple[Target, float]]) -> tuple[Mend, ...]:
    """The changes for the first target that is missed, smallest of each kind; empty if it can be met after all."""
    if not missed:
        return ()
    target = missed[0][0]
    if _short(program, _held(program)) <= 1e-3 * program.due(target):
        return ()
    found: list[Mend] = []
    for what, lines in _families(program).items():
        found += _loosened(program, what, lines, target)
    return (*found, *_lesser(program, target))


def _families(program: Program) -> dict[What, list[Line]]:
    worked = {one.resource for one in program.quantities.helps}
    return {
        "money": [line for line in program.lines if line.kind == "fund"],
        "limits": [line for line in program.lines if line.kind in ("limit", "in_all")],
        "places": [line for line in program.lines if line.kind == "resource" and line.name not in worked],
    }


def _held(program: Program) -> Sparse:
    """The program with nothing in mind but the targets."""
    cost = np.zeros(program.sparse.shape[1])
    cost[program.missing] = -1.0
    return replace(program.sparse, cost=cost)


def _short(program: Program, sparse: Sparse) -> float:
    solved = relaxed(sparse)
    return -solved.worth if solved.point is not None else np.inf


def _loosened(program: Program, what: What, lines: list[Line], target: Target) -> list[Mend]:
    """The least loosening of these limits with the targets met; empty if it does not help."""
    if not lines:
        return []
    held = _unmissed(program)
    widths = np.array([_scale(program, line) for line in lines])
    rows = [line.rows[:1] if what == "money" else line.rows for line in lines]
    solved = relaxed(with_columns(held, rows, np.full(len(rows), -1.0), -1 / widths))
    if solved.point is None or not solved.finished:
        return []
    more = solved.point[-len(rows) :]
    unit = THOUSAND if what == "money" else 1.0
    return [
        Mend(what, line.name, line.place, float(amount) * unit, target)
        for line, amount in zip(lines, more, strict=True)
        if amount > 1e-4 * max(1.0, more.max())
    ]


def _scale(program: Program, line: Line) -> float:
    """What a limit is like in size, so that loosening a large one a little is no worse than a small one."""
    limits = np.abs(program.sparse.row_upper[line.rows])
    return float(max(1.0, limits.sum() if line.kind == "fund" else limits.max(initial=1.0)))


def _unmissed(program: Program) -> Sparse:
    """The program with the targets met, and with room in the funds for money that is added."""
    sparse = program.sparse
    upper = np.where((sparse.block == SHARED) & ~sparse.integer, PLENTY, sparse.upper)
    upper[program.missing] = 0.0
    return replace(_held(program), upper=upper)


def _lesser(program: Program, target: Target) -> list[Mend]:
    """The share that can be met by that month, and the first month by which the share can be met."""
    short = _short(program, _held(program))
    reached = max(0.0, 1 - short / max(program.due(target), 1e-9)) * target.share
    found = [Mend("share", "", "", float(reached), target)]
    later = _first_month(program, target)
    if later is not None:
        found.append(Mend("month", "", "", float(later), target))
    return found


def _first_month(program: Program, target: Target) -> int | None:
    """By bisection: if a share can be met by a month, it is taken that it can be by a later one."""

    def met(month: int) -> bool:
        other = Program(program.quantities, (replace(target, month=month),))
        return _short(other, _held(other)) <= 1e-3 * other.due(replace(target, month=month))

    low, high = target.month, program.months - 1
    if low >= high or not met(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if met(middle) else (middle, high)
    return high


def with_columns(sparse: Sparse, rows: list[Index], values: Floats, cost: Floats) -> Sparse:
    """The program with further columns of unlimited size, each with one value in its rows."""
    counts = np.array([len(one) for one in rows])
    starts = np.concatenate([sparse.starts, sparse.starts[-1] + np.cumsum(counts)]).astype(np.int32)
    more = len(rows)
    return Sparse(
        np.concatenate([sparse.cost, cost]),
        np.concatenate([sparse.upper, np.full(more, PLENTY)]),
        np.concatenate([sparse.integer, np.zeros(more, dtype=bool)]),
        np.concatenate([sparse.block, np.full(more, -1)]),
        sparse.row_lower,
        sparse.row_upper,
        starts,
        np.concatenate([sparse.index, *rows]).astype(np.int32),
        np.concatenate([sparse.value, np.repeat(values, counts)]),
    )
