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

NOWHERE = 1 << 61
"""Farther than anything is."""
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


def between(start, stop, to, arc, lower, upper, cost, flow, prices, scratch, heap, begin, end, limit, turn):
    """How far `end` is from `begin` by what arcs cost over and above the prices, or `limit` if that is nearer; and the
    node at which the way was found, -1 if none.

    Looks from both ends at once, on the side where less was looked at so far, and no farther than the two must reach.
    Prices of the nodes nearer than that are moved by the difference, so that they stay right when the way is used or
    the limit is taken. Arcs at a node are listed from `start` to before `stop`. For each side `scratch` has five
    columns (distance, step by which reached, turn when reached, turn when settled, nodes as settled), `heap` two
    rows (distance, node); `turn` is a new number each time.
    """
    size, seen, work = np.ones(2, np.int64), np.zeros(2, np.int64), np.zeros(2, np.int64)
    for side in range(2):
        node = begin if side == 0 else end
        scratch[side, node, 0], scratch[side, node, 1], scratch[side, node, 2] = 0, -1, turn
        heap[side, 0, 0], heap[side, 1, 0] = 0, node
    found, met = limit, -1
    while size[0] > 0 and size[1] > 0 and heap[0, 0, 0] + heap[1, 0, 0] < found:
        first, second = heap[0, 1, 0], heap[1, 1, 0]
        ahead = work[0] + stop[first] - start[first], work[1] + stop[second] - start[second]
        side = 0 if ahead[0] <= ahead[1] else 1
        node = heap[side, 1, 0]
        size[side] = pop(heap[side], size[side])
        if scratch[side, node, 3] == turn:
            continue
        scratch[side, node, 3] = turn
        scratch[side, seen[side], 4] = node
        seen[side] += 1
        work[side] = ahead[side]
        size[side], found, met = onto(
            start,
            stop,
            to,
            arc,
            lower,
            upper,
            cost,
            flow,
            prices,
            scratch,
            heap,
            side,
            size[side],
            node,
            found,
            met,
            turn,
        )
    if met >= 0 or found < NOWHERE:
        shared(heap, size, scratch, seen, prices, found)
    return found, met


def onto(
    start, stop, to, arc, lower, upper, cost, flow, prices, scratch, heap, side, size, node, found, met, turn
):
    """Looks at all steps at a node that one side settled; the size of its heap, how far, and where both have met."""
    mine, theirs = scratch[side], scratch[1 - side]
    far, sign = mine[node, 0], 1 - 2 * side
    beyond = heap[1 - side, 0, 0]
    for step in range(start[node], stop[node]):
        other = to[step]
        if mine[other, 3] == turn:
            continue
        a = arc[step] if side == 0 else -arc[step] - 1
        if room(a, lower, upper, flow) <= 0:
            continue
        there = far + price(a, cost) + sign * (prices[node] - prices[other])
        if there + beyond >= found or (mine[other, 2] == turn and there >= mine[other, 0]):
            continue
        mine[other, 0], mine[other, 1], mine[other, 2] = there, step, turn
        size = push(heap[side], size, there, other)
        if theirs[other, 2] == turn and there + theirs[other, 0] < found:
            found, met = there + theirs[other, 0], other
    return size, found, met


def shared(heap, size, scratch, seen, prices, found):
    """Moves the prices of the nodes that each side reached within its share of the distance."""
    first = found
    if size[0] > 0:
        first = min(found, heap[0, 0, 0])
    elif size[1] > 0:
        first = found - min(found, heap[1, 0, 0])
    for i in range(seen[0]):
        node = scratch[0, i, 4]
        prices[node] += min(0, scratch[0, node, 0] - first)
    for i in range(seen[1]):
        node = scratch[1, i, 4]
        prices[node] += max(0, found - first - scratch[1, node, 0])


def led(arc, tail, head, lower, upper, flow, scratch, begin, end, met, most, steps):
    """Sends what fits, `most` at most, along the way that `between` found and the step `steps[0]` before it; how much.

    Fills in the other steps as they are gone; the second number is how many there are, the first one included.
    """
    length, node = 1, met
    while node != begin:
        a = arc[scratch[0, node, 1]]
        steps[length] = a
        length += 1
        node = tail[a] if a >= 0 else head[-a - 1]
    for i in range((length - 1) // 2):
        steps[1 + i], steps[length - 1 - i] = steps[length - 1 - i], steps[1 + i]
    node = met
    while node != end:
        a = -arc[scratch[1, node, 1]] - 1
        steps[length] = a
        length += 1
        node = head[a] if a >= 0 else tail[-a - 1]
    part = most
    for i in range(1, length):
        part = min(part, room(steps[i], lower, upper, flow))
    for i in range(length):
        send(steps[i], part, flow)
    return part, length


def hooked(start, stop, limit, to, arc, used, tail, head, first):
    """Lists new arcs, the first one numbered `first`, at both their nodes; how much of the lists is used then."""
    for i in range(len(tail)):
        used = hook(start, stop, limit, to, arc, used, tail[i], head[i], first + i)
        used = hook(start, stop, limit, to, arc, used, head[i], tail[i], -first - i - 1)
    return used


def hook(start, stop, limit, to, arc, used, node, other, a):
    """Lists an arc at a node, which moves to the end of the lists with twice the room where it has none left."""
    if stop[node] == limit[node]:
        size = stop[node] - start[node]
        for i in range(size):
            to[used + i] = to[start[node] + i]
            arc[used + i] = arc[start[node] + i]
        start[node], stop[node], limit[node] = used, used + size, used + 2 * size + 4
        used = limit[node]
    to[stop[node]] = other
    arc[stop[node]] = a
    stop[node] += 1
    return used


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
    "room", "price", "send", "onward", "farther", "shortest", "settle", "distances", "fill", "push", "pop", "onto",
    "shared", "between", "led", "hook", "hooked", "listed",
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
