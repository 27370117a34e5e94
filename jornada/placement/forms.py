"""What staff fill in about placing a file and about clinic days."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms

from jornada.coalition.forms import LANGUAGES, Day, Lines
from jornada.placement.pairs import REASONS


class PlaceForm(forms.Form):
    """An advocate and a scope."""

    advocate = forms.ChoiceField(label="Advocate")
    scope = forms.ChoiceField(
        choices=[
            ("full", "Full scope: every step, to the end"),
            ("limited", "Limited scope: an agreed part"),
        ],
        widget=forms.RadioSelect,
        initial="full",
    )

    def __init__(self, *args: Any, advocates: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["advocate"].choices = advocates  # type: ignore[attr-defined]


class BookForm(forms.Form):
    """A time of a clinic day."""

    starts_at = forms.ChoiceField(label="Time")

    def __init__(self, *args: Any, free: list[tuple[time, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_at"].choices = [  # type: ignore[attr-defined]
            (at.strftime("%H:%M"), f"{at:%H:%M} ({seats} free)") for at, seats in free
        ]


class ClinicDayForm(forms.Form):
    """One clinic day."""

    name = forms.CharField(max_length=120)
    held_on = Day(label="Day")
    place = forms.CharField(max_length=160)
    opens_at = forms.TimeField(
        label="Opens at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    closes_at = forms.TimeField(
        label="Closes at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    minutes_each = forms.IntegerField(
        label="Minutes for each person", min_value=15, max_value=480, initial=60
    )
    seats = forms.IntegerField(label="People seen at the same time", min_value=1, max_value=100, initial=4)
    languages = forms.MultipleChoiceField(
        label="Languages spoken at the tables",
        choices=LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    supervised_by = forms.ChoiceField(label="Supervising advocate")

    def __init__(self, *args: Any, advocates: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supervised_by"].choices = advocates  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", "Closing must come after opening.")
        return data


class OfferForm(forms.Form):
    """A file offered to another provider."""

    to = forms.ChoiceField(label="To")
    note = forms.CharField(
        label="Note for them",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Never a name, a telephone or an address: they read this before the worker shares anything.",
    )

    def __init__(self, *args: Any, providers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(str(one.pk), one.name) for one in providers]  # type: ignore[attr-defined]


class OutsideForm(forms.Form):
    """A referral to an organization outside the hub."""

    organization = forms.CharField(label="Organization", max_length=160)
    need = forms.CharField(
        label="What help is asked for", max_length=400, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="In a few words, as far as the worker agreed.",
    )  # fmt: skip
    agreed_on = Day(label="The worker agreed on")


class ConflictForm(forms.Form):
    """Further names to look for, one a line."""

    others = forms.CharField(
        label="Further names, one a line", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The employer and the worker are looked for in any case. What you type is kept nowhere.",
    )  # fmt: skip

    def names(self) -> list[str]:
        """The names that were typed."""
        return [line.strip() for line in self.cleaned_data["others"].splitlines() if line.strip()][:20]


SCOPES = [("full", "Full scope"), ("limited", "Limited scope")]
LEVELS = [("COMPLEX", "Complex"), ("ATTY", "An attorney looks"), ("OK", "Without danger signs")]
NOT_KNOWN = ("", "Not yet known")
CREDENTIALS = [
    ("attorney", "An attorney"),
    ("accredited_full", "A fully accredited representative"),
    ("accredited_partial", "A partially accredited representative"),
]
FUNDING = [
    ("none", "None that binds us"),
    ("lsc", "Legal Services Corporation"),
    ("cdss", "California Department of Social Services"),
    ("ca_farmworker_pilot", "California's pilot for farmworkers"),
    ("orr", "Office of Refugee Resettlement"),
    ("state_civil_legal_aid", "A state's civil legal aid fund"),
    ("members_plan", "A plan for members"),
    ("fellowships", "Fellowships"),
    ("client_fees", "Clients' fees"),
    ("other", "Other money"),
]


class RejectForm(forms.Form):
    """A pair that is not to be proposed again until a day."""

    reason = forms.ChoiceField(label="Why not", choices=list(REASONS.items()))
    until = Day(label="May be proposed again from")
    note = forms.CharField(
        label="Note", required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )


class TermsForm(forms.Form):
    """What a provider takes from others in a week, and the money that binds it."""

    files_a_week = forms.IntegerField(
        label="Files we can take from others in a week",
        min_value=0,
        max_value=200,
        help_text="0: none at present.",
    )
    full_scope = forms.BooleanField(label="Full-scope files too", required=False)
    languages = forms.MultipleChoiceField(
        label="Languages", choices=LANGUAGES, widget=forms.CheckboxSelectMultiple, required=False
    )
    interpreter = forms.ChoiceField(
        label="Interpreters", required=False,
        choices=[NOT_KNOWN, ("in_house", "In house"), ("on_request", "On request"), ("none", "None")],
    )  # fmt: skip
    places = Lines(label="Counties or towns, one a line", required=False, help_text="None: anywhere.")
    credentials = forms.MultipleChoiceField(
        label="Who would take them", choices=CREDENTIALS, widget=forms.CheckboxSelectMultiple, required=False
    )
    funding = forms.MultipleChoiceField(
        label="Money with terms of its own", choices=FUNDING, widget=forms.CheckboxSelectMultiple, required=False,
        help_text="It decides whom we may serve. Nothing ticked: not yet known, and every proposal says so.",
    )  # fmt: skip
    recognized = forms.ChoiceField(
        label="Recognized by the Department of Justice", required=False,
        choices=[NOT_KNOWN, ("yes", "Yes"), ("no", "No")],
    )  # fmt: skip
    charges_fees = forms.ChoiceField(
        label="Charges fees", required=False, choices=[NOT_KNOWN, ("yes", "Yes"), ("no", "No")]
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("files_a_week") and not data.get("credentials"):
            self.add_error("credentials", "Say who would take the files.")
        if "none" in (data.get("funding") or ()) and len(data["funding"]) > 1:
            self.add_error("funding", "Take out the tick at none, or the others.")
        return data


class ExpectedForm(forms.Form):
    """Harder cases that are likely to come."""

    title = forms.CharField(
        label="Name", max_length=80, help_text="For instance the plant that closes. Never a worker's name."
    )
    mean = forms.IntegerField(label="How many are likely to come", min_value=1, max_value=500)
    first_on = Day(label="From")
    last_on = Day(label="Until")
    scope = forms.ChoiceField(label="Help needed", choices=SCOPES)
    level = forms.ChoiceField(label="How hard", choices=LEVELS)
    languages = forms.MultipleChoiceField(
        label="Languages", choices=LANGUAGES, widget=forms.CheckboxSelectMultiple, required=False
    )
    place = forms.CharField(label="County or town", max_length=60, required=False)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_on"), data.get("last_on")
        if last and last < self.on:
            self.add_error("last_on", "This day is past: nobody is expected any more.")
        elif first and last and last < first:
            self.add_error("last_on", "The last day must not come before the first.")
        return data
