"""How the day will probably go: seats, where the line forms, when it clears, each with its spread.

Needs NumPy and Numba: import it where something is forecast. Every number is looked at over many simulated days
(`simulation.py`); `low`, `mid`, `high` are what one day in ten, every second day and nine days in ten stay below.
What-ifs share the days' draws, so that two of them differ by what was changed and not by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jornada.domain.clinic import kernels
from jornada.domain.clinic.board import Board
from jornada.domain.clinic.day import ADVISES, AS_PLANNED, Appointment, ClinicDay, Invited, WhatIf
from jornada.domain.clinic.floor import Floor, floor_of, in_line, serves
from jornada.domain.clinic.replanning import AT_LEAST, Present, onward, present_state
from jornada.domain.clinic.simulation import (
    Draws,
    Floats,
    Walks,
    draw,
    each_few_days,
    triangular,
    with_pace,
)
from jornada.domain.clinic.template import Template

STEP = 30.0
"""Minutes between two looks at the lines."""
DOOR_STEP = 15
"""Minutes between two times at which closing the door is tried."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What one day in ten, every second day, nine days in ten stay below."""

    low: float
    mid: float
    high: float

    @classmethod
    def of(cls, values: Any) -> Spread:
        return cls(*(float(x) for x in np.percentile(np.asarray(values, float), (10, 50, 90))))


@dataclass(frozen=True, slots=True)
class StationForecast:
    """A station: minutes waited, longest wait, longest line, share of days on which most waiting was here."""

    station: str
    wait: Spread
    longest_wait: Spread
    longest_line: Spread
    tightest: float
    busy: Spread
    """Share of the staffed minutes there that were spent serving (staff of several stations count in each)."""
    line: tuple[Spread, ...]
    """People in line at each of the forecast's times."""


@dataclass(frozen=True, slots=True)
class LanguageForecast:
    """How people of one language fare: how many come, and how many of them are not through by closing."""

    language: str
    came: Spread
    left_over: Spread


@dataclass(frozen=True, slots=True)
class Forecast:
    """One clinic day as it will probably go. Counts are people; times are minutes after midnight."""

    name: str
    days: int
    seed: int
    invited: int
    came: Spread
    served: Spread
    """Through all their stations by closing."""
    completed: Spread
    """Of these, with a complete packet."""
    sent_elsewhere: Spread
    """Sent by the screening to a consultation or to full scope."""
    left_over: Spread
    """Came, and were not through by closing."""
    clears_at: Spread
    """When the last one leaves, if staff whose hours end at closing stay."""
    minutes_in_building: Spread
    languages: tuple[LanguageForecast, ...]
    stations: tuple[StationForecast, ...]
    times: tuple[float, ...]

    @property
    def tightest(self) -> str:
        """The station where most waiting is, on most days."""
        return max(self.stations, key=lambda one: one.tightest).station if self.stations else ""


# ── Before the day ────────────────────────────────────────────────────────────────────────────────────────────


def with_appointments(day: ClinicDay, appointments: Sequence[Appointment]) -> ClinicDay:
    """The day with everybody's arrival from a plan; who has none stands by and does not come."""
    arrives = {one.worker: one.arrives for one in appointments}
    invited = tuple(replace(one, appointment=arrives[one.id]) for one in day.invited if one.id in arrives)
    return replace(day, invited=invited)


def forecast(
    day: ClinicDay, template: Template, *, replications: int = 1000, seed: int = 0, draws: Draws | None = None
) -> Forecast:
    """How this day will probably go."""
    return compare(day, template, (AS_PLANNED,), replications=replications, seed=seed, draws=draws)[0]


def compare(
    day: ClinicDay,
    template: Template,
    what_ifs: Sequence[WhatIf],
    *,
    replications: int = 1000,
    seed: int = 0,
    draws: Draws | None = None,
) -> tuple[Forecast, ...]:
    """The forecasts of several what-ifs, from the same drawn days."""
    draws = draws or draw(day, template, replications=replications, seed=seed)
    return tuple(_look(one, one.apply(day), template, draws, seed) for one in what_ifs)


def _look(what_if: WhatIf, day: ClinicDay, template: Template, draws: Draws, seed: int) -> Forecast:
    floor = with_pace(floor_of(day, template), dict(what_if.pace or {}))
    if what_if.door_closes is not None:
        draws = replace(draws, arrive=np.where(draws.arrive > what_if.door_closes, np.inf, draws.arrive))
    return _summed(what_if.name, day, floor, draws, seed)


@dataclass(slots=True)
class _Sums:
    """What is kept of each simulated day."""

    leave: Floats
    waited: Floats
    longest: Floats
    visits: Any
    in_line: Any
    busy: Floats


def _walk(day: ClinicDay, floor: Floor, draws: Draws, held_until: Floats | None = None) -> _Sums:
    days, stations, _ = draws.minutes.shape
    times = int((day.closes + 180 - day.opens) / STEP) + 1
    sums = _Sums(
        np.empty_like(draws.arrive),
        np.empty((days, stations)),
        np.empty((days, stations)),
        np.empty((days, stations), np.int64),
        np.empty((days, stations, times), np.int64),
        np.empty((days, stations)),
    )

    def look(part: tuple[int, int], walks: Walks) -> None:
        p = slice(*part)
        sums.leave[p] = walks.leave
        kernels.tally(
            draws.arrive[p], draws.route[p], walks.begin, walks.end, float(day.closes), float(day.opens), STEP,
            sums.waited[p], sums.longest[p], sums.visits[p], sums.busy[p], sums.in_line[p],
        )  # fmt: skip

    each_few_days(floor, draws, look, held_until)
    return sums


def _summed(
    name: str, day: ClinicDay, floor: Floor, draws: Draws, seed: int, held_until: Floats | None = None
) -> Forecast:
    sums = _walk(day, floor, draws, held_until)
    came = draws.arrive < np.inf
    came[:, [held.worker for held in floor.held if held.worker >= 0]] = True
    through = sums.leave <= day.closes
    gone = (draws.arrive < np.inf) & (sums.leave < np.inf)
    stays = sums.leave[gone] - draws.arrive[gone]
    times = tuple(day.opens + STEP * place for place in range(sums.in_line.shape[2]))
    return Forecast(
        name=name,
        days=draws.days,
        seed=seed,
        invited=draws.arrive.shape[1],
        came=Spread.of(came.sum(axis=1)),
        served=Spread.of((through & ~draws.sent_out).sum(axis=1)),
        completed=Spread.of((through & ~draws.sent_out & draws.finishes).sum(axis=1)),
        sent_elsewhere=Spread.of((through & draws.sent_out).sum(axis=1)),
        left_over=Spread.of((came & ~through).sum(axis=1)),
        clears_at=Spread.of(_last_leaves(sums.leave, day.opens)),
        minutes_in_building=Spread.of(stays) if gone.any() else Spread(0, 0, 0),
        languages=tuple(_languages(floor, came, through)),
        stations=tuple(_stations(floor, sums, day)),
        times=times,
    )


def _languages(floor: Floor, came: Any, through: Any) -> list[LanguageForecast]:
    """By language; who brings an interpreter or was not asked stands under the empty one."""
    spoken = [floor.languages[one.language] if one.language >= 0 else "" for one in floor.workers]
    made = []
    for language in sorted(set(spoken)):
        here = np.array([one == language for one in spoken])
        left = (came & ~through)[:, here].sum(axis=1)
        made.append(LanguageForecast(language, Spread.of(came[:, here].sum(axis=1)), Spread.of(left)))
    return made


def _last_leaves(leave: Floats, opens: float) -> Floats:
    """When the last one who is served at all leaves."""
    last: Floats = np.where(leave < np.inf, leave, opens).max(axis=1, initial=opens)
    return last


def _stations(floor: Floor, sums: _Sums, day: ClinicDay) -> list[StationForecast]:
    most = sums.waited == sums.waited.max(axis=1, keepdims=True)
    tightest = (most & (sums.waited > 0)).mean(axis=0)
    staffed = [
        sum(min(one.ends, day.closes) - one.begins for one in floor.staff if place in one.stations)
        for place in range(len(floor.places))
    ]
    return [
        StationForecast(
            floor.station_names[place],
            Spread.of(sums.waited[:, place] / np.maximum(1, sums.visits[:, place])),
            Spread.of(sums.longest[:, place]),
            Spread.of(sums.in_line[:, place].max(axis=1)),
            float(tightest[place]),
            Spread.of(sums.busy[:, place] / max(1.0, staffed[place])),
            tuple(Spread.of(sums.in_line[:, place, time]) for time in range(sums.in_line.shape[2])),
        )
        for place in range(len(floor.places))
    ]


# ── During the day ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Outlook:
    """The rest of the day from the present state, and until when one more can come in."""

    forecast: Forecast
    door: Door


def outlook(
    found: Board, day: ClinicDay, template: Template, *, replications: int = 400, seed: int = 0
) -> Outlook:
    """How the rest of the day will probably go. Who is served now needs what is left of a time drawn anew."""
    present = present_state(found, day, template, onward(found, day, template).changes)
    draws = draw(day, template, present.workers, replications=replications, seed=seed)
    draws.route[:] = np.array(present.route, np.int64)
    draws.sent_out[:] = False
    arrive = np.array(present.arrive, float)
    here = arrive <= found.now
    booked = (arrive < np.inf) & ~here
    come = np.where(draws.arrive < np.inf, np.maximum(draws.arrive, found.now), np.inf)
    draws.arrive[:] = np.where(here, arrive, np.where(booked, come, np.inf))
    held_until = _left_over_time(present, day, template, draws, found.now, seed)
    floor = present.floor
    told = _summed("outlook", day, floor, draws, seed, held_until)
    tried = door(
        day,
        template,
        draws,
        seed=seed,
        first=found.now,
        floor=floor,
        held_until=held_until,
        workers=present.workers,
    )
    return Outlook(told, tried)


def _left_over_time(
    present: Present, day: ClinicDay, template: Template, draws: Draws, now: float, seed: int
) -> Floats:
    """When each who is busy will be free: a whole time drawn among those longer than what has passed."""
    stream = np.random.default_rng([seed, 2])
    by_worker: dict[str, Floats] = {}
    for one in present.busy:
        if one.worker not in by_worker:
            low, mode, high = template.minutes(one.station, day.on).spread
            scale = draws.factor if one.interpreted else np.ones(draws.days)
            passed = (now - one.since) / scale
            least = _share_below(passed, low, mode, high)
            u = least + stream.random(draws.days) * (1 - least)
            whole = triangular(u, template.minutes(one.station, day.on)) * scale
            by_worker[one.worker] = np.maximum(now + AT_LEAST, one.since + whole)
    return np.array([by_worker[one.worker] for one in present.busy], float).reshape(-1, draws.days).T


def _share_below(x: Floats, low: float, mode: float, high: float) -> Floats:
    """The share of a triangular distribution below x."""
    if low == high:
        return np.zeros_like(x)
    rising = (x - low) ** 2 / ((high - low) * max(mode - low, 1e-9))
    falling = 1 - (high - x) ** 2 / ((high - low) * max(high - mode, 1e-9))
    share: Floats = np.where(x <= low, 0.0, np.where(x < mode, rising, np.where(x < high, falling, 1.0)))
    return np.minimum(share, 1 - 1e-9)


# ── When to stop letting people in ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Door:
    """Until when one more worker who comes in will be through by closing, on enough of the simulated days.

    `closes_at` None: not even one who comes now. `chances` are the shares of days by time tried.
    """

    closes_at: float | None
    sure_enough: float
    chances: Mapping[float, float]


def stop_intake(
    day: ClinicDay, template: Template, *, replications: int = 400, seed: int = 0, draws: Draws | None = None
) -> Door:
    """The last time at which one more worker can come in and be through by closing."""
    draws = draws or draw(day, template, replications=replications, seed=seed)
    return door(day, template, draws, seed=seed, first=day.opens)


def door(
    day: ClinicDay,
    template: Template,
    draws: Draws,
    *,
    seed: int,
    first: float,
    floor: Floor | None = None,
    held_until: Floats | None = None,
    workers: Sequence[Invited] | None = None,
) -> Door:
    """The same for days that are under way: from `first` on, on that floor."""
    everybody = day.invited if workers is None else tuple(workers)
    extra = _one_more(everybody)
    more = draw(day, template, (extra,), replications=draws.days, seed=seed + 1)
    more.sent_out[:] = False
    more.route[:] = (1 << len(day.stations)) - 1
    base = floor or floor_of(day, template, everybody)
    wider = _with_one_more(base, extra)
    sure = template.usual("sure_enough", day.on)
    chances: dict[float, float] = {}

    def chance(at: float) -> float:
        if at not in chances:
            more.arrive[:] = at
            sums = _walk(day, wider, draws.beside(more), held_until)
            chances[at] = float((sums.leave[:, -1] <= day.closes).mean())
        return chances[at]

    tries = np.arange(first, day.closes, DOOR_STEP, dtype=float).tolist()
    low, high = -1, len(tries)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chance(tries[middle]) >= sure else (low, middle)
    return Door(tries[low] if low >= 0 else None, sure, dict(sorted(chances.items())))


def _one_more(workers: Sequence[Invited]) -> Invited:
    """One more of the language that most of them speak."""
    languages = [one.language for one in workers if not one.brings_interpreter]
    usual = max(sorted(set(languages)), key=languages.count, default="")
    return Invited("one-more", usual, show_rate=None)


def _with_one_more(floor: Floor, extra: Invited) -> Floor:
    number = {name: place for place, name in enumerate(floor.languages)}
    return replace(floor, workers=(*floor.workers, in_line(extra, number)))


# ── Seats before anybody is invited ───────────────────────────────────────────────────────────────────────────


def seats_by_hours(
    attorneys: float,
    preparers: float,
    hours: float,
    template: Template,
    on: Any,
    *,
    draws: int = 4000,
    seed: int = 0,
) -> Spread:
    """Seats from hours alone (capacity notes, section 3.5): the scarcer of attorney and preparer time.

    Each is drawn once a day. The middle of the draws is below what the middle values give, since the smaller of
    two uncertain numbers is smaller than the smaller of their middles: plan on it, not on them.
    """
    u = np.random.default_rng(seed).random((2, draws))
    a = triangular(u[0], template.range("attorney_hours", on))
    p = triangular(u[1], template.range("preparer_hours", on))
    return Spread.of(np.minimum(attorneys * hours / a, preparers * hours / p))


def seats(
    day: ClinicDay, template: Template, *, replications: int = 400, seed: int = 0, crowd: float = 1.6
) -> Spread:
    """How many this day can serve at most: many more come than it can, evenly in waves, of those invited's kinds."""
    estimate = estimated_seats(day, template, seed=seed)
    people = int(max(10, crowd * estimate.high))
    last = int(day.closes - template.usual("last_wave_before_close", day.on))
    wave = int(template.usual("wave_minutes", day.on))
    waves = list(range(day.opens, max(day.opens, last) + 1, wave))
    like = day.invited or (Invited("any"),)
    crowd_day = replace(
        day,
        invited=tuple(
            replace(
                like[n % len(like)],
                id=f"crowd-{n}",
                appointment=waves[n * len(waves) // people],
                priority="usual",
            )
            for n in range(people)
        ),
        made=(),
    )
    found = draw(crowd_day, template, replications=replications, seed=seed)
    found = replace(found, arrive=np.where(found.arrive < np.inf, found.arrive, day.closes))
    return forecast(crowd_day, template, seed=seed, draws=found).served


def estimated_seats(day: ClinicDay, template: Template, *, seed: int = 0) -> Spread:
    """Seats from this day's staff hours alone."""
    preparation = [
        template.station(name) for name in day.stations if template.station(name).work == "preparer"
    ]
    attorneys = sum(one.minutes for one in day.staff if one.credential in ADVISES) / 60
    preparers = sum(one.minutes for one in day.staff if any(serves(one, s) for s in preparation)) / 60
    return seats_by_hours(attorneys, preparers or attorneys, 1, template, day.on, seed=seed)


@dataclass(frozen=True, slots=True)
class Invitations:
    """How many to invite for so many seats, and why not more."""

    number: int
    seats: float
    overbooked: bool
    spare_preparers: float


def invitations(day: ClinicDay, template: Template, seats: float) -> Invitations:
    """Overbooks by one over the show rate, and only with enough preparers to spare (capacity notes, section 3.5)."""
    preparation = [
        template.station(name) for name in day.stations if template.station(name).work == "preparer"
    ]
    hours = sum(one.minutes for one in day.staff if any(serves(one, s) for s in preparation)) / 60
    needed = seats * template.usual("preparer_hours", day.on)
    spare = max(0.0, 1 - needed / hours) if hours else 0.0
    overbook = spare >= template.usual("spare_preparers_for_overbooking", day.on)
    show = template.usual("show_rate", day.on) if overbook else 1.0
    return Invitations(int(seats / show), seats, overbook, spare)
