"""The door of every staff page: who may come in, and what everyone else sees."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from jornada.coalition.models import LEGAL_TEAM, Role

__all__ = ["CREDENTIALED", "EVERYONE", "LEGAL_TEAM", "Role", "keys_again", "staff"]

EVERYONE = frozenset(Role)
CREDENTIALED = frozenset({Role.ATTORNEY, Role.ACCREDITED_REPRESENTATIVE, Role.LEGAL_SUPERVISOR})
"""Roles that may decide and sign off, given a verified credential."""

View = Callable[..., HttpResponse]


def staff(*, roles: Collection[str] = EVERYONE, keys: bool = False) -> Callable[[View], View]:
    """The view, for members in these roles.

    Nobody signed in: to the sign-in page. Another role: the page is absent (404).
    With `keys`, a session whose keys are not open asks for the password first.
    """

    def guarded(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(_back(request))
            member = getattr(request, "member", None)
            if member is None or member.role not in roles:
                raise Http404
            if keys and getattr(request, "keys", None) is None:
                return keys_again(request)
            return view(request, *args, **kwargs)

        return door

    return guarded


def keys_again(request: HttpRequest) -> HttpResponse:
    """To the page that asks for the password again and opens the keys; then back here."""
    return redirect_to_login(_back(request), reverse("account_reauthenticate"))


def _back(request: HttpRequest) -> str:
    """Where to return: this page; the queue, where the request was an act that no link repeats."""
    return request.get_full_path() if request.method in {"GET", "HEAD"} else "/staff/"
