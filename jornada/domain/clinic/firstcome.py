"""A first timetable: one worker after the other, each through the stations as early as can be.

What a careful person would do with pencil and paper. It is there at once, so that there is a timetable whatever the
time limit; the search (`search.py`) begins from it and shows what looking ahead is worth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from jornada.domain.clinic.floor import missed_elsewhere
from jornada.domain.clinic.timetable import Duty, Job, Option, Timetable, runs_of

Change = dict[int, int]
"""Variables and by how much each goes up."""


def first_come(made: Timetable) -> list[int]:
    """The value of every variable; those invited first come first within their priority."""
    filling = _Filling(made)
    order = {"first": 0, "usual": 1, "standby": 2}
    turns = sorted(
        (order[kind.priority], place)
        for place, (kind, workers) in enumerate(made.kinds.items())
        for _ in workers
    )
    full: set[int] = set()
    for _, place in turns:
        if place not in full and not filling.seat(place):
            full.add(place)  # what was too full for one of a kind is too full for the next
    return filling.values


def _missed_elsewhere(made: Timetable) -> list[tuple[float, float]]:
    """By crew: how much its members are missed where few others may work."""
    able: dict[str, int] = defaultdict(int)
    for crew in made.crews:
        for station in crew.stations:
            able[station] += len(crew.members)
    return [missed_elsewhere(crew.stations, able) for crew in made.crews]


class _Filling:
    """The timetable so far and what of each row is used up."""

    def __init__(self, made: Timetable) -> None:
        self.made = made
        self.values = [0] * len(made.rows.upper)
        self.used = [0] * len(made.rows.rows)
        self.rows_of: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for place, row in enumerate(made.rows.rows):
            for variable, coefficient in row.terms.items():
                self.rows_of[variable].append((place, coefficient))
        self.duties: dict[Job, list[Duty]] = defaultdict(list)
        for duty in made.done_by:
            self.duties[duty.job].append(duty)
        missed = _missed_elsewhere(made)
        for duties in self.duties.values():
            duties.sort(key=lambda one: (missed[one.crew], len(made.crews[one.crew].languages)))
        self.options: dict[tuple[int, int], list[Option]] = defaultdict(list)
        for option in sorted(made.chosen, key=lambda one: (one.slot, one.interpreted)):
            self.options[option.kind, option.sitting].append(option)
        self.spread_breaks()

    def spread_breaks(self) -> None:
        """Everybody's break, spread over the window as evenly as can be."""
        for place, crew in enumerate(self.made.crews):
            begins = crew.break_begins
            for number in range(len(crew.members) if begins else 0):
                slot = begins[(2 * number + 1) * len(begins) // (2 * len(crew.members))]
                self.take({self.made.breaks[place, slot]: 1})

    def take(self, change: Change) -> None:
        for variable, by in change.items():
            self.values[variable] += by
            for row, coefficient in self.rows_of[variable]:
                self.used[row] += coefficient * by

    def fits(self, change: Change) -> bool:
        """Whether every row still holds with this change."""
        more: dict[int, int] = defaultdict(int)
        for variable, by in change.items():
            if self.values[variable] + by > self.made.rows.upper[variable]:
                return False
            for row, coefficient in self.rows_of[variable]:
                more[row] += coefficient * by
        return all(self.made.rows.rows[row].holds(self.used[row] + by) for row, by in more.items())

    def room_for(self, duty: Duty, change: Change) -> bool:
        """Whether somebody of that crew is free for it, with what is already changed."""
        variable = self.made.done_by[duty]
        rows = self.made.rows.rows
        for row, coefficient in self.rows_of[variable]:
            if rows[row].low is None and coefficient > 0:
                terms = rows[row].terms
                others = sum(by * terms[v] for v, by in change.items() if v in terms)
                if self.used[row] + others + coefficient > rows[row].high:
                    return False
        return True

    def seat(self, kind: int) -> bool:
        """Takes one more of that kind through all stations as early as can be; whether it could be done."""
        for first in self.options[kind, 0]:
            change = self.through(kind, first)
            if change is not None and self.fits(change):
                self.take(change)
                return True
        return False

    def through(self, kind: int, first: Option) -> Change | None:
        """All sittings from this first one on, each at the earliest; None where one of them finds nobody."""
        change: Change = {}
        ready = 0
        patience = self.made.patience
        for sitting in range(len(runs_of(self.made, self.made.kind_list[kind]))):
            choices = [first] if sitting == 0 else self.options[kind, sitting]
            for option in choices:
                in_time = sitting == 0 or ready <= option.slot <= ready + patience
                if in_time and (found := self.served(option, change)) is not None:
                    change, ready = found, self.made.ends[option]
                    break
            else:
                return None
        return change

    def served(self, option: Option, before: Change) -> Change | None:
        """The change with this sitting too, every job of it done by somebody."""
        change = dict(before)
        change[self.made.chosen[option]] = change.get(self.made.chosen[option], 0) + 1
        for job in self.made.jobs[option]:
            duty = next(self.free_for(job, change), None)
            if duty is None:
                return None
            variable = self.made.done_by[duty]
            change[variable] = change.get(variable, 0) + 1
        return change

    def free_for(self, job: Job, change: Change) -> Iterator[Duty]:
        return (duty for duty in self.duties[job] if self.room_for(duty, change))
