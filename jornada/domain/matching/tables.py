"""Conditions over whole tables of people and sources, in three values: -1 for no, 0 for not yet known, 1 for yes.

A condition is split where it can be: a part that reads only the card is looked at once for each combination of
those facts that occurs, one that reads only the source once for each source, one that compares the two once for
each pair of values. Kleene's all, any and not are then minimum, maximum and minus over whole tables. Each single
comparison is made by the one interpreter of the rule language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jornada.domain.conditions import Condition
from jornada.domain.matching.cards import Column, Ints
from jornada.domain.restrictions import Restrictions

Small = NDArray[np.int8]
Seen = tuple[Ints, list[dict[str, Any]]]

_TRUTH = {True: 1, False: -1, None: 0}


class Table:
    """Rows (people or sources) by the facts that conditions read; each combination of values looked at once."""

    def __init__(self, columns: Mapping[str, Column], size: int) -> None:
        self.columns, self.size = columns, size
        self._seen: dict[tuple[str, ...], Seen] = {}

    def seen(self, names: Iterable[str]) -> Seen:
        """For each row the number of its combination of these facts, and the combinations as facts."""
        key = tuple(sorted(name for name in names if name in self.columns))
        if key not in self._seen:
            codes, first = grouped([self.columns[name].codes for name in key], self.size)
            rows = [
                {name: self.columns[name].values[self.columns[name].codes[row]] for name in key}
                for row in first.tolist()
            ]
            self._seen[key] = codes, rows
        return self._seen[key]

    def only(self, rows: Ints) -> Table:
        """The table of some of its rows."""
        return Table({name: Column(c.codes[rows], c.values) for name, c in self.columns.items()}, len(rows))


def grouped(keys: Sequence[Ints], size: int) -> tuple[Ints, Ints]:
    """The group of each row by its keys, groups in the order of the keys, and one row of each group."""
    if size == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    key, span = np.zeros(size, dtype=np.int64), 1
    for codes in keys:
        high = int(codes.max(initial=0)) + 1
        if span * high >= 1 << 62:
            key, span = _dense(key), size
        key, span = key * high + codes, span * high
    if span <= 4 * size + 1024:  # few enough to count instead of sorting
        place = np.full(span, -1, dtype=np.int64)
        place[key[::-1]] = np.arange(size - 1, -1, -1)
        used = np.flatnonzero(place >= 0)
        number = np.empty(span, dtype=np.int64)
        number[used] = np.arange(len(used))
        return number[key], place[used]
    _, first, codes = np.unique(key, return_index=True, return_inverse=True)
    return codes.astype(np.int64), first.astype(np.int64)


def _dense(key: Ints) -> Ints:
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


class Weighing:
    """Truths of conditions on one day, over sources, over people, or over both.

    The side of the sources is looked at once, whoever the people are.
    """

    def __init__(self, pack: Restrictions, on: date, sources: Table) -> None:
        self.pack, self.on, self.sources = pack, on, sources
        self.mine = frozenset(name for name, trait in pack.traits.items() if trait.of == "person")
        self._of_sources: dict[int, Small] = {}

    def side(self, one: Condition) -> str:
        """Whether a condition reads "people", "sources" (or nothing), or "both"."""
        if one.facts <= self.mine and one.facts:
            return "people"
        return "sources" if one.facts.isdisjoint(self.mine) else "both"

    def of_sources(self, one: Condition) -> Small:
        """The truth of a condition on sources alone, for each source."""
        if id(one) not in self._of_sources:
            self._of_sources[id(one)] = self.of_table(one, self.sources)
        return self._of_sources[id(one)]

    def of_table(self, one: Condition, table: Table) -> Small:
        """The truth of a condition for each row of a table, once for each combination of its facts."""
        codes, rows = table.seen(one.facts)
        found = [_TRUTH[one.test(self.pack.scope(row, self.on))] for row in rows]
        return np.array(found, dtype=np.int8)[codes]

    def bounds(self, one: Condition) -> tuple[Small, Small]:
        """The least and the most that each source's truth can be, whoever comes."""
        side = self.side(one)
        if side == "sources":
            truth = self.of_sources(one)
            return truth, truth
        if one.kind == "not":
            low, high = self.bounds(one.parts[0])
            return -high, -low
        if side == "both" and one.kind in ("all", "any"):
            combine = np.minimum if one.kind == "all" else np.maximum
            bounds = [self.bounds(part) for part in one.parts]
            return combine.reduce([b[0] for b in bounds]), combine.reduce([b[1] for b in bounds])
        anything = np.ones(self.sources.size, dtype=np.int8)
        return -anything, anything

    def leaves(self, one: Condition) -> Iterable[Condition]:
        """The largest parts that read cards alone, and the comparisons of card and source."""
        side = self.side(one)
        if side == "people" or (side == "both" and one.kind not in ("all", "any", "not")):
            yield one
        elif side == "both":
            for part in one.parts:
                yield from self.leaves(part)


class Weigher:
    """Truths over sources × people; parts that read one side only stay a column or a row."""

    def __init__(self, weighing: Weighing, people: Table) -> None:
        self.weighing, self.people = weighing, people
        self._of_people: dict[int, Small] = {}

    def truths(self, one: Condition, at: Ints) -> Small:
        """-1, 0 or 1, shaped to be spread over some of the sources × the people."""
        side = self.weighing.side(one)
        if side == "people":
            return self.of_people(one)[None, :]
        if side == "sources":
            return self.weighing.of_sources(one)[at][:, None]
        if one.kind == "not":
            return -self.truths(one.parts[0], at)
        if one.kind in ("all", "any"):
            combine = np.minimum if one.kind == "all" else np.maximum
            truths = self.truths(one.parts[0], at)
            for part in one.parts[1:]:
                truths = combine(truths, self.truths(part, at))
            return truths
        return self._compared(one, at)

    def of_people(self, one: Condition) -> Small:
        """The truth of a condition on cards alone, for each row of people."""
        if id(one) not in self._of_people:
            self._of_people[id(one)] = self.weighing.of_table(one, self.people)
        return self._of_people[id(one)]

    def only(self, rows: Ints) -> Weigher:
        """The same for some of the people; what is known of them is kept."""
        found = Weigher(self.weighing, self.people.only(rows))
        found._of_people = {key: truth[rows] for key, truth in self._of_people.items()}
        return found

    def _compared(self, one: Condition, at: Ints) -> Small:
        """A comparison of card and source: once for each pair of values that occurs."""
        weighing = self.weighing
        mine, people = self.people.seen(one.facts & weighing.mine)
        theirs, sources = weighing.sources.seen(one.facts - weighing.mine)
        test, scope, on = one.test, weighing.pack.scope, weighing.on
        found = [[_TRUTH[test(scope({**left, **right}, on))] for left in people] for right in sources]
        table = np.array(found, dtype=np.int8).reshape(len(sources), len(people))
        return table[:, mine][theirs[at]]
