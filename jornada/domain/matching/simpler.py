"""A network made smaller before its cheapest flow is searched, and the flow led back to it.

A node that one way alone leaves, or enters, is passed by: what came to it goes straight on. Of several ways from one
node to another that limit nobody only the cheapest stays. Nothing is lost: every flow of the smaller network is one of
the larger at the same cost, and the cheapest is among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jornada.domain.matching.cards import Bools, Ints

_ROUNDS = 3
_FREE = 1 << 30
"""Room from which on an arc limits nobody."""


@dataclass(frozen=True, eq=False)
class _Joined:
    """Arcs that stand for two others, one after the other; the first has the number `first`."""

    first: int
    one: Ints
    other: Ints


class Simpler:
    """The smaller network: arcs with room and cost, and what each node has to send (`left`)."""

    def __init__(self, nodes: int, tail: Ints, head: Ints, room: Ints, cost: Ints, left: Ints) -> None:
        self.nodes, self.left = nodes, left.copy()
        self._tail, self._head, self._room, self._cost = tail, head, room, cost
        self._now = np.arange(len(tail), dtype=np.int64)
        self._moved: list[tuple[Ints, Ints]] = []
        self._joined: list[_Joined] = []
        self._arcs = len(tail)
        for _ in range(_ROUNDS):
            if not self._pass_by(leaving=True) + self._pass_by(leaving=False):
                break

    @property
    def tail(self) -> Ints:
        return self._tail[self._now]

    @property
    def head(self) -> Ints:
        return self._head[self._now]

    @property
    def room(self) -> Ints:
        return self._room[self._now]

    @property
    def cost(self) -> Ints:
        return self._cost[self._now]

    def led_back(self, sent: Ints) -> Ints:
        """A flow of the smaller network as one of the larger."""
        full = np.zeros(len(self._tail), dtype=np.int64)
        full[self._now] = sent
        for arcs, amounts in self._moved:
            np.add.at(full, arcs, amounts)
        for joined in reversed(self._joined):
            amounts = full[joined.first : joined.first + len(joined.one)]
            np.add.at(full, joined.one, amounts)
            np.add.at(full, joined.other, amounts)
        found: Ints = full[: self._arcs]
        return found

    def _pass_by(self, leaving: bool) -> int:
        """Passes by the nodes that one arc alone leaves (or enters) and that limits nobody; how many."""
        end = self.tail if leaving else self.head
        only = np.full(self.nodes, -1, dtype=np.int64)
        only[end] = self._now
        alone = (np.bincount(end, minlength=self.nodes) == 1) & (only >= 0)
        alone[[0, -1]] = False
        alone[alone] = self._room[only[alone]] >= _FREE
        if not leaving:
            alone &= self.left == 0
        nodes = np.flatnonzero(alone)
        beyond = self._head if leaving else self._tail
        nodes = nodes[~alone[beyond[only[nodes]]]]  # not two in a row at once
        if len(nodes):
            self._without(nodes, only, leaving)
        return len(nodes)

    def _without(self, nodes: Ints, only: Ints, leaving: bool) -> None:
        passed = np.zeros(self.nodes, dtype=bool)
        passed[nodes] = True
        if leaving:
            amounts = self.left[nodes]
            self._moved.append((only[nodes], amounts))
            np.add.at(self.left, self._head[only[nodes]], amounts)
            self.left[nodes] = 0
        through = passed[self.head if leaving else self.tail]
        last = passed[self.tail if leaving else self.head]
        arcs = self._now[through]
        step = only[(self._head if leaving else self._tail)[arcs]]
        self._join(arcs, step, leaving)
        new = np.arange(len(self._tail) - len(arcs), len(self._tail), dtype=np.int64)
        self._now = self._cheapest_of_each(np.concatenate([self._now[~through & ~last], new]))

    def _join(self, arcs: Ints, step: Ints, leaving: bool) -> None:
        """New arcs for each of these with the step that follows it (or goes before)."""
        self._joined.append(_Joined(len(self._tail), arcs, step))
        first, second = (arcs, step) if leaving else (step, arcs)
        self._tail = np.concatenate([self._tail, self._tail[first]])
        self._head = np.concatenate([self._head, self._head[second]])
        self._room = np.concatenate([self._room, self._room[arcs]])
        self._cost = np.concatenate([self._cost, self._cost[arcs] + self._cost[step]])

    def _cheapest_of_each(self, arcs: Ints) -> Ints:
        """Without those that another one between the same nodes outdoes."""
        free: Bools = self._room[arcs] >= _FREE
        pair = self._tail[arcs] * self.nodes + self._head[arcs]
        order = np.lexsort((self._cost[arcs], ~free, pair))
        pair, free = pair[order], free[order]
        again = np.concatenate([[False], pair[1:] == pair[:-1]])
        kept: Ints = arcs[order][~(again & free)]
        return kept
