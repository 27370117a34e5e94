"""What staff fill in about events and filters."""

from __future__ import annotations

from typing import Any

from django import forms

from jornada.coalition.forms import Day


class EventForm(forms.Form):
    """Something that happened and sets deadlines."""

    kind = forms.ChoiceField(label="What happened")
    happened_on = Day(label="On")
    printed = Day(
        label="Date that the notice prints", required=False, help_text="For notices; never computed."
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why a member opens a file's answers."""

    why = forms.ChoiceField(label="Why do you open it?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, reasons: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].choices = list(reasons.items())  # type: ignore[attr-defined]


class PaymentForm(forms.Form):
    """Money that came for a wage claim."""

    paid_on = Day(label="Came on")
    amount = forms.DecimalField(label="Dollars", max_digits=10, decimal_places=2)
    note = forms.CharField(label="How it came, and from whom", required=False, max_length=300)
