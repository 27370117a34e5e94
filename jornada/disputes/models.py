"""Employers, worksites, matters before labor agencies, statements of interest, cohorts of workers."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from jornada.vault.records import ProviderRecord

# No letters or digits that people confuse on paper or by phone.
JOIN_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_join_code() -> str:
    """Eight characters (39 bits): enough that a code is not guessed, short enough to type from a flyer."""
    return "".join(secrets.choice(JOIN_ALPHABET) for _ in range(8))


class DisputeRecord(ProviderRecord):
    """A fact of a dispute: entered by one provider, shown to the coalition once shared."""

    shared = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Employer(DisputeRecord):
    legal_name = models.CharField(max_length=160)
    trade_names = ArrayField(models.CharField(max_length=160), default=list, blank=True)
    fein = models.CharField(
        max_length=10, blank=True, default="", help_text="Federal employer number, 12-3456789"
    )

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "shared", "legal_name", "trade_names", "fein"], "P1"
    )
    purpose = "Matching a worker's job to a statement of interest"
    keep = "while a matter is open, then 7 years"

    def __str__(self) -> str:
        return self.legal_name


class Worksite(DisputeRecord):
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="worksites", db_constraint=False)
    name = models.CharField(max_length=160)
    street = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    zip_code = models.CharField(max_length=10, blank=True)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id",
            "recorded_at",
            "provider",
            "shared",
            "employer",
            "name",
            "street",
            "city",
            "state",
            "zip_code",
        ],
        "P1",
    )
    purpose = Employer.purpose
    keep = Employer.keep

    def __str__(self) -> str:
        return f"{self.name}, {self.city} {self.state}"


class AgencyLevel(models.TextChoices):
    FEDERAL = "federal"
    STATE = "state"
    LOCAL = "local"


class Matter(DisputeRecord):
    """An investigation, enforcement action or claim before a labor agency."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="matters", db_constraint=False)
    agency = models.CharField(max_length=160)
    agency_unit = models.CharField(max_length=160, blank=True, default="")
    agency_level = models.CharField(max_length=8, choices=AgencyLevel)
    reference = models.CharField(max_length=80, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "shared", "employer", "agency", "agency_unit", "agency_level",
            "reference", "opened_on", "closed_on",
        ],
        "P1",
    )  # fmt: skip
    purpose = Employer.purpose
    keep = Employer.keep

    def __str__(self) -> str:
        return f"{self.agency} {self.reference}".strip()


class Statement(DisputeRecord):
    """A labor agency's statement of interest (deferred-action notes §2.2)."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="statements", db_constraint=False)
    issued_on = models.DateField()
    period_from = models.DateField()
    period_to = models.DateField(null=True, blank=True, help_text="Empty: ongoing")
    scope = models.TextField(blank=True)
    covers_former = models.BooleanField(default=True)
    covers_temp_agency = models.BooleanField(default=False)
    covers_subcontractor = models.BooleanField(default=False)
    covers_witnesses = models.BooleanField(default=False)
    names_workers = models.BooleanField(default=False, help_text="The list itself is never kept here")
    copy_on_file = models.BooleanField(default=False)
    delivered_to = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    reconfirmed_on = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "shared", "matter", "issued_on", "period_from", "period_to",
            "scope", "covers_former", "covers_temp_agency", "covers_subcontractor", "covers_witnesses",
            "names_workers", "copy_on_file", "delivered_to", "reconfirmed_on", "withdrawn_on",
        ],
        "P1",
    )  # fmt: skip
    purpose = Employer.purpose
    keep = Employer.keep

    def __str__(self) -> str:
        return f"Statement of interest of {self.issued_on:%-d %b %Y}"


class StatementWorksite(DisputeRecord):
    """A worksite that a statement of interest names."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="places", db_constraint=False)
    worksite = models.ForeignKey(Worksite, models.PROTECT, related_name="+", db_constraint=False)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "shared", "statement", "worksite"], "P1"
    )
    purpose = Employer.purpose
    keep = Employer.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "worksite"], name="worksite_once_a_statement")
        ]


class Cohort(DisputeRecord):
    """Workers who share the facts of one dispute; joined by a short link or QR code."""

    name = models.CharField(max_length=120)
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+", db_constraint=False)
    worksite = models.ForeignKey(Worksite, models.PROTECT, related_name="+", null=True, db_constraint=False)
    join_code = models.CharField(max_length=12, unique=True, default=new_join_code)
    closes_on = models.DateField(null=True, blank=True)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "shared", "name", "employer", "worksite", "join_code", "closes_on"],
        "P1",
    )
    purpose = "Answering shared facts once"
    keep = Employer.keep

    def __str__(self) -> str:
        return self.name
