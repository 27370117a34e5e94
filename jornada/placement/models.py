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
    partner = models.ForeignKey("coalition.Provider", models.PROTECT, related_name="+", null=True)
    sealed_reasons = models.BinaryField(
        help_text="Reasons, and for no match what would change it; provider key"
    )

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ["id", "recorded_at", "provider", "run", "file", "advocate", "clinic_day", "partner"], "P1"
        ),
        "sealed_reasons": "P2",
    }
    purpose = "Showing why, and why not"
    keep = "3 years"

    @property
    def source_id(self) -> str:
        """The source as the matcher knows it; empty where nobody was found."""
        return str(self.advocate_id or self.clinic_day_id or self.partner_id or "")


class PairDecision(ProviderRecord):
    """Somebody's word on a file and one source: keep them together, or do not propose them again until a day."""

    kind = models.CharField(max_length=8, choices=[("keep", "keep"), ("reject", "reject")])
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    advocate = models.ForeignKey(
        "coalition.Member", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    clinic_day = models.ForeignKey(
        "placement.ClinicDay", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    partner = models.ForeignKey("coalition.Provider", models.PROTECT, related_name="+", null=True)
    reason = models.CharField(max_length=24, blank=True)
    sealed_note = models.BinaryField(null=True, help_text="What the member wrote besides; provider key")
    until = models.DateField(null=True, help_text="The first day on which the pair may be proposed again")
    decided_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    decided_on = models.DateField()

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            [
                "id", "recorded_at", "provider", "kind", "file", "advocate", "clinic_day", "partner", "reason",
                "until", "decided_by", "decided_on",
            ],
            "P1",
        ),
        "sealed_note": "P2",
    }  # fmt: skip
    purpose = "The matcher proposes, people decide"
    keep = "with the file"

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_pair_has_one_source",
                condition=models.Q(advocate__isnull=False, clinic_day=None, partner=None)
                | models.Q(advocate=None, clinic_day__isnull=False, partner=None)
                | models.Q(advocate=None, clinic_day=None, partner__isnull=False),
            ),
            models.CheckConstraint(
                name="a_rejection_has_reason_and_end",
                condition=models.Q(kind="keep", until=None)
                | (models.Q(kind="reject", until__isnull=False) & ~models.Q(reason="")),
            ),
        ]

    @property
    def source_id(self) -> str:
        """The source as the matcher knows it."""
        return str(self.advocate_id or self.clinic_day_id or self.partner_id)


class PairDecisionUndone(ProviderRecord):
    """A decision on a pair taken back; the decision itself stays as it was made."""

    decision = models.ForeignKey(PairDecision, models.PROTECT, related_name="undone", db_constraint=False)
    undone_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    undone_on = models.DateField()

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "decision", "undone_by", "undone_on"], "P1"
    )
    purpose = PairDecision.purpose
    keep = PairDecision.keep

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision"], name="a_decision_is_undone_once")]


class PartnerTerms(ProviderRecord):
    """What a provider takes from others in a week, and the money that binds it. All providers see it; newest counts."""

    files_a_week = models.PositiveSmallIntegerField(help_text="0: none at present")
    full_scope = models.BooleanField(default=False)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    interpreter = models.CharField(max_length=12, blank=True)
    places = ArrayField(models.CharField(max_length=60), default=list, help_text="Empty: anywhere")
    credentials = ArrayField(models.CharField(max_length=24), default=list)
    funding = ArrayField(models.CharField(max_length=32), default=list, help_text="Empty: not yet known")
    recognized = models.CharField(max_length=3, blank=True)
    charges_fees = models.CharField(max_length=3, blank=True)
    said_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    said_on = models.DateField()

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "files_a_week", "full_scope", "languages", "interpreter", "places",
            "credentials", "funding", "recognized", "charges_fees", "said_by", "said_on",
        ],
        "P1",
    )  # fmt: skip
    purpose = "Finding a place with another organization"
    keep = "3 years"


class ExpectedCases(ProviderRecord):
    """Harder cases that are likely to come: how many, between which days, of what sort."""

    title = models.CharField(max_length=80)
    scope = models.CharField(max_length=16, choices=[("full", "full"), ("limited", "limited")])
    level = models.CharField(max_length=8)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    place = models.CharField(max_length=60, blank=True)
    mean = models.PositiveSmallIntegerField(help_text="How many are likely to come")
    first_on = models.DateField()
    last_on = models.DateField()
    added_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    ended_on = models.DateField(null=True, help_text="No longer expected since")

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "title", "scope", "level", "languages", "place", "mean", "first_on",
            "last_on", "added_by", "ended_on",
        ],
        "P1",
    )  # fmt: skip
    purpose = "Keeping places for harder cases"
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


class Referral(ProviderRecord):
    """A file offered to another provider of the coalition. The card says what help is needed, never who needs it."""

    to_provider = models.ForeignKey("coalition.Provider", models.PROTECT, related_name="+")
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    application_id = models.UUIDField()
    offered_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    offered_on = models.DateField()
    answer_by = models.DateField()
    scope = models.CharField(max_length=16)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "to_provider", "file", "application_id", "offered_by", "offered_on",
            "answer_by", "scope",
        ],
        "P1",
    )  # fmt: skip
    purpose = "Help that another organization can give"
    keep = "with the file"


class ReferralCard(ProviderRecord):
    """What the receiver reads before the worker shares anything: need, language, place, how urgent. Newest counts."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="cards", db_constraint=False)
    revision = models.PositiveSmallIntegerField()
    sealed_card = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "referral", "revision"], "P1"),
        "sealed_card": "P2",
    }
    purpose = Referral.purpose
    keep = Referral.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "revision"], name="one_referral_card_a_revision")
        ]


class ReferralStep(ProviderRecord):
    """What became of a referral, step by step; added by sender, receiver or worker, seen by all three."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="steps", db_constraint=False)
    kind = models.CharField(max_length=16)
    reason = models.CharField(max_length=32, blank=True)
    on_day = models.DateField()
    due_on = models.DateField(null=True, blank=True, help_text="By when the next step is due")
    taken_by = models.ForeignKey(
        "coalition.Member", models.PROTECT, related_name="+", null=True, db_constraint=False
    )

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "referral", "kind", "reason", "on_day", "due_on", "taken_by"], "P1"
    )
    purpose = Referral.purpose
    keep = Referral.keep


class OutsideReferral(ProviderRecord):
    """A referral to an organization outside the hub: a sealed page behind a link that opens once, and a letter."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    organization = models.CharField(max_length=160)
    made_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    made_on = models.DateField()
    worker_agreed_on = models.DateField()
    expires_on = models.DateField()
    token_hash = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=16)
    tries = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)
    sealed_page = models.BinaryField(
        null=True, help_text="Under the link's token and its PIN; gone once opened"
    )

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            [
                "id", "recorded_at", "provider", "file", "organization", "made_by", "made_on", "worker_agreed_on",
                "expires_on", "token_hash", "salt", "tries", "opened_at",
            ],
            "P1",
        ),
        "sealed_page": "P2",
    }  # fmt: skip
    purpose = "Help from outside the coalition"
    keep = "with the file"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="one_outside_referral_a_token")]


class ConflictCheck(ProviderRecord):
    """A check across the coalition: an attorney asked, the answer was yes or no. Sealed for the legal team."""

    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    asked_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    asked_on = models.DateField()
    sealed_result = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["id", "recorded_at", "provider", "file", "asked_by", "asked_on"], "P1"),
        "sealed_result": "P4",
    }
    purpose = "No lawyer on both sides"
    keep = "with the file"


class ScopeEnd(ProviderRecord):
    """A limited scope ended in writing because a danger sign came up; the file seeks full scope from then on."""

    placement = models.ForeignKey(Placement, models.PROTECT, related_name="ends", db_constraint=False)
    file = models.ForeignKey("intake.CaseFile", models.PROTECT, related_name="+", db_constraint=False)
    application_id = models.UUIDField()
    ended_on = models.DateField()
    sealed_reason = models.BinaryField(null=True, help_text="The danger sign; file key")
    sealed_note = models.BinaryField(null=True, help_text="What a clinic day noted; provider key")

    data_classes: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ["id", "recorded_at", "provider", "placement", "file", "application_id", "ended_on"], "P1"
        ),
        "sealed_reason": "P4",
        "sealed_note": "P2",
    }
    purpose = "Nobody is left with less help than the case needs"
    keep = "with the file"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["placement"], name="a_scope_ends_once"),
            models.CheckConstraint(
                condition=models.Q(sealed_reason__isnull=False) | models.Q(sealed_note__isnull=False),
                name="a_scope_ends_for_a_reason",
            ),
        ]
