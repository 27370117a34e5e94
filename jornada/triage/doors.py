"""The door of a file's pages: the file is the member's provider's, and answers are opened for a reason."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from jornada.coalition.doors import LEGAL_TEAM, staff
from jornada.coalition.forms import LANGUAGES
from jornada.gateways import packfiles, wagelaws
from jornada.triage import casefiles
from jornada.vault.access import Refused

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile

View = Callable[..., HttpResponse]

REASONS = {
    "deciding": "Deciding what help fits",
    "preparing": "Preparing the packet",
    "reviewing": "Reviewing the packet",
    "supervising": "Supervising this work",
    "deadline": "A deadline or a notice",
    "worker_asked": "The worker asked us to look",
}
"""Why a member opens answers: chosen at the first opening in a session, and logged each time."""

_OPENED = "opened_files"


def file_page(*, roles: Collection[str] = LEGAL_TEAM, opened: bool = False) -> Callable[[View], View]:
    """The view, given the case file instead of its id. Another provider's file is absent (404).

    With `opened`, the member's keys must be open and a reason for reading given in
    this session; else the page that asks for it comes first. Where consent ended
    meanwhile, the page says so and nothing is shown.
    """

    def guarded(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, file: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            found = casefiles.file_for(file)
            if found is None:
                raise Http404
            if opened and reason(request, found) is None:
                return _ask_why(request, found)
            try:
                return view(request, found, *args, **kwargs)
            except Refused as refused:
                why = refusal(refused)
                return file_render(request, found, "triage/refused.html", "", why=why, status=403)

        return staff(roles=roles, keys=opened)(door)

    return guarded


def reason(request: HttpRequest, file: CaseFile) -> str | None:
    """Why this member reads the file, as given in this session; None before that."""
    given: str | None = request.session.get(_OPENED, {}).get(str(file.id))
    return given if given in REASONS else None


def remember_reason(request: HttpRequest, file: CaseFile, why: str) -> None:
    """Keep the reason for this session."""
    request.session[_OPENED] = {**request.session.get(_OPENED, {}), str(file.id): why}


def file_render(request: HttpRequest, file: CaseFile, template: str, tab: str, **shown: Any) -> HttpResponse:
    """A page of a file, with its heading and tabs. `status` is the response's status."""
    status = shown.pop("status", 200)
    contact = casefiles.contact(file)
    spoken = language_name(str(contact.get("language") or ""))
    context = {
        "file": file,
        "contact": {**contact, "language_name": spoken},
        "tab": tab,
        "wages": wagelaws.law(packfiles.load(file.pack)) is not None,
        **shown,
    }
    return render(request, template, context, status=status)


def language_name(code: str) -> str:
    """A language in English; its code where the list of languages has no name for it."""
    return dict(LANGUAGES).get(code, code)


def _ask_why(request: HttpRequest, file: CaseFile) -> HttpResponse:
    asked = reverse("tracking:open", args=[file.id])
    back = request.get_full_path() if request.method == "GET" else reverse("tracking:file", args=[file.id])
    return HttpResponseRedirect(f"{asked}?{urlencode({'next': back})}")


_REFUSALS = {
    "no_consent": "the worker's consent has ended or was withdrawn. Ask whether she wants to share again.",
    "section_not_shared": "the worker did not share this part. Ask her whether she wants to.",
    "other_purpose": "the worker shared this for another purpose.",
    "not_in_team": "you do not hold the legal team's key. A member who does can admit you (Team).",
    "no_such_file": "the file has no key yet. Assess it first.",
    "seal_broken": "what is stored does not open: it was altered or moved. Tell the hub's keeper.",
}


def refusal(refused: Refused) -> str:
    """Why nothing was opened and what to do, for staff of the same provider."""
    return refusal_of(refused.why)


def refusal_of(why: str) -> str:
    """The same, by its key."""
    return _REFUSALS[why]
