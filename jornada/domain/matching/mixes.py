"""Rules that are no flow: ratios of one sort of people to another, and purses that several batches draw on.

Where the best flow keeps them anyway, nothing more is needed. Else a small network is solved aim by aim as an
integer programme, exactly. On a large one the aims up to the number of people served are settled first, on a coarse
network in which only who may go where counts: a linear programme says how many people of each sort every source should
take, its shares are made whole and bettered one by one, and its best value bounds what could have been reached. What
every source then takes of each sort become floors and ceilings, within which the cheapest flow is best by all aims.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jornada.domain.matching import flow, programme
from jornada.domain.matching.cards import Ints
from jornada.domain.matching.flow import Problem
from jornada.domain.matching.network import Row
from jornada.domain.matching.programme import Shares
from jornada.domain.matching.rings import Moving

Reals = NDArray[np.float64]


_TRIED = 4
"""How many ways to make room for others are tried at each balance before it is left."""


class CannotKeep(ValueError):
    """The balances cannot all be kept, because of what is locked already; names them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{', '.join(names)} cannot be kept together with what is locked")
        self.names = tuple(names)


def excess(rows: Sequence[Row], sent: Ints) -> Ints:
    """By how much each balance is broken by a flow; 0 where it is kept."""
    over = [int((row.weights * sent[row.arcs]).sum()) - row.at_most for row in rows]
    return np.maximum(np.array(over, dtype=np.int64), 0)


# --- small: aim by aim as an integer programme ------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Balanced:
    """A flow that keeps every balance, and for each aim the lowest cost it could have had (None: not known).

    `problem` holds the floors and ceilings that keep the balances, where there are any.
    """

    problem: Problem
    flow: Ints
    bounds: tuple[int | None, ...]


def exactly(problem: Problem, rows: Sequence[Row], seed: int, limit_seconds: float) -> Balanced:
    """Each aim brought to its proven best before the next. The limit counts work, not time, so it repeats."""
    model, sent = _programme(problem, rows)
    bounds: list[int | None] = []
    solution: Ints | None = None
    for cost in problem.costs:
        if solution is not None and not cost.any():
            bounds.append(0)
            continue
        goal = _weighed(sent, np.flatnonzero(cost), cost)
        found = _pushed(model, goal, sent, seed, limit_seconds / len(problem.costs), solution)
        if found is None and solution is None:
            raise CannotKeep([row.balance.id for row in rows])
        solution, bound = found if found is not None else (solution, None)
        bounds.append(bound)
        model.add(goal <= int((cost * solution).sum()))
    assert solution is not None
    return Balanced(problem, solution, tuple(bounds))


def _programme(problem: Problem, rows: Sequence[Row]) -> tuple[Any, list[Any]]:
    """What goes in comes out at every node, and every balance is kept."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    sent = [
        model.new_int_var(int(low), min(int(high), problem.amount), f"arc{number}")
        for number, (low, high) in enumerate(zip(problem.lower, problem.upper, strict=True))
    ]
    into: list[list[Any]] = [[] for _ in range(problem.nodes)]
    out: list[list[Any]] = [[] for _ in range(problem.nodes)]
    for variable, tail, head in zip(sent, problem.tail.tolist(), problem.head.tolist(), strict=True):
        out[tail].append(variable)
        into[head].append(variable)
    for node in range(1, problem.nodes - 1):
        model.add(sum(into[node]) == sum(out[node]))
    model.add(sum(out[0]) == problem.amount)
    for row in rows:
        model.add(
            sum(w * sent[a] for a, w in zip(row.arcs.tolist(), row.weights.tolist(), strict=True))
            <= row.at_most
        )
    return model, sent


def _weighed(sent: Sequence[Any], arcs: Ints, cost: Ints) -> Any:
    return sum(int(cost[arc]) * sent[arc] for arc in arcs.tolist())


def _pushed(
    model: Any, goal: Any, sent: Sequence[Any], seed: int, limit: float, hint: Ints | None
) -> tuple[Ints, int] | None:
    """The best flow found for a goal and the bound proven; None where none was found."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # one worker and a limit in units of work: the same answer each time
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = limit
    model.clear_hints()
    for variable, value in zip(sent, hint.tolist() if hint is not None else (), strict=False):
        model.add_hint(variable, value)
    model.minimize(goal)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    found = np.array([solver.value(variable) for variable in sent], dtype=np.int64)
    return found, int(np.ceil(solver.best_objective_bound - 1e-6)) if not isinstance(goal, int) else 0


# --- large: how many of each sort everyone takes ------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Settled:
    """A flow of the coarse network that keeps every balance, and bounds for the aims that it counts."""

    sent: Ints
    bounds: tuple[int, ...]


def settled(
    problem: Problem, rows: Sequence[Row], relaxed: Ints, aims: int, *, seed: int, limit_seconds: float
) -> Settled:
    """How many people of each sort go where, best by the first `aims` aims; `relaxed` is best without balances."""
    return _Settling(problem, rows, limit_seconds).settled(relaxed, aims, seed)


class _Settling:
    """Shares of the linear programme, made whole and bettered one by one as long as there is time."""

    def __init__(self, problem: Problem, rows: Sequence[Row], limit_seconds: float) -> None:
        self.problem = problem
        self.rows = [row for row in rows if len(row.arcs)]
        self.until = time.monotonic() + limit_seconds
        self.of_arc: dict[int, list[tuple[Row, int]]] = {}
        for row in self.rows:
            for arc, weight in _pairs(row):
                self.of_arc.setdefault(arc, []).append((row, weight))

    def settled(self, relaxed: Ints, aims: int, seed: int) -> Settled:
        share = programme.shares(self.problem, self.rows, aims, seed)
        lower, upper = self._whole(share.sent)
        sent = flow.solve(flow.bounded(self.problem, lower, upper)).flow
        moving = self._bettered(sent)
        without = (self.problem.costs * relaxed).sum(axis=1)
        return Settled(moving.sent, tuple(self._bounds(moving.values(), without, share, seed)))

    def _bounds(self, values: Ints, without: Ints, share: Shares, seed: int) -> Iterator[int]:
        """The least that each counted aim could cost: what it costs without balances where that is reached, else what
        a linear programme of the aims up to it says."""
        same = True
        for aim in range(share.aims):
            same = same and values[aim] == without[aim]
            if same:
                yield int(values[aim])
            elif aim == share.aims - 1:
                yield share.bound(values)
            else:
                yield programme.shares(self.problem, self.rows, aim + 1, seed).bound(values)

    # --- whole people -----------------------------------------------------------------------------------

    def _whole(self, share: Reals) -> tuple[Ints, Ints]:
        """Floors and ceilings under which every balance is kept, around the shares."""
        lower, upper = self.problem.lower.copy(), self.problem.upper.copy()
        for row in self.rows:
            gains, gives = row.arcs[row.weights > 0], row.arcs[row.weights < 0]
            spare = row.at_most - float((row.weights * share[row.arcs]).sum())
            given = -float((share[gives] * row.weights[row.weights < 0]).sum())
            low = _rounded(share[gives] * (1 - min(1.0, spare / 2 / given) if given > 0 else 0.0))
            lower[gives] = np.maximum(lower[gives], low)
            most = row.at_most - int((row.weights[row.weights < 0] * low).sum())
            used = float((share[gains] * row.weights[row.weights > 0]).sum())
            high = _rounded(share[gains] * (most / used if used > 0 else 0.0))
            upper[gains] = np.minimum(upper[gains], high)
        upper = np.maximum(upper, lower)
        while not all([self._lowered(row, share, lower, upper) for row in self.rows]):
            pass
        return lower, upper

    def _lowered(self, row: Row, share: Reals, lower: Ints, upper: Ints) -> bool:
        """Takes ceilings down until the balance is kept, those first that were rounded up most; false if it did."""
        gains = row.weights > 0
        most = int((row.weights * np.where(gains, upper[row.arcs], lower[row.arcs])).sum())
        kept = most <= row.at_most
        order = np.flatnonzero(gains)
        order = order[np.argsort(share[row.arcs[order]] - upper[row.arcs[order]], kind="stable")]
        while most > row.at_most:
            for place in order.tolist():
                arc = row.arcs[place]
                if most > row.at_most and upper[arc] > 0:
                    upper[arc] -= 1
                    lower[arc] = min(lower[arc], upper[arc])
                    most -= int(row.weights[place])
        return kept

    # --- one more here, one fewer there -----------------------------------------------------------------

    def _bettered(self, sent: Ints) -> Moving:
        """The flow made better as long as somebody more fits, alone or with one who makes room for others."""
        moving = Moving(self._tight(sent), sent)
        moved = True
        while moved and time.monotonic() < self.until:
            moved = False
            for row in self.rows:
                while time.monotonic() < self.until and (
                    self._fits(moving, row) or self._makes_room(moving, row)
                ):
                    moved = True
        return moving

    def _fits(self, moving: Moving, row: Row) -> bool:
        """Lets in more who count for the balance, or lets go of some who count against it, if it leaves room."""
        for arc in sorted(row.arcs.tolist(), key=lambda one: -abs(moving.change(one))):
            change = moving.change(arc)
            room = self._room(moving, arc, change < 0) if change else 0
            if room <= 0:
                continue
            saved = moving.saved()
            moved = moving.more(arc, room) if change < 0 else moving.less(arc, room)
            if moved and excess(self.rows, moving.sent).any():
                moving.restore(saved)
                continue
            self._tighten(moving)
            if moved:
                return True
        return False

    def _makes_room(self, moving: Moving, row: Row) -> bool:
        """Brings as many who count against the balance as let one more in who counts for it; undone if no gain."""
        gains = [(moving.change(arc), weight) for arc, weight in _pairs(row) if weight > 0]
        wanted = [weight for change, weight in gains if change < 0]
        gives = sorted((moving.change(arc), arc, -weight) for arc, weight in _pairs(row) if weight < 0)
        if not wanted or not gives:
            return False
        spare = row.at_most - int((row.weights * moving.sent[row.arcs]).sum())
        before = moving.values().tolist()
        for _, give, weight in gives[:_TRIED]:
            saved = moving.saved()
            brought = self._brought(moving, row, give, -(-(min(wanted) - spare) // weight))
            if brought and self._mended(moving) and moving.values().tolist() < before:
                return True
            moving.restore(saved)
        return False

    def _brought(self, moving: Moving, row: Row, give: int, number: int) -> bool:
        """Leads so many more over an arc, and lets in whoever then fits; false if there are not so many."""
        for _ in range(max(1, number)):
            if not moving.one_more(give):
                return False
        self._tighten(moving)
        while self._fits(moving, row):
            pass
        return True

    def _mended(self, moving: Moving) -> bool:
        """Leads away those who count for a balance that is now broken, where that costs least; whether all are kept."""
        for row in self.rows:
            over = int((row.weights * moving.sent[row.arcs]).sum()) - row.at_most
            gains = [(arc, weight) for arc, weight in _pairs(row) if weight > 0]
            for arc, weight in sorted(gains, key=lambda one: (-moving.change(one[0]), one[0])):
                if over > 0 and moving.sent[arc] > moving.lower[arc]:
                    moving.fewer(arc, min(-(-over // weight), int(moving.sent[arc] - moving.lower[arc])))
                    over = int((row.weights * moving.sent[row.arcs]).sum()) - row.at_most
        self._tighten(moving)
        return not excess(self.rows, moving.sent).any()

    def _room(self, moving: Moving, arc: int, more: bool) -> int:
        """How many more (or fewer) an arc may take before one of its balances stands against it."""
        rooms = [
            (row.at_most - int((row.weights * moving.sent[row.arcs]).sum())) // abs(weight)
            for row, weight in self.of_arc[arc]
            if (weight > 0) == more
        ]
        return min(rooms, default=0)

    def _tight(self, sent: Ints) -> Problem:
        """Nothing that counts for a balance may rise, nothing that counts against it fall."""
        lower, upper = self.problem.lower.copy(), self.problem.upper.copy()
        for row in self.rows:
            gains, gives = row.arcs[row.weights > 0], row.arcs[row.weights < 0]
            upper[gains], lower[gives] = sent[gains], sent[gives]
        return flow.bounded(self.problem, lower, upper)

    def _tighten(self, moving: Moving) -> None:
        """The same again, but where the balances leave room for one more and she would be no gain, she may come."""
        tight = self._tight(moving.sent)
        spare = [row.at_most - int((row.weights * moving.sent[row.arcs]).sum()) for row in self.rows]
        rooms = {id(row): one for row, one in zip(self.rows, spare, strict=True)}
        arcs = np.array(sorted(self.of_arc), dtype=np.int64)
        changes = moving.changes(arcs)
        for arc, change in zip(arcs.tolist(), changes.tolist(), strict=True):
            up = [rooms[id(row)] // weight for row, weight in self.of_arc[arc] if weight > 0]
            down = [rooms[id(row)] // -weight for row, weight in self.of_arc[arc] if weight < 0]
            if up and change >= 0 and min(up) > 2:
                tight.upper[arc] += 1
            if down and change <= 0 and min(down) > 2:
                tight.lower[arc] = max(0, tight.lower[arc] - 1)
        moving.lower[:], moving.upper[:] = tight.lower, tight.upper


def _pairs(row: Row) -> list[tuple[int, int]]:
    return list(zip(row.arcs.tolist(), row.weights.tolist(), strict=True))


def _rounded(share: Reals) -> Ints:
    """Shares made whole: each rounded down, the greatest rests up, so that the sum is rounded down."""
    down = np.floor(share + 1e-6)
    rest = int(np.floor(share.sum() + 1e-6) - down.sum())
    order = np.argsort(down - share, kind="stable")
    down[order[: max(0, rest)]] += 1
    return down.astype(np.int64)
