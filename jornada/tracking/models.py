"""Where everything stands: events, deadlines, words for the worker, outcomes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from jornada.vault.records import ProviderRecord


class Event(ProviderRecord):
    """Something that happened on a day and sets deadlines: a move, a notice, an approval."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=40)
    happened_on = models.DateField()
    recorded_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "file", "kind", "happened_on", "recorded_by"], "P1"
    )
    purpose = "Counting deadlines"
    keep = "with the file"


class Deadline(ProviderRecord):
    """A date by which something must be done, with the rule it comes from."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", null=True, db_constraint=False)
    key = models.CharField(max_length=40)
    due_on = models.DateField()
    firmness = models.CharField(max_length=16)
    remind_on = models.JSONField(default=list)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "file", "event", "key", "due_on", "firmness", "remind_on"], "P1"
    )
    purpose = "No deadline is lost"
    keep = "with the file"


class DeadlineMet(ProviderRecord):
    """A deadline done with, or found not to apply."""

    deadline = models.OneToOneField(Deadline, models.PROTECT, related_name="met", db_constraint=False)
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    met_on = models.DateField()
    met_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "deadline", "file", "met_on", "met_by"], "P1"
    )
    purpose = Deadline.purpose
    keep = "with the file"


class Payment(ProviderRecord):
    """Money that reached the worker for a wage claim: what she says came, and how."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    paid_on = models.DateField()
    recorded_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    sealed_details = models.BinaryField(help_text="Amount and a note; file key")

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "file", "paid_on", "recorded_by"], "P1"),
        "sealed_details": "P2",
    }
    purpose = "Collected against owed"
    keep = "with the file"


class WorkerNotice(ProviderRecord):
    """A word on the worker's own status page, from fixed wording; readable with her code."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    application_id = models.UUIDField()
    key = models.CharField(max_length=40)
    about_on = models.DateField(null=True, blank=True)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "file", "application_id", "key", "about_on"], "P1"
    )
    purpose = "The worker knows where she stands"
    keep = "with the file"
