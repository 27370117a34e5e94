"""One more, one fewer: what a small change makes of a flow that is best already.

When an arc may carry one unit more, the flow stays best or gets better along one ring through that arc: forward on
it, then the cheapest way back from its head to its tail over what can still move. When it may carry one less, the
unit goes the cheapest way around it. So one short search settles each change; nothing is solved again. Prices at the
nodes keep the search short: it looks no farther than the change can be worth.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jornada.domain.matching import flow, searches
from jornada.domain.matching.cards import Ints
from jornada.domain.matching.flow import Problem

_FAR = searches.NOWHERE


class Moving:
    """A flow that is kept best by all aims while bounds change."""

    def __init__(self, problem: Problem, sent: Ints, at_least: Sequence[int] = ()) -> None:
        """The flow must be best already (see `flow.solve`); ValueError if it is not.

        `at_least` says for each aim how much a newcomer may change it, where there is nothing of it yet.
        """
        self.weights = weights_of(problem, at_least)
        self.sent = sent.copy()
        self._take(flow.bounded(problem, problem.lower.copy(), problem.upper.copy()))
        prices = flow.prices(self.problem, self.cost, self.sent)
        if prices is None:
            raise ValueError("the flow is not the best one, so changes to it cannot be followed")
        self.prices = prices
        self._turn = 0
        self.last_ring: tuple[int, ...] = ()

    def _take(self, problem: Problem) -> None:
        self.problem = problem
        self.lower, self.upper = problem.lower, problem.upper
        self.cost = flow.combined(problem, range(len(self.weights)), self.weights)
        self._scratch = np.zeros((2, 5, problem.nodes), dtype=np.int64)
        self._heap = np.zeros((2, 2, 2 * len(problem.tail) + problem.nodes), dtype=np.int64)

    def grow(self, tail: Ints, head: Ints, upper: Ints, costs: Ints, node: bool = False) -> int:
        """Adds arcs before the last one; the number of the first. With `node` also a node that has arcs out only,
        numbered as the last one was; the last node is then one further."""
        old = self.problem
        last = old.nodes - 1
        first, nodes = len(old.tail) - 1, old.nodes + node

        def with_new(column: Ints, more: Ints) -> Ints:
            return np.concatenate([column[:first], more, column[first:]])

        heads = np.where(old.head == last, nodes - 1, old.head)
        new = np.zeros(len(tail), dtype=np.int64)
        grown = Problem(
            nodes, with_new(old.tail, tail), with_new(heads, head), with_new(self.lower, new),
            with_new(self.upper, upper), np.concatenate([old.costs[:, :first], costs, old.costs[:, first:]], axis=1),
            old.amount, old.blocks,
        )  # fmt: skip
        self.sent = with_new(self.sent, new)
        self._take(grown)
        if node:
            self.prices = np.append(self.prices, self.prices[last])
            out = np.flatnonzero(grown.tail == last)
            self.prices[last] = int((self.prices[grown.head[out]] - self.cost[out]).max(initial=0))
        self._turn = 0
        return first

    def values(self) -> Ints:
        """What the flow costs by each aim."""
        found: Ints = (self.problem.costs * self.sent).sum(axis=1)
        return found

    def saved(self) -> tuple[Ints, ...]:
        """What `restore` brings back."""
        return self.lower.copy(), self.upper.copy(), self.sent.copy(), self.prices.copy()

    def restore(self, saved: tuple[Ints, ...]) -> None:
        """The flow and bounds as they were when saved."""
        for mine, then in zip((self.lower, self.upper, self.sent, self.prices), saved, strict=True):
            mine[:] = then

    def more(self, arc: int, amount: int = 1) -> int:
        """Lets an arc carry more; how much of it made the flow better."""
        self.upper[arc] += amount
        return self._better(arc)

    def less(self, arc: int, amount: int = 1) -> int:
        """Lowers what an arc must carry at least; how much of it made the flow better."""
        self.lower[arc] -= amount
        return self._better(-arc - 1)

    def fewer(self, arc: int, amount: int = 1) -> bool:
        """Lets an arc carry less, leading what is too much the cheapest way round; false if there is none."""
        while amount > 0:
            spare = min(amount, int(self.upper[arc] - self.sent[arc]))
            self.upper[arc] -= spare
            amount -= spare
            if amount == 0:
                return True
            moved = self._round(-arc - 1, _FAR, amount)
            if moved == 0:
                return False
            self.upper[arc] -= moved
            amount -= moved
        return True

    def one_more(self, arc: int) -> bool:
        """Leads one unit more over an arc, whatever it costs, and keeps it there; false if there is no way."""
        if self.sent[arc] >= self.upper[arc]:
            self.upper[arc] = self.sent[arc] + 1
        if self._round(arc, _FAR, 1) == 0:
            return False
        self.lower[arc] = self.sent[arc]
        return True

    def join(self, arc: int, amount: int = 1) -> int:
        """People who come in on a supply arc: they wait, then are led in where that is better; how many were."""
        self.upper[-1] += amount
        self.sent[-1] += amount
        return self.more(arc, amount)

    def leave(self, arc: int, amount: int = 1) -> None:
        """People who leave a supply arc; their places go to whoever is next."""
        self.fewer(arc, amount)
        self.upper[-1] -= amount
        self.sent[-1] -= amount

    def _better(self, step: int) -> int:
        """Sends along a step all that makes the flow better; prices are right again afterwards."""
        moved = 0
        sign = 1 if step >= 0 else -1
        arc = step if step >= 0 else -step - 1
        while (room := self._room(step)) > 0 and (worth := -sign * self.change(arc)) > 0:
            part = self._round(step, worth, room)
            if part == 0:
                break
            moved += part
        return moved

    def _round(self, step: int, limit: int, most: int) -> int:
        """Sends along the cheapest ring through a step that costs less than the limit; how much, 0 if there is none."""
        arc = step if step >= 0 else -step - 1
        tail, head = int(self.problem.tail[arc]), int(self.problem.head[arc])
        begin, end = (head, tail) if step >= 0 else (tail, head)
        held = self.lower[arc], self.upper[arc]
        self.lower[arc] = self.upper[arc] = self.sent[arc]
        self._turn += 1
        between = searches.search("between", len(self.sent))
        found, met = between(
            *self.problem.adjacency, self.lower, self.upper, self.cost, self.sent, self.prices, self._scratch,
            self._heap, begin, end, limit, self._turn,
        )  # fmt: skip
        self.lower[arc], self.upper[arc] = held
        if met < 0:
            return 0
        way = [*self._way(0, met, begin)[::-1], *self._way(1, met, end)]
        part = min([most, *(self._room(one) for one in way)])
        self.last_ring = (step, *way)
        for one in self.last_ring:
            self.sent[one if one >= 0 else -one - 1] += part if one >= 0 else -part
        return int(part)

    def _way(self, side: int, met: int, last: int) -> list[int]:
        """The steps of one side from where both met to its end, as they are gone."""
        start, _, arc = self.problem.adjacency
        via = self._scratch[side, 1]
        steps: list[int] = []
        node = met
        while node != last:
            place = int(via[node])
            step = int(arc[place])
            steps.append(step if side == 0 else -step - 1)
            node = int(np.searchsorted(start, place, side="right")) - 1
        return steps

    def _room(self, step: int) -> int:
        if step >= 0:
            return int(self.upper[step] - self.sent[step])
        return int(self.sent[-step - 1] - self.lower[-step - 1])

    def change(self, arc: int) -> int:
        """What a unit on the arc costs over and above the prices: below zero where one more may be worth something,
        above where one fewer may."""
        tail, head = self.problem.tail[arc], self.problem.head[arc]
        return int(self.cost[arc] + self.prices[tail] - self.prices[head])

    def changes(self, arcs: Ints) -> Ints:
        """The same for many arcs."""
        found: Ints = (
            self.cost[arcs] + self.prices[self.problem.tail[arcs]] - self.prices[self.problem.head[arcs]]
        )
        return found


def weights_of(problem: Problem, at_least: Sequence[int] = ()) -> list[int]:
    """Weights that surely keep the order of the aims, also when as much again is added to the network; where those
    would not fit, weights that very nearly surely do."""
    spans = [flow.span(cost, problem) if cost.any() else 0 for cost in problem.costs]
    spans = [2 * max(pair) for pair in zip(spans, at_least or [0] * len(spans), strict=True)]
    most = [
        max(int(np.abs(cost).max(initial=0)), least) for cost, least in zip(problem.costs, spans, strict=True)
    ]
    sure = flow.weights(spans)
    heaviest = sum(w * m for w, m in zip(sure, most, strict=True))
    return sure if heaviest * 64 < _FAR else flow.weights(flow.likely_spans(problem, spans))
