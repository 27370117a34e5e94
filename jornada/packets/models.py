"""From answers to an accepted filing: packet revisions, review, corrections, sign-off, filing, receipt."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from jornada.vault.records import ProviderRecord


class PacketRevision(ProviderRecord):
    """Everything to be filed together, frozen: values, editions, the printed packet and its report."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    number = models.PositiveIntegerField()
    answers_revision = models.PositiveIntegerField()
    prepared_on = models.DateField()
    prepared_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    pack_fingerprint = models.CharField(max_length=64)
    editions = models.JSONField(default=dict)
    pages = models.PositiveIntegerField()
    sealed_values = models.BinaryField()
    sealed_report = models.BinaryField()
    sealed_packet = models.BinaryField(help_text="The merged PDF")

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            [
                "id", "recorded_at", "provider", "file", "number", "answers_revision", "prepared_on",
                "prepared_by", "pack_fingerprint", "editions", "pages",
            ],
            "P1",
        ),
        "sealed_values": "P3",
        "sealed_report": "P3",
        "sealed_packet": "P3",
    }  # fmt: skip
    purpose = "What was prepared, exactly"
    keep = "with the file"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="packet_revisions_in_order")]


class Review(ProviderRecord):
    """A reviewer's reading of one revision, begun."""

    revision = models.ForeignKey(PacketRevision, models.PROTECT, related_name="reviews", db_constraint=False)
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    reviewer = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "revision", "file", "reviewer"], "P1"
    )
    purpose = "Who read what"
    keep = "with the file"


class Correction(ProviderRecord):
    """What must change: one question that goes back to the worker, or a note to the preparer."""

    revision = models.ForeignKey(
        PacketRevision, models.PROTECT, related_name="corrections", db_constraint=False
    )
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    application_id = models.UUIDField()
    question = models.CharField(
        max_length=40, blank=True, help_text="Id in the pack; empty: for the preparer"
    )
    raised_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    sealed_note = models.BinaryField(help_text="For the legal team; file key")

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ["id", "recorded_at", "provider", "revision", "file", "application_id", "question", "raised_by"],
            "P1",
        ),
        "sealed_note": "P4",
    }
    purpose = "Mending one thing without asking everything again"
    keep = "with the file"


class CorrectionSettled(ProviderRecord):
    """A correction answered: by the worker's new answer or by the preparer."""

    correction = models.OneToOneField(Correction, models.PROTECT, related_name="settled", db_constraint=False)
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    application_id = models.UUIDField()
    answers_revision = models.PositiveIntegerField()

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "correction", "file", "application_id", "answers_revision"], "P1"
    )
    purpose = Correction.purpose
    keep = "with the file"


class SignOff(ProviderRecord):
    """Approval of one revision by a credentialed member, with a fresh second factor."""

    revision = models.OneToOneField(
        PacketRevision, models.PROTECT, related_name="sign_off", db_constraint=False
    )
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    member = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    credential = models.ForeignKey(
        "coalition.Credential", models.PROTECT, related_name="+", db_constraint=False
    )
    stepped_up_at = models.DateTimeField()

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "revision", "file", "member", "credential", "stepped_up_at"], "P1"
    )
    purpose = "A person with a credential decides"
    keep = "with the file"


class Filing(ProviderRecord):
    """A signed-off revision sent."""

    sign_off = models.OneToOneField(SignOff, models.PROTECT, related_name="filing", db_constraint=False)
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    filed_on = models.DateField()
    filed_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    method = models.CharField(max_length=24)
    what = models.CharField(
        max_length=16, default="packet", help_text="packet, agency_claim or demand_letter"
    )
    against_gate = models.BooleanField(
        default=False, help_text="The programme was shut that day; an attorney decided to file, with a reason"
    )
    sealed_details = models.BinaryField(
        help_text="Where to, tracking number, reason to file all the same; file key"
    )

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            [
                "id",
                "recorded_at",
                "provider",
                "sign_off",
                "file",
                "filed_on",
                "filed_by",
                "method",
                "what",
                "against_gate",
            ],
            "P1",
        ),
        "sealed_details": "P3",
    }
    purpose = "Proof of filing"
    keep = "with the file"


class Receipt(ProviderRecord):
    """What the agency sent back: a receipt or a rejection."""

    filing = models.ForeignKey(Filing, models.PROTECT, related_name="receipts", db_constraint=False)
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=12, choices=[("receipt", "receipt"), ("rejection", "rejection")])
    received_on = models.DateField()
    sealed_details = models.BinaryField(help_text="Receipt number, reason of rejection; file key")

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "filing", "file", "kind", "received_on"], "P1"),
        "sealed_details": "P3",
    }
    purpose = "Knowing where a filing stands"
    keep = "with the file"
