"""Applications as people make them: answers by revision, what was released at consent."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from jornada.vault.records import ProviderRecord, Record


class Application(Record):
    """One person's request under one pack. Holds no name and no answer."""

    pack = models.CharField(max_length=60)
    language = models.CharField(max_length=12)
    cohort_id = models.UUIDField(null=True, blank=True)
    helped_by = models.UUIDField(null=True, blank=True, help_text="The provider whose member sits beside her")
    last_saved_on = models.DateField()

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "pack", "language", "cohort_id", "helped_by", "last_saved_on"], "P1"
    )
    purpose = "Carrying one request from the first question to its end"
    keep = "14 days without consent; then as the provider's file"


class ApplicationRecord(Record):
    """A record of one application; its row belongs to the worker's own session."""

    application_id = models.UUIDField(db_index=True)

    class Meta:
        abstract = True


class Answer(ApplicationRecord):
    """One page of answers, as given; never overwritten. Opened only with the worker's own key."""

    sequence = models.PositiveIntegerField()
    section = models.CharField(max_length=40)
    sealed_answer = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "application_id", "sequence", "section"], "P1"),
        "sealed_answer": "P3",
    }
    purpose = "What was said and when"
    keep = Application.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application_id", "sequence"], name="answers_in_order")
        ]


class Draft(ApplicationRecord):
    """The answers of one section as they stand, so that a step reads and writes one row."""

    section = models.CharField(max_length=40)
    sealed_answers = models.BinaryField()
    version = models.PositiveIntegerField(default=1)

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "application_id", "section", "version"], "P1"),
        "sealed_answers": "P3",
    }
    purpose = "Asking the next question without reading every answer again"
    keep = Application.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application_id", "section"], name="one_draft_a_section")
        ]


class AnswerSet(ApplicationRecord):
    """The answers of one section at one revision, frozen when the worker hands them over."""

    revision = models.PositiveIntegerField()
    section = models.CharField(max_length=40)
    pack_fingerprint = models.CharField(max_length=64)
    sealed_answers = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ["id", "recorded_at", "application_id", "revision", "section", "pack_fingerprint"], "P1"
        ),
        "sealed_answers": "P3",
    }
    purpose = "What the provider works from"
    keep = "the provider's published schedule"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application_id", "revision", "section"], name="one_set_a_revision_and_section"
            )
        ]


class CaseFile(ProviderRecord):
    """A provider's file on one application, opened when the worker's consent reaches it."""

    application_id = models.UUIDField()
    number = models.PositiveIntegerField(help_text="Counts within the provider; what people say aloud")
    pack = models.CharField(max_length=60)
    sealed_contact = models.BinaryField(help_text="Name, phone, language, as released; provider key")

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "application_id", "number", "pack"], "P1"),
        "sealed_contact": "P2",
    }
    purpose = "One place for all that a provider records on one application"
    keep = "the provider's published schedule"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "application_id"], name="one_file_an_application"),
            models.UniqueConstraint(fields=["provider", "number"], name="file_numbers_within_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.number:04}"


class PlacementCard(ProviderRecord):
    """What the worker released for matching and reminders; read by automation instead of answers."""

    file = models.ForeignKey(CaseFile, models.PROTECT, related_name="cards", db_constraint=False)
    revision = models.PositiveIntegerField()
    sealed_card = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "file", "revision"], "P1"),
        "sealed_card": "P2",
    }
    purpose = "Matching without reading answers"
    keep = CaseFile.keep

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "revision"], name="one_card_a_revision")]


class PartyIndex(ProviderRecord):
    """A name or telephone of a file as a blind index: found by those who already know it, readable by nobody."""

    file = models.ForeignKey(CaseFile, models.PROTECT, related_name="+", db_constraint=False)
    field = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=16)

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "file", "field"], "P1"),
        "digest": "P2",
    }
    purpose = "Conflicts of interest and double files, without names in clear"
    keep = CaseFile.keep

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "field", "digest"], name="one_key_a_file")]
        indexes = [models.Index(fields=["digest"], name="intake_party_digest")]


class ReferralConsent(ProviderRecord):
    """Whether the worker lets this provider ask others of the coalition, without her name. The newest counts."""

    file = models.ForeignKey(CaseFile, models.PROTECT, related_name="+", db_constraint=False)
    application_id = models.UUIDField()
    allowed = models.BooleanField()

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "file", "application_id", "allowed"], "P1"
    )
    purpose = "Asking others only as far as the worker agreed"
    keep = CaseFile.keep


class OrganiserCard(ProviderRecord):
    """What a worker lets an organiser see: written field by field at consent, never filtered from answers."""

    application_id = models.UUIDField()
    cohort_id = models.UUIDField(null=True, blank=True)
    until = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    sealed_card = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ["id", "recorded_at", "provider", "application_id", "cohort_id", "until", "withdrawn_at"], "P1"
        ),
        "sealed_card": "P2",
    }
    purpose = "Calling, and helping people to their appointment"
    keep = "until the worker's end date"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "application_id"], name="one_card_an_organiser")
        ]


class OrganiserNotice(ProviderRecord):
    """A later word for the organiser: appointment, what to bring. Appended, never edited."""

    application_id = models.UUIDField()
    kind = models.CharField(max_length=24)
    sealed_notice = models.BinaryField()
    bring = ArrayField(models.CharField(max_length=40), default=list)

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "application_id", "kind", "bring"], "P1"),
        "sealed_notice": "P2",
    }
    purpose = OrganiserCard.purpose
    keep = OrganiserCard.keep
