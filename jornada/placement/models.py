"""Finding each person a place: proposals with reasons, placements, clinic appointments."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from jornada.vault.records import ProviderRecord


class MatchRun(ProviderRecord):
    """One run of the matcher: what it saw, with which seed, what it proved."""

    run_on = models.DateField()
    seed = models.PositiveIntegerField()
    run_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    figures = models.JSONField(default=dict)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "run_on", "seed", "run_by", "figures"], "P1"
    )
    purpose = "Repeating and explaining a match"
    keep = "3 years"


class Proposal(ProviderRecord):
    """A suggested match, or the reasons why there is none. Not yet offered."""

    run = models.ForeignKey(MatchRun, models.PROTECT, related_name="proposals", db_constraint=False)
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    advocate = models.ForeignKey(
        "coalition.Member", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    clinic_day = models.ForeignKey(
        "placement.ClinicDay", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    sealed_reasons = models.BinaryField(
        help_text="Reasons, and for no match what would change it; provider key"
    )

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "run", "file", "advocate", "clinic_day"], "P1"),
        "sealed_reasons": "P2",
    }
    purpose = "Showing why, and why not"
    keep = "3 years"


class ClinicDay(ProviderRecord):
    """One event: place, date, seats."""

    name = models.CharField(max_length=120)
    held_on = models.DateField()
    place = models.CharField(max_length=160)
    opens_at = models.TimeField()
    closes_at = models.TimeField()
    minutes_each = models.PositiveSmallIntegerField(default=60)
    seats = models.PositiveSmallIntegerField(help_text="People seen at the same time")
    languages = ArrayField(models.CharField(max_length=12), default=list, help_text="Spoken at the tables")
    supervised_by = models.ForeignKey(
        "coalition.Member", models.PROTECT, related_name="+", null=True, db_constraint=False
    )

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "name", "held_on", "place", "opens_at", "closes_at",
            "minutes_each", "seats", "languages", "supervised_by",
        ],
        "P1",
    )  # fmt: skip
    purpose = "Running clinic days"
    keep = "3 years"

    def __str__(self) -> str:
        return f"{self.name}, {self.held_on:%Y-%m-%d}"


class Placement(ProviderRecord):
    """A file in somebody's hands: full scope with an advocate, or limited scope at a clinic day."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="+", null=True, db_constraint=False)
    advocate = models.ForeignKey(
        "coalition.Member", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    scope = models.CharField(max_length=16, choices=[("full", "full"), ("limited", "limited")])
    placed_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    placed_on = models.DateField()

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "file", "proposal", "advocate", "scope", "placed_by",
            "placed_on",
        ],
        "P1",
    )  # fmt: skip
    purpose = "Who waits on whom"
    keep = "with the file"


class Appointment(ProviderRecord):
    """A seat at a clinic day for one file."""

    clinic_day = models.ForeignKey(
        ClinicDay, models.PROTECT, related_name="appointments", db_constraint=False
    )
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="appointments", db_constraint=False)
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    starts_at = models.TimeField()
    seat = models.PositiveSmallIntegerField()

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "clinic_day", "placement", "file", "starts_at", "seat"], "P1"
    )
    purpose = ClinicDay.purpose
    keep = ClinicDay.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic_day", "starts_at", "seat"], name="one_person_a_seat"),
            models.UniqueConstraint(fields=["clinic_day", "file"], name="one_appointment_a_clinic_day"),
        ]
