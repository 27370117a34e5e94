"""A signed-off revision sent to the agency, and what came back."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from jornada.coalition import selectors as coalition
from jornada.domain import packets as rules
from jornada.domain.facts import Outcome
from jornada.gateways import packfiles
from jornada.packets import selectors
from jornada.packets.models import Filing, PacketRevision, Receipt
from jornada.triage import happenings

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.triage.casefiles import OpenFile

METHODS = {"mail": "By mail", "courier": "By courier", "online": "Online", "in_person": "In person"}
SHORTEST_REASON = 20


class CannotFile(ValueError):
    """No filing was recorded; the message says what to do."""


def gate(opened: OpenFile, on: date) -> Outcome:
    """Whether the programme is shut on that day: yes, no, or not yet known past the last confirmed day."""
    pack = packfiles.load(opened.file.pack)
    return rules.plan(pack, opened.answers, on, {}).gate


@transaction.atomic
def file(
    *,
    opened: OpenFile,
    revision: PacketRevision,
    filed_on: date,
    method: str,
    sent_to: str,
    tracking_number: str,
    reason_all_the_same: str,
    by: Member,
) -> Filing:
    """Record that the signed-off revision was sent.

    CannotFile without a sign-off, for a day to come, for a revision filed before.
    Unless the programme is surely open that day only an attorney may record it, with a reason.
    """
    sign_off = selectors.sign_off_of(revision.id)
    if sign_off is None:
        raise CannotFile("This revision is not signed off. A member with a credential signs it first.")
    newest = selectors.newest(revision.file_id)
    if newest is not None and newest.number != revision.number:
        raise CannotFile(f"Revision {newest.number} is newer. Have it reviewed and signed, then file it.")
    if Filing.objects.filter(sign_off=sign_off).exists():
        raise CannotFile("This revision was filed already. Prepare a new revision to file again.")
    if filed_on > opened.on:
        raise CannotFile(f"{filed_on:%B %-d, %Y} is yet to come. Record the filing on the day it is sent.")
    against_gate = gate(opened, filed_on) is not Outcome.NO
    if against_gate:
        _refuse_unless_attorney_decided(by, opened.on, reason_all_the_same)
    row = uuid.uuid4()
    details = {"sent_to": sent_to, "tracking_number": tracking_number, "reason": reason_all_the_same.strip()}
    record = Filing.objects.create(
        id=row,
        provider_id=revision.provider_id,
        sign_off=sign_off,
        file_id=revision.file_id,
        filed_on=filed_on,
        filed_by=by,
        method=method,
        what=_what(opened, revision),
        against_gate=against_gate,
        sealed_details=opened.seal("packets_filing", row, "sealed_details", details),
    )
    happenings.tell("filed", file=opened.file, on=opened.on, about_on=filed_on, opened=opened, by=by)
    return record


def _what(opened: OpenFile, revision: PacketRevision) -> str:
    """What was sent: a wage claim's letter or claim, by the choice it was prepared with; else a packet."""
    return str(selectors.read_values(opened, revision)["choices"].get("purpose") or "packet")


def _refuse_unless_attorney_decided(by: Member, on: date, reason: str) -> None:
    credential = coalition.signing_credential(by.id, on)
    if credential is None or credential.kind != "attorney":
        raise CannotFile(
            "The programme is not open to filings on that day: do not file. Only an attorney with a verified"
            " credential may decide otherwise, in writing."
        )
    if len(reason.strip()) < SHORTEST_REASON:
        raise CannotFile(
            "The programme is not open to filings on that day. To file all the same, write the attorney's"
            f" reason (at least {SHORTEST_REASON} characters)."
        )


@transaction.atomic
def receive(
    *, opened: OpenFile, filing: Filing, kind: str, received_on: date, number: str, note: str, by: Member
) -> Receipt:
    """Record a receipt or a rejection. CannotFile for a day before the filing or to come."""
    if not filing.filed_on <= received_on <= opened.on:
        raise CannotFile(
            f"The notice cannot be of {received_on:%B %-d, %Y}: the packet was filed on"
            f" {filing.filed_on:%B %-d, %Y} and today is {opened.on:%B %-d, %Y}."
        )
    row = uuid.uuid4()
    record = Receipt.objects.create(
        id=row,
        provider_id=filing.provider_id,
        filing=filing,
        file_id=filing.file_id,
        kind=kind,
        received_on=received_on,
        sealed_details=opened.seal(
            "packets_receipt", row, "sealed_details", {"number": number.strip(), "note": note.strip()}
        ),
    )
    happenings.tell(kind, file=opened.file, on=opened.on, about_on=received_on, opened=opened, by=by)
    return record
