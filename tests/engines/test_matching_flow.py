"""The cheapest flow by several aims in order: weights, proof, the order of urgency, and the smaller network."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jornada.domain.matching import flow
from jornada.domain.matching.flow import NoFlow, Problem
from jornada.domain.matching.rings import Moving


@st.composite
def problems(draw: st.DrawFn, aims: int = 2, lower: bool = False) -> Problem:
    """A small network: two nodes in the middle, a few arcs, the way past all of them at the end."""
    nodes = 4
    ends = st.tuples(st.integers(0, nodes - 2), st.integers(1, nodes - 1)).filter(
        lambda pair: pair[0] != pair[1]
    )
    arcs = draw(st.lists(ends, min_size=2, max_size=6))
    upper = [draw(st.integers(0, 2)) for _ in arcs]
    least = [draw(st.integers(0, most)) if lower and draw(st.booleans()) else 0 for most in upper]
    costs = [[draw(st.integers(-3, 3)) for _ in arcs] + [0] for _ in range(aims)]
    amount = draw(st.integers(1, 3))
    tail, head = [a for a, _ in arcs] + [0], [b for _, b in arcs] + [nodes - 1]
    return Problem(
        nodes, np.array(tail), np.array(head), np.array([*least, 0]), np.array([*upper, amount]),
        np.array(costs), amount, (slice(0, len(arcs)), slice(len(arcs), len(arcs) + 1)),
    )  # fmt: skip


def every_flow(problem: Problem) -> list[np.ndarray]:  # type: ignore[type-arg]
    spans = [range(int(low), int(high) + 1) for low, high in zip(problem.lower, problem.upper, strict=True)]
    found = []
    for choice in product(*spans):
        sent = np.array(choice)
        out = np.bincount(problem.tail, sent, problem.nodes) - np.bincount(problem.head, sent, problem.nodes)
        if out[0] == problem.amount and not out[1:-1].any():
            found.append(sent)
    return found


@settings(max_examples=200, deadline=None)
@given(problems(lower=True))
def test_no_flow_is_better_by_the_aims_in_order(problem: Problem) -> None:
    flows = every_flow(problem)
    if not flows:
        with pytest.raises(NoFlow):
            flow.solve(problem)
        return
    solved = flow.solve(problem)
    reached = tuple((problem.costs * solved.flow).sum(axis=1))
    assert solved.proven
    assert reached == min(tuple((problem.costs * sent).sum(axis=1)) for sent in flows)


@settings(max_examples=150, deadline=None)
@given(problems(aims=3))
def test_aims_taken_in_parts_come_to_the_same(problem: Problem) -> None:
    whole = flow.solve(problem)
    held = problem
    for aim in range(3):
        single = Problem(
            held.nodes, held.tail, held.head, held.lower, held.upper, problem.costs[[aim]], held.amount, held.blocks
        )  # fmt: skip
        sent = flow.solve(single).flow
        prices = flow.prices(single, flow.combined(single, [0], [1]), sent)
        assert prices is not None
        fixed = single.costs[0] + prices[single.tail] - prices[single.head] != 0
        held = flow.bounded(held, np.where(fixed, sent, held.lower), np.where(fixed, sent, held.upper))
    assert np.array_equal((problem.costs * sent).sum(axis=1), (problem.costs * whole.flow).sum(axis=1))


def test_a_flow_that_could_be_better_has_no_prices() -> None:
    problem = Problem(
        2, np.array([0, 0]), np.array([1, 1]), np.zeros(2, int), np.array([1, 1]), np.array([[-1, 0]]), 1,
        (slice(0, 1), slice(1, 2)),
    )  # fmt: skip
    cost = flow.combined(problem, [0], [1])
    assert flow.prices(problem, cost, np.array([0, 1])) is None
    assert flow.prices(problem, cost, np.array([1, 0])) is not None


def test_weights_outdo_all_that_later_aims_can_change() -> None:
    assert flow.weights([5, 3, 2]) == [12, 3, 1]


def proven(moving: Moving) -> bool:
    """Whether the prices say of every arc that moving it would gain nothing."""
    change = moving.changes(np.arange(len(moving.sent)))
    full, empty = moving.sent == moving.upper, moving.sent == moving.lower
    return bool((((change >= 0) | full) & ((change <= 0) | empty)).all())


@settings(max_examples=150, deadline=None)
@given(
    problems(),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(-3, 3)), min_size=1, max_size=9),
)
def test_arcs_and_nodes_that_are_added_are_counted_like_those_that_were_there(
    problem: Problem, added: list[tuple[int, int, int]]
) -> None:
    assume(every_flow(problem))
    moving = Moving(problem, flow.solve(problem).flow, [50, 50])
    assume(moving.weights[0] > 100)
    for head, room, cost in added:
        costs = np.array([[cost], [0]])
        node = moving.grow_node(np.array([head]), np.array([room]), costs)
        arc = moving.grow(np.array([0]), np.array([node]), np.array([0]), np.zeros((2, 1), dtype=np.int64))
        moving.join(arc)
        assert proven(moving)
    last = moving.last
    order = np.array([*(n for n in range(len(moving.sent)) if n != last), last])
    number = np.arange(moving.nodes)
    sink = problem.nodes - 1
    number[sink], number[sink + 1 :] = moving.nodes - 1, number[sink + 1 :] - 1
    costs = np.concatenate(moving._costs, axis=1)[:, order]
    again = Problem(
        moving.nodes, number[moving.tail[order]], number[moving.head[order]], moving.lower[order],
        moving.upper[order], costs, int(moving.upper[last]), (slice(0, last), slice(last, len(order))),
    )  # fmt: skip
    best = (costs * flow.solve(again).flow).sum(axis=1)
    assert np.array_equal(moving.values(), best)


@settings(max_examples=150, deadline=None)
@given(problems(), st.lists(st.tuples(st.integers(0, 5), st.sampled_from([-1, 1])), max_size=4))
def test_after_each_small_change_the_flow_is_the_best_again(
    problem: Problem, changes: list[tuple[int, int]]
) -> None:
    assume(every_flow(problem))
    moving = Moving(problem, flow.solve(problem).flow)
    for arc, step in changes:
        arc %= len(problem.tail) - 1
        if step < 0 and moving.upper[arc] == 0:
            continue
        assert moving.fewer(arc) if step < 0 else moving.more(arc) >= 0
        again = flow.bounded(problem, moving.lower.copy(), moving.upper.copy())
        best = (problem.costs * flow.solve(again).flow).sum(axis=1)
        assert np.array_equal(moving.values(), best)
        assert proven(moving)
