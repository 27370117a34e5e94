"""Changes supposed of a round of matching, and both outcomes side by side. Nothing is stored unless it is adopted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction

from jornada.domain.matching import Difference, Round, Source, difference
from jornada.placement import matching
from jornada.placement.matching import Gathered, Worked

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.placement.models import MatchRun

MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class Supposed:
    """One thing supposed of a source: so many places (`seats`), a language more (`speaks`), or it is left out."""

    kind: str
    source: str
    value: str = ""

    def of(self, sources: Iterable[Source]) -> list[Source]:
        """The sources with this supposed; as they are where there is no such source."""
        if self.kind == "without":
            return [one for one in sources if one.id != self.source]
        return [self._changed(one) if one.id == self.source else one for one in sources]

    def _changed(self, one: Source) -> Source:
        if self.kind == "seats":
            return replace(one, seats=int(self.value))
        return replace(one, languages=one.languages | {self.value})

    def as_data(self) -> dict[str, Any]:
        """What a run keeps of it."""
        return {"kind": self.kind, "source": self.source, "value": self.value}


def read(said: Mapping[str, Any], given: Round, languages: Iterable[str]) -> list[Supposed]:
    """What a form supposes that differs from the round: fields `seats-…`, `speaks-…` and `without-…` by source.

    What cannot be (no number, too many places, an unknown language) is passed over.
    """
    known = set(languages)
    found: list[Supposed] = []
    for one in given.sources:
        if said.get(f"without-{one.id}"):
            found.append(Supposed("without", one.id))
            continue
        seats = str(said.get(f"seats-{one.id}", "")).strip()
        if seats.isdecimal() and int(seats) <= MOST_PLACES and int(seats) != one.seats:
            found.append(Supposed("seats", one.id, str(int(seats))))
        tongue = str(said.get(f"speaks-{one.id}", ""))
        if tongue in known and tongue not in one.languages:
            found.append(Supposed("speaks", one.id, tongue))
    return found


@dataclass(frozen=True)
class SideBySide:
    """The round as it is and as supposed, worked out, and what differs."""

    now: Worked
    then: Worked
    changed: Gathered
    difference: Difference


def compare(gathered: Gathered, supposed: Iterable[Supposed], on: date) -> SideBySide:
    """Both outcomes with the same day and seed; nothing is written."""
    given = _supposing(gathered.given, supposed)
    now = matching.work_out(gathered.given, on, draws=0)
    then = matching.work_out(given, on, draws=0)
    return SideBySide(now, then, gathered.changed(given), difference(now.plan, then.plan))


@transaction.atomic
def adopt(gathered: Gathered, supposed: Iterable[Supposed], *, by: Member, on: date) -> MatchRun:
    """The supposed round as the newest run, its proposals among them; the run says what it takes for granted."""
    listed = list(supposed)
    changed = gathered.changed(_supposing(gathered.given, listed))
    told = [one.as_data() for one in listed]
    return matching.record(changed, matching.work_out(changed.given, on), by=by, supposed=told)


def _supposing(given: Round, supposed: Iterable[Supposed]) -> Round:
    sources = list(given.sources)
    for one in supposed:
        sources = one.of(sources)
    there = {one.id for one in sources}
    locks = [pair for pair in given.locks if pair.source in there]
    return replace(given, sources=sources, locks=locks)
