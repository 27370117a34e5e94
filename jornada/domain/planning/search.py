"""From a program to a good plan with a proof of how good: relax, round, then region by region, from both sides.

1. *First plan and first proof.* Every region, given its share of what is common, is relaxed and rounded; put together
   this is a plan. The regions' prices for what is common, averaged, make the program fall apart (Lagrange): the
   regions' own bounds at those prices add up to a first bound.
2. *Better prices.* Interior points solve the whole relaxation; its prices prove the relaxation's own bound.
3. *Region by region.* Each region is solved with whole numbers, once within what the others leave, which betters the
   plan, and once at the common prices, where its bound takes the place of the relaxed one in the sum (this is the
   pricing problem of Dantzig and Wolfe). Slices of time double until plan and bound are close enough.

Two threads work at once. Why so, and what else was measured: docs/decisions/0014-planning.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import Lock, Thread

import numpy as np
from numpy.typing import NDArray

from jornada.domain.planning.figures import Floats
from jornada.domain.planning.matrix import (
    NO_LIMIT,
    SHARED,
    Part,
    Sparse,
    bound,
    clean_prices,
    part,
    priced,
    value_of_limits,
    violations,
)
from jornada.domain.planning.program import Program
from jornada.domain.planning.rounding import relaxed_and_rounded, settled
from jornada.domain.planning.solver import Going, Solver, relaxed

Clock = Callable[[], float]
"""Seconds since some fixed moment."""
FIRST_SLICE = 2.0
"""Seconds for a region in the first round; every further round doubles it."""
SLIP = 1e-5
"""How far, relative to its size, a row may be overstepped by the solver's own rounding."""
ONE_PIECE = 6000
"""Columns up to which a program of several regions is left to the solver whole."""
THREADS = 2
"""The machines this is meant for have two cores."""


@dataclass(frozen=True)
class Step:
    """How far the search had come after so many seconds: worth of the best plan, least upper bound, worth of the
    beginning that gains are measured from (doing nothing)."""

    seconds: float
    worth: float
    bound: float
    nothing: float

    @property
    def gap(self) -> float:
        """What may still be missing, as a share of what the plan brings over its beginning; infinite if not known."""
        brought = abs(self.worth - self.nothing)
        known = np.isfinite(self.bound) and np.isfinite(brought)
        return (self.bound - self.worth) / brought if known and brought > 0 else np.inf


Told = Callable[[Step, Floats], None]


def _tell_nobody(step: Step, point: Floats) -> None:
    return None


@dataclass(frozen=True)
class Effort:
    """How long to search, when it is close enough, whom to tell: all from outside, nothing here reads a clock."""

    clock: Clock
    seconds: float
    gap: float = 0.0
    going: Going = lambda: True
    told: Told = _tell_nobody


@dataclass
class Best:
    """The best point so far and the least bound; changed under a lock only. `nothing` is the worth of doing nothing,
    `penalty_of_nothing` what it loses by missing targets; `misses` whether the best point misses one too."""

    point: Floats
    worth: float = -np.inf
    bound: float = np.inf
    nothing: float = -np.inf
    penalty_of_nothing: float = 0.0
    misses: bool = False
    steps: list[Step] = field(default_factory=list)

    def step(self, seconds: float) -> Step:
        """The state so far. A plan that misses a target is measured from doing nothing, which misses it as well."""
        missed = self.penalty_of_nothing if self.misses else 0.0
        return Step(seconds, self.worth, self.bound, self.nothing - missed)


class Search:
    """One search. `best` holds what was reached, also when it is stopped half-way."""

    def __init__(self, program: Program, effort: Effort, start: Floats | None = None) -> None:
        self.program, self.sparse, self.effort, self.start = program, program.sparse, effort, start
        self.began, self.lock = effort.clock(), Lock()
        self.blocks = (*range(len(program.places)), SHARED)
        self.best = Best(np.zeros(self.sparse.shape[1]))
        self.prices = np.zeros(self.sparse.shape[0])
        self.bounds: dict[int, float] = {}
        self.rounds = 0
        self.whole = Part(np.arange(self.sparse.shape[1]), np.arange(self.sparse.shape[0]), self.sparse)

    def left(self) -> float:
        return self.effort.seconds - (self.effort.clock() - self.began)

    def going(self) -> bool:
        return self.left() > 0 and self.effort.going() and not self.close_enough()

    def close_enough(self) -> bool:
        return self.best.step(0.0).gap <= self.effort.gap

    def run(self) -> Best:
        if len(self.program.places) == 1 or self.sparse.shape[1] <= ONE_PIECE:
            self._in_one_piece()
        else:
            self._in_pieces()
        return self.best

    # --- in one piece ---------------------------------------------------------------------------------

    def _in_one_piece(self) -> None:
        """The solver proves it alone; start and dive only give it something to begin with."""
        self._nothing()
        if self.start is not None:
            self._offer(settled(self.sparse, self.start))
        loose, rounded = relaxed_and_rounded(self.sparse, self.program.starts, self.going)
        self._lower(bound(self.sparse, loose.prices))
        self._offer(rounded)
        if not self.going():
            return
        solver = Solver(self.sparse, True, self.going)
        if np.isfinite(self.best.worth):
            solver.start_at(self.best.point)
        solver.when_improved(lambda worth, least, point: self._take(point))
        solved = solver.run(self.left(), self._trifle())
        self._take(solved.point)
        self._lower(solved.bound)

    def _take(self, point: Floats | None) -> None:
        """A point that the solver found; its whole numbers are a little off, so who is served is reckoned once more."""
        if point is not None and self.sparse.worth(point) > self.best.worth and not self._offer(point):
            self._offer(settled(self.sparse, point))

    def _nothing(self) -> None:
        """What is reached without beginning anything, which every gain is measured from; and a plan, if need be."""
        cost = self.sparse.cost.copy()
        cost[self.program.missing] = 0.0
        untargeted = replace(self.sparse, cost=cost)
        point = settled(untargeted, np.zeros(self.sparse.shape[1]))
        if point is not None:
            self._measured_from(point)
            self._offer(self._with_missing(point))

    def _with_missing(self, point: Floats) -> Floats:
        """The point with as many people missing to each target as are."""
        found, missing, rows = point.copy(), self.program.missing, self.program.target_rows
        found[missing] = 0.0
        found[missing] = np.maximum(self.sparse.row_lower[rows] - self.sparse.times(found)[rows], 0.0)
        return found

    def _measured_from(self, nothing: Floats) -> None:
        """Keeps what doing nothing is worth; a cost is measured from no cost."""
        if not self.program.gains:
            self.best.nothing = 0.0
            return
        point = self._with_missing(nothing)
        lost = -float(self.sparse.cost[self.program.missing] @ point[self.program.missing])
        self.best.nothing, self.best.penalty_of_nothing = self.sparse.worth(point) + lost, lost

    def _nothing_in(self, block: int, nothing: Floats) -> None:
        """A region's part in doing nothing, as if money were no matter."""
        loose = (self.sparse.block == SHARED) & ~self.sparse.integer
        money = np.zeros(self.sparse.shape[0], dtype=bool)
        money[self.sparse.index[loose[self.sparse.column]]] = True
        here = part(self.sparse, self.sparse.block == block, rows=~money)
        point = settled(here.sparse, np.zeros(here.sparse.shape[1]))
        if point is not None:
            nothing[here.columns] = point

    def _nothing_together(self, nothing: Floats) -> None:
        """Doing nothing in all regions: the parts together if there is money for them, else reckoned as a whole."""
        followed = self._money_follows(nothing)
        if followed is None:
            self._nothing()
        else:
            self._measured_from(followed)

    def _trifle(self) -> float:
        """A gap that is not worth further work, in worth."""
        return 1e-6 * max(1.0, abs(self.best.worth) if np.isfinite(self.best.worth) else 1.0)

    # --- many regions -------------------------------------------------------------------------------

    def _in_pieces(self) -> None:
        self._first_plan()
        better_prices = Thread(target=self._relax, daemon=True)
        better_prices.start()
        while better_prices.is_alive() and self.going():
            self._each(self._replan, self.blocks[:-1], FIRST_SLICE, 1, until=better_prices)
        better_prices.join()
        slice_, self.rounds = FIRST_SLICE, 0
        while self.going() and any(self._open(block) for block in self.blocks):
            self._each(self._improve, self.blocks, slice_, THREADS)
            slice_, self.rounds = slice_ * 2, self.rounds + 1

    def _each(
        self,
        work: Callable[[int, float], None],
        blocks: Iterable[int],
        slice_: float,
        threads: int,
        until: Thread | None = None,
    ) -> None:
        """Does the work for every open block, those with most to gain first, in so many threads."""
        waiting = list(blocks)

        def working() -> None:
            while self.going() and (until is None or until.is_alive()):
                with self.lock:
                    if not waiting:
                        return
                    block = max(waiting, key=self._slack)
                    waiting.remove(block)
                if self._open(block):
                    work(block, min(slice_, self.left()))

        workers = [Thread(target=working, daemon=True) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _open(self, block: int) -> bool:
        return self._slack(block) > self._trifle()

    def _slack(self, block: int) -> float:
        """How much more than in the best plan a block could bring at the common prices."""
        if block not in self.bounds:
            return np.inf
        columns = self.sparse.block == block
        gains = self.sparse.cost - self.sparse.transposed_times(self.prices)
        return self.bounds[block] - float(gains[columns] @ self.best.point[columns])

    def _improve(self, block: int, slice_: float) -> None:
        self._replan(block, slice_)
        if self.going():
            self._at_common_prices(block, min(slice_ / 2, self.left()))

    def _replan(self, block: int, slice_: float) -> None:
        """A better plan for a region and what is common, within what the others leave; in later rounds together with
        another region, so that the two may trade."""
        regions = self.blocks[:-1]
        if block == SHARED:
            return
        partner = regions[(regions.index(block) + self.rounds) % len(regions)]
        free = np.isin(self.sparse.block, (block, partner, SHARED))
        with self.lock:
            point = self.best.point.copy()
        here = part(self.sparse, free, point)
        begin = point[here.columns]
        solver = Solver(_containing(here.sparse, begin), True, self.going)
        solver.start_at(begin)
        self._put(here, solver.run(slice_, self._trifle()).point)

    def _at_common_prices(self, block: int, seconds: float) -> None:
        """A block by itself, paying for what is common: its bound is a part of the bound of the whole, and if there is
        room for its plan it is taken."""
        alone = self._alone(block)
        begin = self.best.point[alone.columns]
        solver = Solver(_containing(alone.sparse, begin), True, self.going)
        solver.start_at(begin)
        solved = solver.run(seconds, self._trifle())
        with self.lock:
            self.bounds[block] = min(self.bounds[block], solved.bound)
        self._lower(self._sum_of_bounds())
        self._put(alone, solved.point)

    def _alone(self, block: int) -> Part:
        return part(priced(self.sparse, self.prices), self.sparse.block == block, rows=~self.sparse.coupling)

    def _sum_of_bounds(self) -> float:
        return value_of_limits(self.sparse, self.prices) + sum(self.bounds.values())

    # --- first plan, first proof ----------------------------------------------------------------------

    def _first_plan(self) -> None:
        """Each region by itself with its share of what is common, or an earlier plan if one was given."""
        size = self.sparse.shape[1]
        point, common, prices = np.zeros(size), np.zeros(size), np.zeros(self.sparse.shape[0])
        nothing = np.zeros(size)

        def one(block: int, _: float) -> None:
            here = self._with_share(block)
            self._nothing_in(block, nothing)
            loose, rounded = relaxed_and_rounded(
                here.sparse, self.program.starts.of(here.columns), self.going
            )
            common_row = self.sparse.coupling[here.rows]
            share = np.where(common_row, self.program.share_of_requests(block), 1.0)
            prices[here.rows] += share * loose.prices
            if rounded is not None:
                own = here.sparse.block == block
                point[here.columns[own]] = rounded[own]
                common[here.columns[~own]] += rounded[~own]

        self._each(one, self.blocks[:-1], self.left(), THREADS)
        self._nothing_together(nothing)
        if self.start is not None:
            self._offer(settled(self.sparse, self.start))
        else:
            self._with_common(point, common)
        self._lower(bound(self.sparse, prices))
        self.prices = np.where(self.sparse.coupling, clean_prices(self.sparse, prices), 0.0)
        self._each(self._relaxed_bound, self.blocks, self.left(), THREADS)
        if len(self.bounds) == len(self.blocks):
            self._lower(self._sum_of_bounds())

    def _relaxed_bound(self, block: int, _: float) -> None:
        alone = self._alone(block)
        proved = bound(alone.sparse, relaxed(alone.sparse, self.left(), vertex=False).prices)
        with self.lock:
            self.bounds[block] = proved

    def _relax(self) -> None:
        """The whole relaxation's prices take the place of the averaged ones."""
        loose = relaxed(self.sparse, self.left(), vertex=False)
        prices = clean_prices(self.sparse, loose.prices)
        if not loose.finished or bound(self.sparse, prices) > self.best.bound:
            return
        with self.lock:
            self.bounds = _by_block(self.sparse, prices, self.blocks)
            self.prices = np.where(self.sparse.coupling, prices, 0.0)
        self._lower(self._sum_of_bounds())
        if self.going() and loose.point is not None:
            self._round_region_by_region(loose.point.copy())

    def _round_region_by_region(self, point: Floats) -> None:
        """Another whole plan: each region is rounded within what the relaxation gives it, the others standing where the
        relaxation or their own rounding put them. Where money is short this shares it better than by requests."""
        for block in sorted(self.blocks[:-1], key=self.program.share_of_requests, reverse=True):
            here = part(self.sparse, np.isin(self.sparse.block, (block, SHARED)), point)
            own = here.sparse.block == block
            starts = self.program.starts.of(here.columns)
            only = replace(here.sparse, integer=here.sparse.integer & own)
            _, rounded = relaxed_and_rounded(only, starts, self.going)
            if rounded is None:
                return
            point[here.columns] = rounded
        self._with_common(point, point)

    def _with_share(self, block: int) -> Part:
        """A region and what is common, with its share of the common limits; what is common need not be whole."""
        share = self.program.share_of_requests(block)
        here = part(self.sparse, (self.sparse.block == block) | (self.sparse.block == SHARED))
        rows = self.sparse.coupling[here.rows] | (self.sparse.row_block[here.rows] == SHARED)
        columns = here.sparse.block == SHARED
        cut = replace(
            here.sparse,
            upper=np.where(columns, here.sparse.upper * share, here.sparse.upper),
            integer=here.sparse.integer & ~columns,
            row_lower=_scaled(here.sparse.row_lower, rows, share),
            row_upper=_scaled(here.sparse.row_upper, rows, share),
        )
        return replace(here, sparse=cut)

    def _with_common(self, point: Floats, common: Floats) -> None:
        """Tries what is common rounded up, then down, then left out: the last always fits."""
        whole = (self.sparse.block == SHARED) & self.sparse.integer
        for tried in (np.ceil(common - 1e-6), np.floor(common + 1e-6), np.zeros_like(common)):
            point[whole] = np.minimum(tried, self.sparse.upper)[whole]
            if self._offer(self._money_follows(point.copy())) or self._offer(settled(self.sparse, point)):
                return

    # --- keeping --------------------------------------------------------------------------------------

    def _put(self, here: Part, values: Floats | None) -> None:
        """Puts part of a plan into the best one, lets money follow, and keeps it if it is allowed and better."""
        clean = None if values is None else settled(here.sparse, values)
        if clean is None:
            return
        with self.lock:
            point = self.best.point.copy()
            point[here.columns] = clean
            if self.sparse.worth(point) <= self.best.worth:
                return
            followed = self._money_follows(np.where(self.sparse.integer, np.round(point), point))
            if followed is not None and self.sparse.worth(followed) > self.best.worth:
                self._keep(followed)

    def _money_follows(self, point: Floats) -> Floats | None:
        """Funds reckoned anew for a plan (they are columns that belong to no region); None if they do not suffice."""
        free = (self.sparse.block == SHARED) & ~self.sparse.integer
        if free.any():
            here = part(self.sparse, free, point)
            solved = Solver(_widened(here.sparse)).run()
            if solved.point is None:
                return None
            point[here.columns] = solved.point
        return point if allowed(self.sparse, point) else None

    def _offer(self, point: Floats | None) -> bool:
        """Keeps a point of the whole program if it is allowed and better; whether it is kept."""
        if point is None:
            return False
        rounded = np.where(self.sparse.integer, np.round(point), point)
        with self.lock:
            better = self.sparse.worth(rounded) > self.best.worth and allowed(self.sparse, rounded)
            if better:
                self._keep(rounded)
            return better

    def _keep(self, point: Floats) -> None:
        self.best.point, self.best.worth = point, self.sparse.worth(point)
        self.best.misses = bool((point[self.program.missing] > 0.5).any())
        self._note()

    def _lower(self, proved: float) -> None:
        with self.lock:
            if proved < self.best.bound:
                self.best.bound = proved
                self._note()

    def _note(self) -> None:
        step = self.best.step(self.effort.clock() - self.began)
        self.best.steps.append(step)
        self.effort.told(step, self.best.point)


def allowed(sparse: Sparse, point: Floats) -> bool:
    """Whether a point keeps to every row, bound and whole number, but for the solver's slip."""
    return max(violations(sparse, point)) <= SLIP


def _by_block(sparse: Sparse, prices: Floats, blocks: Iterable[int]) -> dict[int, float]:
    """What each block contributes to `bound` at these prices; with the common rows' limits they add up to it."""
    gains = np.maximum(sparse.cost - sparse.transposed_times(prices), 0.0) * sparse.upper
    limits = np.where(prices > 0, sparse.row_upper, np.where(prices < 0, sparse.row_lower, 0.0))
    own = np.where(sparse.coupling | (prices == 0), 0.0, prices * np.where(prices == 0, 0.0, limits))
    return {
        block: float(gains[sparse.block == block].sum() + own[sparse.row_block == block].sum())
        for block in blocks
    }


def _scaled(limits: Floats, which: NDArray[np.bool_], share: float) -> Floats:
    return np.where(which & (np.abs(limits) < NO_LIMIT), limits * share, limits)


def _containing(sparse: Sparse, point: Floats) -> Sparse:
    """The program with its limits moved just so far that a point known to be allowed is not refused for the slip."""
    rows = sparse.times(point)
    slip = SLIP * (1 + np.abs(rows))
    return replace(
        sparse,
        row_upper=np.where(
            (rows > sparse.row_upper) & (rows <= sparse.row_upper + slip), rows, sparse.row_upper
        ),
        row_lower=np.where(
            (rows < sparse.row_lower) & (rows >= sparse.row_lower - slip), rows, sparse.row_lower
        ),
    )


def _widened(sparse: Sparse) -> Sparse:
    """The program with its limits a tenth of the slip wider."""
    upper, lower = np.abs(sparse.row_upper) < NO_LIMIT, np.abs(sparse.row_lower) < NO_LIMIT
    return replace(
        sparse,
        row_upper=sparse.row_upper + np.where(upper, SLIP / 10 * (1 + np.abs(sparse.row_upper)), 0.0),
        row_lower=sparse.row_lower - np.where(lower, SLIP / 10 * (1 + np.abs(sparse.row_lower)), 0.0),
    )
