"""Which kinds of people may go to which sources, worked out once for each kind instead of once for each pair.

People who come out alike in everything that a rule or an aim can see, place and waiting time aside, are one
kind. What the restrictions say is a table of sources × kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jornada.domain.conditions import Condition
from jornada.domain.matching.cards import (
    NEEDS,
    NEVER,
    Bools,
    Crowd,
    Ints,
    Round,
    above,
    column,
    source_facts,
)
from jornada.domain.matching.tables import Small, Table, Weigher, Weighing, grouped
from jornada.domain.restrictions import Aims, Restriction, Restrictions

_NEEDS_LAWYER = ("full", "limited", "self_help")
_ALWAYS_READ = frozenset({"need", "level", "languages", "not_with"})
_MOST_MARKS = 62
EVERYBODY = -1
"""The mark of a term that counts each person, whoever she is."""


@dataclass(frozen=True, eq=False)
class Quota:
    """A rule that limits how many at one source: the mark it counts and the most at each source."""

    rule: Restriction
    mark: int
    most: Ints


@dataclass(frozen=True, eq=False)
class Balance:
    """A rule that is no flow: over some sources, the people under each mark weighed, at most a number.

    A mix "at most p/q of one sort for each of another" is q × one − p × other ≤ q × plus; a purse weighs
    everybody by her source's rate. `at` is the source or ceiling that a mix holds at.
    """

    id: str
    at: str
    sources: Ints
    terms: tuple[tuple[int, int], ...]
    rates: Ints
    at_most: int

    def weight(self, mark: int, place: int) -> int:
        """What one more person under these marks at the `place`-th of its sources adds."""
        own = sum(weight for bit, weight in self.terms if bit == EVERYBODY or mark >> bit & 1)
        return own + int(self.rates[place])


@dataclass(frozen=True, eq=False)
class Kinds:
    """Kinds of people against sources; the tables are sources × kinds.

    `of_person` gives each person's kind, `example` one person of each. `obstacles` counts the rules of law,
    need, time and conflict that forbid a pair (place and free seats are another matter), `flags` weighs what a person
    must settle first, `tongue` the discomfort of language; `marks` says, a bit each, for what a pair is counted;
    `blame` names a rule that forbids it by its place in the pack, -1 where none does. `reads` names the facts that make
    a kind, `days` the different days from now on which sources are to be had.
    """

    of_person: Ints
    example: Ints
    obstacles: Small
    blame: Small
    flags: Small
    tongue: Small
    marks: NDArray[np.signedinteger[Any]]
    quotas: tuple[Quota, ...]
    balances: tuple[Balance, ...]
    reads: tuple[str, ...] = ()
    days: tuple[int, ...] = ()

    @property
    def allowed(self) -> Bools:
        found: Bools = self.obstacles == 0
        return found


class Sources:
    """The side of the sources, looked at once for a round: their facts, days, and the rules that could bite."""

    def __init__(self, given: Round, pack: Restrictions, aims: Aims, on: date) -> None:
        self.given, self.pack, self.aims, self.on = given, pack, aims, on
        self.names = names_of(given)
        ceilings = {one.id: one for one in given.ceilings}
        facts = [source_facts(one, above(one.within, ceilings), on) for one in given.sources]
        names = sorted({name for row in facts for name in row})
        columns = {name: column([row.get(name) for row in facts]) for name in names}
        self.weighing = Weighing(pack, on, Table(columns, len(given.sources)))
        days = [(one.available_on - on).days if one.available_on else 0 for one in given.sources]
        self.days = np.array(days, dtype=np.int64)
        self.different_days = np.unique(self.days)
        self.mixed = [condition for mix in given.mixes for condition in (mix.of, mix.per)]
        self.rules = self._biting()

    def _biting(self) -> list[tuple[Restriction, Ints]]:
        """The rules that could bite at some source, with those sources; and those that lift them."""
        found: list[tuple[Restriction, Ints]] = []
        for rule in self.pack.in_force(self.on):
            at = np.flatnonzero(self.weighing.bounds(rule.when)[1] > -1)
            if len(at):
                found.append((rule, at))
        biting = {rule.id for rule, _ in found if rule.effect != "ALLOW"}
        return [(rule, at) for rule, at in found if rule.id in biting or biting & set(rule.lifts)]

    @property
    def conditions(self) -> list[Condition]:
        """Everything that is asked of a pair."""
        return [*(rule.when for rule, _ in self.rules), *self.mixed]

    def times(self, people: Crowd, rows: Ints) -> list[Ints]:
        """Deadline and arrival as far as they matter: among which of the sources' days they fall."""
        deadline = np.searchsorted(self.different_days, people.deadline_in[rows], side="left")
        if people.arrives_in is None:
            return [deadline]
        return [deadline, np.searchsorted(self.different_days, people.arrives_in[rows], side="left")]


def kinds_of(people: Crowd, sources: Sources) -> Kinds:
    """The kinds of people in the crowd and what the rules in force say of each with each source."""
    return _Judging(_Sorting(people, sources), sources).kinds()


def needed(facts: Mapping[str, Any], aims: Aims) -> str:
    """The help a person must find: a complex file needs full scope, whatever was asked for (seed, chart 1)."""
    need = str(facts.get("need") or "full")
    return "full" if facts.get("level") in aims.complex_levels and need in _NEEDS_LAWYER else need


def deadline_near(deadline_in: Ints, aims: Aims) -> Bools:
    """Who is in danger: a deadline so near, or past."""
    return (deadline_in <= aims.near_days) & (deadline_in < NEVER)


def names_of(given: Round) -> list[frozenset[str]]:
    """For each source its own name and those of the ceilings above it: what a conflict may name."""
    ceilings = {one.id: one for one in given.ceilings}
    return [frozenset({s.id, *(c.id for c in above(s.within, ceilings))}) for s in given.sources]


# --- from people to kinds -------------------------------------------------------------------------


class _Sorting:
    """Raw combinations of facts first; then kinds, by what the rules' parts make of them."""

    def __init__(self, people: Crowd, sources: Sources) -> None:
        self.people, self.sources = people, sources
        raw, first = self._raw()
        weigher = Weigher(sources.weighing, Table(people.columns, len(people)).only(first))
        codes, rows = grouped(self._keys(weigher, first), len(first))
        self.weigher = weigher.only(rows)
        self.first, self.of_person = first[rows], codes[raw]

    def _raw(self) -> tuple[Ints, Ints]:
        """Each person's combination of everything that a rule reads which could bite, and one person of each."""
        read = {name for condition in self.sources.conditions for name in condition.facts} | _ALWAYS_READ
        self.reads = tuple(sorted(read & self.people.columns.keys()))
        keys = [self.people.columns[name].codes for name in self.reads]
        return grouped(
            [*keys, *self.sources.times(self.people, np.arange(len(self.people)))], len(self.people)
        )

    def _keys(self, weigher: Weigher, first: Ints) -> list[Ints]:
        """What makes a kind: how each card-only part comes out, and the values that are compared."""
        weighing, names, keys = self.sources.weighing, set(_ALWAYS_READ), []
        for leaf in (leaf for condition in self.sources.conditions for leaf in weighing.leaves(condition)):
            if weighing.side(leaf) == "people":
                keys.append(weigher.of_people(leaf).astype(np.int64) + 1)
            else:
                names |= leaf.facts & weighing.mine
        keys += [weigher.people.seen([name])[0] for name in sorted(names)]
        return [*keys, *self.sources.times(self.people, first)]


# --- what the rules say ---------------------------------------------------------------------------


class _Judging:
    """The tables of sources × kinds, rule by rule."""

    def __init__(self, sorting: _Sorting, sources: Sources) -> None:
        self.sorting, self.sources, self.weigher = sorting, sources, sorting.weigher
        self.given, self.pack, self.aims, self.on = sources.given, sources.pack, sources.aims, sources.on
        self.shape = (len(self.given.sources), len(sorting.first))
        self.obstacles = np.zeros(self.shape, dtype=np.int8)
        self.blame = np.full(self.shape, -1, dtype=np.int8)
        self.flags = np.zeros(self.shape, dtype=np.int8)
        self.marks = np.zeros(self.shape, dtype=self._room_for_marks())
        self.quotas: list[Quota] = []
        self.counted = 0

    def kinds(self) -> Kinds:
        for rule, at in self.sources.rules:
            if rule.effect != "ALLOW":
                self._apply(rule, at, self._lifted(rule, at))
        self._need_time_conflict()
        balances = (*self._mixes(), *self._purses())
        allowed = self.obstacles == 0
        tongue = self._tongue()
        for table in (self.flags, self.marks, tongue):
            np.multiply(table, allowed, out=table)
        return Kinds(
            self.sorting.of_person, self.sorting.first, self.obstacles, self.blame, self.flags, tongue,
            self.marks, tuple(self.quotas), balances, self.sorting.reads,
            tuple(self.sources.different_days.tolist()),
        )  # fmt: skip

    def _room_for_marks(self) -> type[np.signedinteger[Any]]:
        """The smallest whole numbers that have a bit for everything counted."""
        counting = sum(rule.counts for rule, _ in self.sources.rules)
        bits = counting + len({said(one) for one in self.sources.mixed}) * 2
        if bits >= _MOST_MARKS:
            raise ValueError("more than 62 different groups are counted; let mixes share their conditions")
        return np.int8 if bits < 7 else (np.int16 if bits < 15 else np.int64)

    def _truths(self, rule: Restriction, at: Ints) -> Small:
        """Over those sources at which it can bite × kinds; a lapsed rule holds at most perhaps."""
        truths = self._over(rule.when, at)
        return np.minimum(truths, np.int8(0)) if rule.lapsed(self.on) else truths

    def _over(self, condition: Condition, at: Ints) -> Small:
        return np.broadcast_to(self.weigher.truths(condition, at), (len(at), self.shape[1]))

    def _lifted(self, rule: Restriction, at: Ints) -> Small:
        """The rule's truths less where another one lifts it."""
        found = self._truths(rule, at)
        where = {other.id: there for other, there in self.sources.rules}
        for other in self.pack.lifters[rule.id]:
            both = np.intersect1d(at, where.get(other.id, at[:0]))
            if len(both):
                found = found.copy()
                rows = np.searchsorted(at, both)
                found[rows] = np.minimum(found[rows], -self._truths(other, both))
        return found

    def _apply(self, rule: Restriction, at: Ints, truths: Small) -> None:
        """What a rule does where it holds (1) or may hold (0)."""
        if rule.needs:
            codes, rows = self.weigher.people.seen(["need"])
            fits = np.array([row.get("need") in rule.needs for row in rows])[codes]
            truths = np.where(fits[None, :], np.int8(-1), truths)
        if not (truths > -1).any():
            return
        where = slice(None) if len(at) == self.shape[0] else at
        self.flags[where] += (truths == 0) * np.int8(self.aims.open_cost)
        if rule.counts:
            self._quota(rule, at, truths == 1)
        elif rule.effect == "FLAG":
            self.flags[where] += (truths == 1) * np.int8(self.aims.flag_cost)
        else:
            holds = truths == 1
            self.obstacles[where] += holds
            self.blame[where] = np.where(holds, np.int8(self.pack.rules.index(rule)), self.blame[where])

    def _quota(self, rule: Restriction, at: Ints, holds: Bools) -> None:
        """Marks the pairs that count, and closes sources at which none may be."""
        most = np.array([self.pack.quota(rule, one.seats, self.on) for one in self.given.sources])
        self.obstacles[at] += holds & (most[at] == 0)[:, None]
        mark = self._mark(at, holds)
        self.quotas.append(Quota(rule, mark, most.astype(np.int64)))

    def _mark(self, at: Ints, holds: Bools) -> int:
        """A new bit, set where it holds."""
        mark, self.counted = self.counted, self.counted + 1
        self.marks[at] |= holds * self.marks.dtype.type(1 << mark)
        return mark

    # --- mixes and purses -----------------------------------------------------------------------------

    def _mixes(self) -> Iterator[Balance]:
        """Who may belong to the upper side counts there; on the lower side only who surely does."""
        at_of = {mix.id: self._under(mix.at) for mix in self.given.mixes}
        marks: dict[tuple[str, bool], int] = {}
        for surely, pick in ((False, "of"), (True, "per")):
            places: dict[str, set[int]] = {}
            conditions: dict[str, Condition] = {}
            for mix in self.given.mixes:
                condition = mix.of if pick == "of" else mix.per
                conditions[said(condition)] = condition
                places.setdefault(said(condition), set()).update(at_of[mix.id].tolist())
            for key, condition in conditions.items():
                at = np.array(sorted(places[key]), dtype=np.int64)
                truths = self._over(condition, at)
                marks[key, surely] = self._mark(at, truths == 1 if surely else truths > -1)
        for mix in self.given.mixes:
            up, down = mix.ratio.denominator, mix.ratio.numerator
            terms = ((marks[said(mix.of), False], up), (marks[said(mix.per), True], -down))
            at = at_of[mix.id]
            yield Balance(mix.id, mix.at, at, terms, np.zeros(len(at), dtype=np.int64), up * mix.plus)

    def _under(self, name: str) -> Ints:
        return np.array([i for i, names in enumerate(self.sources.names) if name in names], dtype=np.int64)

    def _purses(self) -> Iterator[Balance]:
        place = {one.id: number for number, one in enumerate(self.given.sources)}
        for purse in self.given.purses:
            at = np.array(sorted(place[name] for name in purse.rates), dtype=np.int64)
            rates = np.array([purse.rates[self.given.sources[i].id] for i in at], dtype=np.int64)
            yield Balance(purse.id, "", at, (), rates, purse.budget)

    # --- need, time, conflict, language ---------------------------------------------------------------

    def _need_time_conflict(self) -> None:
        sources, side = self.given.sources, self.sources
        gives = np.array([[need in one.gives for need in NEEDS] for one in sources], dtype=bool)
        self.obstacles += ~gives.reshape(len(sources), len(NEEDS))[:, self._wanted()]
        day = np.searchsorted(side.different_days, side.days, side="left")[:, None]
        dated = np.array([one.available_on is not None for one in sources], dtype=bool)[:, None]
        times = side.times(self.sorting.people, self.sorting.first)
        self.obstacles += dated & (day >= times[0][None, :])
        clinic = np.array([one.held_on is not None for one in sources], dtype=bool)
        self.obstacles += (clinic & (side.days < 0))[:, None]
        if len(times) > 1:  # an expected person cannot come to a day before she arrives
            self.obstacles += dated & (day < times[1][None, :])
        self._apart()

    def _wanted(self) -> Ints:
        codes, rows = self.weigher.people.seen(["need", "level"])
        return np.array([NEEDS.index(needed(row, self.aims)) for row in rows], dtype=np.int64)[codes]

    def _apart(self) -> None:
        codes, rows = self.weigher.people.seen(["not_with"])
        for number, row in enumerate(rows):
            avoided = frozenset(row.get("not_with") or ())
            at = [place for place, mine in enumerate(self.sources.names) if not mine.isdisjoint(avoided)]
            if at:
                self.obstacles[np.ix_(np.array(at), np.flatnonzero(codes == number))] += 1

    def _tongue(self) -> Small:
        """Nothing in a shared language or where none is known; else the cost of an interpreter."""
        codes, rows = self.weigher.people.seen(["languages"])
        theirs, sources = self.sources.weighing.sources.seen(["speaks"])
        found = [
            [bool(row.get("languages")) and set(row["languages"]).isdisjoint(s["speaks"]) for row in rows]
            for s in sources
        ]
        table = np.array(found, dtype=np.int8).reshape(len(sources), len(rows))
        return (table * np.int8(self.aims.interpreter_cost))[:, codes][theirs]


def said(condition: Condition) -> str:
    """The condition as text, the same for equal ones wherever they stand."""
    inner = [said(part) for part in condition.parts]
    return repr(
        (condition.kind, condition.subject, condition.comparisons, sorted(condition.arguments), inner)
    )
