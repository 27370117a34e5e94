"""Appointments, pairing and roster of a clinic day, with how far from the best they can be at most.

Aims in their order, each held while the next is looked for: seats for those who come first, a fair share of the
seats for each language (or as many as its interpreters can carry), seats in all, minutes spent in the building.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from time import monotonic

from jornada.domain.clinic import search
from jornada.domain.clinic.day import Appointment, ClinicDay
from jornada.domain.clinic.pairing import Pairing, pair
from jornada.domain.clinic.template import Template
from jornada.domain.clinic.timetable import Timetable, timetable
from jornada.domain.facts import Reason

SLOT_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Aim:
    """What was reached of an aim, and the bound that nothing can pass; `less` says that less is better."""

    name: str
    reached: float
    bound: float
    less: bool = False

    @property
    def gap(self) -> float:
        """How far from the bound, as a share of it; 0 is proven best."""
        away = self.reached - self.bound if self.less else self.bound - self.reached
        return max(0.0, away) / abs(self.bound) if self.bound else max(0.0, away)


@dataclass(frozen=True, slots=True)
class Post:
    """Where one of the staff is from when to when: a station, `interpreting`, or `break`."""

    staff: str
    station: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class OneMore:
    """About how many more workers could be seated with one more like this one of the staff, all day."""

    like: str
    seats: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Appointments with sittings, breaks by staff, who is on standby and why, and how good it is."""

    appointments: tuple[Appointment, ...]
    breaks: Mapping[str, int]
    standby: Mapping[str, Reason]
    aims: tuple[Aim, ...]
    slot_minutes: int
    seed: int
    proven: bool
    one_more: tuple[OneMore, ...] = ()
    """Whose kind would add most seats, first."""

    @property
    def gap(self) -> float:
        """The largest gap of any aim."""
        return max((aim.gap for aim in self.aims), default=0.0)

    def roster(self, day: ClinicDay) -> tuple[Post, ...]:
        """Who stands where, by person and time; sittings that follow each other at a station are one post."""
        posts = [
            Post(sitting.staff, sitting.station, sitting.begins, sitting.ends)
            for appointment in self.appointments
            for sitting in appointment.sittings
        ]
        posts += [
            Post(
                sitting.interpreter, "interpreting", sitting.begins, sitting.interpreted_until or sitting.ends
            )
            for appointment in self.appointments
            for sitting in appointment.sittings
            if sitting.interpreter
        ]
        rests = {one.id: one.rest.minutes for one in day.staff if one.rest}
        posts += [Post(who, "break", begins, begins + rests[who]) for who, begins in self.breaks.items()]
        ordered = sorted(posts, key=lambda post: (post.staff, post.begins))
        return tuple(
            Post(who, station, run[0].begins, run[-1].ends)
            for (who, station), posts_ in groupby(ordered, lambda post: (post.staff, post.station))
            for run in [list(posts_)]
        )


def schedule(
    day: ClinicDay,
    template: Template,
    *,
    seed: int = 0,
    limit_seconds: float = 30.0,
    slot_minutes: int = SLOT_MINUTES,
    anew: bool = False,
    tell: Callable[[str], None] = lambda step: None,
) -> Plan:
    """The best timetable found for everybody invited who has no appointment made by hand.

    Appointment times that were given already stay, unless `anew`. Stations are planned at their usual minutes, rounded
    up to slots: the rest of a slot is the slack for days that are slower than usual. What `rules.objections` refuses
    should be mended first; here it only puts people on standby. `tell` hears the steps.
    """
    ends = monotonic() + limit_seconds
    by_hand = {one.worker for one in day.made}
    workers = [
        replace(one, appointment=None) if anew else one for one in day.invited if one.id not in by_hand
    ]
    made = timetable(day, template, workers, slot_minutes=slot_minutes)
    tell(f"{len(made.rows.rows)} rows over {len(made.rows.upper)} variables")
    if not made.chosen:
        return _plan(made, Pairing((), {}), (), seed, proven=True)
    found, goals = search.best(made, seed=seed, ends=ends, tell=tell)
    paired = pair(made, found.values, seed)
    lost = found.sums[-1] - len(
        paired.appointments
    )  # all who could take them need accessible seats that are taken
    plan = _plan(made, paired, _aims(made, goals, found, lost), seed, proven=found.proven and not lost)
    return replace(plan, one_more=_one_more(made, goals))


def _one_more(made: Timetable, goals: search.Goals) -> tuple[OneMore, ...]:
    best = sorted(goals.one_more.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(OneMore(made.crews[crew].members[0], round(worth, 1)) for crew, worth in best[:3])


def _aims(made: Timetable, goals: search.Goals, found: search.Found, lost: int) -> tuple[Aim, ...]:
    """What was reached of each aim. Where nothing better exists, what was reached is the bound."""
    sums = [
        Aim(
            goal.name,
            reached - (lost if goal.name == "seats" else 0),
            reached if found.proven else goal.bound,
        )
        for goal, reached in zip(goals.sums, found.sums, strict=True)
    ]
    least = found.cost if found.proven else min(found.cost, goals.least_cost)
    size = made.slot_minutes
    return (*sums, Aim("minutes_in_building", found.cost * size, least * size, less=True))


def _plan(made: Timetable, paired: Pairing, aims: tuple[Aim, ...], seed: int, *, proven: bool) -> Plan:
    appointments = sorted((*made.day.made, *paired.appointments), key=lambda one: (one.arrives, one.worker))
    placed = {one.worker for one in appointments}
    possible = {option.kind for option in made.chosen if option.sitting == 0}
    standby = {
        worker: Reason("no_seat_left" if place in possible else "no_sitting_possible", {"worker": worker})
        for place, workers in enumerate(made.kinds.values())
        for worker in workers
        if worker not in placed
    }
    return Plan(tuple(appointments), paired.breaks, standby, aims, made.slot_minutes, seed, proven)
