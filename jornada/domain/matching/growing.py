"""Arcs of a flow that more arcs and nodes can be added to, without laying the whole network again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jornada.domain.matching import searches
from jornada.domain.matching.cards import Ints
from jornada.domain.matching.flow import Problem


class Growing:
    """Arcs by columns and, for each node, the list of arcs at it; both with room for some more.

    New arcs and nodes are numbered after those there were, so no number ever changes.
    """

    def __init__(self, problem: Problem, cost: Ints, sent: Ints) -> None:
        self.nodes, self.arcs = problem.nodes, len(problem.tail)
        columns = (problem.tail, problem.head, problem.lower, problem.upper, sent, cost)
        self._columns = wider(np.stack(columns), self.arcs)
        start, to, arc = problem.adjacency
        self.used = len(to)
        self._lists = wider(np.stack([to, arc]), self.used)
        bounds = start[:-1], start[1:], start[1:], np.zeros(problem.nodes, dtype=np.int64)
        self._nodes = wider(np.stack(bounds), self.nodes)
        self._show()

    def _show(self) -> None:
        self.tail, self.head, self.lower, self.upper, self.sent, self.cost = self._columns[:, : self.arcs]
        self.start, self.stop, self._limit, self.prices = self._nodes[:, : self.nodes]
        self.to, self.arc = self._lists

    @property
    def lists(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Where the arcs at each node begin and end, where each leads, its number (see `searches`)."""
        return self.start, self.stop, self.to, self.arc

    def add_node(self) -> int:
        """One node more, without arcs as yet; its number."""
        if self.nodes == self._nodes.shape[1]:
            self._nodes = wider(self._nodes, self.nodes)
        self._nodes[:, self.nodes] = 0
        self.nodes += 1
        self._show()
        return self.nodes - 1

    def add(self, tail: Ints, head: Ints, upper: Ints, cost: Ints) -> int:
        """More arcs, which carry nothing as yet; the number of the first."""
        first = self.arcs
        if first + len(tail) > self._columns.shape[1]:
            self._columns = wider(self._columns, first, len(tail))
        nothing = np.zeros(len(tail), dtype=np.int64)
        self._columns[:, first : first + len(tail)] = tail, head, nothing, upper, nothing, cost
        self.arcs += len(tail)
        at = np.unique(np.concatenate([tail, head]))
        needed = 4 * (2 * len(tail) + int((self.stop[at] - self.start[at]).sum()) + len(at))
        if self.used + needed > self._lists.shape[1]:
            self._lists = wider(self._lists, self.used, needed)
        self._show()
        hooked = searches.search("hooked", self.arcs)
        self.used = hooked(
            self.start, self.stop, self._limit, self.to, self.arc, self.used, tail, head, first
        )
        return first


def wider(table: NDArray[np.int64], used: int, more: int = 0) -> NDArray[np.int64]:
    """The used columns of a table with room for so many more, and an eighth and some besides."""
    found = np.zeros((len(table), used + more + used // 8 + 64), dtype=np.int64)
    found[:, :used] = table[:, :used]
    return found
