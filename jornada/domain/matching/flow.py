"""Cheapest flows with several aims in order, each proven.

A flow is best by the aims in order if no ring of arcs on which it could still be moved is better: fewer in the
first aim in which the ring differs. On a ring that passes each node once an aim can change by no more than `span`
says, so weights that outdo all later spans together turn the order of aims into one cost, and prices at the nodes
under which no arc gains are the proof for all aims at once. Real rings change far less; the search therefore goes by
small weights first, and only where the proof by the full weights fails is it done again by those.

Who goes first is not searched for but filled in, in order of urgency (`by_urgency`), and proven by prices like the
rest. Every arc off which the flow must not move any more is then fixed, and the aims that follow are searched on
what is left, by OR-Tools' minimum-cost flow. Where the weights would not fit into 64 bits the aims are taken in parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from jornada.domain.matching import searches
from jornada.domain.matching.cards import Ints
from jornada.domain.matching.simpler import Simpler

_FITS = 1 << 61
_LIKELY_RING = 4
"""How many of an aim's dearest arcs a ring is first supposed to have. Only a guess for speed; the proof makes sure."""


class NoFlow(ValueError):
    """There is no flow within the bounds, or the solver could not give one."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Arcs with lower and upper bounds, `amount` to be sent from node 0 to the last node, a cost row for each aim.

    The last arc leads from the first node to the last and costs nothing. `blocks` are runs of arcs of one sort.
    """

    nodes: int
    tail: Ints
    head: Ints
    lower: Ints
    upper: Ints
    costs: Ints
    amount: int
    blocks: tuple[slice, ...]

    @cached_property
    def adjacency(self) -> tuple[Ints, Ints, Ints]:
        """For each node the arcs at it: where each leads, and its number a, or -a-1 for one that enters."""
        start = np.zeros(self.nodes + 1, dtype=np.int64)
        to, arc = np.empty(2 * len(self.tail), dtype=np.int64), np.empty(2 * len(self.tail), dtype=np.int64)
        searches.search("listed", len(self.tail))(self.tail, self.head, start, to, arc)
        return start, to, arc


@dataclass(frozen=True, eq=False)
class Solved:
    """A flow, and whether it is proven best by all aims in their order."""

    flow: Ints
    proven: bool


# --- weights --------------------------------------------------------------------------------------


def span(cost: Ints, problem: Problem) -> int:
    """The most by which this cost can change along a ring that passes each node at most once.

    A ring uses at most two arcs at a node they leave, one each way, so it changes by at most the spread of
    costs there; summed over nodes, block by block of arcs, and likewise over the nodes that arcs enter.
    """
    return sum(
        min(_spread(cost[block], end[block], problem.nodes) for end in (problem.tail, problem.head))
        for block in problem.blocks
        if cost[block].any()
    )


def _spread(cost: Ints, node: Ints, nodes: int) -> int:
    used = np.flatnonzero(cost)
    high = np.zeros(nodes, dtype=np.int64)
    low = np.zeros(nodes, dtype=np.int64)
    np.maximum.at(high, node[used], cost[used])
    np.minimum.at(low, node[used], cost[used])
    return int((high - low).sum())


def likely_spans(problem: Problem, spans: Sequence[int]) -> list[int]:
    """What the aims' costs change by on a ring that is not out of the ordinary."""
    ranges = [int(cost.max(initial=0) - cost.min(initial=0)) for cost in problem.costs]
    return [min(most, _LIKELY_RING * one) for most, one in zip(spans, ranges, strict=True)]


def weights(spans: Sequence[int]) -> list[int]:
    """For each aim what one unit of it weighs, so that it outdoes all that later aims can change on a ring."""
    found: list[int] = []
    rest = 0
    for most in reversed(spans):
        found.append(1 + rest)
        rest += (1 + rest) * most
    return found[::-1]


@dataclass(frozen=True, eq=False)
class Part:
    """Some aims as one cost: by weights that surely keep their order, and by smaller ones that likely do."""

    aims: tuple[int, ...]
    sure: Ints
    likely: Ints


def parts(problem: Problem) -> list[Part]:
    """Who goes first, if that can be filled in; then the other aims in as few parts as fit."""
    spans = [span(cost, problem) if cost.any() else 0 for cost in problem.costs]
    left = [aim for aim, most in enumerate(spans) if most]
    found = []
    first = 0
    while first < len(left) and _only_who(problem, left[: first + 1]):
        first += 1
    if first and _fits(problem, left[:first], spans):
        found.append(_part(problem, left[:first], spans))
        left = left[first:]
    while left:
        taken = len(left)
        while taken > 1 and not _fits(problem, left[:taken], spans):
            taken -= 1
        found.append(_part(problem, left[:taken], spans))
        left = left[taken:]
    return found or [_part(problem, [], spans)]


def _fits(problem: Problem, aims: Sequence[int], spans: Sequence[int]) -> bool:
    own = weights([spans[aim] for aim in aims])
    heaviest = sum(w * int(np.abs(problem.costs[aim]).max()) for w, aim in zip(own, aims, strict=True))
    return heaviest * (problem.nodes + 2) < _FITS


def _part(problem: Problem, aims: Sequence[int], spans: Sequence[int]) -> Part:
    sure = weights([spans[aim] for aim in aims])
    near = likely_spans(problem, spans)
    likely = weights([near[aim] for aim in aims])
    return Part(tuple(aims), combined(problem, aims, sure), combined(problem, aims, likely))


def combined(problem: Problem, aims: Sequence[int], by: Sequence[int]) -> Ints:
    """One cost for some aims, each by its weight."""
    found = np.zeros_like(problem.tail)
    for weight, aim in zip(by, aims, strict=True):
        found += weight * problem.costs[aim]
    return found


# --- solving --------------------------------------------------------------------------------------


def solve(problem: Problem) -> Solved:
    """The flow that is best by the aims in order; NoFlow if the bounds allow none."""
    held, proven = problem, True
    flow = np.zeros_like(problem.tail)
    for part in parts(problem):
        flow, prices = _solved(held, part)
        proven = proven and prices is not None
        if prices is not None:
            fixed = part.sure + prices[problem.tail] - prices[problem.head] != 0
            held = bounded(held, np.where(fixed, flow, held.lower), np.where(fixed, flow, held.upper))
    return Solved(flow, proven)


def bounded(problem: Problem, lower: Ints, upper: Ints) -> Problem:
    """The same arcs within other bounds."""
    changed = replace(problem, lower=lower, upper=upper)
    changed.__dict__["adjacency"] = problem.adjacency  # bounds do not move arcs
    return changed


def _solved(problem: Problem, part: Part) -> tuple[Ints, Ints | None]:
    """The flow that is best by one part's aims, and the prices that prove it (None: not proven)."""
    if _only_who(problem, part.aims):
        flow = by_urgency(problem, part.sure)
        return flow, prices(problem, part.sure, flow)
    flow = cheapest(problem, part.likely)
    proof = prices(problem, part.sure, flow)
    if proof is None:
        flow = cheapest(problem, part.sure)
        proof = prices(problem, part.sure, flow)
    return flow, proof


def _only_who(problem: Problem, aims: Sequence[int]) -> bool:
    """Whether these aims only reward who is served, wherever that is, and all may be served who are there."""
    some, bring = problem.costs[list(aims)], np.flatnonzero(problem.tail == 0)[:-1]
    everywhere = some.copy()
    everywhere[:, bring] = 0
    return (
        not everywhere.any()
        and not (some > 0).any()
        and not problem.lower.any()
        and int(problem.upper[bring].sum()) <= problem.amount
        and not (problem.head[bring] == problem.nodes - 1).any()
    )


def by_urgency(problem: Problem, cost: Ints) -> Ints:
    """The flow that takes people in order of urgency (the lowest cost first), each if there is a way beside all before.

    That serves the best possible set: the sets of people who can be served together are a matroid (a gammoid), and on a
    matroid taking the best that still fits is best.
    """
    start, to, arc = problem.adjacency
    last = problem.nodes - 1
    supply = np.flatnonzero((problem.tail == 0) & (problem.head != last) & (cost < 0))
    order = supply[np.argsort(cost[supply], kind="stable")]
    flow, away = np.zeros_like(problem.tail), np.zeros(problem.nodes, dtype=np.int64)
    bounds = (problem.lower, problem.upper)
    searches.search("distances", len(flow))(start, to, arc, *bounds, flow, away)
    searches.search("fill", len(flow))(start, to, arc, *bounds, flow, order, problem.head, away)
    flow[-1] = problem.amount - int(flow[order].sum())
    return flow


def cheapest(problem: Problem, cost: Ints) -> Ints:
    """The cheapest flow within the bounds; arcs that cannot move are left out of the search."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    free = np.flatnonzero(problem.upper > problem.lower)
    left = np.zeros(problem.nodes, dtype=np.int64)
    left[0], left[-1] = problem.amount, -problem.amount
    sent = np.flatnonzero(problem.lower)
    np.subtract.at(left, problem.tail[sent], problem.lower[sent])
    np.add.at(left, problem.head[sent], problem.lower[sent])
    room = (problem.upper - problem.lower)[free]
    small = Simpler(problem.nodes, problem.tail[free], problem.head[free], room, cost[free], left)
    node = np.full(problem.nodes, -1, dtype=np.int32)
    used = np.union1d(np.union1d(small.tail, small.head), np.flatnonzero(small.left))
    node[used] = np.arange(len(used))
    solver = SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(node[small.tail], node[small.head], small.room, small.cost)
    some = np.flatnonzero(small.left)
    solver.set_nodes_supplies(node[some], small.left[some])
    status = solver.solve()
    if status != SimpleMinCostFlow.OPTIMAL:
        raise NoFlow(f"no flow within the bounds ({status.name})")
    flow = problem.lower.copy()
    flow[free] += small.led_back(solver.flows(np.arange(len(small.tail))))
    return flow


def prices(problem: Problem, cost: Ints, flow: Ints) -> Ints | None:
    """Prices at the nodes under which no arc that can still move is a gain: the proof. None where there are none."""
    found = np.zeros(problem.nodes, dtype=np.int64)
    via = np.full(problem.nodes, -1, dtype=np.int64)
    everywhere = np.arange(problem.nodes, dtype=np.int64)
    settle = searches.search("settle", len(flow))
    if not settle(*problem.adjacency, problem.lower, problem.upper, cost, flow, found, via, everywhere):
        return None
    change = cost + found[problem.tail] - found[problem.head]
    held = ((change >= 0) | (flow == problem.upper)) & ((change <= 0) | (flow == problem.lower))
    return found if bool(held.all()) else None
