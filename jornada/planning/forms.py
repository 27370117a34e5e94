"""What staff fill in about scenarios, runs and initiatives."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from jornada.coalition.forms import Day

WHY = "Whoever reads this number next year will ask."
MORE_OR_LESS = [("0.5", "as expected"), ("0.65", "rather careful"), ("0.8", "careful")]


class CopyForm(forms.Form):
    """A scenario that ships, to begin from."""

    named = forms.ChoiceField(label="Begin from", widget=forms.RadioSelect)
    title = forms.CharField(label="Call it", max_length=120)

    def __init__(self, *args: Any, shipped: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["named"].choices = shipped  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    """A scenario file of one's own."""

    file = forms.FileField(label="Scenario file (YAML)")
    upload_title = forms.CharField(label="Call it", max_length=120, required=False)


class DrawForm(forms.Form):
    """A scenario from what the hub has on record."""

    draft_title = forms.CharField(label="Call it", max_length=120, initial="From our records")


class NumberForm(forms.Form):
    """Another number in the place of one, with why."""

    written = forms.CharField(label="Is", max_length=120)
    why = forms.CharField(label="Why", max_length=300, help_text=WHY)


class TextForm(forms.Form):
    """The whole scenario as text."""

    text = forms.CharField(
        label="The scenario", strip=False,
        widget=forms.Textarea(attrs={"class": "mono", "rows": 30, "spellcheck": "false"}),
    )  # fmt: skip
    why = forms.CharField(label="What changed and why", max_length=300)
    since = forms.IntegerField(widget=forms.HiddenInput)


class RunForm(forms.Form):
    """What a run is asked."""

    seconds = forms.IntegerField(
        label="Search for at most (seconds)", min_value=1, max_value=600, initial=60,
        help_text="It ends earlier once the plan is proved good enough.",
    )  # fmt: skip
    gap = forms.DecimalField(
        label="Good enough: at most so many percent missing",
        min_value=0,
        max_value=50,
        initial=1,
        decimal_places=2,
    )
    caution = forms.ChoiceField(
        label="Plan with uncertain numbers", choices=MORE_OR_LESS, widget=forms.RadioSelect, initial="0.5"
    )
    replications = forms.IntegerField(label="Simulated runs", min_value=10, max_value=5000, initial=1000)
    seed = forms.IntegerField(
        label="Seed", min_value=0, max_value=2**31, initial=1,
        help_text="The same seed gives the same luck, so that two plans can be compared.",
    )  # fmt: skip
    shock = forms.ChoiceField(label="What if the program changes", required=False)
    shock_month = forms.IntegerField(label="From month", min_value=1, max_value=120, required=False)
    afresh = forms.BooleanField(label="Begin afresh, not from the last plan found", required=False)

    def __init__(self, *args: Any, shocks: list[tuple[str, str]], months: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.months = months
        self.fields["shock"].choices = [("", "nothing"), *shocks]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        month = data.get("shock_month")
        if data.get("shock") and not month:
            self.add_error("shock_month", "Say in which month it begins.")
        if month and month > self.months:
            self.add_error("shock_month", f"The plan has {self.months} months. Take one of them.")
        return data

    def asked(self) -> dict[str, Any]:
        """What the run is asked, as it is kept."""
        data = self.cleaned_data
        shocks = {data["shock"]: data["shock_month"] - 1} if data["shock"] else {}
        return {
            "seconds": data["seconds"], "gap": float(data["gap"]) / 100, "caution": float(data["caution"]),
            "replications": data["replications"], "seed": data["seed"], "shocks": shocks,
        }  # fmt: skip


class WantedForm(forms.Form):
    """So many of something by a day."""

    strategy = forms.ChoiceField(label="Of what")
    wanted = forms.IntegerField(label="How many", min_value=1, max_value=50, initial=2)
    by = Day(label="At work by")

    def __init__(self, *args: Any, strategies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["strategy"].choices = strategies  # type: ignore[attr-defined]


class BeginForm(forms.Form):
    """Whose initiative it will be."""

    owner = forms.ChoiceField(label="Owner")

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = members  # type: ignore[attr-defined]


class FreeBeginForm(BeginForm):
    """An initiative that no run proposed."""

    strategy = forms.ChoiceField(label="Strategy")
    place = forms.ChoiceField(label="Place")
    units = forms.IntegerField(label="How many", min_value=1, max_value=500, initial=1)
    serves_from = Day(label="First day of service")
    field_order = ("strategy", "place", "units", "serves_from", "owner")

    def __init__(
        self, *args: Any, strategies: list[tuple[str, str]], places: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["strategy"].choices = strategies  # type: ignore[attr-defined]
        self.fields["place"].choices = places  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """Something that happened to an initiative."""

    kind = forms.CharField(max_length=16)
    about = forms.CharField(max_length=60, required=False)
    happened_on = Day(label="On")
    said = forms.CharField(label="In a few words", max_length=300, required=False)

    def __init__(self, *args: Any, latest: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.latest = latest

    def clean_happened_on(self) -> date:
        day: date = self.cleaned_data["happened_on"]
        if day > self.latest:
            raise forms.ValidationError("That day is still to come. Note it when it has happened.")
        return day


class FruitForm(forms.Form):
    """Who carries how many more files from which day on."""

    member = forms.ChoiceField(label="Who carries the files")
    files = forms.IntegerField(label="Files at once, when fully trained", min_value=1, max_value=300)
    from_day = Day(label="First day of service")

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = members  # type: ignore[attr-defined]


class ServesForm(forms.Form):
    """From which day on something works that carries no files."""

    from_day = Day(label="Works since")
