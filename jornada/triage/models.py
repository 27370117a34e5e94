"""What the rules say about a file on a day, and what a person decided."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from jornada.vault.records import ProviderRecord


class Assessment(ProviderRecord):
    """Findings of one pack over one revision of answers on one day."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    answers_revision = models.PositiveIntegerField()
    assessed_on = models.DateField()
    pack = models.CharField(max_length=60)
    pack_fingerprint = models.CharField(max_length=64)
    assessed_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    sealed_findings = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            [
                "id", "recorded_at", "provider", "file", "answers_revision", "assessed_on", "pack",
                "pack_fingerprint", "assessed_by",
            ],
            "P1",
        ),
        "sealed_findings": "P3",
    }  # fmt: skip
    purpose = "Conclusions with their reasons, as they stood"
    keep = "with the file"


class TriageDecision(ProviderRecord):
    """The track a person set; the rules' proposal is in the assessment. An overruling is a new decision."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="decisions", db_constraint=False)
    decided_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    decided_on = models.DateField()
    overrules = models.BooleanField(default=False)
    only_proposed = models.BooleanField(
        default=False, help_text="By a member without a credential: waits for one who has it"
    )
    sealed_decision = models.BinaryField(help_text="track, delivery, level, level of service; provider key")
    sealed_reason = models.BinaryField(help_text="In the member's own words; file key")

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            [
                "id",
                "recorded_at",
                "provider",
                "file",
                "assessment",
                "decided_by",
                "decided_on",
                "overrules",
                "only_proposed",
            ],
            "P1",
        ),
        "sealed_decision": "P2",
        "sealed_reason": "P4",
    }
    purpose = "A person with a credential decides"
    keep = "with the file"
