"""Days drawn and walked in bulk: arrays for the compiled loops, the same draws for every what-if.

Needs NumPy and Numba, so it is imported where something is simulated and nowhere else. Draws depend on the seed
and on nothing else: neither on threads nor on how many days are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jornada.domain.clinic import kernels
from jornada.domain.clinic.day import ClinicDay, Invited
from jornada.domain.clinic.floor import Floor, OnDuty, route_of
from jornada.domain.clinic.template import Range, Template

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK = 64
"""Days drawn from one stream; more days add streams and leave the earlier ones as they are."""
THREADS = 2
FEW = 16
"""Days walked at a time where only sums are kept: small enough to stay in the processor's cache."""


@dataclass(frozen=True)
class Draws:
    """What chance decides, for every day (first axis) and worker (last axis). Shared by all what-ifs.

    arrive: minutes after midnight, inf for who does not come; route: stations ahead as bits; minutes: by station;
    factor, relay: how much longer with an interpreter that day; finishes: whether a packet that is not sent
    elsewhere gets complete; sent_out: whether the screening sends the worker elsewhere.
    """

    arrive: Floats
    route: Ints
    minutes: Floats
    factor: Floats
    relay: Floats
    finishes: NDArray[np.bool_]
    sent_out: NDArray[np.bool_]

    @property
    def days(self) -> int:
        return len(self.arrive)

    @cached_property
    def order(self) -> Ints:
        """The workers of each day in the order in which they come."""
        return np.argsort(self.arrive, axis=1, kind="stable")

    def part(self, first: int, last: int) -> Draws:
        """Some of the days, without copying."""
        return Draws(
            self.arrive[first:last], self.route[first:last], self.minutes[first:last], self.factor[first:last],
            self.relay[first:last], self.finishes[first:last], self.sent_out[first:last],
        )  # fmt: skip

    def beside(self, more: Draws) -> Draws:
        """The same days with more workers."""
        return Draws(
            np.concatenate([self.arrive, more.arrive], axis=1),
            np.concatenate([self.route, more.route], axis=1),
            np.concatenate([self.minutes, more.minutes], axis=2),
            self.factor,
            self.relay,
            np.concatenate([self.finishes, more.finishes], axis=1),
            np.concatenate([self.sent_out, more.sent_out], axis=1),
        )


@dataclass(frozen=True)
class Walks:
    """Begin and end of every service (day, station, worker) and when each worker left; inf: never."""

    begin: Floats
    end: Floats
    leave: Floats

    def part(self, first: int, last: int) -> Walks:
        """Some of the days, without copying."""
        return Walks(self.begin[first:last], self.end[first:last], self.leave[first:last])


# ── Drawing ───────────────────────────────────────────────────────────────────────────────────────────────────


def draw(
    day: ClinicDay,
    template: Template,
    workers: tuple[Invited, ...] | None = None,
    *,
    replications: int,
    seed: int,
) -> Draws:
    """So many days' chances for these workers (all who are invited).

    Working times: the usual minutes, times what sets one day apart from another (attorney's and preparer's hours for
    a worker, drawn once a day, capacity notes section 3.5), times what sets one worker apart from another (around 1).
    """
    invited = day.invited if workers is None else workers
    made = _empty(replications, len(day.stations), len(invited))
    blocks = [(first, min(first + BLOCK, replications)) for first in range(0, replications, BLOCK)]
    chances = _Chances.of(day, template, invited)

    def one(block: tuple[int, int]) -> None:
        stream = np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, block[0] // BLOCK])))
        _draw_block(made.part(*block), chances, stream)

    _in_threads(one, blocks)
    return made


def _empty(days: int, stations: int, workers: int) -> Draws:
    return Draws(
        np.empty((days, workers)),
        np.empty((days, workers), np.int64),
        np.empty((days, stations, workers)),
        np.empty(days),
        np.empty(days),
        np.empty((days, workers), np.bool_),
        np.empty((days, workers), np.bool_),
    )


@dataclass(frozen=True)
class _Chances:
    """What the day and the pack say about chance, as arrays."""

    spreads: Floats
    work: tuple[str, ...]
    attorney: Range
    preparer: Range
    lateness: Range
    show: Range
    completed: Range
    sent_out: Range
    factor: Range
    relay: Range
    appointment: Floats
    window: Floats
    show_rate: Floats
    may_be_sent: NDArray[np.bool_]
    route: Ints
    opens: float
    until_sent: int

    @classmethod
    def of(cls, day: ClinicDay, template: Template, workers: tuple[Invited, ...]) -> _Chances:
        def value(name: str) -> Range:
            return template.range(name, day.on)

        stations = [template.station(name) for name in day.stations]
        last = day.closes - template.usual("last_wave_before_close", day.on)
        routing = [place for place, one in enumerate(stations) if one.routes_out]
        window = [
            (
                one.earliest if one.earliest is not None else day.opens,
                one.latest if one.latest is not None else last,
            )
            for one in workers
        ]
        rates = [float(one.show_rate) if one.show_rate is not None else np.nan for one in workers]
        return cls(
            spreads=np.array([template.minutes(one.id, day.on).spread for one in stations]).reshape(-1, 3),
            work=tuple(one.work for one in stations),
            attorney=value("attorney_hours"),
            preparer=value("preparer_hours"),
            lateness=value("minutes_after_appointment"),
            show=value("show_rate"),
            completed=value("completed_rate"),
            sent_out=value("screened_out_rate"),
            factor=value("interpreted_factor"),
            relay=value("relay_factor"),
            appointment=np.array(
                [np.nan if one.appointment is None else one.appointment for one in workers], float
            ),
            window=np.array(window, float).reshape(-1, 2),
            show_rate=np.array(rates, float),
            may_be_sent=np.array([_may_be_sent(one, stations, routing) for one in workers], bool),
            route=np.array([route_of(one, day) for one in workers], np.int64),
            opens=day.opens,
            until_sent=(1 << routing[0] + 1) - 1 if routing else -1,
        )


def _may_be_sent(worker: Invited, stations: Iterable[Any], routing: list[int]) -> bool:
    names = [one.id for one in stations]
    return bool(routing) and names[routing[0]] not in worker.done


def _draw_block(made: Draws, chances: _Chances, stream: np.random.Generator) -> None:
    """Fills one block. The order of the draws is part of what the seed means."""
    days, workers = made.arrive.shape
    once = stream.random((8, days))
    stream.random(out=made.minutes)
    arriving, showing, sending, finishing = stream.random((4, days, workers))
    low, mid, high = chances.spreads.T
    levels = {
        "attorney": triangular(once[0], chances.attorney) / chances.attorney.usual,
        "preparer": triangular(once[1], chances.preparer) / chances.preparer.usual,
        "lay": np.ones(days),
    }
    scale = np.array([levels[work] for work in chances.work]).T * (3 * mid / (low + mid + high))
    kernels.stretch(made.minutes, low, mid, high, scale)
    made.factor[:] = triangular(once[2], chances.factor)
    made.relay[:] = triangular(once[3], chances.relay)
    _draw_arrivals(made, chances, triangular(once[4], chances.show), arriving, showing)
    sent = triangular(once[5], chances.sent_out)
    completed = triangular(once[6], chances.completed)
    made.sent_out[:] = (sending < sent[:, None]) & chances.may_be_sent
    made.finishes[:] = finishing < np.minimum(1.0, completed / (1.0 - sent))[:, None]
    made.route[:] = np.where(made.sent_out, chances.route & chances.until_sent, chances.route)


def _draw_arrivals(made: Draws, chances: _Chances, show: Floats, arriving: Floats, showing: Floats) -> None:
    booked = chances.appointment + triangular(arriving, chances.lateness)
    first, last = chances.window.T
    walking_in = first + arriving * (last - first)
    moment = np.maximum(chances.opens, np.where(np.isnan(chances.appointment), walking_in, booked))
    rate = np.where(np.isnan(chances.appointment), 1.0, show[:, None])
    rate = np.where(np.isnan(chances.show_rate), rate, chances.show_rate)
    made.arrive[:] = np.where(showing < rate, moment, np.inf)


def triangular(u: Floats, spread: Range) -> Floats:
    low, mode, high = spread.spread
    if low == high:
        return np.full_like(u, mode)
    below = u * (high - low) < mode - low
    up = low + np.sqrt(u * (high - low) * (mode - low))
    down = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(below, up, down)


# ── Walking ───────────────────────────────────────────────────────────────────────────────────────────────────


def walk_days(
    floor: Floor,
    draws: Draws,
    held_until: Floats | None = None,
    *,
    threads: int = THREADS,
    general: bool = False,
) -> Walks:
    """Every drawn day on that floor. A line-shaped clinic takes the short way unless `general`; results are equal.

    `held_until` (day, held) says when those of `floor.held` are free.
    """
    made = _room_for(draws.days, draws)
    run = _runner(floor, draws, held_until, general=general)
    cuts = np.linspace(0, draws.days, min(draws.days, 4 * threads) + 1).astype(int).tolist()
    parts = list(pairwise(cuts))
    _in_threads(lambda part: run(part, made.part(*part)), parts, threads)
    return made


def each_few_days(
    floor: Floor,
    draws: Draws,
    look: Callable[[tuple[int, int], Walks], None],
    held_until: Floats | None = None,
    *,
    threads: int = THREADS,
    general: bool = False,
) -> None:
    """Walks every drawn day and shows `look` a few of them at a time, in memory that is used again afterwards.

    Several times cheaper than `walk_days` where only sums are wanted: the days stay in the processor's cache.
    """
    run = _runner(floor, draws, held_until, general=general)
    own = local()

    def few(part: tuple[int, int]) -> None:
        if not hasattr(own, "room"):
            own.room = _room_for(FEW, draws)
        for first in range(part[0], part[1], FEW):
            days = first, min(first + FEW, part[1])
            room = own.room.part(0, days[1] - first)
            run(days, room)
            look(days, room)

    step = FEW * max(1, -(-draws.days // (FEW * 4 * threads)))
    parts = [(first, min(first + step, draws.days)) for first in range(0, draws.days, step)]
    _in_threads(few, parts, threads)


def _room_for(days: int, draws: Draws) -> Walks:
    _, stations, workers = draws.minutes.shape
    shape = days, stations, workers
    return Walks(np.empty(shape), np.empty(shape), np.empty((days, workers)))


Runner = Callable[[tuple[int, int], Walks], None]
"""Walks the days from first to last into the room given for them."""


def _runner(floor: Floor, draws: Draws, held_until: Floats | None, *, general: bool) -> Runner:
    if floor.line_shaped and not general:
        return _line(floor, draws)
    return _any_floor(floor, draws, held_until)


def _line(floor: Floor, draws: Draws) -> Runner:
    by_station = [[one for one in floor.staff if one.stations == (s,)] for s in range(len(floor.places))]
    staff_at = np.cumsum([0, *map(len, by_station)])
    hours = [(one.begins, one.ends, one.rest_due, one.rest) for staff in by_station for one in staff]
    staff_time = np.array(hours, float).reshape(-1, 4)
    pace = np.array([place.pace for place in floor.places])

    def run(part: tuple[int, int], made: Walks) -> None:
        p = slice(*part)
        kernels.walk_line(
            draws.arrive[p], draws.order[p], draws.route[p], draws.minutes[p], pace, staff_at, staff_time,
            made.begin, made.end, made.leave,
        )  # fmt: skip

    return run


def _any_floor(floor: Floor, draws: Draws, held_until: Floats | None) -> Runner:
    arrays = _arrays(floor)
    relay = np.array([language in floor.relay for language, _ in floor.groups])
    factor = np.where(relay, draws.relay[:, None], draws.factor[:, None])
    held = np.full((draws.days, len(floor.staff)), np.inf)
    for place, one in enumerate(floor.held):
        held[:, one.staff] = np.inf if held_until is None else held_until[:, place]

    def run(part: tuple[int, int], made: Walks) -> None:
        p = slice(*part)
        kernels.walk_floor(
            arrays, draws.arrive[p], draws.order[p], draws.route[p], draws.minutes[p], factor[p], held[p],
            made.begin, made.end, made.leave,
        )  # fmt: skip

    return run


def _arrays(floor: Floor) -> kernels.FloorArrays:
    """A floor as the arrays that `kernels.walk_floor` reads."""
    groups, staff, workers = floor.groups, floor.staff, floor.workers
    duties = sorted(_duties(floor))
    priorities = sorted({one.priority for one in workers} or {0})
    serving = np.full((len(staff), 2), -1, np.int64)
    for held in floor.held:
        serving[held.staff] = held.worker, held.station
    return kernels.FloorArrays(
        share=np.array([place.share for place in floor.places], float),
        pace=np.array([place.pace for place in floor.places], float),
        seats=_table((place.seats, place.accessible) for place in floor.places),
        masks=_masks(floor),
        staff_time=np.array([(o.begins, o.ends, o.rest_due, o.rest) for o in staff], float).reshape(-1, 4),
        looks=np.array([_looks(floor, one) for one in staff], np.int64),
        rank=np.array(floor.ranks, np.int64),
        duty_time=np.array([moment for moment, _, _ in duties], float),
        duty_staff=np.array([who for _, who, _ in duties], np.int64),
        duty_kind=np.array([kind for _, _, kind in duties], np.int64),
        group=np.array([groups.index(one.group) for one in workers], np.int64),
        priority=np.array([priorities.index(one.priority) for one in workers], np.int64),
        wheels=np.array([one.accessible for one in workers], np.int64),
        group_wheels=np.array([accessible for _, accessible in groups], np.int64),
        serving_now=serving,
        priorities=len(priorities),
    )


def _table(pairs: Iterable[tuple[int, int]]) -> Ints:
    return np.array(list(pairs), np.int64).reshape(-1, 2)


def _duties(floor: Floor) -> Iterable[tuple[float, int, int]]:
    away = {held.staff for held in floor.held}
    for place, one in enumerate(floor.staff):
        if place not in away:
            yield one.begins, place, kernels.COMES
        if one.rest_due < np.inf:
            yield one.rest_due, place, kernels.RESTS
        if one.ends < np.inf:
            yield one.ends, place, kernels.GOES


def _looks(floor: Floor, one: OnDuty) -> int:
    """The stations worth a look when this one of the staff is free, as bits."""
    return sum(1 << s for s in one.stations or [s for s, place in enumerate(floor.places) if place.share])


def _masks(floor: Floor) -> NDArray[np.uint64]:
    """Who may serve at each station; who does so alone for each group; who interprets for each group."""
    groups, stations = floor.groups, len(floor.places)
    bits = np.zeros(
        (stations + stations * len(groups) + len(groups), (len(floor.staff) + 63) // 64), np.uint64
    )
    for k, one in enumerate(floor.staff):
        rows = list(one.stations)
        for g, (language, _) in enumerate(groups):
            alone = [s for s in one.stations if floor.speaks(one, language, s)]
            rows += [stations + s * len(groups) + g for s in alone]
            if not one.stations and language in one.languages:
                rows.append(stations + stations * len(groups) + g)
        bits[rows, k >> 6] |= np.uint64(1) << np.uint64(k & 63)
    return bits


def _in_threads(
    run: Callable[[tuple[int, int]], None], parts: list[tuple[int, int]], threads: int = THREADS
) -> None:
    if len(parts) == 1 or threads == 1:
        for part in parts:
            run(part)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(run, part) for part in parts]:
            done.result()


def with_pace(floor: Floor, pace: dict[str, float]) -> Floor:
    """The floor with some stations quicker or slower; 0.8 takes four fifths of the time."""
    places = tuple(
        replace(place, pace=place.pace * pace.get(name, 1.0))
        for name, place in zip(floor.station_names, floor.places, strict=True)
    )
    return replace(floor, places=places)
