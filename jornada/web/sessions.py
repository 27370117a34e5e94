"""A staff session: who works for whom in this request, with which keys, and when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.module_loading import import_string

from jornada.coalition import selectors, signin
from jornada.vault import tenancy

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 3600
_NOTED_EVERY = 60
"""How stale the note of the last act may grow before it is written again: most pages write no session."""

Answer = Callable[[HttpRequest], HttpResponse]


class _Failed(Exception):
    """The page broke: what it had begun to write is rolled back."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


class ForStaff:
    """Runs the staff's middleware for staff pages and static files; every other page passes it by.

    Worker pages keep their session in a sealed cookie of their own and know no account:
    they need none of it, and a step of the interview costs a third less without.
    """

    PATHS = ("/staff/", "/accounts/", settings.STATIC_URL)

    def __init__(self, get_response: Answer) -> None:
        self.get_response = self.chain = get_response
        for path in reversed(settings.STAFF_MIDDLEWARE):
            self.chain = import_string(path)(self.chain)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self.PATHS):
            return self.chain(request)
        request.member = request.keys = None  # type: ignore[attr-defined]
        return self.get_response(request)


class StaffSession:
    """Gives staff pages `request.member` and `request.keys`, inside a transaction of the member's provider.

    Other pages get None for both and no transaction. A session that lay idle for
    30 minutes or is 12 hours old has ended. An account without a second factor
    is led to set one up before it sees anything.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.member = request.keys = None  # type: ignore[attr-defined]
        if not request.path.startswith(("/staff/", "/accounts/")):
            return self.get_response(request)
        response = _with_cookie(request, self._answer(request))
        # under "no-referrer" browsers send forms with the origin "null", which no check of it can accept
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        if _ended(request):
            return _sign_in_again(request, "ended")
        if request.path.startswith("/accounts/"):
            return self.get_response(request)
        if not signin.has_second_factor(request.user.pk):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self._as_member(request)

    def _as_member(self, request: HttpRequest) -> HttpResponse:
        membership = selectors.membership_of(request.user.pk)
        if membership is None:
            return _sign_in_again(request, "left")
        try:
            with tenancy.as_provider(membership.provider_id, membership.id, request.user.pk):
                request.member = selectors.member(membership.id)  # type: ignore[attr-defined]
                request.keys = signin.resumed_keys(request, membership)  # type: ignore[attr-defined]
                response = self.get_response(request)
                if response.status_code >= 500:
                    raise _Failed(response)
                return response
        except _Failed as failure:
            return failure.response


def _ended(request: HttpRequest) -> bool:
    """Whether the session lay idle too long or is too old; otherwise notes that it is in use."""
    now, session = time.time(), request.session
    since, seen = session.get("since", now), session.get("seen", now)
    if now - since > LONGEST_SECONDS or now - seen > IDLE_SECONDS:
        return True
    if "since" not in session:
        session["since"] = now
    # A board that hangs on the wall asks by itself: that is nobody's act.
    if (now - seen > _NOTED_EVERY or "seen" not in session) and not request.path.endswith("/live"):
        session["seen"] = now
    return False


def _sign_in_again(request: HttpRequest, why: str) -> HttpResponse:
    logout(request)
    back = {"next": request.get_full_path()} if request.method == "GET" and why == "ended" else {}
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'why': why, **back})}")


def _with_cookie(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The cookie of newly opened keys is set; one that opens nothing any more is taken away."""
    value = getattr(request, "key_cookie_value", None)
    if value is not None:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(
            signin.key_cookie(), value, secure=secure, httponly=True, samesite="Strict", path="/"
        )
    elif signin.key_cookie() in request.COOKIES and signin.HELD not in request.session:
        response.delete_cookie(signin.key_cookie(), path="/", samesite="Strict")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
