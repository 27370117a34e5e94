"""What every page knows besides its own data: language, the hub's name, the way out, the staff navigation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from jornada.coalition.doors import EVERYONE, LEGAL_TEAM, Role
from jornada.gateways.today import rehearsed
from jornada.intake import views as intake
from jornada.planning.doors import READERS

STAFF = ("/staff/", "/accounts/")


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the staff navigation, for the roles that have work there; `key` is its keyboard shortcut."""

    name: str
    label: str
    key: str
    roles: frozenset[str] = EVERYONE


NAVIGATION = (
    Entry("tracking:queue", "My queue", "q", LEGAL_TEAM),
    Entry("placement:referrals", "Referrals", "r", LEGAL_TEAM),
    Entry("placement:clinic-days", "Clinic days", "c", LEGAL_TEAM | {Role.ORGANISER}),
    Entry("tracking:organiser", "People I help", "p", frozenset({Role.ORGANISER, Role.INTAKE_VOLUNTEER})),
    Entry("disputes:home", "Disputes", "d", EVERYONE - {Role.AUDITOR}),
    Entry("planning:home", "Capacity plan", "l", READERS),
    Entry("coalition:team", "Team", "t"),
)


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Context of every page. No link of the staff navigation leads to a page that is absent."""
    language = getattr(request, "language", "en")
    return {
        "language": language,
        "hub_name": getattr(settings, "JORNADA_HUB_NAME", "Jornada"),
        "leave_url": f"/{language}/leave",
        "rehearsal": rehearsed(),
        "member": getattr(request, "member", None),
        "navigation": list(_navigation(request)),
    }


def _navigation(request: HttpRequest) -> Iterator[dict[str, Any]]:
    member = getattr(request, "member", None)
    for entry in NAVIGATION if member else ():
        if member.role in entry.roles:
            try:
                url = reverse(entry.name)
            except NoReverseMatch:  # a hub may leave an app's pages out
                continue
            here = _is_here(request.path, url)
            yield {"url": url, "label": entry.label, "key": entry.key, "here": here}


def _is_here(path: str, url: str) -> bool:
    return path == url if url == "/staff/" else path.startswith(url)


def absent(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what is not here or not this person's: the same answer for both."""
    if request.path.startswith(STAFF):
        return render(request, "staff/absent.html", status=404)
    return intake.gone(request, exception)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that lay open too long or came from elsewhere: nothing was taken."""
    if request.path.startswith(STAFF):
        return render(request, "staff/form_refused.html", status=403)
    return intake.form_refused(request, reason)
