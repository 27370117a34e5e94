"""Packet revisions and what became of them, per file; several files in one query each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jornada.packets.models import (
    Correction,
    Filing,
    PacketRevision,
    Receipt,
    Review,
    SignOff,
)

if TYPE_CHECKING:
    from jornada.triage.casefiles import OpenFile

_SEALED = ("sealed_values", "sealed_report", "sealed_packet")


def revisions(file_id: UUID) -> list[PacketRevision]:
    """Every revision of a file's packet, newest first, without what is sealed."""
    found = PacketRevision.objects.filter(file_id=file_id).select_related("prepared_by").defer(*_SEALED)
    return list(found.order_by("-number"))


def revision(file_id: UUID, number: int) -> PacketRevision | None:
    """One revision of a file's packet."""
    found = PacketRevision.objects.filter(file_id=file_id, number=number).select_related("prepared_by")
    return found.defer("sealed_packet").first()


def newest(file_id: UUID) -> PacketRevision | None:
    """The newest revision."""
    found = PacketRevision.objects.filter(file_id=file_id).select_related("prepared_by")
    return found.defer("sealed_packet").order_by("-number").first()


def read_values(opened: OpenFile, revision: PacketRevision) -> dict[str, Any]:
    """What was written into the forms, and the choices behind it."""
    place = ("packets_packetrevision", revision.id, "sealed_values")
    return dict(opened.read(*place, revision.sealed_values))


def read_report(opened: OpenFile, revision: PacketRevision) -> list[dict[str, Any]]:
    """The report before printing, as it stood when the revision was prepared."""
    place = ("packets_packetrevision", revision.id, "sealed_report")
    return list(opened.read(*place, revision.sealed_report))


def read_packet(opened: OpenFile, revision: PacketRevision) -> bytes:
    """The merged PDF."""
    place = ("packets_packetrevision", revision.id, "sealed_packet")
    return opened.read_bytes(*place, revision.sealed_packet)


def reviews(file_id: UUID) -> list[Review]:
    """Who has begun to read which revision."""
    return list(Review.objects.filter(file_id=file_id).select_related("reviewer").order_by("recorded_at"))


def corrections(file_id: UUID) -> list[Correction]:
    """Every correction on a file, newest first; `settled` where it is answered."""
    found = Correction.objects.filter(file_id=file_id).select_related("raised_by", "revision", "settled")
    return list(found.defer(*(f"revision__{name}" for name in _SEALED)).order_by("-recorded_at"))


def correction(correction_id: UUID) -> Correction | None:
    """One correction of the current tenant."""
    return Correction.objects.filter(pk=correction_id).select_related("settled").first()


def is_open(correction: Correction) -> bool:
    """Whether nobody has answered it yet."""
    return not hasattr(correction, "settled")


def open_questions(application_id: UUID) -> list[Correction]:
    """The questions that wait for the worker, oldest first. In her own session too."""
    found = Correction.objects.filter(application_id=application_id, settled=None).exclude(question="")
    return list(found.order_by("recorded_at"))


def read_note(opened: OpenFile, correction: Correction) -> str:
    """The note of a correction, for the legal team."""
    return str(opened.read("packets_correction", correction.id, "sealed_note", correction.sealed_note))


def sign_off_of(revision_id: UUID) -> SignOff | None:
    """The approval of this very revision."""
    return SignOff.objects.filter(revision_id=revision_id).select_related("member", "credential").first()


def filing_of(file_id: UUID) -> Filing | None:
    """The newest filing of the file."""
    found = Filing.objects.filter(file_id=file_id).select_related("filed_by", "sign_off")
    return found.order_by("-recorded_at").first()


def read_filing(opened: OpenFile, filing: Filing) -> dict[str, Any]:
    """Where it went, how, and the reason to file on a day the programme was shut."""
    return dict(opened.read("packets_filing", filing.id, "sealed_details", filing.sealed_details))


def receipts(file_id: UUID) -> list[Receipt]:
    """What the agency sent back, oldest first."""
    return list(Receipt.objects.filter(file_id=file_id).order_by("received_on", "recorded_at"))


def read_receipt(opened: OpenFile, receipt: Receipt) -> dict[str, Any]:
    """The receipt's number or the rejection's reason."""
    return dict(opened.read("packets_receipt", receipt.id, "sealed_details", receipt.sealed_details))


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one file's packet has come. Holds records only; what is sealed stays closed."""

    revision: PacketRevision | None = None
    reviewed: Review | None = None
    open_corrections: tuple[Correction, ...] = ()
    signed: SignOff | None = None
    filed: Filing | None = None
    answered: Receipt | None = None


def standings(file_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """How far the packet of each file has come, in six queries however many files."""
    ids = list(file_ids)
    newest_first = PacketRevision.objects.filter(file_id__in=ids).defer(*_SEALED)
    revised = {
        one.file_id: one
        for one in newest_first.select_related("prepared_by")
        .order_by("file_id", "-number")
        .distinct("file_id")
    }
    current = [one.id for one in revised.values()]
    read = {one.revision_id: one for one in Review.objects.filter(revision_id__in=current)}
    signed = {one.revision_id: one for one in SignOff.objects.filter(revision_id__in=current)}
    open_by_file: dict[UUID, list[Correction]] = {}
    for one in Correction.objects.filter(file_id__in=ids, settled=None).order_by("recorded_at"):
        open_by_file.setdefault(one.file_id, []).append(one)
    filed = {one.file_id: one for one in Filing.objects.filter(file_id__in=ids).order_by("recorded_at")}
    answered = {one.file_id: one for one in Receipt.objects.filter(file_id__in=ids).order_by("recorded_at")}
    return {
        file_id: _standing(file_id, revised, read, open_by_file, signed, filed, answered) for file_id in ids
    }


def _standing(
    file_id: UUID,
    revised: dict[UUID, PacketRevision],
    read: dict[UUID, Review],
    open_by_file: dict[UUID, list[Correction]],
    signed: dict[UUID, SignOff],
    filed: dict[UUID, Filing],
    answered: dict[UUID, Receipt],
) -> Standing:
    revision = revised.get(file_id)
    approval = signed.get(revision.id) if revision else None
    filing = filed.get(file_id)
    current = filing is not None and approval is not None and filing.sign_off_id == approval.id
    return Standing(
        revision,
        read.get(revision.id) if revision else None,
        tuple(open_by_file.get(file_id, ())),
        approval,
        filing if current else None,
        answered.get(file_id) if current and answered.get(file_id) else None,
    )


def filed_by_month() -> dict[date, int]:
    """How many packets of the current provider were filed in each month, by the month's first day."""
    days = Filing.objects.filter(what="packet").values_list("filed_on", flat=True)
    return dict(Counter(day.replace(day=1) for day in days))
