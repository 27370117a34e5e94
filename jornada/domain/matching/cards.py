"""What a round of matching is given: who waits, who can help, what limits them, what is fixed already.

Few people come as `Person`, many as columns (`Crowd`); both go the same way from here on. Nothing in a card is
above class P2: it is what the worker released for finding her a place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jornada.domain.conditions import Condition

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.signedinteger[Any]]
"""Codes of any width: a large crowd keeps them small."""

NEEDS = ("full", "limited", "self_help", "consulate", "wage_claim")
LEVELS = ("OK", "ATTY", "COMPLEX")
KINDS = (
    "advocate", "clinic", "partner", "pro_bono", "student", "consulate", "batch", "self_help", "volunteer",
)  # fmt: skip
CREDENTIALS = ("attorney", "accredited_full", "accredited_partial", "student", "graduate")
INTERPRETERS = ("in_house", "on_request", "none")
NEVER = 1 << 30
"""Days until a deadline that is none."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a worker released for finding her a place: her placement card, for one need.

    `not_with` names sources or organizations that a conflict or her own wish keeps away, `in_question_with`
    those where a conflict is not settled. `facts` holds what restrictions read besides. Whoever needs two
    kinds of help has two cards.
    """

    id: str
    waiting_since: date
    need: str = "full"
    level: str = "OK"
    place: str = ""
    languages: frozenset[str] = frozenset()
    brings_interpreter: bool = False
    deadline_on: date | None = None
    not_with: frozenset[str] = frozenset()
    in_question_with: frozenset[str] = frozenset()
    arranged_with: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Who can help, on one kind of money: an advocate, a clinic day's seats, a partner's week, a batch.

    `seats` are the places free now, `held` those taken already (they count for fairness). No `places`: anywhere.
    `within` names the ceiling above it. `interpreter` empty: not yet known. Money with terms of its own is a
    source of its own, within the advocate's ceiling.
    """

    id: str
    kind: str
    seats: int
    gives: frozenset[str] = frozenset({"limited"})
    languages: frozenset[str] = frozenset()
    interpreter: str = ""
    home: str = ""
    places: frozenset[str] = frozenset()
    credentials: frozenset[str] = frozenset()
    credential_until: date | None = None
    renewal_pending: bool = False
    held_on: date | None = None
    starts_on: date | None = None
    within: str = ""
    held: int = 0
    period: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def available_on(self) -> date | None:
        """The day of the clinic, or the first day of work; None: now."""
        return self.held_on or self.starts_on


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit over several sources or ceilings: a supervisor, a mentor, a provider, a fund.

    Nested as deep as needed by `within`. `seats` None: no limit of its own. Its facts hold for all below it.
    """

    id: str
    seats: int | None = None
    within: str = ""
    held: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mix:
    """A ratio at a source or ceiling: at most `ratio` people of one sort for each of another, and `plus` besides.

    "At least one complex file for every four others" is: others at most 4 for each complex one. Both conditions see
    the facts of person and source.
    """

    id: str
    at: str
    of: Condition
    per: Condition
    ratio: Fraction
    plus: int = 0


@dataclass(frozen=True, slots=True)
class Purse:
    """Money that several batches draw on: each person at a source costs its rate, in whole dollars."""

    id: str
    budget: int
    rates: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Expectation:
    """People expected to come: a card like theirs, how many on average, and between which days."""

    id: str
    card: Person
    mean: Fraction
    first_on: date
    last_on: date
    source: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A person and a source, locked together or kept apart by somebody's decision."""

    person: str
    source: str


@dataclass(frozen=True, eq=False)
class Column:
    """One fact of many people: a code for each and what the codes stand for (None: not yet known)."""

    codes: Codes
    values: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Crowd:
    """Many people as columns, all of one length; the day is that of the round.

    `waited` and `deadline_in` are in days (`NEVER`: no deadline; below zero: missed). `columns` hold the facts
    by name: those of `Person` (need, level, place, languages, …) and of the restrictions. `arrives_in` are the
    days until somebody comes (None: all are here); who is only `expected` may be given a place but does not count
    as served.
    """

    ids: Sequence[str]
    waited: Ints
    deadline_in: Ints
    columns: Mapping[str, Column]
    arrives_in: Ints | None = None
    expected: Bools | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def here(self) -> Bools:
        """Who is no expected person."""
        return np.ones(len(self), dtype=bool) if self.expected is None else ~self.expected

    def value(self, name: str, person: int) -> Any:
        """One person's value of a fact; None where there is no such column."""
        column = self.columns.get(name)
        return None if column is None else column.values[column.codes[person]]


@dataclass(frozen=True, eq=False)
class Travel:
    """Minutes between places, `minutes[i, j]` from the i-th to the j-th; below zero: not known."""

    places: tuple[str, ...]
    minutes: Ints


@dataclass(frozen=True, eq=False)
class Round:
    """One round of matching: everything that it hangs on besides the day, the pack and the seed."""

    people: Sequence[Person] | Crowd
    sources: Sequence[Source]
    ceilings: Sequence[Ceiling] = ()
    mixes: Sequence[Mix] = ()
    purses: Sequence[Purse] = ()
    locks: Sequence[Pair] = ()
    rejections: Sequence[Pair] = ()
    expectations: Sequence[Expectation] = ()
    travel: Travel | None = None


# --- people as columns ----------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A fact's value in one form: sets and lists as sorted tuples, so that equal ones are equal."""
    return tuple(sorted(value)) if isinstance(value, list | set | frozenset | tuple) else value


def column(values: Iterable[Any]) -> Column:
    """Codes for values in plain form, in the order of the values, so that the order of people does not matter."""
    seen: dict[Any, int] = {}
    codes = np.array([seen.setdefault(value, len(seen)) for value in values], dtype=np.int64)
    known = sorted(seen, key=repr)
    place = np.zeros(len(known), dtype=np.int64)
    place[[seen[value] for value in known]] = np.arange(len(known))
    return Column(place[codes] if len(codes) else codes, tuple(known))


def crowd(people: Sequence[Person], on: date, rejections: Sequence[Pair] = ()) -> Crowd:
    """The same people as columns, with the sources that each was rejected by or rejected herself."""
    rejected: dict[str, set[str]] = {}
    for pair in rejections:
        rejected.setdefault(pair.person, set()).add(pair.source)
    apart = [person.not_with | rejected.get(person.id, set()) for person in people]
    facts = sorted({name for person in people for name in person.facts})
    columns = {
        "need": column(person.need for person in people),
        "level": column(person.level for person in people),
        "place": column(person.place for person in people),
        "languages": column(plain(person.languages) or None for person in people),
        "brings_interpreter": column("yes" if person.brings_interpreter else "no" for person in people),
        "in_question_with": column(plain(person.in_question_with) for person in people),
        "not_with": column(map(plain, apart)),
        "arranged_with": column(person.arranged_with for person in people),
        **{name: column(plain(person.facts.get(name)) for person in people) for name in facts},
    }
    waited = [max(0, (on - person.waiting_since).days) for person in people]
    deadlines = [(p.deadline_on - on).days if p.deadline_on else NEVER for p in people]
    return Crowd(
        [person.id for person in people],
        np.array(waited, dtype=np.int64),
        np.array(deadlines, dtype=np.int64),
        columns,
    )


def joined(first: Crowd, second: Crowd) -> Crowd:
    """Both crowds as one, the first one's people first."""
    sizes = len(first), len(second)
    names = sorted(first.columns.keys() | second.columns.keys())
    columns = {name: _appended(first, second, name) for name in names}
    arrives = [
        np.zeros(size, dtype=np.int64) if one.arrives_in is None else one.arrives_in
        for one, size in zip((first, second), sizes, strict=True)
    ]
    expected = [
        np.zeros(size, dtype=bool) if one.expected is None else one.expected
        for one, size in zip((first, second), sizes, strict=True)
    ]
    return Crowd(
        [*first.ids, *second.ids],
        np.concatenate([first.waited, second.waited]),
        np.concatenate([first.deadline_in, second.deadline_in]),
        columns,
        np.concatenate(arrives),
        np.concatenate(expected),
    )


def _appended(first: Crowd, second: Crowd, name: str) -> Column:
    parts = [
        one.columns.get(name, Column(np.zeros(len(one), dtype=np.int64), (None,))) for one in (first, second)
    ]
    known: dict[Any, int] = {}
    places = [
        np.array([known.setdefault(plain(value), len(known)) for value in part.values], dtype=np.int64)
        for part in parts
    ]
    codes = np.concatenate([place[part.codes] for place, part in zip(places, parts, strict=True)])
    return Column(codes, tuple(known))


def person_facts(person: Person) -> dict[str, Any]:
    """What conditions see of a card."""
    return {
        **{name: plain(value) for name, value in person.facts.items()},
        "need": person.need,
        "level": person.level,
        "languages": plain(person.languages) or None,
        "brings_interpreter": "yes" if person.brings_interpreter else "no",
        "in_question_with": plain(person.in_question_with),
    }


def source_facts(source: Source, above: Sequence[Ceiling], on: date) -> dict[str, Any]:
    """What conditions see of a source: its own facts and those of the ceilings above it."""
    shared: dict[str, Any] = {}
    for ceiling in reversed(above):
        shared.update(ceiling.facts)
    status = _status(source, on)
    return {
        **{name: plain(value) for name, value in {**shared, **source.facts}.items()},
        "source_kind": source.kind,
        "known_as": plain({source.id, *(ceiling.id for ceiling in above)}),
        "gives": plain(source.gives),
        "credentials": plain(source.credentials) or ("none",),
        "credential_status": status,
        "credential_until": source.credential_until.isoformat() if source.credential_until else None,
        "speaks": plain(source.languages),
        "interpreter": source.interpreter or None,
        "works_at": (source.home,) if source.home else None,
    }


def _status(source: Source, on: date) -> str:
    """A credential must hold on the day of the help; one that ended while its renewal pends still holds."""
    until = source.credential_until
    if until is None or until >= max(on, source.available_on or on):
        return "in_force"
    return "pending_renewal" if source.renewal_pending else "lapsed"


DERIVED = frozenset(
    {
        "need", "level", "languages", "brings_interpreter", "in_question_with",
        "source_kind", "known_as", "gives", "credentials", "credential_status", "credential_until", "speaks",
        "interpreter", "works_at",
    }
)  # fmt: skip
"""Facts that are fields of a card or source, and so do not stand under `facts`."""


# --- the tree of ceilings -------------------------------------------------------------------------


def above(within: str, ceilings: Mapping[str, Ceiling]) -> tuple[Ceiling, ...]:
    """The ceilings over something, the nearest first; a ring is cut where it closes (`faults` names it)."""
    found: list[Ceiling] = []
    while within in ceilings and ceilings[within] not in found:
        found.append(ceilings[within])
        within = ceilings[within].within
    return tuple(found)
