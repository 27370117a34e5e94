"""A clinic day on the floor: stations, who works there, numbers instead of names, what happened, the screens.

Nothing here has a worker's name. A number means nothing outside its day, and what is known of the person behind it
(language, papers that are missing) is sealed for the provider. What happened is only ever added to.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DecimalRangeField, RangeOperators
from django.db import models

from jornada.vault.records import ProviderRecord


class Floor(ProviderRecord):
    """The floor of one clinic day: which stations are open with how many seats, and how far the day is."""

    clinic_day = models.OneToOneField(
        "placement.ClinicDay", models.PROTECT, related_name="floor", db_constraint=False
    )
    pack = models.CharField(max_length=60)
    rooms = models.JSONField(default=dict, help_text="Station: [seats, accessible seats]")
    relay_languages = ArrayField(models.CharField(max_length=12), default=list)
    mailed_by_clinic = models.BooleanField(default=False)
    state = models.CharField(max_length=8, default="planned")
    pulse = models.PositiveIntegerField(default=0, help_text="Counts changes; screens ask for it")
    blanked_at = models.DateTimeField(null=True, blank=True)
    rehearsed_from = models.DateTimeField(null=True, blank=True)
    rehearsed_minute = models.FloatField(null=True, blank=True, help_text="The day's minute at that moment")

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "clinic_day", "pack", "rooms", "relay_languages", "mailed_by_clinic",
            "state", "pulse", "blanked_at", "rehearsed_from", "rehearsed_minute",
        ],
        "P1",
    )  # fmt: skip
    purpose = "Running clinic days"
    keep = "3 years"


class FloorStaff(ProviderRecord):
    """Somebody who works at a clinic day, under a short name; a member of the provider or a volunteer."""

    clinic_day = models.ForeignKey(
        "placement.ClinicDay", models.PROTECT, related_name="staff", db_constraint=False
    )
    member = models.ForeignKey(
        "coalition.Member", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    label = models.CharField(max_length=20)
    credential = models.CharField(max_length=20)
    credential_until = models.DateField(null=True, blank=True)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    begins = models.PositiveSmallIntegerField(help_text="Minutes after midnight")
    ends = models.PositiveSmallIntegerField()
    stations = ArrayField(models.CharField(max_length=24), default=list)
    supervised_by = ArrayField(models.CharField(max_length=20), default=list)
    rest_minutes = models.PositiveSmallIntegerField(default=0)
    rest_earliest = models.PositiveSmallIntegerField(default=0)
    rest_latest = models.PositiveSmallIntegerField(default=0)
    held = DecimalRangeField(help_text="Person and minutes as one range of numbers; see selectors.held")

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "clinic_day", "member", "label", "credential", "credential_until",
            "languages", "begins", "ends", "stations", "supervised_by", "rest_minutes", "rest_earliest",
            "rest_latest", "held",
        ],
        "P1",
    )  # fmt: skip
    purpose = Floor.purpose
    keep = Floor.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic_day", "label"], name="one_short_name_a_clinic_day"),
            ExclusionConstraint(
                name="nobody_works_at_two_clinics_at_once", expressions=[("held", RangeOperators.OVERLAPS)]
            ),
        ]


class Ticket(ProviderRecord):
    """A number of the day: of a worker with an appointment, or spare for whoever comes without one."""

    clinic_day = models.ForeignKey(
        "placement.ClinicDay", models.PROTECT, related_name="tickets", db_constraint=False
    )
    number = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=24, help_text="Random; what the printed square says")
    file = models.ForeignKey(
        "intake.CaseFile", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    sealed_needs = models.BinaryField(
        null=True, help_text="Language, papers missing, and so on; provider key"
    )

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "clinic_day", "number", "token", "file"], "P1"),
        "sealed_needs": "P2",
    }
    purpose = Floor.purpose
    keep = Floor.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic_day", "number"], name="one_ticket_a_number"),
            models.UniqueConstraint(fields=["clinic_day", "file"], name="one_ticket_a_file_and_clinic_day"),
            models.UniqueConstraint(fields=["token"], name="one_ticket_a_token"),
        ]


class Sitting(ProviderRecord):
    """Part of the timetable: somebody of the staff held for a worker's time at a station, or on a break."""

    ticket = models.ForeignKey(
        Ticket, models.PROTECT, related_name="sittings", null=True, db_constraint=False
    )
    staff = models.ForeignKey(FloorStaff, models.PROTECT, related_name="sittings", db_constraint=False)
    station = models.CharField(max_length=24)
    interprets = models.BooleanField(default=False)
    begins = models.PositiveSmallIntegerField()
    ends = models.PositiveSmallIntegerField()
    held = DecimalRangeField()

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "ticket", "staff", "station", "interprets", "begins", "ends", "held",
        ],
        "P1",
    )  # fmt: skip
    purpose = Floor.purpose
    keep = Floor.keep

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="nobody_sits_with_two_at_once", expressions=[("held", RangeOperators.OVERLAPS)]
            )
        ]


class FloorEvent(ProviderRecord):
    """What a tablet noted. Two that claim one number are both kept, and a person settles which stands."""

    clinic_day = models.ForeignKey(
        "placement.ClinicDay", models.PROTECT, related_name="events", db_constraint=False
    )
    tablet = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=12)
    pulse = models.PositiveIntegerField(help_text="The floor's count when it came in")
    noted_by = models.ForeignKey(
        "coalition.Member", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    sealed_event = models.BinaryField(help_text="Provider key")

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ["id", "recorded_at", "provider", "clinic_day", "tablet", "number", "digest", "pulse", "noted_by"],
            "P1",
        ),
        "sealed_event": "P2",
    }  # fmt: skip
    purpose = Floor.purpose
    keep = Floor.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic_day", "tablet", "number", "digest"], name="one_note_is_kept_once"
            )
        ]


class Screen(ProviderRecord):
    """A screen of the day: hall, station or board. Its link opens once; the device then holds a token of its own."""

    clinic_day = models.ForeignKey(
        "placement.ClinicDay", models.PROTECT, related_name="screens", db_constraint=False
    )
    name = models.CharField(max_length=24)
    kind = models.CharField(max_length=8)
    station = models.CharField(max_length=24, blank=True)
    token_hash = models.BinaryField(max_length=32)
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "clinic_day", "name", "kind", "station", "token_hash", "opened_at",
            "ended_at",
        ],
        "P1",
    )  # fmt: skip
    purpose = Floor.purpose
    keep = "until the day after the clinic"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic_day", "name"], name="one_screen_a_name"),
            models.UniqueConstraint(fields=["token_hash"], name="one_screen_a_token"),
        ]


class FloorRun(ProviderRecord):
    """A forecast, a timetable or an outlook, worked out in the background with progress; may be stopped."""

    clinic_day = models.ForeignKey(
        "placement.ClinicDay", models.PROTECT, related_name="runs", db_constraint=False
    )
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default="waiting")
    said = models.CharField(max_length=200, blank=True, help_text="Progress, or why it failed")
    stop_asked = models.BooleanField(default=False)
    begun_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(
        null=True, blank=True, help_text="The last sign of life of whoever works it out"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    sealed_result = models.BinaryField(null=True, help_text="Provider key")

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            [
                "id", "recorded_at", "provider", "clinic_day", "kind", "state", "said", "stop_asked", "begun_at",
                "heard_at", "ended_at",
            ],
            "P1",
        ),
        "sealed_result": "P2",
    }  # fmt: skip
    purpose = Floor.purpose
    keep = Floor.keep
