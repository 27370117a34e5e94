"""Places, kinds and sources factored: people meet sources through few doors instead of one arc for each pair.

An *area* is a set of places that one or more sources serve. A *desk* is a set of its sources of one kind that some
people may use, with what each pair costs; a *door* is a set of desks. People of one place who may use the same doors
are one *class*. A source that serves many places and sits in one of them stands in two areas: its whole one, and the
one of its own place, where nobody has far to go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jornada.domain.matching.cards import Bools, Crowd, Ints, Round, Source, Travel
from jornada.domain.matching.eligibility import Kinds
from jornada.domain.matching.tables import grouped
from jornada.domain.restrictions import Aims

ANYWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Ways:
    """Arcs of the factored network: from where to where, with what must be settled and how uncomfortable it is."""

    tail: Ints
    head: Ints
    flags: Ints
    comfort: Ints


@dataclass(frozen=True, eq=False)
class Doors:
    """The factored network between people and sources.

    `class_of` gives each person's class, -1 where no source at all is open to her; `kind` one kind of each class.
    Ways lead from a class (`choose`), from a door to its desks (`split`) and from a desk (`desk`). A head below
    `nodes` is a door or desk; from `nodes` on it is an end: a source and the marks under which one comes to it.
    """

    class_of: Ints
    kind: Ints
    nodes: int
    choose: Ways
    split: Ways
    desk: Ways
    end_source: Ints
    end_marks: Ints

    @property
    def classes(self) -> int:
        return len(self.kind)


@dataclass(frozen=True, slots=True)
class Area:
    """Places served alike (none: anywhere) and the sources in it; `home` where only one place is meant."""

    places: frozenset[str]
    home: str
    sources: tuple[int, ...]


def areas(sources: Sequence[Source], travel: Travel | None) -> list[Area]:
    """The areas of all sources. Where travel times are given every home is an area of its own."""
    found: dict[tuple[frozenset[str], str], list[int]] = {}
    for number, source in enumerate(sources):
        if travel is not None:
            found.setdefault((source.places, source.home), []).append(number)
            continue
        if source.places != {source.home}:
            found.setdefault((source.places, ""), []).append(number)
        if source.home and (not source.places or source.home in source.places):
            found.setdefault((frozenset({source.home}), source.home), []).append(number)
    keys = sorted(found, key=lambda key: (sorted(key[0]), key[1]))
    return [Area(places, home, tuple(found[places, home])) for places, home in keys]


def covers(places: Sequence[str], found: Sequence[Area]) -> Bools:
    """Places × areas: who lives in the place may use the area. No place known: every area."""
    table = np.zeros((len(places), len(found)), dtype=bool)
    row = {place: number for number, place in enumerate(places)}
    for number, area in enumerate(found):
        known = [row[place] for place in area.places if place in row]
        table[known if area.places else slice(None), number] = True
    if "" in row:
        table[row[""]] = True
    return table


def distances(places: Sequence[str], found: Sequence[Area], travel: Travel | None, aims: Aims) -> Ints:
    """Places × areas: the cost of getting there."""
    table = np.zeros((len(places), len(found)), dtype=np.int64)
    for number, area in enumerate(found):
        table[:, number] = aims.elsewhere_cost if area.places else aims.anywhere_cost
    for row, place in enumerate(places):
        at_home = [number for number, area in enumerate(found) if area.home and area.home == place]
        table[row, at_home] = 0
        if not place:
            table[row] = 0
    if travel is not None:
        _with_minutes(table, places, found, travel, aims)
    return table


def _with_minutes(
    table: Ints, places: Sequence[str], found: Sequence[Area], travel: Travel, aims: Aims
) -> None:
    row = {place: number for number, place in enumerate(travel.places)}
    for i, place in enumerate(places):
        for j, area in enumerate(found):
            if place in row and area.home in row and travel.minutes[row[place], row[area.home]] >= 0:
                table[i, j] = travel.minutes[row[place], row[area.home]] // aims.minutes_a_step


def doors(people: Crowd, kinds: Kinds, given: Round, aims: Aims) -> Doors:
    """The factored network of these people and sources."""
    return _Factoring(people, kinds, given, aims).doors()


class _Factoring:
    def __init__(self, people: Crowd, kinds: Kinds, given: Round, aims: Aims) -> None:
        self.kinds, self.sources = kinds, given.sources
        self.areas = areas(given.sources, given.travel)
        place = people.columns.get("place")
        self.zone = place.codes if place else np.zeros(len(people), dtype=np.int64)
        names = [str(value or "") for value in place.values] if place else [""]
        self.covers = covers(names, self.areas)
        self.distances = distances(names, self.areas, given.travel, aims)
        self.allowed = kinds.allowed
        self.pair_of, pairs = grouped([self.zone, kinds.of_person], len(self.zone))
        self.pair_zone, self.pair_kind = self.zone[pairs], kinds.of_person[pairs]
        self.desks: list[Ints] = []
        self.splits: list[Ints] = []
        self.nodes = 0

    def doors(self) -> Doors:
        door_of = self._doors()
        class_of_pair, kind, choose = self._classes(door_of)
        desk, split = _stacked(self.desks), _stacked(self.splits)
        source, example = desk[:, 1], desk[:, 2]
        marks = self.kinds.marks[source, example].astype(np.int64)
        end_of, ends = grouped([source, marks], len(source))
        flags = self.kinds.flags[source, example].astype(np.int64)
        tongue = self.kinds.tongue[source, example].astype(np.int64)
        from_desk = Ways(desk[:, 0], self.nodes + end_of, flags, tongue)
        none = np.zeros(len(split), dtype=np.int64)
        from_class = Ways(choose[:, 0], choose[:, 1], np.zeros(len(choose), dtype=np.int64), choose[:, 2])
        from_door = Ways(split[:, 0], split[:, 1], none, none)
        alone = _only_way(from_desk, self.nodes)
        return Doors(
            class_of_pair[self.pair_of], kind, self.nodes,
            _past(from_class, from_desk, alone), _past(from_door, from_desk, alone),
            _some(from_desk, alone[from_desk.tail] < 0), source[ends], marks[ends],
        )  # fmt: skip

    def _doors(self) -> NDArray[np.int32]:
        """Kinds × areas: the door that each kind uses, -1 where the area has none for it."""
        kinds = self.allowed.shape[1]
        lives = np.zeros((len(self.covers), kinds), dtype=bool)
        lives[self.pair_zone, self.pair_kind] = True
        door_of = np.full((kinds, len(self.areas)), -1, dtype=np.int32)  # by far the largest table
        for number, area in enumerate(self.areas):
            here = np.flatnonzero(lives[self.covers[:, number]].any(axis=0))
            if len(here):
                door_of[here, number] = self._area_doors(here, area)
        return door_of

    def _area_doors(self, kinds: Ints, area: Area) -> Ints:
        """The door of each of these kinds: the desks that it may use, or its desk where it is but one."""
        desks = [self._desk(kinds, at) for at in self._alike(area)]
        if len(desks) == 1:
            return desks[0]
        table = np.stack(desks, axis=1)
        codes, rows = grouped(_varying(table), len(kinds))
        choice = table[rows]
        several = (choice >= 0).sum(axis=1) > 1
        names = np.where(several, self.nodes + np.cumsum(several) - 1, choice.max(axis=1))
        row, column = np.nonzero((choice >= 0) & several[:, None])
        self.splits.append(np.stack([names[row], choice[row, column]], axis=1))
        self.nodes += int(several.sum())
        return names[codes]

    def _alike(self, area: Area) -> list[Ints]:
        """The area's sources by kind: those of a kind are open to much the same people."""
        found: dict[str, list[int]] = {}
        for source in area.sources:
            found.setdefault(self.sources[source].kind, []).append(source)
        return [np.array(found[kind], dtype=np.int64) for kind in sorted(found)]

    def _desk(self, kinds: Ints, at: Ints) -> Ints:
        """For each kind the desk with just the sources (of those `at`) that are open to it; -1: none."""
        told = self.kinds
        allowed = self.allowed[np.ix_(at, kinds)].T
        keys = [
            key
            for table in (told.flags, told.tongue, told.marks)
            for key in _varying(table[np.ix_(at, kinds)].T)
        ]
        codes, rows = grouped([*_varying(allowed), *keys], len(kinds))
        open_ = allowed[rows].any(axis=1)
        names = np.where(open_, self.nodes + np.cumsum(open_) - 1, -1)
        row, column = np.nonzero(allowed[rows[open_]])
        self.desks.append(np.stack([self.nodes + row, at[column], kinds[rows[open_]][row]], axis=1))
        self.nodes += int(open_.sum())
        return names[codes]

    def _classes(self, door_of: NDArray[np.int32]) -> tuple[Ints, Ints, Ints]:
        """The class of each pair of zone and kind, a kind of each class, and arcs (class, door, distance)."""
        class_of = np.full(len(self.pair_zone), -1, dtype=np.int64)
        chosen, arcs, last = [np.zeros(0, dtype=np.int64)], [np.zeros((0, 3), dtype=np.int64)], 0
        order = np.argsort(self.pair_zone, kind="stable")
        starts = np.searchsorted(self.pair_zone[order], np.arange(len(self.covers) + 1))
        for zone in range(len(self.covers)):
            mine = order[starts[zone] : starts[zone + 1]]
            at = np.flatnonzero(self.covers[zone])
            if not len(mine) or not len(at):
                continue
            table = door_of[np.ix_(self.pair_kind[mine], at)]
            codes, rows = grouped(_varying(table), len(mine))
            open_ = (table[rows] >= 0).any(axis=1)
            names = np.where(open_, last + np.cumsum(open_) - 1, -1)
            class_of[mine] = names[codes]
            row, column = np.nonzero(table[rows[open_]] >= 0)
            far = self.distances[zone][at][column]
            arcs.append(np.stack([last + row, table[rows[open_]][row, column], far], axis=1))
            chosen.append(self.pair_kind[mine[rows[open_]]])
            last += int(open_.sum())
        return class_of, np.concatenate(chosen), np.concatenate(arcs)


def _only_way(ways: Ways, nodes: int) -> Ints:
    """For each node the one way that leaves it, -1 where there are more or none."""
    only = np.full(nodes, -1, dtype=np.int64)
    only[ways.tail] = np.arange(len(ways.tail))
    return np.where(np.bincount(ways.tail, minlength=nodes) == 1, only, -1)


def _past(ways: Ways, onward: Ways, alone: Ints) -> Ways:
    """The ways led on through every node that only one way leaves."""
    step = alone[ways.head]
    on, past = step >= 0, np.maximum(step, 0)
    if not on.any():
        return ways
    return Ways(
        ways.tail,
        np.where(on, onward.head[past], ways.head),
        ways.flags + np.where(on, onward.flags[past], 0),
        ways.comfort + np.where(on, onward.comfort[past], 0),
    )


def _some(ways: Ways, kept: Bools) -> Ways:
    return Ways(ways.tail[kept], ways.head[kept], ways.flags[kept], ways.comfort[kept])


def _stacked(tables: Sequence[Ints]) -> Ints:
    width = tables[0].shape[1] if tables else 2
    return np.concatenate(tables) if tables else np.zeros((0, max(width, 3)), dtype=np.int64)


def _varying(table: NDArray[Any]) -> list[Ints]:
    """The columns in which rows differ, counted from zero."""
    table = table.astype(np.int64)
    if not len(table):
        return []
    low = table.min(axis=0)
    return [table[:, column] - low[column] for column in np.flatnonzero(table.max(axis=0) > low).tolist()]
