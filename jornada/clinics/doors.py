"""The door of a clinic day's staff pages: the day is the member's provider's, and its floor is set up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from jornada.clinics import selectors
from jornada.clinics.selectors import DayOf
from jornada.coalition.doors import LEGAL_TEAM, Role, staff
from jornada.placement import selectors as placement

ON_THE_FLOOR = LEGAL_TEAM | {Role.ORGANISER}
"""Who may see the board, which has numbers and no names, and note on it."""

View = Callable[..., HttpResponse]


def clinic_page(*, roles: Collection[str] = LEGAL_TEAM) -> Callable[[View], View]:
    """The view, given the day instead of its id. Another provider's is absent; one not set up leads to its set-up."""

    def guarded(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, clinic_day: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            found = selectors.floor(clinic_day)
            if found is not None:
                return view(request, selectors.day_of(found), *args, **kwargs)
            if placement.clinic_day(clinic_day) is None:
                raise Http404
            return redirect("clinics:setup", clinic_day)

        return staff(roles=roles)(door)

    return guarded


def clinic_render(request: HttpRequest, of: DayOf, template: str, tab: str, **shown: Any) -> HttpResponse:
    """A page of a clinic day, with its heading and tabs. `status` is the response's status."""
    status = shown.pop("status", 200)
    legal = request.member.role in LEGAL_TEAM
    context = {"of": of, "day": of.event, "floor": of.floor, "tab": tab, "legal": legal, **shown}
    return render(request, template, context, status=status)
