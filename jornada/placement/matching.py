"""Gather who waits and who can help, and record what the matcher proposes.

Reads placement cards and decided tracks (P2), never answers: this may run as a job without anyone's key.
"""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import transaction

from jornada.domain import matching as matcher
from jornada.domain.conditions import NotInForce
from jornada.domain.facts import Reason
from jornada.domain.matching import (
    Expectation,
    Explaining,
    LeftOut,
    Match,
    Matching,
    Near,
    Pair,
    Person,
    Plan,
    Pricing,
    Round,
    RoundFaults,
    words,
)
from jornada.domain.restrictions import Restrictions
from jornada.gateways import packfiles
from jornada.intake import selectors as intake
from jornada.placement import selectors
from jornada.placement import sources as helping
from jornada.placement.models import MatchRun, Proposal
from jornada.triage import casefiles
from jornada.triage import selectors as triage
from jornada.triage.recorded import Proposed

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.intake.models import CaseFile
    from jornada.placement.models import ExpectedCases, PairDecision

PLACED_TRACKS = {"representation": "full", "limited_scope": "limited", "clinic": "limited"}
"""Tracks for which a person is sought, and the scope of help each asks for."""
RESTRICTIONS = "restrictions"
"""The pack of who may serve whom, and of the order of aims."""
DRAWS = 40
"""How often arrivals are drawn to show what holding places brings."""
PRICES = 5
CANNOT_MATCH = (NotInForce, RoundFaults)
"""No order of aims confirmed for the day; a card or source that the rules cannot read."""


# ── Who waits ─────────────────────────────────────────────────────────────────────────────────────────────


def waiting(files: Iterable[CaseFile]) -> list[tuple[CaseFile, Proposed]]:
    """Files whose track asks for a person and which nobody holds yet, here or at another provider."""
    listed = list(files)
    placed = selectors.placements(file.id for file in listed)
    decisions = triage.decisions_by_file(file.id for file in listed)
    offered = selectors.elsewhere(file.id for file in listed)
    found = []
    for file in listed:
        decision = next((one for one in decisions.get(file.id, []) if not one.only_proposed), None)
        if decision is None or file.id in placed or (file.id in offered and offered[file.id].in_hand):
            continue
        track = triage.read_track(file, decision)
        if track.track in PLACED_TRACKS:
            found.append((file, track))
    return found


def need(file: CaseFile, track: Proposed, ended: Container[uuid.UUID] | None = None) -> str:
    """The scope that a file seeks: full where its limited scope ended (`ended`, looked up if not given)."""
    ended = selectors.ended_files() if ended is None else ended
    return "full" if file.id in ended else PLACED_TRACKS.get(track.track, "limited")


def person(file: CaseFile, track: Proposed, on: date, ended: Container[uuid.UUID] | None = None) -> Person:
    """The file as the matcher sees it: its newest placement card, the level decided and the scope it seeks."""
    card = casefiles.card(file)
    languages = card.get("languages") or [card.get("language") or ""]
    deadline = card.get("deadline_on") or card.get("urgent_by")
    return Person(
        id=str(file.id),
        waiting_since=min(file.recorded_at.date(), on),
        need=need(file, track, ended),
        level=track.level,
        place=str(card.get("place") or ""),
        languages=frozenset(code for code in languages if code),
        brings_interpreter=bool(card.get("brings_interpreter")),
        deadline_on=date.fromisoformat(deadline) if deadline else None,
        not_with=frozenset(card.get("not_with") or ()),
        facts=card.get("facts") or {},
    )


# ── The round ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Gathered:
    """A round with the files behind its people, why some pairs are kept apart (by file and source), and what is not
    yet known of a source's supervision."""

    given: Round
    files: Mapping[str, CaseFile]
    apart: Mapping[tuple[str, str], Reason]
    not_yet_known: Mapping[str, Reason]

    def changed(self, given: Round) -> Gathered:
        """The same files in a changed round."""
        return replace(self, given=given)


def gather(files: Iterable[CaseFile], on: date, provider_id: uuid.UUID) -> Gathered:
    """Everybody who waits, all sources of help, and what people decided about pairs, on that day."""
    people = waiting(files)
    ids = [file.id for file, _ in people]
    ended, last = selectors.ended_files(), selectors.last_proposed(ids)
    helps = helping.available(on, provider_id)
    available = helps.sources
    decided = [one for one in selectors.pair_decisions(on) if one.file_id in set(ids)]
    apart = _kept_apart(ids, [one.id for one in available if one.kind == "partner"], decided)
    given = Round(
        [
            _card(person(file, track, on, ended), last.get(file.id, ""), available, apart)
            for file, track in people
        ],
        available,
        helps.ceilings,
        locks=_locks(decided, available),
        expectations=_expectations(selectors.expected(on), on),
    )
    return Gathered(given, {str(file.id): file for file, _ in people}, apart, helps.not_yet_known)


def _card(
    card: Person, last: str, available: Iterable[matcher.Source], apart: Mapping[tuple[str, str], Reason]
) -> Person:
    """The card with what people decided: whom it is kept apart from, and what was proposed last."""
    there = {one.id for one in available}
    away = {source for name, source in apart if name == card.id}
    return replace(card, not_with=card.not_with | away, arranged_with=last if last in there else "")


def _kept_apart(
    file_ids: list[uuid.UUID], partners: list[str], decided: Iterable[PairDecision]
) -> dict[tuple[str, str], Reason]:
    """Why a file is not proposed to a source: the worker did not allow it, the partner declined, a person said no."""
    asked, offered = intake.may_be_referred(file_ids), selectors.elsewhere(file_ids)
    found: dict[tuple[str, str], Reason] = {}
    for file_id in file_ids:
        for partner in partners:
            if file_id not in asked:
                found[str(file_id), partner] = Reason("not_to_be_asked", {"source": partner})
        for partner_id, day in offered[file_id].declined.items() if file_id in offered else ():
            told = {"source": str(partner_id), "day": day.isoformat()}
            found[str(file_id), str(partner_id)] = Reason("declined_before", told)
    for one in decided:
        if one.kind == "reject":
            told = {"source": one.source_id, "by": one.decided_by.display_name, "until": str(one.until)}
            found[str(one.file_id), one.source_id] = Reason("rejected_until", told)
    return found


def _locks(decided: Iterable[PairDecision], available: Iterable[matcher.Source]) -> list[Pair]:
    there = {one.id for one in available}
    kept = [one for one in decided if one.kind == "keep" and one.source_id in there]
    return list({str(one.file_id): Pair(str(one.file_id), one.source_id) for one in reversed(kept)}.values())


def _expectations(expected: Iterable[ExpectedCases], on: date) -> list[Expectation]:
    """Expected cases under their titles; of two with the same one the second carries a number."""
    seen: dict[str, int] = {}
    found = []
    for one in expected:
        seen[one.title] = seen.get(one.title, 0) + 1
        name = one.title if seen[one.title] == 1 else f"{one.title} ({seen[one.title]})"
        found.append(_expectation(one, name, on))
    return found


def _expectation(one: ExpectedCases, name: str, on: date) -> Expectation:
    card = Person(
        id=str(one.id), waiting_since=on, need=one.scope, level=one.level, place=one.place,
        languages=frozenset(one.languages),
    )  # fmt: skip
    return Expectation(name, card, Fraction(one.mean), max(on, one.first_on), one.last_on)


# ── Worked out ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Worked:
    """A round worked out: the plan, kept pairs that no longer hold, and what looking ahead came to (if it did)."""

    plan: Plan
    let_go: tuple[Pair, ...] = ()
    ahead: matcher.LookAhead | None = None


def work_out(given: Round, on: date, seed: int = 0, limit_seconds: float = 5.0, draws: int = DRAWS) -> Worked:
    """The round matched; kept pairs that a rule or a full source forbids by now are let go, and told."""
    pack = restrictions()
    try:
        if given.expectations and draws:
            ahead = matcher.look_ahead(given, pack, on=on, seed=seed, draws=draws)
            return Worked(ahead.plan, ahead=ahead)
        return Worked(matcher.plan(given, pack, on=on, seed=seed, limit_seconds=limit_seconds))
    except RoundFaults as wrong:
        kept = _still_kept(given, wrong)
        found = work_out(replace(given, locks=kept), on, seed, limit_seconds, draws)
        return replace(found, let_go=(*(one for one in given.locks if one not in kept), *found.let_go))


def _still_kept(given: Round, wrong: RoundFaults) -> list[Pair]:
    """The locks without those that are at fault; without all of them where a ceiling is. Raises if none is."""
    at_fault = {one.id for one in wrong.faults if one.kind == "lock"}
    if not at_fault or not given.locks:
        raise wrong
    kept = [one for one in given.locks if one.person not in at_fault and one.source not in at_fault]
    return kept if len(kept) < len(given.locks) else []


@transaction.atomic
def run(
    *, files: Iterable[CaseFile], on: date, by: Member, seed: int = 0, limit_seconds: float = 5.0
) -> MatchRun:
    """Match everyone who waits; one proposal each, or the reasons why there is none."""
    gathered = gather(files, on, by.provider_id)
    return record(gathered, work_out(gathered.given, on, seed, limit_seconds), by=by)


@transaction.atomic
def record(
    gathered: Gathered, worked: Worked, *, by: Member, supposed: Iterable[Mapping[str, Any]] = ()
) -> MatchRun:
    """The round as a run with its proposals; `supposed` says what it takes for granted."""
    told = matcher.outcome(worked.plan)
    made = MatchRun.objects.create(
        provider_id=by.provider_id,
        run_on=told.on,
        seed=told.seed,
        run_by=by,
        figures={
            **_figures(gathered, told),
            **_more_figures(worked),
            "supposed": [dict(s) for s in supposed],
        },
    )
    columns = {"advocate": "advocate_id", "clinic": "clinic_day_id", "partner": "partner_id"}
    kinds = {one.id: columns[one.kind] for one in gathered.given.sources}
    for name, source, reasons in told_of(gathered, told, worked.plan):
        _propose(made, gathered.files[name], reasons, {kinds[source]: source} if source else {})
    return made


def _figures(gathered: Gathered, told: Matching) -> dict[str, Any]:
    return {
        "people": len(gathered.files),
        "sources": len(gathered.given.sources),
        "placed": len(told.matches),
        "proven": told.proven,
        "within": told.within,
        "fingerprint": told.fingerprint,
        "aims": [
            {"aim": one.aim, "value": one.value, "bound": one.bound, "gap": one.gap} for one in told.reached
        ],
    }


def _more_figures(worked: Worked) -> dict[str, Any]:
    """Prices, kept pairs let go, places held and what holding them came to."""
    pricing = Pricing(worked.plan)
    prices = [*pricing.seats(PRICES), *pricing.languages(PRICES)]
    ahead = worked.ahead
    return {
        "prices": [_reason(one.reason) for one in prices],
        "let_go": [{"file": one.person, "source": one.source} for one in worked.let_go],
        "held": [
            {"expected": one.expectation, "source": one.source, "places": one.places, "until": str(one.until)}
            for one in (ahead.held if ahead else ())
        ],
        "compared": [
            {"policy": one.policy, "deadlines": one.deadlines, "complex": one.complex_, "people": one.people}
            for one in (ahead.compared if ahead else ())
        ],
        "draws": ahead.draws if ahead else 0,
    }


# ── In words ──────────────────────────────────────────────────────────────────────────────────────────────


def restrictions() -> Restrictions:
    """Who may serve whom, and which aims come first."""
    pack: Restrictions = packfiles.load_any(RESTRICTIONS)
    return pack


def text(reason: Mapping[str, Any], language: str = "en") -> str:
    """A recorded reason in words."""
    return words.said(restrictions(), Reason(reason["key"], reason["values"]), language)


# ── Recorded ──────────────────────────────────────────────────────────────────────────────────────────────


def told_of(gathered: Gathered, told: Matching, found: Plan) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """For each file its source ("" for none) and what a proposal keeps: reasons and what comes next, or what is
    nearest and what would change it."""
    explaining = Explaining(found)
    for match in told.matches:
        yield match.person, match.source, _match_data(match, explaining, gathered)
    for left in told.left_out:
        yield left.person, "", _left_data(left, gathered.apart)


def _propose(made: MatchRun, file: CaseFile, reasons: dict[str, Any], source: Mapping[str, str]) -> None:
    row = uuid.uuid4()
    Proposal.objects.create(
        id=row,
        provider_id=made.provider_id,
        run=made,
        file=file,
        sealed_reasons=casefiles.seal_p2(file, "placement_proposal", row, "sealed_reasons", reasons),
        **source,
    )


def _match_data(match: Match, explaining: Explaining, gathered: Gathered) -> dict[str, Any]:
    unknown = gathered.not_yet_known.get(match.source)
    return {
        "reasons": [_reason(reason) for reason in match.reasons],
        "flags": [_reason(reason) for reason in (*match.flags, *([unknown] if unknown else []))],
        "alternatives": _alternatives(match.person, explaining, gathered),
    }


def _alternatives(name: str, explaining: Explaining, gathered: Gathered) -> list[dict[str, Any]]:
    return [
        {
            **_near(name, one, gathered.apart),
            "free": explaining.has_place(one.source),
            "open": bool(explaining.flags(name, one.source)) or one.source in gathered.not_yet_known,
        }
        for one in explaining.alternatives(name)
    ]


def _near(name: str, one: Near, apart: Mapping[tuple[str, str], Reason]) -> dict[str, Any]:
    obstacles = [_reason(_why_apart(name, reason, apart)) for reason in one.obstacles]
    return {"source": one.source, "obstacles": obstacles}


def _left_data(left: LeftOut, apart: Mapping[tuple[str, str], Reason]) -> dict[str, Any]:
    near = [_near(left.person, one, apart) for one in left.nearest]
    changes = [_would_change(left.person, reason, apart) for reason in left.changes]
    return {"nearest": near, "changes": [_reason(one) for one in changes if one is not None]}


def _why_apart(name: str, reason: Reason, apart: Mapping[tuple[str, str], Reason]) -> Reason:
    """What keeps the pair apart, where it is more than the worker's card says."""
    if reason.key != "kept_apart":
        return reason
    return apart.get((name, str(reason.values["source"])), reason)


def _would_change(name: str, reason: Reason, apart: Mapping[tuple[str, str], Reason]) -> Reason | None:
    """What would bring the pair together; None where that is nobody's to change."""
    if reason.key != "would_help.kept_apart":
        return reason
    why = apart.get((name, str(reason.values["source"])))
    if why is None:
        return reason
    return None if why.key == "declined_before" else Reason(f"would_help.{why.key}", why.values)


def _reason(reason: Reason) -> dict[str, Any]:
    return {"key": reason.key, "values": dict(reason.values)}
