"""From a timetable of kinds and crews to people: which worker sits with whom when, and who interprets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from jornada.domain.clinic.day import Appointment, Sitting
from jornada.domain.clinic.timetable import Crew, Job, Option, Timetable, runs_of


@dataclass(frozen=True, slots=True)
class Pairing:
    """Appointments with named staff, and when each of the staff has a break."""

    appointments: tuple[Appointment, ...]
    breaks: Mapping[str, int]


def pair(made: Timetable, values: Sequence[int], seed: int) -> Pairing:
    """Everybody's appointment and break. It always comes out: see `timetable._who_serves`."""
    by_job: dict[Job, list[str]] = defaultdict(list)
    breaks: dict[str, int] = {}
    for place, crew in enumerate(made.crews):
        begins = [slot for slot in crew.break_begins for _ in range(values[made.breaks[place, slot]])]
        before, after = (
            sorted(
                (duty.job for duty, variable in made.done_by.items()
                 if duty.crew == place and duty.after_break == half for _ in range(values[variable])),
                key=lambda job: (job.slot, job.length),
            )
            for half in (False, True)
        )  # fmt: skip
        has_break = _shared_before(crew, before, begins, by_job)
        _shared_after(crew, after, has_break, by_job)
        breaks.update({member: made.clock(slot) for member, slot in has_break.items()})
    return Pairing(tuple(_appointments(made, values, by_job, seed)), breaks)


def _shared_before(
    crew: Crew, jobs: Sequence[Job], begins: Sequence[int], by_job: dict[Job, list[str]]
) -> dict[str, int]:
    """Gives out the jobs before the breaks and then the breaks: each thing to whoever has been free longest."""
    free = dict.fromkeys(crew.members, -1)
    has_break: dict[str, int] = {}
    things: list[tuple[int, Job | None]] = [
        *((job.slot, job) for job in jobs),
        *((slot, None) for slot in begins),
    ]
    for slot, job in sorted(things, key=lambda thing: (thing[0], thing[1] is None)):
        member = min((one for one in free if free[one] <= slot), key=lambda one: (free[one], one))
        if job is None:
            has_break[member] = slot
            del free[member]
        else:
            free[member] = slot + job.length
            by_job[job].append(member)
    return has_break


def _shared_after(
    crew: Crew, jobs: Sequence[Job], has_break: Mapping[str, int], by_job: dict[Job, list[str]]
) -> None:
    free = {member: slot + crew.rest for member, slot in has_break.items()}
    for job in jobs:
        member = min((one for one in free if free[one] <= job.slot), key=lambda one: (free[one], one))
        free[member] = job.slot + job.length
        by_job[job].append(member)


# ── Who of a kind sits when ───────────────────────────────────────────────────────────────────────────────────


Chains = list[list[Appointment]]
"""By kind: the sittings of one worker each, still without a name."""


def _appointments(
    made: Timetable, values: Sequence[int], by_job: dict[Job, list[str]], seed: int
) -> Iterator[Appointment]:
    """Those of a kind keep their order from sitting to sitting, and are seated in the order of invitation."""
    chains = _chains(made, values, by_job)
    wheels = {one.id for one in made.day.invited if one.accessible}
    accessible = _accessible(made, chains, wheels, seed)
    for place, workers in enumerate(made.kinds.values()):
        numbers = {worker: accessible[worker] for worker in workers if worker in accessible}
        free = [number for number in range(len(chains[place])) if number not in numbers.values()]
        numbers.update(zip([worker for worker in workers if worker not in wheels], free, strict=False))
        for worker, number in numbers.items():
            yield replace(chains[place][number], worker=worker)


def _chains(made: Timetable, values: Sequence[int], by_job: dict[Job, list[str]]) -> Chains:
    taken: dict[tuple[int, int], list[Option]] = defaultdict(list)
    for option, variable in made.chosen.items():
        taken[option.kind, option.sitting] += [option] * values[variable]
    found: Chains = []
    for place, kind in enumerate(made.kinds):
        runs = range(len(runs_of(made, kind)))
        rows = [sorted(taken[place, run], key=lambda option: option.slot) for run in runs]
        found.append([_nameless(made, chain, by_job) for chain in _in_order(made, rows)])
    return found


def _nameless(made: Timetable, chain: Sequence[Option], by_job: dict[Job, list[str]]) -> Appointment:
    arrives = made.kind_list[chain[0].kind].arrives
    first = chain[0].slot - chain[0].slot % made.wave_slots if arrives is None else arrives
    sittings = [sitting for option in chain for sitting in _sittings(made, option, by_job)]
    return Appointment("", made.clock(first), tuple(sittings))


TRIES = 200


def _accessible(made: Timetable, chains: Chains, wheels: set[str], seed: int) -> dict[str, int]:
    """Which chain of its kind each worker with a wheelchair gets, so that accessible seats suffice.

    The rows do not know of wheelchairs (they would split every kind in two for a few workers); so some orders are
    tried, and the one that seats most of them is kept. Who does not fit in any stands by.
    """
    turns = [
        (place, worker)
        for place, workers in enumerate(made.kinds.values())
        for worker in [one for one in workers if one in wheels][: len(chains[place])]
    ]
    best: dict[str, int] = {}
    order = Random(seed)  # noqa: S311 - repeatable tries; no secret
    for _ in range(TRIES):
        given = _one_try(made, chains, turns)
        best = max(best, given, key=len)
        if len(best) == len(turns):
            break
        order.shuffle(turns)
    return best


def _one_try(made: Timetable, chains: Chains, turns: Sequence[tuple[int, str]]) -> dict[str, int]:
    seated: dict[tuple[str, int], int] = defaultdict(int)
    given: dict[str, int] = {}
    used: set[tuple[int, int]] = set()
    for place, worker in turns:
        for number, chain in enumerate(chains[place]):
            where = list(_moments(made, chain))
            if (place, number) not in used and all(
                seated[moment] < made.day.rooms[moment[0]].accessible for moment in where
            ):
                given[worker] = number
                used.add((place, number))
                for moment in where:
                    seated[moment] += 1
                break
    return given


def _moments(made: Timetable, one: Appointment) -> Iterator[tuple[str, int]]:
    for sitting in one.sittings:
        for moment in range(sitting.begins, sitting.ends, made.slot_minutes):
            yield sitting.station, moment


def _in_order(made: Timetable, rows: Sequence[Sequence[Option]]) -> Iterator[tuple[Option, ...]]:
    """Chains of sittings: at each step whoever became free first takes the earliest beginning."""
    if not rows or not rows[0]:
        return
    chains: list[tuple[Option, ...]] = [(option,) for option in rows[0]]
    for row in rows[1:]:
        chains.sort(key=lambda chain: made.ends[chain[-1]])
        chains = [(*chain, option) for chain, option in zip(chains, row, strict=True)]
    yield from sorted(chains, key=lambda chain: chain[0].slot)


def _sittings(made: Timetable, option: Option, by_job: dict[Job, list[str]]) -> Iterator[Sitting]:
    jobs = made.jobs[option]
    helps = [(job, by_job[job].pop()) for job in jobs if not job.station]
    for job in jobs:
        if not job.station:
            continue
        talks = made.template.station(job.station).interpreter != "none"
        with_help = [
            (name, help) for help, name in helps if talks and help.slot <= job.slot < help.slot + help.length
        ]
        name, until = ("", None)
        if with_help:
            name, end = with_help[0][0], with_help[0][1].slot + with_help[0][1].length
            until = made.clock(end) if end < job.slot + job.length else None
        yield Sitting(
            job.station,
            made.clock(job.slot),
            made.clock(job.slot + job.length),
            by_job[job].pop(),
            name,
            until,
        )
