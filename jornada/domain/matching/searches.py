"""Searches over what a flow could still move, written for machine code and right as plain Python too.

Arrays only. `start`, `to`, `arc` list for each node the arcs at it (see `flow.adjacency`): where each leads and its
number a, or -a-1 for an arc that enters, which can give back what it carries. Small networks are searched as they
stand; for large ones `machine` compiles the same functions, and keeps the result on disk between runs.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import sys
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

_COMPILE_FROM = 20_000
"""Arcs from which on compiling is worth its second or two."""


def room(a, lower, upper, flow):
    """How much more the arc could carry, or give back."""
    return upper[a] - flow[a] if a >= 0 else flow[-a - 1] - lower[-a - 1]


def price(a, cost):
    """What one unit more on it costs, or one less brings."""
    return cost[a] if a >= 0 else -cost[-a - 1]


def send(a, amount, flow):
    """Moves an amount along the arc, or back."""
    if a >= 0:
        flow[a] += amount
    else:
        flow[-a - 1] -= amount


def listed(tail, head, start, to, arc):
    """Fills in for each node the arcs that leave it, then those that enter it, in order (see `flow.adjacency`)."""
    for a in range(len(tail)):
        start[tail[a] + 1] += 1
        start[head[a] + 1] += 1
    for node in range(len(start) - 1):
        start[node + 1] += start[node]
    place = start.copy()
    for a in range(len(tail)):
        to[place[tail[a]]] = head[a]
        arc[place[tail[a]]] = a
        place[tail[a]] += 1
    for a in range(len(tail)):
        to[place[head[a]]] = tail[a]
        arc[place[head[a]]] = -a - 1
        place[head[a]] += 1


def settle(start, to, arc, lower, upper, cost, flow, prices, via, begin):
    """Lowers prices along arcs that can still move until none gains; false if a ring gains without end.

    `prices` holds a start for each node and is changed in place; `via` gets the step (a place in `to`) by which
    each node was last reached; `begin` the nodes to begin with.
    """
    nodes = len(prices)
    waiting = np.zeros(nodes, dtype=np.bool_)
    line = np.empty(nodes, dtype=np.int64)
    times = np.zeros(nodes, dtype=np.int64)
    size = len(begin)
    for i in range(size):
        line[i] = begin[i]
        waiting[begin[i]] = True
    first = 0
    while size > 0:
        node = line[first]
        first = (first + 1) % nodes
        size -= 1
        waiting[node] = False
        for step in range(start[node], start[node + 1]):
            a = arc[step]
            other = to[step]
            reached = prices[node] + price(a, cost)
            if reached >= prices[other] or room(a, lower, upper, flow) <= 0:
                continue
            prices[other] = reached
            via[other] = step
            if not waiting[other]:
                times[other] += 1
                if times[other] > nodes:
                    return False
                line[(first + size) % nodes] = other
                size += 1
                waiting[other] = True
    return True


def distances(start, to, arc, lower, upper, flow, away):
    """Steps from each node to the last one along arcs with room, into `away`; as many as nodes where no way is."""
    nodes = len(away)
    away[:] = nodes
    away[nodes - 1] = 0
    line = np.empty(nodes, dtype=np.int64)
    line[0] = nodes - 1
    size = 1
    first = 0
    while first < size:
        node = line[first]
        first += 1
        for step in range(start[node], start[node + 1]):
            other = to[step]
            if away[other] == nodes and room(-arc[step] - 1, lower, upper, flow) > 0:
                away[other] = away[node] + 1
                line[size] = other
                size += 1


def fill(start, to, arc, lower, upper, flow, order, head, away):
    """Sends what the arcs in `order` can bring, one after the other, along shortest ways to the last node.

    `away` holds the distances and is kept right while the flow grows: a node without any way left stays so. Node 0
    is never passed.
    """
    nodes = len(away)
    at_distance = np.zeros(nodes + 1, dtype=np.int64)
    for node in range(nodes):
        at_distance[away[node]] += 1
    now = start[:-1].copy()
    path = np.empty(nodes, dtype=np.int64)
    trail = np.empty(nodes, dtype=np.int64)
    for one in order:
        left = upper[one]
        while left > 0:
            length = shortest(
                start, to, arc, lower, upper, flow, away, at_distance, now, path, trail, head[one]
            )
            if length == 0:
                break
            amount = left
            for i in range(length):
                amount = min(amount, room(arc[path[i]], lower, upper, flow))
            for i in range(length):
                send(arc[path[i]], amount, flow)
            left -= amount
            flow[one] += amount


def shortest(start, to, arc, lower, upper, flow, away, at_distance, now, path, trail, root):
    """The steps of a shortest way from `root` to the last node, in `path`; how many, 0 if there is none."""
    nodes = len(away)
    node, length = root, 0
    while node != nodes - 1:
        if away[root] >= nodes:
            return 0
        step = onward(start, to, arc, lower, upper, flow, away, now, node)
        if step >= 0:
            path[length], trail[length] = step, node
            length += 1
            node = to[step]
        else:
            farther(start, to, arc, lower, upper, flow, away, at_distance, now, node)
            if length > 0:
                length -= 1
                node = trail[length]
    return length


def onward(start, to, arc, lower, upper, flow, away, now, node):
    """The next step from the node that leads one nearer to the last, from where the search stood; -1: none."""
    for step in range(now[node], start[node + 1]):
        other = to[step]
        if other != 0 and away[other] == away[node] - 1 and room(arc[step], lower, upper, flow) > 0:
            now[node] = step
            return step
    now[node] = start[node + 1]
    return -1


def farther(start, to, arc, lower, upper, flow, away, at_distance, now, node):
    """Moves a node without a step onward as far away as its nearest neighbour says; beyond a gap all are cut off."""
    nodes = len(away)
    least = nodes
    for step in range(start[node], start[node + 1]):
        other = to[step]
        if other != 0 and away[other] + 1 < least and room(arc[step], lower, upper, flow) > 0:
            least = away[other] + 1
    before = away[node]
    at_distance[before] -= 1
    at_distance[least] += 1
    away[node] = least
    now[node] = start[node]
    if at_distance[before] == 0:
        for other in range(nodes):
            if before < away[other] < nodes:
                at_distance[away[other]] -= 1
                at_distance[nodes] += 1
                away[other] = nodes


def nearest(start, to, arc, lower, upper, cost, flow, prices, scratch, heap, begin, end, limit, turn):
    """How far `end` is from `begin` by what arcs cost over and above the prices, or `limit` if that is nearer.

    Looks no farther than that. Prices of all nodes nearer than the result are lowered by the difference, so that
    they stay right when the way is used or the limit is taken. `scratch` has four rows (distance, step by which
    reached, turn when reached, turn when settled), `heap` two (distance, node); `turn` is a new number each time.
    """
    distance, via, reached, settled = scratch
    distance[begin] = 0
    via[begin] = -1
    reached[begin] = turn
    size = push(heap, 0, 0, begin)
    found = limit
    seen = 0
    while size > 0:
        far, node = heap[0, 0], heap[1, 0]
        size = pop(heap, size)
        if far >= found:
            break
        if settled[node] == turn:
            continue
        settled[node] = turn
        if node == end:
            found = far
            break
        heap[2, seen] = node
        seen += 1
        for step in range(start[node], start[node + 1]):
            other = to[step]
            if settled[other] == turn or room(arc[step], lower, upper, flow) <= 0:
                continue
            there = far + price(arc[step], cost) + prices[node] - prices[other]
            if there < found and (reached[other] != turn or there < distance[other]):
                distance[other] = there
                via[other] = step
                reached[other] = turn
                size = push(heap, size, there, other)
    for i in range(seen):
        node = heap[2, i]
        if distance[node] < found:
            prices[node] += distance[node] - found
    return found


def push(heap, size, far, node):
    """The size after adding to a heap whose least is at 0."""
    place = size
    while place > 0:
        parent = (place - 1) // 2
        if heap[0, parent] <= far:
            break
        heap[0, place], heap[1, place] = heap[0, parent], heap[1, parent]
        place = parent
    heap[0, place], heap[1, place] = far, node
    return size + 1


def pop(heap, size):
    """The size after taking away the least."""
    size -= 1
    far, node = heap[0, size], heap[1, size]
    place = 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and heap[0, child + 1] < heap[0, child]:
            child += 1
        if heap[0, child] >= far:
            break
        heap[0, place], heap[1, place] = heap[0, child], heap[1, child]
        place = child
    heap[0, place], heap[1, place] = far, node
    return size


_INNER_FIRST = (
    "room", "price", "send", "onward", "farther", "shortest", "settle", "distances", "fill", "push", "pop", "nearest",
    "listed",
)  # fmt: skip


@cache
def _compiled() -> dict[str, Any]:
    """The same functions compiled, each seeing the others compiled."""
    import numba

    names = dict(vars(sys.modules[__name__]))
    for name in _INNER_FIRST:
        function = FunctionType(names[name].__code__, names, name)
        names[name] = numba.njit(cache=True, nogil=True)(function)
    return names


def search(name: str, arcs: int) -> Any:
    """One of this module's functions: as machine code where there are many arcs, else as it is."""
    return _compiled()[name] if arcs >= _COMPILE_FROM else globals()[name]
