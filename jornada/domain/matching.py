"""People, sources of help and their limits come in; proposed matches come out, and why not for the rest.

A match is proposed only where no hard rule forbids it. Among all allowed matchings the one is
taken that is best by the aims in `AIMS`, in their order: nobody in danger of a deadline waits; complex
files get full scope; most people are served; those who waited longest; near their home; load spread
evenly. Each aim is brought to its proven best before the next is looked at (lexicographic), by OR-Tools
CP-SAT with a seed and a time limit. The day is an argument; nothing here knows of a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

from jornada.domain.facts import Reason

Scope = Literal["full", "limited"]
Kind = Literal["advocate", "clinic"]

SIGNS_FULL_SCOPE = frozenset({"attorney", "accredited_full"})
"""Credentials that may carry a complex file (8 CFR 1292.1: attorneys and fully accredited representatives
appear before the agency and the court; partial accreditation is for the agency alone)."""
NEAR_DEADLINE = timedelta(days=30)
"""A deadline this near puts a person in the first aim. Our own default; a provider's policy may move it."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a worker released for finding her a place: her placement card."""

    id: str
    waiting_since: date
    scope: Scope = "full"
    level: str = "OK"
    place: str = ""
    languages: frozenset[str] = frozenset()
    brings_interpreter: bool = False
    deadline_on: date | None = None
    not_with: frozenset[str] = frozenset()

    def in_danger(self, on: date) -> bool:
        """Whether a deadline is so near, or past, that this person must not wait."""
        return self.deadline_on is not None and self.deadline_on - on <= NEAR_DEADLINE


@dataclass(frozen=True, slots=True)
class Source:
    """Who can help: an advocate with places free, or the free seats of one clinic day."""

    id: str
    kind: Kind
    seats: int
    languages: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()  # empty: anywhere
    credentials: frozenset[str] = frozenset()
    full_scope: bool = False
    held_on: date | None = None
    credential_until: date | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A proposal: this person with this source, and what speaks for it."""

    person: str
    source: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A source that did not take a person, and everything that stood in the way (full: nothing but seats)."""

    source: str
    obstacles: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A person without a place: the sources that came nearest, and what would change it."""

    person: str
    nearest: tuple[Near, ...]
    changes: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """The outcome of one run; `proven` says that every aim reached its proven best."""

    matches: tuple[Match, ...]
    left_out: tuple[LeftOut, ...]
    aims: Mapping[str, int] = field(default_factory=dict)
    proven: bool = True


Rule = Callable[[Person, Source, date], Reason | None]
"""A hard rule: the obstacle if it forbids the pair, else None."""


def wrong_scope(person: Person, source: Source, on: date) -> Reason | None:
    """Full scope needs an advocate who takes full scope; limited scope fits a clinic or an advocate."""
    if person.scope == "full" and not source.full_scope:
        return Reason("needs_full_scope", {"source": source.id})
    return None


def lacks_credential(person: Person, source: Source, on: date) -> Reason | None:
    """Nobody without a credential in force; a complex file only with an attorney or a full accreditation."""
    if not source.credentials:
        return Reason("no_credential", {"source": source.id})
    until = source.credential_until
    if until is not None and until < max(on, source.held_on or on):
        return Reason("credential_ends", {"source": source.id, "until": until.isoformat()})
    if person.level == "COMPLEX" and not source.credentials & SIGNS_FULL_SCOPE:
        return Reason("complex_needs_attorney", {"source": source.id})
    return None


def lacks_language(person: Person, source: Source, on: date) -> Reason | None:
    """A language in common, unless the person brings an interpreter of her own choice."""
    if person.brings_interpreter or not person.languages or person.languages & source.languages:
        return None
    return Reason("no_language", {"source": source.id, "languages": sorted(person.languages)})


def out_of_area(person: Person, source: Source, on: date) -> Reason | None:
    """The source serves the person's place; a source with no places named serves everywhere."""
    if not source.places or not person.place or person.place in source.places:
        return None
    return Reason("out_of_area", {"source": source.id, "place": person.place})


def after_deadline(person: Person, source: Source, on: date) -> Reason | None:
    """A clinic day on or after the person's deadline is too late; so is a clinic day that is over."""
    if source.held_on is None:
        return None
    if source.held_on < on:
        return Reason("clinic_over", {"source": source.id, "held_on": source.held_on.isoformat()})
    if person.deadline_on is not None and person.deadline_on <= source.held_on:
        return Reason("after_deadline", {"source": source.id, "deadline_on": person.deadline_on.isoformat()})
    return None


def ruled_out(person: Person, source: Source, on: date) -> Reason | None:
    """A conflict of interest, or the person's own wish, keeps this pair apart."""
    return Reason("kept_apart", {"source": source.id}) if source.id in person.not_with else None


RULES: tuple[Rule, ...] = (
    ruled_out,
    wrong_scope,
    lacks_credential,
    lacks_language,
    out_of_area,
    after_deadline,
)


def obstacles(person: Person, source: Source, on: date) -> tuple[Reason, ...]:
    """Every hard rule that forbids this pair; none: the pair is allowed (seats are another matter)."""
    return tuple(reason for rule in RULES if (reason := rule(person, source, on)) is not None)


def reasons_for(person: Person, source: Source, on: date) -> tuple[Reason, ...]:
    """What speaks for an allowed pair, in the order of the rules it passed."""
    found = [Reason("takes_full_scope" if person.scope == "full" else "fits_limited_scope", {})]
    common = sorted(person.languages & source.languages)
    if common:
        found.append(Reason("speaks", {"languages": common}))
    elif person.brings_interpreter:
        found.append(Reason("brings_interpreter", {}))
    if person.place:
        found.append(Reason("serves_place" if source.places else "serves_anywhere", {"place": person.place}))
    if person.level == "COMPLEX":
        found.append(Reason("may_carry_complex", {}))
    if person.in_danger(on) and person.deadline_on:
        found.append(Reason("before_deadline", {"deadline_on": person.deadline_on.isoformat()}))
    return tuple(found)


Aim = Callable[[Person, Source, date], int]
"""What one allowed pair adds to an aim; more is better."""

AIMS: tuple[tuple[str, Aim], ...] = (
    ("in_danger_placed", lambda person, source, on: int(person.in_danger(on))),
    ("complex_placed", lambda person, source, on: int(person.level == "COMPLEX")),
    ("placed", lambda person, source, on: 1),
    ("days_waited", lambda person, source, on: max(0, (on - person.waiting_since).days)),
    ("near_home", lambda person, source, on: int(bool(person.place) and person.place in source.places)),
)
"""The aims that are sums over pairs, in order; after them `even_load` keeps the fullest source least full."""


def match(
    people: Sequence[Person],
    sources: Sequence[Source],
    *,
    on: date,
    seed: int = 0,
    limit_seconds: float = 5.0,
) -> Matching:
    """The best allowed matching on that day; equal cases are settled by the seed, the same each time.

    A ValueError names an id that occurs twice. When the time limit cuts an aim short,
    the best found is given and `proven` is false.
    """
    _refuse_doubles([person.id for person in people] + [source.id for source in sources])
    pairs = _allowed(people, sources, on, seed)
    chosen, aims, proven = _best(people, sources, pairs, on, seed, limit_seconds)
    by_source = {source.id: source for source in sources}
    matches = tuple(
        Match(person.id, chosen[person.id], reasons_for(person, by_source[chosen[person.id]], on))
        for person in people
        if person.id in chosen
    )
    waiting = [person for person in people if person.id not in chosen]
    left = tuple(_left_out(person, people, sources, on, seed, limit_seconds) for person in waiting)
    return Matching(matches, left, aims, proven)


def place_one(person: Person, sources: Sequence[Source], *, on: date) -> Matching:
    """One arrival at a time: the best source with a seat free now, by the same rules and aims."""
    return match([person], sources, on=on)


def _refuse_doubles(ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise ValueError(f"{name!r} is given twice to the matcher; give each person and source one id")
        seen.add(name)


def _allowed(
    people: Iterable[Person], sources: Iterable[Source], on: date, seed: int
) -> list[tuple[Person, Source]]:
    pairs = [
        (person, source)
        for person in people
        for source in sources
        if source.seats > 0 and not obstacles(person, source, on)
    ]
    Random(seed).shuffle(pairs)  # noqa: S311 - breaks ties evenly and repeatably; no secret
    return pairs


def _best(
    people: Sequence[Person],
    sources: Sequence[Source],
    pairs: Sequence[tuple[Person, Source]],
    on: date,
    seed: int,
    limit_seconds: float,
) -> tuple[dict[str, str], dict[str, int], bool]:
    """Person → source, the value of each aim, and whether all of them are proven."""
    if not pairs:
        return {}, {name: 0 for name, _ in AIMS} | {"fullest": 0}, True
    model, taken, fullest = _model(people, sources, pairs)
    aims: dict[str, int] = {}
    proven = True
    goals = [(name, _total(aim, pairs, taken, on)) for name, aim in AIMS] + [("fullest", -fullest)]
    for name, goal in goals:
        reached, sure = _push(model, goal, taken, seed, limit_seconds / len(goals))
        if reached is None:
            return _chosen(model, pairs, taken), aims, False
        aims[name] = -reached if name == "fullest" else reached
        proven = proven and sure
    return _chosen(model, pairs, taken), aims, proven


def _model(
    people: Sequence[Person], sources: Sequence[Source], pairs: Sequence[tuple[Person, Source]]
) -> tuple[Any, list[Any], Any]:
    """Each person at most once, each source within its seats."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    taken = [model.new_bool_var(f"pair{number}") for number in range(len(pairs))]
    fullest = model.new_int_var(0, len(people), "fullest")
    for person in people:
        model.add_at_most_one(t for t, pair in zip(taken, pairs, strict=True) if pair[0].id == person.id)
    for source in sources:
        load = sum(t for t, pair in zip(taken, pairs, strict=True) if pair[1].id == source.id)
        if not isinstance(load, int):
            model.add(load <= source.seats)
            model.add(load <= fullest)
    return model, taken, fullest


def _total(aim: Aim, pairs: Sequence[tuple[Person, Source]], taken: Sequence[Any], on: date) -> Any:
    return sum(aim(person, source, on) * t for (person, source), t in zip(pairs, taken, strict=True))


def _push(
    model: Any, goal: Any, taken: Sequence[Any], seed: int, limit_seconds: float
) -> tuple[int | None, bool]:
    """The best value of this goal, held from now on; None where the limit left no solution."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # one worker: the same answer each time
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 2
    solver.parameters.max_time_in_seconds = limit_seconds
    model.maximize(goal)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, False
    reached = solver.value(goal) if not isinstance(goal, int) else goal
    model.add(goal >= reached)
    model.clear_hints()
    for variable in taken:
        model.add_hint(variable, solver.value(variable))
    return reached, status == cp_model.OPTIMAL


def _chosen(model: Any, pairs: Sequence[tuple[Person, Source]], taken: Sequence[Any]) -> dict[str, str]:
    """The last solution found stands in the model's hints."""
    hints = model.proto.solution_hint
    values = dict(zip(hints.vars, hints.values, strict=True))
    return {
        person.id: source.id for (person, source), t in zip(pairs, taken, strict=True) if values.get(t.index)
    }


def _left_out(
    person: Person,
    people: Sequence[Person],
    sources: Sequence[Source],
    on: date,
    seed: int,
    limit_seconds: float,
) -> LeftOut:
    nearest = sorted(
        (Near(source.id, obstacles(person, source, on)) for source in sources),
        key=lambda near: len(near.obstacles),
    )[:3]
    full = [near for near in nearest if not near.obstacles]
    if full:
        changes = [
            _one_more_seat(person, near.source, people, sources, on, seed, limit_seconds) for near in full
        ]
    else:
        changes = [_mend(near) for near in nearest if len(near.obstacles) == 1]
    return LeftOut(person.id, tuple(nearest), tuple(changes) or (Reason("another_source_needed", {}),))


def _one_more_seat(
    person: Person,
    source_id: str,
    people: Sequence[Person],
    sources: Sequence[Source],
    on: date,
    seed: int,
    limit_seconds: float,
) -> Reason:
    """Whether one more seat there would reach this person, or somebody before her: found by solving again."""
    wider = [replace(s, seats=s.seats + 1) if s.id == source_id else s for s in sources]
    chosen, _, _ = _best(people, wider, _allowed(people, wider, on, seed), on, seed, limit_seconds)
    key = "one_more_seat" if person.id in chosen else "one_more_seat_goes_to_another"
    return Reason(key, {"source": source_id})


def _mend(near: Near) -> Reason:
    """The single obstacle turned into what would remove it."""
    obstacle = near.obstacles[0]
    return Reason(f"would_help.{obstacle.key}", obstacle.values)
