"""From a timetable of kinds and crews to people: which worker sits with whom when, and who interprets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jornada.domain.clinic.day import Appointment, Sitting
from jornada.domain.clinic.timetable import Crew, Job, Option, Timetable, runs_of


@dataclass(frozen=True, slots=True)
class Pairing:
    """Appointments with named staff, and when each of the staff has a break."""

    appointments: tuple[Appointment, ...]
    breaks: Mapping[str, int]


def pair(made: Timetable, values: Sequence[int]) -> Pairing:
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
    return Pairing(tuple(_appointments(made, values, by_job)), breaks)


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


def _appointments(
    made: Timetable, values: Sequence[int], by_job: dict[Job, list[str]]
) -> Iterator[Appointment]:
    """Those of a kind keep their order from sitting to sitting: whoever was done first goes on first."""
    taken: dict[tuple[int, int], list[Option]] = defaultdict(list)
    for option, variable in made.chosen.items():
        taken[option.kind, option.sitting] += [option] * values[variable]
    wheels = {one.id for one in made.day.invited if one.accessible}
    seated: dict[str, list[Sitting]] = defaultdict(list)
    for place, (kind, workers) in enumerate(made.kinds.items()):
        rows = [
            sorted(taken[place, sitting], key=lambda option: option.slot)
            for sitting in range(len(runs_of(made, kind)))
        ]
        open_chains = [
            Appointment(
                "",
                made.clock(chain[0].slot - chain[0].slot % made.wave_slots),
                tuple(sitting for option in chain for sitting in _sittings(made, option, by_job)),
            )
            for chain in _in_order(made, rows)
        ]
        for worker in sorted(workers, key=lambda one: one not in wheels):
            chain = next(
                (one for one in open_chains if worker not in wheels or _fits(made, one, seated)), None
            )
            if chain is None:
                continue
            open_chains.remove(chain)
            for sitting in chain.sittings if worker in wheels else ():
                seated[sitting.station].append(sitting)
            yield replace(chain, worker=worker)


def _fits(made: Timetable, one: Appointment, seated: Mapping[str, Sequence[Sitting]]) -> bool:
    """Whether an accessible seat is free at each station all the time."""
    for mine in one.sittings:
        for moment in range(mine.begins, mine.ends, made.slot_minutes):
            taken = sum(other.begins <= moment < other.ends for other in seated[mine.station])
            if taken >= made.day.rooms[mine.station].accessible:
                return False
    return True


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
        with_help = [name for help, name in helps if help.slot <= job.slot < help.slot + help.length]
        talks = made.template.station(job.station).interpreter != "none"
        yield Sitting(
            job.station,
            made.clock(job.slot),
            made.clock(job.slot + job.length),
            by_job[job].pop(),
            with_help[0] if with_help and talks else "",
        )
