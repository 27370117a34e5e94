"""What the lead fills in for a clinic day: seats by station, who works, numbers and what their people need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from jornada.clinics.closing import words
from jornada.clinics.floor import CannotNote
from jornada.clinics.selectors import DayOf
from jornada.coalition.forms import LANGUAGES
from jornada.domain.clinic.day import CREDENTIALS, PRIORITIES
from jornada.domain.clinic.events import KINDS, Event, from_plain
from jornada.domain.clinic.template import Template

PRIORITY_WORDS = {
    "first": "First: a deadline is close",
    "usual": "In the usual order",
    "standby": "When there is room",
}
COMPLEXITY_WORDS = [
    ("", "Not yet known"), ("straightforward", "Straightforward"), ("moderate", "Moderate"), ("complex", "Complex"),
]  # fmt: skip


def _clock(label: str, **more: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget, **more)


def _ticks(label: str, choices: Iterable[tuple[str, str]], **more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), required=False, widget=forms.CheckboxSelectMultiple, **more
    )


class RoomsForm(forms.Form):
    """Seats of every station; empty closes it."""

    relay_languages = _ticks(
        "Languages interpreted by way of a second one",
        LANGUAGES,
        help_text="Relay takes longer; plans count on it.",
    )
    mailed_by_clinic = forms.BooleanField(label="The clinic mails the packets itself", required=False)

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stations = [(one.id, template.text(f"stations.{one.id}", "en")) for one in template.stations]
        for name, _ in self.stations:
            self.fields[f"seats_{name}"] = forms.IntegerField(min_value=1, max_value=200, required=False)
            self.fields[f"accessible_{name}"] = forms.IntegerField(min_value=0, max_value=200, required=False)

    def rows(self) -> list[dict[str, Any]]:
        """Station, seats, seats for a wheelchair: the lines of the table."""
        return [
            {"name": text, "seats": self[f"seats_{name}"], "accessible": self[f"accessible_{name}"]}
            for name, text in self.stations
        ]

    def rooms(self) -> dict[str, tuple[int, int]]:
        """Seats of the open stations."""
        data = self.cleaned_data
        return {
            name: (data[f"seats_{name}"], data[f"accessible_{name}"] or 0)
            for name, _ in self.stations
            if data[f"seats_{name}"]
        }


def rooms_as_filled(of: DayOf) -> dict[str, Any]:
    """The seats as the form shows them."""
    filled: dict[str, Any] = {
        "relay_languages": of.floor.relay_languages, "mailed_by_clinic": of.floor.mailed_by_clinic,
    }  # fmt: skip
    for name, (seats, accessible) in of.floor.rooms.items():
        filled |= {f"seats_{name}": seats, f"accessible_{name}": accessible}
    return filled


class StaffForm(forms.Form):
    """Somebody who works that day."""

    member = forms.ChoiceField(
        required=False, help_text="Leave it empty for a volunteer who has no account here."
    )
    label = forms.CharField(
        label="Short name on the screens", max_length=20, help_text="A first name, or what their badge says."
    )
    credential = forms.ChoiceField(label="What they are that day")
    credential_until = forms.DateField(
        label="Credential in force until", required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="For people without an account. For members the credential on record counts.",
    )  # fmt: skip
    begins = _clock("From")
    ends = _clock("Until")
    languages = _ticks("Languages", LANGUAGES)
    stations = _ticks("Only at these stations", [], help_text="None: wherever the credential allows.")
    supervised_by = _ticks("Supervised by", [])
    rest_minutes = forms.IntegerField(label="Minutes of break", min_value=0, max_value=120, required=False)
    rest_earliest = _clock("Break begins from", required=False)
    rest_latest = _clock("Break begins until", required=False)

    def __init__(self, *args: Any, of: DayOf, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = {name: of.said(f"credentials.{name}") for name in CREDENTIALS}
        offered: Mapping[str, list[tuple[str, str]]] = {
            "member": [("", "Nobody with an account"), *members],
            "credential": [(name, text[0].upper() + text[1:]) for name, text in said.items()],
            "stations": [(name, of.said(f"stations.{name}")) for name in of.day.stations],
            "supervised_by": [(one.id, one.id) for one in of.day.staff if one.credential != "interpreter"],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begins, ends = data.get("begins"), data.get("ends")
        if begins and ends and ends <= begins:
            self.add_error("ends", "The end must come after the beginning.")
        earliest, latest = data.get("rest_earliest"), data.get("rest_latest")
        if data.get("rest_minutes") and (earliest is None or latest is None):
            self.add_error(
                "rest_earliest", "Say between when the break may begin, or leave the minutes empty."
            )
        return data


class NeedsForm(forms.Form):
    """What a worker needs on the day, as far as the day must know."""

    language = forms.ChoiceField(choices=[("", "Not yet known"), *LANGUAGES], required=False)
    complexity = forms.ChoiceField(label="How hard", choices=COMPLEXITY_WORDS, required=False)
    priority = forms.ChoiceField(label="Order", choices=[(one, PRIORITY_WORDS[one]) for one in PRIORITIES])
    show_percent = forms.IntegerField(
        label="Comes, of a hundred like this one", min_value=1, max_value=100, required=False,
        help_text="Empty: as the clinic pack says. Forecasts count on it.",
    )  # fmt: skip
    brings_interpreter = forms.BooleanField(label="Brings somebody who interprets", required=False)
    accessible = forms.BooleanField(label="Needs a seat for a wheelchair", required=False)
    missing = _ticks("Papers still missing", words("en")["papers"].items())
    kept_from = _ticks("Must not be served by", [])

    def __init__(self, *args: Any, of: DayOf, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kept_from"].choices = [(one.id, one.id) for one in of.day.staff]  # type: ignore[attr-defined]

    def needs(self) -> dict[str, Any]:
        """What was filled in, as the day keeps it."""
        data = dict(self.cleaned_data)
        percent = data.pop("show_percent")
        return data | {"show_rate": str(Decimal(percent) / 100) if percent else ""}


def needs_as_filled(needs: Mapping[str, Any]) -> dict[str, Any]:
    """What the day knows, as the form shows it."""
    rate = needs.get("show_rate")
    return {**needs, "show_percent": int(Decimal(rate) * 100) if rate else None}


class SpareForm(forms.Form):
    """How many numbers more."""

    count = forms.IntegerField(label="How many", min_value=1, max_value=200, initial=10)


class ScreenForm(forms.Form):
    """A screen: what it shows."""

    name = forms.CharField(max_length=24, help_text="Letters, digits and hyphens, such as advice-2.")
    kind = forms.ChoiceField(
        label="Shows",
        choices=[
            ("hall", "Hall: numbers only, for everybody to see"),
            ("station", "A station's tablet"),
            ("board", "The board, for staff, only to look at"),
        ],
    )
    station = forms.ChoiceField(required=False, help_text="For a tablet.")

    def __init__(self, *args: Any, of: DayOf, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stations = [(name, of.said(f"stations.{name}")) for name in of.day.stations]
        self.fields["station"].choices = [("", "None"), *stations]  # type: ignore[attr-defined]


class NameForm(forms.Form):
    """Whose file the number of a walk-in is."""

    number = forms.ChoiceField(label="Spare number")
    file = forms.IntegerField(label="File", min_value=1, help_text="The file's number, such as 17.")

    def __init__(self, *args: Any, of: DayOf, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spare = [str(number) for number, one in sorted(of.tickets.items()) if one.file_id is None]
        self.fields["number"].choices = [(one, one) for one in spare]  # type: ignore[attr-defined]


class ClockForm(forms.Form):
    """Where a rehearsal's clock stands."""

    at = _clock("The clock stands at")


# ── Notes ─────────────────────────────────────────────────────────────────────────────────────────────────────

FOR_THE_LEAD = frozenset({"settled", "intake_stopped", "intake_opened"})
"""What no tablet notes: a person with an account answers for it."""
LONGEST_NAME = 60
MOST_NOTES_OF_A_TABLET = 1_000_000
LAST_MINUTE = 2 * 24 * 60
"""A day may run past midnight, not past the next one."""


def noted_by_a_tablet(kind: str) -> str:
    """The kind of note; CannotNote for what a tablet does not note."""
    if kind not in KINDS or kind in FOR_THE_LEAD:
        raise CannotNote("A tablet does not note that. Ask the lead.")
    return kind


def event_of_a_tablet(raw: Mapping[str, Any], tablet: str) -> Event:
    """The note in this JSON, as this tablet's and no other's; ValueError or TypeError where it can be none."""
    event = from_plain({**{name: value for name, value in raw.items() if name != "late"}, "tablet": tablet})
    noted_by_a_tablet(event.kind)
    _listed(event.reason, event.documents)
    texts = (event.worker, event.station, event.staff, event.interpreter, event.language)
    if not all(isinstance(text, str) and len(text) < LONGEST_NAME for text in texts):
        raise TypeError("a note names people and places by short names")
    if type(event.number) is not int or type(event.at) not in (int, float):
        raise TypeError("a note has a number and a time")
    if not 1 <= event.number <= MOST_NOTES_OF_A_TABLET or not 0 <= event.at <= LAST_MINUTE:
        raise ValueError("no tablet notes that often, or at such a time")
    return event


def _listed(reason: str, documents: Iterable[str]) -> None:
    """Reasons and papers come from lists: a note is no place for prose about anybody."""
    if reason and reason not in words("en")["full_scope"]:
        raise CannotNote("Choose the reason from the list.")
    if not set(documents) <= words("en")["papers"].keys():
        raise CannotNote("Choose the papers from the list.")


def note_values(posted: QueryDict, of: DayOf) -> dict[str, Any]:
    """What a form says about one note; CannotNote where its number is nobody's."""
    values: dict[str, Any] = {
        name: posted[name].strip()
        for name in ("station", "staff", "interpreter", "reason", "language")
        if posted.get(name)
    }
    if posted.get("worker"):
        values["worker"] = number_typed(posted["worker"], of)
    if posted.getlist("documents"):
        values["documents"] = tuple(posted.getlist("documents"))
    _listed(values.get("reason", ""), values.get("documents", ()))
    return values | {name: True for name in ("accessible", "brings_interpreter") if posted.get(name)}


def number_typed(typed: str, of: DayOf) -> str:
    """The number that was typed, or that the scanned square stands for; CannotNote where it is nobody's."""
    clean = typed.strip().rsplit("/", 1)[-1]
    if clean.isdigit() and int(clean) in of.tickets:
        return str(int(clean))
    for number, ticket in of.tickets.items():
        if ticket.token == clean:
            return str(number)
    raise CannotNote(f"Nobody has the number {clean[:24]!r} today. Look at the sheet again, or ask the lead.")
