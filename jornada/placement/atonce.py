"""Where one file would go right now, beside what the newest run proposed to the others. Nothing is stored.

The others keep what was proposed to them, and places held for expected cases stay held; the file gets the best of what
is left by the same rules and aims. So it is a round of one person, whatever the number who wait. Only a new run may
move the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from jornada.domain.matching import Round, outcome
from jornada.domain.matching.cards import above
from jornada.placement import matching, selectors

if TYPE_CHECKING:
    from uuid import UUID

    from jornada.coalition.models import Member
    from jornada.domain.matching import Person
    from jornada.intake.models import CaseFile
    from jornada.placement.models import MatchRun


@dataclass(frozen=True)
class AtOnce:
    """The source for a file right now ("" for none) and why, as a proposal keeps it; beside which run, how many
    places were spoken for by proposals to others, and how many were held for expected cases."""

    source: str
    reasons: Mapping[str, Any]
    run: MatchRun | None
    spoken_for: int
    held: int


def answer(file: CaseFile, *, on: date, by: Member) -> AtOnce | None:
    """Where the file would go; None where it waits for nobody. Raises as the matcher does (see `CANNOT_MATCH`)."""
    gathered = matching.gather([file], on, by.provider_id)
    if not gathered.files:
        return None
    run = selectors.newest_run()
    spoken_for = _spoken_for(run, file.id, on)
    held = _held(run, gathered.given.people[0], on) if run else Counter[str]()
    given = replace(beside(gathered.given, spoken_for + held), expectations=())
    worked = matching.work_out(given, on, seed=run.seed if run else 0, draws=0)
    ((_, source, reasons),) = matching.told_of(gathered, outcome(worked.plan), worked.plan)
    there = {one.id for one in given.sources}
    counts = (sum(one[name] for name in one.keys() & there) for one in (spoken_for, held))
    return AtOnce(source, reasons, run, *counts)


def beside(given: Round, taken: Mapping[str, int]) -> Round:
    """The round with so many places spoken for at each source, and under every ceiling over it."""
    ceilings = {one.id: one for one in given.ceilings}
    under: Counter[str] = Counter()
    for source in given.sources:
        for one in above(source.within, ceilings):
            under[one.id] += taken.get(source.id, 0)
    return replace(
        given,
        sources=[
            replace(one, seats=max(0, one.seats - taken.get(one.id, 0)), held=one.held + taken.get(one.id, 0))
            for one in given.sources
        ],
        ceilings=[
            replace(one, seats=None if one.seats is None else max(0, one.seats - under[one.id]))
            for one in given.ceilings
        ],
    )


def _spoken_for(run: MatchRun | None, but: UUID, on: date) -> Counter[str]:
    """Places proposed to other files that still wait: by the run, or kept by a person; not those rejected since."""
    proposed = selectors.sources_proposed(run) if run else {}
    for one in reversed(selectors.pair_decisions(on)):
        if one.kind == "keep":
            proposed[one.file_id] = one.source_id
        elif proposed.get(one.file_id) == one.source_id:
            del proposed[one.file_id]
    placed, offered = selectors.placements(proposed), selectors.elsewhere(proposed)
    gone = {but, *placed, *(name for name, one in offered.items() if one.in_hand)}
    return Counter(source for name, source in proposed.items() if name not in gone)


def _held(run: MatchRun, person: Person, on: date) -> Counter[str]:
    """Places that the run holds for expected cases; none of them is kept from a file as hard or as urgent."""
    aims = matching.restrictions().aims(on)
    near = on + timedelta(days=aims.near_days)
    if person.level in aims.complex_levels or (person.deadline_on and person.deadline_on <= near):
        return Counter()
    held = [one for one in run.figures.get("held", []) if date.fromisoformat(one["until"]) >= on]
    return sum((Counter({one["source"]: one["places"]}) for one in held), Counter[str]())
