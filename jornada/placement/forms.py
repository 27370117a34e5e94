"""What staff fill in about placing a file and about clinic days."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms

from jornada.coalition.forms import LANGUAGES, Day


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
