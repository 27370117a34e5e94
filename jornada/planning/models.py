"""Scenarios by revision, runs of the planner with what they found, and initiatives that carry a plan out.

Nothing here is about a worker: counts, money, months, and which member did what.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from jornada.vault.records import ProviderRecord


def _p1(fields: str) -> dict[str, str]:
    return dict.fromkeys(["id", "recorded_at", "provider", *fields.split()], "P1")


class Scenario(ProviderRecord):
    """A what-if that a provider of the coalition keeps; others read it once it is shared."""

    title = models.CharField(max_length=120)
    origin = models.CharField(
        max_length=60, help_text="Whence: the name of one that ships, a file, hub records"
    )
    made_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    shared = models.BooleanField(default=False, help_text="Every organization of the hub may read it")

    data_classes: ClassVar[dict[str, str]] = _p1("title origin made_by shared")
    purpose = "Planning the coalition's capacity"
    keep = "7 years"

    def __str__(self) -> str:
        return self.title


class ScenarioRevision(ProviderRecord):
    """The scenario's whole text after a change, with who changed what and why. A text with slips is kept as well."""

    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="revisions", db_constraint=False)
    number = models.PositiveIntegerField()
    text = models.TextField()
    faults = models.JSONField(default=list, help_text="What is wrong with the text: line, problem, mend")
    act = models.CharField(
        max_length=16, help_text="copied, uploaded, drawn, number, taken_back, value or text"
    )
    what = models.CharField(max_length=160, blank=True, help_text="The number or place that was changed")
    was = models.CharField(max_length=200, blank=True)
    now = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    made_on = models.DateField()

    data_classes: ClassVar[dict[str, str]] = _p1(
        "scenario number text faults act what was now why made_by made_on"
    )
    purpose = Scenario.purpose
    keep = Scenario.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scenario", "number"], name="one_scenario_text_a_revision")
        ]


class ScenarioRun(ProviderRecord):
    """The planner at work on one revision: asked for, its progress, what it found."""

    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="runs", db_constraint=False)
    revision = models.ForeignKey(ScenarioRevision, models.PROTECT, related_name="+", db_constraint=False)
    asked_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    began_from = models.ForeignKey(
        "self", models.PROTECT, related_name="+", null=True, db_constraint=False,
        help_text="The run whose plan this one begins with",
    )  # fmt: skip
    asked = models.JSONField(help_text="Seconds, gap, caution, replications, seed, shocks")
    state = models.CharField(
        max_length=10, default="waiting", help_text="waiting running done stopped failed"
    )
    stage = models.CharField(max_length=12, blank=True, help_text="searching, judging, tornado, drawing")
    progress = models.JSONField(
        default=dict, help_text="Share done, seconds, gap and starts of the best plan"
    )
    best = models.JSONField(default=list, help_text="The best plan so far, start by start: never lost")
    stop_asked = models.BooleanField(default=False)
    begun_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, help_text="When the worker last gave a sign")
    ended_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)
    fingerprint = models.CharField(max_length=80, blank=True, help_text="Of the pack; of the scenario's text")
    proof = models.JSONField(default=dict, help_text="Bound, gap, seconds")
    told = models.JSONField(default=dict, help_text="By language: what was found, in words and tables")
    figures = models.JSONField(default=dict, help_text="Everything that was found, as numbers")

    data_classes: ClassVar[dict[str, str]] = _p1(
        "scenario revision asked_by began_from asked state stage progress best stop_asked begun_at heard_at ended_at"
        " fault fingerprint proof told figures"
    )
    purpose = Scenario.purpose
    keep = Scenario.keep


class RunPicture(ProviderRecord):
    """A chart of a run as SVG, drawn once, in one language."""

    run = models.ForeignKey(ScenarioRun, models.PROTECT, related_name="pictures", db_constraint=False)
    kind = models.CharField(max_length=24)
    language = models.CharField(max_length=8)
    svg = models.TextField()

    data_classes: ClassVar[dict[str, str]] = _p1("run kind language svg")
    purpose = Scenario.purpose
    keep = Scenario.keep

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "kind", "language"], name="one_picture_a_kind_and_language"
            )
        ]


class Initiative(ProviderRecord):
    """A strategy that was chosen and is being carried out. Where it stands follows from its events."""

    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="initiatives", db_constraint=False)
    run = models.ForeignKey(
        ScenarioRun, models.PROTECT, related_name="initiatives", null=True, db_constraint=False
    )
    strategy = models.CharField(max_length=60)
    place = models.CharField(max_length=80, blank=True)
    units = models.PositiveIntegerField()
    decide_by = models.DateField()
    serves_from = models.DateField(help_text="First day of service as planned")
    serves_until = models.DateField(null=True, blank=True)
    ramp = ArrayField(
        models.FloatField(), default=list, help_text="Share of the full rate by month of service"
    )
    gives = models.JSONField(default=dict, help_text="What all units give at the full rate, by resource")
    documents = ArrayField(models.CharField(max_length=60), default=list)
    owner = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    begun_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)
    begun_on = models.DateField()

    data_classes: ClassVar[dict[str, str]] = _p1(
        "scenario run strategy place units decide_by serves_from serves_until ramp gives documents owner begun_by"
        " begun_on"
    )
    purpose = "Carrying out what was planned"
    keep = Scenario.keep


class InitiativeStep(ProviderRecord):
    """A milestone, dated backwards from the first day of service."""

    initiative = models.ForeignKey(Initiative, models.PROTECT, related_name="steps", db_constraint=False)
    name = models.CharField(max_length=60)
    begins_on = models.DateField()
    ends_on = models.DateField()

    data_classes: ClassVar[dict[str, str]] = _p1("initiative name begins_on ends_on")
    purpose = Initiative.purpose
    keep = Initiative.keep


class InitiativeEvent(ProviderRecord):
    """Something that happened to an initiative, and who noted it."""

    initiative = models.ForeignKey(Initiative, models.PROTECT, related_name="events", db_constraint=False)
    kind = models.CharField(
        max_length=16, help_text="step_done, document_in, owner, dropped, taken_up, bears_fruit"
    )
    about = models.CharField(max_length=60, blank=True, help_text="Which step, document or member")
    happened_on = models.DateField()
    said = models.CharField(max_length=300, blank=True)
    noted_by = models.ForeignKey("coalition.Member", models.PROTECT, related_name="+", db_constraint=False)

    data_classes: ClassVar[dict[str, str]] = _p1("initiative kind about happened_on said noted_by")
    purpose = Initiative.purpose
    keep = Initiative.keep


class Yielded(ProviderRecord):
    """What an initiative added to the coalition: an advocate's capacity step by step, or a clinic day."""

    initiative = models.ForeignKey(Initiative, models.PROTECT, related_name="yields", db_constraint=False)
    capacity = models.ForeignKey(
        "coalition.Capacity", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    clinic_day = models.ForeignKey(
        "placement.ClinicDay", models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    starts_on = models.DateField()
    amount = models.PositiveIntegerField(help_text="Files at once, or seats")

    data_classes: ClassVar[dict[str, str]] = _p1("initiative capacity clinic_day starts_on amount")
    purpose = Initiative.purpose
    keep = Initiative.keep
