"""The clinic day's timetable as linear rows, before any solver sees it.

Workers who are alike are one kind, staff who are alike one crew, and the question is how many of a kind begin a
sitting in a slot and which crew serves them. That is all there is to decide: equal people cannot be told apart, so no
solver loses time on swapping them, and who of a crew serves whom is worked out afterwards (`pairing.py`).

A sitting is a run of stations that are passed without waiting in between. Each begins in a slot, in one of two ways:
directly (staff who speak the language) or interpreted (an interpreter is held too, and it takes longer). Between
sittings people may wait.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil
from typing import NamedTuple

from jornada.domain.clinic.day import ClinicDay, Invited, Sitting, Staff
from jornada.domain.clinic.floor import present, serves
from jornada.domain.clinic.template import Template

ANY = ""
"""Any language: nobody talks there, or the worker brings an interpreter, or the language is not known."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Workers who are alike for the timetable; slots are counted from the opening."""

    language: str
    priority: str
    kept_from: frozenset[str]
    first: int
    last: int
    arrives: int | None
    """The slot of an appointment that was given already."""
    stations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crew:
    """Staff who are alike: `there` counts them by slot, a break of `rest` slots begins in `window`."""

    members: tuple[str, ...]
    stations: frozenset[str]
    languages: frozenset[str]
    interprets: bool
    there: tuple[int, ...]
    rest: int = 0
    window: range = range(0)

    def can(self, job: Job) -> bool:
        """Whether anybody of this crew may do that."""
        if job.kept_from & set(self.members):
            return False
        if job.station:
            return job.station in self.stations and (job.language == ANY or job.language in self.languages)
        return self.interprets and job.language in self.languages

    @property
    def break_begins(self) -> list[int]:
        """The slots in which a break can begin; none where there is no break to take."""
        return [slot for slot in self.window if self.there_from(slot, self.rest)]

    def there_from(self, slot: int, length: int) -> bool:
        """Whether they are there in all these slots."""
        return slot >= 0 and slot + length <= len(self.there) and all(self.there[slot : slot + length])


class Job(NamedTuple):
    """Somebody's work for so many slots: at a station, or (no station) interpreting a language."""

    station: str
    language: str
    kept_from: frozenset[str]
    slot: int
    length: int


class Duty(NamedTuple):
    """A job done by somebody of a crew who has the break still before them, or behind them."""

    job: Job
    crew: int
    after_break: bool


class Option(NamedTuple):
    """Workers of a kind begin a sitting in a slot, in one of the two ways."""

    kind: int
    sitting: int
    interpreted: bool
    slot: int


@dataclass(slots=True)
class Row:
    """A linear condition: low ≤ sum of coefficient × variable ≤ high."""

    terms: dict[int, int]
    low: int | None
    high: int

    def holds(self, value: int) -> bool:
        """Whether the sum may have that value."""
        return value <= self.high and (self.low is None or value >= self.low)


@dataclass(slots=True)
class Rows:
    """Variables from 0 to an upper end, and rows over them."""

    upper: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def variable(self, upper: int) -> int:
        self.upper.append(upper)
        return len(self.upper) - 1

    def equal(self, left: Iterable[int], right: Iterable[int], value: int = 0) -> None:
        self.rows.append(Row(_terms(left, right), value, value))

    def at_most(self, left: Iterable[int], right: Iterable[int], value: int) -> None:
        self.rows.append(Row(_terms(left, right), None, value))


def _terms(plus: Iterable[int], minus: Iterable[int]) -> dict[int, int]:
    terms: dict[int, int] = defaultdict(int)
    for variable in plus:
        terms[variable] += 1
    for variable in minus:
        terms[variable] -= 1
    return {variable: coefficient for variable, coefficient in terms.items() if coefficient}


@dataclass(slots=True)
class Timetable:
    """Kinds, crews, what can be chosen, and the rows that every timetable keeps."""

    day: ClinicDay
    template: Template
    slot_minutes: int
    kinds: dict[Kind, list[str]]
    crews: list[Crew]
    apart: frozenset[str]
    sittings: dict[tuple[str, ...], list[tuple[str, ...]]] = field(default_factory=dict)
    lengths: dict[tuple[str, str], int] = field(default_factory=dict)
    wave_slots: int = 1
    rows: Rows = field(default_factory=Rows)
    chosen: dict[Option, int] = field(default_factory=dict)
    jobs: dict[Option, list[Job]] = field(default_factory=dict)
    ends: dict[Option, int] = field(default_factory=dict)
    done_by: dict[Duty, int] = field(default_factory=dict)
    breaks: dict[tuple[int, int], int] = field(default_factory=dict)
    crew_rows: list[tuple[int, int]] = field(default_factory=list)
    """Crews with the rows whose right side counts their members."""

    @property
    def slots(self) -> int:
        return slots_of(self.day, self.slot_minutes)

    @property
    def patience(self) -> int:
        """The longest planned wait between two sittings, in slots."""
        return int(self.template.usual("longest_planned_wait", self.day.on)) // self.slot_minutes

    @property
    def kind_list(self) -> tuple[Kind, ...]:
        return tuple(self.kinds)

    def clock(self, slot: int) -> int:
        """Minutes after midnight at which a slot begins."""
        return self.day.opens + slot * self.slot_minutes


def slots_of(day: ClinicDay, slot_minutes: int) -> int:
    """Whole slots between opening and closing."""
    return (day.closes - day.opens) // slot_minutes


# ── Kinds and crews ───────────────────────────────────────────────────────────────────────────────────────────


def timetable(
    day: ClinicDay,
    template: Template,
    workers: Sequence[Invited],
    *,
    slot_minutes: int,
    apart: Iterable[str] = (),
) -> Timetable:
    """The timetable of these workers. Staff whom somebody names (a supervisor, a conflict) are a crew of their own."""
    named = {staff for one in workers for staff in one.kept_from}
    named |= {staff for one in day.staff for staff in one.supervised_by}
    named |= {sitting.staff for one in day.made for sitting in one.sittings}
    named |= {sitting.interpreter for one in day.made for sitting in one.sittings}
    made = Timetable(
        day,
        template,
        slot_minutes,
        _kinds(day, workers, slot_minutes),
        [],
        frozenset(named),
        wave_slots=max(1, round(template.usual("wave_minutes", day.on) / slot_minutes)),
    )
    made.crews = list(_crews(made))
    _choices(made)
    _who_serves(made)
    _in_their_turn(made)
    _rooms(made)
    _supervision(made)
    return made


def _kinds(day: ClinicDay, workers: Sequence[Invited], slot_minutes: int) -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = {}
    for one in workers:
        stations = tuple(name for name in day.stations if name not in one.done)
        first = ceil((max(day.opens, one.earliest or 0) - day.opens) / slot_minutes)
        last = (min(day.closes, one.latest or day.closes) - day.opens) // slot_minutes
        language = ANY if one.brings_interpreter else one.language
        arrives = None if one.appointment is None else ceil((one.appointment - day.opens) / slot_minutes)
        first = first if arrives is None else max(first, arrives)
        kind = Kind(language, one.priority, one.kept_from, first, last, arrives, stations)
        found.setdefault(kind, []).append(one.id)
    return found


def _crews(made: Timetable) -> Iterator[Crew]:
    day = made.day
    alike: dict[tuple[object, ...], list[Staff]] = {}
    for one in day.staff:
        stations = tuple(name for name in day.stations if serves(one, made.template.station(name)))
        mark = (
            one.id if one.id in made.apart else "", stations, one.interprets, one.languages, present(one, day),
            one.rest, frozenset(one.supervised_by),
        )  # fmt: skip
        alike.setdefault(mark, []).append(one)
    for members in alike.values():
        yield _crew(members, made)


def _crew(members: Sequence[Staff], made: Timetable) -> Crew:
    day, size, one = made.day, made.slot_minutes, members[0]
    begins, ends = present(one, day)
    busy = [
        sitting
        for appointment in day.made
        for sitting in appointment.sittings
        if one.id in (sitting.staff, sitting.interpreter)
    ]
    there = tuple(
        len(members) if _free(made.clock(slot), made.clock(slot + 1), begins, ends, busy) else 0
        for slot in range(made.slots)
    )
    return Crew(
        tuple(member.id for member in members),
        frozenset(name for name in day.stations if serves(one, made.template.station(name))),
        one.languages,
        one.interprets,
        there,
        ceil(one.rest.minutes / size) if one.rest else 0,
        _window(one, made) if one.rest else range(0),
    )


def _free(begins: int, ends: int, on_duty: int, off_duty: int, busy: Sequence[Sitting]) -> bool:
    taken = any(begins < sitting.ends and sitting.begins < ends for sitting in busy)
    return on_duty <= begins and ends <= off_duty and not taken


def _window(one: Staff, made: Timetable) -> range:
    """The slots in which the break may begin."""
    rest = one.rest
    if rest is None:
        return range(0)
    first = ceil((rest.earliest - made.day.opens) / made.slot_minutes)
    last = (rest.latest - made.day.opens) // made.slot_minutes
    return range(max(0, first), min(made.slots - ceil(rest.minutes / made.slot_minutes), last) + 1)


# ── What can be chosen ────────────────────────────────────────────────────────────────────────────────────────


def sittings_of(stations: tuple[str, ...], template: Template) -> list[tuple[str, ...]]:
    """The stations in runs that are passed without waiting in between."""
    runs: list[tuple[str, ...]] = []
    for name in stations:
        if runs and template.station(name).at_once:
            runs[-1] = (*runs[-1], name)
        else:
            runs.append((name,))
    return runs


def length_of(made: Timetable, station: str, language: str, *, interpreted: bool) -> int:
    """How many slots a station is planned for; interpreted it takes longer, through a second language longer yet."""
    how = "" if not interpreted else "relay" if language in made.day.relay_languages else "interpreted"
    known = made.lengths.get((station, how))
    if known is None:
        day, template = made.day, made.template
        factor = template.usual(f"{how}_factor", day.on) if how else 1.0
        talks = template.station(station).interpreter != "none"
        minutes = template.minutes(station, day.on).usual * (factor if talks else 1.0)
        known = made.lengths[station, how] = max(1, ceil(minutes / made.slot_minutes - 1e-9))
    return known


def runs_of(made: Timetable, kind: Kind) -> list[tuple[str, ...]]:
    found = made.sittings.get(kind.stations)
    if found is None:
        found = made.sittings[kind.stations] = sittings_of(kind.stations, made.template)
    return found


def _jobs(made: Timetable, kind: Kind, option: Option) -> list[Job]:
    """What staff and interpreters do for one worker in this sitting."""
    slot, jobs = option.slot, []
    for name in runs_of(made, kind)[option.sitting]:
        length = length_of(made, name, kind.language, interpreted=option.interpreted)
        talks = made.template.station(name).interpreter != "none"
        language = kind.language if talks and not option.interpreted else ANY
        jobs.append(Job(name, language, kind.kept_from, slot, length))
        slot += length
    return jobs + (_interpreting(made, jobs, kind) if option.interpreted else [])


def _interpreting(made: Timetable, jobs: Sequence[Job], kind: Kind) -> list[Job]:
    """An interpreter stays through stations that follow each other; at the tables for the shared part only."""
    found = []
    for how, run in groupby(jobs, lambda job: made.template.station(job.station).interpreter):
        together = list(run)
        if how == "whole":
            length = sum(job.length for job in together)
            found.append(Job("", kind.language, kind.kept_from, together[0].slot, length))
        for job in together if how == "shared" else ():
            share = made.template.interpreter_share(job.station, made.day.on)
            found.append(
                Job("", kind.language, kind.kept_from, job.slot, max(1, ceil(job.length * share - 1e-9)))
            )
    return found


def _choices(made: Timetable) -> None:
    """A variable for each way to begin a sitting that somebody could serve."""
    for place, (kind, workers) in enumerate(made.kinds.items()):
        for sitting in range(len(runs_of(made, kind))):
            for interpreted in (False, True) if kind.language else (False,):
                jobs = _jobs(made, kind, Option(place, sitting, interpreted, 0))
                if not _possible(made, jobs, interpreted=interpreted):
                    continue
                length = max(job.slot + job.length for job in jobs)
                for slot in _beginnings(made, kind, sitting, length):
                    option = Option(place, sitting, interpreted, slot)
                    made.chosen[option] = made.rows.variable(len(workers))
                    made.jobs[option] = [job._replace(slot=job.slot + slot) for job in jobs]
                    made.ends[option] = slot + length


def _beginnings(made: Timetable, kind: Kind, sitting: int, length: int) -> range:
    """The slots in which a sitting can begin; the first one soon after an appointment that was given."""
    last = kind.last - length
    if sitting == 0 and kind.arrives is not None:
        last = min(last, kind.arrives + made.patience)
    return range(kind.first, last + 1)


def _possible(made: Timetable, jobs: Sequence[Job], *, interpreted: bool) -> bool:
    """Whether there is a crew for each of the jobs, and anything to interpret where it is interpreted."""
    if interpreted and all(job.station for job in jobs):
        return False
    return all(any(crew.can(job) for crew in made.crews) for job in jobs)


# ── The rows ──────────────────────────────────────────────────────────────────────────────────────────────────


def _who_serves(made: Timetable) -> None:
    """Each job is done by a crew that can, and nobody of a crew does two things at once.

    Whoever has the break still ahead and whoever has it behind are counted apart. So everybody's break can be found
    afterwards whatever is chosen: jobs and the time from a break on are intervals, and intervals of which never more
    than n overlap can be shared among n people.
    """
    wanted: dict[Job, list[int]] = defaultdict(list)
    for option, variable in made.chosen.items():
        for job in made.jobs[option]:
            wanted[job].append(variable)
    for place, crew in enumerate(made.crews):
        for slot in crew.break_begins:
            made.breaks[place, slot] = made.rows.variable(len(crew.members))
        if crew.break_begins:
            made.crew_rows.append((place, len(made.rows.rows)))
            made.rows.equal([made.breaks[place, slot] for slot in crew.break_begins], (), len(crew.members))
    busy: dict[tuple[int, bool, int], list[int]] = defaultdict(list)
    for job, variables in wanted.items():
        does = [duty for place, crew in enumerate(made.crews) for duty in _duties(job, place, crew)]
        for duty in does:
            made.done_by[duty] = made.rows.variable(len(made.crews[duty.crew].members))
            for slot in range(job.slot, job.slot + job.length):
                busy[duty.crew, duty.after_break, slot].append(made.done_by[duty])
        made.rows.equal(variables, [made.done_by[duty] for duty in does])
    for (place, after, slot), variables in sorted(busy.items()):
        _enough_hands(made, place, slot, variables, after=after)


def _duties(job: Job, place: int, crew: Crew) -> Iterator[Duty]:
    if not crew.can(job) or not crew.there_from(job.slot, job.length):
        return
    begins = crew.break_begins
    if not begins or job.slot + job.length <= begins[-1]:
        yield Duty(job, place, after_break=False)
    if begins and job.slot >= begins[0] + crew.rest:
        yield Duty(job, place, after_break=True)


def _enough_hands(made: Timetable, place: int, slot: int, busy: list[int], *, after: bool) -> None:
    crew = made.crews[place]
    if after:
        back = [made.breaks[place, begin] for begin in crew.break_begins if begin + crew.rest <= slot]
        made.rows.at_most(busy, back, 0)
    else:
        made.crew_rows.append((place, len(made.rows.rows)))
        gone = [made.breaks[place, begin] for begin in crew.break_begins if begin <= slot]
        made.rows.at_most([*busy, *gone], (), crew.there[slot])


def _in_their_turn(made: Timetable) -> None:
    """Nobody begins a sitting before the one before it has ended, nor waits longer than the house allows."""
    patience = made.patience
    begins: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    ends: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for option, variable in made.chosen.items():
        begins[option.kind, option.sitting].append((option.slot, variable))
        ends[option.kind, option.sitting].append((made.ends[option], variable))
    for place, (kind, workers) in enumerate(made.kinds.items()):
        made.rows.at_most([variable for _, variable in begins[place, 0]], (), len(workers))
        for sitting in range(1, len(runs_of(made, kind))):
            here, before = begins[place, sitting], ends[place, sitting - 1]
            made.rows.equal([v for _, v in here], [v for _, v in begins[place, sitting - 1]])
            for slot in sorted({slot for slot, _ in here}):
                begun = [variable for start, variable in here if start <= slot]
                made.rows.at_most(begun, [variable for end, variable in before if end <= slot], 0)
            for slot in sorted({end for end, _ in before}):
                begun = [variable for start, variable in here if start <= slot + patience]
                made.rows.at_most([variable for end, variable in before if end <= slot], begun, 0)


def _rooms(made: Timetable) -> None:
    """No more workers at a station than it has seats."""
    seated: dict[tuple[str, int], list[int]] = defaultdict(list)
    for option, variable in made.chosen.items():
        for job in made.jobs[option]:
            for slot in range(job.slot, job.slot + job.length) if job.station else ():
                seated[job.station, slot].append(variable)
    for (station, slot), variables in seated.items():
        seats = made.day.rooms[station].seats - _seated_by_hand(made, station, slot)
        if seats < len(made.day.staff):
            made.rows.at_most(variables, (), max(0, seats))


def _seated_by_hand(made: Timetable, station: str, slot: int) -> int:
    begins, ends = made.clock(slot), made.clock(slot + 1)
    return sum(
        sitting.station == station and sitting.begins < ends and begins < sitting.ends
        for appointment in made.day.made
        for sitting in appointment.sittings
    )


def _supervision(made: Timetable) -> None:
    """Students work only beside a supervisor who is not on a break, and not too many for each (notes, section 2.6)."""
    most = int(made.template.usual("students_per_supervisor", made.day.on))
    by_id = {one.id: one for one in made.day.staff}
    place_of = {member: place for place, crew in enumerate(made.crews) for member in crew.members}
    team = {
        place: by_id[crew.members[0]].supervised_by
        for place, crew in enumerate(made.crews)
        if by_id[crew.members[0]].credential == "student"
    }
    work: dict[tuple[tuple[str, ...], int], list[int]] = defaultdict(list)
    for duty, variable in made.done_by.items():
        job = duty.job
        for slot in range(job.slot, job.slot + job.length) if duty.crew in team else ():
            work[team[duty.crew], slot].append(variable)
    for (bosses, slot), variables in work.items():
        there = sum(min(1, made.crews[place_of[boss]].there[slot]) for boss in bosses)
        terms = _terms(variables, ())
        for boss in bosses:
            for variable in _resting(made, place_of[boss], slot):
                terms[variable] = most
        made.rows.rows.append(Row(terms, None, most * there))


def _resting(made: Timetable, crew: int, slot: int) -> list[int]:
    rest = made.crews[crew].rest
    return [made.breaks[crew, s] for s in range(slot - rest + 1, slot + 1) if (crew, s) in made.breaks]


# ── What a timetable is worth ─────────────────────────────────────────────────────────────────────────────────


def seats_taken(made: Timetable, kinds: Iterable[int] | None = None) -> dict[int, int]:
    """The workers (of these kinds) who get an appointment, as a sum of variables."""
    wanted = None if kinds is None else set(kinds)
    return {
        variable: 1
        for option, variable in made.chosen.items()
        if option.sitting == 0 and (wanted is None or option.kind in wanted)
    }


def slots_in_building(made: Timetable) -> dict[int, int]:
    """All slots that people spend from the wave they are asked to until they leave, as a sum of variables."""
    last = [len(runs_of(made, kind)) - 1 for kind in made.kinds]
    cost: dict[int, int] = defaultdict(int)
    kinds = made.kind_list
    for option, variable in made.chosen.items():
        if option.sitting == 0:
            arrives = kinds[option.kind].arrives
            cost[variable] -= option.slot - option.slot % made.wave_slots if arrives is None else arrives
        if option.sitting == last[option.kind]:
            cost[variable] += made.ends[option]
    return dict(cost)


def by_language(made: Timetable) -> Mapping[str, list[int]]:
    """The kinds of each language."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, kind in enumerate(made.kinds):
        found[kind.language].append(place)
    return found
