"""Forms for employers, worksites, matters, statements of interest and cohorts."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms

from jornada.coalition.forms import Day, Lines
from jornada.disputes.models import AgencyLevel, Cohort, DisputeRecord, Employer, Matter, Statement, Worksite

# The states, the District, and the territories whose workers federal labor law covers.
_STATES = """
    AL AK AZ AR CA CO CT DC DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND
    OH OK OR PA PR RI SC SD TN TX UT VT VA VI WA WV WI WY AS MP
"""
DELIVERED = [("dhs", "DHS"), ("requester", "Whoever asked for it")]


class EmployerEntry(forms.Form):
    legal_name = forms.CharField(max_length=160, label="Legal name")
    trade_names = Lines(
        required=False,
        label="Other names",
        help_text="Names on checks, badges and signs; agencies; one a line",
    )
    fein = forms.CharField(max_length=10, required=False, label="FEIN", help_text="Like 12-3456789")

    def clean_fein(self) -> str:
        given: str = self.cleaned_data["fein"].strip()
        digits = re.sub(r"\D", "", given)
        if given and len(digits) != 9:
            raise forms.ValidationError("A FEIN has nine digits, like 12-3456789.")
        return f"{digits[:2]}-{digits[2:]}" if digits else ""


class WorksiteEntry(forms.Form):
    name = forms.CharField(max_length=160, help_text="As workers call it: the plant, the site")
    street = forms.CharField(max_length=160, required=False)
    city = forms.CharField(max_length=80)
    state = forms.ChoiceField(choices=[("", "Choose"), *[(state, state) for state in _STATES.split()]])
    zip_code = forms.RegexField(
        r"^\d{5}(-\d{4})?$",
        required=False,
        label="ZIP code",
        error_messages={"invalid": "Five digits, or five and four."},
    )


class MatterEntry(forms.Form):
    agency = forms.CharField(max_length=160, help_text="The labor agency, in full")
    agency_unit = forms.CharField(max_length=160, required=False, label="Unit or office")
    agency_level = forms.ChoiceField(choices=AgencyLevel.choices, label="Level")
    reference = forms.CharField(max_length=80, required=False, label="Case or matter number")
    opened_on = Day(required=False, label="Opened on")
    closed_on = Day(required=False, label="Closed on")

    def clean(self) -> dict[str, Any]:
        return _in_order(self, super().clean() or {}, "opened_on", "closed_on", "It closes before it opens.")


class StatementEntry(forms.Form):
    issued_on = Day(label="Date on the statement")
    period_from = Day(label="Employment period from")
    period_to = Day(label="Employment period to", required=False, help_text="Empty: ongoing")
    worksites = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, label="Worksites it names",
        help_text="None ticked means all of the employer's",
    )  # fmt: skip
    scope = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), required=False, label="Scope, in the statement's words"
    )
    covers_former = forms.BooleanField(required=False, initial=True, label="Covers former workers")
    covers_temp_agency = forms.BooleanField(required=False, label="Covers workers of a temp agency")
    covers_subcontractor = forms.BooleanField(required=False, label="Covers workers of subcontractors")
    covers_witnesses = forms.BooleanField(required=False, label="Covers witnesses")
    names_workers = forms.BooleanField(
        required=False,
        label="Names single workers",
        help_text="Keep that list in the legal file. It is never entered here.",
    )
    delivered_to = forms.MultipleChoiceField(
        choices=DELIVERED, widget=forms.CheckboxSelectMultiple, required=False, label="The agency sent it to"
    )
    copy_on_file = forms.BooleanField(required=False, label="We have a copy")
    reconfirmed_on = Day(required=False, label="Agency confirmed it again on")
    withdrawn_on = Day(required=False, label="Withdrawn on")

    def __init__(self, *args: Any, sites: list[Worksite], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worksites"].choices = [(str(site.pk), str(site)) for site in sites]  # type: ignore[attr-defined]
        if not sites:
            del self.fields["worksites"]

    def clean_worksites(self) -> list[UUID]:
        return [UUID(chosen) for chosen in self.cleaned_data["worksites"]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("worksites", [])
        cleaned = _in_order(self, cleaned, "period_from", "period_to", "The period ends before it begins.")
        return _in_order(self, cleaned, "issued_on", "withdrawn_on", "It was withdrawn before its date.")


class CohortEntry(forms.Form):
    name = forms.CharField(
        max_length=120, help_text="For staff. Workers see the employer and the worksite only."
    )
    worksite = forms.ChoiceField(required=False)
    closes_on = Day(required=False, label="Code works until", help_text="Empty: until someone closes it")

    def __init__(self, *args: Any, sites: list[Worksite], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sites = {str(site.pk): site for site in sites}
        choices = [("", "All of the employer's"), *[(key, str(site)) for key, site in self._sites.items()]]
        self.fields["worksite"].choices = choices  # type: ignore[attr-defined]

    def clean_worksite(self) -> Worksite | None:
        return self._sites.get(self.cleaned_data["worksite"])


KINDS: dict[str, tuple[type[DisputeRecord], type[forms.Form]]] = {
    "employers": (Employer, EmployerEntry),
    "worksites": (Worksite, WorksiteEntry),
    "matters": (Matter, MatterEntry),
    "statements": (Statement, StatementEntry),
    "cohorts": (Cohort, CohortEntry),
}
"""What the addresses call each kind of record."""


def said(record: DisputeRecord) -> dict[str, Any]:
    """What a record holds, as the first values of its form."""
    values = {field.name: getattr(record, field.attname) for field in record._meta.concrete_fields}
    if isinstance(record, Statement):
        values["worksites"] = [str(place.worksite_id) for place in record.places.all()]
    if isinstance(record, Cohort):
        values["worksite"] = str(record.worksite_id or "")
    return values


def _in_order(
    form: forms.Form, cleaned: dict[str, Any], first: str, last: str, problem: str
) -> dict[str, Any]:
    start, end = cleaned.get(first), cleaned.get(last)
    if start and end and end < start:
        form.add_error(last, problem)
    return cleaned
