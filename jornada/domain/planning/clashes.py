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
HEAVY = 100.0
"""What one person missing weighs against the whole of a limit."""
ALL_BUT = 1e-3
"""A target met but for this share of its people is met."""
LATER = (1, 2, 3, 6, 12, 24)
"""So many months later a target is tried."""
PATIENCE = 60.0
"""Seconds for one relaxation."""
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
    short = _short(program)
    if short <= ALL_BUT * program.due(target):
        return ()
    found: list[Mend] = []
    for what, lines in _families(program).items():
        found += _loosened(program, what, lines, target)
    return (*found, *_lesser(program, target, short))


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


def _short(program: Program) -> float:
    """How many people even the relaxed program misses to its targets."""
    solved = relaxed(_held(program), PATIENCE, vertex=False)
    return max(0.0, -solved.worth) if solved.point is not None else np.inf


def _loosened(program: Program, what: What, lines: list[Line], target: Target) -> list[Mend]:
    """The least loosening of these limits that lets the targets be met; empty if it does not help.

    Whoever is missing weighs more than any loosening, so that there is always an answer: proving that there is none
    can take a solver minutes.
    """
    if not lines:
        return []
    widths = np.array([_scale(program, line) for line in lines])
    rows = [line.rows[:1] if what == "money" else line.rows for line in lines]
    held = _roomy(program)
    solved = relaxed(with_columns(held, rows, np.full(len(rows), -1.0), -1 / widths), PATIENCE)
    if solved.point is None or solved.point[program.missing].sum() > ALL_BUT * program.due(target):
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


def _roomy(program: Program) -> Sparse:
    """The program with the targets dearest, and with room in the funds for money that is added."""
    sparse, held = program.sparse, _held(program)
    funds = (sparse.block == SHARED) & ~sparse.integer
    funds[program.missing] = False
    return replace(held, cost=held.cost * HEAVY, upper=np.where(funds, PLENTY, sparse.upper))


def _lesser(program: Program, target: Target, short: float) -> list[Mend]:
    """The share that can be met by that month, and a month by which the share can be met."""
    reached = max(0.0, 1 - short / max(program.due(target), 1e-9)) * target.share
    found = [Mend("share", "", "", float(reached), target)]
    for later in LATER:
        month = target.month + later
        if month < program.months and _met_by(program, replace(target, month=month)):
            return [*found, Mend("month", "", "", float(month), target)]
    return found


def _met_by(program: Program, target: Target) -> bool:
    other = Program(program.quantities, (target,))
    return _short(other) <= ALL_BUT * other.due(target)


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
