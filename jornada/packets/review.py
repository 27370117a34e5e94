"""Reading a revision, asking for corrections, and signing off."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from jornada.coalition import selectors as coalition
from jornada.domain.facts import Outcome
from jornada.domain.rulepacks import RulePack
from jornada.gateways import packfiles
from jornada.packets import selectors
from jornada.packets.models import Correction, CorrectionSettled, PacketRevision, Review, SignOff
from jornada.triage import happenings

if TYPE_CHECKING:
    from uuid import UUID

    from jornada.coalition.models import Member
    from jornada.triage.casefiles import OpenFile

MAY_STAY_OPEN = frozenset({"gate"})
"""Checks whose "no" does not stop the sign-off: filing asks about the gate by itself."""


class CannotReview(ValueError):
    """The act was not recorded; the message says what to do."""


@transaction.atomic
def begin(*, opened: OpenFile, revision: PacketRevision, by: Member) -> Review:
    """That this member has begun to read this revision; once for each reader.

    Reading leaves this mark as it leaves one in the access log: a sign-off asks for it.
    """
    review, _ = Review.objects.get_or_create(
        revision=revision,
        reviewer=by,
        defaults={"provider_id": revision.provider_id, "file_id": revision.file_id},
    )
    return review


@transaction.atomic
def correct(
    *, opened: OpenFile, revision: PacketRevision, question: str, note: str, by: Member
) -> Correction:
    """One thing to mend: a question of the pack that goes back to the worker, or a note to the preparer.

    CannotReview for a question the pack does not have, a note without words, and
    for a revision that is no longer the newest.
    """
    _refuse_older(revision)
    if question and question not in packfiles.load(opened.file.pack).question_by_id:
        raise CannotReview(f"There is no question {question} in this pack. Choose one from the list.")
    if not question and not note.strip():
        raise CannotReview("Write what the preparer should change, or choose a question for the worker.")
    row = uuid.uuid4()
    record = Correction.objects.create(
        id=row,
        provider_id=revision.provider_id,
        revision=revision,
        file_id=revision.file_id,
        application_id=opened.file.application_id,
        question=question,
        raised_by=by,
        sealed_note=opened.seal("packets_correction", row, "sealed_note", note.strip()),
    )
    if question:
        happenings.tell("question", file=opened.file, on=opened.on)
    return record


@transaction.atomic
def settle(*, correction: Correction, answers_revision: int) -> CorrectionSettled:
    """The correction answered: by the worker's new answers, or by the preparer's mending."""
    record, _ = CorrectionSettled.objects.get_or_create(
        correction=correction,
        defaults={
            "provider_id": correction.provider_id,
            "file_id": correction.file_id,
            "application_id": correction.application_id,
            "answers_revision": answers_revision,
        },
    )
    return record


def hindrances(opened: OpenFile, revision: PacketRevision, by: Member) -> list[str]:
    """What stands between this revision and this member's sign-off, each with its mend; empty: nothing."""
    found = []
    newest = selectors.newest(revision.file_id)
    if newest is None or newest.number != revision.number:
        found.append("A newer revision has been prepared. Review and sign that one.")
    if opened.revision != revision.answers_revision:
        found.append("The worker's answers changed after this revision was prepared. Prepare a new revision.")
    waiting = [one for one in selectors.corrections(revision.file_id) if selectors.is_open(one)]
    if waiting:
        found.append(f"{_count(len(waiting), 'correction')} not settled yet.")
    if not Review.objects.filter(revision=revision, reviewer=by).exists():
        found.append("You have not opened this revision for review. Read it side by side first.")
    credential = coalition.signing_credential(by.id, opened.on)
    sender = selectors.read_values(opened, revision)["choices"].get("sender")
    if sender == "lawyer" and (credential is None or credential.kind != "attorney"):
        found.append(
            "This is a lawyer's letter: an attorney signs it off. The worker may send it in her own name instead."
        )
    if credential is None:
        found.append(
            "You have no verified credential in force today. A member with one signs, or two members verify"
            " yours (Team)."
        )
    found += [f"The report before printing says no: {name}." for name in _failed(opened, revision)]
    return found


@transaction.atomic
def sign_off(*, opened: OpenFile, revision: PacketRevision, by: Member, stepped_up_at: datetime) -> SignOff:
    """Approval of this very revision by a credentialed member who just gave a second factor again.

    CannotReview lists everything that stands in the way.
    """
    if selectors.sign_off_of(revision.id) is not None:
        raise CannotReview("This revision is signed off already.")
    if wrong := hindrances(opened, revision, by):
        raise CannotReview(" ".join(wrong))
    credential = coalition.signing_credential(by.id, opened.on)
    assert credential is not None  # its lack is a hindrance
    record = SignOff.objects.create(
        provider_id=revision.provider_id,
        revision=revision,
        file_id=revision.file_id,
        member=by,
        credential=credential,
        stepped_up_at=stepped_up_at,
    )
    happenings.tell("signed_off", file=opened.file, on=opened.on, opened=opened, by=by)
    return record


def _refuse_older(revision: PacketRevision) -> None:
    newest = selectors.newest(revision.file_id)
    if newest is not None and newest.number != revision.number:
        raise CannotReview(
            f"{newest.prepared_by.display_name} prepared revision {newest.number} while you read revision"
            f" {revision.number}. Your note is kept below: open the new revision and raise it there."
        )


def _failed(opened: OpenFile, revision: PacketRevision) -> list[str]:
    return [
        str(check.get("title") or check["key"]).replace("_", " ")
        for check in selectors.read_report(opened, revision)
        if check["outcome"] == Outcome.NO.value and check["key"] not in MAY_STAY_OPEN
    ]


def _count(number: int, word: str) -> str:
    return f"{number} {word} is" if number == 1 else f"{number} {word}s are"


def question_about(opened: OpenFile, fact: str) -> str:
    """The id of the question that asks for this fact; empty where the pack asks it nowhere."""
    pack = packfiles.load(opened.file.pack)
    return next((question.id for question in pack.questions if fact in question.asks), "")


def _ask(pack: RulePack, question: str) -> str:
    return pack.text(f"questions.{question}.ask", "en") if question in pack.question_by_id else ""


def notes(opened: OpenFile, file_id: UUID) -> list[dict[str, Any]]:
    """Every correction with its note opened and its question in words, newest first."""
    pack = packfiles.load(opened.file.pack)
    return [
        {
            "record": one,
            "open": selectors.is_open(one),
            "note": selectors.read_note(opened, one),
            "ask": pack.text(f"questions.{one.question}.ask", "en")
            if one.question in pack.question_by_id
            else "",
        }
        for one in selectors.corrections(file_id)
    ]
