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
from jornada.domain.matching.growing import Growing

_FAR = searches.NOWHERE


class Moving:
    """A flow that is kept best by all aims while bounds change."""

    def __init__(self, problem: Problem, sent: Ints, at_least: Sequence[int] = ()) -> None:
        """The flow must be best already (see `flow.solve`); ValueError if it is not.

        `at_least` says for each aim how much a newcomer may change it, where there is nothing of it yet.
        """
        self.weights = weights_of(problem, at_least)
        cost = flow.combined(problem, range(len(self.weights)), self.weights)
        prices = flow.prices(problem, cost, sent)
        if prices is None:
            raise ValueError("the flow is not the best one, so changes to it cannot be followed")
        self._arcs = Growing(problem, cost, sent)
        self._arcs.prices[:] = prices
        self._costs = [problem.costs]
        self.last = len(problem.tail) - 1
        self._turn = 0
        self.last_ring: tuple[int, ...] = ()
        self._show()
        self._make_room()

    def _show(self) -> None:
        arcs = self._arcs
        self.tail, self.head, self.lower, self.upper = arcs.tail, arcs.head, arcs.lower, arcs.upper
        self.cost, self.sent, self.prices = arcs.cost, arcs.sent, arcs.prices

    def _make_room(self) -> None:
        nodes, arcs = self._arcs.nodes, self._arcs.arcs
        self._scratch = np.zeros((2, nodes + nodes // 8 + 64, 5), dtype=np.int64)
        self._heap = np.zeros((2, 2, 2 * (arcs + arcs // 8) + nodes + 4096), dtype=np.int64)
        self._steps = np.zeros(self._scratch.shape[1] * 2 + 1, dtype=np.int64)

    @property
    def nodes(self) -> int:
        return self._arcs.nodes

    def out(self, node: int) -> list[int]:
        """The arcs that leave a node."""
        start, stop, _, arc = self._arcs.lists
        return [one for one in arc[start[node] : stop[node]].tolist() if one >= 0]

    def grow(self, tail: Ints, head: Ints, upper: Ints, costs: Ints) -> int:
        """Adds arcs that carry nothing as yet; the number of the first."""
        cost = np.zeros(len(tail), dtype=np.int64)
        for weight, own in zip(self.weights, costs, strict=True):
            cost += weight * own
        first = self._arcs.add(tail, head, upper, cost)
        self._costs.append(costs)
        self._show()
        if 2 * self._arcs.arcs + self._arcs.nodes > self._heap.shape[2]:
            self._make_room()
        return first

    def grow_node(self, head: Ints, upper: Ints, costs: Ints) -> int:
        """Adds a node that has arcs out only, to those heads; its number."""
        number = self._arcs.add_node()
        if self._arcs.nodes > self._scratch.shape[1]:
            self._make_room()
        first = self.grow(np.full(len(head), number), head, upper, costs)
        self.prices[number] = (self.prices[head] - self.cost[first:]).max(initial=0)
        return number

    def values(self) -> Ints:
        """What the flow costs by each aim."""
        found, first = np.zeros(len(self.weights), dtype=np.int64), 0
        for costs in self._costs:
            found += (costs * self.sent[first : first + costs.shape[1]]).sum(axis=1)
            first += costs.shape[1]
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
        self.upper[self.last] += amount
        self.sent[self.last] += amount
        self._better(-self.last - 1)  # nobody waited so far: the price of waiting is made right
        return self.more(arc, amount)

    def leave(self, arc: int, amount: int = 1) -> None:
        """People who leave a supply arc; their places go to whoever is next."""
        self.fewer(arc, amount)
        self.upper[self.last] -= amount
        self.sent[self.last] -= amount

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
        tail, head = int(self.tail[arc]), int(self.head[arc])
        begin, end = (head, tail) if step >= 0 else (tail, head)
        held = self.lower[arc], self.upper[arc]
        self.lower[arc] = self.upper[arc] = self.sent[arc]
        self._turn += 1
        size = self._arcs.arcs
        _, met = searches.search("between", size)(
            *self._arcs.lists, self.lower, self.upper, self.cost, self.sent, self.prices, self._scratch,
            self._heap, begin, end, limit, self._turn,
        )  # fmt: skip
        self.lower[arc], self.upper[arc] = held
        if met < 0:
            return 0
        self._steps[0] = step
        part, length = searches.search("led", size)(
            self._arcs.arc, self.tail, self.head, self.lower, self.upper, self.sent, self._scratch,
            begin, end, met, most, self._steps,
        )  # fmt: skip
        self.last_ring = tuple(self._steps[:length].tolist())
        return int(part)

    def _room(self, step: int) -> int:
        if step >= 0:
            return int(self.upper[step] - self.sent[step])
        return int(self.sent[-step - 1] - self.lower[-step - 1])

    def change(self, arc: int) -> int:
        """What a unit on the arc costs over and above the prices: below zero where one more may be worth something,
        above where one fewer may."""
        tail, head = self.tail[arc], self.head[arc]
        return int(self.cost[arc] + self.prices[tail] - self.prices[head])

    def changes(self, arcs: Ints) -> Ints:
        """The same for many arcs."""
        found: Ints = self.cost[arcs] + self.prices[self.tail[arcs]] - self.prices[self.head[arcs]]
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
