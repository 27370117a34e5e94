"""The organisers' pages: workers who chose to be known to them, and sitting beside a worker who answers.

What is shown here was written field by field when the worker consented. Nothing
of a legal file is read, so nothing of one can slip in.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from jornada.coalition.doors import LEGAL_TEAM, Role, staff
from jornada.coalition.forms import LANGUAGES
from jornada.disputes import selectors as disputes
from jornada.gateways.today import today
from jornada.intake import selectors as intake
from jornada.intake import wording

ORGANISERS = frozenset({Role.ORGANISER, Role.INTAKE_VOLUNTEER})
HELPERS = ORGANISERS | LEGAL_TEAM | {Role.INTERPRETER}


class Beside(forms.Form):
    """Which language the worker reads and which group she belongs to; nothing about her."""

    language = forms.ChoiceField(label="Language on the screen", widget=forms.RadioSelect)
    cohort = forms.ChoiceField(
        label="Group", required=False, help_text="Then the employer need not be typed."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(LANGUAGES)
        self.fields["language"].choices = [(one, names.get(one, one)) for one in wording.LANGUAGES]  # type: ignore[attr-defined]
        groups = [(one.join_code, f"{one.name} ({one.employer})") for one in disputes.cohorts()]
        self.fields["cohort"].choices = [("", "None, or not known"), *groups]  # type: ignore[attr-defined]


@require_safe
@staff(roles=ORGANISERS)
def organiser(request: HttpRequest) -> HttpResponse:
    """Workers who let this provider's organisers know of them: what they chose to show, what came later."""
    cards = intake.organiser_cards(today())
    groups = disputes.cohort_names({card.cohort_id for card in cards if card.cohort_id})
    rows = [_row(card, groups) for card in cards]
    return render(request, "tracking/organiser.html", {"rows": rows, "on": today()})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(roles=HELPERS)
def helped(request: HttpRequest) -> HttpResponse:
    """Begin an interview beside a worker: on her screen, answers are never shown again."""
    form = Beside(request.POST or None, initial={"language": wording.LANGUAGES[0]})
    if request.method == "POST" and form.is_valid():
        start = reverse("intake:start", args=[form.cleaned_data["language"]])
        carried = {"with": intake.helper_mark(request.member.provider_id)}
        if form.cleaned_data["cohort"]:
            carried["j"] = form.cleaned_data["cohort"]
        return HttpResponseRedirect(f"{start}?{urlencode(carried)}")
    return render(request, "tracking/organiser_helped.html", {"form": form})


def _row(card: intake.OrganiserView, groups: dict[Any, str]) -> dict[str, Any]:
    notices = [{**notice, "told": _told(notice)} for notice in card.notices]
    language = dict(LANGUAGES).get(card.fields.get("language", ""), card.fields.get("language", ""))
    return {"card": card, "group": groups.get(card.cohort_id, ""), "language": language, "notices": notices}


def _told(notice: Any) -> list[str]:
    """What a later word says, as its values in order; when it was written is shown beside it."""
    return [str(value) for name, value in notice.items() if name not in {"kind", "at", "bring"} and value]
