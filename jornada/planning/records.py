"""What the hub has on record for a first scenario: counts, rounded, never a person.

Read from what automation may read: when files came, placement cards (P2), decided levels; and from capacity and
clinic days. One's own provider's records only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import TYPE_CHECKING

from jornada.coalition import selectors as coalition
from jornada.domain.planning import hubrecords
from jornada.domain.planning.hubrecords import Counted, TooFew
from jornada.placement import selectors as placement
from jornada.planning import selectors
from jornada.triage import casefiles
from jornada.triage import selectors as triage

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile

LEVELS = {"OK": "simple", "ATTY": "moderate", "COMPLEX": "complex"}
RESOURCES = {
    "attorney": "attorney_time", "accredited_full": "accredited_time", "accredited_partial": "accredited_time",
}  # fmt: skip


def counted(on: date) -> Counted:
    """The provider's records of up to two years as counts; TooFew where nobody came yet."""
    files = casefiles.all_files()
    if not files:
        raise TooFew(
            "Nobody is on record yet. Copy a scenario that ships, or come back when files have come."
        )
    came = {file: file.recorded_at.date() for file in files}
    months = hubrecords.months_between(min(came.values()), max(on, *came.values()))
    months = months[:-1] or months  # a month that is not over yet would count as a weak one
    within = [file for file in files if came[file].replace(day=1) in months]
    return Counted(
        months=months,
        by_month=Counter(came[file].replace(day=1) for file in within),
        by_region=_by_region(within),
        by_level=_by_level(within),
        files_at_once=_carried(on),
        clinic_days=tuple((day.held_on, placement.seats_in_all(day)) for day in placement.clinic_days(on)),
    )


def draft(title: str, on: date) -> str:
    """The text of a scenario drawn from the provider's records; TooFew where there are none."""
    return hubrecords.draft(counted(on), selectors.catalogue(), title=title, on=on)


def _by_region(files: list[CaseFile]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for file in files:
        card = casefiles.card(file)
        languages = card.get("languages") or [card.get("language") or ""]
        found[str(card.get("place") or "elsewhere")][hubrecords.spoken([str(one) for one in languages])] += 1
    return found


def _by_level(files: list[CaseFile]) -> Counter[str]:
    decisions = triage.decisions_by_file(file.pk for file in files)
    levels: Counter[str] = Counter()
    for file in files:
        decided = next((one for one in decisions.get(file.pk, []) if not one.only_proposed), None)
        level = LEVELS.get(triage.read_track(file, decided).level) if decided else None
        if level:
            levels[level] += 1
    return levels


def _carried(on: date) -> Counter[str]:
    """Files that advocates with a credential in force can carry at once, by what they are."""
    found: Counter[str] = Counter()
    for capacity in coalition.capacities_on(on):
        credential = coalition.signing_credential(capacity.member_id, on)
        if credential is not None and credential.kind in RESOURCES:
            found[RESOURCES[credential.kind]] += capacity.files_at_once
    return found
