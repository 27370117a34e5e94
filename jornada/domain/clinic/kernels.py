"""The simulation's inner loops, compiled. Imported only where something is simulated.

Two of them give the same days: `walk_line` for a line-shaped clinic (each of the staff at one station, nobody
held together with an interpreter, no order but first come), one pass a station; `walk_floor` for any clinic, event
by event. The rule that both follow is written out in `floor.py`, in plain Python.

`inf` stands for "never". Everything is in minutes after midnight.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np

Compiled = TypeVar("Compiled", bound=Callable[..., Any])

_UNCOUNTED: Any = {"_nrt": False}
"""No reference counts inside: with them each array handed on costs two locked operations, six times the work itself."""


def _outer(function: Compiled) -> Compiled:
    """Compiled once and kept on disk; may make arrays."""
    made: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast(Compiled, made)


def _inner(function: Compiled) -> Compiled:
    """Compiled into whoever calls it; makes no arrays."""
    made: Compiled = numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=True, **_UNCOUNTED)(
        function
    )
    return made


BEGINS, ENDS, DUE, REST = 0, 1, 2, 3  # columns of staff_time
SEATS, ACCESSIBLE = 0, 1  # columns of seats and room
COMES, RESTS, GOES = 0, 1, 2  # kinds of duty
WORKER, STATION = 0, 1  # columns of serving
FRONT, BACK = 0, 1  # columns of queue and ring
JOINED, TOUCHED = 0, 1  # places in count

_ONE = np.uint64(1)
_NONE, _BEFORE = np.uintp(0), np.uintp(1)  # unsigned places spare a look for negative ones on each access
_TOP_SIX = np.uint64(58)
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_PLACE = np.zeros(64, np.int64)
for _shift in range(64):
    _PLACE[((0x03F79D71B4CB0A89 << _shift) & 0xFFFFFFFFFFFFFFFF) >> 58] = _shift


# ── A line-shaped clinic ──────────────────────────────────────────────────────────────────────────────────────


@_outer
def walk_line(
    arrive: Any, order: Any, route: Any, minutes: Any, pace: Any, staff_at: Any, staff_time: Any,
    begin: Any, end: Any, leave: Any,
) -> None:  # fmt: skip
    """Fills begin, end (replication, station, worker) and leave (replication, worker).

    `staff_time` is sorted by station, and `staff_at[s]` to `staff_at[s + 1]` are the staff of station s.
    """
    replications, stations, workers = minutes.shape
    most = len(staff_time)
    line, served, past = np.empty(workers, np.int64), np.empty(workers, np.int64), np.empty(workers, np.int64)
    ready, left_at, past_at = np.empty(workers), np.empty(workers), np.empty(workers)
    free, who = np.empty(workers + 3 * most), np.empty(workers + 3 * most, np.int64)
    holding, due = np.empty(most, np.int64), np.empty(most)
    for r in range(replications):
        leave[r] = np.inf
        length, everyone = _all_who_come(arrive[r], order[r], route[r], line, ready, leave[r])
        for s in range(stations):
            passing = 0
            if not (everyone >> s) & 1:
                length, passing = _parted(s, route[r], line, ready, length, past, past_at)
            here = staff_time[staff_at[s] : staff_at[s + 1]]
            all_day = _whole_day(here, ready[0] if length else 0.0)
            if length < workers or not all_day:
                begin[r, s], end[r, s] = np.inf, np.inf
            if all_day:
                going = _plain_station(
                    len(here),
                    line,
                    ready,
                    length,
                    pace[s],
                    minutes[r, s],
                    begin[r, s],
                    end[r, s],
                    served,
                    left_at,
                )
            else:
                going = _station(
                    here, line, ready, length, pace[s], minutes[r, s], begin[r, s], end[r, s], served, left_at,
                    free, who, holding, due,
                )  # fmt: skip
            if passing or not everyone >> (s + 1):
                length = _merged(
                    s, route[r], leave[r], line, ready, served, left_at, going, past, past_at, passing
                )
            else:
                line, served, ready, left_at, length = served, line, left_at, ready, going


@_inner
def _all_who_come(
    arrive: Any, order: Any, route: Any, line: Any, ready: Any, leave: Any
) -> tuple[int, int]:  # fmt: skip
    """The line at the door, and the stations that everybody in it visits; who has none ahead leaves at once."""
    length, everyone = 0, -1
    for turn in range(len(order)):
        worker = order[turn]
        if route[worker] == 0:
            leave[worker] = arrive[worker]
        elif arrive[worker] < np.inf:
            line[length], ready[length] = worker, arrive[worker]
            everyone &= route[worker]
            length += 1
    return length, everyone


@_inner
def _parted(
    s: int, route: Any, line: Any, ready: Any, length: int, past: Any, past_at: Any
) -> tuple[int, int]:
    """Those who stop at this station stay in line; those who pass it by are put aside."""
    stay = passing = 0
    for turn in range(length):
        if (route[line[turn]] >> s) & 1:
            line[stay], ready[stay] = line[turn], ready[turn]
            stay += 1
        else:
            past[passing], past_at[passing] = line[turn], ready[turn]
            passing += 1
    return stay, passing


@_inner
def _whole_day(staff: Any, first: float) -> bool:
    """Whether all the staff are there from the first worker to the last, without a break."""
    for one in range(len(staff)):
        if staff[one, BEGINS] > first or staff[one, ENDS] < np.inf or staff[one, DUE] < np.inf:
            return False
    return len(staff) > 0


@_inner
def _plain_station(
    staff: int, line: Any, ready: Any, length: int, pace: float, minutes: Any, begin: Any, end: Any,
    served: Any, left_at: Any,
) -> int:  # fmt: skip
    """A station staffed all day. Departures are kept in order, so that the n-th start waits for one certain of them."""
    desks = np.uintp(staff)
    for turn in range(np.uintp(length)):
        worker, start = line[turn], ready[turn]
        if turn >= desks:
            start = max(start, left_at[turn - desks])
        finish = start + minutes[worker] * pace
        begin[worker], end[worker] = start, finish
        place: Any = turn
        while place > _NONE and left_at[place - _BEFORE] > finish:
            left_at[place], served[place] = left_at[place - _BEFORE], served[place - _BEFORE]
            place -= _BEFORE
        left_at[place], served[place] = finish, worker
    return length


@_inner
def _station(
    staff: Any, line: Any, ready: Any, length: int, pace: float, minutes: Any, begin: Any, end: Any,
    served: Any, left_at: Any, free: Any, who: Any, holding: Any, due: Any,
) -> int:  # fmt: skip
    """One pass over a station in the order of its line; how many were served.

    `free[head:tail]` are the moments at which staff are free next, in order: at the front is whoever has been
    idle longest, and taking from the front yields the departures in their order.
    """
    head, tail, going = 0, 0, 0
    for one in range(len(staff)):
        tail = _in_order(free, who, head, tail, staff[one, BEGINS], one)
        holding[one], due[one] = -1, staff[one, DUE]
    for turn in range(length):
        worker, arrived = line[turn], ready[turn]
        while head < tail:
            one, moment = who[head], free[head]
            head += 1
            if holding[one] >= 0:
                served[going], left_at[going], holding[one] = holding[one], moment, -1
                going += 1
            start = max(arrived, moment)
            if due[one] <= start:
                moment = max(moment, due[one]) + staff[one, REST]
                due[one] = np.inf
                tail = _in_order(free, who, head, tail, moment, one)
            elif start < staff[one, ENDS]:
                finish = start + minutes[worker] * pace
                begin[worker], end[worker], holding[one] = start, finish, worker
                tail = _in_order(free, who, head, tail, finish, one)
                break
    while head < tail:
        if holding[who[head]] >= 0:
            served[going], left_at[going] = holding[who[head]], free[head]
            going += 1
        head += 1
    return going


@_inner
def _in_order(free: Any, who: Any, head: int, tail: int, moment: float, one: int) -> int:
    place = tail
    while place > head and (free[place - 1] > moment or (free[place - 1] == moment and who[place - 1] > one)):
        free[place], who[place] = free[place - 1], who[place - 1]
        place -= 1
    free[place], who[place] = moment, one
    return tail + 1


@_inner
def _merged(
    s: int, route: Any, leave: Any, line: Any, ready: Any, served: Any, left_at: Any, going: int,
    past: Any, past_at: Any, passing: int,
) -> int:  # fmt: skip
    """The line for the next station: those served and those who passed by, in order of time; the rest go home."""
    i = j = length = 0
    while i < going or j < passing:
        if j == passing or (i < going and left_at[i] <= past_at[j]):
            worker, moment = served[i], left_at[i]
            i += 1
        else:
            worker, moment = past[j], past_at[j]
            j += 1
        if route[worker] >> (s + 1):
            line[length], ready[length] = worker, moment
            length += 1
        else:
            leave[worker] = moment
    return length


# ── Any clinic ────────────────────────────────────────────────────────────────────────────────────────────────


class FloorArrays(NamedTuple):
    """What does not change from day to day: `floor.Floor`, by position.

    masks (row, 64 staff a word): for each station who may serve there; for each station and group who does so
    without an interpreter; for each group who interprets. staff_time: begins, ends, break due, its length.
    looks: stations worth a look when somebody is free, as bits; rank: see `Floor.ranks`. duty_kind: comes,
    rests, goes. serving_now: worker and station of who is busy as the day begins (-1: an interpreter).
    """

    share: Any
    pace: Any
    seats: Any
    masks: Any
    staff_time: Any
    looks: Any
    rank: Any
    duty_time: Any
    duty_staff: Any
    duty_kind: Any
    group: Any
    priority: Any
    wheels: Any
    group_wheels: Any
    serving_now: Any
    priorities: int


class _State(NamedTuple):
    """What changes during a day.

    events: moments by row (station, interpreting, breaks) in a ring, earliest first, with whom each is about; soon:
    the first moment of each row. queue: front and back of the line by priority, station, group; next: who stands
    behind; number: in which order people joined. lines: stations with a line as bits, by priority. count: joined so
    far, stations touched at this moment.
    """

    event_time: Any
    event_staff: Any
    ring: Any
    soon: Any
    idle: Any
    since: Any
    due: Any
    serving: Any
    queue: Any
    next: Any
    number: Any
    lines: Any
    room: Any
    count: Any


class _Day(NamedTuple):
    """One day's draws and what becomes of them."""

    arrive: Any
    order: Any
    route: Any
    minutes: Any
    factor: Any
    begin: Any
    end: Any
    leave: Any


@_outer
def walk_floor(
    fl: FloorArrays, arrive: Any, order: Any, route: Any, minutes: Any, factor: Any, held: Any,
    begin: Any, end: Any, leave: Any,
) -> None:  # fmt: skip
    """Fills begin, end (replication, station, worker) and leave (replication, worker).

    factor[r, g] is how much longer a service takes with an interpreter; held[r, k] is when staff k, busy as the day
    begins, will be free (inf: is not busy).
    """
    replications, stations, workers = minutes.shape
    staff, groups, size = len(fl.staff_time), len(fl.group_wheels), 1
    while size <= staff:
        size *= 2
    st = _State(
        np.empty((stations + 2, size)), np.empty((stations + 2, size), np.int64),
        np.empty((stations + 2, 2), np.int64), np.empty(stations + 2),
        np.empty(fl.masks.shape[1], np.uint64), np.empty(staff), np.empty(staff), np.empty((staff, 2), np.int64),
        np.empty((fl.priorities, stations, groups, 2), np.int64), np.empty(workers, np.int64),
        np.empty(workers, np.int64), np.empty(fl.priorities, np.int64), np.empty((stations, 2), np.int64),
        np.empty(2, np.int64),
    )  # fmt: skip
    for r in range(replications):
        day = _Day(arrive[r], order[r], route[r], minutes[r], factor[r], begin[r], end[r], leave[r])
        day.begin[:], day.end[:], day.leave[:] = np.inf, np.inf, np.inf
        st.ring[:], st.soon[:], st.idle[:], st.queue[:], st.lines[:], st.room[:] = 0, np.inf, 0, -1, 0, 0
        st.due[:], st.serving[:], st.count[:] = fl.staff_time[:, DUE], fl.serving_now, 0
        for k in range(staff):
            if held[r, k] < np.inf:
                _holds(fl, st, k, held[r, k])
        _one_day(fl, st, day)


@_inner
def _holds(fl: Any, st: Any, k: int, until: float) -> None:
    """Somebody is busy as the day begins."""
    worker, s = st.serving[k, WORKER], st.serving[k, STATION]
    if worker >= 0:
        _seated(fl, st, worker, s, 1)
        _push(st, s, until, k)
    else:
        _push(st, len(fl.share), until, k)


@_inner
def _one_day(fl: Any, st: Any, day: Any) -> None:
    """One day, event by event: all that happens at one moment first, then the calls it allows."""
    workers, came, duties = len(day.order), 0, 0
    while True:
        now = _soonest(st)
        if came < workers:
            now = min(now, day.arrive[day.order[came]])
        if duties < len(fl.duty_time):
            now = min(now, fl.duty_time[duties])
        if now == np.inf:
            return
        st.count[TOUCHED] = 0
        while duties < len(fl.duty_time) and fl.duty_time[duties] == now:
            _duty(fl, st, fl.duty_staff[duties], fl.duty_kind[duties], now)
            duties += 1
        while came < workers and day.arrive[day.order[came]] == now:
            _joins(fl, st, day, day.order[came], 0, now)
            came += 1
        _what_ends(fl, st, day, now)
        for p in range(fl.priorities):
            look = st.count[TOUCHED] & st.lines[p]
            s = len(fl.share) - 1
            while look:
                if (look >> s) & 1:
                    look ^= 1 << s
                    _calls(fl, st, day, p, s, now)
                s -= 1


@_inner
def _soonest(st: Any) -> float:
    now = np.inf
    for row in range(len(st.soon)):
        now = min(now, st.soon[row])
    return now


@_inner
def _duty(fl: Any, st: Any, k: int, kind: int, now: float) -> None:
    """Somebody comes; or a break or the end of their hours falls due, which counts while they are idle."""
    if kind == COMES or (st.idle[k >> 6] >> np.uint64(k & 63)) & _ONE:
        _taken(st, k)
        if kind != GOES:
            _available(fl, st, k, now)


@_inner
def _what_ends(fl: Any, st: Any, day: Any, now: float) -> None:
    """Services, interpreting and breaks that end now."""
    around = st.event_time.shape[1] - 1
    for row in range(len(st.soon)):
        while st.soon[row] == now:
            k = st.event_staff[row, st.ring[row, FRONT] & around]
            st.ring[row, FRONT] += 1
            st.soon[row] = np.inf
            if st.ring[row, FRONT] < st.ring[row, BACK]:
                st.soon[row] = st.event_time[row, st.ring[row, FRONT] & around]
            if row < len(fl.share):
                _seated(fl, st, st.serving[k, WORKER], row, -1)
                st.count[TOUCHED] |= 1 << row
                _joins(fl, st, day, st.serving[k, WORKER], row + 1, now)
            _available(fl, st, k, now)


@_inner
def _push(st: Any, row: int, moment: float, k: int) -> None:
    """Each row has its own events in order: services of a kind end nearly in the order they began."""
    around = st.event_time.shape[1] - 1
    front, place = st.ring[row, FRONT], st.ring[row, BACK]
    while place > front and st.event_time[row, (place - 1) & around] > moment:
        st.event_time[row, place & around] = st.event_time[row, (place - 1) & around]
        st.event_staff[row, place & around] = st.event_staff[row, (place - 1) & around]
        place -= 1
    st.event_time[row, place & around], st.event_staff[row, place & around] = moment, k
    st.ring[row, BACK] += 1
    if place == front:
        st.soon[row] = moment


@_inner
def _available(fl: Any, st: Any, k: int, now: float) -> None:
    """Goes home, or on the break that is due, or is idle from now on."""
    if now >= fl.staff_time[k, ENDS]:
        return
    if st.due[k] <= now:
        st.due[k] = np.inf
        _push(st, len(st.soon) - 1, now + fl.staff_time[k, REST], k)
        return
    st.idle[k >> 6] |= _ONE << np.uint64(k & 63)
    st.since[k] = now
    st.count[TOUCHED] |= fl.looks[k]


@_inner
def _taken(st: Any, k: int) -> None:
    st.idle[k >> 6] &= ~(_ONE << np.uint64(k & 63))


@_inner
def _seated(fl: Any, st: Any, worker: int, s: int, change: int) -> None:
    st.room[s, SEATS] += change
    st.room[s, ACCESSIBLE] += change * fl.wheels[worker]


@_inner
def _joins(fl: Any, st: Any, day: Any, worker: int, s: int, now: float) -> None:
    """Stands at the end of the line of the next station on the way, or leaves."""
    while s < len(fl.share) and not (day.route[worker] >> s) & 1:
        s += 1
    if s == len(fl.share):
        day.leave[worker] = now
        return
    p, g = fl.priority[worker], fl.group[worker]
    st.next[worker], st.number[worker] = -1, st.count[JOINED]
    if st.queue[p, s, g, FRONT] < 0:
        st.queue[p, s, g, FRONT] = worker
    else:
        st.next[st.queue[p, s, g, BACK]] = worker
    st.queue[p, s, g, BACK] = worker
    st.count[JOINED] += 1
    st.lines[p] |= 1 << s
    st.count[TOUCHED] |= 1 << s


@_inner
def _calls(fl: Any, st: Any, day: Any, p: int, s: int, now: float) -> None:
    """Starts everyone of this priority who can be served at this station now, longest in line first."""
    stations, groups = len(fl.share), len(fl.group_wheels)
    while st.room[s, SEATS] < fl.seats[s, SEATS] and _some(st, fl.masks, s):
        worker = _who_can_start(fl, st, p, s)
        if worker < 0:
            return
        g = fl.group[worker]
        st.queue[p, s, g, FRONT] = st.next[worker]
        length = day.minutes[s, worker] * fl.pace[s]
        k = _first(fl, st, stations + s * groups + g)
        if k < 0:
            k, other = _first(fl, st, s), _first(fl, st, stations + stations * groups + g)
            length *= day.factor[g]
            _taken(st, other)
            _push(st, stations, now + length * fl.share[s], other)
        _taken(st, k)
        _seated(fl, st, worker, s, 1)
        st.serving[k, WORKER], st.serving[k, STATION] = worker, s
        day.begin[s, worker], day.end[s, worker] = now, now + length
        _push(st, s, now + length, k)


@_inner
def _who_can_start(fl: Any, st: Any, p: int, s: int) -> int:
    """Who has stood longest in this line among those for whom somebody is free; -1: nobody."""
    stations, groups = len(fl.share), len(fl.group_wheels)
    found, waiting = -1, False
    for g in range(groups):
        worker = st.queue[p, s, g, FRONT]
        if worker < 0:
            continue
        waiting = True
        if found >= 0 and st.number[worker] > st.number[found]:
            continue
        if fl.group_wheels[g] and st.room[s, ACCESSIBLE] >= fl.seats[s, ACCESSIBLE]:
            continue
        if _some(st, fl.masks, stations + s * groups + g) or _some(
            st, fl.masks, stations + stations * groups + g
        ):
            found = worker
    if not waiting:
        st.lines[p] &= ~(1 << s)
    return found


@_inner
def _some(st: Any, masks: Any, row: int) -> bool:
    found = False
    for word in range(len(st.idle)):
        found |= (st.idle[word] & masks[row, word]) != 0
    return found


@_inner
def _first(fl: Any, st: Any, row: int) -> int:
    """Of the idle in this row: by rank, then who has been idle longest; -1: nobody."""
    best = -1
    for word in range(len(st.idle)):
        left = st.idle[word] & fl.masks[row, word]
        while left:
            lowest = left & (~left + _ONE)
            left ^= lowest
            k = word * 64 + _PLACE[(lowest * _DE_BRUIJN) >> _TOP_SIX]
            if best < 0 or (fl.rank[k], st.since[k]) < (fl.rank[best], st.since[best]):
                best = k
    return best


# ── Draws and sums ────────────────────────────────────────────────────────────────────────────────────────────


@_outer
def stretch(minutes: Any, low: Any, mode: Any, high: Any, scale: Any) -> None:
    """Turns uniform numbers (replication, station, worker) into triangular ones, times scale[replication, station]."""
    replications, stations, workers = minutes.shape
    for r in range(replications):
        for s in range(stations):
            whole, below, above = high[s] - low[s], mode[s] - low[s], high[s] - mode[s]
            for worker in range(workers):
                u = minutes[r, s, worker]
                if u * whole < below:
                    drawn = low[s] + np.sqrt(u * whole * below)
                else:
                    drawn = high[s] - np.sqrt((1.0 - u) * whole * above)
                minutes[r, s, worker] = drawn * scale[r, s]


@_outer
def tally(
    arrive: Any, route: Any, begin: Any, end: Any, until: float, opens: float, step: float,
    waited: Any, longest: Any, visits: Any, busy: Any, in_line: Any,
) -> None:  # fmt: skip
    """Sums by replication and station: minutes waited, longest wait, visits, minutes served, line every `step` minutes.

    Waits count up to `until`; who is never served waits until then.
    """
    replications, stations, workers = begin.shape
    for r in range(replications):
        waited[r], longest[r], visits[r], busy[r], in_line[r] = 0.0, 0.0, 0, 0.0, 0
        for worker in range(workers):
            ready = arrive[r, worker]
            for s in range(stations):
                if (route[r, worker] >> s) & 1 and ready < until:
                    start, finish = begin[r, s, worker], end[r, s, worker]
                    wait = min(start, until) - ready
                    waited[r, s] += wait
                    longest[r, s] = max(longest[r, s], wait)
                    if start < until:
                        visits[r, s] += 1
                        busy[r, s] += finish - start
                    _stands(in_line[r, s], ready - opens, ready + wait - opens, step)
                    ready = finish


@_inner
def _stands(in_line: Any, begins: float, ends: float, step: float) -> None:
    """One more in line at each time from begins to ends."""
    first, last = max(0, int(np.ceil(begins / step))), min(len(in_line), int(np.ceil(ends / step)))
    for place in range(first, last):
        in_line[place] += 1
