"""Gather who waits and who can help, and record what the matcher proposes.

Reads placement cards and decided tracks (P2), never answers: this may run as a job without anyone's key.
"""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction

from jornada.coalition import selectors as coalition
from jornada.domain import matching as matcher
from jornada.domain.facts import Reason
from jornada.domain.matching import LeftOut, Match, Matching, Person, Round, Source, words
from jornada.domain.restrictions import Restrictions
from jornada.gateways import packfiles
from jornada.placement import selectors
from jornada.placement.models import ClinicDay, MatchRun, Proposal
from jornada.triage import casefiles
from jornada.triage import selectors as triage
from jornada.triage.recorded import Proposed

if TYPE_CHECKING:
    from jornada.coalition.models import Capacity, Member
    from jornada.intake.models import CaseFile

PLACED_TRACKS = {"representation": "full", "limited_scope": "limited", "clinic": "limited"}
"""Tracks for which a person is sought, and the scope of help each asks for."""
RESTRICTIONS = "restrictions"
"""The pack of who may serve whom, and of the order of aims."""


def waiting(files: Iterable[CaseFile]) -> list[tuple[CaseFile, Proposed]]:
    """Files whose track asks for a person and which nobody holds yet."""
    listed = list(files)
    placed = selectors.placements(file.id for file in listed)
    decisions = triage.decisions_by_file(file.id for file in listed)
    found = []
    for file in listed:
        decision = next((one for one in decisions.get(file.id, []) if not one.only_proposed), None)
        if decision is None or file.id in placed:
            continue
        track = triage.read_track(file, decision)
        if track.track in PLACED_TRACKS:
            found.append((file, track))
    return found


def person(file: CaseFile, track: Proposed, on: date, ended: Container[uuid.UUID] | None = None) -> Person:
    """The file as the matcher sees it: its newest placement card and the level and scope decided.

    A file whose limited scope ended (`ended`, looked up if not given) needs full scope, whatever was decided.
    """
    ended = selectors.ended_files() if ended is None else ended
    card = casefiles.card(file)
    languages = card.get("languages") or [card.get("language") or ""]
    deadline = card.get("deadline_on") or card.get("urgent_by")
    return Person(
        id=str(file.id),
        waiting_since=min(file.recorded_at.date(), on),
        need="full" if file.id in ended else PLACED_TRACKS[track.track],
        level=track.level,
        place=str(card.get("place") or ""),
        languages=frozenset(code for code in languages if code),
        brings_interpreter=bool(card.get("brings_interpreter")),
        deadline_on=date.fromisoformat(deadline) if deadline else None,
        not_with=frozenset(card.get("not_with") or ()),
        facts=card.get("facts") or {},
    )


def sources(on: date) -> list[Source]:
    """Advocates with places free, and clinic days to come with seats free, of the current provider."""
    held = selectors.load(on)
    advocates = [_advocate(capacity, held, on) for capacity in coalition.capacities_on(on)]
    clinics = [_clinic(day, on) for day in selectors.clinic_days(on)]
    return list({source.id: source for source in advocates + clinics}.values())


@transaction.atomic
def run(
    *, files: Iterable[CaseFile], on: date, by: Member, seed: int = 0, limit_seconds: float = 5.0
) -> MatchRun:
    """Match everyone who waits; one proposal each, or the reasons why there is none."""
    people = waiting(files)
    available, ended = sources(on), selectors.ended_files()
    outcome = matcher.match(
        Round([person(file, track, on, ended) for file, track in people], available),
        restrictions(),
        on=on,
        seed=seed,
        limit_seconds=limit_seconds,
    )
    figures = {
        "people": len(people),
        "sources": len(available),
        "placed": len(outcome.matches),
        "proven": outcome.proven,
        "fingerprint": outcome.fingerprint,
        **{one.aim: one.value for one in outcome.reached},
    }
    record = MatchRun.objects.create(
        provider_id=by.provider_id, run_on=on, seed=seed, run_by=by, figures=figures
    )
    _record_proposals(record, {str(file.id): file for file, _ in people}, available, outcome)
    return record


def restrictions() -> Restrictions:
    """Who may serve whom, and which aims come first."""
    pack: Restrictions = packfiles.load_any(RESTRICTIONS)
    return pack


def text(reason: Mapping[str, Any], language: str = "en") -> str:
    """A recorded reason in words."""
    return words.said(restrictions(), Reason(reason["key"], reason["values"]), language)


def _advocate(capacity: Capacity, held: Mapping[uuid.UUID, int], on: date) -> Source:
    member = capacity.member
    credential = coalition.signing_credential(member.id, on)
    return Source(
        id=str(member.id),
        kind="advocate",
        seats=max(0, capacity.files_at_once - held.get(member.id, 0)),
        languages=frozenset(member.languages),
        places=frozenset(capacity.places),
        credentials=frozenset({credential.kind}) if credential else frozenset(),
        gives=frozenset({"full", "limited"} if capacity.full_scope else {"limited"}),
        interpreter="none",
        credential_until=credential.expires_on if credential else None,
    )


def _clinic(day: ClinicDay, on: date) -> Source:
    supervisor = day.supervised_by
    credential = coalition.signing_credential(supervisor.id, on) if supervisor else None
    return Source(
        id=str(day.id),
        kind="clinic",
        seats=max(0, selectors.seats_in_all(day) - getattr(day, "taken", 0)),
        languages=frozenset(day.languages),
        interpreter="none",
        home=day.place,
        credentials=frozenset({credential.kind}) if credential else frozenset(),
        held_on=day.held_on,
        credential_until=credential.expires_on if credential else None,
    )


def _record_proposals(
    record: MatchRun, files: Mapping[str, CaseFile], available: Iterable[Source], outcome: Matching
) -> None:
    kinds = {source.id: source.kind for source in available}
    for match in outcome.matches:
        advocate = match.source if kinds[match.source] == "advocate" else None
        clinic = match.source if kinds[match.source] == "clinic" else None
        _propose(record, files[match.person], _match_data(match), advocate, clinic)
    for left in outcome.left_out:
        _propose(record, files[left.person], _left_data(left), None, None)


def _propose(
    record: MatchRun, file: CaseFile, reasons: dict[str, Any], advocate: str | None, clinic: str | None
) -> None:
    row = uuid.uuid4()
    Proposal.objects.create(
        id=row,
        provider_id=record.provider_id,
        run=record,
        file=file,
        advocate_id=advocate,
        clinic_day_id=clinic,
        sealed_reasons=casefiles.seal_p2(file, "placement_proposal", row, "sealed_reasons", reasons),
    )


def _match_data(match: Match) -> dict[str, Any]:
    return {
        "reasons": [_reason(reason) for reason in match.reasons],
        "flags": [_reason(reason) for reason in match.flags],
    }


def _left_data(left: LeftOut) -> dict[str, Any]:
    near = [
        {"source": one.source, "obstacles": [_reason(reason) for reason in one.obstacles]}
        for one in left.nearest
    ]
    return {"nearest": near, "changes": [_reason(reason) for reason in left.changes]}


def _reason(reason: Reason) -> dict[str, Any]:
    return {"key": reason.key, "values": dict(reason.values)}
