"""Referrals: offered, asked about, accepted or declined, contact made, outcome told back; and those outside the hub.

An offer shows the receiver a card without a name, and only where the worker let this provider ask others. The
receiver reads answers once the worker shares them with it herself. Every clock is a day on the step before.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from jornada.coalition import selectors as coalition
from jornada.domain.calendars import Calendar, CalendarNotSure
from jornada.gateways import packfiles
from jornada.intake import selectors as intake
from jornada.intake.happenings import happened as worker_acts
from jornada.placement import matching, selectors
from jornada.placement.models import OutsideReferral, Referral, ReferralCard, ReferralStep
from jornada.triage import casefiles, happenings
from jornada.triage import selectors as triage
from jornada.vault import crypto, keys
from jornada.vault.crypto import Place

if TYPE_CHECKING:
    from jornada.coalition.models import Member, Provider
    from jornada.intake.models import CaseFile

DECLINED = {
    "no_place": "no place free now",
    "not_our_work": "not the kind of case we take",
    "not_our_area": "outside the area we serve",
    "no_language": "nobody here speaks the language",
    "funding": "our funding does not allow it",
    "conflict": "a conflict, or we may not say why",
    "too_late": "too late for the deadline",
}
"""Reasons to decline: short, so that a decline tells nothing of anybody else's client."""
ASKED = {
    "deadline": "When is the next deadline?",
    "scope": "Which part of the work is asked for?",
    "done": "What has been done so far?",
    "documents": "Which papers are there?",
    "interpreter": "Does somebody interpret?",
    "safety": "Is there anything to mind when calling?",
}
"""What a receiver may ask; the sender answers in the next revision of the card."""
OUTCOMES = {
    "advice_given": "advice was given",
    "limited_done": "the agreed part is done",
    "represents": "takes the whole case",
    "sent_on": "sent on to somebody else",
    "not_reached": "the worker could not be reached",
    "worker_declined": "the worker chose otherwise",
}
ANSWER_DAYS, CONTACT_DAYS, OUTCOME_DAYS = 3, 5, 60
"""Working days to answer an offer and to speak with the worker; days until an outcome is asked for."""
CARD_FACTS = ("scope", "level", "languages", "place", "deadline_on", "brings_interpreter")
LINK_DAYS, MOST_TRIES = 14, 5
CALENDAR = "us-federal"


class CannotRefer(ValueError):
    """Nothing was recorded; the message says what to do."""


# ── Offering ──────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def offer(*, file: CaseFile, to: Provider, note: str, by: Member, on: date) -> Referral:
    """The file offered to another provider, with a card that names nobody.

    CannotRefer where the worker did not let us ask others, before the track is decided, for one's own
    provider, and while an offer to the same provider is open.
    """
    if not intake.may_refer(file):
        raise CannotRefer(
            "The worker has not said that others may be asked. Ask her: she can allow it on her own page."
        )
    decision = triage.decision_in_force(file.id)
    if decision is None:
        raise CannotRefer(
            "Nobody with a credential has decided this file's track yet. Decide first, then refer."
        )
    if to.pk == file.provider_id:
        raise CannotRefer("This is your own organization. Place the file with an advocate instead.")
    if any(one.referral.to_provider_id == to.pk and one.open for one in selectors.referrals_of(file.id, on)):
        raise CannotRefer(f"An offer to {to.name} is open already. Wait for its answer, or take it back.")
    track = triage.read_track(file, decision)
    record = Referral.objects.create(
        provider_id=file.provider_id, to_provider=to, file=file, application_id=file.application_id, offered_by=by,
        offered_on=on, answer_by=working_days(on, ANSWER_DAYS), scope=matching.need(file, track),
    )  # fmt: skip
    facts = {name: casefiles.card(file).get(name) for name in CARD_FACTS}
    _card(
        record,
        1,
        {**facts, "scope": record.scope, "level": track.level, "pack": file.pack, "note": note.strip()},
    )
    return record


def _card(record: Referral, revision: int, card: Mapping[str, Any]) -> ReferralCard:
    row = ReferralCard(id=uuid4(), provider_id=record.provider_id, referral=record, revision=revision)
    row.sealed_card = keys.seal_between(dict(card), selectors.referral_card_place(row))
    row.save(force_insert=True)
    return row


def working_days(on: date, days: int) -> date:
    """So many working days on; plain days where the calendar does not reach that far."""
    calendar: Calendar | None = next(
        (pack.calendars[CALENDAR] for pack in _packs() if CALENDAR in pack.calendars), None
    )
    try:
        return calendar.shifted(on, days) if calendar else on + timedelta(days=days)
    except CalendarNotSure:
        return on + timedelta(days=days + 2 * (days // 5 + 1))


def _packs() -> list[Any]:
    return [packfiles.load(name) for name in packfiles.available()]


# ── What follows ──────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def accept(*, referral: Referral, by: Member, on: date) -> ReferralStep:
    """The receiver takes it, if the worker shares with it; she is told, and asked by her own page."""
    _must_be(referral, by.provider_id, on, ("offered", "asked", "answered"))
    return _step(referral, by, "accepted", on, due_on=working_days(on, CONTACT_DAYS))


@transaction.atomic
def decline(*, referral: Referral, reason: str, by: Member, on: date) -> ReferralStep:
    """The receiver declines, with a reason from the list; the file waits for a match again."""
    _must_be(referral, by.provider_id, on, ("offered", "asked", "answered"))
    if reason not in DECLINED:
        raise CannotRefer("Choose a reason from the list.")
    return _step(referral, by, "declined", on, reason)


@transaction.atomic
def ask(*, referral: Referral, question: str, by: Member, on: date) -> ReferralStep:
    """The receiver asks one thing; the clock waits for the sender."""
    _must_be(referral, by.provider_id, on, ("offered", "answered"))
    if question not in ASKED:
        raise CannotRefer("Choose a question from the list.")
    return _step(referral, by, "asked", on, question, due_on=working_days(on, ANSWER_DAYS))


@transaction.atomic
def answer(*, referral: Referral, note: str, by: Member, on: date) -> ReferralStep:
    """The sender answers in a new revision of the card; the receiver's clock begins again."""
    if referral.provider_id != by.provider_id:
        raise CannotRefer("Only the organization that offered the file can answer.")
    state = selectors.referral_state(referral, on)
    if state.now != "asked":
        raise CannotRefer("Nothing is asked at the moment.")
    if not note.strip():
        raise CannotRefer("Write the answer, without the worker's name.")
    newest = selectors.referral_card(referral)
    _card(referral, newest.revision + 1, {**selectors.read_referral_card(newest), "answer": note.strip()})
    return _step(referral, by, "answered", on, due_on=working_days(on, ANSWER_DAYS))


@transaction.atomic
def take_back(*, referral: Referral, by: Member, on: date) -> ReferralStep:
    """The sender takes an open offer back; the file waits for a match again."""
    if referral.provider_id != by.provider_id:
        raise CannotRefer("Only the organization that offered the file can take it back.")
    if not selectors.referral_state(referral, on).open:
        raise CannotRefer("This referral is closed already.")
    return _step(referral, by, "taken_back", on)


@transaction.atomic
def contacted(*, referral: Referral, by: Member, on: date) -> ReferralStep:
    """A warm handoff is done: the receiver has spoken with the worker."""
    _must_be(referral, by.provider_id, on, ("shared",))
    return _step(referral, by, "contacted", on, due_on=on + timedelta(days=OUTCOME_DAYS))


@transaction.atomic
def close(*, referral: Referral, outcome: str, by: Member, on: date) -> ReferralStep:
    """The outcome, told back to the sender from a list."""
    _must_be(referral, by.provider_id, on, ("accepted", "shared", "contacted"))
    if outcome not in OUTCOMES:
        raise CannotRefer("Choose an outcome from the list.")
    return _step(referral, by, "outcome", on, outcome)


def _must_be(referral: Referral, provider_id: UUID, on: date, allowed: tuple[str, ...]) -> None:
    if referral.to_provider_id != provider_id:
        raise CannotRefer("Only the organization to which the file was offered can do this.")
    now = selectors.referral_state(referral, on).now
    if now not in allowed:
        raise CannotRefer(f"This referral is {now.replace('_', ' ')}: that step is not open any more.")


def _step(
    referral: Referral, by: Member, kind: str, on: date, reason: str = "", due_on: date | None = None
) -> ReferralStep:
    step = ReferralStep.objects.create(
        provider_id=by.provider_id,
        referral=referral,
        kind=kind,
        reason=reason,
        on_day=on,
        due_on=due_on,
        taken_by=by,
    )
    happenings.referral_moved.send(sender=kind, referral=referral, kind=kind, on=on)
    return step


# ── What the worker does ──────────────────────────────────────────────────────────────────────────────────


def follow_worker(sender: Any, **act: Any) -> None:
    """Her sharing with the receiver completes an accepted referral; taking consent back shows to both sides."""
    for referral in Referral.objects.filter(application_id=act["application_id"]):
        state = selectors.referral_state(referral, act["on"])
        file = act["file"]
        shared = act["kind"] == "shared" and file is not None and file.provider_id == referral.to_provider_id
        if shared and state.now == "accepted":
            _worker_step(referral, "shared", act["on"], working_days(act["on"], CONTACT_DAYS))
        elif act["kind"] == "withdrawn" and state.open:
            _worker_step(referral, "consent_ended", act["on"])


def _worker_step(referral: Referral, kind: str, on: date, due_on: date | None = None) -> None:
    ReferralStep.objects.create(
        provider_id=referral.to_provider_id, referral=referral, kind=kind, on_day=on, due_on=due_on
    )


def listen() -> None:
    """Follow what workers do from now on."""
    worker_acts.connect(follow_worker, dispatch_uid="placement.referrals")


# ── Outside the hub ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Link:
    """What is shown once: the link's token and the PIN that goes by another way."""

    record: OutsideReferral
    token: str = ""
    pin: str = ""


@transaction.atomic
def refer_outside(
    *, file: CaseFile, organization: str, agreed_on: date, need: str, by: Member, on: date
) -> Link:
    """A page for an organization outside the hub: opens once, within two weeks, with a PIN told by another way.

    It holds the worker's name, telephone and language and the need in a few words: what she agreed to on that day.
    """
    if agreed_on > on:
        raise CannotRefer("The day on which the worker agreed is yet to come. Ask her first.")
    if not organization.strip() or not need.strip():
        raise CannotRefer("Name the organization and write in a few words what help is asked for.")
    token, pin, salt = secrets.token_urlsafe(24), f"{secrets.randbelow(10**6):06}", secrets.token_bytes(16)
    row = uuid4()
    contact = casefiles.contact(file)
    page = {
        "name": contact.get("name"), "phone": contact.get("phone"), "language": contact.get("language"),
        "need": need.strip(), "from": by.provider.name, "from_phone": by.provider.phone, "by": by.display_name,
    }  # fmt: skip
    sealed = crypto.seal_json(_outside_key(token, pin, salt), page, _outside_place(row))
    record = OutsideReferral.objects.create(
        id=row, provider_id=file.provider_id, file=file, organization=organization.strip(), made_by=by, made_on=on,
        worker_agreed_on=agreed_on, expires_on=on + timedelta(days=LINK_DAYS), token_hash=_hash(token), salt=salt,
        sealed_page=sealed,
    )  # fmt: skip
    return Link(record, token, pin)


class LinkClosed(LookupError):
    """The link was used, has ended, was never there, or had too many wrong PINs."""


class WrongPin(ValueError):
    """The PIN is not this link's; so many tries are left."""

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} tries left")
        self.left = left


def open_outside(token: str, pin: str, on: date) -> dict[str, Any]:
    """The page behind a link, this once; its sealed copy is gone afterwards. LinkClosed or WrongPin otherwise.

    No tenant: whoever holds link and PIN. The database counts the tries.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM placement_outside_try(%s, %s, %s)", [_hash(token), on, MOST_TRIES])
        found = cursor.fetchone()
    if found is None or found[0] is None:
        raise LinkClosed
    row, salt, sealed, left = found
    try:
        page = crypto.unseal_json(_outside_key(token, pin.strip(), bytes(salt)), sealed, _outside_place(row))
    except crypto.SealBroken:
        raise WrongPin(left) from None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT placement_outside_opened(%s)", [_hash(token)])
        (first,) = cursor.fetchone()
    if not first:
        raise LinkClosed  # somebody else opened it in the same moment
    return dict(page)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _outside_key(token: str, pin: str, salt: bytes) -> bytes:
    return crypto.slow_key(f"{token}/{pin}", salt)


def _outside_place(row: UUID) -> Place:
    return Place("outside", "placement_outsidereferral", row, "sealed_page")


def providers_to_ask(file: CaseFile) -> list[Provider]:
    """Other legal providers of the coalition, by name."""
    return [one for one in coalition.legal_providers() if one.pk != file.provider_id]
