"""What a wage claim adds to a packet: the count behind it, its letters, and what must be right before it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from jornada.domain.calendars import Calendar, CalendarNotSure
from jornada.domain.enclosures import Enclosure
from jornada.domain.facts import UNSURE, Outcome, Reason
from jornada.domain.names import full_name
from jornada.domain.packets import PacketPlan, Piece
from jornada.domain.printchecks import Check
from jornada.domain.rulepacks import RulePack
from jornada.domain.wages import claims
from jornada.gateways import packfiles, wagelaws, wagepapers, wagewords
from jornada.gateways.wagelaws import Reckoned
from jornada.gateways.wagepapers import Sending

if TYPE_CHECKING:
    from jornada.triage.casefiles import OpenFile

CALENDAR = "us-federal"
LETTER = "demand_letter"
CLAIM = "agency_claim"


@dataclass(frozen=True, slots=True)
class WageClaim:
    """A file's claim as it stands: the pack, the answers and what they come to."""

    pack: RulePack
    answers: Mapping[str, Any]
    found: Reckoned
    on: date
    forum: str

    @property
    def worker(self) -> str:
        return full_name(self.answers.get("legal_name"))

    def missing(self, language: str = "en") -> list[str]:
        """The questions that the count still needs."""
        asked = (
            next(one.id for one in self.pack.questions if fact in one.asks) for fact in self.found.missing
        )
        return [self.pack.text(f"questions.{question}.ask", language) for question in asked]


def of(opened: OpenFile, choices: Mapping[str, Any] | None = None) -> WageClaim | None:
    """The claim of an opened file; None where the file is no wage claim."""
    pack = packfiles.load(opened.file.pack)
    if wagelaws.law(pack) is None:  # its answers stay closed
        return None
    forum = str((choices or {}).get("forum") or "agency")
    found = wagelaws.reckoned(pack, opened.answers, opened.on, forum)
    assert found is not None
    return WageClaim(pack, opened.answers, found, opened.on, forum)


def first_choices(claim: WageClaim, names: Mapping[str, Any]) -> dict[str, Any]:
    """Choices to begin with: the careful count, the worker as sender, an answer in two weeks; `names` of the helper."""
    proof = claim.answers.get("proof")
    held = [one for one in proof if one not in ("none", UNSURE)] if isinstance(proof, list) else []
    start = {
        "purpose": CLAIM, "forum": "agency", "count": "low", "include_unverified": "no", "sender": "worker",
        "send_by": "certified", "mail_to": "worker", "represented": "yes", "on_hand": held, **names,
    }  # fmt: skip
    with suppress(CalendarNotSure):  # where nobody knows the holidays that far the choice stays open
        start["answer_by"] = wagepapers.answer_day(claim.on, _calendar(claim.pack)).isoformat()
    return start


def joint_choices(on: date) -> dict[str, Any]:
    """Choices of one letter from several workers: the careful count, nothing unverified, an answer in two weeks."""
    start = {
        "purpose": LETTER,
        "count": "low",
        "include_unverified": "no",
        "sender": "worker",
        "send_by": "certified",
    }
    with suppress(CalendarNotSure):
        calendar = next(iter(wagelaws.packs().values())).calendars.get(CALENDAR)
        start["answer_by"] = wagepapers.answer_day(on, calendar).isoformat()
    return start


def expiries(claim: WageClaim) -> tuple[claims.Expiry, ...]:
    """When which part of the careful count runs out; nothing where nothing is counted."""
    return claims.expiries(claim.found.sheets[0]) if claim.found.claim is not None else ()


def _calendar(pack: RulePack) -> Calendar | None:
    return pack.calendars.get(CALENDAR)


# ── Letters ───────────────────────────────────────────────────────────────────────────────────────────────


def enclosed(claim: WageClaim, plan: PacketPlan) -> Iterator[Enclosure]:
    """The letters of this packet that are a wage claim's own: worksheet, letter (and its copy), proof of sending."""
    sending = Sending(claim.pack, claim.answers, plan.choices, plan.values.get("mail"), plan.on)
    for piece in plan.pieces:
        if piece == Piece("letter", "worksheet"):
            data = wagepapers.worksheet(claim.pack, claim.found, claim.worker, plan.on, claim.forum)
            yield Enclosure("worksheet", "en", data, piece)
        elif piece == Piece("letter", "demand"):
            copy = plan.choices.get("letter_copy")
            for language in ("en", *([str(copy)] if copy else [])):
                yield Enclosure("demand", language, wagepapers.demand(sending, claim.found, language), piece)
        elif piece == Piece("letter", "service"):
            yield Enclosure("service", "en", wagepapers.service(sending), piece)


# ── Before printing ───────────────────────────────────────────────────────────────────────────────────────


def checks(claim: WageClaim, plan: PacketPlan) -> tuple[Check, ...]:
    """What of the count and the letter is in order, must be mended, or is open."""
    count = tuple(_count(claim, plan.choices))
    found = [_check("count", count)]
    if plan.choices.get("purpose") == LETTER:
        found.append(_check("letter", tuple(_letter(claim, plan.choices))))
    return tuple(found)


def _check(key: str, told: tuple[tuple[Outcome, Reason], ...]) -> Check:
    outcomes = [outcome for outcome, _ in told]
    worst = next((one for one in (Outcome.NO, Outcome.NOT_YET_KNOWN) if one in outcomes), Outcome.YES)
    return Check(key, worst, tuple(reason for _, reason in told))


def _count(claim: WageClaim, choices: Mapping[str, Any]) -> Iterator[tuple[Outcome, Reason]]:
    low, high = claim.found.sheets
    taken = wagepapers.taken(claim.found, choices)
    named = wagewords.count_name(taken.sheet)
    if not taken.wages:
        yield Outcome.NO, Reason("nothing_owed")
    if taken.sheet.unverified:
        done = "taken_in" if choices.get("include_unverified") == "yes" else "left_out"
        values = {"amount": wagewords.money(taken.sheet.unverified), "count": named}
        told = {**values, "done": claim.pack.text(f"report_details.{done}", "en")}
        yield Outcome.NOT_YET_KNOWN if done == "taken_in" else Outcome.YES, Reason("unverified", told)
    for left in high.not_computed:
        yield Outcome.NOT_YET_KNOWN, Reason("weeks_left_out", {"told": wagewords.left_out(left)})
    for wrong in claim.found.wrong:
        yield Outcome.NO, Reason("entry_wrong", {"told": wagewords.wrong(wrong)})
    for fact in high.open_facts:
        yield Outcome.NOT_YET_KNOWN, Reason("fact_open", {"fact": fact})
    if low.total != high.total:
        ends = {"low": wagewords.money(low.total), "high": wagewords.money(high.total), "count": named}
        yield Outcome.YES, Reason("ends_differ", ends)
    if high.late:
        yield Outcome.YES, Reason("too_late", {"amount": wagewords.money(high.late)})


def _letter(claim: WageClaim, choices: Mapping[str, Any]) -> Iterator[tuple[Outcome, Reason]]:
    if claim.answers.get("letter_safe") != "yes":
        yield Outcome.NOT_YET_KNOWN, Reason("letter_not_safe")
    if choices.get("sender") == "lawyer":
        yield Outcome.NOT_YET_KNOWN, Reason("lawyer_must_sign")
    for told in wagepapers.left_out_of_letter(claim.pack, choices):
        yield Outcome.YES, Reason("law_left_out", {"told": told})
    yield from _answer_day(claim, choices.get("answer_by"))


def _answer_day(claim: WageClaim, chosen: Any) -> Iterator[tuple[Outcome, Reason]]:
    if not chosen:
        yield Outcome.NOT_YET_KNOWN, Reason("answer_day_open")
        return
    day = date.fromisoformat(str(chosen))
    try:
        following = wagepapers.next_working_day(day, _calendar(claim.pack))
    except CalendarNotSure:
        return  # past what the calendar is sure of nothing can be said
    if following != day:
        told = {"date": wagewords.day(day), "next": wagewords.day(following)}
        yield Outcome.NO, Reason("answer_day_closed", told)
